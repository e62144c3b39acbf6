"""What a rival says of one output, in a byte, and what the definition says in the same terms.

Why this exists: seven rivals in five languages are compared with the definition on value, status and candidates.

Invariants: a byte says all three. Of one value (单选, 由宽到严): a bit for each candidate in declared order, then `NONE`,
`NOT_APPLICABLE`, and `CONFLICT`, which tells a conflict from what is merely open. Of several (多选): the certain ones in
the low half, the open ones in the high half. The order among candidates is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from policyrules.results import DecisionResult, not_applicable

VALUES: dict[str, tuple[str, ...]] = {
    "分类": ("巩固", "升级", "盘活", "调整"),
    "入库意见": ("可以入库", "暂缓入库", "不得入库"),
    "资金意见": ("资金正常", "支出滞后", "超出投资"),
    "验收意见": ("按期验收", "逾期验收", "逾期未验", "未到期"),
    "补助档次": ("高档", "中档", "低档", "不补"),
    "帮扶措施": ("信贷支持", "技术服务", "人才培训", "产销对接"),
    "监管等级": ("一般监管", "加强关注", "重点监管"),
}
NONE, NOT_APPLICABLE, CONFLICT = 16, 32, 64
SEVERAL = "帮扶措施"

Result: TypeAlias = tuple[str, Any, frozenset[Any]]
"""Status, value, candidates."""


def decoded(name: str, code: int) -> Result:
    """The result that ``code`` stands for in the output ``name``."""
    values = VALUES[name]
    if name == SEVERAL:
        certain = frozenset(value for bit, value in enumerate(values) if code >> bit & 1)
        perhaps = frozenset(value for bit, value in enumerate(values) if code >> bit & 16)
        return ("undetermined", None, certain | perhaps) if perhaps else ("determined", certain, certain)
    candidates: list[Any] = [value for bit, value in enumerate(values) if code >> bit & 1]
    candidates += [None] * bool(code & NONE) + [not_applicable] * bool(code & NOT_APPLICABLE)
    if code & CONFLICT:
        return "conflict", None, frozenset(candidates)
    if len(candidates) > 1:
        return "undetermined", None, frozenset(candidates)
    if code & NONE:
        return "none", None, frozenset(candidates)
    if code & NOT_APPLICABLE:
        return "not_applicable", None, frozenset(candidates)
    # A byte without any candidate stands for no result of the definition, and equals none.
    return "determined", candidates[0] if candidates else None, frozenset(candidates)


# Every byte that an output may be, decoded once.
DECODED: dict[str, list[Result]] = {name: [decoded(name, code) for code in range(256)] for name in VALUES}


def defined(result: DecisionResult) -> Result:
    """What the definition said, in the same terms."""
    return result.status, result.value, frozenset(result.candidates)


def results(codes: Sequence[int]) -> tuple[Result, ...]:
    """The results of the seven outputs of one record from their bytes."""
    return tuple(DECODED[name][code] for name, code in zip(VALUES, codes, strict=True))

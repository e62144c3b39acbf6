"""The operators of the language, as data: one record each, applied by the one node `nodes.Apply`.

Why this exists: what an operator is called, what it takes and what it gives stands in one place; the checker, every
engine and the reference read it. An engine keeps a table from operator to what it does, and a test demands an entry, or
an explicit refusal, for each record here.

Invariants: names are unique, stable and ASCII, since fingerprints and engines' tables are keyed by them; ``takes`` has one
entry per operand; a reader of the program may rely on both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from policyrules.types import BOOL, DATE, DAYS, INTEGER, ORDERED, Kind, Type

_COMPARED: Final = frozenset(Kind) - {Kind.SET}
_DATE: Final = frozenset({Kind.DATE})
_PERIOD: Final = frozenset({Kind.DURATION})


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator. ``words``: how a rule writes it; ``takes``: the kinds each operand may be of; ``gives``: its type;
    ``counts``: the word a count without a unit of its own is shown with."""

    name: str
    words: str
    takes: tuple[frozenset[Kind], ...] = field(compare=False, repr=False)
    gives: Type = field(compare=False, repr=False)
    doc: str = field(compare=False, repr=False)
    example: str = field(compare=False, repr=False)
    counts: str = field(default="", compare=False, repr=False)


EQUAL: Final = Operator("equal", "=", (_COMPARED, _COMPARED), BOOL, "相等", "总投资 = 已拨付")
NOT_EQUAL: Final = Operator("not_equal", "≠", (_COMPARED, _COMPARED), BOOL, "不相等", "总投资 ≠ 已拨付")
LESS: Final = Operator("less", "<", (ORDERED, ORDERED), BOOL, "小于，日期为早于", "利用率 < 20%")
AT_MOST: Final = Operator("at_most", "≤", (ORDERED, ORDERED), BOOL, "不大于，日期为不晚于", "利用率 ≤ 20%")
GREATER: Final = Operator("greater", ">", (ORDERED, ORDERED), BOOL, "大于，日期为晚于", "利用率 > 20%")
AT_LEAST: Final = Operator("at_least", "≥", (ORDERED, ORDERED), BOOL, "不小于，日期为不早于", "利用率 ≥ 20%")
ELAPSED: Final = Operator(
    "elapsed", "起满", (_DATE, _PERIOD), BOOL, "从起始日起，到评估日已满这段时长", "闲置起始日 起满 12 个月"
)
LATER: Final = Operator("later", "+", (_DATE, _PERIOD), DATE, "日期之后一段时长，月末对齐", "立项日 + 3 个月")
EARLIER: Final = Operator("earlier", "-", (_DATE, _PERIOD), DATE, "日期之前一段时长，月末对齐", "到期日 - 30 天")
DAYS_BETWEEN: Final = Operator("days_between", "-", (_DATE, _DATE), DAYS, "两个日期相差的天数", "验收日 - 开工日")
SET_SIZE: Final = Operator(
    "set_size", "计数", (frozenset({Kind.SET}),), INTEGER, "一个多选字段选了几项", "计数 帮扶方式", counts="个"
)

OPERATORS: Final[dict[str, Operator]] = {
    operator.name: operator
    for operator in (
        EQUAL,
        NOT_EQUAL,
        LESS,
        AT_MOST,
        GREATER,
        AT_LEAST,
        ELAPSED,
        LATER,
        EARLIER,
        DAYS_BETWEEN,
        SET_SIZE,
    )
}
COMPARISONS: Final[dict[str, Operator]] = {
    operator.words: operator for operator in (EQUAL, NOT_EQUAL, LESS, AT_MOST, GREATER, AT_LEAST)
}
"""By the sign a rule writes."""

"""Whether the new side is laxer: by what comes of it, and by the form of what was written.

Why this exists: a layer may only be stricter or say more exactly what was left open, and what is said more exactly can still let more
through. Form and outcome stand beside each other.

Invariants: an outcome is laxer only in the order that the decision declares, or by having a value where there was none; what is open on
either side is neither.
"""

from __future__ import annotations

from collections import Counter

from policyrules.analysis.differences import differences
from policyrules.program import nodes as core
from policyrules.variation.model import LaxerCount, State
from policyrules.variation.study import Study

_STANDING = frozenset({"determined", "none", "absent"})


def laxer(study: Study) -> tuple[LaxerCount, ...]:
    """Of each decision of one value that both sides have, the records by which it is laxer and stricter (once for each object that
    is), and what is neither.

    >>> from policyrules.variation.study import Side
    >>> from policyrules.records.ledger import LedgerRecord
    >>> from policyrules.testing.build import policy_from_text
    >>> text = '''
    ... 对象 项目（project） 标识 编号
    ...   字段 编号（id）：文本
    ...   字段 总投资（total）：金额（万元）
    ... 决定 意见（intake）：由宽到严 { 可以、暂缓、不得 }
    ...   默认 可以
    ... 规则 过小
    ...   依据【一】“过小的”
    ...   当 总投资 < 10 万元
    ...   则 意见 为 不得
    ... '''
    >>> policies = [policy_from_text(one) for one in (text, text.replace("< 10", "< 5"))]
    >>> members = policies[0].portfolio([{"编号": "1", "总投资": 8}, {"编号": "2", "总投资": 3}]).members
    >>> sides = [
    ...     Side(one, tuple(LedgerRecord(each, each.identity) for each in members), one.portfolio(members), ("意见",))
    ...     for one in policies
    ... ]
    >>> laxer(Study(*sides))
    (LaxerCount(decision='意见', ordered=True, laxer=(0,), stricter=(), beside=0, open=0),)
    """
    found: list[LaxerCount] = []
    both = [name for name in study.new.names if name in study.old.names]
    keys = study.own(study.differ)
    for name in both:
        decision = study.new.policy.program.decisions[name]
        if decision.type is not None:
            continue
        moves: dict[str, list[int]] = {"laxer": [], "stricter": [], "beside": [], "open": []}
        for key in keys:
            if key[2] == name:
                moves[_move(decision, *study.differ[key])].append(key[0])
        found.append(
            LaxerCount(
                name,
                decision.mode == "由宽到严",
                tuple(moves["laxer"]),
                tuple(moves["stricter"]),
                len(moves["beside"]),
                len(moves["open"]),
            )
        )
    return tuple(found)


def _move(decision: core.Decision, before: State, after: State) -> str:
    if before.status not in _STANDING or after.status not in _STANDING:
        return "open"
    if decision.mode == "由宽到严":
        was, now = _strictness(decision, before), _strictness(decision, after)
    else:
        was, now = before.status != "determined", after.status != "determined"
    return "laxer" if now < was else "stricter" if now > was else "beside"


def _strictness(decision: core.Decision, state: State) -> int:
    """The place in the declared order; 无 before all."""
    return decision.values.index(state.text) if state.text in decision.values else -1


def form(study: Study) -> dict[str, int]:
    """How many provisions of the layers that the new side adds below the old one are of each form (更宽, 更窄, 更具体 ...); empty where
    the new side is not the old one with layers below it."""
    old, new = study.old.policy.program.layers, study.new.policy.program.layers
    if len(new) <= len(old) or new[: len(old)] != old:
        return {}
    found = differences(study.new.policy, old[-1]).differences
    counts = Counter(direction for one in found for direction in one.directions)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

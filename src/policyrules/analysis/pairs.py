"""Two outcomes of one record side by side: every decision and every finding with what either side says of it.

Why this exists: `compare` lists what differs and `variation.counts` counts it; which results belong together, and when two say the same,
has one home.

Invariants: the order is the newer side's, what only the older one has comes after; citations do not count; what records share of what
they belong to (县) is told by the first of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final, TypeAlias

from policyrules.analysis.trials import decision_outcome
from policyrules.results import DecisionResult, Finding, Outcome, objects_of

Pair: TypeAlias = tuple[DecisionResult | None, DecisionResult | None]
"""One decision on one object before and after; None where a side does not have it."""
FindingPair: TypeAlias = tuple[Finding | None, Finding | None]
ABSENT: Final = "没有这一项"
"""Stands for a decision that one of the two policies does not have."""
BREACHES: Final = ("violated", "overdue")


def paired_results(old: Outcome, new: Outcome) -> Iterator[tuple[str, str, Pair]]:
    """Every decision on every object of either outcome: path, name, both results."""
    olds = {part.path: part for part in objects_of(old)}
    news = {part.path: part for part in objects_of(new)}
    for path in dict.fromkeys([*news, *olds]):
        first, second = olds.get(path), news.get(path)
        names = [*(second.decisions if second else ()), *(first.decisions if first else ())]
        for name in dict.fromkeys(names):
            a = first.decisions.get(name) if first else None
            b = second.decisions.get(name) if second else None
            yield path, name, (a, b)


def paired_findings(old: Outcome, new: Outcome) -> Iterator[FindingPair]:
    """Every duty, prohibition and notice of either outcome, with both results."""
    olds = {(finding.name, finding.target): finding for finding in old.findings}
    news = {(finding.name, finding.target): finding for finding in new.findings}
    for key in dict.fromkeys([*news, *olds]):
        yield olds.get(key), news.get(key)


class Shared:
    """What records share of what they belong to, as they are told one after the other."""

    def __init__(self) -> None:
        self._seen: set[Hashable] = set()

    def again(self, pair: Pair | FindingPair) -> bool:
        """Whether an earlier record has told the same of what both belong to; what is a record's own is never told again."""
        first, second = pair
        present = second or first
        assert present is not None
        if present.shared is None:
            return False
        about = present.target if isinstance(present, Finding) else ""
        mark = (type(present), present.name, about, present.shared, _said(first), _said(second))
        if mark in self._seen:
            return True
        self._seen.add(mark)
        return False


def _said(one: DecisionResult | Finding | None) -> Hashable:
    if isinstance(one, DecisionResult):
        return one.status, one.candidates
    return "not_applicable" if one is None else one.status


def same_result(a: DecisionResult | None, b: DecisionResult | None) -> bool:
    """True where two results say the same: status, value, candidates and, where that is open, what holds for sure; citations do
    not count, nor whether a value is a conclusion or the default. A decision that one side does not have equals one that says nothing (不适用, 无, no value of a 多选)."""
    if a is None or b is None:
        present = a or b
        return present is None or present.status in ("not_applicable", "none") or _empty(present)
    if (a.status, a.value, a.candidates) != (b.status, b.value, b.candidates):
        return False
    return a.status == "determined" or a.certain == b.certain


def _empty(result: DecisionResult) -> bool:
    # An amount of 0 says something: it is a number.
    return result.status == "determined" and result.value == frozenset()


def value_states(a: DecisionResult | None, b: DecisionResult | None) -> Iterator[tuple[str, str, str]]:
    """Each value of a decision that takes several, and how it stands on both sides."""
    for value in dict.fromkeys([*(b.values if b else ()), *(a.values if a else ())]):
        yield value, value_state(a, value), value_state(b, value)


def value_state(result: DecisionResult | None, value: str) -> str:
    """How one value of a decision that takes several stands: 含, 可能, 不含, 不适用, or that there is no such decision."""
    if result is None:
        return ABSENT
    if result.status == "not_applicable":
        return "不适用"
    return "含" if value in result.certain else "可能" if value in result.candidates else "不含"


def result_outcome(result: DecisionResult | None, value: str = "") -> Hashable:
    """As `trials.outcome_of` tells it; None of a side without the decision or the value, and of an amount."""
    if result is None or result.kind or (value and value not in result.values):
        return None
    return decision_outcome(result.status, result.candidates, result.certain, value)


def present_of(pair: FindingPair) -> Finding:
    """The finding as it is now, or where it is gone as it was."""
    finding = pair[1] or pair[0]
    assert finding is not None
    return finding


def finding_states(pair: FindingPair) -> tuple[str, str]:
    """Both statuses; a side without the finding says as much as one to which it does not apply."""
    first, second = (finding.status if finding else "not_applicable" for finding in pair)
    return first, second

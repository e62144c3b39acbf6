"""Two outcomes of one record side by side: every decision and every finding with what either side says of it.

Why this exists: `compare` lists what differs and `variation.counts` counts it; which results belong together, and when two say the same,
has one home.

Invariants: the order is the newer side's, what only the older one has comes after; citations do not count; what records share of what
they belong to (县) is told by the first of them.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from policyrules.analysis.trials import decision_outcome
from policyrules.results import Candidate, DecisionResult, Finding, Outcome, Status, objects_of


class Told(NamedTuple):
    """How a decision of values stands: the fields of `DecisionResult` by which two are told apart."""

    name: str
    status: Status
    value: Any
    candidates: tuple[Candidate, ...]
    certain: frozenset[str]
    values: tuple[str, ...]
    shared: Hashable | None
    kind: str = ""


Stands: TypeAlias = DecisionResult | Told
Pair: TypeAlias = tuple[DecisionResult | None, DecisionResult | None]
"""One decision on one object before and after; None where a side does not have it."""
StandsPair: TypeAlias = tuple[Stands | None, Stands | None]
"""The same, as far as it is told how it stands."""
_R = TypeVar("_R", bound=Stands)
Objects: TypeAlias = Mapping[str, Mapping[str, _R]]
"""Decisions by the path of the object and their name, in order."""
FindingPair: TypeAlias = tuple[Finding | None, Finding | None]
ABSENT: Final = "没有这一项"
"""Stands for a decision that one of the two policies does not have."""
BREACHES: Final = ("violated", "overdue")


def results_of(outcome: Outcome) -> Objects[DecisionResult]:
    """The decisions of an outcome, in order."""
    return {part.path: part.decisions for part in objects_of(outcome)}


def paired_results(olds: Objects[_R], news: Objects[_R]) -> Iterator[tuple[str, str, tuple[_R | None, _R | None]]]:
    """Every decision on every object of either outcome: path, name, both results."""
    nothing: Mapping[str, _R] = {}
    for path in dict.fromkeys([*news, *olds]):
        first, second = olds.get(path, nothing), news.get(path, nothing)
        for name in dict.fromkeys([*second, *first]):
            yield path, name, (first.get(name), second.get(name))


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

    def again(self, pair: StandsPair | FindingPair) -> bool:
        """Whether an earlier record has told the same of what both belong to; what is a record's own is never told again."""
        first, second = pair
        present = second or first
        assert present is not None
        if isinstance(present, Finding):
            return self.seen(present.shared, present.name, present.target, _said(first), _said(second))
        return self.seen(present.shared, present.name, _said(first), _said(second))

    def seen(self, shared: Hashable | None, *said: Hashable) -> bool:
        """Whether an earlier record has said this of what both belong to; ``shared`` is None of what is a record's own."""
        if shared is None:
            return False
        mark = (shared, *said)
        if mark in self._seen:
            return True
        self._seen.add(mark)
        return False


def _said(one: Stands | Finding | None) -> Hashable:
    if one is None:
        return "not_applicable"
    return one.status if isinstance(one, Finding) else (one.status, one.candidates)


def same_result(a: Stands | None, b: Stands | None) -> bool:
    """True where two results say the same: status, value, candidates and, where that is open, what holds for sure; citations do
    not count, nor whether a value is a conclusion or the default. A decision that one side does not have equals one that says nothing (不适用, 无, no value of a 多选)."""
    if a is None or b is None:
        present = a or b
        return present is None or present.status in ("not_applicable", "none") or _empty(present)
    if (a.status, a.value, a.candidates) != (b.status, b.value, b.candidates):
        return False
    return a.status == "determined" or a.certain == b.certain


def _empty(result: Stands) -> bool:
    # An amount of 0 says something: it is a number.
    return result.status == "determined" and result.value == frozenset()


def value_states(
    a: Stands | None, b: Stands | None, among: Collection[object] | None = None
) -> Iterator[tuple[str, str, str]]:
    """Each value of a decision that takes several, and how it stands on both sides; ``among``: of these values alone."""
    for value in dict.fromkeys([*(b.values if b else ()), *(a.values if a else ())]):
        if among is None or value in among:
            yield value, value_state(a, value), value_state(b, value)


def value_state(result: Stands | None, value: str) -> str:
    """How one value of a decision that takes several stands: 含, 可能, 不含, 不适用, or that there is no such decision."""
    if result is None:
        return ABSENT
    if result.status == "not_applicable":
        return "不适用"
    return "含" if value in result.certain else "可能" if value in result.candidates else "不含"


def result_outcome(result: Stands | None, value: str = "") -> Hashable:
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

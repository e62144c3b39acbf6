"""What a decision comes to, for everything that may be known of its values: a table that fills as records ask.

Why this exists: the generated code says which values are concluded; the order of candidates, what is certain, and what a
mode makes of it are the definition's (`engine.decisions`), asked once for each combination.

Invariants: what stands in a table is shared by all records and never changes.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

from policyrules.engine.decisions import candidates_are, decide, under
from policyrules.engine.lowering.nodes import AllOf, AnyOf, Bit, ComesTo, Enough, Fixed, Neg
from policyrules.engine.values import Truth
from policyrules.frozen import frozen
from policyrules.program.nodes import Decision, Duty, Notice
from policyrules.results import Candidate, Finding, FindingKind, FindingStatus, Status, not_applicable
from policyrules.types import bare_number, simplify

Told: TypeAlias = bool | int
"""What the generated code tells of one truth: False or 0 is false, True or 1 true, 2 unknown."""
MOST_KEPT: Final = 65_536
"""Entries of a table that are kept at most."""


@frozen
class Decided:
    """How a decision stands: the fields of `results.DecisionResult` that people compare. Of an amount ``value`` is the number or
    the day, and ``interval`` from what to what it may be; what its rules give is told by the definition alone."""

    name: str
    key: str
    status: Status
    value: str | frozenset[str] | int | Fraction | datetime.date | None
    candidates: tuple[Candidate, ...]
    certain: frozenset[str]
    defaulted: bool = False
    interval: tuple[Any, Any] | None = None


Entry: TypeAlias = "Bit | tuple[Bit, Bit]"
"""What stands in a row beside what the decision comes to, and follows from that: a bit, or of a truth (certain, possible) what is
told of it."""
Row: TypeAlias = "Decided | tuple[Any, ...]"
"""What a decision comes to, followed by the entries where there are any."""


class Table(dict[Any, Row]):
    """What one decision comes to, by what the code tells of the truths ``asked``, each of one or more places: 0 whether it
    applies, then each of its values, then each of its rankings. ``fixed``: what the others are for all records, where not false."""

    def __init__(
        self,
        decision: Decision,
        fixed: Mapping[int, Told],
        asked: Sequence[Sequence[int]],
        entries: Sequence[Entry] = (),
    ) -> None:
        self.decision = decision
        self.fixed = fixed
        self.asked = asked
        self.entries = entries

    def __missing__(self, told: Any) -> Row:
        truths: list[Truth] = [False] * (1 + len(self.decision.values) + len(self.decision.ranks))
        for place, one in self.fixed.items():
            truths[place] = _TRUTHS[one]
        for places, one in zip(self.asked, (told,) if len(self.asked) == 1 else told, strict=True):
            for place in places:
                truths[place] = _TRUTHS[one]
        values = len(self.decision.values)
        if len(self) >= MOST_KEPT:
            self.clear()
        found = self[told] = row_of(
            self.decision, self.entries, truths[0], truths[1 : 1 + values], truths[1 + values :]
        )
        return found


_TRUTHS: Final[dict[Told, Truth]] = {0: False, 1: True, 2: None}


def row_of(
    decision: Decision,
    entries: Sequence[Entry],
    applies: Truth = False,
    concluded: Sequence[Truth] = (),
    ranked: Sequence[Truth] = (),
) -> Row:
    """What a decision comes to, and the entries; by itself, that it does not apply."""
    found = decided(decision, applies, concluded, ranked)
    if not entries:
        return found
    return found, *(_entry(found, one) for one in entries)


def _entry(found: Decided, entry: Entry) -> Told:
    if not isinstance(entry, tuple):
        return _holds(found, entry)
    true, possible = entry
    return (1 if _holds(found, true) else 2) if _holds(found, possible) else 0


def _holds(found: Decided, bit: Bit) -> bool:
    match bit:
        case ComesTo(items=items, negated=negated, sure=sure):
            truth = candidates_are(found.candidates, found.status, items, negated)
            return truth is True if sure else truth is not False
        case Fixed(value=value):
            return value
        case Neg(bit=inner):
            return not _holds(found, inner)
        case AllOf(bits=bits):
            return all(_holds(found, one) for one in bits)
        case AnyOf(bits=bits):
            return any(_holds(found, one) for one in bits)
        case Enough(count=count, bits=bits):
            return sum(_holds(found, one) for one in bits) >= count
        case _:
            raise AssertionError("what follows from a decision is made of its tests")


def decided(decision: Decision, applies: Truth, concluded: Sequence[Truth], ranked: Sequence[Truth]) -> Decided:
    """A decision from whether it applies, whether each of its values is concluded, and whether each ranking holds."""
    if applies is False:
        return Decided(decision.name, decision.key, "not_applicable", None, (not_applicable,), frozenset())
    sure = tuple(value for value, truth in zip(decision.values, concluded, strict=True) if truth)
    open_ = tuple(value for value, truth in zip(decision.values, concluded, strict=True) if truth is None)
    rankings = tuple((rank.values, truth) for rank, truth in zip(decision.ranks, ranked, strict=True))
    verdict = under(decision, applies, decide(decision, sure, open_, rankings))
    value: str | frozenset[str] | None = None
    if verdict.status == "determined":
        value = frozenset(verdict.certain) if decision.mode == "多选" else str(verdict.candidates[0])
    return Decided(
        decision.name,
        decision.key,
        verdict.status,
        value,
        verdict.candidates,
        frozenset(verdict.certain),
        verdict.defaulted,
    )


class Amounts:
    """What an amount comes to, from how it stands and what it may be: ends that are numbers ``scale`` times and ``below`` times."""

    def __init__(self, decision: Decision, scale: int) -> None:
        assert decision.type is not None
        self.decision = decision
        self._times, self._below = bare_number(Fraction(1, scale), decision.type).as_integer_ratio()

    def __call__(
        self, status: Status, low: Any, high: Any, open_low: bool, open_high: bool, void: bool, below: int = 1
    ) -> Decided:
        least = None if open_low else self._end(low, below)
        most = None if open_high else least if high == low and not open_low else self._end(high, below)
        value = least if status == "determined" else None
        interval = None if void else (least, most)
        return Decided(self.decision.name, self.decision.key, status, value, (), frozenset(), False, interval)

    def _end(self, end: Any, below: int) -> Any:
        if isinstance(end, datetime.date):
            return end
        if isinstance(end, int):
            end, below = end * self._times, self._below * below
            whole, rest = divmod(end, below)
            return Fraction(end, below) if rest else whole
        return simplify(Fraction(end) * self._times / (self._below * below))


# ---- findings ------------------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """How a duty, prohibition or notice stands on one instance: as `results.Finding`, of which it has what people compare.
    ``path``: the instance, or of rows that were not listed the one that would hold them; ``unlisted``: their kind, else empty."""

    name: str
    kind: FindingKind
    status: FindingStatus
    path: str
    unlisted: str
    due: datetime.date | None


class ByPath(dict[str, Found]):
    """One way a finding may stand, by the path of the instance; made when one is first seen."""

    def __init__(self, name: str, kind: FindingKind, status: FindingStatus, unlisted: str) -> None:
        self._made = name, kind, status, unlisted

    def __missing__(self, path: str) -> Found:
        name, kind, status, unlisted = self._made
        if len(self) >= MOST_KEPT:
            self.clear()
        found = self[path] = Found(name, kind, status, path, unlisted, None)
        return found


class ByDay(dict[tuple[str, FindingStatus, datetime.date | None], Found]):
    """A finding with a last day, by path, status and day; made when one is first seen."""

    def __init__(self, name: str, kind: FindingKind, unlisted: str) -> None:
        self._made = name, kind, unlisted

    def __missing__(self, told: tuple[str, FindingStatus, datetime.date | None]) -> Found:
        name, kind, unlisted = self._made
        path, status, due = told
        if len(self) >= MOST_KEPT:
            self.clear()
        found = self[told] = Found(name, kind, status, path, unlisted, due)
        return found


def kind_of(declaration: Duty | Notice) -> FindingKind:
    """What a finding is."""
    if isinstance(declaration, Notice):
        return "notice"
    return "prohibition" if declaration.prohibition else "duty"


def found_of(finding: Finding) -> Found:
    """What the definition says of a finding, as the compiled engine has it."""
    return Found(finding.name, finding.kind, finding.status, finding.object, finding.unlisted, finding.due)

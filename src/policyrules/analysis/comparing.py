"""Pairs of outcomes compared as they are evaluated: what is kept of a pair is what a comparison tells.

Why this exists: a long ledger is compared with a steady amount of memory and by several processes. A part is what a run of pairs
comes to: how many went from what to what, and what differs; thousands of records say the same, which is there once.

Invariants: no outcome outlives its pair; parts in the ledger's order come to the same however the pairs are cut into parts; what is
not different is counted and nothing else is asked of it.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from policyrules.analysis.pairs import (
    ABSENT,
    FindingPair,
    Pair,
    Shared,
    finding_states,
    paired_findings,
    paired_results,
    present_of,
    result_outcome,
    results_of,
    same_result,
    value_states,
)
from policyrules.analysis.trials import finding_outcome
from policyrules.policy import Policy
from policyrules.results import AmountEnd, DecisionResult, Finding, Outcome
from policyrules.types import DECIMAL, NUMERIC, Kind, Number, json_value, number_text, simplify

OPEN_STATUSES: Final = ("undetermined", "conflict")
SILENT: Final = frozenset({ABSENT, "不适用", "不含", "无", "（没有）"})
"""What a decision that one side does not have may come to on the other without being a change."""
_KEPT: Final = 65_536
"""Pairs of results of which it is kept what they come to."""

Move: TypeAlias = tuple[str | None, str, str]
"""The value of a decision that takes several, else None; what it was and what it is."""
Ends: TypeAlias = tuple[Hashable, Hashable]
"""What a result is on both sides, as `trials.outcome_of` tells it."""
_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class AmountMove:
    """What an amount comes to over the records in which it is determined on both sides, in ``unit``; ``records``: how many
    objects these are, and ``open`` how many are open on either side, which are in no sum."""

    unit: str
    records: int
    open: int
    before: Number
    after: Number

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        told = {"before": self.before, "after": self.after, "difference": simplify(self.after - self.before)}
        return {
            "unit": self.unit,
            "records": self.records,
            "open": self.open,
            **{name: json_value(number, DECIMAL) for name, number in told.items()},
        }


class DecisionSaid(NamedTuple):
    """What is told of a decision that changed, the same for all records of which it is: as in `compare.Change`. ``asked``: what the
    cause may be asked of, each by the value of a decision that takes several, else ''."""

    decision: str
    before: str
    after: str
    before_status: str
    after_status: str
    before_clauses: tuple[str, ...]
    after_clauses: tuple[str, ...]
    difference: str
    moved: Number | None
    values: tuple[AmountEnd, AmountEnd]
    unit: str
    asked: tuple[tuple[str, Ends], ...]


class FindingSaid(NamedTuple):
    """The same of a duty, prohibition or notice: as in `compare.FindingChange`."""

    finding: str
    kind: str
    before: str
    after: str
    before_clauses: tuple[str, ...]
    after_clauses: tuple[str, ...]
    ends: Ends


class Decided(NamedTuple):
    """A decision on an object that changed. ``number``: of the pair."""

    number: int
    identity: str
    path: str
    label: str
    said: DecisionSaid


class Found(NamedTuple):
    """A finding on an object that changed. ``mark``: of what records share, what tells it from others, else None."""

    number: int
    identity: str
    path: str
    label: str
    mark: Hashable | None
    said: FindingSaid


@dataclass(slots=True)
class Part:
    """What a run of pairs comes to. ``counts``: of each decision how many objects went from what to what."""

    records: int
    counts: dict[str, Counter[Move]]
    amounts: dict[str, AmountMove]
    decided: list[Decided]
    found: list[Found]


class _Alike(NamedTuple):
    """What a pair of results of a decision of values comes to."""

    moves: tuple[Move, ...]
    same: bool
    texts: tuple[str, str]
    asked: tuple[tuple[str, Ends], ...]


class Comparing:
    """What tells pairs of outcomes of two policies apart. ``clauses``: whether it is told on which a change rests; nobody has to look
    for them who does not show them."""

    def __init__(self, before: Policy, after: Policy, *, clauses: bool = True) -> None:
        self._clauses = clauses
        self._many = many_of(before, after)
        self._asleep = _asleep(before) | _asleep(after)
        self._shared = Shared()
        self._alike: dict[Hashable, _Alike] = {}
        self._kept = Kept()

    def part(self, pairs: Iterable[tuple[int, Outcome, Outcome]]) -> Part:
        """What some pairs come to, each with its number."""
        part = Part(0, {}, {}, [], [])
        counted: dict[int, tuple[str, _Alike]] = {}
        times: Counter[int] = Counter()
        for index, old, new in pairs:
            part.records += 1
            identity = new.identity or old.identity
            for path, name, pair in paired_results(results_of(old), results_of(new)):
                if None in pair and name in self._asleep:
                    continue
                told = self._alike_of(name, pair)
                counted[id(told)] = name, told
                times[id(told)] += 1
                if (amount := _amount_move(pair)) is not None:
                    part.amounts[name] = together(part.amounts.get(name), amount)
                if not told.same:
                    present = pair[1] or pair[0]
                    label = path if present is None else present.label
                    part.decided.append(Decided(index, identity, path, label, self._said(name, pair, told)))
            self._take_findings(part, index, identity, old, new)
        for number, (name, told) in counted.items():
            counter = part.counts.setdefault(name, Counter())
            for move in told.moves:
                counter[move] += times[number]
        return part

    # ---- decisions

    def _alike_of(self, name: str, pair: Pair) -> _Alike:
        first, second = pair
        if (first is not None and first.kind) or (second is not None and second.kind):
            # An amount is told by what gives it as well.
            return self._told(name, pair)
        key = name, _stands(first), _stands(second)
        found = self._alike.get(key)
        if found is None:
            # What is counted under a number must stay.
            found = self._told(name, pair)
            if len(self._alike) < _KEPT:
                self._alike[key] = found
        return found

    def _told(self, name: str, pair: Pair) -> _Alike:
        same = same_result(*pair)
        texts = (pair[0].text if pair[0] else ABSENT), (pair[1].text if pair[1] else ABSENT)
        if name not in self._many:
            ends = result_outcome(pair[0]), result_outcome(pair[1])
            return _Alike(((None, *texts),), same, texts, () if same else (("", ends),))
        moves = tuple(value_states(*pair))
        asked = tuple(
            (value, (result_outcome(pair[0], value), result_outcome(pair[1], value)))
            for value, before, after in moves
            if before != after and not {before, after} <= SILENT
        )
        return _Alike(moves, same, texts, () if same else asked)

    def _said(self, name: str, pair: Pair, told: _Alike) -> DecisionSaid:
        a, b = pair
        present = b or a
        moved = _difference(a, b)
        old_status, new_status = ("absent" if one is None else one.status for one in pair)
        was, now_by = map(self._cited, pair)
        unit = "" if present is None else "%" if present.kind == Kind.RATIO.value else present.unit
        values = _amount(a), _amount(b)
        said = DecisionSaid(name, *told.texts, old_status, new_status, was, now_by, *moved, values, unit, told.asked)
        return self._kept.one(said)

    # ---- findings

    def _take_findings(self, part: Part, index: int, identity: str, old: Outcome, new: Outcome) -> None:
        for pair in paired_findings(old, new):
            now = present_of(pair)
            if now.shared is not None and self._shared.again(pair):
                continue
            before, after = finding_states(pair)
            if before == after and _due(pair[0]) == _due(pair[1]):
                continue
            mark = None if now.shared is None else (now.shared, now.name, now.target, before, after)
            part.found.append(Found(index, identity, now.target, now.label, mark, self._finding_said(now, pair)))

    def _finding_said(self, now: Finding, pair: FindingPair) -> FindingSaid:
        a, b = pair
        ends = (
            None if a is None else finding_outcome(a.status, a.due),
            None if b is None else finding_outcome(b.status, b.due),
        )
        return self._kept.one(
            FindingSaid(now.name, now.kind, *finding_states(pair), self._cited(a), self._cited(b), ends)
        )

    def _cited(self, one: DecisionResult | Finding | None) -> tuple[str, ...]:
        return one.clauses if self._clauses and one is not None else ()


class Kept:
    """What is said, each once."""

    def __init__(self) -> None:
        self._found: dict[Any, Any] = {}

    def one(self, said: _T) -> _T:
        """The one that equals this."""
        found: _T = self._found.setdefault(said, said)
        return found


def many_of(*policies: Policy) -> frozenset[str]:
    """The 多选 decisions of policies."""
    return frozenset(d.name for p in policies for d in p.program.decisions.values() if d.mode == "多选")


def _stands(result: DecisionResult | None) -> Hashable:
    return None if result is None else (result.status, result.value, result.candidates, result.certain)


def _asleep(policy: Policy) -> frozenset[str]:
    """The decisions that only layers declare which are not in force yet: nothing speaks of them."""
    awake = {layer.id for layer in policy.in_force}
    declared = policy.program.decisions.values()
    return frozenset(one.name for one in declared if not any(origin.layer in awake for origin in one.origins))


def _due(finding: Finding | None) -> datetime.date | None:
    return None if finding is None or finding.status == "not_applicable" else finding.due


# ---- amounts --------------------------------------------------------------------------------------------------------


def _amount(result: DecisionResult | None) -> AmountEnd:
    """An amount that is determined, in its unit (of a share in per cent); None else."""
    if result is None or not result.kind or isinstance(result.value, str | frozenset):
        return None
    if result.kind == Kind.RATIO.value and isinstance(result.value, int | Fraction):
        return simplify(Fraction(result.value) * 100)
    return result.value


def _difference(a: DecisionResult | None, b: DecisionResult | None) -> tuple[str, Number | None]:
    """By how much an amount moves, where it is determined on both sides and of one unit."""
    if a is None or b is None or not a.kind or (a.kind, a.unit) != (b.kind, b.unit):
        return "", None
    old, new = a.value, b.value
    if isinstance(old, datetime.date) and isinstance(new, datetime.date):
        days = (new - old).days
        return f"{'晚' if days > 0 else '早'} {abs(days)} 天", days
    if not isinstance(old, (int, Fraction)) or not isinstance(new, (int, Fraction)):
        return "", None
    moved = simplify(Fraction(new) - Fraction(old))
    return moved_text(moved, a.kind, a.unit), moved


def moved_text(moved: Number, kind: str, unit: str) -> str:
    """A difference as people read it.

    >>> moved_text(-2, "金额", "万元"), moved_text(Fraction(1, 10), "比例", "")
    ('减少 2 万元', '增加 10 个百分点')
    """
    word = "增加" if moved > 0 else "减少"
    size: Number = -moved if moved < 0 else moved
    if kind == Kind.RATIO.value:
        return f"{word} {number_text(simplify(size * 100))} 个百分点"
    return f"{word} {number_text(size)}" + (f" {unit}" if unit else "")


_ADDED_UP = frozenset(kind.value for kind in NUMERIC - {Kind.RATIO, Kind.YEAR})


def _amount_move(pair: Pair) -> AmountMove | None:
    """What one pair of results adds to the sums of an amount: nothing while either side is open."""
    a, b = pair
    if a is None or b is None or a.kind not in _ADDED_UP or (a.kind, a.unit) != (b.kind, b.unit):
        return None
    if any(result.status in OPEN_STATUSES for result in (a, b)):
        return AmountMove(a.unit, 0, 1, 0, 0)
    old, new = (result.value if isinstance(result.value, (int, Fraction)) else 0 for result in (a, b))
    return AmountMove(a.unit, 1, 0, old, new)


def together(total: AmountMove | None, one: AmountMove) -> AmountMove:
    """The sums of both."""
    if total is None:
        return one
    return AmountMove(
        total.unit,
        total.records + one.records,
        total.open + one.open,
        simplify(total.before + one.before),
        simplify(total.after + one.after),
    )

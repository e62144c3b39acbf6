"""What two sides say of a ledger, counted record by record.

Why this exists: an outcome is large and a ledger long: what an impact tells is counted as records go by, and no outcome is kept.

Invariants: what records share of what they belong to is counted once; two results are told apart as `compare` tells them apart (`analysis.pairs`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from policyrules.analysis.attribute import Attribution, attributed
from policyrules.analysis.attribution import Spot
from policyrules.analysis.pairs import (
    Shared,
    Stands,
    StandsPair,
    paired_results,
    result_outcome,
    same_result,
    value_states,
)
from policyrules.engine.instances import Instance, label_among
from policyrules.policy import Policy
from policyrules.program import belonging
from policyrules.records.ledger import Ledger
from policyrules.records.names import record_names
from policyrules.results import AmountEnd, DecisionResult
from policyrules.types import NUMERIC, Kind, Number
from policyrules.variation.blanks import asked_of
from policyrules.variation.heard import Found, Hearing
from policyrules.variation.measures import Beside, totals
from policyrules.variation.model import Cell, State, Total
from policyrules.variation.study import Study, direction, of_record, settled, state_of

# ---- counting -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Flows:
    """What is counted of one decision: objects by what they were and are, with their records."""

    flows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    low: tuple[dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}))
    high: tuple[dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}))
    objects: int = 0
    changed: int = 0

    def add(self, index: int, before: State, after: State, changed: bool) -> None:
        self.objects += 1
        self.changed += changed
        self.flows.setdefault((before.text, after.text), []).append(index)
        for side, state in enumerate((before, after)):
            low, high = self.low[side], self.high[side]
            if settled(state):
                low[state.text] = low.get(state.text, 0) + 1
            for value in dict.fromkeys(state.candidates):
                high[value] = high.get(value, 0) + 1


@dataclass(slots=True)
class Sums:
    """What is counted of a decision of an amount."""

    unit: str
    added: bool
    objects: int = 0
    open: int = 0
    changed: int = 0
    old: Number = 0
    new: Number = 0


class Count:
    """Everything that is counted of two sides, record by record."""

    def __init__(
        self, old: Policy, new: Policy, study: Study, beside: Beside, names: Sequence[str], all_missing: bool
    ) -> None:
        self.old = old
        self.new = new
        self.study = study
        self.beside = beside
        self.names = names
        self._single = frozenset(names)
        self._all_missing = all_missing
        self.flows: dict[str, Flows] = {}
        self.sums: dict[str, Sums] = {}
        self.cells: list[tuple[int, str, str, State, State, Cell]] = []
        self.said: dict[tuple[int, str, str], tuple[Hashable, Hashable]] = {}
        self.values: dict[tuple[str, str], dict[str, list[int]]] = {}
        self.findings: dict[tuple[str, str, str, str], list[int]] = {}
        self.complied = 0
        self._moves: dict[Hashable, tuple[tuple[str, str], ...]] = {}
        self.amounts: dict[int, Mapping[str, Number | None]] = {}
        self.groups: dict[int, Mapping[str, str]] = {}
        self._shared = Shared()
        # The side that knows more fields.
        self._reader = study.new if len(new.layers) >= len(old.layers) else study.old
        self._last: tuple[int, dict[str, Instance]] = -1, {}
        owners = set(record_names(new.program).owners) | set(record_names(old.program).owners)
        self.above = frozenset(
            one.name
            for program in (old.program, new.program)
            for table in (program.decisions, program.duties, program.notices)
            for one in table.values()
            if not (of_record(program, one.object) or owners.isdisjoint(belonging.line(program.objects, one.object)))
        )

    @cached_property
    def asked(self) -> int:
        """Of how many records, the first, it is told what their open results lack."""
        return len(self.study.new.records) if self._all_missing else asked_of(self.study.new)

    def record(self, index: int, hearings: tuple[Hearing, Hearing]) -> None:
        """One more record."""
        root = self._reader.roots[index]
        self.groups[index], self.amounts[index] = self.beside.groups(root), self.beside.amounts(root)
        old, new = (hearing(index) for hearing in hearings)
        for path, name, pair in paired_results(old.objects, new.objects):
            if self._shared.again(pair):
                continue
            if name in self._single:
                self._one(index, self._path(index, path, name), name, pair)
            elif not same_result(*pair):
                self._several(index, name, pair)
        # What one side has no finding of says as much as one that does not apply.
        for finding, now in new.findings.items():
            was = old.findings.get(finding, "not_applicable")
            if was != now:
                self._finding(index, hearings[1], finding, was, now)
        for finding, was in old.findings.items():
            if was != "not_applicable" and finding not in new.findings:
                self._finding(index, hearings[0], finding, was, "not_applicable")

    def _path(self, index: int, path: str, name: str) -> str:
        """The object that a decision is about: a record tells those on what it belongs to with its own."""
        if name not in self.above:
            return path
        instance = self._target(index, path)
        object_ = next(
            program.decisions[name].object
            for program in (self.new.program, self.old.program)
            if name in program.decisions
        )
        while instance is not None and instance.object != object_:
            instance = instance.parent
        return path if instance is None else instance.path

    def _target(self, index: int, path: str) -> Instance | None:
        if index != self._last[0]:
            self._last = index, self._reader.targets(index)
        return self._last[1].get(path)

    def _one(self, index: int, path: str, name: str, pair: StandsPair) -> None:
        before, after = pair
        was, now = state_of(before), state_of(after)
        changed = not same_result(before, after)
        present = after or before
        assert present is not None
        if isinstance(present, DecisionResult) and present.kind:
            self._amount(present, before, after, changed)
        else:
            self.flows.setdefault(name, Flows()).add(index, was, now, changed)
        if not changed:
            return
        root = self._reader.roots[index]
        instance = self._target(index, path)
        own = {} if instance is None else self.beside.own(root, instance)
        cell = Cell(
            index,
            path,
            path if instance is None else label_among(root, instance),
            name,
            was,
            now,
            direction(was, now),
            settled(was) and settled(now),
            None,
            (),
            own,
        )
        self.cells.append((index, path, name, was, now, cell))
        self.said[index, path, name] = (result_outcome(before), result_outcome(after))

    def _amount(self, present: DecisionResult, before: Stands | None, after: Stands | None, changed: bool) -> None:
        added = Kind(present.kind) in NUMERIC - {Kind.RATIO, Kind.YEAR}
        sums = self.sums.setdefault(present.name, Sums(present.unit, added))
        sums.objects += 1
        sums.changed += changed
        values = [_number(before), _number(after)]
        if None in values:
            sums.open += 1
            return
        sums.old += values[0] or 0
        sums.new += values[1] or 0

    def _several(self, index: int, name: str, pair: StandsPair) -> None:
        # Results that stand alike move alike.
        alike = (name, *(None if one is None else (one.status, one.candidates, one.certain) for one in pair))
        moves = self._moves.get(alike)
        if moves is None:
            moves = self._moves[alike] = tuple(_moves(pair))
        for value, move in moves:
            self.values.setdefault((name, value), {}).setdefault(move, []).append(index)

    def _finding(self, index: int, hearing: Hearing, finding: Found, was: str, now: str) -> None:
        name, target = finding
        if self._shared.seen(hearing.shared(name, index, target), name, target, was, now):
            return
        if (was, now) == ("not_applicable", "compliant"):
            self.complied += 1
            return
        self.findings.setdefault((name, hearing.finding_kinds[name], was, now), []).append(index)

    def measured(self, several: Iterable[int]) -> dict[str, Total]:
        """The measures over the objects of which these are the records."""
        return totals(self.beside.measures, (self.amounts[index] for index in several))

    def placed(self, several: Iterable[int]) -> dict[str, dict[str, int]]:
        """By each field of ``by`` how many objects, of which these are the records, have which value, most first."""
        counts = {by: Counter(self.groups[index][by] for index in several) for by in self.beside.by}
        return {by: dict(sorted(one.items(), key=lambda item: (-item[1], item[0]))) for by, one in counts.items()}

    # ---- causes

    def attribution(self, old_ledger: Ledger, new_ledger: Ledger) -> Attribution:
        """Why results of one value differ."""
        if not self.cells:
            return attributed(self.old, self.new, self._reader.portfolio, {})
        ledger = new_ledger if self._reader is self.study.new else old_ledger
        places = {id(record.instance): place for place, record in enumerate(ledger.records)}
        standing = [places[id(root)] for root in self._reader.roots]
        self.standing = standing
        said = {Spot(standing[index], path, name): pair for (index, path, name), pair in self.said.items()}
        return attributed(self.old, self.new, self._reader.portfolio, said)


def _moves(pair: StandsPair) -> Iterator[tuple[str, str]]:
    """The values of a decision that takes several by which two results differ, and how each moves."""
    # What no side has, or may have, does not move.
    touched = {one for stands in pair if stands is not None for one in (*stands.certain, *stands.candidates)}
    for value, was, now in value_states(*pair, among=touched):
        if was == now:
            continue
        match was, now:
            case "可能", "含":
                yield value, "settled_in"
            case "可能", _:
                yield value, "settled_out"
            case _, "可能":
                yield value, "opened"
            case _, "含":
                yield value, "gained"
            case "含", _:
                yield value, "lost"
            case _:
                pass


def _number(result: Stands | None) -> Number | None:
    """An amount that can be added: 0 where there is none; None where it is open."""
    if result is None or result.status in ("none", "not_applicable"):
        return 0
    value: AmountEnd | str | frozenset[str] = result.value
    settled_number = result.status == "determined" and isinstance(value, Number)
    return value if settled_number and isinstance(value, Number) else None

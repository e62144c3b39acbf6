"""Of a ledger's results: which are alike, and how many of each.

Why this exists: a summary counts results and shows none of them: what comes out, and how often.

Invariants: elements of one class have the same status, value, candidates and certain values; classes come in the order in which
their first elements do, so that whoever counts them one after the other meets everything in the order of the ledger.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.columns.domains import RECORD, RECORDS, Layout
from policyrules.columns.evaluating import Evaluated
from policyrules.columns.outputs import FINDING_STATUSES, Asked, Came, Piece
from policyrules.columns.stacks import Forms
from policyrules.columns.store import Prepared
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput
from policyrules.engine.lowering.nodes import Place
from policyrules.program import nodes as core
from policyrules.results import OPEN, FindingStatus

_LOOKED = [FINDING_STATUSES.index(status) for status in ("violated", "overdue", "explained")]
"""How findings stand that somebody has to look at; at one that is not verified, where its day is over."""
_UNVERIFIED = FINDING_STATUSES.index("unverified")


_FOUND = (("义务", "duties"), ("提示", "notices"))


@dataclass(frozen=True, slots=True)
class Alike:
    """Results of one decision that are alike: what ``came`` out, and of all of them the record, as often as it has one; ``values``:
    what the decision may be, in its order."""

    came: Came
    records: Array
    values: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.records)


@dataclass(frozen=True, slots=True)
class Tallied:
    """What of records and their rows is alike. ``decisions``: by name; ``findings``: by name how many stand how, in the order in
    which they first come; ``next_due``: the first day of what is in progress. Of each record: ``unsettled``, whether a decision that
    takes one value is open, ``open``, whether any is, ``looked``, whether a finding has to be looked at; ``owners``, the row of what it
    belongs to, None: they belong to nothing. ``apart``: what is said of that as each of its records sees it, by classes of what comes
    out. ``begins``: of findings the record in which they first come, where each record has them in the order of its own program."""

    decisions: dict[str, tuple[Alike, ...]]
    findings: dict[str, Counter[FindingStatus]]
    next_due: datetime.date | None
    unsettled: Mask
    open: Mask
    looked: Mask
    owners: Array | None
    apart: tuple[Array, ...]
    begins: dict[str, int]


def tallied(
    program: core.Program, prepared: Prepared, found: Evaluated, layout: Layout, forms: Forms | None = None
) -> Tallied | None:
    """Everything; None where the columns do not tell it: amounts, what only the definition gives, and rows of a county as each of its
    records sees them. ``forms``: which outputs are of which records, under names that people know."""
    if found.refused or any(isinstance(asked.output, AmountOutput) for asked in found.asked):
        return None
    tallying = _Tallying(prepared.evaluated, found, layout, forms, program.as_of)
    for asked in found.asked:
        if _is_above(asked.place):
            if asked.domain and asked.domain[0] == RECORD and asked.domain != RECORDS:
                return None
            tallying.above(asked)
        elif isinstance(asked.output, DecisionOutput):
            tallying.decision(asked, asked.output.decision)
        else:
            tallying.finding(asked)
    return tallying.tallied(program, prepared)


class _Tallying:
    """Counts outputs one after the other."""

    def __init__(
        self, records: int, found: Evaluated, layout: Layout, forms: Forms | None, as_of: datetime.date
    ) -> None:
        self._found = found
        self._today = as_of.toordinal()
        self._layout = layout
        self._forms = forms
        self._every = np.arange(records)
        self._decisions: dict[str, list[Alike]] = {}
        self._standing: dict[str, tuple[int, Counter[FindingStatus]]] = {}
        self._due: list[int] = []
        self._apart: list[Array] = []
        self._unsettled, self._open, self._looked = (np.zeros(records, np.bool_) for _ in range(3))

    def above(self, asked: Asked) -> None:
        """What is said of what records belong to, as each of them sees it."""
        having = self._having(asked)
        if having is not None:
            self._apart.append(having.astype(np.int64))
        if not asked.domain or asked.domain[0] != RECORD:
            return
        piece = self._found.pieces[asked.key]
        if isinstance(asked.output, DecisionOutput):
            self._apart.append(_came(asked, piece)[0])
            return
        self._apart.append(np.where(piece.mask("exists"), piece.status().astype(np.int64), -1))
        if "due" in piece.parts:
            self._apart.append(np.where(piece.mask("due_known"), piece.number("due"), -1))

    def decision(self, asked: Asked, decision: core.Decision) -> None:
        """What a decision comes to, of records and their rows."""
        codes, came = _came(asked, self._found.pieces[asked.key])
        owners = self._layout.rows(asked.domain, RECORD)
        of = np.arange(len(codes)) if owners is None else owners[: len(codes)]
        having = self._having(asked)
        if having is not None:
            codes, of = codes[having[of]], of[having[of]]
        name = decision.name if self._forms is None else self._forms.name("决定", decision.name)
        self._decisions.setdefault(name, []).extend(_alike(decision, codes, came, of))
        theirs = of[np.array([one.status in OPEN for one in came], np.bool_)[codes]]
        self._open[theirs] = True
        if decision.mode != "多选":
            self._unsettled[theirs] = True

    def finding(self, asked: Asked) -> None:
        """How a finding stands."""
        piece = self._found.pieces[asked.key]
        there = np.flatnonzero(piece.mask("exists"))
        if not len(there):
            return
        owners = self._layout.rows(asked.domain, RECORD)
        first = int(there[0] if owners is None else owners[there[0]])
        codes = piece.status()[there]
        wanted = np.isin(codes, _LOOKED)
        if "due" in piece.parts:
            over = piece.mask("due_known")[there] & (piece.number("due")[there] < self._today)
            wanted |= over & (codes == _UNVERIFIED)
        theirs = there[wanted]
        self._looked[theirs if owners is None else owners[theirs]] = True
        counts = np.bincount(codes, minlength=len(FINDING_STATUSES)).tolist()
        assert not isinstance(asked.output, DecisionOutput | AmountOutput)
        name = asked.output.declaration.name
        begin, counter = self._standing.setdefault(name, (first, Counter()))
        self._standing[name] = (min(first, begin), counter)
        counter.update({status: number for status, number in zip(FINDING_STATUSES, counts, strict=True) if number})
        if "due" in piece.parts:
            running = there[codes == FINDING_STATUSES.index("in_progress")]
            running = running[piece.mask("due_known")[running]]
            if len(running):
                self._due.append(int(piece.number("due")[running].min()))

    def tallied(self, program: core.Program, prepared: Prepared) -> Tallied:
        """All of it."""
        forms, above = self._forms, prepared.records.above
        names = [*program.duties, *program.notices]
        if forms is not None:
            names = [forms.name(kind, name) for kind, own in _FOUND for name in getattr(program, own)]
        findings = sorted(
            (begin, names.index(name), name, counter) for name, (begin, counter) in self._standing.items()
        )
        return Tallied(
            # Each form of a decision has its classes.
            {
                name: tuple(sorted(classes, key=lambda one: int(one.records[0])))
                for name, classes in self._decisions.items()
            },
            {name: counter for _, _, name, counter in findings},
            datetime.date.fromordinal(min(self._due)) if self._due else None,
            self._unsettled,
            self._open,
            self._looked,
            None if above is None else np.asarray(above[: prepared.evaluated]),
            tuple(self._apart),
            {} if forms is None else {name: begin for begin, _, name, _ in findings},
        )

    def _having(self, asked: Asked) -> Mask | None:
        """The records that have a decision; None: all."""
        if self._forms is None or not isinstance(asked.output, DecisionOutput):
            return None
        return self._forms.having("决定", asked.output.decision.name, self._every)


def _is_above(place: Place) -> bool:
    """Whether it is of what records belong to, or a row of that."""
    while place.space.source is not None:
        place = place.space.source
    return place.up > 0


def _came(asked: Asked, piece: Piece) -> tuple[Array, list[Came]]:
    """Of each element of a decision its class, those that come to the same in one; and what each class comes to."""
    assert asked.said is not None
    codes, came = asked.said.classes(piece)
    places: dict[Came, int] = {}
    ways = asked.said.every if came is None else came
    table = np.array([places.setdefault(one, len(places)) for one in ways], np.int64)
    return table[codes], list(places)


def _alike(decision: core.Decision, codes: Array, came: list[Came], records: Array) -> list[Alike]:
    """The classes of one decision, of elements of these ``records``."""
    if not len(codes):
        return []
    order = np.argsort(codes, kind="stable")
    begins = np.flatnonzero(np.concatenate([np.ones(1, np.bool_), np.diff(codes[order]) != 0]))
    classes = np.split(order, begins[1:])
    classes.sort(key=lambda places: int(places[0]))
    return [Alike(came[int(codes[places[0]])], records[places], decision.values) for places in classes]


__all__ = ["Alike", "Tallied", "tallied"]

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
    if found.refused:
        return None
    records = prepared.evaluated
    decisions: dict[str, list[Alike]] = {}
    names = [*program.duties, *program.notices]
    if forms is not None:
        names = [forms.name(kind, name) for kind, own in _FOUND for name in getattr(program, own)]
    every = np.arange(records)
    unsettled, any_open, looked = (np.zeros(records, np.bool_) for _ in range(3))
    apart: list[Array] = []
    due: list[int] = []
    standing: dict[str, tuple[int, Counter[FindingStatus]]] = {}
    for asked in found.asked:
        if isinstance(asked.output, AmountOutput):
            return None
        having = None
        if forms is not None and isinstance(asked.output, DecisionOutput):
            having = forms.having("决定", asked.output.decision.name, every)
        if _is_above(asked.place):
            if having is not None:
                apart.append(having.astype(np.int64))
            if asked.domain and asked.domain[0] == RECORD:
                if asked.domain != RECORDS:
                    return None
                piece = found.pieces[asked.key]
                if isinstance(asked.output, DecisionOutput):
                    apart.append(_came(asked, piece)[0])
                else:
                    apart.append(np.where(piece.mask("exists"), piece.status().astype(np.int64), -1))
                    if "due" in piece.parts:
                        apart.append(np.where(piece.mask("due_known"), piece.number("due"), -1))
            continue
        piece = found.pieces[asked.key]
        if isinstance(asked.output, DecisionOutput):
            decision = asked.output.decision
            codes, came = _came(asked, piece)
            owners = layout.rows(asked.domain, RECORD)
            of = np.arange(len(codes)) if owners is None else owners[: len(codes)]
            if having is not None:
                codes, of = codes[having[of]], of[having[of]]
            name = decision.name if forms is None else forms.name("决定", decision.name)
            decisions.setdefault(name, []).extend(_alike(decision, codes, came, of))
            theirs = of[np.array([one.status in OPEN for one in came], np.bool_)[codes]]
            any_open[theirs] = True
            if decision.mode != "多选":
                unsettled[theirs] = True
            continue
        there = np.flatnonzero(piece.mask("exists"))
        if not len(there):
            continue
        owners = layout.rows(asked.domain, RECORD)
        first = int(there[0] if owners is None else owners[there[0]])
        name = asked.output.declaration.name
        codes = piece.status()[there]
        wanted = np.isin(codes, _LOOKED)
        if "due" in piece.parts:
            over = piece.mask("due_known")[there] & (piece.number("due")[there] < program.as_of.toordinal())
            wanted |= over & (codes == _UNVERIFIED)
        theirs = there[wanted]
        looked[theirs if owners is None else owners[theirs]] = True
        counts = np.bincount(codes, minlength=len(FINDING_STATUSES)).tolist()
        begin, counter = standing.setdefault(name, (first, Counter()))
        standing[name] = (min(first, begin), counter)
        counter.update({status: number for status, number in zip(FINDING_STATUSES, counts, strict=True) if number})
        if "due" in piece.parts:
            running = there[codes == FINDING_STATUSES.index("in_progress")]
            running = running[piece.mask("due_known")[running]]
            if len(running):
                due.append(int(piece.number("due")[running].min()))
    findings = sorted((begin, names.index(name), name, counter) for name, (begin, counter) in standing.items())
    above = prepared.records.above
    return Tallied(
        # Each form of a decision has its classes.
        {name: tuple(sorted(classes, key=lambda one: int(one.records[0]))) for name, classes in decisions.items()},
        {name: counter for _, _, name, counter in findings},
        datetime.date.fromordinal(min(due)) if due else None,
        unsettled,
        any_open,
        looked,
        None if above is None else np.asarray(above[:records]),
        tuple(apart),
        {} if forms is None else {name: begin for begin, _, name, _ in findings},
    )


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

"""Findings as one long table: a row a finding.

Why this exists: a ledger of a million projects has twenty million findings. They are arrays of each kind of finding, put one
behind the other and in the order of the records; no finding is an object.

Invariants: first those of what records belong to, then by record, in the order of the program.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.domains import RECORD, Layout, axis_of
from policyrules.columns.evaluating import Evaluated
from policyrules.columns.grouping import numbered
from policyrules.columns.handing import Given
from policyrules.columns.outputs import FINDING_STATUSES, Asked
from policyrules.columns.store import Prepared
from policyrules.columns.tables import Days, Labels, Numbers, Table
from policyrules.engine.lowering.lowered import FindingOutput
from policyrules.engine.lowering.nodes import Place
from policyrules.program import nodes as core
from policyrules.results import Finding

_DIGITS: Final = 3
"""So many binary digits say how a finding stands."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Findings of one name, about instances of one object, under one list that is not there (``kind``; empty for none): of
    each its record (-1: none), the row of its object, its status and the ordinal of its day (0: none). One value stands
    for all of them."""

    name: str
    object: str
    kind: str
    records: Array
    rows: Array
    status: Array
    due: Array


@dataclass(frozen=True, slots=True)
class Findings:
    """Where findings are read from. ``line``: the object of the records, and those above it; ``first``: the first row of each
    table; ``said``: how statuses are called."""

    found: Evaluated
    prepared: Prepared
    layout: Layout
    line: tuple[str, ...]
    first: Mapping[str, int]
    said: tuple[str, ...]

    def table(self, statuses: frozenset[str]) -> Table:
        """Those that stand so."""
        wanted = np.array([status in statuses for status in FINDING_STATUSES])
        parts = [*self._worked_out(wanted), *self._given(statuses)]
        kinds = list(dict.fromkeys((part.object, part.kind) for part in parts))
        places, records = _in_order([part.records for part in parts])
        # What is the same of all that a part tells in one status is told by the number of both.
        dtype: Any = np.int16 if len(parts) << _DIGITS < 1 << 15 else np.int32
        codes: Array = np.zeros(len(records), dtype)
        rows, due = records.copy(), np.zeros(len(records), np.int32)
        for number, (part, own) in enumerate(zip(parts, places, strict=True)):
            codes[own] = part.status + dtype(number << _DIGITS)
            if part.rows is not part.records:
                rows[own] = part.rows
            if part.due.any():
                due[own] = part.due
        kind_of = [kinds.index((part.object, part.kind)) for part in parts]
        paths, texts = self._paths([own for own, _ in kinds], kind_of, parts, places, codes)
        begin = self.first.get(self.prepared.record, 0)
        starts = np.array([self.first.get(part.object, 0) for part in parts], np.int64)
        statuses_ = np.tile(np.arange(1 << _DIGITS, dtype=np.int32), len(parts))
        return Table(
            {
                "记录": Numbers(np.where(records < 0, -1, records + begin) if begin else records),
                "对象": labelled(codes, _each([part.object for part in parts])),
                "行": Numbers(rows + np.repeat(starts, 1 << _DIGITS).take(codes) if starts.any() else rows),
                "路径": labelled(paths, texts),
                "没有列出": labelled(codes, _each([part.kind or None for part in parts])),
                "名称": labelled(codes, _each([part.name for part in parts])),
                "状态": Labels(codes, statuses_, self.said),
                "期限": Days(due, due > 0),
            }
        )

    def object(self, place: Place) -> str:
        """The object of the instances at a place."""
        return self.line[place.up] if place.space.source is None else place.space.object

    def _worked_out(self, wanted: Array) -> list[_Part]:
        found = []
        for asked in self.found.asked:
            output = asked.output
            if not isinstance(output, FindingOutput):
                continue
            piece = self.found.pieces[asked.key]
            there = piece.standing(wanted)
            if not (piece.is_fixed("exists") and piece.parts["exists"]):
                there &= piece.mask("exists")
            places = np.flatnonzero(there)
            if not len(places):
                continue
            due = np.zeros(1, np.int32)
            if "due" in piece.parts:
                known = piece.mask("due_known")[places]
                due = np.where(known, piece.number("due")[places], 0).astype(np.int32)
            records, rows = self._where(asked, places)
            kind = output.place.below[-1] if output.place.below else ""
            found.append(
                _Part(output.declaration.name, self.object(asked.place), kind, records, rows, piece.status(places), due)
            )
        return found

    def _given(self, statuses: frozenset[str]) -> list[_Part]:
        """What the definition was asked for."""
        found = []
        for refused, given in self.found.refused:
            if isinstance(refused.declaration, core.Decision):
                continue
            told = [(one, _finding(one)) for one in given]
            told = [(one, finding) for one, finding in told if finding.status in statuses]
            if not told:
                continue
            own = told[0][0].object
            begin, start = self.first.get(self.prepared.record, 0), self.first.get(own, 0)
            found.append(
                _Part(
                    refused.declaration.name,
                    own,
                    refused.place.below[-1] if refused.place.below else "",
                    np.array([one.record for one, _ in told], np.int64) - begin,
                    np.array([one.row for one, _ in told], np.int64) - start,
                    np.array([FINDING_STATUSES.index(finding.status) for _, finding in told], np.int32),
                    np.array([_ordinal(finding.due) for _, finding in told], np.int32),
                )
            )
        return found

    def _where(self, asked: Asked, places: Array) -> tuple[Array, Array]:
        """Of elements their record, -1 where they are of none, and the row of their table."""
        domain = asked.domain
        rows = self.layout.rows(domain, axis_of(asked.place))
        rows = places if rows is None else rows[places]
        if domain[0] != RECORD:
            return np.full(len(places), -1), rows
        records = self.layout.rows(domain, RECORD)
        return places if records is None else records[places], rows

    def _paths(
        self,
        kinds: Sequence[str],
        kind_of: Sequence[int],
        parts: Sequence[_Part],
        places: Sequence[Array],
        numbers: Array,
    ) -> tuple[Array, list[str]]:
        """What results call each instance: 项目, 资产[0], 资金[0].明细[1]. ``kind_of``: of each part the place of its object in
        ``kinds``; ``numbers``: of each finding that of its part and status."""
        texts: list[str] = []
        plain = np.zeros(len(kinds), np.int32)
        below: list[tuple[Array, Array]] = []
        for kind in dict.fromkeys(kinds):
            if kind in self.line:
                plain[[one == kind for one in kinds]] = len(texts)
                texts.append(kind)
                continue
            own = [place for place, number in enumerate(kind_of) if kinds[number] == kind]
            codes, named = self.path(kind, np.concatenate([parts[place].rows for place in own]))
            below.append((np.concatenate([places[place] for place in own]), codes + len(texts)))
            texts += named
        found: Array = np.repeat(plain[np.array(kind_of, np.intp)], 1 << _DIGITS).take(numbers)
        for where, codes in below:
            found[where] = codes
        return found, texts

    def path(self, kind: str, rows: Array) -> tuple[Array, list[str]]:
        """What results call the instances of rows of a table: of each its place among some texts, and those."""
        if kind in self.line:
            return np.zeros(len(rows), np.int64), [kind]
        table = self.prepared.tables[kind]
        assert table.parent is not None and table.starts is not None and table.belongs is not None
        holders = table.parent[rows]
        turns = rows - table.starts[holders]
        above, holding = self.path(table.belongs, holders)
        longest = int(turns.max()) + 1 if len(turns) else 1
        together = above * longest + turns
        codes = numbered([together])[0]
        held = np.zeros(int(codes.max()) + 1 if len(codes) else 0, np.int64)
        held[codes] = together
        texts = []
        for one in held.tolist():
            holder = holding[one // longest]
            texts.append(f"{holder}.{kind}[{one % longest}]" if holder.endswith("]") else f"{kind}[{one % longest}]")
        return codes, texts


def labelled(codes: Array, values: Sequence[str | None]) -> Labels:
    """Places among values that may be alike, or none."""
    found: dict[str, int] = {}
    places = np.array([-1 if value is None else found.setdefault(value, len(found)) for value in values], np.int32)
    return Labels(codes, places, tuple(found))


def _each(values: Sequence[str | None]) -> list[str | None]:
    """Values of parts, of each part in each status."""
    return [value for value in values for _ in range(1 << _DIGITS)]


def _in_order(parts: Sequence[Array]) -> tuple[list[Array], Array]:
    """Where each element of each part comes, all of them in the order of their numbers, and of one number in the order of the
    parts; and all numbers in that order. Within a part numbers ascend.

    >>> places, numbers = _in_order([np.array([-1, 3]), np.array([0, 3, 3])])
    >>> [own.tolist() for own in places], numbers.tolist()
    ([[0, 2], [1, 3, 4]], [-1, 0, 3, 3, 3])
    """
    if not parts:
        return [], np.zeros(0, np.int64)
    low = min(int(part[0]) for part in parts)
    counts = np.zeros(max(int(part[-1]) for part in parts) - low + 1, np.int64)
    held: list[tuple[Array, Array | None]] = []
    for part in parts:
        own = part - low
        first = None
        if (own[1:] == own[:-1]).any():
            first = np.flatnonzero(np.concatenate([np.ones(1, np.bool_), own[1:] != own[:-1]]))
            counts += np.bincount(own, minlength=len(counts))
        else:
            counts[own] += 1
        held.append((own, first))
    numbers = np.repeat(np.arange(low, low + len(counts)), counts)
    after = np.cumsum(counts) - counts
    found: list[Array] = []
    for own, first in held:
        places = after[own]
        if first is None:
            after[own] = places + 1
        else:
            # How many of the same number stand before each.
            lengths = np.diff(np.append(first, len(own)))
            places += np.arange(len(own)) - np.repeat(first, lengths)
            after[own[first]] += lengths
        found.append(places)
    return found, numbers


def _finding(given: Given) -> Finding:
    assert isinstance(given.result, Finding)
    return given.result


def _ordinal(day: datetime.date | None) -> int:
    return 0 if day is None else day.toordinal()

"""Findings as one long table: a row a finding.

Why this exists: a ledger of a million projects has twenty million findings. They are arrays of each kind of finding, put one
behind the other and in the order of the records; no finding is an object.

Invariants: first those of what records belong to, then by record, in the order of the program.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from policyrules.columns.bits import Array, Plane, cut, pack, unpack
from policyrules.columns.domains import RECORD, Domain, Layout, axis_of, outer
from policyrules.columns.evaluating import Evaluated
from policyrules.columns.grouping import numbered
from policyrules.columns.handing import Given
from policyrules.columns.listing import DIGITS, Kind, Listed, listed
from policyrules.columns.naming import OWNER, holders, owner_names
from policyrules.columns.outputs import FINDING_STATUSES, Asked, Piece
from policyrules.columns.store import Prepared
from policyrules.columns.tables import Days, Labels, Numbers, Table
from policyrules.engine.lowering.lowered import FindingOutput
from policyrules.engine.lowering.nodes import Place
from policyrules.program import nodes as core
from policyrules.results import Finding


@dataclass(frozen=True, slots=True)
class _Head:
    """Findings of no record: of each the row of its object in this part of the ledger, how it stands, and the ordinal of its
    day (0: none)."""

    rows: Array
    status: Array
    due: Array


@dataclass(frozen=True, slots=True)
class _Part:
    """Findings of one name, about instances of one object, under one list that is not there (``kind``; empty for none):
    those of no record, and those of records."""

    name: str
    object: str
    kind: str
    head: _Head | None
    body: Kind | None


@dataclass(frozen=True, slots=True)
class _Called:
    """What the instances of one object are called, in classes the numbers of which begin with ``begin``: of each class its
    path, and the name of the owner (``owners``; none of what is of records). Of each row of its table its class (``codes``;
    None: of records the one there is; of rows below them their turn)."""

    begin: int
    paths: Labels
    owners: Labels
    codes: Array | None


@dataclass(frozen=True, slots=True)
class Findings:
    """Where findings are read from. ``line``: the object of the records, and those above it; ``first``: the first row of each
    table; ``said``: how statuses are called."""

    found: Evaluated
    prepared: Prepared
    program: core.Program
    layout: Layout
    line: tuple[str, ...]
    first: Mapping[str, int]
    said: tuple[str, ...]

    def table(self, statuses: frozenset[str]) -> Table:
        """Those that stand so."""
        wanted = np.array([status in statuses for status in FINDING_STATUSES])
        parts = [*self._worked_out(wanted), *self._given(statuses)]
        called = self._called(parts)
        heads = [(number, part, part.head) for number, part in enumerate(parts) if part.head is not None]
        found = listed(
            [
                self._placed(part.body, number, called[part.object])
                for number, part in enumerate(parts)
                if part.body is not None
            ],
            self.prepared.evaluated,
            first=self.first.get(self.prepared.record, 0),
            room=sum(len(head.rows) for _, _, head in heads),
            numbers=len(parts),
            paths=sum(len(own.paths) for own in called.values()),
            kernel=self.found.kernel,
            threads=self.found.threads,
        )
        place = 0
        for number, part, head in heads:
            where = slice(place, place + len(head.rows))
            place = where.stop
            own = called[part.object]
            found.codes[where] = head.status.astype(found.codes.dtype) + found.codes.dtype.type(number << DIGITS)
            found.records[where] = -1
            found.rows[where] = head.rows + self.first.get(part.object, 0)
            found.days[where] = head.due
            found.paths[where] = own.begin if own.codes is None else own.codes.take(head.rows) + own.begin
            found.used[found.paths[where]] = True
        statuses_ = np.tile(np.arange(1 << DIGITS, dtype=np.int32), len(parts))
        codes = found.codes
        return Table(
            {
                "记录": Numbers(found.records),
                OWNER: _of_classes(found, [own.owners for own in called.values()]),
                "对象": labelled(codes, _each([part.object for part in parts])),
                "行": Numbers(found.rows),
                "路径": _of_classes(found, [own.paths for own in called.values()]),
                "没有列出": labelled(codes, _each([part.kind or None for part in parts])),
                "名称": labelled(codes, _each([part.name for part in parts])),
                "状态": Labels(codes, statuses_, self.said),
                "期限": Days(found.days, found.days > 0),
            }
        )

    def _placed(self, body: Kind, number: int, called: _Called) -> Kind:
        """With its number, and where its instances are called what."""
        paths = None
        if called.codes is not None:
            paths = called.codes if body.rows is None else called.codes.take(body.rows)
        elif body.starts is not None and len(called.paths) == 1:
            # Not by their turn: all are the same.
            paths = np.zeros(int(body.starts[-1]), np.int32)
        return replace(body, number=number, path=called.begin, paths=paths)

    def _called(self, parts: Sequence[_Part]) -> dict[str, _Called]:
        """Of each object what its instances are called: 项目, 资产[0], 资金[0].明细[1]."""
        found: dict[str, _Called] = {}
        begin = 0
        for kind in dict.fromkeys(part.object for part in parts):
            own = [part for part in parts if part.object == kind]
            table = self.prepared.tables.get(kind)
            codes: Array | None = None
            owners: Labels | None = None
            paths = labelled(np.zeros(1, np.int32), [kind])
            if kind == self.prepared.record or table is None:
                pass
            elif holders(self.prepared, kind, np.zeros(0, np.intp))[0] != self.prepared.record:
                # Each by itself: those of one owner are called as those of another are.
                codes = np.arange(table.rows, dtype=np.int32)
                own_paths, texts = self.path(kind, codes)
                paths = Labels.of(own_paths, tuple(texts))
                owners = owner_names(self.prepared, self.program, kind, codes)
            elif table.belongs == self.prepared.record and all(part.head is None and _by_turn(part) for part in own):
                assert table.starts is not None
                turns = range(int(np.diff(table.starts).max(initial=0)))
                paths = labelled(np.array(turns, np.int32), [f"{kind}[{turn}]" for turn in turns])
            else:
                codes, texts = self.path(kind, np.arange(table.rows))
                codes, paths = codes.astype(np.int32), labelled(np.arange(len(texts)), texts)
            found[kind] = _Called(
                begin, paths, labelled(np.zeros(len(paths), np.int32), [None]) if owners is None else owners, codes
            )
            begin += len(paths)
        return found

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
            there = _both(piece.standing(wanted), piece.parts["exists"])
            if there is False or not piece.count:
                continue
            if there is not True:
                there = cut(there, 0, piece.count)
                if not there.any():
                    continue
            name, object_ = output.declaration.name, self.object(asked.place)
            under = output.place.below[-1] if output.place.below else ""
            head, body = None, None
            if asked.domain[0] != RECORD and self.first.get(self.prepared.record, 0):
                # Told with the first records.
                continue
            if asked.domain[0] == RECORD:
                body = self._body(asked, piece, None if there is True else there)
            else:
                places = np.arange(piece.count) if there is True else np.flatnonzero(unpack(there, piece.count))
                rows = self.layout.rows(asked.domain, axis_of(asked.place))
                due = np.zeros(len(places), np.int32)
                if "due" in piece.parts:
                    due[:] = np.where(piece.mask("due_known"), piece.number("due"), 0)[places]
                head = _Head(places if rows is None else rows[places], piece.status(places), due)
            found.append(_Part(name, object_, under, head, body))
        return found

    def _body(self, asked: Asked, piece: Piece, there: Plane | None) -> Kind:
        rows = self.layout.rows(asked.domain, axis_of(asked.place))
        known, days = piece.parts["due_known"], piece.parts.get("due", 0)
        where: Plane | None = None
        if isinstance(known, int):
            days = days if known else 0
        else:
            where = known
        digits = tuple(piece.parts["status", digit] for digit in range(DIGITS))
        starts = self._starts(asked.domain)
        first = self.first.get(self.object(asked.place), 0)
        return Kind(0, there, digits, starts, rows, first, where, days, None, 0)

    def _starts(self, domain: Domain) -> Array | None:
        """Where the elements of each record begin; None: they are the records."""
        if len(domain) == 1:
            return None
        starts, around = self.layout.elements(domain).starts, self._starts(outer(domain))
        assert starts is not None
        return starts if around is None else starts[around]

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
            records = np.array([one.record for one, _ in told], np.int64) - begin
            rows = np.array([one.row for one, _ in told], np.int64) - start
            status = np.array([FINDING_STATUSES.index(finding.status) for _, finding in told], np.uint8)
            due = np.array([_ordinal(finding.due) for _, finding in told], np.int32)
            of_none = int(np.searchsorted(records, 0))
            head = _Head(rows[:of_none], status[:of_none], due[:of_none]) if of_none else None
            body = None
            if of_none < len(told):
                starts = np.searchsorted(records[of_none:], np.arange(self.prepared.evaluated + 1))
                digits = tuple(pack(status[of_none:] >> np.uint8(digit) & 1) for digit in range(DIGITS))
                body = Kind(0, None, digits, starts, rows[of_none:], start, None, due[of_none:], None, 0)
            under = refused.place.below[-1] if refused.place.below else ""
            found.append(_Part(refused.declaration.name, own, under, head, body))
        return found

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


def _of_classes(found: Listed, several: Sequence[Labels]) -> Labels:
    """Of each finding what is said of its class: no more than comes."""
    values: dict[str, int] = {}
    places = [np.zeros(0, np.int32)]
    begin = 0
    for own in several:
        codes, used = own.codes, found.used[begin : begin + len(own)]
        begin += len(own)
        held = np.zeros(len(own.values) + 1, np.bool_)
        held[codes[used]] = True
        said = zip(own.values, held[:-1].tolist(), strict=True)
        theirs = [values.setdefault(value, len(values)) if comes else -1 for value, comes in said]
        places.append(np.array([*theirs, -1], np.int32)[codes])
    return Labels(found.paths, np.concatenate(places), tuple(values))


def _each(values: Sequence[str | None]) -> list[str | None]:
    """Values of parts, of each part in each status."""
    return [value for value in values for _ in range(1 << DIGITS)]


def _by_turn(part: _Part) -> bool:
    """Whether its instances are the rows of their table, one by one."""
    return part.body is not None and part.body.starts is not None and part.body.rows is None


def _both(there: Plane | bool, exists: Plane | int) -> Plane | bool:
    if isinstance(exists, int):
        return there if exists else False
    if isinstance(there, bool):
        return exists if there else False
    return there & exists


def _finding(given: Given) -> Finding:
    assert isinstance(given.result, Finding)
    return given.result


def _ordinal(day: datetime.date | None) -> int:
    return 0 if day is None else day.toordinal()

"""Tables that were read in columns, joined into one ledger: what is plain, and what the definition made of the rest.

Why this exists: rows find what they belong to by the million, and only those that may have to be reported, or left out, go row
by row through `policyrules.records.joins`.

Invariants: what comes out is what the same tables in a workbook would give; which rows stay is settled before any column is
made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from policyrules.columns.bits import Array, Mask, pack
from policyrules.columns.crew import Crew
from policyrules.columns.instances import Rows, ordered, owner_tables, pieces_of, rows_below, schema_key
from policyrules.columns.keys import Keys, folded, in_small_letters, joined, lookup, repeats
from policyrules.columns.pieces import Keep, Piece, Pieces, first_seen, of_values
from policyrules.columns.sources import Source
from policyrules.columns.store import Column, Prepared, Table, Texts
from policyrules.diagnostics import CellPlace, Diagnostic, RecordError
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.records.joins import Beside, Joined, join_tables
from policyrules.records.json_files import MOST_RECORDS
from policyrules.records.names import RecordNames
from policyrules.records.tables import Table as Sheet
from policyrules.spelling import fold_word
from policyrules.types import Kind, Value, value_text

HEADER = 1
"""The row of the header, as a spreadsheet shows it: row i of a frame is row ``i + 2``."""
FIRST = 20
"""So many rows at the top are looked at whatever they hold: by them it is told what columns may have been meant for."""


def number_of(row: int) -> int:
    """The number of row ``row`` of a frame."""
    return row + HEADER + 1


@dataclass(slots=True, eq=False)
class Read:
    """A table read in columns. ``doubt``: rows that the definition has to look at; ``heads``: what stands in its header."""

    source: Source
    object: str
    fields: dict[str, Pieces]
    link: Pieces | None
    doubt: Mask
    heads: frozenset[str]


def sheet_of(source: Source, object_: str, rows: Array) -> Sheet:
    """Rows of a table as the definition reads them, behind its header. Raises `RecordError` (E507) for very many of a small
    file."""
    if source.small and len(rows) > MOST_RECORDS:
        said = f"要一行一行读的超过 {MOST_RECORDS:,} 行（编号重复或空着，或有读不出来的格子），没有读入；请检查这个文件"
        raise RecordError([Diagnostic("E507", said, CellPlace(file=source.file, sheet=object_))])
    cells = source.cells(rows)
    lines = [(number_of(row), line) for row, line in zip(rows.tolist(), cells, strict=True)]
    return Sheet(object_, [(HEADER, tuple(source.heads)), *lines], source.file)


def _keys(pieces: Pieces) -> Keys:
    """The folded text of each row; empty where it is blank."""
    if pieces.field.type.kind is not Kind.TEXT:
        owners = _Named(pieces.rows, pieces.column())
        told = ["" if value is None else fold_word(value_text(value, pieces.field.type)) for value in owners.told]
        return Keys(Texts.of(told).take(owners.codes))
    parts = []
    for piece in pieces.pieces:
        texts = piece.texts if isinstance(piece.texts, Texts) else Texts.of(piece.texts)
        # A piece in which no text comes twice is plain.
        own = in_small_letters(texts) if piece.distinct else folded(texts)
        if piece.distinct:
            known = np.ones(len(piece), np.bool_) if piece.known is None else piece.known
            ends = own.ends[np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])]
            parts.append(Texts(own.blob, ends))
            continue
        # Behind the texts stands an empty one, for the code -1.
        spread = Texts(own.blob, np.append(own.ends, own.ends[-1:]))
        codes = piece.values.astype(np.int64)
        codes = codes if piece.known is None else np.where(piece.known, codes, -1)
        parts.append(spread.take(np.where(codes < 0, len(own), codes)))
    return Keys(joined(parts) if parts else Texts.of([]))


def _named_by(keys: Keys, link: Pieces) -> Array:
    """Of each row the place of the key that it names, -1 where there is none; each text is looked for once a piece."""
    if link.field.type.kind is not Kind.TEXT:
        return lookup(keys, _keys(link)).astype(np.int32)
    found = [np.zeros(0, np.int32)]
    for piece in link.pieces:
        texts = piece.texts if isinstance(piece.texts, Texts) else Texts.of(piece.texts)
        places = lookup(keys, Keys(folded(texts))) if len(texts) else np.zeros(0, np.int64)
        codes = (
            piece.values if piece.known is None else np.where(piece.known, piece.values, piece.values.dtype.type(-1))
        )
        # The last stands for the code -1.
        found.append(np.append(places, -1).astype(np.int32)[codes])
    return np.concatenate(found)


def _at(values: Array, places: Array, none: object) -> Array:
    """What stands at some places, ``none`` for the place -1; there may be no value at all."""
    there = places >= 0
    if there.all():
        return values[places]
    found = np.full(len(places), none, values.dtype)
    found[there] = values[places[there]]
    return found


@dataclass(slots=True, eq=False)
class _Lines:
    """The rows of a table below the records: ``place``: the row of the parent's table that each names, -1 for none;
    ``project``: the record."""

    place: Array
    project: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Staying:
    """Which rows of a table there are in the end: ``own`` were read in columns, ``others``, behind them, by the definition.
    ``stay``: which rows of its source; ``number``: of each of these its new place; ``numbered``: which of them, in their new order,
    have a key. None where nobody asks."""

    own: int
    others: int
    stay: Mask | None
    number: Array | None
    numbered: Mask | None


class Joining:
    """One ledger on its way: what is plain, what the definition made of the rest, and both together."""

    def __init__(
        self,
        program: core.Program,
        names: RecordNames,
        sources: Mapping[str, Source],
        reads: Mapping[str, Read],
        keep: Keep,
        crew: Crew,
    ) -> None:
        self.crew = crew
        self.program = program
        self.names = names
        self.sources = sources
        self.reads = reads
        self.keep = keep
        self.keys: dict[str, Keys | None] = {}
        self.numbered: dict[str, Mask] = {}
        self.lines: dict[str, _Lines] = {}
        labels = names.link_names(names.owners[0]) if names.owners else ()
        fields = names.objects[names.record].fields
        self.owner_field = next((f for f in fields if fold_word(f.name) in labels or fold_word(f.key) in labels), None)

    def prepared(self) -> Prepared | None:
        """The ledger; None where only the definition can tell."""
        record = self.reads[self.names.record]
        above = {self.names.objects[object_].kind.parent for object_ in self.reads}
        named = [object_ for object_ in self.reads if object_ == self.names.record or object_ in above]
        self.keys.update(zip(named, self.crew.each(self._keys_of, named), strict=True))
        twice = self._repeated()
        if self._heads_again():
            return None
        looked = record.doubt | twice
        looked[:FIRST] = True
        self._link()
        for object_, read in self.reads.items():
            if object_ != self.names.record:
                lines = self.lines[object_]
                read.doubt |= lines.place < 0
                seen = read.doubt.copy()
                seen[:FIRST] = True
                projects = lines.project[seen]
                looked[projects[projects >= 0]] = True
        # Of millions of keys no more is kept than which of them there are.
        self.numbered = {object_: keys.lengths > 0 for object_, keys in self.keys.items() if keys is not None}
        self.keys.clear()
        owners = self._owner_codes()
        while True:
            joined_ = self._joined(looked, owners)
            waiting = [value for value, owner in joined_.owners.items() if owner is None and self.names.owners]
            if not waiting:
                break
            for value in waiting:
                looked |= owners.rows_of(value)
        if joined_.leaning:
            return None
        if any(read.source.rows and not joined_.read.get(object_) for object_, read in self.reads.items()):
            # A table that is refused is refused whole.
            return None
        kept = ~looked
        numbers = {found.row for found in joined_.ledger.records}
        places = np.flatnonzero(looked)
        kept[places] = np.fromiter((number_of(row) in numbers for row in places.tolist()), np.bool_, len(places))
        read_rows = joined_.read[self.names.record]
        dropped = [row for row in places.tolist() if number_of(row) not in read_rows]
        if len(self.reads) > 1 and twice[dropped].any():
            return None
        return self._assembled(joined_, looked, kept, owners)

    def _heads_again(self) -> bool:
        """Whether a number is what its column is called, or another: heads among the rows, of which the definition says what
        they are."""
        for object_, keys in self.keys.items():
            heads = sorted(self.reads[object_].heads)
            if keys is not None and (lookup(keys, Keys(Texts.of(heads))) >= 0).any():
                return True
        return False

    def _repeated(self) -> Mask:
        """The records whose number comes twice."""
        keys = self.keys[self.names.record]
        return np.zeros(self.reads[self.names.record].source.rows, np.bool_) if keys is None else repeats(keys)

    def _keys_of(self, object_: str) -> Keys | None:
        identity = self.names.objects[object_].kind.identity
        pieces = self.reads[object_].fields.get(identity or "")
        return None if pieces is None else _keys(pieces)

    def _link(self) -> None:
        """Of all rows below records what they name, each table with its parent's at hand."""
        pending = [self.names.record]
        while pending:
            parents, pending = pending, []
            for parent in parents:
                pending += [object_ for object_ in self.names.rows_of(parent) if object_ in self.reads]
            self.lines.update(zip(pending, self.crew.each(self._lines_of, pending), strict=True))

    def _lines_of(self, object_: str) -> _Lines:
        read, parent = self.reads[object_], self.names.objects[object_].kind.parent or ""
        keys = self.keys[parent]
        assert read.link is not None
        place = np.full(read.source.rows, -1, np.int32) if keys is None else self.keep(_named_by(keys, read.link))
        above = self.lines.get(parent)
        project = place if above is None else self.keep(_at(above.project, place, -1))
        return _Lines(place, project)

    # ---- what the definition says -----------------------------------------------------------------------------------

    def _joined(self, looked: Mask, owners: _Named) -> Joined:
        sheets = []
        for object_, source in self.sources.items():
            rows = np.arange(source.rows)
            if object_ == self.names.record:
                rows = np.flatnonzero(looked)
            elif object_ in self.reads:
                lines = self.lines[object_]
                taken = self.reads[object_].doubt | (lines.place < 0)
                taken |= (lines.project < 0) | _at(looked, lines.project, False)
                taken[:FIRST] = True
                rows = np.flatnonzero(taken)
            sheets.append(sheet_of(source, object_, rows))
        rest = ~looked
        beside = Beside(
            lambda object_: self._identities(object_, rest),
            {value: owners.numbers(value, rest) for value in owners.values(rest)},
        )
        return join_tables(sheets, self.program, self.names, beside)

    def _identities(self, object_: str, rest: Mask) -> Sequence[str]:
        """The numbers of the rows that the definition does not see."""
        read = self.reads.get(object_)
        pieces = None if read is None else read.fields.get(self.names.objects[object_].kind.identity or "")
        if pieces is None:
            return ()
        lines = self.lines.get(object_)
        seen = rest if lines is None else _at(rest, lines.project, False)
        column = pieces.column(np.flatnonzero(seen))
        told = (column.value(row) for row in range(column.rows))
        found = {
            fold_word(text): text
            for value in told
            if value is not None and (text := value_text(value, column.field.type))
        }
        return list(found.values())

    def _owner_codes(self) -> _Named:
        record = self.reads[self.names.record]
        pieces = record.fields.get(self.owner_field.name) if self.owner_field is not None else None
        return _Named(record.source.rows, None if pieces is None else pieces.column())

    # ---- both together ----------------------------------------------------------------------------------------------

    def _assembled(self, joined_: Joined, looked: Mask, kept: Mask, owners: _Named) -> Prepared:
        names, record = self.names, self.names.record
        ledger = joined_.ledger
        aside = [found.instance for found in ledger.set_aside]
        take = np.flatnonzero(kept)
        rows = len(take) + len(aside)
        tables: dict[str, Table] = {}
        above = None
        if names.owners:
            above, tables = self._owners(joined_, looked, kept, owners, aside)
        below = rows_below(names, record, aside)
        renumbered: Array = np.cumsum(kept, dtype=np.int32)
        renumbered -= 1
        stays = {record: _Staying(len(take), len(aside), kept, renumbered, self._in_order(record, kept, renumbered))}

        def table_of(object_: str) -> Table:
            if object_ != record:
                return self._below(object_, stays, below.get(object_, Rows()), joined_.read.get(object_, frozenset()))
            columns = self._columns(record, None if kept.all() else take, aside)
            return Table(record, rows, columns, names.objects[record].kind.parent, above=above)

        # The rows below a table need to know which of its rows stay, and not what stands in them.
        pending, beside = [record], [record]
        while pending:
            pending = [object_ for parent in pending for object_ in names.rows_of(parent)]
            beside += pending
            tables.update(zip(beside, self.crew.each(table_of, beside), strict=True))
            beside = []
        origin = [found.row or 0 for found in ledger.set_aside]
        return Prepared(
            record,
            ordered(self.program, tables),
            len(take),
            schema_key(self.program),
            self.keep(np.concatenate([take + number_of(0), np.array(origin, np.int64)])),
            names.objects[record].kind.identity or "",
            tuple(one.problems for one in aside),
            ledger.problems,
            ledger.notes,
        )

    def _below(self, object_: str, stays: dict[str, _Staying], more: Rows, told: Collection[int | None]) -> Table:
        """The table of rows below records: those that stay, and ``more`` behind them. ``told``: the numbers of the rows that the
        definition has read."""
        parent = self.names.objects[object_].kind.parent or ""
        above = stays[parent]
        read = self.reads.get(object_)
        supplied = np.zeros(above.own, np.bool_)
        lines: Array = np.zeros(0, np.int32)
        order: Array | None = np.zeros(0, np.int64)
        stay: Mask | None = None
        number: Array | None = None
        if read is not None and above.stay is not None and above.number is not None:
            place = self.lines[object_].place
            stay = _at(above.stay, place, False)
            doubtful = np.flatnonzero(read.doubt & stay)
            stay[doubtful] = [number_of(row) in told for row in doubtful.tolist()]
            # Mostly all rows stay, in their order.
            order = None if stay.all() else np.flatnonzero(stay)
            lines = above.number[place if order is None else place[order]]
            if len(lines) > 1 and (lines[1:] < lines[:-1]).any():
                sorting = np.argsort(lines, kind="stable")
                order, lines = sorting if order is None else order[sorting], lines[sorting]
            if self.names.rows_of(object_):
                number = np.arange(len(stay), dtype=np.int32)
                if order is not None:
                    number[order] = np.arange(len(order), dtype=np.int32)
            if above.numbered is not None:
                supplied = above.numbered
        numbered = None if stay is None or number is None else self._in_order(object_, stay, number)
        stays[object_] = _Staying(len(lines), len(more.instances), stay, number, numbered)
        links = np.concatenate([lines, np.array(more.parent, np.int32) + np.int32(above.own)])
        listed = np.concatenate([supplied, np.array(more.supplied, np.bool_)])
        starts = np.zeros(above.own + above.others + 1, np.int64)
        np.cumsum(np.bincount(links, minlength=len(starts) - 1), out=starts[1:])
        return Table(
            object_,
            len(links),
            self._columns(object_, order, more.instances),
            parent,
            self.keep(links),
            self.keep(starts),
            None if listed.all() else pack(listed),
        )

    def _in_order(self, object_: str, stay: Mask, number: Array) -> Mask | None:
        """Of the rows of a source that stay, in their new order, which of them have a key; None where nobody asks."""
        has = self.numbered.get(object_)
        if has is None:
            return None
        found = np.zeros(int(np.count_nonzero(stay)), np.bool_)
        found[number[stay]] = has[stay]
        return found

    def _columns(self, object_: str, take: Array | None, more: Sequence[Instance]) -> dict[str, Column]:
        """The columns of the rows ``take`` of a table, and of instances behind them; none that is blank everywhere."""
        read = self.reads.get(object_)
        filled = pieces_of(self.names, object_, more)

        def column_of(own: core.Field) -> Column | None:
            pieces = read.fields.get(own.name) if read is not None else None
            behind = filled.get(own.name)
            if pieces is None and behind is None:
                return None
            kept = take
            if pieces is None:
                pieces, kept = Pieces(own, self.keep), None
            if more and behind is None:
                behind = _blank(own, len(more))
            if not more and (not pieces.rows or (kept is not None and not len(kept))):
                return None
            column = pieces.column(kept, behind)
            return column if column.known is None or column.known.any() else None

        fields = self.names.objects[object_].fields
        found = zip(fields, self.crew.each(column_of, fields), strict=True)
        return {own.name: column for own, column in found if column is not None}

    def _owners(
        self, joined_: Joined, looked: Mask, kept: Mask, owners: _Named, aside: Sequence[Instance]
    ) -> tuple[Array, dict[str, Table]]:
        """The row that each record belongs to, and the tables of what they belong to."""
        # Of plain rows the owner is told by what they name, of the others by what the definition made of them.
        found = [joined_.owners.get(value) for value in owners.told]
        codes = owners.codes.copy()
        records = {record.row: record.instance for record in joined_.ledger.records}
        for row in np.flatnonzero(looked & kept).tolist():
            codes[row] = len(found)
            found.append(records[number_of(row)].parent)
        codes = codes[kept]
        first = first_seen(codes, len(found))
        members = [Instance(self.names.record, parent=found[code]) for code in first.tolist()]
        tables, above = owner_tables(self.names, [*members, *aside])
        mapping = np.zeros(len(found), np.int32)
        mapping[first] = above[: len(members)]
        return np.concatenate([mapping[codes], np.array(above[len(members) :], np.int32)]), tables


class _Named:
    """What each row of a column names: ``codes``, one a row, are places in ``told``."""

    def __init__(self, rows: int, column: Column | None) -> None:
        if column is None or column.starts is not None:
            self.codes = np.zeros(rows, np.int64)
            self.told: list[Value | None] = [None]
            return
        known = column.known_mask()
        if len(column.texts) or column.field.type.kind is Kind.ENUM:
            # Codes of texts are places already.
            self.told = [*(column.texts or column.field.type.values or ()), None]
            self.codes = column.values.astype(np.int32) % np.int32(len(self.told))
            return
        held, first, codes = np.unique(column.values[known], return_index=True, return_inverse=True)
        places = np.flatnonzero(known)[first]
        self.codes = np.full(rows, len(held), np.int64)
        self.codes[known] = codes
        self.told = [*(column.value(row) for row in places.tolist()), None]

    def values(self, rest: Mask) -> list[Value | None]:
        """What some rows name."""
        return [self.told[code] for code in np.unique(self.codes[rest]).tolist()]

    def rows_of(self, value: Value | None) -> Mask:
        """The rows that name ``value``."""
        found: Mask = self.codes == self.told.index(value)
        return found

    def numbers(self, value: Value | None, rest: Mask) -> Callable[[], list[int]]:
        """The numbers of those of some rows that name ``value``, when asked for."""
        return lambda: [number_of(row) for row in np.flatnonzero(self.rows_of(value) & rest).tolist()]


def _blank(own: core.Field, rows: int) -> Piece:
    return of_values(own, [None] * rows)

"""Frames joined into a prepared ledger: plain rows as arrays, all others by the definition.

Why this exists: nearly every row of a large ledger can be read, has a number of its own and belongs to something that is
there. Those are read and joined as columns. What may have to be reported, or left out, goes row by row through
`policyrules.records.joins`, which says what becomes of it and in which words: no rule about ledgers is written twice.

Invariants: what comes out is what the same tables in a workbook would give, the first line of each its header; a row
that is not handed to the definition has nothing to be said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from policyrules.columns.bits import Mask
from policyrules.columns.coding import Cells, Coder, Held, as_coded
from policyrules.columns.crew import ALONE, Crew
from policyrules.columns.instances import prepare_ledger
from policyrules.columns.joining import FIRST, Joining, Read, sheet_of
from policyrules.columns.pieces import Keep, Pieces
from policyrules.columns.sources import Source
from policyrules.columns.store import Prepared, Texts
from policyrules.diagnostics import Report
from policyrules.program import nodes as core
from policyrules.records.headers import HeaderReader, line_of_units
from policyrules.records.joins import read_tables
from policyrules.records.ledger import Notes
from policyrules.records.lines import may_be_no_row, may_say_unit
from policyrules.records.names import RecordNames
from policyrules.types import NUMERIC, Kind


def prepare_frames(
    program: core.Program,
    names: RecordNames,
    sources: Mapping[str, Source],
    keep: Keep = lambda array: array,
    crew: Crew = ALONE,
) -> Prepared:
    """The ledger whose tables are ``sources``, by Chinese name of the object. ``keep``: puts arrays aside; ``crew``: who
    reads."""
    hung: list[str] = []
    for object_ in _vertical(names):
        if object_ in sources and (object_ == names.record or names.objects[object_].kind.parent in hung):
            hung.append(object_)

    def read_of(object_: str) -> Read | None:
        below = object_ == names.record and any(child in sources for child in names.rows_of(object_))
        return _read(names, object_, sources[object_], keep, crew, below=below)

    reads: dict[str, Read] = {}
    for object_, read in zip(hung, crew.each(read_of, hung), strict=True):
        if read is None:
            return _by_definition(program, names, sources)
        reads[object_] = read
    if names.record not in reads:
        return _by_definition(program, names, sources)
    found = Joining(program, names, sources, reads, keep, crew).prepared()
    return _by_definition(program, names, sources) if found is None else found


def _vertical(names: RecordNames) -> Iterator[str]:
    """The record and all kinds of rows below it, each after what it belongs to."""
    pending = [names.record] if names.record else []
    while pending:
        object_ = pending.pop(0)
        yield object_
        pending += names.rows_of(object_)


def _by_definition(program: core.Program, names: RecordNames, sources: Mapping[str, Source]) -> Prepared:
    """All rows as the definition reads them, one by one."""
    sheets = [sheet_of(source, object_, np.arange(source.rows)) for object_, source in sources.items()]
    ledger = read_tables(sheets, program, names=names)
    return prepare_ledger(program, names, ledger)


def _read(names: RecordNames, object_: str, source: Source, keep: Keep, crew: Crew, *, below: bool) -> Read | None:
    """The columns of a table; None where its header says that rows must be read one by one. ``below``: it is the table of
    records, and there are tables of rows of theirs."""
    sheet = sheet_of(source, object_, np.arange(min(FIRST, source.rows)))
    reader = HeaderReader(names, Report(), Notes())
    at, matches = reader.header_of(sheet, object_)
    if at or not matches:
        return None
    columns = reader.columns(sheet, object_, 0)
    if columns.after != 1 or any(line_of_units(cells, columns.read) for _, cells in sheet.some(1, 2)):
        return None
    given = [column.field.name for column in columns.read if column.field is not None]
    linked = [column for column in columns.read if column.link]
    if columns.gaps or columns.last != len(source.heads) - 1 or len(set(given)) < len(given):
        return None
    parent = names.objects[object_].kind.parent if object_ != names.record else None
    if parent is not None and not linked:
        return None
    identity = names.objects[object_].kind.identity
    fields: dict[str, Pieces] = {}
    coders: list[tuple[int, Coder, Pieces]] = []
    for column in columns.read:
        if column.field is not None:
            own = fields[column.field.name] = Pieces(column.field, keep)
            coders.append((column.index, Coder(column.field, column.unit, distinct=own.field.name == identity), own))
    link = None
    for column in linked:
        named = names.link(parent or "")
        if named is None:
            return None
        link = Pieces(named, keep)
        coders.append((column.index, Coder(named, None, links=True), link))
    watched: list[int] = []
    if identity not in fields and link is None:
        used = {column.index for column in columns.read}
        watched = list(source.watched([place for place in range(len(source.heads)) if place not in used]))
    # What says the unit of other columns, row by row, is looked at by the definition.
    watched += source.watched([place for place in columns.units if place not in watched])
    # As is what counts the rows, and headings among them.
    if columns.serial is not None and columns.serial not in watched:
        watched += source.watched([columns.serial])
    doubt = _pieces(source, coders, watched, crew)
    if identity is not None and identity not in fields and below:
        # Rows of lists cannot find it, which is said of each.
        doubt[:] = True
    nothing: Mask | None = None
    # A row that gives its number alone is told, too.
    for own in (*(own for name, own in fields.items() if name != identity), *([link] if link else ())):
        filled = own.filled()
        if filled is None:
            nothing = None
            break
        nothing = ~filled if nothing is None else nothing & ~filled
    if nothing is not None:
        doubt |= nothing
    for own in (link,) if link is not None else (fields[identity],) if identity in fields else ():
        if (known := own.known()) is not None:
            doubt |= ~known
    if identity in fields:
        doubt |= _in_words(fields[identity], [own for name, own in fields.items() if name != identity], link)
    # Beneath what may be no row another table may begin, every cell of whose head can be read.
    doubt[1:] |= doubt[:-1].copy()
    return Read(source, object_, fields, link, doubt, columns.words)


def _in_words(number: Pieces, others: Sequence[Pieces], link: Pieces | None) -> Mask:
    """The rows of which nothing but the number and amounts are filled in, and the number in words: it may be none."""
    lone = np.ones(number.rows, np.bool_)
    for own in (*(own for own in others if own.field.type.kind not in NUMERIC), *([link] if link is not None else ())):
        filled = own.filled()
        lone &= False if filled is None else ~filled
        if not lone.any():
            return lone
    row = 0
    for piece in number.pieces:
        texts = piece.texts if isinstance(piece.texts, Texts) else Texts.of(piece.texts)
        # The last stands for the code -1.
        words = np.append(np.array([not text.isascii() for text in texts], np.bool_), False)
        lone[row : row + len(piece)] &= words[piece.values] if len(texts) else False
        row += len(piece)
    return lone


def _pieces(source: Source, coders: Sequence[tuple[int, Coder, Pieces]], watched: Sequence[int], crew: Crew) -> Mask:
    """Read all pieces of a table; the rows in which a cell is in doubt."""
    doubt = np.zeros(source.rows, np.bool_)
    columns: dict[int, list[tuple[Coder, Pieces]]] = {}
    for place, coder, pieces in coders:
        columns.setdefault(place, []).append((coder, pieces))
    columns.update((place, []) for place in watched)
    texts = {place: coder for place, coder, _ in coders if coder.field.type.kind is Kind.TEXT}
    held: dict[int, Held] = {place: "once" for place, coder in texts.items() if coder.distinct}
    held.update((place, "together") for place, coder in texts.items() if coder.links)

    def read(place: int, cells_at: Callable[[int], Cells]) -> Mask | None:
        cells = cells_at(place)
        if not columns[place]:
            told = as_coded(cells)
            odd = np.array([*(may_be_no_row(value) or may_say_unit(value) for value in told.values), False])
            return odd[told.codes] if odd.any() else None
        found: Mask | None = None
        for coder, pieces in columns[place]:
            piece = coder.piece(cells)
            pieces.add(piece)
            if piece.doubt is not None:
                found = piece.doubt if found is None else found | piece.doubt
        return found

    row = 0
    for rows, cells_at in source.pieces(list(columns), held, crew):
        for own in crew.each(partial(read, cells_at=cells_at), columns):
            if own is not None:
                doubt[row : row + rows] |= own
        row += rows
        # The next piece is decoded without this one.
        del cells_at
    return doubt

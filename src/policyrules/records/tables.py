"""One table, whatever file it came from, as rows of an object: header, units, cells.

Why this exists: the sheets of a workbook and the files of a folder are read alike. Titles above a header are passed by,
but for the unit they give; columns stand in any order under Chinese names or keys, a header's unit is converted, a
column that the rules do not know is a note with the nearest name, a cell that cannot be read is a problem of its row.

Invariants: nothing raises; every row that holds anything becomes a `Row` or is part of a note; a row of which cells may
have moved into other columns holds no values.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise
from typing import Final, Protocol, runtime_checkable

from policyrules.diagnostics import CellPlace, Diagnostic, Report, shown_text, unfit
from policyrules.engine.folding import Shelf
from policyrules.program.nodes import Field
from policyrules.records.cells import UnreadableCell, accepts_unit, factor_under, glance, is_blank, parse_cell
from policyrules.records.heads import MergedCell, head_name, header_text, in_two_lines, is_empty, shown_cell, unit_alone
from policyrules.records.ledger import Notes
from policyrules.records.names import Offers, RecordNames
from policyrules.records.spool import Rows
from policyrules.records.sums import is_sum, says_sum
from policyrules.records.units import (
    concerns,
    head_splits,
    remark_of,
    says_more,
    says_unit,
    units_of_title,
    units_said,
)
from policyrules.spelling import fold_cell, fold_word, nearest
from policyrules.types import NUMERIC, Kind, Value, value_text

HEADER_ROWS: Final = 15
"""A header stands among the first rows that hold anything."""
_MOST_NAMED: Final = 50
_MOST_ALONE: Final = 5
_MOST_BESIDE_A_UNIT: Final = 3
_MOST_PROBLEMS: Final = 20_000
_SAMPLED: Final = 20
_UNIT_COLUMNS: Final = frozenset({"单位", "计量单位", "金额单位", "货币单位"})
_MOST_READ: Final = 20_000


@runtime_checkable
class Held(Protocol):
    """What takes memory while it may be read again."""

    def let_go(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or file: ``rows`` are (row number from 1, cells); ``epoch``: day 0 of serial dates, None where numbers
    are no dates; ``hidden``: the workbook hides it. Of a CSV file: the ``delimiter`` of its cells, and the rows that go
    over several of its lines (``spanning``)."""

    name: str
    rows: Rows[tuple[int, tuple[object, ...]]]
    file: str = ""
    epoch: datetime.date | None = None
    hidden: bool = False
    delimiter: str = ""
    spanning: frozenset[int] = frozenset()

    def some(self, start: int, stop: int | None = None) -> Iterator[tuple[int, tuple[object, ...]]]:
        """The rows from one to before another, counted from 0."""
        return islice(iter(self.rows), start, stop)

    def let_go(self) -> None:
        """Nobody asks for the rows again."""
        if isinstance(self.rows, Held):
            self.rows.let_go()

    def place(self, row: int | None = None) -> CellPlace:
        """Where the table, or one of its rows, stands."""
        return CellPlace(file=self.file, sheet=self.name, row=row)


@dataclass(slots=True)
class Column:
    """A column that is read. ``own_unit``: its head says its unit itself. ``read``: what each text in it came to, for a column holds few different ones; ``look``: what
    reads the plainest cells of the field (`cells.glance`)."""

    index: int
    header: str
    field: Field | None
    link: bool
    unit: str | None = None
    own_unit: bool = False
    read: dict[str, Value | Diagnostic | None] = dataclasses.field(default_factory=dict)
    look: Callable[[object], Value | None] | None = None

    def parse(self, cell: object, field: Field, epoch: datetime.date | None) -> Value | Diagnostic | None:
        """`parse_cell` of a cell of the column."""
        # A unit in the header concerns bare numbers, and texts of one are numbers too.
        if self.unit is None and type(cell) in (str, float, Decimal):
            if self.look is None:
                self.look = glance(field)
            found = self.look(cell)
            if found is not None:
                return found
        return parse_cell(cell, field, unit=self.unit, epoch=epoch)


@dataclass(slots=True)
class Columns:
    """What the header of a table says: the columns that are read; its last named column; those before it without a name
    (``gaps``); the columns whose cells say the unit of others (``units``); the lines from ``first`` to before ``after`` are
    the header."""

    read: list[Column]
    last: int
    gaps: frozenset[int]
    units: dict[int, list[Column]]
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the values of rows of one kind are put away."""

    shelf: Shelf
    kind: str


@dataclass(slots=True)
class Row:
    """A data row on its way: ``link`` names its parent, ``lists`` are the rows below it by child object. ``held``: its values, or
    what they were put away as in the ``place`` of all rows of its table."""

    table: Table
    number: int
    held: dict[str, Value] | bytes
    link: str
    identity: str
    problems: list[Diagnostic]
    place: Cells | None = None
    lists: dict[str, list[Row]] = dataclasses.field(default_factory=lambda: _NO_LISTS)

    @property
    def values(self) -> dict[str, Value]:
        """What its cells say, by field."""
        if isinstance(self.held, dict):
            return self.held
        assert self.place is not None, "put away there"
        return self.place.shelf.values(self.place.kind, self.held)

    def value(self, name: str) -> Value | None:
        """What one of its cells says."""
        if isinstance(self.held, dict):
            return self.held.get(name)
        assert self.place is not None, "put away there"
        return self.place.shelf.cell(self.place.kind, self.held, name)

    def refuse(self, problem: Diagnostic) -> None:
        """Something of it cannot be read."""
        self.problems = [*self.problems, problem]

    def rows(self, child: str) -> list[Row]:
        """Its list of rows of an object, to which more may come."""
        if self.lists is _NO_LISTS:
            self.lists = {}
        return self.lists.setdefault(child, [])

    def let_go(self) -> None:
        """Nobody asks what it holds any more."""
        self.held, self.lists = {}, _NO_LISTS

    def unreadable(self) -> bool:
        """Something of the row, or of a row below it, cannot be read."""
        return bool(self.problems) or any(row.unreadable() for rows in self.lists.values() for row in rows)

    def at(self, place: CellPlace, column: Column | None = None, *, set_aside: bool = False) -> CellPlace:
        """``place``, which knows its field and its value, within the file."""
        letter = "" if column is None else column_letter(column.index)
        record = self.identity or self.link
        table = self.table
        return CellPlace(place.path, place.value, table.file, table.name, self.number, letter, record, set_aside)


_NO_PROBLEMS: Final[list[Diagnostic]] = []
_NO_LISTS: Final[dict[str, list[Row]]] = {}
"""Most rows have none: nothing is ever put here."""


@dataclass(slots=True)
class Sheet:
    """A table that was read; ``linked``: it has a column that names the parent; ``numbered``: one that names each row."""

    table: Table
    rows: list[Row]
    linked: bool = False
    numbered: bool = False
    usable: bool = True


def column_letter(index: int) -> str:
    """The letter of column ``index`` (from 0), as workbooks show it.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# ---- header ---------------------------------------------------------------------------------------------------------


def line_of_units(cells: Sequence[object], columns: Sequence[Column]) -> bool:
    """Whether a row says the units of the columns above it, of a number's at least, and nothing else: （元）, 户, 亩."""
    for cell in cells:
        if cell is None or is_empty(cell):
            continue
        if not isinstance(cell, str) or not unit_alone(cell):
            return False
    numeric = (column.index for column in columns if column.field is not None and column.field.type.kind in NUMERIC)
    return any(index < len(cells) and not is_empty(cells[index]) for index in numeric)


class TableReader:
    """Reads tables of one program; ``report`` and ``notes`` are where it leaves what concerns no single row; ``shelf``: where the
    values of rows wait."""

    def __init__(self, names: RecordNames, report: Report, notes: Notes, shelf: Shelf | None = None) -> None:
        self.shelf = shelf
        self.names = names
        self.report = report
        self.notes = notes
        self.offers = Offers()
        self._titles = names.titles
        self._problems = self._more = 0
        # Rows that are not read, by what is said of them: one note for all, however many they are.
        self._passed: dict[str, list[int]] = {}
        # Rows among the others that say a unit, and what they say of which columns: see `_agrees`.
        self._beside: set[tuple[int, str]] = set()
        self._said: list[tuple[int, str, Sequence[str], Sequence[Column], int | None]] = []

    def header_of(self, table: Table, object_: str) -> tuple[int, int]:
        """Index of the header row and how many of its cells are names of ``object_``; titles above it are passed by."""
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        best, most = 0, 0
        for index, (_, cells) in enumerate(table.some(0, HEADER_ROWS)):
            matches = 0
            for cell in cells:
                text = header_text(cell)
                matches += bool(text) and any(
                    name and (names.field(name) is not None or fold_word(name) in links)
                    for name, _ in head_splits(text)
                )
            if matches > most:
                best, most = index, matches
        return best, most

    def _head(self, table: Table, object_: str, at: int) -> tuple[int, int, int, tuple[object, ...]]:
        """The header around row ``at``: its first line and the one behind its last, the number of the last, its cells."""
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()

        def known(text: str) -> bool:
            name = head_name(names, links, text)[0] if fold_cell(text) else ""
            return bool(name) and (names.field(name) is not None or fold_word(name) in links)

        start = max(at - 1, 0)
        lines = list(table.some(start, at + 2))
        for first, ((above, upper), (number, lower)) in enumerate(pairwise(lines), start=start):
            if (cells := in_two_lines(upper, lower, known)) is not None:
                self.notes.add(f"“{table.name}”的表头有两行（第 {above}、{number} 行），合起来读入了，请核对")
                return first, first + 2, number, cells
        number, own = lines[at - start]
        return at, at + 1, number, own

    def read_sheet(self, table: Table, object_: str) -> Sheet:
        sheet = Sheet(table, [])
        header, matches = self.header_of(table, object_)
        if not matches:
            if any(not is_blank(cell) for _, cells in table.rows for cell in cells):
                expected = f"找不到表头：前 {HEADER_ROWS} 行里没有一行写着{object_}的字段名"
                self.report.error("E506", expected, table.place())
                sheet.usable = False
            return sheet
        columns = self.columns(table, object_, header)
        sheet.linked = any(column.link for column in columns.read)
        identity = self.names.objects[object_].kind.identity
        sheet.numbered = any(column.field is not None and column.field.name == identity for column in columns.read)
        parent = self.names.objects[object_].kind.parent
        if parent is not None and not sheet.linked and parent not in self.names.owners:
            link = self.names.link(parent)
            name = link.name if link is not None else parent
            expected = f"缺少“{name}”列，不知道每一行属于哪个{parent}；各{parent}的{object_}按未提供处理"
            self.report.error("E506", expected, table.place())
            sheet.usable = False
            return sheet
        below = next(table.some(columns.after, columns.after + 1), None)
        second = below is not None and line_of_units(below[1], columns.read)
        if second and below is not None:
            self._line_units(table, columns, below)
        if self._swallowed(table, header) or not self._title_unit(table, columns.first, columns.read):
            sheet.usable = False
            return sheet
        self._passed = {}
        self._said = []
        self._beside = set()
        place = None if self.shelf is None else Cells(self.shelf, object_)
        for number, cells in table.some(columns.after + second):
            row = self._read_row(table, object_, columns, number, cells)
            if row is not None:
                if place is not None:
                    self._put_away(row, place)
                sheet.rows.append(row)
        if not all(self._agrees(table, *said) for said in self._said):
            sheet.rows.clear()
            sheet.usable = False
            return sheet
        for said, numbers in self._passed.items():
            told = map(str, numbers) if len(numbers) <= _MOST_ALONE else [some_rows(numbers)]
            self.notes.add(*(f"“{table.name}”{said.format(rows=rows)}" for rows in told))
        return sheet

    def _put_away(self, row: Row, place: Cells) -> None:
        """Let the values of a row take little memory, in the order of the fields."""
        values = row.values
        fields = self.names.objects[place.kind].fields
        row.held = values = {field.name: values[field.name] for field in fields if field.name in values}
        cells = place.shelf.cells(place.kind, values)
        if cells is not None:
            row.held, row.place = cells, place
        row.problems = row.problems or _NO_PROBLEMS

    def _swallowed(self, table: Table, header: int) -> bool:
        """Whether a pair of stray quotes made one row of several: it then goes over several lines of the file, and holds
        the delimiters of two rows at least."""
        width = len(next(table.some(header))[1]) - 1
        for number, cells in table.some(header) if table.spanning and width else ():
            if number in table.spanning:
                broken = [str(cell) for cell in cells if "\n" in str(cell) or "\r" in str(cell)]
                if len(cells) - 1 + sum(cell.count(table.delimiter) for cell in broken) >= 2 * width:
                    expected = (
                        f'这一行有一格里既有换行，又有许多“{table.delimiter}”，像是引号（"）放错，把后面的行也包了进去；'
                        "这张表没有读入，请改好引号，或删去格子里的换行"
                    )
                    self.report.error("E507", expected, table.place(number))
                    return True
        return False

    def _line_units(self, table: Table, columns: Columns, line: tuple[int, tuple[object, ...]]) -> None:
        """Take the units in a line of them beneath the header; a column that cannot be read with its own is left out."""
        number, cells = line
        kept = []
        for column in columns.read:
            cell = cells[column.index] if column.index < len(cells) else None
            unit = unit_alone(cell) if isinstance(cell, str) else ""
            field = column.field
            if not unit or field is None or field.type.kind not in NUMERIC:
                kept.append(column)
            elif column.unit is not None and factor_under(field, unit) != factor_under(field, column.unit):
                expected = f"列名的单位是“{column.unit}”，下面一行写着“{unit}”，这一列没有读入；请只写一处"
                place = CellPlace(field.name, shown_text(str(cell)), table.file, table.name, number)
                self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
            elif self._unit(column, field, unit, table, number):
                kept.append(column)
        columns.read = kept

    def _agrees(
        self, table: Table, number: int, text: str, units: Sequence[str], columns: Sequence[Column], beside: int | None
    ) -> bool:
        """Whether a unit that is said among the rows, or beneath them, is the one that numbers were read in; reported
        where not. ``beside``: the column that says it for each row: of what is no money for the numbers before it alone."""
        for unit in units:
            for column in columns:
                field = column.field
                if field is None or field.type.kind not in NUMERIC or not concerns(unit, field) or column.own_unit:
                    continue
                if beside is not None and field.type.kind is not Kind.MONEY and column.index != beside - 1:
                    continue
                if factor_under(field, unit) != factor_under(field, column.unit):
                    expected = (
                        f"这一行写着单位“{unit}”，{field.name}按{column.unit or field.type.unit or '没有单位'}读入，"
                        "两处不一样，这张表没有读入；请把单位写进各列的列名，或写在表头上面"
                    )
                    place = replace(table.place(number), value=shown_text(text.strip()))
                    letter = "" if beside is None else column_letter(beside)
                    self.report.error("E506", expected, replace(place, column=letter))
                    return False
        return True

    def _title_unit(self, table: Table, header: int, columns: list[Column]) -> bool:
        """Take the unit that a title above the header gives for the columns that give none themselves; False where the
        table cannot be read with it."""
        bare = [(column, column.field) for column in columns if column.field is not None and column.unit is None]
        numeric = [(column, field) for column, field in bare if field.type.kind in NUMERIC]
        above = [(number, [*map(header_text, cells)]) for number, cells in table.some(0, header)]
        for number, title in [(None, [table.name]), *above]:
            for unit in units_of_title(title):
                meant = [(column, field) for column, field in numeric if concerns(unit, field)]
                taken = [column for column, field in meant if accepts_unit(field, unit)]
                twice = any(column.unit not in (None, unit) for column in taken)
                if twice or (meant and not taken):
                    said = "给了两种单位" if twice else "不能换算成这张表里任何一列的单位"
                    where = "表名里" if number is None else "表头上面"
                    expected = f"{where}写着单位“{unit}”，{said}，这张表没有读入；请把单位写进各列的列名"
                    place = replace(table.place(number), value=shown_text("\t".join(title).strip()))
                    self.report.error("E506", expected, place)
                    return False
                for column in taken:
                    column.unit = unit
        return True

    def columns(self, table: Table, object_: str, at: int) -> Columns:
        """The columns of a table whose header is its row ``at``."""
        start, after, number, header = self._head(table, object_, at)
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        columns: list[Column] = []
        unknown: list[tuple[int, str, str]] = []
        sources: list[tuple[int, Column]] = []
        named: list[int] = []
        for index, cell in enumerate(header):
            text = header_text(cell)
            if not fold_cell(text):
                continue
            named.append(index)
            name, remark = head_name(names, links, text)
            found = names.field(name)
            # The record itself names its county in a field of its own; only rows of lists are joined by the column.
            link = fold_word(name) in links and object_ != self.names.record
            if found is None and not link:
                unknown.append((index, text, name))
                continue
            column = Column(index, text, found, False)
            if link:
                sources.append((links.index(fold_word(name)), column))
            if remark and found is not None and not self._unit(column, found, remark, table, number):
                continue
            columns.append(column)
        if sources:
            min(sources, key=lambda source: source[0])[1].link = True
        columns = [column for column in columns if column.link or column.field is not None]
        self._note_unknown(table, object_, after, unknown, {column.field.name for column in columns if column.field})
        last = max(named, default=-1)
        units = {
            index: [column for column in columns if own is None or column.field is own]
            for index, _, name in unknown
            if (own := names.field(name.removesuffix("单位"))) is not None or fold_word(name) in _UNIT_COLUMNS
            if name.endswith("单位")
        }
        return Columns(columns, last, frozenset(range(last)).difference(named), units, start, after)

    def _note_unknown(
        self, table: Table, object_: str, after: int, unknown: list[tuple[int, str, str]], given: set[str]
    ) -> None:
        """Say which columns the rules do not know, and which of their fields each may have been meant for."""
        names = self.names.objects[object_]
        parent = names.kind.parent if object_ != self.names.record else None
        known = tuple(dict.fromkeys((*(known.name for known in names.fields), *(known.key for known in names.fields))))
        missing = [field for field in names.fields if field.name not in given]
        said = []
        for index, text, name in unknown[:_MOST_NAMED]:
            place = f"“{shown_text(text)}”（{column_letter(index)} 列"
            if parent and self.names.objects[parent].field(name):
                said.append(f"{place}，是{parent}的字段，请填在{parent}表里）")
                continue
            meant = self._meant(table, after, index, name, missing)
            if meant is None:
                said.append(f"{place}{self.offers.near(name, known)}）")
                continue
            said.append(f"{place}，是不是“{meant.name}”？）")
            self.notes.add(
                f"“{table.name}”没有“{meant.name}”这一列，每个{object_}的{meant.name}都按没有填处理；"
                f"如果“{shown_text(text)}”（{column_letter(index)} 列）就是它，请把列名改成“{meant.name}”"
            )
        if len(unknown) > _MOST_NAMED:
            said.append(f"另有 {len(unknown) - _MOST_NAMED} 列")
        if said:
            self.notes.add(f"“{table.name}”中有规则里没有的列，没有用上：{'；'.join(said)}")

    def _meant(self, table: Table, after: int, index: int, name: str, missing: list[Field]) -> Field | None:
        """The field without a column that a column called ``name`` may have been meant for: their names are alike, and what
        stands in the column can be read for the field."""
        alike = nearest(name[:40], [field.name for field in missing], 2)
        likely = [field for field in missing if field.name in alike or _share_word(name[:40], field)]
        below = (cells[index] for _, cells in table.some(after, after + _SAMPLED) if index < len(cells))
        sample = [cell for cell in below if not is_empty(cell)] if likely else []
        fits = [f for f in likely if sample and not any(isinstance(parse_cell(c, f), Diagnostic) for c in sample)]
        fits.sort(key=lambda field: field.name not in alike)
        return fits[0] if fits and (len(fits) == 1 or fits[0].name in alike) else None

    def _unit(self, column: Column, found: Field, remark: str, table: Table, number: int) -> bool:
        """Take the remark of a header as the unit of its numbers; False where the column cannot be read with it."""
        type_ = found.type
        if fold_word(remark) in (fold_word(found.key), fold_word(found.name)):
            return True
        if type_.kind not in NUMERIC:
            self._read_as(column, found, remark, table)
            return True
        said = remark_of(remark, found)
        if said.doubtful:
            unit = f"（{type_.unit}）" if type_.unit else ""
            expected = f"列名的单位“{said.doubtful}”不能换算成{found.name}的单位{unit}，这一列没有读入"
            if not says_unit(said.doubtful):
                expected = f"列名里的“{said.doubtful}”像是单位，看不出一个数是多少，这一列没有读入；"
                expected += f"请把列名写成“{found.name}{unit}”这样，别的话不要写在括号里"
            place = replace(table.place(number), path=found.name, value=column.header)
            self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
            return False
        if said.unit is not None:
            column.unit, column.own_unit = said.unit, True
        if said.rest:
            self._read_as(column, found, said.rest, table)
        return True

    def _read_as(self, column: Column, found: Field, remark: str, table: Table) -> None:
        """Note that a head says more than the name of the field that it was taken for; what may be filled in is no more."""
        if says_more(remark, found):
            head, letter = shown_text(column.header), column_letter(column.index)
            self.notes.add(f"“{table.name}”的“{head}”（{letter} 列）当作“{found.name}”读入，请核对是不是同一项")

    def _pass(self, said: str, number: int) -> None:
        self._passed.setdefault(said, []).append(number)

    def _read_row(
        self, table: Table, object_: str, columns: Columns, number: int, cells: tuple[object, ...]
    ) -> Row | None:
        here = {index: cell for index, cell in enumerate(cells) if cell not in (None, "") and not is_empty(cell)}
        if not here:
            return None
        filled = list(here.values())
        names = self.names.objects[object_]
        if _is_total(filled) and all(
            _blank_or_total(cells[column.index])
            for column in columns.read
            if column.index < len(cells)
            and (column.link or (column.field is not None and column.field.name == names.kind.identity))
        ):
            self._pass("第 {rows} 行像是合计行，没有读入", number)
            return None
        if len(filled) <= _MOST_BESIDE_A_UNIT and (said := _said_in(filled)):
            self._said.append((number, said, units_said(said), columns.read, None))
            self._pass("第 {rows} 行像是说明，没有读入", number)
            return None
        if _is_remark(filled):
            self._pass("第 {rows} 行像是说明，没有读入", number)
            return None
        given = [(column, here[column.index]) for column in columns.read if column.index in here]
        beyond = self._unnamed(columns, number, here)
        if not given and beyond is None:
            # Remarks beneath a table, and rows that fill only columns the rules do not know.
            self._pass("第 {rows} 行在规则要用的列里都是空的，没有读入", number)
            return None
        if number in table.spanning:
            self._broken_beside(columns, number, here)
        for index, concerned in columns.units.items():
            cell = shown_cell(here.get(index))
            # Each unit of a column is looked at once.
            if isinstance(cell, str) and (unit := unit_alone(cell)) and (index, unit) not in self._beside:
                self._beside.add((index, unit))
                self._said.append((number, cell, [unit], concerned, index))
        row = Row(table, number, {}, "", "", [])
        first: dict[str, Column] = {}
        for column, cell in given:
            if column.link:
                row.link = self._link_text(cell, object_, row, column)
            if column.field is not None:
                self._read_cell(cell, column, column.field, row, object_, first)
        number_field = names.by_name.get(names.kind.identity or "")
        number_value = None if number_field is None else row.value(number_field.name)
        if number_field is not None and number_value is not None:
            row.identity = value_text(number_value, number_field.type)
        if beyond is not None and table.delimiter:
            # A comma too many has moved what stands behind it, and nobody can tell where: nothing of the row is used.
            expected = (
                f"这一行的格子比表头多，像是多了一个“{table.delimiter}”（如 1,200 写成了两格），后面的格子都错了位；"
                "请删去多余的符号，或给这一格加上引号"
            )
            row.values.clear()
            row.problems = [Diagnostic("E509", expected, replace(row.at(CellPlace()), column=column_letter(beyond)))]
        row.problems = self._told(row)
        return row

    def _broken_beside(self, columns: Columns, number: int, here: dict[int, object]) -> None:
        """Note the line ends in cells that are not used: a stray pair of quotes puts the rows between them into one cell."""
        used = {column.index for column in columns.read}
        for index, cell in here.items():
            if index not in used and isinstance(cell, str) and len(cell.strip().splitlines()) > 1:
                said = '行的格子里有换行，没有用上；引号（"）放错时，后面的行会被包进这一格，请核对'
                self._pass(f"{column_letter(index)} 列第 {{rows}} {said}", number)

    def _unnamed(self, columns: Columns, number: int, here: dict[int, object]) -> int | None:
        """Note what stands in columns without a name; the first such beyond the header."""
        if not columns.gaps and next(reversed(here)) <= columns.last:
            return None
        for index, cell in here.items():
            # What a merged range shows stands in its first column.
            if (index in columns.gaps or index > columns.last) and not (
                isinstance(cell, MergedCell) and not cell.first_column
            ):
                self._pass(f"{column_letter(index)} 列没有列名，第 {{rows}} 行填在那里的没有用上", number)
                if index > columns.last:
                    return index
        return None

    def _told(self, row: Row) -> list[Diagnostic]:
        """The problems of a row; of a table with thousands of bad cells, the first of each row and how many more it has."""
        more, self._more = self._more, 0
        if not more:
            return row.problems
        first, said = row.problems[0], f"；这一行另有 {more} 处读不出来"
        return [replace(first, remedy=first.expected + said), *row.problems[1:]]

    def _link_text(self, cell: object, object_: str, row: Row, column: Column) -> str:
        """What a row says of the parent it belongs to."""
        if isinstance(cell, MergedCell):
            cell = cell.value if cell.first_column else None
        parent = self.names.objects[object_].kind.parent
        link = self.names.link(parent) if parent else None
        if link is None:
            return ""
        # What the column says of the parent is read as the parent's field, whatever the column is for the row itself.
        parsed = parse_cell(cell, link, epoch=row.table.epoch)
        if isinstance(parsed, Diagnostic):
            row.refuse(_at(parsed, row, column, f"{object_}.{link.name}"))
            return ""
        return "" if parsed is None else value_text(parsed, link.type)

    def _read_cell(
        self, cell: object, column: Column, found: Field, row: Row, object_: str, first: dict[str, Column]
    ) -> None:
        parsed: Value | Diagnostic | None
        if isinstance(cell, MergedCell) and found.name == self.names.objects[object_].kind.identity:
            cell = cell.value if cell.first_column else cell
        if row.number in row.table.spanning and isinstance(cell, str) and len(cell.strip().splitlines()) > 1:
            if found.name == self.names.objects[object_].kind.identity:
                cell = UnreadableCell(cell, f"写在一行里的{found.name}：里面有换行，请删去，或检查引号是否放错")
            elif found.name in self._titles:
                letter = column_letter(column.index)
                self._pass(f"{letter} 列第 {{rows}} 行的{found.name}里有换行，照样读入了，请核对引号", row.number)
        if isinstance(cell, MergedCell):
            expected = "没有合并的单元格：合并以后不知道每一行各是多少，请拆开填写"
            parsed = unfit("E501", cell.value, expected)
        elif isinstance(cell, str):
            if cell not in column.read:
                if len(column.read) >= _MOST_READ:
                    column.read.clear()
                column.read[cell] = column.parse(cell, found, row.table.epoch)
            parsed = column.read[cell]
        else:
            parsed = column.parse(cell, found, row.table.epoch)
        if parsed is None:
            return
        path = found.name if object_ == self.names.record else f"{object_}.{found.name}"
        other = first.get(found.name)
        if isinstance(parsed, Diagnostic):
            if self._problems >= _MOST_PROBLEMS and row.problems:
                self._more += 1
                return
            self._problems += 1
            row.refuse(_at(parsed, row, column, path))
        elif other is not None and row.values[found.name] != parsed:
            both = ((other, row.values[found.name]), (column, parsed))
            said = "；".join(f"{column_letter(at.index)} 列：{value_text(value, found.type)}" for at, value in both)
            row.refuse(unfit("E503", said, "只填一处，或两处相同", row.at(CellPlace(path), column)))
        else:
            row.values[found.name] = parsed
            first[found.name] = column


def _at(found: Diagnostic, row: Row, column: Column, path: str) -> Diagnostic:
    """A finding about a cell, where the cell stands."""
    return replace(found, place=row.at(CellPlace(path, found.cell.value), column))


_EVERYWHERE: Final = frozenset({"项目", "情况", "是否", "名称", "编号", "时间", "日期", "金额", "数量", "年度"})


def _share_word(name: str, field: Field) -> bool:
    """Whether the name of a column and of a field share two characters in a row that not every other name has. Whatever
    is written can be read as a text, so texts are not told by this."""
    pairs = {name[at : at + 2] for at in range(len(name) - 1)} - _EVERYWHERE
    return field.type.kind is not Kind.TEXT and any(pair in field.name for pair in pairs if len(pair) == 2)


def some_rows(numbers: list[int]) -> str:
    """The first few of some row numbers, and how many there are.

    >>> some_rows([3]), some_rows([2, 3, 4, 5, 6, 7])
    ('3', '2、3、4、5、6 等 6')
    """
    return "、".join(map(str, numbers[:5])) + (f" 等 {len(numbers)}" if len(numbers) > 5 else "")


def _is_total(filled: list[object]) -> bool:
    first = shown_cell(filled[0])
    if isinstance(first, str) and is_sum(first):
        return True
    # Each of the words has this character, and most rows have it nowhere.
    texts = (cell.value if isinstance(cell, MergedCell) else cell for cell in filled)
    return any(isinstance(text, str) and "计" in text and says_sum(text) for text in texts)


def _is_remark(filled: list[object]) -> bool:
    """A line of text beneath or between the rows: merged over several columns, or alone and beginning like a remark."""
    across = [cell for cell in filled if isinstance(cell, MergedCell)]
    if len(filled) >= 3 and len(across) == len(filled) and sum(cell.first_column for cell in across) == 1:
        return True
    alone = filled[0] if len(filled) == 1 else None
    return (
        isinstance(alone, str)
        and re.match(r"(注|备注|说明|填表|填报|制表|审核|单位负责)[^，。]{0,6}[:：]", alone.strip()) is not None
    )


_BEGINS_WITH_UNIT: Final = re.compile(
    r"[(\[{【]?(?:金额|货币|币值|计量|面积|资金|投资|数据)?(?:单\s*位|以.{1,4}为单位|(?<=.)[:为])"
)


def _said_in(filled: list[object]) -> str:
    """The text of a row that says the unit of others, alone or beside a remark or two: 单位：元; empty where it is no such row."""
    for cell in filled:
        if not isinstance(shown_cell(cell), str):
            return ""
    for cell in filled:
        text = str(shown_cell(cell))
        own = len(filled) == 1 and _is_remark(filled)
        if len(text) <= 100 and units_said(text, True) and (own or _BEGINS_WITH_UNIT.match(fold_cell(text))):
            return text
    return ""


def may_be_no_row(cell: object) -> bool:
    """Whether a row with this cell may be a total, or a remark beneath a table."""
    if not isinstance(cell, str):
        return False
    return is_sum(cell) or _is_remark([cell]) or ("单" in cell and bool(_said_in([cell])))


def may_say_unit(cell: object) -> bool:
    """Whether a cell says a unit and nothing else."""
    return isinstance(cell, str) and bool(unit_alone(cell))


def _blank_or_total(cell: object) -> bool:
    value = shown_cell(cell)
    if isinstance(value, UnreadableCell):
        return False
    return is_blank(value) or (isinstance(value, str) and is_sum(value))

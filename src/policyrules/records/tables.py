"""One table, whatever file it came from, as rows of an object: header, units, cells.

Why this exists: the sheets of a workbook and the files of a folder are read alike. Titles above a header are passed by,
columns stand in any order under Chinese names or keys, a header's unit is converted, a column that the rules do not
know is a note with the nearest name, a cell that cannot be read is a problem of its row.

Invariants: nothing raises; every row that holds anything becomes a `Row` or a note.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, Report, shown_text, unfit
from policyrules.program.nodes import Field
from policyrules.records.cells import UnreadableCell, accepts_unit, fold_cell, fold_word, is_blank, parse_cell
from policyrules.records.names import RecordNames, near_names
from policyrules.types import NUMERIC, Kind, Value, value_text

_HEADER_ROWS: Final = 15
_TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "总合计"})


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell inside a merged range. ``value``: what the range shows; ``first_column``: the cell is in the first column of
    the range, so that a project number merged over its rows can be read for each of them."""

    value: object
    first_column: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or file: ``rows`` are (row number from 1, cells); ``epoch``: day 0 of serial dates, None where numbers
    are no dates; ``hidden``: the workbook hides it."""

    name: str
    rows: Sequence[tuple[int, tuple[object, ...]]]
    file: str = ""
    epoch: datetime.date | None = None
    hidden: bool = False

    def place(self, row: int | None = None) -> CellPlace:
        """Where the table, or one of its rows, stands."""
        return CellPlace(file=self.file, sheet=self.name, row=row)


@dataclass(slots=True)
class Column:
    """A column that is read. ``read``: what each text in it came to, for a column holds few different ones."""

    index: int
    header: str
    field: Field | None
    link: bool
    unit: str | None = None
    read: dict[str, Value | Diagnostic | None] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class Row:
    """A data row on its way: ``link`` names its parent, ``lists`` are the rows below it by child object."""

    table: Table
    number: int
    values: dict[str, Value]
    link: str
    identity: str
    problems: list[Diagnostic]
    lists: dict[str, list[Row]] = dataclasses.field(default_factory=dict)

    def unreadable(self) -> bool:
        return bool(self.problems) or any(row.unreadable() for rows in self.lists.values() for row in rows)

    def at(self, place: CellPlace, column: Column | None = None, *, set_aside: bool = False) -> CellPlace:
        """``place``, which knows its field and its value, within the file."""
        letter = "" if column is None else column_letter(column.index)
        record = self.identity or self.link
        table = self.table
        return CellPlace(place.path, place.value, table.file, table.name, self.number, letter, record, set_aside)


@dataclass(slots=True)
class Sheet:
    """A table that was read; ``linked``: it has a column that names the parent."""

    table: Table
    rows: list[Row]
    linked: bool = False
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

_WITH_UNIT: Final = re.compile(r"(.+?)[(\[{【](?:单位[::]?)?([^()\[\]{}【】]*)[)\]}】]")
_AFTER_SLASH: Final = re.compile(r"(.+)[/÷](.+)")
_LOOKS_LIKE_UNIT: Final = re.compile(
    r".{0,3}(元|万|亿|亩|公顷|米|㎡|%|‰|天|日|月|年|岁|吨|公斤|千克|kg|斤|户|人|个|家|千|百)"
)


def _header_text(cell: object) -> str:
    if isinstance(cell, MergedCell):
        cell = cell.value if cell.first_column else ""
    return cell if isinstance(cell, str) and len(cell) <= 200 else ""


def _split_header(text: str) -> tuple[str, str]:
    """Name and the remark in brackets of a header: 总投资（万元） → 总投资, 万元; required marks are dropped."""
    word = "".join(fold_cell(text).replace("*", "").replace("★", "").split())
    found = _WITH_UNIT.fullmatch(word) or _AFTER_SLASH.fullmatch(word)
    return (found.group(1), found.group(2)) if found else (word, "")


class TableReader:
    """Reads tables of one program; ``report`` and ``notes`` are where it leaves what concerns no single row."""

    def __init__(self, names: RecordNames, report: Report, notes: list[str]) -> None:
        self.names = names
        self.report = report
        self.notes = notes

    def header_of(self, table: Table, object_: str) -> tuple[int, int]:
        """Index of the header row and how many of its cells are names of ``object_``; titles above it are passed by."""
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        best, most = 0, 0
        for index, (_, cells) in enumerate(table.rows[:_HEADER_ROWS]):
            matches = 0
            for cell in cells:
                name = _split_header(_header_text(cell))[0]
                matches += bool(name) and (names.field(name) is not None or fold_word(name) in links)
            if matches > most:
                best, most = index, matches
        return best, most

    def read_sheet(self, table: Table, object_: str) -> Sheet:
        sheet = Sheet(table, [])
        header, matches = self.header_of(table, object_)
        if not matches:
            if any(not is_blank(cell) for _, cells in table.rows for cell in cells):
                expected = f"找不到表头：前 {_HEADER_ROWS} 行里没有一行写着{object_}的字段名"
                self.report.error("E506", expected, table.place())
                sheet.usable = False
            return sheet
        columns = self._columns(table, object_, table.rows[header])
        sheet.linked = any(column.link for column in columns)
        parent = self.names.objects[object_].kind.parent
        if parent is not None and not sheet.linked and parent not in self.names.owners:
            link = self.names.link(parent)
            name = link.name if link is not None else parent
            expected = f"缺少“{name}”列，不知道每一行属于哪个{parent}；各{parent}的{object_}按未提供处理"
            self.report.error("E506", expected, table.place())
            sheet.usable = False
            return sheet
        for number, cells in table.rows[header + 1 :]:
            row = self._read_row(table, object_, columns, number, cells)
            if row is not None:
                sheet.rows.append(row)
        return sheet

    def _columns(self, table: Table, object_: str, header: tuple[int, tuple[object, ...]]) -> list[Column]:
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        columns: list[Column] = []
        unknown: list[str] = []
        sources: list[tuple[int, Column]] = []
        for index, cell in enumerate(header[1]):
            text = _header_text(cell)
            if not fold_cell(text):
                continue
            whole = "".join(fold_cell(text).split())
            name, remark = (whole, "") if names.field(whole) else _split_header(text)
            found = names.field(name)
            # The record itself names its county in a field of its own; only rows of lists are joined by the column.
            link = fold_word(name) in links and object_ != self.names.record
            if found is None and not link:
                parent = names.kind.parent if object_ != self.names.record else None
                if parent and self.names.objects[parent].field(name):
                    unknown.append(f"“{text}”（{column_letter(index)} 列，是{parent}的字段，请填在{parent}表里）")
                else:
                    known = (*(known.name for known in names.fields), *(known.key for known in names.fields))
                    unknown.append(f"“{shown_text(text)}”（{column_letter(index)} 列{near_names(name, known)}）")
                continue
            column = Column(index, text, found, False)
            if link:
                sources.append((links.index(fold_word(name)), column))
            if remark and found is not None and not self._unit(column, found, remark, table, header[0]):
                continue
            columns.append(column)
        if sources:
            min(sources, key=lambda source: source[0])[1].link = True
        columns = [column for column in columns if column.link or column.field is not None]
        if unknown:
            self.notes.append(f"“{table.name}”中有规则里没有的列，没有用上：{'；'.join(unknown)}")
        return columns

    def _unit(self, column: Column, found: Field, remark: str, table: Table, number: int) -> bool:
        """Take the remark of a header as the unit of its numbers; False where the column cannot be read with it."""
        type_ = found.type
        word = fold_word(remark)
        if word in (fold_word(found.key), fold_word(found.name)) or type_.kind not in NUMERIC:
            return True
        if accepts_unit(found, remark):
            column.unit = remark
            return True
        counted = type_.kind is Kind.INTEGER and len(remark) == 1 and remark not in "万亿千百%"
        if counted or not _LOOKS_LIKE_UNIT.fullmatch(remark):
            return True
        expected = f"列名的单位“{remark}”不能换算成{found.name}的单位" + (f"（{type_.unit}）" if type_.unit else "")
        letter = column_letter(column.index)
        place = replace(table.place(number), path=found.name, value=column.header, column=letter)
        self.report.error("E506", expected + "，这一列没有读入", place)
        return False

    def _read_row(
        self, table: Table, object_: str, columns: list[Column], number: int, cells: tuple[object, ...]
    ) -> Row | None:
        filled = [cell for cell in cells if cell is not None and not _is_empty(cell)]
        if not filled:
            return None
        names = self.names.objects[object_]
        if _is_total(filled) and all(
            _blank_or_total(cells[column.index])
            for column in columns
            if column.index < len(cells)
            and (column.link or (column.field is not None and column.field.name == names.kind.identity))
        ):
            self.notes.append(f"“{table.name}”第 {number} 行像是合计行，没有读入")
            return None
        if _is_remark(filled):
            self.notes.append(f"“{table.name}”第 {number} 行像是说明，没有读入")
            return None
        given = [(column, cells[column.index]) for column in columns if column.index < len(cells)]
        given = [(column, cell) for column, cell in given if cell is not None and not _is_empty(cell)]
        if not given:
            # Remarks beneath a table, and rows that fill only columns the rules do not know.
            self.notes.append(f"“{table.name}”第 {number} 行在规则要用的列里都是空的，没有读入")
            return None
        row = Row(table, number, {}, "", "", [])
        first: dict[str, Column] = {}
        for column, cell in given:
            if column.link:
                row.link = self._link_text(cell, object_, row, column)
            if column.field is not None:
                self._read_cell(cell, column, column.field, row, object_, first)
        number_field = names.by_name.get(names.kind.identity or "")
        if number_field is not None and number_field.name in row.values:
            row.identity = value_text(row.values[number_field.name], number_field.type)
        return row

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
            row.problems.append(_at(parsed, row, column, f"{object_}.{link.name}"))
            return ""
        return "" if parsed is None else value_text(parsed, link.type)

    def _read_cell(
        self, cell: object, column: Column, found: Field, row: Row, object_: str, first: dict[str, Column]
    ) -> None:
        parsed: Value | Diagnostic | None
        if isinstance(cell, MergedCell) and found.name == self.names.objects[object_].kind.identity:
            cell = cell.value if cell.first_column else cell
        if isinstance(cell, MergedCell):
            expected = "没有合并的单元格：合并以后不知道每一行各是多少，请拆开填写"
            parsed = unfit("E501", cell.value, expected)
        elif isinstance(cell, str):
            if cell not in column.read:
                column.read[cell] = parse_cell(cell, found, unit=column.unit, epoch=row.table.epoch)
            parsed = column.read[cell]
        else:
            parsed = parse_cell(cell, found, unit=column.unit, epoch=row.table.epoch)
        if parsed is None:
            return
        path = found.name if object_ == self.names.record else f"{object_}.{found.name}"
        other = first.get(found.name)
        if isinstance(parsed, Diagnostic):
            row.problems.append(_at(parsed, row, column, path))
        elif other is not None and row.values[found.name] != parsed:
            both = ((other, row.values[found.name]), (column, parsed))
            said = "；".join(f"{column_letter(at.index)} 列：{value_text(value, found.type)}" for at, value in both)
            row.problems.append(unfit("E503", said, "只填一处，或两处相同", row.at(CellPlace(path), column)))
        else:
            row.values[found.name] = parsed
            first[found.name] = column


def _at(found: Diagnostic, row: Row, column: Column, path: str) -> Diagnostic:
    """A finding about a cell, where the cell stands."""
    return replace(found, place=row.at(CellPlace(path, found.cell.value), column))


def _is_empty(cell: object) -> bool:
    return is_blank(cell.value if isinstance(cell, MergedCell) else cell)


def _is_total(filled: list[object]) -> bool:
    # Each of the words has this character, and most rows have it nowhere.
    return any(isinstance(cell, str) and "计" in cell and _says_total(cell) for cell in filled)


def _says_total(text: str) -> bool:
    return len(text) <= 20 and fold_word(text) in _TOTALS


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


def _blank_or_total(cell: object) -> bool:
    value = cell.value if isinstance(cell, MergedCell) else cell
    if isinstance(value, UnreadableCell):
        return False
    return is_blank(value) or (isinstance(value, str) and _says_total(value))

"""The rows of a table under its header: what each of its cells says, and what is no row.

Why this exists: a cell that cannot be read is a problem of its row; a row that is none, a sum or a remark, is a note.

Invariants: nothing raises; every row that holds anything becomes a `Row` or is part of a note; a row of which cells may
have moved into other columns holds no values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Rational
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, Report, shown_text, unfit
from policyrules.engine.folding import Shelf
from policyrules.program.nodes import Field
from policyrules.records.beneath import Second, Watch
from policyrules.records.cells import UnreadableCell, factor_under, is_blank, parse_cell
from policyrules.records.headers import MOST_ALONE, HeaderReader, is_filled, line_of_units
from policyrules.records.heads import (
    MergedCell,
    is_empty,
    own_cell,
    shown_cell,
    unit_alone,
)
from policyrules.records.ledger import Notes
from policyrules.records.lines import (
    blank_or_total,
    is_heading,
    is_numbered_example,
    is_ordinal,
    is_remark,
    is_total,
    said_in,
    says_what_to_fill,
)
from policyrules.records.names import RecordNames
from policyrules.records.row_kinds import (
    begins_as_example,
    begins_as_remark,
    filled_as_rows,
    is_line_of_numbers,
    may_be_heading,
)
from policyrules.records.sums import is_sum
from policyrules.records.tables import (
    HEADER_ROWS,
    Cells,
    Column,
    Columns,
    Row,
    Sheet,
    Table,
    column_letter,
    some_rows,
)
from policyrules.records.units import (
    concerns,
    units_beside,
    units_said,
)
from policyrules.spelling import fold_cell
from policyrules.types import NUMERIC, Kind, Value, value_text

_MOST_BESIDE_A_UNIT: Final = 3
_MOST_COLUMNS: Final = 500
_MOST_PROBLEMS: Final = 20_000
_MOST_READ: Final = 20_000
_MOST_BENEATH: Final = 3
_LONGEST_BARE: Final = 40
_BARE: Final = re.compile(r"[-+0-9.,]+")
_NUMBERS: Final = "第 {rows} 行是各列的编号，没有读入"
_HEADING: Final = "第 {rows} 行像是下面各行的标题（如“一、种植业”），没有读入"
_EXAMPLE: Final = "第 {rows} 行像是填写的例子，没有读入"
_NO_PROBLEMS: Final[list[Diagnostic]] = []


class TableReader(HeaderReader):
    """Reads tables of one program, headers and rows; ``shelf``: where the values of rows wait."""

    def __init__(self, names: RecordNames, report: Report, notes: Notes, shelf: Shelf | None = None) -> None:
        super().__init__(names, report, notes)
        self.shelf = shelf
        self._titles = names.titles
        self._problems = self._more = 0
        # Rows that are not read, by what is said of them: one note for all, however many they are.
        self._passed: dict[str, list[int]] = {}
        # Rows among the others that say a unit, and what they say of which columns: see `_agrees`.
        self._beside: set[tuple[int, str]] = set()
        self._said: list[tuple[int, str, Sequence[str], Sequence[Column], int | None]] = []

    def read_sheet(self, table: Table, object_: str) -> Sheet:
        sheet = Sheet(table, [])
        self._passed = {}
        header, matches = self.header_of(table, object_)
        if not matches:
            if any(not is_blank(cell) for _, cells in table.rows for cell in cells):
                expected = f"找不到表头：前 {HEADER_ROWS} 行里没有一行写着{object_}的字段名"
                self.report.error("E506", expected, table.place())
                sheet.usable = False
            return sheet
        columns = self.columns(table, object_, header)
        if len(columns.read) > (most := max(_MOST_COLUMNS, 2 * len(self.names.objects[object_].fields))):
            # Each row asks for each of them.
            expected = (
                f"表头里规则要用的列超过 {most:,} 列，像是同样的列名写了许多遍；这张表没有读入，请每个列名只写一次"
            )
            self.report.error("E506", expected, table.place())
            sheet.usable = False
            return sheet
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
        if table.comments:
            self.read_comments(table, columns)
        above = table.some(0, columns.first)
        if any(self.other_head(table, number, [*filter(is_filled, cells)]) for number, cells in above):
            sheet.usable = False
            return sheet
        after = columns.after
        for number, cells in table.some(columns.after, columns.after + _MOST_BENEATH):
            if line_of_units(cells, columns.read):
                self.line_units(table, columns, (number, cells))
            elif is_line_of_numbers(columns, cells):
                self._pass(_NUMBERS, number)
            elif says_what_to_fill([cell for cell in map(own_cell, cells) if is_filled(cell)]):
                self._pass("第 {rows} 行是填写要求，没有读入", number)
            else:
                break
            columns.add(cells)
            after += 1
        if columns.refused or self._swallowed(table, header) or not self.title_unit(table, columns.first, columns.read):
            sheet.usable = False
            return sheet
        self._said = []
        self._beside = set()
        if not self._read_rows(sheet, object_, columns, after) or not all(
            self._agrees(table, *said) for said in self._said
        ):
            sheet.rows.clear()
            sheet.usable = False
            return sheet
        for said, numbers in self._passed.items():
            told = map(str, numbers) if len(numbers) <= MOST_ALONE else [some_rows(numbers)]
            self.notes.add(*(f"“{table.name}”{said.format(rows=rows)}" for rows in told))
        return sheet

    def _read_rows(self, sheet: Sheet, object_: str, columns: Columns, after: int) -> bool:
        """Read the rows of a table; False where another table begins among them."""
        table = sheet.table
        place = None if self.shelf is None else Cells(self.shelf, object_)
        headings: list[int] = []
        # Examples stand above all rows.
        examples = 0
        counted = True
        beneath = False
        watch = Watch(columns, table.epoch)
        before = 0
        for number, cells in table.some(after):
            here = {index: cell for index, cell in enumerate(cells) if cell not in (None, "") and not is_empty(cell)}
            if not here or number > before + 1 > 1:
                watch.gap()
            before = number
            if not here:
                continue
            filled = list(here.values())
            if all(map(_continued, filled)):
                # The row above goes over several lines.
                continue
            if columns.again(here):
                self._pass("第 {rows} 行和表头一样，是又写了一遍的表头，没有读入", number)
                beneath = True
                continue
            if beneath and is_line_of_numbers(columns, cells):
                self._pass(_NUMBERS, number)
                continue
            if beneath and line_of_units(cells, columns.read):
                if not self.same_units(table, number, cells, columns):
                    return False
                continue
            beneath = False
            if self.other_head(table, number, filled):
                return False
            watch.begin(number, here, sheet.rows)
            row = self._read_row(table, object_, columns, number, cells, here)
            watch.took(number, here, row, len(sheet.rows) + (row is not None))
            if row is None:
                continue
            if examples == len(sheet.rows) and begins_as_example(columns, here):
                examples += 1
            if is_ordinal(first := shown_cell(filled[0])) or is_heading(first):
                if may_be_heading(columns, here):
                    headings.append(len(sheet.rows))
            else:
                counted = False
            if place is not None:
                self._put_away(row, place)
            sheet.rows.append(row)
        sheet.leaning = bool(headings) or bool(examples) or watch.doubted
        second = watch.found()
        if second is not None:
            if not second.sure:
                expected = (
                    f"这一行（{second.shown}）像是另一张表的表头，下面的行分不清是哪张表的；这张表没有读入，"
                    f"请把另一张表移到别的工作表；这一行是{object_}的，请写上编号，改好读不出来的格子"
                )
                self.report.error("E506", expected, table.place(second.number))
                return False
            self._without(sheet, object_, second)
            headings = [index for index in headings if index < second.start]
        # Where all rows are counted so, they are no headings, and no examples.
        passed = dict.fromkeys(headings if not counted else (), _HEADING)
        if examples < len(sheet.rows):
            passed.update(dict.fromkeys(range(examples), _EXAMPLE))
        for index, said in passed.items():
            self._pass(said, sheet.rows[index].number)
        sheet.rows = [row for index, row in enumerate(sheet.rows) if index not in passed]
        return True

    def _without(self, sheet: Sheet, object_: str, second: Second) -> None:
        """Leave out a second table beneath the rows, and what was said of its own."""
        del sheet.rows[second.start :]
        self._said = [said for said in self._said if said[0] < second.first]
        self._passed = {
            said: kept
            for said, numbers in self._passed.items()
            if (kept := [number for number in numbers if number < second.first])
        }
        rows = f"第 {second.first} 行到第 {second.last} 行"
        self.notes.add(
            f"“{sheet.table.name}”{rows}像是另一张表（第 {second.number} 行“{second.shown}”像是它的表头），没有读入；"
            f"里面有{object_}的，请移到上面，按表头填写"
        )

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

    def _pass(self, said: str, number: int) -> None:
        self._passed.setdefault(said, []).append(number)

    def _read_row(
        self,
        table: Table,
        object_: str,
        columns: Columns,
        number: int,
        cells: tuple[object, ...],
        here: dict[int, object],
    ) -> Row | None:
        names = self.names.objects[object_]
        if self._is_beside(table, object_, columns, number, here):
            return None
        mark = _parted_by(table.delimiter, columns.last, here)
        if mark:
            said = f"这一行用“{mark}”分格，表头用“{_shown_mark(table.delimiter)}”，整行读成了一格；请改成一样的"
            row = Row(table, number, {}, "", "", [])
            row.problems = [
                Diagnostic("E509", said, replace(row.at(CellPlace()), column=column_letter(next(iter(here)))))
            ]
            return row
        given = [(column, here[column.index]) for column in columns.read if column.index in here]
        beyond = self._unnamed(columns, number, here)
        if not given and (beyond is None or not table.delimiter):
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
        self._refuse_words(row, object_, columns, here)
        if object_ == self.names.record and row.identity and not row.problems and len(given) == 1 < len(columns.read):
            self._pass(f"第 {{rows}} 行除编号外什么也没有填，仍算一个{object_}；不是{object_}的请删去", number)
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

    def _is_beside(self, table: Table, object_: str, columns: Columns, number: int, here: dict[int, object]) -> bool:
        """Whether a row stands among the others and is none of them: a sum, a remark, an example; it is noted."""
        filled = list(here.values())
        if columns.sums_up(here):
            self._pass("第 {rows} 行像是合计行，没有读入", number)
            return True
        if is_total(filled) and (
            all(blank_or_total(cell) or _continued(cell) for cell in (here.get(index) for index in columns.numbers))
            or (isinstance(own := shown_cell(here.get(columns.identity)), str) and is_sum(own))
        ):
            if not filled_as_rows(columns, here, table.epoch):
                self._pass("第 {rows} 行像是合计行，没有读入", number)
                return True
            self._pass(f"第 {{rows}} 行的“其中……”当作{object_}读入了，是小计的请删去这一行", number)
        if len(filled) <= _MOST_BESIDE_A_UNIT and (said := said_in(filled)):
            self._said.append((number, said, units_said(said), columns.read, None))
            self._pass("第 {rows} 行像是说明，没有读入", number)
            return True
        if is_remark(filled) and begins_as_remark(columns, here):
            self._pass("第 {rows} 行像是说明，没有读入", number)
            return True
        if begins_as_example(columns, here) and not is_numbered_example(filled[0]):
            self._pass(_EXAMPLE, number)
            return True
        return False

    def _refuse_words(self, row: Row, object_: str, columns: Columns, here: dict[int, object]) -> None:
        """Refuse a row that may be a heading, a sum or a remark as well: its number is written in words, or it has none but a text;
        and it holds amounts at most besides."""
        column = columns.in_words(here) if row.identity else columns.unnumbered(here)
        bare = column is None and not row.identity
        column = columns.amounts_alone(here) if bare else column
        if column is None or column.field is None:
            return
        if row.identity:
            beside = "除了数没有填别的" if len(here) > 1 else "只填了这一格"
            expected = (
                f"{column.field.name}：这一行{beside}，像是标题、小计或说明；不是编号的请删去这一行，或在前面写上“小计”，"
                "是编号的请把名称等也填上"
            )
        else:
            beside = "除了数只填了这一格，像是标题、小计" if len(here) > 1 else "只填了这一格，像是标题或说明"
            beside = "只填了数，像是小计" if bare else beside
            expected = f"一行一个{object_}：这一行没有编号，{beside}；请删去这一行，或把编号等也填上"
        path = column.field.name if object_ == self.names.record else f"{object_}.{column.field.name}"
        row.refuse(_at(unfit("E501", shown_cell(here[column.index]), expected), row, column, path))

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
        if (
            isinstance(cell, MergedCell)
            and cell.first_column
            and not cell.wide
            and self._holds_for_each(found, object_)
        ):
            if cell.tall:
                self.notes.add(
                    f"“{row.table.name}”的{found.name}（{column_letter(column.index)} 列）有竖着合并的格子，"
                    "合并的每一行都按格子里的内容读入了，请核对"
                )
            cell = cell.value
        if row.number in row.table.spanning and isinstance(cell, str) and len(cell.strip().splitlines()) > 1:
            if found.name == self.names.objects[object_].kind.identity:
                cell = UnreadableCell(cell, f"写在一行里的{found.name}：里面有换行，请删去，或检查引号是否放错")
            elif found.name in self._titles:
                letter = column_letter(column.index)
                self._pass(f"{letter} 列第 {{rows}} 行的{found.name}里有换行，照样读入了，请核对引号", row.number)
        number = found.name == self.names.objects[object_].kind.identity
        if isinstance(cell, MergedCell) and cell.tall and not cell.wide and number:
            path = found.name if object_ == self.names.record else f"{object_}.{found.name}"
            row.refuse(_at(unfit("E501", cell.value, self._merged(cell, found, object_)), row, column, path))
            # What is refused is still known by it.
            cell = cell.value
        if isinstance(cell, MergedCell):
            parsed = unfit("E501", cell.value, self._merged(cell, found, object_))
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
        if row.table.comments and not isinstance(parsed, Diagnostic):
            parsed = self._as_beside(
                row.table.comments.get((row.number, column.index), ""), parsed, cell, column, found
            )
        path = found.name if object_ == self.names.record else f"{object_}.{found.name}"
        other = first.get(found.name)
        if isinstance(parsed, Diagnostic):
            if self._problems >= _MOST_PROBLEMS and row.problems:
                self._more += 1
                return
            self._problems += 1
            row.refuse(_at(parsed, row, column, path))
            if (
                found.type.kind is Kind.RATIO
                and column.unit is None
                and _BARE.fullmatch(fold_cell(str(cell))[:_LONGEST_BARE])
            ):
                # Who writes 60 here may have written 1 for one per cent above.
                self.notes.add(
                    f"“{row.table.name}”的{found.name}（{column_letter(column.index)} 列）有的不带 % 又大于 1；"
                    "同一列里不带 % 的按小数读（0.6 是 60%，1 是 100%），请核对"
                )
        elif other is not None and row.values[found.name] != parsed:
            both = ((other, row.values[found.name]), (column, parsed))
            said = "；".join(f"{column_letter(at.index)} 列：{value_text(value, found.type)}" for at, value in both)
            row.refuse(unfit("E503", said, "只填一处，或两处相同", row.at(CellPlace(path), column)))
        else:
            row.values[found.name] = parsed
            first[found.name] = column
            if found.type.kind is Kind.RATIO and column.unit is None and isinstance(parsed, Rational) and parsed > 1:
                self._look_at_share(cell, row, column, found)

    def _look_at_share(self, cell: object, row: Row, column: Column, found: Field) -> None:
        """Note a number above 1 without % of a ratio that may be so much: who writes 60 may mean 60%."""
        shown = fold_cell(str(shown_cell(cell)))[:_LONGEST_BARE]
        if _BARE.fullmatch(shown):
            self.notes.add(
                f"“{row.table.name}”的{found.name}（{column_letter(column.index)} 列）有的大于 1 又不带 %，按小数读了"
                "（60 是 6000%，1.2 是 120%）；本意是百分之几的请写上 %，或者在列名后面写（%）"
            )

    def _as_beside(self, text: str, parsed: Value, cell: object, column: Column, found: Field) -> Value | Diagnostic:
        """What a cell came to; a finding where the comment on it gives its number another unit."""
        if (
            not text
            or found.type.kind not in NUMERIC
            or (isinstance(cell, str) and not _BARE.fullmatch(fold_cell(cell)))
        ):
            return parsed
        for unit in units_beside(text):
            if concerns(unit, found) and factor_under(found, unit) != factor_under(found, column.unit):
                expected = f"数和单位写在一格里：批注里写着单位“{unit}”，这一列按{column.unit or found.type.unit or '没有单位'}读"
                return unfit("E501", cell, expected)
        return parsed

    def _holds_for_each(self, found: Field, object_: str) -> bool:
        """Whether what is merged over several rows is said of each of them: the name of a township is, an amount may be the sum
        of all, and a number that is one for several rows tells none of them."""
        number = found.name == self.names.objects[object_].kind.identity
        return not number and (found.type.kind is Kind.YEAR or found.type.kind not in NUMERIC)

    def _merged(self, cell: MergedCell, found: Field, object_: str) -> str:
        """What belongs in the place of a merged cell."""
        if cell.wide:
            said = "没有横着合并的单元格：看不出是哪一列的内容；像小标题、小计的，请删去这一行，或在前面写上“小计”"
            return f"{said}；是一个{object_}的，请拆开填写"
        if found.name == self.names.objects[object_].kind.identity:
            said = f"一行一个{object_}：这个编号合并了几行，不知道哪一行作数；请写成一行"
            below = self.names.rows_of(object_)
            return f"{said}，{'、'.join(below)}写在各自的表里" if below else said
        return "没有合并的单元格：合并以后不知道每一行各是多少，请拆开填写"


_OTHER_MARKS: Final = (";", "；", ",", "，", "\t", "|")


def _parted_by(delimiter: str, last: int, here: Mapping[int, object]) -> str:
    """What parts the cells of a row that stands whole in its first cell, as copied from a file of another kind; '' for any other row, and
    where cells are parted by nothing. ``last``: the last column of the header."""
    if not delimiter or [*here] != [0] or last < 2:
        return ""
    cell = here[0]
    text = cell if isinstance(cell, str) else ""
    return next((_shown_mark(mark) for mark in _OTHER_MARKS if mark != delimiter and text.count(mark) == last), "")


def _shown_mark(mark: str) -> str:
    return "制表符" if mark == "\t" else mark


def _at(found: Diagnostic, row: Row, column: Column, path: str) -> Diagnostic:
    """A finding about a cell, where the cell stands."""
    return replace(found, place=row.at(CellPlace(path, found.cell.value), column))


def _continued(cell: object) -> bool:
    return isinstance(cell, MergedCell) and not cell.first_row

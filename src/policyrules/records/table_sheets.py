"""A decision table of a rule file as a sheet, and a sheet put back into the file.

Why this exists: tiers are typed and checked in a spreadsheet; the rule file stays what is in force. Sheets hold the cells
of the table in canonical spelling, comments too, so that writing out and reading in again changes nothing.

Invariants: what stands above the rows (依据, 得出 …) stays as the rule file has it; what a sheet holds that no table may is
found at its cell; nothing is written here.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, PolicyError, shown_text
from policyrules.language import nodes as surface
from policyrules.language.formatting import format_source
from policyrules.language.layout import date_text
from policyrules.language.parser import parse_source
from policyrules.language.scan import scan
from policyrules.program.decision_tables import MOST_ROWS
from policyrules.program.folders import MAX_BYTES
from policyrules.records.cells import UnreadableCell
from policyrules.records.csv_files import read_text, table_of
from policyrules.records.heads import MergedCell
from policyrules.records.tables import Table, column_letter
from policyrules.records.workbook import SheetPlan, read_workbook, write_workbook
from policyrules.source import Source
from policyrules.text import one_line, some
from policyrules.types import exact_number, number_text
from policyrules.writing import write_file

SUFFIXES: Final = (".xlsx", ".csv")
_LONGEST_NAME: Final = 31
_FEW: Final = 5
_COMMENT: Final = "#"
"""Above the column of comments that stand behind a row, the head's own following it; a row whose first cell begins with
it is a comment."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A 决策表 in its file: from ``start`` to ``end`` its lines of cells, whole lines."""

    file: surface.File
    node: surface.TableDecl
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edited:
    """What comes of putting a sheet into a rule file: its new text (None where it cannot be), the table as it would stand
    there, findings; ``lines``: by the line of the text that a row of the sheet became, the number of the row."""

    text: str | None
    declaration: str
    found: tuple[Diagnostic, ...]
    lines: Mapping[int, int] = field(default_factory=dict)


def written_table(file: surface.File, name: str) -> WrittenTable | None:
    """The table called ``name`` in a parsed file; None where there is none."""
    for node in file.declarations:
        if isinstance(node, surface.TableDecl) and node.name.text == name:
            text = file.source.text
            rows = [clause for clause in node.written.clauses if isinstance(clause.body, surface.Row)]
            start = text.rfind("\n", 0, rows[0].span.start) + 1
            end = text.find("\n", rows[-1].span.end)
            return WrittenTable(file, node, start, len(text) if end < 0 else end + 1)
    return None


# ---- out ------------------------------------------------------------------------------------------------------------


def sheet_rows(table: WrittenTable) -> list[list[str]]:
    """The lines of a table, its head first: cells, and behind them the comment of the line where any has one."""
    lines: list[tuple[int, list[str]]] = []
    for clause in table.node.written.clauses:
        if isinstance(clause.body, surface.Row):
            lines.append((clause.span.start, [cell.text for cell in clause.body.cells]))
    behind: dict[int, str] = {}
    for comment in table.file.comments:
        place = comment.span.start
        if table.start <= place < table.end:
            before = [index for index, (start, _) in enumerate(lines) if start < place]
            line_start = table.file.source.text.rfind("\n", 0, place) + 1
            if before and lines[before[-1]][0] >= line_start:
                behind[lines[before[-1]][0]] = comment.text
            else:
                lines.append((place, [comment.text]))
                lines.sort(key=lambda line: line[0])
    width = len(lines[0][1]) if lines else 0
    shown = [cells + [""] * (width - len(cells)) for _, cells in lines]
    if behind:
        shown = [
            [*cells, ("" if number else _COMMENT) + behind.get(start, "")]
            for number, ((start, _), cells) in enumerate(zip(lines, shown, strict=True))
        ]
    return shown


def write_sheet(path: Path, table: WrittenTable) -> None:
    """Write a table to a workbook or a CSV file, by the suffix. Raises `OSError`, and `MissingExcel` without openpyxl."""
    head, *rows = sheet_rows(table)
    if path.suffix.lower() == ".csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerows([head, *rows])
        write_file(path, b"\xef\xbb\xbf" + buffer.getvalue().encode())
        return
    write_workbook(path, [SheetPlan(_sheet_name(table.node.name.text), tuple(head), rows)])


# ---- in -------------------------------------------------------------------------------------------------------------


def read_sheet(path: Path, name: str) -> tuple[Table | Diagnostic, tuple[str, ...]]:
    """The sheet of a workbook that is called like the table ``name``, or the only one, or the rows of a CSV file; and what is to be
    looked at: rows that are hidden or struck out are read as well."""
    if path.suffix.lower() == ".csv":
        text = read_text(path, path.name)
        return (text if isinstance(text, Diagnostic) else table_of(text, path.stem, path.name)), ()
    tables, found, notes = read_workbook(path, path.name)
    own = [table for table in tables if table.name.strip() == _sheet_name(name)]
    shown = own or [table for table in tables if not table.hidden]
    if found or not shown:
        return (found[0] if found else Diagnostic("E507", "里面没有工作表", CellPlace(file=path.name))), notes
    if len(shown) > 1:
        names = "、".join(f"“{table.name}”" for table in shown[:_FEW])
        said = f"里面有几张工作表（{names}{' 等' if len(shown) > _FEW else ''}），看不出哪一张是决策表“{name}”"
        remedy = f"把要读的那一张改名为“{_sheet_name(name)}”"
        return Diagnostic("E507", said, CellPlace(file=path.name), remedy=remedy), notes
    sheet = shown[0]
    told = [note for note in notes if f"“{sheet.name}”" in note]
    if sheet.comments:
        cells = [
            f"{column_letter(column)}{row}（{shown_text(one_line(text))}）"
            for (row, column), text in sheet.comments.items()
        ]
        told.append(f"工作表“{sheet.name}”里的批注没有读入，请核对：{some(cells, _FEW, '处')}")
    return sheet, tuple(told)


def _sheet_name(name: str) -> str:
    """What the sheet of a table is called: no longer than a workbook allows."""
    return name[:_LONGEST_NAME]


def edited(table: WrittenTable, sheet: Table) -> Edited:
    """The rule file with the rows of ``sheet`` in the place of those of ``table``."""
    lines: list[str] = []
    numbers: list[int] = []
    found: list[Diagnostic] = []
    width = rows_left = 0
    letters = MAX_BYTES
    has_comments = False
    for number, values in sheet.rows:
        cells = [_text(sheet, number, column, value, found) for column, value in enumerate(values)]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        letters -= sum(map(len, cells)) + len(cells)
        if letters < 0:
            return Edited(None, "", (_too_long(sheet, number, "E101", "从这一行起规则文件超过 1 MiB"),))
        if not width:
            rows_left = MOST_ROWS
            has_comments = cells[-1].startswith(_COMMENT)
            width = len(cells) - has_comments
            if has_comments:
                cells[-1] = cells[-1].removeprefix(_COMMENT)
        if cells[0].startswith(_COMMENT):
            lines.append(f"  {' '.join(filter(None, cells))}")
        else:
            if lines and (rows_left := rows_left - 1) < 0:
                said = f"决策表 {table.node.name.text} 最多 {MOST_ROWS:,} 行，从这一行起放不下"
                return Edited(None, "", (_too_long(sheet, number, "E233", said),))
            commented = has_comments and len(cells) == width + 1
            behind = cells[width] if commented else ""
            own = cells[:width] if commented or len(cells) <= width else cells
            own += [""] * (width - len(own))
            lines.append(f"  | {' | '.join(own)} |" + (f"  {_comment(behind)}" if behind else ""))
        numbers.append(number)
    source = table.file.source
    rows = "".join(f"{line}\n" for line in lines)
    text = source.text[: table.start] + rows + source.text[table.end :]
    if found or not lines:
        nothing = Diagnostic("E507", "里面没有行", sheet.place())
        return Edited(None, "", tuple(found) or (nothing,))
    parsed, problems = parse_source(Source(source.path, text, source.layer))
    first = source.line_column(table.start)[0]
    placed = tuple(in_sheet(problem, sheet, source.path, dict(enumerate(numbers, first))) for problem in problems)
    again = written_table(parsed, table.node.name.text)
    if again is None or any(problem.severity == "error" for problem in problems):
        return Edited(None, "", placed)
    try:
        declaration = format_source(text[again.node.span.start : again.end])
    except PolicyError as error:
        return Edited(None, "", error.diagnostics)
    whole = text[: again.node.span.start] + declaration + text[again.end :]
    return Edited(whole, declaration, placed, _lines(source.path, whole, table.node.name.text, numbers))


def _too_long(sheet: Table, row: int, code: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, sheet.place(row), remedy="分成几张表")


def _lines(path: str, text: str, name: str, numbers: Sequence[int]) -> dict[int, int]:
    """The rows of the sheet by the lines they came to: a table keeps the order of rows and comments, one a line."""
    table = written_table(parse_source(Source(path, text))[0], name)
    assert table is not None, "what was formatted still parses"
    first = table.file.source.line_column(table.start)[0]
    return dict(enumerate(numbers, first))


def _comment(text: str) -> str:
    return text if text.startswith(_COMMENT) else f"{_COMMENT} {text}"


def _text(sheet: Table, row: int, column: int, value: object, found: list[Diagnostic]) -> str:
    """A cell as a rule file has it, in one line."""
    match value:
        case None:
            return ""
        case UnreadableCell(shown=shown, reason=reason):
            place = CellPlace(value=shown, file=sheet.file, sheet=sheet.name, row=row, column=column_letter(column))
            found.append(Diagnostic("E501", f"“{shown}”读不出来：{reason}", place, remedy="改成文字，如 < 10 万元"))
            return ""
        case MergedCell(first_column=True):
            # What stands over several rows holds for each of them.
            return _text(sheet, row, column, value.value, found)
        case MergedCell():
            place = CellPlace(file=sheet.file, sheet=sheet.name, row=row, column=column_letter(column))
            message = "合并的格子跨了几列，看不出是哪一列的"
            found.append(Diagnostic("E501", message, place, remedy="取消合并，各列分开写"))
            return ""
        case bool():
            return "是" if value else "否"
        case datetime.date():
            return date_text(value)
        case str():
            text = " ".join(value.split())
            if "|" in scan(Source("", text)).lexed:
                place = CellPlace(value=text, file=sheet.file, sheet=sheet.name, row=row, column=column_letter(column))
                found.append(Diagnostic("E501", "格子里不写“|”", place, remedy="删去“|”；分成两格"))
            return text
        case _:
            number = exact_number(value)
            return str(value) if number is None else number_text(number)


def in_sheet(problem: Diagnostic, sheet: Table, path: str, lines: Mapping[int, int]) -> Diagnostic:
    """A finding about the text that came of a sheet, at the cell it is about; one about other text as it is. ``lines``: as
    `Edited` has them, of the file shown as ``path``."""
    span = problem.span
    if span is None or span.source.path != path or span.line not in lines:
        return problem
    # Bars in quotes and comments part no cells.
    line = scan(Source("", span.source.line_text(span.line))).lexed
    before, within = line[: span.column - 1].count("|"), line[span.column - 1 :][: span.end - span.start]
    whole = within.count("|") > 2
    # The place of an empty cell begins with its bar.
    column = before if within.startswith("|") else max(0, before - 1)
    place = CellPlace(
        value=span.text,
        file=sheet.file,
        sheet=sheet.name,
        row=lines[span.line],
        column="" if whole else column_letter(column),
    )
    return replace(problem, place=place, related=())


def tables_of(files: Iterable[surface.File]) -> list[tuple[surface.File, str]]:
    """The names of the tables in these files."""
    return [
        (file, node.name.text) for file in files for node in file.declarations if isinstance(node, surface.TableDecl)
    ]

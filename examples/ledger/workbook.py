"""Writes the invented projects the way eighteen townships would have typed them, and always as the same bytes.

Why this exists: a real ledger mixes Excel dates with typed ones, 是 with √ and 有, and here and there an amount has its
unit typed behind it. Each township keeps its own habit. What is typed changes, what it means does not.

Invariants: the same projects and seed give the same bytes (no clock in the document properties or the archive); nothing
written could be taken for a formula.
"""

from __future__ import annotations

import datetime
import io
import os
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

# Where lxml happens to be installed openpyxl writes other bytes, though the same XML; it asks this once, on import.
os.environ.setdefault("OPENPYXL_LXML", "False")

from catalogue import HEADERS, TOWNSHIPS, WAN, Cell, Row, split_header  # after the setting above
from chance import Dice
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

Typed: TypeAlias = str | int | Decimal | datetime.date | None

WRITTEN_AT = datetime.datetime(2025, 11, 15, 9, 0, 0)
YES_NO = (("是", "否"), ("是", "否"), ("√", "否"), ("有", "无"))
SEPARATORS = ("、", "、", "，", "；")
DATE_STYLES = ("excel", "excel", "iso", "chinese", "slashes")


class Clerk:
    """Types cells by the habit of a township, with an odd slip.

    >>> clerk = Clerk(Dice(1), habit=2)
    >>> clerk.type_cell(datetime.date(2025, 9, 15), None), clerk.type_cell(True, None), clerk.type_cell((), None)
    ('2025-09-15', '√', '无')
    """

    def __init__(self, dice: Dice, habit: int) -> None:
        self._dice = dice
        self._habit = habit

    def type_cell(self, value: Cell, unit: str | None) -> Typed:
        """``value`` as this clerk would type it under a column of ``unit``."""
        match value:
            case bool():
                yes, no = YES_NO[self._habit % len(YES_NO)]
                return yes if value else no
            case tuple():
                return SEPARATORS[self._habit % len(SEPARATORS)].join(value) or "无"
            case datetime.date():
                return self._type_date(value)
            case Decimal():
                # Here and there the unit is typed into the cell, although the header has it.
                return f"{value}万元" if unit == WAN and value > 0 and self._dice.below(1000) < 4 else value
            case _:
                return value

    def _type_date(self, day: datetime.date) -> Typed:
        habit = DATE_STYLES[self._habit % len(DATE_STYLES)]
        style = self._dice.pick(DATE_STYLES) if self._dice.percent(10) else habit
        match style:
            case "excel":
                return day
            case "iso":
                return day.isoformat()
            case "chinese":
                return f"{day.year}年{day.month}月{day.day}日"
            case _:
                return f"{day.year}/{day.month}/{day.day}"


def write_ledger(
    path: Path, notes: Iterable[str], tables: dict[str, list[Row]], places: dict[Cell, Cell], seed: int
) -> None:
    """Writes a 说明 sheet with ``notes``, then one sheet a table; ``places``: 项目编号 -> 乡镇 that typed it."""
    book = Workbook()
    dice = Dice(seed + 1)
    clerks = {township: Clerk(dice, habit) for habit, township in enumerate(TOWNSHIPS)}
    county_clerk = Clerk(dice, 0)
    explain_sheet(book, notes)
    for name, rows in tables.items():
        sheet = new_sheet(book, name)
        columns = [split_header(header) for header in HEADERS[name]]
        for row in rows:
            clerk = clerks.get(str(places.get(row.get("项目编号"))), county_clerk)
            sheet.append([clerk.type_cell(row.get(column), unit) for column, unit in columns])
        show_dates(sheet)
    path.write_bytes(to_bytes(book))


def explain_sheet(book: Workbook, notes: Iterable[str]) -> None:
    """The first sheet, which tells the reader that all of it is invented."""
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "说明"
    for note in notes:
        sheet.append([note])
    sheet.column_dimensions["A"].width = 90
    sheet["A1"].font = Font(bold=True)


def new_sheet(book: Workbook, name: str) -> Worksheet:
    """An empty sheet with its headers."""
    sheet = book.create_sheet(name)
    assert isinstance(sheet, Worksheet)
    sheet.append(HEADERS[name])
    for index, header in enumerate(HEADERS[name], start=1):
        sheet.cell(1, index).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = max(10, 2 * len(header) + 2)
    sheet.freeze_panes = "C2"
    return sheet


def show_dates(sheet: Worksheet) -> None:
    """Real dates are shown as dates."""
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, datetime.date):
                cell.number_format = "yyyy-mm-dd"


def to_bytes(book: Workbook) -> bytes:
    """The saved workbook, every time stamp in it fixed."""
    book.properties.creator = "policyrules"
    book.properties.created = WRITTEN_AT
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        # Saving through the workbook would put the present moment into the document properties.
        writer = ExcelWriter(book, archive)
        book.properties.modified = WRITTEN_AT
        writer.write_data()
    packed = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, WRITTEN_AT.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return packed.getvalue()

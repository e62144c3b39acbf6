"""Excel workbooks: the only module that imports openpyxl.

Why this exists: ledgers are kept in workbooks. Reading turns sheets into format-independent tables; writing turns plain
rows into a workbook whose bytes depend on nothing but its content. The parts of a file are streamed by
`policyrules.records.workbook_parts`, the cells of a sheet read by `policyrules.records.workbook_sheets`; openpyxl says
what formats by number are and writes.

Invariants: nothing a file holds raises here; time and memory of reading are bounded by limits, not by what a file says;
two workbooks with the same content have the same bytes.
"""

from __future__ import annotations

import copy
import datetime
import importlib
import io
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.language.scan import CONTAINER
from policyrules.patience import SMALL
from policyrules.records.number_formats import day_parts, number_format
from policyrules.records.spool import Rows
from policyrules.records.tables import Table, column_letter, some_rows
from policyrules.records.workbook_parts import Package, Refused
from policyrules.records.workbook_room import Room
from policyrules.records.workbook_rows import MOST_ROWS, NUMBER, SomeRows, Span, span_of, with_rows, writable
from policyrules.records.workbook_sheets import (
    MOST_COLUMNS,
    CommentsReader,
    Shared,
    SheetReader,
    StringsReader,
    Style,
)
from policyrules.source import display_width
from policyrules.writing import naming, write_file

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

NEEDS_EXCEL: Final = "读写 Excel 需要另装组件：pip install policyrules[excel]"
_LARGEST_FILE: Final = 200 * 1024 * 1024
_MOST_SHEETS: Final = 1_000
_MOST_CODES: Final = 10_000
_MOST_LETTERS: Final = 10
_EPOCHS: Final = {1900: datetime.date(1899, 12, 30), 1904: datetime.date(1904, 1, 1)}
_FIXED_TIME: Final = (2000, 1, 1, 0, 0, 0)
_FIXED_STAMP: Final = b"2000-01-01T00:00:00Z"


class MissingExcel(Exception):
    """openpyxl is not installed; the message says in Chinese how to get it."""


class TooWide(Exception):
    """A sheet has more columns than a workbook can hold; the message says it in Chinese."""


def _load_openpyxl() -> Any:
    try:
        return importlib.import_module("openpyxl")
    except ImportError:
        raise MissingExcel(NEEDS_EXCEL) from None


# ---- reading --------------------------------------------------------------------------------------------------------

_CONTENT: Final = {"styles": ".styles+xml", "sharedStrings": ".sharedStrings+xml"}
_MAIN_CONTENT: Final = ("sheet.main+xml", "template.main+xml")
# What Chinese software calls a date or a time by number alone, without a code in the file.
_LOCAL_DAYS: Final = frozenset((*range(27, 32), 36, *range(50, 55), 57, 58))
_LOCAL_PARTS: Final = {**dict.fromkeys((27, 36, 50, 52, 57), "ym"), **dict.fromkeys((28, 29, 51, 53, 54, 58), "md")}
"""Of those which do not show the whole day, what they show where Chinese is spoken: 57 is what 2024年3月 typed into a cell becomes."""
_LOCAL_SPANS: Final = frozenset((32, 33, 34, 35, 55, 56))


def read_workbook(path: Path, name: str) -> tuple[tuple[Table, ...], tuple[Diagnostic, ...], tuple[str, ...]]:
    """The sheets of a workbook as tables, what keeps the file from being read, and notes. ``name``: what people call it."""
    notes: list[str] = []
    try:
        return tuple(_tables(path, name, notes)), (), tuple(notes)
    except (MissingExcel, Refused) as refused:
        fault = str(refused)
    except MemoryError:
        fault = "这台电脑的内存不够读这个文件，请删去用不着的内容，或分成几个文件"
    return (), (Diagnostic("E507", fault, CellPlace(file=name)),), ()


def _tables(path: Path, file: str, notes: list[str]) -> Iterator[Table]:
    """The sheets one after the other."""
    openpyxl = _Openpyxl()
    try:
        # A pipe or a device would be waited for, or read, without end.
        regular, size = stat.S_ISREG(path.stat().st_mode), path.stat().st_size
        source = path.open("rb") if regular else None
    except (OSError, ValueError):
        raise Refused("打不开这个文件，请检查文件是否存在、是否正被别的软件占用") from None
    if source is None:
        raise Refused("这不是普通的文件（是管道或设备），没有读入")
    with source:
        if size > _LARGEST_FILE:
            raise Refused(f"文件超过 {_LARGEST_FILE // 1024 // 1024} MB，请分成几个文件")
        if source.read(4) == CONTAINER:
            raise Refused("这是加密的或旧格式的表格文件，请取消密码，另存为 .xlsx 后再读")
        package = Package(source)
        book = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), "")
        if book not in package:
            book = next(filter(None, map(package.of_type, _MAIN_CONTENT)), "xl/workbook.xml")
        relations = package.relations(book)
        sheets, epoch = _contents(package, book)
        strings = StringsReader(room := Room(small=size < SMALL))
        if part := _part_of(package, relations, "sharedStrings"):
            package.read(part, strings)
        styles = _Styles(package, _part_of(package, relations, "styles"), openpyxl)
        shared = Shared(strings.strings, styles.style, openpyxl.translated, epoch, room, styles.struck)
        for sheet in sheets:
            kind, part = relations.get(sheet.get("id", ""), ("worksheet", ""))
            if kind != "worksheet":
                # A sheet of a chart or a macro holds no cells.
                continue
            reader = SheetReader(sheet.get("name", ""), shared)
            package.read(part, reader, blank_rows=False)
            rows = list(reader.finished())
            if concealed := reader.concealed():
                notes.append(f"工作表“{reader.name}”有 {concealed} 行被隐藏或筛掉，仍然读入了")
            for how, rows_struck in zip(("整行", "有的格子"), reader.struck(), strict=True):
                if rows_struck:
                    said = f"工作表“{reader.name}”第 {some_rows(rows_struck)} 行{how}划了删除线，仍然读入了；不算数的请删去"
                    notes.append(said)
            if reader.unseen:
                cells = "、".join(reader.unseen) + ("……" if reader.unseen_count > len(reader.unseen) else "")
                notes.append(
                    f"工作表“{reader.name}”有 {reader.unseen_count} 格存着数而不显示（{cells}），仍然读入了；其实没有填的请清除内容"
                )
            if letters := reader.concealed_columns():
                columns = "、".join(letters[:_MOST_LETTERS]) + ("……" if len(letters) > _MOST_LETTERS else "")
                notes.append(f"工作表“{reader.name}”有 {len(letters)} 列被隐藏（{columns}），仍然读入了")
            hidden = sheet.get("state", "visible") != "visible"
            yield Table(reader.name, rows, file, epoch, hidden, comments=_comments(package, part, room))


def _comments(package: Package, part: str, room: Room) -> dict[tuple[int, int], str]:
    """What is written beside the cells of a sheet."""
    beside = _named(package, package.relations(part), "comments")
    if not beside:
        return {}
    reader = CommentsReader(room)
    package.read(beside, reader)
    return reader.comments


def _contents(package: Package, book: str) -> tuple[list[dict[str, str]], datetime.date]:
    """The sheets that a workbook lists, and day 0 of its serial dates."""
    sheets: list[dict[str, str]] = []
    epoch = _EPOCHS[1900]
    for tag, given in package.elements(book, "workbook", "workbookPr", "sheet"):
        if tag == "sheet":
            sheets.append(given)
        elif given.get("date1904", "0") not in ("0", "false", "off"):
            epoch = _EPOCHS[1904]
    if len(sheets) > _MOST_SHEETS:
        raise Refused(f"工作表超过 {_MOST_SHEETS} 张，请另存为一个只有台账的 .xlsx")
    return sheets, epoch


def _part_of(package: Package, relations: dict[str, tuple[str, str]], kind: str) -> str:
    """The part of this kind that a workbook refers to, or else the one that its types know; empty where it has none."""
    return _named(package, relations, kind) or package.of_type(_CONTENT[kind])


def _named(package: Package, relations: dict[str, tuple[str, str]], kind: str) -> str:
    return next((part for relation, part in relations.values() if relation == kind and part in package), "")


class _Openpyxl:
    """What a library knows better: the formats that go by number, which codes are dates, how a formula moves."""

    def __init__(self) -> None:
        _load_openpyxl()
        numbers = importlib.import_module("openpyxl.styles.numbers")
        self.builtin: dict[int, str] = numbers.BUILTIN_FORMATS
        self.is_day: Callable[[str], bool] = numbers.is_date_format
        self.is_span: Callable[[str], bool] = numbers.is_timedelta_format

    def translated(self, formula: str, origin: str, place: str) -> str:
        """A formula as it reads where it is copied to."""
        translate = importlib.import_module("openpyxl.formula.translate")
        try:
            return str(translate.Translator(formula, origin).translate_formula(place))
        except (translate.TranslatorError, ValueError, IndexError):
            # A formula that none is says as much untranslated.
            return formula


class _Styles:
    """How the cells of each style show numbers; worked out for those that are used."""

    def __init__(self, package: Package, part: str, openpyxl: _Openpyxl) -> None:
        self._openpyxl = openpyxl
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._known: dict[int, Style] = {}
        fonts: list[bool] = []
        struck: set[int] = set()
        inside = False
        wanted = ("numFmt", "fonts", "font", "strike", "fills", "cellXfs", "xf", "cellStyles", "cellStyleXfs", "dxfs")
        in_fonts = False
        for tag, given in package.elements(part, "styleSheet", *wanted) if part else ():
            number = given.get("numFmtId", "0")
            number = number if number.isascii() and number.isdigit() and len(number) < 10 else "0"
            match tag:
                case "numFmt" if not self._formats:
                    self._codes[int(number)] = given.get("formatCode", "General")
                case "fonts" | "fills":
                    in_fonts = tag == "fonts"
                case "font" if in_fonts:
                    fonts.append(False)
                case "strike" if in_fonts and fonts:
                    fonts[-1] = given.get("val", "1") not in ("0", "f", "false", "off")
                case "xf" if inside:
                    font = given.get("fontId", "0")
                    if (
                        font.isascii()
                        and font.isdigit()
                        and len(font) < 10
                        and int(font) < len(fonts)
                        and fonts[int(font)]
                    ):
                        struck.add(len(self._formats))
                    self._formats.append(int(number))
                case "cellXfs" | "cellStyles" | "cellStyleXfs" | "dxfs":
                    inside = tag == "cellXfs"
        if len(self._codes) > _MOST_CODES:
            raise Refused(f"数字格式超过 {_MOST_CODES} 种，请把数据复制到一个新的工作簿，另存后再读")
        if not self._formats:
            self._formats = [0]
        self.struck = frozenset(map(str, struck))
        """The styles whose texts are struck out, as cells refer to them."""

    def style(self, index: int) -> Style | None:
        """The style of this index; None where there is none."""
        if index >= len(self._formats):
            return None
        number = self._formats[index]
        if number not in self._known:
            self._known[number] = self._style(number)
        return self._known[number]

    def _style(self, number: int) -> Style:
        known = self._openpyxl
        code = self._codes.get(number)
        if code is None:
            if number in _LOCAL_DAYS or number in _LOCAL_SPANS:
                parts = _LOCAL_PARTS.get(number, "ymd")
                return Style(day=number in _LOCAL_DAYS, span=number in _LOCAL_SPANS, parts=parts)
            # The sign of money in these is the one of the country they are read in.
            code = known.builtin.get(number, "General").replace("$", "¥")
        format_ = number_format(code)
        if format_ is None:
            return Style()
        is_day = known.is_day(code)
        return Style(is_day, known.is_span(code), format_, day_parts(code) if is_day else "ymd")


# ---- writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet to write. ``rows`` hold texts (already escaped), ints, dates or None. ``choices``: by column index, the
    values offered in its cells; ``formats``: by column index, a number format for its empty cells; ``prompts``: by column
    index, what a person sees when a cell is selected. ``report``: a sheet to read, filter and print, not to fill in: no column
    is wider than ``widest``, rows are as high as their texts need where ``tall`` (else whoever opens it sees to that), ``foot``
    stands at the foot of each page. The first ``fixed`` columns stay in view; ``colours``: by column index, the colour of a row
    by the text there; ``heads``: by column index, the colour of its heading where it has another than the rest."""

    name: str
    header: tuple[str, ...]
    rows: Rows[Sequence[object]]
    choices: dict[int, tuple[str, ...]] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)
    prompts: dict[int, str] = field(default_factory=dict)
    hidden: bool = False
    report: bool = False
    foot: str = ""
    widest: int = 36
    tall: bool = False
    fixed: int = 0
    colours: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    heads: Mapping[int, str] = field(default_factory=dict)


_MOST_FORMATTED: Final = 2_000
_MUCH: Final = 2_000_000_000


def write_workbook(path: Path, sheets: Sequence[SheetPlan]) -> None:
    """Write ``sheets`` to ``path``. Raises `MissingExcel` where openpyxl is missing, `TooWide` for a sheet of too many columns,
    `OSError` where ``path`` cannot be written."""
    _load_openpyxl()
    # openpyxl itself writes sheets aside.
    with naming(path):
        write_file(path, lambda stream: _write_book(sheets, stream))


def workbook_bytes(sheets: Sequence[SheetPlan]) -> bytes:
    """The workbook; the same sheets always give the same bytes."""
    buffer = io.BytesIO()
    _write_book(sheets, buffer)
    return buffer.getvalue()


def _write_book(sheets: Sequence[SheetPlan], target: IO[bytes]) -> None:
    """The library writes the workbook with the first rows of each sheet; what is to be read, and may be long, is written
    between them row by row."""
    openpyxl = _load_openpyxl()
    for wide in (one for one in sheets if len(one.header) > MOST_COLUMNS):
        raise TooWide(
            f"“{wide.name}”要 {len(wide.header):,} 列，工作簿一张表最多 {MOST_COLUMNS:,} 列："
            "结果改写 .csv 或 .json，空白台账加 --only 只要用得着的列"
        )
    book: Workbook = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    offered = _Choices()
    long: dict[str, tuple[SheetPlan, Span]] = {}
    for plan in (part for whole in sheets for part in _parts(whole)):
        sheet = book.create_sheet(plan.name)
        if plan.report:
            span = span_of(plan.rows, plan.colours, len(plan.header), numbers=plan.tall)
            long[f"xl/worksheets/sheet{len(book.worksheets)}.xml"] = plan, span
            _write_sheet(sheet, plan, offered, span)
        else:
            _write_sheet(sheet, plan, offered)
    if offered.lists:
        longest = max(map(len, offered.lists))
        rows = [
            [values[index] if index < len(values) else None for values in offered.lists] for index in range(longest)
        ]
        header = tuple(f"选项{index + 1}" for index in range(len(offered.lists)))
        _write_sheet(book.create_sheet("选项"), SheetPlan("选项", header, rows, hidden=True), offered)
    buffer = io.BytesIO()
    book.save(buffer)
    serial = importlib.import_module("openpyxl.utils.datetime").to_excel
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                # openpyxl stamps the moment of saving into it.
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + _FIXED_STAMP, content)
            fixed = zipfile.ZipInfo(part.filename, _FIXED_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            if part.filename in long:
                plan, span = long[part.filename]
                # What may come to more than a part of a plain archive holds says so from the start.
                with archive.open(fixed, "w", force_zip64=span.size > _MUCH) as stream:
                    height = _height(plan) if plan.tall else None
                    for piece in with_rows(content, plan.rows, span, plan.colours, serial, height):
                        stream.write(piece)
            else:
                archive.writestr(fixed, content)


def _parts(plan: SheetPlan) -> Iterator[SheetPlan]:
    """The sheets of a table: one, or as many as it needs for its rows."""
    if len(plan.rows) <= MOST_ROWS or not plan.report:
        yield plan
        return
    for number, start in enumerate(range(0, len(plan.rows), MOST_ROWS), start=1):
        name = plan.name if number == 1 else f"{plan.name}（{number}）"
        yield replace(plan, name=name, rows=SomeRows(plan.rows, start, start + MOST_ROWS))


class _Choices:
    """The lists of values that cells offer, each once, as columns of a hidden sheet: a list inside a cell's own
    validation may have no more than 255 characters."""

    def __init__(self) -> None:
        self.lists: list[tuple[str, ...]] = []

    def formula(self, values: tuple[str, ...]) -> str:
        if values not in self.lists:
            self.lists.append(values)
        letter = column_letter(self.lists.index(values))
        return f"选项!${letter}$2:${letter}${len(values) + 1}"


def _write_sheet(sheet: Worksheet, plan: SheetPlan, offered: _Choices, span: Span | None = None) -> None:
    """Head, rows and surroundings of a sheet; with ``span`` its second row has a cell for each look of them instead."""
    styles = importlib.import_module("openpyxl.styles")
    validation = importlib.import_module("openpyxl.worksheet.datavalidation")
    bold = styles.Font(bold=True)
    fill = styles.PatternFill("solid", fgColor="FFE8EEF7")
    wrap = styles.Alignment(vertical="top", wrap_text=True)
    for index, title in enumerate(plan.header):
        cell: Any = sheet.cell(1, index + 1, title)
        own = plan.heads.get(index)
        cell.font, cell.alignment = bold, wrap
        cell.fill = fill if own is None else styles.PatternFill("solid", fgColor=own)
    wrapped: Any = None
    for number, row in enumerate(plan.rows if span is None else (), start=2):
        for index, value in enumerate(row):
            if value is None:
                continue
            cell = sheet.cell(number, index + 1)
            if isinstance(value, str):
                cell.value = writable(value)
                # Said to be a text, so that nothing in it is ever taken for a formula.
                cell.data_type = "s"
                # One style is made and then copied: openpyxl compares every style it is given with all it has.
                if wrapped is None:
                    cell.alignment = wrap
                    wrapped = cell._style
                else:
                    cell._style = copy.copy(wrapped)
            else:
                cell.value = value
                if isinstance(value, datetime.date):
                    cell.number_format = "yyyy-mm-dd"
    for index, look in enumerate(span.looks if span is not None else ()):
        cell = sheet.cell(2, index + 1)
        if look.date:
            cell.number_format = "yyyy-mm-dd"
        if plan.tall and (look.date or look == NUMBER):
            cell.alignment = styles.Alignment(vertical="top")
        elif not look.date:
            cell.alignment = wrap
        if look.colour:
            cell.fill = styles.PatternFill("solid", fgColor=look.colour)
    for index, width in enumerate(_widths(plan)):
        sheet.column_dimensions[column_letter(index)].width = width
        letter = column_letter(index)
        below = f"{letter}2:{letter}{_MOST_FORMATTED}"
        if index in plan.formats:
            for number in range(2, 2 + 200):
                sheet.cell(number, index + 1).number_format = plan.formats[index]
        if index in plan.choices or index in plan.prompts:
            rule = validation.DataValidation(allow_blank=True)
            if index in plan.choices:
                rule.type, rule.formula1 = "list", offered.formula(plan.choices[index])
                rule.showErrorMessage = True
                rule.errorTitle, rule.error = "不在可选的值里", "请从下拉列表里选，不知道的留空"
            if index in plan.prompts:
                rule.showInputMessage = True
                rule.promptTitle, rule.prompt = plan.header[index][:32], plan.prompts[index][:255]
            rule.add(below)
            sheet.add_data_validation(rule)
    if plan.header:
        sheet.freeze_panes = f"{column_letter(plan.fixed)}2"
    if plan.hidden:
        sheet.sheet_state = "hidden"
    if plan.report:
        _set_up_report(sheet, plan)
    if plan.tall:
        sheet.row_dimensions[1].height = _height(plan)(plan.header)


def _set_up_report(sheet: Worksheet, plan: SheetPlan) -> None:
    """Filters and print: across an A4 page, every column on it, the header on each page, pages numbered."""
    properties = importlib.import_module("openpyxl.worksheet.properties")
    sheet.auto_filter.ref = f"A1:{column_letter(len(plan.header) - 1)}{len(plan.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = properties.PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.center.text = f"{plan.name}　第 &P 页，共 &N 页"
    if plan.foot:
        # & begins a code.
        footer.left.text = plan.foot.replace("&", "&&")


def _widths(plan: SheetPlan) -> list[float]:
    """How wide the columns are."""
    # A head of a sheet whose rows may be high stands in two lines.
    widths = [-(-display_width(head) // 2) + 2 if plan.tall else display_width(head) for head in plan.header]
    for row in islice(plan.rows, 200):
        for index, one in enumerate(row[: len(widths)]):
            widths[index] = max(widths[index], *map(display_width, str(one).split("\n")))
    return [float(min(plan.widest if plan.report else 60, max(8, width + 2))) for width in widths]


def _height(plan: SheetPlan) -> Callable[[Sequence[object]], float]:
    """How high rows have to be for their texts to be seen."""
    columns = _widths(plan)

    def height(row: Sequence[object]) -> float:
        shown = ((column, one) for column, one in zip(columns, row, strict=False) if isinstance(one, str))
        # Characters do not fill a line to its end.
        lines = (
            sum(-(-display_width(part) // int(column * 0.85)) or 1 for part in one.split("\n")) for column, one in shown
        )
        return min(_HIGHEST, _LINE * max(lines, default=1))

    return height


_LINE: Final = 15.0
_HIGHEST: Final = 405.0
"""What a row may be at most."""

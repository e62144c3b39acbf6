"""Excel workbooks: the only module that imports openpyxl.

Why this exists: ledgers are kept in workbooks. Reading turns sheets into format-independent tables; writing turns plain
rows into a workbook whose bytes depend on nothing but its content.

Invariants: nothing a file holds raises here; a cell that shows no value (an error, a formula that was never calculated)
becomes an `UnreadableCell` with its reason; numbers are what the workbook shows: up to 15 digits, as spreadsheets keep
them, so that ``=0.1+0.2`` is 0.3; two workbooks with the same content have the same bytes.
"""

from __future__ import annotations

import copy
import datetime
import functools
import importlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.records.cells import UnreadableCell
from policyrules.records.tables import MergedCell, Table, column_letter
from policyrules.source import display_width

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

NEEDS_EXCEL: Final = "读写 Excel 需要另装组件：pip install policyrules[excel]"
_LARGEST_UNPACKED: Final = 400 * 1024 * 1024
_MOST_COLUMNS: Final = 1_000
_MOST_MERGED: Final = 200_000
_EPOCHS: Final = {1900: datetime.date(1899, 12, 30), 1904: datetime.date(1904, 1, 1)}
_FIXED_TIME: Final = (2000, 1, 1, 0, 0, 0)
_FIXED_STAMP: Final = b"2000-01-01T00:00:00Z"


class MissingExcel(Exception):
    """openpyxl is not installed; the message says in Chinese how to get it."""


def _load_openpyxl() -> Any:
    try:
        return importlib.import_module("openpyxl")
    except ImportError:
        raise MissingExcel(NEEDS_EXCEL) from None


# ---- reading --------------------------------------------------------------------------------------------------------


def read_workbook(path: Path, name: str) -> tuple[tuple[Table, ...], tuple[Diagnostic, ...], tuple[str, ...]]:
    """The sheets of a workbook as tables, what keeps the file from being read, and notes. ``name``: what people call it."""

    def refused(expected: str) -> tuple[tuple[Table, ...], tuple[Diagnostic, ...], tuple[str, ...]]:
        return (), (Diagnostic("E507", expected, CellPlace(file=name)),), ()

    try:
        _load_openpyxl()
    except MissingExcel as missing:
        return refused(str(missing))
    try:
        data = path.read_bytes()
    except OSError:
        return refused("打不开这个文件，请检查文件是否存在、是否正被别的软件占用")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return refused("这是加密的或旧格式的表格文件，请取消密码，另存为 .xlsx 后再读")
    fault = _inspect(data)
    if fault:
        return refused(fault)
    try:
        with warnings.catch_warnings():
            # Styles and validations that openpyxl does not know say nothing about the values.
            warnings.simplefilter("ignore")
            notes: list[str] = []
            tables = tuple(_tables(data, name, notes))
            return tables, (), tuple(notes)
    except Exception:
        # openpyxl meets a damaged file with errors of many kinds, none of which tells its reader more than this.
        return refused("文件已损坏，或不是 .xlsx 格式，请用表格软件打开后另存为 .xlsx")


def _inspect(data: bytes) -> str:
    """What forbids unpacking a file; empty where nothing does."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
                most = _LARGEST_UNPACKED // 1024 // 1024
                return f"文件展开后超过 {most} MB，请删去多余的空行和格式，或分成几个文件"
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    content = archive.read(part)
                    if b"<!DOCTYPE" in content[:2000] or b"<!ENTITY" in content[:2000]:
                        return "文件里有不该有的内容（实体声明），为安全起见没有读入"
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zipfile.LargeZipFile):
        return "文件已损坏，或不是 .xlsx 格式，请用表格软件打开后另存为 .xlsx"
    except Exception as fault:
        # zlib and lzma raise errors of their own for damaged parts.
        if type(fault).__module__ in ("zlib", "_lzma", "lzma"):
            return "文件已损坏，请用表格软件打开后另存为 .xlsx"
        raise
    return ""


def _tables(data: bytes, file: str, notes: list[str]) -> Iterator[Table]:
    """The sheets one after the other. openpyxl reads what the workbook says of itself (sheets, shared texts, formats);
    the cells are read here, once each, for its own cells cost more than everything else together."""
    styles = importlib.import_module("openpyxl.styles.stylesheet")
    reader = importlib.import_module("openpyxl.reader.excel").ExcelReader(
        io.BytesIO(data), read_only=True, keep_links=False
    )
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    styles.apply_stylesheet(reader.archive, reader.wb)
    cells = _Cells(reader.wb, reader.shared_strings)
    epoch = _EPOCHS[1904 if reader.wb.epoch.year == 1904 else 1900]
    for sheet, target in reader.parser.find_sheets():
        if target.target in reader.valid_files and "chartsheet" not in target.Type:
            with reader.archive.open(target.target) as source:
                yield _table(_Sheet(source, cells), sheet.name, sheet.state != "visible", file, epoch, notes)


class _Cells:
    """What the cells of a workbook refer to: shared texts and styles."""

    def __init__(self, book: Any, strings: list[str]) -> None:
        builtin = importlib.import_module("openpyxl.styles.numbers").BUILTIN_FORMATS
        dates = importlib.import_module("openpyxl.utils.datetime")
        utils = importlib.import_module("openpyxl.utils")
        self.strings = strings
        self.epoch = book.epoch
        self.dates = {style: style in book._timedelta_formats for style in book._date_formats}
        codes = [style.numFmtId for style in book._cell_styles]
        self.formats = [builtin.get(c, "General") if c < 164 else book._number_formats[c - 164] for c in codes]
        self.from_serial = dates.from_excel
        self.from_iso = dates.from_ISO8601
        self.column = functools.cache(utils.column_index_from_string)
        self.area = utils.range_boundaries
        self.translator = importlib.import_module("openpyxl.formula.translate").Translator


_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL, _MERGED = f"{_MAIN}row", f"{_MAIN}c", f"{_MAIN}mergeCell"
_VALUE, _FORMULA, _INLINE, _TEXT, _RUN = (f"{_MAIN}{tag}" for tag in ("v", "f", "is", "t", "r"))
_NOT_CALCULATED: Final = "一个值：公式还没有算出结果，请用表格软件打开、保存后再读"


class _Sheet:
    """The cells of one sheet that hold anything, by row and column; merged ranges; the hidden rows."""

    def __init__(self, source: IO[bytes], cells: _Cells) -> None:
        self.cells = cells
        self.rows: dict[int, dict[int, object]] = {}
        self.merged: list[tuple[str, tuple[int, int, int, int]]] = []
        self.hidden: set[int] = set()
        self._formulas: dict[str | None, tuple[str, str]] = {}
        row = 0
        for _, element in ElementTree.iterparse(source):
            if element.tag == _ROW:
                row = self._row(element, row)
                element.clear()
            elif element.tag == _MERGED:
                area = element.get("ref", "")
                self.merged.append((area, cells.area(area)))

    def _row(self, element: ElementTree.Element, before: int) -> int:
        given = element.get("r")
        number = before + 1 if given is None else int(float(given))
        if element.get("hidden", "0") not in ("0", "f", "false"):
            self.hidden.add(number)
        column = 0
        for cell in element:
            row, coordinate = number, cell.get("r")
            if coordinate is None:
                column += 1
            else:
                letters = coordinate.rstrip("0123456789")
                row, column = int(coordinate[len(letters) :]), self.cells.column(letters)
            if len(cell) and column <= _MOST_COLUMNS:
                value = self._value(cell)
                if value is not None and not (isinstance(value, str) and not value.strip()):
                    self.rows.setdefault(row, {})[column] = value
        return number

    def _value(self, cell: ElementTree.Element) -> object:
        """What a cell shows; None where it shows nothing."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return None if inline is None else _inline_text(inline)
        formula = cell.find(_FORMULA)
        text = cell.findtext(_VALUE)
        if formula is not None and formula.get("t") == "shared" and formula.text:
            self._formulas[formula.get("si")] = (f"={formula.text}", cell.get("r", ""))
        if not text:
            return None if formula is None else UnreadableCell(self._formula(formula, cell), _NOT_CALCULATED)
        match kind:
            case "n":
                return self._number(int(cell.get("s", 0)), float(text) if set(text) & set(".eE") else int(text))
            case "s":
                return self.cells.strings[int(text)]
            case "b":
                return bool(int(text))
            case "d":
                return _timeless(self.cells.from_iso(text))
            case "e":
                return UnreadableCell(text, _ERROR_CELL)
            case _:
                return text

    def _formula(self, formula: ElementTree.Element, cell: ElementTree.Element) -> str:
        """The formula of a cell, also where it only refers to the one that it shares."""
        text = f"={formula.text or ''}"
        if text == "=" and formula.get("si") in self._formulas:
            first, origin = self._formulas[formula.get("si")]
            text = self.cells.translator(first, origin).translate_formula(cell.get("r", ""))
        return text[:60]

    def _number(self, style: int, number: int | float) -> object:
        if style in self.cells.dates:
            try:
                return _timeless(self.cells.from_serial(number, self.cells.epoch, timedelta=self.cells.dates[style]))
            except (OverflowError, ValueError):
                return UnreadableCell("#VALUE!", _ERROR_CELL)
        return _as_formatted(number, self.cells.formats[style])


def _inline_text(inline: ElementTree.Element) -> str:
    """The text of a cell that holds it itself, without the marks of its parts and without readings."""
    if len(inline) == 1 and inline[0].tag == _TEXT:
        return inline[0].text or ""
    parts = [inline, *inline.findall(_RUN)]
    return "".join(part.findtext(_TEXT) or "" for part in parts)


def _table(sheet: _Sheet, name: str, hidden: bool, file: str, epoch: datetime.date, notes: list[str]) -> Table:
    rows = sheet.rows
    merged = _merged_cells(sheet, name, notes)
    for (row, column), (corner, _) in merged.items():
        if (row, column) != corner and row in rows:
            # Excel shows the corner alone; what an older file keeps beneath is not there for its reader.
            rows[row].pop(column, None)
    for (row, column), (corner, first) in merged.items():
        shown = rows.get(corner[0], {}).get(corner[1])
        if shown is not None and rows.get(row):
            rows[row][column] = MergedCell(shown.value if isinstance(shown, MergedCell) else shown, first)
    concealed = sum(1 for number in sheet.hidden if rows.get(number))
    if concealed:
        notes.append(f"工作表“{name}”有 {concealed} 行被隐藏或筛掉，仍然读入了")
    found = [
        (number, tuple(map(cells.get, range(1, max(cells) + 1)))) for number, cells in sorted(rows.items()) if cells
    ]
    return Table(name, found, file, epoch, hidden)


def _merged_cells(sheet: _Sheet, name: str, notes: list[str]) -> dict[tuple[int, int], tuple[tuple[int, int], bool]]:
    """Each cell of a merged range: the range's corner, and whether the cell is in its first column."""
    merged: dict[tuple[int, int], tuple[tuple[int, int], bool]] = {}
    for area, (left, top, right, bottom) in sheet.merged:
        if (bottom - top + 1) * (right - left + 1) + len(merged) > _MOST_MERGED:
            notes.append(f"工作表“{name}”合并的单元格太多，从 {area} 起没有展开")
            return merged
        for row in range(top, bottom + 1):
            for column in range(left, min(right, _MOST_COLUMNS) + 1):
                merged[row, column] = ((top, left), column == left)
    return merged


_ERROR_CELL: Final = "一个值：这个单元格报错了，请改好公式或重新填写"
_TIME_CELL: Final = "一个值：这个单元格的格式是时间，请改成日期或常规格式"


def _timeless(value: object) -> object:
    """A date; a time of day or a duration is none, nor a day before the calendar of spreadsheets begins."""
    if isinstance(value, datetime.timedelta):
        return UnreadableCell(str(value), _TIME_CELL)
    return UnreadableCell(value.isoformat(), _TIME_CELL) if isinstance(value, datetime.time) else value


def _as_formatted(value: int | float, number_format: str) -> object:
    """A number as its cell shows it."""
    if number_format == "General" and isinstance(value, int) and abs(value) < 10**15:
        return value
    number = as_shown(value)
    if "%" in number_format:
        # The cell shows 60% whatever its heading says.
        return f"{_plain(number * 100)}%"
    if "万" in number_format or "亿" in number_format:
        reason = "常规格式的数：显示格式里带“万”或“亿”，看到的数和存的数可能差一万倍，请改成常规格式再核对"
        return UnreadableCell(_plain(number), reason)
    return number if number != number.to_integral_value() or abs(number) >= 10**15 else int(number)


def as_shown(value: float) -> Decimal:
    """A number of a workbook as its cell shows it at full precision: 15 digits, without the noise of binary arithmetic.

    >>> as_shown(0.1 + 0.2), as_shown(330.00000000000006), as_shown(12.5)
    (Decimal('0.3'), Decimal('330'), Decimal('12.5'))
    """
    exact = Decimal(repr(value))
    if not exact.is_finite() or len(exact.as_tuple().digits) <= 15:
        return exact
    rounded = Decimal(format(value, ".15g"))
    return rounded.normalize() if rounded != rounded.to_integral_value() else Decimal(int(rounded))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---- writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet to write. ``rows`` hold texts (already escaped), ints, dates or None. ``choices``: by column index, the
    values offered in its cells; ``formats``: by column index, a number format for its empty cells; ``prompts``: by column
    index, what a person sees when a cell is selected. ``report``: a sheet to read, filter and print, not to fill in, of
    which the first ``fixed`` columns stay in view; ``colours``: by column index, the colour of a row by the text there."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    choices: dict[int, tuple[str, ...]] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)
    prompts: dict[int, str] = field(default_factory=dict)
    hidden: bool = False
    report: bool = False
    fixed: int = 0
    colours: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


_MOST_FORMATTED: Final = 2_000
_LONGEST_CELL: Final = 32_000
_WIDEST_READ: Final = 36


def write_workbook(path: Path, sheets: Sequence[SheetPlan]) -> None:
    """Write ``sheets`` to ``path``. Raises `MissingExcel` where openpyxl is missing, `OSError` where ``path`` cannot be written."""
    path.write_bytes(workbook_bytes(sheets))


def workbook_bytes(sheets: Sequence[SheetPlan]) -> bytes:
    """The workbook; the same sheets always give the same bytes."""
    openpyxl = _load_openpyxl()
    book: Workbook = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    offered = _Choices()
    for plan in sheets:
        _write_sheet(book.create_sheet(plan.name), plan, offered)
    if offered.lists:
        longest = max(map(len, offered.lists))
        rows = [
            [values[index] if index < len(values) else None for values in offered.lists] for index in range(longest)
        ]
        header = tuple(f"选项{index + 1}" for index in range(len(offered.lists)))
        _write_sheet(book.create_sheet("选项"), SheetPlan("选项", header, rows, hidden=True), offered)
    buffer = io.BytesIO()
    book.save(buffer)
    return _with_fixed_times(buffer.getvalue())


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


def _write_sheet(sheet: Worksheet, plan: SheetPlan, offered: _Choices) -> None:
    styles = importlib.import_module("openpyxl.styles")
    validation = importlib.import_module("openpyxl.worksheet.datavalidation")
    bold = styles.Font(bold=True)
    fill = styles.PatternFill("solid", fgColor="FFE8EEF7")
    wrap = styles.Alignment(vertical="top", wrap_text=True)
    for index, title in enumerate(plan.header):
        cell: Any = sheet.cell(1, index + 1, title)
        cell.font, cell.fill, cell.alignment = bold, fill, wrap
    wrapped: Any = None
    for number, row in enumerate(plan.rows, start=2):
        for index, value in enumerate(row):
            if value is None:
                continue
            cell = sheet.cell(number, index + 1)
            if isinstance(value, str):
                cell.value = _writable(value)
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
    for index in range(len(plan.header)):
        sheet.column_dimensions[column_letter(index)].width = _width(plan, index)
        letter = column_letter(index)
        span = f"{letter}2:{letter}{_MOST_FORMATTED}"
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
            rule.add(span)
            sheet.add_data_validation(rule)
    if plan.header:
        sheet.freeze_panes = f"{column_letter(plan.fixed)}2"
    if plan.hidden:
        sheet.sheet_state = "hidden"
    if plan.report:
        _set_up_report(sheet, plan)


def _set_up_report(sheet: Worksheet, plan: SheetPlan) -> None:
    """Filters, colours, and print: across an A4 page, every column on it, the header on each page, pages numbered."""
    styles = importlib.import_module("openpyxl.styles")
    properties = importlib.import_module("openpyxl.worksheet.properties")
    for index, colours in plan.colours.items():
        fills = {text: styles.PatternFill("solid", fgColor=colour) for text, colour in colours.items()}
        for number, row in enumerate(plan.rows, start=2):
            fill = fills.get(str(row[index]))
            if fill is not None:
                sheet.cell(number, index + 1).fill = fill
    sheet.auto_filter.ref = f"A1:{column_letter(len(plan.header) - 1)}{len(plan.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = properties.PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.center.text = f"{plan.name}　第 &P 页，共 &N 页"


_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _writable(text: str) -> str:
    """What XML and Excel can hold: no control characters, no more characters than a cell takes."""
    text = _UNWRITABLE.sub("�", text)
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…（内容过长，其余从略）"


def _width(plan: SheetPlan, index: int) -> float:
    widths = [display_width(plan.header[index])]
    widths += [
        max(map(display_width, str(row[index]).split("\n")), default=0) for row in plan.rows[:200] if index < len(row)
    ]
    return float(min(_WIDEST_READ if plan.report else 60, max(8, max(widths) + 2)))


def _with_fixed_times(data: bytes) -> bytes:
    """The same archive with fixed times: openpyxl stamps the moment of saving into it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + _FIXED_STAMP, content)
            fixed = zipfile.ZipInfo(part.filename, _FIXED_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            target.writestr(fixed, content)
    return buffer.getvalue()

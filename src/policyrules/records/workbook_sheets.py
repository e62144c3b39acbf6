"""The cells of one sheet, read as its part streams by.

Why this exists: the cells of a workbook are most of what it holds, and each is met once. What a cell shows is decided
here: shared texts, dates, formats, formulas without a result, merged ranges.

Invariants: a cell that shows no value (an error, a formula that was never calculated) or that is damaged becomes an
`UnreadableCell` with its reason, and keeps its place; numbers are what the sheet shows: up to 15 digits, as spreadsheets
keep them, so that ``=0.1+0.2`` is 0.3; what is kept of all sheets together is bounded by `Room`.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from policyrules.records.cells import UnreadableCell
from policyrules.records.heads import MergedCell
from policyrules.records.number_formats import NumberFormat, plain_digits, shown_day
from policyrules.records.rich_text import ELEMENTS, RichText, unescaped
from policyrules.records.tables import column_letter
from policyrules.records.workbook_parts import PartReader, Refused, local_names
from policyrules.records.workbook_room import MOST_MERGED, Room

MOST_COLUMNS: Final = 16_384
_MOST_ROWS: Final = 1_048_576
# To look at a range costs as much time as to fill this many places.
_WORK_PER_RANGE: Final = 5
_MOST_TRANSLATED: Final = 1_000
_LONGEST_FORMULA: Final = 60
_LONGEST_NUMBER: Final = 400
_MOST_KEPT, _LONGEST_KEPT = 20_000, 32
"""Numbers that are remembered as they are shown, and how long these are at most."""
_MOST_TOLD: Final = 5

_NOT_CALCULATED: Final = "一个值：公式还没有算出结果，请用表格软件打开、保存后再读"
_ERROR_CELL: Final = "一个值：这个单元格报错了，请改好公式或重新填写"
_TIME_CELL: Final = "一个值：这个单元格的格式是时间，请改成日期或常规格式"
_NO_DAY: Final = "一个日期：这个数不是日历上的日子，请改成常规格式核对后重新填写"
_DAMAGED_CELL: Final = "一个值：这个单元格在文件里已损坏，请重新填写后保存"
_TWICE: Final = "一个值：这个单元格在文件里写了两遍，请重新填写后保存"
_SCALED: Final = "常规格式的数：显示格式会缩放或改写这个数，看到的数和存的数可能差一万倍或更多，请改成常规格式再核对"


@dataclass(frozen=True, slots=True)
class Style:
    """How cells of one style show numbers. ``day``: as a date; ``span``: as a time or a duration; ``format``: as numbers,
    None where that is not known; ``parts``: of a date, what is seen of it (`day_parts`)."""

    day: bool = False
    span: bool = False
    format: NumberFormat | None = None
    parts: str = "ymd"


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cells of a workbook refer to. ``style``: by its index, None where there is none; ``translated``: a shared
    formula, where it stands and where it is copied to, as it reads there; ``struck``: the styles whose texts are struck out."""

    strings: list[str | UnreadableCell]
    style: Callable[[int], Style | None]
    translated: Callable[[str, str, str], str]
    epoch: datetime.date
    room: Room
    struck: frozenset[str] = frozenset()


# ---- texts ----------------------------------------------------------------------------------------------------------

_STRING_NAMES: Final = local_names("sst", "si", *ELEMENTS)


class StringsReader(PartReader):
    """The shared texts."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.strings: list[str | UnreadableCell] = []
        self._text = RichText()
        self._room = room

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        match _STRING_NAMES.get(tag):
            case "t":
                self.texts.clear()
            case "si":
                self._text.clear()
            case None | "sst":
                pass
            case name:
                self._text.start(name, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        match _STRING_NAMES.get(tag):
            case "si":
                self._room.take(len(self._text.text()))
                value = self._text.value()
                # Any number of cells may say the same: each of them asks whether it says anything.
                self.strings.append(value[:1] if isinstance(value, str) and not value.strip() else value)
            case None | "sst":
                pass
            case name:
                self._text.end(name, self.texts)


# ---- comments -------------------------------------------------------------------------------------------------------

_COMMENT_NAMES: Final = local_names("comments", "comment", *ELEMENTS)
_MOST_COMMENTS: Final = 100_000


class CommentsReader(PartReader):
    """What is written beside the cells of a sheet (批注), by the number of the row and the index of the column."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.comments: dict[tuple[int, int], str] = {}
        self._text = RichText()
        self._place: tuple[int, int] | None = None
        self._room = room

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        match _COMMENT_NAMES.get(tag):
            case "comment":
                area = _area(attributes.get("ref", ""))
                self._place = None if area is None else (area.top, area.left - 1)
                self._text.clear()
            case "t":
                self.texts.clear()
            case None | "comments":
                pass
            case name:
                self._text.start(name, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        match _COMMENT_NAMES.get(tag):
            case "comment":
                text = self._text.text().strip()
                self._room.take(len(text))
                if self._place is not None and text and len(self.comments) < _MOST_COMMENTS:
                    self.comments[self._place] = text
            case None | "comments":
                pass
            case name:
                self._text.end(name, self.texts)


# ---- cells ----------------------------------------------------------------------------------------------------------

_NAMES: Final = local_names("worksheet", "row", "c", "v", "f", "is", "mergeCell", "col", "sheetView", *ELEMENTS)
_ADDRESS: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class _Area:
    """A range of cells; ``name`` as the file writes it."""

    name: str
    top: int
    left: int
    bottom: int
    right: int

    def holds(self, column: int) -> bool:
        return self.left <= column <= self.right


def _area(name: str) -> _Area | None:
    first, _, last = name.partition(":")
    corners = [_ADDRESS.fullmatch(corner) for corner in (first, last or first)]
    if corners[0] is None or corners[1] is None:
        return None
    left, right = sorted(_column(corner[1]) for corner in corners if corner)
    top, bottom = sorted(int(corner[2]) for corner in corners if corner)
    return _Area(name, top, left, bottom, right)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _Calculated:
    """What an empty cell holds that a formula made empty."""


_EMPTY: Final = _Calculated()


class SheetReader(PartReader):
    """The cells of one sheet that hold anything, by row and column from 1; merged ranges; the hidden rows and columns."""

    def __init__(self, name: str, shared: Shared) -> None:
        super().__init__()
        self.name = name
        self.shared = shared
        self._room = shared.room
        self.rows: dict[int, dict[int, object]] = {}
        self.hidden: set[int] = set()
        self._hidden_columns: list[tuple[int, int]] = []
        self._struck: Counter[int] = Counter()
        self.unseen: list[str] = []
        """The first cells that hold a number and show nothing, ``unseen_count``: how many there are."""
        self.unseen_count = 0
        self._without_zeros = False
        self._merged: list[_Area] = []
        # Ranges that one formula fills, and what it reads.
        self._filled: list[tuple[_Area, str]] = []
        self._formulas: dict[str | None, tuple[str, str]] = {}
        self._translated = 0
        self._columns: dict[str, int] = {}
        self._row = self._column = 0
        self._row_digits = ""
        self._lost = False
        self._styles: dict[str, Style | None] = {}
        # What cells show of a number in a style, and whether they show nothing: thousands hold the same.
        self._numbers: dict[tuple[str, str], tuple[object, bool]] = {}
        self._cell: dict[str, str] = {}
        self._formula: dict[str, str] | None = None
        self._value: str | None = None
        self._inline: RichText | None = None
        self._formula_text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        match _NAMES.get(tag):
            case "c":
                self._cell = attributes
                self._formula = self._value = self._inline = None
                address = attributes.get("r", "")
                letters = address.rstrip("0123456789")
                column = self._columns.get(letters)
                if column is not None and address[len(letters) :] == self._row_digits:
                    self._column, self._lost = column, False
                else:
                    self._place(attributes.get("r"))
            case "v" | "t":
                self.texts.clear()
            case "f":
                self.texts.clear()
                self._formula = attributes
            case "row":
                self._begin_row(attributes)
            case "is":
                self._inline = RichText()
            case "rPh" | "r" | "strike" | "vertAlign" as name:
                if self._inline is not None:
                    self._inline.start(name, attributes)
            case "mergeCell":
                self._merge(attributes.get("ref", ""))
            case "col":
                self._column_format(attributes)
            case "sheetView":
                self._without_zeros |= attributes.get("showZeros", "1") in ("0", "f", "false")
            case "worksheet":
                pass
            case _:
                if self.depth == 1:
                    raise Refused(self._damaged())

    def end(self, tag: str) -> None:
        self.depth -= 1
        match _NAMES.get(tag):
            case "v":
                self._value = "".join(self.texts)
            case "c":
                if self._formula is not None or self._value is not None or self._inline is not None:
                    self._keep()
            case "f":
                self._formula_text = "".join(self.texts)
            case "t" | "rPh" | "r" as name:
                if self._inline is not None:
                    self._inline.end(name, self.texts)

    def _damaged(self) -> str:
        return f"工作表“{self.name}”已损坏，请用表格软件打开后另存为 .xlsx"

    # ---- places -----------------------------------------------------------------------------------------------------

    def _begin_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        number = self._row + 1 if given is None else int(given) if _is_whole(given) else 0
        if not 1 <= number <= _MOST_ROWS:
            raise Refused(self._damaged())
        self._row, self._column, self._row_digits = number, 0, str(number)
        if attributes.get("hidden", "0") not in ("0", "f", "false"):
            self.hidden.add(number)

    def _column_format(self, attributes: dict[str, str]) -> None:
        ends = attributes.get("min", ""), attributes.get("max", "")
        if attributes.get("hidden", "0") in ("0", "f", "false") or not all(map(_is_whole, ends)):
            return
        if len(self._hidden_columns) < MOST_COLUMNS:
            self._hidden_columns.append((int(ends[0]), int(ends[1])))

    def _place(self, address: str | None) -> None:
        """Where the cell that begins stands. One with an address that is none stands after the one before it."""
        self._lost = False
        self._row_digits = str(self._row)
        if address is None:
            self._column += 1
            return
        letters = address.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            found = _ADDRESS.fullmatch(f"{letters}1")
            column = _column(letters) if found else 0
            if 1 <= column <= MOST_COLUMNS:
                self._columns[letters] = column
        digits = address[len(letters) :]
        if not 1 <= column <= MOST_COLUMNS or not _is_whole(digits) or not 1 <= int(digits) <= _MOST_ROWS:
            self._column += 1
            self._lost = True
            return
        self._row, self._column, self._row_digits = int(digits), column, digits

    def _merge(self, name: str) -> None:
        area = _area(name)
        if area is None:
            raise Refused(self._damaged())
        self._room.merge()
        self._merged.append(area)

    # ---- values -----------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        cell = self._cell
        value = self._shown(cell)
        if value is None or (isinstance(value, str) and not value.strip()):
            if not self._filled or self._value is None:
                return
            # Within a range that one formula fills an empty result is not the same as none.
            value = _EMPTY
        elif self._lost:
            value = UnreadableCell(_brief(value), _DAMAGED_CELL)
        if isinstance(value, str):
            self._room.take(len(value))
        self._room.cell()
        row = self.rows.get(self._row)
        if row is None:
            self._room.row()
            row = self.rows[self._row] = {}
        elif self._column in row:
            value = UnreadableCell(_brief(value), _TWICE)
        row[self._column] = value
        if self.shared.struck and cell.get("s", "0") in self.shared.struck:
            self._struck[self._row] += 1

    def _shown(self, cell: dict[str, str]) -> object:
        """What a cell shows; None where it shows nothing."""
        kind = cell.get("t", "n")
        text = self._value
        formula = "" if self._formula is None else self._read_formula(self._formula)
        if self._inline is not None and kind == "inlineStr":
            return self._in_style(self._inline.value(), cell)
        if not text:
            # A result that is an empty text was calculated; no result at all was not.
            calculated = self._formula is None or (kind == "str" and text is not None)
            return None if calculated else UnreadableCell(formula[:_LONGEST_FORMULA], _NOT_CALCULATED)
        match kind:
            case "n":
                return self._number(text.strip(), cell)
            case "s":
                text = text.strip()
                index = int(text) if _is_whole(text) else len(self.shared.strings)
                if index >= len(self.shared.strings):
                    return UnreadableCell(f"第 {text[:20]} 条文字", _DAMAGED_CELL)
                return self._in_style(self.shared.strings[index], cell)
            case "str":
                return self._in_style(unescaped(text), cell)
            case "b" if text.strip() in ("0", "1", "true", "false"):
                return text.strip() in ("1", "true")
            case "d":
                return _iso_day(text.strip())
            case "e":
                return UnreadableCell(text[:_LONGEST_FORMULA], _ERROR_CELL)
            case _:
                return UnreadableCell(text[:_LONGEST_FORMULA], _DAMAGED_CELL)

    def _read_formula(self, given: dict[str, str]) -> str:
        """The formula of a cell, also where it only refers to the one that it shares."""
        text, own = f"={self._formula_text}", f"{column_letter(self._column - 1)}{self._row}"
        match given.get("t"):
            case "shared" if self._formula_text:
                self._formulas[given.get("si")] = (text, own)
            case "shared" if not self._value and given.get("si") in self._formulas:
                first, origin = self._formulas[given.get("si")]
                self._translated += 1
                if self._translated <= _MOST_TRANSLATED and len(first) <= 1_000:
                    return self.shared.translated(first, origin, own)
                return f"{first}（同 {origin}）"
            case "array" | "dataTable" as kind:
                if kind == "dataTable":
                    text = f"=TABLE({given.get('r1', '')},{given.get('r2', '')})"
                area = _area(given.get("ref", ""))
                if area is not None and (area.top, area.left) != (area.bottom, area.right):
                    if len(self._filled) >= MOST_MERGED:
                        raise Refused(f"工作表“{self.name}”里占几个单元格的公式太多，请改成普通公式后再读")
                    self._filled.append((area, text[:_LONGEST_FORMULA]))
        return text

    def _in_style(self, text: str | UnreadableCell, cell: dict[str, str]) -> str | UnreadableCell:
        if isinstance(text, UnreadableCell):
            return text
        style = self._style(cell)
        return text if style is None or style.format is None or style.format.plain else style.format.of_text(text)

    def _style(self, cell: dict[str, str]) -> Style | None:
        index = cell.get("s", "0")
        if index not in self._styles:
            self._styles[index] = self.shared.style(int(index)) if _is_whole(index) else None
        return self._styles[index]

    def _number(self, text: str, cell: dict[str, str]) -> object:
        """What a cell shows of a number; counts those that show nothing."""
        key = text, cell.get("s", "0")
        found = self._numbers.get(key)
        if found is None:
            found = self._shown_number(text, cell)
            if len(text) <= _LONGEST_KEPT:
                if len(self._numbers) >= _MOST_KEPT:
                    self._numbers.clear()
                self._numbers[key] = found
        value, unseen = found
        if unseen:
            self.unseen_count += 1
            if len(self.unseen) < _MOST_TOLD:
                self.unseen.append(f"{column_letter(self._column - 1)}{self._row}")
        return value

    def _shown_number(self, text: str, cell: dict[str, str]) -> tuple[object, bool]:
        """What a number is read as, and whether its cell shows nothing."""
        whole = len(text) <= 15 and _is_whole(text)
        if not whole and (len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text)):
            return UnreadableCell(text[:_LONGEST_FORMULA], _DAMAGED_CELL), False
        number: int | float = int(text) if whole else float(text)
        style = self._style(cell)
        if style is None or not math.isfinite(number):
            return UnreadableCell(text[:_LONGEST_FORMULA], _DAMAGED_CELL), False
        if style.day or style.span:
            return _serial_day(number, style, self.shared.epoch), False
        unseen = (self._without_zeros and not number) or (
            style.format is not None and style.format.hiding and style.format.hides(as_shown(number))
        )
        if whole and style.format is not None and style.format.plain:
            return number, unseen
        exact = as_shown(number)
        shown = None if style.format is None else style.format.of_number(exact)
        if shown is None:
            return UnreadableCell(plain_digits(exact), _SCALED), unseen
        if isinstance(shown, str):
            return shown, unseen
        return (int(shown) if shown == shown.to_integral_value() and abs(shown) < 10**15 else shown), unseen

    # ---- the whole sheet --------------------------------------------------------------------------------------------

    def finished(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        """The rows that hold anything, in order, with what merged ranges and formulas over several cells add."""
        width = max((max(cells) for cells in self.rows.values()), default=0)
        merged = _Sweep([(area, area.name) for area in self._merged])
        filled = _Sweep(self._filled)
        corners: dict[str, object] = {}
        room = self._room
        for number in sorted(self.rows):
            cells = self.rows[number]
            for area, formula in filled.at(number, room):
                for column in range(area.left, min(area.right, width) + 1):
                    room.cell()
                    cells.setdefault(column, UnreadableCell(formula, _NOT_CALCULATED))
            if self._filled:
                cells = self.rows[number] = {column: value for column, value in cells.items() if value is not _EMPTY}
            areas = merged.at(number, room)
            for area, _ in areas:
                # Excel shows the corner alone; what an older file keeps beneath is not there for its reader.
                room.spread(len(cells))
                for column in [column for column in cells if area.holds(column)]:
                    if (number, column) != (area.top, area.left):
                        del cells[column]
            for area, name in areas if cells else ():
                if number == area.top:
                    corners[name] = cells.get(area.left)
                shown = corners.get(name)
                if shown is None:
                    continue
                value = shown.value if isinstance(shown, MergedCell) else shown
                for column in range(area.left, min(area.right, max(width, area.left + 2)) + 1):
                    room.cell()
                    cells[column] = MergedCell(
                        value, column == area.left, number == area.top, area.right > area.left, area.bottom > area.top
                    )
            if cells:
                last = max(cells)
                room.spread(last)
                yield number, tuple(map(cells.get, range(1, last + 1)))

    def concealed(self) -> int:
        """How many rows with anything in them are hidden."""
        return sum(1 for number in self.hidden if self.rows.get(number))

    def struck(self) -> tuple[list[int], list[int]]:
        """The numbers of the rows in which all that stands is struck out, and of those with some such cells."""
        whole = sorted(number for number, cells in self._struck.items() if cells == len(self.rows[number]))
        return whole, sorted(self._struck.keys() - set(whole))

    def concealed_columns(self) -> list[str]:
        """The letters of the hidden columns with anything in them."""
        filled = sorted(set().union(*self.rows.values())) if self._hidden_columns else []
        ranges = self._hidden_columns
        return [column_letter(column - 1) for column in filled if any(low <= column <= high for low, high in ranges)]


class _Sweep:
    """The ranges that cover a row, for rows in order; each range looked at once a row costs room."""

    def __init__(self, areas: list[tuple[_Area, str]]) -> None:
        self._waiting = sorted(areas, key=lambda pair: pair[0].top, reverse=True)
        self._active: list[tuple[_Area, str]] = []

    def at(self, row: int, room: Room) -> list[tuple[_Area, str]]:
        while self._waiting and self._waiting[-1][0].top <= row:
            self._active.append(self._waiting.pop())
        if self._active:
            self._active = [pair for pair in self._active if pair[0].bottom >= row]
            room.spread(_WORK_PER_RANGE * len(self._active))
        return self._active


def _is_whole(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 15


def _brief(value: object) -> str:
    return value.shown if isinstance(value, UnreadableCell) else str(value)[:_LONGEST_FORMULA]


def _serial_day(number: int | float, style: Style, epoch: datetime.date) -> object:
    """The day that a serial number stands for, with its time where it has one; a text where only a part of it is seen."""
    if style.span or 0 < number < 1 or not style.parts:
        return UnreadableCell(plain_digits(as_shown(number)), _TIME_CELL)
    day = math.floor(number)
    windows = epoch.year == 1899
    try:
        if number < windows or (windows and day == 60):
            # Before the first day of the calendar, or the 29th of February 1900, which never was.
            raise OverflowError
        # The calendar of spreadsheets counts that day, so the days before it stand one later.
        date = epoch + datetime.timedelta(days=day + (windows and day < 60))
    except OverflowError:
        return UnreadableCell(plain_digits(as_shown(number)), _NO_DAY)
    if style.parts != "ymd":
        # 2024年3月 typed into a cell is kept as its first day, which nobody wrote.
        return shown_day(date, style.parts)
    seconds = round((number - day) * 86_400)
    if not seconds:
        return date
    return datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(seconds=min(seconds, 86_399))


def _iso_day(text: str) -> object:
    try:
        moment = datetime.datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        is_time = re.match(r"PT|T?[0-9]{2}:", text) is not None
        return UnreadableCell(text[:_LONGEST_FORMULA], _TIME_CELL if is_time else _DAMAGED_CELL)
    return moment if len(text) > 10 else moment.date()


def as_shown(value: float) -> Decimal:
    """A number of a workbook as its cell shows it at full precision: 15 digits, without the noise of binary arithmetic.

    >>> as_shown(0.1 + 0.2), as_shown(330.00000000000006), as_shown(12.5)
    (Decimal('0.3'), Decimal('330'), Decimal('12.5'))
    """
    exact = Decimal(repr(value))
    if len(exact.as_tuple().digits) <= 15:
        return exact
    rounded = Decimal(format(value, ".15g"))
    return rounded.normalize() if rounded != rounded.to_integral_value() else Decimal(int(rounded))

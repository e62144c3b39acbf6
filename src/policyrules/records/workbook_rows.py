"""The rows of long sheets, written one after the other into the XML that a library made for the rest of the workbook.

Why this exists: a library that holds every cell of a workbook as an object takes a gigabyte for the results of two
thousand projects. What differs from row to row is written here; styles, widths, filters and print are the library's.

Invariants: every row is the XML that openpyxl writes for its cells, byte for byte; rows are read one at a time; a text is
written as a text, never as a formula.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, cast

from policyrules.records.spool import Rows
from policyrules.records.tables import column_letter

MOST_ROWS: Final = 1_048_575
"""Rows that a sheet holds below its header."""
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# What would be read as the escape of a character.
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_CELL: Final = 32_000
_PIECE: Final = 500
_KEPT, _SHORT = 1_000, 500
"""Texts of a column whose cells are kept, and how long these are at most."""
_FRAME, _WIDEST = 100, 5
_DIMENSION: Final = re.compile(rb'(<dimension ref=")[^"]*')
_SAMPLES: Final = re.compile(rb'<row r="2".*?</row>', re.DOTALL)
_STYLE: Final = re.compile(rb' s="([0-9]+)"')


class Look(NamedTuple):
    """How a cell looks. ``date``: as a day; ``colour``: behind it, of a text in a column of statuses."""

    date: bool
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """What has to be known of rows before the first is written. ``looks``: as their cells first show them; ``rows`` and
    ``columns``: as far as cells, or heads, are filled; ``size``: bytes that they come to at most."""

    looks: tuple[Look, ...]
    rows: int
    columns: int
    size: int


def writable(text: str) -> str:
    """What XML and Excel can hold: no control characters, no more characters than a cell takes."""
    text = _ESCAPE.sub("_x005F_", _UNWRITABLE.sub("�", text))
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…（内容过长，其余从略）"


@dataclass(frozen=True, slots=True)
class SomeRows:
    """A stretch of rows."""

    rows: Rows[Sequence[object]]
    start: int
    stop: int

    def __len__(self) -> int:
        return min(self.stop, len(self.rows)) - self.start

    def __iter__(self) -> Iterator[Sequence[object]]:
        return islice(iter(self.rows), self.start, self.stop)


Colours = Mapping[int, Mapping[str, str]]


def span_of(rows: Rows[Sequence[object]], colours: Colours, heads: int, *, numbers: bool = False) -> Span:
    """Look through ``rows`` below as many ``heads``; ``colours``: by column, the colour of a cell by its text;
    ``numbers``: whether these have a look of their own."""
    looks: dict[Look, None] = {}
    last = size = 0
    columns = heads
    for number, row in enumerate(rows, start=1):
        filled = 0
        for index, value in enumerate(row):
            if value is None:
                continue
            filled = index + 1
            size += _FRAME + (_WIDEST * len(value) if isinstance(value, str) else 0)
            look = _look(index, value, colours)
            if numbers or look is not NUMBER:
                looks[look] = None
        if filled:
            last, columns = number, max(columns, filled)
    return Span(tuple(looks), last, columns, size)


def _look(index: int, value: object, colours: Colours) -> Look:
    if isinstance(value, str):
        return Look(False, colours[index].get(value)) if index in colours else _TEXT
    return _DATE if isinstance(value, datetime.date) else NUMBER


_TEXT: Final = Look(False)
_DATE: Final = Look(True)
NUMBER: Final = Look(False, "")


def with_rows(
    sheet: bytes,
    rows: Rows[Sequence[object]],
    span: Span,
    colours: Colours,
    serial: Callable[[datetime.date], object],
    height: Callable[[Sequence[object]], float] | None = None,
) -> Iterator[bytes]:
    """The XML ``sheet``, whose second row has a cell for each look of ``span``, with ``rows`` in its place. ``serial``: the
    number of a day; ``height``: of a row, in points."""
    sample = _SAMPLES.search(sheet)
    styles = dict(zip(span.looks, _STYLE.findall(sample.group()) if sample else (), strict=True))
    cut = sample.span() if sample else (sheet.index(b"</sheetData>"),) * 2
    dimension = f"A1:{column_letter(max(span.columns, 1) - 1)}{span.rows + 1}".encode()
    yield _DIMENSION.sub(rb"\g<1>" + dimension, sheet[: cut[0]], count=1)
    known = {look: f' s="{style.decode()}"' for look, style in styles.items()}
    letters = [column_letter(index) for index in range(span.columns)]
    kept: list[dict[str, str]] = [{} for _ in letters]
    text: list[str] = []
    for number, row in enumerate(rows, start=2):
        cells: list[str] = []
        for index, value in enumerate(row):
            if value is None:
                continue
            # Thousands of rows say the same.
            cell = kept[index].get(value) if isinstance(value, str) else None
            if cell is None:
                cell = _cell(value, known.get(_look(index, value, colours), ""), serial)
                if isinstance(value, str) and len(value) <= _SHORT:
                    if len(kept[index]) >= _KEPT:
                        kept[index].clear()
                    kept[index][value] = cell
            cells.append(f'<c r="{letters[index]}{number}"{cell}')
        if cells:
            high = "" if height is None else f' ht="{height(row):g}" customHeight="1"'
            text.append(f'<row r="{number}"{high}>{"".join(cells)}</row>')
        if len(text) == _PIECE:
            yield "".join(text).encode()
            text = []
    yield "".join(text).encode() + sheet[cut[1] :]


def _cell(value: object, style: str, serial: Callable[[datetime.date], object]) -> str:
    """A cell behind the place where it stands."""
    if isinstance(value, str):
        text = writable(value)
        if not text:
            return f'{style} t="inlineStr" />'
        stripped = text.strip()
        space = ' xml:space="preserve"' if stripped and stripped != text else ""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f'{style} t="inlineStr"><is><t{space}>{text}</t></is></c>'
    number = serial(value) if isinstance(value, datetime.date) else value
    # As the library writes numbers.
    shown = "%.16g" % cast(int, number)  # noqa: UP031  # a Fraction takes no format before Python 3.12
    return f'{style} t="n"><v>{shown}</v></c>'

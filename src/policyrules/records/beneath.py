"""A second table beneath the rows of the first, whose heads no rule knows: a list of contacts, a legend, sums by township.

Why this exists: what stands in its columns is read as what the heads of the first table say, and a township becomes a project.

Invariants: of a head nothing is known but its form: texts where numbers or declared values belong, or a number of a row unlike
all above; and that what follows is shaped by it. A row that may belong to the first table is never passed by: where any row
beneath is numbered as those above, nothing of the sheet is read. One pass, and what is kept of it is small.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from policyrules.diagnostics import Diagnostic, shown_text
from policyrules.records.cells import DITTOS, PLACEHOLDERS, UNKNOWN_WORDS
from policyrules.records.heads import MergedCell, shown_cell
from policyrules.records.lines import is_heading, is_ordinal
from policyrules.records.tables import Column, Columns, Row
from policyrules.spelling import fold_word
from policyrules.types import Kind

_FEWEST: Final = 2
_LONGEST: Final = 20
_LONGEST_NUMBER: Final = 60
_MOST_SHOWN: Final = 3
_NO_HEADS: Final = PLACEHOLDERS | DITTOS | UNKNOWN_WORDS
_YEAR: Final = re.compile("(?:19|20)[0-9]{2}年?")
_SPOKEN: Final = re.compile("[0-9。，；！？：:;]")
_DIGIT: Final = re.compile("[0-9]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LETTER: Final = re.compile("[A-Za-z\u4e00-\u9fff]")


@dataclass(slots=True)
class Second:
    """What may be a second table. ``number``: the row of its head, ``shown`` what stands in it; ``first``: the row of its title
    or its head, ``start``: so many rows were read before; ``last``: the last row that was read beneath it; ``places``: the
    columns that its head fills.

    ``misfit``: its head has a text where none belongs; ``broken``: something parts it from the rows above; ``odd``: the head is
    numbered unlike them; ``alike``: a row beneath may be one more of them; ``rows``: how many stand beneath; ``ended``: a blank
    row ended them."""

    number: int
    shown: str
    first: int
    start: int
    places: frozenset[int]
    misfit: bool
    broken: bool
    odd: bool
    last: int = 0
    rows: int = 0
    ended: bool = False
    alike: bool = False

    @property
    def sure(self) -> bool:
        """Whether nothing of it can be a row of the first table."""
        return self.misfit and self.broken and self.odd and not self.alike


class Watch:
    """Looks at the lines of one table, one after the other. ``epoch``: as that of the table."""

    def __init__(self, columns: Columns, epoch: datetime.date | None) -> None:
        self.columns = columns
        self.epoch = epoch
        self.second: Second | None = None
        self.doubted = False
        own = [column.index for column in columns.read if column.link or column.index == columns.identity]
        self._key = columns.identity if columns.identity >= 0 else min(own, default=-1)
        self._typed = [column for column in columns.read if _is_typed(column)]
        # How the rows above are numbered, and how many of them were asked.
        self._shapes: set[str] = set()
        self._asked = 0
        # What the line above was: whether it parts tables; the row and the place of a title.
        self._broken = False
        self._title: tuple[int, int] | None = None

    def gap(self) -> None:
        """A blank row."""
        self._broken = True
        if self.second is not None and self.second.rows:
            self.second.ended = True

    def begin(self, number: int, here: dict[int, object], rows: Sequence[Row]) -> None:
        """A line that is about to be read beneath some rows."""
        if self.second is None and rows:
            self.second = self._head(number, here, rows)
            self.doubted = self.doubted or self.second is not None

    def took(self, number: int, here: dict[int, object], row: Row | None, rows: int) -> None:
        """What came of the line: a row, or none; there are ``rows`` by now."""
        second = self.second
        if second is not None and number != second.number:
            self._beneath(second, number, here, row)
        lone = _is_title([*here.values()])
        self._broken = row is None or lone
        self._title = (number, rows - (row is not None)) if lone else None

    def found(self) -> Second | None:
        """The second table, once all lines were read."""
        second = self.second
        return second if second is not None and second.rows and (second.broken or not second.alike) else None

    def _head(self, number: int, here: dict[int, object], rows: Sequence[Row]) -> Second | None:
        texts = _heads(here, self._key)
        if texts is None:
            return None
        misfit = False
        for column in self._typed:
            if column.index in texts:
                if not self._unfit(column, texts[column.index]):
                    return None
                misfit = True
        first, start = (number, len(rows)) if self._title is None else self._title
        odd = self._key >= 0 and self._shape(texts.get(self._key)) not in self._above(rows, start)
        if not start or not ((misfit and (self._broken or odd)) or (self._broken and odd)):
            return None
        shown = "、".join(shown_text(text) for text in [*texts.values()][:_MOST_SHOWN])
        places = frozenset(here)
        return Second(number, shown, first, start, places, misfit, self._broken, odd, number)

    def _beneath(self, second: Second, number: int, here: dict[int, object], row: Row | None) -> None:
        """A line beneath what may be the head of a second table."""
        second.last = number
        if row is None:
            return
        alike = self._key < 0 or self._shape(shown_cell(here.get(self._key))) in self._shapes
        shaped = second.places.issuperset(here)
        if not second.ended and not shaped:
            if second.rows or _heads(here, self._key) is None:
                self.second = None
            else:
                # Its head goes over two lines.
                second.places |= here.keys()
            return
        if not shaped and not alike and _heads(here, self._key) is not None:
            # A third one.
            second.places, second.ended = frozenset(here), False
            return
        second.rows += 1
        second.alike = second.alike or alike or not shaped

    def _unfit(self, column: Column, text: str) -> bool:
        assert column.field is not None, "a column of numbers, days or declared values"
        return isinstance(column.parse(text, column.field, self.epoch), Diagnostic)

    def _above(self, rows: Sequence[Row], end: int) -> set[str]:
        """How the rows before one are numbered."""
        own = self._key == self.columns.identity
        while self._asked < end:
            row = rows[self._asked]
            self._shapes.add(self._shape(row.identity if own else row.link))
            self._asked += 1
        return self._shapes

    def _shape(self, cell: object) -> str:
        """How a row is numbered: SL-03 as PP-12, 石门镇 as 乐安; empty where it is not."""
        text = "" if cell is None else str(cell)[:_LONGEST_NUMBER]
        word = re.sub("[0-9]+", "0", fold_word(text))
        return re.sub("[\u4e00-\u9fff]+", "字", re.sub("[a-z]+", "a", word))


def _is_typed(column: Column) -> bool:
    """Whether not every text can be read in a column."""
    if column.field is None:
        return False
    type_ = column.field.type
    return type_.kind is not Kind.TEXT and (type_.kind is not Kind.SET or type_.values is not None)


def _heads(here: dict[int, object], key: int) -> dict[int, str] | None:
    """The cells of a line of heads, by column; None where it is none: names, each of them once."""
    if isinstance(own := here.get(key), str) and _DIGIT.search(own):
        # Most rows are told by their number.
        return None
    texts: dict[int, str] = {}
    for index, cell in here.items():
        if isinstance(cell, MergedCell) and not (cell.first_column and cell.first_row):
            continue
        text = shown_cell(cell)
        if not isinstance(text, str) or not _may_be_head(text):
            return None
        texts[index] = text
    words = {fold_word(text) for text in texts.values()}
    return texts if len(texts) >= _FEWEST and len(words) == len(texts) else None


def _may_be_head(text: str) -> bool:
    """Whether a text may be what a column is called.

    >>> [_may_be_head(text) for text in ("乡镇", "2024年投资（万元）", "P1", "5万元", "待定", "二、", "按实际情况填写。")]
    [True, True, False, False, False, False, False]
    """
    if len(text) > _LONGEST or is_ordinal(text) or is_heading(text):
        return False
    word = fold_word(text)
    return word not in _NO_HEADS and _LETTER.search(word) is not None and not _SPOKEN.search(_YEAR.sub("", word))


def _is_title(cells: Sequence[object]) -> bool:
    """Whether a line holds one text alone, and no number of a row."""
    text = shown_cell(cells[0])
    if len(cells) > 1 and not all(isinstance(cell, MergedCell) and cell.value == text for cell in cells):
        return False
    return isinstance(text, str) and _HAN.search(text) is not None

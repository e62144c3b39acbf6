"""One table, whatever file it came from, and what is read of it: its columns, its rows.

Why this exists: the sheets of a workbook and the files of a folder are read alike; where something stands in either is said
here once.

Invariants: a table keeps nothing that its source can give again; a row takes little memory once its values were put away.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final, Protocol, runtime_checkable

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.engine.folding import Shelf
from policyrules.program.nodes import Field
from policyrules.records.cells import glance, parse_cell
from policyrules.records.heads import header_text, shown_cell
from policyrules.records.spool import Rows
from policyrules.records.sums import counts_only
from policyrules.spelling import fold_word
from policyrules.types import NUMERIC, Kind, Value

HEADER_ROWS: Final = 15
"""A header stands among the first rows that hold anything."""
_LONGEST_HEAD: Final = 200
_MANY_WORDS: Final = 8
_IS_NUMBER: Final = re.compile("(?:编号|编码|代码|号)$")
_PLACE_OR_TIME: Final = re.compile(
    "[A-Za-z][省市州县区乡镇村]|(?:[0-9]{4}年)?(?:[0-9]{1,2}月|[0-9]季度)|[0-9]{4}年度?|第[0-9]+批次?"
)
"""What sums are made of, though a letter or a figure stands in its name."""
_HAN: Final = re.compile("[\u4e00-\u9fff]")


@runtime_checkable
class Held(Protocol):
    """What takes memory while it may be read again."""

    def let_go(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or file: ``rows`` are (row number from 1, cells); ``epoch``: day 0 of serial dates, None where numbers
    are no dates; ``hidden``: the workbook hides it. Of a CSV file: the ``delimiter`` of its cells, and the rows that go
    over several of its lines (``spanning``). ``comments``: what is written beside cells, by row number and column index."""

    name: str
    rows: Rows[tuple[int, tuple[object, ...]]]
    file: str = ""
    epoch: datetime.date | None = None
    hidden: bool = False
    delimiter: str = ""
    spanning: frozenset[int] = frozenset()
    comments: Mapping[tuple[int, int], str] = dataclasses.field(default_factory=dict)

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

    def counts(self) -> bool:
        """Whether it holds numbers."""
        return self.field is not None and self.field.type.kind in NUMERIC

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
    (``gaps``); the columns whose cells say the unit of others (``units``), and the one that counts the rows (``serial``); the
    lines from ``first`` to before ``after`` are the header. ``lines``: what stands there and above;
    ``numbers``: the columns that say which row it is, or whose, ``identity`` the first of the former (-1: none); ``refused``: it is
    that of no table that can be read, which was reported. ``words`` and ``begins``: what stands in the lines, folded, and with which characters."""

    read: list[Column]
    last: int
    gaps: frozenset[int]
    units: dict[int, list[Column]]
    serial: int | None
    first: int
    after: int
    lines: list[tuple[object, ...]]
    numbers: frozenset[int]
    identity: int
    words: frozenset[str] = frozenset()
    begins: frozenset[str] = frozenset()
    refused: bool = False

    def __post_init__(self) -> None:
        self.add()

    def add(self, *lines: tuple[object, ...]) -> None:
        """More lines belong to the head."""
        self.lines += lines
        texts = [text for cells in self.lines for cell in cells if (text := header_text(cell))]
        self.words = frozenset(map(fold_word, texts))
        # Most rows are told from heads by their first character.
        self.begins = frozenset(text.lstrip()[:1] for text in texts)

    def sums_up(self, here: dict[int, object]) -> bool:
        """Whether a row has for its number how many there are (共2个项目), and holds but names and amounts besides."""
        text = shown_cell(here.get(self.identity))
        if not isinstance(text, str) or not counts_only(text):
            return False
        own = [column.field for column in self.read if column.index in here and column.index != self.identity]
        return all(field is None or field.type.kind in NUMERIC or field.type.kind is Kind.TEXT for field in own)

    def in_words(self, here: dict[int, object]) -> Column | None:
        """The column of the number of a row, where it is written in words and the row holds amounts at most besides, though its
        table has more."""
        text = shown_cell(here.get(self.identity))
        if not isinstance(text, str) or text.isascii() or not _in_words(text):
            return None
        own = next((one for one in self.read if one.index == self.identity), None)
        if own is None:
            return None
        more = [one for one in self.read if one is not own and (one.link or not one.counts())]
        numbered = own.field is not None and _IS_NUMBER.search(own.field.name)
        return own if numbered and more and not any(one.index in here for one in more) else None

    def unnumbered(self, here: dict[int, object]) -> Column | None:
        """The column of the text that is all there is of a row without the number that its table has, beside amounts at most,
        though the table has more."""
        if self.identity < 0 or self.identity in here or any(column.link for column in self.read):
            return None
        read = {column.index: column for column in self.read if column.field is not None}
        names = [read[index] for index in here if index in read and not read[index].counts()]
        if (
            len(names) != 1
            or not all(index in read for index in here)
            or not isinstance(shown_cell(here[names[0].index]), str)
        ):
            return None
        others = [one for index, one in read.items() if index != self.identity and one is not names[0]]
        more = any(len(here) == 1 or not one.counts() for one in others)
        own = names[0].field
        return names[0] if more and own is not None and own.type.kind is Kind.TEXT else None

    def amounts_alone(self, here: dict[int, object]) -> Column | None:
        """The first column that a row fills, where it has no number and holds nothing but amounts, though the table has more."""
        if self.identity < 0 or self.identity in here or any(column.link for column in self.read):
            return None
        own = [column for column in self.read if column.index in here]
        more = any(not column.counts() and column.index != self.identity for column in self.read)
        return own[0] if own and more and all(column.counts() for column in own) else None

    def again(self, here: dict[int, object]) -> bool:
        """Whether a row is one of the lines above the rows once more, as on each page that is printed."""
        first = shown_cell(next(iter(here.values())))
        if not isinstance(first, str) or len(first) > _LONGEST_HEAD or first.lstrip()[:1] not in self.begins:
            return False
        if fold_word(first) not in self.words:
            return False
        return any(
            all(index < len(line) and _same_text(cell, line[index]) for index, cell in here.items())
            for line in self.lines
        )


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


_NO_LISTS: Final[dict[str, list[Row]]] = {}
"""Most rows have none: nothing is ever put here."""


@dataclass(slots=True)
class Sheet:
    """A table that was read; ``linked``: it has a column that names the parent; ``numbered``: one that names each row;
    ``leaning``: what some of its rows are is told by the others."""

    table: Table
    rows: list[Row]
    linked: bool = False
    numbered: bool = False
    leaning: bool = False
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


def some_rows(numbers: list[int]) -> str:
    """The first few of some row numbers, and how many there are.

    >>> some_rows([3]), some_rows([2, 3, 4, 5, 6, 7])
    ('3', '2、3、4、5、6 等 6')
    """
    return "、".join(map(str, numbers[:5])) + (f" 等 {len(numbers)}" if len(numbers) > 5 else "")


def _in_words(text: str) -> bool:
    """Whether a text is words, and no number with a word in it.

    >>> _in_words("乐安镇"), _in_words("以上数据截至2025年9月底"), _in_words("青山县2025-03"), _in_words("SL-01")
    (True, True, False, False)
    >>> _in_words("A县"), _in_words("2024年"), _in_words("3月"), _in_words("第2批"), _in_words("2024年1号")
    (True, True, True, True, False)
    """
    han = len(_HAN.findall(text))
    return han > 0 and (
        not re.search("[0-9A-Za-z]", text)
        or han >= _MANY_WORDS
        or re.search("[，。：；、！]", text) is not None
        or _PLACE_OR_TIME.fullmatch("".join(text.split())) is not None
    )


def _same_text(cell: object, head: object) -> bool:
    one, other = shown_cell(cell), shown_cell(head)
    return isinstance(one, str) and isinstance(other, str) and fold_word(one) == fold_word(other)

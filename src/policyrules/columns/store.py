"""A ledger in columns of codes: what engines read that decide many records at once.

Why this exists: reading a ledger costs more than deciding it. It is read once, every cell through
`policyrules.records.cells`, and kept as exact integers: each variation, sweep and layer then runs on the same codes.

Invariants: codes are exact, and those of one content are the same whatever it was read from; a blank cell is unknown and
holds 0, or -1 where codes are places; rows of a list stand together, in the order of what they belong to; records that
are evaluated come first, those set aside after them; nothing here is changed once it is made.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, overload

import numpy as np

from policyrules.columns.bits import WORD, Array, Mask, Plane, Slab, cut, let_go, mapped, unpack, words
from policyrules.diagnostics import Diagnostic
from policyrules.program import nodes as core
from policyrules.types import NUMERIC, Kind, Value, simplify, value_text

_LEAST: Final = 1 << 14
_SLAB: Final = 1 << 25
DAY_ZERO: Final = datetime.date(2000, 1, 1).toordinal()
"""Days are counted from here: those of a long life on either side take two bytes."""
PADDING: Final = 2 * WORD
"""Behind the last value stand at least so many more, less those that fill its word: any 64 rows that begin in a column
may be loaded at once."""


def padded(values: Array) -> Array:
    """``values`` with readable values behind them.

    >>> len(padded(np.zeros(3, np.int8)))
    192
    """
    found = np.zeros(padded_rows(len(values)), values.dtype)
    found[: len(values)] = values
    return found


def padded_rows(rows: int) -> int:
    """The length of a padded array of ``rows`` values."""
    return words(rows) * WORD + PADDING


class Texts(Sequence[str]):
    """Texts one behind the other: ``blob`` their UTF-8 bytes, ``ends`` where each begins, and the end of the last. So
    millions of them need little memory and can stay in a file.

    >>> texts = Texts.of(["甲", "", "乙丙"])
    >>> list(texts), texts[-1], texts.find("乙丙"), texts.find("丁")
    (['甲', '', '乙丙'], '乙丙', 2, -1)
    """

    __slots__ = ("blob", "ends")

    def __init__(self, blob: Array, ends: Array) -> None:
        self.blob = blob
        self.ends = ends

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts of a list. Half a character, which UTF-8 does not have, is kept."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=ends[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...

    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return self.take(np.arange(start, stop, step))
            return Texts(self.blob, self.ends[start : max(start, stop) + 1])
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return bytes(self.blob[int(self.ends[index]) : int(self.ends[index + 1])]).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 65_536):
            ends = self.ends[start : start + 65_537].tolist()
            blob = self.blob[ends[0] : ends[-1]].tobytes()
            first = ends[0]
            for one, other in itertools.pairwise(ends):
                yield blob[one - first : other - first].decode("utf-8", "surrogatepass")

    def take(self, places: Array) -> Texts:
        """The texts at ``places``, in their order."""
        starts = self.ends[places]
        lengths = self.ends[np.asarray(places) + 1] - starts
        ends = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=ends[1:])
        source = np.repeat(starts - ends[:-1], lengths) + np.arange(ends[-1])
        return Texts(self.blob[source], ends)

    def find(self, text: str) -> int:
        """The place of ``text``; -1 where it is none of the texts."""
        data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
        places = np.flatnonzero(np.diff(self.ends) == len(data))
        for at, byte in enumerate(data):
            if not len(places):
                break
            places = places[self.blob[self.ends[places] + at] == byte]
        return int(places[0]) if len(places) else -1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The cells of one field. ``padded``: the codes, with readable values behind the last row (`PADDING`):

    * 是否: 0 and 1; 日期: days since `DAY_ZERO`, in the narrowest signed integer;
    * numbers: canonical value (元, 亩, 0.6, 个月 or 天) times ``scale``, the smallest that makes all of them whole, in the
      narrowest signed integer; where int64 is too small the column is ``wide`` and holds Python integers;
    * 枚举: the place in ``field.type.values``; 文本: the place in ``texts``, in the narrowest signed integer; blank -1;
    * 多选: the codes of row i stand from ``starts[i]`` to ``starts[i + 1]``, ascending: places in ``field.type.values``,
      of 多选（文本） in ``texts``.

    ``known``: the plane of the rows that are not blank; None where none is. ``low``, ``high``: smallest and largest code
    of the whole ledger of numbers, dates and 是否; None where nothing is known, and for all others.
    """

    field: core.Field
    rows: int
    padded: Array
    known: Plane | None
    scale: int = 1
    texts: Sequence[str] = ()
    starts: Array | None = None
    low: int | None = None
    high: int | None = None

    def __repr__(self) -> str:
        return f"<Column {self.field.object}.{self.field.name}：{self.rows} 行>"

    @property
    def values(self) -> Array:
        """The codes, one a row; of 多选 all codes, one row behind the other."""
        if self.starts is None:
            return self.padded[: self.rows]
        return self.padded[: int(self.starts[-1]) if len(self.starts) else 0]

    @property
    def wide(self) -> bool:
        """The codes are Python integers, for some leave int64: such records are the definition's."""
        return self.padded.dtype == object

    def is_known(self, row: int) -> bool:
        """Whether a row is not blank."""
        return self.known is None or bool(int(self.known[row // WORD]) >> row % WORD & 1)

    def known_mask(self) -> Mask:
        """Of each row, whether it is not blank."""
        return np.ones(self.rows, np.bool_) if self.known is None else unpack(self.known, self.rows)

    def value(self, row: int) -> Value | None:
        """The value of a row as the definition has it; None where it is blank."""
        if not self.is_known(row):
            return None
        if self.starts is not None:
            codes = self.padded[int(self.starts[row]) : int(self.starts[row + 1])].tolist()
            return frozenset((self.field.type.values or self.texts)[code] for code in codes)
        return self.decoded(int(self.padded[row]))

    def decoded(self, code: int) -> Value:
        """The value that a code stands for; not of 多选."""
        kind, declared = self.field.type.kind, self.field.type.values
        if kind is Kind.BOOL:
            return bool(code)
        if kind is Kind.DATE:
            return datetime.date.fromordinal(code + DAY_ZERO)
        if kind in NUMERIC:
            return simplify(Fraction(code, self.scale))
        return (declared if kind is Kind.ENUM and declared else self.texts)[code]

    def cut(self, start: int, end: int) -> Column:
        """Rows ``start`` to ``end``: views of the codes."""
        known = None if self.known is None else cut(self.known, start, end)
        codes, starts = self.padded, self.starts
        if starts is None:
            codes = codes[start : start + padded_rows(end - start)]
        else:
            starts = starts[start : end + 1]
        return Column(self.field, end - start, codes, known, self.scale, self.texts, starts, self.low, self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All instances of one object: the records, what they belong to, or their rows.

    ``columns``: by Chinese field name; a field that no source has is absent, as if blank everywhere.
    ``belongs``: the object that each of them belongs to. Of rows: ``parent``, int32, the row of the parent's table that each belongs to, ascending; ``starts``: the rows of
    parent i stand from ``starts[i]`` to ``starts[i + 1]``; ``supplied``: the plane, over the parent's rows, of those
    whose list was supplied (an empty one is); None where all are. Of records and what they belong to: ``above``, int32,
    the row of the owner's table; None where records belong to nothing.
    """

    object: str
    rows: int
    columns: Mapping[str, Column]
    belongs: str | None = None
    parent: Array | None = None
    starts: Array | None = None
    supplied: Plane | None = None
    above: Array | None = None

    def __repr__(self) -> str:
        return f"<Table {self.object}：{self.rows} 行，{len(self.columns)} 列>"


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A ledger in codes: ``tables`` by Chinese name of the object, each object of the program that has a table.

    ``record``: the object that one record is of. Its first ``evaluated`` rows are to be evaluated; those behind them were
    set aside, and hold what could be read of them: they count as possible members of statistics. ``aside``: why, of
    each of those. ``problems``, ``notes``: as `policyrules.records.ledger.Ledger` has them. ``origin``: int64, where each record
    stood: the row as a spreadsheet shows it, of a sequence its place from 1. ``schema``: the key of what the program
    declares (`schema_key`).
    """

    record: str
    tables: Mapping[str, Table]
    evaluated: int
    schema: str
    origin: Array
    identity_field: str = ""
    aside: tuple[tuple[Diagnostic, ...], ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)
    """What was worked out of it once."""

    def __repr__(self) -> str:
        tables = "、".join(f"{name} {table.rows} 行" for name, table in self.tables.items())
        return f"<Prepared：{self.record} {self.evaluated} 个要评；{tables}>"

    @property
    def records(self) -> Table:
        """The records, those set aside included."""
        return self.tables[self.record]

    @property
    def above(self) -> Array | None:
        """For each record the row of the table of what records belong to; None where they belong to nothing."""
        return self.records.above

    @property
    def rows(self) -> int:
        """How many records there are, those set aside included."""
        return self.records.rows

    def together(self) -> Prepared:
        """The same, with the codes of a table one behind the other in memory; those that are mapped from files stay there,
        and those that are large are by themselves."""
        slab = Slab(_SLAB)

        def put(array: Array | None) -> Array | None:
            if array is None or array.dtype == object or mapped(array) is not None:
                return array
            return slab.copy(array) if _LEAST <= array.nbytes < _SLAB // 4 else array

        tables = {}
        for name, table in self.tables.items():
            columns = {}
            for own, column in table.columns.items():
                codes = put(column.padded)
                assert codes is not None
                columns[own] = replace(column, padded=codes, known=put(column.known), starts=put(column.starts))
            tables[name] = replace(table, columns=columns)
        return replace(self, tables=tables)

    def let_go(self) -> None:
        """Give the memory of arrays back that are mapped from files. They may still be read."""
        held: list[Array | None] | None = self.kept.get("mapped")
        if held is None:
            held = self.kept["mapped"] = [array for array in self._arrays() if mapped(array) is not None]
        let_go(held)

    def _arrays(self) -> Iterator[Array | None]:
        yield self.origin
        for table in self.tables.values():
            yield from (table.parent, table.starts, table.above, table.supplied)
            for column in table.columns.values():
                yield from (column.padded, column.known, column.starts)
                if isinstance(column.texts, Texts):
                    yield from (column.texts.blob, column.texts.ends)

    def identity(self, row: int) -> str:
        """The 标识 of a record as people write it; empty where it is blank."""
        column = self.records.columns.get(self.identity_field)
        value = None if column is None else column.value(row)
        return "" if value is None or column is None else value_text(value, column.field.type)

    def identities(self) -> Iterator[str]:
        """The 标识 of all records, in their order."""
        return map(self.identity, range(self.rows))

    def blocks(self, rows: int) -> Iterator[Prepared]:
        """The ledger in blocks of ``rows`` records, a multiple of 64."""
        for start in range(0, self.rows, rows):
            yield self.block(start, min(start + rows, self.rows))

    def block(self, start: int, end: int) -> Prepared:
        """Records ``start`` to ``end`` (each a multiple of 64, or ``end`` the last) with their rows, and all of what
        they belong to: views of the codes, numbered anew. Findings and notes stay with the whole.

        Raises `ValueError` for other bounds.
        """
        if start % WORD or not 0 <= start <= end <= self.rows or (end % WORD and end != self.rows):
            raise ValueError(f"一段的起止要是 {WORD} 的倍数，并在 0 到 {self.rows} 之间：{start}、{end}")
        if not start and end == self.rows:
            return replace(self, problems=(), notes=())
        below: dict[str, list[str]] = {}
        for name, table in self.tables.items():
            if table.parent is not None and table.belongs is not None:
                below.setdefault(table.belongs, []).append(name)
        tables = dict(self.tables)
        pending = [(self.record, start, end)]
        while pending:
            name, first, last = pending.pop()
            table = self.tables[name]
            columns = {field: column.cut(first, last) for field, column in table.columns.items()}
            above = None if table.above is None else table.above[first:last]
            tables[name] = replace(tables[name], rows=last - first, columns=columns, above=above)
            for child in below.get(name, ()):
                own = self.tables[child]
                assert own.starts is not None and own.parent is not None
                begin, stop = int(own.starts[first]), int(own.starts[last])
                tables[child] = replace(
                    own,
                    parent=own.parent[begin:stop] - np.int32(first),
                    starts=own.starts[first : last + 1] - begin,
                    supplied=None if own.supplied is None else cut(own.supplied, first, last),
                )
                pending.append((child, begin, stop))
        kept = max(0, min(end, self.evaluated) - start)
        aside = self.aside[max(0, start - self.evaluated) : max(0, end - self.evaluated)]
        return replace(
            self, tables=tables, evaluated=kept, origin=self.origin[start:end], aside=aside, problems=(), notes=()
        )

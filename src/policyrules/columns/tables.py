"""Columns of what comes out, and tables of them: for NumPy, Polars, pandas and Arrow.

Why this exists: a million results are arrays, not a million objects. Texts are told by their places among a few, numbers are
whole numbers over a scale; what Python has of them is made when it is asked for.

Invariants: exact, never binary; what becomes an Arrow array goes there as a buffer, not value by value.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask, taken_places
from policyrules.columns.store import Texts


@dataclass(frozen=True, slots=True)
class Labels:
    """One of a few values a row: ``places``: of each class of ``rows`` its place in ``values``; -1: none. Columns that say
    different things of the same rows have the classes in common."""

    rows: Array
    places: Array
    values: tuple[str, ...]

    @classmethod
    def of(cls, codes: Array, values: tuple[str, ...]) -> Labels:
        """Of each row its place in ``values``; -1: none."""
        return cls(codes, _each(values), values)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def codes(self) -> Array:
        """Of each row its place in ``values``; -1: none."""
        return taken_places(self.places, self.rows)

    def to_list(self) -> list[str | None]:
        """The values."""
        table = [None if place < 0 else self.values[place] for place in self.places.tolist()]
        return [table[own] for own in self.rows.tolist()]


@dataclass(frozen=True, slots=True)
class Lists:
    """One of a few lists a row: as `Labels`."""

    rows: Array
    places: Array
    values: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, codes: Array, values: tuple[tuple[str, ...], ...]) -> Lists:
        """Of each row its place in ``values``; -1: none."""
        return cls(codes, _each(values), values)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def codes(self) -> Array:
        """Of each row its place in ``values``; -1: none."""
        return taken_places(self.places, self.rows)

    def to_list(self) -> list[list[str] | None]:
        """The lists."""
        table = [None if place < 0 else list(self.values[place]) for place in self.places.tolist()]
        return [table[own] for own in self.rows.tolist()]


def _each(values: Sequence[object]) -> Array:
    """The places of values that are classes themselves; of class -1 none."""
    return np.append(np.arange(len(values), dtype=np.int32), np.int32(-1))


@dataclass(frozen=True, slots=True)
class Exact:
    """A number a row: ``values`` over ``scale``, where ``known``. ``divided``: quotients of what rows hold, which are fractions
    over anything."""

    values: Array
    scale: int
    known: Mask
    divided: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def places(self) -> int | None:
        """How many decimal places the numbers have, of all rows there may be; None where no decimal is sure to hold them."""
        # Of quotients it would turn on the rows whether all are decimals, and all parts of a file have one type.
        return None if self.divided else places_of(self.scale)

    def to_list(self) -> list[Fraction | None]:
        """The numbers."""
        return [
            Fraction(value) / self.scale if known else None
            for value, known in zip(self.values.tolist(), self.known.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Days:
    """A day a row: its ordinal, where ``known``."""

    values: Array
    known: Mask

    def __len__(self) -> int:
        return len(self.values)

    def to_list(self) -> list[datetime.date | None]:
        """The days."""
        return [
            datetime.date.fromordinal(value) if known else None
            for value, known in zip(self.values.tolist(), self.known.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Truths:
    """True, false or unknown a row."""

    true: Mask
    possible: Mask

    def __len__(self) -> int:
        return len(self.true)

    def to_list(self) -> list[bool | None]:
        """The truths."""
        return [
            True if true else None if possible else False
            for true, possible in zip(self.true.tolist(), self.possible.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A whole number a row; -1: none."""

    values: Array

    def __len__(self) -> int:
        return len(self.values)

    def to_list(self) -> list[int | None]:
        """The numbers."""
        return [None if value < 0 else value for value in self.values.tolist()]


@dataclass(frozen=True, slots=True)
class Strings:
    """A text a row, of many: its place in ``texts``; -1: an empty one."""

    codes: Array
    texts: Texts

    def __len__(self) -> int:
        return len(self.codes)

    def to_list(self) -> list[str]:
        """The texts."""
        return list(self.taken())

    def taken(self) -> Texts:
        """The texts, one a row."""
        first = int(self.codes[0]) if len(self.codes) else 0
        if first >= 0 and np.array_equal(self.codes, np.arange(first, first + len(self.codes))):
            return self.texts[first : first + len(self.codes)]
        # Behind the texts stands an empty one.
        spread = Texts(self.texts.blob, np.append(self.texts.ends, self.texts.ends[-1:]))
        return spread.take(np.where(self.codes < 0, np.intp(len(self.texts)), self.codes))

    def to_arrow(self, pa: Any) -> Any:
        """The texts as Arrow has them."""
        return _texts(pa, self.taken())


AnyColumn: TypeAlias = Labels | Lists | Exact | Days | Truths | Numbers | Strings
Columns: TypeAlias = Mapping[str, AnyColumn]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length."""

    columns: Columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def to_arrow(self) -> Any:
        """A table of pyarrow: texts as dictionaries, exact numbers as decimals (as texts where no decimal is exact)."""
        from policyrules.columns.arrow import pa

        return pa.table({name: _arrow_array(pa, column) for name, column in self.columns.items()})

    def to_polars(self) -> Any:
        """A frame of Polars."""
        return polars_of(self.to_arrow())

    def to_pandas(self) -> Any:
        """A frame of pandas."""
        return self.to_arrow().to_pandas()


def polars_of(table: Any) -> Any:
    """A frame of Polars from a table of pyarrow. Raises `ImportError` without Polars."""
    try:
        import polars
    except ImportError as missing:
        raise ImportError("这里需要另装组件：pip install polars") from missing
    return polars.from_arrow(table)


def taken(column: AnyColumn, places: Array) -> AnyColumn:
    """The rows of a column at ``places``, in their order."""
    match column:
        case Labels(rows, own, labels):
            return Labels(rows[places], own, labels)
        case Lists(rows, own, lists):
            return Lists(rows[places], own, lists)
        case Exact(values, scale, known, divided):
            return Exact(values[places], scale, known[places], divided)
        case Days(days, known):
            return Days(days[places], known[places])
        case Truths(true, possible):
            return Truths(true[places], possible[places])
        case Numbers(values):
            return Numbers(values[places])
        case Strings(codes, texts):
            return Strings(codes[places], texts)


def mixed(columns: Sequence[tuple[AnyColumn, Mask | None]], rows: int) -> AnyColumn:
    """One column of several of a kind, each of the rows of its mask (None: all); of other rows nothing is told.

    Raises `TypeError` for columns of several kinds.
    """
    masks = [np.ones(rows, np.bool_) if mask is None else mask for _, mask in columns]
    own = [column for column, _ in columns]
    match own[0]:
        case Labels() | Lists():
            values: dict[Any, int] = {}
            codes = np.full(rows, -1, np.int32)
            for column, mask in zip(own, masks, strict=True):
                if type(column) is not type(own[0]) or not isinstance(column, Labels | Lists):
                    raise TypeError(column)
                theirs = [values.setdefault(value, len(values)) for value in column.values]
                codes[mask] = np.array([*theirs, -1], np.int32)[column.codes[mask]]
            kind: Any = type(own[0])
            made: Labels | Lists = kind.of(codes, tuple(values))
            return made
        case Exact():
            exact = [column for column in own if isinstance(column, Exact)]
            scale = math.lcm(*(column.scale for column in exact))
            numbers = np.zeros(rows, object)
            known = np.zeros(rows, np.bool_)
            for one, mask in zip(exact, masks, strict=True):
                numbers[mask] = one.values[mask].astype(object) * (scale // one.scale)
                known[mask] = one.known[mask]
            narrow = all(column.values.dtype != object and fits(column.values, scale) for column in exact)
            divided = any(column.divided for column in exact)
            return Exact(numbers.astype(np.int64) if narrow else numbers, scale, known, divided)
        case Days():
            days = np.zeros(rows, np.int64)
            told = np.zeros(rows, np.bool_)
            for day, mask in zip([column for column in own if isinstance(column, Days)], masks, strict=True):
                days[mask] = day.values[mask]
                told[mask] = day.known[mask]
            return Days(days, told)
        case Truths():
            true, possible = np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
            for truth, mask in zip([column for column in own if isinstance(column, Truths)], masks, strict=True):
                true[mask] = truth.true[mask]
                possible[mask] = truth.possible[mask]
            return Truths(true, possible)
        case _:
            raise TypeError(own[0])


def _arrow_array(pa: Any, column: AnyColumn) -> Any:
    match column:
        case Labels():
            texts = _texts(pa, Texts.of(column.values))
            return pa.DictionaryArray.from_arrays(_codes(pa, column.codes), texts, safe=False)
        case Lists():
            return _list_array(pa, column.codes, column.values)
        case Days(values, known):
            days = (values.astype(np.int64) - datetime.date(1970, 1, 1).toordinal()).astype(np.int32)
            return _numbers(pa, pa.date32(), days, known)
        case Truths(true, possible):
            return _numbers(pa, pa.bool_(), np.packbits(true, bitorder="little"), true | ~possible)
        case Numbers(values):
            return _numbers(pa, pa.int64(), values.astype(np.int64, copy=False), values >= 0)
        case Exact():
            return _decimals(pa, column)
        case Strings():
            return column.to_arrow(pa)


def _numbers(pa: Any, kind: Any, values: Array, known: Mask) -> Any:
    """A number where ``known``, as Arrow has them, by their buffer. (What makes an array of anything would import pandas for
    it.)"""
    plane = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, len(known), [plane, pa.py_buffer(np.ascontiguousarray(values))])


def _texts(pa: Any, texts: Texts) -> Any:
    begin, end = int(texts.ends[0]), int(texts.ends[-1])
    buffers = [None, pa.py_buffer(texts.ends - begin), pa.py_buffer(np.ascontiguousarray(texts.blob[begin:end]))]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers).cast(pa.string())


def _codes(pa: Any, codes: Array) -> Any:
    return _numbers(pa, pa.int32(), codes.astype(np.int32, copy=False), codes >= 0)


def _list_array(pa: Any, codes: Array, values: tuple[tuple[str, ...], ...]) -> Any:
    """Lists of texts that are told by their places, as the lists are themselves."""
    places = {text: place for place, text in enumerate(dict.fromkeys(text for one in values for text in one))}
    items = np.array([places[text] for one in values for text in one], np.int32)
    texts = pa.DictionaryArray.from_arrays(_codes(pa, items), _texts(pa, Texts.of(list(places))))
    ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
    return pa.ListArray.from_arrays(_codes(pa, ends), texts).take(_codes(pa, codes))


def _decimals(pa: Any, column: Exact) -> Any:
    from decimal import Decimal

    places = column.places
    if places is None:
        return _fractions(pa, column)
    factor = 10**places // column.scale
    kind = pa.decimal128(DIGITS, places)
    values, known = column.values, column.known
    if values.dtype != object and fits(values, factor):
        # As Arrow has them: 128 bits each, the upper half the sign again.
        halves = np.empty((len(values), 2), np.int64)
        np.multiply(values, factor, out=halves[:, 0], dtype=np.int64, casting="unsafe")
        np.right_shift(halves[:, 0], 63, out=halves[:, 1])
        return _numbers(pa, kind, halves, known)
    whole = [int(value) * factor for value in values.tolist()]
    if any(abs(value) >= 10**DIGITS for value in whole):
        return _fractions(pa, column)
    # Made of its digits: what is worked out would be rounded to so many as Python has by default.
    held = [
        Decimal((int(value < 0), tuple(map(int, str(abs(value)))), -places)) if told else None
        for value, told in zip(whole, known.tolist(), strict=True)
    ]
    return pa.array(held, kind)


def _fractions(pa: Any, column: Exact) -> Any:
    return pa.array([None if one is None else str(one) for one in column.to_list()], pa.string())


DIGITS: Final = 38
"""So many digits a decimal of 128 bits has."""


def fits(values: Array, factor: int) -> bool:
    """Whether whole numbers of at most 64 bits are so after they are multiplied."""
    if not len(values):
        return True
    return max(abs(int(values.min())), abs(int(values.max()))) * factor < 2**63


def places_of(scale: int) -> int | None:
    """How many decimal places numbers over a scale have; None where they have no end."""
    for places in range(19):
        if 10**places % scale == 0:
            return places
    return None

"""Columns as libraries of tables hold them, as pieces of codes.

Why this exists: what a cell means is said once, in `policyrules.records.cells`; a column of a million cells holds few
different ones, and each of those is read there once. Numbers, dates and 是否 that are already what they should be are
taken over as arrays.

Invariants: a piece holds what `parse_cell` makes of each cell, or is in doubt about the row; no binary number decides: a
float is taken as a decimal only where dividing gives that very float again and so few digits name no other.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask, taken_places
from policyrules.columns.daywise import EPOCH
from policyrules.columns.keys import Keys, hashes_of, in_small_letters, is_plain
from policyrules.columns.pieces import Piece, narrow, of_values
from policyrules.columns.store import DAY_ZERO, Texts
from policyrules.diagnostics import Diagnostic
from policyrules.program import nodes as core
from policyrules.records.cells import DITTOS, PLACEHOLDERS, UNKNOWN_WORDS, factor_under, is_blank, parse_cell
from policyrules.records.foreign_values import plain_value
from policyrules.records.lines import BEGINNINGS, may_be_no_row
from policyrules.records.lines import MARKS as LINE_MARKS
from policyrules.records.sums import LATIN, MARKS
from policyrules.types import FIRST_YEAR, LAST_YEAR, NUMERIC, Kind, Value

_SINCE: Final = EPOCH - DAY_ZERO
_FIRST_DAY, _LAST_DAY = datetime.date.min.toordinal(), datetime.date.max.toordinal()
_LIMIT: Final = 2**63
# So many decimal digits name at most one binary number, and are the shortest that name it.
_DIGITS: Final = {4: 6, 8: 15}
_MOST_PLACES: Final = 6
_SAMPLE: Final = 1_024
_SPECIAL_WORDS: Final = sorted(PLACEHOLDERS | UNKNOWN_WORDS | DITTOS | LATIN)
_SPECIAL: Final = hashes_of(_SPECIAL_WORDS)
_LONGEST_SPECIAL: Final = max(len(word.encode()) for word in _SPECIAL_WORDS)
_SPECIAL_BEGINS, _SPECIAL_ENDS = np.zeros((2, 256, _LONGEST_SPECIAL + 1), np.bool_)
"""Of each byte, and each length, whether such a word begins with it, and whether one ends with it."""
for _word in (form.encode() for word in _SPECIAL_WORDS for form in (word, word.upper())):
    _SPECIAL_BEGINS[_word[0], len(_word)] = _SPECIAL_ENDS[_word[-1], len(_word)] = True
# The words in what else a line that is no row may be called: by the last character those that stand before it.
_WORDS: Final = sorted({*MARKS, *LINE_MARKS})
_MARKS: Final = {last: [mark[0] for mark in _WORDS if mark[1] == last] for last in sorted({mark[1] for mark in _WORDS})}
_BEGINNINGS: Final = [int.from_bytes(char.encode()) for char in BEGINNINGS]
_CHARACTER: Final = 3
_LONGEST_SURE: Final = 1_000
_MANY: Final = 1_000
_MOST_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Cells by their place in a list of Python objects; -1: nothing stands there."""

    codes: Array
    values: Sequence[object]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Whole numbers of any width, or decimals with so many ``places``."""

    values: Array
    known: Mask | None = None
    places: int = 0

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Floats:
    """Binary numbers; NaN is a blank."""

    values: Array
    known: Mask | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """True and false."""

    values: Array
    known: Mask | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days since 1970-01-01, as int64."""

    values: Array
    known: Mask | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Strings:
    """Texts; of a row that is not known an empty one."""

    texts: Texts
    known: Mask | None = None

    def __len__(self) -> int:
        return len(self.texts)


Cells: TypeAlias = Coded | Numbers | Floats | Truths | Days | Strings
Held: TypeAlias = Literal["anyhow", "once", "together"]
"""What is known of the texts of a column: few come twice; or the same mostly stand together."""
Part: TypeAlias = tuple[int, Callable[[int], Cells]]
"""So many rows of a table, and what gives the cells of one of its columns, each once."""


def across(columns: Sequence[Sequence[object]], rows: int) -> Iterator[tuple[object, ...]]:
    """The rows of columns; of none, so many empty ones."""
    return zip(*columns, strict=True) if columns else iter([()] * rows)


def heads_of(names: Sequence[object]) -> tuple[str, ...]:
    """Names of columns; what is no text is none."""
    return tuple(name if isinstance(name, str) else "" for name in names)


def coded(cells: Sequence[object]) -> Coded:
    """The cells of a list; values that count as nothing, of whatever library, are none.

    >>> found = coded(["甲", None, float("nan"), "甲"])
    >>> found.codes.tolist(), found.values
    ([0, -1, -1, 0], ['甲'])
    """
    places: dict[Hashable, int] = {}
    values: list[object] = []
    codes = np.empty(len(cells), np.int32)
    for row, cell in enumerate(cells):
        value = cell if isinstance(cell, str) else plain_value(cell)
        if value is None:
            codes[row] = -1
            continue
        try:
            key: Hashable = (type(value), tuple(value) if isinstance(value, list) else value)
            place = places.setdefault(key, len(values))
        except TypeError:
            place = len(values)
        if place == len(values):
            values.append(value)
        codes[row] = place
    return Coded(codes, values)


class _Told(NamedTuple):
    """What a cell holds: its value, None where it has none; whether the definition has to look at its row; whether anything
    stands in it."""

    value: Value | None
    odd: bool
    filled: bool


class Coder:
    """Makes pieces of one column; what was read of one value is remembered for the next piece."""

    def __init__(self, own: core.Field, unit: str | None, *, distinct: bool = False, links: bool = False) -> None:
        self.field = own
        self.unit = unit
        self.distinct = distinct
        """No text of the column should come twice: it is the 标识."""
        self.links = links
        """Each text of the column is of a row that another table names: the same mostly stand together."""
        self._read: dict[Hashable, _Told] = {}

    def piece(self, cells: Cells) -> Piece:
        """What the cells hold."""
        kind = self.field.type.kind
        match cells:
            case Truths(values, known) if kind is Kind.BOOL:
                return Piece(values.astype(np.int8, copy=False), _some(known))
            case Numbers(values, known, 0) if kind is Kind.BOOL:
                return self._of_bits(values, known)
            case Numbers() if kind in NUMERIC and (found := self._of_numbers(cells)) is not None:
                return found
            case Numbers(values, known, 0) if kind is Kind.TEXT:
                written = list(map(str, values.tolist()))
                if known is not None:
                    written = [text if told else "" for text, told in zip(written, known.tolist(), strict=True)]
                return self._of_strings(Strings(Texts.of(written), known))
            case Floats() if kind in NUMERIC:
                return self._of_floats(cells)
            case Days(values, known) if kind is Kind.DATE:
                return self._of_days(values, known)
            case Strings() if kind is Kind.TEXT:
                return self._of_strings(cells)
            case _:
                return self._of_coded(as_coded(cells))

    # ---- value by value ---------------------------------------------------------------------------------------------

    def _told(self, value: object) -> _Told:
        try:
            key: Hashable = (type(value), tuple(value) if isinstance(value, list) else value)
            found = self._read.get(key)
        except TypeError:
            return self._parsed(value)
        if found is None:
            found = self._parsed(value)
            if len(self._read) < _MOST_KEPT:
                self._read[key] = found
        return found

    def _parsed(self, value: object) -> _Told:
        read = parse_cell(value, self.field, unit=self.unit)
        bad = isinstance(read, Diagnostic)
        return _Told(None if isinstance(read, Diagnostic) else read, bad or may_be_no_row(value), not is_blank(value))

    def _of_coded(self, cells: Coded) -> Piece:
        if self.field.type.kind is Kind.TEXT and (found := self._of_plain(cells)) is not None:
            return found
        read = [self._told(value) for value in cells.values]
        own = of_values(self.field, [one.value for one in read])
        if not len(read):
            rows = np.zeros(len(cells), np.bool_)
            blank = of_values(self.field, [])
            return Piece(np.full(len(cells), -1, blank.values.dtype), rows, 1, filled=rows)
        # The last of each table stands for the code -1.
        known = np.array([*(one.value is not None for one in read), False])
        odd = np.array([*(one.odd for one in read), False])
        filled = np.array([*(one.filled for one in read), False])
        table = own.values
        if self.field.type.kind in NUMERIC and table.dtype != object:
            table = narrow(table, int(table.min()), int(table.max()))
        values = np.append(table, table[:1] * 0 - 1)
        told = cells.codes >= 0
        mask = _some(told if known[:-1].all() else taken_places(known, cells.codes))
        doubt = taken_places(odd, cells.codes) if odd.any() else None
        beyond = None if np.array_equal(filled, known | odd) else taken_places(filled, cells.codes)
        return Piece(taken_places(values, cells.codes), mask, own.scale, own.texts, own.sets, doubt, beyond)

    def _of_plain(self, cells: Coded) -> Piece | None:
        """Many different texts that need no reading; None where there are few, or some that do."""
        if isinstance(cells.values, Texts):
            lengths = np.diff(cells.values.ends)
            if len(lengths) < _MANY or not lengths.all() or not reads_itself(cells.values):
                return None
            return Piece(cells.codes, _some(cells.codes >= 0), texts=cells.values)
        texts = [value for value in cells.values if isinstance(value, str)]
        if len(texts) < _MANY or len(texts) < len(cells.values) or "" in texts or not reads_itself(Texts.of(texts)):
            return None
        known = cells.codes >= 0
        return Piece(cells.codes, _some(known), texts=texts)

    # ---- as arrays --------------------------------------------------------------------------------------------------

    def _of_bits(self, values: Array, known: Mask | None) -> Piece:
        bad = (values != 0) & (values != 1)
        if known is not None:
            bad &= known
        return _checked(values.astype(np.int8), known, bad)

    def _of_days(self, values: Array, known: Mask | None) -> Piece:
        low, high = self.field.low, self.field.high
        first = low.toordinal() if isinstance(low, datetime.date) else _FIRST_DAY
        last = high.toordinal() if isinstance(high, datetime.date) else _LAST_DAY
        bad = (values < first - EPOCH) | (values > last - EPOCH)
        if known is not None:
            bad &= known
        values = np.where(bad, 0, values) if bad.any() else values
        return _checked(values.astype(np.int32) + np.int32(_SINCE), known, bad)

    def _of_numbers(self, cells: Numbers) -> Piece | None:
        """None where the numbers are too large for arrays, or their unit is not settled without them."""
        factor = factor_under(self.field, self.unit)
        if factor is None or cells.values.dtype == object:
            return None
        values, known = cells.values, cells.known
        if known is not None:
            if not known.any():
                return Piece(np.zeros(len(values), np.int8), known)
            values = np.where(known, values, values.dtype.type(0))
        if not len(values):
            return Piece(np.zeros(0, np.int8))
        ratio = Fraction(factor) / 10**cells.places
        times, scale = ratio.numerator, ratio.denominator
        if max(abs(int(values.min())), abs(int(values.max()))) * times >= _LIMIT:
            return None
        values = values.astype(np.int64, copy=False) * times
        bad: Mask = np.zeros(len(values), np.bool_)
        kind, low, high = self.field.type.kind, self.field.low, self.field.high
        if kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION) and scale != 1:
            bad |= values % scale != 0
        if kind is Kind.YEAR:
            bad |= (values < FIRST_YEAR * scale) | (values > LAST_YEAR * scale)
        # Bounds are compared as whole numbers of the same scale, and what no such number reaches is no bound.
        if isinstance(low, (int, Fraction)) and int(values.min()) < (least := -(-low * scale // 1)):
            bad |= values < least if least < _LIMIT else True
        if isinstance(high, (int, Fraction)) and int(values.max()) > (most := high * scale // 1):
            bad |= values > most if most >= -_LIMIT else True
        return _checked(values, known, bad if known is None else bad & known, scale)

    def _of_floats(self, cells: Floats) -> Piece:
        values = cells.values
        known = ~np.isnan(values)
        if cells.known is not None:
            known &= cells.known
        whole, places, exact = decimals(values, known)
        if exact.all():
            found = self._of_numbers(Numbers(whole, _some(known), places))
            if found is not None:
                return found
        return self._of_coded(as_coded(Floats(values, known)))

    def _of_strings(self, cells: Strings) -> Piece:
        texts = cells.texts
        if not self.distinct or not reads_itself(texts):
            return self._of_coded(as_coded(cells))
        known = np.diff(texts.ends) > 0
        if known.all():
            return Piece(np.arange(len(texts), dtype=np.int32), None, texts=texts, distinct=True)
        codes = np.where(known, np.cumsum(known) - 1, -1).astype(np.int32)
        return Piece(codes, known, texts=texts.take(np.flatnonzero(known)), distinct=True)


def _may_hold_no_row(texts: Texts) -> bool:
    """Whether any of some plain texts is what a row of sums, a heading or a remark is called, in Chinese, so that its row may be
    none."""
    first = int(texts.ends[0])
    data = texts.blob[first : int(texts.ends[-1])]
    if not len(data) or int(data.max()) < 128:
        return False
    # A character has three bytes; the last of them tells most of the others apart.
    found = [np.zeros(0, np.int64)]
    for last, before in _MARKS.items():
        codes = last.encode()
        at = np.flatnonzero(data[5:] == codes[2]) + 3
        at = at[(data[at] == codes[0]) & (data[at + 1] == codes[1])]
        own = data[at - 3].astype(np.int64) << 16 | data[at - 2].astype(np.int64) << 8 | data[at - 1]
        found.append(at[np.isin(own, [int.from_bytes(one.encode()) for one in before])])
    rows = np.searchsorted(texts.ends - first, np.concatenate(found), side="right") - 1
    begins = (texts.ends[:-1] - first)[np.diff(texts.ends) >= _CHARACTER]
    own = data[begins].astype(np.int64) << 16 | data[begins + 1].astype(np.int64) << 8 | data[begins + 2]
    begins = begins[np.isin(own, _BEGINNINGS)]
    rows = np.unique(np.concatenate([rows, np.searchsorted(texts.ends - first, begins, side="right") - 1]))
    return any(may_be_no_row(text) for text in texts.take(rows))


def reads_itself(texts: Texts) -> bool:
    """Whether each text that is not empty is, read as 文本, that text."""
    if not is_plain(texts):
        return False
    if not len(texts.blob):
        return True
    lengths = np.diff(texts.ends)
    if int(lengths.max()) > _LONGEST_SURE:
        return False
    # The words that stand for nothing are short, and few others are as long as one that begins or ends as they do.
    likely = np.flatnonzero((lengths > 0) & (lengths <= _LONGEST_SPECIAL))
    for shapes, at in ((_SPECIAL_BEGINS, texts.ends[:-1]), (_SPECIAL_ENDS, texts.ends[1:] - 1)):
        likely = likely[shapes[texts.blob[at[likely]], lengths[likely]]]
    if len(likely) and np.isin(Keys(in_small_letters(texts.take(likely))).hashes, _SPECIAL).any():
        return False
    return not _may_hold_no_row(texts)


def _some(known: Mask | None) -> Mask | None:
    return None if known is None or known.all() else known


def _checked(values: Array, known: Mask | None, bad: Mask, scale: int = 1) -> Piece:
    """A piece without the rows that are ``bad``."""
    if not bad.any():
        return Piece(values, _some(known), scale)
    told = ~bad if known is None else known & ~bad
    return Piece(np.where(bad, values.dtype.type(0), values), told, scale, doubt=bad)


def decimals(values: Array, known: Mask) -> tuple[Array, int, Mask]:
    """Binary numbers as decimals: whole numbers, how many places those have, and where they are the very number that
    the shortest writing of the binary one is. What is not known is 0, and exact.

    >>> whole, places, exact = decimals(np.array([0.1, 2.5, 1 / 3]), np.array([True, True, True]))
    >>> whole[:2].tolist(), places, exact.tolist()
    ([1, 25], 1, [True, True, False])
    """
    most = 10 ** _DIGITS.get(values.dtype.itemsize, 0)
    given = np.where(known, values, values.dtype.type(0))
    found = np.zeros(len(values), np.int64)
    exact = np.zeros(len(values), np.bool_)
    reached = 0
    first = given[:_SAMPLE]
    for places in range(_MOST_PLACES + 1) if most > 1 else ():
        # Most columns have so many places as their first numbers have.
        if _fitting(first, places, most)[1].all():
            tried, fits = _fitting(given, places, most)
            if fits.all():
                return tried.astype(np.int64), places, fits
            break
    for places in range(_MOST_PLACES + 1):
        rest = np.flatnonzero(~exact)
        if not len(rest) or most == 1:
            break
        tried, fits = _fitting(given[rest], places, most)
        if fits.any():
            if int(np.abs(found).max()) * 10 ** (places - reached) >= _LIMIT:
                break
            found *= 10 ** (places - reached)
            reached = places
            found[rest[fits]] = tried[fits].astype(np.int64)
            exact[rest[fits]] = True
    return found, reached, exact


def _fitting(values: Array, places: int, most: int) -> tuple[Array, Mask]:
    """The whole numbers nearest to ``values`` with so many ``places``, and where they name that very value."""
    power = values.dtype.type(10**places)
    with np.errstate(over="ignore", invalid="ignore"):
        tried = np.rint(values * power)
        fits: Mask = (np.abs(tried) < most) & (tried / power == values)
    return tried, fits


def as_coded(cells: Cells) -> Coded:
    """Any cells by the different values they hold, each as Python has it."""
    match cells:
        case Coded():
            return cells
        case Strings(texts, _):
            found = coded(list(texts))
            blank = [place for place, text in enumerate(found.values) if text == ""]
            codes = np.where(found.codes == blank[0], -1, found.codes) if blank else found.codes
            return Coded(codes, found.values)
        case Truths(values, known):
            return Coded(_where(values.astype(np.int32), known), [False, True])
        case Numbers(values, known, places):
            held, codes = np.unique(values, return_inverse=True)
            scaled = [Decimal(value).scaleb(-places) for value in held.tolist()] if places else held.tolist()
            return Coded(_where(codes.astype(np.int32), known), scaled)
        case Floats(values, known):
            held, codes = np.unique(values, return_inverse=True)
            written = [plain_value(value) for value in held]
            told = ~np.isnan(values) if known is None else known & ~np.isnan(values)
            return Coded(_where(codes.astype(np.int32), told), written)
        case Days(values, known):
            held, codes = np.unique(values, return_inverse=True)
            return Coded(_where(codes.astype(np.int32), known), [_day(value) for value in held.tolist()])


def _where(codes: Array, known: Mask | None) -> Array:
    return codes if known is None else np.where(known, codes, np.int32(-1))


def _day(days: int) -> object:
    ordinal = days + EPOCH
    inside = _FIRST_DAY <= ordinal <= _LAST_DAY
    # What no calendar of Python reaches is told as it is, and refused.
    return datetime.date.fromordinal(ordinal) if inside else np.datetime64(days, "D")

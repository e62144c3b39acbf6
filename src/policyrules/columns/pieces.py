"""Parts of columns, as they come, made into whole ones.

Why this exists: a ledger comes in pieces: the row groups of a file, the rows of a frame, the records that the definition
had to read. Each piece has codes of its own, its own scale, its own dictionary; a column has one of each.

Invariants: the column of some cells is the same however they were cut; scales, widths and dictionaries are of the rows
that are kept alone.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from policyrules.columns.bits import Array, Mask, Plane, let_go, pack, taken_places, unpack
from policyrules.columns.store import DAY_ZERO, Column, Texts, padded, padded_rows
from policyrules.program import nodes as core
from policyrules.types import NUMERIC, ORDERED, Kind, Value

_WIDTHS: Final = (np.int8, np.int16, np.int32, np.int64)
_LIMIT: Final = 2**63
_WORD_BYTES: Final = 8
_PREFIX: Final = 1 << 14

Keep = Callable[[Array], Array]
"""Puts an array aside, on the disk where there are many, and gives it back."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Cells of one field, one after the other. ``values``: codes; of numbers their value times ``scale``; of days those since
    `DAY_ZERO`; of 文本 places in
    ``texts``, of 多选 in ``sets``; what stands where nothing is known means nothing. ``known``: None where all are.
    ``doubt``: rows that the definition has to look at; None where none are. ``filled``: rows in which something stands,
    known or not; None: those that are known or in doubt. ``distinct``: no text comes twice."""

    values: Array
    known: Mask | None = None
    scale: int = 1
    texts: Sequence[str] = ()
    sets: tuple[frozenset[str], ...] = ()
    doubt: Mask | None = None
    filled: Mask | None = None
    distinct: bool = False

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class _Aside:
    """A piece that was put aside: masks as planes."""

    values: Array
    known: Plane | None
    scale: int
    texts: Sequence[str]
    sets: tuple[frozenset[str], ...]
    doubt: Plane | None
    filled: Plane | None
    distinct: bool

    def __len__(self) -> int:
        return len(self.values)

    def piece(self) -> Piece:
        """The piece as it was."""
        known, doubt, filled = (self.mask(plane) for plane in (self.known, self.doubt, self.filled))
        return Piece(self.values, known, self.scale, self.texts, self.sets, doubt, filled, self.distinct)

    def mask(self, plane: Plane | None) -> Mask | None:
        """A plane as a mask."""
        return None if plane is None else unpack(plane, len(self))


def narrow(values: Array, low: int, high: int) -> Array:
    """Whole numbers in the narrowest signed integer that holds ``low`` and ``high``."""
    for width in _WIDTHS:
        limits = np.iinfo(width)
        if limits.min <= low and high <= limits.max:
            return values.astype(width, copy=False)
    return values


def width_of(low: int, high: int) -> np.dtype[np.signedinteger]:
    """The narrowest signed integer that holds both.

    >>> width_of(0, 127), width_of(-129, 0)
    (dtype('int8'), dtype('int16'))
    """
    return next(np.dtype(width) for width in _WIDTHS if np.iinfo(width).min <= low and high <= np.iinfo(width).max)


def whole(numbers: Sequence[int]) -> Array:
    """Python integers as int64, as objects where one is too large."""
    if all(-_LIMIT < number < _LIMIT for number in numbers):
        return np.fromiter(numbers, np.int64, len(numbers))
    found = np.empty(len(numbers), object)
    found[:] = numbers
    return found


def of_values(own: core.Field, values: Sequence[Value | None]) -> Piece:
    """A piece that holds these canonical values."""
    known = np.fromiter((value is not None for value in values), np.bool_, len(values))
    mask = None if known.all() else known
    match own.type.kind:
        case kind if kind in NUMERIC:
            numbers = [value if isinstance(value, (int, Fraction)) else 0 for value in values]
            scale = math.lcm(*{number.denominator for number in numbers})
            return Piece(whole([number.numerator * (scale // number.denominator) for number in numbers]), mask, scale)
        case Kind.DATE:
            days = (value.toordinal() - DAY_ZERO if isinstance(value, datetime.date) else 0 for value in values)
            return Piece(np.fromiter(days, np.int32, len(values)), mask)
        case Kind.BOOL:
            return Piece(np.fromiter((value is True for value in values), np.int8, len(values)), mask)
        case Kind.ENUM:
            places: dict[object, int] = {value: place for place, value in enumerate(own.type.values or ())}
            return Piece(_places(values, places), mask)
        case Kind.SET:
            places = {}
            codes = _places(values, places)
            return Piece(codes, mask, sets=tuple(one for one in places if isinstance(one, frozenset)))
        case _:
            places = {}
            codes = _places(values, places)
            return Piece(codes, mask, texts=[one for one in places if isinstance(one, str)])


def _places(values: Sequence[Value | None], places: dict[object, int]) -> Array:
    codes = (-1 if value is None else places.setdefault(value, len(places)) for value in values)
    return narrow(np.fromiter(codes, np.int32, len(values)), -1, len(places))


def lowest_terms(values: Array, scale: int) -> tuple[Array, int]:
    """Numbers times the smallest scale that keeps them whole.

    >>> lowest_terms(np.array([50, 120]), 100)
    (array([ 5, 12]), 10)
    """
    prime, rest = 2, scale
    while rest > 1:
        if rest % prime:
            prime = prime + 1 if prime * prime <= rest else rest
            continue
        rest //= prime
        # Most numbers have no such factor: a look at the first of them says so.
        if not np.any(values[:1024] % prime) and not np.any(values % prime):
            values, scale = values // prime, scale // prime
    return values, scale


class Pieces:
    """The pieces of one field of one table, in the order of its rows."""

    def __init__(self, own: core.Field, keep: Keep = lambda array: array) -> None:
        self.field = own
        self.keep = keep
        self._held: list[_Aside] = []
        self.rows = 0

    @property
    def pieces(self) -> Iterator[Piece]:
        """Those that were added; what was read of one need not stay in memory when the next is asked for."""
        for one in self._held:
            yield one.piece()
            texts = (one.texts.blob, one.texts.ends) if isinstance(one.texts, Texts) else ()
            let_go((one.values, one.known, *texts))

    def add(self, piece: Piece) -> None:
        """One more piece, behind the others."""
        values = piece.values
        if self.field.type.kind in ORDERED and values.dtype != object and len(values):
            values = narrow(values, int(values.min()), int(values.max()))
        texts = piece.texts
        if isinstance(texts, Texts):
            texts = Texts(self.keep(texts.blob), self.keep(texts.ends))
        known, doubt, filled = (
            None if mask is None else self.keep(pack(mask)) for mask in (piece.known, piece.doubt, piece.filled)
        )
        aside = _Aside(self.keep(values), known, piece.scale, texts, piece.sets, doubt, filled, piece.distinct)
        self._held.append(aside)
        self.rows += len(piece)

    def _joined(self, masks: Iterable[Mask | None], default: bool) -> Mask | None:
        found: Mask | None = None
        row = 0
        for mask, one in zip(masks, self._held, strict=True):
            if mask is not None:
                if found is None:
                    found = np.full(self.rows, default)
                found[row : row + len(one)] = mask
            row += len(one)
        return found

    def known(self) -> Mask | None:
        """The rows that are not blank; None: all."""
        return self._joined((one.mask(one.known) for one in self._held), True)

    def doubt(self) -> Mask | None:
        """The rows that the definition has to look at; None: none."""
        return self._joined((one.mask(one.doubt) for one in self._held), False)

    def filled(self) -> Mask | None:
        """The rows in which something stands; None: all."""
        return self._joined((_filled(one.piece()) for one in self._held), True)

    def column(self, take: Array | None = None, more: Piece | None = None) -> Column:
        """The column of the rows ``take`` (None: of all), and of ``more`` behind them."""
        pieces: list[_Aside | Piece] = [*self._held] if more is None else [*self._held, more]
        rows = self.rows
        kind = self.field.type.kind
        known = self.known()
        known = known if take is None or known is None else known[take]
        if more is not None and (known is not None or more.known is not None):
            kept = rows if take is None else len(take)
            parts = (np.ones(kept, np.bool_) if known is None else known, _or_all(more.known, len(more)))
            known = np.concatenate(parts)
        if known is not None and known.all():
            known = None
        match kind:
            case Kind.TEXT:
                codes, texts = self._texts(pieces, take, more is not None)
                return self._finished(narrow(codes, -1, len(texts) - 1), known, -1, texts=texts)
            case Kind.SET:
                return self._sets(pieces, take, more is not None, known)
            case kind if kind in NUMERIC:
                values, scale = _on_one_scale(pieces)
                values = _filled_up(self._taken(values, take, more is not None), known)
                values, scale = lowest_terms(values, scale)
                return self._bounded(values, known, scale)
            case Kind.ENUM:
                values = self._taken(np.concatenate([piece.values for piece in pieces]), take, more is not None)
                count = len(self.field.type.values or ())
                return self._finished(narrow(values, -1, count - 1), known, -1)
            case _:
                values = self._taken(np.concatenate([piece.values for piece in pieces]), take, more is not None)
                return self._bounded(_filled_up(values, known), known, 1)

    def _taken(self, values: Array, take: Array | None, more: bool) -> Array:
        if take is None:
            return values
        kept = values[take]
        return np.concatenate([kept, values[self.rows :]]) if more else kept

    def _bounded(self, values: Array, known: Mask | None, scale: int) -> Column:
        """A column of numbers, dates or 是否; where nothing is known stands a value that is known elsewhere, if any is."""
        numeric = self.field.type.kind in ORDERED
        if not len(values) or (known is not None and not known.any()):
            return self._finished(values.astype(np.int8) if numeric else values, known, 0)
        low, high = int(values.min()), int(values.max())
        if numeric:
            fits = low >= -_LIMIT and high < _LIMIT
            # What stands for a blank is 0, and has to fit as well.
            values = values.astype(width_of(min(low, 0), max(high, 0)) if fits else object, copy=False)
        return self._finished(values, known, 0, scale=scale, low=low, high=high)

    def _finished(
        self,
        values: Array,
        known: Mask | None,
        blank: int,
        *,
        scale: int = 1,
        texts: Sequence[str] = (),
        low: int | None = None,
        high: int | None = None,
    ) -> Column:
        cells = np.empty(padded_rows(len(values)), values.dtype)
        cells[: len(values)] = values
        cells[len(values) :] = 0
        if known is not None:
            np.copyto(cells[: len(values)], blank, where=~known)
        plane = None if known is None else self.keep(pack(known))
        return Column(self.field, len(values), self.keep(cells), plane, scale, texts, None, low, high)

    # ---- texts ------------------------------------------------------------------------------------------------------

    def _texts(self, pieces: Sequence[_Aside | Piece], take: Array | None, more: bool) -> tuple[Array, Texts]:
        if self._held and all(piece.distinct for piece in self._held):
            return self._distinct(pieces, take, more)
        places: dict[str, int] = {}
        parts = []
        for piece in pieces:
            mapping = np.fromiter(
                (places.setdefault(text, len(places)) for text in piece.texts), np.int32, len(piece.texts)
            )
            parts.append(_mapped(mapping, piece.values))
        codes = self._taken(np.concatenate(parts) if parts else np.zeros(0, np.int32), take, more)
        order = first_seen(codes, len(places))
        texts = Texts.of(list(places))
        codes = codes.astype(np.int32, copy=False)
        if len(order) == len(places) and np.array_equal(order, np.arange(len(order))):
            return codes, self._kept(texts)
        renumbered = np.full(len(places), -1, np.int32)
        renumbered[order] = np.arange(len(order), dtype=np.int32)
        return _mapped(renumbered, codes), self._kept(texts.take(order))

    def _kept(self, texts: Texts) -> Texts:
        return Texts(self.keep(texts.blob), self.keep(texts.ends))

    def _distinct(self, pieces: Sequence[_Aside | Piece], take: Array | None, more: bool) -> tuple[Array, Texts]:
        """Texts of which none comes twice: their places are those of their rows."""
        own = self._held
        blobs, starts, codes, count = [], [], [], 0
        for piece in own:
            texts = piece.texts if isinstance(piece.texts, Texts) else Texts.of(piece.texts)
            blobs.append(texts.blob[int(texts.ends[0]) : int(texts.ends[-1])])
            starts.append(np.diff(texts.ends))
            codes.append(np.where(piece.values < 0, -1, piece.values.astype(np.int32) + count))
            count += len(texts)
        ends = np.zeros(count + 1, np.int64)
        np.cumsum(np.concatenate(starts), out=ends[1:])
        texts = Texts(np.concatenate(blobs), ends)
        numbers = np.concatenate(codes).astype(np.int32, copy=False)
        numbers = numbers if take is None else numbers[take]
        used = numbers[numbers >= 0]
        if len(used) != count or (len(used) and not np.array_equal(used, np.arange(count))):
            texts = texts.take(used)
            numbers = numbers.copy()
            numbers[numbers >= 0] = np.arange(len(used), dtype=np.int32)
        if more:
            last = pieces[-1]
            found = dict.fromkeys(last.texts, -1)
            found.update({text: texts.find(text) for text in found})
            new = [text for text, place in found.items() if place < 0]
            found.update({text: len(texts) + place for place, text in enumerate(new)})
            if new:
                behind = Texts.of(new)
                ends = np.concatenate([texts.ends, behind.ends[1:] + texts.ends[-1]])
                texts = Texts(np.concatenate([texts.blob, behind.blob]), ends)
            mapping = np.fromiter((found[text] for text in last.texts), np.int32, len(last.texts))
            numbers = np.concatenate([numbers, _mapped(mapping, last.values)])
        return numbers, self._kept(texts)

    # ---- sets -------------------------------------------------------------------------------------------------------

    def _sets(self, pieces: Sequence[_Aside | Piece], take: Array | None, more: bool, known: Mask | None) -> Column:
        places: dict[frozenset[str], int] = {}
        parts = []
        for piece in pieces:
            mapping = np.fromiter(
                (places.setdefault(one, len(places)) for one in piece.sets), np.int32, len(piece.sets)
            )
            parts.append(_mapped(mapping, piece.values))
        codes = self._taken(np.concatenate(parts) if parts else np.zeros(0, np.int32), take, more)
        if known is not None:
            codes = np.where(known, codes, -1)
        order = first_seen(codes, len(places))
        used = [list(places)[place] for place in order.tolist()]
        declared = self.field.type.values
        texts = () if declared is not None else tuple(sorted({text for one in used for text in one}))
        number = {text: place for place, text in enumerate(texts if declared is None else declared)}
        held = [sorted(number[text] for text in one) for one in places] if declared is not None else []
        if declared is None:
            held = [sorted(number[text] for text in one if text in number) for one in places]
        lengths = np.fromiter(map(len, held), np.int64, len(held))
        firsts = np.zeros(len(held) + 1, np.int64)
        np.cumsum(lengths, out=firsts[1:])
        flat = np.fromiter((code for one in held for code in one), np.int32, int(firsts[-1]))
        # Behind the sets stands an empty one, for the code -1.
        counts = narrow(np.append(lengths, 0), 0, max([0, *map(len, held)]))[codes]
        starts = np.zeros(len(codes) + 1, np.int64)
        np.cumsum(counts, out=starts[1:], dtype=np.int64)
        flat = narrow(flat, -1, len(texts if declared is None else declared) - 1)
        longest = int(lengths.max()) if len(held) else 0
        if longest * flat.itemsize <= _WORD_BYTES:
            # The codes of each set in one word: one look-up a row.
            width = next(size for size in (1, 2, 4, 8) if size >= longest * flat.itemsize) if longest else 1
            spread = np.full((len(held) + 1, max(width // flat.itemsize, 1)), -1, flat.dtype)
            for place, one in enumerate(held):
                spread[place, : len(one)] = one
            row_words = spread.view(f"u{spread.shape[1] * flat.itemsize}").ravel()
            values = taken_places(row_words, codes).view(flat.dtype)
            values = values[values >= 0]
        else:
            begin = np.append(firsts[:-1], 0)[codes]
            values = flat[np.repeat(begin - starts[:-1], counts) + np.arange(starts[-1])]
        plane = None if known is None else self.keep(pack(known))
        return Column(self.field, len(codes), self.keep(padded(values)), plane, 1, texts, self.keep(starts), None, None)


def _filled(piece: Piece) -> Mask | None:
    if piece.filled is not None or piece.known is None:
        return piece.filled
    return piece.known if piece.doubt is None else piece.known | piece.doubt


def _or_all(mask: Mask | None, rows: int) -> Mask:
    return np.ones(rows, np.bool_) if mask is None else mask


def _mapped(mapping: Array, codes: Array) -> Array:
    """Codes by a mapping; -1 stays."""
    if np.array_equal(mapping, np.arange(len(mapping))):
        return codes
    # The last entry stands for the code -1.
    return taken_places(np.append(mapping, np.int32(-1)), codes)


def _filled_up(values: Array, known: Mask | None) -> Array:
    """``values``, with one that is known wherever nothing is: so that all of them may be looked at together."""
    if known is not None and len(values):
        np.copyto(values, values[int(known.argmax())], where=~known)
    return values


def first_seen(codes: Array, count: int) -> Array:
    """The codes that come at all, in the order in which they first do."""
    if len(codes) > _PREFIX:
        # Where few codes come often, all of them come soon.
        found = first_seen(codes[:_PREFIX], count)
        if len(found) == count:
            return found
    first = np.full(count + 1, len(codes), np.int64)
    # Written from the end: the first that comes is what stays.
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    first = first[:count]
    used = np.flatnonzero(first < len(codes))
    return used[np.argsort(first[used], kind="stable")]


def _on_one_scale(pieces: Sequence[_Aside | Piece]) -> tuple[Array, int]:
    """The numbers of all pieces on one scale, in a new array."""
    scale = math.lcm(*(piece.scale for piece in pieces))
    most = 0
    for piece in pieces:
        if len(piece):
            most = max(
                most, *(abs(int(each)) * (scale // piece.scale) for each in (piece.values.min(), piece.values.max()))
            )
    found = np.empty(sum(map(len, pieces)), width_of(-most, most) if most < _LIMIT else object)
    row = 0
    for piece in pieces:
        here = found[row : row + len(piece)]
        factor = scale // piece.scale
        if factor == 1:
            here[:] = piece.values
        elif found.dtype == object:
            here[:] = piece.values.astype(object) * factor
        else:
            np.multiply(piece.values, factor, out=here, dtype=found.dtype, casting="unsafe")
        row += len(piece)
    return found, scale

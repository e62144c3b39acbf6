"""Keys of 统计 in codes: which groups may be one, of all keys at once.

Why this exists: a key has parts, and each part is a value or unknown in one of a few ways. Two keys meet by how far their
parts are known: what both know is looked up, what either does not know is perhaps the same, or surely not.

Invariants: keys match as `engine.portfolio.match_keys` says; values are compared by `engine.values.compare`, once for each
pair of a value that is not known and one that comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.store import Column
from policyrules.engine import values as v
from policyrules.engine.values import Abstract

_FEW: Final = 1 << 10
_MOST: Final = 1 << 27
_SPARSE: Final = 256
_EARLY: Final = 1 << 15


# ---- numbers for what comes together --------------------------------------------------------------------------------


def together(columns: Sequence[tuple[Array, int]], rows: int, most: int | None = None) -> tuple[Array, list[Array]]:
    """Rows by all of ``columns`` (codes, and how many there may be): of each row a number, and of each number its codes.
    Numbers may be left out, while there may be no more than ``most`` (None: some twice as many as rows).

    >>> together([(np.array([0, 1, 0]), 2), (np.array([1, 0, 1]), 2)], 3)[0].tolist()
    [1, 2, 1]
    """
    found: Array = np.zeros(rows, np.int32)
    parts: list[Array] = []
    size = 1
    for codes, width in columns:
        total = size * width
        if size == 1:
            joint = codes
        else:
            joint = found.astype(np.int32 if total < 2**31 else np.int64)
            joint *= joint.dtype.type(width)
            joint += codes.astype(joint.dtype, copy=False)
        if total > (_FEW + 2 * rows if most is None else most):
            held, found = _distinct(joint, total)
        else:
            held, found = np.arange(total), joint
        parts = [*(part[held // width] for part in parts), held % width]
        size = len(held)
    return found, parts


def _distinct(codes: Array, total: int) -> tuple[Array, Array]:
    """The codes that come, and of each row the place of its own."""
    if total > min(_MOST, _FEW + _SPARSE * len(codes)):
        held, found = np.unique(codes, return_inverse=True)
        return held, found
    if total <= len(codes):
        # Counting is sooner than setting flags, as long as there is little to count in.
        held = np.flatnonzero(np.bincount(codes, minlength=total))
    else:
        flags = np.zeros(total, np.bool_)
        flags[codes] = True
        held = np.flatnonzero(flags)
    places = np.empty(total, np.int32)
    places[held] = np.arange(len(held))
    return held, places.take(codes)


def numbered(columns: Sequence[Array]) -> tuple[Array, Array]:
    """Elements by all of ``columns``, numbers of any size: of each element a number, and of each number an element."""
    found = numbers_of(columns[0])
    for column in columns[1:]:
        own = numbers_of(column)
        width = int(own.max()) + 1 if len(own) else 1
        if width > 1:
            found = numbers_of(found.astype(np.int64) * width + own)
    return found, _firsts(found)


def _firsts(numbers: Array) -> Array:
    """Of each number the first element that has it; mostly all of them come early."""
    first = np.full(int(numbers.max()) + 1 if len(numbers) else 0, -1, np.int64)
    begin, step = 0, _EARLY
    while (first < 0).any():
        end = min(begin + step, len(numbers))
        own = np.full(len(first), -1, np.int64)
        own[numbers[begin:end][::-1]] = np.arange(end - 1, begin - 1, -1)
        first = np.where(first < 0, own, first)
        begin, step = end, step * 4
    return first


def numbers_of(column: Array) -> Array:
    """Of each number its place among those that come."""
    if column.dtype == object:
        places: dict[object, int] = {}
        return np.array([places.setdefault(code, len(places)) for code in column.tolist()], np.int64)
    if not len(column):
        return column.astype(np.int64)
    if column.dtype in (np.bool_, np.uint8, np.uint16):
        return _distinct(column.view(np.uint8) if column.dtype == np.bool_ else column, 1 << 8 * column.dtype.itemsize)[
            1
        ]
    low, high = int(column.min()), int(column.max())
    if high - low >= _FEW + _SPARSE * len(column):
        return np.unique(column, return_inverse=True)[1]
    return _distinct(column.astype(np.int64) - low, high - low + 1)[1]


# ---- the parts of keys ----------------------------------------------------------------------------------------------


class CellValues:
    """What the cells of one field hold: first what a blank stands for, then the values of the codes, in their order."""

    def __init__(self, column: Column | None, blank: Abstract, codes: Array | None, count: int) -> None:
        self.column = column
        self.blank = blank
        self.codes = codes
        self.count = count

    def __len__(self) -> int:
        return self.count + 1

    def __getitem__(self, place: int) -> Abstract:
        if not place:
            return self.blank
        assert self.column is not None
        return self.column.decoded(place - 1 if self.codes is None else int(self.codes[place - 1]))

    def __iter__(self) -> Iterator[Abstract]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the keys of some rows: a code each, and what the codes stand for."""

    codes: Array
    values: Any


class Vocabulary:
    """What one part of keys may be. ``classes``: of each value 0 where it is known, else a number that those share which may
    be the same values; ``may``: of each such number which values it may be."""

    def __init__(self, values: Any) -> None:
        self.size = len(values)
        self.classes = np.zeros(self.size, np.int32)
        rows: dict[bytes, int] = {}
        may = [np.ones(self.size, np.bool_)]
        for place in self._unknown(values):
            own = self._compared(values, place)
            number = rows.setdefault(own.tobytes(), len(rows) + 1)
            if number == len(may):
                may.append(own)
            self.classes[place] = number
        self.may = np.array(may)

    @staticmethod
    def _unknown(values: Any) -> list[int]:
        if isinstance(values, range):
            return []
        if isinstance(values, CellValues):
            return [] if v.known(values.blank) else [0]
        return [place for place, value in enumerate(values) if not v.known(value)]

    def _compared(self, values: Any, place: int) -> Array:
        own = values[place]
        if isinstance(values, CellValues) and _is_anything(own):
            return np.ones(self.size, np.bool_)
        return np.array([v.compare("=", own, other) is not False for other in values], np.bool_)

    @property
    def known(self) -> Array:
        """Of each value, whether it is known."""
        found: Array = self.classes == 0
        return found

    def agree(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Of pairs of values, which are surely the same and which may be."""
        ours, theirs = self.classes[left], self.classes[right]
        same = left == right
        sure = same & (ours == 0) & (theirs == 0)
        possible = np.where(ours > 0, self.may[ours, right], np.where(theirs > 0, self.may[theirs, left], same))
        return sure, possible


def _is_anything(value: Abstract) -> bool:
    match value:
        case None | v.Candidates(None) | v.Interval(None, None):
            return True
        case _:
            return False


def unified(parts: Sequence[Part]) -> tuple[Vocabulary, list[Array]]:
    """One part of the keys of several kinds of rows, in the same codes."""
    first = parts[0].values
    if all(part.values is first for part in parts):
        return Vocabulary(first), [part.codes for part in parts]
    places: dict[Abstract, int] = {}
    codes = []
    for part in parts:
        own = np.array([places.setdefault(value, len(places)) for value in part.values], np.int32)
        codes.append(own[part.codes])
    return Vocabulary(list(places)), codes


# ---- keys that match ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matched:
    """Keys that some asked keys match alike: of each of ``asked`` those from ``first`` to ``last`` among ``keys``."""

    asked: Array
    first: Array
    last: Array
    keys: Array
    sure: bool

    def sums(self, column: Array) -> Array:
        """Of each of ``asked`` the sum of a column of numbers of all keys."""
        ordered = column[self.keys]
        whole = np.zeros(len(ordered) + 1, column.dtype)
        np.cumsum(ordered, out=whole[1:])
        found: Array = whole[self.last] - whole[self.first]
        return found


def matched(vocabularies: Sequence[Vocabulary], asked: Keys, theirs: Keys) -> list[Matched]:
    """Which of ``theirs`` the asked keys match, surely or perhaps."""
    found: list[Matched] = []
    others = list(_patterns(vocabularies, theirs))
    for known, askers in _patterns(vocabularies, asked):
        for other, keys in others:
            one = _between(vocabularies, (known, asked, askers), (other, theirs, keys))
            if one is not None:
                found.append(one)
    return found


def _patterns(vocabularies: Sequence[Vocabulary], keys: Keys) -> Iterator[tuple[list[int], Array]]:
    """Keys by how far their parts are known: of each part its class."""
    classes = [(own.classes[codes], len(own.may)) for own, codes in zip(vocabularies, keys.parts, strict=True)]
    numbers, parts = together(classes, len(keys.present))
    numbers = numbers[keys.present]
    for number in np.unique(numbers).tolist():
        yield [int(part[number]) for part in parts], keys.present[numbers == number]


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by their number: the codes of their ``parts``, and the numbers that there are."""

    parts: list[Array]
    present: Array


def _between(
    vocabularies: Sequence[Vocabulary],
    ours: tuple[list[int], Keys, Array],
    others: tuple[list[int], Keys, Array],
) -> Matched | None:
    (known, asked, askers), (their_known, theirs, keys) = ours, others
    both: list[tuple[Array, Array, int]] = []
    for own, ask, have, left, right in zip(vocabularies, known, their_known, asked.parts, theirs.parts, strict=True):
        if not ask and not have:
            both.append((left, right, own.size))
        elif ask:
            keys = keys[own.may[ask, right[keys]]]
        else:
            askers = askers[own.may[have, left[askers]]]
    if not len(keys) or not len(askers):
        return None
    columns = [(np.concatenate((right[keys], left[askers])), size) for left, right, size in both]
    numbers = together(columns, len(keys) + len(askers))[0]
    held, wanted = numbers[: len(keys)], numbers[len(keys) :]
    # Numbers are not much larger than there are many of them: where those of each begin is looked up.
    counts = np.bincount(held, minlength=int(numbers.max()) + 1)
    last = np.cumsum(counts).take(wanted)
    first = last - counts.take(wanted)
    there = np.flatnonzero(first < last)
    order = np.argsort(held, kind="stable")
    return Matched(askers[there], first[there], last[there], keys[order], len(both) == len(known))


__all__ = [
    "CellValues",
    "Keys",
    "Matched",
    "Part",
    "Vocabulary",
    "matched",
    "numbered",
    "numbers_of",
    "together",
    "unified",
]

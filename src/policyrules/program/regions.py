"""Which values of several inputs rows of a table take: where two rows meet, and what no row takes, exactly.

Why this exists: that two tiers both hold at 10 万元, or that none does, is seen by no scenario that nobody wrote. The
values of one input fall into finitely many sorts that no cell tells apart (a bound, the stretch between two bounds, a
declared value); a row takes some sorts of each.

Invariants: a set of sorts of one axis is a bit mask; a box has one mask for each axis; nothing is sampled. `gaps` gives up
after a number of steps that bounds its time.
"""

from __future__ import annotations

import datetime
import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from policyrules.text import cut, some
from policyrules.types import Kind, Number, Type, Value, value_text

Box: TypeAlias = tuple[int, ...]

MOST_STEPS: Final = 100_000
_DISCRETE: Final = frozenset({Kind.INTEGER, Kind.YEAR, Kind.DURATION, Kind.DATE})
_MOST_VALUES: Final = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """The ordered values from ``low`` to ``high`` (None: no end), each end included or not. Days count by their number."""

    low: Number | None
    high: Number | None
    closed: tuple[bool, bool]

    @property
    def inside(self) -> Number:
        """A value between the ends, or the only one."""
        if self.low is None:
            return 0 if self.high is None else self.high - 1
        return self.low + 1 if self.high is None else Fraction(self.low + self.high) / 2


Sort: TypeAlias = Stretch | Value | None
"""Values that no cell tells apart. None: 无 of a decision, or of a text whatever no cell names."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An input: what it is called, the type of its values, and their sorts in order. ``says``: words for some of them,
    where they are no values of the input (已填, 含 甲). ``ends``: the declared bounds."""

    name: str
    type: Type
    sorts: tuple[Sort, ...]
    says: tuple[str, ...] = ()
    ends: tuple[Number | None, Number | None] = (None, None)

    @property
    def all(self) -> int:
        """The mask of every sort."""
        return (1 << len(self.sorts)) - 1

    def inside(self) -> list[Number]:
        """A value of each sort of an ordered input, in order."""
        return [sort.inside for sort in self.sorts if isinstance(sort, Stretch)]

    def compared(self, sign: str, bound: Number, at: Sequence[Number]) -> int:
        """The sorts of an ordered input that lie ``sign`` of one of its bounds; ``at``: what is `inside` them."""
        below, upto = (1 << bisect_left(at, bound)) - 1, (1 << bisect_right(at, bound)) - 1
        match sign:
            case "<":
                return below
            case "≤":
                return upto
            case ">":
                return self.all ^ upto
            case "≥":
                return self.all ^ below
            case "=":
                return upto ^ below
            case _:
                return self.all ^ upto ^ below

    def mask(self, holds: Callable[[Sort], bool]) -> int:
        """The sorts for which something holds."""
        return sum(1 << index for index, sort in enumerate(self.sorts) if holds(sort))


def number_of(value: Value) -> Number:
    """An ordered value as a number; a date is its day's."""
    if isinstance(value, datetime.date):
        return value.toordinal()
    assert isinstance(value, (int, Fraction)), "only ordered values are compared"
    return value


def stretches(type_: Type, cuts: Sequence[Number], low: Number | None, high: Number | None) -> tuple[Stretch, ...]:
    """The sorts of an ordered input whose cells name ``cuts``, within its declared bounds.

    >>> [(s.low, s.high) for s in stretches(Type(Kind.INTEGER), [5, 6], 0, None)]
    [(0, 0), (0, 5), (5, 5), (6, 6), (6, None)]
    """
    points = sorted({*cuts, *(end for end in (low, high) if end is not None)})
    found: list[Stretch] = []
    before: Number | None = None
    for point in points:
        found.append(Stretch(before, point, (False, False)))
        found.append(Stretch(point, point, (True, True)))
        before = point
    found.append(Stretch(before, None, (False, False)))
    return tuple(each for each in found if _within(each, low, high) and not _empty(each, type_))


def _within(stretch: Stretch, low: Number | None, high: Number | None) -> bool:
    at = stretch.inside
    return not ((low is not None and at < low) or (high is not None and at > high))


def _empty(stretch: Stretch, type_: Type) -> bool:
    if type_.kind not in _DISCRETE or stretch.low is None or stretch.high is None:
        return False
    first, last = _whole(stretch)
    return first is not None and last is not None and first > last


def _whole(stretch: Stretch) -> tuple[int | None, int | None]:
    """The first and the last whole number of a stretch."""
    low, high = stretch.low, stretch.high
    first = None if low is None else math.ceil(low) if stretch.closed[0] else math.floor(low) + 1
    last = None if high is None else math.floor(high) if stretch.closed[1] else math.ceil(high) - 1
    return first, last


# ---- boxes ----------------------------------------------------------------------------------------------------------


def meetings(boxes: Sequence[tuple[int, Box]], axes: Sequence[Axis], most: int) -> list[tuple[int, int, Box]]:
    """Pairs of different rows that share values, the earlier first, each with a box of them; at most ``most``.
    ``boxes``: the row of each, in the order of rows."""
    alike = _alike([box for _, box in boxes], len(axes))
    found: dict[tuple[int, int], Box] = {}
    cache: dict[tuple[int, int], int] = {}
    for number, (row, box) in enumerate(boxes):
        others = ((1 << len(boxes)) - 1) ^ ((1 << (number + 1)) - 1)
        for axis, mask in enumerate(box):
            if (axis, mask) not in cache:
                cache[axis, mask] = _any_of(alike[axis], mask)
            others &= cache[axis, mask]
            if not others:
                break
        while others:
            last = others & -others
            others ^= last
            other, their = boxes[last.bit_length() - 1]
            if other != row and (row, other) not in found:
                found[row, other] = tuple(one & two for one, two in zip(box, their, strict=True))
                if len(found) == most:
                    return [(*pair, shared) for pair, shared in found.items()]
    return [(*pair, shared) for pair, shared in found.items()]


def _alike(boxes: Sequence[Box], axes: int) -> list[dict[int, int]]:
    """For each axis and mask the boxes that have it there, as a mask of their numbers."""
    found: list[dict[int, int]] = [{} for _ in range(axes)]
    for number, box in enumerate(boxes):
        for axis, mask in enumerate(box):
            found[axis][mask] = found[axis].get(mask, 0) | 1 << number
    return found


def _any_of(alike: dict[int, int], mask: int) -> int:
    """The boxes that share a sort with ``mask``."""
    found = 0
    for other, numbers in alike.items():
        if other & mask:
            found |= numbers
    return found


def _takers(boxes: Sequence[Box], axes: Sequence[Axis]) -> list[list[int]]:
    """For each axis and sort the boxes that take it, as a mask of their numbers."""
    found = [[0] * len(axis.sorts) for axis in axes]
    for takers, alike in zip(found, _alike(boxes, len(axes)), strict=True):
        # Who begins or ends at each sort: a stretch of a thousand sorts has two ends.
        turning = [0] * (len(takers) + 1)
        for mask, numbers in alike.items():
            edges = mask ^ mask << 1
            while edges:
                turning[(edges & -edges).bit_length() - 1] ^= numbers
                edges &= edges - 1
        taking = 0
        for sort, turned in enumerate(turning[:-1]):
            taking ^= turned
            takers[sort] = taking
    return found


def gaps(boxes: Sequence[Box], axes: Sequence[Axis], most: int) -> tuple[list[Box], bool]:
    """Boxes of values that none of ``boxes`` takes, at most ``most``; and whether all was looked at, or enough found."""
    takers = _takers(boxes, axes)
    every = (1 << len(boxes)) - 1
    # The boxes that take everything from an axis on.
    open_from: list[int] = [every]
    for axis in range(len(axes) - 1, -1, -1):
        full = _taking_all(takers[axis], every)
        open_from.append(open_from[-1] & full)
    open_from.reverse()
    search = _Search(axes, takers, open_from, most)
    finished = search.look(0, every, ())
    return _joined(search.found), finished or len(search.found) == most


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """The same values in fewer boxes: two that differ on one axis only are one."""
    left = list(boxes)
    for one, two in itertools.combinations(boxes, 2):
        apart = [axis for axis, (first, second) in enumerate(zip(one, two, strict=True)) if first != second]
        if len(apart) == 1 and one in left and two in left:
            left[left.index(one)] = tuple(first | second for first, second in zip(one, two, strict=True))
            left.remove(two)
            return _joined(left)
    return left


class _Search:
    """One search for gaps, axis by axis; it stops when enough was found or looked at."""

    def __init__(self, axes: Sequence[Axis], takers: list[list[int]], open_from: list[int], most: int) -> None:
        self.axes, self.takers, self.open_from, self.most = axes, takers, open_from, most
        self.found: list[Box] = []
        self._covered: set[tuple[int, int]] = set()
        self._steps = 0

    def look(self, axis: int, left: int, before: Box) -> bool:
        """Look below ``before`` where the boxes ``left`` take it; False where the search stopped. As deep as there are
        axes."""
        if left & self.open_from[axis] or (axis, left) in self._covered:
            return True
        if not left:
            self.found.append((*before, *(each.all for each in self.axes[axis:])))
            return len(self.found) < self.most
        self._steps += 1
        if self._steps > MOST_STEPS:
            return False
        groups: dict[int, int] = {}
        for sort, numbers in enumerate(self.takers[axis]):
            groups[left & numbers] = groups.get(left & numbers, 0) | 1 << sort
        known = len(self.found)
        for rest, mask in groups.items():
            if not self.look(axis + 1, rest, (*before, mask)):
                return False
        if len(self.found) == known:
            self._covered.add((axis, left))
        return True


def _taking_all(takers: Sequence[int], every: int) -> int:
    for numbers in takers:
        every &= numbers
    return every


# ---- in words -------------------------------------------------------------------------------------------------------


def region_text(box: Box, axes: Sequence[Axis]) -> str:
    """A box in the words of cells: what may be written into a row.

    >>> axis = Axis("户数", Type(Kind.INTEGER, "户"), stretches(Type(Kind.INTEGER), [5, 9], 0, None), (), (0, None))
    >>> region_text((0b00011,), [axis]), region_text((0b01000,), [axis]), region_text((0b11000,), [axis])
    ('户数 ≤ 4 户', '户数 6 户 至 8 户', '户数 6 户 至 9 户')
    """
    parts = [f"{axis.name} {mask_text(mask, axis)}" for mask, axis in zip(box, axes, strict=True) if mask != axis.all]
    return "，".join(parts) or "全部情形"


def mask_text(mask: int, axis: Axis) -> str:
    """Some sorts of one input in words."""
    chosen = [index for index in range(len(axis.sorts)) if mask >> index & 1]
    if axis.says:
        return " 或 ".join(axis.says[index] for index in chosen)
    if any(isinstance(sort, Stretch) for sort in axis.sorts):
        runs: list[list[int]] = []
        for index in chosen:
            if runs and runs[-1][-1] == index - 1 and _touch(axis, index):
                runs[-1].append(index)
            else:
                runs.append([index])
        return cut(" 或 ".join(_run_text(axis, run) for run in runs), 120)
    if axis.type.kind is Kind.TEXT and None in (axis.sorts[index] for index in chosen):
        named = [str(sort) for index, sort in enumerate(axis.sorts) if sort is not None and index not in chosen]
        return f"不为 {'、'.join(f'“{each}”' for each in named)}"
    words = [_value_text(axis.sorts[index], axis.type) for index in chosen]
    return some(words, _MOST_VALUES, "种")


def _touch(axis: Axis, index: int) -> bool:
    """Whether nothing lies between a stretch and the one before it."""
    one, two = axis.sorts[index - 1], axis.sorts[index]
    assert isinstance(one, Stretch) and isinstance(two, Stretch)
    if axis.type.kind in _DISCRETE:
        last, first = _whole(one)[1], _whole(two)[0]
        return last is not None and first is not None and last + 1 == first
    return one.high == two.low


def _value_text(sort: Sort, type_: Type) -> str:
    if sort is None:
        return "无"
    assert not isinstance(sort, Stretch)
    return f"“{sort}”" if type_.kind is Kind.TEXT else value_text(sort, type_)


def _run_text(axis: Axis, run: list[int]) -> str:
    first, last = axis.sorts[run[0]], axis.sorts[run[-1]]
    assert isinstance(first, Stretch) and isinstance(last, Stretch)
    low, high = first.low, last.high
    low_closed, high_closed = first.closed[0], last.closed[1]
    if axis.type.kind in _DISCRETE:
        low, high = _whole(first)[0], _whole(last)[1]
        low_closed = high_closed = True
    start, end = axis.ends
    # An end that is declared goes without saying.
    low = None if low is not None and low == start and low_closed and high != low else low
    high = None if high is not None and high == end and high_closed and high != low else high
    if low is not None and low == high:
        return ordered_text(low, axis.type)
    if low is None and high is None:
        return "任何值"
    left = "" if low is None else f"{'≥' if low_closed else '>'} {ordered_text(low, axis.type)}"
    right = "" if high is None else f"{'≤' if high_closed else '<'} {ordered_text(high, axis.type)}"
    if low is not None and high is not None and low_closed and high_closed:
        return f"{ordered_text(low, axis.type)} 至 {ordered_text(high, axis.type)}"
    return f"{left} {right}".strip()


def ordered_text(number: Number, type_: Type) -> str:
    """A number of an ordered type as people write it."""
    if type_.kind is Kind.DATE:
        return value_text(datetime.date.fromordinal(int(number)), type_)
    return value_text(number, type_)

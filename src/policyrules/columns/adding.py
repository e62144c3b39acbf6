"""What members add to a 统计, as columns: `engine.tally.Tally.sums` of a million contributions.

Why this exists: sums do not depend on the order in which members come, so each of them is a column of numbers.

Invariants: of each contribution the columns hold what `Tally.sums` says of it, amounts times `Amounts.scale`; a column whose
sum could leave int64 is of Python numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.engine.tally import Sums, Tally
from policyrules.types import simplify

Adds: TypeAlias = int | Array
"""What each member adds to one sum: a number, a mask, or the same of all."""

_ROOM: Final = 2**61
_TOTAL: Final = (0, 2)
_SHARED: Final = (0, 1, 2, 3, 5, 7, 9)
"""Which sums of a 合计 and of a 占比 of amounts are amounts."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts that are known in part: ends over ``scale``, 0 where they are open."""

    low: Array
    high: Array
    open_low: Mask
    open_high: Mask
    void: Mask
    perhaps: Mask
    scale: int


def amounts(
    low: tuple[Array, int], high: tuple[Array, int], bits: tuple[Mask, Mask, Mask, Mask], members: int
) -> Amounts:
    """Amounts from their ends, each over its scale, and the bits of `engine.lowering.values.Range`; of ``members``."""
    open_low, open_high, void, perhaps = bits
    scale = math.lcm(low[1], high[1])
    ends = [_whole(values, scale // own, members) for values, own in (low, high)]
    open_low, open_high = open_low | void, open_high | void
    for end, open_ in zip(ends, (open_low, open_high), strict=True):
        end[open_] = 0
    return Amounts(ends[0], ends[1], open_low, open_high, void, perhaps | void, scale)


def _whole(values: Array, factor: int, members: int) -> Array:
    """Numbers times ``factor``, so that all of them together stay what they are."""
    if values.dtype != object:
        most = max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0
        if most * factor * max(members, 1) < _ROOM:
            return values.astype(np.int64) * factor
    found: Array = values.astype(object) * factor
    return found


def columns(tally: Tally, sure: Mask, match: Array | None, amounts: Amounts | None, *, joined: bool) -> list[Adds]:
    """What members add to each sum, ``joined`` to groups that their keys surely match, or perhaps. ``sure``: which of them
    surely count; ``match``: whether they meet 符合: 0 no, 1 perhaps, 2 surely."""
    match tally.statistic.kind:
        case "计数":
            return [sure if joined else 0, 1]
        case "占比" if amounts is None:
            assert match is not None
            meets = [match == 2, match == 0, match == 1]
            if not joined:
                return [0, 0, 0, *meets]
            return [*(sure & own for own in meets), *(~sure & own for own in meets)]
        case "占比":
            assert match is not None and amounts is not None
            return _of_parts(sure, match, amounts, tally.non_negative, joined)
        case "合计":
            assert amounts is not None
            return _of_total(sure, amounts, joined)
        case _:
            # 种数: no sums.
            return []


def _of_total(sure: Mask, own: Amounts, joined: bool) -> list[Adds]:
    counts = sure if joined else np.zeros_like(sure)
    # What may not count adds nothing, or what it is: without a number, nothing.
    low = np.where(counts, own.low, np.minimum(own.low, 0))
    high = np.where(counts, own.high, np.maximum(own.high, 0))
    low_open = own.open_low & (counts | ~own.void)
    high_open = own.open_high & (counts | ~own.void)
    return [low, low_open, high, high_open, own.perhaps, counts & own.void]


def _of_parts(sure: Mask, match: Array, own: Amounts, non_negative: bool, joined: bool) -> list[Adds]:
    """`engine.tally._of_part`."""
    counts = sure if joined else np.zeros_like(sure)
    low, high = own.low, own.high
    low_open, high_open = own.open_low & ~own.void, own.open_high & ~own.void
    if non_negative:
        low, low_open = np.maximum(low, 0), np.zeros_like(low_open)
    signed = low_open | np.asarray(low < 0, np.bool_)
    floor = np.where(signed, 0, low)
    zero = ~low_open & ~high_open & np.asarray(low == 0, np.bool_) & np.asarray(high == 0, np.bool_)
    meets, fails = match == 2, match == 0
    return [
        np.where(counts & meets, floor, 0),
        np.where(counts & fails, floor, 0),
        np.where(counts, floor, 0),
        np.where(fails, 0, high),
        high_open & ~fails,
        np.where(meets, 0, high),
        high_open & ~meets,
        np.where(counts, low, np.minimum(low, 0)),
        low_open,
        np.where(counts, high, np.maximum(high, 0)),
        high_open,
        signed,
        ~fails & ~zero,
        ~meets & ~zero,
        own.perhaps,
        counts & own.void,
    ]


def put_together(numbers: Array, adds: Adds, groups: int) -> Array:
    """Of each group the sum of what its members add; ``numbers``: the group of each."""
    if isinstance(adds, int):
        return np.bincount(numbers, minlength=groups) * adds if adds else np.zeros(groups, np.int64)
    if adds.dtype == np.bool_:
        # That is sooner than by a mask.
        return np.bincount(numbers.take(np.flatnonzero(adds)), minlength=groups)
    found = np.zeros(groups, adds.dtype)
    np.add.at(found, numbers, adds)
    return found


def chosen(adds: Adds, members: Array) -> Array:
    """What some of the members add."""
    if isinstance(adds, int):
        return np.full(len(members), adds, np.int64)
    found = adds[members]
    return found.astype(np.int64) if found.dtype == np.bool_ else found


def sums_of(tally: Tally, columns: Sequence[Array], at: int, scale: int) -> Sums:
    """The sums of a group, as `Tally.bounds` takes them."""
    places: tuple[int, ...] = ()
    match tally.statistic.kind:
        case "合计":
            places = _TOTAL
        case "占比" if tally.statistic.value is not None:
            places = _SHARED
    numbers: list[Any] = []
    for place, column in enumerate(columns):
        number = column[at]
        own: Any = number if column.dtype == object else int(number)
        numbers.append(simplify(Fraction(own) / scale) if place in places and scale != 1 else own)
    return tuple(numbers)


__all__ = ["Adds", "Amounts", "amounts", "chosen", "columns", "put_together", "sums_of"]

"""Values of 统计 as circuits read them: planes and numbers over the rows that ask.

Why this exists: a statistic is one of a few values, and what a circuit asks of it is asked of each of those once. What comes
to the rows is then a bit each, not a number that every row compares again.

Invariants: exact; a plane or number is worked out when a program reads it, and stays.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array, Mask, Plane, planes_of
from policyrules.columns.planeprogram import ColumnFacts
from policyrules.engine import values as v
from policyrules.engine.values import Abstract

_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Against:
    """Whether an end of a value stands in an order with a fixed number: before it, or (``turned``) behind it."""

    end: str
    order: str
    bound: Fraction
    turned: bool

    def holds(self, numbers: Array, scale: int) -> Mask:
        """Of whole numbers over a scale, whether they do."""
        bound = self.bound * scale
        found: Mask
        if self.order == "=":
            found = numbers == bound.numerator if bound.denominator == 1 else np.zeros(len(numbers), np.bool_)
        elif self.turned:
            found = numbers > math.floor(bound) if self.order == "<" else numbers >= math.ceil(bound)
        else:
            found = numbers < math.ceil(bound) if self.order == "<" else numbers <= math.floor(bound)
        return np.asarray(found, np.bool_)


@dataclass(frozen=True, slots=True)
class Ends:
    """Values of a statistic as columns: whole numbers and what they may be, 0 where a value has no end; by its name each of the
    bits of `policyrules.engine.lowering.values.Range`."""

    numbers: Mapping[str, tuple[Array, ColumnFacts]]
    bits: Mapping[str, Mask]


def ends_of(kinds: Sequence[Abstract]) -> Ends:
    """The ends of values."""
    ends: list[tuple[Any, Any, bool]] = [(None, None, True) if value is v.VOID else v.bounds(value) for value in kinds]
    bits = {
        "open_low": [low is None for low, _, _ in ends],
        "open_high": [high is None for _, high, _ in ends],
        "void": [value is v.VOID for value in kinds],
        "perhaps_void": [bool(perhaps) for _, _, perhaps in ends],
    }
    return Ends(
        {"low": _column([low for low, _, _ in ends]), "high": _column([high for _, high, _ in ends])},
        {part: np.array(own, np.bool_) for part, own in bits.items()},
    )


def ends_of_counts(least: Array, most: Array, unlimited: Mask) -> Ends:
    """The ends of counts; ``unlimited``: there may be any number more."""
    none = np.zeros(len(unlimited), np.bool_)
    bits = {"open_low": none, "open_high": unlimited, "void": none, "perhaps_void": none}
    return Ends({"low": _whole(least), "high": _whole(np.where(unlimited, 0, most))}, bits)


def _column(ends: Sequence[Any]) -> tuple[Array, ColumnFacts]:
    """Exact numbers or days as whole numbers over a scale."""
    plain = [0 if one is None else one.toordinal() if isinstance(one, datetime.date) else one for one in ends]
    scale = math.lcm(*{one.denominator for one in plain})
    whole = plain if scale == 1 else [int(one * scale) for one in plain]
    if not whole or (min(whole) >= -(2**63) and max(whole) < 2**63):
        return _whole(np.array(whole, np.int64), scale)
    column = np.empty(len(whole), object)
    column[:] = whole
    return column, ColumnFacts(scale, "object", low=min(0, *whole), high=max(0, *whole), python=True)


def _whole(numbers: Array, scale: int = 1) -> tuple[Array, ColumnFacts]:
    low, high = (min(0, int(numbers.min())), max(0, int(numbers.max()))) if len(numbers) else (0, 0)
    dtype: Any = np.int32 if low >= -(2**31) and high < 2**31 else np.int64
    return numbers.astype(dtype), ColumnFacts(scale, np.dtype(dtype).name, low=low, high=high)


class Counted:
    """One statistic: the values that come, by their ``ends``; ``spread`` gives each row what a table has for its value,
    ``planes`` so many of the lowest bits of it."""

    def __init__(
        self,
        ends: Ends,
        spread: Callable[[Array], Array],
        planes: Callable[[Array, int], Sequence[Plane]] | None = None,
    ) -> None:
        self._ends = ends
        self._spread = spread
        self._planes = planes or (lambda table, count: planes_of(spread(table), count))

    def facts(self) -> Mapping[str, ColumnFacts]:
        """Of each part what it may be."""
        found = {end: facts for end, (_, facts) in self._ends.numbers.items()}
        for part, bits in self._ends.bits.items():
            found[part] = ColumnFacts(low=int(bits.all()), high=int(bits.any()))
        return found

    def parts(self, asked: Sequence[Hashable]) -> Mapping[Hashable, Array]:
        """Parts as planes and numbers: ends, bits, and what `Against` asks of an end."""
        found: dict[Hashable, Array] = {}
        planes: list[Hashable] = []
        for part in asked:
            if part in self._ends.numbers:
                found[part] = self._spread(self._ends.numbers[str(part)][0])
            else:
                planes.append(part)
        # A row gets the bits of all of them at once.
        for begin in range(0, len(planes), _BITS):
            together = planes[begin : begin + _BITS]
            tables = [self._told(part).astype(np.uint8) << place for place, part in enumerate(together)]
            found.update(zip(together, self._planes(np.bitwise_or.reduce(tables), len(together)), strict=True))
        return found

    def _told(self, part: Hashable) -> Mask:
        if not isinstance(part, Against):
            return self._ends.bits[str(part)]
        numbers, facts = self._ends.numbers[part.end]
        return part.holds(numbers, facts.scale)


__all__ = ["Against", "Counted", "Ends", "ends_of", "ends_of_counts"]

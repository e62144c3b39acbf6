"""The least and the greatest that a number may be, as far as declarations tell.

Why this exists: a field of money that is never below 0 makes the sign of most products and quotients known beforehand: of four
corners one is left, and a quotient is compared as the product it comes from.

Invariants: what a record holds lies within what is declared of its field (`policyrules.records.cells`), so whatever is read
here holds of every record; of a blank cell a number is anything, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from policyrules.engine.lowering.nodes import (
    Cell,
    Choice,
    Const,
    Extremum,
    HowMany,
    Linear,
    Num,
    Over,
    Read,
    RowCount,
    RowExtremum,
    RowSum,
    SizeOf,
    Times,
)

Extent: TypeAlias = tuple[Any, Any]
"""The least and the greatest, numbers or days; None where nothing bounds it."""
_ANY: Extent = (None, None)


class Extents:
    """The extents of the numbers of one circuit, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, Extent] = {}

    def of(self, number: Num) -> Extent:
        """Between what a number lies."""
        found = self._known.get(number.id)
        if found is None:
            found = self._known[number.id] = self._of(number)
        return found

    def never_negative(self, number: Num) -> bool:
        """Whether it is never below 0."""
        low = self.of(number)[0]
        return low is not None and bool(low >= 0)

    def apart(self, numbers: Iterable[Num], *, largest: bool) -> tuple[Num, ...]:
        """Those of some numbers that may be the least of them, or the greatest."""
        kept: list[Num] = []
        near, far = (1, 0) if largest else (0, 1)
        for number in numbers:
            own = self.of(number)
            others = [self.of(other) for other in kept]
            if any(_beyond(own[near], other[far], largest) for other in others):
                continue
            kept = [one for one, other in zip(kept, others, strict=True) if not _beyond(other[near], own[far], largest)]
            kept.append(number)
        return tuple(kept)

    def _of(self, number: Num) -> Extent:
        match number:
            case Const(value=value):
                return value, value
            case Read(cell=Cell(field=field)):
                return field.low, field.high
            case Linear(constant=constant, terms=terms):
                low: Any = constant
                high: Any = constant
                for factor, part in terms:
                    least, most = self.of(part) if factor > 0 else reversed(self.of(part))
                    low = None if low is None or least is None else low + factor * least
                    high = None if high is None or most is None else high + factor * most
                return low, high
            case Times(left=left, right=right):
                if self.never_negative(left) and self.never_negative(right):
                    (least, most), (other_least, other_most) = self.of(left), self.of(right)
                    return least * other_least, None if None in (most, other_most) else most * other_most
                return _ANY
            case Over(left=left, right=right):
                return (0, None) if self.never_negative(left) and self.never_negative(right) else _ANY
            case Extremum(largest=largest, numbers=numbers):
                lows, highs = zip(*map(self.of, numbers), strict=True)
                # Of the least a bound of any part is one, of the greatest those of all are needed, and the other way round.
                return (_best(lows, True), _all(highs, True)) if largest else (_all(lows, False), _best(highs, False))
            case Choice(yes=yes, no=no):
                (low, high), (other_low, other_high) = self.of(yes), self.of(no)
                return _all((low, other_low), False), _all((high, other_high), True)
            case RowExtremum(number=part):
                return self.of(part)
            case RowSum(number=part):
                return (0, None) if self.never_negative(part) else _ANY
            case HowMany(bits=bits):
                return 0, len(bits)
            case RowCount() | SizeOf():
                return 0, None
            case _:
                return _ANY


def _best(ends: Iterable[Any], largest: bool) -> Any:
    """The furthest of the ends that there are."""
    known = [end for end in ends if end is not None]
    return (max if largest else min)(known) if known else None


def _all(ends: Iterable[Any], largest: bool) -> Any:
    """The furthest of the ends, where all of them are there."""
    known = list(ends)
    return None if None in known else (max if largest else min)(known)


def _beyond(near: Any, far: Any, largest: bool) -> bool:
    """Whether what reaches no nearer than ``near`` changes nothing beside what reaches no further than ``far``."""
    return near is not None and far is not None and bool(near <= far if largest else near >= far)

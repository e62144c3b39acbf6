"""What numbers are multiplied by where they are written, so that they are whole.

Why this exists: 30% of an amount in 元 is a fraction, and Python adds, compares and multiplies fractions ten times slower than
whole numbers; ten times the amount is whole. What is multiplied by a ratio that a record holds is whole at its denominator.

Invariants: a scale depends on the node alone, so all who read a node know at which it was written; nothing relies on a scaled
number being whole, it is exact either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Final

from policyrules.engine.lowering.nodes import (
    Cell,
    Choice,
    Compare,
    Const,
    Extremum,
    Linear,
    Num,
    Read,
    RowExtremum,
    RowSum,
    Times,
)
from policyrules.frozen import frozen
from policyrules.types import Kind

LARGEST: Final = 10**9
MOST: Final = 3
"""From a scale beyond it, or of more denominators, numbers are written as they are."""
_PARTED: Final = frozenset({Kind.RATIO, Kind.DECIMAL, Kind.AREA})
"""Kinds of which records hold fractions more often than not."""


@frozen
class Scale:
    """So many times the denominators of what some cells hold, each as often as it stands there."""

    times: int = 1
    cells: tuple[Cell, ...] = ()

    def divides(self, other: Scale) -> bool:
        """Whether ``other`` is a multiple of it."""
        return other.times % self.times == 0 and all(
            self.cells.count(cell) <= other.cells.count(cell) for cell in self.cells
        )

    def over(self, own: Scale) -> Scale:
        """What is left of it where ``own``, which divides it, is there."""
        left = [*self.cells]
        for cell in own.cells:
            left.remove(cell)
        return Scale(self.times // own.times, tuple(left))


ONE: Final = Scale()


class Scales:
    """The scale of each number of a circuit, worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, Scale] = {}

    def of(self, number: Num) -> Scale:
        """What a number is multiplied by."""
        found = self._known.get(number.id)
        if found is None:
            found = self._of(number)
            too_much = found.times > LARGEST or len(found.cells) > MOST
            found = self._known[number.id] = ONE if too_much else found
        return found

    def together(self, numbers: Iterable[Num]) -> Scale:
        """The least that the scales of all of them divide."""
        times, cells = 1, list[Cell]()
        for number in numbers:
            one = self.of(number)
            times = lcm(times, one.times)
            for cell in one.cells:
                cells += [cell] * (one.cells.count(cell) - cells.count(cell))
        return Scale(times, tuple(cells))

    def cells(self, node: object) -> tuple[Cell, ...]:
        """The cells whose denominators are read where a node is written."""
        match node:
            case Compare(left=left, right=right):
                return self.together((left, right)).cells
            case Const() | Read() | Linear() | Times() | Extremum() | Choice():
                return self.of(node).cells
            case _:
                return ()

    def _of(self, number: Num) -> Scale:
        match number:
            case Const(value=Fraction(denominator=below)):
                return Scale(below)
            case Read(cell=cell) if cell.kind in _PARTED:
                return Scale(1, (cell,))
            case Linear(constant=constant, terms=terms):
                inner = (Fraction(factor, self.of(part).times).denominator for factor, part in terms)
                times = lcm(Fraction(constant).denominator, *inner)
                return Scale(times, self.together(part for _, part in terms).cells)
            case Times(left=left, right=right):
                one, other = self.of(left), self.of(right)
                return Scale(one.times * other.times, one.cells + other.cells)
            case Extremum(numbers=numbers):
                return self.together(numbers)
            case Choice(yes=yes, no=no):
                return self.together((yes, no))
            case RowSum(number=part) | RowExtremum(number=part):
                # What rows hold is another number for each.
                found = self.of(part)
                return ONE if found.cells else found
            case _:
                return ONE

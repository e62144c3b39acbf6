"""Where a number or a day turns something: the values at which a comparison of a circuit comes out otherwise.

Why this exists: of a number only the stretches between such values matter. One value stands for each of them, so that a number can
be tried like a list of words.

Invariants: exact. A number is looked for where it stands in sums, multiples, quotients, extrema and sums over rows; a day, and a whole
number that days are moved by, wherever a comparison turns once as it grows. What is multiplied by itself is not looked for.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any, Final, TypeAlias

from policyrules.analysis.planes import NOTHING, Element, Planes, elements, within
from policyrules.engine.lowering import nodes as n
from policyrules.types import FIRST_YEAR, LAST_YEAR, Kind, Number, Type, Value, canonical, simplify

Line: TypeAlias = tuple[Number, Number, Number, Number]
"""How a number turns on the one x that is looked for: (a, b, c, d) is (a·x + b) ÷ (c·x + d); where c is 0 d is 1."""
Is: TypeAlias = Callable[[n.Cell, Element], bool]
"""Whether a cell, seen from an element, is the one that is looked for."""

_MOST_LINES: Final = 64
_CIRCUIT: Final = 20
"""As many steps as asking a circuit is like."""
_SPAN: Final = 36_525
"""Days (and for whole numbers steps) before and after which nobody looks, where nothing else is declared."""
_INTEGRAL: Final = frozenset({Kind.INTEGER, Kind.YEAR, Kind.DURATION, Kind.DATE})


@dataclass(frozen=True, slots=True)
class Sought:
    """The number or day that is looked for. ``set_to``: the circuit with another value in it; ``lines``: what was found on the way,
    by node and element."""

    cell: tuple[str, str]
    is_it: Is
    type: Type
    low: Any
    high: Any
    set_to: Callable[[Value], Planes[int]]
    lines: dict[tuple[int, Element], list[Line]] = field(default_factory=dict, compare=False)


class Breaks:
    """The comparisons of a circuit. ``as_of``: around which days are looked for; ``work``: in how many steps was looked so far (lines put
    together or compared, circuits asked), the same for the same questions."""

    def __init__(self, nodes: Sequence[n.AnyNode], as_of: datetime.date) -> None:
        self._as_of = as_of
        self.work = 0
        self._compared = [node for node in nodes if isinstance(node, n.Compare)]
        self._cells: dict[int, frozenset[n.Cell]] = {}
        self._below: dict[int, frozenset[tuple[str, str]]] = {}
        self._foreign: set[int] = set()
        self._calls: set[int] = set()
        for node in nodes:
            operands = n.operands(node)
            cells = frozenset(n.cells_of(node)).union(*(self._cells[operand.id] for operand in operands))
            self._cells[node.id] = cells
            self._below[node.id] = frozenset((cell.object, cell.name) for cell in cells)
            rows = isinstance(node, n.Counted | n.Told | n.SomeRow | n.RowCount | n.RowSum | n.RowExtremum)
            if rows or any(operand.id in self._foreign for operand in operands):
                self._foreign.add(node.id)
            if isinstance(node, n.Call) or any(operand.id in self._calls for operand in operands):
                self._calls.add(node.id)
        self._kept: dict[tuple[int, Any, Any], list[Number]] = {}

    def points(self, planes: Planes[int], element: Element, sought: Sought) -> list[Number]:
        """The numbers at which a comparison turns, in order; of a day between two days, half a day after the earlier one.
        ``planes``: the circuit with whatever a comparison may also turn on."""
        found: dict[Number, None] = {}
        for node in self._compared:
            if sought.cell not in self._below[node.id]:
                continue
            for inner in [()] if node.space is None else elements(node.space, element[0]):
                if any(mine is not theirs for mine, theirs in zip(inner, element, strict=False)):
                    continue
                if sought.type.kind is Kind.DATE or (node.id in self._calls and sought.type.kind in _INTEGRAL):
                    found.update(dict.fromkeys(self._turns(node, inner, sought)))
                else:
                    found.update(dict.fromkeys(self._roots(node, planes, inner, sought)))
        return sorted(found)

    def together(self, cells: Sequence[tuple[str, str]]) -> bool:
        """Whether some comparison turns on two of the cells (one may be there more than once)."""
        return any(sum(cell in self._below[node.id] for cell in cells) > 1 for node in self._compared)

    # ---- numbers

    def _roots(self, node: n.Compare, planes: Planes[int], element: Element, sought: Sought) -> Iterator[Number]:
        left, right = (self._lines(side, planes, element, sought) for side in (node.left, node.right))
        self.work += len(left) * len(right)
        for a, b, c, d in left:
            for e, f, g, h in right:
                # Where both are the same, and where either changes its sign without being 0.
                slope, rest = a * h + b * g - e * d - f * c, b * h - f * d
                if a * g == e * c and slope:
                    yield _quotient(-rest, slope)
                yield from [_quotient(-one, times) for times, one in ((c, d), (g, h)) if times]

    def _values(self, node: n.Num, planes: Planes[int], element: Element) -> list[Number]:
        return [value for value in planes.number(node, element) if isinstance(value, int | Fraction)][:_MOST_LINES]

    def _lines(self, node: n.Num, planes: Planes[int], element: Element, sought: Sought) -> list[Line]:
        """The lines on which a number may lie, as what is looked for grows."""
        key = (node.id, element)
        if key not in sought.lines:
            sought.lines[key] = self._lines_of(node, planes, element, sought)
        return sought.lines[key]

    def _lines_of(self, node: n.Num, planes: Planes[int], element: Element, sought: Sought) -> list[Line]:
        if sought.cell not in self._below[node.id]:
            return [(0, value, 0, 1) for value in self._values(node, planes, element)]
        found: list[Line] = []
        match node:
            case n.Read(cell=cell):
                here = sought.is_it(cell, element)
                told = self._values(node, planes, element)
                found = [(1, 0, 0, 1)] if here else [(0, value, 0, 1) for value in told]
            case n.Linear(constant=constant, terms=terms):
                found = [(0, constant, 0, 1)]
                for factor, number in terms:
                    parts = [_scaled(line, factor) for line in self._lines(number, planes, element, sought)]
                    found = self._each(found, parts, _added)
            case n.Times(left=left, right=right):
                mine, theirs = (self._lines(side, planes, element, sought) for side in (left, right))
                found = self._each(mine, theirs, _multiplied)
            case n.Over(left=left, right=right):
                mine, theirs = (self._lines(side, planes, element, sought) for side in (left, right))
                found = self._each(mine, theirs, _divided)
            case n.Extremum(numbers=numbers):
                found = [line for number in numbers for line in self._lines(number, planes, element, sought)]
            case n.Choice(yes=yes, no=no):
                found = [line for number in (yes, no) for line in self._lines(number, planes, element, sought)]
            case n.RowSum():
                found = self._of_sum(node, planes, element, sought)
            case n.RowExtremum(rows=rows, number=number):
                inners = list(within(rows, element))
                found = [line for inner in inners for line in self._lines(number, planes, inner, sought)]
            case _:
                pass
        self.work += len(found)
        return list(dict.fromkeys(found))[:_MOST_LINES]

    def _each(
        self, left: Sequence[Line], right: Sequence[Line], meaning: Callable[[Line, Line], Line | None]
    ) -> list[Line]:
        self.work += len(left) * len(right)
        lines = (meaning(one, other) for one in left for other in right)
        return list(islice(dict.fromkeys(line for line in lines if line is not None), _MOST_LINES))

    def _of_sum(self, node: n.RowSum, planes: Planes[int], element: Element, sought: Sought) -> list[Line]:
        """The lines of the rows in which it stands, with what all others come to."""
        found: list[Line] = [(0, 0, 0, 1)]
        for inner in within(node.rows, element):
            lines = self._lines(node.number, planes, inner, sought)
            counts = planes.bit(node.bit, inner)
            never = planes.bit(n.Neg(-1 - node.bit.id, node.bit.space, node.bit), inner)
            moving = any(a or c for a, _, c, _ in lines)
            if counts or moving:
                found = self._each(found, [*lines, (0, 0, 0, 1)] if never and not moving else lines, _added)
        return found

    # ---- days

    def _turns(self, node: n.Compare, element: Element, sought: Sought) -> list[Number]:
        plain = len(self._cells[node.id]) == 1 and node.id not in self._foreign
        key = (node.id, sought.low, sought.high)
        if plain and key in self._kept:
            return self._kept[key]
        day = sought.type.kind is Kind.DATE
        middle = self._as_of.toordinal() if day else 0
        low = middle - _SPAN if sought.low is None else _ordinal(sought.low)
        high = middle + _SPAN if sought.high is None else _ordinal(sought.high)

        def circuit(place: int) -> Planes[int]:
            self.work += _CIRCUIT
            return sought.set_to(datetime.date.fromordinal(place) if day else place)

        if node.order == "=":
            # It turns at the value itself and again behind it: two comparisons that turn once.
            found = _turning(low, high, lambda place: _stands(node, circuit(place), element, strict=True))
            found += _turning(low, high, lambda place: _stands(node, circuit(place), element, strict=False))
        else:
            found = _turning(low, high, lambda place: circuit(place).bit(node, element))
        if plain:
            self._kept[key] = found
        return found


def _stands(node: n.Compare, planes: Planes[int], element: Element, *, strict: bool) -> int:
    """The columns in which the left is less than the right, or where not ``strict`` the same."""
    left, right = planes.number(node.left, element), planes.number(node.right, element)
    found = 0
    for one, columns in left.items():
        for other, others in right.items():
            if one is not NOTHING and other is not NOTHING and (one < other or (not strict and one == other)):
                found |= columns & others
    return found


def _ordinal(end: Any) -> int:
    return end.toordinal() if isinstance(end, datetime.date) else math.floor(end)


def _turning(low: int, high: int, comes_to: Callable[[int], int]) -> list[Number]:
    """Between which neighbours something that turns once in each column turns."""
    found: list[Number] = []
    waiting = [(low, comes_to(low), high, comes_to(high))] if low < high else []
    while waiting:
        first, at_first, last, at_last = waiting.pop()
        if at_first == at_last:
            continue
        if last == first + 1:
            found.append(Fraction(first + last, 2))
            continue
        middle = (first + last) // 2
        between = comes_to(middle)
        waiting += [(first, at_first, middle, between), (middle, between, last, at_last)]
    return sorted(found)


def _quotient(one: Number, other: Number) -> Number:
    return simplify(Fraction(one) / other)


def _is_still(line: Line) -> bool:
    """Whether it does not turn on what is looked for."""
    return not line[0] and not line[2]


def _scaled(line: Line, factor: Number) -> Line:
    a, b, c, d = line
    return a * factor, b * factor, c, d


def _added(one: Line, other: Line) -> Line | None:
    if _is_still(one) or not (one[2] or other[2]):
        one, other = other, one
    if other[2] or (one[2] and other[0]):
        return None
    a, b, c, d = one
    return a + other[0] * d + other[1] * c, b + other[1] * d, c, d


def _multiplied(one: Line, other: Line) -> Line | None:
    (a, b, c, d), (e, f, g, h) = one, other
    if a * e or c * g:
        return None
    # Nothing is squared: the product is of the same form.
    slope, rest = c * h + d * g, d * h
    if slope:
        return a * f + b * e, b * f, slope, rest
    return (_quotient(a * f + b * e, rest), _quotient(b * f, rest), 0, 1) if rest else None


def _divided(one: Line, other: Line) -> Line | None:
    a, b, c, d = other
    return _multiplied(one, (c, d, a, b)) if a or b else None


_REACH: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.DATE: (1, datetime.date.max.toordinal()),
    Kind.YEAR: (FIRST_YEAR, LAST_YEAR),
}
"""The days and years that a cell may hold."""
_ANY: Final[Mapping[Kind, int]] = {Kind.DATE: datetime.date(2000, 1, 1).toordinal(), Kind.YEAR: 2000}


# ---- one value for each stretch -------------------------------------------------------------------------------------


def stretches(points: Sequence[Number], type_: Type, low: Any, high: Any, now: Value | None) -> list[Value]:
    """A value for each point and each stretch between points (within ``low`` and ``high``, both included), but for the one that
    ``now`` lies on: that which is nearest to ``now``, nearest first.

    >>> stretches([10], Type(Kind.INTEGER, "户"), 0, None, 7), stretches([10], Type(Kind.INTEGER, "户"), 0, None, None)
    ([10, 11], [0, 10, 11])
    """
    day = type_.kind is Kind.DATE
    if day:
        low, high, now = (None if one is None else one.toordinal() for one in (low, high, now))  # type: ignore[union-attr]  # days
    assert now is None or isinstance(now, int | Fraction)
    whole = type_.kind in _INTEGRAL
    step = 1 if whole else _step(type_)
    inside = [one for one in points if (low is None or one >= low) and (high is None or one <= high)]
    ends: list[Any] = [None, *inside, None]
    found: list[Number] = []
    for place, (start, end) in enumerate(pairwise(ends)):
        if place and now != start and (not whole or start.denominator == 1):
            found.append(start)
        first, last = _ends(start, end, low, high, step, whole)
        if first is not None and last is not None and first > last:
            continue
        if now is None:
            found.append(first if first is not None else last if last is not None else _ANY.get(type_.kind, 0))
        elif first is not None and now < first and not _lies(now, start, end):
            found.append(first)
        elif last is not None and now > last and not _lies(now, start, end):
            found.append(last)
    if now is None:
        found.sort()
    else:
        found.sort(key=lambda one: (abs(one - now), one))
    within = list(dict.fromkeys(map(simplify, found)))
    if type_.kind in _REACH:
        least, most = _REACH[type_.kind]
        within = [one for one in within if least <= one <= most]
    return [datetime.date.fromordinal(int(one)) if day else one for one in within]


def _lies(now: Number, start: Number | None, end: Number | None) -> bool:
    return (start is None or now > start) and (end is None or now < end)


def _ends(
    start: Number | None, end: Number | None, low: Any, high: Any, step: Number, whole: bool
) -> tuple[Number | None, Number | None]:
    """The least and the greatest value to take of what lies between two points (None: there is none on that side)."""
    if whole:
        first = low if start is None else math.floor(start) + 1
        last = high if end is None else math.ceil(end) - 1
        first = None if first is None else math.ceil(first)
        last = None if last is None else math.floor(last)
        return first, last
    if start is not None and end is not None:
        return min(start + step, Fraction(start + end) / 2), max(end - step, Fraction(start + end) / 2)
    if start is None and end is None:
        return low, high
    if start is None:
        assert end is not None
        if low is not None and low >= end:
            return 1, 0
        return low, end - step if low is None else max(end - step, Fraction(low + end) / 2)
    if high is not None and high <= start:
        return 1, 0
    return start + step if high is None else min(start + step, Fraction(start + high) / 2), high


def _step(type_: Type) -> Number:
    """How far beyond a point a value is taken where numbers are dense: a hundredth of the unit."""
    if type_.kind is Kind.RATIO:
        return Fraction(1, 1000)
    return simplify(Fraction(canonical(1, type_)) / 100)

"""Functions of one number or day that stay the same from place to place: where they change, and what they are between.

Why this exists: a parameter from end to end, or day after day, is asked for exactly. What turns on it is a truth that flips at
some places, or a number that is the same between them, or moves one way; all of these are worked out once for all places, so
that no place at which anything changes is missed.

Invariants: a place is a whole number (of days an ordinal), or any exact number on a dense axis; a cut lies between two
places; two neighbouring pieces never hold the same; what cannot be told so is refused (`Unfit`).
"""

from __future__ import annotations

import datetime
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from policyrules.analysis.planes import NOTHING, ORDERS
from policyrules.types import Number, simplify

Cut: TypeAlias = Any
"""Between whole places the first place behind it; on a dense axis a number, and 0 (just before it) or 1 (just behind it)."""
Moving: TypeAlias = Any
"""What is the same everywhere (itself), a `Curve`, or `Steps` of these."""

MOST_PLACES: Final = 6000
"""Places that may be tried one by one."""
FAR: Final = 4_000_000
"""No period of days or months that is longer leads anywhere within the calendar."""


class Unfit(Exception):
    """What cannot be told exactly for all places."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Places from ``low`` to ``high``, both included (None: no end). ``dense``: every exact number between them, else whole ones;
    ``days``: ordinals of days."""

    low: Number | None
    high: Number | None
    dense: bool = False
    days: bool = False

    @property
    def bounded(self) -> bool:
        """Whether its places can be counted."""
        return not self.dense and self.low is not None and self.high is not None

    @property
    def begin(self) -> Cut:
        """The cut before all places; None where there is none."""
        return None if self.low is None else (self.low, 0) if self.dense else self.low

    @property
    def end(self) -> Cut:
        """The cut behind all places; None where there is none."""
        if self.high is None:
            return None
        return (self.high, 1) if self.dense else self.high + 1

    def before(self, number: Number) -> Cut:
        """The cut just before a number."""
        return (simplify(number), 0) if self.dense else math.ceil(number)

    def behind(self, number: Number) -> Cut:
        """The cut just behind a number."""
        return (simplify(number), 1) if self.dense else math.floor(number) + 1

    def value(self, place: Any) -> Any:
        """What stands at a place."""
        return datetime.date.fromordinal(place) if self.days else place

    def place(self, value: Any) -> Any:
        """Where a value stands."""
        return value.toordinal() if self.days else value

    def inside(self, start: Cut, end: Cut) -> Any:
        """A place between two cuts (None: the ends of the axis), the first where there is one."""
        start = self.begin if start is None else start
        end = self.end if end is None else end
        if not self.dense:
            return start if start is not None else end - 1 if end is not None else 0
        match start, end:
            case None, None:
                return 0
            case None, (last, behind):
                return last if behind else last - 1
            case (first, 0), _:
                return first
            case (first, _), None:
                return first + 1
            case (first, _), (last, _):
                return simplify(Fraction(first + last) / 2)

    def identity(self) -> Curve:
        """The place itself."""
        return Curve(self.value, True, (1, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A number or a day that moves one way. ``at``: what it is at a place; ``line``: slope and height where it is a straight
    line (of days: of their ordinals)."""

    at: Callable[[Any], Any]
    rising: bool
    line: tuple[Number, Number] | None = None


class Steps:
    """What holds from cut to cut: ``values[0]`` before the first, ``values[i]`` from ``cuts[i - 1]`` on."""

    __slots__ = ("cuts", "values")

    def __init__(self, cuts: Sequence[Cut], values: Sequence[Any]) -> None:
        self.cuts = cuts
        self.values = values

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Steps) and list(self.cuts) == list(other.cuts) and list(self.values) == list(other.values)
        )

    __hash__ = None  # type: ignore[assignment]  # compared in tests only

    def __repr__(self) -> str:
        return f"Steps({list(self.cuts)!r}, {list(self.values)!r})"

    def from_cut(self, cut: Cut) -> Any:
        """What holds just behind a cut (None: at the beginning)."""
        return self.values[0 if cut is None else bisect_right(self.cuts, cut)]


def cuts_of(moving: Moving) -> Sequence[Cut]:
    """Where it changes."""
    return moving.cuts if type(moving) is Steps else ()


def behind(moving: Moving, cut: Cut) -> Any:
    """What it is just behind a cut (None: at the beginning)."""
    return moving.from_cut(cut) if type(moving) is Steps else moving


def at(axis: Axis, moving: Moving, place: Any) -> Any:
    """What it is at a place."""
    return behind(moving, (place, 0) if axis.dense else place)


def together(several: Iterable[Moving]) -> list[Cut]:
    """Where any of them changes, in order."""
    return sorted({cut for one in several for cut in cuts_of(one)})


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and bool(one == other))


def glued(pieces: Iterable[tuple[Cut, Any]]) -> Moving:
    """Pieces, each with the cut it begins at (the first: anything), neighbours that hold the same made one."""
    cuts: list[Cut] = []
    values: list[Any] = []
    for start, value in pieces:
        if not values:
            values.append(value)
        elif not _same(values[-1], value):
            cuts.append(start)
            values.append(value)
    return values[0] if not cuts else Steps(cuts, values)


def combined(parts: Sequence[Moving], meaning: Callable[..., Any]) -> Moving:
    """``meaning`` of what the parts are, piece by piece. Curves are handed on as they are."""
    if not any(type(one) is Steps for one in parts):
        return meaning(*parts)
    cuts = together(parts)
    return glued([(cut, meaning(*[behind(one, cut) for one in parts])) for cut in (None, *cuts)])


def within(parts: Sequence[Moving], meaning: Callable[[Sequence[Any], Cut, Cut], Moving]) -> Moving:
    """As `combined`, of a meaning that may itself change inside a piece, whose ends it is given."""
    if not any(type(one) is Steps for one in parts):
        return meaning(parts, None, None)
    cuts = together(parts)
    found: list[tuple[Cut, Any]] = []
    starts: list[Cut] = [None, *cuts]
    for start, end in zip(starts, [*cuts, None], strict=True):
        value = meaning([behind(one, start) for one in parts], start, end)
        if type(value) is Steps:
            found.append((start, value.values[0]))
            found.extend(zip(value.cuts, value.values[1:], strict=True))
        else:
            found.append((start, value))
    return glued(found)


def stepped(axis: Axis, start: Cut, end: Cut, turns: Sequence[tuple[Cut, Any]], first: Any) -> Moving:
    """``first``, then from each of some cuts on another value, between two cuts (None: the ends of the axis)."""
    start = axis.begin if start is None else start
    end = axis.end if end is None else end
    kept: list[tuple[Cut, Any]] = [(None, first)]
    for cut, value in turns:
        if end is not None and cut >= end:
            break
        if start is not None and cut <= start:
            kept = [(None, value)]
        else:
            kept.append((cut, value))
    return glued(kept)


def places(axis: Axis, start: Cut, end: Cut) -> range:
    """The places between two cuts. Raises `Unfit` where they are too many."""
    if not axis.bounded:
        raise Unfit
    first = axis.begin if start is None else start
    last = axis.end if end is None else end
    if last - first > MOST_PLACES:
        raise Unfit
    return range(first, last)


def tabulated(axis: Axis, start: Cut, end: Cut, meaning: Callable[[Any], Any]) -> Moving:
    """What something is at each place between two cuts."""
    return glued([(place, meaning(place)) for place in places(axis, start, end)])


def told(value: Any, place: Any) -> Any:
    """What a constant or a curve is at a place."""
    return value.at(place) if type(value) is Curve else value


def flipping(axis: Axis, start: Cut, end: Cut, holds: Callable[[Any], bool]) -> Moving:
    """A truth that changes once at most between two cuts."""
    if axis.dense:
        raise Unfit
    first = axis.begin if start is None else start
    last = axis.end if end is None else end
    low, high = (-FAR if first is None else first), (FAR if last is None else last - 1)
    before, after = holds(low), holds(high)
    if before is after:
        return before
    while low < high:
        middle = (low + high) // 2
        if holds(middle) is after:
            high = middle
        else:
            low = middle + 1
    return stepped(axis, start, end, [(low, after)], before)


# ---- orders ---------------------------------------------------------------------------------------------------------


def _line(value: Any) -> tuple[Number, Number] | None:
    if type(value) is Curve:
        return value.line
    return (0, value.toordinal() if isinstance(value, datetime.date) else value)


def compared(axis: Axis, order: str, left: Any, right: Any, start: Cut, end: Cut) -> Moving:
    """Whether two constants or curves stand in an order, between two cuts."""
    if left is NOTHING or right is NOTHING:
        return False
    if type(left) is not Curve and type(right) is not Curve:
        return ORDERS[order](left, right)
    one, other = _line(left), _line(right)
    if one is not None and other is not None:
        return _lines_compared(axis, order, one[0] - other[0], one[1] - other[1], start, end)
    if type(left) is Curve and type(right) is Curve and left.rising is right.rising:
        return tabulated(axis, start, end, lambda place: ORDERS[order](left.at(place), right.at(place)))
    if order == "=":
        parts = [compared(axis, sign, left, right, start, end) for sign in ("≤", "<")]
        return combined(parts, lambda least, less: least and not less)
    return flipping(axis, start, end, lambda place: ORDERS[order](told(left, place), told(right, place)))


def _lines_compared(axis: Axis, order: str, slope: Number, height: Number, start: Cut, end: Cut) -> Moving:
    if slope == 0:
        return ORDERS[order](height, 0)
    zero = Fraction(-height) / slope
    before, behind_ = axis.before(zero), axis.behind(zero)
    match order, slope > 0:
        case "<", True:
            return stepped(axis, start, end, [(before, False)], True)
        case "<", False:
            return stepped(axis, start, end, [(behind_, True)], False)
        case "≤", True:
            return stepped(axis, start, end, [(behind_, False)], True)
        case "≤", False:
            return stepped(axis, start, end, [(before, True)], False)
        case _:
            return stepped(axis, start, end, [(before, True), (behind_, False)], False)


# ---- numbers --------------------------------------------------------------------------------------------------------


def added(axis: Axis, constant: Number, terms: Sequence[tuple[Number, Any]], start: Cut, end: Cut) -> Moving:
    """Multiples of constants and curves, added up, between two cuts."""
    slope: Number = 0
    moving: list[tuple[Number, Curve]] = []
    for factor, number in terms:
        if number is NOTHING:
            return NOTHING
        if type(number) is not Curve:
            constant += factor * number
        elif number.line is not None:
            slope += factor * number.line[0]
            constant += factor * number.line[1]
        else:
            moving.append((factor, number))
    constant, slope = simplify(constant), simplify(slope)
    if not moving:
        if slope == 0:
            return constant
        return Curve(lambda place: simplify(slope * place + constant), slope > 0, (slope, constant))
    if slope:
        moving.append((1, Curve(lambda place: simplify(slope * place), slope > 0, (slope, 0))))

    def total(place: Any) -> Number:
        return simplify(sum((factor * one.at(place) for factor, one in moving), constant))

    ways = {one.rising is (factor > 0) for factor, one in moving}
    # Without an end of the axis only what stands still far out can be searched.
    if len(ways) > 1 or (slope and not axis.bounded):
        return tabulated(axis, start, end, total)
    return Curve(total, ways.pop())


def multiplied(axis: Axis, left: Any, right: Any, start: Cut, end: Cut) -> Moving:
    """A product."""
    if left is NOTHING or right is NOTHING:
        return NOTHING
    if type(left) is not Curve:
        return added(axis, 0, [(left, right)], start, end)
    if type(right) is not Curve:
        return added(axis, 0, [(right, left)], start, end)
    return tabulated(axis, start, end, lambda place: simplify(left.at(place) * right.at(place)))


def divided(axis: Axis, left: Any, right: Any, start: Cut, end: Cut) -> Moving:
    """A quotient; nothing where the divisor is 0."""
    if left is NOTHING or right is NOTHING:
        return NOTHING
    if type(right) is not Curve:
        return NOTHING if right == 0 else added(axis, 0, [(Fraction(1) / right, left)], start, end)

    def quotient(place: Any) -> Any:
        divisor = right.at(place)
        return NOTHING if divisor == 0 else simplify(Fraction(told(left, place)) / divisor)

    return tabulated(axis, start, end, quotient)


def farther(axis: Axis, largest: bool, left: Any, right: Any, start: Cut, end: Cut) -> Moving:
    """The least or the greatest of two; None is none at all."""
    if left is None or right is None:
        return right if left is None else left
    if left is NOTHING or right is NOTHING:
        return NOTHING
    less = compared(axis, "≤", left, right, start, end)
    return combined([less], lambda holds: right if holds is largest else left)


_WAYS: Final[dict[str, tuple[int, ...]]] = {
    "moved": (1, 1),
    "not_before": (1, 1),
    "not_after": (1, 1),
    "days": (1, -1),
    "yearly": (1,),
    "yearly_within": (1,),
    "year_of": (1,),
    "month_end": (1,),
    "quarter_end": (1,),
    "year_end": (1,),
}
"""Which way each function goes with each of its arguments."""


def called(
    axis: Axis, name: str, function: Callable[..., Any], values: Sequence[Any], start: Cut, end: Cut, *, defined: bool
) -> Moving:
    """A function of days between two cuts, or whether it has a value."""
    if any(one is NOTHING for one in values):
        return True if defined else NOTHING

    def result(place: Any) -> Any:
        found = function(*[told(one, place) for one in values])
        if defined:
            return found is not None
        return NOTHING if found is None else found

    curves = [(one, way) for one, way in zip(values, _WAYS.get(name, (0, 0)), strict=True) if type(one) is Curve]
    if not curves:
        return result(None)
    ways = {one.rising is (way > 0) for one, way in curves}
    if len(ways) > 1 or name not in _WAYS:
        return tabulated(axis, start, end, result)
    if defined:
        return flipping(axis, start, end, result)
    if name == "days":
        one, other = _line(values[0]), _line(values[1])
        if one is not None and other is not None:
            slope, height = one[0] - other[0], one[1] - other[1]
            return height if slope == 0 else Curve(lambda place: slope * place + height, slope > 0, (slope, height))
    return Curve(result, ways.pop())


def counted(bits: Iterable[Moving]) -> Moving:
    """How many of some truths hold."""
    sure = 0
    turning: list[Moving] = []
    for bit in bits:
        if type(bit) is Steps:
            turning.append(bit)
        else:
            sure += bit
    return combined(turning, lambda *held: sure + sum(held)) if turning else sure


def pieces_of(cuts: Sequence[Cut]) -> Iterator[tuple[Cut, Cut]]:
    """From cut to cut, from the beginning (None) to the end (None)."""
    yield from zip([None, *cuts], [*cuts, None], strict=True)

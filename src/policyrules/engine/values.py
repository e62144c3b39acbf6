"""Values that may be unknown: Kleene truth, exact intervals, candidate sets.

Why this exists: a blank is never false and never zero, so every operation of the language is defined here once for
values of which only a set of possibilities is known.

Invariants:

* truth is ``True``, ``False`` or ``None`` (unknown); an unknown 是否 is ``None`` too;
* a known value is the plain canonical value of `policyrules.types`; the classes below stand only for the unknown:
  `Interval` numbers and dates (closed; None is unbounded), `Candidates` enumerations and texts, `SetRange` sets;
* `VOID` is a number that does not exist (最大 of no row, 占比 of 0 of 0): every comparison with it is false;
  an interval may be possibly void, and then no comparison with it is surely true;
* every operation is monotone: a narrower argument never contradicts what a wider one gave.

Two occurrences of one blank are not connected: ``x - x`` of an unknown ``x`` is an interval around 0.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, TypeAlias

from policyrules.frozen import frozen
from policyrules.operators import MIRRORED, CompareOp
from policyrules.types import Kind, Number, Type, Value, add_months, simplify

Truth: TypeAlias = bool | None
Bound: TypeAlias = Any
"""A number or a date, or None for unbounded; both ends of an interval are of one kind."""


@frozen
class Interval:
    """A number or a date of which only bounds are known, both included; ``void``: possibly no number at all."""

    low: Bound
    high: Bound
    void: bool = False


class Void:
    """A number that does not exist. One instance, `VOID`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "VOID"

    def __reduce__(self) -> str:
        return "VOID"


VOID: Final = Void()


@frozen
class Candidates:
    """An enumeration or a text of which only the possible values are known; None: any text. The selector of a choice
    may hold a decision's 无 (None) and 不适用 among its values."""

    values: tuple[Any, ...] | None
    _held: frozenset[Any] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_held", None)

    def held(self) -> frozenset[Any]:
        """The values, to be asked of lists again and again; of any text none."""
        found = self._held
        if found is None:
            found = frozenset(self.values or ())
            object.__setattr__(self, "_held", found)
        return found


@frozen
class SetRange:
    """A set that holds ``certain`` for sure and at most ``possible`` (None: anything but what is ``barred``)."""

    certain: frozenset[Any]
    possible: frozenset[Any] | None
    barred: frozenset[Any] = frozenset()

    def may_hold(self, value: Any) -> bool:
        """Whether the set possibly holds the value."""
        return value not in self.barred if self.possible is None else value in self.possible

    def may_hold_any(self, values: frozenset[Any]) -> bool:
        """Whether the set possibly holds one of these."""
        return not values <= self.barred if self.possible is None else not values.isdisjoint(self.possible)

    def may_lack_any(self, values: frozenset[Any]) -> bool:
        """Whether one of these is surely not in the set."""
        return not values.isdisjoint(self.barred) if self.possible is None else not values <= self.possible


Abstract: TypeAlias = Value | Interval | Void | Candidates | SetRange | None
_UNKNOWN: Final = (Interval, Void, Candidates, SetRange)

ANY_TEXT: Final = Candidates(None)


def known(value: Abstract) -> bool:
    """Whether exactly one value is possible."""
    return value is not None and not isinstance(value, _UNKNOWN)


def interval(low: Bound, high: Bound, void: bool = False) -> Abstract:
    """The interval, or the one value it holds."""
    if low is not None and low == high and not void:
        return low  # type: ignore[no-any-return]  # Bound is Any: numbers and dates share this code
    return Interval(low, high, void)


def candidates(values: Iterable[Any]) -> Abstract:
    """The candidates without repetition, or the one value left."""
    distinct = tuple(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else Candidates(distinct)


def unknown(type_: Type, low: Bound = None, high: Bound = None) -> Abstract:
    """Every value of the type within the declared bounds: what a blank stands for.

    >>> unknown(Type(Kind.INTEGER, "个"), 1, 9)
    Interval(low=1, high=9, void=False)
    >>> unknown(Type(Kind.BOOL)) is None
    True
    """
    match type_.kind:
        case Kind.BOOL:
            return None
        case Kind.ENUM:
            return candidates(type_.values) if type_.values else ANY_TEXT
        case Kind.TEXT:
            return ANY_TEXT
        case Kind.SET:
            return SetRange(frozenset(), None if type_.values is None else frozenset(type_.values))
        case _:
            return interval(low, high)


# ---- truth ----------------------------------------------------------------------------------------------------------


def negation(truth: Truth) -> Truth:
    """Kleene's 非."""
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's 且.

    >>> conjunction([True, None, False]), conjunction([True, None])
    (False, None)
    """
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's 或."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


# ---- comparison -----------------------------------------------------------------------------------------------------

_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {"=": eq, "≠": ne, "<": lt, "≤": le, ">": gt, "≥": ge}


def compare(op: CompareOp, left: Abstract, right: Abstract) -> Truth:
    """True or False only when all possible values agree.

    >>> compare("≥", Interval(3, 9), 3), compare("≥", Interval(3, 9), 5), compare("<", VOID, 5)
    (True, None, False)
    """
    left_unknown, right_unknown = isinstance(left, _UNKNOWN), isinstance(right, _UNKNOWN)
    if left is VOID or right is VOID:
        return False
    if left is None or right is None:
        return None
    if not left_unknown and not right_unknown:
        return _OPERATORS[op](left, right)
    if isinstance(left, (Candidates, str)) or isinstance(right, (Candidates, str)):
        return _compare_candidates(op, left, right)
    if isinstance(left, (SetRange, frozenset)) or isinstance(right, (SetRange, frozenset)):
        return None
    return _compare_intervals(op, left, right)


def _compare_candidates(op: CompareOp, left: Abstract, right: Abstract) -> Truth:
    ours = left.values if isinstance(left, Candidates) else (left,)
    theirs = right.values if isinstance(right, Candidates) else (right,)
    if ours is None or theirs is None or any(value in theirs for value in ours):
        return None
    return op == "≠"


def _compare_intervals(op: CompareOp, left: Abstract, right: Abstract) -> Truth:
    if op in (">", "≥"):
        op, left, right = MIRRORED[op], right, left
    low, high, void = bounds(left)
    other_low, other_high, other_void = bounds(right)
    below = high is not None and other_low is not None and high < other_low
    above = low is not None and other_high is not None and low > other_high
    not_above = high is not None and other_low is not None and high <= other_low
    not_below = low is not None and other_high is not None and low >= other_high
    same = low is not None and low == high == other_low == other_high
    truth: Truth
    match op:
        case "<":
            truth = True if below else False if not_below else None
        case "≤":
            truth = True if not_above else False if above else None
        case "=":
            truth = True if same else False if below or above else None
        case _:
            truth = True if below or above else False if same else None
    return None if truth and (void or other_void) else truth


def bounds(value: Abstract) -> tuple[Bound, Bound, bool]:
    """Lowest and highest possible value (None: unbounded), and whether there may be none.

    >>> bounds(5), bounds(Interval(None, 7))
    ((5, 5, False), (None, 7, False))
    """
    if isinstance(value, Interval):
        return value.low, value.high, value.void
    if value is VOID or isinstance(value, Void):
        return None, None, True
    return value, value, False


# ---- membership and sets --------------------------------------------------------------------------------------------


def member(value: Abstract, among: SetRange) -> Truth:
    """Whether a scalar is among values (in a list that ends in 等 anything may be, but for what 不含 names).

    >>> both = frozenset({"甲", "乙"})
    >>> member(Candidates(("甲", "乙")), SetRange(both, both))
    True
    >>> member("丙", SetRange(frozenset({"甲"}), None)) is None, member("丙", SetRange(frozenset(), None, frozenset({"丙"})))
    (True, False)
    """
    if value is VOID:
        return False
    if value is None:
        value = Candidates((True, False))
    if isinstance(value, Candidates):
        if value.values is None:
            return False if among.possible is not None and not among.possible else None
        if among.certain.issuperset(value.values):
            return True
        return None if among.may_hold_any(value.held()) else False
    if isinstance(value, Interval):
        if among.possible is None or any(_within(one, value) for one in among.possible):
            return None
        return False
    if value in among.certain:
        return True
    return None if among.may_hold(value) else False


def not_member(value: Abstract, among: SetRange) -> Truth:
    """Whether a scalar is none of the values; a void number is neither among them nor another value."""
    if value is VOID:
        return False
    truth = negation(member(value, among))
    return None if truth and isinstance(value, Interval) and value.void else truth


def _within(one: Any, value: Interval) -> bool:
    return (value.low is None or value.low <= one) and (value.high is None or one <= value.high)


def set_range(value: Abstract) -> SetRange:
    """What a set holds for sure and at most."""
    if isinstance(value, frozenset):
        return SetRange(value, value)
    return value if isinstance(value, SetRange) else SetRange(frozenset(), None)


def set_of(found: SetRange) -> Abstract:
    """The range, or the one set that it leaves."""
    return found.certain if found.certain == found.possible else found


def size(value: Abstract) -> Abstract:
    """How many values a set holds.

    >>> size(frozenset({"甲", "乙"})), size(SetRange(frozenset({"甲"}), None))
    (2, Interval(low=1, high=None, void=False))
    """
    found = set_range(value)
    return interval(len(found.certain), None if found.possible is None else len(found.possible))


def contains_all(value: Abstract, items: tuple[str, ...]) -> Truth:
    """Whether a set holds every one of the items."""
    found = set_range(value)
    if not all(map(found.may_hold, items)):
        return False
    return True if found.certain.issuperset(items) else None


def contains_none(value: Abstract, items: tuple[str, ...]) -> Truth:
    """Whether a set holds none of the items."""
    found = set_range(value)
    if not found.certain.isdisjoint(items):
        return False
    return None if any(map(found.may_hold, items)) else True


def overlaps(value: Abstract, other: SetRange) -> Truth:
    """Whether a set holds one of the values that belong to another set, itself known only in part.

    >>> overlaps(frozenset({"丙"}), SetRange(frozenset({"甲"}), None, frozenset({"丙"})))
    False
    """
    ours = set_range(value)
    if ours.certain & other.certain:
        return True
    if ours.possible is not None:
        return None if any(map(other.may_hold, ours.possible)) else False
    # Of all the texts there are, no two such sets are surely apart.
    return None if other.possible is None or any(map(ours.may_hold, other.possible)) else False


def subset(value: Abstract, other: SetRange) -> Truth:
    """Whether a set holds nothing but values that belong to another set.

    >>> listed = SetRange(frozenset({"甲"}), None, frozenset({"丙"}))
    >>> [subset(frozenset(held), listed) for held in ("", "甲", "甲乙", "丙")]
    [True, True, None, False]
    """
    ours = set_range(value)
    if not all(map(other.may_hold, ours.certain)):
        return False
    return True if ours.possible is not None and other.certain.issuperset(ours.possible) else None


def less(value: Abstract, other: SetRange) -> Abstract:
    """A set without what belongs to another set.

    >>> found = less(frozenset({"甲", "乙", "丙"}), SetRange(frozenset({"甲"}), None, frozenset({"丙"})))
    >>> sorted(found.certain), sorted(found.possible)
    (['丙'], ['丙', '乙'])
    """
    ours = set_range(value)
    certain = frozenset(held for held in ours.certain if not other.may_hold(held))
    if ours.possible is None:
        return SetRange(certain, None, ours.barred | other.certain)
    return set_of(SetRange(certain, ours.possible - other.certain))


# ---- arithmetic -----------------------------------------------------------------------------------------------------

# A bound on the extended line: (-1, 0) below everything, (0, x) the number x, (1, 0) above everything.
_Extended: TypeAlias = tuple[int, Number]


def _extended(bound: Bound, infinite: int) -> _Extended:
    return (infinite, 0) if bound is None else (0, bound)


def _bound(extended: _Extended) -> Bound:
    return simplify(extended[1]) if extended[0] == 0 else None


def _sign(extended: _Extended) -> int:
    infinite, number = extended
    return infinite or (number > 0) - (number < 0)


def _times(left: _Extended, right: _Extended) -> _Extended:
    sign = _sign(left) * _sign(right)
    # 0 times anything is 0: an unbounded value is still a number.
    if sign == 0:
        return 0, 0
    return (sign, 0) if left[0] or right[0] else (0, left[1] * right[1])


def add(left: Abstract, right: Abstract) -> Abstract:
    """Sum of two numbers."""
    if not isinstance(left, _UNKNOWN) and not isinstance(right, _UNKNOWN):
        return simplify(left + right)  # type: ignore[operator, arg-type]  # only numbers meet here
    if left is VOID or right is VOID:
        return VOID
    low, high, void = bounds(left)
    other_low, other_high, other_void = bounds(right)
    return interval(
        None if low is None or other_low is None else simplify(low + other_low),
        None if high is None or other_high is None else simplify(high + other_high),
        void or other_void,
    )


def negative(value: Abstract) -> Abstract:
    """The number with its sign changed."""
    if value is VOID:
        return VOID
    if isinstance(value, Interval):
        return Interval(
            None if value.high is None else -value.high, None if value.low is None else -value.low, value.void
        )
    return -value  # type: ignore[operator]  # as in add


def multiply(left: Abstract, right: Abstract) -> Abstract:
    """Product of two numbers.

    >>> multiply(Interval(-2, None), 3)
    Interval(low=-6, high=None, void=False)
    """
    if not isinstance(left, _UNKNOWN) and not isinstance(right, _UNKNOWN):
        return simplify(left * right)  # type: ignore[operator, arg-type]  # as in add
    if left is VOID or right is VOID:
        return VOID
    low, high, void = bounds(left)
    other_low, other_high, other_void = bounds(right)
    corners = [
        _times(one, other)
        for one in (_extended(low, -1), _extended(high, 1))
        for other in (_extended(other_low, -1), _extended(other_high, 1))
    ]
    return interval(_bound(min(corners)), _bound(max(corners)), void or other_void)


def divide(left: Abstract, right: Abstract) -> Abstract:
    """Quotient; wholly unknown where the divisor may be 0.

    >>> divide(1, Interval(2, 4)), divide(1, Interval(0, 4))
    (Interval(low=Fraction(1, 4), high=Fraction(1, 2), void=False), Interval(low=None, high=None, void=False))
    """
    if left is VOID or right is VOID:
        return VOID
    low, high, void = bounds(right)
    if may_be_zero(right):
        return Interval(None, None, void or bounds(left)[2])
    inverse_low: Number = 0 if high is None else simplify(Fraction(1) / high)
    inverse_high: Number = 0 if low is None else simplify(Fraction(1) / low)
    return multiply(left, interval(inverse_low, inverse_high, void))


def may_be_zero(value: Abstract) -> bool:
    """Whether 0 is among the possible numbers."""
    low, high, _ = bounds(value)
    return (low is None or low <= 0) and (high is None or high >= 0)


def extreme(sure: list[Abstract], perhaps: list[Abstract], *, largest: bool) -> Abstract:
    """最大 / 最小 of values of which some count for sure: of none at all void, possibly void while none is sure.

    >>> extreme([3, Interval(5, 7)], [9], largest=True)
    Interval(low=5, high=9, void=False)
    """
    spoken = [bounds(x) for x in sure if x is not VOID]
    maybe = [bounds(x) for x in perhaps if x is not VOID]
    if not spoken and not maybe:
        return VOID
    firm = [x for x in spoken if not x[2]]
    near, far = (0, 1) if largest else (1, 0)
    pick, other = (max, min) if largest else (min, max)
    # The near bound holds whatever else counts; the far bound is reached if everything counts.
    everything = [x[far] for x in (*spoken, *maybe)]
    farthest = None if None in everything else pick(everything)
    if firm:
        nears = [x[near] for x in firm if x[near] is not None]
        nearest = pick(nears) if nears else None
    else:
        all_nears = [x[near] for x in (*spoken, *maybe)]
        nearest = None if None in all_nears else other(all_nears)
    low, high = (nearest, farthest) if largest else (farthest, nearest)
    return interval(low, high, not firm)


def pick(values: Sequence[Abstract], *, largest: bool) -> Abstract:
    """取小 / 取大: the least or the greatest of numbers or dates that all exist.

    >>> pick([Interval(2, None), 5], largest=False), pick([VOID, 5], largest=True)
    (Interval(low=2, high=5, void=False), VOID)
    """
    if any(value is VOID for value in values):
        return VOID
    lows, highs, voids = zip(*map(bounds, values), strict=True)
    # The near ends are all reached by one of the values; the far end is open only where every value's is.
    near, far = (highs, lows) if largest else (lows, highs)
    choose = max if largest else min
    told = [end for end in far if end is not None]
    outer = None if None in near else choose(near)
    inner = choose(told) if told else None
    low, high = (inner, outer) if largest else (outer, inner)
    return interval(low, high, any(voids))


def existing(value: Abstract) -> tuple[Truth, Abstract]:
    """Whether a number exists, and what it may be where it does.

    >>> existing(Interval(1, 3, True)), existing(VOID)
    ((None, Interval(low=1, high=3, void=False)), (False, VOID))
    """
    if value is VOID:
        return False, VOID
    if isinstance(value, Interval) and value.void:
        return None, interval(value.low, value.high)
    return True, value


# ---- dates ----------------------------------------------------------------------------------------------------------


def shift(start: Abstract, period: Abstract, *, months: bool) -> Abstract:
    """A date moved by a period of months (clamped to the month's end) or of days. Past the calendar the result is
    unknown beyond its last (first) day.

    >>> shift(datetime.date(2025, 1, 31), 1, months=True)
    datetime.date(2025, 2, 28)
    """
    if start is VOID or period is VOID:
        return VOID
    low, high, void = bounds(start)
    short, long, period_void = bounds(period)
    least = None if low is None or short is None else shifted(low, short, months)
    most = None if high is None or long is None else shifted(high, long, months)
    # A lower bound beyond the last day is still at least that day; an upper bound there is no bound.
    least_bound = None if least in (None, -1) else datetime.date.max if least == 1 else least
    most_bound = None if most in (None, 1) else datetime.date.min if most == -1 else most
    return interval(least_bound, most_bound, void or period_void)


def shifted(start: datetime.date, period: Number, months: bool) -> datetime.date | int:
    """The date, or 1 / -1 past the end / before the start of the calendar."""
    # A part of a day has not passed until the day has.
    steps = math.ceil(period)
    if months:
        moved = add_months(start, steps)
        return moved if moved is not None else (1 if steps > 0 else -1)
    try:
        return start + datetime.timedelta(days=steps)
    except OverflowError:
        return 1 if steps > 0 else -1


def days_between(left: Abstract, right: Abstract) -> Abstract:
    """Days from ``right`` to ``left``."""
    if left is VOID or right is VOID:
        return VOID
    low, high, void = bounds(left)
    other_low, other_high, other_void = bounds(right)
    return interval(
        None if low is None or other_high is None else (low - other_high).days,
        None if high is None or other_low is None else (high - other_low).days,
        void or other_void,
    )


# ---- joining possibilities ------------------------------------------------------------------------------------------


def hull(left: Abstract, right: Abstract) -> Abstract:
    """What is known when the value is one of the two.

    >>> hull(2, Interval(5, 7)), hull("甲", "乙"), hull(True, False), hull(3, VOID)
    (Interval(low=2, high=7, void=False), Candidates(values=('甲', '乙')), None, Interval(low=3, high=3, void=True))
    """
    if left is None or right is None:
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        return left if left == right else None
    if isinstance(left, (Candidates, str)) or isinstance(right, (Candidates, str)):
        ours = left.values if isinstance(left, Candidates) else (left,)
        theirs = right.values if isinstance(right, Candidates) else (right,)
        return ANY_TEXT if ours is None or theirs is None else candidates((*ours, *theirs))
    if isinstance(left, (SetRange, frozenset)) or isinstance(right, (SetRange, frozenset)):
        return _either_set(set_range(left), set_range(right))
    if left is VOID or right is VOID:
        if left is right:
            return VOID
        low, high, _ = bounds(right if left is VOID else left)
        return Interval(low, high, True)
    low, high, void = bounds(left)
    other_low, other_high, other_void = bounds(right)
    return interval(
        None if low is None or other_low is None else min(low, other_low),
        None if high is None or other_high is None else max(high, other_high),
        void or other_void,
    )


def _either_set(ours: SetRange, other: SetRange) -> Abstract:
    least = ours.certain & other.certain
    if ours.possible is not None and other.possible is not None:
        return set_of(SetRange(least, ours.possible | other.possible))
    # What neither may hold.
    barred = (one for one in ours.barred | other.barred if not ours.may_hold(one) and not other.may_hold(one))
    return SetRange(least, None, frozenset(barred))

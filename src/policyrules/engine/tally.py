"""Bounds of a 统计: what it may be for what its members contribute.

Why this exists: what a member counts is known only in part, so a statistic is what all ways to settle its members can
make of it; here that is worked out without trying them.

Invariants: bounds depend on the multiset of contributions alone; they hold for every way to settle what is open, and the
ends are reached by one, or come arbitrarily near, wherever section 5.11 of docs/language.md calls them exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

from policyrules.engine import values as v
from policyrules.engine.values import Abstract, Truth
from policyrules.frozen import frozen
from policyrules.program.nodes import Statistic
from policyrules.program.ranges import values_declared
from policyrules.types import Number, simplify

Contribution: TypeAlias = tuple[Truth, Any]
"""Whether a member counts (True or unknown), and what it adds: 合计 and 种数 its value; 占比 whether it meets 符合, of
amounts a `Part`."""
Sums: TypeAlias = tuple[Number, ...]
"""What contributions come to, each by itself and in any order: two groups together have the sums of their sums."""
Contributions: TypeAlias = Callable[[], Counter[Contribution]]


class Part(NamedTuple):
    """What a member adds to a 占比 of amounts: whether it meets 符合, and its amount."""

    match: Truth
    value: Abstract


def settled(payload: Any) -> bool:
    """Whether exactly one thing is known to be added."""
    return all(map(v.known, payload)) if isinstance(payload, Part) else v.known(payload)


@frozen
class Tally:
    """How the contributions of one statistic are put together. ``non_negative``: what is added is nowhere below zero."""

    statistic: Statistic
    non_negative: bool

    @property
    def nothing(self) -> Sums:
        """What no contribution comes to."""
        shared = self.statistic.kind == "占比" and self.statistic.value is not None
        return (0,) * len(self.sums((None, Part(None, 0) if shared else 0)))

    def sums(self, contribution: Contribution) -> Sums:
        """What one contribution comes to."""
        where, payload = contribution
        match self.statistic.kind:
            case "计数":
                return int(where is True), 1
            case "占比" if self.statistic.value is None:
                return tuple(int(contribution == case) for case in _SHARED)
            case "占比":
                return _of_part(where, payload, self.non_negative)
            case "合计":
                low, high, void = v.bounds(payload if where else v.hull(0, payload))
                return *_bounded(low), *_bounded(high), int(void), int(where is True and payload is v.VOID)
            case "种数":
                return ()
            case _:
                assert_never(self.statistic.kind)

    def bounds(self, sums: Sums, contributions: Contributions, *, unlimited: bool) -> Abstract:
        """What the statistic may be for contributions with these sums; ``contributions``: they themselves, where sums do
        not say it; ``unlimited``: any number of others may join."""
        match self.statistic.kind:
            case "计数":
                sure, possible = sums
                return v.interval(sure, None if unlimited else possible)
            case "占比" if self.statistic.value is None:
                return _share_of_members(sums, unlimited=unlimited)
            case "占比":
                return self._share_of_amounts(sums, contributions, unlimited=unlimited)
            case "合计":
                low, low_open, high, high_open, void, nothing = sums
                if nothing:
                    return v.VOID
                least = None if low_open or (unlimited and not self.non_negative) else simplify(low)
                most = None if high_open or unlimited else simplify(high)
                return v.Interval(least, most, True) if void else v.interval(least, most)
            case "种数":
                value = self.statistic.value
                declared = None if value is None else values_declared(value.type)
                return kinds_bounds(declared, contributions(), unlimited=unlimited)
            case _:
                assert_never(self.statistic.kind)

    def _share_of_amounts(self, sums: Sums, contributions: Contributions, *, unlimited: bool) -> Abstract:
        """占比 of amounts: the sum of those that meet 符合 by the sum of all; each counts in both or in neither. 0 of 0 is
        void."""
        found = _Shared(*sums)
        if found.nothing:
            return v.VOID
        if not found.signed and (self.non_negative or not unlimited):
            return _share_of_parts(found, unlimited)
        if unlimited:
            return v.Interval(None, None, True)
        return _share_of_signed(found, contributions)


def added(left: Sums, right: Sums, times: int = 1) -> Sums:
    """The sums of both together; of ``right`` as often as ``times`` says."""
    return tuple(one + other * times for one, other in zip(left, right, strict=True))


def _bounded(bound: Number | None) -> tuple[Number, int]:
    """A bound as it is added up: unbounded ones are counted."""
    return (0, 1) if bound is None else (bound, 0)


# ---- 占比 of members ------------------------------------------------------------------------------------------------

_SHARED: Final = ((True, True), (True, False), (True, None), (None, True), (None, False), (None, None))
"""How a member may count, and meet 符合."""


def _share_of_members(sums: Sums, *, unlimited: bool) -> Abstract:
    """占比, exactly: each member counts in both numerator and denominator, or in neither. 0 of 0 is void."""
    ones, zeros, either, maybe_one, maybe_zero, maybe = sums
    firm = ones + zeros + either
    if unlimited:
        return v.Interval(0, 1, firm == 0)
    # Fewest ones: whatever is open counts as a zero, and a possible one stays outside.
    low_of, low_among = ones, firm + maybe_zero + maybe
    # Most ones: whatever is open counts as a one, and a possible zero stays outside.
    high_of, high_among = ones + either + maybe_one + maybe, firm + maybe_one + maybe
    if not low_among and not high_among:
        return v.VOID
    low = simplify(Fraction(low_of, low_among)) if low_among else 1
    high = simplify(Fraction(high_of, high_among)) if high_among else 0
    return v.interval(low, high, firm == 0)


# ---- 种数 -----------------------------------------------------------------------------------------------------------


def kinds_bounds(declared: int | None, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """种数: different values, of ``declared`` that there are. Of a 多选 each of its values counts. A blank is some value, and
    may be a new one; a void number is none."""
    certain: set[Any] = set()
    possible: set[Any] = set()
    sure_unknown = False
    new = 0
    boundless = unlimited
    for (where, payload), count in tally.items():
        if isinstance(payload, (frozenset, v.SetRange)):
            found = v.set_range(payload)
            least, most = found.certain, found.possible
            boundless = boundless or most is None
            possible |= most or frozenset()
            certain |= least if where else frozenset()
        elif v.known(payload):
            possible.add(payload)
            if where:
                certain.add(payload)
        elif payload is not v.VOID:
            new += count
            void = isinstance(payload, v.Interval) and payload.void
            sure_unknown = sure_unknown or (where is True and not void)
    low = len(certain) or int(sure_unknown)
    high = None if boundless else len(possible) + new
    if declared is not None:
        high = declared if high is None else min(high, declared)
    return v.interval(low, high)


# ---- 占比 of amounts ------------------------------------------------------------------------------------------------


class _Shared(NamedTuple):
    """The sums of a 占比 of amounts. Of non-negative amounts: ``least`` surely counts and matches, ``most`` may match,
    ``rest_least`` surely counts and does not, ``rest_most`` may not, ``sure`` surely counts; of any: between ``low`` and
    ``high`` is the total. Behind each sum that may be unbounded, how many parts of it are. How many may be below zero
    (``signed``), match, not match, are perhaps and surely void."""

    least: Number
    rest_least: Number
    sure: Number
    most: Number
    most_open: Number
    rest_most: Number
    rest_most_open: Number
    low: Number
    low_open: Number
    high: Number
    high_open: Number
    signed: Number
    matching: Number
    other: Number
    void: Number
    nothing: Number


def _of_part(where: Truth, part: Part, non_negative: bool) -> Sums:
    low, high, void = v.bounds(part.value)
    if isinstance(part.value, v.Void):
        low = high = 0
    if non_negative:
        low = max(low or 0, 0)
    signed = low is None or low < 0
    floor = 0 if signed else low
    outside = where is not True
    zero = low == high == 0
    return _Shared(
        floor if where and part.match else 0,
        floor if where and part.match is False else 0,
        floor if where else 0,
        *(_bounded(high) if part.match is not False else (0, 0)),
        *(_bounded(high) if part.match is not True else (0, 0)),
        *_bounded(low if low is None or not outside else min(0, low)),
        *_bounded(high if high is None or not outside else max(0, high)),
        int(signed),
        int(part.match is not False and not zero),
        int(part.match is not True and not zero),
        int(void),
        int(where is True and isinstance(part.value, v.Void)),
    )


def _share_of_parts(found: _Shared, unlimited: bool) -> Abstract:
    """Where no amount is negative the share grows with what matches and shrinks with the rest, and each of them is least
    and greatest independently of the other."""
    void = found.void > 0 or found.sure == 0
    if unlimited:
        return v.Interval(0, 1, void)
    # Where nothing but what matches can be there the share, if there is one, is the whole; the other way round none of it.
    no_rest = found.rest_most == found.rest_most_open == 0
    none = found.most == found.most_open == 0
    if no_rest and none:
        return v.VOID
    low: Number = 1 if no_rest else 0 if found.rest_most_open else _ratio(found.least, found.rest_most)
    high: Number = 0 if none else 1 if found.most_open else 1 - _ratio(found.rest_least, found.most)
    return v.interval(simplify(low), simplify(high), void)


def _ratio(part: Number, other: Number) -> Number:
    return Fraction(part) / (part + other)


def _share_of_signed(found: _Shared, contributions: Contributions) -> Abstract:
    """Amounts of either sign: exact where the total cannot be zero; else a quotient by a possible zero (5.2.6)."""
    if not found.low_open and not found.high_open and (found.low > 0 or found.high < 0):
        # Where all totals are negative both sums change their sign.
        amounts = _amounts(contributions(), 1 if found.low > 0 else -1)
        return v.interval(_extreme_share(amounts, 1), _extreme_share(amounts, -1), found.void > 0)
    nothing = not found.low_open and not found.high_open and found.low == found.high == 0
    if not found.matching or not found.other:
        return v.VOID if nothing else v.Interval(int(found.matching > 0), int(found.matching > 0), True)
    return v.Interval(None, None, True)


Option: TypeAlias = tuple[Number, Number]
"""What an amount adds to what matches, and to the total."""


def _amounts(tally: Counter[Contribution], sign: int) -> list[tuple[list[Option], int]]:
    """What each amount may add, at its ends, and how many members are alike."""
    found: list[tuple[list[Option], int]] = []
    for (where, part), count in tally.items():
        ends = [end * sign for end in v.bounds(part.value)[:2] if end is not None]
        options: list[Option] = [(end, end) for end in ends if part.match is not False]
        options += [(0, end) for end in ends if part.match is not True]
        options += [(0, 0)] if where is None or not ends else []
        found.append((options, count))
    return found


def _extreme_share(amounts: list[tuple[list[Option], int]], sign: int) -> Number:
    """The least share (``sign`` 1) or the greatest (-1) where every total is positive: a share is improved upon until no
    choice of amounts does better, which finitely many choices end (Dinkelbach)."""
    share: Number | None = None
    while True:
        part: Number = 0
        whole: Number = 0
        against = share or 0
        for options, count in amounts:
            best = min(options, key=lambda option: sign * (option[0] - against * option[1]))
            part += best[0] * count
            whole += best[1] * count
        found = simplify(Fraction(part) / whole)
        if share is not None and sign * (found - share) >= 0:
            return share
        share = found


def sums_of(tally: Tally, held: Counter[Contribution]) -> Sums:
    """What contributions come to."""
    each = [tuple([one * count for one in tally.sums(contribution)]) for contribution, count in held.items()]
    return reduce(added, each) if each else tally.nothing

"""Bounds of a 统计: what it may be for what its members contribute.

Why this exists: what a member counts is known only in part, so a statistic is what all ways to settle its members can
make of it; here that is worked out without trying them.

Invariants: bounds depend on the multiset of contributions alone; they hold for every way to settle what is open, and the
ends are reached by one, or come arbitrarily near, wherever section 5.11 of docs/language.md calls them exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias, assert_never

from policyrules.engine import values as v
from policyrules.engine.values import Abstract, Truth
from policyrules.program.nodes import Statistic
from policyrules.program.ranges import values_declared
from policyrules.types import Number, simplify

Contribution: TypeAlias = tuple[Truth, Any]
"""Whether a member counts (True or unknown), and what it adds: 合计 and 种数 its value; 占比 whether it meets 符合, of
amounts a `Part`."""


class Part(NamedTuple):
    """What a member adds to a 占比 of amounts: whether it meets 符合, and its amount."""

    match: Truth
    value: Abstract


def settled(payload: Any) -> bool:
    """Whether exactly one thing is known to be added."""
    return all(map(v.known, payload)) if isinstance(payload, Part) else v.known(payload)


def tally_bounds(
    statistic: Statistic, tally: Counter[Contribution], *, non_negative: bool, unlimited: bool
) -> Abstract:
    """What a statistic may be for a multiset of contributions; ``unlimited``: any number of others may join;
    ``non_negative``: what is added is nowhere below zero."""
    match statistic.kind:
        case "计数":
            certain = sum(count for (where, _), count in tally.items() if where)
            return v.interval(certain, None if unlimited else sum(tally.values()))
        case "占比" if statistic.value is None:
            return share_bounds(tally, unlimited=unlimited)
        case "占比":
            return amounts_share(tally, non_negative=non_negative, unlimited=unlimited)
        case "合计":
            total: Abstract = 0
            for (where, value), count in tally.items():
                total = v.add(total, v.multiply(value if where else v.hull(0, value), count))
            if not unlimited or total is v.VOID:
                return total
            low, _, void = v.bounds(total)
            return v.Interval(low if non_negative else None, None, void)
        case "种数":
            declared = None if statistic.value is None else values_declared(statistic.value.type)
            return kinds_bounds(declared, tally, unlimited=unlimited)
        case _:
            assert_never(statistic.kind)


def share_bounds(tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """占比, exactly: each member counts in both numerator and denominator, or in neither. 0 of 0 is void."""
    count = tally.__getitem__
    ones, zeros, either = count((True, True)), count((True, False)), count((True, None))
    maybe_one, maybe_zero, maybe = count((None, True)), count((None, False)), count((None, None))
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
            least, most = v.set_range(payload)
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


@dataclass(frozen=True, slots=True)
class _Amount:
    """What ``count`` members alike add: whether they count and match, and between which amounts (None: unbounded)."""

    where: Truth
    match: Truth
    low: Number | None
    high: Number | None
    count: int


def amounts_share(tally: Counter[Contribution], *, non_negative: bool, unlimited: bool) -> Abstract:
    """占比 of amounts: the sum of those that meet 符合 by the sum of all; each counts in both or in neither. 0 of 0 is void."""
    amounts: list[_Amount] = []
    void = False
    for (where, part), count in tally.items():
        low, high, perhaps_void = v.bounds(part.value)
        void = void or perhaps_void
        if isinstance(part.value, v.Void):
            if where:
                return v.VOID
            continue
        if non_negative:
            low = max(low or 0, 0)
        amounts.append(_Amount(where, part.match, low, high, count))
    if all(one.low is not None and one.low >= 0 for one in amounts) and (non_negative or not unlimited):
        return _share_of_parts(amounts, void, unlimited)
    if unlimited:
        return v.Interval(None, None, True)
    return _share_of_signed(amounts, void)


def _share_of_parts(amounts: list[_Amount], void: bool, unlimited: bool) -> Abstract:
    """Where no amount is negative the share grows with what matches and shrinks with the rest, and each of them is least
    and greatest independently of the others."""
    sure = _total(one.low * one.count for one in amounts if one.where and one.low is not None)
    void = void or not sure
    if unlimited:
        return v.Interval(0, 1, void)
    least = _total(_times(one.low, one.count) for one in amounts if one.where and one.match)
    rest_most = _total(_times(one.high, one.count) for one in amounts if one.match is not True)
    most = _total(_times(one.high, one.count) for one in amounts if one.match is not False)
    rest_least = _total(_times(one.low, one.count) for one in amounts if one.where and one.match is False)
    if most == 0 and rest_most == 0:
        return v.VOID
    # Where nothing but what matches can be there the share, if there is one, is the whole; the other way round none of it.
    low = 1 if rest_most == 0 else _ratio(least, rest_most)
    high = 0 if most == 0 else 1 if rest_least == 0 else 1 - _ratio(rest_least, most)
    return v.interval(simplify(low), simplify(high), void)


def _ratio(part: Number | None, other: Number | None) -> Number:
    """``part`` of both together; unbounded ``other`` leaves nothing of it. ``part`` is a sum of least amounts."""
    assert part is not None
    return 0 if other is None else Fraction(part) / (part + other)


def _share_of_signed(amounts: list[_Amount], void: bool) -> Abstract:
    """Amounts of either sign: exact where the total cannot be zero; else a quotient by a possible zero (5.2.6)."""
    least = _total(_times(one.low if one.where else _least(0, one.low), one.count) for one in amounts)
    most = _total(_times(one.high if one.where else _most(0, one.high), one.count) for one in amounts)
    if least is not None and most is not None and (least > 0 or most < 0):
        if most < 0:
            # Both sums change their sign.
            flipped = [(one.where, one.match, _negative(one.high), _negative(one.low), one.count) for one in amounts]
            amounts = [_Amount(*one) for one in flipped]
        return v.interval(_extreme_share(amounts, 1), _extreme_share(amounts, -1), void)
    if all(one.match is False or one.low == one.high == 0 for one in amounts):
        return v.VOID if least == most == 0 else v.Interval(0, 0, True)
    if all(one.match is True or one.low == one.high == 0 for one in amounts):
        return v.VOID if least == most == 0 else v.Interval(1, 1, True)
    return v.Interval(None, None, True)


def _extreme_share(amounts: list[_Amount], sign: int) -> Number:
    """The least share (``sign`` 1) or the greatest (-1) where every total is positive: a share is improved upon until no
    choice of amounts does better, which finitely many choices end (Dinkelbach)."""
    share: Number | None = None
    while True:
        part: Number = 0
        whole: Number = 0
        for one in amounts:
            values = [value for value in (one.low, one.high) if value is not None]
            options = [(value, value) for value in values if one.match is not False]
            options += [(0, value) for value in values if one.match is not True]
            options += [(0, 0)] if one.where is None else []
            least = min(options, key=lambda option: sign * (option[0] - (share or 0) * option[1]))
            part += least[0] * one.count
            whole += least[1] * one.count
        found = simplify(Fraction(part) / whole)
        if share is not None and sign * (found - share) >= 0:
            return share
        share = found


def _total(parts: Iterable[Number | None]) -> Number | None:
    total: Number = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _times(bound: Number | None, count: int) -> Number | None:
    return None if bound is None else bound * count


def _negative(bound: Number | None) -> Number | None:
    return None if bound is None else -bound


def _least(one: Number, other: Number | None) -> Number | None:
    return None if other is None else min(one, other)


def _most(one: Number, other: Number | None) -> Number | None:
    return None if other is None else max(one, other)

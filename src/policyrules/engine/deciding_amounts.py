"""The fewest blanks that settle an amount: `amounts` followed backwards.

Why this exists: an amount waits for the rules that may still speak, for the numbers that these compute, and for its
limits; what is enough differs from decisions whose values are declared.

Invariants: as those of `deciding`; a number counts as settled by all the blanks it waits for, so that what more than one
blank settles is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from policyrules.engine import values as v
from policyrules.engine.amounts import Amount, Share, binding, ranked, total_of
from policyrules.engine.deciding import (
    NO_EFFORT,
    Answers,
    MaybeWay,
    Open,
    agreeing,
    asking,
    blanks_of,
    cheapest,
    counting,
    distinct,
    together,
)
from policyrules.engine.decisions import Order
from policyrules.engine.values import Abstract, Truth
from policyrules.explanation import Blank
from policyrules.frozen import frozen
from policyrules.program import nodes as core

# Unknown rankings of one amount, and open rules of a sum, that are tried one way and the other.
_TRIED: Final = 3


@frozen
class OpenAmount:
    """An amount that is not settled: what is left of its 适用, of its rules that may hold, of what the rules give, of its
    limits and rankings. ``numbers``: what the rules give before the limits; ``bounds``: what each limit may be, and
    ``binding``: which of them may change the result;
    ``plain``: rules that give what one cell or parameter holds."""

    decision: core.Decision
    state: Amount
    applies: Open
    rules: Mapping[str, Open]
    values: Mapping[str, Open]
    numbers: Mapping[str, Abstract]
    limits: Sequence[Open]
    bounds: Sequence[Abstract]
    binding: frozenset[int]
    rankings: Sequence[Open]
    conflict: Blank | None
    plain: frozenset[str]


def amount_settled(found: OpenAmount) -> Open:
    """The cheapest way for an amount to become determined, none or not applicable."""
    ways = _summed(found) if found.decision.mode == "累计" else _single(found)
    if found.conflict is not None:
        ways.append(asking(found.conflict))
    way = agreeing((together((found.applies.true, agreeing(ways))), found.applies.false))
    return Open(tuple(_parts(found)), way, way, way is not None and way.size <= 1)


def _parts(found: OpenAmount) -> Iterator[Open | Blank]:
    if found.applies.parts:
        yield found.applies
    for share in found.state.shares:
        if not _matters(found, share):
            continue
        for left in (found.rules.get(share.rule), found.values.get(share.rule)):
            if left is not None and left.parts:
                yield left
    yield from (limit for index, limit in enumerate(found.limits) if index in found.binding and limit.parts)
    for index in found.state.ranking:
        if found.state.rankings[index][1] is None and found.rankings[index].parts:
            yield found.rankings[index]
    if found.conflict is not None:
        yield found.conflict


def _matters(found: OpenAmount, share: Share) -> bool:
    """Whether a rule can still change the amount: not one that is outranked, nor one that says what holds already."""
    state = found.state
    if share.rule not in (*state.standing, *state.open):
        return False
    if share.truth or found.decision.mode == "累计":
        return True
    held = [other.value for other in state.shares if other.rule in state.standing]
    return not held or not v.known(share.value) or any(value != share.value for value in held)


def _value(found: OpenAmount, share: Share) -> MaybeWay:
    """What settles the number of one rule, within the limits."""
    if v.known(share.value):
        return NO_EFFORT
    number = found.numbers[share.rule]
    # Once it is known, where it is least or most, fewer limits may bear on it than while it is open.
    way = found.values[share.rule].settle
    reaches = way is None or distinct(way)
    ends = [end for end in v.bounds(number)[:2] if end is not None and reaches] or [number]
    return together((way, cheapest([_limits(found, end) for end in ends])))


def _limits(found: OpenAmount, number: Abstract) -> MaybeWay:
    """What settles the limits that may change a number."""
    bearing = binding(found.decision, number, found.bounds, found.binding)
    return together(found.limits[index].settle for index in sorted(bearing))


def _summed(found: OpenAmount) -> list[MaybeWay]:
    shares = found.state.shares
    tried = [share.rule for share in shares if share.truth is None]
    if len(tried) > _TRIED:
        return [together((_limits(found, total_of(shares)), *(_added(found, share) for share in shares)))]
    ways = []
    for answers in product((False, True), repeat=len(tried)):
        chosen = dict(zip(tried, answers, strict=True))
        held = [Share(one.rule, True, one.value) for one in shares if chosen.get(one.rule, True)]
        # Of no rule it is 0, which no limit bounds.
        limits = _limits(found, total_of(held)) if held else NO_EFFORT
        ways.append(together((limits, *(_added(found, share, chosen.get(share.rule)) for share in shares))))
    return ways


def _added(found: OpenAmount, share: Share, holds: Truth = None) -> MaybeWay:
    """What settles that one rule of a sum adds what it gives, or nothing where it is kept from holding."""
    value = NO_EFFORT if v.known(share.value) else found.values[share.rule].settle
    if share.truth:
        return value
    left = found.rules[share.rule]
    ways = {False: left.false, True: together((left.true, value))}
    return cheapest(ways.values()) if holds is None else ways[holds]


def _single(found: OpenAmount) -> list[MaybeWay]:
    state = found.state
    unknown = [index for index in state.ranking if state.rankings[index][1] is None][:_TRIED]
    ways: list[MaybeWay] = []
    for answers in product((False, True), repeat=len(unknown)):
        chosen = dict(zip(unknown, answers, strict=True))
        holding = Order([rules for index, (rules, truth) in enumerate(state.rankings) if chosen.get(index, truth)])
        asked = together(found.rankings[i].true if answer else found.rankings[i].false for i, answer in chosen.items())
        ways.append(together((asked, _under(found, holding))))
    return ways


def _under(found: OpenAmount, holding: Order) -> MaybeWay:
    """The cheapest way under rankings that are known."""
    verdict = ranked(found.decision, found.state.shares, holding)
    shares = {share.rule: share for share in found.state.shares}
    standing = [shares[rule] for rule in verdict.standing]
    waiting = [shares[rule] for rule in verdict.open]
    ways: list[MaybeWay] = []
    if verdict.status != "conflict":
        # What holds is settled, or the 默认 where nothing does; the rest is kept out, or comes to the same.
        fallback = found.decision.default_amount
        against = standing or ([] if fallback is None else [Share("", True, fallback)])
        ways += _alone(found, standing, against, waiting)
    for one in waiting:
        if standing and not all(holding.outranks(one.rule, other.rule) for other in standing):
            continue
        left = found.rules[one.rule].true
        rest = [share for share in waiting if share is not one]
        ways += [together((left, way)) for way in _alone(found, [one], [one], rest)]
    return agreeing(ways)


def _alone(
    found: OpenAmount, holding: Sequence[Share], against: Sequence[Share], rest: Sequence[Share]
) -> Iterator[MaybeWay]:
    """What settles the rules that hold while none of the ``rest`` changes the amount: each is false, or gives the same."""
    values = [_value(found, share) for share in holding]
    false = [found.rules[share.rule].false for share in rest]
    yield together((*values, *false))
    # Where some give the same, the numbers are counted on to be equal.
    equal = [None if way is None else counting(way, Answers()) for way in values]
    for number in _common(found, against, rest):
        same = (_same(found, share, number, against) for share in rest)
        yield together((*equal, *(cheapest(both) for both in zip(false, same, strict=True))))


def _common(found: OpenAmount, against: Sequence[Share], rest: Sequence[Share]) -> list[Abstract]:
    """Numbers that rules which hold may come to, and others give."""
    if any(_asked(found, one) is None for one in against):
        return []
    ends = [end for one in against for end in v.bounds(one.value)[:2] if end is not None]
    numbers = {number for number in (*ends, *(one.value for one in rest)) if v.known(number)}
    able = [n for n in numbers if against and all(v.compare("=", n, one.value) is not False for one in against)]
    return sorted(able, key=repr)[:_TRIED]


def _same(found: OpenAmount, share: Share, number: Abstract, against: Sequence[Share]) -> MaybeWay:
    """What settles that a rule that may hold gives a number that others give."""
    asked = _asked(found, share)
    if asked is None or v.compare("=", share.value, number) is False:
        return None
    if any(not asked.isdisjoint(_asked(found, one) or ()) for one in against):
        # What both are reckoned from gives the one as well as the other.
        return None
    way = _value(found, share)
    return None if way is None else counting(way, Answers())


def _asked(found: OpenAmount, share: Share) -> set[Blank] | None:
    """The blanks that are the number of a rule; None where it is reckoned from them, and may not come to every number between."""
    if v.known(share.value):
        return set()
    if share.rule not in found.plain or found.binding:
        return None
    return set(blanks_of(found.values[share.rule].settle))

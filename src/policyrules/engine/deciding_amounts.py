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
from policyrules.engine.deciding import NO_EFFORT, MaybeWay, Open, agreeing, asking, cheapest, together
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
    ``binding``: which of them may change the result."""

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
    ends = [end for end in v.bounds(number)[:2] if end is not None] or [number]
    return together((found.values[share.rule].settle, cheapest([_limits(found, end) for end in ends])))


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
        against = [share.value for share in standing] or ([] if fallback is None else [fallback])
        out = [_out(found, share, against) for share in waiting]
        ways.append(together((*(_value(found, share) for share in standing), *out)))
    for one in waiting:
        if standing and not all(holding.outranks(one.rule, other.rule) for other in standing):
            continue
        out = [_out(found, share, [one.value]) for share in waiting if share is not one]
        ways.append(together((found.rules[one.rule].true, _value(found, one), *out)))
    return agreeing(ways)


def _out(found: OpenAmount, share: Share, against: Sequence[v.Abstract]) -> MaybeWay:
    """What keeps a rule that may hold from changing an amount: it is false, or gives the same."""
    agrees = bool(against) and all(v.compare("=", share.value, value) is not False for value in against)
    return cheapest((found.rules[share.rule].false, _value(found, share) if agrees else None))

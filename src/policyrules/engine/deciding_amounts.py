"""The fewest blanks that settle an amount: `amounts` followed backwards.

Why this exists: an amount waits for the rules that may still speak, for the numbers that these compute, and for its
limits; what is enough differs from decisions whose values are declared.

Invariants: as those of `deciding`; a number counts as settled by all the blanks it waits for, so that what more than one
blank settles is an upper bound.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from policyrules.engine import values as v
from policyrules.engine.amounts import Amount, Share, binding, limited, ranked, summed, total_of
from policyrules.engine.deciding import (
    NO_EFFORT,
    Answers,
    MaybeWay,
    Open,
    Reached,
    agreeing,
    asking,
    blanks_of,
    cheapest,
    counting,
    together,
)
from policyrules.engine.decisions import Order
from policyrules.engine.values import Abstract
from policyrules.explanation import Blank
from policyrules.frozen import frozen
from policyrules.program import nodes as core

# Unknown rankings of one amount, and open rules of a sum, that are tried one way and the other.
_TRIED: Final = 3
# Rules that are kept out, the fewest of them that matter.
_MOST_KEPT_OUT: Final = 8
# Numbers that an amount may come to on one course.
_MOST_REACHED: Final = 16


@frozen
class OpenAmount:
    """An amount that is not settled: what is left of its 适用, of its rules that may hold, of what the rules give, of its
    limits and rankings. ``numbers``: what the rules give before the limits; ``bounds``: what each limit may be, and
    ``binding``: which of them may change the result;
    ``plain``: rules that give what one cell or parameter holds; ``doubtful``: of those that perhaps
    give nothing, what is left of their conditions alone; ``reached``: ways to make what a rule gives known."""

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
    doubtful: Mapping[str, Open]
    reached: Callable[[str], Sequence[Reached]]


def amount_settled(found: OpenAmount) -> Open:
    """The cheapest way for an amount to become determined, none or not applicable."""
    spoken = _by_number(found, spoken=True)
    courses = _courses(spoken)
    if courses is None:
        shares = found.state.shares
        ways = [together((_limits(spoken, total_of(shares)), *(_added(spoken, share) for share in shares)))]
    else:
        ways = [agreeing(_settled(spoken, course) for course in those) for those in courses]
    if found.conflict is not None:
        ways.append(asking(found.conflict))
    way = agreeing((together((found.applies.true, agreeing(ways))), found.applies.false))
    return Open(tuple(_parts(found)), way, way, way is not None and way.size <= 1)


def _settled(found: OpenAmount, course: _Course) -> MaybeWay:
    """What settles the amount on a course."""
    if course.number is not None:
        return course.way
    if found.decision.mode != "累计":
        return together((course.way, *(_value(found, share) for share in course.holding)))
    # Of no rule it is 0, which no limit bounds.
    limits = _limits(found, total_of(course.holding)) if course.holding else NO_EFFORT
    return together((course.way, limits, *(_known(found, share) for share in course.holding)))


def amount_reached(found: OpenAmount) -> list[Reached] | None:
    """Ways for an amount to come to something, each with what that is; None where it was not looked into."""
    found = _by_number(found)
    courses = _courses(found)
    if courses is None:
        return None
    ways: list[Reached | None] = []
    for course in itertools.chain.from_iterable(courses):
        ways += _come_to(found, course)
    if found.conflict is not None:
        for share in found.state.shares:
            if share.rule in found.state.standing and v.known(share.value):
                way = asking(found.conflict, Answers((share.value,), share.value.__eq__))
                ways.append(Reached(way, share.value))
    reached = [_along(found.applies.true, one) for one in ways]
    for one in _kept_out(found):
        reached.append(_along(found.applies.true, one))
        if found.applies.false is not None:
            # It may also not apply: what its numbers and none at all have in common.
            reached.append(Reached(one.way, v.hull(one.value, v.VOID), free=False))
    if found.applies.false is not None:
        reached.append(Reached(found.applies.false, v.VOID))
    return [one for one in reached if one is not None]


def _by_number(found: OpenAmount, *, spoken: bool = False) -> OpenAmount:
    """The same where a rule whose number perhaps does not exist is kept out where there is none, and speaks by its condition alone,
    or where it is also ``spoken`` with a number."""
    rules = dict(found.rules)
    for rule, condition in found.doubtful.items():
        if rule in rules:
            reached = found.reached(rule)
            nothing = (one.way for one in reached if one.value is v.VOID)
            true = (
                together((condition.true, cheapest(_given(found, one) for one in reached)))
                if spoken
                else condition.true
            )
            rules[rule] = replace(condition, true=true, false=cheapest((condition.false, *nothing)))
    return replace(found, rules=rules)


def _given(found: OpenAmount, one: Reached) -> MaybeWay:
    """What makes a number known that exists, and in 单值 what settles the limits that may change it."""
    if not v.existing(one.value)[0] or not (one.free or v.known(one.value)):
        return None
    if found.decision.mode == "累计":
        return one.way
    # Once it is known, where it is least or most, fewer limits may bear on it than while it is open.
    ends = [end for end in v.bounds(one.value)[:2] if end is not None and one.free] or [one.value]
    return together((one.way, cheapest(_limits(found, end) for end in ends)))


def _kept_out(found: OpenAmount) -> Iterator[Reached]:
    """What an amount comes to, whatever else is answered, with the rules kept out that may give most, or least."""
    shares = found.state.shares
    open_ = [share for share in shares if share.truth is None]
    if len(open_) > _MOST_KEPT_OUT:
        return
    least, most = ([v.bounds(share.value)[end] for share in open_] for end in (0, 1))
    low = sorted(range(len(open_)), key=lambda one: (least[one] is not None, least[one] or 0))
    high = sorted(range(len(open_)), key=lambda one: (most[one] is None, most[one] or 0), reverse=True)
    orders = [(NO_EFFORT, None)] if found.decision.mode == "累计" else list(_orders(found))
    for asked, holding in orders:
        for out in dict.fromkeys(frozenset(of[:count]) for of in (high, low) for count in range(len(open_))):
            names = [open_[one].rule for one in sorted(out)]
            way = together((asked, *(found.rules[rule].false for rule in names)))
            rest = tuple(share for share in shares if share.rule not in names)
            if way is not None:
                verdict = (
                    summed(found.decision, rest, found.bounds)
                    if holding is None
                    else ranked(found.decision, rest, holding)
                )
                yield Reached(way, verdict.value, free=False)


def _along(way: MaybeWay, one: Reached | None) -> Reached | None:
    both = None if one is None else together((way, one.way))
    return None if one is None or both is None else Reached(both, one.value, one.free, one.dense)


def _come_to(found: OpenAmount, course: _Course) -> list[Reached | None]:
    """What an amount comes to on a course, by what its rules come to."""
    if course.way is None:
        return []
    doubtful = any(share.rule in found.doubtful for share in course.holding)
    if course.number is not None:
        return [] if doubtful else [Reached(course.way, course.number)]
    added = found.decision.mode == "累计"
    if not course.holding:
        none = 0 if added else v.VOID if found.decision.default_amount is None else found.decision.default_amount
        return [Reached(course.way, none)]
    each = [[one for one in found.reached(share.rule) if v.existing(one.value)[0]] for share in course.holding]
    if math.prod(map(len, each)) > _MOST_REACHED or (len(each) > 1 and not added):
        # What several rules give is one number only where they agree.
        way = _settled(found, course)
        agree = all(v.known(share.value) for share in course.holding)
        value = course.holding[0].value if agree and not added else found.state.value
        return [] if way is None or doubtful else [Reached(way, value, free=False)]
    told: list[Reached | None] = []
    for some in product(*each):
        # A date is given by one rule; what several give is added up.
        number = some[0].value if len(some) == 1 else functools.reduce(v.add, (one.value for one in some))
        bearing = binding(found.decision, number, found.bounds, found.binding)
        limits = together(found.limits[index].settle for index in sorted(bearing))
        sure = all(one.free for one in some) and all(v.known(found.bounds[index]) for index in bearing)
        whole = together((course.way, limits, *(one.way for one in some)))
        if whole is not None:
            told.append(
                Reached(whole, limited(found.decision, number, found.bounds), sure, all(one.dense for one in some))
            )
    return told


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
    """Whether a rule can still change the amount: not one that is outranked, nor one that says what holds already and keeps nothing
    else from holding."""
    state = found.state
    if share.rule not in (*state.standing, *state.open):
        return False
    if share.truth or found.decision.mode == "累计":
        return True
    held = [other.value for other in state.shares if other.rule in state.standing]
    if not held or not v.known(share.value) or any(value != share.value for value in held):
        return True
    # What says the same may yet come before another that does not.
    after = {rule for rules, truth in state.rankings if truth is not False for rule in _behind(share.rule, rules)}
    return any(other.rule in after and other.value != share.value for other in state.shares if other.rule in state.open)


def _behind(rule: str, ranked: Sequence[str]) -> Sequence[str]:
    return ranked[ranked.index(rule) + 1 :] if rule in ranked else ()


def _value(found: OpenAmount, share: Share) -> MaybeWay:
    """What settles the number of one rule, within the limits."""
    if v.known(share.value) or share.rule in found.doubtful:
        return NO_EFFORT
    given = cheapest(_given(found, one) for one in found.reached(share.rule))
    if given is not None:
        return given
    return together((found.values[share.rule].settle, _limits(found, found.numbers[share.rule])))


def _limits(found: OpenAmount, number: Abstract) -> MaybeWay:
    """What settles the limits that may change a number."""
    bearing = binding(found.decision, number, found.bounds, found.binding)
    return together(found.limits[index].settle for index in sorted(bearing))


def _known(found: OpenAmount, share: Share) -> MaybeWay:
    """What makes the number of one rule known, whatever the limits; of one that perhaps does not exist, what it speaks by does."""
    return NO_EFFORT if v.known(share.value) or share.rule in found.doubtful else found.values[share.rule].settle


def _added(found: OpenAmount, share: Share) -> MaybeWay:
    """What settles that one rule of a sum adds what it gives, or nothing where it is kept from holding."""
    value = _known(found, share)
    if share.truth:
        return value
    left = found.rules[share.rule]
    return cheapest((left.false, together((left.true, value))))


# ---- courses --------------------------------------------------------------------------------------------------------


@frozen
class _Course:
    """What may hold in the end: the rules ``holding``, or none, and ``way``, what brings that about; what makes their numbers known
    is in it where these are counted on to be ``number``."""

    way: MaybeWay
    holding: tuple[Share, ...]
    number: Abstract | None = None


def _courses(found: OpenAmount) -> list[list[_Course]] | None:
    """Those that are looked into: 单值 those of every ranking, 累计 those of all rules that may hold together. None: too many of these."""
    if found.decision.mode != "累计":
        return [list(_under(found, asked, holding)) for asked, holding in _orders(found)]
    shares = found.state.shares
    tried = [share.rule for share in shares if share.truth is None]
    if len(tried) > _TRIED:
        return None
    courses = []
    for answers in product((False, True), repeat=len(tried)):
        chosen = dict(zip(tried, answers, strict=True))
        way = together(found.rules[rule].true if holds else found.rules[rule].false for rule, holds in chosen.items())
        held = [Share(one.rule, True, one.value) for one in shares if chosen.get(one.rule, True)]
        courses.append(_Course(way, tuple(held)))
    return [courses]


def _orders(found: OpenAmount) -> Iterator[tuple[MaybeWay, Order]]:
    """The rankings that hold where those that are unknown come out one way and the other, with what that takes."""
    state = found.state
    unknown = [index for index in state.ranking if state.rankings[index][1] is None][:_TRIED]
    for answers in product((False, True), repeat=len(unknown)):
        chosen = dict(zip(unknown, answers, strict=True))
        holding = Order([rules for index, (rules, truth) in enumerate(state.rankings) if chosen.get(index, truth)])
        asked = together(found.rankings[i].true if answer else found.rankings[i].false for i, answer in chosen.items())
        yield asked, holding


def _under(found: OpenAmount, asked: MaybeWay, holding: Order) -> Iterator[_Course]:
    """Those of 单值 under rankings that are known."""
    verdict = ranked(found.decision, found.state.shares, holding)
    shares = {share.rule: share for share in found.state.shares}
    standing = [shares[rule] for rule in verdict.standing]
    waiting = [shares[rule] for rule in verdict.open]
    if verdict.status != "conflict":
        # What holds is settled, or the 默认 where nothing does; the rest is kept out, or comes to the same.
        fallback = found.decision.default_amount
        against = standing or ([] if fallback is None else [Share("", True, fallback)])
        yield from _alone(found, asked, standing, against, waiting)
    for one in waiting:
        if standing and not all(holding.outranks(one.rule, other.rule) for other in standing):
            continue
        rest = [share for share in waiting if share is not one]
        yield from _alone(found, together((asked, found.rules[one.rule].true)), [one], [one], rest)


def _alone(
    found: OpenAmount, asked: MaybeWay, holding: Sequence[Share], against: Sequence[Share], rest: Sequence[Share]
) -> Iterator[_Course]:
    """The rules that hold while none of the ``rest`` changes the amount: each is false, or gives the same."""
    false = [found.rules[share.rule].false for share in rest]
    yield _Course(together((asked, *false)), tuple(holding))
    # Where some give the same, the numbers are counted on to be equal.
    values = [_value(found, share) for share in holding]
    equal = [None if way is None else counting(way, Answers()) for way in values]
    for number in _common(found, against, rest):
        same = (_same(found, share, number, against) for share in rest)
        way = together((asked, *equal, *(cheapest(both) for both in zip(false, same, strict=True))))
        yield _Course(way, tuple(holding), number)


def _common(found: OpenAmount, against: Sequence[Share], rest: Sequence[Share]) -> list[Abstract]:
    """Numbers that rules which hold may come to, and others give."""
    if any(_asked(found, one) is None for one in against):
        return []
    ends = [end for one in against for end in v.bounds(one.value)[:2] if end is not None]
    numbers = {number for number in (*ends, *(one.value for one in rest)) if v.known(number)}
    able = [n for n in numbers if against and all(_may_give(found, one, n) for one in against)]
    return sorted(able, key=repr)[:_TRIED]


def _same(found: OpenAmount, share: Share, number: Abstract, against: Sequence[Share]) -> MaybeWay:
    """What settles that a rule that may hold gives a number that others give."""
    asked = _asked(found, share)
    if asked is None or not _may_give(found, share, number):
        return None
    if any(not asked.isdisjoint(_asked(found, one) or ()) for one in against):
        # What both are reckoned from gives the one as well as the other.
        return None
    way = _value(found, share)
    return None if way is None else counting(way, Answers())


def _may_give(found: OpenAmount, share: Share, number: Abstract) -> bool:
    """Whether a rule gives a number, or may once its own is answered."""
    given = [share.value] if v.known(share.value) else [one.value for one in found.reached(share.rule)]
    return any(v.compare("=", value, number) is not False for value in given)


def _asked(found: OpenAmount, share: Share) -> set[Blank] | None:
    """The blanks that are the number of a rule; None where it is reckoned from them, and may not come to every number between."""
    if v.known(share.value):
        return set()
    if share.rule not in found.plain or found.binding:
        return None
    return set(blanks_of(found.values[share.rule].settle))

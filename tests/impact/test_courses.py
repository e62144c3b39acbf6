"""What results come to along a parameter, or day after day, against the definition place by place, on random programs.

The programs are those that engines are held against (`tests.engines`): every construct of the language, blanks, rows, statistics,
amounts, several layers.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from tests.engines.long import programs
from tests.engines.records import Maker
from tests.model.choosing import Pick

import policyrules as pr
from policyrules.program import nodes as core
from policyrules.program.given import given_value
from policyrules.types import NUMERIC, Kind
from policyrules.variation import dates
from policyrules.variation.courses import affected, course, every_cut, valued
from policyrules.variation.model import State
from policyrules.variation.piecewise import Axis, Unfit, together
from policyrules.variation.study import ABSENT, Key, Side, same
from policyrules.variation.turning_days import DAY, by_day, turning_days

from .studies import names

WHOLE = (Kind.INTEGER, Kind.YEAR, Kind.DURATION)


def side_of(policy: pr.Policy, pick: Pick, records: int) -> Side | None:
    """Some records of which the last is no member of the portfolio; None where one cannot be read."""
    maker = Maker(policy, finest=False)
    try:
        roots = [policy.instance(maker.record(pick, f"{number}号" if number else None)) for number in range(records)]
    except pr.RecordError:
        return None
    some: Any = tuple(SimpleNamespace(instance=root) for root in roots)
    return Side(policy, some, policy.portfolio(roots[:-1]), names(policy))


def axis_of(parameter: core.Parameter, pick: Pick) -> Axis:
    if parameter.type.kind is Kind.DATE:
        return Axis(datetime.date(2024, 1, 1).toordinal(), datetime.date(2026, 1, 1).toordinal(), days=True)
    if parameter.type.kind in WHOLE and pick.chance(50):
        return Axis(-3, 15)
    low, high = (one if isinstance(one, int | Fraction) else None for one in (parameter.low, parameter.high))
    dense = parameter.type.kind not in WHOLE
    return Axis(low, high, dense) if pick.chance(50) else Axis(None, None, dense)


def places(axis: Axis, parameter: core.Parameter, cuts: list[Any], maker: Maker, pick: Pick) -> list[Any]:
    """Both sides of every cut, and of whatever the program compares with."""
    found: set[Any] = set()
    tiny: Any = Fraction(1, 1000) if axis.dense else 1
    for cut in cuts[:25]:
        number = cut[0] if axis.dense else cut
        found |= {number - tiny, number, number + tiny}
    several = [given_value(one, parameter.type) for one in maker._values(parameter)]
    found |= {axis.place(one) for one in pick.some(several, 1, 14)} if several else set()
    if not axis.days:
        found |= set(range(-3, 12, 2))
    return sorted(
        one for one in found if (axis.low is None or one >= axis.low) and (axis.high is None or one <= axis.high)
    )


def test_along_a_parameter_every_result_is_the_definitions() -> None:
    met: Counter[str] = Counter()
    for _, (number, program, pick) in zip(range(60), programs(61), strict=False):
        policy = program.load()
        side = None if policy is None else side_of(policy, pick, 6)
        if policy is None or side is None:
            continue
        for parameter in policy.program.parameters.values():
            asked = affected(side.program, parameter.name, side.names)
            if not asked or parameter.type.kind not in NUMERIC | {Kind.DATE}:
                continue
            axis = axis_of(parameter, pick)
            try:
                found = course(side.program, parameter.name, axis, side, asked, turns=True)
            except Unfit:
                met["refused"] += 1
                continue
            cuts = together(found.states.values())
            met["courses"] += 1
            met["cuts"] += len(cuts)
            # What is never asked for may not be told, so it is not asked for everywhere.
            with suppress(Unfit):
                every = every_cut(side.program, parameter.name, axis, side, asked)
                assert set(cuts) <= set(every), f"program {number}"
            for place in places(axis, parameter, cuts, Maker(policy, finest=False), pick):
                right = side.under(valued(side.program, parameter.name, axis.value(place), axis), names=asked)
                assert {key: found.at(key, place) for key in found.states} == right, f"program {number}, {place}"
                met["places"] += 1
    assert met["courses"] > 20 and met["cuts"] > 40 and met["refused"] < met["courses"], met


def test_day_after_day_every_result_is_that_of_the_policy_of_the_day() -> None:
    met: Counter[str] = Counter()
    for _, (number, program, pick) in zip(range(90), programs(62), strict=False):
        policy = program.load()
        side = None if policy is None else side_of(policy, pick, 4)
        if policy is None or side is None or not side.names:
            continue
        first = policy.as_of.toordinal()
        sided = dates._Sided(side, policy.as_of, policy.as_of + datetime.timedelta(days=400), policy.as_of)
        # Whatever is said to flip, and days on which nothing is.
        for day in sorted({*list(sided.flips)[:5], *(first + pick.between(1, 400) for _ in range(4))}):
            was, now = (_on(policy, side, one) for one in (day - 1, day))
            for key in {**was, **now, **sided.keys}:
                for told, right in ((sided.state(key, day - 1), was.get(key)), (sided.state(key, day), now.get(key))):
                    assert told == right or same(told, right or ABSENT), f"program {number}, {day}, {key}"
            flipped = {key for key in {**was, **now} if not same(was.get(key, ABSENT), now.get(key, ABSENT))}
            assert set(sided.flips.get(day, {})) == flipped, f"program {number}, {day}"
            assert not flipped or sided.reasons(day, flipped)
            met["flips"] += len(flipped)
            met["days"] += 1
    assert met["days"] > 60 and met["flips"] > 20, met


def _on(policy: pr.Policy, side: Side, ordinal: int) -> Mapping[Key, State]:
    now = policy.at(datetime.date.fromordinal(ordinal))
    return Side(now, side.records, side.portfolio, names(now)).states


def test_between_turning_days_the_program_is_the_same() -> None:
    turned = 0
    for _, (number, program, _) in zip(range(40), programs(63), strict=False):
        policy = program.load()
        if policy is None:
            continue
        start = policy.as_of - datetime.timedelta(days=500)
        until = policy.as_of + datetime.timedelta(days=500)
        days = [*turning_days(policy, start, until)]
        turned += len(days)
        for first, end in pairwise(days):
            last = end - datetime.timedelta(days=1)
            assert _dateless(policy.at(first)) == _dateless(policy.at(last)), f"program {number}: {first} to {last}"
    assert turned > 5


def _dateless(policy: pr.Policy) -> core.Program:
    same_day = datetime.date(2025, 1, 1)
    return replace(valued(by_day(policy.program), DAY, same_day), as_of=same_day)

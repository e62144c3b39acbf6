"""Tests of sets against enumeration: what an interval of sets says is what all sets in it agree on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from policyrules.engine import values as v
from policyrules.engine.values import SetRange

# 丁 stands for all that nobody names: of an endless range there is always one such text more.
UNIVERSE = ("甲", "乙", "丙")
ENDLESS = (*UNIVERSE, "丁")


def subsets(values: tuple[str, ...]) -> Iterator[frozenset[str]]:
    for size in range(len(values) + 1):
        yield from map(frozenset, itertools.combinations(values, size))


def ranges() -> Iterator[SetRange]:
    """Every range over the three values: closed ones, and endless ones with and without what they surely do not hold."""
    for places in itertools.product(("sure", "maybe", "never"), repeat=len(UNIVERSE)):
        certain = frozenset(one for one, place in zip(UNIVERSE, places, strict=True) if place == "sure")
        maybe = frozenset(one for one, place in zip(UNIVERSE, places, strict=True) if place != "never")
        never = frozenset(UNIVERSE) - maybe
        yield SetRange(certain, maybe)
        yield SetRange(certain, None, never)


def completions(found: SetRange) -> list[frozenset[str]]:
    return [one for one in subsets(ENDLESS) if found.certain <= one and all(map(found.may_hold, one))]


def agreed(truths: set[bool]) -> bool | None:
    return truths.pop() if len(truths) == 1 else None


RANGES = list(ranges())
BOTH: list[tuple[Callable[[object, SetRange], object], Callable[[frozenset[str], frozenset[str]], bool]]] = [
    (v.overlaps, lambda ours, other: bool(ours & other)),
    (v.subset, lambda ours, other: ours <= other),
]


@pytest.mark.parametrize("number", range(len(RANGES)))
def test_what_is_said_is_what_all_completions_agree_on(number: int) -> None:
    ours = RANGES[number]
    held = completions(ours)
    for other in RANGES:
        others = completions(other)
        for meaning, holds in BOTH:
            expected = agreed({holds(one, two) for one in held for two in others})
            assert meaning(v.set_of(ours), other) is expected, (ours, other)
        left = v.set_range(v.less(v.set_of(ours), other))
        possible = {one - two for one in held for two in others}
        assert left.certain == frozenset.intersection(*possible), (ours, other)
        for value in ENDLESS:
            assert left.may_hold(value) is any(value in one for one in possible), (ours, other, value)
    for value in UNIVERSE:
        assert v.contains_all(v.set_of(ours), (value,)) is agreed({value in one for one in held})
        assert v.contains_none(v.set_of(ours), (value,)) is agreed({value not in one for one in held})


@pytest.mark.parametrize("number", range(len(RANGES)))
def test_a_single_value_among_a_range(number: int) -> None:
    among = completions(RANGES[number])
    for chosen in subsets(ENDLESS):
        if chosen:
            value = v.candidates(sorted(chosen))
            expected = agreed({one in group for one in chosen for group in among})
            assert v.member(value, RANGES[number]) is expected
            negated = agreed({one not in group for one in chosen for group in among})
            assert v.not_member(value, RANGES[number]) is negated


@pytest.mark.parametrize("number", range(len(RANGES)))
def test_one_of_two_ranges(number: int) -> None:
    for other in RANGES:
        either = v.set_range(v.hull(v.set_of(RANGES[number]), v.set_of(other)))
        possible = {*completions(RANGES[number]), *completions(other)}
        assert either.certain == frozenset.intersection(*possible)
        assert all(either.may_hold(value) is any(value in one for one in possible) for value in ENDLESS)

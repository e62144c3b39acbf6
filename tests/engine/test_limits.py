"""Which limits of an amount bear on it (5.16.18), against every number that it and they may be, tried one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest

from policyrules.engine import values as v
from policyrules.engine.amounts import binding
from policyrules.program.nodes import Decision
from policyrules.testing.build import policy_from_text

Chosen = tuple[v.Abstract, list[object]]


def some_number(chance: random.Random, perhaps: float) -> Chosen:
    """What a number may be, and each of it."""
    low = chance.randint(0, 4)
    high = low + chance.randint(0, 2)
    value, each = v.interval(low, high), list[object](range(low, high + 1))
    return (v.hull(value, v.VOID), [*each, v.VOID]) if chance.random() < perhaps else (value, each)


def within(decision: Decision, used: Sequence[int], number: object, bounds: Sequence[object]) -> object:
    """5.16.8 to 5.16.10 for numbers that are known."""
    for index in sorted(used, key=lambda index: decision.limits[index].turn):
        bound = bounds[index]
        if bound is not v.VOID:
            number = (max if decision.limits[index].kind == "不少于" else min)(number, bound)  # type: ignore[call-overload]
    return number


@pytest.mark.parametrize("seed", range(60))
def test_what_bears_is_what_some_numbers_show(seed: int) -> None:
    chance = random.Random(seed)
    lines = [f"  {chance.choice(('不少于', '不超过'))} {index} 万元\n" for index in range(chance.randint(1, 4))]
    text = f"对象 项目（project）\n决定 额（total）：金额（万元）\n{''.join(lines)}规则 一\n  则 额 为 1 万元\n"
    decision = policy_from_text(text).program.decisions["额"]
    every = range(len(decision.limits))
    for _ in range(40):
        value, numbers = some_number(chance, 0)
        told = [some_number(chance, 0.25) for _ in every]
        worlds = list(product(numbers, product(*(each for _, each in told))))
        found = binding(decision, value, [bound for bound, _ in told])
        # Those that bear are enough, and each of them is needed.
        assert all(within(decision, every, *world) == within(decision, list(found), *world) for world in worlds)
        for one in found:
            without = [index for index in found if index != one]
            assert any(within(decision, every, *world) != within(decision, without, *world) for world in worlds)


@pytest.mark.parametrize(
    ("limits", "number", "bears"),
    [
        (("不超过 3 万元", "不超过 3 万元"), 5, {0}),
        (("不超过 3 万元", "不超过 2 万元"), 5, {1}),
        (("不超过 3 万元", "不少于 1 万元"), 2, set()),
        (("不超过 3 万元", "不少于 1 万元"), v.Interval(2, 4), {0}),
        (("不超过 3 万元", "不少于 1 万元"), v.Interval(0, 4), {0, 1}),
        # 不少于 comes first: it raises to 5, 不超过 lowers to 3, which 3 was before.
        (("不超过 3 万元", "不少于 5 万元"), 3, set()),
    ],
)
def test_what_bears_by_hand(limits: tuple[str, ...], number: v.Abstract, bears: set[int]) -> None:
    lines = "".join(f"  {limit}\n" for limit in limits)
    text = f"对象 项目（project）\n决定 额（total）：金额（万元）\n{lines}规则 一\n  则 额 为 1 万元\n"
    decision = policy_from_text(text).program.decisions["额"]
    bounds = [int(limit.split()[1]) for limit in limits]
    assert binding(decision, number, bounds) == bears

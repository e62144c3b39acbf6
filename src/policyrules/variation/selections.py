"""Inputs that are freed, and which of their values are held in which column.

Why this exists: of a few values of a few inputs there are very many selections; each is a column, a bit of a whole number, and which
columns a value is held in is laid out at once.

Invariants: a selection has one column, and a column one selection; the order is that of the inputs and of their values.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations
from math import prod
from typing import TypeAlias

from policyrules.program import nodes as core
from policyrules.types import Value

Spot: TypeAlias = tuple[str, str]
"""A cell: the path of its instance and the name of its field; of a parameter `PARAMETERS` and its name."""
Given: TypeAlias = Mapping[Spot, Sequence[tuple[Value | None, int]]]
"""What freed inputs hold, each value with the columns in which it is held (None: blank)."""


@dataclass(frozen=True, slots=True)
class Input:
    """A cell or a parameter that may be freed. ``label``: what people call its instance; ``now``: what it holds, None where blank;
    ``values``: what stands for everything else that it may hold, of numbers the nearest first."""

    spot: Spot
    label: str
    field: core.Field | core.Parameter
    now: Value | None
    values: tuple[Value, ...] = ()


def singles(inputs: Sequence[Input]) -> tuple[Given, int]:
    """A column for what is, and one for each value of each input, all else being as it is."""
    full = (1 << (1 + sum(len(one.values) for one in inputs))) - 1
    given: dict[Spot, Sequence[tuple[Value | None, int]]] = {}
    column = 1
    for one in inputs:
        own = [(value, 1 << (column + place)) for place, value in enumerate(one.values)]
        column += len(own)
        given[one.spot] = [*own, (one.now, full & ~sum(plane for _, plane in own))]
    return given, full


def several(inputs: Sequence[Input], size: int) -> tuple[Given, int]:
    """A column for each selection of ``size`` inputs and of a value of each, all else being as it is; `selected` says which."""
    counts = tuple(len(one.values) for one in inputs)
    planes, full = _several(counts, size)
    given: dict[Spot, Sequence[tuple[Value | None, int]]] = {}
    for one, own in zip(inputs, planes, strict=True):
        given[one.spot] = [*zip(one.values, own, strict=True), (one.now, full & ~sum(own))]
    return given, full


def selected(inputs: Sequence[Input], size: int, column: int) -> tuple[tuple[int, int], ...]:
    """Which inputs are changed in a column of `several`, by their places, each with the place of its value."""
    counts = tuple(len(one.values) for one in inputs)
    places, starts = _blocks(counts, size)
    block = bisect_right(starts, column) - 1
    rest, found = column - starts[block], list[tuple[int, int]]()
    for place in reversed(places[block]):
        rest, value = divmod(rest, counts[place])
        found.append((place, value))
    return tuple(reversed(found))


@lru_cache(maxsize=128)
def _blocks(counts: tuple[int, ...], size: int) -> tuple[list[tuple[int, ...]], list[int]]:
    """Selections of inputs, and the column at which those of their values begin, the last input changing first."""
    places = list(combinations([place for place, count in enumerate(counts) if count], size))
    starts = list(accumulate((prod(counts[place] for place in some) for some in places), initial=0))
    return places, starts[:-1]


@lru_cache(maxsize=128)
def _several(counts: tuple[int, ...], size: int) -> tuple[list[list[int]], int]:
    """Of each value of each input the columns in which it is taken, and all columns."""
    places, starts = _blocks(counts, size)
    count = how_many(counts, size)
    # As texts of digits, the first column first.
    digits: list[list[list[str]]] = [[[] for _ in range(one)] for one in counts]
    filled = [0] * len(counts)
    known: dict[tuple[int, int, int], tuple[str, ...]] = {}
    for some, start in zip(places, starts, strict=True):
        inner = prod([counts[place] for place in some])
        outer = 1
        for place in some:
            times = counts[place]
            inner //= times
            blocks = known.get((inner, times, outer))
            if blocks is None:
                blocks = known[inner, times, outer] = _in_turn(inner, times, outer)
            gap = "0" * (start - filled[place])
            for own, block in zip(digits[place], blocks, strict=True):
                own += (gap, block)
            outer *= times
            filled[place] = start + inner * outer
    return [[int("".join(own)[::-1] or "0", 2) for own in one] for one in digits], (1 << count) - 1


def _in_turn(inner: int, times: int, outer: int) -> tuple[str, ...]:
    """Of each of so many values the columns of a block in which it is taken: ``inner`` of them one after the other, ``outer`` times."""
    return tuple(
        ("0" * (inner * value) + "1" * inner + "0" * (inner * (times - 1 - value))) * outer for value in range(times)
    )


def how_many(counts: Sequence[int], size: int) -> int:
    """How many columns `several` has."""
    totals = [1, *[0] * size]
    for count in counts:
        for at_ in range(size, 0, -1):
            totals[at_] += totals[at_ - 1] * count
    return totals[size]


def every(inputs: Sequence[Input]) -> tuple[Given, int]:
    """A column for each selection of values of all inputs."""
    count = prod(len(one.values) for one in inputs)
    full = (1 << count) - 1
    given: dict[Spot, Sequence[tuple[Value | None, int]]] = {}
    width = 1
    for one in inputs:
        # Blocks of columns of one value after the other, repeated.
        block, times = (1 << width) - 1, len(one.values)
        repeated = full // ((1 << (width * times)) - 1)
        given[one.spot] = [(value, repeated * (block << (width * place))) for place, value in enumerate(one.values)]
        width *= times
    return given, full

"""Some of the values that a blank may turn out to have: those that a test on it may turn on.

Why this exists: what it takes for a test to come out one way, and whether two tests can come out together, is found by trying values.

Invariants: no value that the blank cannot have; the same ones, in whatever order lists and values are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from policyrules.engine import values as v
from policyrules.engine.steps import Step
from policyrules.engine.values import Abstract
from policyrules.program import nodes as core
from policyrules.types import Number

_MOST: Final = 32
"""Values of a list that are tried."""


def points(value: Abstract, other: Abstract) -> list[Any]:
    """Some of the possible values that a comparison may turn on: its own ends, and those of the other side."""
    if value is None:
        return [True, False]
    if isinstance(value, v.Candidates):
        if value.values is not None:
            return list(value.values)
        return [other, ""] if v.known(other) else [""]
    low, high, _ = v.bounds(value)
    ends = [low, high]
    for end in v.bounds(other)[:2]:
        if end is not None:
            ends.append(end)
            for step in (1, -1):
                ends.append(v.shift(end, step, months=False) if not isinstance(end, Number) else end + step)
    inside = v.Interval(low, high)
    return [
        end
        for end in ends
        if end is not None
        and v.known(end)
        and v.compare("≤", end, inside) is not False
        and v.compare("≥", end, inside) is not False
    ]


def some(*values: Iterable[Any]) -> list[Any]:
    """Some of the values, the same ones whatever their order."""
    return [value for those in values for value in sorted(those, key=repr)[:_MOST]]


def sets(step: Step, values: frozenset[str]) -> list[frozenset[str]]:
    """Some of the sets that a test on the values ``values`` may turn on."""
    declared = frozenset(step.node.type.values or ()) if isinstance(step.node, core.FieldValue) else frozenset[str]()
    alone = [frozenset((value,)) for value in some(values, declared - values)]
    return [frozenset(), values, declared - values, *alone]


def none_outside(held: v.SetRange, among: v.SetRange) -> bool:
    """Whether all that a set may hold may belong to another."""
    if held.possible is None:
        return among.possible is None and not any(map(held.may_hold, among.barred))
    return all(map(among.may_hold, held.possible))


def options(value: Abstract, certain: frozenset[Any]) -> frozenset[Any]:
    """Possible values of a scalar, as far as membership can turn on them; None is some value that is not listed."""
    if value is None:
        return frozenset((True, False))
    if isinstance(value, v.Candidates) and value.values is not None:
        return value.held()
    if isinstance(value, v.Interval):
        return frozenset((*(one for one in certain if v.compare("=", value, one) is None), None))
    return certain | {None}

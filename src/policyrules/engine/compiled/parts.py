"""What is told of a value that others work out: its parts, in one order.

Why this exists: the generated code asks for them by their places, whoever works the value out.

Invariants: what has no value, or an open bound, has a number or a day in its place that means nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import product
from typing import Any, Final, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.lowering.nodes import Foreign, Told
from policyrules.engine.members import PreparedStatistic, of_one
from policyrules.types import Kind

Parts: TypeAlias = tuple[Any, ...]
ByOwn: TypeAlias = Mapping[tuple[bool, ...], Parts]
FIRST_DAY: Final = datetime.date.min
PARTS: Final = {
    "true": 0,
    "possible": 1,
    "low": 0,
    "high": 1,
    "open_low": 2,
    "open_high": 3,
    "void": 4,
    "perhaps_void": 5,
}
"""Where the parts of a foreign value stand in what is told of it."""


def parts_of(value: v.Abstract, *, truth: bool, day: bool) -> Parts:
    """A value of the definition in bits and numbers, in the order of `PARTS`."""
    if truth:
        return (value is True, value is not False)
    anything: Any = FIRST_DAY if day else 0
    match value:
        case v.Void():
            return anything, anything, True, True, True, True
        case v.Interval(low, high, void):
            open_low, open_high = low is None, high is None
            return anything if open_low else low, anything if open_high else high, open_low, open_high, False, void
        case _:
            return value, value, False, False, False, False


def foreign_is_day(value: Foreign) -> bool:
    """Whether a foreign value is a day."""
    return isinstance(value, Told) and value.expression.type.kind is Kind.DATE


def by_own(prepared: PreparedStatistic) -> ByOwn:
    """What a count or a share of records is without a portfolio, by `Counted.own`."""
    found: dict[tuple[bool, ...], Parts] = {}
    for bits in product((False, True), repeat=2 if prepared.statistic.match is None else 4):
        where, match = (None if possible and not true else true for true, possible in (bits[:2], bits[-2:]))
        found[bits] = parts_of(of_one(prepared, where, match), truth=False, day=False)
    return found

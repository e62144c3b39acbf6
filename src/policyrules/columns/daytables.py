"""Functions of days, looked up in tables of usual days.

Why this exists: millions of records hold a few thousand different days; what a function makes of each is worked out once.

Invariants: what is looked up is what `daywise` gives; days that are not usual are worked out as they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.daywise import Function

_FIRST: Final = 715_146
"""1959-01-01: days from here on are looked up."""
_DAYS: Final = 1 << 16
_MOST_STEPS: Final = 16
_FARTHEST_STEPS: Final = 4096
_FARTHEST: Final = 1 << 17


class Call(NamedTuple):
    """A function of days, and what is fixed of it; ``part``: 1, of which it has a value."""

    name: str
    fixed: tuple[int, ...]
    part: int


Tables: TypeAlias = dict[tuple[Call, int | None], Array]
"""What a function makes of each usual day, by its steps."""


class DayTables:
    """The tables of some ``functions``, each made when it is first asked for and kept in ``tables``."""

    def __init__(self, functions: Mapping[str, Function], tables: Tables) -> None:
        self._functions = functions
        self._tables = tables

    def of(self, call: Call, start: Array, rest: Sequence[Array], count: int, *, shift: int) -> Array:
        """A function of ``count`` days, which come as ``shift`` days less, and of a few different numbers of steps."""
        start = np.broadcast_to(_bounded(start), (count,))
        if not rest:
            return self._looked_up(call, start, None, shift)
        steps = _bounded(rest[0])
        if not steps.ndim:
            return self._looked_up(call, start, int(steps), shift)
        low, high = (int(steps.min()), int(steps.max())) if count else (0, 0)
        few: list[int] = []
        if high - low <= _FARTHEST_STEPS:
            few = (np.flatnonzero(np.bincount(steps.astype(np.int64) - low)) + low).tolist() if count else [0]
        if not 0 < len(few) <= _MOST_STEPS:
            return self._worked_out(call, start.astype(np.int64) + shift, steps)
        found = self._looked_up(call, start, few[0], shift)
        for step in few[1:]:
            np.copyto(found, self._looked_up(call, start, step, shift), where=steps == step)
        return found

    def between(self, call: Call, step: int | None, low: int, high: int) -> Array | None:
        """A function of the days ``low`` to ``high``; None: they are too many."""
        return None if high - low >= _FARTHEST else self._of_days(call, np.arange(low, high + 1), step)

    def _looked_up(self, call: Call, start: Array, step: int | None, shift: int) -> Array:
        table = self._tables.get((call, step))
        if table is None:
            table = self._tables[call, step] = self._of_days(call, np.arange(_FIRST, _FIRST + _DAYS), step)
        place: Array = np.subtract(start, _FIRST - shift, dtype=np.promote_types(start.dtype, np.int32))
        found: Array = np.take(table, place, mode="clip")
        # What stands for a blank comes before all days.
        outside = (place.view(np.uint32) if place.dtype == np.int32 else place.astype(np.uint64)) >= _DAYS
        outside &= place > -_FIRST
        if outside.any():
            found[outside] = self._of_days(call, start[outside].astype(np.int64) + shift, step)
        return found

    def _of_days(self, call: Call, days: Array, step: int | None) -> Array:
        found = self._worked_out(call, days, None if step is None else np.full(len(days), step))
        return found if call.part else found.astype(np.int32)

    def _worked_out(self, call: Call, days: Array, steps: Array | None) -> Array:
        """Of days, or of numbers that stand where nothing is known."""
        value, there = self._functions[call.name](days, *(() if steps is None else (steps,)), *call.fixed)
        if not call.part:
            return value
        return np.ones(len(days), np.bool_) if there is None else there


def _bounded(array: Array) -> Array:
    """Numbers of any size that count days, none of them farther than any calendar."""
    if array.dtype != object:
        return array
    return np.array([max(-(10**9), min(10**9, int(number))) for number in array], np.int64)

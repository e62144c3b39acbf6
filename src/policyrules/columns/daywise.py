"""The functions of days for many days at once.

Why this exists: `engine.lowering.functions` says what these are of one day; here they are integer arithmetic on arrays of
ordinals (`datetime.date.toordinal`).

Invariants: each agrees with its namesake there on every day of the calendar; of what is no day (that stands where nothing
is known) the result is some day. A function that may have no value gives a mask of those that have one beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.engine.days import WorkingDays

FIRST: Final = datetime.date.min.toordinal()
LAST: Final = datetime.date.max.toordinal()
EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
"""The day that Arrow, Parquet and NumPy count from."""
_FIRST_MONTH: Final = (1 - 1970) * 12
_LAST_MONTH: Final = (9999 - 1970) * 12 + 11
_FAR: Final = 10_000_000

Function: TypeAlias = Callable[..., tuple[Array, Mask | None]]
"""Arrays of days and whole numbers, then what is fixed; what comes out, and which have a value (None: all)."""


def _days(ordinals: Array) -> Array:
    inside: Array = np.clip(ordinals, FIRST, LAST).astype(np.int64)
    return inside


def _months(days: Array) -> Array:
    """Months since 1970-01."""
    found: Array = (days - EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return found


def _month_start(months: Array) -> Array:
    found: Array = months.astype("M8[M]").astype("M8[D]").astype(np.int64) + EPOCH
    return found


def _years(days: Array) -> Array:
    found: Array = (days - EPOCH).astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return found


def _clipped(days: Array) -> Array:
    found: Array = np.clip(days, FIRST, LAST)
    return found


def _shifted(start: Array, steps: Array, months: int) -> Array:
    """The day as an ordinal, or one past the ends of the calendar."""
    days = _days(start)
    moved = np.clip(steps, -_FAR, _FAR).astype(np.int64)
    if not months:
        found: Array = days + moved
        return found
    month = _months(days)
    target = month + moved
    inside = np.clip(target, _FIRST_MONTH, _LAST_MONTH)
    first = _month_start(inside)
    last = _month_start(inside + 1) - 1
    found = np.minimum(first + (days - _month_start(month)), last)
    found = np.where(target > _LAST_MONTH, LAST + 1, np.where(target < _FIRST_MONTH, FIRST - 1, found))
    return found


def _moved(start: Array, steps: Array, months: int) -> tuple[Array, None]:
    return _clipped(_shifted(start, steps, months)), None


def _not_before(start: Array, steps: Array, months: int) -> tuple[Array, Mask]:
    there = _shifted(start, steps, months) >= FIRST
    return there, there


def _not_after(start: Array, steps: Array, months: int) -> tuple[Array, Mask]:
    there = _shifted(start, steps, months) <= LAST
    return there, there


def _year_of(day: Array) -> tuple[Array, None]:
    return _years(_days(day)), None


def _month_end(day: Array) -> tuple[Array, None]:
    return _month_start(_months(_days(day)) + 1) - 1, None


def _quarter_end(day: Array) -> tuple[Array, None]:
    return _month_start(_months(_days(day)) // 3 * 3 + 3) - 1, None


def _year_end(day: Array) -> tuple[Array, None]:
    return _month_start(_months(_days(day)) // 12 * 12 + 12) - 1, None


def _day_in(year: Array, month: int, day: int) -> Array:
    first = _month_start((year - 1970) * 12 + (month - 1))
    if day < 29:
        return first + (day - 1)
    last = _month_start((year - 1970) * 12 + month) - 1
    found: Array = np.minimum(first + (day - 1), last)
    return found


def _yearly(start: Array, month: int, day: int) -> tuple[Array, Mask]:
    days = _days(start)
    year = _years(days)
    found = _day_in(year, month, day)
    late = found < days
    there = ~(late & (year == datetime.MAXYEAR))
    return np.where(there, np.where(late, _day_in(year + 1, month, day), found), LAST), there


def _apart(left: Array, right: Array) -> tuple[Array, None]:
    return left.astype(np.int64) - right.astype(np.int64), None


def functions(working: WorkingDays) -> Mapping[str, Function]:
    """All of them, by the names that calls have for them, under one calendar of working days."""
    known, free, before = (np.array(days, np.int64) for days in (working.known, working.free, working.before))

    def all_worked(days: Array, count: Array) -> tuple[Array, Mask]:
        rank = np.where(
            count > 0,
            days - np.searchsorted(free, days, "right") + count,
            days - np.searchsorted(free, days, "left") + count,
        )
        found = rank + np.searchsorted(before, rank, "left")
        there = (rank >= 1) & (found <= LAST)
        return np.where(count == 0, days, found), there | (count == 0)

    def none_worked(days: Array, count: Array) -> tuple[Array, Mask]:
        if not len(known):
            return days, np.zeros(days.shape, np.bool_)
        at = np.where(count > 0, np.searchsorted(known, days, "right") - 1, np.searchsorted(known, days, "left"))
        place = at + count
        there = (place >= 0) & (place < len(known))
        return known[np.clip(place, 0, len(known) - 1)], there

    def counted(start: Array, steps: Array, sign: int) -> tuple[Array, Mask]:
        days, count = np.broadcast_arrays(_days(start), np.clip(steps, -_FAR, _FAR).astype(np.int64))
        whole, inside = all_worked(days, count)
        sparse, reached = none_worked(days, count)
        soon = count >= 0 if sign > 0 else count <= 0
        end = LAST if sign > 0 else FIRST
        return np.where(soon, np.where(inside, whole, end), sparse), soon | reached

    return {
        "moved": _moved,
        "not_before": _not_before,
        "not_after": _not_after,
        "yearly": _yearly,
        "yearly_within": _yearly,
        "days": _apart,
        "year_of": _year_of,
        "month_end": _month_end,
        "quarter_end": _quarter_end,
        "year_end": _year_end,
        "workday_earliest": lambda start, count: counted(start, count, 1),
        "workday_latest": lambda start, count: counted(start, count, -1),
    }

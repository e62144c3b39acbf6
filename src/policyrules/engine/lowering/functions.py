"""The functions of days that circuits call, as the definition has them.

Why this exists: what `engine.values` and `engine.days` do with a day has one home; here each piece has a name that an engine
can keep a table of. An engine may write them again for many days at once, and must agree.

Invariants: a function takes days and numbers that are there, then what is fixed; None is no value, and only of those in
`PARTIAL`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from policyrules.engine import days
from policyrules.engine.days import WorkingDays
from policyrules.engine.values import shifted
from policyrules.types import Number

PARTIAL = frozenset({"not_before", "not_after", "yearly_within", "workday_earliest", "workday_latest"})
"""Functions that may have no value."""
DAYS = frozenset({"workday_earliest", "workday_latest"})
"""Those of them whose value is a day."""


def moved(start: datetime.date, period: Number, months: bool) -> datetime.date:
    """A day some months (or days) later; past the ends of the calendar its last or first day.

    >>> moved(datetime.date(2025, 1, 31), 1, True), moved(datetime.date(2025, 1, 1), 10**9, False)
    (datetime.date(2025, 2, 28), datetime.date(9999, 12, 31))
    """
    found = shifted(start, period, months)
    return found if isinstance(found, datetime.date) else datetime.date.max if found > 0 else datetime.date.min


def not_before(start: datetime.date, period: Number, months: bool) -> int | None:
    """None where the day would be before the calendar begins."""
    return None if shifted(start, period, months) == -1 else 1


def not_after(start: datetime.date, period: Number, months: bool) -> int | None:
    """None where the day would be after the calendar ends."""
    return None if shifted(start, period, months) == 1 else 1


def yearly(start: datetime.date, month: int, day: int) -> datetime.date:
    """The first such day on or after ``start``; past the end of the calendar its last day."""
    return days.next_yearly(start, month, day) or datetime.date.max


def yearly_within(start: datetime.date, month: int, day: int) -> int | None:
    """None where there is no such day."""
    return None if days.next_yearly(start, month, day) is None else 1


def days_apart(left: datetime.date, right: datetime.date) -> int:
    """Days from ``right`` to ``left``."""
    return (left - right).days


def functions(working: WorkingDays) -> Mapping[str, Callable[..., Any]]:
    """All of them, by name, under one calendar of working days."""
    return {
        "moved": moved,
        "not_before": not_before,
        "not_after": not_after,
        "yearly": yearly,
        "yearly_within": yearly_within,
        "days": days_apart,
        "year_of": days.year_of,
        "month_end": days.month_end,
        "quarter_end": days.quarter_end,
        "year_end": days.year_end,
        "workday_earliest": working.earliest,
        "workday_latest": working.latest,
    }

"""Days of the calendar: years and ends of periods, days that come every year, working days.

Why this exists: sentences 5.3.7 to 5.3.16 of docs/language.md as functions on values of which only bounds may be known.

Invariants: everything here is monotone in its dates: a later date never gives an earlier result. So the bounds of a result
are the results of the bounds, and past the calendar they are those of 5.3.6. What a calendar of holidays does not say
widens a result and never moves it.
"""

from __future__ import annotations

import calendar
import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Final

from policyrules.engine import values as v
from policyrules.engine.values import Abstract, Bound
from policyrules.frozen import frozen

_LAST: Final = datetime.date.max.toordinal()


def year_of(day: datetime.date) -> int:
    """之年."""
    return day.year


def month_end(day: datetime.date) -> datetime.date:
    """之月末."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def quarter_end(day: datetime.date) -> datetime.date:
    """之季末.

    >>> quarter_end(datetime.date(2025, 2, 1))
    datetime.date(2025, 3, 31)
    """
    return month_end(day.replace(day=1, month=(day.month + 2) // 3 * 3))


def year_end(day: datetime.date) -> datetime.date:
    """之年末."""
    return day.replace(month=12, day=31)


def day_in(year: int, month: int, day: int) -> datetime.date:
    """The day of that year; the last of the month where the year has no such day.

    >>> day_in(2025, 2, 29)
    datetime.date(2025, 2, 28)
    """
    return datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def next_yearly(start: datetime.date, month: int, day: int) -> datetime.date | None:
    """The first such day on or after ``start``; None past the end of the calendar."""
    found = day_in(start.year, month, day)
    if found >= start:
        return found
    return day_in(start.year + 1, month, day) if start.year < datetime.MAXYEAR else None


def of_date(value: Abstract, function: Callable[[datetime.date], Any]) -> Abstract:
    """``function``, monotone and None past the end of the calendar, of a date of which only bounds may be known.

    >>> of_date(v.Interval(datetime.date(2024, 5, 1), None), year_of)
    Interval(low=2024, high=None, void=False)
    """
    if value is v.VOID:
        return v.VOID
    low, high, void = v.bounds(value)
    least, most = (None if end is None else function(end) for end in (low, high))
    if least is None and low is not None:
        least = datetime.date.max
    return v.interval(least, most, void)


# ---- working days ---------------------------------------------------------------------------------------------------


@frozen
class WorkingDays:
    """Which days are worked, as far as lists of dates say: in the years in which ``holidays`` names a day, Monday to Friday
    without the holidays, and the days of ``worked``. ``known``: the working days of these years, and ``free`` their other
    days, as ordinals in order; ``before``: of each free day how many days of the calendar before it are not free."""

    years: frozenset[int]
    known: tuple[int, ...]
    free: tuple[int, ...]
    before: tuple[int, ...]

    @staticmethod
    def of(holidays: Iterable[datetime.date], worked: Iterable[datetime.date]) -> WorkingDays:
        """The calendar of two lists."""
        closed, open_ = frozenset(holidays), frozenset(worked)
        years = frozenset(day.year for day in closed)
        known: list[int] = []
        free: list[int] = []
        for year in sorted(years):
            first = datetime.date(year, 1, 1).toordinal()
            for number in range(first, first + 365 + calendar.isleap(year)):
                day = datetime.date.fromordinal(number)
                (known if day in open_ or (day.weekday() < 5 and day not in closed) else free).append(number)
        return WorkingDays(
            years, tuple(known), tuple(free), tuple(number - 1 - place for place, number in enumerate(free))
        )

    def moved(self, start: Abstract, count: Abstract) -> Abstract:
        """``count`` working days after ``start`` (before it where negative), the day itself not counted.

        >>> WorkingDays.of([datetime.date(2025, 1, 1)], []).moved(datetime.date(2025, 3, 7), 1)
        datetime.date(2025, 3, 10)
        """
        if start is v.VOID or count is v.VOID:
            return v.VOID
        low, high, void = v.bounds(start)
        fewest, most, count_void = v.bounds(count)
        least = None if low is None or fewest is None else self.earliest(low, fewest)
        greatest = None if high is None or most is None else self.latest(high, most)
        return v.interval(least, greatest, void or count_void)

    def earliest(self, start: datetime.date, count: int) -> Bound:
        """The earliest day that ``count`` working days lead to; None where nothing bounds it."""
        if count >= 0:
            # Days of which nothing is known may all be worked: the sooner it is over.
            return self._all_worked(start, count) or datetime.date.max
        return self._none_worked(start, count)

    def latest(self, start: datetime.date, count: int) -> Bound:
        """The latest such day; None where nothing bounds it."""
        if count <= 0:
            return self._all_worked(start, count) or datetime.date.min
        return self._none_worked(start, count)

    def _all_worked(self, start: datetime.date, count: int) -> datetime.date | None:
        """The day, were every day of other years worked; None where the calendar ends before."""
        number = start.toordinal()
        if count == 0:
            return start
        if count > 0:
            rank = number - bisect_right(self.free, number) + count
        else:
            rank = number - 1 - bisect_left(self.free, number) + 1 + count
        found = rank + bisect_left(self.before, rank)
        return datetime.date.fromordinal(found) if rank >= 1 and found <= _LAST else None

    def _none_worked(self, start: datetime.date, count: int) -> datetime.date | None:
        """The day, were no day of other years worked; None where those known are too few."""
        number = start.toordinal()
        at = bisect_right(self.known, number) - 1 if count > 0 else bisect_left(self.known, number)
        place = at + count
        return datetime.date.fromordinal(self.known[place]) if 0 <= place < len(self.known) else None

"""A moved day that is compared with one day of all records: the day itself is compared, with the same answer on every day."""

from __future__ import annotations

import datetime
import itertools

import pytest

from policyrules.engine.compiled.thresholds import Turnings, first_day, threshold
from policyrules.engine.days import WorkingDays
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.nodes import Cell, Compare, Defined, Place, Space
from policyrules.testing.build import policy_from_text

TEXT = "对象 项目（project）\n  字段 停产日（stopped）：日期\n"
MARKS = (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28), datetime.date(2025, 3, 31), datetime.date.max)


def days_around(day: datetime.date | None) -> list[datetime.date]:
    """Days near the one that tells, at the ends of months, and at the ends of the calendar."""
    found = [datetime.date.min, datetime.date.max, *(datetime.date(2024, month, 28) for month in (1, 2, 3))]
    found += [datetime.date(2024, month, 31) for month in (1, 3, 12)]
    for steps in range(-40, 41):
        try:
            found.append((day or datetime.date.max) + datetime.timedelta(days=steps))
        except OverflowError:
            continue
    return found


@pytest.mark.parametrize("months", [True, False])
@pytest.mark.parametrize("period", [0, 1, 12, 13, -1, -24, 200_000, -200_000])
def test_the_day_tells_what_the_moved_day_tells(period: int, months: bool) -> None:
    c = Circuit()
    field = policy_from_text(TEXT).program.fields["项目"]["停产日"]
    day = c.read(Cell(Place(Space("项目")), "项目", "停产日", field))
    by = functions(WorkingDays.of([], []))
    moved = c.call("moved", (day, c.const(period)), months)
    for mark, order, first in itertools.product(MARKS, ("<", "≤"), (True, False)):
        pair = (moved, c.const(mark)) if first else (c.const(mark), moved)
        bit = c.compare(order, *pair)  # type: ignore[arg-type]
        assert isinstance(bit, Compare)
        found = threshold(bit)
        assert found is not None
        _, start, later = found
        for one in days_around(start):
            at = by["moved"](one, period, months)
            left, right = (at, mark) if first else (mark, at)
            assert (start is not None and one >= start) is ((left < right if order == "<" else left <= right) is later)
    for name in ("not_before", "not_after"):
        bit = c.defined(c.call(name, (day, c.const(period)), months))
        found = threshold(bit) if isinstance(bit, Defined) else None
        assert found is not None
        _, start, later = found
        for one in days_around(start):
            assert (start is not None and one >= start) is ((by[name](one, period, months) is not None) is later)


def test_never_and_always() -> None:
    assert first_day(lambda day: False) is None
    assert first_day(lambda day: True) == datetime.date.min
    assert first_day(lambda day: day == datetime.date.max) == datetime.date.max


@pytest.mark.parametrize(
    ("name", "fixed"),
    [("month_end", ()), ("quarter_end", ()), ("year_end", ()), ("yearly", (10, 31)), ("yearly", (2, 29))],
)
@pytest.mark.parametrize("period", [0, 3, -1, 200_000])
def test_the_day_tells_what_the_end_of_its_period_tells(name: str, fixed: tuple[int, ...], period: int) -> None:
    c = Circuit()
    field = policy_from_text(TEXT).program.fields["项目"]["停产日"]
    day = c.read(Cell(Place(Space("项目")), "项目", "停产日", field))
    by = functions(WorkingDays.of([], []))
    end = c.call(name, (day,), *fixed)
    moved = c.call("moved", (end, c.const(period)), True)

    def at(one: datetime.date) -> datetime.date:
        found: datetime.date = by["moved"](by[name](one, *fixed), period, True)
        return found

    for mark, order in itertools.product(MARKS, ("<", "≤")):
        bit = c.compare(order, moved, c.const(mark))  # type: ignore[arg-type]  # orders of a table of texts
        assert isinstance(bit, Compare)
        found = threshold(bit)
        assert found is not None
        read, start, later = found
        assert read is day and not later
        for one in days_around(start):
            assert (start is None or one < start) is (at(one) < mark if order == "<" else at(one) <= mark)
    within = c.defined(c.call("not_after", (end, c.const(period)), True))
    assert isinstance(within, Defined)
    told = threshold(within)
    assert told is not None
    for one in days_around(told[1]):
        assert (told[1] is None or one < told[1]) is (by["not_after"](by[name](one, *fixed), period, True) is not None)


def test_the_day_tells_its_year() -> None:
    c = Circuit()
    field = policy_from_text(TEXT).program.fields["项目"]["停产日"]
    day = c.read(Cell(Place(Space("项目")), "项目", "停产日", field))
    bit = c.compare("≤", c.call("year_of", (day,)), c.const(2024))
    assert isinstance(bit, Compare)
    assert threshold(bit) == (day, datetime.date(2025, 1, 1), False)
    equal = c.compare("=", c.call("year_of", (day,)), c.const(2024))
    assert isinstance(equal, Compare)
    assert threshold(equal) is None


@pytest.mark.parametrize("every", [True, False])
def test_of_several_turning_points_one_is_asked(every: bool) -> None:
    c = Circuit()
    field = policy_from_text(TEXT).program.fields["项目"]["停产日"]
    day = c.read(Cell(Place(Space("项目")), "项目", "停产日", field))
    marks = [c.const(datetime.date(2025, month, 28)) for month in (3, 1, 2)]
    moved = c.call("moved", (day, c.const(1)), True)
    before = [c.compare("≤", moved, mark) for mark in marks]
    behind = [c.compare("<", mark, moved) for mark in marks]
    turnings = Turnings()
    first, last = (before[1], behind[0]) if every else (before[0], behind[1])
    assert turnings.narrowed([*before, *behind], every) == [first, last]
    assert turnings.narrowed([*reversed(behind), *before], every) == [last, first]

"""One value for each stretch between breakpoints, inside what a cell may hold."""

import datetime

import pytest

from policyrules.types import Kind, Type
from policyrules.variation.breaking import stretches


def test_of_a_day_that_nothing_bounds_some_day_is_taken() -> None:
    [only] = stretches([], Type(Kind.DATE), None, None, None)
    assert isinstance(only, datetime.date)


def test_no_day_before_the_first_and_none_after_the_last() -> None:
    first, last = datetime.date.min, datetime.date.max
    assert stretches([first.toordinal()], Type(Kind.DATE), None, None, None) == [first, first.replace(day=2)]
    assert stretches([last.toordinal()], Type(Kind.DATE), None, None, last) == [last.replace(day=30)]
    # Breakpoints may lie where no day is: 建成日 - 5000 years.
    assert stretches([-1_000_000], Type(Kind.DATE), None, None, datetime.date(2025, 1, 1)) == []


@pytest.mark.parametrize(("points", "found"), [([], [2000]), ([1000], [1000, 1001]), ([9999, 12000], [9998, 9999])])
def test_years_are_those_a_cell_may_hold(points: list[int], found: list[int]) -> None:
    assert stretches(points, Type(Kind.YEAR), None, None, None) == found

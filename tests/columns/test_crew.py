"""Threads on one job: in order, the first error, and nobody left behind."""

from __future__ import annotations

import threading
import time

import pytest

from policyrules.columns.crew import Crew, ahead


def slow_first(number: int) -> int:
    if not number:
        time.sleep(0.05)
    return -number


def failing(number: int) -> int:
    """The third fails soon, the second late."""
    if number == 1:
        time.sleep(0.05)
        raise ValueError("second")
    if number == 2:
        raise ValueError("third")
    return number


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_in_order_with_the_first_error(threads: int) -> None:
    alive = threading.active_count()
    with Crew(threads) as crew:
        assert crew.each(slow_first, range(20)) == [-number for number in range(20)]
        assert crew.each(lambda row: crew.each(slow_first, range(row)), range(5))[4] == [0, -1, -2, -3]
        with pytest.raises(ValueError, match="second"):
            crew.each(failing, range(20))
        assert crew.each(abs, [-1, -2, -3]) == [1, 2, 3]
    assert threading.active_count() == alive
    for _ in range(3):
        assert list(ahead(threads, slow_first, range(9))) == [-number for number in range(9)]
        with pytest.raises(ValueError, match="second"):
            list(ahead(threads, failing, range(9)))
    # Those that make ahead stay, for whoever is next.
    assert threading.active_count() <= alive + (threads if threads > 1 else 0)


def test_no_more_is_begun_than_asked_for() -> None:
    begun: list[int] = []
    found = ahead(2, lambda number: begun.append(number) or number, range(100))
    assert next(found) == 0
    time.sleep(0.05)
    assert len(begun) <= 3
    found.close()  # type: ignore[attr-defined]  # a generator
    assert len(begun) <= 3
    with pytest.raises(ValueError, match="threads"):
        Crew(0)

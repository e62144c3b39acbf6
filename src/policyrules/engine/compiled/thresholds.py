"""Days from which on something holds: what is asked of a moved day, asked of the day itself.

Why this exists: “起满 12 个月” of a known period asks whether a day moved by a year lies behind another that is the same for all
records; which days do is known beforehand, and to compare is a tenth of the work of moving.

Invariants: moving by a fixed period keeps days in their order, so one day tells those that meet a condition from those that
do not; it is found by asking the function itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from policyrules.engine.lowering.functions import moved, not_after, not_before
from policyrules.engine.lowering.nodes import Call, Compare, Const, Defined, Num, Read


def first_day(holds: Callable[[datetime.date], bool]) -> datetime.date | None:
    """The first day from which on a condition holds that never ceases to; None where it never does.

    >>> first_day(lambda day: day.year >= 2024)
    datetime.date(2024, 1, 1)
    """
    low, high = datetime.date.min.toordinal(), datetime.date.max.toordinal() + 1
    while low < high:
        middle = (low + high) // 2
        if holds(datetime.date.fromordinal(middle)):
            high = middle
        else:
            low = middle + 1
    return datetime.date.fromordinal(low) if low <= datetime.date.max.toordinal() else None


def threshold(bit: Compare | Defined) -> tuple[Read, datetime.date | None, bool] | None:
    """The day that a bit asks about, and from which day on (None: from none) it is true (or, where the last is False, false); None
    where that is not how it is."""
    match bit:
        case Defined(call=Call(name="not_before", arguments=(Read() as day, Const(value=period)), fixed=(months,))):
            return day, first_day(lambda one: not_before(one, period, bool(months)) is not None), True  # type: ignore[arg-type]  # a constant of a period is a number
        case Defined(call=Call(name="not_after", arguments=(Read() as day, Const(value=period)), fixed=(months,))):
            return day, first_day(lambda one: not_after(one, period, bool(months)) is None), False  # type: ignore[arg-type]  # a constant of a period is a number
        case Compare(order="<" | "≤" as order, left=left, right=Const(value=datetime.date() as mark)):
            found, strict, later = _moved(left), order == "≤", False
        case Compare(order="<" | "≤" as order, left=Const(value=datetime.date() as mark), right=right):
            found, strict, later = _moved(right), order == "<", True
        case _:
            return None
    if found is None:
        return None
    day, by = found
    return day, first_day(lambda one: by(one) > mark if strict else by(one) >= mark), later


def _moved(number: Num) -> tuple[Read, Callable[[datetime.date], datetime.date]] | None:
    match number:
        case Call(name="moved", arguments=(Read() as day, Const(value=period)), fixed=(months,)):
            return day, lambda one: moved(one, period, bool(months))  # type: ignore[arg-type]  # a period is no day
        case _:
            return None

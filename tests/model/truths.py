"""Three truth values, sets of possible values, and exact arithmetic, for the model.

Why this exists: apart from `naive`, because nothing here knows what a policy is. Everything is a few lines, so that it can
be read beside the language page.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final, TypeAlias

from .syntax import Value

Truth: TypeAlias = bool | None


class Mark:
    """A value outside every domain."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


VOID: Final = Mark("void")
"""最大/最小 of no row, 占比 of nothing: meets no comparison."""
NA: Final = Mark("不适用")

Possible: TypeAlias = "frozenset[Value | Mark] | None"
"""The values an amount may have; None where it may be anything."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """且."""
    found = list(truths)
    if any(t is False for t in found):
        return False
    return None if any(t is None for t in found) else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """或."""
    found = list(truths)
    if any(t is True for t in found):
        return True
    return None if any(t is None for t in found) else False


def negation(truth: Truth) -> Truth:
    """非."""
    return None if truth is None else not truth


def agreed(truths: Iterable[bool]) -> Truth:
    """What all possibilities agree on."""
    found = set(truths)
    return found.pop() if len(found) == 1 else None


def add_months(start: datetime.date, months: int) -> datetime.date:
    """Clamped to the month's end."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


# ---- days -----------------------------------------------------------------------------------------------------------


def of_day(what: str) -> Callable[..., Value | None]:
    """之年, 之月末, 之季末, 之年末."""

    def run(day: datetime.date) -> Value | None:
        if what == "之年":
            return day.year
        months = {"之月末": 1, "之季末": 3, "之年末": 12}[what]
        first = datetime.date(day.year, day.month - (day.month - 1) % months, 1)
        return add_months(first, months) - datetime.timedelta(days=1)

    return run


def first_yearly(month: int, day: int) -> Callable[..., Value | None]:
    """The first such day on or after a date; where a month is too short, its last day."""

    def run(start: datetime.date) -> Value | None:
        while not (start.month == month and (start.day == day or _last_and_short(start, day))):
            start += datetime.timedelta(days=1)
        return start

    return run


def _last_and_short(date: datetime.date, day: int) -> bool:
    tomorrow = date + datetime.timedelta(days=1)
    return tomorrow.month != date.month and date.day < day


SOME_YEARS: Final = 4 * 366


def after_workdays(
    start: datetime.date, count: int, worked: Callable[[datetime.date], Truth], doubt: bool
) -> datetime.date | None:
    """The ``count``-th working day after ``start``, day by day; what is not known of a day is ``doubt``. None where none of
    some years is it."""
    day, step = start, datetime.timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    for _ in range(SOME_YEARS):
        if left == 0:
            return day
        day += step
        known = worked(day)
        left -= doubt if known is None else known
    return None


# ---- operations ----------------------------------------------------------------------------------------------------


def as_set(value: object) -> frozenset[str]:
    """A 多选 value."""
    assert isinstance(value, frozenset)
    return value


def holds(op: str, left: Any, right: Any) -> bool:
    """A comparison of two values."""
    match op:
        case "=":
            return bool(left == right)
        case "≠":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "≤":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def summed(signs: list[int]) -> Callable[..., Value | None]:
    """A sum with these signs."""
    return lambda *values: sum(sign * value for sign, value in zip(signs, values, strict=True))


def multiplied(operators: list[str]) -> Callable[..., Value | None]:
    """A product and quotient from left to right; None where a divisor is zero."""

    def run(*values: Fraction) -> Value | None:
        made = Fraction(1)
        for operator, value in zip(operators, values, strict=True):
            if operator == "×":
                made *= value
            elif value == 0:
                return None
            else:
                made /= value
        return made

    return run


def extreme(largest: bool) -> Callable[..., Value | None]:
    """取小 or 取大."""
    return lambda *values: max(values) if largest else min(values)


def shifted(sign: int, months: bool) -> Callable[..., Value | None]:
    """A date moved by months, clamped, or by days."""

    def run(start: datetime.date, period: int) -> Value | None:
        return add_months(start, sign * period) if months else start + datetime.timedelta(days=sign * period)

    return run


def aggregated(what: str, values: list[Value | Mark]) -> Value | Mark | None:
    """An aggregate of these values; None where it is undefined."""
    plain = [value for value in values if value is not VOID]
    match what:
        case "合计":
            return VOID if len(plain) < len(values) else sum(plain)  # type: ignore[arg-type]
        case "种数":
            return len(set(plain))
        case "最大" | "最小":
            if not plain:
                return VOID
            return max(plain) if what == "最大" else min(plain)  # type: ignore[type-var]
        case _:
            # 取: the one matching row; several that differ are undefined.
            return plain[0] if len(set(plain)) == 1 else None


def shares(counted: list[tuple[Truth, Truth]]) -> frozenset[Value | Mark]:
    """Every 占比 that the unknown members may make; numerator and denominator move together."""
    made: set[tuple[int, int]] = {(0, 0)}
    for truth, match in counted:
        steps: set[tuple[int, int]] = set()
        if truth is not True:
            steps.add((0, 0))
        if truth is not False:
            steps |= {(1, 1)} if match is not False else set()
            steps |= {(0, 1)} if match is not True else set()
        made = {(a + x, b + y) for a, b in made for x, y in steps}
    return frozenset(VOID if below == 0 else Fraction(above, below) for above, below in made)


def amount_shares(
    counted: list[tuple[Truth, Truth, frozenset[Value | Mark]]], most: int
) -> frozenset[Value | Mark] | None:
    """The same of amounts: what meets 符合 by the whole. None where a whole is zero and what meets it is not, or where there
    are too many to tell."""
    made: set[tuple[Any, Any, bool]] = {(0, 0, False)}
    for truth, match, values in counted:
        steps: set[tuple[Any, Any, bool]] = set()
        if truth is not True:
            steps.add((0, 0, False))
        for value in values if truth is not False else ():
            if value is VOID:
                steps.add((0, 0, True))
                continue
            steps |= {(value, value, False)} if match is not False else set()
            steps |= {(0, value, False)} if match is not True else set()
        made = {(a + x, b + y, c or z) for a, b, c in made for x, y, z in steps}
        if len(made) > most:
            return None
    if any(below == 0 and above != 0 and not void for above, below, void in made):
        return None
    return frozenset(VOID if void or below == 0 else Fraction(above) / below for above, below, void in made)

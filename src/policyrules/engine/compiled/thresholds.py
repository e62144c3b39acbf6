"""Days from which on something holds: what is asked of a moved day, asked of the day itself.

Why this exists: “起满 12 个月” of a known period asks whether a day moved by a year lies behind another that is the same for all
records; which days do is known beforehand, and to compare is a tenth of the work of moving.

Invariants: moving by a fixed period keeps days in their order, so one day tells those that meet a condition from those that
do not; it is found by asking the function itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from policyrules.engine.days import WorkingDays
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.nodes import Bit, Call, Compare, Const, Defined, Num, Read
from policyrules.types import Kind

Turning: TypeAlias = tuple[Read, datetime.date | None, bool]
"""A day, a turning point, and whether something holds from there on, or before."""
_FUNCTIONS: Final = functions(WorkingDays.of([], []))


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


def threshold(bit: Compare | Defined) -> Turning | None:
    """The day that a bit asks about, and from which day on (None: from none) it is true (or, where the last is False, false); None
    where that is not how it is."""
    match bit:
        case Defined(
            call=Call(name="not_before" | "yearly_within" | "not_after" as name, arguments=(inner, *_)) as call
        ):
            applied, later = _applied(call, inner), name == "not_before"
            if applied is None:
                return None
            day, value = applied
            return day, first_day(lambda one: (value(one) is None) is not later), later
        case Compare(order="<" | "≤" as order, left=left, right=Const(value=mark)):
            found, strict, later = _of_day(left), order == "≤", False
        case Compare(order="<" | "≤" as order, left=Const(value=mark), right=right):
            found, strict, later = _of_day(right), order == "<", True
        case _:
            return None
    if found is None or isinstance(left if not later else right, Read):
        return None
    day, by = found
    return day, first_day(lambda one: by(one) > mark if strict else by(one) >= mark), later


class Turnings:
    """What `threshold` finds, each once."""

    def __init__(self) -> None:
        self._known: dict[int, Turning | None] = {}

    def of(self, bit: Compare | Defined) -> Turning | None:
        """`threshold`."""
        if bit.id not in self._known:
            self._known[bit.id] = threshold(bit)
        return self._known[bit.id]

    def narrowed(self, bits: Sequence[Bit], every: bool) -> list[Bit]:
        """The bits without those that say less of a day than another: that ``every`` one holds, or any, comes to the same."""
        best: dict[tuple[int, bool], tuple[tuple[bool, datetime.date], Bit]] = {}
        others: set[int] = set()
        for bit in bits:
            found = self.of(bit) if isinstance(bit, Compare | Defined) else None
            if found is None:
                continue
            read, day, later = found
            own = (day is None, day or datetime.date.max), bit
            known = best.setdefault((read.id, later), own)
            if known is not own:
                least, most = (own, known) if own[0] < known[0] else (known, own)
                # All of “before …” is before the first, all of “from … on” from the last on; any the other way round.
                kept, left = (most, least) if every is later else (least, most)
                best[read.id, later] = kept
                others.add(left[1].id)
        return [bit for bit in bits if bit.id not in others]


def _of_day(number: Num) -> tuple[Read, Callable[[datetime.date], Any]] | None:
    """The day of which a number or a day is a function that keeps days in their order, and the function."""
    match number:
        case Read(cell=cell) if cell.kind is Kind.DATE:
            return number, lambda one: one
        case Call(
            name="moved" | "yearly" | "month_end" | "quarter_end" | "year_end" | "year_of", arguments=(inner, *_)
        ):
            return _applied(number, inner)
        case _:
            return None


def _applied(call: Call, inner: Num) -> tuple[Read, Callable[[datetime.date], Any]] | None:
    periods = [period.value for period in call.arguments[1:] if isinstance(period, Const)]
    found = _of_day(inner)
    if found is None or len(periods) + 1 < len(call.arguments):
        return None
    function, (day, by) = _FUNCTIONS[call.name], found
    return day, lambda one: function(by(one), *periods, *call.fixed)

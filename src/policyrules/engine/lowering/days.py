"""Days that may be unknown, as nodes: moved, counted, and what a day belongs to.

Why this exists: a function of days is worked out where all it reads is known, and is a call in the circuit elsewhere; the calendar ends,
and past its end there is no day.

Invariants: each is monotone in each day that it reads, so that bounds give bounds; a bound that the calendar does not reach is open.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from policyrules.engine import values as v
from policyrules.engine.days import WorkingDays
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.functions import DAYS, PARTIAL, functions
from policyrules.engine.lowering.nodes import Bit, Const, Num
from policyrules.engine.lowering.values import Range


class Days:
    """The operations on days, making nodes in one circuit. ``working``: which days are worked."""

    def __init__(self, circuit: Circuit, working: WorkingDays) -> None:
        self.c = circuit
        self._functions = functions(working)

    def call(self, name: str, arguments: Sequence[Num], *fixed: int) -> tuple[Num, Bit]:
        """A function of days, and whether it has a value; worked out where all of it is known."""
        c = self.c
        given = [number.value for number in arguments if isinstance(number, Const)]
        if len(given) == len(arguments):
            found = self._functions[name](*given, *fixed)
            anything = datetime.date.min if name in DAYS else 0
            return c.const(anything if found is None else found), c.fixed(found is not None)
        called = c.call(name, arguments, *fixed)
        return called, c.defined(called) if name in PARTIAL else c.true

    def of_day(self, name: str, value: Range, *fixed: int, past: str | None = None) -> Range:
        """A monotone function of a day. ``past``: whether it has a value: past the end of the calendar what it gives is the
        last day."""
        c = self.c
        low = self.call(name, (value.low,), *fixed)[0]
        high = low if value.low is value.high else self.call(name, (value.high,), *fixed)[0]
        open_high = value.open_high
        if past is not None:
            open_high = c.any_of((open_high, c.negation(self.call(past, (value.high,), *fixed)[1])))
        return Range(low, high, value.open_low, open_high, value.void, value.perhaps)

    def shift(self, start: Range, period: Range, *, months: bool) -> Range:
        """A day moved by a period of months or of days."""
        c = self.c
        low = self.call("moved", (start.low, period.low), months)[0]
        exact = start.low is start.high and period.low is period.high
        high = low if exact else self.call("moved", (start.high, period.high), months)[0]
        before: Bit = c.true
        after: Bit = c.true
        if not self._stays(start.low, period.low, months):
            before = self.call("not_before", (start.low, period.low), months)[1]
        if not self._stays(start.high, period.high, months):
            after = self.call("not_after", (start.high, period.high), months)[1]
        return Range(
            low,
            high,
            c.any_of((start.open_low, period.open_low, c.negation(before))),
            c.any_of((start.open_high, period.open_high, c.negation(after))),
            c.any_of((start.void, period.void)),
            c.any_of((start.perhaps, period.perhaps)),
        )

    def days_between(self, left: Range, right: Range) -> Range:
        """Days from ``right`` to ``left``."""
        c = self.c
        low = self.call("days", (left.low, right.high))[0]
        same = left.low is left.high and right.low is right.high
        return Range(
            low,
            low if same else self.call("days", (left.high, right.low))[0],
            c.any_of((left.open_low, right.open_high)),
            c.any_of((left.open_high, right.open_low)),
            c.any_of((left.void, right.void)),
            c.any_of((left.perhaps, right.perhaps)),
        )

    def workdays(self, start: Range, count: Range) -> Range:
        """A day moved by working days; where the calendar does not say, between two days."""
        c = self.c
        low, low_there = self.call("workday_earliest", (start.low, count.low))
        high, high_there = self.call("workday_latest", (start.high, count.high))
        return Range(
            low,
            high,
            c.any_of((start.open_low, count.open_low, c.negation(low_there))),
            c.any_of((start.open_high, count.open_high, c.negation(high_there))),
            c.any_of((start.void, count.void)),
            c.any_of((start.perhaps, count.perhaps)),
        )

    def _stays(self, start: Num, period: Num, months: bool) -> bool:
        """Whether a day moved by a period stays inside the calendar, as far as declarations tell."""
        days, periods = self.c.extents.of(start), self.c.extents.of(period)
        if None in days or None in periods:
            return False
        return all(isinstance(v.shifted(day, steps, months), datetime.date) for day in days for steps in periods)

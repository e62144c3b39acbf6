"""The fewest blanks that settle a comparison: which ways there are to make its numbers known, and what each comes to then.

Why this exists: a number that is chosen, or that rules give, comes to something else on every way to it, and a comparison may be
settled on one of them alone.

Invariants: those of `deciding`; a way is told to settle a comparison where all that the numbers may come to on it compares alike, or where
they are free to come to what is needed: no blank is asked for twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from typing import Any, Final, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.blanks import Blanks
from policyrules.engine.deadlines import lacks_years
from policyrules.engine.deciding import (
    NO_EFFORT,
    Answers,
    MaybeWay,
    Open,
    Reached,
    ask,
    blanks_of,
    cheapest,
    counted,
    distinct,
    joined,
    together,
    valued,
)
from policyrules.engine.deciding_amounts import OpenAmount, amount_reached
from policyrules.engine.deciding_statistics import OpenStatistics
from policyrules.engine.evaluate import counted_for
from policyrules.engine.operations import combined
from policyrules.engine.points import points
from policyrules.engine.steps import Chosen, Rows, Step
from policyrules.engine.values import Abstract, Truth
from policyrules.explanation import Blank
from policyrules.operators import HOLIDAYS, MIRRORED, WORKDAYS, WORKDAYS_EARLIER, CompareOp
from policyrules.program import nodes as core
from policyrules.types import Kind
from policyrules.wording import blank_detail

_MOST_REACHED: Final = 64
"""Ways to make a number known that are looked into."""

_EQUALITY: Final = ("=", "≠")

Branches: TypeAlias = Callable[[Chosen | Rows], Iterable[tuple[MaybeWay, Step]]]


class OpenNumbers:
    """What is open in comparisons of one run; ``open_``: what is open in a step, ``branches``: of what
    a 视 or a 取 may take, each with what it takes, ``amount``: what is open in an amount."""

    def __init__(
        self, blanks: Blanks, open_: Callable[[Step], Open], branches: Branches, amount: Callable[[Step], OpenAmount]
    ) -> None:
        self._run, self._blanks = blanks.run, blanks
        self._open, self._branches, self._amount = open_, branches, amount
        self._reached: dict[Step, list[Reached]] = {}

    def comparison(self, op: CompareOp, left: Step, right: Step) -> Open:
        """What is open in a comparison."""
        ours, theirs = left.value, right.value
        for step, other, operation in ((left, theirs, op), (right, ours, MIRRORED[op])):
            if v.known(other) and not isinstance(other, (str, bool)):
                rows = self._counted_rows(step)
                if rows is not None:
                    return counted(operation, other, rows)
        mine, yours = self._open(left), self._open(right)
        ways = _Ways()
        own, others = self.reached(left, mine), self.reached(right, yours)
        for first, second in product(own, others):
            truth = v.compare(op, first.value, second.value)
            way = together((first.way, second.way))
            if truth is not None:
                ways.note(truth, way)
            elif not (first.free and second.free and way is not None and distinct(way)):
                ways.sure = False
            elif op in _EQUALITY and not (first.dense and second.dense):
                ways.differing(op, way)
            elif v.known(second.value) and of_one(left, mine):
                ways.tried(way, points(first.value, second.value), partial(_compared, op, second.value, False))
            elif v.known(first.value) and of_one(right, yours):
                ways.tried(way, points(second.value, first.value), partial(_compared, op, first.value, True))
            else:
                ways.tried(way)
        if not v.known(theirs):
            for one in others:
                ways.beyond(op, one, points(one.value, ours), partial(_compared, op, ours, True))
        if not v.known(ours):
            for one in own:
                ways.beyond(op, one, points(one.value, theirs), partial(_compared, op, theirs, False))
        true, false = cheapest(ways.true), cheapest(ways.false)
        small = all(way is None or way.size <= 1 for way in (true, false))
        parts = tuple(r for r in (mine, yours) if r.parts)
        return Open(parts, true, false, mine.exact and yours.exact and small and ways.sure)

    def reached(self, step: Step, left: Open) -> list[Reached]:
        """Ways to make a number known, each with what it may be then: of 视 those of every branch, of an amount those of its rules."""
        while isinstance(step.node, core.TermValue):
            step = step.parts[0]
        found = self._reached.get(step)
        if found is None:
            # Once, however often what is reckoned from it asks.
            found = self._reached[step] = self._ways(step, left)
        return found

    def _ways(self, step: Step, left: Open) -> list[Reached]:
        if _is_known(step.value):
            return [Reached(NO_EFFORT, step.value)]
        node = step.node
        found: list[Reached] | None
        match node:
            case core.Choose() | core.Aggregate(kind="取") if not all(_is_known(part.value) for part in step.parts):
                assert isinstance(step, Chosen | Rows)
                found = self._chosen(step) or None
            case core.AmountValue():
                found = amount_reached(self._amount(step.parts[0]))
            case core.Sum() | core.Product() | core.Extreme() | core.Apply() if self._is_reckoned(step, node):
                found = self._reckoned(step, node)
            case _:
                value = self.answers(step)
                return [] if left.settle is None else [Reached(left.settle, value, dense=_is_dense(step))]
        if found is not None and len(found) <= _MOST_REACHED:
            return found
        return [] if left.settle is None else [Reached(left.settle, step.value, free=False)]

    def answers(self, step: Step) -> Abstract:
        """What a value that is not made from others may be once somebody answers: no day to come, of what was done."""
        value: Abstract = step.value
        if not (isinstance(step.node, core.FieldValue) and step.node.field.happened) or _is_known(value):
            return value
        low, high, _ = v.bounds(value)
        today = self._run.program.as_of
        last = today if high is None or v.compare("<", today, high) else high
        return v.interval(None if low is None or v.compare("<", last, low) else low, last)

    def _chosen(self, step: Chosen | Rows) -> list[Reached]:
        found = []
        for way, branch in self._branches(step):
            for one in self.reached(branch, self._open(branch)):
                both = together((way, one.way))
                if both is not None:
                    found.append(Reached(both, one.value, one.free, one.dense))
        return found

    @staticmethod
    def _is_reckoned(step: Step, node: core.Expr) -> bool:
        if isinstance(node, core.Apply) and node.operator in WORKDAYS:
            # The calendar may have to say as well.
            return False
        # What is not defined, of numbers that are known, waits for none of them.
        return node.type.kind is not Kind.BOOL and not all(_is_known(part.value) for part in step.parts)

    def _reckoned(self, step: Step, node: core.Sum | core.Product | core.Extreme | core.Apply) -> list[Reached] | None:
        each: list[list[Reached]] = []
        count = 1
        for part in step.parts:
            each.append(self.reached(part, self._open(part)))
            count *= len(each[-1])
            if count > _MOST_REACHED:
                return None
        found = []
        # A whole number twice is no odd one, a month after no day the last one of a longer month.
        dense = isinstance(node, core.Sum | core.Extreme)
        for some in product(*each):
            way = together(one.way for one in some)
            value = combined(self._run.engine, node, [one.value for one in some])
            if way is not None and (_is_known(value) or not all(_is_known(one.value) for one in some)):
                found.append(
                    Reached(
                        way,
                        value,
                        all(one.free for one in some) and distinct(way),
                        dense and all(one.dense for one in some),
                    )
                )
        return found

    def of_workdays(self, step: Step, node: core.Apply) -> Open:
        """What is open in a day that is moved by working days, or in whether these are full."""
        opens = [self._open(part) for part in step.parts]
        years = self._run.engine.working_days.years
        if years and not lacks_years(step) and self._some_day_known(step, node):
            return joined(opens)
        start, count = (part.value for part in step.parts)
        detail = ""
        if isinstance(start, datetime.date) and isinstance(count, int):
            # The nearest day that it may be lies in the first year that is not known, or behind one.
            ahead = count > 0 if node.operator is not WORKDAYS_EARLIER else count < 0
            end = start.year
            while end in years:
                end += 1 if ahead else -1
            detail = blank_detail("year not listed", end)
        return joined([*opens, ask(Blank("calendar", "", HOLIDAYS, "", detail=detail))])

    def _some_day_known(self, step: Step, node: core.Apply) -> bool:
        """Whether the calendar as it is gives a value for some of what the day and the number may be."""
        low, high, _ = v.bounds(step.parts[0].value)
        fewest, most, _ = v.bounds(step.parts[1].value)
        if low is None or high is None or fewest is None or most is None:
            return True
        if any(low.year < year < high.year for year in self._run.engine.working_days.years):
            return True
        values = [combined(self._run.engine, node, pair) for pair in product((low, high), (fewest, most))]
        return any(map(v.known, values))

    def _counted_rows(self, step: Step) -> list[tuple[int, Open]] | None:
        """What decides whether each row counts, and for how many alike, where the step is a count of rows or members that
        are all known."""
        match step.node:
            case core.TermValue():
                return self._counted_rows(step.parts[0])
            case core.Fallback():
                return None if step.parts[0].value is None else self._counted_rows(step.parts[1])
            case core.Aggregate(kind="计数", where=where):
                assert isinstance(step, Rows)
                if step.each is None or where is None:
                    return None
                return [(1, self._open(counts)) for counts, _ in step.each if counts is not None]
            case core.StatisticValue(name) if self._run.program.statistics[name].kind == "计数":
                found = counted_for(self._run, step.node, step.frames)
                unlimited = found.index is None or found.others_unlimited or found.own_unlimited
                return None if unlimited else OpenStatistics(self._blanks, self._open).members(found)
            case _:
                return None


class _Ways:
    """Ways for a comparison to come out; ``sure``: whether all of them were told."""

    def __init__(self) -> None:
        self.true: list[MaybeWay] = []
        self.false: list[MaybeWay] = []
        self.sure = True

    def note(self, truth: bool, way: MaybeWay) -> None:
        (self.true if truth else self.false).append(way)

    def tried(self, way: MaybeWay, tried: Sequence[Any] = (), holds: Callable[[Any], Truth] | None = None) -> None:
        """Either way, with answers that the number comes to one way or the other with."""
        for truth in (True, False):
            allows = None if holds is None else _allowed(holds, truth)
            self.note(truth, valued(way, Answers(tuple(tried), allows)))

    def differing(self, op: CompareOp, way: MaybeWay) -> None:
        """That numbers which may differ do: whether they can be equal is not known."""
        self.sure = False
        self.note(op == "≠", valued(way, Answers()))

    def beyond(self, op: CompareOp, one: Reached, tried: Iterable[Any], holds: Callable[[Any], Truth]) -> None:
        """By one side alone, where it comes to what all that the other may be compares alike with."""
        if _is_known(one.value):
            truth = holds(one.value)
            if truth is not None:
                self.note(truth, one.way)
            return
        truths = {truth for value in tried if (truth := holds(value)) is not None}
        if truths and not (one.free and distinct(one.way)):
            self.sure = False
            return
        if op in _EQUALITY and not one.dense:
            truths &= {op == "≠"}
        for truth in sorted(truths):
            self.note(truth, valued(one.way, Answers()))


def _is_dense(step: Step) -> bool:
    """Whether a number may come to each that it may perhaps: not where it turns on which rows or records count."""
    if isinstance(step.node, core.StatisticValue):
        return False
    return not isinstance(step, Rows) or all(
        counts is None or counts.value is not None for counts, _ in step.each or ()
    )


def _is_known(value: Abstract) -> bool:
    return v.known(value) or value is v.VOID


def _compared(op: CompareOp, other: Abstract, first: bool, value: Any) -> Truth:
    """How a value compares with another, which stands ``first``."""
    return v.compare(op, other, value) if first else v.compare(op, value, other)


def _allowed(holds: Callable[[Any], Truth], truth: bool) -> Callable[[Any], bool]:
    return lambda answer: holds(answer) is truth


def of_one(step: Step, left: Open) -> bool:
    """Whether a value is that of one cell or parameter, so that what is answered is what it comes to."""
    while isinstance(step.node, core.TermValue):
        step = step.parts[0]
    if not isinstance(step.node, (core.FieldValue, core.ParameterValue)):
        return False
    asked = blanks_of(left.settle)
    return len(asked) == 1 and asked[0].kind in ("field", "parameter")

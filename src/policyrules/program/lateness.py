"""Deadlines that are never past, and dates whose blank is never late: 期限 每年 12月31日, 应当 办结日 ≤ 受理日 + 30 天.

Why this exists: a duty with such a deadline is 进行中 for ever, and one that only compares a date is 待核实 as long as the cell is
blank, however late it is. Both load, and who wrote them believes that what is late is told.

Invariants: warnings at the words themselves; what is written keeps its meaning. Only what is certain of every record is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from policyrules.diagnostics import Diagnostic
from policyrules.operators import (
    AT_LEAST,
    AT_MOST,
    EARLIER,
    GREATER,
    LATER,
    LESS,
    MONTH_END,
    QUARTER_END,
    WORKDAYS_EARLIER,
    WORKDAYS_LATER,
    YEAR_END,
    YEAR_OF,
)
from policyrules.program import nodes as core
from policyrules.program.graph import Name, definitions, readers, reads, turning_on
from policyrules.program.walk import walk
from policyrules.text import cut, one_line
from policyrules.types import Kind

_ENDS: Final = (MONTH_END, QUARTER_END, YEAR_END)
_MOVES: Final = (LATER, EARLIER, WORKDAYS_LATER, WORKDAYS_EARLIER, *_ENDS)
_LONGEST: Final = 60
_DEEPEST: Final = 8
"""How many terms are looked into, one in the other."""
_Read: TypeAlias = tuple[core.At, str, str]
"""A cell, as it is read."""


class Lateness:
    """What is told of the duties of a program."""

    def __init__(self, program: core.Program) -> None:
        self._program = program
        self._terms: dict[tuple[str, bool], frozenset[_Read]] = {}
        self._deep = 0

    def of(self, duty: core.Duty) -> Iterator[Diagnostic]:
        """What of a duty is never told to be late."""
        never = duty.deadline is not None and duty.expiry is None and _to_come(duty.deadline)
        if duty.deadline is not None and never and not self._of_this_year(duty):
            words = cut(one_line(duty.deadline.span.text), _LONGEST)
            remedy = "期限从记录里的一个日期算起，如“立项日 之年末”“每年 12月31日 起算 立项日”；只指某一年的，写全年月日；年年都要做的，写年底以前的一天，如“每年 10月31日”"
            message = f"“{duty.name}”不会逾期：“{words}”跟着评估日走，到哪一天都不会过"
            yield Diagnostic("W242", message, duty.deadline.span, "warning", remedy)
        if duty.prohibition or duty.demand.base is None:
            return
        for part in _parts(duty.demand.base):
            late = _late(part, timed=duty.deadline is not None)
            if late is None or self._blank_is_said(duty, late[0]):
                continue
            day, by = (one_line(one.span.text) for one in late)
            words = one_line(part.span.text)
            message = f"“{cut(words, _LONGEST)}”：{day}空着的只算待核实，过了多久也不算没有做到"
            whole = f"{day} 已填 且 {words}"
            due = "" if duty.deadline is not None else f"，下面加一行“期限 {by}”"
            yield Diagnostic(
                "W243", message, part.span, "warning", f"写成“{whole}”{due}；空着的不管，在“当”里写“{day} 已填”"
            )

    def _blank_is_said(self, duty: core.Duty, day: core.FieldValue) -> bool:
        """Whether a duty asks for the cell to be filled in, or begins with what the cell holds, or a blank one is presumed."""
        read = (day.field.object, day.field.name)
        if read in self._program.presumptions:
            return True
        begins = () if duty.when.base is None else walk(duty.when.base)
        if any(isinstance(node, core.FieldValue) and (node.field.object, node.field.name) == read for node in begins):
            return True
        asked = (self._filled(*each) for one in (duty.when, duty.demand) for each in _conditions(one))
        return any((day.at, *read) in each for each in asked)

    def _filled(self, node: core.Expr, truth: bool) -> frozenset[_Read]:
        """The cells that are surely filled in where a condition is true (not ``truth``: false)."""
        match node:
            case core.Filled(at=at, field=field, negated=negated) if negated is not truth:
                return frozenset({(at, field.object, field.name)})
            case core.Not(operand=inner):
                return self._filled(inner, not truth)
            case core.All(operands=parts) | core.Any(operands=parts) if isinstance(node, core.All) is truth:
                return frozenset[_Read]().union(*(self._filled(part, truth) for part in parts))
            case core.TermValue(at=core.At(frame=0, up=0), name=name) if name in self._program.terms:
                if (name, truth) not in self._terms and self._deep < _DEEPEST:
                    self._deep += 1
                    self._terms[name, truth] = self._filled(self._program.terms[name].body, truth)
                    self._deep -= 1
                return self._terms.get((name, truth), frozenset())
            case _:
                return frozenset()

    def _of_this_year(self, duty: core.Duty) -> bool:
        """Whether a duty asks for something of the year of 评估日, however far down: next year it asks for something else."""
        bodies = [body for one in (duty.when, duty.demand) for body, _ in _conditions(one)]
        presumed = self._program.presumptions
        return any(
            _is_of_this_year(node) or any(name in self._this_year for name in reads(node, presumed))
            for node in walk(*bodies)
        )

    @cached_property
    def _this_year(self) -> frozenset[Name]:
        """What reads the year of 评估日, through any number of names."""
        graph = definitions(self._program)
        own = [name for name, one in graph.items() if any(map(_is_of_this_year, walk(*one.bodies)))]
        return turning_on(readers(graph), own)


def _conditions(condition: core.Amended) -> Iterator[tuple[core.Expr, bool]]:
    """The parts of a condition, and whether each is to hold; what is let in besides is none of them."""
    if condition.base is not None:
        yield condition.base, True
    for act in condition.amendments:
        if act.operation != "或者":
            yield act.body, act.operation != "除外"


def _is_of_this_year(node: core.Expr) -> bool:
    match node:
        case core.AsOfYear() | core.Yearly(since=None):
            return True
        case core.Apply(operator=operator, operands=(core.AsOf(),)):
            return operator is YEAR_OF
        case _:
            return False


def _parts(condition: core.Expr) -> Sequence[core.Expr]:
    return condition.operands if isinstance(condition, core.All) else (condition,)


def _to_come(day: core.Expr) -> bool:
    """Whether a day is never before 评估日."""
    match day:
        case core.AsOf() | core.Yearly(month=12, day=31, since=None):
            return True
        case core.Yearly(since=since):
            return since is not None and _to_come(since)
        case core.Apply(operator=operator, operands=(inner,)) if operator in _ENDS:
            return _to_come(inner)
        case core.Apply(operator=operator, operands=(inner, core.Constant(value, _))) if operator in (
            LATER,
            WORKDAYS_LATER,
        ):
            return isinstance(value, int) and value >= 0 and _to_come(inner)
        case _:
            return False


def _late(part: core.Expr, *, timed: bool) -> tuple[core.FieldValue, core.Expr] | None:
    """The date that a comparison asks to come by a day, and the day: one that is counted from another, or (``timed``) any."""
    match part:
        case core.Apply(operator=operator, operands=(core.FieldValue() as day, by)) if operator in (AT_MOST, LESS):
            pass
        case core.Apply(operator=operator, operands=(by, core.FieldValue() as day)) if operator in (AT_LEAST, GREATER):
            pass
        case _:
            return None
    if day.type.kind is not Kind.DATE or _of_today(by):
        return None
    counted = any(isinstance(node, core.Apply) and node.operator in _MOVES for node in walk(by))
    return (day, by) if timed or counted else None


def _of_today(day: core.Expr) -> bool:
    """评估日, 评估日 − 30 天: what is compared with it says how long ago something was, not by when it is due."""
    nodes = list(walk(day))
    return any(isinstance(node, core.AsOf) for node in nodes) and all(
        isinstance(node, core.AsOf | core.Constant | core.Apply) for node in nodes
    )


__all__ = ["Lateness"]

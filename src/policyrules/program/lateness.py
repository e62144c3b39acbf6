"""Deadlines that are never past, and dates whose blank is never late: 期限 每年 12月31日, 应当 办结日 ≤ 受理日 + 30 天.

Why this exists: a duty with such a deadline is 进行中 for ever, and one that only compares a date is 待核实 as long as the cell is
blank, however late it is. Both load, and who wrote them believes that what is late is told.

Invariants: warnings at the words themselves; what is written keeps its meaning. Only what is certain of every record is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

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
)
from policyrules.program import nodes as core
from policyrules.program.walk import expressions, walk
from policyrules.text import cut, one_line
from policyrules.types import Kind

_ENDS: Final = (MONTH_END, QUARTER_END, YEAR_END)
_MOVES: Final = (LATER, EARLIER, WORKDAYS_LATER, WORKDAYS_EARLIER, *_ENDS)
_LONGEST: Final = 60


def lateness(duty: core.Duty, program: core.Program) -> Iterator[Diagnostic]:
    """What of a duty is never told to be late."""
    never = duty.deadline is not None and duty.expiry is None and _to_come(duty.deadline)
    if duty.deadline is not None and never and not _of_this_year(duty, program):
        words = cut(one_line(duty.deadline.span.text), _LONGEST)
        remedy = "期限从记录里的一个日期算起，如“立项日 之年末”“每年 12月31日 起算 立项日”；只指某一年的，写全年月日；年年都要做的，写“每年 10月31日”这样年内的一天"
        message = f"“{duty.name}”不会逾期：“{words}”跟着评估日走，到哪一天都不会过"
        yield Diagnostic("W242", message, duty.deadline.span, "warning", remedy)
    if duty.prohibition or duty.demand.base is None:
        return
    demanded = _parts(duty.demand.base)
    asked = [*demanded, *(() if duty.when.base is None else _parts(duty.when.base))]
    filled = {(one.at, one.field.name) for one in asked if isinstance(one, core.Filled) and not one.negated}
    for part in demanded:
        late = _late(part, timed=duty.deadline is not None)
        if late is None or (late[0].at, late[0].field.name) in filled:
            continue
        day, by = (one_line(one.span.text) for one in late)
        words = one_line(part.span.text)
        message = f"“{cut(words, _LONGEST)}”：{day}空着的只算待核实，过了多久也不算没有做到"
        whole = f"{day} 已填 且 {words}"
        due = "" if duty.deadline is not None else f"，下面加一行“期限 {by}”"
        yield Diagnostic(
            "W243", message, part.span, "warning", f"写成“{whole}”{due}；空着的不管，在“当”里写“{day} 已填”"
        )


def _parts(condition: core.Expr) -> Sequence[core.Expr]:
    return condition.operands if isinstance(condition, core.All) else (condition,)


def _of_this_year(duty: core.Duty, program: core.Program) -> bool:
    """Whether a duty asks for something of the year of 评估日, however far down: next year it asks for something else."""
    left, seen = list(expressions(duty)), set[str]()
    while left:
        for node in walk(left.pop()):
            if isinstance(node, core.AsOfYear):
                return True
            if isinstance(node, core.TermValue | core.StatisticValue) and node.name not in seen:
                seen.add(node.name)
                read = program.terms.get(node.name) or program.statistics.get(node.name)
                left.extend(() if read is None else expressions(read))
    return False


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
    if day.type.kind is not Kind.DATE or all(isinstance(node, core.AsOf) for node in walk(by)):
        return None
    counted = any(isinstance(node, core.Apply) and node.operator in _MOVES for node in walk(by))
    return (day, by) if timed or counted else None


__all__ = ["lateness"]

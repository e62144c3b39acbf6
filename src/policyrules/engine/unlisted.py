"""Unlisted rows: what is said of the rows of a list that was not supplied.

Why this exists: silence about a list is no answer. Whatever is demanded of its rows is judged once, on a row of which
only its parent is known (5.10.10); what stands on the parent counts for it (5.10.12).

Invariants: nothing here evaluates; no unlisted row has a listed one below it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from policyrules.engine.instances import Instance, ascend
from policyrules.engine.values import Abstract, Truth, compare
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.presence import presence
from policyrules.program.walk import children, walk
from policyrules.results import FindingStatus
from policyrules.wording import row_holders

Frames: TypeAlias = tuple[Instance, ...]
Ask: TypeAlias = Callable[[core.Expr, Frames], Truth]


def listed(instance: Instance) -> Instance:
    """The instance itself, or the nearest above it that the record has."""
    while instance.unlisted:
        instance = ascend(instance, 1)
    return instance


def list_asked(program: core.Program, row: Instance) -> tuple[Instance, str, str, tuple[str, ...]]:
    """The list that was not supplied, as blanks name it: whose it is, its name and key, who would know its rows."""
    while ascend(row, 1).unlisted:
        row = ascend(row, 1)
    return ascend(row, 1), row.object, program.objects[row.object].key, row_holders(program, row.object)


def judged(program: core.Program) -> frozenset[str]:
    """The kinds of which a list that was not supplied gives an unlisted row: those that something is demanded or told
    of, and those above them."""
    spoken: tuple[core.Duty | core.Notice, ...] = (*program.duties.values(), *program.notices.values())
    return frozenset(kind for one in spoken for kind in belonging.line(program.objects, one.object))


def in_time(duty: core.Duty, status: FindingStatus, deadline: Abstract, row: Instance, as_of: date) -> FindingStatus:
    """5.10.13: the day of a deadline that an unlisted row has may be over."""
    if status != "in_progress" or not row.unlisted or duty.deadline is None or compare("≤", as_of, deadline):
        return status
    return "unverified" if reads_unlisted(duty.deadline, (row,)) else status


def blank_row(instance: Instance) -> Instance:
    """An unlisted row as one that was listed with nothing filled in; any other instance itself."""
    if not instance.unlisted:
        return instance
    return Instance(instance.object, parent=blank_row(ascend(instance, 1)), path=instance.path)


def stands(program: core.Program, node: core.Expr, frames: Frames, ask: Ask) -> Truth:
    """Whether all cells and lists that ``node`` reads are there, none of them of an unlisted row, and of a 首选 those of
    one of its two; None where it reads no cell and no list. ``ask``: what a condition comes to."""
    return _stands(program, node, frames, ask, {})


def _stands(
    program: core.Program, node: core.Expr, frames: Frames, ask: Ask, terms: dict[tuple[str, Instance], Truth]
) -> Truth:
    # ``terms``: those that were looked into, by what they were asked of: each is, once.
    match node:
        case core.FieldValue():
            return not reads_unlisted(node, frames) and ask(core.Present(node, node.span), frames) is True
        case core.Filled(at, field):
            return ascend(frames[at.frame], at.up).values.get(field.name) is not None
        case core.TermValue(at, name):
            asked = name, ascend(frames[at.frame], at.up)
            if asked not in terms:
                terms[asked] = _stands(program, program.terms[name].body, asked[1:], ask, terms)
            return terms[asked]
        case core.DecisionIs() | core.DecisionHas() | core.DecisionValue() | core.AmountValue() | core.StatisticValue():
            return False if reads_unlisted(node, frames) else None
        case core.Quantified() | core.Aggregate():
            return not reads_unlisted(node, frames) and ask(presence(node), frames) is True
        case core.Fallback(_, first, second):
            either = [_stands(program, one, frames, ask, terms) for one in (first, second)]
            return True if True in either else False if False in either else None
        case _:
            every = [_stands(program, part, frames, ask, terms) for part in children(node)]
            return False if False in every else True if True in every else None


def reads_unlisted(node: core.Expr, frames: Frames) -> bool:
    """Whether a cell or a list that ``node`` reads is of an unlisted row."""
    for part in walk(node):
        at = part.rows.at if isinstance(part, core.Quantified | core.Aggregate) else getattr(part, "at", None)
        # Frames further in are rows, which are listed.
        if isinstance(at, core.At) and at.frame < len(frames) and ascend(frames[at.frame], at.up).unlisted:
            return True
    return False

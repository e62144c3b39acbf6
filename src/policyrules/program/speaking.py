"""Findings that speak of another object than they look at: 义务 细化标准 / 应当 分类标准已细化, told of each project.

Why this exists: a provision without 对 speaks of what the portfolio holds. Where all that it looks at is what that belongs to, a
county's one breach is told as often as the county has projects.

Invariants: a warning, never a refusal; told only where nothing of the object itself, nor anything counted or concluded, is looked at.
What a notice says to whom it calls by their kind (“本项目按重点县的政策执行”) is said to each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyrules.diagnostics import Diagnostic
from policyrules.program import nodes as core
from policyrules.program.walk import expressions, walk
from policyrules.source import Span

_OF_ITS_OWN = (
    core.TermValue,
    core.StatisticValue,
    core.DecisionValue,
    core.DecisionIs,
    core.DecisionHas,
    core.AmountValue,
    core.Quantified,
    core.Aggregate,
    core.Supplied,
)


def spoken_of_another(declared: core.Duty | core.Notice, program: core.Program) -> Iterator[Diagnostic]:
    """A warning where a duty, prohibition or notice looks at nothing but what its object belongs to."""
    if declared.object != program.root or (isinstance(declared, core.Notice) and declared.object in declared.message):
        return
    cells: list[core.FieldValue | core.Filled] = []
    for root in expressions(declared):
        for node in walk(root):
            if isinstance(node, _OF_ITS_OWN) or (isinstance(node, core.FieldValue | core.Filled) and not node.at.up):
                return
            if isinstance(node, core.FieldValue | core.Filled):
                cells.append(node)
    owners = {cell.field.object for cell in cells}
    if len(owners) != 1:
        return
    (owner,) = owners
    kind = "提示" if isinstance(declared, core.Notice) else "禁令" if declared.prohibition else "义务"
    words = cells[0].field.name
    message = f"“{kind} {declared.name}”说的是{declared.object}，看的都是{owner}的字段（{words}），同一个{owner}有几个{declared.object}就报几次"
    remedy = f"说的是{owner}的，写成“{kind} {declared.name} 对 {owner}”"
    whole = declared.origins[0].span
    head = Span(whole.source, whole.start, whole.start + len(whole.text.partition("\n")[0].rstrip()))
    yield Diagnostic("W244", message, head, "warning", remedy)

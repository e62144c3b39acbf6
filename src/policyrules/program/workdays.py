"""The calendar of working days: two lists of dates that a layer supplies, checked where working days are counted.

Why this exists: which days are holidays is settled every year, by an authority of its own. It is data of the stack like any
other list, under two names that mean a calendar only where rules count working days.

Invariants: nothing is reported of a stack that counts no working day; a calendar that is used is a list of dates, whole,
and no day is in both of its lists.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.operators import HOLIDAYS, WORKDAYS, WORKED
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, Name
from policyrules.program.symbols import Symbols
from policyrules.program.walk import walk
from policyrules.source import Span
from policyrules.types import DATE, value_text

_EXAMPLE: Final = f"清单 {HOLIDAYS} 即 {{ 2026年10月1日 至 2026年10月7日 }}"
_DATES: Final = f"照公布的放假安排列出日期，如“{_EXAMPLE}”；周末上班的日子列在清单“{WORKED}”里"


def calendar_findings(program: core.Program, symbols: Symbols, graph: Graph) -> Iterator[Diagnostic]:
    """What is wrong with the calendar of a program that counts working days."""
    use = _first_use(graph)
    if use is None:
        return
    label = Label(use, "这里按工作日计")
    known = program.lists.get(HOLIDAYS)
    if known is None and not symbols.declares(HOLIDAYS):
        message = f"按工作日计，但没有清单“{HOLIDAYS}”，算不出是哪一天"
        yield Diagnostic("W227", message, use, "warning", f"在哪一层加一份清单“{HOLIDAYS}”，{_DATES}")
    sound = True
    for name in (HOLIDAYS, WORKED):
        listed = program.lists.get(name)
        if listed is None:
            if symbols.declares(name) and name not in symbols.broken:
                yield Diagnostic(
                    "E225", f"“{name}”不是日期的清单，不能按它数工作日", use, remedy=f"给它另起名称；{_DATES}"
                )
            continue
        if listed.open or not listed.dates:
            what = "以“等”结尾，没有列全" if listed.dates else "里不是日期"
            remedy = "把日子列全，删去“等”" if listed.dates else _DATES
            span = listed.origins[0].span
            yield Diagnostic("E225", f"清单“{name}”{what}，不能按它数工作日", span, remedy=remedy, related=(label,))
            sound = False
    worked = program.lists.get(WORKED)
    if sound and known is not None and worked is not None:
        both = sorted(set(known.items) & set(worked.items), key=str)
        if both and isinstance(both[0], datetime.date):
            message = f"{value_text(both[0], DATE)} 又在“{HOLIDAYS}”又在“{WORKED}”"
            first = Label(known.origins[0].span, f"“{HOLIDAYS}”在这里")
            yield Diagnostic("E226", message, worked.origins[0].span, remedy="只留在一份清单里", related=(first, label))


def _first_use(graph: Graph) -> Span | None:
    for definition in graph.values():
        # The calendar is among what they read.
        if Name(Kind.LIST, HOLIDAYS) in definition.reads:
            for node in walk(*definition.bodies):
                if isinstance(node, core.Apply) and node.operator in WORKDAYS:
                    return node.span
    return None

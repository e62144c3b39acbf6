"""Days on which the text of a stack itself changes: a layer comes into force or lapses, a provision begins or ends, a parameter has
another value from then on.

Why this exists: between two such days the stack is the same but for 评估日, so one program, with 评估日 as a parameter, stands for
all days between them.

Invariants: every day on which anything is in force that was not the day before, or no longer is, is named; `by_day` gives the
same program, with 评估日 read from a parameter.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from policyrules.analysis.frames import rewritten
from policyrules.analysis.labels import label_of
from policyrules.language import nodes as surface
from policyrules.language.walk import each_declaration
from policyrules.operators import AT_MOST, EARLIER, LATER, WORKDAYS_LATER, YEAR_END, YEAR_OF
from policyrules.policy import Policy
from policyrules.program import nodes as core
from policyrules.program.walk import rewrite
from policyrules.source import Span
from policyrules.types import BOOL, DATE, DAYS, MONTHS, YEAR

DAY: Final = "评估日"
"""The parameter that stands for it: a word of the language, so that no rule can have another of that name."""
_NEXT: Final = datetime.timedelta(days=1)


# ---- what the text says of days -------------------------------------------------------------------------------------


def turning_days(policy: Policy, after: datetime.date, until: datetime.date) -> dict[datetime.date, tuple[str, ...]]:
    """The days after ``after`` up to ``until`` on which the text changes, in order, and what happens on each."""
    found: dict[datetime.date, list[str]] = {}
    for day, said in _events(policy):
        if after < day <= until and said not in found.setdefault(day, []):
            found[day].append(said)
    return {day: tuple(found[day]) for day in sorted(found)}


def _events(policy: Policy) -> Iterator[tuple[datetime.date, str]]:
    for layer in policy.stack.layers:
        manifest = layer.files.manifest
        title, label = f"《{manifest.title}》", label_of(layer.id, policy)
        yield manifest.in_force_from, f"{title}从这一天起施行"
        if manifest.in_force_until is not None and manifest.in_force_until < datetime.date.max:
            yield manifest.in_force_until + _NEXT, f"{title}到前一天为止"
        for file in layer.parsed:
            for declaration in each_declaration(file):
                named = getattr(declaration, "name", None) or getattr(declaration, "target", None)
                name = "" if named is None else named.text
                for begins, day, words in _dated(declaration):
                    what = f"{label}的“{words or name}”"
                    yield day, f"{what}从这一天起施行" if begins else f"{what}到前一天为止"


def _dated(node: Any) -> Iterator[tuple[bool, datetime.date, str]]:
    """The days in a declaration on which something in it begins (True) or is over, and what it is called."""
    match node:
        case surface.Common(since=since, until=until):
            if since is not None:
                yield True, since, ""
            if until is not None and until < datetime.date.max:
                yield False, until + _NEXT, ""
        case surface.DatedValue(since=since):
            if since is not None:
                yield True, since, ""
        case tuple():
            for part in node:
                yield from _dated(part)
        case surface.RuleDecl() | surface.FieldDecl():
            for begins, day, words in _parts(node):
                yield begins, day, words or node.name.text
        case _ if is_dataclass(node) and not isinstance(node, Span | surface.Written):
            yield from _parts(node)
        case _:
            return


def _parts(node: Any) -> Iterator[tuple[bool, datetime.date, str]]:
    for one in fields(node):
        value = getattr(node, one.name)
        if one.name not in ("written", "span") and value is not None and not isinstance(value, str | int):
            yield from _dated(value)


# ---- 评估日 as a parameter ------------------------------------------------------------------------------------------


def by_day(program: core.Program) -> core.Program:
    """The same program, with 评估日 read from a parameter of that name."""
    span = program.objects[program.root].origin.span
    origin = core.Origin("", "参数", DAY, (), (), (), span)
    day = core.Parameter(DAY, "as_of", False, DATE, "set", program.as_of, None, None, origin, None)
    found = rewritten(program, _of_day)
    terms = {
        # Presence is asked of the test as it was.
        name: replace(term, present=rewrite(program.terms[name].present, _of_day))
        for name, term in found.terms.items()
    }
    return replace(found, terms=terms, parameters={**found.parameters, DAY: day})


def _of_day(node: core.Expr) -> core.Expr:
    match node:
        case core.AsOf(span=span):
            return core.ParameterValue(DAY, DATE, span)
        case core.AsOfYear(back=back, span=span):
            year = core.Apply(YEAR_OF, (core.ParameterValue(DAY, DATE, span),), YEAR, span)
            return core.Sum(((1, year), (-1, core.Constant(back, YEAR, span))), YEAR, span) if back else year
        case core.Yearly(since=None, span=span):
            day = core.ParameterValue(DAY, DATE, span)
            before = core.Apply(EARLIER, (day, core.Constant(12, MONTHS, span)), DATE, span)
            last = core.Apply(YEAR_END, (before,), DATE, span)
            return replace(node, since=core.Apply(LATER, (last, core.Constant(1, DAYS, span)), DATE, span))
        case core.Apply(operator=operator, operands=operands, span=span) if operator.name in _ELAPSED:
            moved = core.Apply(_ELAPSED[operator.name], operands, DATE, span)
            return core.Apply(AT_MOST, (moved, core.ParameterValue(DAY, DATE, span)), BOOL, span)
        case _:
            return node


_ELAPSED: Final = {"elapsed": LATER, "workdays_elapsed": WORKDAYS_LATER}

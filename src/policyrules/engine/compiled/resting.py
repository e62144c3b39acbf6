"""Which parameters that layers set a finding rests on, as far as the truth of conditions alone tells it.

Why this exists: a finding cites the 设定 that it rests on (5.15.9), which is a fold over the steps of an evaluation. Most conditions
are 且 and 或 of plain tests: of these it is told by what the tests come to, and no evaluation is needed.

Invariants: what a plan gives is what the fold over the steps gives; where a condition is rested on of which it could not give that
(rows, statistics, presumptions), it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from policyrules.engine.prepared import Engine
from policyrules.engine.values import Truth
from policyrules.frozen import single
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part
from policyrules.program.graph import Kind, Name, reads
from policyrules.program.walk import walk
from policyrules.types import BOOL


class Untold(Exception):
    """It takes an evaluation to tell what a condition rests on."""


@single
class Joined:
    """A 且 or 或, whose parts settle it where they come out as ``settling``: each that reads such a parameter, with its plan."""

    node: core.Expr | Folded
    settling: bool
    parts: tuple[tuple[core.Expr | Folded, Plan], ...]


@single
class Chosen:
    """A 视 on a condition: the selector, and the branches for what it may come to; None where it is settled which are taken."""

    selector: core.Expr | None
    rested: Plan
    branches: tuple[tuple[tuple[object, ...], Plan], ...]


Plan: TypeAlias = frozenset[Name] | Joined | Chosen | None
"""The parameters that layers set and that a condition rests on, whatever it comes to or by what its parts do; None: that takes an
evaluation."""


def plan_of(engine: Engine, node: core.Expr | Folded, at_home: bool = True) -> Plan:
    """What tells on which parameters that layers set ``node`` rests. ``at_home``: it is seen from the instance that the finding is
    of."""
    if not isinstance(node, Junction | Part) and not engine.reads_settings(node):
        return frozenset()
    match node:
        case Part(body):
            return plan_of(engine, body)
        case Junction(every, parts):
            return _joined(engine, node, parts, not every)
        case core.All(operands) if at_home:
            return _joined(engine, node, operands, False)
        case core.Any(operands) if at_home:
            return _joined(engine, node, operands, True)
        case core.Not(operand):
            return plan_of(engine, operand, at_home)
        case core.TermValue(at, name):
            return plan_of(engine, engine.program.terms[name].body, at_home and at == core.At(0, 0))
        case core.Choose(core.ParameterValue(name), branches) if engine.program.parameters[name].value is not None:
            taken = [body for keys, body in branches if engine.program.parameters[name].value in keys]
            settled = tuple([((), plan_of(engine, body, at_home)) for body in (node.selector, *taken)])
            return Chosen(None, frozenset(), settled)
        case core.Choose(selector, branches) if at_home and selector.type.kind is BOOL.kind:
            plans = tuple([(keys, plan_of(engine, body)) for keys, body in branches])
            return Chosen(selector, plan_of(engine, selector), plans)
        case _:
            return _plain(engine, node)


def rested_on(plan: Plan, truth: Callable[[core.Expr | Folded], Truth]) -> frozenset[Name]:
    """The parameters that a plan gives; ``truth``: what conditions of the plan come to. `Untold` is raised where it takes an
    evaluation."""
    if plan is None:
        raise Untold
    if isinstance(plan, Chosen):
        chosen = None if plan.selector is None else truth(plan.selector)
        taken = [below for keys, below in plan.branches if chosen is None or chosen in keys]
        return frozenset().union(*(rested_on(below, truth) for below in (plan.rested, *taken)))
    if not isinstance(plan, Joined):
        return plan
    whole = truth(plan.node)
    parts = (below for part, below in plan.parts if whole is not plan.settling or truth(part) is whole)
    return frozenset().union(*(rested_on(below, truth) for below in parts))


def conditions_of(plan: Plan) -> Iterable[core.Expr | Folded]:
    """The conditions whose truth a plan asks for."""
    if isinstance(plan, Joined):
        yield plan.node
        for part, below in plan.parts:
            yield part
            yield from conditions_of(below)
    elif isinstance(plan, Chosen):
        if plan.selector is not None:
            yield plan.selector
        for below in (plan.rested, *(body for _, body in plan.branches)):
            yield from conditions_of(below)


def _joined(engine: Engine, node: core.Expr | Folded, parts: Iterable[core.Expr | Folded], settling: bool) -> Plan:
    found = [(part, plan_of(engine, part)) for part in parts]
    kept = tuple((part, plan) for part, plan in found if plan is None or plan)
    return Joined(node, settling, kept) if kept else frozenset()


def _plain(engine: Engine, node: core.Expr) -> frozenset[Name] | None:
    """The parameters in a test or a number of which all parts are rested on."""
    found: set[Name] = set()
    for part in walk(node):
        if isinstance(part, _CHOOSING) and engine.reads_settings(part):
            return None
        for name in reads(part, engine.program.presumptions):
            if name in engine.settings:
                found.add(name)
            elif name.kind is Kind.TERM:
                plan = plan_of(engine, engine.program.terms[name.word].body, False)
                if not isinstance(plan, frozenset):
                    return None
                found |= plan
            elif name.kind is not Kind.DECISION and engine.may_cite(name):
                return None
    return frozenset(found)


_CHOOSING = (
    core.All | core.Any | core.AtLeast | core.Quantified | core.Aggregate | core.Choose | core.Fallback | core.Present
)
"""What does not rest on all of its parts, or on those of rows."""

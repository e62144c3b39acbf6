"""What each declaration reads: the sub-expressions of a node, and the static graph of names.

Why this exists: other readings are tried only where they can matter, statistics are built stratum by stratum, and a
long chain of names (a term that reads a term that reads a term ...) is evaluated from its far end, so that evaluation
never nests deeper than a fixed bound.

Invariant: the graph has no cycle (the checker reports one before a program exists).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from policyrules.program.nodes import (
    Aggregate,
    All,
    Any,
    AsOf,
    AtLeast,
    Choose,
    Compare,
    Constant,
    Contains,
    DateDifference,
    DateShift,
    DecisionHas,
    DecisionIs,
    DecisionValue,
    Elapsed,
    Expr,
    Fallback,
    FieldFilled,
    FieldValue,
    Member,
    Not,
    Overlaps,
    ParameterFilled,
    ParameterValue,
    Product,
    Program,
    Quantified,
    SetSize,
    Sourced,
    StatisticValue,
    Sum,
    TermValue,
    ValueSet,
)

Name: TypeAlias = tuple[str, ...]
"""``("术语", name)``, ``("统计", name)``, ``("决定", name)``, ``("推定", object, field)`` or ``("参数", name)``."""

# Levels of nesting after which a chain of names is cut: far below the interpreter's own limit of a thousand calls.
NESTING: Final = 100


def operands(node: Expr) -> tuple[Expr, ...]:
    """The sub-expressions of a node, in the order written."""
    match node:
        case (
            Constant()
            | AsOf()
            | FieldValue()
            | ParameterValue()
            | TermValue()
            | StatisticValue()
            | DecisionValue()
            | DecisionIs()
            | DecisionHas()
            | FieldFilled()
            | ParameterFilled()
        ):
            return ()
        case Not(operand):
            return (operand,)
        case All(members) | Any(members):
            return members
        case AtLeast(_, members):
            return members
        case Compare(_, left, right):
            return left, right
        case Member() | Contains():
            return (node.left,)
        case Overlaps(left, other):
            return (left,) if isinstance(other, ValueSet) else (left, other)
        case Elapsed() | DateShift():
            return node.start, node.period
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return tuple(factor for _, factor in factors)
        case DateDifference(left, right):
            return left, right
        case SetSize(value):
            return (value,)
        case Quantified():
            return (node.body,)
        case Aggregate():
            return tuple(part for part in (node.where, node.value) if part is not None)
        case Choose(selector, branches):
            return (selector, *(branch for _, branch in branches))
        case Fallback(first, second):
            return first, second
        case Sourced():
            return (node.body,)
        case _:
            assert_never(node)


def walk(node: Expr) -> Iterator[Expr]:
    """The node and everything below it."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(operands(node)))


def _nesting(node: Expr) -> int:
    """Levels of the deepest sub-expression."""
    deepest = 0
    pending = [(node, 1)]
    while pending:
        node, level = pending.pop()
        deepest = max(deepest, level)
        pending.extend((operand, level + 1) for operand in operands(node))
    return deepest


def _named(program: Program, node: Expr) -> Iterator[Name]:
    match node:
        case FieldValue(_, field):
            if (field.object, field.name) in program.presumptions:
                yield "推定", field.object, field.name
        case ParameterValue(name) | ParameterFilled(name):
            yield "参数", name
        case TermValue(_, name):
            yield "术语", name
        case StatisticValue(name):
            yield "统计", name
        case DecisionValue(_, name) | DecisionIs(_, name) | DecisionHas(_, name):
            yield "决定", name
        case Member(_, ValueSet(parameter=str() as name)) | Overlaps(_, ValueSet(parameter=str() as name)):
            yield "参数", name
        case _:
            return


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The static graph of one program.

    ``reads``: name → the names its declaration reads, in the order written; ``strata``: statistic → how many
    statistics deep it reads, from 0; ``waypoints``: names to evaluate first, in this order, so that no chain nests
    deeper than the bound.
    """

    reads: dict[Name, tuple[Name, ...]]
    strata: dict[str, int]
    waypoints: tuple[Name, ...]

    def reachable(self, name: Name) -> frozenset[Name]:
        """Everything a declaration reads, through any number of others."""
        found: set[Name] = set()
        pending = [name]
        while pending:
            for other in self.reads.get(pending.pop(), ()):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return frozenset(found)


def dependencies(program: Program) -> Dependencies:
    """Build the graph."""
    bodies = {name: tuple(expressions) for name, expressions in _declarations(program)}
    reads = {
        name: tuple(dict.fromkeys(n for body in found for node in walk(body) for n in _named(program, node)))
        for name, found in bodies.items()
    }
    strata: dict[Name, int] = {}
    depths: dict[Name, int] = {}
    waypoints: list[Name] = []
    for name in _bottom_up(reads):
        below = [other for other in reads.get(name, ()) if other in strata]
        strata[name] = max((strata[other] + (other[0] == "统计") for other in below), default=0)
        own = max((_nesting(body) for body in bodies.get(name, ())), default=0) + 2
        depth = own + max((depths[other] for other in below), default=0)
        if depth > NESTING and name[0] != "参数":
            waypoints.append(name)
            depth = 0
        depths[name] = depth
    return Dependencies(reads, {name[1]: s for name, s in strata.items() if name[0] == "统计"}, tuple(waypoints))


def _declarations(program: Program) -> Iterator[tuple[Name, list[Expr]]]:
    for term in program.terms.values():
        yield ("术语", term.name), [term.body]
    for statistic in program.statistics.values():
        parts = (*statistic.same, statistic.where, statistic.match, statistic.value)
        yield ("统计", statistic.name), [part for part in parts if part is not None]
    for key, presumption in program.presumptions.items():
        yield ("推定", *key), [case.when for case in presumption.cases]
    for decision in program.decisions.values():
        parts = (
            decision.applies,
            *(rank.when for rank in decision.ranks),
            *(program.rules[rule].when for rule in (*decision.rules, *decision.supplements)),
        )
        yield ("决定", decision.name), [part for part in parts if part is not None]


def _bottom_up(reads: dict[Name, tuple[Name, ...]]) -> Iterator[Name]:
    done: set[Name] = set()
    for start in reads:
        pending: list[tuple[Name, bool]] = [(start, False)]
        while pending:
            name, ready = pending.pop()
            if name in done:
                continue
            if ready:
                done.add(name)
                yield name
                continue
            pending.append((name, True))
            pending.extend((other, False) for other in reads.get(name, ()) if other not in done)

"""One program, ready to evaluate: what of it does not depend on a record, worked out once.

Why this exists: a policy is loaded once and evaluated for many records. Amended conditions are folded here, values of
parameters and lists looked up, rules put in the order they are asked in, and names that may rest on an assumption found.

Invariant: an engine holds no record and never changes; what it keeps by the identity of a node belongs to its program,
which it keeps alive.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Iterator
from copy import copy
from typing import Final, assert_never

from policyrules.engine import values as v
from policyrules.engine.days import WorkingDays
from policyrules.engine.members import PreparedStatistic, Together, prepare
from policyrules.engine.values import Abstract
from policyrules.operators import HOLIDAYS, WORKED
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part, folded
from policyrules.program.graph import (
    Graph,
    Kind,
    Name,
    definitions,
    depth,
    reachable,
    readers,
    reads,
    strata,
    turning_on,
)
from policyrules.program.order import above
from policyrules.program.walk import children, walk

# Python calls that one level of an expression takes in the deepest of the folds, and room for the caller's own.
_CALLS_A_LEVEL: Final = 4
_CALLS_BESIDE: Final = 500


class Engine:
    """One program, ready to evaluate. ``conditions``: the folded 当 of each rule, duty, prohibition and notice;
    ``demands``: what duties demand and prohibitions forbid; ``rules``: of each decision, in the order they are asked;
    ``above``: of each layer, by its place, the places of those above it; ``strata``: how many statistics deep each statistic reads;
    ``done``: by kind of object the fields
    of days on which something was done; ``read_by``: of each name what reads it; ``turning``: what turns on parameters whose values are others than in the engine that
    this one was made from (`under`)."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.graph: Graph = definitions(program)
        self.conditions: dict[str, Folded] = {rule.name: folded(rule.when) for rule in program.rules.values()}
        self.conditions.update((notice.name, folded(notice.when)) for notice in program.notices.values())
        self.conditions.update((duty.name, folded(duty.when)) for duty in program.duties.values())
        self.demands = {duty.name: folded(duty.demand) for duty in program.duties.values()}
        # A 补充规则 looks at the rules of the layers above it, which stand before it.
        self.rules = {
            name: tuple(program.rules[rule] for rule in (*decision.rules, *decision.supplements))
            for name, decision in program.decisions.items()
        }
        levels = range(len(program.layers))
        siblings = frozenset(program.siblings)
        self.above = {low: frozenset(up for up in levels if above(up, low, siblings)) for low in levels}
        self.parameters = {name: parameter_value(parameter) for name, parameter in program.parameters.items()}
        self.strata = strata(self.graph)
        self.statistics: dict[str, PreparedStatistic] = {
            name: prepare(program, statistic) for name, statistic in program.statistics.items()
        }
        # Statistics that read statistics depend on who the record under evaluation replaces.
        self.stratified = any(self.strata.values())
        self.blanks: dict[tuple[str, str], Abstract] = {
            (field.object, field.name): v.unknown(field.type, field.low, field.high)
            for fields in program.fields.values()
            for field in fields.values()
        }
        self.declared = _declared(program)
        done = {
            kind: tuple([one.name for one in fields.values() if one.happened])
            for kind, fields in program.fields.items()
        }
        self.done = {kind: names for kind, names in done.items() if names}
        self.working_days = working_days(program)
        self.assumable = tuple(_assumable(program))
        self.read_by = readers(self.graph)
        self.turning: frozenset[Name] = frozenset()
        self.assuming = turning_on(self.read_by, self.assumable)
        self._assumes: dict[int, bool] = {}
        self._assumed_by: dict[tuple[str, frozenset[str], frozenset[str]], frozenset[str]] = {}
        self._together: dict[str, Together] = {}
        self._sets: dict[int, v.SetRange] = {}
        deepest = depth(self.graph) * _CALLS_A_LEVEL + _CALLS_BESIDE
        if deepest > sys.getrecursionlimit():
            # Loading has bounded how deep a program can be; only one far deeper than people write comes here.
            sys.setrecursionlimit(deepest)

    def under(self, program: core.Program) -> Engine:
        """The engine of the same program with other parameter values. What is declared and what reads what stays; which
        values nobody has set need not."""
        other = copy(self)
        other.program = program
        before = self.program.parameters
        others = {name: one for name, one in program.parameters.items() if one is not before[name]}
        other.parameters = {**self.parameters, **{name: parameter_value(one) for name, one in others.items()}}
        other._sets = {}
        changed = [name for name, one in others.items() if one.value != before[name].value]
        other.turning = turning_on(self.read_by, [Name(Kind.PARAMETER, name) for name in changed])
        other._together, other._assumed_by = {}, {}
        # How a text is read is assumed by nobody.
        if not all(one.reading for one in others.values()):
            assumable = tuple(_assumable(program))
            if assumable != self.assumable:
                other.assumable, other.assuming, other._assumes = assumable, turning_on(self.read_by, assumable), {}
        return other

    def together(self, name: str) -> Together:
        """The statistics for which the members of a portfolio are looked at when somebody asks for this one: those as deep; whoever asks
        how something stands under other values asks only for those that turn on them."""
        found = self._together.get(name)
        if found is None:
            apart = {one: (at, Name(Kind.STATISTIC, one) in self.turning) for one, at in self.strata.items()}
            names = tuple(one for one, which in apart.items() if which == apart[name])
            found = Together(
                names, None if self.strata[name] else self._cells_of(Name(Kind.STATISTIC, one) for one in names)
            )
            self._together.update(dict.fromkeys(names, found))
        return found

    def assumed_by(
        self, name: str, without: frozenset[str] = frozenset(), unsaid: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """The parameters at their 缺省 that the contributions of a record to a statistic may rest on. ``without``: the kinds of rows below
        a record that it has none of, so that nothing asks what is said of such a row; ``unsaid``: those of them whose list was not
        supplied: what would count of such a row is asked nevertheless."""
        found = self._assumed_by.get((name, without, unsaid))
        if found is None:
            read = self._asked_by(name, without, unsaid)
            words = {one.word for one in self.assumable if one.kind is Kind.PARAMETER and one in read}
            found = self._assumed_by[name, without, unsaid] = frozenset(words)
        return found

    def _asked_by(self, name: str, without: frozenset[str], unsaid: frozenset[str]) -> set[Name]:
        program = self.program
        if not (without - unsaid).isdisjoint(belonging.line(program.objects, program.statistics[name].object)):
            return set()
        found = {Name(Kind.STATISTIC, name)}
        waiting = list(found)
        while waiting:
            one = waiting.pop()
            bodies = self.graph[one].bodies if one in self.graph else ()
            inside = {read for node in _asked(bodies, without) for read in reads(node, program.presumptions)}
            if one.kind is Kind.DECISION:
                inside.update(Name(Kind.RULE, rule.name) for rule in self.rules[one.word])
            waiting += inside - found
            found |= inside
        return found

    def assuming_cells(self, names: Iterable[str]) -> tuple[str, ...] | None:
        """The fields of a record that say on which of these its contributions to several statistics rest: keys that assume nothing say
        nothing of it. None as of `Together`."""
        if any(self.strata[name] for name in names):
            return None
        found: list[core.Expr] = []
        for one in (self.program.statistics[name] for name in names):
            found += [part for part in (one.where, one.match, one.value) if part is not None]
            found += [key for key in one.same if self.assumes(key)]
        presumed = self.program.presumptions
        inside = [node for part in found for node in walk(part)]
        read = [name for node in inside for name in reads(node, presumed)]
        return tuple(dict.fromkeys((*self._fields_in(inside), *self._cells_of(read))))

    def _cells_of(self, names: Iterable[Name]) -> tuple[str, ...]:
        """The fields of the record that names read, through any number of others."""
        reached = reachable(self.graph, names)
        return self._fields_in(walk(*(body for one in reached if one in self.graph for body in self.graph[one].bodies)))

    def _fields_in(self, nodes: Iterable[core.Expr]) -> tuple[str, ...]:
        fields = [node.field for node in nodes if isinstance(node, core.FieldValue | core.Filled)]
        return tuple(dict.fromkeys(field.name for field in fields if field.object == self.program.root))

    def assumes(self, node: core.Expr | Folded | core.Decision) -> bool:
        """Whether anything that ``node`` reads, through any number of names, may be presumed or at its 缺省."""
        if not self.assumable:
            return False
        found = self._assumes.get(id(node))
        if found is None:
            # As for value sets: the program or this engine keeps the node.
            found = self._assumes[id(node)] = self._reads_assumable(node)
        return found

    def _reads_assumable(self, node: core.Expr | Folded | core.Decision) -> bool:
        match node:
            case core.Decision(name=name):
                return Name(Kind.DECISION, name) in self.assuming
            case Part(body):
                return self.assumes(body)
            case Junction(_, parts):
                return any(map(self.assumes, parts))
            case _:
                presumed = self.program.presumptions
                return any(read in self.assuming for part in walk(node) for read in reads(part, presumed))

    def value_set(self, right: core.ValueSet) -> v.SetRange:
        """What belongs to a value set for sure, and at most."""
        found = self._sets.get(id(right))
        if found is None:
            # The program outlives the engine and keeps the node, so its identity stays its own.
            found = self._sets[id(right)] = self._value_set(right)
        return found

    def _value_set(self, right: core.ValueSet) -> v.SetRange:
        match right:
            case core.Literals(items, open_, without):
                pass
            case core.ListRef(name):
                listed = self.program.lists[name]
                items, open_, without = listed.items, listed.open, listed.without
            case core.ParameterRef(name):
                return v.set_range(self.parameters[name])
            case _:
                assert_never(right)
        return v.SetRange(frozenset(items), None if open_ else frozenset(items), frozenset(without))


def _declared(program: core.Program) -> dict[tuple[str, str], int]:
    """The place of everything that may be missing among its like: a field by its object, all others beside ''."""
    found = [(object_, name) for object_, fields in program.fields.items() for name in fields]
    names = (*program.objects, *program.parameters, *program.statistics, *program.decisions)
    return {key: place for place, key in enumerate((*found, *(("", name) for name in names)))}


def working_days(program: core.Program) -> WorkingDays:
    """What the lists of the stack say of working days; nothing where they are missing."""
    holidays, worked = (
        [day for day in found.items if isinstance(day, datetime.date)] if found is not None else []
        for found in map(program.lists.get, (HOLIDAYS, WORKED))
    )
    return WorkingDays.of(holidays, worked)


def _assumable(program: core.Program) -> Iterator[Name]:
    """What may be used without anyone having said it, in the order declared."""
    for object_, fields in program.fields.items():
        for field in fields:
            if (object_, field) in program.presumptions:
                yield Name(Kind.PRESUMPTION, field, object_)
    for parameter in program.parameters.values():
        if parameter.state == "default" and not parameter.reading:
            yield Name(Kind.PARAMETER, parameter.name)


def parameter_value(parameter: core.Parameter) -> Abstract:
    """The value of a parameter, or everything an unset one ranges over."""
    if parameter.value is None:
        return v.unknown(parameter.type, parameter.low, parameter.high)
    return parameter.value


def _asked(bodies: Iterable[core.Expr], without: frozenset[str]) -> Iterator[core.Expr]:
    """As `walk`, without what is said of each row of the kinds ``without``."""
    waiting = list(bodies)
    while waiting:
        node = waiting.pop()
        yield node
        if not (isinstance(node, core.Quantified | core.Aggregate) and node.rows.object in without):
            waiting.extend(children(node))

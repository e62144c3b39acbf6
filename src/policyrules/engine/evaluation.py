"""Evaluating one record: what the names of a program mean for its instances.

Why this exists: expressions read terms, decisions, presumptions and statistics; this is where each of them is worked
out, once per instance, from the tables in `decisions` and the portfolio in `portfolio`.

Invariants: an `Engine` holds what one program needs and no record; a `Run` holds what one record needs and is not
shared; a run never changes a record. ``trail`` collects what was presumed and which 缺省 was read on the way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from policyrules.engine import values as v
from policyrules.engine.closures import Code
from policyrules.engine.decisions import NOT_APPLICABLE, Presumed, State, presume, state_of
from policyrules.engine.dependencies import Dependencies, dependencies
from policyrules.engine.expressions import Compiler
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.portfolio import (
    CompiledStatistic,
    World,
    compile_statistic,
    contributions_of,
    own_key,
    tally_bounds,
)
from policyrules.engine.values import Abstract, Truth
from policyrules.program.nodes import Decision, Field, Program

Trail = list[tuple[str, str]]
"""``("推定", field)`` and ``("缺省", parameter)``, in the order met."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule or 补充规则 with the closure of its condition."""

    name: str
    values: tuple[str, ...]
    when: Code
    supplement: bool
    level: int


@dataclass(frozen=True, slots=True)
class CompiledDecision:
    """A decision with the closures of its conditions; rules first, then supplements, upper layers first."""

    decision: Decision
    applies: Code | None
    rankings: tuple[tuple[tuple[str, ...], Code | None], ...]
    rules: tuple[CompiledRule, ...]


class Engine:
    """One program, ready to evaluate."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.compiler = Compiler(program)
        self.dependencies: Dependencies = dependencies(program)
        code = self.compiler.code
        self.terms = {term.name: code(term.body) for term in program.terms.values()}
        self.decisions = {name: self._compile(decision) for name, decision in program.decisions.items()}
        self.presumptions = {
            key: tuple((case.level, code(case.when), case.value) for case in presumption.cases)
            for key, presumption in program.presumptions.items()
        }
        self.statistics: dict[str, CompiledStatistic] = {
            name: compile_statistic(program, self.compiler, statistic) for name, statistic in program.statistics.items()
        }
        # Statistics that read statistics depend on who the record under evaluation replaces.
        self.stratified = any(self.dependencies.strata.values())

    def _compile(self, decision: Decision) -> CompiledDecision:
        code = self.compiler.code
        rules = [self.program.rules[name] for name in (*decision.rules, *decision.supplements)]
        # A supplement looks at the rules of the layers above it, which must have been worked out before it.
        rules.sort(key=lambda rule: (rule.supplement, rule.level if rule.supplement else 0))
        return CompiledDecision(
            decision,
            None if decision.applies is None else code(decision.applies),
            tuple((rank.values, None if rank.when is None else code(rank.when)) for rank in decision.ranks),
            tuple(CompiledRule(r.name, r.values, code(r.when), r.supplement, r.level) for r in rules),
        )

    def run(self, subject: Instance, world: World | None) -> Run:
        """A fresh run for one record."""
        return Run(self, subject, world)


class Run:
    """The evaluation of one record. Every name is worked out at most once per instance."""

    __slots__ = ("_absences", "_blanks", "_decisions", "_statistics", "_terms", "engine", "subject", "trail", "world")

    def __init__(self, engine: Engine, subject: Instance, world: World | None) -> None:
        self.engine = engine
        self.subject = subject
        self.world = world
        self.trail: Trail = []
        self._terms: dict[tuple[str, Instance], tuple[Abstract, Trail]] = {}
        self._absences: dict[tuple[str, Instance], Truth] = {}
        self._decisions: dict[tuple[str, Instance], tuple[State, Trail]] = {}
        self._blanks: dict[tuple[str, Instance], tuple[Abstract, Trail]] = {}
        self._statistics: dict[str, tuple[Abstract, Trail]] = {}
        if engine.dependencies.waypoints:
            self._walk_ahead()

    def _walk_ahead(self) -> None:
        """Work out long chains of names from their far end."""
        instances = instances_of(self.engine.program, self.subject)
        program = self.engine.program
        for kind, *name in self.engine.dependencies.waypoints:
            match kind:
                case "术语":
                    for instance in instances.get(program.terms[name[0]].object, ()):
                        self.term(name[0], instance)
                        self.term_absent(name[0], instance)
                case "决定":
                    for instance in instances.get(program.decisions[name[0]].object, ()):
                        self.decision(name[0], instance)
                case "推定":
                    for instance in instances.get(name[0], ()):
                        self.presumed(program.fields[name[0]][name[1]], instance)
                case _:
                    self.statistic(name[0])

    # Each of the following remembers its result together with the trail it left, so that whoever reads it later
    # leaves the same trail.

    def term(self, name: str, instance: Instance) -> Abstract:
        """The value of a 术语."""
        key = (name, instance)
        found = self._terms.get(key)
        if found is None:
            outer, self.trail = self.trail, []
            value = self.engine.terms[name](self, (instance,))
            found = self._terms[key] = (value, self.trail)
            self.trail = outer
        if found[1]:
            self.trail.extend(found[1])
        return found[0]

    def term_absent(self, name: str, instance: Instance) -> Truth:
        """Whether what a 术语 reads is absent."""
        key = (name, instance)
        if key not in self._absences:
            code = self.engine.compiler.absence(self.engine.program.terms[name].body)
            self._absences[key] = code(self, (instance,))
        return self._absences[key]

    def decision(self, name: str, instance: Instance) -> State:
        """The state of a 决定."""
        key = (name, instance)
        found = self._decisions.get(key)
        if found is None:
            outer, self.trail = self.trail, []
            state = self._decide(self.engine.decisions[name], instance)
            found = self._decisions[key] = (state, self.trail)
            self.trail = outer
        if found[1]:
            self.trail.extend(found[1])
        return found[0]

    def decision_trail(self, name: str, instance: Instance) -> Trail:
        """What a decision presumed, and which 缺省 it read."""
        self.decision(name, instance)
        return self._decisions[name, instance][1]

    def _decide(self, compiled: CompiledDecision, instance: Instance) -> State:
        frames = (instance,)
        applies: Truth = True if compiled.applies is None else compiled.applies(self, frames)
        if applies is False:
            return NOT_APPLICABLE
        true_values: list[str] = []
        unknown_values: list[str] = []
        true_rules: list[str] = []
        unknown_rules: list[str] = []
        truths: dict[str, Truth] = {}
        for rule in compiled.rules:
            truth = rule.when(self, frames)
            if rule.supplement and truth is not False:
                truth = v.conjunction((truth, *self._silent(compiled, rule, truths)))
            truths[rule.name] = truth
            if truth is True:
                true_rules.append(rule.name)
                true_values.extend(rule.values)
            elif truth is None:
                unknown_rules.append(rule.name)
                unknown_values.extend(rule.values)
        rankings = tuple((values, True if when is None else when(self, frames)) for values, when in compiled.rankings)
        return state_of(
            compiled.decision,
            applies,
            true_values,
            unknown_values,
            tuple(true_rules),
            tuple(unknown_rules),
            rankings,
        )

    def _silent(self, compiled: CompiledDecision, supplement: CompiledRule, truths: dict[str, Truth]) -> list[Truth]:
        """Whether each rule of the layers above is false."""
        return [v.negation(truths[rule.name]) for rule in compiled.rules if rule.level < supplement.level]

    def blank(self, field: Field, instance: Instance) -> Abstract:
        """What a blank cell may be: by its presumptions, or everything its declaration permits."""
        key = (field.name, instance)
        found = self._blanks.get(key)
        if found is None:
            outer, self.trail = self.trail, []
            value = v.unknown(field.type, field.low, field.high)
            possible = self._presume(field, instance).values
            if possible:
                self.trail.append(("推定", field.name))
                value = possible[0]
                for other in possible[1:]:
                    value = v.hull(value, other)
            found = self._blanks[key] = (value, self.trail)
            self.trail = outer
        if found[1]:
            self.trail.extend(found[1])
        return found[0]

    def presumed(self, field: Field, instance: Instance) -> Presumed:
        """What the presumptions say of a blank cell."""
        self.blank(field, instance)
        return self._presume(field, instance)

    def _presume(self, field: Field, instance: Instance) -> Presumed:
        cases = self.engine.presumptions.get((field.object, field.name))
        if cases is None:
            return Presumed()
        return presume([(level, when(self, (instance,)), value) for level, when, value in cases])

    def statistic(self, name: str) -> Abstract:
        """The value of a 统计 for the record under evaluation."""
        found = self._statistics.get(name)
        if found is None:
            outer, self.trail = self.trail, []
            value = self._count(name)
            found = self._statistics[name] = (value, self.trail)
            self.trail = outer
        if found[1]:
            self.trail.extend(found[1])
        return found[0]

    def _count(self, name: str) -> Abstract:
        compiled = self.engine.statistics[name]
        key = own_key(compiled, self)
        own = contributions_of(compiled, self)
        if self.world is not None:
            return self.world.value(compiled, self, key, own)
        alone = Counter(entry.joined(compiled.own_match) for entry in own.entries)
        return tally_bounds(compiled, alone, unlimited=True)

"""What the conditions of a program come to on one record, for whoever says what its results rest on.

Why this exists: which rules hold, and by whose words, turns on the truth of conditions alone. A function written for the program
tells all of these at once, where the definition would go through every condition step by step.

Invariants: a truth is the definition's; what the definition has to tell (an amount, a construct that is not in the circuit, what
is assumed where something is) is not told here at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

from policyrules.engine import values as v
from policyrules.engine.compiled.engine import Compiled, Definition, Results
from policyrules.engine.decisions import NOT_APPLICABLE, State, speaks, state_of
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.deciding import notice_status
from policyrules.engine.lowering.lower import Lowering
from policyrules.engine.lowering.lowered import FindingOutput, Lowered, unlisted_places
from policyrules.engine.lowering.nodes import Bit, Cell, Place
from policyrules.engine.lowering.places import space_of
from policyrules.engine.lowering.values import Truth as Lowly
from policyrules.engine.lowering.values import Unlowered
from policyrules.engine.prepared import Engine
from policyrules.engine.steps import Step
from policyrules.engine.unlisted import listed
from policyrules.engine.values import Truth
from policyrules.frozen import single
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, parts_of
from policyrules.program.graph import Kind, Name, reachable
from policyrules.program.renaming import NOBODY

_TRUTHS: Final[dict[str, Truth]] = {"notice": True, "not_applicable": False, "unverified": None}


@single
class Asked:
    """The conditions of a decision, by the names that they are told by. ``presumed``: those that say whether a cell was presumed
    that it may read, None where it takes the definition to say what it assumes; ``names``: all others."""

    decision: core.Decision
    names: tuple[str, ...]
    presumed: tuple[str, ...] | None


class Conditions:
    """The conditions of one program. ``parted``: the provisions of which it turns on the truth of their parts who is cited."""

    def __init__(self, engine: Engine, definition: Definition, parted: Iterable[str]) -> None:
        self.engine = engine
        self._parted = frozenset(parted)
        self._lowering = Lowering(engine, look_up=True)
        self._outputs: dict[str, FindingOutput] = {}
        self._names: dict[tuple[int, Place], str] = {}
        self._places: dict[tuple[str, int], Place] = {}
        self._presumed: dict[Name, tuple[str, ...] | None] = {}
        self.decisions: dict[str, Asked] = {}
        """Of each decision that is told what is asked of it."""
        self.findings: set[str] = set()
        """The duties, prohibitions and notices of `parted` that are told."""
        for decision in engine.program.decisions.values():
            asked = self._decision(decision)
            if asked is not None:
                self.decisions[decision.name] = asked
        spoken: list[core.Duty | core.Notice] = [*engine.program.duties.values(), *engine.program.notices.values()]
        for declaration in spoken:
            if declaration.name in self._parted and self._finding(declaration):
                self.findings.add(declaration.name)
        low = self._lowering
        outputs = tuple(self._outputs.values())
        whole = Lowered(engine, low.c, low.root, (), (), outputs, (), low.vary, {}, {})
        self._compiled = Compiled(engine, definition, whole=whole)
        self._slots = {name: slot for name, (slot, _) in self._compiled.slots.items()}
        self._told = {
            name: itemgetter(*[self._slots[one] for one in asked.names])
            for name, asked in self.decisions.items()
            if len(asked.names) > 1 and self._beside(asked.decision.object)
        }

    def of(self, root: Instance, portfolio: Any) -> Seen:
        """The conditions of one record."""
        return Seen(self, root, self._compiled.decide(root, portfolio))

    # ---- what is asked

    def _beside(self, object_: str) -> bool:
        """Whether a record has one instance of a kind: itself, or what it belongs to."""
        place = space_of(self._lowering.program, object_)
        return place.space == self._lowering.root and not place.below

    def _decision(self, decision: core.Decision) -> Asked | None:
        if decision.type is not None:
            return None
        engine, place = self.engine, space_of(self._lowering.program, decision.object)
        nodes: list[core.Expr | Folded] = [] if decision.applies is None else [decision.applies]
        nodes += [node for rule in engine.rules[decision.name] for node in self._parts(rule.name)]
        nodes += [rank.when for rank in decision.ranks if rank.when is not None]
        try:
            names = tuple([self._ask(node, place) for node in nodes])
        except Unlowered:
            return None
        return Asked(decision, names, self._assumed(decision))

    def _assumed(self, decision: core.Decision) -> tuple[str, ...] | None:
        engine = self.engine
        read = reachable(engine.graph, [Name(Kind.DECISION, decision.name)])
        found: list[str] = []
        for name in engine.assumable:
            if name in read:
                told = self._presumption(name) if name.kind is Kind.PRESUMPTION else None
                if told is None:
                    return None
                found += told
        return tuple(found)

    def _finding(self, declaration: core.Duty | core.Notice) -> bool:
        trees = [self.engine.conditions[declaration.name]]
        trees += [self.engine.demands[declaration.name]] if isinstance(declaration, core.Duty) else []
        low, kind = self._lowering, declaration.object
        try:
            for place in (space_of(low.program, kind), *unlisted_places(low, kind)):
                for part in (part for tree in trees for part in parts_of(tree)):
                    self._ask(part, place)
        except Unlowered:
            return False
        return True

    def _parts(self, name: str) -> Iterable[Folded]:
        """What is asked of a provision."""
        tree = self.engine.conditions[name]
        return parts_of(tree) if name in self._parted else (tree,)

    def _presumption(self, name: Name) -> tuple[str, ...] | None:
        """What tells whether a cell of a record or of its rows was presumed; None where only the definition does."""
        if name not in self._presumed:
            low, program = self._lowering, self.engine.program
            presumption = program.presumptions[name.object, name.word]
            field = presumption.field
            try:
                told = []
                for place in (space_of(low.program, name.object), *unlisted_places(low, name.object)):
                    spoken = low.c.any_of([low.truth(case.when, (place,)).true for case in presumption.cases])
                    blank = low.c.true if place.below else low.c.blank(Cell(place, field.object, field.name, field))
                    told.append(self._put(place, Lowly(*[low.c.all_of((blank, spoken))] * 2)))
                self._presumed[name] = tuple(told)
            except Unlowered:
                self._presumed[name] = None
        return self._presumed[name]

    def _ask(self, node: core.Expr | Folded, place: Place) -> str:
        key = id(node), place
        if key not in self._names:
            self._names[key] = self._put(place, self._lowering.truth(node, (place,)))
        return self._names[key]

    def _put(self, place: Place, truth: Lowly) -> str:
        """What tells a truth: it is asked as a notice would be."""
        name, c = str(len(self._outputs)), self._lowering.c
        exists: Bit = c.negation(c.has_list(place.above(len(place.below)), place.below[0])) if place.below else c.true
        kind = self.engine.program.root
        notice = core.Notice(name, kind, core.Amended(None, NOBODY), "", 0, (NOBODY,))
        self._outputs[name] = FindingOutput(notice, place, exists, notice_status(c, truth), c.const(0), c.false)
        return name

    def name_of(self, node: core.Expr | Folded, instance: Instance) -> str:
        """By what a condition on an instance is told."""
        low, kind = self._lowering, instance.object
        place = self._places.get((kind, 0))
        if place is None:
            for one in (space_of(low.program, kind), *unlisted_places(low, kind)):
                self._places[kind, len(one.below)] = one
        depth = 0
        one_above: Instance | None = instance
        while one_above is not None and one_above.unlisted:
            depth, one_above = depth + 1, one_above.parent
        return self._names[id(node), self._places[kind, depth]]

    # ---- what is told

    def truths(self, results: Results, asked: Asked, instance: Instance) -> tuple[Truth, ...]:
        """What the conditions of a decision come to on one instance, in the order of their names."""
        get = self._told.get(asked.decision.name)
        if get is not None:
            return tuple([_TRUTHS[found.status] for found in get(results.slots)])
        return tuple([self.truth(results, name, instance) for name in asked.names])

    def truth(self, results: Results, name: str, instance: Instance) -> Truth:
        """One of them."""
        found = results.slots[self._slots[name]]
        if type(found) is list:
            path = listed(instance).path
            (found,) = [one for one in found if one.path == path]
        return _TRUTHS[found.status]

    def speaks(self, results: Results, names: Iterable[str]) -> bool:
        """Whether any of them holds, of whatever instance."""
        for name in names:
            found = results.slots[self._slots[name]]
            for one in found if type(found) is list else (found,):
                if one is not None and one.status == "notice":
                    return True
        return False


class Seen:
    """The conditions of one record, as far as they are told: what `grounds.Grounds` and whoever puts results together ask of an
    evaluation."""

    __slots__ = ("_conditions", "_known", "_results", "subject")

    def __init__(self, conditions: Conditions, root: Instance, results: Results) -> None:
        self._conditions = conditions
        self._results = results
        self._known: tuple[Instance, dict[str, Truth]] | None = None
        self.subject = root

    def told(self, decision: core.Decision, instance: Instance) -> tuple[Truth, ...] | None:
        """What the conditions of a decision come to; None where the definition has to say."""
        asked = self._conditions.decisions.get(decision.name)
        return None if asked is None else self._conditions.truths(self._results, asked, instance)

    def assumes(self, decision: core.Decision) -> bool:
        """Whether a decision that is told may rest on something that is assumed."""
        presumed = self._conditions.decisions[decision.name].presumed
        return presumed is None or self._conditions.speaks(self._results, presumed)

    def cites(self, name: str) -> bool:
        """Whether it can be told what a duty, prohibition or notice of several authors cites."""
        return name in self._conditions.findings

    def state(self, decision: core.Decision, instance: Instance, told: tuple[Truth, ...]) -> State:
        """How a decision stands of which all was ``told``."""
        engine = self._conditions.engine
        self._known = instance, dict(zip(self._conditions.decisions[decision.name].names, told, strict=True))

        def truth(node: core.Expr) -> Truth:
            return self._truth(node, instance)

        applies = True if decision.applies is None else truth(decision.applies)
        if applies is False:
            return NOT_APPLICABLE
        rules = engine.rules[decision.name]
        truths: dict[str, Truth] = {}
        for rule in rules:
            held = self.condition(rule.name, instance).value
            truths[rule.name] = speaks(engine.above, rule, held, rules, truths)
        return state_of(
            decision,
            applies,
            [(rule, truths[rule.name]) for rule in rules],
            tuple([(rank.values, True if rank.when is None else truth(rank.when)) for rank in decision.ranks]),
        )

    def condition(self, name: str, instance: Instance) -> Step:
        """The 当 of a provision, in parts where it has several authors."""
        return self._step(self._conditions.engine.conditions[name], instance, name in self._conditions._parted)

    def demand(self, name: str, instance: Instance) -> Step:
        """What a duty demands, or a prohibition forbids."""
        return self._step(self._conditions.engine.demands[name], instance, True)

    def _step(self, tree: Folded, instance: Instance, parted: bool) -> Step:
        if parted and isinstance(tree, Junction):
            parts = tuple([self._step(part, instance, True) for part in tree.parts])
            join = v.conjunction if tree.every else v.disjunction
            return Step(tree, (instance,), join([part.value for part in parts]), parts)
        return Step(tree, (instance,), self._truth(tree, instance))

    def _truth(self, node: core.Expr | Folded, instance: Instance) -> Truth:
        name = self._conditions.name_of(node, instance)
        if self._known is not None and self._known[0] is instance and name in self._known[1]:
            return self._known[1][name]
        return self._conditions.truth(self._results, name, instance)

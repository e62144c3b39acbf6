"""What the results of one side come to along an axis: of a parameter from end to end, of the days one after the other.

Why this exists: sweeps and dates are one question; here it is asked of a ledger.

Invariants: what a result is at a place is what the definition says there; a result that is settled whatever the parameter is
is the same everywhere; `Unfit` is raised, before anything is told, where a result cannot be told exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from policyrules.analysis.planes import Element, at, elements
from policyrules.engine.compiled.tables import Decided
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance, shared_by
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, lowered, roots
from policyrules.engine.lowering.nodes import Counted, reachable
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Kind, Name, definitions
from policyrules.program.graph import reachable as read_by
from policyrules.types import Value
from policyrules.variation import piecewise as p
from policyrules.variation.along import RUN, TESTS, Along, Circuit, Decisions
from policyrules.variation.model import State
from policyrules.variation.piecewise import Axis, Cut, Moving, Steps, Unfit
from policyrules.variation.study import Key, Side, asked, decision_state, of_record
from policyrules.variation.tallies import Tallies

Output: TypeAlias = DecisionOutput | AmountOutput

_SETTLED = frozenset({"determined", "none", "not_applicable"})


@dataclass(slots=True)
class Course:
    """``states``: what each result is, `Steps` where it changes; ``turns``: of one that changes, at each cut the nodes of the circuit that
    turn there; ``circuit``: what these are numbered in."""

    axis: Axis
    states: dict[Key, Moving]
    turns: dict[Key, Mapping[Cut, frozenset[int]]] = field(default_factory=dict)
    circuit: Circuit | None = None

    def at(self, key: Key, place: Any) -> State:
        """What a result is at a place."""
        found: State = p.at(self.axis, self.states[key], place)
        return found


def valued(program: core.Program, name: str, value: Value | None, axis: Axis | None = None) -> core.Program:
    """A program in which a parameter is set, to ``value`` or (None) to what nobody knows. ``axis``: what it may be."""
    parameter = replace(program.parameters[name], value=value, state="set")
    if axis is not None:
        ends = [None if end is None else axis.value(end) for end in (axis.low, axis.high)]
        parameter = replace(parameter, low=ends[0], high=ends[1])
    return replace(program, parameters={**program.parameters, name: parameter})


def affected(program: core.Program, varied: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some decisions that read a parameter, through any number of names."""
    graph = definitions(program)
    parameter = Name(Kind.PARAMETER, varied)
    return tuple(
        name for name in names if name in program.decisions and parameter in read_by(graph, [Name(Kind.DECISION, name)])
    )


def course(
    program: core.Program,
    varied: str,
    axis: Axis,
    side: Side,
    names: Sequence[str],
    *,
    turns: bool = False,
) -> Course:
    """What the decisions ``names`` of a side come to under ``program``, along the values of the parameter ``varied``.

    Raises `Unfit`.
    """
    return _Asking(program, varied, axis, side, names, turns).course()


def every_cut(program: core.Program, varied: str, axis: Axis, side: Side, names: Sequence[str]) -> list[Cut]:
    """Where, along a parameter, any test turns that may bear on the decisions ``names``, whatever else is varied: wherever a result
    changes, and elsewhere.

    Raises `Unfit`.
    """
    return _Asking(program, varied, axis, side, names, False).cuts()


class _Asking:
    def __init__(
        self, program: core.Program, varied: str, axis: Axis, side: Side, names: Sequence[str], turns: bool
    ) -> None:
        self.axis = axis
        self.varied = varied
        self.side = side
        self.names = names
        self.program = valued(program, varied, axis.value(axis.inside(None, None)), axis)
        self.wanted = turns
        self.interpreter = Interpreter(self.program, "")
        self.circuit = Circuit(lowered(self.interpreter.engine, vary=[varied]), varied)
        low = self.circuit.lowered
        if any(one.declaration.name in names for one in low.refused):
            raise Unfit
        every: tuple[Output, ...] = (*low.decisions, *low.amounts)
        self.outputs = [one for one in every if one.decision.name in names]
        self.cones = {one.decision.name: frozenset(node.id for node in reachable(roots(one))) for one in self.outputs}
        self.tallies = Tallies(self.circuit, axis, self.run, side.portfolio, side.work)
        self.along = Along(self.circuit, axis, self.run, self.tallies, side.work)
        self.decisions = Decisions()
        self.found = Course(axis, {}, {}, self.circuit)
        self._latest: Run | None = None
        self._samples: dict[Any, core.Program] = {}

    def run(self, root: Instance) -> Run:
        """The definition, of one record."""
        if self._latest is None or self._latest.subject is not root:
            self._latest = self.interpreter.run(root, self.side.portfolio)
        return self._latest

    def course(self) -> Course:
        """Every result of every record."""
        amounts: dict[str, dict[int, None]] = {}
        latest = -1
        for index, output, element, settled in self._each():
            name = output.decision.name
            if isinstance(output, AmountOutput) and settled is not None:
                amounts.setdefault(name, {})[index] = None
            elif settled is not None:
                key = (index, at(output.place, element).path, name)
                self.found.states[key] = decision_state(settled.status, settled.candidates)
            else:
                if index != latest:
                    self.along.start(element[0])
                    latest = index
                self._open(index, at(output.place, element), output, element)
        for name, indexes in amounts.items():
            self.side.work.spend(len(indexes) * self.side.steps([name]))
            told = asked(self.program, self.side.roots, self.side.portfolio, [name], indexes)
            for key, state in told.items():
                self.found.states.setdefault(key, state)
        return self.found

    def _each(self) -> Iterator[tuple[int, Output, Element, Decided | None]]:
        """Every result: the record, and how it stands where that is settled whatever the parameter is."""
        unknown = Interpreter(valued(self.program, self.varied, None, self.axis), "")
        compiled = unknown.compiled([one.decision.name for one in self.outputs])
        steps = self.side.steps([one.decision.name for one in self.outputs])
        for index, root in enumerate(self.side.roots):
            self.side.work.spend(steps)
            told = compiled.decide(root, self.side.portfolio)
            for output in self.outputs:
                stands = {id(instance): one for instance, one in told.rows(output.decision.name)}
                for element in elements(output.place.space, root):
                    one = stands[id(at(output.place, element))]
                    yield index, output, element, one if one.status in _SETTLED else None

    def cuts(self) -> list[Cut]:
        """Where any test turns that may bear on a result."""
        nodes = self.circuit.lowered.circuit.nodes
        turning = self.circuit.turning
        tests = {
            name: [nodes[number] for number in sorted(cone & turning) if type(nodes[number]) in TESTS]
            for name, cone in self.cones.items()
        }
        found: set[Cut] = set()
        done: set[tuple[int, str]] = set()
        for index, output, element, settled in self._each():
            mark = (index, output.decision.name)
            if settled is not None or mark in done:
                continue
            done.add(mark)
            root = element[0]
            self.along.start(root)
            for node in tests[mark[1]]:
                for place in [(root,)] if node.space is None else elements(node.space, root):
                    self.along.node(node, place)
            if isinstance(output, AmountOutput):
                for place in elements(output.place.space, root):
                    found.update(p.cuts_of(self.along.value(output.value, place)))
            found.update(cut for cuts in self.along.noted.values() for cut in cuts)
        return sorted(found)

    def _open(self, index: int, instance: Instance, output: Output, element: Element) -> None:
        key = (index, instance.path, output.decision.name)
        state: Moving
        if isinstance(output, DecisionOutput):
            state = self.decisions.state(self.along, output, element)
        else:
            state = self._amount(key, output, element)
        self.found.states[key] = state
        if self.wanted and type(state) is Steps:
            self.found.turns[key] = self._turns(output.decision.name, state)

    def _amount(self, key: Key, output: AmountOutput, element: Element) -> Moving:
        # What is told of an amount is more than how it stands, so the definition tells it, wherever anything in it turns.
        along = self.along
        value = along.value(output.value, element)
        stands = [along.bit(bit, element) for bit in output.status.values()]
        cone = self.cones[output.decision.name]
        cuts = sorted(
            {*p.together([value, *stands]), *(cut for node in cone & along.noted.keys() for cut in along.noted[node])}
        )
        return p.glued((start, self._sample(key, self.axis.inside(start, end))) for start, end in p.pieces_of(cuts))

    def _sample(self, key: Key, place: Any) -> State:
        program = self._samples.get(place)
        if program is None:
            program = self._samples[place] = valued(self.program, self.varied, self.axis.value(place))
        side = self.side
        side.work.spend(RUN)
        return asked(program, side.roots, side.portfolio, [key[2]], [key[0]])[key]

    def _turns(self, name: str, state: Steps) -> Mapping[Cut, frozenset[int]]:
        noted, cone = self.along.noted, self.cones[name]
        found: dict[Cut, frozenset[int]] = {}
        for cut in state.cuts:
            self.side.work.spend(1 + min(len(noted), len(cone)))
            nodes = {node for node in cone & noted.keys() if cut in noted[node]}
            for node in list(nodes):
                for counted in self._statistics(node):
                    nodes |= self.tallies.table(counted).turned.get(cut, set())
            found[cut] = frozenset(nodes)
        return found

    def _statistics(self, node: int) -> list[str]:
        return statistics_behind(self.circuit, node)


def statistics_behind(circuit: Circuit, node: int) -> list[str]:
    """The statistics that a test compares."""
    test = circuit.lowered.circuit.nodes[node]
    if isinstance(test, n.BitOf):
        return [test.value.name] if isinstance(test.value, Counted) else []
    below = reachable([test]) if isinstance(test, n.Compare) else []
    return [one.name for one in below if isinstance(one, Counted) and one.id in circuit.turning]


# ---- what records share ---------------------------------------------------------------------------------------------


def counted_once(side: Side, program: core.Program, keys: Iterable[Key], said: Callable[[Key], Hashable]) -> list[Key]:
    """The results without those that an earlier record has told already, of what both belong to (their county)."""
    kept: list[Key] = []
    seen: set[Hashable] = set()
    for key in keys:
        decision = program.decisions.get(key[2])
        shared: Hashable | None = None
        if decision is not None and not of_record(program, decision.object):
            instance = side.targets(key[0]).get(key[1])
            shared = None if instance is None else shared_by(side.roots[key[0]], instance)
        mark = (key[1], key[2], said(key), shared)
        if shared is not None and mark in seen:
            continue
        if shared is not None:
            seen.add(mark)
        kept.append(key)
    return kept

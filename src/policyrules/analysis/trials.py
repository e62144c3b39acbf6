"""What results come to under every selection of the acts by which two programs differ.

Why this exists: whoever asks which acts are enough needs the result under thousands of selections; one circuit of both programs
(`analysis.blending`), its switches as inputs, tells all of them at once, and the definition is asked where a circuit cannot be had.

Invariants: which acts an output may turn on is read off the circuit and off what its statistics read, never guessed; outcomes
are told apart as the comparison of two results tells them apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from math import comb
from typing import Final

from policyrules.analysis.atoms import Atom
from policyrules.analysis.blending import Blend
from policyrules.analysis.counting import Counting, Under, running
from policyrules.analysis.lattice import MOST_ACTS, Plane, Selection, Selections, Unfit
from policyrules.analysis.planes import Element, Selected, Shape, Split, add, at, elements
from policyrules.engine import values as v
from policyrules.engine.compiled.tables import decided
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.lowering.lowered import AmountOutput, AnyOutput, DecisionOutput, FindingOutput, Lowered, lowered
from policyrules.engine.lowering.nodes import PARAMETERS, Bit, Counted, Num, cells_of
from policyrules.engine.lowering.nodes import reachable as below
from policyrules.engine.lowering.values import Truth
from policyrules.engine.members import Key
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.unlisted import judged, listed
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, Name, definitions, reachable, reaching, result_named, sliced

BY_DEFINITION: Final = 10
"""Up to so many acts all selections are tried where the definition has to be asked for each of them."""
SIZE: Final = 3
"""Of more those of up to so many acts, and those that leave out up to so many,"""
MOST_TRIED: Final = 5_000
"""as long as they are not more than these; else fewer."""
_CHOSEN: Final = 4
"""Acts without a switch for which a circuit is made under each selection of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision, duty, prohibition or notice; of a decision that takes several values the one that is asked about, else ''."""

    name: str
    value: str = ""


# ---- what the definition says ---------------------------------------------------------------------------------------


def outcome_of(interpreter: Interpreter, run: Run, asked: Asked, instance: Instance) -> Hashable:
    """What is asked for comes to, as far as two results are told apart: of a decision how it stands, what it may be and surely is; of
    an amount how it stands and its number; of one value of several 不适用, 含, 可能 or 不含; of a finding its status and day."""
    program = interpreter.program
    decision = program.decisions.get(asked.name)
    if decision is None:
        declaration = program.duties.get(asked.name) or program.notices[asked.name]
        status, due, _ = interpreter.outcomes.standing(run, declaration, instance)
        return finding_outcome(status, due)
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        return amount.status, amount.value
    state = run.decision(decision.name, instance).state
    return decision_outcome(state.status, state.candidates, state.certain, asked.value)


def finding_outcome(status: str, due: datetime.date | None) -> Hashable:
    """A finding, as far as two are told apart."""
    return status, None if status == "not_applicable" else due


def decision_outcome(status: str, candidates: Iterable[object], certain: Iterable[object], value: str) -> Hashable:
    """A decision, or with ``value`` that one of its values, as far as two are told apart. What is settled is what it is, whether a
    rule concludes it or nothing else is left."""
    if not value:
        return status, frozenset(map(str, candidates)), frozenset(certain if status != "determined" else ())
    if status == "not_applicable":
        return "不适用"
    return "含" if value in certain else "可能" if value in candidates else "不含"


def targets(program: core.Program, root: Instance, unlisted: frozenset[str] | None = None) -> dict[str, Instance]:
    """What results of a record are about, by how they name it: the record, its rows, what it belongs to with its rows, and the rows
    that stand for lists that were not supplied. ``unlisted``: what `judged` says of the program, where that is known."""
    found: dict[str, Instance] = {}
    for several in instances_of(program, root, judged(program) if unlisted is None else unlisted).values():
        for instance in several:
            path = listed(instance).path
            if instance.unlisted:
                path = f"{path}.{instance.object}" if path.endswith("]") else instance.object
            found.setdefault(path, instance)
    return found


# ---- trials ---------------------------------------------------------------------------------------------------------


class Trials:
    """The programs of a blend, prepared once for all that is asked of them: with ``names`` of these decisions and findings alone, as
    far as they read the programs."""

    def __init__(self, blend: Blend, portfolio: Portfolio, names: Iterable[str] = ()) -> None:
        self.blend = blend
        self.portfolio = portfolio
        self.names = tuple(names)
        self.switches = {atom.number: atom.switch for atom in blend.atoms if atom.switch}
        self.acts = {word: act for act, word in self.switches.items()}
        self.sets = Selections([atom.number for atom in blend.atoms])
        self._chosen = [atom.number for atom in blend.chosen]
        self._sides: dict[Selection, Side] = {}
        self._unders: dict[tuple[Selection, tuple[str, ...]], Under] = {}

    def side(self, chosen: Selection) -> Side:
        """Both programs in one, in which of the acts without a switch those of ``chosen`` are on."""
        found = self._sides.get(chosen)
        if found is None:
            program = self.blend.program(chosen)
            if self.names:
                program = sliced(program, definitions(program), self.names)
            found = self._sides[chosen] = Side(self, program)
        return found

    def under(self, selection: Container[int], names: tuple[str, ...] = ()) -> Interpreter:
        """The whole program under a selection, or with ``names`` as far as these decisions and findings read it."""
        chosen = frozenset(act for act in self._chosen if act in selection)
        found = self._unders.get((chosen, names))
        if found is None:
            side = self.side(chosen)
            found = self._unders[chosen, names] = side.under(names) if names else Under(side.interpreter, self.switches)
        return found(selection)

    def results(self, asked: Asked) -> Results:
        """What something comes to under every selection."""
        try:
            return ByCircuit(self, asked)
        except Unfit:
            return ByDefinition(self, asked)


class Side:
    """One program of a blend, its circuit, and its statistics."""

    def __init__(self, trials: Trials, program: core.Program) -> None:
        self.trials = trials
        self.program = program
        self.graph: Graph = definitions(program)
        self.interpreter = Interpreter(program, "")
        self._counting: dict[str, Counting] = {}
        self._keys: dict[tuple[core.Expr, ...], dict[Instance, Key]] = {}
        self._acts: dict[str, frozenset[int]] = {}
        self.on = {word: trials.sets.on[act] for act, word in trials.switches.items()}
        self._planes: tuple[Instance, Selected] | None = None

    @cached_property
    def lowered(self) -> Lowered:
        """Its circuit."""
        return lowered(self.interpreter.engine, vary=self.trials.switches.values())

    @cached_property
    def _whole(self) -> dict[str, tuple[AnyOutput, ...]]:
        """The outputs of each decision and finding of which the circuit has all."""
        found: dict[str, list[AnyOutput]] = {}
        decisions: tuple[DecisionOutput | AmountOutput, ...] = (*self.lowered.decisions, *self.lowered.amounts)
        for one in decisions:
            found.setdefault(one.decision.name, []).append(one)
        for told in self.lowered.findings:
            found.setdefault(told.declaration.name, []).append(told)
        refused = {one.declaration.name for one in self.lowered.refused}
        return {name: tuple(outputs) for name, outputs in found.items() if name not in refused}

    def cut(self, names: Iterable[Name]) -> tuple[core.Program, dict[int, str]]:
        """The program as far as names read it, with no other parameters, and the switches in it by their acts."""
        read = reachable(self.graph, names)
        program = reaching(self.program, self.graph, read)
        given, acts = self.program.parameters, self.trials.acts
        words = [one.word for one in read if one.kind is Kind.PARAMETER and one.word in given]
        switches = {acts[word]: word for word in words if word in acts}
        return replace(program, parameters={word: given[word] for word in words}), switches

    def under(self, names: Iterable[str]) -> Under:
        """The program as far as decisions and findings read it, under each selection."""
        called = (name for word in names if (name := result_named(self.graph, word)) is not None)
        program, switches = self.cut(called)
        return Under(Interpreter(program, ""), switches)

    def outputs(self, name: str) -> tuple[AnyOutput, ...]:
        """The outputs of a decision or finding; `Unfit` where the circuit has not all of them."""
        found = self._whole.get(name)
        if found is None:
            raise Unfit
        return found

    def planes(self, root: Instance) -> Selected:
        """A record under every selection; what was worked out of the latest one is kept, for whoever asks for another result of it."""
        if self._planes is None or self._planes[0] is not root:
            self._planes = root, Selected(self.interpreter.engine, self.trials.sets, self.on, root, self.counts)
        return self._planes[1]

    def counts(self, name: str, root: Instance, asking: Instance) -> dict[v.Abstract, Plane]:
        """What a statistic comes to for a record under every selection."""
        return self.counting(name)(name, root, asking)

    def counting(self, name: str) -> Counting:
        """A statistic under every selection."""
        found = self._counting.get(name)
        if found is None:
            program, switches = self.cut([Name(Kind.STATISTIC, name)])
            trials = self.trials
            found = self._counting[name] = Counting(
                Interpreter(program, ""), switches, trials.sets, trials.portfolio, self._keys
            )
        return found

    def read_by(self, name: Name) -> frozenset[int]:
        """The acts that a name reads, through any number of names."""
        acts = self.trials.acts
        words = (one.word for one in reachable(self.graph, [name]) if one.kind is Kind.PARAMETER)
        return frozenset(acts[word] for word in words if word in acts)

    def acts_of(self, statistic: str) -> frozenset[int]:
        """The acts that a statistic reads."""
        found = self._acts.get(statistic)
        if found is None:
            found = self._acts[statistic] = self.read_by(Name(Kind.STATISTIC, statistic))
        return found


class Results:
    """What one thing comes to on instances, under every selection of the acts that it reads (``acts``). ``whole``: whether all of them
    are tried, else those of up to ``size`` acts and those that leave out up to ``size``; ``by_definition``: whether the
    definition is asked for each."""

    sets: Selections
    acts: tuple[int, ...]
    whole: bool
    size: int
    by_definition: bool

    def of(self, root: Instance, instance: Instance) -> Split:
        """What it comes to on an instance: each outcome with the selections under which it does."""
        raise NotImplementedError


class ByDefinition(Results):
    """The definition, asked selection by selection."""

    by_definition = True

    def __init__(self, trials: Trials, asked: Asked) -> None:
        self.asked = asked
        self._trials = trials
        self._chosen = chosen_by(trials, asked)
        whole = trials.side(frozenset())
        name = result_named(whole.graph, asked.name)
        read = frozenset[int]() if name is None else whole.read_by(name)
        read |= {atom.number for atom in self._chosen}
        self.sets = trials.sets
        self.acts = trials.sets.ordered(read)
        self.whole = len(self.acts) <= BY_DEFINITION
        sizes = (len(self.acts),) if self.whole else range(SIZE, 0, -1)
        self.size = next((one for one in sizes if len(self.acts) <= MOST_ACTS and _tried(self.acts, one)), 0)
        self._under: dict[Selection, Under] = {}
        self._selected: dict[Selection, tuple[Interpreter, Portfolio]] = {}

    def of(self, root: Instance, instance: Instance) -> Split:
        told: dict[Selection, Hashable] = {}
        for selection in _near(self.acts, self.size):
            interpreter, portfolio = self._select(selection)
            told[selection] = outcome_of(interpreter, running(interpreter, root, portfolio), self.asked, instance)
        self.sets.begin()
        if len(set(told.values())) == 1:
            return dict.fromkeys(told.values(), self.sets.full)
        found: Split = {}
        for selection, outcome in told.items():
            add(found, outcome, self.sets.of(selection, self.acts))
        return found

    def _select(self, selection: Selection) -> tuple[Interpreter, Portfolio]:
        found = self._selected.get(selection)
        if found is None:
            chosen = frozenset(atom.number for atom in self._chosen) & selection
            under = self._under.get(chosen)
            if under is None:
                under = self._under[chosen] = self._trials.side(chosen).under([self.asked.name])
            found = self._selected[selection] = under(selection), Portfolio(self._trials.portfolio.members)
        return found


def chosen_by(trials: Trials, asked: Asked) -> tuple[Atom, ...]:
    """The acts without a switch that may bear on something."""
    if not trials.blend.chosen:
        return ()
    graph = trials.side(frozenset()).graph
    name = result_named(graph, asked.name)
    words = {one.word for one in reachable(graph, [name])} if name is not None else set()
    return tuple(atom for atom in trials.blend.chosen if atom.name in words)


class ByCircuit(Results):
    """Circuits, one for each selection of the acts without a switch."""

    by_definition = False

    def __init__(self, trials: Trials, asked: Asked) -> None:
        chosen = chosen_by(trials, asked)
        if len(chosen) > _CHOSEN:
            raise Unfit
        self.sets = trials.sets
        self._circuits: list[tuple[Plane, _Circuit]] = []
        numbers = [atom.number for atom in chosen]
        for on in _near(numbers, len(numbers)):
            self._circuits.append((self.sets.of(on, numbers), _Circuit(trials.side(on), asked)))
        read = {*numbers, *(act for _, one in self._circuits for act in one.acts)}
        if len(read) > MOST_ACTS:
            raise Unfit
        self.acts = self.sets.ordered(read)
        self.whole, self.size = True, len(self.acts)
        self._found: dict[Hashable, Split] = {}
        self._again: ByDefinition | None = None
        self._trials, self._asked = trials, asked

    def of(self, root: Instance, instance: Instance) -> Split:
        if self._again is None:
            try:
                return self._of(root, instance)
            except Unfit:
                self._again = again = ByDefinition(self._trials, self._asked)
                self.acts, self.whole, self.size, self.by_definition = again.acts, again.whole, again.size, True
        return self._again.of(root, instance)

    def _of(self, root: Instance, instance: Instance) -> Split:
        self.sets.begin()
        alike = tuple([one.alike(root, instance) for _, one in self._circuits])
        found = self._found.get(alike)
        if found is None:
            found = {}
            for there, one in self._circuits:
                for outcome, plane in one.outcomes(root, instance).items():
                    add(found, outcome, plane & there)
            self._found[alike] = found
        return found


def _near(acts: Sequence[int], size: int) -> Iterator[Selection]:
    """The selections of up to ``size`` acts, then those that leave out up to ``size``, each once."""
    every = frozenset(acts)
    small = [frozenset(one) for count in range(size + 1) for one in combinations(acts, count)]
    yield from small
    for one in reversed(small):
        if len(every - one) > size:
            yield every - one


def _tried(acts: Sequence[int], size: int) -> bool:
    """Whether the selections of up to ``size`` acts, and those that leave out as many, are few enough."""
    return 2 * sum(comb(len(acts), count) for count in range(size + 1)) <= MOST_TRIED


class _Circuit:
    """One output of the circuit of one program, wherever it stands."""

    def __init__(self, side: Side, asked: Asked) -> None:
        self.side = side
        self.asked = asked
        self.outputs = side.outputs(asked.name)
        self.shapes = [Shape(self._read(output), side.lowered.root) for output in self.outputs]
        if any(shape.told for shape in self.shapes):
            raise Unfit
        acts = side.trials.acts
        nodes = below([node for output in self.outputs for node in self._read(output)])
        own = {acts[cell.name] for node in nodes for cell in cells_of(node) if cell.object == PARAMETERS}
        statistics = {node.name for node in nodes if isinstance(node, Counted)}
        self.acts = own.union(*map(side.acts_of, statistics))
        self.sets = side.trials.sets
        self._places: tuple[Instance, dict[Instance | str, tuple[int, Element]]] | None = None

    def _read(self, output: AnyOutput) -> Iterator[Bit | Num]:
        match output:
            case AmountOutput(value=value, status=status):
                yield from status.values()
                yield from (value.low, value.high, value.open_low, value.open_high, value.void, value.perhaps)
            case DecisionOutput():
                for truth in self._truths(output):
                    yield from (truth.true, truth.possible)
            case FindingOutput(status=statuses, due=due, due_known=known):
                yield from (*statuses.values(), due, known)

    def _truths(self, output: DecisionOutput) -> list[Truth]:
        found = output.chosen
        if self.asked.value:
            return [found.applies, found.concluded[output.decision.values.index(self.asked.value)]]
        return [found.applies, *found.concluded, *found.rankings]

    def _place(self, root: Instance, instance: Instance) -> tuple[int, Element]:
        """Which output it is, and the element that it stands at."""
        if self._places is None or self._places[0] is not root:
            self._places = root, {}
            for number, output in enumerate(self.outputs):
                for element in elements(output.place.space, root):
                    one = at(output.place, element)
                    # Rows that stand for lists are made when they are asked for.
                    self._places[1].setdefault(one.path if one.unlisted else one, (number, element))
        found = self._places[1].get(instance.path if instance.unlisted else instance)
        if found is None:
            raise Unfit
        return found

    def alike(self, root: Instance, instance: Instance) -> Hashable:
        """What is read of an instance, and what it is told of others; of rows, which instance it is."""
        number, element = self._place(root, instance)
        shape = self.shapes[number]
        if any(node.place.space.parent is not None for node in shape.counted):
            return number, id(root), id(instance)
        counts = self.side.counts
        told = [(node.id, *counts(node.name, root, at(node.place, element)).items()) for node in shape.counted]
        return number, shape.of(element), tuple(told)

    def outcomes(self, root: Instance, instance: Instance) -> Split:
        """What it comes to on an instance."""
        number, element = self._place(root, instance)
        planes = self.side.planes(root)
        match self.outputs[number]:
            case DecisionOutput() as decision:
                return self._decision(decision, planes, element)
            case AmountOutput() as amount:
                return self._amount(amount, planes, element)
            case FindingOutput() as finding:
                return self._finding(finding, planes, element)

    def _decision(self, output: DecisionOutput, planes: Selected, element: Element) -> Split:
        classes: list[tuple[Plane, tuple[bool | None, ...]]] = [(self.sets.full, ())]
        for truth in self._truths(output):
            true, possible = planes.bit(truth.true, element), planes.bit(truth.possible, element)
            kinds: tuple[tuple[Plane, bool | None], ...] = (
                (true, True),
                (possible & ~true, None),
                (~possible, False),
            )
            classes = [
                (both, (*truths, one)) for plane, truths in classes for kind, one in kinds if (both := plane & kind)
            ]
        found: Split = {}
        for plane, truths in classes:
            add(found, self._outcome(output.decision, truths), plane)
        return found

    def _outcome(self, decision: core.Decision, truths: Sequence[bool | None]) -> Hashable:
        values, asked = decision.values, self.asked.value
        if asked:
            # Of several values each stands for itself.
            concluded = [truths[1] if value == asked else False for value in values]
            state = decided(decision, truths[0], concluded, [False for _ in decision.ranks])
        else:
            state = decided(decision, truths[0], truths[1 : 1 + len(values)], truths[1 + len(values) :])
        return decision_outcome(state.status, state.candidates, state.certain, asked)

    def _amount(self, output: AmountOutput, planes: Selected, element: Element) -> Split:
        value, full = output.value, self.sets.full
        void, perhaps = planes.bit(value.void, element), planes.bit(value.perhaps, element)
        ends: list[Split] = []
        for number, open_ in ((value.low, value.open_low), (value.high, value.open_high)):
            plane = planes.bit(open_, element) | void
            end: Split = {None: plane} if plane else {}
            for one, there in planes.number(number, element).items() if plane is not full else ():
                if rest := there & ~plane:
                    add(end, one, rest)
            ends.append(end)
        found: Split = {}
        for status, bit in output.status.items():
            stands = planes.bit(bit, element)
            for gone, maybe in product((False, True), repeat=2) if stands else ():
                plane = stands & (void if gone else ~void) & (perhaps if maybe else ~perhaps)
                for low, lows in ends[0].items() if plane else ():
                    for high, highs in ends[1].items():
                        if both := plane & lows & highs:
                            add(found, (status, v.VOID if gone else v.interval(low, high, maybe)), both)
        return found

    def _finding(self, output: FindingOutput, planes: Selected, element: Element) -> Split:
        known = planes.bit(output.due_known, element)
        dues: Split = {None: ~known} if known is not self.sets.full else {}
        for due, there in planes.number(output.due, element).items() if known else ():
            if both := there & known:
                add(dues, due, both)
        found: Split = {}
        for status, bit in output.status.items():
            stands = planes.bit(bit, element)
            for due, there in dues.items():
                if both := stands & there:
                    add(found, finding_outcome(status, due), both)
        return found

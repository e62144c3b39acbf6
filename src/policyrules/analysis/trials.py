"""What results come to under every selection of the acts by which two programs differ.

Why this exists: whoever asks which acts are enough needs the result under thousands of selections; one circuit of both programs
(`analysis.atoms`), its switches as inputs, tells all of them at once, and the definition is asked where a circuit cannot be had.

Invariants: which acts an output may turn on is read off the circuit and off what its statistics read, never guessed; outcomes
are told apart as the comparison of two results tells them apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from policyrules.analysis.atoms import Atom, Blend
from policyrules.analysis.counting import Counting, Under, running
from policyrules.analysis.lattice import Columns, Plane, Selection
from policyrules.analysis.planes import Counts, Element, Planes, Shape, Split, Unfit, at, elements
from policyrules.engine import values as v
from policyrules.engine.compiled.tables import decided
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.lowering.lower import PARAMETERS
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput, Lowered, lowered
from policyrules.engine.lowering.nodes import Bit, Counted, Num, cells_of
from policyrules.engine.lowering.nodes import reachable as below
from policyrules.engine.lowering.values import Truth
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.unlisted import judged, listed
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, Name, definitions, reachable, reaching, result_named, sliced

Output: TypeAlias = DecisionOutput | AmountOutput | FindingOutput

BY_DEFINITION: Final = 10
"""Up to so many acts all selections are tried where the definition has to be asked for each of them."""
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
        status, due, _ = interpreter.standing(run, declaration, instance)
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
    """A decision, or with ``value`` that one of its values, as far as two are told apart."""
    if not value:
        return status, frozenset(map(str, candidates)), frozenset(certain)
    if status == "not_applicable":
        return "不适用"
    return "含" if value in certain else "可能" if value in candidates else "不含"


def targets(program: core.Program, root: Instance) -> dict[str, Instance]:
    """What results of a record are about, by how they name it: the record, its rows, what it belongs to with its rows, and the rows
    that stand for lists that were not supplied."""
    found: dict[str, Instance] = {}
    for several in instances_of(program, root, judged(program)).values():
        for instance in several:
            path = listed(instance).path
            if instance.unlisted:
                path = f"{path}.{instance.object}" if path.endswith("]") else instance.object
            found.setdefault(path, instance)
    return found


# ---- trials ---------------------------------------------------------------------------------------------------------


class Trials:
    """The programs of a blend, prepared once for all that is asked of them."""

    def __init__(self, blend: Blend, portfolio: Portfolio) -> None:
        self.blend = blend
        self.portfolio = portfolio
        self.switches = {atom.number: atom.switch for atom in blend.atoms if atom.switch}
        self._sides: dict[Selection, Side] = {}
        self._unders: dict[Selection, Under] = {}

    def side(self, chosen: Selection) -> Side:
        """Both programs in one, in which of the acts without a switch those of ``chosen`` are on."""
        found = self._sides.get(chosen)
        if found is None:
            found = self._sides[chosen] = Side(self, self.blend.program(chosen))
        return found

    def under(self, selection: Selection) -> Interpreter:
        """The whole program under a selection."""
        chosen = frozenset(atom.number for atom in self.blend.chosen) & selection
        found = self._unders.get(chosen)
        if found is None:
            found = self._unders[chosen] = Under(self.side(chosen).interpreter, self.switches)
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
        self._lowered: Lowered | None = None
        self._counting: dict[tuple[frozenset[int], frozenset[str]], Counting] = {}
        self._acts: dict[str, frozenset[int]] = {}

    @property
    def lowered(self) -> Lowered:
        """Its circuit."""
        if self._lowered is None:
            self._lowered = lowered(self.interpreter.engine, vary=self.trials.switches.values())
        return self._lowered

    def outputs(self, name: str) -> tuple[Output, ...]:
        """The outputs of a decision or finding; `Unfit` where the circuit has not all of them."""
        whole = self.lowered
        if any(one.declaration.name == name for one in whole.refused):
            raise Unfit
        found: tuple[Output, ...] = (
            *(one for one in whole.decisions if one.decision.name == name),
            *(one for one in whole.amounts if one.decision.name == name),
            *(one for one in whole.findings if one.declaration.name == name),
        )
        if not found:
            raise Unfit
        return found

    def counting(self, acts: Sequence[int], names: Iterable[str]) -> Counting:
        """The statistics ``names`` under every selection of ``acts``."""
        names = tuple(names)
        key = frozenset(acts), frozenset(names)
        found = self._counting.get(key)
        if found is None:
            program = reaching(self.program, self.graph, [Name(Kind.STATISTIC, name) for name in names])
            columns = Columns(acts)
            if not columns.whole:
                raise Unfit
            switches = {act: self.trials.switches[act] for act in acts}
            found = self._counting[key] = Counting(Interpreter(program, ""), switches, columns, self.trials.portfolio)
        return found

    def read_by(self, name: Name) -> frozenset[int]:
        """The acts that a name reads, through any number of names."""
        words = {one.word for one in reachable(self.graph, [name]) if one.kind is Kind.PARAMETER}
        return frozenset(act for act, word in self.trials.switches.items() if word in words)

    def acts_of(self, statistic: str) -> frozenset[int]:
        """The acts that a statistic reads."""
        found = self._acts.get(statistic)
        if found is None:
            found = self._acts[statistic] = self.read_by(Name(Kind.STATISTIC, statistic))
        return found


class Results:
    """What one thing comes to on instances, under every column. ``by_definition``: whether the definition is asked for each."""

    columns: Columns
    by_definition: bool

    def of(self, root: Instance, instance: Instance) -> Split:
        """What it comes to on an instance of a record: each outcome with the columns in which it does."""
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
        acts = [act for act in trials.switches if act in read]
        self.columns = Columns([*acts, *(atom.number for atom in self._chosen)], whole=BY_DEFINITION)
        self._under: dict[Selection, Under] = {}
        self._selected: dict[Selection, tuple[Interpreter, Portfolio]] = {}

    def of(self, root: Instance, instance: Instance) -> Split:
        found: Split = {}
        for column in range(self.columns.count):
            interpreter, portfolio = self._select(self.columns.selection(column))
            outcome = outcome_of(interpreter, running(interpreter, root, portfolio), self.asked, instance)
            found[outcome] = found.get(outcome, 0) | 1 << column
        return found

    def _select(self, selection: Selection) -> tuple[Interpreter, Portfolio]:
        found = self._selected.get(selection)
        if found is None:
            chosen = frozenset(atom.number for atom in self._chosen) & selection
            under = self._under.get(chosen)
            if under is None:
                side = self._trials.side(chosen)
                program = sliced(side.program, side.graph, [self.asked.name])
                under = self._under[chosen] = Under(Interpreter(program, ""), self._trials.switches)
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
    """Circuits, one for each selection of the acts without a switch, and their columns side by side."""

    by_definition = False

    def __init__(self, trials: Trials, asked: Asked) -> None:
        chosen = chosen_by(trials, asked)
        if len(chosen) > _CHOSEN:
            raise Unfit
        sides: list[Side] = []
        for answers in product((False, True), repeat=len(chosen)):
            # The first of them has the lowest place.
            on = frozenset(atom.number for atom, answer in zip(chosen, reversed(answers), strict=True) if answer)
            sides.append(trials.side(on))
        circuits = [_Circuit(side, asked) for side in sides]
        counted = {act for one in circuits for act in one.counted_acts}
        read = {act for one in circuits for act in one.acts}
        # What statistics turn on has the lowest places, so that their columns are repeated.
        lower = [act for act in trials.switches if act in counted]
        inner = Columns([*lower, *(act for act in trials.switches if act in read - counted)])
        self.columns = Columns([*inner.acts, *(atom.number for atom in chosen)]) if chosen else inner
        if chosen and not self.columns.whole:
            raise Unfit
        for one in circuits:
            one.start(inner, lower)
        self._circuits = circuits
        self._width = inner.count
        self._found: dict[Hashable, Split] = {}
        self._again: ByDefinition | None = None
        self._trials, self._asked = trials, asked

    def of(self, root: Instance, instance: Instance) -> Split:
        if self._again is None:
            try:
                return self._of(root, instance)
            except Unfit:
                self._again = ByDefinition(self._trials, self._asked)
                self.columns, self.by_definition = self._again.columns, True
        return self._again.of(root, instance)

    def _of(self, root: Instance, instance: Instance) -> Split:
        alike = tuple([one.alike(root, instance) for one in self._circuits])
        found = self._found.get(alike)
        if found is None:
            found = {}
            for place, one in enumerate(self._circuits):
                for outcome, plane in one.outcomes(root, instance).items():
                    found[outcome] = found.get(outcome, 0) | plane << (place * self._width)
            self._found[alike] = found
        return found


class _Circuit:
    """One output of the circuit of one program, wherever it stands."""

    def __init__(self, side: Side, asked: Asked) -> None:
        self.side = side
        self.asked = asked
        self.outputs = side.outputs(asked.name)
        self.shapes = [Shape(self._read(output), side.lowered.root) for output in self.outputs]
        if any(shape.told for shape in self.shapes):
            raise Unfit
        numbers = {word: act for act, word in side.trials.switches.items()}
        nodes = below([node for output in self.outputs for node in self._read(output)])
        self.acts = frozenset(
            numbers[cell.name] for node in nodes for cell in cells_of(node) if cell.object == PARAMETERS
        )
        self.statistics = tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, Counted)))
        self.counted_acts = frozenset(act for name in self.statistics for act in side.acts_of(name))

    def _read(self, output: Output) -> Iterator[Bit | Num]:
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

    def start(self, columns: Columns, lower: Sequence[int]) -> None:
        """Prepare for columns, of which those of ``lower`` are told by statistics."""
        self.columns = columns
        self.on = {self.side.trials.switches[act]: plane for act, plane in columns.on.items()}
        self.counts: Counts | None = None
        if self.statistics:
            counting = self.side.counting(lower, self.statistics)
            self.counts = counting if lower == list(columns.acts) else Lifted(counting, columns)

    def _place(self, root: Instance, instance: Instance) -> tuple[int, Element]:
        """Which output it is, and the element that it stands at."""
        for number, output in enumerate(self.outputs):
            for element in elements(output.place.space, root):
                one = at(output.place, element)
                if one is instance or (instance.unlisted and one.unlisted and one.path == instance.path):
                    return number, element
        raise Unfit

    def _counts(self, name: str, root: Instance, asking: Instance) -> dict[v.Abstract, Plane]:
        assert self.counts is not None
        return self.counts(name, root, asking)

    def alike(self, root: Instance, instance: Instance) -> Hashable:
        """What is read of an instance, and what it is told of others; of rows, which instance it is."""
        number, element = self._place(root, instance)
        shape = self.shapes[number]
        if any(node.place.space.parent is not None for node in shape.counted):
            return number, id(root), id(instance)
        told = [(node.id, *self._counts(node.name, root, at(node.place, element)).items()) for node in shape.counted]
        return number, shape.of(element), tuple(told)

    def outcomes(self, root: Instance, instance: Instance) -> Split:
        """What it comes to on an instance."""
        number, element = self._place(root, instance)
        planes = Planes(self.side.interpreter.engine, self.on, self.columns.full, root, self._counts)
        match self.outputs[number]:
            case DecisionOutput() as decision:
                return self._decision(decision, planes, element)
            case AmountOutput() as amount:
                return self._amount(amount, planes, element)
            case FindingOutput() as finding:
                return self._finding(finding, planes, element)

    def _decision(self, output: DecisionOutput, planes: Planes, element: Element) -> Split:
        classes: list[tuple[Plane, tuple[bool | None, ...]]] = [(self.columns.full, ())]
        for truth in self._truths(output):
            true, possible = planes.bit(truth.true, element), planes.bit(truth.possible, element)
            kinds: tuple[tuple[Plane, bool | None], ...] = (
                (true, True),
                (possible & ~true, None),
                (self.columns.full & ~possible, False),
            )
            classes = [
                (plane & kind, (*truths, one)) for plane, truths in classes for kind, one in kinds if plane & kind
            ]
        found: Split = {}
        for plane, truths in classes:
            outcome = self._outcome(output.decision, truths)
            found[outcome] = found.get(outcome, 0) | plane
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

    def _amount(self, output: AmountOutput, planes: Planes, element: Element) -> Split:
        value, full = output.value, self.columns.full
        void, perhaps = planes.bit(value.void, element), planes.bit(value.perhaps, element)
        ends: list[Split] = []
        for number, open_ in ((value.low, value.open_low), (value.high, value.open_high)):
            plane = planes.bit(open_, element) | void
            end: Split = {None: plane} if plane else {}
            for one, columns in planes.number(number, element).items() if plane != full else ():
                if columns & ~plane:
                    end[one] = end.get(one, 0) | columns & ~plane
            ends.append(end)
        found: Split = {}
        for status, bit in output.status.items():
            stands = planes.bit(bit, element)
            for gone, maybe in product((False, True), repeat=2) if stands else ():
                plane = stands & (void if gone else full & ~void) & (perhaps if maybe else full & ~perhaps)
                for low, lows in ends[0].items() if plane else ():
                    for high, highs in ends[1].items():
                        if both := plane & lows & highs:
                            outcome = status, v.VOID if gone else v.interval(low, high, maybe)
                            found[outcome] = found.get(outcome, 0) | both
        return found

    def _finding(self, output: FindingOutput, planes: Planes, element: Element) -> Split:
        known = planes.bit(output.due_known, element)
        dues: Split = {None: self.columns.full & ~known} if known != self.columns.full else {}
        for due, columns in planes.number(output.due, element).items() if known else ():
            if columns & known:
                dues[due] = dues.get(due, 0) | columns & known
        found: Split = {}
        for status, bit in output.status.items():
            stands = planes.bit(bit, element)
            for due, columns in dues.items():
                if both := stands & columns:
                    outcome = finding_outcome(status, due)
                    found[outcome] = found.get(outcome, 0) | both
        return found


class Lifted:
    """Statistics that turn on some of the acts, under the columns of all of them."""

    def __init__(self, counting: Counting, columns: Columns) -> None:
        self._counting = counting
        self._columns = columns
        lower = counting.columns
        self._times = columns.full // lower.full if columns.whole else 0
        places = {act: 1 << place for place, act in enumerate(lower.acts)}
        self._below = (
            []
            if columns.whole
            else [sum(places.get(act, 0) for act in columns.selection(column)) for column in range(columns.count)]
        )
        self._found: dict[Plane, Plane] = {}

    def __call__(self, name: str, root: Instance, asking: Instance) -> dict[v.Abstract, Plane]:
        """What a statistic comes to."""
        return {value: self._lift(plane) for value, plane in self._counting(name, root, asking).items()}

    def _lift(self, plane: Plane) -> Plane:
        if self._columns.whole:
            return plane * self._times
        found = self._found.get(plane)
        if found is None:
            bits = "".join("1" if plane >> column & 1 else "0" for column in reversed(self._below))
            found = self._found[plane] = int(bits, 2)
        return found

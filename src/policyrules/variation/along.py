"""A circuit worked out for one record along an axis: what every node is from one end of a parameter, or of a stretch of days, to
the other.

Why this exists: sweeps and dates ask where any result changes. One circuit of the program with the parameter as an input tells
it, record by record, for all places at once (`piecewise`).

Invariants: what is told at a place is the definition's; what does not turn on the parameter and is not in the circuit is asked of
the definition; what turns on it and cannot be told exactly is refused (`Unfit`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from policyrules.analysis.planes import NOTHING, Element, at, cell_value, within
from policyrules.engine import values as v
from policyrules.engine.compiled.contributing import items, ranged, texts
from policyrules.engine.compiled.parts import PARTS, parts_of
from policyrules.engine.compiled.tables import decided
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.lowered import DecisionOutput, Lowered
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.engine.lowering.values import Items, Options, Range, TextSet, Truth
from policyrules.engine.lowering.values import Lowered as Value
from policyrules.program.graph import Graph, Kind, Name, reachable, reads
from policyrules.program.walk import walk
from policyrules.variation import piecewise as p
from policyrules.variation.model import State
from policyrules.variation.piecewise import Axis, Curve, Cut, Moving, Steps, Unfit, combined
from policyrules.variation.study import decision_state
from policyrules.variation.work import Work

Runs: TypeAlias = Callable[[Instance], Run]
"""The evaluation of a record by the definition, under any value of the parameter."""
Counted: TypeAlias = Callable[[str, Instance, Instance], Moving]
"""A statistic that turns on the parameter: its name, the record, the instance that asks."""

_MISSING: Final = object()
RUN: Final = 20
"""Steps that asking the definition of a record, or of one piece of a statistic, takes."""
TESTS: Final = frozenset({n.Compare, n.Defined, n.BitOf})
"""Nodes that compare numbers; all that turns, turns there."""


class Circuit:
    """A circuit, and what of it turns on the parameter ``varied``."""

    def __init__(self, lowered: Lowered, varied: str) -> None:
        self.lowered = lowered
        self.varied = varied
        self.graph: Graph = lowered.engine.graph
        self.functions = functions(lowered.engine.working_days)
        self.turning: set[int] = set()
        self.depths: list[int] = []
        for node in lowered.circuit.nodes:
            self.depths.append(-1 if node.space is None else node.space.depth)
            if self._turns(node) or any(part.id in self.turning for part in n.operands(node)):
                self.turning.add(node.id)
        self._ordered: dict[int, tuple[n.Bit, ...]] = {}

    def _turns(self, node: n.AnyNode) -> bool:
        match node:
            case n.Counted(name=name):
                return self.statistic_turns(name)
            case n.Told(expression=expression):
                presumed = self.lowered.engine.program.presumptions
                names = [name for part in walk(expression) for name in reads(part, presumed)]
                return self._names_turn([name for name in names if name in self.graph])
            case _:
                return any(cell.object == PARAMETERS and cell.name == self.varied for cell in n.cells_of(node))

    def statistic_turns(self, name: str) -> bool:
        """Whether a statistic turns on the parameter."""
        return self._names_turn([Name(Kind.STATISTIC, name)])

    def _names_turn(self, names: list[Name]) -> bool:
        return Name(Kind.PARAMETER, self.varied) in reachable(self.graph, names)

    def ordered(self, node: n.AllOf | n.AnyOf) -> tuple[n.Bit, ...]:
        """The bits of a node, first those that are the same everywhere."""
        found = self._ordered.get(node.id)
        if found is None:
            found = self._ordered[node.id] = tuple(sorted(node.bits, key=lambda bit: bit.id in self.turning))
        return found


class Along:
    """A circuit along an axis, record by record. ``noted``: of the record at hand where tests turn, by their nodes."""

    def __init__(self, circuit: Circuit, axis: Axis, runs: Runs, counted: Counted | None, work: Work) -> None:
        self.circuit = circuit
        self.axis = axis
        self.noted: dict[int, set[Cut]] = {}
        self._runs = runs
        self._counted = counted
        self._work = work
        self._depths = circuit.depths
        self._pure: dict[int, Moving] = {}
        self._found: dict[Any, Moving] = {}
        self._run: Run | None = None
        self._root: Instance | None = None

    def start(self, root: Instance) -> None:
        """Go on to a record."""
        self._root, self._run = root, None
        self._found.clear()
        self.noted.clear()

    # ---- asking

    def bit(self, node: n.Bit, element: Element) -> Moving:
        """What a bit is."""
        return self._ask(node, element)

    def node(self, node: n.AnyNode, element: Element) -> Moving:
        """What a node is; of a number that there is not, `NOTHING`."""
        return self._ask(node, element)

    def _ask(self, node: Any, element: Element) -> Moving:
        depth = self._depths[node.id]
        if depth <= 0:
            found = (self._pure if depth < 0 else self._found).get(node.id, _MISSING)
            if found is _MISSING:
                found = self._worked_out(node, element[: depth + 1])
                (self._pure if depth < 0 else self._found)[node.id] = found
        else:
            inner = element[: depth + 1]
            key = (node.id, inner)
            found = self._found.get(key, _MISSING)
            if found is _MISSING:
                found = self._found[key] = self._worked_out(node, inner)
        if type(found) is Steps and type(node) in TESTS:
            self.noted.setdefault(node.id, set()).update(found.cuts)
        return found

    def _worked_out(self, node: Any, element: Element) -> Moving:
        found = _MEANINGS[type(node)](self, node, element)
        self._work.spend(1 + len(p.cuts_of(found)))
        return found

    # ---- bits

    def _fixed(self, node: n.Fixed, element: Element) -> Moving:
        return node.value

    def _in(self, node: n.In, element: Element) -> Moving:
        cell = node.cell
        if cell.object == PARAMETERS:
            # It has a value everywhere.
            return node.rest
        held = at(cell.place, element).values.get(cell.name)
        return any(type(held) is type(one) and held == one for one in node.values) is not node.rest

    def _holds(self, node: n.Holds, element: Element) -> Moving:
        return node.item in (cell_value(node.cell, element) or ())

    def _holds_other(self, node: n.HoldsOther, element: Element) -> Moving:
        return any(one not in node.items for one in cell_value(node.cell, element) or ())

    def _meets(self, node: n.Meets, element: Element) -> Moving:
        left, right = cell_value(node.left, element), cell_value(node.right, element)
        return not frozenset(left or ()).isdisjoint(right or ())

    def _same_text(self, node: n.SameText, element: Element) -> Moving:
        text = cell_value(node.left, element)
        return text is not None and text == cell_value(node.right, element)

    def _compare(self, node: n.Compare, element: Element) -> Moving:
        left, right = self._ask(node.left, element), self._ask(node.right, element)
        if type(left) not in _MOVES and type(right) not in _MOVES:
            return p.compared(self.axis, node.order, left, right, None, None)
        return p.within(
            (left, right),
            lambda ends, start, end: p.compared(self.axis, node.order, ends[0], ends[1], start, end),
        )

    def _neg(self, node: n.Neg, element: Element) -> Moving:
        bit = self._ask(node.bit, element)
        return Steps(bit.cuts, [not one for one in bit.values]) if type(bit) is Steps else not bit

    def _all_of(self, node: n.AllOf, element: Element) -> Moving:
        turning: list[Moving] = []
        for bit in self.circuit.ordered(node):
            found = self._ask(bit, element)
            if found is False:
                return False
            if found is not True:
                turning.append(found)
        return combined(turning, lambda *held: all(held)) if turning else True

    def _any_of(self, node: n.AnyOf, element: Element) -> Moving:
        turning: list[Moving] = []
        for bit in self.circuit.ordered(node):
            found = self._ask(bit, element)
            if found is True:
                return True
            if found is not False:
                turning.append(found)
        return combined(turning, lambda *held: any(held)) if turning else False

    def _enough(self, node: n.Enough, element: Element) -> Moving:
        held = p.counted(self._ask(bit, element) for bit in node.bits)
        return combined([held], lambda number: number >= node.count)

    def _some_row(self, node: n.SomeRow, element: Element) -> Moving:
        turning: list[Moving] = []
        for inner in within(node.rows, element):
            found = self._ask(node.bit, inner)
            if found is True:
                return True
            if found is not False:
                turning.append(found)
        return combined(turning, lambda *held: any(held)) if turning else False

    def _has_list(self, node: n.HasList, element: Element) -> Moving:
        return at(node.place, element).rows.get(node.object) is not None

    def _defined(self, node: n.Defined, element: Element) -> Moving:
        return self._calls(node.call, element, defined=True)

    def _bit_of(self, node: n.BitOf, element: Element) -> Moving:
        truth, place = node.part in ("true", "possible"), PARTS[node.part]
        return combined(
            [self._foreign(node.value, element)], lambda one: bool(parts_of(one, truth=truth, day=False)[place])
        )

    # ---- numbers

    def _const(self, node: n.Const, element: Element) -> Moving:
        return node.value

    def _read(self, node: n.Read, element: Element) -> Moving:
        if node.cell.object == PARAMETERS:
            return self.axis.identity()
        held = cell_value(node.cell, element)
        return NOTHING if held is None else held

    def _size_of(self, node: n.SizeOf, element: Element) -> Moving:
        held = cell_value(node.cell, element)
        return NOTHING if held is None else len(held)

    def _linear(self, node: n.Linear, element: Element) -> Moving:
        factors = [factor for factor, _ in node.terms]
        return p.within(
            [self._ask(number, element) for _, number in node.terms],
            lambda ends, start, end: p.added(
                self.axis, node.constant, list(zip(factors, ends, strict=True)), start, end
            ),
        )

    def _times(self, node: n.Times, element: Element) -> Moving:
        return self._two(p.multiplied, self._ask(node.left, element), self._ask(node.right, element))

    def _over(self, node: n.Over, element: Element) -> Moving:
        return self._two(p.divided, self._ask(node.left, element), self._ask(node.right, element))

    def _two(self, meaning: Callable[..., Moving], left: Moving, right: Moving) -> Moving:
        return p.within((left, right), lambda ends, start, end: meaning(self.axis, ends[0], ends[1], start, end))

    def _extremum(self, node: n.Extremum, element: Element) -> Moving:
        found = self._ask(node.numbers[0], element)
        for number in node.numbers[1:]:
            found = self._farther(node.largest, found, self._ask(number, element))
        return found

    def _farther(self, largest: bool, left: Moving, right: Moving) -> Moving:
        return p.within(
            (left, right),
            lambda ends, start, end: p.farther(self.axis, largest, ends[0], ends[1], start, end),
        )

    def _choice(self, node: n.Choice, element: Element) -> Moving:
        bit = self._ask(node.bit, element)
        if type(bit) is not Steps:
            return self._ask(node.yes if bit else node.no, element)
        both = (bit, self._ask(node.yes, element), self._ask(node.no, element))
        return combined(both, lambda holds, yes, no: yes if holds else no)

    def _how_many(self, node: n.HowMany, element: Element) -> Moving:
        return p.counted(self._ask(bit, element) for bit in node.bits)

    def _row_count(self, node: n.RowCount, element: Element) -> Moving:
        return p.counted(self._ask(node.bit, inner) for inner in within(node.rows, element))

    def _row_sum(self, node: n.RowSum, element: Element) -> Moving:
        parts = self._rows(node, element, 0)
        return p.within(
            parts,
            lambda ends, start, end: p.added(self.axis, 0, [(1, one) for one in ends], start, end),
        )

    def _row_extremum(self, node: n.RowExtremum, element: Element) -> Moving:
        found: Moving = None
        for part in self._rows(node, element, None):
            found = self._farther(node.largest, found, part)
        return combined([found], lambda one: NOTHING if one is None else one)

    def _rows(self, node: n.RowSum | n.RowExtremum, element: Element, outside: Any) -> list[Moving]:
        parts: list[Moving] = []
        for inner in within(node.rows, element):
            bit = self._ask(node.bit, inner)
            if bit is True:
                parts.append(self._ask(node.number, inner))
            elif bit is not False:
                both = (bit, self._ask(node.number, inner))
                parts.append(combined(both, lambda holds, one: one if holds else outside))
        return parts

    def _call(self, node: n.Call, element: Element) -> Moving:
        return self._calls(node, element, defined=False)

    def _calls(self, node: n.Call, element: Element, *, defined: bool) -> Moving:
        function, fixed = self.circuit.functions[node.name], node.fixed
        return p.within(
            [self._ask(number, element) for number in node.arguments],
            lambda ends, start, end: p.called(
                self.axis, node.name, lambda *given: function(*given, *fixed), ends, start, end, defined=defined
            ),
        )

    def _num_of(self, node: n.NumOf, element: Element) -> Moving:
        def end(value: v.Abstract) -> Any:
            low, high, _ = v.bounds(value)
            bound = low if node.part == "low" else high
            return NOTHING if bound is None else bound

        return combined([self._foreign(node.value, element)], end)

    def _foreign(self, node: n.Foreign, element: Element) -> Moving:
        key = ("foreign", node.id, element)
        found = self._found.get(key, _MISSING)
        if found is _MISSING:
            found = self._found[key] = self._asked(node, element)
        self._work.spend(1 + len(p.cuts_of(found)))
        return found

    def _asked(self, node: n.Foreign, element: Element) -> Moving:
        assert self._root is not None
        turns = node.id in self.circuit.turning
        if isinstance(node, n.Counted):
            asking = at(node.place, element)
            if not turns:
                return self.run().statistic(node.name, asking).value
            if self._counted is None:
                raise Unfit
            return self._counted(node.name, self._root, asking)
        if turns:
            raise Unfit
        frames = tuple([at(place, element) for place in node.places])
        return evaluate(self.run(), node.expression, frames).value

    def run(self) -> Run:
        """The definition, of the record at hand."""
        if self._run is None:
            assert self._root is not None
            self._work.spend(RUN)
            self._run = self._runs(self._root)
        return self._run

    # ---- what several nodes make

    def value(self, value: Value, element: Element) -> Moving:
        """A value of the definition, known or not. Raises `Unfit` where it moves between cuts."""
        match value:
            case Truth(true, possible):
                both = (self._ask(true, element), self._ask(possible, element))
                return combined(both, lambda sure, may: True if sure else None if may else False)
            case Range(low, high, open_low, open_high, void, perhaps):
                return self._range((low, high), (open_low, open_high, void, perhaps), element)
            case Options(options, any_):
                bits = [self._ask(bit, element) for bit, _ in options]
                told = [cell_value(one, element) if isinstance(one, n.Cell) else one for _, one in options]
                return combined(
                    [self._ask(any_, element), *bits],
                    lambda anything, *may: texts(anything, list(zip(may, told, strict=True))),
                )
            case Items(held):
                truths = [self.value(truth, element) for truth in held.values()]
                return combined(truths, lambda *found: items(list(zip(held, found, strict=True))))
            case TextSet(cell):
                text = None if cell is None else cell_value(cell, element)
                return v.SetRange(frozenset(), None) if text is None else text

    def _range(self, ends: tuple[n.Num, n.Num], bits: tuple[n.Bit, ...], element: Element) -> Moving:
        told = [self._ask(bit, element) for bit in bits]
        numbers: list[Moving] = []
        for number, open_ in zip(ends, told, strict=False):
            # What is open everywhere is not asked for.
            numbers.append(0 if open_ is True else self._settled(self._ask(number, element)))
        return combined([*numbers, *told], lambda low, high, *held: ranged(low, high, *held))

    def _settled(self, number: Moving) -> Moving:
        """A number without what moves between cuts."""
        return p.within(
            [number],
            lambda ends, start, end: (
                p.tabulated(self.axis, start, end, ends[0].at) if type(ends[0]) is Curve else ends[0]
            ),
        )


_MOVES: Final = frozenset({Steps, Curve})


_MEANINGS: Final[Mapping[type, Callable[[Along, Any, Element], Moving]]] = {
    n.Fixed: Along._fixed,
    n.In: Along._in,
    n.Holds: Along._holds,
    n.HoldsOther: Along._holds_other,
    n.Meets: Along._meets,
    n.SameText: Along._same_text,
    n.Compare: Along._compare,
    n.Neg: Along._neg,
    n.AllOf: Along._all_of,
    n.AnyOf: Along._any_of,
    n.Enough: Along._enough,
    n.SomeRow: Along._some_row,
    n.HasList: Along._has_list,
    n.Defined: Along._defined,
    n.BitOf: Along._bit_of,
    n.Const: Along._const,
    n.Read: Along._read,
    n.Linear: Along._linear,
    n.Times: Along._times,
    n.Over: Along._over,
    n.Extremum: Along._extremum,
    n.Choice: Along._choice,
    n.HowMany: Along._how_many,
    n.SizeOf: Along._size_of,
    n.RowCount: Along._row_count,
    n.RowSum: Along._row_sum,
    n.RowExtremum: Along._row_extremum,
    n.Call: Along._call,
    n.NumOf: Along._num_of,
}
"""What each sort of node means; there are no switches here."""


class Decisions:
    """What decisions come to, from what a circuit says of them."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, tuple[bool, ...]], State] = {}

    def state(self, along: Along, output: DecisionOutput, element: Element) -> Moving:
        """How a decision stands, everywhere."""
        found = output.chosen
        bits: list[Moving] = []
        for truth in (found.applies, *found.concluded, *found.rankings):
            bits += (along.bit(truth.true, element), along.bit(truth.possible, element))
        return combined(bits, lambda *held: self._state(output, held))

    def _state(self, output: DecisionOutput, held: tuple[bool, ...]) -> State:
        decision = output.decision
        key = (decision.name, held)
        told = self._told.get(key)
        if told is None:
            truths = [True if sure else None if may else False for sure, may in zip(held[::2], held[1::2], strict=True)]
            count = 1 + len(decision.values)
            stands = decided(decision, truths[0], truths[1:count], truths[count:])
            told = self._told[key] = decision_state(stands.status, stands.candidates)
        return told

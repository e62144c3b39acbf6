"""One record with some of its inputs freed: what a decision comes to for everything that they may hold, all at once.

Why this exists: the nearest change and the value of a blank both ask what a result comes to if an input held something else. What
matters of an input is a handful of values; every selection of them is a column (`variation.selections`), and the circuit of the
decision (`analysis.planes`) is worked out once for all columns.

Invariants: no record is changed; of a number and a day one value stands for each stretch on which nothing turns
(`variation.breaking`), of a set that rules ask for many items its changes by one or two; what the circuit
asks of others (statistics, what is not lowered) the definition tells of a changed copy of the record.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final, TypeAlias

from policyrules.analysis.lattice import Unfit
from policyrules.analysis.planes import NOTHING, Element, Planes, Shape, at, elements
from policyrules.analysis.trials import targets
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance, label_of, line_above
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, lowered, roots
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Name, definitions, inputs, reachable, reads, sliced
from policyrules.program.graph import Kind as Named
from policyrules.program.walk import walk
from policyrules.spelling import fold_word
from policyrules.types import ORDERED, Kind, Value
from policyrules.variation.breaking import Breaks, Sought, stretches
from policyrules.variation.model import State
from policyrules.variation.selections import Given, Input, Spot, singles
from policyrules.variation.study import state_in

Outcome: TypeAlias = tuple[str, str]
"""How a decision stands, and where it is determined its value ('' of an amount)."""

MOST_ASKED: Final = 200
"""Of so many different changes of one record the definition is asked."""
OTHER: Final = "（其他）"
"""Stands for the texts that no rule names."""
_FEW_ITEMS: Final = 5
_ALL_ITEMS: Final = 3
_PASSES: Final = 3
_MOST_KEPT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Subject:
    """An object of a record that is asked about, by its path; ``element``: where it is in the circuit, None where that does not hold
    the decision."""

    root: Instance
    path: str
    element: Element | None


# ---- changed records ------------------------------------------------------------------------------------------------


def copied(root: Instance, values: Mapping[Spot, Value | None]) -> dict[Instance, Instance]:
    """A record, its rows and what it belongs to, copied, in which some cells hold something else (None: nothing): each copy by
    what it is a copy of."""
    by_path: dict[str, dict[str, Value | None]] = {}
    for (path, name), value in values.items():
        by_path.setdefault(path, {})[name] = value
    found: dict[Instance, Instance] = {}
    above: Instance | None = None
    for one in reversed([root, *line_above(root)]):
        above = _copy(one, above, by_path, found)
    return found


def _copy(
    instance: Instance,
    parent: Instance | None,
    by_path: Mapping[str, Mapping[str, Value | None]],
    found: dict[Instance, Instance],
) -> Instance:
    if instance in found:
        return found[instance]
    held = {**instance.values, **by_path.get(instance.path, {})}
    values = {name: value for name, value in held.items() if value is not None}
    found[instance] = own = replace(instance, values=values, rows=dict(instance.rows), parent=parent)
    for kind, rows in instance.rows.items():
        own.rows[kind] = None if rows is None else tuple([_copy(row, own, by_path, found) for row in rows])
    return own


def numbered(portfolio: Portfolio) -> dict[Instance, Instance]:
    """The members, each with one that has a number, so that a changed copy of that stands for it: itself where it has one."""
    taken = {fold_word(member.identity) for member in portfolio.members}
    found: dict[Instance, Instance] = {}
    number = 0
    for member in portfolio.members:
        if not member.identity:
            while fold_word(f"#{number}") in taken:
                number += 1
            own = copied(member, {})[member]
            own.identity = f"#{number}"
            number += 1
            found[member] = own
        else:
            found[member] = member
    return found


# ---- a decision -----------------------------------------------------------------------------------------------------


class Deciding:
    """One decision of one value, or an amount, of a program, ready to be asked of its records. ``free``: whether parameters that
    nobody set may be freed, too; ``graph``: that of the program, where it is at hand."""

    def __init__(
        self,
        program: core.Program,
        portfolio: Portfolio,
        name: str,
        *,
        free: bool = False,
        graph: Graph | None = None,
    ) -> None:
        self._graph = graph = definitions(program) if graph is None else graph
        self.program = sliced(program, graph, [name])
        self.decision = self.program.decisions[name]
        self.interpreter = Interpreter(self.program, "")
        kept = reachable(graph, [Name(Named.DECISION, name)])
        self.vary = tuple(
            one.name
            for one in self.program.parameters.values()
            if free and one.value is None and Name(Named.PARAMETER, one.name) in kept and one.type.kind not in _UNVARIED
        )
        # Where nothing is counted it does not matter who else is there.
        self.members = numbered(portfolio) if self.program.statistics else {}
        self.portfolio = Portfolio(tuple(self.members.values())) if self.members else portfolio
        whole = lowered(self.interpreter.engine, vary=self.vary)
        outputs: list[DecisionOutput | AmountOutput] = [*whole.decisions, *whole.amounts]
        self.output = next((one for one in outputs if one.decision.name == name), None)
        self.nodes = [] if self.output is None else n.reachable(roots(self.output))
        self._shape = None if self.output is None else Shape(roots(self.output), whole.root)
        self._breaks = Breaks(self.nodes, program.as_of)
        self._cells = dict.fromkeys(cell for node in self.nodes for cell in n.cells_of(node))
        self._on: dict[tuple[str, str], list[n.AnyNode]] = {}
        for node in self.nodes:
            for cell in n.cells_of(node):
                self._on.setdefault((cell.object, cell.name), []).append(node)
        self._order = self.interpreter.engine.declared
        self._under: dict[frozenset[tuple[str, Value | None]], Interpreter] = {}
        self._read: dict[Hashable, frozenset[tuple[str, str]]] = {}
        self._elsewhere: frozenset[tuple[str, str]] | None = None
        self._below: dict[int, frozenset[str]] = {}
        for node in self.nodes:
            names = {cell.name for cell in n.cells_of(node)}
            if isinstance(node, n.Counted | n.Told):
                names |= {name for _, name in self.reads_of(node)}
            self._below[node.id] = frozenset(names).union(*(self._below[one.id] for one in n.operands(node)))
        self._plain: _Freed | None = None
        self.kept: dict[Hashable, v.Abstract] = {}
        """What the definition said of what the circuit does not hold."""

    # ---- where it stands

    def subject(self, root: Instance, path: str) -> Subject:
        """An object of a record, by its path."""
        if self.output is not None:
            for element in elements(self.output.place.space, root):
                if at(self.output.place, element).path == path:
                    return Subject(root, path, element)
        return Subject(root, path, None)

    def alike(self, subject: Subject) -> Hashable:
        """Objects that are alike in it come to the same, whatever is freed; None where that cannot be told."""
        if self._shape is None or subject.element is None or self._shape.told or self._shape.counted:
            return None
        return self._shape.of(subject.element)

    # ---- inputs

    def inputs(self, subject: Subject, *, above: bool = False) -> list[Input]:
        """The cells that it reads, known ones and blanks: those of its object first, then as they are declared, then in the order of the
        rows. Of what a record belongs to only where the decision is on that, or ``above``."""
        places = {instance: place for place, instance in enumerate(targets(self.program, subject.root).values())}
        line = [subject.root, *line_above(subject.root)]
        above = above or any(one.object == self.decision.object for one in line[1:])
        outside = set[Instance]() if above else set(_above(subject.root))
        found: dict[Spot, tuple[Instance, core.Field]] = {}
        for instance, field in self._read_by(subject, places):
            if not instance.unlisted and instance not in outside:
                found.setdefault((instance.path, field.name), (instance, field))
        made = sorted(
            found.items(),
            key=lambda one: (
                one[0][0] != subject.path,
                self._order[one[1][1].object, one[1][1].name],
                places.get(one[1][0], 0),
            ),
        )
        return [
            Input(spot, label_of(instance), field, instance.values.get(field.name)) for spot, (instance, field) in made
        ]

    def _read_by(self, subject: Subject, instances: Iterable[Instance]) -> Iterator[tuple[Instance, core.Field]]:
        if subject.element is None:
            fields, _ = inputs(self._graph, [self.decision.name])
            for instance in instances:
                apart = instance.object == self.decision.object and instance.path != subject.path
                yield from [(instance, field) for field in fields if field.object == instance.object and not apart]
            return
        for cell in self._cells:
            if not isinstance(cell.field, core.Field):
                continue
            for inner in elements(cell.place.space, subject.root):
                # Of several rows that have the decision those of the others are not asked about.
                if all(mine is theirs for mine, theirs in zip(inner, subject.element, strict=False)):
                    yield at(cell.place, inner), cell.field

    def parameters(self) -> list[Input]:
        """The parameters that may be freed."""
        return [Input((PARAMETERS, name), "", self.program.parameters[name], None) for name in self.vary]

    def read_elsewhere(self, one: Input) -> bool:
        """Whether a number or a day is read where no comparison of the circuit shows on which values it turns: by a statistic, or by
        what the circuit does not hold."""
        if one.field.type.kind not in ORDERED:
            return False
        if self._elsewhere is None:
            foreign = (node for node in self.nodes if isinstance(node, n.Counted | n.Told))
            self._elsewhere = frozenset[tuple[str, str]]().union(*map(self.reads_of, foreign))
        return self._cell_of(one) in self._elsewhere

    @property
    def work(self) -> int:
        """In how many steps values of numbers and days were looked for, the same for the same questions."""
        return self._breaks.work

    def with_values(self, subject: Subject, freed: Sequence[Input], *, together: bool = True) -> list[Input]:
        """Inputs with what stands for everything else that they may hold (where one is changed by itself, if not ``together``); of
        numbers and days nothing where the circuit does not hold the decision, or what they are compared with is too much."""
        listed = [(one, self._listed(one, subject.root)) for one in freed]
        found = [replace(one, values=told or ()) for one, told in listed]
        open_ = [place for place, (_, told) in enumerate(listed) if told is None]
        if subject.element is None or not open_:
            return found
        # What a number is compared with may itself turn on another input, a number among them.
        related = together and self._breaks.together([self._cell_of(found[place]) for place in open_])
        for _ in range(_PASSES if related else 1):
            others = [_with_ends(one) if related else one for one in found if together]
            given, full = singles([one for one in others if one.values])
            planes = self.planes(subject.root, given, full)
            before, found = found, list(found)
            for place in open_:
                one = found[place]
                try:
                    points = self._breaks.points(planes, subject.element, self._sought(one, subject.root, given, full))
                except Unfit:
                    found[place] = replace(one, values=())
                    continue
                values = stretches(points, one.field.type, one.field.low, one.field.high, one.now)
                found[place] = replace(one, values=tuple(values))
            if found == before:
                break
        return found

    def _sought(self, one: Input, root: Instance, given: Given, full: int) -> Sought:
        def is_it(cell: n.Cell, inner: Element) -> bool:
            return _spot(cell, inner) == one.spot

        def set_to(value: Value) -> Planes[int]:
            return self.planes(root, {**given, one.spot: [(value, full)]}, full)

        return Sought(self._cell_of(one), is_it, one.field.type, one.field.low, one.field.high, set_to)

    def _cell_of(self, one: Input) -> tuple[str, str]:
        return (one.field.object if isinstance(one.field, core.Field) else PARAMETERS), one.field.name

    def _listed(self, one: Input, root: Instance) -> tuple[Value, ...] | None:
        """What else an input may hold, where that is a list; None of a number or a day."""
        type_ = one.field.type
        found: Sequence[Value]
        match type_.kind:
            case Kind.BOOL:
                found = (True, False)
            case Kind.ENUM if type_.values is not None:
                found = type_.values
            case Kind.ENUM | Kind.TEXT:
                found = self._texts(one, root)
            case Kind.SET:
                found = self._sets(one, root)
            case _:
                return None
        return tuple(value for value in found if value != one.now)

    def _texts(self, one: Input, root: Instance) -> list[Value]:
        found: dict[Value, None] = {}
        for node in self._on.get(self._cell_of(one), ()):
            match node:
                case n.In(values=values):
                    found.update(dict.fromkeys(sorted(value for value in values if isinstance(value, str))))
                case n.SameText(left=left, right=right):
                    held = [value for cell in (left, right) for value in _held_in(cell, root)]
                    found.update(dict.fromkeys(value for value in held if isinstance(value, str)))
                case _:
                    pass
        found[OTHER] = None
        return list(found)

    def _sets(self, one: Input, root: Instance) -> list[Value]:
        items: dict[str, None] = {}
        declared = one.field.type.values
        for node in self._on.get(self._cell_of(one), ()):
            match node:
                case n.Holds(item=item):
                    items[item] = None
                case n.HoldsOther(items=known):
                    items.update(dict.fromkeys([each for each in declared or (OTHER,) if each not in known][:1]))
                case n.Meets(left=left, right=right):
                    for cell in (left, right):
                        for held in _held_in(cell, root):
                            items.update(dict.fromkeys(sorted(held) if isinstance(held, frozenset) else ()))
                case n.SizeOf():
                    items.update(dict.fromkeys(declared or (OTHER,)))
                case _:
                    pass
        now = one.now if isinstance(one.now, frozenset) else frozenset[str]()
        each = list(items)
        changes: list[frozenset[str]] = [frozenset()] if one.now is None else []
        every_one = len(each) <= (_FEW_ITEMS if one.now is None else _ALL_ITEMS)
        sizes = range(1, 1 + (len(each) if every_one else 2 if len(each) <= _FEW_ITEMS else 1))
        changes += [frozenset(some) for size in sizes for some in combinations(each, size)]
        return list(dict.fromkeys([*(now ^ change for change in changes), frozenset()]))

    # ---- what it comes to

    def outcomes(self, subject: Subject, given: Given, full: int) -> dict[Outcome, int]:
        """What it comes to, each with the columns in which it does. Raises `Unfit` where the definition would have to be asked too
        often."""
        element, found = subject.element, dict[Outcome, int]()
        if element is None or self.output is None:
            return self._by_definition(subject, given, full)
        planes = self.planes(subject.root, given, full)
        match self.output:
            case DecisionOutput(chosen=decided):
                status = {name: planes.bit(bit, element) for name, bit in decided.status.items()}
                determined = status.pop("determined")
                for value, bit in decided.candidates:
                    if determined and value is not None:
                        found["determined", value] = determined & planes.bit(bit, element)
            case AmountOutput(status=bits):
                status = {name: planes.bit(bit, element) for name, bit in bits.items()}
        found.update(((name, ""), plane) for name, plane in status.items())
        return {outcome: plane for outcome, plane in found.items() if plane}

    def _by_definition(self, subject: Subject, given: Given, full: int) -> dict[Outcome, int]:
        found: dict[Outcome, int] = {}
        if full.bit_length() > MOST_ASKED:
            raise Unfit
        for column in range(full.bit_length()):
            one = 1 << column
            state = self.told(
                subject, {spot: value for spot, held in given.items() for value, plane in held if plane & one}
            )
            outcome = outcome_of(state)
            found[outcome] = found.get(outcome, 0) | one
        return found

    def planes(self, root: Instance, given: Given, full: int) -> Planes[int]:
        """The circuit of a record with inputs freed."""
        return _Freed(self, root, given, full) if given or full != 1 else self.plain(root)

    def plain(self, root: Instance) -> _Freed:
        """The circuit of a record as it is, in one column."""
        if self._plain is None or self._plain.root is not root:
            self._plain = _Freed(self, root, {}, 1)
        return self._plain

    def turns(self, node: n.AnyNode, names: frozenset[str]) -> bool:
        """Whether a node may turn on cells or parameters of these names."""
        below = self._below.get(node.id)
        return below is None or not below.isdisjoint(names)

    def told(self, subject: Subject, values: Mapping[Spot, Value | None]) -> State:
        """What the definition says of an object of a record in which some cells hold something else."""
        run, copies = self.run(subject.root, values)
        return state_in(run, self.decision, targets(self.program, copies[subject.root])[subject.path])

    def run(self, root: Instance, values: Mapping[Spot, Value | None]) -> tuple[Run, dict[Instance, Instance]]:
        """The evaluation of a changed copy of a record, in its place among the others; the copies by what they are copies of."""
        cells = {spot: value for spot, value in values.items() if spot[0] != PARAMETERS}
        parameters = {name: value for (path, name), value in values.items() if path == PARAMETERS}
        copies = copied(root, cells)
        member = self.members.get(root)
        if member is not None:
            copies[root].identity = member.identity
        return self._with(parameters).run(copies[root], self.portfolio), copies

    def _with(self, values: Mapping[str, Value | None]) -> Interpreter:
        set_to = {name: value for name, value in values.items() if value is not None}
        if not set_to:
            return self.interpreter
        key = frozenset(values.items())
        found = self._under.get(key)
        if found is None:
            table = {
                name: replace(self.program.parameters[name], value=value, state="set") for name, value in set_to.items()
            }
            program = replace(self.program, parameters={**self.program.parameters, **table})
            found = self._under[key] = Interpreter(program, "")
        return found

    def reads_of(self, node: n.Foreign) -> frozenset[tuple[str, str]]:
        """The fields (object and name) and parameters that something the circuit asks of others may turn on."""
        key: Hashable = node.name if isinstance(node, n.Counted) else node.id
        found = self._read.get(key)
        if found is None:
            parts: list[core.Expr] = []
            if isinstance(node, n.Counted):
                names = [Name(Named.STATISTIC, node.name)]
            else:
                parts = list(walk(node.expression))
                names = [name for part in parts for name in reads(part, self.program.presumptions)]
            spots: set[tuple[str, str]] = set()
            for name in reachable(self._graph, names):
                if name.kind is Named.PARAMETER:
                    spots.add((PARAMETERS, name.word))
                if name in self._graph:
                    parts.extend(walk(*self._graph[name].bodies))
            spots |= {
                (part.field.object, part.field.name)
                for part in parts
                if isinstance(part, core.FieldValue | core.Filled)
            }
            found = self._read[key] = frozenset(spots)
        return found


def outcome_of(state: State) -> Outcome:
    """A result as circuits tell it apart: of an amount how it stands."""
    return state.status, state.candidates[0] if state.status == "determined" and state.candidates else ""


def _with_ends(one: Input) -> Input:
    """A number or day with the ends of what may be declared."""
    if one.field.type.kind not in ORDERED:
        return one
    ends = (end for end in (one.field.low, one.field.high) if end is not None and end != one.now)
    return replace(one, values=tuple(dict.fromkeys((*one.values, *ends))))


_UNVARIED: Final = frozenset({Kind.SET, Kind.TEXT})
"""Kinds of parameters that no circuit has as inputs."""


def _spot(cell: n.Cell, element: Element) -> Spot:
    return (PARAMETERS, cell.name) if cell.object == PARAMETERS else (at(cell.place, element).path, cell.name)


def _held_in(cell: n.Cell, root: Instance) -> Iterator[Any]:
    for inner in elements(cell.place.space, root):
        yield at(cell.place, inner).values.get(cell.name)


def _above(root: Instance) -> Iterator[Instance]:
    """What a record belongs to, with the rows of that."""
    for one in line_above(root):
        waiting = [one]
        while waiting:
            found = waiting.pop()
            yield found
            waiting += [row for rows in found.rows.values() for row in rows or () if row is not root]


class _Freed(Planes[int]):
    """A circuit in which freed inputs hold something else in each column."""

    def __init__(self, deciding: Deciding, root: Instance, given: Given, full: int) -> None:
        super().__init__(deciding.interpreter.engine, full, 0, {}, root, _refused)
        self._deciding = deciding
        self._given = given
        self.root = root
        self._names = frozenset(name for _, name in given)
        self._asked: dict[tuple[int, Element], dict[v.Abstract, int]] = {}
        self._columns: dict[tuple[n.Cell, Element], dict[tuple[type, Any], int]] = {}

    def _without(self, plane: int) -> int:
        return self._full & ~plane

    def _cell(self, cell: n.Cell, element: Element) -> Sequence[tuple[Any, int]]:
        if cell.object == PARAMETERS:
            return self._given.get((PARAMETERS, cell.name), ((None, self._full),))
        instance = at(cell.place, element)
        found = None if instance.unlisted else self._given.get((instance.path, cell.name))
        return ((instance.values.get(cell.name), self._full),) if found is None else found

    def _held(self, cell: n.Cell, element: Element) -> dict[tuple[type, Any], int]:
        """In which columns a cell holds what."""
        key = cell, element
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = {}
            for held, plane in self._cell(cell, element):
                # True and 1 are not the same.
                found[type(held), held] = found.get((type(held), held), 0) | plane
        return found

    def _bit(self, node: n.Bit, element: Element) -> int:
        if self._names and not self._deciding.turns(node, self._names):
            return self._full if self._deciding.plain(self.root).bit(node, element) else 0
        match node:
            case n.AllOf() | n.AnyOf() | n.Neg() | n.Compare():
                return super()._bit(node, element)
            case n.In(cell=cell, values=values, rest=rest):
                there = self._held(cell, element)
                plane = 0
                for one in values:
                    plane |= there.get((type(one), one), 0)
                return self._without(plane) if rest else plane
            case n.Holds(cell=cell, item=item):
                return _where((item in (held or ()), plane) for held, plane in self._cell(cell, element))
            case n.HoldsOther(cell=cell, items=items):
                return _where(
                    (any(one not in items for one in held or ()), plane) for held, plane in self._cell(cell, element)
                )
            case n.Meets(left=left, right=right):
                return _where(
                    (not frozenset(held or ()).isdisjoint(other or ()), plane & others)
                    for held, plane in self._cell(left, element)
                    for other, others in self._cell(right, element)
                )
            case n.SameText(left=left, right=right):
                return _where(
                    (held is not None and held == other, plane & others)
                    for held, plane in self._cell(left, element)
                    for other, others in self._cell(right, element)
                )
            case _:
                return super()._bit(node, element)

    def _number(self, node: n.Num, element: Element) -> dict[Any, int]:
        if self._names and not self._deciding.turns(node, self._names):
            return dict.fromkeys(self._deciding.plain(self.root).number(node, element), self._full)
        match node:
            case n.Read(cell=cell) | n.SizeOf(cell=cell):
                found: dict[Any, int] = {}
                for held, plane in self._cell(cell, element):
                    value = NOTHING if held is None else len(held) if isinstance(node, n.SizeOf) else held
                    if plane:
                        found[value] = found.get(value, 0) | plane
                return found
            case _:
                return super()._number(node, element)

    def _foreign(self, node: n.Foreign, element: Element) -> dict[v.Abstract, int]:
        key = (node.id, element)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = {}
            for plane, values in self._classes(node):
                value = self._told(node, element, values)
                found[value] = found.get(value, 0) | plane
        return found

    def _classes(self, node: n.Foreign) -> list[tuple[int, dict[Spot, Value | None]]]:
        """The columns in which everything that a node may turn on is the same, and what that is."""
        read = self._deciding.reads_of(node)
        names = {name for object_, name in read if object_ != PARAMETERS}
        found: list[tuple[int, dict[Spot, Value | None]]] = [(self._full, {})]
        for spot, held in self._given.items():
            if spot in read if spot[0] == PARAMETERS else spot[1] in names:
                found = [
                    (plane & columns, {**values, spot: value})
                    for plane, values in found
                    for value, columns in held
                    if plane & columns
                ]
                if len(found) > MOST_ASKED:
                    raise Unfit
        return found

    def _told(self, node: n.Foreign, element: Element, values: Mapping[Spot, Value | None]) -> v.Abstract:
        kept = self._deciding.kept
        key = (node.id, element, frozenset(values.items()))
        if key not in kept:
            if len(kept) > _MOST_KEPT:
                kept.clear()
            kept[key] = self._definition(node, element, values)
        return kept[key]

    def _definition(self, node: n.Foreign, element: Element, values: Mapping[Spot, Value | None]) -> v.Abstract:
        run, copies = self._deciding.run(self._root, values)
        there = tuple([copies[one] for one in element])
        if isinstance(node, n.Counted):
            return run.statistic(node.name, at(node.place, there)).value
        if any(place.below for place in node.places):
            raise Unfit
        found: v.Abstract = evaluate(run, node.expression, tuple([at(place, there) for place in node.places])).value
        return found


def _refused(name: str, root: Instance, asking: Instance) -> dict[v.Abstract, int]:
    raise AssertionError(f"{name} is told by the definition")


def _where(found: Iterable[tuple[bool, int]]) -> int:
    together = 0
    for holds, plane in found:
        if holds:
            together |= plane
    return together

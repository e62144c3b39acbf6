"""What was worked out of a name, for all records that are alike in what it reads.

Why this exists: of a record that says little nearly everything is open, and what is missing has to be told of every rule. A rule
reads a few cells of a hundred, so that in a ledger of many such records the same question comes again and again. What a name came
to, and what is open in it, is a `Unit`; it holds no record.

Invariants: two records have equal marks for a name only where all that it may read through any number of others is equal: cells,
which lists were supplied and what their rows hold, what people call the instances, and what the statistics come to for the record
and wait for. What is read is told by the graph of names, so that a mark turns on too much rather than too little; where it cannot be
told there is no mark. A step that stands for a unit is that of the definition, and is worked out as such when somebody looks at more
of it than its value. What is kept is bounded by the size of what it was made from, and of names that hardly ever come again nothing
is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.compiled.contributing import Counting
from policyrules.engine.instances import Instance, above_record, label_of
from policyrules.engine.portfolio import Contribute, Portfolio
from policyrules.engine.prepared import Engine
from policyrules.engine.steps import Chosen, Decided, Node, Rows, Step
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.graph import Kind, Name, reachable
from policyrules.program.walk import walk

Content: TypeAlias = tuple[Any, ...]

_SMALL: Final = 5
"""Parts of conditions that are worked out as fast as looked up."""
_MOST_PARTS: Final = 1_000_000
"""Parts of conditions of what is kept: twice as many at most."""
_TRIED: Final = 256
_ONE_IN: Final = 4
"""A name is left alone when after so many records it had not come again for one in so many of them."""


class Unit:
    """``value`` of a name on an instance; ``open``: what is open in it, and ``missing``: of a decision or a finding what that comes to
    as people read it, both None until asked."""

    __slots__ = ("missing", "open", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.open: Any = None
        self.missing: Any = None


# ---- what a name reads ----------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Scope:
    """What a name may read, through any number of others. ``fields``: by kind of object what gives those cells of all of them;
    ``lists``: by kind of object, the kinds of its rows that are looked at; ``statistics``: their names, None where a row may ask for
    a group of its own; ``size``: the parts of all conditions. ``tried``, ``again``: how many records were looked up, and found."""

    fields: Mapping[str, Callable[[Mapping[str, Any]], Any]]
    lists: Mapping[str, tuple[str, ...]]
    statistics: tuple[str, ...] | None
    size: int
    tried: int = 0
    again: int = 0

    @property
    def alone(self) -> bool:
        """Whether nothing is to be kept of it."""
        return self.size <= _SMALL or (self.tried >= _TRIED and self.again * _ONE_IN < self.tried)


def scope_of(engine: Engine, name: Name) -> Scope:
    """What a name may read."""
    graph, objects = engine.graph, engine.program.objects
    reached = [one for one in reachable(graph, [name]) if one in graph]
    fields: dict[str, dict[str, None]] = {}
    kinds = {graph[one].object for one in reached} - {""}
    by_row = False
    size = 0
    for node in walk(*(body for one in reached for body in graph[one].bodies)):
        size += 1
        match node:
            case core.FieldValue(field=field) | core.Filled(field=field):
                fields.setdefault(field.object, {})[field.name] = None
            case core.Quantified(rows=rows) | core.Aggregate(rows=rows) | core.Supplied(rows=rows):
                kinds.add(rows.object)
            case core.StatisticValue(at=at):
                by_row = by_row or at is not None
            case _:
                pass
    seen = {above for kind in kinds for above in belonging.line(objects, kind)}
    return Scope(
        {kind: itemgetter(*names) for kind, names in fields.items()},
        {kind: tuple(child for child in one.children if child in seen) for kind, one in objects.items()},
        None if by_row else tuple(one.word for one in reached if one.kind is Kind.STATISTIC),
        size,
    )


# ---- what is kept ---------------------------------------------------------------------------------------------------


class Units:
    """The units of one program: what was asked for lately, a bounded number. ``counting``: what records contribute to statistics, as
    functions; ``contribute``: the same by the definition."""

    __slots__ = ("_before", "_blank", "_counting", "_now", "_parts", "_scopes", "contribute", "engine")

    def __init__(self, engine: Engine, counting: Callable[[], Mapping[str, Counting]], contribute: Contribute) -> None:
        self.engine = engine
        self.contribute = contribute
        self._counting = counting
        self._scopes: dict[Name, Scope] = {}
        self._blank = {kind: dict.fromkeys(fields) for kind, fields in engine.program.fields.items()}
        self._now: dict[Hashable, Unit] = {}
        self._before: dict[Hashable, Unit] = {}
        self._parts = 0

    def scope(self, name: Name) -> Scope:
        """What a name may read."""
        found = self._scopes.get(name)
        if found is None:
            found = self._scopes[name] = scope_of(self.engine, name)
        return found

    def get(self, key: Hashable, scope: Scope) -> Unit | None:
        """What is kept by ``key``, if it still is."""
        scope.tried += 1
        found = self._now.get(key)
        if found is None and (found := self._before.get(key)) is not None:
            self.put(key, found, scope)
        scope.again += found is not None
        return found

    def put(self, key: Hashable, unit: Unit, scope: Scope) -> None:
        """Keep one more; what nobody asked for while as much else came makes room."""
        self._parts += scope.size
        if self._parts > _MOST_PARTS:
            self._before, self._now, self._parts = self._now, {}, scope.size
        self._now[key] = unit

    def cells(self, instance: Instance) -> Mapping[str, Any]:
        """Every cell of an instance, None where it is blank."""
        return self._blank.get(instance.object, {}) | instance.values

    def told(self, name: str, root: Instance, portfolio: Portfolio) -> Content | None:
        """What a statistic comes to for a record, and what it waits for; None where only the definition knows."""
        counting = self._counting().get(name)
        if counting is None or self.engine.stratified:
            return None
        world = portfolio.world(self.engine, root, stratified=False)
        prepared, key = counting.prepared, counting.key(root)
        index = world.index(name, self.engine.together(name), self.contribute)
        value = world.value(prepared, index, root, root, key, lambda: counting.own(root))
        if v.known(value):
            return (value,)
        others = [world.others(prepared, index, root, key, values=values) for values in (False, True)]
        return value, world.others_open(prepared, index, root, key), *others


@dataclass(slots=True, eq=False)
class OfRecord:
    """`Units` as the evaluation of one record sees them."""

    units: Units
    root: Instance
    portfolio: Portfolio | None
    _line: tuple[tuple[Instance, str], ...] = field(init=False)
    _names: Content = field(init=False)
    _of: dict[Step, Unit] = field(default_factory=dict)
    _cells: dict[Instance, Mapping[str, Any]] = field(default_factory=dict)
    _marks: dict[Scope, Content | None] = field(default_factory=dict)
    _places: dict[Instance, Content] = field(default_factory=dict)
    _statistics: dict[str, Content | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Each instance with the kind of the one below it.
        line: list[tuple[Instance, str]] = [(self.root, "")]
        while (above := line[-1][0].parent) is not None:
            line.append((above, line[-1][0].object))
        self._line = tuple(line)
        self._names = tuple([self._called(one) for one, _ in line])

    def unit(self, step: Step) -> Unit | None:
        """The unit that a step is of."""
        return self._of.get(step)

    def of(self, name: Name, instance: Instance) -> Unit | None:
        """The unit of a name that has no value of its own, a duty or a notice; None where nothing is kept of it."""
        scope = self.units.scope(name)
        mark = None if scope.alone else self._mark(scope)
        if mark is None:
            return None
        key = scope, self._place(instance), mark
        unit = self.units.get(key, scope)
        if unit is None:
            unit = Unit(None)
            self.units.put(key, unit, scope)
        return unit

    def step(self, name: Name, instance: Instance, node: Node, make: Callable[[], Step]) -> Step:
        """The step of a name on an instance: made, or one that stands for what was made of another record."""
        scope = self.units.scope(name)
        mark = None if scope.alone else self._mark(scope)
        if mark is None:
            return make()
        key = scope, self._place(instance), mark
        unit = self.units.get(key, scope)
        if unit is None:
            step = make()
            unit = Unit(step.value)
            self.units.put(key, unit, scope)
        else:
            step = _standing(node, instance, unit.value, make)
        self._of[step] = unit
        return step

    # ---- marks

    def _mark(self, scope: Scope) -> Content | None:
        if scope not in self._marks:
            counted = self._counted(scope)
            self._marks[scope] = None if counted is None else (self._held(scope), counted)
        return self._marks[scope]

    def _counted(self, scope: Scope) -> Content | None:
        if scope.statistics is None:
            return None
        if self.portfolio is None:
            # They turn on what the record holds.
            return ()
        found: list[Content] = []
        for name in scope.statistics:
            if name not in self._statistics:
                self._statistics[name] = self.units.told(name, self.root, self.portfolio)
            told = self._statistics[name]
            if told is None:
                return None
            found.append(told)
        return tuple(found)

    def _place(self, instance: Instance) -> Content:
        found = self._places.get(instance)
        if found is None:
            above = above_record(self.root, instance)
            found = instance.object, instance.path, instance.unlisted, tuple([one.path for one in above])
            self._places[instance] = found
        return found

    def _held(self, scope: Scope) -> Content:
        # What the record and what it belongs to are called is the same for all names: it stands in the mark of each.
        found: list[Any] = [self._names]
        for one, below in self._line:
            if one.object in scope.fields:
                found.append(self._own(one, scope))
            if scope.lists[one.object]:
                found.append(self._rows(one, scope, below))
        return tuple(found)

    def _own(self, one: Instance, scope: Scope) -> Any:
        wanted = scope.fields.get(one.object)
        if wanted is None:
            return ()
        cells = self._cells.get(one)
        if cells is None:
            cells = self._cells[one] = self.units.cells(one)
        return wanted(cells)

    def _rows(self, one: Instance, scope: Scope, below: str) -> Content:
        found: list[Content | None] = []
        for kind in scope.lists[one.object]:
            if kind != below:
                rows = one.rows.get(kind)
                found.append(None if rows is None else tuple([self._row(row, scope) for row in rows]))
        return tuple(found)

    def _row(self, row: Instance, scope: Scope) -> Content:
        return *self._called(row), self._own(row, scope), self._rows(row, scope, "")

    @staticmethod
    def _called(instance: Instance) -> Content:
        return instance.path, label_of(instance)


# ---- steps that stand for units -------------------------------------------------------------------------------------


class _Standing:
    """A step of which only the value is known until somebody looks at more: it is made then."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            real = self._make()
            for kind in type(real).__mro__:
                for slot in getattr(kind, "__slots__", ()):
                    setattr(self, slot, getattr(real, slot))
            return getattr(self, name)


class _Plain(_Standing, Step):
    __slots__ = ("_make",)


class _Rows(_Standing, Rows):
    __slots__ = ("_make",)


class _Chosen(_Standing, Chosen):
    __slots__ = ("_make",)


class _Decided(_Standing, Decided):
    __slots__ = ("_make",)


def _standing(node: Node, instance: Instance, value: Any, make: Callable[[], Step]) -> Step:
    """A step of ``node`` on ``instance`` with a ``value`` that is known, and how to ``make`` it whole."""
    kind: type[Any]
    match node:
        case core.Aggregate():
            kind = _Rows
        case core.Choose():
            kind = _Chosen
        case core.Decision():
            kind = _Decided
        case _:
            kind = _Plain
    step: Any = object.__new__(kind)
    step.node, step.frames, step.value, step._make = node, (instance,), value, make
    if isinstance(node, core.Decision):
        step.decision, step.state = node, value
    return step  # type: ignore[no-any-return]  # of one of these kinds

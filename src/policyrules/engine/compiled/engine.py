"""The compiled engine of one program: records in, how everything stands out.

Why this exists: whoever evaluates one record after the other, and asks for no reasons, is answered by a function that was
written for the program; what the circuit does not hold is asked of the definition, output by output and value by value.

Invariants: statuses, values, candidates, certain values, findings and days are the definition's; what was asked of the definition
is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NoReturn, Self, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.compiled.contributing import Counting
from policyrules.engine.compiled.parts import Parts, foreign_is_day, parts_of
from policyrules.engine.compiled.program import Made, made
from policyrules.engine.compiled.tables import Decided, Found, found_of
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance, ascend
from policyrules.engine.lowering.lowered import AnyOutput, FindingOutput, Lowered, Refused, lowered
from policyrules.engine.lowering.nodes import Cell, Counted, Foreign, Place
from policyrules.engine.members import alone
from policyrules.engine.portfolio import Contribute, World
from policyrules.engine.prepared import Engine
from policyrules.frozen import frozen
from policyrules.program.nodes import Decision, Duty, Notice
from policyrules.results import DecisionResult, Outcome
from policyrules.types import Kind

Given: TypeAlias = tuple[Any, ...]


@frozen
class Definition:
    """What the compiled engine asks of others: a record and its portfolio as they are read, the evaluation of a record by the
    definition, and its whole outcome; what members contribute to statistics, and the statistics that need no definition."""

    read: Callable[[Any, Any], tuple[Instance, Any]]
    run: Callable[[Instance, Any], Run]
    outcome: Callable[[Instance, Any], Outcome]
    contribute: Contribute
    counting: Mapping[str, Counting]
    cells: Callable[[], Callable[[Any], Given | None]] | None = None
    """What makes a reader of records without rows and owners: a record to the values of all its fields, None where there is
    anything to note or to refuse."""


class Asking:
    """What the function of one record asks of others."""

    __slots__ = ("_compiled", "_outcome", "_portfolio", "_run", "_told", "_world", "root")

    def __init__(self, compiled: Compiled, root: Instance, portfolio: Any) -> None:
        self._compiled = compiled
        self.root = root
        self._portfolio = portfolio
        self._run: Run | None = None
        self._outcome: Outcome | None = None
        self._world: World | None = None
        self._told: dict[tuple[Any, ...], Parts] = {}

    def run(self) -> Run:
        """The evaluation of the record by the definition."""
        if self._run is None:
            self._run = self._compiled.definition.run(self.root, self._portfolio)
        return self._run

    def outcome(self, why: str) -> Outcome:
        """What the definition says of the record, asked for an output that is not in the circuit."""
        self._compiled.counter[why] += 1
        if self._outcome is None:
            self._outcome = self._compiled.definition.outcome(self.root, self._portfolio)
        return self._outcome

    def told(self, number: int, *instances: Instance) -> Parts:
        """The parts of a foreign value."""
        foreign = self._compiled.foreign[number]
        key = (number, *instances)
        found = self._told.get(key)
        if found is None:
            if isinstance(foreign, Counted):
                found = parts_of(self._statistic(foreign, instances[0]), truth=False, day=False)
            else:
                self._compiled.counter[described(foreign)] += 1
                value = evaluate(self.run(), foreign.expression, instances).value
                truth = foreign.expression.type.kind is Kind.BOOL
                found = parts_of(value, truth=truth, day=foreign_is_day(foreign))
            self._told[key] = found
        return found

    def _statistic(self, foreign: Counted, asking: Instance) -> v.Abstract:
        compiled, name = self._compiled, foreign.name
        counting = compiled.counting.get(name)
        if counting is None or (compiled.stratified and self._portfolio is not None):
            compiled.counter[described(foreign)] += 1
            return self.run().statistic(name, asking).value
        prepared, root = counting.prepared, self.root
        if self._portfolio is None:
            return alone(prepared, asking, counting.key(asking), counting.own(root))
        world = self._world
        if world is None:
            world = self._world = self._portfolio.world(compiled.engine, root, stratified=False)
        told = world.told(root)
        found = told.get((name, asking))
        if found is None:
            index = world.index(name, compiled.engine.together(name), compiled.definition.contribute)
            key = counting.key(asking)
            found = told[name, asking] = world.value(prepared, index, root, asking, key, lambda: counting.own(root))
        return found


def described(foreign: Foreign) -> str:
    """What is asked, in the words of the language."""
    return f"统计 {foreign.name}" if isinstance(foreign, Counted) else foreign.why


@frozen
class Flat:
    """The function of the cells of a record, and what reads them. ``first``: of the foreign values that the function asks for the
    first among those of the program."""

    read: Callable[[Any], Given | None]
    function: Callable[[Given, Any], tuple[Any, ...]]
    first: int


class Compiled:
    """The function of a program, or of those of its outputs that ``outputs`` names (by name, decisions also by key). ``whole``: the
    circuit, where others were put in it than those of the program."""

    def __init__(
        self,
        engine: Engine,
        definition: Definition,
        outputs: Iterable[str] | None = None,
        *,
        whole: Lowered | None = None,
    ) -> None:
        self.program = engine.program
        self.engine = engine
        self.definition = definition
        self.counting = definition.counting
        # Statistics that read statistics: what members count depends on who the record replaces.
        self.stratified = engine.stratified
        names = None if outputs is None else frozenset(outputs)
        known = {*self.program.duties, *self.program.notices}
        for decision in self.program.decisions.values():
            known |= {decision.name, decision.key}
        for name in sorted(names or ()):
            if name not in known:
                raise KeyError(name)
        whole = lowered(engine, look_up=True) if whole is None else whole
        self.refused = {declared(one).name: one.why for one in whole.refused if _is_asked(declared(one), names)}
        every: tuple[AnyOutput, ...] = (*whole.decisions, *whole.amounts, *whole.findings)
        kept = [one for one in every if _is_asked(declared(one), names) and declared(one).name not in self.refused]
        self._made: Made = made(whole, kept)
        self._function = self._made.function
        self.foreign = self._made.foreign
        self.counter: Counter[str] = Counter()
        layout = self._made.layout
        self.slots: dict[str, tuple[int, AnyOutput]] = {}
        """Of each decision and finding, by its name, the slot of what the function returns."""
        for output, slot in zip(layout.outputs, layout.slots, strict=True):
            self.slots.setdefault(declared(output).name, (slot, output))
        self.single: dict[str, int] = {}
        """Of each decision that is on no rows, by its name and by its key, its slot."""
        decided = [
            (output.decision, slot)
            for output, slot in zip(layout.outputs, layout.slots, strict=True)
            if not isinstance(output, FindingOutput) and output.place.space == whole.root
        ]
        self.single |= {decision.key: slot for decision, slot in decided}
        self.single |= {decision.name: slot for decision, slot in decided}
        self.flat = self._flat(whole, kept)
        self.keys = {decision.key: decision.name for decision in self.program.decisions.values()}
        self.findings = self._findings()
        """The duties, prohibitions and notices: of each that the definition tells the name, and of those before it, as of those
        behind the last, what takes lists of their findings from what the function returned."""

    def _findings(self) -> list[tuple[Callable[[Sequence[Any]], Iterable[Sequence[Found]]], str]]:
        told: list[tuple[Callable[[Sequence[Any]], Iterable[Sequence[Found]]], str]] = []
        # Of one place an itemgetter gives what is there, of more what is there in each.
        places: list[slice | int] = [slice(0), slice(0)]
        spoken: tuple[Duty | Notice, ...] = (*self.program.duties.values(), *self.program.notices.values())
        for one in spoken:
            if one.name in self.slots:
                slot, output = self.slots[one.name]
                last = places[-1]
                if output.place.below or output.place.space.parent is not None:
                    places.append(slot)
                elif isinstance(last, slice) and last.stop == slot:
                    places[-1] = slice(last.start, slot + 1)
                else:
                    places.append(slice(slot, slot + 1))
            elif one.name in self.refused:
                told.append((itemgetter(*places), one.name))
                places = [slice(0), slice(0)]
        return [*told, (itemgetter(*places), "")]

    def _flat(self, whole: Lowered, kept: Sequence[AnyOutput]) -> Flat | None:
        root, program = whole.root, self.program
        kind = program.objects[program.root]
        if self.definition.cells is None or self.refused or kind.parent is not None or kind.children:
            return None
        place = Place(root)
        given = [Cell(place, field.object, field.name, field) for field in program.fields[program.root].values()]
        made_ = made(whole, kept, given)
        first = len(self.foreign)
        self.foreign = [*self.foreign, *made_.foreign]
        return Flat(self.definition.cells(), made_.function, first)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("编译出来的函数只在这个进程里用；要带到别处，带 policy 过去，在那边再 compile()")

    @property
    def told(self) -> Mapping[str, int]:
        """What is asked of the definition, by what it is, and how often it was asked so far."""
        asked = [
            foreign
            for foreign in self.foreign
            if self.stratified or getattr(foreign, "name", None) not in self.counting
        ]
        names = [described(foreign) for foreign in asked] + list(self.refused.values())
        return {name: self.counter[name] for name in dict.fromkeys(names)}

    @property
    def source(self) -> str:
        """The Python that was written."""
        return self._made.source

    def __call__(self, record: Any, portfolio: Any = None) -> Results:
        """How everything stands on a record, given in any form that `Policy.evaluate` takes, with the same errors."""
        flat = self.flat
        if flat is not None and portfolio is None and (given := flat.read(record)) is not None:
            found = FlatResults(self, None, record)
            found._told = flat.function(given, found)
            return found
        root, portfolio = self.definition.read(record, portfolio)
        return self.decide(root, portfolio)

    def decide(self, root: Instance, portfolio: Any = None) -> Results:
        """How everything stands on a record that was read. ``portfolio``: the records it is counted with, None where
        they are not known."""
        found = Results(self, root, portfolio)
        found._told = self._function(root, found)
        return found


def declared(output: AnyOutput | Refused) -> Decision | Duty | Notice:
    """The declaration that an output is of."""
    return output.declaration if isinstance(output, FindingOutput | Refused) else output.decision


def _is_asked(one: Decision | Duty | Notice, names: frozenset[str] | None) -> bool:
    return names is None or one.name in names or getattr(one, "key", None) in names


class Results:
    """How everything stands on one record. Index by the name or the key of a decision."""

    __slots__ = ("_asking", "_compiled", "_given", "_root", "_told", "alone")

    def __init__(self, compiled: Compiled, root: Instance | None, given: Any) -> None:
        # ``given``: the portfolio, or of a record of which nothing but its cells was read (no ``root``) the record.
        self._compiled = compiled
        self._root = root
        self._given = given
        self.alone = root is None or given is None
        """Whether no portfolio was supplied."""
        self._asking: Asking | None = None
        self._told: tuple[Any, ...]

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "编译出来的结果只在这个进程里用；要带到别处，取其中各项决定（如 结果[“分类”]）和 findings，或用 policy.evaluate(…)"
        )

    @property
    def slots(self) -> tuple[Any, ...]:
        """What the function returned, as `Layout` says."""
        return self._told

    def __getitem__(self, name: str) -> Decided:
        """How a decision on the record, or on what it belongs to, stands."""
        compiled = self._compiled
        try:
            return self._told[compiled.single[name]]  # type: ignore[no-any-return]  # as the layout says
        except KeyError:
            name = compiled.keys.get(name, name)
            if name not in compiled.refused or name not in compiled.program.decisions:
                raise
        (one,) = [one for instance, one in self.of_rows(name)]
        return one

    def _tell(self, number: int, *instances: Any) -> Parts:
        """The parts of a foreign value, asked for by the function."""
        return self._others().told(number, *instances)

    def _others(self) -> Asking:
        if self._asking is None:
            assert self._root is not None, "a record that was read"
            self._asking = Asking(self._compiled, self._root, self._given)
        return self._asking

    def of_rows(self, name: str) -> list[tuple[str, Decided]]:
        """How a decision stands, wherever it does: the path of each instance, in their order."""
        compiled = self._compiled
        name = compiled.keys.get(name, name)
        if name in compiled.refused:
            outcome = self._outcome(name)
            return [
                (one.path, told(one))
                for one in outcome.results()
                if isinstance(one, DecisionResult) and one.name == name
            ]
        if self._root is None:
            return [(self._path(0), self._told[compiled.slots[name][0]])]
        return [(instance.path, one) for instance, one in self.rows(name)]

    def rows(self, name: str) -> list[tuple[Instance, Decided]]:
        """How a decision that is in the circuit stands, wherever it does: each instance, in their order."""
        slot, output = self._compiled.slots[name]
        found = self._told[slot]
        if not isinstance(found, Decided):
            return found  # type: ignore[no-any-return]  # a list of such pairs
        assert self._root is not None
        return [(ascend(self._root, output.place.up), found)]

    def _outcome(self, name: str) -> Outcome:
        return self._others().outcome(self._compiled.refused[name])

    def _path(self, up: int) -> str:
        return self._compiled.program.root if self._root is None else ascend(self._root, up).path

    @property
    def findings(self) -> tuple[Found, ...]:
        """All findings in the order of the program, then of the instances."""
        every: list[Found] = []
        for listed, name in self._compiled.findings:
            every += chain.from_iterable(listed(self._told))
            if name:
                every += [found_of(one) for one in self._outcome(name).findings if one.name == name]
        return tuple(every)


class FlatResults(Results):
    """Of a record whose cells were read and nothing else of it."""

    __slots__ = ()

    def _tell(self, number: int, *given: Any) -> Parts:
        flat = self._compiled.flat
        assert flat is not None
        if self._asking is None:
            root, portfolio = self._compiled.definition.read(self._given, None)
            self._asking = Asking(self._compiled, root, portfolio)
        return self._asking.told(flat.first + number, self._asking.root)


def told(result: DecisionResult) -> Decided:
    """What the definition says of a decision, as the compiled engine has it."""
    return Decided(
        result.name,
        result.key,
        result.status,
        result.value,
        result.candidates,
        result.certain,
        result.defaulted,
        result.interval,
    )

"""A function for a slice of a program: of one record it tells how every output stands.

Why this exists: outputs of a circuit become one Python function, written once, that goes through a record and its rows in
order.

Invariants: what it returns is laid out by `Layout`, the same for all records; an output that surely does not apply costs
what it takes to see that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from policyrules.engine.compiled.blocks import Block, Frame
from policyrules.engine.compiled.deciding import Decider, Entries, slice_of
from policyrules.engine.compiled.dispatch import Dispatch, Left, Slice, best_cell
from policyrules.engine.compiled.parts import ByOwn, by_own
from policyrules.engine.compiled.scales import Scale
from policyrules.engine.compiled.sharing import ROOT, Reader, Sharing
from policyrules.engine.compiled.tables import Amounts, ByDay, ByPath, Entry, decided, kind_of, row_of
from policyrules.engine.compiled.variables import few
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.lowered import AmountOutput, AnyOutput, DecisionOutput, FindingOutput, Lowered, roots
from policyrules.engine.lowering.nodes import AnyNode, Bit, Cell, Comes, Fixed, Foreign, Place, Space, reachable
from policyrules.frozen import frozen, single

Function: TypeAlias = Callable[[Any, Any], Any]


@frozen
class Layout:
    """What the function returns, slot by slot: for each decision on the record, or what it belongs to, how it stands, and each
    finding there; of decisions on rows a list of (instance, how it stands), of findings on rows a list of them, in the order of
    the rows."""

    outputs: tuple[AnyOutput, ...]
    slots: tuple[int, ...]
    """The slot of each output."""
    count: int


@frozen
class Made:
    """A function, and what it asks of others: `R._tell(index, …)` is about ``foreign[index]``."""

    function: Function
    layout: Layout
    foreign: Sequence[Foreign]
    source: str


def made(lowered: Lowered, outputs: Sequence[AnyOutput], given: Sequence[Cell] | None = None) -> Made:
    """The function of some outputs, of a record and what others are asked through (``R``). ``given``: cells of the record that it
    takes as a tuple in place of the record."""
    read = [node for output in outputs for node in _read_by(output)]
    return _Making(lowered, tuple(outputs), given, [], Entries(reachable(read), read), {}).made()


class _Making:
    """``dispatched``: of decisions that are looked up by the value of a cell, by the numbers of their `Comes`, which cell, and by
    what; None of others."""

    def __init__(
        self,
        lowered: Lowered,
        outputs: Sequence[AnyOutput | Slice],
        given: Sequence[Cell] | None,
        foreign: list[Foreign],
        entries: Entries,
        dispatched: dict[int, tuple[Cell, Dispatch] | None],
    ) -> None:
        self.lowered = lowered
        self.outputs = outputs
        self.given = given
        self.entries = entries
        self.dispatched = dispatched
        self._virtual = ROOT
        self.readers = [Reader(ROOT, ROOT, ())]
        self.plans = [self._plan(output) for output in outputs]
        names = {} if given is None else {cell: f"g{number}" for number, cell in enumerate(given)}
        self.writer = Decider(
            Sharing(self.readers, ()), lowered.root, names, foreign, entries, self._alone, self._by_cell
        )
        if given is not None:
            self.writer.frames[0].instance = "G"
        self.slots: dict[object, int] = {}
        self.lists: dict[int, str] = {}
        self.returned: list[str] = []

    def _reader(self, above: int, *read: AnyNode, given: Sequence[tuple[Bit, bool]] = ()) -> int:
        self._virtual -= 1
        self.readers.append(Reader(self._virtual, above, read, given))
        return self._virtual

    def _plan(self, output: AnyOutput | Slice) -> _Plan:
        """Who reads what of an output, in which order."""
        match output:
            case Slice():
                return self._plan_of(output)
            case DecisionOutput(chosen=found):
                assert found.comes is not None, "decisions are looked up here"
                return _Plan(self._reader(ROOT, found.comes), (), ())
            case AmountOutput(value=value, status=status):
                chain = _chain(status)
                first = self._reader(ROOT, *(bit for _, bit in _apart(chain)[0]))
                own = self._readers(first, chain)
                ends = (value.low, value.high, value.open_low, value.open_high, value.void)
                told = self._reader(first, *ends, given=_past(chain))
                return _Plan(first, (told, *own), tuple(chain))
            case FindingOutput(exists=exists, status=status, due=due, due_known=known):
                chain = _chain(status)
                outer = self._reader(ROOT, exists)
                first = self._reader(outer, *(bit for _, bit in _apart(chain)[0]), given=[(exists, True)])
                own = self._readers(first, chain)
                dated = self._reader(first, known, due, given=_past(chain))
                return _Plan(outer, (first, dated, *own), tuple(chain))

    def _plan_of(self, whole: Slice) -> _Plan:
        applies = [truth.possible for place, truth in whole.truths if place == 0]
        first = self._reader(ROOT, *applies)
        given = [(bit, True) for bit in applies]
        pairs = [self._reader(first, truth.possible, given=given) for _, truth in whole.truths]
        for reader, (_, truth) in zip(pairs, whole.truths, strict=True):
            if truth.true is not truth.possible:
                self.readers.append(Reader(reader, first, (truth.true,), [*given, (truth.possible, True)]))
        return _Plan(first, tuple(pairs), ())

    def _readers(self, above: int, chain: Sequence[tuple[Any, Bit]]) -> list[int]:
        """Who reads each way of standing but that of what does not apply, and the last."""
        found: list[int] = []
        given = _past(chain)
        for _, bit in _apart(chain)[1][:-1]:
            above = self._reader(above, bit, given=given)
            found.append(above)
            given = [(bit, False)]
        return found

    # ---- writing

    def made(self) -> Made:
        writer = self.writer
        top = writer.frames[0]
        writer.first(top, self._bodies())
        slots = [self._slot(output) for output in self._whole()]
        self._space(top)
        function, source = self._function(f" return ({''.join(f'{one}, ' for one in self.returned)})")
        return Made(function, Layout(self._whole(), tuple(slots), len(self.returned)), writer.foreign, source)

    def _whole(self) -> tuple[AnyOutput, ...]:
        return tuple(output for output in self.outputs if not isinstance(output, Slice))

    def _bodies(self) -> list[AnyNode]:
        return [node for one in self.readers for node in one.read]

    def _function(self, last: str) -> tuple[Function, str]:
        """What was written, as a function that ends with ``last``, and its source."""
        writer = self.writer
        top = writer.frames[0]
        lines = ["def decide(I0, R):" if self.given is None else "def decide(G, R):"]
        if self.given:
            lines.append(f" {', '.join(f'g{number}' for number in range(len(self.given)))}, = G")
        lines += [f" {name} = []" for name in self.lists.values()]
        lines += top.head.text(1)
        lines += top.block.text(1)
        lines.append(last)
        source = "\n".join(few(lines, {*writer.constants, *writer.given.values(), "I0"})) + "\n"
        space: dict[str, Any] = {**writer.constants, **functions(self.lowered.engine.working_days), "_over": over}
        # All of it was written above: numbers, names made here, and literals.
        exec(compile(source, "<circuit>", "exec"), space)
        return space["decide"], source

    def _slot(self, output: AnyOutput) -> int:
        place = output.place
        if place.space.parent is None and not place.below:
            self.returned.append("None")
            self.slots[id(output)] = len(self.returned) - 1
            return len(self.returned) - 1
        key = output.declaration.name if isinstance(output, FindingOutput) else output.decision.name
        found = self.slots.get(key)
        if found is None:
            self.returned.append(self.writer.fresh("L"))
            found = self.slots[key] = len(self.returned) - 1
            self.lists[found] = self.returned[found]
        self.slots[id(output)] = found
        return found

    def _space(self, frame: Frame) -> None:
        """The outputs of one space, then those of the spaces inside it."""
        inside: dict[Space, list[AnyNode]] = {}
        for output, plan in zip(self._whole(), self.plans, strict=True):
            space = output.place.space
            if space == frame.space:
                self._output(output, plan, frame)
            elif (below := _below(space, frame.space)) is not None:
                inside.setdefault(below, []).extend(_read_by(output))
        for space, bodies in inside.items():
            within = self.writer.enter(space, frame.block, bodies)
            self._space(within)
            self.writer.leave(within, frame.block)

    def _output(self, output: AnyOutput, plan: _Plan, frame: Frame) -> None:
        match output:
            case DecisionOutput():
                self._decision(output, plan, frame)
            case AmountOutput():
                self._amount(output, plan, frame.block)
            case FindingOutput():
                self._finding(output, plan, frame.block)

    def _return(self, output: AnyOutput, text: str, block: Block) -> None:
        slot = self.slots[id(output)]
        name = self.lists.get(slot)
        if name is None:
            self.returned[slot] = text
        else:
            block.add(f"{name}.append(({self.writer.instance(output.place)}, {text}))")

    def _decision(self, output: DecisionOutput, plan: _Plan, frame: Frame) -> None:
        assert output.chosen.comes is not None
        self.writer.open[plan.first] = frame.block
        self._return(output, self.writer.decided(output.chosen.comes), frame.block)

    def _alone(self, name: str) -> ByOwn:
        return by_own(self.lowered.engine.statistics[name])

    def _by_cell(self, node: Comes) -> str | None:
        """What looks a decision up by the value of a cell that many of its rules ask for."""
        if node.id not in self.dispatched:
            self.dispatched[node.id] = None
            whole, space = slice_of(node), node.place.space
            if space == self.lowered.root and (cell := best_cell(whole.truths, space)) is not None:
                entries = self.writer.entries_of(node)
                table = Dispatch(Left(self.lowered.circuit, cell), whole, lambda left: self._write(left, entries))
                self.dispatched[node.id] = cell, table
        found = self.dispatched[node.id]
        if found is None:
            return None
        cell, table = found
        record = "I0" if self.given is None else "G"
        return f"{self.writer.constant_of(table)}[{self.writer.cell(cell)}]({record}, R)"

    def _write(self, left: Slice, entries: Sequence[Entry]) -> Function:
        """A function of what is left of a decision."""
        if not any(place == 0 for place, _ in left.truths):
            away = row_of(left.decision, entries)
            return lambda record, asking: away
        making = _Making(self.lowered, (left,), self.given, self.writer.foreign, self.entries, self.dispatched)
        return making.sliced(left, entries)

    def sliced(self, left: Slice, entries: Sequence[Entry]) -> Function:
        """The function of one decision."""
        writer, plan = self.writer, self.plans[0]
        top = writer.frames[0]
        writer.first(top, self._bodies())
        told = writer.looked_up(left, (plan.first, plan.others), entries, top.block)
        return self._function(f" return {told}")[0]

    def _amount(self, output: AmountOutput, plan: _Plan, block: Block) -> None:
        writer, value = self.writer, output.value
        name, status = writer.fresh("a"), writer.fresh("s")
        told, *own = plan.others
        away, rest = _apart(plan.chain)
        later: list[_Put] = []
        region = self._status(status, away, [plan.first], block, later)
        if region is not block:
            block.add(f"{name} = {writer.constant_of(decided(output.decision, False, (), ()))}")
        if region is not None:
            self._status(status, rest, own, region, later)
            writer.open[told] = region
            scale = writer.scales.together((value.low, value.high))
            ends = ", ".join(writer.scaled(number, scale, region) for number in (value.low, value.high))
            below = f", {writer.times(Scale(1, scale.cells), region)}" if scale.cells else ""
            open_ = ", ".join(writer.bit(bit, region) for bit in (value.open_low, value.open_high, value.void))
        for where, line, put in later:
            where.put(line, put)
        if region is not None:
            region.add(
                f"{name} = {writer.constant_of(Amounts(output.decision, scale.times))}({status}, {ends}, {open_}{below})"
            )
        self._return(output, name, block)

    def _finding(self, output: FindingOutput, plan: _Plan, block: Block) -> None:
        writer, place, declaration = self.writer, output.place, output.declaration
        first, dated, *own = plan.others
        writer.open[plan.first] = block
        exists = writer.bit(output.exists, block)
        if exists == "False":
            return
        inner = block
        if exists != "True":
            inner = block.inside()
            inner.facts.assume(output.exists, True)
            writer.open[plan.first] = inner
        kind, unlisted = kind_of(declaration), place.below[-1] if place.below else ""
        # What is not of rows is of the record, or of what it belongs to: its path is the same for all.
        on_rows = self.slots[id(output)] in self.lists
        path = ""
        if on_rows:
            path = writer.path(Place(place.space, place.up))
        has_due = not (isinstance(output.due_known, Fixed) and not output.due_known.value)

        def said(status: Any) -> str:
            if has_due:
                return repr(status)
            by_path = ByPath(declaration.name, kind, status, unlisted)
            return writer.constant_of(by_path if on_rows else by_path[declaration.object])

        name = writer.fresh("s")
        due = writer.fresh("u") if has_due else ""
        if has_due:
            inner.add(f"{due} = None")
        away, rest = _apart(plan.chain)
        later: list[_Put] = []
        region = self._status(name, away, [first], inner, later, said)
        if region is not None:
            if has_due:
                self._due(output, due, dated, region)
            self._status(name, rest, own, region, later, said)
        for where, line, put in later:
            where.put(line, put)
        found = f"{name}[{path}]" if on_rows else name
        if has_due:
            by_day = writer.constant_of(ByDay(declaration.name, kind, unlisted))
            found = f"{by_day}[{path or repr(declaration.object)}, {name}, {due}]"
        if on_rows:
            inner.add(f"{self.lists[self.slots[id(output)]]}.append({found})")
        else:
            self.returned[self.slots[id(output)]] = found
        if inner is not block:
            block.put(f"if {exists}:", inner)

    def _status(
        self,
        name: str,
        chain: Sequence[tuple[Any, Bit]],
        readers: Sequence[int],
        block: Block,
        later: list[_Put],
        said: Callable[[Any], str] = repr,
    ) -> Block | None:
        """How an output stands (``said``: as what it is told), asked one after the other, each by its reader; the last needs none.
        What is returned is where none of them holds. The blocks are to be put where they belong (``later``) when all is written."""
        writer = self.writer
        for place, (status, bit) in enumerate(chain):
            if place == len(readers):
                block.add(f"{name} = {said(status)}")
                return None
            writer.open[readers[place]] = block
            test = writer.bit(bit, block)
            if test == "False":
                continue
            if test == "True":
                block.add(f"{name} = {said(status)}")
                return None
            then, other = block.inside(), block.inside()
            then.add(f"{name} = {said(status)}")
            other.facts.assume(bit, False)
            later += ((block, f"if {test}:", then), (block, "else:", other))
            writer.open[readers[place]] = other
            block = other
        return block

    def _due(self, output: FindingOutput, name: str, reader: int, block: Block) -> None:
        writer = self.writer
        writer.open[reader] = block
        known = writer.bit(output.due_known, block)
        if known == "False":
            return
        then = block.inside()
        then.facts.assume(output.due_known, True)
        writer.open[reader] = then
        then.add(f"{name} = {writer.num(output.due, then)}")
        block.put(f"if {known}:", then)


_Put: TypeAlias = tuple[Block, str, Block]


@single
class _Plan:
    first: int
    others: tuple[int, ...]
    chain: tuple[tuple[Any, Bit], ...]


def _chain(status: Mapping[Any, Bit]) -> list[tuple[Any, Bit]]:
    """The ways an output may stand, in the order they are asked about; the last is what is left."""
    found = [(name, bit) for name, bit in status.items() if not (isinstance(bit, Fixed) and not bit.value)]
    return sorted(found, key=lambda pair: {"not_applicable": 0, "unverified": 2, "undetermined": 2}.get(pair[0], 1))


def _apart(chain: Sequence[tuple[Any, Bit]]) -> tuple[Sequence[tuple[Any, Bit]], Sequence[tuple[Any, Bit]]]:
    """What does not apply, and the other ways of standing."""
    first = 1 if len(chain) > 1 and chain[0][0] == "not_applicable" else 0
    return chain[:first], chain[first:]


def _past(chain: Sequence[tuple[Any, Bit]]) -> list[tuple[Bit, bool]]:
    """What holds once it is known that an output applies."""
    return [(bit, False) for _, bit in _apart(chain)[0]]


def _read_by(output: AnyOutput) -> list[AnyNode]:
    found: list[AnyNode] = [*roots(output)]
    if isinstance(output, DecisionOutput) and output.chosen.comes is not None:
        found.append(output.chosen.comes)
    return found


def _below(space: Space, above: Space) -> Space | None:
    """The space right inside ``above`` that ``space`` is or lies in."""
    while space.parent is not None:
        if space.parent == above:
            return space
        space = space.parent
    return None


def over(left: Any, right: Any) -> Any:
    """A quotient, exactly; by 0 anything."""
    if type(left) is int and type(right) is int:
        return Fraction(left, right) if right else 0
    return Fraction(left) / right if right else 0

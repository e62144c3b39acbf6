"""What a record contributes to statistics, and which group it asks for, by functions that were written for the program.

Why this exists: in a portfolio of n records every one of them contributes to every 统计 and asks for its groups; that took the
definition most of the time that a record takes.

Invariants: what is told here is `engine.statistics.contributed` and the keys of `engine.statistics.Counted`, as values of
`engine.values`; bounds and matches stay those of `engine.portfolio`; a statistic that reads what the circuit does not hold, other
statistics among it, is not here, and the definition says all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.compiled.blocks import Block, Frame
from policyrules.engine.compiled.deciding import Decider, Entries
from policyrules.engine.compiled.parts import ByOwn
from policyrules.engine.compiled.program import over
from policyrules.engine.compiled.sharing import ROOT, Reader, Sharing
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.counted import Contributed, OpenList
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.lowered import statistics_of
from policyrules.engine.lowering.nodes import Bit, Cell, Fixed, Foreign, In, Neg, Num, Place, Space, reachable
from policyrules.engine.lowering.values import Items, Lowered, Options, Range, TextSet, Truth, Unlowered
from policyrules.engine.members import Entry, Key, Own, PreparedStatistic
from policyrules.engine.prepared import Engine
from policyrules.engine.tally import Part
from policyrules.engine.values import Abstract
from policyrules.frozen import frozen
from policyrules.types import simplify

_ASKED, _COUNTS, _ADDS = ROOT, ROOT - 1, ROOT - 2
_ANY_SET = v.SetRange(frozenset(), None)


@frozen
class Counting:
    """One statistic: what a record contributes, and the key of the group that an instance asks for."""

    prepared: PreparedStatistic
    own: Callable[[Instance], Own]
    key: Callable[[Instance], Key]


def counting(engine: Engine) -> Mapping[str, Counting]:
    """The statistics of a program that can be told here."""
    found: dict[str, Counting] = {}
    root, statistics = statistics_of(engine)
    for name, counted in statistics.items():
        if counted is None:
            continue
        try:
            made = Counting(counted.prepared, _own(engine, root, counted), _key(engine, root, counted))
        except Unlowered:
            continue
        found[name] = made
    return found


def _own(engine: Engine, root: Space, counted: Contributed) -> Callable[[Instance], Own]:
    """The function of a record that gives its contribution."""
    adds = _adds(counted)
    entries = _Written(root, [counted.where.possible], [_sure(counted), *adds, *counted.keys])
    lines = ["def own(I0):", " E = []", " O = []"]
    constants: dict[str, Any] = {}

    def entry(written: _Written, counts: str, added: str, block: Block) -> None:
        keys = "".join(f"{written.value(key, block)}, " for key in counted.keys)
        block.add(f"E.append(Entry(({keys}), {counts}, {added}, {written.writer.instance(counted.place)}))")

    lines += entries.rows(counted.place, _counting(counted, entry))
    constants |= entries.writer.constants
    # What is missing further up comes first.
    for number, one in enumerate(reversed(counted.open)):
        written = _Written(root, [one.exists, one.where.possible], one.keys, f"Z{number}")
        lines += written.rows(one.holder, _opening(one))
        constants |= written.writer.constants
    lines.append(" return Own(tuple(E), tuple(O))")
    return _made(engine, lines, constants, "own")


def _adds(counted: Contributed) -> list[Lowered]:
    return [part for part in (counted.match, counted.value) if part is not None]


def _sure(counted: Contributed) -> Truth:
    return Truth(counted.where.true, counted.where.true)


def _counting(counted: Contributed, write: Callable[[_Written, str, str, Block], None]) -> _Write:
    """What is written for each instance that may count: ``write`` gets whether it does, and what it adds."""

    def entry(written: _Written, block: Block) -> None:
        writer, where = written.writer, counted.where
        test = writer.bit(where.possible, block)
        if test == "False":
            return
        inside = block
        if test != "True":
            inside = block.inside()
            inside.facts.assume(where.possible, True)
        writer.open[_ADDS] = inside
        counts = "True" if where.true is where.possible else f"({writer.bit(where.true, inside)} or None)"
        values = [written.value(part, inside) for part in _adds(counted)]
        added = f"Part({', '.join(values)})" if len(values) == 2 else values[0] if values else "None"
        write(written, counts, added, inside)
        if inside is not block:
            block.put(f"if {test}:", inside)

    return entry


def _opening(one: OpenList) -> Callable[[_Written, Block], None]:
    def write(written: _Written, block: Block) -> None:
        writer = written.writer
        around: list[tuple[Block, str]] = []
        for bit in (one.exists, one.where.possible):
            test = writer.bit(bit, block)
            if test == "False":
                return
            if test != "True":
                around.append((block, test))
                block = block.inside()
                block.facts.assume(bit, True)
        writer.open[_ADDS] = block
        block.add(f"O.append(({''.join(f'{written.value(key, block)}, ' for key in one.keys)}))")
        # What is worked out before a test is written before it.
        for outer, test in reversed(around):
            outer.put(f"if {test}:", block)
            block = outer

    return write


def _key(engine: Engine, root: Space, counted: Contributed) -> Callable[[Instance], Key]:
    """The function of the instance that asks, the record or a row of it."""
    written = _Written(root, [], counted.asked)
    line = [counted.asking.space]
    while line[-1].parent is not None:
        line.append(line[-1].parent)
    line.reverse()
    # The writer calls the record I0, and what it looks up I1 and so on.
    names = ["I0", *(f"A{number}" for number in range(1, len(line)))]
    lines = [f"def key({names[-1]}):"]
    lines += [f" {above} = {below}.parent" for above, below in reversed(list(pairwise(names)))]
    frames = written.writer.frames
    for name, space in zip(names[1:], line[1:], strict=True):
        frames.append(Frame(space, name, frames[-1].block.facts, 0))
    block = frames[-1].block
    written.writer.open[_ADDS] = block
    block.add(f"return ({''.join(f'{written.value(key, block)}, ' for key in counted.asked)})")
    for frame in frames:
        lines += [*frame.head.text(1), *frame.block.text(1)]
    return _made(engine, lines, written.writer.constants, "key")


def _made(engine: Engine, lines: Sequence[str], constants: Mapping[str, Any], name: str) -> Callable[[Any], Any]:
    space: dict[str, Any] = {
        **constants,
        **functions(engine.working_days),
        "_over": over,
        "Own": Own,
        "Entry": Entry,
        "Part": Part,
        "ranged": ranged,
        "texts": texts,
        "items": items,
        "simplify": simplify,
    }
    # All of it was written above: numbers, names made here, and literals.
    exec(compile("\n".join(lines) + "\n", "<circuit>", "exec"), space)
    return space[name]  # type: ignore[no-any-return]  # as written


_Write: TypeAlias = "Callable[[_Written, Block], None]"


def _not_here(name: str) -> ByOwn:
    """What reads a statistic is not told here."""
    raise Unlowered("统计的成员")


class _Written:
    """The code of one kind of contribution. ``asked``: what is asked of every instance, ``rest``: what only of those that may
    count. Each of them is to be written once, since what it reads is worked out where it was first written."""

    def __init__(
        self,
        root: Space,
        asked: Sequence[Bit],
        rest: Sequence[Lowered],
        names: str = "K",
    ) -> None:
        further = [node for value in rest for node in _nodes(value)]
        foreign: list[Foreign] = []
        self.foreign = foreign
        self.bodies: list[Bit | Num] = [*asked, *further]
        beside = [cell for value in rest for cell in _cells(value)]
        readers = [Reader(_COUNTS, _ASKED, asked), Reader(_ADDS, _COUNTS, further)]
        entries = Entries(reachable(self.bodies), self.bodies)
        self.writer = Decider(Sharing(readers, beside), root, {}, foreign, entries, _not_here, start=names)

    def rows(self, place: Place, write: _Write) -> list[str]:
        """The lines of what is written for each instance at a place, in their order."""
        line = [place.space]
        while line[-1].parent is not None:
            line.append(line[-1].parent)
        writer = self.writer
        block = writer.frames[0].block
        writer.first(writer.frames[0], self.bodies)
        entered: list[tuple[Frame, Block]] = []
        for space in reversed(line[:-1]):
            frame = writer.enter(space, block, self.bodies)
            entered.append((frame, block))
            block = frame.block
        writer.open[_COUNTS] = writer.open[_ADDS] = block
        write(self, block)
        if not block.lines:
            return []
        for frame, around in reversed(entered):
            writer.leave(frame, around)
        if self.foreign:
            raise Unlowered("统计的成员")
        top = writer.frames[0]
        return [*top.head.text(1), *top.block.text(1)]

    # ---- values of the definition

    def truth(self, truth: Truth, block: Block) -> str:
        """A truth: True, False or None."""
        true = self.writer.bit(truth.true, block)
        if truth.true is truth.possible or true == "True":
            return true
        possible = self.writer.bit(truth.possible, block)
        if possible in ("True", "False"):
            return f"({true} or None)" if possible == "True" else possible
        return f"(True if {true} else None if {possible} else False)"

    def value(self, value: Lowered, block: Block) -> str:
        """A value, known or not."""
        writer = self.writer
        match value:
            case Truth():
                return self.truth(value, block)
            case Range(low, high, open_low, open_high, void, perhaps):
                bits = [writer.bit(bit, block) for bit in (open_low, open_high, void, perhaps)]
                least = writer.num(low, block)
                if low is high and bits == ["False"] * 4:
                    return least if writer.is_day(low) else f"simplify({least})"
                return f"ranged({least}, {writer.num(high, block)}, {', '.join(bits)})"
            case Options(options, any_):
                return self._text(options, any_, block)
            case Items(held):
                told = [f"({one!r}, {self.truth(truth, block)})" for one, truth in held.items()]
                return f"items(({''.join(f'{one}, ' for one in told)}))"
            case TextSet(cell):
                if cell is None:
                    return writer.constant_of(_ANY_SET)
                text = writer.cell(cell)
                return text if block.facts.filled(cell) else self._filled(text, _ANY_SET, block)

    def _filled(self, held: str, blank: Abstract, block: Block) -> str:
        name = self.writer.fresh("c")
        block.add(f"{name} = {held}")
        return f"({self.writer.constant_of(blank)} if {name} is None else {name})"

    def _text(self, options: Sequence[tuple[Bit, str | Cell]], any_: Bit, block: Block) -> str:
        writer = self.writer
        if (found := _by_cell(options, any_)) is not None:
            cell, table = found
            return f"{writer.constant_of(table)}[{writer.cell(cell)}]"
        match options:
            case ((Fixed(value=True), Cell() as cell),) if isinstance(any_, Fixed) and not any_.value:
                return writer.cell(cell)
            case ((In() | Neg() as there, Cell() as cell),) if _is_blank(any_, cell) and _is_known(there, cell):
                return self._filled(writer.cell(cell), v.ANY_TEXT, block)
        told = [
            f"({writer.bit(bit, block)}, {writer.cell(one) if isinstance(one, Cell) else repr(one)}), "
            for bit, one in options
        ]
        return f"texts({writer.bit(any_, block)}, ({''.join(told)}))"


def _is_blank(bit: Bit, cell: Cell) -> bool:
    return isinstance(bit, In) and bit.cell == cell and bit.values == {None} and not bit.rest


def _is_known(bit: Bit, cell: Cell) -> bool:
    if isinstance(bit, Neg):
        return _is_blank(bit.bit, cell)
    return isinstance(bit, In) and bit.cell == cell and bit.values == {None} and bit.rest


def _by_cell(options: Sequence[tuple[Bit, str | Cell]], any_: Bit) -> tuple[Cell, dict[Any, Abstract]] | None:
    """Where all that a text may be turns on one cell of few values: that, and what it is for each of them."""
    bits = [bit for bit, _ in options if not isinstance(bit, Fixed)]
    cells = {bit.cell for bit in bits if isinstance(bit, In)}
    if len(cells) != 1 or not all(isinstance(bit, In) for bit in bits) or not isinstance(any_, Fixed) or any_.value:
        return None
    (cell,) = cells
    if cell.domain is None or any(isinstance(one, Cell) for _, one in options):
        return None

    def holds(bit: Bit, value: Any) -> bool:
        return bit.value if isinstance(bit, Fixed) else isinstance(bit, In) and (value in bit.values) is not bit.rest

    return cell, {value: v.candidates([one for bit, one in options if holds(bit, value)]) for value in cell.domain}


def _nodes(value: Lowered) -> list[Bit | Num]:
    match value:
        case Truth(true, possible):
            return [true, possible]
        case Range(low, high, open_low, open_high, void, perhaps):
            return [low, high, open_low, open_high, void, perhaps]
        case Options(options, any_):
            return [*(bit for bit, _ in options), any_]
        case Items(held):
            return [bit for truth in held.values() for bit in (truth.true, truth.possible)]
        case TextSet():
            return []


def _cells(value: Lowered) -> list[Cell]:
    match value:
        case Options(options):
            return [one for _, one in options if isinstance(one, Cell)]
        case TextSet(cell) if cell is not None:
            return [cell]
        case _:
            return []


# ---- what the code calls


def ranged(low: Any, high: Any, open_low: bool, open_high: bool, void: bool, perhaps: bool) -> Abstract:
    """A number or a day between two bounds, each perhaps open; ``void``: there is none; ``perhaps``: perhaps none."""
    if void:
        return v.VOID
    return v.interval(None if open_low else simplify(low), None if open_high else simplify(high), perhaps)


def texts(any_: bool, options: Sequence[tuple[bool, Any]]) -> Abstract:
    """A text that is one of those whose bit is true; ``any_``: or anything else."""
    return v.ANY_TEXT if any_ else v.candidates([one for may, one in options if may])


def items(held: Sequence[tuple[str, bool | None]]) -> Abstract:
    """A set of declared values, each surely, perhaps or not in it."""
    certain = frozenset([one for one, truth in held if truth])
    return v.set_of(v.SetRange(certain, frozenset([one for one, truth in held if truth is not False])))


__all__ = ["Counting", "counting"]

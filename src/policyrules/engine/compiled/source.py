"""Writing nodes as Python: expressions, and the statements that have to come before them.

Why this exists: what a circuit says is written here as the code that a person would write who knows which operand decides
soonest, reads no cell twice and looks into no list that nobody asks about.

Invariants: no text of a user stands outside literals; whatever is compared is a number or a day, never a blank (of a blank
cell it is 0, or the first day there is, throughout); a statement stands in a block only where all that it reads is
written before it; the same circuit is written in the same way.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, assert_never

from policyrules.engine.compiled.blocks import Block, Frame, Guard, Scope, nesting
from policyrules.engine.compiled.facts import Facts
from policyrules.engine.compiled.needs import is_plain
from policyrules.engine.compiled.parts import FIRST_DAY, PARTS, ByOwn, foreign_is_day
from policyrules.engine.compiled.scales import ONE, Scale
from policyrules.engine.compiled.sharing import OverRows, Sharing
from policyrules.engine.compiled.thresholds import Turnings
from policyrules.engine.lowering.functions import PARTIAL
from policyrules.engine.lowering.nodes import (
    AllOf,
    AnyNode,
    AnyOf,
    Bit,
    BitOf,
    Call,
    Cell,
    Choice,
    Comes,
    ComesTo,
    Compare,
    Const,
    Counted,
    Defined,
    Enough,
    Extremum,
    Fixed,
    Foreign,
    HasList,
    Holds,
    HoldsOther,
    HowMany,
    In,
    Linear,
    Meets,
    Neg,
    Num,
    NumOf,
    Over,
    Read,
    RowCount,
    RowExtremum,
    RowSum,
    SameText,
    SizeOf,
    SomeRow,
    Space,
    Switch,
    Times,
    Told,
    operands,
)
from policyrules.types import Kind, Number, Value

DEEPEST: Final = 30
"""Brackets in brackets, and blocks in blocks, that are written at most."""
LOOPS = 15
"""Loops in loops of one function at most."""
_DAYS: Final = frozenset(
    {"moved", "yearly", "month_end", "quarter_end", "year_end", "workday_earliest", "workday_latest"}
)


class Writer(Scope):
    """Writes the nodes that ``sharing`` knows. ``alone``: what a statistic is without a portfolio, by `Counted.own`."""

    def __init__(
        self,
        sharing: Sharing,
        root: Space,
        given: dict[Cell, str],
        foreign: list[Foreign],
        alone: Callable[[str], ByOwn],
        start: str,
    ) -> None:
        super().__init__(sharing, root, given, start)
        self.foreign = foreign
        self._alone = alone
        self._days: dict[int, bool] = {}
        self.scales = sharing.scales
        self._turnings = Turnings()

    def comes_to(self, node: ComesTo) -> str:
        """A test of what a decision comes to."""
        raise NotImplementedError

    def _comes(self, node: Comes, block: Block) -> str:
        raise NotImplementedError

    def _shared(self, node: AnyNode, write: Any) -> str:
        """A node that is a local variable, written where it is asked for first."""
        frame = self.frame_of(node.space)
        found = frame.names.get(node.id)
        if found is None:
            together, block = self._together(node, frame) if isinstance(node, OverRows) else ([], None)
            block = block or self.block_for(node.id, frame)
            before = self.frames
            self.frames = before[: before.index(frame) + 1]
            guard = self._guard(together or [node], block)
            inner = block
            if guard is not None:
                inner = block.inside()
                for bit, truth in guard.tests:
                    inner.facts.assume(bit, truth)
            told = self._over_rows(together, inner) if together else {node: write(node, inner)}
            for one, text in told.items():
                settled = text in ("True", "False")
                if not settled and (guard is not None or not (text.isidentifier() or text.isdigit())):
                    name = self.fresh("x")
                    inner.add(f"{name} = {text}")
                    text = name
                frame.names[one.id] = text
                if guard is not None and not settled:
                    guard.otherwise(f"{text} = {self._anything(one)}")
            if guard is not None:
                guard.put(block, inner)
            self.frames = before
            found = frame.names[node.id]
        return found

    def _together(self, node: OverRows, frame: Frame) -> tuple[list[OverRows], Block]:
        """What is worked out in one loop with an operation over rows, and the block that the loop stands in: whatever else would be
        written there, were it asked for now, by the same reader."""
        if node.id in self.sharing.first:
            return [node], frame.block
        block = self.open.get(self.sharing.stands(node))
        if block is None or block.frame is not frame:
            return [node], self.block_for(node.id, frame)
        others = (one for one in self.sharing.together(node) if one is not node)
        return [node, *(one for one in others if one.id not in frame.names and one.id not in self.sharing.first)], block

    def _guard(self, nodes: Sequence[AnyNode], block: Block) -> Guard | None:
        """What is asked before nodes are worked out that are dear, or come right after one that is. All of ``nodes`` have the
        same tests in `Sharing.guards`, but one may need more than another."""
        last, needs = block.guard, [self.sharing.needs.get(node.id, frozenset()) for node in nodes]
        if last is not None and last.is_last_of(block) and all(last.numbers <= need for need in needs):
            return last
        asked = self.sharing.guards.get(nodes[0].id)
        if asked is None or block.depth >= DEEPEST:
            return None
        tests: list[tuple[Bit, bool]] = []
        texts: list[str] = []
        for bit, truth in asked:
            known = block.facts.known(bit)
            if known is None:
                text = self.bit(bit, block)
                texts.append(text if truth else f"not {text}")
                tests.append((bit, truth))
            elif known is not truth:
                # Nobody asks for it here.
                return None
        if not tests:
            return None
        numbers = frozenset((bit.id, truth) for bit, truth in tests)
        if last is not None and last.is_last_of(block) and last.numbers == numbers:
            return last
        return Guard(" and ".join(texts), tests, numbers)

    def _anything(self, node: AnyNode) -> str:
        """What a node is taken to be where nobody asks for it."""
        if isinstance(node, Foreign):
            if isinstance(node, Told) and node.expression.type.kind is Kind.BOOL:
                return "(False, True)"
            end = self.constant(FIRST_DAY if foreign_is_day(node) else 0)
            return f"({end}, {end}, True, True, False, False)"
        return self._zero(node) if isinstance(node, Num) else "False"

    def first(self, frame: Frame, bodies: Sequence[AnyNode]) -> None:
        """Work out what would be nested too deeply elsewhere, as far as ``bodies`` read it."""
        if not self.sharing.tall:
            return
        # What is read by way of something outside is worked out there: it may stand in a loop of its own over the same rows.
        outside = {one.space for one in self.frames if one is not frame}
        needed: set[int] = set()
        waiting = [*bodies]
        while waiting:
            node = waiting.pop()
            if node.id not in needed and node.space not in outside:
                needed.add(node.id)
                waiting += operands(node)
        for node in self.sharing.tall:
            outermost = node.space is None and frame is self.frames[0]
            if node.id in needed and (node.space == frame.space or outermost):
                self._shared(node, self._any)

    def _is_shared(self, node: Bit | Num | Foreign) -> bool:
        sharing = self.sharing
        if sharing.uses[node.id] > 1 or node.id in sharing.first or isinstance(node, OverRows):
            return True
        return self.frame_of(node.space) is not self.frames[-1]

    def _cut(self, text: str, block: Block) -> str:
        """An expression whose brackets are not too deep."""
        if len(text) > 4 * DEEPEST and nesting(text) > DEEPEST:
            name = self.fresh("x")
            block.add(f"{name} = {text}")
            return name
        return text

    def _any(self, node: AnyNode, block: Block) -> str:
        if isinstance(node, Comes):
            return self._comes(node, block)
        if isinstance(node, Foreign):
            return self._asked(node, block)
        return self._num(node, block) if isinstance(node, Num) else self._bit(node, block)

    # ---- bits

    def bit(self, node: Bit, block: Block) -> str:
        """An expression that is True or False."""
        told = block.facts.known(node)
        if told is not None:
            return repr(told)
        if is_plain(node):
            return self._written(node, block)
        if self._is_shared(node):
            return self._shared(node, self._bit)
        return self._cut(self._bit(node, block), block)

    def _bit(self, node: Bit, block: Block) -> str:
        self.open[node.id] = block
        found = self._written(node, block)
        del self.open[node.id]
        return found

    def _written(self, node: Bit, block: Block) -> str:
        match node:
            case Fixed(value=value):
                return repr(value)
            case In(cell=cell, values=values, rest=rest):
                return self._among(cell, values, rest)
            case Holds(cell=cell, item=item):
                held = self.cell(cell)
                return f"({item!r} in {held})" if block.facts.filled(cell) else f"({item!r} in ({held} or ()))"
            case HoldsOther(cell=cell, items=items):
                if not items:
                    return f"(not not {self.cell(cell)})"
                return f"(not ({self.cell(cell)} or {self.constant(frozenset())}) <= {self.constant(items)})"
            case Meets(left=left, right=right):
                nothing = self.constant(frozenset())
                return f"(not ({self.cell(left)} or {nothing}).isdisjoint({self.cell(right)} or ()))"
            case SameText(left=left, right=right):
                return f"({self.cell(left)} is not None and {self.cell(left)} == {self.cell(right)})"
            case Compare():
                return self._compared(node, block)
            case Neg(bit=bit):
                text = self.bit(bit, block)
                return {"True": "False", "False": "True"}.get(text, f"(not {text})")
            case AllOf(bits=bits):
                return self._joined(node.id, bits, block, True)
            case AnyOf(bits=bits):
                return self._joined(node.id, bits, block, False)
            case Enough(count=count, bits=bits):
                return f"({self._sum(bits, block)} >= {count})"
            case SomeRow():
                raise AssertionError("written by `_over_rows`")
            case HasList(place=place, object=kind):
                return f"({self.rows(place, kind)} is not None)"
            case Switch(name=name):
                return f"R.switch({name!r})"
            case Defined(call=call):
                return self._from_day(node, block) or f"({self._called(call, block)} is not None)"
            case ComesTo():
                return self.comes_to(node)
            case BitOf(value=value, part=part):
                return f"{self._told(value)}[{PARTS[part]}]"
            case _:
                assert_never(node)

    def _among(self, cell: Cell, values: frozenset[Value | None], rest: bool) -> str:
        held = self.cell(cell)
        if cell.domain is not None and 2 * len(values) > len(cell.domain):
            values, rest = cell.domain - values, not rest
        if cell.kind is Kind.BOOL:
            (only,) = values
            return f"({held} is {'not ' * rest}{only!r})"
        if values == {None}:
            return f"({held} is {'not ' * rest}None)"
        if len(values) == 1:
            (one,) = values
            return f"({held} {'!=' if rest else '=='} {one!r})"
        listed = ", ".join(sorted(repr(value) for value in values))
        return (
            f"({held} {'not ' * rest}in {{{listed}}})"
            if len(values) <= 50
            else (f"({held} {'not ' * rest}in {self.constant(values)})")
        )

    def _joined(self, number: int, bits: Sequence[Bit], block: Block, every: bool) -> str:
        so_far = Facts(block.facts)
        done: list[str] = []
        variable: str | None = None
        word = " and " if every else " or "
        for bit in sorted(self._turnings.narrowed(bits, every), key=_dearness):
            # What has to be written before a later operand is worked out only where it is asked for.
            lazy = bool(done) and block.depth < DEEPEST
            inner = block.inside(so_far) if lazy else block
            self.open[number] = inner
            text = self.bit(bit, inner)
            if text == repr(not every):
                return text
            if lazy and inner.lines:
                # Also where nothing comes of it: what is written there may be read by the next.
                variable = variable or self.fresh("t")
                if done != [variable]:
                    block.add(f"{variable} = {word.join(done)}")
                if text != repr(every):
                    inner.add(f"{variable} = {text}")
                block.put(f"if {variable}:" if every else f"if not {variable}:", inner)
                done = [variable]
            elif text != repr(every):
                done.append(text)
            so_far.assume(bit, every)
        if not done:
            return repr(every)
        return done[0] if len(done) == 1 else f"({word.join(done)})"

    def _sum(self, bits: Sequence[Bit], block: Block) -> str:
        texts = [self.bit(bit, block) for bit in bits]
        return f"({' + '.join(texts)})" if len(texts) <= DEEPEST else f"sum(({', '.join(texts)}))"

    def _from_day(self, node: Compare | Defined, block: Block) -> str:
        """Of a day that is moved the test of the day itself, else nothing."""
        found = self._turnings.of(node)
        if found is None:
            return ""
        read, day, later = found
        if day is None or day == FIRST_DAY:
            return repr((day is None) is not later)
        return f"({self.num(read, block)} {'>=' if later else '<'} {self.constant(day)})"

    def _compared(self, node: Compare, block: Block) -> str:
        if (told := self._from_day(node, block)) != "":
            return told
        sign = {"<": "<", "≤": "<=", "=": "=="}[node.order]
        scale = self.scales.together((node.left, node.right))
        left, right = (self.scaled(number, scale, block) for number in (node.left, node.right))
        return f"({left} {sign} {right})"

    # ---- numbers

    def num(self, node: Num, block: Block) -> str:
        """An expression that is a number or a day."""
        if isinstance(node, Read):
            return self._held(node, block)
        scale = self.scales.of(node)
        text = self.scaled(node, scale, block)
        return text if scale == ONE else f"_over({text}, {self.times(scale, block)})"

    def scaled(self, node: Num, scale: Scale, block: Block) -> str:
        """An expression that is a number at a scale."""
        own = self.scales.of(node)
        if not own.divides(scale):
            return self._more(self.num(node, block), scale, block)
        if isinstance(node, Call):
            text = self._called(node, block)
            text = f"({text} or {self._zero(node)})" if node.name in PARTIAL else text
        elif isinstance(node, Const | Read) or not self._is_shared(node):
            return self._cut(self._num(node, block, scale), block)
        else:
            text = self._shared(node, self._num)
        return self._more(text, scale.over(own), block)

    def times(self, scale: Scale, block: Block) -> str:
        """What a number at a scale was multiplied by."""
        return self._more("", scale, block) or "1"

    def _more(self, text: str, scale: Scale, block: Block) -> str:
        times = [str(scale.times)] if scale.times != 1 else []
        below = [self._part(cell, "denominator", block) for cell in scale.cells]
        return " * ".join([*times, *([text] if text else []), *below])

    def _part(self, cell: Cell, part: str, block: Block) -> str:
        """The numerator or the denominator of what a cell holds, of a blank one that of 0."""
        held = self.cell(cell)
        if not held.isidentifier():
            return f"{held}.{part}" if block.facts.filled(cell) else f"({held} or 0).{part}"
        # Whoever reads a part of it reads the cell as well, so both are worked out in one place.
        number, frame = self.sharing.cells[cell], self.frame_of(cell.place.space)
        found = frame.seen.get((part, number))
        if found is None:
            found = frame.seen[part, number] = self.fresh("x")
            line = f"{found} = (0 if {held} is None else {held}).{part}"
            self.block_for(number, frame).add(line)
        return found

    def _held(self, node: Read, block: Block) -> str:
        held = self.cell(node.cell)
        return held if block.facts.filled(node.cell) else f"({held} or {self._zero(node)})"

    def _num(self, node: Num, block: Block, scale: Scale | None = None) -> str:
        self.open[node.id] = block
        found = self._number(node, self.scales.of(node) if scale is None else scale, block)
        del self.open[node.id]
        return found

    def _number(self, node: Num, scale: Scale, block: Block) -> str:
        match node:
            case Const(value=value):
                if isinstance(value, datetime.date):
                    return self.constant(value)
                text = self.constant(_whole(value * scale.times))
                return text if value == 0 else self._more(text, Scale(1, scale.cells), block)
            case Linear(constant=constant, terms=terms):
                return self._linear(constant, terms, scale, block)
            case Extremum(largest=largest, numbers=numbers):
                parts = ", ".join(self.scaled(number, scale, block) for number in numbers)
                return f"{'max' if largest else 'min'}({parts})"
            case Choice(bit=bit, yes=yes, no=no):
                return self._chosen(bit, yes, no, scale, block)
            case _:
                own = self.scales.of(node)
                return self._more(self._plain(node, block), scale.over(own), block)

    def _plain(self, node: Num, block: Block) -> str:
        """A number at its own scale."""
        match node:
            case Read(cell=cell):
                parted = bool(self.scales.of(node).cells)
                return self._part(cell, "numerator", block) if parted else self._held(node, block)
            case Times(left=left, right=right):
                own = self.scales.of(node)
                parts = [
                    self.num(one, block) if own == ONE else self.scaled(one, self.scales.of(one), block)
                    for one in (left, right)
                ]
                return f"({' * '.join(parts)})"
            case Over(left=left, right=right):
                both = self.scales.together((left, right))
                return f"_over({self.scaled(left, both, block)}, {self.scaled(right, both, block)})"
            case HowMany(bits=bits):
                return self._sum(bits, block)
            case SizeOf(cell=cell):
                return f"len({self.cell(cell)} or ())"
            case RowCount() | RowSum() | RowExtremum():
                raise AssertionError("written by `_over_rows`")
            case Call(name=name, arguments=arguments, fixed=fixed):
                given = [*(self.num(number, block) for number in arguments), *map(self.constant, fixed)]
                return f"{name}({', '.join(given)})"
            case NumOf(value=value, part=part):
                return f"{self._told(value)}[{PARTS[part]}]"
            case _:
                raise AssertionError("written by `_number`")

    def _zero(self, node: Num) -> str:
        return self.constant(FIRST_DAY if self.is_day(node) else 0)

    def is_day(self, node: Num) -> bool:
        """Whether a node is a day, not a number."""
        found = self._days.get(node.id)
        if found is None:
            match node:
                case Const(value=value):
                    found = isinstance(value, datetime.date)
                case Read(cell=cell):
                    found = cell.kind is Kind.DATE
                case Choice(yes=part) | RowExtremum(number=part):
                    found = self.is_day(part)
                case Extremum(numbers=numbers):
                    found = self.is_day(numbers[0])
                case Call(name=name):
                    found = name in _DAYS
                case NumOf(value=value):
                    found = foreign_is_day(value)
                case _:
                    found = False
            self._days[node.id] = found
        return found

    def _linear(self, constant: Number, terms: Iterable[tuple[Number, Num]], scale: Scale, block: Block) -> str:
        found = ""
        for factor, number in terms:
            own = self.scales.of(number)
            at = Scale(own.times, scale.cells)
            if own.divides(at):
                text, factor = self.scaled(number, at, block), _whole(Fraction(factor * scale.times, own.times))
            else:
                text, factor = self.num(number, block), _whole(factor * scale.times)
            sign, factor = (" - ", -factor) if factor < 0 else (" + ", factor)
            part = text if factor == 1 else f"{self.constant(factor)} * {text}"
            found = f"{found}{sign}{part}" if found else part if sign == " + " else f"-{part}"
            if len(found) > 40 * DEEPEST:
                name = self.fresh("n")
                block.add(f"{name} = {found}")
                found = name
        constant = _whole(constant * scale.times)
        if constant != 0:
            found = f"{found} + {self._more(self.constant(constant), Scale(1, scale.cells), block)}"
        return found if found.isidentifier() else f"({found})"

    def _chosen(self, bit: Bit, yes: Num, no: Num, scale: Scale, block: Block) -> str:
        test = self.bit(bit, block)
        if test in ("True", "False"):
            return self.scaled(yes if test == "True" else no, scale, block)
        found: list[tuple[str, Block]] = []
        for truth, number in ((True, yes), (False, no)):
            inner = block
            if block.depth < DEEPEST:
                inner = block.inside()
                inner.facts.assume(bit, truth)
            found.append((self.scaled(number, scale, inner), inner))
        (first, then), (second, other) = found
        if then is block or not (then.lines or other.lines):
            return f"({first} if {test} else {second})"
        name = self.fresh("n")
        then.add(f"{name} = {first}")
        other.add(f"{name} = {second}")
        block.put(f"if {test}:", then)
        block.put("else:", other)
        return name

    def _called(self, call: Call, block: Block) -> str:
        """A function of days, None where it has no value."""
        if self._is_shared(call):
            return self._shared(call, self._num)
        return self._cut(self._num(call, block), block)

    def _told(self, value: Foreign) -> str:
        """The parts of a foreign value."""
        return self._shared(value, self._asked)

    def _asked(self, value: Foreign, block: Block) -> str:
        places = (value.place,) if isinstance(value, Counted) else value.places
        self.foreign.append(value)
        told = f"R._tell({len(self.foreign) - 1}, {', '.join(self.instance(place) for place in places)})"
        if not isinstance(value, Counted) or not value.own:
            return told
        own = ", ".join(self.bit(bit, block) for bit in value.own)
        return f"({self.constant_of(self._alone(value.name))}[{own}] if R.alone else {told})"

    # ---- rows

    def enter(self, rows: Space, block: Block, bodies: Sequence[AnyNode]) -> Frame:
        """Begin what is run for each row of a space, and reads ``bodies``."""
        frame = Frame(rows, self.fresh("I"), Facts(block.facts), block.depth + 1)
        if rows.without is not None:
            frame.head.add(f"if {frame.instance} is {self.frame_of(rows.without).instance}: continue")
        self.frames.append(frame)
        self.first(frame, bodies)
        return frame

    def leave(self, frame: Frame, block: Block, *told: str) -> None:
        """End it, and put it into a block. ``told``: the variables that it tells something by."""
        self.frames.pop()
        space = frame.space
        assert space.source is not None
        frame.head.put("", frame.block)
        head = f"for {frame.instance} in {self.rows(space.source, space.object)} or ():"
        if len(self.frames) % LOOPS:
            block.put(head, frame.head)
            return
        # Python counts loops in loops, and begins anew in a function.
        name, inside = self.fresh("f"), block.inside()
        if told:
            inside.add(f"nonlocal {', '.join(told)}")
        inside.put(head, frame.head)
        block.put(f"def {name}():", inside)
        block.add(f"{name}()")

    def _of_row(self, node: RowSum | RowExtremum, number: Num, block: Block) -> str:
        """What a row gives, at the scale of what is made of all rows."""
        own = self.scales.of(node)
        return self.scaled(number, own, block) if own == self.scales.of(number) else self.num(number, block)

    def _over_rows(self, together: Sequence[OverRows], block: Block) -> dict[AnyNode, str]:
        """What operations over the same rows come to, each as an expression, after one loop."""
        told: dict[AnyNode, str] = {}
        names: list[str] = []
        found_: list[tuple[str, Block]] = []
        frame = self.enter(together[0].rows, block, [part for node in together for part in operands(node)])
        for node in together:
            self.open[node.id] = block
            test = self.bit(node.bit, frame.block)
            if test == "False":
                told[node] = self._anything(node)
                continue
            name = told[node] = self.fresh("t" if isinstance(node, SomeRow) else "n")
            names.append(name)
            found = frame.block.inside()
            found.facts.assume(node.bit, True)
            self.open[node.id] = found
            match node:
                case SomeRow():
                    block.add(f"{name} = False")
                    found.add(f"{name} = True")
                    found_.append((name, found))
                case RowCount():
                    block.add(f"{name} = 0")
                    found.add(f"{name} += 1")
                case RowSum(number=number):
                    block.add(f"{name} = 0")
                    found.add(f"{name} += {self._of_row(node, number, found)}")
                case RowExtremum(largest=largest, number=number):
                    block.add(f"{name} = None")
                    held = self.fresh("n")
                    found.add(f"{held} = {self._of_row(node, number, found)}")
                    found.add(f"if {name} is None or {held} {'>' if largest else '<'} {name}: {name} = {held}")
                case _:
                    assert_never(node)
            frame.block.put("" if test == "True" else f"if {test}:", found)
        for node in together:
            del self.open[node.id]
        if not names:
            self.frames.pop()
            return told
        if len(found_) == len(names):
            # Nothing more is found in the rows behind.
            for name, found in found_:
                others = " and ".join(other for other in names if other != name)
                found.add(f"if {others}: break" if others else "break")
        self.leave(frame, block, *names)
        for node in together:
            if isinstance(node, RowExtremum) and (name := told[node]) in names:
                block.add(f"if {name} is None: {name} = {self._zero(node)}")
        return told


def _dearness(bit: Bit) -> int:
    while isinstance(bit, Neg):
        bit = bit.bit
    match bit:
        case In() | HasList() | Fixed():
            return 0
        case Holds() | HoldsOther() | SameText() | Switch():
            return 1
        case Compare() | ComesTo():
            return 2
        case AllOf() | AnyOf():
            return 3
        case SomeRow():
            return 5
        case BitOf():
            return 6
        case _:
            return 4


def _whole(value: Number) -> Number:
    return int(value) if value == int(value) else value

"""Making circuits: each node once, and what is fixed worked out while it is made.

Why this exists: lowering writes what things mean in the plainest way; that tests of one cell are one test, that what is fixed
folds away, and that what is said twice is one node, is seen to here.

Invariants: what is made means exactly what was asked for; the same calls in the same order give the same circuit.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any as AnyValue
from typing import Final, TypeVar

from policyrules.engine.lowering.extents import Extents
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
    Exact,
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
    Node,
    Num,
    NumOf,
    Order,
    Over,
    Place,
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
    ValuePart,
)
from policyrules.program.nodes import Decision
from policyrules.source import Span
from policyrules.types import Kind, Number, Value, simplify

_Made = TypeVar("_Made")
_LISTED: Final = 64
"""Of a cell that may hold no more values a test always says which, not which not."""
_WIDE: Final = 128
"""What is joined of more parts, and a test for more values, is one part where it is joined with others, and not all of them again."""


def _whole(value: Exact) -> Exact:
    return value if isinstance(value, datetime.date) else simplify(value)


class Circuit:
    """Nodes, each made once. ``spans``: where what a node stands for was written, of those that stand for something."""

    def __init__(self) -> None:
        self.nodes: list[AnyNode] = []
        self.spans: dict[int, Span] = {}
        self.extents = Extents()
        self._made: dict[tuple[AnyValue, ...], AnyValue] = {}
        self._domains: dict[int, tuple[frozenset[Value | None] | None, AnyValue]] = {}
        self.true: Final[Fixed] = self._make(Fixed, None, True)
        self.false: Final[Fixed] = self._make(Fixed, None, False)

    def _make(self, kind: Callable[..., _Made], space: Space | None, *parts: AnyValue) -> _Made:
        key = (kind, *[_key(part) for part in parts])
        found: _Made | None = self._made.get(key)
        if found is None:
            found = self._made[key] = kind(len(self.nodes), space, *parts)
            self.nodes.append(found)  # type: ignore[arg-type]  # whatever is made is a node
        return found

    def written(self, node: Node, span: Span) -> None:
        """Note where something was written that comes to this node; the first place stays."""
        self.spans.setdefault(node.id, span)

    # ---- bits

    def fixed(self, value: bool) -> Fixed:
        """True or false."""
        return self.true if value else self.false

    def among(self, cell: Cell, values: Iterable[Value | None], *, rest: bool = False) -> Bit:
        """Whether a cell holds one of the values (None: blank), or with ``rest`` none of them."""
        asked, domain = frozenset(values), self._domain(cell)
        if domain is not None:
            asked &= domain
            if self._turned(len(asked), len(domain), rest):
                asked, rest = domain - asked, not rest
            if asked == domain:
                return self.fixed(not rest)
        if cell.place.below:
            # Nothing is known of it, or nothing was filled in: a blank.
            return self.fixed((None in asked) is not rest)
        if not asked:
            return self.fixed(rest)
        return self._make(In, cell.place.space, cell, asked, rest)

    @staticmethod
    def _turned(asked: int, domain: int, rest: bool) -> bool:
        """Whether a test is asked of the other values: of many always of the fewer, so that none holds nearly all of them."""
        if domain <= _LISTED:
            return rest
        return 2 * asked > domain or (rest and 2 * asked == domain)

    def _domain(self, cell: Cell) -> frozenset[Value | None] | None:
        found = self._domains.get(id(cell.field))
        if found is None:
            # Of fields that hold thousands of values, made once.
            found = self._domains[id(cell.field)] = cell.domain, cell.field
        return found[0]

    def blank(self, cell: Cell) -> Bit:
        """Whether a cell is blank."""
        return self.among(cell, (None,))

    def known(self, cell: Cell) -> Bit:
        """Whether a cell is filled."""
        return self.among(cell, (None,), rest=True)

    def holds(self, cell: Cell, item: str) -> Bit:
        """Whether a set holds an item."""
        if cell.place.below or (cell.field.type.values is not None and item not in cell.field.type.values):
            return self.false
        return self._make(Holds, cell.place.space, cell, item)

    def holds_other(self, cell: Cell, items: Iterable[str]) -> Bit:
        """Whether a set holds something else."""
        values = cell.field.type.values
        if values is not None:
            beside = frozenset(items)
            return self.any_of([self.holds(cell, value) for value in values if value not in beside])
        if cell.place.below:
            return self.false
        return self._make(HoldsOther, cell.place.space, cell, frozenset(items))

    def meets(self, left: Cell, right: Cell) -> Bit:
        """Whether two sets share a text."""
        if left == right:
            return self.holds_other(left, ())
        if left.place.below or right.place.below:
            return self.false
        one, other = sorted((left, right), key=repr)
        space = _inner(left.place.space, right.place.space)
        return self._make(Meets, space, one, other)

    def same_text(self, left: Cell, right: Cell) -> Bit:
        """Whether two cells hold the same text."""
        if left == right:
            return self.known(left)
        if left.place.below or right.place.below:
            return self.false
        one, other = sorted((left, right), key=repr)
        space = _inner(left.place.space, right.place.space)
        return self._make(SameText, space, one, other)

    def negation(self, bit: Bit) -> Bit:
        """Not."""
        match bit:
            case Fixed(value=value):
                return self.fixed(not value)
            case Neg(bit=inner):
                return inner
            case In(cell=cell, values=values, rest=rest):
                return self.among(cell, values, rest=not rest)
            case Compare(order="<", left=left, right=right):
                return self.compare("≤", right, left)
            case Compare(order="≤", left=left, right=right):
                return self.compare("<", right, left)
            case AllOf(bits=bits) if all(map(_plain, bits)):
                return self.any_of(map(self.negation, bits))
            case AnyOf(bits=bits) if all(map(_plain, bits)):
                return self.all_of(map(self.negation, bits))
        return self._make(Neg, bit.space, bit)

    def all_of(self, bits: Iterable[Bit]) -> Bit:
        """All of the bits."""
        return self._joined(bits, True)

    def any_of(self, bits: Iterable[Bit]) -> Bit:
        """Any of the bits."""
        return self._joined(bits, False)

    def _joined(self, bits: Iterable[Bit], every: bool) -> Bit:
        found: dict[int, Bit] = {}
        tests: dict[Cell, In] = {}
        waiting = self._tests_joined(list(bits), every)
        waiting.reverse()
        while waiting:
            bit = waiting.pop()
            if isinstance(bit, Fixed):
                if bit.value is every:
                    continue
                return bit
            if isinstance(bit, AllOf if every else AnyOf) and len(bit.bits) <= _WIDE:
                waiting.extend(reversed(bit.bits))
                continue
            if isinstance(bit, In) and len(bit.values) <= _WIDE:
                earlier = tests.get(bit.cell)
                if earlier is not None:
                    if earlier is bit:
                        continue
                    # Several tests of one cell are one.
                    del found[earlier.id], tests[bit.cell]
                    waiting.append(self._both(earlier, bit) if every else self._either(earlier, bit))
                    continue
                tests[bit.cell] = bit
            found[bit.id] = bit
        for bit in found.values():
            if isinstance(bit, Neg) and bit.bit.id in found:
                return self.fixed(not every)
            if isinstance(bit, Compare) and bit.order != "=" and self.negation(bit).id in found:
                return self.fixed(not every)
        if not found:
            return self.fixed(every)
        parts = tuple(self._absorbed(found, every))
        if len(parts) == 1:
            return parts[0]
        space = _innermost(parts)
        return self._make(AllOf, space, parts) if every else self._make(AnyOf, space, parts)

    def _tests_joined(self, bits: list[Bit], every: bool) -> list[Bit]:
        """The same bits, with many tests of one cell, each for some value, as one: made at once, not one after the other."""
        of_cell: dict[Cell, list[In]] = {}
        for bit in bits:
            if isinstance(bit, In) and bit.rest is every and len(bit.values) <= _WIDE:
                of_cell.setdefault(bit.cell, []).append(bit)
        many = {cell for cell, tests in of_cell.items() if len(tests) > 2}
        if not many:
            return bits
        kept: list[Bit] = []
        for bit in bits:
            if not isinstance(bit, In) or bit.rest is not every or bit.cell not in many or len(bit.values) > _WIDE:
                kept.append(bit)
            elif bit is of_cell[bit.cell][0]:
                kept.append(
                    self.among(bit.cell, frozenset().union(*(one.values for one in of_cell[bit.cell])), rest=every)
                )
        return kept

    @staticmethod
    def _absorbed(found: dict[int, Bit], every: bool) -> Iterator[Bit]:
        # a and (a or b) is a.
        other = AnyOf if every else AllOf
        for bit in found.values():
            if isinstance(bit, other) and any(part.id in found for part in bit.bits):
                continue
            yield bit

    def _both(self, one: In, other: In) -> Bit:
        if one.rest and other.rest:
            return self.among(one.cell, one.values | other.values, rest=True)
        if one.rest:
            one, other = other, one
        held = one.values - other.values if other.rest else one.values & other.values
        return self.among(one.cell, held)

    def _either(self, one: In, other: In) -> Bit:
        return self.negation(
            self._both(
                In(-1, None, one.cell, one.values, not one.rest), In(-1, None, other.cell, other.values, not other.rest)
            )
        )

    def enough(self, count: int, bits: Iterable[Bit]) -> Bit:
        """Whether at least ``count`` of the bits are true; a bit that stands twice counts twice."""
        open_: list[Bit] = []
        for bit in bits:
            if isinstance(bit, Fixed):
                count -= bit.value
            else:
                open_.append(bit)
        if count <= 0:
            return self.true
        if count > len(open_):
            return self.false
        if count == 1:
            return self.any_of(open_)
        if count == len(open_):
            return self.all_of(open_)
        return self._make(Enough, _innermost(open_), count, tuple(open_))

    def some_row(self, rows: Space, bit: Bit) -> Bit:
        """Whether a row of ``rows`` meets ``bit``."""
        if bit is self.false:
            return bit
        return self._make(SomeRow, rows.parent, rows, bit)

    def every_row(self, rows: Space, bit: Bit) -> Bit:
        """Whether all rows of ``rows`` meet ``bit``."""
        return self.negation(self.some_row(rows, self.negation(bit)))

    def has_list(self, place: Place, object: str) -> Bit:
        """Whether a list was supplied."""
        if place.below:
            return self.false
        return self._make(HasList, place.space, place, object)

    def switch(self, name: str) -> Bit:
        """Whether a provision is there."""
        return self._make(Switch, None, name)

    def compare(self, order: Order, left: Num, right: Num) -> Bit:
        """Whether two numbers stand in an order."""
        if left is right:
            return self.fixed(order != "<")
        if isinstance(left, Const) and isinstance(right, Const):
            one: AnyValue = left.value
            other: AnyValue = right.value
            return self.fixed(one < other if order == "<" else one <= other if order == "≤" else one == other)
        if (told := self._apart(order, left, right)) is not None:
            return told
        if isinstance(left, Choice) and isinstance(right, Choice) and left.bit is right.bit:
            return self.either(
                left.bit, self.compare(order, left.yes, right.yes), self.compare(order, left.no, right.no)
            )
        if isinstance(left, Choice) and self._is_split(left, right):
            return self.either(left.bit, self.compare(order, left.yes, right), self.compare(order, left.no, right))
        if isinstance(right, Choice) and self._is_split(right, left):
            return self.either(right.bit, self.compare(order, left, right.yes), self.compare(order, left, right.no))
        for one, other in ((left, right), (right, left)):
            if (parts := self._divided(one)) is not None:
                # What is divided by more than 0 compares as it was before.
                above, beyond = parts[0], self.times(other, parts[1])
                return self.compare(order, *((above, beyond) if one is left else (beyond, above)))
        if order == "=" and left.id > right.id:
            left, right = right, left
        return self._make(Compare, _innermost((left, right)), order, left, right)

    def _apart(self, order: Order, left: Num, right: Num) -> Bit | None:
        """How two numbers compare of which declarations tell that."""
        (low, high), (other_low, other_high) = self.extents.of(left), self.extents.of(right)
        before = (
            high is not None and other_low is not None and (high < other_low or (order == "≤" and high == other_low))
        )
        behind = (
            low is not None and other_high is not None and (low > other_high or (order == "<" and low == other_high))
        )
        if order == "=":
            behind = behind or before
            before = False
        return self.fixed(before) if before or behind else None

    def _divided(self, number: Num) -> tuple[Num, Num] | None:
        """What a number is a quotient of, where the divisor is never below 0 (by 0 the number is anything)."""
        match number:
            case Over(left=left, right=right) if self.extents.never_negative(right):
                return left, right
            case Linear(constant=constant, terms=((factor, part),)):
                parts = self._divided(part)
                return None if parts is None else (self.linear(0, ((factor, parts[0]), (constant, parts[1]))), parts[1])
            case Times(left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    if (parts := self._divided(one)) is not None:
                        return self.times(parts[0], other), parts[1]
        return None

    def _is_split(self, choice: Choice, other: Num) -> bool:
        # Where one side is fixed the comparison is, and a quotient is none; else the choice stays one number.
        parts = (choice.yes, choice.no)
        if isinstance(other, Const):
            return any(isinstance(part, Const | Choice) or self._divided(part) is not None for part in parts)
        return any(isinstance(part, Const) for part in parts) and any(self._divided(part) is not None for part in parts)

    def surely(self, cases: Iterable[tuple[Bit, Bit]]) -> Bit:
        """Of cases of which at least one is so, each with what holds then: whether that holds in every one that may be."""
        return self.all_of(self.any_of((self.negation(may), bit)) for may, bit in cases)

    def possibly(self, cases: Iterable[tuple[Bit, Bit]]) -> Bit:
        """As `surely`: whether it holds in one that may be."""
        return self.any_of(self.all_of((may, bit)) for may, bit in cases)

    def either(self, bit: Bit, yes: Bit, no: Bit) -> Bit:
        """``yes`` where ``bit`` is true, ``no`` where it is not."""
        if yes is no:
            return yes
        return self.any_of((self.all_of((bit, yes)), self.all_of((self.negation(bit), no))))

    def defined(self, call: Num) -> Bit:
        """Whether a function has a value."""
        if not isinstance(call, Call):
            return self.true
        return self._make(Defined, call.space, call)

    def bit_of(self, value: Foreign, part: ValuePart) -> Bit:
        """A bit of a foreign value."""
        return self._make(BitOf, value.space, value, part)

    # ---- numbers

    def const(self, value: Exact) -> Const:
        """A number or a day."""
        return self._make(Const, None, _whole(value))

    def read(self, cell: Cell) -> Num:
        """The number in a cell."""
        if cell.place.below:
            return self.const(datetime.date.min if cell.kind is Kind.DATE else 0)
        return self._make(Read, cell.place.space, cell)

    def linear(self, constant: Number, terms: Iterable[tuple[Number, Num]]) -> Num:
        """Multiples of numbers and a constant, added up."""
        factors: dict[int, tuple[Number, Num]] = {}
        waiting = list(terms)
        waiting.reverse()
        while waiting:
            factor, number = waiting.pop()
            if isinstance(number, Const) and not isinstance(number.value, datetime.date):
                constant += factor * number.value
            elif isinstance(number, Linear):
                constant += factor * number.constant
                waiting.extend((factor * inner, part) for inner, part in reversed(number.terms))
            else:
                before = factors.get(number.id, (0, number))[0]
                factors[number.id] = (simplify(before + factor), number)
        kept = tuple(pair for pair in factors.values() if pair[0] != 0)
        if not kept:
            return self.const(constant)
        if constant == 0 and len(kept) == 1 and kept[0][0] == 1:
            return kept[0][1]
        return self._make(Linear, _innermost([n for _, n in kept]), simplify(constant), kept)

    def times(self, left: Num, right: Num) -> Num:
        """A product."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Const):
                assert not isinstance(one.value, datetime.date)
                return self.linear(0, ((one.value, other),))
        if left.id > right.id:
            left, right = right, left
        return self._make(Times, _innermost((left, right)), left, right)

    def over(self, left: Num, right: Num) -> Num:
        """A quotient."""
        if isinstance(right, Const):
            assert not isinstance(right.value, datetime.date)
            return self.const(0) if right.value == 0 else self.linear(0, ((Fraction(1) / right.value, left),))
        return self._make(Over, _innermost((left, right)), left, right)

    def extremum(self, numbers: Iterable[Num], *, largest: bool) -> Num:
        """The least or the greatest of numbers."""
        found: dict[int, Num] = {}
        for number in numbers:
            same = isinstance(number, Extremum) and number.largest is largest
            found.update((part.id, part) for part in (number.numbers if same else (number,)))  # type: ignore[union-attr]  # asked for
        fixed = [number.value for number in found.values() if isinstance(number, Const)]
        if len(fixed) > 1:
            best: AnyValue = (max if largest else min)(fixed)
            kept = [number for number in found.values() if not isinstance(number, Const)]
            return self.extremum([*kept, self.const(best)], largest=largest)
        parts = self.extents.apart(found.values(), largest=largest)
        if len(parts) == 1:
            return parts[0]
        return self._make(Extremum, _innermost(parts), largest, parts)

    def choice(self, bit: Bit, yes: Num, no: Num) -> Num:
        """One number or another."""
        if isinstance(bit, Fixed):
            return yes if bit.value else no
        if yes is no:
            return yes
        if isinstance(bit, Neg):
            bit, yes, no = bit.bit, no, yes
        if isinstance(no, Choice) and no.bit is bit:
            no = no.no
        if isinstance(yes, Choice) and yes.bit is bit:
            yes = yes.yes
        return self._make(Choice, _innermost((bit, yes, no)), bit, yes, no)

    def how_many(self, bits: Iterable[Bit]) -> Num:
        """How many bits are true."""
        open_ = [bit for bit in bits if bit is not self.false]
        sure = sum(bit is self.true for bit in open_)
        rest = tuple(bit for bit in open_ if bit is not self.true)
        if not rest:
            return self.const(sure)
        counted = self._make(HowMany, _innermost(rest), rest)
        return self.linear(sure, ((1, counted),))

    def size_of(self, cell: Cell) -> Num:
        """How many values a set holds."""
        if cell.place.below:
            return self.const(0)
        return self._make(SizeOf, cell.place.space, cell)

    def row_count(self, rows: Space, bit: Bit) -> Num:
        """How many rows meet ``bit``."""
        return self.const(0) if bit is self.false else self._make(RowCount, rows.parent, rows, bit)

    def row_sum(self, rows: Space, bit: Bit, number: Num) -> Num:
        """The sum over rows that meet ``bit``."""
        if bit is self.false or (isinstance(number, Const) and number.value == 0):
            return self.const(0)
        if isinstance(number, Const):
            assert not isinstance(number.value, datetime.date)
            return self.linear(0, ((number.value, self.row_count(rows, bit)),))
        return self._make(RowSum, rows.parent, rows, bit, number)

    def row_extremum(self, rows: Space, bit: Bit, number: Num, *, largest: bool) -> Num:
        """The extremum over rows that meet ``bit``."""
        if isinstance(number, Const):
            return number
        return self._make(RowExtremum, rows.parent, largest, rows, bit, number)

    def call(self, name: str, arguments: Iterable[Num], *fixed: int) -> Num:
        """A function of dates."""
        given = tuple(arguments)
        return self._make(Call, _innermost(given), name, given, fixed)

    def num_of(self, value: Foreign, part: ValuePart) -> Num:
        """A bound of a foreign value."""
        return self._make(NumOf, value.space, value, part)

    # ---- what is looked up

    def comes(self, decision: Decision, place: Place, truths: Iterable[tuple[Bit, Bit]]) -> Comes:
        """What a decision comes to. Whoever asks asks once for each place."""
        given = tuple(bit for pair in truths for bit in pair)
        found = Comes(len(self.nodes), _innermost(given), decision, place, given)
        self.nodes.append(found)
        return found

    def comes_to(self, value: Comes, items: Iterable[str | None], *, negated: bool, sure: bool) -> Bit:
        """A test of what a decision comes to."""
        if value.truths[1] is self.false:
            return self.false
        return self._make(ComesTo, value.space, value, frozenset(items), negated, sure)

    # ---- what is not lowered

    def counted(self, name: str, place: Place, own: tuple[Bit, ...] = ()) -> Counted:
        """A 统计."""
        return self._make(Counted, place.space, name, place, own)

    def told(self, expression: AnyValue, places: tuple[Place, ...], why: str) -> Told:
        """What the definition says."""
        space = _innermost_space([place.space for place in places])
        key = (Told, id(expression), places)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Told(len(self.nodes), space, expression, places, why)
            self.nodes.append(found)
        return found


def _key(part: AnyValue) -> AnyValue:
    if isinstance(part, Node):
        return part.id
    if isinstance(part, tuple):
        return tuple([_key(one) for one in part])
    # True, 1 and Fraction(1) are equal, and so are a bool among values and a number.
    if isinstance(part, frozenset):
        if all(one is None or isinstance(one, str) for one in part):
            return part
        return frozenset((type(one), one) for one in part)
    return type(part), part


def _plain(bit: Bit) -> bool:
    """Whether its negation is as short as it is."""
    return isinstance(bit, In | Neg) or (isinstance(bit, Compare) and bit.order != "=")


def _inner(one: Space, other: Space) -> Space:
    return one if one.within(other) else other


def _innermost(nodes: Iterable[Node]) -> Space | None:
    return _innermost_space([node.space for node in nodes])


def _innermost_space(spaces: Iterable[Space | None]) -> Space | None:
    found: Space | None = None
    for space in spaces:
        if space is not None:
            found = space if found is None else _inner(found, space)
    return found

"""Values that may be unknown, as nodes: what `engine.values` is for one record, as a circuit for all.

Why this exists: every operation of the language on values of which only a set of possibilities is known is written
once in bits and numbers, beside the definition it must agree with (`engine.values`), function by function: here truths, texts and
numbers, in `sets` membership and sets, in `days` what moves and counts days.

Invariants: a truth is two bits, surely true and possibly true, of which the first implies the second; a number is its two
bounds, each perhaps open, and whether there is no number at all; where a bound is open, or there is no number, what stands
for it is anything and decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from policyrules.engine import values as v
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.nodes import Bit, Cell, Choice, Const, Exact, Foreign, Num, Order
from policyrules.frozen import frozen
from policyrules.operators import CompareOp
from policyrules.types import Kind, Type


@frozen
class Truth:
    """Whether something is surely, and possibly, true."""

    true: Bit
    possible: Bit


@frozen
class Range:
    """A number or a day between two bounds. ``void``: there surely is none; ``perhaps``: perhaps none."""

    low: Num
    high: Num
    open_low: Bit
    open_high: Bit
    void: Bit
    perhaps: Bit


@frozen
class Options:
    """An enumeration or a text: what it may be, a text or the text in a cell, each with whether it may; ``any``: anything."""

    options: tuple[tuple[Bit, str | Cell], ...]
    any: Bit


@frozen
class Items:
    """A set of declared values: of each whether it is surely, and possibly, among them."""

    items: Mapping[str, Truth]


@frozen
class TextSet:
    """A set of texts in a cell, or all there may be where that is blank (``cell`` None: surely so)."""

    cell: Cell | None


_End: TypeAlias = tuple[Bit, int, Num]
"""Of a number one end: whether it is infinite, which way, else the number."""
_Corner: TypeAlias = tuple[Bit, Bit, Num]
"""Of a product whether it is below, and above, all numbers, else the product."""
Lowered: TypeAlias = Truth | Range | Options | Items | TextSet


def as_range(value: Lowered) -> Range:
    """What is a number or a day."""
    assert isinstance(value, Range)
    return value


class Unlowered(Exception):
    """This cannot be said in the circuit: ``why`` names the construct."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Values:
    """The operations, making nodes in one circuit."""

    def __init__(self, circuit: Circuit) -> None:
        self.c = circuit
        self.unknown_truth = Truth(circuit.false, circuit.true)

    # ---- making values

    def truth(self, value: bool) -> Truth:
        """A truth that is known."""
        bit = self.c.fixed(value)
        return Truth(bit, bit)

    def sure(self, bit: Bit) -> Truth:
        """A truth that is never unknown."""
        return Truth(bit, bit)

    def number(self, value: Exact) -> Range:
        """A number that is known."""
        return self.exact(self.c.const(value))

    def exact(self, number: Num) -> Range:
        """A number that is always known."""
        no = self.c.false
        return Range(number, number, no, no, no, no)

    def constant(self, value: v.Abstract, type_: Type) -> Lowered:
        """A value of the definition, known or not."""
        match value:
            case None:
                return self.unknown_truth
            case bool():
                return self.truth(value)
            case v.Void():
                return self.nothing(type_)
            case v.Interval(low, high, void):
                return self.between(type_, low, high, void)
            case v.Candidates(None):
                return Options((), self.c.true)
            case v.Candidates(values):
                return Options(tuple((self.c.true, one) for one in values or ()), self.c.false)
            case v.SetRange() | frozenset():
                held = v.set_range(value)
                if type_.values is None:
                    raise Unlowered("多选（文本）的参数")
                return Items(
                    {
                        one: Truth(self.c.fixed(one in held.certain), self.c.fixed(held.may_hold(one)))
                        for one in type_.values
                    }
                )
            case str():
                return Options(((self.c.true, value),), self.c.false)
            case _:
                return self.number(value)

    def nothing(self, type_: Type) -> Range:
        """A number that does not exist."""
        yes = self.c.true
        anything = self._anything(type_)
        return Range(anything, anything, yes, yes, yes, yes)

    def between(self, type_: Type, low: Exact | None, high: Exact | None, void: bool = False) -> Range:
        """Bounds that are known."""
        anything = self._anything(type_)
        return Range(
            anything if low is None else self.c.const(low),
            anything if high is None else self.c.const(high),
            self.c.fixed(low is None),
            self.c.fixed(high is None),
            self.c.false,
            self.c.fixed(void),
        )

    def _anything(self, type_: Type) -> Num:
        return self.c.const(datetime.date.min if type_.kind is Kind.DATE else 0)

    def unknown(self, type_: Type, low: Exact | None = None, high: Exact | None = None) -> Lowered:
        """Every value of a type."""
        if type_.kind is Kind.SET and type_.values is None:
            return TextSet(None)
        return self.constant(v.unknown(type_, low, high), type_)

    def cell(self, cell: Cell) -> Lowered:
        """What a cell holds, as if it were filled."""
        c = self.c
        match cell.kind:
            case Kind.BOOL:
                return Truth(c.among(cell, (True,)), c.among(cell, (True,)))
            case Kind.ENUM | Kind.TEXT:
                values = cell.field.type.values
                if values is None:
                    return Options(((c.true, cell),), c.false)
                return Options(tuple((c.among(cell, (value,)), value) for value in values), c.false)
            case Kind.SET:
                if cell.field.type.values is None:
                    return TextSet(cell)
                held = {value: c.holds(cell, value) for value in cell.field.type.values}
                return Items({value: Truth(bit, bit) for value, bit in held.items()})
            case _:
                return self.exact(c.read(cell))

    def foreign(self, value: Foreign, type_: Type) -> Lowered:
        """What another engine works out."""
        c = self.c
        if type_.kind is Kind.BOOL:
            return Truth(c.bit_of(value, "true"), c.bit_of(value, "possible"))
        if type_.kind in (Kind.ENUM, Kind.TEXT, Kind.SET):
            raise Unlowered(f"{type_.kind.value}的值")
        return Range(
            c.num_of(value, "low"),
            c.num_of(value, "high"),
            c.bit_of(value, "open_low"),
            c.bit_of(value, "open_high"),
            c.bit_of(value, "void"),
            c.bit_of(value, "perhaps_void"),
        )

    # ---- one of several

    def one_of(self, options: Sequence[tuple[Bit, Lowered]], type_: Type) -> Lowered:
        """What is known of a value that is one of several: of those whose bit is true, at least one."""
        kept = [(bit, value) for bit, value in options if bit is not self.c.false]
        if len(kept) == 1:
            return kept[0][1]
        if not kept:
            return self.unknown(type_)
        first = kept[0][1]
        match first:
            case Truth():
                return self._one_truth([(bit, value) for bit, value in kept if isinstance(value, Truth)])
            case Range():
                return self._one_range([(bit, value) for bit, value in kept if isinstance(value, Range)])
            case Options():
                return self._one_text([(bit, value) for bit, value in kept if isinstance(value, Options)])
            case Items():
                return self._one_set([(bit, value) for bit, value in kept if isinstance(value, Items)], type_)
            case _:
                raise Unlowered("多选（文本）的值之间的选择")

    def _one_truth(self, options: Sequence[tuple[Bit, Truth]]) -> Truth:
        c = self.c
        return Truth(
            c.surely((bit, value.true) for bit, value in options),
            c.possibly((bit, value.possible) for bit, value in options),
        )

    def _one_range(self, options: Sequence[tuple[Bit, Range]]) -> Range:
        c = self.c
        there = [(c.all_of((bit, c.negation(value.void))), value) for bit, value in options]
        lows = [(c.all_of((bit, c.negation(value.open_low))), value.low) for bit, value in there]
        highs = [(c.all_of((bit, c.negation(value.open_high))), value.high) for bit, value in there]
        low = self.extreme_where(lows, largest=False)
        # Where only one can be meant, and that is known, one node stands for both bounds.
        alone = lows == highs and self._one_only([bit for bit, _ in lows])
        high = low if alone else self.extreme_where(highs, largest=True)
        return Range(
            low,
            high,
            c.possibly((bit, value.open_low) for bit, value in there),
            c.possibly((bit, value.open_high) for bit, value in there),
            c.surely((bit, value.void) for bit, value in options),
            c.possibly((bit, value.perhaps) for bit, value in options),
        )

    def _one_only(self, bits: Sequence[Bit]) -> bool:
        return all(
            self.c.all_of((one, other)) is self.c.false for at, one in enumerate(bits) for other in bits[at + 1 :]
        )

    def extreme_where(self, options: Sequence[tuple[Bit, Num]], *, largest: bool) -> Num:
        """The extremum of the numbers whose bits are true; of none anything."""
        c = self.c
        kept = [(bit, number) for bit, number in options if bit is not c.false] or list(options[:1])
        valid, found = kept[-1]
        for bit, number in reversed(kept[:-1]):
            both = c.all_of((bit, valid))
            together = found if both is c.false else c.extremum((number, found), largest=largest)
            inside = number if both is c.false else c.choice(valid, together, number)
            found = c.choice(bit, inside, found)
            valid = c.any_of((bit, valid))
        return found

    def _one_text(self, options: Sequence[tuple[Bit, Options]]) -> Options:
        c = self.c
        found: dict[str | Cell, list[Bit]] = {}
        for bit, value in options:
            for may, one in value.options:
                found.setdefault(one, []).append(c.all_of((bit, may)))
        return Options(
            tuple((c.any_of(bits), one) for one, bits in found.items()),
            c.possibly((bit, value.any) for bit, value in options),
        )

    def _one_set(self, options: Sequence[tuple[Bit, Items]], type_: Type) -> Items:
        return Items(
            {
                value: self._one_truth([(bit, held.items[value]) for bit, held in options])
                for value in type_.values or ()
            }
        )

    # ---- truth

    def negation(self, truth: Truth) -> Truth:
        """Kleene's 非."""
        if truth.true is truth.possible:
            return self.sure(self.c.negation(truth.true))
        return Truth(self.c.negation(truth.possible), self.c.negation(truth.true))

    def conjunction(self, truths: Iterable[Truth]) -> Truth:
        """Kleene's 且."""
        return self._each(truths, self.c.all_of)

    def disjunction(self, truths: Iterable[Truth]) -> Truth:
        """Kleene's 或."""
        return self._each(truths, self.c.any_of)

    def at_least(self, count: int, truths: Iterable[Truth]) -> Truth:
        """至少 n 项."""
        return self._each(truths, lambda bits: self.c.enough(count, bits))

    def _each(self, truths: Iterable[Truth], join: Callable[[list[Bit]], Bit]) -> Truth:
        found = list(truths)
        true = join([truth.true for truth in found])
        if all(truth.true is truth.possible for truth in found):
            return self.sure(true)
        return Truth(true, join([truth.possible for truth in found]))

    # ---- comparison

    def equal_truths(self, left: Truth, right: Truth) -> Truth:
        """Whether two 是否 are the same."""
        both = self.conjunction((left, right))
        neither = self.conjunction((self.negation(left), self.negation(right)))
        return self.disjunction((both, neither))

    def compare(self, order: CompareOp, left: Range, right: Range) -> Truth:
        """Of two numbers, or two days."""
        match order:
            case ">":
                return self.compare("<", right, left)
            case "≥":
                return self.compare("≤", right, left)
        c = self.c
        exists = c.negation(c.any_of((left.void, right.void)))
        firm = c.negation(c.any_of((left.perhaps, right.perhaps)))
        if left.low is left.high and right.low is right.high and _is_even(left) and _is_even(right):
            closed = c.negation(c.any_of((left.open_low, right.open_low)))
            if closed is c.false:
                return Truth(c.false, exists)
            bit = (
                c.negation(c.compare("=", left.low, right.low))
                if order == "≠"
                else c.compare(_plain(order), left.low, right.low)
            )
            return Truth(c.all_of((closed, bit, firm)), c.all_of((c.any_of((c.negation(closed), bit)), exists)))
        match order:
            case "<":
                true = self.bounded("<", left.high, left.open_high, right.low, right.open_low)
                false = self.bounded("≤", right.high, right.open_high, left.low, left.open_low)
            case "≤":
                true = self.bounded("≤", left.high, left.open_high, right.low, right.open_low)
                false = self.bounded("<", right.high, right.open_high, left.low, left.open_low)
            case _:
                apart = c.any_of(
                    (
                        self.bounded("<", left.high, left.open_high, right.low, right.open_low),
                        self.bounded("<", right.high, right.open_high, left.low, left.open_low),
                    )
                )
                same = c.all_of(
                    (
                        self.bounded("=", left.low, left.open_low, left.high, left.open_high),
                        self.bounded("=", right.low, right.open_low, right.high, right.open_high),
                        self.bounded("=", left.low, left.open_low, right.low, right.open_low),
                    )
                )
                true, false = (same, apart) if order == "=" else (apart, same)
        return Truth(c.all_of((true, firm)), c.all_of((c.negation(false), exists)))

    def bounded(self, order: Order, left: Num, open_left: Bit, right: Num, open_right: Bit) -> Bit:
        """Whether two bounds that are not open compare so."""
        c = self.c
        closed = c.negation(c.any_of((open_left, open_right)))
        return closed if closed is c.false else c.all_of((closed, c.compare(order, left, right)))

    def equal_texts(self, left: Options, right: Options) -> Truth:
        """Whether two texts are the same: surely where whatever they may be is one text."""
        c = self.c
        pairs = [
            (c.all_of((one, other)), self._same_text(ours, theirs))
            for one, ours in left.options
            for other, theirs in right.options
        ]
        open_ = c.any_of((left.any, right.any))
        differ = c.any_of(c.all_of((both, c.negation(same))) for both, same in pairs)
        return Truth(
            c.negation(c.any_of((open_, differ))),
            c.any_of((open_, *(c.all_of((both, same)) for both, same in pairs))),
        )

    def _same_text(self, one: str | Cell, other: str | Cell) -> Bit:
        if isinstance(one, Cell):
            return self.c.same_text(one, other) if isinstance(other, Cell) else self.c.among(one, (other,))
        return self.c.among(other, (one,)) if isinstance(other, Cell) else self.c.fixed(one == other)

    # ---- arithmetic

    def add(self, parts: Sequence[tuple[int, Range]]) -> Range:
        """A sum of numbers with their signs."""
        c = self.c
        low = c.linear(0, [(sign, part.low if sign > 0 else part.high) for sign, part in parts])
        if all(part.low is part.high for _, part in parts):
            high = low
        else:
            high = c.linear(0, [(sign, part.high if sign > 0 else part.low) for sign, part in parts])
        return Range(
            low,
            high,
            c.any_of(part.open_low if sign > 0 else part.open_high for sign, part in parts),
            c.any_of(part.open_high if sign > 0 else part.open_low for sign, part in parts),
            c.any_of(part.void for _, part in parts),
            c.any_of(part.perhaps for _, part in parts),
        )

    def multiply(self, left: Range, right: Range) -> Range:
        """A product."""
        c = self.c
        void, perhaps = c.any_of((left.void, right.void)), c.any_of((left.perhaps, right.perhaps))
        if is_exact(left) and is_exact(right):
            product = c.times(left.low, right.low)
            return Range(product, product, c.false, c.false, void, perhaps)
        for one, other in ((left, right), (right, left)):
            factor = other.low.value if isinstance(other.low, Const) and is_exact(other) else None
            if factor is not None and not isinstance(factor, datetime.date) and factor > 0:
                # Each bound by itself, an open one stays open.
                low = c.times(one.low, other.low)
                high = low if one.low is one.high else c.times(one.high, other.low)
                return Range(low, high, one.open_low, one.open_high, void, perhaps)
        lows, highs = self._corners(left, right)
        return Range(
            self.extreme_where([(c.negation(c.any_of(one[:2])), one[2]) for one in lows], largest=False),
            self.extreme_where([(c.negation(c.any_of(one[:2])), one[2]) for one in highs], largest=True),
            c.any_of(below for below, _, _ in lows),
            c.any_of(above for _, above, _ in highs),
            void,
            perhaps,
        )

    def _corners(self, left: Range, right: Range) -> tuple[list[_Corner], list[_Corner]]:
        """The products of the ends of two numbers among which the least is, and those among which the greatest is."""
        if not self._never_negative(left) and self._never_negative(right):
            left, right = right, left
        (least, most), (other_least, other_most) = self._ends(left), self._ends(right)
        ends = [least] if is_exact(left) else [least, most]
        if self._never_negative(left) and self._never_negative(right):
            return [self._corner(least, other_least)], [self._corner(most, other_most)]
        if self._never_negative(left):
            # It grows with the other number.
            return [self._corner(one, other_least) for one in ends], [self._corner(one, other_most) for one in ends]
        every = [self._corner(one, other) for one in (least, most) for other in (other_least, other_most)]
        return every, every

    def _ends(self, value: Range) -> tuple[_End, _End]:
        return (value.open_low, -1, value.low), (value.open_high, 1, value.high)

    def _never_negative(self, value: Range) -> bool:
        """Whether it is never below 0, as far as declarations tell."""
        return value.open_low is self.c.false and self.c.extents.never_negative(value.low)

    def _corner(self, one: _End, other: _End) -> _Corner:
        """What the product of two ends is. 0 times anything is 0."""
        c = self.c
        infinite = c.any_of((one[0], other[0]))
        minus, plus = self._sign(one), self._sign(other)
        above = c.any_of((c.all_of((minus[0], plus[0])), c.all_of((minus[1], plus[1]))))
        below = c.any_of((c.all_of((minus[0], plus[1])), c.all_of((minus[1], plus[0]))))
        # An end that is infinite has a finite product with 0 alone, whatever number stands for it.
        return c.all_of((infinite, below)), c.all_of((infinite, above)), c.times(one[2], other[2])

    def _sign(self, end: _End) -> tuple[Bit, Bit]:
        """Whether an end is below, and above, 0."""
        c = self.c
        open_, way, number = end
        zero = c.const(0)
        return (
            c.either(open_, c.fixed(way < 0), c.compare("<", number, zero)),
            c.either(open_, c.fixed(way > 0), c.compare("<", zero, number)),
        )

    def divide(self, left: Range, right: Range) -> Range:
        """A quotient; wholly unknown where the divisor may be 0."""
        c = self.c
        zero, one = c.const(0), c.const(1)
        void, perhaps = c.any_of((left.void, right.void)), c.any_of((left.perhaps, right.perhaps))
        if is_exact(left) and is_exact(right):
            by_zero = c.all_of((c.compare("=", right.low, zero), c.negation(right.void)))
            quotient = c.over(left.low, right.low)
            return Range(quotient, quotient, by_zero, by_zero, void, perhaps)
        single = self._single(right)
        if single is not None and c.extents.never_negative(single[1]):
            # Where it is not one number it may be 0.
            known, divisor = single
            may_be_zero = c.any_of((c.negation(known), c.compare("≤", divisor, zero)))
            low = c.over(left.low, divisor)
            high = low if left.low is left.high else c.over(left.high, divisor)
            open_low, open_high = c.any_of((may_be_zero, left.open_low)), c.any_of((may_be_zero, left.open_high))
            return Range(low, high, open_low, open_high, void, perhaps)
        may_be_zero = c.all_of(
            (
                c.any_of((right.open_low, c.compare("≤", right.low, zero))),
                c.any_of((right.open_high, c.compare("≤", zero, right.high))),
            )
        )
        if self._never_negative(left) and self._never_negative(right):
            low = c.choice(right.open_high, zero, c.over(left.low, right.high))
            high = c.over(left.high, right.low)
            return Range(low, high, may_be_zero, c.any_of((may_be_zero, left.open_high)), void, perhaps)
        inverse = Range(
            c.choice(right.open_high, zero, c.over(one, right.high)),
            c.choice(right.open_low, zero, c.over(one, right.low)),
            c.false,
            c.false,
            right.void,
            right.perhaps,
        )
        found = self.multiply(left, inverse)
        return Range(
            found.low,
            found.high,
            c.any_of((may_be_zero, found.open_low)),
            c.any_of((may_be_zero, found.open_high)),
            void,
            perhaps,
        )

    def _single(self, value: Range) -> tuple[Bit, Num] | None:
        """Of a value that is one number, or else anything between two ends around 0: where it is one, and which."""
        c = self.c
        found: list[tuple[Bit, Num]] = []
        for end, open_, way in ((value.low, value.open_low, -1), (value.high, value.open_high, 1)):
            match end:
                case Choice(bit=bit, yes=number, no=Const(value=int() | Fraction() as other)) if open_ is c.false:
                    if way * other >= 0:
                        found.append((bit, number))
                case _:
                    found.append((c.negation(open_), end))
        if len(found) == 2 and found[0] == found[1]:
            return found[0]
        return None

    def pick(self, parts: Sequence[Range], *, largest: bool) -> Range:
        """取小, 取大 of numbers that all exist."""
        c = self.c
        near = [(part.open_high, part.high) if largest else (part.open_low, part.low) for part in parts]
        far = [(part.open_low, part.low) if largest else (part.open_high, part.high) for part in parts]
        outer = c.extremum([number for _, number in near], largest=largest)
        outer_open = c.any_of(open_ for open_, _ in near)
        if all(part.low is part.high and _closed(c, part) for part in parts):
            inner, inner_open = outer, outer_open
        else:
            inner = self.extreme_where([(c.negation(open_), number) for open_, number in far], largest=largest)
            inner_open = c.all_of(open_ for open_, _ in far)
        low, open_low, high, open_high = (
            (inner, inner_open, outer, outer_open) if largest else (outer, outer_open, inner, inner_open)
        )
        return Range(
            low,
            high,
            open_low,
            open_high,
            c.any_of(part.void for part in parts),
            c.any_of(part.perhaps for part in parts),
        )

    def existing(self, value: Range) -> tuple[Truth, Range]:
        """Whether a number exists, and what it may be where it does."""
        c = self.c
        exists = Truth(c.negation(value.perhaps), c.negation(value.void))
        return exists, Range(value.low, value.high, value.open_low, value.open_high, value.void, value.void)

    def settled(self, value: Range) -> Bit:
        """Whether it is one number, and surely there."""
        c = self.c
        closed = c.negation(c.any_of((value.open_low, value.open_high, value.perhaps)))
        return closed if closed is c.false else c.all_of((closed, c.compare("=", value.low, value.high)))


def _is_even(value: Range) -> bool:
    """Whether both its bounds are open, or neither is."""
    return value.open_low is value.open_high


def _closed(c: Circuit, part: Range) -> bool:
    return part.open_low is c.false and part.open_high is c.false


def is_exact(value: Range) -> bool:
    """Whether it is one number wherever there is one."""
    no = value.open_low
    return value.low is value.high and no is value.open_high and getattr(no, "value", None) is False


def _plain(order: CompareOp) -> Order:
    match order:
        case "<" | "≤" | "=":
            return order
        case _:
            raise AssertionError(order)

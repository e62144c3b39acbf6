"""Values that may be unknown, as nodes: what `engine.values` is for one record, as a circuit for all.

Why this exists: every operation of the language on values of which only a set of possibilities is known is written here
once in bits and numbers, beside the definition it must agree with (`engine.values`), function by function.

Invariants: a truth is two bits, surely true and possibly true, of which the first implies the second; a number is its two
bounds, each perhaps open, and whether there is no number at all; where a bound is open, or there is no number, what stands
for it is anything and decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.days import WorkingDays
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.functions import DAYS, PARTIAL, functions
from policyrules.engine.lowering.nodes import Bit, Cell, Choice, Const, Exact, Foreign, Num, Order, Read
from policyrules.frozen import frozen
from policyrules.types import INTEGER, Kind, Type


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


Lowered: TypeAlias = Truth | Range | Options | Items | TextSet


class Unlowered(Exception):
    """This cannot be said in the circuit: ``why`` names the construct."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Values:
    """The operations, making nodes in one circuit."""

    def __init__(self, circuit: Circuit, working: WorkingDays) -> None:
        self.c = circuit
        self.functions = functions(working)
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
            c.all_of(c.any_of((c.negation(bit), value.true)) for bit, value in options),
            c.any_of(c.all_of((bit, value.possible)) for bit, value in options),
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
            c.any_of(c.all_of((bit, value.open_low)) for bit, value in there),
            c.any_of(c.all_of((bit, value.open_high)) for bit, value in there),
            c.all_of(c.any_of((c.negation(bit), value.void)) for bit, value in options),
            c.any_of(c.all_of((bit, value.perhaps)) for bit, value in options),
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
            c.any_of(c.all_of((bit, value.any)) for bit, value in options),
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

    def compare(self, order: v.CompareOp, left: Range, right: Range) -> Truth:
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
                true = self._bounded("<", left.high, left.open_high, right.low, right.open_low)
                false = self._bounded("≤", right.high, right.open_high, left.low, left.open_low)
            case "≤":
                true = self._bounded("≤", left.high, left.open_high, right.low, right.open_low)
                false = self._bounded("<", right.high, right.open_high, left.low, left.open_low)
            case _:
                apart = c.any_of(
                    (
                        self._bounded("<", left.high, left.open_high, right.low, right.open_low),
                        self._bounded("<", right.high, right.open_high, left.low, left.open_low),
                    )
                )
                same = c.all_of(
                    (
                        self._bounded("=", left.low, left.open_low, left.high, left.open_high),
                        self._bounded("=", right.low, right.open_low, right.high, right.open_high),
                        self._bounded("=", left.low, left.open_low, right.low, right.open_low),
                    )
                )
                true, false = (same, apart) if order == "=" else (apart, same)
        return Truth(c.all_of((true, firm)), c.all_of((c.negation(false), exists)))

    def _bounded(self, order: Order, left: Num, open_left: Bit, right: Num, open_right: Bit) -> Bit:
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

    # ---- membership and sets

    def member(self, value: Lowered, among: v.SetRange) -> Truth:
        """Whether a scalar is among values."""
        c = self.c
        match value:
            case Truth():
                # What a 是否 may be, each with whether it may.
                may = ((value.possible, True), (c.negation(value.true), False))
                return self._member_of([(bit, self._listed(one, among)) for bit, one in may], c.false, among)
            case Options(options, any):
                return self._member_of([(bit, self._listed(one, among)) for bit, one in options], any, among)
            case Range():
                return self._number_among(value, among)
            case _:
                raise AssertionError("a set is no scalar")

    def _member_of(self, options: list[tuple[Bit, Truth]], any: Bit, among: v.SetRange) -> Truth:
        c = self.c
        outside = c.any_of(c.all_of((bit, c.negation(truth.true))) for bit, truth in options)
        inside = c.any_of(c.all_of((bit, truth.possible)) for bit, truth in options)
        anything = c.fixed(among.possible is None or bool(among.possible))
        return Truth(
            c.negation(c.any_of((any, outside))),
            c.any_of((c.all_of((any, anything)), inside)),
        )

    def _listed(self, one: str | bool | Cell, among: v.SetRange) -> Truth:
        c = self.c
        if isinstance(one, Cell):
            certain = c.among(one, among.certain)
            if among.possible is None:
                return Truth(certain, c.all_of((c.known(one), c.among(one, among.barred, rest=True))))
            return Truth(certain, c.among(one, among.possible))
        return Truth(c.fixed(one in among.certain), c.fixed(among.may_hold(one)))

    def _number_among(self, value: Range, among: v.SetRange) -> Truth:
        c = self.c
        exists = c.negation(value.void)
        true = c.any_of(self.compare("=", value, self.number(one)).true for one in _sorted(among.certain))
        if _is_exact(value):
            # Whether it exists or not, it may not be among them where it is perhaps void.
            if among.possible is None:
                barred = c.any_of(self.compare("=", value, self.number(one)).true for one in _sorted(among.barred))
                return Truth(true, c.all_of((exists, c.any_of((c.negation(barred), value.perhaps)))))
            may = c.any_of(c.compare("=", value.low, c.const(one)) for one in _sorted(among.possible))
            return Truth(true, c.all_of((exists, may)))
        settled = c.all_of(
            (
                c.negation(value.perhaps),
                self._bounded("=", value.low, value.open_low, value.high, value.open_high),
            )
        )
        if among.possible is None:
            barred = c.any_of(self.compare("=", value, self.number(one)).true for one in _sorted(among.barred))
            return Truth(true, c.all_of((exists, c.negation(c.all_of((settled, barred))))))
        may = c.any_of(self._within(value, c.const(one)) for one in _sorted(among.possible))
        return Truth(true, c.all_of((exists, may)))

    def _within(self, value: Range, one: Num) -> Bit:
        c = self.c
        return c.all_of(
            (
                c.any_of((value.open_low, c.compare("≤", value.low, one))),
                c.any_of((value.open_high, c.compare("≤", one, value.high))),
            )
        )

    def not_member(self, value: Lowered, among: v.SetRange) -> Truth:
        """Whether a scalar is none of the values."""
        truth = self.negation(self.member(value, among))
        if not isinstance(value, Range):
            return truth
        c = self.c
        exists, firm = c.negation(value.void), c.negation(value.perhaps)
        return Truth(c.all_of((truth.true, firm)), c.all_of((truth.possible, exists)))

    def held(self, value: Lowered, item: str) -> Truth:
        """Whether a set holds an item."""
        match value:
            case Items(items):
                return items.get(item) or self.truth(False)
            case TextSet(None):
                return self.unknown_truth
            case TextSet(cell) if cell is not None:
                bit = self.c.holds(cell, item)
                return Truth(bit, self.c.any_of((bit, self.c.blank(cell))))
            case _:
                raise AssertionError("a scalar is no set")

    def overlaps(self, value: Lowered, other: v.SetRange | Lowered) -> Truth:
        """Whether a set holds one of the values of another."""
        c = self.c
        if not isinstance(other, v.SetRange):
            if isinstance(value, Items) and isinstance(other, Items):
                return self.disjunction(
                    self.conjunction((truth, other.items[one]))
                    for one, truth in value.items.items()
                    if one in other.items
                )
            if isinstance(value, TextSet) and isinstance(other, TextSet):
                return self._text_sets_meet(value.cell, other.cell)
            raise Unlowered("两个多选（文本）之间的比较")
        certain = self.disjunction(self.held(value, one) for one in sorted(other.certain))
        may = [self.held(value, one) for one in sorted(other.possible or ()) if one not in other.certain]
        possible = c.any_of((certain.possible, *(truth.possible for truth in may)))
        if other.possible is None:
            possible = c.any_of((possible, self._something_else(value, other.barred)))
        if isinstance(value, TextSet) and value.cell is None:
            # Of all the texts there are none of a list without entries is one.
            possible = c.fixed(other.possible is None or bool(other.possible))
        return Truth(certain.true, possible)

    def _text_sets_meet(self, left: Cell | None, right: Cell | None) -> Truth:
        c = self.c
        meets = c.false if left is None or right is None else c.meets(left, right)
        blank = [c.true if cell is None else c.blank(cell) for cell in (left, right)]
        empty = [
            c.false if cell is None else c.all_of((c.known(cell), c.negation(c.holds_other(cell, ()))))
            for cell in (left, right)
        ]
        # Where one is blank they may share a text, unless the other surely holds none.
        open_ = c.all_of((c.any_of(blank), c.negation(c.any_of(empty))))
        return Truth(meets, c.any_of((meets, open_)))

    def _something_else(self, value: Lowered, items: frozenset[str]) -> Bit:
        """Whether a set may hold something beside ``items``."""
        c = self.c
        match value:
            case Items(held):
                return c.any_of(truth.possible for one, truth in held.items() if one not in items)
            case TextSet(None):
                return c.true
            case TextSet(cell) if cell is not None:
                return c.any_of((c.holds_other(cell, items), c.blank(cell)))
            case _:
                raise AssertionError("a scalar is no set")

    def _surely_else(self, value: Lowered, items: frozenset[str]) -> Bit:
        """Whether a set surely holds something beside ``items``."""
        match value:
            case Items(held):
                return self.c.any_of(truth.true for one, truth in held.items() if one not in items)
            case TextSet(cell) if cell is not None:
                return self.c.holds_other(cell, items)
            case _:
                return self.c.false

    def subset(self, value: Lowered, other: v.SetRange | Lowered) -> Truth:
        """Whether a set holds nothing but what belongs to another."""
        c = self.c
        if not isinstance(other, v.SetRange):
            if isinstance(value, Items) and isinstance(other, Items):
                return self.conjunction(
                    self.disjunction((self.negation(truth), other.items.get(one) or self.truth(False)))
                    for one, truth in value.items.items()
                )
            raise Unlowered("两个多选（文本）之间的比较")
        if other.possible is None:
            wrong = c.any_of(self.held(value, one).true for one in sorted(other.barred))
        else:
            wrong = self._surely_else(value, frozenset(other.possible))
        return Truth(c.negation(self._something_else(value, frozenset(other.certain))), c.negation(wrong))

    def less(self, value: Lowered, other: v.SetRange | Lowered) -> Lowered:
        """A set without what belongs to another."""
        if not isinstance(value, Items):
            raise Unlowered("多选（文本）的 除去")
        found: dict[str, Truth] = {}
        for one, truth in value.items.items():
            if isinstance(other, v.SetRange):
                belongs = Truth(self.c.fixed(one in other.certain), self.c.fixed(other.may_hold(one)))
            else:
                belongs = self.held(other, one)
            found[one] = self.conjunction((truth, self.negation(belongs)))
        return Items(found)

    def size(self, value: Lowered) -> Range:
        """How many values a set holds."""
        c = self.c
        match value:
            case Items(items):
                least = c.how_many(truth.true for truth in items.values())
                if all(truth.true is truth.possible for truth in items.values()):
                    return self.exact(least)
                most = c.how_many(truth.possible for truth in items.values())
                return Range(least, most, c.false, c.false, c.false, c.false)
            case TextSet(None):
                return self.between(INTEGER, 0, None)
            case TextSet(cell) if cell is not None:
                blank = c.blank(cell)
                number = c.size_of(cell)
                return Range(c.choice(blank, c.const(0), number), number, c.false, blank, c.false, c.false)
            case _:
                raise AssertionError("a scalar is no set")

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
        if _is_exact(left) and _is_exact(right):
            product = c.times(left.low, right.low)
            return Range(product, product, c.false, c.false, void, perhaps)
        for one, other in ((left, right), (right, left)):
            factor = other.low.value if isinstance(other.low, Const) and _is_exact(other) else None
            if factor is not None and not isinstance(factor, datetime.date) and factor > 0:
                # Each bound by itself, an open one stays open.
                low = c.times(one.low, other.low)
                high = low if one.low is one.high else c.times(one.high, other.low)
                return Range(low, high, one.open_low, one.open_high, void, perhaps)
        corners = [
            self._corner(one, other)
            for one in ((left.open_low, -1, left.low), (left.open_high, 1, left.high))
            for other in ((right.open_low, -1, right.low), (right.open_high, 1, right.high))
        ]
        finite = [(c.negation(c.any_of((below, above))), number) for below, above, number in corners]
        return Range(
            self.extreme_where(finite, largest=False),
            self.extreme_where(finite, largest=True),
            c.any_of(below for below, _, _ in corners),
            c.any_of(above for _, above, _ in corners),
            void,
            perhaps,
        )

    def _corner(self, one: tuple[Bit, int, Num], other: tuple[Bit, int, Num]) -> tuple[Bit, Bit, Num]:
        """Of two ends (whether it is infinite, which way, else the number): whether their product is below or above all
        numbers, else the product. 0 times anything is 0."""
        c = self.c
        open_one, _, number_one = one
        open_other, _, number_other = other
        infinite = c.any_of((open_one, open_other))
        minus, plus = self._sign(one), self._sign(other)
        above = c.any_of((c.all_of((minus[0], plus[0])), c.all_of((minus[1], plus[1]))))
        below = c.any_of((c.all_of((minus[0], plus[1])), c.all_of((minus[1], plus[0]))))
        product = c.times(
            c.choice(open_one, c.const(0), number_one) if open_one is not c.false else number_one,
            c.choice(open_other, c.const(0), number_other) if open_other is not c.false else number_other,
        )
        return c.all_of((infinite, below)), c.all_of((infinite, above)), product

    def _sign(self, end: tuple[Bit, int, Num]) -> tuple[Bit, Bit]:
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
        if _is_exact(left) and _is_exact(right):
            by_zero = c.all_of((c.compare("=", right.low, zero), c.negation(right.void)))
            quotient = c.over(left.low, right.low)
            return Range(quotient, quotient, by_zero, by_zero, void, perhaps)
        may_be_zero = c.all_of(
            (
                c.any_of((right.open_low, c.compare("≤", right.low, zero))),
                c.any_of((right.open_high, c.compare("≤", zero, right.high))),
            )
        )
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

    # ---- days

    def call(self, name: str, arguments: Sequence[Num], *fixed: int) -> tuple[Num, Bit]:
        """A function of days, and whether it has a value; worked out where all of it is known."""
        c = self.c
        given = [number.value for number in arguments if isinstance(number, Const)]
        if len(given) == len(arguments):
            found = self.functions[name](*given, *fixed)
            anything = datetime.date.min if name in DAYS else 0
            return c.const(anything if found is None else found), c.fixed(found is not None)
        called = c.call(name, arguments, *fixed)
        return called, c.defined(called) if name in PARTIAL else c.true

    def of_day(self, name: str, value: Range, *fixed: int, past: str | None = None) -> Range:
        """A monotone function of a day. ``past``: whether it has a value: past the end of the calendar what it gives is the
        last day."""
        c = self.c
        low = self.call(name, (value.low,), *fixed)[0]
        high = low if value.low is value.high else self.call(name, (value.high,), *fixed)[0]
        open_high = value.open_high
        if past is not None:
            open_high = c.any_of((open_high, c.negation(self.call(past, (value.high,), *fixed)[1])))
        return Range(low, high, value.open_low, open_high, value.void, value.perhaps)

    def shift(self, start: Range, period: Range, *, months: bool) -> Range:
        """A day moved by a period of months or of days."""
        c = self.c
        low = self.call("moved", (start.low, period.low), months)[0]
        exact = start.low is start.high and period.low is period.high
        high = low if exact else self.call("moved", (start.high, period.high), months)[0]
        before: Bit = c.true
        after: Bit = c.true
        if not _stays(start.low, period.low, months):
            before = self.call("not_before", (start.low, period.low), months)[1]
        if not _stays(start.high, period.high, months):
            after = self.call("not_after", (start.high, period.high), months)[1]
        return Range(
            low,
            high,
            c.any_of((start.open_low, period.open_low, c.negation(before))),
            c.any_of((start.open_high, period.open_high, c.negation(after))),
            c.any_of((start.void, period.void)),
            c.any_of((start.perhaps, period.perhaps)),
        )

    def days_between(self, left: Range, right: Range) -> Range:
        """Days from ``right`` to ``left``."""
        c = self.c
        low = self.call("days", (left.low, right.high))[0]
        same = left.low is left.high and right.low is right.high
        return Range(
            low,
            low if same else self.call("days", (left.high, right.low))[0],
            c.any_of((left.open_low, right.open_high)),
            c.any_of((left.open_high, right.open_low)),
            c.any_of((left.void, right.void)),
            c.any_of((left.perhaps, right.perhaps)),
        )

    def workdays(self, start: Range, count: Range) -> Range:
        """A day moved by working days; where the calendar does not say, between two days."""
        c = self.c
        low, low_there = self.call("workday_earliest", (start.low, count.low))
        high, high_there = self.call("workday_latest", (start.high, count.high))
        return Range(
            low,
            high,
            c.any_of((start.open_low, count.open_low, c.negation(low_there))),
            c.any_of((start.open_high, count.open_high, c.negation(high_there))),
            c.any_of((start.void, count.void)),
            c.any_of((start.perhaps, count.perhaps)),
        )


def _stays(start: Num, period: Num, months: bool) -> bool:
    """Whether a day moved by a period stays inside the calendar, as far as declarations tell."""
    days, periods = _extent(start), _extent(period)
    return (
        days is not None
        and periods is not None
        and all(isinstance(v.shifted(day, steps, months), datetime.date) for day in days for steps in periods)
    )


def _extent(number: Num) -> tuple[Any, Any] | None:
    """The least and the greatest that a number may be, as far as declarations tell."""
    match number:
        case Const(value=value):
            return value, value
        case Read(cell=Cell(field=field)) if field.low is not None and field.high is not None:
            return field.low, field.high
        case Choice(yes=yes, no=no):
            one, other = _extent(yes), _extent(no)
            return None if one is None or other is None else (min(one[0], other[0]), max(one[1], other[1]))
        case _:
            return None


def _is_even(value: Range) -> bool:
    """Whether both its bounds are open, or neither is."""
    return value.open_low is value.open_high


def _closed(c: Circuit, part: Range) -> bool:
    return part.open_low is c.false and part.open_high is c.false


def _is_exact(value: Range) -> bool:
    """Whether it is one number wherever there is one."""
    no = value.open_low
    return value.low is value.high and no is value.open_high and getattr(no, "value", None) is False


def _plain(order: v.CompareOp) -> Order:
    match order:
        case "<" | "≤" | "=":
            return order
        case _:
            raise AssertionError(order)


def _sorted(values: Iterable[v.Abstract]) -> list[Exact]:
    # Numbers, or days: of one kind.
    return sorted(values)  # type: ignore[arg-type]  # as said

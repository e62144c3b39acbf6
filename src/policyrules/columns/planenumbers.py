"""Numbers of a plane program: whole numbers over a scale that is fixed before any record is read.

Why this exists: which scale makes numbers whole, and how large they may become, is settled once, so that plain integers of
a machine can hold them.

Invariants: exact; a result that could leave int64 is of Python integers; what is divided by a number stays a number over
another, until something asks for it that fractions alone can give.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np

from policyrules.columns.domains import NOWHERE, Domain, joined
from policyrules.columns.planebits import Bit, Bits, breadth, is_fixed
from policyrules.columns.planeprogram import Input, Op, RegisterKind
from policyrules.engine.lowering import nodes as n

_LIMIT: Final = 2**63
HALF: Final = 2**31


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: a fixed ``value``, and what is in a ``register`` besides; and between what it is (None: a Python number
    of any size)."""

    register: int | None
    value: int
    domain: Domain
    low: int | None
    high: int | None

    def less(self, value: int) -> Whole:
        """So much less of what is fixed of it."""
        low = None if self.low is None else self.low - value
        high = None if self.high is None else self.high - value
        return Whole(self.register, self.value - value, self.domain, low, high)


@dataclass(frozen=True, slots=True)
class Number:
    """``number`` over ``scale`` and over ``under``, which is positive."""

    number: Whole
    scale: int = 1
    under: Whole | None = None


def over(number: Whole, scale: int, under: Whole | None) -> Number:
    """``number`` over ``scale`` and ``under``; what is fixed of that is of the scale."""
    if under is not None and under.register is None:
        return Number(number, scale * under.value)
    return Number(number, scale, under)


def fixed(value: int) -> Whole:
    """A whole number that is known."""
    return Whole(None, value, NOWHERE, value, value)


class Numbers(Bits):
    """A program on its way: its numbers."""

    # ---- whole numbers

    def _kind(self, low: int | None, high: int | None, parts: Iterable[Whole]) -> RegisterKind:
        if low is None or high is None or any(part.low is None for part in parts):
            return RegisterKind.PYTHON
        if low < -_LIMIT or high >= _LIMIT or any(map(self._is_python, parts)):
            return RegisterKind.PYTHON
        return RegisterKind.SHORT if low >= -HALF and high < HALF else RegisterKind.LONG

    def _is_python(self, part: Whole) -> bool:
        if part.register is None:
            return not -_LIMIT <= part.value < _LIMIT
        own = self.registers[part.register]
        return own.kind is RegisterKind.PYTHON or (
            own.kind is RegisterKind.INPUT and self._input_kind(own.input) is RegisterKind.PYTHON
        )

    def operand(self, part: Whole, domain: Domain, python: bool, dtype: type[Any] = np.int64) -> int:
        """An argument in a domain."""
        if part.register is None:
            value = part.value if python else dtype(part.value)
            return ~self.constant(value)
        part = self.settled(part)
        assert part.register is not None
        if python and not self._is_python(part):
            register = self.emit(Op.EXACT, part.domain, RegisterKind.PYTHON, (part.register,))
            return self.spread(register, domain)
        return self.spread(part.register, domain)

    def settled(self, part: Whole) -> Whole:
        """A number of which nothing stands beside its register."""
        if part.register is None or not part.value:
            return part
        return self.whole(Op.ADD, (part.less(part.value), fixed(part.value)), part.low, part.high)

    def level(self, parts: Sequence[Whole]) -> tuple[Sequence[Whole], int]:
        """Numbers that are all so much less, so that nothing stands beside a register; and how much."""
        shifts = {part.value for part in parts if part.register is not None}
        if len(shifts) != 1:
            return [self.settled(part) for part in parts], 0
        (shift,) = shifts
        return [part.less(shift) for part in parts] if shift else parts, shift

    def whole(self, op: Op, parts: Sequence[Whole], low: int | None, high: int | None) -> Whole:
        """A number made of numbers."""
        domain = joined(part.domain for part in parts)
        kind = self._kind(low, high, parts)
        python = kind is RegisterKind.PYTHON
        if op in (Op.LEAST, Op.GREATEST, Op.CEILING) and kind is RegisterKind.SHORT and not all(map(_short, parts)):
            # What goes in is longer than what comes out, and no more of it may be lost before that.
            kind = RegisterKind.LONG
        dtype = np.int32 if kind is RegisterKind.SHORT and all(map(_short, parts)) else np.int64
        arguments = tuple(self.operand(part, domain, python, dtype) for part in parts)
        return Whole(self.emit(op, domain, kind, arguments), 0, domain, low, high)

    def add(self, left: Whole, right: Whole) -> Whole:
        """A sum."""
        if left.register is None and right.register is None:
            return fixed(left.value + right.value)
        for one, other in ((left, right), (right, left)):
            if one.register is None and one.value == 0:
                return other
        low, high = _sum(left.low, right.low), _sum(left.high, right.high)
        return self.whole(Op.ADD, (left, right), low, high)

    def times(self, left: Whole, right: Whole) -> Whole:
        """A product."""
        if left.register is None and right.register is None:
            return fixed(left.value * right.value)
        for one, other in ((left, right), (right, left)):
            if one.register is None and one.value in (0, 1):
                return other if one.value else fixed(0)
        low = high = None
        if left.low is not None and left.high is not None and right.low is not None and right.high is not None:
            corners = [one * other for one in (left.low, left.high) for other in (right.low, right.high)]
            low, high = min(corners), max(corners)
        return self.whole(Op.TIMES, (left, right), low, high)

    def multiple(self, number: Whole, factor: int) -> Whole:
        """A multiple."""
        return self.times(number, fixed(factor))

    def choose(self, bit: Bit, yes: Whole, no: Whole) -> Whole:
        """``yes`` where ``bit`` is true, else ``no``."""
        if is_fixed(bit):
            return yes if bit else no
        if yes == no or (yes.register is not None and (yes.register, yes.value) == (no.register, no.value)):
            return yes
        (yes, no), shift = self.level((yes, no))
        if shift:
            return self.choose(bit, yes, no).less(-shift)
        blank = self._as_blank(bit, yes, no)
        if blank is not None:
            return blank
        low, high = _least((yes.low, no.low)), _greatest((yes.high, no.high))
        kind = self._kind(low, high, (yes, no))
        python = kind is RegisterKind.PYTHON
        dtype = np.int32 if kind is RegisterKind.SHORT else np.int64
        domain = joined((self.registers[bit].domain, yes.domain, no.domain))
        arguments = (
            self.spread(bit, domain),
            self.operand(yes, domain, python, dtype),
            self.operand(no, domain, python, dtype),
        )
        return Whole(self.emit(Op.CHOOSE, domain, kind, arguments), 0, domain, low, high)

    def compared(self, order: n.Order, left: Whole, right: Whole) -> Bit:
        """Whether two whole numbers stand in an order."""
        if left.register is None and right.register is None:
            one, other = left.value, right.value
            return one < other if order == "<" else one <= other if order == "≤" else one == other
        if left.low is not None and left.high is not None and right.low is not None and right.high is not None:
            if left.high < right.low or (order == "≤" and left.high <= right.low):
                return order != "="
            if right.high < left.low or (order == "<" and right.high <= left.low):
                return False
        if left == right:
            return order != "<"
        (left, right), _ = self.level((left, right))
        if order == "≤":
            # Whoever asks for the one asks for the other as well.
            return self.negation(self.compared("<", right, left))
        op = Op.LESS if order == "<" else Op.EQUAL
        domain = joined((left.domain, right.domain))
        python = any(self._is_python(part) or part.low is None for part in (left, right))
        arguments = tuple(
            self.operand(part, domain, python and part.register is None, self._fitting(part, other))
            for part, other in ((left, right), (right, left))
        )
        return self.plane(op, domain, arguments)

    def _fitting(self, part: Whole, other: Whole) -> type[Any]:
        if self._is_python(other):
            return np.int64
        dtype = self._dtype(other)
        if np.dtype(dtype).kind == "O":
            # Python's own integers hold any number.
            return dtype
        limits = np.iinfo(dtype)
        return dtype if limits.min <= part.value <= limits.max else np.int64

    def _dtype(self, part: Whole) -> type[Any]:
        """The type that a fixed number has to be compared in: that of what it is compared with, where it fits."""
        if part.register is None:
            return np.int64
        own = self.registers[part.register]
        if own.kind is RegisterKind.INPUT and own.input is not None and own.input.part == "codes":
            return np.dtype(self.facts.columns[own.input.table, str(own.input.name)].dtype).type
        return np.int32 if own.kind is RegisterKind.SHORT else np.int64

    # ---- numbers over others

    def same_scale(self, numbers: Sequence[Number]) -> tuple[list[Whole], int]:
        """Numbers that are over nothing, at one scale."""
        scale = math.lcm(*(number.scale for number in numbers))
        return [self.multiple(number.number, scale // number.scale) for number in numbers], scale

    def compare(self, order: n.Order, left: Number, right: Number) -> Bit:
        """Whether two numbers stand in an order."""
        if left.under is None and right.under is None:
            for one, other in ((left, right), (right, left)):
                if other.number.register is None and one.number.register is not None:
                    bound = Fraction(other.number.value * one.scale, other.scale)
                    return self._against(order, one.number, bound, turned=one is right)
        ones, others = self._cross(left, right)
        return self.compared(order, ones, others)

    def _against(self, order: n.Order, number: Whole, bound: Fraction, *, turned: bool) -> Bit:
        """A whole number against a fixed one, ``turned``: the fixed one on the left."""
        if order == "=":
            return False if bound.denominator != 1 else self._narrow("=", number, fixed(bound.numerator), turned)
        if order == "<" and bound.denominator != 1:
            order = "≤"
        # number ≤ 2.5 is number ≤ 2; 2.5 ≤ number is 3 ≤ number.
        nearest = math.ceil(bound) if turned else math.floor(bound)
        return self._narrow(order, number, fixed(nearest), turned)

    def _narrow(self, order: n.Order, number: Whole, bound: Whole, turned: bool) -> Bit:
        """As `compared`; a bound that the type of the number does not hold decides for itself."""
        number, bound = number.less(number.value), bound.less(number.value)
        limits = None if self._is_python(number) or number.low is None else np.iinfo(self._dtype(number))
        value = bound.value
        if limits is not None and not limits.min <= value <= limits.max:
            above = value > limits.max
            return order != "=" and above is not turned
        return self.compared(order, bound, number) if turned else self.compared(order, number, bound)

    def _cross(self, left: Number, right: Number) -> tuple[Whole, Whole]:
        """What stands in the order in which the numbers do."""
        (one, other), _ = self.same_scale([Number(left.number, left.scale), Number(right.number, right.scale)])
        if right.under is not None:
            one = self.times(one, right.under)
        if left.under is not None:
            other = self.times(other, left.under)
        return one, other

    def sum(self, constant: Fraction, terms: Sequence[tuple[Fraction, Number]]) -> Number:
        """``constant`` and multiples of numbers, added up."""
        plain = [(factor, number) for factor, number in terms if number.under is None]
        scale = math.lcm(constant.denominator, *(number.scale * factor.denominator for factor, number in plain))
        total = fixed(int(constant * scale))
        for factor, number in plain:
            total = self.add(total, self.multiple(number.number, int(factor * scale / number.scale)))
        found = Number(total, scale)
        for factor, number in terms:
            if number.under is not None:
                scaled = Number(
                    self.multiple(number.number, factor.numerator), number.scale * factor.denominator, number.under
                )
                found = self._plus(found, scaled)
        return found

    def _plus(self, left: Number, right: Number) -> Number:
        one, other = self._cross(left, right)
        under = right.under if left.under is None else left.under
        if left.under is not None and right.under is not None:
            under = self.times(left.under, right.under)
        return over(self.add(one, other), math.lcm(left.scale, right.scale), under)

    def product(self, left: Number, right: Number) -> Number:
        """A product."""
        under = left.under if right.under is None else right.under
        if left.under is not None and right.under is not None:
            under = self.times(left.under, right.under)
        return over(self.times(left.number, right.number), left.scale * right.scale, under)

    def quotient(self, left: Number, right: Number) -> Number:
        """A quotient; by 0 anything."""
        under = self._unary(Op.POSITIVE, right.number)
        number = self._signed(left.number, right.number)
        number = self.multiple(number, right.scale)
        if right.under is not None:
            number = self.times(number, right.under)
        if left.under is not None:
            under = self.times(under, left.under)
        return over(number, left.scale, under)

    def _unary(self, op: Op, part: Whole) -> Whole:
        if part.register is None:
            return fixed(abs(part.value) or 1)
        if part.low is not None and part.low > 0 and op is Op.POSITIVE:
            return part
        most = None if part.low is None or part.high is None else max(abs(part.low), abs(part.high), 1)
        return self.whole(op, (part,), None if most is None else 1, most)

    def _signed(self, number: Whole, sign: Whole) -> Whole:
        if sign.low is not None and sign.low >= 0:
            return number
        if sign.register is None:
            return self.multiple(number, -1)
        most = None if number.low is None or number.high is None else max(abs(number.low), abs(number.high))
        return self.whole(Op.SIGNED, (number, sign), None if most is None else -most, most)

    def choice(self, bit: Bit, yes: Number, no: Number) -> Number:
        """One number or another."""
        (one, other), scale = self.same_scale([Number(yes.number, yes.scale), Number(no.number, no.scale)])
        under: Whole | None = None
        if yes.under is not None or no.under is not None:
            under = self.choose(bit, yes.under or fixed(1), no.under or fixed(1))
        return over(self.choose(bit, one, other), scale, under)

    def extremum(self, numbers: Sequence[Number], *, largest: bool) -> Number:
        """The least or the greatest."""
        plain = [number for number in numbers if number.under is None]
        found: Number | None = None
        if plain:
            wholes, scale = self.same_scale(plain)
            wholes.sort(key=lambda part: (breadth(part.domain), part.register is not None))
            best = wholes[0]
            for part in wholes[1:]:
                best = self._extreme(best, part, largest)
            found = Number(best, scale)
        for number in numbers:
            if number.under is not None:
                if found is None:
                    found = number
                else:
                    one, other = (found, number) if largest else (number, found)
                    found = self.choice(self.compare("<", one, other), number, found)
        assert found is not None
        return found

    def _as_blank(self, bit: int, yes: Whole, no: Whole) -> Whole | None:
        """A number where it is known, else 0: that is what stands in its column."""
        for known, number, zero in ((bit, yes, no), (self._negated.get(bit), no, yes)):
            if zero.register is not None or zero.value or number.register is None or known is None:
                continue
            cell = self.registers[number.register].input
            test = self.registers[known].input
            if cell is not None and cell.part == "codes" and test == Input("known", cell.table, cell.name):
                return number
        return None

    def _extreme(self, left: Whole, right: Whole, largest: bool) -> Whole:
        if left.register is not None and left.register == right.register:
            return left if (left.value >= right.value) is largest else right
        if left.register is None and right.register is None:
            return fixed((max if largest else min)(left.value, right.value))
        (left, right), shift = self.level((left, right))
        if shift:
            return self._extreme(left, right, largest).less(-shift)
        op = Op.GREATEST if largest else Op.LEAST
        low: int | None = None
        high: int | None = None
        if None not in (left.low, right.low):
            assert left.low is not None and right.low is not None
            assert left.high is not None and right.high is not None
            low = (max if largest else min)(left.low, right.low)
            high = (max if largest else min)(left.high, right.high)
            # One that is never passed by the other is the extremum.
            for one, other in ((left, right), (right, left)):
                assert one.low is not None and one.high is not None
                assert other.low is not None and other.high is not None
                if (one.low >= other.high) if largest else (one.high <= other.low):
                    return one
        return self.whole(op, (left, right), low, high)

    def plain(self, number: Number) -> Number:
        """A number over nothing: as Python fractions where it has to be."""
        if number.under is None:
            return number
        scaled = self.multiple(number.under, number.scale)
        domain = joined((number.number.domain, scaled.domain))
        arguments = (self.operand(number.number, domain, True), self.operand(scaled, domain, True))
        register = self.emit(Op.FRACTION, domain, RegisterKind.PYTHON, arguments)
        return Number(Whole(register, 0, domain, None, None))

    def steps(self, number: Number) -> Whole:
        """A period as it is counted: rounded up."""
        if number.under is not None:
            number = self.plain(number)
        whole, scale = number.number, number.scale
        if whole.register is None:
            return fixed(-(-whole.value // scale))
        if scale == 1 and whole.low is not None:
            return whole
        low = None if whole.low is None else -(-whole.low // scale)
        high = None if whole.high is None else -(-whole.high // scale)
        return self.whole(Op.CEILING, (whole, fixed(scale)), low, high)


def _short(part: Whole) -> bool:
    return part.low is not None and part.high is not None and part.low >= -HALF and part.high < HALF


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right


def _least(parts: Iterable[int | None]) -> int | None:
    found = list(parts)
    return None if None in found else min(part for part in found if part is not None)


def _greatest(parts: Iterable[int | None]) -> int | None:
    found = list(parts)
    return None if None in found else max(part for part in found if part is not None)

"""Plane programs: a circuit as a straight line of operations on planes and arrays.

Why this exists: how a circuit is worked out for a million records at once is settled once, before the first of them: which
bits are planes of which domain, at which scale numbers are whole, how large they may become, which register is free. What
is left for an executor is a table of operations, numbers all.

Invariants: numbers are whole numbers over a scale that is fixed here; a result that could leave int64 is of Python
integers; what stands for a blank decides nothing; operations come after what they read, and a register is used again only
behind the last that reads it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

import numpy as np

from policyrules.columns.domains import (
    NOWHERE,
    PARAMETER,
    Axis,
    Base,
    Domain,
    axis_of,
    domain_of,
    joined,
    outer,
    table_space,
)
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lower import PARAMETERS
from policyrules.program import nodes as core
from policyrules.types import Kind

_LIMIT: Final = 2**63
_HALF: Final = 2**31


class Op(IntEnum):
    """What an operation does with its arguments; ``x`` is a place in `Program.constants`."""

    AND = 0
    OR = 1
    NOT = 2
    AND_NOT = 3
    FIXED = 4
    """All true where ``x`` is 1, else all false."""
    EQUAL = 5
    LESS = 6
    AT_MOST = 7
    AMONG = 8
    """Whether codes are among those of constant ``x``."""
    HOLDS = 9
    """Whether a set holds one of the codes of constant ``x``."""
    MEETS = 10
    SAME_TEXT = 11
    SPREAD = 12
    """Of each element of an inner domain the bit of its outer element; ``x``: the two domains."""
    SPREAD_NUMBER = 13
    SOME = 14
    """Whether any row has the bit; ``x``: the domain of the rows."""
    ADD = 20
    TIMES = 21
    LEAST = 22
    GREATEST = 23
    CHOOSE = 24
    """The second where the first, a bit, is true, else the third."""
    COUNT_BITS = 25
    ROW_COUNT = 26
    ROW_SUM = 27
    ROW_LEAST = 28
    ROW_GREATEST = 29
    SIZE = 30
    CEILING = 31
    """Divided by the second and rounded up."""
    SIGNED = 32
    """The first with the sign of the second turned over."""
    POSITIVE = 33
    """Without its sign; 1 where it is 0."""
    EXACT = 34
    """As Python integers."""
    FRACTION = 35
    """The first over the second, as Python fractions."""
    CALL = 36
    DEFINED = 37


class RegisterKind(IntEnum):
    """What a register holds, one element each: a bit, a whole number of so many bits, a Python number; or an input."""

    PLANE = 0
    SHORT = 1
    LONG = 2
    PYTHON = 3
    INPUT = 4


class Instruction(NamedTuple):
    """An operation: where the result goes, what it reads (a negative one is constant ``~argument``), and a constant."""

    op: int
    target: int
    arguments: tuple[int, ...]
    x: int


@dataclass(frozen=True, slots=True)
class Input:
    """What is read from a block: ``part``: "codes", "known", "column" of a field of a table; "list": which instances of
    ``table`` have the list ``name``; "foreign": a part of a value that is worked out elsewhere, by its key."""

    part: str
    table: str
    name: Hashable


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its domain and what it holds; ``input``: where that is read from."""

    domain: Domain
    kind: RegisterKind
    input: Input | None = None


@dataclass(slots=True)
class Program:
    """A table of operations. ``early``: those of what is not worked out record by record, once a run; ``outputs``: by
    their key the register of each, or a fixed truth or number."""

    registers: list[Register]
    early: list[Instruction]
    main: list[Instruction]
    constants: list[Any]
    outputs: dict[Hashable, Output]


@dataclass(frozen=True, slots=True)
class Output:
    """Where an output is: in a register, or a fixed value; of a number its ``scale``."""

    domain: Domain
    register: int | None
    value: int = 0
    scale: int = 1


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a program is made for: of a column its scale and type, whether it has blanks or nothing else, and between which
    powers of 2 its codes are."""

    scale: int = 1
    dtype: str = ""
    blanks: bool = False
    low: int | None = None
    high: int | None = None
    python: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a program is made for. ``columns``: by table and field; ``supplied``: the tables whose list everyone has;
    ``longest``: at most so many rows has a list; ``foreign``: by key."""

    columns: Mapping[tuple[str, str], ColumnFacts]
    supplied: frozenset[str]
    longest: Mapping[str, int]
    foreign: Mapping[Hashable, ColumnFacts] = field(default_factory=dict)

    @property
    def key(self) -> Hashable:
        """Facts that are the same have the same."""
        return tuple(frozenset(one.items()) for one in (self.columns, self.longest, self.foreign)), self.supplied


# ---- numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: a register, or fixed; and between what it is (None: a Python number of any size)."""

    register: int | None
    value: int
    domain: Domain
    low: int | None
    high: int | None


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


Bit: TypeAlias = bool | int
"""A truth that is fixed, or a register. (Registers are no bools: ``type(bit) is bool`` tells.)"""


def fixed(value: int) -> Whole:
    """A whole number that is known."""
    return Whole(None, value, NOWHERE, value, value)


def _is_fixed(bit: Bit) -> bool:
    return type(bit) is bool


class Planner:
    """Makes the program of some nodes."""

    def __init__(self, program: core.Program, root: n.Space, facts: Facts) -> None:
        self.core = program
        self.root = root
        self.facts = facts
        self.registers: list[Register] = []
        self.code: list[Instruction] = []
        self.constants: list[Any] = []
        self._constant_places: dict[Hashable, int] = {}
        self._made: dict[Hashable, int] = {}
        self._negated: dict[int, int] = {}
        self._bits: dict[int, Bit] = {}
        self._numbers: dict[int, Number] = {}
        self._tables: dict[str, Domain] = {}

    # ---- registers and instructions

    def constant(self, value: Any, key: Hashable = None) -> int:
        """The place of a constant."""
        key = (type(value), value) if key is None else key
        place = self._constant_places.get(key)
        if place is None:
            place = self._constant_places[key] = len(self.constants)
            self.constants.append(value)
        return place

    def _input(self, domain: Domain, input_: Input) -> int:
        found = self._made.get(input_)
        if found is None:
            found = self._made[input_] = len(self.registers)
            kind = RegisterKind.PLANE if _is_plane(input_) else RegisterKind.INPUT
            self.registers.append(Register(domain, kind, input_))
        return found

    def emit(self, op: Op, domain: Domain, kind: RegisterKind, arguments: tuple[int, ...], x: int = -1) -> int:
        """The register of an operation, each made once."""
        if op in (Op.AND, Op.OR, Op.EQUAL, Op.ADD, Op.TIMES, Op.LEAST, Op.GREATEST):
            arguments = tuple(sorted(arguments))
        key = (op, domain, kind, arguments, x)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = len(self.registers)
            self.registers.append(Register(domain, kind))
            self.code.append(Instruction(int(op), found, arguments, x))
        return found

    def plane(self, op: Op, domain: Domain, arguments: tuple[int, ...], x: int = -1) -> int:
        """A plane."""
        return self.emit(op, domain, RegisterKind.PLANE, arguments, x)

    def domain(self, bit: Bit) -> Domain:
        """Where a bit has elements."""
        return NOWHERE if _is_fixed(bit) else self.registers[bit].domain

    def spread(self, register: int, domain: Domain) -> int:
        """A register in a domain inside its own."""
        own = self.registers[register]
        if own.domain == domain:
            return register
        x = self.constant(("map", domain, own.domain))
        if own.kind is RegisterKind.PLANE:
            return self.plane(Op.SPREAD, domain, (register,), x)
        return self.emit(Op.SPREAD_NUMBER, domain, self._number_kind(own), (register,), x)

    def _number_kind(self, own: Register) -> RegisterKind:
        return self._input_kind(own.input) if own.kind is RegisterKind.INPUT else own.kind

    def _input_kind(self, input_: Input | None) -> RegisterKind:
        assert input_ is not None
        facts = (
            self.facts.foreign[input_.name]
            if input_.part == "foreign"
            else self.facts.columns[input_.table, str(input_.name)]
        )
        if facts.python:
            return RegisterKind.PYTHON
        return RegisterKind.LONG if facts.dtype == "int64" else RegisterKind.SHORT

    def table(self, object_: str) -> Domain:
        """The domain whose elements are the rows of a table."""
        found = self._tables.get(object_)
        if found is None:
            axis: Axis = PARAMETER if object_ == PARAMETERS else table_space(self.core, object_, self.root)
            found = self._tables[object_] = domain_of((axis,))
        return found

    def at(self, register: int, object_: str, place: n.Place) -> int:
        """What is known of the rows of a table, of the instances at a place."""
        axis = axis_of(place)
        own = self.table(object_)
        if object_ == PARAMETERS or domain_of((axis,)) == own:
            return register
        domain = domain_of((axis,))
        x = self.constant(("rows", domain, axis))
        if self.registers[register].kind is RegisterKind.PLANE:
            return self.plane(Op.SPREAD, domain, (register,), x)
        return self.emit(Op.SPREAD_NUMBER, domain, self._number_kind(self.registers[register]), (register,), x)

    # ---- bits

    def negation(self, bit: Bit) -> Bit:
        """Not."""
        if _is_fixed(bit):
            return not bit
        found = self._negated.get(bit)
        if found is None:
            found = self.plane(Op.NOT, self.registers[bit].domain, (bit,))
            self._negated[bit], self._negated[found] = found, bit
        return found

    def all_of(self, bits: Iterable[Bit]) -> Bit:
        """All of them."""
        return self._joined(Op.AND, bits, True)

    def any_of(self, bits: Iterable[Bit]) -> Bit:
        """Any of them."""
        return self._joined(Op.OR, bits, False)

    def _joined(self, op: Op, bits: Iterable[Bit], every: bool) -> Bit:
        groups: dict[Domain, list[int]] = {}
        seen: set[int] = set()
        for bit in bits:
            if _is_fixed(bit):
                if bit is not every:
                    return bit
            elif bit not in seen:
                if self._negated.get(bit) in seen:
                    return not every
                seen.add(bit)
                groups.setdefault(self.registers[bit].domain, []).append(bit)
        if not groups:
            return every
        # What has fewer elements is put together before it is spread.
        found: int | None = None
        for domain in sorted(groups, key=_breadth):
            together = groups[domain][0]
            for bit in groups[domain][1:]:
                together = self.plane(op, domain, (together, bit))
            if found is None:
                found = together
            else:
                both = joined((self.registers[found].domain, domain))
                found = self.plane(op, both, (self.spread(found, both), self.spread(together, both)))
        assert found is not None
        return found

    def enough(self, count: int, bits: Sequence[Bit]) -> Bit:
        """Whether at least ``count`` of them are true."""
        open_: list[int] = []
        for bit in bits:
            if _is_fixed(bit):
                count -= bool(bit)
            else:
                open_.append(bit)
        if count <= 0:
            return True
        reached: list[Bit] = [True, *(False for _ in range(count))]
        for bit in open_:
            for at in range(count, 0, -1):
                reached[at] = self.any_of((reached[at], self.all_of((reached[at - 1], bit))))
        return reached[count]

    def either(self, bit: Bit, yes: Bit, no: Bit) -> Bit:
        """``yes`` where ``bit`` is true, else ``no``."""
        return self.any_of((self.all_of((bit, yes)), self.all_of((self.negation(bit), no))))

    # ---- whole numbers

    def _kind(self, low: int | None, high: int | None, parts: Iterable[Whole]) -> RegisterKind:
        if low is None or high is None or any(part.low is None for part in parts):
            return RegisterKind.PYTHON
        if low < -_LIMIT or high >= _LIMIT or any(map(self._is_python, parts)):
            return RegisterKind.PYTHON
        return RegisterKind.SHORT if low >= -_HALF and high < _HALF else RegisterKind.LONG

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
        if python and not self._is_python(part):
            register = self.emit(Op.EXACT, part.domain, RegisterKind.PYTHON, (part.register,))
            return self.spread(register, domain)
        return self.spread(part.register, domain)

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
        if _is_fixed(bit):
            return yes if bit else no
        if yes == no:
            return yes
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
        op = Op.LESS if order == "<" else Op.AT_MOST if order == "≤" else Op.EQUAL
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
            wholes.sort(key=lambda part: (_breadth(part.domain), part.register is not None))
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

    def _extreme(self, left: Whole, right: Whole, largest: bool) -> Whole:
        if left.register is None and right.register is None:
            return fixed((max if largest else min)(left.value, right.value))
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

    # ---- nodes

    def plan(self, roots: Iterable[n.Bit | n.Num]) -> None:
        """Work out what ``roots`` read, each node behind its operands."""
        done: set[int] = set()
        for root in roots:
            waiting: list[tuple[Any, bool]] = [(root, False)]
            while waiting:
                node, ready = waiting.pop()
                if node.id in done:
                    continue
                if ready:
                    done.add(node.id)
                    self._node(node)
                    continue
                waiting.append((node, True))
                if isinstance(node, n.BitOf | n.NumOf):
                    continue
                waiting.extend((part, False) for part in reversed(n.operands(node)))

    def bit(self, node: n.Bit) -> Bit:
        """What a node that was planned comes to."""
        return self._bits[node.id]

    def number(self, node: n.Num) -> Number:
        """What a node that was planned comes to."""
        return self._numbers[node.id]

    def _node(self, node: n.Bit | n.Num | n.Foreign) -> None:
        match node:
            case n.Counted() | n.Told():
                raise AssertionError("asked of others")
            case (
                n.Const()
                | n.Read()
                | n.Linear()
                | n.Times()
                | n.Over()
                | n.Extremum()
                | n.Choice()
                | n.HowMany()
                | n.SizeOf()
                | n.RowCount()
                | n.RowSum()
                | n.RowExtremum()
                | n.Call()
                | n.NumOf()
            ):
                self._numbers[node.id] = self._number(node)
            case _:
                self._bits[node.id] = self._bit(node)

    def _bit(self, node: n.Bit) -> Bit:
        match node:
            case n.Fixed(value=value):
                return value
            case n.In():
                return self._in(node)
            case n.Holds(cell=cell, item=item):
                return self._holds(cell, frozenset({item}), False)
            case n.HoldsOther(cell=cell, items=items):
                return self._holds(cell, items, True)
            case n.Meets(left=left, right=right) | n.SameText(left=left, right=right):
                return self._together(Op.MEETS if isinstance(node, n.Meets) else Op.SAME_TEXT, left, right)
            case n.Compare(order=order, left=left, right=right):
                return self.compare(order, self.number(left), self.number(right))
            case n.Neg(bit=bit):
                return self.negation(self.bit(bit))
            case n.AllOf(bits=bits):
                return self.all_of(self.bit(bit) for bit in bits)
            case n.AnyOf(bits=bits):
                return self.any_of(self.bit(bit) for bit in bits)
            case n.Enough(count=count, bits=bits):
                return self.enough(count, [self.bit(bit) for bit in bits])
            case n.SomeRow(rows=rows, bit=bit):
                return self._some(rows, self.bit(bit))
            case n.HasList(place=place, object=object_):
                return self._has_list(place, object_)
            case n.Switch():
                raise AssertionError("provisions are not switched here")
            case n.Defined(call=call):
                defined: Bit = self._called(call, Op.DEFINED)
                return defined
            case n.BitOf(value=value, part=part):
                return self._foreign_bit(value, part)
            case _:
                assert_never(node)

    def _facts(self, cell: n.Cell) -> ColumnFacts | None:
        return self.facts.columns.get((cell.object, cell.name))

    def _known(self, cell: n.Cell) -> Bit:
        facts = self._facts(cell)
        if facts is None:
            return False
        if not facts.blanks:
            return True
        register = self._input(self.table(cell.object), Input("known", cell.object, cell.name))
        return self.at(register, cell.object, cell.place)

    def _codes(self, cell: n.Cell, part: str = "codes") -> int:
        return self._input(self.table(cell.object), Input(part, cell.object, cell.name))

    def codes(self, cell: n.Cell) -> int:
        """The codes in a cell."""
        return self.at(self._codes(cell), cell.object, cell.place)

    def _in(self, node: n.In) -> Bit:
        cell, facts = node.cell, self._facts(node.cell)
        if facts is None:
            return (None in node.values) is not node.rest
        blank = None in node.values
        asked = frozenset(value for value in node.values if value is not None)
        known = self._known(cell)
        if not asked:
            if not blank:
                return node.rest
            return known if node.rest else self.negation(known)
        match cell.kind:
            case Kind.BOOL:
                test: Bit = self._test(cell, frozenset(int(value is True) for value in asked))
                test = self.all_of((test, known))
            case Kind.ENUM:
                places = cell.field.type.values or ()
                test = self._test(cell, frozenset(places.index(str(value)) for value in asked if value in places))
            case _:
                test = self._test(cell, frozenset(str(value) for value in asked))
        found = self.any_of((test, self.negation(known))) if blank else test
        return self.negation(found) if node.rest else found

    def _test(self, cell: n.Cell, codes: frozenset[Any]) -> Bit:
        """Whether a code is one of ``codes``: numbers, or texts of the column's own."""
        if cell.kind is Kind.BOOL and len(codes) == 2:
            return True
        if not codes:
            return False
        x = self.constant(("codes", cell.object, cell.name, codes, False))
        register = self.plane(Op.AMONG, self.table(cell.object), (self._codes(cell, "column"),), x)
        return self.at(register, cell.object, cell.place)

    def _holds(self, cell: n.Cell, items: frozenset[str], rest: bool) -> Bit:
        if self._facts(cell) is None:
            return False
        values = cell.field.type.values
        codes: frozenset[Any] = items
        if values is not None:
            codes = frozenset(values.index(item) for item in items if item in values)
        x = self.constant(("codes", cell.object, cell.name, codes, rest))
        register = self.plane(Op.HOLDS, self.table(cell.object), (self._codes(cell, "column"),), x)
        return self.at(register, cell.object, cell.place)

    def _together(self, op: Op, left: n.Cell, right: n.Cell) -> Bit:
        if self._facts(left) is None or self._facts(right) is None:
            return False
        domain = domain_of((axis_of(left.place), axis_of(right.place)))
        cells = ("cells", domain, axis_of(left.place), axis_of(right.place))
        x = self.constant(cells, (*cells, left.object, left.name, right.object, right.name))
        return self.plane(op, domain, (self._codes(left, "column"), self._codes(right, "column")), x)

    def _has_list(self, place: n.Place, object_: str) -> Bit:
        if object_ not in self.facts.longest:
            return False
        if object_ in self.facts.supplied:
            return True
        above = place.space.object if place.up == 0 else self._above(place.up)
        register = self._input(self.table(above), Input("list", object_, ""))
        return self.at(register, above, place)

    def _above(self, up: int) -> str:
        kind = self.root.object
        for _ in range(up):
            parent = self.core.objects[kind].parent
            assert parent is not None
            kind = parent
        return kind

    def _inside(self, rows: n.Space, domains: Iterable[Domain]) -> Domain:
        """The domain of the rows that a body is about."""
        return joined((domain_of((rows,)), *domains))

    def _some(self, rows: n.Space, bit: Bit) -> Bit:
        if bit is False or not self.facts.longest.get(rows.object):
            return False
        domain = self._inside(rows, [self.domain(bit)])
        return self.plane(Op.SOME, outer(domain), (self._bit_in(bit, domain),), self.constant(("domain", domain)))

    def _bit_in(self, bit: Bit, domain: Domain) -> int:
        if _is_fixed(bit):
            return self.plane(Op.FIXED, domain, (), int(bit))
        return self.spread(bit, domain)

    def _called(self, call: n.Call, op: Op) -> Any:
        numbers = [self.number(part) for part in call.arguments]
        wholes = [numbers[0].number, *(self.steps(number) for number in numbers[1:])]
        if call.name == "days":
            wholes = [number.number for number in numbers]
        domain = joined(part.domain for part in wholes)
        if not domain:
            # Worked out for the records, were it fixed: lowering folds what is.
            domain = domain_of((Base(0),))
        arguments = tuple(self.operand(part, domain, False) for part in wholes)
        x = self.constant(("call", call.name, call.fixed))
        if op is Op.DEFINED:
            return self.plane(op, domain, arguments, x)
        low, high = 1, datetime.date.max.toordinal()
        if call.name == "days":
            low = -high
        if call.name == "year_of":
            high = datetime.MAXYEAR
        register = self.emit(op, domain, RegisterKind.SHORT, arguments, x)
        return Number(Whole(register, 0, domain, low, high))

    def _foreign_bit(self, value: n.Foreign, part: str) -> Bit:
        facts = self.facts.foreign[value.id, part]
        if facts.low is not None and facts.low == facts.high:
            return bool(facts.low)
        return self._from_elsewhere(value, part)

    def _from_elsewhere(self, value: n.Foreign, part: str) -> int:
        if isinstance(value, n.Counted):
            # It is the same wherever it is asked by the same row.
            asking = value.place.space.object
            register = self._input(self.table(asking), Input("foreign", asking, (value.id, part)))
            return self.at(register, asking, value.place)
        domain = domain_of((Base(0), *map(axis_of, value.places)))
        return self._input(domain, Input("foreign", "", (value.id, part)))

    def _number(self, node: n.Num) -> Number:
        match node:
            case n.Const(value=value):
                if isinstance(value, datetime.date):
                    return Number(fixed(value.toordinal()))
                exact = Fraction(value)
                return Number(fixed(exact.numerator), exact.denominator)
            case n.Read(cell=cell):
                facts = self._facts(cell)
                if facts is None:
                    return Number(fixed(1 if cell.kind is Kind.DATE else 0))
                domain = self.table(cell.object)
                register = self.at(self._codes(cell), cell.object, cell.place)
                return Number(
                    Whole(register, 0, self.registers[register].domain if domain else domain, facts.low, facts.high),
                    facts.scale,
                )
            case n.Linear(constant=constant, terms=terms):
                return self.sum(Fraction(constant), [(Fraction(factor), self.number(part)) for factor, part in terms])
            case n.Times(left=left, right=right):
                return self.product(self.number(left), self.number(right))
            case n.Over(left=left, right=right):
                return self.quotient(self.number(left), self.number(right))
            case n.Extremum(largest=largest, numbers=numbers):
                return self.extremum([self.number(part) for part in numbers], largest=largest)
            case n.Choice(bit=bit, yes=yes, no=no):
                return self.choice(self.bit(bit), self.number(yes), self.number(no))
            case n.HowMany(bits=bits):
                return self._how_many([self.bit(bit) for bit in bits])
            case n.SizeOf(cell=cell):
                if self._facts(cell) is None:
                    return Number(fixed(0))
                register = self.emit(
                    Op.SIZE, self.table(cell.object), RegisterKind.SHORT, (self._codes(cell, "column"),)
                )
                register = self.at(register, cell.object, cell.place)
                return Number(Whole(register, 0, self.registers[register].domain, 0, _HALF - 1))
            case n.RowCount(rows=rows, bit=bit):
                return self._row_count(rows, self.bit(bit))
            case n.RowSum(rows=rows, bit=bit, number=number):
                return self._row_number(Op.ROW_SUM, rows, self.bit(bit), self.number(number))
            case n.RowExtremum(largest=largest, rows=rows, bit=bit, number=number):
                op = Op.ROW_GREATEST if largest else Op.ROW_LEAST
                return self._row_number(op, rows, self.bit(bit), self.number(number))
            case n.Call():
                called: Number = self._called(node, Op.CALL)
                return called
            case n.NumOf(value=value, part=part):
                facts = self.facts.foreign[value.id, part]
                register = self._from_elsewhere(value, part)
                return Number(Whole(register, 0, self.registers[register].domain, facts.low, facts.high), facts.scale)
            case _:
                assert_never(node)

    def _how_many(self, bits: Sequence[Bit]) -> Number:
        sure = sum(bit is True for bit in bits)
        open_ = [bit for bit in bits if not _is_fixed(bit)]
        if not open_:
            return Number(fixed(sure))
        domain = joined(map(self.domain, open_))
        register = self.emit(
            Op.COUNT_BITS, domain, RegisterKind.SHORT, tuple(self.spread(bit, domain) for bit in open_)
        )
        return Number(self.add(Whole(register, 0, domain, 0, len(open_)), fixed(sure)))

    def _row_count(self, rows: n.Space, bit: Bit) -> Number:
        longest = self.facts.longest.get(rows.object, 0)
        if bit is False or not longest:
            return Number(fixed(0))
        domain = self._inside(rows, [self.domain(bit)])
        x = self.constant(("domain", domain))
        register = self.emit(Op.ROW_COUNT, outer(domain), RegisterKind.SHORT, (self._bit_in(bit, domain),), x)
        return Number(Whole(register, 0, outer(domain), 0, longest))

    def _row_number(self, op: Op, rows: n.Space, bit: Bit, number: Number) -> Number:
        longest = self.facts.longest.get(rows.object, 0)
        if bit is False or not longest:
            return Number(fixed(0))
        number = self.plain(number)
        part, scale = number.number, number.scale
        domain = self._inside(rows, [self.domain(bit), part.domain])
        low, high = part.low, part.high
        if op is Op.ROW_SUM:
            low = None if low is None else min(low * longest, 0)
            high = None if high is None else max(high * longest, 0)
        kind = self._kind(low, high, (part,))
        python = kind is RegisterKind.PYTHON
        if part.register is None:
            # A fixed number of every row.
            chosen = self.emit(
                Op.CHOOSE,
                domain,
                kind,
                (self._bit_in(bit, domain), self.operand(part, domain, python), self.operand(part, domain, python)),
            )
            part = Whole(chosen, 0, domain, part.low, part.high)
        x = self.constant(("domain", domain))
        arguments = (self._bit_in(bit, domain), self.operand(part, domain, python))
        return Number(Whole(self.emit(op, outer(domain), kind, arguments, x), 0, outer(domain), low, high), scale)

    # ---- the program

    def output(self, bit: Bit, domain: Domain) -> Output:
        """A bit as it is put out in a domain."""
        if _is_fixed(bit):
            return Output(domain, None, int(bit))
        return Output(domain, self.spread(bit, domain))

    def finished(self, outputs: Mapping[Hashable, Output]) -> Program:
        """The program that works out ``outputs``, with registers used again."""
        needed = {output.register for output in outputs.values() if output.register is not None}
        kept: list[Instruction] = []
        for one in reversed(self.code):
            if one.target in needed:
                kept.append(one)
                needed.update(argument for argument in one.arguments if argument >= 0)
        kept.reverse()
        early = [one for one in kept if not self._is_main(one)]
        main = [one for one in kept if self._is_main(one)]
        return _allocated(self.registers, early, main, self.constants, outputs, needed)

    def _is_main(self, one: Instruction) -> bool:
        domain = self.registers[one.target].domain
        return bool(domain) and domain[0] == Base(0)


def _allocated(
    registers: Sequence[Register],
    early: list[Instruction],
    main: list[Instruction],
    constants: list[Any],
    outputs: Mapping[Hashable, Output],
    needed: set[int],
) -> Program:
    """Registers by their domain and kind, each free again behind the last that reads it."""
    last: dict[int, int] = {}
    for at, one in enumerate(main):
        for argument in one.arguments:
            last[argument] = at
    stay = {output.register for output in outputs.values()}
    stay.update(one.target for one in early)
    places: dict[int, int] = {}
    found: list[Register] = []
    for old in sorted(needed):
        if registers[old].input is not None:
            places[old] = len(found)
            found.append(registers[old])
    for one in early:
        places[one.target] = len(found)
        found.append(registers[one.target])
    free: dict[Register, list[int]] = {}
    moved: list[Instruction] = []
    for at, one in enumerate(main):
        arguments = tuple(places[argument] if argument >= 0 else argument for argument in one.arguments)
        own = registers[one.target]
        waiting = free.setdefault(own, [])
        if waiting:
            place = waiting.pop()
        else:
            place = len(found)
            found.append(own)
        places[one.target] = place
        moved.append(Instruction(one.op, place, arguments, one.x))
        # Behind the operation: what it reads and what it writes are different registers.
        for argument in dict.fromkeys(one.arguments):
            if argument >= 0 and last[argument] == at and argument not in stay and registers[argument].input is None:
                free.setdefault(registers[argument], []).append(places[argument])
        if one.target not in last and one.target not in stay:
            waiting.append(place)
    begun = [
        Instruction(one.op, places[one.target], tuple(places[a] if a >= 0 else a for a in one.arguments), one.x)
        for one in early
    ]
    told = {
        key: Output(o.domain, None if o.register is None else places[o.register], o.value, o.scale)
        for key, o in outputs.items()
    }
    return Program(found, begun, moved, constants, told)


FOREIGN_NUMBERS: Final = ("low", "high")


def _is_plane(input_: Input) -> bool:
    if input_.part == "foreign":
        assert isinstance(input_.name, tuple)
        return input_.name[1] not in FOREIGN_NUMBERS
    return input_.part in ("known", "list")


def _breadth(domain: Domain) -> tuple[int, int]:
    """Coarser domains first."""
    if not domain:
        return -1, 0
    base = domain[0]
    assert isinstance(base, Base)
    return len(domain) - 1, {-1: -(10**6)}.get(base.up, -base.up)


def _short(part: Whole) -> bool:
    return part.low is not None and part.high is not None and part.low >= -_HALF and part.high < _HALF


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right


def _least(parts: Iterable[int | None]) -> int | None:
    found = list(parts)
    return None if None in found else min(part for part in found if part is not None)


def _greatest(parts: Iterable[int | None]) -> int | None:
    found = list(parts)
    return None if None in found else max(part for part in found if part is not None)

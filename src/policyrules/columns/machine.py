"""Plane programs worked out with NumPy.

Why this exists: the default executor; whatever another one does has to give the same planes and numbers.

Invariants: bits behind the last element of a plane mean nothing; a machine is used by one thread at a time, and what is
worked out early is read by all of them and changed by none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import WORD, Array, Mask, Plane, unpack, words
from policyrules.columns.daytables import Call, DayTables
from policyrules.columns.domains import RECORD, Domain, Layout
from policyrules.columns.planeprogram import Instruction, Op, Program, RegisterKind
from policyrules.columns.sets import SET_BITS, held, members, set_bits, width_of, worded
from policyrules.columns.store import Column

DTYPES: Final[dict[RegisterKind, Any]] = {
    RegisterKind.PLANE: np.uint64,
    RegisterKind.SHORT: np.int32,
    RegisterKind.LONG: np.int64,
    RegisterKind.PYTHON: object,
    RegisterKind.BYTE: np.uint8,
}
_ALL: Final = np.uint64(2**64 - 1)
_MOST_TESTED: Final = 12
_MOST_PASSES: Final = 6


class Machine:
    """Works out one program, block after block. ``days``: functions of days; ``tests``: of each constant that names codes, the
    codes of this ledger (`resolved`)."""

    def __init__(self, program: Program, days: DayTables, tests: Sequence[Any]) -> None:
        self.program = program
        self.days = days
        self.constants = tests
        self.values: list[Any] = [None] * len(program.registers)
        self._store: list[Array | None] = [None] * len(program.registers)
        self.into: Mapping[int, Array] = {}
        """Of registers the arrays that they are to be in for this block."""
        self._flags = np.zeros(0, np.bool_)
        self._words = np.zeros(0, np.uint64)
        self._domains, self._domain_of = program.domains
        self.counts: list[int | None] = [None] * len(self._domains)
        self.layout: Layout | None = None
        self.kept: dict[Hashable, Array] = {}
        """What is worked out once a block: of columns of sets their bits."""

    def start(self, layout: Layout, read: Callable[[Any], Any]) -> None:
        """What is not worked out record by record. ``read``: an input of the whole ledger."""
        self._load(layout, read, early=True)
        for one in self.program.early:
            self._do(one)

    def follow(self, other: Machine) -> None:
        """Take over what another machine worked out early."""
        for one in self.program.early:
            self.values[one.target] = other.values[one.target]
        for at, register in enumerate(self.program.registers):
            if register.input is not None and register.domain[0] != RECORD:
                self.values[at] = other.values[at]

    def run(self, layout: Layout, read: Callable[[Any], Any]) -> None:
        """One block of records."""
        self._load(layout, read, early=False)
        values, do = self.values, self._do
        plane_and, plane_or, invert = np.bitwise_and, np.bitwise_or, np.invert
        for one in self.program.main:
            op, target, arguments, _ = one
            if op == 0:
                plane_and(values[arguments[0]], values[arguments[1]], out=self._target(target))
            elif op == 1:
                plane_or(values[arguments[0]], values[arguments[1]], out=self._target(target))
            elif op == 2:  # the three that are most of a program, as they are numbered
                invert(values[arguments[0]], out=self._target(target))
            else:
                do(one)

    def _load(self, layout: Layout, read: Callable[[Any], Any], *, early: bool) -> None:
        self.layout = layout
        self.kept = {}
        self.counts = [None] * len(self._domains)
        inputs, rooms = self.program.loads[early]
        for at, input_ in inputs:
            self.values[at] = read(input_)
        for at, kind in rooms:
            self.values[at] = self._room(at, self.count(at), kind)

    def _room(self, at: int, count: int, kind: RegisterKind) -> Array:
        plane = kind is RegisterKind.PLANE
        length = words(count) if plane else count
        given = self.into.get(at)
        if given is not None:
            return given[:length]
        stored = self._store[at]
        if stored is None or len(stored) < length:
            # Numbers have whole words of elements behind them.
            stored = self._store[at] = np.empty(length if plane else words(count) * WORD, DTYPES[kind])
        return stored[:length]

    def whole_words(self, register: int) -> Array:
        """The room of a register that is worked out, with what fills its last word of elements."""
        room = self.into.get(register, self._store[register])
        assert room is not None
        return room[: words(self.count(register)) * WORD]

    def count(self, register: int) -> int:
        """How many elements a register has. (That a domain is looked up once a block is what it is for.)"""
        number = self._domain_of[register]
        found = self.counts[number]
        if found is None:
            assert self.layout is not None
            found = self.counts[number] = self.layout.count(self._domains[number])
        return found

    def _target(self, register: int) -> Any:
        return self.values[register]

    # ---- operations

    def _do(self, one: Instruction) -> None:
        _ACTIONS[one.op](self, self.program.registers[one.target].domain, one)

    def value(self, argument: int) -> Any:
        """What an argument holds."""
        return self.values[argument] if argument >= 0 else self.constants[~argument]

    def flags(self, count: int) -> Mask:
        """Room for a mask."""
        if len(self._flags) < count:
            self._flags = np.empty(count, np.bool_)
        return self._flags[:count]

    def mask(self, register: int, domain: Domain) -> Mask:
        """A plane as a mask."""
        assert self.layout is not None
        return unpack(self.values[register], self.layout.count(domain))

    def put(self, register: int, mask: Mask) -> None:
        """A mask as a plane."""
        packed = np.packbits(mask, bitorder="little")
        target = self.values[register].view(np.uint8)
        target[: len(packed)] = packed


def _bytes(plane: Plane) -> Array:
    return plane.view(np.uint8)


def _and(machine: Machine, domain: Domain, one: Instruction) -> None:
    a, b = one.arguments
    np.bitwise_and(machine.values[a], machine.values[b], out=machine.values[one.target])


def _or(machine: Machine, domain: Domain, one: Instruction) -> None:
    a, b = one.arguments
    np.bitwise_or(machine.values[a], machine.values[b], out=machine.values[one.target])


def _not(machine: Machine, domain: Domain, one: Instruction) -> None:
    np.invert(machine.values[one.arguments[0]], out=machine.values[one.target])


def _and_not(machine: Machine, domain: Domain, one: Instruction) -> None:
    a, b = one.arguments
    target = machine.values[one.target]
    np.invert(machine.values[b], out=target)
    np.bitwise_and(machine.values[a], target, out=target)


def _fixed(machine: Machine, domain: Domain, one: Instruction) -> None:
    machine.values[one.target].fill(_ALL if one.x else 0)


def _compare(ufunc: Any) -> Callable[[Machine, Domain, Instruction], None]:
    def compare(machine: Machine, domain: Domain, one: Instruction) -> None:
        assert machine.layout is not None
        found = machine.flags(machine.layout.count(domain))
        ufunc(machine.value(one.arguments[0]), machine.value(one.arguments[1]), out=found)
        machine.put(one.target, found)

    return compare


def _among(machine: Machine, domain: Domain, one: Instruction) -> None:
    column: Column = machine.values[one.arguments[0]]
    found = machine.flags(column.rows)
    among(column.padded[: column.rows], machine.constants[one.x], found)
    machine.put(one.target, found)


def among(codes: Array, asked: Array, found: Mask) -> None:
    """Whether codes are among ``asked``, which are in order."""
    if not len(asked):
        found.fill(False)
    elif len(asked) == 1:
        np.equal(codes, asked[0], out=found)
    elif asked[-1] - asked[0] == len(asked) - 1:
        np.greater_equal(codes, asked[0], out=found)
        np.logical_and(found, codes <= asked[-1], out=found)
    elif len(asked) <= _MOST_TESTED:
        one = np.empty(len(codes), np.bool_)
        np.equal(codes, asked[0], out=found)
        for code in asked[1:]:
            np.equal(codes, code, out=one)
            np.logical_or(found, one, out=found)
    else:
        # -1 is the last place of the table.
        table = np.zeros(int(max(asked[-1], codes.max() if len(codes) else 0)) + 2, np.bool_)
        table[asked] = True
        np.take(table, codes, out=found, mode="wrap")


def some(flags: Array, starts: Array) -> Mask:
    """Whether any flag of each segment is set."""
    counted = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, out=counted[1:])
    ends = counted[starts]
    found: Mask = ends[1:] != ends[:-1]
    return found


def _holds(machine: Machine, domain: Domain, one: Instruction) -> None:
    column: Column = machine.values[one.arguments[0]]
    asked, rest = machine.constants[one.x]
    width = width_of(column)
    if width <= SET_BITS:
        bits = machine.kept.get(one.arguments[0])
        if bits is None:
            bits = machine.kept[one.arguments[0]] = set_bits(column, held(column), width)
        wanted = sum(1 << int(code) for code in asked)
        if rest:
            wanted = ((1 << width) - 1) & ~wanted
        found = machine.flags(column.rows)
        np.not_equal(np.bitwise_and(bits, bits.dtype.type(wanted)), bits.dtype.type(0), out=found)
        machine.put(one.target, found)
        return
    starts = column.starts
    assert starts is not None
    codes = held(column)
    found = np.empty(len(codes), np.bool_)
    among(codes, asked, found)
    if rest:
        np.logical_not(found, out=found)
    machine.put(one.target, some(found, starts - starts[0]))


def _spread(machine: Machine, domain: Domain, one: Instruction) -> None:
    places = _places(machine, one)
    source = machine.program.registers[one.arguments[0]].domain
    machine.put(one.target, machine.mask(one.arguments[0], source)[places])


def _spread_number(machine: Machine, domain: Domain, one: Instruction) -> None:
    places = _places(machine, one)
    machine.values[one.target][:] = machine.values[one.arguments[0]][places]


def _places(machine: Machine, one: Instruction) -> Any:
    places = places_of(machine, one)
    return slice(None) if places is None else places


def places_of(machine: Machine, one: Instruction) -> Array | None:
    """Of each element that a value is spread to the one it comes from; None: the same number."""
    assert machine.layout is not None
    how, inner, target = machine.constants[one.x]
    return machine.layout.map(inner, target) if how == "map" else machine.layout.rows(inner, target)


def _some(machine: Machine, domain: Domain, one: Instruction) -> None:
    rows = machine.constants[one.x][1]
    starts = starts_of(machine, rows)
    machine.put(one.target, some(machine.mask(one.arguments[0], rows), starts))


def starts_of(machine: Machine, rows: Domain) -> Array:
    """Where the rows of each outer element begin, and the last of them end."""
    assert machine.layout is not None
    starts = machine.layout.elements(rows).starts
    assert starts is not None
    return starts


def _row_count(machine: Machine, domain: Domain, one: Instruction) -> None:
    rows = machine.constants[one.x][1]
    flags = machine.mask(one.arguments[0], rows)
    counted = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, out=counted[1:])
    machine.values[one.target][:] = np.diff(counted[starts_of(machine, rows)])


def _row_sum(machine: Machine, domain: Domain, one: Instruction) -> None:
    rows = machine.constants[one.x][1]
    flags, number = machine.mask(one.arguments[0], rows), machine.value(one.arguments[1])
    target = machine.values[one.target]
    starts = starts_of(machine, rows)
    wide = object if target.dtype == object else np.int64
    counted = np.zeros(len(flags) + 1, wide)
    # What overflows on the way comes back: each segment's own sum fits.
    np.cumsum(np.where(flags, number, 0), out=counted[1:], dtype=wide)
    target[:] = np.diff(counted[starts])


def _row_extremum(largest: bool) -> Callable[[Machine, Domain, Instruction], None]:
    def extremum(machine: Machine, domain: Domain, one: Instruction) -> None:
        rows = machine.constants[one.x][1]
        flags, number = machine.mask(one.arguments[0], rows), machine.value(one.arguments[1])
        target = machine.values[one.target]
        starts = starts_of(machine, rows)
        # Only those that count stand in the segments.
        chosen = np.flatnonzero(flags)
        number = np.asarray(number)
        kept = number[chosen] if number.ndim else np.full(len(chosen), number)
        counted = np.zeros(len(flags) + 1, np.int64)
        np.cumsum(flags, out=counted[1:])
        begin = counted[starts]
        some_ = begin[1:] != begin[:-1]
        target.fill(0)
        if len(kept):
            ufunc = np.maximum if largest else np.minimum
            target[some_] = ufunc.reduceat(kept, begin[:-1][some_])

    return extremum


def _binary(ufunc: Any) -> Callable[[Machine, Domain, Instruction], None]:
    def calculate(machine: Machine, domain: Domain, one: Instruction) -> None:
        target = machine.values[one.target]
        left, right = machine.value(one.arguments[0]), machine.value(one.arguments[1])
        ufunc(left, right, out=target, dtype=target.dtype, casting="unsafe")

    return calculate


def _choose(machine: Machine, domain: Domain, one: Instruction) -> None:
    flags = machine.mask(one.arguments[0], domain)
    target = machine.values[one.target]
    yes, no = machine.value(one.arguments[1]), machine.value(one.arguments[2])
    if target.dtype == object:
        target[:] = np.where(flags, np.asarray(yes, object), np.asarray(no, object))
        return
    # Without a branch: what differs, where it counts.
    mask = np.negative(flags.view(np.int8)).astype(target.dtype)
    np.bitwise_xor(yes, no, out=target, dtype=target.dtype, casting="unsafe")
    np.bitwise_and(target, mask, out=target)
    np.bitwise_xor(target, no, out=target, dtype=target.dtype, casting="unsafe")


def _count_bits(machine: Machine, domain: Domain, one: Instruction) -> None:
    target = machine.values[one.target]
    target.fill(0)
    for argument in one.arguments:
        target += machine.mask(argument, domain)


def _weighed(machine: Machine, domain: Domain, one: Instruction) -> None:
    # Eight bytes at a time: each stays below 256, so nothing is carried from one to the next.
    whole = machine.whole_words(one.target).view(np.uint64)
    planes = [_bytes(machine.values[argument]) for argument in one.arguments]
    weights = [np.uint64(weight) for weight in machine.constants[one.x]]
    for begin in range(0, len(whole), _NEAR):
        found = whole[begin : begin + _NEAR]
        for place, (plane, weight) in enumerate(zip(planes, weights, strict=True)):
            bits = np.unpackbits(plane[begin : begin + _NEAR], bitorder="little").view(np.uint64)
            if not place:
                np.multiply(bits, weight, out=found)
                continue
            if weight != 1:
                np.multiply(bits, weight, out=bits)
            np.add(found, bits, out=found)


_NEAR: Final = 1 << 14
"""So many bytes of a plane at a time that what they come to stays near."""


def _size(machine: Machine, domain: Domain, one: Instruction) -> None:
    column: Column = machine.values[one.arguments[0]]
    assert column.starts is not None
    machine.values[one.target][:] = np.diff(column.starts)


def _ceiling(machine: Machine, domain: Domain, one: Instruction) -> None:
    number, under = machine.value(one.arguments[0]), machine.value(one.arguments[1])
    target = machine.values[one.target]
    if target.dtype == object:
        target[:] = [-(-value // under) for value in number]
        return
    target[:] = -(-number.astype(target.dtype) // under)


def _signed(machine: Machine, domain: Domain, one: Instruction) -> None:
    number, sign = machine.value(one.arguments[0]), machine.value(one.arguments[1])
    target = machine.values[one.target]
    np.copyto(target, number, casting="unsafe")
    np.negative(target, out=target, where=np.asarray(sign < 0, np.bool_))


def _positive(machine: Machine, domain: Domain, one: Instruction) -> None:
    target = machine.values[one.target]
    np.copyto(target, machine.value(one.arguments[0]), casting="unsafe")
    np.absolute(target, out=target)
    target[target == 0] = 1


def _exact(machine: Machine, domain: Domain, one: Instruction) -> None:
    machine.values[one.target][:] = machine.value(one.arguments[0]).astype(object)


def _fraction(machine: Machine, domain: Domain, one: Instruction) -> None:
    number, under = machine.value(one.arguments[0]), machine.value(one.arguments[1])
    target = machine.values[one.target]
    ones, others = np.broadcast_to(number, target.shape), np.broadcast_to(under, target.shape)
    target[:] = [Fraction(one) / other for one, other in zip(ones.tolist(), others.tolist(), strict=True)]


def _call(part: int) -> Callable[[Machine, Domain, Instruction], None]:
    def call(machine: Machine, domain: Domain, one: Instruction) -> None:
        assert machine.layout is not None
        _, name, fixed, shift = machine.constants[one.x]
        count = machine.layout.count(domain)
        start, *rest = [np.asarray(machine.value(argument)) for argument in one.arguments]
        if name == "days" and not part:
            # What is cut off is the same before and behind.
            target = machine.values[one.target]
            np.subtract(start, rest[0], out=target, dtype=target.dtype, casting="unsafe")
            return
        found: Array | None = None
        if name != "days":
            found = machine.days.of(Call(name, fixed, part), start, rest, count, shift=shift)
        if part:
            machine.put(one.target, np.ones(count, np.bool_) if found is None else found)
        else:
            machine.values[one.target][:] = found

    return call


def _sides(machine: Machine, one: Instruction) -> list[tuple[Column, Array | None]]:
    assert machine.layout is not None
    _, domain, *axes = machine.constants[one.x][0]
    return [
        (machine.values[argument], machine.layout.rows(domain, axis))
        for argument, axis in zip(one.arguments, axes, strict=True)
    ]


def _same_text(machine: Machine, domain: Domain, one: Instruction) -> None:
    (left, ours), (right, theirs) = _sides(machine, one)
    mapping = machine.constants[one.x][1]
    codes = left.padded[: left.rows] if ours is None else left.padded[: left.rows][ours]
    others = right.padded[: right.rows] if theirs is None else right.padded[: right.rows][theirs]
    machine.put(one.target, (codes >= 0) & (codes == mapping[others]))


def _meets(machine: Machine, domain: Domain, one: Instruction) -> None:
    assert machine.layout is not None
    (left, ours), (right, theirs) = _sides(machine, one)
    mapping = machine.constants[one.x][1]
    count = machine.layout.count(domain)
    width = max(width_of(left), 1)
    codes = held(left)
    alike = one.arguments[0] == one.arguments[1]
    others = codes if alike else mapping[held(right)]
    found = np.zeros(count, np.bool_)
    # Sixty-four texts at a time; where there are very many, those that fall together first, and then each pair.
    passes = 1 if width > _MOST_PASSES * SET_BITS else -(-width // SET_BITS)
    for turn in range(passes):
        key = (one.arguments[0], turn, passes)
        ones = machine.kept.get(key)
        if ones is None:
            ones = machine.kept[key] = worded(left, codes, turn, passes)
        twos = ones if alike else worded(right, others, turn, passes)
        found |= ((ones if ours is None else ones[ours]) & (twos if theirs is None else twos[theirs])) != 0
    if width > _MOST_PASSES * SET_BITS:
        likely = np.flatnonzero(found)
        of_left, codes = members(left, likely if ours is None else ours[likely])
        of_right, others = members(right, likely if theirs is None else theirs[likely])
        others = mapping[others] if len(others) else others
        there = others >= 0
        sure = np.zeros(len(likely), np.bool_)
        sure[of_left[np.isin(of_left * width + codes, of_right[there] * width + others[there])]] = True
        found = np.zeros(count, np.bool_)
        found[likely[sure]] = True
    machine.put(one.target, found)


_ACTIONS: Final[dict[int, Callable[[Machine, Domain, Instruction], None]]] = {
    Op.AND: _and,
    Op.OR: _or,
    Op.NOT: _not,
    Op.AND_NOT: _and_not,
    Op.FIXED: _fixed,
    Op.EQUAL: _compare(np.equal),
    Op.LESS: _compare(np.less),
    Op.AMONG: _among,
    Op.HOLDS: _holds,
    Op.MEETS: _meets,
    Op.SAME_TEXT: _same_text,
    Op.SPREAD: _spread,
    Op.SPREAD_NUMBER: _spread_number,
    Op.SOME: _some,
    Op.ADD: _binary(np.add),
    Op.TIMES: _binary(np.multiply),
    Op.LEAST: _binary(np.minimum),
    Op.GREATEST: _binary(np.maximum),
    Op.CHOOSE: _choose,
    Op.COUNT_BITS: _count_bits,
    Op.WEIGHED: _weighed,
    Op.ROW_COUNT: _row_count,
    Op.ROW_SUM: _row_sum,
    Op.ROW_LEAST: _row_extremum(False),
    Op.ROW_GREATEST: _row_extremum(True),
    Op.SIZE: _size,
    Op.CEILING: _ceiling,
    Op.SIGNED: _signed,
    Op.POSITIVE: _positive,
    Op.EXACT: _exact,
    Op.FRACTION: _fraction,
    Op.CALL: _call(0),
    Op.DEFINED: _call(1),
}


__all__ = ["Machine", "among"]

"""The operations of a plane program as those of the machine in C, as far as it has them.

Why this exists: a plane program leaves open in which type a number is compared, and how a set of codes or of days is tested;
the machine has a table for each. What it does not have goes to NumPy as it is.

Invariants: every output is what NumPy alone gives, where it means anything; an operation is the machine's as a whole, or not
at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import WORD, Array
from policyrules.columns.daytables import Call
from policyrules.columns.domains import Domain
from policyrules.columns.machine import Machine
from policyrules.columns.planeprogram import Input, Instruction, Op, Register, RegisterKind
from policyrules.columns.store import Column
from policyrules.columns.stretches import DTYPES, OTHER, PLANE, Assembly, Code, Cut, Rows, Value, Work

_MOST_CODES: Final = 8
_SET_BITS: Final = 64
_TYPES: Final = {np.dtype(dtype): type_ for type_, dtype in enumerate(DTYPES)}
_LOGIC: Final = {Op.AND: ((0, 0), 0), Op.OR: ((1, 1), 1), Op.NOT: ((1,), 0), Op.AND_NOT: ((0, 1), 0)}
"""As all of some planes: which of them are turned over, and whether what comes out is."""
_MOST_PLANES: Final = 24
_FAR: Final = 1 << 31
_NUMBERS: Final = {
    Op.ADD: Code.ADD,
    Op.TIMES: Code.MULTIPLY,
    Op.LEAST: Code.LEAST,
    Op.GREATEST: Code.GREATEST,
    Op.POSITIVE: Code.POSITIVE,
}
_OF_ROWS: Final = {
    Op.SOME: Rows.SOME,
    Op.ROW_COUNT: Rows.ROW_COUNT,
    Op.ROW_SUM: Rows.ROW_SUM,
    Op.ROW_LEAST: Rows.ROW_LEAST,
    Op.ROW_GREATEST: Rows.ROW_GREATEST,
    Op.SPREAD: Rows.SPREAD,
    Op.SPREAD_NUMBER: Rows.SPREAD_NUMBER,
}


class _NotHere(Exception):
    """The machine does not have this."""


@dataclass(slots=True)
class _Days:
    """A function of days: of which value, and from which day on what it gives."""

    start: int
    first: int
    table: Array


class _Cutter:
    def __init__(
        self, machine: Machine, columns: Callable[[Input], Column | None], foreign: Mapping[Hashable, Array]
    ) -> None:
        self.program = machine.program
        self.machine = machine
        self.columns = columns
        self.foreign = foreign
        self.values: list[Value] = []
        self.works: list[Work] = []
        self.constants: list[Array] = []
        self._constant_places: dict[Hashable, int] = {}
        self._converted: dict[tuple[int, int], int] = {}
        self._set_bits: dict[int, int] = {}
        self._days: dict[int, _Days] = {}
        self._nearer: dict[int, int] = {}
        """Of values the same ones in fewer bytes."""
        self._multiples: dict[int, tuple[int, int]] = {}
        """Of values that are multiples of others: of which, and how many times."""
        self._alls: dict[int, Work] = {}
        """Of planes that are all of others how they are."""
        self._readers: Counter[int] = Counter()
        """How often each value is read."""

    # ---- values

    def _value(self, domain: Domain, kind: RegisterKind, type_: int) -> int:
        self.values.append(Value(domain, kind, type_))
        return len(self.values) - 1

    def _begin(self) -> dict[int, int]:
        now: dict[int, int] = {}
        early = {one.target for one in self.program.early}
        for place, register in enumerate(self.program.registers):
            if register.input is None and place not in early:
                continue
            type_, column = self._type(register), None
            bounds: tuple[int, int] | None = None
            if register.input is not None and register.input.part in ("codes", "column"):
                column = self.columns(register.input)
                if column is not None and column.low is not None and column.high is not None:
                    bounds = column.low, column.high
            now[place] = len(self.values)
            self.values.append(
                Value(register.domain, register.kind, type_, place, register.input, column=column, bounds=bounds)
            )
        return now

    def _type(self, register: Register) -> int:
        match register.kind:
            case RegisterKind.PLANE:
                return PLANE
            case RegisterKind.SHORT:
                return 2
            case RegisterKind.LONG:
                return 3
            case RegisterKind.BYTE:
                return 0
            case RegisterKind.PYTHON:
                return OTHER
        input_ = register.input
        assert input_ is not None
        if input_.part == "foreign":
            whole = self.foreign.get(input_.name)
            return OTHER if whole is None else _TYPES.get(whole.dtype, OTHER)
        column = self.columns(input_)
        return OTHER if column is None else _TYPES.get(column.padded.dtype, OTHER)

    def _constant(self, value: int, type_: int) -> int:
        """64 elements of a number, cut off to its type."""
        key = (value, type_)
        place = self._constant_places.get(key)
        if place is None:
            bits = 8 << type_
            inside = value & ((1 << bits) - 1)
            inside -= (1 << bits) if inside >> (bits - 1) else 0
            place = self._constant_places[key] = len(self.constants)
            self.constants.append(np.full(WORD, inside, DTYPES[type_]))
        return ~place

    def _table(self, table: Array) -> int:
        self.constants.append(table)
        return ~(len(self.constants) - 1)

    def _work(
        self,
        target: int,
        source: Instruction,
        code: Code,
        reads: Sequence[int],
        *,
        type: int = 0,
        flip: int = 0,
        x: int = 0,
        y: int = 0,
        weights: tuple[int, ...] = (),
    ) -> None:
        self.works.append(Work(target, tuple(reads), source, code, None, type, flip, x, y, weights))

    def _plainly(self, target: int, source: Instruction, reads: Sequence[int]) -> None:
        self.works.append(Work(target, tuple(reads), source))

    def _all_of(self, target: int, source: Instruction, reads: Sequence[int], turned: Sequence[int], flip: int) -> None:
        """All of some planes; those that are all of others themselves are these others."""
        planes: dict[int, int] = {}
        for read, turn in zip(reads, turned, strict=True):
            inner = self._alls.get(read)
            if inner is not None and (len(inner.reads) == 1 or (inner.flip == turn and self._readers[read] == 1)):
                turn ^= inner.flip
                own = [(plane, turn ^ -each) for plane, each in zip(inner.reads, inner.weights, strict=True)]
            else:
                own = [(read, turn)]
            for plane, each in own:
                if planes.setdefault(plane, each) != each:
                    self._work(target, source, Code.FILL, (), flip=flip)
                    return
        weights = tuple(-turn for turn in planes.values())
        self._work(target, source, Code.ALL, tuple(planes), flip=flip, x=len(planes), weights=weights)
        if len(planes) <= _MOST_PLANES:
            self._alls[target] = self.works[-1]

    def _as(self, value: int, type_: int, source: Instruction) -> int:
        """A value as another type, cut off where that is narrower."""
        own = self.values[value]
        if own.type == type_:
            return value
        if own.type > type_ and (own.type, type_) != (3, 2):
            raise _NotHere
        key = (value, type_)
        if key not in self._converted:
            found = self._value(own.domain, RegisterKind.LONG if type_ == 3 else RegisterKind.SHORT, type_)
            self._work(found, source, Code.CONVERT, (value,), type=type_, x=own.type)
            self._converted[key] = found
        return self._converted[key]

    def _number(self, value: int, type_: int, source: Instruction, domain: Domain) -> int:
        """An argument, a value or a constant of the program (negative), as a type."""
        if value < 0:
            return self._constant(self._fixed(value), type_)
        self._fits(value, domain)
        return self._as(value, type_, source)

    def _fixed(self, argument: int) -> int:
        value = self.machine.constants[~argument]
        if not isinstance(value, (int, np.integer)):
            raise _NotHere
        return int(value)

    def _fits(self, value: int, domain: Domain) -> None:
        own = self.values[value]
        if own.domain != domain or own.type < 0:
            raise _NotHere

    def _planes(self, values: Sequence[int], domain: Domain) -> None:
        if any(self.values[value].type != PLANE or self.values[value].domain != domain for value in values):
            raise _NotHere

    # ---- operations

    def cut(self) -> Cut:
        now = self._begin()
        readers = self._readers_of()
        for one, count_ in zip(self.program.main, readers, strict=True):
            register = self.program.registers[one.target]
            reads = tuple(now[argument] if argument >= 0 else argument for argument in one.arguments)
            target = self._value(register.domain, register.kind, self._type(register))
            self._readers[target] = count_
            count = len(self.works)
            try:
                self._one(one, target, reads, register.domain)
            except _NotHere:
                del self.works[count:]
                self._converted = {key: value for key, value in self._converted.items() if self._is_made(value)}
                self._plainly(target, one, reads)
            now[one.target] = target
        outputs = {key: None if o.register is None else now[o.register] for key, o in self.program.outputs.items()}
        self._leave_out({value for value in outputs.values() if value is not None})
        return Assembly(self.program, self.values, self.works, self.constants, outputs).assembled()

    def _readers_of(self) -> list[int]:
        """How often what each operation gives is read, put out included."""
        found = [0] * len(self.program.main)
        maker: dict[int, int] = {}
        for at, one in enumerate(self.program.main):
            for argument in one.arguments:
                if argument in maker:
                    found[maker[argument]] += 1
            maker[one.target] = at
        for output in self.program.outputs.values():
            if output.register in maker:
                found[maker[output.register]] += 1
        return found

    def _is_made(self, value: int) -> bool:
        return any(work.target == value for work in self.works)

    def _one(self, one: Instruction, target: int, reads: tuple[int, ...], domain: Domain) -> None:
        op = Op(one.op)
        own = self.values[target]
        if op in _LOGIC:
            self._planes(reads, domain)
            turned, flip = _LOGIC[op]
            self._all_of(target, one, reads, turned, flip)
        elif op is Op.FIXED:
            self._work(target, one, Code.FILL, (), flip=int(bool(one.x)))
        elif op in (Op.EQUAL, Op.LESS):
            self._compare(op, one, target, reads, domain)
        elif op is Op.AMONG:
            self._among(one, target, reads[0])
        elif op is Op.HOLDS:
            self._holds(one, target, reads[0])
        elif op in _NUMBERS:
            if own.type < 0:
                raise _NotHere
            numbers = [self._number(value, own.type, one, domain) for value in reads]
            self._work(target, one, _NUMBERS[op], numbers, type=own.type)
            if op is Op.TIMES and (numbers[0] < 0) is not (numbers[1] < 0):
                factor, value = sorted(numbers)
                self._multiples[target] = value, int(self.constants[~factor][0])
        elif op is Op.SIGNED:
            if own.type < 0 or any(value >= 0 and self.values[value].type > own.type for value in reads):
                raise _NotHere
            numbers = [self._number(value, own.type, one, domain) for value in reads]
            self._work(target, one, Code.SIGNED, numbers, type=own.type)
        elif op is Op.CHOOSE:
            if own.type < 0:
                raise _NotHere
            self._planes(reads[:1], domain)
            numbers = [self._number(value, own.type, one, domain) for value in reads[1:]]
            self._work(target, one, Code.CHOOSE, (reads[0], *numbers), type=own.type)
        elif op is Op.COUNT_BITS:
            self._count(one, target, reads, (1,) * len(reads), domain)
        elif op is Op.WEIGHED:
            self._count(one, target, reads, self.machine.constants[one.x], domain)
        elif op in (Op.CALL, Op.DEFINED):
            self._call(op, one, target, reads, domain)
        elif op in (Op.SAME_TEXT, Op.MEETS):
            columns = [self.values[read].column for read in reads]
            if any(column is None or (column.starts is None) is (op is Op.MEETS) for column in columns):
                raise _NotHere
            if any(self.values[read].type < 0 for read in reads):
                raise _NotHere
            rows = Rows.SAME_CODE if op is Op.SAME_TEXT else Rows.SETS_MEET
            self.works.append(Work(target, reads, one, rows=rows))
        elif op in _OF_ROWS:
            self._of_rows(_OF_ROWS[op], one, target, reads)
        else:
            raise _NotHere

    def _compare(self, op: Op, one: Instruction, target: int, reads: tuple[int, ...], domain: Domain) -> None:
        left, right = reads
        if self._compare_days(op, one, target, left, right):
            return
        reads = tuple(self._nearer.get(value, value) for value in reads)
        type_ = 0
        for value in reads:
            if value >= 0:
                self._fits(value, domain)
                type_ = max(type_, self.values[value].type)
        for value in reads:
            if value < 0:
                fixed = self._fixed(value)
                while type_ < 4 and not np.iinfo(DTYPES[type_]).min <= fixed <= np.iinfo(DTYPES[type_]).max:
                    type_ += 1
                if type_ > 3:
                    raise _NotHere
        (left, x), (right, y) = (self._multiple(self._number(value, type_, one, domain), type_) for value in reads)
        if op is Op.LESS:
            left, x, right, y = right, y, left, x
        # A factor of each, or none.
        x, y = (0, 0) if x == y == 1 else (x, y)
        code = Code.EQUAL if op is Op.EQUAL else Code.GREATER
        self._work(target, one, code, (left, right), type=type_, x=x, y=y)

    def _multiple(self, value: int, type_: int) -> tuple[int, int]:
        """What a number is so many times of, where nothing else asks for the product."""
        found = self._multiples.get(value)
        if found is None or self._readers[value] != 1 or self.values[found[0]].type != type_:
            return value, 1
        return found

    def _compare_days(self, op: Op, one: Instruction, target: int, left: int, right: int) -> bool:
        """A function of a day against a fixed one: that is a set of days."""
        days = self._days.get(left if left >= 0 else right)
        if days is None or (left >= 0 and right >= 0):
            return False
        ones = days.table if left >= 0 else self._fixed(left)
        others = days.table if right >= 0 else self._fixed(right)
        compare: Any = np.equal if op is Op.EQUAL else np.less
        self._day_set(one, target, days.start, days.first, compare(ones, others))
        return True

    def _day_set(self, one: Instruction, target: int, start: int, first: int, inside: Array) -> None:
        """Whether a day is one of a set: of those from ``first`` on, and no others come."""
        turns = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        if not len(turns):
            self._work(target, one, Code.FILL, (), flip=int(inside[0]))
            return
        type_ = self.values[start].type
        if len(turns) == 1:
            last = self._constant(first + int(turns[0]) - 1, type_)
            self._work(target, one, Code.GREATER, (start, last), type=type_, flip=int(inside[0]))
        elif len(turns) == 2:
            bounds = [self._constant(first + int(turns[0]), type_), self._constant(first + int(turns[1]) - 1, type_)]
            self._work(target, one, Code.BETWEEN, (start, *bounds), type=type_, flip=int(inside[0]))
        else:
            table = self._table(np.ascontiguousarray(inside, np.uint8))
            self._work(target, one, Code.IN_TABLE, (start, table), type=type_, x=first, y=len(inside))

    def _call(self, op: Op, one: Instruction, target: int, reads: tuple[int, ...], domain: Domain) -> None:
        _, name, fixed, shift = self.machine.constants[one.x]
        part = int(op is Op.DEFINED)
        if name == "days":
            if part:
                self._work(target, one, Code.FILL, (), flip=1)
                return
            self._apart(one, target, reads, domain)
            return
        start, *rest = reads
        if start < 0 or (rest and rest[0] >= 0):
            raise _NotHere
        self._fits(start, domain)
        bounds = self.values[start].bounds
        step = self._fixed(rest[0]) if rest else None
        if bounds is None:
            raise _NotHere
        first, last = bounds[0] + shift, bounds[1] + shift
        days, call = self.machine.days, Call(name, fixed, part)
        table = days.between(call, step, first, last)
        if table is None:
            raise _NotHere
        if part:
            self._day_set(one, target, start, bounds[0], table)
            return
        self._days[target] = _Days(start, bounds[0], table)
        # Before the first day and behind the last stands what NumPy has for a blank.
        blank = days.between(call, step, shift, shift)
        assert blank is not None
        place = self._table(np.concatenate([blank, table, blank]).astype(np.int32, copy=False))
        own = self.values[start]
        self._work(target, one, Code.LOOK_UP, (start, place), type=own.type, x=bounds[0] - 1, y=len(table) + 2)

    def _apart(self, one: Instruction, target: int, reads: tuple[int, ...], domain: Domain) -> None:
        """How many days are between two: in two bytes, where no two days of both are farther apart."""
        (low, high), (first, last) = (self._within(read) for read in reads)
        least, most = min(low, 0) - max(last, 0), max(high, 0) - min(first, 0)
        if least >= -(1 << 15) and most < 1 << 15 and all(read < 0 or self.values[read].type < 2 for read in reads):
            near = self._value(domain, RegisterKind.SHORT, 1)
            self._work(near, one, Code.SUBTRACT, [self._number(read, 1, one, domain) for read in reads], type=1)
            self._work(target, one, Code.CONVERT, (near,), type=2, x=1)
            self._nearer[target] = near
            return
        # What is cut off is the same before and behind.
        numbers = [self._number(value, 2, one, domain) for value in reads]
        self._work(target, one, Code.SUBTRACT, numbers, type=2)

    def _within(self, value: int) -> tuple[int, int]:
        """Between what an argument is, as far as that is known."""
        if value < 0:
            return self._fixed(value), self._fixed(value)
        return self.values[value].bounds or (-_FAR, _FAR)

    def _among(self, one: Instruction, target: int, read: int) -> None:
        own = self.values[read]
        codes = self.machine.constants[one.x]
        if (
            own.type < 0
            or own.column is None
            or own.column.starts is not None
            or own.domain != self.values[target].domain
        ):
            raise _NotHere
        type_ = own.type
        asked = [int(code) for code in codes if np.iinfo(DTYPES[type_]).min <= code <= np.iinfo(DTYPES[type_]).max]
        if not asked:
            self._work(target, one, Code.FILL, (), flip=0)
        elif len(asked) == 1:
            self._work(target, one, Code.EQUAL, (read, self._constant(asked[0], type_)), type=type_)
        elif asked[-1] - asked[0] == len(asked) - 1:
            bounds = (self._constant(asked[0], type_), self._constant(asked[-1], type_))
            self._work(target, one, Code.BETWEEN, (read, *bounds), type=type_)
        elif len(asked) <= _MOST_CODES:
            places = [self._constant(code, type_) for code in asked]
            self._work(target, one, Code.AMONG, (read, *places), type=type_, x=len(places))
        else:
            # From -1 to one behind the last; both ends are of no code that is asked for.
            table = np.zeros(asked[-1] + 3, np.uint8)
            table[np.array(asked) + 1] = 1
            self._work(target, one, Code.IN_TABLE, (read, self._table(table)), type=type_, x=-1, y=len(table))

    def _holds(self, one: Instruction, target: int, read: int) -> None:
        own = self.values[read]
        asked, rest = self.machine.constants[one.x]
        column = own.column
        if column is None or column.starts is None or own.type < 0 or own.domain != self.values[target].domain:
            raise _NotHere
        width = len(column.field.type.values or column.texts)
        if width > _SET_BITS:
            raise _NotHere
        bits = self._set_bits.get(read)
        if bits is None:
            type_ = next(type_ for type_ in range(4) if 8 << type_ >= width)
            bits = self._set_bits[read] = self._value(own.domain, RegisterKind.LONG, type_)
            self.works.append(Work(bits, (read,), one, rows=Rows.SET_BITS, type=type_))
        wanted = sum(1 << int(code) for code in asked)
        if rest:
            wanted = ((1 << width) - 1) & ~wanted
        type_ = self.values[bits].type
        self._work(target, one, Code.MEETS, (bits, self._constant(wanted, type_)), type=type_)

    def _count(
        self, one: Instruction, target: int, reads: tuple[int, ...], weights: Sequence[int], domain: Domain
    ) -> None:
        self._planes(reads, domain)
        type_ = self.values[target].type
        self._work(target, one, Code.WEIGH, reads, type=type_, x=len(reads), weights=tuple(weights))

    def _of_rows(self, op: Rows, one: Instruction, target: int, reads: tuple[int, ...]) -> None:
        own = self.values[target]
        if any(read < 0 or self.values[read].type == OTHER for read in reads) or own.type == OTHER:
            raise _NotHere
        if op is Rows.SPREAD_NUMBER:
            own.bounds = self.values[reads[0]].bounds
        self.works.append(Work(target, reads, one, rows=op, type=own.type))

    def _leave_out(self, outputs: set[int]) -> None:
        """Without what nothing reads."""
        needed = set(outputs)
        kept = []
        for work in reversed(self.works):
            if work.target in needed:
                kept.append(work)
                needed.update(read for read in work.reads if read >= 0)
        self.works = kept[::-1]


def cut_program(machine: Machine, columns: Callable[[Input], Column | None], foreign: Mapping[Hashable, Array]) -> Cut:
    """The program of a machine, cut. ``columns``: the column that an input is of; ``foreign``: of the values that are there
    for the whole ledger their arrays."""
    return _Cutter(machine, columns, foreign).cut()


__all__ = ["cut_program"]

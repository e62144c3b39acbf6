"""Plane programs worked out by the machine in C, where the package policyrules-kernel is installed.

Why this exists: the same results sooner. What the machine does not have stays with NumPy, in the same program.

Invariants: nothing here is needed; a machine that fails its own test is not used; a machine is used by one thread at a time,
and gives up the lock of the interpreter while it works.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, TypeAlias

import numpy as np

from policyrules.columns.bits import WORD, Array, words
from policyrules.columns.cutting import cut_program
from policyrules.columns.daytables import DayTables
from policyrules.columns.domains import Base, Layout, outer
from policyrules.columns.machine import Machine, places_of, starts_of
from policyrules.columns.planeprogram import Input, Instruction, Program, name_of
from policyrules.columns.store import Column
from policyrules.columns.stretches import ROWS, STRETCH, WIDTH, Cut, Rows

FORMAT: Final = 4
"""Of the tables that are made here."""
PACKAGE: Final = "policyrules_kernel"
_STREAMS: Final = 2
"""From this variant on the machine moves bits from one plane's places to another's."""


class NoKernel(ImportError):
    """The machine in C is asked for and not there, or not fit; the message says why."""


def load() -> Any:
    """The machine in C. Raises `NoKernel`."""
    try:
        package = import_module(PACKAGE)
    except ModuleNotFoundError as missing:
        if missing.name != PACKAGE:
            raise
        raise NoKernel("没有安装 policyrules-kernel：见 docs/columns.md“C 内核”") from missing
    if package.FORMAT != FORMAT:
        raise NoKernel(
            f"policyrules-kernel 的指令表是版本 {package.FORMAT}，这里要 {FORMAT}：请重新安装 policyrules-kernel"
        )
    try:
        return package.load()
    except package.Unusable as reason:
        raise NoKernel(f"policyrules-kernel 不能用：{reason}") from reason


Cuts: TypeAlias = dict[Hashable, tuple[Program, Cut]]
_MOST_CUTS: Final = 8


def cut_once(
    program: Program,
    constants: Sequence[Any],
    machine: Callable[[], Machine],
    columns: Callable[[Input], Column | None],
    foreign: Mapping[Hashable, Array],
    kept: Cuts,
) -> Cut:
    """A program, cut; kept for ledgers for which it is cut alike. ``machine``: one that works it out with NumPy alone."""
    given: list[Hashable] = [id(program)]
    for register in program.registers:
        if register.input is None:
            continue
        if register.input.part == "foreign":
            whole = foreign.get(register.input.name)
            given.append(None if whole is None else name_of(whole.dtype))
        elif register.input.part in ("codes", "column"):
            column = columns(register.input)
            assert column is not None
            given.append(
                (name_of(column.padded.dtype), column.low, column.high, len(column.texts), column.starts is None)
            )
    for constant in constants:
        array, rest = constant if isinstance(constant, tuple) and len(constant) == 2 else (constant, None)  # codes
        if isinstance(array, np.ndarray):
            given.append((name_of(array.dtype), array.tobytes(), rest))
    key = tuple(given)
    found = kept.get(key)
    if found is None or found[0] is not program:
        while len(kept) >= _MOST_CUTS:
            kept.pop(next(iter(kept)), None)
        found = kept[key] = program, cut_program(machine(), columns, foreign)
    return found[1]


class KernelMachine(Machine):
    """A machine whose stretches are worked out in C."""

    def __init__(self, kernel: Any, cut: Cut, days: DayTables, tests: Sequence[Any]) -> None:
        super().__init__(cut.program, days, tests)
        self.kernel = kernel
        self.cut = cut
        scratch = max((one.scratch for one in cut.stretches), default=0)
        most = max((len(one.slots) for one in cut.stretches), default=0)
        self._scratch = np.empty(scratch + WORD, np.uint8)
        base = -(-self._scratch.ctypes.data // WORD) * WORD
        self._now = np.empty(most, np.uintp)
        self._lent: list[Array] = []
        self._addresses: dict[int, int] = {}
        self._places: dict[int, Array | None] = {}
        self._ends_of: dict[int, tuple[int, int]] = {}
        self._slots: list[Array] = []
        for one in cut.stretches:
            slots = one.slots.copy()
            places, offsets = one.inside
            slots[places, 0] = offsets + base
            self._slots.append(slots)
        self._now_address = self._now.ctypes.data
        self._tables = [
            (one.code.ctypes.data, len(one.code), slots.ctypes.data, len(slots))
            for one, slots in zip(cut.stretches, self._slots, strict=True)
        ]

    def run(self, layout: Layout, read: Callable[[Any], Any]) -> None:
        self._lent, self._addresses, self._places, self._ends_of = [], {}, {}, {}
        super().run(layout, read)
        self._lent = []

    def _do(self, one: Instruction) -> None:
        if one.op == STRETCH:
            self._stretch(one.x)
        elif one.op == ROWS:
            self._rows(one)
        else:
            super()._do(one)

    def _stretch(self, number: int) -> None:
        stretch, slots = self.cut.stretches[number], self._slots[number]
        last = words(self.count(stretch.register))
        if not last:
            return
        places, registers = stretch.outside
        slots[places, 0] = [self._address(register) for register in registers]
        kernel = self.kernel
        wrong = kernel.run(kernel.variant, *self._tables[number], self._now_address, 0, last, WIDTH)
        if wrong:
            raise RuntimeError(f"policyrules-kernel: {wrong}")

    def _address(self, register: int) -> int:
        """Where the elements of a register stand, whole words of them."""
        found = self._addresses.get(register)
        if found is None:
            found = self._addresses[register] = self._found(register)
        return found

    def _found(self, register: int) -> int:
        value = self.values[register]
        array: Array = value.padded if isinstance(value, Column) else value
        flags = array.flags
        # Of numbers from elsewhere nothing can be read behind the last.
        if not flags.c_contiguous or not flags.aligned or (register in self.cut.elsewhere and len(array) % WORD):
            count = len(array)
            whole = np.zeros(count if array.dtype == np.uint64 else words(count) * WORD, array.dtype)
            whole[:count] = array
            array = whole
            self._lent.append(array)
        address: int = array.__array_interface__["data"][0]
        return address

    def _rows(self, instruction: Instruction) -> None:
        between = self.cut.between[instruction.x]
        one, op = between.source, between.op
        given = [self._address(one.target), self.count(one.target)]
        if op in (Rows.SAME_CODE, Rows.SETS_MEET):
            given += self._of_two(op, one)
        elif op is Rows.SPREAD and (ends := self._ends(self._outer_starts(one))) is not None:
            given += [0, self._address(one.arguments[0]), *ends]
        else:
            places = self._where(op, one)
            if places is None:
                # Each element is spread to one alone.
                np.copyto(self.values[one.target], self.values[one.arguments[0]], casting="unsafe")
                return
            given.append(self._lend(places))
            for argument in one.arguments:
                given.append(self._address(argument))
                if self.cut.types[argument] >= 0:
                    given += [self.cut.types[argument], self.cut.types[one.target]]
            if op is Rows.SOME:
                given += self._ends(places) or (0, 0)
            elif op is Rows.SPREAD:
                given += (0, 0)
        of_rows(self.kernel, op, given)

    def _outer_starts(self, one: Instruction) -> Array | None:
        """Where the rows begin that take from what they belong to; None: they take from something else."""
        assert self.layout is not None
        how, inner, target = self.constants[one.x]
        if isinstance(inner[-1], Base) or inner[-1] == target:
            return None
        around = outer(inner)
        if target != around if how == "map" else self.layout.rows(around, target) is not None:
            return None
        return self.layout.elements(inner).starts

    def _ends(self, starts: Array | None) -> tuple[int, int] | None:
        """Which rows are the last of theirs, and who has rows, as planes; None where they are not needed."""
        if starts is None or self.kernel.variant < _STREAMS or not len(starts) or starts[0]:
            return None
        found = self._ends_of.get(id(starts))
        if found is None:
            last, held = (np.empty(words(count), np.uint64) for count in (int(starts[-1]), len(starts) - 1))
            given = (self._lend(last), len(starts) - 1, self._lend(_as_places(starts)), self._lend(held))
            of_rows(self.kernel, Rows.ENDS, given)
            found = self._ends_of[id(starts)] = (given[0], given[3])
        return found

    def _of_two(self, op: Rows, one: Instruction) -> list[int]:
        """What is given of two columns, each with the places of its cells."""
        assert self.layout is not None
        (_, domain, *axes), mapping = self.constants[one.x]
        given = []
        for argument, axis in zip(one.arguments, axes, strict=True):
            places = _as_places(self.layout.rows(domain, axis))
            given.append(0 if places is None else self._lend(places))
            if op is Rows.SETS_MEET:
                given.append(self._lend(_as_places(self.values[argument].starts)))
            given += [self._address(argument), self.cut.types[argument]]
        given.append(self._lend(np.ascontiguousarray(mapping, np.int64)))
        return [*given, len(mapping) - 1]

    def _lend(self, array: Array | None) -> int:
        """The address of an array that stays for this block."""
        assert array is not None
        self._lent.append(array)
        address: int = array.__array_interface__["data"][0]
        return address

    def _where(self, op: Rows, one: Instruction) -> Array | None:
        if op is Rows.SET_BITS:
            column: Column = self.values[one.arguments[0]]
            return _as_places(column.starts)
        if one.x not in self._places:
            if op in (Rows.SPREAD, Rows.SPREAD_NUMBER):
                self._places[one.x] = _as_places(places_of(self, one))
            else:
                self._places[one.x] = _as_places(starts_of(self, self.constants[one.x][1]))
        return self._places[one.x]


def of_rows(kernel: Any, op: Rows, given: Sequence[int]) -> None:
    """Have the machine in C do something with rows."""
    table = np.array(given, np.int64)
    wrong = kernel.rows(kernel.variant, int(op), table.ctypes.data)
    if wrong:
        raise RuntimeError(f"policyrules-kernel: {wrong}")


def _as_places(array: Array | None) -> Array | None:
    return None if array is None else np.ascontiguousarray(array, np.int64)


__all__ = ["FORMAT", "KernelMachine", "NoKernel", "load", "of_rows"]

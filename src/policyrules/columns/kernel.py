"""Plane programs worked out by the machine in C, where the package policyrules-kernel is installed.

Why this exists: the same results sooner. What the machine does not have stays with NumPy, in the same program.

Invariants: nothing here is needed; a machine that fails its own test is not used; a machine is used by one thread at a time,
and gives up the lock of the interpreter while it works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import WORD, Array, words
from policyrules.columns.daywise import Function
from policyrules.columns.domains import Domain, Layout
from policyrules.columns.machine import Machine, places_of, starts_of
from policyrules.columns.planeprogram import Instruction
from policyrules.columns.store import Column
from policyrules.columns.stretches import DTYPES, ROWS, STRETCH, WIDTH, Cut, Rows

FORMAT: Final = 1
"""Of the tables that are made here."""
PACKAGE: Final = "policyrules_kernel"


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
        raise NoKernel(f"policyrules-kernel 的指令表是版本 {package.FORMAT}，这里要 {FORMAT}：请重新安装 policyrules-kernel")
    try:
        return package.load()
    except package.Unusable as reason:
        raise NoKernel(f"policyrules-kernel 不能用：{reason}") from reason


class KernelMachine(Machine):
    """A machine whose stretches are worked out in C."""

    def __init__(
        self, kernel: Any, cut: Cut, functions: Mapping[str, Function], tests: Sequence[Any], width: int = WIDTH
    ) -> None:
        super().__init__(cut.program, functions, tests)
        self.kernel = kernel
        self.cut = cut
        self.width = width
        scratch = max((one.scratch for one in cut.stretches), default=0)
        most = max((len(one.slots) for one in cut.stretches), default=0)
        self._scratch = np.empty(scratch + WORD, np.uint8)
        base = -(-self._scratch.ctypes.data // WORD) * WORD
        self._now = np.empty(most, np.uintp)
        self._lent: list[Array] = []
        self._addresses: dict[int, int] = {}
        self._places: dict[int, Array | None] = {}
        self._slots: list[Array] = []
        for one in cut.stretches:
            slots = one.slots.copy()
            for place, constant in one.constants:
                slots[place, 0] = constant.ctypes.data
            for place, offset in one.inside:
                slots[place, 0] = base + offset
            self._slots.append(slots)

    def run(self, layout: Layout, read: Callable[[Any], Any]) -> None:
        self._lent, self._addresses, self._places = [], {}, {}
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
        assert self.layout is not None
        last = words(self.layout.count(stretch.domain))
        if not last:
            return
        for place, register in stretch.outside:
            slots[place, 0] = self._address(register)
        kernel = self.kernel
        code = stretch.code
        wrong = kernel.run(
            kernel.variant,
            *(code.ctypes.data, len(code), slots.ctypes.data, len(slots), self._now.ctypes.data),
            *(0, last, self.width),
        )
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
        own = self.program.registers[register]
        readable = own.input is None or own.input.part != "foreign" or len(array) % WORD == 0
        if array.dtype == np.uint64:
            readable = True
        if not readable or not array.flags.c_contiguous or not array.flags.aligned:
            count = len(array)
            length = count if array.dtype == np.uint64 else words(count) * WORD
            whole = np.zeros(length, array.dtype)
            whole[:count] = array
            array = whole
            self._lent.append(array)
        address: int = array.__array_interface__["data"][0]
        return address

    def _rows(self, instruction: Instruction) -> None:
        between = self.cut.between[instruction.x]
        one = between.source
        layout = self.layout
        assert layout is not None
        target = self.program.registers[one.target]
        count = layout.count(target.domain)
        places = self._where(between.op, one, target.domain)
        if places is None:
            # An element of its own for each.
            np.copyto(self.values[one.target], self.values[one.arguments[0]][: len(self.values[one.target])], casting="unsafe")
            return
        bits = 0 if between.bits < 0 else self._address(between.bits)
        numbers = 0 if between.numbers < 0 else self._address(between.numbers)
        types = self.cut.types
        wrong = self.kernel.rows(
            int(between.op),
            *(bits, numbers, types[between.numbers] if between.numbers >= 0 else 0),
            *(places.ctypes.data, count, self._address(one.target), types[one.target]),
        )
        if wrong:
            raise RuntimeError(f"policyrules-kernel: {wrong}")

    def _where(self, op: Rows, one: Instruction, domain: Domain) -> Array | None:
        if op is Rows.SET_BITS:
            column: Column = self.values[one.arguments[0]]
            return _as_places(column.starts)
        key = one.x
        if key not in self._places:
            if op in (Rows.SPREAD, Rows.SPREAD_NUMBER):
                self._places[key] = _as_places(places_of(self, one))
            else:
                self._places[key] = _as_places(starts_of(self, self.constants[one.x][1]))
        return self._places[key]


def _as_places(array: Array | None) -> Array | None:
    return None if array is None else np.ascontiguousarray(array, np.int64)


__all__ = ["DTYPES", "FORMAT", "KernelMachine", "NoKernel", "load"]

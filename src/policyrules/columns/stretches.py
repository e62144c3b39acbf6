"""A plane program cut into stretches that the machine in C works out, and what NumPy does between them.

Why this exists: the machine is sooner because it does all operations of a stretch on a few thousand elements before it goes
on to the next. So what belongs to one domain is brought together, and what only lives within a stretch never leaves it.

Invariants: every output is what NumPy alone gives, where it means anything; an operation that the machine does not have, or
not for these types, stays as it is.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np

from policyrules.columns.bits import WORD, Array
from policyrules.columns.domains import Domain
from policyrules.columns.planeprogram import Input, Instruction, Output, Program, Register, RegisterKind
from policyrules.columns.store import Column


class Code(IntEnum):
    """Operations of the machine, as it numbers them."""

    ALL = 0
    FILL = 1
    EQUAL = 2
    GREATER = 3
    BETWEEN = 4
    AMONG = 5
    IN_TABLE = 6
    MEETS = 7
    LOOK_UP = 8
    CHOOSE = 9
    ADD = 10
    SUBTRACT = 11
    MULTIPLY = 12
    LEAST = 13
    GREATEST = 14
    POSITIVE = 15
    SIGNED = 16
    CONVERT = 17
    WEIGH = 18


class Rows(IntEnum):
    """What the machine does with rows, as it numbers it."""

    SOME = 0
    ROW_COUNT = 1
    ROW_SUM = 2
    ROW_LEAST = 3
    ROW_GREATEST = 4
    SPREAD = 5
    SPREAD_NUMBER = 6
    SET_BITS = 7
    SAME_CODE = 8
    SETS_MEET = 9
    GROUP = 10
    TELL = 11
    FINDING_COUNT = 12
    ENDS = 13
    FINDINGS = 14


STRETCH: Final = 100
"""The operation of a program that is a stretch; ``x``: which."""
ROWS: Final = 101
"""The operation that is one of `Rows`; ``x``: which."""

WIDTH: Final = 128
"""So many words are worked out at a time."""
DTYPES: Final = (np.int8, np.int16, np.int32, np.int64)
PLANE: Final = -1
OTHER: Final = -2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Operations on the domain of ``register``, one of those they name. ``code``: the table; ``slots``: what it names, the
    addresses of ``outside`` (places, registers) and ``inside`` (places, offsets in the scratch memory) still to come;
    ``constants``: what slots name of 64 elements, or tables; ``scratch``: how much memory it needs."""

    register: int
    code: Array
    slots: Array
    outside: tuple[Array, tuple[int, ...]]
    inside: tuple[Array, Array]
    constants: tuple[Array, ...]
    scratch: int


@dataclass(frozen=True, slots=True)
class Between:
    """What the machine does with rows, and the operation it is."""

    op: Rows
    source: Instruction


@dataclass(frozen=True, slots=True)
class Cut:
    """A program that is cut. ``program``: its main part has stretches and what is between them as operations; ``types``: of
    each register the type of its elements; ``elsewhere``: those with numbers that are worked out elsewhere."""

    program: Program
    stretches: tuple[Stretch, ...]
    between: tuple[Between, ...]
    types: tuple[int, ...]
    elsewhere: frozenset[int]


@dataclass(slots=True)
class Value:
    """What one operation gives: its domain, kind and type; ``place``: the register it is in from the start."""

    domain: Domain
    kind: RegisterKind
    type: int
    place: int = -1
    input: Input | None = None
    work: int = -1
    register: int = -1
    column: Column | None = None
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """An operation on values (constants: negative): for the machine (``code``), on ``rows``, or as it is."""

    target: int
    reads: tuple[int, ...]
    source: Instruction
    code: Code | None = None
    rows: Rows | None = None
    type: int = 0
    flip: int = 0
    x: int = 0
    y: int = 0
    weights: tuple[int, ...] = ()


@dataclass(slots=True)
class Assembly:
    """Puts the works in their order, and gives what lives beyond a stretch a register."""

    program: Program
    values: Sequence[Value]
    works: Sequence[Work]
    constants: Sequence[Array]
    outputs: Mapping[Hashable, int | None]
    registers: list[Register] = field(default_factory=list)
    types: list[int] = field(default_factory=list)

    def assembled(self) -> Cut:
        """The program, its stretches and what stands between them, with their registers."""
        program, values, works = self.program, self.values, self.works
        for place, work in enumerate(works):
            values[work.target].work = place
        pieces = self._ordered()
        self._to_registers(pieces)
        stretches: list[Stretch] = []
        between: list[Between] = []
        main: list[Instruction] = []
        for piece in pieces:
            first = works[piece[0]]
            if first.code is not None:
                main.append(Instruction(STRETCH, -1, (), len(stretches)))
                stretches.append(self._stretch([works[place] for place in piece]))
                continue
            target = values[first.target].register
            arguments = tuple(values[read].register if read >= 0 else read for read in first.reads)
            if first.rows is None:
                main.append(Instruction(first.source.op, target, arguments, first.source.x))
                continue
            main.append(Instruction(ROWS, target, (), len(between)))
            source = Instruction(first.source.op, target, arguments, first.source.x)
            between.append(Between(first.rows, source))
        at = {value.place: value.register for value in values if value.place >= 0}
        early = [
            Instruction(one.op, at[one.target], tuple(at[a] if a >= 0 else a for a in one.arguments), one.x)
            for one in program.early
        ]
        outputs = {
            key: Output(o.domain, None if value is None else values[value].register, o.value, o.scale)
            for (key, o), value in zip(program.outputs.items(), self.outputs.values(), strict=True)
        }
        return Cut(
            Program(self.registers, early, main, program.constants, outputs),
            tuple(stretches),
            tuple(between),
            tuple(self.types),
            frozenset(
                at
                for at, register in enumerate(self.registers)
                if register.input is not None
                and register.input.part == "foreign"
                and register.kind is not RegisterKind.PLANE
            ),
        )

    def _to_registers(self, pieces: Sequence[Sequence[int]]) -> None:
        """Give registers to what is there from the start, to outputs, and to what is read in another piece."""
        values, works = self.values, self.works
        piece_of = {place: number for number, piece in enumerate(pieces) for place in piece}
        beyond = {value for value in self.outputs.values() if value is not None}
        for place, work in enumerate(works):
            for read in work.reads:
                if (
                    read >= 0
                    and values[read].work >= 0
                    and (piece_of[values[read].work] != piece_of[place] or work.code is None)
                ):
                    beyond.add(read)
        for value in values:
            # What is there from the start keeps its order.
            if value.place >= 0:
                value.register = self._register(value)
        for number in sorted(beyond, key=lambda value: values[value].work):
            if values[number].register < 0:
                values[number].register = self._register(values[number])
        for work in works:
            # What NumPy or rows give has a register, wanted or not.
            if work.code is None and values[work.target].register < 0:
                values[work.target].register = self._register(values[work.target])

    def _register(self, value: Value) -> int:
        self.registers.append(Register(value.domain, value.kind, value.input))
        self.types.append(value.type)
        return len(self.registers) - 1

    def _ordered(self) -> list[list[int]]:
        """The works, those of the machine brought together by domain."""
        works, values = self.works, self.values
        waiting = [0] * len(works)
        readers: list[list[int]] = [[] for _ in works]
        for place, work in enumerate(works):
            for read in {read for read in work.reads if read >= 0}:
                maker = values[read].work
                if maker >= 0:
                    waiting[place] += 1
                    readers[maker].append(place)
        ready: dict[Domain | None, list[int]] = {}

        def group(place: int) -> Domain | None:
            return values[works[place].target].domain if works[place].code is not None else None

        for place, count in enumerate(waiting):
            if not count:
                heapq.heappush(ready.setdefault(group(place), []), place)
        pieces: list[list[int]] = []
        left = len(works)
        while left:
            own: Domain | None = None
            if not ready.get(None):
                # What has waited longest goes first.
                own = min((key for key, places in ready.items() if places), key=lambda key: ready[key][0])
            piece: list[int] = []
            queue = ready[own]
            while queue:
                place = heapq.heappop(queue)
                piece.append(place)
                left -= 1
                for reader in readers[place]:
                    waiting[reader] -= 1
                    if not waiting[reader]:
                        heapq.heappush(ready.setdefault(group(reader), []), reader)
                if own is None:
                    break
            pieces.append(piece)
        return pieces

    def _stretch(self, works: Sequence[Work]) -> Stretch:
        values, constants = self.values, self.constants
        last: dict[int, int] = {}
        for at, work in enumerate(works):
            for read in work.reads:
                if read >= 0:
                    last[read] = at
        slots: list[tuple[int, int, int]] = []
        outside: dict[int, int] = {}
        inside: list[tuple[int, int]] = []
        fixed: dict[int, int] = {}
        chosen: dict[int, int] = {}
        free: dict[int, list[int]] = {}
        used = 0
        rows: list[tuple[int, ...]] = []
        given: list[tuple[int, Array]] = []

        def named(read: int) -> int:
            if read < 0:
                if read not in fixed:
                    fixed[read] = len(slots)
                    slots.append((0, 0, 0))
                return fixed[read]
            if values[read].register < 0:
                return chosen[read]
            if read not in outside:
                outside[read] = len(slots)
                slots.append((0, step_of(values[read].type), 0))
            return outside[read]

        for at, work in enumerate(works):
            if work.code in (Code.ALL, Code.WEIGH):
                # A table of the planes, and of their weights, or whether they are turned over.
                pairs = [(named(read), weight) for read, weight in zip(work.reads, work.weights, strict=True)]
                own = [0, len(slots)]
                given.append((len(slots), np.array(pairs, np.int64)))
                slots.append((0, 0, 0))
            elif work.code is Code.AMONG:
                # Its constants stand one behind the other.
                own = [named(work.reads[0]), len(slots)]
                given += [(len(slots) + place, constants[~read]) for place, read in enumerate(work.reads[1:])]
                slots.extend((0, 0, 0) for _ in work.reads[1:])
            else:
                own = [named(read) for read in work.reads]
            value = values[work.target]
            if value.register >= 0:
                target = named(work.target)
            else:
                size = step_of(value.type)
                if free.get(size):
                    target = free[size].pop()
                else:
                    target = len(slots)
                    slots.append((0, size, 1))
                    inside.append((target, used))
                    # A line apart, so that not all of them fall into the same sets of the cache.
                    used += size * WIDTH + 64
                chosen[work.target] = target
            parts = (*own, 0, 0, 0)[:3]
            rows.append((int(work.code or 0), work.type, target, *parts, work.flip, work.x, work.y))
            for read in dict.fromkeys(work.reads):
                if read >= 0 and last[read] == at and read in chosen:
                    free.setdefault(step_of(values[read].type), []).append(chosen[read])
        given += [(place, constants[~read]) for read, place in fixed.items()]
        named_ = np.array(slots, np.int64)
        for place, constant in given:
            named_[place, 0] = constant.ctypes.data
        places, offsets = np.array(inside, np.intp).reshape(-1, 2).T
        return Stretch(
            values[next(iter(outside))].register,
            np.array(rows, np.int64),
            named_,
            (np.array([*outside.values()], np.intp), tuple(values[read].register for read in outside)),
            (places, offsets),
            tuple(constant for _, constant in given),
            used,
        )


def step_of(type_: int) -> int:
    """The bytes of 64 elements."""
    return 8 if type_ == PLANE else WORD << type_


__all__ = [
    "DTYPES",
    "OTHER",
    "PLANE",
    "ROWS",
    "STRETCH",
    "WIDTH",
    "Assembly",
    "Between",
    "Code",
    "Cut",
    "Rows",
    "Stretch",
]

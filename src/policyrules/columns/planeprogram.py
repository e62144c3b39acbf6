"""Plane programs: a straight line of operations on planes and arrays, numbers all.

Why this exists: how a circuit is worked out for a million records at once is settled once, before the first of them
(`policyrules.columns.planner`). What is left for an executor is a table of operations.

Invariants: operations come after what they read, and a register is used again only behind the last that reads it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from policyrules.columns.domains import RECORDS, Domain


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
    WEIGHED = 38
    """Of each element the sum of the weights, constant ``x``, of those of its bits that are set; below 256."""


class RegisterKind(IntEnum):
    """What a register holds, one element each: a bit, a whole number of so many bits (the last without a sign), a Python
    number; or an input."""

    PLANE = 0
    SHORT = 1
    LONG = 2
    PYTHON = 3
    INPUT = 4
    BYTE = 5


class Instruction(NamedTuple):
    """An operation: where the result goes, what it reads (a negative one is constant ``~argument``), and a constant."""

    op: int
    target: int
    arguments: tuple[int, ...]
    x: int


@dataclass(frozen=True, slots=True)
class Input:
    """What is read from a block: ``part``: "codes", "known", "column" of a field of a table; "list": which instances of
    ``table`` have the list ``name``; "flag": of which records a truth of their parameters holds; "foreign": a part of a value that is worked out elsewhere, by its key."""

    part: str
    table: str
    name: Hashable


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its domain and what it holds; ``input``: where that is read from."""

    domain: Domain
    kind: RegisterKind
    input: Input | None = None


Load: TypeAlias = tuple[tuple[tuple[int, Input], ...], tuple[tuple[int, RegisterKind], ...]]
"""Registers with what is read into them, and those with what is worked out in them."""


@dataclass(slots=True)
class Program:
    """A table of operations. ``early``: those of what is not worked out record by record, once a run; ``outputs``: by
    their key the register of each, or a fixed truth or number."""

    registers: list[Register]
    early: list[Instruction]
    main: list[Instruction]
    constants: list[Any]
    outputs: dict[Hashable, Output]
    _domains: tuple[tuple[Domain, ...], tuple[int, ...]] | None = None
    _of_ledgers: tuple[tuple[int, ...], tuple[Instruction, ...]] | None = None
    _reads: Mapping[str, Mapping[str, None]] | None = None
    _loads: tuple[Load, Load] | None = None

    @property
    def domains(self) -> tuple[tuple[Domain, ...], tuple[int, ...]]:
        """The domains of its registers, and of each register the place of its own among them."""
        if self._domains is None:
            numbers: dict[Domain, int] = {}
            places = tuple(numbers.setdefault(register.domain, len(numbers)) for register in self.registers)
            self._domains = tuple(numbers), places
        return self._domains

    @property
    def reads(self) -> Mapping[str, Mapping[str, None]]:
        """The fields that it reads of each table."""
        if self._reads is None:
            found: dict[str, dict[str, None]] = {}
            for register in self.registers:
                if register.input is not None and register.input.part != "foreign":
                    found.setdefault(register.input.table, {})[str(register.input.name)] = None
            self._reads = found
        return self._reads

    @property
    def loads(self) -> tuple[Load, Load]:
        """What is needed record by record, and what is needed early."""
        if self._loads is None:
            begun = {one.target for one in self.early}
            found = []
            for early in (False, True):
                own = [(at, one) for at, one in enumerate(self.registers) if (one.domain[:1] == RECORDS) is not early]
                rooms = [(at, one.kind) for at, one in own if one.input is None and (not early or at in begun)]
                found.append((tuple((at, one.input) for at, one in own if one.input is not None), tuple(rooms)))
            self._loads = found[0], found[1]
        return self._loads

    @property
    def of_ledgers(self) -> tuple[tuple[int, ...], tuple[Instruction, ...]]:
        """What is another in each ledger: the places of constants that are codes, and operations on texts of two columns."""
        if self._of_ledgers is None:
            codes = tuple(
                place
                for place, value in enumerate(self.constants)
                if isinstance(value, tuple) and value and value[0] == "codes"
            )
            pairs = tuple(one for one in (*self.early, *self.main) if one.op in (Op.MEETS, Op.SAME_TEXT))
            self._of_ledgers = codes, pairs
        return self._of_ledgers


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


@cache
def name_of(dtype: Any) -> str:
    """What a type of NumPy is called. (It works that out each time.)"""
    return str(dtype.name)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a program is made for. ``columns``: by table and field; ``supplied``: the tables whose list everyone has;
    ``longest``: at most so many rows has a list; ``foreign``: by key. ``of_tables``: what all but those come to; those that are
    the same have the same."""

    columns: Mapping[tuple[str, str], ColumnFacts]
    supplied: frozenset[str]
    longest: Mapping[str, int]
    foreign: Mapping[Hashable, ColumnFacts] = field(default_factory=dict)
    of_tables: Hashable = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.of_tables is None:
            given = frozenset(self.columns.items()), frozenset(self.longest.items()), self.supplied
            object.__setattr__(self, "of_tables", given)

    @property
    def key(self) -> Hashable:
        """Facts that are the same have the same."""
        return self.of_tables, frozenset(self.foreign.items())


def allocated(
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

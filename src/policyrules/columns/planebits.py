"""Registers of a plane program, and truths in them.

Why this exists: each operation is made once, whoever asks for it, and truths of few elements are put together before they
are spread over many.

Invariants: what is fixed takes no register; operations that are alike are one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from policyrules.columns.domains import (
    NOWHERE,
    PARAMETER,
    Axis,
    Base,
    Domain,
    axis_of,
    domain_of,
    joined,
)
from policyrules.columns.planeprogram import Facts, Input, Instruction, Op, Register, RegisterKind
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.engine.lowering.places import space_of
from policyrules.program import nodes as core

FOREIGN_NUMBERS: Final = ("low", "high")

Bit: TypeAlias = bool | int
"""A truth that is fixed, or a register. (Registers are no bools: ``type(bit) is bool`` tells.)"""


def is_fixed(bit: Bit) -> bool:
    """Whether a truth is known before any record."""
    return type(bit) is bool


class Bits:
    """A program on its way: its registers, and truths."""

    def __init__(self, program: core.Program, facts: Facts) -> None:
        self.core = program
        self.facts = facts
        self.registers: list[Register] = []
        self.code: list[Instruction] = []
        self.constants: list[Any] = []
        self._constant_places: dict[Hashable, int] = {}
        self._made: dict[Hashable, int] = {}
        self._negated: dict[int, int] = {}
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

    def weighed(self, bits: Sequence[tuple[int, int]], domain: Domain) -> int:
        """The register of the sum of the weights of those of ``bits`` that are set, in a domain."""
        weights = tuple(weight for _, weight in bits)
        arguments = tuple(self.spread(bit, domain) for bit, _ in bits)
        return self.emit(Op.WEIGHED, domain, RegisterKind.BYTE, arguments, self.constant(weights))

    def domain(self, bit: Bit) -> Domain:
        """Where a bit has elements."""
        return NOWHERE if is_fixed(bit) else self.registers[bit].domain

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
            axis: Axis = PARAMETER if object_ == PARAMETERS else axis_of(space_of(self.core, object_))
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
        if is_fixed(bit):
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
            if is_fixed(bit):
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
        for domain in sorted(groups, key=breadth):
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
            if is_fixed(bit):
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


def _is_plane(input_: Input) -> bool:
    if input_.part == "foreign":
        assert isinstance(input_.name, tuple)
        return input_.name[1] not in FOREIGN_NUMBERS
    return input_.part in ("known", "list", "flag")


def breadth(domain: Domain) -> tuple[int, int]:
    """Coarser domains first."""
    if not domain:
        return -1, 0
    base = domain[0]
    assert isinstance(base, Base)
    return len(domain) - 1, {-1: -(10**6)}.get(base.up, -base.up)

"""What outputs are read from: of each decision, amount and finding the planes and numbers that say how it stands.

Why this exists: a way of standing is one of a few, and three planes tell which; candidates come in an order that depends on
what is sure. How results are read back from planes stands beside how they are put in.

Invariants: candidates, values, bounds and days are those of `policyrules.results`, in their order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, get_args

import numpy as np

from policyrules.columns.bits import Array, Mask, unpack
from policyrules.columns.domains import Domain, axis_of, domain_of, joined
from policyrules.columns.grouping import numbered
from policyrules.columns.planebits import Bit
from policyrules.columns.planenumbers import Number
from policyrules.columns.planeprogram import Output
from policyrules.columns.planner import Planner
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput, roots
from policyrules.engine.lowering.nodes import Place
from policyrules.program import nodes as core
from policyrules.results import Candidate, FindingStatus, Status, not_applicable

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
FINDING_STATUSES: Final[tuple[FindingStatus, ...]] = get_args(FindingStatus)
_CODE_PLANES: Final = 3

AnyOutput: TypeAlias = DecisionOutput | AmountOutput | FindingOutput


@dataclass(frozen=True, slots=True)
class Asked:
    """One output: its ``key``; the ``domain`` that its planes and numbers have, of the instances at ``place``."""

    key: Hashable
    output: AnyOutput
    place: Place
    domain: Domain
    came: dict[tuple[bool, ...], Came] = field(default_factory=dict, compare=False, repr=False)
    """What came out of a decision, by the bits that say so: most blocks hold what others have held."""


def ask(planner: Planner, key: Hashable, output: AnyOutput, told: dict[Hashable, Output]) -> Asked:
    """Plan one output; what is read from where goes to ``told``."""
    planner.plan(roots(output))
    bits: dict[Hashable, Bit] = {}
    numbers: dict[Hashable, Number] = {}
    match output:
        case DecisionOutput(decision=decision, chosen=chosen):
            bits.update(_coded(planner, STATUSES, chosen.status))
            bits["applies"] = planner.bit(chosen.applies.true)
            for value, bit in chosen.candidates:
                bits["candidate", value] = planner.bit(bit)
            for value, truth in zip(decision.values, chosen.concluded, strict=True):
                bits["sure", value] = planner.bit(truth.true)
                bits["possible", value] = planner.bit(truth.possible)
        case AmountOutput(value=value, status=status):
            bits.update(_coded(planner, STATUSES, status))
            bits["open_low"] = planner.bit(value.open_low)
            bits["open_high"] = planner.bit(value.open_high)
            bits["void"] = planner.bit(value.void)
            numbers["low"], numbers["high"] = (
                planner.plain(planner.number(number)) for number in (value.low, value.high)
            )
        case FindingOutput(exists=exists, status=statuses, due=due, due_known=due_known):
            bits.update(_coded(planner, FINDING_STATUSES, statuses))
            bits["exists"] = planner.bit(exists)
            bits["due_known"] = known = planner.bit(due_known)
            if known is not False:
                numbers["due"] = planner.number(due)
    place = output.place.above(len(output.place.below))
    domain = joined(
        (
            domain_of((axis_of(place),)),
            *map(planner.domain, bits.values()),
            *(number.number.domain for number in numbers.values()),
        )
    )
    for part, said in bits.items():
        told[key, part] = planner.output(said, domain)
    for part, number in numbers.items():
        whole = number.number
        register = None if whole.register is None else planner.spread(whole.register, domain)
        told[key, part] = Output(domain, register, whole.value, number.scale)
    return Asked(key, output, place, domain)


def _coded(
    planner: Planner, order: Sequence[Status] | Sequence[FindingStatus], status: Mapping[Any, n.Bit]
) -> Iterator[tuple[Hashable, Bit]]:
    """The number of a status in binary digits, the lowest first."""
    given = {name: planner.bit(bit) for name, bit in status.items()}
    for digit in range(_CODE_PLANES):
        yield (
            ("status", digit),
            planner.any_of(given[name] for place, name in enumerate(order) if place >> digit & 1 and name in given),
        )


# ---- read back ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """What one block said of one output: the parts of ``count`` elements. Planes as they are, numbers as arrays, each over its
    scale, what is fixed as a number."""

    count: int
    parts: Mapping[Hashable, Array | int]
    scales: Mapping[Hashable, int] = field(default_factory=dict)

    def mask(self, part: Hashable) -> Mask:
        """A plane as a mask."""
        value = self.parts[part]
        if isinstance(value, int):
            return np.full(self.count, bool(value))
        return unpack(value, self.count)

    def number(self, part: Hashable) -> Array:
        """A number of each element."""
        value = self.parts[part]
        if isinstance(value, int):
            return np.full(self.count, value, np.int64 if -(2**63) <= value < 2**63 else object)
        return value

    def is_fixed(self, part: Hashable) -> bool:
        """Whether it is the same of all."""
        return isinstance(self.parts[part], int)

    def status(self) -> Array:
        """The place of each status in its order."""
        found = np.zeros(self.count, np.uint8)
        for digit in range(_CODE_PLANES):
            part = ("status", digit)
            value = self.parts[part]
            if isinstance(value, int):
                found |= np.uint8((value & 1) << digit)
            else:
                found |= self.mask(part).view(np.uint8) << np.uint8(digit)
        return found

    def classes(self, parts: Sequence[Hashable]) -> tuple[Array, list[tuple[bool, ...]]]:
        """Elements by what their planes ``parts`` are: of each its class; and of each class its bits."""
        found, first = self.alike(parts)
        columns = [self.at(part, first) for part in parts]
        return found, [tuple(map(bool, row)) for row in zip(*columns, strict=True)] if parts else []

    def at(self, part: Hashable, places: Array) -> list[int]:
        """What a part is of some elements."""
        value = self.parts[part]
        if isinstance(value, int):
            return [value] * len(places)
        found: list[int] = (self.mask(part) if value.dtype == np.uint64 else value)[places].tolist()
        return found

    def _digits(self, planes: Sequence[Hashable]) -> Array:
        """Planes as the binary digits of a number, the first the lowest."""
        wide = len(planes) > _BYTE
        found = np.zeros(self.count, np.uint16 if wide else np.uint8)
        plain = [np.ascontiguousarray(self.parts[part], dtype="<u8").view(np.uint8) for part in planes]
        # So many rows at a time that they stay near.
        for begin in range(0, self.count, _NEAR):
            end = min(begin + _NEAR, self.count)
            for place, plane in enumerate(plain):
                bits = np.unpackbits(plane[begin // 8 : -(-end // 8)], count=end - begin, bitorder="little")
                if place >= _BYTE:
                    bits = bits.astype(np.uint16)
                np.left_shift(bits, place, out=bits)
                np.bitwise_or(found[begin:end], bits, out=found[begin:end])
        return found

    def alike(self, parts: Sequence[Hashable]) -> tuple[Array, Array]:
        """Elements by what their ``parts`` are: of each its class, and of each class the first element."""
        planes: list[Hashable] = []
        numbers: list[Hashable] = []
        seen: set[int] = set()
        for part in parts:
            value = self.parts[part]
            if not isinstance(value, int) and id(value) not in seen:
                seen.add(id(value))
                (planes if value.dtype == np.uint64 else numbers).append(part)
        columns = [self._digits(planes[at : at + _TOGETHER]) for at in range(0, len(planes), _TOGETHER)]
        columns += [self.number(part) for part in numbers]
        return numbered(columns or [np.zeros(self.count, np.int8)])


_TOGETHER: Final = 16
_BYTE: Final = 8
_NEAR: Final = 1 << 16


def decision_parts(decision: core.Decision, candidates: Sequence[str | None]) -> tuple[Hashable, ...]:
    """The planes that say what comes out."""
    return (
        *(("status", digit) for digit in range(_CODE_PLANES)),
        "applies",
        *(("candidate", value) for value in candidates),
        *(("sure", value) for value in decision.values),
        *(("possible", value) for value in decision.values),
    )


@dataclass(frozen=True, slots=True)
class Came:
    """What came out of a decision: as `policyrules.results.DecisionResult` has it."""

    status: Status
    value: str | frozenset[str] | None
    candidates: tuple[Candidate, ...]


def came_out(decision: core.Decision, candidates: Sequence[str | None], known: Mapping[Hashable, bool]) -> Came:
    """What the planes of `decision_parts` say of one element."""
    status = STATUSES[sum(known["status", digit] << digit for digit in range(_CODE_PLANES))]

    def turn(value: str | None) -> tuple[int, int]:
        place = decision.values.index(value) if value in decision.values else len(decision.values)
        if known.get(("sure", value)):
            return 0, place
        late = decision.mode == "由宽到严" and value == decision.default
        return (1 if known.get(("possible", value)) and not late else 2), place

    held = sorted((value for value in candidates if known["candidate", value]), key=turn)
    found: tuple[Candidate, ...] = tuple(held)
    if status == "not_applicable" or not known["applies"]:
        found = (*found, not_applicable)
    value: str | frozenset[str] | None = None
    if status == "determined":
        value = frozenset(one for one in held if one is not None) if decision.mode == "多选" else held[0]
    return Came(status, value, found)

"""What outputs are read from: of each decision, amount and finding the planes and numbers that say how it stands.

Why this exists: a way of standing is one of a few, and three planes tell which; candidates come in an order that depends on
what is sure. How results are read back from planes stands beside how they are put in.

Invariants: candidates, values, bounds and days are those of `policyrules.results`, in their order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import numpy as np

from policyrules.columns.bits import Array, Mask, Plane, unpack
from policyrules.columns.domains import Domain, axis_of, domain_of, joined
from policyrules.columns.grouping import numbered, together
from policyrules.columns.planebits import Bit, is_fixed
from policyrules.columns.planenumbers import Number
from policyrules.columns.planeprogram import Output
from policyrules.columns.planner import Planner
from policyrules.engine import values as v
from policyrules.engine.compiled.tables import decided
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.deciding import Chosen
from policyrules.engine.lowering.lowered import AmountOutput, AnyOutput, DecisionOutput, FindingOutput, roots
from policyrules.engine.lowering.nodes import Place
from policyrules.engine.lowering.values import Truth
from policyrules.program import nodes as core
from policyrules.results import Candidate, FindingStatus, Status, candidate_text

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
FINDING_STATUSES: Final[tuple[FindingStatus, ...]] = get_args(FindingStatus)
_CODE_PLANES: Final = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One output: its ``key``; the ``domain`` that its planes and numbers have, of the instances at ``place``; of a decision
    what its numbers say."""

    key: Hashable
    output: AnyOutput
    place: Place
    domain: Domain
    said: Said | None = None


def ask(planner: Planner, key: Hashable, output: AnyOutput, told: dict[Hashable, Output]) -> Asked:
    """Plan one output; what is read from where goes to ``told``."""
    planner.plan(asked_of(output))
    bits: dict[Hashable, Bit] = {}
    numbers: dict[Hashable, Number] = {}
    match output:
        case DecisionOutput(chosen=chosen):
            return _decided(planner, key, output, chosen, told)
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
        whole = planner.settled(number.number)
        register = None if whole.register is None else planner.spread(whole.register, domain)
        told[key, part] = Output(domain, register, whole.value, number.scale)
    return Asked(key, output, place, domain)


def asked_of(output: AnyOutput) -> Iterator[n.Bit | n.Num]:
    """The nodes that an output is read from here: of a decision its truths, what it comes to is looked up by them."""
    if not isinstance(output, DecisionOutput):
        yield from roots(output)
        return
    for truth in _truths(output.chosen):
        yield truth.true
        yield truth.possible


def _truths(chosen: Chosen) -> tuple[Truth, ...]:
    return (chosen.applies, *chosen.concluded, *chosen.rankings)


def _decided(
    planner: Planner, key: Hashable, output: DecisionOutput, chosen: Chosen, told: dict[Hashable, Output]
) -> Asked:
    """A decision as numbers: of each truth a digit, in the base of so many ways as it may stand; as many digits in one number
    as a byte holds."""
    pairs = [(planner.bit(truth.true), planner.bit(truth.possible)) for truth in _truths(chosen)]
    place = output.place.above(len(output.place.below))
    domain = joined((domain_of((axis_of(place),)), *(planner.domain(bit) for pair in pairs for bit in pair)))
    own: dict[Hashable, Digit] = {}
    numbers: list[list[tuple[int, int]]] = []
    sizes: list[int] = []
    # A register is no bool, though it may be equal to one.
    alike = [tuple((is_fixed(bit), bit) for bit in pair) for pair in pairs]
    for pair, same in zip(pairs, alike, strict=True):
        if same in own:
            continue
        bits, ways = _ways(*pair)
        if len(ways) == 1:
            own[same] = Digit(0, 1, ways)
            continue
        if not numbers or sizes[-1] * len(ways) > _BYTES:
            numbers.append([])
            sizes.append(1)
        own[same] = Digit(len(numbers) - 1, sizes[-1], ways)
        numbers[-1] += [(bit, sizes[-1]) for bit in bits]
        sizes[-1] *= len(ways)
    for number, weighed in enumerate(numbers):
        told[key, number] = Output(domain, planner.weighed(weighed, domain))
    if not numbers:
        told[key, 0] = Output(domain, None)
        sizes.append(1)
    said = Said(output.decision, tuple(own[same] for same in alike), tuple(sizes))
    return Asked(key, output, place, domain, said)


def _ways(true: Bit, possible: Bit) -> tuple[list[int], tuple[v.Truth, ...]]:
    """The bits of a truth, and how it may stand by how many of them are set."""
    if true is True or possible is False:
        # What is sure is possible, whether or not that was seen.
        return [], (true is True,)
    bits = list(dict.fromkeys(bit for bit in (true, possible) if not is_fixed(bit)))
    if true == possible and type(true) is type(possible):
        return bits, (False, True)
    if true is False:
        return bits, (False, None) if bits else (None,)
    return bits, (None, True) if possible is True else (False, None, True)


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

    def status(self, places: Array | None = None) -> Array:
        """The place of each status in its order; ``places``: of some elements."""
        found = np.zeros(self.count if places is None else len(places), np.uint8)
        for digit in range(_CODE_PLANES):
            value = self.parts["status", digit]
            if isinstance(value, int):
                found |= np.uint8((value & 1) << digit)
                continue
            bits = unpack(value, self.count)
            found |= (bits if places is None else bits.take(places)).view(np.uint8) << np.uint8(digit)
        return found

    def standing(self, wanted: Array) -> Plane | bool:
        """The plane of the elements that have a status that is ``wanted``, by their places; or whether all or none have."""
        wanted = np.append(wanted, np.zeros((1 << _CODE_PLANES) - len(wanted), np.bool_))
        few = wanted if wanted.sum() * 2 <= len(wanted) else ~wanted
        found: Array | None = None
        every = False
        for status in np.flatnonzero(few).tolist():
            own = self._of_status(status)
            if isinstance(own, bool):
                every = every or own
            else:
                found = own if found is None else found | own
        if every or found is None:
            return every is (few is wanted)
        return found if few is wanted else ~found

    def _of_status(self, status: int) -> Plane | bool:
        found: Plane | None = None
        for digit in range(_CODE_PLANES):
            value, asked = self.parts["status", digit], bool(status >> digit & 1)
            if isinstance(value, int):
                if bool(value) is not asked:
                    return False
                continue
            own = value if asked else ~value
            found = own if found is None else found & own
        return True if found is None else found

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


# ---- what decisions come to -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digit:
    """Where it stands how a truth stands: in a number of a decision, the digit of this ``weight``; ``ways``: by the digit."""

    number: int
    weight: int
    ways: tuple[v.Truth, ...]

    def of(self, numbers: Sequence[int]) -> v.Truth:
        """The truth."""
        return self.ways[numbers[self.number] // self.weight % len(self.ways)]


@dataclass(frozen=True, slots=True)
class Came:
    """What came out of a decision: its status, its value (of a 多选 the values, in their order), what may come out, in the order
    of `policyrules.results.DecisionResult`, also as people read it, and which values are certain."""

    status: Status
    value: str | tuple[str, ...] | None
    candidates: tuple[Candidate, ...]
    shown: tuple[str, ...]
    certain: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What the numbers of a decision say, by the definition: ``digits``: whether it applies, whether each of its values is
    concluded, whether each of its 先后 holds; ``sizes``: how many ways each number may be."""

    decision: core.Decision
    digits: tuple[Digit, ...]
    sizes: tuple[int, ...]
    kept: dict[tuple[int, ...], Came] = field(default_factory=dict, compare=False, repr=False)
    """What came out, by the numbers: most blocks hold what others have held."""
    shown: list[Any] = field(default_factory=list, compare=False, repr=False)
    """What columns have of all ways that a single number may be."""

    def classes(self, piece: Piece) -> tuple[Array, list[Came] | None]:
        """Elements by what comes out: of each its class, and of each class what that is; None: classes are `every`."""
        if len(self.sizes) == 1:
            size = self.sizes[0]
            numbers = piece.parts[0]
            codes = np.zeros(piece.count, np.uint8) if isinstance(numbers, int) else numbers
            if size > _FEW + piece.count:
                # Fewer elements than ways: only those that come are looked up.
                found, first = numbered([codes])
                return found, [self.came((number,)) for number in codes[first].tolist()]
            return codes, None
        columns = [(piece.number(number), size) for number, size in enumerate(self.sizes)]
        joint, parts = together(columns, piece.count, _BYTES)
        found, first = numbered([joint])
        held = joint[first]
        rows = zip(*(part[held].tolist() for part in parts), strict=True)
        return found, [self.came(tuple(row)) for row in rows]

    @property
    def every(self) -> list[Came]:
        """What comes out, by all ways that a single number may be."""
        return [self.came((number,)) for number in range(self.sizes[0])]

    def came(self, numbers: tuple[int, ...]) -> Came:
        """What comes out where the numbers are these."""
        found = self.kept.get(numbers)
        if found is None:
            decision = self.decision
            applies, *truths = (digit.of(numbers) for digit in self.digits)
            values = len(decision.values)
            made = decided(decision, applies, truths[:values], truths[values:])
            value: str | tuple[str, ...] | None = None
            match made.value:
                case str() as one:
                    value = one
                case frozenset() as several:
                    value = tuple(one for one in decision.values if one in several)
            candidates = tuple(made.candidates)
            shown = tuple(map(candidate_text, candidates))
            found = self.kept[numbers] = Came(made.status, value, candidates, shown, made.certain)
        return found


_BYTES: Final = 256
_FEW: Final = 32

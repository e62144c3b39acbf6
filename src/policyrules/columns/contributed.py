"""What a program puts out for one 统计: of its members, of lists that were not supplied, and of whoever asks.

Why this exists: a value of the definition is a few planes and numbers of a program; which they are is settled once, and how
the value is read back of them stands beside it. A key that is a cell as it stands is read from the ledger itself.

Invariants: what is read back is what the definition has; of each statistic either all is planned, or `Unlowered` says why not.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias, assert_never

from policyrules.columns.planenumbers import fixed
from policyrules.columns.planeprogram import Output
from policyrules.columns.planner import Planner
from policyrules.engine import values as v
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.counted import Contributed
from policyrules.engine.lowering.values import Items, Lowered, Options, Range, TextSet, Truth, Unlowered
from policyrules.engine.values import Abstract
from policyrules.program import nodes as core
from policyrules.types import Kind, Type, simplify

# ---- values of classes ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Signature:
    """The planes and numbers that tell members of one kind apart; ``own``: their key among the outputs of a program."""

    planner: Planner
    own: Hashable
    object: str
    told: dict[Hashable, Output]
    parts: list[Hashable] = field(default_factory=list)
    cells: dict[int, tuple[str, str]] = field(default_factory=dict)

    def bit(self, node: n.Bit) -> int:
        """The place of a bit."""
        self.planner.plan([node])
        bit = self.planner.bit(node)
        domain = self.planner.table(self.object)
        return self._put(self.planner.output(bit, domain))

    def number(self, node: n.Num, open_: n.Bit) -> tuple[int, int]:
        """The place of a number, 0 where it is open, and its scale."""
        self.planner.plan([node, open_])
        number = self.planner.plain(self.planner.number(node))
        bit = self.planner.bit(open_)
        domain = self.planner.table(self.object)
        whole = self.planner.settled(self.planner.choose(bit, fixed(0), number.number))
        register = None if whole.register is None else self.planner.spread(whole.register, domain)
        return self._put(Output(domain, register, whole.value, number.scale)), number.scale

    def text(self, cell: n.Cell) -> int | None:
        """The place of the code of a text; None where all are blank."""
        if (cell.object, cell.name) not in self.planner.facts.columns:
            return None
        domain = self.planner.table(self.object)
        register = self.planner.spread(self.planner.codes(cell), domain)
        place = self._put(Output(domain, register))
        self.cells[place] = (cell.object, cell.name)
        return place

    def component(self, value: Lowered, type_: Type) -> Component:
        """How a value is read back, and where its parts are. Raises `Unlowered` as `decoder` does."""
        begin = len(self.parts)
        decode = decoder(self, value, type_)
        return Component(tuple(range(begin, len(self.parts))), decode)

    def _put(self, output: Output) -> int:
        place = len(self.parts)
        self.parts.append(place)
        self.told[self.own, place] = output
        return place


Decode: TypeAlias = Callable[["Held", int], Abstract]


@dataclass(frozen=True, slots=True)
class Component:
    """One value of a kind of rows: the ``places`` of its parts, and how it is read back of them."""

    places: tuple[int, ...]
    decode: Decode


@dataclass(slots=True)
class Held:
    """The parts of the representatives of classes; ``texts``: of each part that is a text those of its column."""

    parts: dict[int, list[int]]
    texts: dict[int, Sequence[str]]


def decoder(signature: Signature, value: Lowered, type_: Type) -> Decode:
    """How a value of the definition is read back from its parts.

    Raises `Unlowered` for sets of any texts.
    """
    match value:
        case Truth(true, possible):
            sure, may = signature.bit(true), signature.bit(possible)
            return lambda held, at: True if held.parts[sure][at] else None if held.parts[may][at] else False
        case Range():
            return _number(signature, value, type_)
        case Options(options, any_):
            anything = signature.bit(any_)
            listed: list[tuple[int, str | int | None]] = []
            for bit, one in options:
                listed.append((signature.bit(bit), signature.text(one) if isinstance(one, n.Cell) else one))

            def text(held: Held, at: int) -> Abstract:
                if held.parts[anything][at]:
                    return v.ANY_TEXT
                found: list[str] = []
                for bit, one in listed:
                    if held.parts[bit][at] and one is not None:
                        found.append(one if isinstance(one, str) else held.texts[one][held.parts[one][at]])
                return v.candidates(found)

            return text
        case Items(items):
            pairs = [(one, signature.bit(truth.true), signature.bit(truth.possible)) for one, truth in items.items()]

            def members(held: Held, at: int) -> Abstract:
                certain = frozenset(one for one, sure, _ in pairs if held.parts[sure][at])
                possible = frozenset(one for one, _, may in pairs if held.parts[may][at])
                return certain if certain == possible else v.SetRange(certain, possible)

            return members
        case TextSet():
            raise Unlowered("多选（文本）的统计")
        case _:
            assert_never(value)


def _number(signature: Signature, value: Range, type_: Type) -> Decode:
    low, low_scale = signature.number(value.low, value.open_low)
    high, high_scale = signature.number(value.high, value.open_high)
    open_low, open_high = signature.bit(value.open_low), signature.bit(value.open_high)
    void, perhaps = signature.bit(value.void), signature.bit(value.perhaps)
    day = type_.kind is Kind.DATE

    def end(code: Any, scale: int) -> Any:
        return datetime.date.fromordinal(code) if day else simplify(Fraction(code) / scale)

    def number(held: Held, at: int) -> Abstract:
        if held.parts[void][at]:
            return v.VOID
        least = None if held.parts[open_low][at] else end(held.parts[low][at], low_scale)
        most = None if held.parts[open_high][at] else end(held.parts[high][at], high_scale)
        return v.interval(least, most, bool(held.parts[perhaps][at]))

    return number


# ---- one statistic --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A key that is a cell as it stands: of the instance ``up`` steps above."""

    object: str
    name: str
    up: int
    field: core.Field


KeyPart: TypeAlias = Field | Component


@dataclass(slots=True)
class Listed:
    """The rows of lists that were not supplied: of whom there are some, whether they may count, and their keys."""

    signature: Signature
    exists: int
    where: int
    keys: tuple[KeyPart, ...]


@dataclass(slots=True)
class Plan:
    """What is put out of a program for one statistic, and how it is read back. ``where``, ``match``: the places of what is
    sure and what is possible; ``value``: of an amount the places of its ends, their scales, and the places of its bits."""

    counted: Contributed
    member: Signature
    where: tuple[int, int]
    keys: tuple[KeyPart, ...]
    match: tuple[int, int] | None
    value: Component | None
    open: tuple[Listed, ...]
    asking: Signature
    asked: tuple[KeyPart, ...]

    @property
    def owns(self) -> tuple[Hashable, ...]:
        """The keys of its outputs."""
        return (self.member.own, self.asking.own, *(one.signature.own for one in self.open))


def plan_counted(planner: Planner, name: str, counted: Contributed, told: dict[Hashable, Output]) -> Plan:
    """Plan what one statistic needs. Raises `Unlowered` where it cannot be put into columns."""
    statistic = counted.prepared.statistic
    member = Signature(planner, ("member", name), statistic.object, told)
    types = [key.type for key in statistic.same]

    def truth(signature: Signature, value: Truth) -> tuple[int, int]:
        return signature.bit(value.true), signature.bit(value.possible)

    def part(
        signature: Signature, node: core.FieldValue | core.TermValue | None, value: Lowered, type_: Type
    ) -> KeyPart:
        if isinstance(node, core.FieldValue):
            own = node.field
            presumed = (own.object, own.name) in planner.core.presumptions
            if own.type.kind is not Kind.SET and not presumed:
                return Field(own.object, own.name, node.at.up, own)
        return signature.component(value, type_)

    open_: list[Listed] = []
    for at, one in enumerate(counted.open):
        signature = Signature(planner, ("open", name, at), one.holder.space.object, told)
        keys = tuple(part(signature, None, key, type_) for key, type_ in zip(one.keys, types, strict=True))
        open_.append(Listed(signature, signature.bit(one.exists), signature.bit(one.where.possible), keys))
    asking = Signature(planner, ("asking", name), counted.asking.space.object, told)
    return Plan(
        counted,
        member,
        truth(member, counted.where),
        tuple(part(member, *one) for one in zip(statistic.same, counted.keys, types, strict=True)),
        None if counted.match is None else truth(member, counted.match),
        None
        if counted.value is None or statistic.value is None
        else member.component(counted.value, statistic.value.type),
        tuple(open_),
        asking,
        tuple(part(asking, *one) for one in zip(counted.prepared.asked, counted.asked, types, strict=True)),
    )


__all__ = ["Component", "Field", "Held", "KeyPart", "Listed", "Plan", "Signature", "plan_counted"]

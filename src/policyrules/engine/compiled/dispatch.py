"""A decision by the value of one cell: only the rules that ask for it are left.

Why this exists: thousands of rules that each require one enumerated cell to be a certain value are a table; what a record
says there picks the few that matter.

Invariants: what is left for a value agrees with the whole wherever the cell holds it; it is worked out when a record first
holds that value, from the rules that ask for it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, Final

from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.nodes import AllOf, AnyNode, AnyOf, Bit, Cell, Comes, In, Neg, operands
from policyrules.engine.lowering.values import Truth
from policyrules.frozen import frozen
from policyrules.program.nodes import Decision
from policyrules.types import Kind, Value

FEWEST: Final = 16
"""Tests of one cell, for as many values of it, that are worth a table."""
MOST_KEPT: Final = 20_000
DEEPEST: Final = 100
"""Operands of operands that are looked through."""
_SMALL: Final = 64
# What is left for a value is made in the circuit that all decisions of a program share.
_MAKING: Final = Lock()


@frozen
class Slice:
    """A decision as truths that may not be false, each with its place: 0 whether it applies, then its values, then its rankings."""

    decision: Decision
    truths: tuple[tuple[int, Truth], ...]


class Left:
    """What is left of bits once one cell is known."""

    def __init__(self, circuit: Circuit, cell: Cell) -> None:
        self.c = circuit
        self.cell = cell
        self._needs: dict[tuple[int, bool], frozenset[Value | None] | None] = {}
        self._sorted: dict[int, tuple[dict[Value | None, list[Bit]], list[Bit]]] = {}

    def needs(self, bit: Bit, truth: bool = True) -> frozenset[Value | None] | None:
        """Values of the cell outside of which a bit is surely not ``truth``; None where that is not so, or they are many."""
        key = bit.id, truth
        if key not in self._needs:
            self._needs[key] = self._find(bit, truth)
        return self._needs[key]

    def _find(self, bit: Bit, truth: bool) -> frozenset[Value | None] | None:
        match bit:
            case In(cell=cell, values=values, rest=rest) if cell == self.cell:
                if rest is not truth:
                    return values if len(values) <= _SMALL else None
                domain = cell.domain
                if domain is None or len(domain) - len(values) > _SMALL:
                    return None
                return domain - values
            case Neg(bit=inner):
                return self.needs(inner, not truth)
            case AllOf(bits=bits) | AnyOf(bits=bits) if isinstance(bit, AllOf) is truth:
                # One part that needs the values is enough.
                found = [one for one in (self.needs(part, truth) for part in bits) if one is not None]
                return min(found, key=len) if found else None
            case AllOf(bits=bits) | AnyOf(bits=bits) if len(bits) <= _SMALL:
                every: set[Value | None] = set()
                for part in bits:
                    one = self.needs(part, truth)
                    if one is None:
                        return None
                    every |= one
                return frozenset(every) if len(every) <= _SMALL else None
        return None

    def under(self, bit: Bit, value: Value | None, made: dict[int, Bit]) -> Bit:
        """A bit where the cell holds ``value``. ``made``: what was found for this value."""
        found = made.get(bit.id)
        if found is None:
            found = made[bit.id] = self._under(bit, value, made)
        return found

    def _under(self, bit: Bit, value: Value | None, made: dict[int, Bit]) -> Bit:
        match bit:
            case In(cell=cell, values=values, rest=rest) if cell == self.cell:
                return self.c.fixed((value in values) is not rest)
            case Neg(bit=inner):
                return self.c.negation(self.under(inner, value, made))
            case AllOf():
                return self.c.all_of([self.under(part, value, made) for part in self._parts(bit, value, False)])
            case AnyOf():
                return self.c.any_of([self.under(part, value, made) for part in self._parts(bit, value, True)])
        return bit

    def _parts(self, bit: AllOf | AnyOf, value: Value | None, truth: bool) -> Sequence[Bit]:
        """The parts that may be ``truth`` for the value: the others change nothing."""
        if len(bit.bits) < FEWEST:
            return bit.bits
        found = self._sorted.get(bit.id)
        if found is None:
            found = self._sorted[bit.id] = sorted_by((part, part, truth) for part in bit.bits)(self)
        by_value, rest = found
        return [*by_value.get(value, ()), *rest]


def sorted_by(
    parts: Iterable[tuple[Any, Bit, bool]],
) -> Callable[[Left], tuple[dict[Value | None, list[Any]], list[Any]]]:
    """Things by the values that their bits need, and those that may matter for any."""

    def sort(left: Left) -> tuple[dict[Value | None, list[Any]], list[Any]]:
        by_value: dict[Value | None, list[Any]] = {}
        rest: list[Any] = []
        for thing, bit, truth in parts:
            needed = left.needs(bit, truth)
            if needed is None:
                rest.append(thing)
            else:
                for value in needed:
                    by_value.setdefault(value, []).append(thing)
        return by_value, rest

    return sort


class Dispatch(dict[Any, Any]):
    """The function of a decision for each value of a cell, made by ``write`` when first asked for."""

    def __init__(self, left: Left, whole: Slice, write: Callable[[Slice], Any]) -> None:
        self._left = left
        self._whole = whole
        self._write = write
        self._by_value, self._rest = sorted_by((pair, pair[1].possible, True) for pair in whole.truths)(left)

    def __missing__(self, value: Value | None) -> Any:
        with _MAKING:
            if len(self) >= MOST_KEPT:
                self.clear()
            made: dict[int, Bit] = {}
            under = self._left.under
            truths = [
                (place, Truth(under(truth.true, value, made), under(truth.possible, value, made)))
                for place, truth in sorted([*self._by_value.get(value, ()), *self._rest], key=lambda pair: pair[0])
            ]
            kept = tuple((place, truth) for place, truth in truths if truth.possible is not self._left.c.false)
            found = self[value] = self._write(Slice(self._whole.decision, kept))
        return found


def best_cell(truths: Sequence[tuple[int, Truth]], outermost: Any) -> Cell | None:
    """The cell of the record that is worth a table: many bits of many values ask for it."""
    asked: dict[Cell, list[frozenset[Value | None]]] = {}
    heights: dict[int, int] = {}
    for node in _own(bit for _, truth in truths for bit in (truth.true, truth.possible)):
        parts = () if isinstance(node, Comes) else operands(node)
        heights[node.id] = 1 + max((heights[part.id] for part in parts), default=0)
        if heights[node.id] > DEEPEST:
            return None
        if isinstance(node, In) and node.cell.kind in (Kind.ENUM, Kind.TEXT):
            place = node.cell.place
            if place.space == outermost and place.up == 0:
                asked.setdefault(node.cell, []).append(node.values)
    found: tuple[int, Cell] | None = None
    for cell, tests in asked.items():
        values = {value for one in tests for value in one}
        if len(values) >= FEWEST and len(tests) >= FEWEST and (found is None or len(tests) > found[0]):
            found = len(tests), cell
    return None if found is None else found[1]


def _own(bits: Iterable[AnyNode]) -> Iterable[AnyNode]:
    """What bits read, in the order of numbers, but for what other decisions read, which are looked up for themselves."""
    found: dict[int, AnyNode] = {}
    waiting = list(bits)
    while waiting:
        node = waiting.pop()
        if node.id not in found:
            found[node.id] = node
            if not isinstance(node, Comes):
                waiting.extend(operands(node))
    return [found[number] for number in sorted(found)]

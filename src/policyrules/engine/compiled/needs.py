"""When a node matters: tests without which nobody who reads it can come to anything else.

Why this exists: what several outputs read stands above all of them, and would be worked out for every record, though each of
them asks for it only of what is, say, in one class; a loop over rows, a quotient or a statistic is dear.

Invariants: where a test that a node needs fails, no output depends on what the node is taken to be. Needed are plain tests
only, of cells and of what decisions come to: these are always right, since decisions themselves need nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from policyrules.engine.lowering.nodes import (
    AllOf,
    AnyNode,
    AnyOf,
    Bit,
    Choice,
    Comes,
    ComesTo,
    Fixed,
    HasList,
    Holds,
    In,
    Neg,
    SameText,
    Space,
)

Need: TypeAlias = frozenset[tuple[int, bool]]
"""The numbers of bits, each with what it has to be."""

MOST: Final = 8
"""Tests that are kept of a node at most."""
_NOTHING: Final[Need] = frozenset()


class Needs:
    """What nodes need, readers before what they read."""

    def __init__(self) -> None:
        self.bits: dict[int, Bit] = {}
        """The tests by their numbers."""
        self._of: dict[int, Need] = {}

    def begin(self, reader: int, above: int | None, given: Iterable[tuple[Bit, bool]] = ()) -> None:
        """A reader that is there only where ``given`` holds."""
        outer = _NOTHING if above is None else self._of[above]
        self._of[reader] = _few(outer | self._tests(given))

    def read(self, part: int, reader: int, beside: Need = _NOTHING) -> None:
        """Someone reads a part, and ``beside`` has to hold for it to matter."""
        need = _few(self._of[reader] | beside)
        found = self._of.get(part)
        self._of[part] = need if found is None else found & need

    def settle(self, node: AnyNode) -> Need:
        """What a node needs, now that all who read it are known."""
        if isinstance(node, Comes):
            self._of[node.id] = _NOTHING
            return _NOTHING
        found = self._of[node.id]
        if found:
            space = node.space
            kept = [one for one in found if (own := self.bits[one[0]].space) is None or (space and space.within(own))]
            if len(kept) < len(found):
                found = self._of[node.id] = frozenset(kept)
        return found

    def without(self, need: Need, rows: Space) -> Need:
        """The tests but that the rows were supplied."""
        return frozenset(one for one in need if not asks_supplied(self.bits[one[0]], rows))

    def beside(self, node: AnyNode) -> list[tuple[AnyNode, Need]]:
        """The operands of a node that matter only where others of them do not settle it, with what that is."""
        match node:
            case AllOf(bits=bits) | AnyOf(bits=bits):
                every = isinstance(node, AllOf)
                plain = [(part, every) for part in bits if is_plain(part)][:MOST]
                tests = self._tests(plain)
                if not tests:
                    return []
                own = {part.id: self._tests([(part, every)]) for part, _ in plain}
                return [(part, tests - own.get(part.id, _NOTHING)) for part in bits]
            case Choice(bit=bit, yes=yes, no=no) if is_plain(bit) and yes is not no:
                return [(yes, self._tests([(bit, True)])), (no, self._tests([(bit, False)]))]
            case _:
                return []

    def _tests(self, given: Iterable[tuple[Bit, bool]]) -> Need:
        found: set[tuple[int, bool]] = set()
        waiting = list(given)
        while waiting and len(found) < MOST:
            bit, truth = waiting.pop()
            match bit:
                case Neg(bit=inner):
                    waiting.append((inner, not truth))
                case AllOf(bits=bits) if truth:
                    waiting += [(part, True) for part in bits[:MOST]]
                case AnyOf(bits=bits) if not truth:
                    waiting += [(part, False) for part in bits[:MOST]]
                case In() | HasList() | ComesTo():
                    self.bits[bit.id] = bit
                    found.add((bit.id, truth))
        return frozenset(found)


def _few(need: Need) -> Need:
    return need if len(need) <= MOST else frozenset(sorted(need)[:MOST])


def is_plain(bit: Bit) -> bool:
    """Whether a bit is worked out as soon as it is looked up."""
    while isinstance(bit, Neg):
        bit = bit.bit
    return isinstance(bit, Fixed | In | Holds | HasList | SameText | ComesTo)


def asks_supplied(bit: Bit, rows: Space) -> bool:
    """Whether a bit asks whether rows were supplied, or were not."""
    while isinstance(bit, Neg):
        bit = bit.bit
    return isinstance(bit, HasList) and (bit.place, bit.object) == (rows.source, rows.object)

"""Writing what decisions come to: each of one value once, as a row of a table, which conditions on it are read from.

Why this exists: what a decision comes to is looked up by its truths; that a rule asks whether it is 调整 is then an entry of
what was looked up, not its ranks worked out again.

Invariants: a decision is looked up where the first who asks is, and at most once for each instance; one that surely does not
apply costs what it takes to see that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from policyrules.engine.compiled.blocks import Block
from policyrules.engine.compiled.dispatch import Slice
from policyrules.engine.compiled.parts import ByOwn
from policyrules.engine.compiled.sharing import Layers, Sharing
from policyrules.engine.compiled.source import Writer
from policyrules.engine.compiled.tables import Entry, Table, row_of
from policyrules.engine.lowering.nodes import (
    AllOf,
    AnyNode,
    AnyOf,
    Bit,
    Cell,
    Comes,
    ComesTo,
    Enough,
    Fixed,
    Foreign,
    Neg,
    Space,
    operands,
)
from policyrules.engine.lowering.values import Truth

_FIXED: Final = {"True": 1, "False": 0, "0": 0, "1": 1, "2": 2}
HIGHEST: Final = 12
"""Operands of operands that are looked through for what follows from one decision."""


class Entries:
    """What follows from what one decision comes to alone, among ``nodes`` (operands first) and what is ``read`` of them, and
    stands in its rows: tests, what is made of tests of the same decision, and truths of others that are."""

    def __init__(self, nodes: Sequence[AnyNode], read: Iterable[AnyNode]) -> None:
        self.of: dict[int, list[Entry]] = {}
        """The entries of a decision, by the number of its `Comes`."""
        self.place: dict[int, tuple[Comes, int]] = {}
        """Of a bit that is an entry, the decision and where it stands in the row."""
        self.told: dict[tuple[int, int], tuple[Comes, int]] = {}
        """Of truths, by the numbers of their bits, the same."""
        self._source: dict[int, tuple[Comes, int]] = {}
        for node in nodes:
            found = self._sourced(node)
            if found is not None:
                self._source[node.id] = found
        for node in nodes:
            if isinstance(node, Comes):
                for pair in node.pairs:
                    self._tell(*pair)
            elif isinstance(node, ComesTo):
                self._add(node)
            elif node.id not in self._source:
                for part in operands(node):
                    self._add(part)
        for node in read:
            self._add(node)

    def _sourced(self, node: AnyNode) -> tuple[Comes, int] | None:
        match node:
            case ComesTo(value=value):
                return value, 0
            case Neg() | AllOf() | AnyOf() | Enough():
                found = [self._source.get(part.id) for part in operands(node) if not isinstance(part, Fixed)]
                first = found[0] if found else None
                if first is None or any(one is None or one[0] is not first[0] for one in found):
                    return None
                height = 1 + max(one[1] for one in found if one is not None)
                return (first[0], height) if height <= HIGHEST else None
            case _:
                return None

    def _add(self, node: AnyNode) -> None:
        source = self._source.get(node.id)
        if source is not None and node.id not in self.place:
            # What follows from a decision is a bit.
            self.place[node.id] = source[0], self._next(source[0], node)  # type: ignore[arg-type]  # as said

    def _tell(self, true: Bit, possible: Bit) -> None:
        one, other = self._source.get(true.id), self._source.get(possible.id)
        if true is possible or one is None or other is None or one[0] is not other[0]:
            self._add(true)
            self._add(possible)
        elif (true.id, possible.id) not in self.told:
            self.told[true.id, possible.id] = one[0], self._next(one[0], (true, possible))

    def _next(self, value: Comes, entry: Entry) -> int:
        entries = self.of.setdefault(value.id, [])
        entries.append(entry)
        return len(entries)


class Decider(Writer):
    """Writes decisions too. ``entries``: what stands in their rows; ``by_cell``: of a decision that is looked up by the value of a
    cell the expression that does it, None of others."""

    def __init__(
        self,
        sharing: Sharing,
        root: Space,
        given: dict[Cell, str],
        foreign: list[Foreign],
        entries: Entries,
        alone: Callable[[str], ByOwn],
        by_cell: Callable[[Comes], str | None] = lambda _: None,
        start: str = "K",
    ) -> None:
        super().__init__(sharing, root, given, foreign, alone, start)
        self._by_cell = by_cell
        self._entries = entries

    def decided(self, node: Comes) -> str:
        """What the decision comes to, as `tables.Decided`."""
        name = self._row(node)
        return f"{name}[0]" if self.entries_of(node) else name

    def entries_of(self, node: Comes) -> Sequence[Entry]:
        """What stands in the rows of a decision."""
        return self._entries.of.get(node.id, ())

    def bit(self, node: Bit, block: Block) -> str:
        """An expression that is True or False."""
        found = self._entries.place.get(node.id)
        if found is None:
            return super().bit(node, block)
        told = block.facts.known(node)
        return self._entry(*found) if told is None else repr(told)

    def comes_to(self, node: ComesTo) -> str:
        """A test of what a decision comes to."""
        return self._entry(*self._entries.place[node.id])

    def _entry(self, node: Comes, place: int) -> str:
        name = self._row(node)
        row: Any = self.constants.get(name)
        return f"{name}[{place}]" if row is None else repr(row[place])

    def _row(self, node: Comes) -> str:
        return self._shared(node, self._comes)

    def _comes(self, node: Comes, block: Block) -> str:
        name = self.fresh("d")
        found = self._by_cell(node)
        if found is not None:
            block.add(f"{name} = {found}")
            return name
        return self.looked_up(slice_of(node), self.sharing.layers[node.id], self.entries_of(node), block)

    def looked_up(self, whole: Slice, layers: Layers, entries: Sequence[Entry], block: Block) -> str:
        """The row of a decision, as a name."""
        decision, (first, pairs) = whole.decision, layers
        name = self.fresh("d")
        self.open[first] = block
        away = row_of(decision, entries)
        applies = next((truth.possible for place, truth in whole.truths if place == 0), None)
        test = "False" if applies is None else self.bit(applies, block)
        if test == "False" or applies is None:
            return self.constant_of(away)
        inner = block
        if test != "True":
            inner = block.inside()
            inner.facts.assume(applies, True)
            self.open[first] = inner
        fixed: dict[int, int] = {}
        asked: dict[tuple[int, int], tuple[str, list[int]]] = {}
        for reader, (place, truth) in zip(pairs, whole.truths, strict=True):
            key = truth.true.id, truth.possible.id
            if key in asked:
                asked[key][1].append(place)
                continue
            told = self._truth(reader, truth, inner)
            if told in _FIXED:
                fixed[place] = _FIXED[told]
            else:
                asked[key] = told, [place]
        table = Table(decision, fixed, [places for _, places in asked.values()], entries)
        if asked:
            found = f"{self.constant_of(table)}[{', '.join(told for told, _ in asked.values())}]"
        else:
            found = self.constant_of(table[()])
            if inner is block:
                return found
        inner.add(f"{name} = {found}")
        if inner is not block:
            block.put(f"if {test}:", inner)
            other = block.inside()
            other.add(f"{name} = {self.constant_of(away)}")
            block.put("else:", other)
        return name

    def _truth(self, reader: int, truth: Truth, block: Block) -> str:
        """What a truth comes to: 0, 1 or 2, or a bit where it is never unknown."""
        self.open[reader] = block
        entry = self._entries.told.get((truth.true.id, truth.possible.id))
        if entry is not None:
            return self._entry(*entry)
        possible = self.bit(truth.possible, block)
        if truth.true is truth.possible or possible == "False":
            return possible
        inner = block.inside()
        inner.facts.assume(truth.possible, True)
        self.open[reader] = inner
        true = self.bit(truth.true, inner)
        told = {"True": "1", "False": "2"}.get(true, f"(1 if {true} else 2)")
        if possible == "True":
            block.lines.extend(inner.lines)
            return told
        if not inner.lines:
            return f"({told} if {possible} else 0)"
        name = self.fresh("t")
        inner.add(f"{name} = {told}")
        block.add(f"{name} = 0")
        block.put(f"if {possible}:", inner)
        return name


def slice_of(node: Comes) -> Slice:
    """The truths of a decision that may not be false."""
    truths = enumerate(Truth(true, possible) for true, possible in node.pairs)
    kept = ((at, truth) for at, truth in truths if not (isinstance(truth.possible, Fixed) and not truth.possible.value))
    return Slice(node.decision, tuple(kept))

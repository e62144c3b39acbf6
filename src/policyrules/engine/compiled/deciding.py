"""Writing what decisions come to: each of one value once, as a row of a table, which conditions on it are read from.

Why this exists: what a decision comes to is looked up by its truths; that a rule asks whether it is 调整 is then an entry of
what was looked up, not its ranks worked out again.

Invariants: a decision is looked up where the first who asks is, and at most once for each instance; one that surely does not
apply costs what it takes to see that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from policyrules.engine.compiled.blocks import Block
from policyrules.engine.compiled.dispatch import Slice
from policyrules.engine.compiled.sharing import Layers, Sharing
from policyrules.engine.compiled.source import Writer
from policyrules.engine.compiled.tables import Table, Test, row_of
from policyrules.engine.lowering.nodes import AnyNode, Cell, Comes, ComesTo, Fixed, Foreign, Space
from policyrules.engine.lowering.values import Truth

Tests: TypeAlias = Mapping[int, Sequence[ComesTo]]
"""The tests of what a decision comes to, by the number of its `Comes`, in the order in which they stand in its rows."""

_FIXED: Final = {"True": 1, "False": 0, "0": 0, "1": 1, "2": 2}


def tests_of(nodes: Iterable[AnyNode]) -> Tests:
    """The tests among nodes."""
    found: dict[int, list[ComesTo]] = {}
    for node in nodes:
        if isinstance(node, ComesTo):
            found.setdefault(node.value.id, []).append(node)
    return found


class Decider(Writer):
    """Writes decisions too. ``tests``: those that there are; ``by_cell``: of a decision that is looked up by the value of a cell the
    expression that does it, None of others."""

    def __init__(
        self,
        sharing: Sharing,
        root: Space,
        given: dict[Cell, str],
        foreign: list[Foreign],
        tests: Tests,
        by_cell: Callable[[Comes], str | None] = lambda _: None,
        start: str = "K",
    ) -> None:
        super().__init__(sharing, root, given, foreign, start)
        self._by_cell = by_cell
        self._tests = tests
        self._places = {test.id: place for several in tests.values() for place, test in enumerate(several, 1)}

    def decided(self, node: Comes) -> str:
        """What the decision comes to, as `tables.Decided`."""
        name = self._row(node)
        return f"{name}[0]" if self._tests.get(node.id) else name

    def comes_to(self, node: ComesTo) -> str:
        """A test of what a decision comes to."""
        name, place = self._row(node.value), self._places[node.id]
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
        return self.looked_up(slice_of(node), self.sharing.layers[node.id], self.told_of(node), block)

    def told_of(self, node: Comes) -> Sequence[Test]:
        """The tests of a decision, as what they ask."""
        return [(one.items, one.negated, one.sure) for one in self._tests.get(node.id, ())]

    def looked_up(self, whole: Slice, layers: Layers, tests: Sequence[Test], block: Block) -> str:
        """The row of a decision, as a name."""
        decision, (first, pairs) = whole.decision, layers
        name = self.fresh("d")
        self.open[first] = block
        away = row_of(decision, tests)
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
        asked: list[str] = []
        places: list[int] = []
        for reader, (place, truth) in zip(pairs, whole.truths, strict=True):
            told = self._truth(reader, truth, inner)
            if told in _FIXED:
                fixed[place] = _FIXED[told]
            else:
                places.append(place)
                asked.append(told)
        table = Table(decision, fixed, tuple(places), tests)
        if asked:
            found = f"{self.constant_of(table)}[{', '.join(asked)}]"
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

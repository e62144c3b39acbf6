"""What is worked out once, and where: how often a node is read, and the innermost node that all who read it stand under.

Why this exists: a node that is read once is written where it is read; one that is read more often becomes a local variable,
and is to be worked out no earlier than the conditions under which somebody may ask for it.

Invariants: `Sharing.above` is the immediate dominator in the graph of operands, bodies of rows included; an order of readers
before what they read is at hand in the numbers of nodes, so that nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from policyrules.engine.lowering.nodes import AnyNode, Cell, Comes, Fixed, cells_of, operands, reachable

ROOT: Final = -1
"""The number of whatever asks first."""
TALLEST: Final = 40
"""How many operands of operands are written inside each other at most before one of them is worked out first."""
Layers: TypeAlias = tuple[int, Sequence[int]]
"""Of a decision the virtual readers of whether it applies, and of each of its truths that may not be false."""


class Sharing:
    """The readers of each node below ``parts``: for each virtual reader (`ROOT`, or a number below it) what stands above it,
    and what it reads. ``beside``: cells that are asked for beside. Cells are nodes too: `cells` numbers them. ``layers``: of
    each decision that is looked up the readers inside it."""

    def __init__(self, parts: Sequence[tuple[int, int, Sequence[AnyNode]]], beside: Sequence[Cell]) -> None:
        nodes = reachable(node for _, _, read in parts for node in read)
        self.cells: dict[Cell, int] = {}
        self.above: dict[int, int] = {}
        self.uses: dict[int, int] = {}
        self.layers: dict[int, Layers] = {}
        self._virtual = min((virtual for virtual, _, _ in parts), default=ROOT)
        self._depth: dict[int, int] = {ROOT: 0}
        for virtual, above, asked in parts:
            if virtual != ROOT:
                self._put(virtual, above)
            for one in asked:
                self._read(one.id, virtual)
        first_cell = nodes[-1].id + 1 if nodes else 1
        heights: dict[int, int] = {}
        self.tall: list[AnyNode] = []
        """Nodes to be worked out first, in their order."""
        for node in nodes:
            height = 1 + max((heights[part.id] for part in operands(node)), default=0)
            if height > TALLEST:
                self.tall.append(node)
                height = 0
            heights[node.id] = height
        self.first = frozenset(node.id for node in self.tall)
        for node in reversed(nodes):
            # Whoever reads it has a greater number, and is done.
            self._put(node.id, self.above[node.id])
            if isinstance(node, Comes):
                self.layers[node.id] = self._layers(node)
                continue
            for part in operands(node):
                self._read(part.id, node.id)
            for cell in cells_of(node):
                number = self.cells.setdefault(cell, first_cell + len(self.cells))
                self._read(number, node.id)
                # What is looked up where it is asked for may be asked for more than once.
                self.uses[number] += self.uses[node.id] - 1
        for cell in beside:
            self._read(self.cells.setdefault(cell, first_cell + len(self.cells)), ROOT)

    def _layers(self, node: Comes) -> Layers:
        """First it is asked whether it applies, then of each truth whether it is possible, then whether it is certain."""
        first = self._inside(node.id)
        self._read(node.truths[1].id, first)
        readers: list[int] = []
        for true, possible in node.pairs:
            reader = self._inside(first)
            self._read(possible.id, reader)
            self._read(true.id, reader)
            if not (isinstance(possible, Fixed) and not possible.value):
                readers.append(reader)
        return first, readers

    def _inside(self, above: int) -> int:
        self._virtual -= 1
        self._put(self._virtual, above)
        return self._virtual

    def _put(self, node: int, above: int) -> None:
        self.above[node] = above
        self._depth[node] = self._depth[above] + 1

    def _read(self, node: int, reader: int) -> None:
        self.uses[node] = self.uses.get(node, 0) + 1
        found = self.above.get(node)
        self.above[node] = reader if found is None else self._common(found, reader)

    def _common(self, one: int, other: int) -> int:
        depth, above = self._depth, self.above
        while one != other:
            if depth[one] >= depth[other]:
                one = above[one]
            else:
                other = above[other]
        return one

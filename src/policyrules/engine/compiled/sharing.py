"""What is worked out once, and where: how often a node is read, and the innermost node that all who read it stand under.

Why this exists: a node that is read once is written where it is read; one that is read more often becomes a local variable,
and is to be worked out no earlier than the conditions under which somebody may ask for it.

Invariants: `Sharing.above` is the immediate dominator in the graph of operands, bodies of rows included; an order of readers
before what they read is at hand in the numbers of nodes, so that nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyrules.engine.lowering.nodes import Bit, Cell, Foreign, Num, cells_of, operands, reachable

ROOT = -1
"""The number of whatever asks first."""
TALLEST = 40
"""How many operands of operands are written inside each other at most before one of them is worked out first."""


class Sharing:
    """The readers of each node below ``parts``: for each virtual reader (`ROOT`, or a number below it) what stands above it,
    and what it reads. ``beside``: cells that are asked for beside. Cells are nodes too: `cells` numbers them."""

    def __init__(self, parts: Sequence[tuple[int, int, Sequence[Bit | Num]]], beside: Sequence[Cell]) -> None:
        nodes = reachable(node for _, _, read in parts for node in read)
        self.cells: dict[Cell, int] = {}
        self.above: dict[int, int] = {}
        self.uses: dict[int, int] = {}
        self._depth: dict[int, int] = {ROOT: 0}
        for virtual, above, asked in parts:
            if virtual != ROOT:
                self._put(virtual, above)
            for one in asked:
                self._read(one.id, virtual)
        first_cell = nodes[-1].id + 1 if nodes else 1
        heights: dict[int, int] = {}
        self.tall: list[Bit | Num | Foreign] = []
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
            for part in operands(node):
                self._read(part.id, node.id)
            for cell in cells_of(node):
                number = self.cells.setdefault(cell, first_cell + len(self.cells))
                self._read(number, node.id)
                # What is looked up where it is asked for may be asked for more than once.
                self.uses[number] += self.uses[node.id] - 1
        for cell in beside:
            self._read(self.cells.setdefault(cell, first_cell + len(self.cells)), ROOT)

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

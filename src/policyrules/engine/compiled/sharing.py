"""What is worked out once, and where: how often a node is read, and the innermost node that all who read it stand under.

Why this exists: a node that is read once is written where it is read; one that is read more often becomes a local variable,
and is to be worked out no earlier than the conditions under which somebody may ask for it.

Invariants: `Sharing.above` is the immediate dominator in the graph of operands, bodies of rows included; an order of readers
before what they read is at hand in the numbers of nodes, so that nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from policyrules.engine.compiled.needs import Need, Needs, asks_supplied
from policyrules.engine.compiled.scales import Scales
from policyrules.engine.lowering.nodes import (
    AllOf,
    AnyNode,
    AnyOf,
    Bit,
    Call,
    Cell,
    Comes,
    ComesTo,
    Counted,
    Fixed,
    Over,
    RowCount,
    RowExtremum,
    RowSum,
    SomeRow,
    Told,
    cells_of,
    operands,
    reachable,
)

ROOT: Final = -1
"""The number of whatever asks first."""
DEAR: Final = 12
"""How much work a node has to be, in that of a comparison, for it to be asked first whether it matters."""
TALLEST: Final = 40
"""How many operands of operands are written inside each other at most before one of them is worked out first."""
OverRows: TypeAlias = SomeRow | RowCount | RowSum | RowExtremum
"""What is worked out in a loop."""
Layers: TypeAlias = tuple[int, Sequence[int]]
"""Of a decision the virtual readers of whether it applies, and of each of its truths that may not be false."""


class Reader(NamedTuple):
    """A virtual reader (`ROOT`, or a number below it): what stands above it, what it reads, and what holds where it does."""

    number: int
    above: int
    read: Sequence[AnyNode]
    given: Sequence[tuple[Bit, bool]] = ()


class Sharing:
    """The readers of each node below ``parts``. ``beside``: cells that are asked for beside. Cells are nodes too: `cells` numbers
    them. ``layers``: of each decision that is looked up the readers inside it; ``needs``: of nodes that are read more than
    once the tests without which nothing depends on them; ``guards``: of those that are dear, some of these tests."""

    def __init__(self, parts: Sequence[Reader], beside: Sequence[Cell]) -> None:
        nodes = reachable(node for one in parts for node in one.read)
        self.cells: dict[Cell, int] = {}
        self.above: dict[int, int] = {}
        self.uses: dict[int, int] = {}
        self.layers: dict[int, Layers] = {}
        self.needs: dict[int, Need] = {}
        self.guards: dict[int, tuple[tuple[Bit, bool], ...]] = {}
        self.scales = Scales()
        self._needs = Needs()
        self._first_cell = nodes[-1].id + 1 if nodes else 1
        self._virtual = min((one.number for one in parts), default=ROOT)
        self._depth: dict[int, int] = {ROOT: 0}
        self._needs.begin(ROOT, None)
        for one in parts:
            if one.number != ROOT:
                self._put(one.number, one.above)
                self._needs.begin(one.number, one.above, one.given)
            for node in one.read:
                self._read(node.id, one.number)
                self._needs.read(node.id, one.number)
                for cell in self.scales.cells(node):
                    self._cell(cell, one.number)
        self._junctions = {node.id: node for node in nodes if isinstance(node, AllOf | AnyOf)}
        self.tall = _tall(nodes)
        """Nodes to be worked out first, in their order."""
        self.first = frozenset(node.id for node in self.tall)
        levels: dict[int, int] = {}
        weights: dict[int, int] = {}
        for node in nodes:
            weights[node.id] = _weight(node, weights)
            levels[node.id] = _level(node, levels)
        for node in reversed(nodes):
            # Whoever reads it has a greater number, and is done.
            self._settle(node, dear=weights[node.id] >= DEAR)
        for cell in beside:
            self._cell(cell, ROOT)
        self._together: dict[int, list[OverRows]] = {}
        alike: dict[Any, list[OverRows]] = {}
        for node in nodes:
            if isinstance(node, OverRows):
                key = node.rows, levels[node.id], self.guards.get(node.id), self.stands(node)
                together = self._together[node.id] = alike.setdefault(key, [])
                together.append(node)

    def _settle(self, node: AnyNode, *, dear: bool) -> None:
        """Put a node under its readers, all of which are put, and read its parts."""
        self._put(node.id, self.above[node.id])
        need = self._needs.settle(node)
        if isinstance(node, Comes):
            self.layers[node.id] = self._layers(node)
            return
        if isinstance(node, OverRows):
            need = self._needs.without(need, node.rows)
        if need and (self.uses[node.id] > 1 or isinstance(node, OverRows)):
            self.needs[node.id] = need
            if dear:
                self._guard(node, need)
        beside = {part.id: one for part, one in self._needs.beside(node)}
        for part in operands(node):
            self._read(part.id, node.id)
            self._needs.read(part.id, node.id, beside.get(part.id, frozenset()))
        for cell in (*cells_of(node), *self.scales.cells(node)):
            number = self._cell(cell, node.id)
            # What is looked up where it is asked for may be asked for more than once.
            self.uses[number] += self.uses[node.id] - 1

    def stands(self, node: OverRows) -> int:
        """The reader that an operation over rows stands under, but for those that only ask whether the rows were supplied: there is
        nothing to go through where they were not."""
        above = self.above[node.id]
        reader = self._junctions.get(above)
        if reader is None or not all(bit.id == node.id or asks_supplied(bit, node.rows) for bit in reader.bits):
            return above
        return self.above[above]

    def together(self, node: OverRows) -> Sequence[OverRows]:
        """An operation over rows and others over the same rows that do not read one another, stand under the same reader, and are
        worked out under the same tests."""
        return self._together[node.id]

    def _cell(self, cell: Cell, reader: int) -> int:
        number = self.cells.setdefault(cell, self._first_cell + len(self.cells))
        self._read(number, reader)
        return number

    def _guard(self, node: AnyNode, need: Need) -> None:
        """Tests that are asked where the node is worked out."""
        found: list[tuple[Bit, bool]] = []
        for number, truth in sorted(need):
            bit = self._needs.bits[number]
            if isinstance(bit, ComesTo):
                # What it reads has to be there before.
                if bit.value.id > node.id:
                    continue
                self._read(bit.value.id, self.above[node.id])
                self._needs.read(bit.value.id, ROOT)
            for cell in cells_of(bit):
                self._cell(cell, self.above[node.id])
            found.append((bit, truth))
        if found:
            self.guards[node.id] = tuple(found)

    def _layers(self, node: Comes) -> Layers:
        """First it is asked whether it applies, then of each truth whether it is possible, then whether it is certain."""
        first = self._inside(node.id)
        applies = node.truths[1]
        self._ask(applies, first)
        readers: list[int] = []
        for true, possible in node.pairs:
            reader = self._inside(first, applies)
            self._ask(possible, reader)
            self._needs.begin(reader, reader, [(possible, True)])
            self._ask(true, reader)
            if not (isinstance(possible, Fixed) and not possible.value):
                readers.append(reader)
        return first, readers

    def _inside(self, above: int, *given: Bit) -> int:
        self._virtual -= 1
        self._put(self._virtual, above)
        self._needs.begin(self._virtual, above, [(one, True) for one in given])
        return self._virtual

    def _ask(self, bit: Bit, reader: int) -> None:
        self._read(bit.id, reader)
        self._needs.read(bit.id, reader)

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


def _level(node: AnyNode, levels: Mapping[int, int]) -> int:
    """How many operations over rows stand in each other."""
    return max((levels[part.id] for part in operands(node)), default=0) + isinstance(node, OverRows)


def _tall(nodes: Sequence[AnyNode]) -> list[AnyNode]:
    """The nodes at which an expression gets too high to be written in one piece; above each it begins anew."""
    found: list[AnyNode] = []
    heights: dict[int, int] = {}
    for node in nodes:
        height = 1 + max((heights[part.id] for part in operands(node)), default=0)
        if height > TALLEST:
            found.append(node)
            height = 0
        heights[node.id] = height
    return found


def _weight(node: AnyNode, weights: Mapping[int, int]) -> int:
    match node:
        case Comes():
            # What it comes to is looked up elsewhere.
            return 0
        case Counted() | Told():
            return 40
        case SomeRow() | RowCount() | RowSum() | RowExtremum() | Over():
            own = 12
        case Call():
            own = 4
        case _:
            own = 1
    return min(own + sum(weights[part.id] for part in operands(node)), 1000)

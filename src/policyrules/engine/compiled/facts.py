"""What is known to hold where an expression is written: the operands before it were true, or were not.

Why this exists: circuits say everything in full; under ``if`` and after ``and`` much of it is known already and need not be
asked again.

Invariants: nothing is claimed that does not follow; facts further out stay facts further in.
"""

from __future__ import annotations

from policyrules.engine.lowering.nodes import AllOf, AnyOf, Bit, Cell, Fixed, In, Neg
from policyrules.types import Value


class Facts:
    """What is known in one place, and further out."""

    __slots__ = ("_cells", "_outer", "_told")

    def __init__(self, outer: Facts | None = None) -> None:
        self._outer = outer
        self._told: dict[int, bool] = {}
        self._cells: dict[Cell, list[tuple[frozenset[Value | None], bool]]] = {}

    def assume(self, bit: Bit, truth: bool) -> None:
        """From here on ``bit`` is known."""
        waiting = [(bit, truth)]
        while waiting:
            bit, truth = waiting.pop()
            self._told[bit.id] = truth
            match bit:
                case Neg(bit=inner):
                    waiting.append((inner, not truth))
                case AllOf(bits=bits) if truth:
                    waiting.extend((part, True) for part in bits)
                case AnyOf(bits=bits) if not truth:
                    waiting.extend((part, False) for part in bits)
                case In(cell=cell, values=values, rest=rest):
                    self._cells.setdefault(cell, []).append((values, rest if truth else not rest))

    def known(self, bit: Bit) -> bool | None:
        """Whether a bit is known here."""
        if isinstance(bit, Fixed):
            return bit.value
        where: Facts | None = self
        number = bit.id
        while where is not None:
            found = where._told.get(number)
            if found is not None:
                return found
            where = where._outer
        if isinstance(bit, In):
            return self._among(bit)
        if isinstance(bit, Neg):
            found = self.known(bit.bit)
            return None if found is None else not found
        return None

    def filled(self, cell: Cell) -> bool:
        """Whether a cell is known not to be blank."""
        where: Facts | None = self
        while where is not None:
            for values, rest in where._cells.get(cell, ()):
                if (None in values) is rest:
                    return True
            where = where._outer
        return False

    def _among(self, asked: In) -> bool | None:
        where: Facts | None = self
        while where is not None:
            for values, rest in where._cells.get(asked.cell, ()):
                if rest:
                    # It holds none of `values`.
                    if asked.values <= values:
                        return asked.rest
                elif values <= asked.values:
                    return not asked.rest
                elif values.isdisjoint(asked.values):
                    return asked.rest
            where = where._outer
        return None

"""What it costs to tell what comes of one record, before it is evaluated.

Why this exists: a small file may hold more than anybody waits for, in records or in rows of one; who evaluates records one by one asks
here first what they cost.

Invariants: the cost is told from the program, from the numbers of rows and from which cells are blank alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyrules.engine.instances import Instance
from policyrules.program import costs
from policyrules.program.graph import definitions
from policyrules.program.nodes import Program


class Asking:
    """What it costs to tell what a record lacks, or where it does not matter what is ``blank``, to evaluate it; with ``parts`` whatever
    else is told by the kind of object."""

    def __init__(self, program: Program, *, blank: bool = True, parts: Mapping[str, int] | None = None) -> None:
        self._parts = costs.asking(program) if parts is None else parts
        self._fields = {kind: len(fields) for kind, fields in program.fields.items()} if blank else {}
        self._most = max(self._parts.values())

    @staticmethod
    def again(program: Program) -> Asking:
        """What it costs to tell of all results of a record what other readings of the text would give."""
        return Asking(program, blank=False, parts=costs.rereading(program, definitions(program)))

    @property
    def bare(self) -> int:
        """What it costs of a record without rows, whatever is blank."""
        return sum(self._parts.values())

    def few(self, rows: int, most: int) -> bool:
        """Whether a record with so many rows, of whatever kinds, and the record among them, costs no more than ``most``."""
        return (rows + len(self._parts)) * self._most <= most

    def of(self, root: Instance) -> int:
        """What it costs of one record. Of rows that are not there one may be looked at all the same."""
        left, total = dict(self._parts), 0
        one: Instance | None = root
        below = ""
        while one is not None:
            waiting: list[Sequence[Instance]] = [(one,)]
            while waiting:
                for row in waiting.pop():
                    left.pop(row.object, None)
                    fields = self._fields.get(row.object, 0)
                    total += costs.asked(self._parts.get(row.object, 0), fields, len(row.values))
                    waiting.extend(rows for kind, rows in row.rows.items() if rows and kind != below)
            below, one = one.object, one.parent
        return total + sum(left.values())


class Holding:
    """What it costs to hold rows of a record against each other, beyond half of what its other conditions cost: a record with a few rows
    costs nothing here."""

    def __init__(self, program: Program) -> None:
        self._compared = costs.comparisons(program)
        self._free = sum(costs.asking(program).values()) // 2

    def none(self, rows: int) -> bool:
        """Whether a record with so many rows, of whatever kinds, costs nothing."""
        return _compared_at_most(self._compared, rows) <= self._free

    def of(self, root: Instance) -> int:
        """What it costs of one record."""
        return max(0, _compared(self._compared, root) - self._free)


class Explaining:
    """What it costs to tell what all results of a record lack, and with ``reasons`` these as data: of each row whatever is asked of it, and
    of rows that are held against rows all of these, since each of them is told with the others."""

    def __init__(self, program: Program, *, reasons: bool = True) -> None:
        self._told = 2 if reasons else 1
        self._asking = Asking(program, blank=False)
        self._compared = costs.comparisons(program)

    @property
    def bare(self) -> int:
        """As of `Asking`."""
        return self._told * self._asking.bare

    def few(self, rows: int, most: int) -> bool:
        """As of `Asking`."""
        return self._asking.few(rows, (most - _compared_at_most(self._compared, rows)) // self._told)

    def of(self, root: Instance) -> int:
        """As of `Asking`."""
        return self._told * self._asking.of(root) + _compared(self._compared, root)


def _compared_at_most(compared: Sequence[costs.Comparison], rows: int) -> int:
    """No less than `_compared` of a record with so many rows, of whatever kinds."""
    most: int = sum(one.weight * rows ** len(one.objects) for one in compared)
    return most


def _compared(compared: Sequence[costs.Comparison], root: Instance) -> int:
    """How many parts of conditions are tried on rows of a record for its rows."""
    counted: dict[str, costs.Rows] = {}
    waiting = [root]
    while waiting:
        for kind, rows in waiting.pop().rows.items():
            before = counted.get(kind, costs.Rows(0, 0))
            counted[kind] = costs.Rows(before.total + len(rows or ()), max(before.most, len(rows or ())))
            waiting += rows or ()
    return sum(costs.cost(one, counted) for one in compared)

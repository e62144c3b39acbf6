"""What only the definition says, asked of it: records made again from their codes.

Why this exists: a construct that a circuit does not have is no reason to refuse a ledger; and no reason to guess.

Invariants: an instance made again is the one that was prepared, to the last blank; how many were asked is counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from policyrules.columns.bits import Array, pack, unpack
from policyrules.columns.domains import RECORD, Layout, axis_of, domain_of
from policyrules.columns.store import Prepared, Table
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance, ascend
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lowered import Refused
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.values import Abstract
from policyrules.interpreter import Interpreter
from policyrules.program import belonging
from policyrules.results import DecisionResult, Finding
from policyrules.types import value_text


@dataclass(frozen=True, slots=True)
class Given:
    """What the definition says of one instance: the row of the table of its object (of an unlisted row that of the instance
    whose list is missing), as record number ``record`` sees it."""

    record: int
    object: str
    row: int
    result: DecisionResult | Finding


class Ledger:
    """The instances of a ledger in codes, made when first asked for. ``sets``: of each record its set of parameters, and
    ``under`` the interpreter under each; a record is counted with those of its own set."""

    def __init__(
        self,
        interpreter: Interpreter,
        prepared: Prepared,
        sets: Array | None = None,
        under: Callable[[int], Interpreter] | None = None,
    ) -> None:
        self.interpreter = interpreter
        self.sets = sets
        self.under = under
        self._portfolios: dict[int, Portfolio] = {}
        self.program = interpreter.program
        self.prepared = prepared
        self.asked: set[int] = set()
        self._runs: dict[int, Run] = {}
        self._counting = bool(self.program.statistics)

    @cached_property
    def instances(self) -> dict[str, list[Instance]]:
        """Those of each table, in its order."""
        found: dict[str, list[Instance]] = {}
        prepared = self.prepared
        line = belonging.line(self.program.objects, prepared.record)
        for kind in reversed(line):
            table = prepared.tables.get(kind)
            if table is None:
                continue
            above = found.get(self.program.objects[kind].parent or "")
            owners: list[Instance | None] = [None] * table.rows
            if above is not None and table.above is not None:
                owners = [above[place] for place in table.above.tolist()]
            found[kind] = self._made(table, owners, [kind] * table.rows)
        pending = list(line)
        while pending:
            kind = pending.pop()
            for child in self.program.objects[kind].children:
                table = prepared.tables.get(child)
                if child in found or table is None or table.starts is None or table.parent is None:
                    continue
                holders = found[kind]
                own = [holders[place] for place in table.parent.tolist()]
                turns = (np.arange(table.rows) - table.starts[table.parent]).tolist()
                paths = [_path(holder, child, turn) for holder, turn in zip(own, turns, strict=True)]
                rows = found[child] = self._made(table, own, paths)
                supplied = (
                    [True] * len(holders) if table.supplied is None else unpack(table.supplied, len(holders)).tolist()
                )
                starts = table.starts.tolist()
                for place, holder in enumerate(holders):
                    if supplied[place]:
                        holder.rows[child] = tuple(rows[starts[place] : starts[place + 1]])
                    else:
                        holder.rows[child] = None
                pending.append(child)
        return found

    def _made(self, table: Table, owners: Sequence[Instance | None], paths: Sequence[str]) -> list[Instance]:
        identity = self.program.objects[table.object].identity
        columns = list(table.columns.items())
        found = []
        for row in range(table.rows):
            values = {}
            for name, column in columns:
                value = column.value(row)
                if value is not None:
                    values[name] = value
            known = values.get(identity) if identity else None
            named = "" if known is None or identity is None else value_text(known, table.columns[identity].field.type)
            found.append(Instance(table.object, values, parent=owners[row], path=paths[row], identity=named))
        return found

    def portfolio(self, own: int) -> Portfolio | None:
        """The records of one set; None where nothing is counted."""
        if not self._counting:
            return None
        found = self._portfolios.get(own)
        if found is None:
            members = self.instances[self.prepared.record]
            if self.sets is not None:
                members = [members[place] for place in np.flatnonzero(self.sets == own).tolist()]
            found = self._portfolios[own] = Portfolio(members)
        return found

    def interpreter_of(self, record: int) -> Interpreter:
        """The interpreter under the parameters of a record."""
        if self.sets is None or self.under is None:
            return self.interpreter
        return self.under(int(self.sets[record]))

    def run(self, record: int) -> Run:
        """The evaluation of one record."""
        found = self._runs.get(record)
        if found is None:
            root = self.instances[self.prepared.record][record]
            own = 0 if self.sets is None else int(self.sets[record])
            found = self._runs[record] = self.interpreter_of(record).run(root, self.portfolio(own))
            self.asked.add(record)
        return found

    @cached_property
    def places(self) -> dict[int, int]:
        """Of each instance, by its id, the row of its table."""
        return {id(one): row for rows in self.instances.values() for row, one in enumerate(rows)}

    def given(self, refused: Refused, records: range) -> list[Given]:
        """What an output of some records comes to that only the definition gives."""
        found: list[Given] = []
        below = len(refused.place.below)
        for record in records:
            run, interpreter = self.run(record), self.interpreter_of(record)
            answers = interpreter.behind(run.subject, None)
            for instance, result in interpreter.outcomes.told(run, refused.declaration, answers):
                if instance.unlisted != (below > 0):
                    continue
                holder, steps = instance, 0
                while holder.unlisted:
                    holder, steps = ascend(holder, 1), steps + 1
                if steps == below:
                    found.append(Given(record, holder.object, self.places[id(holder)], result))
        return found


def _path(holder: Instance, child: str, turn: int) -> str:
    return f"{holder.path}.{child}[{turn}]" if holder.path.endswith("]") else f"{child}[{turn}]"


class Told:
    """Parts of values that the definition gives, block by block."""

    def __init__(self, ledger: Ledger, nodes: Mapping[int, n.Foreign]) -> None:
        self.ledger = ledger
        self.nodes = nodes
        self._values: dict[tuple[int, int], list[Abstract]] = {}

    def __call__(self, key: Hashable, layout: Layout, first: Mapping[str, int]) -> Any:
        """A plane, or numbers."""
        assert isinstance(key, tuple)
        number, part = key
        node = self.nodes[number]
        values = self._of(node, layout, first)
        return part_of(values, part)

    def _of(self, node: n.Foreign, layout: Layout, first: Mapping[str, int]) -> list[Abstract]:
        key = (node.id, first[self.ledger.prepared.record])
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._asked(node, layout, first)
        return found

    def _asked(self, node: n.Foreign, layout: Layout, first: Mapping[str, int]) -> list[Abstract]:
        ledger, record = self.ledger, self.ledger.prepared.record
        places = (node.place,) if isinstance(node, n.Counted) else node.places
        domain = domain_of((RECORD, *map(axis_of, places)))
        count = layout.count(domain)
        records = _global(layout.rows(domain, RECORD), count, first[record])
        columns = []
        for place in places:
            axis = axis_of(place)
            kind = layout.line[place.up] if place.space.source is None else place.space.object
            rows = _global(layout.rows(domain, axis), count, first.get(kind, 0))
            columns.append([ledger.instances[kind][row] for row in rows])
        found: list[Abstract] = []
        for record_, frames in zip(records, zip(*columns, strict=True), strict=True):
            run = ledger.run(record_)
            if isinstance(node, n.Counted):
                found.append(run.statistic(node.name, frames[0]).value)
            else:
                found.append(evaluate(run, node.expression, frames).value)
        return found


def _global(rows: Array | None, count: int, first: int) -> list[int]:
    found: list[int] = (np.arange(first, first + count) if rows is None else rows + first).tolist()
    return found


def part_of(values: Sequence[Abstract], part: str) -> Any:
    """A part of values: a plane, or numbers of any size."""
    test: Callable[[Any], Any] = _PARTS[part]
    if part in ("low", "high"):
        found = np.empty(len(values), object)
        found[:] = [_end(test(value)) for value in values]
        return found
    return pack(np.fromiter((bool(test(value)) for value in values), np.bool_, len(values)))


def _end(end: Any) -> Any:
    if end is None:
        return 0
    return end.toordinal() if isinstance(end, datetime.date) else end


def _bound(value: Any, end: int) -> Any:
    return None if value is v.VOID else v.bounds(value)[end]


_PARTS: dict[str, Callable[[Any], Any]] = {
    "true": lambda value: value is True,
    "possible": lambda value: value is not False,
    "low": lambda value: _bound(value, 0),
    "high": lambda value: _bound(value, 1),
    "open_low": lambda value: _bound(value, 0) is None,
    "open_high": lambda value: _bound(value, 1) is None,
    "void": lambda value: value is v.VOID,
    "perhaps_void": lambda value: value is v.VOID or bool(v.bounds(value)[2]),
}

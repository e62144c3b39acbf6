"""Records that were read already, as columns.

Why this exists: a ledger of any format, and what the definition had to read of a frame, comes as `Instance`s.

Invariants: every value, row and list of the instances is in the tables, and nothing else; what records belong to is one
row, however many records belong to it.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from policyrules.columns.bits import pack
from policyrules.columns.pieces import Piece, Pieces, of_values
from policyrules.columns.store import Prepared, Table
from policyrules.diagnostics import Diagnostic
from policyrules.engine.folding import opened
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.program.fingerprints import text_hash
from policyrules.records.ledger import Ledger
from policyrules.records.names import RecordNames

_AT_A_TIME: Final = 2_000


def schema_key(program: core.Program) -> str:
    """SHA-256 (hex) of all that reading a record depends on: objects, fields, bounds, and what duplicates are grouped by."""
    objects = [(kind.name, kind.key, kind.parent, kind.identity, kind.children) for kind in program.objects.values()]
    fields = [
        (own.object, own.name, own.key, own.type.kind.value, own.type.unit, own.type.values, own.low, own.high)
        for table in program.fields.values()
        for own in table.values()
    ]
    keys = (key for statistic in program.statistics.values() for key in statistic.same)
    same = sorted({key.field.name for key in keys if isinstance(key, core.FieldValue)})
    return text_hash((program.root, objects, fields, same))


@dataclass(slots=True)
class Rows:
    """Instances of one object in the order of a table: ``parent``: the row that each belongs to; ``lists``: of the parents,
    whether each has the list."""

    instances: list[Instance] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    supplied: list[bool] = field(default_factory=list)


def rows_below(names: RecordNames, object_: str, instances: Sequence[Instance]) -> dict[str, Rows]:
    """The rows of ``instances``, all of ``object_``, and the rows below those, by object."""
    found: dict[str, Rows] = {}
    pending: list[tuple[str, Sequence[Instance]]] = [(object_, instances)]
    while pending:
        name, above = pending.pop()
        for child in names.rows_of(name):
            own = found[child] = Rows()
            for place, instance in enumerate(above):
                rows = instance.rows.get(child)
                own.supplied.append(rows is not None)
                own.instances += rows or ()
                own.parent += [place] * len(rows or ())
            pending.append((child, own.instances))
    return found


def owners_of(names: RecordNames, instances: Sequence[Instance]) -> list[tuple[str, list[Instance], list[int]]]:
    """For each object above the records, the nearest first: its instances, each once, and the place among them of what
    each instance below belongs to."""
    found: list[tuple[str, list[Instance], list[int]]] = []
    below = instances
    for name in names.owners:
        places: dict[int, int] = {}
        owners: list[Instance] = []
        links: list[int] = []
        for instance in below:
            owner = instance.parent
            assert owner is not None, f"{instance.object} belongs to nothing"
            # What nothing is known of is one row, whoever it is of.
            key = 0 if _is_bare(owner) else id(owner)
            if key not in places:
                places[key] = len(owners)
                owners.append(owner)
            links.append(places[key])
        found.append((name, owners, links))
        below = owners
    return found


def _is_bare(owner: Instance) -> bool:
    return not owner.values and not owner.rows and (owner.parent is None or _is_bare(owner.parent))


def pieces_of(names: RecordNames, object_: str, instances: Sequence[Instance]) -> dict[str, Piece]:
    """The fields of instances that any of them fills in, by Chinese name."""
    filled = {name for instance in instances for name in instance.values}
    return {
        own.name: of_values(own, [instance.values.get(own.name) for instance in instances])
        for own in names.objects[object_].fields
        if own.name in filled
    }


class _Tables:
    """The tables of one kind of instances and of the rows below it, from instances that come a few at a time and need not be kept."""

    def __init__(self, names: RecordNames, object_: str) -> None:
        self._names, self._object = names, object_
        self._tables = {object_: _Growing(names, object_)}

    def add(self, instances: Sequence[Instance]) -> None:
        """The next of them."""
        tables, before = self._tables, {name: table.rows for name, table in self._tables.items()}
        tables[self._object].add(instances)
        for child, rows in rows_below(self._names, self._object, instances).items():
            above = self._names.objects[child].kind.parent or ""
            tables.setdefault(child, _Growing(self._names, child)).add(rows.instances, rows, before.get(above, 0))

    def tables(self, above: Sequence[int] | None = None) -> dict[str, Table]:
        """All of them. ``above``: of the instances, the row that each belongs to."""
        return {name: table.table(above if name == self._object else None) for name, table in self._tables.items()}


class _Growing:
    """One table."""

    def __init__(self, names: RecordNames, object_: str) -> None:
        self._names, self._object = names, object_
        self.rows = 0
        self._pieces: dict[str, Pieces] = {}
        self._lists = False
        self._parent: array[int] = array("i")
        self._supplied = bytearray()

    def add(self, instances: Sequence[Instance], rows: Rows | None = None, first: int = 0) -> None:
        """The next rows. ``first``: the place of the first of those that they belong to."""
        found = pieces_of(self._names, self._object, instances)
        for own in self._names.objects[self._object].fields:
            if own.name in found and own.name not in self._pieces:
                self._pieces[own.name] = Pieces(own)
                if self.rows:
                    self._pieces[own.name].add(of_values(own, [None] * self.rows))
            if own.name in self._pieces:
                piece = found.get(own.name)
                self._pieces[own.name].add(of_values(own, [None] * len(instances)) if piece is None else piece)
        self.rows += len(instances)
        if rows is not None:
            self._lists = True
            self._parent.extend(place + first for place in rows.parent)
            self._supplied.extend(rows.supplied)

    def table(self, above: Sequence[int] | None) -> Table:
        """All of it; it is let go."""
        own = self._names.objects[self._object]
        columns = {
            field.name: self._pieces.pop(field.name).column() for field in own.fields if field.name in self._pieces
        }
        parent = starts = supplied = None
        if self._lists:
            there = np.frombuffer(self._supplied, np.bool_)
            parent = np.array(self._parent, np.int32)
            starts = np.searchsorted(parent, np.arange(len(there) + 1)).astype(np.int64)
            supplied = None if there.all() else pack(there)
        links = None if above is None else np.fromiter(above, np.int32, len(above))
        return Table(self._object, self.rows, columns, own.kind.parent, parent, starts, supplied, links)


def _tables_of(
    names: RecordNames, object_: str, instances: Sequence[Instance], above: Sequence[int] | None
) -> dict[str, Table]:
    found = _Tables(names, object_)
    for start in range(0, len(instances), _AT_A_TIME) or [0]:
        some = [opened(instance) for instance in instances[start : start + _AT_A_TIME]]
        found.add(some)
        for one, instance in zip(some, instances[start:], strict=False):
            if one is not instance:
                # Rows know what they belong to: nobody has to look for such circles.
                one.rows = {}
    return found.tables(above)


def owner_tables(names: RecordNames, members: Sequence[Instance]) -> tuple[dict[str, Table], list[int]]:
    """The tables of what records belong to, with their rows; and the row that each record belongs to."""
    tables: dict[str, Table] = {}
    lines = owners_of(names, members)
    for level, (name, owners, _) in enumerate(lines):
        above = lines[level + 1][2] if level + 1 < len(lines) else None
        tables |= _tables_of(names, name, owners, above)
    return tables, lines[0][2] if lines else []


def prepare_instances(
    program: core.Program,
    names: RecordNames,
    members: Sequence[Instance],
    aside: Sequence[Instance] = (),
    *,
    origin: Sequence[int] = (),
    problems: tuple[Diagnostic, ...] = (),
    notes: tuple[str, ...] = (),
) -> Prepared:
    """``members`` and behind them those set ``aside``, as columns. ``origin``: where each of them stood."""
    every = [*members, *aside]
    record = names.record
    tables, above = owner_tables(names, every)
    tables |= _tables_of(names, record, every, above if names.owners else None)
    return Prepared(
        record,
        ordered(program, tables),
        len(members),
        schema_key(program),
        np.fromiter(origin or range(1, len(every) + 1), np.int64, len(every)),
        names.objects[record].kind.identity or "",
        tuple(one.problems for one in aside),
        problems,
        notes,
    )


def ordered(program: core.Program, tables: Mapping[str, Table]) -> dict[str, Table]:
    """Tables in the order in which the program has their objects."""
    return {name: tables[name] for name in program.objects if name in tables}


def prepare_ledger(program: core.Program, names: RecordNames, ledger: Ledger) -> Prepared:
    """A ledger that was read."""
    every = (*ledger.records, *ledger.set_aside)
    return prepare_instances(
        program,
        names,
        [record.instance for record in ledger.records],
        [record.instance for record in ledger.set_aside],
        origin=[record.row or 0 for record in every],
        problems=ledger.problems,
        notes=ledger.notes,
    )

"""Records that were read already, as columns.

Why this exists: a ledger of any format, and what the definition had to read of a frame, comes as `Instance`s.

Invariants: every value, row and list of the instances is in the tables, and nothing else; what records belong to is one
row, however many records belong to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from policyrules.columns.bits import pack
from policyrules.columns.pieces import Piece, Pieces, of_values
from policyrules.columns.store import Prepared, Table
from policyrules.diagnostics import Diagnostic
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.program.fingerprints import text_hash
from policyrules.records.names import RecordNames


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


def table_of(
    names: RecordNames,
    object_: str,
    instances: Sequence[Instance],
    rows: Rows | None = None,
    above: Sequence[int] | None = None,
) -> Table:
    """The table of instances alone."""
    columns = {}
    for name, piece in pieces_of(names, object_, instances).items():
        pieces = Pieces(names.objects[object_].by_name[name])
        pieces.add(piece)
        columns[name] = pieces.column()
    parent = starts = supplied = None
    if rows is not None:
        parent = np.fromiter(rows.parent, np.int32, len(rows.parent))
        starts = np.searchsorted(parent, np.arange(len(rows.supplied) + 1)).astype(np.int64)
        supplied = None if all(rows.supplied) else pack(np.array(rows.supplied, np.bool_))
    links = None if above is None else np.fromiter(above, np.int32, len(above))
    belongs = names.objects[object_].kind.parent
    return Table(object_, len(instances), columns, belongs, parent, starts, supplied, links)


def owner_tables(names: RecordNames, members: Sequence[Instance]) -> tuple[dict[str, Table], list[int]]:
    """The tables of what records belong to, with their rows; and the row that each record belongs to."""
    tables: dict[str, Table] = {}
    lines = owners_of(names, members)
    for level, (name, owners, _) in enumerate(lines):
        above = lines[level + 1][2] if level + 1 < len(lines) else None
        tables[name] = table_of(names, name, owners, None, above)
        for child, rows in rows_below(names, name, owners).items():
            tables[child] = table_of(names, child, rows.instances, rows)
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
    tables[record] = table_of(names, record, every, None, above if names.owners else None)
    for child, rows in rows_below(names, record, every).items():
        tables[child] = table_of(names, child, rows.instances, rows)
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

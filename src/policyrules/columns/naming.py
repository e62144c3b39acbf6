"""What people call the instances of a table: records by their 标识, what records belong to by what records name it by.

Why this exists: a row of a table of results, or a finding, that is of a county says which county; the place of a row says
nothing to whoever handed in a table of their own.

Invariants: a name is what people write for the value; what has no name is called by an empty text, what belongs to nothing
by none.
"""

from __future__ import annotations

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.store import Prepared, Texts
from policyrules.columns.tables import Labels, Strings
from policyrules.program import nodes as core
from policyrules.records.names import link_of
from policyrules.types import Kind, value_text

OWNER = "所属"
"""The column that says what the owner is called that something is of."""


def name_field(prepared: Prepared, program: core.Program, object_: str) -> str:
    """The field that records, or what they belong to, are called by; empty where there is none."""
    if object_ == prepared.record:
        return prepared.identity_field
    field = link_of(program, object_)
    return "" if field is None else field.name


def texts_of(prepared: Prepared, object_: str, field: str, rows: int) -> Strings:
    """What the first rows of a table are called by a field."""
    column = prepared.tables[object_].columns.get(field)
    if column is None:
        return Strings(np.full(rows, -1, np.int8), Texts.of([]))
    if column.field.type.kind is Kind.TEXT and isinstance(column.texts, Texts):
        return Strings(column.values[:rows], column.texts)
    held = (column.value(row) for row in range(rows))
    told = ["" if value is None else value_text(value, column.field.type) for value in held]
    return Strings(np.arange(rows), Texts.of(told))


def holders(prepared: Prepared, object_: str, rows: Array) -> tuple[str, Array]:
    """What holds rows of a table in the end: a record, or what records belong to; of each its row there."""
    table = prepared.tables[object_]
    while table.parent is not None and table.belongs is not None:
        rows, table = table.parent[rows], prepared.tables[table.belongs]
    return table.object, rows


def owner_names(prepared: Prepared, program: core.Program, object_: str, rows: Array) -> Labels:
    """What the owners are called that rows of a table are, or belong to; of what is a record's none."""
    owner, held = holders(prepared, object_, rows)
    if owner == prepared.record:
        return Labels.of(np.full(len(rows), -1, np.int32), ())
    told = texts_of(prepared, owner, name_field(prepared, program, owner), prepared.tables[owner].rows)
    places: dict[str, int] = {}
    # The last stands for the code -1.
    own = np.array([places.setdefault(text, len(places)) for text in (*told.texts, "")], np.int32)
    return Labels(held, own[told.codes], tuple(places))

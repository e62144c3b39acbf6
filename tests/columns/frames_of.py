"""The same tables as frames of each library, and as a workbook would have them for the definition."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.parquet

from policyrules.columns.instances import prepare_instances
from policyrules.columns.store import Prepared
from policyrules.program.nodes import Program
from policyrules.records.foreign_values import plain_value
from policyrules.records.joins import read_tables
from policyrules.records.names import record_names
from policyrules.records.tables import Table

Columns = Mapping[str, Sequence[Any]]


def by_definition(program: Program, tables: Mapping[str, Columns], suffix: str = "") -> Prepared:
    """What the reader of workbooks makes of the tables."""
    sheets = []
    for name, columns in tables.items():
        rows = zip(*([plain_value(cell) for cell in cells] for cells in columns.values()), strict=True)
        sheets.append(Table(name, [(1, tuple(columns)), *enumerate(rows, start=2)], suffix and f"{name}{suffix}"))
    ledger = read_tables(sheets, program)
    every = (*ledger.records, *ledger.set_aside)
    return prepare_instances(
        program,
        record_names(program),
        [record.instance for record in ledger.records],
        [record.instance for record in ledger.set_aside],
        origin=[record.row or 0 for record in every],
        problems=ledger.problems,
        notes=ledger.notes,
    )


def plain(prepared: Prepared) -> dict[str, object]:
    """All that a prepared ledger holds, as plain Python."""
    tables = {}
    for name, table in prepared.tables.items():
        columns = {}
        for field, column in table.columns.items():
            columns[field] = {
                "codes": column.values.tolist(),
                "type": str(column.values.dtype),
                "known": column.known_mask().tolist(),
                "some": column.known is not None,
                "scale": column.scale,
                "texts": list(column.texts),
                "starts": None if column.starts is None else column.starts.tolist(),
                "bounds": (column.low, column.high),
                "values": [column.value(row) for row in range(column.rows)],
            }
        places = {at: getattr(table, at) for at in ("parent", "starts", "supplied", "above")}
        tables[name] = {
            "rows": table.rows,
            "belongs": table.belongs,
            **{at: None if array is None else array.tolist() for at, array in places.items()},
            "columns": columns,
        }
    return {
        "record": prepared.record,
        "evaluated": prepared.evaluated,
        "origin": prepared.origin.tolist(),
        "identities": list(prepared.identities()),
        "aside": [[one.to_dict() for one in problems] for problems in prepared.aside],
        "problems": [one.to_dict() for one in prepared.problems],
        "notes": prepared.notes,
        "tables": tables,
    }


def as_arrow(columns: Columns) -> pyarrow.Table:
    return pyarrow.table({name: _arrow(cells) for name, cells in columns.items()})


def _arrow(cells: Sequence[Any]) -> pyarrow.Array:
    held = [one for one in cells if one is not None]
    if held and all(isinstance(one, np.float32) for one in held):
        return pyarrow.array([None if one is None else float(one) for one in cells], pyarrow.float32())
    return pyarrow.array(cells)


def as_pandas(columns: Columns) -> pandas.DataFrame:
    return pandas.DataFrame({name: pandas.Series(list(cells), dtype=object) for name, cells in columns.items()})


def as_typed_pandas(columns: Columns) -> pandas.DataFrame:
    return pandas.DataFrame({name: _series(list(cells), place) for place, (name, cells) in enumerate(columns.items())})


def _series(cells: list[Any], place: int) -> pandas.Series[Any]:
    kinds = {type(one) for one in cells if one is not None}
    match kinds and len(kinds) == 1 and next(iter(kinds)):
        case kind if kind is bool:
            return pandas.Series(cells, dtype="boolean" if None in cells else bool)
        case kind if kind is int:
            return pandas.Series(cells, dtype="Int64" if None in cells else "int64")
        case kind if kind is float:
            return pandas.Series(cells, dtype="float64")
        case kind if kind is np.float32:
            return pandas.Series(cells, dtype="float32")
        case kind if kind is str:
            return pandas.Series(cells, dtype=("category", "string", "object")[place % 3])
        case kind if kind is datetime.date:
            return pandas.Series(pandas.to_datetime(pandas.Series(cells)), dtype="datetime64[ns]")
        case _:
            return pandas.Series(cells, dtype=object)


def as_polars(columns: Columns) -> polars.DataFrame:
    return polars.from_arrow(as_arrow(columns))  # type: ignore[return-value]


def as_parquet(columns: Columns, path: Path, group: int = 64) -> Path:
    pyarrow.parquet.write_table(as_arrow(columns), path, row_group_size=group)
    return path

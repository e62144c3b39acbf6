"""Parquet files as ledgers: the only module that reads them, and it needs pyarrow.

Why this exists: data systems keep ledgers in Parquet. A row of the file is a record as JSON has it: columns by Chinese
name or key, lists of structs as the rows below it, a struct as the county it belongs to; null is a blank, and a list that
is null was not supplied.

Invariants: rows are read a few at a time and let go once they are records; a file whose parts say that they come to more
than anybody keeps in a ledger is refused before they are read; nothing raises for what a file holds.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.program.nodes import Program
from policyrules.records.json_files import read_records
from policyrules.records.ledger import Ledger
from policyrules.records.names import RecordNames

NEEDS_PARQUET: Final = "读 Parquet 需要另装组件：pip install policyrules[parquet]"
_MOST_VALUES: Final = 40_000_000
_LARGEST: Final = 4 * 1024 * 1024 * 1024
_BATCH: Final = 500


def has_parquet() -> bool:
    """Whether such files can be read here."""
    return importlib.util.find_spec("pyarrow") is not None


def read_parquet(path: Path, program: Program, names: RecordNames) -> Ledger:
    """The records of the Parquet file at ``path``."""

    def refused(expected: str) -> Ledger:
        return Ledger(problems=(Diagnostic("E507", expected, CellPlace(file=path.name)),))

    if not has_parquet():
        return refused(NEEDS_PARQUET)
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    broken = (arrow.ArrowException, OSError, ValueError)
    try:
        with parquet.ParquetFile(path) as file:
            if fault := _too_much(file.metadata):
                return refused(fault)
            if twice := _twice(file.schema_arrow.names):
                return refused(f"有两列都叫“{twice}”，不知道以哪一列为准")
            faults: list[Diagnostic] = []
            length = sum(file.metadata.row_group(index).total_byte_size for index in range(file.num_row_groups))
            ledger = read_records(_rows(file, broken, path.name, faults), path.name, program, names, length)
    except broken:
        return refused("不是合格的 Parquet 文件，或者已经损坏")
    # What comes before the damage must not pass for all there is.
    return Ledger(problems=tuple(faults), notes=ledger.notes) if faults else ledger


def _too_much(metadata: Any) -> str:
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    values = sum(group.column(index).num_values for group in groups for index in range(metadata.num_columns))
    if values > _MOST_VALUES:
        return f"内容超过 {_MOST_VALUES:,} 项，请分成几个文件"
    if sum(group.total_byte_size for group in groups) > _LARGEST:
        return f"解开以后超过 {_LARGEST // 1024**3} GB，请分成几个文件"
    return ""


def _twice(names: list[str]) -> str:
    return next((name for index, name in enumerate(names) if name in names[:index]), "")


def _rows(file: Any, broken: tuple[type[Exception], ...], name: str, faults: list[Diagnostic]) -> Iterator[object]:
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield row
    except broken:
        place = CellPlace(file=name, row=number + 1)
        faults.append(Diagnostic("E507", "从这一行起读不下去，文件已经损坏，整个文件没有读入", place))

"""Parquet files as ledgers: the only module that reads them, and it needs pyarrow.

Why this exists: data systems keep ledgers in Parquet. A row of the file is a record as JSON has it: columns by Chinese
name or key, lists of structs as the rows below it, a struct as the county it belongs to; null is a blank, and a list that
is null was not supplied.

Invariants: rows are read a few at a time and let go once they are records; columns that the rules do not know are not
read; a text that a file holds once and names for many rows is not spread over more rows than fit; a file whose parts say
that they come to more than anybody keeps in a ledger is refused before they are read; nothing raises for what a file
holds.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from policyrules.diagnostics import CellPlace, Diagnostic, shown_text
from policyrules.patience import SMALL
from policyrules.program.nodes import Program
from policyrules.records.arrow_cells import cells_in
from policyrules.records.json_files import read_records
from policyrules.records.ledger import Ledger
from policyrules.records.names import RecordNames
from policyrules.records.remarked import says_anything

NEEDS_PARQUET: Final = "读 Parquet 需要另装组件：pip install policyrules[parquet]"
_MOST_VALUES: Final = 40_000_000
_LARGEST: Final = 4 * 1024**3
_LARGEST_OF_SMALL: Final = 256 * 1024**2
_MOST_ROWS_WITHIN: Final = 2_000_000
"""Rows within the lists of all records of a small file; a JSON file of its length holds no more."""
_MOST_AT_ONCE: Final = 1_000_000
"""Values within lists and groups that are spread at one time, or those of one record."""
_MOST_OF_ONE: Final = 5_000_000
"""Values within the lists and groups of one record."""
_SPREAD: Final = frozenset({"DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"})
_BATCH: Final = 500
_COUNTED: Final = 1 << 16
_MOST_TEXT: Final = 16 * 1024**2
"""So many bytes of text stand spread over rows at one time, or those of one row."""


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
            metadata, schema = file.metadata, file.schema_arrow
        if fault := _too_much(metadata, path.stat().st_size):
            return refused(fault)
        if twice := _twice(schema.names):
            return refused(f"有两列都叫“{twice}”，不知道以哪一列为准")
        if not any(says_anything(names, name) for name in schema.names):
            said = "、".join(map(shown_text, schema.names[:3]))
            return refused(f"没有一列是{names.record}的字段（有“{said}”）")
        texts = [path for path in _named(metadata) if "." not in path]
        faults: list[Diagnostic] = []
        length = path.stat().st_size
        if length >= SMALL:
            length = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            rows = _rows(file, schema.names, names, broken, faults, path)
            ledger = read_records(rows, path.name, program, names, length)
    except broken:
        return refused("不是合格的 Parquet 文件，或者已经损坏")
    # What comes before the damage must not pass for all there is.
    return Ledger(problems=tuple(faults), notes=ledger.notes) if faults else ledger


def _too_much(metadata: Any, size: int) -> str:
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    values = sum(group.column(index).num_values for group in groups for index in range(metadata.num_columns))
    if values > _MOST_VALUES:
        return f"内容超过 {_MOST_VALUES:,} 项，请分成几个文件"
    if size < SMALL and _rows_within(metadata) > _MOST_ROWS_WITHIN:
        return f"列表里的行超过 {_MOST_ROWS_WITHIN:,} 行，请分成几个文件"
    largest = _LARGEST_OF_SMALL if size < SMALL else _LARGEST
    if sum(group.total_byte_size for group in groups) > largest:
        return f"解开以后超过 {largest // 1024**2:,} MB，请分成几个文件"
    return ""


def _rows_within(metadata: Any) -> int:
    """How many rows the lists of all records hold, more or less: of each list as many as its longest column has values."""
    found: dict[tuple[int, str], int] = {}
    for index in range(metadata.num_columns):
        column, dot, _ = metadata.schema.column(index).path.partition(".")
        for at in range(metadata.num_row_groups) if dot else ():
            values = metadata.row_group(at).column(index).num_values
            found[at, column] = max(found.get((at, column), 0), values)
    return sum(found.values())


def unfolds_too_far(path: Path) -> str:
    """What is said of a small file that comes to more than may be read of it at once; empty of any other. A text that it
    holds once is counted for each row that names it.

    Raises `OSError`, `ValueError` or ``pyarrow.ArrowException`` where it is no such file.
    """
    size = path.stat().st_size
    if size >= SMALL:
        return ""
    parquet = importlib.import_module("pyarrow.parquet")
    with parquet.ParquetFile(path) as file:
        metadata = file.metadata
    if fault := _too_much(metadata, size):
        return fault
    leaves = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    every = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    texts = _named(metadata)
    names = list(dict.fromkeys(path.split(".")[0] for path in every))
    step = _COUNTED if texts == every else _rows_at_once(metadata)
    with parquet.ParquetFile(path, read_dictionary=texts) as file:
        length = 0
        # Of one row group at a time those within lists and groups come as places in its dictionary, too.
        for group in range(metadata.num_row_groups) if names else ():
            for batch in file.iter_batches(step, [group], columns=names):
                length += sum(map(_unfolded, batch.columns))
                if length > _LARGEST_OF_SMALL:
                    return f"解开以后超过 {_LARGEST_OF_SMALL // 1024**2:,} MB，请分成几个文件"
    return ""


def _unfolded(array: Any) -> int:
    """How many bytes a column comes to where each row has its own texts."""
    types = importlib.import_module("pyarrow").types
    if types.is_struct(array.type):
        return sum(map(_unfolded, array.flatten()))
    if types.is_map(array.type):
        return _unfolded(array.keys) + _unfolded(array.items)
    if types.is_nested(array.type):
        return _unfolded(array.flatten())
    if types.is_dictionary(array.type):
        # The places alone: all texts of the file come with each batch, also where it names none of them.
        return _text_bytes(array) + int(array.indices.nbytes)
    return int(array.nbytes)


def _named(metadata: Any) -> list[str]:
    """The columns of texts that a file may hold once and name for many rows. Those of which it tells how each begins and how long
    it is are read in no other way than spread over their rows."""
    found = []
    for index in range(metadata.num_columns):
        leaf = metadata.schema.column(index)
        chunks = (metadata.row_group(at).column(index) for at in range(metadata.num_row_groups))
        if leaf.physical_type == "BYTE_ARRAY" and all(_SPREAD.isdisjoint(chunk.encodings) for chunk in chunks):
            found.append(leaf.path)
    return found


def _twice(names: list[str]) -> str:
    return next((name for index, name in enumerate(names) if name in names[:index]), "")


def _rows(
    file: Any,
    columns: Sequence[str],
    names: RecordNames,
    broken: tuple[type[Exception], ...],
    faults: list[Diagnostic],
    path: Path,
) -> Iterator[object]:
    """The rows of a file of which texts are read as places in a list of them; a column that the rules do not know is
    None in each."""
    known = [column for column in columns if says_anything(names, column)]
    unknown = dict.fromkeys(column for column in columns if column not in known)
    number = spread = 0
    name, largest = path.name, _LARGEST_OF_SMALL if path.stat().st_size < SMALL else _LARGEST
    try:
        for batch in file.iter_batches(batch_size=_rows_at_once(file.metadata), columns=known):
            spread += sum(map(_unfolded, batch.columns))
            if spread > largest:
                said = f"到这一行为止解开以后超过 {largest // 1024**2:,} MB，整个文件没有读入，请分成几个文件"
                faults.append(Diagnostic("E507", said, CellPlace(file=name, row=number + 1)))
                return
            step = max(1, _BATCH * _MOST_TEXT // max(_MOST_TEXT, sum(map(_text_bytes, batch.columns))))
            slices = (batch.slice(start, step) for start in range(0, batch.num_rows, step))
            for part in (part for one in slices for part in _parts(one)):
                if part.num_rows == 1 and _values_within(part) > _MOST_OF_ONE:
                    said = f"这一条的列表里超过 {_MOST_OF_ONE:,} 项，整个文件没有读入，请把它分成几条"
                    faults.append(Diagnostic("E507", said, CellPlace(file=name, row=number + 1)))
                    return
                for cells in zip(*map(cells_in, part.columns), strict=True):
                    number += 1
                    yield dict(zip(part.schema.names, cells, strict=True)) | unknown
    except broken:
        place = CellPlace(file=name, row=number + 1)
        faults.append(Diagnostic("E507", "从这一行起读不下去，文件已经损坏，整个文件没有读入", place))


def _parts(batch: Any) -> Iterator[Any]:
    """A batch in parts of which none has too many values within lists and groups to be spread at one time, unless it is one row."""
    waiting = [batch]
    while waiting:
        part = waiting.pop()
        if part.num_rows <= 1 or _values_within(part) <= _MOST_AT_ONCE:
            yield part
        else:
            half = part.num_rows // 2
            waiting += part.slice(half), part.slice(0, half)


def _values_within(part: Any) -> int:
    """How many values the lists and groups of a part hold."""
    types = importlib.import_module("pyarrow").types
    found, waiting = 0, [(column, False) for column in part.columns]
    while waiting:
        array, within = waiting.pop()
        found += len(array) if within else 0
        if types.is_struct(array.type):
            waiting += ((field, True) for field in array.flatten())
        elif types.is_list(array.type) or types.is_large_list(array.type) or types.is_fixed_size_list(array.type):
            waiting.append((array.flatten(), True))
        elif types.is_map(array.type):
            # (That of a slice may be more than the slice holds, never less.)
            waiting += (array.keys, True), (array.items, True)
    return found


def _rows_at_once(metadata: Any) -> int:
    """How many rows may be read at one time. Texts within lists and groups come spread over their rows, each up to as long
    as all of its part of the file; those of a column of its own do not, but for some (`_named`)."""
    longest, named = 1, _named(metadata)
    for index in range(metadata.num_columns):
        leaf = metadata.schema.column(index)
        if leaf.physical_type == "BYTE_ARRAY" and ("." in leaf.path or leaf.path not in named):
            sizes = (metadata.row_group(at).column(index) for at in range(metadata.num_row_groups))
            longest = max(longest, *(chunk.total_uncompressed_size for chunk in sizes))
    return int(min(_BATCH, max(1, 4 * _MOST_TEXT // longest)))


def _text_bytes(array: Any) -> int:
    """How many bytes the texts of a column come to where each row has its own."""
    arrow, compute = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.compute")
    if not arrow.types.is_dictionary(array.type) or not _is_text(arrow, array.type.value_type):
        return 0
    lengths = compute.binary_length(array.dictionary)
    return int(compute.sum(lengths.take(array.indices)).as_py() or 0)


def _is_text(arrow: Any, type_: Any) -> bool:
    return bool(arrow.types.is_string(type_) or arrow.types.is_large_string(type_) or arrow.types.is_binary(type_))

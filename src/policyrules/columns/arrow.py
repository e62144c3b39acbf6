"""Arrow tables and Parquet files, handed out as cells of columns.

Why this exists: Arrow's buffers are arrays already, and its dictionaries hold each text once: nothing of them has to go
through Python cell by cell. A Parquet file is read piece by piece, so that it may be larger than the memory.

Invariants: the only module that imports pyarrow; buffers are read where they are and never written.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from policyrules.columns import NEEDS_PARQUET, MissingBatch
from policyrules.columns.bits import Array, Mask
from policyrules.columns.coding import (
    Cells,
    Coded,
    Days,
    Floats,
    Held,
    Numbers,
    Part,
    Strings,
    Truths,
    across,
    coded,
    heads_of,
)
from policyrules.columns.crew import Crew
from policyrules.columns.store import Texts
from policyrules.diagnostics import CellPlace, Diagnostic, RecordError
from policyrules.patience import SMALL
from policyrules.records.arrow_cells import PER_DAY, cells_in, operable
from policyrules.records.parquet_files import unfolds_too_far

if importlib.util.find_spec("pyarrow") is None:
    raise MissingBatch(NEEDS_PARQUET)
pa: Any = importlib.import_module("pyarrow")

_BATCH: Final = 1 << 17
_MOST: Final = _BATCH + _BATCH // 8
_FIRST_ROWS: Final = 1 << 14
_MANY: Final = 1 << 10


class _Steady:
    """How many ask for steady memory, and which there was before the first of them."""

    lock: Final = Lock()
    asking = 0
    before: Any = None


@contextmanager
def steady_memory() -> Iterator[None]:
    """While large files are read and written, piece by piece, Arrow takes its memory by jemalloc where it has that and would
    take it by mimalloc: for pieces that come and go, that has the system clear much less memory anew, and holds less."""
    with _Steady.lock:
        if not _Steady.asking:
            _Steady.before = pa.default_memory_pool()
            if _Steady.before.backend_name == "mimalloc" and "jemalloc" in pa.supported_memory_backends():
                pa.set_memory_pool(pa.jemalloc_memory_pool())
        _Steady.asking += 1
    try:
        yield
    finally:
        with _Steady.lock:
            _Steady.asking -= 1
            if not _Steady.asking:
                pa.set_memory_pool(_Steady.before)


class ArrowSource:
    """An Arrow table."""

    def __init__(self, table: Any) -> None:
        self._table = _operable(table)
        self.heads = heads_of(table.column_names)
        self.rows = table.num_rows
        self.file = ""
        self.small = False

    def pieces(self, columns: Sequence[int], held: Mapping[int, Held], crew: Crew) -> Iterator[Part]:
        table = pa.Table.from_arrays([self._table.column(place) for place in columns], list(map(str, columns)))
        for batch in table.to_batches(max_chunksize=_BATCH) if columns else ():
            yield batch.num_rows, _cells(dict(zip(columns, batch.columns, strict=True)), held)

    def cells(self, rows: Array) -> Iterator[tuple[object, ...]]:
        return _rows(self._table, rows)

    def watched(self, columns: Sequence[int]) -> Sequence[int]:
        return [place for place in columns if _may_hold_texts(self._table.schema.field(place).type)]

    def holds_rows(self, column: int) -> bool:
        return _holds_rows(self._table.schema.field(column).type)


class ParquetSource:
    """A Parquet file."""

    def __init__(self, path: Path) -> None:
        self._parquet: Any = importlib.import_module("pyarrow.parquet")
        self._path = path
        opened = self._parquet.ParquetFile(path)
        self._schema = opened.schema_arrow
        self.heads = heads_of(self._schema.names)
        leaves = [opened.schema.column(at).path for at in range(len(opened.schema))]
        self._leaves = {head: [leaf for leaf in leaves if leaf.partition(".")[0] == head] for head in self.heads}
        """Of each column what the file calls the columns that it is made of, where its name has no dot."""
        self.rows = opened.metadata.num_rows
        self.file = path.name
        self.small = path.stat().st_size < SMALL
        groups = (opened.metadata.row_group(group).num_rows for group in range(opened.metadata.num_row_groups))
        self._ends = np.cumsum([0, *groups])

    def pieces(self, columns: Sequence[int], held: Mapping[int, Held], crew: Crew) -> Iterator[Part]:
        names = [self.heads[place] for place in columns]
        # Texts come as the file has them: each once, where it has a dictionary.
        kinds = {place: self._schema.field(place).type for place in columns if place not in held}
        texts = [self.heads[place] for place, kind in kinds.items() if _is_text(kind)]
        lists = [
            leaf for place, kind in kinds.items() if _lists_texts(kind) for leaf in self._leaves[self.heads[place]]
        ]
        alone = self._parquet.ParquetFile(self._path, read_dictionary=[*texts, *lists])
        # Each group has dictionaries of its own, and lists come with one.
        beside = self._parquet.ParquetFile(self._path, read_dictionary=texts) if lists else alone
        told = {"columns": names, "use_threads": crew.threads > 1}
        for groups, size in _stretches(np.diff(self._ends).tolist()) if names else ():
            opened = alone if len(groups) == 1 else beside
            batches = opened.iter_batches(size, groups, **told)
            # Nothing is held of a piece while the next is decoded: one of a wide table takes hundreds of megabytes.
            while (batch := next(batches, None)) is not None:
                arrays = [batch.column(batch.schema.get_field_index(name)) for name in names]
                found = [(batch.num_rows, _cells(dict(zip(columns, arrays, strict=True)), held))]
                del batch, arrays
                yield found.pop()

    def cells(self, rows: Array) -> Iterator[tuple[object, ...]]:
        opened = self._parquet.ParquetFile(self._path)
        for group, (start, end) in enumerate(zip(self._ends[:-1].tolist(), self._ends[1:].tolist(), strict=True)):
            wanted = rows[(rows >= start) & (rows < end)] - start
            if not len(wanted):
                continue
            last = int(wanted[-1])
            if last < _FIRST_ROWS:
                # The first rows are always looked at: the rest of their group need not be read for that.
                batch = next(opened.iter_batches(batch_size=last + 1, row_groups=[group]))
                table = pa.Table.from_batches([batch])
            else:
                table = opened.read_row_group(group)
            yield from _rows(_operable(table), wanted)

    def watched(self, columns: Sequence[int]) -> Sequence[int]:
        return [place for place in columns if _may_hold_texts(self._schema.field(place).type)]

    def holds_rows(self, column: int) -> bool:
        return _holds_rows(self._schema.field(column).type)


def _stretches(groups: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Row groups that are read one after the other, and how many of their rows at a time: about `_BATCH`, so that no group
    ends in a piece of a few rows, which costs as many steps as a long one. ``groups``: the rows of each.

    >>> list(_stretches([262_194, 100_000, 20_000, 30_000]))
    [([0], 131097), ([1, 2], 120000), ([3], 30000)]
    """
    together: list[int] = []
    rows = 0
    for group, own in enumerate(groups):
        if together and rows + own > _BATCH:
            yield together, _even(rows)
            together, rows = [], 0
        together.append(group)
        rows += own
    if rows:
        yield together, _even(rows)


def _even(rows: int) -> int:
    return -(-rows // -(-rows // _MOST))


def _cells(arrays: dict[int, Any], held: Mapping[int, Held]) -> Callable[[int], Cells]:
    # What was handed out is held here no longer.
    return lambda place: cells_of(arrays.pop(place), held.get(place, "anyhow"))


def arrow_source(given: Any) -> ArrowSource:
    """The source that an Arrow table, a batch or a reader of batches is."""
    if isinstance(given, pa.Table):
        return ArrowSource(given)
    return ArrowSource(pa.Table.from_batches([given]) if isinstance(given, pa.RecordBatch) else given.read_all())


def parquet_source(path: Path) -> ParquetSource | ArrowSource:
    """The source that a Parquet file is. Raises `OSError` and ``pyarrow.ArrowInvalid`` where it is none, and `RecordError`
    (E507) where it is small and comes to more than may be read of it."""
    if fault := unfolds_too_far(path):
        raise RecordError([Diagnostic("E507", fault, CellPlace(file=path.name))])
    source = ParquetSource(path)
    if len(set(source.heads)) == len(source.heads):
        return source
    parquet: Any = importlib.import_module("pyarrow.parquet")
    whole = ArrowSource(parquet.ParquetFile(path).read())
    whole.file, whole.small = source.file, source.small
    return whole


def _operable(table: Any) -> Any:
    columns = list(map(operable, table.columns))
    return pa.Table.from_arrays(columns, table.column_names) if table.num_columns else table


def _rows(table: Any, rows: Array) -> Iterator[tuple[object, ...]]:
    taken = table.take(_numbers(rows))
    return across([cells_in(taken.column(place)) for place in range(taken.num_columns)], len(rows))


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _holds_rows(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_struct(kind) or (_is_list(kind) and types.is_struct(kind.value_type)))


def _is_list(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _lists_texts(kind: Any) -> bool:
    return _is_list(kind) and _is_text(kind.value_type)


def _may_hold_texts(kind: Any) -> bool:
    plain = pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return not (plain or pa.types.is_temporal(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind))


def _known(array: Any) -> Mask | None:
    if not array.null_count:
        return None
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    return np.unpackbits(bits, count=array.offset + len(array), bitorder="little")[array.offset :].view(np.bool_)


def _numbers(values: Array, known: Mask | None = None) -> Any:
    """Numbers as Arrow has them. (What makes an array of anything would import pandas for it.)"""
    plane = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(pa.int64(), len(values), [plane, pa.py_buffer(values.astype(np.int64, copy=False))])


def _values(array: Any, dtype: Any) -> Array:
    size = np.dtype(dtype).itemsize
    if not len(array):
        return np.zeros(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype, len(array), array.offset * size)


def cells_of(array: Any, held: Held = "anyhow") -> Cells:
    """The cells of an Arrow array. ``held``: what is known of its texts."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    array = operable(array)
    kind = array.type
    types = pa.types
    if types.is_null(kind):
        return Coded(np.full(len(array), -1, np.int32), [])
    if types.is_boolean(kind):
        bits = np.frombuffer(array.buffers()[1], np.uint8) if len(array) else np.zeros(0, np.uint8)
        truths = np.unpackbits(bits, count=array.offset + len(array), bitorder="little")[array.offset :]
        return Truths(truths.view(np.bool_), _known(array))
    if types.is_integer(kind):
        return Numbers(_values(array, kind.to_pandas_dtype()), _known(array))
    if types.is_float32(kind) or types.is_float64(kind):
        return Floats(_values(array, kind.to_pandas_dtype()), _known(array))
    if types.is_date32(kind):
        return Days(_values(array, np.int32).astype(np.int64), _known(array))
    if types.is_date64(kind) or (types.is_timestamp(kind) and kind.tz is None):
        per_day = PER_DAY["ms" if types.is_date64(kind) else kind.unit]
        return Days(_values(array, np.int64) // per_day, _known(array))
    if types.is_decimal128(kind) and kind.scale >= 0:
        halves = _values(array, [("low", "<i8"), ("high", "<i8")])
        low, known = np.ascontiguousarray(halves["low"]), _known(array)
        told = halves["high"] == low >> 63
        if bool(told.all() if known is None else told[known].all()):
            return Numbers(low, known, kind.scale)
    if types.is_dictionary(kind):
        if array.dictionary.null_count:
            return coded(cells_in(array))
        codes = _values(array.indices, array.indices.type.to_pandas_dtype()).astype(np.int32)
        known = _known(array)
        codes = codes if known is None else np.where(known, codes, np.int32(-1))
        return Coded(codes, _dictionary(array.dictionary))
    if _is_text(kind):
        match held:
            case "once":
                return _strings(array)
            case "together":
                return _runs(array)
            case "anyhow":
                return cells_of(array.dictionary_encode())
    if _is_list(kind) and _is_text(_plain_kind(kind.value_type)) and (lists := _lists(array)) is not None:
        return lists
    return coded(cells_in(array))


def _dictionary(values: Any) -> Sequence[object]:
    """The values of a dictionary; many texts as they are in the buffer."""
    if _is_text(values.type) and len(values) >= _MANY:
        return _strings(values).texts
    return cells_in(values)


def _runs(array: Any) -> Coded:
    """Texts by their place among those that differ from the one before: to look for the same among all costs more."""
    found = importlib.import_module("pyarrow.compute").run_end_encode(array)
    ends, values = _values(found.run_ends, np.int32), found.values
    places = np.arange(len(values), dtype=np.int32)
    if (known := _known(values)) is not None:
        # The text of what is not there is never asked for.
        places = np.where(known, places, np.int32(-1))
    return Coded(np.repeat(places, np.diff(ends, prepend=0)), _strings(values).texts)


def _lists(array: Any) -> Coded | None:
    """Lists of texts, each made once for all rows that hold it; None where they are too long to be told by a number."""
    inner = array.flatten()
    if inner.null_count or not len(array):
        return None
    texts = inner if pa.types.is_dictionary(inner.type) else inner.dictionary_encode()
    if texts.dictionary.null_count:
        return None
    items = _values(texts.indices, texts.indices.type.to_pandas_dtype())
    known = _known(array)
    lengths = np.diff(_list_ends(array))
    if known is not None:
        lengths = np.where(known, lengths, 0)
    starts = np.cumsum(lengths) - lengths
    base, longest = len(texts.dictionary) + 1, int(lengths.max())
    if base**longest >= 2**62:
        return None
    numbers = np.zeros(len(array), np.int64)
    for at in range(longest):
        longer = np.flatnonzero(lengths > at)
        # No digit is 0, so lists of different length have different numbers.
        numbers[longer] = numbers[longer] * base + items[starts[longer] + at] + 1
    labels = texts.dictionary.to_pylist()
    told, codes = _each_once(numbers, base**longest)
    held = []
    for number in told.tolist():
        one = []
        while number:
            number, digit = divmod(number, base)
            one.append(labels[digit - 1])
        held.append(one[::-1])
    # A dictionary may hold a text twice.
    found = coded(held)
    codes = found.codes[codes]
    return Coded(codes if known is None else np.where(known, codes, np.int32(-1)), found.values)


def _each_once(numbers: Array, most: int) -> tuple[Array, Array]:
    """The numbers that come at all, each below ``most``, and the place of each among them."""
    if most > len(numbers):
        held = _numbers(numbers).dictionary_encode()
        return _values(held.dictionary, np.int64), _values(held.indices, np.int32)
    there = np.zeros(most, np.bool_)
    there[numbers] = True
    places = np.cumsum(there, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(there), places[numbers]


def _plain_kind(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _list_ends(array: Any) -> Array:
    if pa.types.is_fixed_size_list(array.type):
        return np.arange(len(array) + 1) * int(array.type.list_size)
    width = np.int64 if pa.types.is_large_list(array.type) else np.int32
    return _values(array.offsets, width).astype(np.int64)


def _strings(array: Any) -> Strings:
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, places, data = array.buffers()
    ends = np.frombuffer(places, width, len(array) + 1, array.offset * np.dtype(width).itemsize).astype(np.int64)
    first, last = int(ends[0]), int(ends[-1])
    blob = np.frombuffer(data, np.uint8)[first:last] if data is not None and last else np.zeros(0, np.uint8)
    ends -= first
    known = _known(array)
    if known is not None and np.diff(ends)[~known].any():
        # Bytes may stand behind what is not there.
        return Strings(Texts.of([text or "" for text in array.to_pylist()]), known)
    return Strings(Texts(blob, ends), known)


def compressed(data: bytes) -> Any:
    """Bytes as Zstandard has them, as a file of Parquet says of its pages."""
    return pa.compress(data, codec="zstd", asbytes=True)

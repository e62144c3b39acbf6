"""Columns of Arrow as Python holds their cells.

Why this exists: Arrow hands its cells out as Python's own types, and three things are lost on the way: a float of 32 bits
comes as a float of 64, which is another number; a day that Python's calendar does not have ends everything; and some
writings of a column (views, runs) know few operations. Whoever takes cells from Arrow takes them here.

Invariants: at any depth of lists and groups, a float is the shortest decimal that is this number at its own precision,
and a day beyond the calendar is a text, which is reported where it stands.
"""

from __future__ import annotations

import datetime
import functools
import importlib
import struct
from decimal import Decimal
from typing import Any, Final

_EPOCH: Final = datetime.date(1970, 1, 1)
_FIRST: Final = (datetime.date.min - _EPOCH).days
_LAST: Final = (datetime.date.max - _EPOCH).days
PER_DAY: Final = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
# After so many years the calendar is the same again.
_YEARS, _DAYS = 400, 146_097


def cells_in(column: Any) -> list[object]:
    """The cells of an Arrow array, chunked or not.

    >>> import pyarrow as pa
    >>> cells_in(pa.array([0.1, None], pa.float32())), cells_in(pa.array([[{"甲": 0.5}], None]))
    ([Decimal('0.1'), None], [[{'甲': 0.5}], None])
    """
    arrow = importlib.import_module("pyarrow")
    chunks = column.chunks if isinstance(column, arrow.ChunkedArray) else [column]
    return [cell for chunk in chunks for cell in _cells(arrow, chunk)]


def cell_of(found: Any) -> object:
    """What a scalar of Arrow holds, or an array; any other object of Arrow itself.

    >>> import pyarrow as pa
    >>> cell_of(pa.scalar(0.1, pa.float32())), cell_of(pa.scalar(None)), cell_of(pa.array([1, None]))
    (Decimal('0.1'), None, [1, None])
    """
    arrow = importlib.import_module("pyarrow")
    if isinstance(found, arrow.Array | arrow.ChunkedArray):
        return cells_in(found)
    if not isinstance(found, arrow.Scalar):
        return found
    if not found.is_valid:
        return None
    if str(found.type).startswith("run_end_encoded"):
        return cell_of(found.value)
    try:
        (cell,) = cells_in(arrow.array([found], found.type))
    except arrow.ArrowNotImplementedError:
        # Of groups with a column of nothing Arrow makes no array.
        cell = found.as_py()
    return cell


def operable(array: Any) -> Any:
    """An array of Arrow, chunked or not, in a writing that every operation knows: no views, no runs."""
    arrow = importlib.import_module("pyarrow")
    if isinstance(array, arrow.ChunkedArray):
        chunks = [operable(chunk) for chunk in array.chunks]
        return arrow.chunked_array(chunks) if chunks else array
    kind = str(array.type)
    # (Older versions of pyarrow know none of these.)
    if kind in ("string_view", "binary_view"):
        return array.cast(arrow.large_string() if kind == "string_view" else arrow.large_binary())
    if kind.startswith("run_end_encoded"):
        return operable(importlib.import_module("pyarrow.compute").run_end_decode(array))
    return operable(array.storage) if isinstance(array, arrow.ExtensionArray) else array


def _cells(arrow: Any, array: Any) -> list[object]:
    array, types = operable(array), arrow.types
    kind = array.type
    if types.is_float16(kind) or types.is_float32(kind):
        code = "e" if types.is_float16(kind) else "f"
        return [None if one is None else _shortest(str(float(one)), code) for one in array.to_pylist()]
    if types.is_date(kind) or (types.is_timestamp(kind) and kind.tz is None):
        return _days(arrow, array)
    if types.is_dictionary(kind):
        held = _cells(arrow, array.dictionary)
        return [None if place is None else held[place] for place in array.indices.to_pylist()]
    if types.is_struct(kind):
        columns = [_cells(arrow, array.field(place)) for place in range(kind.num_fields)]
        names = [kind.field(place).name for place in range(kind.num_fields)]
        told = array.is_valid().to_pylist()
        return [
            {name: column[row] for name, column in zip(names, columns, strict=True)} if known else None
            for row, known in enumerate(told)
        ]
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        compute = importlib.import_module("pyarrow.compute")
        cells, found, at = _cells(arrow, array.flatten()), list[object](), 0
        for length in compute.list_value_length(array).to_pylist():
            found.append(None if length is None else cells[at : at + length])
            at += length or 0
        return found
    return _plain(arrow, array)


@functools.lru_cache(maxsize=1 << 16)
def _shortest(told: str, code: str) -> Decimal:
    """The shortest decimal that is this number in the width that `struct` calls ``code``; ``told``: as a float of 64 bits is
    written, for thousands of cells hold the same, and a zero its sign."""
    number = float(told)
    for digits in range(1, 10):
        rounded = float(f"{number:.{digits}g}")
        try:
            (same,) = struct.unpack(code, struct.pack(code, rounded))
        except OverflowError:
            continue
        if same == number:
            return Decimal(str(rounded))
    return Decimal(told)


def _days(arrow: Any, array: Any) -> list[object]:
    """Days; a time of day is let go, as in a cell of any other kind of file."""
    kind = array.type
    if arrow.types.is_date32(kind):
        counted, per_day = array.cast(arrow.int32()), 1
    else:
        counted, per_day = array.cast(arrow.int64()), PER_DAY["ms" if arrow.types.is_date64(kind) else kind.unit]
    return [None if one is None else _day(one // per_day) for one in counted.to_pylist()]


def _day(counted: int) -> object:
    if _FIRST <= counted <= _LAST:
        return _EPOCH + datetime.timedelta(counted)
    times, rest = divmod(counted - _FIRST, _DAYS)
    day = datetime.date.min + datetime.timedelta(rest)
    return f"{day.year + times * _YEARS}-{day.month:02}-{day.day:02}"


def _plain(arrow: Any, array: Any) -> list[object]:
    kind = array.type
    if arrow.types.is_timestamp(kind) and kind.unit == "ns":
        # Python's own dates know no billionths of a second.
        array = array.cast(arrow.timestamp("us", kind.tz), safe=False)
    try:
        found: list[object] = array.to_pylist()
    except (OverflowError, ValueError):
        # Some moment that Python's calendar does not have: it is refused where it stands.
        found = [None if one.value is None else f"{one.value} {kind}" for one in array]
    return found

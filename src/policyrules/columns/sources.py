"""Tables of other libraries, handed out as cells of columns.

Why this exists: Polars, pandas, Arrow and Parquet hold the same tables in different ways; what is read of them is the
same. None of these libraries is imported here: who hands in a frame has imported its own, and pyarrow is used where it
is there.

Invariants: cells are handed out in the order of the rows, none twice; nothing of a source is changed.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.coding import Cells, Coded, Days, Floats, Held, Numbers, Part, Truths, across, coded, heads_of
from policyrules.columns.crew import Crew
from policyrules.records.foreign_values import plain_value

_LOOKED_AT: Final = 1_000
"""A column of objects says by so many of them what it holds."""


class Source(Protocol):
    """One table. ``heads``: what its columns are called; ``file``: the file it is, if it is one; ``small``: of so small a
    file no more comes than of any other of its size, whatever it says of itself."""

    heads: tuple[str, ...]
    rows: int
    file: str
    small: bool

    def pieces(self, columns: Sequence[int], held: Mapping[int, Held], crew: Crew) -> Iterator[Part]:
        """The rows of a table, piece by piece, with the cells of some ``columns``. ``held``: what is known of the texts of some
        of them."""
        ...

    def cells(self, rows: Array) -> Iterator[tuple[object, ...]]:
        """All cells of some rows, ascending, as Python objects; None where nothing stands."""
        ...

    def watched(self, columns: Sequence[int]) -> Sequence[int]:
        """Those of the columns that may hold texts."""
        ...

    def holds_rows(self, column: int) -> bool:
        """Whether each cell of a column is a mapping, or a list of them."""
        ...


class PandasSource:
    """A pandas DataFrame. What its index calls by a name that no column has are columns before the others."""

    def __init__(self, frame: Any) -> None:
        index, names = frame.index, list(frame.columns)
        named = {name: place for place, name in enumerate(index.names) if name is not None and name not in names}
        self._columns = [index.get_level_values(place).to_series() for place in named.values()]
        self._columns += [frame.iloc[:, place] for place in range(frame.shape[1])]
        self.heads = heads_of([*named, *names])
        self.rows = len(frame)
        self.file = ""
        self.small = False

    def pieces(self, columns: Sequence[int], held: Mapping[int, Held], crew: Crew) -> Iterator[Part]:
        yield self.rows, lambda place: _of_series(self._columns[place], held.get(place, "anyhow"))

    def cells(self, rows: Array) -> Iterator[tuple[object, ...]]:
        return across([_objects(column.iloc[rows]) for column in self._columns], len(rows))

    def watched(self, columns: Sequence[int]) -> Sequence[int]:
        return [place for place in columns if not _is_plain(self._columns[place].dtype)]

    def holds_rows(self, column: int) -> bool:
        series = self._columns[column]
        return not _is_plain(series.dtype) and any(map(_is_row, series.head(_LOOKED_AT)))


def _is_row(cell: object) -> bool:
    return isinstance(cell, Mapping) or (isinstance(cell, (list, tuple, np.ndarray)) and any(map(_is_row, cell)))


def _is_plain(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") in "biufmMc"


def _objects(series: Any) -> list[object]:
    """The cells of a pandas column. Scalars of numpy keep their width: the shortest writing of a float depends on it."""
    if hasattr(series, "cat"):
        kinds = [*_objects(series.cat.categories), None]
        return [kinds[code] for code in series.cat.codes]
    values = series.to_numpy() if isinstance(series.dtype, np.dtype) else list(series)
    return [plain_value(value) for value in values]


def _of_series(series: Any, held: Held) -> Cells:
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return of_array(series.to_numpy())
    if hasattr(series, "cat"):
        return Coded(series.cat.codes.to_numpy().astype(np.int32), _objects(series.cat.categories))
    if getattr(dtype, "numpy_dtype", None) is not None and _is_plain(dtype) and hasattr(series.array, "_mask"):
        known = ~series.isna().to_numpy(dtype=np.bool_)
        return of_array(series.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.type(0)), known)
    if hasattr(series.array, "__arrow_array__") and importlib.util.find_spec("pyarrow") is not None:
        from policyrules.columns.arrow import cells_of

        return cells_of(series.array.__arrow_array__(), held)
    return coded(list(series))


def of_array(values: Any, known: Any = None) -> Cells:
    """The cells of a numpy array with one dimension.

    >>> of_array(np.array([1, 2])).values.tolist()
    [1, 2]
    """
    match values.dtype.kind:
        case "b":
            return Truths(values, known)
        case "i" | "u":
            return Numbers(values, known)
        case "f":
            return Floats(values, known)
        case "M":
            told = ~np.isnat(values)
            days = np.where(told, values, np.datetime64(0, "D")).astype("datetime64[D]").astype(np.int64)
            return Days(days, told if known is None else told & known)
        case _:
            return coded(list(values))


class PolarsSource:
    """A Polars DataFrame where pyarrow is not there, or does not know what a column holds; else it is an Arrow table."""

    def __init__(self, frame: Any) -> None:
        self._columns = frame.get_columns()
        self.heads = heads_of(frame.columns)
        self.rows = frame.height
        self.file = ""
        self.small = False

    def pieces(self, columns: Sequence[int], held: Mapping[int, Held], crew: Crew) -> Iterator[Part]:
        yield self.rows, lambda place: _of_polars(self._columns[place])

    def cells(self, rows: Array) -> Iterator[tuple[object, ...]]:
        return across([_polars_objects(column.gather(rows.tolist())) for column in self._columns], len(rows))

    def watched(self, columns: Sequence[int]) -> Sequence[int]:
        return [place for place in columns if not self._columns[place].dtype.is_numeric()]

    def holds_rows(self, column: int) -> bool:
        return "Struct" in str(self._columns[column].dtype)


def _polars_objects(series: Any) -> list[object]:
    if str(series.dtype) == "Float32":
        known = series.is_not_null().to_numpy()
        return [plain_value(one) if told else None for one, told in zip(series.to_numpy(), known, strict=True)]
    return [plain_value(one) for one in series.to_list()]


def _of_polars(series: Any) -> Cells:
    dtype = str(series.dtype)
    known = None if not series.null_count() else series.is_not_null().to_numpy()
    if dtype == "Boolean":
        return Truths(series.fill_null(False).to_numpy(), known)
    if series.dtype.is_integer() and "128" not in dtype:
        return Numbers(series.fill_null(0).to_numpy(), known)
    if series.dtype.is_float() and dtype in ("Float32", "Float64"):
        return Floats(series.fill_null(0).to_numpy(), known)
    if dtype == "Date":
        return Days(series.to_physical().fill_null(0).to_numpy().astype(np.int64), known)
    return coded(series.to_list())


def _is_foreign(dtype: Any) -> bool:
    """Whether Arrow has no such cells: whole numbers of 128 bits, objects of Python."""
    return re.search(r"Int128|Object", str(dtype)) is not None


def source_of(given: object) -> Source | None:
    """The table that an object is: a Polars or pandas DataFrame, an Arrow table or a reader of batches; None where it is
    none. Raises `MissingBatch` where pyarrow is needed and not there."""
    home = type(given).__module__.split(".")[0]
    kind = type(given).__name__
    if home == "pandas" and kind == "DataFrame":
        return PandasSource(given)
    if home == "polars" and kind in ("DataFrame", "LazyFrame"):
        frame: Any = given
        frame = frame.collect() if kind == "LazyFrame" else frame
        if importlib.util.find_spec("pyarrow") is None or any(map(_is_foreign, frame.dtypes)):
            return PolarsSource(frame)
        from policyrules.columns.arrow import ArrowSource

        return ArrowSource(frame.to_arrow())
    if home == "pyarrow" and kind in ("Table", "RecordBatch", "RecordBatchReader"):
        from policyrules.columns.arrow import arrow_source

        return arrow_source(given)
    return None

"""Columns of sets: as bits, and member by member.

Why this exists: whether sets hold something, or meet, is one operation on words, where their values are few.

Invariants: of a set of at most `SET_BITS` different values each value is one bit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.store import Column

SET_BITS: Final = 64


def set_bits(column: Column, codes: Array, width: int) -> Array:
    """The sets of a column as bits, ``codes`` being those of its values, ``width`` that of none: of each row an unsigned
    number."""
    starts = column.starts
    assert starts is not None
    dtype: np.dtype[Any] = np.dtype(f"u{next(size for size in (1, 2, 4, 8) if 8 * size >= width)}")
    table = np.array([*(1 << place for place in range(width)), 0], dtype)
    found = np.zeros(column.rows, dtype)
    held = np.flatnonzero(starts[1:] != starts[:-1])
    if len(held):
        found[held] = np.bitwise_or.reduceat(table[codes], starts[held] - starts[0])
    return found


def held(column: Column) -> Array:
    """The codes of a block of a column."""
    assert column.starts is not None
    return column.padded[int(column.starts[0]) : int(column.starts[-1])]


def width_of(column: Column) -> int:
    """How many different values its sets may have."""
    return len(column.field.type.values or column.texts)


def worded(column: Column, codes: Array, turn: int, passes: int) -> Array:
    """Sets as 64 bits: of the codes of one pass, or of all, those that are alike in their last digits together."""
    there = codes >= 0 if passes == 1 else codes // SET_BITS == turn
    return set_bits(column, np.where(there, codes % SET_BITS, SET_BITS), SET_BITS)


def members(column: Column, rows: Array | None) -> tuple[Array, Array]:
    """What sets hold, each with the element whose set it is."""
    starts = column.starts
    assert starts is not None
    rows = np.arange(column.rows) if rows is None else rows
    first = starts[rows]
    counts = starts[rows + 1] - first
    ends = np.cumsum(counts)
    source = np.repeat(first - ends + counts, counts) + np.arange(int(ends[-1]) if len(ends) else 0)
    return np.repeat(np.arange(len(rows)), counts), column.padded[source].astype(np.int64)

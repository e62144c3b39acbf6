"""The constants of a plane program for one ledger.

Why this exists: a program is made once for ledgers that are alike; which codes the texts that it names have is another in each
of them.

Invariants: a text that a ledger does not have is none of its codes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.planeprogram import Program
from policyrules.columns.store import Column


def resolved(program: Program, column: Callable[[str, str], Column]) -> list[Any]:
    """The constants of a program for one ledger: texts as the codes that they have in it."""
    found = list(program.constants)
    codes_of, pairs = program.of_ledgers
    for place in codes_of:
        _, table, name, codes, rest = found[place]
        found[place] = _codes(column(table, name), codes, rest)
    for one in pairs:
        left, right = (program.registers[argument].input for argument in one.arguments)
        assert left is not None and right is not None
        mapping = _mapping(column(left.table, str(left.name)), column(right.table, str(right.name)))
        # Two pairs of cells of two places may name one constant.
        found[one.x] = (program.constants[one.x], mapping)
    return found


def _codes(column: Column, asked: frozenset[Any], rest: bool) -> Any:
    if not any(isinstance(one, str) for one in asked):
        array = _array(asked, column.padded.dtype)
    else:
        texts = column.texts
        finder = getattr(texts, "find", None)
        places = [finder(one) if finder is not None else _place(texts, one) for one in sorted(asked)]
        array = _array(frozenset(place for place in places if place >= 0), column.padded.dtype)
    return (array, rest) if column.starts is not None else array


@lru_cache(1 << 12)
def _array(codes: frozenset[int], dtype: np.dtype[Any]) -> Array:
    """Codes in their order, as those of a column where they fit."""
    array = np.array(sorted(codes), np.int64)
    if len(array) and dtype.kind == "i" and np.iinfo(dtype).min <= array[0] and array[-1] <= np.iinfo(dtype).max:
        array = array.astype(dtype)
    array.setflags(write=False)
    return array


def _place(texts: Sequence[str], text: str) -> int:
    return next((place for place, one in enumerate(texts) if one == text), -1)


def _mapping(left: Column, right: Column) -> Array:
    """Of each text of ``right`` the code that it has in ``left``; of a blank -1."""
    ours: Mapping[Hashable, int] = {
        text: place for place, text in enumerate(left.texts or left.field.type.values or ())
    }
    theirs = right.texts or right.field.type.values or ()
    return np.array([*(ours.get(text, -1) for text in theirs), -1], np.int64)

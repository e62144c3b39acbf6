"""Records that ask for a 统计 alike and add to it alike, as one: groups, and how many records each has.

Why this exists: where a key is a few cells of the record itself and what it adds is a few truths, a million records are a few
thousand groups. Each record is looked at twice: for the number of its group, and for what came to it.

Invariants: records of one group have the same cells as keys and add the same; what is told of a group is told of each of
its records; a machine in C gives what NumPy gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np

from policyrules.columns.adding import columns, sums_of
from policyrules.columns.bits import WORD, Array, Plane, planes_of, unpack, words
from policyrules.columns.contributed import Field, KeyPart, Plan
from policyrules.columns.counted import Ends, ends_of, ends_of_counts
from policyrules.columns.grouping import CellValues, Part, Vocabulary, numbered
from policyrules.columns.kernel import of_rows
from policyrules.columns.outputs import Piece
from policyrules.columns.store import Column, Prepared
from policyrules.columns.stretches import Rows
from policyrules.columns.threads import shared
from policyrules.engine import values as v
from policyrules.engine.tally import Tally
from policyrules.program import nodes as core
from policyrules.types import NUMERIC, Kind

_FEW: Final = 1 << 10
_NEAR: Final = 1 << 16
_TYPES: Final = {np.dtype(np.int8): 0, np.dtype(np.int16): 1, np.dtype(np.int32): 2}


# ---- cells ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a field: ``codes``, and what is added to each so that 0 is what is blank; what those stand for."""

    codes: Array
    add: int
    values: CellValues

    def part(self, rows: int) -> Part:
        """As a part of keys: of each row its code."""
        count = len(self.values)
        # A type that holds all codes and their number.
        dtype: Any = np.int8 if count < 2**7 else np.int16 if count < 2**15 else np.int32
        codes = self.codes[:rows].astype(dtype, copy=self.add != 0)
        if self.add:
            codes += dtype(self.add)
        return Part(codes, self.values)


def cells_of(column: Column | None, rows: int, own: core.Field) -> Cells:
    """What the cells of a field hold."""
    blank = v.unknown(own.type, own.low, own.high)
    if column is None:
        return Cells(np.zeros(rows, np.int8), 0, CellValues(None, blank, None, 0))
    kind = own.type.kind
    if kind in (Kind.ENUM, Kind.TEXT):
        # Those have -1 where they are blank.
        return Cells(column.padded, 1, CellValues(column, blank, None, len(own.type.values or column.texts)))
    codes = column.values
    if kind in NUMERIC or kind is Kind.DATE:
        held, codes = np.unique(codes, return_inverse=True)
        values = CellValues(column, blank, held, len(held))
    else:
        values = CellValues(column, blank, None, 2)
    own_codes: Any = codes.astype(np.int8 if len(values) < 2**7 else np.int16 if len(values) < 2**15 else np.int32)
    own_codes += 1
    if column.known is not None:
        own_codes *= column.known_mask()
    return Cells(own_codes, 0, values)


# ---- groups ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Classes:
    """What records may add, by the digits of their class: whether they count (0 no, 1 perhaps, 2 surely), whether they meet
    符合, in the same way."""

    counts: Array
    meets: Array | None

    def adds(self, tally: Tally, *, joined: bool) -> list[Array]:
        """Of each class what it adds to each sum."""
        member = self.counts > 0
        found = columns(tally, self.counts == 2, self.meets, None, joined=joined)
        return [np.where(member, one, 0).astype(np.int32) for one in found]


class Groups:
    """One statistic over the records of one ledger, by groups: the number of one is the code of each key (``vocabularies``, of
    each its factor), the set of parameters, and last its class: most records are of one class, and so near each other.
    ``numbers``: of each record the number of its group; ``counts``: of each class and key how many records have it."""

    def __init__(
        self,
        tally: Tally,
        classes: _Classes,
        vocabularies: Sequence[Vocabulary],
        numbers: Array,
        counts: Array,
        rows: int,
        kernel: Any,
        threads: int,
    ) -> None:
        self.tally = tally
        self.classes = classes
        self.vocabularies = vocabularies
        self.numbers = numbers
        self.rows = rows
        self.kernel = kernel
        self.threads = threads
        # Of sets of parameters first, and then the keys from the last on.
        self._shape = (-1, *(one.size for one in vocabularies[::-1]))
        self._counts = counts
        self._places: Array = np.zeros(0, np.int32)

    def values(self) -> Ends:
        """What the statistic may be: of each key, and behind them, of those that are not known, of each of their classes."""
        known = self._each(lambda own: own.known)
        open_ = np.flatnonzero(~known)
        # Whether each may be the same as itself, were it another's.
        alike = self._each(lambda own: own.may[own.classes, np.arange(own.size)])[open_]
        width, keys = self._counts.shape
        joined = [self.classes.adds(self.tally, joined=one) for one in (True, False)]
        sums = []
        for surely, perhaps in zip(*joined, strict=True):
            total = np.zeros(keys, np.int32)
            if perhaps.any():
                total += self._together(self._added(perhaps))
            if (surely != perhaps).any():
                total += self._added(surely - perhaps) * known
            # What a record adds itself is added as its own, and not as another's.
            own = total[open_]
            added = [own + np.where(alike, one - other, one) for one, other in zip(surely, perhaps, strict=True)]
            sums.append(np.concatenate((total, *added)))
        self._places = np.tile(np.arange(keys, dtype=np.int32), (width, 1))
        self._places[:, open_] = np.arange(keys, keys + len(open_) * width, dtype=np.int32).reshape(width, -1)
        if self.tally.statistic.kind == "计数":
            return ends_of_counts(sums[0], sums[1], np.zeros(len(sums[0]), np.bool_))
        # What nobody has counts nothing.
        there = np.concatenate((self._counts.any(axis=0), self._counts[:, open_].reshape(-1) > 0))
        there[open_] = False
        sums = [np.where(there, one, 0) for one in sums]
        numbers, first = numbered(sums)
        self._places = numbers[self._places]
        return ends_of(
            [self.tally.bounds(sums_of(self.tally, sums, at, 1), _none, unlimited=False) for at in first.tolist()]
        )

    def _added(self, weights: Array) -> Array:
        """Of each key what those of its classes come to."""
        found = np.zeros(self._counts.shape[1], np.int32)
        for own, weight in zip(self._counts, weights.tolist(), strict=True):
            if weight:
                found += own if weight == 1 else own * np.int32(weight)
        return found

    def _each(self, told: Callable[[Vocabulary], Array]) -> Array:
        """Of each key whether something is so of all of its parts."""
        found = np.ones((1,) * len(self._shape), np.bool_)
        for axis, own in enumerate(self.vocabularies[::-1], start=1):
            shape = [1] * len(self._shape)
            shape[axis] = own.size
            found = found & told(own).reshape(shape)
        whole = self._counts.shape[1] // math.prod(self._shape[1:]), *self._shape[1:]
        return np.broadcast_to(found, whole).reshape(-1)

    def _together(self, column: Array) -> Array:
        """Of each key the sum of a column over the keys that it may be: by one part after the other."""
        found = column.reshape(self._shape)
        for axis, own in enumerate(self.vocabularies[::-1], start=1):
            before = np.moveaxis(found, axis, 0)
            found = found.copy()
            after = np.moveaxis(found, axis, 0)
            for place in np.flatnonzero(own.classes).tolist():
                may = own.may[own.classes[place]]
                others = (may & own.known).reshape(-1, *(1,) * (before.ndim - 1))
                after += others * before[place]
                after[place] = before.sum(axis=0) if may.all() else before[may].sum(axis=0)
        return found.reshape(-1)

    def spread(self, table: Array) -> Array:
        """Of each record what ``table`` has for the value of its group."""
        told, found = self._of_groups(table), np.empty(self.rows, table.dtype)

        def work(begin: int, end: int) -> None:
            for start in range(begin, end, _NEAR):
                stop = min(start + _NEAR, end)
                np.take(told, self.numbers[start:stop], out=found[start:stop], mode="clip")

        shared(work, self.rows, self.threads)
        return found

    def planes(self, table: Array, count: int) -> list[Plane]:
        """Of each record the ``count`` lowest bits of what ``table``, of bytes, has for the value of its group, as planes."""
        if self.kernel is None:
            return planes_of(self.spread(table), count)
        told, numbers, kernel = self._of_groups(table), self.numbers, self.kernel
        found = [np.empty(words(self.rows), np.uint64) for _ in range(count)]

        def work(begin: int, end: int) -> None:
            own = np.array([plane.ctypes.data + begin // 8 for plane in found], np.int64)
            given = (
                0,
                end - begin,
                numbers[begin:].ctypes.data,
                told.ctypes.data,
                own.ctypes.data,
                count,
                numbers.itemsize // 2,
            )
            of_rows(kernel, Rows.TELL, given)

        shared(work, self.rows, self.threads)
        return found

    def _of_groups(self, table: Array) -> Array:
        return table.take(self._places.reshape(-1))


def _none() -> NoReturn:
    raise AssertionError("sums say it")


def grouped(
    plan: Plan, piece: Piece, prepared: Prepared, sets: Array | None, kernel: Any, threads: int
) -> Groups | None:
    """The groups of records; None: they have none, or too many. ``sets``: of each record its set of parameters."""
    own, rows, table = plan.member.object, prepared.rows, prepared.records
    if plan.value is not None or plan.open or own != prepared.record or plan.asking.object != own:
        return None
    if not all(_is_own(key, own) for key in plan.keys) or list(plan.keys) != list(plan.asked):
        return None
    if plan.counted.prepared.depth:
        return None
    planes, where = _ways(*(piece.parts[part] for part in plan.where))
    truths = [(plane, 1) for plane in planes]
    classes = _Classes(where, None)
    if plan.match is not None:
        planes, meets = _ways(*(piece.parts[part] for part in plan.match))
        truths += [(plane, len(where)) for plane in planes]
        classes = _Classes(np.tile(where, len(meets)), np.repeat(meets, len(where)))
    width, total = len(classes.counts), 1
    vocabularies: list[Vocabulary] = []
    keys: list[tuple[Array, int, int]] = []
    for field in dict.fromkeys(plan.keys):
        assert isinstance(field, Field)
        cells = cells_of(table.columns.get(field.name), rows, field.field)
        keys.append((cells.codes, cells.add, total))
        total *= len(cells.values)
        if total * width > _FEW + 2 * rows:
            return None
        vocabularies.append(Vocabulary(cells.values))
    if sets is not None and not any(
        _tells(codes, add, one.size, sets) for (codes, add, _), one in zip(keys, vocabularies, strict=True)
    ):
        keys.append((sets, 0, total))
        total *= (int(sets.max()) if len(sets) else 0) + 1
    if total * width > _FEW + 2 * rows or max(total * width, rows) >= 2**31:
        return None
    weighed = [(plane, weight * total) for plane, weight in truths]
    numbers, counts = _numbered(keys, weighed, rows, total * width, kernel, threads)
    tally = plan.counted.prepared.tally
    return Groups(tally, classes, vocabularies, numbers, counts.reshape(width, -1), rows, kernel, threads)


def _ways(sure: Any, possible: Any) -> tuple[list[Plane], Array]:
    """The planes of a truth, and by how many of them are set how it stands: 0 no, 1 perhaps, 2 surely."""
    if isinstance(sure, int):
        if sure or isinstance(possible, int):
            return [], np.array([2 if sure else int(possible)])
        return [possible], np.array([0, 1])
    if isinstance(possible, int):
        return [sure], np.array([int(possible), 2])
    return ([sure], np.array([0, 2])) if sure is possible else ([sure, possible], np.array([0, 1, 2]))


def _tells(codes: Array, add: int, many: int, sets: Array) -> bool:
    """Whether all records have a cell and those that share it share the set of parameters: who is of one county is of one set."""
    places = codes[: len(sets)].astype(np.int32)
    if add:
        places += np.int32(add)
    if not places.all():
        return False
    held = np.zeros(many, sets.dtype)
    held[places] = sets
    return bool((held[places] == sets).all())


def _is_own(key: KeyPart, object_: str) -> bool:
    """A cell of the record itself."""
    return isinstance(key, Field) and key.up == 0 and key.object == object_


def _numbered(
    columns: Sequence[tuple[Array, int, int]],
    truths: Sequence[tuple[Any, int]],
    rows: int,
    total: int,
    kernel: Any,
    threads: int,
) -> tuple[Array, Array]:
    """Of each record its number, and how often each comes. ``columns``: codes, what is added to them, and their factor;
    ``truths``: planes and their weights."""
    numbers = np.empty(words(rows) * WORD, np.uint16 if total <= 2**16 else np.int32)

    def plainly(begin: int, end: int) -> Array:
        counts = np.zeros(total, np.int32)
        near = max(_NEAR, -(-total // WORD) * WORD)
        for start in range(begin, end, near):
            stop = min(start + near, end)
            own = np.zeros(stop - start, np.int32)
            for codes, add, factor in columns:
                part = codes[start:stop].astype(np.int32)
                if add:
                    part += np.int32(add)
                if factor != 1:
                    part *= np.int32(factor)
                own += part
            for plane, weight in truths:
                bits = unpack(plane[start // WORD : words(stop)], stop - start).view(np.int8)
                own += bits if weight == 1 else bits * np.int32(weight)
            numbers[start:stop] = own
            counts += np.bincount(own, minlength=total)
        return counts

    if kernel is None:
        return numbers, _sum(shared(plainly, rows, threads), total)
    readable = [(_whole(codes, rows), add, factor) for codes, add, factor in columns]

    def by_kernel(begin: int, end: int) -> Array:
        counts = np.zeros(total, np.int32)
        keys = np.array(
            [
                (codes.ctypes.data + begin * codes.itemsize, _TYPES[codes.dtype], add, factor)
                for codes, add, factor in readable
            ],
            np.int64,
        )
        planes = np.array([(plane.ctypes.data + begin // 8, weight) for plane, weight in truths], np.int64)
        where = numbers[begin:].ctypes.data
        given = (
            where,
            end - begin,
            keys.ctypes.data,
            len(readable),
            planes.ctypes.data,
            len(truths),
            counts.ctypes.data,
            numbers.itemsize // 2,
        )
        of_rows(kernel, Rows.GROUP, given)
        return counts

    return numbers, _sum(shared(by_kernel, rows, threads), total)


def _sum(counts: Sequence[Array], total: int) -> Array:
    found = counts[0] if counts else np.zeros(total, np.int32)
    for more in counts[1:]:
        found += more
    return found


def _whole(codes: Array, rows: int) -> Array:
    """Codes as the machine in C reads them: whole words of them."""
    length = words(rows) * WORD
    if codes.dtype in _TYPES and len(codes) >= length and codes.flags.c_contiguous and codes.flags.aligned:
        return codes
    found = np.zeros(length, codes.dtype if codes.dtype in _TYPES else np.int32)
    found[:rows] = codes[:rows]
    return found


__all__ = ["Cells", "Groups", "cells_of", "grouped"]

"""Findings of many kinds, put in the order of the records: what each is, of which row, until when.

Why this exists: a million projects have twenty million findings. Each kind of them is a plane; the list is what all planes
hold, record by record. The machine in C writes it in one go, NumPy some thousand records at a time.

Invariants: by record, within a record by kind, in the order in which kinds are given, then by row; the machine in C gives
what NumPy gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import WORD, Array, Mask, Plane, cut, unpack
from policyrules.columns.kernel import of_rows
from policyrules.columns.stretches import Rows
from policyrules.columns.threads import workers

DIGITS: Final = 3
"""So many binary digits say how a finding stands."""

_NEAR: Final = 1 << 16
"""So many records at a time that their findings stay near."""
_SPARSE: Final = 8
_WORDS: Final = 256
"""Room for the findings of 64 records, so many words for each 64 kinds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of one kind: elements are records, or rows below them (``starts``: where those of each record begin, and the
    last end). ``there``: the plane of those that have it (None: all); ``digits`` of how each stands, planes or fixed. ``rows``:
    of each element the row of its table (None: its own number), the first of which is ``first``. ``days``: of each the last
    day where it is ``known`` (None: everywhere), else 0. ``paths``: of each what it is called (None: of records the same, of rows their turn
    within their record), from ``path`` on."""

    number: int
    there: Plane | None
    digits: tuple[Plane | int, ...]
    starts: Array | None
    rows: Array | None
    first: int
    known: Plane | None
    days: Array | int
    paths: Array | None
    path: int

    def range(self, begin: int, end: int) -> tuple[int, int]:
        """Which elements are of some records."""
        return (begin, end) if self.starts is None else (int(self.starts[begin]), int(self.starts[end]))

    @property
    def code(self) -> int:
        """What is the same of all: the number, and the digits that are fixed."""
        return self.number << DIGITS | sum(
            (own & 1) << digit for digit, own in enumerate(self.digits) if isinstance(own, int)
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A row a finding: ``codes``: the number of its kind and how it stands; its record, row, last day (0: none) and path; the
    first ``room`` rows are still to be filled. ``used``: of each path whether there is one."""

    codes: Array
    records: Array
    rows: Array
    days: Array
    paths: Array
    used: Mask

    @classmethod
    def of(cls, count: int, dtype: Any, paths: int) -> Listed:
        """Room for so many."""
        codes, used = np.empty(count, dtype), np.zeros(paths, np.bool_)
        records, rows, days, own = (np.empty(count, np.int32) for _ in range(4))
        return cls(codes, records, rows, days, own, used)

    def part(self, begin: int, end: int) -> Listed:
        """Some of the rows, and of those alone which paths there are."""
        own = slice(begin, end)
        codes, records, rows, days, paths = (column[own] for column in self.columns)
        return Listed(codes, records, rows, days, paths, np.zeros_like(self.used))

    @property
    def columns(self) -> tuple[Array, ...]:
        """The columns."""
        return self.codes, self.records, self.rows, self.days, self.paths


def listed(
    kinds: Sequence[Kind],
    records: int,
    *,
    first: int,
    room: int,
    numbers: int,
    paths: int,
    kernel: Any,
    threads: int,
) -> Listed:
    """The findings of so many records, ``first`` of which stand above; behind ``room`` for others. ``numbers``: how many kinds
    there are; ``paths``: how many ways of being called."""
    dtype: Any = np.int16 if numbers << DIGITS < 1 << 15 else np.int32
    make: _Plainly | _InC = _Plainly(kinds, first, dtype) if kernel is None else _InC(kinds, first, dtype, kernel)
    step = -(-max(records, 1) // (threads * WORD)) * WORD
    if kernel is None:
        step = min(step, _NEAR)
    parts = [(begin, min(begin + step, records)) for begin in range(0, records, step)]
    run = map if threads == 1 or len(parts) < 2 else workers(threads).map  # one needs no second thread
    counts = [room, *run(lambda part: make.count(*part), parts)]
    ends = np.cumsum(counts).tolist()
    whole = Listed.of(ends[-1], dtype, paths)

    def put(at: int) -> Mask:
        own = whole.part(ends[at], ends[at + 1])
        make.put(*parts[at], own)
        return own.used

    for used in run(put, range(len(parts))):
        np.logical_or(whole.used, used, out=whole.used)
    return whole


# ---- by NumPy -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plainly:
    """With NumPy."""

    kinds: Sequence[Kind]
    first: int
    dtype: Any

    def count(self, begin: int, end: int) -> int:
        """How many findings some records have."""
        return sum(_counted(kind, *kind.range(begin, end)) for kind in self.kinds)

    def put(self, begin: int, end: int, into: Listed) -> None:
        """The findings of some records."""
        after = np.zeros(end - begin, np.int32)
        held: list[tuple[Kind, Array, Array, Array | None]] = []
        owners: dict[int, Array] = {}
        for kind in self.kinds:
            start, stop = kind.range(begin, end)
            places = _there(kind, start, stop)
            if not len(places):
                continue
            if kind.starts is None:
                after[places] += 1
                held.append((kind, places, places, None))
                continue
            owner = owners.get(id(kind.starts))
            if owner is None:
                counts = np.diff(kind.starts[begin : end + 1])
                owner = owners[id(kind.starts)] = np.repeat(np.arange(end - begin), counts)
            records = owner.take(places)
            counts = np.bincount(records, minlength=len(after))
            # Of each record those that it has, one behind the other.
            turns = None
            if counts.max() > 1:
                turns = np.arange(len(records)) - (np.cumsum(counts) - counts).take(records)
            after += counts.astype(np.int32)
            held.append((kind, places, records, turns))
        np.copyto(into.records, np.repeat(np.arange(self.first + begin, self.first + end, dtype=np.int32), after))
        np.copyto(into.rows, into.records)
        into.days.fill(0)
        after = np.cumsum(after) - after
        path_of = np.zeros(max((kind.number for kind in self.kinds), default=0) + 1, np.int32)
        varying: list[tuple[Array, Array]] = []
        for kind, own, records, turns in held:
            start, stop = kind.range(begin, end)
            places = after.take(records)
            if turns is None:
                after[records] = places + 1
            else:
                places += turns
                after += np.bincount(records, minlength=len(after))
            into.codes[places] = self._codes(kind, own, start, stop)
            elements = own + start
            if kind.starts is not None or kind.rows is not None or kind.first != self.first:
                into.rows[places] = (elements if kind.rows is None else kind.rows.take(elements)) + kind.first
            days = _days(kind, own, start, stop)
            if days is not None:
                into.days[places] = days
            path_of[kind.number] = kind.path
            into.used[kind.path] |= kind.paths is None and kind.starts is None
            if kind.paths is not None:
                varying.append((places, kind.paths.take(elements) + kind.path))
            elif kind.starts is not None:
                varying.append((places, elements - kind.starts[begin:].take(records) + kind.path))
        np.take(np.repeat(path_of, 1 << DIGITS), into.codes, out=into.paths, mode="clip")
        for places, paths in varying:
            into.paths[places] = paths
            into.used[paths] = True

    def _codes(self, kind: Kind, places: Array, start: int, stop: int) -> Array | int:
        code = self.dtype(kind.code)
        found: Array | None = None
        for digit, own in enumerate(kind.digits):
            if isinstance(own, int):
                continue
            bits = unpack(cut(own, start, stop), stop - start).view(np.uint8)
            # Of few only those that are asked for are moved.
            bits = bits.take(places) if len(places) < len(bits) // _SPARSE else bits
            bits = bits << np.uint8(digit) if digit else bits
            found = bits if found is None else np.bitwise_or(found, bits)
        if found is None:
            return int(code)
        found = found if len(found) == len(places) else found.take(places)
        told: Array = found + code
        return told


def _days(kind: Kind, places: Array, start: int, stop: int) -> Array | int | None:
    """None: there are none."""
    if isinstance(kind.days, int):
        if kind.known is None or not kind.days:
            return kind.days or None
        return unpack(cut(kind.known, start, stop), stop - start).take(places) * np.int32(kind.days)
    found = kind.days[start:stop].take(places)
    return found if kind.known is None else found * unpack(cut(kind.known, start, stop), stop - start).take(places)


def _there(kind: Kind, start: int, stop: int) -> Array:
    """The elements from ``start`` to ``stop`` that have it, counted from there."""
    if kind.there is None:
        return np.arange(stop - start)
    return np.flatnonzero(unpack(cut(kind.there, start, stop), stop - start))


def _counted(kind: Kind, start: int, stop: int) -> int:
    if kind.there is None:
        return stop - start
    return int(np.count_nonzero(unpack(cut(kind.there, start, stop), stop - start)))


# ---- by the machine in C --------------------------------------------------------------------------------------------


class _InC:
    """With the machine in C."""

    def __init__(self, kinds: Sequence[Kind], first: int, dtype: Any, kernel: Any) -> None:
        self.kernel = kernel
        self.first = first
        self.type = 1 if dtype is np.int16 else 2
        self.many = len(kinds)
        self._lent: list[Array] = []
        self._table = np.array([self._row(kind) for kind in kinds], np.int64)

    def _row(self, kind: Kind) -> tuple[int, ...]:
        """As the machine has it."""
        return (
            self._lend(kind.there, np.uint64),
            *(0 if isinstance(own, int) else self._lend(own, np.uint64) for own in kind.digits),
            self._lend(kind.starts, np.int64),
            self._lend(kind.rows, np.int64),
            self._lend(kind.paths, np.int32),
            self._lend(kind.known, np.uint64),
            0 if isinstance(kind.days, int) else self._lend(kind.days, np.int32),
            kind.code,
            kind.path,
            kind.days if isinstance(kind.days, int) else 0,
            kind.first,
        )

    def _lend(self, array: Array | None, dtype: Any) -> int:
        if array is None:
            return 0
        array = np.ascontiguousarray(array, dtype)
        self._lent.append(array)
        return int(array.ctypes.data)

    def count(self, begin: int, end: int) -> int:
        """How many findings some records have."""
        found = np.zeros(1, np.int64)
        table = self._table.ctypes.data
        of_rows(self.kernel, Rows.FINDING_COUNT, (found.ctypes.data, end - begin, begin, table, self.many))
        return int(found[0])

    def put(self, begin: int, end: int, into: Listed) -> None:
        """The findings of some records."""
        room = np.empty(_WORDS * (self.many // WORD + 1), np.uint64)
        given = (into.codes.ctypes.data, end - begin, begin, self._table.ctypes.data, self.many, self.type)
        columns = (column.ctypes.data for column in (*into.columns[1:], into.used, room))
        of_rows(self.kernel, Rows.FINDINGS, (*given, *columns, self.first))


__all__ = ["DIGITS", "Kind", "Listed", "listed"]

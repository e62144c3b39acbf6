"""Bit planes: one bit a row, 64 rows a word.

Why this exists: what is known of a column, and which lists were supplied, are planes; engines act on whole words.

Invariants: row i is bit i % 64 of word i // 64, whatever the machine's byte order; the bits behind the last row are 0.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.uint64]
Mask: TypeAlias = NDArray[np.bool_]
Array: TypeAlias = NDArray[Any]

WORD: Final = 64
_NEAR: Final = 1 << 15
_LARGEST_SEEN: Final = (1 << 25) - (1 << 14)
"""With what the library itself puts before it, the largest that it learns from."""


def words(rows: int) -> int:
    """How many words a plane of ``rows`` rows has.

    >>> words(0), words(64), words(65)
    (0, 1, 2)
    """
    return -(-rows // WORD)


def pack(mask: Array) -> Plane:
    """The plane of a mask with one element a row; of numbers, of which are not 0.

    >>> [hex(word) for word in pack(np.arange(66) % 65 == 0).tolist()]
    ['0x1', '0x2']
    """
    found = np.zeros(words(len(mask)) * 8, np.uint8)
    packed = np.packbits(mask, bitorder="little")
    found[: len(packed)] = packed
    plane = found.view("<u8")
    return plane if sys.byteorder == "little" else plane.astype(np.uint64)


def unpack(plane: Plane, rows: int) -> Mask:
    """The mask of a plane: inverse of `pack`.

    >>> unpack(pack(np.array([True, False, True])), 3).tolist()
    [True, False, True]
    """
    plain = np.ascontiguousarray(plane, dtype="<u8").view(np.uint8)
    return np.unpackbits(plain, count=rows, bitorder="little").view(np.bool_)


def planes_of(flags: Array, count: int) -> list[Plane]:
    """The lowest bits of bytes as planes."""
    if count == 1:
        return [pack(flags)]
    return [pack(flags & np.uint8(1 << place)) for place in range(count)]


def cut(plane: Plane, start: int, end: int) -> Plane:
    """Rows ``start`` to ``end`` of a plane; a view where both fall between words, or ``end`` is the last row.

    >>> unpack(cut(pack(np.array([True, False, True, True])), 1, 4), 3).tolist()
    [False, True, True]
    """
    if not start % WORD and not end % WORD:
        return plane[start // WORD : end // WORD]
    rows = end - start
    first, shift = divmod(start, WORD)
    found = plane[first : first + words(rows)]
    if shift:
        after = np.zeros_like(found)
        behind = plane[first + 1 : first + 1 + len(found)]
        after[: len(behind)] = behind << np.uint64(WORD - shift)
        found = (found >> np.uint64(shift)) | after
    last = rows % WORD
    if last and len(found) and int(found[-1]) >> last:
        found = found.copy()
        found[-1] &= np.uint64((1 << last) - 1)
    return found


def taken_places(places: Array, rows: Array) -> Array:
    """Of each row what stands at its place; the last of them stands for -1."""
    found = np.empty(len(rows), places.dtype)
    # NumPy makes wide numbers of narrow ones before it looks anything up: so many at a time that they stay near.
    for begin in range(0, len(rows), _NEAR):
        end = begin + _NEAR
        np.take(places, rows[begin:end], out=found[begin:end], mode="wrap")
    return found


LINE: Final = 64
"""Bytes that come near together."""


class Slab:
    """Arrays one behind the other in large ones: of those a system maps large pages, and so finds many of them sooner.

    >>> slab = Slab(1_000)
    >>> slab.room(3, np.int16).dtype, len(slab.room(2_000, np.uint8))
    (dtype('int16'), 2000)
    """

    def __init__(self, size: int) -> None:
        """``size``: in bytes, of each of the large ones."""
        self._size = size
        self._left: Array = np.empty(0, np.uint8)

    def room(self, length: int, dtype: Any) -> Array:
        """An array that begins with a line, its elements still to come."""
        wide = np.dtype(dtype)
        bytes_ = length * wide.itemsize
        begin = -self._left.ctypes.data % LINE
        if begin + bytes_ > len(self._left):
            self._left = np.empty(max(self._size, bytes_ + LINE), np.uint8)
            begin = -self._left.ctypes.data % LINE
        found: Array = self._left[begin : begin + bytes_].view(wide)
        self._left = self._left[begin + bytes_ :]
        return found

    def copy(self, array: Array) -> Array:
        """A copy of an array."""
        found = self.room(len(array), array.dtype)
        found[:] = array
        return found


def mapped(array: Array | None) -> Any:
    """What of a file an array is a view of; None of those in memory. Such an array is plain: one that is what NumPy maps
    files as costs a detour through Python each time that it is cut."""
    own: Any = array
    while own is not None and not hasattr(own, "_mmap"):
        own = getattr(own, "base", None)
    return None if own is None else own._mmap


def let_go(arrays: Iterable[Array | None]) -> None:
    """Give the memory of arrays back that are mapped from files; what is read of them again comes from the file."""
    held = {id(own): own for array in arrays if (own := mapped(array)) is not None}
    if hasattr(mmap, "MADV_DONTNEED"):
        for own in held.values():
            own.madvise(mmap.MADV_DONTNEED)


def used_again() -> None:
    """Have the memory of arrays used again for the next ones. The C library of Linux asks the system anew for each large array,
    which the system then clears, until it has seen a larger one given back; here it sees one that nobody has touched."""
    np.empty(_LARGEST_SEEN, np.uint8)

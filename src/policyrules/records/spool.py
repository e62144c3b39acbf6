"""Rows that wait until all of them are known, without filling memory.

Why this exists: the head of a table of results may depend on its last row, and several tables grow side by side while a
ledger is evaluated once. Few rows stay in memory; many go into a file that has no name and leaves nothing behind.

Invariants: rows come back as they were put, in their order, as often as they are asked for; nothing is added any more
once they have been asked for.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final, Generic, Protocol, TypeVar

from policyrules.writing import naming

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_BATCH: Final = 500


class Rows(Protocol[_T_co]):
    """Rows that can be counted, and read as often as need be."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[_T_co]: ...


class Chained(Generic[_T]):
    """Rows, then others."""

    def __init__(self, *parts: Rows[_T]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[_T]:
        return chain.from_iterable(self._parts)


class Spool(Generic[_T]):
    """Plain values (tuples, texts, numbers, dates) in order. ``folder``: where the file may lie, on the disk that the
    results go to; ``size``: how much a row is, ``most``: how much of them stays in memory."""

    def __init__(self, folder: Path, most: int = _BATCH, size: Callable[[_T], int] = lambda _: 1) -> None:
        self._folder = folder
        self._most, self._size = most, size
        self._latest: list[_T] = []
        self._waiting = self._batches = self._length = 0
        self._file: IO[bytes] | None = None

    def append(self, row: _T) -> None:
        """One more row. Raises `OSError` where the disk is full."""
        self._latest.append(row)
        self._length += 1
        self._waiting += self._size(row)
        if self._waiting >= self._most:
            with naming(self._folder.absolute()):
                if self._file is None:
                    self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by `close`)
                pickle.dump(self._latest, self._file, pickle.HIGHEST_PROTOCOL)
                # That the disk is full is told here, not by whoever reads.
                self._file.flush()
            self._batches += 1
            self._latest, self._waiting = [], 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[_T]:
        at = 0
        for _ in range(self._batches):
            assert self._file is not None
            # Each reader keeps its own place: several may be under way.
            with naming(self._folder.absolute()):
                self._file.seek(at)
                batch: list[_T] = pickle.load(self._file)
            at = self._file.tell()
            yield from batch
        yield from self._latest

    def close(self) -> None:
        """Let the rows go."""
        if self._file is not None:
            self._file.close()

"""Bytes of a file that wait until what stands before them is known, without filling memory.

Why this exists: rows that are written as they stand in a file need not be looked at again by whoever puts the parts of a ledger
together. Many go into a file that has no name and leaves nothing behind.

Invariants: bytes come back as they were put, in their order, as often as they are asked for; nothing is added any more once they have
been asked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from policyrules.writing import naming

_PIECE: Final = 1 << 20


class Lines:
    """Lines as bytes, in order; a few stay in memory. ``folder``: where the file may lie, on the disk that the results go to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._latest: list[bytes] = []
        self._length = 0
        self._file: IO[bytes] | None = None

    def append(self, text: bytes) -> None:
        """More of them. Raises `OSError` where the disk is full."""
        self._latest.append(text)
        self._length += len(text)
        if self._length >= _PIECE:
            with naming(self._folder.absolute()):
                if self._file is None:
                    self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by `close`)
                self._file.writelines(self._latest)
                self._file.flush()
            self._latest, self._length = [], 0

    def __iter__(self) -> Iterator[bytes]:
        at = 0
        while self._file is not None:
            # Each reader keeps its own place: several may be under way.
            with naming(self._folder.absolute()):
                self._file.seek(at)
                piece = self._file.read(_PIECE)
            if not piece:
                break
            at += len(piece)
            yield piece
        yield from self._latest

    def close(self) -> None:
        """Let them go."""
        if self._file is not None:
            self._file.close()

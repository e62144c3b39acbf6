"""What a report says of the file of a ledger: its fingerprint, its size, and whether it says that it is invented.

Why this exists: an invented ledger must not pass for a real one on any page made from it, and a report must say from which file it was
made.

Invariants: no more of a file is looked at than `_MOST`; nothing of it is executed or kept.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

INVENTED: Final = "虚构"
_MOST: Final = 64 << 20
_PIECE: Final = 1 << 20


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file; '' of a folder."""
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """How many bytes a file has; the files of a folder together."""
    files = path.iterdir() if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in files if one.is_file())


def says_invented(path: Path) -> bool:
    """Whether a ledger says somewhere that it is invented: in a sheet that no rule reads, in a cell, in its name."""
    if INVENTED in path.name:
        return True
    if path.is_dir():
        return any(says_invented(one) for one in sorted(path.iterdir()) if one.is_file())
    words = [INVENTED.encode("utf-8"), INVENTED.encode("gb18030")]
    before = b""
    for piece in _pieces(path):
        joined = before + piece
        if any(word in joined for word in words):
            return True
        before = joined[-16:]
    return False


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, of a workbook those of its parts."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            yield from _read(stream, _MOST)
        return
    left = _MOST
    with zipfile.ZipFile(path) as book:
        for part in book.infolist():
            if part.filename.endswith(".xml") and left > 0:
                try:
                    with book.open(part) as stream:
                        for piece in _read(stream, left):
                            left -= len(piece)
                            yield piece
                except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
                    # What cannot be unpacked says nothing.
                    continue


def _read(stream: IO[bytes], most: int) -> Iterator[bytes]:
    while most > 0:
        piece = stream.read(min(_PIECE, most))
        if not piece:
            return
        most -= len(piece)
        yield piece

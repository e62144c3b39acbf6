"""Ledgers as callers give them: files, and streams as an upload, a reply, a blob of a database.

Why this exists: readers bound a file before they open it, and stream its parts; a stream that is put into a file first
meets the same bounds, in one place.

Invariants: nothing is left behind; a stream is read from where it stands and not closed; no more of it is kept than any
reader would take.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, RecordError, shown
from policyrules.program.manifest import LayerManifest
from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import SUFFIXES, read_ledger, unreadable
from policyrules.records.regions import placed

_PIECE: Final = 1 << 20
# No reader takes more.
_LARGEST: Final = 200 << 20


def ledger_given(source: object, format: str | None, program: Program, layers: Collection[LayerManifest]) -> Ledger:
    """`Policy.read`, under the ``layers`` in force."""
    if not isinstance(source, (str, os.PathLike)):
        with saved(source, format) as path:
            return ledger_given(path, None, program, layers)
    if format is not None:
        raise TypeError("format 只用于没有文件名的流；文件按后缀读")
    path = Path(source)
    fault = unreadable(path)
    if fault is not None:
        raise RecordError([fault])
    return placed(read_ledger(path, program), program, layers)


@contextlib.contextmanager
def saved(source: object, format: str | None) -> Iterator[Path]:
    """A file with what ``source`` gives, for as long as it is needed, named as the stream is, or by ``format``.

    Raises `TypeError` where ``source`` is no stream or nobody says what it holds, `RecordError` where it is too long.
    """
    read = getattr(source, "read", None)
    if not callable(read):
        given = type(source).__name__
        hint = "；内容是字节的，用 io.BytesIO(…) 包起来" if isinstance(source, bytes | bytearray | memoryview) else ""
        raise TypeError(f"read 要给文件的路径或打开的流，给的是 {given}{hint}")
    name = _name(source, format)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        length = 0
        with path.open("wb") as file:
            while piece := read(_PIECE):
                data = piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece
                length += len(data)
                if length > _LARGEST:
                    fault = f"内容超过 {_LARGEST >> 20} MB，请分成几个文件"
                    raise RecordError([Diagnostic("E507", fault, CellPlace(file=name))])
                file.write(data)
        yield path


def _name(source: object, format: str | None) -> str:
    """What the file is called: messages name it."""
    said = getattr(source, "filename", None) or getattr(source, "name", None)
    known = Path(said).name if isinstance(said, str) else ""
    if format is not None:
        suffix = "." + format.lower().lstrip(".")
        if suffix not in SUFFIXES:
            raise TypeError(f"format 应为 {'、'.join(each[1:] for each in SUFFIXES)} 之一：{shown(format)}")
        return known if Path(known).suffix.lower() == suffix else f"台账{suffix}"
    if Path(known).suffix.lower() in SUFFIXES:
        return known
    kind = "csv" if isinstance(source, io.TextIOBase) else "xlsx"
    raise TypeError(f"流没有文件名，要说明是什么格式，如 policy.read(流, format={kind!r})")

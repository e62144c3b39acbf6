"""The full text of an official document, from a plain text or a Word document.

Why this exists: coverage and the draft of a clause table start from the text as it came to the office. Whoever reads it
does so here, so that a file that cannot be read is refused in the same words everywhere.

Invariants: a text is at most as long as any text; problems are values; what was left out of a Word document is a note.
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Final

from policyrules.analysis.word_documents import MAX_DOCUMENT_BYTES, TooLong, word_text
from policyrules.diagnostics import Diagnostic
from policyrules.program.files import read_text
from policyrules.program.folders import MAX_BYTES
from policyrules.records.workbook_parts import Refused
from policyrules.source import Source

_SAVE: Final = "用 Word 或 WPS 打开，另存为 Word 文档（.docx）或“纯文本（.txt）”"
_PACKED: Final = b"PK\x03\x04"


def read_document(path: Path, shown: str) -> tuple[Source | None, tuple[Diagnostic, ...], tuple[str, ...]]:
    """The text in ``path`` (``shown`` in findings), what is wrong with it, and what a reader must know of it.

    Read: plain texts, as `read_text` reads them, and .docx. Refused, each by its name: .doc, .wps, .pdf, .ofd, workbooks.
    """
    data = _packed(path)
    if data is None:
        source, found = read_text(path, shown)
        return source, tuple(_with_docx(one) for one in found), ()
    if len(data) > MAX_DOCUMENT_BYTES:
        return None, (_unreadable(f"文件超过 {MAX_DOCUMENT_BYTES >> 20} MiB", shown),), ()
    try:
        read = word_text(data)
    except TooLong as why:
        return None, (_unreadable(str(why), shown),), ()
    except Refused:
        return None, (_unreadable("文件已损坏，或部件太多、太大", shown),), ()
    if read is None:
        source, found = read_text(path, shown)
        return source, tuple(_with_docx(one) for one in found), ()
    if len(read.text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, (_unreadable(f"文字超过 {MAX_BYTES >> 20} MiB", shown),), ()
    return Source(shown, read.text), (), read.notes


def _packed(path: Path) -> bytes | None:
    """The bytes of an archive; None for every other file, and for one that cannot be opened: `read_text` says why."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as stream:
            if stream.read(len(_PACKED)) != _PACKED:
                return None
            return _PACKED + stream.read(MAX_DOCUMENT_BYTES)
    except (OSError, ValueError):
        return None


def _unreadable(why: str, shown: str) -> Diagnostic:
    return Diagnostic("E451", f"这个 Word 文档读不出来：{why}", path=shown, remedy=_SAVE)


def _with_docx(found: Diagnostic) -> Diagnostic:
    """A file of an office program may be saved as .docx here, not as plain text only."""
    wanted = found.code == "E102" and found.remedy is not None and found.remedy.startswith("用 Word")
    return (
        replace(found, remedy=f"{_SAVE}；版式文件（OFD）没有另存的，全选复制到记事本，再存为 .txt") if wanted else found
    )

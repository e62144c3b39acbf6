"""The full text of an official document, from a plain text or a Word document.

Why this exists: coverage and the draft of a clause table start from the text as it came to the office. Whoever reads it
does so here, so that a file that cannot be read is refused in the same words everywhere.

Invariants: a text is at most as long as any text; problems are values; what was left out of a Word document is a note.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Final

from policyrules.analysis.word_documents import MAX_DOCUMENT_BYTES, TooLong, word_text
from policyrules.diagnostics import Diagnostic
from policyrules.language.scan import CONTAINER, PACKED
from policyrules.program.files import read_text
from policyrules.program.folders import MAX_BYTES
from policyrules.program.strict_yaml import STRANGE
from policyrules.records.workbook_parts import Refused
from policyrules.source import Source

_SAVE: Final = "用 Word 或 WPS 打开，另存为 Word 文档（.docx）或“纯文本（.txt）”"


def read_document(path: Path, shown: str) -> tuple[Source | None, tuple[Diagnostic, ...], tuple[str, ...]]:
    """The text in ``path`` (``shown`` in findings), what is wrong with it, and what a reader must know of it.

    Read: plain texts, as `read_text` reads them, and .docx. Refused, each by its name: .doc, .wps, .pdf, .ofd, workbooks.
    """
    data = _packed(path)
    if data is None:
        return _plain(path, shown)
    if len(data) > MAX_DOCUMENT_BYTES:
        return None, (_unreadable(f"文件超过 {MAX_DOCUMENT_BYTES >> 20} MiB", shown),), ()
    try:
        read = word_text(data)
    except TooLong as why:
        return None, (_unreadable(str(why), shown),), ()
    except Refused:
        return None, (_unreadable("文件已损坏，或部件太多、太大", shown),), ()
    if read is None:
        return _plain(path, shown)
    if len(read.text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, (_unreadable(f"文字超过 {MAX_BYTES >> 20} MiB", shown),), ()
    text, notes = _seen(read.text)
    return Source(shown, text), (), (*read.notes, *notes)


def _plain(path: Path, shown: str) -> tuple[Source | None, tuple[Diagnostic, ...], tuple[str, ...]]:
    source, found = read_text(path, shown)
    if source is None:
        return None, tuple(_with_docx(one, path) for one in found), ()
    start = source.text[:_FIRST].lstrip("\ufeff \t\r\n").lower()
    kind = next((name for begin, name in _MARKUP if start.startswith(begin)), None)
    if kind is not None:
        return None, (Diagnostic("E102", f"这是{kind}，不是纯文本", path=shown, remedy=_SAVE),), ()
    text = source.text.replace("\r\n", "\n").replace("\r", "\n")
    nothing = text.find("\0")
    if nothing >= 0:
        said = f"文字里有空字符（第 {text.count(chr(10), 0, nothing) + 1} 行），文件可能已损坏，或者不是文本"
        return None, (Diagnostic("E103", said, path=shown, remedy="用原来的软件打开，另存为“纯文本（.txt）”"),), ()
    text, notes = _seen(text)
    return Source(shown, text), tuple(found), notes


def _seen(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` without what nobody sees, which neither quotes nor the words that bound a clause may hold, and a note where there is such."""
    # A page, or a line, ends there all the same.
    text = _BREAKS.sub("\n", text)
    unseen = sorted(char for char in set(text) if _is_unseen(char))
    if not unseen:
        return text, ()
    marks = re.compile(f"[{re.escape(''.join(unseen))}]")
    first = marks.search(text)
    assert first is not None
    count = sum(map(text.count, unseen))
    note = f"看不见的字符和自造的字 {count} 处没有读（第一处在第 {text.count(chr(10), 0, first.start()) + 1} 行），请和原文对照"
    return marks.sub("", text), (note,)


def _is_unseen(char: str) -> bool:
    # A character that this Python does not know yet is one all the same: rare ones of names and places are added year by year.
    strange = unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") or _OTHERS.match(char) or STRANGE.match(char)
    return bool(strange) and char not in "\t\n"


_BREAKS: Final = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_OTHERS: Final = re.compile("[\ufdd0-\ufdef\U000e0100-\U000e01ef]")
"""What is no character, and which of two forms of one is meant."""
_FIRST: Final = 1_000
_MARKUP: Final = (
    ("{\\rtf", "写字板（RTF）文档"),
    ("<!doctype html", "网页"),
    ("<html", "网页"),
    ("mime-version:", "网页"),
    ("<?xml", "XML 文件"),
)
"""How files of other kinds begin that are text all the same."""


def _packed(path: Path) -> bytes | None:
    """The bytes of an archive; None for every other file, and for one that cannot be opened: `read_text` says why."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as stream:
            if stream.read(len(PACKED)) != PACKED:
                return None
            return PACKED + stream.read(MAX_DOCUMENT_BYTES)
    except (OSError, ValueError):
        return None


def _is_locked(path: Path) -> bool:
    """Whether the file is an office document under a password: an old container that holds a whole encrypted package."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == CONTAINER and _ENCRYPTED in stream.read(MAX_DOCUMENT_BYTES)
    except (OSError, ValueError):
        return False


_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def _unreadable(why: str, shown: str) -> Diagnostic:
    return Diagnostic("E451", f"这个 Word 文档读不出来：{why}", path=shown, remedy=_SAVE)


def _with_docx(found: Diagnostic, path: Path) -> Diagnostic:
    """A file of an office program may be saved as .docx here, not as plain text only."""
    if found.code == "E102" and _is_locked(path):
        remedy = "打开后取消密码（文件、信息、保护文档），另存为 Word 文档（.docx）"
        return replace(found, message="这个 Word 文档加了密码，读不出来", remedy=remedy)
    wanted = found.code == "E102" and found.remedy is not None and found.remedy.startswith("用 Word")
    return (
        replace(found, remedy=f"{_SAVE}；版式文件（OFD）没有另存的，全选复制到记事本，再存为 .txt") if wanted else found
    )

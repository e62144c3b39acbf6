"""CSV files, as Excel and WPS write them in China, as tables.

Why this exists: such files come in UTF-8 with or without a byte order mark, in GB 18030, in UTF-16 (“Unicode 文本”),
parted by commas, tabs or semicolons; people should not have to know.

Invariants: cells are texts; the row number of a cell is the one that a spreadsheet shows for the file; nothing raises.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.records.tables import Table

_LARGEST_FILE: Final = 200 * 1024 * 1024
_DELIMITERS: Final = (",", "\t", ";", "；", "，", "|")
_SNIFFED_ROWS: Final = 20


def read_text(path: Path, name: str) -> str | Diagnostic:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB 18030; ``name`` is what people call the file."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            expected = f"文件超过 {_LARGEST_FILE // 1024 // 1024} MB，请分成几个文件"
            return Diagnostic("E507", expected, CellPlace(file=name))
        data = path.read_bytes()
    except OSError:
        return Diagnostic("E507", "打不开这个文件，请检查文件是否存在、能否读取", CellPlace(file=name))
    return decode(data, name)


def decode(data: bytes, name: str) -> str | Diagnostic:
    """``data`` as text; a mark at its start decides, else UTF-8 where it is, else GB 18030.

    >>> decode("项目编号".encode("gb18030"), "a.csv")
    '项目编号'
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            start = error.start
    line = data.count(b"\n", 0, start) + 1
    expected = f"第 {line} 行的字节不是 UTF-8 也不是 GB 18030 编码，请用表格软件另存为“CSV UTF-8”"
    return Diagnostic("E507", expected, CellPlace(file=name, row=line))


def table_of(text: str, name: str, file: str) -> Table | Diagnostic:
    """``text`` as the table called ``name`` (the file's stem)."""
    skipped = 0
    delimiter = ""
    if text[:4].lower() == "sep=" and len(text) > 4:
        # A first line that only tells Excel the delimiter.
        delimiter, text, skipped = text[4], text.partition("\n")[2], 1
    delimiter = delimiter or _sniff(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [
            (number, tuple(_unquoted(cell) for cell in cells)) for number, cells in enumerate(reader, start=1 + skipped)
        ]
    except csv.Error:
        expected = "逗号分隔的表格读不下去：有的单元格过长，或引号没有成对，请用表格软件重新另存"
        return Diagnostic("E507", expected, CellPlace(file=file))
    return Table(name, rows, file)


def _sniff(text: str) -> str:
    """The delimiter that gives the first rows the most cells; the comma where none gives more than one."""
    head = text[:100_000]
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
            rows = [cells for _, cells in zip(range(_SNIFFED_ROWS), reader, strict=False)]
        except csv.Error:
            continue
        # The header is the widest row of a table: titles above it are one cell, values may hold other delimiters.
        width = max((sum(1 for cell in cells if cell.strip()) for cells in rows), default=0)
        if width > most:
            best, most = delimiter, width
    return best


def _unquoted(cell: str) -> str:
    """A text that Excel was told to leave alone: ``="0012"``."""
    return cell[2:-1].replace('""', '"') if len(cell) > 3 and cell.startswith('="') and cell.endswith('"') else cell

"""Text files of ledgers: opened within bounds, decoded; CSV, as Excel and WPS write it in China, as tables.

Why this exists: such files come in UTF-8 with or without a byte order mark, in GB 18030, in UTF-16 (“Unicode 文本”),
parted by commas, tabs or semicolons; people should not have to know.

Invariants: only regular files are read, none without bound; cells are texts; the row number of a cell is the one that a
spreadsheet shows for the file; a quote that is not closed where it should be refuses the file, for nobody can tell how
many rows it has taken in; nothing raises.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.language.scan import CONTAINER, PACKED
from policyrules.patience import SMALL
from policyrules.records.tables import HEADER_ROWS, Table
from policyrules.source import repaired_utf8

if TYPE_CHECKING:
    from _csv import Reader

_LARGEST_FILE: Final = 100 * 1024 * 1024
_LARGEST_LINES: Final = 2 * 1024 * 1024 * 1024
_MOST_ROWS: Final = 100_000
_MOST_ROWS_OF_MANY: Final = 500_000
_MOST_COLUMNS: Final = 16_384
_MOST_CELLS: Final = 20_000_000
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+\Z")
_DELIMITERS: Final = (",", "\t", ";", "；", "，", "|")

Heads: TypeAlias = Callable[[Sequence[object]], int]
"""How many cells of a row are names of columns."""


def read_text(path: Path, name: str) -> str | Diagnostic:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB 18030; ``name`` is what people call the file."""

    def refused(expected: str) -> Diagnostic:
        return Diagnostic("E507", expected, CellPlace(file=name))

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return refused("不是普通文件（是管道、设备之类），不读")
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except (OSError, ValueError):
        return refused("打不开这个文件，请检查文件是否存在、能否读取")
    if len(data) > _LARGEST_FILE:
        return refused(f"文件超过 {_LARGEST_FILE // 1024 // 1024} MB，请分成几个文件")
    return _other_format(data, path, name) or decode(data, name)


def _other_format(data: bytes, path: Path, name: str) -> Diagnostic | None:
    """Why what begins so is no text."""

    def refused(expected: str) -> Diagnostic:
        return Diagnostic("E507", expected, CellPlace(file=name))

    if data.startswith(PACKED):
        return refused(f"这是 Excel 工作簿，后缀却是 {path.suffix}，请把后缀改回 .xlsx 再读")
    if data.startswith(CONTAINER):
        return refused(f"这是旧格式或加了密的工作簿，后缀却是 {path.suffix}，请用表格软件打开，另存为 .xlsx 再读")
    return None


def read_lines(path: Path, name: str) -> Iterator[str] | Diagnostic:
    """The lines of a text file. In UTF-8 they are read one at a time, and may be many more than a text of `read_text`;
    the whole file is known to be in UTF-8 before the first is given."""
    try:
        if stat.S_ISREG(path.stat().st_mode) and _is_utf8(path):
            if path.stat().st_size > _LARGEST_LINES:
                expected = f"文件超过 {_LARGEST_LINES // 1024 // 1024 // 1024} GB，请分成几个文件"
                return Diagnostic("E507", expected, CellPlace(file=name))
            return _utf8_lines(path)
    except (OSError, ValueError):
        pass
    text = read_text(path, name)
    return text if isinstance(text, Diagnostic) else iter(io.StringIO(text))


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        if stream.read(4).startswith((b"\xff\xfe", b"\xfe\xff", PACKED, CONTAINER)):
            return False
        stream.seek(0)
        try:
            while piece := stream.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _utf8_lines(path: Path) -> Iterator[str]:
    # What somebody changes while it is read is no reason to fail.
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as stream:
        while line := stream.readline(_LARGEST_FILE):
            yield line


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
    start = 0
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            start = error.start
        if encoding == "utf-8" and repaired_utf8(data) is not None:
            break
    line = data.count(b"\n", 0, start) + 1
    if encoding == "gb18030":
        expected = "这一行的字节不是 UTF-8 也不是 GB 18030 编码，请用表格软件另存为“CSV UTF-8”"
    else:
        known = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}[encoding]
        expected = f"文件是 {known} 编码，但这一行有损坏的字节，请重新录入这一行，再另存为“CSV UTF-8”"
    return Diagnostic("E507", expected, CellPlace(file=name, row=line))


def table_of(text: str, name: str, file: str, heads: Heads | None = None) -> Table | Diagnostic:
    """``text`` as the table called ``name`` (the file's stem). ``heads`` knows the names of columns: by the row that holds
    the most of them the delimiter is told; without it, by the widest."""
    skipped = 0
    delimiter = ""
    if text[:4].lower() == "sep=" and text[4:5] and not text[4].isalnum() and text[4] not in ' "\r\n':
        # A first line that only tells Excel the delimiter.
        delimiter, text, skipped = text[4], text.partition("\n")[2], 1
    delimiter = delimiter or _sniff(text, heads or _filled)
    # Blank lines cost as much as cells.
    if text.count(delimiter) + max(text.count("\n"), text.count("\r")) > _MOST_CELLS:
        return Diagnostic("E507", f"格子和空行超过 {_MOST_CELLS:,} 个，请分成几个文件", CellPlace(file=file))
    rows = CsvRows(text, delimiter, skipped)
    spanning: set[int] = set()
    number = skipped
    most_rows = _MOST_ROWS if len(text) < SMALL else _MOST_ROWS_OF_MANY
    try:
        line = 0
        reader = rows.reader()
        for number, cells in enumerate(reader, start=1 + skipped):
            if reader.line_num > line + 1:
                spanning.add(number)
            line = reader.line_num
            if any(cells):
                if len(cells) > _MOST_COLUMNS or rows.length >= most_rows + HEADER_ROWS:
                    most = f"{_MOST_COLUMNS:,} 列" if len(cells) > _MOST_COLUMNS else f"{most_rows:,} 行"
                    return Diagnostic("E507", f"表格超过 {most}，请分成几个文件", CellPlace(file=file, row=number))
                rows.length += 1
    except csv.Error as error:
        return Diagnostic("E507", _broken(error), CellPlace(file=file, row=number + 1))
    return Table(name, rows, file, delimiter=delimiter, spanning=frozenset(spanning))


class CsvRows:
    """The rows of a text that hold anything, parted anew each time they are read: only the text stays in memory.
    ``skipped``: lines of the file before the text; ``length``: how many rows there are."""

    def __init__(self, text: str, delimiter: str, skipped: int) -> None:
        self._text, self._delimiter, self._skipped = text, delimiter, skipped
        self._quoted = '="' in text
        self.length = 0

    def reader(self) -> Reader:
        """All rows, the empty ones as well. Raises `csv.Error` where a quote is not closed."""
        lines = (found.group() for found in _LINE.finditer(self._text))
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def let_go(self) -> None:
        """Nobody reads them again."""
        self._text, self.length = "", 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        for number, cells in enumerate(self.reader(), start=1 + self._skipped):
            if any(cells):
                yield number, tuple(map(_unquoted, cells)) if self._quoted else tuple(cells)


def _broken(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"这一行有一格超过 {csv.field_size_limit():,} 个字，请删短，或检查引号是否成对"
    return '这一行的引号（"）没有成对，从这里起分不清哪些字属于哪一格，整个文件没有读入；请改好引号'


def _sniff(text: str, heads: Heads) -> str:
    """The delimiter under which a row among the first holds the most names of columns; the comma where none holds any."""
    head = text[:100_000]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        found = max(map(heads, _first_rows(head, delimiter)), default=0)
        if found > most:
            best, most = delimiter, found
    return best


def _first_rows(head: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        filled = (cells for cells in reader if any(cells))
        yield from (cells[:_MOST_COLUMNS] for cells, _ in zip(filled, range(HEADER_ROWS), strict=False))
    except csv.Error:
        return


def _filled(cells: Sequence[object]) -> int:
    return sum(1 for cell in cells if isinstance(cell, str) and cell.strip())


def _unquoted(cell: str) -> str:
    """A text that Excel was told to leave alone: ``="0012"``."""
    return cell[2:-1].replace('""', '"') if len(cell) > 3 and cell.startswith('="') and cell.endswith('"') else cell

"""The parts of an .xlsx or .docx file, streamed: nothing of a file is held before it has been counted.

Why this exists: a workbook is an archive of XML parts, and a few kilobytes of it can unpack to gigabytes of cells, names
or nested elements. Whoever reads a part does so through `Package.read`, which unpacks it piece by piece and gives up as
soon as a limit is passed, so that time and memory depend on the limits alone.

Invariants: `Refused` is the one exception that leaves here for what a file holds, and says in Chinese why; no part of a
package declares a document type or entities, whatever its name and encoding; elements are known by their local names,
whichever prefix and whichever of the two sets of namespaces (transitional and strict) a file writes.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final
from urllib.parse import unquote
from xml.parsers import expat

from policyrules.text import cut_middle, printable

DAMAGED: Final = "文件已损坏，或不是 .xlsx 格式，请用表格软件打开后另存为 .xlsx"
_TOO_LARGE: Final = "请删去数据以外的空行、空列和它们的格式，或分成几个文件"
_DECLARES: Final = "文件里有不该有的内容（实体声明），为安全起见没有读入"

_LARGEST_UNPACKED: Final = 400 * 1024 * 1024
_UNPACKED: Final = f"文件展开后超过 {_LARGEST_UNPACKED // 1024 // 1024} MB，{_TOO_LARGE}"
_MOST_PARTS: Final = 10_000
_MOST_ELEMENTS: Final = 10_000_000
_MOST_NAMES: Final = 10_000
_LONGEST_NAME: Final = 60
# Each element comes with the address of its space before its name.
_LONGEST_SPACE: Final = 1_000
# Software has at most 65,490 formats of cells, and as many named styles.
_MOST_LISTED: Final = 200_000
_DEEPEST: Final = 1_000
_LONGEST_TOKEN: Final = 2 * 1024 * 1024
_CHUNK: Final = 256 * 1024
# The parser hands on texts in pieces of 8 KB; what a cell may hold is a small part of what these pieces hold.
MOST_PIECES: Final = 16

_MAIN: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_BROKEN: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError, ValueError)
# Passwords and methods of compression that no spreadsheet uses.
_FOREIGN: Final = (NotImplementedError, RuntimeError)


class Refused(Exception):
    """Why a workbook is not read."""


def local_names(*names: str) -> dict[str, str]:
    """The local name of each element of workbooks called so, by the name that the parser gives it."""
    return {f"{space} {name}": name for space in _MAIN for name in names}


class PartReader:
    """What happens at each element of a part. ``texts`` gathers characters until a reader clears it; ``elements`` and
    ``depth`` are counted by the readers themselves, for they are called once an element and once more is too often."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.elements = 0
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1

    def end(self, tag: str) -> None:
        self.depth -= 1


class _Elements(PartReader):
    """Keeps the elements of a small part, by local name, with their attributes by local name."""

    def __init__(self, root: str, wanted: dict[str, str]) -> None:
        super().__init__()
        self.root = root
        self.wanted = wanted
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.depth and self.wanted.get(tag) != self.root:
            raise Refused(DAMAGED)
        super().start(tag, attributes)
        name = self.wanted.get(tag)
        if name is not None:
            if len(self.found) >= _MOST_LISTED:
                raise Refused(f"文件里的格式或部件太多，{_TOO_LARGE}")
            self.found.append((name, {key.rpartition(" ")[2]: value for key, value in attributes.items()}))


class Package:
    """The parts of a workbook by their names; limits hold for all parts together."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
            entries = self._archive.infolist()
        except (*_BROKEN, *_FOREIGN):
            raise Refused(DAMAGED) from None
        if len(entries) > _MOST_PARTS:
            raise Refused(f"文件里的部件超过 {_MOST_PARTS} 个，请另存为一个只有台账的 .xlsx")
        if sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED:
            raise Refused(_UNPACKED)
        # Parts may lie over each other, and each be unpacked from the same bytes.
        if sum(entry.compress_size for entry in entries) > file.seek(0, io.SEEK_END):
            raise Refused(DAMAGED)
        # The directory at the end is that of the last of several archives that stand one behind the other.
        if entries and _holds_archive(file, min(entry.header_offset for entry in entries)):
            raise Refused(DAMAGED)
        self._entries = {_folded(entry.filename): entry for entry in entries}
        # Two parts of one name, or one without a name, are written by no software: which of the two is meant nobody knows.
        if not all(entry.filename for entry in entries):
            raise Refused(DAMAGED)
        if len(self._entries) < len(entries):
            twice = next(one for one in entries if self._entries[_folded(one.filename)] is not one).filename
            said = f"文件里有两份同名的部件“{cut_middle(printable(twice), _LONGEST_NAME)}”，不知道该读哪一份"
            raise Refused(f"{said}，请用表格软件打开、核对内容后另存为 .xlsx")
        self._left = _MOST_ELEMENTS
        # A part may be referred to, and is then read, by any number of others.
        self._unread = _LARGEST_UNPACKED
        for entry in entries:
            self._read_prolog(entry)

    def __contains__(self, name: str) -> bool:
        return _folded(name) in self._entries

    def close(self) -> None:
        self._archive.close()

    def read(self, name: str, reader: PartReader, *, blank_rows: bool = True) -> None:
        """Stream a part through ``reader``; without ``blank_rows`` rows of nothing but formatted cells may be left out."""
        entry = self._entries.get(_folded(name))
        if entry is None:
            raise Refused(DAMAGED)
        parser = _parser(reader)
        given = 0
        chunks = self._counted(self._chunks(entry))
        for chunk in chunks if blank_rows else without_blank_rows(chunks):
            given += len(chunk)
            try:
                parser.Parse(chunk, False)
            except expat.ExpatError:
                raise Refused(DAMAGED) from None
            del reader.texts[MOST_PIECES:]
            if reader.elements > self._left:
                raise Refused(f"文件里的单元格、文字或格式太多，{_TOO_LARGE}")
            begun = given - parser.CurrentByteIndex
            if reader.depth > _DEEPEST or len(parser.intern) > _MOST_NAMES or begun > _LONGEST_TOKEN:
                raise Refused(DAMAGED)
        try:
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise Refused(DAMAGED) from None
        self._left -= reader.elements

    def elements(self, name: str, root: str, *wanted: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The elements of a part that are called so, in order; its outermost element must be ``root``."""
        names = local_names(root, *wanted)
        names |= {f"{space} {each}": each for space in (_RELATIONS, _TYPES) for each in (root, *wanted)}
        reader = _Elements(root, names)
        self.read(name, reader)
        return iter(reader.found)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part refers to, by id: the last word of the kind of a relation, and the name of the other part."""
        folder, own = posixpath.split(name)
        relations = posixpath.join(folder, "_rels", f"{own}.rels")
        if relations not in self:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for _, given in self.elements(relations, "Relationships", "Relationship"):
            if given.get("TargetMode") != "External":
                target = unquote(given.get("Target", "")).replace("\\", "/")
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], target)
        return found

    def of_type(self, ending: str) -> str:
        """The first part whose content type ends like this; empty where there is none."""
        for _, given in self.elements("[Content_Types].xml", "Types", "Override"):
            if given.get("ContentType", "").endswith(ending) and given.get("PartName", "") in self:
                return given["PartName"].lstrip("/")
        return ""

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._unread -= len(chunk)
            if self._unread < 0:
                raise Refused(_UNPACKED)
            yield chunk

    def _chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(DAMAGED)
        try:
            with self._archive.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except (*_BROKEN, *_FOREIGN):
            raise Refused(DAMAGED) from None

    def _read_prolog(self, entry: zipfile.ZipInfo) -> None:
        """Look what a part says before its first element: only there a document type can be declared."""
        if entry.is_dir():
            return
        reader = PartReader()
        parser = _parser(reader)
        given = 0
        for chunk in self._chunks(entry):
            # Most parts come to their first element at once.
            for piece in (chunk[:2048], chunk[2048:]):
                try:
                    parser.Parse(piece, False)
                except expat.ExpatError:
                    # An image or another part that is no XML; nobody reads it as such.
                    return
                given += len(piece)
                if reader.elements or given - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    return


_END: Final = b"PK\x05\x06"
"""What the directory of an archive ends with."""


def _holds_archive(file: IO[bytes], size: int) -> bool:
    """Whether an archive ends within the first bytes of a file."""
    file.seek(0)
    before = b""
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        size -= len(chunk)
        if _END in before + chunk:
            return True
        before = chunk[-len(_END) :]
    return False


# A row of nothing but formatted cells. Its attributes are spelt out so that no end of a comment can pass for one.
_BLANK_ROW: Final = re.compile(
    rb'<row r="([0-9]{1,7})"(?: [A-Za-z0-9:]+="[^"<>]*")*>(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?/>)+</row>'
)


def without_blank_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same part with such rows empty: offices format a million of them, and to read each cell takes minutes."""
    before = b""
    for chunk in chunks:
        if b"<![CDATA[" in before[-8:] + chunk:
            # Here a text may hold what looks like a row.
            yield chunk
            yield from chunks
            return
        before = chunk
        yield _BLANK_ROW.sub(rb'<row r="\1"/>', chunk)


def _folded(name: str) -> str:
    # The names of parts are the same in capital and small letters.
    return name.replace("\\", "/").lstrip("/").lower()


def _parser(reader: PartReader) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.texts.append
    parser.StartDoctypeDeclHandler = _refuse_declarations
    spaces = iter(range(_MOST_NAMES))

    def count_space(prefix: str | None, uri: str | None) -> None:
        if next(spaces, None) is None or len(uri or "") > _LONGEST_SPACE:
            raise Refused(DAMAGED)

    parser.StartNamespaceDeclHandler = count_space
    return parser


def _refuse_declarations(name: str, system: str | None, public: str | None, internal: bool) -> None:
    raise Refused(_DECLARES)

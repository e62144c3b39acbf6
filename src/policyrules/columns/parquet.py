"""Tables of what came out, as Parquet files.

Why this exists: results are places among a few texts. A file of Parquet holds just that, bytes one behind the other; what
writes any table of Arrow makes levels and indices cell by cell, which takes several times as long as working the results
out. The parts of a file may be made by several threads: whoever has worked a block out makes its row group, too.

Invariants: every column may be blank; texts are UTF-8, lists are of texts, decimals have 38 digits; what is read back is
what `tables.Table.to_arrow` holds. A dictionary is written with places of whole bytes, which need no packing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask, taken_places
from policyrules.columns.daywise import EPOCH
from policyrules.columns.keys import Keys
from policyrules.columns.store import Texts
from policyrules.columns.tables import (
    DIGITS,
    AnyColumn,
    Days,
    Exact,
    Labels,
    Lists,
    Numbers,
    Strings,
    Table,
    Truths,
    fits,
)

_MAGIC: Final = b"PAR1"
_BOOLEAN, _INT32, _INT64, _BYTES, _FIXED = 0, 1, 2, 6, 7
_OPTIONAL, _REPEATED = 1, 2
_PLAIN, _RLE, _PLACES = 0, 3, 8
_ZSTD: Final = 6
_ROWS: Final = 1 << 18
"""So many values a page; of lists so many that there would be if all were as long as the longest."""
_EMPTY, _HELD, _BEGINS, _BEHIND = 1, 3, 4, 8
"""What is told of a place in a list: levels of one without members, and of a member; whether a row begins there, and what stands
behind its last."""
_WORD_BYTES: Final = 8

# ---- Thrift, in which a file says what it holds ----------------------------------------------------------------------

Struct: TypeAlias = list[tuple[int, Any]]
"""Numbers of fields, ascending, and what each holds: a whole number, bytes, a structure, or a tuple of values of one kind.
What is `None` is left out."""


@dataclass(frozen=True, slots=True)
class _Wide:
    """A whole number of 64 bits."""

    value: int


def _number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _kind(value: Any) -> int:
    match value:
        case int():
            return 5
        case _Wide():
            return 6
        case bytes():
            return 8
        case tuple():
            return 9
        case _:
            return 12


def _told(value: Any) -> bytes:
    match value:
        case int():
            return _number(value << 1)
        case _Wide(number):
            return _number(number << 1)
        case bytes():
            return _number(len(value)) + value
        case tuple():
            kind = _kind(value[0]) if value else 12
            head = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind]) + _number(len(value))
            return head + b"".join(map(_told, value))
        case _:
            return thrift(value)


def thrift(fields: Struct) -> bytes:
    """A structure in the compact protocol; its numbers are not negative.

    >>> thrift([(1, 3), (4, b"a"), (5, None)]).hex()
    '150638016100'
    """
    found, last = [], 0
    for number, value in fields:
        if value is not None:
            found += [bytes([(number - last) << 4 | _kind(value)]), _told(value)]
            last = number
    return b"".join([*found, b"\0"])


# ---- columns of a file -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a column is in a file: its elements, the last of which has values of a ``kind``, and how they are called; of decimals
    how many ``places`` they have."""

    kind: int
    elements: tuple[Struct, ...]
    path: tuple[bytes, ...]
    places: int | None = None


def _shape(name: str, column: AnyColumn, places: int | None) -> _Shape:
    own = name.encode()
    match column:
        case Labels() | Strings():
            return _plain(own, _BYTES, converted=0, logical=1)
        case Lists():
            texts = _plain(b"element", _BYTES, converted=0, logical=1)
            group: Struct = [(3, _OPTIONAL), (4, own), (5, 1), (6, 3), (10, [(3, [])])]
            members: Struct = [(3, _REPEATED), (4, b"list"), (5, 1)]
            return _Shape(_BYTES, (group, members, *texts.elements), (own, b"list", *texts.path))
        case Days():
            return _plain(own, _INT32, converted=6, logical=6)
        case Truths():
            return _plain(own, _BOOLEAN)
        case Numbers():
            return _plain(own, _INT64)
        case Exact() if places is None:
            return _plain(own, _BYTES, converted=0, logical=1)
        case Exact():
            decimal: Struct = [(5, [(1, places), (2, 38)])]
            element: Struct = [
                (1, _FIXED),
                (2, 16),
                (3, _OPTIONAL),
                (4, own),
                (6, 5),
                (7, places),
                (8, 38),
                (10, decimal),
            ]
            return _Shape(_FIXED, (element,), (own,), places)


def _digits(column: AnyColumn, like: _Shape | None) -> int | None:
    """How many places numbers have, in a file whose column is ``like`` that; None where they are texts."""
    own = column.places if isinstance(column, Exact) else None
    if like is None or own is None:
        return own
    return None if like.places is None else max(own, like.places)


def _plain(name: bytes, kind: int, converted: int | None = None, logical: int | None = None) -> _Shape:
    told: Struct | None = None if logical is None else [(logical, [])]
    return _Shape(kind, ([(1, kind), (3, _OPTIONAL), (4, name), (6, converted), (10, told)],), (name,))


# ---- levels and places ------------------------------------------------------------------------------------------------


def _run(value: int, count: int, width: int) -> bytes:
    """A value, so many times: ``width`` bytes."""
    return _number(count << 1) + value.to_bytes(width, "little")


def _packed(data: Any, groups: int) -> bytes:
    """Values as they are, in so many groups of eight."""
    return _number(groups << 1 | 1) + bytes(data)


def _bits(mask: Mask) -> bytes:
    """Levels that are 0 or 1."""
    if mask.all():
        return _run(1, len(mask), 1)
    if not mask.any():
        return _run(0, len(mask), 1)
    return _packed(np.packbits(mask, bitorder="little"), -(-len(mask) // 8))


def _pairs(levels: Array) -> bytes:
    """Levels from 0 to 3."""
    groups = -(-len(levels) // 8)
    even = np.zeros((groups * 2, 4), np.uint8)
    even.reshape(-1)[: len(levels)] = levels
    return _packed(even[:, 0] | even[:, 1] << 2 | even[:, 2] << 4 | even[:, 3] << 6, groups)


def _level(told: bytes) -> bytes:
    return struct.pack("<I", len(told)) + told


def _width(count: int) -> int:
    """In how many bytes places among so many are written."""
    return 1 if count <= 1 << 8 else 2 if count <= 1 << 16 else 4


def _places(codes: Array, width: int) -> bytes:
    """Places in the dictionary."""
    told = bytes([8 * width])
    if not len(codes):
        return told
    first = int(codes[0])
    if (codes == codes[0]).all():
        return told + _run(first, len(codes), width)
    groups = -(-len(codes) // 8)
    whole = np.zeros(groups * 8, f"<u{width}")
    whole[: len(codes)] = codes
    return told + _packed(whole, groups)


def _of_texts(texts: Texts) -> bytes:
    """Texts one behind the other, each behind its length."""
    starts, lengths = texts.ends[:-1] - texts.ends[0], np.diff(texts.ends)
    found = np.empty(int(lengths.sum()) + 4 * len(texts), np.uint8)
    heads = (starts + 4 * np.arange(len(texts)))[:, None] + np.arange(4)
    rest = np.ones(len(found), np.bool_)
    rest[heads] = False
    found[heads] = lengths.astype("<u4").view(np.uint8).reshape(-1, 4)
    found[rest] = texts.blob[int(texts.ends[0]) : int(texts.ends[-1])]
    return found.tobytes()


# ---- the parts of a row group -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """So many levels, and what follows them."""

    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Values:
    """What a column holds: its pages, and the dictionary of those that hold places: how many values, and these. ``told``: what
    the file says of it."""

    pages: Iterable[_Page]
    dictionary: tuple[int, bytes] | None = None
    told: Struct | None = None


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A column of a row group as it stands in the file: ``dictionary``: how much of it is one; ``plain``: how long it is without
    compression; ``levels``: how many there are; ``told``: what the file says of its values."""

    shape: _Shape
    data: bytes
    dictionary: int
    plain: int
    levels: int
    told: Struct | None


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A table, ready to be written."""

    rows: int
    chunks: tuple[_Chunk, ...]


def row_group(table: Table, told: Collection[str] | None = None, like: Sequence[_Shape] | None = None) -> RowGroup:
    """A table as a row group. ``told``: the columns of which the file says the least and the greatest value; None: all but
    lists, in which nobody would be helped to find one. ``like``: the columns of the file, where it has some already: decimals
    have as many places as those before."""
    chunks = []
    for at, (name, column) in enumerate(table.columns.items()):
        places = _digits(column, None if like is None else like[at])
        chunks.append(_chunk(_shape(name, column, places), _values(column, places, told is None or name in told)))
    return RowGroup(len(table), tuple(chunks))


def _chunk(shape: _Shape, values: _Values) -> _Chunk:
    from policyrules.columns.arrow import compressed

    written: list[bytes] = []
    plain = levels = 0

    def add(kind: int, data: bytes, header: tuple[int, Struct]) -> None:
        nonlocal plain
        small = compressed(data)
        head = thrift([(1, kind), (2, len(data)), (3, len(small)), header])
        written.extend((head, small))
        plain += len(head) + len(data)

    held = values.dictionary
    if held is not None:
        add(2, held[1], (7, [(1, held[0]), (2, _PLAIN)]))
    dictionary = sum(map(len, written))
    for page in values.pages:
        add(0, page.data, (5, [(1, page.count), (2, _PLAIN if held is None else _PLACES), (3, _RLE), (4, _RLE)]))
        levels += page.count
    return _Chunk(shape, b"".join(written), dictionary, plain, levels, values.told)


def _values(column: AnyColumn, places: int | None, told: bool) -> _Values:
    match column:
        case Labels(rows, each, texts):
            return _of_labels(taken_places(each.astype(_narrow(len(texts))), rows), texts, told)
        case Lists(rows, each, lists):
            return _of_lists(taken_places(each, rows), lists)
        case Days(values, known):
            return _of_numbers(values.astype(np.int32) - np.int32(EPOCH), known, "<i4", told)
        case Numbers(values):
            return _of_numbers(values, values >= 0, "<i8", told)
        case Truths(true, possible):
            known = true | ~possible
            pages = _pages(true, known, lambda own: np.packbits(own, bitorder="little").tobytes())
            ends = [bytes([int(of(true[known]))]) for of in (np.min, np.max)] if told and known.any() else []
            return _Values(pages, None, _said(known, ends) if told else None)
        case Exact(values, scale, known):
            if places is None:
                return _of_strings(Texts.of(["" if one is None else str(one) for one in column.to_list()]), known, told)
            return _of_decimals(values, 10**places // scale, known, told)
        case Strings():
            own = column.taken()
            return _of_strings(own, np.ones(len(own), np.bool_), told)


def _said(known: Mask, ends: Sequence[bytes]) -> Struct:
    """What a file says of values: how many are blank; the least and the greatest of the others."""
    least, greatest = ends or (None, None)
    return [(3, _Wide(len(known) - int(np.count_nonzero(known)))), (5, greatest), (6, least)]


def _pages(values: Array, known: Mask, of: Callable[[Array], bytes]) -> Iterator[_Page]:
    """Pages of some values, of which ``of`` makes bytes."""
    for begin in range(0, len(known), _ROWS):
        own, there = values[begin : begin + _ROWS], known[begin : begin + _ROWS]
        yield _Page(len(own), _level(_bits(there)) + of(own if there.all() else own[there]))


def _of_labels(codes: Array, texts: Sequence[str], told: bool) -> _Values:
    known, width = codes >= 0, _width(len(texts))
    pages = _pages(codes, known, lambda own: _places(own, width))
    if not told:
        return _Values(pages, _dictionary(texts))
    # The last stands for the code -1.
    there = np.zeros(len(texts) + 1, np.bool_)
    there[codes] = True
    own = [texts[place].encode() for place in np.flatnonzero(there[:-1]).tolist()]
    return _Values(pages, _dictionary(texts), _said(known, [min(own), max(own)] if own else []))


def _dictionary(texts: Sequence[str]) -> tuple[int, bytes]:
    return len(texts), _of_texts(Texts.of(texts))


def _narrow(count: int) -> type[np.signedinteger[Any]]:
    """What holds places among so many, and -1."""
    return np.int8 if count < 1 << 7 else np.int16 if count < 1 << 15 else np.int32


def _of_numbers(values: Array, known: Mask, wide: str, told: bool) -> _Values:
    there = values if known.all() else values[known]
    ends = [int(there.min()), int(there.max())] if len(there) else []
    said = _said(known, [np.array(one, wide).tobytes() for one in ends]) if told else None
    if not ends or ends[1] - ends[0] >= len(there) // 2:
        return _Values(_pages(values, known, lambda own: own.astype(wide).tobytes()), None, said)
    # Numbers of rows, and days, are close together: their places among all that lie between are far shorter.
    first, count = ends[0], ends[1] - ends[0] + 1
    width = _width(count)
    pages = _pages(values, known, lambda own: _places(own - own.dtype.type(first), width))
    return _Values(pages, (count, np.arange(first, first + count, dtype=wide).tobytes()), said)


def _of_decimals(values: Array, factor: int, known: Mask, told: bool) -> _Values:
    long = values.dtype == object or not fits(values, factor)
    whole = values.astype(object if long else np.int64) * factor

    def of(own: Array) -> bytes:
        if long:
            return b"".join(map(_long, own.tolist()))
        halves = np.empty((len(own), 2), ">i8")
        halves[:, 0], halves[:, 1] = own >> 63, own
        return halves.tobytes()

    pages = _pages(whole, known, of)
    if not told:
        return _Values(pages)
    there = whole[known]
    return _Values(pages, None, _said(known, [_long(int(of(there))) for of in (np.min, np.max)] if len(there) else []))


def _long(value: int) -> bytes:
    if abs(value) >= 10**DIGITS:
        raise ValueError(f"有一个数超过 {DIGITS} 位，文件里的小数列放不下；请在台账里改正，或者用 evaluate_frame")
    return value.to_bytes(16, "big", signed=True)


def _of_strings(texts: Texts, known: Mask, told: bool) -> _Values:
    # Behind them may stand those of a whole ledger.
    begin, end = int(texts.ends[0]), int(texts.ends[-1])
    texts = Texts(texts.blob[begin:end], texts.ends - begin)
    pages = _pages(np.arange(len(texts)), known, lambda own: _of_texts(texts.take(own)))
    if not told:
        return _Values(pages)
    there = texts if known.all() else texts.take(np.flatnonzero(known))
    ends = [_extreme(there, of) for of in (np.min, np.max)] if len(there) else []
    return _Values(pages, None, _said(known, ends))


def _extreme(texts: Texts, of: Callable[[Array], Any]) -> bytes:
    """The least or the greatest of some texts, by their bytes."""
    keys = Keys(texts)
    places, at = np.arange(len(texts)), 0
    while len(places) > 1 and (keys.lengths[places] > 8 * at).any():
        words = keys.word(places, at).byteswap()
        places, at = places[words == of(words)], at + 1
    # Of those that are alike but for bytes of 0 behind one of them.
    lengths = keys.lengths[places]
    place = int(places[np.flatnonzero(lengths == of(lengths))[0]])
    return texts.blob[int(texts.ends[place]) : int(texts.ends[place + 1])].tobytes()


def _of_lists(codes: Array, lists: Sequence[tuple[str, ...]]) -> _Values:
    places = {text: place for place, text in enumerate(dict.fromkeys(text for one in lists for text in one))}
    width = _width(len(places))
    longest = max([1, *map(len, lists)])
    # The members of a list in one word, where they have room in one.
    room = 1 << (longest - 1).bit_length() if longest <= _WORD_BYTES else longest
    # The last stands for the code -1. A list without members, or that is none, takes one level all the same.
    members = np.zeros((len(lists) + 1, room), f"<u{width}")
    marks = np.full((len(lists) + 1, room), _BEHIND, np.uint8)
    for place, one in enumerate(lists):
        members[place, : len(one)] = [places[text] for text in one]
        marks[place, : len(one)] = _HELD
        if not one:
            marks[place, 0] = _EMPTY
    marks[-1, 0] = 0
    marks[:, 0] |= _BEGINS

    def pages() -> Iterator[_Page]:
        step = max(1, _ROWS // longest)
        for begin in range(0, len(codes), step):
            own = codes[begin : begin + step]
            told = _taken_rows(marks, own)
            held = _taken_rows(members, own)[(told & _HELD) == _HELD]
            told = told[told != _BEHIND]
            levels = told & np.uint8(_HELD)
            whole = _run(_HELD, len(told), 1) if (levels == _HELD).all() else _pairs(levels)
            yield _Page(len(told), _level(_bits((told & _BEGINS) == 0)) + _level(whole) + _places(held, width))

    return _Values(pages(), _dictionary([*places]))


def _taken_rows(table: Array, rows: Array) -> Array:
    """Rows of a table, one behind the other: those that fit into a word are looked up as one."""
    wide = table.shape[1] * table.itemsize
    if wide > _WORD_BYTES:
        return table[rows].reshape(-1)
    return taken_places(table.view(f"u{wide}").reshape(-1), rows).view(table.dtype)


# ---- files ------------------------------------------------------------------------------------------------------------


class ParquetTarget:
    """A file that is written row group by row group; without any it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO | None = None
        self.shapes: tuple[_Shape, ...] | None = None
        """Its columns; None until there are some."""
        self._groups: list[Struct] = []
        self._rows = 0
        self._at = 0

    def __enter__(self) -> ParquetTarget:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._stream is not None:
            if kind is None:
                self._end()
            self._stream.close()

    def write(self, group: RowGroup) -> None:
        """One row group more. All of a file have the same columns."""
        shapes = tuple(chunk.shape for chunk in group.chunks)
        if self._stream is None:
            self._stream, self.shapes = self._path.open("wb"), shapes
            self._put(_MAGIC)
        if shapes != self.shapes:
            raise ValueError("a row group of other columns")
        if not group.rows:
            return
        begin = self._at
        columns = tuple(self._column(chunk) for chunk in group.chunks)
        plain = sum(chunk.plain for chunk in group.chunks)
        self._groups.append(
            [(1, columns), (2, _Wide(plain)), (3, _Wide(group.rows)), (5, _Wide(begin)), (6, _Wide(self._at - begin))]
        )
        self._rows += group.rows

    def _put(self, data: bytes) -> None:
        assert self._stream is not None
        self._stream.write(data)
        self._at += len(data)

    def _column(self, chunk: _Chunk) -> Struct:
        begin = self._at
        self._put(chunk.data)
        told: Struct = [
            (1, chunk.shape.kind),
            (2, (_PLAIN, _RLE, _PLACES) if chunk.dictionary else (_PLAIN, _RLE)),
            (3, chunk.shape.path),
            (4, _ZSTD),
            (5, _Wide(chunk.levels)),
            (6, _Wide(chunk.plain)),
            (7, _Wide(len(chunk.data))),
            (9, _Wide(begin + chunk.dictionary)),
            (11, _Wide(begin) if chunk.dictionary else None),
            (12, chunk.told),
        ]
        return [(2, _Wide(begin)), (3, told)]

    def _end(self) -> None:
        shapes = self.shapes or ()
        root: Struct = [(4, b"schema"), (5, len(shapes))]
        elements = (root, *(element for shape in shapes for element in shape.elements))
        # Values are in the order of their kind.
        orders: tuple[Struct, ...] = tuple([(1, [])] for _ in shapes)
        told = thrift(
            [
                (1, 2),
                (2, elements),
                (3, _Wide(self._rows)),
                (4, tuple(self._groups)),
                (6, b"policyrules"),
                (7, orders),
            ]
        )
        self._put(told + struct.pack("<I", len(told)) + _MAGIC)


__all__ = ["ParquetTarget", "RowGroup", "row_group", "thrift"]

"""A prepared ledger as a folder: the arrays as they are in memory, and one file that says what they are.

Why this exists: a ledger is read once, and its codes lie ready for every later run, without being loaded: they are
mapped into memory, and more of them than the memory holds can be worked through block by block.

Invariants: files appear all or none (`policyrules.writing`); nothing is unpickled; what was read for other
declarations, by another version of the package, or is not whole to the last byte, is refused and never used.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array, let_go, words
from policyrules.columns.instances import schema_key
from policyrules.columns.store import Column, Prepared, Table, Texts, padded, padded_rows
from policyrules.diagnostics import CellPlace, Diagnostic, shown
from policyrules.program import nodes as core
from policyrules.records.names import record_names
from policyrules.types import NUMERIC, Kind
from policyrules.writing import write_files

MANIFEST: Final = "prepared.json"
VERSION: Final = importlib.metadata.version("policyrules")
_FORMAT: Final = 2
_FILE: Final = re.compile(r"[0-9]{1,6}\.npy")
_CHUNK: Final = 1 << 24
_ARRAYS: Final = ("parent", "starts", "supplied", "above")


class UnusablePrepared(ValueError):
    """A folder holds no prepared ledger that may be used; the message says why, in Chinese."""


# ---- out ------------------------------------------------------------------------------------------------------------


class _Written:
    """The arrays of a ledger under the names of their files, and the hashes of those once they are written."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.hashes: dict[str, str] = {}

    def name(self, array: Array | None) -> str | None:
        if array is None:
            return None
        self.arrays.append(array)
        return f"{len(self.arrays) - 1}.npy"

    def data(self, name: str, array: Array) -> Iterator[bytes]:
        """The bytes of a file, hashed on their way."""
        plain = np.ascontiguousarray(array)
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(plain))
        hashed = hashlib.sha256(head.getvalue())
        yield head.getvalue()
        flat = plain.view(np.uint8).reshape(-1)
        for start in range(0, len(flat), _CHUNK):
            piece = flat[start : start + _CHUNK].tobytes()
            hashed.update(piece)
            yield piece
        self.hashes[name] = hashed.hexdigest()
        # What was mapped from a file is not held besides: of a large ledger that would be all of it.
        let_go([array])


def save_prepared(prepared: Prepared, folder: Path, source: str = "") -> None:
    """Write a prepared ledger into ``folder``, which is made where it is not there. ``source``: the key of what it was
    read from.

    Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = _Written()
    told = _told(prepared, written)
    told |= {"format": _FORMAT, "package": VERSION, "source": source}

    def contents() -> Iterator[tuple[Path, bytes | Iterator[bytes]]]:
        for place, array in enumerate(written.arrays):
            name = f"{place}.npy"
            yield folder / name, written.data(name, array)
        # Asked for when all others are on the disk.
        whole = told | {"files": written.hashes}
        yield folder / MANIFEST, json.dumps(whole | {"digest": _digest(whole)}, ensure_ascii=True).encode()

    write_files(contents())


def content_key(prepared: Prepared) -> str:
    """SHA-256 (hex) of all that a prepared ledger holds: the same for the same content, whatever it was read from."""
    written = _Written()
    told = _told(prepared, written)
    for place, array in enumerate(written.arrays):
        for _ in written.data(f"{place}.npy", array):
            pass
    return _digest(told | {"files": written.hashes})


def _digest(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def _told(prepared: Prepared, written: _Written) -> dict[str, Any]:
    return {
        "schema": prepared.schema,
        "record": prepared.record,
        "evaluated": prepared.evaluated,
        "origin": written.name(prepared.origin),
        "tables": {name: _of_table(table, written) for name, table in prepared.tables.items()},
        "aside": [list(map(_of_diagnostic, problems)) for problems in prepared.aside],
        "problems": list(map(_of_diagnostic, prepared.problems)),
        "notes": prepared.notes,
    }


def _of_table(table: Table, written: _Written) -> dict[str, Any]:
    arrays = {at: written.name(getattr(table, at)) for at in _ARRAYS}
    columns = {name: _of_column(column, written) for name, column in table.columns.items()}
    return {"rows": table.rows, "columns": columns, **arrays}


def _of_column(column: Column, written: _Written) -> dict[str, Any]:
    texts = column.texts if isinstance(column.texts, Texts) else Texts.of(column.texts) if column.texts else None
    # Numbers that are too long for an array are written out.
    values = Texts.of([str(number) for number in column.values.tolist()]) if column.wide else None
    return {
        "values": None if values is not None else written.name(column.padded),
        "wide": None if values is None else [written.name(values.blob), written.name(values.ends)],
        "texts": None if texts is None else [written.name(texts.blob), written.name(texts.ends)],
        "known": written.name(column.known),
        "starts": written.name(column.starts),
        "scale": column.scale,
        "bounds": [column.low, column.high],
    }


def _of_diagnostic(found: Diagnostic) -> dict[str, Any]:
    value = found.cell.value
    plain = value if value is None or isinstance(value, (bool, int, str)) else shown(value)
    place = asdict(replace(found.cell, value=plain))
    return {"code": found.code, "message": found.message, "remedy": found.remedy, "place": place}


# ---- in -------------------------------------------------------------------------------------------------------------


def load_prepared(folder: Path, program: core.Program, source: str = "") -> Prepared:
    """The prepared ledger in ``folder``, its arrays mapped into memory. ``source``: the key of what it must have been
    read from; empty where any will do.

    Raises `UnusablePrepared`: nothing there, damaged, of another package, other declarations or another source.
    """
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        digest = told.pop("digest")
        if told["format"] != _FORMAT or told["package"] != VERSION:
            raise UnusablePrepared(f"“{folder.name}”是别的版本的 policyrules 备好的，请重新备")
        if _digest(told) != digest:
            raise UnusablePrepared(f"“{folder.name}”里的 {MANIFEST} 有损坏，请重新备")
        if told["schema"] != schema_key(program):
            raise UnusablePrepared(f"“{folder.name}”是按别的对象和字段声明备好的，这套规则不能用，请重新备")
        if source and told["source"] != source:
            raise UnusablePrepared(f"“{folder.name}”是从别的台账备好的，请重新备")
        return _Reader(folder, program, told).prepared()
    except OSError:
        raise UnusablePrepared(f"“{folder.name}”里没有备好的台账，或者缺了文件") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, UnusablePrepared):
            raise
        raise UnusablePrepared(f"“{folder.name}”里备好的台账有损坏，请重新备") from error


class _Reader:
    def __init__(self, folder: Path, program: core.Program, told: dict[str, Any]) -> None:
        self.folder = folder
        self.program = program
        self.told = told

    def prepared(self) -> Prepared:
        told, names = self.told, record_names(self.program)
        tables = {name: self._table(name, own) for name, own in told["tables"].items()}
        for table in tables.values():
            self._check_links(table, tables)
        record, evaluated = names.record, told["evaluated"]
        aside = tuple(tuple(map(_diagnostic, problems)) for problems in told["aside"])
        origin = self._array(told["origin"])
        rows = tables[record].rows
        self._must(told["record"] == record and len(origin) == rows and evaluated + len(aside) == rows)
        return Prepared(
            record,
            tables,
            evaluated,
            told["schema"],
            origin,
            names.objects[record].kind.identity or "",
            aside,
            tuple(map(_diagnostic, told["problems"])),
            tuple(told["notes"]),
        )

    def _must(self, holds: bool) -> None:
        if not holds:
            raise UnusablePrepared(f"“{self.folder.name}”里备好的台账有损坏，请重新备")

    def _array(self, name: str, kind: str = "i") -> Array:
        self._must(_FILE.fullmatch(name) is not None)
        path = self.folder / name
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        self._must(found == self.told["files"][name])
        array: Array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
        self._must(array.ndim == 1 and array.dtype.kind == kind and array.dtype.isnative)
        return array

    def _some(self, name: str | None, kind: str = "i") -> Array | None:
        return None if name is None else self._array(name, kind)

    def _plane(self, name: str | None, rows: int) -> Array | None:
        plane = self._some(name, "u")
        self._must(plane is None or (plane.dtype == np.uint64 and len(plane) == words(rows)))
        return plane

    def _texts(self, told: list[str] | None) -> Texts | tuple[str, ...]:
        if told is None:
            return ()
        blob, ends = self._array(told[0], "u"), self._array(told[1])
        self._must(blob.dtype == np.uint8 and _ascending(ends, len(blob)))
        return Texts(blob, ends)

    def _table(self, name: str, told: dict[str, Any]) -> Table:
        kind, rows = self.program.objects[name], told["rows"]
        own = self.program.fields[name]
        columns = {field: self._column(own[field], rows, column) for field, column in told["columns"].items()}
        parent, starts, above = (self._some(told[at]) for at in ("parent", "starts", "above"))
        supplied = self._some(told["supplied"], "u")
        for links in (parent, above):
            self._must(links is None or (links.dtype == np.int32 and len(links) == rows))
        return Table(name, rows, columns, kind.parent, parent, starts, supplied, above)

    def _check_links(self, table: Table, tables: Mapping[str, Table]) -> None:
        if table.parent is None and table.above is None:
            return
        over = tables[table.belongs or ""].rows
        for links in (table.parent, table.above):
            self._must(links is None or not len(links) or (int(links.min()) >= 0 and int(links.max()) < over))
        if table.parent is not None:
            self._must(
                table.starts is not None and len(table.starts) == over + 1 and _ascending(table.starts, table.rows)
            )
            self._must(table.supplied is None or len(table.supplied) == words(over))

    def _column(self, own: core.Field, rows: int, told: dict[str, Any]) -> Column:
        texts = self._texts(told["texts"])
        starts = self._some(told["starts"])
        if told["wide"] is not None:
            self._must(own.type.kind in NUMERIC)
            numbers = np.array([int(number) for number in self._texts(told["wide"])] or [0], dtype=object)
            values = padded(numbers[:rows])
        else:
            values = self._array(told["values"])
        low, high = told["bounds"]
        column = Column(own, rows, values, self._plane(told["known"], rows), told["scale"], texts, starts, low, high)
        count = rows
        self._must((starts is not None) == (own.type.kind is Kind.SET))
        if starts is not None:
            self._must(len(starts) == rows + 1 and _ascending(starts, None))
            count = int(starts[-1])
        self._must(len(values) >= padded_rows(count))
        if own.type.kind in (Kind.ENUM, Kind.SET, Kind.TEXT) and count:
            most = len(texts if own.type.values is None else own.type.values)
            self._must(int(values.min()) >= -1 and int(values.max()) < max(most, 1))
        # It was looked at whole, which is no reason to hold it.
        let_go((values, starts, *((texts.blob, texts.ends) if isinstance(texts, Texts) else ())))
        return column


def _ascending(ends: Array, last: int | None) -> bool:
    """Whether ``ends`` begins with 0, never goes down, and ends with ``last``, if that is given."""
    if not len(ends) or int(ends[0]) != 0 or (last is not None and int(ends[-1]) != last):
        return False
    return not bool((ends[1:] < ends[:-1]).any())


def _diagnostic(told: dict[str, Any]) -> Diagnostic:
    return Diagnostic(told["code"], told["message"], CellPlace(**told["place"]), remedy=told["remedy"])

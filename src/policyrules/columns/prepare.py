"""The door to prepared ledgers, whatever holds them.

Why this exists: one call takes a ledger, a portfolio, records of Python, a frame of Polars, pandas or Arrow with its
tables below, or the path of a file, and gives the same codes for the same content.

Invariants: what is read is read once; a cache is used only where its ledger, its declarations and its package are those
at hand.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import numpy as np

from policyrules.columns.bits import Array, let_go, used_again
from policyrules.columns.crew import Crew, some
from policyrules.columns.folder import MANIFEST, VERSION, UnusablePrepared, load_prepared, save_prepared
from policyrules.columns.frames import prepare_frames
from policyrules.columns.instances import prepare_instances, prepare_ledger, schema_key
from policyrules.columns.pieces import Keep
from policyrules.columns.sources import Source, source_of
from policyrules.columns.store import Prepared
from policyrules.diagnostics import CellPlace, Diagnostic, RecordError, shown_text
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.program.fingerprints import text_hash
from policyrules.records.json_files import read_records
from policyrules.records.names import RecordNames
from policyrules.records.parquet_files import read_parquet
from policyrules.records.reading import read_ledger, unreadable

PARQUET: Final = (".parquet", ".pq")
_LEAST_SPOOLED: Final = 1 << 12
_AT_A_TIME: Final = 10_000
_AT_ONCE: Final = 1 << 26
_ALIGNED: Final = 64
_WRITES_SHOW: Final = sys.platform != "win32"
"""What is written to a file is seen by those who have it mapped already."""


def prepare_members(program: core.Program, names: RecordNames, members: Iterable[Instance]) -> Prepared:
    """Records that were read one by one; those with problems are set aside."""
    numbered = [*enumerate(members, start=1)]
    good = [(place, one) for place, one in numbered if not one.problems]
    bad = [(place, one) for place, one in numbered if one.problems]
    return prepare_instances(
        program,
        names,
        [one for _, one in good],
        [one for _, one in bad],
        origin=[place for place, _ in (*good, *bad)],
        problems=tuple(problem for _, one in bad for problem in one.problems),
        notes=tuple(dict.fromkeys(note for _, one in numbered for note in one.notes)),
    )


def tables_of(names: RecordNames, source: object, children: Mapping[str, object] | None) -> dict[str, Source] | None:
    """The tables of a frame and of those below it, by Chinese name of the object; None where ``source`` is no frame.

    Raises `TypeError` for what is no frame beside one, and `RecordError` (E506) for a name that is no object.
    """
    first = _table(source)
    if first is None:
        return None
    found = {names.record: first}
    for name, given in (children or {}).items():
        object_ = next((own for own, kind in names.objects.items() if name in (own, kind.kind.key)), None)
        if object_ is None or object_ in found:
            known = "、".join(own for own in names.objects if own != names.record)
            said = f"children 里的“{shown_text(str(name))}”不是规则里的对象，或给了两次；可以给：{known}"
            raise RecordError([Diagnostic("E506", said, CellPlace())])
        table = _table(given)
        if table is None:
            raise TypeError(
                f"children 里的“{name}”要给表：Polars、pandas、Arrow 或 Parquet 文件，给的是 {type(given).__name__}"
            )
        found[object_] = table
    return found


def _table(given: object) -> Source | None:
    if isinstance(given, (str, Path)):
        path = Path(given)
        if path.suffix.lower() not in PARQUET:
            return None
        from policyrules.columns.arrow import parquet_source

        return parquet_source(path)
    return source_of(given)


def prepare_tables(
    program: core.Program,
    names: RecordNames,
    tables: Mapping[str, Source],
    keep: Keep = lambda array: array,
    threads: int = 1,
    path: Path | None = None,
) -> Prepared:
    """Frames: with the rows of lists in tables of their own, or within the records, which are then read one by one.
    ``keep``: puts arrays aside; ``path``: the file that the records are.

    Raises `TypeError` for both at once.
    """
    first = tables[names.record]
    own = names.objects[names.record]
    owners = {label for name in names.owners for label in (name, names.objects[name].kind.key)}
    meant = [place for place, head in enumerate(first.heads) if own.child(head) is not None or head in owners]
    if not any(map(first.holds_rows, meant)):
        with Crew(threads) as crew:
            return prepare_frames(program, names, tables, keep, crew).together()
    if len(tables) > 1:
        raise TypeError("明细在记录的列里，就不能再用 children 另给")
    if path is not None:
        return prepare_ledger(program, names, read_parquet(path, program, names))
    return prepare_ledger(program, names, read_records(_mappings(first), first.file, program, names))


def _mappings(source: Source) -> Iterator[dict[str, object]]:
    for start in range(0, source.rows, _AT_A_TIME):
        for cells in source.cells(np.arange(start, min(start + _AT_A_TIME, source.rows))):
            yield dict(zip(source.heads, cells, strict=True))


def prepare_file(
    program: core.Program, names: RecordNames, path: Path, children: Mapping[str, object] | None, threads: int = 1
) -> Prepared:
    """The ledger of a file of any format, a folder of CSV files, or a folder that holds a prepared ledger.

    Raises `RecordError` where there is none, `UnusablePrepared` for a prepared ledger that may not be used.
    """
    some(threads)
    if (path / MANIFEST).is_file():
        return load_prepared(path, program)
    if path.suffix.lower() in PARQUET:
        with _reading(path):
            return prepare_tables(program, names, _file_tables(names, path, children), threads=threads, path=path)
    if children:
        raise TypeError("children 只和表一起给；这种台账把各表放在一个文件或文件夹里")
    fault = unreadable(path)
    if fault is not None:
        raise RecordError([fault])
    return prepare_ledger(program, names, read_ledger(path, program))


def prepare_cached(
    program: core.Program,
    names: RecordNames,
    path: Path,
    children: Mapping[str, object] | None,
    cache: Path,
    threads: int = 1,
) -> Prepared:
    """As `prepare_file`, from the folder ``cache`` where the same content was prepared there before; else it is prepared
    piece by piece and kept there. Arrays are mapped into memory. A cache that cannot be used is made anew.

    Raises `TypeError` for frames in memory, whose content has no name, and `OSError` where nothing can be written.
    """
    some(threads)
    with _reading(path):
        source = source_key(path, children)
    folder = cache / text_hash((source, schema_key(program), VERSION))[:32]
    try:
        return load_prepared(folder, program, source)
    except UnusablePrepared:
        pass
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=cache) as aside:
        if path.suffix.lower() in PARQUET:
            with _reading(path), Spool(Path(aside)) as spool:
                tables = _file_tables(names, path, children)
                prepared = prepare_tables(program, names, tables, spool.keep, threads, path)
        else:
            prepared = prepare_file(program, names, path, children)
        save_prepared(prepared, folder, source)
    return load_prepared(folder, program, source)


@contextmanager
def prepared_aside(
    program: core.Program, names: RecordNames, path: Path, children: Mapping[str, object] | None, threads: int = 1
) -> Iterator[Prepared]:
    """As `prepare_file`, with the codes in a temporary folder for as long as they are needed, so that a ledger may be larger
    than the memory."""
    some(threads)
    if path.suffix.lower() not in PARQUET:
        yield prepare_file(program, names, path, children)
        return
    from policyrules.columns.arrow import steady_memory

    used_again()
    with tempfile.TemporaryDirectory(prefix="policyrules-") as aside, steady_memory():
        with _reading(path), Spool(Path(aside)) as spool:
            prepared = prepare_tables(program, names, _file_tables(names, path, children), spool.keep, threads, path)
        yield prepared


def _file_tables(names: RecordNames, path: Path, children: Mapping[str, object] | None) -> dict[str, Source]:
    tables = tables_of(names, path, children)
    assert tables is not None, "a Parquet file is a table"
    return tables


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """What the system, or pyarrow, says of a file that cannot be read, as a finding."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            said = "没有这个文件或文件夹，请检查路径"
        elif isinstance(error, PermissionError):
            said = "没有权限读，请检查文件的权限，或者是否正被别的软件占用"
        else:
            said = f"读不下去，文件可能有损坏，或者不是 Parquet：{shown_text(str(error))}"
        name = Path(getattr(error, "filename", None) or path).name
        raise RecordError([Diagnostic("E507", said, CellPlace(file=name))]) from error


def source_key(path: Path, children: Mapping[str, object] | None) -> str:
    """SHA-256 (hex) of the content of a file, or of the files of a folder, and of the tables below it."""
    told: list[tuple[str, str]] = []
    for name, given in (("", path), *sorted((children or {}).items())):
        if not isinstance(given, (str, Path)):
            raise TypeError("cache 只用于文件：内存里的表没有文件，请先存成 Parquet，或不用 cache")
        one = Path(given)
        # Findings name the file, so its name is part of what it holds.
        files = sorted(file for file in one.iterdir() if file.is_file()) if one.is_dir() else [one]
        for file in files:
            with file.open("rb") as stream:
                told.append((f"{name}/{file.name}", hashlib.file_digest(stream, "sha256").hexdigest()))
    return text_hash(told)


class Spool:
    """Arrays put aside in a few files, so that a large ledger is never in memory as a whole. What was read of them is let go
    each time that a file is full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunks = [_Chunk(folder / "0.bin", 0)]
        self._lock = Lock()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._full()

    def _full(self) -> None:
        self._chunks[-1].close()
        for chunk in self._chunks:
            chunk.let_go()

    def keep(self, array: Array) -> Array:
        """``array`` from the disk; small ones, and what no file holds, stay as they are."""
        if array.nbytes < _LEAST_SPOOLED or array.dtype == object:
            return array
        with self._lock:
            chunk = self._chunk(array.nbytes)
            start = chunk.begin(array.nbytes)
        # Other threads put theirs aside meanwhile.
        try:
            found = chunk.put(start, array)
        finally:
            with self._lock:
                chunk.done()
        found.flags.writeable = False
        return found

    def _chunk(self, size: int) -> _Chunk:
        """A file with room for so much."""
        if not self._chunks[-1].has_room(size):
            # Where there is no room for another, each thread is told so.
            another = _Chunk(self._folder / f"{len(self._chunks)}.bin", max(_AT_ONCE, size))
            self._full()
            self._chunks.append(another)
        return self._chunks[-1]


class _Chunk:
    """A file of a fixed size, mapped once: each mapping takes a descriptor, of which a process has few."""

    def __init__(self, path: Path, size: int) -> None:
        self._end = 0
        self._size = size
        self._writing = 0
        self._closing = False
        self._file = path.open("w+b", buffering=0)
        self._file.truncate(size)
        mode: Literal["r", "r+"] = "r" if _WRITES_SHOW else "r+"
        whole = np.memmap(self._file, np.uint8, mode, shape=(size,)) if size else np.zeros(0, np.uint8)
        self._map: Array = np.asarray(whole)

    def has_room(self, size: int) -> bool:
        """Whether so much may be put here."""
        return self._end + size <= self._size

    def begin(self, size: int) -> int:
        """Where so much will stand; whoever puts it there says when that is `done`."""
        start = self._end
        self._end = -(-(start + size) // _ALIGNED) * _ALIGNED
        self._writing += 1
        return start

    def put(self, start: int, array: Array) -> Array:
        """The array from the file, put there at ``start``."""
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        here = self._map[start : start + len(data)]
        if _WRITES_SHOW:
            while len(data):
                written = os.pwrite(self._file.fileno(), data.data, start)
                data, start = data[written:], start + written
        else:
            here[:] = data
        return here.view(array.dtype).reshape(array.shape)

    def done(self) -> None:
        """What was begun stands there."""
        self._writing -= 1
        if self._closing and not self._writing:
            self._file.close()

    def close(self) -> None:
        """Nothing more is begun here."""
        self._closing = True
        if not self._writing:
            self._file.close()

    def let_go(self) -> None:
        """What was read of it need not stay in memory."""
        let_go([self._map])

"""Programs that were checked before, kept in a folder of the user: a load whose files are what they were reads one of them.

Why this exists: checking a stack takes a quarter of a second, reading what came of it a few thousandths. Commands, forms and
workers that start anew for each ledger should not wait for what is known.

Invariants:

* an entry is used only where every byte that loading would look at, the date, this package's own source, and the Python
  that runs it are what they were when it was written; what is given as parameters is applied afterwards, as ever;
* an entry is used only from a folder that the user owns and nobody else may write to, and only where its seal is right,
  which is made with a key that never leaves that folder; nothing of an entry is looked at before its seal;
* only sound stacks are kept; an entry is written whole or not at all; what is kept never grows beyond a bound;
* whatever goes wrong here, the load goes on as if nothing were kept.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import importlib.util
import json
import os
import stat
import sys
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policyrules.diagnostics import Diagnostic
from policyrules.frozen import frozen
from policyrules.program.codec import decoded, encoded
from policyrules.program.folders import Folders, real_path, typed
from policyrules.program.pins import Pins
from policyrules.program.unparsed import Unparsed
from policyrules.source import Source
from policyrules.writing import write_file

if TYPE_CHECKING:
    from policyrules.program.nodes import Program

VARIABLE: Final = "POLICYRULES_CACHE"
MOST_BYTES: Final = 64 << 20
MOST_ENTRIES: Final = 256
_FORMAT: Final = b"policyrules program 2\n"
_SUFFIX: Final = ".program"
_KEY: Final = "key"
_KEY_BYTES: Final = 32
_LONGEST_ENTRY: Final = 16 << 20
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_READERS: Final = ("lark", "yaml")
_FORGOTTEN: Final = 3600.0
"""Seconds after which what a writer that was ended left behind is nobody's; by the times of the files, not a clock."""


@frozen
class Kept:
    """What came of a stack as of a date: its program without given parameters, or what it is read from; what was found, the
    pins for its lock files, what readers of results must know (``notes``), the program's fingerprint; and ``folders``, what
    was taken of the stack."""

    program: Program | Undecoded
    diagnostics: tuple[Diagnostic, ...]
    pins: Pins
    notes: tuple[str, ...]
    fingerprint: str
    folders: Folders


class Undecoded:
    """A program as it was kept, read when somebody asks for it. What it was made from is as it was, and its seal was right;
    ``checked`` gives it from what was taken of the stack, where it cannot be read all the same."""

    def __init__(self, data: bytes, sources: list[Source], checked: Callable[[], Program]) -> None:
        self._data = data
        self._sources = sources
        self._checked = checked

    @cached_property
    def program(self) -> Program:
        """The program."""
        from policyrules.program import nodes

        # As in `find`.
        with contextlib.suppress(Exception):
            (program,) = decoded(self._data, self._sources)
            if isinstance(program, nodes.Program):
                return program
        return self._checked()


def find(folder: Path | str, as_of: datetime.date) -> Kept | None:
    """What is kept of the stack in ``folder`` as of ``as_of``, where everything is still what it was; else None."""
    try:
        home = _home()
        key = None if home is None else _key(home)
        if home is None or key is None:
            return None
        name = _name(folder, as_of)
        sealed = _bytes(os.path.join(home, name))
        return None if sealed is None else _opened(name, sealed, key, folder, as_of)
    # Whatever is wrong with what is kept, there is another way to the same answer.
    except Exception:
        return None


def keep(folder: Path | str, as_of: datetime.date, made: Callable[[], Kept]) -> None:
    """Keep what came of the stack in ``folder`` as of ``as_of``, which ``made`` gives, where there is a place to keep it."""
    try:
        home = _home()
        # Source that changed since this process began is not the source that made the program.
        if home is None or _digest_of_package() != package_digest() or not _made(home):
            return
        name = _name(folder, as_of)
        body = _body(name, made())
        if len(body) <= _LONGEST_ENTRY:
            key = _key(home) or _new_key(home)
            write_file(os.path.join(home, name), (_FORMAT, _seal(key, body), body), follow=False, private=True)
            _prune(home)
    # As above; a place that is full or may not be written to is as good as none.
    except Exception:
        return


def _body(name: str, kept: Kept) -> bytes:
    assert not isinstance(kept.program, Undecoded), "it was checked just now"
    beside, told = encoded(kept.diagnostics, kept.pins)
    payload, read = encoded(kept.program)
    sources = list({id(source): source for source in (*told, *read)}.values())
    places = {id(source): place for place, source in enumerate(sources)}
    head = {
        "name": name,
        "reals": list(kept.folders.reals.items()),
        "taken": [(os.fspath(one.path), one.shown, one.digest) for one in kept.folders.taken.values()],
        "sources": [_placed(source, kept.folders) for source in sources],
        "beside": [places[id(source)] for source in told],
        "program": [places[id(source)] for source in read],
        "size": len(beside),
        "notes": kept.notes,
        "fingerprint": kept.fingerprint,
    }
    written = json.dumps(head).encode()
    return b"".join((len(written).to_bytes(4, "little"), written, beside, payload))


def _opened(name: str, sealed: bytes, key: bytes, folder: Path | str, as_of: datetime.date) -> Kept | None:
    start = len(_FORMAT)
    seal, body = sealed[start : start + 32], sealed[start + 32 :]
    if not sealed.startswith(_FORMAT) or not hmac.compare_digest(seal, _seal(key, body)):
        return None
    begin = 4 + int.from_bytes(body[:4], "little")
    head = json.loads(body[4:begin])
    folders = Folders()
    # What is called otherwise is of another folder, another date, another package.
    if head["name"] != name or any(real != folders.real(Path(path)) for path, real in head["reals"]):
        return None
    for path, shown, digest in head["taken"]:
        found = folders.folder(Path(path), shown)
        if found is None or found.digest != digest:
            return None
    sources = [_source(place, folders) for place in head["sources"]]
    middle = begin + head["size"]
    diagnostics, pins = decoded(body[begin:middle], [sources[place] for place in head["beside"]])
    notes = tuple(head["notes"])
    program = Undecoded(
        body[middle:],
        [sources[place] for place in head["program"]],
        lambda: Unparsed(folder, folders, notes).stack.check(as_of).program,
    )
    return Kept(program, diagnostics, pins, notes, head["fingerprint"], folders)


def _placed(source: Source, folders: Folders) -> tuple[str, str, str | None, str | None]:
    """A source: what it is shown as, its layer, and either the folder and file that hold its very text, or the text."""
    for real, folder in folders.taken.items():
        name = source.path.removeprefix(f"{folder.shown.rstrip('/')}/")
        content = folder.contents.get(name)
        if isinstance(content, bytes) and content == source.text.encode("utf-8", "surrogatepass"):
            return source.path, source.layer, real, name
    return source.path, source.layer, None, source.text


def _source(place: list[Any], folders: Folders) -> Source:
    path, layer, real, said = place
    if real is None:
        return Source(path, said, layer)
    content = folders.taken[real].contents[said]
    assert isinstance(content, bytes)
    return Source(path, content.decode("utf-8"), layer)


# ---- what an entry is called by -------------------------------------------------------------------------------------


def _name(folder: Path | str, as_of: datetime.date) -> str:
    """The file of an entry: of a folder, as it is called and where it is, a date, this package and this Python."""
    real = real_path(os.path.abspath(folder))
    said = (package_digest(), sys.version, sys.byteorder, os.fspath(folder), typed(folder), real, as_of.isoformat())
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest() + _SUFFIX


def _digest_of_package() -> str:
    """SHA-256 (hex) of the source of everything that loading runs, the first lines of the packages it reads with included;
    empty where it cannot be read."""
    digest = hashlib.sha256()
    try:
        for folder in (_PACKAGE, _PACKAGE / "language", _PACKAGE / "program"):
            for name in sorted(os.listdir(folder)):
                if name.endswith((".py", ".lark")):
                    _add(digest, os.path.join(folder, name))
        for reader in _READERS:
            spec = importlib.util.find_spec(reader)
            if spec is None or spec.origin is None:
                return ""
            _add(digest, spec.origin)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def _add(digest: Any, path: str) -> None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        content = os.read(handle, os.fstat(handle).st_size)
    finally:
        os.close(handle)
    digest.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
    digest.update(content)


package_digest = cache(_digest_of_package)
"""The same, as it was when this process began."""


# ---- where entries are ----------------------------------------------------------------------------------------------


def place() -> str | None:
    """The folder that programs are kept in, made or not; None where nothing is to be kept.

    ``POLICYRULES_CACHE`` names another one, or says ``off``.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        return None if given == "off" else given
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else os.path.expanduser("~/.cache")
    # In the home of somebody else, as of who became root, nothing is left behind.
    if not os.path.isabs(base) or (hasattr(os, "geteuid") and _owner(base) != os.geteuid()):
        return None
    return os.path.join(base, "policyrules")


def _owner(path: str) -> int:
    """Who owns a folder, or where it is not there the one that it would be made in."""
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return os.stat(path).st_uid


def _home() -> str | None:
    """The folder, where what it holds may be trusted or nothing is there yet."""
    home = place()
    if home is None or not package_digest():
        return None
    try:
        status = os.lstat(home)
    except FileNotFoundError:
        return home
    except (OSError, ValueError):
        return None
    return home if stat.S_ISDIR(status.st_mode) and _ours(status) else None


def _ours(status: os.stat_result) -> bool:
    """Whether the user owns it and nobody else may write to it. Where there are no such owners, as in Windows, the folder is
    in the user's own profile."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _made(home: str) -> bool:
    """Whether the folder is there, and the user's own; it is made where it is not."""
    with contextlib.suppress(FileExistsError):
        os.makedirs(os.path.dirname(home), exist_ok=True)
        os.mkdir(home, 0o700)
    return _home() is not None


def _bytes(path: str) -> bytes | None:
    """What a file of ours holds; None where it is not there, or is not ours alone."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or not _ours(status) or status.st_size > 2 * _LONGEST_ENTRY:
            return None
        return os.read(handle, status.st_size)
    finally:
        os.close(handle)


def _key(home: str) -> bytes | None:
    key = _bytes(os.path.join(home, _KEY))
    return key if key is not None and len(key) == _KEY_BYTES else None


def _new_key(home: str) -> bytes:
    key = os.urandom(_KEY_BYTES)
    write_file(os.path.join(home, _KEY), key, follow=False, private=True)
    return key


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")


def _prune(home: str) -> None:
    """Take out the oldest entries until the rest is within the bounds, and what writers left behind."""
    found: list[tuple[float, int, str]] = []
    with os.scandir(home) as listing:
        for entry in listing:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    found.sort(reverse=True)
    entries = [one for one in found if one[2].endswith(_SUFFIX)]
    gone = [path for time, _, path in found if path.endswith(".tmp") and time < entries[0][0] - _FORGOTTEN]
    size = 0
    for number, (_, bytes_, path) in enumerate(entries):
        size += bytes_
        if number >= MOST_ENTRIES or size > MOST_BYTES:
            gone.append(path)
    for path in gone:
        with contextlib.suppress(OSError):
            os.unlink(path)


with contextlib.suppress(OSError, ValueError):
    # Before anything else of the package is imported, as nearly as may be.
    if place() is not None:
        package_digest()

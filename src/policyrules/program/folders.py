"""A layer's folder as it was found: everything that loading looks at, taken once.

Why this exists: loading touches a layer's folder here only. What was taken is all that reading ever sees, so that its digest
says for sure whether a layer is still what it was: a cache that compares digests can neither overlook a file nor be
overtaken by one that changes in between.

Invariants:

* nothing is taken from outside the layer's folder;
* nothing depends on the order in which the system lists a folder;
* two folders of one digest are read alike where they are called alike;
* problems are values; no operating-system error escapes.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.spelling import nearest

MANIFEST_NAME: Final = "layer.yaml"
CLAUSES_NAME: Final = "clauses.yaml"
LOCK_NAME: Final = "layer.lock"
RULES_SUFFIX: Final = ".rules"
_MISSPELT: Final = (".ruels", ".rulse", ".rule", ".ruless", ".rlues", ".rues", ".rulles", ".urles", ".roles")
MAX_BYTES: Final = 1 << 20
MAX_FILES = 2_000
_MAX_FOLDERS: Final = 64
_MOST_TAKEN: Final = 32 << 20
"""Twice what may be read of all layers together: the bytes of a text may be fewer than those it counts."""
_TEXT_SUFFIXES: Final = (".txt", ".text", ".rule", ".md", ".bak", "")
_HIDDEN: Final = "."
_KEPT: Final = ("._", ".#", ".~")
"""Of hidden names those that macOS, editors and offices give files of their own."""
_MOST_LOOKED_AT: Final = 1 << 16

Content = bytes | Diagnostic
"""What a file holds, its first MAX_BYTES + 1 bytes at most, or why it is not read."""


@dataclass(frozen=True, eq=False)
class Folder:
    """What was taken of one layer's folder.

    ``path``: as it was opened, ``shown``: as people type it, ``real``: with its links followed; ``rules``: the names of the
    rule files, sorted; ``contents``: of them, of layer.yaml, of clauses.yaml and, where there is one, of layer.lock;
    ``doubtful``: names of files that are not read but may be meant to be, each with its first bytes (None: its name says
    it already); ``found``: what is wrong with the folder itself.
    """

    path: Path
    shown: str
    real: str
    rules: tuple[str, ...]
    contents: dict[str, Content] = field(repr=False)
    doubtful: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    found: tuple[Diagnostic, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of everything that was taken."""
        parts: list[bytes] = []
        for name in (*self.rules, "", *sorted(self.contents)):
            parts.append(os.fsencode(name))
        for _, content in sorted(self.contents.items()):
            parts.append(content if isinstance(content, bytes) else _told(content))
        for name, head in self.doubtful:
            parts += (os.fsencode(name), b"-" if head is None else b"+" + head)
        parts += map(_told, self.found)
        sizes = ",".join(str(len(part)) for part in parts)
        return hashlib.sha256(b"\n".join((sizes.encode(), *parts))).hexdigest()


def _told(problem: Diagnostic) -> bytes:
    said = (problem.code, problem.severity, problem.message, problem.remedy, problem.path)
    return repr(said).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class Folders:
    """The folders of a stack, each taken when it is first asked for. ``reals``: of each path that was asked about, where it
    leads; ``taken``: by where they are."""

    reals: dict[str, str] = field(default_factory=dict)
    taken: dict[str, Folder] = field(default_factory=dict)

    def real(self, path: Path) -> str:
        """``path`` with its links followed."""
        written = os.fspath(path)
        found = self.reals.get(written)
        if found is None:
            found = self.reals[written] = real_path(written)
        return found

    def folder(self, path: Path, shown: str) -> Folder | None:
        """The folder at ``path``; None where there is none."""
        real = self.real(path)
        if real not in self.taken:
            folder = take(path, shown, real)
            if folder is None:
                return None
            self.taken[real] = folder
        return self.taken[real]


def real_path(path: str) -> str:
    """``path`` with its links followed; as it is where nothing can be there."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def take(path: Path, shown: str, real: str) -> Folder | None:
    """The folder at ``path``; None where there is none."""
    try:
        if not os.path.isdir(path):
            return None
    except ValueError:
        return None
    found: list[Diagnostic] = []
    rules: list[str] = []
    doubtful: list[tuple[str, bool]] = []
    linked = set(_walk(path, shown, rules, doubtful, found))
    rules.sort()
    contents: dict[str, Content] = {}
    left = _MOST_TAKEN
    for name in (MANIFEST_NAME, CLAUSES_NAME, *rules):
        if left < 0:
            break
        contents[name] = content = _member(path, shown, name, name in linked)
        left -= len(content) if isinstance(content, bytes) else 0
    lock = lock_content(path, join(shown, LOCK_NAME))
    if lock is not None:
        contents[LOCK_NAME] = lock
    heads: list[tuple[str, bytes | None]] = []
    for name, by_name in doubtful:
        if by_name:
            heads.append((name, None))
        elif left >= 0:
            head = _head(os.path.join(path, name))
            heads.append((name, head))
            left -= len(head)
    return Folder(path, shown, real, tuple(rules), contents, tuple(heads), tuple(found))


_COPY: Final = re.compile(
    r"[\s_\-－—]*(?:[(（\[【]?(?:\d{1,3}|副本|复件|拷贝|备份|copy|新|旧|改|修改稿?|最终稿?|定稿)\s*\d{0,3}[)）\]】]?|v\d+)$"
    r"|^(?:副本|复件|备份|拷贝|copy of)[\s_\-－—]*",
    re.IGNORECASE,
)


def copies(one: str, other: str) -> tuple[str, str] | None:
    """The names of two files of which one looks like a copy of the other by its name; None where neither does.

    >>> copies("层/规则.rules", "层/规则（副本）.rules"), copies("层/规则.rules", "层/标准.rules")
    (('规则.rules', '规则（副本）.rules'), None)
    """
    alike = one != other and _copied(one) == _copied(other)
    return (posixpath.basename(one), posixpath.basename(other)) if alike else None


def _copied(path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem = os.path.splitext(name)[0]
    while (shorter := _COPY.sub("", stem)) and shorter != stem:
        stem = shorter
    return f"{folder}/{stem}"


def content_of(path: Path | str, shown: str) -> Content:
    """What the file at ``path`` holds; ``shown`` is the path that findings name. What is no regular file, or cannot be
    opened, is not read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return Diagnostic("E382", "不是普通文件，不读", path=shown)
        return _bytes(path, MAX_BYTES + 1)
    except FileNotFoundError:
        return Diagnostic("E381", "没有这个文件", path=shown)
    except PermissionError:
        return Diagnostic("E382", "没有权限读这个文件", path=shown)
    except (OSError, ValueError):
        return Diagnostic("E382", "这个文件读不出来", path=shown)


def lock_content(folder: Path, shown: str) -> Content | None:
    """What the lock file in ``folder`` holds; None where there is none."""
    path = os.path.join(folder, LOCK_NAME)
    if not os.path.lexists(path):
        return None
    if os.path.islink(path):
        return Diagnostic("E395", "锁定文件是链接，不读", path=shown, remedy="删去它，重新锁定")
    return content_of(path, shown)


def leaves(folder: Path, path: Path) -> bool:
    """Whether ``path``, with its links followed, lies outside ``folder``."""
    try:
        home = os.path.realpath(folder)
        return os.path.commonpath((home, os.path.realpath(path))) != home
    except ValueError:
        # Another drive.
        return True


def typed(folder: Path | str) -> str:
    """A folder as people type it."""
    text = os.fsencode(os.fspath(folder)).decode("utf-8", "replace")
    return posixpath.normpath(text.replace(os.sep, "/")) if text else "."


def join(shown: str, name: str) -> str:
    """The path of a file that stands in the folder that is shown as ``shown``."""
    name = os.fsencode(name).decode("utf-8", "replace")
    return name if shown == "." else f"{shown.rstrip('/')}/{name}"


def _bytes(path: Path | str, most: int) -> bytes:
    """The first ``most`` bytes of a file."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        size = os.fstat(handle).st_size
        pieces: list[bytes] = []
        while most > 0 and (piece := os.read(handle, min(most, size + 1))):
            pieces.append(piece)
            most -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(handle)


def _head(path: str) -> bytes:
    try:
        return _bytes(path, _MOST_LOOKED_AT)
    except (OSError, ValueError):
        return b""


def _member(folder: Path, shown: str, name: str, linked: bool) -> Content:
    path = os.path.join(folder, name)
    # Folders that are links are not entered, so that only a link can lead out.
    if linked and leaves(folder, Path(path)):
        message = "这个链接指到了本层文件夹之外，不读"
        return Diagnostic("E384", message, path=join(shown, name), remedy="把文件本身放进文件夹")
    if name in (MANIFEST_NAME, CLAUSES_NAME) and _is_missing(path):
        return _missing_member(folder, shown, name)
    return content_of(path, join(shown, name))


def _is_missing(path: str) -> bool:
    """Whether there is no such file; one that cannot be asked about is there, and cannot be read."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


_LAYERS_NAMED: Final = 4


def _missing_member(folder: Path, shown: str, name: str) -> Diagnostic:
    what = "层的说明" if name == MANIFEST_NAME else "条款表"
    try:
        others = (MANIFEST_NAME, CLAUSES_NAME, LOCK_NAME)
        names = sorted(entry for entry in os.listdir(folder) if entry not in others)
    except OSError:
        names = []
    inside = [entry for entry in names if os.path.isfile(os.path.join(folder, entry, MANIFEST_NAME))]
    if name == MANIFEST_NAME and inside:
        listed = "、".join(join(shown, entry) for entry in inside[:_LAYERS_NAMED])
        return Diagnostic("E381", f"文件夹里没有{what} {name}", path=shown, remedy=f"里面的层要写出来：{listed}")
    near = [entry for entry in names if entry.casefold() == name] or nearest(name, names, 1)
    remedy = f"把“{join('.', near[0])}”改名为 {name}" if near else f"在文件夹里放一份 {name}"
    return Diagnostic("E381", f"文件夹里没有{what} {name}", path=shown, remedy=remedy)


def _walk(
    folder: Path, shown: str, rules: list[str], doubtful: list[tuple[str, bool]], found: list[Diagnostic]
) -> Iterator[str]:
    """The names of files that are links, below ``folder`` and relative to it, with ``/``; ``rules`` and ``doubtful`` (with
    whether the name alone says so) are added to on the way. What systems and editors keep for themselves is passed over.

    A folder with a layer.yaml of its own is another layer, as of a county beside the rules of its province, and is not read.
    """
    pending: list[tuple[str, int]] = [("", 0)]
    while pending:
        inside, depth = pending.pop()
        try:
            with os.scandir(os.path.join(folder, inside)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except (OSError, ValueError):
            found.append(Diagnostic("E382", "没有权限读这个文件夹", path=join(shown, inside)))
            continue
        names = {entry.name for entry in entries}
        for entry in entries:
            name = f"{inside}/{entry.name}" if inside else entry.name
            if entry.name.startswith(_HIDDEN):
                # Somebody wrote .规则.rules, and misses it; nobody wrote ._规则.rules.
                if entry.name.casefold().endswith(RULES_SUFFIX) and not entry.name.startswith(_KEPT):
                    doubtful.append((name, False))
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth >= _MAX_FOLDERS:
                    found.append(Diagnostic("E389", f"文件夹嵌套超过 {_MAX_FOLDERS} 层", path=join(shown, name)))
                    return
                if not os.path.lexists(os.path.join(entry.path, MANIFEST_NAME)):
                    pending.append((name, depth + 1))
                continue
            if entry.is_symlink():
                yield name
                if os.path.isdir(entry.path):
                    message = "这是指向别的文件夹的链接，不读"
                    found.append(Diagnostic("E384", message, path=join(shown, name), remedy="把文件本身放进文件夹"))
                    continue
            low = entry.name.casefold()
            if low.endswith(RULES_SUFFIX):
                if len(rules) >= MAX_FILES:
                    found.append(Diagnostic("E389", f"规则文件超过 {MAX_FILES} 个", path=shown))
                    return
                rules.append(name)
                continue
            if low.startswith(("~$", "#")) or (low.endswith("~") and entry.name.rstrip("~") in names):
                # What an editor keeps of a file while it is there.
                continue
            says = RULES_SUFFIX in low.replace("．", ".") and not low.endswith("~")
            says = says or os.path.splitext(low)[1] in _MISSPELT
            text = os.path.splitext(low.rstrip("~"))[1] in (*_TEXT_SUFFIXES, RULES_SUFFIX)
            if (says or text) and entry.is_file(follow_symlinks=False):
                doubtful.append((name, says))

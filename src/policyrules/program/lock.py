"""The lock file of a layer: the meaning that each amendment was written against.

Why this exists: an amendment says "and also" to a rule that another office maintains. When that rule changes, the
amendment still loads, and may no longer say what its author meant. The lock keeps a hash of every amended rule; only an
explicit command writes it, so a change of the base always comes to somebody's eyes.

Invariants: the hashes come from whoever merges the layers, this module stores and compares them; the file's text
depends on the set of entries alone; `write_lock` replaces the file whole or leaves it as it was.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias, assert_never

from policyrules.diagnostics import Diagnostic, Label
from policyrules.program import strict_yaml
from policyrules.program.files import LayerFiles, text_of
from policyrules.program.folders import LOCK_NAME, Content, lock_content
from policyrules.program.pins import Pin, Pins
from policyrules.source import Source, Span
from policyrules.text import cut, one_line
from policyrules.writing import write_file

FORMAT = 1
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEAD = "# 本层各项修订当时所依据的上层规定，由命令写入，不要手改。\n"


@dataclass(frozen=True, slots=True, order=True)
class LockEntry:
    """The ``name`` of the provision of an upper layer that this layer amends or restates, and the hash of its meaning
    as this layer saw it."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file as read: its entries, sorted (None where there is no lock file), and what is wrong with it."""

    entries: tuple[LockEntry, ...] | None = None
    problems: tuple[Diagnostic, ...] = ()


NO_LOCK: Final = Lock()


ChangeKind: TypeAlias = Literal["moved", "missing", "stale"]


@dataclass(frozen=True, slots=True)
class Change:
    """How the amendment of ``name`` stands to its lock: the base ``moved``, the amendment is ``missing`` from the lock,
    or the lock's entry is ``stale``, its amendment gone."""

    kind: ChangeKind
    name: str


def read_lock(folder: Path | str, shown: str | None = None) -> Lock:
    """The lock file in ``folder``.

    ``shown`` is the folder as findings name it. A file that cannot be understood gives no entry at all: half a lock
    would make the other half look new.
    """
    label = _label(folder, shown)
    return lock_of(lock_content(Path(folder), label), label)


def lock_of(content: Content | None, shown: str) -> Lock:
    """The lock file that holds ``content`` (None: there is none); ``shown`` is the path that findings name."""
    if content is None:
        return NO_LOCK
    source, found = text_of(content, shown)
    if source is None:
        return Lock((), found)
    remedy = _RENEW.format(shown.rpartition("/")[0])
    tree, refused = strict_yaml.read(source)
    if tree is None or refused:
        # What is wrong with the text is no matter for the keyboard: each hash is worked out.
        return Lock((), (*found, *(replace(one, remedy=remedy) for one in refused)))
    entries = _entries(source, tree, remedy)
    if isinstance(entries, Diagnostic):
        return Lock((), (*found, entries))
    return Lock(entries, found)


_RENEW: Final = "不要手改：有没改动过的一份，就用那一份；没有的，对照上层现在的规定逐项核对本层的修订，再删去这个文件，运行 policyrules lock {}"


def lock_of_layer(files: LayerFiles) -> Lock:
    """The lock file of a layer, as it was when the layer was read."""
    return lock_of(files.lock, _label(files.folder, files.shown))


def write_lock(folder: Path | str, entries: Iterable[LockEntry]) -> None:
    """Write the lock file of the layer in ``folder`` anew. Raises `OSError` where it cannot be written."""
    # A link was not read, and what it leads to is none of ours: the lock takes its place.
    write_file(Path(folder) / LOCK_NAME, lock_text(entries).encode(), follow=False)


def lock_text(entries: Iterable[LockEntry]) -> str:
    """The text of a lock file with these entries.

    >>> lock_text([LockEntry("升级类", "0a" * 32)]).splitlines()[1:4]
    ['format: 1', 'amendments:', '- name: "升级类"']
    """
    lines = [f"{_HEAD}format: {FORMAT}\n"]
    rows = sorted(set(entries))
    lines.append("amendments:\n" if rows else "amendments: []\n")
    # JSON strings are YAML strings, and names hold nothing that JSON leaves bare and YAML does not print.
    lines.extend(
        f"- name: {json.dumps(entry.name, ensure_ascii=False)}\n  sha256: {json.dumps(entry.sha256)}\n"
        for entry in rows
    )
    return "".join(lines)


def compare(entries: Sequence[LockEntry], current: Sequence[LockEntry]) -> tuple[Change, ...]:
    """What moved between the lock's ``entries`` and the ``current`` state, sorted by name.

    >>> old, new = LockEntry("升级类", "a"), LockEntry("升级类", "b")
    >>> [change.kind for change in compare([old], [new, LockEntry("盘活类", "c")])]
    ['moved', 'missing']
    """
    locked = {entry.name: entry.sha256 for entry in entries}
    present = {entry.name: entry.sha256 for entry in current}
    changes: list[Change] = []
    for name in sorted(locked.keys() | present.keys()):
        if name not in present:
            changes.append(Change("stale", name))
        elif name not in locked:
            changes.append(Change("missing", name))
        elif locked[name] != present[name]:
            changes.append(Change("moved", name))
    return tuple(changes)


def drift_warnings(layer: LayerFiles, lock: Lock, pins: Pins) -> tuple[Diagnostic, ...]:
    """Which bases moved since ``layer`` was locked, and which of its amendments are not locked."""
    current = _current(layer, pins)
    if lock.entries is None:
        unlocked = (_unlocked(layer.shown, len(current)),) if current else ()
        return (*lock.problems, *unlocked)
    if lock.problems:
        return lock.problems
    placed = pins.get(layer.id, {})
    changes = compare(lock.entries, current)
    return tuple(_change_warning(change, placed.get(change.name), layer) for change in changes)


def write_locks(layers: Sequence[LayerFiles], pins: Pins) -> None:
    """Write the lock file of every layer that amends something, and of those that have one already. Raises `OSError` where one cannot
    be written."""
    for layer in layers:
        current = _current(layer, pins)
        if current or os.path.lexists(layer.folder / LOCK_NAME):
            write_lock(layer.folder, current)


def _current(layer: LayerFiles, pins: Pins) -> tuple[LockEntry, ...]:
    return tuple(sorted(LockEntry(name, pin.sha256) for name, pin in pins.get(layer.id, {}).items()))


def _change_warning(change: Change, pin: Pin | None, layer: LayerFiles) -> Diagnostic:
    span = pin.amendment if pin is not None else None
    path = _label(layer.folder, layer.shown)
    command = f"policyrules lock {layer.shown}"
    match change.kind:
        case "moved":
            message = f"“{change.name}”的上层规定在锁定之后变过，本层对它的修订或重申可能已不合原意"
            remedy = f"对照上层现在的规定，确认仍然合适，再运行 {command}"
            related = (Label(pin.base, "上层现在的规定"),) if pin is not None else ()
            return Diagnostic("W303", message, span, "warning", remedy, related, path)
        case "missing":
            message = f"本层修订或重申了“{change.name}”，但还没有锁定"
            return Diagnostic("W304", message, span, "warning", f"确认无误后运行 {command}", path=path)
        case "stale":
            message = f"锁定文件里有“{change.name}”，本层已经不再修订或重申它"
            return Diagnostic("W305", message, None, "warning", f"运行 {command}", path=path)
        case _:
            assert_never(change.kind)


def _unlocked(shown: str, count: int) -> Diagnostic:
    message = f"本层有 {count} 项修订或重申，还没有锁定文件 {LOCK_NAME}；上层规定变了不会提醒"
    return Diagnostic("W304", message, None, "warning", f"确认各项无误后运行 policyrules lock {shown}", path=shown)


def _label(folder: Path | str, shown: str | None) -> str:
    return f"{shown if shown is not None else Path(folder).as_posix()}/{LOCK_NAME}"


def _entries(source: Source, tree: strict_yaml.YamlNode, remedy: str) -> tuple[LockEntry, ...] | Diagnostic:
    data = strict_yaml.plain(tree)
    if not isinstance(data, dict) or "format" not in data:
        return Diagnostic("E395", "这不是锁定文件", Span(source, 0, 0), remedy=remedy)
    # True equals 1, hence the test of type.
    if data["format"] != FORMAT or isinstance(data["format"], bool):
        span = strict_yaml.span_at(tree, ("format",))
        written = one_line(span.text)[:20]
        if isinstance(data["format"], int) and data["format"] > FORMAT:
            remedy = "是更新的程序写的，换用新的程序"
        return Diagnostic("E395", f"锁定文件的格式是“{written}”，能读的是 {FORMAT}", span, remedy=remedy)
    rows = data.get("amendments")
    if not isinstance(rows, list) or set(data) != {"format", "amendments"}:
        return Diagnostic("E395", "锁定文件的内容不全", Span(source, 0, 0), remedy=remedy)
    entries: list[LockEntry] = []
    known: set[str] = set()
    for index, row in enumerate(rows):
        span = strict_yaml.span_at(tree, ("amendments", index))
        if not isinstance(row, dict) or set(row) != {"name", "sha256"}:
            return Diagnostic("E395", "锁定文件的这一项不全", span, remedy=remedy)
        name, digest = row["name"], row["sha256"]
        if not (isinstance(name, str) and isinstance(digest, str)):
            return Diagnostic("E395", "锁定文件的这一项写法不对", span, remedy=remedy)
        if not _DIGEST.fullmatch(digest):
            return Diagnostic("E395", "锁定文件的这一项被改动过", span, remedy=remedy)
        if name in known:
            return Diagnostic("E395", f"锁定文件里“{cut(one_line(name), 40)}”写了两遍", span, remedy=remedy)
        known.add(name)
        entries.append(LockEntry(name, digest))
    return tuple(sorted(entries))

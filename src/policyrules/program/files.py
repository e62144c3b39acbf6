"""Layer folders on disk: what is read, in which order, and what is refused.

Why this exists: a folder comes from outside, so nothing about it is taken on trust: size, kind of file, encoding, links,
and where ``extends`` leads are checked before a text goes any further. What a folder holds is taken by `folders`; here it
is read.

Invariants:

* nothing is read outside the layer's folder, save the folders that ``extends`` names, each once;
* nothing depends on the order in which the system lists a folder;
* paths are shown as the user would type them: absolute only where the user gave an absolute path;
* problems are values; no operating-system error escapes.
"""

from __future__ import annotations

import datetime
import heapq
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.language.keywords import DECLARATIONS
from policyrules.language.scan import decode, document_kind
from policyrules.program import strict_yaml
from policyrules.program.clause_table import ClauseTable, read_clauses
from policyrules.program.folders import (
    CLAUSES_NAME,
    LOCK_NAME,
    MANIFEST_NAME,
    MAX_BYTES,
    RULES_SUFFIX,
    Content,
    Folder,
    Folders,
    content_of,
    join,
    typed,
)
from policyrules.program.keys import in_english, spelling
from policyrules.program.manifest import LEVELS, LayerManifest, read_manifest
from policyrules.program.trial_manifest import TRIAL, is_trial, kind_span
from policyrules.source import Source, Span
from policyrules.spelling import nearest

MAX_STACK_BYTES = 2 << 20
"""All rule files of a stack together: more than ten times the longest that people wrote, and no more than one can wait for."""
MAX_LAYERS = 64


@dataclass(frozen=True, slots=True, eq=False)
class LayerFiles:
    """One layer as read: its manifest, its clauses, the texts of its rules sorted by path, and its folder.

    ``shown`` is the folder as people type it; ``manifest_source`` the text of ``layer.yaml``; ``uppers`` the ids of the
    layers it extends, as far as they could be read; ``lock``: what its lock file holds, None where there is none.
    """

    manifest: LayerManifest
    clauses: ClauseTable
    sources: tuple[Source, ...]
    folder: Path
    shown: str
    manifest_source: Source
    uppers: tuple[str, ...] = ()
    lock: Content | None = None

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.manifest.id

    @property
    def title(self) -> str:
        """The title of the layer's document."""
        return self.manifest.title

    @property
    def level(self) -> str:
        """国家, 省, 市 or 县."""
        return self.manifest.level

    def manifest_span(self, *key: str | int) -> Span:
        """The place of the value of ``key`` in ``layer.yaml``; of the whole file's content where it is not written."""
        tree = self._manifest_tree()
        return Span(self.manifest_source, 0, 0) if tree is None else strict_yaml.span_at(tree, key)

    def manifest_key(self, key: str) -> str:
        """``key`` as ``layer.yaml`` spells it: extends, or 上级."""
        tree = self._manifest_tree()
        return spelling(key, tree) if isinstance(tree, strict_yaml.YamlMapping) else key

    def _manifest_tree(self) -> strict_yaml.YamlNode | None:
        # Only findings ask, so the file is read once more rather than its tree kept.
        tree, _ = strict_yaml.read(self.manifest_source)
        return None if tree is None else in_english(tree, Report())


def read_stack(
    folder: Path | str, folders: Folders | None = None, shown: str | None = None, at: Span | None = None
) -> tuple[tuple[LayerFiles, ...], tuple[Diagnostic, ...]]:
    """The layer in ``folder`` and every layer above it, each once, those it extends before it (see `_in_order`), and
    everything that is wrong with them. ``folders``: what was taken of them already, and added to; ``shown``: what the folder is
    shown as, ``at``: what led to it, where nobody named it.

    Layers that could not be read are left out; what could be read is there, so that one load reports everything.
    """
    reading = _Reading(Folders() if folders is None else folders)
    reading.read(Path(folder), typed(folder) if shown is None else shown, at, ())
    layers, edges = _in_order(reading.layers, reading.edges)
    reading.found.extend(_check_stack(layers, edges))
    return _linked(layers, edges), tuple(reading.found)


class _Reading:
    """Layers read so far, lowest first, ``edges``: of each the numbers of those it extends; and what was ``found``."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self.layers: list[LayerFiles] = []
        self.edges: list[list[int]] = []
        self.found: list[Diagnostic] = []
        self._seen: dict[str, int | None] = {}
        self._left = _Left(MAX_STACK_BYTES)
        self._full = False

    def read(self, path: Path, shown: str, at: Span | None, below: tuple[int, ...]) -> int | None:
        """The number of the layer in ``path``; None where it could not be read. ``below``: the layers that led here."""
        layer, problems = _read_layer(self.folders, path, shown, at, self._left)
        self.found.extend(problems)
        if layer is None:
            return None
        number = self._seen[self.folders.real(path)] = len(self.layers)
        self.layers.append(layer)
        self.edges.append([])
        for written, place in _extends(layer):
            upper, refused = upper_folder(layer.folder, layer.shown, written, place)
            self.found.extend(refused)
            if upper is not None:
                above = self._above(upper, place, (*below, number))
                if above is not None and above not in self.edges[number]:
                    self.edges[number].append(above)
        return number

    def _above(self, upper: tuple[Path, str], at: Span, below: tuple[int, ...]) -> int | None:
        folder = self.folders.real(upper[0])
        if folder in self._seen:
            above = self._seen[folder]
            if above in below:
                self.found.append(_cycle([self.layers[number] for number in below[below.index(above) :]], at))
                return None
            return above
        if len(self.layers) >= MAX_LAYERS:
            if not self._full:
                self.found.append(Diagnostic("E389", f"层数超过 {MAX_LAYERS} 层", at))
            self._full = True
            return None
        # What cannot be read is said once.
        return self._seen.setdefault(folder, self.read(*upper, at, below))


def _extends(layer: LayerFiles) -> Iterator[tuple[str, Span]]:
    """What a layer extends, as written, and where."""
    written = layer.manifest.extends
    if isinstance(written, str):
        yield written, layer.manifest_span("extends")
    else:
        for index, one in enumerate(written or ()):
            yield one, layer.manifest_span("extends", index)


def _in_order(layers: Sequence[LayerFiles], edges: Sequence[Sequence[int]]) -> tuple[list[LayerFiles], list[list[int]]]:
    """The one order that a stack is shown in: no layer before one that it extends; of those that may come next, by level,
    then date in force, then id. It decides what stands where, never what anything means."""
    waiting = {number: set(above) for number, above in enumerate(edges)}

    def rank(number: int) -> tuple[int, datetime.date, str, int]:
        manifest = layers[number].manifest
        return LEVELS.index(manifest.level), manifest.in_force_from, manifest.id, number

    ready = [(rank(number), number) for number, above in waiting.items() if not above]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _, number = heapq.heappop(ready)
        order.append(number)
        for other, above in waiting.items():
            if number in above:
                above.remove(number)
                if not above:
                    heapq.heappush(ready, (rank(other), other))
    place = {number: index for index, number in enumerate(order)}
    return [layers[number] for number in order], [sorted(place[above] for above in edges[number]) for number in order]


def _linked(layers: Sequence[LayerFiles], edges: Sequence[Sequence[int]]) -> tuple[LayerFiles, ...]:
    return tuple(
        replace(layer, uppers=tuple(layers[number].id for number in above))
        for layer, above in zip(layers, edges, strict=True)
    )


def read_texts(layers: Iterable[Mapping[str, str]]) -> tuple[tuple[LayerFiles, ...], tuple[Diagnostic, ...]]:
    """Layers given as texts by file name, top first, and everything that is wrong with them, as `read_stack` says it.

    They stand in folders ``0``, ``1``, ... that do not exist. Each extends the one before it; only where one of them
    takes several (``extends: [../0, ../1]``), ``extends`` is followed from folder to folder.
    """
    found: list[Diagnostic] = []
    left = _Left(MAX_STACK_BYTES)
    given = [_layer_of_texts(texts, str(number), found, left) for number, texts in enumerate(layers)]
    known = [layer for layer in given if layer is not None]
    edges = [[number - 1] if number else [] for number in range(len(known))]
    if any(len(layer.manifest.uppers) > 1 for layer in known):
        edges = list(_edges_of_texts(known, found))
        known, edges = _in_order(known, edges)
    found.extend(_check_stack(known, edges))
    return _linked(known, edges), tuple(found)


def _edges_of_texts(layers: Sequence[LayerFiles], found: list[Diagnostic]) -> Iterator[list[int]]:
    places = {layer.shown: number for number, layer in enumerate(layers)}
    for number, layer in enumerate(layers):
        edges: list[int] = []
        for written, at in _extends(layer):
            upper, refused = upper_folder(layer.folder, layer.shown, written, at)
            found.extend(refused)
            above = None if upper is None else places.get(upper[1])
            if above is not None and above < number:
                edges.append(above)
            elif upper is not None:
                found.append(Diagnostic("E380", f"没有给出“{upper[1]}”这一层", at, remedy="上层给在它之前"))
        yield list(dict.fromkeys(edges))


def _layer_of_texts(texts: Mapping[str, str], shown: str, found: list[Diagnostic], left: _Left) -> LayerFiles | None:
    def read(name: str, layer: str) -> Source | None:
        if name not in texts:
            found.append(Diagnostic("E381", f"没有给出 {name}", path=shown))
            return None
        source, problems = decode(texts[name].encode("utf-8", "surrogatepass"), join(shown, name), layer)
        found.extend(problems)
        return source

    names = [name for name in texts if name.casefold().endswith(RULES_SUFFIX)]
    return _layer(Path(shown), shown, read, lambda: names, found, left)[0]


def read_layer(folder: Path | str) -> tuple[LayerFiles | None, tuple[Diagnostic, ...]]:
    """The layer in ``folder`` alone, or None where its manifest or clause table cannot be read, and what is wrong."""
    return _read_layer(Folders(), Path(folder), typed(folder), None, _Left(MAX_STACK_BYTES))


def read_text(path: Path, shown: str, layer: str = "") -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of one file, by its bytes; ``shown`` is the path that findings name.

    Refused: what is no regular file, cannot be opened, is larger than 1 MiB, or is neither UTF-8 nor GB 18030.
    """
    return text_of(content_of(path, shown), shown, layer)


def text_of(content: Content, shown: str, layer: str = "") -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a file that holds ``content``, as `read_text` reads it."""
    if isinstance(content, Diagnostic):
        return None, (content,)
    if len(content) > MAX_BYTES and document_kind(content, shown) is None:
        return None, (Diagnostic("E101", "文件超过 1 MiB", path=shown, remedy="按章节拆成几个文件"),)
    return _decoded(content, shown, layer)


# Stacks share their upper layers: the same bytes at the same place are the same source, read and parsed once. A few
# dozen files, no more, so that a process that reads many policies does not hold them all.
KEPT_FILES = 32
_decoded = lru_cache(KEPT_FILES)(decode)
_clauses = lru_cache(KEPT_FILES)(read_clauses)


# ---- one layer ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Left:
    """How many bytes of rules may still be read."""

    bytes: int


def _read_layer(
    folders: Folders, path: Path, shown: str, at: Span | None, left: _Left
) -> tuple[LayerFiles | None, tuple[Diagnostic, ...]]:
    """``at`` is the ``extends`` that led here, None for the folder the user named."""
    folder = folders.folder(path, shown)
    if folder is None:
        return None, (_no_folder(path, shown, at),)
    found: list[Diagnostic] = []
    trial = trial_in(folder)
    if trial is not None:
        return None, (no_layer(trial, shown, at),)

    def read(name: str, layer: str) -> Source | None:
        content = folder.contents.get(name)
        if content is None:
            found.append(_one_too_many(join(shown, name)))
            return None
        source, problems = text_of(content, join(shown, name), layer)
        found.extend(problems)
        return source

    def names() -> tuple[str, ...]:
        found.extend(folder.found)
        found.extend(_seem_to_be_rules(folder))
        twice = _copies(folder)
        for path, same in twice.items():
            message = f"“{posixpath.basename(path)}”和“{posixpath.basename(same)}”一字不差，只读后面这一个"
            remedy = "是副本就移到层的文件夹以外"
            found.append(Diagnostic("W383", message, None, "warning", remedy, path=join(folder.shown, path)))
        return tuple(name for name in folder.rules if name not in twice)

    layer, problems = _layer(path, shown, read, names, found, left)
    return None if layer is None else replace(layer, lock=folder.contents.get(LOCK_NAME)), problems


def manifest_in(folder: Folder) -> LayerManifest | None:
    """What the layer in a folder says of itself; None of a trial, and of what cannot be read."""
    content = folder.contents.get(MANIFEST_NAME)
    source = None if content is None else text_of(content, join(folder.shown, MANIFEST_NAME))[0]
    return None if source is None or is_trial(source) else read_manifest(source)[0]


def trial_in(folder: Folder) -> Source | None:
    """The manifest in a folder that is a trial; None of one that is a layer."""
    content = folder.contents.get(MANIFEST_NAME)
    source = None if content is None else text_of(content, join(folder.shown, MANIFEST_NAME))[0]
    return source if source is not None and is_trial(source) else None


def no_layer(manifest: Source, shown: str, at: Span | None = None) -> Diagnostic:
    """That a trial stands where a layer is wanted: what is in force rests on no trial. ``at``: what led to it."""
    label = Label(kind_span(manifest), f"这里写明是{TRIAL}")
    place = label.span if at is None else at
    message = f"“{shown}”是{TRIAL}，不是现行的规定，不能用在这里"
    remedy = "写上它所变动的那套规定的文件夹；试验只用来推算、比较"
    return Diagnostic("E322", message, place, remedy=remedy, related=() if at is None else (label,))


def _layer(
    folder: Path,
    shown: str,
    read: Callable[[str, str], Source | None],
    names: Callable[[], Iterable[str]],
    found: list[Diagnostic],
    left: _Left,
) -> tuple[LayerFiles | None, tuple[Diagnostic, ...]]:
    """The layer whose texts ``read`` gives, by name and layer id; ``names``: of its rule files."""
    manifest_source = read(MANIFEST_NAME, "")
    manifest: LayerManifest | None = None
    if manifest_source is not None:
        manifest, problems = read_manifest(manifest_source)
        found.extend(problems)
    layer_id = manifest.id if manifest is not None else ""
    clauses_source = read(CLAUSES_NAME, layer_id)
    clauses: ClauseTable | None = None
    if clauses_source is not None:
        clauses, problems = _clauses(clauses_source)
        found.extend(problems)
    sources: list[Source] = []
    for name in sorted(names()):
        source = read(name, layer_id)
        if source is None:
            continue
        if left.bytes < 0:
            # Said once, of the file that was one too many.
            break
        left.bytes -= len(source.text.encode("utf-8", "surrogatepass"))
        if left.bytes < 0:
            found.append(_one_too_many(source.path))
            break
        sources.append(source)
    if manifest is None or manifest_source is None or clauses is None:
        return None, tuple(found)
    manifest_source = replace(manifest_source, layer=layer_id)
    return LayerFiles(manifest, clauses, tuple(sources), folder, shown, manifest_source), tuple(found)


def _one_too_many(path: str) -> Diagnostic:
    message = f"各层的规则文件合起来超过 {MAX_STACK_BYTES >> 20} MiB，从这个文件起不读"
    return Diagnostic("E389", message, path=path, remedy="检查文件夹里是不是混进了别的文件")


def _no_folder(folder: Path, shown: str, at: Span | None) -> Diagnostic:
    try:
        exists = folder.exists()
        parent = folder.parent
        inside = at is not None and (parent / MANIFEST_NAME).is_file()
        beside = inside and (parent.parent / folder.name / MANIFEST_NAME).is_file()
        siblings = sorted(name for name in os.listdir(parent) if (parent / name / MANIFEST_NAME).is_file())
        own = Path(at.source.path).parent.name if at is not None else ""
        siblings = [name for name in siblings if name != own]
        around = (
            []
            if not inside
            else sorted(
                name
                for name in os.listdir(parent.parent)
                if (parent.parent / name / MANIFEST_NAME).is_file() and name != parent.name
            )
        )
    except (OSError, ValueError):
        exists, beside, siblings, around = False, False, [], []
    if exists:
        near = [join(typed(parent), name) for name in siblings[:3]]
        if (parent / MANIFEST_NAME).is_file():
            remedy = f"改为“{typed(parent)}”"
        elif near:
            remedy = f"旁边的层有：{'、'.join(near)}"
        else:
            remedy = "层是一个文件夹，里面有 layer.yaml 和 .rules 文件"
        return Diagnostic("E380", f"“{shown}”是文件，应给出层所在的文件夹", at, path=shown, remedy=remedy)
    if beside:
        # mini for ../mini: the folders of layers stand beside each other.
        return Diagnostic("E380", f"没有文件夹“{shown}”", at, path=shown, remedy=f"写成 ../{folder.name}")
    near = nearest(folder.name, siblings) or siblings[:3]
    if not near and around:
        # 省细则, SH: what the layer is called, and not where it stands.
        listed = "、".join(f"../{name}" for name in around[:3])
        remedy = f"写上一层的文件夹，不写标题和编号；旁边有：{listed}"
        return Diagnostic("E380", f"没有文件夹“{shown}”", at, path=shown, remedy=remedy)
    remedy = f"旁边有：{'、'.join(join('.', name) for name in near)}" if near else "检查路径"
    return Diagnostic("E380", f"没有文件夹“{shown}”", at, path=shown, remedy=remedy)


# A declaration, and on the next lines something that only a rule file says.
_RULES_INSIDE = re.compile(
    rf"^[ \t\u3000]*(?:{'|'.join(DECLARATIONS)})[ \t\u3000]+\w+[^\n]*\n(?:[^\n]*\n){{0,4}}?"
    r"[ \t\u3000]*(?:依据[【\[]|当[ \t\u3000]|则[ \t\u3000]|应当[ \t\u3000]|不得[ \t\u3000]|说[ \t\u3000]*[“\"]|字段[ \t\u3000]|还须[ \t\u3000])",
    re.MULTILINE,
)


def _seem_to_be_rules(folder: Folder) -> Iterator[Diagnostic]:
    """Which files that are not read were probably meant to be: 规则.rules.txt, .规则.rules, rules in 规则.txt."""
    for path, head in folder.doubtful:
        # The last bytes may be half of a character.
        if head is None or _has_rules(head):
            name = posixpath.basename(path)
            message = f"“{name}”像是规则文件，但名称不以“{RULES_SUFFIX}”结尾，没有读"
            remedy = f"是规则就改名为“{_rules_name(name)}”；资源管理器里先勾选“显示扩展名”"
            if name.startswith("."):
                message = f"“{name}”像是规则文件，但名称以“.”开头，是隐藏文件，没有读"
                remedy = f"是规则就改名为“{_rules_name(name.lstrip('.'))}”；资源管理器里先勾选“隐藏的项目”"
            yield Diagnostic("W383", message, None, "warning", remedy, path=join(folder.shown, path))


def _has_rules(content: bytes) -> bool:
    return any(_RULES_INSIDE.search(content.decode(code, "replace")) for code in ("utf-8", "gb18030"))


def _copies(folder: Folder) -> dict[str, str]:
    """Of rule files with the same bytes all but the one with the shortest name, each with that one: 规则（副本）.rules. What
    declares nothing may be there twice."""
    first: dict[bytes, str] = {}
    found: dict[str, str] = {}
    for name in sorted(folder.rules, key=lambda each: (len(each), each)):
        content = folder.contents.get(name)
        if isinstance(content, bytes) and content and (same := first.setdefault(content, name)) != name:
            found[name] = same
    copied = {same for content, same in first.items() if same in found.values() and _has_rules(content)}
    return {name: same for name, same in sorted(found.items()) if same in copied}


def _rules_name(name: str) -> str:
    name = name.replace("．", ".")
    at = name.casefold().find(RULES_SUFFIX)
    return f"{name[:at] if at > 0 else os.path.splitext(name)[0]}{RULES_SUFFIX}"


# ---- the stack ------------------------------------------------------------------------------------------------------


def upper_folder(
    folder: Path, shown: str, extends: str, at: Span
) -> tuple[tuple[Path, str] | None, tuple[Diagnostic, ...]]:
    """The folder that ``extends``, written ``at`` a place in the manifest of ``folder``, leads to, and as it is shown."""
    absolute = extends.startswith(("/", "~")) or (len(extends) > 1 and extends[1] == ":")
    if absolute:
        message, remedy = f"上一层“{extends}”不能是绝对路径", "写成相对于本层文件夹的路径，例如 ../national"
        return None, (Diagnostic("E385", message, at, remedy=remedy),)
    several = [one.strip() for one in re.split("[、,，;；]", extends)]
    if len(several) > 1 and all(several):
        message, remedy = "几个上层写在一起了", f"写成列表：[{', '.join(several)}]"
        return None, (Diagnostic("E385", message, at, remedy=remedy),)
    if "\\" in extends:
        message, remedy = "路径里用了反斜杠", f"改为“{extends.replace(chr(92), '/')}”"
        return None, (Diagnostic("E385", message, at, remedy=remedy),)
    return (Path(os.path.normpath(folder / extends)), posixpath.normpath(f"{shown}/{extends}")), ()


def _cycle(layers: Sequence[LayerFiles], at: Span) -> Diagnostic:
    """``layers`` from the first of the cycle upward; the last of them names the first at ``at``."""
    names = [layer.shown for layer in layers]
    related = tuple(Label(layer.manifest_span("extends"), "这里指向再上一层") for layer in layers[:-1])
    if len(layers) == 1:
        message = f"上一层就是本层自己（{names[0]}）"
    else:
        message = f"上一层绕成了圈：{' → '.join([*names, names[0]])}"
    remedy = f"最上面一层的 {layers[-1].manifest_key('extends')} 写 null"
    return Diagnostic("E386", message, at, remedy=remedy, related=related)


def _check_stack(layers: Sequence[LayerFiles], edges: Sequence[Sequence[int]]) -> Iterator[Diagnostic]:
    """``layers`` top first; ``edges``: of each the places of those it extends."""
    by_id: dict[str, LayerFiles] = {}
    clauses: dict[str, LayerFiles] = {}
    for index, layer in enumerate(layers):
        other = by_id.setdefault(layer.manifest.id, layer)
        if other is not layer:
            label = Label(other.manifest_span("id"), "上一层在这里")
            message = f"两层的编号都是“{layer.manifest.id}”"
            yield Diagnostic("E387", message, layer.manifest_span("id"), remedy="各层用不同的编号", related=(label,))
        for above in (layers[number] for number in edges[index]):
            if LEVELS.index(layer.manifest.level) >= LEVELS.index(above.manifest.level):
                continue
            remedy = f"层级自上而下依次是{'、'.join(LEVELS)}；检查 level 和 extends"
            if layer.manifest.level == "国家":
                remedy += "；两份文件并列的，由更下面的一层同时继承，如 extends: [../甲, ../乙]"
            yield Diagnostic(
                "E388",
                f"“{layer.manifest.level}”这一层不能放在“{above.manifest.level}”之下",
                layer.manifest_span("level"),
                remedy=remedy,
                related=(Label(above.manifest_span("level"), "上一层在这里"),),
            )
        for clause in layer.clauses.clauses:
            owner = clauses.setdefault(clause.id, layer)
            if owner is not layer:
                first = owner.clauses.get(clause.id)
                assert first is not None
                label = Label(owner.clauses.span_of(first, "id"), "上一层在这里")
                message = f"条款编号“{clause.id}”在两层里都有"
                span = layer.clauses.span_of(clause, "id")
                yield Diagnostic("E390", message, span, remedy="编号前加上本层的字头", related=(label,))

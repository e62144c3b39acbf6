"""The folder of a 试验: read with the care with which layers are read, and the stack that it stands on.

Why this exists: a trial is no layer of a stack: it stands beside one and says what would be written in it instead.

Invariants: those of `files`; the texts of a trial belong to the layer that it varies (`Source.layer`), as if that had written them,
and are told from that layer's own by their paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyrules.diagnostics import Diagnostic
from policyrules.language.scan import decode
from policyrules.program.files import LayerFiles, read_stack, read_texts, text_of, trial_in, upper_folder
from policyrules.program.folders import CLAUSES_NAME, MANIFEST_NAME, RULES_SUFFIX, Content, Folders, join, typed
from policyrules.program.titles import layer_names
from policyrules.program.trial_manifest import TrialManifest, is_trial, manifest_span, read_trial_manifest
from policyrules.source import Source
from policyrules.spelling import nearest


@dataclass(frozen=True, slots=True, eq=False)
class TrialFiles:
    """A trial as read: its manifest, the id of the ``layer`` that it varies, the texts of its rules sorted by path, its folder,
    and the folder as people type it."""

    manifest: TrialManifest
    layer: str
    sources: tuple[Source, ...]
    folder: Path
    shown: str
    manifest_source: Source


@dataclass(frozen=True, slots=True)
class WithTrial:
    """What a folder that is a trial leads to: the ``layers`` it stands on; the trial, None where it could not be read."""

    layers: tuple[LayerFiles, ...]
    trial: TrialFiles | None
    found: tuple[Diagnostic, ...]


def read_trial(folder: Path | str, folders: Folders) -> WithTrial | None:
    """The trial in ``folder`` and its stack; None of a folder that is no trial."""
    path, shown = Path(folder), typed(folder)
    taken = folders.folder(path, shown)
    source = None if taken is None else trial_in(taken)
    if taken is None or source is None:
        return None
    manifest, found = read_trial_manifest(source)
    if manifest is None:
        return WithTrial((), None, found)
    at = manifest_span(source, "extends")
    upper, refused = upper_folder(path, shown, manifest.extends, at)
    layers, problems = ((), ()) if upper is None else read_stack(upper[0], folders, upper[1], at)
    names = [(name, taken.contents[name]) for name in taken.rules if name in taken.contents]
    unread = tuple(one for one in (taken.contents.get(CLAUSES_NAME),) if isinstance(one, bytes))
    return _with(
        manifest, source, layers, names, path, shown, (*found, *refused, *problems, *taken.found), bool(unread)
    )


def trial_of_texts(texts: Sequence[Mapping[str, str]]) -> WithTrial | None:
    """As `read_trial`, of texts in memory, the trial last, as `files.read_texts` has them; None where the last is no trial."""
    shown = str(len(texts) - 1)
    last = texts[-1] if texts else {}
    source, problems = decode(last.get(MANIFEST_NAME, "").encode("utf-8", "surrogatepass"), join(shown, MANIFEST_NAME))
    if source is None or not is_trial(source):
        return None
    manifest, found = read_trial_manifest(source)
    layers, others = read_texts(texts[:-1])
    if manifest is None:
        return WithTrial(layers, None, (*problems, *found, *others))
    rules = sorted(name for name in last if name.casefold().endswith(RULES_SUFFIX))
    contents: list[tuple[str, Content]] = [(name, last[name].encode("utf-8", "surrogatepass")) for name in rules]
    return _with(
        manifest, source, layers, contents, Path(shown), shown, (*problems, *found, *others), CLAUSES_NAME in last
    )


def _with(
    manifest: TrialManifest,
    source: Source,
    layers: tuple[LayerFiles, ...],
    rules: Sequence[tuple[str, Content]],
    folder: Path,
    shown: str,
    before: tuple[Diagnostic, ...],
    clauses: bool,
) -> WithTrial:
    found = list(before)
    if clauses:
        message = "试验没有条款表：它写的不是哪一份文件的话"
        found.append(Diagnostic("E325", message, path=join(shown, CLAUSES_NAME), remedy="删去这个文件"))
    layer = _varied(manifest, source, layers, found) if layers else None
    if layer is None:
        return WithTrial(layers, None, tuple(found))
    sources: list[Source] = []
    for name, content in rules:
        text, problems = text_of(content, join(shown, name), layer)
        found.extend(problems)
        if text is not None:
            sources.append(text)
    if not rules:
        found.append(Diagnostic("E325", "试验里没有规则文件", path=shown, remedy="写一个 .rules 文件，说明改什么"))
    trial = TrialFiles(manifest, layer, tuple(sources), folder, shown, source)
    return WithTrial(layers, trial, tuple(found))


def _varied(
    manifest: TrialManifest, source: Source, layers: Sequence[LayerFiles], found: list[Diagnostic]
) -> str | None:
    """The id of the layer that a trial varies."""
    if any(layer.id == manifest.id for layer in layers):
        message = f"试验的编号“{manifest.id}”是一层的编号"
        found.append(Diagnostic("E325", message, manifest_span(source, "id"), remedy="另起一个编号"))
    if manifest.varies is None:
        return layers[-1].id
    names = layer_names([layer.manifest for layer in layers])
    wanted = manifest.varies.strip()
    for layer in layers:
        if wanted in (layer.id, names[layer.id], layer.manifest.short, layer.manifest.document_number):
            return layer.id
    near = nearest(wanted, [*names, *names.values()])
    known = "、".join(f"{name}（{id_}）" for id_, name in names.items())
    remedy = f"是不是 {near[0]}？" if near else f"可写：{known}"
    found.append(
        Diagnostic("E325", f"试验要变动的“{wanted}”不在这几层里", manifest_span(source, "varies"), remedy=remedy)
    )
    return None

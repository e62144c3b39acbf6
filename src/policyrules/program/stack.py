"""A stack of layers, read and parsed, without a date: what every program and every policy is made from.

Why this exists: files are read once. The same layers as of another date, with one text changed, without some provisions,
or down to an upper layer are asked for by policies, scenarios, mutation testing, attribution and editors; none of them
reads a file again, and what is unchanged is not parsed again.

Invariants: a stack is never changed, and making one never raises on what it reads; `Stack.check` depends on the stack and
the date alone; its program has holes where something failed, and none where the stack is sound.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path

from policyrules.diagnostics import Diagnostic, PolicyError, ordered
from policyrules.language import nodes as surface
from policyrules.language.parser import parse_source
from policyrules.language.walk import each_declaration
from policyrules.program import nodes as core
from policyrules.program.assemble import Checked, Upper, assemble
from policyrules.program.collecting import collect
from policyrules.program.files import KEPT_FILES, LayerFiles, read_stack, read_texts
from policyrules.program.folders import Folders
from policyrules.program.layers import Layer, asleep, layer_in_force, lineage
from policyrules.program.lock import drift_warnings, lock_of_layer
from policyrules.program.misread import misread
from policyrules.program.overlay import Overlaid, Trial, overlaid
from policyrules.program.pins import Pins
from policyrules.program.remedies import completed, upper_left_out
from policyrules.program.said_amounts import amounts_told
from policyrules.program.symbols import Symbols
from policyrules.program.trial_files import TrialFiles, WithTrial, read_trial, trial_of_texts
from policyrules.program.verdicts import judged
from policyrules.program.versions import later_words
from policyrules.source import Source, Span


@dataclass(frozen=True)
class Stack:
    """Layers, none before one that it extends and the lowest last, and ``found``: what reading their folders and tables found;
    ``trial``: the 试验 that varies one of them, whose edits stand in the program and not in the layers.

    >>> stack = Stack.of(
    ...     {
    ...         "layer.yaml": "id: A\\ntitle: 办法\\nlevel: 国家\\nregion: 全国\\nin_force_from: 2024-01-01\\n",
    ...         "clauses.yaml": "clauses: []\\n",
    ...         "a.rules": "对象 项目（project）\\n  字段 停产（stopped）：是否\\n提示 提醒\\n  当 停产\\n  说 “停产了”\\n",
    ...     }
    ... )
    >>> date = datetime.date(2025, 1, 1)
    >>> list(stack.program(date).notices)
    ['提醒']

    One text changed, and what is wrong with it; the rest still stands:

    >>> changed = stack.with_text("0/a.rules", stack.text("0/a.rules").replace("当 停产", "当 停业"))
    >>> checked = changed.check(date)
    >>> [diagnostic.code for diagnostic in checked.diagnostics], list(checked.program.fields["项目"])
    (['E201'], ['停产'])

    Without a provision:

    >>> notice = stack.program(date).notices["提醒"]
    >>> list(stack.without(notice.origins).program(date).notices)
    []
    """

    layers: tuple[Layer, ...]
    found: tuple[Diagnostic, ...] = ()
    trial: Trial | None = None

    # ---- making one -------------------------------------------------------------------------------------------------

    @staticmethod
    def read(folder: Path | str, folders: Folders | None = None) -> Stack:
        """The layer in ``folder`` and every layer above it, with their lock files; of a trial the layers it stands on, and the
        trial. ``folders``: what was taken of them already; what it holds is not asked of the disk again."""
        folders = Folders() if folders is None else folders
        tried = read_trial(folder, folders)
        if tried is not None:
            return _tried(tried)
        files, found = read_stack(folder, folders)
        return Stack(_parsed(files), found)

    @staticmethod
    def of(*layers: Mapping[str, str]) -> Stack:
        """Layers from texts in memory, top first, each by file name. Texts go through all that files go through; they
        stand in folders ``0``, ``1``, ... that do not exist. Each extends the one before it, unless one of them takes
        several (``extends: [../0, ../1]``). The last may be a trial (its ``layer.yaml`` says so)."""
        tried = trial_of_texts(layers)
        if tried is not None:
            return _tried(tried)
        files, found = read_texts(layers)
        return Stack(_parsed(files), found)

    def text(self, path: str) -> str:
        """The text of the rule file that is shown as ``path``; `KeyError` where there is none."""
        layer, number = self._place(path)
        return layer.parsed[number].source.text

    def with_text(self, path: str, text: str) -> Stack:
        """The stack with another text in the rule file that is shown as ``path``; only that file is parsed again."""
        layer, _ = self._place(path)
        return self.with_file(*parse_source(Source(path, text, layer.id)))

    def with_file(self, file: surface.File, problems: tuple[Diagnostic, ...] = ()) -> Stack:
        """The stack with ``file``, already parsed with ``problems``, in the place of the one of its path."""
        layer, number = self._place(file.source.path)
        sources = (*layer.files.sources[:number], file.source, *layer.files.sources[number + 1 :])
        return self._with(
            replace(
                layer,
                files=replace(layer.files, sources=sources),
                parsed=(*layer.parsed[:number], file, *layer.parsed[number + 1 :]),
                problems=(*(one for one in layer.problems if one.file != file.source.path), *problems),
            )
        )

    def called(self, layer: Layer, name: str) -> str:
        """What a name that ``layer`` wrote is called in the whole stack: with its document in front where several
        documents that stand side by side declare it."""
        return self.names.called(layer, name)

    def said(self, layer: str, name: str) -> str:
        """What the stack that ends with ``layer`` (an id) calls what this one calls ``name``."""
        naming = self.names.naming
        return name if naming is None else naming.said(next(one for one in self.layers if one.id == layer), name)

    def without(self, origins: Iterable[core.Origin]) -> Stack:
        """The stack as it would be had nobody written the declarations and amendments that ``origins`` name, and with
        them what lower layers do to the declarations. Nothing is parsed again."""
        places = {_place(origin.span) for origin in origins}
        names = {
            self.called(layer, name)
            for layer in self.layers
            for file in layer.parsed
            for node in each_declaration(file)
            if _place(node.span) in places and (name := _declared_name(node)) is not None
        }

        def kept(layer: Layer, file: surface.File) -> surface.File:
            return replace(
                file,
                declarations=tuple(
                    _with_rows(node, places)
                    for node in file.declarations
                    if _place(node.span) not in places
                    and ((target := _target(node)) is None or self.called(layer, target) not in names)
                ),
            )

        layers = tuple(replace(one, parsed=tuple(kept(one, file) for file in one.parsed)) for one in self.layers)
        return replace(self, layers=layers, trial=None if self.trial is None else _without(self.trial, places))

    def down_to(self, layer: str) -> Stack:
        """The part of the stack that ends with ``layer`` (a layer id), it and all that it extends: what its office sees."""
        last = self.layers[[one.id for one in self.layers].index(layer)]
        kept = [one for one in self.layers if one is last or one.level in last.above]
        place = {one.level: number for number, one in enumerate(kept)}
        gone = {
            source.path
            for one in self.layers
            if one.level not in place
            for source in (*one.files.sources, one.files.clauses.source, one.files.manifest_source)
        }
        return Stack(
            tuple(
                replace(one, level=number, above=frozenset(place[level] for level in one.above))
                for number, one in enumerate(kept)
            ),
            tuple(one for one in self.found if one.file not in gone),
            self.trial if self.trial is not None and any(one.id == self.trial.files.layer for one in kept) else None,
        )

    def _with(self, layer: Layer) -> Stack:
        return replace(self, layers=(*self.layers[: layer.level], layer, *self.layers[layer.level + 1 :]))

    def _place(self, path: str) -> tuple[Layer, int]:
        for layer in self.layers:
            for number, file in enumerate(layer.parsed):
                if file.source.path == path:
                    return layer, number
        raise KeyError(path)

    @cached_property
    def names(self) -> Symbols:
        """Every name that the layers declare; the same at every date."""
        over = self._overlaid
        return collect(self.layers) if over is None else collect(over.layers, over.varied)

    @cached_property
    def base(self) -> Stack:
        """The stack without its trial."""
        return self if self.trial is None else replace(self, trial=None)

    @property
    def written(self) -> tuple[Layer, ...]:
        """The layers as they are assembled: with what the trial writes in place."""
        return self.layers if self._overlaid is None else self._overlaid.layers

    @cached_property
    def _overlaid(self) -> Overlaid | None:
        return None if self.trial is None else overlaid(self.layers, self.trial, self.base.called)

    def __getstate__(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    # ---- asking it --------------------------------------------------------------------------------------------------

    def check(self, as_of: datetime.date, upper: Upper | None = None) -> Checked:
        """Check and merge the layers as of ``as_of``: always a program, and everything that was found on the way, from
        reading to drift, in display order. ``upper``: what is known of all layers but the lowest (`policyrules.program.neighbours`)."""
        if self.trial is not None:
            return self._tried(self.trial, as_of)
        checked = assemble(self.names, as_of, upper)
        told = upper_left_out(amounts_told(checked.diagnostics, self.names), self.layers)
        found = [*told, *self._beside(as_of)]
        if all(diagnostic.severity != "error" for diagnostic in found):
            found.extend(self._drift(checked.pins, as_of))
        return replace(checked, diagnostics=ordered(found))

    def _beside(self, as_of: datetime.date) -> Iterator[Diagnostic]:
        """What is found beside assembling."""
        yield from self.found
        yield from completed((one for layer in self.layers for one in layer.problems), self.names)
        yield from self._asleep(as_of)
        for layer in self.layers:
            yield from later_words(layer, self.names)
            yield from misread(layer)
            yield from _edits_of(layer)

    def _drift(self, pins: Pins, as_of: datetime.date) -> Iterator[Diagnostic]:
        """What moved above each layer since it was locked. ``pins``: as of ``as_of``. A layer that is not in force that day is held
        against what stands above it on a day when it is: what is only not in force yet, or no longer, did not move."""
        for layer in self.layers:
            found = drift_warnings(layer.files, layer.lock, pins)
            if not layer_in_force(layer, as_of) and any(one.code == "W303" for one in found):
                manifest = layer.files.manifest
                day = manifest.in_force_from if as_of < manifest.in_force_from else manifest.in_force_until
                found = drift_warnings(layer.files, layer.lock, assemble(self.names, day or as_of).pins)
            yield from found

    def _tried(self, trial: Trial, as_of: datetime.date) -> Checked:
        """The stack that the trial varies, where that is sound without it; what goes beyond an authority is told, not refused."""
        base, over = self.base.check(as_of), self._overlaid
        assert over is not None, "there is a trial"
        found = [*completed(trial.problems, self.names), *over.found]
        if not base.sound:
            return replace(base, diagnostics=ordered([*base.diagnostics, *found]))
        checked = assemble(self.names, as_of)
        drifted = [*self.base._drift(base.pins, as_of)]
        found += [*self.base._beside(as_of), *drifted, *checked.diagnostics]
        layer = next(one for one in self.layers if one.id == trial.files.layer)
        moved = [one for one in self._drift(checked.pins, as_of) if one.code == "W303"]
        known = {one.message for one in drifted}
        told, edits = judged(trial, layer, over, checked, [one for one in moved if one.message not in known])
        said = core.Trial(
            trial.files.manifest.id, trial.files.manifest.title, layer.id, edits, over.varied.named, trial.said
        )
        program = replace(checked.program, trial=said)
        return replace(checked, program=program, diagnostics=ordered([*found, *told]))

    def _asleep(self, as_of: datetime.date) -> Iterator[Diagnostic]:
        for layer in self.layers:
            manifest = layer.files.manifest
            until = manifest.in_force_until
            said = None if until is not None and until < manifest.in_force_from else asleep(layer, as_of)
            if said is not None:
                early = as_of < layer.files.manifest.in_force_from
                span = layer.files.manifest_span("in_force_from" if early else "in_force_until")
                day = f"{manifest.in_force_from} 或以后" if early else f"{manifest.in_force_until} 或以前"
                remedy = f"要用上这一层，评估日写 {day}；{'施行' if early else '失效'}日期写错了，改 layer.yaml"
                yield Diagnostic("W306", said, span, "warning", remedy)

    def program(self, as_of: datetime.date) -> core.Program:
        """The program as of ``as_of``.

        Raises `PolicyError` with everything that was found where the stack is not sound.
        """
        checked = self.check(as_of)
        if not checked.sound:
            raise PolicyError(checked.diagnostics)
        return checked.program


_read = lru_cache(KEPT_FILES)(parse_source)


def _parsed(stack: Sequence[LayerFiles]) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for level, (files, above) in enumerate(zip(stack, lineage(stack), strict=True)):
        read = [_read(source) for source in files.sources]
        problems = tuple(problem for _, found in read for problem in found)
        layers.append(Layer(level, files, tuple(file for file, _ in read), problems, lock_of_layer(files), above))
    return tuple(layers)


def _tried(read: WithTrial) -> Stack:
    layers = _parsed(read.layers)
    return Stack(layers, read.found, None if read.trial is None else _parsed_trial(read.trial))


def _parsed_trial(files: TrialFiles) -> Trial:
    read = [_read(source) for source in files.sources]
    return Trial(files, tuple(file for file, _ in read), tuple(problem for _, found in read for problem in found))


def _without(trial: Trial, gone: set[tuple[str, str, int]]) -> Trial:
    """A trial without what it wrote at these places."""

    def kept(file: surface.File) -> surface.File:
        edits = tuple(one for one in file.edits if _place(one.span) not in gone)
        declarations = tuple(one for one in file.declarations if _place(one.written.span) not in gone)
        return replace(file, edits=edits, declarations=declarations)

    return replace(trial, parsed=tuple(map(kept, trial.parsed)))


def _edits_of(layer: Layer) -> Iterator[Diagnostic]:
    """What only a trial writes, in the files of a layer."""
    for file in layer.parsed:
        written = [*file.edits, *(one.written for one in file.declarations)]
        for word in sorted((one.act for one in written if one.act is not None), key=lambda one: one.span.start):
            remedy = "改动上一层用 修订、设定、增列；本层自己的，直接改那一条"
            yield Diagnostic("E323", f"“{word.text}”只写在试验里", word.span, remedy=remedy)


def _place(span: Span) -> tuple[str, str, int]:
    return span.source.layer, span.source.path, span.start


def _with_rows(node: surface.Declaration, gone: set[tuple[str, str, int]]) -> surface.Declaration:
    """A table without the rows at these places; anything else as it is."""
    if not isinstance(node, surface.TableDecl):
        return node
    rows = tuple(row for row in node.rows if _place(row.span) not in gone)
    return replace(node, rows=rows, rest=node.rest and rows[-1:] == node.rows[-1:])


def _declared_name(node: surface.Declaration) -> str | None:
    return None if isinstance(node, surface.ObjectDecl | surface.Acting) else node.name.text


def _target(node: surface.Declaration) -> str | None:
    """What an act acts on; None for a declaration."""
    return node.target.text if isinstance(node, surface.Acting) else None

"""Which declaration a name means, in a stack whose documents stand side by side.

Why this exists: documents of which neither extends the other do not know each other, so they may use one name for two
things, and neither may change, or rely on, what the other declares. Here every name is looked at once, from the layer that
wrote it, and what is declared under a shared name is given its document's name in front (``19号·支持意见``); all that comes
after sees names that mean one thing.

Invariants: in a chain nothing is renamed; the names of a layer mean the same whatever stands beside it; what is renamed,
and how, depends on the set of layers alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import combinations
from typing import Any, Final, Literal, TypeAlias, cast

from policyrules.diagnostics import Label, Report
from policyrules.language import nodes as surface
from policyrules.language.expressions import Aggregate, Name, Ref
from policyrules.language.walk import each_declaration
from policyrules.program.layers import Layer, parallel
from policyrules.source import Span
from policyrules.text import some

MARK: Final = "·"
_DOT: Final = re.compile(r"[•・‧∙･]")
_WRITTEN: Final = re.compile(r"^[^【“#\n]*\w[·•・‧∙･]\w|[{｛]\s*[\w〔〕]+[·•・‧∙･]\w", re.MULTILINE)
_Read: Final = (
    surface.ParameterDecl,
    surface.ListDecl,
    surface.TermDecl,
    surface.StatisticDecl,
    surface.DecisionDecl,
)
_Unread: Final = frozenset({"written", "span", "common", "name", "key"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A declaration of a name; ``read``: conditions may read it, which they may not rules, duties and notices."""

    layer: Layer
    name: Name
    read: bool
    presumes: bool


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Why a name means nothing: several documents declare it, only one beside does, or there is no such document."""

    why: Literal["several", "beside", "nowhere"]
    places: tuple[_Place, ...]


_Meant: TypeAlias = str | _Wrong


class Naming:
    """The declared names of a stack, and what each means from each layer."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.qualifiers = _qualifiers(layers)
        self._named = {word: layer for layer in layers for word in _words(layer, self.qualifiers)}
        files = [file for layer in layers for file in layer.parsed]
        self._tables = {
            node.name.text for file in files for node in file.declarations if isinstance(node, surface.TableDecl)
        }
        self._tables |= {
            name.text.partition(MARK)[0] for file in files for broken in file.broken for name in broken.declares
        }
        self._declared: dict[str, list[_Place]] = {}
        keys: dict[tuple[str, str], list[Layer]] = {}
        for layer, node in _declarations(layers):
            self._declared.setdefault(node.name.text, []).append(
                _Place(layer, node.name, isinstance(node, _Read), isinstance(node, surface.PresumptionDecl))
            )
            if isinstance(node, (surface.ParameterDecl, surface.DecisionDecl)) and node.key is not None:
                keys.setdefault(_scope(node, node.key), []).append(layer)
        self._tables = {name.rpartition(MARK)[0] for name in self._declared if MARK in name}
        self._shared = {name for name, places in self._declared.items() if _shared(places)}
        self._keys = {scope for scope, owners in keys.items() if _apart(owners)}
        self.bare = {self.called(place.layer, name): name for name in self._shared for place in self._declared[name]}
        """The declared name of each that was renamed."""

    def called(self, layer: Layer, name: str) -> str:
        """What the ``name`` that ``layer`` declares is called in the whole stack."""
        return f"{self.qualifiers[layer.level]}{MARK}{name}" if name in self._shared else name

    def said(self, layer: Layer, called: str) -> str:
        """What ``layer``, without those beside it, calls a declaration of its own or of a layer above."""
        bare = self.bare.get(called, called)
        places = self._declared.get(bare, ())
        seen = [one for one in places if one.layer is layer or one.layer.level in layer.above]
        return bare if len(seen) == 1 and self.called(seen[0].layer, bare) == called else called

    def parts(self, text: str) -> tuple[str, str, str]:
        """The document written before a name, the mark between them, and the name; a row of a table has a mark of its own."""
        before, mark, rest = text.partition(MARK)
        row = before not in self._named and (rest[:1].isdecimal() or before in self._tables)
        return ("", "", text) if text in self._declared or not mark or row else (before, mark, rest)

    def meant(self, layer: Layer, text: str, *, read: bool = False) -> _Meant:
        """What a name that ``layer`` wrote is called in the whole stack; ``read``: where a condition reads it."""
        qualifier, mark, bare = self.parts(text)
        places = [place for place in self._declared.get(bare, ()) if place.read or not read]
        if mark:
            named = self._named.get(qualifier)
            fit = [place for place in places if place.layer is named]
            if not fit and named is None and qualifier in self._tables:
                # A row that the table has not is told of as any name that is not there.
                return text
            if not fit:
                return _Wrong("nowhere", tuple(places))
            places = fit
        fit = [one for one in places if one.layer is layer or one.layer.level in layer.above]
        fit = fit or [one for one in places if not parallel(one.layer, layer)]
        if places and not fit:
            return _Wrong("beside", tuple(places))
        if not fit or bare not in self._shared:
            return bare
        return self.called(fit[0].layer, bare) if len(fit) == 1 else _Wrong("several", tuple(fit))

    def rule(self, report: Report, layer: Layer, name: Name) -> str | None:
        """What a rule that ``layer`` puts before or behind others is called in the whole stack; None after reporting."""
        found = _Renaming(self, report, set(), layer).target(name, "先后")
        return None if found is None else found.text

    def reading(self, layer: str, name: Name) -> Name | tuple[str, ...]:
        """A name that the layer of that id reads, as the whole stack has it; where it means nothing, what it may write
        instead."""
        own = next(one for one in self.layers if one.id == layer)
        text = _DOT.sub(MARK, name.text)
        meant = self.meant(own, text, read=True)
        if isinstance(meant, str):
            return replace(name, text=meant)
        seen = (one for one in meant.places if one.layer is own or one.layer.level in own.above)
        return tuple(self.called(one.layer, one.name.text) for one in seen)

    # ---- declarations as the whole stack has them -------------------------------------------------------------------

    def seen(self, report: Report, broken: set[str], layer: Layer, node: surface.Declaration) -> Iterator[Any]:
        """The declaration with every name of it as the whole stack has it; none where it acts on what is not above.
        What a name means nothing for is reported, and is ``broken``."""
        renaming = _Renaming(self, report, broken, layer)
        if isinstance(node, surface.Acting):
            target = renaming.target(node.target, node.written.keyword.text)
            if target is None:
                return
            node = replace(node, target=target)
        elif isinstance(node, surface.RuleDecl):
            decision = renaming.target(node.decision, node.written.keyword.text)
            if decision is None:
                return
            node = replace(node, decision=decision)
        elif isinstance(node, surface.TableDecl):
            table = self._table(renaming, node)
            if table is None:
                broken.update(row.name.text for row in node.rows)
            else:
                yield table
            return
        if not isinstance(node, surface.ObjectDecl | surface.Acting):
            node = replace(node, name=replace(node.name, text=self.called(layer, node.name.text)))
        if isinstance(node, (surface.ParameterDecl, surface.DecisionDecl)):
            key = node.key
            if key is not None and _scope(node, key) in self._keys:
                node = replace(node, key=replace(key, text=f"{_plain(layer.id)}_{key.text}"))
        yield renaming.within(node)

    def _table(self, renaming: _Renaming, node: surface.TableDecl) -> surface.TableDecl | None:
        """A table and the rules that its rows are; what its head means nothing for is told once."""
        layer, before = renaming.layer, len(renaming.report.found)
        decision, inputs = renaming.target(node.decision, node.written.keyword.text), renaming.within(node.inputs)
        if decision is None or len(renaming.report.found) > before:
            return None
        rows = tuple(
            replace(
                renaming.within(row),
                decision=decision,
                name=replace(row.name, text=self.called(layer, row.name.text)),
            )
            for row in node.rows
        )
        shared = any(row.name.text in self._shared for row in node.rows)
        text = f"{self.qualifiers[layer.level]}{MARK}{node.name.text}" if shared else node.name.text
        name = replace(node.name, text=text)
        rows = tuple(replace(row, table=name) for row in rows)
        return replace(node, name=name, decision=decision, inputs=inputs, rows=rows)


@dataclass(slots=True)
class _Renaming:
    """The names that one layer wrote."""

    naming: Naming
    report: Report
    broken: set[str]
    layer: Layer

    def within(self, item: Any) -> Any:
        """``item`` with the references in it renamed."""
        match item:
            case Ref(parts):
                return replace(item, parts=(*parts[:-1], self.read(parts[-1])))
            case tuple():
                return tuple(self.within(part) for part in item)
            case _ if not is_dataclass(item) or isinstance(item, (Span, Name)):
                return item
        changed: dict[str, object] = {}
        for part in fields(item):
            if part.name in _Unread:
                continue
            value = getattr(item, part.name)
            if isinstance(item, (Aggregate, surface.StatisticDecl)) and part.name == "field":
                new = None if value is None else self.read(value)
            else:
                new = self.within(value)
            if new != value:
                changed[part.name] = new
        return replace(cast(Any, item), **changed) if changed else item

    def read(self, name: Name) -> Name:
        """A name that is read."""
        meant = self.naming.meant(self.layer, name.text, read=True)
        if isinstance(meant, str):
            return name if meant == name.text else replace(name, text=meant)
        self._wrong(name, meant, "")
        return name

    def target(self, name: Name, act: str) -> Name | None:
        """A name that is acted on, or concluded."""
        meant = self.naming.meant(self.layer, name.text, read=act not in ("修订", "先后"))
        if isinstance(meant, str):
            return name if meant == name.text else replace(name, text=meant)
        self._wrong(name, meant, act)
        return None

    def _wrong(self, name: Name, wrong: _Wrong, act: str) -> None:
        report, layer, bare = self.report, self.layer, self.naming.parts(name.text)[2]
        labels = [Label(one.name.span, f"《{one.layer.files.title}》的“{bare}”") for one in wrong.places]
        full = [f"{self.naming.qualifiers[one.layer.level]}{MARK}{bare}" for one in wrong.places]
        match wrong.why:
            case "several":
                message = f"几份文件里都有“{bare}”，不知道是哪一份的"
                report.error("E318", message, name.span, f"写成 {' 或 '.join(full)}", *labels)
            case "nowhere":
                seen = [one for one in self.naming.layers if one is layer or one.level in layer.above]
                known = some([self.naming.qualifiers[one.level] for one in seen], 6)
                said = f"是不是 {'、'.join(full)}？" if full else f"“{MARK}”前面写声明它的文件：{known}"
                report.error("E320", f"没有“{name.text}”", name.span, said, *labels)
            case "beside":
                self._beside(name, wrong.places[0].layer, act, labels)
        if wrong.why != "beside":
            self.broken.add(name.text)

    def _beside(self, name: Name, other: Layer, act: str, labels: list[Label]) -> None:
        own = self.layer.files.title
        message = f"“{name.text}”是《{other.files.title}》的，《{own}》没有继承它"
        if act:
            said = f"{message}，不能{_acting(act)}"
            remedy = f"{extending(self.layer, other)}；或者由同时继承两份文件的下一层来写"
            self.report.error("E314", said, name.span, remedy, *labels)
        else:
            self.report.error("E319", f"{message}，不能引用", name.span, extending(self.layer, other), *labels)


def _acting(act: str) -> str:
    if act == "先后":
        return "写进先后"
    return act if act in ("修订", "增列", "设定") else f"用{act}给它添条件"


def extending(layer: Layer, other: Layer) -> str:
    """How ``layer`` would come to extend ``other``."""
    path = posixpath.relpath(other.files.shown, layer.files.shown)
    written = ", ".join((*layer.files.manifest.uppers, path))
    value = written if not layer.files.manifest.uppers else f"[{written}]"
    return f"真要以它为上层，{layer.files.shown}/layer.yaml 里写 extends: {value}"


def naming_of(layers: Sequence[Layer]) -> Naming | None:
    """The naming of a stack; None of a chain in which no name is written with its document."""
    if any(parallel(one, other) for one, other in combinations(layers, 2)):
        return Naming(layers)
    written = any(_WRITTEN.search(source.text) for layer in layers for source in layer.files.sources)
    return Naming(layers) if written else None


_Declared: TypeAlias = (
    surface.ParameterDecl
    | surface.ListDecl
    | surface.TermDecl
    | surface.StatisticDecl
    | surface.DecisionDecl
    | surface.RuleDecl
    | surface.DutyDecl
    | surface.NoticeDecl
    | surface.PresumptionDecl
)


def _declarations(layers: Sequence[Layer]) -> Iterator[tuple[Layer, _Declared]]:
    for layer in layers:
        for file in layer.parsed:
            for node in each_declaration(file):
                if not isinstance(node, surface.ObjectDecl | surface.TableDecl | surface.Acting):
                    yield layer, node


def _shared(places: Sequence[_Place]) -> bool:
    """Whether several documents declare the name, none of which extends another: presumptions under one label may stand
    side by side."""
    return not all(place.presumes for place in places) and _apart([place.layer for place in places])


def _apart(owners: Sequence[Layer]) -> bool:
    return len(owners) > 1 and all(parallel(one, other) for one, other in combinations(owners, 2))


def _scope(node: surface.ParameterDecl | surface.DecisionDecl, key: Name) -> tuple[str, str]:
    if isinstance(node, surface.ParameterDecl):
        return "参数", key.text
    return f"决定 {'' if node.object is None else node.object.text}", key.text


def _plain(text: str) -> str:
    """As much of a 简称 or an id as may stand in a name."""
    return re.sub(r"[^\w〔〕]", "", text)


def _words(layer: Layer, qualifiers: Sequence[str]) -> Iterator[str]:
    """What a layer may be called before a name."""
    yield from dict.fromkeys((_plain(layer.id), qualifiers[layer.level]))


def _qualifiers(layers: Sequence[Layer]) -> list[str]:
    """What stands before the names of each layer: its 简称, where no other layer is called so, else its id."""
    ids = [_plain(layer.id) for layer in layers]
    short = [_plain(layer.files.manifest.short or "") or own for layer, own in zip(layers, ids, strict=True)]
    return [
        ids[level] if any(word in (ids[at], short[at]) for at in range(len(layers)) if at != level) else word
        for level, word in enumerate(short)
    ]

"""The edits of a 试验 in the place of what a layer wrote: the layers as they would read, were they written so.

Why this exists: whoever asks what a change would bring must not copy a folder and keep the copy in step. The edits act on what the
parser read, before any name is looked at, so that assembling, evaluating and comparing know nothing of trials.

Invariants: the layers given are not changed; an edit means what the same edit made in the text of the layer means; what cannot be
found, or is not plain, is a finding at its place in the trial and leaves the layer as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.language import expressions as exprs
from policyrules.language import nodes as surface
from policyrules.language.declare import declare
from policyrules.language.expressions import Name
from policyrules.language.keywords import EDITS, clause_name
from policyrules.language.printer import clause_text
from policyrules.language.walk import each_declaration
from policyrules.program import nodes as core
from policyrules.program.layers import Layer, Varied
from policyrules.program.trial_files import TrialFiles
from policyrules.source import Span
from policyrules.spelling import nearest
from policyrules.text import some
from policyrules.types import AREA_UNITS, DAY_UNITS, FIRST_YEAR, MONEY_UNITS, MONTH_UNITS, Kind

_TOGETHER: Final[tuple[tuple[frozenset[str], frozenset[str]], ...]] = (
    (frozenset({"参数", "读法"}), frozenset({"=", "缺省", "未定", "自"})),
    (frozenset({"设定"}), frozenset({"为", "自"})),
    (frozenset({"推定"}), frozenset({"当", "则"})),
    (frozenset({"义务"}), frozenset({"应当", "原则上应当"})),
    (frozenset({"统计"}), frozenset({"计数", "占比", "合计", "种数"})),
    (frozenset({"决定"}), frozenset({"单值", "累计"})),
    (frozenset({"决策表"}), frozenset({"取首行", "可重叠"})),
)
"""Clauses of which one stands in the place of another, by the declarations that they are in."""

_UNSAID: Final = ("依据", "释义", "说明", "授权", "去掉")
_OBJECTS: Final = ("对象", "字段", "研判")


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial with its rule files parsed, and what parsing them found."""

    files: TrialFiles
    parsed: tuple[surface.File, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def said(self) -> str:
        """What is cited for what it writes."""
        return f"试验“{self.files.manifest.title}”"


@dataclass(frozen=True, slots=True)
class Overlaid:
    """``layers`` with the edits in place; the ``edits``, of which authority is not settled yet; what the trial wrote; what was found, and
    what ``lapsed`` of layers below with what it acted on."""

    layers: tuple[Layer, ...]
    edits: tuple[core.Edit, ...]
    varied: Varied
    found: tuple[Diagnostic, ...]
    lapsed: tuple[Diagnostic, ...]


def overlaid(layers: tuple[Layer, ...], trial: Trial, called: Callable[[Layer, str], str]) -> Overlaid:
    """The layers with the edits of a trial in place. ``called``: what a name that a layer wrote is called in the whole stack."""
    overlay = _Overlay(layers, trial, called)
    for written, declaration in _in_order(trial.parsed):
        overlay.edit(written, declaration)
    return overlay.done()


def _in_order(files: Iterable[surface.File]) -> Iterator[tuple[surface.Written, surface.Declaration | None]]:
    """What a trial writes: edits, and declarations to be added."""
    for file in files:
        found: list[tuple[surface.Written, surface.Declaration | None]] = [(one, None) for one in file.edits]
        found += [(one.written, one) for one in file.declarations]
        yield from sorted(found, key=lambda pair: pair[0].span.start)


class _Overlay(Report):
    def __init__(self, layers: tuple[Layer, ...], trial: Trial, called: Callable[[Layer, str], str]) -> None:
        super().__init__()
        self.layers = layers
        self.trial = trial
        self.called = called
        self.layer = next(layer for layer in layers if layer.id == trial.files.layer)
        self.kept: list[list[surface.Declaration | None]] = [list(file.declarations) for file in self.layer.parsed]
        self.added: dict[str, list[surface.Declaration]] = {file.source.path: [] for file in trial.parsed}
        self.edits: list[core.Edit] = []
        self.named: dict[str, Name] = {}
        self.gone: set[str] = set()
        self.first: dict[tuple[int, int], Span] = {}
        self.lapsed: list[Diagnostic] = []

    # ---- one edit

    def edit(self, written: surface.Written, declaration: surface.Declaration | None) -> None:
        if written.act is None:
            words = "、".join(EDITS)
            head = f"{written.keyword.text} {written.name.text}"
            span = written.keyword.span.to(written.name.span)
            self.error("E323", f"试验里的“{head}”没有写明是{words}中的哪一种", span, f"本层没有的，写成 新增 {head}")
        elif declaration is not None:
            self._add(written, declaration)
        elif written.keyword.text in _OBJECTS:
            remedy = "要新的情况，写 新增 对象 项目，下面写新的字段"
            self.error("E324", f"试验不能{written.act.text}对象和字段，台账是照它们填的", written.span, remedy)
        else:
            place = self._target(written)
            if place is not None and written.act.text == "去掉":
                self._remove(written, place)
            elif place is not None:
                self._change(written, place)

    def _add(self, written: surface.Written, declaration: surface.Declaration) -> None:
        clauses = self._unnamed(written.clauses)
        made: surface.Declaration | None = declaration
        if clauses != written.clauses:
            made = self._declared(replace(written, clauses=clauses))
        if made is not None:
            self.added[written.span.source.path].append(made)
            self._note(written, "新增", "", _words(written), None)

    def _change(self, written: surface.Written, place: tuple[int, int]) -> None:
        old = self._at(place)
        merged = self._merged(old.written, written)
        made = None if merged is None else self._declared(merged)
        if made is None:
            return
        given = [clause for clause in written.clauses if clause.keyword.text != "去掉"]
        replaced = _replaced(written)
        before = [clause for clause in old.written.clauses if clause.keyword.text in replaced]
        self.kept[place[0]][place[1]] = made
        self._note(written, "改", _clauses_text(before), _clauses_text(given), old.span)

    def _remove(self, written: surface.Written, place: tuple[int, int]) -> None:
        old = self._at(place)
        more = next((clause for clause in written.clauses if clause.keyword.text not in ("说明", "释义")), None)
        if more is not None:
            remedy = f"只去掉其中一句的，写成 改 {written.keyword.text} {written.name.text}，下面写 去掉 {clause_name(more.keyword.text)}"
            self.error("E324", "整条去掉的，下面只写说明", more.span, remedy)
            return
        self.kept[place[0]][place[1]] = None
        rows = old.rows if isinstance(old, surface.TableDecl) else ()
        names = [] if isinstance(old, surface.Acting) else [old.written.name.text, *(row.name.text for row in rows)]
        self.gone.update(self.called(self.layer, name) for name in names)
        self._note(written, "去掉", _words(old.written), "", old.span)

    def _at(self, place: tuple[int, int]) -> surface.Declaration:
        found = self.kept[place[0]][place[1]]
        assert found is not None, "what was taken away is no target any more"
        return found

    def _note(
        self, written: surface.Written, act: Literal["改", "新增", "去掉"], old: str, new: str, replaced: Span | None
    ) -> None:
        authority: Literal["有", "不适用"] = "有" if self.layer.above else "不适用"
        kind, name = written.keyword.text, written.name.text
        self.edits.append(core.Edit(act, kind, name, old, new, authority, "", written.span, replaced))

    # ---- what is meant

    def _target(self, written: surface.Written) -> tuple[int, int] | None:
        """The place of the declaration that an edit is about; None after reporting."""
        keyword, name = written.keyword.text, written.name.text
        places = [
            (number, at)
            for number, file in enumerate(self.layer.parsed)
            for at, one in enumerate(file.declarations)
            if one.written.keyword.text == keyword and one.written.name.text == name
        ]
        span = written.keyword.span.to(written.name.span)
        if not places:
            self._missing(written, span)
            return None
        if len(places) > 1:
            labels = [Label(self.layer.parsed[n].declarations[at].span, "这里有一处") for n, at in places[:3]]
            message = f"这一层有 {len(places)} 处“{keyword} {name}”，不知道是哪一处"
            self.error("E324", message, span, "试验改不了这一种；请先在那一层把它们合成一处", *labels)
            return None
        first = self.first.setdefault(places[0], span)
        if first is not span:
            self.error("E324", f"试验对“{keyword} {name}”写了两次", span, "合成一条", Label(first, "先在这里"))
            return None
        return places[0]

    def _missing(self, written: surface.Written, span: Span) -> None:
        assert written.act is not None
        act, keyword, name = written.act.text, written.keyword.text, written.name.text
        title = self.layer.files.title
        message = f"《{title}》里没有“{keyword} {name}”"
        own = [one for file in self.layer.parsed for one in file.declarations]
        other = next((one for one in own if one.written.name.text == name), None)
        if other is not None:
            label = Label(other.written.keyword.span.to(other.written.name.span), "在这里")
            self.error("E324", message, span, f"写成 {act} {other.written.keyword.text} {name}", label)
            return
        for layer in self.layers:
            for node in (node for file in layer.parsed for node in each_declaration(file)):
                if layer is self.layer or node.written.name.text != name or isinstance(node, surface.Acting):
                    continue
                remedy = f"要改它自己的文字，layer.yaml 里写 变动: {layer.id}"
                if layer.level in self.layer.above:
                    remedy = f"要让本层改动上层的它，写 新增 修订 {name}（参数写 新增 设定）；{remedy}"
                self.error("E324", message, span, remedy, Label(node.span, f"《{layer.files.title}》的在这里"))
                return
        near = nearest(name, [one.written.name.text for one in own if one.written.keyword.text == keyword])
        self.error("E324", message, span, f"是不是 {near[0]}？" if near else "检查名称，或写 新增")

    def _merged(self, old: surface.Written, written: surface.Written) -> surface.Written | None:
        """A declaration with the clauses of an edit in the place of its own; None after reporting."""
        there = {clause.keyword.text for clause in old.clauses}
        for clause in written.clauses:
            for word in _dropped(clause):
                if word.text not in there:
                    known = some([clause_name(one.keyword.text) for one in old.clauses], 9, "句")
                    message = f"“{old.keyword.text} {old.name.text}”里没有“{word.text}”这一句"
                    self.error("E324", message, word.span, f"它有：{known}", Label(old.span, "在这里"))
                    return None
        rows = [clause for clause in written.clauses if clause.keyword.text == "row"]
        if written.keyword.text == "决策表" and not rows:
            message = "改决策表，要把“得出”和整张表写出来"
            self.error("E324", message, written.span, "照原表写一遍，改要改的格子", Label(old.span, "原表在这里"))
            return None
        replaced = _replaced(written)
        kept = tuple(clause for clause in old.clauses if clause.keyword.text not in replaced)
        given = tuple(clause for clause in written.clauses if clause.keyword.text != "去掉")
        key = written.key or old.key
        clauses = (*kept, *self._unnamed(given))
        return surface.Written(written.keyword, written.name, key, clauses, written.span)

    def _declared(self, written: surface.Written) -> surface.Declaration | None:
        found, problems = declare(written)
        self.found.extend(problems)
        return None if isinstance(found, surface.FieldDecl) else found

    # ---- numbers with a name

    def _unnamed(self, clauses: tuple[surface.Clause, ...]) -> tuple[surface.Clause, ...]:
        """The clauses with a parameter in the place of each number that is named."""
        found: list[exprs.Named] = []
        bare = cast("tuple[surface.Clause, ...]", _bare(clauses, found))
        for one in found:
            first = self.named.setdefault(one.name.text, one.name)
            if first is not one.name:
                label = Label(first.span, "先在这里")
                self.error("E324", f"两个数都叫“{one.name.text}”", one.name.span, "各起各的名称", label)
                continue
            self.added[one.span.source.path].append(_parameter(one))
        return bare

    # ---- the layers

    def done(self) -> Overlaid:
        parsed = tuple(
            replace(file, declarations=tuple(node for node in kept if node is not None))
            for file, kept in zip(self.layer.parsed, self.kept, strict=True)
        )
        parsed += tuple(
            surface.File(file.source, tuple(self.added[file.source.path]), (), file.broken)
            for file in self.trial.parsed
        )
        layers = tuple(
            replace(layer, parsed=parsed if layer is self.layer else self._below(layer)) for layer in self.layers
        )
        varied = Varied(frozenset(self.added), self.trial.said, tuple(self.named))
        return Overlaid(layers, tuple(self.edits), varied, tuple(self.found), tuple(self.lapsed))

    def _below(self, layer: Layer) -> tuple[surface.File, ...]:
        """The files of another layer without what acts on what was taken away."""
        if not self.gone or self.layer.level not in layer.above:
            return layer.parsed
        return tuple(
            replace(file, declarations=tuple(node for node in file.declarations if self._stands(layer, node)))
            for file in layer.parsed
        )

    def _stands(self, layer: Layer, node: surface.Declaration) -> bool:
        if not isinstance(node, surface.Acting) or self.called(layer, node.target.text) not in self.gone:
            return True
        word, name = node.written.keyword.text, node.target.text
        message = f"试验去掉了“{name}”，《{layer.files.title}》对它的{word}随之落空"
        self.lapsed.append(Diagnostic("W327", message, node.target.span, "warning", "真要这样改，这一条也要一起改"))
        return False


# ---- clauses --------------------------------------------------------------------------------------------------------


def _dropped(clause: surface.Clause) -> tuple[Name, ...]:
    return cast("tuple[Name, ...]", clause.body) if clause.keyword.text == "去掉" else ()


def _replaced(written: surface.Written) -> frozenset[str]:
    """The words of the clauses that an edit takes away or puts others in the place of."""
    words = {word.text for clause in written.clauses for word in _dropped(clause)}
    for clause in written.clauses:
        word = clause.keyword.text
        together = next((both for of, both in _TOGETHER if written.keyword.text in of and word in both), None)
        words |= together or ({word} if word != "去掉" else set())
    return frozenset(words)


def _words(written: surface.Written) -> str:
    """A declaration in one line, without what it cites and explains."""
    said = _clauses_text([one for one in written.clauses if one.keyword.text not in _UNSAID])
    return f"{written.keyword.text} {written.name.text}" + (f" {said}" if said else "")


def _clauses_text(clauses: Sequence[surface.Clause]) -> str:
    """Clauses in one line; what they cite and explain only where they say nothing else."""
    said = [clause for clause in clauses if clause.keyword.text not in _UNSAID] or list(clauses)
    return "；".join(clause_text(clause) for clause in said)


def _bare(item: Any, found: list[exprs.Named]) -> Any:
    """What was read, with the name in the place of each number that has one; these are added to ``found``."""
    if isinstance(item, exprs.Named):
        found.append(item)
        return exprs.Ref((item.name,), item.span)
    if isinstance(item, tuple):
        parts = tuple(_bare(part, found) for part in item)
        return item if all(new is old for new, old in zip(parts, item, strict=True)) else parts
    if not dataclasses.is_dataclass(item) or isinstance(item, Span | type | Name):
        return item
    changed: dict[str, Any] = {}
    for one in dataclasses.fields(item):
        old = getattr(item, one.name)
        new = _bare(old, found)
        if new is not old:
            changed[one.name] = new
    return replace(cast(Any, item), **changed) if changed else item


def _parameter(named: exprs.Named) -> surface.ParameterDecl:
    """The parameter that a number with a name stands for: of the type and in the unit that the number is written in."""
    span, value = named.span, named.value
    kind, unit = _kind_of(value)
    type_ = surface.TypeExpr(kind.value, None if unit is None else Name(unit, value.span), None, value.span)
    keyword = Name("参数", named.name.span)
    clauses = (
        surface.Clause(Name("type", value.span), type_, value.span),
        surface.Clause(Name("=", value.span), value, value.span),
    )
    written = surface.Written(keyword, named.name, None, clauses, span)
    dated = surface.DatedValue(value, None, value.span)
    return surface.ParameterDecl(
        "参数", named.name, None, type_, "fixed", (dated,), None, surface.Common(), written, span
    )


def _kind_of(value: exprs.Quantity | exprs.DateLiteral) -> tuple[Kind, str | None]:
    if isinstance(value, exprs.DateLiteral):
        return Kind.DATE, None
    unit = value.unit
    units: Mapping[Kind, Iterable[str]] = {
        Kind.MONEY: MONEY_UNITS,
        Kind.AREA: AREA_UNITS,
        Kind.DURATION: (*MONTH_UNITS, *DAY_UNITS),
    }
    if unit == "%":
        return Kind.RATIO, None
    if unit == "年" and value.number >= FIRST_YEAR:
        return Kind.YEAR, None
    found = next((kind for kind, known in units.items() if unit is not None and unit in known), None)
    if found is not None:
        return found, unit
    return (Kind.DECIMAL if "." in value.span.text or "．" in value.span.text else Kind.INTEGER), unit

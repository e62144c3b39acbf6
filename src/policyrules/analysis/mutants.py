"""Mutants of a rule file: the same file with one place changed, to see whether any scenario notices.

Why this exists: scenarios that pass prove little until a wrong rule makes one of them fail. A mutant is an edit of the
text at the place of a node, so that what is shown (file, line, before, after) is exactly what was tried.

Invariants: a mutant changes one stretch of the text and nothing else; mutants come in the order of the text; within one
file, `Mutant.declaration` and `Mutant.change` together name a mutant whatever its line number. Names are never
changed, and declared names never removed except provisions, so that most mutants load.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from policyrules.analysis.changes import (
    LEFT_OUT,
    Change,
    Vocabulary,
    condition_changes,
    cut,
    list_cuts,
    literal_changes,
    masked,
    one_line,
    written,
)
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.quotes import normalise
from policyrules.source import Source, Span
from policyrules.types import Kind

TONES: Final[tuple[str, ...]] = ("应当", "重点", "支持", "鼓励", "引导", "可")
RESTATEMENT: Final = "删去重申"


@dataclass(frozen=True, slots=True)
class Mutant:
    """``text[start:end]`` of a file becomes ``replacement``; it lies in the declaration of number ``index`` there.

    ``path``: the file as people are shown it; ``declaration``: what is changed (``规则 升级类``); ``targets``: the names
    whose results the change can reach directly; ``before`` and ``after``: the changed stretch in one line; ``kind``: the
    sort of change (``比较``, ``且或`` ...).
    """

    layer: str
    path: str
    line: int
    declaration: str
    kind: str
    before: str
    after: str
    start: int
    end: int
    replacement: str
    index: int
    targets: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def change(self) -> str:
        """The change in one line: ``链条 为 不完整 → 链条 为 较完备``."""
        return f"{self.before} → {self.after}"

    @property
    def identity(self) -> tuple[str, str]:
        """What a list of equivalent mutants names it by: declaration and change, compared without white space."""
        return normalise(self.declaration), normalise(self.change)

    def within(self, span: Span) -> str:
        """The text of ``span`` (a whole file, or the declaration) with the change made."""
        text = span.source.text
        return text[span.start : self.start] + self.replacement + text[self.end : span.end]

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "file": self.path,
            "line": self.line,
            "declaration": self.declaration,
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
        }


def vocabulary_of(program: core.Program) -> Vocabulary:
    """The declared values of every field, parameter, term and decision, by name."""
    values: dict[str, list[tuple[str, ...]]] = {}

    def add(name: str, kind: Kind, declared: tuple[str, ...] | None) -> None:
        if kind is Kind.BOOL:
            declared = ("是", "否")
        if declared:
            values.setdefault(name, []).append(declared)

    for fields in program.fields.values():
        for field in fields.values():
            add(field.name, field.type.kind, field.type.values)
    for parameter in program.parameters.values():
        add(parameter.name, parameter.type.kind, parameter.type.values)
    for term in program.terms.values():
        add(term.name, term.type.kind, term.type.values)
    for decision in program.decisions.values():
        add(decision.name, Kind.ENUM, decision.values)
    many = frozenset(decision.name for decision in program.decisions.values() if decision.mode == "多选")
    conditions = frozenset(term.name for term in program.terms.values() if term.type.kind is Kind.BOOL)
    return Vocabulary({name: tuple(found) for name, found in values.items()}, many, conditions)


def mutants_of(file: surface.File, layer: str, vocabulary: Vocabulary) -> tuple[Mutant, ...]:
    """Every mutant of one parsed rule file, in the order of its text."""
    found: list[Mutant] = []
    for index, declaration in enumerate(file.declarations):
        label = f"{_keyword(declaration)} {_name(declaration)}"
        places = tuple(citation.place.text for citation in _common(declaration).citations)
        targets = _targets(declaration)
        for change in declaration_changes(declaration, vocabulary):
            found.append(_mutant(file.source, layer, label, index, targets, places, change))
    found.sort(key=lambda mutant: (mutant.start, mutant.end, mutant.kind))
    return tuple(_numbered(found))


def _mutant(
    source: Source,
    layer: str,
    label: str,
    index: int,
    targets: tuple[str, ...],
    places: tuple[str, ...],
    change: Change,
) -> Mutant:
    text = source.text
    before = text[change.first : change.last]
    after = text[change.first : change.start] + change.replacement + text[change.end : change.last]
    line, _ = source.line_column(change.start)
    return Mutant(
        layer,
        source.path,
        line,
        label,
        change.kind,
        change.before or one_line(before),
        change.after or one_line(after) or LEFT_OUT,
        change.start,
        change.end,
        change.replacement,
        index,
        targets,
        places,
    )


def _numbered(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """The same change at two places of one declaration is told apart by its number."""
    seen: dict[tuple[str, str], int] = {}
    for mutant in mutants:
        count = seen[mutant.identity] = seen.get(mutant.identity, 0) + 1
        yield mutant if count == 1 else replace(mutant, after=f"{mutant.after}（第 {count} 处）")


# ---- declarations ---------------------------------------------------------------------------------------------------


def declaration_changes(declaration: surface.Declaration, vocabulary: Vocabulary) -> Iterator[Change]:
    """Every change of one declaration."""
    match declaration:
        case surface.ObjectDecl():
            return
        case surface.ParameterDecl() | surface.SettingDecl():
            yield from _dated_changes(declaration, vocabulary)
        case surface.ListDecl():
            yield from _list_changes(declaration)
        case surface.TermDecl():
            boolean = declaration.name.text in vocabulary.conditions
            yield from condition_changes(declaration.body, vocabulary, boolean=boolean)
        case surface.StatisticDecl():
            yield from _statistic_changes(declaration, vocabulary)
        case surface.DecisionDecl():
            yield from _decision_changes(declaration, vocabulary)
        case surface.RuleDecl():
            yield _removed(declaration)
            yield from _speaker_changes(declaration, vocabulary)
            yield from _conclusion_changes(declaration, vocabulary)
        case surface.DutyDecl():
            yield _removed(declaration)
            yield from _speaker_changes(declaration, vocabulary)
            yield from condition_changes(declaration.demand, vocabulary)
            if declaration.deadline is not None:
                span = declaration.deadline.span
                yield cut("去掉期限", _from_keyword(span, r"期限"), span.end)
                yield from condition_changes(declaration.deadline, vocabulary, boolean=False)
        case surface.NoticeDecl():
            yield _removed(declaration)
            yield from _speaker_changes(declaration, vocabulary)
        case surface.AmendmentDecl():
            yield from _amendment_changes(declaration, vocabulary)
        case surface.ExtensionDecl():
            if len(declaration.items.items) > 1:
                yield from list_cuts("清单少一值", declaration.items.items)
            else:
                yield _removed(declaration)
        case surface.PresumptionDecl():
            yield from _presumption_changes(declaration, vocabulary)
        case _:
            assert_never(declaration)
    yield from _term_of_force(declaration)


def _removed(declaration: surface.Declaration, kind: str = "删去声明") -> Change:
    span = declaration.span
    label = f"{_keyword(declaration)} {_name(declaration)}"
    return Change(kind, span.start, span.end, "", span.start, span.end, before=label, after=LEFT_OUT)


def _from_keyword(span: Span, pattern: str) -> int:
    """Where the clause begins whose expression is at ``span``: the keyword in front of it."""
    before = masked(span.source.text[max(0, span.start - 200) : span.start])
    found = re.search(rf"({pattern})\s*$", before)
    return span.start - (len(before) - found.start()) if found is not None else span.start


def _speaker_changes(
    node: surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl, vocabulary: Vocabulary
) -> Iterator[Change]:
    """当 and 除外."""
    if node.when is not None:
        if not isinstance(node.when, surface.And):
            yield cut("去掉条件", _from_keyword(node.when.span, "当"), node.when.span.end)
        yield from condition_changes(node.when, vocabulary)
    for exception in node.exceptions:
        yield cut("去掉除外", _from_keyword(exception.span, "除外"), exception.span.end)
        yield from condition_changes(exception, vocabulary)


def _conclusion_changes(node: surface.RuleDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    first, last = node.decision.span.start, node.values[-1].span.end
    if len(node.values) > 1:
        yield from list_cuts("结论少一值", node.values)
    else:
        value = node.values[0]
        other = vocabulary.neighbour(node.decision.text, _word(value))
        if other is not None:
            yield Change("结论换值", value.span.start, value.span.end, written(other), first, last)
    if node.tone is not None and node.decision.text in vocabulary.many:
        start = _from_keyword(node.decision.span, node.tone)
        other = TONES[(TONES.index(node.tone) + 1) % len(TONES)]
        yield Change("语气", start, start + len(node.tone), other, start, last)


def _dated_changes(node: surface.ParameterDecl | surface.SettingDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    name = _name(node)
    if isinstance(node, surface.SettingDecl):
        yield _removed(node)
    for dated in node.values:
        value = dated.value
        if isinstance(value, surface.SetLiteral):
            yield from list_cuts("参数少一值", value.items)
            other = vocabulary.absent(name, [_word(item) for item in value.items])
            if not value.items and other is not None:
                yield Change(
                    "参数多一值", value.span.start, value.span.end, f"{{ {written(other)} }}", *_ends(value.span)
                )
        else:
            for change in literal_changes(value, name, vocabulary):
                yield replace(change, kind="参数换值", first=dated.span.start, last=dated.span.end)


def _list_changes(node: surface.ListDecl) -> Iterator[Change]:
    items = node.items
    if len(items.items) > 1:
        yield from list_cuts("清单少一值", items.items)
    if not items.items:
        return
    last = items.items[-1].span.end
    closing = items.span.end - 1
    if items.open:
        yield Change("清单封闭", last, closing, " ", last, items.span.end, before="、等 }", after="}")
    else:
        yield Change("清单放开", last, closing, "、等 ", last, items.span.end, before="}", after="、等 }")


def _statistic_changes(node: surface.StatisticDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    if len(node.same) > 1:
        yield from list_cuts("相同少一项", node.same)
    if node.where is not None:
        if not isinstance(node.where, surface.And):
            yield cut("去掉其中", _from_keyword(node.where.span, "其中"), node.where.span.end)
        yield from condition_changes(node.where, vocabulary)
    if node.match is not None:
        yield from condition_changes(node.match, vocabulary)


def _decision_changes(node: surface.DecisionDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    if node.applies is not None:
        span = node.applies.span
        yield cut("去掉适用", _from_keyword(span, r"适用\s*当"), span.end)
        yield from condition_changes(node.applies, vocabulary)
    if node.default is not None:
        span = node.default.span
        start = _from_keyword(span, "默认")
        yield cut("去掉默认", start, span.end)
        other = vocabulary.neighbour(node.name.text, _word(node.default))
        if other is not None:
            yield Change("默认换值", span.start, span.end, written(other), start, span.end)
    for rank in node.ranks:
        yield cut("去掉先后", *_ends(rank.span))
        yield from _rank_changes(rank, vocabulary)


def _rank_changes(rank: surface.Rank, vocabulary: Vocabulary) -> Iterator[Change]:
    for left, right in zip(rank.values, rank.values[1:], strict=False):
        between = rank.span.source.text[left.span.end : right.span.start]
        swapped = f"{right.span.text}{between}{left.span.text}"
        yield Change("先后对调", left.span.start, right.span.end, swapped, *_ends(rank.span))
    if rank.when is not None:
        yield Change("去掉仅当", rank.values[-1].span.end, rank.span.end, "", *_ends(rank.span))
        yield from condition_changes(rank.when, vocabulary)


def _amendment_changes(node: surface.AmendmentDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    if node.restate:
        yield _removed(node, RESTATEMENT)
        return
    yield _removed(node, "删去修订")
    parts = len(node.operations) + len(node.ranks)
    for operation in node.operations:
        if parts > 1:
            yield cut("去掉" + operation.kind, *_ends(operation.span))
        yield from condition_changes(operation.body, vocabulary)
    for rank in node.ranks:
        if parts > 1:
            yield cut("去掉先后", *_ends(rank.span))
        yield from _rank_changes(rank, vocabulary)


def _presumption_changes(node: surface.PresumptionDecl, vocabulary: Vocabulary) -> Iterator[Change]:
    if len(node.cases) == 1:
        yield _removed(node)
    for case in node.cases:
        if len(node.cases) > 1:
            yield cut("去掉推定", *_ends(case.span))
        yield from condition_changes(case.when, vocabulary)
        for change in literal_changes(case.value, case.field.text, vocabulary):
            yield replace(change, kind="推定换值", first=case.field.span.start, last=case.value.span.end)


def _term_of_force(declaration: surface.Declaration) -> Iterator[Change]:
    """自 … 起 and 至 … 止, one day off."""
    common = _common(declaration)
    for date, span, days in ((common.since, common.since_span, 1), (common.until, common.until_span, -1)):
        if date is None or span is None:
            continue
        other = date + datetime.timedelta(days=days)
        found = re.search(r"[0-9０-９]{4}\s*年.*?日", span.text)
        if found is not None:
            start = span.start + found.start()
            text = f"{other.year}年{other.month}月{other.day}日"
            yield Change("有效期", start, span.start + found.end(), text, *_ends(span))


# ---- parts of declarations ------------------------------------------------------------------------------------------


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _word(value: surface.Literal_) -> str:
    return value.text if isinstance(value, surface.Name | surface.Text) else value.span.text


def _common(declaration: surface.Declaration) -> surface.Common:
    return declaration.common


def _name(declaration: surface.Declaration) -> str:
    match declaration:
        case surface.AmendmentDecl() | surface.ExtensionDecl() | surface.SettingDecl():
            return declaration.target.text
        case _:
            return declaration.name.text


def _keyword(declaration: surface.Declaration) -> str:
    """The word that begins the declaration."""
    found = re.match(r"\w+", declaration.span.text)
    return found.group() if found is not None else ""


def _targets(declaration: surface.Declaration) -> tuple[str, ...]:
    """Names whose meaning the declaration makes: its own, or what it amends; of a 推定 the fields presumed."""
    match declaration:
        case surface.PresumptionDecl():
            return tuple(dict.fromkeys(case.field.text for case in declaration.cases))
        case surface.RuleDecl():
            return declaration.name.text, declaration.decision.text
        case _:
            return (_name(declaration),)

"""Mutants of a rule file: the same file with one place changed, to see whether any scenario notices.

Why this exists: scenarios that pass prove little until a wrong rule makes one of them fail. A mutant is an edit of the
text at the place of a clause or a node, so that what is shown (file, line, before, after) is exactly what was tried.

Invariants: a mutant changes one stretch of the text and nothing else; mutants come in the order of the text; within one
file, `Mutant.declaration` and `Mutant.change` together name a mutant whatever its line number. Names are never
changed, and declared names never removed except provisions, so that most mutants load.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from policyrules.analysis.changes import (
    LEFT_OUT,
    TextEdit,
    Vocabulary,
    as_literal,
    condition_changes,
    list_cuts,
    moved,
    neighbours,
    without_cuts,
)
from policyrules.language import nodes as surface
from policyrules.language.expressions import And, DateLiteral, Expr, Name, Quantity, Ref, SetLiteral, Text
from policyrules.language.keywords import CONDITIONS, LIMITS, OPERATIONS
from policyrules.language.layout import flat, literal_text, literals_text, set_text
from policyrules.language.printer import case_text, clause_text, conclusion_text, since_text
from policyrules.language.table_cells import ANY, TONES, cell_tests, cell_text
from policyrules.program import nodes as core
from policyrules.program.quotes import normalise
from policyrules.source import Span
from policyrules.text import cut_middle
from policyrules.types import Kind

RESTATEMENT: Final = "删去重申"
_LONGEST_SHOWN: Final = 90


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
        places = tuple(citation.place.text for citation in declaration.common.citations)
        for edit in declaration_changes(declaration, vocabulary):
            found.append(
                Mutant(
                    layer,
                    file.source.path,
                    edit.span.line,
                    _label(declaration),
                    edit.kind,
                    cut_middle(edit.before, _LONGEST_SHOWN),
                    cut_middle(edit.after, _LONGEST_SHOWN) or LEFT_OUT,
                    edit.span.start,
                    edit.span.end,
                    edit.text,
                    index,
                    _targets(declaration),
                    places,
                )
            )
    found.sort(key=lambda mutant: (mutant.start, mutant.end, mutant.kind))
    return tuple(_numbered(found))


def _numbered(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """The same change at two places of one declaration is told apart by its number."""
    seen: dict[tuple[str, str], int] = {}
    for mutant in mutants:
        count = seen[mutant.identity] = seen.get(mutant.identity, 0) + 1
        yield mutant if count == 1 else replace(mutant, after=f"{mutant.after}（第 {count} 处）")


def _label(declaration: surface.Declaration) -> str:
    return f"{declaration.written.keyword.text} {declaration.written.name.text}"


def _targets(declaration: surface.Declaration) -> tuple[str, ...]:
    """Names whose meaning the declaration makes: its own, or what it amends; of a 推定 the fields presumed,
    of a 决策表 its rows."""
    match declaration:
        case surface.PresumptionDecl():
            return tuple(dict.fromkeys(case.field.text for case in declaration.cases))
        case surface.RuleDecl():
            return declaration.name.text, declaration.decision.text
        case surface.TableDecl():
            return (*(row.name.text for row in declaration.rows), declaration.decision.text)
        case _:
            return (declaration.written.name.text,)


# ---- declarations ---------------------------------------------------------------------------------------------------


def declaration_changes(declaration: surface.Declaration, vocabulary: Vocabulary) -> Iterator[TextEdit]:
    """Every change of one declaration: the whole of it, then clause by clause."""
    match declaration:
        case surface.ObjectDecl():
            return
        case surface.TableDecl():
            for row in declaration.rows:
                yield from _row_changes(row, vocabulary)
            if declaration.meeting == "取首行":
                yield from _order_changes(declaration)
            return
        case surface.RuleDecl() | surface.DutyDecl() | surface.NoticeDecl() | surface.SettingDecl():
            yield _removed(declaration)
        case surface.AmendmentDecl(restate=restate):
            yield _removed(declaration, RESTATEMENT if restate else "删去修订")
        case surface.ExtensionDecl(items=items) if len(items.items) == 1:
            yield _removed(declaration)
        case surface.PresumptionDecl(cases=cases) if len(cases) == 1:
            yield _removed(declaration)
        case surface.PresumptionDecl(cases=cases):
            for case in cases:
                yield TextEdit("去掉推定", case.span, "", case_text(case), LEFT_OUT)
        case _:
            pass
    for clause in declaration.written.clauses:
        if _may_go(clause, declaration):
            kind = "去掉条件" if clause.keyword.text == "当" else f"去掉{clause.keyword.text}"
            yield TextEdit(kind, clause.span, "", clause_text(clause), LEFT_OUT)
        yield from _clause_changes(clause, declaration, vocabulary)


def _row_changes(row: surface.RuleDecl, vocabulary: Vocabulary) -> Iterator[TextEdit]:
    """Every change of one row of a table: the row left out, and each of its cells."""
    yield TextEdit("删去一行", row.span, "", row.name.text, LEFT_OUT)
    for clause in row.written.clauses:
        match clause.body:
            case surface.Conclusion() as then:
                yield from _conclusion_changes(then, vocabulary)
            case body if clause.keyword.text == "当":
                for test in cell_tests(cast(Expr, body)):
                    yield TextEdit("去掉条件", test.span, ANY, flat(test), LEFT_OUT)
                    yield from condition_changes(test, vocabulary, spelled=cell_text)
            case _:
                pass


def _order_changes(table: surface.TableDecl) -> Iterator[TextEdit]:
    """Where the first row counts: two rows next to each other exchanged."""
    for one, two in itertools.pairwise(table.rows[:-1] if table.rest else table.rows):
        between = Span(one.span.source, one.span.end, two.span.start).text
        span, text = one.span.to(two.span), f"{two.span.text}{between}{one.span.text}"
        yield TextEdit("行对调", span, text, one.name.text, two.name.text)


def _removed(declaration: surface.Declaration, kind: str = "删去声明") -> TextEdit:
    return TextEdit(kind, declaration.span, "", _label(declaration), LEFT_OUT)


def _may_go(clause: surface.Clause, declaration: surface.Declaration) -> bool:
    """Whether a declaration still says something without the clause, and something that is worth trying."""
    word = clause.keyword.text
    match declaration:
        case surface.PresumptionDecl():
            return False
        case surface.AmendmentDecl(operations=operations, ranks=ranks, limits=limits):
            parts = len(operations) + len(ranks) + len(limits)
            return word in (*OPERATIONS, "先后", *LIMITS) and parts > 1
        case _ if word in ("当", "其中"):
            # Of several conditions each is left out by itself.
            return not isinstance(clause.body, And)
        case _:
            return word in ("除外", "期限", "到期", "适用", "默认", "先后", "累计", *LIMITS)


def _clause_changes(
    clause: surface.Clause, declaration: surface.Declaration, vocabulary: Vocabulary
) -> Iterator[TextEdit]:
    """Every change inside one clause."""
    name, word = declaration.written.name.text, clause.keyword.text
    match clause.body:
        case surface.Rank() as rank:
            yield from _rank_changes(clause, rank, vocabulary)
        case surface.Conclusion() as then if isinstance(declaration, surface.PresumptionDecl):
            for other in neighbours(then.values[0], then.target.text, vocabulary):
                new = conclusion_text(replace(then, values=(other,)))
                span = then.values[0].span
                yield TextEdit("推定换值", span, literal_text(other), conclusion_text(then), new)
        case surface.Conclusion() as then:
            yield from _conclusion_changes(then, vocabulary)
        case SetLiteral() as items:
            yield from _set_changes(clause, items, name, vocabulary)
        case tuple() as refs:
            if word == "相同" and len(refs) > 1:
                yield from list_cuts("相同少一项", cast("tuple[Ref, ...]", refs))
        case DateLiteral() as day if word in ("自", "至"):
            if not isinstance(declaration, surface.ParameterDecl | surface.SettingDecl) or word == "至":
                later, earlier = moved(day)
                new_day = later if word == "自" else earlier
                text = clause_text(replace(clause, body=new_day))
                yield TextEdit("有效期", day.span, literal_text(new_day), clause_text(clause), text)
        case Name() | Quantity() | DateLiteral() | Text() as value if word in _VALUES:
            kind = "默认换值" if word == "默认" else "参数换值"
            values = declaration.values if isinstance(declaration, surface.ParameterDecl | surface.SettingDecl) else ()
            dated = "".join(since_text(each.since) for each in values if each.value is value)
            for other in neighbours(value, name, vocabulary):
                text = clause_text(replace(clause, body=other)) + dated
                yield TextEdit(kind, value.span, literal_text(other), clause_text(clause) + dated, text)
        case body if word in CONDITIONS:
            term = isinstance(declaration, surface.TermDecl) and name not in vocabulary.conditions
            boolean = word not in ("期限", *LIMITS) and not term
            yield from condition_changes(cast(Expr, body), vocabulary, boolean=boolean)
        case _:
            return


_VALUES: Final = ("=", "缺省", "为", "默认")


def _conclusion_changes(then: surface.Conclusion, vocabulary: Vocabulary) -> Iterator[TextEdit]:
    plain = replace(then, tone=None)
    if then.amount is not None:
        yield from condition_changes(then.amount, vocabulary, boolean=False)
    elif isinstance(then.values[0], Quantity | DateLiteral):
        for number in moved(then.values[0]):
            text = conclusion_text(replace(plain, values=(number,)))
            yield TextEdit("结论换数", then.values[0].span, literal_text(number), conclusion_text(plain), text)
    elif len(then.values) > 1:
        yield from list_cuts("结论少一值", then.values)
    else:
        value = then.values[0]
        word = value.text if isinstance(value, Name | Text) else value.span.text
        other = vocabulary.neighbour(then.target.text, word)
        if other is not None:
            new = as_literal(other, value.span)
            text = conclusion_text(replace(plain, values=(new,)))
            yield TextEdit("结论换值", value.span, literal_text(new), conclusion_text(plain), text)
    if then.tone is not None and then.target.text in vocabulary.many:
        tone = TONES[(TONES.index(then.tone.text) + 1) % len(TONES)]
        text = conclusion_text(replace(then, tone=replace(then.tone, text=tone)))
        yield TextEdit("语气", then.tone.span, tone, conclusion_text(then), text)


def _set_changes(clause: surface.Clause, items: SetLiteral, name: str, vocabulary: Vocabulary) -> Iterator[TextEdit]:
    if clause.keyword.text in _VALUES:
        yield from list_cuts("参数少一值", items.items)
        other = None if items.items else vocabulary.absent(name, ())
        if other is not None:
            new = set_text(replace(items, items=(as_literal(other, items.span),)))
            yield TextEdit("参数多一值", items.span, new, set_text(items), new)
        return
    yield from list_cuts("清单少一值", items.items, least=1)
    yield from without_cuts(items.without, items)
    if clause.keyword.text == "即" and items.items:
        closing = Span(items.span.source, items.items[-1].span.end, items.span.end)
        if items.open:
            yield TextEdit("清单封闭", closing, " }", "、等 }", "}")
        else:
            yield TextEdit("清单放开", closing, "、等 }", "}", "、等 }")


def _rank_changes(clause: surface.Clause, rank: surface.Rank, vocabulary: Vocabulary) -> Iterator[TextEdit]:
    for index in range(len(rank.values) - 1):
        left, right = rank.values[index : index + 2]
        swapped = replace(rank, values=(*rank.values[:index], right, left, *rank.values[index + 2 :]))
        text = clause_text(replace(clause, body=swapped))
        yield TextEdit("先后对调", left.span.to(right.span), literals_text((right, left)), clause_text(clause), text)
    if rank.when is not None:
        gone = Span(rank.span.source, rank.values[-1].span.end, rank.span.end)
        yield TextEdit(
            "去掉仅当", gone, "", clause_text(clause), clause_text(replace(clause, body=replace(rank, when=None)))
        )
        yield from condition_changes(rank.when, vocabulary)

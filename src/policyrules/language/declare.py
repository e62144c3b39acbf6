"""From a list of clauses to a declaration: which clauses belong, which are missing, which are written twice.

Why this exists: the grammar takes clauses in any order, so that people may write them in any order and errors can name
the clause instead of a place.

Invariant: `declare` returns a declaration or None; None comes with at least one error.
"""

from __future__ import annotations

import re
from typing import cast

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.language.clause_reader import ClauseReader
from policyrules.language.clauses_said import clause_meant
from policyrules.language.conclusions import another_rule
from policyrules.language.expressions import Quantity, SetLiteral
from policyrules.language.keywords import (
    ADDED,
    CLAUSES,
    CONDITIONS,
    DECLARATIONS,
    KEYED,
    KEYWORDS,
    MISPLACED,
    MISSING,
    MODES,
    RESERVED,
    clause_list,
    clause_name,
)
from policyrules.language.makers import AMOUNTS, MAKERS
from policyrules.language.values_said import parameter_type
from policyrules.source import Span
from policyrules.text import one_line
from policyrules.types import Kind

_NAMES_UPPER = ("修订", "增列", "设定")


def declare(written: surface.Written) -> tuple[surface.Declaration | surface.FieldDecl | None, tuple[Diagnostic, ...]]:
    """The declaration that ``written`` is, or None with what is wrong. Fields still wait for their object."""
    reader = ClauseReader(written)
    _check_header(reader)
    _check_clauses(reader)
    if reader.found:
        return None, tuple(reader.found)
    declaration = MAKERS[reader.keyword](reader)
    if reader.found:
        return None, tuple(reader.found)
    return declaration, ()


# ---- checks that hold for every declaration -------------------------------------------------------------------------


def _check_header(reader: ClauseReader) -> None:
    keyword, name, key = reader.keyword, reader.written.name, reader.written.key
    if keyword not in _NAMES_UPPER and "·" in name.text:
        plain = name.text.rpartition("·")[2]
        message = f"声明的名称里不写“·”：“{name.text}”"
        reader.error("E321", message, name.span, f"写成 {keyword} {plain}；引用别的文件的名称时才在前面写上是哪一份")
    if keyword not in _NAMES_UPPER and name.text not in ADDED:
        what = KEYWORDS.get(name.text)
        if what is not None:
            message = f"“{name.text}”是规则语言的关键词（{what}），不能作“{keyword}”的名称"
            suffix = {"字段": "情况", "研判": "情况", "决定": "意见", "参数": "标准"}.get(keyword, "项")
            reader.error("E111", message, name.span, f"换一个名称，如“{name.text}{suffix}”")
        elif name.text in RESERVED:
            message = f"“{name.text}”另有所指（{RESERVED[name.text]}），不能作“{keyword}”的名称"
            reader.error("E111", message, name.span, "换一个名称")
    if key is not None and keyword not in KEYED:
        place = Span(name.span.source, name.span.end, _after_key(reader))
        if key.text.isascii():
            reader.error("E129", f"“{keyword}”不写键", place, f"删去（{key.text}）；只有{'、'.join(KEYED)}有键")
        else:
            whole = name.span.to(place)
            between = place.source.text[name.span.end : key.span.start]
            if "\n" in between:
                numbered = Span(place.source, name.span.end + len(between) - 1, place.end)
                reader.error("E137", f"行首不写编号“{one_line(numbered.text)}”", numbered, "删去编号")
            else:
                reader.error("E129", "名称里不写括号", whole, f"写成“{name.text}_{key.text}”")


def _after_key(reader: ClauseReader) -> int:
    """Where the name and the bracket of its key end."""
    name, key = reader.written.name, reader.written.key
    if key is None:
        return name.span.end
    closed = re.compile("[)）]").search(key.span.source.text, key.span.end)
    assert closed is not None, "a key was read with its bracket"
    return closed.end()


def _second(reader: ClauseReader, first: surface.Clause, clause: surface.Clause) -> str | None:
    """What to write for a second 则, and for a second 当."""
    said = [one_line(one.span.source.text[one.keyword.span.end : one.span.end]) for one in (first, clause)]
    if clause.keyword.text == "则":
        text = reader.header.source.text
        whole = text[reader.written.span.start : max(one.span.end for one in reader.written.clauses)]
        rule = another_rule(whole, said[1].split()[0] if said[1] else "", said[1])
        return None if rule is None else f"删去这一行；另写一条规则：{rule}"
    if clause.keyword.text != "当":
        return None
    both = [f"（{one}）" if re.search(r"\s或\s", one) is not None else one for one in said]
    return f"只留一处：都要满足的，写“当 {' 且 '.join(both)}”；满足一个就行的，写“当 {' 或 '.join(said)}”"


def _check_clauses(reader: ClauseReader) -> None:
    keyword = reader.keyword
    allowed = CLAUSES[keyword]
    once = {*allowed.required, *allowed.optional, "授权"}
    seen: dict[str, surface.Clause] = {}
    for clause in reader.written.clauses:
        word = clause.keyword.text
        if word not in allowed.order:
            if word == "或者":
                remedy = "写“或”；“或者”只用在“修订”里，放宽上级规则"
                reader.error("E124", "两个条件之间不写“或者”", clause.keyword.span, remedy)
            elif (meant := clause_meant(keyword, clause)) is not None:
                message = f"“{clause_name(word)}”不能写在“{keyword}”里"
                reader.error("E129", message, clause.span, meant)
            else:
                belongs = f"{MISPLACED[word]}；" if word in MISPLACED else ""
                remedy = f"{belongs}“{keyword}”里可以写：{clause_list(keyword)}"
                reader.error("E129", f"“{clause_name(word)}”不能写在“{keyword}”里", clause.keyword.span, remedy)
        elif word in once and word in seen:
            if word == "type" and _unit_apart(reader, seen[word], clause):
                continue
            condition = word in CONDITIONS and not isinstance(clause.body, SetLiteral)
            remedy = "另一个结论，另写一条规则" if word == "则" else "只留一处"
            remedy += "；两个条件用“且”或“或”连起来" if condition else ""
            remedy = _second(reader, seen[word], clause) or remedy
            label = Label(seen[word].span, f"先在这里写了“{clause_name(word)}”")
            reader.error("E128", f"“{clause_name(word)}”写了两次", clause.span, remedy, label)
        seen.setdefault(word, clause)
    for word in allowed.required:
        # Where a clause does not belong, it is probably the missing one under another name.
        if word not in seen and not reader.found:
            example = MISSING.get(f"{keyword} {word}") or MISSING.get(word, "")
            place = reader.header
            value = reader.first("=", "缺省") if word == "type" else None
            if value is not None and isinstance(value.body, Quantity):
                place = place.to(value.span)
                head = one_line(place.source.text[place.start : _after_key(reader)])
                said = f"{value.keyword.text} {one_line(value.body.span.text)}"
                example = f"在名称后面写类型，写成“{head}：{parameter_type(value.body.unit or '')} {said}”"
            message = f"“{keyword} {reader.written.name.text}”缺“{clause_name(word)}”"
            reader.error("E127", message, place, example)


def _unit_apart(reader: ClauseReader, first: surface.Clause, second: surface.Clause) -> bool:
    """Whether ：金额：万元 is written: the unit of a type as a second type; it is reported."""
    type_, unit = cast(surface.TypeExpr, first.body), cast(surface.TypeExpr, second.body)
    known = tuple(kind.value for kind in Kind)
    if type_.kind not in AMOUNTS or type_.unit is not None or unit.kind in known or unit.kind in MODES:
        return False
    span = first.span.to(second.span)
    reader.error("E133", "单位写在类型后面的（）里", span, f"写成“：{type_.kind}（{unit.kind}）”")
    return True


# ---- one maker for each kind of declaration -------------------------------------------------------------------------


assert tuple(MAKERS) == DECLARATIONS

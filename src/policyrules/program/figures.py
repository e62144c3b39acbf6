"""Figures in the text of a notice: 说 “实际 {产业占比}，低于 {产业占比下限}”.

Why this exists: an official who is told that something is too low wants to see how much. A name in braces is looked up
when the rules load, from the object that the notice speaks of, as a bare name in its 当 would be.

Invariants: braces mean something around a declared name alone, so that a text without one is shown as it was written, and
loads; what looks like a misspelt name, and a unit that the figure brings along, is a warning with its place inside the quote.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.expressions import Name, Ref, Text
from policyrules.program import nodes as core
from policyrules.program.check import Checker
from policyrules.program.scope import visible_names
from policyrules.program.symbols import Symbols
from policyrules.source import Span, fold_characters
from policyrules.types import NUMERIC, Kind, Type, unit_factor

_WORD: Final = r"(?:[\w〔〕]+[·•・‧∙･])?[^\W\d]\w*"
_NAME: Final = rf"\s*({_WORD})(?:\s*\.\s*({_WORD}))?\s*"
_BRACES: Final = re.compile(rf"\{{\{{|\}}\}}|\{{{_NAME}\}}")
_STRAY: Final = re.compile(r"\{([^{}]*)\}|\{([^{}]*)|(\w+)\}")
_UNIT_BEHIND: Final = re.compile(r"\s*(?:\(\s*(?:单位:?)?([^\W\d_]{1,4}|%)\s*\)|([^\W\d_]{1,4}|%))")
_BEGUN: Final = tuple("均主员口次籍")
"""What makes another word of a unit: 户均, 户主, 人员, 人口."""
_OF_A_YEAR: Final = tuple("底末初中终")
_DOUBLED: Final = re.compile(rf"\{{\{{{_NAME}\}}\}}")


def figures(checker: Checker, message: Text, object_: str) -> tuple[str | core.Expr, ...]:
    """The text in pieces, those in braces as expressions on ``object_``; nothing where it holds no figure."""
    text = fold_characters(message.text)
    pieces: list[str | core.Expr] = []
    told: list[Diagnostic] = []
    done = 0
    figured = any(not isinstance(_meant(checker, message, m, object_), Diagnostic) for m in _DOUBLED.finditer(text))
    for braces in _BRACES.finditer(text):
        pieces.append(message.text[done : braces.start()])
        told += _strays(checker, message, text, done, braces.start(), object_)
        done = braces.end()
        if braces.group(1) is None:
            pieces.append(message.text[braces.start()])
            continue
        meant = _meant(checker, message, braces, object_)
        if isinstance(meant, Diagnostic):
            told.append(meant)
            pieces.append(message.text[braces.start() : done])
        else:
            figured = True
            pieces.append(meant)
            told += _doubled(message, text, braces, meant.type)
    told += _strays(checker, message, text, done, len(text), object_)
    checker.symbols.found.extend(told)
    return (*pieces, message.text[done:]) if figured else ()


def _doubled(message: Text, text: str, braces: re.Match[str], type_: Type) -> list[Diagnostic]:
    """{总投资}万元: a figure is shown with its unit, and the text would give it once more."""
    shown = {Kind.RATIO: "%", Kind.YEAR: "年"}.get(type_.kind, type_.unit)
    found = _UNIT_BEHIND.match(text, braces.end())
    if found is None or type_.kind not in NUMERIC or not shown:
        return []
    word = found.group(1) or found.group(2)
    unit = next((word[:size] for size in range(len(word), 0, -1) if unit_factor(type_, word[:size]) is not None), None)
    if unit is None or (found.group(1) and unit != word):
        return []
    rest = text[found.start(2) + len(unit) :] if found.group(2) else ""
    if rest[:1] in _BEGUN or (unit == "年" and rest[:1] in _OF_A_YEAR):
        # 2025年年底, 50 户户均.
        return []
    end = found.end() if found.group(1) else found.start(2) + len(unit)
    figure = message.text[braces.start() : braces.end()]
    said = f"“{figure}”显示时已经带着单位“{shown}”，后面又写了“{unit}”"
    return [Diagnostic("W226", said, _inside(message, braces.start(), end), "warning", f"写成 {figure}")]


def _strays(checker: Checker, message: Text, text: str, start: int, end: int, object_: str) -> list[Diagnostic]:
    """What stands in braces beside a declared name, and braces around one that are not closed: whoever reads the notice would see them as
    they stand. Braces around anything else are text."""
    symbols = checker.symbols
    names = [name for name in (*visible_names(symbols, symbols.line(object_)), *symbols.objects) if len(name) > 1]
    found = []
    for braces in _STRAY.finditer(text, start, end):
        inside = (braces.group(1) or braces.group(2) or braces.group(3) or "").strip()
        if not any(name in inside for name in names):
            continue
        remedy = "花括号要成对：{名称}"
        if braces.group(1):
            remedy = f"花括号里只能写一个名称：先写 术语 某某 即 {inside}，这里写 {{某某}}"
        shown = f"“{message.text[braces.start() : braces.end()]}”不是这里能显示的名称，照原样显示"
        found.append(Diagnostic("W225", shown, _inside(message, braces.start(), braces.end()), "warning", remedy))
    return found


def _meant(checker: Checker, message: Text, braces: re.Match[str], object_: str) -> core.Expr | Diagnostic:
    """What the name in braces means on an object; where it means nothing, why."""
    names = tuple(
        Name(braces.group(group), _inside(message, braces.start(group), braces.end(group)))
        for group in (1, 2)
        if braces.group(group) is not None
    )
    symbols, found = checker.symbols, checker.symbols.found
    text = f"“{{{names[0].span.to(names[-1].span).text}}}”不是这里能显示的名称，照原样显示"
    if symbols.naming is not None:
        said = symbols.naming.reading(message.span.source.layer, names[-1])
        if isinstance(said, tuple):
            remedy = f"写成 {' 或 '.join(f'{{{name}}}' for name in said)}" if said else "先声明这个名称，或检查是否写错"
            return Diagnostic("W225", text, names[-1].span, "warning", remedy)
        names = (*names[:-1], said)
    ref = Ref(names, names[0].span.to(names[-1].span))
    before = len(found)
    node = checker.check(ref, (object_,))
    problems = found[before:]
    del found[before:]
    if node is not None:
        return node
    return Diagnostic("W225", text, ref.span, "warning", _remedy(checker.symbols, names[-1].text, object_, problems))


def _remedy(symbols: Symbols, word: str, object_: str, problems: list[Diagnostic]) -> str | None:
    """What to write in braces instead."""
    line = symbols.line(object_)
    fields = {one.name: one.fields[word] for one in symbols.objects.values() if word in one.fields}
    below = next((name for name in fields if name not in line and object_ in symbols.line(name)), None)
    if below is not None:
        if fields[below].type.kind in NUMERIC - {Kind.YEAR}:
            term = f"{below}{word}合计"
            of = "" if object_ == symbols.root else f" 对 {object_}"
            return f"{word}是{below}的字段：先写 术语 {term}{of} 即 合计 {below}.{word}，这里写 {{{term}}}"
        return f"{word}是{below}的字段，{object_}下面可有几行；写成 对 {below} 的提示"
    near = symbols.nearest(word, visible_names(symbols, line)) if problems and problems[0].code == "E201" else []
    if near:
        return f"是不是 {'、'.join(f'{{{name}}}' for name in near)}？"
    if problems and problems[0].code == "E201":
        return "先声明这个名称，或检查是否写错"
    return f"{problems[0].message}；{problems[0].remedy}" if problems and problems[0].remedy else "检查名称是否写错"


def _inside(message: Text, start: int, end: int) -> Span:
    """The place of a piece of the text, which stands behind its opening quote."""
    at = message.span.start + 1
    return Span(message.span.source, at + start, at + end)

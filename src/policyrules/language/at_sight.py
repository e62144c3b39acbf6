"""What is wrong with the text of a declaration at sight, before the grammar reads it: a number in front of it, brackets that do not
pair, dates and numbers in another writing.

Why this exists: of such a text the grammar would say that it stops somewhere behind, or read one thing for another.

Invariants: of a text one fault is told, and it has a place.
"""

from __future__ import annotations

import re

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import spoken, walk
from policyrules.language.build import last_day
from policyrules.language.habits import NUMBERING
from policyrules.source import Source, Span

_BRACKET = re.compile(r"[(){}]")
_CLOSES = {")": "(", "}": "{"}
_WIDE = {"(": "（", ")": "）", "{": "{", "}": "}"}

_BAD_DATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![\w.])([0-9]{4}) *年 *([0-9]{1,2}) *月(?! *[0-9]{1,2} *日)(?: *[0-9]{1,2})?\w*"), "month"),
    (re.compile(r"(?<![\w.])([0-9]{4})[-÷.]([0-9]{1,2})[-÷.]([0-9]{1,2})(?![\w.])"), "marks"),
    (re.compile(r"(?<![\w.])([0-9]{1,2}) *月 *([0-9]{1,2}) *日"), "year"),
    (re.compile(r"(?<![\w.])([0-9]{1,3}|[0-9]{5,}) *年 *([0-9]{1,2}) *月 *([0-9]{1,2}) *日"), "digits"),
    (re.compile(r"(?<!\w)[〇○零一二三四五六七八九]{4}年\w*"), "words"),
)
# Nearly every declaration has neither, and is searched once instead of six times.
_FIGURE = re.compile(r"[0-9]|[〇○零一二三四五六七八九]{4}年")
_THOUSANDS = re.compile(r"(?<![\w.,])[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])")


def wrong(source: Source, lexed: str, keyword: str, start: int, end: int) -> Diagnostic | None:
    """The fault of a declaration that begins with ``keyword`` ('' before the first) and stands from ``start`` to ``end``;
    ``lexed``: the whole text as it is read, place by place.

    >>> text = "规则 甲 当 (停产"
    >>> found = wrong(Source("甲.rules", text), text, "规则", 0, len(text))
    >>> found.message, found.span.start
    ('“（”没有收尾的“）”', 7)
    """
    return (
        _numbering(source, lexed, keyword, start)
        or _brackets(source, lexed, start, end)
        or _figures(source, lexed, start, end)
    )


def too_deep(span: Span) -> Diagnostic:
    """About what nests deeper than `walk.MAX_NESTING`."""
    remedy = "把里面的条件另写成“术语”，再引用它"
    start = Span(span.source, span.start, span.start + 1)
    return Diagnostic("E108", f"嵌套超过 {walk.MAX_NESTING} 层", start, remedy=remedy)


def _numbering(source: Source, lexed: str, keyword: str, start: int) -> Diagnostic | None:
    found = NUMBERING.match(lexed, start)
    if found is None or not keyword:
        return None
    shown = source.text[found.start() : found.end()].strip()
    span = Span(source, start, start + len(shown))
    return Diagnostic("E125", f"“{keyword}”前面不写编号“{shown}”", span, remedy="删去编号；声明从行首写起")


def _brackets(source: Source, lexed: str, start: int, end: int) -> Diagnostic | None:
    open_: list[tuple[str, int]] = []
    for found in _BRACKET.finditer(lexed, start, end):
        mark, place = found.group(), found.start()
        span = Span(source, place, place + 1)
        if mark in "({":
            open_.append((mark, place))
            if len(open_) > walk.MAX_NESTING:
                return too_deep(span)
        elif not open_:
            first = lexed.rfind("\n", 0, place) + 1
            numbered = NUMBERING.match(lexed[first:].partition("\n")[0].lstrip())
            if mark == ")" and numbered is not None and lexed[first : place + 1].strip() == numbered[0].strip():
                begin = place + 1 - len(numbered[0].strip())
                shown = source.text[begin : place + 1]
                return Diagnostic("E137", f"行首不写编号“{shown}”", Span(source, begin, place + 1), remedy="删去编号")
            message = f"多出一个“{_WIDE[mark]}”"
            return Diagnostic("E110", message, span, remedy=f"删去它，或在前面补上“{_WIDE[_CLOSES[mark]]}”")
        elif open_[-1][0] != _CLOSES[mark]:
            opener, at = open_[-1]
            label = Label(Span(source, at, at + 1), f"这里的“{_WIDE[opener]}”还没有收尾")
            message = f"“{_WIDE[mark]}”和前面的“{_WIDE[opener]}”不配对"
            closer = next(key for key, value in _CLOSES.items() if value == opener)
            closed = closer in lexed[place:end].partition("\n")[0]
            remedy = f"先补上“{_WIDE[closer]}”" if closed else f"写成“{_WIDE[closer]}”"
            return Diagnostic("E110", message, span, remedy=remedy, related=(label,))
        else:
            open_.pop()
    if not open_:
        return None
    mark, place = open_[-1]
    closer = next(key for key, value in _CLOSES.items() if value == mark)
    message = f"“{_WIDE[mark]}”没有收尾的“{_WIDE[closer]}”"
    remedy = f"在这个括号的内容后面补上“{_WIDE[closer]}”"
    return Diagnostic("E110", message, Span(source, place, place + 1), remedy=remedy)


def _figures(source: Source, lexed: str, start: int, end: int) -> Diagnostic | None:
    """Dates and numbers in a writing that the grammar would misread."""
    if _FIGURE.search(lexed, start, end) is None:
        return None
    for pattern, kind in _BAD_DATES:
        every = pattern.finditer(lexed, start, end)
        found = next((one for one in every if kind != "year" or not _follows_a_year(lexed, one.start())), None)
        if found is not None:
            return _bad_date(Span(source, found.start(), found.end()), kind, found.groups())
    found = _THOUSANDS.search(lexed, start, end)
    if found is not None:
        span = Span(source, found.start(), found.end())
        return Diagnostic("E115", "数字里不写千分位的逗号", span, remedy=f"写成“{found.group().replace(',', '')}”")
    return None


_BEGUN = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日 *(?:至|到|[-−—~～]+) *$")
"""The day before one without a year, of a stretch."""


def _follows_a_year(lexed: str, start: int) -> bool:
    """Does 每年, 次年 or another word for a year stand before the month?"""
    return lexed[max(0, start - 20) : start].rstrip(" \t").endswith("年")


def _bad_date(span: Span, kind: str, groups: tuple[str, ...]) -> Diagnostic:
    written = span.text
    example = "日期写全年月日，如“2025年10月31日”"
    match kind:
        case "month":
            message = f"“{written}”不是完整的日期"
            month = f"{groups[0]}年{int(groups[1])}月"
            whole, last = spoken.value(written), last_day(int(groups[0]), int(groups[1]))
            if whole is not None:
                remedy = f"写成“{whole}”"
            elif any(char in written for char in "底末前"):
                remedy = f"写明是哪一天，如“{month}{last}日”"
            else:
                remedy = f"写明是哪一天：从月初算起的写“{month}1日”，算到月底的写“{month}{last}日”"
        case "marks":
            message = f"日期不写成“{written}”"
            day = spoken.value(f"{groups[0]}年{groups[1]}月{groups[2]}日")
            remedy = (
                f"写成“{day}”"
                if day is not None
                else "日历上没有这一天，看一看月份和日子；日期写全年月日，如“2025年10月31日”"
            )
        case "year":
            message, remedy = f"“{written}”没有写年份", f"{example}；每年都有的，写成“每年 {groups[0]}月{groups[1]}日”"
            begun = _BEGUN.search(span.source.text[max(0, span.start - 40) : span.start])
            end = None if begun is None else spoken.value(f"{begun[1]}年{groups[0]}月{groups[1]}日")
            if (
                begun is not None
                and end is not None
                and (int(begun[2]), int(begun[3])) <= (int(groups[0]), int(groups[1]))
            ):
                remedy = f"写成“{end}”"
        case "digits":
            message, remedy = f"“{written}”的年份要写四位", example
            figures = re.match("([0-9]{2})年", written)
            year = None if figures is None else spoken.whole_year(int(figures[1]))
            whole = None if year is None else spoken.value(f"{year}{written[2:]}")
            remedy = remedy if whole is None else f"写成“{whole}”；不是这一年的，换成那一年"
        case _:
            whole = spoken.value(written)
            message, remedy = f"“{written}”里的数要用数字", example if whole is None else f"写成“{whole}”"
    return Diagnostic("E112", message, span, remedy=remedy)

"""Slips in types and bounds of declarations: 枚举（好、差）, 是/否, 金额[万元], 取值 ≥ 0 户, 字段 投资 金额.

Why this exists: who declares a field or a decision writes it as forms and documents do; the brackets, marks and words of the
language are few, and what was meant is plain from the line.

Invariants: as in `habits`. A line is read from where the slip begins to its end, or to the next clause; what is not understood
whole is left to other checks.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import written
from policyrules.language.keywords import CLAUSES, MODES
from policyrules.language.nodes import TypeExpr
from policyrules.language.stops import Stop, Token
from policyrules.source import Span, fold_characters
from policyrules.text import one_line
from policyrules.types import Kind

TYPE_WORDS: Final = frozenset((*(kind.value for kind in Kind), "单选", "由宽到严"))
_LISTED: Final = ("枚举", *MODES)
_OPEN, _CLOSE = r"[(\[【{<《“\"]", r"[)\]】}>》”\"]"
_FOLLOWING: Final = r"(?=\s*(?:$|取值|已发生|由|分组|依据|授权|缺省|默认|未定|单值|累计|=))"
_YES_NO: Final = re.compile(
    rf"(?:是否|布尔值?|逻辑型?)?\s*{_OPEN}?\s*(是|Y|y|√)\s*(?:/|÷|、|,|或|\||和)\s*(否|不是|N|n|×)\s*{_CLOSE}?{_FOLLOWING}"
)
_CHOICES: Final = ("下拉框", "下拉", "选项", "选择", "可选", "可选值", "单选题", "选择题", "枚举值")
_VALUES: Final = re.compile(
    rf"({'|'.join((*_LISTED, *_CHOICES))})\s*:?\s*({_OPEN}?)([^{{}}()\[\]【】=#]+?)({_CLOSE}?){_FOLLOWING}"
)
VALUE: Final = re.compile(r"“[^“”]+”|[^\s、,;/÷|“”\"]+")
_UNITED: Final = re.compile(
    rf"(金额|面积|时长|整数|小数)\s*(?:{_OPEN}|/|÷|,|:|-)?\s*(?:单位\s*:?\s*)?([^\W\d]+)\s*{_CLOSE}?{_FOLLOWING}"
)
_UNITLESS: Final = re.compile(rf"(比例|日期|文本|年份|是否)\s*(?:{_OPEN}[^()\[\]【】]*{_CLOSE}|%){_FOLLOWING}")
_RANGED: Final = re.compile(
    rf"(比例)\s*{_OPEN}\s*([0-9.]+)\s*(%?)\s*(?:-|−|~|—+|到|至)\s*([0-9.]+)\s*(%?)\s*{_CLOSE}{_FOLLOWING}"
)
_OF_EACH: Final = re.compile(rf"(金额|面积)\s*\(\s*([^\W\d]+)\s*(?:/|÷|每)\s*([^\W\d]+)\s*\){_FOLLOWING}")
_BARE: Final = re.compile(rf"((?:[^\W\d]\w*\s*[、,/÷]\s*)+[^\W\d]\w*){_FOLLOWING}")
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?"
MEASURE: Final = rf"({_NUMBER})\s*(%|[^\W\d]*?)"
_BOUNDED: Final = (
    (re.compile(rf"[\[(【]?\s*{MEASURE}\s*(?:-|−|~|—+|到|至|,|、)\s*{MEASURE}\s*[\])】]?(?:之间)?"), "两头"),
    (re.compile(rf"(?:≥|>=|=>|不小于|不少于|不低于|大于等于|大于或等于|至少|最少|最低|最小)\s*{MEASURE}"), "起"),
    (re.compile(rf"{MEASURE}\s*(?:及以上|以上|起)"), "起"),
    (re.compile(rf"(?:>|大于|高于|多于|超过)\s*{MEASURE}"), "大于"),
    (
        re.compile(rf"(?:≤|<=|=<|不超过|不大于|不高于|不多于|小于等于|小于或等于|至多|最多|最高|最大)\s*{MEASURE}"),
        "止",
    ),
    (re.compile(rf"{MEASURE}\s*(?:及以下|以下|以内)"), "止"),
)
_BOUNDS_SAID: Final = ("取值", "取值范围", "范围", "值域", "数值范围", "区间")


def _typed(stop: Stop) -> bool:
    return stop.keyword in CLAUSES and "type" in CLAUSES[stop.keyword].all


def rest_of_line(stop: Stop, token: Token) -> str:
    """The line from a token on, folded character by character, without its comment."""
    line = stop.source.text[token.start :].partition("\n")[0]
    return fold_characters(re.split("[#＃]", line, maxsplit=1)[0]).rstrip()


def type_said(stop: Stop) -> Diagnostic | None:
    """枚举（好、差）, 枚举 [好、差], 是/否, 金额[万元], 金额（单位：万元）, 比例（%）: a type in other brackets."""
    colon = next((n for n, one in enumerate(stop.tokens[: stop.index + 1]) if one.text == ":"), None)
    if not _typed(stop) or colon is None or colon + 1 >= len(stop.tokens):
        return None
    first = stop.tokens[colon + 1]
    rest = rest_of_line(stop, first)
    found: tuple[str, re.Match[str], str] | None = None
    if (yes := _YES_NO.match(rest)) is not None:
        found = ("“是”和“否”是一种类型", yes, "是否")
    elif (listed := _VALUES.match(rest)) is not None and not (listed[2] == "{" and listed[4] == "}"):
        values = [
            each
            for each in VALUE.findall(stop.source.text[first.start + listed.start(3) : first.start + listed.end(3)])
        ]
        word = "枚举" if stop.keyword != "决定" and listed[1] in ("单选", "由宽到严") else listed[1]
        if listed[1] in _CHOICES:
            word = "单选" if stop.keyword == "决定" else "枚举"
        found = ("取值没有放在花括号里", listed, f"{word} {{ {'、'.join(values)} }}") if values else None
    elif (united := _UNITED.match(rest)) is not None:
        found = ("单位写在类型后面的（）里", united, f"{united[1]}（{united[2]}）")
    elif (within := _RANGED.match(rest)) is not None:
        ends = (number_shown(within[2], within[3] or within[5] or "%"), number_shown(within[4], within[5] or "%"))
        found = ("范围写在“取值”后面", within, f"{within[1]} 取值 {ends[0]} 至 {ends[1]}")
    elif (share := re.match(rf"%{_FOLLOWING}", rest)) is not None:
        found = ("没有写类型", share, "比例")
    elif (plain := _UNITLESS.match(rest)) is not None:
        found = (f"“{plain[1]}”后面不写单位", plain, plain[1])
    elif (bare := _BARE.match(rest)) is not None and bare[1].split("、")[0] not in TYPE_WORDS:
        word = "单选" if stop.keyword == "决定" else "枚举"
        found = ("取值前面没有写是哪一种", bare, f"{word} {{ {'、'.join(VALUE.findall(bare[1]))} }}")
    elif (each := _OF_EACH.match(rest)) is not None:
        found = (f"单位里不写“每{each[3]}”，是每{each[3]}的数，在名称里说清", each, f"{each[1]}（{each[2]}）")
    if found is None:
        return None
    message, match, meant = found
    marked = Token("word", "", first.start, first.start + match.end())
    if not first.start <= stop.token.start <= marked.end + 1 or "".join(rest[: match.end()].split()) == fold_characters(
        "".join(meant.split())
    ):
        return None
    return stop.report("E133", message, marked, f"写成“{meant}”")


def colon_left_out(stop: Stop) -> Diagnostic | None:
    """字段 投资 金额（万元）, 字段 投资 = 金额（万元）: no colon before the type."""
    if not _typed(stop) or ":" in [each.text for each in stop.tokens[: stop.index]] or stop.index > 6 or stop.index < 2:
        return None
    signs = ("=", "为", "是", "-", "—", "|", "÷")
    at = next((n for n in range(2, stop.index) if stop.tokens[n].text in signs), stop.index)
    first = stop.tokens[at : at + 2]
    if len(first) > 1 and first[0].text in signs:
        first = first[1:]
    if not first or stop.first_on_line(first[0]):
        return None
    if first[0].text == "{" and at == stop.index and stop.keyword != "参数":
        mode = "单选" if stop.keyword == "决定" else "枚举"
        return stop.report("E133", "取值前面没有写是哪一种", first[0], f"写“：{mode} {{”")
    if first[0].text not in TYPE_WORDS:
        return None
    name = written(stop, stop.tokens[1], stop.tokens[at - 1])
    marked = Token("word", "", stop.tokens[1].start, first[0].end)
    return stop.report("E133", "类型前面缺“：”", marked, f"写成“{name}：{first[0].text}”")


def bounds_said(stop: Stop) -> Diagnostic | None:
    """取值 ≥ 0 户, 取值 0-100户, 取值范围 0 至 100 户, 取值 大于 0: bounds in other words."""
    if not _typed(stop):
        return None
    at = next(
        (n for n in range(stop.index, 1, -1) if n < len(stop.tokens) and stop.tokens[n].text in _BOUNDS_SAID), None
    )
    if at is None or at < stop.index - 5 or ":" not in [one.text for one in stop.tokens[:at]]:
        return None
    head = stop.tokens[at]
    rest = rest_of_line(stop, head)
    end = re.search(r"\s(?:已发生|由|分组|依据|授权|缺省|未定|=)(?:\s|$)", rest)
    rest = rest if end is None else rest[: end.start()].rstrip()
    said = re.sub("^[:：为是\\s]+", "", rest[len(head.text) :])
    if said.startswith("(") and said.endswith(")"):
        said = said[1:-1].strip()
    said = "≥0" if said in ("非负", "非负数", "不为负", "不能为负", "不得为负") else said
    declared = re.search(
        r":\s*(\w+)\s*(?:\((\w+)\))?", fold_characters(stop.source.text[stop.tokens[0].start : head.start])
    )
    kind, unit = (declared[1], declared[2] or "") if declared is not None else ("", "")
    unit = "%" if kind == "比例" else unit
    for form, how in _BOUNDED:
        found = form.fullmatch(said)
        if found is None:
            continue
        ends = [
            (found[n], found[n + 1] or (found[4] if how == "两头" else "") or unit)
            for n in (1, 3)[: 1 + (how == "两头")]
        ]
        shown = [number_shown(number, of) for number, of in ends]
        marked = Token("word", "", head.start, head.start + len(rest))
        meant = f"{shown[0]} 以上"
        loose = ""
        if how == "两头":
            meant = " 至 ".join(shown)
        elif how == "止":
            meant, loose = f"{number_shown('0', ends[0][1])} 至 {shown[0]}", "；下限不是 0 的，换成下限"
        elif how == "大于" and kind == "整数" and ends[0][0].lstrip("-").isdecimal():
            meant = f"{number_shown(str(int(ends[0][0]) + 1), ends[0][1])} 以上"
        elif how == "大于":
            loose = f"；取值含两头，{shown[0]} 也不行的，另写一条“提示”"
        if one_line(rest) == f"取值 {meant}":
            return None
        return stop.report("E130", "“取值”写从多少到多少，或多少以上", marked, f"写成“取值 {meant}”{loose}")
    return None


def number_shown(number: str, unit: str) -> str:
    """A number with its unit as the language writes it."""
    return f"{number}%" if unit == "%" else spoken.written(f"{number}{unit}") or f"{number} {unit}".rstrip()


def decision_type(type_: TypeExpr, near: str) -> tuple[Span, str]:
    """Where and how the type of a decision is written that is none; ``near``: what looks like it, or ''."""
    values = [value.span.text for value in type_.values or ()]
    place = Span(type_.span.source, type_.span.start, type_.span.start + len(type_.kind))
    if values and re.fullmatch("[由从]严[到至]宽", type_.kind):
        # The strictest comes last, wherever it was written.
        return type_.span, f"值从宽的写起：写成“由宽到严 {{ {'、'.join(reversed(values))} }}”"
    if type_.kind == "是否":
        return type_.span, "写成“单选 { 是、否 }”"
    if near:
        return place, f"写“{near}”"
    if values:
        return place, "写“单选”；可以同时有几个值的写“多选”，几个值取最严的写“由宽到严”，值从宽的写起"
    return place, "写单选（只取一个值）、由宽到严（取最严的）或多选（可取几个）；得出数额的写类型，如“金额（万元）”"

"""Slips in conclusions: 则 列为 暂缓新增, 则 分类 = 巩固, 则 分类 为 巩固 或 升级, 则 分类 应当 为 巩固, 否则.

Why this exists: a rule comes to one value of one decision; what says more is several rules.

Invariants: as in `habits`.
"""

from __future__ import annotations

from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.habits import clause_of, line_from, written
from policyrules.language.keywords import KEYWORDS
from policyrules.language.stops import Stop, Token

_CALLED: Final = (
    "列",
    "定",
    "评",
    "判",
    "归",
    "作",
    "视",
    "认定",
    "确定",
    "判定",
    "评定",
    "划",
    "划分",
    "列入",
    "归入",
)
_TONES: Final = ("则", "应当", "重点", "支持", "鼓励", "引导", "可")
_TONES_SAID: Final = {"可以": "可", "能": "可", **dict.fromkeys(("应该", "必须", "应", "须"), "应当")}


def otherwise(stop: Stop) -> Diagnostic | None:
    """则 甲 … 否则 乙: a second rule, never an option of the first."""
    token = stop.token
    if token.text not in ("否则", "反之", "不然", "其他情况", "其余情况") or "缺则" in stop.expected:
        return None
    words = [each.text for each in stop.tokens]
    remedy = "另写一条规则，条件写成原来条件的“非（…）”"
    if "当" in words and "则" in words[words.index("当") :]:
        first = words.index("当") + 1
        last = words.index("则", first) - 1
        rest = [each for each in line_from(stop, stop.index + 1) if each.text not in ("则", ",", ":")]
        if first <= last and rest:
            condition = written(stop, stop.tokens[first], stop.tokens[last])
            remedy = f"另写一条规则：“当 非（{condition}）”，“则 {written(stop, rest[0], rest[-1])}”"
    return stop.report("E124", f"一条规则里不写“{token.text}”", token, remedy)


def called(stop: Stop) -> Diagnostic | None:
    """则 列为 暂缓新增: the decision is missing."""
    token, before = stop.token, stop.back()
    if token.kind != "word" or before.kind != "word" or stop.back(2).text not in _TONES or clause_of(stop) != "则":
        return None
    verb = before.text.removesuffix("为").removesuffix("成")
    if verb not in _CALLED:
        return None
    marked = Token("word", before.text, before.start, token.end)
    return stop.report("E124", f"“则”后面先写决定的名称，不写“{before.text}”", marked, f"写成“决定名 为 {token.text}”")


def conclusion_sign(stop: Stop) -> Diagnostic | None:
    """则 分类 = 巩固."""
    token, before = stop.token, stop.back()
    if token.text not in ("=", "==", ":") or "为" not in stop.expected or "且" in stop.expected or stop.at_clause:
        return None
    rest = line_from(stop, stop.index + 1)
    if not rest or stop.first_on_line(rest[0]):
        return stop.report("E124", f"结论里不写“{token.text}”", token, "写“为”")
    marked = Token("mark", token.text, before.start, rest[-1].end)
    meant = f"{before.text} 为 {written(stop, rest[0], rest[-1])}"
    return stop.report("E124", f"结论里不写“{token.text}”", marked, f"写成“{meant}”")


def second_value(stop: Stop) -> Diagnostic | None:
    """则 分类 为 巩固 或 升级."""
    token = stop.token
    if token.text not in ("或", "且", "或者", "和", "及") or not stop.at_clause or stop.back(2).text != "为":
        return None
    if clause_of(stop) != "则" or stop.first_on_line(token):
        return None
    rest = line_from(stop, stop.index + 1)
    if not rest or stop.first_on_line(rest[0]):
        return None
    decision, after = stop.back(3).text, written(stop, rest[0], rest[-1])
    after = after if "为" in [each.text for each in rest] else f"{decision} 为 {after}"
    remedy = f"各写一条规则，各写各的条件：一条“则 {decision} 为 {stop.back().text}”，另一条“则 {after}”"
    return stop.report("E123", "一条规则只得出一个值", token, remedy)


def tone(stop: Stop) -> Diagnostic | None:
    """则 分类 应当 为 巩固, 则 可以 分类 为 巩固."""
    token, before = stop.token, stop.back()
    if clause_of(stop) != "则" or stop.first_on_line(token):
        return None
    if token.text in _TONES[1:] and stop.back(2).text == "则" and stop.ahead().text == "为":
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", f"“{token.text}”写在决定的名称前面", marked, f"写成“{token.text} {before.text}”")
    meant = _TONES_SAID.get(before.text)
    if meant is not None and stop.back(2).text == "则" and token.kind == "word" and token.text not in KEYWORDS:
        return stop.report("E124", f"规则语言不写“{before.text}”", before, f"写“{meant}”")
    return None

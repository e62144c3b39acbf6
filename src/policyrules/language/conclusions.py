"""Slips in conclusions: 则 列为 暂缓新增, 则 分类 = 巩固, 则 分类 为 巩固 或 升级, 则 分类 应当 为 巩固, 否则.

Why this exists: a rule comes to one value of one decision; what says more is several rules.

Invariants: as in `habits`.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.habits import arguments, clause_of, line_from, written
from policyrules.language.keywords import KEYWORDS
from policyrules.language.stops import END, JOINERS, Stop, Token
from policyrules.language.table_cells import TONES
from policyrules.text import one_line

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
    "纳入",
    "属",
    "属于",
)
_BEFORE: Final = ("则", *TONES)
"""What the name of the decision stands behind."""
_DUE_TO_BE: Final = ("应为", "应当为", "须为", "应该为", "应是")
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


def regarded(stop: Stop) -> Diagnostic | None:
    """视同 困难程度 为 暂时经营困难, 困难程度 视为 暂时经营困难: what follows, in the words of documents."""
    said = next((one for one in (stop.token, stop.ahead(), stop.back()) if one.text in _REGARDED), None)
    if said is None or stop.keyword not in ("规则", "补充规则", "推定"):
        return None
    start = stop.source.text.rfind("\n", 0, said.start) + 1
    line = stop.source.text[start:].partition("\n")[0].partition("#")[0]
    start, line = start + len(line) - len(line.lstrip()), one_line(line.strip().rstrip("。；;"))
    found = _REGARDS.fullmatch(line)
    if found is None or start < stop.tokens[0].end:
        return None
    name, value = found["name"] or found["of"], found["is"] or found["value"]
    if not name and stop.keyword != "推定":
        return None
    marked = Token("word", "", start, start + len(line))
    remedy = f"写成“则 {name} 为 {value}”" if name else f"写成“则 … 为 {value}”，“…”换成名称"
    return stop.report("E124", f"规则语言不写“{said.text}”", marked, remedy)


_REGARDED: Final = ("视同", "视为", "视作", "看作", "认定为", "视同为", "可视为", "可视同")
_REGARDS: Final = re.compile(
    rf"(?:则 )?(?:(?P<name>\w+) )?(?:{'|'.join(_REGARDED)}) (?:(?P<of>\w+) (?:为|是) (?P<is>\w+)|(?P<value>\w+))"
)


def called(stop: Stop) -> Diagnostic | None:
    """则 列为 暂缓新增: the decision is missing."""
    token, before = stop.token, stop.back()
    if token.kind != "word" or before.kind != "word" or stop.back(2).text not in _BEFORE or clause_of(stop) != "则":
        return None
    verb = before.text.removesuffix("为").removesuffix("成")
    if verb not in _CALLED:
        return None
    marked = Token("word", before.text, before.start, token.end)
    return stop.report("E124", f"“则”后面先写决定的名称，不写“{before.text}”", marked, f"写成“决定名 为 {token.text}”")


def bracketed(stop: Stop) -> Diagnostic | None:
    """则（分类 为 盘活）."""
    if stop.token.text != "(" or stop.back().text != "则":
        return None
    parts, end = arguments(stop)
    if len(parts) != 1 or not parts[0]:
        return None
    marked = Token("mark", "(", stop.token.start, end)
    return stop.report("E130", "结论不放在括号里", marked, f"写成“ {parts[0]}”")


def several(stop: Stop) -> Diagnostic | None:
    """则 分类 为 盘活 和 补助 为 5 万元: what a second decision comes to is a second rule."""
    if stop.keyword not in ("规则", "补充规则") or not stop.tokens or stop.token.kind == END:
        return None
    at = next((n for n in range(stop.index, 1, -1) if stop.first_on_line(stop.tokens[n])), 0)
    if stop.tokens[at].text != "则":
        return None
    line = line_from(stop, at)
    cut = next(
        (
            n
            for n in range(3, len(line) - 2)
            if line[n].text in _ALSO and line[n + 1].kind == "word" and line[n + 2].text in _COMES_TO
        ),
        0,
    )
    named = [one.text for one in line[:cut] if one.text not in _BEFORE]
    if not cut or len(named) < _SHORTEST or named[1] not in _COMES_TO or named[0] == line[cut + 1].text:
        return None
    first = f"{written(stop, line[0], line[cut - 1])}".replace(" = ", " 为 ")
    second = written(stop, line[cut + 1], line[-1]).rstrip("。；，;,").replace(" = ", " 为 ")
    marked = Token("word", "", line[0].start, line[-1].end)
    rule = another_rule(stop.source.text[stop.tokens[0].start : stop.tokens[-1].end], line[cut + 1].text, second)
    if rule is None:
        return None
    return stop.report("E123", "一条规则只得出一个值", marked, f"这一行写成“{first}”；另写一条规则：{rule}")


def another_rule(text: str, decision: str, conclusion: str) -> str | None:
    """The lines, each in quotes, of a rule like one that is written, with another conclusion; None of a long one."""
    lines = [re.split("[#＃]", line, maxsplit=1)[0].strip().rstrip("，。；,;") for line in text.splitlines()]
    lines = [line for line in lines if line]
    head = re.match(r"(规则|补充规则)\s+(\w+)(.*)", lines[0]) if lines else None
    if head is None or len(lines) > _MOST_LINES:
        return None
    kept, cited, mine = [f"{head[1]} {head[2]}_{decision}{head[3].rstrip()}"], False, False
    then = False
    for line in lines[1:]:
        word = (re.match(r"\w+", line) or [""])[0]
        if word in ("依据", "释义", "说明", "授权"):
            cited, mine = True, False
        elif word == "则":
            if not then:
                kept.append(f"则 {conclusion}")
            then, mine = True, False
        elif word in ("当", "除外", "自", "至", "对"):
            kept.append(line)
            mine = True
        elif mine and word in JOINERS:
            kept.append(line)
        else:
            return None
    note = "（依据、释义照写）" if cited else ""
    return "".join(f"“{line}”" for line in kept) + note if not any("“" in line for line in kept) else None


_ALSO: Final = ("和", "且", ",", ";", "、", "并", "以及", "及", "同时", "并且", "而且", "与")
_COMES_TO: Final = ("为", "含", "=", "是")
_SHORTEST: Final = 3
_MOST_LINES: Final = 12


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
    if token.text in _DUE_TO_BE and stop.back(2).text == "则":
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", f"“{token.text}”写成两个词", marked, f"写成“应当 {before.text} 为”")
    if token.text in TONES and stop.back(2).text == "则" and stop.ahead().text == "为":
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", f"“{token.text}”写在决定的名称前面", marked, f"写成“{token.text} {before.text}”")
    meant = _TONES_SAID.get(before.text)
    if meant is not None and stop.back(2).text == "则" and token.kind == "word" and token.text not in KEYWORDS:
        return stop.report("E124", f"规则语言不写“{before.text}”", before, f"写“{meant}”")
    return None

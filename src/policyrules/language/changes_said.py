"""What is done to an upper layer, in the words of documents: 修订 规则 升级类, 修订 升级类 改为, 设定 投资下限 改为 20 万元, 新增 规则 甲.

Why this exists: a document says 将 … 修改为 and 增加一条; a layer names the provision and writes below it what changes.

Invariants: as in `habits`. What takes something away is never given for what adds.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.habits import clause_of, line_from, written
from policyrules.language.keywords import CLAUSES, DECLARATIONS
from policyrules.language.stops import Stop, Token

_BECOMES: Final = ("改为", "修改为", "调整为", "变更为", "改成", "修订为", "更改为", "改至")
_AS_FOLLOWS: Final = (*_BECOMES, "如下", "修改如下", "作如下修改", "改动如下")
_STOPS: Final = (
    "删除",
    "删去",
    "不适用",
    "不再适用",
    "不再执行",
    "不执行",
    "作废",
    "失效",
    "无效",
    "不用",
    "取消",
    "去掉",
)
_ADDS: Final = ("增加", "新增", "增补", "补充", "添加", "增设", "另加")
_REPLACES: Final = ("替换", "更换", "调整", "将", "把")
_LAID_DOWN: Final = ("规则", "义务", "禁令", "提示", "推定", "决策表", "术语", "参数", "决定", "清单", "统计", "读法")


def named_with_kind(stop: Stop) -> Diagnostic | None:
    """修订 规则 升级类, 修订 升级类 改为, 设定 参数 投资下限 为 5 万元."""
    token, before = stop.token, stop.back()
    if stop.keyword not in ("修订", "设定", "增列") or stop.first_on_line(token):
        return None
    if stop.index == 2 and token.kind == "word" and before.text in _LAID_DOWN:
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", f"“{stop.keyword}”后面直接写名称", marked, f"写成“{token.text}”")
    if stop.index == 2 and stop.keyword == "设定" and token.text in _BECOMES:
        return stop.report("E124", f"规则语言不写“{token.text}”", token, "写“为”")
    if stop.index == 2 and token.text in _AS_FOLLOWS:
        return stop.report("E124", f"规则语言不写“{token.text}”", token, f"删去“{token.text}”")
    return None


def between_declarations(stop: Stop) -> Diagnostic | None:
    """A line that says what changes, below another declaration."""
    token = stop.token
    start = stop.source.text.rfind("\n", 0, token.start) + 1
    if token.kind != "word" or token.start != start or not stop.at_clause:
        return None
    found = changed(stop.source.text[start:].partition("\n")[0].partition("#")[0].rstrip())
    if found is None:
        return None
    message, length, remedy = found
    return stop.report("E125", message, Token("word", token.text, start, start + length), remedy)


def changed(line: str) -> tuple[str, int, str] | None:
    """What a line that begins no declaration says of a change: 新增 规则 甲, 将 升级类 修改为, 投资下限 为 20 万元. The message, up to where
    of the line, and the remedy.

    >>> changed("增加 规则 甲"), changed("将 投资下限 改为 20 万元")
    (('规则语言不写“增加 规则”', 5, '写成“补充规则”；本层自己的决定，写“规则”'), ('规则语言不写“将 …”', 15, '写成“设定 投资下限 为 20 万元”'))
    """
    added = _ADDED.match(line)
    if added is not None and added[2] in DECLARATIONS:
        if added[2] == "规则":
            return f"规则语言不写“{added[1]} 规则”", added.end(), "写成“补充规则”；本层自己的决定，写“规则”"
        return f"新的一条前面不写“{added[1]}”", len(added[1]), f"删去“{added[1]}”"
    turned = _TURNED.fullmatch(line)
    if turned is not None:
        said = f"规则语言不写“{turned['lead']} …”"
        if turned["value"]:
            return said, len(line.rstrip()), f"写成“设定 {turned['name']} 为 {turned['value'].strip()}”"
        how = "加一个条件写“还须”，只限一种情形写“仅限”，多一种情形写“或者”，去掉一种写“除外”"
        return said, len(line.rstrip()), f"先写一行“修订 {turned['name']}”，下面写改动：{how}"
    bare = _BARE.fullmatch(line)
    if bare is None:
        return None
    return (
        f"“{bare[1]}”前面没有写“设定”",
        len(line.rstrip()),
        f"设定上级参数的，写成“设定 {bare[1]} 为 {bare[2].strip()}”",
    )


_ADDED: Final = re.compile(rf"({'|'.join(_ADDS)})[ \t\u3000]+(\w+)")
_GAP: Final = r"[ \t\u3000]*"
_SO_FAR: Final = rf"(?:{_GAP}[由从]{_GAP}[0-9][^\n]{{0,40}}?)?"
"""What was laid down until now: 由 10 万元 改为 20 万元."""
_TURNED: Final = re.compile(
    rf"(?P<lead>{'|'.join(_REPLACES)}){_GAP}(?:(?:{'|'.join(_LAID_DOWN)})[ \t\u3000]+)?(?P<name>\w+?){_SO_FAR}{_GAP}"
    rf"(?:(?:{'|'.join(sorted({*_AS_FOLLOWS, '为', '='}, key=len, reverse=True))})[:：]?(?P<value>[^\n]*))?"
)
_BARE: Final = re.compile(rf"([^\W\d]\w*?){_SO_FAR}{_GAP}(?:{'|'.join(_BECOMES)}|为|=){_GAP}([0-9][^\n]*)")


def excepted_line(stop: Stop) -> Diagnostic | None:
    """除 停产 外, on a line of its own."""
    token = stop.token
    line = line_from(stop, stop.index)
    if token.text not in ("除", "除了") or not stop.at_clause or not stop.first_on_line(token) or len(line) < 3:
        return None
    if line[-1].text not in ("外", "之外", "以外") or "除外" not in CLAUSES[stop.keyword].all:
        return None
    marked = Token("word", "", token.start, line[-1].end)
    said = f"规则语言不写“{token.text} … {line[-1].text}”"
    return stop.report("E124", said, marked, f"写成“除外 {written(stop, line[1], line[-2])}”")


def line_of_amendment(stop: Stop) -> Diagnostic | None:
    """修订 升级类 / 删去; 修订 升级类 / 增加 已形成."""
    token = stop.token
    if stop.keyword != "修订" or not stop.at_clause or not stop.first_on_line(token):
        return None
    rest = line_from(stop, stop.index + 1)
    if token.text in _STOPS and not rest:
        return stop.report("E124", f"规则语言不写“{token.text}”", token, "写“停用”")
    if token.text in (*_ADDS, "当", "条件") and rest and clause_of(stop) != "则":
        said = written(stop, rest[0], rest[-1])
        marked = Token("word", "", token.start, rest[-1].end)
        remedy = f"原来的条件之外还要满足的，写“还须 {said}”；多一种情形的，写“或者 {said}”"
        return stop.report("E124", f"“修订”里不写“{token.text}”", marked, remedy)
    return None

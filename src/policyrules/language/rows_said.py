"""Slips about rows: 任一 问题 已整改, 满足 非 甲, 合计 资金.金额 满足（…）, 资金.金额 合计, 资金 有 2 笔, 有 问题.

Why this exists: documents speak of rows as of one thing. Every condition on rows says whether one row is enough or all are
needed, and stands in brackets.

Invariants: as in `habits`.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import EACH, arguments, begins_operand, line_from, written
from policyrules.language.keywords import CONDITIONS, KEYWORDS, LIMITS, NUMBER_TAILS, SYNONYMS
from policyrules.language.stops import COMPARISON_SIGNS, JOINERS, Stop, Token

_NUMBERS: Final = ("数量", "笔数", "个数", "条数", "项数", "次数", "总数", "行数", "数目")
_HAVE: Final = ("有", "存在", "具有", "共", "共有", "已有")
_ITEMS: Final = re.compile(r"([一二两三四五六七八九十]+)[项个种条](?:条件|以上)?")
_VERBS: Final = ("都", "均", "全", "不", "未", "为", "满足", *SYNONYMS)
_TAKEN: Final = ("计数", "合计", "种数", "最大", "最小", "取")
_AFTER: Final = {
    **dict.fromkeys(("之和", "的和", "总和", "总额", "总计", "求和", "共计", "加总"), "合计"),
    **dict.fromkeys(("最大值", "最高值"), "最大"),
    **dict.fromkeys(("最小值", "最低值"), "最小"),
}
_HOLD: Final = ("满足", "成立", "符合", "具备")
_COUNTED: Final = re.compile(r"(?:笔|个|条|项|次|户|家|处|人|件)?(以上|及以上|以下|及以下|以内)?")


def _condition(stop: Stop, start: int) -> tuple[Token, ...]:
    """What stands from the token numbered ``start`` to where its condition ends, on its line."""
    found: list[Token] = []
    depth = 0
    for number, token in enumerate(line_from(stop, start)):
        if number == 0 and start > stop.index and stop.first_on_line(token):
            break
        depth += (token.text == "(") - (token.text == ")")
        if depth < 0 or (depth == 0 and token.text in (*JOINERS, ";", ",")):
            break
        found.append(token)
    return tuple(found)


def enough_of(stop: Stop) -> Diagnostic | None:
    """至少 2 项 满足（甲；乙）, 至少 2 项满足（甲；乙）: nothing stands between 项 and its bracket."""
    token = stop.token
    apart = stop.back().text == "项" and token.text in _HOLD
    back = 2 if apart else 1
    if not (apart or token.text in {f"项{word}" for word in _HOLD}) or stop.back(back + 1).text != "至少":
        return None
    count = stop.back(back)
    inside, end = arguments(stop, stop.index + 1)
    marked = Token("word", "", stop.back(back + 1).start, max(end, token.end))
    meant = f"至少 {count.text} 项（{'；'.join(inside) if inside else '…；…'}）"
    return stop.report("E130", "“项”后面就是括号", marked, f"写成“{meant}”")


def unbracketed(stop: Stop) -> Diagnostic | None:
    """任一 问题 满足 非 已整改, 任一 问题 已整改."""
    token, before = stop.token, stop.back()
    if token.text == "(" or token.kind not in ("word", "number", "mark"):
        return None
    if before.text in ("同时满足", "任一满足") and stop.expected <= {"("}:
        line = line_from(stop, stop.index)
        line = line[1:] if line[0].text == ":" else line
        if len(line) > 1:
            marked = Token("word", "", before.start, line[-1].end)
            meant = f"{before.text}（{written(stop, line[0], line[-1])}）"
            return stop.report("E130", f"“{before.text}”后面的各项放在括号里", marked, f"写成“{meant}”")
    if before.text == "至少" and (found := _ITEMS.fullmatch(token.text)) is not None:
        count = spoken.integer(found[1])
        if count is not None:
            return stop.report("E130", "“至少”后面写数字", token, f"写成“{count} 项”")
    if before.text == "满足" and stop.expected == {"("}:
        inside = _condition(stop, stop.index)
        if not inside:
            return None
        marked = Token("word", "", before.start, inside[-1].end)
        return stop.report(
            "E130", "“满足”后面的条件放在括号里", marked, f"写成“满足（{written(stop, inside[0], inside[-1])}）”"
        )
    if before.text in EACH and token.kind == "word" and begins_operand(stop, 1) and token.text not in KEYWORDS:
        inside = _condition(stop, stop.index + 1)
        if inside and inside[0].kind == "word" and inside[0].text not in KEYWORDS and inside[0].text not in _VERBS:
            marked = Token("word", "", before.start, inside[-1].end)
            meant = f"{EACH[before.text]} {token.text} 满足（{written(stop, inside[0], inside[-1])}）"
            return stop.report("E130", f"规则语言不写“{before.text} {token.text} …”", marked, f"写成“{meant}”")
    if stop.back(2).text in ("任一", "全部") and "满足" in stop.expected and token.text not in KEYWORDS:
        inside = _condition(stop, stop.index)
        if not inside or before.kind != "word" or token.kind != "word":
            return None
        marked = Token("word", "", stop.back(2).start, inside[-1].end)
        meant = f"{stop.back(2).text} {before.text} 满足（{written(stop, inside[0], inside[-1])}）"
        return stop.report("E130", f"“{before.text}”后面缺“满足”", marked, f"写成“{meant}”")
    return None


def some_or_all(stop: Stop) -> Diagnostic | None:
    """资金 满足（…）: whether one row is enough, or all are needed, is not said."""
    rows, inside = stop.back(), arguments(stop, stop.index + 1)[0]
    if stop.token.text != "满足" or stop.ahead().text != "(" or rows.kind != "word" or not begins_operand(stop, 1):
        return None
    if rows.text in KEYWORDS or len(inside) != 1 or not inside[0]:
        return None
    marked = Token("word", "", rows.start, arguments(stop, stop.index + 1)[1])
    asked = f"{rows.text} 满足（{inside[0]}）"
    remedy = f"有一行就行的写“任一 {asked}”，每一行都要的写“全部 {asked}”"
    return stop.report("E124", "没有说一行就行，还是每一行都要", marked, remedy)


def where_unbracketed(stop: Stop) -> Diagnostic | None:
    """合计 资金.金额 其中 资金来源 为 衔接资金 ≥ 50 万元: what 其中 says stands in brackets."""
    if stop.token.text not in COMPARISON_SIGNS or stop.keyword == "统计":
        return None
    at = next((n for n in range(stop.index - 2, max(stop.index - 8, 0), -1) if stop.tokens[n].text == "其中"), 0)
    begin = at - (4 if at > 3 and stop.tokens[at - 2].text == "." else 2)
    inside = stop.tokens[at + 1 : stop.index]
    if begin < 0 or not at or stop.tokens[begin].text not in _TAKEN or not inside or inside[0].text == "(":
        return None
    if any(stop.first_on_line(one) for one in stop.tokens[begin + 1 : stop.index]):
        return None
    marked = Token("word", "", stop.tokens[begin].start, stop.back().end)
    taken = written(stop, stop.tokens[begin], stop.tokens[at - 1])
    meant = f"{taken} 其中（{written(stop, inside[0], inside[-1])}）"
    return stop.report("E130", "“其中”后面的条件放在括号里", marked, f"写成“{meant}”")


def added_up(stop: Stop) -> Diagnostic | None:
    """当 累计 资金.金额 > 200 万元: 累计 is how an amount adds up its rules; rows are added up by 合计."""
    at = next(
        (n for n in (stop.index - 1, stop.index) if 0 < n < len(stop.tokens) and stop.tokens[n].text == "累计"), 0
    )
    if not at or not _in_condition(stop, at):
        return None
    said, what = stop.tokens[at], stop.tokens[at + 1 : at + 4]
    named = [one.text for one in what]
    if [one.kind for one in what] == ["word", "mark", "word"] and named[1] == ".":
        marked = Token("word", "", said.start, what[-1].end)
        return stop.report("E124", "规则语言不写“累计”", marked, f"写成“合计 {''.join(named)}”")
    return stop.report("E124", "规则语言不写“累计”", said, "明细各行加起来的，写“合计 对象.字段”")


def _in_condition(stop: Stop, at: int) -> bool:
    """Whether the token numbered ``at`` stands in a condition, on the line where it begins."""
    line = next((n for n in range(at - 1, -1, -1) if stop.first_on_line(stop.tokens[n])), 0)
    word = stop.tokens[line].text
    return word in CONDITIONS and word not in LIMITS and not stop.first_on_line(stop.tokens[at])


def which_rows(stop: Stop) -> Diagnostic | None:
    """合计 资金.金额 满足（…）, 计数 资金 符合（…）: which rows are taken is said with 其中."""
    token = stop.token
    at = stop.index - (4 if stop.back(2).text == "." else 2)
    if token.text not in ("满足", "符合") or at < 0 or stop.tokens[at].text not in _TAKEN or stop.first_on_line(token):
        return None
    taken = written(stop, stop.tokens[at], stop.back())
    message = f"“{stop.tokens[at].text}”后面不写“{token.text}”，写“其中”"
    inside, end = arguments(stop, stop.index + 1)
    statistic = stop.keyword == "统计"
    if len(inside) != 1 or not inside[0]:
        remedy = "另起一行写“其中”" if statistic else f"条件放在括号里：{taken} 其中（…）"
        return stop.report("E124", message, token, remedy)
    if statistic:
        return stop.report("E124", message, Token("word", "", token.start, end), f"另起一行写“其中 {inside[0]}”")
    marked = Token("word", "", stop.tokens[at].start, end)
    return stop.report("E124", message, marked, f"写成“{taken} 其中（{inside[0]}）”")


def computed_after(stop: Stop) -> Diagnostic | None:
    """资金.金额 合计 ≥ 50 万元: the word for the calculation comes first."""
    meant = _AFTER.get(stop.token.text)
    if meant is not None and stop.back(2).text == "." and stop.back(3).kind == "word":
        named = "".join(one.text for one in stop.tokens[stop.index - 3 : stop.index])
        marked = Token("word", "", stop.back(3).start, stop.token.end)
        return stop.report("E130", f"规则语言不写“{stop.token.text}”", marked, f"写成“{meant} {named}”")
    said = stop.back() if stop.back().text in ("合计", "计数", "最大", "最小") else stop.token
    at = stop.index - 1 if said is not stop.token else stop.index
    words = [token.text for token in stop.tokens[max(at - 3, 0) : at]]
    if said.text not in ("合计", "最大", "最小") or words[1:2] != ["."] or len(words) < 3:
        return None
    marked = Token("word", "", stop.tokens[at - 3].start, said.end)
    return stop.report("E130", f"“{said.text}”写在前面", marked, f"写成“{said.text} {''.join(words)}”")


def how_many(stop: Stop) -> Diagnostic | None:
    """资金 数量 ≥ 2, 资金 有 2 笔 以上, 有 问题, 问题 存在."""
    token, before = stop.token, stop.back()
    if "且" not in stop.expected or before.kind != "word" or token.kind != "word":
        return None
    if token.text in _NUMBERS and before.text not in KEYWORDS:
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", f"规则语言不写“{token.text}”", marked, f"写成“计数 {before.text}”")
    if token.text in _HAVE and before.text not in KEYWORDS:
        line = line_from(stop, stop.index + 1)
        if line and line[0].kind == "number" and not stop.first_on_line(line[0]):
            unit = line[1].text if len(line) > 1 and line[1].kind == "word" else ""
            found = _COUNTED.fullmatch(unit)
            tail = found[1] if found is not None else None
            last = line[1] if found is not None and unit else line[0]
            if tail is None and len(line) > 2 and last is line[1] and line[2].text in NUMBER_TAILS:
                tail, last = line[2].text, line[2]
            sign = NUMBER_TAILS.get(tail or "", "=")
            sign = sign if sign in COMPARISON_SIGNS else "="
            marked = Token("word", "", before.start, last.end)
            meant = f"计数 {before.text} {sign} {line[0].text}"
            return stop.report("E130", f"规则语言不写“{token.text}”", marked, f"写成“{meant}”")
        if not line or stop.first_on_line(line[0]) or line[0].text in (*JOINERS, ")"):
            return _have(stop, token, before)
    if before.text in _HAVE and begins_operand(stop, 1):
        return _have(stop, before, token)
    return None


def _have(stop: Stop, said: Token, what: Token) -> Diagnostic:
    marked = Token("word", "", min(said.start, what.start), max(said.end, what.end))
    remedy = f"{what.text}是一行一行填的，写成“计数 {what.text} > 0”；是“是否”的字段，删去“{said.text}”"
    return stop.report("E130", f"规则语言不写“{said.text}”", marked, remedy)

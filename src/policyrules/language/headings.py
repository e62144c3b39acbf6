"""Slips in the line that begins a declaration: 提示：甲, 提示 甲：, 提示“甲”, rule 甲, 如果 … without a 规则 above it.

Why this exists: other tools name a rule otherwise, or not at all.

Invariants: as in `habits`.
"""

from __future__ import annotations

from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.habits import line_from, written
from policyrules.language.keywords import CLAUSES, DECLARATIONS, KEYWORDS, SYNONYMS
from policyrules.language.stops import Stop, Token
from policyrules.text import one_line

HEADS: Final = {
    **dict.fromkeys(("rule", "规定", "条款", "规则名称", "判定", "判断"), "规则"),
    **dict.fromkeys(("field", "列", "属性", "变量"), "字段"),
    **dict.fromkeys(("object", "表", "实体"), "对象"),
    **dict.fromkeys(("parameter", "param", "阈值", "标准"), "参数"),
    **dict.fromkeys(("decision", "结果", "结论项"), "决定"),
    **dict.fromkeys(("提醒", "警告", "warning"), "提示"),
    **dict.fromkeys(("定义", "概念"), "术语"),
    "duty": "义务",
    **dict.fromkeys(("禁止", "ban"), "禁令"),
    **dict.fromkeys(("修改", "修正", "变更"), "修订"),
    **dict.fromkeys(("设置", "设为"), "设定"),
    **dict.fromkeys(("增加", "增补", "新增"), "增列"),
    **dict.fromkeys(("补充", "补充条款", "补充条文"), "补充规则"),
}
"""What people begin a declaration with, and the word of the language."""
STOPPED: Final = ("停用", "废止", "删除", "取消", "撤销")
"""What people do to a provision of an upper layer, which is a line of 修订."""


def heading_before(stop: Stop) -> Diagnostic | None:
    """提示：甲 — a colon after the word that begins a declaration."""
    before, after = stop.back(), stop.ahead()
    if stop.token.text != ":" or before.text not in DECLARATIONS or stop.index != 1:
        return None
    shown = f"，写成“{before.text} {after.text}”" if after.kind == "word" else "，空一格接着写名称"
    return stop.report("E137", f"“{before.text}”后面不写冒号", stop.token, f"删去冒号{shown}")


def heading_after(stop: Stop) -> Diagnostic | None:
    """提示 甲： — a colon after the name, where no type is due."""
    if stop.keyword not in CLAUSES or "type" in CLAUSES[stop.keyword].all:
        return None
    colon = next((token for token in stop.tokens[2 : min(stop.index + 1, 3)] if token.text == ":"), None)
    if colon is None or stop.tokens[0].text not in DECLARATIONS:
        return None
    said = f"“{stop.keyword} {stop.tokens[1].text}”后面不写冒号"
    rest = line_from(stop, 3) if stop.keyword == "设定" else ()
    if rest and not stop.first_on_line(rest[0]):
        marked = Token("word", "", stop.tokens[0].start, rest[-1].end)
        remedy = f"写成“设定 {stop.tokens[1].text} 为 {written(stop, rest[0], rest[-1])}”"
        return stop.report("E137", said, marked, remedy)
    return stop.report("E137", said, colon, "写“为”" if stop.keyword == "设定" else "删去冒号")


def defined_as(stop: Stop) -> Diagnostic | None:
    """术语 大项目 = 应收租金 ≥ 50 万元."""
    sign = next((token for token in stop.tokens[2 : stop.index + 1] if token.text == "="), None)
    if (
        stop.keyword not in ("术语", "清单")
        or sign is None
        or "即" in [token.text for token in stop.tokens[: stop.index]]
    ):
        return None
    return stop.report("E137", f"“{stop.keyword}”里不写“=”", sign, "写“即”")


def name_in_parts(stop: Stop) -> Diagnostic | None:
    """规则 甲-1, 规则 甲 乙, 规则 1."""
    token, before = stop.token, stop.back()
    if (
        stop.tokens[0].text not in DECLARATIONS
        or stop.first_on_line(token)
        or (stop.first_on_line(before) and stop.index > 1)
    ):
        return None
    if stop.index == 1 and token.kind == "number":
        line = line_from(stop, 1)
        rest = "".join(each.text for each in line if each.kind == "word" and each.text not in KEYWORDS)
        meant = f"{before.text} 第{token.text}条{rest}"
        marked = Token("number", "", before.start, line[-1].end)
        return stop.report("E130", "名称不能以数字开头", marked, f"写成“{meant}”")
    after = stop.ahead()
    if stop.index == 2 and token.text in ("-", "−", "—", "·", "/", "÷", ".") and after.kind in ("word", "number"):
        marked = Token("word", "", before.start, after.end)
        return stop.report("E130", f"名称里不写“{token.text}”", marked, f"写成“{before.text}_{after.text}”")
    if (
        stop.index == 2
        and token.text in ("适用于", "针对", "对于", "关于", "适用对象")
        and "对" in CLAUSES[stop.keyword].all
    ):
        return stop.report("E124", f"规则语言不写“{token.text}”", token, "写“对”")
    if stop.index == 2 and token.kind == "word" and token.text not in (*KEYWORDS, *SYNONYMS):
        marked = Token("word", "", before.start, token.end)
        remedy = f"写成“{before.text}{token.text}”"
        if "type" in CLAUSES[stop.keyword].all and stop.ahead().text in ("(", "{", "取值", "由", "=", "") and token.end:
            remedy += f"；“{token.text}”是类型的，写“{before.text}：{token.text}”"
        return stop.report("E130", "名称中间不空格", marked, remedy)
    return None


def decision_without_mode(stop: Stop) -> Diagnostic | None:
    """决定 新类：{ 甲、乙 }; 字段 收入：金额 万元."""
    token, before = stop.token, stop.back()
    if token.text == "{" and before.text == ":" and stop.keyword in ("决定", "字段", "研判", "参数", "读法"):
        mode = "单选" if stop.keyword == "决定" else "枚举"
        return stop.report("E133", "取值前面没有写是哪一种", token, f"写“{mode} {{”；可以同时有几个值的写“多选 {{”")
    units = {"金额": ("元", "万元", "亿元"), "面积": ("亩", "公顷"), "时长": ("天", "个月", "年")}
    if before.text in units and token.text in units[before.text] and stop.back(2).text == ":":
        marked = Token("word", "", before.start, token.end)
        return stop.report("E133", "单位写在括号里", marked, f"写成“{before.text}（{token.text}）”")
    return None


def heading_quoted(stop: Stop) -> Diagnostic | None:
    """提示“甲”."""
    before, token = stop.back(), stop.token
    if stop.index != 1 or token.kind not in ("quote", "place") or before.text not in DECLARATIONS:
        return None
    name = one_line(stop.source.text[token.start + 1 : token.end - 1]).replace(" ", "")
    marked = Token("quote", "", before.start, token.end)
    return stop.report("E130", "名称不加引号，也不放在【】里", marked, f"写成“{before.text} {name}”")


def headless(stop: Stop) -> Diagnostic | None:
    """rule 甲; 如果 甲 则 乙, with no 规则 above it."""
    token = stop.token
    if token.kind != "word" or not stop.at_clause or token.start != stop.source.text.rfind("\n", 0, token.start) + 1:
        return None
    head = HEADS.get(token.text.casefold())
    if head is not None:
        return stop.report("E125", f"规则语言不写“{token.text}”", token, f"写“{head}”")
    allowed = CLAUSES[stop.keyword].all if stop.keyword in CLAUSES else ()
    if "当" not in SYNONYMS.get(token.text, ()) or "当" in allowed:
        return None
    line = line_from(stop, stop.index + 1)
    then = next((n for n, each in enumerate(line) if "则" in (each.text, *SYNONYMS.get(each.text, ()))), len(line))
    condition = [each for each in line[:then] if each.text != ","] or list(line[:1])
    shown = written(stop, condition[0], condition[-1]) if condition else "…"
    remedy = f"先写一行“规则 名称”，下一行空两格写“当 {shown}”，再下一行写“则 决定名 为 值”"
    return stop.report("E125", f"“{token.text}”上面没有写是哪一条规则", token, remedy)

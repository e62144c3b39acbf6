"""Marks between things that are listed: { 好，差 }, 取小（甲，乙）, 同时满足（甲、乙）, 为 好、差.

Why this exists: offices put the same comma between values, conditions and numbers; the language has a mark for each, and what
the whole list looks like with it says more than a rule.

Invariants: as in `habits`. A list is given whole or not at all; a mark that may part or join is told as both.
"""

from __future__ import annotations

from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import habits
from policyrules.language.keywords import CLAUSES, CONDITIONS
from policyrules.language.stops import CLAUSE_WORDS, END, JOINERS, Stop, Token
from policyrules.text import cut, one_line

_MARKS: Final = ("、", ",", ";", "/", "÷", "|", "和", "及", "与", "以及", "或", "或者")
_NAMES: Final = {",": "逗号", "、": "顿号", ";": "分号"}
_NUMBERS: Final = ("取小", "取大")
_LONGEST: Final = 80


def in_braces(stop: Stop) -> Diagnostic | None:
    """{ 好，差 }, { 好/差 }: values with another mark between them."""
    token, at = stop.token, stop.opened
    if at is None or stop.tokens[at].text != "{" or token.text not in _MARKS[1:]:
        return None
    said = _NAMES.get(token.text, f"“{stop.source.text[token.start : token.end]}”")
    code = "E122" if token.text == "," else "E123" if token.text == ";" else "E130"
    message = f"列举的值之间写了{said}"
    end = next((n for n in range(at, len(stop.tokens)) if stop.tokens[n].text == "}"), None)
    parts = [] if end is None else _parts(stop, at + 1, end, _MARKS)
    if end is None or not all(parts) or any(" " in part or "=" in part for part in parts):
        return stop.report(code, message, token, "列举用顿号：{ 甲、乙 }")
    marked = Token("mark", "", stop.tokens[at].start, stop.tokens[end].end)
    return stop.report(code, message, marked, f"列举用顿号，写成“{{ {'、'.join(parts)} }}”")


def in_group(stop: Stop) -> Diagnostic | None:
    """取小（甲，乙）, 同时满足（甲、乙）: the parts of a group with another mark between them."""
    token, at = stop.token, stop.opened
    if at is None or token.text not in (",", "、") or "且" not in stop.expected:
        return None
    word = stop.tokens[at - 1].text if at else ""
    # Both conditions or all of the group: the same.
    certain = word in _NUMBERS or word == "同时满足" or (token.text == "、" and stop.in_group)
    if not certain and not stop.in_group:
        return None
    end = _closing(stop, at)
    parts = [] if end is None else _parts(stop, at + 1, end, (token.text, ";"))
    if end is None or not all(parts):
        return None
    code = "E122" if token.text == "," else "E123"
    first = at - 3 if word == "项" and at > 2 else at - 1
    head = one_line(stop.source.text[stop.tokens[first].start : stop.tokens[at].start]).strip()
    message = f"“{head}”的各{'数' if word in _NUMBERS else '项'}之间写了{_NAMES[token.text]}"
    whole = f"{head}（{'；'.join(parts)}）"
    if len(whole) > _LONGEST:
        return stop.report(code, message, token, "各项之间写“；”")
    marked = Token("mark", "", stop.tokens[first].start, stop.tokens[end].end)
    if not certain:
        remedy = f"各项之间用“；”，写“{whole}”；一项里的两个条件，都要满足的中间写“且”，满足一个就行的写“或”"
        return stop.report(code, message, marked, remedy)
    return stop.report(code, message, marked, f"写成“{whole}”")


def _closing(stop: Stop, at: int) -> int | None:
    depth = 0
    for number in range(at, len(stop.tokens)):
        depth += (stop.tokens[number].text == "(") - (stop.tokens[number].text == ")")
        if depth == 0:
            return number
    return None


def _parts(stop: Stop, start: int, end: int, marks: tuple[str, ...]) -> list[str]:
    """What stands between marks from the token numbered ``start`` to before ``end``, brackets whole; what is empty last is left
    out."""
    found: list[str] = []
    depth, begin = 0, start
    for number in range(start, end + 1):
        text = stop.tokens[number].text
        depth += (text in ("(", "{")) - (text in (")", "}") and number < end)
        if number == end or (depth == 0 and text in marks):
            taken = stop.tokens[begin:number]
            found.append(cut(one_line(stop.source.text[taken[0].start : taken[-1].end]), _LONGEST) if taken else "")
            begin = number + 1
    return found[:-1] if len(found) > 1 and not found[-1] else found


def ranked(stop: Stop) -> Diagnostic | None:
    """先后 好，差; 先后 好 > 差; 优先 好、差: the values of a 先后, the first before the others."""
    token = stop.token
    if stop.keyword not in ("决定", "修订"):
        return None
    said = token if token.text in ("优先", "优先级", "优先顺序", "顺序") and stop.first_on_line(token) else None
    if said is None and (
        habits.clause_of(stop) != "先后" or token.text not in (",", ">", "->", "→", "-", "÷", "优先于")
    ):
        return None
    line = habits.line_from(stop, next(n for n in range(stop.index, -1, -1) if stop.first_on_line(stop.tokens[n])))
    values = [one for one in line[1:] if one.kind in ("word", "quote") and one.text not in ("优先于", "仅当")]
    if "仅当" in [one.text for one in line] or not values or any(one.kind == "number" for one in line):
        return None
    marked = Token("word", "", line[0].start, line[-1].end)
    listed = "、".join(stop.source.text[one.start : one.end] for one in values)
    return stop.report("E130", "“先后”从先到后列出几个值", marked, f"写成“先后 {listed}”")


# ---- between conditions and behind 为 -------------------------------------------------------------------------------


def comma(stop: Stop) -> Diagnostic | None:
    """A comma between conditions, or after the last."""
    token = stop.token
    if token.text != ",":
        return None
    if stop.ahead().text == "其中" and not stop.first_on_line(stop.ahead()):
        return stop.report("E122", "“其中”前面不写逗号", token, "删去逗号")
    if "且" in stop.expected:
        remedy = "都要满足写“且”，满足一个就行写“或”"
        if stop.opened is not None and stop.opened > 1 and stop.tokens[stop.opened - 2].text == "视":
            return stop.report("E122", "几种情形之间写了逗号", token, "写“；”")
        if stop.in_group:
            remedy = "各项之间用“；”；一项里的两个条件，都要满足写“且”，满足一个写“或”"
        elif stop.back(2).text in ("含", "不含", "、"):
            remedy += "；列举几个值用顿号：甲、乙"
        if stop.at_clause and (stop.ahead().kind == END or stop.first_on_line(stop.ahead())):
            following = stop.ahead().text
            clauses = CLAUSES[stop.keyword].all if stop.keyword in CLAUSES else ()
            begun = following in CLAUSE_WORDS or any(following.startswith(word) for word in clauses)
            if stop.ahead().kind == END or (begun and following not in JOINERS):
                # What follows is another clause.
                return stop.report("E122", "句末不写逗号", token, "删去逗号")
            remedy = f"句末不写逗号，删去它；后面还有条件的，{remedy}"
        return stop.report("E122", "条件之间写了逗号", token, remedy)
    if "、" in stop.expected:
        return stop.report("E122", "列举的值之间写了逗号", token, "列举用顿号：甲、乙")
    if stop.at_clause:
        if stop.ahead().kind == END or stop.first_on_line(stop.ahead()):
            return stop.report("E122", "句末不写逗号", token, "删去逗号")
        return stop.report("E122", "各项之间不写逗号", token, "删去逗号，另起一行写下一项")
    return None


def listing(stop: Stop) -> Diagnostic | None:
    """A 、 between conditions, or after the one value of 为."""
    token = stop.token
    if token.text not in ("、", "/", "÷"):
        return None
    if stop.back(2).text in ("为", "不为") or (stop.back().kind == "word" and stop.back(3).text in ("为", "不为")):
        subject, values = stop.back(3).text, "、".join(habits.values_from(stop, stop.index - 1))
        if stop.keyword in ("设定", "参数", "读法"):
            at = stop.index - 1
            end = stop.tokens[min(at + 2 * values.count("、"), len(stop.tokens) - 1)].end
            marked = Token("word", "", stop.back(2).start, end)
            return stop.report("E123", "几个值写在花括号里", marked, f"写成“{stop.back(2).text} {{ {values} }}”")
        verb = "不属于" if stop.back(2).text == "不为" else "属于"
        remedy = f"写成“{subject} {verb} {{ {values} }}”"
        return stop.report("E123", f"“{stop.back(2).text}”后面只能写一个值", token, remedy)
    if "且" in stop.expected and token.text == "、":
        remedy = "都要满足写“且”，满足一个就行写“或”；几项并列写“同时满足（甲；乙）”或“任一满足（甲；乙）”"
        return stop.report("E123", "条件之间写了顿号", token, remedy)
    return None


def semicolon(stop: Stop) -> Diagnostic | None:
    """A semicolon where nothing is parted by one."""
    token = stop.token
    if token.text != ";" or stop.in_group:
        return None
    if stop.opener.startswith("("):
        remedy = "几项并列写“同时满足（甲；乙）”或“任一满足（甲；乙）”；两个条件用“且”或“或”"
        return stop.report("E130", "这个括号里不能用分号分项", token, remedy)
    if stop.at_clause or "且" in stop.expected:
        remedy = "删去分号，另起一行；分号只在“同时满足（…；…）”这样的括号里用"
        return stop.report("E137", "各项之间不写分号", token, remedy)
    return None


def behind_keyword(stop: Stop) -> Diagnostic | None:
    """当，停产: a comma behind the word of a clause."""
    before = stop.back()
    if (
        stop.token.text not in (",", "、")
        or before.text not in {*CONDITIONS, "则", "说"}
        or not stop.first_on_line(before)
    ):
        return None
    mark = "，" if stop.token.text == "," else "、"
    return stop.report("E122", f"“{before.text}”后面不写“{mark}”", stop.token, "删去它")

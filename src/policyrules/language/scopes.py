"""What a bracket or a negation takes in: 非 【停产 或 效益 为 差】, 总投资 − {已支出 − 5 万元}, 并非 停产 或 效益 为 差, 不是（停产）.

Why this exists: brackets of other forms hold together what stands in them, and a word for 非 may say the next condition or all
of them. Written without its bracket, a sentence says something else.

Invariants: as in `habits`. What stands in a bracket of any form is given in （）, unless it is a single name.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.habits import NEGATIONS, SETS, begins_operand
from policyrules.language.keywords import KEYWORDS
from policyrules.language.stops import CLAUSE_WORDS, COMPARISON_SIGNS, JOINERS, OPERATOR_WORDS, Stop, Token
from policyrules.language.turns import condition_from
from policyrules.operators import INFIX, OPPOSITE
from policyrules.text import one_line

_CLOSERS: Final = {
    "《": "》",
    "〈": "〉",
    "[": "]",
    "［": "］",
    "{": "}",
    "｛": "｝",
    "<": ">",
    "＜": "＞",
    "‹": "›",
    "〖": "〗",
}
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
_COMPUTED: Final = ("+", "-", "−", "×", "÷", "*", "/", *COMPARISON_SIGNS, *OPERATOR_WORDS, *JOINERS, ";", "；", "非")
_OPPOSITES: Final = {sign: OPPOSITE[INFIX[sign].words] for sign in ("≥", ">", "≤", "<", "=", ">=", "<=")}
OF_ALL: Final = ("不是", "并非", "并不是")
"""Who says so speaks of the whole sentence; the other words belong to the word behind them."""


def bracketed(stop: Stop) -> Diagnostic | None:
    """【停产 或 效益 为 差】, 《停产》, ［…］, {…}, 〈…〉 where a bracket, or a name, belongs."""
    at, token = stop.index, stop.token
    if token.kind == "place":
        inner, end = stop.source.text[token.start + 1 : token.end - 1], token.end
    else:
        if token.text not in _CLOSERS and stop.opener.startswith("{") and stop.opened is not None:
            # A brace is read as a list up to what no list holds.
            at = stop.opened
            token = stop.tokens[at]
        closer = _CLOSERS.get(stop.source.text[token.start : token.start + 1])
        if closer is None:
            return None
        inside, found, _ = stop.source.text[token.end :].partition("\n")[0].partition(closer)
        if not found:
            return None
        inner, end = inside, token.end + len(inside) + 1
    before = stop.tokens[at - 1].text if at else ""
    inner_tokens = [one.text for one in stop.tokens[at + 1 :] if one.end < end]
    said = one_line(inner).strip()
    if before in SETS and token.text[:1] not in ("{", "｛") and said:
        listed = "、".join(part for part in re.split(r"\s*[、,，;；]\s*", said) if part)
        marked = Token("mark", "", token.start, end)
        return stop.report("E123", "列举的值放在花括号里", marked, f"写成“{{ {listed} }}”")
    if before == "依据" or not said or not _fits(stop, at, token, inner, inner_tokens):
        return None
    single = _NAME.fullmatch(said) is not None and before not in ("满足", "其中", "项")
    marked = Token("mark", "", token.start, end)
    code = "E132" if token.kind == "place" else "E137"
    shown = "【】" if token.kind == "place" else stop.source.text[token.start] + stop.source.text[end - 1]
    what = f"字段和名称不放在{shown}里" if single and shown in ("【】", "《》", "〈〉") else f"括号用（），不用{shown}"
    if not single:
        return stop.report(code, what, marked, f"写成“（{said}）”")
    if at and stop.tokens[at - 1].end == token.start and stop.tokens[at - 1].kind == "word":
        # 视【停产】: without its brackets it would be one word with what stands before.
        marked = Token("mark", "", stop.tokens[at - 1].start, end)
        said = f"{before} {said}"
    return stop.report(code, what, marked, f"写成“{said}”")


def _fits(stop: Stop, at: int, token: Token, inner: str, inner_tokens: list[str]) -> bool:
    """Whether a bracket, or a name, may stand there."""
    before = stop.tokens[at - 1].text
    if before in _VALUED and not _of_amount(stop, at):
        # 效益 为 【好】: a value; of several, none is given.
        return stop.index == at and _NAME.fullmatch(inner.strip()) is not None
    if token.text in ("<", "＜"):
        # A sign stands between spaces.
        return stop.wants_operand and inner == inner.strip() and any(one in _COMPUTED for one in inner_tokens)
    if token.text in ("{", "｛"):
        opens = before in (*_OPENING, *CLAUSE_WORDS) or _of_amount(stop, at)
        listed = {"、", "=", "等"} & {*inner_tokens}
        return opens and before not in SETS and not listed and any(one in _COMPUTED for one in inner_tokens)
    if stop.index != at:
        return False
    # Behind what is complete a bracket opens the branches of 视, and nothing else.
    chosen = "视" in [one.text for one in stop.tokens[max(0, at - 4) : at]]
    open_ = "(" in stop.expected and ("且" not in stop.expected or chosen)
    return open_ or before in _GROUPS or _of_amount(stop, at)


_VALUED: Final = ("为", "不为", "含", "不含", "即", "=")
_GROUPS: Final = ("满足", "其中", "项", "同时满足", "任一满足", "取小", "取大")
_OPENING: Final = (*_GROUPS, *JOINERS, *COMPARISON_SIGNS, "非", "(", ";", "+", "-", "−", "×", "÷", "*", "/", "起满")


def _of_amount(stop: Stop, at: int) -> bool:
    """Whether what a rule concludes, or a term stands for, begins there: 则 补助 为 【总投资 − 已支出】 × 30%."""
    before = stop.tokens[at - 1].text
    concluded = before == "为" and at > 2 and stop.tokens[at - 3].text == "则"
    return concluded or (before == "即" and stop.keyword == "术语")


def negation(stop: Stop) -> Diagnostic | None:
    """不是 已形成, 并非 停产 或 效益 为 差, 不是（…）, 没有 任一 问题 满足（…）: a word for 非 before a condition."""
    token, before = stop.token, stop.back()
    if before.text not in NEGATIONS or not begins_operand(stop, 1):
        return None
    said = f"条件不满足，不写“{before.text}”"
    if token.text == "(":
        return stop.report("E124", said, before, "写成“非”")
    if token.kind != "word" or token.text in (*OPERATOR_WORDS, *JOINERS):
        return None
    inside = condition_from(stop, stop.index)
    joined = _joined(inside)
    if joined is not None:
        whole = one_line(stop.source.text[inside[0].start : inside[-1].end])
        marked = Token("word", "", before.start, inside[-1].end)
        all_of, first = f"非（{whole}）", f"非 {whole}"
        if before.text in OF_ALL:
            return stop.report("E124", said, marked, f"写成“{all_of}”；只说前面一个的，写“{first}”")
        return stop.report("E124", said, marked, f"写成“{first}”；几个都说的，写“{all_of}”")
    rows = stop.ahead()
    if token.text in ("任一", "全部") and rows.kind == "word":
        remedy = f"写成“非 {token.text} {rows.text} 满足（…）”"
    elif rows.text == "满足":
        remedy = f"写成“非 任一 {token.text} 满足（…）”"
    else:
        remedy = f"写成“非 {token.text}”"
        if before.text in ("没有", "无", "未", "没"):
            remedy += f"；问有没有填的，写“{token.text} 未填”"
    return stop.report("E124", said, before, remedy)


def _joined(inside: tuple[Token, ...]) -> Token | None:
    """The first 且 or 或 that stands in no bracket."""
    depth = 0
    for token in inside:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text in JOINERS:
            return token
    return None


def not_compared(stop: Stop) -> Diagnostic | None:
    """总投资 不 ≥ 50 万元."""
    token, sign = stop.token, stop.ahead()
    meant = _OPPOSITES.get(sign.text)
    if token.text != "不" or meant is None or stop.back().kind != "word" or stop.back().text in KEYWORDS:
        return None
    marked = Token("word", "", token.start, sign.end)
    return stop.report("E124", f"“{sign.text}”前面不写“不”", marked, f"写成“{meant}”")

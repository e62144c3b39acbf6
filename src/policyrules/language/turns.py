"""Turns of phrase that limit or join: 但, 除 … 外, 除非, 在 … 到 … 之间, a value in quotes.

Why this exists: a document says 除停产的外 and 但未整改的; whoever types it so is told how the language says it, and never to join
the word itself to a condition.

Invariant: each check is as those of `habits`: from a `Stop` to a diagnostic or None; what is given to be written says the same.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import clause_of, line_from, piece_from, written
from policyrules.language.keywords import CLAUSES, CONDITIONS, KEYWORDS, LIMITS
from policyrules.language.stops import CLAUSE_WORDS, END, JOINERS, OPERATOR_WORDS, Stop, Token
from policyrules.source import fold_characters
from policyrules.text import cut, one_line

_BUT: Final = ("但", "但是", "然而", "不过")
_EXCEPT: Final = ("除", "除了", "除去")
_OUTSIDE: Final = ("外", "之外", "以外")
_BETWEEN: Final = re.compile(r"在(.{1,40}?)(?:到|至|和|与|[-~—])(.{1,40}?)(?:之间|期间)")
_UNLESS: Final = "除非"
_CONDITIONS: Final = {*CONDITIONS} - {"期限", *LIMITS}
_SAYING: Final = ("则", "应当", "原则上应当", "不得")
_SUPPOSED: Final = ("", "即", "其中", "符合", "当", "到期", "适用", "或者", "除外")
_OPENERS: Final = (*JOINERS, "非", "(", ";", ":")


def but(stop: Stop) -> Diagnostic | None:
    """当 但 已形成; 已形成 但 停产日 未填. 但 … 除外, and 但 on a line of its own, begin an exception."""
    excepted = any(one.text.endswith("除外") for one in stop.tokens[stop.index :])
    if stop.token.text in _BUT and "且" in stop.expected and not excepted and not stop.first_on_line(stop.token):
        return stop.report("E124", f"规则语言不写“{stop.token.text}”", stop.token, "写“且”")
    before = stop.back()
    if before.text in _BUT and _begins(stop, 2) and stop.token.kind == "word":
        return stop.report("E124", f"规则语言不写“{before.text}”", before, f"删去“{before.text}”")
    return None


def outside(stop: Stop) -> Diagnostic | None:
    """除 已形成 外: every case but these."""
    before = stop.back()
    if before.text not in _EXCEPT or not _begins(stop, 2):
        return None
    end = next((n for n in range(stop.index, len(stop.tokens)) if stop.tokens[n].text in _OUTSIDE), None)
    if end is None or any(stop.first_on_line(one) for one in stop.tokens[stop.index : end + 1]):
        return None
    last = stop.tokens[end]
    inner = written(stop, stop.token, stop.tokens[end - 1])
    marked = Token("word", "", before.start, last.end)
    return stop.report("E124", f"规则语言不写“{before.text} … {last.text}”", marked, f"写成“非（{inner}）”")


def outside_behind(stop: Stop) -> Diagnostic | None:
    """当 已形成 除 季节性停产 外: what is excepted, behind the condition."""
    line = line_from(stop, stop.index)
    if stop.token.text not in _EXCEPT or "且" not in stop.expected or stop.in_group or len(line) < 3:
        return None
    word = clause_of(stop)
    start = stop.source.text.rfind("\n", 0, stop.token.start) + 1
    first = next((one for one in stop.tokens if one.start >= start), stop.token)
    if word not in ("当", "应当", "不得") or first.text != word or line[-1].text not in _OUTSIDE:
        return None
    out = written(stop, line[1], line[-2])
    if "除外" not in CLAUSES[stop.keyword].all:
        kept = written(stop, stop.tokens[stop.tokens.index(first) + 1], stop.back())
        marked = Token("word", "", stop.tokens[stop.tokens.index(first) + 1].start, line[-1].end)
        return stop.report("E124", f"“{stop.keyword}”里不写“除外”", marked, f"写成“（{kept}） 且 非（{out}）”")
    kept = written(stop, first, stop.back())
    marked = Token("word", "", first.start, line[-1].end)
    return stop.report("E124", "例外另写一行“除外”", marked, f"写成两行，先“{kept}”，后“除外 {out}”")


def parted(stop: Stop) -> Diagnostic | None:
    """当 停产；利用率 < 60%: a semicolon between two conditions."""
    following = stop.ahead()
    if stop.token.text != ";" or stop.opener or clause_of(stop) not in _CONDITIONS or not stop.at_clause:
        return None
    if following.kind == END or stop.first_on_line(following):
        return None
    if following.text in JOINERS:
        return stop.report("E137", f"“{following.text}”前面不写分号", stop.token, "删去分号")
    if following.text in CLAUSE_WORDS and following.text not in OPERATOR_WORDS:
        return None
    remedy = "都要满足写“且”，满足一个就行写“或”；几项并列写“同时满足（甲；乙）”或“任一满足（甲；乙）”"
    return stop.report("E137", "条件之间写了分号", stop.token, remedy)


def unless(stop: Stop) -> Diagnostic | None:
    """除非 停产; 利用率 < 60% 除非 停产; 利用率 < 60%，除非 停产; 则 分类 为 升级 除非 停产. 除非 … 才 says something else, and 除非
    on a line of its own begins an exception."""
    at = stop.index
    joined = "且" in stop.expected
    if stop.back().text == _UNLESS and _begins(stop, 2):
        at, joined = stop.index - 1, False
    elif stop.token.text == "," and joined:
        at += 1
    if at >= len(stop.tokens) or stop.tokens[at].text != _UNLESS or (at == stop.index and not joined):
        return None
    inside = condition_from(stop, at + 1)
    if stop.first_on_line(stop.tokens[at]) or not inside or any(one.text in ("才", _UNLESS) for one in inside):
        return None
    said, excepted = f"规则语言不写“{_UNLESS}”", written(stop, inside[0], inside[-1])
    first = stop.token if joined else stop.tokens[at]
    rest = stop.tokens[at + 1 + len(inside) :]
    otherwise = next((one for one in rest[:2] if one.text == "否则" and not stop.first_on_line(one)), None)
    marked = Token("word", "", first.start, (otherwise or inside[-1]).end)
    clause = clause_of(stop)
    if clause not in _SUPPOSED:
        # 应当 甲 除非 乙: who has 乙 owes nothing, and need not be without it.
        apart = joined and not stop.opener and clause in _SAYING
        return stop.report("E124", said, marked, f"另起一行写“除外 {excepted}”") if apart else None
    if rest and rest[0].text in JOINERS:
        return stop.report("E124", said, marked, f"除去的情形全部放在括号里：非（{excepted} {rest[0].text} …）")
    meant = f"非（{excepted}）"
    before = _before(stop, stop.index) if joined else ()
    if any(one.text == "或" for one in before):
        # Both of what stands before, or the exception would be made from the last of it alone.
        marked = Token("word", "", before[0].start, marked.end)
        meant = f"（{written(stop, before[0], before[-1])}） 且 {meant}"
    elif joined:
        meant = f"且 {meant}"
    return stop.report("E124", said, marked, f"写成“{meant}”")


def condition_from(stop: Stop, start: int) -> tuple[Token, ...]:
    """What stands from the token numbered ``start`` to where the whole condition ends, on its line; 否则 ends it."""
    found: list[Token] = []
    depth = 0
    for token in line_from(stop, start):
        depth += (token.text == "(") - (token.text == ")")
        if depth < 0 or (depth == 0 and token.text in (";", ",", "。", "否则")):
            break
        found.append(token)
    return tuple(found) if found and not stop.first_on_line(found[0]) else ()


def _before(stop: Stop, end: int) -> tuple[Token, ...]:
    """What stands before the token numbered ``end``, back to where the whole condition begins."""
    start, depth = end, 0
    while start > 0:
        token = stop.tokens[start - 1]
        depth += (token.text == ")") - (token.text == "(")
        if depth < 0 or (depth == 0 and (token.text == ";" or token.text in CLAUSE_WORDS - {*OPERATOR_WORDS})):
            break
        start -= 1
    return stop.tokens[start:end]


def between(stop: Stop) -> Diagnostic | None:
    """总投资 在10万元到50万元之间."""
    if stop.back().kind != "word" or "且" not in stop.expected or not stop.token.text.startswith("在"):
        return None
    piece = piece_from(stop, stop.token.start)
    found = _BETWEEN.fullmatch(piece)
    if stop.token.text == "在":
        # 在 2024年1月1日 至 2024年12月31日 期间: the same with spaces.
        line = line_from(stop, stop.index)
        last = next((n for n, one in enumerate(line[:10]) if one.text.endswith(("期间", "之间"))), 0)
        piece = stop.source.text[stop.token.start : line[last].end]
        found = _BETWEEN.fullmatch(fold_characters("".join(piece.split())))
    ends = (None, None) if found is None else (spoken.value(found[1]), spoken.value(found[2]))
    if None in ends:
        return None
    marked = Token("word", "", stop.token.start, stop.token.start + len(piece))
    return stop.report("E124", "规则语言不写“在 … 之间”", marked, f"写成“介于 {ends[0]} 至 {ends[1]}”")


def value_in_quotes(stop: Stop) -> Diagnostic | None:
    """市场效益“好”."""
    before = stop.back()
    if stop.token.kind != "quote" or before.kind != "word" or before.text in KEYWORDS or "为" not in stop.expected:
        return None
    value = one_line(stop.source.text[stop.token.start + 1 : stop.token.end - 1])
    if not value:
        return None
    marked = Token("word", "", before.start, stop.token.end)
    return stop.report("E130", "名称和值之间缺少“为”", marked, f"写成“{before.text} 为 {cut(value, 40)}”")


def _begins(stop: Stop, steps: int) -> bool:
    """Whether a condition begins behind the token ``steps`` before."""
    return stop.back(steps).text in _OPENERS or stop.back(steps).text in CLAUSE_WORDS

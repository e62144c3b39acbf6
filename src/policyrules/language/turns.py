"""Turns of phrase that limit or join: 但, 除 … 外, 在 … 到 … 之间, a value in quotes.

Why this exists: a document says 除停产的外 and 但未整改的; whoever types it so is told how the language says it, and never to join
the word itself to a condition.

Invariant: each check is as those of `habits`: from a `Stop` to a diagnostic or None; what is given to be written says the same.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import piece_from, written
from policyrules.language.keywords import KEYWORDS
from policyrules.language.stops import CLAUSE_WORDS, JOINERS, Stop, Token
from policyrules.text import cut, one_line

_BUT: Final = ("但", "但是", "然而", "不过")
_EXCEPT: Final = ("除", "除了", "除去")
_OUTSIDE: Final = ("外", "之外", "以外")
_BETWEEN: Final = re.compile(r"在(.{1,40}?)(?:到|至|和|与|[-~—])(.{1,40}?)之间")
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


def between(stop: Stop) -> Diagnostic | None:
    """总投资 在10万元到50万元之间."""
    if stop.back().kind != "word" or "且" not in stop.expected or not stop.token.text.startswith("在"):
        return None
    piece = piece_from(stop, stop.token.start)
    found = _BETWEEN.fullmatch(piece)
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

"""Groups under other heads: 同时符合（甲；乙）, 满足任意一项（甲；乙）, 至多 1 项（甲；乙）, 同时满足： with a line for each item.

Why this exists: documents list conditions under a head, one a line and with numbers; the language has three heads, each with a
bracket, and says the others by them.

Invariants: as in `habits`. A group is given whole or not at all, and holds in the same cases.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import NUMBERING, arguments
from policyrules.language.stops import CLAUSE_WORDS, JOINERS, OPERATOR_WORDS, Stop, Token
from policyrules.text import one_line

_ALL: Final = re.compile("(?:同时|均|都|全部|一并)(?:符合|满足|具备|达到|成立)")
_ANY: Final = re.compile(
    "(?:满足|符合|具备)(?:其一|之一|任一|任意|任何)(?:一?[项条个])?|(?:任意|任何|任一)(?:一?[项条个])?(?:满足|符合|成立)"
)
_NONE: Final = re.compile("(?:均|都|全|全部)(?:不|未|没有?)(?:满足|符合|具备|成立)")
_COUNTED: Final = re.compile(
    "(?P<few>至多|最多|不超过)(?P<a>[0-9]+|[一二两三四五六七八九十]+)[项条个]"
    "|(?P<just>恰好|正好|只有|仅)(?:有)?(?P<b>[0-9]+|[一二两三四五六七八九十]+)[项条个]"
    "|(?P<c>[0-9]+|[一二两三四五六七八九十]+)[项条个](?P<many>及?以上)(?:满足|符合|成立)?"
)
_HEADS: Final = ("同时满足", "任一满足")


def other_head(stop: Stop) -> Diagnostic | None:
    """同时符合（甲；乙）, 两项以上（甲；乙）, 至多 1 项（甲；乙）, 均不满足（甲；乙）."""
    at = next((n for n in range(stop.index, min(stop.index + 4, len(stop.tokens))) if stop.tokens[n].text == "("), None)
    if at is None or stop.opener.startswith("{"):
        return None
    items, end = arguments(stop, at)
    if len(items) < 2 or not all(items) or ";" not in [one.text for one in stop.tokens[at:] if one.start < end]:
        return None
    for first in range(at - 1, max(at - 4, 0), -1):
        said = "".join(one.text for one in stop.tokens[first:at])
        meant = _meant(said, f"（{'；'.join(items)}）", len(items))
        if meant is not None and stop.index >= first:
            marked = Token("word", "", stop.tokens[first].start, end)
            return stop.report("E124", f"规则语言不写“{said}（…）”", marked, f"写成“{meant}”")
    return None


def _meant(said: str, items: str, among: int) -> str | None:
    if said in _HEADS:
        return None
    if _ALL.fullmatch(said) is not None:
        return f"同时满足{items}"
    if _ANY.fullmatch(said) is not None:
        return f"任一满足{items}"
    if _NONE.fullmatch(said) is not None:
        return f"非 任一满足{items}"
    found = _COUNTED.fullmatch(said)
    if found is None:
        return None
    figure = found["a"] or found["b"] or found["c"]
    count = int(figure) if figure.isascii() else spoken.integer(figure)
    if not count or count > among:
        return None
    if found["many"]:
        return f"至少 {count} 项{items}"
    over = f"非 至少 {count + 1} 项{items}" if count < among else ""
    if found["few"]:
        return over or None
    return f"至少 {count} 项{items}" + (f" 且 {over}" if over else "")


def item_a_line(stop: Stop) -> Diagnostic | None:
    """同时满足： / （1）已形成； / （2）主导产业。: a head whose items stand in the lines below it."""
    at = next((n for n in (stop.index - 1, stop.index) if n >= 0 and _is(stop, n, _HEADS)), None)
    if at is None:
        at = next((n for n in range(max(stop.index - 3, 0), stop.index + 1) if _head(stop, n)), None)
    if at is None or _is(stop, at + 1, ("(",)):
        return None
    start = at + 2 if _is(stop, at + 1, (":",)) else at + 1
    end = start
    while end < len(stop.tokens) and not _begins_clause(stop, stop.tokens[end]):
        end += 1
    rest = stop.tokens[start:end]
    if not rest or not stop.first_on_line(rest[0]):
        return None
    text = stop.source.text[rest[0].start : rest[-1].end]
    items = [
        one_line(re.sub(r"[;；,，。、]\s*$", "", NUMBERING.sub("", line.strip(), count=1))) for line in text.split("\n")
    ]
    items = [item for item in items if item]
    if len(items) < 2 or any(item.startswith(JOINERS) or "#" in item for item in items):
        return None
    head = stop.tokens[at]
    marked = Token("word", head.text, head.start, rest[-1].end)
    meant = f"{_head(stop, at) or head.text}（{'；'.join(items)}）"
    return stop.report("E130", f"“{head.text}”后面的各项放在括号里，用“；”隔开", marked, f"写成“{meant}”")


def _head(stop: Stop, at: int) -> str:
    """The head that 有下列情形之一的, 同时符合下列条件 at a place mean."""
    found = _LISTED.fullmatch(stop.tokens[at].text) if at < len(stop.tokens) else None
    if found is None:
        return ""
    return "任一满足" if found["one"] else "同时满足"


_LISTED: Final = re.compile(
    "(?:凡|具有|存在|符合|满足|具备|属于|有)?(?:下列|以下|下述)(?:条件|情形|情况|要求)(?P<one>之一|其中之一|中的?一项|任意?一项|中任意?一项)的?"
    "|(?:同时|均|都|全部)(?:符合|满足|具备|达到)(?:下列|以下|下述)(?:全部|各项|所有)?(?:条件|情形|情况|要求)的?"
)


def _is(stop: Stop, at: int, words: tuple[str, ...]) -> bool:
    return at < len(stop.tokens) and stop.tokens[at].text in words


def _begins_clause(stop: Stop, token: Token) -> bool:
    return stop.first_on_line(token) and token.text in CLAUSE_WORDS - {*OPERATOR_WORDS}


def line_without_semicolon(stop: Stop) -> Diagnostic | None:
    """同时满足（ / 已形成 / 主导产业 / ）: items parted by lines alone."""
    if not stop.in_group or "且" not in stop.expected or not stop.first_on_line(stop.token):
        return None
    if stop.token.kind not in ("word", "number", "quote") or stop.token.text in JOINERS:
        return None
    before = stop.back()
    remedy = f"各项之间写“；”，写成“{stop.source.text[before.start : before.end]}；”"
    return stop.report("E130", "这一项后面缺“；”", before, remedy)

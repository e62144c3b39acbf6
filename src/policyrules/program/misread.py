"""What loads and may have been meant otherwise: 应当 验收日 已填 至 2025年12月31日 止, 任一满足（甲 且 乙）.

Why this exists: `至 … 止` behind a condition is when the provision is in force, and reads like a day by which something is done;
a group with one item holds where that item does, whatever its head says. Nothing is wrong with the text, so nothing refuses it.

Invariants: a warning at the words themselves, none for what quotes, notes and comments say; a text that is laid out as `fmt` does it
has the first of them never. Work is bounded by the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.keywords import CONDITIONS
from policyrules.language.scan import scan
from policyrules.program.layers import Layer
from policyrules.source import Source, Span
from policyrules.text import cut, one_line

_DAY: Final = "[0-9]{4} *年 *[0-9]{1,2} *月 *[0-9]{1,2} *日"
_IN_FORCE: Final = re.compile(rf"[ \t](自[ \t]*{_DAY}[ \t]*起|至[ \t]*{_DAY}[ \t]*止)(?!\w)")
_CLAUSE: Final = re.compile(rf"[ \t]*({'|'.join(sorted({*CONDITIONS, '期限'}, key=len, reverse=True))})[ \t(]")
_GROUP: Final = re.compile(r"(?<!\w)(同时满足|任一满足|至少[ \t]*1[ \t]*项)[ \t]*\(")
_LONGEST: Final = 2_000
"""Characters of a group that are looked at, at most."""


def misread(layer: Layer) -> Iterator[Diagnostic]:
    """A warning for each such place of a layer's files."""
    for file in layer.parsed:
        lexed = scan(file.source).lexed
        yield from _in_force_behind_conditions(file.source, lexed)
        yield from _groups_of_one(file.source, lexed)


def _in_force_behind_conditions(source: Source, lexed: str) -> Iterator[Diagnostic]:
    end = 0
    for line in lexed.split("\n"):
        at, end = end, end + len(line) + 1
        clause = _CLAUSE.match(line)
        if clause is None:
            continue
        for found in _IN_FORCE.finditer(line):
            span = Span(source, at + found.start(1), at + found.end(1))
            words = one_line(span.text)
            message = f"“{words}”写在“{clause[1]}”这一行里，说的是这一条的有效期，不是条件"
            sign = "≥" if words.startswith("自") else "≤"
            day = words[1:-1].strip()
            remedy = f"是有效期的，另起一行写；说的是某个日子的，写成比较，如 {sign} {day}；做到为止的，写“期限 {day}”"
            yield Diagnostic("W239", message, span, "warning", remedy)


def _groups_of_one(source: Source, lexed: str) -> Iterator[Diagnostic]:
    for found in _GROUP.finditer(lexed):
        head, end = found[1], found.end()
        outer = _only_item(lexed, end)
        joiner = "或" if head == "同时满足" else "且"
        if outer is None or re.search(rf"(?<!\w){joiner}(?!\w)", outer) is None:
            continue
        span = Span(source, found.start(), end + len(outer) + 1)
        message = f"“{cut(one_line(span.text), 60)}”里只有一项，这一项用“{joiner}”连着，“{head}”不起作用"
        meant = "几项都要的" if head == "同时满足" else "几项里有一项就行的"
        remedy = f"{meant}，各项之间写“；”；就是“{joiner}”的，删去“{head}”"
        yield Diagnostic("W240", message, span, "warning", remedy)


def _only_item(lexed: str, start: int) -> str | None:
    """The item of a group whose bracket opens before ``start``, with what stands in brackets of its own left blank; None where there
    are several, or no end is in sight."""
    depth, outer = 1, list[str]()
    for sign in lexed[start : start + _LONGEST]:
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return "".join(outer)
        if depth == 1 and sign == ";":
            return None
        outer.append(sign if depth == 1 else " ")
    return None

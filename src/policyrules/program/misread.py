"""What loads and may have been meant otherwise: 应当 验收日 已填 至 2025年12月31日 止, 任一满足（甲 且 乙）.

Why this exists: `至 … 止` behind a condition is when the provision is in force, and reads like a day by which something is done;
a group with one item holds where that item does, whatever its head says. Nothing is wrong with the text, so nothing refuses it.

Invariants: a warning at the words themselves; a text that is laid out as `fmt` does it has the first of them never. Work is bounded
by the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language.keywords import CONDITIONS
from policyrules.program.layers import Layer
from policyrules.source import Source, Span
from policyrules.text import cut, one_line

_DAY: Final = r"[0-9０-９]{4} *年 *[0-9０-９]{1,2} *月 *[0-9０-９]{1,2} *日"
_IN_FORCE: Final = re.compile(
    rf"[ \t\u3000](自[ \t\u3000]*{_DAY}[ \t\u3000]*起|至[ \t\u3000]*{_DAY}[ \t\u3000]*止)(?!\w)"
)
_CLAUSE: Final = re.compile(
    rf"[ \t\u3000]*({'|'.join(sorted({*CONDITIONS, '期限'}, key=len, reverse=True))})[ \t\u3000（(]"
)
_GROUP: Final = re.compile(r"(?<!\w)(同时满足|任一满足|至少[ \t\u3000]*1[ \t\u3000]*项)[ \t\u3000]*[（(]")
_JOINED: Final = {"同时满足": "或"}
_LONGEST: Final = 2_000


def misread(layer: Layer) -> Iterator[Diagnostic]:
    """A warning for each such place of a layer's files."""
    for file in layer.parsed:
        yield from _in_force_behind_conditions(file.source)
        yield from _groups_of_one(file.source)


def _in_force_behind_conditions(source: Source) -> Iterator[Diagnostic]:
    at = 0
    for line in source.text.split("\n"):
        clause = _CLAUSE.match(line)
        for found in _IN_FORCE.finditer(line) if clause is not None else ():
            if clause is not None and not _quoted(line, found.start(1)):
                words = one_line(found[1])
                message = f"“{words}”写在“{clause[1]}”这一行里，说的是这一条的有效期，不是条件"
                sign = "≥" if words.startswith("自") else "≤"
                day = words[1:-1].strip()
                remedy = (
                    f"是有效期的，另起一行写；说的是某个日子的，写成比较，如 {sign} {day}；做到为止的，写“期限 {day}”"
                )
                yield Diagnostic(
                    "W239", message, Span(source, at + found.start(1), at + found.end(1)), "warning", remedy
                )
        at += len(line) + 1


def _groups_of_one(source: Source) -> Iterator[Diagnostic]:
    text = source.text
    for found in _GROUP.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        line = text[start : found.start()]
        if _quoted(text[start : found.end()], found.start() - start) or line.lstrip().startswith(
            ("释义", "说明", "依据")
        ):
            continue
        head, end, depth, several = found[1], found.end(), 1, False
        while end < len(text) and depth and end - found.end() < _LONGEST:
            depth += (text[end] in "（(") - (text[end] in "）)")
            several = several or (depth == 1 and text[end] in "；;")
            end += 1
        if depth or several:
            continue
        joiner = _JOINED.get(head, "且")
        outer = re.sub(r"[（(][^（()）]*[）)]", "", text[found.end() : end - 1])
        if re.search(rf"(?:^|[\s）)]){joiner}[\s（(]", outer) is None:
            continue
        span = Span(source, found.start(), end)
        message = f"“{cut(one_line(span.text), 60)}”里只有一项，这一项用“{joiner}”连着，“{head}”不起作用"
        meant = "几项都要的" if head == "同时满足" else "几项里有一项就行的"
        remedy = f"{meant}，各项之间写“；”；就是“{joiner}”的，删去“{head}”"
        yield Diagnostic("W240", message, span, "warning", remedy)


def _quoted(line: str, at: int) -> bool:
    """Whether a place in a line stands in a quote or a comment."""
    before = line[:at]
    return "#" in before or before.count("“") > before.count("”") or before.count('"') % 2 == 1

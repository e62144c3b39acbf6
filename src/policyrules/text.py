"""Short texts for people: on one line, cut where they are long, in quotes.

Why this exists: messages, reports and listings quote what somebody wrote, and all of them cut it the same way.

Invariants: nothing here changes a text that is short enough and on one line; what is cut shows a ``…`` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = (
    (re.compile("[^“”\n]*(?:“[^“”\n]*”[^“”\n]*)*"), "“", "”"),
    (re.compile("[^「」\n]*(?:「[^「」\n]*」[^「」\n]*)*"), "「", "」"),
    (re.compile("[^『』\n]*"), "『", "』"),
    (re.compile('[^"\n]*'), '"', '"'),
    (re.compile("[^＂\n]*"), "＂", "＂"),
)


def printable(text: str) -> str:
    """``text`` as one line that a terminal may show: each tab and line end is a space, and whatever else shows nothing,
    moves the cursor or turns the direction is ``�``. As many characters as before.

    >>> printable("甲\\n乙\\x1b[2J\\u202e丙"), printable("中　文")
    ('甲 乙�[2J�丙', '中　文')
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\u3000\xa0" else _INSTEAD.get(char, "�") for char in text)


_INSTEAD = dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " ")


def one_line(text: str) -> str:
    """``text`` with each run of white space as one space.

    >>> one_line("链条 为 不完整\\n    且 技术短板")
    '链条 为 不完整 且 技术短板'
    """
    return " ".join(text.split())


def cut(text: str, limit: int) -> str:
    """``text``, its end left out where it has more than ``limit`` characters.

    >>> cut("市场有潜力", 5), cut("市场有潜力", 4)
    ('市场有潜力', '市场有…')
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def cut_middle(text: str, limit: int) -> str:
    """``text``, its middle left out where it has more than ``limit`` characters: two thirds from its start are kept and
    one third from its end.

    >>> cut_middle("一二三四五六七八九", 6)
    '一二三四…八九'
    """
    return text if len(text) <= limit else f"{text[: limit * 2 // 3]}…{text[-limit // 3 :]}"


def cut_clauses(text: str, limit: int) -> str:
    """``text``, whole clauses of it left out where it has more than ``limit`` characters. The first are kept, and the last, in
    which a Chinese sentence says what has to be done; nothing in quotes or brackets is torn.

    >>> cut_clauses("建立指标体系，定期调度“结构，销售”，会同部门，评估质效", 25)
    '建立指标体系，定期调度“结构，销售”，…评估质效'
    >>> cut_clauses("1）建立指标体系，定期调度结构销售，会同部门，评估质效", 18)
    '1）建立指标体系，…评估质效'
    >>> cut_clauses("建立指标体系，评估质效", 11), cut_clauses("建立指标体系，评估质效", 8), cut_clauses("建立指标体系", 4)
    ('建立指标体系，评估质效', '…评估质效', '建立指…')
    """
    if len(text) <= limit:
        return text
    *first, last = _clauses(text)
    if len(last) >= limit:
        return cut(text, limit) if not first or len(first[0]) >= limit else f"{_leading(first, limit - 1)}…"
    return f"{_leading(first, limit - 1 - len(last))}…{last}"


def _leading(clauses: Sequence[str], room: int) -> str:
    kept = ""
    for clause in clauses:
        if len(kept) + len(clause) > room:
            break
        kept += clause
    return kept


def _clauses(text: str) -> list[str]:
    """The clauses of a text, each with the mark that ends it, parted outside quotes and brackets alone."""
    found, depth = [""], 0
    for char in text:
        found[-1] += char
        depth = max(0, depth + (char in "“「『（") - (char in "”」』）"))
        if char in "，；。" and not depth:
            found.append("")
    return found if found[-1] else found[:-1]


def some(names: Sequence[str], most: int, unit: str = "项", *, mark: str = "、") -> str:
    """The first ``most`` of ``names``, parted by ``mark``; where there are more, how many there are.

    >>> some(["甲", "乙", "丙"], 2), some(["甲", "乙"], 2)
    ('甲、乙 等 3 项', '甲、乙')
    """
    return mark.join(names[:most]) + (f" 等 {len(names)} {unit}" if len(names) > most else "")


def quoted(text: str) -> str:
    """``text`` in the first kind of quotes that it does not break; none of it may stand on a second line.

    >>> quoted("研究提出“四个一批”"), quoted("只有“前引号")
    ('“研究提出“四个一批””', '「只有“前引号」')
    """
    for pattern, opener, closer in _QUOTES:
        if pattern.fullmatch(text) is not None:
            return f"{opener}{text}{closer}"
    raise AssertionError("a text that was quoted can be quoted again")


def tidy(text: str) -> str:
    """Rule text that was written over several lines, without the blanks that line ends left.

    >>> tidy("任一满足（ 甲； 乙 ）")
    '任一满足（甲；乙）'
    """
    return re.sub(r"\s+([）；、])", r"\1", re.sub(r"([（；])\s+", r"\1", text))

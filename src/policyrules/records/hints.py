"""What is said beside what belongs in a cell: what it was that kept the cell from being read, and what to do.

Why this exists: that a cell takes 金额 helps nobody who wrote 约50万 or 见附件; most of what cannot be read is one of a few habits.

Invariant: a hint is about what is written, and empty where that says nothing; it never decides whether a cell is read.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.program.nodes import Field
from policyrules.spelling import nearest
from policyrules.types import NUMERIC, Kind

_ELSEWHERE: Final = re.compile(r"(?:详?见|另见|参见)(?:附件|附表|备注|说明|文件|附后).*|另附|附后")
_SPAN: Final = re.compile(r"[0-9]{4}[-/.年][0-9].*[-~至到、,;][0-9]{4}[-/.年][0-9].*")
_PART_OF_DAY: Final = re.compile("[0-9]{4}年(?:[0-9]{1,2}月)?|(?:[0-9]{1,2}月)?[0-9]{1,2}[日号]|[0-9]{1,2}月")
_ROUGH: Final = re.compile(
    r"大?约|近(?=[0-9])|超过?|不足|不到|[≈≥≤<>]|余|多(?=[万亿千百元户人亩个]|$)|左右|上下|以[上下内]|几"
)
_ROUGH_SAID: Final = "只填确定的数，只知道大概的请留空"
_LONGEST_UNIT: Final = 10
_LONGEST_LIST: Final = 200
_BETWEEN: Final = re.compile("或者|或|和|及|与|[、,，/;；]")


def placeholder(field: Field) -> str:
    """Of what is written for nothing, for zero and for not known alike."""
    if field.type.kind is Kind.SET:
        return "不知道的请留空，查过一项也没有的请写“无”"
    zero = field.type.kind in NUMERIC and field.type.kind is not Kind.YEAR
    return "没有或不知道的请留空，是零请填 0" if zero else "没有或不知道的请留空"


def elsewhere(word: str) -> str:
    """Of a folded text that refers to another place: 详见附件."""
    return "不会去看别处，请把内容填在这里，不知道的请留空" if _ELSEWHERE.fullmatch(word) else ""


def day(text: str) -> str:
    """Of a text that is no day: 2023.5.1-2024.5.1 is two, 3月5日 is what a cell shows of one whose format has no year."""
    if _PART_OF_DAY.fullmatch(text):
        return "如果格子里存着全的日期、只是没有全显示出来，请把单元格格式改成年月日，再核对日子"
    return "一格只填一个日子" if _SPAN.fullmatch(text) else ""


def number(text: str) -> str:
    """Of a text that does not begin with a number: 约50万."""
    return _ROUGH_SAID if _ROUGH.match(text) else ""


def unit(field: Field, written: str) -> str:
    """Of what stands behind a number and is no unit of the field: 余万元, （含配套）, -5."""
    if field.type.kind is Kind.DURATION and written == "月":
        return "“3 月”是月份，时长请写“3 个月”"
    if _ROUGH.search(written):
        return _ROUGH_SAID
    if re.search(r"[0-9(\[]", written):
        return "一格只填一个数，别的话请写到备注里"
    return f"“{written}”不是这一项的单位" if len(written) <= _LONGEST_UNIT else ""


def truth(word: str) -> str:
    """Of a folded text that is neither yes nor no: 是（2023年）."""
    if word[:1] in ("是", "否"):
        return "别的话请写到备注里"
    return "不知道的请留空" if word else ""


def near(text: str, declared: tuple[str, ...], *, several: bool = False) -> str:
    """The declared value that a text may have been meant for; of a text that names more than one, that it does. ``several``: the cell
    may hold them, each as one.

    >>> near("有待提高", ("好", "有待提升")), near("好或有待提升", ("好", "有待提升"))
    ('是不是“有待提升”？', '写了 2 个，只填其中一个')
    """
    parts = [part.strip() for part in _BETWEEN.split(text[:_LONGEST_LIST])]
    if len(parts) > 1 and all(part in declared for part in parts):
        return f"写在一起的 {len(parts)} 个，一个算一项分开写" if several else f"写了 {len(parts)} 个，只填其中一个"
    found = nearest(text[:40], declared, 1)
    return f"是不是“{found[0]}”？" if found else ""

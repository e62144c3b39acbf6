"""Days and years as documents say them: 2025年底, 25年6月30日, 2025年上半年, 2025年6月下旬, 十四五, 上年度.

Why this exists: a rule writes a day whole; a document says the end of a month, a quarter, a plan of five years. What each begins
and ends with is known here once, whatever it bounds.

Invariants: a text that is given names the same days as the one that was said, or nothing is given; no calendar has a year 0.
"""

from __future__ import annotations

import calendar
import re
from typing import Final

from policyrules.language import spoken
from policyrules.types import Kind

_YEAR: Final = re.compile(r"((?:19|20|21)[0-9]{2})年?度?")
_MONTH_END: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月(?:底|末|份?)")
_STRETCH: Final = re.compile(
    r"([0-9]{4})年度?(?:(上半年|下半年|前半年|后半年)|第?([1-4一二三四])季度|前(三)季度|([0-9]{1,2})月(?:份|([上中下])旬)?)"
)
_PLAN: Final = re.compile("(十[一二三四五六七八九]?|二十)五(?:规划)?")
_TWO_FIGURES: Final = re.compile("([0-9]{2})年(?=[0-9]{1,2}月|[上下前后第一二三四底末])")
_LAST_DAY: Final = re.compile(r"([0-9]{4})年(?:(?:年|度)?[底末终]|年终|第?([1-4一二三四])季度[底末])")


def time_said(piece: str, kind: Kind = Kind.DATE) -> tuple[str, str] | None:
    """The sort and the text of a ``day`` or a ``year`` that is said in words or in full; of ``days``, ``years`` or
    a ``month``, the first and the last with a bar between.

    >>> time_said("2025年上半年"), time_said("十四五", Kind.YEAR), time_said("上年度"), time_said("三年")
    (('days', '2025年1月1日|2025年6月30日'), ('years', '2021年|2025年'), ('year', '上年'), None)
    """
    short = _TWO_FIGURES.match(piece)
    if short is not None:
        piece = f"{spoken.whole_year(int(short[1]))}{piece[2:]}"
    year = _YEAR.fullmatch(piece)
    if year is not None:
        return "year", f"{year[1]}年"
    named = piece if piece in ("当年", "上年", "评估日") else spoken.time_meant(piece)
    if named is not None:
        return ("day" if named == "评估日" else "year"), named
    plan = _PLAN.fullmatch(piece)
    if plan is not None and (number := spoken.integer(plan[1])) is not None:
        first = _FIRST_PLAN + 5 * number
        return ("years", f"{first}年|{first + 4}年") if kind is Kind.YEAR else _days(first, 1, 1, first + 4, 12, 31)
    last = last_day(piece)
    if last is not None:
        return "day", last
    stretch = _stretch(piece)
    if stretch is not None:
        return stretch
    shown = spoken.value(piece)
    return ("day", shown) if shown is not None and _WHOLE_DAY.fullmatch(shown) is not None else None


_WHOLE_DAY: Final = re.compile("[0-9]{1,4}年[0-9]{1,2}月[0-9]{1,2}日")
_FIRST_PLAN: Final = 1951
"""The five years of a plan begin five times its number later: 十四五 in 2021."""


def last_day(piece: str) -> str | None:
    """The day that 2025年6月底, 2025年年底, 2025年二季度末 ends on; None for what says no such day. No calendar has a year 0.

    >>> last_day("2024年2月底"), last_day("2025年年底"), last_day("2025年3季度末"), last_day("2025年6月")
    ('2024年2月29日', '2025年12月31日', '2025年9月30日', None)
    """
    month = _MONTH_END.fullmatch(piece)
    if month is not None and piece.endswith(("底", "末")):
        year, number = int(month[1]), int(month[2])
    elif (found := _LAST_DAY.fullmatch(piece)) is not None:
        year, number = int(found[1]), 12 if found[2] is None else 3 * ("1234一二三四".index(found[2]) % 4 + 1)
    else:
        return None
    return f"{year}年{number}月{calendar.monthrange(year, number)[1]}日" if year and 1 <= number <= 12 else None


def _stretch(piece: str) -> tuple[str, str] | None:
    """2024年上半年, 2024年第一季度, 2024年前三季度, 2024年3月份, 2024年6月下旬: from its first day to its last."""
    found = _STRETCH.fullmatch(piece)
    if found is None or not int(found[1]):
        return None
    year = int(found[1])
    if found[2] is not None:
        first, last = (1, 6) if found[2] in ("上半年", "前半年") else (7, 12)
    elif found[3] is not None:
        last = 3 * ("1234一二三四".index(found[3]) % 4 + 1)
        first = last - 2
    elif found[4] is not None:
        first, last = 1, 9
    else:
        first = last = int(found[5])
    if not 1 <= first <= 12:
        return None
    begin, end = 1, calendar.monthrange(year, last)[1]
    if found[6] is not None:
        begin, end = {"上": (1, 10), "中": (11, 20), "下": (21, end)}[found[6]]
    sort, text = _days(year, first, begin, year, last, end)
    return ("month" if found[5] is not None and found[6] is None else sort), text


def _days(*numbers: int) -> tuple[str, str]:
    first, last = (f"{year}年{month}月{day}日" for year, month, day in (numbers[:3], numbers[3:]))
    return "days", f"{first}|{last}"


def deadline_meant(said: str) -> str | None:
    """The day by which something is to be done that is to be done 2025年底前, 25年6月, 2025年上半年: the last of them; None for what says
    none.

    >>> deadline_meant("2025年底前"), deadline_meant("25年6月30日前完成"), deadline_meant("2025年上半年"), deadline_meant("年底前")
    ('2025年12月31日', '2025年6月30日', '2025年6月30日', None)
    """
    bare = re.sub("^(?:在|于|至|到|不晚于|不迟于|截至|截止到?)", "", said)
    bare = re.sub("(?:之前|以前|前|为止|止|以内|之内|内)?(?:完成|办结|办理完毕|报送|上报|做到|到位)?$", "", bare)
    timed = time_said(bare)
    if timed is None or timed[0] not in ("day", "days", "month") or not timed[1][0].isdecimal():
        return None
    return timed[1].rpartition("|")[2]

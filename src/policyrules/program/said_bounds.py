"""Bounds as documents put them, where it is known what they bound: 停产日 超过 3 个月, 租金 占 原值 的 30% 以上, 建成日 为 上年度.

Why this exists: 超过 is > beside an amount, and beside a date it says how much time has passed. A parser cannot know which; here the
type of the subject is known.

Invariants: a text that is given to be written means what was said, or nothing is given; what leaves open which of two is
meant is given as both. The whole of what was written is understood, never a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from policyrules.language import spoken
from policyrules.language.times_said import time_said
from policyrules.operators import INCLUDING
from policyrules.program.bound_words import (
    ENDS_ABOUT,
    MOST_BOUNDS,
    SIGN,
    SIGNS,
    TAIL,
    SaidBound,
    bounds_in,
    sign_behind,
    values_in,
)
from policyrules.program.said_shares import MORE_THAN_HALF, of_another, of_nothing
from policyrules.types import DATE, NUMERIC, Kind, Type

_ABOUT: Final = re.compile(r"(?:约|大约|大概|接近|将近)")
_SINCE: Final = re.compile(r"(?:之日)?(?:起|以来|至今|距今|到现在|到今天|至评估日|距评估日|至今已)?(?:已经|已)?")
_LATELY: Final = re.compile(r"(?:在)?(?:近|最近|过去|前)")
_TWICE: Final = re.compile(r"([0-9][\w.%]*?)(?:及|和|或)\1(?=以[上下])")
_COUNTS_TOO: Final = re.compile(r"\(含(?:当天|当日|本日|该日)\)(?=[之以]?[前后])")
_RECENT: Final = re.compile("([0-9]{1,2}|[二两三四五六七八九十]{1,3})个?年度?(?:内|以内|之内|来|以来)?")
_PASSED: Final = re.compile(r"(?:已经|已)?(?:逾期|过了|过|经过)(.+)|(.+?)(?:之后|以后|后)")
_BEFORE_OR_AFTER: Final = re.compile(
    "(?:在)?(前后|之前|以前|提前|还有|还剩|还差|前|后|之后|以后|已经|已有|已)(.+?)(内|以内|之内)?"
)
_TO_COME: Final = re.compile("计划|约定|预计|拟|到期|截止|期限")
"""What days are called that may be still to come."""
_BESIDE_A_MONTH: Final = re.compile("(?:在|于|自|从)?([0-9]{2,4}年[0-9]{1,2}月)份?(?:(?:之|以)?(前|后)|以来|起)")


def bounded(subject: str, type_: Type | None, said: str, names: Mapping[str, Type | None]) -> str | None:
    """The remedy for ``said`` behind a ``subject`` of a type (None: not known), all of it in one piece: what it bounds is written
    out; ``names``: what else could be compared with.

    >>> from policyrules.types import DATE, MONEY, Type
    >>> rent = Type(Kind.MONEY, "万元")
    >>> bounded("停产日", DATE, "超过3个月", {}), bounded("租金", rent, "不低于原值的30%", {"原值": rent})
    ('写成“评估日 > 停产日 + 3 个月”', '写成“租金 ≥ 原值 × 30%”')
    >>> bounded("租金", rent, "10万元以上不足50万元", {}), bounded("停产日", DATE, "超过很久", {})
    ('写成“租金 ≥ 10 万元 且 租金 < 50 万元”', None)
    """
    if type_ is not None and type_.kind not in {*NUMERIC, Kind.DATE}:
        return None
    if type_ is not None and type_.kind is Kind.RATIO and said in MORE_THAN_HALF:
        return f"写成“{subject} > 50%”"
    if type_ is not None and type_.kind is Kind.DATE:
        found = _of_a_date(subject, type_, said) or _from_a_day(subject, type_, said, names)
    else:
        found = (
            _years(subject, type_, said)
            or _plain(subject, type_, said)
            or of_another(subject, type_, said, names)
            or of_nothing(subject, type_, said, names)
        )
    return found


def _years(subject: str, type_: Type | None, said: str) -> str | None:
    """近三年 of a year, with this year or without it; 2021年、2022年, 2021年或2022年."""
    if type_ is None or type_.kind is not Kind.YEAR:
        return None
    begun = _LATELY.match(re.sub("^(?:为|是|属于)", "", said))
    recent = None if begun is None else _RECENT.fullmatch(re.sub("^(?:为|是|属于)", "", said)[begun.end() :])
    count = None if recent is None else int(recent[1]) if recent[1].isascii() else spoken.integer(recent[1])
    if count and count > 1:
        with_, without = f"{subject} ≥ 当年 − {count - 1} 年", f"{subject} 介于 当年 − {count} 年 至 上年"
        return f"连当年一共{count}个年度的，写“{with_}”；不连当年的，写“{without}”"
    listed = re.fullmatch("(不)?(?:为|是|属于|在)?(.+?)(?:之一)?", said)
    parts = [] if listed is None else re.split("、|,|或者|或|和|及", listed[2].strip("{}"))
    years = [time_said(part, Kind.YEAR) for part in parts]
    if listed is None or len(parts) < MOST_BOUNDS or not all(year is not None and year[0] == "year" for year in years):
        return None
    shown = "、".join(year[1] for year in years if year is not None)
    return f"写成“{subject} {'不属于' if listed[1] else '属于'} {{ {shown} }}”"


def _plain(subject: str, type_: Type | None, said: str) -> str | None:
    """Bounds by numbers alone."""
    said = _TWICE.sub(r"\1", said)
    about = _ABOUT.match(SIGN.sub("", said, count=1) if SIGN.match(said) else said)
    found = bounds_in(type_, said)
    if found is None:
        if about is not None or said.endswith(ENDS_ABOUT):
            return f"没有说准是多少；写明从多少到多少：{subject} 介于 … 至 …"
        return None
    written = _joined(found, [_compared(subject, bound) for bound in found], subject)
    return None if written is None else f"写成“{written}”{_loose(found[0], said)}"


def _loose(bound: SaidBound, said: str) -> str:
    """2013年以后, 2025年10月31日前: what to write where that day or that year counts too."""
    sign = INCLUDING.get(bound.sign)
    if sign is None or bound.value.sort not in ("day", "year") or re.search(r"(?:之|以)?[前后]$", said) is None:
        return ""
    return f"；{'当天' if bound.value.sort == 'day' else '当年'}也算的，用“{sign}”"


def _compared(subject: str, bound: SaidBound) -> str:
    return f"{subject} {bound.sign or '='} {bound.value.text}"


def _joined(bounds: list[SaidBound], written: list[str], subject: str) -> str | None:
    """One bound or two; a range that holds both its ends has a word of its own."""
    if len(bounds) == 1:
        return written[0]
    low, high = bounds
    if (not low.sign and not high.sign) or (low.sign, high.sign) == ("≥", "≤"):
        return f"{subject} 介于 {low.value.text} 至 {high.value.text}"
    return " 且 ".join(written) if low.sign in (">", "≥") and high.sign in ("<", "≤") else None


# ---- dates ----------------------------------------------------------------------------------------------------------


def _of_a_date(subject: str, type_: Type, said: str) -> str | None:
    """How long ago, before or after which day, in which year."""
    said = _COUNTS_TOO.sub("(含)", said)
    recent = _beside_a_day(subject, said)
    recent = recent or lately(subject, said) or _beside_a_month(subject, said) or _passed(subject, said)
    if recent is not None:
        return recent
    said = re.sub("^(?:未|没有?|尚未|还未)起满", "未满", re.sub("^的?(?:年份|年度)", "之年", said))
    of_year = said.startswith("之年")
    said = said.removeprefix("之年")
    since = _SINCE.match(said)
    assert since is not None
    for front in dict.fromkeys((said[since.end() :], said)):
        found = bounds_in(type_, front.removeprefix("自"))
        if found is None:
            continue
        sorts = {bound.value.sort for bound in found}
        if len(sorts) > 1 or (of_year and sorts != {"year"}):
            return None
        if sorts == {"period"}:
            if not all(bound.sign and bound.sign in "≥>≤<" for bound in found):
                return None
            elapsed = " 且 ".join(_elapsed(subject, bound) for bound in found)
            if len(found) == 1 and found[0].sign in ("<", "≤") and _TO_COME.search(subject):
                left = f"评估日 {'>' if found[0].sign == '<' else '≥'} {subject} − {found[0].value.text}"
                return f"过了{subject}、还在这段时间以内的，写“{elapsed}”；离{subject}还有这么久以内的，写“{left}”"
            return f"写成“{elapsed}”"
        if front != said and since[0] not in ("", "已", "已经"):
            return None
        asked = subject if sorts == {"day"} else f"{subject} 之年"
        written = _joined(found, [_compared(asked, bound) for bound in found], asked)
        if written is None:
            return None
        told = _loose(found[0], said)
        if told and re.search("[底末终]", said):
            # 月底前, 年末之前: the last day counts.
            written, told = written.replace("<", "≤"), ""
        return f"写成“{written}”{told}"
    return None


def _beside_a_day(subject: str, said: str) -> str | None:
    """前 30 天, 提前 30 天, 还有 30 天, 前后 30 天, 后 30 天, 已经 30 天: a time before the day or after it, the end of which is not said."""
    found = _BEFORE_OR_AFTER.fullmatch(said)
    shown = None if found is None else spoken.value(found[2])
    if found is None or shown is None or not spoken.is_period(shown) or re.search("(?<!个)月$", shown):
        return None
    begins = f"评估日 ≥ {subject} − {shown}"
    if found[1] == "前后":
        return f"写成“评估日 介于 {subject} − {shown} 至 {subject} + {shown}”"
    if found[1] in ("前", "之前", "以前", "提前", "还有", "还剩", "还差"):
        return f"到{subject}只有这么久或更近的，写“{begins}”；还没有到{subject}的，写“{begins} 且 评估日 < {subject}”"
    if found[3]:
        return f"写成“评估日 ≤ {subject} + {shown}”"
    return f"满了的写“{subject} 起满 {shown}”，还没有满的写“评估日 < {subject} + {shown}”"


def _beside_a_month(subject: str, said: str) -> str | None:
    """2025年6月之前, 2025年6月以后: whether that month counts is not said; 2025年6月以来 begins with its first day."""
    found = _BESIDE_A_MONTH.fullmatch(said)
    timed = None if found is None else time_said(found[1])
    if found is None or timed is None or timed[0] != "month":
        return None
    first, last = timed[1].split("|")
    if found[2] is None:
        return f"写成“{subject} ≥ {first}”"
    without, with_ = (f"< {first}", f"≤ {last}") if found[2] == "前" else (f"> {last}", f"≥ {first}")
    return f"那个月不算的，写“{subject} {without}”；那个月也算的，写“{subject} {with_}”"


def _passed(subject: str, said: str) -> str | None:
    """已过 3 个月, 逾期 3 个月, 3 个月后: whether the day itself counts is not said."""
    found = _PASSED.fullmatch(said)
    shown = None if found is None else spoken.value(found[1] or found[2])
    if shown is None or not spoken.is_period(shown) or re.search("(?<!个)月$", shown):
        return None
    return f"满了就算的，写“{subject} 起满 {shown}”；满了的那一天还不算的，写“评估日 > {subject} + {shown}”"


def _from_a_day(subject: str, type_: Type, said: str, names: Mapping[str, Type | None]) -> str | None:
    """早于 停产日 3 个月 以上, 距 建成日 不足 1 年: how long before or after another day."""
    apart = said.startswith("距")
    mark = None if apart else SIGN.match(said)
    rest = said[1:] if apart else said[mark.end() :] if mark is not None else ""
    sign = "" if mark is None else SIGNS[mark[1]]
    for day in sorted((name for name in names if rest.startswith(name)), key=len, reverse=True):
        known = names[day]
        if known is None or known.kind is not Kind.DATE or not (apart or sign in ("<", ">")):
            continue
        if apart:
            found = bounds_in(type_, rest[len(day) :])
            if found is None or len(found) != 1 or found[0].value.sort != "period" or not found[0].sign:
                return None
            return f"写成“{subject} {found[0].sign} {day} + {found[0].value.text}”"
        for value in values_in(type_, rest[len(day) :], ""):
            tail = TAIL.fullmatch(value.rest)
            more = None if tail is None else sign_behind(tail, value)
            if value.sort == "period" and more in ("", "≥"):
                if sign == ">":
                    return f"写成“{subject} {more or '>'} {day} + {value.text}”"
                return f"写成“{subject} + {value.text} {'≤' if more else '<'} {day}”"
    return None


def _elapsed(subject: str, bound: SaidBound) -> str:
    if bound.sign == "≥":
        return f"{subject} 起满 {bound.value.text}"
    return f"评估日 {bound.sign} {subject} + {bound.value.text}"


def lately(subject: str, said: str) -> str | None:
    """近三年, 最近 6 个月内: to the day; of years, or those of the calendar."""
    begun = _LATELY.match(said)
    values = () if begun is None else values_in(DATE, said[begun.end() :], "")
    period = next(
        (one.text for one in values if one.sort == "period" and one.rest in ("", "内", "以内", "之内", "来")), None
    )
    if period is None:
        return None
    exact = f"评估日 ≤ {subject} + {period}"
    number, _, unit = period.partition(" ")
    if unit != "年" or not number.isdecimal() or int(number) < 1:
        return f"写成“{exact}”"
    first = f"当年 − {int(number) - 1} 年" if int(number) > 1 else "当年"
    return f"按足{number}年算，写“{exact}”；按年度算（连当年一共{number}个年度），写“{subject} 之年 ≥ {first}”"

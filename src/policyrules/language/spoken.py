"""Numbers as documents spell them, and how the language writes them: 三个月 is 3 个月, 百分之三十 is 30%, 30日内 is 30 天.

Why this exists: every text that rules are taken from says 两年 and 三十日; whoever types it as it stands is told the same
number in the writing of the language, never a name that looks like it.

Invariants: what is offered is equal to what was written, or nothing is offered; 工作日 is no number of days.
"""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_DIGITS.update({"八": 8, "九": 9})
_SCALES: Final = {"十": 10, "百": 100, "千": 1000}
_CHARACTERS: Final = "".join((*_DIGITS, *_SCALES, "万亿"))
_LONGEST: Final = 20

WORKING_DAYS: Final = "规则语言没有工作日（没有节假日表）；把算好的到期日作为一个日期字段填写，再引用这个字段"
"""Working days cannot be counted, and calendar days would be another deadline."""

# What a unit is called in documents, and in the language.
_UNITS: Final = {"日": "天", "天": "天", "个月": "个月", "年": "年", "块": "元"}
_TAIL: Final = re.compile(r"(?:之内|以内|内)$")
_WORKING: Final = re.compile(r"工作[日天]")
_PERCENT: Final = re.compile(rf"百分之([{_CHARACTERS}]+)(?:点([{''.join(_DIGITS)}]+))?")
_NUMBER: Final = re.compile(rf"(?:[{_CHARACTERS}]+|[0-9]+(?:\.[0-9]+)?)")
_COUNTED: Final = "户人家个笔项次处条名件套台头只株吨亩天年元"
_UNIT: Final = re.compile(rf"(?:个月|万元|亿元|公顷|公斤|平方米|[{_COUNTED}日])")
_SINCE: Final = re.compile(r"自?(\w+?)(?:之日)?(?:起|后)(?:满)?(\w+?)(?:之内|以内|内)?")


def counted_in_working_days(text: str) -> bool:
    """Whether ``text`` speaks of working days."""
    return _WORKING.search(text) is not None


def integer(text: str) -> int | None:
    """The whole number that Chinese numerals say; None where they say none.

    >>> [integer(text) for text in ("十", "二十五", "一百零三", "两千", "五万", "一百二十万", "十一十")]
    [10, 25, 103, 2000, 50000, 1200000, None]
    """
    if not text or len(text) > _LONGEST:
        return None
    for mark, scale in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.partition(mark)
        if found:
            high, low = integer(head), integer(tail.lstrip("零")) if tail else 0
            return None if high is None or low is None or low >= scale else high * scale + low
    total, last = 0, 10_000
    digit: int | None = None
    for char in text:
        if char in _SCALES:
            scale = _SCALES[char]
            if scale >= last or (digit is None and total):
                return None
            total, last, digit = total + (1 if digit is None else digit) * scale, scale, None
        elif char in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[char]
        else:
            return None
    return total + (digit or 0)


def written(text: str) -> str | None:
    """How the language writes a number that a document spells; None where ``text`` is none, or is written so already.

    >>> [written(text) for text in ("三个月", "两年", "半年", "百分之三十", "30日内", "五十万元", "十", "五万", "三成")]
    ['3 个月', '2 年', '6 个月', '30%', '30 天', '50 万元', '10', '5 万', '30%']
    >>> [written(text) for text in ("一般", "五个工作日", "两年左右", "3 个月", "三月", "二〇二五年")]
    [None, None, None, None, None, None]
    """
    text = "".join(text.split())
    if text in ("半年", "一年半"):
        return "6 个月" if text == "半年" else "18 个月"
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        whole = integer(percent[1])
        part = "".join(str(_DIGITS[char]) for char in percent[2] or "")
        return None if whole is None else f"{whole}.{part}%" if part else f"{whole}%"
    number = _NUMBER.match(text)
    if number is None:
        return None
    # 万 and 亿 that end a number are part of a unit of money, unless another unit follows.
    ends = [at for at in range(number.end() - 1, 0, -1) if text[at] in "万亿" and text[at + 1 :] in ("", "元")]
    for end in (*ends, number.end()):
        figure, rest = text[:end], text[end:]
        shown = figure if figure.isascii() else _figure(figure)
        unit = _TAIL.sub("", rest)
        if shown is None:
            continue
        if unit == "成" and shown.isdecimal() and int(shown) <= 10:
            return f"{int(shown) * 10}%"
        unit = _UNITS.get(unit, unit)
        if shown + unit == text or (unit and not (_UNIT.fullmatch(unit) or unit in "万亿")):
            continue
        return f"{shown} {unit}".rstrip()
    return None


def _figure(text: str) -> str | None:
    number = integer(text)
    # 二〇二五 is a year, digit by digit.
    return None if number is None or (len(text) == 4 and not set(text) & set(_SCALES)) else str(number)


def period_since(text: str) -> tuple[str, str] | None:
    """The day and the period of 自 … 起 … 内, the period as the language writes it; None where that is not said.

    >>> period_since("自建成日起30日内"), period_since("建成日起三个月内"), period_since("自建成日起五个工作日内")
    (('建成日', '30 天'), ('建成日', '3 个月'), None)
    """
    found = _SINCE.fullmatch("".join(text.split()))
    if found is None or len(text) > 100:
        return None
    day, period = found.groups()
    shown = written(period) or _spaced(period)
    return None if shown is None or not shown.endswith(("天", "月", "年")) else (day, shown)


def _spaced(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]+)(天|个月|年)", text)
    return None if found is None else f"{found[1]} {found[2]}"

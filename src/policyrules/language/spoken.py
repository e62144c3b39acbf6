"""Numbers as documents spell them, and how the language writes them: 三个月 is 3 个月, 百分之三十 is 30%, 30日内 is 30 天.

Why this exists: every text that rules are taken from says 两年 and 三十日; whoever types it as it stands is told the same
number in the writing of the language, never a name that looks like it; and so is a day: 10月底前 is 每年 10月31日.

Invariants: what is offered is equal to what was written, or nothing is offered; 工作日 is no number of days; where a phrase
leaves open from which day it counts, the place of that day is left open as well (…).
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Final

from policyrules.language.keywords import NUMBER_TAILS, SYNONYMS
from policyrules.language.layout import date_text
from policyrules.operators import COMPARISONS

_DIGITS: Final = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_DIGITS.update({"八": 8, "九": 9})
_SCALES: Final = {"十": 10, "百": 100, "千": 1000}
_CHARACTERS: Final = "".join((*_DIGITS, *_SCALES, "万亿"))
_LONGEST: Final = 20

# What a unit is called in documents, and in the language.
_UNITS: Final = {"日": "天", "天": "天", "个月": "个月", "年": "年", "块": "元", "万块": "万元"}
_UNITS.update(dict.fromkeys(("个工作日", "工作日", "个工作天", "工作天"), "个工作日"))
_TAIL: Final = re.compile(r"(?:之内|以内|内)$")
_SEVERAL: Final = {
    **dict.fromkeys(("季度", "个季度"), (3, "个月")),
    **dict.fromkeys(("周", "星期", "个星期"), (7, "天")),
}
# What is written on cheques, and in other characters, so that nobody changes it.
_FORMAL: Final = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億圆圓貳參陸", "一二三四五六七八九十百千万亿元元二三六")
_CURRENCY: Final = re.compile(r"^(?:人民币|RMB|rmb|CNY)(?=.*(?:元|万|亿))|(?<=[元万亿])(?:RMB|rmb|CNY)$")
_SCALED: Final = re.compile(
    r"([0-9]+)亿(?:零?([0-9]+)(千)?万)?元?|([0-9]+)万零?([0-9]+)(百|千)?元|([0-9]+)千零?([0-9]+)(百)?元"
)
_DECIMAL: Final = re.compile(rf"([{_CHARACTERS}]+)点([{''.join(_DIGITS)}]+)(.*)")
_TENTHS: Final = re.compile(rf"([{''.join(_DIGITS)}])成([{''.join(_DIGITS)}])")
_DAY_IN_WORDS: Final = re.compile(
    rf"([{''.join(_DIGITS)}]{{4}}|[0-9]{{4}})年(元|[{_CHARACTERS}]+|[0-9]{{1,2}})月([{_CHARACTERS}]+|[0-9]{{1,2}})[日号]"
)
_SHARE: Final = re.compile(rf"([{_CHARACTERS}]+)分之([{_CHARACTERS}]+)")
_PERCENT: Final = re.compile(rf"百分之([{_CHARACTERS}]+)(?:点([{''.join(_DIGITS)}]+))?")
_NUMBER: Final = re.compile(rf"(?:[{_CHARACTERS}]+|[0-9]+(?:\.[0-9]+)?)")
_COUNTED: Final = "户人家个笔项次处条名件套台头只株吨亩天年元"
_UNIT: Final = re.compile(rf"(?:个工作日|个月|万元|亿元|公顷|公斤|平方米|[{_COUNTED}日])")
_YEARS_AND_MONTHS: Final = re.compile(rf"([0-9]+|[{_CHARACTERS}]+)年零?([0-9]+|[{_CHARACTERS}]+)个月")
_HALF_YEARS: Final = re.compile(rf"半年(?:之内|以内|内)?|([0-9]+|[{_CHARACTERS}]+)年半(?:之内|以内|内)?")
_HALF_MONTHS: Final = re.compile(rf"半个?月|(?:[0-9]+|[{_CHARACTERS}]+)个半月")
_GROUPED: Final = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_VALUE: Final = re.compile(rf"([0-9]+(?:\.[0-9]+)?)(%|‰|{_UNIT.pattern}|[^\W\d]{{1,2}})?")
_DAY_WRITTEN: Final = re.compile(r"([0-9]{4})[-/÷.年]([0-9]{1,2})[-/÷.月]([0-9]{1,2})[日号]?")
_SINCE: Final = re.compile(r"自?(\w+?)(?:之日)?(?:起|之后|以后|后)的?(?:满)?(\w+?)(?:之内|以内|内)?")


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
    >>> [written(text) for text in ("五个工作日内", "三分之二", "四分之三", "一亿元", "两个季度", "两周")]
    ['5 个工作日', '（2 ÷ 3）', '75%', '1 亿元', '6 个月', '14 天']
    >>> [written(text) for text in ("一年半", "2年半", "半年内", "3万平方米")]
    ['18 个月', '30 个月', '6 个月', None]
    >>> [written(text) for text in ("伍拾万元整", "人民币50万元", "一点五万元", "10万5千元", "1亿2000万元", "六成五")]
    ['50 万元', '50 万元', '1.5 万元', '105000 元', '12000 万元', '65%']
    >>> [written(text) for text in ("1亿2千万元", "50万RMB")]
    ['12000 万元', '50 万']
    >>> [written(text) for text in ("一般", "两年左右", "3 个月", "三月", "二〇二五年")]
    [None, None, None, None, None]
    """
    text = "".join(text.split())
    if text in ("一半", "半数"):
        return "50%"
    plain = _CURRENCY.sub("", text.translate(_FORMAL))
    if plain != text:
        plain = plain.removesuffix("整")
        return written(plain) or (value(plain) if _VALUE.fullmatch(plain) else None)
    tenths = _TENTHS.fullmatch(text)
    if tenths is not None:
        return f"{_DIGITS[tenths[1]] * 10 + _DIGITS[tenths[2]]}%"
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None:
        whole = integer(decimal[1])
        part = "".join(str(_DIGITS[char]) for char in decimal[2])
        return None if whole is None else value(f"{whole}.{part}{decimal[3]}")
    scaled = _SCALED.fullmatch(text)
    if scaled is not None and (scaled[1] is None or scaled[2] is not None):
        return _in_all(scaled)
    halves = _HALF_YEARS.fullmatch(text)
    if halves is not None:
        years = 0 if halves[1] is None else int(halves[1]) if halves[1].isascii() else integer(halves[1])
        return None if years is None else f"{years * 12 + 6} 个月"
    both = _YEARS_AND_MONTHS.fullmatch(text)
    if both is not None:
        years, months = (int(part) if part.isascii() else integer(part) for part in both.groups())
        return None if years is None or months is None else f"{years * 12 + months} 个月"
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        whole = integer(percent[1])
        part = "".join(str(_DIGITS[char]) for char in percent[2] or "")
        return None if whole is None else f"{whole}.{part}%" if part else f"{whole}%"
    share = _SHARE.fullmatch(text)
    if share is not None:
        below, above = integer(share[1]), integer(share[2])
        if not below or above is None:
            return None
        return f"{above * 100 // below}%" if above * 100 % below == 0 else f"（{above} ÷ {below}）"
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
        if unit == "折" and 0 < Decimal(shown) < 100:
            # 8 折 is eight tenths, 85 折 is 85 hundredths.
            return f"{(Decimal(shown) * (10 if Decimal(shown) <= 10 else 1)).normalize():f}%"
        if unit in _SEVERAL and shown.isdecimal():
            times, unit = _SEVERAL[unit]
            return f"{int(shown) * times} {unit}"
        unit = _UNITS.get(unit, unit)
        if shown + unit == text or (unit and not (_UNIT.fullmatch(unit) or unit in "万亿")):
            continue
        return f"{shown} {unit}".rstrip()
    return None


def _in_all(found: re.Match[str]) -> str | None:
    """One number of several that stand one behind another: 10万5千元, 1亿2000万元."""
    billions, tens, by_thousands, thousands, rest, scale, few, last, hundreds = found.groups()
    if billions is not None:
        ten_thousands = int(tens) * (1000 if by_thousands else 1)
        return f"{int(billions) * 10_000 + ten_thousands} 万元" if ten_thousands < 10_000 else None
    high, low, unit = (int(thousands), rest, scale) if thousands is not None else (int(few), last, hundreds)
    size = {"千": 1000, "百": 100, None: 1}[unit]
    base = 10_000 if thousands is not None else 1000
    # 10万5元 leaves open whether it is 5 元 or 5 千元.
    if int(low) * size >= base or (unit is None and len(low) == 1):
        return None
    return f"{high * base + int(low) * size} 元"


def unsaid(text: str) -> str | None:
    """Why the language cannot say a length of time, and what to write instead; None for what it can say.

    >>> unsaid("一个半月") == unsaid("半个月") is not None, unsaid("一年半")
    (True, None)
    """
    if _HALF_MONTHS.fullmatch("".join(text.split())) is None:
        return None
    return "规则语言没有半个月，时长是整月、整年或天数；文件的意思按多少天算，就写多少天，如 15 天、45 天"


def value(text: str) -> str | None:
    """How the language writes a number with its unit, a share or a day that stands as one piece; None where any of it is
    something else.

    >>> [value(text) for text in ("1,000户", "10.5户", "30%", "30‰", "2025-10-31", "2025年10月31号", "50万元", "三成")]
    ['1000 户', '10.5 户', '30%', '3%', '2025年10月31日', '2025年10月31日', '50 万元', '30%']
    >>> [value(text) for text in ("10户且甲为乙", "1,00户", "2025-13-1", "10户以上", "甲")]
    [None, None, None, None, None]
    """
    plain = _GROUPED.sub("", "".join(text.split()))
    in_words = _DAY_IN_WORDS.fullmatch(plain)
    if in_words is not None and not plain.isascii():
        year = int("".join(str(_DIGITS.get(char, char)) for char in in_words[1]))
        numbers = (year, 1 if in_words[2] == "元" else _count(in_words[2]), _count(in_words[3]))
        plain = "年".join(map(str, numbers[:2])) + f"月{numbers[2]}日" if None not in numbers else plain
    day = _DAY_WRITTEN.fullmatch(plain)
    if day is not None:
        try:
            said = datetime.date(*map(int, day.groups()))
        except ValueError:
            return None
        return date_text(said)
    found = _VALUE.fullmatch(plain)
    if found is None or (found[2] or "").endswith(("且", "或", "上", "下")):
        return written(plain)
    figure, unit = found.groups()
    if unit == "‰":
        return f"{(Decimal(figure) / 10).normalize():f}%"
    return figure + unit if unit == "%" else written(plain) or f"{figure} {unit or ''}".rstrip()


def _figure(text: str) -> str | None:
    number = integer(text)
    # 二〇二五 is a year, digit by digit.
    return None if number is None or (len(text) == 4 and not set(text) & set(_SCALES)) else str(number)


def period_since(text: str) -> tuple[str, str] | None:
    """The day and the period of 自 … 起 … 内, the period as the language writes it; None where that is not said.

    >>> period_since("自建成日起30日内"), period_since("建成日起三个月内"), period_since("自建成日起五个工作日内")
    (('建成日', '30 天'), ('建成日', '3 个月'), ('建成日', '5 个工作日'))
    """
    found = _SINCE.fullmatch("".join(text.split()))
    if found is None or len(text) > 100:
        return None
    day, period = found.groups()
    shown = written(period) or _spaced(period)
    return None if shown is None or not is_period(shown) else (day, shown)


def _spaced(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]+)(天|个月|年|个工作日)", text)
    return None if found is None else f"{found[1]} {found[2]}"


def is_period(shown: str) -> bool:
    """Whether a number, as the language writes it, says how long."""
    return shown.endswith(("天", "月", "年", "工作日"))


def length(text: str) -> str | None:
    """A length of time as the language writes it, however it is spelt; None for what is none.

    >>> length("两年"), length("2年"), length("30日"), length("10户")
    ('2 年', '2 年', '30 天', None)
    """
    shown = written(text) or value(text)
    return shown if shown is not None and is_period(shown) else None


_EACH: Final = {
    **dict.fromkeys(("年", "年度"), "1 年"),
    **dict.fromkeys(("季", "季度"), "3 个月"),
    **dict.fromkeys(("月", "月度"), "1 个月"),
    **dict.fromkeys(("周", "星期"), "7 天"),
    "旬": "10 天",
}


def each(text: str) -> str | None:
    """How long it is from one to the next of what comes round: 半年 of 每半年; None for what does not.

    >>> each("半年"), each("季度"), each("两年"), each("户")
    ('6 个月', '3 个月', '2 年', None)
    """
    return _EACH.get(text) or length(text)


# ---- days -----------------------------------------------------------------------------------------------------------

_BY: Final = r"(?:之前|以前|前|止|为止)?"
_DAY: Final = re.compile(
    rf"(每年|当年|本年|今年|次年|翌年|下一年|明年)?度?的?([0-9]{{1,2}}|[{_CHARACTERS}]+)月(底|末|([0-9]{{1,2}}|[{_CHARACTERS}]+)[日号]){_BY}"
)
_END: Final = re.compile(rf"(?:每个?|当|本|今|该)?(年度?|季度?|月)(?:终|底|末)?{_BY}")
_NEXT_MONTH: Final = re.compile(rf"(?:次月|下月|下个月)([0-9]{{1,2}}|[{_CHARACTERS}]+)[日号]{_BY}")
_MONTHLY: Final = re.compile(rf"每个?月(?:[0-9]{{1,2}}|[{_CHARACTERS}]+)[日号]{_BY}")
_NEXT_END: Final = re.compile(rf"(?:次|翌|下一?|明)年度?(?:年)?(?:终|底|末){_BY}")
_SUCCESSIVE: Final = re.compile(rf"(?:近|连续)([0-9]+|[{_CHARACTERS}]+)个?年度?")
_COMES_ROUND: Final = re.compile(
    rf"每(?:个|隔)?(.+?)[底末初]?(?:至少|最少)?(?:开展|进行|报送)?(?:(?:[0-9]+|[{_CHARACTERS}]+)次)?"
)
_ENDS: Final = {"年": "之年末", "季": "之季末", "月": "之月末"}
_LAST_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_remedy(text: str, *, due: bool = False) -> str | None:
    """How to write the day, or the years, that a phrase of official texts means; None where it is no such phrase. ``due``: as the
    day by which something is to be done, which is never the end of a year that moves with 评估日.

    >>> print(day_remedy("10月底前"))
    写成 每年 10月31日；只指某一年的，写全年月日
    >>> [day_remedy(text) for text in ("年底前", "每季度末", "月底前")]
    ['写成 评估日 之年末', '写成 评估日 之季末', '写成 评估日 之月末']
    >>> print(day_remedy("年底前", due=True))
    从哪一天算起，就写：… 之年末；只指某一年的，写全年月日
    >>> print(day_remedy("次年3月底前"))
    从哪一天算次年，就写：每年 3月31日 起算 … 之年末
    >>> [day_remedy(text) for text in ("年度", "三月", "13月底前", "季度", "月")]
    [None, None, None, None, None]
    """
    text = "".join(text.split())
    day = _DAY.fullmatch(text)
    if day is not None:
        month, number = _count(day[2]), None if day[4] is None else _count(day[4])
        if month is None or not 1 <= month <= 12:
            return None
        last = _LAST_DAYS[month - 1]
        number = last if day[4] is None else number
        if number is None or not 1 <= number <= last:
            return None
        shown = f"每年 {month}月{number}日"
        if day[1] in ("次年", "翌年", "下一年", "明年"):
            return f"从哪一天算次年，就写：{shown} 起算 … 之年末"
        return f"写成 {shown}" + ("" if day[1] == "每年" else "；只指某一年的，写全年月日")
    end = _END.fullmatch(text)
    if end is not None and re.search("[终底末]", text) and due:
        return f"从哪一天算起，就写：… {_ENDS[end[1][0]]}；只指某一年的，写全年月日"
    if end is not None and re.search("[终底末]", text):
        return f"写成 评估日 {_ENDS[end[1][0]]}"
    if _MONTHLY.fullmatch(text) is not None:
        return (
            "规则语言没有每月都有的一天；评估日所在月份的最后一天写“评估日 之月末”，再往后几天写“评估日 之月末 + 10 天”"
        )
    month_after = _NEXT_MONTH.fullmatch(text)
    if month_after is not None and (count := _count(month_after[1])) is not None:
        return f"从哪一天算次月，就写：… 之月末 + {count} 天"
    if _NEXT_END.fullmatch(text) is not None:
        return "从哪一天算次年，就写：（… 之年末 + 1 天） 之年末"
    round_ = _COMES_ROUND.fullmatch(text) if due else None
    apart = None if round_ is None else each(round_[1])
    if apart is not None:
        own = "每年的一天写“每年 12月31日”；" if apart == "1 年" else ""
        return f"期限是一个日子，没有周而复始的；{own}最近一次的日子记在一个日期字段里（如 最近一次日），写：最近一次日 + {apart}"
    if _SUCCESSIVE.fullmatch(text) is not None:
        return "要求几年都这样，每年写一个条件，用“且”连起来：任一 … 满足（年度 = 当年 且 …）、任一 … 满足（年度 = 上年 且 …）"
    return None


_THIS_CENTURY: Final = 50


def whole_year(figures: int) -> int | None:
    """The year that two figures stand for: 25年, 98年; None for what has more.

    >>> whole_year(25), whole_year(98), whole_year(2025)
    (2025, 1998, None)
    """
    if not 0 <= figures < 100:
        return None
    return figures + (2000 if figures < _THIS_CENTURY else 1900)


_TIMES_SAID: Final = {
    **dict.fromkeys(("今年", "本年", "本年度", "当年度", "该年", "该年度"), "当年"),
    **dict.fromkeys(
        ("今天", "今日", "本日", "当日", "当天", "现在", "目前", "当前日期", "today", "TODAY", "now"), "评估日"
    ),
    **dict.fromkeys(("去年", "上年度", "上一年", "上一年度"), "上年"),
    **dict.fromkeys(("前年", "前年度"), "上年 − 1 年"),
    **dict.fromkeys(("明年", "次年", "下年", "下一年", "翌年", "次年度", "下年度", "下一年度"), "当年 + 1 年"),
}


def time_meant(text: str) -> str | None:
    """How the language writes 评估日, or a year that is counted from it; None where ``text`` says neither.

    >>> time_meant("去年"), time_meant("今天"), time_meant("年度")
    ('上年', '评估日', None)
    """
    return _TIMES_SAID.get(text)


_TRUTHS: Final = {
    **dict.fromkeys(("true", "真", "对", "yes", "y", "t", "√", "是", "有"), "是"),
    **dict.fromkeys(("false", "假", "错", "no", "n", "f", "×", "否"), "否"),
}


def truth_meant(text: str) -> str | None:
    """是 or 否 for what other tools call them.

    >>> truth_meant("TRUE"), truth_meant("假"), truth_meant("好")
    ('是', '否', None)
    """
    return _TRUTHS.get(text.casefold())


def _count(text: str) -> int | None:
    return int(text) if text.isascii() else integer(text)


_SIGNS: Final = {word: signs[0] for word, signs in SYNONYMS.items() if signs[0] in COMPARISONS}
_SAID: Final = "|".join(sorted(_SIGNS, key=len, reverse=True))
_TAILS: Final = "|".join(
    sorted((word for word, sign in NUMBER_TAILS.items() if sign in COMPARISONS), key=len, reverse=True)
)
_COMPARED: Final = re.compile(
    rf"(?P<word>{_SAID})? *(?P<number>[0-9]+(?:\.[0-9]+)?) *(?P<unit>%|{_UNIT.pattern})? *(?P<tail>{_TAILS})? *(?P<to>至|到)?"
)


def compared(text: str) -> str | None:
    """How a bound or two, written as in a document, is written with signs; None where the text says something else.

    >>> compared("小于10万元"), compared("10万元以上不足50万元"), compared("10万元至50万元"), compared("10万元")
    ('< 10 万元', '≥ 10 万元 < 50 万元', '10 万元 至 50 万元', None)
    """
    bounds: list[str] = []
    at, ranged = 0, False
    while at < len(text):
        found = _COMPARED.match(text, at)
        if found is None or len(bounds) == 2:
            return None
        sign = _SIGNS[found["word"]] if found["word"] else NUMBER_TAILS.get(found["tail"] or "", "")
        if (found["word"] and found["tail"]) or (found["to"] and (sign or bounds)):
            return None
        unit = found["unit"] or ""
        value = found["number"] + (unit if unit in ("", "%") else f" {unit}")
        if not sign and not found["to"] and not ranged:
            return None
        bounds.append(f"{sign} {value}" if sign else value)
        ranged, at = ranged or bool(found["to"]), found.end()
    if ranged:
        return " 至 ".join(bounds) if len(bounds) == 2 and not any(one[0] in "<>≤≥" for one in bounds) else None
    return " ".join(bounds) or None

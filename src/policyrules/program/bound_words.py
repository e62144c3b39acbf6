"""What the words of a bound say: signs before a value and behind it, values, ranges: 10 万元 以上 不足 50 万元, 自 2021年 起 至 2023年.

Why this exists: which words stand for ≥ and which values they may stand beside are one table for all that bounds something;
what the bound means for its subject is for `said_bounds` and `said_shares` to say.

Invariants: the whole of what was written is understood, never a part of it; a word that says nothing of a value of that sort
is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from policyrules.frozen import frozen
from policyrules.language import spoken
from policyrules.language.keywords import SYNONYMS
from policyrules.language.times_said import time_said
from policyrules.operators import COMPARISONS, EXCLUDING, INCLUDING
from policyrules.types import MONEY_SCALES, Kind, Type, unit_factor

SIGNS: Final = {word: signs[0] for word, signs in SYNONYMS.items() if signs[0] in COMPARISONS} | {
    **{sign: sign for sign in COMPARISONS},
    **{
        ">=": "≥",
        "<=": "≤",
        "!=": "≠",
        "<>": "≠",
        "==": "=",
        "等于": "=",
        "为": "",
        "是": "",
        "在": "",
        "有": "",
        "属于": "",
        "于": "",
        "从": "",
        "自": "",
    },
    **dict.fromkeys(("过", "过了", "〉", "﹥"), ">"),
    **dict.fromkeys(("〈", "﹤"), "<"),
    **dict.fromkeys(("截至", "截止", "截止到"), "≤"),
    **{"≯": "≤", "≮": "≥", "⩾": "≥", "⩽": "≤"},
    **dict.fromkeys(("满", "已满", "届满", "够", "至少", "不下", "最低", "最少", "最低不低于", "最少不少于"), "≥"),
    **dict.fromkeys(("最高", "最多", "至多", "最高不超过", "最多不超过", "至多不超过", "不得超过"), "≤"),
    **dict.fromkeys(("没到", "没达到", "没有到", "没满", "没有满"), "<"),
}
SIGN: Final = re.compile("(?:已经|已)?(" + "|".join(map(re.escape, sorted(SIGNS, key=len, reverse=True))) + ")")
_TAILS: Final = {
    **dict.fromkeys(("以上", "及以上", "和以上", "或以上", "(含)以上"), "≥"),
    **dict.fromkeys(("以下", "及以下", "和以下", "或以下", "(含)以下", "以内", "之内", "内"), "≤"),
    **dict.fromkeys(("以外", "(不含)以上"), ">"),
    "(不含)以下": "<",
}
_OF_DAYS: Final = {
    **dict.fromkeys(("之前", "以前", "前"), "<"),
    **dict.fromkeys(("之后", "以后", "后"), ">"),
    **dict.fromkeys(("以来", "起", "之后至今"), "≥"),
    **dict.fromkeys(("为止", "止"), "≤"),
    **{f"{lead}{word}": "≤" for lead in ("及", "(含)") for word in ("之前", "以前", "前")},
    **{f"{lead}{word}": "≥" for lead in ("及", "(含)") for word in ("之后", "以后", "后")},
}
_WHILE: Final = ("期间", "时期", "时期内", "期内", "期间内", "间", "当中")
ENDS_ABOUT: Final = ("左右", "上下")
TAIL: Final = re.compile(
    "("
    + "|".join(map(re.escape, sorted((*_TAILS, *_OF_DAYS, *_WHILE, *ENDS_ABOUT), key=len, reverse=True)))
    + r")?(?:\((含|包括|包含|不含|不包括|不包含)(?:本数|此数|该数|端点|当年|当日|当天|当月|[0-9一二两三四五六七八九十百半][^()]*)?\))?"
)
_RANGE: Final = re.compile(r"(?:至|到|-|−|~|—+)")
_BETWEEN: Final = re.compile(r"(?:至|到|-|−|~|—+|和|与|及)")
_ALSO: Final = re.compile(r"(?:且|,|、|并且|而且|但)?")
_POINTS: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)个百分点")
_SQUARE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)平方米")
_SAME_UNIT: Final = {"名": "人", "位": "人"}
_WITHOUT_YEAR: Final = re.compile(r"[0-9]{1,2}月[0-9]{1,2}[日号]")
LONGEST_VALUE: Final = 24
_MEASURED: Final = (Kind.MONEY, Kind.AREA, Kind.RATIO)
_STRETCHES: Final = ("days", "years", "month")
_ENDED: Final = ("止", "为止")
MOST_BOUNDS: Final = 2


@frozen
class SaidValue:
    """What was read at some place, as the language writes it, and what stands behind it: a ``period``, a ``day``, a ``year``, a number;
    ``days``, ``years`` and a ``month``, the first and the last of them with a bar between."""

    sort: str
    text: str
    rest: str


@frozen
class SaidBound:
    """A sign and what it compares with; ``open``: of an end of a range it is said that it does not count."""

    sign: str
    value: SaidValue
    open: bool = False


def bounds_in(type_: Type | None, said: str) -> list[SaidBound] | None:
    """The one or two bounds that the whole of ``said`` says; two without a sign are the ends of a range."""
    rest, found = said, list[SaidBound]()
    ranged = False
    through_words = _BETWEEN if said.startswith("介于") or said.endswith("之间") else _RANGE
    for number in range(2):
        if found and found[0].value.sort == "day" and _WITHOUT_YEAR.match(rest):
            # 2024年1月1日 至 12月31日: of the same year.
            rest = f"{found[0].value.text.partition('年')[0]}年{rest}"
        mark = SIGN.match(rest)
        if number == 0 and rest.startswith("介于"):
            rest = rest.removeprefix("介于")
            mark = None
        sign = "" if mark is None else SIGNS[mark[1]]
        rest = rest if mark is None else rest[mark.end() :]
        inner = SIGN.match(rest) if mark is not None and not sign else None
        if inner is not None and SIGNS[inner[1]]:
            sign, rest = SIGNS[inner[1]], rest[inner.end() :]
        for value in values_in(type_, rest, said if number == 0 else ""):
            tail = TAIL.match(value.rest)
            assert tail is not None
            behind = sign_behind(tail, value)
            if _from_to(tail[1], value.rest[tail.end() :], mark, number) or (ranged and tail[1] in _ENDED):
                # 自 … 起至 … 止: the ends of a range.
                behind = ""
            if behind is None or (sign and behind and sign != behind):
                continue
            left = value.rest[tail.end() :]
            if sign and tail[2] and not tail[1]:
                # 低于 50%（含）: what is said of the number itself is meant.
                sign = (EXCLUDING if tail[2][0] == "不" else INCLUDING).get(sign, sign)
            whole = SaidBound(sign or behind, value, tail[2] is not None and tail[2][0] == "不" and not tail[1])
            if not left or left == "之间":
                named = value.sort in _STRETCHES or (value.sort == "year" and not value.text[0].isdecimal())
                # 自 2020年 alone says neither = nor ≥.
                begun = mark is not None and mark[1] in ("从", "自")
                if number == 0 and not whole.sign and (mark is None or begun) and not named:
                    continue
                if ranged and whole.sign:
                    continue
                return _ends([*found, whole], ranged)
            if number == 1:
                continue
            through = through_words.match(left)
            if through is not None and whole.sign == "=":
                whole = SaidBound("", value, whole.open)
            if through is not None and not whole.sign:
                ranged, rest = True, left[through.end() :]
            elif whole.sign and through is None:
                also = _ALSO.match(left)
                rest = left[also.end() if also is not None else 0 :]
            else:
                continue
            found.append(whole)
            break
        else:
            return None
    return None


def _from_to(word: str | None, left: str, mark: re.Match[str] | None, number: int) -> bool:
    """Whether 起 behind the first day begins a range: 自 2021年1月1日 起 至 …."""
    begun = mark is None or mark[1] in ("自", "从", "在", "为")
    return number == 0 and begun and word == "起" and re.match("至|到", left) is not None


def _ends(bounds: list[SaidBound], ranged: bool) -> list[SaidBound] | None:
    """The bounds with the first or the last day (year) in the place of a stretch of them; a range that leaves out one of its ends says
    with signs which."""
    found: list[SaidBound] = []
    for bound in bounds:
        if bound.value.sort not in _STRETCHES:
            found.append(bound)
            continue
        sort = "year" if bound.value.sort == "years" else "day"
        first, last = (SaidValue(sort, text, "") for text in bound.value.text.split("|"))
        if bound.sign == "≠" or (bound.value.sort == "month" and bound.sign not in ("", "=")):
            # Of a month with a sign both of its ends may be meant.
            return None
        if bound.sign in ("", "="):
            found += [SaidBound("", first), SaidBound("", last)]
        else:
            found.append(SaidBound(bound.sign, first if bound.sign in ("≥", "<") else last))
    if ranged:
        low, high = found[0], found[-1]
        if bounds[0].open or bounds[-1].open:
            low = SaidBound(">" if bounds[0].open else "≥", low.value)
            high = SaidBound("<" if bounds[-1].open else "≤", high.value)
        return [low, high]
    return found if len(found) <= MOST_BOUNDS else None


def sign_behind(tail: re.Match[str], value: SaidValue) -> str | None:
    """The sign that words behind a value say; '' for none, None where they say nothing of this sort of value."""
    word, counted = tail[1] or "", tail[2]
    if word in ENDS_ABOUT:
        return None
    if word in _WHILE or (value.sort in _STRETCHES and word.endswith("内")):
        return "" if value.sort in _STRETCHES else "=" if value.sort == "year" else None
    if word in _OF_DAYS:
        if value.sort == "period":
            return "≥" if word in ("之前", "以前", "前") else None
        sign = _OF_DAYS[word] if value.sort in ("day", "year", *_STRETCHES) else None
        return sign if sign is None or counted is None or counted[0] == "不" else INCLUDING.get(sign, sign)
    sign = "=" if value.sort == "year" and word.endswith("内") else _TAILS.get(word, "")
    if counted is None or not sign:
        return sign
    return EXCLUDING.get(sign) if counted[0] == "不" else sign


def values_in(type_: Type | None, text: str, whole: str) -> Iterator[SaidValue]:
    """What a value that ``text`` begins with may be, the longest first; ``whole``: where a second value may lend its unit."""
    for length in range(min(len(text), LONGEST_VALUE), 0, -1):
        found = _value(type_, text[:length])
        if found is not None:
            yield SaidValue(*found, text[length:])
    lent = re.match(r"([0-9]+(?:\.[0-9]+)?)(?=(?:至|到|-|−|~|—+)[0-9.]+(%|[^\W\d]+))", text) if whole else None
    if lent is not None:
        for unit in (lent[2], lent[2].removesuffix("之间")):
            found = _value(type_, lent[1] + unit)
            if found is not None:
                yield SaidValue(*found, text[lent.end(1) :])
                return
    bare = re.match(r"[0-9]+(?:\.[0-9]+)?(?![0-9.,])", text)
    if bare is not None and type_ is not None and type_.kind in _MEASURED:
        # Its unit is asked for next.
        yield SaidValue("number", bare[0], text[bare.end() :])


def _value(type_: Type | None, piece: str) -> tuple[str, str] | None:
    """The sort of a value, and how it is written; None where the piece is none that a subject of this type could have."""
    kind = None if type_ is None else type_.kind
    if kind in (Kind.DATE, Kind.YEAR) and (timed := time_said(piece, kind)) is not None:
        return timed if kind is Kind.DATE or timed[0] in ("year", "years") else None
    points = _POINTS.fullmatch(piece)
    if points is not None:
        return ("number", f"{points[1]}%") if kind is Kind.RATIO else None
    square = _SQUARE.fullmatch(piece.replace("万平方米", "0000平方米")) if kind is Kind.AREA else None
    if square is not None:
        return "number", f"{(Decimal(square[1]) / 10000).normalize():f} 公顷"
    if kind is Kind.AREA and piece.endswith("亩地"):
        piece = piece.removesuffix("地")
    shown = None if piece.endswith("内") else spoken.value(piece)
    if shown is None or kind is Kind.YEAR:
        return None
    number, _, unit = shown.partition(" ")
    if kind is Kind.AREA and unit[:1] in ("百", "千", "万") and type_ and unit_factor(type_, unit[1:]) is not None:
        return "number", f"{(Decimal(number) * MONEY_SCALES[unit[:1]]).normalize():f} {unit[1:]}"
    if kind is Kind.INTEGER and type_ is not None and unit == f"个{type_.unit}":
        unit = type_.unit or ""
    if unit == "月" and kind is Kind.DURATION:
        return "period", f"{number} 个月"
    if unit == "月":
        return None
    if shown.endswith("%") or "÷" in shown:
        return ("number", shown) if kind in (None, Kind.RATIO, Kind.DECIMAL) else None
    if kind in (Kind.DATE, Kind.DURATION):
        if not spoken.is_period(shown) or (kind is Kind.DURATION and type_ and unit_factor(type_, unit) is None):
            return None
        return "period", shown
    if kind is None:
        return ("number", shown) if unit and not spoken.is_period(shown) else None
    scaled = {"万": 10_000, "亿": 100_000_000}.get(unit[:1])
    if kind is Kind.INTEGER and type_ is not None:
        counted = unit
        if scaled is not None and (not unit[1:] or unit[1:] == type_.unit):
            in_all = Fraction(number) * scaled
            if in_all.denominator == 1:
                number, counted = str(in_all.numerator), type_.unit or ""
        counted = _SAME_UNIT.get(counted, counted)
        if counted and counted != type_.unit:
            return None
        counted = counted or type_.unit or ""
        return "number", f"{number} {counted}".strip()
    if kind is Kind.MONEY and unit in ("W", "w"):
        return "number", f"{number} 万元"
    if kind is Kind.MONEY and unit in ("万", "亿"):
        return "number", f"{number} {unit}元"
    if kind is Kind.MONEY and unit.removesuffix("元") in MONEY_SCALES:
        whole = Decimal(number) * MONEY_SCALES[unit.removesuffix("元")]
        tens = whole / 10_000
        return "number", f"{tens:f} 万元" if tens % 1 == 0 else f"{whole.normalize():f} 元"
    if type_ is None or not unit or unit_factor(type_, unit) is None:
        return None
    return "number", shown


def quantity_said(type_: Type, said: str) -> str | None:
    """How an amount in another word for its unit is written: 个百分点, 平方米, 万户, 万元人民币; None where it is none.

    >>> from policyrules.types import RATIO, Type
    >>> quantity_said(RATIO, "30个百分点"), quantity_said(Type(Kind.AREA, "亩"), "3万平方米"), quantity_said(Type(Kind.INTEGER, "户"), "1万户")
    ('30%', '3 公顷', '10000 户')
    """
    plain = re.sub("人民币$|整$", "", said) if type_.kind is Kind.MONEY else said
    found = _value(type_, plain)
    return None if found is None else found[1]

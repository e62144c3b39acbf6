"""Bounds as documents put them, where it is known what they bound: 停产日 超过 3 个月, 租金 占 原值 的 30% 以上, 建成日 为 上年度.

Why this exists: 超过 is > beside an amount, and beside a date it says how much time has passed; 的 30% is a share of what stands
before it. A parser cannot know which; here the type of the subject is known.

Invariants: a text that is given to be written means what was said, or nothing is given; what leaves open which of two is
meant is given as both. The whole of what was written is understood, never a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from policyrules.frozen import frozen
from policyrules.language import spoken
from policyrules.language.keywords import SYNONYMS
from policyrules.language.times_said import time_said
from policyrules.operators import COMPARISONS
from policyrules.types import DATE, MONEY_SCALES, NUMERIC, RATIO, Kind, Type, unit_factor

_SIGNS: Final = {word: signs[0] for word, signs in SYNONYMS.items() if signs[0] in COMPARISONS} | {
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
_SIGN: Final = re.compile("(?:已经|已)?(" + "|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))) + ")")
_ABOUT: Final = re.compile(r"(?:约|大约|大概|接近|将近)")
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
_ENDS_ABOUT: Final = ("左右", "上下")
_TAIL: Final = re.compile(
    "("
    + "|".join(map(re.escape, sorted((*_TAILS, *_OF_DAYS, *_WHILE, *_ENDS_ABOUT), key=len, reverse=True)))
    + r")?(?:\((含|包括|不含)[^()]*\))?"
)
_RANGE: Final = re.compile(r"(?:至|到|-|−|~|—+)")
_BETWEEN: Final = re.compile(r"(?:至|到|-|−|~|—+|和|与|及)")
_ALSO: Final = re.compile(r"(?:且|,|、|并且|而且|但)?")
_SINCE: Final = re.compile(r"(?:之日)?(?:起|以来|至今|距今|到现在|到今天|至评估日|距评估日|至今已)?(?:已经|已)?")
_LATELY: Final = re.compile(r"(?:在)?(?:近|最近|过去|前)")
_OPPOSITE: Final = {"≥": "≤", ">": "<", "=": "=", "≤": "≥", "<": ">"}
_TIMES: Final = re.compile(rf"([0-9]+(?:\.[0-9]+)?|[{''.join('一二两三四五六七八九十百')}]+)倍")
_POINTS: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)个百分点")
_SQUARE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)平方米")
_MORE: Final = ("增长", "增加", "提高", "上升", "提升", "高", "多", "上涨")
_LESS: Final = ("减少", "下降", "降低", "下滑", "低", "少", "下跌")
_GROWN: Final = re.compile(rf"({'|'.join((*_MORE, *_LESS))})(?:了|出)?")
_SAME_UNIT: Final = {"名": "人", "位": "人"}
_TWICE: Final = re.compile(r"([0-9][\w.%]*?)(?:及|和|或)\1(?=以[上下])")
_WITHOUT_YEAR: Final = re.compile(r"[0-9]{1,2}月[0-9]{1,2}[日号]")
_COUNTS_TOO: Final = re.compile(r"\(含(?:当天|当日|本日|该日)\)(?=[之以]?[前后])")
_RECENT: Final = re.compile("([0-9]{1,2}|[二两三四五六七八九十]{1,3})个?年度?(?:内|以内|之内|来|以来)?")
_PASSED: Final = re.compile(r"(?:已经|已)?(?:逾期|过了|过|经过)(.+)|(.+?)(?:之后|以后|后)")
_MOST: Final = ("过半", "超过半数", "超半数", "超过一半")
_LONGEST: Final = 24


@frozen
class _Value:
    """What was read at some place, as the language writes it, and what stands behind it: a ``period``, a ``day``, a ``year``, a number;
    ``days``, ``years`` and a ``month``, the first and the last of them with a bar between."""

    sort: str
    text: str
    rest: str


@frozen
class _Bound:
    """A sign and what it compares with; ``open``: of an end of a range it is said that it does not count."""

    sign: str
    value: _Value
    open: bool = False


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
    if type_ is not None and type_.kind is Kind.RATIO and said in _MOST:
        return f"写成“{subject} > 50%”"
    if type_ is not None and type_.kind is Kind.DATE:
        found = _of_a_date(subject, type_, said) or _from_a_day(subject, type_, said, names)
    else:
        found = (
            _years(subject, type_, said)
            or _plain(subject, type_, said)
            or _of_another(subject, type_, said, names)
            or _of_nothing(subject, type_, said, names)
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
    if listed is None or len(parts) < _MOST_BOUNDS or not all(year is not None and year[0] == "year" for year in years):
        return None
    shown = "、".join(year[1] for year in years if year is not None)
    return f"写成“{subject} {'不属于' if listed[1] else '属于'} {{ {shown} }}”"


def _plain(subject: str, type_: Type | None, said: str) -> str | None:
    """Bounds by numbers alone."""
    said = _TWICE.sub(r"\1", said)
    about = _ABOUT.match(_SIGN.sub("", said, count=1) if _SIGN.match(said) else said)
    found = _bounds(type_, said)
    if found is None:
        if about is not None or said.endswith(_ENDS_ABOUT):
            return f"没有说准是多少；写明从多少到多少：{subject} 介于 … 至 …"
        return None
    written = _joined(found, [_compared(subject, bound) for bound in found], subject)
    return None if written is None else f"写成“{written}”{_loose(found[0], said)}"


def _loose(bound: _Bound, said: str) -> str:
    """2013年以后, 2025年10月31日前: what to write where that day or that year counts too."""
    sign = {"<": "≤", ">": "≥"}.get(bound.sign)
    if sign is None or bound.value.sort not in ("day", "year") or re.search(r"(?:之|以)?[前后]$", said) is None:
        return ""
    return f"；{'当天' if bound.value.sort == 'day' else '当年'}也算的，用“{sign}”"


def _of_nothing(subject: str, type_: Type | None, said: str, names: Mapping[str, Type | None]) -> str | None:
    """户数 半数以上, 户数 ≥ 30%: a share, and nobody says of what."""
    if type_ is None or type_.kind in (Kind.RATIO, Kind.DECIMAL, Kind.YEAR):
        return None
    if any(name in said and spoken.written(name) is not None for name in names):
        return None
    sign, share = ">", "50%"
    if said not in _MOST:
        found = _bounds(RATIO, said)
        if found is None or len(found) != 1 or found[0].value.sort != "number":
            return None
        sign, share = found[0].sign or "=", found[0].value.text
    return f"没有说是哪个数的 {share}；{share_of_what(subject, sign, share)}"


def share_of_what(subject: str, sign: str, share: str) -> str:
    """The remedy for a ``share``, as the language writes it, that an amount is compared with.

    >>> share_of_what("户数", "≥", "50%")
    '全部的数记在一个字段里（如 全部户数），写“户数 ≥ 全部户数 × 50%”这样的比较'
    """
    whole = f"全部{subject.rpartition('.')[2]}" if re.fullmatch(r"[\w.]+", subject) else "总数"
    of = f"{whole} {_fraction(share) or f'× {share}'}"
    return f"全部的数记在一个字段里（如 {whole}），写“{subject} {sign} {of}”这样的比较"


def _compared(subject: str, bound: _Bound) -> str:
    return f"{subject} {bound.sign or '='} {bound.value.text}"


def _joined(bounds: list[_Bound], written: list[str], subject: str) -> str | None:
    """One bound or two; a range that holds both its ends has a word of its own."""
    if len(bounds) == 1:
        return written[0]
    low, high = bounds
    if (not low.sign and not high.sign) or (low.sign, high.sign) == ("≥", "≤"):
        return f"{subject} 介于 {low.value.text} 至 {high.value.text}"
    return " 且 ".join(written) if low.sign in (">", "≥") and high.sign in ("<", "≤") else None


def _bounds(type_: Type | None, said: str) -> list[_Bound] | None:
    """The one or two bounds that the whole of ``said`` says; two without a sign are the ends of a range."""
    rest, found = said, list[_Bound]()
    ranged = False
    through_words = _BETWEEN if said.startswith("介于") or said.endswith("之间") else _RANGE
    for number in range(2):
        if found and found[0].value.sort == "day" and _WITHOUT_YEAR.match(rest):
            # 2024年1月1日 至 12月31日: of the same year.
            rest = f"{found[0].value.text.partition('年')[0]}年{rest}"
        mark = _SIGN.match(rest)
        if number == 0 and rest.startswith("介于"):
            rest = rest.removeprefix("介于")
            mark = None
        sign = "" if mark is None else _SIGNS[mark[1]]
        rest = rest if mark is None else rest[mark.end() :]
        inner = _SIGN.match(rest) if mark is not None and not sign else None
        if inner is not None and _SIGNS[inner[1]]:
            sign, rest = _SIGNS[inner[1]], rest[inner.end() :]
        for value in _values(type_, rest, said if number == 0 else ""):
            tail = _TAIL.match(value.rest)
            assert tail is not None
            behind = _behind(tail, value)
            if _from_to(tail[1], value.rest[tail.end() :], mark, number) or (ranged and tail[1] in _ENDED):
                # 自 … 起至 … 止: the ends of a range.
                behind = ""
            if behind is None or (sign and behind and sign != behind):
                continue
            left = value.rest[tail.end() :]
            whole = _Bound(sign or behind, value, tail[2] == "不含" and not tail[1])
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


_STRETCHES: Final = ("days", "years", "month")
_ENDED: Final = ("止", "为止")


def _from_to(word: str | None, left: str, mark: re.Match[str] | None, number: int) -> bool:
    """Whether 起 behind the first day begins a range: 自 2021年1月1日 起 至 …."""
    begun = mark is None or mark[1] in ("自", "从", "在", "为")
    return number == 0 and begun and word == "起" and re.match("至|到", left) is not None


def _ends(bounds: list[_Bound], ranged: bool) -> list[_Bound] | None:
    """The bounds with the first or the last day (year) in the place of a stretch of them; a range that leaves out one of its ends says
    with signs which."""
    found: list[_Bound] = []
    for bound in bounds:
        if bound.value.sort not in _STRETCHES:
            found.append(bound)
            continue
        sort = "year" if bound.value.sort == "years" else "day"
        first, last = (_Value(sort, text, "") for text in bound.value.text.split("|"))
        if bound.sign == "≠" or (bound.value.sort == "month" and bound.sign not in ("", "=")):
            # Of a month with a sign both of its ends may be meant.
            return None
        if bound.sign in ("", "="):
            found += [_Bound("", first), _Bound("", last)]
        else:
            found.append(_Bound(bound.sign, first if bound.sign in ("≥", "<") else last))
    if ranged:
        low, high = found[0], found[-1]
        if bounds[0].open or bounds[-1].open:
            low = _Bound(">" if bounds[0].open else "≥", low.value)
            high = _Bound("<" if bounds[-1].open else "≤", high.value)
        return [low, high]
    return found if len(found) <= _MOST_BOUNDS else None


_MOST_BOUNDS: Final = 2


def _behind(tail: re.Match[str], value: _Value) -> str | None:
    """The sign that words behind a value say; '' for none, None where they say nothing of this sort of value."""
    word, counted = tail[1] or "", tail[2]
    if word in _ENDS_ABOUT:
        return None
    if word in _WHILE or (value.sort in _STRETCHES and word.endswith("内")):
        return "" if value.sort in _STRETCHES else "=" if value.sort == "year" else None
    if word in _OF_DAYS:
        if value.sort == "period":
            return "≥" if word in ("之前", "以前", "前") else None
        sign = _OF_DAYS[word] if value.sort in ("day", "year", *_STRETCHES) else None
        return sign if sign is None or counted in (None, "不含") else {"<": "≤", ">": "≥"}.get(sign, sign)
    sign = "=" if value.sort == "year" and word.endswith("内") else _TAILS.get(word, "")
    if counted is None or not sign:
        return sign
    return {"≥": ">", "≤": "<"}.get(sign) if counted == "不含" else sign


def _values(type_: Type | None, text: str, whole: str) -> Iterator[_Value]:
    """What a value that ``text`` begins with may be, the longest first; ``whole``: where a second value may lend its unit."""
    for length in range(min(len(text), _LONGEST), 0, -1):
        found = _value(type_, text[:length])
        if found is not None:
            yield _Value(*found, text[length:])
    lent = re.match(r"([0-9]+(?:\.[0-9]+)?)(?=(?:至|到|-|−|~|—+)[0-9.]+(%|[^\W\d]+))", text) if whole else None
    if lent is not None:
        for unit in (lent[2], lent[2].removesuffix("之间")):
            found = _value(type_, lent[1] + unit)
            if found is not None:
                yield _Value(*found, text[lent.end(1) :])
                return


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


# ---- dates ----------------------------------------------------------------------------------------------------------


def _of_a_date(subject: str, type_: Type, said: str) -> str | None:
    """How long ago, before or after which day, in which year."""
    said = _COUNTS_TOO.sub("(含)", said)
    recent = lately(subject, said) or _beside_a_month(subject, said) or _passed(subject, said)
    if recent is not None:
        return recent
    of_year = said.startswith("之年")
    said = said.removeprefix("之年")
    since = _SINCE.match(said)
    assert since is not None
    for front in dict.fromkeys((said[since.end() :], said)):
        found = _bounds(type_, front.removeprefix("自"))
        if found is None:
            continue
        sorts = {bound.value.sort for bound in found}
        if len(sorts) > 1 or (of_year and sorts != {"year"}):
            return None
        if sorts == {"period"}:
            if not all(bound.sign and bound.sign in "≥>≤<" for bound in found):
                return None
            return f"写成“{' 且 '.join(_elapsed(subject, bound) for bound in found)}”"
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


_BESIDE_A_MONTH: Final = re.compile("(?:在|于|自|从)?([0-9]{2,4}年[0-9]{1,2}月)份?(?:(?:之|以)?(前|后)|以来|起)")


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
    mark = None if apart else _SIGN.match(said)
    rest = said[1:] if apart else said[mark.end() :] if mark is not None else ""
    sign = "" if mark is None else _SIGNS[mark[1]]
    for day in sorted((name for name in names if rest.startswith(name)), key=len, reverse=True):
        known = names[day]
        if known is None or known.kind is not Kind.DATE or not (apart or sign in ("<", ">")):
            continue
        if apart:
            found = _bounds(type_, rest[len(day) :])
            if found is None or len(found) != 1 or found[0].value.sort != "period" or not found[0].sign:
                return None
            return f"写成“{subject} {found[0].sign} {day} + {found[0].value.text}”"
        for value in _values(type_, rest[len(day) :], ""):
            tail = _TAIL.fullmatch(value.rest)
            more = None if tail is None else _behind(tail, value)
            if value.sort == "period" and more in ("", "≥"):
                if sign == ">":
                    return f"写成“{subject} {more or '>'} {day} + {value.text}”"
                return f"写成“{subject} + {value.text} {'≤' if more else '<'} {day}”"
    return None


def _elapsed(subject: str, bound: _Bound) -> str:
    if bound.sign == "≥":
        return f"{subject} 起满 {bound.value.text}"
    return f"评估日 {bound.sign} {subject} + {bound.value.text}"


def lately(subject: str, said: str) -> str | None:
    """近三年, 最近 6 个月内: to the day; of years, or those of the calendar."""
    begun = _LATELY.match(said)
    values = () if begun is None else _values(DATE, said[begun.end() :], "")
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


# ---- another amount beside it ---------------------------------------------------------------------------------------


def _of_another(subject: str, type_: Type | None, said: str, names: Mapping[str, Type | None]) -> str | None:
    """占 甲 的 30% 以上, 不低于 甲 的 80%, 为 甲 的两倍, 比 甲 增长 10%."""
    part = re.match("占", said)
    grown = re.match("比|较", said)
    sign = "" if part or grown else _SIGN.match(said)
    rest = said[1:] if part or grown else said[sign.end() :] if isinstance(sign, re.Match) else said
    mark = _SIGNS[sign[1]] if isinstance(sign, re.Match) else ""
    if part is None and grown is None and not isinstance(sign, re.Match):
        return None
    lead = _TIMES.match(rest)
    if lead is not None and rest[lead.end() :] in names and mark and (shown := _fraction(lead[0])) is not None:
        return _written(subject, mark, f"{rest[lead.end() :]} {shown}")
    for other in sorted((name for name in names if rest.startswith(name)), key=len, reverse=True):
        behind = rest[len(other) :]
        known = names[other]
        if known is not None and known.kind not in NUMERIC:
            continue
        if grown is not None:
            found = _changed(subject, type_, other, behind)
        else:
            found = _by_so_much(subject, mark, other, behind) or _share(subject, mark, other, behind, part is not None)
        if found is not None:
            return found
    return None


def _by_so_much(subject: str, mark: str, other: str, behind: str) -> str | None:
    """低于 甲 30% 以上: lower by so much of it, or lower than so much of it."""
    share = re.match(r"([0-9]+(?:\.[0-9]+)?)%", behind)
    tail = None if share is None else _TAIL.fullmatch(behind[share.end() :])
    if share is None or tail is None or mark not in ("<", ">"):
        return None
    more = _behind(tail, _Value("number", share[0], ""))
    if more not in ("", "≥"):
        return None
    whole = Decimal(100) + (Decimal(share[1]) if mark == ">" else -Decimal(share[1]))
    if whole <= 0:
        return None
    by = f"{subject} {(mark if not more else '≤' if mark == '<' else '≥')} {other} × {whole.normalize():f}%"
    said = "低了" if mark == "<" else "高了"
    return f"{said} {share[0]} 的，写“{by}”；和它的 {share[0]} 比，写“{subject} {mark} {other} × {share[0]}”"


def _share(subject: str, mark: str, other: str, behind: str, part: bool) -> str | None:
    behind = re.sub(r"^的?(?:比例|比重|比率|份额|占比)", "", behind) if part else behind
    inner = _SIGN.match(behind)
    if inner is not None and part:
        mark, behind = _SIGNS[inner[1]], behind[inner.end() :]
    behind = behind.removeprefix("的")
    for length in range(min(len(behind), _LONGEST), 0, -1):
        shown = _fraction(behind[:length])
        if shown is None:
            continue
        tail = _TAIL.fullmatch(behind[length:])
        sign = None if tail is None else _behind(tail, _Value("number", shown, ""))
        if sign is None or (sign and mark and sign != mark) or not (sign or mark or not part):
            continue
        return _written(subject, sign or mark or "=", f"{other} {shown}")
    return None


def share_of(said: str, names: Mapping[str, Type | None]) -> str | None:
    """How 甲的30%, 甲的一半 or 两倍甲 is written; None where ``said`` is no share of one of ``names``.

    >>> share_of("原值的一半", {"原值": None}), share_of("两倍原值", {"原值": None}), share_of("原值的", {"原值": None})
    ('原值 × 50%', '原值 × 2', None)
    """
    lead = _TIMES.match(said)
    if lead is not None and said[lead.end() :] in names and (shown := _fraction(lead[0])) is not None:
        return f"{said[lead.end() :]} {shown}"
    for other in sorted((name for name in names if said.startswith(f"{name}的")), key=len, reverse=True):
        shown = _fraction(said[len(other) + 1 :])
        if shown is not None:
            return f"{other} {shown}"
    return None


def quantity_said(type_: Type, said: str) -> str | None:
    """How an amount in another word for its unit is written: 个百分点, 平方米, 万户, 万元人民币; None where it is none.

    >>> from policyrules.types import RATIO, Type
    >>> quantity_said(RATIO, "30个百分点"), quantity_said(Type(Kind.AREA, "亩"), "3万平方米"), quantity_said(Type(Kind.INTEGER, "户"), "1万户")
    ('30%', '3 公顷', '10000 户')
    """
    plain = re.sub("人民币$|整$", "", said) if type_.kind is Kind.MONEY else said
    found = _value(type_, plain)
    return None if found is None else found[1]


def _fraction(piece: str) -> str | None:
    """× 30%, × 2, ÷ 3 for 30%, 两倍, 三分之一."""
    times = _TIMES.fullmatch(piece)
    if times is not None:
        figure = _figure(times[1])
        return None if figure is None else f"× {figure}"
    shown = spoken.value(piece)
    if shown is None:
        return None
    third = re.fullmatch(r"（(\d+) ÷ (\d+)）", shown)
    if third is not None:
        return f"÷ {third[2]}" if third[1] == "1" else f"× {third[1]} ÷ {third[2]}"
    return f"× {shown}" if shown.endswith("%") else None


def _changed(subject: str, type_: Type | None, other: str, behind: str) -> str | None:
    """增长 10% 以上, 减少 5 万元, 下降: against another amount."""
    how = _GROWN.match(behind)
    if how is None:
        return None
    up, rest = how[1] in _MORE, behind[how.end() :]
    if not rest:
        return _written(subject, ">" if up else "<", other)
    inner = _SIGN.match(rest)
    mark = "" if inner is None else _SIGNS[inner[1]]
    rest = rest if inner is None else rest[inner.end() :]
    for value in _values(type_, rest, ""):
        tail = _TAIL.fullmatch(value.rest)
        sign = None if tail is None else _behind(tail, value)
        points = type_ is not None and type_.kind is Kind.RATIO and "百分点" not in rest
        if sign is None or (sign and mark and sign != mark) or points or type_ is None or value.sort != "number":
            continue
        return _against(subject, sign or mark or "=", up, f"{other} {'+' if up else '−'} {value.text}")
    length = _share_length(rest)
    share = re.match(r"([0-9]+(?:\.[0-9]+)?)%", spoken.value(rest[:length]) or "")
    if share is None or (type_ is not None and type_.kind is Kind.RATIO):
        return None
    found = _TAIL.fullmatch(rest[length:])
    sign = None if found is None else _behind(found, _Value("number", share[0], ""))
    if sign is None or (sign and mark and sign != mark):
        return None
    whole = Decimal(100) + (Decimal(share[1]) if up else -Decimal(share[1]))
    return _against(subject, sign or mark or "=", up, f"{other} × {whole.normalize():f}%") if whole > 0 else None


def _share_length(text: str) -> int:
    return next((end for end in range(len(text), 0, -1) if (spoken.value(text[:end]) or "").endswith("%")), 0)


def _against(subject: str, sign: str, up: bool, amount: str) -> str:
    """Grown by at least so much is at least that; shrunk by at least so much is at most that."""
    return _written(subject, sign if up else _OPPOSITE[sign], amount)


def _written(subject: str, sign: str, amount: str) -> str:
    return f"写成“{subject} {sign or '='} {amount}”"


def _figure(text: str) -> str | None:
    if text[0].isascii():
        return text
    number = spoken.integer(text)
    return None if number is None else str(number)

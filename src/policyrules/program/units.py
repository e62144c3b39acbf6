"""Words behind numbers: which of them count, and which say a part of a whole, as 3 成 and 8 折 do.

Why this exists: 总投资 × 3 成 is 30% of it, and read as three of something called 成 it would be three times the amount, without
a word. A word that no declaration counts in is no unit; where it says a part or a multiple, that number is told exactly.

Invariants: what is told is equal to what was written; where a word has several meanings, each is told with its condition.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from policyrules.language import expressions as surface
from policyrules.language import spoken
from policyrules.text import one_line
from policyrules.types import (
    AREA_UNITS,
    DAY_UNITS,
    MONEY_SCALES,
    MONEY_UNITS,
    MONTH_UNITS,
    Kind,
    Number,
    Type,
    number_text,
    simplify,
)

WORKDAYS: Final = ("个工作日", "工作日")
COUNTERS: Final = frozenset("户人个家笔项次处条件名套台头只株份张栋间期批")
"""What rows and values are counted in though no declaration says so: 计数 资金 ≥ 2 笔."""

_PARTS: Final = {
    **dict.fromkeys(("个百分点", "百分点", "个点", "%"), Fraction(1, 100)),
    **dict.fromkeys(("‰", "个千分点", "千分点"), Fraction(1, 1000)),
    **dict.fromkeys(("个基点", "基点", "个万分点", "万分点"), Fraction(1, 10_000)),
}
_OPEN_PARTS: Final = {
    "点": ("百", Fraction(1, 100)),
    "千分": ("千", Fraction(1, 1000)),
    "万分": ("万", Fraction(1, 10_000)),
}
"""What may be a part of a whole, and may be something else."""
_OTHERS: Final = (*MONEY_UNITS, *AREA_UNITS, *DAY_UNITS, *MONTH_UNITS)
_TENTHS: Final = re.compile("成(?:([一二三四五六七八九1-9])|(半))?(?:左右)?")
_DIGITS: Final = {char: value for value, char in enumerate("一二三四五六七八九", 1)}


def part(number: Number, unit: str) -> Number | None:
    """The part of a whole, or the multiple, that a number with a word behind it says; None where it says neither.

    >>> [number_text(found) for each in ("成", "成五", "成半", "个百分点", "‰", "倍") if (found := part(3, each)) is not None]
    ['0.3', '0.35', '0.35', '0.03', '0.003', '3']
    >>> [number_text(found) for figure in (8, 85, Fraction(17, 2)) if (found := part(figure, "折")) is not None]
    ['0.8', '0.85', '0.85']
    >>> part(3, "户"), part(30, "成"), part(100, "折")
    (None, None, None)
    """
    tenths = _TENTHS.fullmatch(unit)
    if tenths is not None:
        more = tenths[1] or ("5" if tenths[2] else "0")
        hundredths = int(more) if more.isdecimal() and more.isascii() else _DIGITS[more]
        if number > 10 or (hundredths and not isinstance(number, int)):
            return None
        return simplify(Fraction(number) / 10 + Fraction(hundredths, 100))
    if unit == "折":
        # 8 折 is eight tenths, 85 折 is 85 hundredths.
        return None if not 0 < number < 100 else simplify(Fraction(number) / (10 if number <= 10 else 100))
    if unit == "倍":
        return number
    return simplify(number * _PARTS[unit]) if unit in _PARTS else None


def percent(number: Number) -> str:
    """A part of a whole as the language writes it: 30%, and a calculation where no decimal is equal to it.

    >>> percent(Fraction(3, 10)), percent(Fraction(1, 3))
    ('30%', '（1 ÷ 3）')
    """
    shown = number_text(number * 100)
    return (
        f"（{number_text(Fraction(number).numerator)} ÷ {Fraction(number).denominator}）"
        if "/" in shown
        else f"{shown}%"
    )


def undeclared(node: surface.Quantity, hint: Type | None) -> tuple[str, str]:
    """What is wrong with a number whose unit nothing in the stack counts in, and what to write. ``hint``: the type of what it
    stands beside, where that is a count without a unit."""
    unit, number = node.unit or "", node.number
    bare, found = number_text(number), part(number, unit)
    message = f"没有以“{unit}”计的数"
    if hint is not None:
        message = f"这里是没有单位的整数，“{one_line(node.span.text)}”以“{unit}”计"
    if found is not None and unit == "倍":
        return message, f"几倍不带单位，写成 {bare}"
    if found is not None:
        share = percent(found)
        return message, f"写成 {share}" if hint is None else f"没有说是哪个数的 {share}；那个数写在前面：… × {share}"
    if unit in _OPEN_PARTS and hint is None:
        word, size = _OPEN_PARTS[unit]
        return message, f"是{word}分之几的，写 {percent(number * size)}；只是倍数的，不带单位，写 {bare}"
    if unit in ("万", "亿"):
        whole = number_text(number * (10_000 if unit == "万" else 100_000_000))
        return message, f"写成 {whole}" if hint is not None else f"是钱的，写 {bare} {unit}元；是个数的，写 {whole}"
    money = MONEY_SCALES.get(unit.removesuffix("元"))
    if money is not None and unit.endswith("元"):
        return message, f"写成 {number_text(simplify(Fraction(number) * money))} 元"
    said = spoken.written(f"{bare}{unit}")
    if said is not None and said.partition(" ")[2] in (*MONEY_UNITS, *DAY_UNITS, *MONTH_UNITS):
        return message, f"写成 {said}"
    compared = spoken.compared("".join(node.span.text.split()))
    if compared is not None:
        return message, f"比较写成 {compared}"
    if hint is not None:
        counted = "" if unit in _OTHERS else f"；有单位的，类型里也写上单位：整数（{unit}）"
        return message, f"比的是个数的，写成 {bare}{counted}"
    return message, f"只是倍数的，不带单位，写成 {bare}；是计数单位的，先在字段的类型里写上：整数（{unit}）"


def uncounted(type_: Type, unit: str) -> bool:
    """Whether a written value of a count without a unit may not stand in this one."""
    return type_.kind is Kind.INTEGER and type_.unit is None and unit not in COUNTERS and unit not in WORKDAYS

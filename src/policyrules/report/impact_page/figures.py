"""Numbers as a Chinese reader expects them, exact; and places in a picture.

Why this exists: sums of money, ranges and shares stand in sentences, tables and pictures, and all write them the same way.

Invariants: what is shown as a number is exact; only a place in a picture is rounded, to a tenth, the same way on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from policyrules.types import Number, number_text
from policyrules.variation.model import Bounds, Total

_DECIMAL: Final = re.compile(r"(-?)([0-9]+)(\.[0-9]+)?")
_NUMERALS: Final = "零一二三四五六七八九"


def number(value: Number) -> str:
    """A number with its thousands set apart.

    >>> number(1234567), number(Fraction(-24691, 2)), number(Fraction(1, 3))
    ('1,234,567', '-12,345.5', '1/3')
    """
    told = number_text(value)
    found = _DECIMAL.fullmatch(told)
    if found is None:
        return told
    whole = found[2]
    parted = [whole[max(end - 3, 0) : end] for end in range(len(whole), 0, -3)]
    return f"{found[1]}{','.join(reversed(parted))}{found[3] or ''}"


def count(value: int) -> str:
    """How many, in a table: a dot for none.

    >>> count(0), count(1200)
    ('·', '1,200')
    """
    return number(value) if value else "·"


def span(low: Number, high: Number, between: str = " 至 ") -> str:
    """From how many to how many.

    >>> span(145, 187), span(3, 3)
    ('145 至 187', '3')
    """
    return number(low) if low == high else f"{number(low)}{between}{number(high)}"


def bounds(one: Bounds) -> str:
    """As `span`."""
    return span(one.low, one.high)


def total(one: Total | None) -> str:
    """A sum, and beside it how many are not in it because they are blank.

    >>> total(Total(Fraction(13237, 2), 2)), total(Total(0, 0)), total(Total(0, 3))
    ('6,618.5（另 2 个未填）', '·', '3 个未填')
    """
    if one is None:
        return ""
    if not one.blank:
        return number(one.value) if one.value else "·"
    return f"{number(one.value)}（另 {one.blank} 个未填）" if one.value else f"{one.blank} 个未填"


def added(several: Iterable[Number | None]) -> Total:
    """The sum of what is filled in, and how many are not."""
    told = list(several)
    return Total(sum((one for one in told if one is not None), start=0), sum(one is None for one in told))


def numeral(value: int) -> str:
    """A number up to 99 as a Chinese word, as headings count.

    >>> [numeral(value) for value in (4, 10, 14, 20, 35)]
    ['四', '十', '十四', '二十', '三十五']
    """
    if not 0 <= value < 100:
        return str(value)
    tens, ones = divmod(value, 10)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def px(value: Number) -> str:
    """A place in a picture, to a tenth.

    >>> px(Fraction(1, 3)), px(12), px(Fraction(-1, 20)), px(Fraction(1, 20))
    ('0.3', '12', '0', '0.1')
    """
    tenths = (Fraction(value) * 10 + Fraction(1, 2)).__floor__()
    whole, tenth = divmod(abs(tenths), 10)
    told = f"{whole}.{tenth}" if tenth else str(whole)
    return f"-{told}" if tenths < 0 else told


def apart(wanted: list[Fraction], least: Number, low: Number, high: Number) -> list[Fraction]:
    """Places near those that are wanted, in the same order, at least ``least`` from each other and between ``low`` and ``high`` where they fit.

    >>> list(map(str, apart([Fraction(5), Fraction(6), Fraction(30)], 10, 0, 40)))
    ['5', '15', '30']
    >>> list(map(str, apart([Fraction(38), Fraction(39)], 10, 0, 40)))
    ['30', '40']
    """
    found: list[Fraction] = []
    for place in wanted:
        found.append(max(place, found[-1] + least) if found else max(place, Fraction(low)))
    limit = Fraction(high)
    for index in range(len(found) - 1, -1, -1):
        found[index] = min(found[index], limit)
        limit = found[index] - least
    return found

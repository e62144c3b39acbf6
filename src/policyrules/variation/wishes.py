"""What a command asks for in a word: ``户数=0..40``, ``户数=5,8,10``, ``2026-06-30,2027-06-30``, ``自动``.

Why this exists: people write these words, in several ways and with slips; what they mean has one home, and a slip is told kindly.

Invariants: nothing is guessed; what is not understood is a `WishError` that says what to write instead.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from policyrules.program import nodes as core
from policyrules.program.given import given_value
from policyrules.text import cut, one_line
from policyrules.types import DATE, Number, Value


class WishError(ValueError):
    """What was asked for cannot be understood, or not be done; the text says why and what to write, in Chinese."""


_BETWEEN: Final = re.compile(r"\s*(?:\.{2,3}|…+|至|到|~|～)\s*")
_COMMAS: Final = re.compile(r"[,，、;；]")
_WIDE: Final = str.maketrans({"＝": "=", "．": ".", "－": "-", "：": ":"})
AUTOMATIC: Final = "自动"


@dataclass(frozen=True, slots=True)
class Wish:
    """A parameter to be varied, as it was written: from ``low`` to ``high`` ('' where there is no end), or over ``values``."""

    parameter: str
    low: str = ""
    high: str = ""
    values: tuple[str, ...] = ()

    def value(self, word: str, parameter: core.Parameter) -> Value:
        """A value as the parameter's type has it, written with or without the unit.

        Raises `WishError`.
        """
        found = given_value(word, parameter.type)
        if found is None:
            raise WishError(f"“{parameter.name}”不能取“{_shown(word)}”，应为{parameter.type}")
        return found

    def number(self, word: str, parameter: core.Parameter) -> Number:
        """An end of a range.

        Raises `WishError`.
        """
        found = self.value(word, parameter)
        if not isinstance(found, int | Fraction) or isinstance(found, bool):
            raise WishError(f"“{parameter.name}”是{parameter.type}，没有从几到几；要试的值写成 {parameter.name}=…,…")
        return found


def sweep_of(words: str) -> Wish:
    """What ``--sweep`` asks for.

    Raises `WishError`.

    >>> sweep_of("户数=0..40")
    Wish(parameter='户数', low='0', high='40', values=())
    >>> sweep_of("反向约束数量"), sweep_of("户数 = 5、8、10").values, sweep_of("户数=10..")
    (Wish(parameter='反向约束数量', low='', high='', values=()), ('5', '8', '10'), Wish(parameter='户数', low='10', high='', values=()))
    """
    name, equals, rest = (part.strip() for part in words.translate(_WIDE).partition("="))
    if not name:
        raise WishError(f"“{_shown(words)}”里没有参数的名字；写成 参数、参数=0..40 或 参数=5,8,10")
    if not equals:
        return Wish(name)
    if not rest:
        raise WishError(f"“{_shown(words)}”等号后面是空的；写成 {name}=0..40 或 {name}=5,8,10，要全部就只写 {name}")
    ends = _BETWEEN.split(rest)
    if len(ends) > 2:
        raise WishError(f"“{_shown(rest)}”里有不止一个“..”；写成 {name}=下限..上限")
    if len(ends) == 2:
        low, high = (one.strip() for one in ends)
        if not low and not high:
            raise WishError(f"“{_shown(words)}”两头都是空的；要全部就只写 {name}")
        return Wish(name, low, high)
    values = [one.strip() for one in _COMMAS.split(rest)]
    if not all(values):
        raise WishError(f"“{_shown(rest)}”里有空的一项；写成 {name}=5,8,10")
    return Wish(name, values=tuple(dict.fromkeys(values)))


def days_of(words: str) -> tuple[datetime.date, ...] | None:
    """The days that ``--dates`` asks for, in order; None for 自动.

    Raises `WishError`.

    >>> days_of("2027-06-30, 2026年6月30日")
    (datetime.date(2026, 6, 30), datetime.date(2027, 6, 30))
    >>> days_of("自动") is None
    True
    """
    given = words.translate(_WIDE).strip()
    if given == AUTOMATIC:
        return None
    found: set[datetime.date] = set()
    for word in _COMMAS.split(given):
        if word.strip() == AUTOMATIC:
            raise WishError("“自动”要单独写，不和日期写在一起")
        day = given_value(word, DATE)
        if not isinstance(day, datetime.date):
            raise WishError(f"“{_shown(word)}”不是日期；写成 --dates 2026-06-30,2027-06-30，或者 --dates 自动")
        found.add(day)
    return tuple(sorted(found))


def _shown(words: str) -> str:
    return cut(one_line(words.strip()), 40)

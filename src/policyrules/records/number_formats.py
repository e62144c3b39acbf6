"""What a number format makes of a number: units, percent signs and scales that the cell shows and does not hold.

Why this exists: a person reads what a cell shows. ``#,##0"元"`` shows 500元 where the file holds 500, ``0.0"%"`` shows 0.8%
where it holds 0.8, ``#,##0,`` shows 500 where it holds 500000. The shown number is what was meant.

Invariants: what a format shows is given exactly or not at all; rounding to the decimals of a format is no part of it, nor
are colours, spaces and the separators of thousands.

The grammar of formats: ECMA-376 Part 1, 18.8.31.
"""

from __future__ import annotations

import datetime
import functools
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_LONGEST: Final = 255
_MOST_SECTIONS: Final = 4
_GENERAL: Final = re.compile(r"General|G/通用格式", re.IGNORECASE)
_EXPONENT: Final = re.compile(r"E[+-]", re.IGNORECASE)
# What the section of zero shows for none, and what that of negative numbers shows for minus.
_NOTHING: Final = frozenset("-–—−¥￥ ()")
_MINUS: Final = str.maketrans("", "", "-−()")


@dataclass(slots=True)
class _Section:
    """One of the up to four parts of a format: ``digits`` is how many it shows at least, ``thousands`` how often it
    divides by a thousand, ``broken``: a text stands between its digits."""

    prefix: str = ""
    suffix: str = ""
    placeholder: bool = False
    digits: int = 0
    percent: int = 0
    thousands: int = 0
    broken: bool = False
    condition: bool = False
    point: bool = False
    of_text: bool = False

    def literal(self, text: str) -> None:
        text = text.strip()
        if self.placeholder:
            self.suffix += text
        else:
            self.prefix += text

    def place(self) -> None:
        self.broken = self.broken or bool(self.suffix)
        self.placeholder = True
        self.thousands = 0

    def empty(self) -> bool:
        """Whether it shows nothing."""
        return not (self.placeholder or self.prefix or self.suffix or self.percent)

    def scales(self) -> tuple[object, ...]:
        return self.prefix, self.suffix, self.percent, self.thousands, self.broken


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """``sections`` for positive and negative numbers, zero and texts. ``plain``: it shows what the cell holds; ``hiding``: some
    numbers are not shown at all."""

    sections: tuple[_Section, ...]
    plain: bool
    hiding: bool = False

    def hides(self, number: Decimal) -> bool:
        """Whether a cell shows nothing of ``number``, as ``0;-0;;@`` does of zero."""
        return self.hiding and self._section(number).empty()

    def _section(self, number: Decimal) -> _Section:
        numeric = self._numeric()
        return numeric[1 if number < 0 and len(numeric) > 1 else 2 if number == 0 and len(numeric) > 2 else 0]

    def _numeric(self) -> tuple[_Section, ...]:
        return tuple(section for section in self.sections[:3] if not section.of_text) or self.sections[:1]

    def of_number(self, number: Decimal) -> Decimal | str | None:
        """What a cell shows of ``number``: the same number, a text that says more, or None where that is not sure."""
        if self.plain:
            return number
        numeric = self._numeric()
        if any(section.condition for section in numeric) and len({section.scales() for section in numeric}) > 1:
            return None
        negative = number < 0 and len(numeric) > 1
        section = self._section(number)
        prefix, suffix = section.prefix, section.suffix
        bare = _NOTHING.issuperset(prefix) and not suffix
        if bare and (not section.placeholder or (number == 0 and section.digits <= 1)):
            # An empty section hides the number, a dash stands for zero: what is hidden is still there.
            return number
        if not section.placeholder:
            return prefix
        if negative:
            prefix, suffix = prefix.translate(_MINUS), suffix.translate(_MINUS)
        if section.broken or section.percent > 1 or (section.thousands and not prefix and not suffix):
            return None
        whole = number == number.to_integral_value()
        digits = plain_digits(abs(number).scaleb(2 * section.percent - 3 * section.thousands))
        padded = digits.zfill(section.digits) if whole and not section.percent and not section.thousands else digits
        shown = f"{prefix}{padded}{'%' * section.percent}{suffix}"
        return number if shown == digits else f"-{shown}" if number < 0 else shown

    def of_text(self, text: str) -> str:
        """What a cell shows of ``text``."""
        section = self.sections[-1]
        return f"{section.prefix}{text}{section.suffix}" if section.of_text else text


@functools.lru_cache(maxsize=1_024)
def number_format(code: str) -> NumberFormat | None:
    """The format that ``code`` writes; None where it is longer, or has more sections, than any software writes."""
    if len(code) > _LONGEST:
        return None
    sections = [_Section()]
    at = 0
    while at < len(code):
        section, char = sections[-1], code[at]
        word = _GENERAL.match(code, at) or (_EXPONENT.match(code, at) if section.placeholder else None)
        if word:
            section.place()
            at = word.end()
            continue
        end = at + 1
        match char:
            case ";":
                if len(sections) == _MOST_SECTIONS:
                    return None
                sections.append(_Section())
            case '"':
                end = code.find('"', end) + 1 or len(code) + 1
                section.literal(code[at + 1 : end - 1])
            case "\\" | "!":
                section.literal(code[end : end + 1])
                end += 1
            case "_" | "*":
                end += 1
            case "[":
                end = code.find("]", end) + 1 or len(code) + 1
                _bracket(section, code[at + 1 : end - 1])
            case "%":
                section.percent += 1
            case ",":
                section.thousands += section.placeholder
            case "@":
                section.place()
                section.of_text = True
            case "0" | "#" | "?":
                section.place()
                section.digits += char == "0" and not section.point
            case ".":
                section.place()
                section.point = True
            case "/" if section.placeholder:
                # A fraction, which may give its divisor in digits.
                end = len(code) - len(code[end:].lstrip("0123456789"))
                section.place()
            case _:
                section.literal(char)
        at = end
    plain = not any(section.scales() != _Section().scales() or section.digits > 1 for section in sections)
    # One section that says nothing is the general format.
    numeric = sections[:3]
    hiding = len(sections) > 1 and any(one.empty() for one in numeric) and not any(one.condition for one in numeric)
    return NumberFormat(tuple(sections), plain, hiding)


def _bracket(section: _Section, content: str) -> None:
    """A currency, a condition, or what says nothing of the number: a colour, a language, a style of digits."""
    if content.startswith("$"):
        section.literal(content[1:].partition("-")[0])
    elif content[:1] in ("<", ">", "="):
        section.condition = True


def plain_digits(number: Decimal) -> str:
    """A number without exponent and without zeros that say nothing.

    >>> plain_digits(Decimal("1.50")), plain_digits(Decimal("1E+3"))
    ('1.5', '1000')
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---- dates ----------------------------------------------------------------------------------------------------------

_UNSHOWN: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')


def day_parts(code: str) -> str:
    """Which of year, month and day a format of dates shows: some of y, m and d; nothing of one that shows times alone.

    >>> day_parts("yyyy/m/d h:mm"), day_parts('[$-804]yyyy"年"m"月";@'), day_parts('m"月"d"日"'), day_parts("h:mm")
    ('ymd', 'ym', 'md', '')
    """
    letters = _UNSHOWN.sub(" ", code.split(";")[0]).lower()
    year, timed = re.search("[ye]", letters), re.search("[hs]", letters)
    # Three of them and more are the day of the week.
    day = re.search("(?<!d)dd?(?!d)", letters)
    month = re.search("m", re.sub(r"h+[^a-z]*m+|m+[^a-z]*s+", "", letters) if timed else letters)
    return "".join(part for part, found in zip("ymd", (year, month, day), strict=True) if found)


def shown_day(day: datetime.date, parts: str) -> str:
    """What a cell shows of a day whose format leaves parts of it out.

    >>> shown_day(datetime.date(2024, 3, 1), "ym"), shown_day(datetime.date(2024, 3, 1), "y")
    ('2024年3月', '2024年')
    """
    said = {"y": f"{day.year}年", "m": f"{day.month}月", "d": f"{day.day}日"}
    return "".join(said[part] for part in parts)

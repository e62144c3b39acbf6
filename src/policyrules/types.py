"""The types of the rule language, their units, and exact values.

Why this exists: one place says what a type is, which unit converts into which, and how a value is written for people.

Values are exact and canonical: 是否 ``bool``; numbers ``int`` or ``Fraction`` (money in 元, areas in 亩, ratios as the
plain number 0.6 = 3/5); dates ``datetime.date``; 年份 ``int``; 时长 ``int`` of months or of days, by its type's unit
family; enumerations and texts ``str``; sets ``frozenset[str]``. Binary floating point never appears.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final, TypeAlias

from policyrules.frozen import frozen

Number: TypeAlias = int | Fraction
Value: TypeAlias = bool | int | Fraction | datetime.date | str | frozenset[str]


class Kind(Enum):
    """What a type is; the value is the word of the language."""

    BOOL = "是否"
    INTEGER = "整数"
    DECIMAL = "小数"
    RATIO = "比例"
    MONEY = "金额"
    AREA = "面积"
    DATE = "日期"
    YEAR = "年份"
    DURATION = "时长"
    ENUM = "枚举"
    SET = "多选"
    TEXT = "文本"


NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.RATIO, Kind.MONEY, Kind.AREA, Kind.YEAR, Kind.DURATION})
ORDERED = NUMERIC | {Kind.DATE}

# Factor from a unit to the canonical unit of its kind.
MONEY_UNITS: dict[str, int] = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
# What documents count 元 in beside these, and the rule language has no word for.
MONEY_SCALES: dict[str, int] = {"百": 100, "千": 1_000, "百万": 1_000_000, "千万": 10_000_000}
AREA_UNITS: dict[str, Fraction] = {"亩": Fraction(1), "公顷": Fraction(15)}
MONTH_UNITS: dict[str, int] = {"个月": 1, "年": 12}
DAY_UNITS: dict[str, int] = {"天": 1}


@frozen
class Type:
    """A type with its unit and values.

    ``unit``: the unit a bare number is read and written in (``万元``, ``个``, ``个月``), None where there is none.
    ``values``: the declared values of 枚举 and of 多选 over declared values, in declared order; None for 多选（文本）.
    """

    kind: Kind
    unit: str | None = None
    values: tuple[str, ...] | None = None

    @property
    def family(self) -> str:
        """``days`` or ``months`` for 时长, by its unit; '' otherwise."""
        if self.kind is not Kind.DURATION:
            return ""
        return "days" if self.unit in DAY_UNITS else "months"

    def __str__(self) -> str:
        if self.values is not None:
            return f"{self.kind.value} {{ {'、'.join(self.values)} }}"
        if self.kind is Kind.SET:
            return "多选（文本）"
        return f"{self.kind.value}（{self.unit}）" if self.unit else self.kind.value


BOOL = Type(Kind.BOOL)
INTEGER = Type(Kind.INTEGER)
DECIMAL = Type(Kind.DECIMAL)
RATIO = Type(Kind.RATIO)
MONEY = Type(Kind.MONEY, "元")
DATE = Type(Kind.DATE)
YEAR = Type(Kind.YEAR)
DAYS = Type(Kind.DURATION, "天")
MONTHS = Type(Kind.DURATION, "个月")
TEXT = Type(Kind.TEXT)

FIRST_YEAR: Final = 1000
"""``2025 年`` is a year, ``25 年`` a period: a number before 年 from here on is a year of the calendar."""
LAST_YEAR: Final = 9999


def unit_factor(type_: Type, unit: str) -> Number | None:
    """Factor from ``unit`` to the canonical unit of ``type_``; None where the unit does not belong to the type.

    >>> unit_factor(MONEY, "万元")
    10000
    >>> unit_factor(MONEY, "年") is None
    True
    """
    match type_.kind:
        case Kind.MONEY:
            return MONEY_UNITS.get(unit)
        case Kind.AREA:
            return AREA_UNITS.get(unit)
        case Kind.DURATION:
            return (DAY_UNITS if type_.family == "days" else MONTH_UNITS).get(unit)
        case Kind.RATIO:
            return {"%": Fraction(1, 100)}.get(unit)
        case Kind.YEAR:
            return {"年": 1}.get(unit)
        case Kind.INTEGER:
            return 1 if type_.unit is None or unit == type_.unit else None
        case Kind.DECIMAL:
            return {"%": Fraction(1, 100)}.get(unit, 1 if unit == type_.unit else None)
        case _:
            return None


def simplify(number: Number) -> Number:
    """An ``int`` where the number is whole, so that equal numbers have one form."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


_LONGEST = 10**400


def _is_long(number: Number) -> bool:
    # Python refuses to write integers of more than some thousand digits, and nobody reads one of some hundred.
    return abs(number.numerator) >= _LONGEST or number.denominator >= _LONGEST


def number_text(number: Number) -> str:
    """The number as people write it: exact decimals where finite within 12 places, a fraction otherwise. Numbers of more
    than 400 digits, which only adverse rules compute, are shown rounded and say so.

    >>> number_text(Fraction(7, 2)), number_text(Fraction(1, 3)), number_text(12000), number_text(-(10**5000))
    ('3.5', '1/3', '12000', '约 -1.00000×10^5000')
    """
    number = simplify(number)
    if _is_long(number):
        mantissa, exponent = f"{Decimal(number.numerator) / Decimal(number.denominator):.5E}".split("E")
        return f"约 {mantissa}×10^{int(exponent)}"
    if isinstance(number, int):
        return str(number)
    denominator = number.denominator
    twos = fives = 0
    while denominator % 2 == 0:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0:
        denominator //= 5
        fives += 1
    places = max(twos, fives)
    if denominator != 1 or places > 12:
        return f"{number.numerator}/{number.denominator}"
    scaled = number.numerator * 10**places // number.denominator
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def canonical(number: Number, type_: Type) -> Number:
    """A bare number, as records write it in the type's own unit, in the canonical unit.

    >>> canonical(3, Type(Kind.MONEY, "万元"))
    30000
    """
    factor = unit_factor(type_, type_.unit) if type_.unit and type_.kind is not Kind.INTEGER else 1
    return simplify(number * (factor or 1))


def bare_number(value: Number, type_: Type) -> Number:
    """Inverse of `canonical`: the number in the type's own unit, as JSON and workbooks carry it."""
    factor = unit_factor(type_, type_.unit) if type_.unit and type_.kind is not Kind.INTEGER else 1
    return simplify(Fraction(value) / (factor or 1))


_FORMS: dict[Kind, type | tuple[type, ...]] = {
    Kind.BOOL: bool,
    Kind.DATE: datetime.date,
    Kind.ENUM: str,
    Kind.TEXT: str,
    Kind.SET: frozenset,
    Kind.INTEGER: int,
    Kind.YEAR: int,
    Kind.DURATION: int,
}


def is_canonical(value: object, type_: Type) -> bool:
    """Whether ``value`` is one of the type, as readers give it to the engine.

    >>> is_canonical(Fraction(1, 2), RATIO), is_canonical(True, INTEGER), is_canonical("好", Type(Kind.ENUM, None, ("差",)))
    (True, False, False)
    """
    if not isinstance(value, _FORMS.get(type_.kind, (int, Fraction))):
        return False
    if isinstance(value, bool):
        return type_.kind is Kind.BOOL
    declared = type_.values
    if declared is None:
        return True
    return value <= set(declared) if isinstance(value, frozenset) else value in declared


def exact_number(value: object) -> Number | None:
    """``value`` as an exact number: int, Fraction, Decimal, decimal text, or a float by its shortest decimal writing
    (what a JSON file or a workbook cell showed). None for anything else, booleans, NaN and infinities included.

    >>> exact_number(0.1), exact_number("12.50"), exact_number(True), exact_number(float("nan"))
    (Fraction(1, 10), Fraction(25, 2), None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Fraction)):
        return simplify(value)
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, Decimal):
        value = str(value)
    if isinstance(value, str):
        text = value.strip()
        try:
            decimal = Decimal(text)
        except ArithmeticError:
            return None
        # 1e400000 is a finite decimal, but as a Fraction it would fill the memory: no ledger holds such a number.
        if not decimal.is_finite() or abs(decimal.adjusted()) > 60 or "_" in text:
            return None
        return simplify(Fraction(decimal))
    return None


def date_text(date: datetime.date) -> str:
    """The date as people write it.

    >>> date_text(datetime.date(2025, 9, 5))
    '2025年9月5日'
    """
    return f"{date.year}年{date.month}月{date.day}日"


def value_text(value: Value, type_: Type) -> str:
    """The value as people read it, with its unit.

    >>> value_text(500000, Type(Kind.MONEY, "万元")), value_text(Fraction(3, 5), RATIO), value_text(True, BOOL)
    ('50 万元', '60%', '是')
    """
    match value:
        case bool():
            return "是" if value else "否"
        case datetime.date():
            return date_text(value)
        case frozenset():
            order = type_.values or ()
            return "、".join(sorted(value, key=lambda v: (order.index(v) if v in order else len(order), v))) or "（空）"
        case str():
            return value
        case int() | Fraction():
            if type_.kind is Kind.RATIO:
                return f"{number_text(value * 100)}%"
            if type_.kind is Kind.YEAR:
                return f"{value}年"
            number = number_text(bare_number(value, type_))
            return f"{number} {type_.unit}" if type_.unit else number


def json_value(value: Value, type_: Type) -> object:
    """The value as JSON carries it: numbers in the type's unit (a decimal text where it is not an integer, so that no
    binary floating point creeps in), ISO dates, sorted lists for sets."""
    match value:
        case bool() | str():
            return value
        case datetime.date():
            return value.isoformat()
        case frozenset():
            order = type_.values or ()
            return sorted(value, key=lambda v: (order.index(v) if v in order else len(order), v))
        case int() | Fraction():
            number = bare_number(value, type_)
            return number if isinstance(number, int) and not _is_long(number) else number_text(number)


def add_months(start: datetime.date, months: int) -> datetime.date | None:
    """``start`` moved by ``months``, clamped to the month's end; None past the calendar (year 1 to 9999).

    >>> add_months(datetime.date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return None
    day = start.day
    if day > 28:
        import calendar  # with it come the languages of the system: a process that loads does not wait for them

        day = min(day, calendar.monthrange(year, month + 1)[1])
    return datetime.date(year, month + 1, day)

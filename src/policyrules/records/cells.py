"""One cell, or one JSON value, as a canonical value of its field.

Why this exists: ledgers are typed by people in workbooks; what they mean must be read exactly or reported, never
guessed. Every reader reads through here, once for each cell, so that a value means the same in every format.

What is accepted:

* blank: ``None``, an empty cell, white space, and 未知 or 不详 (where they are not declared values); NaN, NaT and NA of
  whatever library. A dash, ``/`` and 暂无 are reported: nobody can tell whether they stand for nothing, for zero or for not known.
  So are 同上 and its marks: a cell says what it says wherever it stands;
* 是否: 是 有 对 √ ✓ ✔ ☑ true t yes y 1, and 否 无 不是 × ✗ ✘ false f no n 0. 错, 未, ☐ and ○ are reported;
* 是否, 枚举 and 多选 with a box beside every option, ``☑是 □否``: what is ticked (`boxes`); no box ticked is blank;
* dates: 2025-09-15, 2025/9/15, 2025.9.15, 20250915, 2025年9月15日, each with a time of day that is dropped; date objects;
  in a workbook also the serial number of a day from 1927 to 2118. A year or a month alone is reported;
* numbers: exact, with thousands separators, full-width digits, units of the field's type. Scientific notation in a text
  is reported, because a spreadsheet that shows it has dropped digits;
* 比例: ``60%``, 0.6, 3/5 as ``Fraction``; a bare 60 where the field ends at 100% is reported;
* 枚举 and 多选: declared values, without regard to white space, width and case; 多选 as a list or parted by 、；，, ; / |
  or line ends; （空）, and 无 where it is no declared value, are the known empty set;
* 文本: trimmed; whole numbers (an id typed as a number) up to 15 digits; 无 is a text, for it says that there is none.

Invariants: nothing here raises for any value; a result is canonical (`policyrules.types`) and inside the field's bounds.
"""

from __future__ import annotations

import datetime
import functools
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, assert_never

from policyrules.diagnostics import Diagnostic, unfit
from policyrules.program.nodes import Field
from policyrules.records import hints
from policyrules.records.boxes import Boxes, boxes_of
from policyrules.records.foreign_values import plain_value
from policyrules.records.wording import expectation
from policyrules.spelling import FOLDS, INVISIBLE, fold_cell, fold_word
from policyrules.types import (
    FIRST_YEAR,
    LAST_YEAR,
    Kind,
    Number,
    Value,
    canonical,
    exact_number,
    simplify,
    unit_factor,
    value_text,
)


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """What a reader puts in place of a cell that it knows to hold no value: an error cell, a formula without result."""

    shown: str
    reason: str


@dataclass(frozen=True, slots=True)
class CellInUnit:
    """A cell under a name that says which unit its bare numbers are in."""

    cell: object
    unit: str


TRUE_WORDS: Final = frozenset({"是", "有", "对", "√", "✓", "✔", "☑", "true", "t", "yes", "y", "1"})
FALSE_WORDS: Final = frozenset({"否", "无", "不是", "×", "✗", "✘", "false", "f", "no", "n", "0"})
UNKNOWN_WORDS: Final = frozenset({"未知", "不详"})
# Written for “nothing”, “zero” and “not known” alike: only the person who typed it can say.
PLACEHOLDERS: Final = frozenset(
    {"-", "--", "---", "/", "//", "\\", "?", "??", "*", "…", "……", "...", "."}
    | {"无", "暂无", "没有", "待定", "待查", "待核实", "不适用", "空", "空白", "。", "暂缺", "未填", "未填报", "未统计"}
    | {"待补", "待补充", "待填", "待填写", "待完善", "待确定", "未定", "未确定", "不清楚", "不知道"}
    | {"n/a", "na", "nan", "nat", "none", "null", "nil"}
)
DITTOS: Final = frozenset(
    {"同上", "同前", "同左", "同右", "同上行", "〃", "〃〃", "″", "″″", "”", "””", "“", "“”", "〞", "〝"}
    | {'"', '""', "'", "''", "′′"}
)
"""What people write for what stands in another cell."""
_ERROR_CELLS: Final = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|##+)", re.IGNORECASE
)
_EMPTY_SETS: Final = frozenset({"(空)", "空集"})

_LONGEST_TEXT: Final = 10_000
_REMEMBERED_FROM: Final = 256
_LARGEST: Final = 10**60
# A spreadsheet keeps 15 digits; longer ids typed as numbers have lost their tail.
_SPREADSHEET_DIGITS: Final = 10**15
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 80_000


_NUMBER: Final = re.compile(
    r"([+-]?)\s*([¥￥]?)\s*((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)\s*(\S(?:.*\S)?)?", re.DOTALL
)
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_DATE: Final = re.compile(
    r"(?:([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]|([0-9]{4})([0-9]{2})([0-9]{2}))"
    r"(?:[T ]*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_UNIT_WORDS: Final = {"万": "万元", "亿": "亿元", "日": "天", "年度": "年", "元整": "元", "万元整": "万元"}
# Units of ledgers that the rule language has no word for.
_MONEY_OF_LEDGERS: Final = {"千元": 1_000, "百万元": 1_000_000, "千万元": 10_000_000}
_SEPARATORS: Final = "、;,/|\n"


def is_blank(value: object) -> bool:
    """Nothing was filled in: ``None`` or a text of white space. 未知 is left to `parse_cell`, which knows the field."""
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST_TEXT and not fold_cell(value))


def parse_cell(
    value: object, field: Field, *, unit: str | None = None, epoch: datetime.date | None = None
) -> Value | Diagnostic | None:
    """``value`` as a canonical value of ``field``; None where it is blank; a finding (E501) without a place where it cannot be read.

    ``unit``: the unit that a column header gives bare numbers, else the type's own. ``epoch``: day 0 of the serial
    numbers of the workbook the cell comes from; None where numbers are no serials (JSON, CSV).

    >>> from policyrules.types import Type
    >>> amount = Field("项目", "总投资", "total", Type(Kind.MONEY, "万元"), False, 0, None, (), None, origin=None)
    >>> parse_cell("1,300.5 万元", amount), parse_cell(" ", amount), parse_cell(5, amount, unit="元")
    (13005000, None, 5)
    >>> parse_cell("很多", amount).expected
    '金额，单位万元（如 300 或 300万元），不小于 0 万元'
    """
    if isinstance(value, UnreadableCell):
        return unfit("E501", value.shown, value.reason)
    if isinstance(value, CellInUnit):
        return parse_cell(value.cell, field, unit=value.unit, epoch=epoch)
    if not isinstance(value, str):
        value = plain_value(value)
    if not isinstance(value, str) or len(value) <= _REMEMBERED_FROM:
        return _parsed(value, field, unit, epoch)
    if len(value) > _LONGEST_TEXT:
        return unfit("E501", value, f"不超过 {_LONGEST_TEXT} 个字的内容")
    return _parsed_long(value, field, unit, epoch)


@functools.lru_cache(maxsize=64)
def _parsed_long(value: str, field: Field, unit: str | None, epoch: datetime.date | None) -> Value | Diagnostic | None:
    """As `_parsed`; a file may hold a text of thousands of items once, and name it in every row."""
    return _parsed(value, field, unit, epoch)


def _parsed(value: object, field: Field, unit: str | None, epoch: datetime.date | None) -> Value | Diagnostic | None:
    if isinstance(value, str):
        if not fold_cell(value):
            return None
        word = fold_word(value)
        declared = field.type.values or ()
        if word in UNKNOWN_WORDS and not any(fold_word(known) == word for known in declared):
            return None
        boxes = boxes_of(value) if field.type.kind in (Kind.BOOL, Kind.ENUM, Kind.SET) else None
        if boxes is not None and _declared_value(value, declared) is None:
            return _ticked(boxes, value, field)
        if word in DITTOS:
            return _refused(value, field, "不会去看别的格子，请把内容写出来")
        if _ERROR_CELLS.fullmatch(word.upper()):
            return unfit("E501", value, f"{expectation(field)}；这是表格软件报错的格子，请改好公式或重新填写")
    elif value is None:
        return None
    elif isinstance(value, (float, Decimal)) and not math.isfinite(value):
        return unfit("E501", str(value), f"{expectation(field)}；不知道的请留空")
    match field.type.kind:
        case Kind.BOOL:
            return _parse_bool(value, field)
        case Kind.DATE:
            return _within(_parse_date(value, field, epoch), value, field)
        case Kind.ENUM:
            return _parse_enum(value, field)
        case Kind.SET:
            return _parse_set(value, field, epoch is not None)
        case Kind.TEXT:
            return _parse_text(value, field, epoch is not None)
        case Kind.INTEGER | Kind.DECIMAL | Kind.RATIO | Kind.MONEY | Kind.AREA | Kind.YEAR | Kind.DURATION:
            return _within(_parse_number(value, field, unit), value, field)
        case _:
            assert_never(field.type.kind)


# ---- what can be read at a glance ----------------------------------------------------------------------------------

_SHORTEST_TEXT: Final = 1 + max(map(len, PLACEHOLDERS | UNKNOWN_WORDS | DITTOS))
_MOST_DIGITS: Final = 40


def glance(field: Field) -> Callable[[object], Value | None]:
    """What reads the plainest cells of ``field`` as `parse_cell` does, in a tenth of its time: texts of no odd
    character, decimals without unit, ISO dates. None is no answer: `parse_cell` has to look.

    >>> from policyrules.types import Type
    >>> look = glance(Field("项目", "总投资", "total", Type(Kind.MONEY, "万元"), False, 0, None, (), None, origin=None))
    >>> look("1300.5"), look(0.5), look("1,300.5 万元"), look("-1")
    (13005000, 5000, None, None)
    """
    match field.type.kind:
        case Kind.TEXT:
            return _plain_text
        case Kind.DATE:
            return _plain_days(field)
        case Kind.INTEGER | Kind.DECIMAL | Kind.RATIO | Kind.MONEY | Kind.AREA | Kind.YEAR | Kind.DURATION:
            return _plain_numbers(field)
        case Kind.BOOL | Kind.ENUM | Kind.SET:
            return _never
        case _:
            assert_never(field.type.kind)


def _never(value: object) -> None:
    """No answer."""


def _plain_text(value: object) -> Value | None:
    # What is printable holds no white space but " " and nothing that is dropped; folding makes no text shorter that has
    # none of it, so that no long one is a filler; an error begins with #, a number of a spreadsheet holds +.
    plain = (
        isinstance(value, str)
        and _SHORTEST_TEXT <= len(value) <= _LONGEST_TEXT
        and value.isprintable()
        and " " not in value
        and "+" not in value
        and value[0] not in "#＃"
    )
    return value if plain and isinstance(value, str) else None


def _plain_days(field: Field) -> Callable[[object], Value | None]:
    low, high = day_bounds(field)

    def look(value: object) -> Value | None:
        if not isinstance(value, str) or len(value) != 10 or value[4] != "-" or value[7] != "-":
            return None
        try:
            found = datetime.date.fromisoformat(value)
        except ValueError:
            return None
        return found if low <= found <= high else None

    return look


def day_bounds(field: Field) -> tuple[datetime.date, datetime.date]:
    """The first and the last day that ``field`` takes."""
    low, high = field.low, field.high
    return (
        low if isinstance(low, datetime.date) else datetime.date.min,
        high if isinstance(high, datetime.date) else datetime.date.max,
    )


def _plain_numbers(field: Field) -> Callable[[object], Value | None]:
    factor = bare_factor(field)
    whole = field.type.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION)
    least, most = _number_bounds(field)

    def look(value: object) -> Value | None:
        text = value if isinstance(value, str) else str(value) if isinstance(value, (float, Decimal)) else ""
        digits = text[1:] if text[:1] == "-" else text
        before, point, after = digits.partition(".")
        if not (digits.isascii() and before.isdigit() and (after.isdigit() or not point) and len(text) <= _MOST_DIGITS):
            return None
        top, bottom = int(before + after) * factor.numerator, 10 ** len(after) * factor.denominator
        parts, rest = divmod(top if digits is text else -top, bottom)
        number: Number = parts if not rest else Fraction(top if digits is text else -top, bottom)
        return number if (not rest or not whole) and least <= number <= most else None

    return look


def bare_factor(field: Field) -> Number:
    """What a bare number of ``field`` is multiplied with to be canonical."""
    return canonical(1, field.type)


def _number_bounds(field: Field) -> tuple[Number, Number]:
    low, high = field.low, field.high
    least = -_LARGEST if low is None or isinstance(low, datetime.date) else low
    most = _LARGEST if high is None or isinstance(high, datetime.date) else high
    return (max(least, FIRST_YEAR), min(most, LAST_YEAR)) if field.type.kind is Kind.YEAR else (least, most)


def bare_bounds(field: Field) -> tuple[int, int]:
    """The least and the greatest bare whole number, in the unit of its type, that ``field`` takes."""
    factor = bare_factor(field)
    least, most = (Fraction(bound) / factor for bound in _number_bounds(field))
    return max(math.ceil(least), 1 - _LARGEST), min(math.floor(most), _LARGEST - 1)


def _refused(value: object, field: Field, hint: str = "") -> Diagnostic:
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT:
        word = fold_word(value)
        if not hint and word in PLACEHOLDERS:
            hint = hints.placeholder(field)
        hint = hints.elsewhere(word) or hint
    return unfit("E501", value, expectation(field) + (f"；{hint}" if hint else ""))


def _within(parsed: Value | Diagnostic, value: object, field: Field) -> Value | Diagnostic:
    if isinstance(parsed, (Diagnostic, bool, str, frozenset)):
        return parsed
    low, high = field.low, field.high
    if isinstance(parsed, datetime.date):
        below = isinstance(low, datetime.date) and parsed < low
        above = isinstance(high, datetime.date) and parsed > high
        return _refused(value, field) if below or above else parsed
    if low is not None and not isinstance(low, datetime.date) and parsed < low:
        return _refused(value, field)
    if high is not None and not isinstance(high, datetime.date) and parsed > high:
        if field.type.kind is Kind.RATIO and parsed <= high * 100:
            percent = value_text(Fraction(parsed) / 100, field.type)
            return _refused(value, field, f"如果是 {percent}，请连 % 一起写")
        return _refused(value, field)
    return parsed


def _parse_bool(value: object, field: Field) -> Value | Diagnostic:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = fold_word(value)
    else:
        number = exact_number(value)
        word = str(number) if number in (0, 1) else ""
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    return _refused(value, field, hints.truth(word if isinstance(value, str) else ""))


def _ticked(boxes: Boxes, value: str, field: Field) -> Value | Diagnostic | None:
    """What is ticked in a cell with boxes: of a set all that is, else one value; nothing where none is."""
    said: dict[str, Any] = {option: _option(option, field) for option in boxes.options}
    if other := [option for option, meant in said.items() if meant is None]:
        return _refused(
            value, field, hints.near(other[0], field.type.values or ()) or f"“{other[0]}”不是这一项可以填的"
        )
    if boxes.doubtful or len(set(said.values())) < len(boxes.options):
        return _refused(value, field, "看不出勾的是哪一个，请只写选中的")
    chosen = [said[option] for option in boxes.ticked]
    if field.type.kind is Kind.SET:
        return frozenset(chosen) if chosen else _refused(value, field, "没有打勾，一项也没有的请写“无”")
    return _refused(value, field, f"勾了 {len(chosen)} 个，只勾一个") if len(chosen) > 1 else next(iter(chosen), None)


def _option(text: str, field: Field) -> bool | str | None:
    """What an option beside a box stands for; None where it may not be filled in."""
    if field.type.kind is Kind.BOOL:
        word = fold_word(text)
        return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
    return text if field.type.values is None else _declared_value(text, field.type.values)


def _parse_date(value: object, field: Field, epoch: datetime.date | None) -> Value | Diagnostic:
    if isinstance(value, datetime.datetime):
        # A time zone may move the day: whoever exports the ledger has to say which day is meant.
        return value.date() if value.tzinfo is None else _refused(value, field, "日期不要带时区")
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str):
        text = fold_cell(value)
        compact = "".join(text.split()) if "年" in text else text
        found = _DATE.fullmatch(compact)
        if found is None:
            return _refused(value, field, hints.day(compact))
        dashed, chinese, plain = found.group(1, 3, 4), found.group(5, 6, 7), found.group(8, 9, 10)
        return _calendar_day(next(part for part in (dashed, chinese, plain) if part[0] is not None), value, field)
    number: Number | None = exact_number(value)
    if isinstance(number, Fraction):
        # A serial number with a fraction has a time of day; 2025.9 typed as a number is only a year and a month.
        number = number.numerator // number.denominator if epoch is not None and number >= 30_000 else None
    if number is None:
        return _refused(value, field)
    if 1000_01_01 <= number <= 9999_12_31:
        digits = str(number)
        return _calendar_day((digits[:4], digits[4:6], digits[6:]), value, field)
    if epoch is not None and _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return epoch + datetime.timedelta(days=number)
    return _refused(value, field)


def _calendar_day(parts: tuple[str | None, ...], value: object, field: Field) -> Value | Diagnostic:
    year, month, day = (int(part or 0) for part in parts)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return _refused(value, field, "日历上没有这一天")


def _parse_number(value: object, field: Field, unit: str | None) -> Value | Diagnostic:
    type_ = field.type
    written = ""
    number: Number | None
    if isinstance(value, str):
        text = fold_cell(value)
        if _SCIENTIFIC.fullmatch(text):
            return _refused(value, field, "科学计数法会丢掉尾数，请把数写全")
        found = _NUMBER.fullmatch(text)
        if found is None:
            return _refused(value, field, hints.number(text))
        sign, currency, digits, rest = found.groups()
        number = exact_number(sign + digits.replace(",", ""))
        written = "".join((rest or "").split())
        if currency and (type_.kind is not Kind.MONEY or (not written and (unit or type_.unit) != "元")):
            # ¥500 under 万元 may be 500 yuan, or 500 万元 in a cell that somebody gave the format of money.
            return _refused(value, field, f"“{currency}”看不出是元还是别的单位，请连单位一起写，如 300万元")
    else:
        number = exact_number(value)
    if number is None or not -_LARGEST < number < _LARGEST or number.denominator >= _LARGEST:
        return _refused(value, field)
    if written:
        factor = _written_factor(field, written)
        if factor is None:
            return _refused(value, field, hints.unit(field, written))
        number = simplify(number * factor)
    elif unit is not None:
        factor = _written_factor(field, unit)
        if factor is None:
            return _refused(value, field, hints.unit(field, unit))
        if unit == "%" and -1 <= number <= 1 and number != 0:
            # Under a heading that says %, some people write 0.6 and some write 60.
            return _refused(value, field, "列名写着 %，分不清是百分之几还是小数，请连 % 一起写")
        number = simplify(number * factor)
    else:
        number = canonical(number, type_)
    if type_.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION) and not isinstance(number, int):
        return _refused(value, field)
    if type_.kind is Kind.YEAR and not FIRST_YEAR <= number <= LAST_YEAR:
        return _refused(value, field)
    return number


def _written_factor(field: Field, written: str) -> Number | None:
    """Factor from the unit ``written`` to the canonical one; None where the unit does not belong to the type."""
    type_ = field.type
    word = fold_cell(written)
    match type_.kind:
        case Kind.INTEGER:
            return 1 if word == "个" or (type_.unit is not None and word == type_.unit) else None
        case Kind.MONEY if word in _MONEY_OF_LEDGERS:
            return _MONEY_OF_LEDGERS[word]
        case Kind.MONEY | Kind.YEAR | Kind.DURATION:
            return unit_factor(type_, _UNIT_WORDS.get(word, word))
        case Kind.DECIMAL:
            return None if type_.unit is None and word != "%" else unit_factor(type_, word)
        case _:
            return unit_factor(type_, word)


def factor_under(field: Field, unit: str | None) -> Number | None:
    """Factor from a bare number of ``field``, under a header that gives ``unit`` or none, to the canonical unit; None where
    it depends on the number, or the unit does not belong to the type."""
    if unit is None:
        return bare_factor(field)
    return None if unit == "%" else _written_factor(field, unit)


def accepts_unit(field: Field, written: str) -> bool:
    """Whether bare numbers of ``field`` may be given in the unit ``written``, as a column header does."""
    return _written_factor(field, written) is not None


def _parse_enum(value: object, field: Field) -> Value | Diagnostic:
    declared = field.type.values or ()
    if isinstance(value, str):
        text = value.strip()
        if text in declared:
            return text
        known = _declared_value(text, declared)
        if known is not None:
            return known
        return _refused(value, field, hints.near(text, declared))
    number = None if isinstance(value, bool) else exact_number(value)
    if isinstance(number, int) and abs(number) < _LARGEST and str(number) in declared:
        return str(number)
    return _refused(value, field)


def _declared_value(text: str, declared: tuple[str, ...]) -> str | None:
    word = fold_word(text)
    found = [known for known in declared if fold_word(known) == word]
    return found[0] if len(found) == 1 else None


def _parse_set(value: object, field: Field, workbook: bool) -> Value | Diagnostic:
    declared = field.type.values
    if isinstance(value, str):
        if declared and (whole := _declared_value(value, declared)) is not None:
            return frozenset({whole})
        word = fold_word(value)
        if word == "无" or word in _EMPTY_SETS:
            return frozenset()
        if word in PLACEHOLDERS:
            return _refused(value, field)
        parts: list[object] = [part for part in _split(value, declared or ()) if part.strip()]
        if not parts:
            return _refused(value, field)
    elif isinstance(value, (list, tuple, frozenset, set)):
        value = value if isinstance(value, (set, frozenset)) else [plain_value(part) for part in value]
        parts = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
        if len(parts) > _LONGEST_TEXT:
            return _refused(value, field)
        if parts == ["无"] and "无" not in (declared or ()):
            return frozenset()
    elif declared is None and not isinstance(value, (dict, datetime.date)):
        parts = [value]
    else:
        return _refused(value, field)
    chosen: list[str] = []
    for part in parts:
        if is_blank(part):
            return _refused(value, field, "列表里有空的一项")
        if declared is None:
            item = _parse_text(part, field, workbook)
            if not isinstance(item, str):
                return item if isinstance(item, Diagnostic) else _refused(part, field)
            chosen.append(item)
            continue
        known = _declared_value(part, declared) if isinstance(part, str) and len(part) <= _LONGEST_TEXT else None
        if known is None:
            return _refused(part, field, hints.near(part, declared, several=True) if isinstance(part, str) else "")
        chosen.append(known)
    return frozenset(chosen)


def _split(text: str, declared: tuple[str, ...]) -> list[str]:
    # A separator that stands inside a declared value parts nothing in this field.
    inside = frozenset(char for known in declared for char in fold_cell(known))
    line = "".join(char if char == "\n" else char.translate(FOLDS) for char in text.replace("\r", "\n"))
    separators = "".join(char for char in _SEPARATORS if char not in inside)
    return [part.strip() for part in re.split(f"[{re.escape(separators)}]", line)]


def _parse_text(value: object, field: Field, workbook: bool) -> Value | Diagnostic:
    if isinstance(value, str):
        text = value.translate(INVISIBLE).strip().strip("\u3000\u00a0")
        if any(_unreadable(char) for char in text):
            return _refused(value, field, "里面有看不见的控制字符，请重新录入")
        # 无 in a text says that there is none, which a rule may ask for; the other fillers may as well mean unknown.
        if text != "无" and fold_word(text) in PLACEHOLDERS:
            return _refused(value, field)
        if _SCIENTIFIC.fullmatch(text) and "+" in text:
            return _refused(value, field, "像是编号被表格软件改成了科学计数法，请按文本重新录入")
        return text
    if isinstance(value, datetime.date):
        return _refused(value, field, "像是被表格软件改成了日期，请按文本重新录入")
    if isinstance(value, bool):
        return _refused(value, field)
    number = exact_number(value)
    if not isinstance(number, int) or abs(number) >= _LARGEST:
        return _refused(value, field)
    if (workbook or isinstance(value, float)) and abs(number) >= _SPREADSHEET_DIGITS:
        return _refused(value, field, "超过 15 位的编号按数字录入会丢掉尾数，请按文本重新录入")
    return str(number)


def _unreadable(char: str) -> bool:
    return char not in "\n\t\r" and unicodedata.category(char) in ("Cc", "Cf", "Cs")

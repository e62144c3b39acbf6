"""Written types and values: from surface literals to `Type` and canonical values.

Why this exists: units, nearest names and missing units are explained in one place, wherever a value is written.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from policyrules.diagnostics import Label, Report, shown_text
from policyrules.language import expressions as surface
from policyrules.language import spoken
from policyrules.language.nodes import Bounds, TypeExpr
from policyrules.language.table_lines import cell_meant
from policyrules.program.bound_words import quantity_said
from policyrules.program.units import COUNTERS, part, percent, uncounted, undeclared
from policyrules.source import Span, fold_characters
from policyrules.spelling import nearest
from policyrules.text import one_line
from policyrules.types import (
    AREA_UNITS,
    DAY_UNITS,
    MONEY_SCALES,
    MONEY_UNITS,
    MONTH_UNITS,
    NUMERIC,
    Kind,
    Number,
    Type,
    Value,
    number_text,
    simplify,
    unit_factor,
)


def _unit_names(kind: Kind) -> tuple[str, ...]:
    match kind:
        case Kind.MONEY:
            return tuple(MONEY_UNITS)
        case Kind.AREA:
            return tuple(AREA_UNITS)
        case Kind.DURATION:
            return ("天", "个月", "年")
        case _:
            return ()


_OTHER_TYPES = {
    **dict.fromkeys(("单选", "单选题", "由宽到严", "选择", "下拉", "选项"), Kind.ENUM.value),
    **dict.fromkeys(("多选题", "复选"), Kind.SET.value),
    **dict.fromkeys(("布尔", "是非", "判断", "有无", "bool", "boolean"), Kind.BOOL.value),
    **dict.fromkeys(("文字", "字符", "字符型", "字符串", "名称", "string", "text"), Kind.TEXT.value),
    **dict.fromkeys(("百分比", "百分数", "占比"), Kind.RATIO.value),
    **dict.fromkeys(("时间", "年月日", "date"), Kind.DATE.value),
    **dict.fromkeys(("数", "数字", "数值"), f"{Kind.INTEGER.value}”或“{Kind.DECIMAL.value}"),
    **dict.fromkeys(("数量", "人数", "户数", "个数", "int", "integer"), Kind.INTEGER.value),
    **dict.fromkeys(("年度", "年"), Kind.YEAR.value),
    **dict.fromkeys(("期限", "时段", "月数", "天数"), Kind.DURATION.value),
    **dict.fromkeys(("钱", "资金", "款项", "货币", "人民币"), Kind.MONEY.value),
}
"""What other tools and forms call a type; a 单选 is no 多选, though it looks like one."""
_OTHER_UNITS = {"万": "万元", "亿": "亿元", "块": "元", "元人民币": "元", "月": "个月", "日": "天", "亩地": "亩"}
_OTHER_UNITS |= {"天数": "天", "月数": "个月", "个月数": "个月", "年数": "年", "万人民币": "万元"}
DEFAULT_UNIT = {Kind.MONEY: "元", Kind.AREA: "亩", Kind.DURATION: "个月"}


def _united_type(node: TypeExpr) -> str | None:
    """The type of what is declared by its unit, ：万元 and ：户, or with a unit beside a word that is no type, ：数字（万元）, ：人数."""
    if node.values:
        return None
    counted = {"户数": "户", "人数": "人", "个数": "个"}.get(node.kind)
    unit = node.unit.text if node.unit is not None else counted or node.kind
    if node.unit is not None and _OTHER_TYPES.get(node.kind, "整数")[:2] not in ("整数", "小数", "金额"):
        return None
    kind = next((one for one in (Kind.MONEY, Kind.AREA, Kind.DURATION) if unit in _unit_names(one)), None)
    if kind is not None and unit != "年":
        return f"{kind.value}（{unit}）"
    if node.unit is None and (counted or unit in COUNTERS):
        return f"{Kind.INTEGER.value}（{unit}）"
    return None


def declared_type(
    node: TypeExpr, bounds: Bounds | None, value: surface.Literal_ | surface.SetLiteral | None, report: Report
) -> Type | None:
    """The written type; a 时长 without a unit takes the family of its bounds or value."""
    if node.kind not in [kind.value for kind in Kind]:
        _no_type(node, report)
        return None
    kind = Kind(node.kind)
    unit, unit_span = (None, node.span) if node.unit is None else (node.unit.text, node.unit.span)
    if kind in NUMERIC and node.values:
        listed = "、".join(literal_text(item) for item in node.values)
        remedy = (
            f"单位写在（）里，写成 {kind.value}（{listed}）"
            if len(node.values) == 1
            else f"只能取这几个值的，写成 枚举 {{ {listed} }}"
        )
        report.error("E205", f"{kind.value}不列取值", node.span, remedy)
        return None
    if kind in (Kind.MONEY, Kind.AREA, Kind.DURATION):
        known = _unit_names(kind)
        if unit is not None and unit not in known:
            bare = unit.removeprefix("单位为").removeprefix("单位")
            meant = bare if bare in known else _OTHER_UNITS.get(bare)
            remedy = f"可用的单位：{'、'.join(known)}" if meant not in known else f"写成 {meant}"
            report.error("E205", f"{kind.value}没有“{unit}”这个单位", unit_span, remedy)
            return None
        if unit is None:
            for literal in (bounds.low if bounds else None, value):
                if isinstance(literal, surface.Quantity) and literal.unit in known:
                    unit = literal.unit
                    break
            if unit is None:
                unit = DEFAULT_UNIT[kind]
            elif kind is Kind.DURATION:
                unit = "天" if unit in DAY_UNITS else "个月"
        return Type(kind, unit)
    if kind in (Kind.INTEGER, Kind.DECIMAL):
        return Type(kind, unit)
    if unit is not None and not (kind is Kind.SET and unit == "文本"):
        report.error("E205", f"{kind.value}没有单位", unit_span, f"写成 {kind.value}")
    if kind not in (Kind.ENUM, Kind.SET) or node.values is None:
        return Type(kind)
    values = _listed(node.values, report)
    if kind is Kind.ENUM and not values:
        report.error("E207", "枚举没有写出任何值", node.span, "写成 枚举 { 值一、值二 }")
        return None
    return Type(kind, None, values)


def _no_type(node: TypeExpr, report: Report) -> None:
    """Report a word that is no type."""
    message = f"没有“{shown_text(node.kind)}”这种类型"
    united = _united_type(node)
    if united is not None:
        report.error("E133", message, node.span, f"写成“{united}”")
        return
    meant = _OTHER_TYPES.get(node.kind)
    if meant is not None:
        remedy = f"写“{meant}”"
    else:
        names = tuple(kind.value for kind in Kind)
        near = nearest(node.kind, names, 1)
        remedy = f"是不是“{near[0]}”？" if near else f"可用的类型：{'、'.join(names)}"
    place = Span(node.span.source, node.span.start, min(node.span.start + len(node.kind), node.span.end))
    report.error("E133", message, place, remedy)


def _listed(written: Sequence[surface.Literal_], report: Report) -> tuple[str, ...]:
    """The values that an enumeration lists, each once."""
    values: list[str] = []
    seen: dict[str, str] = {}
    for item in written:
        word = word_text(item)
        if word is None:
            report.error("E204", "枚举的值须是词或带引号的文字", item.span, "给它加上引号“”")
        elif (same := alike(word, seen)) is not None:
            report.error("E202", f"值 {word} 写了两次{same}", item.span, "删去一处")
        else:
            values.append(word)
    return tuple(values)


def element_type(type_: Type) -> Type:
    """The type of one value of a 多选 type."""
    return Type(Kind.TEXT) if type_.values is None else Type(Kind.ENUM, None, type_.values)


def folded(word: str) -> str:
    """What readers of ledgers, to whom width, case and white space are nothing, take ``word`` for."""
    return "".join(fold_characters(word).split()).lower()


def alike(word: str, seen: dict[str, str]) -> str | None:
    """What is to be added to the finding that ``word`` is a value already, and '' where there is nothing to add; None
    where it is new. ``seen``: the values before, by what they are taken for; a new one is entered.

    >>> seen = {}
    >>> alike("甲", seen), alike("甲 ", seen), alike("甲", seen)
    (None, '：“甲 ”和“甲”只差空格、全半角或大小写，填表时分不出来', '')
    """
    first = seen.get(folded(word))
    if first is None:
        seen[folded(word)] = word
        return None
    return "" if first == word else f"：“{word}”和“{first}”只差空格、全半角或大小写，填表时分不出来"


def apart(node: surface.SetLiteral, items: Sequence[Value], without: Sequence[Value], report: Report) -> bool:
    """Whether the values that 不含 names are each named once, and not listed as well; what is wrong is reported."""
    for index, (value, literal) in enumerate(zip(without, node.without, strict=True)):
        if value in items:
            label = Label(node.items[list(items).index(value)].span, "这里列入了它")
            message = f"“{literal_text(literal)}”既列入，又写在“不含”里"
            report.error("E227", message, literal.span, "删去一处", label)
            return False
        if value in without[:index]:
            report.error("E202", f"值 {literal_text(literal)} 在“不含”里写了两次", literal.span, "删去一处")
            return False
    return True


def word_text(literal: surface.Literal_) -> str | None:
    """The text of a word or quoted text; None for numbers and dates."""
    if isinstance(literal, (surface.Name, surface.Text)):
        return literal.text
    return None


def value_called(word: str, values: Sequence[str]) -> str | None:
    """The declared value that a word means with or without 类 behind it: 巩固类 is 巩固; None where there is none.

    >>> value_called("巩固类", ["巩固"]), value_called("巩固", ["巩固类"]), value_called("类", ["巩固"])
    ('巩固', '巩固类', None)
    """
    forms = (word, word.removesuffix("类"), f"{word}类", word.removesuffix("的"))
    return next((one for one in forms if one in values), None)


def single(items: Iterable[surface.Literal_ | surface.Days], report: Report) -> tuple[surface.Literal_, ...]:
    """The values of a set that holds no dates; a stretch of days in it is reported and left out."""
    found: list[surface.Literal_] = []
    for item in items:
        if isinstance(item, surface.Days):
            message = f"“{one_line(item.span.text)}”是一段日期，这里要的不是日期"
            report.error("E144", message, item.span, "值一个一个地写；一段日期写在日期的清单里，或日期的“属于”后面")
        else:
            found.append(item)
    return tuple(found)


def every_day(days: surface.Days) -> Iterator[datetime.date]:
    """The days of a stretch, its ends included."""
    day = days.first.date
    while day <= days.last.date:
        yield day
        if day == datetime.date.max:
            return
        day += datetime.timedelta(days=1)


def literal_text(literal: surface.Literal_) -> str:
    """How the literal was written."""
    return literal.span.text


_FEW: Final = 32
_MOST_KEPT: Final = 64
_kept: dict[int, tuple[tuple[str, ...], frozenset[str]]] = {}


def _known(values: tuple[str, ...]) -> Container[str]:
    """The values of a type, to be looked up: the same few types are asked for each of thousands of words."""
    if len(values) <= _FEW:
        return values
    found = _kept.get(id(values))
    if found is None or found[0] is not values:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        found = _kept[id(values)] = values, frozenset(values)
    return found[1]


def literal_value(literal: surface.Literal_, type_: Type, report: Report) -> Value | None:
    """``literal`` as a canonical value of ``type_``; None after reporting why it is none."""

    def fail(code: str, message: str, remedy: str | None = None) -> None:
        meant = cell_meant(literal_text(literal)) if in_cell(literal) else None
        report.error(code, message, literal.span, meant or remedy)

    match type_.kind:
        case Kind.BOOL:
            word = word_text(literal)
            if word in ("是", "否"):
                return word == "是"
            meant = None if word is None else spoken.truth_meant(word)
            remedy = "写“是”或“否”" if meant is None else f"写成 {meant}"
            fail("E204", f"“{literal_text(literal)}”不是“是”或“否”", remedy)
            return None
        case Kind.ENUM:
            word = word_text(literal)
            values = type_.values or ()
            if word is not None and word in _known(values):
                return word
            remedy = _value_remedy(literal, word or "", values, findings=len(report.found))
            fail("E206", f"“{literal_text(literal)}”不在取值之内", remedy)
            return None
        case Kind.TEXT:
            if isinstance(literal, surface.Text):
                return literal.text
            fail("E204", "文本要加引号", f"写成：“{literal_text(literal)}”")
            return None
        case Kind.DATE:
            if isinstance(literal, surface.DateLiteral):
                return literal.date
            remedy = _year_said(literal_text(literal)) or "写全年月日，如“2025年10月31日”"
            fail("E204", f"“{literal_text(literal)}”不是日期", remedy)
            return None
        case Kind.SET:
            fail("E204", "这里要的是一组值", "写成 { 值一、值二 }")
            return None
        case _:
            if isinstance(literal, surface.Quantity):
                if literal.unit is not None and uncounted(type_, literal.unit):
                    message, remedy = undeclared(literal, type_)
                    report.error("E205", message, literal.span, remedy)
                    return None
                return quantity_value(literal, type_, report)
            fail("E204", f"“{shown_text(literal_text(literal))}”不是{type_.kind.value}", _number_remedy(literal, type_))
            return None


def _value_remedy(literal: surface.Literal_, word: str, values: tuple[str, ...], *, findings: int) -> str:
    """What to write instead of a word that is no value of an enumeration."""
    near = nearest(word, values, findings=findings)
    listed = "、".join(values[:12]) + ("…" if len(values) > 12 else "")
    remedy = (f"是不是“{near[0]}”？" if near else "") + f"可选：{listed}"
    called = value_called(word, values)
    remedy = remedy if called is None else f"写成 {called}；可选：{listed}"
    other = _OTHER_THAN.fullmatch(word)
    if other is not None and (but := other[1] or other[2]) in values and in_cell(literal):
        remedy = f"写成 不为 {but}"
    parts = re.split("或者|或|和|及|与|、|/", word)
    if called is not None or len(parts) == 1 or any(part not in values for part in parts):
        return remedy
    several = "、".join(parts)
    if in_cell(literal):
        return f"条件的格子里几个值都行的，写成 {several}；结论只写一个值，分成几行"
    if in_braces(literal):
        return f"每个值各写各的，写成 {several}"
    return f"这里只写一个值；几种情况各得各的，各写一条规则，各写各的条件：{several}"


def _number_remedy(literal: surface.Literal_, type_: Type) -> str | None:
    """What to write instead of words that are no number, no year or no period."""
    quoted = spoken.value(literal.text) if isinstance(literal, surface.Text) else None
    if quoted is not None and type_.kind is Kind.YEAR and re.fullmatch("[0-9]{4}", quoted):
        quoted += "年"
    said = spoken.written(literal_text(literal)) if quoted is None else quoted
    if said is not None and "÷" in said:
        # A value is no calculation.
        said = None
    counted = f" {type_.unit}" if type_.unit and said is not None and said.isdecimal() else ""
    compared = spoken.compared(literal_text(literal))
    meant = None if said is None else f"写成 {said}{counted}"
    if compared is not None:
        meant = f"比较写成 {compared}"
    if meant is None and literal_text(literal) in ("无", "没有", "空", "待定", "暂无"):
        meant = "没有值的，这一句不写；参数的值还没有定的，写“未定”"
    if meant is None and in_cell(literal):
        meant = (
            f"这一列填{type_.kind.value}，如 ≥ 10{'%' if type_.kind is Kind.RATIO else f' {type_.unit}' if type_.unit else ''}"
            + "；哪个值都行的写 —，问有没有填的写 已填、未填"
        )
    return meant


def _year_said(said: str) -> str | None:
    """How 2020年以前 is written as a bound of dates; None where no year is said so."""
    found = re.fullmatch(r"([0-9]{4})年度?(?:[之以及]{0,2})([前后])", said.replace(" ", ""))
    if found is None:
        return None
    first, last = f"{found[1]}年1月1日", f"{found[1]}年12月31日"
    if found[2] == "前":
        return f"写成 < {first}；{found[1]}年也算的，写 ≤ {last}"
    return f"写成 > {last}；{found[1]}年也算的，写 ≥ {first}"


_OTHER_THAN = re.compile("(?:不等于|不是|非|除了?|排除|剔除)(.+?)(?:以外|之外|外)?|(.+?)(?:以外|之外|除外)的?")
"""A word for all values but one."""


def in_braces(literal: surface.Literal_) -> bool:
    """Whether a value is one of those that are listed in { }."""
    before = literal.span.source.text[: literal.span.start]
    return before.rfind("{") > before.rfind("}") or before.rfind("｛") > before.rfind("｝")


def in_cell(literal: surface.Literal_) -> bool:
    """Whether a value stands in the row of a table."""
    text, start = literal.span.source.text, literal.span.start
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip(" \t\u3000").startswith(("|", "｜"))


_ALIKE: Final = ("户", "家", "个")
"""Words that one counts households and firms in: whoever writes one of them means the number."""
_YUAN_FROM = 1_000
"""A bare figure from which it may be one in 元 where 万元 is asked for."""

_MONEY_SAID: dict[str, int | Fraction] = {
    **{f"{scale}{tail}": times for scale, times in MONEY_SCALES.items() for tail in ("", "元")},
    **dict.fromkeys(("块", "块钱", "元整", "圆", "人民币"), 1),
    "角": Fraction(1, 10),
    "分": Fraction(1, 100),
}
"""What else money is counted in, in 元."""


def _meant_unit(literal: surface.Quantity, type_: Type) -> str | None:
    """How to write a number whose unit is the language's own in other words: 30日, 50万."""
    assert literal.unit is not None
    share = part(literal.number, literal.unit)
    if share is not None and (type_.kind is Kind.RATIO or (type_.kind is Kind.DECIMAL and type_.unit is None)):
        return f"写成 {percent(share)}"
    if share is not None and literal.unit != "%" and type_.kind not in (Kind.YEAR, Kind.DURATION):
        what, factor = ("几倍", number_text(share)) if literal.unit == "倍" else (f" {percent(share)}", percent(share))
        return f"没有说是哪个数的{what}；那个数写在前面：… × {factor}"
    if type_.kind is Kind.YEAR and literal.unit in ("年度", "年份"):
        return f"写成 {number_text(literal.number)} 年"
    if literal.unit in ("万", "亿"):
        if type_.kind is Kind.MONEY:
            return f"写成 {number_text(literal.number)} {literal.unit}元"
        scaled = Fraction(literal.number) * (10_000 if literal.unit == "万" else 100_000_000)
        if type_.kind is Kind.INTEGER and scaled.denominator == 1:
            return f"写成 {number_text(scaled)}" + (f" {type_.unit}" if type_.unit else "")
        return None
    if type_.kind is Kind.MONEY and literal.unit in _MONEY_SAID:
        amount = Fraction(literal.number) * _MONEY_SAID[literal.unit]
        unit = type_.unit if type_.unit in MONEY_UNITS else "元"
        return f"写成 {number_text(simplify(amount / MONEY_UNITS[unit]))} {unit}"
    if type_.kind is Kind.INTEGER and type_.unit in _ALIKE and literal.unit in _ALIKE:
        return f"写成 {number_text(literal.number)} {type_.unit}"
    said = quantity_said(type_, f"{number_text(literal.number)}{literal.unit}")
    if said is not None:
        return f"写成 {said}"
    said = spoken.written(f"{number_text(literal.number)}{literal.unit}")
    if said is None or unit_factor(type_, said.partition(" ")[2]) is None:
        return None
    return f"写成 {said}"


def quantity_value(literal: surface.Quantity, type_: Type, report: Report) -> Number | None:
    """A number with its unit in the canonical unit of a numeric type; unit errors name the remedy."""
    number: Number = literal.number

    def fail(message: str, remedy: str | None) -> None:
        report.error("E205", message, literal.span, remedy)

    if literal.unit is None:
        match type_.kind:
            case Kind.INTEGER | Kind.DECIMAL:
                pass
            case Kind.RATIO if number == 0:
                fail("比例要写百分号", "写成 0%")
                return None
            case Kind.RATIO:
                share, plain = f"{number_text(Fraction(number) * 100)}%", f"{number_text(number)}%"
                # 0.3 is 30%, and so, by habit, is 30; of a quotient 2 is twice.
                first, second = (share, plain) if number <= (10 if type_.unit == "倍" else 1) else (plain, share)
                fail("比例要写百分号", f"写成 {first}；若本意是 {second}，就写 {second}")
                return None
            case Kind.YEAR:
                fail("年份要写“年”", f"写成 {number_text(number)} 年")
                return None
            case _:
                plain = f"{number_text(number)} {type_.unit}"
                remedy = f"写成 {plain}"
                if type_.unit == "万元" and number >= _YUAN_FROM:
                    # Offices write figures in 元 and in 万元 alike.
                    yuan = f"{number_text(number)} 元"
                    said = f"{number_text(Fraction(number) / 10_000)} 万元"
                    remedy = f"按万元计的写成 {plain}；按元计的写成 {yuan}（即 {said}）"
                fail(f"{type_.kind.value}缺少单位", remedy)
                return None
        factor: Number | None = 1
    else:
        factor = unit_factor(type_, literal.unit)
        if type_.kind is Kind.DURATION and factor is None and literal.unit in {**DAY_UNITS, **MONTH_UNITS}:
            fail("天与月、年不能换算", f"这里的时长以{type_.unit}计")
            return None
    if factor is None:
        allowed = {
            Kind.MONEY: "元、万元、亿元",
            Kind.AREA: "亩、公顷",
            Kind.DURATION: "天" if type_.family == "days" else "个月、年",
            Kind.RATIO: "%",
            Kind.YEAR: "年",
        }.get(type_.kind, type_.unit or "不带单位")
        written = literal.unit or ""
        meant = _meant_unit(literal, type_)
        remedy = meant or f"{type_.kind.value}的单位：{allowed}"
        compared = spoken.compared(literal.span.text)
        remedy = remedy if compared is None else f"比较写成 {compared}"
        fail(f"单位“{shown_text(written)}”不能用于{type_.kind.value}", remedy)
        return None
    value = simplify(Fraction(number) * factor)
    if type_.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION) and not isinstance(value, int):
        fail(f"{type_.kind.value}不能有小数", "改为整数")
        return None
    return value

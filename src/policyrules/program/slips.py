"""Slips that only types show: 停产日 = 空, 已形成 = true, 评估日 - 停产日 ≥ 1 年, 停产日 ≥ 20250101, 效益 为 好 或 差.

Why this exists: each is well formed, and wrong for what it stands beside; what is beside it says what was meant.

Invariants: nothing here decides what is right: each is asked once something is known to be wrong, or stands for a name that
nothing declares. What a remedy gives means the same as what was written.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Final

from policyrules.language import expressions as surface
from policyrules.language import spoken
from policyrules.language.layout import date_text
from policyrules.language.times_said import time_said
from policyrules.operators import DAYS_BETWEEN, EQUAL, NOT_EQUAL, Operator
from policyrules.program import nodes as core
from policyrules.program.literals import value_called, word_text
from policyrules.program.said_conditions import meant
from policyrules.program.said_shares import share_of_what
from policyrules.program.scope import visible_names
from policyrules.program.symbols import Symbols
from policyrules.program.units import part, percent
from policyrules.source import Span
from policyrules.text import one_line, some
from policyrules.types import DAY_UNITS, MONTH_UNITS, NUMERIC, Kind, Type, number_text

_BLANK: Final = ("空", "空的", "未填", "未填写", "没填", "空白", "空值", "无值", "null", "none", "nil", "na", "n/a", "")
_FOLLOWING: Final = 200
"""So many characters behind a date are looked at for how it is bounded."""
_DAY: Final = re.compile(r"([0-9]{4})\D?([0-9]{1,2})\D?([0-9]{1,2})\D?")


def _undeclared(symbols: Symbols, node: surface.Expr | surface.Literal_) -> str | None:
    """The word or the quoted text that stands there, where no declaration has its name."""
    match node:
        case surface.Ref((surface.Name(text),)) | surface.Name(text):
            return None if symbols.declares(text) else text
        case surface.Text(text):
            return text
        case _:
            return None


def blank(symbols: Symbols, node: surface.Expr | surface.Literal_, type_: Type) -> bool:
    """Whether a blank is meant: 空, null; in quotes only where no text is due."""
    word = _undeclared(symbols, node)
    if word is None or word.casefold() not in _BLANK or word in (type_.values or ()):
        return False
    return not isinstance(node, surface.Text) or type_.kind is not Kind.TEXT


def tested_as_blank(symbols: Symbols, left: surface.Expr, negated: bool, span: Span) -> None:
    """Report 停产日 = 空."""
    words = "已填" if negated else "未填"
    symbols.error("E124", f"规则语言不写“{one_line(span.text)}”", span, f"写成 {one_line(left.span.text)} {words}")


def quoted_name(symbols: Symbols, node: surface.Expr, frames: tuple[str, ...]) -> bool:
    """Whether the left side of a condition is a name in quotes; it is reported."""
    name = "".join(node.text.split()) if isinstance(node, surface.Text) else ""
    if not name or name not in visible_names(symbols, symbols.line(frames[-1])):
        return False
    symbols.error("E204", "名称不加引号，加了就成了一段文字", node.span, f"写成 {name}")
    return True


def quoted_condition(symbols: Symbols, node: surface.Text) -> None:
    """Report “停产” 且 …, 「停产 或 效益 为 差」 且 …: a condition in quotes."""
    text, shown = node.text.strip(), one_line(node.span.text)
    joined = re.search(r"\S [且或<>≤≥=≠为含+−×÷-] ?\S|属于|满足", text) is not None
    remedy = "引号里是一段文字，不是条件；是名称的，删去引号，先声明它"
    if symbols.declares(text):
        remedy = f"名称不加引号，写成 {text}"
    elif joined and "\n" not in text:
        remedy = f"括号用（），写成“（{one_line(text)}）”"
    symbols.error("E204", f"{shown}是一段文字，不是“是”或“否”的条件", node.span, remedy)


def truth_of_above(symbols: Symbols, node: surface.Is, frames: tuple[str, ...]) -> bool:
    """Whether yes or no of what a record belongs to is put as in 县 为 脱贫县; it is reported."""
    owner = node.left.parts[0].text if isinstance(node.left, surface.Ref) and len(node.left.parts) == 1 else ""
    word = word_text(node.value)
    if word is None or not frames or owner not in symbols.line(frames[-1]) or owner in symbols.globals:
        return False
    field = symbols.objects[owner].fields.get(word)
    if field is None or field.type.kind is not Kind.BOOL:
        return False
    remedy = f"写成“{'非 ' if node.negated else ''}{owner}.{word}”"
    symbols.error("E208", f"{owner}是一种对象，“{word}”是它的一个字段", node.span, remedy)
    return True


def equal_to_value(left: str, type_: Type, operator: Operator, value: str) -> str:
    """How to write what an operator between a name and one of its values was meant to say; ``left`` is empty in the cell of a table."""
    several = type_.kind is Kind.SET
    if not left and not several:
        if operator in (EQUAL, NOT_EQUAL):
            return f"写成 {value}" if operator is EQUAL else f"写成 不为 {value}"
        return (
            f"{type_.kind.value}的值没有大小；要哪几个值，就写哪几个，中间写“、”；可选：{some(type_.values or (), 8)}"
        )
    if operator is EQUAL:
        return f"写成 {left} {'含' if several else '为'} {value}"
    if operator is NOT_EQUAL:
        return f"写成 {left} {'不含' if several else '不为'} {value}"
    verb, listed = "含任一" if several else "属于", some(type_.values or (), 8)
    return f"{type_.kind.value}的值没有大小；要哪几个值，就写成 {left} {verb} {{ … }}；可选：{listed}"


def compared(symbols: Symbols, left: surface.Expr, first: core.Expr, right: surface.Expr, operator: Operator) -> bool:
    """Whether the right side of a comparison is a slip of what the left one is; it is reported."""
    span = Span(left.span.source, left.span.start, right.span.end)
    said = one_line(left.span.text)
    kind, same = first.type.kind, operator in (EQUAL, NOT_EQUAL)
    if same and isinstance(left, surface.Ref) and blank(symbols, right, first.type):
        tested_as_blank(symbols, left, operator is NOT_EQUAL, span)
        return True
    if kind is Kind.BOOL and same:
        word = _undeclared(symbols, right)
        if isinstance(right, surface.Quantity) and right.unit is None and right.number in (0, 1):
            word = "true" if right.number else "false"
        truth = None if word is None else spoken.truth_meant(word)
        if truth is not None and not (isinstance(right, surface.Ref) and word == truth):
            verb = "为" if operator is EQUAL else "不为"
            message = f"{said} 只有“是”和“否”，不用“{operator.words}”比较"
            symbols.error("E204", message, span, f"写成 {said} {verb} {truth}")
            return True
    share = _share(symbols, right)
    if share is not None and kind in NUMERIC - {Kind.RATIO, Kind.DECIMAL, Kind.YEAR, Kind.DURATION}:
        remedy = share_of_what(said, operator.words, share)
        symbols.error("E205", f"“{_bare(right)}”没有说是哪个数的", span, remedy)
        return True
    if kind is Kind.SET and isinstance(right, surface.Quantity) and not isinstance(first, core.DecisionValue):
        remedy = f"比有几个值，写成 计数 {said} {operator.words} {one_line(right.span.text)}"
        symbols.error("E204", f"{said} 是几个值，不是数", span, remedy)
        return True
    if kind in NUMERIC and isinstance(right, surface.Text):
        figure = spoken.value(right.text)
        remedy = "删去引号，写一个数" if figure is None else f"写成 {figure}"
        symbols.error("E204", f"“{_bare(right)}”是一段文字，数不加引号", right.span, remedy)
        return True
    shown = "".join(_bare(right).split()) if kind is Kind.DATE and isinstance(right, surface.Quantity) else ""
    timed = time_said(shown) if re.match("[0-9]+年[0-9]+月", shown) is not None else None
    if timed is not None and timed[0] == "month":
        from_, to = (f"{said} {operator.words} {each}" for each in timed[1].split("|"))
        remedy = f"写明是哪一天：从月初算起的写“{from_}”，算到月底的写“{to}”"
        symbols.error("E204", f"“{shown}”不是日期", span, remedy)
        return True
    if kind is Kind.DATE and (day := _day(right)) is not None:
        symbols.error("E204", f"“{_bare(right)}”不是日期", right.span, f"写成 {day}")
        return True
    if (
        kind is Kind.DATE
        and isinstance(right, surface.Quantity)
        and right.unit in (None, "年度", "年份")
        and 1900 <= right.number < 2200
    ):
        message = f"“{_bare(right)}”不是日期"
        symbols.error("E204", message, span, f"写成 {said} 之年 {operator.words} {number_text(right.number)}年")
        return True
    return _between_dates(symbols, left, first, right, operator, span)


def _share(symbols: Symbols, node: surface.Expr) -> str | None:
    """A share in words, as the language writes it: 半数, 三成, 三分之二, 8 折."""
    if isinstance(node, surface.Quantity):
        found = None if node.unit is None or node.unit in ("倍", "%") else part(node.number, node.unit)
        return None if found is None else percent(found)
    word = _undeclared(symbols, node) if isinstance(node, surface.Ref) else None
    shown = None if word is None else spoken.written(word)
    return shown if shown is not None and (shown.endswith("%") or "÷" in shown) else None


def _bare(node: surface.Expr) -> str:
    return one_line(node.text if isinstance(node, surface.Text) else node.span.text)


def _day(node: surface.Expr) -> str | None:
    """A day written as a number or in quotes: 20250101, “2025-01-01”."""
    text = node.text if isinstance(node, surface.Text) else ""
    if isinstance(node, surface.Quantity) and node.unit is None and node.number >= 10**7:
        text = str(node.number)
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        day = datetime.date(*map(int, found.groups()))
    except ValueError:
        return None
    return date_text(day)


def _between_dates(
    symbols: Symbols, left: surface.Expr, first: core.Expr, right: surface.Expr, operator: Operator, span: Span
) -> bool:
    """评估日 - 停产日 ≥ 1 年: days between two dates are no months."""
    while isinstance(left, surface.Paren):
        left = left.inner
    if not (isinstance(first, core.Apply) and first.operator is DAYS_BETWEEN and isinstance(left, surface.Sum)):
        return False
    if not isinstance(right, surface.Quantity) or len(left.rest) != 1 or right.unit in DAY_UNITS:
        return False
    if right.unit not in MONTH_UNITS:
        return False
    later, earlier = one_line(left.first.span.text), one_line(left.rest[0][1].span.text)
    remedy = f"写成 {later} {operator.words} {earlier} + {one_line(right.span.text)}"
    symbols.error("E205", "两个日期相差的是天数，天与月、年不能换算", span, remedy)
    return True


def in_a_set(node: surface.In) -> str:
    """How 成因 属于 { 资金 } is written of what has several values."""
    left, right = one_line(node.left.span.text), node.right
    if isinstance(right, surface.SetLiteral) and not right.open and not right.without:
        listed = "、".join(one_line(item.span.text) for item in right.items)
        if node.negated or len(right.items) == 1:
            return f"写成 {left} {'不含' if node.negated else '含'} {listed}"
    return f"写成 {'非 ' if node.negated else ''}{left} 含任一 {one_line(right.span.text)}"


def subject_left_out(
    symbols: Symbols, operands: Sequence[surface.Expr], types: Sequence[Type | None], *, every: bool
) -> bool:
    """Report 效益 为 好 或 差, where 差 is a value of 效益; ``types``: of what stands left of 为 in each, None elsewhere;
    ``every``: whether 且 stands between them."""
    for at, (one, type_) in enumerate(zip(operands, types, strict=True)):
        said = _valued(one)
        if said is None or type_ is None:
            continue
        values = []
        for other in operands[at + 1 :]:
            word = _undeclared(symbols, other) if isinstance(other, surface.Ref) else None
            word = other.text if isinstance(other, surface.Text) else word
            value = None if word is None else value_called(word, type_.values or ())
            if value is None:
                break
            values.append(value)
        if not values:
            continue
        left, first, negated = said
        span = Span(one.span.source, one.span.start, operands[at + len(values)].span.end)
        called = [value_called(each, type_.values or ()) or each for each in first]
        name, listed = one_line(left.span.text), "、".join([*called, *values])
        if type_.kind is not Kind.SET:
            told = f"{name} {'不属于' if negated else '属于'} {{ {listed} }}"
        elif negated or every:
            told = f"{name} {'不含' if negated else '含'} {listed}"
        else:
            told = f"{name} 含任一 {{ {listed} }}"
        symbols.error("E204", f"“{values[0]}”是 {name} 的一个值，不是条件", span, f"写成 {told}")
        return True
    return False


def valued(node: surface.Expr) -> surface.Expr | None:
    """What stands left of 为, 含 or = where a value stands to the right."""
    found = _valued(node)
    return None if found is None else found[0]


def _valued(node: surface.Expr) -> tuple[surface.Expr, list[str], bool] | None:
    match node:
        case surface.Is(left, value, negated):
            return left, [word_text(value) or one_line(value.span.text)], negated
        case surface.Has(left, values, negated):
            return left, [word_text(value) or one_line(value.span.text) for value in values], negated
        case surface.Infix(operator, left, surface.Ref((surface.Name(text),))) if operator in (EQUAL, NOT_EQUAL):
            return left, [text], operator is NOT_EQUAL
        case _:
            return None


def bounded_behind(symbols: Symbols, node: surface.Expr, type_: Type, frames: tuple[str, ...]) -> bool:
    """Whether a date is bounded by what was read as when the provision is in force, 停产日 自 2024年1月1日 起; it is reported."""
    rest = node.span.source.text[node.span.end : node.span.end + _FOLLOWING].partition("\n")[0].partition("#")[0]
    rest = rest.rstrip()
    if type_.kind is not Kind.DATE or re.match(r"\s*[自至]\s", rest) is None:
        return False
    said = meant(symbols, frames[-1], node.span.text + rest)
    if said is None:
        return False
    whole = Span(node.span.source, node.span.start, node.span.end + len(rest))
    symbols.error(
        "E204", f"“{one_line(whole.text)}”不是条件：“{one_line(rest).strip()}”说的是规定本身的有效期", whole, said
    )
    return True


def other_field_said(symbols: Symbols, node: surface.Is, frames: tuple[str, ...]) -> bool:
    """Whether a text is said to be what is a name of its own, 所在县 为 脱贫县; it is reported."""
    name = word_text(node.value)
    at = next((one for one in symbols.line(frames[-1]) if name in symbols.objects[one].fields), None)
    if name is None or at is None or isinstance(node.value, surface.Text):
        return False
    kind, left = symbols.objects[at].fields[name].type.kind, one_line(node.left.span.text)
    if kind is Kind.BOOL:
        shown = name if at == frames[-1] else f"{at}.{name}"
        remedy = f"写成 {'非 ' if node.negated else ''}{shown}；问{left}是不是叫这个的，写 {left} 为 “{name}”"
    elif kind in (Kind.TEXT, Kind.ENUM):
        remedy = f"写成 {left} {'≠' if node.negated else '='} {name}"
    else:
        return False
    symbols.error("E204", f"{name}是{at}的字段，不是一段文字", node.span, remedy)
    return True


def day_said(symbols: Symbols, node: surface.Is | surface.In, frames: tuple[str, ...]) -> bool:
    """Whether a day or a year is put as in a document, 建成日 为 上年度; it is reported."""
    said = None if node.negated else meant(symbols, frames[-1], node.span.text)
    if (
        said is None
        or said == f"写成“{one_line(node.span.text)}”"
        or (isinstance(node, surface.Is) and isinstance(node.value, surface.DateLiteral))
    ):
        return False
    symbols.error("E204", f"“{one_line(node.span.text)}”说的不是哪一天", node.span, said)
    return True


def kind_asked(symbols: Symbols, left: surface.Expr, span: Span, frames: tuple[str, ...]) -> bool:
    """Whether what is asked of a kind of object is understood, 资金 未填, 县 属于 脱贫县; it is reported."""
    name = left.parts[0].text if isinstance(left, surface.Ref) and len(left.parts) == 1 else ""
    named = name in symbols.objects and name not in visible_names(symbols, symbols.line(frames[-1]))
    said = meant(symbols, frames[-1], span.text) if named else None
    if said is None:
        return False
    symbols.error("E208", f"{name}是一种对象，不能直接当值用", span, said)
    return True


def several_said(symbols: Symbols, word: str, type_: Type, span: Span, frames: tuple[str, ...]) -> bool:
    """Whether a word holds several values, or all but one, 为 好或差, 为 除好以外的; it is reported."""
    if word in (type_.values or (word,)) or re.search("或|和|及|与|除|外", word) is None or symbols.declares(word):
        return False
    said = meant(symbols, frames[-1], span.text)
    if said is None:
        return False
    symbols.error("E206", f"“{one_line(word)}”不在取值之内", span, said)
    return True

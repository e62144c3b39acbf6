"""Words for nodes and values, known or not, as explanations and blanks show them.

Why this exists: what is asked for and what is explained must be worded alike.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any, Final

from policyrules.engine import values as v
from policyrules.engine.decisions import State
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part
from policyrules.results import STATUS_NAMES, candidate_text
from policyrules.text import some
from policyrules.types import Kind, Type, Value, bare_number, canonical, simplify, value_text


def node_text(node: core.Expr | Folded) -> str:
    """The words of a node as the file has them, white space collapsed; of what nobody wrote (what several layers wrote
    taken together, a provision without 当), what it means."""
    match node:
        case Part(body):
            return node_text(body)
        case Junction():
            words = ""
        case _:
            words = " ".join(node.span.words.split())
    if words:
        return words
    match node:
        case core.Constant(value=True):
            return "一律适用"
        case core.Any() | Junction(every=False):
            return "满足其中一项"
        case _:
            return "同时满足"


def shown_type(node: core.Expr | Junction) -> Type:
    """The type a value is shown in: that of the node, a bare count with its counting word."""
    if isinstance(node, core.Apply) and node.operator.counts:
        return Type(Kind.INTEGER, node.operator.counts)
    return node.type


def value_name(node: core.FieldValue | core.TermValue | core.AmountValue) -> str:
    """The name of the field, term or amount that a statistic is over."""
    return node.field.name if isinstance(node, core.FieldValue) else node.name


def unwritten(node: core.Expr | Folded) -> bool:
    """Whether nobody wrote the condition: a provision without 当 always applies."""
    return isinstance(node, core.Constant) and node.value is True and not node.span.text


def row_holders(program: core.Program, object_: str) -> tuple[str, ...]:
    """Who would know the rows of ``object_``: the holders of its fields where they are the same for all, else nobody."""
    declared = dict.fromkeys(field.holders for field in program.fields[object_].values() if field.holders)
    return next(iter(declared)) if len(declared) == 1 else ()


def truth_text(truth: Truth) -> str:
    """是, 否 or 未知."""
    return "未知" if truth is None else "是" if truth else "否"


def told_text(value: Value, type_: Type) -> str:
    """A known value with its unit; a number without a finite decimal also rounded.

    >>> told_text(Fraction(1, 3), Type(Kind.RATIO)), told_text(Fraction(1, 4), Type(Kind.RATIO))
    ('100/3%（约 33.33%）', '25%')
    """
    text = value_text(value, type_)
    if not isinstance(value, Fraction) or "/" not in text:
        return text
    if type_.kind is Kind.RATIO:
        rounded = simplify(round(value * 100, 2) / 100)
    else:
        rounded = canonical(round(Fraction(bare_number(value, type_)), 2), type_)
    return f"{text}（约 {value_text(rounded, type_)}）"


def abstract_text(value: Abstract, type_: Type) -> str:
    """A value, known or not, as people read it.

    >>> abstract_text(v.Interval(1, None), Type(Kind.INTEGER)), abstract_text(v.Candidates(("甲", "乙")), Type(Kind.ENUM))
    ('未知（不小于 1）', '未知（甲、乙 之一）')
    """
    match value:
        case None:
            return "未知"
        case v.Void():
            return "不存在"
        case v.Interval(low, high, void):
            low_text = None if low is None else told_text(low, type_)
            high_text = None if high is None else told_text(high, type_)
            if low_text and high_text:
                text = low_text if low == high else f"{low_text} 至 {high_text}"
            elif low_text:
                text = f"不小于 {low_text}"
            else:
                text = f"不大于 {high_text}" if high_text else ""
            notes = [part for part in (text, "或不存在" if void else "") if part]
            return f"未知（{'，'.join(notes)}）" if notes else "未知"
        case v.Candidates(options):
            # A closed list that is short helps; the whole of a long one does not.
            if options is None or len(options) > 6:
                return "未知"
            return f"未知（{'、'.join(_candidate(option, type_) for option in options)} 之一）"
        case v.SetRange(certain):
            return f"未知（至少 {value_text(certain, type_)}）" if certain else "未知"
        case _:
            return told_text(value, type_)


def state_text(state: State, decision: core.Decision) -> str:
    """What a decision came to, as people read it."""
    match state.status:
        case "determined":
            shown = state.certain if decision.mode == "多选" else tuple(map(candidate_text, state.candidates))
            return "、".join(shown) or "（没有）"
        case "none" | "not_applicable":
            return STATUS_NAMES[state.status]
        case _:
            listed = "、".join(candidate_text(candidate) for candidate in state.candidates)
            return f"{STATUS_NAMES[state.status]}：{listed}"


def amount_text(value: Abstract, type_: Type) -> str:
    """What a rule gives, as people read it: a value, or from what to what.

    >>> amount_text(v.Interval(0, 50_000), Type(Kind.MONEY, "万元")), amount_text(30_000, Type(Kind.MONEY, "万元"))
    ('0 至 5 万元', '3 万元')
    """
    if not isinstance(value, v.Interval):
        if isinstance(value, v.Void):
            return "无"
        return value_text(value, type_) if isinstance(value, (int, Fraction)) else abstract_text(value, type_)
    low = None if value.low is None else value_text(value.low, type_)
    high = None if value.high is None else value_text(value.high, type_)
    day = type_.kind is Kind.DATE
    if low is None:
        unknown = "哪一天未知" if day else "多少未知"
        return unknown if high is None else f"{'不晚于' if day else '至多'} {high}"
    if high is None:
        return f"{'不早于' if day else '至少'} {low}"
    if low == high:
        return low
    unit = f" {type_.unit}" if type_.unit and type_.kind is not Kind.YEAR else ""
    return f"{low.removesuffix(unit)} 至 {high}"


def _candidate(option: Any, type_: Type) -> str:
    return value_text(option, type_) if isinstance(option, bool) else candidate_text(option)


_MOST_LOOKED: Final = 400
_MOST_DAYS: Final = 6


def days_between(
    start: datetime.date, end: datetime.date, holidays: Collection[object], worked: Collection[object]
) -> str:
    """Which days from ``start``, which is not counted itself, to ``end`` are no working days, and which are worked all the
    same; '' where there are none, or so many that nobody would read them.

    >>> day = datetime.date
    >>> days_between(day(2025, 4, 24), day(2025, 4, 30), [day(2025, 4, 28)], [day(2025, 4, 27)])
    '不计 4月26日（周末）、4月28日（节假日）；4月27日调休上班，照计'
    """
    step = datetime.timedelta(1 if end >= start else -1)
    if abs((end - start).days) > _MOST_LOOKED:
        return ""
    weekend: list[str] = []
    closed: list[str] = []
    open_: list[str] = []
    day = start
    while day != end:
        day += step
        name = f"{day.month}月{day.day}日"
        if day in worked:
            if day.weekday() >= 5:
                open_.append(name)
        elif day in holidays:
            closed.append(name)
        elif day.weekday() >= 5:
            weekend.append(name)
    free = [
        f"{some(days, _MOST_DAYS, '天')}（{kind}）" for days, kind in ((weekend, "周末"), (closed, "节假日")) if days
    ]
    said = [f"不计 {'、'.join(free)}"] if free else []
    said += [f"{some(open_, _MOST_DAYS, '天')}调休上班，照计"] if open_ else []
    return "；".join(said)


LACKS_YEARS: Final = "节假日清单没有列到那一年"
_DETAILS: Final[dict[str, str]] = {
    "unlisted": "“{}” 未列举，须认定",
    "presumptions differ": "推定不一致",
    "undefined": "无法确定",
    "divisor zero": "除数为 0",
    "no row": "没有符合条件的行",
    "rows differ": "符合条件的行不止一行，且值不同",
    "place": "组合第 {} 条",
    "year not listed": "没有 {} 年的日子",
}


def blank_detail(name: str, *values: object) -> str:
    """What a blank says beside its name, in words.

    >>> blank_detail("place", 2)
    '组合第 2 条'
    """
    return _DETAILS[name].format(*values)


def others_text(open: int, lists: int, rows: str, called: Sequence[str], more: bool) -> str:
    """What other records leave open: how many of them, or of their ``rows``, and of lists of these that were not supplied;
    then what the first records are called.

    >>> others_text(2, 0, "", ("甲", "乙"), False)
    '另有 2 条记录未定（甲、乙）'
    >>> others_text(3, 1, "资金", ("甲", "乙", "丙"), True)
    '另有 3 行资金未定、1 处未附资金（甲、乙、丙 等）'
    """
    said = [f"{open} 行{rows}未定" if rows else f"{open} 条记录未定"] if open else []
    said += [f"{lists} 处未附{rows}"] if lists else []
    return f"另有 {'、'.join(said)}（{'、'.join(called)}{' 等' if more else ''}）"

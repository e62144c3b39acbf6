"""Words for nodes and values, known or not, as explanations and blanks show them.

Why this exists: what is asked for and what is explained must be worded alike.
"""

from __future__ import annotations

from typing import Any, assert_never

from policyrules.engine import values as v
from policyrules.engine.outcome import candidate_text
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as n
from policyrules.types import BOOL, Kind, Type, value_text


def node_text(node: n.Expr) -> str:
    """The words of a node as the file has them, white space collapsed; of a condition that nobody wrote, because its
    provision has no 当, what it means."""
    words = " ".join(node.span.text.split())
    if words:
        return words
    match node:
        case n.Sourced(body=body):
            return node_text(body)
        case n.Constant(value=True):
            return "一律适用"
        case n.Any():
            return "满足其中一项"
        case _:
            return "同时满足"


def row_holders(program: n.Program, object_: str) -> tuple[str, ...]:
    """Who would know the rows of ``object_``: the holders of its fields where they are the same for all, else nobody."""
    declared = dict.fromkeys(field.holders for field in program.fields[object_].values() if field.holders)
    return next(iter(declared)) if len(declared) == 1 else ()


def truth_text(truth: Truth) -> str:
    """是, 否 or 未知."""
    return "未知" if truth is None else "是" if truth else "否"


def abstract_text(value: Abstract, type_: Type) -> str:
    """A value, known or not, as people read it.

    >>> abstract_text(v.Interval(1, None), Type(Kind.INTEGER)), abstract_text(v.Candidates(("甲", "乙")), BOOL)
    ('未知（不小于 1）', '未知（甲、乙 之一）')
    """
    match value:
        case None:
            return "未知"
        case v.Void():
            return "不存在"
        case v.Interval(low, high, void):
            low_text = None if low is None else value_text(low, type_)
            high_text = None if high is None else value_text(high, type_)
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
            return value_text(value, type_)


def _candidate(option: Any, type_: Type) -> str:
    return value_text(option, type_) if isinstance(option, bool) else candidate_text(option)


def type_of(node: n.Expr) -> Type:
    """The type a value is shown in."""
    match node:
        case n.FieldValue(field=field):
            return field.type
        case n.AsOf() | n.DateShift():
            return Type(Kind.DATE)
        case n.DateDifference():
            return Type(Kind.DURATION, "天")
        case n.SetSize():
            return Type(Kind.INTEGER, "个")
        case n.Sourced(body=body):
            return type_of(body)
        case (
            n.Constant(type=type_)
            | n.ParameterValue(type=type_)
            | n.TermValue(type=type_)
            | n.StatisticValue(type=type_)
            | n.DecisionValue(type=type_)
            | n.Sum(type=type_)
            | n.Product(type=type_)
            | n.Aggregate(type=type_)
            | n.Choose(type=type_)
            | n.Fallback(type=type_)
        ):
            return type_
        case (
            n.Not()
            | n.All()
            | n.Any()
            | n.AtLeast()
            | n.Compare()
            | n.Member()
            | n.Contains()
            | n.Overlaps()
            | n.DecisionIs()
            | n.DecisionHas()
            | n.FieldFilled()
            | n.ParameterFilled()
            | n.Elapsed()
            | n.Quantified()
        ):
            return BOOL
        case _:
            assert_never(node)

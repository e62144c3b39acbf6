"""Values and expressions of the surface tree: what stands inside a clause, before any name is resolved.

Why this exists: the formatter, the checker and the editor need what was written; execution never reads this tree.

Invariants: nodes are frozen and slotted; children are tuples; ``span`` takes no part in equality; an `And` never holds
a bare `Or`, nor an `Or` a bare `And` (mixing is a diagnostic, brackets give a `Paren`).
"""

from __future__ import annotations

import dataclasses
import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.operators import Operator
from policyrules.source import Span


@frozen
class Name:
    """A word that names something: folded, without brackets."""

    text: str
    span: Span = dataclasses.field(compare=False, repr=False)


# ---- values ---------------------------------------------------------------------------------------------------------


@frozen
class Quantity:
    """A number, with its unit (``万元``, ``个月``, ``%``, ``户``) or None. ``60%`` is number 60, unit ``%``."""

    number: int | Fraction
    unit: str | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class DateLiteral:
    """A whole date."""

    date: datetime.date
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Text:
    """A quoted text, without its outer quotes."""

    text: str
    span: Span = dataclasses.field(compare=False, repr=False)


Literal_: TypeAlias = Name | Quantity | DateLiteral | Text
"""A value as written right of 为/属于/含: a word, a number with unit, a date, a quoted text."""


@frozen
class Days:
    """``2026年2月15日 至 2026年2月23日`` among the values of a set: every day from the first to the last."""

    first: DateLiteral
    last: DateLiteral
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class SetLiteral:
    """``{ a、b、等 }``; ``open`` when it ends in 等. ``{ a、等，不含 b }``: ``without`` is what surely does not belong."""

    items: tuple[Literal_ | Days, ...]
    open: bool
    span: Span = dataclasses.field(compare=False, repr=False)
    without: tuple[Literal_, ...] = ()


# ---- expressions ----------------------------------------------------------------------------------------------------


@frozen
class Ref:
    """A name, or ``对象.名称`` / ``本.名称`` (two parts)."""

    parts: tuple[Name, ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Paren:
    """An expression in plain brackets."""

    inner: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Not:
    operand: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class And:
    """``a 且 b 且 c``, or 同时满足（…；…） when ``grouped``."""

    operands: tuple[Expr, ...]
    grouped: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Or:
    """``a 或 b 或 c``, or 任一满足（…；…） when ``grouped``."""

    operands: tuple[Expr, ...]
    grouped: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class AtLeast:
    """至少 k 项（…；…）."""

    count: int
    operands: tuple[Expr, ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Infix:
    """``左 ≥ 右``, ``起始日 起满 期间``: an operator of `operators.INFIX` between two operands."""

    operator: Operator
    left: Expr
    right: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Postfix:
    """``日期 之年``, ``日期 之月末``: an operator of `operators.POSTFIX` behind its operand."""

    operator: Operator
    operand: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Yearly:
    """``每年 10月31日``, ``每年 10月31日 起算 日期``: a day that comes every year."""

    month: int
    day: int
    since: Expr | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Is:
    """``左 为 值`` / ``左 不为 值``."""

    left: Expr
    value: Literal_
    negated: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class In:
    """``左 属于 {…}`` or ``左 属于 名称`` (a list or a 多选 parameter); ``不属于`` when negated."""

    left: Expr
    right: SetLiteral | Ref
    negated: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Has:
    """``左 含 a、b`` (all of them) / ``左 不含 a`` (none of them)."""

    left: Expr
    values: tuple[Literal_, ...]
    negated: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class HasAny:
    """``左 含任一 {…}`` or ``左 含任一 本.投向内容``."""

    left: Expr
    right: SetLiteral | Ref
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class HasOnly:
    """``左 全部属于 {…}`` or ``左 全部属于 本.投向内容``."""

    left: Expr
    right: SetLiteral | Ref
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Less:
    """``左 除去 {…}``: a set without some of its values."""

    left: Expr
    right: SetLiteral | Ref
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Between:
    """``左 介于 a 至 b``, both ends included."""

    left: Expr
    low: Expr
    high: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Filled:
    """``名称 已填`` / ``未填`` when negated."""

    ref: Ref
    negated: bool
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Sum:
    """``a + b − c``, n-ary: the first operand, then (sign, operand)."""

    first: Expr
    rest: tuple[tuple[Literal["+", "-"], Expr], ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Product:
    """``a × b ÷ c``, n-ary."""

    first: Expr
    rest: tuple[tuple[Literal["×", "÷"], Expr], ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Negative:
    operand: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Quantifier:
    """``任一 其他 资金 满足（…）`` / ``全部 资产 满足（…）``."""

    kind: Literal["任一", "全部"]
    other: bool
    object: Name
    body: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Aggregate:
    """``计数 资产 其中（…）``, ``合计 资金.金额``, ``最大``, ``最小``, ``取`` (the one matching row's cell)."""

    kind: Literal["计数", "合计", "最大", "最小", "取"]
    other: bool
    object: Name
    field: Name | None
    where: Expr | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Named:
    """``{户数 = 10 户}``: a number or a date that a 试验 gives a name."""

    name: Name
    value: Quantity | DateLiteral
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Extreme:
    """``取小（a；b）``, ``取大（a；b）`` (``largest``)."""

    largest: bool
    operands: tuple[Expr, ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Branch:
    """``值、值：表达式`` of 视."""

    values: tuple[Literal_, ...]
    body: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Choose:
    """``视 选择项（值：…；值：…）``."""

    selector: Expr
    branches: tuple[Branch, ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Fallback:
    """``首选 a，缺则 b``."""

    first: Expr
    second: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


Expr: TypeAlias = (
    Quantity
    | DateLiteral
    | Text
    | Ref
    | Paren
    | Not
    | And
    | Or
    | AtLeast
    | Infix
    | Postfix
    | Yearly
    | Is
    | In
    | Has
    | HasAny
    | HasOnly
    | Less
    | Between
    | Filled
    | Sum
    | Product
    | Negative
    | Quantifier
    | Aggregate
    | Extreme
    | Named
    | Choose
    | Fallback
)

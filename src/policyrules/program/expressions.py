"""The expressions of the typed program: what conditions, amounts and days are made of, and the inputs that they read.

Why this exists: every engine and every analysis has an arm for each of these; declarations (`nodes`) hold them.

Invariants: as those of `nodes`. Every node carries its type and the place it was written at; conditions are all of one type, so
theirs is a constant of the class. A node has no behaviour; what is below it is listed once, in `walk.children`.
"""

from __future__ import annotations

import datetime
from dataclasses import field as described
from typing import ClassVar, Final, Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.operators import Operator
from policyrules.program.provenance import Origin
from policyrules.source import Span
from policyrules.types import BOOL, DATE, YEAR, Number, Type, Value

__all__ = [
    "UNSAID",
    "Aggregate",
    "All",
    "AmountValue",
    "Any",
    "Apply",
    "AsOf",
    "AsOfYear",
    "At",
    "AtLeast",
    "Children",
    "Choose",
    "Constant",
    "Contains",
    "DecisionHas",
    "DecisionIs",
    "DecisionValue",
    "Expr",
    "Extreme",
    "Fallback",
    "Field",
    "FieldValue",
    "Filled",
    "Holding",
    "Less",
    "ListRef",
    "Literals",
    "Member",
    "Not",
    "Overlaps",
    "ParameterFilled",
    "ParameterRef",
    "ParameterValue",
    "Present",
    "Product",
    "Quantified",
    "Sign",
    "StatisticValue",
    "Subset",
    "Sum",
    "Supplied",
    "TermValue",
    "Times",
    "ValueSet",
    "Yearly",
]

UNSAID: Final = {"unsaid": True}
"""Marks a field that came later: empty it says nothing and is no part of a fingerprint, which so stays what it was."""


@frozen
class Field:
    """An input of an object. ``low``/``high`` are canonical bounds (both included) or None; ``holders`` would know it."""

    object: str
    name: str
    key: str
    type: Type
    judged: bool
    low: Number | datetime.date | None
    high: Number | datetime.date | None
    holders: tuple[str, ...]
    group: str | None
    origin: Origin = described(compare=False, repr=False)


@frozen
class At:
    """An instance, seen from inside an expression: frame ``frame`` (0 is the object the declaration speaks of, each
    quantifier or aggregate adds one), then ``up`` steps to its parent."""

    frame: int
    up: int


@frozen
class Constant:
    value: Value
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class AsOf:
    """评估日."""

    type: ClassVar[Type] = DATE
    span: Span = described(compare=False, repr=False)


@frozen
class AsOfYear:
    """当年: the year of 评估日; 上年: the one ``back`` = 1 before."""

    back: int
    type: ClassVar[Type] = YEAR
    span: Span = described(compare=False, repr=False)


@frozen
class FieldValue:
    at: At
    field: Field
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class ParameterValue:
    name: str
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class TermValue:
    at: At
    name: str
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class StatisticValue:
    """A portfolio aggregate. ``at``: the row whose keys say which group is meant; None: the record under evaluation."""

    name: str
    type: Type
    at: At | None = described(metadata=UNSAID)
    span: Span = described(compare=False, repr=False)


@frozen
class DecisionValue:
    """A 单选 or 由宽到严 decision as the selector of `Choose`."""

    at: At
    name: str
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class AmountValue:
    """What a decision of an amount comes to; void where it is 无 or 不适用."""

    at: At
    name: str
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Not:
    operand: Expr
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class All:
    operands: tuple[Expr, ...]
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Any:
    operands: tuple[Expr, ...]
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class AtLeast:
    count: int
    operands: tuple[Expr, ...]
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Apply:
    """A function of the language, applied: a comparison, 起满, a date moved by a period ... ``operator`` is its record
    in `operators`; the operands are checked to be of its signature."""

    operator: Operator
    operands: tuple[Expr, ...]
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Yearly:
    """每年: the first such day on or after ``since``; that of the year of 评估日 where ``since`` is None. Where a year has
    no such day (29 February), the last of the month."""

    month: int
    day: int
    since: Expr | None
    type: ClassVar[Type] = DATE
    span: Span = described(compare=False, repr=False)


@frozen
class Literals:
    """Values written out, in the order written; ``open`` (等): an unlisted value is unknown, not false, but for those that
    surely do not belong (``without``)."""

    items: tuple[Value, ...]
    open: bool = False
    without: tuple[Value, ...] = described(default=(), metadata=UNSAID)


@frozen
class ListRef:
    """The values of a 清单."""

    name: str


@frozen
class ParameterRef:
    """The values of a 多选 parameter."""

    name: str


ValueSet: TypeAlias = Literals | ListRef | ParameterRef
"""What stands right of 属于 / 含任一 / 全部属于 / 除去."""


@frozen
class Member:
    """A scalar 为 / 属于 values; negated for 不为 / 不属于 (a void number is neither among them nor another value)."""

    left: Expr
    right: ValueSet
    negated: bool
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Contains:
    """A set 含 all of ``values``; negated (不含): none of them."""

    left: Expr
    values: tuple[str, ...]
    negated: bool
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Overlaps:
    """A set 含任一 of a value set or of another set expression."""

    left: Expr
    right: ValueSet | Expr
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Subset:
    """A set 全部属于 a value set or another set expression: it holds nothing else."""

    left: Expr
    right: ValueSet | Expr
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Less:
    """A set 除去 a value set or another set expression: a set again, without what belongs there."""

    left: Expr
    right: ValueSet | Expr
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class DecisionIs:
    """A 单选 or 由宽到严 decision 为 / 属于 values; None among ``items`` stands for 无. Negated for 不为 / 不属于: every
    candidate is another one (a decision that is not applicable fails both)."""

    at: At
    decision: str
    items: tuple[str | None, ...]
    negated: bool
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


Holding: TypeAlias = Literal["all", "any", "none", "only"]


@frozen
class DecisionHas:
    """A 多选 decision and some of its ``values``: 含 all of them, 含任一 any, 不含 none, 全部属于 none but them."""

    at: At
    decision: str
    values: tuple[str, ...]
    how: Holding
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Filled:
    """已填 of a cell (未填 when negated): it sees the blank itself, so it is never unknown."""

    at: At
    field: Field
    negated: bool
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class ParameterFilled:
    """已填: the text fixes it, a layer set it, or the caller gave it; a mere 缺省 is still 未填."""

    name: str
    negated: bool
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Present:
    """Whether a cell holds something that 首选 can use: what is presumed is present, and under an unknown condition
    perhaps present. Of a term: whether all that its body reads is present (`Term.present`)."""

    operand: FieldValue | TermValue
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Supplied:
    """Whether a list of rows was supplied; an empty one was."""

    rows: Children
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


Sign: TypeAlias = Literal[1, -1]
Times: TypeAlias = Literal["×", "÷"]


@frozen
class Sum:
    """Numbers of one family, with their signs."""

    terms: tuple[tuple[Sign, Expr], ...]
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Product:
    """Factors and divisors, applied from left to right."""

    factors: tuple[tuple[Times, Expr], ...]
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Extreme:
    """取小 or 取大 (``largest``) of numbers of one family, or of dates."""

    largest: bool
    operands: tuple[Expr, ...]
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Children:
    """The rows of ``object`` that belong to the instance at ``at``; ``other``: without the instance of frame
    ``exclude`` (其他)."""

    at: At
    object: str
    exclude: int | None


@frozen
class Quantified:
    """任一 (``every`` False) / 全部 (True) rows satisfy ``body``, which sees the row as one more frame."""

    every: bool
    rows: Children
    body: Expr
    type: ClassVar[Type] = BOOL
    span: Span = described(compare=False, repr=False)


@frozen
class Aggregate:
    """计数 (no ``value``), 合计, 最大, 最小, 取 of ``value`` over the rows where ``where`` holds; both see the row as one
    more frame. 最大/最小 of no row is void: it meets no comparison. 取 of no row is absent (see `Fallback`)."""

    kind: Literal["计数", "合计", "最大", "最小", "取"]
    rows: Children
    value: Expr | None
    where: Expr | None
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Choose:
    """视: the branch of the selector's value; an unknown selector gives what the branches still possible agree on."""

    selector: Expr
    branches: tuple[tuple[tuple[Value | None, ...], Expr], ...]
    type: Type
    span: Span = described(compare=False, repr=False)


@frozen
class Fallback:
    """首选 ``first``，缺则 ``second``. ``present`` says whether all that ``first`` reads is there (`presence`); where
    that is unknown the value is what both agree on."""

    present: Expr
    first: Expr
    second: Expr
    type: Type
    span: Span = described(compare=False, repr=False)


Expr: TypeAlias = (
    Constant
    | AsOf
    | AsOfYear
    | FieldValue
    | ParameterValue
    | TermValue
    | StatisticValue
    | DecisionValue
    | AmountValue
    | Not
    | All
    | Any
    | AtLeast
    | Apply
    | Yearly
    | Member
    | Contains
    | Overlaps
    | Subset
    | Less
    | DecisionIs
    | DecisionHas
    | Filled
    | ParameterFilled
    | Present
    | Supplied
    | Sum
    | Product
    | Extreme
    | Quantified
    | Aggregate
    | Choose
    | Fallback
)

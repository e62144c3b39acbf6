"""The typed program: what every engine, analysis and report reads, and nothing above it.

Why this exists: names, types and units are resolved once; layers are merged once; what remains is small, n-ary and
plain. Each condition keeps the layer, clause, file and line it came from (`Amended`, `Origin`).

Invariants (tested in ``tests/program/test_invariants.py``):

* every name in a node is a key of the program's tables; every `At` stays inside the frames of its place;
* ``and``/``or`` are n-ary with at least two operands; nesting is at most 64, flat width is not bounded;
* constants are canonical values of their type; comparisons have sides of one unit family;
* tables are in a canonical order that depends on neither file order nor hash seed;
* no definition reads itself, through any number of others (`graph`).
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import field as described
from typing import ClassVar, Final, Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.operators import Operator
from policyrules.readonly import ReadOnly
from policyrules.source import Span
from policyrules.types import BOOL, DATE, YEAR, Number, Type, Value

UNSAID: Final = {"unsaid": True}
"""Marks a field that came later: empty it says nothing and is no part of a fingerprint, which so stays what it was."""

# ---- provenance -----------------------------------------------------------------------------------------------------


@frozen
class Citation:
    """A clause a declaration rests on. ``clause`` is the id in ``clauses.yaml`` (``JX-2-3-panhuo-5``)."""

    layer: str
    clause: str
    place: str
    quote: str
    offices: tuple[str, ...] = ()


@frozen
class Origin:
    """Where something was written: layer, kind of declaration (``规则``, ``修订``, ``设定`` ...), its name, citations,
    the 释义 and 说明 lines, and the place in the file."""

    layer: str
    kind: str
    name: str
    citations: tuple[Citation, ...]
    readings: tuple[str, ...]
    notes: tuple[str, ...]
    span: Span = described(compare=False, repr=False)


@frozen
class Edit:
    """What a 试验 does to one declaration. ``act``: 改, 新增 or 去掉; ``kind`` and ``name`` of the declaration; ``old`` and ``new``: the
    words that are replaced and those that replace them, '' where there are none; ``authority``: whether the layer it varies may
    do this under the layers above it (不适用: none is above), ``note``: why not, or what is to be looked at; ``span``: its place in
    the trial; ``replaced``: that of the declaration it changes or takes away."""

    act: Literal["改", "新增", "去掉"]
    kind: str
    name: str
    old: str
    new: str
    authority: Literal["有", "无", "不适用"]
    note: str
    span: Span = described(compare=False, repr=False)
    replaced: Span | None = described(default=None, compare=False, repr=False)


@frozen
class Trial:
    """The 试验 that varies a stack: its id and title, the id of the layer that it varies, its edits in the order of their places,
    the parameters that numbers of it were named to be, and what is cited for what it writes (试验“…”)."""

    id: str
    title: str
    layer: str
    edits: tuple[Edit, ...]
    named: tuple[str, ...]
    said: str


# ---- declared things ------------------------------------------------------------------------------------------------


@frozen
class ObjectKind:
    """A kind of record. ``children`` are the names of the kinds that belong to it, in canonical order."""

    name: str
    key: str
    parent: str | None
    identity: str | None
    children: tuple[str, ...]
    origin: Origin


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


# ---- expressions ----------------------------------------------------------------------------------------------------
#
# Every node carries its type and the place it was written at. Conditions are all of one type, so theirs is a constant
# of the class. A node has no behaviour; what is below it is listed once, in `walk.children`.


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


# ---- conditions that lower layers amend -----------------------------------------------------------------------------

Operation: TypeAlias = Literal["还须", "仅限", "还应当", "还不得", "或者", "除外"]


@frozen
class Amendment:
    """One act on a condition: ``body`` as written (of 除外 the exception itself), by ``origin``."""

    operation: Operation
    body: Expr
    origin: Origin


@frozen
class Amended:
    """A condition and what was done to it: ``base`` as ``origin`` wrote it (None: no 当, it always holds), then the
    amendments in the order they are folded. The base's own 除外 are the first of them. Leaving amendments out gives the
    condition as it was before them; `amended.condition_of` is what all of them together mean."""

    base: Expr | None
    origin: Origin
    amendments: tuple[Amendment, ...] = ()


# ---- what evaluates -------------------------------------------------------------------------------------------------


Direction: TypeAlias = Literal["越高越严", "越低越严"]


@frozen
class Parameter:
    """A value that a layer fixes. ``value`` is what holds at the as-of date (None: unset); ``state`` how it came about:

    ``fixed`` the text (or a 自定 setting), ``default`` 缺省 not yet set, ``set`` by a lower layer or the caller,
    ``unset`` 未定. ``low``/``high``: the whole interval an unset number ranges over. ``setter``: who set it, or None.
    ``direction``: which way is stricter, where its 授权 says so.
    """

    name: str
    key: str
    reading: bool
    type: Type
    state: Literal["fixed", "default", "set", "unset"]
    value: Value | None
    low: Number | datetime.date | None
    high: Number | datetime.date | None
    origin: Origin
    setter: Origin | None
    direction: Direction | None = described(default=None, metadata=UNSAID)


@frozen
class ValueList:
    """清单 after 增列: words, or ``dates``; ``without``: of an open one, what surely does not belong."""

    name: str
    items: tuple[Value, ...]
    open: bool
    origins: tuple[Origin, ...]
    without: tuple[Value, ...] = described(default=(), metadata=UNSAID)

    @property
    def dates(self) -> bool:
        """Whether its values are dates."""
        return isinstance(next(iter(self.items), None), datetime.date)


@frozen
class Term:
    """A named expression on ``object`` (frame 0); ``present``: whether all that it reads is there (`presence`)."""

    name: str
    object: str
    type: Type
    body: Expr
    present: Expr
    origin: Origin


@frozen
class Statistic:
    """An aggregate over the portfolio, of records or of rows of ``object``. ``same``, ``where``, ``match``, ``value`` see a
    member as frame 0. ``match`` (符合) only for 占比; ``value`` for 合计 and 种数, and for a 占比 of amounts."""

    name: str
    key: str
    kind: Literal["计数", "占比", "合计", "种数"]
    object: str
    same: tuple[FieldValue | TermValue, ...]
    where: Expr | None
    match: Expr | None
    value: FieldValue | TermValue | AmountValue | None
    type: Type
    origin: Origin


@frozen
class Rank:
    """先后: ``values`` (of an amount the names of its rules) from first to last, where ``when`` holds (always when None)."""

    values: tuple[str, ...]
    when: Expr | None
    origin: Origin


Mode: TypeAlias = Literal["单选", "由宽到严", "多选", "单值", "累计"]


@frozen
class Limit:
    """不超过 or 不少于 of an amount; ``level``: index of the layer that wrote it, from the top; ``turn``: when it binds, what
    holds against others last."""

    kind: Literal["不超过", "不少于"]
    bound: Expr
    level: int
    origin: Origin
    turn: int = 0


@frozen
class Decision:
    """An output of ``object``. ``values`` in declared order (由宽到严: laxest first), 增列 included. ``rules`` are the names
    of its rules in canonical order; ``supplements`` of its 补充规则 in the order of their layers.

    An amount (单值, 累计) has no values but a ``type``, its 默认 in ``default_amount``, and ``limits``, upper layers first."""

    name: str
    key: str
    object: str
    mode: Mode
    values: tuple[str, ...]
    applies: Expr | None
    default: str | None
    ranks: tuple[Rank, ...]
    rules: tuple[str, ...]
    supplements: tuple[str, ...]
    origins: tuple[Origin, ...]
    type: Type | None = described(default=None, metadata=UNSAID)
    default_amount: Value | None = described(default=None, metadata=UNSAID)
    limits: tuple[Limit, ...] = described(default=(), metadata=UNSAID)


Tone: TypeAlias = Literal["应当", "重点", "支持", "鼓励", "引导", "可"]


@frozen
class Rule:
    """``when`` holds all amendments. ``level``: the place of its layer in `Program.layers`. ``origins``: its own, then each
    amendment's (还须, 重申 ...) in layer order. A supplement speaks where every rule of upper layers of that decision is
    false. ``amount``: what a rule of an amount concludes, which has no values."""

    name: str
    object: str
    decision: str
    values: tuple[str, ...]
    tone: Tone | None
    when: Amended
    supplement: bool
    level: int
    origins: tuple[Origin, ...]
    amount: Expr | None = described(default=None, metadata=UNSAID)


@frozen
class Duty:
    """义务 or 禁令 (``prohibition``). ``demand``: what must hold, or the forbidden condition; ``deadline``: the last day for
    it (期限); ``expiry``: a condition that ends the time for it, whatever the day (到期). ``reason`` (否则说明): of a 义务 that
    says 原则上应当, whether the cell that takes the reason is filled."""

    name: str
    object: str
    prohibition: bool
    when: Amended
    demand: Amended
    deadline: Expr | None
    expiry: Expr | None
    level: int
    origins: tuple[Origin, ...]
    reason: Filled | None = described(default=None, metadata=UNSAID)


@frozen
class Notice:
    """提示. ``message`` as it is written; ``pieces``: the same with its figures as expressions, empty where it has none."""

    name: str
    object: str
    when: Amended
    message: str
    level: int
    origins: tuple[Origin, ...]
    pieces: tuple[str | Expr, ...] = described(default=(), metadata=UNSAID)


@frozen
class PresumptionCase:
    """One 当 … 则 … of a 推定; ``level``: the place of its layer in `Program.layers`."""

    level: int
    when: Expr
    value: Value
    origin: Origin


@frozen
class Presumption:
    """All cases for one field, lowest layer first."""

    field: Field
    cases: tuple[PresumptionCase, ...]


@frozen
class Stopped:
    """A rule, duty, prohibition or notice that a lower layer stopped (停用), or an amendment that lapsed because its base
    is out of force (``lapsed``): kept for explanations and comparisons. ``decision``: what the rule concluded, so that
    the decision's explanation can show it; empty for the rest."""

    name: str
    origin: Origin
    by: Origin
    lapsed: bool
    decision: str = ""


@frozen
class Program:
    """One merged, typed, immutable program. Tables are mappings in canonical order, keyed by Chinese name; ``root`` is
    the object a record of a portfolio is, and a declaration speaks of where it names none.

    ``layers`` stand in an order that means nothing but that no layer extends a later one; ``siblings`` are the pairs of
    their places, the earlier first, of which neither extends the other. So of two layers the earlier one is above the
    later one unless they are siblings (`order.above`). ``trial``: the 试验 that varies the stack.

    The tables are dicts that nobody can write to: they compare, and they travel between processes."""

    as_of: datetime.date
    layers: tuple[str, ...]
    root: str
    objects: Mapping[str, ObjectKind]
    fields: Mapping[str, Mapping[str, Field]]
    parameters: Mapping[str, Parameter]
    lists: Mapping[str, ValueList]
    terms: Mapping[str, Term]
    statistics: Mapping[str, Statistic]
    decisions: Mapping[str, Decision]
    rules: Mapping[str, Rule]
    duties: Mapping[str, Duty]
    notices: Mapping[str, Notice]
    presumptions: Mapping[tuple[str, str], Presumption]
    stopped: tuple[Stopped, ...]
    siblings: tuple[tuple[int, int], ...] = described(default=(), metadata=UNSAID)
    trial: Trial | None = described(default=None, metadata=UNSAID)

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):
            table = getattr(self, each.name)
            if isinstance(table, dict) and not isinstance(table, ReadOnly):
                inner = {key: ReadOnly(own) if isinstance(own, dict) else own for key, own in table.items()}
                object.__setattr__(self, each.name, ReadOnly(inner))

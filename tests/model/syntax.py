"""The model's own tree of a policy: small, untyped in the small, shared with nothing in the package.

Why this exists: the model must not inherit a mistake of the package's parser or typed program, so it has a tree of its
own, from which text is printed (`printing`) and which is evaluated directly (`naive`).

Invariants: values are canonical as the language page has them (money in 元, ratios as fractions, 时长 in months or days);
``level`` numbers the layers, those that a layer extends before it; everything is frozen, so a policy can be printed and evaluated any number of
times.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

Value: TypeAlias = bool | int | Fraction | str | datetime.date | frozenset[str]
Kind: TypeAlias = Literal["是否", "枚举", "整数", "金额", "日期", "多选", "比例", "月", "天", "文本", "年", "工作日"]
Op: TypeAlias = Literal["=", "≠", "<", "≤", ">", "≥"]

WAN = 10_000


# ---- declarations of data -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bounded:
    """What a field and a parameter have in common: kind, values and bounds."""

    kind: Kind
    values: tuple[str, ...] = ()
    low: Value | None = None
    high: Value | None = None
    domain: tuple[Value, ...] = ()
    """A sample of the permitted values, all of them where they are few."""


@dataclass(frozen=True)
class FieldDecl:
    object: str
    name: str
    key: str
    type: Bounded
    level: int = 0
    judged: bool = False


@dataclass(frozen=True)
class Parameter:
    name: str
    key: str
    type: Bounded
    state: Literal["fixed", "default", "unset"]
    value: Value | None
    reading: bool = False
    level: int = 0
    dated: tuple[tuple[datetime.date, Value], ...] = ()
    """Values that begin later than ``value`` (which holds from ever): 自 … 起."""
    direction: Literal["越高越严", "越低越严"] | None = None


@dataclass(frozen=True)
class ListDecl:
    name: str
    items: tuple[str, ...]
    open: bool
    level: int = 0
    without: tuple[str, ...] = ()
    """Of an open list what surely does not belong."""


# ---- expressions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ref:
    """A field. ``how``: a bare name, ``对象.名称``, or ``本.名称``."""

    object: str
    name: str
    kind: Kind
    how: Literal["bare", "object", "self"] = "bare"


@dataclass(frozen=True)
class ParamRef:
    name: str
    kind: Kind


@dataclass(frozen=True)
class TermRef:
    name: str
    object: str
    kind: Kind


@dataclass(frozen=True)
class StatRef:
    """``object``: whose instance says which group is meant, the record or a row spoken of."""

    name: str
    kind: Kind
    object: str = "项目"


@dataclass(frozen=True)
class AsOf:
    kind: Kind = "日期"


@dataclass(frozen=True)
class Const:
    value: Value
    kind: Kind
    text: str


@dataclass(frozen=True)
class And:
    parts: tuple[Cond, ...]
    group: bool = False


@dataclass(frozen=True)
class Or:
    parts: tuple[Cond, ...]
    group: bool = False


@dataclass(frozen=True)
class Not:
    part: Cond


@dataclass(frozen=True)
class AtLeast:
    count: int
    parts: tuple[Cond, ...]


@dataclass(frozen=True)
class Cmp:
    op: Op
    left: Term_
    right: Term_


@dataclass(frozen=True)
class Between:
    left: Term_
    low: Term_
    high: Term_


@dataclass(frozen=True)
class Is:
    left: Term_
    value: Value
    text: str
    negated: bool = False


@dataclass(frozen=True)
class Within:
    """属于 listed ``items``, a 清单 or a 多选 parameter."""

    left: Term_
    items: tuple[str, ...]
    open: bool = False
    list: str | None = None
    parameter: str | None = None
    negated: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Has:
    left: Ref | Less
    items: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class HasAny:
    """含任一 of listed ``items``, a 清单, a 多选 parameter or another 多选 field; ``every``: 全部属于."""

    left: Ref | Less
    items: tuple[str, ...] = ()
    open: bool = False
    list: str | None = None
    parameter: str | None = None
    other: Ref | None = None
    without: tuple[str, ...] = ()
    every: bool = False


@dataclass(frozen=True)
class Less:
    """A 多选 除去 what `HasAny` has on its right."""

    left: Ref
    items: tuple[str, ...] = ()
    open: bool = False
    list: str | None = None
    parameter: str | None = None
    other: Ref | None = None
    without: tuple[str, ...] = ()
    kind: Kind = "多选"


@dataclass(frozen=True)
class Filled:
    what: Ref | ParamRef
    negated: bool = False


@dataclass(frozen=True)
class Elapsed:
    start: Term_
    period: Term_


@dataclass(frozen=True)
class Quant:
    every: bool
    other: bool
    object: str
    body: Cond


@dataclass(frozen=True)
class DecIs:
    """A 单选 or 由宽到严 decision 为 / 属于 ``items`` (None stands for 无)."""

    decision: str
    object: str
    items: tuple[str | None, ...]
    negated: bool = False


@dataclass(frozen=True)
class DecHas:
    decision: str
    object: str
    items: tuple[str, ...]
    any: bool = False
    negated: bool = False


@dataclass(frozen=True)
class Choose:
    """视. ``selector`` a parameter, a 是否 or 枚举 field, or a decision (name, object)."""

    selector: Ref | ParamRef | DecRef
    branches: tuple[tuple[tuple[Value | None, ...], Expr], ...]
    kind: Kind


@dataclass(frozen=True)
class DecRef:
    decision: str
    object: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sum:
    parts: tuple[tuple[int, Term_], ...]
    kind: Kind


@dataclass(frozen=True)
class Product:
    parts: tuple[tuple[Literal["×", "÷"], Term_], ...]
    kind: Kind


@dataclass(frozen=True)
class Shift:
    start: Term_
    period: Term_
    sign: int
    kind: Kind = "日期"


@dataclass(frozen=True)
class Days:
    """Days between two dates."""

    left: Term_
    right: Term_
    kind: Kind = "天"


@dataclass(frozen=True)
class Day:
    """之年, 之月末, 之季末, 之年末 of a date."""

    start: Term_
    what: Literal["之年", "之月末", "之季末", "之年末"]
    kind: Kind


@dataclass(frozen=True)
class Year:
    """当年, 上年."""

    back: int
    kind: Kind = "年"


@dataclass(frozen=True)
class Yearly:
    """每年 M月D日, with 起算 or without."""

    month: int
    day: int
    start: Term_ | None
    kind: Kind = "日期"


@dataclass(frozen=True)
class Workdays:
    """So many working days after (before) a date."""

    start: Term_
    count: Const
    sign: int
    kind: Kind = "日期"


@dataclass(frozen=True)
class Agg:
    what: Literal["计数", "合计", "最大", "最小", "取"]
    object: str
    field: str
    where: Cond | None
    kind: Kind
    other: bool = False


@dataclass(frozen=True)
class Extreme:
    """取小 or 取大."""

    largest: bool
    parts: tuple[Term_, ...]
    kind: Kind


@dataclass(frozen=True)
class AmountRef:
    """What a 单值 or 累计 decision comes to."""

    decision: str
    object: str
    kind: Kind


@dataclass(frozen=True)
class Fallback:
    first: Expr
    second: Expr
    kind: Kind


Term_: TypeAlias = (
    Ref
    | ParamRef
    | TermRef
    | StatRef
    | AsOf
    | Const
    | Sum
    | Product
    | Shift
    | Days
    | Day
    | Year
    | Yearly
    | Workdays
    | Agg
    | Extreme
    | AmountRef
    | Choose
    | Fallback
    | Less
)
Cond: TypeAlias = (
    Ref
    | ParamRef
    | TermRef
    | And
    | Or
    | Not
    | AtLeast
    | Cmp
    | Between
    | Is
    | Within
    | Has
    | HasAny
    | Filled
    | Elapsed
    | Quant
    | DecIs
    | DecHas
    | Choose
    | Fallback
)
Expr: TypeAlias = Term_ | Cond


# ---- declarations of logic ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Force:
    """自 … 起 / 至 … 止, both days included."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    def holds(self, day: datetime.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class TermDecl:
    name: str
    object: str
    kind: Kind
    body: Expr
    level: int = 0


@dataclass(frozen=True)
class StatDecl:
    """``object``: of which the members are; ``field``: what is added up, of a 术语 its name (``term``)."""

    name: str
    what: Literal["计数", "占比", "合计", "种数"]
    field: str | None
    same: tuple[Ref | TermRef, ...]
    where: Cond | None
    match: Cond | None
    kind: Kind
    level: int = 0
    object: str = "项目"
    term: bool = False

    @property
    def by(self) -> str:
        """Whose instance says which group is meant: the lowest that a key belongs to, at most the record."""
        keys = {key.object for key in self.same}
        return next((name for name in ("明细", "资金") if name in keys), "项目")


Mode: TypeAlias = Literal["单选", "由宽到严", "多选", "单值", "累计"]


@dataclass(frozen=True)
class Rank:
    values: tuple[str, ...]
    when: Cond | None = None


@dataclass(frozen=True)
class Limit:
    """不超过 or 不少于."""

    most: bool
    bound: Term_


@dataclass(frozen=True)
class Decision:
    """``kind``, ``least`` (its 默认) and ``limits`` are of an amount, whose ``ranks`` name rules."""

    name: str
    key: str
    object: str
    mode: Mode
    values: tuple[str, ...]
    applies: Cond | None = None
    default: str | None = None
    ranks: tuple[Rank, ...] = ()
    authority: str | None = None
    level: int = 0
    kind: Kind | None = None
    least: Value | None = None
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Rule:
    name: str
    object: str
    decision: str
    values: tuple[str, ...]
    when: Cond | None
    exceptions: tuple[Cond, ...] = ()
    tone: str | None = None
    supplement: bool = False
    force: Force = Force()
    level: int = 0
    amount: Term_ | None = None


@dataclass(frozen=True)
class TableRow:
    """``cells``: a condition on each head, None for any value."""

    cells: tuple[Cond | None, ...]
    values: tuple[str, ...]
    tone: str | None = None


@dataclass(frozen=True)
class Table:
    """决策表. ``heads``: what stands above the cells, as it is written in conditions; ``rest``: what 其余 concludes."""

    name: str
    object: str
    decision: str
    heads: tuple[str, ...]
    rows: tuple[TableRow, ...]
    meeting: Literal["一行", "取首行", "可重叠"] = "一行"
    rest: tuple[str, ...] = ()
    level: int = 0


@dataclass(frozen=True)
class Duty:
    name: str
    object: str
    prohibition: bool
    when: Cond | None
    demand: Cond
    deadline: Term_ | None = None
    expiry: Cond | None = None
    exceptions: tuple[Cond, ...] = ()
    authority: str | None = None
    force: Force = Force()
    level: int = 0
    reason: Ref | None = None
    """否则说明: then it says 原则上应当."""


@dataclass(frozen=True)
class Notice:
    name: str
    object: str
    when: Cond | None
    message: str
    level: int = 0
    figures: tuple[Expr | DecRef, ...] = ()


@dataclass(frozen=True)
class Amendment:
    """修订 of a rule, duty or prohibition. ``operations`` in spelling order."""

    target: str
    operations: tuple[tuple[str, Cond], ...] = ()
    stop: bool = False
    restate: bool = False
    force: Force = Force()
    level: int = 1


@dataclass(frozen=True)
class RankAmendment:
    target: str
    rank: Rank
    level: int = 1


@dataclass(frozen=True)
class LimitAmendment:
    target: str
    limits: tuple[Limit, ...]
    level: int = 1


@dataclass(frozen=True)
class Setting:
    target: str
    type: Bounded
    value: Value
    level: int = 1
    since: datetime.date | None = None


@dataclass(frozen=True)
class Extension:
    """增列 to a 清单 or a 多选 decision."""

    target: str
    items: tuple[str, ...]
    level: int = 1


@dataclass(frozen=True)
class Case:
    when: Cond
    field: str
    type: Bounded
    value: Value


@dataclass(frozen=True)
class Presumption:
    label: str
    object: str
    cases: tuple[Case, ...]
    level: int = 0


Declaration: TypeAlias = (
    Parameter
    | ListDecl
    | TermDecl
    | StatDecl
    | Decision
    | Rule
    | Duty
    | Notice
    | Amendment
    | RankAmendment
    | LimitAmendment
    | Setting
    | Extension
    | Presumption
    | Table
)


@dataclass(frozen=True)
class Dates:
    """Days of 节假日 or 调休上班, listed by one layer."""

    name: Literal["节假日", "调休上班"]
    days: tuple[datetime.date, ...]
    level: int


@dataclass(frozen=True)
class ObjectDecl:
    name: str
    key: str
    parent: str | None
    identity: str | None = None


@dataclass(frozen=True)
class Policy:
    """``objects`` parents first; ``fields`` and ``declarations`` in the order they were made. ``lineage``: the layers that each
    layer extends; a layer that it does not mention extends all that nobody extends."""

    as_of: datetime.date
    objects: tuple[ObjectDecl, ...]
    fields: tuple[FieldDecl, ...]
    declarations: tuple[Declaration, ...]
    levels: int = 1
    given: dict[str, Value] = field(default_factory=dict)
    calendar: tuple[Dates, ...] = ()
    lineage: tuple[tuple[int, ...], ...] = ()

    def listed(self, name: str) -> frozenset[datetime.date]:
        """The days of 节假日 or 调休上班."""
        return frozenset(day for dates in self.calendar if dates.name == name for day in dates.days)

    def extends(self, level: int) -> tuple[int, ...]:
        """The layers that a layer extends itself."""
        if level < len(self.lineage):
            return self.lineage[level]
        extended = {upper for below in range(level) for upper in self.extends(below)}
        return tuple(upper for upper in range(level) if upper not in extended)

    def above(self, level: int) -> frozenset[int]:
        """The layers that a layer extends, through any number of others."""
        uppers = self.extends(level)
        return frozenset(uppers).union(*(self.above(upper) for upper in uppers))

    def children(self, name: str) -> tuple[str, ...]:
        """Objects that belong to ``name``."""
        return tuple(o.name for o in self.objects if o.parent == name)

    def line(self, name: str) -> tuple[str, ...]:
        """The object and those above it, nearest first."""
        parents = {o.name: o.parent for o in self.objects}
        found: list[str] = []
        current: str | None = name
        while current is not None:
            found.append(current)
            current = parents[current]
        return tuple(found)

    def fields_of(self, name: str) -> tuple[FieldDecl, ...]:
        """Fields of one object."""
        return tuple(f for f in self.fields if f.object == name)


# ---- records --------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A record, a row or a county: ``values`` without entry for a blank, ``rows`` with None for a list not supplied."""

    object: str
    values: dict[str, Value] = field(default_factory=dict)
    rows: dict[str, list[Row] | None] = field(default_factory=dict)
    parent: Row | None = None
    path: str = ""
    blank: frozenset[str] = frozenset()
    """Names of the fields that the original record left blank (a completion fills them in, 已填 still sees them)."""
    unsupplied: frozenset[str] = frozenset()
    """Names of the lists that the original record did not supply."""
    recorded: bool = True
    """False for a row of a completed list: nobody knows whether its cells would be filled."""
    unlisted: bool = False
    """A row that stands for those of a list not supplied: nothing is known of it, not even what of it is blank."""

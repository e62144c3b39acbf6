"""Clauses and declarations of the surface tree: what the parser found in a file, with spans.

Why this exists: the formatter, the lint and the editor need what was written; execution never reads this tree.

Invariants: as those of `expressions`; each declaration keeps its clauses as they were written.
"""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.language.expressions import Expr, Literal_, Name, Ref, SetLiteral, Text
from policyrules.source import Source, Span

# ---- clauses --------------------------------------------------------------------------------------------------------


@frozen
class Citation:
    """``依据【place】“quote”``; the quote is verbatim, empty where none was given."""

    place: Name
    quote: str
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Note:
    """释义 or 说明: the rest of the line, verbatim and stripped."""

    kind: Literal["释义", "说明"]
    text: str
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class TypeExpr:
    """A written type. ``kind`` is the word (``金额``); ``values`` for 枚举 and 多选 {…}."""

    kind: str
    unit: Name | None
    values: tuple[Literal_, ...] | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Bounds:
    """``取值 a 至 b``; ``high`` None for ``取值 a 以上``."""

    low: Literal_
    high: Literal_ | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Rank:
    """``先后 a、b`` with its optional ``仅当``."""

    values: tuple[Literal_, ...]
    when: Expr | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Measure:
    """What a 统计 counts: ``项目`` or ``资金.金额``."""

    object: Name
    field: Name | None


@frozen
class Conclusion:
    """What follows 则: ``可 分类 为 升级``, ``措施 含 加工、品牌``, ``补助 为 总投资 × 30%``. ``amount``: an expression that is no
    plain value, and then there are no ``values``."""

    tone: Name | None
    target: Name
    verb: str
    values: tuple[Literal_, ...]
    amount: Expr | None = None


@frozen
class Cell:
    """One cell of a 决策表. ``text``: in canonical spelling; ``body``: of the head row the name of the column, below it a
    condition on the input above (None: any value), what is concluded, the tone or name of the row, its citations or its
    note."""

    text: str
    body: Expr | Conclusion | Name | tuple[Citation, ...] | Note | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Row:
    """One line of a 决策表."""

    cells: tuple[Cell, ...]


Body: TypeAlias = (
    Expr
    | Name
    | SetLiteral
    | TypeExpr
    | Bounds
    | Rank
    | Measure
    | Conclusion
    | Citation
    | Note
    | Row
    | tuple[Name, ...]
    | tuple[Ref, ...]
)
"""What may follow a keyword. Names after 属于, 标识, 对, 由, 分组, 授权, 得出, 去掉, none after 停用, 重申, 未定, 已发生, 单值, 累计, 取首行, 可重叠; references after
相同; a `DateLiteral` after 自 and 至; a value after =, 缺省, 为 and 默认; an expression after the words of conditions."""


@frozen
class Clause:
    """One clause of a declaration: its keyword, and what follows it. ``keyword`` is the word people wrote, but ``type``
    for ``：类型``, ``values`` for a bare ``{ … }`` and ``row`` for a line of a table; ``span`` is the whole of it, 起 and 止 included."""

    keyword: Name
    body: Body
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class Written:
    """One declaration as it stands in the text, its clauses in the order of the text. ``act``: the word of a 试验 before it."""

    keyword: Name
    name: Name
    key: Name | None
    clauses: tuple[Clause, ...]
    span: Span = dataclasses.field(compare=False, repr=False)
    act: Name | None = None


Authority: TypeAlias = Literal["固定", "细化", "从严", "自定"]
Direction: TypeAlias = Literal["越高越严", "越低越严"]
"""Which of two values is the stricter one: of dates the later one is the higher."""


@frozen
class StatedAuthority:
    """授权: what lower layers may do, and where it is said. ``direction``: which way a 从严 value may go, where stated."""

    authority: Authority
    span: Span = dataclasses.field(compare=False, repr=False)
    direction: Direction | None = None


@frozen
class Common:
    """What nearly every declaration may carry."""

    citations: tuple[Citation, ...] = ()
    notes: tuple[Note, ...] = ()
    authority: StatedAuthority | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None


# ---- declarations ---------------------------------------------------------------------------------------------------


@frozen
class FieldDecl:
    """字段 or 研判 of the object above it. ``happened``: where it says 已发生."""

    kind: Literal["字段", "研判"]
    name: Name
    key: Name | None
    type: TypeExpr
    bounds: Bounds | None
    happened: Name | None
    holders: tuple[Name, ...]
    group: Name | None
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class ObjectDecl:
    """对象, with the fields written under it."""

    name: Name
    key: Name | None
    parent: Name | None
    identity: Name | None
    fields: tuple[FieldDecl, ...]
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class DatedValue:
    """A parameter's value, with the day it begins to hold (None: from the start)."""

    value: Literal_ | SetLiteral
    since: datetime.date | None
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class ParameterDecl:
    """参数 or 读法. ``state``: fixed (``= v``), default (缺省 v), unset (未定)."""

    kind: Literal["参数", "读法"]
    name: Name
    key: Name | None
    type: TypeExpr
    state: Literal["fixed", "default", "unset"]
    values: tuple[DatedValue, ...]
    bounds: Bounds | None
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class ListDecl:
    """清单."""

    name: Name
    key: Name | None
    items: SetLiteral
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class TermDecl:
    """术语."""

    name: Name
    key: Name | None
    object: Name | None
    body: Expr
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class StatisticDecl:
    """统计: ``kind`` of ``object`` (``field`` for 合计 and 种数), over records that share ``same``."""

    name: Name
    key: Name | None
    kind: Literal["计数", "占比", "合计", "种数"]
    object: Name
    field: Name | None
    same: tuple[Ref, ...]
    where: Expr | None
    match: Expr | None
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


Mode: TypeAlias = Literal["单选", "由宽到严", "多选", "单值", "累计"]


@frozen
class Limit:
    """``不超过 算式``, ``不少于 算式`` of an amount."""

    kind: Literal["不超过", "不少于"]
    bound: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class DecisionDecl:
    """决定. ``values`` are declared, or it is of a ``type``, an amount, with its ``limits``."""

    name: Name
    key: Name | None
    object: Name | None
    mode: Mode
    values: tuple[Literal_, ...]
    type: TypeExpr | None
    applies: Expr | None
    default: Literal_ | None
    ranks: tuple[Rank, ...]
    limits: tuple[Limit, ...]
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


Tone: TypeAlias = Literal["应当", "重点", "支持", "鼓励", "引导", "可"]


@frozen
class RuleDecl:
    """规则, 补充规则, or the row of a 决策表 (``table``: its name)."""

    kind: Literal["规则", "补充规则"]
    name: Name
    object: Name | None
    when: Expr | None
    exceptions: tuple[Expr, ...]
    tone: Tone | None
    decision: Name
    values: tuple[Literal_, ...]
    amount: Expr | None
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)
    table: Name | None = None


Meeting: TypeAlias = Literal["一行", "取首行", "可重叠"]
"""What of several rows that hold: no two may (一行), the first counts, all count."""


@frozen
class TableDecl:
    """决策表: ``inputs`` are the names above the columns of conditions, ``rows`` the rules that its rows are, from top to
    bottom; ``rest``: the last of them is 其余."""

    name: Name
    object: Name | None
    decision: Name
    meeting: Meeting
    inputs: tuple[Ref, ...]
    rows: tuple[RuleDecl, ...]
    rest: bool
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class DutyDecl:
    """义务 (``kind``: 应当) or 禁令 (不得). ``deadline``: 期限; ``expiry``: 到期; ``reason``: the field of 否则说明, of a 义务
    that says 原则上应当."""

    kind: Literal["义务", "禁令"]
    name: Name
    object: Name | None
    when: Expr | None
    exceptions: tuple[Expr, ...]
    demand: Expr
    deadline: Expr | None
    expiry: Expr | None
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)
    reason: Ref | None = None


@frozen
class NoticeDecl:
    """提示."""

    name: Name
    object: Name | None
    when: Expr | None
    exceptions: tuple[Expr, ...]
    message: Text
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


OperationKind: TypeAlias = Literal["还须", "仅限", "还应当", "还不得", "或者", "除外"]


@frozen
class Operation:
    """One operation of a 修订."""

    kind: OperationKind
    body: Expr
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class AmendmentDecl:
    """修订: operations, or 停用 (``stop``), or 重申 (``restate``), or 先后 and limits of an upper decision."""

    target: Name
    operations: tuple[Operation, ...]
    ranks: tuple[Rank, ...]
    limits: tuple[Limit, ...]
    stop: bool
    restate: bool
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class ExtensionDecl:
    """增列: values added to an upper list or 多选 decision."""

    target: Name
    items: SetLiteral
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class SettingDecl:
    """设定: a lower layer's value of an upper parameter or reading."""

    target: Name
    values: tuple[DatedValue, ...]
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class PresumptionCase:
    """``当 … 则 字段 为 值``."""

    when: Expr
    field: Name
    value: Literal_
    span: Span = dataclasses.field(compare=False, repr=False)


@frozen
class PresumptionDecl:
    """推定."""

    name: Name
    object: Name | None
    cases: tuple[PresumptionCase, ...]
    common: Common
    written: Written = dataclasses.field(compare=False, repr=False)
    span: Span = dataclasses.field(compare=False, repr=False)


Declaration: TypeAlias = (
    ObjectDecl
    | ParameterDecl
    | ListDecl
    | TermDecl
    | StatisticDecl
    | DecisionDecl
    | RuleDecl
    | DutyDecl
    | NoticeDecl
    | AmendmentDecl
    | ExtensionDecl
    | SettingDecl
    | PresumptionDecl
    | TableDecl
)


@frozen
class Comment:
    """A ``#`` comment, with its mark."""

    text: str
    span: Span = dataclasses.field(compare=False, repr=False)


Acting: TypeAlias = AmendmentDecl | ExtensionDecl | SettingDecl
"""What acts on a declaration of an upper layer, and declares no name."""


@frozen
class Broken:
    """A declaration with an error: its keyword ('' where not even that could be read), the names it declares, its own
    first, and the clauses that could be read. The names count as declared: references to them are not reported again."""

    keyword: str
    declares: tuple[Name, ...]
    clauses: tuple[Clause, ...]
    span: Span = dataclasses.field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """One parsed rule file; ``broken`` stands for the declarations with an error, in source order; ``added``: the keywords
        in it that came with a later version of the language, where they stand; ``edits``: what a 试验 changes (改) or takes away
    (去掉), what it adds being among ``declarations``."""

    source: Source
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...]
    broken: tuple[Broken, ...] = ()
    added: tuple[Name, ...] = dataclasses.field(default=(), compare=False)
    edits: tuple[Written, ...] = ()

"""The typed program: what every engine, analysis and report reads, and nothing above it.

Why this exists: names, types and units are resolved once; layers are merged once; what remains is small, n-ary and
plain. Each condition keeps the layer, clause, file and line it came from (`Amended`, `Origin`). What a declaration is made of
(`expressions`) and where it was written (`provenance`) is named here with it: whoever reads a program imports this module alone.

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
from typing import Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.program.expressions import *  # noqa: F403  # its `__all__`: a program is named by one module, whoever reads it
from policyrules.program.expressions import UNSAID, AmountValue, Expr, Field, FieldValue, Filled, TermValue
from policyrules.program.provenance import *  # noqa: F403  # as above
from policyrules.program.provenance import Origin, Trial
from policyrules.readonly import ReadOnly
from policyrules.types import Number, Type, Value

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

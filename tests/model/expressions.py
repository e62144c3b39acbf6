"""Random well-typed expressions over the names in scope.

Why this exists: apart from `generate` because it has one reason to change, the expression grammar. Every form of
section 4 of the language page is made here.

Invariant: what is made loads: units agree, names resolve from the frames given, sets and values match.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass, replace
from fractions import Fraction
from typing import Literal, cast

from .choosing import Pick
from .printing import value_text
from .syntax import (
    WAN,
    Agg,
    AmountRef,
    And,
    AsOf,
    AtLeast,
    Between,
    Choose,
    Cmp,
    Cond,
    Const,
    Day,
    Days,
    DecHas,
    DecIs,
    Decision,
    DecRef,
    Elapsed,
    Expr,
    Extreme,
    Fallback,
    FieldDecl,
    Filled,
    Has,
    HasAny,
    Is,
    Kind,
    Less,
    ListDecl,
    Not,
    ObjectDecl,
    Op,
    Or,
    Parameter,
    ParamRef,
    Product,
    Quant,
    Ref,
    Shift,
    StatDecl,
    StatRef,
    Sum,
    Term_,
    TermDecl,
    TermRef,
    Value,
    Within,
    Workdays,
    Year,
    Yearly,
)

ONE_IS_ONE = Cmp("=", Const(1, "整数", "1 个"), Const(1, "整数", "1 个"))
Frames = tuple[str, ...]
AMOUNTS: tuple[Kind, ...] = ("整数", "金额", "日期", "比例", "月", "天", "年")
OPS: tuple[Op, ...] = ("≥", "<", "=", "≤", ">", "≠")


def walk(value: object) -> Iterator[object]:
    """Every node of an expression or declaration."""
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from walk(item)
    elif is_dataclass(value):
        for part in dataclass_fields(value):
            yield from walk(getattr(value, part.name))


class Scope:
    """Names that an expression may read."""

    def __init__(self, as_of: datetime.date) -> None:
        self.as_of = as_of
        self.objects: tuple[ObjectDecl, ...] = ()
        self.fields: list[FieldDecl] = []
        self.parameters: list[Parameter] = []
        self.lists: list[ListDecl] = []
        self.terms: list[TermDecl] = []
        self.statistics: list[StatDecl] = []
        self.decisions: list[Decision] = []
        self.amounts: list[Decision] = []
        self.presumed: set[str] = set()
        self.read_by_presumption: set[str] = set()
        self.made: list[str] = []
        """Terms, statistics and decisions in the order they were made: each reads only earlier ones."""

    def line(self, object_: str) -> tuple[str, ...]:
        parents = {o.name: o.parent for o in self.objects}
        found: list[str] = []
        current: str | None = object_
        while current is not None:
            found.append(current)
            current = parents[current]
        return tuple(found)

    def fields_of(self, object_: str) -> list[FieldDecl]:
        return [f for f in self.fields if f.object == object_]

    def seen(self, frames: Frames) -> set[str]:
        """Objects that some frame can reach."""
        return {name for frame in frames for name in self.line(frame)}

    @contextmanager
    def only(self, plain: Iterable[FieldDecl]) -> Iterator[None]:
        """Only these fields, and no definitions."""
        kept = self.fields, self.terms, self.statistics, self.decisions, self.amounts
        self.fields, self.terms, self.statistics, self.decisions, self.amounts = list(plain), [], [], [], []
        yield
        self.fields, self.terms, self.statistics, self.decisions, self.amounts = kept

    @contextmanager
    def seeing(self, levels: Collection[int]) -> Iterator[None]:
        """Only what the layers at ``levels`` declare, and what is declared meanwhile."""
        tables = ("fields", "parameters", "lists", "terms", "statistics", "decisions", "amounts")
        kept = {name: getattr(self, name) for name in tables}
        for name, entries in kept.items():
            setattr(self, name, [entry for entry in entries if entry.level in levels])
        yield
        for name, entries in kept.items():
            entries.extend(entry for entry in getattr(self, name) if not any(entry is known for known in entries))
            setattr(self, name, entries)

    @contextmanager
    def before(self, name: str) -> Iterator[None]:
        """Only the definitions made before ``name``."""
        kept = self.terms, self.statistics, self.decisions, self.amounts
        earlier = set(self.made[: self.made.index(name)]) if name in self.made else set(self.made)
        self.terms = [t for t in self.terms if t.name in earlier]
        self.statistics = [s for s in self.statistics if s.name in earlier]
        self.decisions = [d for d in self.decisions if d.name in earlier]
        self.amounts = [d for d in self.amounts if d.name in earlier]
        yield
        self.terms, self.statistics, self.decisions, self.amounts = kept


class Expressions:
    """Makes expressions; ``frames`` are the objects spoken of, outermost first."""

    def __init__(self, pick: Pick, scope: Scope) -> None:
        self.pick = pick
        self.scope = scope
        self.once = False
        """Read no field twice in the whole policy."""
        self.used: set[str] = set()

    # ---- names ------------------------------------------------------------------------------------------------------

    def refs(self, frames: Frames, kinds: Iterable[Kind]) -> list[Ref]:
        """Fields that can be read here, each in a spelling that resolves."""
        wanted = tuple(kinds)
        line = self.scope.line(frames[-1])
        found: list[Ref] = []
        for known in self.scope.fields:
            if known.type.kind not in wanted or known.name in self.used:
                continue
            if known.object in line:
                found.append(Ref(known.object, known.name, known.type.kind))
            elif any(known.object in self.scope.line(frame) for frame in frames):
                found.append(Ref(known.object, known.name, known.type.kind, "object"))
            if len(frames) > 1 and known.object == frames[-2] and known.object in line:
                found.append(Ref(known.object, known.name, known.type.kind, "self"))
        return found

    def ref(self, frames: Frames, kinds: Iterable[Kind]) -> Ref | None:
        found = self.refs(frames, kinds)
        if not found:
            return None
        made = self.pick.one(found)
        if made.how == "bare" and self.pick.chance(15):
            return Ref(made.object, made.name, made.kind, "object")
        return made

    def field(self, ref: Ref) -> FieldDecl:
        return next(f for f in self.scope.fields if f.name == ref.name)

    def parameters(self, kinds: Iterable[Kind]) -> list[Parameter]:
        wanted = tuple(kinds)
        return [p for p in self.scope.parameters if p.type.kind in wanted]

    # ---- values -----------------------------------------------------------------------------------------------------

    def value_near(self, kind: Kind, domain: tuple[Value, ...] = ()) -> Value:
        """A value of ``kind``, mostly one that its field may take."""
        if domain and not self.pick.chance(15):
            return self.pick.one(domain)
        match kind:
            case "整数":
                return self.pick.between(0, 3)
            case "金额":
                return self.pick.one((WAN, 0, 2 * WAN, WAN // 2, 3 * WAN))
            case "比例":
                return self.pick.one((Fraction(1, 2), Fraction(0), Fraction(1), Fraction(1, 4)))
            case "月":
                return self.pick.one((1, 0, 2, 12))
            case "天":
                return self.pick.one((1, 0, 30, 60))
            case "年":
                return self.scope.as_of.year + self.pick.one((0, -1, 1))
            case "工作日":
                return self.pick.one((1, 0, 3, 10, 2, 260))
            case "日期":
                return self.scope.as_of + datetime.timedelta(days=self.pick.one((0, 1, -1, -31, -61)))
            case _:
                raise AssertionError(kind)

    def const(self, kind: Kind, domain: tuple[Value, ...] = ()) -> Const:
        value = self.value_near(kind, domain)
        return Const(value, kind, value_text(value, kind))

    # ---- amounts ----------------------------------------------------------------------------------------------------

    def amount(self, kind: Kind, depth: int, frames: Frames) -> Term_:
        """A number, date or duration of ``kind``."""
        pick = self.pick
        options: list[str] = []
        refs = self.refs(frames, (kind,))
        parameters = self.parameters((kind,))
        terms = [t for t in self.scope.terms if t.kind == kind and t.object in self.scope.seen(frames)]
        statistics = [s for s in self.statistics(frames) if s.kind == kind]
        options += ["ref"] * (4 if refs else 0) + ["parameter"] * (2 if parameters else 0)
        options += ["term"] * (2 if terms else 0) + ["statistic"] * (4 if statistics else 0)
        decided = [d for d in self.scope.amounts if d.kind == kind and d.object in self.scope.seen(frames)]
        options += ["decided"] * (5 if decided else 0)
        options += ["const"] if not options else []
        if kind == "日期" and pick.chance(15):
            options.append("as of")
        if depth > 0:
            rows = self.row_fields(frames, (kind,))
            if rows:
                options += ["aggregate", "aggregate"]
            if kind == "整数" and self.row_objects(frames):
                options += ["count", "count"]
            options += {
                "日期": ["shift", "shift", "end", "yearly", "workdays"],
                "年": ["year", "year", "this year"],
                "比例": ["ratio"],
                "整数": ["sum", "product"],
                "金额": ["sum", "product"],
            }.get(kind, [])
            if kind == "天":
                options.append("days")
            options += ["choose"] if self.selectors(frames) else []
            options += ["extreme"] if kind not in ("月", "天") else []
            options += ["fallback"] * 2 if refs or self.taken(frames, kind) else []
        match pick.one(options):
            case "ref":
                found = self.ref(frames, (kind,))
                assert found is not None
                return found
            case "parameter":
                return ParamRef(pick.one(parameters).name, kind)
            case "term":
                term = pick.one(terms)
                return TermRef(term.name, term.object, kind)
            case "statistic":
                return self.statistic(pick.one(statistics))
            case "decided":
                chosen = pick.one(decided)
                return AmountRef(chosen.name, chosen.object, kind)
            case "extreme":
                several = tuple(self.amount(kind, depth - 1, frames) for _ in range(pick.between(2, 3)))
                return Extreme(pick.chance(50), several, kind)
            case "as of":
                return AsOf()
            case "aggregate":
                return self.aggregate(kind, depth, frames)
            case "count":
                return self.count(depth, frames)
            case "shift":
                unit: Kind = pick.one(("月", "天"))
                period = self.const(unit) if pick.chance(70) else self.amount(unit, 0, frames)
                return Shift(self.amount("日期", 0, frames), period, pick.one((1, -1)))
            case "end":
                return Day(self.amount("日期", 0, frames), pick.one(("之月末", "之季末", "之年末")), "日期")
            case "year":
                return Day(self.amount("日期", depth - 1, frames), "之年", "年")
            case "this year":
                return Year(pick.one((0, 1)))
            case "yearly":
                return self.yearly(self.amount("日期", 0, frames) if pick.chance(70) else None)
            case "workdays":
                return Workdays(self.amount("日期", 0, frames), self.const("工作日"), pick.one((1, -1)))
            case "days":
                return Days(self.amount("日期", 0, frames), self.amount("日期", 0, frames))
            case "ratio":
                below: Kind = pick.one(("整数", "金额"))
                parts = (("×", self.amount(below, depth - 1, frames)), ("÷", self.amount(below, depth - 1, frames)))
                return Product(cast("tuple[tuple[Literal['×', '÷'], Term_], ...]", parts), "比例")
            case "sum":
                parts2 = tuple(
                    (1 if index == 0 else pick.one((1, -1)), self.amount(kind, depth - 1, frames))
                    for index in range(pick.between(2, 3))
                )
                return Sum(parts2, kind)
            case "product":
                factor = self.amount("整数", 0, frames) if pick.chance(50) else self.const("整数")
                return Product((("×", self.amount(kind, depth - 1, frames)), ("×", factor)), kind)
            case "choose":
                return self.choose(kind, depth, frames)
            case "fallback":
                return self.fallback(kind, depth, frames)
            case _:
                return self.const(kind)

    def yearly(self, start: Term_ | None) -> Yearly:
        """A day that comes every year, most often near 评估日."""
        as_of = self.scope.as_of
        month, day = self.pick.one(((as_of.month, as_of.day), (2, 29), (12, 31), (as_of.month, 1), (6, 30)))
        return Yearly(month, day, start)

    def row_objects(self, frames: Frames) -> list[str]:
        line = self.scope.line(frames[-1])
        return [
            o.name for o in self.scope.objects if o.parent in line and o.name != "项目" and self.scope.fields_of(o.name)
        ]

    def row_fields(self, frames: Frames, kinds: Iterable[Kind]) -> list[FieldDecl]:
        wanted = tuple(kinds)
        rows = self.row_objects(frames)
        return [f for f in self.scope.fields if f.object in rows and f.type.kind in wanted]

    def others(self, frames: Frames, object_: str) -> bool:
        return object_ in frames and self.pick.chance(40)

    def aggregate(self, kind: Kind, depth: int, frames: Frames) -> Agg:
        chosen = self.pick.one(self.row_fields(frames, (kind,)))
        ways: list[Literal["计数", "合计", "最大", "最小", "取"]] = ["最大", "最小"]
        if kind != "日期":
            ways = ["合计", "合计", *ways]
        where = self.cond(depth - 1, (*frames, chosen.object)) if self.pick.chance(50) else None
        return Agg(self.pick.one(ways), chosen.object, chosen.name, where, kind, self.others(frames, chosen.object))

    def count(self, depth: int, frames: Frames) -> Agg:
        object_ = self.pick.one(self.row_objects(frames))
        where = self.cond(depth - 1, (*frames, object_)) if self.pick.chance(70) else None
        return Agg("计数", object_, "", where, "整数", self.others(frames, object_))

    def taken(self, frames: Frames, kind: Kind) -> list[FieldDecl]:
        """Fields that 取 may take: of lists with a 枚举 to match by."""
        return [
            f
            for f in self.row_fields(frames, (kind,))
            if any(g.type.kind == "枚举" for g in self.scope.fields_of(f.object))
        ]

    def row(self, frames: Frames) -> bool:
        """Whether a row is spoken of, whose cells may be taken from what stands above it."""
        return len(frames) == 1 and frames[0] not in ("项目", "县")

    def fallback(self, kind: Kind, depth: int, frames: Frames) -> Fallback:
        """首选 of a cell (often a presumed one), of 取, or of anything else that may be absent; of a row's cell, else of
        what stands above it."""
        taken = self.taken(frames, kind)
        refs = self.refs(frames, (kind,))
        first: Expr
        own = [ref for ref in refs if ref.object == frames[-1]]
        above = [ref for ref in refs if ref.object != frames[-1]]
        options = ["ref"] * (3 if refs else 0) + ["taken"] * (3 if taken else 0) + ["any"] * (2 if depth > 0 else 0)
        options += ["above"] * (8 if own and above and self.row(frames) else 0)
        match self.pick.one(options or ["any"]):
            case "above":
                second: Expr = self.pick.one(above)
                if self.pick.chance(30):
                    second = Fallback(self.pick.one(refs), second, kind)
                return Fallback(self.pick.one(own), second, kind)
            case "ref":
                presumed = [r for r in refs if r.name in self.scope.presumed]
                first = self.pick.one(presumed if presumed and self.pick.chance(75) else refs)
            case "taken":
                chosen = self.pick.one(taken)
                by = self.pick.one([g for g in self.scope.fields_of(chosen.object) if g.type.kind == "枚举"])
                value = self.pick.one(by.type.values)
                where = Is(Ref(by.object, by.name, "枚举"), value, value_text(value, "枚举"))
                first = Agg("取", chosen.object, chosen.name, where, kind)
            case _:
                first = self.either(kind, depth - 1, frames)
        return Fallback(first, self.either(kind, depth - 1, frames), kind)

    def either(self, kind: Kind, depth: int, frames: Frames) -> Expr:
        """A condition or an amount of ``kind``."""
        return self.cond(depth, frames) if kind == "是否" else self.amount(kind, depth, frames)

    # ---- 视 ---------------------------------------------------------------------------------------------------------

    def selectors(self, frames: Frames) -> list[Ref | ParamRef | DecRef]:
        found: list[Ref | ParamRef | DecRef] = [
            ParamRef(p.name, p.type.kind) for p in self.parameters(("枚举", "是否"))
        ]
        found += self.refs(frames, ("枚举", "是否"))
        found += [
            DecRef(d.name, d.object, d.values)
            for d in self.scope.decisions
            if d.mode != "多选" and d.applies is None and d.default is not None and d.object in self.scope.seen(frames)
        ]
        return found

    def choose(self, kind: Kind, depth: int, frames: Frames) -> Choose:
        selector = self.pick.one(self.selectors(frames))
        values: tuple[Value, ...]
        if isinstance(selector, DecRef):
            values = selector.values
        elif isinstance(selector, ParamRef):
            values = next(p for p in self.scope.parameters if p.name == selector.name).type.domain
        else:
            values = self.field(selector).type.domain
        branches: list[tuple[tuple[Value | None, ...], Expr]] = []
        rest = list(values)
        while rest:
            size = len(rest) if self.pick.chance(20) else 1
            now, rest = rest[:size], rest[size:]
            branches.append((tuple(now), self.either(kind, depth - 1, frames)))
        return Choose(selector, tuple(branches), kind)

    # ---- conditions -------------------------------------------------------------------------------------------------

    def cond(self, depth: int, frames: Frames, before: str = "") -> Cond:
        """A condition of at most ``depth`` nested forms."""
        if before:
            with self.scope.before(before):
                return self.cond(depth, frames)
        if depth <= 0 or self.pick.chance(30):
            return self.leaf(frames)
        pick = self.pick
        options = ["and", "or", "not", "least", "compare", "compare"]
        options += ["quantifier", "quantifier"] if self.row_objects(frames) else []
        options += ["choose"] if self.selectors(frames) and not self.once else []
        if self.refs(frames, ("是否",)) and not self.once:
            # Where something is presumed, whether it is there is the question.
            options += ["fallback"] * (3 if self.scope.presumed or self.row(frames) else 1)
        if self.once:
            options = [option for option in options if option != "compare"]
            # A list is asked once: its rows' cells are fields too.
            if self.used & set(self.row_objects(frames)) or len(frames) > 1:
                options = [option for option in options if option != "quantifier"]
        match pick.one(options):
            case "and":
                return And(self.parts(depth, frames, 2, 3), pick.chance(40))
            case "or":
                return Or(self.parts(depth, frames, 2, 3), pick.chance(40))
            case "not":
                return Not(self.cond(depth - 1, frames))
            case "least":
                parts = self.parts(depth, frames, 2, 4)
                return AtLeast(pick.between(1, len(parts)), parts)
            case "quantifier":
                object_ = pick.one(self.row_objects(frames))
                self.used.add(object_)
                body = self.cond(depth - 1, (*frames, object_))
                return Quant(pick.chance(45), self.others(frames, object_), object_, body)
            case "choose":
                return self.choose("是否", depth, frames)
            case "fallback":
                return self.fallback("是否", depth, frames)
            case _:
                return self.compare(depth, frames)

    def parts(self, depth: int, frames: Frames, low: int, high: int) -> tuple[Cond, ...]:
        return tuple(self.cond(depth - 1, frames) for _ in range(self.pick.between(low, high)))

    def compare(self, depth: int, frames: Frames) -> Cond:
        """A comparison of amounts that need not be plain fields."""
        kind = self.pick.one(AMOUNTS)
        left = self.amount(kind, depth, frames)
        domain: tuple[Value, ...] = ()
        if isinstance(left, Ref):
            domain = self.field(left).type.domain
        right: Term_ = self.const(kind, domain) if self.pick.chance(55) else self.amount(kind, depth - 1, frames)
        # The loader refuses 介于 inside the left side of 介于: it asks for a 术语 there.
        if self.pick.chance(12) and not any(isinstance(node, Between) for node in walk(left)):
            return Between(left, self.const(kind), right)
        return Cmp(self.pick.one(OPS), left, right)

    def leaf(self, frames: Frames) -> Cond:
        """A condition without conditions inside."""
        if not self.once:
            return self._leaf(frames)
        return self.read(
            self._leaf(frames) if self.refs(frames, ("是否", "枚举", "多选", "整数", "日期", "月")) else ONE_IS_ONE
        )

    def read(self, made: Cond) -> Cond:
        """``made``, its fields not to be read again."""
        self.used |= {node.name for node in walk(made) if isinstance(node, Ref)}
        return made

    def _leaf(self, frames: Frames) -> Cond:
        pick, scope = self.pick, self.scope
        seen = scope.seen(frames)
        bools = self.refs(frames, ("是否",))
        enums = self.refs(frames, ("枚举",))
        sets = self.refs(frames, ("多选",))
        amounts = self.refs(frames, ("整数", "金额", "比例", "月", "日期"))
        switches = self.parameters(("是否",))
        kinds_of_enum = self.parameters(("枚举",))
        terms = [t for t in scope.terms if t.kind == "是否" and t.object in seen]
        decisions = [d for d in scope.decisions if d.object in seen]
        statistics = self.statistics(frames)
        texts = [r for r in self.refs(frames, ("文本",)) if r.name != "编号"]
        options = ["bool"] * (5 if bools else 0) + ["is"] * (3 if enums else 0) + ["within"] * (2 if enums else 0)
        options += ["set"] * (4 if sets else 0) + ["compare"] * (4 if amounts else 0) + ["filled"] * 1
        options += ["switch"] * (2 if switches else 0) + ["term"] * (3 if terms else 0)
        options += ["decision"] * (6 if decisions else 0) + ["statistic"] * (5 if statistics else 0)
        reckoned = [d for d in scope.amounts if d.object in seen]
        options += ["reckoned"] * (6 if reckoned else 0)
        options += ["elapsed"] * (2 if self.refs(frames, ("日期",)) else 0)
        dates = self.refs(frames, ("日期",))
        options += ["days"] * (2 if dates else 0)
        options += ["fallback"] * (1 if len(bools) > 1 else 0)
        options += ["text"] * (2 if texts else 0) + ["is amount"] * (1 if amounts else 0)
        if self.once:
            options = [option for option in options if option in ("bool", "is", "within", "set", "compare", "elapsed")]
        options += ["is parameter"] * (2 if kinds_of_enum else 0) + ["equal"] * (
            1 if len(enums) > 1 and not self.once else 0
        )
        match pick.one(options):
            case "bool":
                return pick.one(bools) if not pick.chance(15) else Is(pick.one(bools), True, "是", pick.chance(40))
            case "is":
                chosen = pick.one(enums)
                value = pick.one(self.field(chosen).type.values)
                return Is(chosen, value, value_text(value, "枚举"), pick.chance(30))
            case "days":
                return self.days(pick.one(dates))
            case "fallback":
                return Fallback(pick.one(bools), pick.one(bools), "是否")
            case "text":
                value = pick.one(("某文", "另文", "别的"))
                return Is(pick.one(texts), value, value_text(value, "文本"), pick.chance(30))
            case "is amount":
                chosen = pick.one(amounts)
                constant = self.const(chosen.kind, self.field(chosen).type.domain)
                return Is(chosen, constant.value, constant.text, pick.chance(30))
            case "is parameter":
                parameter = pick.one(kinds_of_enum)
                value = pick.one(parameter.type.values)
                return Is(ParamRef(parameter.name, "枚举"), value, value_text(value, "枚举"), pick.chance(30))
            case "within":
                return self.within(pick.one(enums))
            case "set":
                return self.set_test(pick.one(sets), frames)
            case "equal":
                return Cmp(pick.one(("=", "≠")), pick.one(enums), pick.one(enums))
            case "compare":
                left = pick.one(amounts)
                return Cmp(pick.one(OPS), left, self.const(left.kind, self.field(left).type.domain))
            case "statistic":
                statistic = pick.one(statistics)
                return Cmp(pick.one(OPS), self.statistic(statistic), self.const(statistic.kind))
            case "switch":
                return ParamRef(pick.one(switches).name, "是否")
            case "term":
                term = pick.one(terms)
                return TermRef(term.name, term.object, "是否")
            case "decision":
                return self.decision_test(pick.one(decisions))
            case "reckoned":
                amount = pick.one(reckoned)
                assert amount.kind is not None
                named = AmountRef(amount.name, amount.object, amount.kind)
                return Cmp(pick.one(OPS), named, self.const(amount.kind))
            case "elapsed":
                period_kind: Kind = pick.one(("月", "天", "月", "天", "工作日"))
                parameters = self.parameters((period_kind,))
                period: Term_ = self.const(period_kind)
                if parameters and pick.chance(50):
                    period = ParamRef(pick.one(parameters).name, period_kind)
                return Elapsed(pick.one(self.refs(frames, ("日期",))), period)
            case _:
                return self.filled(frames)

    def days(self, date: Ref) -> Cond:
        """A year, an end of a period, a yearly day or working days of a date, against one it may come to."""
        pick, as_of = self.pick, self.scope.as_of
        op = pick.one(OPS)
        way = pick.one(("year", "end", "yearly", "workdays"))
        if way == "year":
            return Cmp(op, Day(date, "之年", "年"), Year(pick.one((0, 1))))
        if way == "end":
            what, months = pick.one((("之月末", 1), ("之季末", 3), ("之年末", 12)))
            first = datetime.date(as_of.year, as_of.month - (as_of.month - 1) % months, 1)
            after = first + datetime.timedelta(days=31 * months)
            end = after.replace(day=1) - datetime.timedelta(days=1)
            return Cmp(
                op,
                Day(date, cast("Literal['之月末', '之季末', '之年末']", what), "日期"),
                Const(end, "日期", value_text(end, "日期")),
            )
        if way == "yearly":
            near = as_of + datetime.timedelta(days=pick.one((0, -1, 1, -31)))
            day = datetime.date(near.year + pick.one((0, 1)), near.month, min(near.day, 28))
            return Cmp(op, Yearly(near.month, day.day, date), Const(day, "日期", value_text(day, "日期")))
        near = as_of + datetime.timedelta(days=pick.one((0, 1, 2, 3, 4, -1, -2, -30, -28)))
        count = Const(pick.one((1, 2, 3, 0)), "工作日", "")
        count = replace(count, text=value_text(count.value, "工作日"))
        return Cmp(op, Workdays(date, count, pick.one((1, -1))), Const(near, "日期", value_text(near, "日期")))

    def filled(self, frames: Frames) -> Cond:
        kinds: tuple[Kind, ...] = ("是否", "枚举", "整数", "金额", "日期", "多选", "比例", "月", "天")
        if self.scope.parameters and self.pick.chance(20):
            parameter = self.pick.one(self.scope.parameters)
            return Filled(ParamRef(parameter.name, parameter.type.kind), self.pick.chance(50))
        found = self.ref(frames, kinds)
        if found is None:
            found = self.ref(frames, ("文本", *kinds))
        assert found is not None
        return Filled(found, self.pick.chance(50))

    def within(self, left: Ref) -> Cond:
        pick = self.pick
        negated = pick.chance(25)
        values = self.field(left).type.values
        lists = [known for known in self.scope.lists if set(known.items) <= set(values) and self.fits(known, values)]
        if lists and pick.chance(50):
            return Within(left, (), list=pick.one(lists).name, negated=negated)
        items = pick.some(values, 1, 2)
        open_ = not self.once and pick.chance(30)
        return Within(left, items, open=open_, negated=negated, without=self.without(values, items, open_))

    def without(self, values: tuple[str, ...], items: tuple[str, ...], open_: bool) -> tuple[str, ...]:
        """What an open list surely does not hold."""
        rest = [value for value in values if value not in items]
        return (self.pick.one(rest),) if open_ and rest and self.pick.chance(50) else ()

    def fits(self, known: ListDecl, values: tuple[str, ...]) -> bool:
        """Whether the list stays within ``values`` whatever a lower layer adds."""
        return set(known.items) <= set(values) and (len(values) == 3 or known.items[0] in ("水", "电"))

    def set_test(self, left: Ref, frames: Frames) -> Cond:
        pick = self.pick
        values = self.field(left).type.values
        others = [r for r in self.refs(frames, ("多选",)) if r != left]
        parameters = self.parameters(("多选",))
        lists = [known for known in self.scope.lists if set(known.items) <= set(values)]
        every = pick.chance(35)
        held: Ref | Less = left
        if pick.chance(30):
            # In a policy that reads no field twice the other one is read on the right alone.
            held = self.less(left, [] if self.once else others)
        options = (
            ["has", "has", "any"] + ["other"] * bool(others) + ["parameter"] * bool(parameters) + ["list"] * bool(lists)
        )
        match pick.one(options):
            case "has":
                return Has(held, pick.some(values, 1, 2), pick.chance(30))
            case "other":
                return HasAny(held, other=pick.one(others), every=every)
            case "parameter":
                return HasAny(held, parameter=pick.one(parameters).name, every=every)
            case "list":
                return HasAny(held, list=pick.one(lists).name, every=every)
            case _:
                items = pick.some(values, 1, 2)
                open_ = not self.once and pick.chance(35)
                return HasAny(held, items, open_, without=self.without(values, items, open_), every=every)

    def less(self, left: Ref, others: list[Ref]) -> Less:
        """A set without some of its values."""
        pick = self.pick
        values = self.field(left).type.values
        parameters = self.parameters(("多选",))
        lists = [known for known in self.scope.lists if set(known.items) <= set(values)]
        match pick.one(
            ["values"] * 3 + ["other"] * bool(others) + ["parameter"] * bool(parameters) + ["list"] * bool(lists)
        ):
            case "other":
                return Less(left, other=pick.one(others))
            case "parameter":
                return Less(left, parameter=pick.one(parameters).name)
            case "list":
                return Less(left, list=pick.one(lists).name)
            case _:
                items = pick.some(values, 1, 1)
                open_ = not self.once and pick.chance(25)
                return Less(left, items, open_, without=self.without(values, items, open_))

    def cell(self, head: Ref | Decision) -> Cond:
        """What a cell of a table says of the name above it."""
        pick = self.pick
        if isinstance(head, Decision):
            return self.decision_test(head)
        known = self.field(head)
        if pick.chance(10):
            return Filled(head, pick.chance(50))
        match head.kind:
            case "是否":
                return Is(head, True, "是") if pick.chance(50) else Is(head, False, "否")
            case "枚举":
                if pick.chance(50):
                    return self.within(head)
                value = pick.one(known.type.values)
                return Is(head, value, value_text(value, "枚举"), pick.chance(30))
            case "多选":
                made = self.set_test(head, (head.object,))
                # No cell says 除去, 全部属于, or another field.
                plain = isinstance(made, Has) or (isinstance(made, HasAny) and made.other is None and not made.every)
                said = plain and isinstance(made, Has | HasAny) and made.left == head
                return made if said else Has(head, pick.some(known.type.values, 1, 2))
            case "文本":
                value = pick.one(("某文", "另文"))
                return Is(head, value, value_text(value, "文本"), pick.chance(30))
            case _:
                constant = self.const(head.kind, known.type.domain)
                given = self.parameters((head.kind,))
                bound: Term_ = ParamRef(pick.one(given).name, head.kind) if given and pick.chance(25) else constant
                match pick.between(0, 3):
                    case 0:
                        return Is(head, constant.value, constant.text, pick.chance(30))
                    case 1:
                        return Between(head, constant, bound)
                    case 2:
                        lower = self.const(head.kind, known.type.domain)
                        return And((Cmp("≥", head, lower), Cmp("<", head, bound)))
                    case _:
                        return Cmp(pick.one(OPS), head, bound)

    def tiers(self, head: Ref) -> list[Cond]:
        """Conditions on an amount of which one holds at most."""
        known = self.field(head).type
        bounds = {value.value: value for value in (self.const(head.kind, known.domain) for _ in range(3))}
        cuts = [bounds[value] for value in sorted(bounds)]
        made: list[Cond] = [Cmp("<", head, cuts[0])]
        made += [And((Cmp("≥", head, low), Cmp("<", head, high))) for low, high in itertools.pairwise(cuts)]
        return [*made, Cmp("≥", head, cuts[-1])]

    def decision_test(self, decision: Decision) -> Cond:
        pick = self.pick
        if decision.mode == "多选":
            if pick.chance(30):
                return DecHas(decision.name, decision.object, pick.some(decision.values, 1, 2), any=True)
            return DecHas(decision.name, decision.object, pick.some(decision.values, 1, 2), negated=pick.chance(30))
        items: tuple[str | None, ...] = pick.some((*decision.values, None), 1, 2)
        return DecIs(decision.name, decision.object, items, pick.chance(25))

    def statistics(self, frames: Frames) -> list[StatDecl]:
        """Statistics of which it is told here which group is meant."""
        seen = self.scope.seen(frames)
        rows = [s for s in self.scope.statistics if s.by != "项目" and s.by in seen]
        return [*(s for s in self.scope.statistics if s.by == "项目"), *rows, *rows]

    def statistic(self, statistic: StatDecl) -> StatRef:
        return StatRef(statistic.name, statistic.kind, statistic.by)

    def figures(self, frames: Frames) -> tuple[Expr | DecRef, ...]:
        """Names that a notice may tell the value of."""
        seen = sorted(self.scope.seen(frames))
        found: list[Expr | DecRef] = [
            Ref(f.object, f.name, f.type.kind) for object_ in seen for f in self.scope.fields_of(object_)
        ]
        found += [TermRef(t.name, t.object, t.kind) for t in self.scope.terms if t.object in seen]
        found += [self.statistic(s) for s in self.statistics(frames)]
        found += [ParamRef(p.name, p.type.kind) for p in self.scope.parameters]
        found += [DecRef(d.name, d.object, d.values) for d in self.scope.decisions if d.object in seen]
        found += [
            AmountRef(a.name, a.object, a.kind) for a in self.scope.amounts if a.kind is not None and a.object in seen
        ]
        return self.pick.some(tuple(dict.fromkeys(found)), 0, 3)

    def plain_terms(self) -> list[TermDecl]:
        """Terms that read no other name."""
        return [t for t in self.scope.terms if not any(isinstance(n, StatRef | TermRef) for n in walk(t.body))]

    def member_cond(self, object_: str = "项目") -> Cond:
        """A condition on a member of the portfolio, often on its decisions; reads no statistic directly."""
        kept = self.scope.statistics, self.scope.terms
        self.scope.statistics, self.scope.terms = [], self.plain_terms()
        decisions = [d for d in self.scope.decisions if d.object in ("项目", object_)]
        made = (
            self.decision_test(self.pick.one(decisions))
            if decisions and self.pick.chance(50)
            else self.cond(1, (object_,))
        )
        self.scope.statistics, self.scope.terms = kept
        return made

    def deadline(self, frames: Frames) -> Term_:
        """A date of the record, of the text, or shifted; or what a decision says."""
        decided = [a for a in self.scope.amounts if a.kind == "日期" and a.object in self.scope.seen(frames)]
        if decided and not self.once and self.pick.chance(50):
            amount = self.pick.one(decided)
            return AmountRef(amount.name, amount.object, "日期")
        found = [r for r in self.refs(frames, ("日期",)) if r.name not in self.scope.presumed]
        if found and self.pick.chance(65):
            chosen = self.pick.one(found)
            if self.pick.chance(20):
                return Workdays(chosen, self.const("工作日"), 1)
            # A blank with bounds may leave an end of a period known: that is no deadline of a blank date.
            if self.field(chosen).type.low is None and self.pick.chance(40):
                return self.yearly(chosen) if self.pick.chance(60) else Day(chosen, "之季末", "日期")
            return chosen if self.pick.chance(70) else Shift(chosen, self.const("天"), 1)
        if self.pick.chance(30):
            return self.yearly(None)
        return self.const("日期")

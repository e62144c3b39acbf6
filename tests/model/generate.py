"""Random small policies that load: objects, parameters, terms, decisions of all modes, portfolio aggregates, layers.

Why this exists: what a person would not think of writing is where an engine and its definition part. Everything is
small (few fields, few values, bounds of a few steps), so that the values a blank may still take can be tried one by one.

Invariants: a generated policy has no cycle and breaks no authority; every field's ``domain`` lies within its bounds.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from .choosing import Chooser, Pick
from .expressions import Expressions, Scope, walk
from .folding import rows_of
from .printing import term as printed
from .printing import value_text
from .syntax import (
    WAN,
    Agg,
    Amendment,
    Bounded,
    Case,
    Cond,
    Dates,
    Decision,
    Declaration,
    Duty,
    Expr,
    Extension,
    FieldDecl,
    Force,
    Kind,
    Limit,
    LimitAmendment,
    ListDecl,
    Mode,
    Notice,
    ObjectDecl,
    Parameter,
    Policy,
    Presumption,
    Rank,
    RankAmendment,
    Ref,
    Row,
    Rule,
    Setting,
    StatDecl,
    Table,
    TableRow,
    TermDecl,
    TermRef,
    Value,
)
from .telling import message_of

STEMS = "甲乙丙丁戊己庚辛"
WORDS: dict[str, str] = {
    "是否": "真",
    "枚举": "类",
    "整数": "数",
    "金额": "款",
    "日期": "日",
    "多选": "选",
    "比例": "比",
    "月": "期",
    "天": "历",
    "文本": "文",
}
PREFIXES = {"县": "县", "项目": "项", "资金": "资", "台账": "账", "明细": "细"}
COLOURS = ("红", "蓝", "3级")
MEANS = ("水", "电")
AS_OF = (
    datetime.date(2025, 6, 30),
    datetime.date(2025, 2, 28),
    datetime.date(2024, 2, 29),
    datetime.date(2025, 6, 29),
    datetime.date(2025, 2, 27),
)
SHAPES: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((),),
    ((), (0,)),
    ((), (0,), (1,)),
    ((), (0,), (0,), (1, 2)),
    ((), (0,), (0,), (1, 2), (3,)),
    ((), (0,), (0,), (1,), (2, 3)),
    ((), (0,), (0,), (0,), (1, 3, 2)),
    ((), (0,)),
    ((), (0,), (1,)),
    ((), (0,), (0,), (1, 2)),
)
"""Chains, and documents side by side: of each layer those it extends."""
NARROWING = {"还须", "仅限", "除外"}
SINGLE = ("留", "改", "停", "转")
MULTI = ("帮", "扶", "贷")


def domain_of(kind: Kind, values: tuple[str, ...], pick: Pick, as_of: datetime.date, bounded: bool) -> Bounded:
    """A type with bounds of a few steps, or without; and the values to try."""
    match kind:
        case "是否":
            return Bounded(kind, domain=(False, True))
        case "枚举":
            return Bounded(kind, values, domain=values)
        case "多选":
            sets: list[frozenset[str]] = [frozenset()]
            for value in values:
                sets += [known | {value} for known in sets]
            return Bounded(kind, values, domain=tuple(sets))
        case "文本":
            return Bounded(kind, domain=("某文", "另文"))
        case "日期":
            start = as_of - datetime.timedelta(days=pick.one((1, 0, 31, 61)))
            days = tuple(start + datetime.timedelta(days=step) for step in range(3))
            if bounded:
                return Bounded(kind, low=days[0], high=days[2], domain=days)
            return Bounded(
                kind, domain=(*days, as_of - datetime.timedelta(days=500), as_of + datetime.timedelta(days=40))
            )
    steps_of: dict[str, int | Fraction] = {"金额": WAN, "比例": Fraction(1, 2)}
    step = steps_of.get(kind, 1)
    start_at = pick.one((0, 1))
    steps: tuple[Value, ...] = tuple(step * (start_at + index) for index in range(pick.between(2, 3)))
    if bounded:
        return Bounded(kind, low=steps[0], high=steps[-1], domain=steps)
    if pick.chance(50):
        return Bounded(kind, low=steps[0], domain=(*steps, 50 * step))
    if kind in ("月", "天"):
        return Bounded(kind, low=0, domain=(0, *steps, 50))
    return Bounded(kind, domain=(-2 * step, 0 * step, *steps, 50 * step))


class Generator:
    """Makes one policy. Names of each kind carry a running letter, so they never collide."""

    def __init__(self, chooser: Chooser) -> None:
        self.pick = Pick(chooser)
        self.as_of = self.pick.one(AS_OF)
        self.fields: list[FieldDecl] = []
        self.declarations: list[Declaration] = []
        self.scope = Scope(self.as_of)
        self.expressions = Expressions(self.pick, self.scope)
        self.shape = Policy(self.as_of, (), (), ())
        """Which layers there are, and which extends which."""
        self.place: dict[str, str] = {}
        """The decision of each rule."""
        self._counts: dict[str, int] = {}

    def name(self, word: str) -> str:
        """A fresh name beginning with ``word``."""
        at = self._counts.get(word, 0)
        self._counts[word] = at + 1
        return word + STEMS[at % len(STEMS)] + ("" if at < len(STEMS) else str(at))

    def key(self, word: str) -> str:
        at = self._counts.get("key " + word, 0)
        self._counts["key " + word] = at + 1
        return f"{word}_{at}"

    # ---- data -------------------------------------------------------------------------------------------------------

    def objects(self) -> tuple[ObjectDecl, ...]:
        found = [ObjectDecl("县", "county", None), ObjectDecl("项目", "project", "县", "编号")]
        if self.pick.chance(65):
            found.append(ObjectDecl("资金", "sources", "项目"))
            if self.pick.chance(20):
                found.append(ObjectDecl("明细", "items", "资金"))
        if self.pick.chance(20):
            found.append(ObjectDecl("台账", "ledgers", "县"))
        return tuple(found)

    def add_field(self, object_: str, kind: Kind, level: int = 0) -> FieldDecl:
        values = {"枚举": COLOURS[: self.pick.between(2, 3)], "多选": MEANS}.get(kind, ())
        type_ = domain_of(kind, values, self.pick, self.as_of, not self.pick.chance(20))
        name = self.name(PREFIXES[object_] + WORDS[kind])
        made = FieldDecl(object_, name, self.key("f"), type_, level, self.pick.chance(30))
        self.fields.append(made)
        if self.scope.fields is not self.fields:
            self.scope.fields.append(made)
        return made

    def data(self) -> tuple[ObjectDecl, ...]:
        pick = self.pick
        objects = self.objects()
        self.scope.objects = objects
        common: tuple[Kind, ...] = (
            "是否",
            "是否",
            "整数",
            "枚举",
            "金额",
            "日期",
            "多选",
            "是否",
            "比例",
            "月",
            "文本",
        )
        for entry in objects:
            match entry.name:
                case "县":
                    for _ in range(pick.between(0, 2)):
                        self.add_field("县", pick.one(("是否", "整数", "枚举")))
                case "项目":
                    id_ = Bounded("文本", domain=("甲号",))
                    self.fields.append(FieldDecl("项目", "编号", "id", id_))
                    for _ in range(pick.between(2, 6)):
                        self.add_field("项目", pick.one(common))
                case "资金":
                    for _ in range(pick.between(1, 3)):
                        self.add_field("资金", pick.one(("金额", "是否", "整数", "枚举", "日期", "多选")))
                case "明细":
                    for _ in range(pick.between(1, 2)):
                        self.add_field("明细", pick.one(("是否", "整数", "枚举")))
                case _:
                    self.add_field("台账", "枚举")
                    self.add_field("台账", "整数")
        self.scope.fields = self.fields
        for _ in range(pick.between(0, 3)):
            self.parameter(0)
        for _ in range(pick.between(0, 1)):
            words = COLOURS if pick.chance(60) else MEANS
            items, open_ = pick.some(words, 1, 2), pick.chance(60)
            rest = tuple(word for word in words if word not in items)
            without = (pick.one(rest),) if open_ and rest and pick.chance(50) else ()
            made = ListDecl(self.name("单"), items, open_, without=without)
            self.add(made)
            self.scope.lists.append(made)
        return objects

    def add(self, entry: Declaration) -> None:
        self.declarations.append(entry)
        if isinstance(entry, TermDecl | StatDecl | Decision):
            self.scope.made.append(entry.name)

    def parameter(self, level: int) -> None:
        pick = self.pick
        kinds: tuple[Kind, ...] = ("整数", "是否", "金额", "枚举", "日期", "月", "天", "比例", "多选")
        kind = pick.one(kinds)
        values = {"枚举": COLOURS[: pick.between(2, 3)], "多选": MEANS}.get(kind, ())
        type_ = domain_of(kind, values, pick, self.as_of, True)
        reading = kind in ("枚举", "是否") and pick.chance(40)
        state: Literal["fixed", "default", "unset"] = pick.one(("unset", "fixed", "default"))
        if reading:
            state = "default"
        value = None if state == "unset" else pick.one(type_.domain)
        dated: tuple[tuple[datetime.date, Value], ...] = ()
        if value is not None and pick.chance(15):
            days = sorted({self.as_of + datetime.timedelta(days=pick.one((0, -30, 1, -1))) for _ in range(2)})
            dated = tuple((day, pick.one(type_.domain)) for day in days)
        direction: Literal["越高越严", "越低越严"] | None = None
        if kind in ("整数", "金额", "日期", "月", "天", "比例") and pick.chance(40):
            direction = pick.one(("越高越严", "越低越严"))
        made = Parameter(self.name("参"), self.key("p"), type_, state, value, reading, level, dated, direction)
        self.add(made)
        self.scope.parameters.append(made)

    def presumptions(self, level: int) -> None:
        """推定 of fields whose conditions read no presumed field and no decision, so no cycle can arise."""
        pick = self.pick
        owners = [o.name for o in self.scope.objects if self.scope.fields_of(o.name)]
        for _ in range(pick.between(0, 2)):
            owner = pick.one(owners)
            # A 期限 is 进行中 while it is not known, presumed or not: what a completion knows of it is no Kleene matter.
            due = {
                n.name for d in self.declarations if isinstance(d, Duty) for n in walk(d.deadline) if isinstance(n, Ref)
            }
            targets = [f for f in self.scope.fields if f.object == owner and f.name not in {"编号", *due}]
            if not targets:
                continue
            presumed = self.scope.presumed
            before = [f for f in targets if f.name in presumed]
            target = pick.one(before if before and pick.chance(60) else targets)
            plain = [f for f in self.scope.fields if f.name != target.name and f.name not in presumed]
            if target.name not in presumed and target.name in self.scope.read_by_presumption:
                continue
            if not any(f.object in self.scope.line(owner) for f in plain):
                continue
            # 则 … 为 takes one value: a set of one.
            values = [v for v in target.type.domain if not isinstance(v, frozenset) or len(v) == 1]
            cases: list[Case] = []
            for _ in range(pick.between(1, 2)):
                with self.scope.only(plain):
                    when = self.expressions.cond(1, (owner,))
                self.scope.read_by_presumption |= {n.name for n in walk(when) if isinstance(n, Ref)}
                self.scope.read_by_presumption |= {n.field for n in walk(when) if isinstance(n, Agg)}
                cases.append(Case(when, target.name, target.type, pick.one(values)))
            presumed.add(target.name)
            self.add(Presumption(self.name("推"), owner, tuple(cases), level))
            return

    # ---- logic ------------------------------------------------------------------------------------------------------

    def logic(self) -> None:
        pick = self.pick
        for _ in range(pick.between(0, 1)):
            self.term(0)
        for _ in range(pick.between(1, 3)):
            if pick.chance(30):
                self.statistic(0)
            if pick.chance(30):
                self.amount(0)
            else:
                self.decision(0)
            if pick.chance(25):
                self.term(0)
        for _ in range(pick.between(0, 4)):
            self.duty(0)
        if pick.chance(25):
            owner = pick.one(self.demanded())
            figures = self.expressions.figures((owner,))
            message = message_of(figures, [printed(figure) for figure in figures])
            self.add(Notice(self.name("提"), owner, self.expressions.cond(2, (owner,)), message, 0, figures))

        for statistic in [s for s in self.scope.statistics if s.by != "项目"]:
            # What a statistic by rows comes to is told of every row, so that it is looked at.
            figure = self.expressions.statistic(statistic)
            self.add(
                Notice(self.name("提"), statistic.by, None, message_of((figure,), [printed(figure)]), 0, (figure,))
            )

    def owners(self) -> list[str]:
        """Objects that a rule may speak of, 项目 first."""
        names = [o.name for o in self.scope.objects if self.scope.fields_of(o.name)]
        return ["项目", "项目", "项目", *(n for n in names if n != "项目")]

    def demanded(self) -> list[str]:
        """The same for duties and notices: rows as often as records, since their list may not be supplied."""
        rows = [name for name in self.owners() if name not in ("项目", "县")]
        return [*self.owners(), *rows, *rows]

    def term(self, level: int) -> None:
        owner = self.pick.one(self.owners())
        kind: Kind = self.pick.one(("是否", "整数", "金额"))
        made_of = self.expressions
        body: Expr = made_of.cond(2, (owner,)) if kind == "是否" else made_of.amount(kind, 2, (owner,))
        made = TermDecl(self.name("术"), owner, kind, body, level)
        self.add(made)
        self.scope.terms.append(made)

    def statistic(self, level: int) -> None:
        pick = self.pick
        below = [o.name for o in self.scope.objects if o.name in ("资金", "明细") and self.scope.fields_of(o.name)]
        owner = pick.one(below) if below and pick.chance(45) else "项目"
        sorts = ("枚举", "是否", "文本", "整数") if owner != "项目" else ("枚举", "是否", "文本")
        keys: list[Ref | TermRef] = [
            Ref(f.object, f.name, f.type.kind)
            for object_ in self.scope.line(owner)
            for f in self.scope.fields_of(object_)
            if f.type.kind in sorts and f.name != "编号" and (object_ != "县" or owner != "项目")
        ]
        terms = [t for t in self.expressions.plain_terms() if t.object == owner]
        keys += [TermRef(t.name, t.object, t.kind) for t in terms if t.kind == "是否"]
        same = pick.some(tuple(keys), 0, 2)
        own = tuple(key for key in keys if key.object == owner)
        if owner != "项目" and own and pick.chance(50):
            same = tuple(dict.fromkeys((pick.one(own), *same[:1])))
        what = pick.one(("计数", "占比", "计数", "占比", "种数", "合计", "合计"))
        where = self.expressions.member_cond(owner) if pick.chance(70) else None
        match = self.expressions.member_cond(owner) if what == "占比" else None
        field, kind, term = None, {"占比": "比例"}.get(what, "整数"), False
        if what in ("种数", "合计") or (what == "占比" and pick.chance(50)):
            wanted = ("枚举", "整数") if what == "种数" else ("整数", "金额")
            found: list[FieldDecl | TermDecl] = [f for f in self.scope.fields_of(owner) if f.type.kind in wanted]
            found += [t for t in terms if t.kind in wanted]
            if not found:
                return
            chosen = pick.one(found)
            field, term = chosen.name, isinstance(chosen, TermDecl)
            of: str = chosen.kind if isinstance(chosen, TermDecl) else chosen.type.kind
            kind = of if what == "合计" else kind
        made = StatDecl(self.name("统"), what, field, same, where, match, kind, level, owner, term)  # type: ignore[arg-type]
        self.add(made)
        self.scope.statistics.append(made)

    def decision(self, level: int) -> None:
        pick = self.pick
        mode: Mode = pick.one(("单选", "单选", "由宽到严", "多选"))
        owner = pick.one(["项目", *self.owners()])
        values = pick.some(MULTI if mode == "多选" else SINGLE, 2, 3)
        applies = self.expressions.cond(1, (owner,)) if pick.chance(25) else None
        default = pick.one(values) if mode != "多选" and pick.chance(35) else None
        ranks: tuple[Rank, ...] = ()
        if mode == "单选" and pick.chance(45):
            ranks = (self.rank(values, owner),)
        permitted = {
            "由宽到严": (None, "自定", "细化", "从严"),
            "多选": ("自定", None, "细化"),
            "单选": ("自定", None, "细化"),
        }
        authority = pick.one(permitted[mode])
        made = Decision(self.name("定"), self.key("d"), owner, mode, values, applies, default, ranks, authority, level)
        self.add(made)
        for _ in range(pick.between(1, 4)):
            self.rule(made, level)
        if not self.expressions.once and pick.chance(35):
            self.table(made, level)
        self.scope.decisions.append(made)

    def table(self, decision: Decision, level: int) -> None:
        """A 决策表 of a decision. Where one row at most may hold, they are tiers of an amount."""
        pick, frames = self.pick, (decision.object,)
        kinds: tuple[Kind, ...] = ("整数", "金额", "比例", "月", "天", "日期")
        others: tuple[Kind, ...] = ("是否", "枚举", "多选", "文本")
        amounts = [ref for ref in self.expressions.refs(frames, kinds) if ref.how != "self"]
        refs = [ref for ref in self.expressions.refs(frames, (*kinds, *others)) if ref.how != "self"]
        refs = [ref for ref in refs if ref.name != "编号"]
        decisions = [d for d in self.scope.decisions if d.object in self.scope.line(decision.object)]
        if not refs:
            return
        meeting: Literal["一行", "取首行", "可重叠"] = pick.one(("取首行", "可重叠"))
        tiers: list[Cond] = []
        first: list[Ref] = []
        if amounts and pick.chance(40):
            meeting, first = "一行", [pick.one(amounts)]
            tiers = self.expressions.tiers(first[0])
        heads: dict[str, Ref | Decision] = {printed(ref): ref for ref in first}
        for _ in range(pick.between(1, 2)):
            chosen: Ref | Decision = pick.one(decisions) if decisions and pick.chance(30) else pick.one(refs)
            heads.setdefault(chosen.name if isinstance(chosen, Decision) else printed(chosen), chosen)
        rows: list[TableRow] = []
        for number in range(len(tiers) or pick.between(1, 4)):
            cells = [None if pick.chance(30) else self.expressions.cell(head) for head in heads.values()]
            if tiers:
                cells[0] = tiers[number]
            values = pick.some(decision.values, 1, 2 if decision.mode == "多选" else 1)
            tone = pick.one((None, "支持")) if decision.mode == "多选" else None
            rows.append(TableRow(tuple(cells), values, tone))
        rest = pick.some(decision.values, 1, 1) if pick.chance(35) else ()
        made = Table(self.name("表"), decision.object, decision.name, tuple(heads), tuple(rows), meeting, rest, level)
        for row in rows_of(made):
            self.place[row.name] = decision.name
        self.add(made)

    def amount(self, level: int) -> None:
        """A 决定 of a number or a date."""
        pick, made_of = self.pick, self.expressions
        mode: Mode = pick.one(("单值", "单值", "累计"))
        kinds: tuple[Kind, ...] = ("整数", "金额", "比例", "日期", "金额")
        kind = pick.one([known for known in kinds if mode == "单值" or known != "日期"])
        owner = pick.one(["项目", *self.owners()])
        applies = made_of.cond(1, (owner,)) if pick.chance(25) else None
        least = made_of.value_near(kind) if mode == "单值" and pick.chance(35) else None
        limits = self.limits(kind, owner) if pick.chance(40) else ()
        made = Decision(
            self.name("额"),
            self.key("d"),
            owner,
            mode,
            (),
            applies,
            authority=pick.one(("自定", None, "细化")),
            level=level,
            kind=kind,
            least=least,
            limits=limits,
        )
        self.add(made)
        at = len(self.declarations) - 1
        for _ in range(pick.between(1, 4)):
            self.giving(made, level)
        rules = self.rules_of(made, level)
        if mode == "单值" and len(rules) > 1 and pick.chance(45):
            self.declarations[at] = made = replace(made, ranks=(self.rank(rules, owner),))
        self.scope.amounts.append(made)

    def rules_of(self, decision: Decision, level: int) -> tuple[str, ...]:
        """Those that a layer sees."""
        seen = {level, *self.shape.above(level)}
        rules = (e for e in self.declarations if isinstance(e, Rule) and e.decision == decision.name)
        return tuple(rule.name for rule in rules if rule.level in seen)

    def limits(self, kind: Kind, owner: str) -> tuple[Limit, ...]:
        pick = self.pick
        return tuple(
            Limit(pick.chance(65), self.expressions.amount(kind, pick.between(0, 1), (owner,)))
            for _ in range(pick.between(1, 2))
        )

    def giving(self, decision: Decision, level: int, supplement: bool = False) -> None:
        """A rule of an amount."""
        pick, owner = self.pick, decision.object
        assert decision.kind is not None
        when = None if pick.chance(8) else self.expressions.cond(pick.between(1, 2), (owner,))
        exceptions = (self.expressions.cond(1, (owner,)),) if pick.chance(10) else ()
        amount = (
            self.expressions.const(decision.kind)
            if pick.chance(25)
            else self.expressions.amount(decision.kind, pick.between(0, 2), (owner,))
        )
        force = self.force() if not supplement else Force()
        name = self.name("规")
        self.place[name] = decision.name
        self.add(
            Rule(name, owner, decision.name, (), when, exceptions, None, supplement, force, level, amount),
        )

    def rank(self, values: tuple[str, ...], owner: str) -> Rank:
        """先后 along the declared order, so that several never contradict each other."""
        chosen = set(self.pick.some(values, 2, 3))
        when = self.expressions.cond(1, (owner,)) if self.pick.chance(35) else None
        return Rank(tuple(v for v in values if v in chosen), when)

    def rule(self, decision: Decision, level: int, supplement: bool = False, values: tuple[str, ...] = ()) -> None:
        pick = self.pick
        values = values or pick.some(decision.values, 1, 2 if decision.mode == "多选" else 1)
        when = None if pick.chance(4) else self.expressions.cond(pick.between(1, 3), (decision.object,))
        exceptions = (self.expressions.cond(1, (decision.object,)),) if pick.chance(12) else ()
        tone = pick.one((None, "支持", "应当")) if decision.mode == "多选" else None
        force = self.force() if not supplement else Force()
        name = self.name("规")
        self.place[name] = decision.name
        self.add(Rule(name, decision.object, decision.name, values, when, exceptions, tone, supplement, force, level))

    def force(self) -> Force:
        if not self.pick.chance(10):
            return Force()
        day = self.as_of + datetime.timedelta(days=self.pick.one((0, 10, -10, 1, -1)))
        return Force(since=day) if self.pick.chance(50) else Force(until=day)

    def duty(self, level: int) -> None:
        pick = self.pick
        owner = pick.one(self.demanded())
        deadline = None
        if pick.chance(50):
            deadline = self.expressions.deadline((owner,))
        expiry = self.expressions.cond(1, (owner,)) if pick.chance(35) else None
        when = None if pick.chance(10) else self.expressions.cond(1, (owner,))
        exceptions = (self.expressions.cond(1, (owner,)),) if pick.chance(10) else ()
        authority = pick.one(("自定", None, "细化"))
        demand = self.expressions.cond(pick.between(1, 2), (owner,))
        prohibition = pick.chance(40)
        told = [] if prohibition else self.expressions.refs((owner,), ("文本", "枚举", "多选"))
        told = [ref for ref in told if ref.name != "编号"]
        reason = pick.one(told) if told and pick.chance(40) else None
        if reason is not None and self.expressions.once:
            self.expressions.used.add(reason.name)
        self.add(
            Duty(
                self.name("义"),
                owner,
                prohibition,
                when,
                demand,
                deadline,
                expiry,
                exceptions,
                authority,
                self.force(),
                level,
                reason,
            )
        )

    # ---- lower layers -----------------------------------------------------------------------------------------------

    def lower(self, level: int) -> None:
        """What a lower layer may do, each act within the authority that the upper declaration gives."""
        pick = self.pick
        above = self.shape.above(level)
        upper = [entry for entry in self.declarations if entry.level in above]
        if pick.chance(25):
            self.add_field(pick.one(self.owners()), pick.one(("是否", "整数", "枚举")), level)
        stopped = {entry.target for entry in upper if isinstance(entry, Amendment) and entry.stop}
        decisions = {entry.name: entry for entry in upper if isinstance(entry, Decision)}
        rows = [row for entry in upper if isinstance(entry, Table) for row in rows_of(entry)]
        for entry in (*upper, *rows):
            match entry:
                case Parameter() if (entry.state != "fixed" or entry.direction) and pick.chance(30):
                    beside = [each for each in self.beside(level, entry.name) if isinstance(each, Setting)]
                    if beside:
                        # Documents beside each other may only set alike.
                        if len({(each.value, each.since) for each in beside}) == 1:
                            self.add(replace(beside[0], level=level))
                        continue
                    since = self.as_of + datetime.timedelta(days=pick.one((0, 1, -9))) if pick.chance(15) else None
                    value = self.strict_enough(entry)
                    if value is not None:
                        self.add(Setting(entry.name, entry.type, value, level, since))
                case ListDecl() if pick.chance(25):
                    rest = [
                        word
                        for word in (COLOURS if entry.items[0] in COLOURS else MEANS)
                        if not self.listed(word, entry.name, level)
                    ]
                    if rest:
                        self.add(Extension(entry.name, (rest[0],), level))
                case Decision():
                    self.act_on_decision(entry, level)
                case Rule() if entry.name not in stopped and pick.chance(35):
                    decided = decisions[entry.decision]
                    authority = decided.authority or ("从严" if decided.mode == "由宽到严" else "细化")
                    acts = {"自定": ("还须", "或者", "除外", "停用"), "细化": ("还须", "除外"), "从严": ("或者",)}[
                        authority
                    ]
                    self.amend(entry.name, acts, entry.object, level, entry.force)
                case Duty() if entry.name not in stopped and pick.chance(40):
                    more = "还不得" if entry.prohibition else "还应当"
                    acts = {
                        "自定": (more, "仅限", "或者", "除外", "停用"),
                        "细化": ("仅限", "除外"),
                        "从严": (more, "或者"),
                    }[entry.authority or "从严"]
                    self.amend(entry.name, acts, entry.object, level, entry.force)
        if pick.chance(40):
            self.presumptions(level)
        if pick.chance(20):
            self.decision(level)
        if pick.chance(20):
            self.duty(level)

    def strict_enough(self, entry: Parameter) -> Value | None:
        """A value that may be set: where a direction is given, no laxer than any that stands above, whatever the day."""
        given = [made.value for made in self.declarations if isinstance(made, Setting) and made.target == entry.name]
        above = [value for value in (entry.value, *(value for _, value in entry.dated), *given) if value is not None]
        allowed = list(entry.type.domain)
        if entry.direction == "越高越严":
            allowed = [value for value in allowed if all(value >= one for one in above)]  # type: ignore[operator]
        elif entry.direction == "越低越严":
            allowed = [value for value in allowed if all(value <= one for one in above)]  # type: ignore[operator]
        return self.pick.one(allowed) if allowed else None

    def beside(self, level: int, target: str) -> list[Declaration]:
        """What layers beside ``level`` do to ``target``."""
        above = self.shape.above(level)
        return [
            entry
            for entry in self.declarations
            if getattr(entry, "target", None) == target and entry.level != level and entry.level not in above
        ]

    def listed(self, word: str, name: str, level: int) -> bool:
        return any(
            word in entry.items
            for entry in self.declarations
            if entry.level in self.shape.above(level)
            if (isinstance(entry, ListDecl) and entry.name == name)
            or (isinstance(entry, Extension) and entry.target == name)
        )

    def amend(self, target: str, acts: tuple[str, ...], owner: str, level: int, base: Force) -> None:
        pick = self.pick
        beside = [entry for entry in self.beside(level, target) if isinstance(entry, Amendment)]
        if any(entry.stop for entry in beside):
            return
        # Documents beside each other must not pull apart.
        written = {kind for entry in beside for kind, _ in entry.operations}
        acts = tuple(
            act
            for act in acts
            if not (beside and act == "停用")
            and not (written & NARROWING and act == "或者")
            and not ("或者" in written and act in NARROWING)
        )
        if not acts or pick.chance(12 if base.holds(self.as_of) else 50):
            self.add(Amendment(target, restate=True, force=self.force(), level=level))
            return
        chosen = pick.some(acts, 1, 2)
        force = self.force()
        if "停用" in chosen:
            self.add(Amendment(target, stop=True, force=force, level=level))
            return
        operations = tuple(
            (act, self.expressions.cond(1, (owner,), before=self.place.get(target, ""))) for act in chosen
        )
        self.add(Amendment(target, operations, force=force, level=level))

    def act_on_decision(self, entry: Decision, level: int) -> None:
        pick = self.pick
        authority = entry.authority or ("从严" if entry.mode == "由宽到严" else "细化")
        if entry.kind is not None:
            self.act_on_amount(entry, authority, level)
            return
        # Conditions that a lower layer adds to a decision may read only what that decision came after.
        with self.scope.before(entry.name):
            if pick.chance(30):
                self.rule(entry, level, supplement=True)
            if authority in ("自定", "从严") and (authority == "自定" or entry.mode == "由宽到严") and pick.chance(30):
                self.rule(entry, level)
            if entry.mode == "多选" and authority == "自定" and pick.chance(25):
                extra = f"增{level}"
                self.add(Extension(entry.name, (extra,), level))
                self.rule(entry, level, values=(extra,))
            if entry.mode == "单选" and pick.chance(20):
                self.add(RankAmendment(entry.name, self.rank(entry.values, entry.object), level))

    def calendar(self, levels: int) -> tuple[Dates, ...]:
        """Days of 节假日 in none, one or several years near 评估日, and some 调休上班; a lower layer may add a year."""
        pick = self.pick
        if pick.chance(35):
            return ()
        found: list[Dates] = []
        years = [self.as_of.year + step for step in ((0,), (0, -1), (0, 1), (-1,))[pick.between(0, 3)]]
        for year in years:
            start = self.as_of.replace(year=year, day=1) + datetime.timedelta(days=pick.between(0, 40))
            closed = tuple(start + datetime.timedelta(days=step) for step in range(pick.between(1, 5)))
            closed = tuple(day for day in closed if day.year == year)
            level = levels - 1 if year != years[0] else 0
            if closed:
                found.append(Dates("节假日", closed, level))
        closed_days = {day for dates in found for day in dates.days}
        weekend = [self.as_of + datetime.timedelta(days=step) for step in range(-20, 20)]
        weekend = [day for day in weekend if day.isoweekday() > 5 and day not in closed_days]
        if pick.chance(50):
            found.append(Dates("调休上班", tuple(sorted({pick.one(weekend) for _ in range(3)})), 0))
        # Two lists of one name in one layer would be declared twice.
        merged: dict[tuple[str, int], Dates] = {}
        for dates in found:
            before = merged.get((dates.name, dates.level))
            days = dates.days if before is None else (*before.days, *dates.days)
            merged[dates.name, dates.level] = replace(dates, days=days)
        return tuple(merged.values())

    def act_on_amount(self, entry: Decision, authority: str, level: int) -> None:
        pick = self.pick
        with self.scope.before(entry.name):
            if pick.chance(30):
                self.giving(entry, level, supplement=True)
            if authority == "自定" and pick.chance(30):
                self.giving(entry, level)
            rules = self.rules_of(entry, level)
            if entry.mode == "单值" and len(rules) > 1 and pick.chance(20):
                self.add(RankAmendment(entry.name, self.rank(rules, entry.object), level))
            elif pick.chance(30):
                assert entry.kind is not None
                self.add(LimitAmendment(entry.name, self.limits(entry.kind, entry.object), level))

    def policy(self) -> Policy:
        """One policy."""
        objects = self.data()
        if self.pick.chance(45):
            self.presumptions(0)
        self.logic()
        self.shape = replace(self.shape, lineage=self.pick.one(SHAPES))
        levels = len(self.shape.lineage)
        for level in range(1, levels):
            with self.scope.seeing({level, *self.shape.above(level)}):
                self.lower(level)
        return Policy(
            self.as_of,
            objects,
            tuple(self.fields),
            tuple(self.declarations),
            levels,
            calendar=self.calendar(levels),
            lineage=self.shape.lineage,
        )


class OnceGenerator(Generator):
    """A policy with one decision and some duties in which no field is read twice.

    Where no blank repeats, Kleene's logic loses nothing: what all completions agree on must be said. So nothing is made
    here that reads a field twice behind the scenes (介于, equality of computed amounts) or whose values are not all tried.
    """

    def __init__(self, chooser: Chooser) -> None:
        super().__init__(chooser)
        self.expressions.once = True

    def policy(self) -> Policy:
        pick = self.pick
        objects = [ObjectDecl("县", "county", None), ObjectDecl("项目", "project", "县", "编号")]
        objects += [ObjectDecl("资金", "sources", "项目")]
        self.scope.objects = tuple(objects)
        self.fields.append(FieldDecl("项目", "编号", "id", Bounded("文本", domain=("甲号",))))
        kinds: tuple[Kind, ...] = ("是否", "是否", "是否", "枚举", "整数", "多选", "日期", "月")
        for owner, count in (("县", 2), ("项目", 9), ("资金", 3)):
            for _ in range(count):
                kind = pick.one(kinds) if owner == "项目" else pick.one(kinds[:5])
                values = {"枚举": COLOURS, "多选": MEANS}.get(kind, ())
                type_ = domain_of(kind, values, pick, self.as_of, True)
                name = self.name(PREFIXES[owner] + WORDS[kind])
                self.fields.append(FieldDecl(owner, name, self.key("f"), type_))
        self.scope.fields = self.fields
        self.decision(0)
        self.duty(0)
        levels = pick.one((1, 2))
        # 期限 of a duty may be a date that is blank; that is no Kleene matter.
        self.declarations = [replace(d, deadline=None) if isinstance(d, Duty) else d for d in self.declarations]
        calendar = self.calendar(levels)
        return Policy(
            self.as_of, self.scope.objects, tuple(self.fields), tuple(self.declarations), levels, calendar=calendar
        )


# ---- records --------------------------------------------------------------------------------------------------------


def make_row(
    policy: Policy, object_: str, pick: Pick, blanks: int, parent: Row | None, path: str, supplied: bool = False
) -> Row:
    """A row with ``blanks`` per cent of its cells blank, and as many of its lists not supplied."""
    row = Row(object_, parent=parent, path=path)
    for known in policy.fields_of(object_):
        if not pick.chance(blanks):
            row.values[known.name] = pick.one(known.type.domain)
    row.blank = frozenset(f.name for f in policy.fields_of(object_) if f.name not in row.values)
    missing: list[str] = []
    for child in policy.children(object_):
        if child == "项目":
            continue
        if supplied is False and pick.chance(blanks // 2):
            row.rows[child] = None
            missing.append(child)
            continue
        lead = child if path in ("项目", "县") else f"{path}.{child}"
        row.rows[child] = [
            make_row(policy, child, pick, blanks, row, f"{lead}[{index}]", supplied)
            for index in range(pick.between(0, 2))
        ]
    row.unsupplied = frozenset(missing)
    return row


def make_record(policy: Policy, pick: Pick, blanks: int, identity: str | None, supplied: bool = False) -> Row:
    """A project with its county; ``supplied``: no list is left out."""
    county = make_row(policy, "县", pick, blanks, None, "县", supplied)
    root = make_row(policy, "项目", pick, blanks, county, "项目", supplied)
    if identity is None:
        root.values.pop("编号", None)
        root.blank |= {"编号"}
    else:
        root.values["编号"] = identity
        root.blank -= {"编号"}
    return root


def make_portfolio(policy: Policy, pick: Pick, blanks: int) -> list[Row] | None:
    """Other members of the ledger, or None where nobody supplied it."""
    if pick.chance(12):
        return None
    return [make_record(policy, pick, blanks, f"{index + 1}号") for index in range(pick.between(0, 3))]


def uses_portfolio(policy: Policy) -> bool:
    """Whether any 统计 is declared."""
    return any(isinstance(entry, StatDecl) for entry in policy.declarations)


def shown_record(row: Row, policy: Policy) -> str:
    """A record for people to read."""
    kinds = {f.name: f.type.kind for f in policy.fields}
    text = "、".join(f"{name}={value_text(value, kinds[name])}" for name, value in row.values.items())
    for name, rows in row.rows.items():
        listed = "未提供" if rows is None else "；".join(shown_record(child, policy) or "全空" for child in rows)
        text += f" {name}[{listed}]"
    if row.parent is not None and row.object == "项目":
        text += f" 县({shown_record(row.parent, policy)})"
    return text

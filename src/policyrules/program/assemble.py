"""Assembling the typed program: from parsed layers to one `Program`, with every diagnostic of the load.

Why this exists: this is the one place that knows the order of the phases. Each phase reports into one list; the program
is returned only when no error was found.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.authority import Act, Grant, Subject, check_act
from policyrules.program.decisions import build_decision
from policyrules.program.expressions import Checker
from policyrules.program.growth import growth
from policyrules.program.literals import literal_value
from policyrules.program.meaning import digest, meaning
from policyrules.program.order import Node, graph, sort
from policyrules.program.parameters import (
    build_list,
    build_parameter,
    decision_values,
    parameter_type,
)
from policyrules.program.provisions import (
    Folded,
    Pins,
    alive,
    base_condition,
    build_presumptions,
    default_authority,
    fold,
    provision_object,
    unresolved_acts,
)
from policyrules.program.symbols import (
    DeclaredGlobal,
    DeclaredProvision,
    Global,
    Layer,
    ObjectInfo,
    Provision,
    Symbols,
    collect,
)
from policyrules.source import Span
from policyrules.types import BOOL, INTEGER, NUMERIC, RATIO, Kind, Type


@dataclass(frozen=True, slots=True)
class Assembled:
    """What assembling gives: the program (None on errors), pins for the lock files, citations by clause."""

    program: core.Program | None
    pins: Pins
    cited: dict[str, dict[str, list[str]]]
    diagnostics: tuple[Diagnostic, ...]


def assemble(layers: tuple[Layer, ...], as_of: datetime.date) -> Assembled:
    """Check and merge ``layers`` (top first) as of ``as_of``."""
    symbols = collect(layers, as_of)
    pins = Pins()
    builder = _Assembly(symbols, pins)
    program = builder.build()
    failed = any(diagnostic.severity == "error" for diagnostic in symbols.diagnostics)
    return Assembled(None if failed else program, pins, symbols.cited, tuple(symbols.diagnostics))


class _Assembly:
    """The tables under construction."""

    def __init__(self, symbols: Symbols, pins: Pins) -> None:
        self.symbols = symbols
        self.pins = pins
        self.types: dict[str, Type | None] = {}
        self.checker = Checker(symbols, lambda name: self.types.get(name))
        self.terms: dict[str, core.Term] = {}
        self.statistics: dict[str, core.Statistic] = {}
        self.decisions: dict[str, core.Decision] = {}
        self.rules: dict[str, core.Rule] = {}
        self.duties: dict[str, core.Duty] = {}
        self.notices: dict[str, core.Notice] = {}
        self.stopped: list[core.Stopped] = []
        self.grants: dict[str, list[Grant]] = {}
        self.values: dict[str, tuple[tuple[str, ...], list[core.Origin]]] = {}

    def globals(self, kind: type[Global]) -> list[DeclaredGlobal]:
        """Declared globals of one kind, in canonical order."""
        found = [declared for declared in self.symbols.globals.values() if isinstance(declared.node, kind)]
        return sorted(found, key=lambda declared: declared.order)

    def provisions(self, kind: type[Provision]) -> list[DeclaredProvision]:
        """Declared provisions of one kind, in canonical order."""
        found = [declared for declared in self.symbols.provisions.values() if isinstance(declared.node, kind)]
        return sorted(found, key=lambda declared: declared.order)

    def build(self) -> core.Program:
        """All phases in order."""
        symbols = self.symbols
        unresolved_acts(symbols)
        for declared in self.globals(surface.ListDecl):
            listed = build_list(symbols, declared)
            if listed is not None:
                symbols.lists[listed.name] = listed
        parameters: dict[str, core.Parameter] = {}
        for declared in self.globals(surface.ParameterDecl):
            assert isinstance(declared.node, surface.ParameterDecl)
            type_ = parameter_type(symbols, declared.node)
            self.types[declared.node.name.text] = type_
            parameter = None if type_ is None else build_parameter(symbols, declared, type_)
            if parameter is not None:
                parameters[parameter.name] = parameter
        self._decision_types()
        self._statistic_types()
        self._terms()
        self._statistics()
        presumptions = build_presumptions(symbols, self.checker)
        self._rules()
        self._duties()
        self._notices()
        self._decisions()
        edges = graph(self.terms, self.statistics, self.decisions, self.rules, presumptions)
        order, diagnostics = sort(edges, self._spans(presumptions))
        symbols.diagnostics.extend(diagnostics)
        return core.Program(
            symbols.as_of,
            tuple(layer.id for layer in symbols.layers),
            self._objects(),
            {name: dict(info.fields) for name, info in self._ordered_objects()},
            parameters,
            dict(symbols.lists),
            self.terms,
            self.statistics,
            self.decisions,
            self.rules,
            self.duties,
            self.notices,
            presumptions,
            tuple(sorted(self.stopped, key=lambda item: (item.name, item.by.layer))),
            order,
        )

    def _ordered_objects(self) -> list[tuple[str, ObjectInfo]]:
        return [(name, self.symbols.objects[name]) for name in self._object_names()]

    def _object_names(self) -> list[str]:
        # Parents first, then by layer and key: independent of file order.
        infos = self.symbols.objects.values()
        return [info.name for info in sorted(infos, key=lambda i: (len(self.symbols.line(i.name)), i.level, i.key))]

    def _objects(self) -> dict[str, core.ObjectKind]:
        names = self._object_names()
        result: dict[str, core.ObjectKind] = {}
        for name in names:
            info = self.symbols.objects[name]
            children = tuple(child for child in names if self.symbols.objects[child].parent == name)
            identity = info.identity.text if info.identity is not None else None
            result[name] = core.ObjectKind(name, info.key, info.parent, identity, children, info.origin)
        return result

    # ---- types known before conditions ------------------------------------------------------------------------------

    def _decision_types(self) -> None:
        for declared in self.globals(surface.DecisionDecl):
            node = declared.node
            assert isinstance(node, surface.DecisionDecl)
            name = node.name.text
            authority = node.common.authority or ("从严" if node.mode == "由宽到严" else "细化")
            if authority == "从严" and node.mode != "由宽到严":
                self.symbols.error(
                    "E207",
                    f"决定 {name} 是{node.mode}，值之间没有宽严，不能写 授权 从严",
                    node.common.authority_span or node.name.span,
                    "写 细化、自定 或 固定",
                )
                authority = "细化"
            span = node.common.authority_span or node.name.span
            grants = [Grant(authority, span, node.common.authority is not None)]
            self.grants[name] = grants
            self.values[name] = decision_values(self.symbols, declared, grants)
            kind = Kind.SET if node.mode == "多选" else Kind.ENUM
            self.types[name] = Type(kind, None, self.values[name][0])

    def _statistic_types(self) -> None:
        for declared in self.globals(surface.StatisticDecl):
            node = declared.node
            assert isinstance(node, surface.StatisticDecl)
            type_: Type | None = INTEGER
            if node.kind == "占比":
                type_ = RATIO
            elif node.kind == "合计":
                info = self.symbols.objects.get(node.object.text)
                found = info.fields.get(node.field.text) if info and node.field else None
                type_ = found.type if found is not None else None
            self.types[node.name.text] = type_

    # ---- terms and statistics ---------------------------------------------------------------------------------------

    def _terms(self) -> None:
        """Terms are checked after the terms they read, so that every type is known."""
        declared_terms = {declared.node.name.text: declared for declared in self.globals(surface.TermDecl)}
        done: dict[str, int] = {}
        for start in declared_terms:
            if start in done:
                continue
            stack: list[tuple[str, Iterator[str]]] = [(start, iter(self._term_reads(declared_terms, start)))]
            done[start] = 1
            while stack:
                name, following = stack[-1]
                child = next((c for c in following if done.get(c) != 2), None)
                if child is None:
                    stack.pop()
                    done[name] = 2
                    self._term(declared_terms[name])
                elif done.get(child) == 1:
                    path = [entry[0] for entry in stack]
                    cycle = path[path.index(child) :]
                    least = cycle.index(min(cycle))
                    cycle = [*cycle[least:], *cycle[:least]]
                    labels = tuple(Label(declared_terms[n].node.name.span, f"{n} 在这里") for n in cycle[1:])
                    self.symbols.error(
                        "E209",
                        f"相互引用成了圈：{' → '.join([*cycle, cycle[0]])}",
                        declared_terms[cycle[0]].node.name.span,
                        "去掉其中一处引用",
                        labels,
                    )
                    for member in cycle:
                        self.symbols.broken.add(member)
                        self.types.setdefault(member, None)
                else:
                    done[child] = 1
                    stack.append((child, iter(self._term_reads(declared_terms, child))))
        order = {declared.node.name.text: declared.order for declared in declared_terms.values()}
        self.terms = dict(sorted(self.terms.items(), key=lambda item: order[item[0]]))

    def _term_reads(self, terms: dict[str, DeclaredGlobal], name: str) -> list[str]:
        node = terms[name].node
        assert isinstance(node, surface.TermDecl)
        found: dict[str, None] = {}
        stack: list[object] = [node.body]
        while stack:
            item = stack.pop()
            if isinstance(item, surface.Ref):
                word = item.parts[-1].text
                if word in terms:
                    found[word] = None
            elif isinstance(item, tuple):
                stack.extend(reversed(item))
            elif is_dataclass(item) and not isinstance(item, Span):
                stack.extend(getattr(item, part.name) for part in reversed(fields(item)))
        return list(found)

    def _term(self, declared: DeclaredGlobal) -> None:
        node = declared.node
        assert isinstance(node, surface.TermDecl)
        name = node.name.text
        if self.types.get(name, BOOL) is None:
            return
        object_ = node.object.text if node.object is not None else self.symbols.root()
        if object_ not in self.symbols.objects:
            if object_ not in self.symbols.broken:
                near = self.symbols.nearest(object_, self.symbols.objects)
                span = node.object.span if node.object else node.name.span
                self.symbols.error("E201", f"没有名为 {object_} 的对象", span, f"是不是 {near[0]}？" if near else None)
            self.types[name] = None
            return
        checked = self.checker.check(node.body, (object_,))
        if checked is None:
            self.types[name] = None
            return
        body, type_ = checked
        if isinstance(body, core.DecisionValue):
            self.symbols.error("E208", f"术语 {name} 不能只是一个决定", node.body.span, f"写成 {body.name} 为 …")
            self.types[name] = None
            return
        self.types[name] = type_
        self.checker.growths[name] = growth(body, self.checker.growths)
        self.terms[name] = core.Term(name, object_, type_, body, declared.origin)

    def _statistics(self) -> None:
        for declared in self.globals(surface.StatisticDecl):
            node = declared.node
            assert isinstance(node, surface.StatisticDecl)
            object_ = node.object.text
            if object_ != self.symbols.root() or object_ not in self.symbols.objects:
                if object_ in self.symbols.objects:
                    self.symbols.error(
                        "E212",
                        f"统计 只能数{self.symbols.root()}，不能数{object_}",
                        node.object.span,
                        f"先用 术语 写出每个{self.symbols.root()}的数，再统计；或在规则里用 计数 {object_}",
                    )
                elif object_ not in self.symbols.broken:
                    near = self.symbols.nearest(object_, self.symbols.objects)
                    self.symbols.error(
                        "E201", f"没有名为 {object_} 的对象", node.object.span, f"是不是 {near[0]}？" if near else None
                    )
                self.types[node.name.text] = None
                continue
            self._statistic(declared, node, object_)

    def _statistic(self, declared: DeclaredGlobal, node: surface.StatisticDecl, object_: str) -> None:
        name = node.name.text
        frames = (object_,)
        same: list[core.FieldValue] = []
        for ref in node.same:
            checked = self.checker.check(ref, frames)
            if checked is None:
                return
            if not isinstance(checked[0], core.FieldValue):
                self.symbols.error("E208", "相同 后面要写字段", ref.span, "写成 相同 所在县、项目类型")
                return
            same.append(checked[0])
        where = None if node.where is None else self.checker.condition(node.where, frames)
        match = None if node.match is None else self.checker.condition(node.match, frames)
        if (node.where is not None and where is None) or (node.match is not None and match is None):
            return
        if (node.kind == "占比") != (node.match is not None):
            text = "占比要写 符合 …（分子）" if node.kind == "占比" else "符合 只用于占比"
            self.symbols.error("E207", text, node.span, "写 符合 条件" if node.kind == "占比" else "条件写在 其中")
            return
        value: core.Expr | None = None
        if node.kind in ("合计", "种数"):
            if node.field is None:
                self.symbols.error("E207", f"{node.kind}要写明字段", node.span, f"写成 {node.kind} {object_}.字段名")
                return
            ref = surface.Ref((node.object, node.field), node.object.span.to(node.field.span))
            checked = self.checker.check(ref, frames)
            if checked is None:
                return
            value = checked[0]
            if not isinstance(value, core.FieldValue) or (node.kind == "合计" and checked[1].kind not in NUMERIC):
                self.symbols.error("E204", f"{checked[1].kind.value}不能{node.kind}", node.field.span)
                return
        elif node.field is not None:
            self.symbols.error("E207", f"{node.kind}不用写字段", node.field.span, f"写成 {node.kind} {object_}")
            return
        type_ = self.types[name]
        if type_ is None:
            return
        self.statistics[name] = core.Statistic(
            name,
            node.key.text if node.key else name,
            node.kind,
            object_,
            tuple(same),
            where,
            match,
            value,
            type_,
            declared.origin,
        )

    # ---- rules, duties, notices, decisions --------------------------------------------------------------------------

    def _fingerprint(self, value: object) -> str:
        return digest(meaning(value, self.terms, self.symbols.lists, self.statistics))

    def _fold(
        self,
        declared: DeclaredProvision,
        frames: tuple[str, ...],
        grants: list[Grant],
        subject: Subject,
        when: core.Expr,
        demand: core.Expr | None,
        tail: object,
        decision: str = "",
    ) -> Folded | None:
        folded = Folded(when, demand, [declared.origin], alive(self.symbols, declared))
        return fold(
            self.symbols,
            self.checker,
            declared,
            frames,
            grants,
            subject,
            folded,
            self.stopped,
            self.pins,
            self._fingerprint,
            tail,
            decision,
        )

    def _rules(self) -> None:
        for declared in self.provisions(surface.RuleDecl):
            node = declared.node
            assert isinstance(node, surface.RuleDecl)
            decision = self._decision_of(node)
            object_ = provision_object(self.symbols, node)
            if decision is None or object_ is None:
                continue
            decided = decision.node
            assert isinstance(decided, surface.DecisionDecl)
            owner = decided.object.text if decided.object is not None else self.symbols.root()
            if owner != object_:
                self.symbols.error(
                    "E212",
                    f"决定 {decided.name.text} 说的是{owner}，规则 {node.name.text} 说的是{object_}",
                    node.decision.span,
                    f"写成 {node.kind} {node.name.text} 对 {owner}",
                    (Label(decided.name.span, "决定在这里"),),
                )
                continue
            values = self._rule_values(node, decided)
            when = base_condition(self.checker, node.when, node.exceptions, (object_,), declared.origin)
            if values is None or when is None:
                continue
            if not self._may_conclude(declared, node, decision):
                continue
            strict = decided.mode == "由宽到严"
            if node.common.authority is not None:
                grants = [Grant(node.common.authority, node.common.authority_span or node.name.span, True)]
            else:
                grants = list(self.grants[decided.name.text])
            subject: Subject = "从严规则" if strict else "规则"
            tail = (decided.name.text, values, node.tone)
            folded = self._fold(declared, (object_,), grants, subject, when, None, tail, decided.name.text)
            if folded is None:
                continue
            self.rules[node.name.text] = core.Rule(
                node.name.text,
                object_,
                decided.name.text,
                values,
                node.tone,
                folded.when,
                node.kind == "补充规则",
                declared.layer.level,
                tuple(folded.origins),
            )

    def _decision_of(self, node: surface.RuleDecl) -> DeclaredGlobal | None:
        name = node.decision.text
        found = self.symbols.globals.get(name)
        if found is not None and isinstance(found.node, surface.DecisionDecl):
            return found
        if name not in self.symbols.broken:
            names = [declared.node.name.text for declared in self.globals(surface.DecisionDecl)]
            near = self.symbols.nearest(name, names)
            self.symbols.error(
                "E201",
                f"没有名为 {name} 的决定",
                node.decision.span,
                f"是不是 {near[0]}？" if near else f"已有的决定：{'、'.join(names)}",
            )
        return None

    def _rule_values(self, node: surface.RuleDecl, decided: surface.DecisionDecl) -> tuple[str, ...] | None:
        allowed = self.values[decided.name.text][0]
        words: list[str] = []
        for literal in node.values:
            value = literal_value(literal, Type(Kind.ENUM, None, allowed), self.symbols.diagnostics)
            if value is None:
                return None
            words.append(str(value))
        if decided.mode != "多选" and len(words) != 1:
            self.symbols.error(
                "E207",
                f"决定 {decided.name.text} 是{decided.mode}，一条规则只能得出一个值",
                node.span,
                "写成 则 决定 为 值",
            )
            return None
        return tuple(dict.fromkeys(words))

    def _may_conclude(self, declared: DeclaredProvision, node: surface.RuleDecl, decision: DeclaredGlobal) -> bool:
        decided = decision.node
        assert isinstance(decided, surface.DecisionDecl)
        name = decided.name.text
        if node.kind == "补充规则" and decision.layer.level >= declared.layer.level:
            self.symbols.error(
                "E305",
                f"决定 {name} 是本层声明的，没有可补充的上层规则",
                node.name.span,
                "写成 规则",
                (Label(decided.name.span, "决定在这里"),),
            )
            return False
        if decision.layer.level == declared.layer.level:
            return True
        subject: Subject = "从严决定" if decided.mode == "由宽到严" else "决定"
        act: Act = "补充规则" if node.kind == "补充规则" else "新规则"
        return check_act(self.symbols, self.grants[name], subject, act, name, node.name.span)

    def _duties(self) -> None:
        for declared in self.provisions(surface.DutyDecl):
            node = declared.node
            assert isinstance(node, surface.DutyDecl)
            object_ = provision_object(self.symbols, node)
            if object_ is None:
                continue
            frames = (object_,)
            when = base_condition(self.checker, node.when, node.exceptions, frames, declared.origin)
            demand = self.checker.condition(node.demand, frames)
            deadline: core.Expr | None = None
            if node.deadline is not None:
                checked = self.checker.check(node.deadline, frames)
                if checked is None:
                    continue
                if checked[1].kind is not Kind.DATE:
                    self.symbols.error("E204", "期限要的是日期", node.deadline.span, "写日期，或一个日期字段、参数")
                    continue
                deadline = checked[0]
            if when is None or demand is None:
                continue
            prohibition = node.kind == "禁令"
            demand = core.Sourced(demand, declared.origin, "base", demand.span)
            authority = node.common.authority or default_authority(node)
            grants = [Grant(authority, node.common.authority_span or node.name.span, node.common.authority is not None)]
            subject: Subject = "禁令" if prohibition else "义务"
            folded = self._fold(declared, frames, grants, subject, when, demand, (deadline,))
            if folded is None or folded.demand is None:
                continue
            self.duties[node.name.text] = core.Duty(
                node.name.text,
                object_,
                prohibition,
                folded.when,
                folded.demand,
                deadline,
                declared.layer.level,
                tuple(folded.origins),
            )

    def _notices(self) -> None:
        for declared in self.provisions(surface.NoticeDecl):
            node = declared.node
            assert isinstance(node, surface.NoticeDecl)
            object_ = provision_object(self.symbols, node)
            if object_ is None:
                continue
            when = base_condition(self.checker, node.when, node.exceptions, (object_,), declared.origin)
            if when is None:
                continue
            authority = node.common.authority or default_authority(node)
            grants = [Grant(authority, node.common.authority_span or node.name.span, node.common.authority is not None)]
            folded = self._fold(declared, (object_,), grants, "提示", when, None, (node.message.text,))
            if folded is None:
                continue
            self.notices[node.name.text] = core.Notice(
                node.name.text, object_, folded.when, node.message.text, declared.layer.level, tuple(folded.origins)
            )

    def _decisions(self) -> None:
        for declared in self.globals(surface.DecisionDecl):
            name = declared.node.name.text
            decision = build_decision(
                self.symbols,
                self.checker,
                declared,
                self.values[name],
                self.grants[name],
                self.rules,
                self.pins,
                self._fingerprint,
            )
            if decision is not None:
                self.decisions[name] = decision

    def _spans(self, presumptions: dict[tuple[str, str], core.Presumption]) -> dict[Node, Span]:
        spans: dict[Node, Span] = {}
        for name, declared in self.symbols.globals.items():
            kind = {"术语": "term", "统计": "statistic", "决定": "decision"}.get(declared.origin.kind)
            if kind is not None:
                spans[(kind, name)] = declared.node.name.span
        for name, provision in self.symbols.provisions.items():
            if isinstance(provision.node, surface.RuleDecl):
                spans[("rule", name)] = provision.node.name.span
        for (object_, field), presumption in presumptions.items():
            spans[("presumption", f"{object_}.{field}")] = presumption.cases[0].origin.span
        return spans

"""Reason trees: how a result follows from what was written and what was filled in, and how people read it.

Why this exists: every conclusion leads back to a provision, and every condition to the line it was written on.

Invariants: each condition of every rule of a decision appears with its value, also those that did not matter; a name
that is read twice in one tree is expanded where it first appears. Nothing here decides: values come from the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from policyrules.engine import values as v
from policyrules.engine.closures import Frames, finder, row_finder
from policyrules.engine.decisions import State, due_date, duty_status, notice_status
from policyrules.engine.dependencies import operands
from policyrules.engine.evaluation import Run
from policyrules.engine.instances import Instance
from policyrules.engine.outcome import STATUS_NAMES, Blank, Explanation, Reason, candidate_text
from policyrules.engine.values import Abstract, Truth
from policyrules.engine.wording import abstract_text, node_text, row_holders, truth_text, type_of
from policyrules.program import nodes as n
from policyrules.source import Span
from policyrules.types import Kind, Type, value_text

# Steps down a tree after which a further name (term, decision) is only named, so that a tree can always be walked.
_EXPANDED: Final = 100
# Members of a statistic that a rendering lists; the tree lists all.
_RENDERED_MEMBERS: Final = 20


def _place(span: Span) -> str:
    return f"{span.source.path}:{span.line}"


# ---- trees ----------------------------------------------------------------------------------------------------------


class Narrator:
    """Builds the tree of one result. ``label`` names another member of the portfolio."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._program = run.engine.program
        self._code = run.engine.compiler.code
        self._told: set[tuple[str, str, Instance]] = set()
        self._level = 0

    # ---- expressions ------------------------------------------------------------------------------------------------

    def reason(self, node: n.Expr, frames: Frames, label: str = "") -> Reason:
        """The reason of a node: its words, its value, and what it was made from."""
        if isinstance(node, n.Sourced):
            return self._sourced(node, frames, label)
        value = self._code(node)(self.run, frames)
        type_ = type_of(node)
        condition = type_.kind is Kind.BOOL
        text = label + node_text(node)
        shown = abstract_text(value, type_)
        role = "condition" if condition else "value"
        truth: Truth = value if condition and isinstance(value, bool) else None
        self._level += 1
        blank, notes, children = self._below(node, value, frames)
        self._level -= 1
        match node:
            case n.TermValue():
                role = "term"
            case n.StatisticValue():
                role = "statistic"
            case n.ParameterValue() | n.ParameterFilled():
                role = "parameter"
        return Reason(
            role,  # type: ignore[arg-type]  # one of the literals above
            text,
            shown,
            condition,
            truth,
            place=_place(node.span),
            blank=blank,
            notes=notes,
            children=children,
        )

    def _sourced(self, node: n.Sourced, frames: Frames, label: str) -> Reason:
        inner = self.reason(node.body, frames, label)
        origin = node.origin
        return Reason(
            inner.role,
            inner.text,
            inner.value,
            inner.condition,
            inner.truth,
            origin.layer,
            origin.citations,
            inner.place,
            "" if node.operation == "base" else node.operation,
            inner.blank,
            # What the rule itself says of its words stands on the rule.
            (*inner.notes, *(f"释义：{text}" for text in origin.readings if node.operation != "base")),
            inner.children,
        )

    def _below(
        self, node: n.Expr, value: Abstract, frames: Frames
    ) -> tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]:
        """Blank, notes and children of a node."""
        match node:
            case n.FieldValue(at, field):
                return self._cell(field, finder(at)(frames))
            case n.FieldFilled(at, field):
                instance = finder(at)(frames)
                filled = instance.values.get(field.name) is not None
                return None, ("已填" if filled else "未填",), ()
            case n.ParameterValue(name) | n.ParameterFilled(name):
                return self._parameter(name)
            case n.TermValue(at, name):
                return None, (), self._term(name, finder(at)(frames))
            case n.StatisticValue(name):
                return self._statistic(name)
            case n.DecisionValue(at, name) | n.DecisionIs(at, name) | n.DecisionHas(at, name):
                return None, (), (self.decision(name, finder(at)(frames)),)
            case n.Member(left, right) | n.Overlaps(left, n.ValueSet() as right):
                notes, extra = self._value_set(right)
                return None, notes, (self.reason(left, frames), *extra)
            case n.Quantified(rows=rows, body=body):
                return self._rows(rows, [body], frames)
            case n.Aggregate(rows=rows, value=number, where=where):
                return self._rows(rows, [part for part in (where, number) if part is not None], frames)
            case n.Choose():
                return None, (), self._choice(node, frames)
            case n.Fallback(first, second):
                absent = self.run.engine.compiler.absence(first)(self.run, frames)
                if absent is None:
                    note = "首选是否缺，未知"
                    return None, (note,), (self.reason(first, frames), self.reason(second, frames))
                note = "首选缺，用其后" if absent else "首选有，用首选"
                return None, (note,), (self.reason(first, frames), *((self.reason(second, frames),) if absent else ()))
            case _:
                return None, (), tuple(self.reason(operand, frames) for operand in operands(node))

    def _cell(self, field: n.Field, instance: Instance) -> tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]:
        notes = (f"由 {'、'.join(field.holders)} 研判",) if field.judged and field.holders else ()
        if instance.values.get(field.name) is not None:
            return None, notes, ()
        blank = Blank("field", instance.path, field.name, field.key, field.holders)
        presumption = self._program.presumptions.get((field.object, field.name))
        if presumption is None:
            return blank, ("未填", *notes), ()
        presumed = self.run.presumed(field, instance)
        children = []
        for case in presumption.cases:
            held = self.reason(case.when, (instance,))
            children.append(
                Reason(
                    "presumption",
                    f"推定 {field.name} 为 {value_text(case.value, field.type)}",
                    truth_text(held.truth),
                    True,
                    held.truth,
                    case.origin.layer,
                    case.origin.citations,
                    _place(case.origin.span),
                    notes=tuple(f"释义：{text}" for text in case.origin.readings),
                    children=(held,),
                )
            )
        if not presumed.values:
            return blank, ("未填", *notes), tuple(children)
        note = "同层推定不一致" if presumed.clash else "推定"
        return (blank if len(presumed.values) > 1 else None), ("未填", note, *notes), tuple(children)

    def _parameter(self, name: str) -> tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]:
        parameter = self._program.parameters[name]
        notes = {"fixed": "文本规定", "default": "缺省", "set": "已设定", "unset": "未定"}[parameter.state]
        if parameter.reading:
            notes = f"读法，{notes}"
        origin = parameter.setter or parameter.origin
        reading = tuple(f"释义：{text}" for text in (*parameter.origin.readings, *origin.readings))
        blank = Blank("parameter", "", name, parameter.key) if parameter.value is None else None
        source = Reason(
            "note",
            f"{origin.kind} {origin.name}",
            layer=origin.layer,
            citations=origin.citations,
            place=_place(origin.span),
        )
        return blank, (notes, *dict.fromkeys(reading)), (source,)

    def _value_set(self, right: n.ValueSet) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
        if right.parameter is not None:
            parameter = self._program.parameters[right.parameter]
            blank, notes, children = self._parameter(right.parameter)
            shown = abstract_text(self.run.engine.compiler.parameter(right.parameter), parameter.type)
            return (), (Reason("parameter", right.parameter, shown, blank=blank, notes=notes, children=children),)
        if right.list is None or right.list not in self._program.lists:
            return (("清单未穷尽（等）",) if right.open else ()), ()
        listed = self._program.lists[right.list]
        items = "、".join(str(item) for item in listed.items)
        children = tuple(
            Reason("note", f"{o.kind} {o.name}", layer=o.layer, citations=o.citations, place=_place(o.span))
            for o in listed.origins
        )
        return (), (Reason("note", f"清单 {right.list}", items + ("、等" if listed.open else ""), children=children),)

    def _rows(
        self, rows: n.Children, parts: Sequence[n.Expr], frames: Frames
    ) -> tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]:
        found = row_finder(rows)(frames)
        if found is None:
            instance = finder(rows.at)(frames)
            kind = self._program.objects[rows.object]
            holders = row_holders(self._program, rows.object)
            return Blank("rows", instance.path, rows.object, kind.key, holders), (f"未附{rows.object}",), ()
        children: list[Reason] = []
        for row in found:
            inner = (*frames, row)
            shown = f"{row.path} " if row.path else ""
            children.extend(self.reason(part, inner, shown) for part in parts)
        return None, (f"共 {len(found)} 行",), tuple(children)

    def _choice(self, node: n.Choose, frames: Frames) -> tuple[Reason, ...]:
        selected = self._code(node.selector)(self.run, frames)
        options: Iterable[Any] = (True, False) if selected is None else (selected,)
        if isinstance(selected, v.Candidates):
            options = selected.values or ()
        left = tuple(options) if not isinstance(selected, v.Interval) else ()
        branches = [branch for keys, branch in node.branches if not left or any(key in left for key in keys)]
        return self.reason(node.selector, frames), *(self.reason(branch, frames) for branch in branches)

    def _term(self, name: str, instance: Instance) -> tuple[Reason, ...]:
        if self._again("术语", name, instance):
            return (Reason("note", f"术语 {name} 见上文"),)
        term = self._program.terms[name]
        inner = self.reason(term.body, (instance,))
        source = Reason(
            "note",
            f"术语 {name}",
            layer=term.origin.layer,
            citations=term.origin.citations,
            place=_place(term.origin.span),
            notes=tuple(f"释义：{text}" for text in term.origin.readings),
        )
        return source, inner

    def _again(self, kind: str, name: str, instance: Instance) -> bool:
        """Whether a name has been expanded already, or lies too deep to be."""
        key = (kind, name, instance)
        if key in self._told or self._level >= _EXPANDED:
            return True
        self._told.add(key)
        return False

    # ---- statistics -------------------------------------------------------------------------------------------------

    def _statistic(self, name: str) -> tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]:
        statistic = self._program.statistics[name]
        notes = tuple(f"释义：{text}" for text in statistic.origin.readings)
        source = Reason(
            "note",
            f"统计 {name}：{statistic.kind} {statistic.object}",
            layer=statistic.origin.layer,
            citations=statistic.origin.citations,
            place=_place(statistic.origin.span),
        )
        if self._again("统计", name, self.run.subject):
            return None, notes, (Reason("note", f"统计 {name} 见上文"),)
        if self.run.world is None:
            blank = Blank("portfolio", self.run.subject.path, name, statistic.key)
            return blank, (*notes, "未附项目组合"), (source, *self._own(statistic))
        world = self.run.world
        children: list[Reason] = []
        for member, entry, match in world.counted(self.run.engine.statistics[name], self.run):
            where, payload = entry.joined(match)
            label = "本项目" if member is self.run.subject else world.label(member)
            if entry.row is not member:
                label = f"{label} {entry.row.path}"
            shown = "计入" if where else "可能计入"
            if statistic.match is not None:
                shown += {True: "，符合", False: "，不符合", None: "，是否符合未知"}[payload]
            elif statistic.value is not None:
                shown += f"，{abstract_text(payload, type_of(statistic.value))}"
            children.append(Reason("value", label, shown, notes=("成员",)))
        return None, (*notes, f"组合 {len(world.members)} 个"), (source, *children)

    def _own(self, statistic: n.Statistic) -> Iterable[Reason]:
        if statistic.object == self.run.subject.object and statistic.where is not None:
            yield self.reason(statistic.where, (self.run.subject,), "本项目 ")

    # ---- decisions --------------------------------------------------------------------------------------------------

    def decision(self, name: str, instance: Instance) -> Reason:
        """The reason of a decision: 适用, rankings, and every rule, those that are true first, then unknown, then
        false."""
        decision = self._program.decisions[name]
        state = self.run.decision(name, instance)
        where = "" if instance is self.run.subject else f"{instance.path}."
        text, value = f"{where}{name}", _state_text(state, decision)
        if self._again("决定", name, instance):
            return Reason("decision", text, value, notes=("见上文",))
        children: list[Reason] = []
        if decision.applies is not None:
            applies = self.reason(decision.applies, (instance,))
            children.append(
                Reason("condition", "适用", truth_text(applies.truth), True, applies.truth, children=(applies,))
            )
        if state.status != "not_applicable":
            children.extend(
                self._ranking(rank, truth, instance)
                for rank, (_, truth) in zip(decision.ranks, state.rankings, strict=True)
            )
            truths: dict[str, Truth] = dict.fromkeys(state.true_rules, True)
            truths.update(dict.fromkeys(state.unknown_rules))
            every = (*decision.rules, *decision.supplements)
            order = [*state.true_rules, *state.unknown_rules, *(rule for rule in every if rule not in truths)]
            children.extend(self._rule(rule, truths.get(rule, False), instance, state) for rule in order)
            if state.defaulted:
                children.append(
                    Reason(
                        "note",
                        f"默认 {decision.default}",
                        notes=("没有规则得出更严的结果",) if decision.mode == "由宽到严" else ("没有规则得出结果",),
                    )
                )
        trail = self.run.decision_trail(name, instance)
        notes = [f"{kind}：{thing}" for kind, thing in dict.fromkeys(trail)]
        first = decision.origins[0] if decision.origins else None
        return Reason(
            "decision",
            text,
            value,
            layer="" if first is None else first.layer,
            citations=tuple(c for origin in decision.origins for c in origin.citations),
            place="" if first is None else _place(first.span),
            blank=self._conflict(decision, state, instance),
            notes=tuple(notes),
            children=(*children, *self._stopped(name)),
        )

    def _conflict(self, decision: n.Decision, state: State, instance: Instance) -> Blank | None:
        if state.status != "conflict":
            return None
        return Blank("conflict", instance.path, decision.name, decision.key, (), "、".join(state.certain))

    def _ranking(self, rank: n.Rank, truth: Truth, instance: Instance) -> Reason:
        children = () if rank.when is None else (self.reason(rank.when, (instance,)),)
        return Reason(
            "amendment",
            f"先后 {'、'.join(rank.values)}",
            truth_text(truth),
            True,
            truth,
            rank.origin.layer,
            rank.origin.citations,
            _place(rank.origin.span),
            children=children,
        )

    def _rule(self, name: str, truth: Truth, instance: Instance, state: State) -> Reason:
        rule = self._program.rules[name]
        origin = rule.origins[0]
        notes: list[str] = [f"释义：{text}" for text in origin.readings]
        notes += [f"说明：{text}" for text in origin.notes]
        if rule.supplement:
            notes.append("补充规则：上层规则都不成立时适用")
        if truth and state.candidates and not any(value in state.candidates for value in rule.values):
            notes.append("被更先或更严的结果取代")
        return Reason(
            "rule",
            f"{origin.kind} {name}：{rule.tone or ''}{'、'.join(rule.values)}",
            truth_text(truth),
            True,
            truth,
            origin.layer,
            origin.citations,
            _place(origin.span),
            notes=tuple(notes),
            children=(
                self.reason(rule.when, (instance,)),
                *_amendments(rule.origins),
                *self._stopped(name),
            ),
        )

    def _stopped(self, name: str) -> Iterable[Reason]:
        """Provisions of this name, or rules of this decision, that a lower layer stopped or whose base lapsed."""
        for stopped in self._program.stopped:
            # A rule that speaks all the same, restated after its base lapsed, shows it itself.
            gone = stopped.decision == name and stopped.name not in self._program.rules
            if gone or stopped.name == name:
                what = "失效" if stopped.lapsed else "停用"
                by = stopped.by
                yield Reason(
                    "amendment",
                    f"{stopped.origin.kind} {stopped.name}",
                    what,
                    layer=by.layer,
                    citations=(*stopped.origin.citations, *by.citations),
                    place=_place(by.span),
                    operation=what,
                    notes=(*by.notes, *by.readings),
                )

    # ---- findings ---------------------------------------------------------------------------------------------------

    def finding(self, name: str, instance: Instance) -> Reason:
        """The reason of a duty, prohibition or notice."""
        frames = (instance,)
        where = "" if instance is self.run.subject else f"{instance.path} "
        if name in self._program.notices:
            notice = self._program.notices[name]
            held = self.reason(notice.when, frames)
            return _finding(f"{where}{name}", notice_status(held.truth), notice.origins, (held,), (notice.message,))
        duty = self._program.duties[name]
        when, demand = self.reason(duty.when, frames), self.reason(duty.demand, frames)
        met = v.negation(demand.truth) if duty.prohibition else demand.truth
        deadline = None if duty.deadline is None else self._code(duty.deadline)(self.run, frames)
        status = duty_status(when.truth, met, deadline, duty.deadline is not None, self._program.as_of)
        word = "不得" if duty.prohibition else "应当"
        children = [
            Reason("condition", "当", when.value, True, when.truth, children=(when,)),
            Reason("condition", word, demand.value, True, demand.truth, children=(demand,)),
        ]
        notes: tuple[str, ...] = ()
        if duty.deadline is not None:
            children.append(self.reason(duty.deadline, frames, "期限 "))
            due = due_date(deadline)
            notes = () if due is None else (f"期限：{value_text(due, Type(Kind.DATE))}",)
        children += [*_amendments(duty.origins), *self._stopped(name)]
        return _finding(f"{where}{name}", status, duty.origins, tuple(children), notes)


def _finding(
    text: str, status: str, origins: tuple[n.Origin, ...], children: tuple[Reason, ...], notes: tuple[str, ...]
) -> Reason:
    origin = origins[0]
    return Reason(
        "finding",
        f"{origin.kind} {text}",
        STATUS_NAMES[status],
        layer=origin.layer,
        citations=tuple(citation for o in origins for citation in o.citations),
        place=_place(origin.span),
        notes=(*notes, *(f"释义：{reading}" for reading in origin.readings)),
        children=children,
    )


def _amendments(origins: tuple[n.Origin, ...]) -> tuple[Reason, ...]:
    """What lower layers did to a provision, in layer order."""
    return tuple(
        Reason(
            "amendment",
            f"{origin.kind} {origin.name}",
            layer=origin.layer,
            citations=origin.citations,
            place=_place(origin.span),
            operation=origin.kind,
            notes=(*(f"释义：{text}" for text in origin.readings), *(f"说明：{text}" for text in origin.notes)),
        )
        for origin in origins[1:]
    )


def _state_text(state: State, decision: n.Decision) -> str:
    match state.status:
        case "determined":
            shown = state.certain if decision.mode == "多选" else tuple(map(candidate_text, state.candidates))
            return "、".join(shown) or "（没有）"
        case "none" | "not_applicable":
            return STATUS_NAMES[state.status]
        case _:
            listed = "、".join(candidate_text(candidate) for candidate in state.candidates)
            return f"{STATUS_NAMES[state.status]}：{listed}"


def decision_reason(run: Run, name: str, instance: Instance) -> Reason:
    """The tree of reasons of one decision on one instance."""
    return Narrator(run).decision(name, instance)


def finding_reason(run: Run, name: str, instance: Instance) -> Reason:
    """The tree of reasons of one finding on one instance."""
    return Narrator(run).finding(name, instance)


# ---- rendering ------------------------------------------------------------------------------------------------------

_MARKS: Final[dict[Truth, str]] = {True: "✓", False: "✗", None: "？"}


def render_explanation(explanation: Explanation) -> str:
    """The tree as indented Chinese text. Of a rule that is false only what makes it false is shown, and of many
    members of a statistic the first; the data hold everything."""
    lines = [explanation.title]
    for reason in explanation.reasons:
        lines.append("")
        lines.extend(_lines(reason, 0))
    return "\n".join(lines)


def _lines(top: Reason, depth: int) -> list[str]:
    lines: list[str] = []
    pending = [(top, depth, False)]
    while pending:
        reason, level, failing = pending.pop()
        lines.append("  " * level + _line(reason))
        failing = failing or (reason.role == "rule" and reason.truth is False)
        children, hidden = _shown(reason, failing)
        if hidden:
            pending.append((Reason("note", f"…… 另有 {hidden} 个成员"), level + 1, False))
        pending.extend((child, level + 1, failing) for child in reversed(children))
    return lines


def _line(reason: Reason) -> str:
    mark = f"{_MARKS[reason.truth]} " if reason.condition else ""
    operation = f"［{reason.operation}］" if reason.operation else ""
    value = f"：{reason.value}" if reason.value and not reason.condition else ""
    sources = "；".join(dict.fromkeys(f"{c.layer}【{c.place}】" for c in reason.citations))
    notes = "；".join(reason.notes)
    tail = "".join(f"（{part}）" for part in (notes, sources) if part)
    return f"{mark}{operation}{reason.text}{value}{tail}"


def _shown(reason: Reason, failing: bool) -> tuple[list[Reason], int]:
    """The children to render, and how many members of a statistic are left out."""
    children = list(reason.children)
    if failing and reason.condition and reason.truth is False:
        false = [child for child in children if child.condition and child.truth is False]
        if false:
            return false, 0
    if reason.role == "statistic":
        members = [child for child in children if "成员" in child.notes]
        if len(members) > _RENDERED_MEMBERS:
            kept = [child for child in children if "成员" not in child.notes]
            return kept + members[:_RENDERED_MEMBERS], len(members) - _RENDERED_MEMBERS
    return children, 0

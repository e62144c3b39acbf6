"""Reason trees: how a result follows from what was written and what was filled in, as a fold over steps.

Why this exists: every conclusion leads back to a provision, and every condition to the line it was written on.

Invariants: each condition of every rule of a decision appears with its value, also those that did not matter; a name
that is read twice in one tree is expanded where it first appears. Nothing here decides: values come from steps.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from policyrules.amounts import amount_line
from policyrules.engine import values as v
from policyrules.engine.amounts import Amount, Share, total_of
from policyrules.engine.assumptions import assumptions, in_order
from policyrules.engine.deadlines import is_over, lacks_years
from policyrules.engine.decisions import State, due_date, duty_status, notice_status
from policyrules.engine.evaluate import (
    Run,
    completed,
    counted_for,
    evaluate,
    instance_at,
    reason_given,
    rows_of,
    selectable,
)
from policyrules.engine.figures import filled
from policyrules.engine.instances import Instance, label_of
from policyrules.engine.members import Entry
from policyrules.engine.statistics import Counted
from policyrules.engine.steps import Chosen, Decided, Reckoned, Rows, Step
from policyrules.engine.tally import Part as SharePart
from policyrules.engine.unlisted import in_time, list_asked
from policyrules.engine.values import Truth
from policyrules.explanation import LACKING, NO_ROWS, Blank, Reason
from policyrules.operators import HOLIDAYS, WORKDAYS, WORKED
from policyrules.program import nodes as core
from policyrules.program.amended import Junction, Part
from policyrules.program.graph import Kind as Named
from policyrules.reason_words import Below, Words, finding_told, readings_of_part, readings_told, source_told
from policyrules.results import STATUS_NAMES
from policyrules.types import DATE, Type, value_text
from policyrules.wording import (
    LACKS_YEARS,
    abstract_text,
    amount_text,
    days_between,
    row_holders,
    state_text,
    truth_text,
    value_name,
)

# Steps down a tree after which a further name (term, decision) is only named, so that a tree can always be walked.
_EXPANDED: Final = 100

_UNLISTED: Final = "没有列出"


def _speaking_first(decision: core.Decision, state: State | Amount) -> Iterable[str]:
    """The rules of a decision: those that are true, then those that are unknown, then the rest."""
    return dict.fromkeys((*state.true_rules, *state.unknown_rules, *decision.rules, *decision.supplements))


Told: TypeAlias = tuple[Named, str, Instance]
"""A name, expanded for an instance."""


@dataclass(slots=True)
class Expansion:
    """What was told of one name: the names expanded in it, and whether all of it was told there (``whole``), nothing
    being left to what was told before it; ``levels``: how deep it goes. Such an expansion is the same in every tree that has told none of it yet."""

    names: set[Told]
    whole: bool = True
    levels: int = 0
    reasons: tuple[Reason, ...] = ()


class Narrator:
    """Builds the trees of one run. A name is expanded where a tree first comes to it; most trees of a record come to the
    same names, and share what was told of them. ``members``: what statistics count is listed one by one."""

    def __init__(self, run: Run, words: Words, members: bool = True) -> None:
        self.run = run
        self._members = members
        self._words = words
        self._program = run.program
        self._expansions: dict[Told, Expansion] = {}
        self._told: set[Told] = set()
        self._open: list[Expansion] = []
        self._level = self._deepest = 0

    def tree(self, result: str, instance: Instance) -> Reason:
        """The tree of a decision, duty, prohibition or notice on one instance."""
        self._told, self._open, self._level = set(), [], 0
        decision = self._program.decisions.get(result)
        if decision is not None and decision.type is not None:
            return self.amount(self.run.amount(result, instance))
        if decision is not None:
            return self.decision(self.run.decision(result, instance))
        return self.finding(result, instance)

    # ---- expressions ------------------------------------------------------------------------------------------------

    def reason(self, step: Step, label: str = "") -> Reason:
        """The reason of a step: its words, its value, and what it was made from."""
        if isinstance(step.node, Part):
            # What the rule itself says of its words stands on the rule.
            part = step.node
            return self._reason(step.parts[0], label, part.origin, part.operation, readings_of_part(part))
        return self._reason(step, label, None, "", ())

    def _reason(
        self, step: Step, label: str, origin: core.Origin | None, operation: str, readings: tuple[str, ...]
    ) -> Reason:
        node, value = step.node, step.value
        assert not isinstance(node, core.Decision | Part)
        role, text, place, always, type_ = self._words.node(node)
        condition = type_ is None
        self._level += 1
        self._deepest = max(self._deepest, self._level)
        blank, notes, children = self._below(step)
        self._level -= 1
        return Reason(
            role,
            label + text if label else text,
            abstract_text(value, type_) if type_ is not None else truth_text(value),
            condition,
            value if condition else None,
            "" if origin is None else origin.layer,
            () if origin is None else origin.citations,
            place,
            operation,
            blank,
            (*notes, *readings) if readings else notes,
            children,
            "",
            always,
            bool(label),
            readings=readings,
            date=value if isinstance(value, datetime.date) else None,
        )

    def _below(self, step: Step) -> Below:
        node, parts = step.node, step.parts
        match node:
            case core.FieldValue():
                return self._cell(step, node)
            case core.Apply() if lacks_years(step):
                return None, (LACKS_YEARS,), tuple([self.reason(part) for part in parts])
            case core.Apply(operator) if operator in WORKDAYS:
                return None, self._worked_through(step), tuple([self.reason(part) for part in parts])
            case core.All() | core.Any() | Junction():
                return None, (), tuple([self.reason(part) for part in completed(self.run, step)])
            case core.TermValue():
                return None, (), self._term(node.name, instance_at(node.at, step.frames), parts[0])
            case core.Member() | core.Overlaps() | core.Subset() | core.Less() if isinstance(node.right, core.ValueSet):
                right = node.right
                notes, extra = self._words.value_set(right)
                return None, notes, (self.reason(parts[0]), *extra)
            case core.Contains(values=(_, _, *_) as asked, negated=False) if step.value is False:
                found = v.set_range(parts[0].value)
                lacked = "、".join(value for value in asked if not found.may_hold(value))
                return None, (f"{LACKING}{lacked}",), (self.reason(parts[0]),)
            case core.DecisionValue() | core.DecisionIs() | core.DecisionHas():
                return None, (), (self.decision(parts[0]),)
            case core.AmountValue():
                return None, (), (self.amount(parts[0]),)
            case core.ParameterValue() | core.ParameterFilled():
                return self._words.parameter(node.name)
            case core.Filled():
                instance = instance_at(node.at, step.frames)
                if instance.unlisted:
                    return self._blank("rows", instance, "", ""), (_UNLISTED,), ()
                return None, ("已填" if instance.values.get(node.field.name) is not None else "未填",), ()
            case core.StatisticValue():
                return self._statistic(counted_for(self.run, node, step.frames))
            case core.Quantified():
                return self._rows(node.rows, step, [(part.frames[-1], part) for part in completed(self.run, step)])
            case core.Aggregate():
                return self._aggregate(step, node)
            case core.Choose():
                return None, (), self._choice(step, node)
            case core.Fallback():
                return self._fallback(step, node)
            case _:
                return None, (), tuple([self.reason(part) for part in parts])

    def _worked_through(self, step: Step) -> tuple[str, ...]:
        """Which days were not counted as working days, and which weekend days were."""
        start = step.parts[0].value
        if not isinstance(start, datetime.date):
            return ()
        end = step.value if isinstance(step.value, datetime.date) else self._program.as_of
        listed = (self._program.lists.get(name) for name in (HOLIDAYS, WORKED))
        holidays, worked = (() if found is None else found.items for found in listed)
        told = days_between(start, end, holidays, worked)
        return (told,) if told else ()

    def _cell(self, step: Step, node: core.FieldValue) -> Below:
        field, instance = node.field, instance_at(node.at, step.frames)
        notes = (f"由 {'、'.join(field.holders)} 研判",) if field.judged and field.holders else ()
        if instance.values.get(field.name) is not None:
            return None, notes, ()
        blank = self._blank("field", instance, field.name, field.key, field.holders)
        if instance.unlisted:
            return blank, (_UNLISTED, *notes), ()
        presumption = self._program.presumptions.get((field.object, field.name))
        if presumption is None:
            return blank, ("未填", *notes), ()
        said = self.run.presumed(field, instance)[0]
        children = []
        for case, part in zip(presumption.cases, step.parts, strict=True):
            readings = readings_told(case.origin)
            held = self._reason(part, "", case.origin, "", ())
            children.append(
                Reason(
                    "presumption",
                    f"推定 {field.name} 为 {value_text(case.value, field.type)}",
                    truth_text(held.truth),
                    True,
                    held.truth,
                    case.origin.layer,
                    case.origin.citations,
                    case.origin.span.place,
                    notes=readings,
                    readings=readings,
                    children=(held,),
                )
            )
        if not said.values:
            return blank, ("未填", *notes), tuple(children)
        differ = "推定不一致" if self._program.siblings else "同层推定不一致"
        note = differ if said.clash else "推定"
        return (blank if len(said.values) > 1 else None), ("未填", note, *notes), tuple(children)

    def _blank(
        self,
        kind: Literal["field", "rows", "portfolio", "conflict"],
        instance: Instance,
        name: str,
        key: str,
        holders: tuple[str, ...] = (),
        detail: str = "",
    ) -> Blank:
        if instance.unlisted and kind in ("field", "rows"):
            kind = "rows"
            instance, name, key, holders = list_asked(self._program, instance)
        own = instance is self.run.subject
        return Blank(kind, instance.path, name, key, holders, detail, instance.object, own, label_of(instance))

    def _rows(self, rows: core.Children, step: Step, parts: Iterable[tuple[Instance, Step]]) -> Below:
        found = rows_of(rows, step.frames)
        if found is None:
            kind = self._program.objects[rows.object]
            holders = row_holders(self._program, rows.object)
            instance = instance_at(rows.at, step.frames)
            return self._blank("rows", instance, rows.object, kind.key, holders), (f"未附{rows.object}",), ()
        children = tuple(self.reason(part, f"{label_of(row)} " if row.path else "") for row, part in parts)
        if not found:
            return None, (f"{'' if rows.exclude is None else '其他'}{rows.object}{NO_ROWS}",), ()
        return None, (f"共 {len(found)} 行",), children

    def _aggregate(self, step: Step, node: core.Aggregate) -> Below:
        assert isinstance(step, Rows)
        found = rows_of(node.rows, step.frames) or ()
        parts: list[tuple[Instance, Step]] = []
        for row, (where, cell) in zip(found, step.each or (), strict=True):
            if where is not None:
                parts.append((row, where))
            if node.value is not None:
                # A row that does not count is shown with its value all the same.
                parts.append((row, cell or evaluate(self.run, node.value, (*step.frames, row))))
        return self._rows(node.rows, step, parts)

    def _choice(self, step: Step, node: core.Choose) -> tuple[Reason, ...]:
        assert isinstance(step, Chosen)
        branches = [branch for _, branch in step.branches]
        if not selectable(step.selector.value):
            # Nothing is known of which branch is meant: all are shown.
            branches = [evaluate(self.run, branch, step.frames) for _, branch in node.branches]
        return self.reason(step.selector), *map(self.reason, branches)

    def _fallback(self, step: Step, node: core.Fallback) -> Below:
        present, used = step.parts[0].value, step.parts[1]
        if present is True:
            return None, ("首选有，用首选",), (self.reason(used),)
        if present is False:
            first = evaluate(self.run, node.first, step.frames)
            return None, ("首选缺，用其后",), (self.reason(first), self.reason(used))
        unknown = "首选没有列出，用其后" if len(step.parts) == 2 else "首选是否缺，未知"
        return None, (unknown,), tuple(self.reason(part) for part in step.parts[1:])

    def _term(self, name: str, instance: Instance, body: Step) -> tuple[Reason, ...]:
        origin = self._program.terms[name].origin

        def told() -> tuple[Reason, ...]:
            return source_told(f"术语 {name}", origin, readings_told(origin)), self.reason(body)

        return self._expanded((Named.TERM, name, instance), told) or (Reason("note", f"术语 {name} 见上文"),)

    def _expanded(self, name: Told, tell: Callable[[], tuple[Reason, ...]]) -> tuple[Reason, ...] | None:
        """What ``tell`` tells of a name; None where the tree has told it already, or it lies too deep."""
        if name in self._told or self._level >= _EXPANDED:
            for expansion in self._open:
                if name not in expansion.names:
                    expansion.whole = False
            return None
        kept = self._expansions.get(name)
        fits = kept is not None and kept.whole and self._level + kept.levels < _EXPANDED
        if kept is None or not fits or not kept.names.isdisjoint(self._told):
            kept = Expansion({name})
            self._told.add(name)
            self._open.append(kept)
            above, self._deepest = self._deepest, self._level
            kept.reasons = tell()
            kept.levels = self._deepest - self._level
            self._deepest = max(above, self._deepest)
            self._open.pop()
            self._expansions[name] = kept
        else:
            self._told |= kept.names
            self._deepest = max(self._deepest, self._level + kept.levels)
        for expansion in self._open:
            expansion.names |= kept.names
        return kept.reasons

    # ---- statistics -------------------------------------------------------------------------------------------------

    def _statistic(self, found: Counted) -> Below:
        run, statistic = self.run, found.prepared.statistic
        name, notes = statistic.name, readings_told(statistic.origin)
        told = self._expanded((Named.STATISTIC, name, found.asking), lambda: tuple(self._counted(statistic, found)))
        if told is None:
            return None, notes, (Reason("note", f"统计 {name} 见上文"),)
        if run.world is None:
            return self._blank("portfolio", run.subject, name, statistic.key), (*notes, "未附项目组合"), told
        return None, (*notes, f"组合 {len(run.world.members)} 个"), told

    def _counted(self, statistic: core.Statistic, found: Counted) -> Iterator[Reason]:
        run, root = self.run, self._program.root
        rows = statistic.object != root
        what = statistic.object if statistic.value is None else f"{statistic.object}.{value_name(statistic.value)}"
        told = what if rows or isinstance(statistic.value, core.TermValue | core.AmountValue) else statistic.object
        text = f"统计 {statistic.name}：{statistic.kind} {told}"
        yield source_told(text, statistic.origin)
        if not self._members:
            return
        members = list(found.members())
        if rows:
            yield self._summed_up(statistic, found, members)
        elif run.world is None:
            own = found.sources.get(run.subject)
            if own is not None and own.where is not None:
                yield self.reason(own.where, f"本{root} ")
            return
        for member, entry, match in members:
            counts, payload = entry.joined(match)
            label = f"本{root}" if member is run.subject or run.world is None else run.world.label(member)
            if entry.row is not member:
                label = f"{label} {label_of(entry.row)}"
            shown = "计入" if counts else "可能计入"
            if statistic.match is not None:
                met = payload.match if isinstance(payload, SharePart) else payload
                shown += {True: "，符合", False: "，不符合", None: "，是否符合未知"}[met]
            if statistic.value is not None:
                value = payload.value if isinstance(payload, SharePart) else payload
                shown += f"，{abstract_text(value, statistic.value.type)}"
            adds = found.sources[entry.row].adds if member is run.subject else ()
            made = tuple(self.reason(step) for step in adds if isinstance(step.node, core.TermValue))
            yield Reason("value", label, shown, notes=("成员",), children=made, member=True)

    def _summed_up(
        self, statistic: core.Statistic, found: Counted, members: list[tuple[Instance, Entry, Truth]]
    ) -> Reason:
        """How many rows of how many records count or may, and what they come to."""
        root, kind = self._program.root, statistic.object
        records = len({id(member) for member, _, _ in members})
        sure = sum(entry.joined(match)[0] is True for _, entry, match in members)
        counted = f"{records} 个{root}的 {len(members)} 行{kind}" + (
            "" if sure == len(members) else f"，{sure} 行确定计入"
        )
        value = abstract_text(found.value, statistic.type)
        notes = (f"有{root}未附{kind}",) if found.others_unlimited or found.own_unlimited else ()
        return Reason("value", f"{counted}，{statistic.kind}", value, notes=notes)

    # ---- decisions --------------------------------------------------------------------------------------------------

    def decision(self, step: Step) -> Reason:
        """The reason of a decision: 适用, rankings, and every rule, those that are true first, then unknown, then
        false."""
        assert isinstance(step, Decided)
        decision, state, instance = step.decision, step.state, step.frames[0]
        where = "" if instance is self.run.subject else f"{label_of(instance)}."
        text, value = f"{where}{decision.name}", state_text(state, decision)
        told = self._expanded((Named.DECISION, decision.name, instance), lambda: (self._whole(step, text, value),))
        return told[0] if told else Reason("decision", text, value, notes=("见上文",))

    def _whole(self, step: Decided, text: str, value: str) -> Reason:
        decision, state, instance = step.decision, step.state, step.frames[0]
        children = self._applies(step.applies)
        if state.status != "not_applicable":
            for rank, ranking, (_, truth) in zip(decision.ranks, step.rankings, state.rankings, strict=True):
                children.append(self._ranking(rank, ranking, truth))
            for name in _speaking_first(decision, state):
                children.append(self._rule(name, step))
            if state.defaulted:
                note = "没有规则得出更严的结果" if decision.mode == "由宽到严" else "没有规则得出结果"
                children.append(Reason("note", f"默认 {decision.default}", notes=(note,)))
        return self._decision_reason(step, decision, text, value, self._conflict(decision, state, instance), children)

    def _applies(self, step: Step | None) -> list[Reason]:
        """适用, where it is written."""
        if step is None:
            return []
        applies = self.reason(step)
        held = truth_text(applies.truth)
        return [Reason("condition", "适用", held, True, applies.truth, children=(applies,), clause="适用")]

    def _decision_reason(
        self, step: Step, decision: core.Decision, text: str, value: str, blank: Blank | None, children: list[Reason]
    ) -> Reason:
        rests = assumptions(self.run, step)
        notes = [f"推定：{name}" for name in in_order(self.run, rests, Named.PRESUMPTION)]
        notes += [f"缺省：{name}" for name in in_order(self.run, rests, Named.PARAMETER)]
        first = decision.origins[0] if decision.origins else None
        return Reason(
            "decision",
            text,
            value,
            layer="" if first is None else first.layer,
            citations=tuple(citation for origin in decision.origins for citation in origin.citations),
            place="" if first is None else first.span.place,
            blank=blank,
            notes=tuple(notes),
            children=(*children, *self._words.stopped(decision.name)),
        )

    # ---- amounts ----------------------------------------------------------------------------------------------------

    def amount(self, step: Step) -> Reason:
        """The reason of an amount: 适用, rankings, every rule with what it computes, line by line, and the limits."""
        assert isinstance(step, Reckoned)
        decision, state, instance = step.decision, step.state, step.frames[0]
        assert decision.type is not None, "only amounts are reckoned"
        where = "" if instance is self.run.subject else f"{label_of(instance)}."
        text, value = f"{where}{decision.name}", amount_line(decision, decision.type, state)
        told = self._expanded((Named.DECISION, decision.name, instance), lambda: (self._reckoned(step, text, value),))
        return told[0] if told else Reason("decision", text, value, notes=("见上文",))

    def _reckoned(self, step: Reckoned, text: str, value: str) -> Reason:
        decision, state, instance = step.decision, step.state, step.frames[0]
        type_ = decision.type
        assert type_ is not None, "only amounts are reckoned"
        children = self._applies(step.applies)
        blank = None
        if state.status != "not_applicable":
            for rank, ranking, (_, truth) in zip(decision.ranks, step.rankings, state.rankings, strict=True):
                children.append(self._ranking(rank, ranking, truth))
            shares = {share.rule: share for share in state.shares}
            left = {*state.standing, *state.open}
            for name in _speaking_first(decision, state):
                children.append(self._share(name, step, shares.get(name), type_, name in left))
            binding = step.binding
            for index, (limit, bound) in enumerate(zip(decision.limits, step.limits, strict=True)):
                children.append(self._limit(limit, bound, index in binding))
            if decision.mode == "累计" and len(state.true_rules) + len(state.unknown_rules) > 1:
                total = amount_text(total_of(state.shares), type_)
                children.append(Reason("note", f"各条相加：{total}"))
            if state.defaulted:
                said = "各条相加：0" if decision.default_amount is None else f"默认 {value}"
                children.append(Reason("note", said, notes=("没有规则得出结果",)))
            if state.status == "conflict":
                held = dict.fromkeys(amount_text(shares[rule].value, type_) for rule in state.standing)
                blank = self._blank("conflict", instance, decision.name, decision.key, detail="、".join(held))
        return self._decision_reason(step, decision, text, value, blank, children)

    def _share(self, name: str, step: Reckoned, share: Share | None, type_: Type, left: bool) -> Reason:
        """A rule of an amount: what it gives, its condition, and the calculation; ``left``: whether no rule that goes before takes its
        place."""
        rule, state = self._program.rules[name], step.state
        notes: list[str] = []
        if share is not None and state.status != "undetermined" and not left:
            notes.append("被更先的规则取代")
        computed = step.amounts.get(name)
        children = [self.reason(step.rules[name])]
        gives = ""
        if computed is not None:
            children.append(replace(self.reason(computed, "得出 "), clause="得出"))
            gives = amount_text(v.existing(computed.value)[1], type_)
            if share is not None and share.value != computed.value and step.decision.mode == "单值":
                children.append(Reason("note", f"限额内 {amount_text(share.value, type_)}"))
            if v.existing(computed.value)[0] is False:
                notes.append("得出的数不存在，等于不成立")
        said = f"：{f'{rule.tone} ' if rule.tone else ''}{gives}" if gives else ""
        truth = False if share is None else share.truth
        conclusion = () if share is None else (amount_text(share.value, type_),)
        return self._told_rule(rule, said, truth, notes, children, conclusion)

    def _told_rule(
        self,
        rule: core.Rule,
        said: str,
        truth: Truth,
        notes: Sequence[str],
        children: Sequence[Reason],
        conclusion: tuple[str, ...],
    ) -> Reason:
        """A rule, with what lower layers did to it; ``said``: what it gives; ``notes``: on what became of it in this record."""
        origin = rule.origins[0]
        readings = readings_told(origin)
        supplement = ("补充规则：上层规则都不成立时适用",) if rule.supplement else ()
        return Reason(
            "rule",
            f"{origin.kind} {rule.name}{said}",
            truth_text(truth),
            True,
            truth,
            origin.layer,
            origin.citations,
            origin.span.place,
            notes=(*readings, *(f"说明：{text}" for text in origin.notes), *supplement, *notes),
            readings=readings,
            children=(*children, *self._words.changes(rule.name, rule.origins)),
            conclusion=conclusion,
        )

    def _limit(self, limit: core.Limit, bound: Step, binds: bool) -> Reason:
        said = self.reason(bound)
        origin = limit.origin
        return Reason(
            "value",
            f"{limit.kind} {said.text}",
            said.value,
            layer=origin.layer,
            citations=origin.citations,
            place=bound.node.span.place if not isinstance(bound.node, Part | Junction | core.Decision) else "",
            blank=said.blank,
            notes=("起作用" if binds else "没有起作用", *said.notes),
            children=said.children,
            clause="限额",
        )

    def _conflict(self, decision: core.Decision, state: State, instance: Instance) -> Blank | None:
        if state.status != "conflict":
            return None
        return self._blank("conflict", instance, decision.name, decision.key, detail="、".join(state.certain))

    def _ranking(self, rank: core.Rank, step: Step | None, truth: Truth) -> Reason:
        return Reason(
            "amendment",
            f"先后 {'、'.join(rank.values)}",
            truth_text(truth),
            True,
            truth,
            rank.origin.layer,
            rank.origin.citations,
            rank.origin.span.place,
            children=() if step is None else (self.reason(step),),
        )

    def _rule(self, name: str, step: Decided) -> Reason:
        rule, truth = self._program.rules[name], step.truths[name]
        candidates = step.state.candidates
        outranked = truth and candidates and not any(value in candidates for value in rule.values)
        notes = ["被更先或更严的结果取代"] if outranked else []
        said = f"：{rule.tone or ''}{'、'.join(rule.values)}"
        return self._told_rule(rule, said, truth, notes, [self.reason(step.rules[name])], rule.values)

    # ---- findings ---------------------------------------------------------------------------------------------------

    def finding(self, name: str, instance: Instance) -> Reason:
        """The reason of a duty, prohibition or notice."""
        run = self.run
        where = "" if instance is run.subject else f"{label_of(instance)} "
        unlisted = (
            (f"没有列出{list_asked(self._program, instance)[1]}，行里写什么都不知道",) if instance.unlisted else ()
        )
        when = self.reason(run.condition(name, instance))
        duty = self._program.duties.get(name)
        if duty is None:
            notice = self._program.notices[name]
            status = STATUS_NAMES[notice_status(when.truth)]
            return finding_told(
                f"{where}{name}", status, notice.origins, (when,), (*unlisted, filled(run, notice, instance))
            )
        demand = self.reason(run.demand(name, instance))
        met = v.negation(demand.truth) if duty.prohibition else demand.truth
        word = "不得" if duty.prohibition else "应当" if duty.reason is None else "原则上应当"
        children = [
            Reason("condition", "当", when.value, True, when.truth, children=(when,), clause="当"),
            Reason("condition", word, demand.value, True, demand.truth, children=(demand,), clause=word),
        ]
        notes: tuple[str, ...] = ()
        deadline = None
        over: v.Truth = False
        if duty.deadline is not None:
            step = evaluate(run, duty.deadline, (instance,))
            deadline, over = step.value, is_over(step, self._program.as_of)
            children.append(replace(self.reason(step, "期限 "), clause="期限"))
            due = due_date(deadline)
            notes = () if due is None else (f"期限：{value_text(due, DATE)}",)
        if duty.reason is not None:
            children.append(self._given(duty, instance))
        expiry: v.Truth = False
        if duty.expiry is not None:
            ended = self.reason(evaluate(run, duty.expiry, (instance,)))
            expiry = ended.truth
            children.append(Reason("condition", "到期", ended.value, True, expiry, children=(ended,), clause="到期"))
        given = reason_given(duty, instance)[0]
        status = duty_status(duty, when.truth, met, over, expiry, given)
        status = in_time(duty, status, deadline, instance, self._program.as_of)
        children += self._words.changes(name, duty.origins)
        return finding_told(f"{where}{name}", STATUS_NAMES[status], duty.origins, tuple(children), (*unlisted, *notes))

    def _given(self, duty: core.Duty, instance: Instance) -> Reason:
        """The cell of 否则说明, with the reason that stands in it."""
        assert duty.reason is not None
        given, said = reason_given(duty, instance)
        field, holder = duty.reason.field, instance_at(duty.reason.at, (instance,))
        shown = value_text(said, field.type) if given and said is not None else _UNLISTED if given is None else "未填"
        asked = self._blank("rows", holder, "", "") if given is None else None
        cell = Reason("value", field.name, shown, place=duty.reason.span.place, blank=asked)
        return Reason("condition", "否则说明", truth_text(given), True, given, children=(cell,), clause="否则说明")

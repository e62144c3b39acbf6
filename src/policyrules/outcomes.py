"""Results put together: what the steps of an evaluation come to as decisions, findings and outcomes, with the provisions behind them.

Why this exists: what a record comes to is worked out in `engine.evaluate`. What people and programs read of it is made here,
in one place, whoever asked for the evaluation and whatever it keeps of it.

Invariants: nothing here keeps an evaluation; findings come in the program's order, then in the order of the instances; what lies
behind a result is asked of the answers that are given for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, TypeAlias

from policyrules.amounts import told_amount
from policyrules.answers import Answers, attach
from policyrules.engine.assumptions import assumptions, in_order
from policyrules.engine.compiled.conditions import Seen
from policyrules.engine.deadlines import is_over
from policyrules.engine.decisions import State, due_date, duty_status, notice_status
from policyrules.engine.evaluate import Run, evaluate, reason_given
from policyrules.engine.figures import filled
from policyrules.engine.grounds import Grounds, Sources, sources_of
from policyrules.engine.instances import (
    Instance,
    instances_of,
    label_among,
    label_of,
    line_above,
    owner_among,
    shared_by,
)
from policyrules.engine.unlisted import in_time, judged, listed
from policyrules.engine.values import Truth
from policyrules.program import belonging
from policyrules.program.graph import Kind as Named
from policyrules.program.nodes import Citation, Decision, Duty, Notice, Program
from policyrules.results import DecisionResult, Finding, FindingKind, FindingStatus, ObjectOutcome, Outcome
from policyrules.types import Type, value_text

Grounded: TypeAlias = tuple[tuple[str, ...], tuple[Citation, ...], tuple[str, ...], str, str]
"""What a finding rests on and says: its clauses, citations, offices, message and reason."""


class Outcomes:
    """Makes the results of one program. ``grounds``: the provisions behind them."""

    def __init__(self, program: Program, fingerprint: str, grounds: Grounds) -> None:
        self.program = program
        self.fingerprint = fingerprint
        self.grounds = grounds
        self.findings: tuple[Duty | Notice, ...] = (*program.duties.values(), *program.notices.values())
        self._judged = judged(program)
        # What findings rest on and say whatever the record, unless it gave a reason.
        fixed: dict[str, Grounded] = {}
        for one in self.findings:
            whole = self.grounds.whole(one)
            if whole is not None and not (isinstance(one, Notice) and one.pieces):
                message = one.message if isinstance(one, Notice) else ""
                fixed[one.name] = whole.clauses, whole.citations, whole.offices, message, ""
        self.fixed: Mapping[str, Grounded] = fixed
        self._decisions: dict[str, list[Decision]] = {}
        for decision in program.decisions.values():
            self._decisions.setdefault(decision.object, []).append(decision)
        line = belonging.line(program.objects, program.root)
        self.decided_on_rows = tuple(name for name, one in program.decisions.items() if one.object not in line)
        self._sources: dict[tuple[object, ...], Sources] = {}

    def under(self, program: Program, fingerprint: str) -> Outcomes:
        """Those of the same program with other parameter values: what stands behind results does not turn on these."""
        other = copy(self)
        other.program, other.fingerprint = program, fingerprint
        other._sources = {}
        return other

    def outcome(self, run: Run, answers: Answers, notes: tuple[str, ...]) -> Outcome:
        """Everything that an evaluation of a record says, of its rows and its county too."""
        root = run.subject
        instances = self.instances(root)
        line = [root, *line_above(root)]
        decisions = {r.name: r for one in line for r in self._results(run, one, answers)}
        children: dict[str, tuple[ObjectOutcome, ...]] = {}
        for index, one in enumerate(line):
            below = line[index - 1].object if index else None
            children.update(self._children(run, one, answers, below))
        return Outcome(
            object=root.object,
            path=root.path,
            identity=root.identity,
            decisions=decisions,
            children=children,
            label=label_of(root),
            findings=tuple(self._check(run, instances, answers)),
            as_of=self.program.as_of,
            policy=self.fingerprint,
            layers=self.program.layers,
            notes=notes,
        )

    def judged(self, root: Instance) -> Iterator[tuple[Duty | Notice, Instance]]:
        """What each finding of a record is of, and on what, in their order."""
        instances = self.instances(root)
        for declaration in self.findings:
            for instance in instances.get(declaration.object, ()):
                yield declaration, instance

    def instances(self, root: Instance) -> dict[str, list[Instance]]:
        """All that is judged or decided of a record, by kind."""
        return instances_of(self.program, root, self._judged)

    def declared(self, kind: str) -> Sequence[Decision]:
        """The decisions on instances of a kind."""
        return self._decisions.get(kind, ())

    def _results(self, run: Run, instance: Instance, answers: Answers) -> list[DecisionResult]:
        return [self.result(run, d, instance, answers) for d in self._decisions.get(instance.object, ())]

    def result(self, run: Run, decision: Decision, instance: Instance, answers: Answers) -> DecisionResult:
        """One decision on one instance."""
        if decision.type is not None:
            result = self._amount(run, decision, decision.type, instance)
            attach(result, answers, instance)
            return result
        step = run.decision(decision.name, instance)
        state = step.state
        rests = assumptions(run, step)
        value: str | frozenset[str] | None = None
        if state.status == "determined":
            value = frozenset(state.certain) if decision.mode == "多选" else str(state.candidates[0])
        result = DecisionResult(
            name=decision.name,
            key=decision.key,
            status=state.status,
            value=value,
            candidates=state.candidates,
            certain=frozenset(state.certain),
            values=decision.values,
            defaulted=state.defaulted,
            presumed=in_order(run, rests, Named.PRESUMPTION),
            defaults=in_order(run, rests, Named.PARAMETER),
            path=instance.path,
            label=label_among(run.subject, instance),
            shared=shared_by(run.subject, instance),
            many=decision.mode == "多选",
            **self.behind(run, decision, state, instance),
        )
        attach(result, answers, instance)
        return result

    def _amount(self, run: Run, decision: Decision, type_: Type, instance: Instance) -> DecisionResult:
        """One amount on one instance."""
        step = run.amount(decision.name, instance)
        state, rests = step.state, assumptions(run, step)
        told = told_amount(decision, type_, state)
        rules = state.standing
        named = rules or (state.open if state.status == "undetermined" else ())
        origins = self.grounds.origins(named, self.grounds.of_rules(run, named, instance))
        if state.status == "determined":
            origins += [decision.ranks[index].origin for index in state.ranking if state.rankings[index][1]]
        origins += [decision.limits[index].origin for index in sorted(step.binding)]
        sources = sources_of(decision.origins if state.defaulted else origins)
        return DecisionResult(
            name=decision.name,
            key=decision.key,
            status=state.status,
            value=told.value,
            candidates=told.candidates,
            certain=told.certain,
            values=tuple(told.by_rules),
            rules=rules,
            unknown_rules=state.unknown_rules,
            by_value=self.grounds.of_amount(run, decision, instance, told.by_rules, told.certain),
            clauses=sources.clauses,
            citations=sources.citations,
            offices=sources.offices,
            defaulted=state.defaulted,
            presumed=in_order(run, rests, Named.PRESUMPTION),
            defaults=in_order(run, rests, Named.PARAMETER),
            path=instance.path,
            label=label_among(run.subject, instance),
            shared=shared_by(run.subject, instance),
            kind=type_.kind.value,
            unit=type_.unit or "",
            interval=told.interval,
            amounts=told.amounts,
            said=told.text,
        )

    def behind(self, run: Run | Seen, decision: Decision, state: State, instance: Instance) -> dict[str, Any]:
        """The provisions behind a decision that is no amount."""
        rules = self._rules_behind(decision, state)
        sources = self._sources_behind(run, decision, rules, state, instance)
        return {
            "rules": rules,
            "unknown_rules": state.unknown_rules,
            "by_value": self.grounds.of_values(run, decision, instance, state, sources),
            "clauses": sources.clauses,
            "citations": sources.citations,
            "offices": sources.offices,
        }

    def _rules_behind(self, decision: Decision, state: State) -> tuple[str, ...]:
        """The true rules that conclude what the result holds for sure: not those whose value was outranked."""
        if decision.mode == "多选":
            return state.true_rules
        rules = self.program.rules
        return tuple(name for name in state.true_rules if any(v in state.certain for v in rules[name].values))

    def _sources_behind(
        self, run: Run | Seen, decision: Decision, rules: tuple[str, ...], state: State, instance: Instance
    ) -> Sources:
        # Where nothing is concluded yet, the result still leads back to the provisions that are open.
        named = rules or (state.unknown_rules if state.status == "undetermined" else ())
        # The value stands because a ranking holds: its provision is behind the value too.
        ranks = state.ranking if state.status == "determined" else ()
        ranked = tuple(index for index in ranks if state.rankings[index][1])
        cited = self.grounds.of_rules(run, named, instance)
        key = (decision.name, named, cited, ranked, state.defaulted)
        found = self._sources.get(key)
        if found is None:
            origins = self.grounds.origins(named, cited)
            origins += [decision.ranks[index].origin for index in ranked]
            found = self._sources[key] = sources_of(decision.origins if state.defaulted else origins)
        return found

    def _children(
        self, run: Run, instance: Instance, answers: Answers, skip: str | None
    ) -> dict[str, tuple[ObjectOutcome, ...]]:
        # A stack of other documents may not know what a record belongs to.
        kind_of = self.program.objects.get(instance.object)
        return {
            kind: tuple(self._object(run, row, answers) for row in instance.rows.get(kind) or ())
            for kind in (kind_of.children if kind_of is not None else ())
            if kind != skip
        }

    def _object(self, run: Run, row: Instance, answers: Answers) -> ObjectOutcome:
        return ObjectOutcome(
            row.object,
            row.path,
            row.identity,
            {result.name: result for result in self._results(run, row, answers)},
            self._children(run, row, answers, None),
            label=label_of(row),
        )

    def told(
        self, run: Run, declaration: Decision | Duty | Notice, answers: Answers
    ) -> Iterator[tuple[Instance, DecisionResult | Finding]]:
        """What one decision, duty, prohibition or notice comes to, of each instance that it is told of."""
        instances = self.instances(run.subject)
        if not isinstance(declaration, Decision):
            for finding in self._check(run, instances, answers, (declaration,)):
                yield finding._instance, finding
            return
        for instance in instances.get(declaration.object, ()):
            if not instance.unlisted:
                yield instance, self.result(run, declaration, instance, answers)

    def told_of(
        self, run: Run, declaration: Decision | Duty | Notice, instance: Instance, answers: Answers
    ) -> DecisionResult | Finding:
        """One result of an evaluation."""
        if isinstance(declaration, Decision):
            return self.result(run, declaration, instance, answers)
        return self._finding(run, declaration, instance, answers, _called(run.subject, instance))

    def standing(
        self, run: Run, declaration: Duty | Notice, instance: Instance
    ) -> tuple[FindingStatus, datetime.date | None, str]:
        """How a duty, prohibition or notice stands on one instance, its last day where that is known, and the reason that was
        given where one was."""
        when = run.condition(declaration.name, instance).value
        if isinstance(declaration, Notice):
            return notice_status(when), None, ""
        met = deadline = due = None
        over: Truth = False
        expiry: Truth = False
        given, _ = reason_given(declaration, instance)
        if when is not False:
            met = run.demand(declaration.name, instance).value
            if declaration.prohibition and met is not None:
                met = not met
            if declaration.deadline is not None:
                step = evaluate(run, declaration.deadline, (instance,))
                deadline, over = step.value, is_over(step, self.program.as_of)
                due = due_date(deadline)
            if declaration.expiry is not None:
                expiry = evaluate(run, declaration.expiry, (instance,)).value
        status = duty_status(declaration, when, met, over, expiry, given)
        reason = reason_said(declaration, instance) if status == "explained" else ""
        return in_time(declaration, status, deadline, instance, self.program.as_of), due, reason

    def came_to(self, run: Run, declaration: Decision | Duty | Notice, instance: Instance) -> tuple[object, ...]:
        """What tells one result from another, its status first: how it stands, and what it gives, by when or with which words."""
        if isinstance(declaration, Decision):
            return _came_to(run, declaration, instance)
        status, due, _ = self.standing(run, declaration, instance)
        told = isinstance(declaration, Notice) and status != "not_applicable"
        return status, due, filled(run, declaration, instance) if told else ""  # type: ignore[arg-type]  # a notice

    def _check(
        self,
        run: Run,
        instances: Mapping[str, list[Instance]],
        answers: Answers,
        declarations: tuple[Duty | Notice, ...] | None = None,
    ) -> Iterator[Finding]:
        called = {one: _called(run.subject, one) for found in instances.values() for one in found}
        for declaration in self.findings if declarations is None else declarations:
            for instance in instances.get(declaration.object, ()):
                yield self._finding(run, declaration, instance, answers, called[instance])

    def _finding(
        self, run: Run, declaration: Duty | Notice, instance: Instance, answers: Answers, called: _Called
    ) -> Finding:
        kind: FindingKind = "notice"
        message = ""
        status, due, reason = self.standing(run, declaration, instance)
        if isinstance(declaration, Notice):
            message = filled(run, declaration, instance)
        else:
            kind = "prohibition" if declaration.prohibition else "duty"
        sources = self.grounds.of_finding(run, declaration, instance)
        label, shared, owner = called
        finding = Finding(
            declaration.name,
            kind,
            status,
            listed(instance).path,
            sources.clauses,
            sources.citations,
            sources.offices,
            due,
            message,
            shared,
            instance.object if instance.unlisted else "",
            label,
            owner,
            reason,
        )
        attach(finding, answers, instance)
        return finding


def reason_said(duty: Duty, instance: Instance) -> str:
    """The reason that was given for what was not done, as people read it."""
    said = reason_given(duty, instance)[1]
    return "" if duty.reason is None or said is None else value_text(said, duty.reason.field.type)


_Called: TypeAlias = tuple[str, Hashable | None, str]


def _called(root: Instance, instance: Instance) -> _Called:
    """What people call what is judged; what is equal where the same is meant; what the latter is called."""
    at = listed(instance)
    return label_among(root, instance), shared_by(root, at), owner_among(root, at)


def _came_to(run: Run, decision: Decision, instance: Instance) -> tuple[object, ...]:
    """What tells one result of a decision from another."""
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        told = told_amount(decision, decision.type, amount)
        return amount.status, amount.value, told.candidates, told.certain
    state = run.decision(decision.name, instance).state
    return state.status, state.candidates, state.certain

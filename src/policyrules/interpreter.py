"""The interpreter: outcomes by the definition.

Why this exists: every faster engine must agree with this one on every record, blanks included. What a record comes to is
worked out in `engine.evaluate`; here it is put together as results, with the provisions behind them, and with the
answers to what lies behind them, which are worked out when asked.

Invariants: an interpreter never changes a record or the program; the same program, record and portfolio give the same
outcome, whatever the hash seed; findings come in the program's order, then in the order of the instances.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any, TypeAlias

from policyrules.amounts import told_amount
from policyrules.answers import attach
from policyrules.engine.alike import OfRecord, Units
from policyrules.engine.assumptions import assumptions, in_order
from policyrules.engine.compiled.conditions import Conditions, Seen
from policyrules.engine.compiled.contributing import Counting, counting
from policyrules.engine.compiled.engine import Compiled, Definition
from policyrules.engine.deadlines import is_over
from policyrules.engine.decisions import State, due_date, duty_status, notice_status
from policyrules.engine.evaluate import Run, contributed, evaluate, reason_given
from policyrules.engine.figures import filled
from policyrules.engine.grounds import Grounds, Sources, sources_of
from policyrules.engine.instances import (
    Instance,
    instances_of,
    label_among,
    label_of,
    owner_among,
    shared_by,
)
from policyrules.engine.missing import Inquiry, decision_missing, finding_missing, with_list
from policyrules.engine.portfolio import Own, Portfolio, World
from policyrules.engine.prepared import Engine
from policyrules.engine.turning import Turning, turned, turning
from policyrules.engine.unlisted import in_time, judged, listed
from policyrules.engine.values import Truth
from policyrules.explanation import Missing, Reason
from policyrules.late import Grounded, Late, line_above
from policyrules.program.graph import Kind as Named
from policyrules.program.graph import Name, result_named
from policyrules.program.nodes import Decision, Duty, Notice, Parameter, Program
from policyrules.reason_words import Words
from policyrules.reasons import Narrator
from policyrules.results import DecisionResult, Finding, FindingKind, FindingStatus, ObjectOutcome, Outcome
from policyrules.types import Kind, Type, Value, value_text

_MOST_READINGS_KEPT = 256
_MOST_RUNS_KEPT = 64
"""Evaluations of one record under other readings: more than people write, and are needed for its next decision."""
_MOST_RESTED = 4_096
"""Ways a decision may rest on its rules that are kept."""
_FEW = 100
"""Records that are evaluated before it pays to write code for a program."""


class Interpreter:
    """Evaluates records under one program.

    ``fingerprint`` identifies the policy in every outcome. ``like``: the interpreter of the same program with other
    parameter values.
    """

    def __init__(self, program: Program, fingerprint: str, *, like: Interpreter | None = None) -> None:
        self.program = program
        self.fingerprint = fingerprint
        self.engine: Engine = Engine(program) if like is None else like.engine.under(program)
        self.words = Words(program)
        # Which words have which author does not turn on the values of parameters.
        self.grounds: Grounds = Grounds(self.engine) if like is None else like.grounds
        self._findings: tuple[Duty | Notice, ...] = (*program.duties.values(), *program.notices.values())
        self._judged = judged(program)
        # What findings rest on and say whatever the record, unless it gave a reason.
        fixed: dict[str, Grounded] = {}
        for one in self._findings:
            whole = self.grounds.whole(one)
            if whole is not None and not (isinstance(one, Notice) and one.pieces):
                message = one.message if isinstance(one, Notice) else ""
                fixed[one.name] = whole.clauses, whole.citations, whole.offices, message, ""
        self.fixed: Mapping[str, Grounded] = fixed
        self._decisions: dict[str, list[Decision]] = {}
        for decision in program.decisions.values():
            self._decisions.setdefault(decision.object, []).append(decision)
        line = [program.root]
        while (parent := program.objects[line[-1]].parent) is not None:
            line.append(parent)
        self.decided_on_rows = tuple(name for name, one in program.decisions.items() if one.object not in line)
        self._sources: dict[tuple[object, ...], Sources] = {}
        self._readings: dict[tuple[str, Value], Interpreter] = {}
        self._reading: dict[str, Turning] = {}
        self._readings_of: dict[str, Sequence[Parameter]] = {}
        # Whoever asks what lies behind an outcome mostly asks at once: one evaluation is kept, not one an outcome.
        self._latest: Evaluation | None = None
        self._compiled: Compiled | None = None
        self._counting: Mapping[str, Counting] | None = None
        self._seen = 0
        self._conditions: Conditions | None = None
        self._resting = 0
        self._rested: dict[tuple[str, tuple[Truth, ...]], Mapping[str, Any]] = {}
        self._units = Units(self.engine, self.counting, self._contribute)

    def evaluate(self, root: Instance, portfolio: Portfolio | None = None, notes: tuple[str, ...] = ()) -> Outcome:
        """Everything the policy says about one record: ``root`` with its rows and its county.

        With a portfolio the record counts in it once: as the member it is, in the place of the first member of the
        same identity, or in addition.
        """
        return self._told(self._keep(root, portfolio, self.run(root, portfolio)), notes)

    def again(
        self, root: Instance, portfolio: Portfolio | None, declaration: Decision | Duty | Notice, instance: Instance
    ) -> DecisionResult | Finding:
        """One result of a record that did not change since it was asked for: by its latest evaluation, if that still is there."""
        evaluation = self.evaluation(root, portfolio)
        with evaluation.lock:
            return self.told_of(evaluation.run, declaration, instance, Behind(self, root, portfolio))

    def _told(self, evaluation: Evaluation, notes: tuple[str, ...]) -> Outcome:
        root, run = evaluation.root, evaluation.run
        answers = Behind(self, root, evaluation.portfolio)
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

    def quick(self, root: Instance, portfolio: Portfolio | None = None, notes: tuple[str, ...] = ()) -> Outcome:
        """What `evaluate` says, equal to it; once many records were asked for, by the compiled engine. What lies behind such an
        outcome (rules, clauses, texts, reasons) is worked out by the definition when somebody first asks."""
        if self._compiled is None:
            self._seen += 1
            if self._seen <= _FEW:
                return self.evaluate(root, portfolio, notes)
            self._compiled = self.compiled()
        if self._compiled.refused:
            # What an outcome needs is asked of the definition anyway.
            return self.evaluate(root, portfolio, notes)
        return Late(self, root, portfolio, notes, self._compiled.decide(root, portfolio)).outcome()

    def hasten(self, *, behind: bool = False) -> Compiled:
        """Write the code for `quick` now, as if many records had been asked for; with ``behind`` that for what results rest on
        as well."""
        if self._compiled is None:
            self._compiled = self.compiled()
        if behind:
            self._resting = _FEW
        return self._compiled

    def compiled(self, outputs: Iterable[str] | None = None, read: Any = None, cells: Any = None) -> Compiled:
        """The compiled engine of the program, or of some of its outputs. ``read``: how it reads records and their portfolios;
        ``cells``: what makes the reader of records that are flat (`Definition.cells`)."""
        return Compiled(self.engine, self._definition(read or _as_it_is, cells), outputs)

    def _definition(self, read: Any, cells: Any = None) -> Definition:
        """What compiled engines ask of this one."""
        return Definition(read, self.run, self.evaluate, self._contribute, self.counting(), cells)

    def run(
        self,
        root: Instance,
        portfolio: Portfolio | None,
        *,
        units: bool = False,
        beside: tuple[Run, Container[Name]] | None = None,
    ) -> Run:
        """A fresh evaluation of one record; with ``units`` by what is known of records that are alike; ``beside`` one of the same
        record, under other values of what the names read that go with it."""
        engine = self.engine
        world = None if portfolio is None else portfolio.world(engine, root, stratified=engine.stratified)
        known = OfRecord(self._units, root, portfolio) if units else None
        return Run(engine, root, world, self._contribute, known, beside)

    def evaluation(self, root: Instance, portfolio: Portfolio | None) -> Evaluation:
        """The evaluation of a record, the latest one where it was of the same record in the same portfolio."""
        latest = self._latest
        if latest is None or latest.root is not root or latest.portfolio is not portfolio:
            latest = self._keep(root, portfolio, self.run(root, portfolio, units=self._compiled is not None))
        return latest

    def _keep(self, root: Instance, portfolio: Portfolio | None, run: Run) -> Evaluation:
        self._latest = latest = Evaluation(root, portfolio, run)
        return latest

    def _contribute(self, world: World, member: Instance, stratum: int) -> dict[str, Own]:
        counting = self.counting() if len(world.members) > _FEW or self._counting is not None else {}
        run = Run(self.engine, member, world, self._contribute)
        return {
            name: counting[name].own(member) if name in counting else contributed(run, prepared)[0]
            for name, prepared in self.engine.statistics.items()
            if self.engine.strata[name] == stratum
        }

    def counting(self) -> Mapping[str, Counting]:
        """The statistics that functions written for the program tell, made when first asked for."""
        if self._counting is None:
            self._counting = counting(self.engine)
        return self._counting

    def with_reading(self, name: str, value: Value) -> Interpreter:
        """The interpreter of the same program under another value of one parameter; kept for the next record, while
        there are no more of them than people write."""
        found = self._readings.get((name, value))
        if found is None:
            parameter = replace(self.program.parameters[name], value=value, state="set")
            program = replace(self.program, parameters={**self.program.parameters, name: parameter})
            found = Interpreter(program, self.fingerprint, like=self)
            if len(self._readings) < _MOST_READINGS_KEPT:
                self._readings[name, value] = found
        return found

    def reading(self, parameter: str) -> Turning:
        """What may turn on a parameter."""
        found = self._reading.get(parameter)
        if found is None:
            found = self._reading[parameter] = turning(self.program, self.engine.graph, self.engine.read_by, parameter)
        return found

    def readings_of(self, result: str) -> Sequence[Parameter]:
        """The 读法 that a decision or finding may read, through any number of names, and that can be read otherwise."""
        found = self._readings_of.get(result)
        if found is None:
            name = result_named(self.engine.graph, result)
            spoken = (one for one in self.program.parameters.values() if one.reading and _other_readings(one))
            found = self._readings_of[result] = [one for one in spoken if name in self.reading(one.name)]
        return found

    def behind(self, root: Instance, portfolio: Portfolio | None) -> Behind:
        """The answers to what lies behind the results of a record."""
        return Behind(self, root, portfolio)

    def judged(self, root: Instance) -> Iterator[tuple[Duty | Notice, Instance]]:
        """What each finding of a record is of, and on what, in their order."""
        instances = self.instances(root)
        for declaration in self._findings:
            for instance in instances.get(declaration.object, ()):
                yield declaration, instance

    def instances(self, root: Instance) -> dict[str, list[Instance]]:
        """All that is judged or decided of a record, by kind."""
        return instances_of(self.program, root, self._judged)

    def declared(self, kind: str) -> Sequence[Decision]:
        """The decisions on instances of a kind."""
        return self._decisions.get(kind, ())

    # ---- what results rest on, without the definition ---------------------------------------------------------------

    def seen(self, root: Instance, portfolio: Portfolio | None) -> Seen | None:
        """What the conditions of a record come to; None before many were asked for."""
        if self._conditions is None:
            self._resting += 1
            if self._resting <= _FEW:
                return None
            self._conditions = Conditions(self.engine, self._definition(_as_it_is), self.grounds.parted)
        return self._conditions.of(root, portfolio)

    def rested(
        self,
        seen: Seen,
        portfolio: Portfolio | None,
        declaration: Decision | Duty | Notice,
        instance: Instance,
        status: str,
    ) -> Mapping[str, Any] | None:
        """What a result rests on, and what it says, as fields of it, as far as that is told; None where the definition has to
        say. ``status``: how it stands."""
        if isinstance(declaration, Decision):
            told = seen.told(declaration, instance)
            if told is None:
                return None
            found = self._rested.get((declaration.name, told))
            if found is None:
                if len(self._rested) >= _MOST_RESTED:
                    self._rested.clear()
                state = seen.state(declaration, instance, told)
                found = self._rested[declaration.name, told] = self._behind(seen, declaration, state, instance)
            return found if seen.assumes(declaration) else {**found, "presumed": (), "defaults": ()}
        if declaration.name in self.grounds.parted and not seen.cites(declaration.name):
            return None
        sources = self.grounds.of_finding(seen, declaration, instance)
        message = reason = ""
        if isinstance(declaration, Notice):
            message = declaration.message
            if declaration.pieces:
                evaluation = self.evaluation(seen.subject, portfolio)
                with evaluation.lock:
                    message = filled(evaluation.run, declaration, instance)
        elif status == "explained":
            reason = _reason(declaration, instance)
        return {
            "clauses": sources.clauses,
            "citations": sources.citations,
            "offices": sources.offices,
            "message": message,
            "reason": reason,
        }

    # ---- results ----------------------------------------------------------------------------------------------------

    def _results(self, run: Run, instance: Instance, answers: Behind) -> list[DecisionResult]:
        return [self.result(run, d, instance, answers) for d in self._decisions.get(instance.object, ())]

    def result(self, run: Run, decision: Decision, instance: Instance, answers: Behind) -> DecisionResult:
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
            **self._behind(run, decision, state, instance),
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

    def _behind(self, run: Run | Seen, decision: Decision, state: State, instance: Instance) -> dict[str, Any]:
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
        self, run: Run, instance: Instance, answers: Behind, skip: str | None
    ) -> dict[str, tuple[ObjectOutcome, ...]]:
        # A stack of other documents may not know what a record belongs to.
        kind_of = self.program.objects.get(instance.object)
        return {
            kind: tuple(self._object(run, row, answers) for row in instance.rows.get(kind) or ())
            for kind in (kind_of.children if kind_of is not None else ())
            if kind != skip
        }

    def _object(self, run: Run, row: Instance, answers: Behind) -> ObjectOutcome:
        return ObjectOutcome(
            row.object,
            row.path,
            row.identity,
            {result.name: result for result in self._results(run, row, answers)},
            self._children(run, row, answers, None),
            label=label_of(row),
        )

    def told(
        self, run: Run, declaration: Decision | Duty | Notice
    ) -> Iterator[tuple[Instance, DecisionResult | Finding]]:
        """What one decision, duty, prohibition or notice comes to, of each instance that it is told of."""
        instances = self.instances(run.subject)
        answers = Behind(self, run.subject, None)
        if not isinstance(declaration, Decision):
            for finding in self._check(run, instances, answers, (declaration,)):
                yield finding._instance, finding
            return
        for instance in instances.get(declaration.object, ()):
            if not instance.unlisted:
                yield instance, self.result(run, declaration, instance, answers)

    def told_of(
        self, run: Run, declaration: Decision | Duty | Notice, instance: Instance, answers: Behind
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
        reason = _reason(declaration, instance) if status == "explained" else ""
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
        answers: Behind,
        declarations: tuple[Duty | Notice, ...] | None = None,
    ) -> Iterator[Finding]:
        called = {one: _called(run.subject, one) for found in instances.values() for one in found}
        for declaration in self._findings if declarations is None else declarations:
            for instance in instances.get(declaration.object, ()):
                yield self._finding(run, declaration, instance, answers, called[instance])

    def _finding(
        self, run: Run, declaration: Duty | Notice, instance: Instance, answers: Behind, called: _Called
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


def _reason(duty: Duty, instance: Instance) -> str:
    """The reason that was given for what was not done, as people read it."""
    said = reason_given(duty, instance)[1]
    return "" if duty.reason is None or said is None else value_text(said, duty.reason.field.type)


_Called: TypeAlias = tuple[str, Hashable | None, str]


def _called(root: Instance, instance: Instance) -> _Called:
    """What people call what is judged; what is equal where the same is meant; what the latter is called."""
    at = listed(instance)
    return label_among(root, instance), shared_by(root, at), owner_among(root, at)


def _as_it_is(record: Instance, portfolio: Portfolio | None) -> tuple[Instance, Portfolio | None]:
    return record, portfolio


class Evaluation:
    """One evaluation of a record, and what is open and why in it, worked out when first asked. ``lock``: outcomes are shared
    between threads; what is worked out behind one evaluation is worked out by one at a time."""

    __slots__ = ("_inquiry", "_narrators", "_others", "lock", "portfolio", "root", "run")

    def __init__(self, root: Instance, portfolio: Portfolio | None, run: Run) -> None:
        self.root = root
        self.portfolio = portfolio
        self.run = run
        self.lock = RLock()
        self._inquiry: Inquiry | None = None
        self._narrators: dict[bool, Narrator] = {}
        self._others: dict[tuple[str, Value], tuple[Run, frozenset[Name]]] = {}

    def other(
        self, interpreter: Interpreter, parameter: str, value: Value, changed: Turning
    ) -> tuple[Run, frozenset[Name]]:
        """The evaluation of the record under another value of one parameter, and the names that turn on it for this record;
        ``changed``: those that may turn on it for any."""
        found = self._others.get((parameter, value))
        if found is None:
            run = interpreter.run(self.root, self.portfolio, beside=(self.run, changed))
            found = run, turned(self.run, run, changed, interpreter.instances(self.root))
            if len(self._others) < _MOST_RUNS_KEPT:
                self._others[parameter, value] = found
        return found

    def inquiry(self) -> Inquiry:
        """What is open in it."""
        if self._inquiry is None:
            self._inquiry = Inquiry(self.run)
        return self._inquiry

    def narrator(self, words: Words, members: bool) -> Narrator:
        """The reasons in it, with or without the members of statistics."""
        if members not in self._narrators:
            self._narrators[members] = Narrator(self.run, words, members)
        return self._narrators[members]


class Behind:
    """What lies behind one outcome, worked out when asked: unless it is the latest, the record is evaluated again, so that
    outcomes which are kept do not keep the steps of their evaluations; what was answered is kept."""

    __slots__ = ("_interpreter", "_missing", "_portfolio", "_root")

    def __init__(self, interpreter: Interpreter, root: Instance, portfolio: Portfolio | None) -> None:
        self._interpreter = interpreter
        self._root = root
        self._portfolio = portfolio
        self._missing: dict[tuple[Instance, str], Missing] = {}

    def _evaluation(self) -> Evaluation:
        return self._interpreter.evaluation(self._root, self._portfolio)

    def missing(self, instance: Instance, result: str) -> Missing:
        """Relevant blanks and deciding set of a decision or finding."""
        found = self._missing.get((instance, result))
        if found is None:
            evaluation = self._evaluation()
            with evaluation.lock:
                inquiry = evaluation.inquiry()
                if result in self._interpreter.program.decisions:
                    found = decision_missing(inquiry, result, instance)
                else:
                    found = with_list(inquiry, instance, finding_missing(inquiry, result, instance))
            self._missing[instance, result] = found
        return found

    def reason(self, instance: Instance, result: str, *, members: bool = True) -> Reason:
        """The tree of reasons of a decision or finding, with or without the members of statistics."""
        evaluation = self._evaluation()
        with evaluation.lock:
            return evaluation.narrator(self._interpreter.words, members).tree(result, instance)

    def readings(self, instance: Instance, result: str) -> dict[str, dict[str, Any]]:
        """For each 读法 that a decision or finding may read: every other reading under which it would come out differently."""
        interpreter = self._interpreter
        program = interpreter.program
        spoken = interpreter.readings_of(result)
        if not spoken:
            return {}
        asked = result_named(interpreter.engine.graph, result)
        declared = program.decisions.get(result) or program.duties.get(result) or program.notices[result]
        evaluation = self._evaluation()
        found: dict[str, dict[str, Any]] = {}
        with evaluation.lock:
            for parameter in spoken:
                for value in _other_readings(parameter):
                    other = interpreter.with_reading(parameter.name, value)
                    run, turns = evaluation.other(other, parameter.name, value, interpreter.reading(parameter.name))
                    if asked not in turns:
                        continue
                    now = interpreter.came_to(evaluation.run, declared, instance)
                    if other.came_to(run, declared, instance) != now:
                        told = other.told_of(run, declared, instance, Behind(other, self._root, self._portfolio))
                        found.setdefault(parameter.name, {})[value_text(value, parameter.type)] = told
        return found


def _came_to(run: Run, decision: Decision, instance: Instance) -> tuple[object, ...]:
    """What tells one result of a decision from another."""
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        told = told_amount(decision, decision.type, amount)
        return amount.status, amount.value, told.candidates, told.certain
    state = run.decision(decision.name, instance).state
    return state.status, state.candidates, state.certain


def _other_readings(parameter: Parameter) -> list[Value]:
    options: tuple[Value, ...] = (True, False) if parameter.type.kind is Kind.BOOL else parameter.type.values or ()
    return [option for option in options if option != parameter.value]

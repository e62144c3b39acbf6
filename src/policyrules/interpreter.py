"""The interpreter: outcomes by the definition.

Why this exists: every faster engine must agree with this one on every record, blanks included. What a record comes to is
worked out in `engine.evaluate` and put together as results in `outcomes`; which evaluation is asked, what is kept of it, and
what lies behind an outcome when somebody asks is said here.

Invariants: an interpreter never changes a record or the program; the same program, record and portfolio give the same
outcome, whatever the hash seed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any

from policyrules.engine.alike import OfRecord, Units
from policyrules.engine.compiled.conditions import Conditions, Seen
from policyrules.engine.compiled.contributing import Counting, counting
from policyrules.engine.compiled.engine import Compiled, Definition
from policyrules.engine.evaluate import Run
from policyrules.engine.figures import filled
from policyrules.engine.grounds import Grounds
from policyrules.engine.instances import (
    Instance,
)
from policyrules.engine.lowering.lowered import Lowered, lowered
from policyrules.engine.members import Own
from policyrules.engine.missing import Inquiry, decision_missing, finding_missing, with_list
from policyrules.engine.portfolio import Portfolio, World
from policyrules.engine.prepared import Engine
from policyrules.engine.turning import Turned, Turning, bearing, turning
from policyrules.engine.values import Truth
from policyrules.explanation import Missing, Reason
from policyrules.late import Late
from policyrules.outcomes import Outcomes, reason_said
from policyrules.program.graph import Name, result_named
from policyrules.program.nodes import Decision, Duty, Notice, Parameter, Program
from policyrules.readonly import ReadOnly
from policyrules.reason_words import Words
from policyrules.reasons import Narrator
from policyrules.results import DecisionResult, Finding, Outcome
from policyrules.types import Kind, Value, value_text

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
        self.outcomes: Outcomes = (
            Outcomes(program, fingerprint, self.grounds) if like is None else like.outcomes.under(program, fingerprint)
        )
        self._readings: dict[tuple[str, Value], Interpreter] = {}
        self._reading: dict[str, Turning] = {}
        self._bearing: dict[tuple[str, Name], Turning] = {}
        self._readings_of: dict[str, Sequence[Parameter]] = {}
        # Whoever asks what lies behind an outcome mostly asks at once: one evaluation is kept, not one an outcome.
        self._latest: Evaluation | None = None
        self._compiled: Compiled | None = None
        self._lowered: dict[frozenset[str], Lowered] = {}
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
        run = self._keep(root, portfolio, self.run(root, portfolio)).run
        return self.outcomes.outcome(run, Behind(self, root, portfolio), notes)

    def again(
        self, root: Instance, portfolio: Portfolio | None, declaration: Decision | Duty | Notice, instance: Instance
    ) -> DecisionResult | Finding:
        """One result of a record that did not change since it was asked for: by its latest evaluation, if that still is there."""
        evaluation = self.evaluation(root, portfolio)
        with evaluation.lock:
            return self.outcomes.told_of(evaluation.run, declaration, instance, Behind(self, root, portfolio))

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

    def lowered(self, vary: frozenset[str] = frozenset()) -> Lowered:
        """The program as a circuit, in which the parameters ``vary`` are inputs; that with none is kept, and the last one with some."""
        found = self._lowered.get(vary)
        if found is None:
            self._lowered = {own: one for own, one in self._lowered.items() if not own}
            found = self._lowered[vary] = lowered(self.engine, vary=vary)
        return found

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

    def _contribute(self, world: World, member: Instance, names: tuple[str, ...]) -> dict[str, Own]:
        counting = self.counting() if len(world.members) > _FEW or self._counting is not None else {}
        run = Run(self.engine, member, world, self._contribute)
        return {name: counting[name].own(member) if name in counting else run.contributed(name)[0] for name in names}

    def counting(self) -> Mapping[str, Counting]:
        """The statistics that functions written for the program tell, made when first asked for."""
        if self._counting is None:
            self._counting = counting(self.engine)
        return self._counting

    def with_reading(self, name: str, value: Value) -> Interpreter:
        """The interpreter of the same program under another value of one parameter; kept for the next record: there
        are no more of them than a layer may have (`costs.too_many_readings`)."""
        found = self._readings.get((name, value))
        if found is None:
            # Results told under a reading keep it: two of the same would be kept as often as there are such results.
            parameter = replace(self.program.parameters[name], value=value, state="set", setter=None)
            program = replace(self.program, parameters=ReadOnly({**self.program.parameters, name: parameter}))
            found = Interpreter(program, self.fingerprint, like=self)
            self._readings[name, value] = found
        return found

    def reading(self, parameter: str) -> Turning:
        """What may turn on a parameter."""
        found = self._reading.get(parameter)
        if found is None:
            found = self._reading[parameter] = turning(self.program, self.engine.graph, self.engine.read_by, parameter)
        return found

    def bearing(self, parameter: str, asked: Name) -> Turning:
        """What of that a name reads, through any number of others, and it itself last; nothing where it turns on none."""
        found = self._bearing.get((parameter, asked))
        if found is None:
            found = self._bearing[parameter, asked] = bearing(self.engine.graph, self.reading(parameter), asked)
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
                found = self._rested[declaration.name, told] = self.outcomes.behind(seen, declaration, state, instance)
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
            reason = reason_said(declaration, instance)
        return {
            "clauses": sources.clauses,
            "citations": sources.citations,
            "offices": sources.offices,
            "message": message,
            "reason": reason,
        }


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
        self._others: dict[tuple[str, Value], Turned] = {}

    def other(self, interpreter: Interpreter, parameter: str, value: Value, changed: Turning) -> Turned:
        """The evaluation of the record under another value of one parameter, and which names turn on it for this record;
        ``changed``: those that may turn on it for any."""
        found = self._others.get((parameter, value))
        if found is None:
            run = interpreter.run(self.root, self.portfolio, beside=(self.run, changed))
            found = Turned(self.run, run, interpreter.outcomes.instances(self.root))
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

    __slots__ = ("_interpreter", "_missing", "_portfolio", "_readings", "_root")

    def __init__(self, interpreter: Interpreter, root: Instance, portfolio: Portfolio | None) -> None:
        self._interpreter = interpreter
        self._root = root
        self._portfolio = portfolio
        self._missing: dict[tuple[Instance, str], Missing] = {}
        self._readings: dict[tuple[Instance, str], dict[str, dict[str, Any]]] = {}

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
        known = self._readings.get((instance, result))
        if known is not None:
            return known
        asked = result_named(interpreter.engine.graph, result)
        assert asked is not None, "what reads a parameter is declared"
        declared = program.decisions.get(result) or program.duties.get(result) or program.notices[result]
        evaluation = self._evaluation()
        found: dict[str, dict[str, Any]] = {}
        with evaluation.lock:
            for parameter in spoken:
                for value in _other_readings(parameter):
                    other = interpreter.with_reading(parameter.name, value)
                    turned = evaluation.other(other, parameter.name, value, interpreter.reading(parameter.name))
                    if not turned.turns(interpreter.bearing(parameter.name, asked)):
                        continue
                    run = turned.other
                    now = interpreter.outcomes.came_to(evaluation.run, declared, instance)
                    if other.outcomes.came_to(run, declared, instance) != now:
                        told = other.outcomes.told_of(
                            run, declared, instance, Behind(other, self._root, self._portfolio)
                        )
                        found.setdefault(parameter.name, {})[value_text(value, parameter.type)] = told
        self._readings[instance, result] = found
        return found


def _other_readings(parameter: Parameter) -> list[Value]:
    options: tuple[Value, ...] = (True, False) if parameter.type.kind is Kind.BOOL else parameter.type.values or ()
    return [option for option in options if option != parameter.value]

"""Outcomes that are filled as far as somebody looks.

Why this exists: the compiled engine knows how everything stands, and few ask for more; what lies behind a result (rules, clauses,
texts, reasons) is dear, and the definition has it. A policy speaks of a hundred things, so that even what is known is put
into a result when somebody reads it.

Invariants: such an outcome equals the one of the definition, and whatever is read of it first; one evaluation by the definition is
enough for all that is asked of one outcome.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields
from threading import RLock
from typing import Any, Final, Protocol

from policyrules.answers import Answers, begun, fill, starting
from policyrules.engine.compiled.conditions import Seen
from policyrules.engine.compiled.engine import Results
from policyrules.engine.compiled.tables import Decided
from policyrules.engine.instances import Instance, label_among, label_of, line_above, owner_among, shared_by
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.unlisted import listed
from policyrules.explanation import Missing, Reason
from policyrules.outcomes import Outcomes
from policyrules.program.nodes import Decision, Duty, Notice
from policyrules.readonly import ReadOnly
from policyrules.results import DecisionResult, Finding, ObjectOutcome, Outcome


class Defining(Protocol):
    """The definition of a program, as `interpreter.Interpreter` is."""

    outcomes: Outcomes

    def again(
        self, root: Instance, portfolio: Portfolio | None, declaration: Decision | Duty | Notice, instance: Instance
    ) -> DecisionResult | Finding:
        """One whole result of a record."""

    def seen(self, root: Instance, portfolio: Portfolio | None) -> Seen | None:
        """What the conditions of a record come to, where they are told at once."""

    def rested(
        self,
        seen: Seen,
        portfolio: Portfolio | None,
        declaration: Decision | Duty | Notice,
        instance: Instance,
        status: str,
    ) -> Mapping[str, Any] | None:
        """What a result rests on and what it says, as fields of it; None where it takes the definition to tell."""

    def behind(self, root: Instance, portfolio: Portfolio | None) -> Answers:
        """What the definition says that lies behind the results of a record."""


_DECISION: Final = starting(DecisionResult, "_instance", "name", "status", "value")
_JUDGED: Final = ("_instance", "name", "status", "kind", "object", "unlisted", "due", "shared", "label", "owner")
_FINDING: Final = starting(Finding, *_JUDGED)
_WHOLE: Final = starting(Finding, *_JUDGED, "clauses", "citations", "offices", "message", "reason")
_ASSUMED: Final = frozenset({"presumed", "defaults"})


class Late:
    """What the compiled engine says of one record, as an outcome that is filled as far as somebody looks. Whatever the compiled
    engine does not know is asked of the definition, result by result."""

    __slots__ = (
        "_behind",
        "_interpreter",
        "_judged",
        "_lock",
        "_notes",
        "_portfolio",
        "_results",
        "_root",
        "_seen",
    )

    def __init__(
        self,
        interpreter: Defining,
        root: Instance,
        portfolio: Portfolio | None,
        notes: tuple[str, ...],
        results: Results,
    ) -> None:
        self._interpreter = interpreter
        self._root = root
        self._portfolio = portfolio
        self._notes = notes
        self._results = results
        self._behind: Answers | None = None
        self._seen: Seen | None = None
        self._judged: tuple[tuple[Duty | Notice, Instance], ...] = ()
        self._lock = RLock()

    def outcome(self) -> Outcome:
        """The outcome, with all that costs nothing."""
        root, outcomes = self._root, self._interpreter.outcomes
        return begun(
            Outcome,
            self,
            {
                "object": root.object,
                "path": root.path,
                "identity": root.identity,
                "label": label_of(root),
                "as_of": outcomes.program.as_of,
                "policy": outcomes.fingerprint,
                "layers": outcomes.program.layers,
                "notes": self._notes,
            },
        )

    # ---- filling

    def complete(self, part: Any, name: str) -> None:
        """Fill what is open in an outcome, or in a result of it."""
        with self._lock:
            if isinstance(part, DecisionResult) and name in (told := part._instance.told(self._root)):
                fill(part, told)
            elif not isinstance(part, Outcome) and name not in _ASSUMED and (rested := self._rested(part)) is not None:
                fill(part, rested)
            elif not isinstance(part, Outcome):
                twin = self._twin(part._instance)
                fill(part, {each.name: getattr(twin, each.name) for each in fields(twin)})
            elif name == "findings":
                fill(part, {"findings": tuple(self._findings())})
            else:
                self._decide(part)

    def _rested(self, part: DecisionResult | Finding) -> Mapping[str, Any] | None:
        """What a result rests on, and what it says; None where it takes the definition to tell."""
        which, interpreter = part._instance, self._interpreter
        if self._seen is None:
            self._seen = interpreter.seen(self._root, self._portfolio)
            if self._seen is None:
                return None
        declaration, instance = self._judged[which] if isinstance(which, int) else (which.decision, which.instance)
        return interpreter.rested(self._seen, self._portfolio, declaration, instance, part.status)

    def _twin(self, which: _Told | int) -> DecisionResult | Finding:
        """The result that the definition has: of a decision, or of a finding by its place."""
        declaration, instance = self._judged[which] if isinstance(which, int) else (which.decision, which.instance)
        return self._interpreter.again(self._root, self._portfolio, declaration, instance)

    def _decide(self, outcome: Outcome) -> None:
        declared, results = self._interpreter.outcomes.declared, self._results
        line = [self._root, *line_above(self._root)]
        decisions = {d.name: self._decision(d, one, results[d.name]) for one in line for d in declared(one.object)}
        of_rows = {
            name: {id(row): told for row, told in results.rows(name)}
            for name in self._interpreter.outcomes.decided_on_rows
        }
        children: dict[str, tuple[ObjectOutcome, ...]] = {}
        for index, one in enumerate(line):
            children.update(self._children(one, of_rows, line[index - 1].object if index else None))
        fill(outcome, {"decisions": ReadOnly(decisions), "children": ReadOnly(children)})

    def _children(
        self, instance: Instance, told: Mapping[str, Mapping[int, Decided]], skip: str | None
    ) -> dict[str, tuple[ObjectOutcome, ...]]:
        kind_of = self._interpreter.outcomes.program.objects.get(instance.object)
        declared = self._interpreter.outcomes.declared
        return {
            kind: tuple(
                ObjectOutcome(
                    row.object,
                    row.path,
                    row.identity,
                    {d.name: self._decision(d, row, told[d.name][id(row)]) for d in declared(row.object)},
                    self._children(row, told, None),
                    label=label_of(row),
                )
                for row in instance.rows.get(kind) or ()
            )
            for kind in (kind_of.children if kind_of is not None else ())
            if kind != skip
        }

    def _decision(self, decision: Decision, instance: Instance, told: Decided) -> DecisionResult:
        return _DECISION(self, _Told(decision, instance, told), told.name, told.status, told.value)

    def _findings(self) -> Iterator[Finding]:
        root, fixed = self._root, self._interpreter.outcomes.fixed
        self._judged = tuple(self._interpreter.outcomes.judged(root))
        called: dict[Instance, tuple[Hashable | None, str, str]] = {}
        for place, (found, (_, instance)) in enumerate(zip(self._results.findings, self._judged, strict=True)):
            whose = called.get(instance)
            if whose is None:
                at = listed(instance)
                whose = called[instance] = shared_by(root, at), label_among(root, instance), owner_among(root, at)
            name, status = found.name, found.status
            told = self, place, name, status, found.kind, found.path, found.unlisted, found.due
            behind = fixed.get(name)
            if behind is None or status == "explained":
                yield _FINDING(*told, *whose)
            else:
                yield _WHOLE(*told, *whose, *behind)

    # ---- what lies behind

    def _ask(self, which: _Told | int) -> tuple[Answers, Instance]:
        """Who answers, and the object of a result as it knows that."""
        with self._lock:
            if self._behind is None:
                self._behind = self._interpreter.behind(self._root, self._portfolio)
        return self._behind, self._judged[which][1] if isinstance(which, int) else which.instance

    def missing(self, which: Any, result: str) -> Missing:
        """Relevant blanks and deciding set of a decision or finding."""
        answers, instance = self._ask(which)
        return answers.missing(instance, result)

    def readings(self, which: Any, result: str) -> Mapping[str, Mapping[str, Any]]:
        """For each 读法 that a decision or finding may read what it would give otherwise."""
        answers, instance = self._ask(which)
        return answers.readings(instance, result)

    def reason(self, which: Any, result: str, *, members: bool = True) -> Reason:
        """The tree of reasons of a decision or finding, with or without the members of statistics."""
        answers, instance = self._ask(which)
        return answers.reason(instance, result, members=members)


class _Told:
    """A decision on an instance as the compiled engine has it."""

    __slots__ = ("_decided", "decision", "instance")

    def __init__(self, decision: Decision, instance: Instance, decided: Decided) -> None:
        self.decision = decision
        self.instance = instance
        self._decided = decided

    def told(self, root: Instance) -> dict[str, Any]:
        """The fields that are known of it, beside those that a result begins with."""
        decision, decided = self.decision, self._decided
        given: dict[str, Any] = {
            "key": decided.key,
            "interval": decided.interval,
            "path": self.instance.path,
            "label": label_among(root, self.instance),
            "shared": shared_by(root, self.instance),
            "many": decision.mode == "多选",
        }
        if decision.type is not None:
            return given | {"kind": decision.type.kind.value, "unit": decision.type.unit or ""}
        return given | {
            "candidates": decided.candidates,
            "certain": decided.certain,
            "values": decision.values,
            "defaulted": decided.defaulted,
            "kind": "",
            "unit": "",
            "amounts": (),
            "said": "",
        }

"""What a side says of a record, as far as it is counted.

Why this exists: an outcome is made for people, result by result; counting asks how things stand, which the compiled engine says of
a whole record at once.

Invariants: the same as the outcome of `Interpreter.quick` says, in its order; what the compiled engine does not hold, and amounts, of
which more is told than how they stand, are taken from that outcome.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from policyrules.analysis.pairs import Objects, Stands, Told, results_of
from policyrules.engine.compiled.engine import Results
from policyrules.engine.compiled.tables import Decided
from policyrules.engine.instances import Instance, line_above, shared_by
from policyrules.engine.unlisted import listed
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.results import FindingKind
from policyrules.variation.study import Side, of_record

Found: TypeAlias = tuple[str, str]
"""A finding by its name and its target."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one record the decisions, and how each finding stands."""

    objects: Objects[Stands]
    findings: Mapping[Found, str]


class Hearing:
    """A side, asked of its records. ``many``: whether it pays to write code for it."""

    def __init__(self, side: Side, *, many: bool) -> None:
        self.side = side
        program = side.policy.program
        self._program = program
        self._interpreter = side.policy.interpreter
        compiled = self._interpreter.hasten() if many else None
        amounts = any(one.type is not None for one in program.decisions.values())
        self._compiled = None if compiled is None or compiled.refused or amounts else compiled
        self._latest: tuple[int, dict[str, Instance]] = -1, {}
        decided = program.decisions.values()
        self._deciding = {above for one in decided for above in belonging.line(program.objects, one.object)}
        """The kinds that decisions are on, and those above them."""
        spoken: tuple[core.Decision | core.Duty | core.Notice, ...] = (
            *program.decisions.values(),
            *program.duties.values(),
            *program.notices.values(),
        )
        self.kinds: dict[str, str] = {one.name: one.object for one in spoken}
        """Of each decision and finding the kind of object that it is on."""
        self._own = {kind: of_record(program, kind) for kind in self.kinds.values()}
        self.finding_kinds: dict[str, FindingKind] = {name: "notice" for name in program.notices}
        """Whether a finding is one of a duty, a prohibition or a notice."""
        self.finding_kinds |= {one.name: _kind_of(one) for one in program.duties.values()}

    def __call__(self, index: int) -> Heard:
        """What it says of a record, by its number."""
        root = self.side.roots[index]
        if self._compiled is None:
            outcome = self._interpreter.quick(root, self.side.portfolio)
            return Heard(results_of(outcome), {(found.name, found.target): found.status for found in outcome.findings})
        told = self._compiled.decide(root, self.side.portfolio)
        findings = {
            (one.name, one.path if not one.unlisted else _target(one.path, one.unlisted)): one.status
            for one in told.findings
        }
        return Heard(self._objects(root, told), findings)

    def shared(self, name: str, index: int, target: str) -> Hashable | None:
        """What a finding is on, where records share that; None where it is a record's own."""
        if self._own[self.kinds[name]]:
            return None
        root = self.side.roots[index]
        for above in line_above(root):
            if above.path == target:
                return shared_by(root, above)
        if index != self._latest[0]:
            self._latest = index, self.side.targets(index)
        return shared_by(root, listed(self._latest[1][target]))

    # ---- decisions

    def _objects(self, root: Instance, told: Results) -> Objects[Stands]:
        line = [root, *line_above(root)]
        own: dict[str, Stands] = {
            decision.name: self._told(root, one, decision, told[decision.name])
            for one in line
            for decision in self._interpreter.outcomes.declared(one.object)
        }
        found: dict[str, dict[str, Stands]] = {root.path: own}
        if self._interpreter.outcomes.decided_on_rows:
            stands = {
                name: {id(row): one for row, one in told.rows(name)}
                for name in self._interpreter.outcomes.decided_on_rows
            }
            for place, one in enumerate(line):
                for row in self._rows(one, line[place - 1].object if place else None):
                    found[row.path] = {
                        decision.name: self._told(root, row, decision, stands[decision.name][id(row)])
                        for decision in self._interpreter.outcomes.declared(row.object)
                    }
        return found

    def _rows(self, instance: Instance, skip: str | None) -> Iterator[Instance]:
        """The rows below an instance that may have decisions, as an outcome has them."""
        # A stack of other documents may not know what a record belongs to.
        known = self._program.objects.get(instance.object)
        for kind in known.children if known is not None else ():
            if kind != skip and kind in self._deciding:
                for row in instance.rows.get(kind) or ():
                    yield row
                    yield from self._rows(row, None)

    def _told(self, root: Instance, instance: Instance, decision: core.Decision, stands: Decided) -> Told:
        return Told(
            decision.name,
            stands.status,
            stands.value,
            stands.candidates,
            stands.certain,
            decision.values,
            None if self._own[decision.object] else shared_by(root, instance),
        )


def _kind_of(duty: core.Duty) -> FindingKind:
    """What findings of a duty are told to be."""
    return "prohibition" if duty.prohibition else "duty"


def _target(path: str, unlisted: str) -> str:
    """As `Finding.target` names rows that were not listed."""
    return f"{path}.{unlisted}" if path.endswith("]") else unlisted

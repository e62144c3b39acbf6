"""Which blank it is that a step waits for: of which instance, who would know it, and in which words.

Why this exists: whatever is open in a result ends at blanks, and one that two steps wait for is one question.

Invariants: the same blank is the same object whoever asks for it; of a row that nobody listed it is the list.
"""

from __future__ import annotations

from typing import Any

from policyrules.engine import values as v
from policyrules.engine.deciding import KNOWN, Open, ask, tested
from policyrules.engine.evaluate import Run, instance_at
from policyrules.engine.instances import Instance, label_of
from policyrules.engine.steps import Step
from policyrules.engine.unlisted import list_asked
from policyrules.engine.values import Abstract
from policyrules.explanation import Blank
from policyrules.program import nodes as core
from policyrules.wording import blank_detail, node_text, row_holders


class Blanks:
    """The blanks of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._program = run.program
        self._asked: dict[tuple[str, Instance, str, str], Open] = {}
        self._answered: dict[Open, Open] = {}
        self._parameters: dict[str, Open] = {}

    def blank(
        self, kind: Any, instance: Instance, name: str, key: str = "", holders: tuple[str, ...] = (), detail: str = ""
    ) -> Blank:
        """A blank of ``instance``; of an unlisted row, a cell and a list of its own are the list that it belongs to."""
        if instance.unlisted and kind in ("field", "rows"):
            kind, detail = "rows", ""
            instance, name, key, holders = list_asked(self._program, instance)
        own = instance is self.run.subject
        declared = self.run.engine.declared
        place = declared.get((instance.object if kind == "field" else "", name), 0)
        return Blank(
            kind, instance.path, name, key, holders, detail, instance.object, own, label_of(instance), declared=place
        )

    def ask(
        self, kind: Any, instance: Instance, name: str, key: str = "", holders: tuple[str, ...] = (), detail: str = ""
    ) -> Open:
        """What is open of a blank of ``instance``: the same whoever asks for it."""
        asked = kind, instance, name, detail
        found = self._asked.get(asked)
        if found is None:
            found = self._asked[asked] = ask(self.blank(kind, instance, name, key, holders, detail))
        return found

    def yes_or_no(self, asked: Open) -> Open:
        """What is open of a condition that is nothing but a blank."""
        found = self._answered.get(asked)
        if found is None:
            found = self._answered[asked] = tested(asked, (True, False), _as_answered)
        return found

    def undefined(self, step: Step, why: str) -> Open:
        """What is open of a value that is not defined, and ``why``."""
        assert not isinstance(step.node, core.Decision)
        return self.ask("undefined", step.frames[-1], node_text(step.node), detail=blank_detail(why))

    def parameter(self, name: str) -> Open:
        """What is open of a parameter: nothing where it has a value."""
        parameter = self._program.parameters[name]
        if parameter.value is not None:
            return KNOWN
        found = self._parameters.get(name)
        if found is None:
            blank = Blank("parameter", "", name, parameter.key, declared=self.run.engine.declared["", name])
            found = self._parameters[name] = ask(blank)
        return found

    def rows(self, rows: core.Children, step: Step, detail: str = "") -> Open:
        """What is open of a list that was not supplied, or holds no row to take a value of."""
        kind = self._program.objects[rows.object]
        holders = row_holders(self._program, rows.object)
        instance = instance_at(rows.at, step.frames)
        return self.ask("rows", instance, rows.object, kind.key, holders, detail)

    def recognition(
        self, step: Step, node: core.Member | core.Overlaps | core.Subset | core.Less, value: Abstract
    ) -> Open:
        """Whether a value that is not listed is meant by 等."""
        instance = step.frames[-1]
        if instance.unlisted and not v.known(value):
            # Nobody can recognise what nobody has said: the list comes first (5.13.8).
            return self.ask("rows", instance, "")
        name = node.right.name if isinstance(node.right, core.ListRef) else node_text(node)
        words = value if isinstance(value, str) else "”“".join(sorted(value)) if isinstance(value, frozenset) else ""
        said = blank_detail("unlisted", words) if words else ""
        return self.ask("recognition", instance, name, detail=said)

    def portfolio(self, name: str) -> Blank:
        """The ledger, for a statistic."""
        return self.blank("portfolio", self.run.subject, name, self._program.statistics[name].key)


def _as_answered(answer: Any) -> bool:
    return answer is True

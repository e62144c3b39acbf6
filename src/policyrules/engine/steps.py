"""Steps: what one node came to, and what it was made from.

Why this exists: reasons, missing inputs and assumptions are folds over steps, so what a step holds is told once, apart from
how it is come by (`evaluate`).

Invariants: a step holds its node, the frames it was seen from, its value, and the steps of its parts; nothing here evaluates.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.amounts import Amount, binding, total_of
from policyrules.engine.decisions import State
from policyrules.engine.instances import Instance
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as core
from policyrules.program.amended import Folded
from policyrules.types import Value

Frames: TypeAlias = tuple[Instance, ...]
"""Frame 0 is the instance a declaration speaks of; each quantifier or aggregate adds its row as one more."""
Node: TypeAlias = core.Expr | Folded | core.Decision


class Step:
    """One node, evaluated. ``value``: a `Truth` for conditions, an `Abstract` for values, a `State` for a decision;
    ``parts``: the steps it was made from."""

    __slots__ = ("frames", "node", "parts", "value")

    def __init__(self, node: Node, frames: Frames, value: Any, parts: tuple[Step, ...] = ()) -> None:
        self.node = node
        self.frames = frames
        self.value = value
        self.parts = parts


class Decided(Step):
    """One decision on one instance. ``rules``: the step of each rule's condition, and ``truths``: whether it speaks (a
    补充规则 only where the rules above it do not), both empty where the decision does not apply; ``rankings``: None for one
    that always holds."""

    __slots__ = ("applies", "decision", "rankings", "rules", "state", "truths")

    def __init__(
        self,
        decision: core.Decision,
        instance: Instance,
        state: State,
        applies: Step | None,
        rules: dict[str, Step],
        truths: dict[str, Truth],
        rankings: tuple[Step | None, ...],
    ) -> None:
        # A ranking that orders none of the values in question settles nothing (5.12.10).
        parts = (applies, *rules.values(), *[rankings[index] for index in state.ranking])
        super().__init__(decision, (instance,), state, tuple(part for part in parts if part is not None))
        self.decision = decision
        self.state = state
        self.applies = applies
        self.rules = rules
        self.truths = truths
        self.rankings = rankings


class Reckoned(Step):
    """An amount on one instance. ``rules``: the step of each rule's condition; ``amounts``: what each rule that is not false
    concludes; ``limits``: the step of each bound. All empty where the decision does not apply."""

    __slots__ = ("amounts", "applies", "decision", "limits", "rankings", "rules", "state")

    def __init__(
        self,
        decision: core.Decision,
        instance: Instance,
        state: Amount,
        applies: Step | None,
        rules: dict[str, Step],
        amounts: dict[str, Step],
        limits: tuple[Step, ...],
        rankings: tuple[Step | None, ...],
    ) -> None:
        ranked = [rankings[index] for index in state.ranking]
        parts = (applies, *rules.values(), *amounts.values(), *limits, *ranked)
        super().__init__(decision, (instance,), state, tuple(part for part in parts if part is not None))
        self.decision = decision
        self.state = state
        self.applies = applies
        self.rules = rules
        self.amounts = amounts
        self.limits = limits
        self.rankings = rankings

    @property
    def binding(self) -> frozenset[int]:
        """Which of the limits change what comes out, or may change it."""
        state, bounds = self.state, [step.value for step in self.limits]
        if self.decision.mode == "累计":
            return binding(self.decision, total_of(state.shares), bounds) if state.shares else frozenset()
        told = (rule for rule in (*state.standing, *state.open))
        values = [v.existing(self.amounts[rule].value)[1] for rule in told]
        return frozenset().union(*(binding(self.decision, value, bounds) for value in values))


class Rows(Step):
    """An aggregate; ``each``: of every row whether it counts (None where all do) and its value where it may (None for
    计数); None where the list was not supplied."""

    __slots__ = ("each",)

    def __init__(
        self,
        node: core.Aggregate,
        frames: Frames,
        value: Abstract,
        each: tuple[tuple[Step | None, Step | None], ...] | None,
    ) -> None:
        super().__init__(node, frames, value, tuple(part for pair in each or () for part in pair if part is not None))
        self.each = each


class Chosen(Step):
    """视; ``branches``: the branches that may be taken, each with the values that choose it."""

    __slots__ = ("branches", "selector")

    def __init__(
        self,
        node: core.Choose,
        frames: Frames,
        value: Any,
        selector: Step,
        branches: tuple[tuple[tuple[Value | None, ...], Step], ...],
    ) -> None:
        super().__init__(node, frames, value, (selector, *[branch for _, branch in branches]))
        self.selector = selector
        self.branches = branches


class Source(NamedTuple):
    """The steps that one entry of a statistic follows from; ``adds``: of whether it meets 符合, and of its value."""

    where: Step | None
    adds: tuple[Step, ...]
    keys: tuple[Step, ...]

    @property
    def counts(self) -> bool:
        """Whether it counts, or may."""
        return self.where is None or self.where.value is not False

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of them."""
        return (*(() if self.where is None else (self.where,)), *self.adds, *self.keys)

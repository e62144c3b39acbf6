"""Ways for a decision to come out: the fewest blanks that bring it to one of the wanted results.

Why this exists: what it takes to settle a decision follows the tables of section 5 backwards, mode by mode.

Invariant: a way that is returned works: with some answers to its blanks every candidate is among those allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from policyrules.engine.decisions import State, outranks, unranked
from policyrules.engine.evaluation import CompiledDecision
from policyrules.engine.outcome import Blank
from policyrules.engine.plans import NO_EFFORT, MaybePlan, Plan, Residual, cheapest, together

# Unknown rankings of one decision that are tried one way and the other.
_RANKINGS_TRIED: Final = 3


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A decision that is not settled: what is left of its 适用, its unknown rules and its unknown rankings."""

    compiled: CompiledDecision
    state: State
    applies: Residual
    rules: dict[str, Residual]
    rankings: tuple[Residual, ...]
    conflict: Blank | None

    def true(self, value: str) -> MaybePlan:
        """The fewest blanks for some rule to conclude the value."""
        return cheapest(left.true for left in self._concluding(value))

    def false(self, value: str) -> MaybePlan:
        """The fewest blanks for no rule to conclude it."""
        return together(left.false for left in self._concluding(value))

    def _concluding(self, value: str) -> list[Residual]:
        return [self.rules[r.name] for r in self.compiled.rules if r.name in self.rules and value in r.values]


def ranks_some(values: tuple[str, ...], state: State) -> bool:
    """Whether a ranking bears on two values that are concluded or may be."""
    return sum(value in values for value in (*state.concluded, *state.open)) > 1


def reach(found: OpenDecision, allowed: frozenset[Any], *, settled: bool = False) -> MaybePlan:
    """The fewest blanks for every candidate to be among ``allowed`` (None: 无), where the decision applies.
    ``settled``: and for nothing to be left open, not even a rule that would conclude the default."""
    if found.compiled.decision.mode == "由宽到严":
        return _reach_strictest(found, allowed)
    unknown = [
        index
        for index, (values, truth) in enumerate(found.state.rankings)
        if truth is None and ranks_some(values, found.state)
    ][:_RANKINGS_TRIED]
    plans: list[MaybePlan] = []
    for answers in product((False, True), repeat=len(unknown)):
        chosen = dict(zip(unknown, answers, strict=True))
        holding = [values for i, (values, truth) in enumerate(found.state.rankings) if chosen.get(i, truth)]
        ranked = together(found.rankings[i].true if answer else found.rankings[i].false for i, answer in chosen.items())
        plans.append(together((ranked, _reach_single(found, allowed, holding, settled))))
    if found.conflict is not None and any(value in allowed for value in found.state.concluded):
        # Whoever settles the conflict settles the decision.
        plans.append(Plan(1, (found.conflict,)))
    return cheapest(plans)


def _reach_single(
    found: OpenDecision, allowed: frozenset[Any], holding: Sequence[tuple[str, ...]], settled: bool
) -> MaybePlan:
    state, default = found.state, found.compiled.decision.default
    excluded = together(found.false(value) for value in state.open if value not in allowed)
    plans: list[MaybePlan] = []
    if state.concluded:
        if all(value in allowed for value in unranked(state.concluded, holding)):
            plans.append(excluded)
    elif default in allowed:
        plans.append(together(found.false(value) for value in state.open) if settled else excluded)
    for value in state.open:
        if value not in allowed:
            continue
        left = unranked((*state.concluded, value), holding)
        if not all(other in allowed for other in left):
            continue
        rest = [other for other in state.open if other != value]
        if len(left) == 1 and all(outranks(left[0], other, holding) for other in rest):
            plans.append(found.true(value))
        plans.append(together((found.true(value), excluded)))
    alone = [value for value in unranked(state.concluded, holding) if value in allowed]
    if len(unranked(state.concluded, holding)) == 1 and alone:
        # What this value outranks need not be excluded.
        rest = [other for other in state.open if not outranks(alone[0], other, holding)]
        if not rest:
            plans.append(NO_EFFORT)
        else:
            plans.append(together(found.false(other) for other in rest))
    return cheapest(plans)


def _reach_strictest(found: OpenDecision, allowed: frozenset[Any]) -> MaybePlan:
    decision, state = found.compiled.decision, found.state
    spoken = [*state.concluded, *(() if decision.default is None else (decision.default,))]
    strictness = decision.values.index
    base = max(spoken, key=strictness) if spoken else None
    level = -1 if base is None else strictness(base)
    open = [value for value in state.open if strictness(value) > level]
    plans: list[MaybePlan] = []
    for value in (base, *open):
        if value not in allowed:
            continue
        least = -1 if value is None else strictness(value)
        stricter = [other for other in open if strictness(other) > least and other not in allowed]
        own = NO_EFFORT if value == base or value is None else found.true(value)
        plans.append(together((own, *(found.false(other) for other in stricter))))
    return cheapest(plans)

"""What follows for decisions that take several values, such as measures of support.

Why this exists: whoever loses a class loses what goes with it; that is counted value by value, and told record by record.

Invariant: what surely moves, what is settled and what opens are never added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyrules.program import nodes as core
from policyrules.variation.counts import Count
from policyrules.variation.model import MOVES, ValueMove


def values_of(count: Count) -> tuple[ValueMove, ...]:
    """Value by value of decisions that take several, as they are declared, who gains and who loses it."""
    declared = [policy.program.decisions for policy in (count.new, count.old)]
    found = [
        ValueMove(name, value, *(tuple(dict.fromkeys(told.get(move, ()))) for move in MOVES))
        for (name, value), told in count.values.items()
    ]
    order = {name: place for place, name in enumerate(dict.fromkeys(one.decision for one in found))}
    return tuple(sorted(found, key=lambda one: (order[one.decision], _place(one, declared))))


def _place(one: ValueMove, declared: Sequence[Mapping[str, core.Decision]]) -> int:
    values = [value for decisions in declared if one.decision in decisions for value in decisions[one.decision].values]
    return values.index(one.value)

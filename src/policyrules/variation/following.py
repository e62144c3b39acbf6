"""What follows for decisions that take several values, such as measures of support.

Why this exists: whoever loses a class loses what goes with it; that is counted value by value, and told record by record.

Invariant: what surely moves, what is settled and what opens are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from policyrules.program import nodes as core
from policyrules.variation.counts import Count
from policyrules.variation.model import Follow, ValueMove

_MOVES: Final = ("gained", "lost", "settled_in", "settled_out", "opened")


def values_of(count: Count) -> tuple[ValueMove, ...]:
    """Value by value of decisions that take several, who gains and who loses it."""
    return tuple(
        ValueMove(name, value, *(tuple(dict.fromkeys(found.get(move, ()))) for move in _MOVES))
        for (name, value), found in count.values.items()
    )


def follows_of(values: Iterable[ValueMove], records: set[int], count: Count) -> tuple[Follow, ...]:
    """What follows for each of some records, in the order of the records; values as they are declared."""
    declared = [policy.program.decisions for policy in (count.new, count.old)]
    values = sorted(values, key=lambda one: _place(one, declared))
    found: dict[tuple[int, str], dict[str, list[str]]] = {}
    for value in values:
        for move in _MOVES:
            for index in getattr(value, move):
                if index in records:
                    found.setdefault((index, value.decision), {}).setdefault(move, []).append(value.value)
    order = {name: place for place, name in enumerate(dict.fromkeys(name for _, name in found))}
    return tuple(
        Follow(index, name, *(tuple(moves.get(move, ())) for move in _MOVES))
        for (index, name), moves in sorted(found.items(), key=lambda item: (item[0][0], order[item[0][1]]))
    )


def _place(one: ValueMove, declared: Sequence[Mapping[str, core.Decision]]) -> int:
    values = [value for decisions in declared if one.decision in decisions for value in decisions[one.decision].values]
    return values.index(one.value)

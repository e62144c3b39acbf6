"""What an engine says of a record, in one form for all of them, and what of it is not what the definition says.

Why this exists: engines give outcomes, tables or bits; held against each other they are plain values by path and name.

Invariants: nothing is left out in silence: what an engine hands to the definition it names, and all else is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import policyrules as pr
from policyrules.engine import values as v
from policyrules.engine.amounts import Amount
from policyrules.engine.decisions import State
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.results import DecisionResult, Outcome

Decisions: TypeAlias = Mapping[tuple[str, str], tuple[Any, ...]]
"""By path and name: status, value, and the candidates, or of an amount the interval."""
Findings: TypeAlias = Mapping[tuple[str, str, str], tuple[Any, ...]]
"""By name, path and kind of unlisted rows: status and day."""


class NotTaken(Exception):
    """An engine takes no such records, and says so before it answers anything."""


@dataclass(frozen=True)
class Said:
    """What was said of one record. ``inner``: by path and name whether a decision applies, P and U, or what an amount may be,
    for engines that have it; ``handed``: names that were handed to the definition, with whether of unlisted rows."""

    decisions: Decisions
    findings: Findings
    inner: Decisions = field(default_factory=dict)
    handed: frozenset[tuple[str, bool]] = frozenset()


Answer: TypeAlias = Callable[[Sequence[Instance], Portfolio | None], list[Said]]
"""Records, read, and the portfolio that they are members of (None: not supplied)."""
Engine: TypeAlias = Callable[[pr.Policy], Answer]


def outcome_said(outcome: Outcome) -> Said:
    """An outcome in the form of all."""
    decisions: dict[tuple[str, str], tuple[Any, ...]] = {}
    findings: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for one in outcome.results():
        if isinstance(one, DecisionResult):
            decisions[one.path, one.name] = (one.status, one.value, one.interval if one.kind else one.candidates)
        else:
            findings[one.name, one.object, one.unlisted] = (one.status, one.due)
    return Said(decisions, findings)


def definition(policy: pr.Policy) -> Answer:
    """The definition."""
    interpreter = policy.interpreter

    def answer(roots: Sequence[Instance], portfolio: Portfolio | None) -> list[Said]:
        found: list[Said] = []
        for root in roots:
            said = outcome_said(interpreter.evaluate(root, portfolio))
            run = interpreter.evaluation(root, portfolio).run
            inner: dict[tuple[str, str], tuple[Any, ...]] = {}
            for tables in (run._decided, run._amounts):
                for (name, instance), step in tables.items():
                    if not instance.unlisted:
                        inner[instance.path, name] = inner_of(step.value)
            found.append(Said(said.decisions, said.findings, inner))
        return found

    return answer


def inner_of(state: State | Amount) -> tuple[Any, ...]:
    """What stands behind the result of a decision."""
    if isinstance(state, Amount):
        return (state.value,)
    return (state.applies, state.concluded, state.open)


def differences(engine: Said, expected: Said) -> Iterator[str]:
    """What an engine says otherwise, says in addition, or leaves out."""
    for path, name in {**expected.decisions, **engine.decisions}:
        if (name, False) in engine.handed:
            continue
        got, right = engine.decisions.get((path, name)), expected.decisions.get((path, name))
        if not alike(got, right):
            yield f"{name} {path}: {got}, by the definition {right}"
        elif engine.inner:
            behind, known = engine.inner.get((path, name)), expected.inner.get((path, name))
            if not alike(behind, known):
                yield f"{name} {path}: behind it {behind}, by the definition {known}"
    for key in {**expected.findings, **engine.findings}:
        if (key[0], bool(key[2])) in engine.handed:
            continue
        got, right = engine.findings.get(key), expected.findings.get(key)
        if not alike(got, right):
            yield f"{key}: {got}, by the definition {right}"


def alike(one: object, other: object) -> bool:
    """Whether two values are the same; a float is never the same as anything, True is not 1."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) or isinstance(other, float) or isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, v.Interval) and isinstance(other, v.Interval):
        return alike((one.low, one.high, one.void), (other.low, other.high, other.void))
    return one == other

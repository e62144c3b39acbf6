"""How the engines of this project are asked, in one place.

Why this exists: a benchmark of an engine that is not there says so and goes on.

Invariants: nothing here is measured; each function raises `NotBuilt` where its engine is not there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.measure import NotBuilt
from policyrules import Policy
from policyrules.results import DecisionResult, Outcome

EXECUTORS = ("numpy", "kernel")


def defined(policy: Policy) -> Callable[[Any], Outcome]:
    """The definition on a record that is read already."""
    return lambda instance: policy.interpreter.evaluate(instance, None, instance.notes)


def compiled(policy: Policy) -> Any:
    """The compiled policy: called with a record, or ``decide`` with one that is read already."""
    build = getattr(policy, "compile", None)
    if build is None:
        raise NotBuilt("policy.compile() is not built")
    return build()


def prepared(policy: Policy, source: object) -> Any:
    """The codes of a ledger."""
    prepare = getattr(policy, "prepare", None)
    if prepare is None:
        raise NotBuilt("policy.prepare() is not built")
    return prepare(source)


def frames(policy: Policy, executor: str) -> Callable[..., Any]:
    """`evaluate_frame` on one of its executors."""
    evaluate = getattr(policy, "evaluate_frame", None)
    if evaluate is None:
        raise NotBuilt("policy.evaluate_frame() is not built")
    if "executor" not in inspect.signature(evaluate).parameters:
        raise NotBuilt("policy.evaluate_frame() has no choice of executor")
    return lambda source, **given: evaluate(source, executor=executor, **given)


def decisions(found: Any, names: Sequence[str]) -> Mapping[str, DecisionResult]:
    """The decisions of an outcome, or of what the compiled policy gives."""
    return {name: found[name] for name in names}

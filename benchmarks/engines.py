"""How the engines of this project are asked, in one place.

Why this exists: a benchmark of an engine that is not there says so and goes on.

Invariants: nothing here is measured; each function raises `NotBuilt` where its engine is not there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import NotBuilt
from policyrules import Policy
from policyrules.interpreter import Interpreter
from policyrules.results import Outcome

EXECUTORS = ("numpy", "kernel")


def defined(policy: Policy) -> Callable[[Any], Outcome]:
    """The definition on a record that is read already."""
    # An interpreter of its own: the fingerprint of a program with ten thousand values takes more memory than there is.
    interpreter = Interpreter(policy.program, "")
    return lambda instance: interpreter.evaluate(instance, None, instance.notes)


def compiled(policy: Policy) -> Any:
    """The compiled policy: called with a record, or ``decide`` with one that is read already."""
    build = getattr(policy, "compile", None)
    if build is None:
        raise NotBuilt("policy.compile() is not built")
    return build()


def prepared(policy: Policy, source: object, children: Mapping[str, object] | None = None) -> Any:
    """The codes of a ledger."""
    prepare = getattr(policy, "prepare", None)
    if prepare is None:
        raise NotBuilt("policy.prepare() is not built")
    return prepare(source) if children is None else prepare(source, children=children)


def frames(policy: Policy, executor: str) -> Callable[..., Any]:
    """`evaluate_frame` on one of its executors."""
    evaluate = getattr(policy, "evaluate_frame", None)
    if evaluate is None:
        raise NotBuilt("policy.evaluate_frame() is not built")
    if "executor" not in inspect.signature(evaluate).parameters:
        raise NotBuilt("policy.evaluate_frame() has no choice of executor")
    return lambda source, **given: evaluate(source, executor=executor, **given)


def told(names: Iterable[str], *, findings: bool = False) -> Callable[[Any], Any]:
    """Every one of the results, taken out: an engine that makes them when asked is measured with that."""
    asked = tuple(names)
    if findings:
        return lambda found: ([found[name] for name in asked], tuple(found.findings))
    return lambda found: [found[name] for name in asked]


def results_of_frame(found: Any, names: Iterable[str]) -> list[tuple[tuple[str, Any, frozenset[Any]], ...]]:
    """Status, value and candidates of each record from what `evaluate_frame` gives: a column of each for each decision."""
    columns = []
    for name in names:
        try:
            one = found[name]
            columns.append([*zip(one.status, one.value, map(frozenset, one.candidates), strict=True)])
        except (AttributeError, KeyError, TypeError) as fault:
            raise NotBuilt(f"what policy.evaluate_frame() gives cannot be compared: {fault}") from fault
    return [*zip(*columns, strict=True)]


def parquet(policy: Policy, executor: str) -> Callable[[Path, Path, Mapping[str, Path]], object]:
    """From Parquet files (records, and rows of each child object) to a Parquet file."""
    evaluate = frames(policy, executor)
    if "output" not in inspect.signature(policy.evaluate_frame).parameters:
        raise NotBuilt("policy.evaluate_frame() writes no Parquet")
    return lambda source, target, children: evaluate(source, output=target, children=children)


def counties(policy: Policy) -> Callable[[Any, Mapping[str, Any]], object]:
    """Codes under parameters that differ from record to record: name of the parameter to a value for each record."""
    evaluate = frames(policy, "numpy")
    if "parameters" not in inspect.signature(policy.evaluate_frame).parameters:
        raise NotBuilt("policy.evaluate_frame() takes no parameters by record")
    return lambda codes, given: evaluate(codes, parameters=given)

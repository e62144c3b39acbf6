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
from policyrules.results import STATUS_NAMES, Outcome, candidate_text, not_applicable

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
    """`evaluate_frame` on one of its engines."""
    evaluate = getattr(policy, "evaluate_frame", None)
    if evaluate is None:
        raise NotBuilt("policy.evaluate_frame() is not built")
    _must_run(executor)
    return lambda source, **given: evaluate(source, engine=executor, **given)


def _must_run(executor: str) -> None:
    if executor == "kernel":
        from policyrules.columns.kernel import NoKernel, load

        try:
            load()
        except NoKernel as missing:
            raise NotBuilt(str(missing)) from missing


def told(names: Iterable[str], *, findings: bool = False) -> Callable[[Any], Any]:
    """Every one of the results, taken out: an engine that makes them when asked is measured with that."""
    asked = tuple(names)
    if findings:
        return lambda found: ([found[name] for name in asked], tuple(found.findings))
    return lambda found: [found[name] for name in asked]


def results_of_frame(found: Any, names: Iterable[str]) -> list[tuple[tuple[str, Any, frozenset[Any]], ...]]:
    """Status, value and candidates of each record from the columns that `evaluate_frame` gives."""
    columns = []
    statuses = {told: status for status, told in STATUS_NAMES.items()}
    special = {candidate_text(one): one for one in (None, not_applicable)}
    for name in names:
        values, said, candidates = (found.columns[name + part].to_list() for part in ("", "·状态", "·候选"))
        columns.append(
            [
                (
                    statuses[status],
                    frozenset(value) if isinstance(value, list) else value,
                    frozenset(special.get(candidate, candidate) for candidate in possible),
                )
                for value, status, possible in zip(values, said, candidates, strict=True)
            ]
        )
    return [*zip(*columns, strict=True)]


def parquet(policy: Policy, executor: str) -> Callable[[Path, Path, Mapping[str, Path]], None]:
    """From Parquet files (records, and rows of each child object) to a Parquet file of decisions, and one of findings."""
    evaluate = getattr(policy, "evaluate_parquet", None)
    if evaluate is None:
        raise NotBuilt("policy.evaluate_parquet() is not built")
    _must_run(executor)

    def run(source: Path, target: Path, children: Mapping[str, Path]) -> None:
        told = target.with_name("findings.parquet") if policy.program.duties or policy.program.notices else None
        evaluate(source, target, findings=told, children=dict(children), engine=executor)

    return run


def counties(policy: Policy) -> Callable[[Any, Mapping[str, Mapping[str, object]], str], object]:
    """Codes under parameters that differ by what a field holds: its value to the parameters' values."""
    evaluate = frames(policy, "numpy")
    if not {"parameters", "by"} <= set(inspect.signature(policy.evaluate_frame).parameters):
        raise NotBuilt("policy.evaluate_frame() takes no parameters by county")
    return lambda codes, given, by: evaluate(codes, parameters=given, by=by)

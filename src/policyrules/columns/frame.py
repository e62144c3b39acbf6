"""`Policy.evaluate_frame`: a ledger of any size at once.

Why this exists: the door between a policy and the columnar engine.

Invariants: what comes out is what `Policy.evaluate_all` says of the same records; parameters that records differ in are
those of the records' own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from policyrules.columns.evaluating import Evaluation, chosen
from policyrules.columns.handing import Ledger
from policyrules.columns.outputs import AnyOutput
from policyrules.columns.parameters import Counties
from policyrules.columns.results import FrameResult, Names
from policyrules.columns.running import BLOCK
from policyrules.columns.store import Prepared
from policyrules.engine.lowering.lowered import Lowered, Refused
from policyrules.interpreter import Interpreter


def evaluate_prepared(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    *,
    outputs: Collection[str] | None = None,
    rules: Collection[str] | bool = (),
    counties: Counties | None = None,
    under: Callable[[Mapping[str, object]], Interpreter] | None = None,
    block: int = BLOCK,
    threads: int = 2,
    names: Names = "zh",
) -> FrameResult:
    """What a prepared ledger comes to. ``counties``: the parameters that records differ in, ``under``: the interpreter under
    some values. Raises `KeyError` for an output or a rule that the policy does not have."""
    found, refused, asked, evaluation = _begun(
        interpreter, lowered, prepared, outputs, rules, counties, under, block, threads
    )
    return FrameResult(prepared, interpreter.program, evaluation.evaluated(found, asked, refused), names, "numpy")


def evaluate_into(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    target: Path,
    findings: Path | None,
    *,
    outputs: Collection[str] | None = None,
    rules: Collection[str] | bool = (),
    block: int = BLOCK,
    threads: int = 2,
    names: Names = "zh",
) -> Mapping[str, int]:
    """As `evaluate_prepared`, into Parquet files, a row group for each block: what is decided of the records, and findings.
    What went to the definition is returned."""
    from policyrules.columns.arrow import Writer

    found, refused, asked, evaluation = _begun(
        interpreter, lowered, prepared, outputs, rules, None, None, block, threads
    )
    with Writer(target) as columns, Writer(findings) as told:
        for part, first, evaluated in evaluation.streamed(found, asked, refused):
            result = FrameResult(part, interpreter.program, evaluated, names, "numpy", first)
            columns.write(result.table(part.record).to_arrow)
            told.write(lambda: result.findings.to_arrow())  # noqa: B023  # written at once
    return evaluation.handed.records


def _begun(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    outputs: Collection[str] | None,
    rules: Collection[str] | bool,
    counties: Counties | None,
    under: Callable[[Mapping[str, object]], Interpreter] | None,
    block: int,
    threads: int,
) -> tuple[list[AnyOutput], list[Refused], Sequence[str], Evaluation]:
    found, refused = chosen(lowered, outputs)
    asked = _rules(lowered, rules)
    if outputs is not None:
        known = {own for one in found for own in _names(one)} | {one.declaration.name for one in refused}
        for name in outputs:
            if name not in known:
                raise KeyError(name)
    sets = None if counties is None else counties.sets
    ledger = Ledger(interpreter, prepared, None if sets is None else sets.places, _kept(counties, under))
    return found, refused, asked, Evaluation(lowered, ledger, sets, block=block, threads=threads)


def _kept(
    counties: Counties | None, under: Callable[[Mapping[str, object]], Interpreter] | None
) -> Callable[[int], Interpreter] | None:
    """The interpreter under each set of parameters, made once."""
    if counties is None or under is None:
        return None
    given = counties.given
    return cache(lambda own: under(given[own]))


def _names(output: object) -> tuple[str, ...]:
    decision = getattr(output, "decision", None)
    if decision is not None:
        return decision.name, decision.key
    return (output.declaration.name,)  # type: ignore[attr-defined]  # a finding


def _rules(lowered: Lowered, rules: Collection[str] | bool) -> Sequence[str]:
    if isinstance(rules, bool):
        return tuple(lowered.conditions) if rules else ()
    for name in rules:
        if name not in lowered.conditions:
            raise KeyError(name)
    return tuple(rules)

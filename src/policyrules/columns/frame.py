"""`Policy.evaluate_frame`: a ledger of any size at once.

Why this exists: the door between a policy and the columnar engine.

Invariants: what comes out is what `Policy.evaluate_all` says of the same records; parameters that records differ in are
those of the records' own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from policyrules.columns.bits import WORD, used_again
from policyrules.columns.crew import some
from policyrules.columns.evaluating import Evaluated, Evaluation, chosen
from policyrules.columns.handing import Ledger
from policyrules.columns.kernel import NoKernel, load
from policyrules.columns.outputs import FINDING_STATUSES
from policyrules.columns.parameters import Counties
from policyrules.columns.results import FrameResult, Names, statuses_of
from policyrules.columns.running import BLOCK
from policyrules.columns.stacks import Forms
from policyrules.columns.store import Prepared
from policyrules.engine.lowering.lowered import AnyOutput, Lowered, Refused
from policyrules.interpreter import Interpreter
from policyrules.several import names_of
from policyrules.writing import written_aside

Executor: TypeAlias = Literal["auto", "numpy", "kernel"]
_FOUND_BY: Final = ("记录",)
"""By what findings are looked for in a file."""
_TOLD: Final = tuple(status for status in FINDING_STATUSES if status != "not_applicable")


def evaluate_prepared(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    *,
    outputs: Collection[str] | None,
    rules: Collection[str] | bool,
    counties: Counties | None,
    under: Callable[[Any], Interpreter] | None,
    forms: Forms | None,
    block: int | None,
    threads: int,
    names: Names,
    engine: Executor,
) -> FrameResult:
    """What a prepared ledger comes to. ``counties``: the parameters that records differ in, ``under``: the interpreter under
    some values, ``forms``: which outputs are of which records. Raises `KeyError` for an output or a rule that the policy does not have, `NoKernel` where ``engine`` asks
    for the machine in C and it is not there."""
    found, refused, asked, evaluation = _begun(
        interpreter, lowered, prepared, outputs, rules, counties, under, forms, block, threads, engine
    )
    evaluated = evaluation.evaluated(found, asked, refused)
    return FrameResult(
        prepared,
        interpreter.program,
        evaluated if forms is None else forms.told(evaluated),
        names,
        _ran(evaluation),
        forms=forms,
        unmatched=() if counties is None else counties.unmatched,
    )


def evaluate_into(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    target: Path,
    findings: Path | None,
    *,
    outputs: Collection[str] | None,
    rules: Collection[str] | bool,
    counties: Counties | None,
    under: Callable[[Any], Interpreter] | None,
    forms: Forms | None,
    tables: Mapping[str, Path] | None,
    statuses: Collection[str] | None,
    block: int,
    threads: int,
    names: Names,
    engine: Executor,
) -> Mapping[str, int]:
    """As `evaluate_prepared`, into Parquet files, a row group for each block: what is decided of the records; of the
    instances of other objects, by name, to ``tables``; and findings that stand as one of ``statuses``. Files appear whole or
    not at all. What went to the definition is returned."""
    from policyrules.columns.arrow import steady_memory
    from policyrules.columns.parquet import ParquetTarget, RowGroup, row_group

    used_again()
    found, refused, asked, evaluation = _begun(
        interpreter, lowered, prepared, outputs, rules, counties, under, forms, block, threads, engine
    )
    wanted = statuses_of(_TOLD if statuses is None else statuses)
    paths = {prepared.record: target, **(tables or {})}
    with ExitStack() as open_:
        open_.enter_context(steady_memory())
        asides = open_.enter_context(written_aside([*paths.values(), *([] if findings is None else [findings])]))
        files = {object_: open_.enter_context(ParquetTarget(asides[path])) for object_, path in paths.items()}
        told = None if findings is None else open_.enter_context(ParquetTarget(asides[findings]))

        def made(part: Prepared, first: dict[str, int], evaluated: Evaluated) -> list[tuple[ParquetTarget, RowGroup]]:
            if forms is not None:
                evaluated = forms.told(evaluated)
            result = FrameResult(part, interpreter.program, evaluated, names, _ran(evaluation), first, forms)
            groups = [(file, row_group(result.table(own), like=file.shapes)) for own, file in files.items()]
            return groups if told is None else [*groups, (told, row_group(result.findings_of(wanted), _FOUND_BY))]

        for groups in evaluation.streamed(found, asked, refused, made):
            for file, group in groups:
                file.write(group)
    return evaluation.handed.records


def write_result(result: FrameResult, target: Path, findings: Path, tables: Mapping[str, Path]) -> None:
    """As `evaluate_into`, of what is there."""
    from policyrules.columns.parquet import ParquetTarget, row_group

    groups = {
        path: row_group(result.table(object_)) for object_, path in {result.prepared.record: target, **tables}.items()
    }
    groups[findings] = row_group(result.findings, _FOUND_BY)
    for path, group in groups.items():
        with ParquetTarget(path) as file:
            file.write(group)


def _begun(
    interpreter: Interpreter,
    lowered: Lowered,
    prepared: Prepared,
    outputs: Collection[str] | None,
    rules: Collection[str] | bool,
    counties: Counties | None,
    under: Callable[[Any], Interpreter] | None,
    forms: Forms | None,
    block: int | None,
    threads: int,
    engine: Executor,
) -> tuple[list[AnyOutput], list[Refused], Sequence[str], Evaluation]:
    outputs, rules = names_of("outputs", outputs), rules if isinstance(rules, bool) else names_of("rules", rules)
    if block is not None and (not isinstance(block, int) or block < 1):
        raise ValueError(f"block 是一次评估几条记录，至少 1，给的是 {block!r}")
    if forms is not None:
        outputs, rules = forms.outputs(outputs), forms.rules(rules)
    found, refused = chosen(lowered, outputs)
    asked = _rules(lowered, rules)
    if outputs is not None:
        known = {own for one in found for own in _names(one)} | {one.declaration.name for one in refused}
        for name in outputs:
            if name not in known:
                raise KeyError(name)
    sets = None if counties is None else counties.sets
    ledger = Ledger(interpreter, prepared, None if sets is None else sets.places, interpreters(counties, under))
    kernel = _kernel(engine)
    size = _block(kernel, prepared.rows, some(threads)) if block is None else block
    return found, refused, asked, Evaluation(lowered, ledger, sets, block=size, threads=threads, kernel=kernel)


def _block(kernel: Any, rows: int, threads: int) -> int:
    """The machine in C has blocks of its own inside; what NumPy does between its stretches costs less for larger ones."""
    return BLOCK if kernel is None else min(4 * BLOCK, max(BLOCK, -(-rows // threads) + WORD))


def _kernel(engine: Executor) -> Any:
    """The machine in C where ``engine`` asks for it, or does not mind and it is there; else None."""
    if engine not in ("auto", "numpy", "kernel"):
        raise ValueError(f"engine 只能是 auto、numpy、kernel，给的是 {engine!r}")
    if engine == "numpy":
        return None
    try:
        return load()
    except NoKernel:
        if engine == "kernel":
            raise
        return None


def _ran(evaluation: Evaluation) -> str:
    return "numpy" if evaluation.kernel is None else "kernel"


def interpreters(
    counties: Counties | None, under: Callable[[Any], Interpreter] | None
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

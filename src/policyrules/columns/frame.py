"""`Policy.evaluate_frame` and `Policy.evaluate_parquet`: a ledger of any size at once.

Why this exists: the door between a policy and the columnar engine.

Invariants: what comes out is what `Policy.evaluate_all` says of the same records; parameters that records differ in are
those of the records' own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from policyrules.columns.batch import Basis, Batch
from policyrules.columns.bits import WORD, used_again
from policyrules.columns.crew import some
from policyrules.columns.evaluating import Evaluated, Evaluation, chosen
from policyrules.columns.handing import Ledger
from policyrules.columns.kernel import NoKernel, load
from policyrules.columns.outputs import FINDING_STATUSES
from policyrules.columns.parameters import Counties
from policyrules.columns.prepare import prepared_aside
from policyrules.columns.results import FrameResult, Names, statuses_of
from policyrules.columns.running import BLOCK
from policyrules.columns.stacks import Stacks
from policyrules.columns.store import Prepared
from policyrules.columns.threads import workers
from policyrules.engine.lowering.lowered import AnyOutput, Lowered, Refused
from policyrules.interpreter import Interpreter
from policyrules.several import names_of
from policyrules.writing import check_apart, written_aside

Executor: TypeAlias = Literal["auto", "numpy", "kernel"]
_FOUND_BY: Final = ("记录",)
"""By what findings are looked for in a file."""
_TOLD: Final = tuple(status for status in FINDING_STATUSES if status != "not_applicable")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a ledger. ``outputs``: decisions and findings by name or key, all where None; ``rules``: those of which
    it is told whether they hold, True for all; ``block``: so many records at a time, None as suits the ``engine``;
    ``names``: of columns."""

    outputs: Collection[str] | None
    rules: Collection[str] | bool
    block: int | None
    threads: int
    names: Names
    engine: Executor


@dataclass(frozen=True, slots=True)
class Files:
    """Where results go: of records to ``target``, of rows below them to ``tables``, by name or key of the object, and findings
    that stand as one of ``statuses`` (None: all but 不适用) to ``findings``."""

    target: Path
    findings: Path | None
    tables: Mapping[str, Path]
    statuses: Collection[str] | None

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        return [self.target, *([] if self.findings is None else [self.findings]), *self.tables.values()]


def evaluate_source(
    batch: Batch,
    source: object,
    children: Mapping[str, object] | None,
    request: Request,
    *,
    parameters: object | None,
    by: str | None,
    stacks: Stacks | None,
) -> FrameResult:
    """`Policy.evaluate_frame`; ``parameters``, ``by``, ``stacks``: what records differ in, as `Batch.basis` takes it."""
    prepared = (
        source if isinstance(source, Prepared) else batch.prepare(source, children, None, request.threads, stacks)
    )
    return evaluate_prepared(batch.basis(prepared, parameters, by, stacks), prepared, request)


def evaluate_source_into(
    batch: Batch,
    source: object,
    children: Mapping[str, object] | None,
    files: Files,
    request: Request,
    *,
    parameters: object | None,
    by: str | None,
    stacks: Stacks | None,
) -> Mapping[str, int]:
    """`Policy.evaluate_parquet`; the rest as for `evaluate_source`."""
    program, reader = batch.reading(stacks)
    names = {told: own for own, kind in reader.names.objects.items() for told in (own, kind.kind.key)}
    files = replace(files, tables={names[told]: path for told, path in files.tables.items()})
    read = [Path(one) for one in (source, *(children or {}).values()) if isinstance(one, (str, PathLike))]
    check_apart(files.paths, read)
    meanwhile: Future[Lowered] | None = None
    with ExitStack() as aside:
        if isinstance(source, Prepared):
            prepared = source
        elif isinstance(source, (str, PathLike)):
            if some(request.threads) > 1 and stacks is None and parameters is None:
                # Made while the file is read; what goes wrong there goes wrong again below.
                meanwhile = workers(request.threads, "ahead").submit(batch.definition().lowered)
                aside.callback(meanwhile.exception)
            prepared = aside.enter_context(
                prepared_aside(program, reader.names, Path(source), children, request.threads)
            )
        else:
            prepared = batch.prepare(source, children, None, request.threads, stacks)
        if meanwhile is not None:
            meanwhile.exception()
        return evaluate_into(batch.basis(prepared, parameters, by, stacks), prepared, files, request)


def evaluate_prepared(basis: Basis, prepared: Prepared, request: Request) -> FrameResult:
    """What a prepared ledger comes to. Raises `KeyError` for an output or a rule that the policy does not have, `NoKernel` where the
    machine in C is asked for and it is not there."""
    found, refused, asked, evaluation = _begun(basis, prepared, request)
    evaluated = evaluation.evaluated(found, asked, refused)
    forms, counties = basis.forms, basis.counties
    return FrameResult(
        prepared,
        basis.interpreter.program,
        evaluated if forms is None else forms.told(evaluated),
        request.names,
        _ran(evaluation),
        forms=forms,
        unmatched=() if counties is None else counties.unmatched,
    )


def evaluate_into(basis: Basis, prepared: Prepared, files: Files, request: Request) -> Mapping[str, int]:
    """As `evaluate_prepared`, into Parquet files, a row group for each block. Files appear whole or not at all. What went to
    the definition is returned."""
    from policyrules.columns.arrow import steady_memory
    from policyrules.columns.parquet import ParquetTarget, RowGroup, row_group

    used_again()
    found, refused, asked, evaluation = _begun(basis, prepared, request)
    wanted = statuses_of(_TOLD if files.statuses is None else files.statuses)
    program, forms = basis.interpreter.program, basis.forms
    with ExitStack() as open_:
        open_.enter_context(steady_memory())
        asides = open_.enter_context(written_aside(files.paths))
        paths = {prepared.record: files.target, **files.tables}
        targets = {object_: open_.enter_context(ParquetTarget(asides[path])) for object_, path in paths.items()}
        told = None if files.findings is None else open_.enter_context(ParquetTarget(asides[files.findings]))

        def made(part: Prepared, first: dict[str, int], evaluated: Evaluated) -> list[tuple[ParquetTarget, RowGroup]]:
            if forms is not None:
                evaluated = forms.told(evaluated)
            result = FrameResult(part, program, evaluated, request.names, _ran(evaluation), first, forms)
            groups = [(file, row_group(result.table(own), like=file.shapes)) for own, file in targets.items()]
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
    basis: Basis, prepared: Prepared, request: Request
) -> tuple[list[AnyOutput], list[Refused], Sequence[str], Evaluation]:
    lowered, counties, forms, block = basis.lowered, basis.counties, basis.forms, request.block
    outputs = names_of("outputs", request.outputs)
    rules = request.rules if isinstance(request.rules, bool) else names_of("rules", request.rules)
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
    under = interpreters(counties, basis.under)
    ledger = Ledger(basis.interpreter, prepared, None if sets is None else sets.places, under)
    kernel = _kernel(request.engine)
    size = _block(kernel, prepared.rows, some(request.threads)) if block is None else block
    return found, refused, asked, Evaluation(lowered, ledger, sets, block=size, threads=request.threads, kernel=kernel)


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

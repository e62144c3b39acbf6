"""What a result rests on that nobody said: cells that were presumed, parameters at their 缺省.

Why this exists: a result that is only as good as a presumption must name it. What it names is defined by meaning, as a
fold over steps: a value rests on the parts that settle it, whatever the order they are written in. A 且 that is false
rests on its false parts alone, a 或 that is true on its true ones; whatever is not settled by some of its parts rests on
all of them.

Invariant: of two programs that differ in the order of operands, every result rests on the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from policyrules.engine.evaluate import Run, Step, evaluate, instance_at, rows_of
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction
from policyrules.program.graph import Kind, Name

Assumptions = frozenset[Name]
"""Names of presumptions (their field) and of parameters."""
_NOTHING: Final[Assumptions] = frozenset()


def in_order(run: Run, found: Assumptions, kind: Kind) -> tuple[str, ...]:
    """Those of one kind by their words, in the order of the program's declarations."""
    if not found:
        return ()
    return tuple(dict.fromkeys(name.word for name in run.engine.assumable if name.kind is kind and name in found))


def assumptions(run: Run, step: Step) -> Assumptions:
    """What the value of ``step`` rests on."""
    if not run.engine.assumes(step.node):
        return _NOTHING
    found = run.rests.get(step)
    if found is None:
        found = run.rests[step] = _assumptions(run, step)
    return found


def _assumptions(run: Run, step: Step) -> Assumptions:
    node = step.node
    match node:
        case core.FieldValue(field=field) | core.Present(core.FieldValue(field=field)):
            # Only the step of a blank cell with presumptions has parts: their conditions.
            found = _union(run, step.parts)
            cell = node if isinstance(node, core.FieldValue) else node.operand
            if step.parts and run.presumed(field, instance_at(cell.at, step.frames))[0].values:
                return found | {Name(Kind.PRESUMPTION, field.name, field.object)}
            return found
        case core.ParameterValue(name):
            return _parameter(run, name)
        case core.Member(right=core.ParameterRef(name)) | core.Overlaps(right=core.ParameterRef(name)):
            return _union(run, step.parts) | _parameter(run, name)
        case core.StatisticValue(name):
            counted = run.statistic(name)
            theirs = frozenset() if counted.index is None else counted.index.defaults
            own = [step for source in counted.sources.values() for step in source.steps]
            own += [step for step in counted.asked if step is not None]
            return _union(run, own) | {Name(Kind.PARAMETER, word) for word in theirs}
        case core.All(operands):
            return _junction(run, step, operands, False)
        case core.Any(operands):
            return _junction(run, step, operands, True)
        case Junction(every, operands):
            return _junction(run, step, operands, not every)
        case core.AtLeast():
            settling = [part for part in step.parts if part.value is step.value]
            return _union(run, step.parts if step.value is None else settling)
        case core.Quantified(every):
            return _quantified(run, step, node) if step.value is not every else _union(run, step.parts)
        case _:
            return _union(run, step.parts)


def _parameter(run: Run, name: str) -> Assumptions:
    found = Name(Kind.PARAMETER, name)
    return frozenset([found]) if found in run.engine.assuming else _NOTHING


def _junction(run: Run, step: Step, operands: Sequence[core.Expr | Folded], settling: bool) -> Assumptions:
    """Of a 且 or 或; ``settling``: the truth of a part that settles it alone."""
    if step.value is not settling:
        return _union(run, step.parts)
    found = [part for part in step.parts if part.value is settling]
    for operand in operands[len(step.parts) :]:
        # Evaluation stopped at the first part that settles it; the others may settle it as well.
        if run.engine.assumes(operand):
            part = evaluate(run, operand, step.frames)
            if part.value is settling:
                found.append(part)
    return _union(run, found)


def _quantified(run: Run, step: Step, node: core.Quantified) -> Assumptions:
    """Of a 任一 or 全部 that one row settles, or that is unknown."""
    if step.value is None:
        return _union(run, step.parts)
    found = [part for part in step.parts if part.value is step.value]
    for row in (rows_of(node.rows, step.frames) or ())[len(step.parts) :]:
        part = evaluate(run, node.body, (*step.frames, row))
        if part.value is step.value:
            found.append(part)
    return _union(run, found)


def _union(run: Run, parts: Iterable[Step]) -> Assumptions:
    found = _NOTHING
    for part in parts:
        more = assumptions(run, part)
        if more:
            found = found | more if found else more
    return found

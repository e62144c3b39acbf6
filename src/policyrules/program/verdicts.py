"""Whether the layer that a 试验 varies could itself write what the trial writes, and what lower layers would have to mend.

Why this exists: a trial may do what its layer may not; whoever reads its results must be told which edits these are, and by which
provision above.

Invariants: what assembling noted as beyond an authority is told once, of the edit that wrote it, or of the lower layer that a trial
leaves without authority; nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from policyrules.diagnostics import Diagnostic, Label
from policyrules.program import nodes as core
from policyrules.program.assemble import Checked
from policyrules.program.layers import Layer
from policyrules.program.overlay import Overlaid, Trial
from policyrules.source import Span


def judged(
    trial: Trial, layer: Layer, over: Overlaid, checked: Checked, moved: Iterable[Diagnostic]
) -> tuple[list[Diagnostic], tuple[core.Edit, ...]]:
    """What is to be told of authority, and the edits with what was settled of each. ``moved``: which bases of amendments below move
    only under the trial."""
    title = layer.files.title
    told: list[Diagnostic] = list(over.lapsed)
    edits = list(over.edits)
    for verdict in checked.verdicts:
        number = _of(edits, verdict.span)
        if number is None:
            message = f"试验之后，{verdict.message}"
            label = Label(trial_span(trial, over), "试验在这里")
            told.append(replace(verdict, code="W327", message=message, related=(*verdict.related, label)))
        elif edits[number].authority != "无":
            edits[number] = replace(edits[number], authority="无", note=verdict.message)
            message = f"《{title}》自己无权这样改，试验照改：{verdict.message}"
            told.append(replace(verdict, code="W326", message=message))
    for one in checked.diagnostics:
        number = _of(edits, one.span) if one.code == "W301" else None
        if number is not None and not edits[number].note:
            edits[number] = replace(edits[number], note=f"{one.message}，请自己核对")
    for one in moved:
        said = one.message.replace("在锁定之后变过", "因试验而变")
        remedy = "真要这样改，对照新的规定，看本层这一条是否仍然合适"
        told.append(replace(one, code="W327", message=said, remedy=remedy))
    return told, tuple(edits)


def trial_span(trial: Trial, over: Overlaid) -> Span:
    """Where a trial begins to change something."""
    return over.edits[0].span if over.edits else Span(trial.files.manifest_source, 0, 0)


def _of(edits: Sequence[core.Edit], span: Span | None) -> int | None:
    """The number of the edit that wrote what stands at ``span``."""
    if span is None:
        return None
    return next(
        (
            number
            for number, edit in enumerate(edits)
            if edit.span.source.path == span.source.path and edit.span.start <= span.start < edit.span.end
        ),
        None,
    )

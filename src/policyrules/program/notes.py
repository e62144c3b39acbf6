"""What a reader of any result must know of the layers it rests on.

Why this exists: a result that rests on a trial, on a document that is not in force, or on a date that nobody wrote looks like any
other. Whoever shows results says it beside them.

Invariant: the same layers, date and findings give the same notes, in one order.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.program.layers import Layer, asleep, assumed
from policyrules.program.nodes import Trial
from policyrules.program.titles import layer_names

_UNREAD: Final = 3


def notes_of(
    layers: Sequence[Layer], as_of: datetime.date, trial: Trial | None, warnings: Iterable[Diagnostic]
) -> tuple[str, ...]:
    """That a ``trial`` varies the layers, which are not in force, whose date is assumed, which files look like rules and were not
    read (of the ``warnings`` of the load)."""
    sleeping = [asleep(layer, as_of) for layer in layers]
    supposed = [assumed(layer) for layer in layers]
    tried = [] if trial is None else [_tried(trial, layers)]
    unread = [one.message for one in warnings if one.code == "W383"]
    if len(unread) > _UNREAD:
        unread = [*unread[:_UNREAD], f"另有 {len(unread) - _UNREAD} 个像是规则的文件没有读"]
    return tuple(said for said in (*tried, *sleeping, *supposed, *unread) if said is not None)


def _tried(trial: Trial, layers: Sequence[Layer]) -> str:
    """What readers of results under a trial must know."""
    name = layer_names([layer.files.manifest for layer in layers])[trial.layer]
    beyond = sum(edit.authority == "无" for edit in trial.edits)
    said = f"这是试验“{trial.title}”，改动{name}的规定 {len(trial.edits)} 处，只供推算比较，不是现行规定"
    return said + (f"；其中 {beyond} 处该层自己无权作出" if beyond else "")

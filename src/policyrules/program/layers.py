"""One layer of a stack, read and parsed, and what of it is in force at a date.

Why this exists: names, merging, stacks and tools all speak of layers; only merging asks for a date.

Invariant: a layer is never changed; another text makes another layer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes as surface
from policyrules.program.files import LayerFiles
from policyrules.program.lock import NO_LOCK, Lock


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. ``level``: index from the top; ``parsed``: its rule files; ``problems``: what parsing them found;
    ``lock``: its lock file as read; ``positions``: of each clause id in the layer's document."""

    level: int
    files: LayerFiles
    parsed: tuple[surface.File, ...]
    problems: tuple[Diagnostic, ...] = ()
    lock: Lock = NO_LOCK
    positions: dict[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        found = {clause.id: index for index, clause in enumerate(self.files.clauses.clauses)}
        object.__setattr__(self, "positions", found)

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.files.manifest.id


def layer_in_force(layer: Layer, as_of: datetime.date) -> bool:
    """Whether the whole layer is in force at ``as_of`` (both ends included)."""
    manifest = layer.files.manifest
    return _within(manifest.in_force_from, manifest.in_force_until, as_of)


def asleep(layer: Layer, as_of: datetime.date) -> str | None:
    """What is to be said of a layer that is not in force at ``as_of``; None of one that is.

    A layer that is not in force says nothing, and results look as if nobody had written it.
    """
    manifest = layer.files.manifest
    if layer_in_force(layer, as_of):
        return None
    title = f"《{manifest.title}》"
    if as_of < manifest.in_force_from:
        said = f"{title}自 {manifest.in_force_from} 起施行，评估日 {as_of} 还没有施行"
    else:
        said = f"{title}到 {manifest.in_force_until} 为止，评估日 {as_of} 已经失效"
    return f"{said}，其中的规定都没有用上"


def assumed(layer: Layer) -> str | None:
    """What is to be said of a layer whose 施行日 its document does not give."""
    manifest = layer.files.manifest
    if "in_force_from" not in manifest.assumed:
        return None
    return f"《{manifest.title}》的施行日 {manifest.in_force_from} 是推定的，文件里没有写"


def in_force(layer: Layer, common: surface.Common, as_of: datetime.date) -> bool:
    """Whether a declaration of ``layer`` is in force at ``as_of``."""
    return layer_in_force(layer, as_of) and _within(common.since, common.until, as_of)


def _within(since: datetime.date | None, until: datetime.date | None, as_of: datetime.date) -> bool:
    return (since is None or since <= as_of) and (until is None or as_of <= until)

"""One layer of a stack, read and parsed, and what of it is in force at a date.

Why this exists: names, merging, stacks and tools all speak of layers; only merging asks for a date.

Invariant: a layer is never changed; another text makes another layer.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes as surface
from policyrules.program.files import LayerFiles
from policyrules.program.lock import NO_LOCK, Lock
from policyrules.source import Span

_ALL_BEFORE: Final = frozenset({-1})


@dataclass(frozen=True, slots=True)
class Varied:
    """That a 试验 stands in the place of what a layer wrote. ``paths``: of its rule files; ``said``: what is cited for what it writes;
    ``named``: the parameters that numbers of it were named to be."""

    paths: frozenset[str]
    said: str
    named: tuple[str, ...]

    def wrote(self, span: Span) -> bool:
        """Whether the trial wrote what stands there."""
        return span.source.path in self.paths


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. ``level``: its place in the order of the stack; ``parsed``: its rule files; ``problems``: what parsing them
    found; ``lock``: its lock file as read; ``above``: the places of the layers that it extends, through any number of
    others (all before it, where nothing is said); ``positions``: of each clause id in the layer's document."""

    level: int
    files: LayerFiles
    parsed: tuple[surface.File, ...]
    problems: tuple[Diagnostic, ...] = ()
    lock: Lock = NO_LOCK
    above: frozenset[int] = _ALL_BEFORE
    positions: dict[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        found = {clause.id: index for index, clause in enumerate(self.files.clauses.clauses)}
        object.__setattr__(self, "positions", found)
        if self.above == _ALL_BEFORE:
            object.__setattr__(self, "above", frozenset(range(self.level)))

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.files.manifest.id


def parallel(one: Layer, other: Layer) -> bool:
    """Whether neither of two layers extends the other: neither amends, and neither sees what the other declares."""
    return one.level != other.level and one.level not in other.above and other.level not in one.above


def lineage(layers: Sequence[LayerFiles]) -> list[frozenset[int]]:
    """Of each layer of a stack, in its order, the places of all layers above it."""
    found: list[frozenset[int]] = []
    for number, files in enumerate(layers):
        # Where two layers have one id, which is an error, the nearer one is meant.
        uppers = [
            next((at for at in range(number - 1, -1, -1) if layers[at].id == upper), None) for upper in files.uppers
        ]
        known = [at for at in uppers if at is not None]
        found.append(frozenset(known).union(*(found[at] for at in known)))
    return found


def siblings(layers: Sequence[Layer]) -> tuple[tuple[int, int], ...]:
    """The pairs of layers, by their places, of which neither extends the other; none in a chain."""
    return tuple((a.level, b.level) for b in layers for a in layers[: b.level] if parallel(a, b))


def layer_in_force(layer: Layer, as_of: datetime.date) -> bool:
    """Whether the whole layer is in force at ``as_of`` (both ends included)."""
    return layer.files.manifest.in_force(as_of)


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

"""Where things of a program were written, by whom, and what a 试验 did to them.

Why this exists: every condition and every declaration keeps it, through all layers.

Invariants: as those of `nodes`; a place is no part of what a thing is, so that equality ignores it.
"""

from __future__ import annotations

from dataclasses import field as described
from typing import Literal

from policyrules.frozen import frozen
from policyrules.source import Span

__all__ = [
    "Citation",
    "Edit",
    "Origin",
    "Trial",
]


@frozen
class Citation:
    """A clause a declaration rests on. ``clause`` is the id in ``clauses.yaml`` (``JX-2-3-panhuo-5``)."""

    layer: str
    clause: str
    place: str
    quote: str
    offices: tuple[str, ...] = ()


@frozen
class Origin:
    """Where something was written: layer, kind of declaration (``规则``, ``修订``, ``设定`` ...), its name, citations,
    the 释义 and 说明 lines, and the place in the file."""

    layer: str
    kind: str
    name: str
    citations: tuple[Citation, ...]
    readings: tuple[str, ...]
    notes: tuple[str, ...]
    span: Span = described(compare=False, repr=False)


@frozen
class Edit:
    """What a 试验 does to one declaration. ``act``: 改, 新增 or 去掉; ``kind`` and ``name`` of the declaration; ``old`` and ``new``: the
    words that are replaced and those that replace them, '' where there are none; ``authority``: whether the layer it varies may
    do this under the layers above it (不适用: none is above), ``note``: why not, or what is to be looked at; ``span``: its place in
    the trial; ``replaced``: that of the declaration it changes or takes away."""

    act: Literal["改", "新增", "去掉"]
    kind: str
    name: str
    old: str
    new: str
    authority: Literal["有", "无", "不适用"]
    note: str
    span: Span = described(compare=False, repr=False)
    replaced: Span | None = described(default=None, compare=False, repr=False)


@frozen
class Trial:
    """The 试验 that varies a stack: its id and title, the id of the layer that it varies, its edits in the order of their places,
    the parameters that numbers of it were named to be, and what is cited for what it writes (试验“…”)."""

    id: str
    title: str
    layer: str
    edits: tuple[Edit, ...]
    named: tuple[str, ...]
    said: str

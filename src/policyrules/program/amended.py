"""What an amended condition means: its amendments folded over its base, once, for everyone.

Why this exists: 还须, 仅限, 还应当 narrow a condition, 或者 and 还不得 widen it, 除外 takes cases out. Engines, explanations
and fingerprints read the same folding, and each part of it still knows who wrote it.

Invariants: folding is from left to right over ``amendments``; a junction that folding made is never inside another of
its own kind; leaving amendments out of an `Amended` gives what it meant without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeAlias, assert_never

from policyrules.frozen import frozen
from policyrules.program import nodes as core
from policyrules.source import Span
from policyrules.types import BOOL, Type


@frozen
class Part:
    """One condition as ``origin`` wrote it; ``operation`` says how it joined, empty for the base. ``body`` is negated
    already where it is an exception."""

    body: core.Expr
    origin: core.Origin
    operation: str = ""


@frozen
class Junction:
    """What folding joined: all of the parts (``every``), or any of them."""

    every: bool
    parts: tuple[Folded, ...]
    span: Span
    type: ClassVar[Type] = BOOL


Folded: TypeAlias = Part | Junction


def folded(amended: core.Amended) -> Folded:
    """The condition as a tree of parts."""
    parts: list[Folded] = []
    every = True
    if amended.base is not None:
        parts.append(Part(amended.base, amended.origin))
    elif not amended.amendments or amended.amendments[0].origin != amended.origin:
        # Nobody wrote this condition: an empty place at its declaration, so that no words are taken for its own.
        span = amended.origin.span
        parts.append(Part(core.Constant(True, BOOL, Span(span.source, span.start, span.start)), amended.origin))
    for amendment in amended.amendments:
        body = amendment.body
        match amendment.operation:
            case "还须" | "仅限" | "还应当":
                joins = True
            case "除外":
                joins, body = True, core.Not(body, body.span)
            case "或者" | "还不得":
                joins = False
            case _:
                assert_never(amendment.operation)
        if joins is not every:
            # One list of parts for all that joins alike, however many amend the condition.
            parts, every = [_joined(every, parts)] if parts else [], joins
        parts.append(Part(body, amendment.origin, amendment.operation))
    return _joined(every, parts)


def parts_of(tree: Folded) -> Iterator[Part]:
    """The parts of a folded condition, each as it was written."""
    if isinstance(tree, Part):
        yield tree
        return
    for below in tree.parts:
        yield from parts_of(below)


def _joined(every: bool, parts: list[Folded]) -> Folded:
    first = parts[0]
    if len(parts) == 1:
        return first
    return Junction(every, tuple(parts), first.span if isinstance(first, Junction) else first.body.span)


def condition_of(amended: core.Amended) -> core.Expr:
    """The condition as one expression, without who wrote which part of it."""
    return _expression(folded(amended))


def _expression(found: Folded) -> core.Expr:
    match found:
        case Part(body=body):
            return body
        case Junction(every=every, parts=parts, span=span):
            operands = tuple(_expression(part) for part in parts)
            return core.All(operands, span) if every else core.Any(operands, span)
        case _:
            assert_never(found)

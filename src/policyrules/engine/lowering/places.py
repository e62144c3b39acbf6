"""Where the instances are that a node reads: what a record belongs to, rows of its lists, rows that nobody listed.

Why this exists: a circuit has a node for each space that something is seen from; which one that is follows from the program
alone, before anything is lowered.

Invariants: the same place of the same frames is the same space.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from policyrules.engine.lowering.nodes import Cell, Place, Space
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.walk import walk

Places: TypeAlias = tuple[Place, ...]
"""The instances of the frames of an expression."""


def cell_at(at: core.At, field: core.Field, places: Places) -> Cell:
    """The cell that a node reads."""
    return Cell(places[at.frame].above(at.up), field.object, field.name, field)


def space_of(program: core.Program, object: str) -> Place:
    """Where the instances of a kind are, seen from the records: the element of a space, or what a record belongs to."""
    owners, line = belonging.line(program.objects, program.root), belonging.line(program.objects, object)
    # The record, or what it belongs to, and the rows below that.
    nearest = next(kind for kind in line if kind in owners)
    place = Place(Space(program.root), owners.index(nearest))
    for kind in reversed(line[: line.index(nearest)]):
        place = Place(Space(kind, place.space, place))
    return place


def space_of_rows(rows: core.Children, places: Places, bodies: Iterable[core.Expr | None]) -> Space:
    """The space of the rows meant: inside the innermost that the body, too, looks out of."""
    source = places[rows.at.frame].above(rows.at.up)
    without = None if rows.exclude is None else places[rows.exclude].space
    spaces = [source.space] if without is None else [source.space, without]
    for body in bodies:
        for part in () if body is None else walk(body):
            at = part.rows.at if isinstance(part, core.Quantified | core.Aggregate | core.Supplied) else None
            at = getattr(part, "at", at)
            if isinstance(at, core.At) and at.frame < len(places):
                spaces.append(places[at.frame].space)
            if isinstance(part, core.Quantified | core.Aggregate):
                beside = part.rows.exclude
                if beside is not None and beside < len(places):
                    spaces.append(places[beside].space)
    return Space(rows.object, max(spaces, key=lambda space: space.depth), source, without)


def reads_unlisted(node: core.Expr, places: Places) -> bool:
    """Whether it reads something of a row that nobody listed."""
    for part in walk(node):
        at = part.rows.at if isinstance(part, core.Quantified | core.Aggregate) else getattr(part, "at", None)
        if isinstance(at, core.At) and at.frame < len(places) and places[at.frame].above(at.up).unlisted:
            return True
    return False

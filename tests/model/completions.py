"""Completions: what the blanks of a record may turn out to be.

Why this exists: a result is right about what is not known when no way of filling it in contradicts it.

What is filled in: blank cells, lists not supplied (with their rows), the other members of the portfolio (or all of
them), parameters not set, and whether an open list holds a value it does not name. `Row.blank` keeps what the record
left blank, because 已填 / 未填 and 首选 see that, and a blank is what 推定 presumes.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .choosing import Pick, RandomChooser
from .folding import Folded
from .generate import make_row
from .naive import Model
from .syntax import Policy, Row, Value
from .truths import Truth
from .unlisted import UnlistedModel


@dataclass(frozen=True)
class Hole:
    """Something not known: a cell, a list, a parameter, or the portfolio; and what it may be."""

    kind: str
    at: int
    name: str
    domain: tuple[object, ...]


@dataclass
class World:
    """One completion, ready to be evaluated. ``unlisted``: the same for rows that the record did not list."""

    model: Model
    unlisted: UnlistedModel
    root: Row
    filled: dict[tuple[str, int, str], object]


def holes_of(policy: Policy, folded: Folded, root: Row, members: list[Row] | None, rng: random.Random) -> list[Hole]:
    """Everything that is not known, with a sample of what it may be."""
    found: list[Hole] = []
    for project in [root, *(members or [])]:
        pending = [project, *([project.parent] if project.parent is not None else [])]
        while pending:
            row = pending.pop()
            for known in policy.fields_of(row.object):
                if known.name not in row.values and known.name != "编号":
                    found.append(Hole("cell", id(row), known.name, known.type.domain))
            for name, rows in row.rows.items():
                if rows is None:
                    found.append(Hole("rows", id(row), name, tuple(_sample_lists(policy, name, rng))))
                else:
                    pending.extend(rows)
    for name, (value, _) in folded.parameters.items():
        if value is None:
            declared = next(d for d in policy.declarations if getattr(d, "name", None) == name)
            found.append(Hole("parameter", 0, name, declared.type.domain))  # type: ignore[union-attr]
    if members is None:
        found.append(Hole("portfolio", 0, "", tuple(_sample_members(policy, rng) for _ in range(4))))
    return found


def _pick(rng: random.Random) -> Pick:
    return Pick(RandomChooser(rng.randrange(1 << 30)))


def _sample_lists(policy: Policy, name: str, rng: random.Random) -> Iterator[list[Row]]:
    """Lists that may be supplied: none, one row, two rows. A cell of such a row may itself be found blank."""
    for size in (0, 1, 1, 2, 2):
        rows = []
        for index in range(size):
            row = make_row(policy, name, _pick(rng), 0, None, f"{name}[{index}]")
            row.blank = frozenset(known for known in row.values if rng.random() < 0.3)
            row.recorded = False
            rows.append(row)
        yield rows


def _sample_members(policy: Policy, rng: random.Random) -> list[Row]:
    members = []
    for index in range(rng.choice((0, 1, 2, 3))):
        county = make_row(policy, "县", _pick(rng), 0, None, "县")
        member = make_row(policy, "项目", _pick(rng), 0, county, "项目")
        member.values["编号"] = f"另{index}"
        members.append(member)
    return members


def copy(row: Row, parent: Row | None, filled: dict[tuple[str, int, str], object]) -> Row:
    """``row`` with what ``filled`` says filled in; its parent is copied with it where ``parent`` is None."""
    if parent is None and row.parent is not None:
        parent = copy(row.parent, None, filled)
    made = replace(row, values=dict(row.values), rows={}, parent=parent)
    for (kind, at, name), value in filled.items():
        if kind == "cell" and at == id(row):
            made.values[name] = value  # type: ignore[assignment]  # a cell's domain holds values
    for name, rows in row.rows.items():
        given = filled.get(("rows", id(row), name), rows)
        made.rows[name] = None if given is None else [copy(child, made, filled) for child in given]  # type: ignore[attr-defined]
    return made


def choices(holes: list[Hole], limit: int, rng: random.Random) -> Iterator[dict[tuple[str, int, str], object]]:
    """All ways of filling the holes where they are at most ``limit``, else as many chosen at random."""
    total = 1
    for hole in holes:
        total *= len(hole.domain)
    keys = [(hole.kind, hole.at, hole.name) for hole in holes]
    if total <= limit:
        for values in itertools.product(*(hole.domain for hole in holes)):
            yield dict(zip(keys, values, strict=True))
        return
    for _ in range(limit):
        yield {key: rng.choice(hole.domain) for key, hole in zip(keys, holes, strict=True)}


def worlds(folded: Folded, root: Row, members: list[Row] | None, limit: int, seed: int) -> Iterator[World]:
    """Completions of one record."""
    rng = random.Random(seed)
    policy = folded.policy
    for filled in choices(holes_of(policy, folded, root, members, rng), limit, rng):
        yield world(folded, root, members, filled, rng.randrange(1 << 30))


def world(
    folded: Folded, root: Row, members: list[Row] | None, filled: dict[tuple[str, int, str], object], seed: int
) -> World:
    """The completion that ``filled`` describes."""
    parameters = dict(folded.parameters)
    for (kind, _, name), value in filled.items():
        if kind == "parameter":
            parameters[name] = (value, False)  # type: ignore[assignment]
    known: dict[tuple[object, str], bool] = {}
    rng = random.Random(seed)

    def recognised(key: object, value: str) -> Truth:
        return known.setdefault((key, value), rng.random() < 0.5)

    own = copy(root, None, filled)
    given = filled.get(("portfolio", 0, ""), members)
    others = [copy(member, None, filled) for member in given]  # type: ignore[attr-defined]
    known_now = replace(folded, parameters=parameters)
    model, unlisted = (
        kind(known_now, own, others, exact=True, recognised=recognised) for kind in (Model, UnlistedModel)
    )
    assert isinstance(unlisted, UnlistedModel)
    return World(model, unlisted, own, filled)


def as_it_stands(folded: Folded, root: Row, members: list[Row] | None) -> Model:
    """The record as it is, every blank simply unknown: the least that an engine must know."""
    return Model(folded, root, members, exact=False)


def unlisted_as_it_stands(folded: Folded, root: Row, members: list[Row] | None) -> UnlistedModel:
    """The same for rows of lists not supplied."""
    return UnlistedModel(folded, root, members, exact=False)


def instances(root: Row) -> Iterator[Row]:
    """The record, its rows, its county and the county's rows."""
    pending = [root, *([root.parent] if root.parent is not None else [])]
    while pending:
        row = pending.pop()
        yield row
        for rows in row.rows.values():
            pending.extend(rows or [])


def by_path(root: Row) -> dict[tuple[str, str], Row]:
    """Instances by kind and path."""
    return {(row.object, row.path): row for row in instances(root)}


Filled = dict[tuple[str, int, str], Value]

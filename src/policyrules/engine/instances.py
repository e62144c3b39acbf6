"""Records as the engine reads them.

Why this exists: readers of CSV, JSON and workbooks build these; the engine reads nothing else.

Invariants: ``values`` holds canonical values only (`policyrules.types`), and no entry for a blank; every row's
``parent`` is the instance that holds it; a project's ``parent`` is its county, with empty values where none was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Program
from policyrules.types import Value


@dataclass(slots=True, eq=False)
class Instance:
    """One record, row or county.

    ``object``: Chinese name of its kind; ``values``: by Chinese field name, absent = blank; ``rows``: child object →
    its rows, missing or None = the list was not supplied; ``path``: ``项目``, ``县``, ``资产[0]``; ``identity``: value
    of the 标识 field, empty when blank; ``notes``: what of a record its reader did not use; ``problems``: why a record of a
    ledger was set aside, so that it counts among the others and is never evaluated itself; ``layers``: of the policy that
    it was read for.
    """

    object: str
    values: dict[str, Value] = field(default_factory=dict)
    rows: dict[str, tuple[Instance, ...] | None] = field(default_factory=dict)
    parent: Instance | None = None
    path: str = ""
    identity: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    layers: tuple[str, ...] = ()


def same_content(one: Instance, other: Instance) -> bool:
    """Whether two instances hold the same: values, rows, and what they belong to."""
    pending = [(one, other)]
    above, beside = one.parent, other.parent
    while above is not None and beside is not None:
        pending.append((above, beside))
        above, beside = above.parent, beside.parent
    if above is not beside:
        return False
    while pending:
        left, right = pending.pop()
        if left is right:
            continue
        if left.object != right.object or left.values != right.values:
            return False
        for kind in {**left.rows, **right.rows}:
            rows, others = left.rows.get(kind), right.rows.get(kind)
            if rows is None or others is None or len(rows) != len(others):
                if rows is not others:
                    return False
            else:
                pending += zip(rows, others, strict=True)
    return True


def ascend(instance: Instance, up: int) -> Instance:
    """The instance ``up`` steps above."""
    for _ in range(up):
        assert instance.parent is not None, f"{instance.object} has no parent"
        instance = instance.parent
    return instance


def instances_of(program: Program, root: Instance) -> dict[str, list[Instance]]:
    """Every instance that belongs to a record, by kind: its county and the county's rows, itself, its rows. Rows in
    their own order; a kind without any instance has no entry."""
    found: dict[str, list[Instance]] = {}
    line = [root]
    while line[-1].parent is not None:
        line.append(line[-1].parent)
    for index in range(len(line) - 1, -1, -1):
        below = line[index - 1].object if index else None
        for instance in _descend(program, line[index], below):
            found.setdefault(instance.object, []).append(instance)
    return found


def _descend(program: Program, top: Instance, skip: str | None) -> Iterator[Instance]:
    pending = [top]
    while pending:
        instance = pending.pop()
        yield instance
        kind = program.objects.get(instance.object)
        for child in reversed(kind.children if kind is not None else ()):
            if instance is not top or child != skip:
                pending.extend(reversed(instance.rows.get(child) or ()))

"""Records as the engine reads them.

Why this exists: readers of CSV, JSON and workbooks build these; the engine reads nothing else.

Invariants: ``values`` holds canonical values only (`policyrules.types`), and no entry for a blank; every row's
``parent`` is the instance that holds it; a project's ``parent`` is its county, with empty values where none was given.
No reader makes an unlisted row: it stands for whatever rows a list that was not supplied may have, and holds nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field

from policyrules.diagnostics import Diagnostic, shown_text
from policyrules.program.nodes import Program
from policyrules.types import Value


@dataclass(slots=True, eq=False)
class Instance:
    """One record, row or county.

    ``object``: Chinese name of its kind; ``values``: by Chinese field name, absent = blank; ``rows``: child object →
    its rows, missing or None = the list was not supplied; ``path``: ``项目``, ``县``, ``资产[0]``; ``identity``: value
    of the 标识 field, empty when blank; ``notes``: what of a record its reader did not use; ``unlisted``: a row of which
    only its parent is known (``path``: ``资产``, ``资金[0].明细``); ``problems``: why a record of a ledger was set aside, so
    that it counts among the others and is never evaluated itself; ``layers``: of the stack that it was read
    for, and of those that this one holds (`order.parts`).
    """

    object: str
    values: dict[str, Value] = field(default_factory=dict)
    rows: dict[str, tuple[Instance, ...] | None] = field(default_factory=dict)
    parent: Instance | None = None
    path: str = ""
    identity: str = ""
    notes: tuple[str, ...] = ()
    unlisted: bool = False
    problems: tuple[Diagnostic, ...] = ()
    layers: tuple[tuple[str, ...], ...] = ()

    def __repr__(self) -> str:
        rows = "".join(f"、{kind} {len(rows)} 行" for kind, rows in self.rows.items() if rows is not None)
        path = "" if self.path == self.object else f" {self.path}"
        named = f" {shown_text(self.identity)}" if self.identity else ""
        return f"<Instance：{self.object}{path}{named}，填了 {len(self.values)} 项{rows}>"


def label_of(instance: Instance) -> str:
    """What people call an instance: 资产 A1 by its number or else its name, 资产第1行 where it has neither; a row of a row
    after the row that holds it. A record and what it belongs to are called by their kind."""
    kind, values = instance.object, instance.values
    if instance.unlisted:
        own = f"{kind}（没有列出）"
    elif instance.path.endswith("]"):
        named = instance.identity or values.get(f"{kind}名称") or values.get("名称")
        index = instance.path[instance.path.rindex("[") + 1 : -1]
        own = f"{kind} {named}" if named and isinstance(named, str) else f"{kind}第{int(index) + 1}行"
    else:
        return instance.path
    above = instance.parent
    held = above is not None and (above.unlisted or above.path.endswith("]"))
    return f"{label_of(above)}·{own}" if above is not None and held else own


def bare(row: Instance) -> Instance:
    """A row of which only what it is called is known (`label_of`), and what it belongs to."""
    above = row.parent
    held = above is not None and (above.unlisted or above.path.endswith("]"))
    parent = bare(above) if above is not None and held else above
    named = {name: row.values[name] for name in (f"{row.object}名称", "名称") if name in row.values}
    return Instance(row.object, named, {}, parent, row.path, row.identity, unlisted=row.unlisted)


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


def owner_label(owner: Instance) -> str:
    """What people call something that records belong to: by its 标识 or name, with its kind where the name does not end
    in it (青山县, 县 青山); by its kind alone where it has no name."""
    kind, values = owner.object, owner.values
    names = (owner.identity, *(values.get(f"{kind}{word}") for word in ("名称", "名")), values.get("名称"))
    named = next((name for name in names if name and isinstance(name, str)), None)
    if named is None:
        return label_of(owner)
    return named if named.endswith(kind) else f"{kind} {named}"


def above_record(root: Instance, instance: Instance) -> tuple[Instance, ...]:
    """Of an ``instance`` that belongs to the record ``root`` nothing; of one above it, or a row of one above it, the
    instances from that one down to ``instance``."""
    line: list[Instance] = []
    one: Instance | None = instance
    owners = list(line_above(root))
    while one is not None and one is not root:
        line.append(one)
        if any(one is owner for owner in owners):
            return tuple(reversed(line))
        one = one.parent
    return ()


def label_among(root: Instance, instance: Instance) -> str:
    """What people call ``instance`` where records of several counties stand side by side: what is above a record, and the
    rows of that, by its name."""
    line = above_record(root, instance)
    if not line:
        return label_of(instance)
    owner = owner_label(line[0])
    return owner if len(line) == 1 else f"{owner}·{label_of(instance)}"


def shared_by(root: Instance, instance: Instance) -> Hashable | None:
    """None for the record and its rows; for what is above it, and the rows of that, what is equal wherever the same is
    meant: every record of a county brings the county along."""
    line = above_record(root, instance)
    return tuple((one.path, frozenset(one.values.items())) for one in line) or None


def nameless(shared: Hashable | None, label: str) -> bool:
    """Whether what is called ``label`` is, or is a row of, something that records bring along without its name: it is called by
    its kind alone."""
    return isinstance(shared, tuple) and label.split("·")[0] == shared[0][0]


def owner_among(root: Instance, instance: Instance) -> str:
    """What people call that which ``instance`` is above the record, or a row of; empty for the record and its rows."""
    line = above_record(root, instance)
    return owner_label(line[0]) if line else ""


def ascend(instance: Instance, up: int) -> Instance:
    """The instance ``up`` steps above."""
    for _ in range(up):
        assert instance.parent is not None, f"{instance.object} has no parent"
        instance = instance.parent
    return instance


def instances_of(program: Program, root: Instance, unlisted: Collection[str] = ()) -> dict[str, list[Instance]]:
    """Every instance that belongs to a record, by kind: its county and the county's rows, itself, its rows. Rows in
    their own order; a kind without any instance has no entry. Of the kinds ``unlisted`` a list that was not supplied
    gives one unlisted row."""
    found: dict[str, list[Instance]] = {}
    line = [root, *line_above(root)]
    for index in range(len(line) - 1, -1, -1):
        below = line[index - 1].object if index else None
        for instance in _descend(program, line[index], below, unlisted):
            found.setdefault(instance.object, []).append(instance)
    return found


def _descend(program: Program, top: Instance, skip: str | None, unlisted: Collection[str]) -> Iterator[Instance]:
    pending = [top]
    while pending:
        instance = pending.pop()
        yield instance
        kind = program.objects.get(instance.object)
        for child in reversed(kind.children if kind is not None else ()):
            if instance is top and child == skip:
                continue
            rows = instance.rows.get(child)
            if rows is not None:
                pending.extend(reversed(rows))
            elif child in unlisted:
                pending.append(unlisted_row(instance, child))


def unlisted_row(parent: Instance, kind: str) -> Instance:
    """The row that stands for those of a list that was not supplied."""
    # As the paths of rows are: those below a row begin with its path.
    below = parent.unlisted or parent.path.endswith("]")
    return Instance(kind, parent=parent, path=f"{parent.path}.{kind}" if below else kind, unlisted=True)


def line_above(root: Instance) -> Iterator[Instance]:
    """What a record belongs to, nearest first."""
    instance = root.parent
    while instance is not None:
        yield instance
        instance = instance.parent

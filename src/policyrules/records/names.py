"""What the objects and fields of a program are called, as records and ledgers call them.

Why this exists: JSON uses ASCII keys, workbooks use Chinese names, people mix them and add spaces; every reader looks
a name up here, and offers the nearest one where it finds none.

Invariant: a `Shape` is built once for a program and read by everyone; looking up never raises.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from policyrules.program.nodes import Field, ObjectKind, Program
from policyrules.records.cells import fold_word
from policyrules.spelling import nearest
from policyrules.types import Kind


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """One kind of object: its fields and its child lists by folded name and key."""

    kind: ObjectKind
    fields: tuple[Field, ...]
    by_name: dict[str, Field]
    children: dict[str, str]

    def field(self, name: str) -> Field | None:
        """The field that ``name`` (a Chinese name or a key) stands for."""
        return self.by_name.get(name) or self.by_name.get(fold_word(name))

    def child(self, name: str) -> str | None:
        """The Chinese name of the child list that ``name`` stands for."""
        return self.children.get(name) or self.children.get(fold_word(name))


@dataclass(frozen=True, slots=True)
class Shape:
    """All objects of a program; ``record`` is the object that one record describes, ``owners`` the objects above it,
    nearest first."""

    objects: dict[str, ObjectShape]
    record: str
    owners: tuple[str, ...]

    def link(self, object_: str) -> Field | None:
        """The field of ``object_`` that rows of other tables name it by: its 标识, else its first 文本 field."""
        shape = self.objects[object_]
        if shape.kind.identity is not None:
            return shape.by_name.get(shape.kind.identity)
        return next((field for field in shape.fields if field.type.kind is Kind.TEXT), None)

    def link_names(self, object_: str) -> tuple[str, ...]:
        """Folded names of a column that says which ``object_`` a row belongs to, the surest first: 项目编号, 项目; 县名,
        所在县. What merely describes the parent, as 项目名称 does, is none where there is a 标识."""
        kind = self.objects[object_].kind
        field = self.link(object_)
        names = [] if field is None else [field.name, field.key]
        names += [kind.name, kind.key, f"所在{kind.name}", f"所属{kind.name}"]
        if kind.identity is None:
            names.append(f"{kind.name}名称")
        return tuple(dict.fromkeys(map(fold_word, names)))


def shape_of(program: Program) -> Shape:
    """The names of ``program``. The record is the object 项目; without one, the first that has a 标识, else the first."""
    objects: dict[str, ObjectShape] = {}
    for name, kind in program.objects.items():
        fields = tuple(program.fields.get(name, {}).values())
        by_name: dict[str, Field] = {}
        for field in fields:
            by_name.setdefault(field.name, field)
        for field in fields:
            by_name.setdefault(field.key, field)
        for field in fields:
            by_name.setdefault(fold_word(field.name), field)
            by_name.setdefault(fold_word(field.key), field)
        children: dict[str, str] = {}
        for child in kind.children:
            children.setdefault(child, child)
            children.setdefault(program.objects[child].key, child)
            children.setdefault(fold_word(child), child)
            children.setdefault(fold_word(program.objects[child].key), child)
        objects[name] = ObjectShape(kind, fields, by_name, children)
    record = "项目" if "项目" in objects else ""
    if not record:
        record = next((name for name, kind in program.objects.items() if kind.identity), next(iter(objects), ""))
    owners: list[str] = []
    above = program.objects[record].parent if record else None
    while above is not None:
        owners.append(above)
        above = program.objects[above].parent
    return Shape(objects, record, tuple(owners))


@functools.lru_cache(maxsize=4096)
def near_names(word: str, names: tuple[str, ...]) -> str:
    """A half sentence that offers the nearest of ``names``; empty where none is near.

    Remembered, because a column that the rules do not know comes again in every row of a ledger.
    """
    found = nearest(word[:40], names)
    return f"，是不是“{'”“'.join(found)}”？" if found else ""

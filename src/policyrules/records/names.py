"""What the objects and fields of a program are called, as records and ledgers call them.

Why this exists: JSON uses ASCII keys, workbooks use Chinese names, people mix them and add spaces; every reader looks
a name up here, and offers the nearest one where it finds none.

Invariant: `RecordNames` are made once for a program and read by everyone; looking up never raises.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as described

from policyrules.diagnostics import shown_text
from policyrules.program import belonging
from policyrules.program.costs import Comparison, comparisons
from policyrules.program.nodes import Field, ObjectKind, Program
from policyrules.program.order import parts
from policyrules.records.codebook import opposite_of
from policyrules.spelling import affordable, fold_word, nearest
from policyrules.types import Kind

_LONGEST = 40
_LONGEST_TITLE = 10_000


@dataclass(frozen=True, slots=True)
class ObjectNames:
    """One kind of object: its fields and its child lists by name, by key, and by either folded; ``offered``: what a key
    that is none of them may have been meant for."""

    kind: ObjectKind
    fields: tuple[Field, ...]
    by_name: dict[str, Field]
    children: dict[str, str]
    offered: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field that ``name`` (a Chinese name or a key) stands for."""
        return self.by_name.get(name) or self.by_name.get(fold_word(name))

    def child(self, name: str) -> str | None:
        """The Chinese name of the child list that ``name`` stands for."""
        return self.children.get(name) or self.children.get(fold_word(name))


@dataclass(frozen=True, slots=True)
class RecordNames:
    """All objects of a program; ``record`` is the object that one record describes, ``owners`` the objects above it,
    nearest first. ``record`` is empty where the program declares no object. ``layers``: ids of the program's layers,
    ``parts``: of the stacks that they hold (`order.parts`);
    ``comparisons``: where the program looks at rows for rows; ``titles``: what the fields of the record may be called that
    say what it is called beside its number, the surest first; ``kept``: what a reader makes of the names once, when it
    first needs it."""

    objects: dict[str, ObjectNames]
    record: str
    owners: tuple[str, ...]
    layers: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    titles: tuple[str, ...] = ()
    kept: list[object] = described(default_factory=list, compare=False, repr=False)

    def rows_of(self, object_: str) -> tuple[str, ...]:
        """The lists that hang on ``object_``: its children, without the record and what stands above it."""
        return tuple(
            child for child in self.objects[object_].kind.children if child != self.record and child not in self.owners
        )

    def owner_of(self, object_: str) -> str | None:
        """What a record, or its owner, belongs to; None for rows, which are held by what they belong to."""
        line = (self.record, *self.owners, None)
        return line[line.index(object_) + 1] if object_ in line[:-1] else None

    def link(self, object_: str) -> Field | None:
        """The field of ``object_`` that rows of other tables name it by (`link_of`)."""
        names = self.objects[object_]
        return _link(names.kind, names.fields)

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

    def says(self, label: str) -> bool:
        """Whether ``label`` says anything of a record: a field, a list of rows, what it belongs to."""
        names = self.objects[self.record]
        return bool(names.field(label) or names.child(label)) or any(
            fold_word(label[:200]) in self.link_names(owner) for owner in self.owners
        )

    def title(self, values: Mapping[str, object]) -> str:
        """What a record with these ``values`` is called beside its number; empty where nothing says."""
        found = next((values[label] for label in self.titles if values.get(label)), None)
        said = str(found) if isinstance(found, (str, int)) else ""
        # What is too long for a cell is no name; very many records may say the same, each of which would keep a text of its own.
        return said if len(said) <= _LONGEST_TITLE else shown_text(said)


def link_of(program: Program, object_: str) -> Field | None:
    """The field of ``object_`` that rows of other tables name it by: its 标识, else its first 文本 field."""
    return _link(program.objects[object_], tuple(program.fields.get(object_, {}).values()))


def _link(kind: ObjectKind, fields: Sequence[Field]) -> Field | None:
    if kind.identity is not None:
        return next((field for field in fields if field.name == kind.identity), None)
    return next((field for field in fields if field.type.kind is Kind.TEXT), None)


def record_names(program: Program) -> RecordNames:
    """The names of ``program``."""
    objects: dict[str, ObjectNames] = {}
    for name, kind in program.objects.items():
        fields = tuple(program.fields.get(name, {}).values())
        by_name: dict[str, Field] = {}
        for label in ("name", "key"):
            for field in fields:
                by_name.setdefault(getattr(field, label), field)
        for field in fields:
            by_name.setdefault(fold_word(field.name), field)
            by_name.setdefault(fold_word(field.key), field)
        children: dict[str, str] = {}
        for child in kind.children:
            key = program.objects[child].key
            for label in (child, key, fold_word(child), fold_word(key)):
                children.setdefault(label, child)
        labels = dict.fromkeys((*(field.name for field in fields), *(field.key for field in fields)))
        offered = (*labels, *(child for child in kind.children if child != program.root))
        objects[name] = ObjectNames(kind, fields, by_name, children, offered)
    record = program.root if program.root in program.objects else ""
    owners = tuple(belonging.line(program.objects, program.root)[1:])
    held = parts(program.layers, program.siblings)
    titles = _titles(objects[record]) if record else ()
    return RecordNames(objects, record, owners, program.layers, held, comparisons(program), titles)


def _titles(names: ObjectNames) -> tuple[str, ...]:
    kind = names.kind
    # Where the record names no such field, the first of its fields that is a name of anything.
    others = (field.name for field in names.fields if field.name.endswith("名称"))
    return tuple(dict.fromkeys((f"{kind.name}名称", f"{kind.key}_name", "名称", "name", *others)))


class Offers:
    """The names offered while one ledger, or one scenario file, is read: each word is compared once, and none once so many were
    that nobody would read on."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
        self._compared = 0

    def nearest(self, word: str, names: Collection[str]) -> list[str]:
        """As `spelling.nearest`; none where it would take too long to look."""
        self._compared += 1
        return nearest(word, names, findings=self._compared - 1)

    def near(self, word: str, names: tuple[str, ...]) -> str:
        """As `near_names`; empty where it would take too long to look."""
        found = self._told.get(word)
        if found is None:
            if not affordable(self._compared, len(names)):
                return ""
            self._compared += 1
            found = self._told[word] = near_names(word, names)
        return found


@functools.lru_cache(maxsize=4096)
def near_names(word: str, names: tuple[str, ...]) -> str:
    """A half sentence that offers the nearest of ``names``; empty where none is near.

    Remembered, because a column that the rules do not know comes again in every row of a ledger.
    """
    # Who is told that 未停产 is 停产 says the contrary by doing so.
    found = [name for name in nearest(word[:_LONGEST], names) if not opposite_of(word, name)]
    return f"，是不是“{'”“'.join(found)}”？" if found else ""

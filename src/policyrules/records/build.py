"""One record, as Python or JSON gives it, as an instance that engines evaluate.

Why this exists: a record is a flat mapping by ASCII key or Chinese name (mixed as people like), with its rows as lists
and its county as a mapping. What cannot be read is a located problem; what is not known to the rules is a note, so that
a typo is seen and a ledger may hold more than the rules need.

Invariants: nothing is raised for any mapping; an instance is returned exactly where there is no problem; blank is a
missing key, never a value; a list that is missing or null is not supplied, an empty one is known to be empty.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeGuard

from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, Program
from policyrules.records.cells import CellProblem, parse_cell
from policyrules.records.names import ObjectShape, Shape, near_names, shape_of
from policyrules.records.problems import RecordProblem, record_error, shown, small
from policyrules.types import Value, value_text

if TYPE_CHECKING:
    from pydantic import BaseModel

_MOST_ROWS: Final = 100_000
_MOST_NOTES: Final = 50


def build_instance(
    program: Program, record: object, *, shape: Shape | None = None
) -> tuple[Instance | None, tuple[RecordProblem, ...], tuple[str, ...]]:
    """``record`` (a mapping, or an instance of the record model) as an instance, its problems, and notes.

    The instance is None exactly where there are problems. ``shape``: `shape_of` of the program, for callers that build
    many. Notes name keys that the rules do not know, with the nearest name that they do.
    """
    shape = shape or shape_of(program)
    builder = _Builder(shape)
    data = _plain(record)
    if not shape.record:
        return None, (RecordProblem("E502", "", None, "有对象声明的规则：这套规则没有声明任何对象"),), ()
    if not isinstance(data, Mapping):
        expected = "一条记录，即一组“字段：值”"
        return None, (RecordProblem("E502", shape.record, small(data), expected),), ()
    owner = builder.owner(data, 0)
    instance = builder.instance(data, shape.record, shape.record, "", owner)
    if builder.problems:
        identity = instance.identity
        problems = (_of_record(problem, identity) for problem in builder.problems)
        return None, tuple(problems), tuple(builder.notes)
    return instance, (), tuple(builder.notes)


def build_or_raise(program: Program, record: object, *, shape: Shape | None = None) -> tuple[Instance, tuple[str, ...]]:
    """The instance of ``record``, and notes.

    Raises `RecordError` about the first problem (path, value, what was expected); the others are its notes.
    """
    instance, problems, notes = build_instance(program, record, shape=shape)
    if instance is None:
        raise record_error(problems)
    return instance, notes


def _of_record(problem: RecordProblem, identity: str) -> RecordProblem:
    return RecordProblem(problem.code, problem.path, problem.value, problem.expected, record=identity, set_aside=True)


def _is_model(value: object) -> TypeGuard[BaseModel]:
    # Who has a model has imported its library; who has none need not wait for it.
    library = sys.modules.get("pydantic")
    return library is not None and isinstance(value, library.BaseModel)


def _plain(record: object) -> object:
    # Unset entries stay missing; an unknown key given to the model is kept and becomes a note.
    return record.model_dump(by_alias=True, exclude_unset=True) if _is_model(record) else record


class _Builder:
    """Collects problems and notes while a record is walked along the objects of the program."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.problems: list[RecordProblem] = []
        self.notes: list[str] = []
        self._unnamed = 0

    def owner(self, data: Mapping[object, object], level: int) -> Instance | None:
        """The instance that the one described by ``data`` belongs to: its county, with the county's own lists. It is
        there with no values where none is given."""
        if level >= len(self.shape.owners):
            return None
        name = self.shape.owners[level]
        kind = self.shape.objects[name].kind
        given = [(key, _plain(data[key])) for key in (kind.name, kind.key) if key in data and data[key] is not None]
        mapping: Mapping[object, object] = {}
        for key, value in given:
            if not isinstance(value, Mapping):
                expected = f"一组“字段：值”（{kind.name}的情况）"
                self.problems.append(RecordProblem("E502", str(key), small(value), expected))
            else:
                mapping = value
        if len(given) == 2 and given[0][1] is not given[1][1]:
            self.problems.append(RecordProblem("E503", kind.name, f"{kind.name}、{kind.key}", "只写一处"))
        return self.instance(mapping, name, name, f"{name}.", self.owner(mapping, level + 1))

    def instance(
        self, data: Mapping[object, object], object_: str, path: str, prefix: str, parent: Instance | None
    ) -> Instance:
        """The instance of ``object_`` that ``data`` describes; ``prefix`` leads the paths of its fields."""
        shape = self.shape.objects[object_]
        cells, lists = self._sorted(data, shape, path)
        values: dict[str, Value] = {}
        for field in shape.fields:
            found = cells.get(field.name)
            if found is not None:
                value = self._value(found, field, prefix + field.name)
                if value is not None:
                    values[field.name] = value
        identity = values.get(shape.kind.identity or "")
        text = "" if identity is None else value_text(identity, shape.by_name[shape.kind.identity or ""].type)
        instance = Instance(object=object_, values=values, rows={}, parent=parent, path=path, identity=text)
        below = path if path not in (self.shape.record, *self.shape.owners) else ""
        for child in shape.kind.children:
            if child in lists:
                instance.rows[child] = self._rows(lists[child], child, below, instance)
        return instance

    def _sorted(
        self, data: Mapping[object, object], shape: ObjectShape, path: str
    ) -> tuple[dict[str, list[tuple[str, object]]], dict[str, list[tuple[str, object]]]]:
        """What ``data`` holds, by field name and by child list; everything else is a note."""
        cells: dict[str, list[tuple[str, object]]] = {}
        lists: dict[str, list[tuple[str, object]]] = {}
        above = self.shape.owners[0] if shape.kind.name == self.shape.record and self.shape.owners else None
        if shape.kind.name in self.shape.owners:
            place = self.shape.owners.index(shape.kind.name) + 1
            above = self.shape.owners[place] if place < len(self.shape.owners) else None
        reserved = (above, self.shape.objects[above].kind.key) if above is not None else ()
        for key, value in data.items():
            if not isinstance(key, str) or len(key) > 200:
                self._note(f"{path}：有一个字段名{shown(key)}不是可用的名称，没有用上")
                continue
            if key in reserved:
                continue
            field, child = shape.field(key), shape.child(key)
            if child is not None and child in (self.shape.record, *self.shape.owners):
                child = None
            if child is not None and (field is None or _looks_like_rows(value)):
                lists.setdefault(child, []).append((key, value))
            elif field is not None:
                cells.setdefault(field.name, []).append((key, value))
            else:
                known = (
                    *(field.name for field in shape.fields),
                    *(field.key for field in shape.fields),
                    *(name for name in shape.kind.children if name != self.shape.record),
                )
                self._note(f"{path}：规则里没有“{key}”这个字段，没有用上{near_names(key, known)}")
        return cells, lists

    def _note(self, text: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(text)
            return
        self._unnamed += 1
        rest = f"另有 {self._unnamed} 个字段规则里没有，没有用上"
        self.notes[_MOST_NOTES:] = [rest]

    def _value(self, found: list[tuple[str, object]], field: Field, path: str) -> Value | None:
        """The one value of ``field``; the same field given twice must say the same."""
        kept: Value | None = None
        kept_key = ""
        for key, raw in found:
            parsed = parse_cell(raw, field)
            if isinstance(parsed, CellProblem):
                self.problems.append(RecordProblem("E501", path, small(parsed.value), parsed.expected))
            elif parsed is not None:
                if kept is not None and kept != parsed:
                    both = f"{kept_key}：{value_text(kept, field.type)}；{key}：{value_text(parsed, field.type)}"
                    self.problems.append(RecordProblem("E503", path, shown(both)[1:-1], "只写一处，或两处相同"))
                    continue
                kept, kept_key = parsed, key
        return kept

    def _rows(
        self, found: list[tuple[str, object]], child: str, below: str, parent: Instance
    ) -> tuple[Instance, ...] | None:
        lead = f"{below}.{child}" if below else child
        given = [(key, value) for key, value in found if value is not None]
        if not given:
            return None
        if any(value is not given[0][1] for _, value in given[1:]):
            keys = "、".join(key for key, _ in given)
            self.problems.append(RecordProblem("E503", lead, keys, "只写一处"))
            return None
        rows = given[0][1]
        if isinstance(rows, (str, bytes)) or not isinstance(rows, Sequence):
            self.problems.append(RecordProblem("E502", lead, small(rows), "一个列表，每行是一组“字段：值”"))
            return None
        if len(rows) > _MOST_ROWS:
            self.problems.append(RecordProblem("E502", lead, len(rows), f"不超过 {_MOST_ROWS} 行的列表"))
            return None
        built: list[Instance] = []
        for index, raw in enumerate(rows):
            row = _plain(raw)
            path = f"{lead}[{index}]"
            if isinstance(row, Mapping):
                built.append(self.instance(row, child, path, f"{path}.", parent))
            else:
                self.problems.append(RecordProblem("E502", path, small(row), "一组“字段：值”"))
        return tuple(built)


def _looks_like_rows(value: object) -> bool:
    """Where a field and a child list share a name, a list of mappings is the list."""
    return isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) or _is_model(row) for row in value)

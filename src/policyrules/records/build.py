"""One record, as Python or JSON gives it, as an instance that engines evaluate.

Why this exists: a record is a flat mapping by ASCII key or Chinese name (mixed as people like), with its rows as lists
and its county as a mapping. What cannot be read is a located finding; what is not known to the rules is a note, so that
a typo is seen and a ledger may hold more than the rules need.

Invariants: nothing is raised for any mapping; there is always an instance, and it holds what could be read: a value that
cannot be read is blank, two values that disagree are both blank, a list with anything unreadable in it is not supplied,
and so is the county; blank is a missing key, never a value; a list that is missing or null is not supplied, an empty one
is known to be empty.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from policyrules.diagnostics import CellPlace, Diagnostic, RecordError, Report, moved, shown, shown_text, unfit
from policyrules.engine.folding import Shelf, opened, shelf_of
from policyrules.engine.instances import Instance, line_above
from policyrules.program.costs import MOST_COMPARED, Rows, cost, few_rows
from policyrules.program.nodes import Field, FieldValue, Program
from policyrules.records.cells import parse_cell
from policyrules.records.fast import MOST_ROWS, FastReader, labels_of
from policyrules.records.foreign_values import plain_value
from policyrules.records.heads import head_name
from policyrules.records.names import ObjectNames, Offers, RecordNames, record_names
from policyrules.records.remarked import cell_under
from policyrules.spelling import fold_word
from policyrules.types import Value, is_canonical, value_text

if TYPE_CHECKING:
    from pydantic import BaseModel

_MOST_NOTES: Final = 50
# Making a reader of plain records takes as long as reading so many without it.
_FEW_RECORDS: Final = 16

Built: TypeAlias = tuple[Instance, tuple[Diagnostic, ...]]
"""What could be read, and what could not."""

_Entries: TypeAlias = dict[str, list[tuple[str, object]]]
"""What a mapping gives, by field or list: the key as it was written, and the value."""


def build_instance(
    program: Program, record: object, *, names: RecordNames | None = None, offers: Offers | None = None
) -> Built:
    """``record`` (a mapping, or an instance of the record model) as an instance, and what of it cannot be read.

    ``names``: `record_names` of the program, and ``offers``, for callers that build many. The notes of the instance name
    keys that the rules do not know, with the nearest name that they do.
    """
    names = names or record_names(program)
    if type(record) is not dict:
        record = _plain(record)
    instance = at_once(names, record, offers)
    return (instance, ()) if instance is not None else general_instance(names, record, offers=offers)


def general_instance(names: RecordNames, record: object, *, offers: Offers | None = None) -> Built:
    """As `build_instance`, key by key whatever the record holds."""
    offers = offers or Offers()
    record = _plain(record)
    return _general_instance(names, record, _general_owner(names, record, offers), CellPlace(), offers)


def at_once(names: RecordNames, record: object, offers: Offers | None = None) -> Instance | None:
    """The instance of a plain record; None where the general reader has to look, and of the first few records."""
    if type(record) is not dict:
        return None
    reader = names.kept[0] if names.kept else None
    if type(reader) is not FastReader:
        reader = _reader_of(names)
        if reader is None:
            return None
    return reader.read(record, offers)


def _reader_of(names: RecordNames) -> FastReader | None:
    """What reads plain records; None before so many were read that it is worth making."""
    kept = names.kept[0] if names.kept else 0
    if isinstance(kept, FastReader):
        return kept
    if not isinstance(kept, int) or not names.record:
        # A label of this program means two things.
        return None
    if kept < _FEW_RECORDS:
        names.kept[:] = [kept + 1]
        return None
    labels = labels_of(names)
    made = None
    if labels is not None:
        most = few_rows(names.comparisons)
        made = FastReader(names, labels, lambda offers: _Builder(names, offers=offers), most, partial(_cheap, names))
    names.kept[:] = [made]
    return made


def _cheap(names: RecordNames, instance: Instance) -> bool:
    return not any(_too_costly(names, instance, CellPlace()))


def build_or_raise(program: Program, record: object, *, names: RecordNames | None = None) -> Instance:
    """The instance of ``record``. Raises `RecordError` with everything that cannot be read."""
    instance, problems = build_instance(program, record, names=names)
    if problems:
        raise RecordError(problems, identity=instance.identity)
    return instance


def build_all(
    program: Program, records: Iterable[object], *, names: RecordNames | None = None, offers: Offers | None = None
) -> Iterator[Instance]:
    """The instances of ``records``, which are counted together; what cannot be read of one is in its ``problems``.

    The same object is the same instance wherever it stands; of two records with one number the second is refused, for
    nobody knows which of them holds.
    """
    names = names or record_names(program)
    offers = offers or Offers()
    known: dict[int, Instance] = {}
    seen: dict[str, int] = {}
    # What stands in a list lives as long as the list: no two of them are one by chance.
    given = list(records)
    for index, record in enumerate(given):
        if id(record) not in known:
            known[id(record)] = _counted(program, names, record, index, seen, offers)
        yield known[id(record)]


def _counted(
    program: Program, names: RecordNames, record: object, index: int, seen: dict[str, int], offers: Offers
) -> Instance:
    if isinstance(record, Instance):
        check_read_for(names, record)
        instance, problems = record, record.problems
    else:
        instance, problems = build_instance(program, record, names=names, offers=offers)
    key = fold_word(instance.identity)
    earlier = seen.setdefault(key, index) if key else index
    if earlier != index:
        kind = names.objects[names.record].kind
        place = CellPlace(kind.identity or "", instance.identity, record=instance.identity)
        twice = Diagnostic("E505", f"与第 {earlier + 1} 条的编号相同，同一个编号只能有一条", place)
        return replace(possible(program, names, instance.values), problems=(*problems, twice))
    return instance if problems == instance.problems else replace(instance, problems=problems)


def check_read_for(names: RecordNames, instance: Instance) -> None:
    """Raise `RecordError` (E502) where ``instance`` was not read for the policy of ``names``, nor holds what its readers
    give: under other declarations the same values mean something else.

    What was read for a longer stack serves the stacks that it holds; what they do not declare is not seen by them.
    """
    longer = not names.layers or names.layers in instance.layers
    shelf = shelf_of(instance)
    pending = [instance] if shelf is None else [] if _read_alike(names, shelf, longer) else [opened(instance)]
    if instance.object != names.record or (instance.parent is None and names.owners):
        pending, fault = [], instance.object or "一条记录"
    else:
        fault = ""
        pending.extend(line_above(instance))
    while pending and not fault:
        one = pending.pop()
        own = names.objects.get(one.object)
        if own is None:
            fault = "" if longer else one.object
            continue
        for name, value in one.values.items():
            field = own.by_name.get(name)
            if field is None or field.name != name:
                fault = fault or ("" if longer else f"{one.object}.{name}")
            elif not is_canonical(value, field.type):
                fault = fault or f"{one.object}.{name}"
        for rows in one.rows.values():
            pending += rows or ()
    if fault:
        said = f"这条记录是按别的规则读的（{shown_text(fault)}），这套规则不能用；请用这套规则的 read、portfolio 重新读"
        raise RecordError([Diagnostic("E502", said, CellPlace(record=instance.identity))])


def _read_alike(names: RecordNames, shelf: Shelf, longer: bool) -> bool:
    """Whether all that was put away on a shelf is what fields of ``names`` may hold: read under declarations that say the same."""
    if shelf.looked_at is None or shelf.looked_at[0] is not names:
        alike = known = True
        for kind, fields in shelf.program.fields.items():
            own = names.objects.get(kind)
            for field in fields.values():
                named = None if own is None else own.by_name.get(field.name)
                if named is None or named.name != field.name:
                    known = False
                else:
                    alike = alike and named.type == field.type
        shelf.looked_at = names, alike, known
    _, alike, known = shelf.looked_at
    return alike and (known or longer)


def owner_of(names: RecordNames, record: object, offers: Offers | None = None) -> Built | None:
    """The instance of the county that ``record`` gives, with the county's own lists; one that holds nothing where none
    is given; None where records of the program have none."""
    reader = _reader_of(names)
    if reader is not None and type(record) is dict:
        found = reader.owner(record, offers)
        if found is not None:
            return found, ()
    return _general_owner(names, record, offers)


def _general_owner(names: RecordNames, record: object, offers: Offers | None) -> Built | None:
    builder = _Builder(names, offers=offers)
    instance = builder.owner(record if isinstance(record, Mapping) else {}, 0)
    if instance is None:
        return None
    instance.notes = tuple(builder.notes)
    return instance, tuple(builder.report.found)


def instance_of(
    names: RecordNames,
    data: object,
    owner: Built | None,
    place: CellPlace,
    offers: Offers | None,
) -> Built:
    """As `build_instance`, with the county read before. ``place``: where in a file the record stands."""
    reader = _reader_of(names)
    if reader is not None and type(data) is dict and (owner is None or not owner[1]):
        found = reader.below(data, bare_owner(names) if owner is None else owner[0], offers)
        if found is not None:
            return found, ()
    return _general_instance(names, data, owner, place, offers)


def _general_instance(
    names: RecordNames, data: object, owner: Built | None, place: CellPlace, offers: Offers | None
) -> Built:
    if not names.record:
        expected = "有对象声明的规则：这套规则没有声明任何对象"
        return Instance(""), (unfit("E502", None, expected, place),)
    builder = _Builder(names, place, offers)
    if owner is not None:
        builder.report.found.extend(moved(problem, file=place.file, row=place.row) for problem in owner[1])
        builder.notes.extend(owner[0].notes)
    parent = bare_owner(names) if owner is None or owner[1] else owner[0]
    if not isinstance(data, Mapping):
        builder.refuse("E502", names.record, data, "一条记录，即一组“字段：值”")
        return Instance(names.record, parent=parent, path=names.record), tuple(builder.report.found)
    instance = builder.instance(data, names.record, names.record, "", parent)
    instance.layers = names.parts
    instance.notes = tuple(builder.notes)
    if not builder.report.found and names.comparisons:
        builder.report.found.extend(_too_costly(names, instance, place))
    if not builder.report.found:
        return instance, ()
    return instance, tuple(moved(p, record=builder.number, set_aside=True) for p in builder.report.found)


def _too_costly(names: RecordNames, instance: Instance, place: CellPlace) -> Iterator[Diagnostic]:
    """A finding where rows of the record would be compared with rows more often than anyone can wait for."""
    rows = _row_counts(names, instance)
    costs = [(cost(comparison, rows), comparison) for comparison in names.comparisons]
    if sum(each for each, _ in costs) <= MOST_COMPARED:
        return
    most, worst = max(costs, key=lambda each: each[0])
    kinds = "、".join(f"{name}（{rows[name].total} 行）" for name in dict.fromkeys(worst.objects) if name in rows)
    message = f"“{worst.kind} {worst.name}”要把{kinds}逐行互相对照，约 {most:,} 步"
    message += f"；一条记录里这样的对照最多 {MOST_COMPARED:,} 步，减少行数，或改写这一条"
    yield Diagnostic("E510", message, replace(place, path=worst.objects[0]))


def _row_counts(names: RecordNames, instance: Instance) -> dict[str, Rows]:
    """How many rows of each kind the record has, its owners' included."""
    found: dict[str, Rows] = {}
    waiting = [instance, *line_above(instance)]
    while waiting:
        current = waiting.pop()
        for object_, rows in current.rows.items():
            if rows and object_ != names.record:
                counted = found.get(object_, Rows(0, 0))
                found[object_] = Rows(counted.total + len(rows), max(counted.most, len(rows)))
                waiting.extend(rows)
    return found


def bare_owner(names: RecordNames, level: int = 0) -> Instance | None:
    """The county of which nothing is known."""
    if level >= len(names.owners):
        return None
    return Instance(names.owners[level], parent=bare_owner(names, level + 1), path=names.owners[level])


def possible(program: Program, names: RecordNames, values: Mapping[str, Value]) -> Instance:
    """What statistics group a duplicate by: it counts as possible in its group, for nobody knows which of two holds."""
    keys = (key for statistic in program.statistics.values() for key in statistic.same)
    same = {key.field.name for key in keys if isinstance(key, FieldValue) and key.field.object == names.record}
    values = {name: value for name, value in values.items() if name in same}
    return Instance(names.record, values, parent=bare_owner(names), path=names.record, layers=names.parts)


def _is_model(value: object) -> TypeGuard[BaseModel]:
    # Who has a model has imported its library; who has none need not wait for it.
    library = sys.modules.get("pydantic")
    return library is not None and isinstance(value, library.BaseModel)


def _plain(record: object) -> object:
    # An unknown key given to the model is kept and becomes a note.
    return record.model_dump(by_alias=True) if _is_model(record) else plain_value(record)


class _Builder:
    """Collects findings and notes while a record is walked along the objects of the program."""

    def __init__(self, names: RecordNames, place: CellPlace | None = None, offers: Offers | None = None) -> None:
        self.names = names
        self.offers = offers or Offers()
        self.place = place or CellPlace()
        self.report = Report()
        self.notes: list[str] = []
        self.number = ""
        """The 标识 as the record gives it, even where it gives two."""
        self._unnamed = 0

    def refuse(self, code: str, path: str, value: object, expected: str) -> None:
        self.report.found.append(unfit(code, value, expected, replace(self.place, path=path)))

    def owner(self, data: Mapping[object, object], level: int) -> Instance | None:
        """The instance that the one described by ``data`` belongs to."""
        if level >= len(self.names.owners):
            return None
        name = self.names.owners[level]
        kind = self.names.objects[name].kind
        given = [(key, _plain(data[key])) for key in dict.fromkeys((kind.name, kind.key)) if key in data]
        given = [(key, value) for key, value in given if value is not None]
        mapping: Mapping[object, object] = {}
        for key, value in given:
            if not isinstance(value, Mapping):
                self.refuse("E502", key, value, f"一组“字段：值”（{kind.name}的情况）")
            else:
                mapping = value
        if len(given) == 2 and given[0][1] is not given[1][1]:
            self.refuse("E503", kind.name, f"{kind.name}、{kind.key}", "只写一处")
        return self.instance(mapping, name, name, f"{name}.", self.owner(mapping, level + 1))

    def instance(
        self, data: Mapping[object, object], object_: str, path: str, prefix: str, parent: Instance | None
    ) -> Instance:
        """The instance of ``object_`` that ``data`` describes; ``prefix`` leads the paths of its fields."""
        names = self.names.objects[object_]
        cells, lists = self.sort(data, names, path)
        instance = Instance(object_, parent=parent, path=path)
        for field in names.fields:
            if field.name in cells:
                found = self._values(cells[field.name], field, prefix + field.name)
                if found and field.name == names.kind.identity:
                    number = value_text(found[0], field.type)
                    self.number = number if object_ == self.names.record else self.number
                    instance.identity = number if len(found) == 1 else ""
                if len(found) == 1:
                    instance.values[field.name] = found[0]
        below = path if path not in (self.names.record, *self.names.owners) else ""
        for child in names.kind.children:
            if child in lists:
                before = len(self.report.found)
                rows = self._rows(lists[child], child, below, instance)
                if len(self.report.found) == before:
                    instance.rows[child] = rows
        return instance

    def sort(self, data: Mapping[object, object], names: ObjectNames, path: str) -> tuple[_Entries, _Entries]:
        """What ``data`` holds, by field name and by child list; everything else is a note."""
        cells: _Entries = {}
        lists: _Entries = {}
        above = self.names.owner_of(names.kind.name)
        reserved = (above, self.names.objects[above].kind.key) if above is not None else ()
        for key, value in data.items():
            if not isinstance(key, str) or len(key) > 200:
                self._note(f"{path}：有一个字段名{shown(key)}不是可用的名称，没有用上")
                continue
            if key in reserved:
                continue
            value = plain_value(value)
            field, child = names.field(key), names.child(key)
            if child not in self.names.rows_of(names.kind.name):
                child = None
            if child is not None and (field is None or _looks_like_rows(value)):
                lists.setdefault(child, []).append((key, value))
            elif field is not None:
                cells.setdefault(field.name, []).append((key, value))
            elif meant := cell_under(names, key, value):
                field, cell, said = meant
                cells.setdefault(field.name, []).append((key, cell))
                if said:
                    self._note(f"{path}：“{shown_text(key)}”当作“{field.name}”读入，请核对是不是同一项")
            else:
                self._unknown(key, names, path)
        return cells, lists

    def _unknown(self, key: str, names: ObjectNames, path: str) -> None:
        if len(self.notes) >= _MOST_NOTES:
            return self._note("")
        name, remark = head_name(names, (), key)
        near = self.offers.near(name, names.offered)
        if near and remark:
            near += f"括号里的“{shown_text(remark)}”要一起写上"
        return self._note(f"{path}：规则里没有“{shown_text(key)}”这个字段，没有用上{near}")

    def _note(self, text: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(text)
            return
        self._unnamed += 1
        rest = f"另有 {self._unnamed} 个字段规则里没有，没有用上"
        self.notes[_MOST_NOTES:] = [rest]

    def _values(self, found: list[tuple[str, object]], field: Field, path: str) -> list[Value]:
        """The values given for ``field``: one, or several that do not agree."""
        values: list[Value] = []
        kept = ""
        for key, raw in found:
            parsed = parse_cell(raw, field)
            if isinstance(parsed, Diagnostic):
                self.report.found.append(replace(parsed, place=replace(self.place, path=path, value=parsed.cell.value)))
            elif parsed is not None:
                if values and values[0] != parsed:
                    both = f"{kept}：{value_text(values[0], field.type)}；{key}：{value_text(parsed, field.type)}"
                    self.refuse("E503", path, both, "只写一处，或两处相同")
                    values.append(parsed)
                    continue
                values[:1] = [parsed]
                kept = key
        return values

    def _rows(
        self, found: list[tuple[str, object]], child: str, below: str, parent: Instance
    ) -> tuple[Instance, ...] | None:
        lead = f"{below}.{child}" if below else child
        given = [(key, value) for key, value in found if value is not None]
        if not given:
            return None
        rows = given[0][1]
        if any(value is not rows for _, value in given[1:]):
            self.refuse("E503", lead, "、".join(key for key, _ in given), "只写一处")
        elif isinstance(rows, (str, bytes)) or not isinstance(rows, Sequence):
            self.refuse("E502", lead, rows, "一个列表，每行是一组“字段：值”")
        elif len(rows) > MOST_ROWS:
            self.refuse("E502", lead, len(rows), f"不超过 {MOST_ROWS} 行的列表")
        else:
            return self._built(rows, child, lead, parent)
        return None

    def _built(self, rows: Sequence[object], child: str, lead: str, parent: Instance) -> tuple[Instance, ...]:
        built: list[Instance] = []
        for index, raw in enumerate(rows):
            row = _plain(raw)
            path = f"{lead}[{index}]"
            if isinstance(row, Mapping):
                built.append(self.instance(row, child, path, f"{path}.", parent))
            else:
                self.refuse("E502", path, row, "一组“字段：值”")
        return tuple(built)


def _looks_like_rows(value: object) -> bool:
    """Where a field and a child list share a name, a list of mappings is the list."""
    return isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) or _is_model(row) for row in value)

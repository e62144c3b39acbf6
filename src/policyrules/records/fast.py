"""Records that say nothing odd, read at once: straight Python source for each kind of object, made from its fields.

Why this exists: reading a record as `build` does, key by key along its names, costs a hundred times what a program
written by hand takes for the same record. What a program declares is known before the first record; so each object gets
a function that asks a dict for each of its fields and takes what is plainly a value of it.

Invariants: there is one meaning, and it is not here. What is taken at a glance is what `cells.parse_cell` gives; any
other cell goes through it, and a record with a finding, a foreign container or anything that raises is handed back
whole (None) to the general reader. Keys that are no name and no key of a field or a list (odd spellings, unknown ones)
are sorted, and noted, by the general reader (`Noting`). The source holds numbers of ours, and texts of users as
literals only; what is remembered of cells is bounded, and depends on nothing but the type, the bounds and the cell.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final, Protocol, TypeAlias, assert_never

from policyrules.diagnostics import Diagnostic
from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, Program
from policyrules.records.cells import bare_bounds, bare_factor, day_bounds, glance, parse_cell
from policyrules.records.foreign_values import plain_value
from policyrules.records.names import ObjectNames, Offers, RecordNames, record_names
from policyrules.types import Kind, Value, value_text

_MOST_KEPT: Final = 16_384
_SHORT: Final = 64
_TENS: Final = (10_000, 100_000_000)
# What is added to a smaller float and taken away again leaves the nearest whole number.
_ROUND: Final = 1.5 * 2**52
_MOST_ITEMS: Final = 32
_MOST_LISTED: Final = 128
MOST_ROWS: Final = 100_000
"""No list of a record may have more."""

Record: TypeAlias = dict[Any, Any]
_Entries: TypeAlias = dict[str, list[tuple[str, object]]]
Cells: TypeAlias = Callable[[Mapping[str, object]], "tuple[Value | None, ...] | None"]


class _NotPlain(Exception):
    """The general reader must look at the record."""


class Noting(Protocol):
    """The general reader as far as it is needed here: it takes notes, and sorts the keys of a mapping that describes an
    object at a path; what no field and no list is called becomes a note."""

    notes: list[str]
    offers: Offers

    def sort(self, data: Record, own: ObjectNames, path: str) -> tuple[_Entries, _Entries]: ...


class Run:
    """What reading one record, or the owners of it, comes to besides: how many rows there are, and who takes notes where
    there is anything to note."""

    rows = 0
    noting: Noting | None = None
    offers: Offers | None = None


General: TypeAlias = Callable[["Offers | None"], Noting]
_Read: TypeAlias = Callable[[Record, Instance | None, str, Run], Instance]


class _Cells(dict[Any, Any]):
    """What the cells of fields of one type and bounds came to, by the cell: a lookup answers for any cell, None where it
    is blank. Only what `_kept` allows is remembered, so that cells of other types that are equal (1, 1.0, True) never
    meet."""

    __slots__ = ("field", "look")

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.look = glance(field)

    def __missing__(self, given: Any) -> Value | None:
        if type(given) is float and given != given:
            # Not a number: what tables have where nothing is filled in.
            return None
        found = self.look(given) if type(given) in (str, float, Decimal) else None
        if found is None:
            parsed = parse_cell(plain_value(given), self.field)
            if isinstance(parsed, Diagnostic):
                raise _NotPlain
            found = parsed
        if self._kept(given):
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[given] = found
        return found

    def _kept(self, given: object) -> bool:
        return given is None or (type(given) is str and len(given) <= _SHORT)


class _Floats(_Cells):
    """Of cells that are floats alone."""

    __slots__ = ()

    def _kept(self, given: object) -> bool:
        return True


class _Lists(_Cells):
    """Of cells that are lists, which come as tuples."""

    __slots__ = ()

    def _kept(self, given: Any) -> bool:
        texts = len(given) <= _MOST_ITEMS and all(type(item) is str for item in given)
        return texts and sum(map(len, given)) <= _MOST_LISTED


def _rows(read: _Read, given: list[object], lead: str, parent: Instance, run: Run) -> tuple[Instance, ...]:
    if len(given) > MOST_ROWS:
        raise _NotPlain
    run.rows += len(given)
    built: list[Instance] = []
    for index, row in enumerate(given):
        if type(row) is not dict:
            raise _NotPlain
        built.append(read(row, parent, f"{lead}[{index}]", run))
    return tuple(built)


@dataclass(frozen=True, slots=True)
class Labels:
    """By what an object's fields, its row lists and what it belongs to are asked for: one label each."""

    fields: tuple[tuple[Field, str], ...]
    children: tuple[tuple[str, str], ...]
    above: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.fields) + len(self.children) + len(self.above)

    def all_of(self, own: ObjectNames) -> dict[object, str]:
        """The label of a field or a list by whatever of its names and keys is no odd one."""
        rows = dict(self.children)
        found: dict[object, str] = {}
        label_of = {field.name: label for field, label in self.fields}
        for label, field in own.by_name.items():
            if own.child(label) not in rows and own.field(label) is field:
                found[label] = label_of[field.name]
        for label, child in own.children.items():
            if child in rows and own.child(label) == child and own.field(label) is None:
                found[label] = rows[child]
        return {label: own for label, own in found.items() if label not in self.above and len(str(label)) <= 200}


def _labels(names: RecordNames, object_: str) -> Labels | None:
    """The labels of an object; None where one label may mean two things."""
    own = names.objects[object_]
    above = names.owner_of(object_)
    reserved = () if above is None else tuple(dict.fromkeys((above, names.objects[above].kind.key)))
    rows = names.rows_of(object_)
    fields: list[tuple[Field, str]] = []
    for field in own.fields:
        labels = (label for label in (field.key, field.name) if own.field(label) is field and len(label) <= 200)
        label = next((label for label in labels if label not in reserved and own.child(label) not in rows), None)
        if label is None:
            return None
        fields.append((field, label))
    children: list[tuple[str, str]] = []
    for child in rows:
        labels = (label for label in (names.objects[child].kind.key, child) if len(label) <= 200)
        label = next((one for one in labels if own.child(one) == child and own.field(one) is None), None)
        if label is None or label in reserved:
            return None
        children.append((child, label))
    return Labels(tuple(fields), tuple(children), reserved)


class _Source:
    """The source of a module that grows line by line, and what it refers to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.alike: dict[object, str] = {}
        self.scope: dict[str, Any] = {
            "Absent": object(), "Day": datetime.date, "Run": Run, "Instance": Instance, "NotPlain": _NotPlain,
            "rows_of": _rows, "value_text": value_text,
        }  # fmt: skip

    def refer(self, value: object) -> str:
        """A name for ``value``."""
        name = f"r{len(self.scope)}"
        self.scope[name] = value
        return name

    def cells(self, kind: type[_Cells], field: Field) -> str:
        """A name for what remembers the cells of ``field``, and of others that read alike."""
        alike = (kind, field.type, field.low, field.high)
        if alike not in self.alike:
            self.alike[alike] = self.refer(kind(field))
        return self.alike[alike]

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)

    def run(self) -> dict[str, Any]:
        exec(compile("\n".join(self.lines), "<reader of records>", "exec"), self.scope)
        return self.scope

    def cell(self, field: Field, v: str, keep: str, absent: str | None) -> None:
        """Take the cell in the variable ``v`` of ``field``: where it holds a value, ``v`` becomes it and ``keep`` is
        done; ``absent``: what is done where the key is missing; None where it cannot be."""
        kind = field.type.kind
        keep = keep.format(v=v)
        cells = self.cells(_Cells, field)
        kept = [f"  if {v} is not None: {keep}"] if keep else []
        slow = [f"  {v} = {cells}[{v}]", *kept]
        if kind in (Kind.ENUM, Kind.TEXT):
            missing = [f" if {v} is Absent: {absent}", " else:"] if absent is not None else [" if True:"]
            self.add(*missing, *slow)
            return
        keep = keep or "pass"
        match kind:
            case Kind.BOOL:
                self.add(f" if {v} is True or {v} is False: {keep}")
            case Kind.DATE:
                low, high = day_bounds(field)
                bounds = (low, high) != (datetime.date.min, datetime.date.max)
                within = f" and {self.refer(low)} <= {v} <= {self.refer(high)}" if bounds else ""
                self.add(f" if type({v}) is str:", *slow, f" elif type({v}) is Day{within}: {keep}")
            case Kind.SET:
                lists = self.cells(_Lists, field)
                self.add(f" if type({v}) is list: {v} = {lists}[tuple({v})]; {keep}")
            case Kind.INTEGER | Kind.DECIMAL | Kind.RATIO | Kind.MONEY | Kind.AREA | Kind.YEAR | Kind.DURATION:
                self._number(field, v, keep, kept)
            case _:
                assert_never(kind)
        if absent is not None:
            self.add(f" elif {v} is Absent: {absent}")
        self.add(f" elif {v} is not None:", *slow)

    def _number(self, field: Field, v: str, keep: str, kept: list[str]) -> None:
        factor, (least, most) = bare_factor(field), bare_bounds(field)
        times = "" if factor == 1 else f"{v} *= {factor}; "
        within = f"type({v}) is int and {least} <= {v} <= {most}" if isinstance(factor, int) else "False"
        self.add(f" if {within}: {times}{keep}")
        if factor in _TENS:
            # A decimal of 15 digits at most that is this float is the shortest that is: no other has so few.
            size = 10**15 // int(factor) - 1
            within = f"{float(max(least, -size))!r} <= {v} <= {float(min(most, size))!r}"
            exact = f"(n := {v} * {factor}.0 + {_ROUND} - {_ROUND}) / {factor}.0 == {v}"
            self.add(f" elif type({v}) is float and {within} and {exact}: {v} = int(n); {keep}")
        else:
            self.add(f" elif type({v}) is float:", f"  {v} = {self.cells(_Floats, field)}[{v}]", *kept)

    def reader(
        self, names: RecordNames, object_: str, labels: Labels, general: General, called: dict[str, str]
    ) -> None:
        """The function that reads one object: (dict, parent, path, run) → its instance."""
        own = names.objects[object_]
        me = called[object_]
        top = object_ == names.record or object_ in names.owners
        parts = self.refer(names.parts if object_ == names.record else ())
        made = f"Instance({object_!r}, x, y, parent, path, name, (), False, (), {parts})"
        head = "(d, parent, path, run):"
        # A flat record that gives every field need not be asked for any.
        flat = object_ == names.record and labels.count == len(labels.fields) > 0
        if flat:
            self.add(f"def {me}_full{head}", " x = {}; y = {}; name = ''")
            self._fields(own, labels, "d[{label!r}]", None)
            self.add(f" return {made}")
        self.add(f"def {me}{head}")
        if flat:
            self.add(f" if len(d) == {labels.count}:", f"  try: return {me}_full(d, parent, path, run)")
            self.add("  except KeyError: pass")
        self.add(" get = d.get; a = 0; x = {}; y = {}; name = ''")
        self._fields(own, labels, "get({label!r}, Absent)", "a += 1")
        for at, (_, label) in enumerate(labels.children):
            self.add(f" c{at} = get({label!r}, Absent)", f" if c{at} is Absent: a += 1")
        for label in labels.above:
            self.add(f" if {label!r} not in d: a += 1")
        again = self.refer(_again(own, labels, general))
        self.add(
            f" if len(d) + a != {labels.count} and (e := {again}(d, path, run)) is not None:",
            f"  return {me}(e, parent, path, run)",
        )
        self.add(f" found = {made}")
        for at, (child, _) in enumerate(labels.children):
            lead = repr(child) if top else f"path + {f'.{child}'!r}"
            self.add(
                f" if type(c{at}) is list: y[{child!r}] = rows_of({called[child]}, c{at}, {lead}, found, run)",
                f" elif c{at} is None: y[{child!r}] = None",
                f" elif c{at} is not Absent: raise NotPlain",
            )
        self.add(" return found")

    def _fields(self, own: ObjectNames, labels: Labels, given: str, absent: str | None) -> None:
        for field, label in labels.fields:
            keep = f"x[{_literal(field.name)}] = {{v}}"
            if field.name == own.kind.identity:
                plain = field.type.kind in (Kind.TEXT, Kind.ENUM)
                keep += "; name = {v}" if plain else f"; name = value_text({{v}}, {self.refer(field.type)})"
            self.add(f" v = {given.format(label=label)}")
            self.cell(field, "v", keep, absent)

    def chooser(self, wanted: Sequence[Field], labels: Labels) -> None:
        """The functions ``full`` and ``sparse`` that give the values of the ``wanted`` fields of a flat record: dict →
        tuple; the one for records that have every key, the other for any; None where there are other keys."""
        at = {field.name: f"v{index}" for index, (field, _) in enumerate(labels.fields)}
        result = " return (" + "".join(f"{at[field.name]}, " for field in wanted) + ")"
        every = "".join(f"{at[field.name]}, " for field, _ in labels.fields)
        own = [label for _, label in labels.fields]
        taken = f"{every}= {self.refer(itemgetter(*own))}(d)" if len(own) > 1 else f"{every}= (d[{own[0]!r}],)"
        self.add("def full(d):", f" {taken}")
        for field, _ in labels.fields:
            self.cell(field, at[field.name], "", None)
        self.add(result, "def sparse(d):", " get = d.get; a = 0")
        for field, label in labels.fields:
            self.add(f" {at[field.name]} = get({label!r}, Absent)")
            self.cell(field, at[field.name], "", f"a += 1; {at[field.name]} = None")
        self.add(f" if len(d) + a != {len(own)}: return None", result)


def _literal(text: str) -> str:
    """``text`` as source, within a format."""
    return repr(text).replace("{", "{{").replace("}", "}}")


def _again(own: ObjectNames, labels: Labels, general: General) -> Callable[[Record, str, Run], Record | None]:
    """What gives a mapping under other labels the labels of its fields; what has none is for the general reader. None
    where nothing but notes came of it."""
    label_of = {field.name: label for field, label in labels.fields}
    child_of = dict(labels.children)
    known = labels.all_of(own)

    def again(data: Record, path: str, run: Run) -> Record | None:
        found: Record = {}
        others: Record = {}
        anew = False
        for key, value in data.items():
            label = known.get(key)
            if label is None:
                others[key] = value
            elif label in found:
                raise _NotPlain
            else:
                found[label] = value
                anew = anew or label != key
        if others:
            if run.noting is None:
                run.noting = general(run.offers)
            cells, lists = run.noting.sort(others, own, path)
            for named, given in ((label_of, cells), (child_of, lists)):
                for name, entries in given.items():
                    if len(entries) > 1 or named[name] in found:
                        raise _NotPlain
                    found[named[name]] = entries[0][1]
                    anew = True
        return found if anew else None

    return again


def labels_of(names: RecordNames) -> dict[str, Labels] | None:
    """The labels of the record, of what it belongs to, and of all rows below; None where one label may mean two things."""
    line = [names.record, *names.owners]
    found: dict[str, Labels] = {}
    while line:
        name = line.pop()
        own = _labels(names, name)
        if own is None:
            return None
        found[name] = own
        line += (child for child, _ in own.children)
    return found


class FastReader:
    """Reads plain records of one program. ``general``: makes the general reader that takes notes; ``few``: so many rows
    are sound whatever they are, of more it is asked whether the record is (``sound``)."""

    def __init__(
        self,
        names: RecordNames,
        labels: Mapping[str, Labels],
        general: General,
        few: int,
        sound: Callable[[Instance], bool],
    ) -> None:
        self._general = general
        self._few = few
        self._sound = sound
        self._record = names.record
        source = _Source()
        called = {name: f"read_{index}" for index, name in enumerate(labels)}
        for name, own in labels.items():
            source.reader(names, name, own, general, called)
        scope = source.run()
        self._read: _Read = scope[called[names.record]]
        # Of each owner, nearest first: its kind, what records call it, what reads it.
        self._owners: list[tuple[str, tuple[str, ...], _Read]] = [
            (name, labels[below].above, scope[called[name]])
            for below, name in zip((names.record, *names.owners), names.owners, strict=False)
        ]

    def read(self, data: Record, offers: Offers | None = None) -> Instance | None:
        """The instance of a record, with its owners; None where the general reader has to look."""
        if not self._owners:
            return self.below(data, None, offers)
        run = Run()
        run.offers = offers
        owner = self._owned(data, run)
        if owner is None:
            return None
        # What was offered for a word of the owner is offered for the same word of the record.
        return self.below(data, owner, offers if run.noting is None else run.noting.offers)

    def owner(self, data: Record, offers: Offers | None = None) -> Instance | None:
        """The owner that a record gives; None where it has none, or the general reader has to look."""
        run = Run()
        run.offers = offers
        return self._owned(data, run)

    def _owned(self, data: Record, run: Run) -> Instance | None:
        try:
            found = self._owner(data, 0, run)
        except Exception:
            return None
        if found is not None and run.noting is not None:
            found.notes = tuple(run.noting.notes)
        return found

    def _owner(self, data: Record, level: int, run: Run) -> Instance | None:
        if level >= len(self._owners):
            return None
        name, labels, read = self._owners[level]
        given = [data[label] for label in labels if label in data]
        own: Any = given[0] if given else {}
        if len(given) > 1 or type(own) is not dict:
            if any(one is not None for one in given):
                raise _NotPlain
            own = {}
        return read(own, self._owner(own, level + 1, run), name, run)

    def below(self, data: Record, owner: Instance | None, offers: Offers | None = None) -> Instance | None:
        """As `read`, of a record whose owner was read before."""
        run = Run()
        if offers is not None:
            run.offers = offers
        if owner is not None and owner.notes:
            run.noting = self._general(offers)
            run.noting.notes.extend(owner.notes)
        try:
            instance = self._read(data, owner, self._record, run)
        except Exception:
            # Whatever a foreign object does when it is looked at, the general reader says what it is.
            return None
        if run.noting is not None:
            instance.notes = tuple(run.noting.notes)
        if run.rows or owner is not None:
            return instance if run.rows + _rows_above(owner) <= self._few or self._sound(instance) else None
        return instance


def _rows_above(owner: Instance | None) -> int:
    count = 0
    pending = [] if owner is None else [owner]
    while pending:
        one = pending.pop()
        if one.parent is not None and one.path == one.object:
            pending.append(one.parent)
        for rows in one.rows.values():
            if rows:
                count += len(rows)
                pending += rows
    return count


def cells_reader(program: Program, object_: str, names: Sequence[str]) -> Cells:
    """What reads flat records of ``object_``: a dict, by key or Chinese name → the canonical values of the fields
    ``names`` in that order, None where blank; None where the full reader has to look (`Policy.instance`): whatever it
    would note or refuse, rows and owners, other containers than a dict. All fields of the record are read and bounded,
    also those that nobody asked for.

    Raises `KeyError` for a name that is no field of the object.

    >>> from policyrules.testing.build import policy_from_text
    >>> text = "对象 项目（project）\\n  字段 投资（money）：金额（万元）\\n  字段 已建成（built）：是否\\n"
    >>> read = cells_reader(policy_from_text(text).program, "项目", ["已建成", "投资"])
    >>> read({"money": 12.5, "built": "是"}), read({"投资": 3}), read({"money": "很多"}), read({"moeny": 3})
    ((True, 125000), (None, 30000), None, None)
    """
    known = record_names(program)
    own = known.objects[object_]
    wanted = [program.fields[object_][name] for name in names]
    labels = _labels(known, object_)
    if labels is None or not labels.fields:
        return _never
    source = _Source()
    source.chooser(wanted, labels)
    scope = source.run()
    full, sparse = scope["full"], scope["sparse"]
    count = len(labels.fields)
    label_by = labels.all_of(own)

    def read(record: Mapping[str, object]) -> tuple[Value | None, ...] | None:
        if type(record) is not dict:
            return None
        try:
            if len(record) == count:
                try:
                    return full(record)  # type: ignore[no-any-return]  # a function that was written
                except KeyError:
                    pass
            found = sparse(record)
            if found is None:
                plain = {label_by[key]: value for key, value in record.items()}
                found = sparse(plain) if len(plain) == len(record) else None
        except Exception:
            # As in `FastReader.below`.
            return None
        return found  # type: ignore[no-any-return]  # a function that was written

    return read


def _never(record: Mapping[str, object]) -> None:
    """No answer."""

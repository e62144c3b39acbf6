"""A ledger file, whatever its format, as records to evaluate and everything that could not be read.

Why this exists: one door for .json, .jsonl, .csv (one table of projects), a folder of CSV files named by object, and
.xlsx. Formats differ in how they hold rows; what a ledger is, is said in `policyrules.records.joins`.

Invariants: nothing here raises for what a file holds; every record of ``Ledger.records`` builds without a problem.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from policyrules.program.nodes import Program
from policyrules.records.build import build_instance
from policyrules.records.cells import fold_word
from policyrules.records.csv_files import read_text, table_of
from policyrules.records.joins import Ledger, RawRecord, read_tables
from policyrules.records.names import Shape, near_names, shape_of
from policyrules.records.problems import RecordProblem, shown, small
from policyrules.records.tables import Table
from policyrules.records.workbook import read_workbook

__all__ = ["Ledger", "RawRecord", "read_json", "read_ledger"]

SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_TEXT_TABLES: Final = (".csv", ".tsv", ".txt")
_MOST_DIGITS: Final = 60


def read_ledger(path: str | Path, program: Program) -> Ledger:
    """The ledger at ``path``: a file, by its suffix, or a folder of CSV files named by object (``项目.csv``, ``资金.csv``).

    JSON holds a list of records, or ``{"项目": [...], "县": {...}}``; JSON lines one record a line. Never raises for what
    is in the file: `Ledger.problems` says what could not be read, `Ledger.notes` what was not used.
    """
    ledger = _read(Path(path), program)
    if ledger.records or ledger.set_aside or ledger.problems or ledger.notes:
        return ledger
    # Silence about an empty file would look like a ledger in which everything is in order.
    return replace(ledger, notes=("里面没有一条记录（只有表头，或者是空的）",))


def _read(path: Path, program: Program) -> Ledger:
    shape = shape_of(program)
    if path.is_dir():
        return _read_folder(path, program, shape)
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        text = read_text(path, path.name)
        if isinstance(text, RecordProblem):
            return Ledger(problems=(text,))
        return read_json(text, path.name, program, shape, lines=suffix != ".json")
    if suffix in _TEXT_TABLES:
        table = _read_csv(path, shape.record, path.name)
        return (
            Ledger(problems=(table,))
            if isinstance(table, RecordProblem)
            else read_tables([table], program, shape=shape)
        )
    if suffix in (".xlsx", ".xlsm"):
        tables, problems, notes = read_workbook(path, path.name)
        if problems:
            return Ledger(problems=problems, notes=notes)
        ledger = read_tables(tables, program, shape=shape)
        return replace(ledger, notes=(*notes, *ledger.notes))
    if suffix in (".xls", ".et", ".ods"):
        expected = "这种表格格式读不了，请用表格软件另存为 .xlsx"
    else:
        expected = f"台账文件的后缀应为 {'、'.join(SUFFIXES[:5])} 或 .xlsx"
    return Ledger(problems=(RecordProblem("E507", "", None, expected, file=path.name),))


# ---- CSV ------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, name: str, file: str) -> Table | RecordProblem:
    text = read_text(path, file)
    return text if isinstance(text, RecordProblem) else table_of(text, name, file)


def _read_folder(path: Path, program: Program, shape: Shape) -> Ledger:
    tables: list[Table] = []
    problems: list[RecordProblem] = []
    notes: list[str] = []
    for file in sorted(path.iterdir(), key=lambda entry: entry.name):
        if file.is_file() and file.suffix.lower() in _TEXT_TABLES:
            table = _read_csv(file, file.stem, file.name)
            if isinstance(table, RecordProblem):
                problems.append(table)
            else:
                tables.append(table)
        elif not file.name.startswith("."):
            notes.append(f"“{file.name}”不是 CSV 文件，没有读入")
    if problems:
        # A list that cannot be read must not pass for one that was not supplied.
        return Ledger(problems=tuple(problems), notes=tuple(notes))
    if not tables:
        expected = f"文件夹里没有 CSV 文件；每个对象一个文件，如“{shape.record}.csv”"
        return Ledger(problems=(RecordProblem("E507", "", None, expected, file=path.name),))
    ledger = read_tables(tables, program, shape=shape)
    return replace(ledger, notes=(*notes, *ledger.notes))


# ---- JSON -----------------------------------------------------------------------------------------------------------


class _Repeated(dict[str, object]):
    """A JSON object in which a key stands twice; ``key`` is the first such."""

    key: str = ""


def read_json(text: str, file: str, program: Program, shape: Shape | None = None, *, lines: bool = False) -> Ledger:
    """The records of a JSON text; numbers are read as decimals, never as binary floating point."""
    shape = shape or shape_of(program)
    reader = _JsonReader(program, shape, file)
    if lines:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                found = reader.parse(line, number)
                if not isinstance(found, _Failed):
                    reader.take(found, number, {})
    else:
        reader.document(text)
    return reader.ledger()


class _Failed:
    """Stands for a text that is no JSON: the reader has reported it."""


def _decode(text: str) -> object:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = dict(items)
        if len(found) == len(items):
            return found
        seen: set[str] = set()
        repeated = _Repeated(found)
        for key, _ in items:
            if key in seen:
                repeated.key = key
                break
            seen.add(key)
        return repeated

    # Python refuses to read integers of some thousand digits; as texts they are reported where they stand.
    return json.loads(
        text,
        parse_float=lambda digits: Decimal(digits) if len(digits) <= _MOST_DIGITS else digits,
        parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else digits,
        object_pairs_hook=pairs,
    )


class _JsonReader:
    """Takes records one after the other, and remembers their numbers."""

    def __init__(self, program: Program, shape: Shape, file: str) -> None:
        self.program = program
        self.shape = shape
        self.file = file
        self.records: list[RawRecord] = []
        self.aside: list[RawRecord] = []
        self.problems: list[RecordProblem] = []
        self.notes: dict[str, None] = {}
        self.seen: dict[str, int] = {}

    def ledger(self) -> Ledger:
        return Ledger(tuple(self.records), tuple(self.aside), tuple(self.problems), tuple(self.notes))

    def refuse(self, code: str, path: str, value: object, expected: str, row: int | None = None) -> None:
        self.problems.append(RecordProblem(code, path, small(value), expected, file=self.file, row=row))

    def parse(self, text: str, row: int | None = None) -> object:
        try:
            return _decode(text.lstrip("\ufeff"))
        except json.JSONDecodeError as error:
            place = row if row is not None else error.lineno
            self.refuse("E507", "", None, f"不是合格的 JSON：第 {place} 行第 {error.colno} 个字符处读不下去", place)
        except (RecursionError, ValueError, ArithmeticError):
            self.refuse("E507", "", None, "不是合格的 JSON：嵌套过深，或有写不成数的数", row)
        return _Failed()

    def document(self, text: str) -> None:
        found = self.parse(text)
        if isinstance(found, _Failed):
            return
        shared: dict[str, object] = {}
        records: object = found
        if isinstance(found, Mapping):
            records = self._of_mapping(found, shared)
        if not isinstance(records, list):
            self.refuse("E502", self.shape.record, records, "一个列表，每项是一条记录")
            return
        for number, record in enumerate(records, start=1):
            self.take(record, number, shared)

    def _of_mapping(self, found: Mapping[str, object], shared: dict[str, object]) -> object:
        kind = self.shape.objects[self.shape.record].kind if self.shape.record else None
        keys = [] if kind is None else [key for key in (kind.name, kind.key) if key in found]
        if not keys:
            # One record alone.
            return [found]
        if len(keys) == 2:
            self.refuse("E503", self.shape.record, "、".join(keys), "只写一处")
        owner = self.shape.objects[self.shape.owners[0]].kind if self.shape.owners else None
        for key, value in found.items():
            if key in keys:
                continue
            if owner is not None and key in (owner.name, owner.key):
                shared[owner.name] = value
            else:
                known = [*keys, *((owner.name, owner.key) if owner is not None else ())]
                self.notes[f"文件最外层的“{key}”没有用上{near_names(key, tuple(known))}"] = None
        return found[keys[0]]

    def take(self, record: object, number: int, shared: dict[str, object]) -> None:
        """One record, ``number``-th of the file; ``shared`` is the county given for the whole file."""
        if isinstance(record, Mapping) and shared and self.shape.owners:
            owner = self.shape.objects[self.shape.owners[0]].kind
            if record.get(owner.name) is None and record.get(owner.key) is None:
                county = self._county(shared[owner.name], record, number)
                if county is not None:
                    record = {**record, owner.name: county}
        instance, problems, notes = build_instance(self.program, record, shape=self.shape)
        for note in notes:
            self.notes[note] = None
        mapping = dict(record) if isinstance(record, Mapping) else {}
        doubled = [
            RecordProblem("E503", path, f"“{key}”写了两次", "每个字段只写一次", set_aside=True)
            for path, key in _repeated(record)
        ]
        if instance is None or doubled:
            found = [*problems, *doubled]
            self.problems.extend(replace(problem, file=self.file, row=number) for problem in found)
            identity = next((problem.record for problem in found if problem.record), "")
            readable = _without(self.program, mapping, self.shape)
            self.aside.append(RawRecord(readable, identity, self.file, "", number))
            return
        raw = RawRecord(mapping, instance.identity, self.file, "", number)
        key = fold_word(instance.identity)
        if key and key in self.seen:
            expected = f"与第 {self.seen[key]} 条的编号相同，只评前一条，这一条没有评"
            name = self.shape.objects[self.shape.record].kind.identity or self.shape.record
            self.problems.append(
                RecordProblem(
                    "E505", name, instance.identity, expected, self.file, "", number, "", instance.identity, True
                )
            )
            same = {same.field for statistic in self.program.statistics.values() for same in statistic.same}
            names = {name for found in same for name in (found.name, found.key)}
            self.aside.append(replace(raw, mapping={name: value for name, value in mapping.items() if name in names}))
            return
        if key:
            self.seen[key] = number
        self.records.append(raw)

    def _county(self, counties: object, record: Mapping[str, object], number: int) -> object:
        """The county of ``record``: the one given, or of several the one that the record names."""
        if not isinstance(counties, list):
            return counties
        owner = self.shape.owners[0]
        link = self.shape.link(owner)
        names = self.shape.link_names(owner)
        named = next(
            (value for key, value in record.items() if fold_word(key[:200]) in names and isinstance(value, str)), ""
        )
        for county in counties:
            if isinstance(county, Mapping) and link is not None:
                given = county.get(link.name, county.get(link.key))
                if isinstance(given, str) and named and fold_word(given) == fold_word(named):
                    return county
        reason = shown(named) if named else "空"
        self.notes[f"第 {number} 条的{owner}是{reason}，对不上给出的任何一个{owner}，{owner}的情况按未提供处理"] = None
        return None


def _repeated(record: object) -> Iterator[tuple[str, str]]:
    """Paths and keys that stand twice in one JSON object, at any depth a record has."""
    pending: list[tuple[str, object, int]] = [("", record, 0)]
    while pending:
        path, found, depth = pending.pop()
        if isinstance(found, _Repeated):
            yield path or found.key, found.key
        inner: Iterable[tuple[str, object]] = ()
        if isinstance(found, Mapping):
            inner = ((f"{path}.{key}" if path else str(key), value) for key, value in found.items())
        elif isinstance(found, list):
            inner = ((f"{path}[{index}]", value) for index, value in enumerate(found))
        if depth < 16:
            pending.extend((at, value, depth + 1) for at, value in inner if isinstance(value, (Mapping, list)))


def _without(program: Program, mapping: dict[str, object], shape: Shape) -> dict[str, object]:
    """What can be read of a record set aside: each entry that alone makes a record without a problem. Of entries for
    one field that do not agree none is known to be right: all of them stay out."""
    readable: dict[str, object] = {}
    for key, value in mapping.items():
        instance, _, _ = build_instance(program, {key: value}, shape=shape)
        if instance is not None:
            readable[key] = value
    instance, problems, _ = build_instance(program, readable, shape=shape)
    if instance is not None:
        return readable
    twice = {problem.path for problem in problems}
    named = [(kind.kind.name, kind.kind.key) for kind in shape.objects.values()]
    named += [(field.name, field.key) for field in shape.objects[shape.record].fields]
    labels = {fold_word(label) for pair in named if pair[0] in twice for label in pair}
    agreed = {key: value for key, value in readable.items() if fold_word(key[:200]) not in labels}
    return agreed if build_instance(program, agreed, shape=shape)[0] is not None else {}

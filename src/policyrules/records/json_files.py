"""JSON and JSON lines as ledgers.

Why this exists: a list of records, one record alone, records with the county that they share, or one record a line: all
are read here, and what JSON allows and a ledger does not (a key written twice, a number nobody can write) is reported.

Invariants: nothing raises for any text; numbers are decimals, never binary floating point; each record and each county
is read once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from policyrules.diagnostics import CellPlace, Report, shown, unfit
from policyrules.program.nodes import Program
from policyrules.records.build import Built, instance_of, owner_of, possible
from policyrules.records.cells import fold_word
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.names import RecordNames, record_names

_MOST_DIGITS: Final = 60


def read_json(
    text: str, file: str, program: Program, names: RecordNames | None = None, *, lines: bool = False
) -> Ledger:
    """The records of a JSON text, or of a text with one JSON record a line."""
    reader = _JsonReader(program, names or record_names(program), file)
    if lines:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                for found in reader.parse(line, number):
                    reader.take(found, number, None)
    else:
        for found in reader.parse(text):
            reader.document(found)
    return reader.ledger()


class _Repeated(dict[str, object]):
    """A JSON object in which a key stands twice; ``key`` is the first such."""

    key: str = ""


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

    def __init__(self, program: Program, names: RecordNames, file: str) -> None:
        self.program = program
        self.names = names
        self.file = file
        self.records: list[LedgerRecord] = []
        self.aside: list[LedgerRecord] = []
        self.report = Report()
        self.notes: dict[str, None] = {}
        self.seen: dict[str, int] = {}
        self.counties: dict[int, Built | None] = {}

    def ledger(self) -> Ledger:
        return Ledger(tuple(self.records), tuple(self.aside), tuple(self.report.found), tuple(self.notes))

    def broken(self, expected: str, row: int | None) -> None:
        self.report.error("E507", expected, CellPlace(file=self.file, row=row))

    def refuse(self, code: str, value: object, expected: str) -> None:
        self.report.found.append(unfit(code, value, expected, CellPlace(self.names.record, file=self.file)))

    def parse(self, text: str, row: int | None = None) -> list[object]:
        """What ``text`` says; nothing where it is no JSON, which is reported."""
        try:
            return [_decode(text.lstrip("\ufeff"))]
        except json.JSONDecodeError as error:
            place = row if row is not None else error.lineno
            self.broken(f"不是合格的 JSON：第 {place} 行第 {error.colno} 个字符处读不下去", place)
        except (RecursionError, ValueError, ArithmeticError):
            self.broken("不是合格的 JSON：嵌套过深，或有写不成数的数", row)
        return []

    def document(self, found: object) -> None:
        records, counties = self._of_mapping(found) if isinstance(found, Mapping) else (found, None)
        if not isinstance(records, list):
            self.refuse("E502", records, "一个列表，每项是一条记录")
            return
        for number, record in enumerate(records, start=1):
            self.take(record, number, counties)

    def _of_mapping(self, found: Mapping[str, object]) -> tuple[object, object]:
        """The records of a document that is no list, and the counties given beside them."""
        kind = self.names.objects[self.names.record].kind if self.names.record else None
        keys = [] if kind is None else [key for key in (kind.name, kind.key) if key in found]
        if not keys:
            # One record alone.
            return [found], None
        if len(keys) == 2:
            self.refuse("E503", "、".join(keys), "只写一处")
        owner = self.names.objects[self.names.owners[0]].kind if self.names.owners else None
        labels = () if owner is None else (owner.name, owner.key)
        counties = None
        for key, value in found.items():
            if key in labels:
                counties = value
            elif key not in keys:
                self.notes[f"文件最外层的“{key}”没有用上{self.names.near(key, (*keys, *labels))}"] = None
        return found[keys[0]], counties

    def take(self, record: object, number: int, counties: object) -> None:
        """One record, ``number``-th of the file; ``counties`` are given for the whole file."""
        place = CellPlace(file=self.file, row=number)
        shared = self._shared(record, counties, number)
        owner = owner_of(self.names, record) if shared is None else self._read_once(shared)
        instance, problems = instance_of(self.names, record, owner, place)
        self.notes.update(dict.fromkeys(instance.notes))
        doubled = []
        for path, key in (*_repeated(record), *_repeated(shared)):
            twice = replace(place, path=path, set_aside=True)
            doubled.append(unfit("E503", f"“{key}”写了两次", "每个字段只写一次", twice))
        name = self.names.title(record) if isinstance(record, Mapping) and self.names.record else ""
        self.report.found += [*problems, *doubled]
        if problems or doubled:
            identity = next((problem.cell.record for problem in problems if problem.cell.record), "")
            self.aside.append(LedgerRecord(instance, identity, name, self.file, "", number))
            return
        key = fold_word(instance.identity)
        if key and key in self.seen:
            kind = self.names.objects[self.names.record].kind
            expected = f"与第 {self.seen[key]} 条的编号相同，只评前一条，这一条没有评"
            place = replace(place, path=kind.identity or kind.name, value=instance.identity, record=instance.identity)
            self.report.error("E505", expected, replace(place, set_aside=True))
            likely = possible(self.program, self.names, instance.values)
            self.aside.append(LedgerRecord(likely, instance.identity, name, self.file, "", number))
            return
        if key:
            self.seen[key] = number
        self.records.append(LedgerRecord(instance, instance.identity, name, self.file, "", number))

    def _shared(self, record: object, counties: object, number: int) -> dict[str, object] | None:
        """The county given beside the records, as an entry of the one that gives none itself."""
        if not self.names.owners or counties is None or not isinstance(record, Mapping):
            return None
        owner = self.names.objects[self.names.owners[0]].kind
        if record.get(owner.name) is not None or record.get(owner.key) is not None:
            return None
        county = self._county(counties, record, number)
        return None if county is None else {owner.name: county}

    def _read_once(self, shared: dict[str, object]) -> Built | None:
        (county,) = shared.values()
        if id(county) not in self.counties:
            self.counties[id(county)] = owner_of(self.names, shared)
        return self.counties[id(county)]

    def _county(self, counties: object, record: Mapping[str, object], number: int) -> object:
        """The county of ``record``: the one given, or of several the one that the record names."""
        if not isinstance(counties, list):
            return counties
        owner = self.names.owners[0]
        link = self.names.link(owner)
        labels = self.names.link_names(owner)
        named = next(
            (value for key, value in record.items() if fold_word(key[:200]) in labels and isinstance(value, str)), ""
        )
        for county in counties:
            if isinstance(county, Mapping) and link is not None:
                given = county.get(link.name, county.get(link.key))
                if isinstance(given, str) and named and fold_word(given) == fold_word(named):
                    return county
        reason = shown(named or None)
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

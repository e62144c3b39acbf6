"""JSON and JSON lines as ledgers.

Why this exists: a list of records, one record alone, records with the county that they share, or one record a line: all
are read here, and what JSON allows and a ledger does not (a key written twice, a number nobody can write) is reported.

Invariants: nothing raises for any text, and none takes memory without bound; numbers are decimals, never binary floating
point; each record and each county is read once; what stands in a file and cannot be used is reported, never dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, islice
from typing import Final

from policyrules.diagnostics import CellPlace, Report, shown, shown_text, unfit
from policyrules.engine.folding import Shelf
from policyrules.engine.instances import Instance, owner_label, same_content
from policyrules.patience import SMALL
from policyrules.program.nodes import Field, Program
from policyrules.records.build import Built, bare_owner, instance_of, owner_of, possible
from policyrules.records.heads import head_name
from policyrules.records.ledger import Ledger, LedgerRecord, Notes
from policyrules.records.names import Offers, RecordNames, record_names
from policyrules.records.remarked import says_anything
from policyrules.records.sums import is_sum
from policyrules.spelling import fold_word
from policyrules.text import cut_middle
from policyrules.types import value_text

_MOST_DIGITS: Final = 60
MOST_RECORDS: Final = 100_000
"""Of a small file."""
_MOST_RECORDS_OF_MANY: Final = 200_000
_MOST_BROKEN: Final = 1_000
_MOST_PROBLEMS: Final = 300_000
_MOST_VALUES: Final = 5_000_000
_MOST_VALUES_OF_MANY: Final = 40_000_000
_DEEPEST: Final = 100
_DEEPEST_TOLD: Final = 16
_LONGEST_KEY: Final = 60
_MOST_REPEATED: Final = 1_000
"""Keys of one record that are told to stand twice."""
_MOST_OF_OWNER: Final = 5
"""Problems of a county that every record tells which shares it."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def read_json(text: str, file: str, program: Program, names: RecordNames | None = None) -> Ledger:
    """The records of a JSON text."""
    reader = _JsonReader(program, names or record_names(program), file)
    for found in reader.parse(text):
        reader.document(found)
    return reader.ledger()


def read_json_lines(lines: Iterable[str], file: str, program: Program, names: RecordNames | None = None) -> Ledger:
    """The records of a text with one JSON record a line; each line is let go once its record is read."""
    reader = _JsonReader(program, names or record_names(program), file)
    last = 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            if reader.full(last):
                break
            for found in reader.parse(line, number):
                reader.take(found, number, None)
            last = number
    return reader.ledger()


def read_records(
    records: Iterable[object], file: str, program: Program, names: RecordNames, length: int | None = None
) -> Ledger:
    """Records that come one after the other, each with its rows within it, as JSON has them, whatever they were read from;
    numbered from 1. ``length``: how many characters or bytes they come to, more or less; of more than a few they may be
    many. None: of records that are in memory already there may be any number."""
    reader = _JsonReader(program, names, file)
    reader.length = length or 0
    for number, record in enumerate(records, start=1):
        if length is not None and reader.full(number - 1):
            break
        reader.take(record, number, None)
    return reader.ledger()


class _Repeated(dict[str, object]):
    """A JSON object in which a key stands twice; ``key`` is the first such."""

    key: str = ""


def _decode(text: str) -> tuple[object, bool]:
    """What ``text`` says, and whether a key stands twice anywhere in it."""
    twice = False

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal twice
        found: dict[str, object] = dict(items)
        if len(found) == len(items):
            return found
        twice = True
        seen: set[str] = set()
        repeated = _Repeated(found)
        for key, _ in items:
            if key in seen:
                repeated.key = key
                break
            seen.add(key)
        return repeated

    def decimal(digits: str) -> object:
        try:
            return Decimal(digits) if len(digits) <= _MOST_DIGITS else digits
        except ArithmeticError:
            return digits

    # Python refuses to read integers of some thousand digits; as texts they are reported where they stand, and so is what
    # is no number of JSON.
    said = json.loads(
        text,
        parse_float=decimal,
        parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else digits,
        parse_constant=str,
        object_pairs_hook=pairs,
    )
    return said, twice


class _JsonReader:
    """Takes records one after the other, and remembers their numbers."""

    def __init__(self, program: Program, names: RecordNames, file: str) -> None:
        self.program = program
        self.names = names
        self.file = file
        self.records: list[LedgerRecord] = []
        self.aside: list[LedgerRecord] = []
        self.report = Report()
        self.notes = Notes()
        self.offers = Offers()
        self.seen: dict[str, int] = {}
        self.unread = 0
        self.twice = False
        """Whether a key stands twice in anything that was parsed."""
        self.length = self.values = 0
        self.shelf = Shelf(program)
        self.counties = _Counties(self)

    def ledger(self) -> Ledger:
        """All that was read."""
        self.shelf.filled()
        doubtful = self.counties.doubtful
        records = (
            [
                self._waiting(found) if self.counties.name_of(found.instance.parent) in doubtful else found
                for found in self.records
            ]
            if doubtful
            else self.records
        )
        aside = [found for found in records if found.instance.problems]
        records = [found for found in records if not found.instance.problems]
        return Ledger(tuple(records), (*self.aside, *aside), tuple(self.report.found), self.notes.told())

    def _waiting(self, found: LedgerRecord) -> LedgerRecord:
        """A record of which nobody knows what its county is like, set aside."""
        owner = self.names.owners[0]
        expected = f"所属{owner}有两份不同的情况，这一条没有评；改好以后再评"
        place = CellPlace(owner, file=self.file, row=found.row, record=found.identity, set_aside=True)
        self.report.error("E508", expected, place)
        instance = replace(found.instance, parent=bare_owner(self.names), problems=(self.report.found[-1],))
        return replace(found, instance=instance)

    def full(self, number: int) -> bool:
        """Whether no more records are read, which is reported: ``number`` is the place of the last."""
        most = MOST_RECORDS if self.length < SMALL else _MOST_RECORDS_OF_MANY
        if len(self.records) + len(self.aside) >= most:
            self.broken(f"记录超过 {most:,} 条，这一条以后的没有读入；请分成几个文件", number)
        elif self.values > _MOST_VALUES_OF_MANY:
            self.broken(f"内容超过 {_MOST_VALUES_OF_MANY:,} 项，这一条以后的没有读入；请分成几个文件", number)
        elif len(self.report.found) > _MOST_PROBLEMS:
            self.broken(
                f"读不出来的超过 {_MOST_PROBLEMS:,} 处，这一条以后的没有读入；请先改好前面的，或分成几个文件", number
            )
        elif self.unread >= _MOST_BROKEN:
            self.broken(f"读不下去的已有 {_MOST_BROKEN:,} 行，这一行以后的没有读入；请检查是不是一行一条 JSON", number)
        else:
            return False
        return True

    def broken(self, expected: str, row: int | None) -> None:
        self.unread += 1
        self.report.error("E507", expected, CellPlace(file=self.file, row=row))

    def refuse(self, code: str, value: object, expected: str) -> None:
        self.report.found.append(unfit(code, value, expected, CellPlace(self.names.record, file=self.file)))

    def parse(self, text: str, row: int | None = None) -> list[object]:
        """What ``text`` says; nothing where it is no JSON, which is reported."""
        # Each value but the first of its list or group has a comma before it.
        values = text.count(",") + text.count("[") + text.count("{")
        self.length += len(text)
        self.values += values
        if values > _MOST_VALUES:
            self.broken(f"内容超过 {_MOST_VALUES:,} 项，请分成几个文件，或一行一条写成 .jsonl", row)
            return []
        try:
            said, twice = _decode(text.lstrip("\ufeff"))
        except json.JSONDecodeError as error:
            place = row if row is not None else error.lineno
            self.broken(f"不是合格的 JSON：第 {place} 行第 {error.colno} 个字符处读不下去", place)
        except RecursionError:
            line, column = _too_deep(text)
            line = line if row is None else row
            self.broken(f"嵌套过深：从第 {line} 行第 {column} 个字符起超过 {_DEEPEST} 层", line)
        else:
            self.twice = self.twice or twice
            return [said]
        return []

    def document(self, found: object) -> None:
        records, counties = self._of_mapping(found) if isinstance(found, Mapping) else (found, None)
        if not isinstance(records, list):
            self.refuse("E502", records, "一个列表，每项是一条记录")
            return
        self.counties.given(counties)
        for number, record in enumerate(records, start=1):
            if self.full(number - 1):
                break
            self.take(record, number, counties)

    def _numbered(self, found: Mapping[str, object]) -> bool:
        names = self.names.objects[self.names.record]
        fields = (names.field(head_name(names, (), key)[0]) for key in found)
        return any(field is not None and field.name == names.kind.identity for field in fields)

    def _lists_records(self, key: str, value: object) -> bool:
        """Whether records are listed under a name that means nothing here, as {"data": [{…}], "total": 1} of a service."""
        if says_anything(self.names, key) or not isinstance(value, list):
            return False
        return any(isinstance(one, Mapping) and any(says_anything(self.names, own) for own in one) for one in value[:3])

    def _of_mapping(self, found: Mapping[str, object]) -> tuple[object, object]:
        """The records of a document that is no list, and the counties given beside them."""
        kind = self.names.objects[self.names.record].kind if self.names.record else None
        keys = [] if kind is None else [key for key in dict.fromkeys((kind.name, kind.key)) if key in found]
        if kind is not None and not keys and not any(says_anything(self.names, key) for key in found):
            # A list under a name that means nothing here would be lost without a word, as one blank record.
            wanted = f'一个列表，每项是一条记录，或写成 {{"{kind.name}": [ … ]}}；最外层没有一项是规则里的字段'
            self.refuse("E502", "、".join(map(shown_text, list(found)[:3])), wanted)
            return [], None
        if not keys:
            lists = [key for key, value in found.items() if self._lists_records(key, value)]
            if kind is not None and lists and not self._numbered(found):
                key = lists[0]
                wanted = (
                    f'一条记录，或写成 {{"{kind.name}": [ … ]}}；“{shown_text(key)}”里像是一条条记录，整个文件没有读入'
                )
                self.refuse("E502", key, wanted)
                return [], None
            # One record alone.
            return [found], None
        if len(keys) == 2:
            self.refuse("E503", "、".join(keys), "只写一处；整个文件没有读入")
            return [], None
        if isinstance(found, _Repeated):
            # Which of the two holds is not known, and what the first says is gone.
            self.refuse("E503", f"“{found.key}”写了两次", "文件最外层的每一项只写一次；整个文件没有读入")
            return [], None
        owner = self.names.objects[self.names.owners[0]].kind if self.names.owners else None
        labels = () if owner is None else (owner.name, owner.key)
        counties = None
        for key, value in found.items():
            if key in labels:
                if counties is not None and value is not None:
                    self.refuse("E503", "、".join(labels), "只写一处")
                counties = value if value is not None else counties
            elif key not in keys:
                near = self.offers.near(key, (*keys, *labels))
                self.notes.add(f"文件最外层的“{shown_text(key)}”没有用上{near}")
        return found[keys[0]], counties

    def take(self, record: object, number: int, counties: object) -> None:
        """One record, ``number``-th of the file; ``counties`` are given for the whole file."""
        place = CellPlace(file=self.file, row=number)
        before = len(self.report.found)
        owner, repeated = self.counties.of(record, counties, number)
        instance, problems = instance_of(self.names, record, owner, place, self.offers)
        self.notes.add(*instance.notes, *self.counties.otherwise(record, instance.parent, number))
        self.report.found += problems
        for path, key in chain(islice(_repeated(record), _MOST_REPEATED), repeated) if self.twice else ():
            twice = replace(place, path=path, set_aside=True)
            self.report.found.append(unfit("E503", f"“{key}”写了两次", "每个字段只写一次", twice))
        name = self.names.title(record) if isinstance(record, Mapping) and self.names.record else ""
        identity = instance.identity or next((problem.cell.record for problem in problems if problem.cell.record), "")
        key = fold_word(identity)
        earlier = self.seen.setdefault(key, number) if key else number
        if earlier != number:
            kind = self.names.objects[self.names.record].kind
            expected = f"与第 {earlier} 条的编号相同，只评前一条，这一条没有评"
            place = replace(place, path=kind.identity or kind.name, value=identity, record=identity)
            self.report.error("E505", expected, replace(place, set_aside=True))
            instance = possible(self.program, self.names, instance.values)
        if instance.identity and is_sum(instance.identity):
            # Whoever exports a sheet exports its sums: in a table they are known by the cells beside, here they are only told.
            what = self.names.record
            self.notes.add(
                f"第 {number} 条的编号是“{shown_text(identity)}”，像是合计，仍算一个{what}；不是{what}的请删去"
            )
        instance.problems = tuple(self.report.found[before:])
        if instance.problems:
            held = self.aside
        else:
            instance.parent = self.counties.account(instance.parent, number)
            held = self.records
        self.shelf.put_away(instance)
        held.append(LedgerRecord(instance, identity, name, self.file, "", number))


class _Counties:
    """The counties of a file: given beside the records, or within each. ``doubtful``: the folded names of those of which
    two accounts differ."""

    def __init__(self, reader: _JsonReader) -> None:
        self.reader = reader
        self.names = reader.names
        self.link = self.names.link(self.names.owners[0]) if self.names.owners else None
        self.labels = self.names.link_names(self.names.owners[0]) if self.names.owners else ()
        self.doubtful: set[str] = set()
        self._read: dict[int, tuple[Built | None, tuple[tuple[str, str], ...]]] = {}
        self._named: dict[str, object] = {}
        self._accounts: dict[str, tuple[Instance, int]] = {}

    def given(self, counties: object) -> None:
        """Take the counties that stand beside the records: one, or a list."""
        listed = counties if isinstance(counties, list) else [counties]
        for index, county in enumerate(listed):
            if county is not None and not isinstance(county, Mapping):
                self.reader.refuse("E502", county, f"{self.names.owners[0]}的情况，即一组“字段：值”")
                continue
            name = self._said(county, self.link)
            earlier = self._named.setdefault(fold_word(name), county)
            if earlier is not county and earlier != county:
                self._differ(name, CellPlace(f"{self.names.owners[0]}[{index}]", file=self.reader.file))

    def of(self, record: object, counties: object, number: int) -> tuple[Built | None, tuple[tuple[str, str], ...]]:
        """The county of a record, and the keys that stand twice in it where it is shared: the record's own account of
        it, or of those beside the records the one that the record names, or the only one where either is silent."""
        owner = self.names.objects[self.names.owners[0]].kind if self.names.owners else None
        own = isinstance(record, Mapping) and owner is not None and (record.get(owner.name), record.get(owner.key))
        if owner is None or counties is None or not isinstance(record, Mapping) or own != (None, None):
            return owner_of(self.names, record, self.reader.offers), ()
        named = self._said(record, None)
        county = self._named.get(fold_word(named)) if named else None
        if county is None and len(self._named) == 1 and (not named or "" in self._named):
            (county,) = self._named.values()
        if county is None:
            reason = shown(named or None)
            self.reader.notes.add(
                f"第 {number} 条的{owner.name}是{reason}，对不上给出的任何一个{owner.name}，{owner.name}的情况按未提供处理"
            )
            return owner_of(self.names, record, self.reader.offers), ()
        found = self._read.get(id(county))
        if found is None:
            shared = {owner.name: county}
            twice = tuple(islice(_repeated(shared), _MOST_REPEATED))
            found = owner_of(self.names, shared, self.reader.offers), twice
            # The first record tells all of it; the others share it.
            self._read[id(county)] = _briefly(found[0], owner.name, number), twice[:_MOST_OF_OWNER]
        return found

    def otherwise(self, record: object, county: Instance | None, number: int) -> Iterator[str]:
        """That a record names another county than the one it brings along."""
        named, brought = self._said(record, None), self.name_of(county)
        if named and brought and county is not None and fold_word(named) != brought:
            own = owner_label(county)
            yield f"第 {number} 条写的{county.object}是“{shown_text(named)}”，带来的却是“{shown_text(own)}”的情况；照带来的算，请核对"

    def account(self, county: Instance | None, number: int) -> Instance | None:
        """Compare what a record says of its county with what an earlier one said; that of the earlier one where they say the same."""
        name = self.name_of(county)
        if county is None or not name:
            return county
        earlier, first = self._accounts.setdefault(name, (county, number))
        if earlier is county or same_content(earlier, county):
            return earlier
        if name not in self.doubtful:
            place = CellPlace(self.names.owners[0], file=self.reader.file, row=number)
            self._differ(name, place, f"第 {first} 条和这一条")
        return county

    def name_of(self, county: Instance | None) -> str:
        """The folded name of a county; empty where it has none."""
        value = county.values.get(self.link.name) if county is not None and self.link is not None else None
        return fold_word(value_text(value, self.link.type)) if value is not None and self.link is not None else ""

    def _said(self, mapping: object, link: Field | None) -> str:
        """The name of a county as an account of it says (``link``: the field), or as a record names its own."""
        if not isinstance(mapping, Mapping):
            return ""
        labels = self.labels if link is None else (fold_word(link.name), fold_word(link.key))
        found = (value for key, value in mapping.items() if fold_word(key[:200]) in labels and isinstance(value, str))
        return next(found, "")

    def _differ(self, name: str, place: CellPlace, where: str = "与前面一份") -> None:
        owner = self.names.owners[0]
        self.doubtful.add(fold_word(name))
        expected = f"{where}说的是同一个{owner}（{shown_text(name) or '没有写名称'}），内容却不同，不知道以哪一份为准"
        self.reader.report.error("E505", expected, replace(place, value=shown_text(name)))


def _too_deep(text: str) -> tuple[int, int]:
    """Line and column of the bracket that opens one level too many."""
    depth, at = 0, 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        at = token.start()
        if depth > _DEEPEST:
            break
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _briefly(owner: Built | None, name: str, number: int) -> Built | None:
    """A county of which no more is told than its first problems, for the ``number``-th record has told them all."""
    if owner is None or len(owner[1]) <= _MOST_OF_OWNER:
        return owner
    first, *others = owner[1][:_MOST_OF_OWNER]
    said = f"；这个{name}另有 {len(owner[1]) - _MOST_OF_OWNER} 处读不出来，见第 {number} 条"
    return owner[0], (replace(first, remedy=first.expected + said), *others)


def _repeated(record: object) -> Iterator[tuple[str, str]]:
    """Paths and keys that stand twice in one JSON object, at any depth a record has; what is long of a key is cut."""
    pending: list[tuple[str, object, int]] = [("", record, 0)]
    while pending:
        path, found, depth = pending.pop()
        if isinstance(found, _Repeated):
            key = cut_middle(found.key, _LONGEST_KEY)
            yield path or key, key
        if depth >= _DEEPEST_TOLD:
            continue
        if isinstance(found, Mapping):
            lead = f"{path}." if path else ""
            pending.extend(
                (lead + cut_middle(str(key), _LONGEST_KEY), value, depth + 1)
                for key, value in found.items()
                if isinstance(value, (Mapping, list))
            )
        elif isinstance(found, list):
            pending.extend(
                (f"{path}[{index}]", value, depth + 1)
                for index, value in enumerate(found)
                if isinstance(value, (Mapping, list))
            )

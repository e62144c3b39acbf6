"""Tables joined into the records of a ledger, with every row accounted for.

Why this exists: workbooks and folders of CSV files hold one table an object; the rules for reading a header, converting
units, joining rows to their project and setting bad rows aside are the same for both and live here, without any format.

How a ledger is read:

* a table absent: the list was not supplied (unknown). A table present without rows for a project: known to be empty;
* a row that cannot be read sets its project aside: a project is never evaluated as if a row of it were absent. A row of
  the county, or of its lists, sets aside every project of that county, for the same reason;
* of two rows with one project number the first is kept, the second is set aside and reported;
* with one county its tables need no county column; with several, projects name theirs (所在县).

Invariants: every data row ends in a record, in a record set aside, in a problem, or in a note; nothing raises. The
mappings of records hold values as `policyrules.records.cells.written_value` writes them, so that `build_instance` reads them back
to the same values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from policyrules.program.nodes import Field, Program
from policyrules.records.cells import fold_word, is_blank, written_value
from policyrules.records.names import Shape, near_names, shape_of
from policyrules.records.problems import RecordProblem, shown
from policyrules.records.tables import Row, Sheet, Table, TableReader, located, table_problem
from policyrules.spelling import nearest
from policyrules.types import Kind, Value, value_text

OWN_SHEETS: Final = frozenset({"填写说明", "选项"})
"""Sheets of our own templates that hold no records."""

_MOST_COMPARED: Final = 50_000


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record of a ledger: its mapping for `build_instance`, and where it stood. For a record set aside ``mapping``
    is what could be read of it: what could not is blank there, lists with an unreadable row are not supplied."""

    mapping: dict[str, object]
    identity: str
    file: str = ""
    sheet: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that a ledger holds: ``records`` to evaluate, ``set_aside`` those that cannot be, the ``problems`` that say why,
    and ``notes`` (columns not used, sheets not read)."""

    records: tuple[RawRecord, ...] = ()
    set_aside: tuple[RawRecord, ...] = ()
    problems: tuple[RecordProblem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def portfolio(self) -> tuple[dict[str, object], ...]:
        """The members that statistics should count over: every record, and what could be read of those set aside. A
        project that cannot be evaluated then counts as possible, and no threshold is missed in silence."""
        return tuple(record.mapping for record in (*self.records, *self.set_aside))


def read_tables(tables: Sequence[Table], program: Program, *, shape: Shape | None = None) -> Ledger:
    """The records that ``tables`` hold together."""
    shape = shape or shape_of(program)
    if not shape.record:
        return Ledger(problems=(RecordProblem("E506", "", None, "这套规则没有声明任何对象，读不了台账"),))
    joiner = _Joiner(program, shape)
    joiner.read(tables)
    return joiner.ledger()


# ---- which table holds which object ---------------------------------------------------------------------------------


def _sheet_words(name: str) -> list[str]:
    """What a sheet may be called: 项目, 1.项目, 项目表, 项目台账, 二、资产明细."""
    word = fold_word(name)
    bare = re.sub(r"^[(]?[0-9一二三四五六七八九十]{1,3}[)、.．_-]+", "", word)
    words = [word, bare]
    for end in ("明细表", "情况表", "信息表", "清单", "台账", "明细", "情况", "信息", "表"):
        if bare.endswith(end) and len(bare) > len(end):
            words.append(bare[: -len(end)])
    return words


def object_of_sheet(name: str, shape: Shape) -> str | None:
    """The object whose rows a sheet or file called ``name`` holds; None where the name says nothing."""
    known = {
        fold_word(label): kind.kind.name for kind in shape.objects.values() for label in (kind.kind.key, kind.kind.name)
    }
    return next((known[word] for word in _sheet_words(name) if word in known), None)


class _Joiner:
    """Collects rows, joins them to their parents, and sorts records from those set aside."""

    def __init__(self, program: Program, shape: Shape) -> None:
        self.program = program
        self.shape = shape
        self.problems: list[RecordProblem] = []
        self.notes: list[str] = []
        self.reader = TableReader(shape, self.problems, self.notes)
        self.sheets: dict[str, Sheet] = {}
        # Rows of projects by the county they name that the ledger knows nothing of.
        self.strays: dict[str, list[int]] = {}
        self.compared = 0
        self.records: list[RawRecord] = []
        self.aside: list[RawRecord] = []

    def ledger(self) -> Ledger:
        return Ledger(tuple(self.records), tuple(self.aside), tuple(self.problems), tuple(dict.fromkeys(self.notes)))

    def read(self, tables: Sequence[Table]) -> None:
        found = self._assign(tables)
        for object_, table in found.items():
            self.sheets[object_] = self.reader.read_sheet(table, object_)
        record = self.shape.record
        if record not in self.sheets:
            expected = f"一张名为“{record}”的表，一行一个{record}"
            self.problems.append(
                RecordProblem("E506", "", None, f"没有找到{expected}", file=tables[0].file if tables else "")
            )
            return
        self._join_below(record)
        owners = self._owners()
        self._finish(owners)

    def _assign(self, tables: Sequence[Table]) -> dict[str, Table]:
        found: dict[str, Table] = {}
        rest: list[Table] = []
        for table in tables:
            object_ = object_of_sheet(table.name, self.shape)
            if object_ is None:
                if table.name not in OWN_SHEETS:
                    rest.append(table)
            elif table.hidden:
                self.notes.append(f"工作表“{table.name}”是隐藏的，没有读入；要用它，请先取消隐藏")
            elif object_ in found:
                expected = f"每个对象只有一张表：“{found[object_].name}”和“{table.name}”都像是{object_}，只读了前一张"
                self.problems.append(RecordProblem("E506", "", table.name, expected, file=table.file, sheet=table.name))
            else:
                found[object_] = table
        record = self.shape.record
        if record not in found:
            # A workbook with one sheet is often left with the name the software gave it.
            likely = [table for table in rest if not table.hidden and self.reader.header_of(table, record)[1] >= 2]
            if len(likely) == 1:
                found[record] = likely[0]
                rest.remove(likely[0])
                self.notes.append(f"没有名为“{record}”的表，按表头把“{likely[0].name}”当作{record}表读入")
        for table in rest:
            if any(not is_blank(cell) for _, cells in table.rows for cell in cells):
                hidden = "（隐藏）" if table.hidden else ""
                near = near_names(table.name, tuple(self.shape.objects))
                self.notes.append(f"工作表“{table.name}”{hidden}不是规则里的对象，没有读入{near}")
        return found

    # ---- joins ------------------------------------------------------------------------------------------------------

    def _join_below(self, object_: str) -> None:
        """Give every row of ``object_`` the rows of the tables below it."""
        for child in self.shape.objects[object_].kind.children:
            if child not in self.sheets or child == self.shape.record or child in self.shape.owners:
                continue
            self._join_below(child)
            sheet = self.sheets[child]
            if not sheet.usable or object_ not in self.sheets:
                continue
            parents: dict[str, Row] = {}
            for row in self.sheets[object_].rows:
                if row.identity:
                    parents.setdefault(fold_word(row.identity), row)
                    # A row without a number cannot be found by its rows: its lists stay unknown.
                    row.lists.setdefault(child, [])
            for row in sheet.rows:
                owner = parents.get(fold_word(row.link)) if row.link else None
                if owner is not None:
                    owner.lists[child].append(row)
                else:
                    self._orphan(row, object_, [parent.identity for parent in parents.values()])

    def _orphan(self, row: Row, parent: str, known: list[str]) -> None:
        self.problems.extend(row.problems)
        if any(problem.path.endswith(f".{self._link_name(parent)}") for problem in row.problems):
            return
        if not row.link:
            expected = f"这一行没有填“{self._link_name(parent)}”，不知道属于哪个{parent}，没有读入"
        else:
            # Comparing every stray row with every number would take minutes where a whole sheet does not match.
            self.compared += len(known)
            near = nearest(row.link, known, 1) if self.compared <= _MOST_COMPARED else []
            hint = f"，是不是“{near[0]}”？" if near else ""
            expected = f"没有编号为“{shown(row.link)[1:-1]}”的{parent}，这一行没有读入{hint}"
        table = row.table
        self.problems.append(
            RecordProblem(
                "E504", self._link_name(parent), row.link or None, expected, table.file, table.name, row.number
            )
        )

    def _link_name(self, object_: str) -> str:
        link = self.shape.link(object_)
        return link.name if link is not None else object_

    def _owners(self) -> dict[str, Row]:
        """The counties by folded name; '' is the one county that a ledger without a county column is about."""
        owners: dict[str, Row] = {}
        if not self.shape.owners:
            return owners
        name = self.shape.owners[0]
        link = self.shape.link(name)
        sheet = self.sheets.get(name)
        for row in sheet.rows if sheet is not None else ():
            value = row.values.get(link.name) if link is not None else None
            row.identity = "" if value is None or link is None else value_text(value, link.type)
            key = fold_word(row.identity)
            if key in owners:
                expected = f"两行说的是同一个{name}（{row.identity or '没有写名称'}），没有读入这一行"
                # Which of the two holds is not known: neither is used, and nothing of that county is evaluated.
                problem = RecordProblem(
                    "E505", self._link_name(name), row.identity, expected, row.table.file, row.table.name, row.number
                )
                owners[key].problems.append(problem)
            else:
                owners[key] = row
        for child in self.shape.objects[name].kind.children:
            below = self.sheets.get(child)
            if below is None or child == self.shape.record or child in self.shape.owners:
                continue
            self._join_below(child)
            if not below.usable or (not below.linked and len(owners) > 1):
                if below.usable:
                    expected = f"有 {len(owners)} 个{name}，这张表却没有“{self._link_name(name)}”列，不知道每一行属于哪个{name}"
                    self.reader.refuse(below.table, expected)
                for owner in owners.values() or [owners.setdefault("", Row(below.table, 0, {}, "", "", []))]:
                    owner.problems.append(table_problem(below.table, f"“{child}”表没有读入，{name}的情况不全"))
                continue
            for row in below.rows:
                only = next(iter(owners.values())) if len(owners) == 1 and (not row.link or "" in owners) else None
                listed = sheet is not None and sheet.rows
                if only is not None:
                    owner = only
                elif fold_word(row.link) in owners or not listed:
                    # Without a table of counties, the counties are those that the rows name.
                    fresh = Row(below.table, row.number, self._named(link, row.link), "", row.link, [])
                    owner = owners.setdefault(fold_word(row.link), fresh)
                else:
                    self._orphan(row, name, [known.identity for known in owners.values()])
                    continue
                owner.lists.setdefault(child, []).append(row)
            for owner in owners.values():
                owner.lists.setdefault(child, [])
        return owners

    @staticmethod
    def _named(link: Field | None, text: str) -> dict[str, Value]:
        return {link.name: text} if link is not None and link.type.kind is Kind.TEXT else {}

    def _owner_of(self, row: Row, owners: dict[str, Row]) -> Row | None:
        """The county of a project: the one it names, or the only one there is where either of them is silent."""
        if not owners:
            return None
        names = self.shape.link_names(self.shape.owners[0])
        shape = self.shape.objects[self.shape.record]
        named = next((f for f in shape.fields if fold_word(f.name) in names or fold_word(f.key) in names), None)
        value = row.values.get(named.name) if named is not None else None
        text = value_text(value, named.type) if value is not None and named is not None else ""
        if text and fold_word(text) in owners:
            return owners[fold_word(text)]
        if len(owners) == 1 and (not text or "" in owners):
            return next(iter(owners.values()))
        self.strays.setdefault(text, []).append(row.number)
        return None

    def _note_strays(self) -> None:
        """One note for all projects whose county is not in the ledger, however many they are."""
        for text, numbers in self.strays.items():
            owner = self.shape.owners[0]
            rows = "、".join(map(str, numbers[:5])) + (f" 等 {len(numbers)}" if len(numbers) > 5 else "")
            reason = f"“{shown(text)[1:-1]}”" if text else "空"
            self.notes.append(
                f"“{self.shape.record}”表第 {rows} 行的{owner}是{reason}，对不上{owner}表里的任何一行，{owner}的情况按未提供处理"
            )

    # ---- results ----------------------------------------------------------------------------------------------------

    def _finish(self, owners: dict[str, Row]) -> None:
        record = self.shape.record
        seen: dict[str, Row] = {}
        identity = self.shape.objects[record].kind.identity
        unnumbered: list[int] = []
        told: set[int] = set()
        used: set[int] = set()
        below = [child for child in self.shape.objects[record].kind.children if child in self.sheets]
        for row in self.sheets[record].rows:
            if not row.identity and identity is not None and below and not row.problems:
                unnumbered.append(row.number)
            earlier = seen.get(fold_word(row.identity)) if row.identity else None
            if row.identity:
                seen.setdefault(fold_word(row.identity), row)
            owner = self._owner_of(row, owners)
            used.add(id(owner))
            if earlier is not None:
                expected = f"与第 {earlier.number} 行的编号相同，只评前一行，这一行没有评"
                problem = RecordProblem("E505", identity or record, row.identity, expected)
                self.problems.extend(replace(p, set_aside=True, record=row.identity) for p in row.problems)
                self.problems.append(located(problem, row, None, set_aside=True))
                self._set_aside(row, self._shared_keys(row), None)
                continue
            own = row.unreadable()
            if own or (owner is not None and owner.unreadable()):
                self._tell(row, row)
                if not own and owner is not None:
                    expected = f"所属{self.shape.owners[0]}的数据有读不出来的，这个{record}没有评；改好以后再评"
                    problem = RecordProblem("E508", self.shape.owners[0], None, expected)
                    self.problems.append(located(problem, row, None, set_aside=True))
                self._set_aside(row, None, owner)
            else:
                self.records.append(self._record(row, owner))
            if owner is not None and owner.unreadable() and id(owner) not in told:
                told.add(id(owner))
                self._tell_owner(owner)
        if unnumbered:
            rows = "、".join(map(str, unnumbered[:5])) + (f" 等 {len(unnumbered)}" if len(unnumbered) > 5 else "")
            self.notes.append(f"“{record}”表第 {rows} 行没有{identity}，{'、'.join(below)}对不上它，按未提供处理")
        self._note_strays()
        for owner in owners.values():
            if owner.unreadable() and id(owner) not in told:
                self._tell_owner(owner)
            elif id(owner) not in used:
                self.notes.append(f"没有一个{record}属于“{owner.identity}”这个{self.shape.owners[0]}，它的情况没有用上")

    def _tell(self, row: Row, project: Row) -> None:
        """Report what of a project cannot be read; a bad row below it says that the whole project waits for it."""
        for problem in row.problems:
            expected = problem.expected
            if row is not project:
                expected += f"；{self.shape.record}“{project.identity}”因此整个没有评"
            self.problems.append(replace(problem, record=project.identity, set_aside=True, expected=expected))
        for rows in row.lists.values():
            for child in rows:
                self._tell(child, project)

    def _tell_owner(self, row: Row) -> None:
        for problem in row.problems:
            expected = f"{problem.expected}；这个{self.shape.owners[0]}的{self.shape.record}因此都没有评"
            self.problems.append(replace(problem, expected=expected))
        for rows in row.lists.values():
            for child in rows:
                self._tell_owner(child)

    def _record(self, row: Row, owner: Row | None) -> RawRecord:
        mapping = self._mapping(row, self.shape.record)
        if owner is not None:
            mapping[self.shape.owners[0]] = self._mapping(owner, self.shape.owners[0])
        return RawRecord(mapping, row.identity, row.table.file, row.table.name, row.number)

    def _set_aside(self, row: Row, mapping: dict[str, object] | None, owner: Row | None) -> None:
        if mapping is None:
            mapping = self._record(row, owner).mapping
        self.aside.append(RawRecord(mapping, row.identity, row.table.file, row.table.name, row.number))

    def _shared_keys(self, row: Row) -> dict[str, object]:
        """What statistics group a duplicate by: it counts as possible in its group, for nobody knows which row holds."""
        keys = {same.field.name for statistic in self.program.statistics.values() for same in statistic.same}
        return {name: value for name, value in self._mapping(row, self.shape.record).items() if name in keys}

    def _mapping(self, row: Row, object_: str) -> dict[str, object]:
        shape = self.shape.objects[object_]
        mapping: dict[str, object] = {}
        for found in shape.fields:
            if found.name in row.values:
                mapping[found.name] = written_value(row.values[found.name], found)
        for child, rows in row.lists.items():
            if not any(below.problems for below in rows):
                mapping[child] = [self._mapping(below, child) for below in rows]
        return mapping

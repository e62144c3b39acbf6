"""Tables joined into the records of a ledger, with every row accounted for.

Why this exists: workbooks and folders of CSV files hold one table an object; the rules for reading a header, converting
units, joining rows to their project and setting bad rows aside are the same for both and live here, without any format.

How a ledger is read:

* a table absent: the list was not supplied (unknown). A table present without rows for a project: known to be empty;
* a row that cannot be read sets its project aside: a project is never evaluated as if a row of it were absent. So does, in
  a file that people keep, a row beneath its rows that names no project. A row of the county, or of its lists, sets aside
  every project of that county, for the same reason;
* of two rows with one project number the first is kept, the second is set aside and reported;
* with one county its tables need no county column; with several, projects name theirs (所在县).

Invariants: every data row ends in a record, in a record set aside, in a finding, or in a note; nothing raises. A county
is one instance, whichever of its projects is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, Report, moved, shown, shown_text
from policyrules.engine.folding import Shelf
from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, Program
from policyrules.records.build import bare_owner, possible
from policyrules.records.cells import is_blank
from policyrules.records.ledger import Ledger, LedgerRecord, Notes
from policyrules.records.names import RecordNames, near_names, record_names
from policyrules.records.table_rows import TableReader
from policyrules.records.tables import Row, Sheet, Table, some_rows
from policyrules.spelling import affordable, fold_word, nearest
from policyrules.types import Kind, Value, value_text

OWN_SHEETS: Final = frozenset({"填写说明", "选项"})
"""Sheets of our own templates that hold no records."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Rows of the same ledger that are read elsewhere, and of which nothing is to be reported. ``identities``: of an
    object, the numbers of such rows; ``owners``: what such records name as their owner, each with their row numbers."""

    identities: Callable[[str], Sequence[str]]
    owners: Mapping[Value | None, Callable[[], Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of tables. ``read``: by object, the numbers of the rows that are rows of it; ``owners``: of what records
    beside them name, the owner, None where it cannot be read, and records that belong to it wait; ``leaning``: what some rows
    are hangs on all others of their table."""

    ledger: Ledger
    read: Mapping[str, frozenset[int]]
    owners: Mapping[Value | None, Instance | None]
    leaning: bool = False


def read_tables(
    tables: Sequence[Table], program: Program, *, names: RecordNames | None = None, once: bool = False
) -> Ledger:
    """The records that ``tables`` hold together. ``once``: nobody reads the tables again."""
    return _joined(tables, program, names or record_names(program), Beside(lambda object_: (), {}), once).ledger()


def join_tables(tables: Sequence[Table], program: Program, names: RecordNames, beside: Beside) -> Joined:
    """As `read_tables`, of a ledger of which other rows are read elsewhere."""
    joiner = _joined(tables, program, names, beside, numbered=True)
    leaning = any(sheet.leaning for sheet in joiner.sheets.values())
    return Joined(joiner.ledger(), joiner.numbers, joiner.beside_owners, leaning)


def _joined(
    tables: Sequence[Table],
    program: Program,
    names: RecordNames,
    beside: Beside,
    once: bool = False,
    numbered: bool = False,
) -> _Joiner:
    joiner = _Joiner(program, names, beside)
    if names.record:
        joiner.read(tables, once, numbered)
    else:
        joiner.report.error("E506", "这套规则没有声明任何对象，读不了台账", CellPlace())
    return joiner


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


def object_of_sheet(name: str, names: RecordNames) -> str | None:
    """The object whose rows a sheet or file called ``name`` holds; None where the name says nothing."""
    known = {
        fold_word(label): kind.kind.name for kind in names.objects.values() for label in (kind.kind.key, kind.kind.name)
    }
    return next((known[word] for word in _sheet_words(name) if word in known), None)


class _Joiner:
    """Collects rows, joins them to their parents, and sorts records from those set aside."""

    def __init__(self, program: Program, names: RecordNames, beside: Beside) -> None:
        self.program = program
        self.beside = beside
        self.beside_owners: dict[Value | None, Instance | None] = {}
        self.names = names
        self.report = Report()
        self.notes = Notes()
        self.shelf = Shelf(program)
        self.reader = TableReader(names, self.report, self.notes, self.shelf)
        self.sheets: dict[str, Sheet] = {}
        self.numbers: dict[str, frozenset[int]] = {}
        # Rows of projects by the county they name that the ledger knows nothing of.
        self.strays: dict[str, list[int]] = {}
        self.records: list[LedgerRecord] = []
        self.aside: list[LedgerRecord] = []
        self.counties: dict[int, Instance] = {}

    def ledger(self) -> Ledger:
        """All that was read."""
        self.shelf.filled()
        return Ledger(tuple(self.records), tuple(self.aside), tuple(self.report.found), self.notes.told())

    def read(self, tables: Sequence[Table], once: bool, numbered: bool) -> None:
        """Read them. ``once``: nobody reads them again; ``numbered``: somebody asks for the numbers of their rows."""
        for object_, table in self._assign(tables).items():
            self.sheets[object_] = self.reader.read_sheet(table, object_)
            if once:
                table.let_go()
            if numbered:
                self.numbers[object_] = frozenset(row.number for row in self.sheets[object_].rows)
        record = self.names.record
        if record not in self.sheets:
            place = CellPlace(file=tables[0].file if tables else "")
            self.report.error("E506", f"没有找到一张名为“{record}”的表，一行一个{record}", place)
            return
        self._join_below(record)
        owners = self._owners()
        self._finish(owners)

    def _assign(self, tables: Sequence[Table]) -> dict[str, Table]:
        found: dict[str, Table] = {}
        rest: list[Table] = []
        for table in tables:
            object_ = object_of_sheet(table.name, self.names)
            if object_ is None:
                if table.name not in OWN_SHEETS:
                    rest.append(table)
            elif table.hidden:
                self.notes.add(f"工作表“{table.name}”是隐藏的，没有读入；要用它，请先取消隐藏")
            elif object_ in found:
                both = f"“{found[object_].name}”和“{table.name}”"
                place = replace(table.place(), value=table.name)
                self.report.error("E506", f"每个对象只有一张表：{both}都像是{object_}，只读了前一张", place)
            else:
                found[object_] = table
        record = self.names.record
        if record not in found:
            # A workbook with one sheet is often left with the name the software gave it.
            likely = [table for table in rest if not table.hidden and self.reader.header_of(table, record)[1] >= 2]
            if len(likely) == 1:
                found[record] = likely[0]
                rest.remove(likely[0])
                self.notes.add(f"没有名为“{record}”的表，按表头把“{likely[0].name}”当作{record}表读入")
        for table in rest:
            if any(not is_blank(cell) for _, cells in table.rows for cell in cells):
                hidden = "（隐藏）" if table.hidden else ""
                near = near_names(table.name, tuple(self.names.objects))
                self.notes.add(f"工作表“{table.name}”{hidden}不是规则里的对象，没有读入{near}")
        return found

    # ---- joins ------------------------------------------------------------------------------------------------------

    def _join_below(self, object_: str) -> None:
        """Give every row of ``object_`` the rows of the tables below it."""
        for child in self.names.rows_of(object_):
            if child not in self.sheets:
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
                    row.rows(child)
            # Whoever keeps rows in a file sees them in their order.
            ordered = sheet.table.epoch is not None or bool(sheet.table.delimiter)
            above: Row | None = None
            for row in sheet.rows:
                owner = parents.get(fold_word(row.link)) if row.link else None
                if owner is not None:
                    owner.rows(child).append(row)
                    above = owner
                elif ordered and above is not None and not row.link and not self._link_unread(row, object_):
                    row.refuse(self._unnamed(row, object_, above))
                    above.rows(child).append(row)
                else:
                    self._orphan(row, object_, parents)
                    above = None
            # They are with their parents now, and go with them.
            sheet.rows = []

    def _orphan(self, row: Row, parent: str, parents: Mapping[str, Row]) -> None:
        self.report.found.extend(row.problems)
        if self._link_unread(row, parent):
            return
        if not row.link:
            expected = f"这一行没有填“{self._link_name(parent)}”，不知道属于哪个{parent}，没有读入"
        else:
            beside, findings = self.beside.identities(parent), len(self.report.found)
            near = []
            if affordable(findings, len(parents) + len(beside)):
                near = nearest(row.link, [*(own.identity for own in parents.values()), *beside], 1, findings=findings)
            hint = f"，是不是“{near[0]}”？" if near else ""
            expected = f"没有编号为“{shown_text(row.link)}”的{parent}，这一行没有读入{hint}"
        place = replace(row.table.place(row.number), path=self._link_name(parent), value=row.link or None)
        self.report.error("E504", expected, place)

    def _link_unread(self, row: Row, parent: str) -> bool:
        """Whether what a row says of its parent cannot be read."""
        return any(problem.cell.path.endswith(f".{self._link_name(parent)}") for problem in row.problems)

    def _unnamed(self, row: Row, parent: str, above: Row) -> Diagnostic:
        """That a row names no parent: beneath rows of one it is most likely one more of its rows, and that one waits for it."""
        name = self._link_name(parent)
        expected = (
            f"这一行没有填“{name}”，像是和上面一行同属“{shown_text(above.identity)}”；空着的不按上一行算，请每行都填"
        )
        return Diagnostic("E504", expected, row.at(CellPlace(path=name)))

    def _link_name(self, object_: str) -> str:
        link = self.names.link(object_)
        return link.name if link is not None else object_

    def _owners(self) -> dict[str, Row]:
        """The counties by folded name; '' is the one county that a ledger without a county column is about."""
        owners: dict[str, Row] = {}
        if not self.names.owners:
            return owners
        name = self.names.owners[0]
        link = self.names.link(name)
        sheet = self.sheets.get(name)
        for row in sheet.rows if sheet is not None else ():
            value = row.value(link.name) if link is not None else None
            row.identity = "" if value is None or link is None else value_text(value, link.type)
            key = fold_word(row.identity)
            if key in owners:
                expected = f"两行说的是同一个{name}（{row.identity or '没有写名称'}），没有读入这一行"
                # Which of the two holds is not known: neither is used, and nothing of that county is evaluated.
                place = replace(row.table.place(row.number), path=self._link_name(name), value=row.identity)
                owners[key].refuse(Diagnostic("E505", expected, place))
            else:
                owners[key] = row
        for child in self.names.rows_of(name):
            below = self.sheets.get(child)
            if below is None:
                continue
            self._join_below(child)
            if not below.usable or (not below.linked and len(owners) > 1):
                if below.usable:
                    expected = f"有 {len(owners)} 个{name}，这张表却没有“{self._link_name(name)}”列，不知道每一行属于哪个{name}"
                    self.report.error("E506", expected, below.table.place())
                for owner in owners.values() or [owners.setdefault("", Row(below.table, 0, {}, "", "", []))]:
                    message = f"“{child}”表没有读入，{name}的情况不全"
                    owner.refuse(Diagnostic("E506", message, below.table.place()))
                continue
            for row in below.rows:
                only = next(iter(owners.values())) if len(owners) == 1 and (not row.link or "" in owners) else None
                listed = sheet is not None and sheet.rows
                if only is not None:
                    owner = only
                elif fold_word(row.link) in owners or not listed:
                    # Without a table of counties, the counties are those that the rows name.
                    named: dict[str, Value] = {link.name: row.link} if link and link.type.kind is Kind.TEXT else {}
                    fresh = Row(below.table, row.number, named, "", row.link, [])
                    owner = owners.setdefault(fold_word(row.link), fresh)
                else:
                    self._orphan(row, name, owners)
                    continue
                owner.rows(child).append(row)
            for owner in owners.values():
                owner.rows(child)
        return owners

    def _owner_field(self) -> Field | None:
        """The field in which a project names its county."""
        labels = self.names.link_names(self.names.owners[0]) if self.names.owners else ()
        fields = self.names.objects[self.names.record].fields
        return next((f for f in fields if fold_word(f.name) in labels or fold_word(f.key) in labels), None)

    def _owner_of(self, row: Row, owners: dict[str, Row], named: Field | None) -> Row | None:
        """The county of a project: the one it names, or the only one there is where either of them is silent."""
        if not owners:
            return None
        value = row.value(named.name) if named is not None else None
        return self._named(value, owners, named, lambda: (row.number,))

    def _named(
        self,
        value: Value | None,
        owners: dict[str, Row],
        named: Field | None,
        numbers: Callable[[], Sequence[int]],
    ) -> Row | None:
        text = value_text(value, named.type) if value is not None and named is not None else ""
        if text and fold_word(text) in owners:
            return owners[fold_word(text)]
        if len(owners) == 1 and (not text or "" in owners):
            return next(iter(owners.values()))
        self.strays.setdefault(text, []).extend(numbers())
        return None

    def _find_beside(self, owners: dict[str, Row], named: Field | None, used: set[int]) -> None:
        """The owners of the records that are read elsewhere."""
        bare = bare_owner(self.names)
        for value, numbers in self.beside.owners.items():
            owner = self._named(value, owners, named, numbers) if owners else None
            used.add(id(owner))
            if owner is None:
                self.beside_owners[value] = bare
            else:
                self.beside_owners[value] = None if owner.unreadable() else self._owner_instance(owner)

    def _note_strays(self) -> None:
        """One note for all projects whose county is not in the ledger, however many they are."""
        strays = [(text, sorted(numbers)) for text, numbers in self.strays.items()]
        for text, numbers in sorted(strays, key=lambda stray: stray[1][0]):
            owner = self.names.owners[0]
            reason = shown(text or None)
            self.notes.add(
                f"“{self.names.record}”表第 {some_rows(numbers)} 行的{owner}是{reason}，对不上{owner}表里的任何一行，{owner}的情况按未提供处理"
            )

    # ---- results ----------------------------------------------------------------------------------------------------

    def _finish(self, owners: dict[str, Row]) -> None:
        record = self.names.record
        seen: dict[str, int] = {}
        identity = self.names.objects[record].kind.identity
        named = self._owner_field()
        unnumbered: list[int] = []
        told: set[int] = set()
        used: set[int] = set()
        below = [child for child in self.names.objects[record].kind.children if child in self.sheets]
        for row in self.sheets[record].rows:
            if not row.identity and identity is not None and not row.problems:
                unnumbered.append(row.number)
            earlier = seen.get(fold_word(row.identity)) if row.identity else None
            if row.identity:
                seen.setdefault(fold_word(row.identity), row.number)
            owner = self._owner_of(row, owners, named)
            used.add(id(owner))
            before = len(self.report.found)
            if earlier is not None:
                self.report.found.extend(moved(p, set_aside=True, record=row.identity) for p in row.problems)
                expected = f"与第 {earlier} 行的编号相同，只评前一行，这一行没有评"
                place = CellPlace(identity or record, row.identity)
                self.report.error("E505", expected, row.at(place, set_aside=True))
                likely = possible(self.program, self.names, row.values)
                likely.problems = tuple(self.report.found[before:])
                self.aside.append(self._located(row, likely, row.values))
                row.let_go()
                continue
            own = row.unreadable()
            if own or (owner is not None and owner.unreadable()):
                self._tell(row, row)
                if not own:
                    expected = f"所属{self.names.owners[0]}的数据有读不出来的，这个{record}没有评；改好以后再评"
                    self.report.error("E508", expected, row.at(CellPlace(self.names.owners[0]), set_aside=True))
                aside = self._record(row, owner)
                aside.instance.problems = tuple(self.report.found[before:])
                self.aside.append(aside)
            else:
                self.records.append(self._record(row, owner))
            if owner is not None and owner.unreadable() and id(owner) not in told:
                told.add(id(owner))
                self._tell_owner(owner)
            row.let_go()
        self._find_beside(owners, named, used)
        if unnumbered and below:
            self.notes.add(
                f"“{record}”表第 {some_rows(unnumbered)} 行没有{identity}，{'、'.join(below)}对不上它，按未提供处理"
            )
        elif unnumbered and self.sheets[record].numbered:
            self.notes.add(
                f"“{record}”表第 {some_rows(unnumbered)} 行没有{identity}，照样读入了；如果不是{record}（如分项、汇总），请删去这一行"
            )
        self._note_strays()
        for owner in owners.values():
            if owner.unreadable() and id(owner) not in told:
                self._tell_owner(owner)
            elif id(owner) not in used:
                self.notes.add(f"没有一个{record}属于“{owner.identity}”这个{self.names.owners[0]}，它的情况没有用上")

    def _tell(self, row: Row, project: Row) -> None:
        """Report what of a project cannot be read; a bad row below it says that the whole project waits for it."""
        for problem in row.problems:
            if row is not project:
                problem = _adding(problem, f"；{self.names.record}“{project.identity}”因此整个没有评")
            self.report.found.append(moved(problem, record=project.identity, set_aside=True))
        for rows in row.lists.values():
            for child in rows:
                self._tell(child, project)

    def _tell_owner(self, row: Row) -> None:
        more = f"；这个{self.names.owners[0]}的{self.names.record}因此都没有评"
        self.report.found.extend(_adding(problem, more) for problem in row.problems)
        for rows in row.lists.values():
            for child in rows:
                self._tell_owner(child)

    def _record(self, row: Row, owner: Row | None) -> LedgerRecord:
        parent = bare_owner(self.names) if owner is None else self._owner_instance(owner)
        instance = self._instance(row, self.names.record, self.names.record, parent)
        instance.layers = self.names.parts
        return self._located(row, instance, instance.values)

    def _located(self, row: Row, instance: Instance, values: Mapping[str, Value]) -> LedgerRecord:
        name, table = self.names.title(values), row.table
        self.shelf.put_away(instance)
        return LedgerRecord(instance, row.identity, name, table.file, table.name, row.number)

    def _owner_instance(self, row: Row) -> Instance:
        if id(row) not in self.counties:
            name = self.names.owners[0]
            self.counties[id(row)] = self._instance(row, name, name, bare_owner(self.names, 1))
        return self.counties[id(row)]

    def _instance(self, row: Row, object_: str, path: str, parent: Instance | None) -> Instance:
        """The instance of ``row`` and the rows below it; a list with an unreadable row is not supplied."""
        names = self.names.objects[object_]
        values = row.values
        number = values.get(names.kind.identity or "")
        identity = "" if number is None else value_text(number, names.by_name[names.kind.identity or ""].type)
        instance = Instance(object_, values, {}, parent, path, identity)
        lead = "" if path in (self.names.record, *self.names.owners) else f"{path}."
        for child in names.kind.children:
            rows = row.lists.get(child)
            if rows is not None and not any(below.problems for below in rows):
                instance.rows[child] = tuple(
                    self._instance(below, child, f"{lead}{child}[{index}]", instance)
                    for index, below in enumerate(rows)
                )
        return instance


def _adding(problem: Diagnostic, more: str) -> Diagnostic:
    """The finding, which says besides what follows from it."""
    if problem.remedy is None:
        return replace(problem, message=problem.message + more)
    return replace(problem, remedy=problem.remedy + more)

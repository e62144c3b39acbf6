"""Results as tables: what stands in the sheets of a workbook, or in the CSV files beside each other.

Why this exists: results go back to people who keep ledgers in workbooks. One set of tables serves CSV and Excel: 结果
(one row a project), 逐项结果 (one row a value of a decision, with what it rests on and which offices answer for it), 发现
(duties, prohibitions, notices), 缺项 (what is not known and who would know it), 未读入 (what of the ledger could not be
read, so that nothing is lost), 要处理 (what is violated, late or open, to be acted on).

Invariants: the same outcomes give the same tables; no text starts like a formula, and none is longer than `LONGEST`: long
lists have rows of their own; what is said of a county has one row; nothing here evaluates, beyond asking an outcome for
what it lacks. Tables name documents as people do. Outcomes are let go as they are read: a run of them becomes a
`TablePart`, plain rows that travel between processes, and parts in the ledger's order become the tables.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, Generic, Protocol, Self, TypeAlias, TypeVar

from policyrules.codes import CODES
from policyrules.diagnostics import Diagnostic, shown
from policyrules.engine.instances import nameless
from policyrules.explanation import Blank, told_apart
from policyrules.program.nodes import Citation
from policyrules.records.export import exact_cell
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.spool import Rows, Spool
from policyrules.records.tasks import Task, places, sources, tasks_of
from policyrules.records.wording import NOT_ASKED, holders_text
from policyrules.records.workbook import SheetPlan
from policyrules.results import STATUS_NAMES, DecisionResult, Finding, Outcome, ValueSources, is_open, objects_of
from policyrules.text import cut

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
KIND_NAMES: Final[dict[str, str]] = {"duty": "义务", "prohibition": "禁令", "notice": "提示"}
_BLANK_NAMES: Final[dict[str, str]] = {
    "field": "字段未填",
    "rows": "明细未提供",
    "portfolio": "没有提供全部台账",
    "parameter": "参数未设",
    "recognition": "须认定",
    "conflict": "结论冲突，须先解决",
    "presumption": "推定不一致",
    "undefined": "算不出来",
    "calendar": "节假日没有列出",
}


LONGEST: Final = 200
"""How many characters a cell of a table may have, for people to read it in its column."""
_LONGEST_QUOTE: Final = 60
_MOST_LINES: Final = 1 << 20
"""So many bytes of lines of a table stay in memory."""
_MOST_KEPT: Final = 20_000
_BAD, _OPEN = "FFF8D7DA", "FFFFF3CD"
_COLOURS: Final = {"违反": _BAD, "逾期": _BAD, "冲突": _OPEN, "待定": _OPEN}
TABLES: Final = ("结果", "逐项结果", "发现", "缺项", "未读入", "要处理")
"""The names of the tables, in their order."""

_Cell: TypeAlias = str | int | Decimal | datetime.date | None
_Cells: TypeAlias = tuple[_Cell, ...]
_Pairs: TypeAlias = Iterable[tuple[Outcome, LedgerRecord | None]]
Documents: TypeAlias = Mapping[str, str]
"""What the document of each layer is called, by the layer's id."""
NO_NAMES: Final[Documents] = {}
_Mark: TypeAlias = Hashable | None
_T = TypeVar("_T")


def escape_formula(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: an apostrophe before = + - @, tab and line ends, and before
    their full-width forms, which spreadsheets fold.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("盘活")
    ("'=HYPERLINK(1)", '盘活')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def result_tables(
    outcomes: Sequence[Outcome],
    ledger: Ledger | None = None,
    documents: Documents = NO_NAMES,
    notes: Sequence[str] = (),
) -> tuple[SheetPlan, ...]:
    """结果, 逐项结果, 发现, 缺项, 未读入, 要处理, in this order; always all, so that an older file never passes for a new one.
    Cells are texts that no spreadsheet takes for formulas, ints, dates or None."""
    with ResultTables(Path(tempfile.gettempdir())) as tables:
        tables.add(TableMaker(documents).part(zip(outcomes, sources(outcomes, ledger), strict=True)))
        plans = tables.plans(tasks_of(outcomes, ledger), ledger, documents, notes)
        return tuple(replace(plan, rows=tuple(plan.rows)) for plan in plans)


# ---- parts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """How a decision stands in 结果. ``amount``: with a column for numbers and one for what is open; ``unit``: of these."""

    amount: bool
    unit: str


@dataclass(frozen=True, slots=True)
class _ResultRow:
    """One row of 结果 before its head is known: ``decisions`` by name, ``below`` by the label of their column."""

    lead: _Cells
    decisions: dict[str, tuple[_Column, _Cells]]
    below: dict[str, _Cell]
    rest: _Cells


@dataclass(frozen=True, slots=True)
class _OpenRow:
    """A row of 要处理 about a result that is open, before it is known which places have a column."""

    lead: _Cells
    places: dict[str, _Cell]
    rest: _Cells


@dataclass(slots=True)
class TablePart:
    """The rows that a run of outcomes gives. What is said of a county is marked, since the next part may say it again. ``lines``: rows
    of a table whose head is known beforehand as they stand in a file, in lots."""

    results: list[_ResultRow] = field(default_factory=list)
    values: list[_Cells] = field(default_factory=list)
    findings: list[tuple[_Mark, _Cells]] = field(default_factory=list)
    missing: list[tuple[_Mark, list[_Cells]]] = field(default_factory=list)
    open: list[tuple[_Mark, _OpenRow]] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)
    lines: dict[str, list[tuple[_Mark, bytes]]] = field(default_factory=dict)
    told: set[tuple[str, _Mark]] = field(default_factory=set)

    def is_new(self, table: str, said: _Said) -> bool:
        """Whether a table has not said it yet: what several records bring along of their county comes with the first."""
        return _is_new(self.told, table, _mark(said))

    def __reduce__(self) -> tuple[type[TablePart], tuple[object, ...]]:
        # What was told stands in the rows.
        return TablePart, (
            self.results,
            self.values,
            self.findings,
            self.missing,
            self.open,
            self.places,
            self.lines,
        )

    def lined(self, written: Callable[[Iterable[_Cells]], bytes]) -> TablePart:
        """The same, with the rows of 逐项结果, 发现 and 缺项 ``written`` as lines: whoever made them does it, and whoever puts the parts
        together has nothing to do but to copy."""
        values: list[tuple[_Mark, Sequence[_Cells]]] = [(None, self.values)]
        findings = [(mark, [cells]) for mark, cells in self.findings]
        lines: dict[str, list[tuple[_Mark, bytes]]] = {}
        for table, lots in (("逐项结果", values), ("发现", findings), ("缺项", self.missing)):
            lines[table] = [
                (mark, written(chain.from_iterable(rows for _, rows in lot)))
                for mark, lot in groupby(lots, key=itemgetter(0))
            ]
        return TablePart(self.results, open=self.open, places=self.places, lines=lines)


def _is_new(told: set[tuple[str, _Mark]], table: str, mark: _Mark) -> bool:
    if mark is None:
        return True
    known = (table, mark) in told
    told.add((table, mark))
    return not known


class TableMaker:
    """Makes parts. ``documents``: what the document of each layer is called (its id where it is not among them)."""

    def __init__(self, documents: Documents = NO_NAMES) -> None:
        self._documents = documents
        self._cite = _Cite(documents)
        self._kept: dict[Hashable, tuple[object, _Cells]] = {}

    def __reduce__(self) -> tuple[type[TableMaker], tuple[Documents]]:
        # What is kept is known by where it lies.
        return TableMaker, (self._documents,)

    def part(self, pairs: _Pairs) -> TablePart:
        """The rows of some outcomes, each with the record behind it."""
        part = TablePart()
        for outcome, source in pairs:
            self.add(part, outcome, source)
        return part

    def add(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, *, asked: bool = True) -> None:
        """Put the rows of one more outcome, with the record behind it, to a part. Not ``asked``: of what is open in it is said
        that nobody looked for what it lacks."""
        self._result(part, outcome, source, asked)
        self._values(part, outcome, source, asked)
        self._findings(part, outcome, source, asked)
        unasked = []
        for said in _parts(outcome):
            if said.shared is None:
                if asked and (rows := _missing_rows(outcome, source, said)):
                    part.missing.append((None, rows))
                elif not asked and is_open(said):
                    unasked.append(said.name)
            elif part.is_new("缺项", said):
                told = asked or not is_open(said)
                rows = _missing_rows(outcome, source, said) if told else [_unasked_row(outcome, source, said)]
                part.missing.append((_mark(said), rows))
        if unasked:
            part.missing.append((None, [_safe((outcome.identity, _name(source), listed(unasked), *_UNASKED))]))
        lying = places(source.instance) if source is not None else {}
        part.places.update(dict.fromkeys(lying))
        several: dict[str, list[DecisionResult]] = {}
        for result in (result for one in objects_of(outcome) for result in one):
            if part.is_new("要处理", result) and not result.many and result.status in ("undetermined", "conflict"):
                if asked or result.shared is not None:
                    part.open.append((_mark(result), self._open(outcome, source, result, lying, asked)))
                else:
                    several.setdefault(STATUS_NAMES[result.status], []).append(result)
        lead = (outcome.identity, _name(source))
        own = dict(zip(lying, _safe(lying.values()), strict=True)) if several else {}
        for status, results in several.items():
            for named, cited in self._together([(_called(outcome, one), one.citations) for one in results]):
                rest = (status, named, None, cited, None, None, None, NOT_ASKED, None)
                part.open.append((None, _OpenRow(_safe(lead), own, _safe(rest))))

    def _result(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        decisions: dict[str, tuple[_Column, _Cells]] = {}
        deciding: dict[Blank, None] = {}
        for name, result in outcome.decisions.items():
            cited, status = self._cite.places(result.citations), STATUS_NAMES[result.status]
            if result.kind:
                open_ = result.text if result.status in ("undetermined", "conflict") else None
                column = _Column(True, result.unit or ("%" if result.kind == "比例" else ""))
                decisions[name] = column, _safe((_number_cell(result), status, open_, cited))
            else:
                decisions[name] = _PLAIN, _safe((_in_short(result), status, cited))
            if asked:
                deciding.update(dict.fromkeys(result.missing.deciding))
        texts: dict[str, list[str]] = {}
        for label, text in _below(outcome):
            texts.setdefault(label, []).append(text)
        below = dict(zip(texts, _safe(listed(said, "；") for said in texts.values()), strict=True))
        # What is said of the county is not this record's doing.
        own = [finding for finding in outcome.findings if finding.shared is None]
        broken = [f.name for f in own if f.status in ("violated", "overdue")]
        unverified = [f.name for f in own if f.status == "unverified"]
        lacking: Iterable[str] = map(str, told_apart(deciding))
        if not asked and any(map(is_open, outcome.decisions.values())):
            lacking = (NOT_ASKED,)
        told = (listed(words, "；") for words in (broken, unverified, lacking, outcome.notes))
        lead = _safe((outcome.identity, _name(source), _place(source)))
        part.results.append(_ResultRow(lead, decisions, below, _safe((*told, outcome.as_of))))

    def _values(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        lead = _safe((outcome.identity, _name(source)))
        for one in objects_of(outcome):
            for result in one:
                open_: list[tuple[str, tuple[Citation, ...]]] = []
                for value in result.by_value.values():
                    if asked or value.certain:
                        part.values.append((*lead, *self._value(result, value)))
                    else:
                        open_.append((value.value, value.citations))
                for named, cited in self._together(open_):
                    cells = (result.label, result.name, named, "待定", None, cited, None, None)
                    part.values.append((*lead, *_safe(cells)))

    def _value(self, result: DecisionResult, value: ValueSources) -> _Cells:
        key = result.label, result.name, id(value)
        kept = self._kept.get(key)
        if kept is None:
            cells = (
                result.label,
                result.name,
                value.value,
                "确定" if value.certain else "待定",
                value.tone,
                self._cite.places(value.citations),
                self._cite.quote(value.citations),
                listed(value.offices),
            )
            kept = self._keep(key, value, _safe(cells))
        return kept[1]

    def _findings(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        """What of a record is to be verified has a row each where what it lacks was asked for, else it stands together."""
        lead = _safe((outcome.identity, _name(source)))
        together: list[tuple[str, tuple[Citation, ...]]] = []
        for finding in outcome.findings:
            if finding.status == "not_applicable":
                continue
            if not asked and finding.status == "unverified" and finding.shared is None:
                together.append((_called(outcome, finding), finding.citations))
            elif finding.shared is None or part.is_new("发现", finding):
                whose = lead if finding.shared is None else _safe(_whose(outcome, source, finding))
                part.findings.append((_mark(finding), (*whose, *self._finding(finding))))
        for named, cited in self._together(together):
            cells = (named, None, STATUS_NAMES["unverified"], None, None, cited, None, None, NOT_ASKED)
            part.findings.append((None, (*lead, *_safe(cells))))

    def _finding(self, finding: Finding) -> _Cells:
        key = (
            finding.name,
            finding.status,
            finding.label,
            finding.due,
            finding.clauses,
            finding.message,
            finding.reason,
        )
        kept = self._kept.get(key)
        if kept is None:
            cells = (
                finding.name,
                KIND_NAMES[finding.kind],
                STATUS_NAMES[finding.status],
                finding.label,
                finding.due,
                self._cite.places(finding.citations),
                self._cite.quote(finding.citations),
                listed(finding.offices),
                finding.message or (f"理由：{finding.reason}" if finding.reason else None),
            )
            kept = self._keep(key, None, _safe(cells))
        return kept[1]

    def _keep(self, key: Hashable, by: object, cells: _Cells) -> tuple[object, _Cells]:
        """Keep cells for the next that has the same; ``by``: what has to stay for the key to hold."""
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        kept = self._kept[key] = by, cells
        return kept

    def _together(self, said: Sequence[tuple[str, tuple[Citation, ...]]]) -> Iterator[tuple[str, str | None]]:
        """Names, in as few cells as hold them, and with each cell the places that those in it cite."""
        names: list[str] = []
        cited: list[tuple[Citation, ...]] = []
        length = 0
        for name, citations in said:
            if names and length + len(name) + 1 > LONGEST:
                yield "、".join(names), self._places(cited)
                names, cited, length = [], [], 0
            names.append(name)
            cited.append(citations)
            length += len(name) + 1
        if names:
            yield "、".join(names), self._places(cited)

    def _places(self, cited: Iterable[tuple[Citation, ...]]) -> str | None:
        return listed(filter(None, map(self._cite.places, cited)))

    def _open(
        self,
        outcome: Outcome,
        source: LedgerRecord | None,
        result: DecisionResult,
        lying: Mapping[str, str],
        asked: bool,
    ) -> _OpenRow:
        found = told_apart(result.missing.deciding) if asked else ()
        rest = (
            STATUS_NAMES[result.status],
            result.name,
            None if result.path in ("", outcome.path) else result.label,
            self._cite.places(result.citations),
            self._cite.quote(result.citations),
            None,
            None,
            listed((str(replace(blank, holders=())) for blank in found), "；") if asked else NOT_ASKED,
            listed(filter(None, (holders_text(blank.holders, blank.kind) for blank in found))),
        )
        own = dict(zip(lying, _safe(lying.values()), strict=True))
        return _OpenRow(_safe(_whose(outcome, source, result)), own, _safe(rest))


_PLAIN: Final = _Column(False, "")


class _Said(Protocol):
    """A finding or a decision: what it is called, of what, and what is equal wherever the same county is meant."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def shared(self) -> Hashable | None: ...
    @property
    def label(self) -> str: ...


def _mark(said: _Said) -> _Mark:
    return None if said.shared is None else (said.name, said.status, said.shared)


def _called(outcome: Outcome, said: DecisionResult | Finding) -> str:
    """What is said, and of what where that is not the record."""
    path = said.target if isinstance(said, Finding) else said.path
    return said.name if path in ("", outcome.path) else f"{said.label}·{said.name}"


def _whose(outcome: Outcome, source: LedgerRecord | None, part: _Said) -> tuple[str | None, str | None]:
    """Number and name of the record that ``part`` is of; neither for what is said of its county, where that has a name."""
    if part.shared is None or nameless(part.shared, part.label):
        return outcome.identity, _name(source)
    return None, None


def _parts(outcome: Outcome) -> Iterator[DecisionResult | Finding]:
    for part in objects_of(outcome):
        yield from part.decisions.values()
    yield from outcome.findings


def _missing_rows(outcome: Outcome, source: LedgerRecord | None, part: DecisionResult | Finding) -> list[_Cells]:
    missing = part.missing
    if not missing.relevant:
        return []
    purpose = _called(outcome, part)
    deciding = set(missing.deciding)
    lead = _safe((*_whose(outcome, source, part), purpose))
    return [(*lead, *_safe(_blank_cells(blank, blank in deciding))) for blank in missing.relevant]


def _unasked_row(outcome: Outcome, source: LedgerRecord | None, part: DecisionResult | Finding) -> _Cells:
    return _safe((*_whose(outcome, source, part), f"{part.label}·{part.name}", *_UNASKED))


_UNASKED: Final = (None, None, NOT_ASKED, None, None)
"""What stands in 缺项 of results that are open where nobody looked for what they lack."""


def _blank_cells(blank: Blank, deciding: bool) -> tuple[str | None, ...]:
    what = _BLANK_NAMES[blank.kind] + (f"：{blank.detail}" if blank.detail else "")
    return (
        blank.label or blank.object or None,
        blank.name,
        what,
        "、".join(blank.holders) or None,
        "是" if deciding else None,
    )


def _below(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Decisions on the rows of an outcome, as (column, text), in the order of the rows."""
    for row in objects_of(outcome)[1:]:
        for result in row.decisions.values():
            yield f"{row.object}·{result.name}", f"{row.label}：{result.text}"


# ---- tables ---------------------------------------------------------------------------------------------------------


class ResultTables:
    """The tables of parts that come in the ledger's order; a context. ``folder``: where rows may wait on the disk."""

    def __init__(self, folder: Path) -> None:
        self._results = Spool[_ResultRow](folder)
        self._values = Spool[_Cells](folder)
        self._findings = Spool[_Cells](folder)
        self._missing = Spool[_Cells](folder)
        self._open = Spool[_OpenRow](folder)
        self.lines = {table: Spool[bytes](folder, _MOST_LINES, len) for table in ("逐项结果", "发现", "缺项")}
        self._columns: dict[str, _Column] = {}
        self._below: dict[str, None] = {}
        self._places: dict[str, None] = {}
        self._told: set[tuple[str, _Mark]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spool in (self._results, self._values, self._findings, self._missing, self._open):
            spool.close()
        for lines in self.lines.values():
            lines.close()

    def add(self, part: TablePart) -> None:
        """The rows of the next outcomes."""
        for row in part.results:
            for name, (column, _) in row.decisions.items():
                if column.amount or name not in self._columns:
                    self._columns[name] = column
            self._below.update(dict.fromkeys(row.below))
            self._results.append(row)
        for cells in part.values:
            self._values.append(cells)
        for mark, cells in part.findings:
            if _is_new(self._told, "发现", mark):
                self._findings.append(cells)
        for mark, rows in part.missing:
            if _is_new(self._told, "缺项", mark):
                for cells in rows:
                    self._missing.append(cells)
        for mark, open_ in part.open:
            if _is_new(self._told, "要处理", mark):
                self._open.append(open_)
        for table, lots in part.lines.items():
            for mark, text in lots:
                if _is_new(self._told, table, mark):
                    self.lines[table].append(text)
        self._places.update(part.places)

    def plans(
        self, tasks: Rows[Task], ledger: Ledger | None, documents: Documents, notes: Sequence[str]
    ) -> tuple[SheetPlan, ...]:
        """All tables, in the order of `TABLES`. ``tasks``: what has to be done; ``notes``: what holds of all results."""
        problems = ledger.problems if ledger is not None else ()
        return (
            self._result_table(),
            _plan("逐项结果", _VALUE_HEADER, self._values),
            _plan("发现", _FINDING_HEADER, self._findings, coloured="结果"),
            _plan("缺项", _MISSING_HEADER, self._missing),
            _plan("未读入", _PROBLEM_HEADER, [_safe(_problem_row(problem)) for problem in problems]),
            self._task_table(tasks, _Cite(documents), notes),
        )

    def _result_table(self) -> SheetPlan:
        header = ["编号", "名称", "来源"]
        for name, column in self._columns.items():
            if column.amount:
                # The column holds numbers that are sure, so that it can be added up; the rest is told beside it.
                head = f"{name}（{column.unit}）" if column.unit else name
                header += [head, f"{name}·状态", f"{name}·未定", f"{name}·依据"]
            else:
                header += [name, f"{name}·状态", f"{name}·依据"]
        header += [*self._below, "违反或逾期", "待核实", "最少要补", "备注", "评估日"]
        return _plan("结果", header, _Shaped(self._results, self._result_cells))

    def _result_cells(self, row: _ResultRow) -> _Cells:
        cells = list(row.lead)
        for name, column in self._columns.items():
            told = row.decisions.get(name)
            cells += told[1] if told is not None else [None] * (4 if column.amount else 3)
        return (*cells, *(row.below.get(label) for label in self._below), *row.rest)

    def _task_table(self, tasks: Rows[Task], cite: _Cite, notes: Sequence[str]) -> SheetPlan:
        """What holds of all results, what is violated or late, worst first within the ledger's order, then the results
        that are open."""
        where = list(self._places)
        header = ("编号", "名称", *where, *_TASK_HEADER)
        before, after = [None] * (2 + len(where)), [None] * 8
        told: list[_Cells] = [_safe((*before, "注意", cut(note, LONGEST), *after)) for note in notes]

        def open_cells(row: _OpenRow) -> _Cells:
            return (*row.lead, *(row.places.get(place) for place in where), *row.rest)

        def task_cells(task: Task) -> _Cells:
            return _safe(_task_row(task, where, cite))

        rows = _Chained(told, _Shaped(tasks, task_cells), _Shaped(self._open, open_cells))
        return _plan("要处理", header, rows, coloured="状态")


_VALUE_HEADER: Final = ("编号", "名称", "对象", "决定", "值", "状态", "语气", "依据", "原话", "责任单位")
_FINDING_HEADER: Final = (
    "编号",
    "名称",
    "事项",
    "类别",
    "结果",
    "对象",
    "期限",
    "依据",
    "原话",
    "责任单位",
    "内容",
)
_MISSING_HEADER: Final = ("编号", "名称", "为了定", "对象", "缺什么", "说明", "由谁掌握", "补上即可定")
_PROBLEM_HEADER: Final = ("编号", "文件", "工作表", "行", "列", "字段", "填的内容", "要求", "类别", "整条未评")
_TASK_HEADER: Final = (
    "状态",
    "事项",
    "对象",
    "文号和条款",
    "原话",
    "期限",
    "逾期天数",
    "情况或所缺",
    "由谁",
)


class _Shaped(Generic[_T]):
    """Rows as cells, shaped when they are read."""

    def __init__(self, rows: Rows[_T], cells: Callable[[_T], _Cells]) -> None:
        self._rows, self._shape = rows, cells

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[_Cells]:
        return map(self._shape, self._rows)


class _Chained:
    """Several lots of rows, one after the other."""

    def __init__(self, *lots: Rows[_Cells]) -> None:
        self._lots = lots

    def __len__(self) -> int:
        return sum(map(len, self._lots))

    def __iter__(self) -> Iterator[_Cells]:
        return chain.from_iterable(self._lots)


def _plan(name: str, header: Sequence[str], rows: Rows[_Cells], *, fixed: int = 2, coloured: str = "") -> SheetPlan:
    """A table to be read: ``fixed`` columns stay while the others move, ``coloured`` is the column of statuses."""
    colours = {header.index(coloured): _COLOURS} if coloured else {}
    return SheetPlan(name, tuple(header), rows, report=True, fixed=fixed, colours=colours)


def _safe(cells: Iterable[_Cell]) -> _Cells:
    return tuple([_safe_text(cell) if isinstance(cell, str) else cell for cell in cells])


@lru_cache(maxsize=_MOST_KEPT)
def _safe_text(text: str) -> str:
    # Most texts of a ledger's results were there before.
    return escape_formula(cut(text, LONGEST))


def _task_row(task: Task, where: Sequence[str], cite: _Cite) -> _Cells:
    finding = task.finding
    own = [task.places.get(place) for place in where]
    if task.shared and where:
        own[0] = task.owner
    return (
        task.identity or None,
        task.name or None,
        *own,
        STATUS_NAMES[finding.status],
        finding.name,
        task.judged or None,
        cite.places(finding.citations),
        cite.quote(finding.citations),
        finding.due,
        task.days,
        listed((*task.beside_due, *task.otherwise), "；"),
        listed(finding.offices),
    )


def _problem_row(problem: Diagnostic) -> tuple[str | int | None, ...]:
    cell = problem.cell
    return (
        cell.record or None,
        cell.file or None,
        cell.sheet or None,
        cell.row,
        cell.column or None,
        cell.path or None,
        cell.value if cell.value is None or isinstance(cell.value, str) else shown(cell.value),
        problem.expected,
        CODES[problem.code],
        "是" if cell.set_aside else None,
    )


# ---- cells ----------------------------------------------------------------------------------------------------------


class _Cite:
    """Citations in the words of a table; a ledger cites few different ones, so what each comes to is kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        # Most results have the very citations of others: to compare those would take longer than all the rest.
        self._kept: dict[int, tuple[tuple[Citation, ...], str | None, str | None]] = {}

    def places(self, citations: tuple[Citation, ...]) -> str | None:
        """Documents and places, each once: 农规发〔2024〕26号【六（十八）·资产管护】."""
        return self._of(citations)[1]

    def quote(self, citations: tuple[Citation, ...]) -> str | None:
        """The words of the first that is quoted, in short."""
        return self._of(citations)[2]

    def _of(self, citations: tuple[Citation, ...]) -> tuple[tuple[Citation, ...], str | None, str | None]:
        kept = self._kept.get(id(citations))
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            named = listed(f"{self._documents.get(c.layer, c.layer)}【{c.place}】" for c in citations)
            quote = next((c.quote for c in citations if c.quote), None)
            short = None if quote is None else cut("".join(quote.split()), _LONGEST_QUOTE)
            kept = self._kept[id(citations)] = citations, named, short
        return kept


def listed(words: Iterable[str], mark: str = "、") -> str | None:
    """The ``words``, each once, as many as a cell may hold, then how many there are; None where there are none.

    >>> listed(["甲", "乙", "甲"]), listed([])
    ('甲、乙', None)
    """
    names = list(dict.fromkeys(words))
    text = mark.join(names)
    if len(text) <= LONGEST:
        return text or None
    end = f" 等 {len(names)} 项"
    # All together are longer than that: one of them is the first that has no room.
    shown, length = 1, len(names[0]) + len(end)
    while (length := length + len(mark) + len(names[shown])) <= LONGEST:
        shown += 1
    return cut(mark.join(names[:shown]), LONGEST - len(end)) + end


def _name(source: LedgerRecord | None) -> str | None:
    return None if source is None else source.name or None


def _place(source: LedgerRecord | None) -> str | None:
    if source is None or source.row is None:
        return None
    return f"{source.sheet} 第 {source.row} 行" if source.sheet else f"第 {source.row} 条"


def _in_short(result: DecisionResult) -> str:
    """The result in a cell: of many values how many, since 逐项结果 has a row for each."""
    if not result.many or result.status in ("none", "not_applicable"):
        return result.text
    sure = len(result.certain)
    maybe = sum(1 for candidate in result.candidates if candidate not in result.certain)
    parts = ([f"{sure} 项确定"] if sure else []) + ([f"{maybe} 项可能"] if maybe else [])
    return "，".join(parts) or "没有"


def _number_cell(result: DecisionResult) -> _Cell:
    """An amount as a cell: a number in the unit of the head, percent for a ratio, as far as a cell holds it exactly, else
    what people read; None where it is not determined."""
    value = result.value
    if result.status != "determined" or isinstance(value, (str, frozenset)):
        return None
    if isinstance(value, (int, Fraction)):
        number = value * 100 if result.kind == "比例" else value
        cell = exact_cell(number)
        return result.text if cell is None else cell
    return value

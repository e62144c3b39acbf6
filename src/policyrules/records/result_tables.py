"""Results as tables: what stands in the sheets of a workbook, or in the CSV files beside each other.

Why this exists: results go back to people who keep ledgers in workbooks. One set of tables serves CSV and Excel: 结果
(one row a project), 逐项结果 (one row a value of a decision, with what it rests on and which offices answer for it), 发现
(duties, prohibitions, notices), 缺项 (what is not known and who would know it), 未读入 (what of the ledger could not be
read, so that nothing is lost), 要处理 (what is violated, late or open, to be acted on).

Invariants: the same outcomes give the same tables; what is said of a county has one row; all tables are always there, so that
an older file never passes for a new one. Tables name documents as people do. Outcomes are let go as they are read: a run of
them becomes a `TablePart` (`result_rows`), and parts in the ledger's order become the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Generic, Self, TypeVar

from policyrules.codes import CODES
from policyrules.diagnostics import Diagnostic, shown
from policyrules.records.ledger import Ledger
from policyrules.records.result_cells import (
    LONGEST,
    Cells,
    Cite,
    Documents,
    listed,
    safe,
)
from policyrules.records.result_rows import Column, Mark, OpenRow, ResultRow, TablePart, is_new
from policyrules.records.spool import Rows, Spool
from policyrules.records.tasks import Task
from policyrules.records.workbook import SheetPlan
from policyrules.results import (
    STATUS_NAMES,
)
from policyrules.text import cut

_MOST_LINES: Final = 1 << 20
"""So many bytes of lines of a table stay in memory."""
_BAD, _OPEN = "FFF8D7DA", "FFFFF3CD"
_COLOURS: Final = {"违反": _BAD, "逾期": _BAD, "冲突": _OPEN, "待定": _OPEN}
TABLES: Final = ("结果", "逐项结果", "发现", "缺项", "未读入", "要处理")
"""The names of the tables, in their order."""

_T = TypeVar("_T")


class ResultTables:
    """The tables of parts that come in the ledger's order; a context. ``folder``: where rows may wait on the disk."""

    def __init__(self, folder: Path) -> None:
        self._results = Spool[ResultRow](folder)
        self._values = Spool[Cells](folder)
        self._findings = Spool[Cells](folder)
        self._missing = Spool[Cells](folder)
        self._open = Spool[OpenRow](folder)
        self.lines = {table: Spool[bytes](folder, _MOST_LINES, len) for table in ("逐项结果", "发现", "缺项")}
        self._columns: dict[str, Column] = {}
        self._below: dict[str, None] = {}
        self._places: dict[str, None] = {}
        self._told: set[tuple[str, Mark]] = set()

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
            if is_new(self._told, "发现", mark):
                self._findings.append(cells)
        for mark, rows in part.missing:
            if is_new(self._told, "缺项", mark):
                for cells in rows:
                    self._missing.append(cells)
        for mark, open_ in part.open:
            if is_new(self._told, "要处理", mark):
                self._open.append(open_)
        for table, lots in part.lines.items():
            for mark, text in lots:
                if is_new(self._told, table, mark):
                    self.lines[table].append(text)
        self._places.update(part.places)

    def plans(
        self,
        tasks: Rows[Task],
        ledger: Ledger | None,
        documents: Documents,
        notes: Sequence[str],
        *,
        lapsed: Rows[Task] = (),
    ) -> tuple[SheetPlan, ...]:
        """All tables, in the order of `TABLES`. ``tasks``: what has to be done; ``lapsed``: what is past its day and not verified;
        ``notes``: what holds of all results."""
        problems = ledger.problems if ledger is not None else ()
        return (
            self._result_table(),
            _plan("逐项结果", _VALUE_HEADER, self._values),
            _plan("发现", _FINDING_HEADER, self._findings, coloured="结果"),
            _plan("缺项", _MISSING_HEADER, self._missing),
            _plan("未读入", _PROBLEM_HEADER, [safe(_problem_row(problem)) for problem in problems], tall=True),
            self._task_table(tasks, lapsed, Cite(documents), notes),
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

    def _result_cells(self, row: ResultRow) -> Cells:
        cells = list(row.lead)
        for name, column in self._columns.items():
            told = row.decisions.get(name)
            cells += told[1] if told is not None else [None] * (4 if column.amount else 3)
        return (*cells, *(row.below.get(label) for label in self._below), *row.rest)

    def _task_table(self, tasks: Rows[Task], lapsed: Rows[Task], cite: Cite, notes: Sequence[str]) -> SheetPlan:
        """What holds of all results, what is violated or late, worst first within the ledger's order, what is past its day and not
        verified, then the results that are open."""
        where = list(self._places)
        header = ("编号", "名称", *where, *_TASK_HEADER)
        before, after = [None] * (2 + len(where)), [None] * 8
        told: list[Cells] = [safe((*before, "注意", cut(note, LONGEST), *after)) for note in notes]

        def open_cells(row: OpenRow) -> Cells:
            return (*row.lead, *(row.places.get(place) for place in where), *row.rest)

        def task_cells(task: Task) -> Cells:
            return safe(_task_row(task, where, cite))

        shaped = (_Shaped(tasks, task_cells), _Shaped(lapsed, task_cells))
        rows = _Chained(told, *shaped, _Shaped(self._open, open_cells))
        # What people read first, also where nobody sees to the height of rows, as on paper.
        return _plan("要处理", header, rows, coloured="状态", tall=True)


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

    def __init__(self, rows: Rows[_T], cells: Callable[[_T], Cells]) -> None:
        self._rows, self._shape = rows, cells

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Cells]:
        return map(self._shape, self._rows)


class _Chained:
    """Several lots of rows, one after the other."""

    def __init__(self, *lots: Rows[Cells]) -> None:
        self._lots = lots

    def __len__(self) -> int:
        return sum(map(len, self._lots))

    def __iter__(self) -> Iterator[Cells]:
        return chain.from_iterable(self._lots)


def _plan(
    name: str, header: Sequence[str], rows: Rows[Cells], *, fixed: int = 2, coloured: str = "", tall: bool = False
) -> SheetPlan:
    """A table to be read: ``fixed`` columns stay while the others move, ``coloured`` is the column of statuses, ``tall`` as of a
    `SheetPlan`."""
    colours = {header.index(coloured): _COLOURS} if coloured else {}
    return SheetPlan(name, tuple(header), rows, report=True, fixed=fixed, colours=colours, tall=tall)


def _task_row(task: Task, where: Sequence[str], cite: Cite) -> Cells:
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
        None if task.lacks else task.days,
        listed((*task.beside_due, *_lapsed_words(task), *task.otherwise), "；"),
        listed(holder for _, holder in task.lacks) if task.lacks else listed(finding.offices),
    )


def _lapsed_words(task: Task) -> tuple[str, ...]:
    return (f"过了期限，还缺：{'、'.join(name for name, _ in task.lacks)}",) if task.lacks else ()


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

"""Results as files: JSON, JSON lines, CSV and Excel.

Why this exists: results go back to people who keep ledgers in workbooks, and to systems that read JSON. One set of
tables serves CSV and Excel: 结果 (one row a project), 逐项结果 (one row a value of a decision, with what it rests on and
which offices answer for it), 发现 (duties, prohibitions, notices), 缺项 (what is not known and who would know it), 未读入
(what of the ledger could not be read, so that nothing is lost), 要处理 (what is violated, late or open, to be acted on).
A workbook opens with 要处理.

Invariants: the same outcomes give the same bytes; no text of a table starts like a formula, and none is longer than
`LONGEST`: long lists have rows of their own; what is said of a county has one row; nothing here evaluates, beyond asking
an outcome for what it lacks. Tables name documents as people do, JSON by the ids of clauses.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

from policyrules.codes import CODES
from policyrules.diagnostics import Diagnostic, shown
from policyrules.explanation import Blank, Plain, told_apart
from policyrules.program.nodes import Citation
from policyrules.records.export import exact_cell
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.tasks import Pairs, Task, TaskList, places, sources, tasks_of
from policyrules.records.wording import holders_text
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.results import STATUS_NAMES, DecisionResult, Finding, Outcome, objects_of
from policyrules.text import cut
from policyrules.writing import file_name, json_bytes, write_file, write_files

RESULT_SUFFIXES: Final = (".json", ".jsonl", ".csv", ".xlsx")

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
_BAD, _OPEN = "FFF8D7DA", "FFFFF3CD"
_COLOURS: Final = {"违反": _BAD, "逾期": _BAD, "冲突": _OPEN, "待定": _OPEN}

_Cell: TypeAlias = str | int | Decimal | datetime.date | None
Documents: TypeAlias = Mapping[str, str]
"""What the document of each layer is called, by the layer's id."""
_NO_NAMES: Final[Documents] = {}


def escape_formula(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: an apostrophe before = + - @, tab and line ends, and before
    their full-width forms, which spreadsheets fold.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("盘活")
    ("'=HYPERLINK(1)", '盘活')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def write_results(
    path: str | Path,
    outcomes: Iterable[Outcome],
    *,
    ledger: Ledger | None = None,
    documents: Documents = _NO_NAMES,
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """Write ``outcomes`` to ``path`` by its suffix, and return the files written.

    ``ledger``: where the records came from; it gives their names and places, and what was not read. ``documents``: what
    the document of each layer is called (its id where it is not among them). ``notes``: what holds of all results (a layer not
    in force); 要处理 begins with it. ``.csv`` writes a file for each table
    (``结果.csv``, ``结果_逐项结果.csv`` ...), for a CSV file holds one. Raises `ValueError` for another suffix,
    `OSError` where the file cannot be written, `MissingExcel` where openpyxl is missing.
    """
    path = Path(path)
    outcomes = tuple(outcomes)
    match path.suffix.lower():
        case ".json" | ".jsonl":
            return stream_results(
                path, zip(outcomes, sources(outcomes, ledger), strict=True), ledger=ledger, notes=notes
            )
        case ".csv":
            contents = [_csv_bytes(table) for table in result_tables(outcomes, ledger, documents, notes)]
        case ".xlsx":
            *tables, first = result_tables(outcomes, ledger, documents, notes)
            write_workbook(path, (first, *tables))
            return (path,)
        case _:
            raise ValueError(f"结果文件的后缀应为 {'、'.join(RESULT_SUFFIXES)} 之一：{path.name}")
    paths = result_paths(path)
    write_files(zip(paths, contents, strict=True))
    return paths


def result_paths(path: Path) -> tuple[Path, ...]:
    """The files that `write_results` writes for ``path``: one, but a CSV file for each table.

    >>> [one.name for one in result_paths(Path("r.csv"))]
    ['r.csv', 'r_逐项结果.csv', 'r_发现.csv', 'r_缺项.csv', 'r_未读入.csv', 'r_要处理.csv']
    """
    if path.suffix.lower() != ".csv":
        return (path,)
    others = [table.name for table in result_tables(())[1:]]
    return path, *(path.with_name(f"{path.stem}{file_name(f'_{name}')}{path.suffix}") for name in others)


# ---- tables ---------------------------------------------------------------------------------------------------------


def result_tables(
    outcomes: Sequence[Outcome],
    ledger: Ledger | None = None,
    documents: Documents = _NO_NAMES,
    notes: Sequence[str] = (),
) -> tuple[SheetPlan, ...]:
    """结果, 逐项结果, 发现, 缺项, 未读入, 要处理, in this order; always all, so that an older file never passes for a new one.
    Cells are texts that no spreadsheet takes for formulas, ints, dates or None."""
    pairs = list(zip(outcomes, sources(outcomes, ledger), strict=True))
    cite = _Cite(documents)
    return (
        _result_table(pairs, cite),
        _value_table(pairs, cite),
        _finding_table(pairs, cite),
        _missing_table(pairs),
        _problem_table(ledger),
        _task_table(pairs, tasks_of(outcomes, ledger), cite, notes),
    )


@dataclass(frozen=True, slots=True)
class _Cite:
    """Citations in the words of a table."""

    documents: Documents

    def places(self, citations: Iterable[Citation]) -> str | None:
        """Documents and places, each once: 农规发〔2024〕26号【六（十八）·资产管护】."""
        return listed(f"{self.documents.get(c.layer, c.layer)}【{c.place}】" for c in citations)

    def quote(self, citations: Iterable[Citation]) -> str | None:
        """The words of the first that is quoted, in short."""
        quote = next((c.quote for c in citations if c.quote), None)
        return None if quote is None else cut("".join(quote.split()), _LONGEST_QUOTE)


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
    shown = 1
    while len(mark.join(names[: shown + 1])) + len(end) <= LONGEST:
        shown += 1
    return cut(mark.join(names[:shown]), LONGEST - len(end)) + end


def _name(source: LedgerRecord | None) -> str | None:
    return None if source is None else source.name or None


def _place(source: LedgerRecord | None) -> str | None:
    if source is None or source.row is None:
        return None
    return f"{source.sheet} 第 {source.row} 行" if source.sheet else f"第 {source.row} 条"


def _table(
    name: str, header: Sequence[str], rows: Iterable[Sequence[_Cell]], *, fixed: int = 2, coloured: str = ""
) -> SheetPlan:
    """A table to be read: ``fixed`` columns stay while the others move, ``coloured`` is the column of statuses."""
    safe = (tuple(escape_formula(cut(c, LONGEST)) if isinstance(c, str) else c for c in row) for row in rows)
    colours = {header.index(coloured): _COLOURS} if coloured else {}
    return SheetPlan(name, tuple(header), tuple(safe), report=True, fixed=fixed, colours=colours)


def _result_table(pairs: Pairs, cite: _Cite) -> SheetPlan:
    names = list(dict.fromkeys(name for outcome, _ in pairs for name in outcome.decisions))
    below = list(dict.fromkeys(label for outcome, _ in pairs for label, _ in _below(outcome)))
    header = ["编号", "名称", "来源"]
    amounts = {r.name: r for outcome, _ in pairs for r in outcome.decisions.values() if r.kind}
    for name in names:
        amount = amounts.get(name)
        if amount is None:
            header += [name, f"{name}·状态", f"{name}·依据"]
        else:
            # The column holds numbers that are sure, so that it can be added up; the rest is told beside it.
            unit = amount.unit or ("%" if amount.kind == "比例" else "")
            header += [f"{name}（{unit}）" if unit else name, f"{name}·状态", f"{name}·未定", f"{name}·依据"]
    header += [*below, "违反或逾期", "待核实", "最少要补", "备注", "评估日"]
    rows: list[list[_Cell]] = []
    for outcome, source in pairs:
        row: list[_Cell] = [outcome.identity, _name(source), _place(source)]
        deciding: dict[Blank, None] = {}
        for name in names:
            result = outcome.decisions.get(name)
            if result is None:
                row += [None] * (4 if name in amounts else 3)
                continue
            if result.kind:
                open_ = result.text if result.status in ("undetermined", "conflict") else None
                row += [_number_cell(result), STATUS_NAMES[result.status], open_, cite.places(result.citations)]
                deciding.update(dict.fromkeys(result.missing.deciding))
                continue
            row += [_in_short(result), STATUS_NAMES[result.status], cite.places(result.citations)]
            deciding.update(dict.fromkeys(result.missing.deciding))
        texts: dict[str, list[str]] = {}
        for label, text in _below(outcome):
            texts.setdefault(label, []).append(text)
        row += [listed(texts[label], "；") if label in texts else None for label in below]
        # What is said of the county is not this record's doing.
        own = [finding for finding in outcome.findings if finding.shared is None]
        broken = [f.name for f in own if f.status in ("violated", "overdue")]
        unverified = [f.name for f in own if f.status == "unverified"]
        for words in (broken, unverified, map(str, told_apart(deciding)), outcome.notes):
            row.append(listed(words, "；"))
        row.append(outcome.as_of)
        rows.append(row)
    return _table("结果", header, rows)


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


def _below(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Decisions on the rows of an outcome, as (column, text), in the order of the rows."""
    for row in objects_of(outcome)[1:]:
        for result in row.decisions.values():
            yield f"{row.object}·{result.name}", f"{row.label}：{result.text}"


def _value_table(pairs: Pairs, cite: _Cite) -> SheetPlan:
    header = ("编号", "名称", "对象", "决定", "值", "状态", "语气", "依据", "原话", "责任单位")
    rows = (
        (
            outcome.identity,
            _name(source),
            result.label,
            result.name,
            one.value,
            "确定" if one.certain else "待定",
            one.tone,
            cite.places(one.citations),
            cite.quote(one.citations),
            listed(one.offices),
        )
        for outcome, source in pairs
        for part in objects_of(outcome)
        for result in part
        for one in result.by_value.values()
    )
    return _table("逐项结果", header, rows)


def _finding_table(pairs: Pairs, cite: _Cite) -> SheetPlan:
    header = ("编号", "名称", "事项", "类别", "结果", "对象", "期限", "依据", "原话", "责任单位", "内容")
    rows = (
        (
            *_whose(outcome, source, finding),
            finding.name,
            KIND_NAMES[finding.kind],
            STATUS_NAMES[finding.status],
            finding.label,
            finding.due,
            cite.places(finding.citations),
            cite.quote(finding.citations),
            listed(finding.offices),
            finding.message or (f"理由：{finding.reason}" if finding.reason else None),
        )
        for outcome, source, finding in _told_once(pairs, lambda outcome: outcome.findings)
        if finding.status != "not_applicable"
    )
    return _table("发现", header, rows, coloured="结果")


class _Said(Protocol):
    """A finding or a decision: what it is called, of what, and what is equal wherever the same county is meant."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def shared(self) -> Hashable | None: ...


_S = TypeVar("_S", bound=_Said)


def _told_once(
    pairs: Pairs, parts: Callable[[Outcome], Iterable[_S]]
) -> Iterator[tuple[Outcome, LedgerRecord | None, _S]]:
    """Each of the ``parts`` of each outcome; what several records bring along of their county with the first of them."""
    seen: set[object] = set()
    for outcome, source in pairs:
        for part in parts(outcome):
            if part.shared is not None:
                mark = (part.name, part.status, part.shared)
                if mark in seen:
                    continue
                seen.add(mark)
            yield outcome, source, part


def _whose(outcome: Outcome, source: LedgerRecord | None, part: _Said) -> tuple[str | None, str | None]:
    """Number and name of the record that ``part`` is of; neither for what is said of its county."""
    return (outcome.identity, _name(source)) if part.shared is None else (None, None)


def _missing_table(pairs: Pairs) -> SheetPlan:
    header = ("编号", "名称", "为了定", "对象", "缺什么", "说明", "由谁掌握", "补上即可定")
    rows: list[tuple[_Cell, ...]] = []
    for outcome, source, part in _told_once(pairs, _parts):
        missing = part.missing
        path = part.target if isinstance(part, Finding) else part.path
        purpose = part.name if path in ("", outcome.path) else f"{part.label}·{part.name}"
        deciding = set(missing.deciding)
        for blank in missing.relevant:
            rows.append((*_whose(outcome, source, part), purpose, *_blank_cells(blank, blank in deciding)))
    return _table("缺项", header, rows)


def _parts(outcome: Outcome) -> Iterator[DecisionResult | Finding]:
    for part in objects_of(outcome):
        yield from part.decisions.values()
    yield from outcome.findings


def _task_table(pairs: Pairs, tasks: Sequence[Task], cite: _Cite, notes: Sequence[str]) -> SheetPlan:
    """What holds of all results, what is violated or late, worst first within the ledger's order, then the results that are open."""
    where = list(dict.fromkeys(place for _, source in pairs if source is not None for place in places(source.instance)))
    header = (
        "编号",
        "名称",
        *where,
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
    before, after = [None] * (2 + len(where)), [None] * 8
    rows: list[tuple[_Cell, ...]] = [(*before, "注意", cut(note, LONGEST), *after) for note in notes]
    for task in tasks:
        finding = task.finding
        own = [task.places.get(place) for place in where]
        if task.shared and where:
            own[0] = finding.owner
        rows.append(
            (
                task.identity or None,
                task.name or None,
                *own,
                STATUS_NAMES[finding.status],
                finding.name,
                task.object or None,
                cite.places(finding.citations),
                cite.quote(finding.citations),
                finding.due,
                task.days,
                listed(task.beside_due, "；"),
                listed(finding.offices),
            )
        )
    for outcome, source, result in _told_once(pairs, lambda outcome: (r for p in objects_of(outcome) for r in p)):
        if result.many or result.status not in ("undetermined", "conflict"):
            continue
        lying = places(source.instance) if source is not None else {}
        found = told_apart(result.missing.deciding)
        rows.append(
            (
                *_whose(outcome, source, result),
                *(lying.get(place) for place in where),
                STATUS_NAMES[result.status],
                result.name,
                None if result.path in ("", outcome.path) else result.label,
                cite.places(result.citations),
                cite.quote(result.citations),
                None,
                None,
                listed((str(replace(blank, holders=())) for blank in found), "；"),
                listed(filter(None, (holders_text(blank.holders, blank.kind) for blank in found))),
            )
        )
    return _table("要处理", header, rows, coloured="状态")


def _blank_cells(blank: Blank, deciding: bool) -> tuple[str | None, ...]:
    what = _BLANK_NAMES[blank.kind] + (f"：{blank.detail}" if blank.detail else "")
    return (
        blank.label or blank.object or None,
        blank.name,
        what,
        "、".join(blank.holders) or None,
        "是" if deciding else None,
    )


def _problem_table(ledger: Ledger | None) -> SheetPlan:
    header = ("编号", "文件", "工作表", "行", "列", "字段", "填的内容", "要求", "类别", "整条未评")
    problems = ledger.problems if ledger is not None else ()
    return _table("未读入", header, map(_problem_row, problems))


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


# ---- formats --------------------------------------------------------------------------------------------------------


def _csv_bytes(table: SheetPlan) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(table.header)
    for row in table.rows:
        # Dates write themselves as ISO, blanks as nothing.
        writer.writerow([_csv_text(cell) if isinstance(cell, str) else cell for cell in row])
    # The mark tells Excel that the file is UTF-8.
    return buffer.getvalue().encode("utf-8-sig", errors="replace")


# Where lists are parted by other marks than commas, a program takes what follows such a mark for a cell of its own.
_INNER_FORMULA: Final = re.compile(r"([;|\t\r\n] *)(?=[=+\-@＝＋－＠])")


def _csv_text(text: str) -> str:
    """``text`` as a cell of a CSV file.

    >>> _csv_text("x;=HYPERLINK(1)")
    "x;'=HYPERLINK(1)"
    """
    return _INNER_FORMULA.sub(r"\1'", text.replace("\x00", "�"))


def _ledger_dict(ledger: Ledger | None) -> dict[str, object]:
    if ledger is None:
        return {}
    return {
        "problems": [problem.to_dict() for problem in ledger.problems],
        "set_aside": [
            {"identity": r.identity, "file": r.file, "sheet": r.sheet, "row": r.row} for r in ledger.set_aside
        ],
        "ledger_notes": list(ledger.notes),
    }


STREAMED: Final = (".json", ".jsonl")
"""Suffixes of files that take outcomes as they come."""


def stream_results(
    path: Path,
    pairs: Iterable[tuple[Outcome, LedgerRecord | None]],
    *,
    ledger: Ledger | None = None,
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """As `write_results`, for a file of `STREAMED`: each outcome, with the record behind it, is written and let go."""
    pieces = _json_document if path.suffix.lower() == ".json" else _json_lines
    write_file(path, map(json_bytes, pieces(pairs, ledger, notes)))
    return (path,)


def outcome_text(outcome: Outcome) -> str:
    """An outcome as one line of JSON, without spaces: ledgers are long."""
    return json.dumps(outcome.to_dict(), ensure_ascii=False, separators=(",", ":"))


def document_text(
    before: Mapping[str, object], name: str, items: Iterable[str], after: Callable[[], Plain]
) -> Iterator[str]:
    """A JSON object piece by piece: what is known before, the list ``name`` with an item a line, then what is known only
    after the items."""
    yield "{\n" + "".join(f"{json.dumps(key)}: {_indented(value)},\n" for key, value in before.items())
    yield f"{json.dumps(name)}: ["
    mark = "\n"
    for item in items:
        yield mark + item
        mark = ",\n"
    rest = ",\n".join(f"{json.dumps(key)}: {_indented(value)}" for key, value in after().items())
    yield "\n],\n" + rest + "\n}\n"


def _indented(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _json_document(
    pairs: Iterable[tuple[Outcome, LedgerRecord | None]], ledger: Ledger | None, notes: Sequence[str]
) -> Iterator[str]:
    tasks = TaskList()

    def lines() -> Iterator[str]:
        for outcome, source in pairs:
            tasks.add(outcome, source)
            yield outcome_text(outcome)

    def after() -> Plain:
        return {"tasks": [task.to_dict() for task in tasks.all], "notes": list(notes), **_ledger_dict(ledger)}

    return document_text({}, "results", lines(), after)


def _json_lines(
    pairs: Iterable[tuple[Outcome, LedgerRecord | None]], ledger: Ledger | None, notes: Sequence[str]
) -> Iterator[str]:
    """One outcome a line; then, where there is something to say of all of them or of the ledger, one line that holds only
    that."""
    for outcome, _ in pairs:
        yield outcome_text(outcome) + "\n"
    if notes or (ledger is not None and (ledger.problems or ledger.notes)):
        yield json.dumps({"notes": list(notes), **_ledger_dict(ledger)}, ensure_ascii=False) + "\n"

"""Results as files: JSON, JSON lines, CSV and Excel.

Why this exists: results go back to people who keep ledgers in workbooks, and to systems that read JSON. One set of
tables serves CSV and Excel: 结果 (one row a project), 逐项结果 (one row a value of a decision, with what it rests on and
which offices answer for it), 发现 (duties, prohibitions, notices), 缺项 (what is not known and who would know it), 未读入
(what of the ledger could not be read, so that nothing is lost).

Invariants: the same outcomes give the same bytes; no text of a table starts like a formula; nothing here evaluates,
beyond asking an outcome for what it lacks.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from policyrules.codes import CODES
from policyrules.diagnostics import Diagnostic, shown
from policyrules.explanation import Blank, Missing, told_apart
from policyrules.program.nodes import Citation
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.results import STATUS_NAMES, Outcome, objects_of
from policyrules.writing import file_name, json_bytes, write_files

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
}


_Cell: TypeAlias = str | int | datetime.date | None
_Pairs: TypeAlias = Sequence[tuple[Outcome, LedgerRecord | None]]
"""Outcomes, each with the record of the ledger behind it."""


def escape_formula(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: an apostrophe before = + - @, tab and line ends, and before
    their full-width forms, which spreadsheets fold.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("盘活")
    ("'=HYPERLINK(1)", '盘活')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def write_results(path: str | Path, outcomes: Iterable[Outcome], *, ledger: Ledger | None = None) -> tuple[Path, ...]:
    """Write ``outcomes`` to ``path`` by its suffix, and return the files written.

    ``ledger``: where the records came from; it gives their names and places, and what was not read. ``.csv`` writes five
    files (``结果.csv``, ``结果_逐项结果.csv`` ...), for a CSV file holds one table. Raises `ValueError` for another suffix,
    `OSError` where the file cannot be written, `MissingExcel` where openpyxl is missing.
    """
    path = Path(path)
    outcomes = tuple(outcomes)
    match path.suffix.lower():
        case ".json":
            contents = [_json_document(outcomes, ledger)]
        case ".jsonl":
            contents = [_json_lines(outcomes, ledger)]
        case ".csv":
            contents = [_csv_bytes(table) for table in result_tables(outcomes, ledger)]
        case ".xlsx":
            write_workbook(path, result_tables(outcomes, ledger))
            return (path,)
        case _:
            raise ValueError(f"结果文件的后缀应为 {'、'.join(RESULT_SUFFIXES)} 之一：{path.name}")
    paths = result_paths(path)
    write_files(zip(paths, contents, strict=True))
    return paths


def result_paths(path: Path) -> tuple[Path, ...]:
    """The files that `write_results` writes for ``path``: one, but a CSV file for each table.

    >>> [one.name for one in result_paths(Path("r.csv"))]
    ['r.csv', 'r_发现.csv', 'r_缺项.csv', 'r_未读入.csv']
    """
    if path.suffix.lower() != ".csv":
        return (path,)
    others = [table.name for table in result_tables(())[1:]]
    return path, *(path.with_name(f"{path.stem}{file_name(f'_{name}')}{path.suffix}") for name in others)


# ---- tables ---------------------------------------------------------------------------------------------------------


def result_tables(outcomes: Sequence[Outcome], ledger: Ledger | None = None) -> tuple[SheetPlan, ...]:
    """结果, 逐项结果, 发现, 缺项, 未读入, in this order; always all, so that an older file never passes for a new one.
    Cells are texts that no spreadsheet takes for formulas, ints, dates or None."""
    pairs = list(zip(outcomes, _sources(outcomes, ledger), strict=True))
    tables = (_result_table, _value_table, _finding_table, _missing_table)
    return (*(table(pairs) for table in tables), _problem_table(ledger))


def _sources(outcomes: Sequence[Outcome], ledger: Ledger | None) -> list[LedgerRecord | None]:
    """The record behind each outcome: in step with the ledger where they pair off, else by number."""
    if ledger is None:
        return [None] * len(outcomes)
    paired = len(outcomes) == len(ledger.records)
    if paired and all(o.identity == r.identity for o, r in zip(outcomes, ledger.records, strict=True)):
        return list(ledger.records)
    by_identity = {record.identity: record for record in ledger.records if record.identity}
    return [by_identity.get(outcome.identity) for outcome in outcomes]


def _name(source: LedgerRecord | None) -> str | None:
    return None if source is None else source.name or None


def _place(source: LedgerRecord | None) -> str | None:
    if source is None or source.row is None:
        return None
    return f"{source.sheet} 第 {source.row} 行" if source.sheet else f"第 {source.row} 条"


def _table(name: str, header: Sequence[str], rows: Iterable[Sequence[_Cell]]) -> SheetPlan:
    safe = (tuple(escape_formula(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
    return SheetPlan(name, tuple(header), tuple(safe))


def _result_table(pairs: _Pairs) -> SheetPlan:
    names = list(dict.fromkeys(name for outcome, _ in pairs for name in outcome.decisions))
    below = list(dict.fromkeys(label for outcome, _ in pairs for label, _ in _below(outcome)))
    header = ["编号", "名称", "来源"]
    for name in names:
        header += [name, f"{name}·状态", f"{name}·依据"]
    header += [*below, "违反或逾期", "待核实", "最少要补", "备注", "评估日"]
    rows: list[list[_Cell]] = []
    for outcome, source in pairs:
        row: list[_Cell] = [outcome.identity, _name(source), _place(source)]
        deciding: dict[Blank, None] = {}
        for name in names:
            result = outcome.decisions.get(name)
            if result is None:
                row += [None, None, None]
                continue
            row += [result.text, STATUS_NAMES[result.status], "、".join(result.clauses) or None]
            deciding.update(dict.fromkeys(result.missing.deciding))
        texts: dict[str, list[str]] = {}
        for label, text in _below(outcome):
            texts.setdefault(label, []).append(text)
        row += ["；".join(texts[label]) if label in texts else None for label in below]
        broken = [f.name for f in outcome.findings if f.status in ("violated", "overdue")]
        unverified = [f.name for f in outcome.findings if f.status == "unverified"]
        for listed in (broken, unverified, map(str, told_apart(deciding)), outcome.notes):
            row.append("；".join(dict.fromkeys(listed)) or None)
        row.append(outcome.as_of)
        rows.append(row)
    return _table("结果", header, rows)


def _below(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Decisions on the rows of an outcome, as (column, text), in the order of the rows."""
    for row in objects_of(outcome)[1:]:
        for result in row.decisions.values():
            yield f"{row.object}·{result.name}", f"{row.label}：{result.text}"


def _value_table(pairs: _Pairs) -> SheetPlan:
    header = ("编号", "名称", "对象", "决定", "值", "状态", "语气", "依据", "责任单位")
    rows = (
        (
            outcome.identity,
            _name(source),
            result.label,
            result.name,
            one.value,
            "确定" if one.certain else "待定",
            one.tone,
            "、".join(dict.fromkeys(map(_cited, one.citations))) or None,
            "、".join(one.offices) or None,
        )
        for outcome, source in pairs
        for part in objects_of(outcome)
        for result in part
        for one in result.by_value.values()
    )
    return _table("逐项结果", header, rows)


def _cited(citation: Citation) -> str:
    return f"{citation.layer}【{citation.place}】"


def _finding_table(pairs: _Pairs) -> SheetPlan:
    header = ("编号", "名称", "事项", "类别", "结果", "对象", "期限", "依据", "责任单位", "内容")
    rows = (
        (
            outcome.identity,
            _name(source),
            finding.name,
            KIND_NAMES[finding.kind],
            STATUS_NAMES[finding.status],
            finding.label,
            finding.due,
            "、".join(finding.clauses) or None,
            "、".join(finding.offices) or None,
            finding.message or None,
        )
        for outcome, source in pairs
        for finding in outcome.findings
        if finding.status != "not_applicable"
    )
    return _table("发现", header, rows)


def _missing_table(pairs: _Pairs) -> SheetPlan:
    header = ("编号", "名称", "为了定", "对象", "缺什么", "说明", "由谁掌握", "补上即可定")
    rows: list[tuple[_Cell, ...]] = []
    for outcome, source in pairs:
        for purpose, missing in _all_missing(outcome):
            deciding = set(missing.deciding)
            for blank in missing.relevant:
                rows.append((outcome.identity, _name(source), purpose, *_blank_cells(blank, blank in deciding)))
    return _table("缺项", header, rows)


def _all_missing(outcome: Outcome) -> Iterator[tuple[str, Missing]]:
    for result in (result for part in objects_of(outcome) for result in part.decisions.values()):
        where = "" if result.path in ("", outcome.path) else f"{result.label}·"
        yield where + result.name, result.missing
    for finding in outcome.findings:
        where = "" if finding.target in ("", outcome.path) else f"{finding.label}·"
        yield where + finding.name, finding.missing


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


def _json_document(outcomes: Sequence[Outcome], ledger: Ledger | None) -> bytes:
    document: dict[str, object] = {"results": [outcome.to_dict() for outcome in outcomes], **_ledger_dict(ledger)}
    return json_bytes(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _json_lines(outcomes: Sequence[Outcome], ledger: Ledger | None) -> bytes:
    """One outcome a line; then, where there is something to say of the ledger, one line that holds only that."""
    lines = [json.dumps(outcome.to_dict(), ensure_ascii=False) for outcome in outcomes]
    if ledger is not None and (ledger.problems or ledger.notes):
        lines.append(json.dumps(_ledger_dict(ledger), ensure_ascii=False))
    return json_bytes("".join(line + "\n" for line in lines))

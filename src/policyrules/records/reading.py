"""The door to ledger files, whatever their format.

Why this exists: one door for .json, .jsonl, .csv (one table of projects), a folder of CSV files named by object,
.xlsx and .parquet. Formats differ in how they hold rows; how tables become records is said in `policyrules.records.joins`.

Invariants: nothing here raises for what a file holds; what is no regular file is never opened.
"""

from __future__ import annotations

import importlib.util
import stat
from dataclasses import replace
from pathlib import Path
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.engine.folding import held_of, opened
from policyrules.engine.instances import Instance, owner_label
from policyrules.program.costs import FILLED, most_empty
from policyrules.program.nodes import Program
from policyrules.records.csv_files import Heads, read_lines, read_text, table_of
from policyrules.records.heads import known_heads
from policyrules.records.joins import read_tables
from policyrules.records.json_files import read_json, read_json_lines
from policyrules.records.ledger import Ledger
from policyrules.records.names import RecordNames, record_names
from policyrules.records.parquet_files import NEEDS_PARQUET, has_parquet, read_parquet
from policyrules.records.tables import Table
from policyrules.records.workbook import NEEDS_EXCEL, read_workbook
from policyrules.text import some

SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
_TEXT_TABLES: Final = (".csv", ".tsv", ".txt")
_MOST_NAMED: Final = 6
_WORKBOOKS: Final = (".xlsx", ".xlsm")


def read_ledger(path: str | Path, program: Program) -> Ledger:
    """The ledger at ``path``: a file, by its suffix, or a folder of CSV files named by object (``项目.csv``, ``资金.csv``).

    JSON holds a list of records, or ``{"项目": [...], "县": {...}}``; JSON lines one record a line. Never raises for what
    is in the file: `Ledger.problems` says what could not be read, `Ledger.notes` what was not used.
    """
    path = Path(path)
    fault = unreadable(path)
    if fault is not None:
        return Ledger(problems=(fault,))
    try:
        ledger = _read(path, program, record_names(program))
    except MemoryError:
        return _refused(path, "内存不够，这个文件读不下；请分成几个文件")
    if fault := _too_empty(ledger, program, path.name):
        return Ledger(problems=(fault,), notes=ledger.notes)
    if said := _unjudged(ledger, program):
        ledger = replace(ledger, notes=(*ledger.notes, said))
    if ledger.records or ledger.set_aside or ledger.problems or ledger.notes:
        return ledger
    # Silence about an empty file would look like a ledger in which everything is in order.
    return replace(ledger, notes=("里面没有一条记录（只有表头，或者是空的）",))


def _too_empty(ledger: Ledger, program: Program, file: str) -> Diagnostic | None:
    """Why a ledger of very many records that are all but empty is not evaluated."""
    if len(ledger.records) <= (most := most_empty(program)):
        return None
    few = [record for record in ledger.records if held_of(record.instance) < FILLED]
    empty = [record for record in few if _filled(opened(record.instance)) < FILLED]
    if len(empty) <= most:
        return None
    said = f"有 {len(empty):,} 条记录几乎是空的（填了不到 {FILLED} 格），按这套规则逐条评下来要等太久；"
    said += f"这样的记录最多 {most:,} 条，请先把资料填上，或只留要评的"
    first = empty[most]
    place = CellPlace(file=first.file or file, sheet=first.sheet, row=first.row, record=first.identity)
    return Diagnostic("E511", said, place)


def _unjudged(ledger: Ledger, program: Program) -> str | None:
    """What is to be said of counties all of whose records were set aside: what a county itself has to do is judged with them."""
    asked = {one.object for one in program.duties.values()} | {one.object for one in program.notices.values()}
    above = (record.instance.parent for record in ledger.set_aside)
    waiting = {owner_label(one): one.object for one in above if one is not None and one.values and one.object in asked}
    if not waiting:
        return None
    for record in ledger.records:
        owner = record.instance.parent
        if owner is not None and owner.values:
            waiting.pop(owner_label(owner), None)
            if not waiting:
                return None
    kind, owner_kind = ledger.set_aside[0].instance.object, next(iter(waiting.values()))
    named = some(list(waiting), _MOST_NAMED, "个")
    return f"{named}的{kind}都没有评，{owner_kind}自己的义务、禁令和提示也就没有判断；改好以后再评"


def _filled(instance: Instance) -> int:
    """How many cells of a record are filled in, its rows included; rows that are there count, whatever they hold."""
    return len(instance.values) + sum(len(rows) + sum(map(_filled, rows)) for rows in instance.rows.values() if rows)


def unreadable(path: Path) -> Diagnostic | None:
    """Why there is nothing at ``path`` that could be read as a ledger, whatever is in it; None where there is."""
    suffix = path.suffix.lower()

    def refused(expected: str) -> Diagnostic:
        return Diagnostic("E507", expected, CellPlace(file=path.name))

    if suffix in _WORKBOOKS and importlib.util.find_spec("openpyxl") is None:
        return refused(NEEDS_EXCEL)
    if suffix == ".parquet" and not has_parquet():
        return refused(NEEDS_PARQUET)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            next(path.iterdir(), None)
            return None
        if not stat.S_ISREG(mode):
            return refused("不是普通文件（是管道、设备之类），不读")
        if suffix in (".xls", ".et", ".ods"):
            return refused("这种表格格式读不了，请用表格软件另存为 .xlsx")
        if suffix not in SUFFIXES:
            return refused(f"台账文件的后缀应为 {'、'.join(SUFFIXES[:5])}、.xlsx 或 .parquet")
        path.open("rb").close()
    except FileNotFoundError:
        return refused("没有这个文件或文件夹，请检查路径")
    except PermissionError:
        return refused("没有权限读，请检查文件的权限，或者是否正被别的软件占用")
    except (OSError, ValueError):
        return refused("打不开，请检查路径和文件")
    return None


def _read(path: Path, program: Program, names: RecordNames) -> Ledger:
    suffix = path.suffix.lower()
    if path.is_dir():
        tables, problems, notes = _read_folder(path, names)
    elif suffix in (".json", ".jsonl", ".ndjson"):
        return _read_json(path, program, names)
    elif suffix == ".parquet":
        return read_parquet(path, program, names)
    elif suffix in _TEXT_TABLES:
        table = _read_csv(path, names.record, path.name, known_heads(names))
        tables, problems, notes = ((), (table,), ()) if isinstance(table, Diagnostic) else ((table,), (), ())
    else:
        tables, problems, notes = read_workbook(path, path.name)
    if problems:
        # A list that cannot be read must not pass for one that was not supplied.
        return Ledger(problems=problems, notes=notes)
    ledger = read_tables(tables, program, names=names, once=True)
    return replace(ledger, notes=(*notes, *ledger.notes))


def _read_json(path: Path, program: Program, names: RecordNames) -> Ledger:
    if path.suffix.lower() == ".json":
        text = read_text(path, path.name)
        return Ledger(problems=(text,)) if isinstance(text, Diagnostic) else read_json(text, path.name, program, names)
    lines = read_lines(path, path.name)
    if isinstance(lines, Diagnostic):
        return Ledger(problems=(lines,))
    return read_json_lines(lines, path.name, program, names)


def _refused(path: Path, expected: str) -> Ledger:
    return Ledger(problems=(Diagnostic("E507", expected, CellPlace(file=path.name)),))


def _read_csv(path: Path, name: str, file: str, heads: Heads) -> Table | Diagnostic:
    text = read_text(path, file)
    return text if isinstance(text, Diagnostic) else table_of(text, name, file, heads)


def _read_folder(path: Path, names: RecordNames) -> tuple[tuple[Table, ...], tuple[Diagnostic, ...], tuple[str, ...]]:
    tables: list[Table] = []
    problems: list[Diagnostic] = []
    notes: list[str] = []
    heads = known_heads(names)
    for file in sorted(path.iterdir(), key=lambda entry: entry.name):
        if file.suffix.lower() in _TEXT_TABLES and not file.is_dir():
            # A pipe, or a link to nowhere, must not pass for a list that was not supplied.
            table = _read_csv(file, file.stem, file.name, heads)
            if isinstance(table, Diagnostic):
                problems.append(table)
            else:
                tables.append(table)
        elif not file.name.startswith("."):
            notes.append(f"“{file.name}”不是 CSV 文件，没有读入")
    if not tables and not problems:
        expected = f"文件夹里没有 CSV 文件；每个对象一个文件，如“{names.record}.csv”"
        return (), (Diagnostic("E507", expected, CellPlace(file=path.name)),), ()
    return tuple(tables), tuple(problems), tuple(notes)

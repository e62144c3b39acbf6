"""Hostile ledgers through reading, evaluation and writing; a long runner.

    python -m tests.fuzz.ledgers --count 10000 --seed 1

Why this exists: ledgers come from many hands. Whatever a file holds, nothing of it is lost in silence: each row of a
project ends in a result, or is set aside and reported.

Ledgers are mutations of the example ledger: as a workbook, as CSV files in several encodings, as JSON and JSON lines,
in their cells, headers, sheets, structure and bytes.
"""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random

import openpyxl
from openpyxl.cell import Cell, MergedCell

import policyrules as pr
from policyrules.records.export import plain_record
from policyrules.records.ledger import Ledger
from policyrules.records.names import record_names
from policyrules.records.reading import read_ledger
from policyrules.records.results import write_results
from policyrules.spelling import fold_word

from . import corpus, mutate
from .rules import SLOWEST
from .running import Fault, Trial, command_line, run_trials

AS_OF = datetime.date(2025, 11, 15)
FEW = 4
"""Projects of one hostile ledger."""

Cells = list[list[object]]

VALUES: tuple[object, ...] = (
    None, "", " ", "　", "-", "/", "—", "无", "暂无", "不详", "待定", "N/A", "NaN", "nan", "inf", "-Infinity", "null", "None", "TRUE", "是", "否", "√", "×", "√ ",
    True, False, 0, 1, -1, 2, 0.1, -0.0, 1e308, 1e-308, 10**30, 10**400, 45000, 60, 2958465, 2958466, -1.5, 20230101, 202301, "０", "１２３", "1,234.50",
    "１，２３４", "3.5万", "350000元", "约30", "30-40", "30~40", "三十", "叁拾万元", "1e5", "1E400", "0x1F", "12%", "120%", "0.5%", "%", "５０％", "1/2", "12亩", "1公顷",
    "12个月", "1年", "90天", "-3个月", "2025-09-15", "2025/9/15", "2025.9.15", "2025年9月15日", "2025年9月", "2025-13-40", "2025年2月30日", "0001-01-01", "9999-12-31",
    "25-9-15", "15/09/2025", "2025-09-15T25:61:00", "2025-09-15 08:00:00", "20250915", "1900-02-29", datetime.date(2025, 9, 15), datetime.date(1, 1, 1),
    datetime.date(9999, 12, 31), datetime.datetime(2025, 9, 15, 23, 59, 59), datetime.time(8, 30), datetime.timedelta(days=3), "=1+1", "=HYPERLINK(\"http://x\")",
    "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", "'=1", "#REF!", "#N/A", "#DIV/0!", "国有、集体", "国有,集体;农户", "国有/集体", "、、、", "其他", "其它", "Other", "SL0001",
    "sl0001", "ＳＬ０００１", " SL0001 ", "SL0001\n", "a" * 40_000, "字" * 3_000, "\n", "甲\n乙", "\x00", "\x1b[31m", "\u202e倒", "\u200b", "\ufeff", "\ud800", "😀", "\"", "“", "”",
    "{}", "[]", "{\"a\":1}", "<b>x</b>", "[bold]x[/]", "%s%n", "../../etc", "合计", "总计", "小计", "备注：", "说明",
)  # fmt: skip

HEADERS: tuple[str, ...] = (
    "", " ", "项目编号", "项目名称", "编号", "金额", "金额（万元）", "金额（元）", "金额(亿元)", "金额（年）", "总投资（万元）", "总投资（元）", "面积（公顷）", "项目编号 ", "*项目编号", "项目\n编号",
    "項目編號", "project_id", "PROJECT_ID", "资金.金额", "项目.项目编号", "序号", "备注", "=A1", "分类", "category", "县名", "所在县", "总投姿", "x" * 500, "\x00", "\ud800", "1", "2025",
)  # fmt: skip

SHEETS: tuple[str, ...] = (
    "项目",
    "资金",
    "资产",
    "县",
    "年度",
    "1.项目",
    "项目表",
    "项目 (2)",
    "Sheet1",
    "说明",
    "选项",
    "填写说明",
    "project",
    "项目台账",
    "不知道",
    "隐藏",
)


@dataclass(frozen=True, slots=True)
class HostileLedger:
    """A file or folder to write: file name → bytes. ``tables`` is what was meant, where each row must be accounted for."""

    kind: str
    name: str
    files: dict[str, bytes]
    tables: dict[str, Cells] = field(default_factory=dict)


@cache
def policy() -> pr.Policy:
    """The policy that reads and evaluates: the whole real stack."""
    return pr.load(corpus.real_folders()[-1], as_of=AS_OF)


@cache
def sound_tables() -> dict[str, Cells]:
    """The example ledger's sheets, header first, without its prose sheet."""
    with tempfile.TemporaryDirectory(prefix="policyrules-") as folder:
        path = Path(folder) / "台账.xlsx"
        script = corpus.ROOT / "examples" / "ledger" / "generate.py"
        subprocess.run([sys.executable, str(script), str(path), "--projects", "16"], check=True, capture_output=True)
        book = openpyxl.load_workbook(path)
        tables: dict[str, Cells] = {}
        for sheet in book.worksheets:
            rows: Cells = [list(row) for row in sheet.iter_rows(values_only=True)]
            if sheet.title in policy().program.objects and rows:
                tables[sheet.title] = rows
    return tables


@cache
def sound_records() -> tuple[dict[str, object], ...]:
    """The example ledger's readable records as JSON holds them."""
    with tempfile.TemporaryDirectory(prefix="policyrules-") as folder:
        path = Path(folder) / "台账.xlsx"
        path.write_bytes(_workbook(sound_tables()))
        ledger = read_ledger(path, policy().program)
    names = record_names(policy().program)
    text = json.dumps([plain_record(names, record.instance) for record in ledger.records], ensure_ascii=False)
    return tuple(json.loads(text))


def _some_tables(random: Random) -> dict[str, Cells]:
    """A few projects with their rows."""
    sound = sound_tables()
    header = _header(sound["项目"])
    at = sound["项目"][header].index("项目编号")
    numbers = random.sample([str(row[at]) for row in sound["项目"][header + 1 :]], FEW)
    tables: dict[str, Cells] = {}
    for name, rows in sound.items():
        head = _header(rows)
        if "项目编号" in rows[head]:
            column = rows[head].index("项目编号")
            rows = [*rows[: head + 1], *(row for row in rows[head + 1 :] if str(row[column]) in numbers)]
        tables[name] = [list(row) for row in rows]
    return tables


def _header(rows: Cells) -> int:
    return max(range(min(3, len(rows))), key=lambda index: sum(cell is not None for cell in rows[index]), default=0)


# ---- writing what was meant -----------------------------------------------------------------------------------------


def _workbook(tables: dict[str, Cells]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name[:31] or "空")
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    _put(sheet.cell(number, column), value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _put(cell: Cell | MergedCell, value: object) -> None:
    # What no workbook holds stands there as another text.
    if isinstance(value, str):
        value = _UNHELD.sub("?", value)[:32_000]
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**300:
        value = "一个大数"
    try:
        cell.value = value  # type: ignore[assignment]
    except (ValueError, TypeError):
        cell.value = repr(value)


def _csv(rows: Cells, random: Random) -> bytes:
    stream = io.StringIO(newline="")
    delimiter = random.choice((",", ",", ",", "\t", ";"))
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=random.choice(("\r\n", "\n")))
    for row in rows:
        writer.writerow(["" if cell is None else _text(cell) for cell in row])
    encoding = random.choice(("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"))
    return stream.getvalue().encode(encoding, "replace")


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else "一个大数" if isinstance(cell, int) and abs(cell) > 10**300 else str(cell)


# ---- mutations of tables --------------------------------------------------------------------------------------------


def _data_rows(rows: Cells) -> range:
    return range(_header(rows) + 1, len(rows))


def change_cells(random: Random, tables: dict[str, Cells]) -> None:
    for _ in range(random.choice((1, 1, 2, 4, 12))):
        rows = tables[random.choice(list(tables))]
        row = rows[random.choice(_data_rows(rows))] if len(_data_rows(rows)) else []
        if row:
            row[random.randrange(len(row))] = random.choice(VALUES)


def change_column(random: Random, tables: dict[str, Cells]) -> None:
    rows = tables[random.choice(list(tables))]
    width = len(rows[0]) if rows else 0
    if width:
        column = random.randrange(width)
        for index in _data_rows(rows):
            rows[index][column : column + 1] = [random.choice(VALUES)]


def change_rows(random: Random, tables: dict[str, Cells]) -> None:
    rows = tables[random.choice(list(tables))]
    if not len(_data_rows(rows)):
        return
    at = random.choice(_data_rows(rows))
    match random.randrange(5):
        case 0:
            del rows[at]
        case 1:
            rows.insert(random.choice(_data_rows(rows)), list(rows[at]))
        case 2:
            rows.insert(at, [None] * len(rows[at]))
        case 3:
            rows.insert(at, [random.choice(VALUES) for _ in rows[at]])
        case _:
            rows.append([*rows[at], random.choice(VALUES), random.choice(VALUES)])


def change_headers(random: Random, tables: dict[str, Cells]) -> None:
    rows = tables[random.choice(list(tables))]
    header = rows[_header(rows)] if rows else []
    if not header:
        return
    at = random.randrange(len(header))
    match random.randrange(5):
        case 0:
            header[at] = random.choice(HEADERS)
        case 1:
            header[at] = header[random.randrange(len(header))]
        case 2:
            for row in rows:
                del row[at : at + 1]
        case 3:
            for row in rows:
                row.insert(at, row[at] if at < len(row) else None)
        case _:
            header[at] = random.choice(VALUES)


def change_sheets(random: Random, tables: dict[str, Cells]) -> None:
    name = random.choice(list(tables))
    match random.randrange(6):
        case 0:
            del tables[name]
        case 1:
            tables[random.choice(SHEETS)] = tables.pop(name)
        case 2:
            tables[random.choice(SHEETS)] = [list(row) for row in tables[name]]
        case 3:
            tables[name] = []
        case 4:
            del tables[name][:1]
        case _:
            tables[name] = [["某县帮扶项目台账"], [], *tables[name], [], ["填表人：", None, "审核："]]
    if not tables:
        tables["项目"] = []


_STRUCTURE: tuple[Callable[[Random, dict[str, Cells]], None], ...] = (change_headers, change_headers, change_sheets)
_CONTENT: tuple[Callable[[Random, dict[str, Cells]], None], ...] = (
    change_cells,
    change_cells,
    change_column,
    change_rows,
)


# ---- mutations of JSON ----------------------------------------------------------------------------------------------

JUNK: tuple[object, ...] = (
    None, True, 0, -1, 1.5, 1e300, 10**40, "", "是", "无", "2025-02-30", [], {}, [None], [[]], [{}], {"": None}, {"项目编号": {}}, [1, "a", None], {"a": {"b": {"c": []}}},
    "字" * 5_000, list(range(50)), {"值": 3, "单位": "万元"},
)  # fmt: skip


def change_json(random: Random, records: list[object]) -> None:
    """Junk, at any place."""
    for _ in range(random.choice((1, 1, 2, 5))):
        target: object = records
        for _ in range(random.randrange(1, 5)):
            if isinstance(target, dict) and target:
                below = target[random.choice(list(target))]
            elif isinstance(target, list) and target:
                below = random.choice(target)
            else:
                break
            if not isinstance(below, (dict, list)) or not below:
                break
            target = below
        junk = json.loads(json.dumps(random.choice(JUNK)))
        if isinstance(target, dict):
            key = random.choice([*target, *HEADERS, "资金", "资产", "县", "project", "sources", "类型统计"])
            if random.random() < 0.2:
                target.pop(key, None)
            else:
                target[key] = junk
        elif isinstance(target, list):
            match random.randrange(3):
                case 0 if target:
                    target[random.randrange(len(target))] = junk
                case 1 if target:
                    target.append(target[random.randrange(len(target))])
                case _:
                    target.insert(random.randrange(len(target) + 1), junk)


_JSON_TEXTS: tuple[Callable[[Random, str], str], ...] = (
    lambda random, text: text.replace("null", "NaN"),
    lambda random, text: text.replace("true", "Infinity").replace("false", "-Infinity"),
    lambda random, text: "[" * 100_000 + "]" * 100_000,
    lambda random, text: '{"项目":' * 3_000 + "1" + "}" * 3_000,
    lambda random, text: text.replace("1", "9" * 5_000, 1),
    lambda random, text: text.replace("1", "1e999999999", 1),
    lambda random, text: text.replace("1", "0." + "0" * 5_000 + "1", 1),
    lambda random, text: text.replace("项目编号", "\\ud800", 1),
    lambda random, text: text.replace('"项目编号"', '"项目编号": 1, "项目编号"', 1),
    lambda random, text: text.replace(",", "，", 1),
    lambda random, text: text[: random.randrange(len(text) + 1)],
    lambda random, text: mutate.mutate_text(random, text),
)


# ---- ledgers --------------------------------------------------------------------------------------------------------


def make_ledger(random: Random) -> HostileLedger:
    """A hostile ledger."""
    match random.randrange(20):
        case 0 | 1 | 2 | 3 | 4:
            tables = _some_tables(random)
            for _ in range(random.choice((1, 2, 3))):
                random.choice(_CONTENT)(random, tables)
            return HostileLedger("workbook, content", "台账.xlsx", {"台账.xlsx": _workbook(tables)}, tables)
        case 5 | 6 | 7:
            tables = _some_tables(random)
            for _ in range(random.choice((1, 2))):
                random.choice((*_STRUCTURE, *_CONTENT))(random, tables)
            return HostileLedger("workbook, structure", "台账.xlsx", {"台账.xlsx": _workbook(tables)})
        case 8:
            data = mutate.mutate_bytes(random, _workbook(_some_tables(random)))
            return HostileLedger("workbook, bytes", "台账.xlsx", {"台账.xlsx": data})
        case 9 | 10 | 11:
            tables = _some_tables(random)
            random.choice((*_CONTENT, *_STRUCTURE))(random, tables)
            files = {
                f"{name}.csv": _csv(rows, random)
                for name, rows in tables.items()
                if "\x00" not in name and "/" not in name
            }
            if random.random() < 0.3 and files:
                name = random.choice(list(files))
                files[name] = mutate.mutate_bytes(random, files[name])
            return HostileLedger("folder of tables", "台账", {f"台账/{name}": data for name, data in files.items()})
        case 12 | 13:
            tables = {"项目": _some_tables(random)["项目"]}
            random.choice(_CONTENT)(random, tables)
            data = _csv(tables["项目"], random)
            meant = tables if random.random() < 0.6 else {}
            data = data if meant else mutate.mutate_bytes(random, data)
            return HostileLedger("table", "项目.csv", {"项目.csv": data}, meant if not _awkward(tables) else {})
        case 14 | 15 | 16 | 17:
            records: list[object] = [json.loads(json.dumps(record)) for record in random.sample(sound_records(), FEW)]
            change_json(random, records)
            document: object = records if random.random() < 0.6 else {"项目": records, "县": {"县名": "某县"}}
            text = json.dumps(document, ensure_ascii=random.random() < 0.5)
            if random.random() < 0.4:
                text = random.choice(_JSON_TEXTS)(random, text)
            return HostileLedger("records", "台账.json", {"台账.json": text.encode("utf-8", "surrogatepass")})
        case 18:
            records = [json.loads(json.dumps(record)) for record in random.sample(sound_records(), FEW)]
            change_json(random, records)
            lines = [json.dumps(record, ensure_ascii=False) for record in records]
            at = random.randrange(len(lines))
            lines[at] = random.choice((lines[at], mutate.mutate_text(random, lines[at], 1), "", "{", "[]", "NaN"))
            return HostileLedger(
                "lines", "台账.jsonl", {"台账.jsonl": "\n".join(lines).encode("utf-8", "surrogatepass")}
            )
        case _:
            name = "台账" + random.choice((".xlsx", ".json", ".csv", ".jsonl", ".xls", ".txt", ".pdf", ""))
            return HostileLedger("bytes", name, {name: random.randbytes(random.randrange(3_000))})


def _awkward(tables: dict[str, Cells]) -> bool:
    """Whether some cell changes the rows of a CSV file, so that row numbers no longer agree."""
    return any(
        isinstance(cell, str) and set(cell) & set("\n\r\x00\ud800")
        for rows in tables.values()
        for row in rows
        for cell in row
    )


# ---- what must hold -------------------------------------------------------------------------------------------------


def check_ledger(hostile: HostileLedger, folder: Path, suffix: str = ".json", seconds: float = SLOWEST) -> str:
    """Read, evaluate and write; returns how it ended. Raises `Fault`, or whatever escapes from the package."""
    for name, data in hostile.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    target = folder / hostile.name
    if hostile.kind == "folder of tables":
        target.mkdir(exist_ok=True)
    began = time.process_time()
    ledger = read_ledger(target, policy().program)
    members = policy().portfolio(ledger.portfolio)
    outcomes = [policy().evaluate(record.instance, members) for record in ledger.records]
    spent = time.process_time() - began
    _check_problems(ledger)
    if hostile.tables:
        _check_rows(hostile.tables, ledger)
    if not ledger.records and not ledger.problems and not ledger.notes and not _empty(hostile):
        raise Fault("nothing read, nothing reported")
    began = time.process_time()
    _check_written(folder / f"结果{suffix}", outcomes, ledger)
    spent += time.process_time() - began
    if spent > seconds:
        raise Fault(f"took {spent:.2f} s")
    return "all read" if not ledger.problems else "part read" if ledger.records else "refused"


def _empty(hostile: HostileLedger) -> bool:
    texts = [data.decode("utf-8", "replace").strip("\ufeff \n\r\t") for data in hostile.files.values()]
    return all(text in ("", "[]", "{}") or hostile.name.endswith(".jsonl") for text in texts)


def _check_problems(ledger: Ledger) -> None:
    for problem in ledger.problems:
        words = str(problem)
        if "\n" in words or not problem.expected or not problem.code.startswith("E5"):
            raise Fault(f"an unfit problem: {words!r}")
        for forbidden in (
            "Error",
            "Traceback",
            "expected",
            "object at",
            "NoneType",
            "Decimal(",
            "Fraction(",
            "datetime.",
        ):
            if forbidden in words and not (isinstance(problem.cell.value, str) and forbidden in problem.cell.value):
                raise Fault(f"{forbidden!r} in {words!r}")
        json.dumps(problem.to_dict(), ensure_ascii=True)
    for note in ledger.notes:
        if not note.strip():
            raise Fault("an empty note")


def _check_rows(tables: dict[str, Cells], ledger: Ledger) -> None:
    """Every row of a project, and of a list below it, is in a record, set aside, or reported."""
    reported = {(problem.cell.sheet, problem.cell.row) for problem in ledger.problems}
    whole = {problem.cell.sheet for problem in ledger.problems if problem.cell.row is None}
    aside = {fold_word(record.identity) for record in ledger.set_aside}
    for sheet, rows in tables.items():
        header = _header(rows) if rows else 0
        if (
            sheet == "县"
            or sheet == "类型统计"
            or sheet in whole
            or "" in whole
            or not rows
            or "项目编号" not in rows[header]
        ):
            continue
        column = rows[header].index("项目编号")
        taken = {record.row for record in (*ledger.records, *ledger.set_aside)} if sheet == "项目" else set()
        held = sum(len(record.instance.rows.get(sheet) or ()) for record in ledger.records)
        lost = []
        for index in range(header + 1, len(rows)):
            cells = rows[index]
            if all(
                cell is None or (isinstance(cell, str) and not cell.strip("\u200b\ufeff\x00\x1b \n\t　\ud800"))
                for cell in cells
            ):
                continue
            number = str(cells[column]) if column < len(cells) else ""
            if (
                index + 1 in taken
                or (sheet, index + 1) in reported
                or ("", index + 1) in reported
                or fold_word(number) in aside
            ):
                continue
            if sum(cell is not None and cell != "" for cell in cells) <= 2 or any(
                "第" in note and str(index + 1) in note for note in ledger.notes
            ):
                # A line with a remark or a total, which a note names.
                continue
            lost.append(index + 1)
        if sheet != "项目":
            lost = lost[held:]
        if lost:
            raise Fault(f"{sheet}: rows {lost} neither read nor reported")


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _check_written(path: Path, outcomes: list[pr.Outcome], ledger: Ledger) -> None:
    files = write_results(path, outcomes, ledger=ledger)
    match path.suffix:
        case ".json":
            document = json.loads(path.read_text(encoding="utf-8"))
            if len(document["results"]) != len(ledger.records) or len(document["problems"]) != len(ledger.problems):
                raise Fault("results or problems lost in JSON")
        case ".csv":
            for file in files:
                rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
                if any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row):
                    raise Fault("a formula in CSV")
                expected = {"": len(ledger.records), "_未读入": len(ledger.problems)}.get(
                    file.stem.removeprefix(path.stem)
                )
                if expected is not None and len(rows) != expected + 1:
                    raise Fault(f"{file.name}: {len(rows)} rows for {expected}")
        case _:
            book = openpyxl.load_workbook(path)
            if any(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row):
                raise Fault("a formula in a workbook")
            counts = {sheet.title: sheet.max_row - 1 for sheet in book.worksheets}
            if counts.get("结果") != len(ledger.records) or counts.get("未读入") != len(ledger.problems):
                raise Fault(f"rows lost in a workbook: {counts}")


def ledgers(seed: int, start: int = 0) -> Iterator[tuple[int, HostileLedger]]:
    """Ledgers without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        yield number, make_ledger(Random(f"{seed}:{number}"))


def result_suffix(number: int) -> str:
    """How results of the n-th ledger are written: JSON mostly, for it is the fastest."""
    return (".json", ".csv", ".json", ".csv", ".json", ".csv", ".json", ".xlsx")[number % 8]


# ---- the long run ---------------------------------------------------------------------------------------------------


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Hostile ledgers through reading, evaluation and writing.", 10_000).parse_args()
    # What all are made of is made beforehand: it is of no ledger's time.
    sound_records()
    made = ledgers(options.seed, options.start)
    trials = (
        Trial(number, hostile.kind, partial(check_ledger, hostile, suffix=result_suffix(number)), hostile.files)
        for number, hostile in made
    )
    return run_trials(trials, options, 5 * SLOWEST)


if __name__ == "__main__":
    sys.exit(main())

"""Ledgers that are long: in parts, in several processes, with a line of progress; the results are the same bytes."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest
from tests.report.sample import NATION, PROVINCE, records

from policyrules.analysis.labels import documents_of
from policyrules.analysis.summary import LedgerSummary, summarise
from policyrules.cli import evaluation, ledgers, run
from policyrules.cli.evaluation import Wanted, evaluated, jobs_for
from policyrules.engine.folding import Shelf, shelf_of
from policyrules.interpreter import Interpreter
from policyrules.policy import Policy, load
from policyrules.records.export import write_ledger
from policyrules.records.result_rows import TableMaker
from policyrules.records.result_texts import TextMaker
from policyrules.records.results import write_results
from policyrules.records.tasks import TaskList, tasks_of
from policyrules.report import terminal
from policyrules.report.terminal import Screen
from policyrules.results import without_notes
from policyrules.testing.build import write_layers

ROOT = Path(__file__).resolve().parents[2]


def many_records(times: int) -> list[dict[str, Any]]:
    """The sample again and again under other numbers, with one record that cannot be read in the middle."""
    found: list[dict[str, Any]] = []
    for turn in range(times):
        for record in records():
            found.append({**record, "编号": f"{record['编号']}-{turn}"})
    found.insert(len(found) // 2, {"编号": "坏", "已形成": "也许"})
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, NATION, PROVINCE)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in many_records(12))
    (tmp_path / "台账.jsonl").write_text("".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        "",
        "--list",
        "--all",
        "--json",
        "-o r.json",
        "-o r.jsonl",
        "-o r.csv",
        "-o r.xlsx",
        "-o r.csv --json",
        "-o r.jsonl --list",
    ],
)
def test_several_processes_give_the_same_bytes(folder: Path, capfd: pytest.CaptureFixture[str], options: str) -> None:
    said: list[tuple[object, ...]] = []
    for jobs in ("1", "3"):
        code = run(
            ["evaluate", "1", "台账.jsonl", "--as-of", "2026-03-01", *options.split(), "--force", "--jobs", jobs]
        )
        files = {path.name: path.read_bytes() for path in folder.glob("r*")}
        said.append((code, *capfd.readouterr(), files))
    assert said[0][0] == 3
    assert said[0] == said[1]
    assert not multiprocessing.active_children()


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county's projects of the example, with all that the language has: rows, decisions of rows, statistics over the ledger,
    presumptions, readings, several authors of one rule, measures, blanks; three projects that cannot be read. As a workbook, as
    JSON lines and as a folder of CSV files."""
    folder = tmp_path_factory.mktemp("ledgers")
    script = ROOT / "examples" / "ledger" / "generate.py"
    subprocess.run([sys.executable, str(script), str(folder / "全.xlsx"), "--projects", "45"], check=True)
    policy = load(ROOT / "examples" / "county", as_of=date(2025, 11, 15))
    ledger = policy.read(folder / "全.xlsx")
    write_ledger(folder / "全.jsonl", policy.program, [record.instance for record in ledger.records])
    (folder / "全").mkdir()
    for sheet in openpyxl.load_workbook(folder / "全.xlsx"):
        with (folder / "全" / f"{sheet.title}.csv").open("w", encoding="utf-8", newline="") as stream:
            for row in sheet.iter_rows(values_only=True):
                cells = [one.date() if isinstance(one, datetime) else one for one in row]
                csv.writer(stream).writerow(["" if one is None else one for one in cells])
    return folder


@pytest.fixture
def everything(forms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those ledgers in a folder of a test's own, and commands that take them for long ones."""
    shutil.copytree(forms, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    # As with many thousands of records: code is written at once, columns tell the page, and two processes evaluate.
    monkeypatch.setattr(evaluation, "SOON", 10)
    monkeypatch.setattr(ledgers, "MANY", 10)
    return tmp_path


@pytest.mark.parametrize("file", ["r.json", "r.jsonl", "r.csv", "r.xlsx"])
def test_as_record_by_record(everything: Path, capfd: pytest.CaptureFixture[str], file: str) -> None:
    """What the command writes is what is written of the outcomes of the definition, one after the other."""
    layer, as_of = ROOT / "examples" / "county", date(2025, 11, 15)
    options = ["--as-of", as_of.isoformat(), "--all-missing", "--jobs", "2"]
    assert run(["evaluate", str(layer), "全.xlsx", *options, "-o", file]) in (0, 3)
    policy = load(layer, as_of=as_of)
    ledger = policy.read(everything / "全.xlsx")
    portfolio = policy.portfolio(ledger.portfolio)
    outcomes = [
        without_notes(policy.interpreter.evaluate(record.instance, portfolio, record.instance.notes))
        for record in ledger.records
    ]
    written = write_results(
        everything / f"d{file}", outcomes, ledger=ledger, documents=documents_of(policy), notes=policy.notes
    )
    assert any(outcome.findings for outcome in outcomes) and any(one.readings for o in outcomes for one in o)
    for path in written:
        assert path.with_name(path.name[1:]).read_bytes() == path.read_bytes(), path.name


def test_the_page_as_record_by_record(
    everything: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [str(ROOT / "examples" / "county"), "全.xlsx", "--as-of", "2025-11-15"]
    run(["evaluate", *options, "--jobs", "2"])
    quick = capfd.readouterr().out
    assert "过了期限，但还缺材料的" in quick
    monkeypatch.setattr(ledgers, "MANY", 10**9)
    monkeypatch.setattr(evaluation, "SOON", 10**9)
    monkeypatch.setattr(Interpreter, "quick", Interpreter.evaluate)
    run(["evaluate", *options, "--jobs", "1"])
    assert capfd.readouterr().out == quick


def test_what_has_no_name_is_looked_at_in_one_of_the_records_that_bring_it_along(
    everything: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two counties without a name, brought along in turn: each is called by its own records, in their order."""
    counties = [{"county_context": {"total_classified": 0, "total_to_survey": 9 + one}} for one in range(2)]
    # Nothing of their own is past its day.
    own = {"stage": "运营", "formed": True, "自下而上反馈日": "2025-06-01", "自上而下核查日": "2025-07-01"}
    rows = [{"project_id": f"P{n}", **own, **counties[n % 2]} for n in range(40)]
    (everything / "县.json").write_text(json.dumps(rows), encoding="utf-8")
    given = ["evaluate", str(ROOT / "policies" / "jiangxi"), "县.json", "--as-of", "2025-11-15"]
    taken: list[str] = []
    take = evaluation._Work._take

    def took(work: Any, part: Any, outcome: Any, record: Any, number: int) -> None:
        if work.looked is None or number - 1 in work.looked:
            taken.append(record.identity)
        take(work, part, outcome, record, number)

    monkeypatch.setattr(evaluation._Work, "_take", took)
    run([*given, "--jobs", "1"])
    quick = capfd.readouterr().out
    assert taken == ["P0", "P1"]
    assert "没有写名称的县（P0、P2、P4 等 20 个）" in quick and "没有写名称的县（P1、P3、P5 等 20 个）" in quick
    monkeypatch.setattr(ledgers, "MANY", 10**9)
    run([*given, "--jobs", "1"])
    assert len(taken) == 42 and capfd.readouterr().out == quick


@pytest.mark.parametrize("ledger", ["全.jsonl", "全"])
@pytest.mark.parametrize("options", ["", "--list --all", "--json", "--counts", "-o r.csv", "-o r.json"])
def test_records_that_wait_say_what_they_said(
    everything: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ledger: str, options: str
) -> None:
    layer = str(ROOT / "examples" / "county")
    given = ["evaluate", layer, ledger, "--as-of", "2025-11-15", *options.split(), "--force", "--jobs", "2"]
    said: list[tuple[object, ...]] = []
    for waits in (True, False):
        if not waits:
            monkeypatch.setattr(Shelf, "put_away", lambda shelf, root: None)
            monkeypatch.setattr(Shelf, "cells", lambda shelf, kind, values: None)
        code = run(given)
        files = {path.name: path.read_bytes() for path in everything.glob("r*")}
        said.append((code, *capfd.readouterr(), files))
    assert said[0][0] in (0, 3) and len(str(said[0])) > 1_000
    assert said[0] == said[1]


@pytest.mark.parametrize("output", [[], ["--json"]])
def test_after_a_ledger_is_evaluated_its_records_wait_again(
    everything: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, output: list[str]
) -> None:
    ledgers_read = []
    read = Policy.read
    monkeypatch.setattr(
        Policy, "read", lambda *given, **named: ledgers_read.append(read(*given, **named)) or ledgers_read[-1]
    )
    layer = str(ROOT / "examples" / "county")
    assert run(["evaluate", layer, "全.jsonl", "--as-of", "2025-11-15", "--jobs", "1", *output]) in (0, 3)
    (ledger,) = ledgers_read
    awake = [record for record in ledger.records if shelf_of(record.instance) is None]
    assert len(ledger.records) > 40 and not awake


def test_what_is_kept_stays_where_it_is() -> None:
    """In another process other values may lie where those lay that were kept."""
    maker = TextMaker()
    maker._sources[1] = cast(Any, ("value", "text"))
    assert not pickle.loads(pickle.dumps(maker))._sources
    tables = TableMaker({"层": "文件"})
    tables._kept["键"] = None, ("格",)
    other = pickle.loads(pickle.dumps(tables))
    assert not other._kept and other._documents == {"层": "文件"}


def test_parts_come_to_the_whole(folder: Path) -> None:
    policy = load(folder / "1")
    ledger = policy.read(folder / "台账.jsonl")
    outcomes = list(policy.evaluate_all(ledger))
    summary, tasks = LedgerSummary.empty(policy.program), TaskList()
    with closing(evaluated(policy, ledger, Wanted(), jobs=2)) as parts:
        for part in parts:
            summary.follow(part.summary)
            tasks.follow(part.tasks)
    assert summary.to_dict() == summarise(policy.program, outcomes).to_dict()
    assert json.dumps(summary.to_dict()) == json.dumps(summarise(policy.program, outcomes).to_dict())
    assert [task.to_dict() for task in tasks.all] == [task.to_dict() for task in tasks_of(outcomes, ledger)]
    assert len(ledger.records) > 2 * evaluation._RUN and tasks.all


def test_processes_that_start_anew_give_the_same(folder: Path) -> None:
    """Beside threads, and on other systems than Linux, nothing is inherited: all travels."""
    policy = load(folder / "1")
    ledger = policy.read(folder / "台账.jsonl")
    rest = threading.Event()
    thread = threading.Thread(target=rest.wait)
    thread.start()
    try:
        with closing(evaluated(policy, ledger, Wanted(texts=True), jobs=2)) as parts:
            texts = [text.decode() for part in parts for text in part.texts]
    finally:
        rest.set()
        thread.join()
    written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    assert texts == [written.encode(outcome.to_dict()) for outcome in policy.evaluate_all(ledger)]


def test_processes_end_when_nobody_wants_more(folder: Path) -> None:
    policy = load(folder / "1")
    parts = evaluated(policy, policy.read(folder / "台账.jsonl"), Wanted(texts=True), jobs=2)
    next(parts)
    next(parts)
    assert multiprocessing.active_children()
    parts.close()
    assert not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="what the test puts into the process must come along")
@pytest.mark.parametrize(("how", "code", "said"), [("dies", 2, "--jobs 1"), ("fails", 70, "ZeroDivisionError")])
def test_a_process_that_does_not_do_its_work(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str, code: int, said: str
) -> None:
    first, right = os.getpid(), Policy.evaluate

    def wrong(self: Policy, *arguments: Any) -> Any:
        if os.getpid() != first:
            if how == "dies":
                os._exit(9)
            raise ZeroDivisionError("零")
        return right(self, *arguments)

    monkeypatch.setattr(Policy, "evaluate", wrong)
    assert run(["evaluate", "1", "台账.jsonl", "-o", "r.csv", "--jobs", "2"]) == code
    assert said in capfd.readouterr().err
    assert not list(folder.glob("*r*.csv*")) and not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(folder: Path, stop: signal.Signals) -> None:
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in many_records(6000))
    (folder / "台账.jsonl").write_text("".join(lines), encoding="utf-8")
    words = [sys.executable, "-m", "policyrules", "evaluate", "1", "台账.jsonl", "-o", "r.json", "--jobs", "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
    children: list[str] = []
    while command.poll() is None and len(children) < 2:
        children = Path(f"/proc/{command.pid}/task/{command.pid}/children").read_text().split()
        time.sleep(0.01)
    assert len(children) == 2
    command.send_signal(stop)
    _, error = command.communicate(timeout=60)
    waited = time.monotonic()
    while any(alive(child) for child in children) and time.monotonic() - waited < 60:
        time.sleep(0.02)
    assert not any(alive(child) for child in children)
    if stop != signal.SIGKILL:
        assert command.returncode == 128 + stop and error.decode().splitlines()[-1] == "已中断"
        assert "Traceback" not in error.decode() and not list(folder.glob("*r.json*"))


def alive(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_how_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert [jobs_for(many, None) for many in (0, 2_999, 3_000, 100_000)] == [1, 1, 6, 6]
    assert [jobs_for(many, 4) for many in (0, 10, 21, 70, 1_000)] == [1, 1, 2, 4, 4]


@pytest.mark.parametrize("asked", ["0", "-1", "多", "1.5"])
def test_a_number_of_processes_that_is_none(folder: Path, capfd: pytest.CaptureFixture[str], asked: str) -> None:
    assert run(["evaluate", "1", "台账.jsonl", f"--jobs={asked}"]) == 2
    assert "1 至 256 的整数" in capfd.readouterr().err


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000))
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sys, "stderr", shown := _Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    assert list(Screen().progress(iter([40, 30, 30]), "评估", 100, lambda item: item)) == [40, 30, 30]
    told = shown.getvalue().split("\r")
    assert told[1].rstrip() == "评估 40/100（40%），每秒 40 个，还要约 2 秒"
    assert told[2].rstrip() == "评估 70/100（70%），每秒 35 个，还要约 1 秒"
    # Blanks over the last line, and back to its start.
    assert told[3].strip() == "" and told[4] == "" and "\n" not in shown.getvalue()


def test_no_progress_in_a_pipe_or_where_nothing_is_to_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_PATIENCE", -1)
    monkeypatch.setattr(terminal, "_PAUSE", 0)
    for stream, quiet, term in (
        (io.StringIO(), False, "xterm"),
        (_Terminal(), True, "xterm"),
        (_Terminal(), False, "dumb"),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", term)
        assert list(Screen(quiet=quiet).progress(range(3), "评估", 3)) == [0, 1, 2]
        assert stream.getvalue() == ""


def test_progress_goes_away_when_the_work_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_PATIENCE", -1)
    monkeypatch.setattr(terminal, "_PAUSE", 0)
    monkeypatch.setattr(sys, "stderr", shown := _Terminal())
    monkeypatch.setenv("TERM", "xterm")

    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Screen().progress(items(), "评估", 9))
    assert shown.getvalue().endswith("\r") and "评估 2/9" in shown.getvalue()


WITHOUT_NUMPY = """
import sys

sys.modules["numpy"] = None
from policyrules.cli import run

sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("options", ["--counts", "--counts --all", "--counts --json"])
def test_counts_are_the_same_bytes_without_numpy(folder: Path, capfd: pytest.CaptureFixture[str], options: str) -> None:
    words = ["evaluate", "1", "台账.jsonl", "--as-of", "2026-03-01", *options.split()]
    code = run(words)
    told = capfd.readouterr()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    without = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMPY, *words], capture_output=True, env=environment, check=False
    )
    assert (code, told.out, told.err) == (without.returncode, without.stdout.decode(), without.stderr.decode())
    assert code == 3 and told.out


def test_counts_are_those_of_the_whole_page(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "1", "台账.jsonl", "--as-of", "2026-03-01", "--json"]
    assert run(words) == run([*words, "--counts"]) == 3
    both = capfd.readouterr().out.split("}\n{")
    whole, counts = json.loads(both[0] + "}"), json.loads("{" + both[1])
    for name in ("missing", "missing_measures"):
        assert whole["summary"].pop(name) is not None and name not in counts["summary"]
    assert whole["summary"] == counts["summary"] and whole["problems"] == counts["problems"]
    assert "tasks" not in counts and "records" not in counts


def test_results_as_parquet(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run(["evaluate", "1", "台账.jsonl", "--as-of", "2026-03-01", "-o", "r.parquet"]) == 3
    page = capfd.readouterr().out
    assert run(["evaluate", "1", "台账.jsonl", "--as-of", "2026-03-01", "--counts"]) == 3
    assert page.endswith(capfd.readouterr().out)
    policy = load(folder / "1", as_of=date(2026, 3, 1))
    outcomes = list(policy.evaluate_all(policy.read(folder / "台账.jsonl")))
    written = parquet.read_table(folder / "r.parquet").to_pylist()
    assert [row["编号"] for row in written] == [outcome.identity for outcome in outcomes]
    for row, outcome in zip(written, outcomes, strict=True):
        for name, result in outcome.decisions.items():
            if isinstance(result.value, str):
                assert row[name] == result.value
    findings = parquet.read_table(folder / "r_发现.parquet").to_pylist()
    own = [
        (index, one.name)
        for index, outcome in enumerate(outcomes)
        for one in outcome.findings
        if one.shared is None and one.status != "not_applicable"
    ]
    assert [(one["记录"], one["名称"]) for one in findings if one["记录"] is not None] == own
    assert run(["evaluate", "1", "台账.jsonl", "-o", "r.parquet"]) == 2
    assert "已经有了" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [("--counts -o r.xlsx", "-o 只能是 .parquet"), ("--counts --list", "--list"), ("-o r.parquet --list", "--list")],
)
def test_counts_with_what_they_do_not_go_with(
    folder: Path, capfd: pytest.CaptureFixture[str], options: str, said: str
) -> None:
    assert run(["evaluate", "1", "台账.jsonl", *options.split()]) == 2
    assert said in capfd.readouterr().err
    assert not list(folder.glob("r*"))


def test_parquet_needs_components(folder: Path) -> None:
    words = ["evaluate", "1", "台账.jsonl", "-o", "r.parquet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMPY, *words], capture_output=True, env=environment, check=False
    )
    assert found.returncode == 2 and "pip install policyrules" in found.stderr.decode()
    assert not list(folder.glob("r*"))

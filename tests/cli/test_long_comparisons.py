"""Ledgers that are long, compared: in parts, by several processes, and causes told of the first records; nothing else is left out."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.report.sample import NATION, PROVINCE, records

from policyrules.analysis import compare as analysis
from policyrules.analysis.compare import Comparison, Gathered, Members, compare
from policyrules.analysis.comparing import Comparing, Part
from policyrules.cli import comparison, evaluation, run
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import plain
from policyrules.testing.build import policy_from_text, write_layers

TIMES = 30
"""The five records of the sample so often."""


def many_records() -> list[dict[str, Any]]:
    return [{**record, "编号": f"{record['编号']}-{turn}"} for turn in range(TIMES) for record in records()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, NATION, PROVINCE)
    rows = many_records()
    rows.insert(7, {"编号": "坏", "已形成": "也许"})
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in rows)
    (tmp_path / "台账.jsonl").write_text("".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gathered(before: Policy, after: Policy, rows: list[dict[str, Any]], size: int) -> tuple[Gathered, Members]:
    """The comparison in parts of so many records, each part as from a process of its own."""
    olds, news = before.portfolio(rows), after.portfolio(rows)
    found = Gathered(before, after)

    def parts() -> Iterator[Part]:
        for start in range(0, len(rows), size):
            indexes = range(start, min(start + size, len(rows)))
            yield Comparing(before, after).part(
                (index, before.evaluate(rows[index], olds), after.evaluate(rows[index], news)) for index in indexes
            )

    for part in parts():
        found.follow(part)
    return found, (news, range(len(rows)))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_parts_come_to_the_whole(size: int) -> None:
    # What belongs to the county, which all records share, changes as well: it is told once, however the parts are cut.
    strict = policy_from_text(NATION, PROVINCE + "\n修订 细化标准\n  依据【七】“细化”\n  还应当 县名 = “无此县”\n")
    lax = policy_from_text(NATION.replace("  应当 分类标准已细化", "  应当 县名 = “某县”"), PROVINCE)
    rows = many_records()
    found, members = gathered(lax, strict, rows, size)
    whole = compare(lax, strict, rows)
    assert json.dumps(found.comparison(lambda: members).to_dict()) == json.dumps(whole.to_dict())
    assert [one.finding for one in whole.finding_changes].count("细化标准") == 1


@pytest.fixture(scope="module")
def partly() -> tuple[Comparison, Comparison]:
    """The same comparison with all causes, and with those of ten results."""
    before, after = policy_from_text(NATION), policy_from_text(NATION, PROVINCE)
    found, members = gathered(before, after, many_records(), 50)
    return found.comparison(lambda: members), found.comparison(lambda: members, 10)


def test_causes_of_the_first_records_alone(partly: tuple[Comparison, Comparison]) -> None:
    whole, part = partly
    assert part.asked is not None and 0 < part.asked < part.records == 5 * TIMES
    first = [change for change in whole.changes if change.index < part.asked]
    # Causes are looked for of whole records, as many as have ten results together.
    assert sum(max(len(change.causes), 1) for change in first) <= 10
    assert [change for change in part.changes if change.index < part.asked] == first
    assert all(change.causes for change in first)
    rest = [change for change in part.changes if change.index >= part.asked]
    assert rest and not any(change.causes or change.provisions for change in rest)


def test_all_else_is_told_of_all(partly: tuple[Comparison, Comparison]) -> None:
    whole, part = partly
    assert (part.transitions, part.finding_transitions, part.amounts) == (
        whole.transitions,
        whole.finding_transitions,
        whole.amounts,
    )
    assert part.kinds() == whole.kinds()
    states = [[(one.identity, one.decision, one.before, one.after) for one in each.changes] for each in partly]
    assert states[0] == states[1]
    assert "asked" not in whole.to_dict() and part.to_dict()["asked"] == part.asked


def test_the_page_says_of_how_many(partly: tuple[Comparison, Comparison]) -> None:
    whole, part = (plain(comparison_lines(one, width=400)) for one in partly)
    note = f"由什么引起只查了前 {partly[1].asked} 个项目（共 {5 * TIMES} 个）"
    assert note in part and "--all-causes" in part and "没有查由什么引起" in part
    assert "没有查" not in whole and "没有找到" not in part


def test_the_first_record_is_always_looked_at() -> None:
    before, after = policy_from_text(NATION), policy_from_text(NATION, PROVINCE)
    found, members = gathered(before, after, many_records(), 50)
    told = found.comparison(lambda: members, 0)
    assert told.asked == 1 and all(change.causes for change in told.changes if change.index == 0)


@pytest.mark.parametrize("options", ["", "--all", "--json", "-o r.json", "-o r.xlsx", "-o r.json --json"])
def test_several_processes_give_the_same_bytes(folder: Path, capfd: pytest.CaptureFixture[str], options: str) -> None:
    said: list[tuple[object, ...]] = []
    for jobs in ("1", "3"):
        words = ["compare", "0", "1", "台账.jsonl", "--as-of", "2026-03-01", *options.split(), "--force"]
        code = run([*words, "--jobs", jobs])
        said.append((code, *capfd.readouterr(), {path.name: path.read_bytes() for path in folder.glob("r*")}))
    assert said[0][0] == 3
    assert said[0] == said[1]
    assert not multiprocessing.active_children()


def test_processes_that_start_anew_give_the_same(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Beside threads, and on other systems than Linux, nothing is inherited: all travels."""
    words = ["compare", "0", "1", "台账.jsonl", "--as-of", "2026-03-01", "--json", "--jobs"]
    run([*words, "1"])
    alone = capfd.readouterr().out
    rest = threading.Event()
    thread = threading.Thread(target=rest.wait)
    thread.start()
    try:
        run([*words, "2"])
    finally:
        rest.set()
        thread.join()
    assert capfd.readouterr().out == alone


@pytest.mark.parametrize("several", ["1", "2"])
def test_as_record_by_record(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, several: str
) -> None:
    """What is written of a long ledger, in pieces and by code that was written for it, is the JSON of what the definition says."""
    monkeypatch.setattr(comparison, "SOON", 10)
    words = ["compare", "0", "1", "台账.jsonl", "--as-of", "2026-03-01", "--json", "--jobs", several]
    assert run(words) == 3
    written = capfd.readouterr().out
    monkeypatch.setattr(
        Policy, "evaluate", lambda self, *given: self.interpreter.evaluate(*self._reader.read(*given)[1:])
    )
    monkeypatch.setattr(comparison, "SOON", 10**9)
    assert run([*words[:-1], "1"]) == 3
    assert capfd.readouterr().out == written
    data = json.loads(written)
    assert written == json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    assert data["records"] == 5 * TIMES and data["changes"] and len(data["problems"]) == 1


def test_long_ledgers_say_what_was_not_looked_for(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "MOST_CAUSES", 12)
    words = ["compare", "0", "1", "台账.jsonl", "--as-of", "2026-03-01"]
    run([*words, "--json"])
    data = json.loads(capfd.readouterr().out)
    assert any("--all-causes" in note for note in data["notes"])
    late = [change for change in data["changes"] if change["index"] >= data["asked"]]
    assert late and not any(change.get("cause") or change.get("causes") or change["provisions"] for change in late)
    run([*words, "-o", "r.xlsx"])
    capfd.readouterr()
    book = load_workbook(folder / "r.xlsx")
    because = [row[-1] for row in book["变化"].iter_rows(min_row=2, values_only=True)]
    assert len(because) == len(data["changes"])
    assert because.count("没有查由什么引起") == len(late)
    assert any("--all-causes" in str(row[1]) for row in book["概要"].iter_rows(values_only=True))
    run([*words, "--json", "--all-causes"])
    whole = json.loads(capfd.readouterr().out)
    assert "asked" not in whole and not any("--all-causes" in note for note in whole["notes"])
    assert [change["after"] for change in whole["changes"]] == [change["after"] for change in data["changes"]]


def test_causes_under_very_long_rules_are_not_looked_for(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stacks in one take as long as both are: of more conditions than one can wait for nothing is tried."""
    words = ["compare", "0", "1", "台账.jsonl", "--as-of", "2026-03-01"]
    run([*words, "--json"])
    whole = json.loads(capfd.readouterr().out)
    tried: list[object] = []
    attributed = analysis.attributed
    monkeypatch.setattr(analysis, "attributed", lambda *given: tried.append(given) or attributed(*given))
    monkeypatch.setattr(costs, "MOST_BLENDED", 1)
    run([*words, "--json"])
    data = json.loads(capfd.readouterr().out)
    assert not tried and data["asked"] == 0 and "acts" not in data
    assert any("两边的规则很长" in note and "--all-causes" in note for note in data["notes"])
    assert [change["after"] for change in data["changes"]] == [change["after"] for change in whole["changes"]]
    assert data["decisions"] == whole["decisions"]
    run(words)
    assert "没有查由什么引起" in capfd.readouterr().out
    run([*words, "--json", "--all-causes"])
    assert tried and json.loads(capfd.readouterr().out) == whole


def test_so_many_are_looked_at() -> None:
    assert analysis.MOST_CAUSES == 100_000
    assert evaluation.jobs_for(comparison._RUN, 3, comparison._RUN) == 1

"""The same input gives the same bytes: whatever the hash seed of the process, and from several threads at once."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import policyrules as pr

ROOT = Path(__file__).resolve().parents[2]
NATION, PROVINCE, COUNTY = "policies/national", "policies/jiangxi", "examples/county"
AS_OF = "2025-11-15"

# Run in a process of its own: each command in turn, what it prints and what it writes kept in a folder.
SCRIPT = """
import contextlib, io, json, sys
from pathlib import Path
from policyrules.cli import run
out = Path(sys.argv[1])
for number, arguments in enumerate(json.loads(sys.argv[2])):
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        code = run([word.replace("OUT", str(out)) for word in arguments])
    text = f"{code}\\n{said.getvalue()}\\n{complained.getvalue()}".replace(str(out), "OUT")
    (out / f"{number:02} {arguments[0]}.txt").write_text(text, encoding="utf-8", newline="")
"""


def commands(ledger: Path) -> list[list[str]]:
    policy = pr.load(ROOT / COUNTY, as_of=datetime.date.fromisoformat(AS_OF))
    some = policy.read(ledger).records[0].identity
    at = ["--as-of", AS_OF]
    return [
        ["check", NATION, PROVINCE, COUNTY, *at],
        ["check", NATION, PROVINCE, COUNTY, *at, "--json"],
        ["evaluate", COUNTY, str(ledger), *at, "-o", "OUT/结果.json"],
        ["evaluate", COUNTY, str(ledger), *at, "-o", "OUT/结果.csv"],
        ["evaluate", COUNTY, str(ledger), *at, "-o", "OUT/结果.xlsx"],
        ["evaluate", PROVINCE, str(ledger), *at, "--json"],
        ["evaluate", PROVINCE, str(ledger), *at, "--list"],
        ["explain", COUNTY, str(ledger), some, *at, "--full"],
        ["explain", PROVINCE, str(ledger), some, *at, "--json"],
        ["compare", NATION, PROVINCE, str(ledger), *at, "--all"],
        ["compare", PROVINCE, COUNTY, str(ledger), *at, "--json"],
        ["schema", COUNTY, *at],
        ["template", COUNTY, "-o", "OUT/模板.xlsx", *at],
        ["coverage", PROVINCE, *at],
        ["coverage", PROVINCE, *at, "--json"],
    ]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("台账") / "台账.xlsx"
    script = ROOT / "examples" / "ledger" / "generate.py"
    subprocess.run([sys.executable, str(script), str(path), "--projects", "14"], check=True, capture_output=True)
    return path


def outputs(folder: Path, ledger: Path, seed: str) -> dict[str, bytes]:
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), json.dumps(commands(ledger))],
        check=True,
        cwd=ROOT,
        env={
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(ROOT / "src"),
            "PATH": "/usr/bin:/bin",
            "PYTHONUTF8": "1",
            "COLUMNS": "100",
        },
    )
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_hash_seed_changes_no_byte(ledger: Path, tmp_path: Path) -> None:
    first, second = outputs(tmp_path / "1", ledger, "1"), outputs(tmp_path / "2", ledger, "4242")
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []
    # The commands did their work: a few texts of errors would be equal as well.
    codes = {name: data.split(b"\n", 1)[0] for name, data in first.items() if name[:2].isdigit()}
    assert [name for name, code in codes.items() if code not in (b"0", b"3")] == [], codes
    assert {
        "结果.json",
        "结果.csv",
        "结果_发现.csv",
        "结果_缺项.csv",
        "结果_未读入.csv",
        "结果.xlsx",
        "模板.xlsx",
    } <= set(first)


def test_threads_share_a_policy(ledger: Path) -> None:
    """Four threads evaluate and explain every record with one policy: each gets what one thread alone would get."""
    policy = pr.load(ROOT / COUNTY, as_of=datetime.date.fromisoformat(AS_OF))
    read = policy.read(ledger)
    records = [record.instance for record in read.records]

    def answer(policy: pr.Policy, portfolio: object, turn: int) -> list[str]:
        order = range(len(records)) if turn % 2 == 0 else range(len(records) - 1, -1, -1)
        found = [""] * len(records)
        for index in order:
            outcome = policy.evaluate(records[index], portfolio)  # type: ignore[arg-type]
            found[index] = json.dumps(outcome.to_dict(), ensure_ascii=False) + str(outcome.explain())
        return found

    expected = answer(policy, policy.portfolio(read.portfolio), 0)
    # A policy and a portfolio that nobody has used: what they build on first use is built by all threads at once.
    fresh = pr.load(ROOT / COUNTY, as_of=datetime.date.fromisoformat(AS_OF))
    shared = fresh.portfolio(read.portfolio)
    together = threading.Barrier(4)

    def run(turn: int) -> list[str]:
        together.wait()
        return answer(fresh, shared, turn)

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(run, range(4)):
            assert found == expected


def test_loading_in_threads_gives_equal_policies() -> None:
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda _: pr.load(ROOT / PROVINCE, as_of=datetime.date.fromisoformat(AS_OF)), range(4)))
    assert len({policy.fingerprint for policy in loaded}) == 1

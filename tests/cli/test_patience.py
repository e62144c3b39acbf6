"""What no command takes for small files: time and memory, whoever of its processes takes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policyrules.patience import SMALL, watched

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system does not tell, or makes processes otherwise"
)

LEDGER = "examples/funds/台账.json"


def _run(seconds: float, amount: int, *words: object) -> subprocess.CompletedProcess[str]:
    """A command that may take so many seconds and bytes."""
    code = (
        "import sys; from policyrules import patience, __main__; "
        f"patience.MOST_SECONDS, patience.MOST_BYTES = {seconds}, {amount}; sys.exit(__main__.main())"
    )
    return subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)


def test_a_command_that_works_too_long_ends_with_a_sentence_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    written = tmp_path / "结果.json"
    written.write_text("旧")
    ended = _run(0.5, 2_000_000_000, "evaluate", "examples/funds", LEDGER, "-o", written, "--force")
    assert ended.returncode == 2
    assert "还没有算完，已停下" in ended.stderr and "加 --long" in ended.stderr and "Traceback" not in ended.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["结果.json"] and written.read_text() == "旧"


def test_a_command_that_holds_too_much_memory_ends_so_as_well() -> None:
    ended = _run(30, 20_000_000, "check", "policies/jiangxi")
    assert ended.returncode == 2 and "用的内存已到" in ended.stderr


def test_a_script_reads_it_as_every_other_error() -> None:
    ended = _run(0.3, 2_000_000_000, "check", "policies/jiangxi", "--json")
    assert ended.returncode == 2 and "已停下" in json.loads(ended.stdout)["error"]


@pytest.mark.parametrize("command", ["check", "lock", "coverage"])
def test_who_can_wait_says_so_in_every_command(command: str, tmp_path: Path) -> None:
    ended = _run(0.3, 2_000_000_000, command, "--long", "policies/national")
    assert "已停下" not in ended.stderr and "没有“--long”" not in ended.stderr


def test_files_that_are_long_and_who_asks_for_the_wait_are_not_watched(tmp_path: Path) -> None:
    ledger = tmp_path / "台账.csv"
    ledger.write_bytes(b"x" * (SMALL - 1))
    assert watched(["evaluate", "policies/jiangxi", str(ledger), "--json"])
    ledger.write_bytes(b"x" * SMALL)
    assert not watched(["evaluate", "policies/jiangxi", str(ledger)])
    # A ledger may be a folder of files.
    assert not watched(["evaluate", "policies/jiangxi", str(tmp_path)])
    assert watched(["evaluate", "policies/jiangxi", "没有这个文件"])
    assert not watched(["mutate", "policies/jiangxi", "--sample=40"])
    assert not watched(["evaluate", "examples/funds", LEDGER, "--all-missing"])


_BURNING = """
import os, sys
from policyrules import patience
from policyrules.cli.beside import apart
from policyrules.cli.evaluation import in_processes
patience.MOST_SECONDS = 3.0
FIRST = os.getpid()

def burn():
    while os.getpid() != FIRST:
        pass
    return "先"

class Work:
    def part(self, run):
        return burn()

patience.watch()
try:
    print(apart(burn)() if sys.argv[1] == "beside" else list(in_processes(Work(), range(3), 2)))
except patience.Overrun as error:
    print("停下", error)
"""


@pytest.mark.parametrize("way", ["beside", "divided"])
def test_what_a_process_made_for_a_part_takes_ends_the_command(way: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _BURNING, way], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.stdout.startswith("停下") and not ended.stderr, (ended.stdout, ended.stderr)

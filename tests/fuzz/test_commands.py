"""A bounded run of `tests.fuzz.commands`: junk on the command line ends in an exit code from 0 to 3, and no trace."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

from tests.fuzz import corpus
from tests.fuzz.commands import check_command, commands, furnish
from tests.fuzz.running import limited


def test_junk_arguments_end_in_an_exit_code(tmp_path: Path) -> None:
    codes = set()
    for number, random, arguments in itertools.islice(commands(20250915), 60):
        work = furnish(tmp_path / str(number), random)
        try:
            with limited(30):
                codes.add(check_command(arguments, work))
        except Exception as error:
            error.add_note(f"command 20250915:{number}: {arguments!r}")
            raise
    assert {0, 1, 2} <= codes


def test_a_process_of_its_own_leaves_no_trace(tmp_path: Path) -> None:
    work = furnish(tmp_path, next(commands(1))[1])
    for arguments, expected in (
        (["check", "1"], {0}),
        (["check", "坏yaml", "没有"], {1}),
        (["evaluate", "1", "台账.json", "-o", "结果.csv"], {3}),
        (["evaluate", "1", "坏.xlsx"], {2, 3}),
        (["explain", "1", "台账.json", "丁"], {2}),
    ):
        command = [sys.executable, "-m", "policyrules", *arguments]
        environment = {"PYTHONPATH": str(corpus.ROOT / "src"), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, encoding="utf-8", env=environment)
        assert done.returncode in expected, (arguments, done.returncode, done.stderr)
        assert "Traceback" not in done.stderr + done.stdout


def test_what_sound_words_ask_for_comes(tmp_path: Path) -> None:
    work = furnish(tmp_path, next(commands(1))[1])
    for arguments, expected in (
        # One of the two documents above speaks of no county, which the record belongs to.
        (["explain", "并", "台账.json", "甲"], 0),
        (["impact", "1", "试", "台账.json"], 3),
        (["impact", "0", "1", "台账.json", "--sweep", "数量线", "--dates", "自动", "-o", "变动.html"], 3),
        (["diff", "0", "试"], 1),
        (["check", "试"], 0),
    ):
        assert check_command(arguments, work) == expected, arguments

"""`tests.fuzz.running`: a fault ends a long run with 1, is told with what makes it again, and its files are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz.running import Fault, Trial, command_line, limited, run_trials


def test_the_watch_sees_a_hang() -> None:
    with pytest.raises(Fault, match="no end"), limited(0.05):
        while True:
            pass


def _check(folder: Path) -> str:
    assert not list(folder.iterdir())
    (folder / "甲").touch()
    return "read"


def _hangs(_: Path) -> str:
    while True:
        pass


def test_a_run_without_faults_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    options = command_line("", 3).parse_args([])
    assert run_trials((Trial(number, "sound", _check) for number in range(9)), options, 1) == 0
    assert "3 of seed 1, 0 faults\n{'sound: read': 3}" in capsys.readouterr().out


def test_a_fault_is_told_and_its_files_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = command_line("", 4).parse_args(["--seed", "7", "--faults", str(tmp_path)])
    trials = [Trial(number, "hung", _hangs, {"敌.rules": b"x"}) for number in range(3)] + [Trial(3, "sound", _check)]
    assert run_trials(iter(trials), options, 0.05) == 1
    said = capsys.readouterr().out
    assert "FAULT 7:0 hung: Fault" in said and "FAULT 7:2" not in said, "each fault twice at most"
    assert "4 of seed 7, 3 faults\n{'hung: fault': 3, 'sound: read': 1}" in said and "     3 × Fault" in said
    assert (tmp_path / "7-0" / "敌.rules").read_bytes() == b"x"

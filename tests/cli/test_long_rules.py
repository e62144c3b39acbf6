"""Rules that are long: what is held against each other is not longer together than one waits for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules.cli import bounds, run
from policyrules.policy import load
from policyrules.program import costs
from policyrules.testing.build import write_layers

HEAD = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 数（n）：整数
决定 档（class）：整数
  授权 自定
"""
TABLE = """
决策表 分档
  授权 自定
  得出 档
  | 数 | 档 |
  | < 3 | 1 |
  | ≥ 3 | 2 |
"""
COMMANDS = ("compare 旧/0 新/0 台账.json", "impact 旧/0 新/0 台账.json", "diff 旧/0 新/0")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path / "旧", HEAD + TABLE)
    write_layers(tmp_path / "新", HEAD + TABLE.replace("3 |", "4 |"))
    (tmp_path / "台账.json").write_text(json.dumps([{"编号": "甲", "数": 3}], ensure_ascii=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def length(folder: Path) -> int:
    """Bytes of the rules, those of rows three times."""
    lines = (folder / "0" / "rules.rules").read_text(encoding="utf-8").splitlines()
    return sum((len(line.encode()) + 1) * (3 if line.startswith("  |") else 1) for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_stacks_that_are_too_long_together_are_refused_before_they_are_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    words = [*command.split(), "--as-of", "2026-03-01"]
    most = length(folder / "旧") + length(folder / "新")
    monkeypatch.setattr(costs, "MOST_READ", most)
    found = run(words)
    assert found in (0, 1)
    monkeypatch.setattr(costs, "MOST_READ", most - 1)
    capfd.readouterr()
    with monkeypatch.context() as patched:
        for module in ("reading", "differences"):
            patched.setattr(f"policyrules.cli.{module}.load", None)
        assert run(words) == 2
    told = "".join(capfd.readouterr().err.split())
    assert f"要比的几套规则合起来太长，读完、比完要等太久：规则文件合计最多{most - 1:,}字节" in told
    assert "新/0/rules.rules超过了" in told and "等得起的加--long" in told
    assert run([*words, "--long"]) == found
    # One stack by itself may be as long as a stack may be.
    assert run(["check", "新/0"]) == 0


def test_all_stacks_of_an_impact_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = [*COMMANDS[1].split(), "--as-of", "2026-03-01", "--also", "又=旧/0"]
    most = 2 * length(folder / "旧") + length(folder / "新")
    for bound, code in ((most, 0), (most - 1, 2)):
        monkeypatch.setattr(costs, "MOST_READ", bound)
        assert run(words) == code


def test_a_trial_is_as_long_as_the_stack_it_stands_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["new-trial", "试", "--extends", "旧/0"]) == 0
    monkeypatch.setattr(costs, "MOST_READ", length(folder / "旧"))
    bounds.check_rules([Path("试")])
    monkeypatch.setattr(costs, "MOST_READ", length(folder / "旧") - 1)
    with pytest.raises(bounds.UserError):
        bounds.check_rules([Path("试")])


def test_an_impact_does_not_try_the_causes_of_rules_longer_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = [*COMMANDS[1].split(), "--as-of", "2026-03-01"]
    most = sum(costs.parts_of(load(folder / side / "0").program) for side in ("旧", "新"))
    monkeypatch.setattr(costs, "MOST_BLENDED", most)
    assert run(words) == 0
    monkeypatch.setattr(costs, "MOST_BLENDED", most - 1)
    assert run([*words, "--long"]) == 0
    capfd.readouterr()
    with monkeypatch.context() as patched:
        patched.setattr("policyrules.cli.impact.told", None)
        assert run(words) == 2
    told = "".join(capfd.readouterr().err.split())
    assert f"条件合计超过{most - 1:,}项，逐条试由什么引起要等太久" in told and "等得起的加--long" in told

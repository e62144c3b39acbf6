"""The command ``mutate``: report, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules.cli import run
from policyrules.engine.asking import Asking
from policyrules.program import costs
from policyrules.testing.build import write_layers

RULES = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否

决定 分类（category）：单选 { 盘活、其他 }

规则 盘活类
  依据【二】“停产的”
  当 停产
  则 分类 为 盘活
"""
SCENARIO = "评估日: 2025-09-15\n情形:\n  - 名称: 停产的归盘活\n    记录: {停产: 是}\n    预期: {分类: 盘活}\n"


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = write_layers(tmp_path, RULES)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "一.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def test_report_and_exit_code(layer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Nothing says that a project which goes on is not 盘活, so the dropped condition goes unnoticed.
    assert run(["mutate", str(layer)]) == 1
    shown = capsys.readouterr().out
    assert "改了也没有情形发现的地方（1）" in shown and "当 停产 → （去掉）" in shown
    assert run(["mutate", str(layer), "--least", "50"]) == 0
    (layer / "scenarios" / "二.yaml").write_text(
        SCENARIO.replace("停产的归盘活", "没有停产的不归")
        .replace("停产: 是", "停产: 否")
        .replace("分类: 盘活", "分类: 无"),
        encoding="utf-8",
    )
    assert run(["mutate", str(layer)]) == 0


def test_json(layer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mutate", str(layer), "--json", "--sample", "2", "--seed", "1"]) in (0, 1)
    data = json.loads(capsys.readouterr().out)
    assert data["tried"] == 2 and data["possible"] == 4
    assert {"layer", "file", "line", "declaration", "before", "after", "status"} <= set(data["mutants"][0])


LENGTH = len(RULES)


@pytest.mark.parametrize(("changes", "tried"), [(1, 1), (2, 2), (3, 3), (4, 4)])
def test_as_many_as_one_can_wait_for(
    layer: Path, changes: int, tried: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(costs, "PARTS_OF_A_CHARACTER", 10**9)
    # Three times before the first change, and once for each.
    monkeypatch.setattr(costs, "MOST_MUTATED", (3 + changes) * LENGTH)
    assert run(["mutate", str(layer), "--json"]) in (0, 1)
    data = json.loads(capsys.readouterr().out)
    assert (data["possible"], data["tried"], data["stopped"]) == (4, tried, tried < 4)
    run(["mutate", str(layer), "--long", "--json"])
    whole = json.loads(capsys.readouterr().out)
    assert (whole["tried"], whole["stopped"]) == (4, False)
    # Drawn at random, told in the order of the file.
    every, some = ([(one["line"], one["before"], one["after"]) for one in each["mutants"]] for each in (whole, data))
    assert some == [one for one in every if one in some]
    run(["mutate", str(layer)])
    assert (f"只随便抽查了{tried}处；要改完，加--long" in "".join(capsys.readouterr().out.split())) == (tried < 4)


def test_so_it_is_without_scenarios(
    layer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (layer / "scenarios" / "一.yaml").unlink()
    monkeypatch.setattr(costs, "MOST_MUTATED", 5 * LENGTH)
    assert run(["mutate", str(layer), "--json"]) in (0, 1)
    data = json.loads(capsys.readouterr().out)
    assert (data["possible"], data["tried"], data["stopped"]) == (4, 2, True)


def test_rules_of_which_not_one_change_can_be_waited_for(
    layer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(costs, "MOST_MUTATED", 4 * LENGTH - 1)
    assert run(["mutate", str(layer)]) == 2
    told = capsys.readouterr().err
    assert "改一处也要等太久" in told and "--long" in told
    assert run(["mutate", str(layer), "--long"]) in (0, 1)
    assert run(["mutate", str(layer), "--sample", "1"]) in (0, 1)


def test_records_of_scenarios_count_and_so_do_those_tried_for_a_gap(
    layer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(costs, "MOST_MUTATED", 100 * LENGTH)
    run(["mutate", str(layer)])
    every = "".join(capsys.readouterr().out.split())
    # The change that nobody notices is told also where no record is looked for on which it shows.
    monkeypatch.setattr(costs, "PARTS_OF_A_CHARACTER", 1)
    monkeypatch.setattr(Asking, "of", lambda *_: 45 * LENGTH)
    run(["mutate", str(layer)])
    told = "".join(capsys.readouterr().out.split())
    assert "还缺一个情形" in every and "可抄用" in every
    assert "可抄用" not in told and "只随便抽查了" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--file", "没有.rules"], "检查 --file"),
        (["--scenarios", "没有这个"], "没有这个文件或文件夹"),
        (["--scenarios", "{}/空"], "里没有情形文件"),
        (["--sample", "0"], "--sample"),
    ],
)
def test_misuse(layer: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (layer.parent / "空").mkdir(exist_ok=True)
    assert run(["mutate", str(layer), *(option.format(layer.parent) for option in options)]) == 2
    assert said in capsys.readouterr().err

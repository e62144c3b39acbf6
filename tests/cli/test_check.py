"""``check``: how much of what was counted is this layer's own, and what ``--strict`` makes of warnings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules.cli import run
from policyrules.testing.build import write_layers

UPPER = """\
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 停产（stopped）：是否
决定 分类（category）：单选 { 盘活、其他 }
规则 甲
  依据【一】
  当 停产
  则 分类 为 盘活
"""
LOWER = "提示 乙\n  依据【一】\n  当 停产\n  说 “话”\n"


def test_own_declarations_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_layers(tmp_path, UPPER, LOWER)
    assert run(["check", str(folder)]) == 0
    assert "提示 1" in capsys.readouterr().out.partition("其中本层")[2]
    assert run(["check", "--json", str(folder)]) == 0
    (report,) = json.loads(capsys.readouterr().out)["layers"]
    assert report["own"] == {"提示": 1} and report["counts"]["规则"] == 1 and report["notes"] == []


def test_a_layer_whose_rules_were_not_read_has_none_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_layers(tmp_path, UPPER, LOWER)
    (file,) = folder.glob("*.rules")
    file.rename(file.with_name("规则.rules.txt"))
    assert run(["check", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "W383" in said and "本层没有规则、修订或设定" in said
    assert run(["check", "--strict", str(folder)]) == 1


def test_a_rule_without_a_clause_does_not_pass_strictly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_layers(tmp_path, UPPER, LOWER + "提示 丙\n  当 停产\n  说 “话”\n")
    assert run(["check", str(folder)]) == 0
    assert run(["check", "--strict", str(folder)]) == 1
    assert "W307" in capsys.readouterr().out

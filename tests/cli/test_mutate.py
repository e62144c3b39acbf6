"""The command ``mutate``: report, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules.cli import run
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

"""Commands given a 试验: each works on what it varies, or says what to do instead."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest
from tests.program.test_trials import LOW, TOP, write_trial

import policyrules as pr
from policyrules.cli import run
from policyrules.program.trial_manifest import read_trial_manifest
from policyrules.source import Source
from policyrules.testing.build import layer_files
from policyrules.testing.runner import run_files
from policyrules.testing.scenarios import find_files

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime.date(2025, 11, 15)
TRIAL = "去掉 修订 盘活类\n改 术语 大户\n  即 户数 ≥ 40 户\n"
IDLE = "{停产: 是, 有潜力: 否, 户数: 25, 投资: 100}"
SCENARIOS = f"""\
评估日: 2025-11-15
情形:
  - 名称: 停产没有潜力的不归
    记录: {IDLE}
    预期: {{分类: 无}}
    各层: {{L0: {{分类: 盘活}}}}
  - 名称: 有潜力的升级
    记录: {{停产: 否, 有潜力: 是, 户数: 10, 投资: 100}}
    预期: {{分类: 升级}}
  - 名称: 二十五户是大户
    记录: {{停产: 否, 有潜力: 否, 户数: 25, 投资: 100}}
    预期: {{分类: 无, 发现: {{大户提示: 提示}}}}
  - 名称: 本来就不符，照试验又是一样
    记录: {IDLE}
    预期: {{分类: 升级}}
  - 名称: 本来不符，照试验也不符
    记录: {{停产: 否, 有潜力: 是, 户数: 10, 投资: 100}}
    预期: {{分类: 盘活}}
"""
ABOVE = f"""\
评估日: 2025-11-15
情形:
  - 名称: 上层的
    记录: {IDLE}
    预期: {{分类: 升级}}
"""
OWN = f"""\
评估日: 2025-11-15
情形:
  - 名称: 试验自己的
    记录: {IDLE}
    预期: {{分类: 盘活}}
"""


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``上`` and ``下`` with scenarios, a trial ``试`` that varies ``下``, and a ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, text, level, scenarios in (("上", TOP, 0, ABOVE), ("下", LOW, 1, SCENARIOS)):
        (tmp_path / name / "scenarios").mkdir(parents=True)
        for path, content in layer_files(text, level).items():
            (tmp_path / name / path).write_text(content.replace("../0", "../上"), encoding="utf-8")
        (tmp_path / name / "scenarios" / "一.yaml").write_text(scenarios, encoding="utf-8")
    write_trial(tmp_path / "试", tmp_path / "下", "L1", TRIAL)
    rows = [{"编号": "甲", "停产": True, "有潜力": False, "户数": 25, "投资": "100 万元"}]
    (tmp_path / "台账.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_what_scenarios_come_to_under_a_trial_is_told_and_is_no_failure(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["test", "试", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["trials"]
    assert told["scenarios"] == 5
    changes = {
        change["name"]: [(one["label"], one["expected"], one["before"], one["after"]) for one in change["checks"]]
        for change in told["changed"]
    }
    assert changes == {
        "停产没有潜力的不归": [("分类", "无", "无", "盘活")],
        "二十五户是大户": [("发现 大户提示", "提示", "提示", "不适用")],
        "本来就不符，照试验又是一样": [("分类", "升级", "无", "盘活")],
    }
    assert run(["test", "试"]) == 0
    said = capsys.readouterr().out
    assert "5 个情形里 3 个的结果会变" in said and "这不算不符" in said
    assert "照试验  盘活" in said and "下/scenarios/一.yaml:3" in said and "上层的" not in said
    # As things stand two of them fail, and of the trial's own one passes.
    assert run(["test", "下"]) == 1
    (folders / "试" / "scenarios").mkdir()
    own = folders / "试" / "scenarios" / "二.yaml"
    own.write_text(OWN, encoding="utf-8")
    capsys.readouterr()
    assert run(["test", "试"]) == 0
    assert "情形 1 个：通过 1" in capsys.readouterr().out
    own.write_text(OWN.replace("分类: 盘活", "分类: 无"), encoding="utf-8")
    assert run(["test", "试"]) == 1
    capsys.readouterr()


def test_a_trial_that_changes_no_scenario(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trial(folders / "又试", folders / "下", "L1", "去掉 提示 小户提示\n")
    assert run(["test", "又试"]) == 0
    assert "5 个情形的结果都不变" in capsys.readouterr().out
    shutil.rmtree(folders / "下" / "scenarios")
    assert run(["test", "又试"]) == 0
    assert "没有情形" in capsys.readouterr().out
    (folders / "又试" / "改动.rules").write_text("去掉 提示 没有这个\n", encoding="utf-8")
    assert run(["test", "又试"]) == 1
    assert "E324" in "".join(capsys.readouterr())


def test_a_scenario_that_can_no_longer_be_asked_under_a_trial(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders / "下" / "scenarios" / "一.yaml").write_text(
        f"评估日: 2025-11-15\n参数: {{高: 2 户}}\n情形:\n  - 名称: 高另定\n    记录: {IDLE}\n    预期: {{分类: 无}}\n",
        encoding="utf-8",
    )
    low = LOW + "参数 高（high）：整数（户） 缺省 1 户\n  依据【二】\n"
    (folders / "下" / "rules.rules").write_text(low, encoding="utf-8")
    write_trial(folders / "又试", folders / "下", "L1", "去掉 参数 高\n")
    assert run(["test", "又试", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["trials"]
    (change,) = told["changed"]
    # The parameter that the scenario gives is gone.
    assert change["checks"] == [] and [one["code"] for one in change["diagnostics"]] == ["E601"]
    assert run(["test", "又试"]) == 0
    assert "E601" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["mutate", "test --coverage", "test --own"])
def test_what_cannot_be_asked_of_a_trial(folders: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([*command.split(), "试"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "试验" in said.err and "那一层的文件夹" in said.err


def test_what_can_be_asked_of_a_trial(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["check", "试"],
        ["list", "试"],
        ["evaluate", "试", "台账.json"],
        ["explain", "试", "台账.json", "甲"],
        ["impact", "下", "试", "台账.json"],
        ["diff", "下", "试"],
    ):
        assert run(command) == (1 if command[0] == "diff" else 0), command
        assert "试验“试着改”" in "".join(capsys.readouterr()), command
    assert run(["explain", "试", "台账.json", "甲", "--only", "分类", "--json"]) == 0
    assert '"盘活"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "varied"),
    [("", "L1"), ("变动:\n", "L1"), ("变动: null\n", "L1"), ("变动: L0\n", "L0")],
)
def test_a_layer_that_is_left_open_is_the_lowest(folders: Path, written: str, varied: str) -> None:
    """A key with nothing behind it is one that is not written, as everywhere in a ``layer.yaml``."""
    manifest = f"类别: 试验\n编号: SYT\n标题: 试着改\n上级: ../下\n{written}"
    (folders / "试" / "layer.yaml").write_text(manifest, encoding="utf-8")
    (folders / "试" / "改动.rules").write_text("新增 提示 又一条\n  当 停产\n  说 “又”\n", encoding="utf-8")
    policy = pr.load("试", as_of=AS_OF)
    assert policy.trial is not None and policy.trial.layer == varied


@pytest.mark.parametrize("written", ["''", '" "'])
def test_a_layer_that_is_called_by_nothing_is_a_slip(written: str) -> None:
    text = f"类别: 试验\n编号: SYT\n标题: 试着改\n上级: ../下\n变动: {written}\n"
    manifest, found = read_trial_manifest(Source("layer.yaml", text))
    assert manifest is None or manifest.varies is None
    assert [one.code for one in found] == ["E425"]


def test_a_trial_breaks_the_scenarios_that_the_same_edit_in_a_copy_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of some scenarios of the province: those that fail once its text is edited are those that the trial names."""
    for name in ("national", "jiangxi"):
        shutil.copytree(ROOT / "policies" / name, tmp_path / "policies" / name)
    shutil.copytree(ROOT / "examples" / "trials" / "加户数", tmp_path / "examples" / "trials" / "加户数")
    monkeypatch.chdir(tmp_path)
    scenarios = tmp_path / "policies" / "jiangxi" / "scenarios"
    for path in scenarios.iterdir():
        if path.name != "差异.yaml":
            path.unlink() if path.is_file() else shutil.rmtree(path)
    assert run(["test", "examples/trials/加户数", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["trials"]
    rules = tmp_path / "policies" / "jiangxi" / "范围与分类.rules"
    text, old = rules.read_text(encoding="utf-8"), "任一满足（技术短板；设施短板）"
    assert text.count(old) == 1
    rules.write_text(text.replace(old, f"{old} 且 带动脱贫户 ≥ 10 户"), encoding="utf-8")
    result = run_files(find_files([scenarios]))
    broken = [one.scenario.name for one in result.results if one.status != "passed"]
    assert [change["name"] for change in told["changed"]] == broken and broken
    assert told["scenarios"] == len(result.results)

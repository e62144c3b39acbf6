"""The pytest plugin, run in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.report.sample import NATION, PROVINCE

from policyrules.testing.build import write_layers

SCENARIOS = """\
评估日: 2025-09-15
情形:
  - {名称: 对的, 记录: {已形成: 否}, 预期: {分类: 不适用}}
  - {名称: 错的, 记录: {已形成: 是, 资源有支撑: 是, 链条: 较完备, 困难: 无}, 预期: {分类: 升级}}
"""
ROOT = Path(__file__).resolve().parents[2]


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    installed = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlib.metadata import entry_points as e; print(len(e(group='pytest11', name='policyrules')))",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    plugin = [] if installed != "0" else ["-p", "policyrules.testing.pytest_plugin"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *plugin,
            "-q",
            "--rootdir",
            str(folder),
            "-p",
            "no:cacheprovider",
            str(folder),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_each_scenario_is_an_item(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, NATION, PROVINCE)
    (lowest / "scenarios").mkdir()
    (lowest / "scenarios" / "甲.yaml").write_text(SCENARIOS, encoding="utf-8")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "config.yaml").write_text("not: ours\n", encoding="utf-8")
    (tmp_path / "坏.scenario.yaml").write_text("情形: 1\n", encoding="utf-8")
    done = pytest_in(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 1 passed" in done.stdout
    assert "应为  升级" in done.stdout and "链条 为 不完整：否" in done.stdout
    assert "Traceback" not in done.stdout
    assert "没有“情形:”" in done.stdout

"""The demonstration that the README names first.

Why this exists: it is the first that anybody runs, and stands on the package as a user's own script does.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.py"


def test_the_demonstration_runs_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three stacks, two comparisons, one project explained, and the results as files."""
    # It is set for a process of the demonstration's own.
    monkeypatch.setattr("gc.set_threshold", lambda *thresholds: None)
    runpy.run_path(str(DEMO))["main"](tmp_path / "out")
    said = capsys.readouterr().out
    places = [
        said.index(part) for part in ("只看国家指导意见", "国家 + 江西", "国家 + 江西 + 示例县标准", "全部结果已写入")
    ]
    assert places == sorted(places) and "一个因江西的规定而改变结果的项目" in said
    assert (tmp_path / "out" / "评估结果.csv").is_file() and "out/评估结果_要处理.csv" in said

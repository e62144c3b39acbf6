"""What is asked of an impact, and how it is asked again."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.report.impact_sample import sample

import policyrules as pr
from policyrules.report.impact_page import impact_page
from policyrules.report.impact_sheets import impact_sheets
from policyrules.report.impact_text import impact_lines
from policyrules.report.layout import plain
from policyrules.testing.build import policy_from_text

RULES = """
对象 农场（farm） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户）
  字段 有证（licensed）：是否
参数 门槛（least）：整数（户） = {} 户
参数 另一门槛（other）：整数（户） = 2 户
决定 归类（class）：单选 {{ 大 }}
规则 大场
  当 户数 ≥ 门槛
  则 归类 为 大
决定 意见（view）：单选 {{ 准 }}
规则 准许
  当 户数 ≥ 门槛 且 户数 ≥ 另一门槛 且 有证
  则 意见 为 准
"""
FARMS: list[Any] = [{"编号": str(n), "户数": n, "有证": n % 2 == 1} for n in range(1, 8)]
SWEPT: Any = {"sweeps": ("门槛=1..8", "另一门槛=1..8"), "nearest": False, "blanks": False, "readings": False}


def policies() -> tuple[pr.Policy, pr.Policy]:
    old, new = (policy_from_text(RULES.format(n), as_of=datetime.date(2025, 11, 15)) for n in (3, 5))
    return old, new


def test_what_has_no_folder_is_a_word_and_what_was_asked_is_written() -> None:
    old, new = policies()
    told = pr.impact(old, new, FARMS, decision="意见", nearest=False).about.command
    assert told == "policyrules.impact(原, 现, 记录, decision='意见', nearest=False)"
    # The words are Python: with the two policies and the records in their places it gives the same.
    again = eval(told, {"policyrules": pr, "原": old, "现": new, "记录": FARMS})
    assert again == pr.impact(old, new, FARMS, decision="意见", nearest=False)


def test_folders_and_files_are_called_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(root)
    as_of = datetime.date(2025, 11, 15)
    path = tmp_path / "台账.json"
    path.write_text('[{"编号": "1"}]', encoding="utf-8")
    old, new = pr.load("policies/jiangxi", as_of=as_of), pr.load("examples/trials/加户数", as_of=as_of)
    first = pr.impact(old, new, path, sweeps=("户数=5..6",), dates=[datetime.date(2026, 6, 30)])
    told = first.about.command
    assert "policyrules.load('policies/jiangxi', as_of=datetime.date(2025, 11, 15))" in told
    assert "policyrules.load('examples/trials/加户数'" in told and "sweeps=('户数=5..6',)" in told
    again = eval(told, {"policyrules": pr, "datetime": datetime})
    assert again == first


def test_parameters_that_were_set_are_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    policy = pr.load("policies/jiangxi", as_of=datetime.date(2025, 11, 15))
    other = policy.with_parameters({"反向约束数量": 5})
    told = pr.impact(policy, other, [{"编号": "1"}], nearest=False, blanks=False, readings=False).about.command
    again = eval(told, {"policyrules": pr, "datetime": datetime, "记录": [{"编号": "1"}]})
    assert again.about.new.parameters == {"反向约束数量": "5 个"}


def test_a_grid_of_any_decision_that_is_asked() -> None:
    old, new = policies()
    (one,) = pr.impact(old, new, FARMS, **SWEPT).grids
    assert one.decision == "归类"
    grids = pr.impact(old, new, FARMS, grids=("view", "归类"), **SWEPT).grids
    assert [grid.decision for grid in grids] == ["意见", "归类"]
    # Licensed farms of 3, 5 and 7 households come to 准 under the old thresholds of 3 and 2; the larger of both counts.
    view = grids[0]
    assert view.changed[0][0].low == 1  # 1 household is enough: farm 1 gains.
    assert {cell.low for row in view.changed for cell in row} == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="是不是 意见"):
        pr.impact(old, new, FARMS, grids=("意件",), **SWEPT)
    with pytest.raises(ValueError, match="要写两个 --sweep"):
        pr.impact(old, new, FARMS, grids=("意见",))


def test_names_are_listed_where_they_are_asked_for() -> None:
    impact = sample()
    names = "2（东乡）、5（西乡）、7（西乡）"
    assert names not in plain(impact_lines(impact)) and names in plain(impact_lines(impact, listed=True))
    assert names in plain(impact_lines(impact, everything=True))
    assert names not in plain(impact_lines(impact, everything=True, listed=False))
    assert "名单" in [sheet.name for sheet in impact_sheets(impact)]
    assert "名单" not in [sheet.name for sheet in impact_sheets(impact, listed=False)]
    page = impact_page(impact, most=0)
    assert "共 4 处变化，名单没有列" in page and 'id="rows"' not in page and 'id="marks"' not in page

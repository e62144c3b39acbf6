"""The scenarios that mutation testing proposes: copied and filled in by hand they notice what nobody noticed before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyrules.report.layout import plain
from policyrules.testing.build import write_layers
from policyrules.testing.gaps import Gap
from policyrules.testing.mutate import MutationReport, mutate
from policyrules.testing.mutate_text import mutation_lines
from policyrules.testing.runner import run_files

RULES = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 户数（households）：整数（户） 取值 0 户 至 1000 户
  字段 投资（invested）：金额（万元） 取值 0 万元 以上

对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元） 取值 0 万元 以上
  字段 产业（industry）：是否

决定 分类（category）：单选 { 升级、盘活 }

规则 盘活类
  当 停产 且 户数 ≥ 10 户
  则 分类 为 盘活

决定 档次（grade）：单选 { 低、高 }

决策表 分档
  得出 档次
  | 投资      | 档次 |
  | < 50 万元 | 低   |
  | ≥ 50 万元 | 高   |

统计 产业占比
  占比 资金.金额
  符合 产业

提示 占比低
  当 产业占比 < 30%
  说 “低”
"""

SCENARIOS = """\
评估日: 2025-09-15
情形:
  - 名称: 停产而户数多的盘活
    记录: {编号: 甲, 停产: 是, 户数: 12, 投资: 60}
    预期: {分类: 盘活, 档次: 高}
  - 名称: 没有停产的不盘活
    记录: {编号: 乙, 停产: 否, 户数: 12, 投资: 20}
    预期: {分类: 无, 档次: 低}
  - 名称: 占比四成不提示
    记录: {编号: 丙, 资金: [{金额: 40, 产业: 是}, {金额: 60, 产业: 否}]}
    台账: []
    预期: {发现: {占比低: 不适用}}
"""


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = write_layers(tmp_path / "政策", RULES)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "一.yaml").write_text(SCENARIOS, encoding="utf-8")
    return folder


def gaps(report: MutationReport) -> dict[str, Gap]:
    return {r.mutant.change: r.gap for r in report.of("unnoticed") if r.gap is not None}


def test_a_copied_scenario_notices(layer: Path) -> None:
    before = gaps(mutate(layer))
    gap = before["户数 ≥ 10 户 → 户数 > 10 户"]
    assert gap.says == "户数正好是 10 户 时"
    assert (gap.like, gap.changes, gap.results) == ("停产而户数多的盘活", ("户数：12 → 10",), ("分类",))
    assert gap.scenario.endswith("预期:\n      分类:")
    # 停产, and ten households are at least ten: 盘活.
    path = layer / "scenarios" / "一.yaml"
    path.write_text(f"{SCENARIOS}{gap.scenario} 盘活\n", encoding="utf-8")
    assert run_files([path]).passed
    assert "户数 ≥ 10 户 → 户数 > 10 户" not in gaps(mutate(layer))


def test_the_outcome_is_left_to_a_person(layer: Path) -> None:
    gap = gaps(mutate(layer))["户数 ≥ 10 户 → 户数 > 10 户"]
    path = layer / "scenarios" / "一.yaml"
    path.write_text(f"{SCENARIOS}{gap.scenario}\n", encoding="utf-8")
    run = run_files([path])
    assert not run.passed and "E666" in [one.code for one in run.diagnostics]


def test_rows_of_tables_are_noticed_and_their_gaps_found(layer: Path) -> None:
    report = mutate(layer)
    noticed = [r.mutant.change for r in report.of("noticed") if r.mutant.declaration == "决策表 分档"]
    assert "分档·1 → （去掉）" in noticed and "分档·2 → （去掉）" in noticed
    found = gaps(report)["投资 ≥ 50 万元 → 投资 > 50 万元"]
    # 50 万元 lies in no row then.
    assert (found.says, found.results) == ("投资正好是 50 万元 时", ("档次",))
    assert len(found.changes) == 1 and found.changes[0].endswith(" → 50")


def test_where_no_record_reaches_the_values_are_named(layer: Path) -> None:
    gap = gaps(mutate(layer))["产业占比 < 30% → 产业占比 ≤ 30%"]
    assert (gap.says, gap.scenario, gap.fields) == ("产业占比正好是 30% 时", "", ("资金.产业", "资金.金额"))


def test_a_result_that_no_scenario_looks_at(tmp_path: Path) -> None:
    folder = write_layers(tmp_path / "政策", RULES)
    (folder / "scenarios").mkdir()
    text = SCENARIOS.partition("  - 名称: 占比")[0]
    (folder / "scenarios" / "一.yaml").write_text(text, encoding="utf-8")
    gap = gaps(mutate(folder))["提示 占比低 → （去掉）"]
    assert gap.says == "没有这一条结果就不同的"
    assert not gap.scenario or "占比低:" in gap.scenario


def test_report(layer: Path) -> None:
    report = mutate(layer)
    text = plain(mutation_lines(report, width=200))
    assert re.search("还缺一个情形：户数正好是 10 户 时。可抄用（第 [0-9]+ 个），预期请对照文件填写：", text)
    assert re.search("上面可抄的第 [0-9]+ 个情形就看得出", text)
    assert "记录取自情形“停产而户数多的盘活”" in text and "只改了：户数：12 → 10" in text
    assert "\n      户数: 10\n" in text and "\n      分类:\n" in text
    assert "现有情形的记录改一两处还到不了这里，请新写一份记录；要填的有：资金.产业、资金.金额" in text
    assert mutate(layer).to_dict() == report.to_dict()
    assert [one.to_dict()["scenario"] for one in gaps(report).values() if one.like]

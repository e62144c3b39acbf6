"""What people are shown of amounts, tables of cases, working days and parallel figures: lists, comparisons, reasons."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.records.tabled import result_tables

import policyrules as pr
from policyrules.analysis.compare import compare
from policyrules.analysis.inventory import inventory
from policyrules.analysis.summary import summarise
from policyrules.records.build import build_all
from policyrules.records.ledger import LedgerRecord
from policyrules.report.comparison_sheets import comparison_sheets
from policyrules.report.impact_headline import headline
from policyrules.report.inventory import render_inventory
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.testing.build import policy_from_text

UPPER = """\
对象 项目 标识 编号
  字段 编号：文本
  字段 投资：金额（万元） 取值 0 万元 以上
  字段 建成日：日期
  字段 到账日：日期
  字段 下达日：日期
参数 比率：比例 缺省 30% 取值 0% 至 100%
决定 补助：金额（万元）
  不超过 20 万元
规则 按比例
  则 补助 为 投资 × 比率
决定 奖励：金额（万元） 累计
决定 复评日：日期
规则 一年后
  则 复评日 为 建成日 + 12 个月
决定 档次：单选 { 低、高 }
决策表 分档
  得出 档次
  | 投资      | 档次 |
  | < 50 万元 | 低   |
  | ≥ 50 万元 | 高   |
清单 节假日
  即 { 2025年1月1日、2025年5月1日 至 2025年5月5日 }
清单 调休上班
  即 { 2025年4月27日 }
义务 五日内下达
  应当 下达日 ≤ 到账日 + 5 个工作日
  期限 到账日 + 5 个工作日
"""
LOWER = "设定 比率 为 20%\n"
LEDGER = [
    {"编号": "甲", "投资": 50, "建成日": "2025-04-01", "到账日": "2025-04-24", "下达日": "2025-05-20"},
    {"编号": "乙", "投资": 200, "到账日": "2026-01-05"},
    {"编号": "丙"},
]


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(UPPER, as_of=datetime.date(2025, 10, 20))


def listed(policy: pr.Policy) -> str:
    return plain(render_inventory(inventory(policy.stack, policy.program), 200))


def test_lists_say_what_amounts_and_tables_are(policy: pr.Policy) -> None:
    page = listed(policy)
    assert "决策表　分情况列成表的规则，一行一条，1 项" in page
    assert "得出 档次；按 投资 分 2 行" in page
    assert "金额（万元）；不超过 20 万元" in page and "金额（万元），几条规则成立就相加" in page
    assert "单值" not in page and "累计" not in page
    assert "2025年1月1日、2025年5月1日 至 2025年5月5日" in page


def records(policy: pr.Policy) -> Iterator[LedgerRecord]:
    for instance in build_all(policy.program, LEDGER):
        yield LedgerRecord(instance, str(instance.values["编号"]))


def test_a_comparison_has_numbers_that_can_be_added_up(policy: pr.Policy) -> None:
    lower = policy_from_text(UPPER, LOWER, as_of=datetime.date(2025, 10, 20))
    compared = compare(policy, lower, LEDGER)
    sheets = {sheet.name: sheet for sheet in comparison_sheets(compared, list(records(lower)), ())}
    changes = sheets["变化"]
    assert changes.header[-5:] == ("原数", "现数", "增减", "单位", "由什么引起")
    assert changes.fixed == 2
    # 甲: 30% and 20% of 50. Of 乙 both are over the limit, of 丙 both are open.
    assert [row[-8:-1] for row in changes.rows if row[0] == "甲"] == [
        ("补助", "15 万元", "10 万元", 15, 10, -5, "万元")
    ]
    # Both sides: 甲 15 and 乙 20, then 10 and 20.
    assert ("合计", "补助（万元），只算两边都定的", 35, 30, 2) in sheets["概要"].rows
    assert ("没有算进合计", "补助，有一边未定的", None, None, 1) in sheets["概要"].rows


def test_the_first_page_says_what_is_open(policy: pr.Policy) -> None:
    outcomes = list(policy.evaluate_all(LEDGER))
    page = plain(ledger_lines(summarise(policy.program, outcomes), policy, width=100))
    # Of 丙 nothing is known but the limit.
    assert "已定 2 个，合计 35 万元" in page and "未定 1 个，另有 0 至 20 万元" in page
    assert outcomes[1]["复评日"].text == "待定：哪一天未知"


def test_working_days_and_deadlines_are_told(policy: pr.Policy) -> None:
    late, unknown, _ = policy.evaluate_all(LEDGER)
    page = plain(project_lines(late, policy, width=120, only=("五日内下达",)))
    # 25 April, 27 April (worked), 28, 29, 30 April.
    assert "期限 到账日 + 5 个工作日：2025年4月30日" in page
    assert "不计 4月26日（周末）；4月27日调休上班，照计" in page
    assert "5 个工作日：5 个工作日" not in page
    other = plain(project_lines(unknown, policy, width=120, only=("五日内下达",)))
    assert "节假日清单没有列到那一年" in other


def test_a_deadline_is_not_told_twice_in_a_sheet(policy: pr.Policy) -> None:
    outcome = policy.evaluate(LEDGER[0])
    sheet = next(table for table in result_tables([outcome]) if table.name == "要处理")
    row = sheet.rows[0]
    assert row[sheet.header.index("期限")] == datetime.date(2025, 4, 30)
    assert row[sheet.header.index("情况或所缺")] == "下达日：2025年5月20日"


def test_amounts_of_results_are_numbers(policy: pr.Policy) -> None:
    table = result_tables(list(policy.evaluate_all([{**LEDGER[0], "投资": 0.5}, LEDGER[2]])))[0]
    at = table.header.index("补助（万元）")
    assert [row[at] for row in table.rows] == [Decimal("0.15"), None]
    assert table.rows[1][table.header.index("补助·未定")] == "待定：0 至 20 万元"


def test_an_impact_about_an_amount_speaks_of_it() -> None:
    old, new = policy_from_text(UPPER), policy_from_text(UPPER.replace("投资 × 比率", "投资 × 比率 × 50%"))
    said = headline(pr.impact(old, new, LEDGER, decision="补助"))
    # Of 甲 50 × 30% = 15 becomes 7.5; of 乙 the limit 20 becomes 30, which is 20 still.
    assert said[0] == "补助（数额）有变化的 1 处"
    said = headline(pr.impact(old, new, LEDGER, decision="复评日"))
    assert said[0] == "复评日（数额）没有变化"

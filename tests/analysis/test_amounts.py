"""Amounts over a ledger: tables, the first page, comparisons, scenarios, mutants. Blanks are never zero."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.records.tabled import result_tables

import policyrules as pr
from policyrules.analysis.compare import compare
from policyrules.analysis.differences import differences
from policyrules.analysis.mutants import mutants_of, vocabulary_of
from policyrules.analysis.summary import summarise
from policyrules.language.parser import parse_source
from policyrules.program import strict_yaml
from policyrules.records.results import write_results
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.source import Source
from policyrules.testing.build import policy_from_text
from policyrules.testing.checks import check
from policyrules.testing.expectations import read_expectations

TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已形成（formed）：是否
  字段 总投资（total_wan）：金额（万元） 取值 0 万元 至 100 万元
  字段 大户（big）：是否
参数 比率（rate）：比例 缺省 30% 取值 10% 至 50%
决定 补助金额（subsidy）：金额（万元）
  适用 当 已形成
  不超过 20 万元
规则 一般补助
  依据【国·一般】
  则 补助金额 为 总投资 × 比率
规则 大户补助
  依据【国·大户】
  当 大户
  则 补助金额 为 12 万元
决定 比重（share）：比例
规则 算比重
  依据【国·比重】
  则 比重 为 总投资 ÷ 100 万元
"""
LEDGER: list[dict[str, object]] = [
    {"编号": "A", "已形成": True, "总投资": 10, "大户": False},
    {"编号": "B", "已形成": True, "总投资": 90, "大户": False},
    {"编号": "C", "已形成": True, "大户": False},
    {"编号": "D", "已形成": True, "总投资": 10, "大户": True},
    {"编号": "E", "已形成": False, "总投资": 10, "大户": False},
    {"编号": "F", "总投资": 5, "大户": False},
]


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(TEXT)


@pytest.fixture(scope="module")
def outcomes(policy: pr.Policy) -> list[pr.Outcome]:
    return [policy.evaluate(record) for record in LEDGER]


def test_what_each_comes_to(outcomes: list[pr.Outcome]) -> None:
    assert [outcome["补助金额"].text for outcome in outcomes] == [
        "3 万元",
        "20 万元",
        "待定：0 至 20 万元",
        "冲突：3 万元、12 万元",
        "不适用",
        "待定：1.5 万元 或 不适用",
    ]


def test_a_column_of_numbers_with_the_unit_in_its_head(outcomes: list[pr.Outcome]) -> None:
    table = result_tables(outcomes)[0]
    at = table.header.index("补助金额（万元）")
    assert table.header[at : at + 4] == ("补助金额（万元）", "补助金额·状态", "补助金额·未定", "补助金额·依据")
    assert [row[at : at + 3] for row in table.rows] == [
        (3, "已定", None),
        (20, "已定", None),
        (None, "待定", "待定：0 至 20 万元"),
        (None, "冲突", "冲突：3 万元、12 万元"),
        (None, "不适用", None),
        (None, "待定", "待定：1.5 万元 或 不适用"),
    ]
    share = table.header.index("比重（%）")
    assert [row[share] for row in table.rows] == [10, 90, None, 10, 10, 5]


def test_a_fraction_that_no_cell_holds_is_near_it_and_told_beside_it(policy: pr.Policy) -> None:
    other = policy_from_text(TEXT.replace("总投资 × 比率", "总投资 ÷ 3"))
    outcome = [other.evaluate({**LEDGER[0], "总投资": total}) for total in (10, 1.5, 0)]
    table = result_tables(outcome)[0]
    at = table.header.index("补助金额（万元）")
    # The column can be added up: no row of it is a text.
    assert [row[at] for row in table.rows] == [Decimal("3.33333333333333"), Decimal("0.5"), 0]
    assert [row[at + 2] for row in table.rows] == ["准确数：10/3 万元", None, None]
    page = plain(ledger_lines(summarise(other.program, outcome), other, width=100))
    assert "合计 23/6 万元（约 3.83 万元）" in page


def test_the_workbook_holds_numbers(outcomes: list[pr.Outcome], tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_results(tmp_path / "r.xlsx", outcomes)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["结果"]
    head = [cell.value for cell in sheet[1]]
    column = head.index("补助金额（万元）") + 1
    assert [sheet.cell(row, column).value for row in range(2, 8)] == [3, 20, None, None, None, None]


def test_the_sum_of_what_is_sure_stands_apart_from_what_is_open(policy: pr.Policy, outcomes: list[pr.Outcome]) -> None:
    summary = summarise(policy.program, outcomes)
    count = summary.decisions["补助金额"]
    # C 0 to 20, D 3 to 12, F nothing or 1.5.
    assert count.to_dict()["amount"] == {"kind": "金额", "unit": "万元", "sure": 23, "open": [3, "33.5"]}
    assert (count.statuses["determined"], count.statuses["undetermined"], count.statuses["conflict"]) == (2, 2, 1)
    share = summary.decisions["比重"].to_dict()["amount"]
    assert share == {"kind": "比例", "unit": "", "sure": None, "open": None}
    page = plain(ledger_lines(summary, policy, width=100))
    assert "已定 2 个，合计 23 万元" in page
    assert "未定 3 个，另有 3 至 33.5 万元" in page
    assert "其中冲突：3 万元、12 万元 1" in page


def test_a_comparison_tells_by_how_much(policy: pr.Policy) -> None:
    found = compare(policy, policy.with_parameters({"比率": "40%"}), LEDGER)
    moved = {change.identity: change for change in found.changes if change.decision == "补助金额"}
    assert (moved["A"].before, moved["A"].after, moved["A"].difference) == ("3 万元", "4 万元", "增加 1 万元")
    assert "B" not in moved and "E" not in moved
    assert (moved["D"].difference, moved["D"].moved) == ("", None)
    assert found.to_dict()["amounts"] == {
        "补助金额": {"unit": "万元", "records": 3, "open": 3, "before": 23, "after": 24, "difference": 1}
    }
    assert moved["A"].to_dict()["difference"] == {"text": "增加 1 万元", "value": 1}
    page = plain(comparison_lines(found, width=100))
    assert "两边都定的 3 个，合计 23 万元 → 24 万元，增加 1 万元" in page
    assert "有一边未定的 3 个，没有算进合计" in page


def test_a_limit_of_a_lower_layer_lies_behind_the_difference(policy: pr.Policy) -> None:
    below = policy_from_text(TEXT, "修订 补助金额\n  依据【省·限】\n  不超过 15 万元\n")
    found = compare(policy, below, LEDGER)
    (change,) = [change for change in found.changes if change.identity == "B"]
    assert (change.before, change.after, change.difference) == ("20 万元", "15 万元", "减少 5 万元")
    assert [(provision.operation, provision.text) for provision in change.provisions] == [("不超过", "15 万元")]


def test_an_amount_of_zero_is_no_silence() -> None:
    nothing = TEXT.split("决定 比重")[0].split("决定 补助金额")[0]
    zero = nothing + "决定 补助金额（subsidy）：金额（万元）\n  默认 0 万元\n"
    found = compare(policy_from_text(nothing), policy_from_text(zero), LEDGER[:1])
    assert [(change.before, change.after) for change in found.changes] == [("没有这一项", "0 万元")]


# ---- scenarios ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "written", "passed"),
    [
        (0, "3 万元", True),
        (0, "30000元", True),
        (0, "3", True),
        (0, '"3.0"', True),
        (0, "4 万元", False),
        (0, "3 亩", False),
        (0, "很多", False),
        (0, "待定", False),
        (0, "{状态: 已定, 区间: [3 万元, 3 万元]}", True),
        (2, "{区间: [0 万元, 20 万元]}", True),
        (2, "{状态: 待定, 区间: [0, 200000元]}", True),
        (2, "{区间: [0 万元, 不限]}", False),
        (2, "待定", True),
        (2, "3 万元", False),
        (3, "{状态: 冲突, 可能: [30000元, 12 万元]}", True),
        (3, "{状态: 冲突, 可能: [3 万元]}", False),
        (3, "冲突", True),
        (4, "不适用", True),
        (5, "{可能: [1.5 万元, 不适用]}", True),
        (0, "{含: [3 万元]}", False),
    ],
)
def test_a_scenario_expects_an_amount(
    policy: pr.Policy, outcomes: list[pr.Outcome], record: int, written: str, passed: bool
) -> None:
    node, diagnostics = strict_yaml.read(Source("例.yaml", f"补助金额: {written}\n"))
    assert node is not None and not diagnostics
    (expected,), found = read_expectations(node)
    assert not found
    answer = check(expected, outcomes[record], policy.program)
    assert answer.passed is passed, (answer.got, answer.why)


def test_an_interval_has_two_ends() -> None:
    node, _ = strict_yaml.read(Source("例.yaml", "补助金额: {区间: [0 万元]}\n"))
    assert node is not None
    assert [each.code for each in read_expectations(node)[1]] == ["E666"]


# ---- mutants --------------------------------------------------------------------------------------------------------


def test_rates_and_limits_have_mutants(policy: pr.Policy) -> None:
    text = TEXT.replace("总投资 × 比率", "总投资 × 30%")
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics
    found = mutants_of(file, "L0", vocabulary_of(policy.program))
    changes = {(mutant.declaration, mutant.change) for mutant in found}
    assert ("规则 一般补助", "总投资 × 30% → 总投资 × 31%") in changes
    assert ("规则 大户补助", "补助金额 为 12 万元 → 补助金额 为 13 万元") in changes
    assert ("决定 补助金额", "20 万元 → 19 万元") in changes
    assert ("决定 补助金额", "不超过 20 万元 → （去掉）") in changes
    before = policy_from_text(text).evaluate(LEDGER[1])["补助金额"].value
    for mutant in found:
        if mutant.declaration in ("规则 一般补助", "决定 补助金额") and "20 万元" in mutant.before:
            whole = f"{text[: mutant.start]}{mutant.replacement}{text[mutant.end :]}"
            assert policy_from_text(whole).evaluate(LEDGER[1])["补助金额"].value != before


def test_a_date_moves_in_days() -> None:
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n参数 月数（m）：时长（个月） 缺省 1 个月\n"
    text += "决定 验收日（due）：日期\n规则 算\n  依据【国·一】\n  则 验收日 为 评估日 + 月数\n"
    policy = policy_from_text(text, as_of=datetime.date(2025, 1, 31))
    found = compare(policy, policy.with_parameters({"月数": "2 个月"}), [{"编号": "A"}])
    assert [(change.after, change.difference) for change in found.changes] == [("2025年3月31日", "晚 31 天")]


# ---- layers and pages -----------------------------------------------------------------------------------------------


def test_what_a_lower_layer_does_to_an_amount_is_a_difference() -> None:
    below = "修订 补助金额\n  依据【省·限】\n  不超过 取小（15 万元；总投资）\n"
    below += "补充规则 补足\n  依据【省·补】\n  则 补助金额 为 总投资 × 10%\n"
    below += "决定 奖励（reward）：金额（万元） 累计\n  依据【省·奖】\n"
    found = {row.name: row for row in differences(policy_from_text(TEXT, below)).differences}
    limit, supplement, reward = found["补助金额"], found["补足"], found["奖励"]
    assert [(part.word, part.text) for part in limit.parts] == [("不超过", "取小（15 万元；总投资）")]
    assert limit.directions == ("更具体",)
    assert ("则", "补助金额：总投资 × 10%") in [(part.word, part.text) for part in supplement.parts]
    assert supplement.concerns == "决定 补助金额"
    assert ("", "金额（万元） 累计") in [(part.word, part.text) for part in reward.parts]


def test_the_page_of_a_record_shows_the_calculation(policy: pr.Policy) -> None:
    outcome = policy.evaluate({"编号": "B", "已形成": True, "总投资": 90, "大户": False})
    page = plain(project_lines(outcome, policy, width=100))
    for line in (
        "补助金额  20 万元（按缺省：比率＝30%）",
        "规则 一般补助：27 万元　是",
        "限额内 20 万元",
        "得出 总投资 × 比率：27 万元",
        "总投资：90 万元",
        "比率：30%（缺省）",
        "不超过 20 万元",
    ):
        assert line in page, page
    small = plain(project_lines(policy.evaluate(LEDGER[0]), policy, width=100))
    assert "不超过 20 万元（没有起作用）" in small

"""Amounts as values: exact numbers in Python and JSON, explained line by line, the same after a journey."""

from __future__ import annotations

import datetime
import json
import pickle
from fractions import Fraction

import pytest

import policyrules as pr
from policyrules.testing.build import policy_from_text

TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已形成（formed）：是否
  字段 总投资（total_wan）：金额（万元） 取值 0 万元 以上 由 县财政局
  字段 大户（big）：是否
  字段 面积（land_mu）：面积（亩）
  字段 开工日（began）：日期
读法 比例读法（reading）：枚举 { 三成、四成 } 缺省 三成
决定 补助金额（subsidy）：金额（万元）
  依据【国·补助】
  适用 当 已形成
  不超过 取小（总投资 × 50%；20 万元）
  默认 0 万元
  先后 大户补助、一般补助
规则 一般补助
  依据【国·一般】
  当 面积 ≥ 10 亩
  则 补助金额 为 总投资 × 视 比例读法（三成：30%；四成：40%）
规则 大户补助
  依据【国·大户】
  当 大户
  则 补助金额 为 总投资 × 50%
决定 奖补（reward）：金额（万元） 累计
规则 甲奖
  当 大户
  则 奖补 为 2 万元
规则 乙奖
  则 奖补 为 总投资 ÷ 3
决定 完工日（done_by）：日期
规则 两年完工
  则 完工日 为 开工日 + 2 年
决定 份额（share）：比例
规则 算份额
  则 份额 为 1 ÷ 8
决定 争（clash）：金额（万元）
规则 争甲
  则 争 为 总投资 × 10%
规则 争乙
  当 大户
  则 争 为 5 万元
"""
RECORD: dict[str, object] = {
    "编号": "A",
    "已形成": True,
    "总投资": 10,
    "大户": False,
    "面积": 20,
    "开工日": "2024-02-29",
}


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(TEXT)


def test_values_are_exact_and_in_the_declared_unit(policy: pr.Policy) -> None:
    outcome = policy.evaluate(RECORD)
    subsidy, reward = outcome["subsidy"], outcome["奖补"]
    assert (subsidy.value, subsidy.interval, subsidy.unit, subsidy.kind) == (3, (3, 3), "万元", "金额")
    assert (reward.value, reward.text) == (Fraction(10, 3), "10/3 万元")
    assert outcome["份额"].value == Fraction(1, 8) and outcome["份额"].text == "12.5%"
    assert outcome["完工日"].value == datetime.date(2026, 2, 28)
    assert [(one.rule, one.certain, one.low, one.high) for one in subsidy.amounts] == [("一般补助", True, 3, 3)]


def test_json_holds_no_binary_floating_point(policy: pr.Policy) -> None:
    outcome = policy.evaluate({**RECORD, "总投资": 1, "大户": None})
    plain = json.loads(json.dumps(outcome.to_dict()), parse_float=lambda text: pytest.fail(text))
    subsidy = plain["decisions"]["补助金额"]
    assert (subsidy["value"], subsidy["interval"]) == (None, ["0.3", "0.5"])
    assert subsidy["amounts"][1] == {
        "rule": "大户补助",
        "certain": False,
        "interval": ["0.5", "0.5"],
        "text": "0.5 万元",
    }
    assert plain["decisions"]["份额"]["value"] == "0.125"
    assert plain["decisions"]["完工日"]["value"] == "2026-02-28"
    assert plain["decisions"]["补助金额"]["kind"] == "金额"


def test_what_is_open_has_both_ends_and_its_blanks(policy: pr.Policy) -> None:
    result = policy.evaluate({**RECORD, "大户": None})["补助金额"]
    assert (result.status, result.value, result.text) == ("undetermined", None, "待定：3 至 5 万元")
    assert [blank.name for blank in result.missing.deciding] == ["大户"] and result.missing.exact
    whole = policy.evaluate({**RECORD, "总投资": None})["补助金额"]
    assert whole.interval == (0, 20) and [str(b) for b in whole.missing] == ["总投资（县财政局）"]
    assert policy.evaluate({**RECORD, "已形成": None})["补助金额"].text == "待定：3 万元 或 不适用"


def test_a_conflict_shows_both_calculations(policy: pr.Policy) -> None:
    result = policy.evaluate({**RECORD, "大户": True})["争"]
    assert result.text == "冲突：5 万元、1 万元" and result.value is None and result.interval == (1, 5)
    told = str(pr.Explanation("", (result.explain(),)))
    assert "规则 争甲：1 万元" in told and "得出 总投资 × 10%：1 万元" in told and "规则 争乙：5 万元" in told


def test_the_explanation_is_the_calculation_line_by_line(policy: pr.Policy) -> None:
    told = str(pr.Explanation("", (policy.evaluate({**RECORD, "总投资": 100, "大户": True})["补助金额"].explain(),)))
    lines = [line.strip() for line in told.splitlines()]
    assert any(line.startswith("补助金额：20 万元") for line in lines)
    assert "得出 总投资 × 50%：50 万元" in lines
    assert any(line.startswith("✓ 规则 大户补助：50 万元") for line in lines) and "限额内 20 万元" in lines
    assert any(line.startswith("不超过 取小（总投资 × 50%；20 万元）：20 万元") and "起作用" in line for line in lines)
    assert any("被更先的规则取代" in line for line in lines)


def test_a_result_travels(policy: pr.Policy) -> None:
    result = policy.evaluate({**RECORD, "大户": None})["补助金额"]
    again = pickle.loads(pickle.dumps(result))
    assert again == result and again.text == result.text and again.missing == result.missing


def test_other_readings_are_told_where_the_amount_differs(policy: pr.Policy) -> None:
    result = policy.evaluate(RECORD)["补助金额"]
    assert {name: one.value for name, one in result.readings["比例读法"].items()} == {"四成": 4}
    capped = policy.evaluate({**RECORD, "总投资": 100})["补助金额"]
    assert capped.readings == {}


def test_the_order_of_text_changes_nothing() -> None:
    head, *declarations = TEXT.split("\n决定 ")
    turned = "\n决定 ".join([head, *reversed(declarations)])
    ours, theirs = (policy_from_text(text).evaluate({**RECORD, "大户": None}) for text in (TEXT, turned))
    assert ours.to_dict()["decisions"] == theirs.to_dict()["decisions"]

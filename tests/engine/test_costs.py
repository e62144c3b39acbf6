"""The cost limit: rows compared with rows of one record. What is linear in the rows costs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules import RecordError
from policyrules.policy import Policy
from policyrules.program.costs import MOST_COMPARED, Rows, comparisons, cost
from policyrules.testing.build import policy_from_text

BASE = """\
对象 县（county） 标识 县名
  字段 县名（county_name）：文本
对象 乡镇（towns） 属于 县
  字段 人口（people）：整数（人）
对象 项目（project） 属于 县 标识 编号
  字段 编号（project_id）：文本
对象 资金（funds） 属于 项目
  字段 金额（amount）：整数（元）
对象 拨付（payments） 属于 资金
  字段 数额（sum）：整数（元）
对象 资产（assets） 属于 项目
  字段 原值（value）：整数（元）
"""


def policy(condition: str, of: str = "") -> Policy:
    return policy_from_text(f"{BASE}提示 甲{of}\n  当 {condition}\n  说 “话”\n")


def priced(condition: str, of: str = "", **rows: Rows) -> list[int]:
    return [cost(found, rows) for found in comparisons(policy(condition, of).program)]


@pytest.mark.parametrize(
    ("condition", "of"),
    [
        ("任一 资金 满足（金额 > 3 元）", ""),
        ("计数 资金 其中（金额 > 3 元） > 合计 资产.原值", ""),
        ("任一 资金 满足（任一 拨付 满足（数额 > 3 元））", ""),
        ("任一 乡镇 满足（人口 > 3 人）", ""),
        ("任一 拨付 满足（数额 > 金额）", " 对 资金"),
        ("金额 > 3 元", " 对 资金"),
    ],
)
def test_what_looks_at_each_row_once_costs_nothing(condition: str, of: str) -> None:
    assert priced(condition, of) == []


def test_what_looks_at_rows_for_rows_is_priced() -> None:
    many = Rows(1_000, 1_000)
    # 本.金额, the comparison, the cell and the 任一 itself.
    assert priced("任一 资金 满足（任一 其他 资金 满足（金额 = 本.金额））", 资金=many) == [4 * 1_000_000]
    assert priced("任一 资产 满足（任一 资金 满足（金额 = 资产.原值））", 资金=many, 资产=Rows(10, 10)) == [4 * 10_000]
    assert priced("任一 其他 资金 满足（金额 > 3 元）", " 对 资金", 资金=many) == [4 * 1_000_000]
    assert priced("任一 资金 满足（任一 乡镇 满足（人口 > 3 人））", 资金=many, 乡镇=Rows(50, 50)) == [4 * 50_000]
    three = "任一 资金 满足（任一 其他 资金 满足（任一 资产 满足（原值 > 3 元）））"
    assert sorted(priced(three, 资金=Rows(10, 10), 资产=Rows(7, 7))) == [5 * 100, 4 * 700]
    # Payments stand below one fund each: all payments once, for every asset.
    inner = "任一 资产 满足（任一 资金 满足（任一 拨付 满足（数额 > 3 元）））"
    assert sorted(priced(inner, 资产=Rows(10, 10), 资金=Rows(20, 20), 拨付=Rows(60, 9))) == [5 * 200, 4 * 600]


def test_a_record_that_costs_too_much_is_refused_with_the_declaration_and_the_rows() -> None:
    found = policy("任一 资金 满足（任一 其他 资金 满足（金额 = 本.金额））")
    rows = [{"金额": number} for number in range(1_200)]
    with pytest.raises(RecordError) as raised:
        found.evaluate({"编号": "P1", "资金": rows})
    (problem,) = raised.value.problems
    assert problem.code == "E510" and problem.cell.path == "资金"
    assert "提示 甲" in problem.message and "资金（1200 行）" in problem.message
    assert f"{MOST_COMPARED:,}" in problem.message
    assert found.evaluate({"编号": "P1", "资金": rows[:300]}).findings[0].status == "not_applicable"


def test_many_rows_that_are_looked_at_once_are_evaluated() -> None:
    found = policy("任一 资金 满足（金额 > 99999 元）")
    rows = [{"金额": number} for number in range(20_000)]
    assert found.evaluate({"编号": "P1", "资金": rows}).findings[0].status == "not_applicable"


def test_a_ledger_sets_such_a_record_aside_and_keeps_the_others(tmp_path: Path) -> None:
    found = policy("任一 资金 满足（任一 其他 资金 满足（金额 = 本.金额））")
    rows = [{"金额": number} for number in range(1_200)]
    path = tmp_path / "台账.json"
    path.write_text(json.dumps([{"编号": "P1", "资金": rows}, {"编号": "P2", "资金": rows[:2]}]), encoding="utf-8")
    ledger = found.read(path)
    assert [record.identity for record in ledger.records] == ["P2"]
    assert [problem.code for problem in ledger.problems] == ["E510"]


def test_conditions_add_up() -> None:
    one = "提示 {}\n  当 任一 资金 满足（任一 其他 资金 满足（金额 = 本.金额））\n  说 “话”\n"
    rows = [{"金额": number} for number in range(500)]
    several = policy_from_text(BASE + "".join(one.format(name) for name in "甲乙丙丁戊己"))
    with pytest.raises(RecordError):
        several.evaluate({"编号": "P1", "资金": rows})

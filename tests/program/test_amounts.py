"""Amounts when files load: types and units, layers, authority, lock files, words that were names before."""

from __future__ import annotations

import pytest

from policyrules.diagnostics import Diagnostic
from policyrules.language.formatting import format_source
from policyrules.language.parser import parse_source
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 款（money）：金额（万元）
  字段 数（n）：整数（户）
  字段 面积（land）：面积（亩）
  字段 日（day）：日期
决定 类（kind）：单选 { 高、低 }
决定 补助（subsidy）：金额（万元）
  默认 0 万元
"""


def found(text: str, *below: str) -> list[Diagnostic]:
    return list(try_policy_from_text(BASE + text, *below)[1])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("规则 一\n  则 补助 为 面积 × 2\n", "E205"),
        ("规则 一\n  则 补助 为 款 ÷ 2 亩\n", "E205"),
        ("规则 一\n  则 补助 为 日\n", "E204"),
        ("规则 一\n  则 补助 为 甲\n", "E204"),
        ("规则 一\n  则 补助 为 类\n", "E204"),
        ("规则 一\n  则 补助 为 没有的\n", "E201"),
        ("规则 一\n  则 补助 含 款\n", "E216"),
        ("规则 一\n  则 类 为 款 × 2\n", "E216"),
        ("规则 一\n  则 补助 为 补助 × 2\n", "E209"),
        ("决定 户（h）：整数（户）\n规则 一\n  则 户 为 数 × 50%\n", "E217"),
        ("决定 户（h）：整数（户）\n规则 一\n  则 户 为 数 ÷ 2\n", "E217"),
        ("决定 户（h）：整数（户）\n  不超过 数 × 50%\n规则 一\n  则 户 为 数\n", "E217"),
        ("决定 总（t）：金额（万元） 累计\n  默认 0 万元\n", "E215"),
        ("决定 总（t）：金额（万元） 累计\n  先后 甲、乙\n", "E215"),
        ("决定 总（t）：日期 累计\n", "E215"),
        ("决定 总（t）：金额（万元） 单值 累计\n", "E128"),
        ("决定 总（t）：金额（里）\n", "E205"),
        ("决定 总（t）：金额 { 甲、乙 }\n", "E133"),
        ("决定 总（t）：单选 { 甲、乙 } 累计\n", "E216"),
        ("决定 总（t）：单选 { 甲、乙 }\n  不超过 5 万元\n", "E216"),
        ("决定 总（t）：金额（万元）\n  先后 甲甲、乙乙\n", "E206"),
        ("决定 总（t）：金额（万元）\n  授权 从严\n", "E207"),
        ("决定 总（t）：金额（万元）\n  默认 3\n", "E205"),
        ("提示 示\n  当 补助\n  说 “话”\n", "E204"),
        ("提示 示\n  当 补助 ≥ 3 亩\n  说 “话”\n", "E205"),
        ("提示 示\n  当 补助 为 无\n  说 “话”\n", "E218"),
        ("提示 示\n  当 补助 已填\n  说 “话”\n", "E208"),
        ("提示 示\n  当 取小（款；面积） ≥ 3 万元\n  说 “话”\n", "E205"),
        ("提示 示\n  当 取小（款） ≥ 3 万元\n  说 “话”\n", "E219"),
        ("提示 示\n  当 取小（甲；甲） = 甲\n  说 “话”\n", "E204"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(text: str, code: str) -> None:
    diagnostics = found(text)
    assert code in [each.code for each in diagnostics], diagnostics
    assert all(each.span is not None for each in diagnostics)


def test_whole_numbers_stay_whole_without_rounding() -> None:
    text = "决定 户（h）：整数（户）\n  不超过 取小（数；50 户）\n规则 一\n  则 户 为 数 × 2 + 1 户\n"
    policy = policy_from_text(BASE + text)
    assert policy.evaluate({"数": 4})["户"].value == 4
    assert policy.evaluate({"数": 400})["户"].value == 50


# ---- layers ---------------------------------------------------------------------------------------------------------

UPPER = "决定 奖（r）：金额（万元）\n{}规则 奖甲\n  则 奖 为 款\n"
TIGHTER = "修订 奖\n  不超过 5 万元\n"


def test_a_lower_layer_adds_limits_and_all_hold() -> None:
    policy = policy_from_text(BASE + UPPER.format("  不超过 8 万元\n"), TIGHTER, "修订 奖\n  不少于 2 万元\n")
    assert [policy.evaluate({"款": money})["奖"].value for money in (1, 3, 7, 9)] == [2, 3, 5, 5]


@pytest.mark.parametrize(("authority", "code"), [("固定", "E301"), ("细化", None), ("自定", None)])
def test_limits_need_authority(authority: str, code: str | None) -> None:
    diagnostics = found(UPPER.format(f"  授权 {authority}\n"), TIGHTER)
    assert [each.code for each in diagnostics if each.severity == "error"] == ([] if code is None else [code])


def test_a_rule_of_a_lower_layer_needs_authority_and_a_supplement_does_not() -> None:
    rule = "规则 下层奖\n  则 奖 为 3 万元\n"
    assert "E301" in [each.code for each in found(UPPER.format(""), rule)]
    assert not [each for each in found(UPPER.format(""), "补充" + rule) if each.severity == "error"]


@pytest.mark.parametrize("text", ["修订 奖甲\n  不超过 5 万元\n", "修订 类\n  不超过 5 万元\n"])
def test_limits_are_of_amounts_alone(text: str) -> None:
    assert "E302" in [each.code for each in found(UPPER.format(""), text)]


def test_what_an_amendment_saw_is_pinned() -> None:
    def pinned(upper: str, below: str, name: str) -> str:
        return policy_from_text(BASE + upper, below).pins["L1"][name].sha256

    rule, decision = "修订 奖甲\n  除外 甲\n", TIGHTER
    plain = UPPER.format("")
    assert pinned(plain, rule, "奖甲") == pinned(plain + "# 注\n", rule, "奖甲")
    assert pinned(plain, rule, "奖甲") != pinned(plain.replace("为 款", "为 款 × 2"), rule, "奖甲")
    assert pinned(plain, decision, "奖") != pinned(UPPER.format("  不超过 9 万元\n"), decision, "奖")
    assert pinned(plain, decision, "奖") != pinned(UPPER.format("  默认 1 万元\n"), decision, "奖")


def test_a_rate_that_a_layer_may_set_is_a_parameter() -> None:
    upper = "参数 比率（share）：比例 缺省 30% 取值 10% 至 50%\n" + UPPER.format("").replace("为 款", "为 款 × 比率")
    assert policy_from_text(BASE + upper, "设定 比率 为 40%\n").evaluate({"款": 10})["奖"].value == 4


# ---- words that were names ------------------------------------------------------------------------------------------

OLD = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 累计（sum）：整数（累计）
  字段 单值（one）：是否
  字段 不超过（most）：是否
  字段 取小（small）：枚举 { 取大、取 }
  字段 取大（large）：整数（取小）
术语 不少于
  即 视 取小（取大：累计 ≥ 5 累计；取：单值）
决定 范围（scope）：单选 { 全部、最大、取、累计、取小、视、计数 }
  适用 当
    不超过
规则 甲
  当 单值 且 取大 ≥ 3 取小 且 不少于
  则 范围 为 全部
规则 乙
  则 范围 为 取小
  除外 累计 > 3
规则 丙
  则 范围 为 计数 除外 单值
规则 丁
  则 范围 为 视 当 单值
规则 戊
  则 范围 为 最大
  依据【国·一】
"""


def test_an_older_text_that_uses_the_words_as_names_means_what_it_meant() -> None:
    policy = policy_from_text(OLD)
    assert {name: rule.values for name, rule in policy.program.rules.items()} == {
        "甲": ("全部",),
        "乙": ("取小",),
        "丙": ("计数",),
        "丁": ("视",),
        "戊": ("最大",),
    }
    assert all(rule.amount is None for rule in policy.program.rules.values())
    record = {"累计": 7, "单值": True, "不超过": True, "取小": "取大", "取大": 3}
    result = policy.evaluate(record)["范围"]
    assert set(result.rules) == {"甲", "丁", "戊"} and result.status == "conflict"
    printed = format_source(OLD)
    assert printed == format_source(printed) and policy_from_text(printed).evaluate(record)["范围"] == result


@pytest.mark.parametrize(
    "text",
    [
        "决定 补助（subsidy）：金额（万元） 累计\n  适用 当 甲\n  不超过 取小（款 × 50%；20 万元）\n  不少于 款 − 1 万元\n",
        "决定 日子（day）：日期\n  默认 2025年1月1日\n  先后 甲规、乙规 仅当 甲\n",
        "修订 补助\n  先后 甲文·规、表·2、乙文·表·1、丙规 仅当 甲\n",
        "规则 甲规\n  当 甲\n  则 应当 补助 为 取大（款 × 30%；首选 款，缺则 2 万元）\n",
        "规则 乙规\n  则 补助 为 视 类（高：款；其余：款 × 2）\n",
        "修订 补助\n  不超过 10 万元\n",
    ],
)
def test_the_printer_changes_nothing(text: str) -> None:
    once, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics
    printed = format_source(text)
    again, diagnostics = parse_source(Source("甲.rules", printed))
    assert not diagnostics and again.declarations == once.declarations
    assert format_source(printed) == printed == text

"""Findings that speak of another object than they look at, fields that an upper layer has in other words, and several values in one
pair of quotes: what is told, where, and what is not."""

from __future__ import annotations

import pytest
from tests.growth import calls

from policyrules.diagnostics import Diagnostic
from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """\
对象 县（county） 标识 县名
  字段 县名（name）：文本
  字段 已印发（issued）：是否
  字段 印发日（issued_on）：日期
对象 项目（project） 属于 县 标识 编号
  字段 编号（project_id）：文本
  字段 已形成（formed）：是否
  字段 停产日（stopped_on）：日期
  字段 目的（purpose）：文本
  字段 总投资（total）：金额（万元）
  字段 用途（uses）：多选（文本）
对象 资产 属于 项目
  字段 闲置：是否
术语 建好的 即 已形成
统计 县内数
  计数 项目
  相同 县名
"""


def found(text: str, *lower: str) -> list[Diagnostic]:
    policy, told = try_policy_from_text(BASE + text, *lower)
    assert policy is not None, told
    return [one for one in told if one.code in ("W244", "W245", "W246")]


@pytest.mark.parametrize(
    "text",
    [
        "义务 印发\n  应当 已印发\n",
        "义务 印发\n  当 印发日 已填\n  应当 已印发\n  期限 印发日 + 30 天\n",
        "禁令 不印发\n  不得 非 已印发\n",
        "提示 没印发\n  当 印发日 未填\n  说 “没印发”\n",
    ],
)
def test_what_looks_at_the_county_alone_is_told_of_each_project(text: str) -> None:
    (told,) = found(text)
    kind, name = text.split()[:2]
    assert told.code == "W244" and f"写成“{kind} {name} 对 县”" in (told.remedy or "")
    assert "县的字段（已印发）" in told.message or "县的字段（印发日）" in told.message
    assert found(text.replace(f"{kind} {name}\n", f"{kind} {name} 对 县\n", 1)) == []


def test_a_breach_of_the_county_is_counted_with_its_projects() -> None:
    text = BASE + "义务 印发\n  应当 已印发\n"
    county = {"县名": "青山县", "已印发": False}
    results = [policy_from_text(text).evaluate({"编号": str(n), "县": county}) for n in range(3)]
    assert [one.findings[0].status for one in results] == ["violated"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "义务 印发\n  当 已形成\n  应当 已印发\n",
        "义务 印发\n  当 建好的\n  应当 已印发\n",
        "义务 印发\n  当 县内数 > 1\n  应当 已印发\n",
        "义务 印发\n  应当 已印发 或 任一 资产 满足（闲置）\n",
        "义务 印发 对 资产\n  应当 县.已印发\n",
        "义务 总有\n  应当 评估日 ≥ 2024年1月1日\n",
        "提示 印发\n  当 已印发\n  说 “本项目按细则执行”\n",
    ],
)
def test_what_looks_at_the_project_as_well(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("停产日期（stopped_day）：日期", "停产日"),
        ("停产时间（stopped_time）：日期", "停产日"),
        ("是否已形成（is_formed）：是否", "已形成"),
        ("总投资额（total_sum）：金额（万元）", "总投资"),
    ],
)
def test_a_field_that_an_upper_layer_has_in_other_words(typed: str, known: str) -> None:
    (told,) = found("", f"对象 项目\n  字段 {typed}\n")
    assert told.code == "W245" and told.span is not None and told.span.text == typed.partition("（")[0]
    assert f"条文里写“{known}”" in (told.remedy or "") and told.related[0].span.text.startswith(f"字段 {known}")


@pytest.mark.parametrize(
    "typed",
    [
        "停产原因（why）：文本",
        "计划停产日（planned）：日期",
        "停产时间（hours）：整数（天）",
        "未形成（unformed）：是否",
        "实际总投资（spent）：金额（万元）",
        "开工日（begun）：日期",
        "目（item）：文本",
    ],
)
def test_a_field_of_its_own(typed: str) -> None:
    assert found("", f"对象 项目\n  字段 {typed}\n") == []


def test_a_layer_with_many_fields_is_read_in_step_with_them() -> None:
    def looked(count: int) -> int:
        fields = "".join(f"  字段 第{n}次验收的日期（f{n}）：日期\n" for n in range(count))
        return calls(lambda: try_policy_from_text(BASE, f"对象 项目\n{fields}"))

    assert looked(400) < 2.3 * looked(200)


def test_one_layer_may_have_both() -> None:
    assert found("对象 项目\n  字段 停产日期（stopped_day）：日期\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "禁令 甲\n  不得 用途 含任一 { “还债、工资” }\n",
        "禁令 甲\n  不得 用途 含 “还债、工资”\n",
        "禁令 甲\n  不得 已形成 且 用途 含任一 { “产业”、“还债，工资” }\n",
        "清单 甲\n  即 { “还债；工资” }\n",
        "对象 项目\n  字段 去向（where）：枚举 { “还债、工资” }\n",
        "对象 项目\n  字段 去向（where）：多选 { “还债、工资”、其他 }\n",
        "提示 甲\n  当 编号 属于 { “还债、工资” }\n  说 “好”\n",
    ],
)
def test_several_values_in_one_pair_of_quotes(text: str) -> None:
    (told,) = found(text)
    assert told.code == "W246" and told.span is not None and told.span.text.strip("“”") in text
    assert "写成 “还债”、“工资”" in (told.remedy or "")


@pytest.mark.parametrize(
    "text",
    [
        "禁令 甲\n  不得 用途 含任一 { “还债”、“工资” }\n",
        "禁令 甲\n  不得 用途 含任一 { “还债和工资” }\n",
        "提示 甲\n  当 已形成\n  说 “还债、工资，{总投资}”\n",
        # A cell of one value may hold it, and who lists several knows how.
        "对象 项目\n  字段 去向（where）：枚举 { “还债、工资”、其他 }\n",
        "提示 甲\n  当 编号 属于 { “还债、工资”、“产业” }\n  说 “好”\n",
        "清单 甲\n  即 { “还债、工资”、“产业” }\n",
        "禁令 甲\n  不得 用途 含任一 { “1,000 元以下” }\n",
        "提示 甲\n  当 已形成\n  说 “用途（含“还债、工资”）请核对”\n",
        "提示 甲 # { “还债、工资” }\n  当 已形成\n  说 “好”\n",
        "提示 甲\n  依据【一】“含“还债、工资””\n  当 已形成\n  说 “好”\n",
    ],
)
def test_quotes_that_hold_one(text: str) -> None:
    assert found(text) == []

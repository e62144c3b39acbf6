"""Deadlines that are never past, and dates whose blank is never late: what is told, and that records come out as it says."""

from __future__ import annotations

import datetime

import pytest

from policyrules.diagnostics import Diagnostic
from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """\
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 已形成（formed）：是否
  字段 受理日（accepted_on）：日期
  字段 办结日（done_on）：日期
  字段 约定日（agreed_on）：日期
  字段 用途（uses）：多选 { 产业、还债、工资 }
对象 资金（funds） 属于 项目
  字段 年度（year）：年份
  字段 金额（amount）：金额（万元）
术语 当年的 即 合计 资金.金额 其中（年度 = 当年）
术语 当年够了 即 当年的 ≥ 5 万元
"""


def found(text: str) -> list[Diagnostic]:
    policy, told = try_policy_from_text(BASE + text)
    assert policy is not None, told
    return [one for one in told if one.code in ("W241", "W242", "W243")]


@pytest.mark.parametrize(
    "deadline",
    [
        "每年 12月31日",
        "评估日",
        "评估日 之月末",
        "评估日 之季末 + 15 天",
        "（评估日 + 3 个月） 之季末",
        "评估日 + 5 个工作日",
        "每年 3月31日 起算 评估日",
    ],
)
def test_a_deadline_that_moves_with_the_day_is_never_past(deadline: str) -> None:
    text = f"义务 报送\n  应当 已形成\n  期限 {deadline}\n"
    (told,) = found(text)
    assert told.code == "W242" and told.span is not None and told.span.text == deadline
    for day in (datetime.date(2025, 12, 31), datetime.date(2026, 1, 1)):
        policy = policy_from_text(BASE + text, as_of=day)
        assert policy.evaluate({"编号": "甲", "已形成": False}).findings[0].status != "overdue"


@pytest.mark.parametrize(
    "text",
    [
        "期限 每年 10月31日",
        "期限 每年 12月31日 起算 受理日",
        "期限 评估日 之月末 − 3 天",
        "期限 评估日 − 5 个工作日",
        "期限 受理日 之季末",
        "期限 每年 12月31日\n  到期 受理日 已填",
    ],
)
def test_a_deadline_that_can_be_past(text: str) -> None:
    assert found(f"义务 报送\n  应当 已形成\n  {text}\n") == []


@pytest.mark.parametrize(
    "demand",
    [
        "当年的 ≥ 5 万元",
        "当年够了",
        "任一 资金 满足（年度 = 当年）",
        "办结日 已填 且 办结日 ≥ 每年 1月1日",
        "办结日 之年 = 评估日 之年",
        "评级 为 达标",
    ],
)
def test_what_is_asked_for_of_this_year_may_be_due_at_its_end(demand: str) -> None:
    graded = "决定 评级：单选 { 达标、不达标 } 默认 不达标\n规则 达标的\n  当 受理日 之年 = 当年\n  则 评级 为 达标\n"
    assert found(f"{graded}义务 报送\n  应当 {demand}\n  期限 每年 12月31日\n") == []


@pytest.mark.parametrize(
    ("demand", "deadline"),
    [
        ("办结日 ≤ 受理日 + 30 天", ""),
        ("受理日 + 30 天 ≥ 办结日", ""),
        ("办结日 < 受理日 之月末", ""),
        ("已形成 且 办结日 ≤ 受理日 + 5 个工作日", ""),
        ("办结日 ≤ 约定日", "约定日"),
    ],
)
def test_a_blank_date_is_never_late(demand: str, deadline: str) -> None:
    due = f"  期限 {deadline}\n" if deadline else ""
    (told,) = found(f"义务 办结\n  应当 {demand}\n{due}")
    assert told.code == "W243" and told.span is not None and told.span.text == demand.removeprefix("已形成 且 ")
    assert f"写成“办结日 已填 且 {told.span.text}”" in (told.remedy or "")
    assert ("下面加一行“期限 " in (told.remedy or "")) is not deadline.endswith("日")
    assert found(f"义务 办结\n  应当 办结日 已填 且 {demand}\n{due}") == []
    assert found(f"义务 办结\n  当 办结日 已填\n  应当 {demand}\n{due}") == []


def test_a_long_chain_of_terms_is_looked_into_so_far() -> None:
    terms = "".join(f"术语 术{n} 即 已形成 且 术{n + 1}\n" for n in range(190))
    text = f"{terms}术语 术190 即 办结日 已填\n义务 办结\n  应当 术0 且 办结日 ≤ 受理日 + 30 天\n"
    assert [one.code for one in found(text)] == ["W243"]
    assert found(text.replace("术0 且", "术185 且")) == []


def test_who_obeys_is_told_what_is_late() -> None:
    record = {"编号": "甲", "受理日": "2025-01-01"}
    typed = policy_from_text(BASE + "义务 办结\n  应当 办结日 ≤ 受理日 + 30 天\n")
    assert typed.evaluate(record).findings[0].status == "unverified"
    text = "义务 办结\n  应当 办结日 已填 且 办结日 ≤ 受理日 + 30 天\n  期限 受理日 + 30 天\n"
    assert policy_from_text(BASE + text).evaluate(record).findings[0].status == "overdue"


@pytest.mark.parametrize(
    "text",
    [
        "义务 办结\n  应当 办结日 ≤ 评估日\n",
        "义务 办结\n  应当 办结日 ≤ 评估日 − 30 天\n",
        "义务 办结\n  当 办结了\n  应当 办结日 ≤ 受理日 + 30 天\n术语 办结了 即 已形成 且 办结日 已填\n",
        "义务 办结\n  应当 办结了 且 办结日 ≤ 受理日 + 30 天\n术语 办结了 即 非 办结日 未填\n",
        "义务 办结\n  当 办结日 之年 = 2024年\n  应当 办结日 ≤ 受理日 + 30 天\n",
        "义务 办结\n  应当 办结日 ≤ 受理日 + 30 天\n  除外 办结日 未填\n",
        "义务 办结\n  应当 办结日 ≤ 受理日 + 30 天\n推定 按约定\n  当 已形成 则 办结日 为 2024年1月1日\n",
        "义务 办结\n  应当 办结日 ≤ 约定日\n",
        "义务 办结\n  应当 任一满足（已形成；办结日 ≤ 受理日 + 30 天）\n",
        "义务 办结\n  应当 办结日 ≥ 受理日 + 30 天\n",
        "禁令 办结\n  不得 办结日 ≤ 受理日 + 30 天\n",
    ],
)
def test_other_comparisons_of_dates(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("禁令 甲\n  不得 用途 含 还债、工资\n", "用途 含 还债、工资"),
        ("禁令 甲\n  不得 已形成 且 （用途 含 还债、工资 或 受理日 已填）\n", "用途 含 还债、工资"),
        ("禁令 甲\n  不得 已形成\n  除外 用途 含 还债、工资\n", "用途 含 还债、工资"),
        (
            "规则 甲\n  则 意见 为 暂缓\n  除外 用途 含 还债、工资\n决定 意见：由宽到严 { 可以、暂缓 }\n",
            "用途 含 还债、工资",
        ),
    ],
)
def test_only_who_does_all_of_it_breaks_it(text: str, place: str) -> None:
    (told,) = found(text)
    assert told.code == "W241" and told.span is not None and told.span.text == place
    assert "写成“用途 含任一 { 还债、工资 }”" in (told.remedy or "")
    assert "写“（用途 含 还债 且 用途 含 工资）”" in (told.remedy or "")
    for other in ("用途 含任一 { 还债、工资 }", "（用途 含 还债 且 用途 含 工资）"):
        assert found(text.replace(place, other)) == []


@pytest.mark.parametrize(
    "text",
    [
        "禁令 甲\n  不得 用途 含 还债\n",
        "禁令 甲\n  不得 用途 不含 还债、工资\n",
        "禁令 甲\n  不得 非 用途 含 还债、工资\n",
        "禁令 甲\n  当 用途 含 还债、工资\n  不得 已形成\n",
        "义务 甲\n  应当 用途 含 还债、工资\n",
    ],
)
def test_all_of_several_elsewhere(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  至 2023年12月31日 止\n", True),
        ("  至 2024年1月1日 止\n", False),
        ("  至 2024年6月30日 止\n", False),
        ("  自 2023年1月1日 起\n", False),
    ],
)
def test_what_ends_before_its_document_begins_was_never_in_force(text: str, told: bool) -> None:
    notice = f"提示 甲\n  当 已形成\n  说 “好”\n{text}"
    _, warned = try_policy_from_text(BASE + notice)
    (place,) = [one.span.text for one in warned if one.code == "W247" and one.span is not None] or [""]
    assert place == (text.strip() if told else "")

"""Which way is stricter: values of lower layers against those above, on every stretch of time, down a chain of layers."""

from __future__ import annotations

import datetime
import re

import pytest

from policyrules.diagnostics import Diagnostic
from policyrules.explanation import Reason
from policyrules.testing.build import policy_from_text, try_policy_from_text

OBJECTS = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 产业占比（share）：比例\n"
USE = "提示 看\n  当 产业占比 < 下限\n  说 “低”\n"


def upper(value: str = "缺省 55%", granted: str = "从严（越高越严）", type_: str = "比例") -> str:
    use = USE if type_ == "比例" else ""
    return f"{OBJECTS}参数 下限（floor）：{type_} {value}\n  授权 {granted}\n{use}"


def found(*layers: str, as_of: datetime.date = datetime.date(2025, 9, 15)) -> list[Diagnostic]:
    return [each for each in try_policy_from_text(*layers, as_of=as_of)[1] if each.severity == "error"]


def codes(*layers: str) -> list[str]:
    return [each.code for each in try_policy_from_text(*layers)[1]]


def set_to(value: str, granted: str = "") -> str:
    return f"设定 下限 为 {value}\n" + (f"  授权 {granted}\n" if granted else "")


def test_a_laxer_value_is_refused_with_both_places_and_both_values() -> None:
    (error,) = found(upper(), set_to("40%"))
    assert error.code == "E309"
    assert "设为 40%，低于上层的 55%" in error.message and "越高越严" in error.message
    assert error.span is not None and error.span.text == "为 40%"
    (label,) = error.related
    assert label.span.text == "缺省 55%" and "55%" in label.message
    assert error.remedy is not None and "不低于 55%" in error.remedy


@pytest.mark.parametrize(
    ("type_", "value", "granted", "stricter", "laxer"),
    [
        ("比例", "缺省 55%", "从严（越高越严）", "60%", "54%"),
        ("比例", "缺省 55%", "从严（越低越严）", "54%", "60%"),
        ("比例", "= 55%", "从严（越高越严）", "60%", "54%"),
        ("日期", "缺省 2025年10月31日", "从严（越低越严）", "2025年10月30日", "2025年11月1日"),
        ("时长（天）", "缺省 10 天", "从严（越高越严）", "11 天", "9 天"),
        ("时长（个月）", "缺省 12 个月", "从严（越低越严）", "11 个月", "2 年"),
        ("整数（户）", "缺省 5 户", "从严（越高越严）", "6 户", "4 户"),
        ("金额（万元）", "缺省 10 万元", "从严（越低越严）", "90000 元", "10.5 万元"),
    ],
)
def test_equal_and_stricter_values_load(type_: str, value: str, granted: str, stricter: str, laxer: str) -> None:
    top = upper(value, granted, type_)
    equal = value.split(" ", 1)[1]
    assert codes(top, set_to(equal)) == []
    assert codes(top, set_to(stricter)) == []
    assert codes(top, set_to(laxer)) == ["E309"]


def test_the_value_that_is_set_holds() -> None:
    policy = policy_from_text(upper("= 55%"), set_to("60%"))
    assert policy.program.parameters["下限"].state == "set"
    assert policy.evaluate({"产业占比": "58%"}).findings[0].status == "notice"


def test_what_stands_above_is_every_layer_between() -> None:
    assert codes(upper(), set_to("60%"), set_to("65%")) == []
    (error,) = found(upper(), set_to("60%"), set_to("58%"))
    assert error.code == "E309" and "低于上层的 60%" in error.message
    assert error.related[0].span.source.path.startswith("1/")
    # Below both, the stricter one is told.
    (error,) = found(upper(), set_to("60%"), set_to("50%"))
    assert "低于上层的 60%" in error.message
    assert codes(upper(), "", set_to("40%")) == ["E309"]


def test_a_layer_between_may_give_its_own_value_free_but_not_the_one_above() -> None:
    for granted in ("自定", "细化"):
        assert codes(upper(), set_to("60%", granted), set_to("58%")) == []
        assert codes(upper(), set_to("60%", granted), set_to("50%")) == ["E309"]
    assert codes(upper(), set_to("60%", "从严"), set_to("58%")) == ["E309"]
    assert codes(upper(), set_to("60%", "固定"), set_to("65%")) == ["E301"]


def test_a_layer_between_may_state_a_direction_where_there_is_none_never_the_opposite() -> None:
    free = upper("缺省 55%", "自定")
    assert codes(free, set_to("40%", "从严（越高越严）"), set_to("45%")) == []
    assert codes(free, set_to("40%", "从严（越高越严）"), set_to("39%")) == ["E309"]
    (error,) = found(upper(), set_to("60%", "从严（越低越严）"))
    assert error.code == "E310" and error.remedy is not None and "从严（越高越严）" in error.remedy
    assert codes(upper(), set_to("60%", "从严（越高越严）"), set_to("61%")) == []


def test_without_a_direction_it_is_as_before() -> None:
    assert codes(upper("缺省 55%", "从严"), set_to("40%")) == ["W301"]
    assert codes(upper("= 55%", "从严"), set_to("60%")) == ["E301"]
    assert codes(upper("缺省 55%", "细化"), set_to("40%")) == []


def test_dated_values_are_compared_on_every_stretch_in_which_both_hold() -> None:
    rising = "缺省 50% 缺省 60% 自 2026年1月1日 起"
    (error,) = found(upper(rising), set_to("55%"))
    assert "低于上层的 60%" in error.message and error.related[0].span.text.startswith("缺省 60%")
    assert codes(upper(rising), "设定 下限 为 55%\n  至 2025年12月31日 止\n") == []
    assert codes(upper(rising), "设定 下限 为 55%\n  至 2026年1月1日 止\n") == ["E309"]
    assert codes(upper(rising), "设定 下限 为 55% 为 60% 自 2026年1月1日 起\n") == []
    assert codes(upper(rising), "设定 下限 为 55% 为 60% 自 2026年1月2日 起\n") == ["E309"]
    # What ends before the layer is in force (2024-01-01) meets nothing of it.
    falling = "缺省 60% 缺省 50% 自 2023年1月1日 起"
    assert codes(upper(falling), set_to("55%")) == []
    assert codes(upper(falling.replace("2023", "2025")), set_to("55%")) == ["E309"]
    # A setting that begins later meets only what holds then.
    assert codes(upper(falling.replace("2023", "2025")), "设定 下限 为 55% 自 2025年1月1日 起\n") == []


@pytest.mark.parametrize("day", ["2024-06-01", "2025-09-15", "2027-01-01"])
def test_the_evaluation_date_changes_nothing(day: str) -> None:
    rising = upper("缺省 50% 缺省 60% 自 2026年1月1日 起")
    assert [e.code for e in found(rising, set_to("55%"), as_of=datetime.date.fromisoformat(day))] == ["E309"]
    assert found(rising, set_to("60%"), as_of=datetime.date.fromisoformat(day)) == []


def test_of_an_unset_one_the_direction_tells_the_strict_end() -> None:
    top = upper("未定 取值 55% 至 90%")
    assert codes(top, set_to("55%")) == [] and codes(top, set_to("50%")) == ["E206"]
    assert codes(top, set_to("60%"), set_to("58%")) == ["E309"]
    policy = policy_from_text(top)
    reason = policy.evaluate({"产业占比": "70%"}).findings[0].explain()
    assert "未定，越高越严：最严为 90%" in _notes(reason)
    lower = policy_from_text(top.replace("越高越严", "越低越严"))
    assert "未定，越低越严：最严为 55%" in _notes(lower.evaluate({"产业占比": "70%"}).findings[0].explain())


def _notes(reason: Reason) -> list[str]:
    return [*reason.notes, *(note for below in reason.children for note in _notes(below))]


def test_what_the_caller_gives_is_no_layer() -> None:
    policy = policy_from_text(upper("缺省 55% 取值 10% 至 90%"))
    assert policy.with_parameters({"下限": "40%"}).evaluate({"产业占比": "50%"}).findings[0].status == "not_applicable"


@pytest.mark.parametrize("type_", ["枚举 { 甲、乙 }", "是否", "文本", "多选 { 甲、乙 }"])
def test_what_has_no_order_has_no_direction(type_: str) -> None:
    value = {"枚举 { 甲、乙 }": "甲", "是否": "是", "文本": "“甲”", "多选 { 甲、乙 }": "{ 甲 }"}[type_]
    assert codes(upper(f"缺省 {value}", type_=type_)) == ["E310"]
    plain = OBJECTS + f"参数 下限（floor）：{type_} 缺省 {value}\n  授权 自定\n"
    assert codes(plain, f"设定 下限 为 {value}\n  授权 从严（越高越严）\n") == ["E310"]


@pytest.mark.parametrize(
    ("value", "granted", "remedy"),
    [
        ("缺省 55%", "从严（越高越严）", "“设定 下限 为 值”，值不低于上层的 55%（越高越严）"),
        ("缺省 55%", "从严（越低越严）", "“设定 下限 为 值”，值不高于上层的 55%（越低越严）"),
        ("缺省 55%", "细化", "“设定 下限 为 40%”；"),
        ("= 55%", "自定", "“设定 下限 为 40%”；"),
        ("= 55%", "细化", "用上层的 下限 就删去这一条"),
        ("缺省 55%", "固定", "用上层的 下限 就删去这一条"),
    ],
)
def test_a_parameter_declared_anew_is_answered_with_a_setting_that_may_stand(
    value: str, granted: str, remedy: str
) -> None:
    (error,) = found(upper(value, granted), "参数 下限（floor_low）：比例 = 40%\n")
    assert error.code == "E202" and error.remedy is not None and remedy in error.remedy
    for setting in re.findall(r"设定 下限 为 \d+%", error.remedy):
        assert codes(upper(value, granted), f"{setting}\n") == []

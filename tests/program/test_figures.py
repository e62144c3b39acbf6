"""Figures in the text of a notice (5.10.14 to 5.10.18): what loads, where a misspelt name is told, what changes nothing."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from policyrules import compare
from policyrules.language.formatting import format_source, formatted
from policyrules.program.fingerprints import text_hash
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text

WORLD = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 总投资（total）：金额（万元） 取值 0 万元 以上
  字段 甲（a）：是否
对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元） 取值 0 万元 以上
  字段 资金来源（source）：枚举 { 衔接资金、其他 }
参数 下限（floor）：金额（万元） 缺省 5 万元
"""


def notice(said: str, of: str = "") -> str:
    return f"{WORLD}提示 看看{of}\n  当 甲\n  说 “{said}”\n"


@pytest.mark.parametrize(
    ("said", "word", "remedy"),
    [
        ("投了 {总投姿}", "总投姿", "是不是 {总投资}？"),
        ("投了 {总投资}，{总投姿}", "总投姿", "是不是 {总投资}？"),
        ("有 {金额}", "金额", "金额是资金的字段：先写 术语 资金金额合计 即 合计 资金.金额，这里写 {资金金额合计}"),
        ("有 {资金来源}", "资金来源", "资金来源是资金的字段，项目下面可有几行；写成 对 资金 的提示"),
        ("有 {某某某某}", "某某某某", "先声明这个名称，或检查是否写错"),
    ],
)
def test_a_name_that_means_nothing_is_told_where_it_stands(said: str, word: str, remedy: str) -> None:
    """It loads, as it did before braces meant anything; the warning stands at the name inside the quote."""
    rules, found = try_policy_from_text(notice(said))
    assert rules is not None
    (warning,) = [one for one in found if one.code == "W225"]
    assert warning.severity == "warning" and warning.span is not None
    assert (warning.span.text, warning.remedy) == (word, remedy)
    assert warning.span.line == notice(said).splitlines().index(f"  说 “{said}”") + 1
    shown = rules.evaluate({"甲": True, "总投资": 3}).findings[0].message
    assert shown == said.replace("{总投资}", "3 万元")


@pytest.mark.parametrize(
    ("said", "shown", "remedy"),
    [
        ("占 {总投资 ÷ 2}", "{总投资 ÷ 2}", "花括号里只能写一个名称：先写 术语 某某 即 总投资 ÷ 2，这里写 {某某}"),
        ("有 {合计 资金.金额}，{甲}", "{合计 资金.金额}", None),
        ("有 {总投资：0.0}", "{总投资：0.0}", None),
        ("有 ｛总投资", "｛总投资", "花括号要成对：{名称}"),
        ("有 总投资｝", "总投资｝", "花括号要成对：{名称}"),
    ],
)
def test_more_than_a_name_in_braces_is_told(said: str, shown: str, remedy: str | None) -> None:
    rules, found = try_policy_from_text(notice(said))
    assert rules is not None
    (warning,) = [one for one in found if one.code == "W225"]
    assert warning.severity == "warning" and warning.span is not None and warning.span.text == shown
    assert shown in warning.message and (remedy is None or warning.remedy == remedy)


def test_the_remedies_load_and_show_a_figure() -> None:
    text = f"{WORLD}术语 资金金额合计 即 合计 资金.金额\n提示 看看\n  说 “有 {{资金金额合计}}”\n提示 这行 对 资金\n  说 “{{资金来源}}”\n"
    rules, found = try_policy_from_text(text)
    assert rules is not None and not [one for one in found if one.code == "W225"]
    outcome = rules.evaluate({"资金": [{"金额": 2, "资金来源": "其他"}]})
    assert [one.message for one in outcome.findings] == ["有 2 万元", "其他"]


UNITS = WORLD.replace(
    "  字段 甲",
    """\
  字段 利用率（rate）：比例
  字段 年度（year）：年份
  字段 户数（hh）：整数（户）
  字段 工期（months）：时长（个月）
  字段 面积（area）：面积（亩）
  字段 产量（tons）：小数（吨）
  字段 件数（pieces）：整数
  字段 建成日（built）：日期
  字段 名称（title）：文本
  字段 甲""",
)


@pytest.mark.parametrize(
    ("said", "marked", "remedy"),
    [
        ("投了{总投资}万元", "{总投资}万元", "{总投资}"),
        ("投了 {总投资} 万元", "{总投资} 万元", "{总投资}"),
        ("投了{总投资}元", "{总投资}元", "{总投资}"),
        ("投了{总投资}（万元）", "{总投资}（万元）", "{总投资}"),
        ("投了{总投资}（单位：万元），多了", "{总投资}（单位：万元）", "{总投资}"),
        ("投了｛总投资｝万元以上", "｛总投资｝万元", "｛总投资｝"),
        ("低于{下限}万元", "{下限}万元", "{下限}"),
        ("只有{利用率}%", "{利用率}%", "{利用率}"),
        ("只有{利用率}％。", "{利用率}％", "{利用率}"),
        ("从{年度}年起", "{年度}年", "{年度}"),
        ("从{年度}年度起", "{年度}年", "{年度}"),
        ("带动{户数}户农户", "{户数}户", "{户数}"),
        ("用了{工期}个月", "{工期}个月", "{工期}"),
        ("流转{面积}亩地", "{面积}亩", "{面积}"),
        ("产{产量}吨", "{产量}吨", "{产量}"),
        ("共{ 项目 . 总投资 }万元", "{ 项目 . 总投资 }万元", "{ 项目 . 总投资 }"),
    ],
)
def test_a_unit_behind_a_figure_is_told(said: str, marked: str, remedy: str) -> None:
    """Who does what the remedy says has the unit once."""
    text = f"{UNITS}提示 看看\n  当 甲\n  说 “{said}”\n"
    rules, found = try_policy_from_text(text)
    assert rules is not None
    (warning,) = [one for one in found if one.code == "W226"]
    assert warning.span is not None and warning.span.text == marked and warning.remedy == f"写成 {remedy}"
    mended = text[: warning.span.start] + remedy + text[warning.span.end :]
    rules, found = try_policy_from_text(mended)
    assert rules is not None and not [one for one in found if one.code == "W226"]


@pytest.mark.parametrize(
    "said",
    [
        *(
            "投了{总投资}",
            "投了{总投资}以上",
            "{年度}年底前",
            "{年度}年末",
            "{户数}户均收入",
            "{件数}件",
            "{名称}万元",
            "{建成日}日",
            "{甲}户",
        ),
        *(
            "{总投资}亩",
            "{总投资}（见附表）",
            "{总投资}（万元以上的）",
            "{{总投资}}万元",
            "{总投资}、万元",
            "{利用率}左右",
            "{资金}万元",
        ),
    ],
)
def test_what_is_no_unit_behind_a_figure_is_text(said: str) -> None:
    found = try_policy_from_text(f"{UNITS}提示 看看\n  当 甲\n  说 “{said}，{{甲}}”\n")[1]
    assert not [one for one in found if one.code == "W226"], found


@pytest.mark.parametrize(
    "said", ["用{}表示", "{甲、乙}", "{{双}}", "}{", "{1}", "{没有}{{也没有}}", "｛没有｝", "{ 没 有 }"]
)
def test_braces_around_nothing_are_text(said: str) -> None:
    """A text without a figure is shown as it was written."""
    assert policy_from_text(notice(said)).evaluate({"甲": True}).findings[0].message == said


def test_full_width_braces_and_letters_are_read() -> None:
    assert policy_from_text(notice("｛总投资｝、{ 项目 . 总投资 }")).evaluate({"甲": True, "总投资": 2}).findings[
        0
    ].message == ("2 万元、2 万元")


def test_a_changed_figure_is_no_changed_finding() -> None:
    """“a comparison reports no finding of which only a figure changed” (5.10.18)."""
    before = policy_from_text(notice("低于 {下限}"))
    after = before.with_parameters({"下限": 6})
    records = [{"编号": "1", "甲": True}]
    messages = [rules.evaluate(records[0]).findings[0].message for rules in (before, after)]
    assert messages == ["低于 5 万元", "低于 6 万元"]
    assert not compare(before, after, records).finding_changes


def test_what_figures_read_is_part_of_the_program() -> None:
    """Results pickle with their text; the hash of what a policy says knows the figure; a text without one keeps its own."""
    rules = policy_from_text(notice("低于 {下限}"))
    outcome = rules.evaluate({"甲": True})
    assert pickle.loads(pickle.dumps(outcome)).findings[0].message == "低于 5 万元"
    assert outcome.to_dict()["findings"][0]["message"] == "低于 5 万元"  # type: ignore[index, call-overload]
    (found,) = rules.program.notices.values()
    assert found.message == "低于 {下限}" and len(found.pieces) == 3
    assert text_hash(found) != text_hash(dataclasses.replace(found, pieces=()))
    plain = policy_from_text(notice("低于下限")).program.notices["看看"]
    assert plain.pieces == ()


def test_the_formatter_leaves_the_text_alone() -> None:
    share = "统计 甲占比\n  占比 资金.金额\n  相同 编号、资金来源\n  其中 资金来源 为 其他\n  符合 甲\n"
    assert format_source(share) == share
    text = notice("低于 {下限}，{{注}}")
    made, found = formatted(Source("规则.rules", text))
    assert not found and made is not None and "说 “低于 {下限}，{{注}}”" in made

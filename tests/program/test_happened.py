"""已发生: days on which something was done (language.md, sections 3 and 5.13)."""

from __future__ import annotations

import datetime

from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.records.wording import description
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text

TEXT = """对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 完成日（done_on）：日期 取值 2020年1月1日 以上 已发生 由 村
  字段 约定日（due_on）：日期

对象 资产（assets） 属于 项目
  字段 处置日（sold_on）：日期 已发生
"""


def test_it_is_printed_where_it_belongs() -> None:
    file, found = parse_source(Source("甲.rules", TEXT.replace("以上 已发生 由 村", "以上 由 村 已发生")))
    assert found == ()
    assert print_file(file) == TEXT


def test_only_a_date_happens() -> None:
    _, found = try_policy_from_text(TEXT.replace("甲（a）：是否", "甲（a）：是否 已发生"))
    (error,) = found
    assert (error.code, error.message, error.remedy) == ("E204", "是否不是日子，不能写 已发生", "删去 已发生")
    assert error.span is not None and (error.span.line, error.span.text) == (3, "已发生")


def test_it_is_a_word_of_the_second_version() -> None:
    file, found = parse_source(Source("甲.rules", TEXT))
    assert found == () and [word.text for word in file.added] == ["已发生", "已发生"]
    policy = policy_from_text(TEXT.replace("甲（a）", "已发生（a）") + "提示 有的\n  当 已发生\n  说 “有”\n")
    assert [one.status for one in policy.evaluate({"已发生": "是"}).findings] == ["notice"]


def test_what_people_fill_in_is_described() -> None:
    field = policy_from_text(TEXT).program.fields["项目"]["完成日"]
    assert field.happened
    assert description(field) == (
        "日期，年月日写全（如 2025-09-15 或 2025年9月15日），不小于 2020年1月1日；已经发生才填，不会晚于评估日；由村掌握；不知道的留空。"
    )


def test_a_day_to_come_stands_as_recorded_and_is_told() -> None:
    policy = policy_from_text(TEXT + "提示 做完了\n  当 完成日 ≤ 评估日\n  说 “有”\n")
    today = policy.as_of
    later = today + datetime.timedelta(1)
    outcome = policy.evaluate(
        {"编号": "1", "完成日": later, "约定日": later, "资产": [{"处置日": today}, {"处置日": later}]}
    )
    told = f"2 处已经发生才填的日子填在评估日以后，照填的算，请核对：完成日（{later}）、资产第2行的处置日（{later}）"
    assert outcome.notes == (told,)
    assert [one.status for one in outcome.findings] == ["not_applicable"]
    assert policy.evaluate({"编号": "1", "完成日": today}).notes == ()
    (every,) = policy.evaluate_all([{"编号": "1", "完成日": later}])
    assert every.notes == (told.replace("2 处", "1 处").replace(f"、资产第2行的处置日（{later}）", ""),)


def test_a_blank_is_not_presumed_to_have_happened() -> None:
    policy = policy_from_text(TEXT + "决定 类：单选 { 上 }\n规则 上类\n  当 完成日 ≤ 评估日\n  则 类 为 上\n")
    found = policy.evaluate({})["类"]
    assert found.status == "undetermined"
    assert [blank.name for blank in found.missing.deciding] == ["完成日"]

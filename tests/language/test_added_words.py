"""Words that came with a later version of the language stay names where they were names."""

from __future__ import annotations

import pytest

from policyrules.language.keywords import ADDED
from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text

# Every word stands where names stand: as a field, a value, a term, a rule; 不含 and 等 as values too.
OLD = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 原则上应当（a）：是否
  字段 否则说明（b）：文本
  字段 全部属于（c）：多选 { 除去、否则说明 }
  字段 除去（d）：枚举 { 全部属于、原则上应当 }
  字段 越高越严（e）：整数 取值 0 至 9
术语 越低越严
  即 越高越严 ≥ 3
决定 结果（result）：单选 { 原则上应当、除去 }
规则 一
  当 原则上应当 且 全部属于 含 除去 且 除去 为 全部属于 且 越低越严
  则 结果 为 原则上应当
规则 二
  当 非 原则上应当 且 全部属于 含任一 { 除去、否则说明 }
  则 结果 为 除去
提示 否则说明项
  当 否则说明 已填
  说 “有”
"""


def test_an_old_text_means_what_it_meant() -> None:
    policy = policy_from_text(OLD)
    record = {"原则上应当": "是", "全部属于": ["除去"], "除去": "全部属于", "越高越严": 3, "否则说明": "话"}
    outcome = policy.evaluate(record)
    assert outcome["结果"].text == "原则上应当"
    assert outcome.findings[0].status == "notice"
    assert policy.evaluate({**record, "原则上应当": "否", "全部属于": ["否则说明"]})["结果"].text == "除去"


def test_the_new_words_are_keywords_beside_names_of_the_same_words() -> None:
    text = OLD + "义务 甲\n  原则上应当 全部属于 全部属于 { 除去 }\n  否则说明 否则说明\n"
    text += "禁令 乙\n  不得 全部属于 除去 { 除去 } 含任一 { 否则说明 }\n"
    policy = policy_from_text(text)
    found = {f.name: f.status for f in policy.evaluate({"全部属于": ["否则说明"], "否则说明": "话"}).findings}
    assert (found["甲"], found["乙"]) == ("explained", "violated")


NEW = """清单 负面
  即 { 楼堂馆所、“1号楼”、等，不含 产业发展、“2号楼” }
清单 只说不含
  即 { 等，不含 产业发展 }
禁令 乱用
  不得 用途 除去 { 偿债 } 含任一 { 楼堂馆所、偿债、等，不含 产业发展 }
义务 只用于
  当 （用途 除去 { 偿债 }） 除去 负面 含 产业发展
  原则上应当 用途 全部属于 负面
  否则说明 项目.理由
  期限 期限日
参数 占比下限（floor）：比例 缺省 55% 取值 0% 至 100%
  授权 从严（越高越严）
设定 别的
  为 60%
  授权 从严（越低越严）
"""


def test_new_forms_are_printed_as_they_are_written_and_read_again() -> None:
    file, found = parse_source(Source("甲.rules", NEW))
    assert found == ()
    printed = print_file(file)
    again, _ = parse_source(Source("甲.rules", printed))
    assert print_file(again) == printed
    assert again.declarations == file.declarations
    assert "授权 从严（越高越严）" in printed and "、等，不含 产业发展、“2号楼” }" in printed
    spread = NEW.replace("，不含", " , 不含").replace("（越高越严）", " ( 越高越严 ) ").replace("、等", "、等 ")
    assert parse_source(Source("甲.rules", spread))[0].declarations == file.declarations


def test_a_long_list_is_broken_after_its_marks() -> None:
    words = "、".join(f"很长的一个值第{number}号" for number in range(12))
    file, _ = parse_source(Source("甲.rules", f"清单 长\n  即 {{ {words}、等，不含 {words.replace('号', '样')} }}\n"))
    printed = print_file(file)
    assert "等，不含 " in printed and len(printed.splitlines()) > 3
    assert parse_source(Source("甲.rules", printed))[0].declarations == file.declarations


@pytest.mark.parametrize(
    "wrong", ["{ 甲，乙 }", "{ 等、甲 }", "{ 不含 甲 }", "{ 甲、等，不含 }", "{ 甲、等，不含 乙，丙 }"]
)
def test_what_no_list_is(wrong: str) -> None:
    found = try_policy_from_text(f"清单 负面\n  即 {wrong}\n")[1]
    assert found and all(each.remedy for each in found if each.severity == "error")


@pytest.mark.parametrize("word", sorted(ADDED))
@pytest.mark.parametrize("space", ["", " ", "\n  "])
def test_a_unit_of_any_name_stays_a_unit(word: str, space: str) -> None:
    text = f"""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 个数（n）：整数（{word}） 取值 0{space}{word} 以上
参数 线（line）：整数（{word}） 缺省 3{space}{word} 取值 0{space}{word} 至 9{space}{word}
决定 结果（result）：单选 {{ 多、少 }}
规则 多了
  当 个数 ≥ 2{space}{word} + 3{space}{word} 且 个数 介于 1{space}{word} 至 9{space}{word}
  则 结果 为 多
"""
    policy = policy_from_text(text, f"设定 线\n  为 4{space}{word}\n")
    assert policy.evaluate({"个数": 5})["结果"].text == "多"
    assert policy.evaluate({"个数": 4})["结果"].text == "无"


def test_behind_a_number_a_word_that_is_no_unit_is_a_keyword() -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 个数（n）：整数
  字段 理由（why）：文本
义务 甲
  当 个数 ≥ 2
  原则上应当 个数 ≥ 5
  否则说明 理由
"""
    policy = policy_from_text(text)
    assert [f.status for f in policy.evaluate({"个数": 3, "理由": "话"}).findings] == ["explained"]


@pytest.mark.parametrize("word", sorted(ADDED))
def test_a_note_may_follow_a_name_of_any_word(word: str) -> None:
    text = f"决定 结果（result）：单选 {{ {word}、别的 }}\n规则 一\n  则 结果 为 {word} 说明 别的，以后再定\n"
    file, found = parse_source(Source("甲.rules", text))
    assert found == ()
    assert [clause.keyword.text for clause in file.declarations[1].written.clauses] == ["则", "说明"]


def test_words_that_are_marked_are_later_words_too() -> None:
    text = "决定 补助（aid）：金额（万元） 累计\n  不超过 取小（线；3 万元）\n规则 一\n  则 补助 为 2 万元\n"
    file, found = parse_source(Source("甲.rules", text))
    assert found == ()
    assert [word.text for word in file.added] == ["累计", "不超过", "取小"]

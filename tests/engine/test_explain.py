"""Explanations: every condition with its words, its value and where it was written."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engine.support import policy

import policyrules as pr
from policyrules.explanation import Reason
from policyrules.records.tasks import tasks_of
from policyrules.testing.build import policy_from_text

TOP = """
参数 线（line）：整数（个） 缺省 3 个
  依据【三】“线”
术语 够数 即 数 ≥ 线
决定 类（kind_of）：单选 { 上、下 }
  依据【导语】“分类”
  授权 自定
规则 上类
  依据【一】“原文”
  当 够数 且
     甲
  则 类 为 上
  释义 够数读作三个以上
规则 旧类
  依据【四】“旧”
  当 丙
  则 类 为 下
"""
LISTS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
对象 资金（funds） 属于 项目
  字段 序号（no）：文本
  字段 大额（large）：是否 由 财务
  字段 已付（paid）：是否 由 财务
决定 类（kind）：单选 { 上 }
规则 甲
  当 任一 资金 满足（大额 且 已付）
  则 类 为 上
"""
LOWER = """
修订 上类
  依据【二】“还要”
  还须 乙
修订 旧类
  依据【五】“停”
  停用
  说明 不再适用
推定 乙推定
  依据【六】“视为”
  当 甲 则 乙 为 是
"""


def walk(reason: pr.Reason) -> Iterator[pr.Reason]:
    yield reason
    for child in reason.children:
        yield from walk(child)


def reason(**record: object) -> pr.Reason:
    return policy(TOP, LOWER).evaluate(record)["类"].explain()


def by_text(top: pr.Reason, text: str) -> pr.Reason:
    return next(one for one in walk(top) if one.text == text)


def test_every_condition_has_its_words_with_white_space_collapsed_and_its_value() -> None:
    top = reason(a=True, b=True, n=5)
    assert (top.role, top.value) == ("decision", "上")
    rule = next(one for one in walk(top) if one.role == "rule")
    assert (rule.truth, rule.citations[0].place, rule.layer) == (True, "一", "L0")
    assert by_text(top, "够数 且 甲").truth is True
    assert by_text(top, "数").value == "5 个"


def test_terms_expand_and_parameters_say_how_they_came_about() -> None:
    top = reason(a=True, b=True, n=5)
    assert by_text(top, "数 ≥ 线").truth is True
    parameter = by_text(top, "线")
    assert (parameter.role, parameter.value, parameter.notes[0]) == ("parameter", "3 个", "缺省")


def test_an_amendment_shows_its_operation_layer_and_clause() -> None:
    top = reason(a=True, b=True, n=5)
    added = next(one for one in walk(top) if one.operation == "还须")
    assert (added.text, added.layer, added.citations[0].place) == ("乙", "L1", "二")
    assert any(one.role == "amendment" and one.text == "修订 上类" for one in walk(top))


def test_a_stopped_provision_appears_with_who_stopped_it() -> None:
    top = reason(a=True, b=True, n=5)
    stopped = next(one for one in walk(top) if one.operation == "停用")
    assert (stopped.text, stopped.layer) == ("规则 旧类", "L1")
    assert "五" in {citation.place for citation in stopped.citations}


def test_blanks_and_presumptions_are_shown() -> None:
    top = reason(a=True, n=5)
    presumed = by_text(top, "乙")
    assert presumed.truth is True
    assert presumed.notes[:2] == ("未填", "推定")
    assert presumed.children[0].role == "presumption"
    top = reason(n=5)
    blank = by_text(top, "甲")
    assert (blank.truth, blank.blank is not None and blank.blank.name) == (None, "甲")


def test_a_name_read_twice_is_expanded_once() -> None:
    text = TOP.replace("够数 且\n     甲", "够数 且 任一满足（够数；甲）")
    top = policy(text).evaluate({"n": 5})["类"].explain()
    terms = [one for one in walk(top) if one.role == "term"]
    assert len(terms) == 2
    assert [child.text for child in terms[1].children] == ["术语 够数 见上文"]


def test_the_tree_renders_in_chinese_and_as_plain_data() -> None:
    outcome = policy(TOP, LOWER).evaluate({"id": "P1", "a": True, "b": True, "n": 5})
    explanation = outcome.explain()
    text = str(explanation)
    assert text.startswith("P1（评估日 2025-09-15）")
    assert "类：上" in text
    assert "✓ ［还须］乙" in text
    assert "L0【一】" in text
    data = explanation.to_dict()
    assert data["reasons"][0]["role"] == "decision"  # type: ignore[index]


def test_a_fallback_says_which_was_used() -> None:
    text = """
决定 测（test）：单选 { 真 }
规则 测规则
  依据【一】“原文”
  当 （首选 取 类型统计.盘活数 其中（统计类型 = 项目.类型），缺则 数） ≥ 3 个
  则 测 为 真
"""
    given: dict[str, object] = {"type": "茶", "county": {"type_counts": [{"counted_type": "茶", "revived": 4}]}}
    notes = [note for one in walk(policy(text).evaluate(given)["测"].explain()) for note in one.notes]
    assert "首选有，用首选" in notes
    notes = [note for one in walk(policy(text).evaluate({"n": 4})["测"].explain()) for note in one.notes]
    assert "首选缺，用其后" in notes


def test_a_provision_without_condition_says_that_it_always_applies() -> None:
    top = """
义务 建档
  依据【一】“建档”
  应当 甲
义务 公示 对 项目
  依据【二】“公示”
  应当 乙
  授权 自定
"""
    lower = "修订 公示\n  依据【三】“只对”\n  仅限 丙\n修订 建档\n  依据【四】“重申”\n  重申\n"
    findings = {finding.name: finding.explain() for finding in policy(top, lower).evaluate({"c": True}).findings}
    always = findings["建档"].children[0].children[0]
    assert (always.text, always.truth, always.children) == ("一律适用", True, ())
    assert always.place == findings["建档"].place
    narrowed = findings["公示"].children[0].children[0]
    assert narrowed.text == "同时满足"
    assert [(child.text, child.operation) for child in narrowed.children] == [("一律适用", ""), ("丙", "仅限")]
    restated = findings["建档"].children[-1]
    assert (restated.text, restated.operation) == ("重申 建档", "重申")


def test_a_list_not_supplied_is_known_by_whoever_knows_all_its_columns() -> None:
    shared = policy_from_text(LISTS).evaluate({})["类"]
    assert [(blank.kind, blank.holders) for blank in shared.missing.relevant] == [("rows", ("财务",))]
    assert next(one.blank for one in walk(shared.explain()) if one.blank).holders == ("财务",)
    parted = policy_from_text(LISTS.replace("大额（large）：是否 由 财务", "大额（large）：是否 由 乡镇")).evaluate({})[
        "类"
    ]
    assert [(blank.kind, blank.holders) for blank in parted.missing.relevant] == [("rows", ())]


def test_members_of_statistics_are_left_out_where_nobody_asks_for_them() -> None:
    policy = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 停产（stopped）：是否\n"
        "统计 停的（stopped_ones）\n  计数 项目 其中 停产\n义务 少停\n  应当 停的 ≤ 1 个\n"
    )
    records = [{"编号": f"P{n}", "停产": True} for n in range(3)]
    (finding,) = next(iter(policy.evaluate_all(records))).findings

    def nodes(reason: Reason) -> list[Reason]:
        return [reason, *(below for child in reason.children for below in nodes(child))]

    whole, short = nodes(finding.explain()), nodes(finding.explain(members=False))
    assert [node.text for node in whole if node.member] == ["本项目", "P1", "P2"]
    # All else is the same, and what stood in the way is told from it.
    assert [node for node in short if not node.children] == [
        node for node in whole if not node.children and not node.member
    ]
    assert [task.facts for task in tasks_of([*policy.evaluate_all(records)])] == [("停的：3",)] * 3

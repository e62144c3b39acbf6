"""The nearest changes, worked by hand and against every change of small random records."""

from __future__ import annotations

import random
from itertools import combinations, product
from typing import Any

import pytest
from tests.impact.small import DOMAINS, NUMBERS, Trying, random_policy, random_record, side_of

from policyrules.program import costs
from policyrules.testing.build import policy_from_text
from policyrules.variation import nearest as module
from policyrules.variation.model import Nearest
from policyrules.variation.nearest import nearest
from policyrules.variation.study import Study


def _found(study: Study, decision: str, most: int = 3) -> dict[tuple[int, str, str], Nearest]:
    return {(one.record, one.path, one.target): one for one in nearest(study, decision, most)}


def _brute(trying: Trying, path: str, decision: str, most: int) -> dict[str, tuple[int, set[frozenset[str]]]]:
    """Of each value the least number of changes that reach it, and which cells they are."""
    now = trying.under({}, path, decision)
    found: dict[str, tuple[int, set[frozenset[str]]]] = {}
    for size in range(1, most + 1):
        for labels in combinations(trying.cells, size):
            for values in product(*map(trying.options, labels)):
                state = trying.under(dict(zip(labels, values, strict=True)), path, decision)
                if state.status == "determined" and state.text != now.text:
                    least, some = found.setdefault(state.text, (size, set()))
                    if least == size:
                        some.add(frozenset(labels))
    return found


@pytest.mark.parametrize("seed", range(16))
def test_every_nearest_change_is_found_and_no_other(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAYS", 10_000)
    chance = random.Random(seed)
    policy = random_policy(chance)
    records = [random_record(chance, number, 0.1) for number in range(6)]
    for decision in ("分类", "去向"):
        side = side_of(policy, records, (decision,))
        found = _found(Study(side, side), decision, 2)
        lacking = [(key, state) for key, state in side.states.items() if state.status == "none"]
        for (index, path, _), _state in lacking[:2]:
            brute = _brute(Trying(side, index), path, decision, 2)
            for value in policy.program.decisions[decision].values:
                told = found[index, path, value]
                if value in brute:
                    size, sets = brute[value]
                    assert {frozenset(step.field for step in way) for way in told.ways} == sets
                    assert told.tried == size and {len(way) for way in told.ways} == {size}
                else:
                    assert told.ways == () and told.tried == 2


@pytest.mark.parametrize("seed", range(16))
def test_every_number_that_would_lose_a_value_is_found(seed: int) -> None:
    chance = random.Random(1000 + seed)
    policy = random_policy(chance)
    records = [random_record(chance, number, 0.0) for number in range(8)]
    for decision in ("分类", "去向"):
        side = side_of(policy, records, (decision,))
        found = nearest(Study(side, side), decision)
        for (index, path, _), state in side.states.items():
            if state.status != "determined":
                continue
            trying = Trying(side, index)
            expected: dict[str, set[str]] = {}
            for label, (instance, name) in trying.cells.items():
                now = instance.values.get(name)
                if DOMAINS[name] is not NUMBERS or not isinstance(now, int):
                    continue
                for value in (now - 1, now + 1):
                    # A fifth of at most 6 is no more than one unit and a bit.
                    after = trying.under({label: value}, path, decision) if value in NUMBERS else state
                    if after != state:
                        expected.setdefault(after.text, set()).add(label)
            told = {
                one.target: {way[0].field for way in one.ways}
                for one in found
                if (one.record, one.path) == (index, path)
            }
            assert told == expected


# ---- by hand --------------------------------------------------------------------------------------------------------

HAND = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 计划（planned）：金额（万元） 取值 0 万元 以上
  字段 到位（paid）：金额（万元） 取值 0 万元 以上
  字段 停产日（stopped_on）：日期
  研判 前景（prospect）：枚举 { 好、差 }
  字段 带头（leading）：是否
对象 资产（asset） 属于 项目 标识 资产编号
  字段 资产编号（asset_id）：文本
  字段 原值（original）：金额（万元） 取值 0 万元 以上
决定 分类（category）：单选 { 升级、盘活、扩大 }
规则 升级类
  依据【一】“十户以上而前景好的”
  当 户数 ≥ 10 户 且 前景 为 好
  则 分类 为 升级
规则 盘活类
  依据【二】“停产满一年的”
  当 停产日 起满 1 年
  则 分类 为 盘活
规则 扩大类
  依据【三】“到位八成、资产一百万元以上的”
  当 到位 ÷ 计划 ≥ 80% 且 合计 资产.原值 ≥ 100 万元
  则 分类 为 扩大
"""
# The date of evaluation is 2025-09-15.


def _steps(one: Nearest) -> list[list[tuple[str, str, str, str, str]]]:
    return [[(s.field, s.before, s.after, s.kind, s.margin) for s in way] for way in one.ways]


def _hand(*records: dict[str, Any]) -> dict[tuple[int, str, str], Nearest]:
    policy = policy_from_text(HAND)
    side = side_of(policy, [{"编号": str(number), **one} for number, one in enumerate(records)], ("分类",))
    return _found(Study(side, side), "分类")


def test_a_number_a_judgement_a_date_a_share_and_a_sum_over_rows() -> None:
    rows = [{"资产编号": "A1", "原值": 30}, {"资产编号": "A2", "原值": 50}]
    found = _hand(
        {"户数": 7, "前景": "差", "停产日": "2025-01-10", "计划": 100, "到位": 90, "带头": True, "资产": rows},
    )
    assert _steps(found[0, "项目", "升级"]) == [
        [("项目.户数", "7 户", "10 户", "事实", "多 3 户"), ("项目.前景", "差", "好", "研判", "")]
    ]
    # A year before 15 September 2025 is 15 September 2024: 117 days before 10 January 2025.
    assert _steps(found[0, "项目", "盘活"]) == [
        [("项目.停产日", "2025年1月10日", "2024年9月15日", "日期", "早 117 天")]
    ]
    # 80 万元 of assets: one of the two has to be worth 20 万元 more.
    assert _steps(found[0, "项目", "扩大"]) == [
        [("资产 A1.原值", "30 万元", "50 万元", "事实", "多 20 万元")],
        [("资产 A2.原值", "50 万元", "70 万元", "事实", "多 20 万元")],
    ]


def test_facts_come_before_judgements_and_a_blank_may_be_filled_in() -> None:
    found = _hand({"户数": 12, "停产日": "2025-09-01", "计划": 100, "到位": 40, "资产": []})
    # 前景 is blank, so that it is open and not 无: asked for are only those that are 无.
    assert found == {}
    found = _hand({"户数": 8, "停产日": "2025-09-01", "计划": 100, "到位": 40, "资产": []})
    assert _steps(found[0, "项目", "升级"]) == [
        [("项目.户数", "8 户", "10 户", "事实", "多 2 户"), ("项目.前景", "未填", "好", "研判", "")]
    ]


def test_rows_are_changed_and_never_added() -> None:
    found = _hand({"户数": 1, "前景": "差", "停产日": "2025-09-01", "计划": 100, "到位": 90, "资产": []})
    assert found[0, "项目", "扩大"].ways == () and found[0, "项目", "扩大"].tried == 3


def test_what_would_be_lost_by_a_number_within_a_fifth_or_a_day_within_a_year() -> None:
    rows = [{"资产编号": "A1", "原值": 110}]
    found = _hand(
        {"户数": 12, "前景": "好", "停产日": "2025-09-01", "计划": 100, "到位": 10, "资产": []},
        {"户数": 13, "前景": "好", "停产日": "2025-09-01", "计划": 100, "到位": 10, "资产": []},
        {"户数": 1, "前景": "差", "停产日": "2024-09-10", "计划": 100, "到位": 10, "资产": []},
        {"户数": 1, "前景": "差", "停产日": "2023-09-10", "计划": 100, "到位": 10, "资产": []},
        {"户数": 1, "前景": "差", "停产日": "2025-09-10", "计划": 100, "到位": 90, "资产": rows},
    )
    # A fifth of 12 is 2.4: 9 is 3 less, too far; so it is for 13.
    assert (0, "项目", "无") not in found and (1, "项目", "无") not in found
    assert _steps(found[2, "项目", "无"]) == [[("项目.停产日", "2024年9月10日", "2024年9月16日", "日期", "晚 6 天")]]
    assert (3, "项目", "无") not in found
    # 90 ÷ 112.5 is 80 %: a hundredth of a 万元 more is too much. Of 90 the least that is enough is 80.
    assert _steps(found[4, "项目", "无"]) == [
        [("项目.计划", "100 万元", "112.51 万元", "事实", "多 12.51 万元")],
        [("项目.到位", "90 万元", "79.99 万元", "事实", "少 10.01 万元")],
        [("资产 A1.原值", "110 万元", "99.99 万元", "事实", "少 10.01 万元")],
    ]


def test_only_results_that_the_variation_took_are_asked_about_in_other_decisions() -> None:
    text = (
        HAND
        + "决定 入库（intake）：单选 { 可以 }\n规则 可以类\n  依据【四】“入库”\n  当 户数 ≥ 5 户\n  则 入库 为 可以\n"
    )
    old, new = policy_from_text(text), policy_from_text(text.replace("户数 ≥ 5 户", "户数 ≥ 9 户"))
    records = [{"编号": "1", "户数": 3}, {"编号": "2", "户数": 7}, {"编号": "3", "户数": 9}]
    study = Study(side_of(old, records, ("入库",)), side_of(new, records, ("入库",)))
    assert {key: _steps(one) for key, one in _found(study, "分类").items()} == {
        (1, "项目", "可以"): [[("项目.户数", "7 户", "9 户", "事实", "多 2 户")]]
    }


COUNTED = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 乡镇（town）：文本
  字段 停产（stopped）：是否
  字段 规模（size）：整数（亩） 取值 0 亩 以上
统计 停产数
  依据【一】“停产较多的”
  计数 项目
  相同 乡镇
  其中 停产
决定 意见（intake）：单选 { 暂缓 }
规则 暂缓类
  依据【一】“停产较多而规模大的”
  当 停产数 ≥ 2 且 规模 ≥ 10 亩 且 停产
  则 意见 为 暂缓
"""


@pytest.mark.parametrize("numbered", [True, False])
def test_a_record_that_changes_is_counted_as_it_then_is(numbered: bool) -> None:
    """Two of three stand still. Were the third to do so it would count, too; were one of the two not to, one would be left."""
    text = COUNTED if numbered else COUNTED.replace(" 标识 编号", "")
    records = [
        {"编号": "1", "乡镇": "东", "停产": True, "规模": 10},
        {"编号": "2", "乡镇": "东", "停产": False, "规模": 10},
        {"编号": "3", "乡镇": "东", "停产": False, "规模": 12},
        {"编号": "4", "乡镇": "西", "停产": False, "规模": 12},
    ]
    side = side_of(policy_from_text(text), records, ("意见",))
    found = _found(Study(side, side), "意见")
    # 1 alone stands still: there have to be two, and its own fields do not make another.
    assert found[0, "项目", "暂缓"].ways == ()
    assert _steps(found[1, "项目", "暂缓"]) == [[("项目.停产", "否", "是", "事实", "")]]
    assert found[3, "项目", "暂缓"].ways == ()


def test_an_amount_that_is_none_may_come_to_one() -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上
决定 补助（grant）：金额（万元） 单值
规则 补助规则
  依据【一】“十户以上的，每户一万元”
  当 户数 ≥ 10 户
  则 补助 为 户数 × 1 万元
"""
    side = side_of(policy_from_text(text), [{"编号": "1", "户数": 8}], ("补助",))
    found = _found(Study(side, side), "补助")
    assert _steps(found[0, "项目", module.AMOUNT]) == [[("项目.户数", "8 户", "10 户", "事实", "多 2 户")]]


def test_decisions_of_too_many_rules_are_passed_over_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of 分类 the number, what it is compared with and the comparison, and 50 for the decision.
    policy = policy_from_text("""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上
决定 分类（category）：单选 { 升级 }
规则 升级类
  依据【一】“十户以上的”
  当 户数 ≥ 10 户
  则 分类 为 升级
""")
    side = side_of(policy, [{"编号": "1", "户数": 8}, {"编号": "2", "户数": 11}], ("分类",))
    said: list[str] = []
    monkeypatch.setattr(costs, "MOST_TRIED", 53)
    assert len(nearest(Study(side, side), "分类", said=said.append)) == 2 and said == []
    monkeypatch.setattr(costs, "MOST_TRIED", 52)
    assert nearest(Study(side, side), "分类", said=said.append) == ()
    assert said == ["有 1 个决定的规则太多，没有找它们的结果差一点的地方"]

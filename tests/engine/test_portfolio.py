"""统计 (language.md, section 5), a sentence a test."""

from __future__ import annotations

import itertools
import time
from fractions import Fraction

import pytest
from tests.engine.support import policy, truth

import policyrules as pr

COUNT = """
统计 甲数（a_count）
  依据【一】“原文”
  计数 项目
  相同 类型
  其中 甲
"""
SHARE = """
统计 甲占比（a_share）
  依据【一】“原文”
  占比 项目
  其中 乙
  符合 甲
"""
SUM = """
统计 总数（total）
  依据【一】“原文”
  合计 项目.数
  相同 类型
  其中 甲
"""
KINDS = """
统计 种类（kinds）
  依据【一】“原文”
  种数 项目.难度
  其中 甲
"""

Row = dict[str, object]


def project(key: str, **cells: object) -> Row:
    return {"id": key, "type": "茶", **cells}


def test_the_record_itself_counts_once_by_key() -> None:
    """“The portfolio always includes the record itself, once, by its 标识” (5.11.1)."""
    mine = project("1", a=True)
    others = [project("2", a=True), project("3", a=False)]
    for portfolio in (others, [mine, *others], [project("1", a=False), *others]):
        assert truth("甲数 = 2 个", mine, COUNT, portfolio) is True


def test_a_record_without_a_key_is_one_more() -> None:
    assert truth("甲数 = 2 个", {"type": "茶", "a": True}, COUNT, [{"type": "茶", "a": True}]) is True


def test_no_portfolio_is_not_an_empty_one() -> None:
    """“No portfolio supplied: [own contribution, unbounded].”"""
    mine = project("1", a=True)
    assert truth("甲数 ≥ 1 个", mine, COUNT) is True
    assert truth("甲数 ≥ 2 个", mine, COUNT) is None
    assert truth("甲数 = 1 个", mine, COUNT, []) is True
    assert truth("甲占比 ≥ 50%", project("1", a=True, b=True), SHARE) is None
    assert truth("甲占比 ≤ 100%", project("1", b=True), SHARE) is True
    assert truth("甲占比 ≤ 100%", project("1"), SHARE) is None
    assert truth("总数 ≥ 4 个", project("1", a=True, n=4), SUM) is True
    assert truth("种类 ≥ 1", project("1", a=True, level="无"), KINDS) is True
    assert truth("种类 ≤ 3", project("1"), KINDS) is True


def test_only_those_of_the_same_group_count() -> None:
    portfolio = [project("2", a=True), {"id": "3", "type": "果", "a": True}]
    assert truth("甲数 = 2 个", project("1", a=True), COUNT, portfolio) is True


def test_a_member_with_an_unknown_key_or_condition_counts_as_possible() -> None:
    """“A member with an unknown key, condition or decision counts as possible”"""
    mine = project("1", a=True)
    portfolio = [project("2"), {"id": "3", "a": True}, {"id": "4"}]
    assert truth("甲数 ≥ 1 个", mine, COUNT, portfolio) is True
    assert truth("甲数 ≥ 2 个", mine, COUNT, portfolio) is None
    assert truth("甲数 ≤ 4 个", mine, COUNT, portfolio) is True


def test_a_record_with_an_unknown_key_is_in_its_own_group() -> None:
    mine: Row = {"id": "1", "a": True}
    portfolio = [mine, project("2", a=True), {"id": "3", "type": "果", "a": True}]
    assert truth("甲数 ≥ 1 个", mine, COUNT, portfolio) is True
    assert truth("甲数 ≥ 2 个", mine, COUNT, portfolio) is None
    assert truth("甲数 ≤ 3 个", mine, COUNT, portfolio) is True


DECIDED = """
决定 类（kind_of）：单选 { 上、中、下 }
规则 上类
  依据【一】“原文”
  当 甲
  则 类 为 上
规则 中类
  依据【一】“原文”
  当 乙
  则 类 为 中
统计 上中数
  依据【一】“原文”
  计数 项目
  其中 类 属于 { 上、中 }
统计 上数
  依据【一】“原文”
  计数 项目
  其中 类 为 上
"""


def test_a_conflict_counts_by_the_rule_for_tests() -> None:
    """“a decision in conflict counts by 5.9.18”: {上, 中} in conflict is still 属于 {上、中}."""
    mine = project("1", a=False, b=False)
    portfolio = [project("2", a=True, b=True)]
    assert truth("上中数 = 1 个", mine, DECIDED, portfolio) is True
    assert truth("上数 ≥ 1 个", mine, DECIDED, portfolio) is None


def test_shares_have_exact_bounds() -> None:
    """“占比 has exact bounds (numerator and denominator move together).” “0 of 0 meets no threshold” (5.11.7)."""
    mine = project("1", a=True, b=True)
    # Each of the others is a whole member or none: 1/1 … 2/3, never 1/3 or more than 1.
    portfolio = [project("2", b=True, a=True), project("3", a=False)]
    assert truth("甲占比 ≥ 66%", mine, SHARE, portfolio) is True
    assert truth("甲占比 ≥ 67%", mine, SHARE, portfolio) is None
    nobody = project("1", b=False)
    assert truth("甲占比 ≥ 0%", nobody, SHARE, []) is False
    assert truth("甲占比 ≤ 100%", nobody, SHARE, []) is False
    assert truth("甲占比 ≥ 0%", project("1"), SHARE, []) is None


CONTRIBUTIONS = [(where, match) for where in (True, None) for match in (True, False, None)]
THRESHOLDS = ("0%", "30%", "40%", "50%", "60%", "70%", "100%")
SHARES = SHARE + "".join(
    f"义务 线{index}{way}\n  应当 甲占比 {sign} {threshold}\n"
    for index, threshold in enumerate(THRESHOLDS)
    for way, sign in (("上", "≥"), ("下", "≤"))
)


@pytest.mark.parametrize("members", list(itertools.combinations_with_replacement(CONTRIBUTIONS, 3)))
def test_shares_against_every_completion(members: tuple[tuple[bool | None, bool | None], ...]) -> None:
    rows = [
        project(str(index), **{key: cell for key, cell in (("b", where), ("a", match)) if cell is not None})
        for index, (where, match) in enumerate(members)
    ]
    told = {finding.name: finding.status for finding in policy(SHARES).evaluate(rows[0], rows).findings}
    options = [[None] * (where is None) + [m for m in (True, False) if match in (m, None)] for where, match in members]
    shares: list[Fraction | None] = []
    for chosen in itertools.product(*options):
        counted = [match for match in chosen if match is not None]
        shares.append(Fraction(sum(counted), len(counted)) if counted else None)
    for index, threshold in enumerate(THRESHOLDS):
        limit = Fraction(int(threshold.rstrip("%")), 100)
        for name, held in (
            (f"线{index}上", {share is not None and share >= limit for share in shares}),
            (f"线{index}下", {share is not None and share <= limit for share in shares}),
        ):
            expected = "unverified" if len(held) > 1 else "compliant" if True in held else "violated"
            assert told[name] == expected, (members, name)


def test_sums_over_the_portfolio() -> None:
    mine = project("1", a=True, n=4)
    portfolio = [project("2", a=True, n=3), project("3", n=5), project("4", a=True)]
    assert truth("总数 ≥ 7 个", mine, SUM, portfolio) is True
    assert truth("总数 ≥ 8 个", mine, SUM, portfolio) is None
    assert truth("总数 ≤ 22 个", mine, SUM, portfolio) is True
    assert truth("总数 ≤ 21 个", mine, SUM, portfolio) is None


def test_kinds_over_the_portfolio() -> None:
    mine = project("1", a=True, level="无")
    assert (
        truth("种类 = 2", mine, KINDS, [project("2", a=True, level="暂时"), project("3", a=True, level="无")]) is True
    )
    assert truth("种类 ≥ 2", mine, KINDS, [project("2", a=True)]) is None
    assert truth("种类 ≤ 3", mine, KINDS, [project(str(i), a=True) for i in range(9)]) is True


STRATA = (
    COUNT.replace("  相同 类型\n", "")
    + """
决定 多（many）：单选 { 是的 }
规则 多规则
  依据【一】“原文”
  当 甲数 ≥ 2 个
  则 多 为 是的
统计 多数
  依据【一】“原文”
  计数 项目
  其中 多 为 是的
"""
)


def test_evaluation_is_stratified() -> None:
    """“A statistic may read decisions and decisions statistics: evaluation is stratified”: each member's own count sees the record under evaluation."""
    mine = project("1", a=True)
    assert truth("多数 = 2 个", mine, STRATA, [project("2", a=True)]) is True
    assert truth("多数 = 0 个", mine, STRATA, [project("2", a=False)]) is True
    # As a member of the ledger it said 否; as the record it says 是.
    assert truth("多数 = 2 个", mine, STRATA, [project("1", a=False), project("2", a=True)]) is True


def test_evaluating_all_is_the_same_as_one_by_one() -> None:
    text = COUNT + SHARE + DECIDED
    rows: list[Row] = [
        project("1", a=True),
        project("2"),
        {"id": "3", "a": True, "b": True},
        {"id": "4", "type": "果", "a": False, "b": True},
        {"type": "茶", "a": True, "b": False},
    ]
    tests = "".join(
        f"决定 测{i}（t{i}）：单选 {{ 真 }}\n规则 规则{i}\n  依据【一】“原文”\n  当 {test}\n  则 测{i} 为 真\n"
        for i, test in enumerate(["甲数 ≥ 2 个", "甲占比 ≥ 50%", "上中数 ≥ 3 个", "上数 ≥ 2 个"])
    )
    world = policy(text + tests)
    together = list(world.evaluate_all(rows))
    for index, row in enumerate(rows):
        rest = rows[:index] + rows[index + 1 :]
        alone = world.evaluate(row, rest)
        for i in range(4):
            assert together[index][f"测{i}"].status == alone[f"测{i}"].status


def test_explanations_list_the_members_counted() -> None:
    """“Explanations list the members counted.”"""
    text = COUNT + "决定 测（t）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 甲数 ≥ 2 个\n  则 测 为 真\n"
    result = policy(text).evaluate(
        project("1", a=True), [project("2", a=True), project("3"), {"id": "4", "type": "果"}]
    )
    reason = result["测"].explain()
    statistic = next(one for one in _walk(reason) if one.role == "statistic")
    members = [(child.text, child.value) for child in statistic.children if "成员" in child.notes]
    assert members == [("本项目", "计入"), ("2", "计入"), ("3", "可能计入")]
    assert statistic.value == "未知（2 个 至 3 个）" or statistic.value.startswith("未知（2")


def _walk(reason: pr.Reason) -> list[pr.Reason]:
    return [reason, *(below for child in reason.children for below in _walk(child))]


def test_what_is_missing_of_other_members_is_one_blank_for_each_statistic() -> None:
    text = COUNT + "决定 测（t）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 甲数 ≥ 3 个\n  则 测 为 真\n"
    portfolio = [project("2", a=True), project("3"), project("4")]
    missing = policy(text).evaluate(project("1", a=True), portfolio)["测"].missing
    (blank,) = missing
    assert (blank.kind, blank.name, blank.count, blank.members) == ("portfolio", "甲数", 2, ("3", "4"))
    assert (missing.deciding, missing.exact) == ((blank,), False)
    assert blank.to_dict()["members"] == {"count": 2, "first": ["3", "4"]}
    none = policy(text).evaluate(project("1", a=True))["测"].missing
    assert [(one.kind, one.name, one.count) for one in none] == [("portfolio", "甲数", 0)]
    assert "members" not in none[0].to_dict()


def test_what_is_missing_does_not_grow_with_the_portfolio() -> None:
    text = COUNT + "决定 测（t）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 甲数 ≥ 90 个\n  则 测 为 真\n"
    for count in (100, 400):
        rows = [project(str(number)) for number in range(count)]
        for outcome in policy(text).evaluate_all(rows):
            own, others = outcome["测"].missing
            first = [str(number) for number in range(4) if str(number) != outcome.identity][:3]
            assert own.own and (others.count, list(others.members)) == (count - 1, first)


def test_many_records_take_time_in_proportion() -> None:
    """Each member is looked at once per statistic: of four times as many a square would take sixteen times."""
    text = COUNT + "决定 测（t）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 甲数 ≥ 3 个\n  则 测 为 真\n"
    world = policy(text)

    def seconds(count: int) -> float:
        rows = [project(str(i), a=i % 2 == 0) for i in range(count)]
        began = time.process_time()
        assert sum(outcome["测"].status == "determined" for outcome in world.evaluate_all(rows)) == count
        return time.process_time() - began

    assert any(seconds(1_600) < 10 * max(seconds(400), 0.01) for _ in range(4))

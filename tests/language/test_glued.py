"""A comparison that a document words, written in one piece with its number: who obeys the answer compares with that number.

Numbers go on behind the first figures: 1,000 and 10.5, 30% and 30‰, a unit, a day with marks. A remedy that keeps the first of
them alone would load and mean something else.
"""

from __future__ import annotations

import pytest
from tests.language.test_slips import BASE, meaning, obeyed

from policyrules.diagnostics import render
from policyrules.testing.build import try_policy_from_text

SIGNS = {"大于": ">", "低于": "<", "超过": ">", "不低于": "≥", "不超过": "≤", "小于等于": "≤"}
NUMBERS = [
    ("带动户数", "1,000户", "1000 户"),
    ("带动户数", "12,345,678户", "12345678 户"),
    ("带动户数", "１０户", "10 户"),
    ("带动户数", "十户", "10 户"),
    ("应收租金", "10.5万元", "10.5 万元"),
    ("应收租金", "1,000.5万元", "1000.5 万元"),
    ("利用率", "30%", "30%"),
    ("利用率", "30‰", "3%"),
    ("利用率", "2.5‰", "0.25%"),
    ("利用率", "百分之三十", "30%"),
    ("建成日", "2025-10-31", "2025年10月31日"),
    ("建成日", "2025/1/5", "2025年1月5日"),
    ("建成日", "2025.1.5", "2025年1月5日"),
]
NOTICE = "提示 甲\n  当 {}\n  说 “大”\n"


@pytest.mark.parametrize(("name", "said", "meant"), NUMBERS)
@pytest.mark.parametrize(("word", "sign"), SIGNS.items())
def test_a_number_is_taken_whole(word: str, sign: str, name: str, said: str, meant: str) -> None:
    assert meaning(obeyed(NOTICE.format(f"{name} {word}{said}"))) == meaning(NOTICE.format(f"{name} {sign} {meant}"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("利用率 介于 30% 到 50%", "利用率 介于 30% 至 50%"),
        ("利用率 介于 30% 到 50% 之间", "利用率 介于 30% 至 50%"),
        ("利用率 介于 30% 和 55.5%", "利用率 介于 30% 至 55.5%"),
        ("带动户数 介于 10 户 到 1,000 户", "带动户数 介于 10 户 至 1000 户"),
        ("应收租金 介于 10 万元 到 20.5 万元", "应收租金 介于 10 万元 至 20.5 万元"),
        ("建成日 ≤ 2025年10月31号", "建成日 ≤ 2025年10月31日"),
        ("停产日 起满 1年6个月", "停产日 起满 18 个月"),
        ("停产日 起满 一年零三个月", "停产日 起满 15 个月"),
    ],
)
def test_ends_days_and_periods_are_taken_whole(said: str, meant: str) -> None:
    assert meaning(obeyed(NOTICE.format(said))) == meaning(NOTICE.format(meant))


@pytest.mark.parametrize("said", ["带动户数 大于10户以上", "带动户数 大于1,00户", "建成日 不晚于2025-13-01"])
def test_what_is_not_understood_whole_is_not_given_in_part(said: str) -> None:
    (first, *_) = try_policy_from_text(BASE + NOTICE.format(said))[1]
    assert "写成“" not in (first.remedy or "") and "换成“" in (first.remedy or ""), render(first)


def test_of_a_month_both_days_that_may_be_meant_are_told() -> None:
    (first,) = try_policy_from_text(BASE + NOTICE.format("建成日 ≤ 2025年2月"))[1]
    assert first.remedy == "写明是哪一天：从月初算起的写“2025年2月1日”，算到月底的写“2025年2月28日”"


@pytest.mark.parametrize("word", ["当", "除外"])
def test_a_condition_that_is_missing_is_not_to_be_left_out(word: str) -> None:
    """Without 当 the provision would always speak."""
    (first, *_) = try_policy_from_text(BASE + f"提示 甲\n  {word}\n  说 “大”\n")[1]
    assert (first.code, first.remedy) == ("E138", "补上内容"), render(first)

"""What is told to decide a result settles it with some answer, also of numbers that are chosen or reckoned (language.md, section 5)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import pytest

import policyrules as pr
from policyrules.engine.deciding import Reached
from policyrules.engine.deciding_amounts import OpenAmount, amount_reached
from policyrules.testing.build import policy_from_text

WORLD = """
对象 项目 标识 编号
  字段 编号：文本
  字段 甲：是否
  字段 乙：是否
  字段 类：枚举 { 红、蓝、绿 }
  字段 数：整数（个） 取值 0 个 至 3 个
  字段 另：整数（个） 取值 0 个 至 3 个
"""
ANSWERS: Mapping[str, tuple[object, ...]] = {
    "甲": (True, False),
    "乙": (True, False),
    "类": ("红", "蓝", "绿"),
    "数": (0, 1, 2, 3),
    "另": (0, 1, 2, 3),
}
CONDITION = "决定 定：单选 {{ 上 }}\n规则 定上\n  当 {}\n  则 定 为 上\n"
RULES = "决定 补：整数（个）{}\n规则 补一\n  当 {}\n  则 补 为 {}\n规则 补二\n  当 {}\n  则 补 为 {}\n"
AMOUNT = "决定 定：整数（个）{}\n规则 定一\n  当 {}\n  则 定 为 {}\n规则 定二\n  当 {}\n  则 定 为 {}\n"


def settled(policy: pr.Policy, record: Mapping[str, object], names: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """The answers to some blanks with which the decision is settled."""
    for answers in itertools.product(*(ANSWERS[name] for name in names)):
        found = policy.evaluate({**record, **dict(zip(names, answers, strict=True))})["定"]
        if found.status != "undetermined":
            yield answers


CASES: dict[str, tuple[str, dict[str, object], tuple[str, ...]]] = {
    # With 数 both branches are at most as much.
    "视 against what a branch reads": (CONDITION.format("视 甲（是：数；否：另） ≤ 数"), {"另": 1}, ("数",)),
    "视 whose branches ask for more": (
        CONDITION.format("视 类（红：数；蓝：另；绿：1 个） ≠ 1 个 且 乙"),
        {"数": 1, "乙": True},
        ("类",),
    ),
    "视 of which one branch alone is not 0": (
        CONDITION.format("非（视 类（红：数；蓝：另；绿：0 个） ≠ 数） 且 甲"),
        {"数": 0},
        ("甲",),
    ),
    "视 in another number": (
        CONDITION.format("取小（数；视 甲（是：另；否：数）） ≠ 1 个 且 乙"),
        {"数": 1, "乙": True},
        ("甲",),
    ),
    "an amount kept from having a rule": (
        "决定 补：整数（个） 累计\n规则 补一\n  当 甲\n  则 补 为 数\n" + CONDITION.format("补 > 0 个 且 乙"),
        {"乙": True},
        ("甲",),
    ),
    "an amount with rules that are open": (
        RULES.format("", "甲 且 乙", "3 个", "类 为 红", "1 个") + CONDITION.format("补 ≥ 2 个"),
        {},
        ("甲",),
    ),
    "an amount that has to have a rule": (
        RULES.format("", "甲", "3 个", "类 为 红", "2 个") + CONDITION.format("补 ≥ 2 个 且 乙"),
        {"乙": True},
        ("甲", "类"),
    ),
    "an amount whose rule computes": (
        RULES.format("", "甲", "数 + 1 个", "乙", "1 个") + CONDITION.format("非（补 + 1 个 ≠ 4 个 且 类 为 红）"),
        {"乙": False, "类": "红", "甲": True},
        ("数",),
    ),
    "an amount kept below what one rule gives": (
        RULES.format(" 累计", "甲", "3 个", "类 为 红", "1 个") + CONDITION.format("补 ≥ 3 个 且 乙"),
        {"乙": True},
        ("甲",),
    ),
    "an amount that does not apply": (
        RULES.format("\n  适用 当 乙", "甲", "3 个", "类 为 红", "2 个") + CONDITION.format("补 ≥ 2 个"),
        {},
        ("乙",),
    ),
    "an amount of an amount": (
        RULES.format("", "甲", "3 个", "乙", "1 个")
        + "决定 转：整数（个）\n规则 转一\n  当 类 为 红\n  则 转 为 取大（补；2 个）\n"
        + CONDITION.format("转 ≥ 3 个"),
        {"类": "红", "乙": False},
        ("甲",),
    ),
    "取 of rows of which each may be the one": (
        "对象 笔 属于 项目\n  字段 付：是否\n  字段 好：是否\n" + CONDITION.format("（取 笔.好 其中（付）） 或 甲"),
        {"笔": [{"好": False}, {"付": False, "好": True}]},
        ("甲",),
    ),
    "equal to what some rows come to": (
        "对象 笔 属于 项目\n  字段 付：是否\n  字段 款：整数（个）\n"
        + CONDITION.format("任一满足（合计 笔.款 其中（付） = 2 个；甲 且 乙）"),
        {"笔": [{"款": 3}]},
        ("甲", "乙"),
    ),
    "equal to what is twice a number, in a condition": (
        CONDITION.format("任一满足（数 × 2 = 3 个；甲 且 乙）"),
        {},
        ("甲", "乙"),
    ),
    "two rules that give never the same": (
        AMOUNT.format("", "甲", "数", "乙", "数 + 1 个"),
        {"乙": True},
        ("甲", "数"),
    ),
    "equal to what the rule is not for": (AMOUNT.format("", "甲", "0 个", "数 > 0 个", "数"), {}, ("甲", "数")),
    "equal to what is twice a number": (AMOUNT.format("", "甲", "1 个", "乙", "另 × 2"), {"乙": True}, ("甲", "另")),
    "equal to a number": (AMOUNT.format("", "甲 且 类 为 红", "1 个", "乙", "另"), {"乙": True}, ("另",)),
    "equal to numbers that differ": (
        AMOUNT.format("", "乙", "数", "甲", "0 个") + "规则 定三\n  当 类 为 红\n  则 定 为 3 个\n",
        {"乙": True},
        ("甲", "数"),
    ),
    "a limit beyond what is reckoned": (
        AMOUNT.format("\n  不少于 另", "乙", "数 - 数", "非 乙", "1 个"),
        {"乙": True},
        ("数", "另"),
    ),
    # With 甲 补 is 2, and 定二 speaks.
    "a rule kept out by its condition, not by its number": (
        RULES.format("", "类 为 红", "2 个", "甲", "2 个")
        + AMOUNT.format("\n  默认 1 个", "类 为 红", "1 个", "类 为 红", "补"),
        {},
        ("类",),
    ),
    "a rule whose number does not exist": (
        RULES.format("", "甲", "2 个", "甲 且 乙", "2 个") + AMOUNT.format(" 累计", "类 为 红", "补", "数 > 0 个", "1 个"),
        {"类": "红", "数": 0, "乙": True},
        ("甲",),
    ),
    # 1, where 红 is answered, is bounded by what 数 is.
    "a limit on what a branch gives": (
        AMOUNT.format("\n  不超过 数", "乙", "视 类（红：1 个；蓝：数 × 2；绿：1 个）", "非 乙", "1 个"),
        {"乙": True},
        ("类", "数"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_told_to_decide_settles(case: str) -> None:
    rules, record, told = CASES[case]
    policy = policy_from_text(WORLD + rules)
    found = policy.evaluate(record)["定"]
    assert found.status == "undetermined"
    names = tuple(blank.name for blank in found.missing.deciding)
    assert names == told
    assert not names or any(settled(policy, record, names))
    fewer = itertools.chain.from_iterable(itertools.combinations(ANSWERS, size) for size in range(1, len(names)))
    blank = [some for some in fewer if record.keys().isdisjoint(some)]
    assert not found.missing.exact or not any(any(settled(policy, record, some)) for some in blank)


BEFORE = """
  先后 定一、定二
规则 定一
  当 乙
  则 定 为 2 个
规则 定二
  当 甲
  则 定 为 1 个
规则 定三
  则 定 为 2 个
"""


def test_a_rule_that_says_the_same_matters_where_it_comes_before_another() -> None:
    policy = policy_from_text(f"{WORLD}决定 定：整数（个）{BEFORE}")
    found = policy.evaluate({})["定"]
    assert {blank.name for blank in found.missing.relevant} == {"甲", "乙"}
    assert policy.evaluate({"乙": True})["定"].value == policy.evaluate({"甲": False})["定"].value == 2


def test_rules_are_not_counted_on_to_agree_on_a_day_to_come() -> None:
    text = (
        WORLD
        + "  字段 完成日：日期 已发生\n"
        + ("决定 定：日期\n规则 定一\n  当 甲\n  则 定 为 评估日 + 1 天\n规则 定二\n  则 定 为 完成日\n")
    )
    found = policy_from_text(text).evaluate({})["定"]
    assert [blank.name for blank in found.missing.deciding] == ["甲", "完成日"]


@pytest.mark.parametrize("reckoned", ["{0} + {0}", "取大（{0}；{0} + 1 个）", "视 甲（是：{0}；否：{0} + 1 个）"])
def test_amounts_of_amounts_are_looked_into_once_each(reckoned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[OpenAmount] = []

    def counted(found: OpenAmount) -> list[Reached] | None:
        asked.append(found)
        return amount_reached(found)

    monkeypatch.setattr("policyrules.engine.deciding_numbers.amount_reached", counted)
    rules = "".join(
        f"决定 额{n}：整数（个）\n规则 规{n}\n  则 额{n} 为 {reckoned.format(f'额{n - 1}')}\n" for n in range(1, 13)
    )
    text = f"{WORLD}决定 额0：整数（个）\n规则 规0\n  当 甲\n  则 额0 为 数\n{rules}{CONDITION.format('额12 ≥ 3 个')}"
    assert policy_from_text(text).evaluate({})["定"].missing.relevant
    # Twice where it is named twice, not twice for each that is reckoned from it.
    assert len(asked) <= 30

"""Conditions, numbers and rows (language.md, sections 3 to 5). Each test quotes the sentence it stands for."""

from __future__ import annotations

import pytest
from tests.engine.support import truth

KLEENE = {True: "是", False: "否"}


def record(**cells: object) -> dict[str, object]:
    return {key: value for key, value in cells.items() if value is not None}


@pytest.mark.parametrize("a", [True, False, None])
@pytest.mark.parametrize("b", [True, False, None])
def test_conditions_follow_kleenes_strong_logic(a: bool | None, b: bool | None) -> None:
    """“Conditions follow Kleene's strong three-valued logic” (5.1.1)."""
    cells = record(a=a, b=b)
    both = False if a is False or b is False else None if a is None or b is None else True
    either = True if a or b else None if a is None or b is None else False
    assert truth("甲 且 乙", cells) is both
    assert truth("甲 或 乙", cells) is either
    assert truth("非 甲", cells) is (None if a is None else not a)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (record(a=True, b=True), True),
        (record(a=True, b=False), None),
        (record(a=False, b=False), False),
        (record(), None),
    ],
)
def test_at_least_works_the_same_way(cells: dict[str, object], expected: bool | None) -> None:
    """“`至少 k 项` is true where k parts are true, false where fewer than k parts are true or unknown, else unknown.”"""
    assert truth("至少 2 项（甲；乙；丙）", cells) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("数 ≥ 0 个", True),
        ("数 ≤ 10 个", True),
        ("数 > 10 个", False),
        ("数 ≥ 1 个", None),
        ("宽数 ≥ 0 个", None),
        ("数 + 数二 ≤ 14 个", True),
        ("数 - 数二 ≥ -4 个", True),
        ("数 - 数二 > 9 个", False),
        ("数 ÷ 数二 ≤ 1000%", True),
        ("数二 ÷ 数 ≥ 0%", None),
        ("数二 × 数二 ≥ 1", True),
        ("数 介于 0 个 至 10 个", True),
    ],
)
def test_numbers_that_depend_on_blanks_are_intervals(condition: str, expected: bool | None) -> None:
    """“Numbers that depend on blanks are intervals [certain, possible], with declared bounds for blank inputs”; “A
    comparison is true or false only when all values in them agree, else unknown.” (5.2.1, 5.2.3)"""
    assert truth(condition) is expected


def test_division_by_zero_is_unknown() -> None:
    """“Division by a possible zero is unknown” (5.2.6)."""
    assert truth("款 ÷ 款 ≥ 100%", {"money": 0}) is None


def test_two_occurrences_of_a_blank_are_not_connected() -> None:
    assert truth("宽数 - 宽数 = 0 个") is None
    assert truth("宽数 - 宽数 = 0 个", {"w": 3}) is True


def test_filled_alone_sees_the_blank() -> None:
    """“`已填` and `未填` alone see the blank itself” (5.4.7)."""
    assert truth("甲 未填") is True
    assert truth("甲 已填") is False
    assert truth("甲 已填", {"a": False}) is True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("链条 属于 { 较完备、不完整 }", True),
        ("链条 为 较完备", None),
        ("链条 不属于 { 较完备、不完整 }", False),
        ("难度 不为 无", None),
        ("来源 为 “某处”", None),
    ],
)
def test_an_enumeration_that_is_blank_may_be_any_of_its_values(condition: str, expected: bool | None) -> None:
    """“A comparison is true or false only when all values in them agree” (5.2.3)."""
    assert truth(condition) is expected


@pytest.mark.parametrize(
    ("condition", "causes", "expected"),
    [
        ("成因 含 市场", ["市场", "技术"], True),
        ("成因 含 市场、设施", ["市场", "技术"], False),
        ("成因 不含 设施", ["市场"], True),
        ("成因 不含 设施、市场", ["市场"], False),
        ("成因 含任一 { 设施、技术 }", ["技术"], True),
        ("成因 含任一 { 设施 }", [], False),
        ("成因 含 市场", None, None),
        ("成因 不含 市场", None, None),
        ("成因 含任一 { 市场、技术、设施 }", None, None),
    ],
)
def test_sets(condition: str, causes: object, expected: bool | None) -> None:
    assert truth(condition, record(causes=causes)) is expected


OPEN = "清单 名单\n  依据【一】“原文”\n  即 { 衔接资金、等 }\n"


def test_an_open_list_never_says_no() -> None:
    """“A list that ends in `等` is open: a listed value is in it, for an unlisted one it is *unknown*, and what is missing
    is the recognition (认定).”"""
    assert truth("来源 属于 名单", {"kind": "衔接资金"}, OPEN) is True
    assert truth("来源 属于 名单", {"kind": "别的"}, OPEN) is None
    assert truth("来源 不属于 名单", {"kind": "别的"}, OPEN) is None
    assert truth("来源 不属于 名单", {"kind": "衔接资金"}, OPEN) is False


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [("2024-09-15", True), ("2024-09-16", False), ("2024-02-29", True), (None, None)],
)
def test_elapsed_periods(stopped: str | None, expected: bool | None) -> None:
    """“start + period ≤ 评估日, clamped to the month's end”"""
    assert truth("停产日 起满 12 个月", record(stopped=stopped)) is expected


def test_the_months_end_clamps() -> None:
    # 2025-08-31 plus one month is 2025-09-30, which is after 2025-09-15; 2025-02-28 + 6 months is 2025-08-28.
    assert truth("停产日 起满 1 个月", {"stopped": "2025-08-31"}) is False
    assert truth("停产日 起满 6 个月", {"stopped": "2025-02-28"}) is True


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_a_list_not_supplied_is_unknown_an_empty_one_is_known_to_be_empty() -> None:
    """“A list of rows that was not supplied is unknown; an empty one is known to be empty.”"""
    assert truth("任一 资金 满足（已付）") is None
    assert truth("任一 资金 满足（已付）", {"funds": []}) is False
    assert truth("全部 资金 满足（已付）", {"funds": []}) is True
    assert truth("计数 资金 ≥ 0 个") is True
    assert truth("计数 资金 ≥ 1 个") is None
    assert truth("合计 资金.金额数 ≥ 0 万元") is True
    assert truth("合计 资金.余额 ≥ 0 万元") is None
    assert truth("合计 资金.余额 = 0 万元", {"funds": []}) is True


def test_quantifiers_over_rows() -> None:
    rows = {"funds": [{"paid": True}, {}]}
    assert truth("任一 资金 满足（已付）", rows) is True
    assert truth("全部 资金 满足（已付）", rows) is None
    assert truth("全部 资金 满足（已付）", {"funds": [{"paid": False}, {}]}) is False


def test_the_other_rows_and_the_row_outside() -> None:
    """“`任一 其他 资金 满足（年度 < 本.年度）`”"""
    condition = "任一 资金 满足（已付 且 任一 其他 资金 满足（年度 < 本.年度））"
    assert truth(condition, {"funds": [{"year": 2020, "paid": True}]}) is False
    assert truth(condition, {"funds": [{"year": 2021, "paid": True}, {"year": 2020, "paid": False}]}) is True
    assert truth(condition, {"funds": [{"year": 2020, "paid": True}, {"year": 2020, "paid": True}]}) is False


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("计数 资金 其中（已付） ≥ 1 个", True),
        ("计数 资金 其中（已付） ≥ 2 个", None),
        ("计数 资金 其中（已付） ≥ 3 个", False),
        ("合计 资金.金额数 其中（已付） ≥ 10 万元", True),
        ("合计 资金.金额数 其中（已付） ≤ 35 万元", True),
        ("合计 资金.金额数 其中（已付） ≥ 20 万元", None),
        ("最大 资金.金额数 其中（已付） ≥ 10 万元", True),
        ("最大 资金.金额数 其中（已付） > 25 万元", False),
        ("最小 资金.金额数 其中（已付） ≤ 10 万元", True),
        ("最小 资金.金额数 其中（已付） ≥ 11 万元", False),
    ],
)
def test_counts_and_sums_are_intervals_certain_to_possible(condition: str, expected: bool | None) -> None:
    """“intervals [certain, possible]”"""
    rows = [{"amount": 10, "paid": True}, {"amount": 25}, {"amount": 99, "paid": False}]
    assert truth(condition, {"funds": rows}) is expected


def test_the_largest_of_no_row_meets_no_comparison() -> None:
    assert truth("最大 资金.金额数 ≥ 0 万元", {"funds": []}) is False
    assert truth("最大 资金.金额数 < 1 万元", {"funds": []}) is False
    assert truth("最大 资金.金额数 其中（已付） ≥ 0 万元", {"funds": [{"amount": 5}]}) is None
    assert truth("最大 资金.金额数 其中（已付） ≥ 9 万元", {"funds": [{"amount": 5}]}) is False


# ---- picking one row, falling back, choosing ------------------------------------------------------------------------

GIVEN = "取 类型统计.盘活数 其中（统计类型 = 项目.类型）"


def county(*rows: dict[str, object]) -> dict[str, object]:
    return {"type": "茶", "county": {"type_counts": list(rows)}}


def test_the_one_matching_row() -> None:
    assert truth(f"{GIVEN} = 3 个", county({"counted_type": "茶", "revived": 3})) is True
    assert truth(f"{GIVEN} ≥ 0 个", county({"counted_type": "果", "revived": 3})) is None
    assert truth(f"{GIVEN} ≥ 0 个", county({"counted_type": "茶"})) is True


def test_several_matching_rows_that_differ_are_unknown() -> None:
    rows = county({"counted_type": "茶", "revived": 3}, {"counted_type": "茶", "revived": 5})
    assert truth(f"{GIVEN} = 3 个", rows) is None
    assert truth(f"{GIVEN} ≥ 3 个", rows) is True
    assert truth(f"{GIVEN} = 3 个", county(*[{"counted_type": "茶", "revived": 3}] * 2)) is True


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"counted_type": "茶", "revived": 3}], True),
        ([{"counted_type": "果", "revived": 3}], False),
        ([{"counted_type": "茶"}], False),
        ([], False),
        ([{"revived": 3}], None),
    ],
)
def test_a_fallback_is_used_only_where_a_row_or_cell_is_absent(
    rows: list[dict[str, object]], expected: bool | None
) -> None:
    """“`首选 a，缺则 b` is a where a is present, b where a is absent” (5.8.1)."""
    condition = f"（首选 {GIVEN}，缺则 数） = 3 个"
    assert truth(condition, {**county(*rows), "n": 7}) is expected


def test_a_fallback_where_the_list_is_not_supplied() -> None:
    assert truth(f"（首选 {GIVEN}，缺则 数） = 7 个", {"n": 7}) is True


def test_an_unknown_selector_gives_what_the_branches_agree_on() -> None:
    """“An unknown selector gives what the branches agree on” (5.6.2)."""
    condition = "视 难度（无：甲；暂时：乙；持续：丙）"
    assert truth(condition, {"a": True, "b": True, "c": True}) is True
    assert truth(condition, {"a": True, "b": True, "c": False}) is None
    assert truth(condition, {"level": "暂时", "a": True, "b": False}) is False
    assert truth(condition, {"level": "暂时"}) is None


def test_an_unknown_selector_of_numbers_spans_the_branches() -> None:
    condition = "（视 难度（无：1 个；暂时：2 个；持续：数）） ≥ 1 个"
    assert truth(condition, {"n": 5}) is True
    assert truth(condition, {"n": 0}) is None


def test_计数_of_a_多选_field_counts_its_values_and_a_blank_is_an_interval() -> None:
    from policyrules.testing.build import policy_from_text

    policy = policy_from_text(
        "对象 县（county_context）\n  字段 产业（industries）：多选（文本）\n  字段 方式（modes）：多选 { 甲、乙 }\n"
        "决定 多少（many）：单选 { 超过 }\n规则 一\n  当 计数 产业 > 2 个\n  则 多少 为 超过\n"
        "决定 方式数（number）：单选 { 超过 }\n规则 二\n  当 计数 方式 > 2 个\n  则 方式数 为 超过\n"
    )
    assert policy.evaluate({"产业": ["一", "二", "三"]})["多少"].value == "超过"
    assert policy.evaluate({"产业": ["一", "二"]})["多少"].status == "none"
    assert policy.evaluate({"产业": []})["多少"].status == "none"
    assert policy.evaluate({})["多少"].status == "undetermined"
    assert [blank.name for blank in policy.evaluate({})["多少"].missing] == ["产业"]
    # A 多选 of two declared values holds at most two.
    assert policy.evaluate({})["方式数"].status == "none"

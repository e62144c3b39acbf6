"""Sweeps of small policies, worked out by hand from the rule text; grids cell by cell by the definition."""

from __future__ import annotations

from fractions import Fraction

import pytest

import policyrules as pr
from policyrules.testing.build import policy_from_text
from policyrules.variation.courses import valued
from policyrules.variation.grids import grid
from policyrules.variation.model import Bounds, Sweep
from policyrules.variation.study import same, settled
from policyrules.variation.sweeps import MOST_PIECES, sweep, wished
from policyrules.variation.wishes import WishError, sweep_of

from .studies import CITE, study

THRESHOLD = f"""对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（n）：整数（户） 取值 0 户 以上
  字段 款（money）：金额（万元）
  字段 总款（whole）：金额（万元）
  字段 乡（town）：文本
参数 门槛（t）：整数（户） = 3 户
{CITE}参数 比例线（share）：比例 = 50%
{CITE}参数 严格（strict）：是否 缺省 否
{CITE}参数 起算日（since）：日期 = 2025年1月1日
{CITE}参数 倍数（times）：小数 = 2
{CITE}决定 分类（category）：单选 {{ 甲类、乙类 }}
"""


def policy(rule: str) -> pr.Policy:
    return policy_from_text(f"{THRESHOLD}规则 支持类\n{CITE}  当 {rule}\n  则 分类 为 甲类\n")


def swept(rule: str, records: list[dict[str, object]], words: str) -> Sweep:
    both = policy(rule)
    return wished(study(both, both, records), sweep_of(words))


def counts(found: Sweep) -> list[tuple[str, int, int]]:
    told = [(piece.text, piece.bounds["分类"]["甲类"]) for piece in found.pieces]
    return [(text, one.low, one.high) for text, one in told]


HOUSEHOLDS: list[dict[str, object]] = [{"户数": 2}, {"户数": 5}, {"户数": 5}, {}]


def test_a_blank_gives_a_range_and_is_never_zero() -> None:
    found = swept("户数 ≥ 门槛", HOUSEHOLDS, "门槛")
    assert counts(found) == [("0 户以下", 4, 4), ("1 至 2 户", 3, 4), ("3 至 5 户", 2, 3), ("6 户以上", 0, 1)]
    assert found.exact and found.switching == (2, 6) and found.proposed == 3
    assert [piece.changed["分类"] for piece in found.pieces] == [Bounds(1, 2), Bounds(1, 1), Bounds(0, 0), Bounds(2, 2)]
    assert [piece.moved for piece in found.pieces] == [(0,), (0,), (), (1, 2)]
    assert [piece.perhaps for piece in found.pieces] == [(3,), (), (), ()]
    assert "“门槛”是文本定死的（3 户）" in found.note


def test_a_range_ends_where_it_was_asked_to_end() -> None:
    assert counts(swept("户数 ≥ 门槛", HOUSEHOLDS, "门槛=2..5")) == [("2 户", 3, 4), ("3 至 5 户", 2, 3)]
    assert counts(swept("户数 > 门槛", HOUSEHOLDS, "门槛=4..")) == [("4 户", 2, 3), ("5 户以上", 0, 1)]


def test_values_one_by_one_are_told_as_such() -> None:
    found = swept("户数 ≥ 门槛", HOUSEHOLDS, "门槛=2,6")
    assert counts(found) == [("2 户", 3, 4), ("6 户", 0, 1)]
    assert not found.exact and found.tried == 2 and "逐值" in found.note and found.switching == (2, 6)
    found = swept("户数 ≥ 3 户 或 严格", HOUSEHOLDS, "严格")
    assert counts(found) == [("是", 4, 4), ("否", 2, 3)]
    assert not found.exact and [piece.at for piece in found.pieces] == [None, None]


def test_between_two_numbers_there_are_others() -> None:
    records: list[dict[str, object]] = [{"款": 1, "总款": 3}, {"款": 1, "总款": 2}, {"款": 3, "总款": 4}, {"总款": 4}]
    found = swept("款 ÷ 总款 ≥ 比例线", records, "比例线=0%..100%")
    assert [(one.low, one.high, one.low_closed, one.high_closed) for one in found.pieces] == [
        (0, Fraction(1, 3), True, True),
        (Fraction(1, 3), Fraction(1, 2), False, True),
        (Fraction(1, 2), Fraction(3, 4), False, True),
        (Fraction(3, 4), 1, False, True),
    ]
    assert [(one.low, one.high) for one in (piece.bounds["分类"]["甲类"] for piece in found.pieces)] == [
        (3, 4),
        (2, 3),
        (1, 2),
        (0, 1),
    ]
    assert [piece.text for piece in found.pieces][:2] == ["0% 至 约 33.33%", "超过约 33.33%、不超过50%"]
    assert found.switching == (Fraction(1, 3), Fraction(1, 2))
    assert found.exact


def test_a_multiple_and_both_sides_of_one_line() -> None:
    # 2 t + 1 ≤ n: for 2 households none from 1 on; for 5 up to 2.
    found = swept("门槛 × 2 + 1 户 ≤ 户数", HOUSEHOLDS[:3], "门槛=0..9")
    assert counts(found) == [("0 户", 3, 3), ("1 至 2 户", 2, 2), ("3 至 9 户", 0, 0)]
    found = swept("户数 = 门槛", HOUSEHOLDS[:3], "门槛")
    assert counts(found) == [
        ("1 户以下", 0, 0),
        ("2 户", 1, 1),
        ("3 至 4 户", 0, 0),
        ("5 户", 2, 2),
        ("6 户以上", 0, 0),
    ]


def test_a_parameter_times_itself_is_exact_over_a_range_and_tried_without() -> None:
    rule = "门槛 × 门槛 ≤ 户数"
    assert counts(swept(rule, HOUSEHOLDS[:3], "门槛=0..9")) == [
        ("0 至 1 户", 3, 3),
        ("2 户", 2, 2),
        ("3 至 9 户", 0, 0),
    ]
    found = swept(rule, HOUSEHOLDS[:3], "门槛")
    assert not found.exact and "逐值" in found.note
    assert [low for text, low, _ in counts(found) if text in ("0 户", "1 户", "2 户", "3 户")] == [3, 3, 2, 0]


def test_groups_count_as_often_as_they_surely_and_perhaps_do() -> None:
    text = (
        f"{THRESHOLD}统计 同乡数\n{CITE}  计数 项目\n  相同 乡\n  其中 户数 ≥ 门槛\n"
        f"规则 支持类\n{CITE}  当 同乡数 ≥ 2 个\n  则 分类 为 甲类\n"
    )
    records: list[dict[str, object]] = [
        {"乡": "东", "户数": 2},
        {"乡": "东", "户数": 5},
        {"乡": "东"},
        {"乡": "西", "户数": 9},
        {"户数": 9},
    ]
    both = policy_from_text(text)
    side = study(both, both, records)
    found = sweep(side, "门槛", 0, 12)
    assert found.exact
    for place in range(13):
        right = side.new.under(valued(side.new.program, "门槛", place))
        (piece,) = (one for one in found.pieces if one.low is not None and one.low <= place <= (one.high or 0))
        sure = sum(state.text == "甲类" for state in right.values())
        assert piece.bounds["分类"]["甲类"] == Bounds(sure, sum("甲类" in state.candidates for state in right.values()))
    # East: 2 and 5 for sure up to 2; then the blank, and whoever's township is blank, may be the second; from 10 on neither is enough.
    assert [piece.low for piece in found.pieces] == [0, 3, 10]


def test_of_very_many_pieces_those_around_the_proposed_value_are_told() -> None:
    found = swept("户数 ≥ 门槛", [{"户数": 3 * number} for number in range(MOST_PIECES + 200)], "门槛")
    assert len(found.pieces) == MOST_PIECES and "一共有 601 段" in found.note
    assert any(piece.low is not None and piece.low <= 3 <= (piece.high or 0) for piece in found.pieces)


def test_nothing_to_look_at() -> None:
    found = swept("户数 ≥ 3 户", HOUSEHOLDS, "门槛")
    assert [piece.text for piece in found.pieces] == ["不论多少"] and "取什么值都一样" in found.note
    assert found.switching == (None, None)
    assert [piece.text for piece in swept("户数 ≥ 门槛", [], "门槛").pieces] == ["不论多少"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("门坎", "是不是 门槛"),
        ("门槛=9..2", "写反了"),
        ("门槛=很多", "不能取“很多”"),
        ("严格=0..1", "不能取“0”"),
        ("起算日", "不能从头扫到尾"),
    ],
)
def test_what_cannot_be_swept_is_told_kindly(words: str, said: str) -> None:
    with pytest.raises(WishError, match=said):
        swept("户数 ≥ 门槛 且 非 严格 且 起算日 起满 1 个月", HOUSEHOLDS, words)


def test_a_grid_is_what_the_definition_says_cell_by_cell() -> None:
    rule = "户数 ≥ 门槛 且 款 ÷ 总款 ≥ 比例线"
    records: list[dict[str, object]] = [
        {"户数": 2, "款": 1, "总款": 4},
        {"户数": 5, "款": 3, "总款": 4},
        {"户数": 7},
        {"款": 1, "总款": 2},
    ]
    both = policy(rule)
    asked = study(both, both, records)
    first, second = sweep(asked, "门槛", 0, 9), sweep(asked, "比例线", 0, 1)
    for one, other in ((first, second), (second, first)):
        found = grid(asked, one, other, "分类")
        assert found.exact and found.parameters == (one.parameter, other.parameter)
        households = found.rows if one is first else found.columns
        shares = found.columns if one is first else found.rows
        assert len(households) == 5 and len(shares) == 4, (households, shares)
        for row, number in enumerate((0, 1, 3, 6, 8)):
            for column, share in enumerate((Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), 1)):
                program = valued(valued(asked.new.program, "门槛", number), "比例线", share)
                right = asked.new.under(program)
                differ = [key for key in right if not same(asked.old.states[key], right[key])]
                sure = [key for key in differ if settled(asked.old.states[key]) and settled(right[key])]
                cell = found.changed[row][column] if one is first else found.changed[column][row]
                assert cell == Bounds(len(sure), len(differ)), (number, share)
    with pytest.raises(WishError, match="两个不同的参数"):
        grid(asked, first, first, "分类")
    with pytest.raises(WishError, match="可以问的有：分类"):
        grid(asked, first, second, "别的")


def test_a_grid_says_where_one_comparison_reads_both() -> None:
    both = policy("户数 ≥ 门槛 × 倍数")
    asked = study(both, both, HOUSEHOLDS)
    found = grid(asked, sweep(asked, "门槛", 0, 5), sweep(asked, "倍数", values=[1, 2]), "分类")
    assert not found.exact and "同时看这两个参数" in found.note
    assert found.columns == ("1", "2")

"""The words of a command: every way to write them, and what is said of a slip."""

from __future__ import annotations

import datetime

import pytest

from policyrules.variation.wishes import Wish, WishError, days_of, sweep_of


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("户数", Wish("户数")),
        (" 户数 = 0..40 ", Wish("户数", "0", "40")),
        ("户数＝0至40", Wish("户数", "0", "40")),
        ("户数=0…40", Wish("户数", "0", "40")),
        ("户数=..40", Wish("户数", "", "40")),
        ("比例=10%..25.5%", Wish("比例", "10%", "25.5%")),
        ("户数=5,8，10", Wish("户数", values=("5", "8", "10"))),
        ("户数=5,5", Wish("户数", values=("5",))),
    ],
)
def test_a_sweep(words: str, wish: Wish) -> None:
    assert sweep_of(words) == wish


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "没有参数的名字"),
        ("=3", "没有参数的名字"),
        ("户数=", "等号后面是空的"),
        ("户数=..", "两头都是空的"),
        ("户数=1..2..3", "不止一个"),
        ("户数=1,,2", "空的一项"),
    ],
)
def test_a_sweep_with_a_slip(words: str, said: str) -> None:
    with pytest.raises(WishError, match=said):
        sweep_of(words)


def test_days() -> None:
    assert days_of(" 自动 ") is None
    assert days_of("2026-06-30、2026/1/1,2026-06-30") == (datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "不是日期"), ("明天", "“明天”不是日期"), ("2026-02-30", "不是日期"), ("自动,2026-01-01", "单独写")],
)
def test_days_with_a_slip(words: str, said: str) -> None:
    with pytest.raises(WishError, match=said):
        days_of(words)

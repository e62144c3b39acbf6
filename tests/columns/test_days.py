"""Days and texts in as few bytes as hold them: the codes, and that what is worked out of them is what the definition says."""

from __future__ import annotations

import datetime
import random
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from policyrules.columns.store import DAY_ZERO, Prepared
from policyrules.testing.build import policy_from_text

from .agreeing import differences

RULES = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 镇（town）：文本
  字段 始（begin）：日期
  字段 终（end）：日期
对象 付款（payments） 属于 项目
  字段 付日（paid）：日期
统计 同始数
  计数 项目
  相同 始
"""
AS_OF = datetime.date(2025, 9, 15)
CONDITIONS = (
    "始 < 2000年1月1日",
    "始 ≤ 2000年1月1日",
    "始 = 2000年1月1日",
    "始 > 终",
    "始 ≤ 终",
    "始 = 终",
    "终 − 始 > 730 天",
    "终 − 始 ≤ 100 天",
    "评估日 − 终 ≥ 30 天",
    "始 + 6 个月 < 终",
    "始 之月末 = 终 之月末",
    "始 之年 = 2000 年",
    "每年 1月1日 起算 终 > 始 + 1 年",
    "取小（始；终） < 2000年1月1日",
    "取大（始；终；2000年1月1日） = 2000年1月1日",
    "取大（终；1999年12月31日） < 始",
    "始 起满 12 个月",
    "始 未填",
    "最大 付款.付日 > 终",
    "最小 付款.付日 = 2000年1月1日",
    "最大 付款.付日 − 最小 付款.付日 > 30 天",
    "任一 付款 满足（付日 < 始）",
    "计数 付款 其中（付日 ≥ 2000年1月1日） ≥ 2 个",
    "同始数 ≥ 2 个",
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


SPANS = {
    "two bytes": (day("1990-01-01"), day("2010-12-31")),
    "all before": (day("1995-01-01"), day("1999-12-31")),
    "one byte": (day("1999-10-01"), day("2000-04-30")),
    "far apart in two bytes": (day("1910-04-15"), day("2089-09-17")),
    "four bytes": (day("1850-01-01"), day("2200-01-01")),
}


def policy() -> Any:
    text = RULES
    for number, condition in enumerate(CONDITIONS):
        text += f"\n决定 测{number}（test{number}）：单选 {{ 真 }}\n规则 测{number}规则\n  当 {condition}\n  则 测{number} 为 真\n"
    text += "\n决定 先到（first）：日期 单值\n规则 先到规则\n  则 先到 为 取小（始；终）\n"
    return policy_from_text(text, as_of=AS_OF)


def ledger(span: tuple[datetime.date, datetime.date], seed: str) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    first, last = span
    near = [
        first,
        last,
        *(own for own in (day("1999-12-31"), day("2000-01-01"), day("2000-01-02")) if first <= own <= last),
    ]

    def some() -> datetime.date | None:
        if chance.random() < 0.15:
            return None
        if chance.random() < 0.4:
            return chance.choice(near)
        return first + datetime.timedelta(chance.randrange((last - first).days + 1))

    return [
        {
            "id": f"{number}号",
            "town": chance.choice(["甲镇", "乙镇", None]),
            "begin": some(),
            "end": some(),
            "payments": [{"paid": some()} for _ in range(chance.randrange(4))],
        }
        for number in range(150)
    ]


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
@pytest.mark.parametrize("span", SPANS)
def test_as_the_definition_has_it(span: str, engine: str) -> None:
    if engine == "kernel" and find_spec("policyrules_kernel") is None:
        pytest.skip("policyrules-kernel is not installed")
    found, result = differences(policy(), ledger(SPANS[span], span), engine=engine, block=64)
    assert found == []
    assert result.engine == engine


def prepared(days: list[datetime.date | None]) -> Prepared:
    found: Prepared = policy().prepare([{"id": f"{place}号", "begin": one} for place, one in enumerate(days)])
    return found


@pytest.mark.parametrize(
    ("first", "last", "width"),
    [
        ("1999-08-26", "2000-05-07", 1),
        ("1999-08-25", "2000-05-07", 2),
        ("1999-08-26", "2000-05-08", 2),
        ("1910-04-15", "2089-09-17", 2),
        ("1910-04-14", "2089-09-17", 4),
        ("1910-04-15", "2089-09-18", 4),
        ("0001-01-01", "9999-12-31", 4),
    ],
)
def test_as_few_bytes_as_hold_them(first: str, last: str, width: int) -> None:
    """128 days on the one side of 2000-01-01 and 127 on the other in one byte, 32,768 and 32,767 in two."""
    days = [day(first), None, day(last), day("2000-01-01")]
    column = prepared(days).records.columns["始"]
    assert column.padded.dtype == np.dtype(f"i{width}")
    assert [column.value(row) for row in range(4)] == days
    assert column.values.tolist() == [0 if one is None else one.toordinal() - DAY_ZERO for one in days]
    assert (column.low, column.high) == (day(first).toordinal() - DAY_ZERO, day(last).toordinal() - DAY_ZERO)


def test_nothing_known() -> None:
    assert (
        "始" not in prepared([None, None]).records.columns
        or not prepared([None, None]).records.columns["始"].known_mask().any()
    )


@pytest.mark.parametrize(("texts", "width"), [(128, 1), (129, 2), (40_000, 4)])
def test_texts_too(texts: int, width: int) -> None:
    found = policy().prepare([{"id": f"{place}号", "town": f"{place}镇"} for place in range(texts)] + [{"id": "末号"}])
    column = found.records.columns["镇"]
    assert column.padded.dtype == np.dtype(f"i{width}")
    assert column.value(texts - 1) == f"{texts - 1}镇"
    assert column.value(texts) is None
    assert int(column.values[-1]) == -1

"""Products and quotients of what is declared to lie on one side of 0, or on both, or not at all.

Why this exists: what declarations tell of signs takes away corners of products and turns quotients into products; for every
way a field may be bounded, and every way a cell may be filled, the definition's answer has to come out, from every engine.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest
from tests.engines.engines import ENGINES
from tests.engines.saying import definition, differences

import policyrules as pr
from policyrules.testing.build import policy_from_text

FIELDS = {
    "甲": "金额（元）",
    "乙": "金额（元） 取值 0 元 以上",
    "丙": "金额（元） 取值 -5 元 至 0 元",
    "丁": "金额（元） 取值 2 元 至 6 元",
    "戊": "金额（元） 取值 -3 元 至 4 元",
    "己": "金额（元） 取值 1 元 以上",
    "率": "比例",
    "成": "比例 取值 0% 至 100%",
    "亏": "比例 取值 -50% 至 -10%",
}
CELLS: Mapping[str, tuple[Any, ...]] = {
    "甲": (None, -2, 0, 3, "0.5"),
    "乙": (None, 0, 1, 4, "2.25"),
    "丙": (None, -5, -1, 0, "-0.75"),
    "丁": (None, 2, 6, "3.5"),
    "戊": (None, -3, 0, 4),
    "己": (None, 1, 5, "1.2"),
    "率": (None, "-0.5", 0, "0.375", 2),
    "成": (None, 0, "0.07", 1),
    "亏": (None, "-0.5", "-0.1"),
}
MONEY, RATIOS = "甲乙丙丁戊己", "率成亏"
HEAD = "对象 项目 标识 编号\n  字段 编号：文本\n" + "".join(f"  字段 {name}：{kind}\n" for name, kind in FIELDS.items())
ROWS = (
    "对象 行 属于 项目\n  字段 数：金额（元） 取值 0 元 以上\n  字段 差：金额（元）\n  字段 折：比例 取值 0% 至 100%\n"
)


def conditions() -> Iterator[str]:
    """Every quotient of two amounts against every order, products, and what is made of them."""
    orders = itertools.cycle("<≤=≠≥>")
    for one, other in itertools.product(MONEY, repeat=2):
        yield f"{one} ÷ {other} {next(orders)} 50%"
        yield f"{one} ÷ {other} {next(orders)} -50%"
        yield f"{one} ÷ {other} {next(orders)} 0%"
    for one, other in itertools.product(MONEY, RATIOS):
        yield f"{one} × {other} {next(orders)} 1 元"
        yield f"{one} × {other} {next(orders)} 0 元"
        yield f"{one} ÷ {other} {next(orders)} 2 元"
    for one, other, third in zip(MONEY, MONEY[1:] + MONEY[0], MONEY[3:] + MONEY[:3], strict=True):
        yield f"{one} ÷ {other} {next(orders)} 率"
        yield f"{one} ÷ {other} {next(orders)} 成"
        yield f"{one} ÷ {other} × 30% + 10% {next(orders)} 25%"
        yield f"{one} ÷ （{other} + {third}） {next(orders)} 50%"
        yield f"（{one} + {other}） ÷ {third} {next(orders)} 150%"
        yield f"{one} ÷ {other} {next(orders)} {third} ÷ {one}"
        yield f"取大（{one}；0 元） ÷ 取大（{other}；1 元） {next(orders)} 50%"
        yield f"取小（{one}；{other}） × 成 {next(orders)} {third} × 率"
    yield "合计 行.数 ÷ 乙 > 50%"
    yield "合计 行.差 ÷ 丁 > 50%"
    yield "乙 ÷ 合计 行.数 < 50%"
    yield "最大 行.数 ÷ 最小 行.数 ≥ 200%"
    yield "合计 行.数 其中（折 ≥ 50%） × 成 ≥ 1 元"
    yield "计数 行 其中（数 × 折 ≥ 1 元） ≥ 1"
    yield "任一 行 满足（数 ÷ 乙 ≥ 50%）"
    yield "任一 行 满足（本.乙 × 折 ≥ 数）"


AMOUNTS = """
术语 折后 对 行
  即 数 × 折
决定 一：金额（元）
  不超过 取小（乙 × 成；3 元）
规则 一甲
  当 成 ≥ 10%
  则 一 为 乙 × 50%
规则 一乙
  当 率 > 0%
  则 一 为 丁 × 成 × 30%
决定 二：金额（元） 累计
  不少于 1 元
规则 二甲
  则 二 为 乙 × 成
规则 二乙
  当 率 ≥ 0%
  则 二 为 丁 × 率 × 成
规则 二丙
  当 甲 ÷ 乙 < 成
  则 二 为 合计 行.折后
决定 三：比例
规则 三甲
  当 乙 ≥ 1 元
  则 三 为 取大（甲 ÷ 丁；成 × 率）
规则 三乙
  当 乙 < 1 元
  则 三 为 （乙 + 戊） ÷ 己
"""


def policy() -> pr.Policy:
    """All conditions as notices, beside some amounts."""
    text = HEAD + ROWS + AMOUNTS
    for number, condition in enumerate(conditions()):
        text += f"提示 条{number}\n  当 {condition}\n  说 “是”\n"
    return policy_from_text(text)


def records(count: int) -> list[dict[str, Any]]:
    """Records with cells filled at random, and every cell alone blank."""
    random_ = random.Random(11)
    found: list[dict[str, Any]] = []
    for number in range(count):
        record: dict[str, Any] = {"编号": f"P{number}"}
        sparse = number % 3 == 0
        for name, values in CELLS.items():
            value = random_.choice(values if sparse else values[1:])
            if value is not None:
                record[name] = value
        if not sparse:
            record.pop(random_.choice([*CELLS]), None)
        if random_.random() < 0.8:
            record["行"] = [
                {
                    name: value
                    for name, values in (
                        ("数", (None, 0, 1, "2.5")),
                        ("差", (None, -1, 2)),
                        ("折", (None, 0, "0.3", 1)),
                    )
                    if (value := random_.choice(values)) is not None
                }
                for _ in range(random_.randrange(4))
            ]
        found.append(record)
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_knows_signs(engine: str) -> None:
    signs = policy()
    roots = [signs.instance(record) for record in records(100)]
    expected = definition(signs)(roots, None)
    found = ENGINES[engine](signs)(roots, None)
    wrong = [
        f"{root.values}: {told}"
        for root, said, right in zip(roots, found, expected, strict=True)
        for told in differences(said, right)
    ]
    assert not wrong, wrong[:3]
    # What is known one way only would prove nothing.
    statuses = {status for said in expected for status, _ in said.findings.values()}
    assert statuses == {"notice", "not_applicable", "unverified"}


def test_what_is_known_beforehand_is_not_worked_out() -> None:
    quotients = policy_from_text(
        HEAD
        + """
提示 过半
  当 乙 ÷ 己 ≥ 50%
  说 “过半”
决定 补助：金额（元）
  不超过 取小（乙 × 50%；3 元）
规则 按比例
  则 补助 为 取大（乙 × 成 × 30%；0 元）
"""
    )
    compiled = quotients.compile()
    assert "_over" not in compiled.source and "max(" not in compiled.source
    assert not [value for value in compiled._function.__globals__.values() if isinstance(value, Fraction)]
    assert compiled({"乙": 3, "己": 6, "成": "0.5"})["补助"].value == Fraction(9, 20)

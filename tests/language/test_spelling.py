"""Which names are offered for a wrong one: the common part is right, the order fixed, and the work bounded."""

from __future__ import annotations

import itertools
import random

from policyrules.spelling import _in_common, _places, nearest


def common_part(one: str, two: str) -> int:
    rows = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for (i, a), (j, b) in itertools.product(enumerate(one), enumerate(two)):
        rows[i + 1][j + 1] = rows[i][j] + 1 if a == b else max(rows[i][j + 1], rows[i + 1][j])
    return rows[-1][-1]


def test_the_common_part_is_that_of_the_table() -> None:
    words = random.Random(1)
    for _ in range(2000):
        one, two = ("".join(words.choices("甲乙丙", k=words.randrange(9))) for _ in range(2))
        assert _in_common(_places(one), two) == common_part(one, two), (one, two)


def test_offers() -> None:
    names = ["市场效益", "市场有潜力", "链条", "实际到位", "停产", "投产"]
    assert nearest("市场效溢", names) == ["市场效益"]
    assert nearest("实际投产到位", names) == ["实际到位"]
    assert nearest("停厂", names) == ["停产"]
    assert nearest("链", names) == ["链条"]
    assert nearest("丙", names) == []
    assert nearest("链条完备", names) == ["链条"]
    assert nearest("甲" * 1000, ["甲" * 999]) == []
    for order in itertools.permutations(names):
        assert nearest("产投", order, 2) == nearest("产投", names, 2)


def test_nothing_is_offered_once_nobody_reads_on() -> None:
    names = [f"名称{number}" for number in range(1000)]
    assert nearest("名称12x", names, findings=100)
    assert nearest("名称12x", names, findings=101) == []

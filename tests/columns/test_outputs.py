"""What planes and numbers say of outputs, element by element."""

from __future__ import annotations

import datetime
import random
from itertools import product

import numpy as np
import pytest

from policyrules.columns.bits import pack, unpack
from policyrules.columns.outputs import Piece
from policyrules.columns.tables import Labels, Lists
from policyrules.testing.build import policy_from_text


@pytest.mark.parametrize("fixed", [*product((None, 0, 1), repeat=3)])
def test_which_elements_stand_so(fixed: tuple[int | None, ...]) -> None:
    chance = random.Random(f"standing {fixed}")
    count = 130
    digits = [[chance.randrange(2) if one is None else one for _ in range(count)] for one in fixed]
    parts = {
        ("status", place): pack(np.array(bits, np.bool_)) if one is None else one
        for place, (one, bits) in enumerate(zip(fixed, digits, strict=True))
    }
    piece = Piece(count, parts)
    numbers = [sum(bit << place for place, bit in enumerate(bits)) for bits in zip(*digits, strict=True)]
    assert piece.status().tolist() == numbers
    places = np.array([3, 64, 129])
    assert piece.status(places).tolist() == [numbers[place] for place in places.tolist()]
    for wanted in ((), (0,), (1, 2), (0, 1, 2, 4, 5), tuple(range(7))):
        asked = np.array([status in wanted for status in range(7)])
        told = piece.standing(asked)
        mask = np.full(count, told) if isinstance(told, bool) else unpack(told, count)
        assert mask.tolist() == [number in wanted for number in numbers]


def test_columns_that_have_classes_in_common() -> None:
    rows = np.array([0, 2, 1, -1], np.int8)
    assert Labels.of(rows, ("甲", "乙", "丙")).to_list() == ["甲", "丙", "乙", None]
    own = Labels(rows[:3], np.array([1, -1, 1], np.int32), ("甲", "乙"))
    assert own.codes.tolist() == [1, 1, -1] and own.to_list() == ["乙", "乙", None]
    assert Lists(rows[:3], np.array([0, -1, 1]), (("甲",), ())).to_list() == [["甲"], [], None]


@pytest.mark.parametrize("values", [2, 5, 6, 11])
def test_decisions_of_many_values(values: int) -> None:
    """As many truths as one number, two, or three hold; each value by its own field, blank or not."""
    chance = random.Random(f"many {values}")
    names = [f"值{place}号" for place in range(values)]
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n"
    text += "".join(f"  字段 真{place}号（f_{place}）：是否\n" for place in range(values))
    for mode, key in (("单选", "one"), ("多选", "many")):
        text += f"决定 定{mode}（{key}）：{mode} {{ {'、'.join(names)} }}\n"
        text += "".join(
            f"规则 规{mode}{place}号\n  当 真{place}号\n  则 定{mode} {'为' if mode == '单选' else '含'} {name}\n"
            for place, name in enumerate(names)
        )
    policy = policy_from_text(text, as_of=datetime.date(2025, 9, 15))
    records = [
        {"编号": str(row), **{f"真{place}号": chance.choice((True, False, None)) for place in range(values)}}
        for row in range(300)
    ]
    found = policy.evaluate_frame(records, engine="numpy").columns
    columns = {name: column.to_list() for name, column in found.items()}
    for row, record in enumerate(records):
        told = [record[f"真{place}号"] for place in range(values)]
        sure = [name for name, one in zip(names, told, strict=True) if one]
        open_ = [name for name, one in zip(names, told, strict=True) if one is None]
        assert columns["定多选·候选"][row] == sure + open_
        assert columns["定多选"][row] == (None if open_ else sure)
        status = "冲突" if len(sure) > 1 else "待定" if open_ else "已定" if sure else "无"
        assert columns["定单选"][row] == (sure[0] if status == "已定" else None)
        expected = sure + open_ or ["无"]
        if not sure and open_:
            expected = [*open_, "无"]
        assert columns["定单选·候选"][row] == expected

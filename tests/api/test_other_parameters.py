"""A policy with other parameter values, made from one that is loaded, is the policy loaded with them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from policyrules.testing.build import policy_from_text

TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户）
  字段 类别（sort）：文本
参数 下限（least）：整数（户） 缺省 10 户
参数 上限（most）：整数（户） 未定
参数 支持类（supported）：多选 { 种植、养殖 } 缺省 { 种植 }
读法 算法（reading）：枚举 { 宽、严 } 缺省 宽
决定 分类（category）：单选 { 大、中、小 }
  默认 小
规则 大类
  依据【甲】
  当 户数 ≥ 上限
  则 分类 为 大
规则 中类
  依据【乙】
  当 户数 ≥ 下限 且 户数 < 上限 且 类别 属于 支持类 且（算法 为 宽 或 户数 > 20 户）
  则 分类 为 中
"""
GIVEN: list[dict[str, Any]] = [
    {},
    {"下限": 3},
    {"上限": 30},
    {"下限": 3, "上限": 30, "算法": "严"},
    {"支持类": ["养殖"], "上限": 30},
]
RECORDS = [
    {"编号": str(number), "户数": households, "类别": sort}
    for number, (households, sort) in enumerate(itertools.product((None, 5, 12, 25, 40), (None, "种植", "养殖")))
]


@pytest.mark.parametrize("first", range(len(GIVEN)))
def test_one_made_from_another_is_the_one_loaded(first: int) -> None:
    base = policy_from_text(TEXT)
    for given in (*GIVEN[first:], *GIVEN[:first]):
        made, loaded = base.with_parameters(given), policy_from_text(TEXT, parameters=given)
        assert made == loaded and made.fingerprint == loaded.fingerprint
        for record in RECORDS:
            one, other = made.evaluate(record), loaded.evaluate(record)
            assert one.to_dict() == other.to_dict()
            assert str(one.explain()) == str(other.explain())


def test_what_is_at_its_default_is_told_after_it_was_given() -> None:
    base = policy_from_text(TEXT)
    record = {"编号": "1", "户数": 12, "类别": "种植"}
    given = base.with_parameters({"下限": 3, "上限": 30, "支持类": ["种植"]}).evaluate(record)["分类"]
    plain = base.with_parameters({"上限": 30}).evaluate(record)["分类"]
    assert (given.value, plain.value) == ("中", "中")
    assert (given.defaults, plain.defaults) == ((), ("下限", "支持类"))


@pytest.mark.parametrize("given", [None, 3, [("下限", 3)], "下限=3"])
def test_what_is_no_mapping_is_told(given: object) -> None:
    with pytest.raises(TypeError, match="参数要按名称给"):
        policy_from_text(TEXT).with_parameters(given)  # type: ignore[arg-type]  # what nobody may give

"""Decisions that read decisions: looked up once, and read from what was found, as the definition reads them.

What is expected is worked by hand from the rules, or said by the definition on every record of a few cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from tests.engine.test_compiled import disagreements

import policyrules as pr
from policyrules.engine.compiled import sharing
from policyrules.results import not_applicable
from policyrules.testing.build import policy_from_text

CHAIN = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：枚举 { 一、二、三 }
  字段 乙（b）：是否
  字段 丙（c）：是否
  字段 金额数（sum）：金额（元）

决定 初（first）：单选 { 上、中、下 }
  适用 当 乙
  先后 上、中
  先后 中、下 仅当 丙
规则 初上
  依据【一】“原文”
  当 甲 为 一
  则 初 为 上
规则 初中
  依据【一】“原文”
  当 甲 属于 { 一、二 }
  则 初 为 中
规则 初下
  依据【一】“原文”
  当 甲 不为 一
  则 初 为 下

决定 次（second）：由宽到严 { 宽、紧、严 }
  默认 宽
规则 次严
  依据【一】“原文”
  当 初 为 上 或 （初 属于 { 中、上 } 且 丙）
  则 次 为 严
规则 次紧
  依据【一】“原文”
  当 初 不为 上 且 初 不属于 { 下 }
  则 次 为 紧

决定 又（third）：多选 { 子、丑、寅 }
规则 又子
  依据【一】“原文”
  当 次 为 严
  则 又 含 子
规则 又丑
  依据【一】“原文”
  当 次 不为 宽 且 金额数 ≥ 10 元
  则 又 含 丑
规则 又寅
  依据【一】“原文”
  当 非 初 为 无
  则 又 含 寅

决定 数（number）：金额（元） 单值
规则 数上
  依据【一】“原文”
  当 丙
  则 数 为 视 初（上：1 元；中：2 元；其余：3 元）

提示 须看
  依据【一】“原文”
  当 次 为 紧 且 又 含 丑
  说 “看”
"""


@pytest.fixture(scope="module")
def chain() -> pr.Policy:
    return policy_from_text(CHAIN)


def records() -> Iterator[dict[str, Any]]:
    cells = {
        "甲": ("一", "二", "三", None),
        "乙": (True, False, None),
        "丙": (True, False, None),
        "金额数": (5, 10, None),
    }
    for held in product(*cells.values()):
        yield {name: value for name, value in zip(cells, held, strict=True) if value is not None}


def test_every_record(chain: pr.Policy) -> None:
    decide = chain.compile()
    for record in records():
        found = decide(record)
        outcome = chain.interpreter.evaluate(chain.instance(record), None)
        assert not list(disagreements(outcome, found)), record
        assert not list(disagreements(outcome, decide.decide(chain.instance(record)))), record
    assert decide.told == {}


def test_by_hand(chain: pr.Policy) -> None:
    decide = chain.compile()
    # 甲 二: 中 and 下 are concluded; whether 中 comes before 下 turns on 丙.
    open_ = decide({"甲": "二", "乙": True})
    assert (open_["初"].status, set(open_["初"].candidates)) == ("undetermined", {"中", "下"})
    # 中 with 丙 is 严; 中 without 丙 is 紧 as well, but then it is 中 and 下, a conflict.
    assert (open_["次"].status, set(open_["次"].candidates)) == ("undetermined", {"宽", "紧", "严"})
    conflict = decide({"甲": "二", "乙": True, "丙": False})
    assert (conflict["初"].status, conflict["初"].candidates) == ("conflict", ("中", "下"))
    assert set(conflict["次"].candidates) == {"宽", "紧"}
    # What does not apply is nothing, and nothing else either.
    away = decide({"甲": "一", "乙": False, "丙": True, "金额数": 10})
    assert away["初"].candidates == (not_applicable,)
    assert (away["次"].value, away["又"].value) == ("宽", frozenset({"寅"}))
    assert away.findings[0].status == "not_applicable"
    strict = decide({"甲": "一", "乙": True, "金额数": 10})
    assert (strict["初"].value, strict["次"].value, strict["又"].value) == ("上", "严", frozenset({"子", "丑", "寅"}))


def test_each_decision_is_looked_up_once(chain: pr.Policy) -> None:
    # Three decisions that have values, each of them in one table, though four things read the first.
    source = chain.compile().source
    assert len(re.findall(r"= K\d+\[", source)) == 3
    # What only the first reads is asked of a record once.
    assert source.count("'甲'") == 1


def test_a_decision_on_thousands_of_values_is_read_by_another() -> None:
    count = 200
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n"
    text += f"  字段 代码（code）：枚举 {{ {'、'.join(f'值{n}' for n in range(count))} }}\n"
    text += "决定 类（kind）：单选 { 甲、乙、丙 }\n"
    for n in range(count):
        text += f"规则 类{n}\n  依据【一】“原文”\n  当 代码 为 值{n}\n  则 类 为 {'甲乙丙'[n % 3]}\n"
    text += "决定 再（again）：单选 { 是甲、非甲 }\n"
    text += "规则 再甲\n  依据【一】“原文”\n  当 类 为 甲\n  则 再 为 是甲\n"
    text += "规则 再非\n  依据【一】“原文”\n  当 类 不为 甲\n  则 再 为 非甲\n"
    policy = policy_from_text(text)
    decide = policy.compile()
    for n in (0, 1, 2, 199):
        found = decide({"code": f"值{n}"})
        assert (found["类"].value, found["再"].value) == ("甲乙丙"[n % 3], "是甲" if n % 3 == 0 else "非甲")
    blank = decide({})
    assert set(blank["再"].candidates) == {"是甲", "非甲", None} or blank["再"].status == "undetermined"
    assert not list(disagreements(policy.interpreter.evaluate(policy.instance({}), None), blank))


DEAR = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：枚举 { 一、二 }
  字段 标签（tags）：多选（文本）
  字段 别名（names）：多选（文本）
对象 资产（asset） 属于 项目
  字段 价（price）：金额（元）
术语 坏了
  即 标签 除去 别名 含任一 { “坏” }
决定 类（kind）：单选 { 上、下 }
规则 类上
  依据【一】“原文”
  当 甲 为 一
  则 类 为 上
规则 类下
  依据【一】“原文”
  当 甲 为 二
  则 类 为 下
提示 首
  依据【一】“原文”
  当 类 为 上 且 坏了 且 合计 资产.价 > 5 元
  说 “看”
提示 尾
  依据【一】“原文”
  当 类 为 上 且 坏了
  说 “看”
提示 末
  依据【一】“原文”
  当 类 为 上 且 合计 资产.价 > 5 元
  说 “看”
"""


@pytest.fixture(scope="module")
def dear() -> pr.Policy:
    return policy_from_text(DEAR)


def test_what_nobody_asks_for_is_not_worked_out(dear: pr.Policy) -> None:
    decide = dear.compile()
    (asked,) = decide.told
    rows = {"标签": ["坏"], "别名": ["好"], "asset": [{"price": 6}]}
    assert [one.status for one in decide({"甲": "二", **rows}).findings] == ["not_applicable"] * 3
    assert decide.told[asked] == 0, "nothing of 类 下 turns on it"
    assert [one.status for one in decide({"甲": "一", **rows}).findings] == ["notice"] * 3
    assert decide.told[asked] == 1
    # 类 is not known: it may be 上.
    assert [one.status for one in decide(rows).findings] == ["unverified"] * 3
    assert decide.told[asked] == 2


@pytest.mark.parametrize("work", [1, 12, 1000])
def test_whatever_is_dear(monkeypatch: pytest.MonkeyPatch, work: int) -> None:
    # Where everything, or nothing, is asked for first whether it matters, the answers are the same.
    monkeypatch.setattr(sharing, "DEAR", work)
    for policy, given in ((policy_from_text(CHAIN), records()), (policy_from_text(DEAR), dear_records())):
        decide = policy.compile()
        for record in given:
            instance = policy.instance(record)
            outcome = policy.interpreter.evaluate(instance, None)
            assert not list(disagreements(outcome, decide.decide(instance))), record


def dear_records() -> Iterator[dict[str, Any]]:
    assets: tuple[object, ...] = (None, [], [{"price": 6}], [{"price": 5}, {}])
    tags: tuple[object, ...] = (None, [], ["坏"])
    for kind, one, other, rows in product(("一", "二", None), tags, tags, assets):
        record = {"甲": kind, "标签": one, "别名": other, "asset": rows}
        yield {name: value for name, value in record.items() if value is not None}

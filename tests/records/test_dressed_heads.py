"""Heads with something of a form around their names: 1.停产, 停产？, 总投资：, 是否停产. Exactly one field may be meant, or none is
read; what a head denies is never read as what it denies.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.test_heads import noted

from policyrules.engine.instances import Instance
from policyrules.records.export import value_as_text
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

MakeCsv = Callable[..., Path]


def held(instance: Instance) -> dict[str, object]:
    """What is filled in, by name."""
    fields = POLICY.fields[instance.object]
    return {name: value_as_text(value, fields[name]) for name, value in instance.values.items() if value is not None}


POLICY = policy_from_text(
    """\
对象 项目（project） 标识 项目编号
  字段 项目编号（id）：文本
  字段 停产（stopped）：是否
  字段 已验收（accepted）：是否
  字段 总投资（total）：金额（万元） 取值 0 万元 以上
  字段 备注（remark）：文本
对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元）
提示 停了
  当 停产
  说 “停了”
"""
).program


@pytest.mark.parametrize(
    "head",
    [
        *(
            "1.停产",
            "1、停产",
            "1．停产",
            "（1）停产",
            "(1) 停产",
            "①停产",
            "12.停产",
            "一、停产",
            "（一）停产",
            "十二、停产",
        ),
        *("停产？", "停产?", "停产：", "停产。", "停产:", "停产、", "停产！", "停产；"),
        *(
            "是否停产",
            "是否 停产",
            "是否停产？",
            "1.是否停产",
            "停产与否",
            "（三）是否停产：",
            "是否停产（是/否）",
            "1.停产（是/否）",
        ),
    ],
)
def test_yes_or_no_is_read_under_what_a_form_calls_it(head: str, make_csv: MakeCsv) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{head},备注\nP1,是,好\nP2,否,\nP3,,\n"), POLICY)
    assert [held(record.instance).get("停产") for record in ledger.records] == [True, False, None]
    assert ledger.problems == ()
    assert noted(ledger).count("当作“停产”读入，请核对是不是同一项") == 1 and f"“{head}”（B 列）" in noted(ledger)
    assert "没有停产这一列" not in noted(ledger) and "没有用上" not in noted(ledger)


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("总投资：", 50),
        ("3.总投资", 50),
        ("总投资（元）：", "0.005"),
        ("3.总投资（元）", "0.005"),
        ("总投资：（元）", "0.005"),
        ("三、总投资/元", "0.005"),
    ],
)
def test_numbers_are_read_in_their_unit(head: str, value: object, make_csv: MakeCsv) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{head}\nP1,50\n"), POLICY)
    assert held(ledger.records[0].instance) == {"项目编号": "P1", "总投资": value} and ledger.problems == ()


@pytest.mark.parametrize(
    "head",
    [
        *("未停产", "非停产", "没有停产", "不停产", "没停产", "无停产"),
        *("1.未停产", "未停产？", "是否未停产", "（一）未停产：", "是否没有停产", "停产否", "1.停产否？", "是否非停产"),
        # Another thing, or one that no field is.
        *(
            "是否总投资",
            "总投资与否",
            "拟停产",
            "是否拟停产",
            "停产时间",
            "1停产",
            "2024.停产",
            "是否停产或闲置",
            "停产是否",
        ),
    ],
)
def test_a_head_that_says_something_else_is_never_read(head: str, make_csv: MakeCsv) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{head}\nP1,是\n"), POLICY)
    assert set(held(ledger.records[0].instance)) == {"项目编号"}
    assert f"“{head}”（B 列" in noted(ledger) and "当作" not in noted(ledger)


@pytest.mark.parametrize("head", ["未停产", "1.未停产", "未停产？", "（一）是否未停产："])
def test_the_contrary_is_told_as_such_whatever_is_around_it(head: str, make_csv: MakeCsv) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{head}\nP1,是\n"), POLICY)
    assert "和“停产”正相反" in noted(ledger)


@pytest.mark.parametrize(
    ("heads", "row", "value"),
    [
        # The field has a column of its own; two columns may be it.
        ("停产,1.停产", "否,是", False),
        ("是否停产,停产", "是,否", False),
        ("stopped,停产？", "否,是", False),
        ("1.停产,2.停产", "是,是", None),
        ("是否停产,停产？", "是,否", None),
    ],
)
def test_of_two_columns_none_is_guessed(heads: str, row: str, value: bool | None, make_csv: MakeCsv) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{heads}\nP1,{row}\n"), POLICY)
    assert held(ledger.records[0].instance).get("停产") is value
    assert "当作" not in noted(ledger) and "没有用上" in noted(ledger)


def test_a_field_that_is_called_so_is_itself(make_csv: MakeCsv) -> None:
    program = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 是否停产（asked）：是否\n  字段 停产（stopped）：是否\n"
        "  字段 未停产（running）：是否\n提示 停了\n  当 停产\n  说 “停了”\n"
    ).program
    ledger = read_ledger(make_csv(项目="编号,是否停产,1.未停产\nP1,是,否\n"), program)
    assert ledger.records[0].instance.values == {"编号": "P1", "是否停产": True, "未停产": False}


def test_a_whole_form_below_its_title_is_read(make_csv: MakeCsv) -> None:
    text = "全县项目台账,,\n1.项目编号,2.是否停产,3.总投资（万元）\nP1,是,50\nP2,否,60\n"
    ledger = read_ledger(make_csv(项目=text), POLICY)
    assert [held(one.instance) for one in ledger.records] == [
        {"项目编号": "P1", "停产": True, "总投资": 50},
        {"项目编号": "P2", "停产": False, "总投资": 60},
    ]


def test_rows_are_joined_by_the_number_under_its_own_number(make_csv: MakeCsv) -> None:
    path = make_csv(项目="项目编号\nP1\n", 资金="1.项目编号,2.金额\nP1,5\n")
    ledger = read_ledger(path, POLICY)
    (record,) = ledger.records
    assert [held(row) for row in (record.instance.rows["资金"] or ())] == [{"金额": 5}] and ledger.problems == ()

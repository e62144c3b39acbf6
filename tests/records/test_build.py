from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.records.sample import held

from policyrules.diagnostics import RecordError
from policyrules.program.nodes import Program
from policyrules.records.build import build_instance, build_or_raise
from policyrules.records.names import record_names

FULL = {
    "project_id": "P001",
    "已形成": True,
    "实际到位": "300万元",
    "建成日": "2023年5月1日",
    "sources": [{"kind": "衔接资金", "amount_wan": 300, "年度": 2022}, {"资金来源": "其他"}],
    "资产": [{"asset_id": "A1", "维修": [{"维修费": "0.5"}]}, {"asset_id": "A2", "repairs": []}, {"asset_id": "A3"}],
    "county_context": {"县名": "甲县", "type_counts": [{"项目类型": "食用菌", "panhuo": 3}]},
}


def test_keys_and_names_mix(program: Program) -> None:
    instance, problems = build_instance(program, FULL)
    assert problems == () and instance.notes == ()
    assert instance.object == instance.path == "项目" and instance.identity == "P001"
    assert instance.values == {
        "项目编号": "P001",
        "已形成": True,
        "实际到位": 3_000_000,
        "建成日": datetime.date(2023, 5, 1),
    }
    funds = instance.rows["资金"]
    assert funds is not None and [row.path for row in funds] == ["资金[0]", "资金[1]"]
    assert funds[0].values == {"资金来源": "衔接资金", "金额": 3_000_000, "年度": 2022}
    assert funds[0].parent is instance and funds[1].values == {"资金来源": "其他"}
    assets = instance.rows["资产"]
    assert assets is not None and assets[0].identity == "A1"
    repairs = assets[0].rows["维修"]
    assert repairs is not None and repairs[0].path == "资产[0].维修[0]" and repairs[0].values == {"维修费": 5000}
    assert repairs[0].parent is assets[0]
    assert assets[1].rows["维修"] == () and assets[2].rows.get("维修") is None
    county = instance.parent
    assert county is not None and county.path == "县" and county.values == {"县名": "甲县"}
    counts = county.rows["类型统计"]
    assert counts is not None and counts[0].path == "类型统计[0]" and counts[0].values["盘活数"] == 3


def test_nothing_given_is_nothing_known(program: Program) -> None:
    instance, problems = build_instance(program, {})
    assert (problems, instance.notes) == ((), ())
    assert instance.values == {} and instance.rows == {} and instance.identity == ""
    assert instance.parent is not None and instance.parent.values == {} and instance.parent.rows == {}


@pytest.mark.parametrize("blank", [None, "", "  ", "　"])
def test_blank_values_leave_no_entry(program: Program, blank: object) -> None:
    instance, problems = build_instance(program, {"formed": blank, "困难程度": blank, "资金": None, "县": None})
    assert problems == () and instance.values == {} and instance.rows.get("资金") is None


def test_a_null_list_is_unknown_and_an_empty_one_is_known(program: Program) -> None:
    instance, _ = build_instance(program, {"sources": [], "assets": None})
    assert instance.rows["资金"] == () and instance.rows["资产"] is None


def test_unknown_keys_are_notes_with_the_nearest_name(program: Program) -> None:
    record = {
        "已成形": True,
        "projct_id": "P1",
        "sources": [{"金 额": 5, "amuont_wan": 6}],
        "县": {"县名字": "甲"},
        7: 1,
    }
    instance, problems = build_instance(program, record)
    assert problems == () and instance.values == {}
    notes = instance.notes
    assert "项目：规则里没有“projct_id”这个字段，没有用上，是不是“project_id”" in "\n".join(notes)
    assert any("已成形" in note and "已形成" in note for note in notes)
    assert any(note.startswith("资金[0]：") and "amount_wan" in note for note in notes)
    assert any(note.startswith("县：") and "县名" in note for note in notes)
    assert instance.rows["资金"] is not None and instance.rows["资金"][0].values == {"金额": 50_000}


def test_many_unknown_keys_do_not_flood(program: Program) -> None:
    notes = build_instance(program, {f"列{number}": 1 for number in range(500)})[0].notes
    assert len(notes) == 51 and notes[-1].startswith("另有 450 个字段")


@pytest.mark.parametrize(
    ("record", "path", "expected"),
    [
        ({"formed": "也许"}, "已形成", "“是”或“否”"),
        ({"assets": [{}, {"闲置起始日": "去年"}]}, "资产[1].闲置起始日", "年月日写全"),
        ({"assets": [{"repairs": [{"cost_wan": -1}]}]}, "资产[0].维修[0].维修费", "不小于 0 万元"),
        ({"county_context": {"应摸排数": "很多"}}, "县.应摸排数", "整数"),
        ({"县": {"type_counts": [{"盘活数": 1.5}]}}, "类型统计[0].盘活数", "整数"),
        ({"sources": {"kind": "其他"}}, "资金", "一个列表"),
        ({"sources": "没有"}, "资金", "一个列表"),
        ({"sources": [1]}, "资金[0]", "一组“字段：值”"),
        ({"sources": [None]}, "资金[0]", "一组“字段：值”"),
        ({"县": []}, "县", "一组“字段：值”"),
        ({"formed": {"是": 1}}, "已形成", "“是”或“否”"),
        ({"formed": [True]}, "已形成", "“是”或“否”"),
        ({"formed": True, "已形成": "否"}, "已形成", "只写一处"),
        ({"sources": [], "资金": [{}]}, "资金", "只写一处"),
        ({"县": {"县名": "甲"}, "county_context": {"县名": "乙"}}, "县", "只写一处"),
        ([], "项目", "一条记录"),
        (None, "项目", "一条记录"),
        ("P001", "项目", "一条记录"),
    ],
)
def test_problems_are_located(program: Program, record: object, path: str, expected: str) -> None:
    _, problems = build_instance(program, record)
    assert [problem.cell.path for problem in problems] == [path]
    assert expected in problems[0].expected
    with pytest.raises(RecordError) as raised:
        build_or_raise(program, record)
    assert raised.value.path == path and expected in raised.value.expected
    assert str(raised.value)


def test_the_same_value_twice_is_one_value(program: Program) -> None:
    instance, problems = build_instance(
        program, {"actual_wan": 300, "实际到位": "3,000,000元", "formed": None, "已形成": "是"}
    )
    assert problems == () and instance.values == {"实际到位": 3_000_000, "已形成": True}


def test_every_problem_is_told_at_once(program: Program) -> None:
    record = {"project_id": "P9", "formed": "也许", "actual_wan": "很多", "assets": [{"idle_since": "去年"}]}
    instance, problems = build_instance(program, record)
    assert [problem.cell.path for problem in problems] == ["已形成", "实际到位", "资产[0].闲置起始日"]
    assert {problem.cell.record for problem in problems} == {"P9"}
    with pytest.raises(RecordError) as raised:
        build_or_raise(program, record)
    assert raised.value.problems == problems and len(raised.value.__notes__) == 2
    assert held(instance) == {"项目编号": "P9"}


def test_large_values_are_bounded_in_problems(program: Program) -> None:
    for value in (10**6000, "长" * 20_000, [["深"]] * 1000, {"a": {}}):
        _, problems = build_instance(program, {"actual_wan": value})
        assert len(str(problems[0])) < 400
        with pytest.raises(RecordError):
            build_or_raise(program, {"actual_wan": value})


def test_a_record_that_holds_itself(program: Program) -> None:
    record: dict[str, object] = {"project_id": "P1"}
    record["assets"] = [record]
    record["县"] = record
    record["别的"] = record
    instance, problems = build_instance(program, record)
    assert instance.identity == "P1" and problems == ()


def test_exactness(program: Program) -> None:
    instance, _ = build_instance(program, {"actual_wan": Decimal("0.1"), "profit_wan": 0.7, "factor": "0.30"})
    assert instance.values["实际到位"] == 1000 and instance.values["利润"] == 7000
    assert not any(isinstance(value, float) for value in instance.values.values())


def test_names_may_be_shared(program: Program) -> None:
    names = record_names(program)
    assert names.record == "项目" and names.owners == ("县",)
    assert build_or_raise(program, FULL, names=names).values == build_or_raise(program, FULL).values


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["是", "300万元", "2025年9月15日", "衔接资金", "60%"]),
)
KNOWN = (
    "project_id 已形成 formed 实际到位 sources 资金 资产 repairs 县 county_context type_counts 金额 kind 项目 建成日"
)
keys = st.one_of(st.text(max_size=6), st.sampled_from(KNOWN.split()))
junk = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys, junk, max_size=6))
def test_no_record_raises(program: Program, record: dict[str, object]) -> None:
    instance, problems = build_instance(program, record)
    assert all(isinstance(str(problem), str) and problem.to_dict() for problem in problems)
    assert all(isinstance(note, str) for note in instance.notes)


def test_what_a_key_says_besides_the_name(program: Program) -> None:
    """A unit is applied or the cell refused, never let go; what else it says is told, what may be filled in is not."""
    instance, problems = build_instance(
        program, {"项目编号": "P1", "实际到位（含自筹，元）": 5, "已形成（是/否）": "是"}
    )
    assert problems == () and instance.values == {"项目编号": "P1", "实际到位": 5, "已形成": True}
    assert instance.notes == ("项目：“实际到位（含自筹，元）”当作“实际到位”读入，请核对是不是同一项",)
    instance, problems = build_instance(program, {"项目编号": "P1", "实际到位（美元）": 5})
    assert [(found.code, found.cell.path, found.cell.record) for found in problems] == [("E501", "实际到位", "P1")]
    assert "美元" in str(problems[0]) and "实际到位（万元）" in str(problems[0])
    instance, problems = build_instance(program, {"项目编号": "P1", "实际到位（美元）": None})
    assert problems == () and "实际到位" not in instance.values
    twice = {"实际到位（元）": 500_000, "实际到位": 50}
    assert build_instance(program, twice)[0].values == {"实际到位": 500_000}
    assert [found.code for found in build_instance(program, twice | {"实际到位": 51})[1]] == ["E503"]
    # A text that brings its own unit, as in a cell under such a head.
    assert build_instance(program, {"实际到位（元）": "50万元"})[0].values == {"实际到位": 500_000}

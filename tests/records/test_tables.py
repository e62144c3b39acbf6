"""Joins, headers, units: what holds for every tabular format, tried on folders of CSV files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger

MakeCsv = Callable[..., Path]


def told(ledger: Ledger) -> str:
    return "\n".join(str(problem) for problem in ledger.problems)


def noted(ledger: Ledger) -> str:
    return "\n".join(ledger.notes)


def test_rows_are_joined_to_their_project(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        项目="项目编号,项目名称,已形成\nP1,大棚,是\nP2,冷库,否\n",
        资金="项目编号,资金来源,金额（万元）\nP2,其他,5\nP1,衔接资金,300\nP1,其他,\n",
        资产="项目编号,资产编号\nP1,A1\n",
        维修="资产编号,维修费(元)\nA1,500\n",
    )
    ledger = read_ledger(folder, program)
    assert ledger.problems == () and ledger.notes == () and ledger.set_aside == ()
    first, second = (held(record.instance) for record in ledger.records)
    assert first == {
        "项目编号": "P1",
        "项目名称": "大棚",
        "已形成": True,
        "资金": [{"资金来源": "衔接资金", "金额": 300}, {"资金来源": "其他"}],
        "资产": [{"资产编号": "A1", "维修": [{"维修费": "0.05"}]}],
    }
    assert second["资金"] == [{"资金来源": "其他", "金额": 5}] and second["资产"] == []
    assert [(record.identity, record.sheet, record.row) for record in ledger.records] == [
        ("P1", "项目", 2),
        ("P2", "项目", 3),
    ]
    assets = ledger.records[0].instance.rows["资产"]
    assert assets is not None and (assets[0].path, assets[0].identity) == ("资产[0]", "A1")
    repairs = assets[0].rows["维修"]
    assert repairs is not None and repairs[0].values == {"维修费": 500} and repairs[0].path == "资产[0].维修[0]"
    assert repairs[0].parent is assets[0] and assets[0].parent is ledger.records[0].instance


def test_an_absent_table_is_unknown_and_an_empty_one_is_known(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号\nP1\n", 资金="项目编号,金额\n"), program)
    (record,) = ledger.records
    assert held(record.instance) == {"项目编号": "P1", "资金": []}


def test_headers_in_any_order_with_keys_titles_marks_and_units(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        项目="甲县帮扶项目台账,,,,,\n填表日期：2025年9月,,,,,\n"
        "实际到位（元）,*项目编号,formed,带动户数（户）,面积（亩）,利用率(%),工期（年）,利润/亿元,建成日（年月日）\n"
        '"3,000,000",P1,√,12,37.5,60,2,0.01,2025.9.15\n'
    )
    ledger = read_ledger(folder, program)
    assert ledger.problems == () and ledger.notes == ()
    instance = ledger.records[0].instance
    assert instance.values["实际到位"] == 3_000_000 and instance.values["带动户数"] == 12
    assert instance.values["面积"] * 2 == 75 and instance.values["利用率"] * 5 == 3  # type: ignore[operator]
    assert instance.values["工期"] == 24 and instance.values["利润"] == 1_000_000 and instance.values["已形成"] is True
    assert instance.values["建成日"] == datetime.date(2025, 9, 15)


def test_a_unit_that_cannot_be_converted_is_reported_and_the_column_not_read(
    make_csv: MakeCsv, program: Program
) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,实际到位（万美元）,面积（平方米）\nP1,300,5\n"), program)
    assert held(ledger.records[0].instance) == {"项目编号": "P1"}
    assert [(problem.code, problem.cell.path, problem.cell.column) for problem in ledger.problems] == [
        ("E506", "实际到位", "B"),
        ("E506", "面积", "C"),
    ]


def test_unknown_columns_are_noted_with_the_nearest_name(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号,已成形,序号,备注\nP1,是,1,好\n", 资金="项目编号,项目名称,金额\nP1,大棚,5\n")
    ledger = read_ledger(folder, program)
    assert ledger.problems == () and len(ledger.records) == 1
    assert "“已成形”（B 列，是不是“已形成”？）" in noted(ledger) and "“备注”（D 列）" in noted(ledger)
    assert "“项目名称”（B 列，是项目的字段" in noted(ledger)


def test_a_bad_cell_is_located_and_the_rest_is_read(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,实际到位（万元）,已形成\nP1,很多,是\nP2,300,是\n"), program)
    assert [record.identity for record in ledger.records] == ["P2"]
    (problem,) = ledger.problems
    assert (problem.cell.file, problem.cell.sheet, problem.cell.row, problem.cell.column) == (
        "项目.csv",
        "项目",
        2,
        "B",
    )
    assert (problem.cell.path, problem.cell.value, problem.cell.record, problem.cell.set_aside) == (
        "实际到位",
        "很多",
        "P1",
        True,
    )
    assert "单位万元" in problem.expected
    (aside,) = ledger.set_aside
    assert held(aside.instance) == {"项目编号": "P1", "已形成": True}
    assert ledger.portfolio == (ledger.records[0].instance, aside.instance)


def test_a_bad_row_below_sets_the_project_aside(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        项目="项目编号\nP1\nP2\n",
        资产="项目编号,资产编号\nP1,A1\nP2,A2\n",
        维修="资产编号,维修日\nA1,去年\nA2,2024-01-01\n",
    )
    ledger = read_ledger(folder, program)
    assert [record.identity for record in ledger.records] == ["P2"]
    (problem,) = ledger.problems
    assert problem.cell.path == "维修.维修日" and problem.cell.record == "P1" and problem.cell.set_aside
    assert "项目“P1”因此整个没有评" in problem.expected
    # The unreadable list is unknown to the portfolio, not empty.
    assert held(ledger.set_aside[0].instance) == {"项目编号": "P1", "资产": [{"资产编号": "A1"}]}


def test_orphans_and_duplicates_are_reported(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        项目="项目编号,所在县,已形成\nPX01,甲县,是\nPX01,甲县,否\nQY77,甲县,是\n",
        资金="项目编号,金额\nPX0l,5\n,6\nQY77,7\n",
    )
    ledger = read_ledger(folder, program)
    assert [(record.identity, record.row) for record in ledger.records] == [("PX01", 2), ("QY77", 4)]
    assert [problem.code for problem in ledger.problems] == ["E504", "E504", "E505"]
    assert "是不是“PX01”" in told(ledger) and "没有填“项目编号”" in told(ledger)
    duplicate = ledger.problems[-1]
    assert (duplicate.cell.row, duplicate.cell.set_aside, duplicate.cell.record) == (3, True, "PX01")
    # Nobody knows which of the two holds: the second counts as possible among those it would be grouped with.
    assert held(ledger.set_aside[0].instance) == {"所在县": "甲县"}


def test_full_width_numbers_still_join(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号\nP1\n", 资金="项目编号,金额\nＰ１ ,5\n"), program)
    assert ledger.problems == () and held(ledger.records[0].instance)["资金"] == [{"金额": 5}]


def test_a_missing_key_column_is_reported_and_the_list_unknown(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号\nP1\n", 资金="资金来源,金额\n其他,5\n"), program)
    assert held(ledger.records[0].instance) == {"项目编号": "P1"}
    assert "缺少“项目编号”列" in told(ledger) and ledger.problems[0].cell.sheet == "资金"


def test_a_project_without_a_number_has_unknown_lists(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,项目名称\n,大棚\nP2,冷库\n", 资金="项目编号,金额\n"), program)
    assert [held(record.instance) for record in ledger.records] == [
        {"项目名称": "大棚"},
        {"项目编号": "P2", "项目名称": "冷库", "资金": []},
    ]
    assert "第 2 行没有项目编号" in noted(ledger)


def test_totals_and_remarks_are_no_records(make_csv: MakeCsv, program: Program) -> None:
    text = "项目编号,项目名称,实际到位\nP1,大棚,5\n,,\n合计,,5\n,总计,5\n填表人：张三,,\n甲乡小计,,5\n,全县合计,5\nP2,统计合计,5\n"
    ledger = read_ledger(make_csv(项目=text), program)
    # What has a number of its own is a project, whatever it is called.
    assert [record.identity for record in ledger.records] == ["P1", "P2"] and ledger.problems == ()
    assert "第 7 行像是合计行" in noted(ledger) and "第 8 行像是合计行" in noted(ledger)
    assert (
        "第 4 行像是合计行" in noted(ledger)
        and "第 5 行像是合计行" in noted(ledger)
        and "第 6 行像是说明" in noted(ledger)
    )


def test_the_same_field_in_two_columns(make_csv: MakeCsv, program: Program) -> None:
    text = "项目编号,实际到位（万元）,实际到位（元）\nP1,5,50000\nP2,5,60000\nP3,,7\n"
    ledger = read_ledger(make_csv(项目=text), program)
    assert [record.identity for record in ledger.records] == ["P1", "P3"]
    assert ledger.problems[0].code == "E503" and "B 列：5 万元；C 列：6 万元" in told(ledger)


def test_one_county_needs_no_column(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号\nP1\nP2\n", 县="县名,脱贫县\n甲县,是\n", 类型统计="项目类型,盘活数\n食用菌,3\n")
    ledger = read_ledger(folder, program)
    assert ledger.problems == ()
    county = {"县名": "甲县", "脱贫县": True, "类型统计": [{"项目类型": "食用菌", "盘活数": 3}]}
    assert [held(record.instance)["县"] for record in ledger.records] == [county, county]


def test_several_counties_are_told_apart(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        项目="项目编号,所在县\nP1,乙县\nP2,甲县\nP3,丙县\nP4,\n",
        县="县名,脱贫县\n甲县,是\n乙县,否\n丁县,是\n",
        类型统计="所在县,项目类型,盘活数\n甲县,食用菌,3\n戊县,茶叶,1\n",
    )
    ledger = read_ledger(folder, program)
    counties = [held(record.instance).get("县") for record in ledger.records]
    assert counties[0] == {"县名": "乙县", "脱贫县": False, "类型统计": []}
    assert counties[1] == {"县名": "甲县", "脱贫县": True, "类型统计": [{"项目类型": "食用菌", "盘活数": 3}]}
    assert counties[2:] == [None, None]
    assert "“丙县”" in noted(ledger) and "第 5 行的县是空" in noted(ledger) and "“丁县”" in noted(ledger)
    assert [problem.code for problem in ledger.problems] == ["E504"] and "戊县" in told(ledger)


def test_lists_of_counties_without_a_county_table(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号,所在县\nP1,甲县\n", 类型统计="县名,项目类型,盘活数\n甲县,食用菌,3\n乙县,茶叶,1\n")
    ledger = read_ledger(folder, program)
    assert held(ledger.records[0].instance)["县"] == {"县名": "甲县", "类型统计": [{"项目类型": "食用菌", "盘活数": 3}]}


@pytest.mark.parametrize(
    "files",
    [
        {"县": "县名,应摸排数\n甲县,很多\n"},
        {"县": "县名\n甲县\n", "类型统计": "项目类型,盘活数\n食用菌,几个\n"},
        {"县": "县名\n甲县\n乙县\n", "类型统计": "项目类型,盘活数\n食用菌,3\n"},
        {"县": "县名,脱贫县\n甲县,是\n甲县,否\n"},
        {"类型统计": "没有,表头\n1,2\n"},
    ],
)
def test_unreadable_county_data_sets_its_projects_aside(
    files: dict[str, str], make_csv: MakeCsv, program: Program
) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,所在县\nP1,甲县\n", **files), program)
    assert ledger.records == () and [record.identity for record in ledger.set_aside] == ["P1"]
    assert any(problem.code == "E508" and problem.cell.record == "P1" for problem in ledger.problems)
    assert len(ledger.problems) >= 2


def test_sheet_names_as_people_write_them(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(
        **{"1.项目台账": "项目编号\nP1\n", "资金明细表": "项目,金额\nP1,5\n", "assets": "project_id,asset_id\nP1,A\n"}
    )
    ledger = read_ledger(folder, program)
    assert ledger.problems == () and held(ledger.records[0].instance)["资金"] == [{"金额": 5}]
    assert held(ledger.records[0].instance)["资产"] == [{"资产编号": "A"}]


def test_two_tables_for_one_object_and_unknown_tables(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号\nP1\n", 项目表="项目编号\nP2\n", 通讯录="姓名\n张三\n")
    (folder / "说明.docx").write_bytes(b"x")
    ledger = read_ledger(folder, program)
    assert [record.identity for record in ledger.records] == ["P1"]
    assert "只读了前一张" in told(ledger) and "通讯录" in noted(ledger) and "说明.docx" in noted(ledger)


def test_no_project_table(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(资金="项目编号,金额\nP1,5\n"), program)
    assert ledger.records == () and "没有找到一张名为“项目”的表" in told(ledger)


def test_a_header_that_is_not_there(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="甲,乙\n1,2\n"), program)
    assert ledger.records == () and "找不到表头" in told(ledger)

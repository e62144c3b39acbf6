"""A second table beneath the rows, whose heads no rule knows: never read as rows of the first, and no row of the first lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger

Rows = list[list[object]]
_: None = None

HEAD: list[object] = ["项目编号", "项目名称", "实际到位", "带动户数", "已形成"]
OWN: Rows = [["P1", "大棚", 5, 6, "是"], ["P2", "冷库", 7, 8, "否"]]


@pytest.fixture
def read(make_workbook: Callable[..., Path], program: Program) -> Callable[..., Ledger]:
    def make(*beneath: list[object], **others: Rows) -> Ledger:
        return read_ledger(make_workbook({"项目": [HEAD, *OWN, *beneath], **others}), program)

    return make


def numbers(ledger: Ledger) -> list[str]:
    return [record.identity for record in (*ledger.records, *ledger.set_aside)]


SURE: list[tuple[str, Rows, str]] = [
    (
        "contacts",
        [[_], ["联系人", "单位", "电话"], ["张三", "县农业农村局", 13_800_000_000], ["李四", "乐安镇", 13_900_000_000]],
        "第 5 行到第 7 行像是另一张表（第 5 行“联系人、单位、电话”像是它的表头）",
    ),
    (
        "sums by township with a title and a sum",
        [
            [_],
            ["各乡镇情况"],
            ["乡镇", "项目数", "投资额", "户数"],
            ["乐安镇", 2, 300, 50],
            ["石门镇", 1, 100, 20],
            ["合计", 3, 400, 70],
        ],
        "第 5 行到第 9 行像是另一张表（第 6 行“乡镇、项目数、投资额”像是它的表头）",
    ),
    (
        "beneath the sum of the first",
        [["合计", _, 12, 14], ["乡镇", "项目数", "投资额"], ["乐安镇", 2, 300]],
        "第 5 行到第 6 行像是另一张表（第 5 行“乡镇、项目数、投资额”像是它的表头）",
    ),
    (
        "in other columns",
        [[_], [_, "乡镇", "项目数", "户数"], [_, "乐安镇", 1, 2], [_, "石门镇", 3, 4]],
        "第 5 行到第 7 行像是另一张表",
    ),
    (
        "a third one beneath",
        [
            [_],
            ["乡镇", "项目数", "户数"],
            ["乐安镇", 1, 2],
            [_],
            ["代码", "含义", _, _, "备注"],
            ["甲", "种植", _, _, "无"],
        ],
        "第 5 行到第 9 行像是另一张表（第 5 行",
    ),
    (
        "a head of two lines",
        [[_], ["乡镇", "项目数", "投资"], [_, _, "总额", "到位"], ["乐安镇", 1, 2, 3]],
        "第 5 行到第 7 行像是另一张表",
    ),
]


@pytest.mark.parametrize(("rows", "said"), [case[1:] for case in SURE], ids=[case[0] for case in SURE])
def test_what_cannot_be_rows_is_left_out_and_told(read: Callable[..., Ledger], rows: Rows, said: str) -> None:
    ledger = read(*rows)
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()
    assert [held(one.instance)["实际到位"] for one in ledger.records] == [5, 7]
    assert sum(said in note for note in ledger.notes) == 1
    assert not any("仍算一个项目" in note or "没有项目编号，照样" in note for note in ledger.notes)


DOUBTFUL: list[tuple[str, Rows, int]] = [
    ("nothing between", [["乡镇", "项目数", "投资额"], ["乐安镇", 2, 300]], 4),
    ("texts alone", [[_], ["代码", "含义"], [1, "种植业"], [2, "养殖业"]], 5),
    ("its rows are numbered as the projects", [[_], ["工程编号", "工程名称", "投资额"], ["P10", "水渠", 3]], 5),
    ("codes like numbers of projects", [[_], ["代码", "含义"], ["P3", "种植业"], ["P4", "养殖业"]], 5),
    ("problems of the projects", [[_], ["项目编号", "存在问题", "责任人"], ["P1", "闲置", "张三"]], 5),
    (
        "projects go on beneath",
        [[_], ["乡镇", "项目数", "户数"], ["乐安镇", 1, 2], [_], ["P9", "大棚", 1, 2, "是"]],
        5,
    ),
]


@pytest.mark.parametrize(("rows", "row"), [case[1:] for case in DOUBTFUL], ids=[case[0] for case in DOUBTFUL])
def test_where_a_row_may_be_a_project_the_sheet_is_refused(read: Callable[..., Ledger], rows: Rows, row: int) -> None:
    ledger = read(*rows)
    assert numbers(ledger) == []
    assert [(problem.code, problem.cell.row) for problem in ledger.problems] == [("E506", row)]
    assert "像是另一张表的表头" in str(ledger.problems[0])


PROJECTS: list[tuple[str, Rows, list[str]]] = [
    # What of these cannot be read is told where it stands.
    ("a bad row", [["无编号", "冷库", "很多", "不少"], ["P4", "茶园", 3, 4, "是"]], ["P1", "P2", "P4", "无编号"]),
    ("a bad row among narrow ones", [["新增", "冷库", "很多"], ["P4", "茶园", 3]], ["P1", "P2", "P4", "新增"]),
    ("a bad last row", [[_], ["新增", "冷库", "很多"]], ["P1", "P2", "新增"]),
    ("numbered in words", [["新增", "冷库"], ["扩建", "茶园"]], ["P1", "P2", "新增", "扩建"]),
    ("in words beneath a blank row", [[_], ["新增", "冷库"], ["P4", "茶园", 3, 4, "是"]], ["P1", "P2", "新增", "P4"]),
    ("placeholders", [[_], ["P3", "冷库", "待定", "不详"], ["P4", "茶园", 3]], ["P1", "P2", "P4", "P3"]),
    ("amounts", [[_], ["P3", "冷库", 4], ["P4", "茶园", 3]], ["P1", "P2", "P3", "P4"]),
    ("signatures", [[_], ["填表人", "张三", "审核人", "李四"], ["2025年9月1日"]], ["P1", "P2"]),
    ("a sum and rows", [["小计", _, 12], ["P3", "冷库", 4], ["小计", _, 4]], ["P1", "P2", "P3"]),
    ("groups", [["石门镇小计", _, 12], ["（一）", "养殖业"], ["P3", "冷库", 4]], ["P1", "P2", "P3"]),
]


@pytest.mark.parametrize(("rows", "found"), [case[1:] for case in PROJECTS], ids=[case[0] for case in PROJECTS])
def test_no_project_is_taken_for_a_second_table(read: Callable[..., Ledger], rows: Rows, found: list[str]) -> None:
    ledger = read(*rows)
    assert numbers(ledger) == found
    assert not any("另一张表" in str(said) for said in (*ledger.notes, *ledger.problems))


def test_projects_numbered_in_words_are_not_told_by_their_numbers(
    make_workbook: Callable[..., Path], program: Program
) -> None:
    rows: Rows = [
        ["项目编号", "项目名称", "带动户数"],
        ["大棚一", "大棚", 5],
        [_],
        ["冷库", "镇冷库", 6],
        ["茶园", "茶", 7],
    ]
    assert numbers(read_ledger(make_workbook({"项目": rows}), program)) == ["大棚一", "冷库", "茶园"]
    # A head among them is told by what belongs in the columns; its rows cannot be.
    ledger = read_ledger(
        make_workbook({"项目": [*rows, [_], ["乡镇", "联系人", "户数"], ["乐安镇", "张三", 6]]}), program
    )
    assert numbers(ledger) == [] and [problem.cell.row for problem in ledger.problems] == [7]


def test_beneath_rows_of_lists(read: Callable[..., Ledger]) -> None:
    funds: Rows = [
        ["项目编号", "资金来源", "金额"],
        ["P1", "其他", 5],
        [_],
        ["资金来源", "说明", "合计数"],
        ["衔接", "中央", 5],
    ]
    ledger = read(资金=funds)
    assert ledger.problems == () and any("“资金”第 4 行到第 5 行像是另一张表" in note for note in ledger.notes)
    assert held(ledger.records[0].instance)["资金"] == [{"资金来源": "其他", "金额": 5}]


def test_what_a_second_table_says_of_units_is_its_own(read: Callable[..., Ledger]) -> None:
    ledger = read([_], ["乡镇投资情况"], ["乡镇", "项目数", "投资"], ["单位：元"], ["乐安镇", 2, 30_000_000])
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()


def test_in_a_text_file(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "台账.csv"
    own = "项目编号,项目名称,实际到位\nP1,大棚,5\n"
    path.write_text(f"{own}\n乡镇,项目数,投资额\n乐安镇,2,300\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    assert numbers(ledger) == ["P1"] and any("第 4 行到第 5 行像是另一张表" in note for note in ledger.notes)
    path.write_text(f"{own},,\n乡镇,项目数,投资额\n乐安镇,2,300\n", encoding="utf-8")
    assert numbers(read_ledger(path, program)) == ["P1"]

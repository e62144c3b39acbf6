"""Tables as offices really make them: heads of three lines, headings, page heads, footers, merges, two tables on one sheet."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger

MakeCsv = Callable[..., Path]
Rows = list[list[object]]
_: None = None


@pytest.fixture
def read(tmp_path: Path, program: Program) -> Callable[..., Ledger]:
    """Read a workbook of one sheet of projects, and of others: ``read(rows, merged=["A1:B1"], 资金=rows)``."""
    openpyxl = pytest.importorskip("openpyxl")

    def make(rows: Rows, merged: Mapping[str, Sequence[str]] | Sequence[str] = (), **others: Rows) -> Ledger:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        areas = merged if isinstance(merged, Mapping) else {"项目": merged}
        for name, own in {"项目": rows, **others}.items():
            sheet = book.create_sheet(name)
            for row in own:
                sheet.append(row)
            for area in areas.get(name, ()):
                sheet.merge_cells(area)
        path = tmp_path / "台账.xlsx"
        book.save(path)
        return read_ledger(path, program)

    return make


def told(ledger: Ledger) -> str:
    return "\n".join(str(problem) for problem in ledger.problems)


def noted(ledger: Ledger) -> str:
    return "\n".join(ledger.notes)


def numbers(ledger: Ledger) -> list[str]:
    return [record.identity for record in ledger.records]


def values(ledger: Ledger) -> list[dict[str, object]]:
    return [held(record.instance) for record in ledger.records]


# ---- heads ----------------------------------------------------------------------------------------------------------

THREE: Rows = [
    ["项目编号", "项目名称", "资金情况（元）", _, _, _],
    [_, _, "利润", "其中：财政", _, _],
    [_, _, _, "实际到位", "中央", "省"],
    ["P1", "大棚", 20_000, 500_000, 1, 2],
]


@pytest.mark.parametrize("merged", [(), ("A2:A4", "B2:B4", "C2:F2", "C3:C4", "D3:F3")])
def test_heads_of_three_lines(read: Callable[..., Ledger], merged: tuple[str, ...]) -> None:
    ledger = read([["示例县台账"], *THREE], merged)
    assert ledger.problems == ()
    # The unit of the uppermost group is that of all columns beneath it.
    assert values(ledger) == [{"项目编号": "P1", "项目名称": "大棚", "利润": 2, "实际到位": 50}]
    assert "表头有三行（第 2、3、4 行）" in noted(ledger) and "“中央”（E 列）；“省”（F 列）" in noted(ledger)


def test_heads_of_three_lines_in_a_text_file(make_csv: MakeCsv, program: Program) -> None:
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in THREE)
    ledger = read_ledger(make_csv(项目=text), program)
    assert ledger.problems == () and held(ledger.records[0].instance)["实际到位"] == 50


def test_a_name_is_one_with_that_of_its_group(read: Callable[..., Ledger]) -> None:
    heads: Rows = [["项目编号", "项目", _, "实际", "带动"], [_, "名称", "类型", "到位（元）", "户数"]]
    ledger = read([*heads, ["P1", "大棚", "种植", 50_000, 6]], ("A1:A2", "B1:C1"))
    assert ledger.problems == ()
    assert values(ledger) == [{"项目编号": "P1", "项目名称": "大棚", "项目类型": "种植", "实际到位": 5, "带动户数": 6}]


@pytest.mark.parametrize("in_one_line", [True, False])
def test_of_one_field_under_two_groups_none_is_read(read: Callable[..., Ledger], in_one_line: bool) -> None:
    # 计划 and 实际 above the same names: the plan must not pass for what came of it.
    upper: list[object] = (
        [_, _, "计划", _, "实绩", _] if in_one_line else ["项目编号", "项目名称", "计划", _, "实绩", _]
    )
    lower: list[object] = ["项目编号", "项目名称"] if in_one_line else [_, _]
    lower += ["建成日", "利润", "建成日", "带动户数"]
    ledger = read([upper, lower, ["P1", "大棚", "2024-01-01", 5, _, 6]], ("C1:D1", "E1:F1"))
    assert values(ledger) == [{"项目编号": "P1", "项目名称": "大棚", "利润": 5, "带动户数": 6}]
    assert [(problem.code, problem.cell.path) for problem in ledger.problems] == [("E506", "建成日")]
    assert "C 列在“计划”下、E 列在“实绩”下" in told(ledger) and "计划·建成日" not in noted(ledger)


def test_a_name_under_a_group_of_another_time_is_told(read: Callable[..., Ledger]) -> None:
    heads: Rows = [["项目编号", "项目名称", "上年", _, "效益", _], [_, _, "利润", "面积", "带动户数", "系数"]]
    ledger = read([*heads, ["P1", "大棚", 5, 6, 7, 8]], ("A1:A2", "B1:B2", "C1:D1", "E1:F1"))
    assert values(ledger)[0]["利润"] == 5
    assert "“上年·利润”（C 列）当作“利润”读入，请核对" in noted(ledger) and "效益·" not in noted(ledger)
    ledger = read([["基本情况", _, "上年", _], ["项目编号", "项目名称", "利润", "面积"], ["P1", "大棚", 5, 6]])
    assert values(ledger)[0]["利润"] == 5 and "“上年·利润”（C 列）当作“利润”读入，请核对" in noted(ledger)
    ledger = read([["申报单位：青山县", _, "2025年"], ["项目编号", "项目名称", "利润"], ["P1", "大棚", 5]])
    assert ledger.notes == () and values(ledger)[0]["利润"] == 5


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([["项目编号", "实际到位", "利润"], [_, "（元）", "万元"], ["P1", 50_000, 7]], ("A1:A2",)),
        ([["项目编号", "投资", _], [_, "实际到位", "利润"], [_, "元", "万元"], ["P1", 50_000, 7]], ("A1:A3", "B1:C1")),
        ([["项目编号", "实际到位", "利润"], [_, "元", _], ["P1", 50_000, 70_000]], ("A1:A2", "B2:C2")),
        (
            [["项目编号", "实际到位", "利润", "备注"], [_, "元", "万元", _], [_, "①", "②", "③"], ["P1", 50_000, 7, _]],
            ("A1:A3",),
        ),
    ],
)
def test_units_and_numbers_beside_heads_that_go_over_their_lines(
    read: Callable[..., Ledger], rows: Rows, merged: tuple[str, ...]
) -> None:
    ledger = read(rows, merged)
    assert ledger.problems == () and values(ledger) == [{"项目编号": "P1", "实际到位": 5, "利润": 7}]


def test_the_whole_of_a_group_is_its_field(read: Callable[..., Ledger]) -> None:
    heads: Rows = [["项目编号", "项目名称", "实际到位（元）", _, _], [_, _, "合计", "财政", "自筹"]]
    ledger = read([*heads, ["P1", "大棚", 50_000, 30_000, 20_000]], ("A1:A2", "B1:B2", "C1:E1"))
    assert ledger.problems == () and values(ledger) == [{"项目编号": "P1", "项目名称": "大棚", "实际到位": 5}]
    assert "“财政”（D 列）；“自筹”（E 列）" in noted(ledger)


@pytest.mark.parametrize("parts", [("计划", "实绩"), (2024, 2025), ("财政", "自筹")])
def test_a_field_that_is_divided_beneath_its_head_is_not_read(
    read: Callable[..., Ledger], parts: tuple[object, object]
) -> None:
    # The first of two figures must not pass for what its head says of both.
    heads: Rows = [["项目编号", "项目名称", "实际到位", _, "利润"], [_, _, *parts, _]]
    ledger = read([*heads, ["P1", "大棚", 5, 6, 7], ["P2", "冷库", 5, 6, 8]], ("A1:A2", "B1:B2", "C1:D1", "E1:E2"))
    assert [one["利润"] for one in values(ledger)] == [7, 8] and not any("实际到位" in one for one in values(ledger))
    assert [(one.code, one.cell.path, one.cell.column) for one in ledger.problems] == [("E506", "实际到位", "C")]
    assert f"C 列“{parts[0]}”、D 列“{parts[1]}”" in told(ledger)


def test_a_field_that_is_divided_in_the_third_line(read: Callable[..., Ledger]) -> None:
    heads: Rows = [["项目编号", "资金", _, _], [_, "实际到位（元）", _, "利润"], [_, "计划", "实绩", _]]
    ledger = read([*heads, ["P1", 5, 6, 7]], ("A1:A3", "B1:D1", "B2:C2", "D2:D3"))
    assert values(ledger) == [{"项目编号": "P1", "利润": 7}]
    assert [(one.code, one.cell.path) for one in ledger.problems] == [("E506", "实际到位")]


def test_beneath_a_head_that_is_merged_over_two_columns_records_stand(read: Callable[..., Ledger]) -> None:
    ledger = read([["项目编号", "项目名称", _, "利润"], ["P1", "大棚", "新", 7], ["P2", "冷库", "旧", 8]], ("B1:C1",))
    assert numbers(ledger) == ["P1", "P2"] and [one["项目名称"] for one in values(ledger)] == ["大棚", "冷库"]


@pytest.mark.parametrize(
    "rows",
    [
        [["项目编号", "P1", "P2"], ["项目名称", "大棚", "冷库"], ["利润（元）", 5, 6], ["建成日", "2024-01-01", _]],
        [["项目基本情况表"], ["项目编号", "P1"], ["项目名称", "大棚"], ["利润", 5]],
    ],
)
def test_a_table_on_its_side_is_told(read: Callable[..., Ledger], rows: Rows) -> None:
    ledger = read(rows)
    assert ledger.records == () and [one.code for one in ledger.problems] == ["E506"]
    assert "请转置成一行一个项目" in told(ledger) and ledger.problems[0].cell.column == "A"


NUMBERED: list[list[object]] = [
    [1, 2, 3, 4],
    ["1", "2", "3", "4=2+3"],
    ["甲", "乙", 1, 2],
    ["①", "②", "③", "④"],
    ["A", "B", "C", "D=B+C"],
    ["(1)", "(2)", "(3)", "(4)=(2)+(3)"],
    ["栏次", 1, 2, 3],
    [0, 1, 2, 3],
]


@pytest.mark.parametrize("line", NUMBERED, ids=str)
def test_a_line_that_numbers_the_columns_is_no_record(read: Callable[..., Ledger], line: list[object]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "带动户数"]
    ledger = read([heads, line, ["P1", "大棚", 5, 6]])
    assert numbers(ledger) == ["P1"] and ledger.problems == () and "第 2 行是各列的编号" in noted(ledger)


def test_what_may_be_a_record_is_no_line_of_numbers(read: Callable[..., Ledger]) -> None:
    # The first project may well have 2 households and an income of 3.
    ledger = read([["项目编号", "带动户数", "利润"], [1, 2, 3], [2, 5, 1]])
    assert numbers(ledger) == ["1", "2"]
    ledger = read([["项目编号", "项目名称", "带动户数"], [1, "大棚", 2], ["2", "3", 5], [5, 6, 7]])
    assert numbers(ledger) == ["1", "2", "5"]


def test_a_line_that_says_what_to_fill_in(read: Callable[..., Ledger]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "已形成", "建成日"]
    ledger = read([heads, ["必填", "必填", "填数字", "是/否", "如 2025-01-01"], ["P1", "大棚", 5, "是", _]])
    assert numbers(ledger) == ["P1"] and ledger.problems == () and "第 2 行是填写要求" in noted(ledger)


# ---- heads again ----------------------------------------------------------------------------------------------------


def test_heads_on_every_page(read: Callable[..., Ledger]) -> None:
    page: Rows = [
        ["示例县台账"],
        ["项目编号", "项目名称", "资金", _],
        [_, _, "实际到位", "利润"],
        [_, _, "元", "元"],
        [1, 2, 3, 4],
    ]
    again: Rows = [["示例县台账"], ["项目编号", "项目 名称", "资金", _], *page[2:]]
    ledger = read(
        [*page, ["P1", "大棚", 50_000, 1], ["第 1 页 共 2 页"], *again, ["P2", "冷库", 60_000, 1]], ("C2:D2", "C9:D9")
    )
    assert ledger.problems == () and numbers(ledger) == ["P1", "P2"]
    assert [one["实际到位"] for one in values(ledger)] == [5, 6]
    assert "第 8、9、10、11 行和表头一样" in noted(ledger).replace("\n", "") or all(
        f"第 {row} 行和表头一样" in noted(ledger) for row in (8, 9, 10, 11)
    )


def test_heads_again_with_another_unit_refuse_the_table(read: Callable[..., Ledger]) -> None:
    heads: Rows = [["项目编号", "项目名称", "实际到位"], [_, _, "元"]]
    ledger = read([*heads, ["P1", "大棚", 50_000], heads[0], [_, _, "万元"], ["P2", "冷库", 6]])
    assert ledger.records == () and ledger.set_aside == ()
    assert [(problem.code, problem.cell.row, problem.cell.column) for problem in ledger.problems] == [("E506", 5, "C")]
    ledger = read(
        [["项目编号", "实际到位（元）"], ["P1", 50_000], ["项目编号", "实际到位（万元）"], ["P2", 6]],
    )
    assert ledger.records == () and [(problem.code, problem.cell.row) for problem in ledger.problems] == [("E506", 3)]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        (
            [
                ["项目编号", "项目名称", "利润"],
                ["P1", "大棚", 5],
                [_],
                ["项目编号", "资金来源", "金额"],
                ["P1", "其他", 3],
            ],
            4,
        ),
        ([["项目编号", "项目名称", "利润"], ["P1", "大棚", 5], ["项目编号", "项目名称", "面积"], ["P2", "冷库", 3]], 3),
        ([["县名", "脱贫县"], ["青山县", "是"], [_], ["项目编号", "项目名称", "利润"], ["P1", "大棚", 5]], 1),
    ],
)
def test_two_tables_beneath_each_other_are_not_read_as_one(read: Callable[..., Ledger], rows: Rows, row: int) -> None:
    ledger = read(rows)
    assert ledger.records == () and ledger.set_aside == ()
    assert [(problem.code, problem.cell.row) for problem in ledger.problems] == [("E506", row)]
    assert "请把两张表分到两张工作表" in told(ledger)


def test_two_tables_beside_each_other_are_not_read_as_one(read: Callable[..., Ledger]) -> None:
    rows: Rows = [["项目编号", "利润", _, "项目编号", "金额"], ["P1", 5, _, "P1", 3], ["P2", 5, _, "P1", 2]]
    ledger = read(rows)
    assert ledger.records == () and "像是两张表并排" in told(ledger) and ledger.problems[0].cell.column == "D"
    # The same number twice, in columns side by side, is compared row by row.
    ledger = read([["项目编号", "项目编号", "利润"], ["P1", "P1", 5], ["P2", "P3", 5]])
    assert numbers(ledger) == ["P1"] and [problem.code for problem in ledger.problems] == ["E503"]


# ---- headings -------------------------------------------------------------------------------------------------------

HEADINGS: list[list[object]] = [
    ["一、青山县", _, _, _],
    ["（二）养殖业（1个）", _, 5, 5],
    [_, "一、种植业", 30, 5],
    ["二", "乐安镇", 30, _],
]


@pytest.mark.parametrize("heading", HEADINGS, ids=str)
def test_a_heading_among_the_rows_is_no_record(read: Callable[..., Ledger], heading: list[object]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "带动户数"]
    ledger = read([heads, heading, ["P1", "大棚", 5, 5], ["P2", "冷库", 25, _]])
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()
    assert "第 2 行像是下面各行的标题" in noted(ledger)


def test_headings_by_the_column_that_counts_the_rows(read: Callable[..., Ledger]) -> None:
    heads: list[object] = ["序号", "项目编号", "项目名称", "实际到位"]
    rows: Rows = [["一", "青山县", _, 30], [1, "P1", "大棚", 5], ["二", _, "绿水县", 5], [1, "P2", "冷库", 5]]
    ledger = read([heads, *rows])
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()
    # With a number of its own, or with what no sum has, it is a record, however it is counted.
    ledger = read([[*heads, "已形成"], ["一", "P1", "大棚", 5, _], ["二", _, "冷库", 5, "是"], [3, "P3", "茶园", 5, _]])
    assert [one.get("项目名称") for one in values(ledger)] == ["大棚", "冷库", "茶园"]


def test_where_all_rows_are_counted_so_they_are_records(read: Callable[..., Ledger]) -> None:
    ledger = read([["序号", "项目名称", "实际到位", "带动户数"], ["一", "大棚", 5, 2], ["二", "冷库", 6, 2]])
    assert [one["项目名称"] for one in values(ledger)] == ["大棚", "冷库"] and "标题" not in noted(ledger)
    rows: Rows = [
        ["项目编号", "项目名称", "实际到位", "已形成"],
        ["一", "大棚", 5, _],
        ["二", "冷库", 6, "是"],
        ["三", "茶园", 7, _],
    ]
    assert numbers(read(rows)) == ["一", "二", "三"]
    ledger = read([["项目名称", "实际到位"], ["一、大棚", 5], ["二、冷库", 6]])
    assert [one["项目名称"] for one in values(ledger)] == ["一、大棚", "二、冷库"]


@pytest.mark.parametrize(
    "name", ["一村一品示范园", "十里铺大棚", "（二期）大棚", "第一批产业路", "三产融合园", "二、三期大棚"]
)
def test_a_name_that_begins_with_a_count_is_a_record(read: Callable[..., Ledger], name: str) -> None:
    heads: list[object] = ["项目编号", "项目名称", "所在县", "实际到位"]
    ledger = read([heads, ["P1", name, "青山县", 5], [_, name, "青山县", 6], ["P3", "大棚", "青山县", 7]])
    assert [one["实际到位"] for one in values(ledger)] == [5, 6, 7]


@pytest.mark.parametrize(
    "row", [["石门镇", _, 30, 5], ["石门镇", _, _, _], ["以上数据截至2025年9月底", _, _, _], [_, "养殖业", _, _]]
)
def test_what_may_be_a_heading_is_set_aside(read: Callable[..., Ledger], row: list[object]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "带动户数"]
    ledger = read([heads, ["P1", "大棚", 5, 5], row, ["P2", _, 5, _], ["乐安-03", _, 5, _]])
    assert numbers(ledger) == ["P1", "P2", "乐安-03"]
    assert [(problem.code, problem.cell.row, problem.cell.set_aside) for problem in ledger.problems] == [
        ("E501", 3, True)
    ]
    assert "请删去这一行" in told(ledger)


def test_an_unnumbered_name_with_amounts_alone_is_set_aside_where_others_have_more(
    read: Callable[..., Ledger],
) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "已形成"]
    ledger = read([heads, [_, "乐安镇", 12, _], ["P1", "大棚", 5, "是"], [_, "冷库", 7, "否"]])
    assert [one["项目名称"] for one in values(ledger)] == ["大棚", "冷库"]
    assert [(problem.cell.row, problem.cell.column) for problem in ledger.problems] == [(2, "B")]
    assert "第 4 行没有项目编号，照样读入了" in noted(ledger)


def test_a_heading_merged_over_number_and_name_is_told_as_one(read: Callable[..., Ledger]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位"]
    ledger = read([heads, ["石门镇", _, 30], ["P1", "大棚", 30]], ("A2:B2",))
    assert numbers(ledger) == ["P1"] and "横着合并" in told(ledger) and "写上“小计”" in told(ledger)


def test_a_sum_beneath_the_rows_of_one_project_is_no_asset(read: Callable[..., Ledger]) -> None:
    assets: Rows = [["项目编号", "资产编号", "原值"], ["P1", "A1", 5], [_, "A2", 6], [_, "小计", 11], ["P2", "小计", 0]]
    ledger = read([["项目编号"], ["P1"], ["P2"]], {"资产": ["A2:A4"]}, 资产=assets)
    assert ledger.problems == ()
    assert [one["资产"] for one in values(ledger)] == [
        [{"资产编号": "A1", "原值": 5}, {"资产编号": "A2", "原值": 6}],
        [],
    ]


# ---- what stands beneath and beside -------------------------------------------------------------------------------

FOOTERS: list[list[object]] = [
    ["填表人：张三", "审核人：李四", "填报日期：2025年9月1日"],
    ["填表人", "张三", "电话", 13_800_000_000],
    ["填报单位（盖章）：", _, "联系电话：13800000000"],
    ["单位负责人（签字）：", "李四", "填报日期：", datetime.date(2025, 9, 1)],
    ["分管领导签字：", _, _],
    ["备注", _, "金额以县财政局为准"],
    ["注：1.金额含自筹。"],
    ["2.空着的是不知道。"],
    ["（盖章）"],
    ["2025年9月30日"],
    ["以下空白"],
    ["续表"],
    ["第2页，共3页"],
    ["数据来源：县财政局"],
]


@pytest.mark.parametrize("footer", FOOTERS, ids=str)
def test_signatures_and_remarks_are_no_records(read: Callable[..., Ledger], footer: list[object]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "带动户数"]
    ledger = read([heads, ["P1", "大棚", 5, 5], footer])
    assert numbers(ledger) == ["P1"] and ledger.problems == () and "第 3 行像是说明" in noted(ledger)


def test_what_begins_like_a_remark_and_has_a_number_is_a_record(read: Callable[..., Ledger]) -> None:
    rows: Rows = [["备注", "项目编号", "项目名称"], ["说明：扩建", "P1", "大棚"], ["联系人：张三", "P2", "冷库"]]
    assert numbers(read(rows)) == ["P1", "P2"]
    assert numbers(read([["项目编号", "项目名称"], ["P1", "备注"], ["P2", "填表培训"], ["P3", "说明：扩建"]])) == [
        "P1",
        "P2",
        "P3",
    ]


def test_examples_of_filling_in_are_no_records(read: Callable[..., Ledger]) -> None:
    heads: list[object] = ["序号", "项目编号", "项目名称", "实际到位"]
    ledger = read([heads, ["例", "P000", "某某项目", 5], ["示例：", "P00", "某某项目", 5], [1, "P1", "大棚", 5]])
    assert numbers(ledger) == ["P1"] and ledger.problems == ()
    assert "第 2 行像是填写的例子" in noted(ledger) and "第 3 行像是填写的例子" in noted(ledger)
    # 示例县 may be called so where the county stands.
    assert numbers(read([["所在县", "项目编号"], ["示例", "P1"]])) == ["P1"]


def test_a_number_that_an_example_may_have_too(read: Callable[..., Ledger]) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位"]
    # Examples stand above all rows, and there are others.
    ledger = read([heads, ["例1", "某项目", 5], ["例2", "某项目", 6], ["P1", "大棚", 5]])
    assert numbers(ledger) == ["P1"]
    assert "第 2 行像是填写的例子" in noted(ledger) and "第 3 行像是填写的例子" in noted(ledger)
    assert numbers(read([heads, ["P1", "大棚", 5], ["例1", "冷库", 6], ["P2", "茶园", 5]])) == ["P1", "例1", "P2"]
    assert numbers(read([heads, ["例1", "大棚", 5], ["例2", "冷库", 6]])) == ["例1", "例2"]
    # Nobody gives a project the word alone as its number.
    assert numbers(read([heads, ["P1", "大棚", 5], ["示例", "某项目", 6]])) == ["P1"]
    counted: list[object] = ["序号", *heads]
    assert numbers(read([counted, ["例1", "P000", "某项目", 5], [1, "P1", "大棚", 5]])) == ["P1"]


OF_WHICH: list[tuple[list[object], bool]] = [
    (["其中村合作社", "大棚", 5, "是"], True),
    (["其中村-01", "大棚", 5, "是"], True),
    ([_, "其中村大棚", 5, "是"], True),
    (["其中村合作社", "大棚", 5, _], False),
    (["其中村合作社", _, 5, _], False),
    (["其中种植业", "3个", 5, _], False),
    (["其中：种植业", "大棚", 5, "是"], False),
    (["其中", "大棚", 5, "是"], False),
    (["小计", "其中村", 5, "是"], False),
    (["种植业小计", "大棚", 5, "是"], False),
]


@pytest.mark.parametrize(("row", "is_project"), OF_WHICH, ids=str)
def test_a_village_called_as_a_part_of_a_sum(read: Callable[..., Ledger], row: list[object], is_project: bool) -> None:
    heads: list[object] = ["项目编号", "项目名称", "实际到位", "已形成"]
    ledger = read([heads, ["P1", "冷库", 5, "否"], row])
    assert len(ledger.records) == 1 + is_project and ledger.problems == ()
    said = "第 3 行的“其中……”当作项目读入了，是小计的请删去这一行" if is_project else "第 3 行像是合计行，没有读入"
    assert said in noted(ledger)


# ---- merges ---------------------------------------------------------------------------------------------------------


def test_what_is_merged_over_rows_is_said_of_each(read: Callable[..., Ledger]) -> None:
    rows: Rows = [
        ["所在县", "立项年度", "已形成", "项目编号"],
        ["青山县", 2023, "是", "P1"],
        [_, _, _, "P2"],
        [_, 2024, "否", "P3"],
    ]
    ledger = read(rows, ("A2:A4", "B2:B3", "C2:C3"))
    assert ledger.problems == ()
    assert [(one["所在县"], one["立项年度"], one["已形成"]) for one in values(ledger)] == [
        ("青山县", 2023, True),
        ("青山县", 2023, True),
        ("青山县", 2024, False),
    ]
    assert "所在县（A 列）有竖着合并的格子" in noted(ledger)


@pytest.mark.parametrize("head", ["实际到位", "面积", "带动户数", "系数", "工期", "利用率"])
def test_an_amount_merged_over_rows_is_that_of_none(read: Callable[..., Ledger], head: str) -> None:
    ledger = read([["项目编号", head], ["P1", 1], ["P2", _], ["P3", 1]], ("B2:B3",))
    assert numbers(ledger) == ["P3"] and [problem.cell.row for problem in ledger.problems] == [2, 3]


def test_a_project_in_several_rows_is_not_taken_from_the_first(read: Callable[..., Ledger]) -> None:
    rows: Rows = [["项目编号", "项目名称", "实际到位"], ["P1", "大棚", 5], [_, _, 6], ["P2", "冷库", 7]]
    ledger = read(rows, ("A2:A3", "B2:B3"), 资金=[["项目编号", "金额"], ["P1", 5], ["P2", 5]])
    assert numbers(ledger) == ["P2"]
    # Its rows of other tables are known to be its own.
    assert {problem.code for problem in ledger.problems} == {"E501", "E505"}
    assert "这个编号合并了几行" in told(ledger) and "写在各自的表里" in told(ledger)


def test_a_row_of_several_lines_is_one(read: Callable[..., Ledger]) -> None:
    ledger = read([["项目编号", "项目名称"], ["P1", "大棚"], [_, _], ["P2", "冷库"]], ("B2:B3",))
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()


def test_a_row_without_its_project_keeps_that_above_waiting(read: Callable[..., Ledger]) -> None:
    # Blank may mean the same as above: the first project is not evaluated as if the row were not there.
    funds: Rows = [["项目编号", "金额"], ["P1", 5], [_, 6], [_, 7], ["P2", 8], ["P9", 9], [_, 1]]
    ledger = read([["项目编号"], ["P1"], ["P2"]], 资金=funds)
    assert numbers(ledger) == ["P2"] and held(ledger.records[0].instance)["资金"] == [{"金额": 8}]
    assert [(problem.code, problem.cell.row, problem.cell.record) for problem in ledger.problems] == [
        ("E504", 6, ""),
        ("E504", 7, ""),
        ("E504", 3, "P1"),
        ("E504", 4, "P1"),
    ]
    assert "像是和上面一行同属“P1”；空着的不按上一行算" in told(ledger)


def test_what_stands_in_no_column_makes_no_record(read: Callable[..., Ledger]) -> None:
    ledger = read([["项目编号", _, "利润"], ["P1", "甲", 5], [_, "乙", _]])
    assert numbers(ledger) == ["P1"] and "B 列没有列名，第 3 行" in noted(ledger)
    assert len(ledger.records) == 1


@pytest.mark.parametrize("whole", [60, "60", "６０"])
def test_whole_numbers_among_ratios_make_the_others_doubtful(read: Callable[..., Ledger], whole: object) -> None:
    ledger = read([["项目编号", "利用率"], ["P1", whole], ["P2", 1], ["P3", "60%"]])
    assert [one["利用率"] for one in values(ledger)] == [1, "0.6"]
    assert "如果是 60%，请连 % 一起写" in told(ledger) and "0.6 是 60%，1 是 100%" in noted(ledger)
    assert "1 是 100%" not in noted(read([["项目编号", "利用率"], ["P1", "约60%"], ["P2", 1]]))


# ---- comments, hidden columns ---------------------------------------------------------------------------------------


@pytest.fixture
def commented(tmp_path: Path, program: Program) -> Callable[[Rows, Mapping[str, str]], Ledger]:
    openpyxl = pytest.importorskip("openpyxl")

    def make(rows: Rows, comments: Mapping[str, str]) -> Ledger:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "项目"
        for row in rows:
            sheet.append(row)
        for place, text in comments.items():
            sheet[place].comment = openpyxl.comments.Comment(text, "县农业农村局")
        path = tmp_path / "台账.xlsx"
        book.save(path)
        return read_ledger(path, program)

    return make


HEAD: list[object] = ["项目编号", "实际到位", "利润", "已形成"]


@pytest.mark.parametrize("text", ["单位：元", "县农业农村局:\n单位：元", "元", "金额以元计", "请按元填写"])
def test_a_comment_on_a_head_gives_its_unit(commented: Callable[[Rows, Mapping[str, str]], Ledger], text: str) -> None:
    ledger = commented([HEAD, ["P1", 50_000, 5, "是"]], {"B1": text})
    assert ledger.problems == ()
    assert values(ledger) == [{"项目编号": "P1", "实际到位": 5, "利润": 5, "已形成": True}]
    assert "B 列）按列名上批注写的单位“元”读入" in noted(ledger)


@pytest.mark.parametrize(
    ("head", "text"), [("实际到位（万元）", "单位：元"), ("实际到位", "单位：美元"), ("实际到位", "单位：元、万元")]
)
def test_a_comment_with_a_doubtful_unit_refuses_its_column(
    commented: Callable[[Rows, Mapping[str, str]], Ledger], head: str, text: str
) -> None:
    ledger = commented([["项目编号", head], ["P1", 50_000]], {"B1": text})
    assert values(ledger) == [{"项目编号": "P1"}]
    assert [(problem.code, problem.cell.path, problem.cell.column) for problem in ledger.problems] == [
        ("E506", "实际到位", "B")
    ]


def test_a_comment_on_a_group_is_for_all_beneath_it(
    commented: Callable[[Rows, Mapping[str, str]], Ledger],
) -> None:
    rows: Rows = [["项目编号", "资金", _], [_, "实际到位", "利润"], ["P1", 50_000, 10_000]]
    ledger = commented(rows, {"B1": "单位：元"})
    assert ledger.problems == () and values(ledger) == [{"项目编号": "P1", "实际到位": 5, "利润": 1}]
    # Beside a title it is one.
    ledger = commented([["台账"], ["项目编号", "实际到位"], ["P1", 50_000]], {"A1": "单位：元"})
    assert values(ledger) == [{"项目编号": "P1", "实际到位": 5}]


def test_what_other_comments_say_is_told(commented: Callable[[Rows, Mapping[str, str]], Ledger]) -> None:
    ledger = commented([HEAD, ["P1", 5, 6, "是"]], {"B1": "含自筹资金", "C2": "为估计数", "D1": "填是/否"})
    assert ledger.problems == () and len(ledger.records) == 1
    assert "批注没有用上，请核对：B1（含自筹资金）、D1（填是/否）、C2（为估计数）" in noted(ledger)


def test_a_comment_that_gives_one_number_another_unit(
    commented: Callable[[Rows, Mapping[str, str]], Ledger],
) -> None:
    rows: Rows = [HEAD, ["P1", 50_000, _, _], ["P2", "5万元", _, _], ["P3", 5, _, _]]
    ledger = commented(rows, {"B2": "单位：元", "B3": "单位：元", "B4": "单位：万元"})
    assert numbers(ledger) == ["P2", "P3"]
    assert [(problem.code, problem.cell.row, problem.cell.column) for problem in ledger.problems] == [("E501", 2, "B")]


def test_a_hidden_column_is_read_and_told(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "项目"
    for row in (["项目编号", "实际到位", "利润"], ["P1", 5, 6]):
        book.active.append(row)
    book.active.column_dimensions["B"].hidden = True
    book.active.column_dimensions["H"].hidden = True
    path = tmp_path / "台账.xlsx"
    book.save(path)
    ledger = read_ledger(path, program)
    assert values(ledger) == [{"项目编号": "P1", "实际到位": 5, "利润": 6}]
    assert "工作表“项目”有 1 列被隐藏（B），仍然读入了" in ledger.notes


@pytest.mark.parametrize(
    "head",
    [
        "实际到位 元",
        "实际到位：元",
        "实际到位，元",
        "实际到位_元",
        "实际到位<元>",
        "实际到位〔元〕",
        "实际到位(元",
        "元 实际到位",
    ],
)
def test_units_beside_a_name_however_they_are_put(program: Program, tmp_path: Path, head: str) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(f'项目编号,"{head}"\nP1,500000\n', encoding="utf-8")
    ledger = read_ledger(path, program)
    assert ledger.problems == () and ledger.records[0].instance.values == {"项目编号": "P1", "实际到位": 500_000}


def test_a_head_that_may_be_meant_is_offered_with_its_unit(program: Program, tmp_path: Path) -> None:
    """Whoever renames a column takes the unit along: without it 500000 元 would be 500000 万元."""
    path = tmp_path / "台账.csv"
    path.write_text("项目编号,实际到位元）\nP1,500000\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    assert any("“实际到位（单位）”" in note for note in ledger.notes), ledger.notes


@pytest.mark.parametrize(
    "line", ["单位,,元,", ",,元,", "—,—,元,—", "/,/,元,/", "文本,是否,元,日期", "单位：,－,（元）,无", "*,*,元,必填"]
)
def test_lines_of_units_that_say_of_other_columns_that_they_have_none(
    program: Program, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(f"项目编号,已形成,实际到位,建成日\n{line}\nP1,是,500000,2024-05-01\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    assert ledger.problems == () and [one.identity for one in ledger.records] == ["P1"]
    assert ledger.records[0].instance.values["实际到位"] == 500_000


def test_a_project_beneath_the_heads_is_no_line_of_units(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("项目编号,已形成,实际到位\nP1,/,元\nP2,是,5\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    # P1 is a number of a project: what it says of its amount cannot be read.
    assert [one.identity for one in ledger.records] == ["P2"] and {one.cell.record for one in ledger.problems} == {"P1"}


@pytest.mark.parametrize(
    "number",
    [
        "附件1",
        "1.总投资含自筹",
        "（1）总投资含自筹",
        "截至2025年9月",
        "共 2 个项目",
        "巩固类（2个）",
        "（作废）P5",
        "P9",
    ],
)
def test_a_row_that_gives_its_number_alone_is_told(program: Program, tmp_path: Path, number: str) -> None:
    """Nobody can tell whether it is a project: it stays one, and somebody is asked to look."""
    path = tmp_path / "台账.csv"
    path.write_text(f"项目编号,实际到位,备注\nP1,5,\n{number},,\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    if ledger.records[1:]:
        assert ledger.records[1].identity == number
        assert any(
            note.endswith("第 3 行除编号外什么也没有填，仍算一个项目；不是项目的请删去") for note in ledger.notes
        )
    else:
        assert ledger.problems or any("第 3 行像是" in note for note in ledger.notes)
    alone = "项目编号\nP1\nP2\n"
    path.write_text(alone, encoding="utf-8")
    assert not any("除编号外" in note for note in read_ledger(path, program).notes)


@pytest.mark.parametrize(
    "rows",
    [
        [["项目编号", "P1", "项目名称", "甲"], ["带动户数", 5, "实际到位", 100]],
        [["项目情况表"], ["项目名称", "甲", "项目编号", "P1"], ["联系人", "张三", "实际到位", 100]],
        [["项目名称", "甲"], ["带动户数", 5], ["实际到位", 100]],
    ],
)
def test_a_form_of_one_project_is_no_table(
    rows: list[list[object]], make_workbook: Callable[..., Path], program: Program
) -> None:
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.records == ledger.set_aside == () and [one.code for one in ledger.problems] == ["E506"]
    assert "一格写名称，旁边一格写内容" in str(ledger.problems[0])


@pytest.mark.parametrize("said", ["A县", "2024年", "3月", "第2批", "2024年度"])
def test_a_sum_under_a_letter_or_a_figure_is_no_project(
    said: str, make_workbook: Callable[..., Path], program: Program
) -> None:
    rows: list[list[object]] = [["项目编号", "项目名称", "带动户数"], ["P1", "甲", 5], [said, None, 5]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert [one.identity for one in ledger.records] == ["P1"]
    assert [(one.code, one.cell.row) for one in ledger.problems] == [("E501", 3)]
    named = read_ledger(make_workbook({"项目": [*rows[:2], [said, "乙", 5]]}), program)
    assert [one.identity for one in named.records] == ["P1", said]

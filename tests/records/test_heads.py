"""Heads, units and rows of sums as office ledgers have them: what is a unit, what is a remark, what is no record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

MakeCsv = Callable[..., Path]
MakeWorkbook = Callable[[dict[str, list[list[object]]]], Path]


def told(ledger: Ledger) -> str:
    return "\n".join(str(problem) for problem in ledger.problems)


def noted(ledger: Ledger) -> str:
    return "\n".join(ledger.notes)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "合计",
            "合计：",
            "总计:",
            "小 计：",
            "A县合计：",
            "全县总计：",
            "合计（元）",
            "合计(3个)",
            "合计 3个",
            "小计3",
            "合计数",
        ),
        *(
            "【合计】",
            "—合计—",
            "合计*",
            "* 合计",
            "合计/小计",
            "总合计",
            "累计",
            "本年累计：",
            "汇总",
            "全县汇总",
            "Total",
            "total:",
        ),
        *("Sum", "SUBTOTAL", "平均", "其中：", "其中：A县", "示例县2025年度财政衔接资金帮扶产业项目合计："),
    ],
)
def test_a_row_of_sums_is_no_record(name: str, make_csv: MakeCsv, program: Program) -> None:
    for text in (
        f"项目编号,项目名称,实际到位\nP1,大棚,50\n{name},,50\n",
        f"序号,项目编号,项目名称,实际到位\n1,P1,大棚,50\n{name},,,50\n",
        f"项目编号,项目名称,实际到位\nP1,大棚,50\n,{name},50\n",
    ):
        ledger = read_ledger(make_csv(项目=text), program)
        assert [record.identity for record in ledger.records] == ["P1"] and ledger.problems == ()
        assert "第 3 行像是合计行" in noted(ledger)


@pytest.mark.parametrize("name", ["A县合计", "合  计", "小计（A县）", "A县汇总", "全省合计", "A县累计"])
@pytest.mark.parametrize("count", ["2个", "共2个", "2个项目", "2", "两个", "共 2 户"])
def test_a_row_of_sums_that_says_how_many_it_adds_up(
    name: str, count: str, make_csv: MakeCsv, program: Program
) -> None:
    table = make_csv(项目=f"所在县,项目编号,已形成,实际到位\nA县,P1,是,50\n{name},{count},,50\nB县,P3,否,5\n")
    ledger = read_ledger(table, program)
    assert [record.identity for record in ledger.records] == ["P1", "P3"] and ledger.problems == ()
    assert "第 3 行像是合计行" in noted(ledger)


@pytest.mark.parametrize("county", ["A县", "全县", ""])
@pytest.mark.parametrize("count", ["共2个", "2个项目", "以上2个", "以上 3 户"])
def test_a_row_whose_number_says_how_many_there_are(
    county: str, count: str, make_csv: MakeCsv, program: Program
) -> None:
    head = "所在县,项目编号,项目名称,已形成,实际到位\nA县,P1,大棚,是,50\n"
    ledger = read_ledger(make_csv(项目=f"{head}{county},{count},,,50\n"), program)
    assert [record.identity for record in ledger.records] == ["P1"] and "第 3 行像是合计行" in noted(ledger)
    # Where it says more than a sum does it is a row.
    ledger = read_ledger(make_csv(项目=f"{head}{county},{count},冷库,是,50\n"), program)
    assert [record.identity for record in ledger.records] == ["P1", count]


def test_numbers_that_are_counts_by_chance(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,项目名称,实际到位\n1,大棚,50\n2,,50\n三,,7\n2号,,8\n"), program)
    assert [record.identity for record in ledger.records][:2] == ["1", "2"] and "合计行" not in noted(ledger)


def test_a_merged_name_of_sums(make_workbook: MakeWorkbook, program: Program) -> None:
    import openpyxl

    path = make_workbook({"项目": [["序号", "项目编号", "实际到位"], [1, "P1", 50], ["合计：", None, 50]]})
    book = openpyxl.load_workbook(path)
    book["项目"].merge_cells("A3:B3")
    book.save(path)
    ledger = read_ledger(path, program)
    assert [record.identity for record in ledger.records] == ["P1"] and "第 3 行像是合计行" in noted(ledger)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "小计村大棚",
            "合计路冷库",
            "总部项目",
            "总计划一期",
            "小计村",
            "共计镇茶园",
            "统计设备",
            "会计培训中心",
            "设计院改造",
            "累计式光伏",
        ),
        *(
            "汇总站建设",
            "平均乡灌渠",
            "平均地力提升",
            "其它项目",
            "P-合计村-01",
            "合作社大棚",
            "总装车间",
            "小型水利",
            "Totalisator",
            "Summer01",
        ),
        *(
            "sum-01",
            "TOTAL-01",
            "资金合计系统",
            "数据汇总平台",
            "数据汇总",
            "冷库（含小计）",
            "小计一村",
            "小计沟3号",
            "合计坝（二期）",
            "计生站",
        ),
    ],
)
def test_a_name_that_begins_like_sums_is_a_record(name: str, make_csv: MakeCsv, program: Program) -> None:
    text = f"项目编号,项目名称,实际到位\n{name},大棚,50\nP2,{name},60\n,{name},70\n"
    ledger = read_ledger(make_csv(项目=text), program)
    assert [held(record.instance).get("实际到位") for record in ledger.records] == [50, 60, 70]
    assert ledger.problems == () and "合计行" not in noted(ledger)
    # It has no number, and may be no project.
    assert "第 4 行没有项目编号，照样读入了" in noted(ledger)


def test_what_has_a_number_is_a_record_whatever_it_is_called(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,项目名称,实际到位\nP1,合计：,50\nP2,其中：,60\n"), program)
    assert [record.identity for record in ledger.records] == ["P1", "P2"]


YUAN = [
    *(
        "（元）",
        "(含自筹，元)",
        "（元）（含自筹）",
        "（累计）（元）",
        "（单位：元）",
        "（人民币元）",
        "(yuan)",
        "（RMB元）",
        "（以元计）",
        "/元",
    ),
    *("（币种：人民币，单位：元）", "（元、累计）", "【元】", "（元人民币）"),
]


@pytest.mark.parametrize("remark", YUAN)
def test_a_unit_among_the_words_of_a_head_is_applied(
    remark: str, make_workbook: MakeWorkbook, program: Program
) -> None:
    rows: list[list[object]] = [["项目编号", f"实际到位{remark}"], ["P1", 500_000]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.problems == () and held(ledger.records[0].instance) == {"项目编号": "P1", "实际到位": 50}


NO_UNIT = [
    *(
        "（RMB）",
        "（CNY）",
        "（¥）",
        "（￥）",
        "（$）",
        "（w）",
        "（k）",
        "（人民币）",
        "（美元）",
        "（USD）",
        "（港币）",
        "（千）",
        "（百万）",
        "（角）",
    ),
    *("（元、万元）", "（含自筹，美元）", "（×10000）", "（元/亩）", "（亩）", "（美金）", "（EPC）"),
]


@pytest.mark.parametrize("remark", NO_UNIT)
def test_what_may_be_a_unit_and_is_not_known_is_refused(
    remark: str, make_workbook: MakeWorkbook, program: Program
) -> None:
    rows: list[list[object]] = [["项目编号", f"实际到位{remark}"], ["P1", 500_000]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert held(ledger.records[0].instance) == {"项目编号": "P1"}
    assert [(problem.code, problem.cell.path, problem.cell.column) for problem in ledger.problems] == [
        ("E506", "实际到位", "B")
    ]
    assert "这一列没有读入" in told(ledger)


@pytest.mark.parametrize("remark", ["（人）", "（户、人）", "（人次）", "(家)", "/人", "（单位：人）"])
def test_so_many_people_are_not_so_many_households(remark: str, make_workbook: MakeWorkbook, program: Program) -> None:
    ledger = read_ledger(make_workbook({"项目": [["项目编号", f"带动户数{remark}"], ["P1", 5]]}), program)
    assert held(ledger.records[0].instance) == {"项目编号": "P1"}
    assert [(problem.code, problem.cell.path) for problem in ledger.problems] == [("E506", "带动户数")]


@pytest.mark.parametrize(
    "remark", ["（户）", "（户数）", "/户", "（单位：户数）", "（含监测户）", "（户，不含监测户）", "（包括易返贫户）"]
)
def test_households_by_another_word_are_read(remark: str, make_workbook: MakeWorkbook, program: Program) -> None:
    ledger = read_ledger(make_workbook({"项目": [["项目编号", f"带动户数{remark}"], ["P1", 5]]}), program)
    assert ledger.problems == () and held(ledger.records[0].instance) == {"项目编号": "P1", "带动户数": 5}
    assert ("请核对是不是同一项" in noted(ledger)) is ("含" in remark or "包括" in remark)


@pytest.mark.parametrize(
    ("remark", "read"), [("人", 5), ("人数", 5), ("名", 5), ("人口", 5), ("人次", None), ("户", None)]
)
def test_people_by_another_word_are_read(remark: str, read: int | None, make_workbook: MakeWorkbook) -> None:
    program = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 务工人数（workers）：整数（人）\n"
        "提示 甲\n  当 务工人数 > 3 人\n  说 “大”\n"
    ).program
    ledger = read_ledger(make_workbook({"项目": [["编号", f"务工人数（{remark}）"], ["P1", 5]]}), program)
    assert ledger.records[0].instance.values.get("务工人数") == read
    # Who has counted turns of work is not told to call them people.
    assert [problem.expected for problem in ledger.problems] == (
        [] if read else [f"列名的单位“{remark}”不能换算成务工人数的单位（人），这一列没有读入"]
    )


def test_the_nearest_of_two_fields_is_proposed(make_workbook: MakeWorkbook) -> None:
    program = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 带动户数（all）：整数（户）\n  字段 带动脱贫户（poor）：整数（户）\n"
        "提示 甲\n  当 带动脱贫户 > 3 户\n  说 “大”\n"
    ).program
    ledger = read_ledger(make_workbook({"项目": [["编号", "带动脱贫户数（户）"], ["P1", 5]]}), program)
    noted = "\n".join(ledger.notes)
    assert "请把列名改成“带动脱贫户”" in noted and "改成“带动户数”" not in noted


@pytest.mark.parametrize(
    ("head", "value"),
    [
        *(
            (f"实际到位{remark}", ("实际到位", 5))
            for remark in ("", "（必填）", "（选填）", "（见说明）", "（万元）", "（必填，万元）")
        ),
        *(
            (f"实际到位{remark}", ("实际到位", 5))
            for remark in ("（含自筹）", "（累计）", "（2025年）", "（截至9月底）", "（1-9月）")
        ),
        *(
            (f"实际到位{remark}", ("实际到位", 5))
            for remark in ("（合同价）", "（不含税）", "（actual_wan）", "（actual）", "（部分）")
        ),
        *(
            (f"实际到位{remark}", ("实际到位", 5))
            for remark in ("（3=1+2）", "（A）", "（①）", "（多元投入）", "（货币资金）", "（required）")
        ),
        *(
            (f"*实际到位{remark}", ("实际到位", 5))
            for remark in ("（第一批）", "（财政、自筹）", "（十四五期间）", "（县级）", "（人民币万元）")
        ),
        ("带动户数（户）", ("带动户数", 5)),
        ("带动户数（必填）", ("带动户数", 5)),
        ("带动户数（个）", ("带动户数", 5)),
        ("面积（公顷）", ("面积", 5)),
        ("系数（分）", ("系数", 5)),
        ("工期（个月）", ("工期", 5)),
        ("缓冲期（天）", ("缓冲期", 5)),
    ],
)
def test_heads_of_ordinary_ledgers(
    head: str, value: tuple[str, int], make_workbook: MakeWorkbook, program: Program
) -> None:
    ledger = read_ledger(make_workbook({"项目": [["项目编号", head], ["P1", 5]]}), program)
    found = {name: str(one) for name, one in held(ledger.records[0].instance).items()}
    assert ledger.problems == () and found == {"项目编号": "P1", value[0]: str(value[1])}


@pytest.mark.parametrize(
    "title",
    [
        *(
            "单位：元",
            "金额以元计",
            "金额均按元填写",
            "示例县台账 单位元",
            "元",
            "（元）",
            "单位：RMB元",
            "单位均为元",
            "请以元为单位填报",
        ),
        "计量单位 元",
    ],
)
def test_a_title_that_says_a_unit(title: str, make_workbook: MakeWorkbook, program: Program) -> None:
    rows: list[list[object]] = [["台账", title], ["项目编号", "实际到位", "面积"], ["P1", 500_000, 3]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.problems == () and held(ledger.records[0].instance) == {"项目编号": "P1", "实际到位": 50, "面积": 3}


@pytest.mark.parametrize("title", ["单位：角", "单位：美元", "单位：人民币", "单位：RMB"])
def test_a_title_with_a_unit_that_is_not_known(title: str, make_workbook: MakeWorkbook, program: Program) -> None:
    rows: list[list[object]] = [["台账", title], ["项目编号", "实际到位"], ["P1", 500_000]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.records == () and "这张表没有读入" in told(ledger)


@pytest.mark.parametrize(
    "title", ["填报单位：元阳县", "建设单位元", "按亩计补资金表", "万元户帮扶台账", "单位：青山县农业农村局"]
)
def test_titles_that_say_no_unit(title: str, make_workbook: MakeWorkbook, program: Program) -> None:
    rows: list[list[object]] = [[title], ["项目编号", "实际到位"], ["P1", 5]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.problems == () and held(ledger.records[0].instance) == {"项目编号": "P1", "实际到位": 5}


@pytest.mark.parametrize("head", ["单位", "计量单位", "金额单位", "实际到位单位"])
def test_a_column_that_says_the_unit_row_by_row(head: str, make_workbook: MakeWorkbook, program: Program) -> None:
    rows: list[list[object]] = [["项目编号", "实际到位", head], ["P1", 50, "万元"], ["P2", 500_000, "元"]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert ledger.records == ()
    assert [(problem.code, problem.cell.row, problem.cell.column) for problem in ledger.problems][:1] == [
        ("E506", 3, "C")
    ]
    # What it says of all rows is what is read, or no unit of theirs.
    for cells in (["万元", "万元"], ["台", "亩"], ["农业农村局", "水利局"]):
        rows = [["项目编号", "实际到位", head], ["P1", 50, cells[0]], ["P2", 60, cells[1]]]
        ledger = read_ledger(make_workbook({"项目": rows}), program)
        assert ledger.problems == () and [held(one.instance)["实际到位"] for one in ledger.records] == [50, 60]


# ---- two lines of heads ---------------------------------------------------------------------------------------------

_UPPER: list[object] = ["项目编号", "已形成", "投资（元）", None]
_LOWER: list[object] = [None, None, "实际到位", "利润"]
_ROW: list[object] = ["P1", "是", 500_000, 20_000]
_READ = {"项目编号": "P1", "已形成": True, "实际到位": 50, "利润": 2}


@pytest.mark.parametrize("merged", [(), ("C1:D1",), ("A1:A2", "B1:B2", "C1:D1")])
def test_names_beneath_a_group_of_columns(
    merged: tuple[str, ...], make_workbook: MakeWorkbook, program: Program
) -> None:
    import openpyxl

    path = make_workbook({"项目": [["示例县台账"], *([_UPPER, _LOWER, _ROW])]})
    book = openpyxl.load_workbook(path)
    for area in merged:
        book["项目"].merge_cells(":".join(f"{corner[0]}{int(corner[1]) + 1}" for corner in area.split(":")))
    book.save(path)
    ledger = read_ledger(path, program)
    assert ledger.problems == () and [held(record.instance) for record in ledger.records] == [_READ]
    assert "表头有两行（第 2、3 行）" in noted(ledger)


def test_more_names_in_the_lower_line(make_csv: MakeCsv, program: Program) -> None:
    text = "项目编号,投资（元）,,成效,\n,实际到位,利润（万元）,带动户数,备注\nP1,500000,2,12,好\n"
    ledger = read_ledger(make_csv(项目=text), program)
    assert ledger.problems == ()
    assert [held(record.instance) for record in ledger.records] == [
        {"项目编号": "P1", "实际到位": 50, "利润": 2, "带动户数": 12}
    ]


def test_a_row_beneath_the_heads_is_no_head(make_csv: MakeCsv, program: Program) -> None:
    # The cells of a record may be called like columns, one without a number too.
    text = "项目编号,项目名称,项目类型,备注\nP1,利润,实际到位,面积\n,利润,实际到位,面积\n,利润,,面积\n"
    ledger = read_ledger(make_csv(项目=text), program)
    assert [held(record.instance).get("项目名称") for record in ledger.records] == ["利润"] * 3
    assert "表头有两行" not in noted(ledger)


@pytest.mark.parametrize(
    ("rows", "merged", "money", "unused"),
    [
        (
            [["项目编号", "实际到位", "其中", None], [None, None, "财政", "自筹"], ["P1", 5, 3, 2]],
            ("A1:A2", "B1:B2", "C1:D1"),
            50000,
            ("财政", "自筹"),
        ),
        (
            [["项目编号", "资金情况", None], [None, "合计", "其中：自筹"], ["P1", 5, 3]],
            ("A1:A2", "B1:C1"),
            None,
            ("合计", "其中：自筹"),
        ),
    ],
)
def test_parts_beneath_a_group_beside_a_head_that_goes_down_to_them(
    rows: list[list[object]],
    merged: tuple[str, ...],
    money: int | None,
    unused: tuple[str, ...],
    make_workbook: MakeWorkbook,
    program: Program,
) -> None:
    """The line of 财政 and 自筹, or of 合计, is one of heads, though no name in it is known: 项目编号 is merged down to it."""
    import openpyxl

    path = make_workbook({"项目": rows})
    book = openpyxl.load_workbook(path)
    for area in merged:
        book["项目"].merge_cells(area)
    book.save(path)
    ledger = read_ledger(path, program)
    assert [record.identity for record in ledger.records] == ["P1"] and ledger.problems == ()
    assert ledger.records[0].instance.values.get("实际到位") == money
    assert all(f"“{name}”" in noted(ledger) for name in unused) and "合计行" not in noted(ledger)

"""Workbooks for a few decisions: every column they can depend on, no other, first columns in view, groups in colours."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from policyrules.cli import run
from policyrules.engine.instances import Instance
from policyrules.policy import load
from policyrules.program.graph import definitions, inputs
from policyrules.records.templates import write_template
from policyrules.testing.build import policy_from_text, write_layers

ROOT = Path(__file__).parents[2]
RULES = """\
对象 县（county） 标识 县名
  字段 县名（county_name）：文本
  字段 重点县（key_county）：是否
对象 项目（project） 属于 县 标识 编号
  字段 别的（other）：是否 分组 经营
  字段 经术语（by_term）：是否 分组 经营
  字段 编号（project_id）：文本 分组 基本
  字段 项目名称（project_name）：文本 分组 基本
  字段 所在县（county_of）：文本 分组 基本
  字段 被推定（presumed）：是否 分组 研判
  字段 推定依据（presumed_from）：是否
  字段 统计项（counted）：是否 分组 经营
  字段 同类（same）：文本 分组 经营
  字段 适用项（applies）：是否
  字段 先后项（ranked）：是否
  字段 问填没填（filled）：日期 分组 研判
  字段 被当作日（as_day）：日期 分组 研判
对象 资金 属于 项目
  字段 金额（amount）：金额（万元）
  字段 用途（purpose）：文本
对象 明细 属于 资金
  字段 数量（count）：整数（个）
对象 问题 属于 项目
  字段 内容（text）：文本
参数 上限（most）：整数（个） = 5 个
术语 术语甲
  即 经术语
统计 同类数
  计数 项目
  相同 同类
  其中 统计项
推定 推定甲
  当 推定依据 则 被推定 为 是
决定 分类（category）：单选 { 甲、乙 }
  适用 当 适用项
  先后 甲、乙 仅当 先后项
规则 甲类
  当 术语甲 且 被推定 且 同类数 ≥ 上限
  则 分类 为 甲
规则 乙类
  当 问填没填 已填 且 合计 资金.金额 ≥ 5 万元
  则 分类 为 乙
决定 另一个（another）：单选 { 甲、乙 }
规则 另一类
  当 别的 且 重点县 且 任一 资金 满足（任一 明细 满足（数量 > 3 个））
  则 另一个 为 甲
义务 按期
  应当 被当作日 ≤ 2025年1月1日
  期限 2025年1月1日
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_layers(tmp_path, RULES)


def sheets(folder: Path, *options: str) -> dict[str, Any]:
    path = folder / "模板.xlsx"
    assert run(["template", str(folder), "-o", str(path), "--force", *options]) == 0
    return {sheet.title: sheet for sheet in openpyxl.load_workbook(path)}


def head(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[1]]


def test_only_what_a_decision_can_depend_on(folder: Path) -> None:
    found = sheets(folder, "--only", "分类")
    assert list(found) == ["填写说明", "项目", "资金", "选项"]
    assert head(found["项目"]) == [
        "编号",
        "项目名称",
        "推定依据",
        "适用项",
        "先后项",
        "经术语",
        "统计项",
        "同类",
        "所在县",
        "被推定",
        "问填没填",
    ]
    assert head(found["资金"]) == ["编号", "金额（万元）"]


def test_rows_of_rows_and_the_county_come_where_they_are_read(folder: Path) -> None:
    found = sheets(folder, "--only", "another")
    assert list(found) == ["填写说明", "项目", "资金", "明细", "县", "选项"]
    assert head(found["项目"]) == ["编号", "项目名称", "别的", "所在县"]
    assert head(found["县"]) == ["县名", "重点县"]
    assert head(found["明细"])[-1] == "数量（个）"


def test_several_at_once_and_a_duty(folder: Path) -> None:
    both = head(sheets(folder, "--only", "另一个、按期")["项目"])
    assert both == head(sheets(folder, "--only", "另一个", "--only", "按期")["项目"])
    assert set(both) == {"编号", "项目名称", "别的", "所在县", "被当作日"}


def test_a_name_nobody_declares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", str(folder), "-o", str(folder / "a.xlsx"), "--only", "分级"]) == 2
    assert "没有叫“分级”的决定" in capsys.readouterr().err


def test_the_first_columns_stay_in_view_and_groups_have_colours(folder: Path) -> None:
    small = sheets(folder, "--only", "分类")
    assert small["项目"].freeze_panes == "C2" and small["资金"].freeze_panes == "B2"
    full = sheets(folder)
    assert full["项目"].freeze_panes == "D2", "编号 is the third column there, 项目名称 the fourth"
    colours = {cell.value: cell.fill.fgColor.rgb for cell in small["项目"][1]}
    groups = [
        {"推定依据", "适用项", "先后项"},
        {"经术语", "统计项", "同类"},
        {"编号", "项目名称", "所在县"},
        {"被推定", "问填没填"},
    ]
    assert [len({colours[name] for name in group}) for group in groups] == [1, 1, 1, 1]
    assert len({colours[next(iter(sorted(group)))] for group in groups}) == 4


def test_the_whole_template_keeps_its_columns(folder: Path) -> None:
    full = sheets(folder)
    assert list(full) == ["填写说明", "项目", "资金", "明细", "问题", "县", "选项"]
    declared = policy_from_text(RULES).program.fields["项目"]
    assert head(full["项目"]) == list(declared)


def test_the_guide_is_there_to_be_read_and_printed(folder: Path) -> None:
    sheets(folder)
    guide = openpyxl.load_workbook(folder / "模板.xlsx")["填写说明"]
    assert guide.print_title_rows == "$1:$1" and guide.page_setup.orientation == "landscape"
    assert guide.sheet_properties.pageSetUpPr.fitToPage and guide.page_setup.fitToHeight == 0
    # What is to be known stands in the narrow first column, in several lines, all of which are seen.
    assert guide.column_dimensions["A"].width == 36
    assert all(guide.row_dimensions[row].height >= 30 for row in range(2, 7))


def test_it_reads_back(folder: Path) -> None:
    path = folder / "模板.xlsx"
    sheets(folder, "--only", "分类")
    book = openpyxl.load_workbook(path)
    values = {
        "编号": "一",
        "适用项": "是",
        "先后项": "否",
        "经术语": "否",
        "问填没填": datetime.date(2025, 1, 1),
        "所在县": "青山县",
    }
    book["项目"].append([values.get(name) for name in head(book["项目"])])
    book["资金"].append(["一", 6])
    book.save(path)
    policy = load(folder)
    ledger = policy.read(path)
    assert ledger.problems == () and ledger.notes == ()
    assert policy.evaluate(ledger.records[0])["分类"].text == "乙"


def without(instance: Instance, kept: set[tuple[str, str]]) -> Instance:
    """The instance and its rows with the values of ``kept`` fields only."""
    told = Instance(instance.object, parent=instance.parent, path=instance.path)
    told.identity = instance.identity
    told.values.update({name: value for name, value in instance.values.items() if (instance.object, name) in kept})
    for child, rows in instance.rows.items():
        told.rows[child] = [without(row, kept) for row in rows]
        for row in told.rows[child]:
            row.parent = told
    return told


def test_nothing_that_matters_is_left_out(tmp_path: Path) -> None:
    policy = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))
    made = [sys.executable, str(ROOT / "examples" / "ledger" / "generate.py"), str(tmp_path / "台账.xlsx")]
    subprocess.run([*made, "--projects", "40"], check=True, capture_output=True)
    ledger = policy.read(tmp_path / "台账.xlsx")
    assert len(ledger.records) >= 30
    graph = definitions(policy.program)
    for name in ("分类", "入库意见"):
        fields, _ = inputs(graph, [name])
        kept = {(field.object, field.name) for field in fields}
        assert len(kept) < sum(map(len, policy.program.fields.values())) / 2
        for record in ledger.records:
            if record.instance.problems:
                continue
            whole = policy.evaluate(record.instance)[name]
            less = policy.evaluate(without(record.instance, kept))[name]
            assert (less.text, less.status) == (whole.text, whole.status), (name, record.identity)


def test_the_same_program_gives_the_same_bytes(tmp_path: Path) -> None:
    program = policy_from_text(RULES).program
    for name in ("甲.xlsx", "乙.xlsx"):
        write_template(tmp_path / name, program, ["分类"])
    assert (tmp_path / "甲.xlsx").read_bytes() == (tmp_path / "乙.xlsx").read_bytes()

"""Formats: encodings and delimiters of CSV, JSON and JSON lines, workbooks; mutated files never raise."""

from __future__ import annotations

import datetime
import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.sample import held

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Program
from policyrules.records import json_files
from policyrules.records.cells import UnreadableCell
from policyrules.records.csv_files import decode, table_of
from policyrules.records.export import write_ledger
from policyrules.records.heads import MergedCell
from policyrules.records.joins import read_tables
from policyrules.records.json_files import read_json
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger
from policyrules.records.workbook import MissingExcel, SheetPlan, read_workbook, workbook_bytes
from policyrules.testing.build import policy_from_text

MakeWorkbook = Callable[..., Path]


def told(ledger: Ledger) -> str:
    return "\n".join(str(problem) for problem in ledger.problems)


def values(ledger: Ledger, program: Program) -> list[dict[str, object]]:
    return [dict(record.instance.values) for record in ledger.records]


# ---- CSV ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "；"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_as_excel_and_wps_write_it(
    tmp_path: Path, program: Program, encoding: str, delimiter: str, line_end: str
) -> None:
    rows = [
        ["项目编号", "项目名称", "已形成", "实际到位（万元）"],
        ["P1", '"大棚，一期"', "是", '"1,300.5"'],
        ["P2", "冷库", "", ""],
    ]
    path = tmp_path / "台账.csv"
    path.write_bytes(line_end.join(delimiter.join(row) for row in rows).encode(encoding))
    ledger = read_ledger(path, program)
    assert ledger.problems == ()
    first, second = values(ledger, program)
    assert first == {"项目编号": "P1", "项目名称": "大棚，一期", "已形成": True, "实际到位": 13_005_000}
    assert second == {"项目编号": "P2", "项目名称": "冷库"}


def test_quotes_line_ends_and_the_row_a_spreadsheet_shows(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "项目.csv"
    path.write_text('项目编号,项目名称,已形成\n="001","大棚\n一期",是\nP2,"说""好""",也许\n', encoding="utf-8")
    ledger = read_ledger(path, program)
    assert values(ledger, program) == [{"项目编号": "001", "项目名称": "大棚\n一期", "已形成": True}]
    assert ledger.problems[0].cell.row == 3 and ledger.problems[0].cell.column == "C"


def test_the_line_that_tells_excel_the_delimiter(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "项目.csv"
    path.write_text("sep=;\n项目编号;实际到位\nP1;5,5\n", encoding="utf-8")
    assert read_ledger(path, program).problems[0].cell.row == 3


def test_bytes_of_no_encoding() -> None:
    found = decode("项目编号\n".encode() + b"\xff\x00\xff", "a.csv")
    assert isinstance(found, Diagnostic) and found.cell.row == 2 and "CSV UTF-8" in found.expected


@pytest.mark.parametrize("name", ["没有.csv", "没有.json", "没有.xlsx", "台账.xls", "台账.et", "台账.doc", "台账"])
def test_files_that_cannot_be_read(tmp_path: Path, program: Program, name: str) -> None:
    ledger = read_ledger(tmp_path / name, program)
    assert ledger.records == () and [problem.code for problem in ledger.problems] == ["E507"]


def test_an_empty_folder(tmp_path: Path, program: Program) -> None:
    assert "没有 CSV 文件" in told(read_ledger(tmp_path, program))


# ---- JSON -----------------------------------------------------------------------------------------------------------


def write_json(folder: Path, content: object, name: str = "台账.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_list_of_records(tmp_path: Path, program: Program) -> None:
    path = write_json(tmp_path, [{"project_id": "P1", "formed": True}, {"项目编号": "P2", "formed": "也许"}, 5])
    ledger = read_ledger(path, program)
    assert [held(record.instance) for record in ledger.records] == [{"项目编号": "P1", "已形成": True}]
    assert [(problem.cell.row, problem.cell.path) for problem in ledger.problems] == [(2, "已形成"), (3, "项目")]
    assert held(ledger.set_aside[0].instance) == {"项目编号": "P2"} and ledger.set_aside[0].identity == "P2"


def test_numbers_of_json_are_exact(tmp_path: Path, program: Program) -> None:
    path = write_json(
        tmp_path, '[{"实际到位": 0.1, "系数": 0.30000000000000000001, "项目编号": 900719925474099312345}]'
    )
    (found,) = values(read_ledger(path, program), program)
    assert found["实际到位"] == 1000 and found["系数"] == Fraction("0.30000000000000000001")
    assert found["项目编号"] == "900719925474099312345"


def test_projects_with_their_county(tmp_path: Path, program: Program) -> None:
    document = {
        "项目": [{"项目编号": "P1"}, {"项目编号": "P2", "county_context": {"县名": "乙县"}}],
        "县": {"县名": "甲县", "type_counts": []},
        "项木": 1,
    }
    ledger = read_ledger(write_json(tmp_path, document), program)
    assert [held(record.instance).get("县") for record in ledger.records] == [
        {"县名": "甲县", "类型统计": []},
        {"县名": "乙县"},
    ]
    assert "“项木”没有用上" in ledger.notes[0]
    several = {
        "project": [{"项目编号": "P1", "所在县": "乙县"}, {"项目编号": "P2"}],
        "县": [{"县名": "甲县"}, {"县名": "乙县"}],
    }
    ledger = read_ledger(write_json(tmp_path, several), program)
    assert [held(record.instance).get("县") for record in ledger.records] == [{"县名": "乙县"}, None]
    assert len(ledger.notes) == 1


def test_one_record_alone_and_json_lines(tmp_path: Path, program: Program) -> None:
    assert len(read_ledger(write_json(tmp_path, {"project_id": "P1"}), program).records) == 1
    path = write_json(tmp_path, '{"项目编号": "P1"}\n\n{"项目编号": 坏\n{"项目编号": "P2"}\n', "台账.jsonl")
    ledger = read_ledger(path, program)
    assert [(record.identity, record.row) for record in ledger.records] == [("P1", 1), ("P2", 4)]
    assert [(problem.code, problem.cell.row) for problem in ledger.problems] == [("E507", 3)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E507"),
        ("[{]", "E507"),
        ("[" * 100_000, "E507"),
        ('"文字"', "E502"),
        ('[{"实际到位": NaN}]', "E501"),
        ('[{"实际到位": Infinity}]', "E501"),
        ('[{"实际到位": ' + "9" * 5000 + "}]", "E501"),
        ('[{"实际到位": 1e999999}]', "E501"),
        ('[{"formed": true, "formed": false}]', "E503"),
        ('[{"资金": [{"金额": 1, "金额": 2}]}]', "E503"),
        ('[{"项目编号": "P1"}, {"project_id": "Ｐ１"}]', "E505"),
    ],
)
def test_what_json_cannot_say(program: Program, text: str, code: str) -> None:
    ledger = read_json(text, "台账.json", program)
    assert [problem.code for problem in ledger.problems] == [code]


# ---- workbooks ------------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook(make_workbook: MakeWorkbook, program: Program) -> None:
    pytest.importorskip("openpyxl")
    header = [
        "项目编号",
        "建成日",
        "实际到位（万元）",
        "利用率",
        "已形成",
        "系数",
        "立项年度",
        "困难成因",
        "利润（元）",
    ]
    row = [
        1001,
        datetime.datetime(2025, 9, 15),
        0.1 + 0.2,
        0.6,
        True,
        330.00000000000006,
        2025,
        "其他、市场行情变化",
        12.5,
    ]
    path = make_workbook({"项目": [["甲县台账"], [], header, row, ["P2", 45915, "３００", "60%", "√"]]})
    ledger = read_ledger(path, program)
    assert ledger.problems == () and ledger.notes == ()
    first, second = values(ledger, program)
    assert first == {
        "项目编号": "1001",
        "建成日": datetime.date(2025, 9, 15),
        "实际到位": 3000,
        "利用率": Fraction(3, 5),
        "已形成": True,
        "系数": 330,
        "立项年度": 2025,
        "困难成因": frozenset({"其他", "市场行情变化"}),
        "利润": Fraction(25, 2),
    }
    assert second["建成日"] == datetime.date(2025, 9, 15) and second["实际到位"] == 3_000_000
    assert ledger.records[0].row == 4 and ledger.records[0].file == "台账.xlsx"


def test_percent_formats_show_what_is_meant(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    sheet.append(["项目编号", "利用率（%）", "实际到位"])
    sheet.append(["P1", 0.615, 5])
    sheet["B2"].number_format = "0.0%"
    sheet.append(["P2", 0.6, 3_000_000])
    sheet["C3"].number_format = '0!.0,"万"'
    path = tmp_path / "a.xlsx"
    book.save(path)
    ledger = read_ledger(path, program)
    assert values(ledger, program)[0]["利用率"] == Fraction("0.615")
    assert "分不清是百分之几还是小数" in told(ledger) and "差一万倍" in told(ledger)


def test_error_cells_and_formulas_without_result(make_workbook: MakeWorkbook, program: Program) -> None:
    rows: list[list[object]] = [
        ["项目编号", "实际到位", "项目名称"],
        ["P1", "=1+2", "甲"],
        ["P2", "#N/A", "乙"],
        ["P3", 5, "丙"],
    ]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert [record.identity for record in ledger.records] == ["P3"]
    assert [(problem.cell.row, problem.cell.column, problem.cell.value) for problem in ledger.problems] == [
        (2, "B", "=1+2"),
        (3, "B", "#N/A"),
    ]
    assert "公式还没有算出结果" in told(ledger) and "报错" in told(ledger)


def test_merged_cells(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    for row in (
        ["甲县台账", None, None],
        ["项目编号", "资金", None],
        [None, "实际到位", "利润"],
        ["P1", 5, 1],
        ["P2", 6, 2],
    ):
        sheet.append(row)
    for area in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    sheet.append(["备注：金额为万元", None, None])
    sheet.merge_cells("A6:C6")
    funds = book.create_sheet("资金")
    for row in (
        ["项目编号", "资金来源", "金额"],
        ["P1", "衔接资金", 5],
        [None, "其他", 6],
        ["P2", "其他", 7],
        [None, "衔接资金", None],
    ):
        funds.append(row)
    for area in ("A2:A3", "A4:A5", "C4:C5"):
        funds.merge_cells(area)
    path = tmp_path / "a.xlsx"
    book.save(path)
    ledger = read_ledger(path, program)
    (record,) = ledger.records
    assert record.identity == "P1" and held(record.instance)["利润"] == 1
    assert held(record.instance)["资金"] == [{"资金来源": "衔接资金", "金额": 5}, {"资金来源": "其他", "金额": 6}]
    assert [(problem.cell.sheet, problem.cell.row, problem.cell.column) for problem in ledger.problems] == [
        ("资金", 4, "C"),
        ("资金", 5, "C"),
    ]
    assert "请拆开" in told(ledger) and any("像是说明" in note for note in ledger.notes)


ODD_CELLS = """
<row r="2" hidden="1"><c r="A2" t="inlineStr"><is><r><t>P</t></r><r><rPr/><t>2</t></r><rPh sb="0" eb="1"><t>pi</t></rPh></is></c>
  <c r="B2"><f t="shared" ref="B2:B4" si="0">C2+1</f><v>4</v></c><c r="D2" t="d"><v>2025-03-04</v></c></row>
<row><c t="s"><v>1</v></c><c t="str"><f>A1</f><v></v></c></row>
<row r="4"><c r="A4" t="str"><f>1</f><v>P4</v></c><c r="B4"><f t="shared" si="0"/></c><c r="C4" t="b"><v>0</v></c>
  <c r="D4" t="e"><v>#DIV/0!</v></c></row>
<row r="5"><c r="A5" t="str"><v>P5</v></c><c r="B5"><f t="array" ref="B5">SUM(A1)</f></c><c r="C5"><v></v></c>
  <c r="D5" t="d"><v>12:30:00</v></c></row>
<row r="6"><c r="A6" t="s"><v>0</v></c><c r="B6"><v>1E3</v></c><c r="ALM6"><v>1</v></c><c r="C6"/></row>
"""


def test_cells_as_other_software_writes_them(tmp_path: Path) -> None:
    """Texts in parts and shared, formulas shared and without result, dates as texts, cells without an address."""
    content = workbook_bytes([SheetPlan("项目", ("编号", "数", "是", "日"), [])])
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub("</row>.*</sheetData>", f"</row>{ODD_CELLS}</sheetData>", text, flags=re.DOTALL)
                text = text.replace("</sheetData>", '</sheetData><mergeCells><mergeCell ref="A5:A6"/></mergeCells>')
            elif name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
                text = text.replace("</Types>", f"{part}</Types>")
            target.writestr(name, text)
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        target.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="{main}"><si><t>共</t></si><si><r><t>P</t></r><r><t>3</t></r></si></sst>',
        )
    ((table,), problems, notes) = read_workbook(path, "a.xlsx")
    assert problems == () and notes == ("工作表“项目”有 1 行被隐藏或筛掉，仍然读入了",)
    shown = [
        (number, tuple(cell.shown if isinstance(cell, UnreadableCell) else cell for cell in cells))
        for number, cells in table.rows
    ]
    upper, under = (MergedCell("P5", True, first_row, tall=True) for first_row in (True, False))
    assert shown[1:] == [
        (2, ("P2", 4, None, datetime.date(2025, 3, 4))),
        (3, ("P3",)),
        (4, ("P4", "=C4+1", False, "#DIV/0!")),
        (5, (upper, "=SUM(A1)", None, "12:30:00")),
        (6, (under, 1000, *[None] * 998, 1)),
    ]


def test_hidden_and_unknown_sheets_are_noted(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    for row in (["项目编号", "项目名称", "已形成"], ["P1", "大棚", "是"], ["P2", "冷库", "否"]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    hidden = book.create_sheet("资金")
    hidden.append(["项目编号", "金额"])
    hidden.sheet_state = "hidden"
    book.create_sheet("通讯录").append(["姓名"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    ledger = read_ledger(path, program)
    notes = "\n".join(ledger.notes)
    assert [record.identity for record in ledger.records] == ["P1", "P2"] and "资金" not in ledger.records[
        0
    ].instance.rows
    assert (
        "按表头把“Sheet1”当作项目表" in notes
        and "“资金”是隐藏的" in notes
        and "通讯录" in notes
        and "1 行被隐藏" in notes
    )


def test_a_sheet_formatted_to_its_last_row_is_read_at_once(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "项目"
    book.active.append(["项目编号"])
    book.active.append(["P1"])
    book.active.cell(1_048_576, 16_384).number_format = "0.00"
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert [record.identity for record in read_ledger(path, program).records] == ["P1"]


def test_the_1904_calendar(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.title = "项目"
    book.active.append(["项目编号", "建成日"])
    book.active.append(["P1", 45915 - 1462])
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert values(read_ledger(path, program), program)[0]["建成日"] == datetime.date(2025, 9, 15)


def test_files_that_only_look_like_workbooks(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "a.xlsx"
    for data in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "项目编号\nP1\n".encode()):
        path.write_bytes(data)
        ledger = read_ledger(path, program)
        assert ledger.records == () and [problem.code for problem in ledger.problems] == ["E507"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    path.write_bytes(buffer.getvalue())
    assert "实体声明" in told(read_ledger(path, program))


# ---- mutations ------------------------------------------------------------------------------------------------------

CSV_TEXT = '项目编号,已形成,实际到位（万元）,建成日,所在县\nP1,是,300,2025-09-15,甲县\nP2,否,"1,300",2024年1月1日,\n'
cell_texts = st.one_of(
    st.text(max_size=8), st.sampled_from(["是", "P1", "300万元", "项目编号", "合计", "-", '"', "\n", ";", "\t"])
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(cell_texts, max_size=6), max_size=6), st.lists(st.lists(cell_texts, max_size=4), max_size=4))
def test_no_table_raises(program: Program, projects: list[list[str]], funds: list[list[str]]) -> None:
    lead = [["项目编号", "已形成", "实际到位（元）", "所在县"], *projects]
    tables = []
    for name, rows in (("项目", lead), ("资金", funds), ("类型统计", [["县名", "盘活数"], *funds])):
        table = table_of("\n".join(",".join(row) for row in rows), name, f"{name}.csv")
        if not isinstance(table, Diagnostic):
            tables.append(table)
    ledger = read_tables(tables, program)
    assert {record.instance.object for record in (*ledger.records, *ledger.set_aside)} <= {"项目"}
    assert all(str(problem) for problem in ledger.problems)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, len(CSV_TEXT)), st.binary(max_size=6), st.sampled_from(["utf-8", "gb18030", "utf-8-sig", "utf-16"])
)
def test_no_bytes_of_a_csv_raise(program: Program, position: int, inserted: bytes, encoding: str) -> None:
    data = CSV_TEXT.encode(encoding)
    text = decode(data[:position] + inserted + data[position + 1 :], "a.csv")
    if not isinstance(text, Diagnostic):
        table = table_of(text, "项目", "a.csv")
        if not isinstance(table, Diagnostic):
            read_tables([table], program)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 200), st.text(max_size=4))
def test_no_json_raises(program: Program, position: int, inserted: str) -> None:
    text = (
        '{"项目": [{"项目编号": "P1", "资金": [{"金额": 0.5}], "县": null}, {"formed": "是"}], "县": [{"县名": "甲"}]}'
    )
    ledger = read_json(text[:position] + inserted + text[position + 1 :], "a.json", program)
    assert {record.instance.object for record in (*ledger.records, *ledger.set_aside)} <= {"项目"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damaged_workbook_raises(tmp_path: Path, program: Program, data: st.DataObject) -> None:
    pytest.importorskip("openpyxl")
    content = bytearray(workbook_bytes([SheetPlan("项目", ("项目编号", "已形成", "建成日"), [["P1", "是", 45915]])]))
    if data.draw(st.booleans()):
        # Damage inside a part, which the archive alone would not notice.
        source = zipfile.ZipFile(io.BytesIO(bytes(content)))
        damaged = io.BytesIO()
        with zipfile.ZipFile(damaged, "w") as target:
            chosen = data.draw(st.sampled_from(source.namelist()))
            for name in source.namelist():
                part = bytearray(source.read(name))
                if name == chosen:
                    start = data.draw(st.integers(0, len(part) - 1))
                    part[start : start + data.draw(st.integers(1, 9))] = data.draw(st.binary(max_size=9))
                target.writestr(name, bytes(part))
        content = bytearray(damaged.getvalue())
    else:
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(1, 9))] = data.draw(st.binary(max_size=9))
    path = tmp_path / "a.xlsx"
    path.write_bytes(bytes(content))
    ledger = read_ledger(path, program)
    assert all(str(problem) for problem in ledger.problems)


def test_without_openpyxl_the_message_says_what_to_install(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "policyrules[excel]" in told(read_ledger(tmp_path / "a.xlsx", program))
    with pytest.raises(MissingExcel, match="pip install"):
        write_ledger(tmp_path / "a.xlsx", program, [])
    path = write_json(tmp_path, [{"project_id": "P1"}])
    assert read_ledger(path, program).problems == ()


def test_reading_needs_no_openpyxl_until_a_workbook_comes() -> None:
    script = "import sys, policyrules.records.reading, policyrules.records.results; sys.exit('openpyxl' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        ).returncode
        == 0
    )


def test_a_ledger_without_a_single_row_says_so(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "项目.csv"
    path.write_text("项目编号,已形成\n", encoding="utf-8")
    ledger = read_ledger(path, program)
    assert ledger.records == () and ledger.problems == ()
    assert "没有一条记录" in ledger.notes[0]


def test_what_cannot_be_read_of_a_shared_county_is_told_in_full_once(tmp_path: Path) -> None:
    """Thousands of records times thousands of its cells would be millions of findings."""
    text = "对象 县（county）\n  字段 县名（county_name）：文本\n"
    text += "".join(f"  字段 情况{chr(0x4E00 + number)}（f{number}）：是否\n" for number in range(9))
    text += "对象 项目（project） 属于 县 标识 编号\n  字段 编号（id）：文本\n"
    program = policy_from_text(text).program
    county = {"县名": "甲县", **{f"f{number}": "也许" for number in range(9)}}
    records = [{"编号": f"P{number}"} for number in range(3)]
    path = tmp_path / "台账.json"
    path.write_text(json.dumps({"项目": records, "县": county}, ensure_ascii=False), encoding="utf-8")
    ledger = read_ledger(path, program)
    assert ledger.records == () and len(ledger.set_aside) == 3
    assert [problem.cell.row for problem in ledger.problems] == [1] * 9 + [2] * 5 + [3] * 5
    assert "这个县另有 4 处读不出来，见第 1 条" in str(ledger.problems[9])


def test_findings_without_end_end_a_file(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "_MOST_PROBLEMS", 10)
    path = tmp_path / "台账.json"
    path.write_text(
        json.dumps([{"项目编号": f"P{number}", "已形成": "也许"} for number in range(20)]), encoding="utf-8"
    )
    ledger = read_ledger(path, program)
    assert len(ledger.set_aside) == 11 and [problem.code for problem in ledger.problems] == ["E501"] * 11 + ["E507"]
    assert "第 11 行" in str(ledger.problems[-1]) and "超过 10 处" in str(ledger.problems[-1])


def test_a_key_that_stands_twice_beneath_a_long_one(tmp_path: Path, program: Program) -> None:
    """The way to each of a hundred thousand values within would be as long as the key."""
    path = tmp_path / "台账.json"
    inner = ",".join(["[]"] * 100_000)
    path.write_text(f'[{{"项目编号":"P1","{"k" * 100_000}":[{inner},{{"a":1,"a":2}}]}}]', encoding="utf-8")
    began = time.process_time()
    ledger = read_ledger(path, program)
    assert time.process_time() - began < 5
    (problem,) = ledger.problems
    assert problem.code == "E503" and len(problem.cell.path) < 100 and "a" in str(problem)

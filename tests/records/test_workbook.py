"""Workbooks as other software writes them, and those that nobody would write: read as shown, or refused with a place."""

from __future__ import annotations

import datetime
import io
import os
import re
import threading
import time
import tracemalloc
import warnings
import zipfile
import zlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.records.packages import (
    MAIN,
    OFFICE,
    STRICT,
    packed,
    styles,
    text_cell,
    text_row,
    workbook_parts,
    worksheet,
)

from policyrules.cli import run
from policyrules.program.nodes import Program
from policyrules.records import workbook, workbook_room
from policyrules.records import workbook_parts as package
from policyrules.records.cells import UnreadableCell
from policyrules.records.heads import MergedCell
from policyrules.records.ledger import Ledger
from policyrules.records.number_formats import number_format
from policyrules.records.reading import read_ledger
from policyrules.records.tables import Table
from policyrules.records.workbook import SheetPlan, TooWide, read_workbook, write_workbook
from policyrules.testing.build import write_layers

pytest.importorskip("openpyxl")

P1 = text_cell("A2", "P1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "台账.xlsx"


def told(ledger: Ledger) -> str:
    return "\n".join(str(problem) for problem in ledger.problems)


def tables_of(path: Path, data: bytes) -> tuple[Table, ...]:
    path.write_bytes(data)
    tables, problems, _ = read_workbook(path, path.name)
    assert problems == ()
    return tables


def refusal(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    tables, problems, _ = read_workbook(path, path.name)
    assert tables == () and [problem.code for problem in problems] == ["E507"]
    return problems[0].expected


def row_of(path: Path, cells: str, **parts: str) -> dict[str, object]:
    """The cells of row 2 by column letter."""
    (table,) = tables_of(path, packed(workbook_parts(worksheet(f'<row r="2">{P1}{cells}</row>'), **parts)))
    (_, found) = table.rows[1]
    return {chr(ord("A") + index): cell for index, cell in enumerate(found) if cell is not None}


def reason(cell: object) -> str:
    assert isinstance(cell, UnreadableCell)
    return cell.reason


def values(ledger: Ledger) -> list[dict[str, object]]:
    return [dict(record.instance.values) for record in ledger.records]


# ---- formulas -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    ["<x:f>1+1</x:f>", "<x:f\n>1+1</x:f>", "<x:f  >1+1</x:f>", "<x:f>1+1</x:f><x:v/>", "<x:f>1+1</x:f><x:v></x:v>"],
)
def test_a_formula_without_result_is_found_however_it_is_written(path: Path, program: Program, formula: str) -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>项目编号</x:t></x:is></x:c>'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>实际到位</x:t></x:is></x:c></x:row>'
        '<x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>P1</x:t></x:is></x:c>'
        f'<x:c r="B2">{formula}</x:c></x:row></x:sheetData></x:worksheet>'
    )
    for folder in ("worksheets", "sheets"):
        path.write_bytes(packed(workbook_parts(sheet, folder=folder)))
        ledger = read_ledger(path, program)
        assert ledger.records == ()
        (problem,) = ledger.problems
        assert (problem.cell.sheet, problem.cell.row, problem.cell.column) == ("项目", 2, "B")
        assert problem.cell.value == "=1+1" and "公式还没有算出结果" in str(problem)


def test_a_formula_whose_result_is_empty_is_a_blank(path: Path, program: Program) -> None:
    cells = '<c r="B2" t="str"><f>IF(1,"","x")</f><v></v></c><c r="C2" t="str"><f>B2</f><v/></c><c r="E2"><v>3</v></c>'
    path.write_bytes(packed(workbook_parts(worksheet(f'<row r="2">{P1}{cells}</row>'))))
    ledger = read_ledger(path, program)
    assert ledger.problems == () and values(ledger) == [{"项目编号": "P1", "带动户数": 3}]


def test_a_formula_over_several_cells_leaves_none_of_them_blank(path: Path) -> None:
    rows = (
        f'<row r="2">{P1}<c r="C2"><f t="array" ref="C2:D3">X1:Y2</f></c></row>'
        f'<row r="3">{text_cell("A3", "P2")}<c r="C3"/><c r="E3"><v>1</v></c></row>'
        f'<row r="4">{text_cell("A4", "P3")}<c r="E4"><v>1</v></c></row>'
        f'<row r="5">{text_cell("A5", "P4")}<c r="C5" t="str"><f t="array" ref="C5:D5">Z</f><v>1</v></c>'
        '<c r="D5" t="str"><v></v></c><c r="E5"><v>1</v></c></row>'
    )
    (table,) = tables_of(path, packed(workbook_parts(worksheet(rows))))
    waiting = UnreadableCell("=X1:Y2", reason(table.rows[1][1][2]))
    assert "还没有算出结果" in waiting.reason
    assert [cells for _, cells in table.rows[1:]] == [
        ("P1", None, waiting, waiting),
        ("P2", None, waiting, waiting, 1),
        ("P3", None, None, None, 1),
        ("P4", None, "1", None, 1),
    ]


def test_the_text_of_a_data_table_is_the_same_each_time(path: Path) -> None:
    found = row_of(path, '<c r="C2"><f t="dataTable" ref="C2:C3" dt2D="1" dtr="1" r1="A1" r2="B1"/></c>')["C"]
    assert isinstance(found, UnreadableCell) and found.shown == "=TABLE(A1,B1)"


def test_many_copies_of_a_long_formula(path: Path) -> None:
    first = f'<c r="C2"><f t="shared" si="0" ref="C2:C9000">{"A2+" * 3_000}1</f></c>'
    rows = "".join(f'<row r="{n}"><c r="C{n}"><f t="shared" si="0"/></c></row>' for n in range(3, 5_000))
    began = time.process_time()
    (table,) = tables_of(path, packed(workbook_parts(worksheet(f'<row r="2">{first}</row>{rows}'))))
    assert time.process_time() - began < 3
    assert len(table.rows) == 4_999 and all(isinstance(cells[2], UnreadableCell) for _, cells in table.rows[1:])


# ---- numbers as they are shown --------------------------------------------------------------------------------------

SHOWN = [
    ("#,##0", 500, Decimal(500)),
    ('#,##0"元"', 500_000, "500000元"),
    ("#,##0元", 500_000, "500000元"),
    ("#,##0\\元", 500_000, "500000元"),
    ("0.0!元", "0.5", "0.5元"),
    ('General"万元"', "1.5", "1.5万元"),
    ('G/通用格式"元"', 5, "5元"),
    ('0.00"亩"', "12.5", "12.5亩"),
    ("#,##0,", 500_000, None),
    ("0.0,,", 500_000, None),
    ('#,##0,"千元"', 500_000, "500千元"),
    ('0.00,,"百万元"', 5_000_000, "5百万元"),
    ('0!.0,"万"', 3_000_000, None),
    ("0\\.0,万", 3_000_000, None),
    ('0.0"%"', "0.8", "0.8%"),
    ("0\\%", "0.8", "0.8%"),
    ("0.0%", "0.8", "80%"),
    ("0%%", "0.8", None),
    ("0‰", 5, "5‰"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', -5, Decimal(-5)),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, Decimal(0)),
    ('_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', 5, "¥5"),
    ('_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', 0, Decimal(0)),
    ("[$$-409]#,##0", 5, "$5"),
    ("0.00_);[Red]\\(0.00\\)", -5, Decimal(-5)),
    ('0"元";-0"元"', -5, "-5元"),
    ('0"元";-0"元";"待定"', 0, "待定"),
    ("0;-0;;@", 0, Decimal(0)),
    ("[红色][>100]0;0", 500, Decimal(500)),
    ('[>=10000]0.0,"万元";0"元"', 500, None),
    ('[=1]"是";[=0]"否"', 1, None),
    ("000000", 123, "000123"),
    ('"P"000', 7, "P007"),
    ("000-0000", 1_234_567, None),
    ("# ?/?", "0.5", Decimal("0.5")),
    ("# ??/16", "0.5", Decimal("0.5")),
    ("0.00E+00", 12_345, Decimal(12_345)),
    ("#\\ ##0", 5_000, Decimal(5_000)),
    ("@", 5, Decimal(5)),
    ('"约"0', 5, "约5"),
]


@pytest.mark.parametrize(("code", "number", "shown"), SHOWN)
def test_what_a_format_shows(code: str, number: int | str, shown: Decimal | str | None) -> None:
    format_ = number_format(code)
    assert format_ is not None and format_.of_number(Decimal(number)) == shown


def test_formats_that_no_software_writes() -> None:
    assert number_format("0" * 256) is None and number_format("0;" * 5) is None
    for code in ('"', "[", "\\", "_", "*", "[$", "E+", "/", ";;;", ""):
        assert number_format(code) is not None


@pytest.mark.parametrize(
    ("code", "column", "number", "field", "meant"),
    [
        ('#,##0"元"', "C", 500_000, "实际到位", 500_000),
        ('0.0"万元"', "C", "1.5", "实际到位", 15_000),
        ('0.0"%"', "D", "0.8", "利用率", Fraction(8, 1000)),
        ("0.0%", "D", "0.8", "利用率", Fraction(8, 10)),
        ('0"户"', "E", 12, "带动户数", 12),
        ("000", "A", 7, "项目编号", "007"),
    ],
)
def test_units_in_formats_are_applied(
    path: Path, program: Program, code: str, column: str, number: object, field: str, meant: object
) -> None:
    row = f'<row r="2">{P1 if column != "A" else ""}<c r="{column}2" s="1"><v>{number}</v></c></row>'
    path.write_bytes(packed(workbook_parts(worksheet(row), style=styles(code))))
    ledger = read_ledger(path, program)
    assert ledger.problems == () and values(ledger)[0][field] == meant


@pytest.mark.parametrize(
    ("code", "number", "says"),
    [
        ("#,##0,", 500_000, "差一万倍"),
        ('0!.0,"万"', 3_000_000, "差一万倍"),
        ('0"户"', 5, "“户”不是这一项的单位"),
        ('#,##0,"K"', 500_000, "“K”不是这一项的单位"),
        ('"¥"#,##0', 500_000, "看不出是元还是别的单位"),
        ("[$$-409]#,##0", 5, "金额"),
    ],
)
def test_units_in_formats_that_do_not_fit_are_refused(
    path: Path, program: Program, code: str, number: int, says: str
) -> None:
    row = f'<row r="2">{P1}<c r="C2" s="1"><v>{number}</v></c></row>'
    path.write_bytes(packed(workbook_parts(worksheet(row), style=styles(code))))
    ledger = read_ledger(path, program)
    (problem,) = ledger.problems
    assert ledger.records == () and (problem.cell.row, problem.cell.column) == (2, "C") and says in str(problem)


def test_the_sign_of_money_under_a_heading_in_yuan(path: Path, program: Program) -> None:
    row = f'<row r="2">{P1}<c r="C2" s="1"><v>500</v></c></row>'
    sheet = worksheet(row, header=("项目编号", "项目名称", "实际到位（元）"))
    path.write_bytes(packed(workbook_parts(sheet, style=styles("¥#,##0"))))
    assert values(read_ledger(path, program)) == [{"项目编号": "P1", "实际到位": 500}]


def test_a_unit_that_a_format_adds_to_texts(path: Path) -> None:
    row = f'{text_cell("B2", "5")}<c r="C2" s="1" t="inlineStr"><is><t>5</t></is></c>'
    assert row_of(path, row, style=styles('0"元";-0;0;@"元"')) == {"A": "P1", "B": "5", "C": "5元"}


# ---- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("1", datetime.date(1900, 1, 1)),
        ("59", datetime.date(1900, 2, 28)),
        ("61", datetime.date(1900, 3, 1)),
        ("45915", datetime.date(2025, 9, 15)),
        ("45915.5", datetime.datetime(2025, 9, 15, 12)),
        ("2958465", datetime.date(9999, 12, 31)),
        ("-1", None),
        ("0", None),
        ("60", None),
        ("60.5", None),
        ("2958466", None),
        ("1E+300", None),
        ("0.5", None),
    ],
)
def test_serial_dates_at_the_rim(path: Path, serial: str, day: datetime.date | None) -> None:
    found = row_of(path, f'<c r="F2" s="1"><v>{serial}</v></c>', style=styles("yyyy-mm-dd"))["F"]
    assert isinstance(found, UnreadableCell) if day is None else found == day


def test_dates_that_software_knows_by_number_alone(path: Path) -> None:
    style = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="31"/><xf numFmtId="32"/></cellXfs></styleSheet>'
    found = row_of(path, '<c r="B2" s="1"><v>0.5</v></c><c r="F2" s="0"><v>45915</v></c>', style=style)
    assert found["F"] == datetime.date(2025, 9, 15) and "时间" in reason(found["B"])


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ('yyyy"年"m"月"', "2024年3月"),
        ('[$-804]yyyy"年"m"月";@', "2024年3月"),
        ("yyyy/mm h:mm", "2024年3月"),
        ("mmm-yy", "2024年3月"),
        ("yyyy", "2024年"),
        ('m"月"d"日"', "3月1日"),
        ("yyyy/m/d h:mm", datetime.date(2024, 3, 1)),
        ("[DBNum1]yyyy年m月d日", datetime.date(2024, 3, 1)),
        ("m/d/yy h:mm", datetime.date(2024, 3, 1)),
    ],
)
def test_a_date_of_which_a_part_is_seen_is_that_part(path: Path, code: str, seen: object) -> None:
    """2024年3月 typed into a cell is kept as the first of March: nobody wrote a day."""
    assert row_of(path, '<c r="F2" s="1"><v>45352</v></c>', style=styles(code))["F"] == seen


def test_a_month_that_chinese_software_knows_by_number_alone(path: Path) -> None:
    style = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="57"/><xf numFmtId="58"/></cellXfs></styleSheet>'
    found = row_of(path, '<c r="B2" s="0"><v>45352</v></c><c r="F2" s="1"><v>45352</v></c>', style=style)
    assert (found["B"], found["F"]) == ("2024年3月", "3月1日")


def test_the_calendar_from_1904(path: Path) -> None:
    row = f'<row r="2">{P1}<c r="F2" s="1"><v>0</v></c></row><row r="3"><c r="F3" s="1"><v>-1</v></c></row>'
    parts = workbook_parts(worksheet(row), style=styles("yyyy/m/d"), before='<workbookPr date1904="1"/>')
    (table,) = tables_of(path, packed(parts))
    assert table.rows[1][1][5] == datetime.date(1904, 1, 1) and "不是日历上的日子" in reason(table.rows[2][1][5])


# ---- other software -------------------------------------------------------------------------------------------------


def test_the_strict_form_is_read(path: Path, program: Program) -> None:
    parts = workbook_parts(
        worksheet(f'<row r="2">{P1}<c r="F2" t="d"><v>2025-03-04</v></c><c r="C2" s="1"><v>7</v></c></row>'),
        style=styles('0"元"'),
    )
    strict = {
        name: part.replace(MAIN, STRICT).replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        for name, part in parts.items()
        if isinstance(part, str)
    }
    path.write_bytes(packed(strict))
    ledger = read_ledger(path, program)
    assert values(ledger) == [{"项目编号": "P1", "实际到位": 7, "建成日": datetime.date(2025, 3, 4)}]


def test_a_link_in_a_blank_cell_is_no_content(path: Path, program: Program) -> None:
    links = '<hyperlinks><hyperlink ref="B2" location="Sheet2!A1"/><hyperlink ref="A3:XFD1048576" location="x"/></hyperlinks>'
    path.write_bytes(packed(workbook_parts(worksheet(f'<row r="2">{P1}</row>', links))))
    ledger = read_ledger(path, program)
    assert values(ledger) == [{"项目编号": "P1"}] and ledger.problems == ()
    assert ledger.notes == ("“项目”第 2 行除编号外什么也没有填，仍算一个项目；不是项目的请删去",)


def test_columns_to_the_last_one_are_read(path: Path, program: Program) -> None:
    sheet = worksheet(f'<row r="2">{P1}<c r="XFD2"><v>3</v></c></row>')
    sheet = sheet.replace("</row>", f"{text_cell('XFD1', '利润')}</row>", 1)
    path.write_bytes(packed(workbook_parts(sheet)))
    assert values(read_ledger(path, program)) == [{"项目编号": "P1", "利润": 30_000}]


def test_titles_above_the_header_are_rows_of_the_table(path: Path) -> None:
    rows = text_row(1, ["台账"]) + text_row(2, ["", "单位：元"]) + text_row(3, ["项目编号", "实际到位"])
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    (table,) = tables_of(path, packed(workbook_parts(sheet)))
    assert table.rows[:2] == [(1, ("台账",)), (2, (None, "单位：元"))]


def test_texts_that_xml_cannot_hold(path: Path, tmp_path: Path) -> None:
    assert row_of(path, text_cell("B2", "甲_x000D_乙_x005F_x0041_"))["B"] == "甲\r乙_x0041_"
    written = tmp_path / "写.xlsx"
    write_workbook(written, [SheetPlan("项目", ("项目名称",), [["_x0041_甲_x005F_"]])])
    ((table,), _, _) = read_workbook(written, "写.xlsx")
    assert table.rows[1][1] == ("_x0041_甲_x005F_",)


def test_shared_texts_with_readings_and_parts(path: Path) -> None:
    shared = (
        f'<sst xmlns="{MAIN}"><si><t>甲</t></si>'
        '<si><r><rPr/><t>乙</t></r><r><t>丙</t></r><rPh sb="0" eb="1"><t>yi</t></rPh></si></sst>'
    )
    cells = '<c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c><c r="D2" t="s"><v>-1</v></c>'
    found = row_of(path, cells, shared=shared)
    assert found["B"] == "乙丙" and "已损坏" in reason(found["C"]) and "已损坏" in reason(found["D"])


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ("<r><rPr><strike/></rPr><t>50</t></r><r><t>60</t></r>", "格子里有划了删除线的字（50），请只留下算数的内容"),
        ("<r><t>是</t></r><r><rPr><b/><strike val='1'/></rPr><t>（否）</t></r>", "（（否））"),
        ("<r><t>50</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r>", "数的后面有上标或下标的数字"),
        ("<r><t>5</t></r><r><rPr><vertAlign val='subscript'/></rPr><t>1</t></r>", "数的后面有上标或下标的数字"),
        # A mark of a square metre, a run that is not struck, spaces that are.
        ("<r><t>5m</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>2</t></r>", "5m2"),
        ("<r><rPr><strike val='0'/></rPr><t>5</t></r><r><rPr><vertAlign val='baseline'/></rPr><t>0</t></r>", "50"),
        ("<r><rPr><strike/></rPr><t> </t></r><r><t>60</t></r>", " 60"),
    ],
)
def test_a_text_of_which_a_part_is_struck_out_or_raised(path: Path, runs: str, said: str) -> None:
    shared = f'<sst xmlns="{MAIN}"><si><t>甲</t></si><si>{runs}</si><si><t>乙</t></si></sst>'
    cells = f'<c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is>{runs}</is></c><c r="D2" t="s"><v>2</v></c>'
    found = row_of(path, cells, shared=shared)
    assert found["B"] == found["C"] and found["D"] == "乙"
    assert found["B"] == said or said in reason(found["B"])


def test_a_sheet_whose_part_is_missing_is_not_left_out(path: Path) -> None:
    parts = workbook_parts({"项目": worksheet(f'<row r="2">{P1}</row>'), "资金": worksheet("")})
    del parts["xl/worksheets/sheet2.xml"]
    assert "已损坏" in refusal(path, packed(parts))
    parts["xl/worksheets/sheet2.xml"] = "<worksheet/>"
    assert "“资金”已损坏" in refusal(path, packed(parts))


def test_merged_ranges_however_large(path: Path) -> None:
    rows = f'<row r="2">{P1}<c r="C2"><v>5</v></c></row><row r="3">{text_cell("B3", "乙")}<c r="C3"><v>6</v></c></row>'
    areas = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A2:A3", "C2:D1048576", "A10:XFD1048576"))
    (table,) = tables_of(path, packed(workbook_parts(worksheet(rows, f"<mergeCells>{areas}</mergeCells>"))))
    assert [cells[:4] for _, cells in table.rows[1:]] == [
        (
            MergedCell("P1", True, first_row, tall=True),
            name,
            *(MergedCell(5, first, first_row, wide=True, tall=True) for first in (True, False)),
        )
        for first_row, name in ((True, None), (False, "乙"))
    ]


# ---- damage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C2"><v>NaN</v></c>',
        '<c r="C2"><v>INF</v></c>',
        '<c r="C2"><v>1e999</v></c>',
        '<c r="C2"><v>1_0</v></c>',
        '<c r="C2"><v>１</v></c>',
        f'<c r="C2"><v>{"9" * 5_000}</v></c>',
        '<c r="C2" s="99"><v>1</v></c>',
        '<c r="C2" s="甲"><v>1</v></c>',
        '<c r="C2" t="s"><v>0</v></c>',
        '<c r="C2" t="s"><v>甲</v></c>',
        '<c r="C2" t="s"><v>-1</v></c>',
        '<c r="C2" t="s"><v>1.0</v></c>',
        '<c r="C2" t="s"><v>٠</v></c>',
        f'<c r="C2" t="s"><v>{"9" * 5_000}</v></c>',
        '<c r="C2" t="b"><v>2</v></c>',
        '<c r="C2" t="d"><v>2025-13-01</v></c>',
        '<c r="C2" t="不知道"><v>1</v></c>',
        '<c r="C2" t="e"><v>#N/A</v></c>',
        '<c r="C2"><v>1</v></c><c r="C2"><v>2</v></c>',
        '<c r="B2"/><c r="第三"><v>1</v></c>',
        '<c r="B2"/><c r="C0"><v>1</v></c>',
        '<c r="B2"/><c r="ZZZ2"><v>1</v></c>',
    ],
)
def test_one_bad_cell_has_its_place(path: Path, program: Program, cell: str) -> None:
    rows = f'<row r="2">{P1}{cell}</row><row r="3">{text_cell("A3", "P2")}<c r="C3"><v>1</v></c></row>'
    path.write_bytes(packed(workbook_parts(worksheet(rows))))
    ledger = read_ledger(path, program)
    assert [record.identity for record in ledger.records] == ["P2"]
    assert [(problem.code, problem.cell.row, problem.cell.column) for problem in ledger.problems] == [("E501", 2, "C")]


def test_memory_that_does_not_suffice_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(package.Package, "read", exhausted)
    assert "内存不够" in refusal(path, packed(workbook_parts(worksheet(""))))


DECLARED = '<!DOCTYPE x [<!ENTITY a "b">]>'


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/app.dat", "customXml/x"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declarations_are_refused_in_every_part(path: Path, name: str, encoding: str) -> None:
    parts = workbook_parts(worksheet(f'<row r="2">{P1}</row>'))
    assert tables_of(path, packed(parts))
    part = parts.get(name, "<x/>")
    assert isinstance(part, str)
    text = f"<!--{'长' * 3_000}-->{DECLARED}{part}"
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert "实体声明" in refusal(path, packed({**parts, name: declared}))


# ---- bounds ---------------------------------------------------------------------------------------------------------

MANY = 5_000_000
"""Characters of one hostile part: enough to pass a limit, not enough to make a test slow."""


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<c>" * 100_000, "已损坏"),
        (f'<c a="{"a" * MANY}"/>', "已损坏"),
        (f"<!--{'a' * MANY}-->", "已损坏"),
        ("".join(f"<a{number}/>" for number in range(200_000)), "已损坏"),
        ("<c " + " ".join(f'xmlns:p{number}="u"' for number in range(20_000)) + "/>", "已损坏"),
        ("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 100_010)), "超过 10 万行"),
        ("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 2_000)), "铺得太开"),
    ],
    ids=["deep", "attribute", "comment", "names", "namespaces", "rows", "wide"],
)
def test_what_has_no_end_is_refused(path: Path, inside: str, says: str) -> None:
    began = time.process_time()
    assert says in refusal(path, packed(workbook_parts(worksheet(inside))))
    assert time.process_time() - began < 8


def test_the_address_of_a_space_comes_with_each_name_and_is_short(path: Path) -> None:
    began = time.process_time()
    for inside in ("<x:a/>", '<c x:a=""/>'):
        sheet = worksheet(inside * 20_000).replace("<worksheet ", f'<worksheet xmlns:x="{"u" * 1_000_000}" ')
        assert "已损坏" in refusal(path, packed(workbook_parts(sheet)))
    assert time.process_time() - began < 3


def test_a_part_that_many_sheets_refer_to_is_counted_each_time(path: Path) -> None:
    parts = workbook_parts({f"表{number}": worksheet(" " * 4_000_000) for number in range(120)})
    relations = str(parts["xl/_rels/workbook.xml.rels"])
    parts = {name: part for name, part in parts.items() if "sheets/sheet" not in name or name.endswith("/sheet1.xml")}
    parts["xl/_rels/workbook.xml.rels"] = re.sub(r"sheets/sheet[0-9]+", "sheets/sheet1", relations)
    assert "展开后超过" in refusal(path, packed(parts))


def test_parts_that_lie_over_each_other_are_damage(path: Path) -> None:
    """The bytes of each are those of the next with what stands before them: a few megabytes, unpacked thousands of times."""
    held, data, found = io.BytesIO(), b"x" * 1_000, []
    for number in range(20):
        one = zipfile.ZipInfo(f"part{number}.bin")
        one.file_size = one.compress_size = len(data)
        one.CRC = zlib.crc32(data)
        data = one.FileHeader() + data
        one.header_offset = -len(data)
        found.append(one)
    with zipfile.ZipFile(held, "w") as archive:
        for name, part in workbook_parts(worksheet("")).items():
            archive.writestr(name, part)
        held.seek(archive.start_dir)
        held.write(data)
        archive.start_dir = held.tell()
        for one in found:
            one.header_offset += archive.start_dir
        archive.filelist.extend(found)
    assert "已损坏" in refusal(path, held.getvalue())


def test_a_blank_text_that_any_number_of_cells_share(path: Path) -> None:
    texts = f'<sst xmlns="{MAIN}"><si><t xml:space="preserve">{" " * 100_000}</t></si></sst>'
    cells = '<c t="s"><v>0</v></c>' * 200_000
    began = time.process_time()
    tables_of(path, packed(workbook_parts(worksheet(f'<row r="2">{cells}</row>', header=()), shared=texts)))
    assert time.process_time() - began < 5


def test_merged_ranges_are_counted_over_all_sheets(path: Path) -> None:
    sheet = worksheet("", f'<mergeCells>{"""<mergeCell ref="A2:B2"/>""" * 60_000}</mergeCells>')
    assert tables_of(path, packed(workbook_parts({"项目": sheet})))
    assert "请取消合并" in refusal(path, packed(workbook_parts({"项目": sheet, "资金": sheet})))


def test_a_number_that_thousands_of_cells_show_alike(path: Path) -> None:
    """What one shows in a style is no other's in another style; those that are not shown are counted each."""
    style = styles('0.0"元"', "0;-0;;@")
    cells = "".join(
        f'<c r="{letter}2" s="{number}"><v>{value}</v></c>'
        for letter, number, value in zip("BCDEFG", (0, 1, 1, 2, 2, 2), (1.5, 1.5, 2.5, 0, 0, 7), strict=True)
    )
    path.write_bytes(packed(workbook_parts(worksheet(f'<row r="2">{P1}{cells}</row>'), style=style)))
    ((table,), _, notes) = read_workbook(path, "a")
    assert table.rows[1][1] == ("P1", Decimal("1.5"), "1.5元", "2.5元", 0, 0, 7)
    assert ["有 2 格存着数而不显示（E2、F2）" in note for note in notes] == [True]


def test_cells_are_counted_over_all_sheets(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_room, "_MOST_CELLS", 30)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 14))
    assert tables_of(path, packed(workbook_parts(worksheet(rows))))
    assert "单元格超过" in refusal(path, packed(workbook_parts({"项目": worksheet(rows), "资金": worksheet(rows)})))
    monkeypatch.setattr(package, "_MOST_ELEMENTS", 40)
    assert "单元格、文字或格式太多" in refusal(path, packed(workbook_parts(worksheet("<c/>" * 20))))
    monkeypatch.undo()
    monkeypatch.setattr(package, "_LARGEST_UNPACKED", 1_000)
    assert "展开后超过" in refusal(path, packed(workbook_parts(worksheet(" " * 1_000))))
    monkeypatch.setattr(workbook, "_LARGEST_FILE", 1)
    assert "分成几个文件" in refusal(path, packed(workbook_parts(worksheet(""))))


def test_shared_texts_and_formats_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = f'<sst xmlns="{MAIN}">{"<si><t>" + "字" * 9_000 + "</t></si>"}</sst>'
    assert tables_of(path, packed(workbook_parts(worksheet(""), shared=texts)))
    many = f'<sst xmlns="{MAIN}">{("<si><t>" + "字" * 9_000 + "</t></si>") * 6_000}</sst>'
    assert "文字太多" in refusal(path, packed(workbook_parts(worksheet(""), shared=many)))
    style = styles(*(f'0"{number}"' for number in range(10_001)))
    assert "数字格式超过" in refusal(path, packed(workbook_parts(worksheet(""), style=style)))
    style = f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 200_001}</cellXfs></styleSheet>'
    assert "太多" in refusal(path, packed(workbook_parts(worksheet(""), style=style)))


def test_ranges_that_lie_over_each_other(path: Path) -> None:
    """As many as a part may hold, over as many rows: the work is counted, not the ranges alone."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 5_000))
    areas = '<mergeCell ref="A2:XFD1048576"/>' * 5_000
    began = time.process_time()
    sheet = worksheet(rows, f"<mergeCells>{areas}</mergeCells>")
    assert "合并的单元格太多" in refusal(path, packed(workbook_parts(sheet)))
    filled = '<c><f t="array" ref="A2:XFD1048576">1</f></c>' * 1_000
    assert refusal(path, packed(workbook_parts(worksheet(f'<row r="2">{filled}</row>{rows}'))))
    filled = '<c><f t="array" ref="A2:A3">1</f></c>' * 100_001
    assert "公式太多" in refusal(path, packed(workbook_parts(worksheet(f'<row r="2">{filled}</row>'))))
    areas = '<mergeCell ref="A2:B2"/>' * 100_001
    sheet = worksheet("", f"<mergeCells>{areas}</mergeCells>")
    assert "请取消合并" in refusal(path, packed(workbook_parts(sheet)))
    assert time.process_time() - began < 10


def test_one_text_without_end_takes_little_memory(path: Path) -> None:
    data = packed(workbook_parts(worksheet(f'<row r="2">{text_cell("B2", "字" * 20_000_000)}</row>')))
    path.write_bytes(data)
    del data
    tracemalloc.start()
    ((table,), _, _) = read_workbook(path, "a")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    # It stays too long to be read.
    assert len(str(table.rows[1][1][1])) > 10_000


def test_a_million_rows_of_formatted_blanks(path: Path) -> None:
    def rows() -> str:
        letters = "ABCDEFGHIJKLMNO"
        return "".join(
            f'<row r="{n}" spans="1:15" s="1">{"".join(f"""<c r="{letter}{n}" s="1"/>""" for letter in letters)}</row>'
            for n in range(3, 60_000)
        )

    last = f'<row r="1048576">{text_cell("A1048576", "P2")}</row>'
    path.write_bytes(packed(workbook_parts(worksheet(f'<row r="2">{P1}</row>{rows()}{last}'), style=styles("0.00"))))
    began = time.process_time()
    ((table,), _, _) = read_workbook(path, "a")
    assert time.process_time() - began < 8
    assert table.rows[1:] == [(2, ("P1",)), (1_048_576, ("P2",))]


def test_blank_rows_are_left_out_and_nothing_else_is(path: Path) -> None:
    blank = '<row r="{}" ht="15" x:y="1"><c r="A{}" s="1"/><c r="B{}"/></row>'
    cases = [
        blank.format(3, 3, 3) + text_row(5, ["P2"]),
        blank.format(3, 3, 3) + f"<row>{'<c/>'}{text_cell('A4', 'P2')}</row>",
        f'<row r="4"><c r="A4" t="inlineStr"><is><t><![CDATA[{blank.format(3, 3, 3)}]]></t></is></c></row>',
        '<!--<row r="3"--><!--><c r="A3"/></row>-->' + text_row(4, ["P2"]),
    ]
    for rows in cases:
        sheet = worksheet(rows).replace("<worksheet ", '<worksheet xmlns:x="u" ')
        expected = [4] if "P2" not in rows or "<row>" in rows or "<!--" in rows else [5]
        (table,) = tables_of(path, packed(workbook_parts(sheet)))
        assert [number for number, _ in table.rows[1:]] == expected
        assert table.rows[1][1][0] == ("P2" if "P2" in rows else blank.format(3, 3, 3))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "管道.xlsx"
    os.mkfifo(pipe)
    link = tmp_path / "零.xlsx"
    link.symlink_to("/dev/zero")
    found: list[str] = []
    for target in (pipe, link):
        reading = threading.Thread(target=lambda at=target: found.extend(map(str, read_workbook(at, at.name)[1])))
        reading.daemon = True
        reading.start()
        reading.join(5)
    assert len(found) == 2 and all("不是普通的文件" in problem for problem in found)


def test_archives_that_only_look_like_workbooks(path: Path) -> None:
    parts = workbook_parts(worksheet(""))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        assert "已损坏" in refusal(path, path.read_bytes())
    assert "已损坏" in refusal(path, packed({"a.txt": "甲"}))
    assert "加密的或旧格式" in refusal(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_a_part_without_a_name_is_damage(path: Path) -> None:
    data = packed({**workbook_parts(worksheet("")), "QQQQ": "<a/>"})
    assert "损坏" in refusal(path, data.replace(b"QQQQ", b"\0\0\0\0"))


def test_a_part_that_is_there_twice_is_named(path: Path) -> None:
    first, second = (worksheet(text_row(2, [name])) for name in ("P1", "P2"))
    parts = workbook_parts(first)
    for again in ("xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.XML"):
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")
            for name, part in parts.items():
                archive.writestr(name, part)
            archive.writestr(again, second)
        said = refusal(path, path.read_bytes())
        # Neither sheet is read as if the other were not there.
        assert "两份同名的部件“xl/worksheets/sheet1.xml”，不知道该读哪一份" in said and "另存为 .xlsx" in said
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr("\x1b[2J" + "长" * 500, "")
    said = refusal(path, path.read_bytes())
    assert said.isprintable() and len(said) < 200


@pytest.mark.parametrize(
    ("code", "values", "unseen"),
    [
        ("0;-0;;@", (0, 5, -5), "C2"),
        (";;;", (0, 5, -5), "C2、C3、C4"),
        ("0;;0", (0, 5, -5), "C4"),
        ('0;-0;"-"', (0, 5, -5), ""),
        ("#,##0", (0, 5, -5), ""),
    ],
)
def test_numbers_that_a_format_hides_are_told(
    tmp_path: Path, program: Program, code: str, values: tuple[int, ...], unseen: str
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    sheet.append(["项目编号", "项目名称", "利润"])
    for number, value in enumerate(values, start=2):
        sheet.append([f"P{number}", "大棚", value])
        sheet.cell(number, 3).number_format = code
    path = tmp_path / "台账.xlsx"
    book.save(path)
    told = [note for note in read_ledger(path, program).notes if "不显示" in note]
    count = len(unseen.split("、"))
    assert told == (
        [f"工作表“项目”有 {count} 格存着数而不显示（{unseen}），仍然读入了；其实没有填的请清除内容"] if unseen else []
    )


def test_zeros_that_a_sheet_does_not_show_are_told(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    sheet.append(["项目编号", "项目名称", "利润"])
    for number in range(8):
        sheet.append([f"P{number}", "大棚", number % 7 and 5])
    sheet.sheet_view.showZeros = False
    path = tmp_path / "台账.xlsx"
    book.save(path)
    assert (
        "工作表“项目”有 2 格存着数而不显示（C2、C9），仍然读入了；其实没有填的请清除内容"
        in read_ledger(path, program).notes
    )


def test_rows_that_are_struck_out_are_told(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    for row in (["项目编号", "实际到位"], ["P1", 5], ["P2", 6], ["P3", 7]):
        sheet.append(row)
    for place in ("A3", "B3", "A4"):
        sheet[place].font = openpyxl.styles.Font(strike=True)
    sheet["A2"].font = openpyxl.styles.Font(strike=False, bold=True)
    path = tmp_path / "台账.xlsx"
    book.save(path)
    ledger = read_ledger(path, program)
    assert [one.identity for one in ledger.records] == ["P1", "P2", "P3"]
    assert [note for note in ledger.notes if "删除线" in note] == [
        "工作表“项目”第 3 行整行划了删除线，仍然读入了；不算数的请删去",
        "工作表“项目”第 4 行有的格子划了删除线，仍然读入了；不算数的请删去",
    ]


def test_a_sheet_of_more_columns_than_a_workbook_holds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = tuple(f"列{number}" for number in range(16_385))
    written = tmp_path / "宽.xlsx"
    with pytest.raises(TooWide, match="要 16,385 列，工作簿一张表最多 16,384 列"):
        write_workbook(written, [SheetPlan("结果", heads, [])])
    assert not list(tmp_path.iterdir())
    # A command says it, and that is all it says.
    fields = "".join(f"  字段 事项{number}：是否\n" for number in range(16_400))
    write_layers(tmp_path, f"对象 项目（project）\n{fields}")
    assert run(["template", str(tmp_path / "0"), "-o", str(written), "--as-of", "2025-09-15"]) == 2
    said = capsys.readouterr().err
    assert "工作簿一张表最多 16,384 列" in said and "程序内部出错" not in said and not written.exists()

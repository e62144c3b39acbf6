"""The impact of a variation as a workbook, opened again as an office opens it: figures by hand from `impact_sample`."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from tests.report.impact_sample import NEW, OLD, RECORDS, asked, sample
from tests.report.test_impact_text import hostile

from policyrules.records.workbook import workbook_bytes
from policyrules.report.impact_sheets import impact_sheets
from policyrules.variation.model import Impact

openpyxl = pytest.importorskip("openpyxl")
ALWAYS = ["摘要", "变化", "条文", "地方和金额", "名单"]


def book(impact: Impact) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(impact_sheets(impact))))


def rows(impact: Impact, name: str) -> list[dict[str, object]]:
    head, *below = book(impact)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in below]


def test_what_was_not_asked_has_no_sheet() -> None:
    impact = replace(sample(), nearest=(), blanks=(), dates=(), readings=())
    assert book(impact).sheetnames == [*ALWAYS, "措施", "义务和提示", "变化分列", "措施名单", "请谁补"]
    every = [*ALWAYS, "门槛", "两个门槛", "日期", "差一点的", "空白", "读法", "方案", "措施", "义务和提示"]
    every += ["变化分列", "措施名单", "请谁补"]
    assert book(asked(sample())).sheetnames == every


def test_what_goes_where_with_its_money_and_its_blanks() -> None:
    # 乙 2.5 and 庚 20; of 戊 it is blank; the households of 乙, 戊 and 庚.
    assert rows(sample(), "变化") == [
        {
            "决定": "归类",
            "原来": "大",
            "现在": "无",
            "个数": 3,
            "投资（万元）": 22.5,
            "投资未填": 1,
            "户数（户）": 16,
        },
        {
            "决定": "归类",
            "原来": "大",
            "现在": "待定",
            "个数": 1,
            "投资（万元）": 10,
            "投资未填": None,
            "户数（户）": 8,
        },
    ]


def test_provisions_with_their_words_and_counts() -> None:
    (row,) = rows(sample(), "条文")
    assert (row["层"], row["做什么"], row["对什么"]) == ("国家", "改", "大场")
    assert (row["原来的文字"], row["现在的文字"]) == ("户数 ≥ 3 户", "户数 ≥ 5 户 且 有证")
    # 乙, 戊, 庚 and 己: each by this one alone.
    assert row["单独"] == 4 and "共同" not in row and row["投资（万元）"] == 32.5 and row["投资未填"] == 1
    assert "【一】“大的”" in str(row["条款"])


def test_places_surely_and_perhaps() -> None:
    told = {row["值"]: row for row in rows(sample(), "地方和金额")}
    west, east = told["西乡"], told["东乡"]
    assert (west["台账个数"], west["确定变"], west["可能变"]) == (4, 2, 1)
    assert (west["确定变的投资（万元）"], west["确定变的投资未填"], west["可能变的投资（万元）"]) == (20, 1, 10)
    assert (east["台账个数"], east["确定变"], east["可能变"], east["确定变的投资（万元）"]) == (3, 1, None, 2.5)


def test_names() -> None:
    told = rows(sample(), "名单")
    assert [(row["编号"], row["乡"], row["原来"], row["现在"], row["怎样变"], row["确定与否"]) for row in told] == [
        ("2", "东乡", "大", "无", "失", "确定"),
        ("5", "西乡", "大", "无", "失", "确定"),
        ("6", "西乡", "大", "待定：大、无", "变不明", "可能"),
        ("7", "西乡", "大", "无", "失", "确定"),
    ]
    assert [row["缺什么"] for row in told] == [None, None, "有证", None]
    assert all("大场" in str(row["由什么引起"]) for row in told)
    # A blank amount stays blank: it is no zero.
    assert [row["投资（万元）"] for row in told] == [2.5, None, 10, 20]


def test_what_was_asked_beside() -> None:
    impact = asked(sample())
    assert [
        (row["从"], row["至"], row["拟定"], row["归类：确定"], row["归类：至多"]) for row in rows(impact, "门槛")
    ] == [
        (1, 3, None, 0, 0),
        (4, 6, "拟定", 3, 4),
        (7, 7, None, 4, 4),
        (8, None, None, 5, 7),
    ]
    assert [(row["编号"], row["差几项"], row["怎样就到（每行一种）"]) for row in rows(impact, "差一点的")] == [
        ("2", 1, "农场.户数 4 户 → 5 户（多 1 户）"),
        ("7", 1, "如评为：农场.有证 否 → 是"),
        ("7", 2, "农场.户数 8 户 → 9 户，并且 农场.有证 否 → 是"),
        ("7", None, "还有 3 种"),
        ("3", None, "试到 2 项为止，没有找到"),
    ]
    dates = rows(impact, "日期")
    assert [(str(row["日期"])[:10], row["哪边"], row["编号"]) for row in dates] == [
        ("2026-06-30", "现在", "2"),
        ("2027-01-01", "原来", "2"),
        ("2027-01-01", "现在", "2"),
    ]
    assert [(row["要补的"], row["牵涉的农场"], row["只补它就定"]) for row in rows(impact, "空白")] == [
        ("农场.有证", 1, 1),
        ("农场.户数", 1, None),
    ]
    assert [(row["方案"], row["现在" if "现在" in row else "这个方案"]) for row in rows(impact, "方案")][:1] == [
        ("现在", "无")
    ]


def test_who_is_to_fill_in_what_and_how_changes_come_about() -> None:
    impact = sample()
    asked_for = [(row["请谁"], row["补什么"], row["几处变化缺它"]) for row in rows(impact, "请谁补")]
    lacking = [blank for cell in impact.cells for blank in cell.blanks]
    assert len(lacking) == sum(int(str(count)) for _, _, count in asked_for) > 0
    assert {blank for _, blank, _ in asked_for} == {*lacking}
    # What settles nothing by itself is told as such.
    alone = {row["补什么"]: row["其中只缺它"] for row in rows(impact, "请谁补")}
    for blank, count in alone.items():
        assert (count or 0) == sum(set(cell.blanks) == {blank} for cell in impact.cells)
    summary = [(row["项"], str(row["内容"])) for row in rows(impact, "摘要")]
    (told,) = [said for lead, said in summary if lead == "几条引起"]
    assert told.startswith("归类：由一条单独引起 ")


def test_each_sheet_can_be_filtered_and_printed() -> None:
    impact = sample()
    ledger = replace(impact.about.ledger, said_invented=True)
    impact = replace(asked(impact), about=replace(impact.about, ledger=ledger))
    for sheet in book(impact):
        assert sheet.auto_filter.ref and sheet.freeze_panes and sheet.freeze_panes.endswith("2")
        assert sheet.print_title_rows == "$1:$1" and str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        # Invented data says so on every page.
        assert sheet.oddFooter.left.text == "虚构数据　本报告只按台账推算，不作认定"
        assert [cell.value for cell in sheet[1]].count(None) == 0
    told = [str(row["内容"]) for row in rows(impact, "摘要")]
    assert "虚构数据，数字只作示例" in told and "归类：7 个农场里 4 个有变化" in told


def test_rows_are_as_high_as_their_texts() -> None:
    sheet = book(sample())["名单"]
    longest = max(range(2, sheet.max_row + 1), key=lambda row: len(str(sheet.cell(row, 8).value or "")))
    assert sheet.row_dimensions[longest].height > 15


def test_no_column_stands_empty() -> None:
    for sheet in book(asked(sample())):
        for column in list(sheet.iter_cols(values_only=True))[2:]:
            assert any(one is not None for one in column[1:]), (sheet.title, column[0])


def test_hostile_texts_are_cut_and_never_formulas() -> None:
    impact = hostile(sample())
    bad = replace(impact.records[0], name="=HYPERLINK(1)", identity="+1", groups={"乡": "@sum"})
    impact = replace(impact, records=(bad, *impact.records[1:]))
    plans = impact_sheets(impact)
    for plan in plans:
        for row in (plan.header, *plan.rows):
            for one in row:
                assert not isinstance(one, str) or (len(one) <= 200 and not one.startswith(("=", "+", "@", "-")))
    name = next(row for row in openpyxl.load_workbook(io.BytesIO(workbook_bytes(plans)))["名单"].iter_rows(min_row=2))
    assert [cell.value for cell in name[:3]] == ["'+1", "'=HYPERLINK(1)", "'@sum"]
    assert all(cell.data_type != "f" for cell in name)


def test_what_is_long_in_the_summary_goes_on_below() -> None:
    impact = sample()
    note = "注意的话" * 100
    impact = replace(impact, about=replace(impact.about, notes=(note,)))
    lines = [row for row in book(impact)["摘要"].iter_rows(min_row=2, values_only=True)]
    start = next(number for number, row in enumerate(lines) if row[0] == "注意")
    end = next(number for number in range(start + 1, len(lines)) if lines[number][0] is not None)
    assert "".join(str(row[1]) for row in lines[start:end]) == note


def test_no_change_and_no_records() -> None:
    for impact in (sample(OLD, OLD), sample(records=[])):
        assert [len(plan.rows) for plan in impact_sheets(impact)[1:2]] == [0]
        assert book(impact).sheetnames[:5] == ALWAYS
    assert book(sample(OLD, NEW, RECORDS[:1])).sheetnames[:5] == ALWAYS


def test_the_same_impact_gives_the_same_bytes() -> None:
    assert workbook_bytes(impact_sheets(asked(sample()))) == workbook_bytes(impact_sheets(asked(sample())))

"""Boxes that are ticked in a cell: what is ticked, where every option may be filled in and nobody can doubt it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import FIELDS, held

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Program
from policyrules.records.cells import parse_cell
from policyrules.records.reading import read_ledger

BY_NAME = {field.name: field for field in FIELDS if field.object == "项目"}

TICKED: list[tuple[str, str, object]] = [
    *(
        ("已形成", text, True)
        for text in (
            *(
                "☑是 □否",
                "☑是□否",
                "是☑否□",
                "是☑ 否□",
                "√是 ×否",
                "■有 □无",
                "(√)是 ( )否",
                "（√）是（　）否",
                "是（√） 否（）",
            ),
            *(
                "☒是 ☐否",
                "●是 ○否",
                "□√是 □否",
                "✅是/□否",
                "☑ 是、☐ 否",
                "☑是\n□否",
                "√是",
                "是√",
                "[✓]是 [ ]否",
                "√ 是 ☒ 否",
            ),
        )
    ),
    *(
        ("已形成", text, False)
        for text in (
            "□是 ☑否",
            "是□否☑",
            "×是 √否",
            "□有 ■无",
            "( )是 (√)否",
            "□ 是　☑ 否",
            "○是 ●否",
            "√否",
            "☐是 ☒否",
        )
    ),
    ("困难程度", "□无 ☑暂时经营困难 □难以为继", "暂时经营困难"),
    ("困难程度", "无□ 暂时经营困难□ 难以为继☑", "难以为继"),
    ("困难程度", "√无 ×暂时经营困难 ×难以为继", "无"),
    ("七大产业", "□七大·稻米/油料 ☑134项 □否", "134项"),
    ("七大产业", "☑七大·稻米/油料、□134项", "七大·稻米/油料"),
    ("困难成因", "☑市场行情变化 □资金周转困难 ☑其他", frozenset({"市场行情变化", "其他"})),
    ("联结方式", "□务工就业 □收益分红 ☑无", frozenset({"无"})),
    ("扶持产业", "☑茶叶 □油茶 ☑柑橘", frozenset({"茶叶", "柑橘"})),
    # A text is a text.
    ("项目名称", "☑是 □否", "☑是 □否"),
]


@pytest.mark.parametrize(("field", "text", "value"), TICKED)
def test_what_is_ticked_is_read(field: str, text: str, value: object) -> None:
    assert parse_cell(text, BY_NAME[field]) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("已形成", "□是 □否"),
        ("已形成", "是○否○"),
        ("已形成", "（ ）是（ ）否"),
        ("困难程度", "□无 □暂时经营困难 □难以为继"),
    ],
)
def test_where_nothing_is_ticked_nothing_was_filled_in(field: str, text: str) -> None:
    assert parse_cell(text, BY_NAME[field]) is None


REFUSED: list[tuple[str, str, str]] = [
    ("已形成", "☑是 ☑否", "勾了 2 个"),
    ("已形成", "√是√否", "勾了 2 个"),
    ("已形成", "×是 □否", "看不出勾的是哪一个"),
    ("已形成", "(×)是 ( )否", "看不出勾的是哪一个"),
    ("已形成", "×是 ×否", "看不出勾的是哪一个"),
    ("已形成", "□是", "看不出勾的是哪一个"),
    ("已形成", "×是", "看不出勾的是哪一个"),
    ("已形成", "☑是 □有", "看不出勾的是哪一个"),
    ("已形成", "☑是 □是", "看不出勾的是哪一个"),
    ("已形成", "☑是 □否 □不清楚", "“不清楚”不是这一项可以填的"),
    ("已形成", "☑是（2023年） □否", "不是这一项可以填的"),
    # Whose the mark is, nobody can tell.
    ("已形成", "□是√□否", "不知道的请留空"),
    ("已形成", "是☑ □否", "请写到备注里"),
    ("已形成", "□", ""),
    ("困难程度", "☑无 ☑难以为继", "勾了 2 个"),
    ("困难程度", "☑暂时困难 □难以为继", "是不是“暂时经营困难”"),
    ("困难程度", "☑很好 □难以为继", "“很好”不是这一项可以填的"),
    ("困难成因", "☑其它 □资金周转困难", "是不是“其他”"),
    ("困难成因", "□其他 □资金周转困难", "没有打勾"),
    ("带动户数", "☑5 □6", ""),
    ("建成日", "☑2024-01-01", ""),
]


@pytest.mark.parametrize(("field", "text", "said"), REFUSED)
def test_what_is_doubtful_is_told(field: str, text: str, said: str) -> None:
    found = parse_cell(text, BY_NAME[field])
    assert isinstance(found, Diagnostic) and found.code == "E501" and said in found.expected


def test_in_a_table(make_csv: Callable[..., Path], program: Program) -> None:
    text = "项目编号,已形成,困难程度\nP1,☑是 □否,☑无 □难以为继\nP2,□是 □否,\nP3,☑是 ☑否,\n"
    ledger = read_ledger(make_csv(项目=text), program)
    assert [held(one.instance) for one in ledger.records] == [
        {"项目编号": "P1", "已形成": True, "困难程度": "无"},
        {"项目编号": "P2"},
    ]
    assert [(problem.cell.row, problem.cell.column) for problem in ledger.problems] == [(4, "B")]

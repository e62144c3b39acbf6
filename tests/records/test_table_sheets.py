"""Decision tables as sheets: out and in again changes nothing, and what is wrong is found at its cell."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.language.formatting import format_source
from policyrules.language.parser import parse_source
from policyrules.records.table_sheets import Edited, WrittenTable, edited, read_sheet, write_sheet, written_table
from policyrules.records.tables import Table
from policyrules.source import Source

TEXT = """\
提示 甲
  说 “好”

# 上面的注
决策表 档次 对 项目  # 表名后的注
  依据【一】“分档给予补助”
  得出 档次
  取首行
  | 行名 | 总投资 | 项目类型 | 档次 | 语气 | 依据 | 释义 |  # 表头的注
  # 小的
  | 一 | < 10 万元 | 大棚、冷库 | 低 | | 【一】“低|低”【二】 | “小项目” |
  | 二 | 10 万元 以上 不足 上线 | 不为 “a、b” | 中 | 可 | | |  # 尾注

  | 三 | 2024年1月1日 至 2024年12月31日 | — | 高 | | | |
  # 末行前的注
  | 四 | 其余 | | 高 | | | |
# 下面的注

提示 乙
  说 “好”
"""


def table_in(text: str, name: str = "档次") -> WrittenTable:
    file, found = parse_source(Source("规则.rules", text))
    assert not found, found
    table = written_table(file, name)
    assert table is not None
    return table


def there_and_back(text: str, path: Path) -> Edited:
    table = table_in(text)
    write_sheet(path, table)
    sheet, _ = read_sheet(path, "档次")
    assert isinstance(sheet, Table)
    return edited(table, sheet)


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_nothing_is_lost(tmp_path: Path, suffix: str) -> None:
    text = format_source(TEXT)
    result = there_and_back(text, tmp_path / f"表.{suffix}")
    assert result.found == ()
    assert result.text == text


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_unformatted_table_comes_back_formatted(tmp_path: Path, suffix: str) -> None:
    result = there_and_back(TEXT, tmp_path / f"表.{suffix}")
    assert result.text is not None and format_source(result.text) == format_source(TEXT)


CELLS = (
    *("—", "", "< 10 万元", "≥ 10 万元 < 50 万元", "10 万元 至 50 万元", "甲", "甲、“b c”", "不为 甲、乙", "= 5 户"),
    *("属于 { 甲、等 }", "不属于 名单", "含 甲、乙", "含任一 { 甲 }", "不含 乙", "已填", "未填", "是", "-3 个", "60%"),
    *("> 线", "2024年1月1日", "其余的", "“#1”", "“=1+1”", "“ 甲 ”", "不足"),
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS), st.sampled_from(["", "# 注 | 注", "#"])),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.sampled_from(["", "  # 行间 | 的注\n", "  #\n"]), min_size=6, max_size=6),
    st.sampled_from(["xlsx", "csv"]),
)
def test_any_table_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    between: list[str],
    suffix: str,
) -> None:
    lines = "".join(
        f"{before}  | {one} | {two} | 低 |  {comment}\n"
        for before, (one, two, comment) in zip(between, rows, strict=False)
    )
    text = format_source(f"决策表 档次\n  得出 档次\n  | 甲 | 乙 | 档次 |\n{lines}")
    result = there_and_back(text, tmp_path_factory.mktemp("表") / f"表.{suffix}")
    assert result.found == () and result.text == text


def sheet_of(*rows: tuple[object, ...]) -> Table:
    return Table("表", list(enumerate(rows, 1)), "表.xlsx")


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, int | None, str]]:
    return [(one.code, one.place.row, one.place.column) for one in found if isinstance(one.place, CellPlace)]


PLAIN = "决策表 档次\n  得出 档次\n  | 总投资 | 类型 | 档次 |\n  | < 10 万元 | 甲 | 低 |\n"


def test_errors_stand_at_their_cells() -> None:
    table = table_in(PLAIN)
    head = ("总投资", "类型", "档次")
    result = edited(table, sheet_of(head, ("超过 10 万元", "甲", "低"), (None, None, None), ("< 5 万元", "乙", None)))
    assert result.text is None
    assert places(result.found) == [("E151", 2, "A"), ("E151", 4, "C")]
    result = edited(table, sheet_of(head, ("< 5 万元", "甲|乙", "低")))
    assert places(result.found) == [("E501", 2, "B")]
    result = edited(table, sheet_of(head, ("< 5 万元", "甲", "低", "多的")))
    assert places(result.found) == [("E149", 2, "D")]
    result = edited(table, sheet_of(("总投资", "类型"), ("< 5 万元", "甲")))
    assert [one.code for one in result.found] == ["E150"]
    assert [one.code for one in edited(table, sheet_of()).found] == ["E507"]


def test_what_a_spreadsheet_makes_of_cells() -> None:
    table = table_in(PLAIN)
    result = edited(
        table, sheet_of(("总投资", "类型", "档次"), (10, True, "低"), (datetime.date(2024, 1, 2), 0.5, "低"))
    )
    assert result.declaration == (
        "决策表 档次\n"
        "  得出 档次\n"
        "  | 总投资       | 类型 | 档次 |\n"
        "  | 10           | 是   | 低   |\n"
        "  | 2024年1月2日 | 0.5  | 低   |\n"
    )

"""What makes long ledgers possible: rows that wait on the disk, and rows that are written without a library."""

from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from policyrules.records import workbook, workbook_rows
from policyrules.records.spool import Chained, Spool
from policyrules.records.workbook import SheetPlan, read_workbook, workbook_bytes


@pytest.mark.parametrize("many", [0, 1, 499, 500, 501, 1_250])
def test_rows_come_back_as_they_were_put_as_often_as_they_are_asked_for(tmp_path: Path, many: int) -> None:
    spool = Spool[tuple[object, ...]](tmp_path)
    rows = [(number, f"第{number}行", None, datetime.date(2025, 1, 1), Decimal(number) / 10) for number in range(many)]
    for row in rows:
        spool.append(row)
    assert len(spool) == many and list(spool) == rows
    both = [pair for pair in zip(spool, spool, strict=True)]
    assert [one for one, _ in both] == [other for _, other in both] == rows
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_rows_after_others(tmp_path: Path) -> None:
    spool = Spool[int](tmp_path)
    for number in range(600):
        spool.append(number)
    rows = Chained([-2, -1], spool)
    assert len(rows) == 602 and list(rows) == list(rows) == list(range(-2, 600))
    spool.close()


def sheet_xml(plan: SheetPlan) -> tuple[bytes, bytes]:
    """The rows of the first sheet, and the styles."""
    with zipfile.ZipFile(io.BytesIO(workbook_bytes([plan]))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        return b"".join(re.findall(rb"(?s)<dimension[^>]*>|<sheetData>.*</sheetData>", sheet)), archive.read(
            "xl/styles.xml"
        )


def odd_cell(dice: random.Random) -> object:
    texts = [
        "甲",
        "a<b>&c",
        " 前后 ",
        "  ",
        "\n",
        "一\n二",
        "_x0041_",
        "\x00\x1f",
        "\ud800",
        "'=1",
        "𠮷",
        "字" * 33_000,
        "",
    ]
    numbers = [0, -7, 10**15, 12_345_678_901_234_567_890, Decimal("0.1"), Decimal("1234567.891"), Decimal("1E+20")]
    days = [
        datetime.date(1900, 1, 1),
        datetime.date(1900, 3, 1),
        datetime.date(2025, 9, 15),
        datetime.date(9999, 12, 31),
    ]
    return dice.choice([None, dice.choice(texts), dice.choice(texts), dice.choice(numbers), dice.choice(days)])


@pytest.mark.parametrize("kept", [1_000, 2])
@pytest.mark.parametrize("seed", range(12))
def test_long_sheets_are_written_as_the_library_writes_them(
    seed: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of few texts that are kept most are put in again and again.
    monkeypatch.setattr(workbook_rows, "_KEPT", kept)
    dice = random.Random(seed)
    rows = [tuple(odd_cell(dice) for _ in range(4)) for _ in range(dice.choice([0, 1, 3, 30]))]
    # The rows of a sheet to be filled in are the library's.
    by_library = SheetPlan("表", ("一", "二", "三", "四"), rows, fixed=1)
    ours, theirs = sheet_xml(replace(by_library, report=True)), sheet_xml(by_library)
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]


def test_a_table_of_too_many_rows_goes_on_in_the_next_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    rows = [(f"P{number}", "违反" if number % 2 else "合规") for number in range(7)]
    plan = SheetPlan("发现", ("编号", "结果"), rows, report=True, colours={1: {"违反": "FFF8D7DA"}})
    (tmp_path / "a.xlsx").write_bytes(workbook_bytes([plan]))
    tables, problems, _ = read_workbook(tmp_path / "a.xlsx", "a.xlsx")
    assert not problems and [table.name for table in tables] == ["发现", "发现（2）", "发现（3）"]
    read = [cells for table in tables for _, cells in list(table.rows)[1:]]
    assert read == rows and all(next(iter(table.rows))[1] == ("编号", "结果") for table in tables)


def test_what_is_known_of_rows_before_the_first_is_written() -> None:
    rows = [(1, None), ("甲", None), (datetime.date(2025, 1, 1), "违反"), (None, None)]
    span = workbook_rows.span_of(rows, {1: {"违反": "F"}}, 1)
    text, day, bad = workbook_rows.Look(False), workbook_rows.Look(True), workbook_rows.Look(False, "F")
    assert span.looks == (text, day, bad) and (span.rows, span.columns) == (3, 2)


@pytest.mark.parametrize("most", [1, 4, 7, 1000])
def test_rows_that_are_measured_come_back_as_they_were_put(tmp_path: Path, most: int) -> None:
    kept = Spool[bytes](tmp_path, most, len)
    assert list(kept) == []
    for text in (b"one,", b"", b"two two,", b"three"):
        kept.append(text)
    first = iter(kept)
    begun = next(first)
    assert b"".join(kept) == b"one,two two,three"
    # Another reader under way keeps its place.
    assert begun + b"".join(first) == b"one,two two,three"
    kept.close()
    assert not list(tmp_path.iterdir())

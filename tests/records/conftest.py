"""Fixtures: the sample program, and writers of small ledgers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.records.sample import build_program

from policyrules.program.nodes import Program


@pytest.fixture(scope="session")
def program() -> Program:
    return build_program()


@pytest.fixture
def make_csv(tmp_path: Path):
    """Write a CSV folder: ``make_csv(项目="...", 资金="...")``."""

    def make(**files: str) -> Path:
        folder = tmp_path / "台账"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
        return folder

    return make


@pytest.fixture
def make_workbook(tmp_path: Path):
    """Write a workbook of plain rows: ``make_workbook({"项目": [["项目编号"], ["P1"]]})``."""

    def make(sheets: dict[str, list[list[object]]], name: str = "台账.xlsx") -> Path:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return make

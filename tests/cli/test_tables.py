"""``export-table`` and ``import-table``: a table goes out, comes back edited, and nothing is harmed on the way."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.cli.test_commands import Console

from policyrules.testing.build import write_layers

RULES = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 总投资（total）：金额（万元） 取值 0 元 以上

决定 档次（grade）：单选 { 低、高 }

决策表 档次
  得出 档次
  | 总投资    | 档次 |
  | < 10 万元 | 低   |
  | ≥ 10 万元 | 高   |
"""


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setenv("COLUMNS", "80")
    return Console(capsys)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    return write_layers(tmp_path, RULES)


def rules(layer: Path) -> str:
    return (layer / "rules.rules").read_text(encoding="utf-8")


def test_out_and_in(layer: Path, tmp_path: Path, console: Console) -> None:
    csv = tmp_path / "表.csv"
    assert console("export-table", str(layer), "档次", "-o", str(csv))[0] == 0
    assert csv.read_text(encoding="utf-8-sig").splitlines() == ["总投资,档次", "< 10 万元,低", "≥ 10 万元,高"]
    assert console("export-table", str(layer), "档次", "-o", str(csv))[0] == 2, "what is there stays"
    csv.write_text("总投资,档次\n< 20 万元,低\n≥ 20 万元,高\n", encoding="utf-8-sig")
    code, out, _ = console("import-table", str(layer), "档次", str(csv))
    assert code == 0 and "< 20 万元" in out and rules(layer) == RULES
    assert console("import-table", str(layer), "档次", str(csv), "-w")[0] == 0
    assert rules(layer) == RULES.replace("10 万元", "20 万元")


def test_what_does_not_load_is_not_written(layer: Path, tmp_path: Path, console: Console) -> None:
    csv = tmp_path / "表.csv"
    for rows, said in (
        ("< 20,低\n≥ 20 万元,高\n", "第 2 行 A 列"),
        ("≤ 20 万元,低\n≥ 20 万元,高\n", "第 3 行"),
        ("< 20 万元,底\n≥ 20 万元,高\n", "第 2 行 B 列"),
    ):
        csv.write_text(f"总投资,档次\n{rows}", encoding="utf-8-sig")
        code, out, error = console("import-table", str(layer), "档次", str(csv), "-w")
        assert code == 1 and said in out + error, out + error
        assert rules(layer) == RULES


def test_slips(layer: Path, tmp_path: Path, console: Console) -> None:
    code, _, error = console("export-table", str(layer), "挡次", "-o", str(tmp_path / "表.xlsx"))
    assert code == 2 and "是不是 档次" in error
    assert console("export-table", str(layer), "档次", "-o", str(tmp_path / "表.json"))[0] == 2
    assert console("import-table", str(layer), "档次", str(tmp_path / "没有.csv"))[0] == 1
    assert console("import-table", str(layer), "档次", str(tmp_path / "没有.doc"))[0] == 2
    assert console("export-table", str(tmp_path / "没有"), "档次", "-o", str(tmp_path / "表.xlsx"))[0] == 2


def test_merged_cells_hold_for_each_of_their_rows(tmp_path: Path, console: Console) -> None:
    """What is merged over rows is what stands in each of them; what is merged over columns is asked to be parted."""
    openpyxl = pytest.importorskip("openpyxl")
    text = RULES.replace("取值 0 元 以上", "取值 0 元 以上\n  字段 停产（stopped）：是否").replace(
        "  | 总投资    | 档次 |\n  | < 10 万元 | 低   |\n  | ≥ 10 万元 | 高   |\n",
        "  | 总投资    | 停产 | 档次 |\n  | < 10 万元 | 是 | 低 |\n  | < 10 万元 | 否 | 高 |\n  | ≥ 10 万元 | - | 高 |\n",
    )
    layer, sheet = write_layers(tmp_path, text), tmp_path / "表.xlsx"
    assert console("export-table", str(layer), "档次", "-o", str(sheet))[0] == 0

    def merged(area: str) -> tuple[int, str, str]:
        book = openpyxl.load_workbook(sheet)
        book.worksheets[0].merge_cells(area)
        book.save(tmp_path / "改.xlsx")
        return console("import-table", str(layer), "档次", str(tmp_path / "改.xlsx"), "-w")

    assert merged("A2:A3")[0] == 0
    assert rules(layer).count("< 10 万元") == 2
    code, _, err = merged("A2:B2")
    assert code != 0 and "第 2 行 B 列" in err and "取消合并" in err and "MergedCell" not in err


def test_of_several_sheets_that_of_the_table_is_taken(tmp_path: Path, console: Console) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.styles import Font

    layer, sheet, edited = write_layers(tmp_path, RULES), tmp_path / "表.xlsx", tmp_path / "改.xlsx"
    assert console("export-table", str(layer), "档次", "-o", str(sheet))[0] == 0
    before = rules(layer)
    book = openpyxl.load_workbook(sheet)
    draft = book.create_sheet("草稿", 0)
    for row in (["总投资", "档次"], ["< 20 万元", "低"], ["≥ 20 万元", "高"]):
        draft.append(row)
    book.active = 0
    book.save(edited)
    assert console("import-table", str(layer), "档次", str(edited), "-w")[0] == 0
    assert rules(layer) == before
    book["档次"].title = "正稿"
    book.save(edited)
    code, out, err = console("import-table", str(layer), "档次", str(edited), "-w")
    assert code == 1 and "“草稿”、“正稿”" in out + err and "改名为“档次”" in out + err and rules(layer) == before
    # Rows that nobody sees, or that are struck out, go in, and are told.
    del book["草稿"]
    own = book["正稿"]
    own.row_dimensions[2].hidden = True
    for cell in own[3]:
        cell.font = Font(strike=True)
    book.save(edited)
    code, out, err = console("import-table", str(layer), "档次", str(edited))
    assert code == 0 and "有 1 行被隐藏" in out + err and "第 3 行整行划了删除线" in out + err


def test_a_sheet_of_more_rows_than_a_table_has_is_refused_where_they_begin(
    layer: Path, tmp_path: Path, console: Console
) -> None:
    csv = tmp_path / "表.csv"
    before = rules(layer)

    def put_in(rows: list[str]) -> tuple[int, str, str]:
        csv.write_text("总投资,档次\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8-sig")
        return console("import-table", str(layer), "档次", str(csv), "-w")

    many = [f"{number} 万元,低" for number in range(999)]
    began = time.process_time()
    code, _, err = put_in([*many, "≥ 999 万元,高", "# 一句说明,", "1000 万元,高", *many * 30])
    assert code == 1 and "第 1003 行" in err and "最多 1,000 行" in err and rules(layer) == before
    code, _, err = put_in([f"< {'9' * 2_000} 万元,低", *[f"# {'长' * 9_000},"] * 600])
    assert code == 1 and "超过 1 MiB" in err and "第 1" in err and rules(layer) == before
    # What is too long was read, checked and printed first: half a minute.
    assert time.process_time() - began < 8
    # Exactly as many as a table has, blank rows and remarks between them.
    code, _, err = put_in(["# 一句说明,", *many[:500], ",", *many[500:], "≥ 999 万元,高"])
    assert code == 0, err
    assert rules(layer).count("\n  | ") == 1_001


def test_comments_on_cells_are_told(tmp_path: Path, console: Console) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.comments import Comment

    layer, sheet = write_layers(tmp_path, RULES), tmp_path / "表.xlsx"
    assert console("export-table", str(layer), "档次", "-o", str(sheet))[0] == 0
    code, _, err = console("import-table", str(layer), "档次", str(sheet))
    assert code == 0 and "批注" not in err
    book = openpyxl.load_workbook(sheet)
    book.worksheets[0]["A2"].comment = Comment("改为\n20 万元", "张")
    book.save(sheet)
    code, _, err = console("import-table", str(layer), "档次", str(sheet))
    assert code == 0 and "批注没有读入，请核对：A2（改为 20 万元）" in err

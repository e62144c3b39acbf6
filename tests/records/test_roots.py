"""Policies whose records are no 项目: what a record is of comes from the declarations, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.records.tabled import result_tables

import policyrules as pr
from policyrules.analysis.summary import summarise
from policyrules.records.export import write_ledger
from policyrules.records.templates import write_template
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.testing.build import policy_from_text

RULES = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 重点县（key_county）：是否
对象 {0}（unit） 属于 县 标识 编号
  字段 编号（unit_no）：文本
  字段 {0}名称（unit_name）：文本
  字段 停产（stopped）：是否
  字段 收入（income）：金额（万元） 取值 0 万元 以上
对象 车间（workshop） 属于 {0}
  字段 闲置（idle）：是否
决定 处置（action） 对 {0}：单选 {{ 盘活、观察 }}
规则 盘活类 对 {0}
  当 停产 且 收入 ≥ 1 万元
  则 处置 为 盘活
"""


@pytest.fixture(scope="module", params=["企业", "农户"])
def policy(request: pytest.FixtureRequest) -> pr.Policy:
    return policy_from_text(RULES.format(request.param))


def csv_ledger(folder: Path, root: str) -> Path:
    texts = {
        root: f"编号,{root}名称,停产,收入（元）\nF1,一号,是,30000\nF2,二号,否,\nF2,二号又,否,\nF3,三号,也许,\n",
        "县": "县名,重点县\n甲县,是\n",
        "车间": "编号,闲置\nF1,是\nF9,否\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def json_ledger(folder: Path, root: str) -> Path:
    unit = {"编号": "F1", "unit_name": "一号", "停产": True, "收入": 3, "车间": [{"闲置": True}]}
    others = [{"unit_no": "F2", f"{root}名称": "二号", "停产": False, "workshop": []}, {"编号": "F2"}]
    document = {root: [unit, *others, {"编号": "F3", "停产": "也许"}], "县": {"县名": "甲县", "重点县": "是"}}
    path = folder / "台账.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def xlsx_ledger(folder: Path, root: str) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    csv_ledger(folder, root)
    for path in sorted(folder.glob("*.csv")):
        sheet = book.create_sheet(f"{path.stem}台账")
        for line in path.read_text(encoding="utf-8").splitlines():
            sheet.append(line.split(","))
        path.unlink()
    book.save(folder / "台账.xlsx")
    return folder / "台账.xlsx"


@pytest.mark.parametrize("make", [csv_ledger, json_ledger, xlsx_ledger])
def test_every_format_is_read_and_evaluated(make, policy: pr.Policy, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = policy.program.root
    ledger = policy.read(make(tmp_path, root))
    assert [(r.identity, r.name, r.instance.path) for r in ledger.records] == [
        ("F1", "一号", root),
        ("F2", "二号", root),
    ]
    assert {(problem.code, problem.cell.record) for problem in ledger.problems} >= {("E505", "F2"), ("E501", "F3")}
    first = ledger.records[0].instance
    assert first.values["收入"] == 30_000 and first.rows["车间"] is not None and len(first.rows["车间"]) == 1
    assert first.parent is not None and first.parent.values == {"县名": "甲县", "重点县": True}
    outcomes = list(policy.evaluate_all(ledger.portfolio))[: len(ledger.records)]
    assert [outcome["处置"].text for outcome in outcomes] == ["盘活", "无"]
    results, *_, problems, _ = result_tables(outcomes, ledger)
    assert results.rows[0][:2] == ("F1", "一号") and {row[0] for row in problems.rows} >= {"F2", "F3"}
    said = plain(ledger_lines(summarise(policy.program, outcomes), policy)) + plain(project_lines(outcomes[0], policy))
    assert f"{root}：2 个" in said and f"处置（{root} 2 个" in said and "项目" not in said


def test_templates_and_written_ledgers(policy: pr.Policy, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    root = policy.program.root
    write_template(tmp_path / "模板.xlsx", policy.program)
    book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    assert book.sheetnames[:4] == ["填写说明", root, "车间", "县"]
    guide = "\n".join(str(cell.value) for row in book["填写说明"].iter_rows() for cell in row if cell.value)
    assert f"没有某个{root}的行" in guide and "项目" not in guide
    ledger = policy.read(json_ledger(tmp_path, root))
    for suffix in (".xlsx", ".json", ".jsonl"):
        path = tmp_path / f"再写{suffix}"
        write_ledger(path, policy.program, [record.instance for record in ledger.records])
        again = policy.read(path)
        assert again.problems == () and [r.instance.values for r in again.records] == [
            r.instance.values for r in ledger.records
        ]
        assert all(r.instance.parent is not None and r.instance.parent.values["重点县"] is True for r in again.records)


def test_the_record_is_the_topmost_numbered_object_unless_there_is_a_project() -> None:
    def root(*kinds: str) -> str:
        text = "\n".join(f"对象 {kind}\n  字段 名（name{n}）：文本" for n, kind in enumerate(kinds))
        return policy_from_text(text).program.root

    assert root("村（village）", "户（house） 属于 村") == "村"
    assert root("村（village）", "户（house） 属于 村 标识 名", "地（field） 属于 户 标识 名") == "户"
    assert root("村（village） 标识 名", "项目（project） 属于 村") == "项目"

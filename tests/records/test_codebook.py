"""Heads that say what the marks of yes and no are, that a column is the contrary of a field, or that numbers are percents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

MakeCsv = Callable[..., Path]


def values(ledger: Ledger) -> list[dict[str, object]]:
    return [held(record.instance) for record in ledger.records]


@pytest.mark.parametrize("door", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "said",
    [
        "0是1否",
        "1=否，2=是",
        "否填√",
        "1否0是",
        "1:否 0:是",
        "是=0",
        "是填0",
        "√为否",
        "未已形成填1",
        "否",
        "不是",
        "非已形成打勾",
        "未形成填√",
        "没有形成的打“√”",
        "√表示尚未形成",
        "无为是",
        "有=否",
        "填否表示是",
        "不存在√",
        "是否不存在",
        "反向指标",
    ],
)
def test_marks_that_mean_the_contrary_are_not_read(
    said: str, door: str, tmp_path: Path, make_csv: MakeCsv, program: Program
) -> None:
    if door == "csv":
        ledger = read_ledger(make_csv(项目=f'项目编号,"已形成（{said}）",带动户数\nP1,1,5\nP2,√,6\n'), program)
        assert [one.code for one in ledger.problems] == ["E506"] and ledger.problems[0].cell.column == "B"
        assert values(ledger) == [{"项目编号": "P1", "带动户数": 5}, {"项目编号": "P2", "带动户数": 6}]
        return
    path = tmp_path / "台账.jsonl"
    path.write_text(
        f'{{"项目编号": "P1", "已形成（{said}）": 1}}\n{{"项目编号": "P2", "已形成（{said}）": null}}\n', "utf-8"
    )
    ledger = read_ledger(path, program)
    assert [one.code for one in ledger.problems] == ["E501"] and values(ledger) == [{"项目编号": "P2"}]


@pytest.mark.parametrize(
    "said",
    [
        "1是0否",
        "是/否",
        "是1否0",
        "1=是，0=否",
        "有/无",
        "Y/N",
        "√",
        "1/0",
        "是打√",
        "是打勾否打叉",
        "未已形成填0",
        "形成填√，未形成填×",
        "有为是，无为否",
        "是否形成",
        "必填",
        "是否",
    ],
)
def test_marks_that_mean_what_they_mean_are_read(said: str, make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目=f'项目编号,"已形成（{said}）"\nP1,1\nP2,0\n'), program)
    assert ledger.problems == () and [one["已形成"] for one in values(ledger)] == [True, False]


def test_a_name_that_denies_is_told_from_its_contrary(make_csv: MakeCsv) -> None:
    unfit = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 不符合要求（unfit）：是否\n提示 甲\n  当 不符合要求\n  说 “大”\n"
    ).program
    read = read_ledger(make_csv(项目="编号,不符合要求（不符合填√）\nP1,√\n"), unfit)
    assert read.problems == () and read.records[0].instance.values["不符合要求"] is True
    turned = read_ledger(make_csv(项目="编号,不符合要求（符合要求填√）\nP1,√\n"), unfit)
    assert [one.code for one in turned.problems] == ["E506"] and turned.records[0].instance.values == {"编号": "P1"}


@pytest.mark.parametrize(
    "name",
    ["未已形成", "非已形成", "没有已形成", "未形成", "是否未形成", "没有形成", "尚未形成", "1.未形成"],
)
def test_the_contrary_of_a_field_is_not_offered_for_it(name: str, make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{name}\nP1,是\n"), program)
    notes = "\n".join(ledger.notes)
    assert "和“已形成”正相反" in notes and "改成“已形成”" not in notes and "是不是“已形成”" not in notes


@pytest.mark.parametrize("head", ["利用率%", "利用率％", "利用率百分比", "利用率百分数", "利用率（%）"])
def test_a_sign_of_percents_at_the_end_of_a_head_is_its_unit(head: str, make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,{head}\nP1,60\nP2,12.5\n"), program)
    assert ledger.problems == ()
    assert [one["利用率"] for one in values(ledger)] == ["0.6", "0.125"]


def test_a_sign_of_percents_is_not_lost_by_advice(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,%利用率\nP1,0.6\n"), program)
    assert "请把列名改成“利用率（%）”" in "\n".join(ledger.notes)


@pytest.mark.parametrize(("cell", "told"), [("60", True), ("1.2", True), ("60%", False), ("0.6", False), ("1", False)])
def test_a_bare_number_above_one_of_a_ratio_without_end_is_told(
    cell: str, told: bool, make_csv: MakeCsv, program: Program
) -> None:
    ledger = read_ledger(make_csv(项目=f"项目编号,增长率\nP1,{cell}\nP2,50%\n"), program)
    assert len(ledger.records) == 2
    assert ("“项目”的增长率（B 列）有的大于 1 又不带 %" in "\n".join(ledger.notes)) is told
    under = read_ledger(make_csv(项目=f"项目编号,增长率（%）\nP1,{cell}\nP2,50%\n"), program)
    assert "不带 %" not in "\n".join(under.notes)


UNMERGED = [
    "项目编号,实际到位,,利润\n,计划,实绩,\nP1,5,6,7\n",
    "项目编号,实际到位,,利润\n,2024,2025年度,\nP1,5,6,7\n",
    "项目编号,实际到位,,,利润\n,中央,省,县,\nP1,5,6,1,7\n",
]


@pytest.mark.parametrize("text", UNMERGED)
def test_a_field_that_is_divided_beneath_its_head_in_a_text_file(
    text: str, make_csv: MakeCsv, program: Program
) -> None:
    ledger = read_ledger(make_csv(项目=text), program)
    assert values(ledger) == [{"项目编号": "P1", "利润": 7}]
    assert [(one.code, one.cell.path, one.cell.column) for one in ledger.problems] == [("E506", "实际到位", "B")]


def test_yes_and_no_beneath_a_head_are_no_record(make_csv: MakeCsv, program: Program) -> None:
    ledger = read_ledger(make_csv(项目="项目编号,已形成,,带动户数\n,是,否,\nP1,√,,5\nP2,,√,6\n"), program)
    assert values(ledger) == [{"项目编号": "P1", "带动户数": 5}, {"项目编号": "P2", "带动户数": 6}]
    assert [(one.code, one.cell.path) for one in ledger.problems] == [("E506", "已形成")]

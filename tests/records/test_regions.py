"""Records that lie in another county than the rules are for: counted and named, never by mistake."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from policyrules.cli import run
from policyrules.policy import load
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

RULES = """\
对象 县（county）{identity}
  字段 县名（county_name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 {field}（place）：文本
  字段 已形成（formed）：是否
提示 形成了
  依据【一】“话”
  当 已形成
  说 “话”
"""


def layer(folder: Path, region: str, level: str = "县", field: str = "所在县", since: str = "2024-01-01") -> Path:
    folder.mkdir(parents=True)
    (folder / "layer.yaml").write_text(
        f"id: A\ntitle: 办法\nlevel: {level}\nregion: {region}\nextends: null\nin_force_from: {since}\n",
        encoding="utf-8",
    )
    (folder / "clauses.yaml").write_text(
        "clauses:\n- {id: A-1, place: 一, summary: 话, kind: duty, decides: true}\n",
        encoding="utf-8",
    )
    (folder / "规则.rules").write_text(RULES.format(field=field, identity=" 标识 县名"), encoding="utf-8")
    return folder


def ledger(tmp_path: Path, *places: str, field: str = "所在县") -> Path:
    path = tmp_path / "台账.csv"
    lines = [f"编号,{field},已形成", *(f"P{number},{place},是" for number, place in enumerate(places))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def said(folder: Path, path: Path) -> list[str]:
    policy = load(folder, as_of=datetime.date(2025, 1, 1))
    return [note for note in policy.read(path).notes if "写的是别的" in note]


def test_records_of_other_counties_are_counted_and_named(tmp_path: Path) -> None:
    places = ["丙县", "甲县", "乙县", "甲县", "", "丙县"]
    assert said(layer(tmp_path / "n", "丙县"), ledger(tmp_path, *places)) == [
        "台账里有 3 个项目写的是别的县（甲县 2、乙县 1），本层是丙县的；按丙县的规则评了，要各按各的评，"
        "用 --each 所在县=放各县的层的文件夹"
    ]


@pytest.mark.parametrize(
    ("region", "places"),
    [
        ("示例县", ["示例县", "示例", "某省示例县", "甲市示例县", "示例 县", ""]),
        ("某省示例县", ["示例县", "示例", "某省示例县"]),
        ("示例", ["示例县", "示例区"]),
        ("示例县", ["360100", "A01"]),
    ],
)
def test_other_ways_to_write_the_same_county_say_nothing(tmp_path: Path, region: str, places: list[str]) -> None:
    assert said(layer(tmp_path / "n", region), ledger(tmp_path, *places)) == []


def test_a_county_of_which_only_the_end_is_alike_is_another(tmp_path: Path) -> None:
    assert "龙南县 1" in said(layer(tmp_path / "n", "南县"), ledger(tmp_path, "龙南县"))[0]


def test_a_province_says_nothing_of_counties_nor_a_layer_not_in_force(tmp_path: Path) -> None:
    path = ledger(tmp_path, "甲县", "乙县")
    assert said(layer(tmp_path / "p", "某省", "省"), path) == []
    assert said(layer(tmp_path / "n", "丙县", since="2025-06-01"), path) == []


@pytest.mark.parametrize("field", ["县名称", "所属县区", "项目所在县", "县市区名称"])
def test_fields_that_name_the_county_otherwise(tmp_path: Path, field: str) -> None:
    found = said(layer(tmp_path / "n", "丙县", field=field), ledger(tmp_path, "甲县", field=field))
    assert f"--each {field}=" in found[0]


def test_what_the_record_belongs_to_says_it_too(tmp_path: Path) -> None:
    folder = layer(tmp_path / "n", "丙县", field="备注")
    path = tmp_path / "台账.json"
    records = [{"编号": "P1", "县": {"县名": "甲县"}}, {"编号": "P2", "县": {"县名": "丙县"}}]
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    assert "（甲县 1）" in said(folder, path)[0]


def test_the_page_and_the_json_say_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path = layer(tmp_path / "n", "丙县"), ledger(tmp_path, "甲县", "丙县")
    run(["evaluate", str(folder), str(path), "--as-of", "2025-01-01"])
    page = capsys.readouterr()
    assert (page.out + page.err).count("写的是别的县") == 1
    assert page.out.index("写的是别的县") < page.out.index("要处理的")
    run(["evaluate", str(folder), str(path), "--as-of", "2025-01-01", "--json"])
    assert sum("写的是别的县" in note for note in json.loads(capsys.readouterr().out)["notes"]) == 1


COUNTY = """
对象 县（county）
  字段 县名（name）：文本
  字段 已公示（shown）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 所在县（county_name）：文本
  字段 户数（hh）：整数（户）
义务 公示 对 县
  应当 已公示
"""


@pytest.mark.parametrize("door", ["csv", "json"])
def test_a_county_of_which_no_project_can_be_evaluated_is_named(door: str, tmp_path: Path) -> None:
    program = policy_from_text(COUNTY).program
    if door == "csv":
        (tmp_path / "项目.csv").write_text("编号,所在县,户数\nP1,甲县,3\nP2,乙县,三五户\nP3,甲县,三五户\n", "utf-8")
        (tmp_path / "县.csv").write_text("县名,已公示\n甲县,否\n乙县,否\n", "utf-8")
        path = tmp_path
    else:
        projects = [("P1", "甲县", 3), ("P2", "乙县", "三五户"), ("P3", "甲县", "三五户")]
        path = tmp_path / "台账.json"
        records = [{"编号": number, "所在县": county, "户数": count} for number, county, count in projects]
        counties = [{"县名": name, "已公示": False} for name in ("甲县", "乙县")]
        path.write_text(json.dumps({"项目": records, "县": counties}), "utf-8")
    ledger = read_ledger(path, program)
    assert [one.identity for one in ledger.set_aside] == ["P2", "P3"]
    (said,) = [note for note in ledger.notes if "都没有评" in note]
    assert said.startswith("乙县的项目都没有评") and "甲县" not in said

"""What is found of what records belong to says which one, by every door: a county stands in a table of its own, in another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules.columns.parts import Job, findings_of, loaded, packed
from policyrules.testing.build import policy_from_text

polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")

TEXT = """
对象 县（county）{identity}
  字段 县名（county_name）：文本
  字段 脱贫县（poor）：是否
  字段 户数（homes）：整数（户）
对象 工人（worker） 属于 县
  字段 在岗（working）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 所在县（in_county）：文本
参数 线（line）：整数（户） 缺省 10 户
决定 县里（of_county）：单选 {{ 甲、乙 }}
  对 县
决定 去留（of_worker）：单选 {{ 留、走 }}
  对 工人
规则 一
  对 县
  当 脱贫县
  则 县里 为 甲
规则 二
  对 县
  当 非 脱贫县
  则 县里 为 乙
规则 三
  对 工人
  当 在岗{lines}
  则 去留 为 留
义务 丙
  对 县
  应当 脱贫县{lines}
义务 丁
  对 工人
  应当 在岗
"""
COUNTIES = {"县名": ["C县", "B县", "A县", "没人县"], "脱贫县": [True, False, None, True], "户数": [20, 20, 20, 20]}
WORKERS = {"县名": ["C县", "A县", "C县"], "在岗": [True, False, None]}
ROWS = 200


def policy(*, identity: str = " 标识 县名", lines: str = "") -> pr.Policy:
    return policy_from_text(TEXT.format(identity=identity, lines=lines))


def projects(rows: int = ROWS) -> dict[str, list[Any]]:
    """Of A县, B县 and C县 in turns; the last of a county that is in no table."""
    return {
        "编号": [f"P{place}" for place in range(rows)],
        "所在县": [("A县", "B县", "C县")[place % 3] for place in range(rows - 1)] + ["D县"],
    }


def frames(rows: int = ROWS) -> tuple[Any, dict[str, Any]]:
    children = {"县": polars.DataFrame(COUNTIES), "工人": polars.DataFrame(WORKERS)}
    return polars.DataFrame(projects(rows)), children


OF_COUNTIES = [("A县", None, "待定"), ("B县", "乙", "已定"), ("C县", "甲", "已定"), ("", None, "待定")]
OF_WORKERS = [("A县", 0, None, "无"), ("C县", 1, "留", "已定"), ("C县", 2, None, "待定")]
FINDINGS = {
    ("A县", "县", 0, "县", "待核实"),
    ("B县", "县", 1, "县", "违反"),
    ("C县", "县", 2, "县", "合规"),
    ("", "县", 3, "县", "待核实"),
    ("A县", "工人", 0, "工人[0]", "违反"),
    ("C县", "工人", 1, "工人[0]", "合规"),
    ("C县", "工人", 2, "工人[1]", "待核实"),
}
SAID = ("所属", "对象", "行", "路径", "状态")


@pytest.mark.parametrize("identity", [" 标识 县名", ""])
@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_in_frames(identity: str, engine: Any) -> None:
    source, children = frames()
    found = policy(identity=identity).evaluate_frame(source, children=children, engine=engine)
    counties, workers, listed = (own.to_polars() for own in (found.table("县"), found.table("工人"), found.findings))
    assert counties.columns[0] == "县名" and counties.select("县名", "县里", "县里·状态").rows() == OF_COUNTIES
    assert workers.select("所属", "行", "去留", "去留·状态").rows() == OF_WORKERS
    shared = listed.filter(polars.col("记录").is_null(), polars.col("没有列出").is_null())
    assert listed.columns[:2] == ["记录", "所属"] and set(shared.select(SAID).rows()) == FINDINGS
    # Nobody knows whether the county that is in no table has workers.
    assert listed.filter(polars.col("没有列出") == "工人").select(SAID).rows()[-1] == ("", "县", 3, "县", "待核实")
    # Texts that many rows have are told by their places.
    assert str(found.findings.to_arrow().schema.field("所属").type).startswith("dictionary")


@pytest.mark.parametrize("block", [64, 128, 1 << 17])
def test_in_files(tmp_path: Path, block: int) -> None:
    source, children = frames()
    paths = {name: tmp_path / f"{name}.parquet" for name in ("项目", *children, "决定", "检查", "各县", "各人")}
    for name, own in {"项目": source, **children}.items():
        own.write_parquet(paths[name])
    given = {name: paths[name] for name in children}
    tables = {"县": paths["各县"], "工人": paths["各人"]}
    policy().evaluate_parquet(
        paths["项目"], paths["决定"], children=given, findings=paths["检查"], tables=tables, rules=True, block=block
    )
    counties, workers, listed = (polars.read_parquet(paths[name]) for name in ("各县", "各人", "检查"))
    assert counties.select("县名", "县里", "县里·状态").rows() == OF_COUNTIES
    assert counties["一"].to_list() == [None, False, True, None]
    assert workers.select("所属", "行", "去留", "去留·状态").rows() == OF_WORKERS
    shared = listed.filter(polars.col("没有列出").is_null())
    assert set(shared.select(SAID).rows()) == FINDINGS and len(shared) == len(FINDINGS)


@pytest.mark.parametrize("rows", [6, ROWS])
def test_what_differs_from_record_to_record(rows: int, tmp_path: Path) -> None:
    """The line that is compared with is each record's own: here B县 has one by itself."""
    own = policy(lines=" 且 户数 > 线")
    source, children = frames(rows)
    options: dict[str, Any] = {"parameters": {"B县": {"线": 50}}, "by": "所在县"}
    found = own.evaluate_frame(source, children=children, **options)
    workers, listed = found.table("工人").to_polars(), found.findings.to_polars()
    assert workers.columns[:3] == ["记录", "所属", "行"]
    of_a, of_c = ([place for place in range(rows - 1) if place % 3 == turn] for turn in (0, 2))
    expected = [(place, "A县", 0, None) for place in of_a]
    expected += [(place, "C县", row, value) for place in of_c for row, value in ((1, "留"), (2, None))]
    assert workers.select("记录", "所属", "行", "去留").rows() == sorted(expected)
    of_counties = listed.filter(polars.col("对象") == "县", polars.col("名称") == "丙")
    told = of_counties.select("记录", "所属", "行", "状态").rows()
    states = [("A县", 0, "待核实"), ("B县", 1, "违反"), ("C县", 2, "合规")]
    assert told == [(place, *states[place % 3]) for place in range(rows - 1)] + [(rows - 1, "", 3, "待核实")]
    paths = {name: tmp_path / f"{name}.parquet" for name in ("项目", *children, "决定", "检查", "各人")}
    for name, one in {"项目": source, **children}.items():
        one.write_parquet(paths[name])
    own.evaluate_parquet(
        paths["项目"],
        paths["决定"],
        children={name: paths[name] for name in children},
        findings=paths["检查"],
        tables={"工人": paths["各人"]},
        block=64,
        **options,
    )
    assert polars.read_parquet(paths["各人"]).rows() == workers.rows()
    assert set(polars.read_parquet(paths["检查"]).rows()) == set(listed.rows())


def test_on_a_cluster() -> None:
    """What a worker says of its part; those that all records of a county share by themselves."""
    own = policy()
    job = Job(packed(own.program, own.fingerprint), None, "zh", (), False, (), 0, "decimal")
    source, children = frames(4)
    prepared = own.prepare(source, children=children)
    told: dict[bool, dict[str, list[Any]]] = {}
    for owners in (True, False):
        columns = findings_of(loaded(job.program), job, prepared, owners=owners)
        assert [*columns][:4] == ["编号", "所属", "对象", "路径"]
        told[owners] = {name: list(column.to_list()) for name, column in columns.items()}
    shared = told[True]
    said = zip(*(shared[name] for name in ("编号", "所属", "对象", "路径", "没有列出", "状态")), strict=True)
    expected = {(None, own, object_, path, None, status) for own, object_, _, path, status in FINDINGS}
    assert {one for one in said if one[4] is None} == expected
    assert told[False]["所属"] == []


def test_as_many_names_as_a_byte_has_places() -> None:
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n"
    records: list[dict[str, Any]] = [{"编号": f"P{place}"} for place in range(128)]
    found = policy_from_text(text).evaluate_frame([*records, {}]).columns["编号"]
    assert found.to_list() == [*(f"P{place}" for place in range(128)), ""]

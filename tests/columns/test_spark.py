"""A ledger on Spark comes to what it comes to on one machine, row for row; and to what the definition says.

Skipped where PySpark or a JDK is not there: `make spark` runs it in an environment of its own.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

import policyrules as pr
from policyrules.results import STATUS_NAMES
from policyrules.testing.build import policy_from_text

if importlib.util.find_spec("pyspark") is None:
    pytest.skip("PySpark is not installed: make spark", allow_module_level=True)
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("there is no JDK: make spark needs JDK 17", allow_module_level=True)

from policyrules.columns.spark import NotOnSpark, with_rows

from .test_stacks import nation

pytestmark = pytest.mark.filterwarnings("ignore")

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime.date(2025, 9, 15)
ORDER = "行号"
Tables = dict[str, dict[str, list[Any]]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.adaptive.enabled", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return pr.load(ROOT / "examples" / "county", as_of=AS_OF)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The sheets of the example ledger, every cell a text."""
    sys.path.insert(0, str(ROOT / "examples" / "ledger"))
    try:
        import generate  # type: ignore[import-not-found]  # a neighbour of the script

        path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
        generate.generate(path, 537)
    finally:
        sys.path.pop(0)
    found: Tables = {}
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        head, *body = sheet.iter_rows(values_only=True)
        if sheet.title != "说明":
            found[sheet.title] = {str(name): [_cell(row[at]) for row in body] for at, name in enumerate(head) if name}
    return found


def _cell(cell: Any) -> str | None:
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return None if cell is None else str(cell)


def many(example: Tables, times: int) -> Tables:
    """The example so many times over, in five counties that differ, with rows that nothing can be done with."""
    rng = random.Random(7)
    found: Tables = {name: {head: [] for head in columns} for name, columns in example.items()}
    for turn in range(times):
        for name, columns in example.items():
            rows = len(next(iter(columns.values())))
            for head, cells in columns.items():
                if head in ("项目编号", "资产编号"):
                    cells = [None if cell is None else f"{turn:02}-{cell}" for cell in cells]
                elif head in ("县名", "所在县"):
                    if name in ("县", "类型统计") and turn >= 5:
                        continue
                    cells = [f"{turn % 5}号县"] * rows
                elif name in ("县", "类型统计"):
                    if turn >= 5:
                        continue
                    cells = [None if rng.random() < 0.2 else cell for cell in cells]
                found[name][head] += cells
    projects, funds = found["项目"], found["资金"]
    for row in range(30, 36):
        # Twice the same number, of another width now and then.
        _again(projects, row, projects["项目编号"][row].replace("-", "－") if row % 2 else projects["项目编号"][row])
    for row in range(40, 43):
        _again(projects, row, None)
    _again(projects, 44, "合计")
    for row in range(50, 54):
        _again(funds, row, f"没有-{row}")
    for name, columns in found.items():
        rows = len(next(iter(columns.values())))
        order = list(range(rows))
        if name not in ("县", "类型统计"):
            rng.shuffle(order)
        found[name] = {head: [cells[at] for at in order] for head, cells in columns.items()}
    return found


def _again(columns: dict[str, list[Any]], row: int, number: str | None) -> None:
    for head, cells in columns.items():
        cells.append(number if head == "项目编号" else cells[row])


def arrow(tables: Tables) -> dict[str, pa.Table]:
    found = {}
    for name, columns in tables.items():
        rows = len(next(iter(columns.values())))
        cells = {head: pa.array(own, pa.string()) for head, own in columns.items()}
        found[name] = pa.table({**cells, ORDER: pa.array(range(rows), pa.int64())})
    return found


def frames(spark: Any, tables: dict[str, pa.Table], folder: Path, files: int) -> dict[str, Any]:
    """The tables as files of Parquet that Spark reads, their rows in any order."""
    rng = random.Random(3)
    found = {}
    for name, table in tables.items():
        order = list(range(table.num_rows))
        rng.shuffle(order)
        mixed = table.take(pa.array(order))
        for part in range(files):
            begin, end = table.num_rows * part // files, table.num_rows * (part + 1) // files
            (folder / name).mkdir(exist_ok=True)
            pyarrow.parquet.write_table(mixed.slice(begin, end - begin), folder / name / f"{part}.parquet")
        found[name] = spark.read.parquet(str(folder / name))
    return found


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)


def plain(type_: pa.DataType) -> pa.DataType:
    """A type without dictionaries: a cluster has its texts plain, also those within lists."""
    if pa.types.is_list(type_):
        return pa.list_(plain(type_.value_type))
    return plain(type_.value_type) if pa.types.is_dictionary(type_) else type_


def check_same(policy: pr.Policy, result: Any, one: Any, rows: str) -> None:
    """All that Spark says against all that one machine says."""
    records, expected = result.records.toArrow(), one.table("项目").to_arrow()
    assert records.column_names == expected.column_names
    assert [plain(own.type) for own in records.schema] == [plain(own.type) for own in expected.schema]
    assert rows_of(records) == rows_of(expected)
    prepared = one.prepared
    identities = list(prepared.identities())
    below, expected_below = result.table(rows).toArrow(), one.table(rows).to_arrow()
    of, at = (expected_below.column(name).to_numpy() for name in ("记录", "行"))
    expected_below = expected_below.drop_columns(["记录", "行"])
    assert below.column_names == ["项目编号", "路径", "资产·资产编号", *expected_below.column_names]
    called = [[identities[record] for record in of], one.paths(rows, at)]
    for name, cells in zip(("路径", "项目编号"), reversed(called), strict=True):
        expected_below = expected_below.add_column(0, name, pa.array(cells, pa.string()))
    assert rows_of(below.drop_columns(["资产·资产编号"])) == rows_of(expected_below)
    counties = prepared.tables["县"].columns["县名"]
    above = prepared.above
    assert above is not None
    told_findings = result.findings.toArrow().to_pylist()
    found: Counter[tuple[Any, ...]] = Counter()
    names_of = [str(counties.value(at) or "") for at in range(counties.rows)]
    for row in told_findings:
        number = row.pop("项目编号")
        if number is not None:
            found[number, *row.values()] += 1
            continue
        # What a county is told once concerns each of its records.
        for record in range(len(one)):
            if names_of[int(above[record])] == row["所属"]:
                found[identities[record], *row.values()] += 1
    wanted: Counter[tuple[Any, ...]] = Counter()
    for row in one.findings.to_arrow().to_pylist():
        record, at = row.pop("记录"), row.pop("行")
        own = [record]
        if record is None:
            holder = at if row["对象"] == "县" else int(prepared.tables[row["对象"]].parent[at])
            own = [number for number in range(len(one)) if int(above[number]) == holder]
        for number in own:
            wanted[identities[number], *row.values()] += 1
    assert found == wanted
    problems = [row for row in result.problems.toArrow().to_pylist() if row["代码"] is not None]
    told = [(p.cell.record or None, p.code, p.cell.sheet or None, p.cell.path or None) for p in prepared.problems]
    assert Counter(tuple(list(row.values())[:4]) for row in problems) == Counter(told)
    assert not [row for row in problems if "第 " in row["说明"] and " 行" in row["说明"]]


def test_the_example_ledger(spark: Any, policy: pr.Policy, example: Tables, tmp_path: Path) -> None:
    tables = arrow(example)
    given = frames(spark, tables, tmp_path, 1)
    result = policy.evaluate_spark(given.pop("项目"), children=given, order=ORDER)
    projects = tables.pop("项目")
    one = policy.evaluate_frame(projects, children=tables)
    check_same(policy, result, one, "资产")
    # And against the definition itself.
    said = {row["项目编号"]: row for row in result.records.toArrow().to_pylist()}
    ledger = _read(policy, example)
    outcomes = [one for one in policy.evaluate_all(ledger, on_error="collect") if isinstance(one, pr.Outcome)]
    assert len(outcomes) == len(said) == 534
    for outcome in outcomes:
        row = said[outcome.identity]
        for name, decided in outcome.decisions.items():
            assert row[f"{name}·状态"] == STATUS_NAMES[decided.status]
            value = decided.value
            if isinstance(value, frozenset):
                assert frozenset(row[name]) == value
            else:
                assert row[name] == value


def _read(policy: pr.Policy, example: Tables) -> Any:
    from policyrules.records.joins import read_tables
    from policyrules.records.tables import Table

    sheets = []
    for name, columns in example.items():
        body = enumerate(zip(*columns.values(), strict=True), start=2)
        sheets.append(Table(name, [(1, tuple(columns)), *body]))
    return read_tables(sheets, policy.program)


def test_twenty_thousand_rows_in_many_parts(spark: Any, policy: pr.Policy, example: Tables, tmp_path: Path) -> None:
    tables = arrow(many(example, 38))
    assert tables["项目"].num_rows > 20_000
    given = frames(spark, tables, tmp_path, 2)
    # Parts of some thousand rows: each partition is several.
    result = policy.evaluate_spark(given.pop("项目"), children=given, order=ORDER, rows=15_000)
    projects = tables.pop("项目")
    one = policy.evaluate_frame(projects, children=tables)
    assert {problem.code for problem in one.prepared.problems} >= {"E501", "E504", "E505"}
    check_same(policy, result, one, "资产")


def test_each_county_under_its_own_layer(spark: Any, example: Tables, tmp_path: Path) -> None:
    """Counties with a layer, without one, and blank ones, in several parts, as on one machine."""
    policy = pr.load(ROOT / "policies" / "jiangxi", as_of=AS_OF)
    written = many(example, 6)
    written["项目"]["所在县"][7:19] = [None] * 12
    tables = arrow(written)
    given = frames(spark, tables, tmp_path, 2)
    stacks = policy.stacks({"1号县": ROOT / "examples" / "county"}, {"3号县": {"反向约束数量": 2}})
    options: dict[str, Any] = {"stacks": stacks, "by": "所在县"}
    result = policy.evaluate_spark(given.pop("项目"), children=given, order=ORDER, rows=5_000, **options)
    projects = tables.pop("项目")
    one = policy.evaluate_frame(projects, children=tables, **options)
    plain = policy.evaluate_frame(projects, children=tables)
    apart = [at for at in range(len(one)) if one.columns["分类"].to_list()[at] != plain.columns["分类"].to_list()[at]]
    assert len(apart) > 10
    check_same(policy, result, one, "资产")


def test_layers_that_amend_worked_by_hand(spark: Any) -> None:
    """What `test_stacks` works out by hand, on a cluster: amended and stopped rules, own decisions, statistics by county."""
    policy, stacks, records = nation()
    frame = spark.createDataFrame(
        records, "`编号` string, `所在县` string, `停产` boolean, `投资` int, `户数` int, `类型` string"
    )
    result = policy.evaluate_spark(frame.repartition(3), stacks=stacks, by="county")
    said = {row["编号"]: row for row in result.records.toArrow().to_pylist()}
    assert [said[str(at)]["分类·状态"] for at in range(1, 8)] == ["已定", "已定", "已定", "无", "冲突", "已定", "冲突"]
    assert [said[str(at)]["去向·状态"] for at in range(1, 8)] == [None, None, None, None, "无", "已定", None]
    findings = {(row["编号"], row["名称"]) for row in result.findings.collect() if row["状态"] == "提示"}
    assert {number for number, name in findings if name == "多的"} == {"5", "6"}
    assert {number for number, name in findings if name == "本县留意"} == {"1", "2", "6"}
    assert {number for number, name in findings if name == "留意"} == {"1", "2", "5", "7"}
    one = policy.evaluate_spark(frame, stacks=stacks, by="所在县", outputs=["way", "本县留意"])
    assert one.records.columns == ["编号", "去向", "去向·状态", "去向·候选"]
    assert {row["名称"] for row in one.findings.collect()} == {"本县留意"}
    # Six homes are enough for 升级 of 1, until its county asks for nine.
    values = policy.evaluate_spark(frame, parameters={"甲县": {"floor": 9}}, by="所在县", outputs=["分类"])
    assert {row["编号"]: row["分类"] for row in values.records.collect()}["1"] == "盘活"
    with pytest.raises(KeyError, match="没有的字段"):
        policy.evaluate_spark(frame, stacks=stacks, by="没有的字段")
    with pytest.raises(KeyError, match="没有的"):
        policy.evaluate_spark(frame, stacks=stacks, by="所在县", outputs=["没有的"])
    with pytest.raises(TypeError, match="by"):
        policy.evaluate_spark(frame, parameters={"甲县": {"floor": 9}})


@pytest.fixture(scope="module")
def small() -> pr.Policy:
    return policy_from_text("""
对象 项目（project）
  标识 编号
  字段 编号（code）：文本
  字段 县（county）：枚举 { 青山、绿水 }
  字段 低效（poor）：是否
对象 资金（fund） 属于 项目
  字段 金额（amount）：金额（元）
统计 县内低效数
  计数 项目
  相同 县
  其中 低效
决定 分类（category）：单选 { 关注 }
规则 关注类
  当 县内低效数 ≥ 2
  则 分类 为 关注
决定 有无资金（funded）：单选 { 有 }
规则 有资金
  当 任一 资金 满足（金额 ＞ 0 元）
  则 有无资金 为 有
""")


RECORDS = [
    ("1", "青山", True),
    ("2", "青山", True),
    ("3", "绿水", True),
    ("4", None, True),
    (None, "绿水", False),
    (None, "绿水", False),
    ("5", "黄海", None),
]
"""Number 4 may be in 绿水; number 5 cannot be read, and may be there too."""


def project_frame(spark: Any, rows: list[tuple[Any, ...]] | None = None) -> Any:
    return spark.createDataFrame(rows or RECORDS, "`编号` string, `县` string, `低效` boolean")


def test_rows_within_records(spark: Any, small: pr.Policy) -> None:
    funds = spark.createDataFrame([("1", "3"), ("1", "0"), ("4", None)], "`编号` string, `金额` string")
    frame = with_rows(project_frame(spark), "编号", {"资金": (funds, "编号")}).repartition(3)
    result = small.evaluate_spark(frame)
    said = {row["编号"]: row for row in result.records.toArrow().to_pylist() if row["编号"]}
    assert {number: row["分类·状态"] for number, row in said.items()} == {
        "1": "已定",
        "2": "已定",
        "3": "待定",
        "4": "待定",
    }
    # Number 2 has no funds, number 4 a blank amount; of records without a number nobody knows.
    assert {number: row["有无资金"] for number, row in said.items()} == {"1": "有", "2": None, "3": None, "4": None}
    assert said["2"]["有无资金·状态"] == "无"
    assert said["4"]["有无资金·状态"] == "待定"
    unnumbered = [row for row in result.records.toArrow().to_pylist() if not row["编号"]]
    assert [row["有无资金·状态"] for row in unnumbered] == ["待定", "待定"]
    assert rows_of(result.records.toArrow()) == rows_of(small.evaluate_frame(frame.toArrow()).table("项目").to_arrow())
    assert [(row["记录"], row["代码"]) for row in result.problems.collect()] == [("5", "E501")]


def test_nothing_is_run_where_it_would_not_be_exact(spark: Any, small: pr.Policy) -> None:
    with pytest.raises(KeyError, match="没有"):
        small.evaluate_spark(project_frame(spark), outputs=["没有"])
    with pytest.raises(NotOnSpark, match="超过 1 种"):
        small.evaluate_spark(project_frame(spark), most=1)
    with pytest.raises(KeyError, match="行号"):
        small.evaluate_spark(project_frame(spark), order="行号")


def test_two_rows_of_one_number_need_an_order(spark: Any, small: pr.Policy) -> None:
    rows = [(*row, at) for at, row in enumerate([("1", "青山", True), ("１", "青山", False), ("2", "青山", True)])]
    frame = spark.createDataFrame(rows, "`编号` string, `县` string, `低效` boolean, `行号` int")
    with pytest.raises(Exception, match="没有先后"):
        small.evaluate_spark(frame)
    result = small.evaluate_spark(frame, order="行号")
    assert sorted(row["编号"] for row in result.records.collect()) == ["1", "2"]
    (problem,) = [row for row in result.problems.collect() if row["代码"]]
    assert (problem["代码"], problem["记录"]) == ("E505", "１")
    assert "与别的行的编号相同" in problem["说明"]


def test_frames_are_lazy_where_nothing_is_counted(spark: Any) -> None:
    policy = policy_from_text("""
对象 项目（project）
  标识 编号
  字段 编号（code）：文本
  字段 低效（poor）：是否
决定 分类（category）：单选 { 关注 }
规则 关注类
  当 低效
  则 分类 为 关注
""")
    from pyspark.sql import functions as F

    broken = spark.range(3).select(
        F.col("id").cast("string").alias("编号"), F.raise_error(F.lit("read")).cast("boolean").alias("低效")
    )
    result = policy.evaluate_spark(broken)
    frame = result.records
    with pytest.raises(Exception, match="read"):
        frame.collect()

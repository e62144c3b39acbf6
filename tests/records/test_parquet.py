"""Parquet files: a row means what the same record means in JSON."""

from __future__ import annotations

import datetime
import io
import json
import random
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from policyrules.engine.instances import Instance
from policyrules.program.nodes import Program
from policyrules.records import parquet_files, reading
from policyrules.records.ledger import Ledger
from policyrules.records.names import record_names
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

LAYER = """
对象 县（county）
  字段 县名（county_name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 已形成（formed）：是否
  字段 户数（households）：整数（户）
  字段 投资（investment）：金额（万元）
  字段 建成日（built）：日期
  字段 阶段（stage）：枚举 { 前期、运营 }
  字段 环节（links）：多选 { 生产、加工、销售 }
对象 资产（assets） 属于 项目
  字段 金额（amount）：金额（万元）
决定 分类（category）：单选 { 好、差 }
规则 甲
  当 已形成
  则 分类 为 好
"""


@pytest.fixture(scope="module")
def plain() -> Program:
    return policy_from_text(LAYER).program


def told(ledger: Ledger) -> list[object]:
    def content(one: Instance | None) -> object:
        if one is None:
            return None
        rows = {kind: None if own is None else [content(row) for row in own] for kind, own in one.rows.items()}
        return one.object, one.path, one.values, rows

    return [
        [(content(r.instance), content(r.instance.parent), r.identity, r.row) for r in kind]
        for kind in (ledger.records, ledger.set_aside)
    ] + [[(problem.code, problem.cell.row, problem.cell.path) for problem in ledger.problems], ledger.notes]


def invented(dice: random.Random, number: int) -> dict[str, Any]:
    blank = lambda value: None if dice.random() < 0.3 else value  # noqa: E731
    assets = [{"金额": blank(dice.choice(["3", "0.5", "一点"]))} for _ in range(dice.choice([0, 0, 1, 2]))]
    return {
        "编号": f"P{number}",
        "已形成": blank(dice.random() < 0.5),
        "户数": blank(dice.randrange(-1, 300)),
        "投资": blank(dice.choice(["12.5", "0", "3 万元"])),
        "建成日": blank(f"2025-0{dice.randrange(1, 10)}-15"),
        "阶段": blank(dice.choice(["前期", "运营", "投产"])),
        "环节": blank(dice.sample(["生产", "加工", "销售"], dice.randrange(3))),
        "资产": blank(assets),
        "县": {"县名": dice.choice(["甲县", "乙县"])},
        "没有的列": "x",
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_row_is_the_record_that_json_has(plain: Program, tmp_path: Path, seed: int) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    dice = random.Random(seed)
    records = [invented(dice, number) for number in range(60)]
    records.append({**records[3], "户数": 7})
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    table = arrow.Table.from_pylist(records)
    for name in ("阶段", "没有的列"):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].dictionary_encode())
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=17)
    read, right = (read_ledger(tmp_path / name, plain) for name in ("a.parquet", "a.jsonl"))
    assert told(read) == told(right)
    assert read.records and read.set_aside and all(p.cell.file == "a.parquet" for p in read.problems)


def test_the_types_of_columns(plain: Program, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "id": arrow.array(["P1", "P2"]),
        "formed": arrow.array([True, None]),
        "households": arrow.array([3, None], arrow.int16()),
        "investment": arrow.array([Decimal("1.25"), None], arrow.decimal128(12, 2)),
        "built": arrow.array([datetime.date(2025, 9, 15), None]),
        "stage": arrow.array(["运营", None]).dictionary_encode(),
    }
    parquet.write_table(arrow.table(columns), tmp_path / "a.parquet")
    ledger = read_ledger(tmp_path / "a.parquet", plain)
    one, other = (record.instance.values for record in ledger.records)
    day = datetime.date(2025, 9, 15)
    assert ledger.problems == () and other == {"编号": "P2"}
    # 1.25 万元 is held in yuan or as it stands, as a text of JSON is.
    as_text = tmp_path / "a.json"
    as_text.write_text(json.dumps([{"编号": "P1", "投资": "1.25"}]), encoding="utf-8")
    money = read_ledger(as_text, plain).records[0].instance.values["投资"]
    assert one == {"编号": "P1", "已形成": True, "户数": 3, "投资": money, "建成日": day, "阶段": "运营"}


@pytest.mark.parametrize("width", ["float16", "float32"])
def test_a_narrow_float_is_the_number_that_was_written(plain: Program, tmp_path: Path, width: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numpy = pytest.importorskip("numpy")
    dice = random.Random(width)
    # What each is is said by NumPy's own writing of it; a tenth widened to 64 bits would be 0.10000000149011612.
    floats = [numpy.dtype(width).type(dice.choice((dice.random(), dice.randrange(60_000), 0.1))) for _ in range(300)]
    amounts = pa.array([*floats, None], getattr(pa, width)())
    rows = pa.ListArray.from_arrays(pa.array(range(302), pa.int32()), pa.StructArray.from_arrays([amounts], ["金额"]))
    pq.write_table(pa.table({"投资": amounts, "资产": rows}), tmp_path / "台账.parquet")
    ledger = read_ledger(tmp_path / "台账.parquet", plain)
    assert not ledger.problems
    for record, number in zip(ledger.records, floats, strict=False):
        (row,) = record.instance.rows["资产"] or ()
        assert record.instance.values["投资"] == row.values["金额"] == Fraction(str(number)) * 10_000
    assert "投资" not in ledger.records[-1].instance.values


def test_a_day_beyond_the_calendar_is_refused_where_it_stands(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    policy = policy_from_text(LAYER)
    path = tmp_path / "台账.parquet"
    # 1970-01-01 and 3,000,000 days: 20 times 400 years (146,097 days each), and 78,060 days more, which are 213 years
    # (77,797 days, 52 of them leap years: 1972 to 2180 without 2100) and 263 days from 2183-01-01: the 21st of September.
    for days in (pa.array([10957, 3_000_000], pa.date32()), pa.array([10957, 3_000_000], pa.int32()).cast(pa.date32())):
        for column in (days, days.cast(pa.timestamp("s"))):
            pq.write_table(pa.table({"编号": ["1", "2"], "建成日": column}), path)
            ledger = policy.read(path)
            assert [record.instance.values["建成日"] for record in ledger.records] == [datetime.date(2000, 1, 1)]
            (problem,) = ledger.problems
            assert (problem.code, problem.cell.row, problem.cell.path) == ("E501", 2, "建成日")
            assert "10183-09-21" in str(problem)
            prepared = policy.prepare(path)
            assert [(one.code, one.cell.path) for one in prepared.problems] == [("E501", "建成日")]


@pytest.mark.parametrize("kind", ["string_view", "run_end_encoded", "dictionary"])
def test_writings_of_a_column(plain: Program, tmp_path: Path, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    policy, texts = policy_from_text(LAYER), pa.array(["前期", "前期", None, "运营"])
    column = {
        "string_view": lambda: texts.cast(pa.string_view()),
        "run_end_encoded": lambda: pa.compute.run_end_encode(texts),
        "dictionary": texts.dictionary_encode,
    }[kind]()
    table = pa.table({"编号": ["1", "2", "3", "4"], "阶段": column})
    assert policy.prepare(table).problems == ()
    if kind != "run_end_encoded":  # which Parquet does not write
        pq.write_table(table, tmp_path / "台账.parquet")
        ledger = read_ledger(tmp_path / "台账.parquet", plain)
        assert [one.instance.values.get("阶段") for one in ledger.records] == ["前期", "前期", None, "运营"]
        assert policy.prepare(tmp_path / "台账.parquet").problems == ()


def test_what_cannot_be_read(plain: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def fault(path: Path) -> str:
        ledger = read_ledger(path, plain)
        assert not ledger.records and [problem.code for problem in ledger.problems] == ["E507"]
        return str(ledger.problems[0])

    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    assert "不是合格的 Parquet" in fault(path)
    table = arrow.table({"编号": [f"P{n}" for n in range(2_000)], "户数": list(range(2_000))})
    parquet.write_table(table, path, row_group_size=500, compression="gzip")
    assert len(read_ledger(path, plain).records) == 2_000
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = b"\xff" * 400
    (tmp_path / "b.parquet").write_bytes(data)
    assert "损坏" in fault(tmp_path / "b.parquet")
    parquet.write_table(arrow.Table.from_arrays([arrow.array(["P1"])] * 2, ["编号", "编号"]), tmp_path / "c.parquet")
    assert "有两列都叫“编号”" in fault(tmp_path / "c.parquet")
    parquet.write_table(arrow.table({"records": ["P1"], "n": [3]}), tmp_path / "d.parquet")
    assert "没有一列是项目的字段（有“records、n”）" in fault(tmp_path / "d.parquet")
    monkeypatch.setattr(parquet_files, "_MOST_VALUES", 3_999)
    assert "3,999 项" in fault(path)
    monkeypatch.setattr(parquet_files, "_MOST_VALUES", 4_000)
    monkeypatch.setattr(parquet_files, "_LARGEST_OF_SMALL", 100)
    assert "解开以后超过" in fault(path)


def test_a_text_that_many_rows_name_is_not_spread_over_them(plain: Program, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    long = "长" * 200_000
    table = arrow.table({"编号": [f"P{n}" for n in range(400)], "说明": [long] * 400, "县": [{"县名": long}] * 400})
    parquet.write_table(table, path)
    tracemalloc.start()
    ledger = read_ledger(path, plain)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All of them at one time would be 240 MB and more.
    assert len(ledger.set_aside) == 400 and most < 120_000_000


def test_rows_that_name_no_text_do_not_count_the_texts_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch of rows comes with all texts that its part of the file names anywhere."""
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 情况（said）：文本\n提示 甲\n  当 情况 已填\n  说 “大”\n"
    program = policy_from_text(text).program
    path = tmp_path / "a.parquet"
    said = ["长" * 100 + str(number) for number in range(400)] + [None] * 9_600
    parquet.write_table(arrow.table({"编号": [f"P{number}" for number in range(10_000)], "情况": said}), path)
    # The texts are 120 KB, and there are twenty batches of 500 rows; all else is some 150 KB.
    monkeypatch.setattr(parquet_files, "_LARGEST_OF_SMALL", 500_000)
    ledger = read_ledger(path, program)
    assert ledger.problems == () and len(ledger.records) == 10_000


def test_a_name_that_is_too_long_for_a_cell_is_kept_short(plain: Program) -> None:
    """Very many rows may name one text that stands once in a file; each record would keep ten thousand characters of it."""
    names = record_names(plain)
    assert names.title({"项目名称": "长" * 10_000}) == "长" * 10_000
    assert names.title({"项目名称": "长" * 10_001}) == "长" * 60 + "…"
    assert names.title({"项目名称": 7}) == "7" and names.title({}) == ""


def test_lists_are_spread_over_their_records_a_part_at_a_time(
    plain: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"

    def written(*lengths: int) -> Path:
        rows = [[{"金额": number} for number in range(length)] for length in lengths]
        within = arrow.array(rows, arrow.list_(arrow.struct([("金额", arrow.int8())])))
        parquet.write_table(arrow.table({"编号": [f"P{n}" for n in range(len(rows))], "资产": within}), path)
        return path

    def at_once() -> list[tuple[int, int]]:
        """The rows of each part of the file, and the values within them."""
        (batch,) = parquet.ParquetFile(path).iter_batches()
        return [(part.num_rows, parquet_files._values_within(part)) for part in parquet_files._parts(batch)]

    # Each row of a list counts as itself and for its one cell.
    written(4, 0, 1, 1)
    monkeypatch.setattr(parquet_files, "_MOST_AT_ONCE", 12)
    assert at_once() == [(4, 12)]
    monkeypatch.setattr(parquet_files, "_MOST_AT_ONCE", 7)
    assert at_once() == [(1, 8), (1, 0), (2, 4)]
    assert [one.identity for one in read_ledger(path, plain).records] == ["P0", "P1", "P2", "P3"]
    # No record has more than so many, and all of a small file hold no more rows than such a file may.
    monkeypatch.setattr(parquet_files, "_MOST_OF_ONE", 8)
    assert len(read_ledger(path, plain).records) == 4
    monkeypatch.setattr(parquet_files, "_MOST_OF_ONE", 7)
    (problem,) = read_ledger(path, plain).problems
    assert problem.code == "E507" and "第 1 行" in str(problem) and "这一条的列表里超过 7 项" in str(problem)
    monkeypatch.setattr(parquet_files, "_MOST_OF_ONE", 8)
    # A list of none is a value as well: 4 + 1 + 1 + 1.
    monkeypatch.setattr(parquet_files, "_MOST_ROWS_WITHIN", 7)
    assert len(read_ledger(path, plain).records) == 4
    monkeypatch.setattr(parquet_files, "_MOST_ROWS_WITHIN", 6)
    (problem,) = read_ledger(path, plain).problems
    assert problem.code == "E507" and "列表里的行超过 6 行，请分成几个文件" in str(problem)
    assert "列表里的行超过 6 行" in parquet_files.unfolds_too_far(path)


def test_without_pyarrow(plain: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(reading, "has_parquet", lambda: False)
    (problem,) = read_ledger(tmp_path / "a.parquet", plain).problems
    assert "pip install policyrules[parquet]" in str(problem)


def test_a_unit_in_the_name_of_a_column_counts_at_every_door(plain: Program, tmp_path: Path) -> None:
    """500000 under 投资（元） is 50 万元 for files, tables and records alike, in rows of lists too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    policy, path = policy_from_text(LAYER), tmp_path / "台账.parquet"
    table = pa.table(
        {
            "编号": ["甲", "乙"],
            "投资（元）": [500_000, None],
            "建成日（必填）": ["2024-05-01", None],
            "备考": ["无", "无"],
        }
    )
    pq.write_table(table, path)
    want = [{"编号": "甲", "投资": 500_000, "建成日": datetime.date(2024, 5, 1)}, {"编号": "乙"}]
    ledger = policy.read(path)
    assert [record.instance.values for record in ledger.records] == want and ledger.problems == ()
    jsonl = "\n".join(json.dumps(row, ensure_ascii=False) for row in table.to_pylist())
    assert [record.instance.values for record in policy.read(io.StringIO(jsonl), format="jsonl").records] == want
    for prepared in (policy.prepare(path), policy.prepare(table), policy.prepare(table.to_pylist())):
        column = prepared.records.columns["投资"]
        assert [column.value(0), column.value(1)] == [500_000, None]
    rows = [{"编号": "丙", "资产": [{"金额（元）": 5}, {"金额": 5}]}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    for ledger in (policy.read(path), policy.read(io.StringIO(json.dumps(rows)), format="json")):
        assets = ledger.records[0].instance.rows["资产"]
        assert assets is not None and [row.values for row in assets] == [{"金额": 5}, {"金额": 50_000}]


def test_texts_of_which_a_file_tells_how_they_begin_are_read(
    plain: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such columns cannot be read as places in a list of texts; what they come to is counted as they are spread."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "台账.parquet"
    for encoding in ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"):
        table = pa.table({"编号": [f"P{number}" for number in range(40)], "县": [None] * 40, "阶段": ["运营"] * 40})
        each = {"编号": encoding, "阶段": encoding}
        pq.write_table(table.drop_columns("县"), path, use_dictionary=False, column_encoding=each)
        ledger = read_ledger(path, plain)
        assert ledger.problems == () and [record.identity for record in ledger.records] == table["编号"].to_pylist()
        assert {record.instance.values["阶段"] for record in ledger.records} == {"运营"}
        assert parquet_files.unfolds_too_far(path) == ""
    long = pa.table({"编号": ["字" * 3_000] * 2_000})
    pq.write_table(long, path, use_dictionary=False, column_encoding={"编号": "DELTA_BYTE_ARRAY"})
    monkeypatch.setattr(parquet_files, "_LARGEST_OF_SMALL", 1024**2)
    ledger = read_ledger(path, plain)
    assert ledger.records == () and [problem.code for problem in ledger.problems] == ["E507"]
    assert "超过 1 MB" in str(ledger.problems[0]) and parquet_files.unfolds_too_far(path)

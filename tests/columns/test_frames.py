"""Frames of every library give what the same tables in a workbook give, to the last code, finding and note."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.columns import frames_of
from tests.columns.ledgers import ledger
from tests.records.sample import build_program

from policyrules.columns import bits
from policyrules.columns.arrow import ArrowSource
from policyrules.columns.frames import prepare_frames
from policyrules.columns.instances import prepare_ledger
from policyrules.columns.prepare import prepare_tables, tables_of
from policyrules.columns.store import Prepared
from policyrules.program.nodes import Program
from policyrules.records.json_files import read_json
from policyrules.records.names import record_names

SEEDS = range(24)
FORMS: dict[str, Callable[[Any], Any]] = {
    "arrow": frames_of.as_arrow,
    "pandas": frames_of.as_pandas,
    "typed pandas": frames_of.as_typed_pandas,
    "polars": frames_of.as_polars,
}


@pytest.fixture(scope="module")
def program() -> Program:
    return build_program()


def differences(one: object, other: object, path: str = "") -> list[str]:
    """Where two nested values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [said for key in {**one, **other} for said in differences(one.get(key), other.get(key), f"{path}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [said for place, pair in pairs for said in differences(*pair, f"{path}[{place}]")]
    return [] if one == other and type(one) is type(other) else [f"{path}: {one!r} ≠ {other!r}"[:400]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_frames_give_what_a_workbook_gives(program: Program, seed: int, form: str) -> None:
    tables = ledger(program, seed)
    names = record_names(program)
    want = frames_of.plain(frames_of.by_definition(program, tables))
    make = FORMS[form]
    below = {name: make(columns) for name, columns in tables.items() if name != "项目"}
    sources = tables_of(names, make(tables["项目"]), below)
    assert sources is not None
    assert differences(want, frames_of.plain(prepare_frames(program, names, sources))) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parquet_file_in_many_groups(program: Program, seed: int, tmp_path: Path) -> None:
    tables = ledger(program, seed)
    names = record_names(program)
    paths = {name: frames_of.as_parquet(columns, tmp_path / f"{name}.parquet", 17) for name, columns in tables.items()}
    sources = tables_of(names, paths.pop("项目"), paths)
    assert sources is not None
    want = frames_of.plain(frames_of.by_definition(program, tables, ".parquet"))
    assert differences(want, frames_of.plain(prepare_frames(program, names, sources))) == []


def one_column(program: Program, name: str, cells: list[Any], form: str = "arrow") -> Prepared:
    """A ledger with this column, and thirty more plain rows below so that not all goes through the definition."""
    rows = [*cells, *[None] * (60 - len(cells))]
    rows = rows[::-1]
    tables = {"项目": {"项目编号": [f"P{place:02}" for place in range(60)], name: rows}}
    names = record_names(program)
    sources = tables_of(names, FORMS[form](tables["项目"]), None)
    assert sources is not None
    prepared = prepare_frames(program, names, sources)
    assert differences(frames_of.plain(frames_of.by_definition(program, tables)), frames_of.plain(prepared)) == []
    return prepared


def values(prepared: Prepared, name: str) -> list[Any]:
    """The values of a column, the last row first, without the blanks behind them."""
    column = prepared.records.columns[name]
    found = [column.value(row) for row in range(column.rows)][::-1]
    while found and found[-1] is None:
        found.pop()
    return found


FORM = pytest.mark.parametrize("form", FORMS)


@FORM
def test_a_float_is_the_decimal_that_names_it(program: Program, form: str) -> None:
    # 0.1 + 0.2 is another number than 0.3, and 1.005 万元 in binary is less than 10050 元.
    found = values(one_column(program, "利润", [0.1, 1.005, 0.1 + 0.2, 0.3, 123456.78], form), "利润")
    assert found == [1000, 10050, Fraction("3000.0000000000004"), 3000, 1234567800]


@FORM
def test_a_narrow_float_is_the_decimal_that_names_it_at_its_width(program: Program, form: str) -> None:
    given = [np.float32(0.1), np.float32(16777216), np.float32(0.6)]
    assert values(one_column(program, "系数", given, form), "系数") == [Fraction(1, 10), 16777216, Fraction(3, 5)]


@FORM
def test_whole_numbers_beyond_what_a_float_holds(program: Program, form: str) -> None:
    given = [2**53 + 1, 2**53, 2**63 - 1]
    assert values(one_column(program, "带动户数", given, form), "带动户数") == given


def test_numbers_that_leave_an_array_are_kept_as_they_are(program: Program) -> None:
    prepared = one_column(program, "利润", ["9223372036854775807", "0.5"])
    column = prepared.records.columns["利润"]
    assert column.wide and (column.low, column.high) == (5000, 92233720368547758070000)
    assert values(prepared, "利润") == [92233720368547758070000, 5000]


def test_the_scale_is_the_smallest_and_the_width_the_narrowest(program: Program) -> None:
    column = one_column(program, "利用率", [0.5, 0.25, 0.75]).records.columns["利用率"]
    assert (column.scale, column.values.dtype, column.low, column.high) == (4, np.dtype(np.int8), 1, 3)


def test_a_bad_cell_sets_its_row_aside_where_it_stands(program: Program) -> None:
    prepared = one_column(program, "利用率", [60.0, 0.6])
    (problem,) = prepared.problems
    # The last of sixty rows is row 61 of a spreadsheet whose first is the header; the column is the second.
    assert (problem.code, problem.cell.row, problem.cell.column, problem.cell.record) == ("E501", 61, "B", "P59")
    assert prepared.evaluated == 59 and prepared.aside == ((problem,),) and prepared.identity(59) == "P59"


def test_texts_come_once_and_in_the_order_of_the_rows(program: Program) -> None:
    column = one_column(program, "项目类型", ["甲", "乙", "甲", None, "丙"][::-1]).records.columns["项目类型"]
    assert list(column.texts) == ["甲", "乙", "丙"]
    assert column.values[-5:].tolist() == [0, 1, 0, -1, 2]


def test_truths_and_words_for_them(program: Program) -> None:
    assert values(one_column(program, "已形成", [True, False, True]), "已形成") == [True, False, True]
    assert values(one_column(program, "已形成", ["是", "×", "0"]), "已形成") == [True, False, False]
    assert values(one_column(program, "已形成", [1, 0, 1]), "已形成") == [True, False, True]


def test_sets_of_many_and_of_none(program: Program) -> None:
    many = [f"品种{place:02}" for place in range(12)]
    found = values(one_column(program, "扶持产业", [many, ["品种03"], [], None, many]), "扶持产业")
    assert found == [frozenset(many), frozenset(["品种03"]), frozenset(), None, frozenset(many)]
    three = ["其他", "市场行情变化", "资金周转困难"]
    column = one_column(program, "困难成因", [three, [], ["其他"]]).records.columns["困难成因"]
    # Places in the declared order, ascending, whatever the order they are given in.
    assert (
        column.starts is not None
        and column.values.tolist() == [2, 0, 1, 2]
        and column.starts[-4:].tolist() == [0, 1, 1, 4]
    )


def test_days_of_every_kind(program: Program) -> None:
    day = datetime.date(1969, 12, 31)
    for cells in ([day], [datetime.datetime(1969, 12, 31, 23, 59)], ["1969年12月31日"], [19691231]):
        assert values(one_column(program, "建成日", cells), "建成日") == [day]
    zoned = one_column(program, "建成日", [datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)])
    assert [problem.code for problem in zoned.problems] == ["E501"]


def test_children_by_number_and_what_is_not_supplied(program: Program) -> None:
    rows = 50
    projects = {"项目编号": [f"P{place:02}" for place in range(rows)]}
    money = {"项目编号": ["p 03", "P40", "P03", "P40"], "金额": [1, 2, 3, 4]}
    names = record_names(program)
    sources = tables_of(names, frames_of.as_arrow(projects), {"sources": frames_of.as_arrow(money)})
    assert sources is not None
    prepared = prepare_frames(program, names, sources)
    table = prepared.tables["资金"]
    assert table.parent is not None and table.starts is not None
    assert table.parent.tolist() == [3, 3, 40, 40]
    assert table.columns["金额"].values.tolist() == [10000, 30000, 20000, 40000]
    assert (table.starts[3], table.starts[4], table.starts[50]) == (0, 2, 4) and table.supplied is None
    # No table of 资产 was handed in: of no project is it known.
    supplied = prepared.tables["资产"].supplied
    assert supplied is not None and not supplied.any()


@FORM
def test_rows_of_a_ledger_without_a_record(program: Program, form: str) -> None:
    # A part of a ledger may hold nothing but rows whose record is nowhere.
    tables = {"项目": {"项目编号": []}, "资金": {"项目编号": [f"P{place}" for place in range(40)], "金额": [1] * 40}}
    names = record_names(program)
    sources = tables_of(names, FORMS[form](tables["项目"]), {"资金": FORMS[form](tables["资金"])})
    assert sources is not None
    prepared = prepare_frames(program, names, sources)
    assert len(prepared.problems) == 40 and prepared.rows == 0 and prepared.tables["资金"].rows == 0
    assert differences(frames_of.plain(frames_of.by_definition(program, tables)), frames_of.plain(prepared)) == []


def test_without_pyarrow_polars_and_pandas_are_read_alike(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else found(name))
    for seed in range(12):
        tables = ledger(program, seed)
        names = record_names(program)
        want = frames_of.plain(frames_of.by_definition(program, tables))
        for form in ("polars", "typed pandas"):
            made = {name: FORMS[form](columns) for name, columns in tables.items()}
            sources = tables_of(names, made.pop("项目"), made)
            assert sources is not None and not isinstance(sources["项目"], ArrowSource)
            assert differences(want, frames_of.plain(prepare_frames(program, names, sources))) == []


@pytest.mark.parametrize("form", ["arrow", "polars", "pandas"])
def test_rows_within_the_records(program: Program, form: str) -> None:
    rows = {
        "项目编号": ["A", "B", "C", "A"],
        "资金": [[{"资金来源": "衔接资金", "金额": 1.5}, {"资金来源": None, "金额": 2.0}], [], None, []],
        "资产": [[{"资产编号": "a", "维修": [{"维修费": "很多"}]}], None, [], []],
    }
    names = record_names(program)
    given = [dict(zip(rows, cells, strict=True)) for cells in zip(*rows.values(), strict=True)]
    sources = tables_of(names, FORMS[form](rows), None)
    assert sources is not None
    prepared = prepare_tables(program, names, sources)
    ledger_ = read_json(json.dumps(given), "", program, names)
    assert differences(frames_of.plain(prepare_ledger(program, names, ledger_)), frames_of.plain(prepared)) == []
    # What cannot be read of A sets it aside, and so does its number the second of that name.
    assert [[one.code for one in problems] for problems in prepared.aside] == [["E501"], ["E505"]]
    supplied = prepared.tables["资金"].supplied
    assert supplied is not None and bits.unpack(supplied, 4).tolist() == [True, False, True, False]
    both = tables_of(names, FORMS[form](rows), {"维修": frames_of.as_arrow({"资产编号": ["a"]})})
    assert both is not None
    with pytest.raises(TypeError):
        prepare_tables(program, names, both)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("said", "at"),
    [
        (("单位：元", None), 40),
        (("单位：元", None), 0),
        ((None, "（元）"), 0),
        ((None, "（元）"), 40),
        (("单位：万元", None), 40),
    ],
)
def test_units_among_the_rows_are_told_as_of_a_workbook(
    program: Program, form: str, said: tuple[str | None, str | None], at: int
) -> None:
    """A row that says another unit refuses the table, however many plain rows there are; a line of units is taken."""
    rows: list[tuple[str | None, str | None]] = [(f"P{number}", "500000") for number in range(60)]
    rows.insert(at, said)
    numbers, amounts = zip(*rows, strict=True)
    tables = {"项目": {"项目编号": list(numbers), "实际到位": list(amounts)}}
    want = frames_of.plain(frames_of.by_definition(program, tables))
    sources = tables_of(record_names(program), FORMS[form](tables["项目"]), {})
    assert not differences(want, frames_of.plain(prepare_frames(program, record_names(program), sources)))


def test_the_index_of_a_frame_is_read_where_it_has_names(program: Program) -> None:
    import pandas as pd

    def read(frame: Any) -> tuple[list[str | None], list[Any]]:
        sources = tables_of(record_names(program), frame, None)
        assert sources is not None
        prepared = prepare_frames(program, record_names(program), sources)
        column = prepared.records.columns.get("实际到位")
        rows = range(prepared.evaluated)
        return [prepared.identity(row) for row in rows], [column and column.value(row) for row in rows]

    plain = pd.DataFrame({"项目编号": ["甲", "乙"], "实际到位": [5, 6]})
    want = (["甲", "乙"], [50_000, 60_000])
    assert read(plain) == read(plain.set_index("项目编号")) == read(plain.set_index(["项目编号", "实际到位"])) == want
    # A column of that name is what it says; an index without a name numbers the rows of the frame alone.
    assert read(plain.set_index(pd.Index(["丙", "丁"], name="项目编号"))) == want
    assert read(plain.set_index(pd.Index([7, 8]))) == want


def test_frames_of_odd_cells(program: Program) -> None:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    narrow = pa.table({"利用率": pa.array(np.array([0.1], "f4")).dictionary_encode()})
    wide = pl.DataFrame({"实际到位": [2**20]}, schema={"实际到位": pl.Int128})
    given: list[tuple[Any, str, Any]] = [
        (narrow, "利用率", Fraction(1, 10)),
        (narrow.to_pandas(), "利用率", Fraction(1, 10)),
        (pd.DataFrame({"利用率": pd.array([0.1], dtype="Float32")}), "利用率", Fraction(1, 10)),
        (wide, "实际到位", 2**20 * 10_000),
        (pl.DataFrame({"利用率": pl.Series([Fraction(1, 3)], dtype=pl.Object)}), "利用率", Fraction(1, 3)),
    ]
    for frame, name, want in given:
        for whole in (True, False):
            # A table of one row, and one that is read in columns.
            repeated = frame if whole else _longer(frame)
            sources = tables_of(record_names(program), repeated, None)
            assert sources is not None
            prepared = prepare_frames(program, record_names(program), sources)
            assert prepared.problems == () and prepared.records.columns[name].value(0) == want
    for empty in (pd.DataFrame(index=range(3)), pa.table({"甲": [1]}).select([])):
        sources = tables_of(record_names(program), empty, None)
        assert sources is not None and prepare_frames(program, record_names(program), sources).evaluated == 0


def _longer(frame: Any) -> Any:
    match type(frame).__module__.split(".")[0]:
        case "pyarrow":
            return importlib.import_module("pyarrow").concat_tables([frame] * 50)
        case "pandas":
            return frame.loc[[0] * 50].reset_index(drop=True)
        case _:
            return importlib.import_module("polars").concat([frame] * 50)


ODD_ROWS: list[dict[str, Any]] = [
    *(
        {"项目编号": number}
        for number in (
            "一、种植业",
            "（二）养殖业",
            "二",
            "乐安镇",
            "备注",
            "示例",
            "同上",
            "续表",
            "以下空白",
            "第2页",
            "附",
            "P-合计村",
        )
    ),
    *(
        {"项目编号": number, "实际到位": 5}
        for number in ("一、种植业", "三", "乐安镇", "青山县第3批", "小计", "项目编号")
    ),
    {"项目编号": "项目编号", "项目名称": "项目名称", "所在县": "所在县"},
    {"项目编号": "项目编号", "项目名称": "资金来源"},
    {"项目编号": "填表人：张三", "项目名称": "审核人：李四"},
    {"项目编号": "备注", "项目名称": "另行说明"},
    {"项目编号": "附", "项目名称": "一张"},
    {"项目名称": "种植业"},
    {"项目名称": "一、种植业", "实际到位": 5},
    {"序号": "一", "项目编号": "种植业", "实际到位": 5},
    {"序号": "（二）", "项目名称": "种植业"},
    {"序号": "例", "项目编号": "P000", "项目名称": "某项目"},
    {"项目编号": "例1", "项目名称": "冷库"},
    {"项目编号": "其中村合作社", "项目名称": "冷库", "所在县": "青山县"},
    {"项目编号": "其中村合作社", "实际到位": 5},
    {"项目编号": "P77", "项目名称": "同上", "所在县": "〃"},
    {"项目编号": "P78", "项目名称": "待补充", "所在县": "未填"},
]


BENEATH: list[list[list[Any]]] = [
    [[None], ["乡镇", "项目数", "户数", "投资"], ["乐安镇", "2", "9", "很多"], ["石门镇", "1", "7", "不多"]],
    [[None], ["代码", "含义"], ["甲", "种植业"], ["乙", "养殖业"]],
    [["合计"], ["代码", "含义"], ["P3", "种植业"], ["P4", "养殖业"]],
    [["乡镇", "项目数", "户数", "投资"], ["乐安镇", "2"]],
    [[None], ["新增", "冷库"], ["P777", "冷库", "青山县", "5"]],
]


@pytest.mark.parametrize("beneath", BENEATH, ids=str)
@pytest.mark.parametrize("more", [0, 40])
@FORM
def test_a_second_table_beneath_is_what_it_is_in_a_workbook(
    program: Program, form: str, more: int, beneath: list[list[Any]]
) -> None:
    heads = ["项目编号", "项目名称", "所在县", "实际到位"]
    own: list[list[Any]] = [[f"P{place:02}", f"大棚{place}", "青山县", str(place)] for place in range(60)]
    after = [[f"Q{place:02}", f"茶园{place}", "青山县", str(place)] for place in range(more)]
    rows = [[*row, *[None] * (len(heads) - len(row))] for row in (*own, *beneath, *after)]
    tables = {"项目": dict(zip(heads, map(list, zip(*rows, strict=True)), strict=True))}
    names = record_names(program)
    sources = tables_of(names, FORMS[form](tables["项目"]), {})
    assert sources is not None
    want = frames_of.plain(frames_of.by_definition(program, tables))
    assert differences(want, frames_of.plain(prepare_frames(program, names, sources))) == []


@pytest.mark.parametrize("cells", ODD_ROWS, ids=str)
@FORM
def test_lines_among_rows_are_what_they_are_in_a_workbook(program: Program, form: str, cells: dict[str, Any]) -> None:
    rows = 60
    tables: dict[str, dict[str, list[Any]]] = {
        "项目": {
            "序号": [str(place) for place in range(rows)],
            "项目编号": [f"P{place:02}" for place in range(rows)],
            "项目名称": [f"大棚{place}" for place in range(rows)],
            "所在县": ["青山县"] * rows,
            "实际到位": [float(place) for place in range(rows)],
        },
        "资金": {"项目编号": [f"P{place:02}" for place in range(rows)], "金额": [1.5] * rows},
    }
    for name, column in tables["项目"].items():
        column[45] = cells.get(name)
    names = record_names(program)
    make = FORMS[form]
    sources = tables_of(names, make(tables["项目"]), {"资金": make(tables["资金"])})
    assert sources is not None
    want = frames_of.plain(frames_of.by_definition(program, tables))
    assert differences(want, frames_of.plain(prepare_frames(program, names, sources))) == []

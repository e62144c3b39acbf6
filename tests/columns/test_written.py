"""Files of Parquet, read again by others: every kind of column, blank or not, short and of several pages."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from policyrules.columns.parquet import ParquetTarget, row_group, thrift  # noqa: E402  # after pyarrow is known to be there
from policyrules.columns.store import Texts  # noqa: E402  # after pyarrow is known to be there
from policyrules.columns.tables import (  # noqa: E402  # after pyarrow is known to be there
    AnyColumn,
    Days,
    Exact,
    Labels,
    Lists,
    Numbers,
    Strings,
    Table,
    Truths,
    taken,
)

_DAY = datetime.date(2025, 11, 15)


def told(rows: Sequence[int]) -> Any:
    return np.array(rows, np.int32)


def known(*rows: bool) -> Any:
    return np.array(rows, np.bool_)


def written(path: Path, *tables: dict[str, AnyColumn], of: Sequence[str] | None = None) -> Any:
    with ParquetTarget(path) as target:
        for table in tables:
            target.write(row_group(Table(table), of))
    return parquet.ParquetFile(path)


EXAMPLES: dict[str, tuple[AnyColumn, list[Any]]] = {
    "labels": (Labels.of(told([1, -1, 0, 1]), ("甲", "乙")), ["乙", None, "甲", "乙"]),
    "labels, all one": (Labels.of(told([1, 1, 1, 1]), ("甲", "乙")), ["乙"] * 4),
    "labels, none": (Labels.of(told([-1, -1, -1, -1]), ()), [None] * 4),
    "classes": (Labels(told([3, 0, 2, 3]), told([1, 0, -1, 0]), ("甲", "乙")), ["甲", "乙", None, "甲"]),
    "lists": (
        Lists.of(told([2, -1, 1, 0]), (("甲",), (), ("乙", "甲", "丙"))),
        [["乙", "甲", "丙"], None, [], ["甲"]],
    ),
    "lists of one length": (
        Lists.of(told([1, 0, 1, 1]), (("甲", "乙"), ("丙", "甲"))),
        [["丙", "甲"], ["甲", "乙"], ["丙", "甲"], ["丙", "甲"]],
    ),
    "lists of nothing": (Lists.of(told([0, 0, -1, 0]), ((),)), [[], [], None, []]),
    "days": (
        Days(np.array([_DAY.toordinal(), 0, 1, datetime.date.max.toordinal()]), known(True, False, True, True)),
        [_DAY, None, datetime.date.min, datetime.date.max],
    ),
    "truths": (Truths(known(True, False, False, True), known(True, True, False, True)), [True, None, False, True]),
    "numbers": (Numbers(np.array([0, -1, 2**62, 7])), [0, None, 2**62, 7]),
    "texts": (Strings(told([1, 0, -1, 1]), Texts.of(["甲乙", "a"])), ["a", "甲乙", "", "a"]),
    "amounts": (
        Exact(np.array([-5, 0, 12, 2**40]), 4, known(True, False, True, True)),
        [Fraction(-5, 4), None, Fraction(3), Fraction(2**38)],
    ),
    "long amounts": (
        Exact(np.array([-(10**20), 0, 10**20 + 1, 5], object), 10, known(True, False, True, True)),
        [Fraction(-(10**19)), None, Fraction(10**20 + 1, 10), Fraction(1, 2)],
    ),
    "thirds": (Exact(np.array([1, 0, 3, -2]), 3, known(True, False, True, True)), ["1/3", None, "1", "-2/3"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_column_is_read_as_it_was(name: str, tmp_path: Path) -> None:
    column, expected = EXAMPLES[name]
    file = written(tmp_path / "a.parquet", {"列": column})
    assert [
        one if one is None or not isinstance(expected[0], Fraction) else Fraction(one)
        for one in file.read()["列"].to_pylist()
    ] == expected
    # What Arrow has of the same column is of the same kind, but for texts, which a file does not tell by dictionaries.
    arrow = Table({"列": column}).to_arrow().schema.field("列").type
    arrow = (
        arrow.value_type
        if pa.types.is_dictionary(arrow)
        else pa.list_(pa.string())
        if pa.types.is_list(arrow)
        else arrow
    )
    assert file.schema_arrow.field("列").type == arrow and file.schema_arrow.field("列").nullable


def _in_batches(path: Path) -> list[Any]:
    return [one for batch in parquet.ParquetFile(path).iter_batches(3) for one in batch.column(0).to_pylist()]


def _by_dataset(path: Path) -> list[Any]:
    dataset = pytest.importorskip("pyarrow.dataset").dataset(path)
    found: list[Any] = dataset.scanner(batch_size=3).to_table().column(0).to_pylist()
    return found


def _by_polars(path: Path) -> list[Any]:
    found: list[Any] = pytest.importorskip("polars").read_parquet(path)["列"].to_list()
    return found


def _by_streaming_polars(path: Path) -> list[Any]:
    found: list[Any] = pytest.importorskip("polars").scan_parquet(path).collect(engine="streaming")["列"].to_list()
    return found


def _by_pandas(path: Path) -> list[Any]:
    pandas = pytest.importorskip("pandas")
    cells = pandas.read_parquet(path)["列"].tolist()
    return [
        list(cell) if isinstance(cell, np.ndarray) else None if cell is None or pandas.isna(cell) else cell
        for cell in cells
    ]


def _by_duckdb(path: Path) -> list[Any]:
    duckdb = pytest.importorskip("duckdb")
    return [row[0] for row in duckdb.connect().execute("select * from read_parquet(?)", [str(path)]).fetchall()]


@pytest.mark.parametrize("reader", [_in_batches, _by_dataset, _by_polars, _by_streaming_polars, _by_pandas, _by_duckdb])
def test_other_readers_read_the_same(reader: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    for name, (column, expected) in EXAMPLES.items():
        path = tmp_path / "a.parquet"
        # Twice the same, with nothing between: what is read of one row group does not turn on another.
        rows = [{"列": column}, {"列": taken(column, np.zeros(0, np.intp))}, {"列": column}]
        written(path, *rows)
        exact = isinstance(expected[0], Fraction)
        found = [one if one is None or not exact else Fraction(one) for one in reader(path)]
        assert found == expected * 2, name
        written(path, {"列": taken(column, np.zeros(0, np.intp))})
        assert reader(path) == [], name


@pytest.mark.parametrize("count", [200, 300, 70_000])
def test_places_among_few_and_many(count: int, tmp_path: Path) -> None:
    texts = tuple(f"第{number}种" for number in range(count))
    order = np.random.default_rng(count).permutation(np.arange(-1, count)).astype(np.int32)
    lists = tuple((texts[number], texts[0]) if number % 3 else () for number in range(count))
    file = written(tmp_path / "a.parquet", {"文": Labels.of(order, texts), "列": Lists.of(order, lists)})
    assert file.read()["文"].to_pylist() == [None if own < 0 else texts[own] for own in order.tolist()]
    assert file.read()["列"].to_pylist() == [None if own < 0 else [*lists[own]] for own in order.tolist()]


def test_lists_of_every_length(tmp_path: Path) -> None:
    """Members of up to eight bytes are written as a word, longer lists are not; more than 256 texts take two bytes each."""
    for longest, texts in ((1, 2), (2, 300), (4, 300), (5, 300), (8, 9), (8, 300), (9, 10), (20, 70_000)):
        lists = tuple(tuple(f"第{(7 * own + at) % texts}种" for at in range(own)) for own in range(longest + 1))
        whole = (*lists, *((f"第{own}种",) for own in range(texts)))
        codes = told([*range(-1, longest + 1), longest, longest, 0, *range(longest + 1, len(whole)), -1])
        file = written(tmp_path / "a.parquet", {"列": Lists.of(codes, whole)})
        assert file.read()["列"].to_pylist() == [None if own < 0 else [*whole[own]] for own in codes.tolist()]


def test_many_rows_have_several_pages_and_groups(tmp_path: Path) -> None:
    rows = 300_007
    random = np.random.default_rng(5)
    codes = random.integers(-1, 3, rows).astype(np.int32)
    lists = (("甲",), (), ("乙", "甲", "丙", "丁", "戊"))
    numbers = random.integers(-1, 5, rows)
    table: dict[str, AnyColumn] = {
        "文": Labels.of(codes, ("a", "b", "c")),
        "列": Lists.of(codes, lists),
        "数": Numbers(numbers),
    }
    short: dict[str, AnyColumn] = {
        name: type(one)(one.rows[:5], one.places, one.values)
        for name, one in table.items()
        if isinstance(one, Labels | Lists)
    }  # type: ignore[arg-type]  # as they were
    file = written(tmp_path / "a.parquet", table, {**short, "数": Numbers(numbers[:5])})
    assert [file.metadata.row_group(own).num_rows for own in range(2)] == [rows, 5]
    found = file.read()
    expected = [None if own < 0 else [*lists[own]] for own in codes.tolist()]
    assert found["列"].to_pylist() == [*expected, *expected[:5]]
    assert found["文"].to_pylist()[:rows] == [None if own < 0 else "abc"[own] for own in codes.tolist()]
    assert found["数"].to_pylist()[rows:] == [None if own < 0 else own for own in numbers[:5].tolist()]


@pytest.mark.parametrize("apart", [1, 3, 300, 70_000, 2**40])
@pytest.mark.parametrize("blank", [True, False])
def test_numbers_close_together_and_far_apart(apart: int, blank: bool, tmp_path: Path) -> None:
    values = np.random.default_rng(apart).integers(0, apart, 200_001) + 2**33
    values[::7] = -1 if blank else 2**33
    days = np.where(values < 0, 0, values % 1_000 + _DAY.toordinal())
    table: dict[str, AnyColumn] = {"数": Numbers(values), "日": Days(days, values >= 0)}
    file = written(tmp_path / "a.parquet", table)
    assert file.read()["数"].to_pylist() == [None if own < 0 else own for own in values.tolist()]
    assert file.read()["日"].to_pylist() == table["日"].to_list()
    held = file.metadata.row_group(0).column(0).statistics
    assert (held.min, held.max) == (int(values[values >= 0].min()), int(values.max()))


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.parquet",
        {"文": Labels.of(told([]), ("甲",)), "列": Lists.of(told([]), ()), "数": Numbers(np.zeros(0))},
    )
    assert file.metadata.num_rows == 0 and file.read().to_pydict() == {"文": [], "列": [], "数": []}


def test_the_least_and_the_greatest_are_told(tmp_path: Path) -> None:
    texts = Texts.of(["乙乙乙乙", "乙乙乙", "一二三四五", "乙乙乙乙"])
    table: dict[str, AnyColumn] = {
        "文": Labels.of(told([1, -1, 0, 1]), ("丙", "乙", "甲")),
        "号": Strings(told([0, 1, 2, 3]), texts),
        "日": Days(np.array([5, 0, 3, 4]), known(True, False, True, True)),
        "数": Numbers(np.array([300, -1, 2, 7])),
        "真": Truths(known(False, False, True, False), known(False, True, True, False)),
        "额": Exact(np.array([-5, 0, 12, 8]), 4, known(True, False, True, True)),
        "无": Labels.of(told([-1, -1, -1, -1]), ("甲",)),
    }
    group = written(tmp_path / "a.parquet", table).metadata.row_group(0)
    said = {group.column(at).path_in_schema: group.column(at).statistics for at in range(group.num_columns)}
    day = datetime.date.fromordinal
    assert {name: (own.min, own.max, own.null_count) for name, own in said.items() if own.has_min_max} == {
        "文": ("丙", "乙", 1),
        "号": ("一二三四五", "乙乙乙乙", 0),
        "日": (day(3), day(5), 1),
        "数": (2, 300, 1),
        "真": (False, True, 1),
        "额": (Fraction(-5, 4), Fraction(3), 1),
    }
    assert said["无"].null_count == 4
    group = written(tmp_path / "b.parquet", table, of=["数"]).metadata.row_group(0)
    assert [group.column(at).statistics is not None for at in range(group.num_columns)] == [
        own == "数" for own in table
    ]


def test_row_groups_of_one_file_have_the_same_columns(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="other columns"):
        written(tmp_path / "a.parquet", {"数": Numbers(np.zeros(1))}, {"文": Labels.of(told([0]), ("甲",))})


def test_numbers_have_the_places_of_those_before(tmp_path: Path) -> None:
    """What the definition gives of a block has as many places as it needs: a file has those of the first."""
    quarters, whole = Exact(np.array([1, 6]), 4, known(True, True)), Exact(np.array([3, 0]), 1, known(True, False))
    thirds = Exact(np.array([1, 6]), 3, known(True, True))
    with ParquetTarget(tmp_path / "a.parquet") as target:
        for column in (quarters, whole):
            target.write(row_group(Table({"额": column}), like=target.shapes))
    found = parquet.read_table(tmp_path / "a.parquet")["额"].to_pylist()
    assert found == [Fraction(1, 4), Fraction(3, 2), Fraction(3), None]
    with ParquetTarget(tmp_path / "b.parquet") as target:
        for column in (thirds, quarters):
            target.write(row_group(Table({"额": column}), like=target.shapes))
    assert parquet.read_table(tmp_path / "b.parquet")["额"].to_pylist() == ["1/3", "2", "1/4", "3/2"]
    with pytest.raises(ValueError, match="other columns"), ParquetTarget(tmp_path / "c.parquet") as target:
        for column in (whole, quarters):
            target.write(row_group(Table({"额": column}), like=target.shapes))


def test_structures_in_the_compact_protocol() -> None:
    """By hand: a field's head is how far its number is from the last, and its kind; numbers are doubled, seven bits a byte."""
    assert thrift([(1, 3), (4, b"a"), (5, None)]) == bytes([0x15, 6, 0x38, 1, ord("a"), 0])
    assert thrift([(2, 150), (3, ([(1, 0)],))]) == bytes([0x25, 0xAC, 0x02, 0x19, 0x1C, 0x15, 0, 0, 0])

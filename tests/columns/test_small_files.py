"""What a small Parquet file may come to: it holds a text once and names it for many rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policyrules import Policy
from policyrules.diagnostics import RecordError
from policyrules.testing.build import policy_from_text

pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS = 120_000


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_text(
        """
        对象 项目（project）标识 项目编号
          字段 项目编号（project_id）：文本
          字段 项目名称（project_name）：文本
          字段 停产（stopped）：是否
        决定 分类（category）：单选 { 盘活 }
        规则 盘活类
          当 停产
          则 分类 为 盘活
        """
    )


def _held_once(text: str, rows: int = ROWS) -> object:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


def _written(folder: Path, columns: dict[str, object]) -> Path:
    path = folder / "台账.parquet"
    parquet.write_table(pa.table(columns), path, compression="zstd")
    assert path.stat().st_size < 2_000_000
    return path


def _numbers() -> object:
    return pa.array([f"P{row}" for row in range(ROWS)])


@pytest.mark.parametrize("label", ["项目编号", "项目名称", "备注"])
def test_a_long_text_that_many_rows_name_is_refused(label: str, tmp_path: Path, policy: Policy) -> None:
    # 120,000 times 9,000 bytes: a gigabyte.
    columns = {"项目编号": _numbers(), label: _held_once("甲" * 3_000), "停产": pa.array([True] * ROWS)}
    path = _written(tmp_path, columns)
    for read in (policy.prepare, policy.evaluate_frame):
        with pytest.raises(RecordError, match=r"台账\.parquet.*解开以后超过 256 MB"):
            read(path)
    with pytest.raises(RecordError, match="解开以后超过 256 MB"):
        policy.prepare(path, cache=tmp_path / "存")


def _listed(texts: object) -> object:
    return pa.ListArray.from_arrays(pa.array(range(ROWS + 1), pa.int32()), texts)


def _grouped(texts: object) -> object:
    return pa.StructArray.from_arrays([texts], ["注"])


def _mapped(texts: object) -> object:
    return pa.MapArray.from_arrays(pa.array(range(ROWS + 1), pa.int32()), pa.array(["注"] * ROWS), texts)


@pytest.mark.parametrize("around", [_listed, _grouped, _mapped, lambda texts: _listed(_grouped(texts))])
def test_a_long_text_within_lists_and_groups_is_refused(around: Any, tmp_path: Path, policy: Policy) -> None:
    plain = {"项目编号": _numbers(), "停产": pa.array([True] * ROWS)}
    # 120,000 times 9,000 bytes, and 120,000 times 900.
    with pytest.raises(RecordError, match="解开以后超过 256 MB"):
        policy.prepare(_written(tmp_path, {**plain, "备注": around(_held_once("甲" * 3_000))}))
    assert policy.prepare(_written(tmp_path, {**plain, "备注": around(_held_once("甲" * 300))})).evaluated == ROWS


def test_a_file_of_one_number_is_refused(tmp_path: Path, policy: Policy) -> None:
    path = _written(tmp_path, {"项目编号": _held_once("P1"), "停产": pa.array([True] * ROWS)})
    with pytest.raises(RecordError, match="要一行一行读的超过 100,000 行"):
        policy.prepare(path)


def test_a_file_of_cells_that_cannot_be_read_is_refused(tmp_path: Path, policy: Policy) -> None:
    path = _written(tmp_path, {"项目编号": _numbers(), "停产": _held_once("也许")})
    with pytest.raises(RecordError, match="要一行一行读的超过 100,000 行"):
        policy.prepare(path)


def test_many_plain_rows_of_a_small_file_are_read(tmp_path: Path, policy: Policy) -> None:
    columns = {"项目编号": _numbers(), "项目名称": _held_once("青山大棚"), "停产": pa.array([True] * ROWS)}
    found = policy.evaluate_frame(_written(tmp_path, columns))
    assert len(found) == ROWS

"""Frames of every library give what the same tables in a workbook give, to the last code, finding and note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.columns import frames_of
from tests.columns.ledgers import ledger
from tests.records.sample import build_program

from policyrules.columns import frames
from policyrules.columns.frames import prepare_frames
from policyrules.columns.prepare import tables_of
from policyrules.program.nodes import Program
from policyrules.records.names import record_names

SEEDS = range(60)
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
    found = frames_of.plain(prepare_frames(program, names, sources))
    want = frames_of.plain(frames_of.by_definition(program, tables))
    for problem in (*want["problems"], *(one for several in want["aside"] for one in several)):
        # A file is named where a table has one.
        problem["file"] = (
            f"{problem['sheet'] or '项目'}.parquet"
            if problem["row"] is not None or problem["sheet"]
            else problem["file"]
        )
    assert differences(want, found) == []

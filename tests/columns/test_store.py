"""Prepared ledgers hold what the instances hold, block by block, and come back from the disk as they were, or not at all."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from tests.columns import frames_of
from tests.columns.ledgers import ledger
from tests.columns.test_frames import differences
from tests.records.sample import build_program

import policyrules as pr
from policyrules.columns import bits, prepare
from policyrules.columns.bits import mapped
from policyrules.columns.folder import MANIFEST, UnusablePrepared, content_key, load_prepared, save_prepared
from policyrules.columns.store import PADDING, Prepared, Texts
from policyrules.engine.instances import Instance
from policyrules.program.nodes import Program
from policyrules.records.names import record_names
from policyrules.types import bare_number

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def program() -> Program:
    return build_program()


@pytest.fixture(scope="module")
def county(example_ledger: Path) -> tuple[pr.Policy, Any]:
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 9, 15))
    return policy, policy.read(example_ledger)


def descend(prepared: Prepared, object_: str, row: int, children: dict[str, tuple[str, ...]]) -> dict[str, object]:
    """What the tables say of one instance: its values and its rows."""
    table = prepared.tables[object_]
    values = {name: value for name, own in table.columns.items() if (value := own.value(row)) is not None}
    rows: dict[str, object] = {}
    for child in children[object_]:
        own = prepared.tables[child]
        assert own.starts is not None and own.parent is not None
        if own.supplied is None or bits.unpack(own.supplied, table.rows)[row]:
            places = range(int(own.starts[row]), int(own.starts[row + 1]))
            assert [int(own.parent[place]) for place in places] == [row] * len(places)
            rows[child] = [descend(prepared, child, place, children) for place in places]
        else:
            assert own.starts[row] == own.starts[row + 1]
    return {"values": values, "rows": rows}


def told(instance: Instance) -> dict[str, object]:
    rows = {child: list(map(told, own)) for child, own in instance.rows.items() if own is not None}
    return {"values": instance.values, "rows": rows}


def agree(prepared: Prepared, instances: list[Instance], program: Program) -> None:
    names = record_names(program)
    children = {name: names.rows_of(name) for name in names.objects}
    assert prepared.rows == len(instances)
    for row, instance in enumerate(instances):
        assert differences(told(instance), descend(prepared, prepared.record, row, children)) == []
        assert prepared.identity(row) == instance.identity
        above, owner, name = prepared.above, instance.parent, prepared.record
        place = row
        while owner is not None:
            above = prepared.tables[name].above
            assert above is not None
            name, place = owner.object, int(above[place])
            below = {**told(owner), "rows": {k: v for k, v in told(owner)["rows"].items()}}  # type: ignore[attr-defined]
            assert differences(below, descend(prepared, name, place, children)) == []
            owner = owner.parent


def test_the_example_ledger_is_all_there(county: tuple[pr.Policy, Any]) -> None:
    policy, read = county
    prepared = policy.prepare(read)
    assert len(read.records) + len(read.set_aside) == 537 and prepared.evaluated == len(read.records)
    agree(prepared, list(read.portfolio), policy.program)
    assert prepared.problems == read.problems and prepared.notes == read.notes
    assert prepared.origin.tolist() == [one.row for one in (*read.records, *read.set_aside)]
    # One county for all of them.
    assert prepared.above is not None and not prepared.above.any()


def cells_of(policy: pr.Policy, instances: list[Instance]) -> dict[str, list[Any]]:
    """Instances of one object as columns of a typed frame."""
    columns: dict[str, list[Any]] = {}
    for own in policy.program.fields[instances[0].object].values():
        cells: list[Any] = []
        for instance in instances:
            value = instance.values.get(own.name)
            if isinstance(value, frozenset):
                cells.append(sorted(value))
            elif isinstance(value, (int, Fraction)) and not isinstance(value, bool):
                number = Fraction(bare_number(value, own.type))
                cells.append(Decimal(number.numerator) / Decimal(number.denominator))
            else:
                cells.append(value)
        if any(cell is not None for cell in cells):
            columns[own.name] = cells
    return columns


@pytest.mark.parametrize("make", [frames_of.as_arrow, frames_of.as_polars, frames_of.as_typed_pandas])
def test_the_example_ledger_as_frames(county: tuple[pr.Policy, Any], make: Any) -> None:
    policy, read = county
    records = [one.instance for one in read.records]
    names = record_names(policy.program)
    owner = records[0].parent
    assert owner is not None
    children: dict[str, Any] = {"县": make(cells_of(policy, [owner]))}
    # With one county, its rows need not name it.
    children |= {child: make(cells_of(policy, list(rows))) for child, rows in owner.rows.items() if rows}
    for child in names.rows_of("项目"):
        held = [(record.identity, row) for record in records for row in record.rows.get(child) or ()]
        if held:
            link = {"项目编号": [identity for identity, _ in held]}
            children[child] = make(link | cells_of(policy, [row for _, row in held]))
    found = frames_of.plain(policy.prepare(make(cells_of(policy, records)), children=children))
    want = frames_of.plain(policy.prepare(records))
    for part in ("tables", "identities", "problems", "evaluated"):
        assert differences(want[part], found[part], part) == []
    assert len(records) > 500 and len(children) > 3


def test_records_of_python_and_portfolios(county: tuple[pr.Policy, Any]) -> None:
    policy, read = county
    good = [one.instance for one in read.records]
    agree(policy.prepare(good), good, policy.program)
    agree(policy.prepare(policy.portfolio(good)), good, policy.program)
    prepared = policy.prepare(
        [{"项目编号": "A"}, {"项目编号": "B", "已形成": "也许"}, {"项目编号": "A"}, {"项目编号": "C"}]
    )
    assert list(prepared.identities())[:2] == ["A", "C"] and prepared.evaluated == 2
    assert prepared.origin.tolist() == [1, 4, 2, 3]
    assert [[one.code for one in problems] for problems in prepared.aside] == [["E501"], ["E505"]]


def test_what_is_no_ledger_is_refused(county: tuple[pr.Policy, Any], tmp_path: Path) -> None:
    policy, _ = county
    table = pyarrow.table({"项目编号": ["A"]})
    for wrong in (7, {"项目编号": "A"}, b"abc"):
        with pytest.raises(TypeError):
            policy.prepare(wrong)
    with pytest.raises(TypeError):
        policy.prepare([], children={"资产": table})
    with pytest.raises(TypeError):
        policy.prepare(table, children={"资产": [1]})
    with pytest.raises(TypeError):
        policy.prepare(table, cache=tmp_path)
    with pytest.raises(pr.RecordError, match="没有的"):
        policy.prepare(table, children={"没有的": table})
    (tmp_path / "坏的.parquet").write_bytes(b"PAR1" * 20)
    for name in ("没有.xlsx", "没有.parquet", "坏的.parquet"):
        for cache in (None, tmp_path / "缓存"):
            with pytest.raises(pr.RecordError) as refused:
                policy.prepare(tmp_path / name, cache=cache)
            assert refused.value.problems[0].code == "E507" and refused.value.problems[0].cell.file == name


@pytest.mark.parametrize("seed", range(8))
def test_blocks_hold_what_the_whole_holds(program: Program, seed: int) -> None:
    prepared = frames_of.by_definition(program, ledger(program, seed))
    names = record_names(program)
    children = {name: names.rows_of(name) for name in names.objects}
    whole = [descend(prepared, "项目", row, children) for row in range(prepared.rows)]
    parts = list(prepared.blocks(64))
    found = [descend(part, "项目", row, children) for part in parts for row in range(part.rows)]
    assert differences(whole, found) == []
    assert sum(part.evaluated for part in parts) == prepared.evaluated
    assert tuple(problems for part in parts for problems in part.aside) == prepared.aside
    assert [row for part in parts for row in part.origin.tolist()] == prepared.origin.tolist()
    for part in parts:
        for table in part.tables.values():
            for column in table.columns.values():
                assert column.starts is not None or len(column.padded) >= column.rows + PADDING // 2
                assert column.known is None or len(column.known) == bits.words(column.rows)
                last = column.rows % 64
                assert column.known is None or not last or int(column.known[-1]) >> last == 0


def test_a_block_copies_no_codes_and_begins_with_a_word(program: Program) -> None:
    prepared = frames_of.by_definition(
        program, {"项目": {"项目编号": [f"P{n}" for n in range(200)], "带动户数": [*range(200)]}}
    )
    block = prepared.block(64, 128)
    assert np.shares_memory(block.records.columns["带动户数"].padded, prepared.records.columns["带动户数"].padded)
    for wrong in ((1, 64), (0, 63), (128, 64), (0, 256)):
        with pytest.raises(ValueError):
            prepared.block(*wrong)


def test_planes_are_cut_between_words() -> None:
    rng = np.random.default_rng(5)
    mask = rng.random(300) < 0.5
    plane = bits.pack(mask)
    for start in (0, 1, 63, 64, 65, 200):
        for end in (start, start + 1, start + 64, 300):
            if end <= 300:
                found = bits.cut(plane, start, end)
                assert bits.unpack(found, end - start).tolist() == mask[start:end].tolist()
                assert found.tolist() == bits.pack(mask[start:end]).tolist()


def test_texts_in_one_row_of_bytes() -> None:
    given = ["甲", "", "𠀀乙", "\ud800", "甲"]
    texts = Texts.of(given)
    assert list(texts) == given and [texts[at] for at in range(-5, 5)] == given * 2
    assert list(texts[1:3]) == given[1:3] and list(texts[::-2]) == given[::-2]
    assert list(texts.take(np.array([4, 2]))) == ["甲", "𠀀乙"] and texts.find("𠀀乙") == 2 and texts.find("乙") == -1


# ---- on the disk ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_ledger_comes_back_as_it_was(program: Program, seed: int, tmp_path: Path) -> None:
    prepared = frames_of.by_definition(program, ledger(program, seed))
    save_prepared(prepared, tmp_path / "备")
    back = load_prepared(tmp_path / "备", program)
    assert differences(frames_of.plain(prepared), frames_of.plain(back)) == []
    columns = back.records.columns.values()
    assert all(mapped(column.padded) is not None for column in columns if not column.wide)
    # The same bytes again, whatever the order of anything.
    before = {file.name: file.read_bytes() for file in (tmp_path / "备").iterdir()}
    save_prepared(back, tmp_path / "备")
    assert {file.name: file.read_bytes() for file in (tmp_path / "备").iterdir()} == before


def test_the_key_is_of_the_content(program: Program) -> None:
    tables = ledger(program, 3)
    names = record_names(program)
    keys = set()
    for make in (frames_of.as_arrow, frames_of.as_typed_pandas, frames_of.as_polars):
        made = {name: make(columns) for name, columns in tables.items()}
        sources = prepare.tables_of(names, made.pop("项目"), made)
        assert sources is not None
        keys.add(content_key(prepare.prepare_tables(program, names, sources)))
    assert keys == {content_key(frames_of.by_definition(program, tables))}
    tables["项目"]["项目编号"][5] = "另一个"
    assert content_key(frames_of.by_definition(program, tables)) not in keys


def test_numbers_too_long_for_an_array_come_back(program: Program, tmp_path: Path) -> None:
    prepared = frames_of.by_definition(program, {"项目": {"项目编号": ["A", "B"], "利润": ["1" + "0" * 30, None]}})
    save_prepared(prepared, tmp_path)
    column = load_prepared(tmp_path, program).records.columns["利润"]
    assert column.wide and column.value(0) == 10**34 and column.value(1) is None


@pytest.fixture
def saved(program: Program, tmp_path: Path) -> Path:
    save_prepared(frames_of.by_definition(program, ledger(program, 3)), tmp_path / "备", "来源")
    return tmp_path / "备"


def spoilt(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file with one bit turned, without its end, and empty."""
    for file in sorted(folder.iterdir()):
        data = file.read_bytes()
        middle = len(data) // 2
        yield file, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        yield file, data[:-1]
        yield file, b""


def test_what_is_damaged_is_refused(program: Program, saved: Path) -> None:
    for file, data in spoilt(saved):
        before = file.read_bytes()
        file.write_bytes(data)
        with pytest.raises(UnusablePrepared):
            load_prepared(saved, program)
        file.write_bytes(before)
    load_prepared(saved, program)
    (saved / "0.npy").unlink()
    with pytest.raises(UnusablePrepared, match="缺了文件"):
        load_prepared(saved, program)


def test_what_was_made_for_others_is_refused(program: Program, saved: Path) -> None:
    with pytest.raises(UnusablePrepared, match="别的台账"):
        load_prepared(saved, program, "另一来源")
    own = program.fields["项目"]["利用率"]
    fields = {**program.fields, "项目": {**program.fields["项目"], "利用率": replace(own, high=2)}}
    with pytest.raises(UnusablePrepared, match="声明"):
        load_prepared(saved, replace(program, fields=fields))
    manifest = json.loads((saved / MANIFEST).read_bytes())
    (saved / MANIFEST).write_text(json.dumps(manifest | {"package": "0.0.0"}))
    with pytest.raises(UnusablePrepared, match="版本"):
        load_prepared(saved, program)
    with pytest.raises(UnusablePrepared):
        load_prepared(saved.parent, program)


def test_a_manifest_that_points_elsewhere_is_refused(program: Program, saved: Path) -> None:
    from policyrules.columns.folder import _digest

    told = json.loads((saved / MANIFEST).read_bytes())
    del told["digest"]
    (saved.parent / "9.npy").write_bytes((saved / told["origin"]).read_bytes())
    told["files"]["../9.npy"] = told["files"][told["origin"]]
    told["origin"] = "../9.npy"
    (saved / MANIFEST).write_text(json.dumps(told | {"digest": _digest(told)}))
    with pytest.raises(UnusablePrepared):
        load_prepared(saved, program)


def test_objects_in_an_array_are_never_unpickled(program: Program, saved: Path) -> None:
    import hashlib

    from policyrules.columns.folder import _digest

    told = json.loads((saved / MANIFEST).read_bytes())
    del told["digest"]
    np.save(saved / told["origin"], np.array([print, None], dtype=object), allow_pickle=True)
    told["files"][told["origin"]] = hashlib.sha256((saved / told["origin"]).read_bytes()).hexdigest()
    (saved / MANIFEST).write_text(json.dumps(told | {"digest": _digest(told)}))
    with pytest.raises(UnusablePrepared):
        load_prepared(saved, program)


def test_a_file_is_prepared_once_for_its_content(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = record_names(program)
    tables = ledger(program, 3)
    paths = {name: frames_of.as_parquet(own, tmp_path / f"{name}.parquet", 17) for name, own in tables.items()}
    path, cache = paths.pop("项目"), tmp_path / "缓存"
    monkeypatch.setattr(prepare, "_LEAST_SPOOLED", 8)
    first = prepare.prepare_cached(program, names, path, paths, cache)
    plain = prepare.prepare_file(program, names, path, paths)
    assert differences(frames_of.plain(plain), frames_of.plain(first)) == []
    (folder,) = cache.iterdir()

    def no_more(*given: object) -> Prepared:
        raise AssertionError("read again")

    with monkeypatch.context() as patched:
        patched.setattr(prepare, "prepare_frames", no_more)
        again = prepare.prepare_cached(program, names, path, paths, cache)
        assert differences(frames_of.plain(first), frames_of.plain(again)) == []
        with pytest.raises(AssertionError):
            prepare.prepare_cached(program, names, path, {}, cache)
    # One that is damaged is made anew, and not used.
    # (In its place: what is mapped must not be cut short.)
    (folder / "0.npy").unlink()
    (folder / "0.npy").write_bytes(b"")
    again = prepare.prepare_cached(program, names, path, paths, cache)
    assert differences(frames_of.plain(first), frames_of.plain(again)) == []
    assert [one for one in cache.iterdir() if one != folder] == []
    with pytest.raises(TypeError):
        prepare.prepare_cached(program, names, path, {"资金": frames_of.as_arrow({"项目编号": ["A"]})}, cache)


def test_workbooks_are_kept_as_well(county: tuple[pr.Policy, Any], tmp_path: Path) -> None:
    policy, _ = county
    (tmp_path / "项目.csv").write_text("项目编号,已形成\nA,是\nB,也许\n", encoding="utf-8")
    first = policy.prepare(tmp_path / "项目.csv", cache=tmp_path / "缓存")
    again = policy.prepare(str(tmp_path / "项目.csv"), cache=str(tmp_path / "缓存"))
    (folder,) = (tmp_path / "缓存").iterdir()
    for found in (again, policy.prepare(folder), policy.prepare(tmp_path / "项目.csv")):
        assert differences(frames_of.plain(first), frames_of.plain(found)) == []
    assert first.evaluated == 1 and [one.code for one in first.problems] == ["E501"]


def test_numpy_is_told_of_in_chinese_where_it_is_missing() -> None:
    code = f"""
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == {{!r}} else found(name, *rest)
import policyrules as pr
policy = pr.load({str(ROOT / "examples" / "county")!r})
try:
    policy.prepare({{}})
except ImportError as error:
    print(error)
"""
    for missing, source, extra in (("numpy", "[]", "batch"), ("pyarrow", "'a.parquet'", "parquet")):
        done = subprocess.run(
            [sys.executable, "-c", code.format(missing, source)], capture_output=True, text=True, check=True
        )
        assert f"pip install policyrules[{extra}]" in done.stdout

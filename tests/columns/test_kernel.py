"""The machine in C says what NumPy says, to the last bit, and is not used where it does not."""

from __future__ import annotations

import importlib.util
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import policyrules as pr
from policyrules.columns import kernel as door
from policyrules.columns import stretches
from policyrules.columns.bits import unpack
from policyrules.columns.results import FrameResult
from policyrules.testing.build import policy_from_text

from ..model.choosing import Pick, RandomChooser
from ..model.harness import make_case
from .agreeing import columnar, definition, differences
from .test_listing import as_rows, kinds_at_random, one_by_one
from .test_planes import AS_OF, ROOT, ledger_of, workbook

KERNEL = ROOT / "kernel"


def load_build() -> ModuleType:
    """``kernel/build.py``."""
    spec = importlib.util.spec_from_file_location("kernel_build", KERNEL / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package with its library, as if it were installed."""
    build = load_build()
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(KERNEL / "policyrules_kernel", folder / "policyrules_kernel")
    try:
        build.build(folder / "policyrules_kernel")
    except build.NoCompiler as missing:
        pytest.skip(str(missing))
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("policyrules_kernel")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "policyrules_kernel"]:
            del sys.modules[name]


def unlike(one: FrameResult, other: FrameResult) -> list[Any]:
    """The outputs that two results have otherwise, element by element."""
    assert (one.engine, other.engine) == ("numpy", "kernel")
    found: list[Any] = []
    for key, piece in one._found.pieces.items():
        ours = other._found.pieces[key]
        assert piece.count == ours.count and piece.parts.keys() == ours.parts.keys()
        for part, value in piece.parts.items():
            mine = ours.parts[part]
            if isinstance(value, int) or isinstance(mine, int):
                same = value is mine or value == mine
            elif value.dtype == np.uint64:
                same = np.array_equal(unpack(value, piece.count), unpack(mine, piece.count))
            else:
                same = value.dtype == mine.dtype and value.tolist() == mine.tolist()
            if not same:
                found.append((key, part))
    return found


def test_every_variant_passes_the_self_test(package: Any) -> None:
    from policyrules_kernel import selftest  # type: ignore[import-not-found]

    machine = package.load()
    # Each variant below the one in use is one that this processor has.
    for variant in range(machine.variant + 1):
        assert selftest.failure(machine.run, machine.rows, variant) == "", package.VARIANTS[variant]


def test_the_best_instructions_of_the_processor_are_used(package: Any) -> None:
    told = Path("/proc/cpuinfo")
    flags = set(told.read_text(encoding="utf-8").split()) if told.exists() else set()
    if "sse2" not in flags:
        pytest.skip("only where Linux tells what an x86 processor has")
    wide = {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags
    expected = "SSE2" if "avx2" not in flags else "AVX-512" if wide else "AVX2"
    assert package.load().name == expected


def test_operations_are_numbered_alike(package: Any) -> None:
    from policyrules_kernel import selftest

    assert tuple(code.name for code in stretches.Code) == selftest.OPERATIONS
    assert tuple(rows.name for rows in stretches.Rows) == selftest.ROWS
    assert package.FORMAT == door.FORMAT


@pytest.mark.parametrize("block", [64, 131_072])
def test_example_ledger(package: Any, workbook: Path, block: int) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    ledger = policy.read(workbook)
    prepared = policy.prepare(ledger)
    plain = policy.evaluate_frame(prepared, engine="numpy")
    result = policy.evaluate_frame(prepared, engine="kernel", block=block)
    assert unlike(plain, result) == []
    assert result.findings.to_arrow().equals(plain.findings.to_arrow())
    if block > 64:
        outcomes = [one for one in policy.evaluate_all(ledger, on_error="collect") if isinstance(one, pr.Outcome)]
        assert columnar(result, policy.program) == definition(outcomes)


@pytest.mark.parametrize("seed", range(30))
def test_random_programs(package: Any, seed: int) -> None:
    chooser = RandomChooser(f"kernel {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = ledger_of(case, pick, pick.one((0, 1, 3, 12, 70, 150)))
    threads = pick.one((1, 2))
    found, result = differences(case.loaded, records, block=64, threads=threads, engine="kernel")
    assert found == []
    prepared = result.prepared
    assert result.findings.to_arrow().equals(
        case.loaded.evaluate_frame(prepared, engine="numpy", threads=1).findings.to_arrow()
    )
    assert unlike(case.loaded.evaluate_frame(prepared, engine="numpy"), result) == []


@pytest.mark.parametrize("width", [1, 3, 1024])
def test_so_many_words_at_a_time_make_no_difference(package: Any, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    prepared = policy.prepare(ROOT / "examples" / "funds" / "台账.json")
    plain = policy.evaluate_frame(prepared, engine="numpy")
    monkeypatch.setattr(stretches, "WIDTH", width)
    monkeypatch.setattr(door, "WIDTH", width)
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    assert unlike(plain, policy.evaluate_frame(prepared, engine="kernel")) == []


@pytest.mark.parametrize("seed", range(8))
def test_findings_in_their_order(package: Any, seed: int) -> None:
    chance = random.Random(f"findings in C {seed}")
    kinds, records, options = kinds_at_random(chance)
    expected = one_by_one(kinds, records, **options)
    assert as_rows(kinds, records, threads=1, kernel=package.load(), **options) == expected
    assert as_rows(kinds, records, threads=2, kernel=package.load(), **options) == expected


@pytest.mark.parametrize("rows", [1, 64, 1_000, 200_000])
def test_groups(package: Any, rows: int) -> None:
    """Many enough for two threads, and a last word that is not full."""
    chance = np.random.default_rng(rows)
    text = (
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 县（county）：文本\n  字段 类型（kind）：枚举 { 种植、养殖 }\n  字段 停产（idle）：是否\n"
        "统计 停产数\n  计数 项目\n  相同 县、类型\n  其中 停产\n"
        "统计 停产占比\n  占比 项目\n  相同 县\n  符合 停产\n"
        "决定 多（many）：单选 { 多 }\n规则 多的\n  当 停产数 ≥ 3 个 或 停产占比 ≥ 50%\n  则 多 为 多\n"
    )
    policy = policy_from_text(text)
    names = [None, *(f"示例{number}县" for number in range(9))]
    table = pa.table(
        {
            "id": [f"{number}号" for number in range(rows)],
            "county": [names[place] for place in chance.integers(0, 10, rows).tolist()],
            "kind": [(None, "种植", "养殖")[place] for place in chance.integers(0, 3, rows).tolist()],
            "idle": [(None, True, False)[place] for place in chance.integers(0, 3, rows).tolist()],
        },
        schema=pa.schema({"id": pa.string(), "county": pa.string(), "kind": pa.string(), "idle": pa.bool_()}),
    )
    prepared = policy.prepare(table)
    plain = policy.evaluate_frame(prepared, engine="numpy", threads=1)
    for threads in (1, 2):
        result = policy.evaluate_frame(prepared, engine="kernel", threads=threads)
        assert unlike(plain, result) == []
    if rows <= 1_000:
        outcomes = list(policy.evaluate_all(table.to_pylist()))
        assert columnar(plain, policy.program) == definition(outcomes)  # type: ignore[arg-type]  # nobody fails


def test_the_machine_is_used_where_it_is(package: Any) -> None:
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    prepared = policy.prepare(ROOT / "examples" / "funds" / "台账.json")
    assert policy.evaluate_frame(prepared).engine == "kernel"
    assert policy.evaluate_frame(prepared, engine="numpy").engine == "numpy"


def test_a_machine_that_does_not_know_and_is_not_used(package: Any, tmp_path: Path) -> None:
    build = load_build()
    source = (KERNEL / "policyrules_kernel" / "kernel.c").read_text(encoding="utf-8")
    for name, right, wrong, said in (
        ("all", "#define ALL2(T) SET(0, T) & SET(1, T)", "#define ALL2(T) SET(0, T) | SET(1, T)", "自检不符"),
        ("format", "#define FORMAT 4", "#define FORMAT 3", "版本"),
    ):
        assert right in source
        folder = tmp_path / name
        folder.mkdir()
        (folder / "kernel.c").write_text(source.replace(right, wrong), encoding="utf-8")
        flags = ["-O0", "-fwrapv", "-std=gnu11", "-shared", "-fPIC"]
        made = folder / build.library()
        subprocess.run([*build.compiler(), *flags, "-o", str(made), str(folder / "kernel.c")], check=True)
        with pytest.raises(package.Unusable, match=said):
            package.load(made)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PACKAGE", "policyrules_kernel_that_nobody_has")
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    prepared = policy.prepare(ROOT / "examples" / "funds" / "台账.json")
    with pytest.raises(door.NoKernel, match="没有安装 policyrules-kernel"):
        policy.evaluate_frame(prepared, engine="kernel")
    assert policy.evaluate_frame(prepared, engine="auto").engine == "numpy"
    with pytest.raises(ValueError, match="engine"):
        policy.evaluate_frame(prepared, engine="gpu")  # type: ignore[arg-type]


__all__ = ["workbook"]

"""The rooms import downward only, no files import each other in a circle, and importing the package loads nothing heavy.

An import is one wherever it stands: at the top, inside a function, or for type checking only. Planted violations show
that the checks would see one.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

import policyrules
from policyrules.program.graph import ordered

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "policyrules"

# From the ground up: a room may import its own rank and below.
RANKS = {
    "codes": 0,
    "frozen": 0,
    "interrupts": 0,
    "patience": 0,
    "readonly": 0,
    "several": 0,
    "source": 0,
    "spelling": 0,
    "text": 0,
    "types": 0,
    "writing": 0,
    "diagnostics": 1,
    "operators": 1,
    "language": 2,
    "program": 3,
    "answers": 4,
    "explanation": 4,
    "results": 5,
    "engine": 6,
    "wording": 6,
    "amounts": 6,
    "reason_words": 7,
    "reasons": 7,
    "late": 7,
    "outcomes": 7,
    "interpreter": 8,
    "records": 9,
    "columns": 10,
    "policy": 11,
    "analysis": 12,
    "variation": 13,
    "report": 14,
    "testing": 15,
    "cli": 16,
    "__init__": 16,
    "__main__": 17,
}

# Each extra is imported by one module only, and never at the top of it unless that module is itself imported lazily.
EXTRAS = {"openpyxl", "rich", "polars", "pandas", "pyarrow", "z3", "pygls", "pyspark", "numpy"}
# Arrays are what this room is made of: nothing but `policy` imports it, and only when it is asked for.
OF_ROOMS = {"numpy": "columns"}


def module_of(path: Path) -> str:
    """The dotted name of a file of the package: ``policyrules.engine.values``; a package stands for its ``__init__``."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


TEXTS = {module_of(path): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(text: str) -> tuple[tuple[int, str], ...]:
    """(line, module or name in a module) of every import, wherever it stands."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None and node.level == 0, "imports are absolute"
            found += ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
    return tuple(found)


def file_of(name: str, files: Mapping[str, str]) -> str | None:
    """The file that an imported name comes from: the longest beginning of it that is one."""
    parts = name.split(".")
    starts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((start for start in starts if start in files), None)


def upward(module: str, text: str) -> list[str]:
    """Imports of ``text``, read as ``module``, that run upward."""
    found = []
    for line, name in imports(text):
        target = file_of(name, TEXTS) or name
        if name.split(".")[0] == "policyrules" and RANKS[room(target)] > RANKS[room(module)]:
            found.append(f"{module}:{line} imports {target}")
    return found


def circles(files: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Files that import each other, each circle from one of its files on."""
    edges = {
        module: dict.fromkeys(
            target for _, name in imports(text) if (target := file_of(name, files)) not in (None, module)
        )
        for module, text in files.items()
    }
    return ordered(edges)[1]


@pytest.mark.parametrize("module", TEXTS)
def test_imports_run_downward(module: str) -> None:
    assert upward(module, TEXTS[module]) == []


def test_every_room_has_a_rank() -> None:
    assert set(map(room, TEXTS)) <= set(RANKS)


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles(TEXTS) == []


PLANTED = (
    "from policyrules.{}",
    "import policyrules.{0}",
    "def f() -> None:\n    from policyrules.{}",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from policyrules.{}",
)


def planted(form: str, module: str) -> str:
    name = module.removeprefix("policyrules.")
    return form.format(name) + (" import something" if "from policyrules." in form else "")


@pytest.mark.parametrize("form", PLANTED, ids=["from", "import", "in a function", "for type checking"])
def test_a_planted_upward_import_is_seen(form: str) -> None:
    text = planted(form, "policyrules.records.build")
    line = text.count("\n") + 1
    assert upward("policyrules.language.parser", text) == [
        f"policyrules.language.parser:{line} imports policyrules.records.build"
    ]
    assert upward("policyrules.cli.commands", text) == []
    assert upward("policyrules.engine.values", "from policyrules import load") != []


@pytest.mark.parametrize("form", PLANTED, ids=["from", "import", "in a function", "for type checking"])
def test_a_planted_circle_is_seen(form: str) -> None:
    first, second, third = (f"policyrules.engine.planted_{number}" for number in (1, 2, 3))
    plain = "from policyrules.engine.{} import something\n"
    files = {first: plain.format("planted_2"), second: plain.format("planted_3"), third: planted(form, first)}
    assert circles({**TEXTS, **files})[-1] == (first, second, third)
    assert circles({first: "from policyrules.engine import planted_2", second: planted(form, first)}) == [
        (first, second)
    ]
    assert circles({first: plain.format("planted_2"), second: "import policyrules.engine.planted_3", third: ""}) == []


def test_importing_the_package_loads_no_extra() -> None:
    code = f"import sys, policyrules; print(sorted({EXTRAS!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_loading_and_evaluating_needs_neither_pydantic_nor_an_extra() -> None:
    code = f"""
import datetime, sys
import policyrules as pr
policy = pr.load({str(PACKAGE.parents[1] / "policies" / "jiangxi")!r}, as_of=datetime.date(2025, 9, 15))
assert policy.evaluate({{"已形成": "是"}})["分类"].status == "undetermined"
print(sorted({EXTRAS | {"pydantic", "argparse"}!r} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_public_name_is_found_and_no_other() -> None:
    assert set(policyrules.__all__) == {name for names in policyrules._HOMES.values() for name in names.split()}
    for name in policyrules.__all__:
        assert getattr(policyrules, name) is not None
    with pytest.raises(AttributeError):
        policyrules.laod  # type: ignore[attr-defined]  # noqa: B018


def test_each_extra_is_imported_by_one_room_only() -> None:
    users: dict[str, set[str]] = {}
    for module, text in TEXTS.items():
        for name in {name.split(".")[0] for _, name in imports(text)} & EXTRAS:
            users.setdefault(name, set()).add(room(module) if OF_ROOMS.get(name) == room(module) else module)
    assert {name: sorted(modules) for name, modules in users.items() if len(modules) > 1} == {}


ASIDE = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for folder in ("benchmarks", "tools")
    for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("module", ASIDE)
def test_what_stands_beside_the_package_can_be_imported(module: str) -> None:
    """Whatever it takes from the package, or from a module beside it, is there."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("benchmarks", "tools", "policyrules"):
            raise
        pytest.skip(str(missing))

"""The rooms import downward only, and importing the package loads nothing heavy.

A planted upward import shows that the check would see one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "policyrules"

# From the ground up: a room may import its own rank and below.
RANKS = {
    "source": 0,
    "types": 0,
    "codes": 0,
    "diagnostics": 1,
    "language": 2,
    "program": 3,
    "engine": 4,
    "records": 5,
    "policy": 6,
    "analysis": 7,
    "report": 8,
    "testing": 9,
    "cli": 10,
    "__init__": 8,
    "__main__": 11,
}

# Each extra is imported by one module only, and never at the top of it unless that module is itself imported lazily.
EXTRAS = {"openpyxl", "typer", "rich", "polars", "z3", "pygls", "pyspark", "numpy"}


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(tree: ast.AST) -> list[tuple[int, str, bool]]:
    """(line, module, only for type checking) of every import, those inside functions included."""
    guarded: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            guarded.update(id(child) for child in ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend((node.lineno, alias.name, id(node) in guarded) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "policyrules":
                found.extend((node.lineno, f"policyrules.{alias.name}", id(node) in guarded) for alias in node.names)
            else:
                found.append((node.lineno, node.module, id(node) in guarded))
    return found


def violations(path: Path, text: str) -> list[str]:
    """Imports of ``text``, read as the module at ``path``, that run upward."""
    own = RANKS[room(path)]
    found = []
    for line, module, typing_only in imports(ast.parse(text)):
        parts = module.split(".")
        if parts[0] != "policyrules" or typing_only:
            continue
        target = parts[1] if len(parts) > 1 else "__init__"
        rank = RANKS.get(target, RANKS["__init__"])
        if rank > own:
            found.append(f"{path.relative_to(PACKAGE)}:{line} imports {module}")
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    assert violations(path, path.read_text(encoding="utf-8")) == []


def test_every_room_has_a_rank() -> None:
    assert {room(path) for path in MODULES} <= set(RANKS)


def test_a_planted_upward_import_is_seen() -> None:
    planted = "def f() -> None:\n    from policyrules.records.build import build_instance\n"
    assert violations(PACKAGE / "language" / "parser.py", planted) == [
        "language/parser.py:2 imports policyrules.records.build"
    ]
    assert violations(PACKAGE / "engine" / "values.py", "import policyrules.analysis.compare") != []
    assert violations(PACKAGE / "cli.py", "from policyrules.records.build import build_instance") == []


def test_importing_the_package_loads_no_extra() -> None:
    code = f"import sys, policyrules; print(sorted({EXTRAS!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_each_extra_is_imported_by_one_room_only() -> None:
    users: dict[str, set[str]] = {}
    for path in MODULES:
        for _, module, typing_only in imports(ast.parse(path.read_text(encoding="utf-8"))):
            name = module.split(".")[0]
            if name in EXTRAS and not typing_only:
                users.setdefault(name, set()).add(str(path.relative_to(PACKAGE)))
    assert {name: sorted(paths) for name, paths in users.items() if len(paths) > 1} == {}

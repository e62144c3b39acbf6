"""The kept tables of the grammar: up to date, used, and never missed where they cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import lark
import pytest

from policyrules.language import tables
from policyrules.language.build import Builder

# As the scanner hands it over, full-width characters folded.
RULE = "规则 甲\n  当 乙 ≥ 5 万元 且 任一满足(丙;丁 属于 {戊、己})\n  则 庚 为 辛\n"


def kept_by_this_lark() -> bool:
    """False in the tests with the oldest and newest versions, which may be of another minor version."""
    kept: dict[str, str] = json.loads(tables.TABLES.read_text(encoding="utf-8"))
    return kept["lark"] == ".".join(lark.__version__.split(".")[:2])


@pytest.mark.skipif(not kept_by_this_lark(), reason="tables of another version of Lark")
@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_they_are_what_the_grammar_gives(seed: str) -> None:
    """Where this fails, the grammar was changed: run ``make tables``."""
    code = "import sys; from policyrules.language import tables; sys.stdout.write(tables.text())"
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == tables.TABLES.read_text(encoding="utf-8")
    assert len(done.stdout) < 1_000_000


@pytest.mark.skipif(not kept_by_this_lark(), reason="tables of another version of Lark")
def test_nothing_is_built_where_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_built", None)
    assert tables.parser(Builder()) is not None


@pytest.mark.parametrize(
    "text", [None, "", "[", "[" * 100_000, "{}", '{"grammar": "", "lark": "1.3", "data": {}, "memo": {}}']
)
def test_the_parser_is_the_same_without_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None) -> None:
    kept = tables.parser(None).parse(RULE)
    monkeypatch.setattr(tables, "TABLES", tmp_path / "grammar.json")
    if text is not None:
        tables.TABLES.write_text(text, encoding="utf-8")
    assert tables.parser(None).parse(RULE) == kept


@pytest.mark.skipif(not kept_by_this_lark(), reason="tables of another version of Lark")
@pytest.mark.parametrize("seed", range(40))
def test_damaged_tables_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int) -> None:
    """Whatever bit is turned over, wherever they end, and whatever is added."""
    whole = tables.TABLES.read_bytes()
    random = Random(seed)
    damaged = bytearray(whole)
    match seed % 4:
        case 0 | 1:
            damaged[random.randrange(len(whole) - 1)] ^= 1 << random.randrange(8)
        case 2:
            del damaged[random.randrange(1, len(whole) - 1) :]
        case _:
            damaged[random.randrange(1, len(whole) - 1) : 0] = b'"data":{}'
    monkeypatch.setattr(tables, "TABLES", tmp_path / "grammar.json")
    tables.TABLES.write_bytes(damaged)
    grammar = (Path(tables.__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    assert tables._kept(grammar) is None

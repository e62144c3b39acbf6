"""The page on engines: its examples run, and its table says what the code does."""

from __future__ import annotations

import ast
import doctest

from tests.docs import engine_table
from tests.docs.replay import ROOT, blocks

from policyrules.operators import OPERATORS

PAGE = engine_table.PAGE.read_text(encoding="utf-8")
OPERATORS_LOWERED = ast.parse(
    (ROOT / "src" / "policyrules" / "engine" / "lowering" / "operators.py").read_text(encoding="utf-8")
)


def test_the_examples_run() -> None:
    code = "\n".join(block.text for block in blocks(PAGE) if block.language == "python")
    examples = doctest.DocTestParser().get_doctest(code, {}, "engines.md", "docs/engines.md", 0)
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted > 4


def test_the_table_is_that_of_the_code() -> None:
    assert engine_table.written(PAGE) == PAGE, "python -m tests.docs.engine_table --write"


def test_every_node_has_a_row_or_a_reason() -> None:
    told = [*engine_table.NODES, *engine_table.NOT_EVALUATED]
    assert set(told) == engine_table.node_classes()
    assert len(set(told)) == len(told)


def test_every_refusal_stands_in_a_row() -> None:
    shown = {words for own in (engine_table.BOTH, engine_table.COLUMNS) for told in own.values() for words in told}
    assert shown | set(engine_table.NEVER) == set(engine_table.refusals())
    rows = set(OPERATORS) | set(engine_table.NODES)
    assert {*engine_table.BOTH, *engine_table.COLUMNS, *engine_table.COMPILED} <= rows


def test_every_operator_is_lowered() -> None:
    applied = next(
        node for node in ast.walk(OPERATORS_LOWERED) if isinstance(node, ast.FunctionDef) and node.name == "applied"
    )
    named = {
        pattern.value.value
        for node in ast.walk(applied)
        if isinstance(node, ast.match_case)
        for pattern in ast.walk(node.pattern)
        if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant)
    }
    assert named == set(OPERATORS)

"""The page on ledgers in columns: what it shows is so."""

from __future__ import annotations

import doctest

from tests.docs.replay import ROOT, blocks, workplace

PAGE = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")


def test_the_examples_run() -> None:
    code = "\n".join(block.text for block in blocks(PAGE) if block.language == "python")
    examples = doctest.DocTestParser().get_doctest(code, {}, "columns.md", "docs/columns.md", 0)
    said: list[str] = []
    with workplace("policies", "examples"):
        result = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted > 8

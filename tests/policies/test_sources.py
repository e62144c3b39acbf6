"""Both official texts, whole: every sentence encoded or explained, every quote exact, every clause as it was pinned.

The full texts are not part of the project; where they are absent these tests skip.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.analysis.clause_coverage import clause_coverage
from policyrules.analysis.sentence_coverage import source_coverage
from policyrules.source import Source

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT.parent / "shared" / "sources"
LAYERS = {"CN": ("national", 76), "JX": ("jiangxi", 70)}
AS_OF = datetime.date(2025, 9, 15)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_sentence_is_encoded_or_explained_and_every_quote_exact(layer: str) -> None:
    name, _ = LAYERS[layer]
    path = TEXTS / f"{name}.txt"
    if not path.is_file():
        pytest.skip(f"the official text {name}.txt is not beside the project")
    policy = pr.load(ROOT / "policies" / name, as_of=AS_OF)
    found = source_coverage(Source(path.name, path.read_text(encoding="utf-8")), policy, layer)
    assert [str(diagnostic) for diagnostic in found.diagnostics] == []
    assert [sentence.unit.text for sentence in (*found.uncovered, *found.unquoted)] == []
    assert found.complete


@pytest.mark.parametrize("layer", LAYERS)
def test_every_clause_is_cited_or_says_why_it_decides_nothing(layer: str) -> None:
    name, count = LAYERS[layer]
    policy = pr.load(ROOT / "policies" / name, as_of=AS_OF)
    own = next(part for part in clause_coverage(policy).layers if part.layer == layer)
    assert len(own.rows) == count
    assert [row.clause.id for row in own.rows if row.status == "uncovered"] == []
    clauses = policy.layers[-1].clauses.clauses
    reasons = [clause.reason for clause in clauses if not clause.decides]
    assert all(reasons)
    reasons += [sentence.reason for clause in clauses for sentence in clause.sentences]
    assert len(set(reasons)) == len(reasons), "explained one by one, not in bulk"

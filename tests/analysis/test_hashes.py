"""Fingerprints written into a clause table: nothing else changes, whatever the layout."""

from __future__ import annotations

import pytest

from policyrules.analysis.hashes import Hashed, hash_clauses
from policyrules.program.clause_table import ClauseTable, read_clauses
from policyrules.program.quotes import fingerprint
from policyrules.source import Source

TEXT = "一、总则\n\n各县要**落实**。\n乡镇逐个建\n档。\n"
FIRST, SECOND = fingerprint("各县要落实。"), fingerprint("乡镇逐个建档。")
HEAD = "# 登记\nclauses:\n"
FLOW = "- {id: A-1, place: 一, summary: 一, kind: duty, decides: true, starts: 各县, ends: 落实。} # 要点\n"
BLOCK = """\
  # 乡镇
  - id: A-2
    place: 二
    summary: 二
    kind: duty
    decides: true
    starts: 乡镇
    ends: "建档。"   # 换了行
    reason: null
"""


def table(text: str) -> ClauseTable:
    found, diagnostics = read_clauses(Source("a/clauses.yaml", text))
    assert found is not None and not diagnostics, [str(one) for one in diagnostics]
    return found


def hashed(text: str, source: str = TEXT) -> Hashed:
    return hash_clauses(table(text), Source("原文.txt", source))


def test_missing_fingerprints_are_added_after_ends() -> None:
    found = hashed(HEAD + "  " + FLOW + BLOCK)
    assert found.text == HEAD + "  " + FLOW.replace("落实。}", f'落实。, sha256: "{FIRST}"}}') + BLOCK.replace(
        "# 换了行\n", f'# 换了行\n    sha256: "{SECOND}"\n'
    )
    assert [clause.id for clause in found.added] == ["A-1", "A-2"] and not found.changed


@pytest.mark.parametrize(
    "line", ["sha256: null", "sha256:", "sha256:   # 待算", f"sha256: {FIRST}", f"sha256: '{FIRST}'"]
)
def test_a_fingerprint_is_put_in_its_place(line: str) -> None:
    before = HEAD + BLOCK + f"    {line}\n    offices: [甲]\n"
    found = hashed(before)
    value = line.removeprefix("sha256:").partition("#")[0].strip()
    shown = f'    sha256: "{SECOND}"' + line.removeprefix("sha256:") if not value else f'    sha256: "{SECOND}"'
    assert found.text == HEAD + BLOCK + f"{shown}\n    offices: [甲]\n"
    assert len(found.added) + len(found.changed) == 1
    assert bool(found.changed) == (FIRST in line)
    # A second time nothing is left to do.
    assert hashed(found.text).text == found.text and not hashed(found.text).added


@pytest.mark.parametrize(
    "layout",
    [
        BLOCK.replace('"建档。"   # 换了行', ">-\n      建档。"),
        BLOCK.replace('    ends: "建档。"   # 换了行\n    reason: null\n', "    ends: 建档。"),
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("  - id", "  -   id").replace("\n    ", "\n      "),
        "  - {id: A-2, place: 二, summary: 二, kind: duty, decides: true,\n     starts: 乡镇, ends: 建档。\n    }\n",
    ],
)
def test_any_layout_reads_back(layout: str) -> None:
    found = hashed(HEAD + layout)
    assert found.text is not None
    assert [clause.sha256 for clause in table(found.text).clauses] == [SECOND]
    assert ("\r\n" in layout) == (found.text.count("\r\n") == layout.count("\n") + 1)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("starts: 乡镇", "starts: 乡里", "E442"),
        ("starts: 乡镇", "starts: 建", "E443"),
        ('"建档。"', '"落实。"', "E444"),
        ("starts: 乡镇", "starts: 落实", "E446"),
    ],
)
def test_nothing_is_written_where_a_clause_is_in_doubt(old: str, new: str, code: str) -> None:
    text = TEXT + "逐项建账。\n" if code == "E443" else TEXT
    found = hashed(HEAD + "  " + FLOW + BLOCK.replace(old, new), text)
    assert found.text is None and not found.added
    assert [one.code for one in found.diagnostics] == [code]


def test_clauses_without_anchors_are_left_alone() -> None:
    bare = BLOCK.replace("    starts: 乡镇\n", "").replace('    ends: "建档。"   # 换了行\n', "")
    found = hashed(HEAD + "  " + FLOW + bare)
    assert found.text is not None and found.text.endswith(bare)
    assert [clause.id for clause in found.skipped] == ["A-2"] and [clause.id for clause in found.added] == ["A-1"]

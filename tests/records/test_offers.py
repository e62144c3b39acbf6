"""Names offered for unknown ones: sought for so many words of a ledger or a record, and for each of them alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules import spelling
from policyrules.records import names
from policyrules.testing.build import policy_from_text

TEXT = "对象 项目（project） 标识 编号\n  字段 编号（project_id）：文本\n  字段 市场效益（benefit）：文本\n"


@pytest.fixture
def sought(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word for which the names are gone through."""
    words: list[str] = []
    found = names.nearest

    def counting(word: str, known: tuple[str, ...]) -> list[str]:
        words.append(word)
        return found(word, known)

    monkeypatch.setattr(names, "nearest", counting)
    names.near_names.cache_clear()
    return words


def test_a_ledger_of_unknown_keys_is_gone_through_so_often(
    tmp_path: Path, sought: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Bounded by how many names are compared in all: two fields make little work of a word.
    monkeypatch.setattr(spelling, "_MOST_COMPARED", 1_000)
    records = [{"编号": f"P{n}", **{f"键{n}甲{m}": 1 for m in range(100)}} for n in range(200)]
    path = tmp_path / "台账.json"
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    ledger = policy_from_text(TEXT).read(path)
    assert len(ledger.records) == 200 and 0 < len(sought) <= 500


def test_each_record_is_told_the_same_whatever_came_before(sought: list[str]) -> None:
    policy = policy_from_text(TEXT)
    record = {"编号": "P1", "市场效溢": "好"}
    first = policy.instance(record).notes
    assert "是不是“市场效益”" in first[0]
    for number in range(30):
        policy.instance({"编号": "P2", **{f"键{number}甲{each}": 1 for each in range(100)}})
    assert len(sought) <= 1 + 30 * 50
    assert policy.instance(record).notes == first

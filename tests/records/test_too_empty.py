"""A ledger of very many records that say next to nothing is refused before any is evaluated; one that says something
never is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.program import costs
from policyrules.testing.build import policy_from_text

POLICY = policy_from_text(
    "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 停产（stopped）：是否\n  字段 户数（households）：整数（户）\n"
    "对象 资金（funds） 属于 项目\n  字段 金额（amount）：金额（万元）\n"
    "决定 分类（category）：单选 { 盘活 }\n规则 盘活类\n  当 停产\n  则 分类 为 盘活\n"
)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part of a condition and 50 a record: 510 are enough for ten records."""
    monkeypatch.setattr(costs, "MOST_EMPTY", 510)


def ledger(folder: Path, records: list[dict[str, object]]) -> pr.Ledger:
    path = folder / "台账.json"
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return POLICY.read(path)


def test_as_many_as_the_limit_says_are_read(tmp_path: Path) -> None:
    assert len(ledger(tmp_path, [{"编号": str(number)} for number in range(10)]).records) == 10


def test_one_more_and_nothing_is_evaluated(tmp_path: Path) -> None:
    full = [{"编号": f"满{number}", "停产": "是", "户数": 3} for number in range(50)]
    found = ledger(tmp_path, [*full, *({"编号": str(number), "停产": "是"} for number in range(11))])
    (problem,) = found.problems
    assert not found.records and not found.set_aside
    assert (problem.code, problem.cell.record, problem.cell.row) == ("E511", "10", 61)
    assert "11 条" in problem.message and "最多 10 条" in problem.message


@pytest.mark.parametrize("more", [{"停产": "否", "户数": 0}, {"资金": [{}, {}]}, {"资金": [{"金额": 1}]}])
def test_records_that_say_something_never_count(tmp_path: Path, more: dict[str, object]) -> None:
    assert len(ledger(tmp_path, [{"编号": str(number), **more} for number in range(200)]).records) == 200

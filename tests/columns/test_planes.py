"""Ledgers evaluated at once agree with the definition, record by record."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr

from ..model.choosing import Pick, RandomChooser
from ..model.generate import make_record
from ..model.harness import blank_out, leave_out, make_case
from ..model.printing import record
from .agreeing import columnar, definition, differences

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime.date(2025, 9, 15)


@pytest.fixture(scope="session")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example ledger."""
    sys.path.insert(0, str(ROOT / "examples" / "ledger"))
    try:
        import generate  # type: ignore[import-not-found]  # a neighbour of the script

        path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
        generate.generate(path, 120)
    finally:
        sys.path.pop(0)
    return path


@pytest.mark.parametrize("block", [64, 131_072])
def test_example_ledger(workbook: Path, block: int) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    ledger = policy.read(workbook)
    outcomes = [one for one in policy.evaluate_all(ledger, on_error="collect") if isinstance(one, pr.Outcome)]
    result = policy.evaluate_frame(ledger, block=block)
    assert not result.handed
    said, ours = definition(outcomes), columnar(result, policy.program)
    assert len(said) > 10_000
    assert ours == said


def test_funds() -> None:
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    ledger = policy.read(ROOT / "examples" / "funds" / "台账.json")
    found, _ = differences(policy, ledger)
    assert found == []


def ledger_of(case: Any, pick: Pick, count: int) -> list[dict[str, Any]]:
    """Records at random: blanks, lists that were not supplied, records without a number."""
    found = []
    for index in range(count):
        root = make_record(case.policy, pick, pick.one((0, 20, 45, 0)), None if pick.chance(6) else f"{index}号")
        if case.folded.presumptions and pick.chance(40):
            blank_out(root, frozenset(case.folded.presumptions))
        if pick.chance(40):
            leave_out(root, pick)
        found.append(record(case.policy, root))
    return found


@pytest.mark.parametrize("seed", range(24))
def test_random_programs(seed: int) -> None:
    chooser = RandomChooser(f"planes {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = ledger_of(case, pick, pick.one((0, 1, 3, 12, 70)))
    found, _ = differences(case.loaded, records, block=64, threads=pick.one((1, 2)))
    assert found == []


def test_each_under_its_own_parameters(workbook: Path) -> None:
    """As if the projects of each township were a ledger under a policy of their own."""
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    records = [record.instance for record in policy.read(workbook).records]
    towns = sorted({str(one.values.get("乡镇")) for one in records})
    assert len(towns) > 3
    given: dict[str, dict[str, object]] = {
        towns[0]: {"反向约束数量": 1, "盘活先于升级": False, "低效利用率": "0.77"},
        towns[1]: {"reverse_min_share": 0.05, "reverse_mode": "达到一项即可", "temp_difficulty_max_months": 1},
        towns[2]: {"未投产预警月数": "3 个月", "一年起算日": datetime.date(2024, 1, 31), "两年左右时长": None},
    }
    result = policy.evaluate_frame(records, parameters=given, by="乡镇", block=64)
    ours = columnar(result, policy.program)
    differ = 0
    for town in [*towns, "None"]:
        places = [place for place, one in enumerate(records) if str(one.values.get("乡镇")) == town]
        own = policy.with_parameters(given.get(town, {}))
        if town not in given:
            # Whoever has no values of its own is under those of the policy, with all others of whom that is so.
            places = [place for place, one in enumerate(records) if str(one.values.get("乡镇")) not in given]
        outcomes = [*own.evaluate_all([records[place] for place in places])]
        plain = [*policy.evaluate_all([records[place] for place in places])]
        own_said, plain_said = definition(outcomes), definition(plain)
        differ += sum(own_said[key] != said for key, said in plain_said.items())
        for (kind, at, *rest), said in own_said.items():
            assert ours[kind, places[at], *rest] == said, (town, rest)
    assert differ > 10


def test_parameters_that_cannot_differ(workbook: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    prepared = policy.prepare(workbook)
    with pytest.raises(ValueError, match="不能逐县给"):
        policy.evaluate_frame(prepared, parameters={"甲": {"其他在范围资金": ["其他"]}}, by="乡镇")
    with pytest.raises(KeyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"没有的": 1}}, by="乡镇")
    with pytest.raises(KeyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"反向约束数量": 1}}, by="没有的字段")
    with pytest.raises(pr.PolicyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"反向约束数量": -1}}, by="乡镇")

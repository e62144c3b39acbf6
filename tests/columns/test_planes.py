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
from ..model.harness import blank_out, leave_out, load, make_case
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


__all__ = ["load"]

"""A bounded run of `tests.fuzz.ledgers` and `tests.fuzz.records`: nothing of a ledger is lost, nothing raises but
`RecordError`. The long run is a command."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from tests.fuzz import corpus, records
from tests.fuzz.ledgers import check_ledger, ledgers, policy, result_suffix
from tests.fuzz.running import limited

import policyrules as pr
from policyrules.testing.build import policy_from_text

PARTS, EACH = 6, 16


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_ledgers_lose_nothing(part: int, tmp_path: Path) -> None:
    for number, hostile in itertools.islice(ledgers(20250915, part * EACH), EACH):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            with limited(20):
                check_ledger(hostile, folder, result_suffix(number), seconds=4)
        except Exception as error:
            error.add_note(f"ledger 20250915:{number} ({hostile.kind})")
            raise


def test_junk_records_give_record_errors_only() -> None:
    ends: Counter[str] = Counter()
    for number in range(300):
        record = records.make_record(Random(f"5:{number}"))
        try:
            with limited(20):
                ends[records.check_record(record, full=number % 20 == 0)] += 1
        except Exception as error:
            error.add_note(f"record 5:{number}")
            raise
    assert ends["evaluated"] > 20 and ends["refused"] > 100, ends


def test_a_junk_portfolio_gives_a_record_error() -> None:
    for number in range(30):
        with pytest.raises(pr.RecordError):
            policy().evaluate({}, portfolio=[{}, {"资金": records.junk(Random(number)), "建成日": 1j}])


def test_junk_parameters_give_policy_errors_only() -> None:
    small = policy_from_text(*("".join(texts) for texts in corpus.SMALL))
    names = [name for parameter in small.program.parameters.values() for name in (parameter.name, parameter.key)]
    for number in range(400):
        random = Random(f"6:{number}")
        name = random.choice([*names, "无此参数", "", 1, None])
        try:
            changed = small.with_parameters({name: records.junk(random)})  # type: ignore[dict-item]
        except pr.PolicyError as error:
            assert error.diagnostics and all(found.code and found.message for found in error.diagnostics)
        else:
            assert changed.evaluate({})["分类"].status

"""A bounded run of `tests.fuzz.workbooks`: cells come out as they were meant, or are reported at their place."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest
from tests.fuzz.running import limited
from tests.fuzz.workbooks import ENDLESS, HostileWorkbook, check_workbook, workbooks
from tests.records.packages import packed, workbook_parts

PARTS, EACH = 4, 60


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_workbooks_are_read_as_they_are_meant(part: int, tmp_path: Path) -> None:
    ends: Counter[str] = Counter()
    for number, hostile in itertools.islice(workbooks(20250915, part * EACH), EACH):
        try:
            with limited(30):
                ends[check_workbook(hostile, tmp_path)] += 1
        except Exception as error:
            error.add_note(f"workbook 20250915:{number} ({hostile.kind})")
            raise
    assert ends["read"] > 5 and ends["set aside"] > 5, ends


@pytest.mark.parametrize("number", range(len(ENDLESS)))
def test_workbooks_without_end(number: int, tmp_path: Path) -> None:
    sheet = ENDLESS[number](number)
    assert check_workbook(HostileWorkbook("without end", packed(workbook_parts(sheet))), tmp_path) == "refused"

"""A bounded run of `tests.fuzz.sheets`: sheets that come back, and Word documents, end in findings, a table or a draft."""

from __future__ import annotations

import itertools
from pathlib import Path

from tests.fuzz.running import limited
from tests.fuzz.sheets import check_number, numbers


def test_hostile_sheets_and_documents(tmp_path: Path) -> None:
    ends = set()
    for number, random in itertools.islice(numbers(20250915), 240):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            with limited(20):
                ends.add(check_number(number, random, folder))
        except Exception as error:
            error.add_note(f"case 20250915:{number}")
            raise
    assert {"sheet refused", "sheet put back", "document drafted", "document refused"} <= ends

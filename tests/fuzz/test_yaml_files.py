"""A bounded run of `tests.fuzz.yaml_files`: hostile manifests, clause tables, scenarios and locks give diagnostics."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tests.fuzz.running import limited
from tests.fuzz.yaml_files import check_text, texts

PARTS, EACH = 4, 150


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_yaml_gives_diagnostics(part: int, tmp_path: Path) -> None:
    for number, kind, data in itertools.islice(texts(20250915, part * EACH), EACH):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            with limited(20):
                check_text(kind, data, folder, seconds=4)
        except Exception as error:
            error.add_note(f"file 20250915:{number} ({kind}): {data!r}")
            raise

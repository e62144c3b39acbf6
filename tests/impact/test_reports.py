"""A bounded run of `tests.impact.reports`."""

from __future__ import annotations

import pytest
from tests.impact.reports import check


@pytest.mark.parametrize("seed", range(2_101, 2_113))
def test_whole_reports_of_generated_variations(seed: int) -> None:
    assert check(seed) in ("none", "changes", "no change")

"""Hypothesis strategies of cases and situations."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from .choosing import DrawChooser, Pick
from .harness import Case, Situation, make_case, make_situation


@st.composite
def cases(draw: Any, situations: int = 2) -> tuple[Case, list[Situation]]:
    """A random policy and records to evaluate with it; shrinks choice by choice."""
    chooser = DrawChooser(lambda bound: draw(st.integers(0, bound - 1)))
    case = make_case(chooser)
    return case, [make_situation(case, Pick(chooser)) for _ in range(situations)]


def bounded(examples: int) -> settings:
    """Settings of a run in CI: the same examples every time, few enough for the time that a test may take."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )

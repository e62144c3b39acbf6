"""How much is done: what grows faster than its input shows in counts, on any machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def calls(do: Callable[[], object]) -> int:
    """How many functions, of Python and of C, are called while something is done."""
    found = 0

    def count(frame: FrameType, event: str, given: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        do()
    finally:
        sys.setprofile(before)
    return found

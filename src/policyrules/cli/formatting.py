"""Which files ``policyrules fmt`` is asked to format; the formatting itself is the language's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from policyrules.language.formatting import formatted

__all__ = ["formatted", "rule_files"]


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """The rule files among ``paths``; folders are searched for them. In a stable order, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.rules"), key=lambda p: p.as_posix()) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)

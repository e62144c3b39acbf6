"""Rule files in their canonical form, and proof that formatting changed nothing.

Why this exists: a formatter that could lose a rule would not be used twice. What is printed is parsed again and compared
with what was written before anybody may write it.

Invariant: a text is given only where it parses to the same declarations and comments, and formats to itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from policyrules.diagnostics import Diagnostic
from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.source import Source


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """The rule files among ``paths``; folders are searched for them. In a stable order, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.rules"), key=lambda p: p.as_posix()) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


def formatted(source: Source) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The canonical text of ``source``, or None and why there is none.

    Raises `AssertionError`, a fault of ours, where the canonical text would mean something else.

    >>> formatted(Source("甲.rules", "术语   甲 即 乙 且  丙"))
    ('术语 甲\\n  即 乙 且 丙\\n', ())
    """
    file, diagnostics = parse_source(source)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        return None, diagnostics
    text = print_file(file)
    again, problems = parse_source(Source(source.path, text, source.layer))
    same = again.declarations == file.declarations and [c.text for c in again.comments] == [
        c.text for c in file.comments
    ]
    if problems or not same or print_file(again) != text:
        raise AssertionError(f"formatting would change the meaning of {source.path}")
    return text, ()

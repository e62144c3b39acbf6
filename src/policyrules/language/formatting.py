"""Rule texts in their canonical form, and proof that formatting changed nothing; checking one text by itself.

Why this exists: a formatter that could lose a rule would not be used twice. What is printed is parsed again and compared
with what was written before anybody may have it. Editors call `check_source` and `format_source` on what is being typed.

Invariant: a text is given only where it parses to the same declarations and comments, and formats to itself.
"""

from __future__ import annotations

from dataclasses import replace

from policyrules.diagnostics import Diagnostic, PolicyError, ordered
from policyrules.language.nodes import File
from policyrules.language.parser import parse_source
from policyrules.language.printer import in_print, print_file
from policyrules.language.scan import check_size
from policyrules.source import Source


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
    canonical = Source(source.path, text, source.layer)
    large = check_size(canonical)
    if large is not None:
        remedy = "先把声明分到几个文件里，再整理"
        return None, (Diagnostic("E101", f"整理以后{large.message}", path=source.path, remedy=remedy),)
    again, problems = parse_source(canonical)
    same = (again.declarations, _edits(again)) == (file.declarations, _edits(file)) and [
        c.text for c in again.comments
    ] == [c.text for c in file.comments]
    if problems or not same or print_file(again) != text:
        raise AssertionError(f"formatting would change the meaning of {source.path}")
    return text, ()


def _edits(file: File) -> list[object]:
    """What a 试验 writes, whatever the order of clauses."""
    changed = [replace(one, clauses=in_print(one)) for one in file.edits]
    return [*changed, *(one.written.act for one in file.declarations)]


def check_source(text: str, path: str = "文本") -> tuple[Diagnostic, ...]:
    """Every diagnostic of one rule text by itself: its spelling and grammar. Names, types and layers are checked by
    `policyrules.load`, which sees the other files.

    >>> [(d.code, d.line) for d in check_source("规则 甲\\n  当 乙\\n")]
    [('E127', 1)]
    """
    return ordered(parse_source(Source(path, text))[1])


def format_source(text: str) -> str:
    """One rule text in its canonical form: one clause a line, full-width punctuation, comments kept.

    Raises `PolicyError` where the text does not parse.

    >>> format_source("术语 甲 即 乙 且(丙 或 丁)")
    '术语 甲\\n  即 乙 且 （丙 或 丁）\\n'
    """
    canonical, diagnostics = formatted(Source("文本", text))
    if canonical is None:
        raise PolicyError(diagnostics)
    return canonical

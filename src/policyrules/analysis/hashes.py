"""The fingerprints of a layer's clauses, computed from the official text and written into ``clauses.yaml``.

Why this exists: a fingerprint pins the very words a clause was encoded from, so that a later change of the text is
noticed. Nobody types one by hand; this is the command that remedies name.

Invariants: only ``sha256`` values change, a missing one is added after ``ends``, every other character stays; nothing
changes where a clause cannot be told from the text with certainty; the new text reads as the same clauses with their
fingerprints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from policyrules.analysis.clause_places import Stretch, locate_clauses
from policyrules.diagnostics import Diagnostic
from policyrules.program.clause_table import Clause, ClauseTable, read_clauses
from policyrules.program.quotes import Normalised, fingerprint, normalise_located
from policyrules.source import Source, Span


@dataclass(frozen=True, slots=True)
class Hashed:
    """``text``: the clause table with the fingerprints of today, None where ``diagnostics`` stand in the way, or where
    the table is laid out in a way that this cannot edit (no diagnostics then).

    ``added`` had no fingerprint, ``changed`` had another one, ``skipped`` name no words of the text to find them by.
    """

    text: str | None
    added: tuple[Clause, ...]
    changed: tuple[Clause, ...]
    skipped: tuple[Clause, ...]
    diagnostics: tuple[Diagnostic, ...]


def hash_clauses(table: ClauseTable, source: Source) -> Hashed:
    """The fingerprints of the clauses of ``table`` in the official text ``source``.

    Refused, with the findings of coverage (``E442`` to ``E444``, ``E446``), where a clause is not found, is found more
    than once or overlaps another.

    >>> from policyrules.program.clause_table import read_clauses
    >>> text = "clauses:\\n- {id: A-1, place: 一, summary: 一, kind: duty, decides: true, starts: 各县, ends: 落实。}\\n"
    >>> table, _ = read_clauses(Source("a/clauses.yaml", text))
    >>> hashed = hash_clauses(table, Source("原文.txt", "各县要落实。"))
    >>> hashed.text.replace(fingerprint("各县要落实。"), "…").split("ends: ")[1], hashed.added[0].id
    ('落实。, sha256: "…"}\\n', 'A-1')
    """
    text = normalise_located(source.text)
    found: list[Diagnostic] = []
    stretches = locate_clauses(table, text, found, source.path)
    skipped = tuple(clause for clause in table.clauses if clause.starts is None or clause.ends is None)
    # What this is about to put right, and clauses that name no words, do not make the others doubtful.
    doubts = tuple(one for one in found if one.code not in ("E441", "E445"))
    if doubts:
        return Hashed(None, (), (), skipped, doubts)
    wanted = [(one, _digest(one, text)) for one in stretches]
    edits = [_edit(table, one.clause, digest) for one, digest in wanted if one.clause.sha256 != digest]
    pieces: list[str] = []
    reached = 0
    for start, end, words in sorted(edits):
        pieces += table.source.text[reached:start], words
        reached = end
    result = "".join((*pieces, table.source.text[reached:]))
    if not _reads_as(table, result, {one.clause.id: digest for one, digest in wanted}):
        return Hashed(None, (), (), skipped, ())
    left = {clause.id for clause in skipped}
    added = tuple(clause for clause in table.clauses if clause.sha256 is None and clause.id not in left)
    ids = {one.clause.id for one, digest in wanted if one.clause.sha256 not in (None, digest)}
    return Hashed(result, added, tuple(clause for clause in table.clauses if clause.id in ids), skipped, ())


def _digest(stretch: Stretch, text: Normalised) -> str:
    return fingerprint(text.text[stretch.start : stretch.end])


def _edit(table: ClauseTable, clause: Clause, digest: str) -> tuple[int, int, str]:
    """Start and end of what is replaced in the file, and what comes there."""
    whole, old = table.span_of(clause), table.span_of(clause, "sha256")
    value = f'"{digest}"'
    if old != whole:
        # A key without a value has an empty place right behind its colon.
        return old.start, old.end, value if old.text else f" {value}"
    ends = table.span_of(clause, "ends")
    key = table.key_of(clause, "sha256")
    if whole.text.startswith("{"):
        return ends.end, ends.end, f", {key}: {value}"
    here = _line_end(ends)
    return here, here, f"{_newline(table.source)}{_indent(whole)}{key}: {value}"


def _line_end(span: Span) -> int:
    """Where the last line of a value ends: a remark may stand behind it."""
    text = span.source.text
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _newline(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def _indent(mapping: Span) -> str:
    """Keys of one clause stand in one column: that of its first key, which follows the dash."""
    return " " * (mapping.column - 1)


def _reads_as(table: ClauseTable, text: str, wanted: dict[str, str]) -> bool:
    """The edit is made on the text, so it is read back: whatever the layout, only fingerprints may have changed."""
    again, found = read_clauses(Source(table.source.path, text, table.source.layer))
    expected = tuple(replace(clause, sha256=wanted.get(clause.id, clause.sha256)) for clause in table.clauses)
    return again is not None and again.clauses == expected and not any(one.severity == "error" for one in found)

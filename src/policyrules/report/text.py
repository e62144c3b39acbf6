"""The words that reports share: dates, shares, layers and documents, blanks and who would know them, tables of statuses.

Why this exists: the pages about a ledger, a project and a comparison say the same thing in the same words. The lines are
the same in a terminal, in a pipe and in a file; `report.terminal` only adds colour.

Invariant: evaluates nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policyrules.analysis.labels import documents_of, stack_label
from policyrules.diagnostics import Diagnostic, render
from policyrules.policy import Policy
from policyrules.report.layout import STATUS_STYLES, Align, Content, Line, Piece, table, wrap
from policyrules.results import STATUS_NAMES
from policyrules.source import display_width
from policyrules.types import date_text


def policy_line(policy: Policy) -> str:
    """The stack and the as-of date in one line."""
    return f"政策：{stack_label(policy)}　评估日：{date_text(policy.as_of)}"


def head_lines(policy: Policy, width: int, more: str = "") -> list[Line]:
    """What a page rests on: the stack, the as-of date, then the documents by their numbers."""
    documents = documents_of(policy)
    numbers = "、".join(documents[layer.manifest.id] for layer in policy.in_force)
    texts = (policy_line(policy) + more, *((f"依据：{numbers}",) if numbers else ()))
    said = [line for text in texts for line in wrap(Piece(text, "quiet"), width)]
    return [*said, *note_lines([policy], width)]


def nothing_in_force(policy: Policy) -> str:
    """What is told in the place of results that rest on no document, and of which day to ask instead."""
    coming = [one.manifest.in_force_from for one in policy.layers if policy.as_of < one.manifest.in_force_from]
    gone = [one.manifest.in_force_until for one in policy.layers if one.manifest.in_force_until is not None]
    day, said = (min(coming), "最早的一份自 {} 起施行") if coming else (max(gone), "最后的一份到 {} 为止")
    return f"评估日这一天没有一份文件在施行，什么都不得出。{said.format(day)}；要看那一天的结果，加 --as-of {day}"


def note_lines(policies: Iterable[Policy], width: int) -> list[Line]:
    """What stands above every result: layers that are not in force, dates that are assumed."""
    notes = dict.fromkeys(note for policy in policies for note in policy.notes)
    return [line for note in notes for line in wrap(Piece(f"注意：{note}", "doubt"), width)]


def diagnostic_lines(diagnostics: Iterable[Diagnostic]) -> list[Line]:
    """What was found, each with an empty line after it."""
    lines: list[Line] = []
    for diagnostic in diagnostics:
        lines.extend((Piece(line),) for line in render(diagnostic).split("\n"))
        lines.append(())
    return lines


def heading(text: str) -> list[Line]:
    """A heading with an empty line above it."""
    return [(), (Piece(text, "title"),)]


def percent(part: int, whole: int) -> str:
    """A share to one decimal, rounded half up, without binary floating point.

    >>> percent(1, 3), percent(0, 0)
    ('33.3%', '')
    """
    if whole <= 0:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def status_lead(status: str) -> Line:
    """What a line of names begins with: the status they share."""
    word = STATUS_NAMES[status]
    return (Piece(f"  {word}" + " " * (8 - display_width(word)), STATUS_STYLES[status]),)


def numbers(count: int) -> tuple[Align, ...]:
    """Alignment of a table whose first column is a name and whose other ``count`` columns are numbers."""
    right: Align = "right"
    return ("left", *(right for _ in range(count)))


def status_table(
    rows: Sequence[tuple[str, Counter[Any]]], order: Sequence[str], width: int, styles: Mapping[str, str]
) -> list[Line]:
    """Names and how many objects have each status, of ``order`` those that any has."""
    statuses = [status for status in order if any(counter[status] for _, counter in rows)]
    cells: list[tuple[Content, ...]] = [
        (name, *(number_cell(counter[s], styles.get(s, "")) for s in statuses)) for name, counter in rows
    ]
    headers = ("", *(STATUS_NAMES[s] for s in statuses))
    return table(headers, cells, width, align=numbers(len(statuses)), indent=2)


def number_cell(number: int, style: str = "") -> Piece:
    """A number in a table; a dot where there is none."""
    return Piece(str(number), style) if number else Piece("·", "quiet")


def holder_lead(holder: str) -> Line:
    """What a line of blanks begins with: who would know them, where that is known."""
    return (Piece(f"  {holder}：" if holder else "  ", "name"),)

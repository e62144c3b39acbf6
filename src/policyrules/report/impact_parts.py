"""What tables of an impact are put together from: headings, items, lists that are cut short.

Why this exists: the first screen and the whole report cut and mark alike.

Invariant: nothing that somebody wrote makes a line longer than it may be.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyrules.report.layout import Line, Piece, wrap
from policyrules.source import display_width


def left_out(count: int, most: int, what: str) -> list[Line]:
    """What a list that was cut short says in its last line."""
    return [(Piece(f"  另有 {count - most} {what}", "quiet"),)] if count > most else []


def items(texts: Iterable[str], width: int) -> list[Line]:
    return [line for text in texts for line in wrap(text, width, lead="  · ", rest="    ")]


def one_line(text: str, width: int) -> str:
    """As much of a text as fits, a mark where it is cut."""
    if len(text) <= width and display_width(text) <= width:
        return text
    # No more characters than columns: one that takes no column counts as well.
    text = text[:width]
    while display_width(text) >= width:
        text = text[:-1]
    return f"{text}…"


def titled(text: str, width: int) -> list[Line]:
    """A heading that may quote what somebody wrote."""
    return [(), *wrap(Piece(text, "title"), width)]

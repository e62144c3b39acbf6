"""Lines of styled text that fit a terminal: wrapping, tables, bars, trees, with East Asian widths.

Why this exists: Chinese takes two columns a character and has no spaces to break at; a county official reads these
lines in a narrow window, in a pipe or in a file, and they must be the same everywhere. Nothing here prints.

Invariants: a line that `wrap` or `table` returns is never wider than asked (unless one character is); no line begins
with a closing mark or ends with an opening one where that can be avoided; the text of all pieces survives, spaces at
line ends aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from typing import Final, Literal, TypeAlias

from policyrules.source import display_width
from policyrules.text import printable

TERMINAL: Final[dict[str, str]] = {
    "": "",
    "title": "bold",
    "name": "bold",
    "good": "green",
    "doubt": "yellow",
    "bad": "red",
    "clash": "magenta",
    "quiet": "dim",
    "link": "cyan",
}
"""The few styles a report may use, to colour descriptions that Rich understands."""

STATUS_STYLES: Final[dict[str, str]] = {
    "determined": "good",
    "undetermined": "doubt",
    "conflict": "clash",
    "none": "quiet",
    "not_applicable": "quiet",
    "compliant": "good",
    "violated": "bad",
    "explained": "link",
    "unverified": "doubt",
    "in_progress": "link",
    "overdue": "bad",
    "notice": "link",
    "passed": "good",
    "failed": "bad",
    "error": "bad",
}
"""Status of a decision, a finding or a scenario to its style."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with one style (a key of `TERMINAL`: what the text is, never a colour)."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Piece, ...]
Content: TypeAlias = "str | Piece | Sequence[Piece]"

_NOT_FIRST = frozenset("，。；：、？！）】》」』”’…％%,.;:?!)]}")
_NOT_LAST = frozenset("（【《「『“‘([{")
_MINIMUM = 20


def pieces(content: Content) -> Line:
    """``content`` as a line of pieces; line ends and tabs become spaces."""
    if isinstance(content, str):
        content = Piece(content)
    if isinstance(content, Piece):
        content = (content,)
    return tuple(
        Piece(" ".join(p.text.split("\n")).replace("\t", " ").replace("\r", ""), p.style) for p in content if p.text
    )


def line_width(line: Iterable[Piece]) -> int:
    """Columns of a line."""
    return sum(display_width(piece.text) for piece in line)


def _tokens(line: Iterable[Piece]) -> Iterator[Line]:
    """Unbreakable runs, whatever their styles: a Latin word, one wide character with the marks that must stay with it,
    a run of spaces."""
    run: list[Piece] = []
    last = ""
    for piece in line:
        for char in piece.text:
            if run and _breaks_between(last, char):
                yield tuple(run)
                run = []
            if run and run[-1].style == piece.style:
                run[-1] = Piece(run[-1].text + char, piece.style)
            else:
                run.append(Piece(char, piece.style))
            last = char
    if run:
        yield tuple(run)


def _breaks_between(left: str, right: str) -> bool:
    if right in _NOT_FIRST or left in _NOT_LAST:
        return False
    if (left == " ") != (right == " "):
        return True
    wide = unicodedata.east_asian_width
    return wide(left) in "WF" or wide(right) in "WF"


def _chop(token: Line, width: int) -> Iterator[Line]:
    """Parts of a token that is wider than a whole line."""
    part: list[Piece] = []
    used = 0
    for piece in token:
        for char in piece.text:
            size = display_width(char)
            if part and used + size > width:
                yield tuple(part)
                part, used = [], 0
            part.append(Piece(char, piece.style))
            used += size
    if part:
        yield tuple(part)


def wrap(content: Content, width: int, *, lead: Content = "", rest: Content | None = None) -> list[Line]:
    """``content`` in lines of at most ``width`` columns. ``lead`` starts the first line, ``rest`` the others (spaces
    as wide as ``lead`` when not given). At least one line comes back.

    >>> [text(line) for line in wrap("评估组（县）已填写。", 10)]
    ['评估组', '（县）已填', '写。']
    """
    first = pieces(lead)
    other = (Piece(" " * line_width(first)),) if rest is None else pieces(rest)
    width = max(width, line_width(first) + 4, line_width(other) + 4)
    whole = pieces(content)
    used = line_width(first)
    if used + line_width(whole) <= width:
        # Most lines fit, and need not be looked at mark by mark.
        return [_trimmed([*first, *whole])]
    lines: list[Line] = []
    current: list[Piece] = list(first)
    begun = False
    for token in _tokens(whole):
        size = line_width(token)
        if used + size > width and begun:
            lines.append(_trimmed(current))
            current, used, begun = list(other), line_width(other), False
        if not begun and lines and text(token).isspace():
            continue
        if used + size > width:
            parts = list(_chop(token, width - used))
            for part in parts[:-1]:
                lines.append(_trimmed([*current, *part]))
                current, used = list(other), line_width(other)
            token = parts[-1]
            size = line_width(token)
        current.extend(token)
        used += size
        begun = True
    lines.append(_trimmed(current))
    return lines


def _trimmed(line: Sequence[Piece]) -> Line:
    """Neighbouring pieces of one style joined, spaces at the end dropped."""
    joined: list[Piece] = []
    for piece in line:
        if joined and joined[-1].style == piece.style:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.style)
        else:
            joined.append(piece)
    while joined and not joined[-1].text.rstrip(" "):
        joined.pop()
    if joined:
        joined[-1] = Piece(joined[-1].text.rstrip(" "), joined[-1].style)
    return tuple(joined)


Align: TypeAlias = Literal["left", "right"]
_GAP = 2


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
    width: int,
    *,
    align: Sequence[Align] = (),
    indent: int = 0,
) -> list[Line]:
    """A table without borders: a header, a rule, the rows; cells wrap inside their column.

    Columns take their natural width; when that is too much, the widest give way first. ``align`` defaults to left.
    """
    return list(table_lines(headers, lambda: rows, width, align=align, indent=indent))


def table_lines(
    headers: Sequence[str],
    rows: Callable[[], Iterable[Sequence[Content]]],
    width: int,
    *,
    align: Sequence[Align] = (),
    indent: int = 0,
) -> Iterator[Line]:
    """As `table`, line by line. ``rows`` gives the rows, and is asked twice: a long table is never laid out as a whole."""
    count = len(headers)
    natural = [display_width(header) for header in headers]
    for row in rows():
        natural = [max(natural[i], line_width(pieces(row[i]))) for i in range(count)]
    room = max(width - indent - _GAP * (count - 1), _MINIMUM)
    widths = _fit(natural, room, [display_width(header) for header in headers])
    sides = [align[i] if i < len(align) else "left" for i in range(count)]
    yield from _row([(Piece(header, "name"),) for header in headers], widths, sides, indent)
    if headers:
        yield (Piece(" " * indent), Piece("─" * min(sum(widths) + _GAP * (count - 1), width - indent), "quiet"))
    for row in rows():
        yield from _row([pieces(cell) for cell in row], widths, sides, indent)


def _fit(natural: Sequence[int], room: int, least: Sequence[int]) -> list[int]:
    """Column widths that add up to ``room`` at most, as far as headers (8 columns of them at most) allow."""
    widths = [min(width, room) for width in natural]
    floor = [min(width, max(4, min(8, header))) for width, header in zip(widths, least, strict=True)]
    over = sum(widths) - room
    # The widest first, of several the first of them.
    wide = [(-width, i) for i, width in enumerate(widths) if width > floor[i]]
    heapify(wide)
    while over > 0 and wide:
        width, i = wide[0]
        widths[i] -= 1
        over -= 1
        if widths[i] > floor[i]:
            heapreplace(wide, (width + 1, i))
        else:
            heappop(wide)
    return widths


def _row(cells: Sequence[Line], widths: Sequence[int], sides: Sequence[Align], indent: int) -> list[Line]:
    wrapped = [wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
    lines: list[Line] = []
    for number in range(max(len(column) for column in wrapped)):
        line: list[Piece] = [Piece(" " * indent)] if indent else []
        for index, column in enumerate(wrapped):
            cell = column[number] if number < len(column) else ()
            pad = Piece(" " * max(0, widths[index] - line_width(cell)))
            line.extend((pad, *cell) if sides[index] == "right" else (*cell, pad))
            if index < len(wrapped) - 1:
                line.append(Piece(" " * _GAP))
        lines.append(_trimmed(line))
    return lines


def bar(count: int, total: int, width: int, style: str = "quiet") -> Piece:
    """A bar of ``count`` in ``total``; anything above nothing shows at least one mark.

    >>> bar(1, 2, 10).text
    '█████'
    """
    if count <= 0 or total <= 0:
        return Piece("", style)
    return Piece("█" * max(1, count * width // total), style)


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a tree to be drawn: its own lines may wrap, its children follow."""

    content: Line
    children: tuple[Branch, ...] = ()


def tree(branches: Sequence[Branch], width: int, *, indent: int = 0) -> list[Line]:
    """The branches drawn with guides, iteratively, so that depth never meets Python's recursion limit."""
    lines: list[Line] = []
    stack: list[tuple[Branch, str, bool]] = [(b, " " * indent, i == len(branches) - 1) for i, b in enumerate(branches)][
        ::-1
    ]
    while stack:
        branch, guide, last = stack.pop()
        # A deep tree in a narrow window keeps at least this much room for its text.
        shown = guide if display_width(guide) < width - _MINIMUM else guide[: max(0, width - _MINIMUM)]
        lead = Piece(shown + ("└─ " if last else "├─ "), "quiet")
        below = shown + ("   " if last else "│  ")
        rest = below + ("│  " if branch.children else "   ")
        lines.extend(wrap(branch.content, width, lead=lead, rest=Piece(rest, "quiet")))
        count = len(branch.children)
        stack.extend((child, below, i == count - 1) for i, child in reversed(list(enumerate(branch.children))))
    return lines


def text(line: Iterable[Piece]) -> str:
    """The characters of one line."""
    return "".join(piece.text for piece in line)


def plain(lines: Iterable[Line]) -> str:
    """The lines as plain text, without a final line end; each is one, whatever it quotes."""
    return "\n".join(printable(text(line)).rstrip() for line in lines)

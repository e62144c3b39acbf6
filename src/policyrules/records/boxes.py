"""Boxes that are ticked, in one cell: ☑是 □否, 是√否×, （√）有 （ ）无, □巩固 ☑升级.

Why this exists: forms are turned into tables as they are printed, with every option and its box.

Invariants: each option has a box of its own, all before or all behind them; a box is ticked where its mark says so beyond doubt: a
cross among ticks is none, among empty boxes it may be either, except for the box with a cross that word processors tick with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from policyrules.spelling import fold_cell

_TICKED: Final = "☑✅√✓✔■●◉"
_EMPTY: Final = "□☐○◯▢◻"
_CROSSED: Final = "×✗✘╳"
_BOX_WITH_CROSS: Final = "☒"
_MARKS: Final = _TICKED + _EMPTY + _CROSSED + _BOX_WITH_CROSS
_RUN: Final = re.compile(f"([{_MARKS}]+)")
"""Marks side by side."""
_BRACKETS: Final = re.compile(rf"[(\[]\s*([{_MARKS}]?)\s*[)\]]")
_BETWEEN: Final = " \t\r\n、,;/|"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Boxes:
    """The ``options`` of a cell with boxes, and those that are ``ticked``; ``doubtful``: nobody can tell which are."""

    options: tuple[str, ...]
    ticked: tuple[str, ...]
    doubtful: bool


def boxes_of(text: str) -> Boxes | None:
    """What a text says with boxes; None where it has none, or they belong to nothing.

    >>> [boxes_of(text).ticked for text in ("☑是 □否", "是☑否□", "(√)是 ( )否", "√是 ×否", "☒有/☐无", "□√好、□差")]
    [('是',), ('是',), ('是',), ('是',), ('有',), ('好',)]
    >>> boxes_of("☑是 ☑否").ticked, boxes_of("□是 □否").ticked, boxes_of("×是 □否").doubtful
    (('是', '否'), (), True)
    >>> boxes_of("是"), boxes_of("是☑ □否"), boxes_of("□是√□否"), boxes_of("□")
    (None, None, None, None)
    """
    if len(text) > _LONGEST:
        return None
    shown = _BRACKETS.sub(lambda found: found[1] or _EMPTY[0], fold_cell(text))
    parts = _RUN.split(shown)
    words = [part.strip(_BETWEEN) for part in parts[::2]]
    marks = parts[1::2]
    before = not words[0]
    options = words[1:] if before else words[:-1] if not words[-1] else []
    # A tick beside a box is in it where it stands between the box and its option: □√是, not □是√□否.
    marks = [mark[1:] if before and len(mark) == 2 and mark[0] in _EMPTY else mark for mark in marks]
    own = len(options) == len(marks) and all(options) and all(len(mark) == 1 for mark in marks)
    if not own or not options or (len(options) == 1 and _RUN.search(text) is None):
        return None
    said = [_said(mark) for mark in marks]
    if "√" not in said and set(said) == {"☒", "□"}:
        said = ["√" if mark == "☒" else mark for mark in said]
    ticked = tuple(option for option, mark in zip(options, said, strict=True) if mark == "√")
    lone = len(options) == 1 and not ticked
    return Boxes(tuple(options), ticked, lone or (not ticked and set(said) != {"□"}))


def _said(mark: str) -> str:
    """What the mark of an option says: √ ticked, □ nothing, ×, or ☒."""
    if mark in _TICKED:
        return "√"
    return "□" if mark in _EMPTY else "×" if mark in _CROSSED else mark

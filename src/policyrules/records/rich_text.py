"""The text of a cell or a comment of a workbook, put together from its runs.

Why this exists: within a cell people strike out what no longer holds and write the new figure behind it, and set the number
of a footnote above the line. Without the marks of the runs ~~50~~ 60 reads as 5060, and 50¹ as 501.

Invariants: readings above the signs (phonetic runs) are no text; a text of which a part is struck out, or that has a digit
raised or lowered behind a digit, is no value: what holds of it only its writer can say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from policyrules.records.cells import UnreadableCell

ELEMENTS: Final = ("t", "rPh", "r", "strike", "vertAlign")
"""The elements a text is made of."""
_LONGEST_SHOWN: Final = 60
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A text without the escapes of characters that XML cannot hold.

    >>> unescaped("甲_x000D_乙"), unescaped("_x005F_x000D_")
    ('甲\\r乙', '_x000D_')
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class RichText:
    """Told of the elements of one text as they pass, and asked for the text at its end."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._reading = False
        self.clear()

    def clear(self) -> None:
        """Begin another text."""
        self._parts.clear()
        self._struck: list[str] = []
        self._raised = False
        self._in_struck = self._in_raised = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element of `ELEMENTS` begins."""
        match name:
            case "rPh":
                self._reading = True
            case "r":
                self._in_struck = self._in_raised = False
            case "strike":
                self._in_struck = attributes.get("val", "1") not in ("0", "f", "false", "off")
            case "vertAlign":
                self._in_raised = attributes.get("val", "") in ("superscript", "subscript")

    def end(self, name: str, texts: Sequence[str]) -> None:
        """An element ends; ``texts``: the characters in it."""
        match name:
            case "rPh":
                self._reading = False
            case "r":
                self._in_struck = self._in_raised = False
            case "t" if not self._reading:
                if self._in_struck:
                    self._struck += texts
                elif self._in_raised and _digit(texts[:1], 0) and _digit(self._parts[-1:], -1):
                    self._raised = True
                self._parts += texts

    def text(self) -> str:
        """All of it, however it is marked."""
        return unescaped("".join(self._parts))

    def value(self) -> str | UnreadableCell:
        """What a cell with this text holds."""
        text = self.text()
        if (struck := unescaped("".join(self._struck))).strip():
            reason = f"一个值：格子里有划了删除线的字（{struck.strip()[:_LONGEST_SHOWN]}），请只留下算数的内容"
            return UnreadableCell(text[:_LONGEST_SHOWN], reason)
        if self._raised:
            reason = "一个值：数的后面有上标或下标的数字，分不清是脚注还是数，请删去或写成普通的字"
            return UnreadableCell(text[:_LONGEST_SHOWN], reason)
        return text


def _digit(texts: Sequence[str], place: int) -> bool:
    return bool(texts and texts[0]) and texts[0][place].isdigit()

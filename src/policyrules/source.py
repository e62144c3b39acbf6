"""Source texts, positions and the folding of what an input method types.

Why this exists: every node and every diagnostic points into a text that a person wrote. Positions are character
offsets into the original text; folding full-width characters is one to one, so offsets never move.

Invariants: `fold_characters` keeps the length of a text; ``0 <= span.start <= span.end <= len(text)``.
"""

from __future__ import annotations

import bisect
import unicodedata
from dataclasses import field

from policyrules.frozen import frozen

# Full-width forms that NFKC maps one to one, plus the operator variants an input method offers.
_FOLD: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {
        "\u3000": " ",
        "\u00a0": " ",
        "\t": " ",
        "≧": "≥",
        "≦": "≤",
        "⩾": "≥",
        "⩽": "≤",
        "﹥": ">",
        "﹤": "<",
        "﹦": "=",
        "﹢": "+",
        "−": "-",
        "–": "-",
        "﹣": "-",
        "＊": "×",
        "*": "×",
        "／": "÷",
        "/": "÷",
        "﹐": ",",
        "﹔": ";",
        "﹕": ":",
        "﹙": "(",
        "﹚": ")",
        "﹛": "{",
        "﹜": "}",
        "﹪": "%",
        "〔": "(",
        "〕": ")",
    }
)


def fold_characters(text: str) -> str:
    """Fold full-width letters, digits, operators and punctuation of ``text``, one character to one.

    >>> fold_characters("（市场效益　＝　５０％）")
    '(市场效益 = 50%)'
    """
    return text.translate(_FOLD)


def display_width(text: str) -> int:
    """Columns that ``text`` takes in a terminal: East Asian wide and full-width characters take two.

    >>> display_width("分类a")
    5
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def repaired_utf8(data: bytes) -> str | None:
    """``data`` with a replacement character for each damaged byte, where it is UTF-8 but for a few; else None.

    What reads such a file as GB 18030 would get other characters in silence. Chinese text in GB 18030, read as UTF-8, is
    damaged nearly everywhere, and hardly ever holds the three bytes in a row that make a Chinese character of UTF-8.

    >>> repaired_utf8("项目".encode() + b"\\xff"), repaired_utf8("项目编号".encode("gb18030"))
    ('项目\ufffd', None)
    """
    repaired = data.decode("utf-8", "replace")
    damaged = repaired.count("\ufffd")
    whole = sum(1 for char in repaired if char > "\u07ff") - damaged
    return repaired if 3 * whole >= damaged > 0 else None


@frozen
class Source:
    """One text: a rule file, a YAML file, or a text given in memory.

    ``path`` is what people are shown (relative to where they loaded it from); ``layer`` is the id of the layer the
    text belongs to, empty where it belongs to none.
    """

    path: str
    text: str
    layer: str = ""
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    def __reduce__(self) -> tuple[type[Source], tuple[str, str, str]]:
        # Line starts are found again where they are asked for.
        return type(self), (self.path, self.text, self.layer)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts.append(0)
            position = self.text.find("\n")
            while position >= 0:
                self._starts.append(position + 1)
                position = self.text.find("\n", position + 1)
        return self._starts

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of ``offset``, both counted from 1, columns in characters."""
        starts = self._line_starts()
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of line ``line`` (from 1), without its line end."""
        starts = self._line_starts()
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


@frozen
class Span:
    """A stretch ``[start, end)`` of a source. ``said``: what it says where its characters alone do not, as a cell of a
    table without its head."""

    source: Source
    start: int
    end: int
    said: str = field(default="", compare=False, repr=False)

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.line_column(self.start)[0]

    @property
    def place(self) -> str:
        """Where it stands, for people: path and line."""
        return f"{self.source.path}:{self.line}"

    @property
    def column(self) -> int:
        """Column of the first character, from 1, in characters."""
        return self.source.line_column(self.start)[1]

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]

    @property
    def words(self) -> str:
        """What people are shown of what was written here."""
        return self.said or self.text

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of ``other``."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        return f"{self.place}:{self.column}"

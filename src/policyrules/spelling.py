"""The name somebody probably meant: which of the known names look like a wrong one, and which spellings are one word.

Why this exists: nearly every remedy offers a name, and comparing all names with all others would take minutes on a
large stack; how near is near, and how much may be compared, is settled here once. What people type differs in width,
case and white space: two cells, or two numbers of one record, are one word where they fold to the same.

Invariants: offers depend on the word and the names alone, not on the order of the names; nothing is offered once so
much was found wrong that nobody would read on; no name is offered that denies what the word says, or the other way round.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 200
"""No slip of the hand is longer."""

_MOST_COMPARED: Final = 100_000
"""With thousands of wrong names beside thousands of names, the offers would take minutes."""


def affordable(findings: int, names: int) -> bool:
    """Whether one more wrong name may be compared with so many ``names``, after so many ``findings``."""
    return findings * names <= _MOST_COMPARED


def nearest(word: str, names: Iterable[str], limit: int = 3, *, findings: int = 0, half: bool = True) -> list[str]:
    """Names that look like ``word``, nearest first: what a remedy offers. ``findings``: how much was found wrong before;
    ``half``: whether of two characters one may be wrong, which takes 罚则 for 原则 where words of two are a choice of their own.

    >>> nearest("市场效溢", ["市场效益", "链条", "市场有潜力"])
    ['市场效益']
    >>> nearest("未形成", ["已形成"]), nearest("非已形成", ["已形成", "非已形成的"])
    ([], ['非已形成的'])
    """
    names = tuple(names)
    if len(word) > _LONGEST or not affordable(findings, len(names)):
        return []
    denials = _denials(word)
    unique = sorted({name for name in names if len(name) <= _LONGEST and _denials(name) == denials})
    places = _places(word)
    alike = []
    for name in unique:
        # What says how many, how often or since when is no slip in a name; in a number figures are but figures.
        if name in word and not name.isascii() and _FIGURE.search(word.replace(name, "")):
            continue
        # Near is what shares three fifths of its characters, in the same order.
        both = len(word) + len(name)
        if 10 * min(len(word), len(name)) >= 3 * both:
            shared = _in_common(places, name)
            if 10 * shared >= 3 * both:
                alike.append((shared / both, name))
    found = [name for _, name in sorted(alike, reverse=True)[:limit]]
    if half and not found and len(word) == 2:
        # Many names are two characters: one of them typed wrong is half of the word, and not near enough.
        found = [name for name in unique if len(name) == 2 and (name[0] == word[0]) != (name[1] == word[1])][:limit]
    if not found and len(word) >= 2:
        # What says a number beside a name says more than the name.
        found = [
            name
            for name in unique
            if word in name or (len(name) >= 2 and name in word and not _FIGURE.search(word.replace(name, "")))
        ][:limit]
    return found


_FIGURE: Final = re.compile(
    "[0-9]|[一二两三四五六七八九十百半][个年月季周天日次户家名成倍]|[人户村亩]均|平均|每|连续|累计|上年|去年|最[大小高低]|同比|环比|增[长加幅]|减少|下降|翻"
)


def _denials(word: str) -> int:
    """How often a word denies: 未形成 is no slip for 已形成."""
    return sum(map(word.count, "不非未没无否"))


def _places(word: str) -> dict[str, int]:
    """For each character of ``word`` the places where it stands, as the bits of a number."""
    places: dict[str, int] = {}
    for at, char in enumerate(word):
        places[char] = places.get(char, 0) | 1 << at
    return places


def _in_common(places: dict[str, int], name: str) -> int:
    """The length of the longest common subsequence: all rows of the table at once, a column for each character.

    Each bit of ``taken`` is a place of the word that ends a longer common part than the place before (Hyyrö 2004).

    >>> _in_common(_places("市场效溢"), "市场效益")
    3
    """
    size = (1 << _LONGEST) - 1
    free = size
    for char in name:
        found = free & places.get(char, 0)
        free = ((free + found) | (free - found)) & size
    return (size & ~free).bit_count()


# ---- one word in two spellings -------------------------------------------------------------------------------------

_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES: Final = dict.fromkeys(map(ord, "−–—―‐‑‒﹣"), "-")
INVISIBLE: Final[dict[int, str | None]] = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_SPACES: Final = dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f\t"), " ")
FOLDS: Final[dict[int, int | str | None]] = {**_WIDE, **_DASHES, **INVISIBLE, **_SPACES}
_DOTS: Final = dict.fromkeys(map(ord, "•・．‧∙⋅"), "·")
# Longer texts are not remembered: they seldom come twice.
_SHORT: Final = 64


def fold_cell(text: str) -> str:
    """``text`` with full-width forms, dashes and spaces folded, invisible characters dropped, ends trimmed.

    >>> fold_cell("　３００万元 ")
    '300万元'
    """
    return _folded(text) if len(text) <= _SHORT else text.translate(FOLDS).strip()


@functools.lru_cache(maxsize=16_384)
def _folded(text: str) -> str:
    # The cells of a ledger hold the same few hundred words over and over.
    return text.translate(FOLDS).strip()


def fold_word(text: str) -> str:
    """What two spellings of one declared word have in common: no white space, one width, one case, one middle dot.

    >>> fold_word("七大 ・ 稻米") == fold_word("七大·稻米")
    True
    """
    return _plain_word(text) if len(text) <= _SHORT else "".join(fold_cell(text.translate(_DOTS)).split()).lower()


@functools.lru_cache(maxsize=16_384)
def _plain_word(text: str) -> str:
    return "".join(_folded(text.translate(_DOTS)).split()).lower()

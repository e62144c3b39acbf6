"""Names that a caller gives, several of them.

Why this exists: Python takes a text for a list of its letters, so that one name where several are asked for would be looked up letter
by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

_Names = TypeVar("_Names", bound=Iterable[str] | None)


def names_of(what: str, given: _Names) -> _Names:
    """The names given as ``what``, as they are. Raises `TypeError` for one text.

    >>> names_of("outputs", ["分类"]), names_of("outputs", None)
    (['分类'], None)
    >>> names_of("outputs", "分类")
    Traceback (most recent call last):
    TypeError: outputs 要给几个名称，如 ['分类']
    """
    if isinstance(given, str):
        raise TypeError(f"{what} 要给几个名称，如 [{given!r}]")
    return given

"""How official text and quotes compare: one normal form, its fingerprint, and the way back to the original characters.

Why this exists: the texts at hand were broken into lines and marked up on their way here, and quote marks vary with the
input method. A quote must match in spite of that and in spite of nothing else; fingerprints and coverage use the same
normal form.

Invariants: normalising is idempotent; ``len(normalised.text) == len(normalised.offsets)``; offsets rise strictly.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_MARKS = dict.fromkeys("“”「」『』＂", '"')


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text; ``offsets[i]`` is where its character ``i`` stands in the original."""

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that the non-empty stretch ``[start, end)`` of the normal form came from."""
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(text: str) -> str:
    """``text`` without white space and ``*``, with one kind of quote mark.

    >>> normalise(' **优化政策 支持。** “四个一批”「三农」')
    '优化政策支持。"四个一批""三农"'
    """
    return "".join(_MARKS.get(char, char) for char in text if char != "*" and not char.isspace())


def normalise_located(text: str) -> Normalised:
    """The normal form of ``text`` with the way back.

    >>> normalise_located("升级一\\n\\n批").offsets
    (0, 1, 2, 5)
    """
    offsets = tuple(index for index, char in enumerate(text) if char != "*" and not char.isspace())
    return Normalised("".join(_MARKS.get(text[index], text[index]) for index in offsets), offsets)


def fingerprint(text: str) -> str:
    """SHA-256, in hexadecimal digits, of the normal form of ``text``.

    >>> fingerprint("升级一 批") == fingerprint("升级一批")
    True
    """
    return hashlib.sha256(normalise(text).encode("utf-8", "surrogatepass")).hexdigest()

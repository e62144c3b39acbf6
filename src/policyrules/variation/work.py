"""How much has been looked at, for what is told only as far as one can wait for it.

Why this exists: a small file may hold very many records, and a parameter from end to end, or day after day, is looked at for each of
them, at every place at which anything turns. How long that takes nobody knows before, so it is counted as it is done: never
the time, so that the same is told everywhere.

Invariants: what was begun and is too much is not told at all; nothing is counted where nobody asked for a limit.
"""

from __future__ import annotations


class TooMuch(Exception):
    """What takes more work than was allowed."""


class Work:
    """What is left of the work that is allowed (None: as much as it takes).

    >>> work = Work()
    >>> work.spend(1000)
    >>> work.left = 3
    >>> work.spend(2)
    >>> work.left
    1
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left: int | None = None

    def spend(self, steps: int) -> None:
        """So many steps are done now. Raises `TooMuch`."""
        if self.left is not None:
            self.left -= steps
            if self.left < 0:
                raise TooMuch

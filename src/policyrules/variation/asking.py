"""What is asked of an impact beside two policies and a ledger, and how it is told how far the work is.

Why this exists: the command line, other systems and what counts speak of the same questions.

Invariants: what is not asked for is empty; nothing here turns on a policy or a ledger.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policyrules.variation.wishes import Wish


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is. ``through``: goes through some numbers and shows how far it has come: what, how many; ``stage``: says what
    is done next."""

    through: Callable[[Iterable[int], str, int], Iterable[int]] = lambda numbers, _, __: numbers
    stage: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked beside the two sides and the ledger. ``decision``: the one that headlines speak of, by name or key, '' for the first
    of one value that changes; ``by``, ``money``, ``weight``: fields (see `Beside`), None for those that the layers name; ``title``,
    ``command``: shown as they are; ``file``, ``sha256``, ``size`` (bytes) of the ledger, ``invented``: whether it says that it is;
    ``sweeps``: parameters to be varied; ``days``: dates to be looked at, None for none, empty for all on which something flips, up to
    ``until``; ``grids``: the decisions of which two sweeps give a grid; ``nearest``: whether nearest changes are looked for;
    ``all_missing``: whether it is told of every open result what it lacks, ``long``: whether parameters and days are looked at, both
    however much that is."""

    decision: str = ""
    by: tuple[str, ...] | None = None
    money: tuple[str, ...] | None = None
    weight: tuple[str, ...] | None = None
    title: str = ""
    command: str = ""
    file: str = ""
    sha256: str = ""
    invented: bool = False
    sweeps: tuple[Wish, ...] = ()
    grids: tuple[str, ...] = ()
    days: tuple[datetime.date, ...] | None = None
    until: datetime.date | None = None
    nearest: bool = True
    blanks: bool = True
    readings: bool = True
    all_missing: bool = False
    long: bool = False
    size: int = 0

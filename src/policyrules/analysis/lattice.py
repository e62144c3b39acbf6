"""Selections of acts side by side: one column each, and sets of columns as whole numbers.

Why this exists: what a result comes to under every selection of some acts is a set of columns for each thing it may be; the
least selections with a property are then found by a few operations on whole numbers, for all selections at once.

Invariants: column 0 is the empty selection, the last column all of them; a set of columns has bit ``c`` where column ``c`` is in
it; what is called least contains no other that has the property.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import Final, TypeAlias

Selection: TypeAlias = frozenset[int]
"""Numbers of the acts that are on."""
Plane: TypeAlias = int
"""A set of columns."""

WHOLE: Final = 18
"""Up to so many acts have a column for each selection of them."""
SIZE: Final = 3
"""More have one for each selection of up to so many, and for each that leaves out up to so many."""


class Columns:
    """Columns for selections of ``acts``. ``whole``: whether there is one for each selection, else for those of up to
    ``size`` acts and for those that leave out up to ``size``.

    >>> columns = Columns((4, 7))
    >>> [sorted(columns.selection(column)) for column in range(columns.count)]
    [[], [4], [7], [4, 7]]
    >>> bin(columns.on[4]), bin(columns.on[7]), bin(columns.full)
    ('0b1010', '0b1100', '0b1111')
    """

    def __init__(self, acts: Sequence[int], *, whole: int = WHOLE, size: int = SIZE) -> None:
        self.acts = tuple(acts)
        self.whole = len(self.acts) <= max(whole, size)
        self.size = len(self.acts) if self.whole else size
        self._near: tuple[Selection, ...] = () if self.whole else tuple(_near(self.acts, size))
        self._places = {one: place for place, one in enumerate(self._near)}
        self.count = 1 << len(self.acts) if self.whole else len(self._near)
        self.full: Plane = (1 << self.count) - 1
        self.on: dict[int, Plane] = {act: self._on(place, act) for place, act in enumerate(self.acts)}

    def _on(self, place: int, act: int) -> Plane:
        """The columns in which an act is on."""
        if not self.whole:
            return sum(1 << column for column, one in enumerate(self._near) if act in one)
        width = 1 << place
        # Blocks of as many columns without it and with it, repeated.
        return self.full // ((1 << (2 * width)) - 1) * (((1 << width) - 1) << width)

    def selection(self, column: int) -> Selection:
        """The acts that are on in a column."""
        if not self.whole:
            return self._near[column]
        return frozenset(act for place, act in enumerate(self.acts) if column >> place & 1)

    def columns(self, plane: Plane) -> Iterator[int]:
        """The columns in a set, first to last."""
        while plane:
            low = plane & -plane
            yield low.bit_length() - 1
            plane ^= low

    def turns_on(self, plane: Plane) -> tuple[int, ...]:
        """The acts that make a difference to a set somewhere among the columns; the others provably make none there."""
        if not self.whole:
            return self.acts
        found = []
        for place, act in enumerate(self.acts):
            on = self.on[act]
            if (plane & on) >> (1 << place) != plane & ~on:
                found.append(act)
        return tuple(found)

    def rises(self, plane: Plane) -> bool | None:
        """Whether a set holds with a selection all that contain it; None where not all were tried."""
        if not self.whole:
            return None
        return all((plane & ~self.on[act]) << (1 << place) & ~plane == 0 for place, act in enumerate(self.acts))

    def least(self, plane: Plane) -> tuple[Selection, ...]:
        """The least selections in a set of columns (of those tried from below), smaller ones first."""
        if not self.whole:
            return self._least(lambda one: bool(plane >> self._places[one] & 1))
        up = plane
        for place, act in enumerate(self.acts):
            up |= (up & ~self.on[act]) << (1 << place)
        above = 0
        for place, act in enumerate(self.acts):
            above |= (up & ~self.on[act]) << (1 << place)
        return self._sorted(self.selection(column) for column in self.columns(plane & ~above))

    def least_without(self, plane: Plane) -> tuple[Selection, ...]:
        """The least selections that, left out of all, lead to a column in the set, smaller ones first."""
        if not self.whole:
            return self._least(lambda one: bool(plane >> self._places[self._all - one] & 1))
        # Turned round: the column of what is left out.
        for place, act in enumerate(self.acts):
            on, width = self.on[act], 1 << place
            plane = (plane & on) >> width | (plane & ~on) << width
        return self.least(plane)

    @cached_property
    def _all(self) -> Selection:
        return frozenset(self.acts)

    def _least(self, holds: Callable[[Selection], bool]) -> tuple[Selection, ...]:
        return least(self.acts, self.size, holds)

    def _sorted(self, found: Iterator[Selection]) -> tuple[Selection, ...]:
        order = {act: place for place, act in enumerate(self.acts)}
        return tuple(sorted(found, key=lambda one: (len(one), sorted(order[act] for act in one))))


def _near(acts: Sequence[int], size: int) -> Iterator[Selection]:
    """Selections from below, then from above, each once."""
    every = frozenset(acts)
    small = [frozenset(one) for count in range(size + 1) for one in combinations(acts, count)]
    yield from small
    for one in reversed(small):
        if len(every - one) > size:
            yield every - one


def least(acts: Sequence[int], size: int, holds: Callable[[Selection], bool]) -> tuple[Selection, ...]:
    """The selections of up to ``size`` acts for which ``holds``, without those that contain another of them.

    >>> [sorted(one) for one in least((1, 2, 3), 3, lambda one: 1 in one or {2, 3} <= one)]
    [[1], [2, 3]]
    """
    found: list[Selection] = []
    for count in range(size + 1):
        for chosen in combinations(acts, count):
            one = frozenset(chosen)
            if not any(other <= one for other in found) and holds(one):
                found.append(one)
    return tuple(found)

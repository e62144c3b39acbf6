"""Sets of selections of acts, as decision diagrams.

Why this exists: what a result comes to under every selection of some acts is a set of selections for each thing it may be. Most
acts bear on few results, so such a set is small as a diagram however many acts there are; the least selections with a
property are read off it, for all selections at once.

Invariants: equal sets of one `Selections` are one object; a set is ordered by the acts, so it reads those it turns on and no
others; what is called least contains no other that has the property; a set that grows beyond bounds is refused (`Unfit`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Selection: TypeAlias = frozenset[int]
"""Numbers of the acts that are on."""

MOST_ACTS: Final = 250
"""Acts that a set may turn on."""
MOST_SETS: Final = 200_000
"""Sets that one question may make."""
MOST_LEAST: Final = 2_000
"""Least selections of one set."""
_KEPT: Final = 300_000
"""Intersections that are remembered."""
_END: Final = sys.maxsize


class Unfit(Exception):
    """What cannot be told for all selections at once: a set grows too large, a number comes to too many different ones, or the definition
    has to be asked for more than a statistic."""


class Plane:
    """A set of selections. What is below ``place`` decides: ``low`` has the rest of those without the act there, ``high`` of those with
    it."""

    __slots__ = ("high", "low", "own", "place")

    def __init__(self, own: Selections, place: int, low: Plane | None, high: Plane | None) -> None:
        self.own = own
        self.place = place
        self.low = self if low is None else low
        self.high = self if high is None else high

    def __bool__(self) -> bool:
        return self is not self.own.none

    def __and__(self, other: Plane) -> Plane:
        own = self.own
        if self is other or other is own.full:
            return self
        if self is own.full:
            return other
        if self is own.none or other is own.none:
            return own.none
        found = own.both.get((self, other))
        if found is None:
            if self.place < other.place:
                found = own.make(self.place, self.low & other, self.high & other)
            elif other.place < self.place:
                found = own.make(other.place, self & other.low, self & other.high)
            else:
                found = own.make(self.place, self.low & other.low, self.high & other.high)
            own.both[self, other] = found
        return found

    def __invert__(self) -> Plane:
        own = self.own
        found = own.contrary.get(self)
        if found is None:
            found = own.contrary[self] = own.make(self.place, ~self.low, ~self.high)
            own.contrary[found] = self
        return found

    def __or__(self, other: Plane) -> Plane:
        own = self.own
        if self is other or other is own.none:
            return self
        if self is own.none:
            return other
        if self is own.full or other is own.full:
            return own.full
        return ~(~self & ~other)


class Selections:
    """Sets of selections of ``acts``; ``on``: of each act those that have it.

    >>> sets = Selections((4, 7))
    >>> both = sets.on[4] & sets.on[7]
    >>> [sorted(one) for one in sets.least(both) + sets.least(~both)], sets.turns_on(both)
    ([[4, 7], []], (4, 7))
    """

    def __init__(self, acts: Sequence[int]) -> None:
        self.acts = tuple(acts)
        self._places = {act: place for place, act in enumerate(self.acts)}
        self.none = Plane(self, _END, None, None)
        self.full = Plane(self, _END, None, None)
        self.both: dict[tuple[Plane, Plane], Plane] = {}
        self.contrary: dict[Plane, Plane] = {self.none: self.full, self.full: self.none}
        self._made: dict[tuple[int, Plane, Plane], Plane] = {}
        self._most = MOST_SETS
        self.on: dict[int, Plane] = {act: self.make(place, self.none, self.full) for place, act in enumerate(self.acts)}

    def begin(self) -> None:
        """From here a new question may make `MOST_SETS` more."""
        self._most = len(self._made) + MOST_SETS
        if len(self.both) > _KEPT:
            self.both.clear()

    def make(self, place: int, low: Plane, high: Plane) -> Plane:
        """The set whose selections without the act at a place are in ``low`` and with it in ``high``."""
        if low is high:
            return low
        found = self._made.get((place, low, high))
        if found is None:
            if len(self._made) > self._most:
                raise Unfit
            found = self._made[place, low, high] = Plane(self, place, low, high)
        return found

    def ordered(self, acts: Iterable[int]) -> tuple[int, ...]:
        """Some acts, each once, in the order of all."""
        return tuple(sorted(set(acts), key=self._places.__getitem__))

    # ---- one set

    def of(self, selection: Selection, within: Iterable[int]) -> Plane:
        """The selections that are like this one as far as the acts ``within`` go."""
        found = self.full
        for place in sorted((self._places[act] for act in within), reverse=True):
            on = self.acts[place] in selection
            found = self.make(place, self.none if on else found, found if on else self.none)
        return found

    def holds(self, plane: Plane, selection: Selection) -> bool:
        """Whether a selection is in a set."""
        while plane.place != _END:
            plane = plane.high if self.acts[plane.place] in selection else plane.low
        return plane is self.full

    def first(self, plane: Plane) -> Selection:
        """A selection in a set: without an act wherever that can be."""
        found = []
        while plane.place != _END:
            if plane.low:
                plane = plane.low
            else:
                found.append(self.acts[plane.place])
                plane = plane.high
        return frozenset(found)

    def turns_on(self, *planes: Plane) -> tuple[int, ...]:
        """The acts that make a difference to any of the sets somewhere; the others provably make none."""
        seen: dict[Plane, None] = {}
        left = list(planes)
        while left:
            plane = left.pop()
            if plane not in seen and plane.place != _END:
                seen[plane] = None
                left += (plane.low, plane.high)
        return tuple(self.acts[place] for place in sorted({plane.place for plane in seen}))

    # ---- least selections

    def rises(self, plane: Plane) -> bool:
        """Whether a set has with a selection all that contain it."""
        return self._risen(plane, {}) is plane

    def _risen(self, plane: Plane, known: dict[Plane, Plane]) -> Plane:
        """All selections that contain one of a set."""
        if plane.place == _END:
            return plane
        found = known.get(plane)
        if found is None:
            low = self._risen(plane.low, known)
            found = known[plane] = self.make(plane.place, low, low | self._risen(plane.high, known))
        return found

    def turned(self, plane: Plane) -> Plane:
        """The selections that lead into a set when they are left out of all acts."""
        known: dict[Plane, Plane] = {}

        def turn(one: Plane) -> Plane:
            if one.place == _END:
                return one
            if one not in known:
                known[one] = self.make(one.place, turn(one.high), turn(one.low))
            return known[one]

        return turn(plane)

    def least(self, plane: Plane, size: int | None = None) -> tuple[Selection, ...]:
        """The least selections in a set, smaller ones first; ``size``: those of up to so many acts. `Unfit` where there are more
        than `MOST_LEAST`."""
        risen: dict[Plane, Plane] = {}
        known: dict[tuple[Plane, int], tuple[tuple[int, ...], ...]] = {}

        def places(one: Plane, most: int) -> tuple[tuple[int, ...], ...]:
            if one.place == _END:
                return ((),) if one else ()
            found = known.get((one, most))
            if found is None:
                found = places(one.low, most)
                if most:
                    below = self._risen(one.low, risen)
                    more = places(one.high, most - 1)
                    found += tuple([(one.place, *rest) for rest in more if not self.holds(below, self._acts_at(rest))])
                if len(found) > MOST_LEAST:
                    raise Unfit
                known[one, most] = found
            return found

        told = places(plane, len(self.acts) if size is None else size)
        return tuple(self._acts_at(one) for one in sorted(told, key=lambda one: (len(one), one)))

    def _acts_at(self, places: Iterable[int]) -> Selection:
        return frozenset([self.acts[place] for place in places])

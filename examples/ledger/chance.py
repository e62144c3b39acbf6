"""Seeded choice for the example ledger.

Why this exists: the same seed must give the same workbook on every Python release. Only ``random.Random.random()`` is
promised to be stable from release to release, so every other draw is spelled out here on top of it.

Invariant: nothing here reads the clock, the environment or a hash.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """A seeded source of choices.

    >>> Dice(7).between(3, 3)
    3
    >>> Dice(7).shuffled([1, 2, 3]) == Dice(7).shuffled([1, 2, 3])
    True
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        """An integer from 0 up to, and without, ``limit``."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def percent(self, chance: int) -> bool:
        """True in ``chance`` of a hundred draws."""
        return self._random.random() * 100 < chance

    def pick(self, items: Sequence[Item]) -> Item:
        """One item, all equally likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[Item, int]]) -> Item:
        """One item, as likely as the whole number beside it says."""
        left = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        raise AssertionError("the draw is below the sum of the weights")

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """The items in a random order (Fisher and Yates)."""
        deck = list(items)
        for last in range(len(deck) - 1, 0, -1):
            other = self.below(last + 1)
            deck[last], deck[other] = deck[other], deck[last]
        return deck

    def some(self, items: Sequence[Item], least: int, most: int) -> list[Item]:
        """Between ``least`` and ``most`` of the items, in their given order."""
        chosen = sorted(self.shuffled(range(len(items)))[: self.between(least, most)])
        return [items[index] for index in chosen]


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` divided in proportion to ``weights``, in whole numbers that add up (largest remainders first).

    >>> shares(537, [300, 200, 37])
    [300, 200, 37]
    >>> shares(10, [2, 1])
    [7, 3]
    """
    whole = sum(weights)
    counts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts

"""Choices: one interface behind Hypothesis, plain random numbers and the replay of a recorded run.

Why this exists: the same generator serves property tests (which shrink), long seeded runs, and the reduction of a
failure of a long run. Every choice is a number below some bound, and 0 is always the simplest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """Where choices come from."""

    def below(self, bound: int) -> int: ...


class RandomChooser:
    """Seeded random choices, recorded."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)
        self.made: list[int] = []

    def below(self, bound: int) -> int:
        choice = self._random.randrange(bound)
        self.made.append(choice)
        return choice


class ReplayChooser:
    """Choices made before, the simplest ones after those are used up; ``made`` is what was actually used."""

    def __init__(self, choices: Sequence[int]) -> None:
        self._choices = choices
        self.made: list[int] = []

    def below(self, bound: int) -> int:
        at = len(self.made)
        choice = min(self._choices[at], bound - 1) if at < len(self._choices) else 0
        self.made.append(choice)
        return choice


class DrawChooser:
    """Choices drawn from Hypothesis."""

    def __init__(self, draw_below: Callable[[int], int]) -> None:
        self._draw = draw_below

    def below(self, bound: int) -> int:
        return 0 if bound <= 1 else self._draw(bound)


class Pick:
    """What generators ask for."""

    def __init__(self, chooser: Chooser) -> None:
        self.chooser = chooser

    def one(self, items: Sequence[T]) -> T:
        """One of ``items``; the first is the simplest."""
        return items[self.chooser.below(len(items))]

    def chance(self, percent: int) -> bool:
        """True in ``percent`` of a hundred cases."""
        return self.chooser.below(100) >= 100 - percent

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``."""
        return low + self.chooser.below(high - low + 1)

    def some(self, items: Sequence[T], low: int, high: int) -> tuple[T, ...]:
        """``low`` to ``high`` different items, in any order."""
        pool = list(items)
        count = self.between(min(low, len(pool)), min(high, len(pool)))
        return tuple(pool.pop(self.chooser.below(len(pool))) for _ in range(count))


def reduced(choices: list[int], fails: Callable[[list[int]], list[int] | None], budget: int) -> list[int]:
    """Fewer and smaller choices for which ``fails`` still returns a run (the choices it used), within ``budget`` tries."""
    best = choices
    size = max(1, len(best) // 2)
    while budget > 0:
        at, better = 0, False
        while at < len(best) and budget > 0:
            cut = best[:at] + best[at + size :]
            zeroed = best[:at] + [0] * len(best[at : at + size]) + best[at + size :]
            for candidate in (cut, zeroed):
                if candidate == best or budget <= 0:
                    continue
                budget -= 1
                used = fails(candidate)
                if used is not None and (len(used), used) < (len(best), best):
                    best, better = used, True
                    break
            else:
                at += size
        if size > 1:
            size //= 2
        elif not better:
            break
    return best

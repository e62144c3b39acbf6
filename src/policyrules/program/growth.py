"""How long the exact numbers of an expression can get: the one thing that types do not bound.

Why this exists: exact numbers lose no digit, so a term that multiplies itself, through a chain of terms each twice the
one before, would soon hold a number of a million digits. What is counted here at load keeps every evaluation short.

Invariant: ``Growth`` bounds, in multiples of one input's digits, the digits of numerator and denominator. Inputs are
decimals, so sums of inputs have short denominators; only division makes long ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from policyrules.program import nodes as core

MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Growth:
    """Multiples of one input's digits: ``above`` the line of the fraction and ``below`` it."""

    above: int = 1
    below: int = 0

    @property
    def too_long(self) -> bool:
        """Whether numbers could get longer than anyone means."""
        return self.above + self.below > MOST


INPUT: Final = Growth()


def growth(expression: core.Expr, known: Mapping[str, Growth]) -> Growth:
    """The growth of a number; ``known``: of the terms and statistics that are checked so far. One for all else."""
    match expression:
        case core.TermValue(name=name) | core.StatisticValue(name=name):
            return known.get(name, INPUT)
        case core.Sum(terms=terms):
            parts = [growth(operand, known) for _, operand in terms]
            below = sum(part.below for part in parts)
            return Growth(max(part.above for part in parts) + below, below)
        case core.Product(factors=factors):
            above = below = 0
            for operator, operand in factors:
                part = growth(operand, known)
                above += part.above if operator == "×" else part.below
                below += part.below if operator == "×" else part.above
            return Growth(above, below)
        case core.Choose(branches=branches):
            return _widest(growth(body, known) for _, body in branches)
        case core.Fallback(first=first, second=second):
            return _widest((growth(first, known), growth(second, known)))
        case core.Aggregate(value=value) if value is not None:
            return growth(value, known)
        case _:
            return INPUT


def _widest(parts: Iterable[Growth]) -> Growth:
    found = list(parts)
    return Growth(max(part.above for part in found), max(part.below for part in found))

"""What values an expression can take, whatever a record says: how long its numbers get, and within which bounds.

Why this exists: exact numbers lose no digit, so a term that multiplies itself, through a chain of terms each twice the
one before, would soon hold a number of a million digits; what is counted here at load keeps every evaluation short. And
what declarations permit bounds what a statistic may be over rows and members that nobody supplied.

Invariants: `NumberLength` bounds, in multiples of one input's digits, the digits of numerator and denominator; inputs are
decimals, so sums of inputs have short denominators, and only division makes long ones. Bounds hold for every record
that can be read.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from policyrules.operators import SET_SIZE
from policyrules.program import nodes as core
from policyrules.types import NUMERIC, Kind, Number, Type, Value

MAX_NUMBER_LENGTH: Final = 256


@dataclass(frozen=True, slots=True)
class NumberLength:
    """Multiples of one input's digits: ``above`` the line of the fraction and ``below`` it."""

    above: int = 1
    below: int = 0

    @property
    def too_long(self) -> bool:
        """Whether numbers could get longer than anyone means."""
        return self.above + self.below > MAX_NUMBER_LENGTH


_INPUT: Final = NumberLength()


def number_length(expression: core.Expr, known: Mapping[str, NumberLength]) -> NumberLength:
    """How long a number gets; ``known``: of the terms and statistics that are checked so far. What is
    not made of other numbers is as long as one input."""
    match expression:
        case core.TermValue(name=name) | core.StatisticValue(name=name) | core.AmountValue(name=name):
            return known.get(name, _INPUT)
        case core.Sum(terms=terms):
            parts = [number_length(operand, known) for _, operand in terms]
            below = sum(part.below for part in parts)
            return NumberLength(max(part.above for part in parts) + below, below)
        case core.Product(factors=factors):
            above = below = 0
            for operator, operand in factors:
                part = number_length(operand, known)
                above += part.above if operator == "×" else part.below
                below += part.below if operator == "×" else part.above
            return NumberLength(above, below)
        case core.Choose(branches=branches):
            return _longest(number_length(body, known) for _, body in branches)
        case core.Extreme(operands=operands):
            return _longest(number_length(operand, known) for operand in operands)
        case core.Fallback(first=first, second=second):
            return _longest((number_length(first, known), number_length(second, known)))
        case core.Aggregate(value=value) if value is not None:
            return number_length(value, known)
        case _:
            return _INPUT


def _longest(parts: Iterable[NumberLength]) -> NumberLength:
    found = list(parts)
    return NumberLength(max(part.above for part in found), max(part.below for part in found))


Bound: TypeAlias = Number | datetime.date | None


def declared_bounds(expression: core.Expr) -> tuple[Bound, Bound]:
    """Bounds (both included, None: none) that hold for a value whatever a record says, as far as declarations give
    them: of cells, constants and sums of them."""
    match expression:
        case core.FieldValue(field=field):
            return field.low, field.high
        case core.Constant(value=value):
            bound = value if isinstance(value, datetime.date) or expression.type.kind in NUMERIC else None
            return bound, bound  # type: ignore[return-value]  # a constant of a number's type is a number
        case core.Sum(terms=terms) if all(sign == 1 for sign, _ in terms):
            bounds = [declared_bounds(term) for _, term in terms]
            return _added(low for low, _ in bounds), _added(high for _, high in bounds)
        case core.Extreme(largest=largest, operands=operands):
            lows, highs = zip(*map(declared_bounds, operands), strict=True)
            near, far = (highs, lows) if largest else (lows, highs)
            pick = max if largest else min
            told = [bound for bound in far if bound is not None]
            outer = None if None in near else pick(near)
            inner = pick(told) if told else None
            return (inner, outer) if largest else (outer, inner)
        case _:
            return None, None


def _added(bounds: Iterable[Bound]) -> Bound:
    total: Number = 0
    for bound in bounds:
        if bound is None or isinstance(bound, datetime.date):
            return None
        total += bound
    return total


Ends: TypeAlias = tuple[Number | None, Number | None]
"""The least and the greatest that a number may be, both included; None: no end."""

_DEEPEST: Final = 8
"""How many terms are looked into, one in the other."""


def constant(expression: core.Expr) -> Value | None:
    """The value of what reads nothing: a constant, its negative, a sum or a product of constants; None of anything else."""
    match expression:
        case core.Constant(value=value):
            return value
        case core.Sum(terms=terms):
            total: Number = 0
            for sign, term in terms:
                part = _number(constant(term))
                if part is None:
                    return None
                total += sign * part
            return total
        case core.Product(factors=factors):
            product: Number = 1
            for times, factor in factors:
                part = _number(constant(factor))
                if part is None or (times == "÷" and not part):
                    return None
                product *= part if times == "×" else Fraction(1) / part
            return product
        case _:
            return None


class Ranges:
    """Between which numbers those of a program lie, whatever a record says; each term is looked into once, however often it
    is named. ``parameters``: those that a caller may set within their bounds; of others nothing is known."""

    def __init__(self, terms: Mapping[str, core.Term], parameters: Mapping[str, core.Parameter]) -> None:
        self._terms, self._parameters = terms, parameters
        self._ends: dict[tuple[str, int], Ends] = {}
        self._never_negative: dict[str, bool] = {}

    def reach(self, expression: core.Expr, deep: int = 0) -> Ends:
        """Between which numbers a number lies wherever it exists; ``deep``: in so many terms it stands."""
        match expression:
            case core.TermValue(name=name):
                return (None, None) if deep >= _DEEPEST else self._of_term(name, deep + 1)
            case core.ParameterValue(name=name):
                own = self._parameters.get(name)
                return (None, None) if own is None else (_number(own.low), _number(own.high))
            case core.Sum(terms=parts):
                low: Number | None = 0
                high: Number | None = 0
                for sign, part in parts:
                    least, most = self.reach(part, deep)
                    if sign == -1:
                        least, most = None if most is None else -most, None if least is None else -least
                    low = None if low is None or least is None else low + least
                    high = None if high is None or most is None else high + most
                return low, high
            case core.Product(factors=factors):
                ends: Ends = (1, 1)
                for times, factor in factors:
                    other = self.reach(factor, deep)
                    if times == "÷":
                        divisor = _number(constant(factor))
                        if not divisor:
                            return None, None
                        other = (Fraction(1) / divisor,) * 2
                    ends = _multiplied(ends, other)
                return ends
            case core.Extreme(largest=largest, operands=operands):
                lows, highs = zip(*(self.reach(part, deep) for part in operands), strict=True)
                pick = max if largest else min
                told = [[end for end in side if end is not None] for side in (lows, highs)]
                # The greatest is at least as great as every one of them.
                sure = (True, None not in highs) if largest else (None not in lows, True)
                low, high = (pick(side) if side and known else None for side, known in zip(told, sure, strict=True))
                return low, high
            case core.Aggregate(kind="计数"):
                return 0, None
            case core.Aggregate(kind="合计", value=value) if value is not None:
                least, most = self.reach(value, deep)
                return 0 if least is not None and least >= 0 else None, 0 if most is not None and most <= 0 else None
            case core.Aggregate(kind="最大" | "最小", value=value) if value is not None:
                return self.reach(value, deep)
            case _:
                low_, high_ = declared_bounds(expression)
                return _number(low_), _number(high_)

    def _of_term(self, name: str, deep: int) -> Ends:
        found = self._ends.get((name, deep))
        if found is None:
            found = self._ends[name, deep] = self.reach(self._terms[name].body, deep)
        return found

    def never_negative(self, expression: core.Expr) -> bool:
        """Whether a number exists and is nowhere below zero, as far as declarations tell: more than that `reach` begins at zero,
        which says nothing of a quotient by zero, of 取 of no row and of 视 of no branch."""
        match expression:
            case core.TermValue(name=name):
                found = self._never_negative.get(name)
                if found is None:
                    found = self._never_negative[name] = self.never_negative(self._terms[name].body)
                return found
            case core.Sum(terms=parts):
                return all(sign == 1 and self.never_negative(part) for sign, part in parts)
            case core.Product(factors=factors):
                plain = all(times == "×" or isinstance(factor, core.Constant) for times, factor in factors)
                return plain and all(self.never_negative(factor) for _, factor in factors)
            case core.Aggregate(kind=kind, value=value):
                return kind != "取" and (value is None or self.never_negative(value))
            case core.Choose(selector=selector, branches=branches):
                chosen = not isinstance(selector, core.DecisionValue)
                return chosen and all(self.never_negative(body) for _, body in branches)
            case core.Fallback(first=first, second=second):
                return self.never_negative(first) and self.never_negative(second)
            case core.Apply(operator=operator):
                return operator is SET_SIZE
            case _:
                low = declared_bounds(expression)[0]
                return low is not None and not isinstance(low, datetime.date) and low >= 0


def _multiplied(one: Ends, other: Ends) -> Ends:
    """The ends of products: exact where all ends are known; of two that are not negative the least; where one is constant, its multiple."""
    if None not in (*one, *other):
        ends = [first * second for first in one for second in other if first is not None and second is not None]
        return min(ends), max(ends)
    for fixed, ranged in ((one, other), (other, one)):
        if fixed[0] is not None and fixed[0] == fixed[1]:
            low, high = (None if end is None else end * fixed[0] for end in ranged)
            return (0, 0) if fixed[0] == 0 else (low, high) if fixed[0] > 0 else (high, low)
    (low, _), (least, _) = one, other
    return (low * least if low is not None and least is not None and low >= 0 and least >= 0 else None), None


def _number(value: Value | Bound) -> Number | None:
    return value if isinstance(value, (int, Fraction)) and not isinstance(value, bool) else None


def values_declared(type_: Type) -> int | None:
    """How many different values a type has, where it declares them.

    >>> values_declared(Type(Kind.BOOL)), values_declared(Type(Kind.ENUM, None, ("甲", "乙", "丙")))
    (2, 3)
    >>> values_declared(Type(Kind.TEXT)) is None
    True
    """
    if type_.kind is Kind.BOOL:
        return 2
    return None if type_.values is None else len(type_.values)

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


_DEEPEST: Final = 8
"""How many terms are looked into, one in the other."""


def constant(expression: core.Expr) -> Value | None:
    """The value of what reads nothing: a constant, its negative, a sum or a product of constants; None of anything else."""
    match expression:
        case core.Constant(value=value):
            return value
        case core.Sum(terms=terms) if all(constant(term) is not None for _, term in terms):
            return reach(expression, {}, {})[0]
        case core.Product(factors=factors) if all(constant(factor) is not None for _, factor in factors):
            return reach(expression, {}, {})[0]
        case _:
            return None


def reach(
    expression: core.Expr,
    terms: Mapping[str, core.Term],
    parameters: Mapping[str, core.Parameter],
    deep: int = 0,
) -> tuple[Number | None, Number | None]:
    """Between which numbers (both included, None: no end) a number lies wherever it exists, whatever a record says and a caller sets."""
    match expression:
        case core.TermValue(name=name):
            return (None, None) if deep >= _DEEPEST else reach(terms[name].body, terms, parameters, deep + 1)
        case core.ParameterValue(name=name):
            own = parameters.get(name)
            return (None, None) if own is None else (_number(own.low), _number(own.high))
        case core.Sum(terms=parts):
            low: Number | None = 0
            high: Number | None = 0
            for sign, part in parts:
                least, most = reach(part, terms, parameters, deep)
                if sign == -1:
                    least, most = None if most is None else -most, None if least is None else -least
                low = None if low is None or least is None else low + least
                high = None if high is None or most is None else high + most
            return low, high
        case core.Product(factors=factors):
            ends: tuple[Number | None, Number | None] = (1, 1)
            for times, factor in factors:
                other = reach(factor, terms, parameters, deep)
                if times == "÷":
                    divisor = _number(constant(factor))
                    if not divisor:
                        return None, None
                    other = (Fraction(1) / divisor,) * 2
                ends = _multiplied(ends, other)
            return ends
        case core.Extreme(largest=largest, operands=operands):
            lows, highs = zip(*(reach(part, terms, parameters, deep) for part in operands), strict=True)
            pick = max if largest else min
            told = [[end for end in side if end is not None] for side in (lows, highs)]
            # The greatest is at least as great as every one of them.
            sure = (True, None not in highs) if largest else (None not in lows, True)
            low, high = (pick(side) if side and known else None for side, known in zip(told, sure, strict=True))
            return low, high
        case core.Aggregate(kind="计数"):
            return 0, None
        case core.Aggregate(kind="合计", value=value) if value is not None:
            least, most = reach(value, terms, parameters, deep)
            return 0 if least is not None and least >= 0 else None, 0 if most is not None and most <= 0 else None
        case core.Aggregate(kind="最大" | "最小", value=value) if value is not None:
            return reach(value, terms, parameters, deep)
        case _:
            low_, high_ = declared_bounds(expression)
            return _number(low_), _number(high_)


def _multiplied(
    one: tuple[Number | None, Number | None], other: tuple[Number | None, Number | None]
) -> tuple[Number | None, Number | None]:
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


def never_negative(expression: core.Expr, terms: Mapping[str, core.Term]) -> bool:
    """Whether a number is nowhere below zero, as far as declarations tell."""
    match expression:
        case core.TermValue(name=name):
            return never_negative(terms[name].body, terms)
        case core.Sum(terms=parts):
            return all(sign == 1 and never_negative(part, terms) for sign, part in parts)
        case core.Product(factors=factors):
            # A quotient by a possible zero may be any number, and so may 取 of no row and 视 of no branch.
            plain = all(times == "×" or isinstance(factor, core.Constant) for times, factor in factors)
            return plain and all(never_negative(factor, terms) for _, factor in factors)
        case core.Aggregate(kind=kind, value=value):
            return kind != "取" and (value is None or never_negative(value, terms))
        case core.Choose(selector=selector, branches=branches):
            chosen = not isinstance(selector, core.DecisionValue)
            return chosen and all(never_negative(body, terms) for _, body in branches)
        case core.Fallback(first=first, second=second):
            return never_negative(first, terms) and never_negative(second, terms)
        case core.Apply(operator=operator):
            return operator is SET_SIZE
        case _:
            low = declared_bounds(expression)[0]
            return low is not None and not isinstance(low, datetime.date) and low >= 0


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

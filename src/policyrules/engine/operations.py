"""What operators, sums, products and extremes make of the values of their operands.

Why this exists: sections 5.2 and 5.3 of docs/language.md as functions on values, so that who asks what other values would come to asks
the same as the definition (`evaluate`).

Invariants: every operator has its meaning here; nothing depends on what the operands were made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias, assert_never

from policyrules.engine import days
from policyrules.engine import values as v
from policyrules.engine.prepared import Engine
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as core

Values: TypeAlias = Sequence[Abstract]
"""Those of the operands, in their order."""
Meaning: TypeAlias = Callable[[Engine, core.Apply, Values], Any]


def combined(engine: Engine, node: core.Apply | core.Sum | core.Product | core.Extreme, values: Values) -> Any:
    """What comes of the values of its operands."""
    match node:
        case core.Apply():
            return MEANINGS[node.operator.name](engine, node, values)
        case core.Sum():  # 5.2.4
            total: Abstract = 0
            for (sign, _), value in zip(node.terms, values, strict=True):
                total = v.add(total, value if sign == 1 else v.negative(value))
            return total
        case core.Product():  # 5.2.4 to 5.2.6
            product: Abstract = 1
            for (times, _), value in zip(node.factors, values, strict=True):
                product = v.multiply(product, value) if times == "×" else v.divide(product, value)
            return product
        case core.Extreme():  # 5.16.1
            return v.pick(values, largest=node.largest)
        case _:
            assert_never(node)


def _compared(engine: Engine, node: core.Apply, values: Values) -> Truth:
    return v.compare(node.operator.words, values[0], values[1])  # type: ignore[arg-type]  # one of the six


def _elapsed(engine: Engine, node: core.Apply, values: Values) -> Truth:
    return v.compare("≤", _moved(node, values, 1), engine.program.as_of)


def _moved(node: core.Apply, values: Values, sign: int) -> Abstract:
    start, period = values
    months = node.operands[1].type.family == "months"
    return v.shift(start, period if sign == 1 else v.negative(period), months=months)


def _of_date(function: Callable[[date], Any]) -> Meaning:
    # 5.3.7
    return lambda engine, node, values: days.of_date(values[0], function)


def _workdays(engine: Engine, values: Values, sign: int) -> Abstract:
    # 5.3.12 to 5.3.16
    start, count = values
    return engine.working_days.moved(start, count if sign == 1 else v.negative(count))


MEANINGS: Final[Mapping[str, Meaning]] = {
    "equal": _compared,
    "not_equal": _compared,
    "less": _compared,
    "at_most": _compared,
    "greater": _compared,
    "at_least": _compared,
    "elapsed": _elapsed,
    "later": lambda engine, node, values: _moved(node, values, 1),
    "earlier": lambda engine, node, values: _moved(node, values, -1),
    "days_between": lambda engine, node, values: v.days_between(values[0], values[1]),
    "year_of": _of_date(days.year_of),
    "month_end": _of_date(days.month_end),
    "quarter_end": _of_date(days.quarter_end),
    "year_end": _of_date(days.year_end),
    "workdays_later": lambda engine, node, values: _workdays(engine, values, 1),
    "workdays_earlier": lambda engine, node, values: _workdays(engine, values, -1),
    "workdays_elapsed": lambda engine, node, values: v.compare("≤", _workdays(engine, values, 1), engine.program.as_of),
    "set_size": lambda engine, node, values: v.size(values[0]),
}
"""What each operator does to the values of its operands."""

"""What each operator does to the values of its operands, as nodes: what `engine.evaluate` says in `MEANINGS`.

Why this exists: operators are data, and what a circuit has for each stands in one table.

Invariants: an operator that no circuit has is refused by its words.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from policyrules.engine.lowering.days import Days
from policyrules.engine.lowering.sets import Sets
from policyrules.engine.lowering.values import Lowered, Options, Range, Truth, Unlowered, Values, as_range
from policyrules.operators import CompareOp
from policyrules.program import nodes as core


class Operators:
    """The operators, making nodes in one circuit; ``as_of``: 评估日."""

    def __init__(self, values: Values, sets: Sets, days: Days, as_of: datetime.date) -> None:
        self._values = values
        self._sets = sets
        self._days = days
        self._as_of = as_of

    def applied(self, node: core.Apply, parts: Sequence[Lowered]) -> Lowered:
        """An operator on its operands."""
        values, days = self._values, self._days
        name = node.operator.name
        match name:
            case "equal" | "not_equal" | "less" | "at_most" | "greater" | "at_least":
                return self._compared(node, parts[0], parts[1])
            case "elapsed":
                return values.compare("≤", self._moved(node, parts, 1), values.number(self._as_of))
            case "later":
                return self._moved(node, parts, 1)
            case "earlier":
                return self._moved(node, parts, -1)
            case "days_between":
                return days.days_between(as_range(parts[0]), as_range(parts[1]))
            case "year_of" | "month_end" | "quarter_end" | "year_end":
                return days.of_day(name, as_range(parts[0]))
            case "workdays_later":
                return days.workdays(as_range(parts[0]), as_range(parts[1]))
            case "workdays_earlier":
                return days.workdays(as_range(parts[0]), values.add([(-1, as_range(parts[1]))]))
            case "workdays_elapsed":
                moved = days.workdays(as_range(parts[0]), as_range(parts[1]))
                return values.compare("≤", moved, values.number(self._as_of))
            case "set_size":
                return self._sets.size(parts[0])
            case _:
                raise Unlowered(f"运算 {node.operator.words}")

    def _compared(self, node: core.Apply, left: Lowered, right: Lowered) -> Truth:
        values = self._values
        order: CompareOp = node.operator.words  # type: ignore[assignment]  # one of the six
        match left, right:
            case (Range(), Range()):
                return values.compare(order, left, right)
            case (Truth(), Truth()):
                same = values.equal_truths(left, right)
            case (Options(), Options()):
                same = values.equal_texts(left, right)
            case _:
                raise Unlowered(f"{node.operands[0].type.kind.value}的比较")
        return same if order == "=" else values.negation(same)

    def _moved(self, node: core.Apply, parts: Sequence[Lowered], sign: int) -> Range:
        start, period = as_range(parts[0]), as_range(parts[1])
        months = node.operands[1].type.family == "months"
        return self._days.shift(start, period if sign == 1 else self._values.add([(-1, period)]), months=months)

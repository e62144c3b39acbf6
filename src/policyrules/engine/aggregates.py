"""计数, 合计, 最大, 最小 and 取 of rows, on values alone: sentences 5.5.5 to 5.5.8.

Why this exists: what an aggregate of some values comes to can be checked against the page by eye, away from how rows and
conditions are evaluated.

Invariant: what is returned holds whatever the rows that perhaps count come to.
"""

from __future__ import annotations

from typing import assert_never

from policyrules.engine import values as v
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as core
from policyrules.program.ranges import declared_bounds


def not_supplied(node: core.Aggregate) -> Abstract:
    """An aggregate of a list that was not supplied: 5.5.5 to 5.5.8."""
    low, high = (None, None) if node.value is None else declared_bounds(node.value)
    match node.kind:
        case "计数":
            return v.Interval(0, None)
        case "合计":
            least = 0 if v.compare("≥", v.Interval(low, high), 0) else None
            most = 0 if v.compare("≤", v.Interval(low, high), 0) else None
            return v.interval(least, most)
        case "最大" | "最小":
            return v.Interval(low, high, True)
        case "取":
            return v.unknown(node.type)
        case _:
            assert_never(node.kind)


def aggregated(node: core.Aggregate, counted: list[tuple[Truth, Abstract]]) -> Abstract:
    """5.5.5 to 5.5.8; ``counted``: of each row that counts, or may (None), its value."""
    sure = [value for counts, value in counted if counts]
    match node.kind:
        case "计数":
            return v.interval(len(sure), len(counted))
        case "合计":
            total: Abstract = 0
            for counts, value in counted:
                total = v.add(total, value if counts else v.hull(0, value))
            return total
        case "最大" | "最小":
            perhaps = [value for counts, value in counted if not counts]
            return v.extreme(sure, perhaps, largest=node.kind == "最大")
        case "取":
            # The one row that matches; wholly unknown where no row surely does.
            if not sure:
                return v.unknown(node.type)
            found = counted[0][1]
            for _, value in counted[1:]:
                found = v.hull(found, value)
            return found
        case _:
            assert_never(node.kind)

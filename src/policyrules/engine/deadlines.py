"""Whether the day of a 期限 is over.

Why this exists: a blank date is one sort of not knowing; a calendar that does not go far enough, and a decision that is not
settled, are others. While a date is blank its day is not over (5.10.6); of a day that the calendar or a decision leaves open,
bounds are known, and they count (5.3.18, 5.16.19).

Invariant: what is said of a day holds whatever the calendar will say, and whatever a decision will come to.
"""

from __future__ import annotations

import datetime

from policyrules.engine import values as v
from policyrules.engine.steps import Step
from policyrules.engine.values import Truth
from policyrules.operators import WORKDAYS
from policyrules.program import nodes as core


def is_over(deadline: Step | None, as_of: datetime.date) -> Truth:
    """Whether the day (None: there is none) is over; unknown where the calendar or a decision would have to say."""
    if deadline is None or not (v.known(deadline.value) or waits(deadline)):
        return False
    return v.compare(">", as_of, deadline.value)


def waits(step: Step) -> bool:
    """Whether it reads a decision that is not settled, or counts working days, from a day and by a number that are known,
    and the calendar lacks years. What is settled waits for nothing, whatever it was made from."""
    waiting, seen = [step], {step}
    while waiting:
        current = waiting.pop()
        if not isinstance(current.node, core.Decision) and (v.known(current.value) or current.value is v.VOID):
            continue
        if lacks_years(current) or (isinstance(current.node, core.AmountValue) and not v.known(current.value)):
            return True
        # What a term reads stands under every place that names it.
        new = [part for part in current.parts if part not in seen]
        seen.update(new)
        waiting += new
    return False


def lacks_years(step: Step) -> bool:
    """Whether the step counts working days, and only the calendar leaves its value open."""
    node = step.node
    if not isinstance(node, core.Apply) or node.operator not in WORKDAYS or v.known(step.value) or step.value is v.VOID:
        return False
    return all(v.known(part.value) for part in step.parts)

"""What a scenario expects of an amount, and whether a result meets it.

Why this exists: an amount is written as in a ledger (``3 万元``, ``30000元``, a bare number in its unit, a day), and is met by the
exact number, whatever unit it was written in; what is open is expected by its ends.

Invariant: checking never raises; what is no amount of the decision is a failed check that says so.
"""

from __future__ import annotations

import datetime
from fractions import Fraction

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Decision, Field
from policyrules.records.cells import parse_cell
from policyrules.results import STATUS_NAMES, DecisionResult, candidate_text
from policyrules.types import Value, bare_number, value_text

UNBOUNDED = "不限"
"""How an end that is not bounded is written."""
_WORDS = ("无", "不适用")


class Written:
    """Amounts of one decision as people write them; ``wrong``: what could not be read, in words."""

    def __init__(self, decision: Decision) -> None:
        assert decision.type is not None, "only amounts are read as amounts"
        self.type = decision.type
        self._field = Field(
            decision.object,
            decision.name,
            decision.key,
            decision.type,
            False,
            None,
            None,
            (),
            None,
            decision.origins[0],
        )
        self.wrong: list[str] = []

    def read(self, word: str) -> Value | None:
        """The canonical value of ``word``; None, noted, where it is none."""
        found = parse_cell(word, self._field)
        if found is None or isinstance(found, Diagnostic):
            expected = found.expected if isinstance(found, Diagnostic) else ""
            self.wrong.append(f"“{word}”不是{self._field.name}能得出的数" + (f"：要的是{expected}" if expected else ""))
            return None
        return found

    def shown(self, word: str) -> str:
        """``word`` as results show it; as it stands where it is no amount: 无, 不适用, an interval."""
        if word in _WORDS or " 至 " in word:
            return word
        value = self.read(word)
        return word if value is None else value_text(value, self.type)

    def told(self, value: Value | None) -> int | Fraction | datetime.date | None:
        """A canonical value as results tell it, in the unit of the decision."""
        if value is None or isinstance(value, datetime.date):
            return value
        assert isinstance(value, (int, Fraction)), "an amount is a number or a day"
        return bare_number(value, self.type)


def amount_differences(
    decision: Decision,
    result: DecisionResult,
    status: str | None,
    value: str | None,
    candidates: tuple[str, ...] | None,
    interval: tuple[str, str] | None,
) -> tuple[list[str], bool]:
    """What of a result is not as expected, in words; and whether it was the expectation that could not be read."""
    written = Written(decision)
    wrong: list[str] = []
    if value is not None:
        wanted = written.told(written.read(value))
        if not written.wrong and (result.status != "determined" or result.value != wanted):
            wrong.append(f"应是 {value}")
    elif status is not None and result.status != status:
        wrong.append(f"状态应是{STATUS_NAMES[status]}，结果是{STATUS_NAMES[result.status]}")
    if candidates is not None:
        told = sorted(written.shown(candidate) for candidate in candidates)
        possible = sorted(candidate_text(candidate) for candidate in result.candidates)
        if not written.wrong and told != possible:
            wrong.append(f"可能的结果应是{'、'.join(told)}，结果是{'、'.join(possible)}")
    if interval is not None:
        ends = tuple(None if end == UNBOUNDED else written.told(written.read(end)) for end in interval)
        if not written.wrong and result.interval != ends:
            wrong.append(f"区间应是{' 至 '.join(interval)}，结果是{_interval_text(result)}")
    return written.wrong or wrong, bool(written.wrong)


def _interval_text(result: DecisionResult) -> str:
    if result.interval is None:
        return "没有"
    ends = [UNBOUNDED if end is None else str(end) for end in result.interval]
    return f"{' 至 '.join(ends)}{f'（{result.unit}）' if result.unit else ''}"

"""What of a project is to be told on its page: the decisions and findings that speak, or those that were asked for.

Why this exists: every section of the page of one project tells of the same ones.

Invariant: reads outcomes; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyrules.analysis.summary import FINDING_ORDER
from policyrules.policy import Policy
from policyrules.results import DecisionResult, Finding, ObjectOutcome, Outcome, objects_of

OPEN_VALUES = 12
"""Values of one list that are still told one by one."""
MOST_DECISIONS = 100
"""Decisions that a folded page still tells: many times as many as any document has."""
NAMED = 6
"""Names that a folded page still lists."""


def selected(
    outcome: Outcome, only: Sequence[str], short: bool = False
) -> Iterator[tuple[str, ObjectOutcome, DecisionResult]]:
    """Each decision to be told: what it is called on this page, the object, the result; in ``short`` those of the first decisions."""
    told: set[str] = set()
    for part in objects_of(outcome):
        where = "" if part is outcome else f"{part.label}."
        for result in part:
            if not only or result.name in only or result.key in only:
                if short and result.name not in told:
                    if len(told) == MOST_DECISIONS:
                        continue
                    told.add(result.name)
                yield where + result.name, part, result


def passed_over(outcome: Outcome) -> int:
    """How many decisions a folded page does not tell."""
    return max(len({result.name for part in objects_of(outcome) for result in part}) - MOST_DECISIONS, 0)


def is_many(result: DecisionResult, policy: Policy) -> bool:
    decision = policy.program.decisions.get(result.name)
    return decision is not None and decision.mode == "多选"


def picked_findings(outcome: Outcome, only: Sequence[str]) -> list[Finding]:
    found = [f for f in outcome.findings if (f.name in only if only else f.status != "not_applicable")]
    return sorted(found, key=lambda f: FINDING_ORDER.index(f.status))

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
NAMED = 6
"""Names that a folded page still lists."""


def selected(outcome: Outcome, only: Sequence[str]) -> Iterator[tuple[str, ObjectOutcome, DecisionResult]]:
    """Each decision to be told: what it is called on this page, the object, the result."""
    for part in objects_of(outcome):
        where = "" if part is outcome else f"{part.label}."
        for result in part:
            if not only or result.name in only or result.key in only:
                yield where + result.name, part, result


def is_many(result: DecisionResult, policy: Policy) -> bool:
    decision = policy.program.decisions.get(result.name)
    return decision is not None and decision.mode == "多选"


def picked_findings(outcome: Outcome, only: Sequence[str]) -> list[Finding]:
    found = [f for f in outcome.findings if (f.name in only if only else f.status != "not_applicable")]
    return sorted(found, key=lambda f: FINDING_ORDER.index(f.status))

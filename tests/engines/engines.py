"""Every engine there is, by name.

Why this exists: a new engine is held against the definition everywhere (kept cases, the short run of the tests, long runs) by
one entry here.

Invariant: an adapter answers all records of a program in one call, and says what it handed to the definition or does not take.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Final

import policyrules as pr
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.results import Candidate, not_applicable

from .reference import circuit
from .saying import Answer, Engine, NotTaken, Said


def compiled(policy: pr.Policy) -> Answer:
    """The function written for a policy, one record after the other."""
    function = policy.compile()
    amounts = {name for name, decision in policy.program.decisions.items() if decision.type is not None}

    def said(root: Instance, portfolio: Portfolio | None) -> Said:
        results = function.decide(root, portfolio)
        decisions = {
            (path, name): (one.status, one.value, one.interval if name in amounts else one.candidates)
            for name in policy.program.decisions
            for path, one in results.of_rows(name)
        }
        return Said(decisions, {(f.name, f.path, f.unlisted): (f.status, f.due) for f in results.findings})

    return lambda roots, portfolio: [said(root, portfolio) for root in roots]


def columns(policy: pr.Policy) -> Answer:
    """The columns, all records at once; each is counted with all of them."""
    from tests.columns.agreeing import columnar

    def answer(roots: Sequence[Instance], portfolio: Portfolio | None) -> list[Said]:
        members = list(roots if portfolio is None else portfolio.members)
        if portfolio is None and policy.program.statistics:
            raise NotTaken("records without a portfolio, where members are counted")
        if any(root not in members for root in roots) or any(member.problems for member in members):
            raise NotTaken("a record beside the portfolio, or members that were set aside")
        decisions: list[dict[tuple[str, str], tuple[object, ...]]] = [{} for _ in members]
        findings: list[dict[tuple[str, str, str], tuple[object, ...]]] = [{} for _ in members]
        for (what, place, *key), told in columnar(policy.evaluate_frame(members), policy.program).items():
            if what == "检查":
                path, unlisted, name = key
                findings[place][name, path, unlisted] = told
                continue
            path, name = key
            status, value, rest = told
            if policy.program.decisions[name].type is None:
                value = frozenset(value) if isinstance(value, tuple) else value
                rest = tuple(map(candidate, rest))
            decisions[place][path, name] = (status, value, rest)
        every = [Said(*told) for told in zip(decisions, findings, strict=True)]
        return [every[members.index(root)] for root in roots]

    return answer


def candidate(text: str) -> Candidate:
    """A candidate from how columns call it."""
    return {"无": None, "不适用": not_applicable}.get(text, text)


ENGINES: Final[dict[str, Engine]] = {"circuit": circuit}
if hasattr(pr.Policy, "compile"):
    ENGINES["compiled"] = compiled
if hasattr(pr.Policy, "evaluate_frame") and importlib.util.find_spec("numpy") is not None:
    ENGINES["columns"] = columns

"""Lower layers applied to upper ones (section 6 of the language page), as of the policy's date.

Why this exists: apart from `naive`, because folding is about what was written and evaluation about a record.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Final, assert_never

from .syntax import (
    Amendment,
    And,
    Case,
    Cond,
    Decision,
    Duty,
    Extension,
    Limit,
    LimitAmendment,
    ListDecl,
    Not,
    Notice,
    Or,
    Parameter,
    Policy,
    Presumption,
    Rank,
    RankAmendment,
    Rule,
    Setting,
    StatDecl,
    TermDecl,
    Value,
)

TRUE: Final = And(())


@dataclass
class Folded:
    """A policy with every lower layer's acts applied (section 6), as of its date."""

    policy: Policy
    parameters: dict[str, tuple[Value | None, bool]] = field(default_factory=dict)
    """Value (None: unset) and whether 已填."""
    lists: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    terms: dict[str, TermDecl] = field(default_factory=dict)
    statistics: dict[str, StatDecl] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranks: dict[str, list[Rank]] = field(default_factory=dict)
    limits: dict[str, list[tuple[int, Limit]]] = field(default_factory=dict)
    """Those of each amount, with the level of the layer that wrote it."""
    rules: dict[str, list[tuple[Rule, Cond]]] = field(default_factory=dict)
    duties: list[tuple[Duty, Cond, Cond]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    presumptions: dict[str, list[tuple[int, Case]]] = field(default_factory=dict)


def fold(policy: Policy) -> Folded:
    """Apply settings, extensions, amendments and forces."""
    folded = Folded(policy)
    acts: dict[str, list[Amendment]] = {}
    for entry in sorted(policy.declarations, key=lambda declared: declared.level):
        match entry:
            case Parameter():
                begun = [value for since, value in sorted(entry.dated, key=lambda d: d[0]) if since <= policy.as_of]
                folded.parameters[entry.name] = (begun[-1] if begun else entry.value, entry.state == "fixed")
            case Setting() if entry.since is not None and entry.since > policy.as_of:
                pass
            case Setting():
                folded.parameters[entry.target] = (entry.value, True)
            case ListDecl():
                folded.lists[entry.name] = (entry.items, entry.open)
            case Extension() if entry.target in folded.lists:
                items, open_ = folded.lists[entry.target]
                folded.lists[entry.target] = ((*items, *entry.items), open_)
            case Extension():
                folded.values[entry.target] += entry.items
            case TermDecl():
                folded.terms[entry.name] = entry
            case StatDecl():
                folded.statistics[entry.name] = entry
            case Decision():
                folded.decisions[entry.name] = entry
                folded.values[entry.name] = entry.values
                folded.ranks[entry.name] = list(entry.ranks)
                folded.limits[entry.name] = [(entry.level, limit) for limit in entry.limits]
                folded.rules[entry.name] = []
            case LimitAmendment():
                folded.limits[entry.target] += [(entry.level, limit) for limit in entry.limits]
            case RankAmendment():
                folded.ranks[entry.target].append(entry.rank)
            case Amendment():
                acts.setdefault(entry.target, []).append(entry)
            case Notice():
                folded.notices.append(entry)
            case Presumption():
                for case in entry.cases:
                    folded.presumptions.setdefault(case.field, []).append((entry.level, case))
            case Rule() | Duty():
                pass
            case _ as unreachable:
                assert_never(unreachable)
    for name, value in policy.given.items():
        folded.parameters[name] = (value, True)
    for entry in policy.declarations:
        if isinstance(entry, Rule):
            merged = _merge(entry, TRUE, acts.get(entry.name, []), policy.as_of)
            if merged is not None:
                folded.rules[entry.decision].append((entry, merged[0]))
        elif isinstance(entry, Duty):
            merged = _merge(entry, entry.demand, acts.get(entry.name, []), policy.as_of)
            if merged is not None:
                folded.duties.append((entry, *merged))
    return folded


def _merge(base: Rule | Duty, demand: Cond, acts: list[Amendment], day: datetime.date) -> tuple[Cond, Cond] | None:
    """当 and what is demanded after every amendment; None where the provision is out of force or stopped."""
    when: Cond = And((base.when if base.when is not None else TRUE, *(Not(e) for e in base.exceptions)))
    alive = base.force.holds(day)
    for act in acts:
        if not act.force.holds(day):
            continue
        if act.restate:
            alive = True
            continue
        if act.stop:
            return None
        if not alive:
            continue
        for kind in ("还须", "仅限", "还应当", "还不得", "或者", "除外"):
            for written, body in act.operations:
                if written != kind:
                    continue
                match kind:
                    case "还须" | "仅限":
                        when = And((when, body))
                    case "还应当":
                        demand = And((demand, body))
                    case "还不得":
                        demand = Or((demand, body))
                    case "或者":
                        when = Or((when, body))
                    case _:
                        when = And((when, Not(body)))
    return (when, demand) if alive else None

"""Lower layers applied to upper ones (section 6 of the language page), as of the policy's date.

Why this exists: apart from `naive`, because folding is about what was written and evaluation about a record.
"""

from __future__ import annotations

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
    Table,
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
    lists: dict[str, tuple[tuple[str, ...], bool, tuple[str, ...]]] = field(default_factory=dict)
    """Values, whether open, and what surely does not belong (a list gives 自定, so what is added belongs)."""
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
    settings: dict[str, list[Setting]] = {}
    for entry in sorted(policy.declarations, key=lambda declared: declared.level):
        match entry:
            case Parameter():
                begun = [value for since, value in sorted(entry.dated, key=lambda d: d[0]) if since <= policy.as_of]
                folded.parameters[entry.name] = (begun[-1] if begun else entry.value, entry.state == "fixed")
            case Setting() if entry.since is not None and entry.since > policy.as_of:
                pass
            case Setting():
                settings.setdefault(entry.target, []).append(entry)
            case ListDecl():
                folded.lists[entry.name] = (entry.items, entry.open, entry.without)
            case Extension() if entry.target in folded.lists:
                items, open_, without = folded.lists[entry.target]
                folded.lists[entry.target] = (tuple(dict.fromkeys((*items, *entry.items))), open_, without)
            case Extension():
                folded.values[entry.target] = tuple(dict.fromkeys((*folded.values[entry.target], *entry.items)))
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
            case Rule() | Duty() | Table():
                pass
            case _ as unreachable:
                assert_never(unreachable)
    for name, set_ in settings.items():
        # The lowest layers that set it: a policy that loads has them agree.
        overruled = {upper for entry in set_ for upper in policy.above(entry.level)}
        values = {entry.value for entry in set_ if entry.level not in overruled}
        assert len(values) == 1, name
        folded.parameters[name] = (values.pop(), True)
    for name, value in policy.given.items():
        folded.parameters[name] = (value, True)
    for entry in policy.declarations:
        for rule in rows_of(entry) if isinstance(entry, Table) else (entry,) if isinstance(entry, Rule) else ():
            merged = _merge(policy, rule, TRUE, acts.get(rule.name, []))
            if merged is not None:
                folded.rules[rule.decision].append((rule, merged[0]))
        if isinstance(entry, Rule | Table):
            continue
        if isinstance(entry, Duty):
            merged = _merge(policy, entry, entry.demand, acts.get(entry.name, []))
            if merged is not None:
                folded.duties.append((entry, *merged))
    return folded


def rows_of(table: Table) -> tuple[Rule, ...]:
    """The rules that the rows of a table are (5.17): all cells hold; under 取首行, and for 其余, none of the rows above."""
    found: list[Rule] = []
    above: list[Cond] = []
    for number, row in enumerate(table.rows, 1):
        when = And(tuple(cell for cell in row.cells if cell is not None))
        exceptions = tuple(above) if table.meeting == "取首行" else ()
        name = f"{table.name}·{number}"
        found.append(
            Rule(name, table.object, table.decision, row.values, when, exceptions, row.tone, level=table.level)
        )
        above.append(when)
    if table.rest:
        name = f"{table.name}·{len(table.rows) + 1}"
        found.append(Rule(name, table.object, table.decision, table.rest, None, tuple(above), None, level=table.level))
    return tuple(found)


def _merge(policy: Policy, base: Rule | Duty, demand: Cond, acts: list[Amendment]) -> tuple[Cond, Cond] | None:
    """当 and what is demanded after every amendment; None where the provision is out of force or stopped. Layers beside each
    other all narrow or all widen, so that any order does which has upper layers first."""
    when: Cond = And((base.when if base.when is not None else TRUE, *(Not(e) for e in base.exceptions)))
    acts = [act for act in acts if act.force.holds(policy.as_of)]
    if any(act.stop for act in acts):
        return None
    restating = [act.level for act in acts if act.restate]
    holds = base.force.holds(policy.as_of)
    for act in acts:
        if act.restate or not (holds or any(level in policy.above(act.level) for level in restating)):
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
    return (when, demand) if holds or restating else None

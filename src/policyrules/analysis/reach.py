"""What a decision, duty, prohibition or notice depends on, through any number of names.

Why this exists: to ask one question of a program, only the part of it that can bear on the answer need be evaluated;
and a change of one provision can be noticed only where something that depends on it is looked at.

Invariants: `sliced` gives the same results for its targets as the whole program does; nothing here evaluates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from policyrules.analysis.provisions import walk
from policyrules.program import nodes as pn

Name: TypeAlias = tuple[str, ...]
"""``("术语", name)``, ``("统计", name)``, ``("决定", name)``, ``("参数", name)``, ``("清单", name)``, ``("规则", name)``,
``("推定", object, field)``, or ``("条", name)`` for a duty, prohibition or notice."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``reads``: each declaration and the declarations it reads directly."""

    reads: dict[Name, tuple[Name, ...]]

    def of(self, names: Iterable[Name]) -> dict[Name, None]:
        """``names`` and everything they depend on, nearest first."""
        found: dict[Name, None] = dict.fromkeys(names)
        waiting = list(found)
        while waiting:
            for other in self.reads.get(waiting.pop(), ()):
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return found

    def target(self, name: str) -> Name | None:
        """The decision, duty, prohibition or notice called ``name``."""
        return next((key for key in (("决定", name), ("条", name)) if key in self.reads), None)

    def words(self, name: str) -> frozenset[str]:
        """Plain names of everything the decision or finding ``name`` depends on, itself included."""
        target = self.target(name)
        return frozenset() if target is None else frozenset(part[-1] for part in self.of([target]))


def reach_of(program: pn.Program) -> Reach:
    """The graph of one program."""
    return Reach({name: tuple(_references(program, bodies)) for name, bodies in _declarations(program)})


def sliced(program: pn.Program, reach: Reach, targets: Iterable[str]) -> pn.Program:
    """``program`` with only what its decisions and findings ``targets`` depend on."""
    kept = reach.of(key for name in targets if (key := reach.target(name)) is not None)
    return replace(
        program,
        terms={n: t for n, t in program.terms.items() if ("术语", n) in kept},
        statistics={n: s for n, s in program.statistics.items() if ("统计", n) in kept},
        decisions={n: d for n, d in program.decisions.items() if ("决定", n) in kept},
        rules={n: r for n, r in program.rules.items() if ("规则", n) in kept},
        duties={n: d for n, d in program.duties.items() if ("条", n) in kept},
        notices={n: d for n, d in program.notices.items() if ("条", n) in kept},
        presumptions={key: p for key, p in program.presumptions.items() if ("推定", *key) in kept},
        order=tuple((kind, name) for kind, name in program.order if (_KINDS[kind], *_parts(kind, name)) in kept),
    )


_KINDS = {"term": "术语", "statistic": "统计", "decision": "决定", "rule": "规则", "presumption": "推定"}


def _parts(kind: str, name: str) -> list[str]:
    return name.split(".", 1) if kind == "presumption" else [name]


def _declarations(program: pn.Program) -> Iterator[tuple[Name, tuple[pn.Expr | None, ...] | pn.Decision]]:
    for term in program.terms.values():
        yield ("术语", term.name), (term.body,)
    for statistic in program.statistics.values():
        parts = (*statistic.same, statistic.where, statistic.match, statistic.value)
        yield ("统计", statistic.name), parts
    for key, presumption in program.presumptions.items():
        yield ("推定", *key), tuple(case.when for case in presumption.cases)
    for rule in program.rules.values():
        yield ("规则", rule.name), (rule.when,)
    for decision in program.decisions.values():
        yield ("决定", decision.name), decision
    for duty in program.duties.values():
        yield ("条", duty.name), (duty.when, duty.demand, duty.deadline)
    for notice in program.notices.values():
        yield ("条", notice.name), (notice.when,)


def _references(program: pn.Program, bodies: tuple[pn.Expr | None, ...] | pn.Decision) -> Iterator[Name]:
    if isinstance(bodies, pn.Decision):
        yield from (("规则", name) for name in (*bodies.rules, *bodies.supplements))
        bodies = (bodies.applies, *(rank.when for rank in bodies.ranks))
    for body in bodies:
        for node in walk(body):
            yield from _named(program, node)


def _named(program: pn.Program, node: pn.Expr) -> Iterator[Name]:
    match node:
        case pn.FieldValue(field=field):
            if (field.object, field.name) in program.presumptions:
                yield "推定", field.object, field.name
        case pn.ParameterValue(name=name) | pn.ParameterFilled(name=name):
            yield "参数", name
        case pn.TermValue(name=name):
            yield "术语", name
        case pn.StatisticValue(name=name):
            yield "统计", name
        case pn.DecisionValue(name=name) | pn.DecisionIs(decision=name) | pn.DecisionHas(decision=name):
            yield "决定", name
        case pn.Member(right=values) | pn.Overlaps(right=pn.ValueSet() as values):
            if values.parameter is not None:
                yield "参数", values.parameter
            if values.list is not None:
                yield "清单", values.list
        case _:
            return

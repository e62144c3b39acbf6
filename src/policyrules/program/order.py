"""Dependencies between definitions: an order in which each reads only earlier ones, or the whole cycle as an error.

Why this exists: every evaluation ends, in time linear in the size of the rules; so nothing may read itself, not even
through a portfolio aggregate. Chains are bounded, so that no engine runs out of stack.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final, TypeAlias

from policyrules.diagnostics import Diagnostic, Label
from policyrules.program import nodes as core
from policyrules.source import Span

Node: TypeAlias = tuple[str, str]
"""(kind, name): ``term``, ``statistic``, ``presumption`` (name ``对象.字段``), ``decision``, ``rule``."""

MAX_CHAIN: Final = 200


def reads(value: object, presumed: frozenset[tuple[str, str]]) -> Iterator[Node]:
    """The definitions that an expression (or a tuple of them) reads directly, in order of appearance. Iterative: flat
    conditions may be very wide."""
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        match item:
            case core.TermValue():
                yield ("term", item.name)
            case core.StatisticValue():
                yield ("statistic", item.name)
            case core.DecisionValue():
                yield ("decision", item.name)
            case core.DecisionIs() | core.DecisionHas():
                yield ("decision", item.decision)
            case core.FieldValue():
                if (item.field.object, item.field.name) in presumed:
                    yield ("presumption", f"{item.field.object}.{item.field.name}")
            case core.FieldFilled() | core.Field() | core.Origin() | Span():
                pass
            case tuple():
                stack.extend(reversed(item))
            case _ if dataclasses.is_dataclass(item):
                stack.extend(getattr(item, part.name) for part in reversed(dataclasses.fields(item)))
            case _:
                pass


def graph(
    terms: dict[str, core.Term],
    statistics: dict[str, core.Statistic],
    decisions: dict[str, core.Decision],
    rules: dict[str, core.Rule],
    presumptions: dict[tuple[str, str], core.Presumption],
) -> dict[Node, tuple[Node, ...]]:
    """What each definition reads."""
    presumed = frozenset(presumptions)
    edges: dict[Node, tuple[Node, ...]] = {}

    def add(node: Node, *values: object, extra: tuple[Node, ...] = ()) -> None:
        edges[node] = tuple(dict.fromkeys([*reads(values, presumed), *extra]))

    for name, term in terms.items():
        add(("term", name), term.body)
    for name, statistic in statistics.items():
        add(("statistic", name), statistic.same, statistic.where, statistic.match, statistic.value)
    for (object_, field), presumption in presumptions.items():
        add(("presumption", f"{object_}.{field}"), tuple(case.when for case in presumption.cases))
    for name, rule in rules.items():
        add(("rule", name), rule.when)
    for name, decision in decisions.items():
        concluding: tuple[Node, ...] = tuple(("rule", rule) for rule in (*decision.rules, *decision.supplements))
        add(("decision", name), decision.applies, tuple(rank.when for rank in decision.ranks), extra=concluding)
    return edges


def sort(edges: dict[Node, tuple[Node, ...]], spans: dict[Node, Span]) -> tuple[tuple[Node, ...], list[Diagnostic]]:
    """Topological order (each after what it reads), and a diagnostic for every cycle found and every chain too long."""
    diagnostics: list[Diagnostic] = []
    state: dict[Node, int] = {}
    depth: dict[Node, int] = {}
    order: list[Node] = []
    for start in edges:
        if start in state:
            continue
        path: list[Node] = []
        stack: list[tuple[Node, Iterator[Node]]] = [(start, iter(edges[start]))]
        state[start] = 1
        path.append(start)
        while stack:
            node, following = stack[-1]
            advanced = False
            for child in following:
                if child not in edges:
                    continue
                if state.get(child) == 1:
                    diagnostics.append(_cycle(path[path.index(child) :], spans))
                elif child not in state:
                    state[child] = 1
                    path.append(child)
                    stack.append((child, iter(edges[child])))
                    advanced = True
                    break
            if not advanced:
                stack.pop()
                path.pop()
                state[node] = 2
                order.append(node)
                depth[node] = 1 + max((depth.get(child, 0) for child in edges[node]), default=0)
                if depth[node] == MAX_CHAIN + 1 and node in spans:
                    diagnostics.append(
                        Diagnostic(
                            "E210",
                            f"“{node[1]}”往下一环套一环，超过 {MAX_CHAIN} 层",
                            spans[node],
                            remedy="把中间的术语合并",
                        )
                    )
    return tuple(order), diagnostics


def _cycle(cycle: list[Node], spans: dict[Node, Span]) -> Diagnostic:
    # The cycle is told from its least name on, so that it reads the same whatever the order of files.
    least = cycle.index(min(cycle))
    cycle = [*cycle[least:], *cycle[:least]]
    names = " → ".join(name for _, name in [*cycle, cycle[0]])
    labels = tuple(Label(spans[node], f"{node[1]} 在这里") for node in cycle[1:] if node in spans)
    return Diagnostic(
        "E209", f"相互引用成了圈：{names}", spans.get(cycle[0]), remedy="去掉其中一处引用", related=labels
    )

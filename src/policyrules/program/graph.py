"""The graph of names: what is defined, what each definition reads, in which order, and how deep.

Why this exists: every evaluation must end, in time linear in the size of the rules, so nothing may read itself, not even
through a portfolio aggregate; statistics are built stratum by stratum; other readings are tried only where they can
matter; one question needs only the part of a program that can bear on it. All of that is asked of this one graph.

Invariants: names and reads are in the order of the program's tables and of the text; nothing here evaluates; a program
that was loaded has no cycle and no chain of more than `MAX_CHAIN` names.

So an engine may simply recurse: `depth` says how far, counted from the definition that is asked for, one level for each
definition entered and one for each node in it. The deepest of the real stacks needs 32.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, NamedTuple, TypeAlias, TypeVar

from policyrules.diagnostics import Diagnostic, Label
from policyrules.operators import HOLIDAYS, WORKDAYS, WORKED
from policyrules.program import nodes as core
from policyrules.program.walk import Declaration, expressions, levels, walk
from policyrules.source import Span

MAX_CHAIN: Final = 200


class Kind(Enum):
    """What is defined; the value is the word of the language."""

    PARAMETER = "参数"
    LIST = "清单"
    TERM = "术语"
    STATISTIC = "统计"
    PRESUMPTION = "推定"
    RULE = "规则"
    DECISION = "决定"
    DUTY = "义务"
    NOTICE = "提示"


class Name(NamedTuple):
    """What a definition is called. ``object`` tells presumptions apart, whose ``word`` is their field; '' for the rest.

    >>> str(Name(Kind.TERM, "停产")), str(Name(Kind.PRESUMPTION, "状态", "项目"))
    ('停产', '项目.状态')
    """

    kind: Kind
    word: str
    object: str = ""

    def __str__(self) -> str:
        return f"{self.object}.{self.word}" if self.object else self.word


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition. ``object``: what it speaks of, '' for parameters and lists; ``bodies``: its expressions; ``reads``:
    the names in them, in order of appearance; a decision reads its rules besides. ``place``: where it stands among all, kind by kind
    as they are declared."""

    name: Name
    object: str
    bodies: tuple[core.Expr, ...]
    reads: tuple[Name, ...]
    place: int


Graph: TypeAlias = Mapping[Name, Definition]


# ---- the names of a program -----------------------------------------------------------------------------------------


def definitions(program: core.Program, like: tuple[core.Program, Graph] | None = None) -> dict[Name, Definition]:
    """The graph of a program. What a definition reads need not be defined while a program is being built. ``like``: another
    program that presumes on the same fields, and its graph, for the declarations that they share."""
    graph: dict[Name, Definition] = {}
    known = {} if like is None else {name: declaration for name, _, declaration in _declared(like[0])}
    for name, object_, declaration in _declared(program):
        if like is not None and known.get(name) is declaration:
            graph[name] = replace(like[1][name], place=len(graph))
            continue
        bodies = () if isinstance(declaration, core.Parameter | core.ValueList) else expressions(declaration)
        found = dict.fromkeys(read for node in walk(*bodies) for read in reads(node, program.presumptions))
        if isinstance(declaration, core.Decision):
            rules = (*declaration.rules, *declaration.supplements)
            found.update(dict.fromkeys(Name(Kind.RULE, rule) for rule in rules))
        graph[name] = Definition(name, object_, bodies, tuple(found), len(graph))
    return graph


def _declared(program: core.Program) -> Iterator[tuple[Name, str, Declaration | core.Parameter | core.ValueList]]:
    for parameter in program.parameters.values():
        yield Name(Kind.PARAMETER, parameter.name), "", parameter
    for values in program.lists.values():
        yield Name(Kind.LIST, values.name), "", values
    for term in program.terms.values():
        yield Name(Kind.TERM, term.name), term.object, term
    for statistic in program.statistics.values():
        yield Name(Kind.STATISTIC, statistic.name), statistic.object, statistic
    for (object_, field), presumption in program.presumptions.items():
        yield Name(Kind.PRESUMPTION, field, object_), object_, presumption
    for rule in program.rules.values():
        yield Name(Kind.RULE, rule.name), rule.object, rule
    for decision in program.decisions.values():
        yield Name(Kind.DECISION, decision.name), decision.object, decision
    for duty in program.duties.values():
        yield Name(Kind.DUTY, duty.name), duty.object, duty
    for notice in program.notices.values():
        yield Name(Kind.NOTICE, notice.name), notice.object, notice


def reads(node: core.Expr, presumed: Container[tuple[str, str]] = ()) -> Iterator[Name]:
    """The names that this one node reads, its parts left out; ``presumed``: the fields (object, name) presumed on."""
    match node:
        case core.FieldValue(field=field):
            if (field.object, field.name) in presumed:
                yield Name(Kind.PRESUMPTION, field.name, field.object)
        case core.ParameterValue(name=name) | core.ParameterFilled(name=name):
            yield Name(Kind.PARAMETER, name)
        case core.TermValue(name=name):
            yield Name(Kind.TERM, name)
        case core.StatisticValue(name=name):
            yield Name(Kind.STATISTIC, name)
        case (
            core.DecisionValue(name=name)
            | core.AmountValue(name=name)
            | core.DecisionIs(decision=name)
            | core.DecisionHas(decision=name)
        ):
            yield Name(Kind.DECISION, name)
        case core.Member() | core.Overlaps() | core.Subset() | core.Less():
            if isinstance(node.right, core.ListRef):
                yield Name(Kind.LIST, node.right.name)
            elif isinstance(node.right, core.ParameterRef):
                yield Name(Kind.PARAMETER, node.right.name)
        case core.Apply(operator=operator) if operator in WORKDAYS:
            yield Name(Kind.LIST, HOLIDAYS)
            yield Name(Kind.LIST, WORKED)
        case _:
            return


# ---- order, cycles and depth ----------------------------------------------------------------------------------------

N = TypeVar("N", bound=Hashable)


def ordered(reading: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], list[tuple[N, ...]]]:
    """The keys, each after what it reads, and every cycle met on the way, in the direction of reading. What is read and
    is no key is passed over. (`graphlib` tells of one cycle only, and a load reports all of them.)

    >>> ordered({"a": ["b", "x"], "b": ["c"], "c": []})
    (('c', 'b', 'a'), [])
    >>> ordered({"a": ["b"], "b": ["a"], "c": ["c"]})[1]
    [('a', 'b'), ('c',)]
    """
    order: list[N] = []
    cycles: list[tuple[N, ...]] = []
    done: set[N] = set()
    path: dict[N, Iterator[N]] = {}
    for start in reading:
        if start in done:
            continue
        path[start] = iter(reading[start])
        while path:
            name, following = next(reversed(path.items()))
            for other in following:
                if other in path:
                    way = list(path)
                    cycles.append(tuple(way[way.index(other) :]))
                elif other in reading and other not in done:
                    path[other] = iter(reading[other])
                    break
            else:
                path.popitem()
                done.add(name)
                order.append(name)
    return tuple(order), cycles


def refusals(graph: Graph, places: Mapping[Name, Span]) -> list[Diagnostic]:
    """A diagnostic for every cycle, and one where a chain of names first gets too long. ``places``: where the names are
    written; what stands in none of them is not reported."""
    order, cycles = ordered({name: definition.reads for name, definition in graph.items()})
    found = [cycle_refused(cycle, places) for cycle in cycles]
    lengths: dict[Name, int] = {}
    for name in order:
        below = graph[name].reads
        # Parameters and lists are values, and nothing reads a duty or a notice: none of them is a link of a chain.
        link = name.kind not in (Kind.PARAMETER, Kind.LIST, Kind.DUTY, Kind.NOTICE)
        lengths[name] = link + max((lengths.get(other, 0) for other in below), default=0)
        if link and lengths[name] == MAX_CHAIN + 1 and name in places:
            message = f"“{name}”往下一环套一环，超过 {MAX_CHAIN} 层"
            found.append(Diagnostic("E210", message, places[name], remedy="把中间的术语合并"))
    return found


def depth(graph: Graph) -> int:
    """Levels of the deepest definition: how far an evaluation may have to recurse."""
    depths: dict[Name, int] = {}
    for name in ordered({name: definition.reads for name, definition in graph.items()})[0]:
        depths[name] = _depth(graph[name], depths)
    return max(depths.values(), default=0)


def _depth(definition: Definition, depths: Mapping[Name, int]) -> int:
    """Levels from the definition down; ``depths`` are those of what it reads, as far as they are known."""
    deepest = 0
    if definition.name.kind is Kind.DECISION:
        deepest = max((depths.get(other, 0) for other in definition.reads if other.kind is Kind.RULE), default=0)
    presumed = [(name.object, name.word) for name in definition.reads if name.kind is Kind.PRESUMPTION]
    for body in definition.bodies:
        for node, level in levels(body):
            below = max((depths.get(name, 0) for name in reads(node, presumed)), default=0)
            deepest = max(deepest, level + below)
    return 1 + deepest


def cycle_refused(cycle: Sequence[Name], places: Mapping[Name, Span]) -> Diagnostic:
    """The diagnostic for names that read each other, told from the least of them on, so that it reads the same whatever
    the order of files."""
    least = cycle.index(min(cycle, key=lambda name: (name.kind.name, str(name))))
    told = [*cycle[least:], *cycle[:least]]
    names = " → ".join(str(name) for name in [*told, told[0]])
    labels = tuple(Label(places[name], f"{name} 在这里") for name in told[1:] if name in places)
    return Diagnostic(
        "E209", f"相互引用成了圈：{names}", places.get(told[0]), remedy="去掉其中一处引用", related=labels
    )


def strata(graph: Graph) -> dict[str, int]:
    """Each statistic, and how many statistics deep what it reads is, from 0: an order to build them in."""
    order, _ = ordered({name: definition.reads for name, definition in graph.items()})
    found: dict[Name, int] = {}
    for name in order:
        below = (found[other] + (other.kind is Kind.STATISTIC) for other in graph[name].reads if other in found)
        found[name] = max(below, default=0)
    return {name.word: stratum for name, stratum in found.items() if name.kind is Kind.STATISTIC}


# ---- what bears on what ---------------------------------------------------------------------------------------------


def reachable(graph: Graph, names: Iterable[Name]) -> dict[Name, None]:
    """``names`` and everything they read, through any number of others, each once."""
    found: dict[Name, None] = dict.fromkeys(names)
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        for other in graph[name].reads if name in graph else ():
            if other not in found:
                found[other] = None
                waiting.append(other)
    return found


def readers(graph: Graph) -> dict[Name, list[Name]]:
    """Of each name what reads it."""
    found: dict[Name, list[Name]] = {}
    for name, definition in graph.items():
        for other in definition.reads:
            found.setdefault(other, []).append(name)
    return found


def turning_on(read_by: Mapping[Name, Iterable[Name]], names: Iterable[Name]) -> frozenset[Name]:
    """``names`` and all that read one of them, through any number of others; ``read_by``: the `readers` of each name."""
    found = set(names)
    waiting = list(found)
    while waiting:
        for name in read_by.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def result_named(graph: Graph, word: str) -> Name | None:
    """The decision, duty, prohibition or notice called ``word``: what a result is given for."""
    kinds = (Kind.DECISION, Kind.DUTY, Kind.NOTICE)
    return next((name for name in (Name(kind, word) for kind in kinds) if name in graph), None)


def bearing_on(graph: Graph, word: str) -> frozenset[str]:
    """The words of everything the decision or finding ``word`` depends on, its own among them."""
    name = result_named(graph, word)
    return frozenset() if name is None else frozenset(other.word for other in reachable(graph, [name]))


def inputs(graph: Graph, words: Iterable[str]) -> tuple[dict[core.Field, None], dict[str, None]]:
    """The fields that the decisions and findings ``words`` can depend on, and the objects whose rows they look at, through
    any number of names, each once, in the order met."""
    fields: dict[core.Field, None] = {}
    objects: dict[str, None] = {}
    for name in reachable(graph, (name for word in words if (name := result_named(graph, word)) is not None)):
        if name not in graph:
            continue
        objects.update(dict.fromkeys([graph[name].object] if graph[name].object else []))
        for node in walk(*graph[name].bodies):
            match node:
                case core.FieldValue(field=field) | core.Filled(field=field):
                    fields[field] = None
                case core.Quantified(rows=rows) | core.Aggregate(rows=rows) | core.Supplied(rows=rows):
                    objects[rows.object] = None
                case _:
                    pass
    return fields, objects


def sliced(program: core.Program, graph: Graph, words: Iterable[str]) -> core.Program:
    """``program`` with only what its decisions and findings ``words`` depend on; their results stay the same."""
    return reaching(program, graph, (name for word in words if (name := result_named(graph, word)) is not None))


def reaching(program: core.Program, graph: Graph, names: Iterable[Name]) -> core.Program:
    """``program`` with only what ``names`` and what they read through any number of names is, in the order in which it was declared.
    ``graph``: that of the program. What is left out is not looked at: one program may be cut down to each of its decisions."""
    found = [graph[name] for name in reachable(graph, names) if name in graph]
    kept: dict[Kind, list[Name]] = {kind: [] for kind in Kind}
    for one in sorted(found, key=lambda one: one.place):
        kept[one.name.kind].append(one.name)
    return replace(
        program,
        terms=_kept(program.terms, kept[Kind.TERM]),
        statistics=_kept(program.statistics, kept[Kind.STATISTIC]),
        decisions=_kept(program.decisions, kept[Kind.DECISION]),
        rules=_kept(program.rules, kept[Kind.RULE]),
        duties=_kept(program.duties, kept[Kind.DUTY]),
        notices=_kept(program.notices, kept[Kind.NOTICE]),
        presumptions={
            (one.object, one.word): program.presumptions[one.object, one.word] for one in kept[Kind.PRESUMPTION]
        },
    )


D = TypeVar("D")


def _kept(table: Mapping[str, D], names: Iterable[Name]) -> dict[str, D]:
    return {name.word: table[name.word] for name in names}

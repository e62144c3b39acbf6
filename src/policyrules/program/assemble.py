"""Assembling the typed program: from the layers of a stack to one `Program`, with every finding of checking and merging.

Why this exists: this is the one place that knows the order of the phases. Each reports into one list and leaves out what
failed, so that one load reports everything and what is sound still stands.

Invariant: there is always a program. Where a declaration failed it has a hole, and others may name what is not in it;
without an error among the diagnostics it has none, and keeps every promise of `nodes`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.amounts import too_long
from policyrules.program.check import Checker
from policyrules.program.costs import too_many_readings
from policyrules.program.decision_tables import checked_tables
from policyrules.program.definitions import checked_statistics, checked_terms, statistic_type
from policyrules.program.fingerprints import Meanings
from policyrules.program.graph import Graph, Kind, Name, definitions, refusals
from policyrules.program.layers import Layer, parallel
from policyrules.program.merge import (
    Merge,
    merged_duties,
    merged_notices,
    merged_rules,
    unresolved_acts,
)
from policyrules.program.parameters import (
    Decided,
    build_decided,
    build_list,
    build_parameter,
    list_without,
    parameter_type,
)
from policyrules.program.pins import Pins
from policyrules.program.presumptions import merged_presumptions
from policyrules.program.ranges import NumberLength
from policyrules.program.ranking import merged_decisions
from policyrules.program.symbols import Symbols
from policyrules.program.table_space import Known
from policyrules.program.truisms import truisms
from policyrules.program.workdays import calendar_findings
from policyrules.source import Span
from policyrules.types import Type


@dataclass(frozen=True, slots=True)
class Ground:
    """What provisions stand on and none of them changes: decisions, terms with how long their numbers get, statistics, the types
    of all; ``hashes``: of terms and statistics what they mean, as they are asked for, by the layers that are not seen."""

    types: Mapping[str, Type | None]
    decided: dict[str, Decided]
    terms: dict[str, core.Term]
    statistics: dict[str, core.Statistic]
    lengths: Mapping[str, NumberLength]
    hashes: dict[frozenset[int], dict[tuple[str, str], str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A stack as of a date: the program, perhaps with holes, and what of it stands under provisions, with its ``graph``; every declared name; pins for the lock files; findings; of a stack
    that a trial varies the ``verdicts``: acts that go beyond an authority and are not refused."""

    program: core.Program
    ground: Ground
    graph: Graph
    symbols: Symbols
    pins: Pins
    diagnostics: tuple[Diagnostic, ...]
    verdicts: tuple[Diagnostic, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing failed: the program has no hole and may be evaluated."""
        return all(diagnostic.severity != "error" for diagnostic in self.diagnostics)


@dataclass(frozen=True, slots=True)
class Upper:
    """What all layers but the lowest come to alone, without a finding of `assemble`; ``touched``: the provisions that the lowest writes or acts
    on. All else is as it is there."""

    checked: Checked
    touched: Collection[str]


def assemble(names: Symbols, as_of: datetime.date, upper: Upper | None = None) -> Checked:
    """Check and merge all that declares ``names`` as of ``as_of``. ``upper``: what the layers above the lowest come to, where that
    changes nothing but what it touches."""
    symbols = names.copy()
    unresolved_acts(symbols)
    if upper is None:
        for listed in map(lambda declared: build_list(symbols, declared, as_of), symbols.declared(surface.ListDecl)):
            if listed is not None:
                symbols.lists[listed.name] = listed
    else:
        symbols.lists.update(upper.checked.symbols.lists)
        symbols.added.update(upper.checked.symbols.added)
    types: dict[str, Type | None] = {}
    parameters = _parameters(symbols, types, as_of)
    ground = _ground(symbols, types) if upper is None else upper.checked.ground
    checker = Checker(symbols, {**ground.types, **types}.get)
    checker.lengths.update(ground.lengths)
    checker.bodies.update((name, term.body) for name, term in ground.terms.items())
    bare = {} if symbols.naming is None else symbols.naming.bare

    meanings: dict[frozenset[int], Meanings] = {}

    def fingerprint(seen: object, layer: Layer) -> str:
        # What documents beside a layer add to a list is not what the layer sees.
        beside = frozenset(other.level for other in symbols.layers if parallel(layer, other))
        if beside not in meanings:
            lists = {name: list_without(symbols, listed, beside) for name, listed in symbols.lists.items()}
            known = ground.hashes.setdefault(beside, {})
            meanings[beside] = Meanings(ground.terms, lists, ground.statistics, known, bare)
        return meanings[beside].hash_of(seen)

    merge = Merge(symbols, as_of, checker, ground.decided, fingerprint)
    presumptions = merged_presumptions(merge)
    if upper is not None:
        _keep(merge, upper)
    defaulted = frozenset(name for name, one in ground.decided.items() if one.node.default is not None)
    known = Known(ground.terms, ground.statistics, parameters, symbols.lists, defaulted, frozenset(presumptions))
    merge.rows = checked_tables(merge, known)
    rules = merged_rules(merge)
    duties = merged_duties(merge)
    notices = merged_notices(merge)
    decisions = merged_decisions(merge, rules)
    program = core.Program(
        as_of=as_of,
        layers=tuple(layer.id for layer in symbols.layers),
        root=symbols.root,
        objects=_objects(symbols),
        fields={info.name: info.fields for info in symbols.ordered_objects()},
        parameters=parameters,
        lists=symbols.lists,
        terms=ground.terms,
        statistics=ground.statistics,
        decisions=decisions,
        rules=rules,
        duties=duties,
        notices=notices,
        presumptions=presumptions,
        stopped=tuple(sorted(merge.stopped, key=lambda item: (item.name, item.by.layer))),
        siblings=symbols.siblings,
    )
    above = None if upper is None else upper.checked
    graph = definitions(program, None if above is None else (above.program, above.graph))
    places = _places(symbols, program)
    symbols.found.extend(refusals(graph, places))
    symbols.found.extend(filter(None, [too_many_readings(program, graph)]))
    symbols.found.extend(too_long(program, graph, places, checker.lengths))
    symbols.found.extend(truisms(program, None if above is None else above.program))
    symbols.found.extend(calendar_findings(program, symbols, graph))
    return Checked(program, ground, graph, symbols, merge.pins, tuple(symbols.found), tuple(symbols.verdicts))


def _ground(symbols: Symbols, types: dict[str, Type | None]) -> Ground:
    """``types``: those of the parameters, added to."""
    checker = Checker(symbols, types.get)
    decided: dict[str, Decided] = {}
    for decision in symbols.declared(surface.DecisionDecl):
        found = build_decided(symbols, decision)
        types[decision.name] = None if found is None else found.type
        if found is not None:
            decided[found.name] = found
    types |= {one.name: statistic_type(symbols, one.node, types) for one in symbols.declared(surface.StatisticDecl)}
    terms = checked_terms(symbols, checker, types)
    statistics = checked_statistics(symbols, checker, types)
    return Ground(types, decided, terms, statistics, checker.lengths, {})


def _keep(merge: Merge, upper: Upper) -> None:
    """Take over what the layers above the lowest come to alone, but for what it touches, and the rows of tables, which are
    looked at together."""
    above = upper.checked.program
    made: dict[str, core.Rule | core.Duty | core.Notice] = {**above.rules, **above.duties, **above.notices}
    for name, declared in upper.checked.symbols.provisions.items():
        row = isinstance(declared.node, surface.RuleDecl) and declared.node.table is not None
        if name not in upper.touched and not row:
            merge.kept[name] = made.get(name)
    merge.stopped.extend(one for one in above.stopped if one.name in merge.kept)
    merge.pins.update((layer, dict(own)) for layer, own in upper.checked.pins.items())


def _parameters(symbols: Symbols, types: dict[str, Type | None], as_of: datetime.date) -> dict[str, core.Parameter]:
    parameters: dict[str, core.Parameter] = {}
    for declared in symbols.declared(surface.ParameterDecl):
        type_ = types[declared.name] = parameter_type(symbols, declared.node)
        parameter = None if type_ is None else build_parameter(symbols, declared, type_, as_of)
        if parameter is not None:
            named = symbols.varied is not None and parameter.name in symbols.varied.named
            # A number that a trial named is no default that somebody may have forgotten, and the caller may set it.
            set_ = replace(parameter, state="set", setter=parameter.origin) if named else parameter
            parameters[parameter.name] = set_
    return parameters


def _objects(symbols: Symbols) -> dict[str, core.ObjectKind]:
    infos = symbols.ordered_objects()
    result: dict[str, core.ObjectKind] = {}
    for info in infos:
        children = tuple(child.name for child in infos if child.parent == info.name)
        identity = info.identity.text if info.identity is not None else None
        result[info.name] = core.ObjectKind(info.name, info.key, info.parent, identity, children, info.origin)
    return result


def _places(symbols: Symbols, program: core.Program) -> dict[Name, Span]:
    """Where the names that may read each other are written."""
    places: dict[Name, Span] = {}
    for kind, node in ((Kind.TERM, surface.TermDecl), (Kind.STATISTIC, surface.StatisticDecl)):
        places |= {Name(kind, one.name): one.node.name.span for one in symbols.declared(node)}
    places |= {Name(Kind.DECISION, one.name): one.node.name.span for one in symbols.declared(surface.DecisionDecl)}
    places |= {Name(Kind.RULE, one.name): one.node.name.span for one in symbols.declared(surface.RuleDecl)}
    for (object_, field), presumption in program.presumptions.items():
        places[Name(Kind.PRESUMPTION, field, object_)] = presumption.cases[0].origin.span
    return places

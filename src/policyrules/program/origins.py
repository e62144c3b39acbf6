"""Everything a program was made from: each declaration and each amendment, once, in a canonical order.

Why this exists: coverage, the list of differences and the documentation ask "which declarations rest on this clause?",
whatever kind of declaration it is. One list answers, so that no kind is forgotten in one of them.

Invariants: every table of `Program` that carries an `Origin` is visited; the order depends on the layer, the path and
the place in the file alone; a declaration that stands at several places of the program is listed once.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyrules.program.nodes import Field, ObjectKind, Origin, Program, Statistic, Term


def origins_of(program: Program) -> tuple[Origin, ...]:
    """All declarations and amendments of ``program``: upper layers first, within a layer by path and position.

    Stopped and lapsed declarations are among them, with what stopped them.
    """
    levels = {layer: index for index, layer in enumerate(program.layers)}
    unique = {origin_key(origin): origin for origin in _all(program)}
    return tuple(unique[key] for key in sorted(unique, key=lambda key: (levels.get(key[0], len(levels)), key)))


def origin_key(origin: Origin) -> tuple[str, str, int, str, str]:
    """What tells one declaration from another: layer, path, position, kind, name."""
    return origin.layer, origin.span.source.path, origin.span.start, origin.kind, origin.name


def _all(program: Program) -> Iterator[Origin]:
    fields = [field for fields in program.fields.values() for field in fields.values()]
    single: list[ObjectKind | Field | Term | Statistic] = [*program.objects.values(), *fields]
    single += [*program.terms.values(), *program.statistics.values()]
    for one in single:
        yield one.origin
    for parameter in program.parameters.values():
        yield parameter.origin
        # What the caller gave has no layer: it is no declaration.
        if parameter.setter is not None and parameter.setter.layer:
            yield parameter.setter
    for presumption in program.presumptions.values():
        for case in presumption.cases:
            yield case.origin
    for decision in program.decisions.values():
        for rank in decision.ranks:
            yield rank.origin
    for table in (program.lists, program.decisions, program.rules, program.duties, program.notices):
        for several in table.values():
            yield from several.origins
    for stopped in program.stopped:
        yield stopped.origin
        yield stopped.by

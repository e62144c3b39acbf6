"""Two programs in one frame: the same levels, the same fields.

Why this exists: before two programs can be put into one, a layer has one place in both, and a field is one field.

Invariants: what a program gives does not change; layers keep the order that they have in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from policyrules.program import nodes as core
from policyrules.program.order import above
from policyrules.program.presence import presence
from policyrules.program.walk import changed, rewrite


def beside(before: core.Program, after: core.Program) -> Iterator[str]:
    """What of two programs differs and is no act: types of fields, the kind of the records."""
    for object_, fields in after.fields.items():
        for name, field in fields.items():
            old = before.fields.get(object_, {}).get(name)
            if old is not None and (old.type, old.low, old.high) != (field.type, field.low, field.high):
                yield f"字段 {object_}.{name}"
    if before.root != after.root:
        yield f"对象 {after.root}"


def apart(before: core.Program, after: core.Program) -> Iterator[str]:
    """What of two programs cannot be had in one, in words: records of another kind, objects that belong elsewhere, fields of
    another kind."""
    if before.root != after.root:
        yield f"对象 {after.root}"
    for name, new in after.objects.items():
        old = before.objects.get(name)
        if old is not None and old.parent != new.parent:
            yield f"对象 {name}"
    for object_, fields in after.fields.items():
        for name, field in fields.items():
            other = before.fields.get(object_, {}).get(name)
            if other is not None and other.type.kind is not field.type.kind:
                yield f"字段 {object_}.{name}"
    for name, decision in after.decisions.items():
        was = before.decisions.get(name)
        if was is not None and (was.object, was.type) != (decision.object, decision.type):
            yield f"决定 {name}"
    for name, term in after.terms.items():
        before_term = before.terms.get(name)
        if before_term is not None and (before_term.object, before_term.body.type) != (term.object, term.body.type):
            yield f"术语 {name}"
    olds: dict[str, core.Duty | core.Notice] = {**before.duties, **before.notices}
    news: dict[str, core.Duty | core.Notice] = {**after.duties, **after.notices}
    for name, declaration in news.items():
        there = olds.get(name)
        if there is not None and (there.object, type(there)) != (declaration.object, type(declaration)):
            yield f"义务或提示 {name}"


def united_layers(before: core.Program, after: core.Program) -> tuple[str, ...]:
    """The layers of both, in an order that keeps that of each."""
    found = list(after.layers)
    for place, layer in enumerate(before.layers):
        if layer not in found:
            found.insert(found.index(before.layers[place - 1]) + 1 if place else 0, layer)
    return tuple(found)


def united_siblings(before: core.Program, after: core.Program, ids: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Layers that stand side by side in either, by their places in `united_layers`."""
    pairs: set[tuple[int, int]] = set()
    for program in (before, after):
        places = [ids.index(layer) for layer in program.layers]
        siblings = frozenset(program.siblings)
        for low, one in enumerate(places):
            for up, other in enumerate(places):
                if up < low and not above(up, low, siblings):
                    pairs.add((min(one, other), max(one, other)))
    return tuple(sorted(pairs))


def united_fields(before: core.Program, after: core.Program) -> dict[str, dict[str, core.Field]]:
    """The fields of both, those of ``after`` where both have them."""
    found: dict[str, dict[str, core.Field]] = {}
    for object_ in dict.fromkeys([*after.fields, *before.fields]):
        found[object_] = {**before.fields.get(object_, {}), **after.fields.get(object_, {})}
    return found


def aligned(
    program: core.Program, layers: tuple[str, ...], fields: Mapping[str, Mapping[str, core.Field]]
) -> core.Program:
    """A program with the levels and the fields that both share."""
    level = [layers.index(layer) for layer in program.layers]

    def field(node: core.Expr) -> core.Expr:
        if isinstance(node, core.FieldValue | core.Filled):
            own = fields[node.field.object][node.field.name]
            return node if own == node.field else replace(node, field=own)
        return node

    moved = replace(
        program,
        rules={name: replace(rule, level=level[rule.level]) for name, rule in program.rules.items()},
        duties={name: replace(duty, level=level[duty.level]) for name, duty in program.duties.items()},
        notices={name: replace(notice, level=level[notice.level]) for name, notice in program.notices.items()},
        decisions={
            name: replace(decision, limits=tuple(replace(limit, level=level[limit.level]) for limit in decision.limits))
            for name, decision in program.decisions.items()
        },
        presumptions={
            key: core.Presumption(
                fields[key[0]][key[1]], tuple(replace(case, level=level[case.level]) for case in presumption.cases)
            )
            for key, presumption in program.presumptions.items()
        },
    )
    own = {(object_, name): one for object_, names in program.fields.items() for name, one in names.items()}
    differ = any(fields[object_][name] != one for (object_, name), one in own.items())
    return rewritten(moved, field if differ else None)


def rewritten(program: core.Program, change: Callable[[core.Expr], core.Expr] | None) -> core.Program:
    """A program with each of its expressions rewritten."""
    if change is None:
        return program

    def one(node: core.Expr) -> core.Expr:
        return rewrite(node, change)

    terms: dict[str, core.Term] = {}
    for name, term in program.terms.items():
        body = one(term.body)
        terms[name] = term if body is term.body else replace(term, body=body, present=presence(body))
    return replace(
        program,
        terms=terms,
        statistics={name: changed(own, one) for name, own in program.statistics.items()},
        rules={name: changed(own, one) for name, own in program.rules.items()},
        duties={name: changed(own, one) for name, own in program.duties.items()},
        notices={name: changed(own, one) for name, own in program.notices.items()},
        decisions={name: changed(own, one) for name, own in program.decisions.items()},
        presumptions={key: changed(own, one) for key, own in program.presumptions.items()},
    )

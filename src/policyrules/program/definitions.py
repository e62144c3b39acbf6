"""Terms and statistics: named values, checked before the conditions that read them.

Why this exists: a name must have its type before anything that reads it is checked; terms give names to values of any
type, so they are checked in the order in which they read each other.

Invariant: what fails here has the type None in the checker's table, so that nobody reports it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from policyrules.language import expressions as surface
from policyrules.language.nodes import StatisticDecl, TermDecl
from policyrules.program import nodes as core
from policyrules.program.check import Checker
from policyrules.program.graph import Kind as Defined
from policyrules.program.graph import Name, cycle_refused, ordered
from policyrules.program.presence import presence
from policyrules.program.ranges import number_length
from policyrules.program.symbols import Declared, Symbols
from policyrules.source import Span
from policyrules.types import INTEGER, NUMERIC, RATIO, Type

# ---- terms ----------------------------------------------------------------------------------------------------------


def checked_terms(symbols: Symbols, checker: Checker, types: dict[str, Type | None]) -> dict[str, core.Term]:
    """Every sound term, in canonical order; their types are entered into ``types``."""
    declared = {Name(Defined.TERM, term.name): term for term in symbols.declared(TermDecl)}
    order, cycles = ordered({name: _terms_in(term.node.body, declared) for name, term in declared.items()})
    for cycle in cycles:
        places = {name: declared[name].node.name.span for name in cycle}
        symbols.found.append(cycle_refused(cycle, places))
        for name in cycle:
            symbols.broken.add(name.word)
            types[name.word] = None
    found: dict[str, core.Term] = {}
    for name in order:
        if name.word in types:
            continue
        term = _checked_term(symbols, checker, declared[name])
        types[name.word] = None if term is None else term.type
        if term is not None:
            found[name.word] = term
    return {name.word: found[name.word] for name in declared if name.word in found}


def _terms_in(body: surface.Expr, terms: dict[Name, Declared[TermDecl]]) -> Iterator[Name]:
    """The terms that words of ``body`` may mean, in the order written."""
    stack: list[object] = [body]
    while stack:
        item = stack.pop()
        if isinstance(item, surface.Ref):
            name = Name(Defined.TERM, item.parts[-1].text)
            if name in terms:
                yield name
        elif isinstance(item, tuple):
            stack.extend(reversed(item))
        elif is_dataclass(item) and not isinstance(item, Span):
            stack.extend(getattr(item, part.name) for part in reversed(fields(item)))


def _checked_term(symbols: Symbols, checker: Checker, declared: Declared[TermDecl]) -> core.Term | None:
    node, name = declared.node, declared.name
    named = node.object or surface.Name(symbols.root, node.name.span)
    object_ = symbols.known_object(named.text, named.span)
    body = None if object_ is None else checker.check(node.body, (object_,))
    if object_ is None or body is None:
        return None
    if isinstance(body, core.DecisionValue):
        symbols.error("E208", f"术语 {name} 不能只是一个决定", node.body.span, f"写成 {body.name} 为 …")
        return None
    checker.lengths[name] = number_length(body, checker.lengths)
    return core.Term(name, object_, body.type, body, presence(body), declared.origin)


# ---- statistics -----------------------------------------------------------------------------------------------------


def statistic_type(symbols: Symbols, node: StatisticDecl, types: Mapping[str, Type | None]) -> Type | None:
    """The type of a statistic, by its kind and what it adds up alone: a field, or a decision of ``types``."""
    match node.kind:
        case "占比":
            return RATIO
        case "合计":
            info = symbols.objects.get(node.object.text)
            found = info.fields.get(node.field.text) if info is not None and node.field is not None else None
            if found is None and node.field is not None:
                return types.get(node.field.text)
            return None if found is None else found.type
        case _:
            return INTEGER


def checked_statistics(symbols: Symbols, checker: Checker, types: dict[str, Type | None]) -> dict[str, core.Statistic]:
    """Every sound statistic, in canonical order."""
    found: dict[str, core.Statistic] = {}
    for declared in symbols.declared(StatisticDecl):
        name, object_ = declared.name, declared.node.object
        if symbols.known_object(object_.text, object_.span) is None:
            types[name] = None
        elif object_.text != symbols.root:
            remedy = f"要加总每个{symbols.root}的{object_.text}，给{symbols.root}加一个字段填合计数，再合计这个字段"
            if declared.node.kind == "计数":
                remedy = (
                    f"数有{object_.text}的{symbols.root}，写 计数 {symbols.root} 和 其中 任一 {object_.text} 满足（…）"
                )
            symbols.error("E212", f"统计 只能数{symbols.root}，不能数{object_.text}", object_.span, remedy)
            types[name] = None
        elif (statistic := _checked_statistic(symbols, checker, declared, types[name])) is not None:
            found[name] = statistic
    return found


def _checked_statistic(
    symbols: Symbols, checker: Checker, declared: Declared[StatisticDecl], type_: Type | None
) -> core.Statistic | None:
    node, name, frames = declared.node, declared.name, (declared.node.object.text,)
    same: list[core.FieldValue] = []
    for ref in node.same:
        field = checker.check(ref, frames)
        if field is None:
            return None
        if not isinstance(field, core.FieldValue):
            symbols.error("E208", "相同 后面要写字段", ref.span, "写成 相同 所在县、项目类型")
            return None
        same.append(field)
    where = None if node.where is None else checker.condition(node.where, frames)
    match = None if node.match is None else checker.condition(node.match, frames)
    if (node.where is not None and where is None) or (node.match is not None and match is None):
        return None
    if (node.kind == "占比") != (node.match is not None):
        text = "占比要写 符合 …（分子）" if node.kind == "占比" else "符合 只用于占比"
        symbols.error("E207", text, node.span, "写 符合 条件" if node.kind == "占比" else "条件写在 其中")
        return None
    value: core.Expr | None = None
    if node.kind in ("合计", "种数"):
        if node.field is None:
            symbols.error("E207", f"{node.kind}要写明字段", node.span, f"写成 {node.kind} {frames[0]}.字段名")
            return None
        ref = surface.Ref((node.object, node.field), node.object.span.to(node.field.span))
        value = checker.check(ref, frames)
        if value is None:
            return None
        if not isinstance(value, core.FieldValue | core.AmountValue):
            message = f"“{node.field.text}”不是字段，{node.kind}只认字段和得出数额的决定"
            remedy = f"给{frames[0]}加一个字段填这个数，再{node.kind}这个字段"
            symbols.error("E208", message, node.field.span, remedy)
            return None
        if node.kind == "合计" and value.type.kind not in NUMERIC:
            symbols.error("E204", f"{value.type.kind.value}不能{node.kind}", node.field.span)
            return None
    elif node.field is not None:
        symbols.error("E207", f"{node.kind}不用写字段", node.field.span, f"写成 {node.kind} {frames[0]}")
        return None
    if type_ is None:
        return None
    key = node.key.text if node.key else name
    return core.Statistic(name, key, node.kind, frames[0], tuple(same), where, match, value, type_, declared.origin)

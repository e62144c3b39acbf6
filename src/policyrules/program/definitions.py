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
from policyrules.types import INTEGER, NUMERIC, RATIO, Kind, Type

# ---- terms ----------------------------------------------------------------------------------------------------------


def checked_terms(symbols: Symbols, checker: Checker, types: dict[str, Type | None]) -> dict[str, core.Term]:
    """Every sound term, in canonical order; their types are entered into ``types``, and those of the statistics that add
    up a term."""
    declared = {Name(Defined.TERM, term.name): term for term in symbols.declared(TermDecl)}
    summing = {
        Name(Defined.STATISTIC, one.name): one
        for one in symbols.declared(StatisticDecl)
        if one.node.kind == "合计" and _measured_term(one.node, declared) is not None
    }
    named = {**declared, **summing}
    order, cycles = ordered(
        {
            **{name: _named_in(term.node.body, named) for name, term in declared.items()},
            **{
                name: [Name(Defined.TERM, str(one.node.field and one.node.field.text))] for name, one in summing.items()
            },
        }
    )
    spans = {name: one.node.name.span for name, one in declared.items()}
    spans |= {name: one.node.name.span for name, one in summing.items()}
    for cycle in cycles:
        symbols.found.append(cycle_refused(cycle, {name: spans[name] for name in cycle}))
        for name in cycle:
            symbols.broken.add(name.word)
            types[name.word] = None
    found: dict[str, core.Term] = {}
    for name in order:
        if name.word in symbols.broken:
            continue
        if name in summing:
            term_name = _measured_term(summing[name].node, declared)
            assert term_name is not None
            types[name.word] = types.get(term_name.word)
            if term_name.word in checker.lengths:
                checker.lengths[name.word] = checker.lengths[term_name.word]
            continue
        term = _checked_term(symbols, checker, declared[name])
        types[name.word] = None if term is None else term.type
        if term is not None:
            found[name.word] = term
    return {name.word: found[name.word] for name in declared if name.word in found}


def _measured_term(node: StatisticDecl, terms: Mapping[Name, object]) -> Name | None:
    """The term that a statistic is over."""
    name = None if node.field is None else Name(Defined.TERM, node.field.text)
    return name if name in terms else None


def _named_in(body: surface.Expr, names: Mapping[Name, object]) -> Iterator[Name]:
    """The terms, and the statistics that add up one, that words of ``body`` may mean, in the order written."""
    stack: list[object] = [body]
    while stack:
        item = stack.pop()
        if isinstance(item, surface.Ref):
            for kind in (Defined.TERM, Defined.STATISTIC):
                if (name := Name(kind, item.parts[-1].text)) in names:
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
    checker.bodies[name] = body
    return core.Term(name, object_, body.type, body, presence(body), declared.origin)


# ---- statistics -----------------------------------------------------------------------------------------------------


def statistic_type(symbols: Symbols, node: StatisticDecl, types: Mapping[str, Type | None]) -> Type | None:
    """The type of a statistic, by its kind and what it adds up alone: a field, or a decision of ``types``; None where it adds
    up a term, or what is not declared."""
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
        object_ = declared.node.object
        if declared.name in symbols.broken:
            continue
        named = symbols.globals.get(object_.text)
        if object_.text not in symbols.objects and named is not None and isinstance(named.node, TermDecl):
            owner = symbols.root if named.node.object is None else named.node.object.text
            remedy = f"写成 {declared.node.kind} {owner}.{object_.text}"
            whole = object_.span if declared.node.field is None else object_.span.to(declared.node.field.span)
            symbols.error("E201", f"{object_.text}是术语，不是对象", whole, remedy)
            types[declared.name] = None
        elif symbols.known_object(object_.text, object_.span) is None:
            types[declared.name] = None
        elif symbols.root not in symbols.line(object_.text):
            symbols.error("E212", *_out_of_reach(symbols, declared.node))
            types[declared.name] = None
        elif (statistic := _checked_statistic(symbols, checker, declared, types[declared.name])) is not None:
            found[declared.name] = statistic
    return found


def _out_of_reach(symbols: Symbols, node: StatisticDecl) -> tuple[str, Span, str]:
    """What is said of a statistic over what is neither a record nor a row of one."""
    root, object_ = symbols.root, node.object.text
    below = [name for name in symbols.objects if name != root and root in symbols.line(name)]
    message = f"统计 数的是{root}和它下面的行（{'、'.join(below)}），不是{object_}"
    if not below:
        message = f"统计 数的是{root}，不是{object_}"
    if object_ in symbols.line(root):
        field = next(iter(symbols.objects[object_].fields), "…") if node.field is None else node.field.text
        term = f"所属{field}"
        remedy = f"先写 术语 {term} 即 {object_}.{field}，再写 {node.kind if node.field else '种数'} {root}.{term}"
        return message, node.object.span, remedy
    owner = symbols.objects[object_].parent
    if owner is None:
        return message, node.object.span, f"要统计{object_}，先让它属于{root}：对象 {object_} 属于 {root}"
    value = f".{node.field.text}" if node.field is not None and node.kind == "合计" else ""
    asked = f"合计 {object_}{value}" if value else f"计数 {object_}"
    return message, node.object.span, f"{object_}在{owner}那里都列着，不用统计：在条文里直接写 {asked}，其中（…）写条件"


def _key(symbols: Symbols, checker: Checker, ref: surface.Ref, object_: str) -> core.FieldValue | core.TermValue | None:
    found = checker.check(ref, (object_,))
    if found is None or isinstance(found, core.FieldValue | core.TermValue):
        return found
    remedy = f"写成 相同 所在县 这样的字段；要按别的算，先写成 术语 再写它的名称：术语 … 对 {object_} 即 …"
    symbols.error("E208", "相同 后面要写字段或术语", ref.span, remedy)
    return None


def _checked_statistic(
    symbols: Symbols, checker: Checker, declared: Declared[StatisticDecl], type_: Type | None
) -> core.Statistic | None:
    node, name, frames = declared.node, declared.name, (declared.node.object.text,)
    same: list[core.FieldValue | core.TermValue] = []
    for ref in node.same:
        same_as = _key(symbols, checker, ref, frames[0])
        if same_as is None:
            return None
        same.append(same_as)
    where = None if node.where is None else checker.condition(node.where, frames)
    match = None if node.match is None else checker.condition(node.match, frames)
    if (node.where is not None and where is None) or (node.match is not None and match is None):
        return None
    if (node.kind == "占比") != (node.match is not None):
        text = "占比要写 符合 …（分子）" if node.kind == "占比" else "符合 只用于占比"
        symbols.error("E207", text, node.span, "写 符合 条件" if node.kind == "占比" else "条件写在 其中")
        return None
    value: core.FieldValue | core.TermValue | core.AmountValue | None = None
    if node.field is not None and node.kind == "计数":
        symbols.error("E207", f"{node.kind}不用写字段", node.field.span, f"写成 {node.kind} {frames[0]}")
        return None
    if node.field is not None:
        value = _measured(symbols, checker, node, node.field)
        if value is None:
            return None
    elif node.kind in ("合计", "种数"):
        symbols.error("E207", f"{node.kind}要写明字段", node.span, f"写成 {node.kind} {frames[0]}.字段名")
        return None
    if type_ is None:
        return None
    key = node.key.text if node.key else name
    return core.Statistic(name, key, node.kind, frames[0], tuple(same), where, match, value, type_, declared.origin)


def _measured(
    symbols: Symbols, checker: Checker, node: StatisticDecl, field: surface.Name
) -> core.FieldValue | core.TermValue | core.AmountValue | None:
    """The field, term or amount that a statistic is over."""
    object_ = node.object.text
    value = checker.check(surface.Ref((node.object, field), node.object.span.to(field.span)), (object_,))
    if value is None:
        return None
    kind = value.type.kind
    if not isinstance(value, core.FieldValue | core.TermValue | core.AmountValue):
        remedy = f"数有几个，写 计数 {object_}，另起一行写 其中 {field.text} 为 …"
        symbols.error("E208", f"“{field.text}”是决定，不能{node.kind}", field.span, remedy)
        return None
    summed = NUMERIC if node.kind == "合计" else NUMERIC - {Kind.YEAR}
    if node.kind != "种数" and kind not in summed:
        remedy = f"数有几种，写 种数 {object_}.{field.text}；数有几个，写 计数 {object_} 和 其中 …"
        if kind is Kind.BOOL:
            remedy = f"数有几个，写 计数 {object_}，另起一行写 其中 {field.text}"
        if node.kind == "占比":
            remedy = f"占比按个数算，写 占比 {object_}；按数额算，写 占比 {object_}.金额 这样的数"
        symbols.error("E204", f"{kind.value}不能{'合计' if node.kind == '合计' else '算占比'}", field.span, remedy)
        return None
    return value

"""Values that are written out: what stands to the right of 为, 属于, 含, 含任一, 全部属于 and 除去.

Why this exists: a word there is a value and no name, of the type of what stands to the left; sets of values are written, named by
a 清单, or those of a parameter, and decisions have values that nothing else has.

Invariants: what stands to the left is checked before; each function returns what was written as typed values, or reports and returns
None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from policyrules.diagnostics import Label
from policyrules.language import expressions as surface
from policyrules.language.nodes import ListDecl, ParameterDecl
from policyrules.program import nodes as core
from policyrules.program.literals import (
    apart,
    element_type,
    every_day,
    literal_text,
    literal_value,
    single,
    value_called,
    word_text,
)
from policyrules.program.scope import lookup, years_named
from policyrules.program.symbols import Symbols
from policyrules.source import Span
from policyrules.types import DATE, Kind, Type, Value

NONE: Final = "无"


def decision_items(
    symbols: Symbols, decision: core.DecisionValue, literals: tuple[surface.Literal_, ...]
) -> tuple[str | None, ...] | None:
    """The values of a decision that are written out, None for 无; None of all after reporting one that it has not."""
    values = decision.type.values or ()
    items: list[str | None] = []
    for literal in literals:
        word = word_text(literal)
        if word is not None and word in values:
            items.append(word)
        elif word == NONE and isinstance(literal, surface.Name):
            items.append(None)
        else:
            near = symbols.nearest(word or "", values)
            message = f"“{literal_text(literal)}”不是决定 {decision.name} 的值"
            remedy = (f"是不是“{near[0]}”？" if near else "") + f"可选：{'、'.join(values[:12])}"
            if (meant := value_called(word or "", values)) is not None:
                remedy = f"写成 {meant}；可选：{'、'.join(values[:12])}"
            symbols.error("E206", message, literal.span, remedy)
            return None
    return tuple(items)


def decision_has(
    symbols: Symbols,
    decision: core.DecisionValue,
    literals: tuple[surface.Literal_, ...],
    how: core.Holding,
    span: Span,
) -> core.Expr | None:
    """``how`` a decision of several values is to hold those that are written out."""
    if decision.type.kind is not Kind.SET:
        symbols.error("E204", f"决定 {decision.name} 只有一个值，不能用 含", span, "改用 为 或 属于")
        return None
    items = decision_items(symbols, decision, literals)
    if items is None:
        return None
    words = tuple(item for item in items if item is not None)
    if len(words) != len(items):
        symbols.error("E206", f"决定 {decision.name} 没有“无”这个值", span, "没有得出时，和它的比较都不成立；删去“无”")
        return None
    return core.DecisionHas(decision.at, decision.name, words, how, span)


def decision_on_sets(
    symbols: Symbols, left: core.DecisionValue, node: surface.HasAny | surface.HasOnly | surface.Less, word: str
) -> core.Expr | None:
    """含任一 and 全部属于 of a decision, whose values are written out."""
    if isinstance(node, surface.Less):
        message = f"决定 {left.name} 不能用 除去"
        symbols.error("E208", message, node.span, f"写成 {left.name} 含任一 {{ … }}，只写要测的值")
        return None
    if not isinstance(node.right, surface.SetLiteral):
        symbols.error("E208", f"决定的 {word} 右边要写出值", node.right.span, f"写成 {word} {{ 值一、值二 }}")
        return None
    if isinstance(node, surface.HasOnly) and node.right.open:
        symbols.error("E208", "决定的值是全的，不用“等”", node.right.span, "删去 等")
        return None
    how: core.Holding = "only" if isinstance(node, surface.HasOnly) else "any"
    return decision_has(symbols, left, single(node.right.items, symbols), how, node.span)


def set_values(symbols: Symbols, literals: tuple[surface.Literal_, ...], type_: Type) -> tuple[str, ...] | None:
    """Values of a 多选."""
    values = [literal_value(literal, element_type(type_), symbols) for literal in literals]
    return None if None in values else tuple(str(value) for value in values)


def value_set(
    symbols: Symbols,
    type_of: Callable[[str], Type | None],
    node: surface.SetLiteral | surface.Ref,
    element: Type,
    frames: tuple[str, ...],
) -> core.ValueSet | None:
    """The right side of 属于 / 含任一 against values of ``element`` (an 枚举, 文本 or ordered type). ``type_of``: of a parameter its type."""
    if isinstance(node, surface.SetLiteral):
        if element.kind is Kind.DATE:
            return _dates(symbols, node)
        listed_items = single(node.items, symbols)
        values = [literal_value(item, element, symbols) for item in listed_items]
        without = [literal_value(item, element, symbols) for item in node.without]
        if len(listed_items) < len(node.items) or None in values or None in without:
            return None
        items = tuple(value for value in values if value is not None)
        barred = tuple(value for value in without if value is not None)
        return core.Literals(items, node.open, barred) if apart(node, items, barred, symbols) else None
    declared = symbols.globals.get(node.parts[0].text) if len(node.parts) == 1 else None
    if declared is not None and isinstance(declared.node, ListDecl):
        listed = symbols.lists.get(declared.node.name.text)
        if listed is None:
            return None
        if listed.dates and element.kind is not Kind.DATE:
            message = f"清单 {listed.name} 里是日期，左边是{element.kind.value}"
            label = Label(declared.node.span, "清单在这里")
            symbols.error("E204", message, node.span, "左边写日期，或换一份清单", label)
            return None
        foreign = [
            item
            for item in (*listed.items, *listed.without)
            if element.values is not None and item not in element.values
        ]
        if foreign:
            near = symbols.nearest(str(foreign[0]), element.values or ())
            message = f"清单 {declared.node.name.text} 里的“{foreign[0]}”不在左边的取值之内"
            remedy = f"是不是“{near[0]}”？" if near else None
            symbols.error("E206", message, node.span, remedy, Label(declared.node.span, "清单在这里"))
            return None
        return core.ListRef(listed.name)
    if declared is not None and isinstance(declared.node, ParameterDecl):
        name = declared.node.name.text
        type_ = type_of(name)
        if type_ is None:
            return None
        if type_.kind is Kind.SET:
            _foreign_parameter_values(symbols, name, type_, element, node.span)
            return core.ParameterRef(name)
    word = node.parts[0].text if len(node.parts) == 1 else ""
    if declared is None and element.values is not None and word in element.values:
        symbols.error("E208", f"“{word}”是一个值，右边要的是一组值", node.span, f"写成 {{ {word} }}")
        return None
    found = lookup(symbols, frames, node) if declared is None else declared
    if found is not None:
        symbols.error("E208", f"“{node.span.text}”不是一组值", node.span, "写 { 值一、值二 }、清单名，或多选参数名")
    return None


def names_value_set(symbols: Symbols, ref: surface.Ref) -> bool:
    """Whether a name stands for a set of values: a 清单, or a parameter."""
    declared = symbols.globals.get(ref.parts[0].text) if len(ref.parts) == 1 else None
    return declared is not None and isinstance(declared.node, (ListDecl, ParameterDecl))


def is_reference(symbols: Symbols, literal: surface.Literal_, frames: tuple[str, ...]) -> bool:
    """Whether a word is what something else is called."""
    if not isinstance(literal, surface.Name):
        return False
    line = symbols.line(frames[-1])
    return (
        literal.text in symbols.globals
        or literal.text in years_named(symbols)
        or any(literal.text in symbols.objects[object_].fields for object_ in line)
    )


def _dates(symbols: Symbols, node: surface.SetLiteral) -> core.Literals | None:
    """Dates written out, a stretch of days as each of its days."""
    found: dict[Value, None] = {}
    for item in node.items:
        if isinstance(item, surface.Days):
            found.update(dict.fromkeys(every_day(item)))
            continue
        value = literal_value(item, DATE, symbols)
        if value is None:
            return None
        found[value] = None
    without = tuple([literal_value(item, DATE, symbols) for item in node.without])
    barred = tuple([value for value in without if value is not None])
    for value, literal in zip(without, node.without, strict=True):
        if value in found:
            message = f"“{literal_text(literal)}”既列入，又写在“不含”里"
            symbols.error("E227", message, literal.span, "删去一处")
            return None
    return core.Literals(tuple(found), node.open, barred) if None not in without else None


def _foreign_parameter_values(symbols: Symbols, name: str, type_: Type, element: Type, span: Span) -> None:
    if type_.values is None or element.values is None:
        return
    if not set(type_.values) & set(element.values):
        symbols.error("E204", f"参数 {name} 的取值与左边没有相同的", span, "检查是不是比错了参数")

"""视: one of several expressions, by what a value or a condition is.

Why this exists: a choice has to say something of every value, and of each once.

Invariants: the branches of a typed choice name every value of its selector but 无, none twice; their types compare.
"""

from __future__ import annotations

from typing import Final

from policyrules.diagnostics import Label
from policyrules.language import expressions as surface
from policyrules.program import nodes as core
from policyrules.program.literals import literal_value, word_text
from policyrules.program.quantities import Check, comparable
from policyrules.program.symbols import Symbols
from policyrules.program.value_sets import decision_items
from policyrules.source import Span
from policyrules.types import Kind, Type, Value

REST: Final = "其余"


def choice(
    symbols: Symbols, check: Check, node: surface.Choose, frames: tuple[str, ...], hint: Type | None
) -> core.Expr | None:
    """``node`` typed; ``hint``: the type that its context wants."""
    selector = check(node.selector, frames, None)
    if selector is None:
        return None
    type_ = selector.type
    if type_.kind not in (Kind.BOOL, Kind.ENUM):
        symbols.error(
            "E204",
            f"视 要按“是/否”或枚举的值分开，这里是{type_.kind.value}",
            node.selector.span,
            "写成条件，放在括号里：视（条件）（是：…；否：…）",
        )
        return None
    is_decision = isinstance(selector, core.DecisionValue)
    everything: tuple[Value | None, ...] = (True, False) if type_.kind is Kind.BOOL else (type_.values or ())
    if is_decision:
        everything = (*everything, None)
    known = frozenset(everything) if type_.kind is Kind.ENUM else frozenset()
    seen: dict[Value | None, Span] = {}
    branches: list[tuple[tuple[Value | None, ...], core.Expr]] = []
    result: Type | None = None
    for branch in node.branches:
        if len(branch.values) == 1 and word_text(branch.values[0]) == REST:
            values: list[Value | None] = [value for value in everything if value not in seen]
        else:
            written = _branch_values(symbols, selector, branch.values, known)
            if written is None:
                return None
            values = written
        for value in values:
            if value in seen:
                symbols.error("E211", "同一个值写了两个分支", branch.span, "删去一个", Label(seen[value], "先在这里"))
                return None
            seen[value] = branch.span
        body = check(branch.body, frames, result or hint)
        if body is None:
            return None
        if result is not None and not comparable(symbols, result, body.type, branch.span):
            return None
        result = result or body.type
        branches.append((tuple(values), body))
    absent = [value for value in everything if value not in seen and value is not None]
    if absent:
        listed = "、".join("是" if v is True else "否" if v is False else str(v) for v in absent)
        symbols.error("E211", f"视 没有写 {listed} 时怎样", node.span, f"补上分支，或写 {REST}：…")
        return None
    assert result is not None
    return core.Choose(selector, tuple(branches), result, node.span)


def _branch_values(
    symbols: Symbols, selector: core.Expr, literals: tuple[surface.Literal_, ...], known: frozenset[Value | None]
) -> list[Value | None] | None:
    """The values of a branch of 视, by what is chosen from. ``known``: those of an enumeration."""
    if isinstance(selector, core.DecisionValue):
        items = decision_items(symbols, selector, literals)
        return None if items is None else list(items)
    values: list[Value | None] = []
    for literal in literals:
        # Looking each word up among all values again would make many branches slow.
        word = word_text(literal)
        value = word if word in known else literal_value(literal, selector.type, symbols)
        if value is None:
            return None
        values.append(value)
    return values

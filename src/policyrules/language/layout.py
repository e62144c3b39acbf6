"""Values and expressions as text: on one line, or broken at their groups where a line is too long.

Why this exists: the printer arranges clauses; how an expression is spelled and broken changes for other reasons.

Invariants: the text of an expression parses to the same expression. Recursion goes only into what does not fit on a
line, one frame a node, and the parser bounds the depth; `flat` does not recurse at all.
"""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import assert_never

from policyrules.language import expressions as surface
from policyrules.language.walk import children
from policyrules.source import display_width
from policyrules.text import quoted

WIDTH = 100
"""Columns of a line; a Chinese character takes two."""

STEP = "  "
"""One level of indentation."""

_MINUS = "−"
_SIGNS = {"+": "+", "-": _MINUS}


# ---- values ---------------------------------------------------------------------------------------------------------


def literal_text(literal: surface.Literal_) -> str:
    match literal:
        case surface.Name(text=text):
            return text
        case surface.Quantity():
            return _quantity(literal)
        case surface.DateLiteral(date=date):
            return date_text(date)
        case surface.Text(text=text):
            return quoted(text)
        case _:
            assert_never(literal)


def item_text(item: surface.Literal_ | surface.Days) -> str:
    """A value of a set, or the days from one to another."""
    if isinstance(item, surface.Days):
        return f"{literal_text(item.first)} 至 {literal_text(item.last)}"
    return literal_text(item)


def literals_text(literals: tuple[surface.Literal_, ...]) -> str:
    return "、".join(literal_text(literal) for literal in literals)


def braces(literals: tuple[surface.Literal_, ...]) -> str:
    return f"{{ {literals_text(literals)} }}" if literals else "{ }"


def set_text(items: surface.SetLiteral) -> str:
    pieces = _set_pieces(items)
    return f"{{ {''.join(pieces)} }}" if pieces else "{ }"


def _set_pieces(items: surface.SetLiteral) -> list[str]:
    """The values of a set, each with the mark behind it."""
    words = [item_text(item) for item in items.items] + (["等"] if items.open else [])
    without = [literal_text(literal) for literal in items.without]
    ends = [("，不含 " if without else "")] if words else []
    marks = ["、"] * (len(words) - 1) + ends + ["、"] * (len(without) - 1) + [""] * bool(without)
    return [word + mark for word, mark in zip([*words, *without], marks, strict=True)]


def _quantity(quantity: surface.Quantity) -> str:
    number = _decimal(quantity.number)
    if quantity.unit is None:
        return number
    return f"{number}%" if quantity.unit == "%" else f"{number} {quantity.unit}"


def _decimal(number: int | Fraction) -> str:
    """Exact: numbers are written as decimals, so the denominator divides a power of ten."""
    places = 0
    sign = _MINUS if number < 0 else ""
    if isinstance(number, int):
        return f"{sign}{abs(number)}"
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str(abs((number * 10**places).numerator)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def date_text(date: datetime.date) -> str:
    """The date as the language writes it: a year has four figures."""
    return f"{date.year:04}年{date.month}月{date.day}日"


# ---- expressions ----------------------------------------------------------------------------------------------------


def broken_set(before: str, items: surface.SetLiteral, indent: str) -> list[str]:
    """Lines of ``before`` and a set: one where it fits, else its values filled into lines of their own.

    ``indent`` is the indentation of the closing brace.
    """
    whole = before + set_text(items)
    if display_width(whole) <= WIDTH or not items.items:
        return [whole]
    lines = [f"{before}{{"]
    line = indent + STEP
    for piece in _set_pieces(items):
        if line.strip() and display_width(line + piece) > WIDTH:
            lines.append(line)
            line = indent + STEP
        line += piece
    return [*lines, line, f"{indent}}}"]


def flat(node: surface.Expr, instead: tuple[surface.Expr, str] | None = None) -> str:
    """The expression on one line; ``instead``: a node inside it, and the text to show in its place.

    Bottom-up over an explicit stack, so that depth costs no frames.
    """
    if isinstance(node, surface.Ref) and instead is None:
        return ".".join([part.text for part in node.parts])
    done: dict[int, str] = {} if instead is None else {id(instead[0]): instead[1]}
    waiting: list[tuple[surface.Expr, bool]] = [(node, False)]
    while waiting:
        current, ready = waiting.pop()
        if ready:
            done[id(current)] = _joined(current, [done[id(child)] for child in children(current)])
        elif id(current) not in done:
            waiting.append((current, True))
            waiting.extend((child, False) for child in children(current))
    return done[id(node)]


def _joined(node: surface.Expr, parts: list[str]) -> str:
    """The text of a node from the texts of its `children`."""
    match node:
        case surface.Quantity() | surface.DateLiteral() | surface.Text():
            return literal_text(node)
        case surface.Ref(parts=names):
            return ".".join([name.text for name in names])
        case surface.Named(name=name, value=value):
            return f"{{{name.text} = {literal_text(value)}}}"
        case surface.Paren():
            return f"（{parts[0]}）"
        case surface.Not():
            return f"非{'' if isinstance(node.operand, surface.Paren) else ' '}{parts[0]}"
        case surface.Negative():
            return f"{_MINUS}{parts[0]}"
        case surface.Postfix(operator=operator):
            return f"{parts[0]} {operator.words}"
        case surface.Yearly(month=month, day=day):
            return f"每年 {month}月{day}日" + "".join(f" 起算 {part}" for part in parts)
        case surface.And(grouped=grouped):
            return f"同时满足（{'；'.join(parts)}）" if grouped else " 且 ".join(parts)
        case surface.Or(grouped=grouped):
            return f"任一满足（{'；'.join(parts)}）" if grouped else " 或 ".join(parts)
        case surface.AtLeast(count=count):
            return f"至少 {count} 项（{'；'.join(parts)}）"
        case surface.Extreme(largest=largest):
            return f"{'取大' if largest else '取小'}（{'；'.join(parts)}）"
        case (
            surface.Infix()
            | surface.Is()
            | surface.In()
            | surface.Has()
            | surface.HasAny()
            | surface.HasOnly()
            | surface.Less()
            | surface.Between()
            | surface.Filled()
        ):
            return parts[0] + _tail(node, parts)
        case surface.Sum(rest=rest):
            signs = [_SIGNS[sign] for sign, _ in rest]
            return parts[0] + "".join(f" {sign} {part}" for sign, part in zip(signs, parts[1:], strict=True))
        case surface.Product(rest=rest):
            return parts[0] + "".join(f" {sign} {part}" for (sign, _), part in zip(rest, parts[1:], strict=True))
        case surface.Quantifier():
            return f"{_head(node)}（{parts[0]}）"
        case surface.Aggregate(where=where):
            return _head(node) + (f"（{parts[0]}）" if where is not None else "")
        case surface.Choose(branches=branches):
            values = [literals_text(branch.values) for branch in branches]
            inner = "；".join(f"{value}：{part}" for value, part in zip(values, parts[1:], strict=True))
            return f"视 {parts[0]}（{inner}）"
        case surface.Fallback():
            return f"首选 {parts[0]}，缺则 {parts[1]}"
        case _:
            assert_never(node)


def _tail(
    node: surface.Infix
    | surface.Is
    | surface.In
    | surface.Has
    | surface.HasAny
    | surface.HasOnly
    | surface.Less
    | surface.Between
    | surface.Filled,
    parts: list[str],
) -> str:
    """What follows the left side of a comparison."""
    match node:
        case surface.Infix(operator=operator):
            return f" {operator.words} {parts[1]}"
        case surface.Is(value=value, negated=negated):
            return f" {'不为' if negated else '为'} {literal_text(value)}"
        case surface.In(right=right, negated=negated):
            found = set_text(right) if isinstance(right, surface.SetLiteral) else parts[1]
            return f" {'不属于' if negated else '属于'} {found}"
        case surface.Has(values=values, negated=negated):
            return f" {'不含' if negated else '含'} {literals_text(values)}"
        case surface.HasAny(right=right) | surface.HasOnly(right=right) | surface.Less(right=right):
            word = {surface.HasAny: "含任一", surface.HasOnly: "全部属于", surface.Less: "除去"}[type(node)]
            return f" {word} {set_text(right) if isinstance(right, surface.SetLiteral) else parts[1]}"
        case surface.Between():
            return f" 介于 {parts[1]} 至 {parts[2]}"
        case surface.Filled(negated=negated):
            return f" {'未填' if negated else '已填'}"
        case _:
            assert_never(node)


def _head(node: surface.Quantifier | surface.Aggregate) -> str:
    """The words before the bracket."""
    other = "其他 " if node.other else ""
    match node:
        case surface.Quantifier(kind=kind, object=object_):
            return f"{kind} {other}{object_.text} 满足"
        case surface.Aggregate(kind=kind, object=object_, field=field_, where=where):
            column = f".{field_.text}" if field_ is not None else ""
            return f"{kind} {other}{object_.text}{column}" + (" 其中" if where is not None else "")
        case _:
            assert_never(node)


def broken(before: str, node: surface.Expr, indent: str) -> list[str]:
    """Lines of ``before`` and the expression: one where it fits, else broken at its outermost groups."""
    whole = before + flat(node)
    if display_width(whole) <= WIDTH:
        return [whole]
    inner = indent + STEP
    match node:
        case surface.Paren(inner=body):
            return [f"{before}（", *broken(inner, body, inner), f"{indent}）"]
        case surface.And(operands=operands, grouped=True):
            return _items(f"{before}同时满足（", [("", each) for each in operands], indent)
        case surface.Or(operands=operands, grouped=True):
            return _items(f"{before}任一满足（", [("", each) for each in operands], indent)
        case surface.AtLeast(count=count, operands=operands):
            return _items(f"{before}至少 {count} 项（", [("", each) for each in operands], indent)
        case surface.Choose(selector=selector, branches=branches):
            items = [(f"{literals_text(branch.values)}：", branch.body) for branch in branches]
            if any(head.startswith(("释义", "说明")) for head, _ in items):
                # At the start of a line the word would begin a note.
                return [before + flat(node)]
            return _items(f"{before}视 {flat(selector)}（", items, indent)
        case surface.Quantifier(body=body):
            return [f"{before}{_head(node)}（", *broken(inner, body, inner), f"{indent}）"]
        case surface.Aggregate(where=where) if where is not None:
            return [f"{before}{_head(node)}（", *broken(inner, where, inner), f"{indent}）"]
        case surface.And(operands=operands):
            return _operands(before, "且", operands, indent)
        case surface.Or(operands=operands):
            return _operands(before, "或", operands, indent)
        case surface.Not(operand=operand):
            return broken(f"{before}非{'' if isinstance(operand, surface.Paren) else ' '}", operand, indent)
        case surface.Fallback(first=first, second=second):
            lines = broken(f"{before}首选 ", first, indent)
            return [*lines[:-1], f"{lines[-1]}，", *broken(f"{inner}缺则 ", second, inner)]
        case surface.Sum(first=first, rest=rest):
            lines = broken(before, first, indent)
            for sign, operand in rest:
                lines.extend(broken(f"{inner}{_SIGNS[sign]} ", operand, inner))
            return lines
        case surface.Extreme(largest=largest, operands=operands):
            return _items(f"{before}{'取大' if largest else '取小'}（", [("", each) for each in operands], indent)
        case surface.Infix() | surface.Between():
            left, *others = children(node)
            lines = broken(before, left, indent)
            return [*lines[:-1], lines[-1] + _tail(node, ["", *(flat(other) for other in others)])]
        case _:
            return [whole]


def _items(head: str, items: list[tuple[str, surface.Expr]], indent: str) -> list[str]:
    lines = [head]
    inner = indent + STEP
    for number, (before, item) in enumerate(items):
        lines.extend(broken(inner + before, item, inner))
        if number < len(items) - 1:
            lines[-1] += "；"
    lines.append(f"{indent}）")
    return lines


def _operands(before: str, word: str, operands: tuple[surface.Expr, ...], indent: str) -> list[str]:
    inner = indent + STEP
    lines = broken(before, operands[0], indent)
    for operand in operands[1:]:
        lines.extend(broken(f"{inner}{word} ", operand, inner))
    return lines

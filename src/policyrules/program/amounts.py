"""Amounts: what a rule of a decision of 金额, 比例, 日期 ... concludes, and what bounds it.

Why this exists: a conclusion that is computed has a type and a unit, which must be those of its decision; nothing is
rounded to make it fit.

Invariants: what is returned is of the decision's family of units; an amount that counts whole things gets whole numbers
only, whatever a record says; no number gets longer through a chain of amounts than `ranges` permits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import expressions as surface
from policyrules.language.nodes import Limit, RuleDecl
from policyrules.program import nodes as core
from policyrules.program.check import Checker
from policyrules.program.graph import Graph, Kind, Name, ordered
from policyrules.program.parameters import Decided
from policyrules.program.quantities import comparable, kind_text
from policyrules.program.ranges import NumberLength, number_length
from policyrules.source import Span
from policyrules.text import one_line
from policyrules.types import Kind as Typed

_WHOLE = (Typed.INTEGER, Typed.YEAR, Typed.DURATION)


def concluded_amount(checker: Checker, node: RuleDecl, decided: Decided, object_: str) -> core.Expr | None:
    """What a rule of an amount concludes; None after reporting."""
    assert decided.amount is not None, "only amounts conclude expressions"
    symbols, name = checker.symbols, decided.name
    written = node.amount
    if written is None:
        if len(node.values) != 1 or any(_verb(node) == "含" for _ in node.values):
            message = f"决定 {name} 得出{decided.amount.kind.value}，一条规则只得出一个"
            symbols.error("E216", message, node.decision.span, f"写成 则 {name} 为 算式")
            return None
        written = _expression(node.values[0])
    return _fitting(checker, written, decided, object_, f"决定 {name}")


def checked_limits(
    checker: Checker, written: tuple[Limit, ...], decided: Decided, object_: str, level: int, origin: core.Origin
) -> list[core.Limit]:
    """不超过 and 不少于 of an amount, by the layer of ``level``; those that failed left out."""
    found: list[core.Limit] = []
    for limit in written:
        bound = _fitting(checker, limit.bound, decided, object_, f"{limit.kind} ")
        if bound is not None:
            found.append(core.Limit(limit.kind, bound, level, origin))
    return found


def in_turn(limits: Sequence[core.Limit], above: Callable[[int], Collection[int]]) -> tuple[core.Limit, ...]:
    """5.16.9: the limits, each with its turn, so that what binds last holds; ``above``: the levels above one. The order in
    which documents stand side by side says nothing: where it goes round in a circle through them 不超过 holds."""

    def holds(one: core.Limit, other: core.Limit) -> bool:
        if one.kind == other.kind or other.level in above(one.level):
            return False
        return one.level in above(other.level) or one.kind == "不超过"

    left, first, last = list(range(len(limits))), list[list[int]](), list[list[int]]()
    while left:
        weakest = [i for i in left if not any(holds(limits[i], limits[j]) for j in left)]
        strongest = [i for i in left if not any(holds(limits[j], limits[i]) for j in left)]
        if weakest:
            first.append(weakest)
        elif strongest:
            last.append(strongest)
        else:
            first += [[i for i in left if limits[i].kind == kind] for kind in ("不少于", "不超过")]
            break
        gone = weakest or strongest
        left = [i for i in left if i not in gone]
    turns = {index: turn for turn, group in enumerate((*first, *reversed(last))) for index in group}
    return tuple(replace(limit, turn=turns[index]) for index, limit in enumerate(limits))


def _verb(node: RuleDecl) -> str:
    bodies = (clause.body for clause in node.written.clauses if clause.keyword.text == "则")
    return next((body.verb for body in bodies if hasattr(body, "verb")), "为")


def _expression(literal: surface.Literal_) -> surface.Expr:
    """A plain value as the expression that it is: a word names a field, a parameter, a term."""
    return surface.Ref((literal,), literal.span) if isinstance(literal, surface.Name) else literal


def _fitting(checker: Checker, node: surface.Expr, decided: Decided, object_: str, whose: str) -> core.Expr | None:
    """``node`` as an expression of the decision's type."""
    wanted = decided.amount
    assert wanted is not None, "only amounts conclude expressions"
    symbols = checker.symbols
    found = checker.check(node, (object_,), wanted)
    if found is None:
        return None
    label = Label(decided.node.name.span, f"决定 {decided.name} 是{kind_text(wanted)}")
    text = one_line(node.span.text)
    if isinstance(found, core.DecisionValue):
        message = f"“{text}”是决定的值，不是{wanted.kind.value}"
        symbols.error("E204", message, node.span, f"写成 视 {text}（值：算式；其余：算式）", label)
        return None
    if found.type.kind is not wanted.kind and wanted.kind in _WHOLE and found.type.kind in (Typed.DECIMAL, Typed.RATIO):
        message = f"{whose}是{kind_text(wanted)}，“{text}”可能不是整数；规则语言不取整"
        remedy = (
            f"把决定 {decided.name} 的类型改为 小数{f'（{wanted.unit}）' if wanted.unit else ''}，或改用得整数的算式"
        )
        symbols.error("E217", message, node.span, remedy, label)
        return None
    return found if comparable(symbols, wanted, found.type, node.span) else None


# ---- how long the numbers get ---------------------------------------------------------------------------------------


def too_long(
    program: core.Program, graph: Graph, places: Mapping[Name, Span], checked: Mapping[str, NumberLength]
) -> Iterator[Diagnostic]:
    """Amounts whose numbers could get too long, through a chain of amounts, terms and statistics that read each other;
    ``checked``: the terms, as long as they read no amount."""
    if all(decision.type is None for decision in program.decisions.values()):
        return
    known = dict(checked)
    for name in ordered({one: definition.reads for one, definition in graph.items()})[0]:
        bodies: list[core.Expr]
        match name.kind:
            case Kind.TERM if name.word in program.terms:
                bodies = [program.terms[name.word].body]
            case Kind.STATISTIC if name.word in program.statistics:
                value = program.statistics[name.word].value
                bodies = [] if value is None else [value]
            case Kind.DECISION if (decision := program.decisions.get(name.word)) is not None and decision.type:
                rules = (program.rules[rule].amount for rule in (*decision.rules, *decision.supplements))
                bodies = [amount for amount in rules if amount is not None]
                bodies += [limit.bound for limit in decision.limits]
            case _:
                continue
        lengths = [number_length(body, known) for body in bodies]
        above = max((one.above for one in lengths), default=1)
        below = max((one.below for one in lengths), default=0)
        if name.kind is Kind.DECISION and program.decisions[name.word].mode == "累计":
            # As a sum of all of them.
            below = sum(one.below for one in lengths)
            above += below
        known[name.word] = NumberLength(above, below)
        if known[name.word].too_long and name in places:
            message = f"“{name}”连乘连除太多，算出的数会过长"
            yield Diagnostic("E210", message, places[name], remedy="减少相乘、相除的次数")
            known[name.word] = NumberLength()

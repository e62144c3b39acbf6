"""Walking expressions without recursion: children, every node, and how deep brackets nest.

Why this exists: the depth of what people write is checked here once, so that later passes may recurse.

Invariants: `children` lists the expressions directly inside an expression, in source order; nothing here recurses.

Nesting counts what a reader must hold in mind: brackets and groups, 非, −, 视, 首选, quantifiers and aggregates. Plain
operators (且, comparisons, sums) add no level; at most four of them stand between two levels, so a tree that nests at
most 64 deep has paths of at most about 320 nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never, cast

from policyrules.language.keywords import CONDITIONS
from policyrules.language.nodes import (
    Aggregate,
    And,
    AtLeast,
    Between,
    Choose,
    Clause,
    DateLiteral,
    Expr,
    Fallback,
    Filled,
    Has,
    HasAny,
    In,
    Infix,
    Is,
    Negative,
    Not,
    Or,
    Paren,
    Product,
    Quantifier,
    Quantity,
    Rank,
    Ref,
    SetLiteral,
    Sum,
    Text,
)

MAX_NESTING = 64


def children(node: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside ``node``. Values right of 为, 属于 and 含 are no expressions, 属于 NAME is."""
    match node:
        case Quantity() | DateLiteral() | Text() | Ref():
            return ()
        case Paren(inner=inner):
            return (inner,)
        case Not(operand=operand) | Negative(operand=operand):
            return (operand,)
        case And(operands=operands) | Or(operands=operands) | AtLeast(operands=operands):
            return operands
        case Infix(left=left, right=right):
            return (left, right)
        case Is(left=left) | Has(left=left):
            return (left,)
        case In(left=left, right=right) | HasAny(left=left, right=right):
            return (left, right) if isinstance(right, Ref) else (left,)
        case Between(left=left, low=low, high=high):
            return (left, low, high)
        case Filled(ref=ref):
            return (ref,)
        case Sum(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case Product(first=first, rest=factors):
            return (first, *(operand for _, operand in factors))
        case Quantifier(body=body):
            return (body,)
        case Aggregate(where=where):
            return () if where is None else (where,)
        case Choose(selector=selector, branches=branches):
            return (selector, *(branch.body for branch in branches))
        case Fallback(first=first, second=second):
            return (first, second)
        case _:
            assert_never(node)


def walk(node: Expr) -> Iterator[Expr]:
    """``node`` and every expression inside it, in source order."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def too_deep(node: Expr, limit: int = MAX_NESTING) -> Expr | None:
    """The first expression that nests deeper than ``limit``, or None."""
    waiting = [(node, 0)]
    while waiting:
        current, depth = waiting.pop()
        if _is_level(current):
            depth += 1
            if depth > limit:
                return current
        waiting.extend((child, depth) for child in reversed(children(current)))
    return None


def _is_level(node: Expr) -> bool:
    match node:
        case And(grouped=grouped) | Or(grouped=grouped):
            return grouped
        case Paren() | Not() | Negative() | AtLeast() | Quantifier() | Choose() | Fallback():
            return True
        case Aggregate(where=where):
            return where is not None
        case _:
            return False


def expressions(clauses: Iterable[Clause]) -> tuple[Expr, ...]:
    """The outermost expressions of clauses, in source order."""
    found: list[Expr] = []
    for clause in clauses:
        if isinstance(clause.body, Rank):
            found.extend(() if clause.body.when is None else (clause.body.when,))
        elif clause.keyword.text == "相同":
            found.extend(cast("tuple[Ref, ...]", clause.body))
        elif clause.keyword.text in CONDITIONS and not isinstance(clause.body, SetLiteral):
            found.append(cast(Expr, clause.body))
    return tuple(found)

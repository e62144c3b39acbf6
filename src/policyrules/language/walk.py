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

from policyrules.language import expressions as surface
from policyrules.language.keywords import CONDITIONS
from policyrules.language.nodes import Clause, Conclusion, Declaration, File, Rank, TableDecl

MAX_NESTING = 64


def children(node: surface.Expr) -> tuple[surface.Expr, ...]:
    """The expressions directly inside ``node``. Values right of 为, 属于 and 含 are no expressions, 属于 NAME is."""
    match node:
        case surface.Quantity() | surface.DateLiteral() | surface.Text() | surface.Ref() | surface.Named():
            return ()
        case surface.Paren(inner=inner):
            return (inner,)
        case surface.Not(operand=operand) | surface.Negative(operand=operand) | surface.Postfix(operand=operand):
            return (operand,)
        case (
            surface.And(operands=operands)
            | surface.Or(operands=operands)
            | surface.AtLeast(operands=operands)
            | surface.Extreme(operands=operands)
        ):
            return operands
        case surface.Infix(left=left, right=right):
            return (left, right)
        case surface.Yearly(since=since):
            return () if since is None else (since,)
        case surface.Is(left=left) | surface.Has(left=left):
            return (left,)
        case (
            surface.In(left=left, right=right)
            | surface.HasAny(left=left, right=right)
            | surface.HasOnly(left=left, right=right)
            | surface.Less(left=left, right=right)
        ):
            return (left, right) if isinstance(right, surface.Ref) else (left,)
        case surface.Between(left=left, low=low, high=high):
            return (left, low, high)
        case surface.Filled(ref=ref):
            return (ref,)
        case surface.Sum(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case surface.Product(first=first, rest=factors):
            return (first, *(operand for _, operand in factors))
        case surface.Quantifier(body=body):
            return (body,)
        case surface.Aggregate(where=where):
            return () if where is None else (where,)
        case surface.Choose(selector=selector, branches=branches):
            return (selector, *(branch.body for branch in branches))
        case surface.Fallback(first=first, second=second):
            return (first, second)
        case _:
            assert_never(node)


def walk(node: surface.Expr) -> Iterator[surface.Expr]:
    """``node`` and every expression inside it, in source order."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def too_deep(node: surface.Expr) -> surface.Expr | None:
    """The first expression that nests deeper than is permitted, or None."""
    waiting = [(node, 0)]
    while waiting:
        current, depth = waiting.pop()
        if _is_level(current):
            depth += 1
            if depth > MAX_NESTING:
                return current
        waiting.extend((child, depth) for child in reversed(children(current)))
    return None


def _is_level(node: surface.Expr) -> bool:
    match node:
        case surface.And(grouped=grouped) | surface.Or(grouped=grouped):
            return grouped
        case (
            surface.Paren()
            | surface.Not()
            | surface.Negative()
            | surface.Postfix()
            | surface.Yearly()
            | surface.AtLeast()
            | surface.Extreme()
            | surface.Quantifier()
            | surface.Choose()
            | surface.Fallback()
        ):
            return True
        case surface.Aggregate(where=where):
            return where is not None
        case _:
            return False


def each_declaration(file: File) -> Iterator[Declaration]:
    """The declarations of a file as those who read meaning see them: rules in the place of a table of them."""
    for declaration in file.declarations:
        if isinstance(declaration, TableDecl):
            yield from declaration.rows
        else:
            yield declaration


def expressions(clauses: Iterable[Clause]) -> tuple[surface.Expr, ...]:
    """The outermost expressions of clauses, in source order."""
    found: list[surface.Expr] = []
    for clause in clauses:
        if isinstance(clause.body, Rank):
            found.extend(() if clause.body.when is None else (clause.body.when,))
        elif isinstance(clause.body, Conclusion):
            found.extend(() if clause.body.amount is None else (clause.body.amount,))
        elif clause.keyword.text == "相同":
            found.extend(cast("tuple[surface.Ref, ...]", clause.body))
        elif clause.keyword.text == "否则说明":
            found.append(cast(surface.Ref, clause.body))
        elif clause.keyword.text in CONDITIONS and not isinstance(clause.body, surface.SetLiteral):
            found.append(cast(surface.Expr, clause.body))
    return tuple(found)

"""What is below a node of the typed tree, said once: its parts, everything under it, and the same node with other parts; and
which expressions a declaration holds.

Why this exists: names, depths, spans and changes are asked of whole expressions by many passes; each of them names the
nodes it cares for and leaves the rest to these functions.

Invariants: parts come in the order written; `children` and `rewrite` agree on them; `walk` does not recurse, since flat
conditions may be very wide; an expression itself is never nested deep, so `rewrite` may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar, assert_never

from policyrules.program import nodes as core
from policyrules.program.amended import condition_of

Declaration: TypeAlias = (
    core.Term | core.Statistic | core.Presumption | core.Rule | core.Decision | core.Duty | core.Notice
)
"""A declaration with expressions in it."""
_D = TypeVar("_D", bound=Declaration)


def children(node: core.Expr) -> tuple[core.Expr, ...]:
    """The sub-expressions of a node, in the order written.

    The test of presence of a `Fallback` comes last among them: nobody wrote it, but it is evaluated and it reads names.
    Where words are shown, it is left out.

    >>> from policyrules.types import BOOL
    >>> yes = core.Constant(True, BOOL, None)
    >>> children(core.AtLeast(1, (yes, core.Not(yes, None)), None))[1].operand is yes
    True
    """
    match node:
        case (
            core.Constant()
            | core.AsOf()
            | core.AsOfYear()
            | core.FieldValue()
            | core.ParameterValue()
            | core.TermValue()
            | core.StatisticValue()
            | core.DecisionValue()
            | core.AmountValue()
            | core.DecisionIs()
            | core.DecisionHas()
            | core.Filled()
            | core.ParameterFilled()
            | core.Supplied()
        ):
            return ()
        case core.Yearly(since=since):
            return () if since is None else (since,)
        case core.Not(operand=operand) | core.Present(operand=operand):
            return (operand,)
        case (
            core.All(operands=operands)
            | core.Any(operands=operands)
            | core.AtLeast(operands=operands)
            | core.Apply(operands=operands)
            | core.Extreme(operands=operands)
        ):
            return operands
        case core.Member(left=left) | core.Contains(left=left):
            return (left,)
        case (
            core.Overlaps(left=left, right=right)
            | core.Subset(left=left, right=right)
            | core.Less(left=left, right=right)
        ):
            return (left,) if isinstance(right, core.ValueSet) else (left, right)
        case core.Sum(terms=terms):
            return tuple(term for _, term in terms)
        case core.Product(factors=factors):
            return tuple(factor for _, factor in factors)
        case core.Quantified(body=body):
            return (body,)
        case core.Aggregate(value=value, where=where):
            return tuple(part for part in (value, where) if part is not None)
        case core.Choose(selector=selector, branches=branches):
            return (selector, *(branch for _, branch in branches))
        case core.Fallback(present=present, first=first, second=second):
            return first, second, present
        case _:
            assert_never(node)


def walk(*roots: core.Expr | None) -> Iterator[core.Expr]:
    """The roots and everything below them, each before its parts.

    >>> from policyrules.types import BOOL
    >>> list(walk(None)), len(list(walk(core.Not(core.Constant(True, BOOL, None), None))))
    ([], 2)
    """
    waiting = [root for root in reversed(roots) if root is not None]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def rewrite(node: core.Expr, change: Callable[[core.Expr], core.Expr]) -> core.Expr:
    """``node`` after ``change`` was applied to each of its nodes, the parts of a node before itself.

    >>> from policyrules.types import BOOL
    >>> yes = core.Constant(True, BOOL, None)
    >>> rewrite(core.Not(yes, None), lambda part: core.Constant(False, BOOL, None) if part == yes else part).operand.value
    False
    """
    old = children(node)
    new = tuple(rewrite(part, change) for part in old)
    if any(after is not before for after, before in zip(new, old, strict=True)):
        node = _with_children(node, new)
    return change(node)


def _with_children(node: core.Expr, new: tuple[core.Expr, ...]) -> core.Expr:
    match node:
        case core.Not():
            return replace(node, operand=new[0])
        case core.Yearly():
            return replace(node, since=new[0])
        case core.Present(operand=operand):
            # Only of a cell or a term can presence be asked: where something else takes its place, the test stays.
            return replace(node, operand=new[0] if isinstance(new[0], core.FieldValue | core.TermValue) else operand)
        case core.All() | core.Any() | core.AtLeast() | core.Apply() | core.Extreme():
            return replace(node, operands=new)
        case core.Member() | core.Contains():
            return replace(node, left=new[0])
        case core.Overlaps() | core.Subset() | core.Less():
            return replace(node, left=new[0], right=node.right if len(new) == 1 else new[1])
        case core.Sum():
            return replace(node, terms=tuple((sign, part) for (sign, _), part in zip(node.terms, new, strict=True)))
        case core.Product():
            factors = tuple((times, part) for (times, _), part in zip(node.factors, new, strict=True))
            return replace(node, factors=factors)
        case core.Quantified():
            return replace(node, body=new[0])
        case core.Aggregate():
            where = None if node.where is None else new[-1]
            return replace(node, value=None if node.value is None else new[0], where=where)
        case core.Choose():
            branches = tuple((keys, part) for (keys, _), part in zip(node.branches, new[1:], strict=True))
            return replace(node, selector=new[0], branches=branches)
        case core.Fallback():
            return replace(node, first=new[0], second=new[1], present=new[2])
        case _:
            raise AssertionError(f"{type(node).__name__} has no parts")


def levels(node: core.Expr) -> Iterator[tuple[core.Expr, int]]:
    """The node and everything below it, each with its level; the node itself is at 1."""
    waiting = [(node, 1)]
    while waiting:
        node, level = waiting.pop()
        yield node, level
        waiting.extend((part, level + 1) for part in reversed(children(node)))


def expressions(declaration: Declaration) -> tuple[core.Expr, ...]:
    """The expressions of a declaration (of a term also its test of presence); of an amended condition what all of its
    amendments together mean."""
    found: tuple[core.Expr | None, ...]
    match declaration:
        case core.Term(body=body, present=present):
            return body, present
        case core.Statistic(same=same, where=where, match=match, value=value):
            found = (*same, where, match, value)
        case core.Presumption(cases=cases):
            return tuple(case.when for case in cases)
        case core.Rule(when=when, amount=amount):
            found = (condition_of(when), amount)
        case core.Notice(when=when, pieces=pieces):
            found = (condition_of(when), *(piece for piece in pieces if not isinstance(piece, str)))
        case core.Decision(applies=applies, ranks=ranks, limits=limits):
            found = (applies, *(rank.when for rank in ranks), *(limit.bound for limit in limits))
        case core.Duty(when=when, demand=demand, deadline=deadline, expiry=expiry, reason=reason):
            found = (condition_of(when), condition_of(demand), deadline, expiry, reason)
        case _:
            assert_never(declaration)
    return tuple(part for part in found if part is not None)


def changed(declaration: _D, change: Callable[[core.Expr], core.Expr]) -> _D:
    """A declaration with each of its expressions changed, in order, those of its amendments one by one; the figures that a notice
    tells stay, and the field that holds the explanation of a duty."""

    def maybe(node: core.Expr | None) -> core.Expr | None:
        return None if node is None else change(node)

    def amended(condition: core.Amended) -> core.Amended:
        acts = tuple(replace(act, body=change(act.body)) for act in condition.amendments)
        return core.Amended(maybe(condition.base), condition.origin, acts)

    found: Declaration = declaration
    match found:
        case core.Term():
            found = replace(found, body=change(found.body), present=change(found.present))
        case core.Statistic():
            same: Any = tuple(map(change, found.same))
            value: Any = maybe(found.value)
            where, match = maybe(found.where), maybe(found.match)
            found = replace(found, same=same, value=value, where=where, match=match)
        case core.Presumption():
            cases = tuple(replace(case, when=change(case.when)) for case in found.cases)
            found = replace(found, cases=cases)
        case core.Rule():
            found = replace(found, when=amended(found.when), amount=maybe(found.amount))
        case core.Decision():
            applies = maybe(found.applies)
            ranks = tuple(replace(rank, when=maybe(rank.when)) for rank in found.ranks)
            limits = tuple(replace(limit, bound=change(limit.bound)) for limit in found.limits)
            found = replace(found, applies=applies, ranks=ranks, limits=limits)
        case core.Duty():
            found = replace(
                found,
                when=amended(found.when),
                demand=amended(found.demand),
                deadline=maybe(found.deadline),
                expiry=maybe(found.expiry),
            )
        case core.Notice():
            found = replace(found, when=amended(found.when))
        case _:
            assert_never(found)
    return found  # type: ignore[return-value]  # of the class of ``declaration``

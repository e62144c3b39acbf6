"""Presence: whether all that an expression reads is there, as an expression of its own.

Why this exists: 首选 …，缺则 … uses its second choice where the first is absent. Absence is a fact of the record like any
other, so it is said in the language itself and evaluated like everything else: three-valued, since what is presumed
under an unknown condition is only perhaps present.

Invariant: what `presence` returns is a condition over the same frames as its argument, and reads nothing that the
argument does not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from policyrules.program import nodes as core
from policyrules.program.walk import children
from policyrules.types import BOOL


def presence(node: core.Expr) -> core.Expr:
    """The condition that all that ``node`` reads is there: true, false or, under open presumptions, unknown.

    Constants, parameters, statistics, decisions and 已填 are always there.
    """
    match node:
        case core.FieldValue() | core.TermValue():
            return core.Present(node, node.span)
        case (
            core.Constant()
            | core.AsOf()
            | core.AsOfYear()
            | core.ParameterValue()
            | core.StatisticValue()
            | core.DecisionValue()
            | core.AmountValue()
            | core.DecisionIs()
            | core.DecisionHas()
            | core.Filled()
            | core.ParameterFilled()
            | core.Present()
            | core.Supplied()
        ):
            return core.Constant(True, BOOL, node.span)
        case core.Not() | core.Member() | core.Contains() | core.Overlaps() | core.Subset() | core.Less():
            parts = children(node)
            return presence(parts[0]) if len(parts) == 1 else _all(parts, node)
        case (
            core.All()
            | core.Any()
            | core.AtLeast()
            | core.Apply()
            | core.Yearly()
            | core.Sum()
            | core.Product()
            | core.Extreme()
        ):
            return _all(children(node), node)
        case core.Quantified(rows=rows):
            return core.Supplied(rows, node.span)
        case core.Aggregate():
            return _rows(node)
        case core.Choose(selector, branches):
            each = tuple((keys, presence(branch)) for keys, branch in branches)
            if all(_certain(condition) for _, condition in each):
                return core.Constant(True, BOOL, node.span)
            return core.Choose(selector, each, BOOL, node.span)
        case core.Fallback(present, _, second):
            other = presence(second)
            return other if _certain(other) else core.Any((present, other), node.span)
        case _:
            assert_never(node)


def _all(operands: Iterable[core.Expr], node: core.Expr) -> core.Expr:
    # Flat, and each test once, so that presence is nowhere nested deeper than what it is asked of.
    found = (presence(operand) for operand in operands)
    tests = (test for one in found for test in (one.operands if isinstance(one, core.All) else (one,)))
    needed = tuple(dict.fromkeys(test for test in tests if not _certain(test)))
    if not needed:
        return core.Constant(True, BOOL, node.span)
    return needed[0] if len(needed) == 1 else core.All(needed, node.span)


def _rows(node: core.Aggregate) -> core.Expr:
    """The list was supplied, and of every row that counts the value is there; 取 also needs such a row."""
    supplied = core.Supplied(node.rows, node.span)
    value = None if node.value is None else presence(node.value)
    needed: list[core.Expr] = [supplied]
    if value is not None and not _certain(value):
        body = value if node.where is None else _where(node.where, value, True)
        needed.append(core.Quantified(True, node.rows, body, node.span))
    if node.kind == "取":
        found = core.Constant(True, BOOL, node.span) if value is None else value
        body = found if node.where is None else _where(node.where, found, False)
        needed.append(core.Quantified(False, node.rows, body, node.span))
    return needed[0] if len(needed) == 1 else core.All(tuple(needed), node.span)


def _where(where: core.Expr, value: core.Expr, otherwise: bool) -> core.Expr:
    """``value`` of a row that counts, else ``otherwise``: a row that does not count says nothing but that (5.12.8)."""
    outside = core.Constant(otherwise, BOOL, where.span)
    return core.Choose(where, (((True,), value), ((False,), outside)), BOOL, where.span)


def _certain(node: core.Expr) -> bool:
    return isinstance(node, core.Constant) and node.value is True

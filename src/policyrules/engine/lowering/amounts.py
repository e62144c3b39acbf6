"""What an amount comes to as nodes: the tables of `engine.amounts` for a circuit.

Why this exists: section 5.16 can be checked beside the definition by eye, away from how conditions and numbers are lowered.

Invariants: the value holds whatever any completion comes to; of the ways an amount may stand exactly one is true.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyrules.engine import values as v
from policyrules.engine.decisions import Order
from policyrules.engine.lowering.deciding import orders
from policyrules.engine.lowering.nodes import Bit
from policyrules.engine.lowering.values import Range, Truth, Unlowered, Values
from policyrules.frozen import frozen
from policyrules.program import nodes as core
from policyrules.results import Status
from policyrules.types import Type


@frozen
class Share:
    """A rule: whether it speaks, and what it gives where it does."""

    rule: str
    truth: Truth
    value: Range


@frozen
class Reckoned:
    """What an amount may be (void where there is none), and how it stands."""

    value: Range
    status: dict[Status, Bit]


@frozen
class _Verdict:
    """What the rules come to where the decision applies, under rankings that hold."""

    value: Range
    determined: Bit
    none: Bit
    conflict: Bit


def reckoned(
    values: Values,
    decision: core.Decision,
    type_: Type,
    applies: Truth,
    shares: Sequence[Share],
    bounds: Sequence[Range],
    rankings: Sequence[Truth],
) -> Reckoned:
    """The state of an amount from what its rules give; ``bounds``: of each limit. 适用 unknown: undetermined, and perhaps no
    amount at all."""
    c = values.c
    if decision.mode == "累计":
        verdict = _summed(values, decision, type_, shares, bounds)
    else:
        inside = [Share(one.rule, one.truth, _limited(values, decision, type_, one.value, bounds)) for one in shares]
        verdict = _single(values, decision, type_, inside, rankings)
    settled = {"determined": verdict.determined, "none": verdict.none, "conflict": verdict.conflict}
    status: dict[Status, Bit] = {}
    for name in ("determined", "none", "conflict"):
        status[name] = c.all_of((applies.true, settled[name]))
    any_ = c.all_of((applies.true, c.any_of(settled.values())))
    status["undetermined"] = c.all_of((applies.possible, c.negation(any_)))
    status["not_applicable"] = c.negation(applies.possible)
    options = [(applies.possible, verdict.value), (c.negation(applies.true), values.nothing(type_))]
    return Reckoned(_one(values, options, type_), status)


# ---- limits ---------------------------------------------------------------------------------------------------------


def _limited(values: Values, decision: core.Decision, type_: Type, value: Range, bounds: Sequence[Range]) -> Range:
    """5.16.8 to 5.16.10: within the limits in their turn."""
    limits = decision.limits
    for index in sorted(range(len(limits)), key=lambda index: limits[index].turn):
        exists, number = values.existing(bounds[index])
        inside = values.pick((value, number), largest=limits[index].kind == "不少于")
        options = [(values.c.negation(exists.true), value), (exists.possible, inside)]
        value = _one(values, options, type_)
    return value


# ---- 单值 -----------------------------------------------------------------------------------------------------------


def _single(
    values: Values, decision: core.Decision, type_: Type, shares: Sequence[Share], rankings: Sequence[Truth]
) -> _Verdict:
    """单值. Where a ranking is itself unknown, both cases are looked at: only what they agree on is claimed."""
    c = values.c
    unsettled = [index for index, rank in enumerate(decision.ranks) if not _always(rankings[index])]
    cases = [
        (may, _ranked(values, decision, type_, shares, order))
        for may, order in orders(c, decision, rankings, unsettled)
    ]
    if len(cases) == 1:
        return cases[0][1]
    value = _one(values, [(may, verdict.value) for may, verdict in cases], type_)

    return _Verdict(
        value,
        c.all_of((c.surely((may, verdict.determined) for may, verdict in cases), values.settled(value))),
        c.surely((may, verdict.none) for may, verdict in cases),
        c.surely((may, verdict.conflict) for may, verdict in cases),
    )


def _always(truth: Truth) -> bool:
    return truth.true is truth.possible and getattr(truth.true, "value", None) is True


def _ranked(values: Values, decision: core.Decision, type_: Type, shares: Sequence[Share], order: Order) -> _Verdict:
    """5.16.3 to 5.16.7, under rankings that are known."""
    c = values.c
    if order.circular([share.rule for share in shares]):
        raise Unlowered("循环的先后")
    free = [
        c.negation(c.any_of(other.truth.true for other in shares if order.outranks(other.rule, share.rule)))
        for share in shares
    ]
    left = [c.all_of((share.truth.true, bit)) for share, bit in zip(shares, free, strict=True)]
    standing = [c.all_of((share.truth.possible, bit)) for share, bit in zip(shares, free, strict=True)]
    nothing = c.negation(c.any_of(left))
    default: v.Abstract = v.VOID if decision.default_amount is None else decision.default_amount
    fallback = values.constant(default, type_)
    assert isinstance(fallback, Range)
    options = [(bit, share.value) for share, bit in zip(shares, standing, strict=True)]
    value = _one(values, [*options, (nothing, fallback)], type_)
    differ = [
        c.all_of(
            (
                one_left,
                other_left,
                c.negation(one.value.open_high),
                c.negation(other.value.open_low),
                c.compare("<", one.value.high, other.value.low),
            )
        )
        for one, one_left in zip(shares, left, strict=True)
        for other, other_left in zip(shares, left, strict=True)
        if one is not other
    ]
    conflict = c.any_of(differ)
    none = c.negation(c.any_of(standing)) if decision.default_amount is None else c.false
    return _Verdict(value, c.all_of((c.negation(conflict), values.settled(value))), none, conflict)


# ---- 累计 -----------------------------------------------------------------------------------------------------------


def _summed(
    values: Values, decision: core.Decision, type_: Type, shares: Sequence[Share], bounds: Sequence[Range]
) -> _Verdict:
    """5.16.11, 5.16.12: what holds, and of what may hold anything from nothing to all of it; of no rule 0."""
    c = values.c
    zero = values.number(0)
    parts = [
        _one(values, [(share.truth.possible, share.value), (c.negation(share.truth.true), zero)], type_)
        for share in shares
    ]
    total = values.add([(1, part) for part in parts]) if parts else zero
    some = c.any_of(share.truth.possible for share in shares)
    inside = _limited(values, decision, type_, total, bounds)
    value = _one(values, [(some, inside), (c.negation(some), total)], type_)
    sure = c.any_of(share.truth.true for share in shares)
    value = _one(values, [(c.true, value), (c.negation(sure), zero)], type_)
    return _Verdict(value, values.settled(value), c.false, c.false)


def _one(values: Values, options: Sequence[tuple[Bit, Range]], type_: Type) -> Range:
    found = values.one_of(options, type_)
    assert isinstance(found, Range)
    return found

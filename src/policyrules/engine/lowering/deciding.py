"""The tables of modes, tests and duties as bits: what `engine.decisions` says on truth values, for a circuit.

Why this exists: what a decision means can be checked against the page by eye, and beside `engine.decisions`, away from how
conditions are lowered.

Invariants: candidates are asked for as if the decision applied, and are none where it surely does not; of the ways a
decision may stand exactly one is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, assert_never

from policyrules.engine.decisions import Order
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.nodes import Bit, Comes, Place
from policyrules.engine.lowering.values import Truth, Unlowered, Values
from policyrules.frozen import frozen
from policyrules.program import nodes as core
from policyrules.results import FindingStatus, Status

MOST_RANKINGS: Final = 4
"""Rankings under a condition that one decision may have in a circuit: each doubles its tables."""


@frozen
class Chosen:
    """A decision that is no amount. ``applies``: whether it applies; ``concluded``: of each of its values whether a rule
    concludes it; ``rankings``: whether each of its 先后 holds; ``candidates``: what may come out (None: 无), each with whether
    it may; ``status``: how it stands. Where it is looked up, ``comes`` says both."""

    applies: Truth
    concluded: tuple[Truth, ...]
    rankings: tuple[Truth, ...]
    candidates: tuple[tuple[str | None, Bit], ...]
    status: dict[Status, Bit]
    comes: Comes | None = None


@frozen
class _Table:
    """A row of the tables: which values are candidates, whether 默认 or 无 is, and how it stands where it applies."""

    values: tuple[Bit, ...]
    other: Bit
    determined: Bit
    none: Bit
    conflict: Bit


def looked_up(
    c: Circuit,
    decision: core.Decision,
    place: Place,
    applies: Truth,
    concluded: Sequence[Truth],
    rankings: Sequence[Truth],
) -> Chosen:
    """A decision on the instance at ``place`` that is looked up by its truths."""
    open_ranks = sum(rank.when is not None for rank in decision.ranks)
    if decision.mode == "单选" and open_ranks > MOST_RANKINGS:
        raise Unlowered("多于四个附条件的先后")
    comes = c.comes(decision, place, [(one.true, one.possible) for one in (applies, *concluded, *rankings)])
    return Chosen(applies, tuple(concluded), tuple(rankings), (), {}, comes)


def chosen(
    c: Circuit, decision: core.Decision, applies: Truth, concluded: Sequence[Truth], rankings: Sequence[Truth]
) -> Chosen:
    """A decision from whether each of its values is concluded."""
    sure = [truth.true for truth in concluded]
    open_ = [c.all_of((truth.possible, c.negation(truth.true))) for truth in concluded]
    match decision.mode:
        case "单选":
            table = _single_choice(c, decision, sure, open_, rankings)
        case "由宽到严":
            table = _strictest(c, decision, sure, open_)
        case "多选":
            both = tuple(c.any_of(pair) for pair in zip(sure, open_, strict=True))
            table = _Table(both, c.false, c.negation(c.any_of(open_)), c.false, c.false)
        case "单值" | "累计":
            raise AssertionError("an amount has no values")
        case _:
            assert_never(decision.mode)
    candidates: dict[str | None, Bit] = dict(zip(decision.values, table.values, strict=True))
    if decision.mode != "多选":
        other = decision.default
        candidates[other] = c.any_of((candidates.get(other, c.false), table.other))
    settled = c.any_of((table.determined, table.none, table.conflict))
    sure_of: dict[Status, Bit] = {
        "determined": table.determined,
        "none": table.none,
        "conflict": table.conflict,
    }
    status = {name: c.all_of((applies.true, bit)) for name, bit in sure_of.items()}
    status["undetermined"] = c.all_of((applies.possible, c.negation(c.all_of((applies.true, settled)))))
    status["not_applicable"] = c.negation(applies.possible)
    return Chosen(
        applies,
        tuple(concluded),
        tuple(rankings),
        tuple((value, c.all_of((applies.possible, bit))) for value, bit in candidates.items()),
        status,
    )


def orders(
    c: Circuit, decision: core.Decision, rankings: Sequence[Truth], unsettled: Sequence[int]
) -> Iterator[tuple[Bit, Order]]:
    """The orders that hold in each case of the ``unsettled`` rankings, with whether the case may be. Raises `Unlowered` for too many."""
    if len(unsettled) > MOST_RANKINGS:
        raise Unlowered("多于四个附条件的先后")
    for answers in product((False, True), repeat=len(unsettled)):
        held = dict(zip(unsettled, answers, strict=True))
        may = c.all_of(
            rankings[index].possible if answer else c.negation(rankings[index].true) for index, answer in held.items()
        )
        yield may, Order([rank.values for index, rank in enumerate(decision.ranks) if held.get(index, True)])


# ---- modes ----------------------------------------------------------------------------------------------------------


def _single_choice(
    c: Circuit, decision: core.Decision, sure: Sequence[Bit], open_: Sequence[Bit], rankings: Sequence[Truth]
) -> _Table:
    unsettled = [index for index, rank in enumerate(decision.ranks) if rank.when is not None]
    cases = [(may, _under(c, decision, order, sure, open_)) for may, order in orders(c, decision, rankings, unsettled)]
    if len(cases) == 1:
        return cases[0][1]

    def possibly(of: Sequence[Bit]) -> Bit:
        return c.possibly((may, bit) for (may, _), bit in zip(cases, of, strict=True))

    def surely(of: Sequence[Bit]) -> Bit:
        return c.surely((may, bit) for (may, _), bit in zip(cases, of, strict=True))

    def agreed(of: Sequence[Bit]) -> Bit:
        return c.any_of((surely(of), c.negation(possibly(of))))

    tables = [table for _, table in cases]
    by_value = [[table.values[place] for table in tables] for place in range(len(decision.values))]
    others = [table.other for table in tables]
    # One thing is claimed where all cases come to the same.
    same = c.all_of([agreed(others), *(agreed(of) for of in by_value)])
    return _Table(
        tuple(possibly(of) for of in by_value),
        possibly(others),
        c.all_of((same, surely([table.determined for table in tables]))),
        surely([table.none for table in tables]),
        surely([table.conflict for table in tables]),
    )


def _under(c: Circuit, decision: core.Decision, order: Order, sure: Sequence[Bit], open_: Sequence[Bit]) -> _Table:
    """单选 under rankings that hold."""
    values = decision.values
    over = order.over(values)
    left = [
        c.all_of((bit, c.negation(c.any_of(sure[at] for at in above)))) for bit, above in zip(sure, over, strict=True)
    ]
    some = c.any_of(sure)
    if order.circular(values):
        # Where rankings go round in a circle none of them drops out.
        round_ = c.all_of((some, c.negation(c.any_of(left))))
        left = [c.any_of((one, c.all_of((round_, bit)))) for one, bit in zip(left, sure, strict=True)]
    several = c.enough(2, left)
    # What is left alone stands where it outranks all that is open; of what outranks nothing, where nothing is open.
    ranking = dict.fromkeys(at for above in over for at in above)
    settled = c.negation(c.any_of(open_))
    beaten: list[Bit] = [
        c.all_of((left[place], c.negation(c.any_of(bit for at, bit in enumerate(open_) if place not in over[at]))))
        for place in ranking
    ]
    beaten.append(c.all_of((c.any_of(one for place, one in enumerate(left) if place not in ranking), settled)))
    determined = c.all_of((c.negation(several), c.any_of(beaten)))
    waiting = c.negation(determined)
    nothing = c.negation(some)
    concluded_none = c.all_of((nothing, settled))
    return _Table(
        tuple(c.any_of((one, c.all_of((waiting, bit)))) for one, bit in zip(left, open_, strict=True)),
        nothing,
        determined if decision.default is None else c.any_of((determined, concluded_none)),
        concluded_none if decision.default is None else c.false,
        several,
    )


def _strictest(c: Circuit, decision: core.Decision, sure: Sequence[Bit], open_: Sequence[Bit]) -> _Table:
    """由宽到严: the strictest of what is concluded and 默认; settled unless something open is stricter."""
    spoken = [
        c.any_of((bit, c.fixed(value == decision.default))) for value, bit in zip(decision.values, sure, strict=True)
    ]
    # Of each value, last of none, whether nothing from it on is spoken of.
    none_from: list[Bit] = [c.true]
    above: Bit = c.false
    for bit in reversed(spoken):
        above = c.any_of((bit, above))
        none_from.append(c.negation(above))
    none_from.reverse()
    base = [c.all_of((bit, none_from[at + 1])) for at, bit in enumerate(spoken)]
    stricter = [c.all_of((bit, none_from[at])) for at, bit in enumerate(open_)]
    some, more = c.any_of(spoken), c.any_of(stricter)
    return _Table(
        tuple(c.any_of(pair) for pair in zip(base, stricter, strict=True)),
        c.negation(some) if decision.default is None else c.false,
        c.all_of((some, c.negation(more))),
        c.all_of((c.negation(some), c.negation(more))),
        c.false,
    )


# ---- duties ---------------------------------------------------------------------------------------------------------


def duty_status(
    c: Circuit, duty: core.Duty, when: Truth, met: Truth, over: Truth, expiry: Truth, reason: Truth
) -> dict[FindingStatus, Bit]:
    """How a duty or a prohibition stands: `decisions.duty_status`, row by row, each where none before it is met."""
    rows: list[tuple[FindingStatus, Bit]] = [
        ("not_applicable", c.negation(when.possible)),
        ("compliant", met.true),
        ("unverified", c.negation(c.all_of((when.true, c.negation(met.possible))))),
        ("explained", reason.true),
        ("unverified", reason.possible),
    ]
    if duty.deadline is None and duty.expiry is None:
        rows.append(("violated", c.true))
    else:
        rows.append(("overdue", c.any_of((expiry.true, over.true))))
        rows.append(("unverified", c.any_of((expiry.possible, over.possible))))
        rows.append(("in_progress", c.true))
    return _first(c, rows)


def notice_status(c: Circuit, when: Truth) -> dict[FindingStatus, Bit]:
    """How a notice stands."""
    return _first(c, [("not_applicable", c.negation(when.possible)), ("notice", when.true), ("unverified", c.true)])


def _first(c: Circuit, rows: Sequence[tuple[FindingStatus, Bit]]) -> dict[FindingStatus, Bit]:
    found: dict[FindingStatus, list[Bit]] = {}
    before: list[Bit] = []
    for status, bit in rows:
        found.setdefault(status, []).append(c.all_of((bit, c.negation(c.any_of(before)))))
        before.append(bit)
    return {status: c.any_of(bits) for status, bits in found.items()}


# ---- tests


def decision_is(c: Circuit, decided: Chosen, wanted: Sequence[str | None], negated: bool) -> Truth:
    """Whether a decision is one of ``wanted``, or of ``negated`` something else."""
    items = frozenset(wanted)
    if decided.comes is not None:
        sure, may = (c.comes_to(decided.comes, items, negated=negated, sure=sure) for sure in (True, False))
        return Truth(sure, may)
    inside = c.any_of(bit for value, bit in decided.candidates if value in items)
    outside = c.any_of(bit for value, bit in decided.candidates if value not in items)
    perhaps = c.negation(decided.applies.true)
    # Whatever is asked, the test is false if the decision does not apply.
    if negated:
        return Truth(c.all_of((outside, c.negation(inside), c.negation(perhaps))), outside)
    return Truth(c.all_of((inside, c.negation(outside), c.negation(perhaps))), inside)


def decision_has(
    values: Values, decision: core.Decision, decided: Chosen, wanted: Sequence[str], how: core.Holding
) -> Truth:
    """Whether a decision of several values holds ``all`` of ``wanted``, ``any``, ``none`` or ``only`` such."""
    if how == "only":
        how, wanted = "none", [value for value in decision.values if value not in wanted]
    by_value = dict(zip(decision.values, decided.concluded, strict=True))
    held = [by_value.get(value) or values.truth(False) for value in wanted]
    truth = values.conjunction(held) if how == "all" else values.disjunction(held)
    if how == "none":
        truth = values.negation(truth)
    return values.conjunction((truth, decided.applies))

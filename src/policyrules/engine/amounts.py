"""What an amount comes to: 5.16 of the language page on truth values and numbers alone.

Why this exists: as the tables of the other decisions (`decisions`), what an amount means can be checked against the page
by eye, away from how conditions and expressions are evaluated.

Invariants: nothing is rounded; what is determined is what every completion of what is unknown comes to; ``value`` holds
whatever any completion comes to, so that a test on an amount never changes once it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

from policyrules.engine import values as v
from policyrules.engine.decisions import RANKINGS_TRIED, Order
from policyrules.engine.values import Abstract, Truth
from policyrules.frozen import frozen
from policyrules.program.nodes import Decision, Limit
from policyrules.results import Status
from policyrules.types import Number


@frozen
class Share:
    """A rule: whether it speaks, and what it gives where it does (void where it is false)."""

    rule: str
    truth: Truth
    value: Abstract


@frozen
class Amount:
    """One amount on one instance. ``value``: what it may be, void where there is none. ``shares``: of the rules that are
    not false, each within the limits (单值); ``standing``: those of the true ones that no other true one outranks, ``open``:
    those of the unknown ones that may still matter. ``defaulted``: the 默认, or the 0 of no rule."""

    status: Status
    value: Abstract
    shares: tuple[Share, ...] = ()
    standing: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    defaulted: bool = False
    applies: Truth = True
    rankings: tuple[tuple[tuple[str, ...], Truth], ...] = ()

    @property
    def true_rules(self) -> tuple[str, ...]:
        """The rules that hold, in canonical order."""
        return tuple(share.rule for share in self.shares if share.truth)

    @property
    def unknown_rules(self) -> tuple[str, ...]:
        """The rules that may hold, in canonical order."""
        return tuple(share.rule for share in self.shares if share.truth is None)

    @property
    def ranking(self) -> tuple[int, ...]:
        """Which of the rankings bear on the result: those that order two or more of the rules that are not false."""
        named = {share.rule for share in self.shares}
        return tuple(index for index, (rules, _) in enumerate(self.rankings) if len(named.intersection(rules)) > 1)


NO_AMOUNT: Final = Amount("not_applicable", v.VOID, applies=False)


@frozen
class Verdict:
    """What the rules come to where the decision applies, under rankings that are known."""

    status: Status
    value: Abstract
    standing: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    defaulted: bool = False


def reckon(
    decision: Decision,
    applies: Truth,
    shares: Sequence[Share],
    bounds: Sequence[Abstract],
    rankings: tuple[tuple[tuple[str, ...], Truth], ...],
) -> Amount:
    """The state of an amount from what its rules give; ``bounds``: of each limit. 适用 unknown: undetermined, and perhaps
    no amount at all."""
    speaking = tuple(share for share in shares if share.truth is not False)
    if decision.mode == "累计":
        verdict = summed(decision, speaking, bounds)
    else:
        speaking = tuple(Share(s.rule, s.truth, limited(decision, s.value, bounds)) for s in speaking)
        verdict = single(decision, speaking, rankings)
    status, value = verdict.status, verdict.value
    if applies is None:
        status, value = "undetermined", v.hull(value, v.VOID)
    defaulted = verdict.defaulted and status == "determined"
    return Amount(status, value, speaking, verdict.standing, verdict.open, defaulted, applies, rankings)


def limited(decision: Decision, value: Abstract, bounds: Sequence[Abstract]) -> Abstract:
    """5.16.8 to 5.16.10: within the limits in their turn, so that those of upper layers hold whatever a lower one wrote."""
    for index in _in_order(decision):
        value = _within(decision.limits[index], value, bounds[index])
    return value


def binding(
    decision: Decision, value: Abstract, bounds: Sequence[Abstract], among: Iterable[int] | None = None
) -> frozenset[int]:
    """Which of the limits (of ``among`` them) change ``value``, or may change it: for something that it and the limits may
    be, something else would come out without one of them. Where several bring about the same, the first of them; of two of
    which one undoes the other, none."""
    kept = [index for index in _in_order(decision) if among is None or index in among]
    while value is not v.VOID:
        idle = next((one for one in reversed(kept) if not _may_change(decision, one, kept, value, bounds)), None)
        if idle is None:
            break
        kept.remove(idle)
    return frozenset(kept)


def _may_change(
    decision: Decision, one: int, order: Sequence[int], value: Abstract, bounds: Sequence[Abstract]
) -> bool:
    """Whether some number of ``value`` comes out otherwise without one of the limits.

    Each limit follows what it is given, so it is enough to try what favours this one most: a 不少于 raises what is low
    before it and is as high as it may be itself, while those after it let the most through.
    """
    raises = decision.limits[one].kind == "不少于"
    inside = outside = _end(value, high=not raises)
    reached = False
    for index in order:
        at_least = decision.limits[index].kind == "不少于"
        if index == one:
            high, perhaps, reached = raises, True, True
        elif reached:
            high, perhaps = not at_least, False
        else:
            high, perhaps = not raises, at_least != raises
        exists, number = v.existing(bounds[index])
        if exists or (exists is None and perhaps):
            bound, chosen = _end(number, high=high), max if at_least else min
            inside = chosen(inside, bound)
            outside = outside if index == one else chosen(outside, bound)
    return inside != outside


def _end(value: Abstract, *, high: bool) -> tuple[int, Number]:
    """One end of a number, as what can be compared with others: -1 below them all, 1 above."""
    lowest, highest, _ = v.bounds(value)
    end = highest if high else lowest
    return (0, end) if end is not None else (1, 0) if high else (-1, 0)


def _in_order(decision: Decision) -> list[int]:
    limits = decision.limits
    return sorted(range(len(limits)), key=lambda index: limits[index].turn)


def _within(limit: Limit, value: Abstract, bound: Abstract) -> Abstract:
    exists, number = v.existing(bound)
    if exists is False:
        return value
    inside = v.pick((value, number), largest=limit.kind == "不少于")
    return inside if exists else v.hull(value, inside)


# ---- 单值 -----------------------------------------------------------------------------------------------------------


def single(decision: Decision, shares: tuple[Share, ...], rankings: Sequence[tuple[tuple[str, ...], Truth]]) -> Verdict:
    """单值. Where a ranking is itself unknown, both cases are looked at: only what they agree on is claimed."""
    unknown = [index for index, (_, truth) in enumerate(rankings) if truth is None]
    if len(unknown) > RANKINGS_TRIED:
        found = ranked(decision, shares, Order(()))
        return found if found.status != "conflict" else Verdict("undetermined", found.value, (), found.open)
    verdicts = []
    for answers in product((False, True), repeat=len(unknown)):
        chosen = dict(zip(unknown, answers, strict=True))
        holding = Order([rules for index, (rules, truth) in enumerate(rankings) if chosen.get(index, truth)])
        verdicts.append(ranked(decision, shares, holding))
    first = verdicts[0]
    if len(verdicts) == 1:
        return first
    value = _joined(verdict.value for verdict in verdicts)
    agree = all(verdict.status == first.status for verdict in verdicts)
    # Where it is not determined without the unknown rankings, it may be with them, and the other way round.
    status: Status = first.status if agree and (first.status != "determined" or v.known(value)) else "undetermined"
    standing = tuple(rule for rule in first.standing if all(rule in verdict.standing for verdict in verdicts))
    if status == "conflict":
        standing = first.standing
    named = {rule for verdict in verdicts for rule in (*verdict.standing, *verdict.open)}
    open_ = tuple(share.rule for share in shares if share.rule in named and share.rule not in standing)
    return Verdict(status, value, standing, open_, all(verdict.defaulted for verdict in verdicts))


def ranked(decision: Decision, shares: tuple[Share, ...], holding: Order) -> Verdict:
    """5.16.3 to 5.16.7, under rankings that are known."""
    true = [share for share in shares if share.truth]
    dropped: set[str] = set()
    if not holding.circular([share.rule for share in shares]):
        dropped = {s.rule for s in shares if any(holding.outranks(other.rule, s.rule) for other in true)}
    left = [share for share in true if share.rule not in dropped]
    open_ = [share for share in shares if share.truth is None and share.rule not in dropped]
    standing, waiting = tuple(share.rule for share in left), tuple(share.rule for share in open_)
    others: list[Abstract] = [share.value for share in (*left, *open_)]
    if not left:
        fallback: Abstract = v.VOID if decision.default_amount is None else decision.default_amount
        if not open_:
            status: Status = "none" if fallback is v.VOID else "determined"
            return Verdict(status, fallback, defaulted=status == "determined")
        others.append(fallback)
    elif _differ([share.value for share in left]):
        return Verdict("conflict", _joined(others), standing, waiting)
    value = _joined(others)
    settled = v.known(value) and all(v.known(each) for each in others)
    return Verdict("determined" if settled else "undetermined", value, standing, waiting, settled and not left)


def _differ(found: Sequence[Abstract]) -> bool:
    """Whether two of the values surely differ: of values on a line, the one that ends first and the one that begins last."""
    ends = [v.bounds(value) for value in found]
    highs = [high for _, high, _ in ends if high is not None]
    lows = [low for low, _, _ in ends if low is not None]
    return bool(highs and lows) and min(highs) < max(lows)


def _joined(found: Iterable[Abstract]) -> Abstract:
    values = list(found)
    whole = values[0]
    for value in values[1:]:
        whole = v.hull(whole, value)
    return whole


# ---- 累计 -----------------------------------------------------------------------------------------------------------


def summed(decision: Decision, shares: tuple[Share, ...], bounds: Sequence[Abstract]) -> Verdict:
    """5.16.11, 5.16.12: what holds, and of what may hold anything from nothing to all of it; of no rule 0."""
    total = total_of(shares)
    standing = tuple(share.rule for share in shares if share.truth)
    open_ = tuple(share.rule for share in shares if share.truth is None)
    value = limited(decision, total, bounds) if shares else total
    if not standing:
        value = v.hull(0, value)
    status: Status = "determined" if v.known(value) else "undetermined"
    return Verdict(status, value, standing, open_, defaulted=not standing and status == "determined")


def total_of(shares: Iterable[Share]) -> Abstract:
    """What rules that are not false come to together, without limits."""
    total: Abstract = 0
    for share in shares:
        total = v.add(total, share.value if share.truth else v.hull(0, share.value))
    return total

"""Amounts (5.16), written from the page: what rules give, ranked, limited, and put together.

Why this exists: apart from `naive`, because an amount is a set of numbers, not one of some declared values. Everything
is tried one by one: each rule that may hold, holds and does not; each number that may be meant, is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .syntax import Row, Rule
from .truths import VOID, Mark, Possible, Truth, all_of, any_of, negation

if TYPE_CHECKING:
    from .naive import Model

TRIED = 3000
MOST = 200


@dataclass(frozen=True)
class Reckoned:
    """An amount. ``possible``: the numbers it may be, VOID where there is none; None where it may be anything.
    ``unknown``: whether any rule, number, limit or ranking is; ``truths``: of each rule, whether it gives a number."""

    status: str
    possible: Possible
    applies: Truth
    unknown: bool
    truths: tuple[tuple[Rule, Truth], ...] = ()


def reckoned(model: Model, name: str, row: Row) -> Reckoned:
    """One amount on one instance."""
    key = (name, id(row))
    if key not in model.reckoned:
        model.reckoned[key] = _reckoned(model, name, row)
    return model.reckoned[key]


def _reckoned(model: Model, name: str, row: Row) -> Reckoned:
    declared = model.folded.decisions[name]
    applies = True if declared.applies is None else model.cond(declared.applies, [row])
    if applies is False:
        return Reckoned("not_applicable", frozenset({VOID}), False, False)
    truths: list[tuple[Rule, Truth]] = []
    numbers: dict[str, Possible] = {}
    for rule, when in sorted(model.folded.rules[name], key=lambda pair: pair[0].level):
        truth = model.cond(when, [row])
        assert rule.amount is not None
        given = model.amount(rule.amount, [row])
        if rule.supplement:
            truth = all_of((truth, negation(any_of(t for r, t in truths if r.level in model.policy.above(rule.level)))))
        if given is not None and VOID in given:
            # A number that does not exist is given by nobody.
            truth = False if given == {VOID} else all_of((truth, None))
            given = given - {VOID}
        elif given is None and truth is True and not model.exact:
            # It may be void, for all that is known here.
            truth = None
        truths.append((rule, truth))
        numbers[rule.name] = given
    limits = [(level, limit.most, model.amount(limit.bound, [row])) for level, limit in model.folded.limits[name]]
    ranks = [
        (rank.values, True if rank.when is None else model.cond(rank.when, [row])) for rank in model.folded.ranks[name]
    ]
    speaking: list[tuple[Rule, Truth]] = [(rule, truth) for rule, truth in truths if truth is not False]
    open_ = any(truth is None for _, truth in speaking) or any(truth is None for _, truth in ranks)
    if any(numbers[rule.name] is None for rule, _ in speaking) or (
        speaking and any(possible is None for _, _, possible in limits)
    ):
        return Reckoned("undetermined", None, applies, True, tuple(truths))
    found: set[Any] = set()
    conflicts = [False, False]
    tried = 0
    above = model.policy.above
    for world in _worlds(speaking, numbers, limits, ranks):
        tried += 1
        if tried > TRIED:
            return Reckoned("undetermined", None, applies, True, tuple(truths))
        held, bounds, order = world
        came = (
            _sum(held, bounds, above) if declared.mode == "累计" else _one(held, bounds, order, declared.least, above)
        )
        conflicts[len(came) > 1] = True
        found |= came
    if applies is None:
        return Reckoned("undetermined", frozenset({*found, VOID}), None, True, tuple(truths))
    status = "undetermined"
    if conflicts == [False, True]:
        status = "conflict"
    elif len(found) == 1:
        status = "none" if found == {VOID} else "determined"
    several = open_ or tried > 1
    return Reckoned(status, frozenset(found) if len(found) <= MOST else None, True, several, tuple(truths))


Bounds = list[tuple[int, bool, Any]]
Above = Callable[[int], frozenset[int]]


def _worlds(
    speaking: list[tuple[Rule, Truth]],
    numbers: dict[str, Possible],
    limits: list[tuple[int, bool, Possible]],
    ranks: list[tuple[tuple[str, ...], Truth]],
) -> Iterator[tuple[dict[str, Any], Bounds, list[tuple[str, ...]]]]:
    """Everything that may be meant: what the rules that hold give, the limits, the rankings that hold."""
    each: list[list[Any]] = []
    for rule, truth in speaking:
        given = numbers[rule.name]
        assert given is not None
        each.append([*given, *([None] if truth is None else [])])
    # What is not known matters to no rule here.
    bounds = [sorted({VOID} if possible is None else possible, key=repr) for _, _, possible in limits]
    orders = [[True, False] if truth is None else [truth] for _, truth in ranks]
    for chosen in itertools.product(*each):
        held = {rule.name: value for (rule, _), value in zip(speaking, chosen, strict=True) if value is not None}
        for ends in itertools.product(*bounds):
            limited = [(level, most, end) for (level, most, _), end in zip(limits, ends, strict=True)]
            for holding in itertools.product(*orders):
                yield held, limited, [rules for (rules, _), holds in zip(ranks, holding, strict=True) if holds]


def within(value: Any, bounds: Bounds, above: Above) -> Any:
    """One limit after the other, in any order in which of two opposite ones the one that holds comes last: that of the layer
    above, else 不超过. What does not exist does not bind."""
    own = [bound for bound in bounds if bound[2] is not VOID]

    def holds(one: tuple[int, bool, Any], other: tuple[int, bool, Any]) -> bool:
        if one[0] in above(other[0]) or other[0] in above(one[0]):
            return one[0] in above(other[0])
        return one[1]

    for order in itertools.permutations(own):
        pairs = itertools.combinations(order, 2)
        if all(first[1] == last[1] or holds(last, first) for first, last in pairs):
            break
    else:
        # Round in a circle through documents side by side.
        order = tuple(sorted(own, key=lambda bound: bound[1]))
    for _, most, end in order:
        value = min(value, end) if most else max(value, end)
    return value


def _sum(held: dict[str, Any], bounds: Bounds, above: Above) -> set[Any]:
    return {within(sum(held.values()), bounds, above)} if held else {0}


def _one(held: dict[str, Any], bounds: Bounds, order: list[tuple[str, ...]], least: Any, above: Above) -> set[Any]:
    """The one number, or those in conflict."""
    if not held:
        return {VOID if least is None else least}

    def outranks(one: str, other: str) -> bool:
        pairs = [rules for rules in order if one in rules and other in rules]
        before = [rules.index(one) < rules.index(other) for rules in pairs]
        return bool(before) and all(before)

    left = [rule for rule in held if not any(outranks(other, rule) for other in held)]
    return {within(held[rule], bounds, above) for rule in left or held}


def numbers_of(possible: Possible) -> list[Any]:
    """The numbers among them."""
    return [value for value in possible or () if not isinstance(value, Mark)]

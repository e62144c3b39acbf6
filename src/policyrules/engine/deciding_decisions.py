"""The fewest blanks that settle a decision, or bring it to some of its values: `decisions` followed backwards.

Why this exists: what it takes to settle a decision follows the tables of section 5 backwards, mode by mode.

Invariants: as those of `deciding`; with some answers to the blanks of a way every candidate is among those allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from itertools import product
from typing import Any, Final

from policyrules.engine.deciding import (
    FALSE,
    NO_EFFORT,
    TRUE,
    Agreement,
    Answers,
    MaybeWay,
    Open,
    agreeing,
    all_of,
    any_of,
    asking,
    blanks_of,
    cheapest,
    opposite,
    together,
)
from policyrules.engine.decisions import Order, State
from policyrules.explanation import Blank
from policyrules.frozen import frozen
from policyrules.program import nodes as core
from policyrules.results import not_applicable

# Unknown rankings of one decision that are tried one way and the other.
_RANKINGS_TRIED: Final = 3


@frozen
class OpenDecision:
    """A decision that is not settled: what is left of its 适用, its unknown rules and its unknown rankings.
    ``concluding``: all of its rules, in the order they are looked at; ``orders``: the rankings that hold
    where those that are unknown come out one way and the other; ``said``: the values that each rule concludes; of 由宽到严
    ``base``, the strictest that is settled (None: 无), and ``stricter``, what is open beyond it."""

    decision: core.Decision
    concluding: Sequence[core.Rule]
    state: State
    applies: Open
    rules: dict[str, Open]
    rankings: tuple[Open, ...]
    conflict: Blank | None
    strictness: dict[str, int] = field(init=False)
    said: dict[str, tuple[str, ...]] = field(init=False)
    orders: tuple[tuple[dict[int, bool], Order], ...] = field(init=False)
    _true: dict[str, MaybeWay] = field(init=False)
    _false: dict[str, MaybeWay] = field(init=False)
    _others: dict[str, MaybeWay] = field(init=False)
    base: str | None = field(init=False)
    stricter: dict[str, None] = field(init=False)
    _stricter_false: dict[str | None, MaybeWay] = field(init=False)

    def __post_init__(self) -> None:
        # Every way to settle asks these of every value.
        concluding: dict[str, list[Open]] = {value: [] for value in self.decision.values}
        for rule in self.concluding:
            if rule.name in self.rules:
                for value in rule.values:
                    concluding.setdefault(value, []).append(self.rules[rule.name])
        rankings = self.state.rankings
        unknown = [index for index in self.state.ranking if rankings[index][1] is None]
        object.__setattr__(
            self, "_true", {value: cheapest(o.true for o in opens) for value, opens in concluding.items()}
        )
        object.__setattr__(
            self, "_false", {value: together(o.false for o in opens) for value, opens in concluding.items()}
        )
        object.__setattr__(self, "_others", {})
        object.__setattr__(self, "_stricter_false", {})
        object.__setattr__(self, "said", {rule.name: rule.values for rule in self.concluding})
        strictness = {value: place for place, value in enumerate(self.decision.values)}
        default = self.decision.default
        spoken = [*self.state.concluded, *(() if default is None else (default,))]
        base = max(spoken, key=strictness.__getitem__) if spoken and self.decision.mode == "由宽到严" else None
        level = -1 if base is None else strictness[base]
        object.__setattr__(self, "strictness", strictness)
        object.__setattr__(self, "base", base)
        stricter = dict.fromkeys(value for value in self.state.open if strictness[value] > level)
        object.__setattr__(self, "stricter", stricter)
        orders = []
        tried = unknown[:_RANKINGS_TRIED]
        for answers in product((False, True), repeat=len(tried)):
            chosen = dict(zip(tried, answers, strict=True))
            holding = [values for index, (values, truth) in enumerate(rankings) if chosen.get(index, truth)]
            orders.append((chosen, Order(holding)))
        object.__setattr__(self, "orders", tuple(orders))

    def true(self, value: str) -> MaybeWay:
        """The fewest blanks for some rule to conclude the value."""
        return self._true[value]

    def false(self, value: str) -> MaybeWay:
        """The fewest blanks for no rule to conclude it."""
        return self._false[value]

    def others_false(self, value: str) -> MaybeWay:
        """The fewest blanks for no rule to conclude any open value but this one, which is open."""
        if not self._others:
            # What comes before a value and what comes after it: not all of the others once more for each.
            after: list[MaybeWay] = [NO_EFFORT]
            for other in reversed(self.state.open):
                after.append(together((self._false[other], after[-1])))
            before: MaybeWay = NO_EFFORT
            for other in self.state.open:
                after.pop()
                self._others[other] = together((before, after[-1]))
                before = together((before, self._false[other]))
        return self._others[value]

    def stricter_false(self, value: str | None) -> MaybeWay:
        """The fewest blanks for no rule to conclude a value stricter than this one: one of ``stricter``, or ``base``."""
        if not self._stricter_false:
            above: MaybeWay = NO_EFFORT
            for other in sorted(self.stricter, key=self.strictness.__getitem__, reverse=True):
                self._stricter_false[other] = above
                above = together((self._false[other], above))
            self._stricter_false[self.base] = above
        return self._stricter_false[value]


def come_to(found: OpenDecision, allowed: frozenset[Any], *, settled: bool = False) -> MaybeWay:
    """The fewest blanks for every candidate to be among ``allowed`` (None: 无), where the decision applies.
    ``settled``: and for nothing to be left open, not even a rule that would conclude the default."""
    if found.decision.mode == "由宽到严":
        return _come_to_strictest(found, allowed)
    ways: list[MaybeWay] = []
    for chosen, holding in found.orders:
        ranked = together(found.rankings[i].true if answer else found.rankings[i].false for i, answer in chosen.items())
        ways.append(together((ranked, _come_to_single(found, allowed, holding, settled))))
    if found.conflict is not None and any(value in allowed for value in found.state.concluded):
        # Whoever settles the conflict settles the decision.
        settled_as = tuple(value for value in found.state.concluded if value in allowed)
        ways.append(asking(found.conflict, Answers(settled_as, allowed.__contains__)))
    return cheapest(ways)


def _come_to_single(found: OpenDecision, allowed: frozenset[Any], holding: Order, settled: bool) -> MaybeWay:
    state, default = found.state, found.decision.default
    inside = [value for value in state.open if value in allowed]
    if len(inside) == 1:
        excluded = found.others_false(inside[0])
    else:
        excluded = together(found.false(value) for value in state.open if value not in allowed)
    first = holding.unranked(state.concluded)
    ways: list[MaybeWay] = []
    if state.concluded:
        if all(value in allowed for value in first):
            ways.append(excluded)
    elif default in allowed:
        ways.append(together(found.false(value) for value in state.open) if settled else excluded)
    for value in inside:
        left = holding.unranked((*state.concluded, value))
        if not all(other in allowed for other in left):
            continue
        if len(left) == 1 and all(holding.outranks(left[0], other) for other in state.open if other != value):
            ways.append(found.true(value))
        ways.append(together((found.true(value), excluded)))
    alone = [value for value in first if value in allowed]
    if len(first) == 1 and alone:
        # What this value outranks need not be excluded.
        rest = [other for other in state.open if not holding.outranks(alone[0], other)]
        if not rest:
            ways.append(NO_EFFORT)
        else:
            ways.append(together(found.false(other) for other in rest))
    return cheapest(ways)


def _come_to_strictest(found: OpenDecision, allowed: frozenset[Any]) -> MaybeWay:
    base, open = found.base, found.stricter
    if len(allowed) == 1:
        (value,) = allowed
        if value == base:
            return found.stricter_false(value)
        return together((found.true(value), found.stricter_false(value))) if value in open else None
    strictness = found.strictness.__getitem__
    ways: list[MaybeWay] = []
    for value in (base, *open):
        if value not in allowed:
            continue
        least = -1 if value is None else strictness(value)
        stricter = [other for other in open if strictness(other) > least and other not in allowed]
        own = NO_EFFORT if value == base or value is None else found.true(value)
        ways.append(together((own, *(found.false(other) for other in stricter))))
    return cheapest(ways)


def _parts(found: OpenDecision, wanted: frozenset[str] | None = None) -> tuple[Open | Blank, ...]:
    parts: list[Open | Blank] = [found.applies] if found.applies.parts else []
    for name, left in found.rules.items():
        if left.parts and (wanted is None or not wanted.isdisjoint(found.said[name])):
            parts.append(left)
    if wanted is None:
        parts.extend(
            found.rankings[index]
            for index in found.state.ranking
            if found.state.rankings[index][1] is None and found.rankings[index].parts
        )
        if found.conflict is not None:
            parts.append(found.conflict)
    return tuple(parts)


def _exact(found: OpenDecision) -> bool:
    ranked = bool(found.state.ranking)
    return found.applies.exact and all(left.exact for left in found.rules.values()) and not ranked


def decision_settled(found: OpenDecision) -> Open:
    """The cheapest way for a decision to become determined, none or not applicable."""
    state = found.state
    if found.decision.mode == "多选":
        ways = [_each_settled(found), _each_settled(found, kept_out=True)]
    else:
        options = [c for c in state.candidates if c is not not_applicable]
        ways = [come_to(found, frozenset({option}), settled=True) for option in options]
    way = agreeing((*(together((found.applies.true, settled)) for settled in ways), found.applies.false))
    # Each open value asks the rules that conclude it: a rule that concludes two of them is counted for both.
    speaking = [found.said[name] for name in found.rules]
    open_ = frozenset(state.open)
    shared = any(sum(value in open_ for value in values) > 1 for values in speaking)
    least = not shared or len(blanks_of(way)) <= 1
    return Open(_parts(found), way, way, _exact(found) and least)


def _each_settled(found: OpenDecision, *, kept_out: bool = False) -> MaybeWay:
    """The fewest blanks for each open value to be told, one way or the other, so far as these agree. ``kept_out``: rather not to
    be concluded."""
    taken = Agreement()
    if found.applies.true is not None:
        taken.take(found.applies.true)
    ways = []
    for value in found.state.open:
        either = [way for way in (found.false(value), found.true(value)) if way is not None]
        if not kept_out:
            either = sorted(reversed(either), key=lambda way: way.rank)
        ways.append(next((way for way in either if taken.take(way)), either[0] if either else None))
    return together(ways)


def told_from(found: OpenDecision, items: frozenset[str | None], negated: bool) -> Open:
    """Whether the decision is one of ``items``, or of ``negated`` none of them."""
    others = frozenset((*found.decision.values, None)) - items
    inside, outside = come_to(found, items), come_to(found, others)
    applies, apart = found.applies.true, found.applies.false
    if negated:
        true, false = together((applies, outside)), cheapest((inside, apart))
    else:
        true, false = together((applies, inside)), cheapest((outside, apart))
    return Open(_parts(found), true, false, _exact(found))


def decision_has(found: OpenDecision, values: tuple[str, ...], how: str) -> Open:
    """Whether a decision of several values holds ``all`` of ``values``, ``any``, ``none`` or ``only`` such."""
    if how == "only":
        how, values = "none", tuple(value for value in found.decision.values if value not in values)
    each = []
    for value in values:
        if value in found.state.concluded:
            each.append(TRUE)
        elif value in found.state.open:
            left = Open(_parts(found, frozenset({value})), found.true(value), found.false(value))
            each.append(replace(left, exact=_exact(found)))
        else:
            each.append(FALSE)
    held = all_of(each) if how == "all" else any_of(each)
    return all_of([found.applies, opposite(held) if how == "none" else held])

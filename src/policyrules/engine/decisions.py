"""The tables of the language page, section 5, on truth values alone: modes, tests, presumptions, duties.

Why this exists: what a decision means can be checked against the page by eye, away from how conditions are evaluated.

Invariants: P and U are disjoint and in declared order; candidates come in the order P, U, default or 无, 不适用; a
determined result is the result of every completion of what is unknown.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Final, TypeAlias, assert_never

from policyrules.engine.values import Abstract, Truth, bounds, conjunction, disjunction, negation
from policyrules.frozen import frozen
from policyrules.program.nodes import Decision, Duty, Holding, Rule
from policyrules.results import Candidate, FindingStatus, NotApplicable, Status, not_applicable
from policyrules.types import Value

Ranking: TypeAlias = Sequence[tuple[tuple[str, ...], Truth]]
"""先后: values from first to last, and whether the ranking holds."""

# Beyond this many unknown rankings on one decision nothing is claimed that needs them one by one.
RANKINGS_TRIED: Final = 8


@frozen
class State:
    """One decision on one instance.

    ``applies``: 适用; ``concluded`` is P, ``open`` is U, in declared order; ``certain``: P after ranking (多选: P);
    ``true_rules`` and ``unknown_rules`` in canonical order.
    """

    status: Status
    candidates: tuple[Candidate, ...]
    certain: tuple[str, ...] = ()
    concluded: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    defaulted: bool = False
    applies: Truth = True
    true_rules: tuple[str, ...] = ()
    unknown_rules: tuple[str, ...] = ()
    rankings: tuple[tuple[tuple[str, ...], Truth], ...] = ()

    @property
    def ranking(self) -> tuple[int, ...]:
        """Which of the rankings bear on the result: those that order two values or more of P and U."""
        named = {*self.concluded, *self.open}
        return tuple(index for index, (values, _) in enumerate(self.rankings) if len(named.intersection(values)) > 1)


@frozen
class Verdict:
    """A row of the tables: what a mode makes of P and U where the decision applies."""

    status: Status
    candidates: tuple[Candidate, ...]
    certain: tuple[str, ...] = ()
    defaulted: bool = False


# ---- modes ----------------------------------------------------------------------------------------------------------


def decide(decision: Decision, concluded: tuple[str, ...], open: tuple[str, ...], rankings: Ranking) -> Verdict:
    """The mode's result for P and U, as if the decision applied for sure."""
    match decision.mode:
        case "单选":
            return single_choice(decision, concluded, open, rankings)
        case "由宽到严":
            return strictest(decision, concluded, open)
        case "多选":
            return several(concluded, open)
        case "单值" | "累计":
            raise AssertionError("what an amount comes to is worked out in `amounts`")
        case _:
            assert_never(decision.mode)


def single_choice(decision: Decision, concluded: tuple[str, ...], open: tuple[str, ...], rankings: Ranking) -> Verdict:
    """单选. Where a ranking is itself unknown, both cases are looked at: only what they agree on is claimed."""
    unknown_rankings = [index for index, (_, truth) in enumerate(rankings) if truth is None]
    if len(unknown_rankings) > RANKINGS_TRIED:
        return Verdict("undetermined", (*concluded, *open, *(() if concluded else (decision.default,))))
    verdicts = []
    for answers in product((False, True), repeat=len(unknown_rankings)):
        chosen = dict(zip(unknown_rankings, answers, strict=True))
        holding = Order([values for index, (values, truth) in enumerate(rankings) if chosen.get(index, truth)])
        verdicts.append(_single_choice(decision, concluded, open, holding))
    first = verdicts[0]
    if all(verdict == first for verdict in verdicts):
        return first
    named = {candidate for verdict in verdicts for candidate in verdict.candidates}
    ordered = tuple(c for c in dict.fromkeys((*concluded, *open, decision.default)) if c in named)
    certain = frozenset.intersection(*(frozenset(verdict.certain) for verdict in verdicts))
    sure = tuple(value for value in concluded if value in certain)
    # Without any ranking the verdict is `first`: more rankings only make values drop out.
    conflict = all(verdict.status == "conflict" for verdict in verdicts)
    return Verdict("conflict" if conflict else "undetermined", ordered, first.certain if conflict else sure)


def _single_choice(decision: Decision, concluded: tuple[str, ...], open: tuple[str, ...], holding: Order) -> Verdict:
    left = holding.unranked(concluded)
    if len(left) > 1:
        return Verdict("conflict", (*left, *open), left)
    if left:
        if all(holding.outranks(left[0], other) for other in open):
            return Verdict("determined", left, left)
        return Verdict("undetermined", (*left, *open), left)
    if open:
        return Verdict("undetermined", tuple(dict.fromkeys((*open, decision.default))))
    return _nothing_concluded(decision)


def _nothing_concluded(decision: Decision) -> Verdict:
    if decision.default is None:
        return Verdict("none", (None,))
    return Verdict("determined", (decision.default,), defaulted=True)


class Order:
    """The rankings that hold, ready to be asked about many pairs: where each value stands in each of them."""

    __slots__ = ("_places",)

    def __init__(self, holding: Sequence[tuple[str, ...]]) -> None:
        self._places: dict[str, dict[int, int]] = {}
        for number, ranked in enumerate(holding):
            for place, value in enumerate(ranked):
                self._places.setdefault(value, {}).setdefault(number, place)

    def outranks(self, first: str, second: str) -> bool:
        """Whether a ranking puts ``first`` before ``second``, and none puts it after."""
        firsts, seconds = self._places.get(first), self._places.get(second)
        if firsts is None or seconds is None or first == second:
            return False
        before = False
        for number in firsts if len(firsts) <= len(seconds) else seconds:
            if number in firsts and number in seconds:
                if firsts[number] > seconds[number]:
                    return False
                before = True
        return before

    def over(self, values: Sequence[str]) -> list[list[int]]:
        """Of each of these the places of those that outrank it."""
        ranked = [(at, one) for at, one in enumerate(values) if one in self._places]
        return [
            [at for at, one in ranked if self.outranks(one, value)] if value in self._places else [] for value in values
        ]

    def circular(self, values: Sequence[str]) -> bool:
        """Whether the rankings of these go round in a circle anywhere."""
        ranked = [value for value in values if value in self._places]
        after = {one: [other for other in ranked if self.outranks(one, other)] for one in ranked}
        before = Counter(other for others in after.values() for other in others)
        # Whatever nothing else outranks is in no circle; nor is what only such values outrank.
        free = [value for value in ranked if not before[value]]
        seen = 0
        while free:
            seen += 1
            for other in after[free.pop()]:
                before[other] -= 1
                if not before[other]:
                    free.append(other)
        return seen < len(ranked)

    def unranked(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The values that no other of them outranks (all of them where rankings go round in a circle)."""
        ranked = [value for value in values if value in self._places]
        beaten = {value for value in ranked if any(self.outranks(other, value) for other in ranked)}
        return tuple(value for value in values if value not in beaten) or values


def strictest(decision: Decision, concluded: tuple[str, ...], open: tuple[str, ...]) -> Verdict:
    """由宽到严: the strictest of P and the default; determined unless something in U is stricter."""
    strictness = {value: place for place, value in enumerate(decision.values)}.__getitem__
    spoken = [*concluded, *(() if decision.default is None else (decision.default,))]
    if not spoken:
        return Verdict("undetermined", (*open, None)) if open else Verdict("none", (None,))
    base = max(spoken, key=strictness)
    from_rules = base in concluded
    stricter = tuple(value for value in open if strictness(value) > strictness(base))
    certain = (base,) if from_rules else ()
    if not stricter:
        return Verdict("determined", (base,), certain, defaulted=not from_rules)
    return Verdict("undetermined", (base, *stricter) if from_rules else (*stricter, base), certain)


def several(concluded: tuple[str, ...], open: tuple[str, ...]) -> Verdict:
    """多选: certain = P, candidates = P and U; determined when U is empty."""
    return Verdict("undetermined" if open else "determined", (*concluded, *open), concluded)


def speaks(
    above: Mapping[int, Collection[int]], rule: Rule, truth: Truth, rules: Sequence[Rule], truths: Mapping[str, Truth]
) -> Truth:
    """Whether a rule speaks whose 当 comes to ``truth``; ``truths``: whether those before it do; ``above``: of each layer those
    above it."""
    # 5.9.21, 5.18.6: a 补充规则 speaks where no rule of the layers above does.
    if not rule.supplement or truth is False:
        return truth
    upper = above[rule.level]
    return conjunction((truth, *[negation(truths[other.name]) for other in rules if other.level in upper]))


def state_of(
    decision: Decision,
    applies: Truth,
    rules: Sequence[tuple[Rule, Truth]],
    rankings: tuple[tuple[tuple[str, ...], Truth], ...],
) -> State:
    """The state of a decision from what its rules conclude, each with whether it speaks. 适用 unknown: undetermined,
    不适用 among the candidates."""
    true_values = {value for rule, truth in rules if truth is True for value in rule.values}
    unknown_values = {value for rule, truth in rules if truth is None for value in rule.values}
    true_rules = tuple(rule.name for rule, truth in rules if truth is True)
    unknown_rules = tuple(rule.name for rule, truth in rules if truth is None)
    concluded = tuple(value for value in decision.values if value in true_values)
    open = tuple(value for value in decision.values if value in unknown_values and value not in true_values)
    said = under(decision, applies, decide(decision, concluded, open, rankings))
    return State(
        said.status,
        said.candidates,
        said.certain,
        concluded,
        open,
        said.defaulted,
        applies,
        true_rules,
        unknown_rules,
        rankings,
    )


def under(decision: Decision, applies: Truth, verdict: Verdict) -> Verdict:
    """What a mode says, where it is known (True) or unknown whether the decision applies."""
    if applies:
        return verdict
    # Whether a 多选 holds anything hangs on 适用; of the other modes P stays shown, 不适用 未排除.
    certain = () if decision.mode == "多选" else verdict.certain
    return Verdict("undetermined", (*verdict.candidates, not_applicable), certain)


NOT_APPLICABLE: Final = State("not_applicable", (not_applicable,), applies=False)


# ---- tests on a decision --------------------------------------------------------------------------------------------


def decision_is(state: State, items: frozenset[str | None], negated: bool) -> Truth:
    """为 / 属于: true when every candidate is among the items, false when none is, else unknown. Negated: every
    candidate is another value. 不适用 is never among them, and never another value."""
    return candidates_are(state.candidates, state.status, items, negated)


def candidates_are(
    candidates: Sequence[Candidate], status: Status, items: frozenset[str | None], negated: bool
) -> Truth:
    """`decision_is` by how the decision stands and what it may come to."""
    inside = outside = False
    for candidate in candidates:
        if isinstance(candidate, NotApplicable):
            if status == "not_applicable":
                return False
            # Whatever is asked, the test is false if the decision does not apply.
            if negated:
                inside = True
            else:
                outside = True
        elif candidate in items:
            inside = True
        else:
            outside = True
    if negated:
        return None if inside and outside else outside
    return None if inside and outside else inside


def decision_has(state: State, values: tuple[str, ...], how: Holding) -> Truth:
    """含: true, unknown or false as the value is in P, in U, or in neither; and false where the decision does not
    apply, negated or not."""
    if state.applies is False:
        return False
    if how == "only":
        # Of what it holds or may hold, nothing else.
        how, values = "none", tuple(v for v in (*state.concluded, *state.open) if v not in values)
    held: list[Truth] = [True if v in state.concluded else None if v in state.open else False for v in values]
    truth = conjunction(held) if how == "all" else disjunction(held)
    if how == "none":
        truth = negation(truth)
    return truth if state.applies else conjunction((None, truth))


# ---- presumptions ---------------------------------------------------------------------------------------------------


@frozen
class Presumed:
    """What presumptions say of a blank: the values it may have by them (none: nothing is presumed, all stays open),
    whether two of one layer, or of two of which neither extends the other, differ, and whether they speak at all (unknown: perhaps)."""

    values: tuple[Value, ...] = ()
    clash: bool = False
    present: Truth = False


def presume(cases: Sequence[tuple[int, Truth, Value]], above: Mapping[int, Collection[int]]) -> Presumed:
    """``cases``: layer, condition, value, lower layers first; ``above``: the layers above each.

    A case is heard unless a layer below its own has a true one. The true cases that are heard speak; so may those that are
    unknown and would differ. In a chain that is the lowest layer with a true case, and what is unknown below it.
    """
    speaking = [above[layer] for layer, truth, _ in cases if truth]
    heard = [case for case in cases if case[1] is not False and not any(case[0] in over for over in speaking)]
    spoken = dict.fromkeys(value for _, truth, value in heard if truth)
    if not spoken:
        return Presumed(present=None if heard else False)
    values = dict.fromkeys((*spoken, *(value for _, _, value in heard)))
    return Presumed(tuple(values), clash=len(spoken) > 1, present=True)


# ---- duties ---------------------------------------------------------------------------------------------------------


def duty_status(
    duty: Duty, when: Truth, met: Truth, over: Truth, expiry: Truth, reason: Truth = False
) -> FindingStatus:
    """不适用 when 当 is false; 合规 when met (also where 当 is unknown: no completion is a breach); 待核实 when
    applicability or fulfilment is unknown; applicable and unmet: 已说明 where a ``reason`` was given (待核实 where it may
    have been), whatever the day; otherwise 违反 without 期限 and 到期; 逾期 when 到期 holds or the
    day of 期限 is ``over``; else 待核实 while 到期 or that is unknown, and 进行中 until then or while the day is blank."""
    if when is False:
        return "not_applicable"
    if met is True:
        return "compliant"
    if when is None or met is None:
        return "unverified"
    if reason is not False:
        return "explained" if reason else "unverified"
    if duty.deadline is None and duty.expiry is None:
        return "violated"
    if expiry or over:
        return "overdue"
    return "unverified" if expiry is None or over is None else "in_progress"


def notice_status(when: Truth) -> FindingStatus:
    """提示: shown, unverified or not applicable as its condition is true, unknown or false."""
    return "notice" if when else "unverified" if when is None else "not_applicable"


def due_date(deadline: Abstract) -> datetime.date | None:
    """The deadline where one is known."""
    low, high, _ = bounds(deadline)
    return low if low == high and isinstance(low, datetime.date) else None

"""The nearest change: what would have to be otherwise for a result to come to a class, or to lose the one it has.

Why this exists: whoever falls out of a class by a variation asks which one fact keeps it out; and who is in by a hair may lose it
to a number that is measured again.

Invariants: only towards a target that is asked for; the least number of changes; each way is confirmed by the definition on the
changed record; what was not tried is told (`Nearest.tried`). Rows are changed, never added or taken away, and what a record
belongs to is as it is unless the decision is on that.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from policyrules.analysis.lattice import Unfit
from policyrules.program import costs
from policyrules.program import nodes as core
from policyrules.types import NUMERIC, ORDERED, Kind, Number, Type, Value, canonical, simplify
from policyrules.variation.freeing import Deciding, Outcome, Subject, outcome_of
from policyrules.variation.model import Nearest, State, Step
from policyrules.variation.selections import Input, how_many, selected, several
from policyrules.variation.study import Key, Side, Study, direction, each_object
from policyrules.wording import told_text

Selection: TypeAlias = tuple[tuple[int, int], ...]
"""Inputs by their places, each with the place of its value."""

MOST: Final = 3
"""Changes that are tried together."""
MOST_COLUMNS: Final = 60_000
"""Selections of changes that are tried of one result at a time."""
MOST_WAYS: Final = 8
"""Ways that are told of one target."""
_SHARE: Final = Fraction(1, 5)
_YEAR: Final = 366
AMOUNT: Final = "有数额"
"""The target of an amount that is none."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Of a target the selections that reach it, and up to how many changes were tried."""

    selections: tuple[Selection, ...]
    tried: int


def nearest(
    study: Study, decision: str, most: int = MOST, said: Callable[[str], None] = lambda _: None
) -> tuple[Nearest, ...]:
    """The nearest changes on the new side, in ledger order: of every result that the variation took (失) and of every 无 of
    ``decision`` what would bring it to each value, by up to ``most`` changes; of every determined result of ``decision`` which number
    within a fifth of itself (or one unit), or which day within a year, would lose it. ``said``: told in words where some decisions were
    too much (`costs.MOST_TRIED`).

    >>> from policyrules.variation.study import Side, Study
    >>> from policyrules.testing.build import policy_from_text
    >>> policy = policy_from_text('''
    ... 对象 项目（project） 标识 编号
    ...   字段 编号（id）：文本
    ...   字段 户数（households）：整数（户） 取值 0 户 以上
    ... 决定 分类（category）：单选 { 升级、巩固 }
    ... 规则 升级类
    ...   依据【一】“十户以上的”
    ...   当 户数 ≥ 10 户
    ...   则 分类 为 升级
    ... ''')
    >>> from policyrules.records.ledger import LedgerRecord
    >>> portfolio = policy.portfolio([{"编号": "1", "户数": 8}, {"编号": "2", "户数": 11}])
    >>> records = tuple(LedgerRecord(one, one.identity) for one in portfolio.members)
    >>> side = Side(policy, records, portfolio, ("分类",))
    >>> for one in nearest(Study(side, side), "分类"):
    ...     print(one.now, "→", one.target, [[(step.field, step.after, step.margin) for step in way] for way in one.ways])
    无 → 升级 [[('项目.户数', '10 户', '多 2 户')]]
    无 → 巩固 []
    升级 → 无 [[('项目.户数', '9 户', '少 2 户')]]
    """
    side = study.new
    lost = {key for key, (before, after) in study.differ.items() if key in side.states and _is_lost(before, after)}
    searches: dict[str, _Search | None] = {}
    left = costs.MOST_TRIED
    found: list[Nearest] = []
    for key, state in each_object(side):
        gone = key in lost or (key[2] == decision and state.status == "none")
        if not gone and (key[2] != decision or state.status != "determined"):
            continue
        if key[2] not in searches:
            parts = sum(side.asking(key[2]).values())
            searches[key[2]] = _Search(side, key[2], most) if parts <= left else None
            left -= parts if parts <= left else 0
        search = searches[key[2]]
        if search is None:
            continue
        found.extend(search.towards(key, state) if gone else search.losing(key, state))
    passed = sum(search is None for search in searches.values())
    if passed:
        said(f"有 {passed} 个决定的规则太多，没有找它们的结果差一点的地方")
    return tuple(found)


def _is_lost(before: State, after: State) -> bool:
    return direction(before, after) == "失"


class _Search:
    """The nearest changes of one decision. What is found of one object holds for all that are alike."""

    def __init__(self, side: Side, name: str, most: int) -> None:
        self._deciding = Deciding(side.program, side.portfolio, name, graph=side.graph)
        self._roots = side.roots
        self._most = most
        decision = self._deciding.decision
        self._targets: dict[Outcome, str] = {("determined", value): value for value in decision.values} or {
            ("determined", ""): AMOUNT
        }
        self._kept: dict[Hashable, dict[Outcome, _Found]] = {}
        self._margins: dict[Hashable, tuple[tuple[int, Value], ...]] = {}

    def towards(self, key: Key, state: State) -> Iterator[Nearest]:
        """What would bring a result to each value."""
        deciding = self._deciding
        subject = deciding.subject(self._roots[key[0]], key[1])
        alike = deciding.alike(subject)
        inputs = [one for one in deciding.with_values(subject, deciding.inputs(subject)) if one.values]
        reached = self._kept.get(alike) if alike is not None else None
        if reached is None:
            reached = self._searched(subject, inputs)
            if alike is not None:
                self._kept[alike] = reached
        for outcome, target in self._targets.items():
            found = reached[outcome]
            ways = [
                tuple(_step(inputs[place], inputs[place].values[at]) for place, at in selection)
                for selection in found.selections
                if self._confirmed(subject, inputs, selection, outcome)
            ]
            yield Nearest(*key, state.text, target, tuple(ways[:MOST_WAYS]), max(len(ways) - MOST_WAYS, 0), found.tried)

    def _searched(self, subject: Subject, inputs: Sequence[Input]) -> dict[Outcome, _Found]:
        counts = tuple(len(one.values) for one in inputs)
        found: dict[Outcome, _Found] = {}
        tried = 0
        for size in range(1, self._most + 1):
            if len(found) == len(self._targets) or how_many(counts, size) > MOST_COLUMNS:
                break
            given, full = several(inputs, size)
            try:
                outcomes = self._deciding.outcomes(subject, given, full) if full else {}
            except Unfit:
                break
            tried = size
            for outcome in self._targets:
                if outcome not in found and outcome in outcomes:
                    reaching = [selected(inputs, size, column) for column in _columns(outcomes[outcome])]
                    found[outcome] = _Found(_least(inputs, reaching), size)
        return {outcome: found.get(outcome, _Found((), tried)) for outcome in self._targets}

    def _confirmed(self, subject: Subject, inputs: Sequence[Input], selection: Selection, outcome: Outcome) -> bool:
        values = {inputs[place].spot: inputs[place].values[at] for place, at in selection}
        return outcome_of(self._deciding.told(subject, values)) == outcome

    # ---- what would lose it

    def losing(self, key: Key, state: State) -> Iterator[Nearest]:
        """Which number or day, changed a little, would lose a value."""
        deciding = self._deciding
        subject = deciding.subject(self._roots[key[0]], key[1])
        inputs = [one for one in deciding.inputs(subject) if one.field.type.kind in ORDERED and one.now is not None]
        if not inputs:
            return
        alike = deciding.alike(subject)
        moves = self._margins.get(alike) if alike is not None else None
        if moves is None:
            moves = tuple(self._moves(subject, inputs, outcome_of(state)))
            if alike is not None:
                self._margins[alike] = moves
        by_result: dict[str, list[tuple[Step, ...]]] = {}
        told: set[tuple[str, int]] = set()
        for place, value in moves:
            after = deciding.told(subject, {inputs[place].spot: value})
            if outcome_of(after) != outcome_of(state) and (after.text, place) not in told:
                told.add((after.text, place))
                by_result.setdefault(after.text, []).append((_step(inputs[place], value),))
        for target, ways in by_result.items():
            yield Nearest(*key, state.text, target, tuple(ways[:MOST_WAYS]), max(len(ways) - MOST_WAYS, 0), 1)

    def _moves(self, subject: Subject, inputs: Sequence[Input], now: Outcome) -> Iterator[tuple[int, Value]]:
        for place, one in enumerate(self._deciding.with_values(subject, inputs, together=False)):
            near = [value for value in one.values if _is_near(one, value)]
            if not near:
                continue
            given = {one.spot: [(value, 1 << column) for column, value in enumerate(near)]}
            try:
                outcomes = self._deciding.outcomes(subject, given, (1 << len(near)) - 1)
            except Unfit:
                continue
            stays = outcomes.get(now, 0)
            yield from [(place, value) for column, value in enumerate(near) if not stays >> column & 1]


def _columns(plane: int) -> Iterator[int]:
    while plane:
        lowest = plane & -plane
        yield lowest.bit_length() - 1
        plane ^= lowest


def _least(inputs: Sequence[Input], selections: Sequence[Selection]) -> tuple[Selection, ...]:
    """Of selections that differ in how far a number is moved the one that moves least; facts before judgements."""
    best: dict[tuple[object, ...], tuple[int, Selection]] = {}
    for selection in selections:
        moved = [place for place, _ in selection if inputs[place].field.type.kind in ORDERED]
        kind = tuple((place, None if place in moved else at) for place, at in selection)
        far = sum(at for place, at in selection if place in moved)
        if kind not in best or far < best[kind][0]:
            best[kind] = far, selection
    ways = [selection for _, selection in best.values()]
    return tuple(sorted(ways, key=lambda way: (sum(_is_judged(inputs[place]) for place, _ in way), way)))


def _is_judged(one: Input) -> bool:
    return isinstance(one.field, core.Field) and one.field.judged


def _is_near(one: Input, value: Value) -> bool:
    if isinstance(one.now, datetime.date) and isinstance(value, datetime.date):
        return abs((value - one.now).days) <= _YEAR
    now, moved = _number(one.now), _number(value)
    margin = _unit(one.field.type)
    if one.field.type.kind is not Kind.YEAR:
        margin = max(now * _SHARE, -now * _SHARE, margin)
    return -margin <= moved - now <= margin


def _number(value: Value | None) -> Number:
    assert isinstance(value, int | Fraction)
    return value


def _unit(type_: Type) -> Number:
    """One of the unit; of a share one in a hundred."""
    return Fraction(1, 100) if type_.kind is Kind.RATIO else canonical(1, type_)


def _step(one: Input, value: Value) -> Step:
    """A change, as people read it."""
    type_, now, margin = one.field.type, one.now, ""
    if isinstance(now, datetime.date) and isinstance(value, datetime.date):
        margin = f"{'晚' if value > now else '早'} {abs((value - now).days)} 天"
    elif type_.kind in NUMERIC and now is not None:
        more = simplify(_number(value) - _number(now))
        margin = f"多 {told_text(more, type_)}" if more > 0 else f"少 {told_text(-more, type_)}"
    return Step(
        f"{one.label}.{one.field.name}",
        "未填" if now is None else told_text(now, type_),
        told_text(value, type_),
        "研判" if _is_judged(one) else "日期" if type_.kind is Kind.DATE else "事实",
        margin,
    )

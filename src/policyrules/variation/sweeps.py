"""A parameter of one side from end to end: where anything changes, and what holds between.

Why this exists: whoever sets a threshold asks where it tips. The answer is not a number for the value that was proposed, but the
stretches of values on which nothing changes, and how far the proposed value is from their ends.

Invariants: a stretch ends exactly where a result of a record changes, unless the sweep says that values were tried one by one
(``exact`` False); what is open gives a range from what is sure to what is possible; nobody's authority is asked, and the note says
where the policy itself would not allow a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

from policyrules.program import nodes as core
from policyrules.spelling import nearest
from policyrules.types import (
    NUMERIC,
    Kind,
    Number,
    Type,
    Value,
    bare_number,
    canonical,
    number_text,
    simplify,
    unit_factor,
    value_text,
)
from policyrules.variation import piecewise as p
from policyrules.variation.courses import Course, affected, counted_once, course, valued
from policyrules.variation.model import Bounds, Piece, State, Sweep
from policyrules.variation.piecewise import Axis, Cut, Steps, Unfit
from policyrules.variation.study import ABSENT, Key, Side, Study, same, settled
from policyrules.variation.wishes import Wish, WishError

MOST_PIECES: Final = 400
"""Pieces that are told; of more those nearest to the proposed value."""
MOST_TRIED: Final = 60
"""Values that are tried where none were named and the ends of pieces cannot be worked out."""
WHOLE: Final = frozenset({Kind.INTEGER, Kind.YEAR, Kind.DURATION})

# ---- one parameter --------------------------------------------------------------------------------------------------


def sweep(
    study: Study,
    parameter: str,
    low: Number | None = None,
    high: Number | None = None,
    *,
    values: Sequence[Value] | None = None,
    side: Literal["new", "old"] = "new",
) -> Sweep:
    """A parameter (by name or key) of a side from ``low`` to ``high``, both included and in canonical units (元; a share as 3/5); where
    left out, as far as its 取值 goes, or without end. ``values``: these values alone, each by itself.

    Raises `WishError` where the side has no such parameter, or one that cannot be varied so.
    """
    asked = Asked.of(study, parameter, side)
    if low is not None and high is not None and low > high:
        raise WishError(f"“{asked.name}”的范围写反了：{asked.text(low)} 比 {asked.text(high)} 大")
    if values is None and asked.type.kind not in NUMERIC:
        if asked.type.kind not in (Kind.BOOL, Kind.ENUM):
            raise WishError(
                f"“{asked.name}”是{asked.type.kind.value}，不能从头扫到尾；请写出要试的值，如 {asked.name}=…,…"
            )
        values = (True, False) if asked.type.kind is Kind.BOOL else asked.type.values or ()
    if values is not None:
        return _listed(asked, list(dict.fromkeys(values)))
    if low is None:
        low = asked.low
    if high is None:
        high = asked.high
    axis = Axis(low, high, dense=asked.type.kind not in WHOLE)
    try:
        found = course(asked.program, asked.name, axis, asked.side, asked.decisions)
    except Unfit:
        return _tried(asked, axis)
    return _pieces(asked, axis, found)


def wished(study: Study, wish: Wish, side: Literal["new", "old"] = "new") -> Sweep:
    """The sweep that the words of a command ask for (`impact.wishes.sweep_of`).

    Raises `WishError`.
    """
    parameter = Asked.of(study, wish.parameter, side).parameter
    if wish.values:
        return sweep(study, wish.parameter, values=[wish.value(one, parameter) for one in wish.values], side=side)
    ends = [wish.number(one, parameter) if one else None for one in (wish.low, wish.high)]
    return sweep(study, wish.parameter, ends[0], ends[1], side=side)


@dataclass(frozen=True, eq=False)
class Asked:
    """A parameter of a side of a study."""

    study: Study
    which: Literal["new", "old"]
    parameter: core.Parameter

    @staticmethod
    def of(study: Study, name: str, which: Literal["new", "old"]) -> Asked:
        parameters = (study.new if which == "new" else study.old).policy.program.parameters
        by_key = {parameter.key: parameter for parameter in parameters.values()}
        found = parameters.get(name) or by_key.get(name)
        if found is None:
            near = nearest(name, [*parameters, *by_key])
            words = "现在" if which == "new" else "原来"
            remedy = (
                f"是不是 {'、'.join(near)}？"
                if near
                else f"它的参数：{'、'.join(list(parameters)[:20]) or '一个也没有'}"
            )
            raise WishError(f"{words}的规则没有名为“{name}”的参数；{remedy}")
        return Asked(study, which, found)

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def type(self) -> Type:
        return self.parameter.type

    @property
    def unit(self) -> str:
        """The unit that people write its values in, '' where there is none."""
        return self.type.unit or ("%" if self.type.kind is Kind.RATIO else "")

    @property
    def scale(self) -> Number:
        """How many canonical units one of these is."""
        return unit_factor(self.type, self.unit) or 1 if self.unit else 1

    @property
    def side(self) -> Side:
        return self.study.new if self.which == "new" else self.study.old

    @property
    def other(self) -> Side:
        return self.study.old if self.which == "new" else self.study.new

    @property
    def program(self) -> core.Program:
        return self.side.program

    @property
    def low(self) -> Number | None:
        low = self.parameter.low
        return low if isinstance(low, int | Fraction) else None

    @property
    def high(self) -> Number | None:
        high = self.parameter.high
        return high if isinstance(high, int | Fraction) else None

    @cached_property
    def decisions(self) -> tuple[str, ...]:
        return affected(self.program, self.name, self.side.names)

    @property
    def proposed(self) -> Number | None:
        value = self.parameter.value
        return value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None

    def text(self, value: Value) -> str:
        return value_text(value, self.type)

    def told(self, value: Number | None) -> str:
        return "" if value is None else number_shown(value, self.type)

    def note(self, values: Iterable[Value], more: str = "") -> str:
        """What a reader must know: what the policy itself would not allow."""
        said: list[str] = []
        parameter = self.parameter
        if parameter.state == "fixed":
            said.append(f"“{self.name}”是文本定死的（{self.text(parameter.value or 0)}），这里只是试算，没有问谁有权改")
        numbers = [one for one in values if isinstance(one, int | Fraction) and not isinstance(one, bool)]
        if any(
            (self.low is not None and one < self.low) or (self.high is not None and one > self.high) for one in numbers
        ):
            ends = [
                "" if end is None else f"{self.text(end)} {word}"
                for end, word in ((self.low, "以上"), (self.high, "以下"))
            ]
            said.append(f"规则自己只许 {'、'.join(one for one in ends if one)}，超出的部分只是试算")
        if not self.decisions:
            said.append(f"所问的决定都不看“{self.name}”，取什么值都一样")
        return "；".join([*said, *([more] if more else [])])


# ---- counting piece by piece ----------------------------------------------------------------------------------------


class _Counts:
    """What is counted of results, as one after the other changes."""

    def __init__(self, asked: Asked, states: Mapping[Key, State]) -> None:
        self.asked = asked
        self.names = asked.side.names
        self.other = asked.other.states
        program = asked.side.policy.program
        every = {**dict.fromkeys(states), **dict.fromkeys(key for key in self.other if key[2] in self.names)}
        asked.side.work.spend(len(every))
        kept = counted_once(asked.side, program, every, lambda key: (states.get(key), self.other.get(key)))
        self.kept = frozenset(kept)
        self.low: dict[str, Counter[str]] = {name: Counter() for name in self.names}
        self.high: dict[str, Counter[str]] = {name: Counter() for name in self.names}
        self.sure: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.moved: Counter[int] = Counter()
        self.perhaps: Counter[int] = Counter()
        aside = sum(bool(member.problems) for member in asked.side.portfolio.members)
        self.aside = {
            name: aside if program.decisions[name].object == program.root else 0
            for name in self.names
            if name in program.decisions
        }
        for key in kept:
            self.count(key, states.get(key, ABSENT), 1)

    def count(self, key: Key, state: State, times: int) -> None:
        """One result more (or with -1 less)."""
        index, _, name = key
        if settled(state):
            self.low[name][state.text] += times
        for value in dict.fromkeys(state.candidates):
            self.high[name][value] += times
        before = self.other.get(key, ABSENT)
        if same(before, state):
            return
        self.most[name] += times
        if settled(before) and settled(state):
            self.sure[name] += times
            self.moved[index] += times
        else:
            self.perhaps[index] += times

    def change(self, key: Key, before: State, after: State) -> None:
        """One result becomes another."""
        if key in self.kept:
            self.count(key, before, -1)
            self.count(key, after, 1)

    def piece(self, low: Number | None, high: Number | None, closed: tuple[bool, bool], at: Value, text: str) -> Piece:
        """What holds now."""
        bounds: dict[str, dict[str, Bounds]] = {}
        for name in self.names:
            decision = self.asked.side.policy.program.decisions.get(name)
            values = () if decision is None else decision.values
            seen = [value for value, count in {**self.high[name], **self.low[name]}.items() if count]
            shown = dict.fromkeys([*values, *(word for word in ("无", "不适用") if word in seen)])
            aside = self.aside.get(name, 0)
            bounds[name] = {
                value: Bounds(self.low[name][value], max(self.high[name][value], self.low[name][value]) + aside)
                for value in shown
            }
        self.asked.side.work.spend(len(self.moved) + len(self.perhaps))
        moved = tuple(sorted(index for index, count in self.moved.items() if count))
        perhaps = sorted(index for index, count in self.perhaps.items() if count and not self.moved.get(index))
        return Piece(
            low,
            high,
            closed[0],
            closed[1],
            at if isinstance(at, int | Fraction) and not isinstance(at, bool) else None,
            text,
            bounds,
            {name: Bounds(self.sure[name], self.most[name]) for name in self.names},
            moved,
            tuple(perhaps),
        )


def _pieces(asked: Asked, axis: Axis, found: Course) -> Sweep:
    """The sweep of a course along numbers."""
    proposed = asked.proposed
    moving = {key: one for key, one in found.states.items() if type(one) is Steps}
    cuts = p.together(moving.values())
    here = 0 if proposed is None else p.at(axis, Steps(cuts, range(len(cuts) + 1)), proposed) if cuts else 0
    first, last = _window(here, len(cuts) + 1)
    start = None if first == 0 else cuts[first - 1]
    beginning = {key: p.behind(one, start) for key, one in found.states.items()}
    states = {key: beginning.get(key, state) for key, state in {**asked.side.states, **beginning}.items()}
    counts = _Counts(asked, states)
    turning: dict[Cut, list[Key]] = {}
    for key, one in moving.items():
        for cut in one.cuts:
            turning.setdefault(cut, []).append(key)
    pieces: list[Piece] = []
    every = [None, *cuts]
    for number in range(first, last):
        begin, end = every[number], cuts[number] if number < len(cuts) else None
        if number > first:
            for key in turning[begin]:
                after = moving[key].from_cut(begin)
                counts.change(key, states[key], after)
                states[key] = after
        at = axis.inside(begin, end)
        low, high, closed = ends_of(axis, begin, end)
        if proposed is not None and number == here and _within(proposed, low, high):
            at = proposed
        pieces.append(counts.piece(low, high, closed, at, stretch_text(asked.parameter, low, high, closed)))
    more = ""
    if len(pieces) < len(every):
        more = f"一共有 {len(every)} 段，这里只列{'最靠近现值的' if proposed is not None else '开头的'} {len(pieces)} 段，要看其余的请给范围"
    switching: tuple[Number | None, Number | None] = (None, None)
    if proposed is not None and _within(proposed, axis.low, axis.high):
        switching = (
            _turning_point(axis, every[here], below=True),
            _turning_point(axis, cuts[here] if here < len(cuts) else None, below=False),
        )
    ends = [end for end in (axis.low, axis.high) if end is not None]
    return Sweep(
        asked.name,
        asked.unit,
        asked.which,
        proposed,
        True,
        len(pieces),
        tuple(pieces),
        switching,
        asked.note(ends, more),
        asked.told(proposed),
        (asked.told(switching[0]), asked.told(switching[1])),
        asked.scale,
    )


def _window(here: int, count: int) -> tuple[int, int]:
    """Which of so many pieces are told, around one of them."""
    first = max(0, min(here - MOST_PIECES // 2, count - MOST_PIECES))
    return first, min(count, first + MOST_PIECES)


def _within(value: Number, low: Number | None, high: Number | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def ends_of(axis: Axis, begin: Cut, end: Cut) -> tuple[Number | None, Number | None, tuple[bool, bool]]:
    """The numbers between two cuts, and whether the ends are among them."""
    if not axis.dense:
        low = axis.low if begin is None else begin
        high = axis.high if end is None else end - 1
        return low, high, (low is not None, high is not None)
    low, high = (axis.low if begin is None else begin[0]), (axis.high if end is None else end[0])
    closed_low = low is not None and (begin is None or begin[1] == 0)
    closed_high = high is not None and (end is None or end[1] == 1)
    return low, high, (closed_low, closed_high)


def _turning_point(axis: Axis, cut: Cut, *, below: bool) -> Number | None:
    """The nearest value on the other side of a cut: of whole numbers the next one, else the number at the cut."""
    if cut is None:
        return None
    found: Number = cut[0] if axis.dense else cut - 1 if below else cut
    return found


def number_shown(value: Number, type_: Type) -> str:
    """A number as people read it; one without an exact decimal writing rounded, and said to be.

    >>> number_shown(Fraction(1, 4), Type(Kind.RATIO)), number_shown(Fraction(1, 33), Type(Kind.RATIO))
    ('25%', '约 3.03%')
    """
    exact = value_text(value, type_)
    if "/" not in exact:
        return exact
    unit = Fraction(canonical(1, type_)) * (Fraction(1, 100) if type_.kind is Kind.RATIO else 1)
    return f"约 {value_text(round(Fraction(value) / unit, 2) * unit, type_)}"


def stretch_text(parameter: core.Parameter, low: Number | None, high: Number | None, closed: tuple[bool, bool]) -> str:
    """A stretch of values as people read it: 4 至 6 个, 8 个以上, 10%以上、不到25%."""
    type_ = parameter.type

    def text(value: Number) -> str:
        return number_shown(value, type_)

    if low is None:
        if high is None:
            return "不论多少"
        return f"{text(high)}以下" if closed[1] else f"不到{text(high)}"
    if high is None:
        return f"{text(low)}以上" if closed[0] else f"超过{text(low)}"
    if low == high:
        return text(low)
    if closed == (True, True):
        if type_.kind in (Kind.RATIO, Kind.YEAR):
            return f"{text(low)} 至 {text(high)}"
        return f"{number_text(bare_number(low, type_))} 至 {text(high)}"
    first = f"{text(low)}以上" if closed[0] else f"超过{text(low)}"
    return f"{first}、不超过{text(high)}" if closed[1] else f"{first}、不到{text(high)}"


# ---- values one by one ----------------------------------------------------------------------------------------------


def _states(asked: Asked, value: Value) -> dict[Key, State]:
    """Every result under a value, by the definition."""
    program = valued(asked.program, asked.name, value)
    return {**asked.side.states, **asked.side.under(program, names=asked.decisions)}


def _tried(asked: Asked, axis: Axis) -> Sweep:
    """Values one by one, where the ends of pieces cannot be worked out: those of the range, or around the proposed value."""
    return _listed(asked, _samples(asked, axis))


def _samples(asked: Asked, axis: Axis) -> list[Value]:
    proposed = asked.proposed or 0
    if not axis.dense:
        low: int = int(axis.low) if axis.low is not None else max(0, int(proposed) - MOST_TRIED // 2)
        high: int = int(axis.high) if axis.high is not None else low + MOST_TRIED - 1
        step = max(1, -(-(high - low + 1) // MOST_TRIED))
        return sorted({*range(low, high + 1, step), high, *([int(proposed)] if low <= proposed <= high else [])})
    least = axis.low if axis.low is not None else Fraction(0)
    most = axis.high if axis.high is not None else max(2 * proposed, least + 1)
    some = [simplify(least + Fraction(most - least) * number / 20) for number in range(21)]
    return sorted({*some, *([proposed] if least <= proposed <= most else [])})


def _listed(asked: Asked, values: Sequence[Value]) -> Sweep:
    pieces: list[Piece] = []
    every: list[dict[Key, State]] = []
    for value in values:
        states = _states(asked, value)
        every.append(states)
        number = value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None
        closed = (number is not None, number is not None)
        pieces.append(_Counts(asked, states).piece(number, number, closed, value, asked.text(value)))
    proposed = asked.proposed
    switching: tuple[Number | None, Number | None] = (None, None)
    if proposed is not None:
        now = every[values.index(proposed)] if proposed in values else _states(asked, proposed)
        other = [
            one
            for one, states in zip(values, every, strict=True)
            if isinstance(one, int | Fraction) and not isinstance(one, bool) and states != now
        ]
        switching = (
            max((one for one in other if one < proposed), default=None),
            min((one for one in other if one > proposed), default=None),
        )
    more = f"逐值试了 {len(values)} 个"
    if asked.type.kind not in (Kind.BOOL, Kind.ENUM):
        more = f"只试了这 {len(values)} 个值（逐值），它们之间在哪里变没有算"
    return Sweep(
        asked.name,
        asked.unit,
        asked.which,
        proposed,
        False,
        len(values),
        tuple(pieces),
        switching,
        asked.note(values, more),
        asked.told(proposed),
        (asked.told(switching[0]), asked.told(switching[1])),
        asked.scale,
    )

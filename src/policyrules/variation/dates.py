"""On which days results of decisions flip because time passes, on either side, and what falls on each of these days.

Why this exists: periods become full, years turn, layers come into force or lapse, and nobody touches a record. Whoever compares
two policies has to know what will be otherwise soon, and why.

Invariants: a day is told exactly where the result of a decision that has one value, on either side, is another than the day
before; why is read off the comparisons that turn on that day in the record, and off what the text says of the day, never guessed;
where neither says it, that is said.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from policyrules.analysis.labels import label_of
from policyrules.diagnostics import PolicyError
from policyrules.engine.lowering.nodes import operands
from policyrules.policy import Policy
from policyrules.program import nodes as core
from policyrules.program.graph import Name, definitions, sliced
from policyrules.program.layers import asleep
from policyrules.program.walk import walk
from policyrules.source import Span
from policyrules.types import add_months, date_text, value_text
from policyrules.variation import piecewise as p
from policyrules.variation.along import Circuit
from policyrules.variation.courses import Course, affected, counted_once, course, statistics_behind, valued
from policyrules.variation.model import DateChange, Moved, State
from policyrules.variation.piecewise import Axis, Moving, Steps, Unfit
from policyrules.variation.study import ABSENT, Key, Side, Study, same
from policyrules.variation.turning_days import DAY, by_day, turning_days
from policyrules.variation.wishes import WishError

YEARS_AHEAD: Final = 2
LONGEST: Final = 366 * 15
"""Days that are looked through at most."""
MOST_REASONS: Final = 12

Reasons = dict[str, None]


def dates(
    study: Study, days: Iterable[datetime.date] | None = None, *, until: datetime.date | None = None
) -> tuple[DateChange, ...]:
    """The days after the date of the study up to ``until`` (two years later where left out) on which the result of any decision that has one value is, on
    either side, another than the day before. With ``days`` these days alone, and what is otherwise on each than on the date of the study.

    Raises `WishError` for a range that is too long, or ends before it begins.
    """
    as_of = study.new.policy.as_of
    given = None if days is None else sorted(set(days))
    if given is not None:
        first, last = min([as_of, *given]), max([as_of, *given])
    else:
        first, last = as_of, until or add_months(as_of, 12 * YEARS_AHEAD) or datetime.date.max
        if last < first:
            raise WishError(f"截止日 {last} 早于评估日 {first}")
    if (last - first).days > LONGEST:
        raise WishError(f"从 {first} 到 {last} 太长，最多看 {LONGEST // 366} 年")
    sides = tuple(_Sided(side, first, last, as_of) for side in (study.old, study.new))
    both = _Both(study, sides[0], sides[1])
    if given is None:
        return both.flips()
    return tuple(both.on(day, as_of) for day in given if day != as_of or len(given) == 1)


# ---- one side -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Days from ``first`` on (ordinals, to the last of the course) on which the text is the same: all results, day by day.
    ``policy``: None where the stack does not load on these days, ``why``."""

    first: int
    policy: Policy | None
    found: Course
    text: tuple[str, ...]
    why: str = ""

    def state(self, key: Key, day: int) -> State:
        """What a result is on a day."""
        moving = self.found.states.get(key, ABSENT)
        state: State = p.at(self.found.axis, moving, day)
        return state


class _Sided:
    """One side, day after day."""

    def __init__(self, side: Side, first: datetime.date, last: datetime.date, as_of: datetime.date) -> None:
        self.side = side
        self.first, self.last = first.toordinal(), last.toordinal()
        turns = turning_days(side.policy, first, last)
        self.stretches: list[_Stretch] = []
        starts = [first, *turns]
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            # One day more: what the text before would have said on the day on which it changes.
            until = last if end is None else end
            here = start <= as_of and (end is None or as_of < end)
            self.stretches.append(self._stretch(start, until, turns.get(start, ()), as_of if here else None))
        self._known: dict[int, _Words | None] = {}

    def _stretch(
        self, start: datetime.date, until: datetime.date, text: tuple[str, ...], as_of: datetime.date | None
    ) -> _Stretch:
        side, axis = self.side, Axis(start.toordinal(), until.toordinal(), days=True)
        try:
            policy = side.policy if as_of is not None else side.policy.at(start)
        except PolicyError as error:
            told = next((one.message for one in error.diagnostics if one.severity == "error"), "")
            return _Stretch(axis.begin, None, Course(axis, {}), text, f"从 {start} 起这套规则装载不了：{told}")
        names = self._names(policy.program)
        program = sliced(policy.program, definitions(policy.program), names)
        here = side if as_of is not None else Side(policy, side.records, side.portfolio, names, side.work)
        daily = by_day(program)
        turning = affected(daily, DAY, names)
        still = [name for name in names if name not in turning]
        now = here.states if as_of is not None else here.under(program, names=still)
        states: dict[Key, Moving] = {key: state for key, state in now.items() if key[2] in still}
        try:
            found = course(daily, DAY, axis, here, turning, turns=True)
        except Unfit:
            found = _day_by_day(daily, axis, here, turning)
        found.states = {**states, **found.states}
        return _Stretch(axis.begin, policy, found, text)

    def _names(self, program: core.Program) -> tuple[str, ...]:
        """The decisions that are asked about; where all of one value are, also those that only a later layer brings."""
        now = [one.name for one in self.side.policy.program.decisions.values() if one.mode != "多选"]
        if set(now) <= set(self.side.names):
            return tuple(one.name for one in program.decisions.values() if one.mode != "多选")
        return tuple(name for name in self.side.names if name in program.decisions)

    def stretch(self, day: int) -> _Stretch:
        """The stretch that a day belongs to."""
        return next(one for one in reversed(self.stretches) if one.first <= day)

    def state(self, key: Key, day: int) -> State:
        """What a result is on a day."""
        return self.stretch(day).state(key, day)

    @cached_property
    def keys(self) -> dict[Key, None]:
        """Every result, in ledger order."""
        every = {key: None for one in self.stretches for key in one.found.states}
        return dict.fromkeys(sorted(every, key=lambda key: key[0])) if len(self.stretches) > 1 else every

    def told(self, key: Key) -> tuple[object, ...]:
        """All that is said of a result."""
        return tuple(
            (tuple(one.cuts), tuple(one.values)) if type(one) is Steps else one
            for one in (stretch.found.states.get(key, ABSENT) for stretch in self.stretches)
        )

    @cached_property
    def flips(self) -> dict[int, dict[Key, tuple[State, State]]]:
        """The days on which results are others than the day before: which."""
        found: dict[int, dict[Key, tuple[State, State]]] = {}
        for number, stretch in enumerate(self.stretches):
            after = self.stretches[number + 1] if number + 1 < len(self.stretches) else None
            for key, moving in stretch.found.states.items():
                if type(moving) is not Steps:
                    continue
                for place, day in enumerate(moving.cuts):
                    if after is None or day < after.first:
                        before, now = moving.values[place], moving.values[place + 1]
                        if not same(before, now):
                            found.setdefault(day, {})[key] = (before, now)
            if after is not None and not stretch.why and not after.why:
                for key in dict.fromkeys([*stretch.found.states, *after.found.states]):
                    before, now = stretch.state(key, after.first - 1), after.state(key, after.first)
                    if not same(before, now):
                        found.setdefault(after.first, {})[key] = (before, now)
        return found

    # ---- why

    def reasons(self, day: int, keys: Iterable[Key]) -> Reasons:
        """What falls on a day on which results flip."""
        now = before = self.stretch(day)
        found: Reasons = {}
        turning = list(keys)
        if day == now.first and day > self.first:
            before = self.stretch(day - 1)
            if any(not same(before.state(key, day), now.state(key, day)) for key in turning):
                found.update(dict.fromkeys(now.text))
            turning = [key for key in turning if not same(before.state(key, day - 1), before.state(key, day))]
        words = self._words(before)
        dark = False
        for key in turning:
            nodes = before.found.turns.get(key, {}).get(day, frozenset())
            said = [words.said(node) for node in sorted(nodes)] if words is not None else []
            dark = dark or not any(said)
            found.update(dict.fromkeys(one for one in said if one))
        if dark or not found:
            found["有的结果随评估日变了，没有找到是规则里的哪一句"] = None
        return found

    def _words(self, stretch: _Stretch) -> _Words | None:
        if stretch.first not in self._known:
            circuit, policy = stretch.found.circuit, stretch.policy
            self._known[stretch.first] = None if circuit is None or policy is None else _Words(circuit, policy)
        return self._known[stretch.first]


# ---- both sides -----------------------------------------------------------------------------------------------------


class _Both:
    """Both sides, day after day."""

    def __init__(self, study: Study, old: _Sided, new: _Sided) -> None:
        self.study = study
        self.old, self.new = old, new
        keys = dict.fromkeys(sorted({**old.keys, **new.keys}, key=lambda key: key[0]))
        program = study.new.policy.program
        study.new.work.spend(len(keys))
        # What records share is told once.
        self.kept = dict.fromkeys(counted_once(study.new, program, keys, lambda key: (old.told(key), new.told(key))))
        self.names = tuple(dict.fromkeys([*study.old.names, *study.new.names, *(key[2] for key in self.kept)]))

    def flips(self) -> tuple[DateChange, ...]:
        """The days on which a result of either side flips."""
        flips = [side.flips for side in (self.old, self.new)]
        differ = self._differ(self.old.first)
        found: list[DateChange] = []
        broken = {one.first: one.why for side in (self.old, self.new) for one in side.stretches if one.why}
        for day in sorted({*flips[0], *flips[1], *broken}):
            if day in broken:
                found.append(DateChange(datetime.date.fromordinal(day), (broken[day],), (), (), {}))
                break
            changes = [{key: pair for key, pair in one.get(day, {}).items() if key in self.kept} for one in flips]
            because: Reasons = {}
            for side, one in zip((self.old, self.new), changes, strict=True):
                if one:
                    because.update(side.reasons(day, one))
            for key in {**changes[0], **changes[1]}:
                differ[key[2]] += self._differs(key, day) - self._differs(key, day - 1)
            found.append(self._change(day, day - 1, because, changes, differ))
        return tuple(found)

    def on(self, on: datetime.date, since: datetime.date) -> DateChange:
        """What is otherwise on a day than on another."""
        day, now = on.toordinal(), since.toordinal()
        why = [side.stretch(one).why for side in (self.old, self.new) for one in (day, now)]
        if any(why):
            return DateChange(on, tuple(dict.fromkeys(one for one in why if one)), (), (), {}, since)
        changes = [self._changed(side, now, day) for side in (self.old, self.new)]
        because: Reasons = {}
        for side, changed in zip((self.old, self.new), changes, strict=True):
            for between, keys in sorted(side.flips.items()):
                concerned = [key for key in keys if key in changed]
                if min(day, now) < between <= max(day, now) and concerned:
                    told = date_text(datetime.date.fromordinal(between))
                    because.update(dict.fromkeys(f"{told}：{one}" for one in side.reasons(between, concerned)))
        return self._change(day, now, because, changes, self._differ(day))

    def _changed(self, side: _Sided, before: int, after: int) -> dict[Key, tuple[State, State]]:
        found: dict[Key, tuple[State, State]] = {}
        self.study.new.work.spend(len(self.kept))
        for key in self.kept:
            pair = side.state(key, before), side.state(key, after)
            if not same(*pair):
                found[key] = pair
        return found

    def _change(
        self,
        day: int,
        since: int,
        because: Reasons,
        changes: Sequence[Mapping[Key, tuple[State, State]]],
        differ: Counter[str],
    ) -> DateChange:
        on = datetime.date.fromordinal(day)
        sleeping = {
            said: None
            for side in (self.study.old, self.study.new)
            for layer in side.policy.stack.layers
            if (said := asleep(layer, on)) is not None
        }
        told = list(because)
        if len(told) > MOST_REASONS:
            told = [*told[:MOST_REASONS], f"另有 {len(told) - MOST_REASONS} 项"]
        moved = [_moved(one) for one in changes]
        return DateChange(
            on,
            (*told, *sleeping),
            moved[0],
            moved[1],
            {name: differ[name] for name in self.names},
            datetime.date.fromordinal(since),
        )

    def _differs(self, key: Key, day: int) -> bool:
        return not same(self.old.state(key, day), self.new.state(key, day))

    def _differ(self, day: int) -> Counter[str]:
        self.study.new.work.spend(len(self.kept))
        return Counter(key[2] for key in self.kept if self._differs(key, day))


def _moved(changes: Mapping[Key, tuple[State, State]]) -> tuple[Moved, ...]:
    found: list[Moved] = []
    for (index, path, name), (before, after) in sorted(changes.items(), key=lambda one: one[0][0]):
        texts = before.text, after.text
        if texts[0] == texts[1]:
            # Fewer or other things are possible.
            texts = _open(before), _open(after)
        found.append(Moved(index, path, name, *texts))
    return tuple(found)


def _open(state: State) -> str:
    return f"{state.text}（{' 或 '.join(state.candidates)}）" if state.candidates else state.text


def _day_by_day(program: core.Program, axis: Axis, side: Side, names: Sequence[str]) -> Course:
    """Results by the definition, day by day, where a circuit does not tell them."""
    found: dict[Key, list[tuple[int, State]]] = {}
    for day in p.places(axis, None, None):
        for key, state in side.under(valued(program, DAY, axis.value(day)), names=names).items():
            found.setdefault(key, []).append((day, state))
    return Course(axis, {key: p.glued([(day, state) for day, state in states]) for key, states in found.items()})


class _Words:
    """What the comparisons of a circuit are called."""

    def __init__(self, circuit: Circuit, policy: Policy) -> None:
        self._circuit = circuit
        self._policy = policy
        lowered = circuit.lowered
        self._spans = lowered.circuit.spans
        self._above: dict[int, list[int]] = {}
        for node in lowered.circuit.nodes:
            for below in operands(node):
                self._above.setdefault(below.id, []).append(node.id)
        self._program = lowered.engine.program
        self._written: dict[tuple[str, int, int], tuple[core.Expr, Name]] = {}
        for name, definition in definitions(self._program).items():
            for part in walk(*definition.bodies):
                self._written.setdefault(_place(part.span), (part, name))
        self._told: dict[int, str] = {}

    def said(self, node: int) -> str:
        """A comparison in its words and where it is said; '' where nothing is known of it."""
        found = self._told.get(node)
        if found is None:
            found = self._told[node] = self._say(node)
        return found

    def _say(self, node: int) -> str:
        span = self._span(node)
        if span is None:
            counted = statistics_behind(self._circuit, node)
            return f"统计“{counted[0]}”变了" if counted else ""
        written: core.Expr | None
        written, where = self._written.get(_place(span), (None, None))
        while isinstance(written, core.Not):
            written = written.operand
            span = written.span
        layer = label_of(span.source.layer, self._policy) if span.source.layer else ""
        said = " ".join(span.words.split())
        for part in walk(written):
            parameter = self._program.parameters[part.name] if isinstance(part, core.ParameterValue) else None
            if parameter is not None and parameter.name != DAY and parameter.value is not None:
                said += f"，{parameter.name}为 {value_text(parameter.value, parameter.type)}"
        place = layer if where is None else f"{layer}{where.kind.value}“{where}”"
        return f"{said}（{place}）" if place else said

    def _span(self, node: int) -> Span | None:
        """Where the innermost condition is written that a node is part of."""
        waiting, seen = [node], {node}
        while waiting:
            waiting.sort()
            current = waiting.pop(0)
            span = self._spans.get(current)
            if span is not None:
                return span
            for above in self._above.get(current, ()):
                if above not in seen:
                    seen.add(above)
                    waiting.append(above)
        return None


def _place(span: Span) -> tuple[str, int, int]:
    return span.source.path, span.start, span.end

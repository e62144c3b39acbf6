"""The definition: what every expression, term, decision and statistic means for one record.

Why this exists: this is section 5 of docs/language.md as a function, to be read beside it; every faster engine must agree
with it on every record, blanks included. It returns steps: a node, its value, and the steps of what it was made from.
Reasons, missing inputs and assumptions are folds over steps, so nothing is ever worked out twice.

Invariants: evaluating changes neither record nor program; a name is worked out once per instance; no value depends on the
order in which operands are written. A settled 且, 或, 任一 or 全部 has not looked further than it had to; `completed`
looks at the rest when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, TypeAlias, assert_never

from policyrules.engine import days
from policyrules.engine import values as v
from policyrules.engine.aggregates import aggregated, not_supplied
from policyrules.engine.alike import OfRecord
from policyrules.engine.amounts import NO_AMOUNT, Share, reckon
from policyrules.engine.decisions import NOT_APPLICABLE, Presumed, decision_has, decision_is, presume, speaks, state_of
from policyrules.engine.instances import Instance, ascend
from policyrules.engine.members import Own, PreparedStatistic
from policyrules.engine.portfolio import Contribute, World
from policyrules.engine.prepared import Engine
from policyrules.engine.statistics import Counted, contributed
from policyrules.engine.steps import Chosen, Decided, Frames, Reckoned, Rows, Source, Step
from policyrules.engine.unlisted import blank_row, stands
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part
from policyrules.program.graph import Kind, Name
from policyrules.results import Candidate, NotApplicable
from policyrules.types import Value

# ---- one record -----------------------------------------------------------------------------------------------------


class Run:
    """The evaluation of one record, ``subject``, in one portfolio (None: not supplied): every name once per instance.
    ``contribute``: what other members of the portfolio contribute to statistics; ``units``: what is known from records that
    are alike, None where all is worked out here; ``beside``: the evaluation of the same record under another value of some
    parameters, with the names that read these, through any number of others: of all other names it knows the steps."""

    __slots__ = (
        "_amounts",
        "_blank_rows",
        "_blanks",
        "_conditions",
        "_contributed",
        "_decided",
        "_demands",
        "_present",
        "_statistics",
        "_terms",
        "beside",
        "contribute",
        "engine",
        "program",
        "rests",
        "subject",
        "units",
        "world",
    )

    def __init__(
        self,
        engine: Engine,
        subject: Instance,
        world: World | None,
        contribute: Contribute,
        units: OfRecord | None = None,
        beside: tuple[Run, Container[Name]] | None = None,
    ) -> None:
        self.engine = engine
        self.units = units
        self.beside = beside
        self.contribute = contribute
        self.program = engine.program
        self.subject = subject
        self.world = world
        self.rests: dict[Step, frozenset[Name]] = {}
        """What steps rest on that nobody said, as far as `assumptions` has been asked."""
        self._conditions: dict[tuple[str, Instance], Step] = {}
        self._demands: dict[tuple[str, Instance], Step] = {}
        self._terms: dict[tuple[str, Instance], Step] = {}
        self._present: dict[tuple[str, Instance], Step] = {}
        self._blanks: dict[tuple[str, Instance], tuple[Presumed, tuple[Step, ...]]] = {}
        self._decided: dict[tuple[str, Instance], Decided] = {}
        self._amounts: dict[tuple[str, Instance], Reckoned] = {}
        self._statistics: dict[tuple[str, Instance], Counted] = {}
        self._contributed: dict[str, tuple[Own, dict[Instance, Source]]] = {}
        self._blank_rows: dict[Instance, Instance] = {}

    def _same(self, kind: Kind, name: str, object_: str = "") -> Run | None:
        """The evaluation beside this one that knows the steps of a name."""
        if self.beside is None:
            return None
        other, changed = self.beside
        return None if Name(kind, name, object_) in changed else other

    def condition(self, name: str, instance: Instance) -> Step:
        """The 当 of a rule, duty, prohibition or notice."""
        key = (name, instance)
        found = self._conditions.get(key)
        if found is None:
            other = self._same(Kind.RULE, name) if name in self.program.rules else None
            if other is not None:
                found = other.condition(name, instance)
            else:
                found = self._named(Kind.RULE, name, instance, self.engine.conditions[name])
            self._conditions[key] = found
        return found

    def _named(self, kind: Kind, name: str, instance: Instance, node: core.Expr | Folded) -> Step:
        if self.units is None or (kind is Kind.RULE and name not in self.program.rules):
            return evaluate(self, node, (instance,))
        return self.units.step(Name(kind, name), instance, node, lambda: evaluate(self, node, (instance,)))

    def demand(self, name: str, instance: Instance) -> Step:
        """What a duty demands, or a prohibition forbids."""
        key = (name, instance)
        found = self._demands.get(key)
        if found is None:
            found = self._demands[key] = evaluate(self, self.engine.demands[name], (instance,))
        return found

    def term(self, name: str, instance: Instance) -> Step:
        """The body of a 术语."""
        key = (name, instance)
        found = self._terms.get(key)
        if found is None:
            other = self._same(Kind.TERM, name)
            if other is not None:
                found = other.term(name, instance)
            else:
                found = self._named(Kind.TERM, name, instance, self.program.terms[name].body)
            self._terms[key] = found
        return found

    def term_present(self, name: str, instance: Instance) -> Step:
        """Whether all that a 术语 reads is there."""
        key = (name, instance)
        found = self._present.get(key)
        if found is None:
            other = self._same(Kind.TERM, name)
            if other is not None:
                found = other.term_present(name, instance)
            else:
                found = evaluate(self, self.program.terms[name].present, (instance,))
            self._present[key] = found
        return found

    def presumed(self, field: core.Field, instance: Instance) -> tuple[Presumed, tuple[Step, ...]]:
        """What the presumptions say of a blank cell, and the steps of their conditions."""
        key = (field.name, instance)
        found = self._blanks.get(key)
        if found is None and (other := self._same(Kind.PRESUMPTION, field.name, field.object)) is not None:
            found = self._blanks[key] = other.presumed(field, instance)
        if found is None:
            presumption = self.program.presumptions.get((field.object, field.name))
            cases = () if presumption is None else presumption.cases
            steps = tuple(evaluate(self, case.when, (instance,)) for case in cases)
            told = [(case.level, step.value, case.value) for case, step in zip(cases, steps, strict=True)]
            said = presume(told, self.engine.above)
            found = self._blanks[key] = said, steps
        return found

    def decision(self, name: str, instance: Instance) -> Decided:
        """A 决定 on one instance."""
        key = (name, instance)
        found = self._decided.get(key)
        if found is None and (other := self._same(Kind.DECISION, name)) is not None:
            found = self._decided[key] = other.decision(name, instance)
        if found is None:
            decision = self.program.decisions[name]
            if self.units is None:
                found = _decide(self, decision, instance)
            else:
                step = self.units.step(
                    Name(Kind.DECISION, name), instance, decision, lambda: _decide(self, decision, instance)
                )
                assert isinstance(step, Decided)
                found = step
            self._decided[key] = found
        return found

    def amount(self, name: str, instance: Instance) -> Reckoned:
        """A 决定 of an amount on one instance."""
        key = (name, instance)
        found = self._amounts.get(key)
        if found is None:
            other = self._same(Kind.DECISION, name)
            if other is not None:
                found = other.amount(name, instance)
            else:
                found = _reckon(self, self.program.decisions[name], instance)
            self._amounts[key] = found
        return found

    def blank_row(self, instance: Instance) -> Instance:
        """An unlisted row as a row that was listed with nothing filled in."""
        found = self._blank_rows.get(instance)
        if found is None:
            found = self._blank_rows[instance] = blank_row(instance)
        return found

    def statistic(self, name: str, asking: Instance | None = None) -> Counted:
        """A 统计 for the record, or for the row of it that says which group is meant."""
        key = (name, asking or self.subject)
        found = self._statistics.get(key)
        if found is None:
            other = self._same(Kind.STATISTIC, name)
            if other is not None:
                found = other.statistic(name, asking)
            else:
                found = self._count(self.engine.statistics[name], key[1])
            self._statistics[key] = found
        return found

    def _count(self, prepared: PreparedStatistic, asking: Instance) -> Counted:
        name = prepared.statistic.name
        own, sources = self.contributed(name)
        asked = tuple([evaluate(self, key, (asking,)) for key in prepared.asked])
        index = None if self.world is None else self.world.index(name, self.engine.together(name), self.contribute)
        return Counted(prepared, self.subject, asking, asked, own, sources, self.world, index)

    def contributed(self, name: str) -> tuple[Own, dict[Instance, Source]]:
        """What the record itself contributes to a 统计."""
        found = self._contributed.get(name)
        if found is None:
            other = self._same(Kind.STATISTIC, name)
            if other is None:
                found = contributed(self.program, self.subject, self.engine.statistics[name], partial(evaluate, self))
            else:
                found = other.contributed(name)
            self._contributed[name] = found
        return found


def instance_at(at: core.At, frames: Frames) -> Instance:
    """The instance meant, seen from ``frames``."""
    if at.up == 0:
        return frames[at.frame]
    return ascend(frames[at.frame], at.up)


def rows_of(rows: core.Children, frames: Frames) -> tuple[Instance, ...] | None:
    """The rows meant, or None where the list was not supplied."""
    found = instance_at(rows.at, frames).rows.get(rows.object)
    if found is None or rows.exclude is None:
        return found
    return tuple(row for row in found if row is not frames[rows.exclude])


# ---- the meaning ----------------------------------------------------------------------------------------------------


def evaluate(run: Run, node: core.Expr | Folded, frames: Frames) -> Step:
    """``node`` as seen from ``frames``; the numbers are those of the sentences of section 5."""
    match node:
        # 5.2 What is read
        case core.FieldValue():
            return _cell(run, node, frames)  # 5.2.1, 5.2.2, 5.7
        case core.TermValue():
            body = run.term(node.name, instance_at(node.at, frames))
            return Step(node, frames, body.value, (body,))
        case core.ParameterValue():  # 5.2.11, 5.2.12
            return Step(node, frames, run.engine.parameters[node.name])

        # 5.1 Truth
        case Part():
            part = evaluate(run, node.body, frames)
            return Step(node, frames, part.value, (part,))
        case core.All():  # 5.1.3
            return _joined(run, node, frames, False)
        case core.Any():  # 5.1.4
            return _joined(run, node, frames, True)
        case core.Not():  # 5.1.5
            part = evaluate(run, node.operand, frames)
            return Step(node, frames, v.negation(part.value), (part,))
        case core.AtLeast():  # 5.1.6
            parts = tuple([evaluate(run, operand, frames) for operand in node.operands])
            certain = sum(part.value is True for part in parts)
            possible = sum(part.value is not False for part in parts)
            enough = True if certain >= node.count else False if possible < node.count else None
            return Step(node, frames, enough, parts)

        # 5.2, 5.3 Comparisons, numbers, dates
        case core.Apply() | core.Extreme():
            parts = tuple([evaluate(run, operand, frames) for operand in node.operands])
            return Step(node, frames, combined(run, node, parts), parts)
        case core.Sum():
            parts = tuple([evaluate(run, term, frames) for _, term in node.terms])
            return Step(node, frames, combined(run, node, parts), parts)
        case core.Product():
            parts = tuple([evaluate(run, factor, frames) for _, factor in node.factors])
            return Step(node, frames, combined(run, node, parts), parts)
        case core.Constant():
            return Step(node, frames, node.value)
        case core.Yearly():  # 5.3.9 to 5.3.11
            return _yearly(run, node, frames)
        case core.AsOf():
            return Step(node, frames, run.program.as_of)
        case core.AsOfYear():  # 5.3.8
            return Step(node, frames, run.program.as_of.year - node.back)

        # 5.4 Tests
        case core.Member():  # 5.4.1 to 5.4.3
            part = evaluate(run, node.left, frames)
            test = v.not_member if node.negated else v.member
            return Step(node, frames, test(part.value, run.engine.value_set(node.right)), (part,))
        case core.Contains():  # 5.4.4, 5.4.5
            part = evaluate(run, node.left, frames)
            holds = v.contains_none if node.negated else v.contains_all
            return Step(node, frames, holds(part.value, node.values), (part,))
        case core.Overlaps():  # 5.4.6
            return _on_sets(run, node, frames, v.overlaps)
        case core.Subset():  # 5.4.10
            return _on_sets(run, node, frames, v.subset)
        case core.Less():  # 5.4.11
            return _on_sets(run, node, frames, v.less)
        case core.Filled():  # 5.4.7, 5.10.11
            instance = instance_at(node.at, frames)
            blank = instance.values.get(node.field.name) is None
            return Step(node, frames, None if instance.unlisted else blank is node.negated)
        case core.ParameterFilled():  # 5.4.8
            filled = run.program.parameters[node.name].state in ("fixed", "set")
            return Step(node, frames, filled is not node.negated)

        case Junction():  # 5.9.2
            return _joined(run, node, frames, not node.every)

        # 5.5 Rows
        case core.Quantified():  # 5.5.1, 5.5.2
            unknown = rows_of(node.rows, frames) is None
            return Step(node, frames, None) if unknown else _joined(run, node, frames, not node.every)
        case core.Aggregate():
            return _aggregate(run, node, frames)

        # 5.6, 5.8 Choices
        case core.Choose():
            return _choice(run, node, frames)
        case core.Fallback():
            return _fallback(run, node, frames)
        case core.Present():
            return _present(run, node, frames)
        case core.Supplied():  # 5.8.8, 5.10.11
            perhaps = instance_at(node.rows.at, frames).unlisted
            return Step(node, frames, None if perhaps else rows_of(node.rows, frames) is not None)

        # 5.9 Decisions
        case core.DecisionIs():  # 5.9.18, 5.9.19
            decided = run.decision(node.decision, instance_at(node.at, frames))
            return Step(node, frames, decision_is(decided.state, frozenset(node.items), node.negated), (decided,))
        case core.DecisionHas():  # 5.9.20
            decided = run.decision(node.decision, instance_at(node.at, frames))
            return Step(node, frames, decision_has(decided.state, node.values, node.how), (decided,))
        case core.DecisionValue():
            decided = run.decision(node.name, instance_at(node.at, frames))
            return Step(node, frames, _selection(decided.state.candidates), (decided,))
        case core.AmountValue():  # 5.16
            reckoned = run.amount(node.name, instance_at(node.at, frames))
            return Step(node, frames, reckoned.state.value, (reckoned,))

        # 5.11 Statistics
        case core.StatisticValue():
            return Step(node, frames, counted_for(run, node, frames).value)
        case _:
            assert_never(node)


def _on_sets(
    run: Run,
    node: core.Overlaps | core.Subset | core.Less,
    frames: Frames,
    meaning: Callable[[Abstract, v.SetRange], Abstract],
) -> Step:
    left = evaluate(run, node.left, frames)
    if isinstance(node.right, core.ValueSet):
        return Step(node, frames, meaning(left.value, run.engine.value_set(node.right)), (left,))
    right = evaluate(run, node.right, frames)
    return Step(node, frames, meaning(left.value, v.set_range(right.value)), (left, right))


def reason_given(duty: core.Duty, instance: Instance) -> tuple[Truth, Value | None]:
    """5.10.20, 5.10.23: whether the cell of 否则说明 holds a reason, and the reason; unknown of a row that nobody listed."""
    if duty.reason is None:
        return False, None
    holder = instance_at(duty.reason.at, (instance,))
    said = holder.values.get(duty.reason.field.name)
    if holder.unlisted:
        return None, None
    # An empty set says nothing.
    return (said is not None and said != frozenset()), said


def combined(run: Run, node: core.Apply | core.Sum | core.Product | core.Extreme, parts: tuple[Step, ...]) -> Any:
    """What comes of the values of its parts."""
    match node:
        case core.Apply():
            return MEANINGS[node.operator.name](run, node, parts)
        case core.Sum():  # 5.2.4
            total: Abstract = 0
            for (sign, _), part in zip(node.terms, parts, strict=True):
                total = v.add(total, part.value if sign == 1 else v.negative(part.value))
            return total
        case core.Product():  # 5.2.4 to 5.2.6
            product: Abstract = 1
            for (times, _), part in zip(node.factors, parts, strict=True):
                product = v.multiply(product, part.value) if times == "×" else v.divide(product, part.value)
            return product
        case core.Extreme():  # 5.16.1
            return v.pick([part.value for part in parts], largest=node.largest)
        case _:
            assert_never(node)


def _compared(run: Run, node: core.Apply, parts: tuple[Step, ...]) -> Truth:
    return v.compare(node.operator.words, parts[0].value, parts[1].value)  # type: ignore[arg-type]  # one of the six


def _elapsed(run: Run, node: core.Apply, parts: tuple[Step, ...]) -> Truth:
    return v.compare("≤", _moved(node, parts, 1), run.program.as_of)


def _moved(node: core.Apply, parts: tuple[Step, ...], sign: int) -> Abstract:
    start, period = parts[0].value, parts[1].value
    months = node.operands[1].type.family == "months"
    return v.shift(start, period if sign == 1 else v.negative(period), months=months)


def _of_date(function: Callable[[date], Any]) -> Callable[[Run, core.Apply, tuple[Step, ...]], Abstract]:
    # 5.3.7
    return lambda run, node, parts: days.of_date(parts[0].value, function)


def _workdays(run: Run, parts: tuple[Step, ...], sign: int) -> Abstract:
    # 5.3.12 to 5.3.16
    count = parts[1].value if sign == 1 else v.negative(parts[1].value)
    return run.engine.working_days.moved(parts[0].value, count)


def _yearly(run: Run, node: core.Yearly, frames: Frames) -> Step:
    if node.since is None:
        return Step(node, frames, days.day_in(run.program.as_of.year, node.month, node.day))
    part = evaluate(run, node.since, frames)
    found = days.of_date(part.value, lambda start: days.next_yearly(start, node.month, node.day))
    return Step(node, frames, found, (part,))


MEANINGS: Final[Mapping[str, Any]] = {
    "equal": _compared,
    "not_equal": _compared,
    "less": _compared,
    "at_most": _compared,
    "greater": _compared,
    "at_least": _compared,
    "elapsed": _elapsed,
    "later": lambda run, node, parts: _moved(node, parts, 1),
    "earlier": lambda run, node, parts: _moved(node, parts, -1),
    "days_between": lambda run, node, parts: v.days_between(parts[0].value, parts[1].value),
    "year_of": _of_date(days.year_of),
    "month_end": _of_date(days.month_end),
    "quarter_end": _of_date(days.quarter_end),
    "year_end": _of_date(days.year_end),
    "workdays_later": lambda run, node, parts: _workdays(run, parts, 1),
    "workdays_earlier": lambda run, node, parts: _workdays(run, parts, -1),
    "workdays_elapsed": lambda run, node, parts: v.compare("≤", _workdays(run, parts, 1), run.program.as_of),
    "set_size": lambda run, node, parts: v.size(parts[0].value),
}
"""What each operator does to the values of its operands."""


# ---- cells ----------------------------------------------------------------------------------------------------------


def _cell(run: Run, node: core.FieldValue, frames: Frames) -> Step:
    field, instance = node.field, instance_at(node.at, frames)
    value: Any = instance.values.get(field.name)
    if value is not None:
        return Step(node, frames, value)
    blank = run.engine.blanks[field.object, field.name]
    if instance.unlisted or (field.object, field.name) not in run.program.presumptions:
        return Step(node, frames, blank)
    said, steps = run.presumed(field, instance)
    if said.values:
        blank = said.values[0]
        for other in said.values[1:]:
            blank = v.hull(blank, other)
    return Step(node, frames, blank, steps)


def _present(run: Run, node: core.Present, frames: Frames) -> Step:
    # 5.8.2, 5.8.3, 5.8.7, 5.10.11; of all else presence is an expression (program/presence.py).
    operand = node.operand
    instance = instance_at(operand.at, frames)
    if isinstance(operand, core.TermValue):
        part = run.term_present(operand.name, instance)
        return Step(node, frames, part.value, (part,))
    if instance.values.get(operand.field.name) is not None:
        return Step(node, frames, True)
    said, steps = run.presumed(operand.field, instance)
    # A cell of an unlisted row is there where it would be presumed even if it were blank.
    return Step(node, frames, said.present or None if instance.unlisted else said.present, steps)


# ---- truth ----------------------------------------------------------------------------------------------------------


Joined: TypeAlias = core.All | core.Any | Junction | core.Quantified
"""What one of several parts may settle: 且, 或, and the 全部 and 任一 that are a 且 and a 或 over rows (5.5.2)."""


def operands_of(node: Joined, frames: Frames) -> Sequence[tuple[core.Expr | Folded, Frames]]:
    """The parts, each with the frames it is seen from."""
    match node:
        case core.All(operands) | core.Any(operands) | Junction(_, operands):
            return [(operand, frames) for operand in operands]
        case core.Quantified(_, rows, body):
            return [(body, (*frames, row)) for row in rows_of(rows, frames) or ()]
        case _:
            assert_never(node)


def _joined(run: Run, node: Joined, frames: Frames, settling: bool) -> Step:
    """``settling``: the truth of a part that settles it alone."""
    value: Truth = not settling
    parts: list[Step] = []
    for operand, seen in operands_of(node, frames):
        part = evaluate(run, operand, seen)
        parts.append(part)
        if part.value is settling:
            value = settling
            break
        if part.value is None:
            value = None
    return Step(node, frames, value, tuple(parts))


def completed(run: Run, step: Step) -> tuple[Step, ...]:
    """The steps of all parts of a 且, 或, 任一 or 全部, those that it could do without as well."""
    if isinstance(step.node, Joined):
        parts = step.parts
        rest = operands_of(step.node, step.frames)[len(parts) :]
        step.parts = (*parts, *[evaluate(run, operand, seen) for operand, seen in rest])
    return step.parts


# ---- rows -----------------------------------------------------------------------------------------------------------


def _aggregate(run: Run, node: core.Aggregate, frames: Frames) -> Rows:
    rows = rows_of(node.rows, frames)
    if rows is None:
        return Rows(node, frames, not_supplied(node), None)
    each: list[tuple[Step | None, Step | None]] = []
    counted: list[tuple[Truth, Abstract]] = []
    for row in rows:
        inner = (*frames, row)
        where = None if node.where is None else evaluate(run, node.where, inner)
        counts: Truth = True if where is None else where.value
        cell = None if node.value is None or counts is False else evaluate(run, node.value, inner)
        each.append((where, cell))
        if counts is not False:
            held: Abstract = 1 if cell is None else cell.value
            if isinstance(node.value, core.AmountValue) and node.kind == "合计":
                # 5.16.15: what no rule gives adds nothing.
                exists, held = v.existing(held)
                counts = v.conjunction((counts, exists))
                if counts is False:
                    continue
            counted.append((counts, held))
    return Rows(node, frames, aggregated(node, counted), tuple(each))


# ---- choices --------------------------------------------------------------------------------------------------------


def _fallback(run: Run, node: core.Fallback, frames: Frames) -> Step:
    # 5.8.1, 5.10.12
    present = evaluate(run, node.present, frames)
    absent = present.value is False or (present.value is None and _counts_above(run, node, frames))
    if present.value or absent:
        used = evaluate(run, node.second if absent else node.first, frames)
        return Step(node, frames, used.value, (present, used))
    first, second = evaluate(run, node.first, frames), evaluate(run, node.second, frames)
    return Step(node, frames, v.hull(first.value, second.value), (present, first, second))


def _counts_above(run: Run, node: core.Fallback, frames: Frames) -> bool:
    # 5.10.12: what stands above counts for an unlisted row, where a row that says nothing would take it.
    return absent_of_blank_row(run, node, frames) and (
        stands(run.program, node.second, frames, lambda asked, seen: evaluate(run, asked, seen).value) is True
    )


def absent_of_blank_row(run: Run, node: core.Fallback, frames: Frames) -> bool:
    """Whether a row with nothing filled in, in the place of an unlisted one, would take the second choice."""
    if not any(frame.unlisted for frame in frames):
        return False
    return evaluate(run, node.present, tuple([run.blank_row(frame) for frame in frames])).value is False


def _selection(found: tuple[Candidate, ...]) -> Abstract:
    """A decision's candidates as the selector of a choice: its value where it has one."""
    return found[0] if len(found) == 1 and isinstance(found[0], str) else v.Candidates(found)


def selectable(selector: Abstract) -> tuple[Any, ...] | None:
    """What a selector may be; None where its values cannot be listed."""
    if selector is None:
        return True, False
    if isinstance(selector, v.Candidates):
        return selector.values
    return (selector,) if v.known(selector) else None


def _choice(run: Run, node: core.Choose, frames: Frames) -> Chosen:
    # 5.6.1 to 5.6.3
    selector = evaluate(run, node.selector, frames)
    options = selectable(selector.value)
    wanted = None if options is None else {one for one in options if not isinstance(one, NotApplicable)}
    branches: list[tuple[tuple[Value | None, ...], Step]] = []
    named: set[Any] = set()
    for keys, body in node.branches:
        taken = keys if wanted is None else tuple([key for key in keys if key in wanted])
        if taken:
            branches.append((taken, evaluate(run, body, frames)))
            named.update(taken)
    value: Abstract
    if options is None or not named.issuperset(options) or not branches:
        value = v.unknown(node.type)
    else:
        value = branches[0][1].value
        for _, branch in branches[1:]:
            value = v.hull(value, branch.value)
    return Chosen(node, frames, value, selector, tuple(branches))


# ---- decisions ------------------------------------------------------------------------------------------------------


def _decide(run: Run, decision: core.Decision, instance: Instance) -> Decided:
    # 5.9.1, 5.9.16, 5.9.17, 5.9.21; the tables of the modes are in `decisions`.
    frames = (instance,)
    applies = None if decision.applies is None else evaluate(run, decision.applies, frames)
    applicable: Truth = True if applies is None else applies.value
    if applicable is False:
        return Decided(decision, instance, NOT_APPLICABLE, applies, {}, {}, ())
    steps: dict[str, Step] = {}
    truths: dict[str, Truth] = {}
    rules = run.engine.rules[decision.name]
    for rule in rules:
        step = steps[rule.name] = run.condition(rule.name, instance)
        truths[rule.name] = speaks(run.engine.above, rule, step.value, rules, truths)
    rankings = tuple([None if rank.when is None else evaluate(run, rank.when, frames) for rank in decision.ranks])
    state = state_of(
        decision,
        applicable,
        [(rule, truths[rule.name]) for rule in rules],
        tuple(
            (rank.values, True if step is None else step.value)
            for rank, step in zip(decision.ranks, rankings, strict=True)
        ),
    )
    return Decided(decision, instance, state, applies, steps, truths, rankings)


def _reckon(run: Run, decision: core.Decision, instance: Instance) -> Reckoned:
    # 5.16.2 to 5.16.13; the tables are in `amounts`.
    frames = (instance,)
    applies = None if decision.applies is None else evaluate(run, decision.applies, frames)
    applicable: Truth = True if applies is None else applies.value
    if applicable is False:
        return Reckoned(decision, instance, NO_AMOUNT, applies, {}, {}, (), ())
    steps: dict[str, Step] = {}
    amounts: dict[str, Step] = {}
    truths: dict[str, Truth] = {}
    shares: list[Share] = []
    rules = run.engine.rules[decision.name]
    for rule in rules:
        steps[rule.name] = run.condition(rule.name, instance)
        truth = speaks(run.engine.above, rule, steps[rule.name].value, rules, truths)
        value: Abstract = v.VOID
        if truth is not False and rule.amount is not None:
            amounts[rule.name] = evaluate(run, rule.amount, frames)
            exists, value = v.existing(amounts[rule.name].value)
            truth = v.conjunction((truth, exists))
        truths[rule.name] = truth
        shares.append(Share(rule.name, truth, value))
    limits = tuple([evaluate(run, limit.bound, frames) for limit in decision.limits])
    rankings = tuple([None if rank.when is None else evaluate(run, rank.when, frames) for rank in decision.ranks])
    state = reckon(
        decision,
        applicable,
        shares,
        [step.value for step in limits],
        tuple(
            (rank.values, True if step is None else step.value)
            for rank, step in zip(decision.ranks, rankings, strict=True)
        ),
    )
    return Reckoned(decision, instance, state, applies, steps, amounts, limits, rankings)


# ---- statistics -----------------------------------------------------------------------------------------------------


def counted_for(run: Run, node: core.StatisticValue, frames: Frames) -> Counted:
    """The 统计 that a node reads."""
    return run.statistic(node.name, None if node.at is None else instance_at(node.at, frames))

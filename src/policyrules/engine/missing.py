"""Missing inputs: what is open in an undetermined result, and the fewest blanks that could settle it.

Why this exists: a result that says 待定 must say what to ask, whom, and what is enough. What is open in a step is a fold
over what it was made from: a blank that cannot matter is not in it.

Invariants: every blank listed is in an unknown part of the result; some answer to the deciding set settles the result;
one pass from the leaves up, each shared part once. Sizes add up as if blanks did not repeat; where one does, or where a
comparison of several blanks was not looked into, the set is marked as an upper bound; where it is not known that the same
answer does for all that asks for it, there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, assert_never

from policyrules.engine import values as v
from policyrules.engine.alike import Unit
from policyrules.engine.blanks import Blanks
from policyrules.engine.deadlines import is_over, waits
from policyrules.engine.deciding import (
    FALSE,
    KNOWN,
    NO_EFFORT,
    TRUE,
    MaybeWay,
    Open,
    agreeing,
    all_of,
    answer,
    any_of,
    cheapest,
    counted,
    either,
    flat,
    joined,
    opposite,
    tested,
    together,
)
from policyrules.engine.deciding_amounts import OpenAmount, amount_settled
from policyrules.engine.deciding_decisions import OpenDecision, come_to, decision_has, decision_settled, told_from
from policyrules.engine.deciding_numbers import OpenNumbers, of_one
from policyrules.engine.deciding_statistics import OpenStatistics
from policyrules.engine.decisions import decide
from policyrules.engine.evaluate import (
    Run,
    absent_of_blank_row,
    completed,
    counted_for,
    evaluate,
    instance_at,
    reason_given,
    rows_of,
)
from policyrules.engine.instances import Instance
from policyrules.engine.points import none_outside, options, sets, some
from policyrules.engine.steps import Chosen, Decided, Reckoned, Rows, Step
from policyrules.engine.unlisted import reads_unlisted
from policyrules.engine.values import Abstract
from policyrules.explanation import Blank, Missing
from policyrules.operators import COMPARISONS, WORKDAYS
from policyrules.program import nodes as core
from policyrules.program.amended import Junction, Part
from policyrules.program.graph import Kind as Named
from policyrules.program.graph import Name
from policyrules.program.presence import presence
from policyrules.types import Kind, Value
from policyrules.wording import amount_text, blank_detail

_MOST_TAKEN: Final = 16
"""Rows of which 取 may take one that are looked into."""


class Inquiry:
    """What is open in one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.blanks = Blanks(run)
        self._program = run.program
        self._known: dict[Step, Open] = {}
        self._statistics: dict[tuple[str, Instance], Open] = {}
        self._decisions: dict[Decided, OpenDecision] = {}
        self._amounts: dict[Reckoned, Open] = {}
        self._numbers = OpenNumbers(self.blanks, self.open, self.branches, self.open_amount)
        self._comparisons: dict[tuple[Decided, frozenset[str | None], bool], Open] = {}

    # ---- expressions ------------------------------------------------------------------------------------------------

    def open(self, step: Step) -> Open:
        """What is open in a step, condition or value."""
        value = step.value
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        if v.known(value) or value is v.VOID:
            return KNOWN
        if isinstance(value, v.Candidates) and value.values is not None and len(value.values) == 1:
            # A decision that came out as 无 or 不适用, read as a selector.
            return KNOWN
        found = self._known.get(step)
        if found is None:
            # Here and in `open_decision`, not in functions of their own: conditions are nested as deep as the stack allows.
            unit = self.unit(step)
            found = None if unit is None else unit.open
            if found is None:
                left = self._left(step)
                found = left if left.parts else tested(self.blanks.undefined(step, "undefined"))
                if unit is not None:
                    unit.open = found = flat(found)
            self._known[step] = found
        return found

    def unit(self, step: Step) -> Unit | None:
        """What is known of a step from records that are alike."""
        return None if self.run.units is None else self.run.units.unit(step)

    def named(self, name: str, instance: Instance) -> Unit | None:
        """What is known of a duty or a notice from records that are alike."""
        units = self.run.units
        kind = Named.DUTY if name in self._program.duties else Named.NOTICE
        return None if units is None else units.of(Name(kind, name), instance)

    def _left(self, step: Step) -> Open:
        node, parts = step.node, step.parts
        match node:
            case core.FieldValue():
                return self._cell(step, node)
            case core.Present(operand):
                return (
                    tested(self._cell(step, operand)) if isinstance(operand, core.FieldValue) else self.open(parts[0])
                )
            case core.ParameterValue(name):
                left = self.blanks.parameter(name)
                return self.blanks.yes_or_no(left) if self._program.parameters[name].type.kind is Kind.BOOL else left
            case core.TermValue() | Part():
                return self.open(parts[0])
            case core.StatisticValue():
                members = counted_for(self.run, node, step.frames)
                asked = members.prepared.statistic.name, members.asking
                found = self._statistics.get(asked)
                if found is None:
                    found = self._statistics[asked] = OpenStatistics(self.blanks, self.open).whole(members)
                return found
            case core.AmountValue():
                return self.amount(parts[0])
            case core.DecisionValue():
                return decision_settled(self.open_decision(parts[0]))
            case core.Not():
                return opposite(self.open(parts[0]))
            case core.All() | Junction(every=True):
                return all_of(self._each(parts))
            case core.Any() | Junction():
                return any_of(self._each(parts))
            case core.AtLeast(count):
                return counted("≥", count, [(1, left) for left in self._each(parts)])
            case core.Apply(operator) if operator in WORKDAYS:
                return self._numbers.of_workdays(step, node)
            case core.Yearly():
                return joined(self._each(parts))
            case core.Apply():
                if node.operator.words in COMPARISONS:
                    return self._numbers.comparison(node.operator.words, *parts)  # type: ignore[arg-type]  # one of the six
                left = self.open(parts[0]) if len(parts) == 1 else joined(self._each(parts))
                return tested(left) if node.type.kind is Kind.BOOL else left
            case core.Member():
                return self._member(step, node)
            case core.Contains():
                return self._contains(parts[0], node)
            case core.Overlaps() | core.Subset():
                return self._test_of_sets(step, node)
            case core.Less():
                return self._on_sets(step, node)
            case core.DecisionIs(_, _, items, negated):
                return self._decision_is(parts[0], frozenset(items), negated)
            case core.DecisionHas(_, _, items_, how):
                return decision_has(self.open_decision(parts[0]), items_, how)
            case core.Sum() | core.Extreme():
                return joined(self._each(parts))
            case core.Product():
                return self._product(step, node)
            case core.Quantified(every, rows):
                if rows_of(rows, step.frames) is None:
                    # Of a list what is looked into is that it is empty.
                    return tested(self.blanks.rows(rows, step), ((),), lambda listed: None if listed else every)
                each = self._each(parts)
                return all_of(each) if every else any_of(each)
            case core.Aggregate():
                assert isinstance(step, Rows)
                return self._aggregate(step, node)
            case core.Choose():
                assert isinstance(step, Chosen)
                return self._choice(step, node)
            case core.Fallback():
                return self._fallback(step, node)
            case core.Filled(at) | core.Supplied(core.Children(at)):
                # Unknown of an unlisted row alone.
                return tested(self.blanks.ask("field", instance_at(at, step.frames), ""))
            case core.Constant() | core.AsOf() | core.AsOfYear() | core.ParameterFilled() | core.Decision():
                # Never unknown (a decision is not asked for as a step).
                return KNOWN
            case _:
                assert_never(node)

    def _cell(self, step: Step, operand: core.FieldValue) -> Open:
        field, instance = operand.field, instance_at(operand.at, step.frames)
        found = self.blanks.ask("field", instance, field.name, field.key, field.holders)
        if field.type.kind is Kind.BOOL:
            found = tested(found) if instance.unlisted else self.blanks.yes_or_no(found)
        if not step.parts:
            return found
        (blank,) = found.parts
        assert isinstance(blank, Blank)
        # The cell itself always settles it with one answer; what its presumptions still wait for may too.
        parts: list[Open | Blank] = [blank]
        if not instance.unlisted and self.run.presumed(field, instance)[0].clash:
            parts.append(replace(blank, kind="presumption", detail=blank_detail("presumptions differ")))
        waiting = [self.open(part) for part in step.parts]
        parts.extend(left for left in waiting if left.parts)
        return Open(tuple(parts), found.true, found.false)

    def _each(self, parts: Iterable[Step]) -> list[Open]:
        return [self.open(part) for part in parts]

    def _fallback(self, step: Step, node: core.Fallback) -> Open:
        there = step.parts[0]
        if there.value is True:
            return self.open(step.parts[1])
        if there.value is False:
            # Filling in the first choice, all that it reads, settles it just as filling in the second does.
            first = self.open(evaluate(self.run, node.first, step.frames))
            listed = answer(first).relevant
            rest = [left for left in self._lacking(there) or () if left.parts[0] not in listed]
            if rest:
                parts = tuple(left for left in (first, *rest) if left.parts)
                true, false = (together((way, *(left.settle for left in rest))) for way in (first.true, first.false))
                first = Open(parts, true, false, first.exact)
            return either(first, self.open(step.parts[1]))
        # Where both are known and differ, only what their presence waits for can settle it; else that matters too.
        asked, used = self.open(there), joined(self._each(step.parts[1:]))
        true, false = (used.true, used.false) if used.parts else (asked.true, asked.false)
        if used.parts and node.type.kind is Kind.BOOL:
            true, false = self._of_either(asked, [self.open(part) for part in step.parts[1:]])
        above: Sequence[Open] = ()
        if absent_of_blank_row(self.run, node, step.frames):
            # What stands above counts once all that it reads is there.
            above = self._lacking(evaluate(self.run, presence(node.second), step.frames)) or ()
        return Open((*used.parts, asked, *above), true, false, exact=False)

    @staticmethod
    def _of_either(asked: Open, used: Sequence[Open]) -> tuple[MaybeWay, MaybeWay]:
        """What makes a condition of a 首选 true and false while it is not known which counts: the one that does, or both."""
        first, second = used[0], used[-1]
        true, false = (
            cheapest((together((asked.true, one)), together((asked.false, other)), together((one, other))))
            for one, other in ((first.true, second.true), (first.false, second.false))
        )
        return true, false

    def _lacking(self, step: Step) -> list[Open] | None:
        """The cells and lists that a test of presence lacks; None where no filling in makes it true."""
        node = step.node
        if step.value is True:
            return []
        match node:
            case core.Present(core.FieldValue() as operand):
                field, instance = operand.field, instance_at(operand.at, step.frames)
                if instance.unlisted:
                    return None
                return [self.blanks.ask("field", instance, field.name, field.key, field.holders)]
            case core.Supplied(rows):
                return None if step.value is None else [self.blanks.rows(rows, step)]
            case core.Present():
                return self._lacking(step.parts[0])
            case core.All() | core.Any():
                each = [self._lacking(part) for part in completed(self.run, step)]
                found = [one for one in each if one is not None]
                if not found or (isinstance(node, core.All) and len(found) < len(each)):
                    return None
                return [left for one in found for left in one]
            case _:
                return None

    def _product(self, step: Step, node: core.Product) -> Open:
        opens = []
        for (times, _), part in zip(node.factors, step.parts, strict=True):
            left = self.open(part)
            if times == "÷" and not left.parts and v.may_be_zero(part.value):
                left = self.blanks.undefined(step, "divisor zero")
            opens.append(left)
        return joined(opens)

    def _member(self, step: Step, node: core.Member) -> Open:
        value = step.parts[0].value
        among = self.run.engine.value_set(node.right)
        cell = self.open(step.parts[0])
        if isinstance(node.right, core.ParameterRef):
            listed = self.blanks.parameter(node.right.name)
        elif among.possible is None:
            listed = self.blanks.recognition(step, node, value)
        else:
            listed = KNOWN
        if v.known(value):
            found = tested(listed)
        else:
            possible = options(value, among.certain | among.barred)
            inside, outside = not possible.isdisjoint(among.certain), among.may_lack_any(possible)
            with_list = together((cell.settle, listed.settle)) if listed.parts else None
            # A listed value settles it; that an unlisted one would have to be recognised is not asked before it is known.
            parts = tuple(r for r in (cell, listed) if r.parts and (r is cell or not inside))
            found = Open(
                parts,
                cell.settle if inside else with_list,
                cell.settle if outside else None if inside else with_list,
                cell.exact and (inside or not listed.parts),
            )
            tried = some(among.certain, among.barred, possible - {None})
            looked_into = not listed.parts and of_one(step.parts[0], cell)
            found = tested(found, tried, lambda one: v.member(one, among)) if looked_into else tested(found)
        return opposite(found) if node.negated else found

    def _contains(self, step: Step, node: core.Contains) -> Open:
        left = self.open(step)
        if not of_one(step, left):
            return tested(left)
        holds = v.contains_none if node.negated else v.contains_all
        return tested(left, sets(step, frozenset(node.values)), lambda held: holds(held, node.values))

    def _test_of_sets(self, step: Step, node: core.Overlaps | core.Subset) -> Open:
        found, own = self._on_sets(step, node), step.parts[0]
        listed = isinstance(node.right, core.ValueSet) and not isinstance(node.right, core.ParameterRef)
        if not listed or not of_one(own, self.open(own)):
            return tested(found)
        among = self.run.engine.value_set(node.right)  # type: ignore[arg-type]  # listed
        holds = v.overlaps if isinstance(node, core.Overlaps) else v.subset
        return tested(found, sets(own, among.certain), lambda held: holds(held, among))

    def _on_sets(self, step: Step, node: core.Overlaps | core.Subset | core.Less) -> Open:
        held, opens = v.set_range(step.parts[0].value), self._each(step.parts)
        if not isinstance(node.right, core.ValueSet):
            return joined(opens)
        if isinstance(node.right, core.ParameterRef):
            return joined([*opens, self.blanks.parameter(node.right.name)])
        among = self.run.engine.value_set(node.right)
        if not opens[0].parts:
            # What it holds is known; whether some of it is meant by 等 is not.
            unlisted = frozenset(value for value in held.certain - among.certain if among.may_hold(value))
            return self.blanks.recognition(step, node, unlisted) if unlisted else joined(opens)
        if isinstance(node, core.Subset) and none_outside(held, among):
            return replace(opens[0], true=opens[0].settle, false=None)
        return joined(opens)

    def _aggregate(self, step: Rows, node: core.Aggregate) -> Open:
        if step.each is None:
            return self.blanks.rows(node.rows, step)
        opens = []
        sure = 0
        for counts, cell in step.each:
            where = TRUE if counts is None else self.open(counts)
            if where is FALSE:
                continue
            sure += where is TRUE
            opens.append(where)
            if cell is not None:
                opens.append(self.open(cell))
        if node.kind == "取" and not any(left.parts for left in opens):
            if not sure:
                return self.blanks.rows(node.rows, step, blank_detail("no row"))
            return self.blanks.undefined(step, "rows differ")
        found = joined(opens)
        if node.kind != "取" or node.type.kind is not Kind.BOOL:
            return found
        ways = [(way, self.open(cell)) for way, cell in self.branches(step)]
        true = cheapest(together((way, left.true)) for way, left in ways)
        false = cheapest(together((way, left.false)) for way, left in ways)
        return Open(found.parts, true, false, found.exact)

    def _choice(self, step: Chosen, node: core.Choose) -> Open:
        selector = self.open(step.selector)
        ways = [(way, self.open(branch)) for way, branch in self.branches(step)]
        if len(node.branches) == 1 and ways and not isinstance(node.selector, core.DecisionValue):
            # One branch for every value: the selector cannot matter (a decision may also not apply).
            return ways[0][1]
        parts = tuple(r for r in (selector, *(left for _, left in ways)) if r.parts)
        true = cheapest(together((way, left.true)) for way, left in ways)
        false = cheapest(together((way, left.false)) for way, left in ways)
        if len(ways) > 1 and node.type.kind is Kind.BOOL:
            # Conditions may also be brought to agree, whichever is taken.
            true = cheapest((true, together(left.true for _, left in ways)))
            false = cheapest((false, together(left.false for _, left in ways)))
        exact = selector.exact and all(left.exact for _, left in ways)
        return Open(parts, true, false, exact)

    def branches(self, step: Chosen | Rows) -> Iterator[tuple[MaybeWay, Step]]:
        """The branches of 视 that may be taken, or the rows whose value 取 may take, each with what it takes."""
        if isinstance(step, Chosen):
            selector = self.open(step.selector)
            for taken, branch in step.branches:
                yield (
                    NO_EFFORT if v.known(step.selector.value) else self._selected(step.selector, selector, taken),
                    branch,
                )
            return
        each = [(TRUE if counts is None else self.open(counts), cell) for counts, cell in step.each or ()]
        counting = [(where, cell) for where, cell in each if cell is not None and where is not FALSE]
        for where, cell in counting if len(counting) <= _MOST_TAKEN else ():
            others = (other.false for other, one in counting if one is not cell and not _same(one.value, cell.value))
            yield together((where.true, *others)), cell

    def _selected(self, step: Step, left: Open, keys: Sequence[Value | None]) -> MaybeWay:
        """The fewest blanks for a selector to take one of the keys."""
        if isinstance(step.node, core.DecisionValue):
            found = self.open_decision(step.parts[0])
            return together((found.applies.true, come_to(found, frozenset(keys))))
        if True in keys or False in keys:
            return cheapest((left.true if True in keys else None, left.false if False in keys else None))
        known = replace(left, true=left.settle)
        return (tested(known, keys, keys.__contains__) if of_one(step, left) else tested(known)).true

    # ---- decisions --------------------------------------------------------------------------------------------------

    def open_decision(self, step: Step) -> OpenDecision:
        """What is open in a decision."""
        assert isinstance(step, Decided)
        found = self._decisions.get(step)
        if found is None:
            unit = self.unit(step)
            found = None if unit is None else unit.open
            if found is None:
                found = self._open_decision(step)
                if unit is not None:
                    unit.open = found
            self._decisions[step] = found
        return found

    def _open_decision(self, step: Decided) -> OpenDecision:
        decision, state, instance = step.decision, step.state, step.frames[0]
        rules = self.run.engine.rules[decision.name]
        effective: dict[str, Open] = {}
        for rule in rules if step.rules else ():
            left = self.open(step.rules[rule.name])
            if rule.supplement:
                upper = self.run.engine.above[rule.level]
                above = [opposite(effective[other.name]) for other in rules if other.level in upper]
                left = all_of([left, *above])
            effective[rule.name] = left
        conflict = None
        verdict = decide(decision, state.concluded, state.open, state.rankings)
        if verdict.status == "conflict":
            detail = "、".join(verdict.certain)
            conflict = self.blanks.blank("conflict", instance, decision.name, decision.key, detail=detail)
        open_ = frozenset(state.open).intersection(state.candidates)

        def matters(rule: str) -> bool:
            # What is concluded already, or in 由宽到严 is no stricter, adds nothing.
            return not open_.isdisjoint(self._program.rules[rule].values)

        return OpenDecision(
            decision,
            rules,
            state,
            TRUE if step.applies is None else self.open(step.applies),
            {rule: effective[rule] for rule in state.unknown_rules if matters(rule)},
            tuple(TRUE if rank is None else self.open(rank) for rank in step.rankings),
            conflict,
        )

    def _decision_is(self, step: Step, items: frozenset[str | None], negated: bool) -> Open:
        assert isinstance(step, Decided)
        key = step, items, negated
        known = self._comparisons.get(key)
        if known is None:
            known = self._comparisons[key] = told_from(self.open_decision(step), items, negated)
        return known

    # ---- amounts ----------------------------------------------------------------------------------------------------

    def amount(self, step: Step) -> Open:
        """The cheapest way for an amount to become settled."""
        assert isinstance(step, Reckoned)
        found = self._amounts.get(step)
        if found is None:
            found = self._amounts[step] = amount_settled(self.open_amount(step))
        return found

    def open_amount(self, step: Step) -> OpenAmount:
        """What is open in an amount."""
        assert isinstance(step, Reckoned)
        decision, state, instance = step.decision, step.state, step.frames[0]
        rules = self.run.engine.rules[decision.name]
        values = {rule: self.open(value) for rule, value in step.amounts.items()}
        speaking: dict[str, Open] = {}
        doubtful: dict[str, Open] = {}
        for rule in rules if step.rules else ():
            parts = [self.open(step.rules[rule.name])]
            if rule.supplement:
                parts += [
                    opposite(speaking[other.name])
                    for other in rules
                    if other.level in self.run.engine.above[rule.level]
                ]
            if rule.name in step.amounts:
                # A number that perhaps does not exist: so far as it is settled, the rule speaks or does not.
                exists = v.existing(step.amounts[rule.name].value)[0]
                if exists is None:
                    doubtful[rule.name] = all_of(parts)
                parts.append(values[rule.name] if exists is None else TRUE if exists else FALSE)
            speaking[rule.name] = all_of(parts)
        conflict = None
        if state.status == "conflict":
            detail = self._shares(step)
            conflict = self.blanks.blank("conflict", instance, decision.name, decision.key, detail=detail)
        # A limit that changes only what a later one settles does not matter.
        settled = all(v.known(share.value) for share in state.shares) and decision.mode != "累计"
        bearing = frozenset[int]() if settled else step.binding
        return OpenAmount(
            decision,
            state,
            TRUE if step.applies is None else self.open(step.applies),
            {rule: speaking[rule] for rule in state.unknown_rules},
            values,
            {rule: v.existing(value.value)[1] for rule, value in step.amounts.items()},
            [self.open(limit) for limit in step.limits],
            [limit.value for limit in step.limits],
            bearing,
            [TRUE if rank is None else self.open(rank) for rank in step.rankings],
            conflict,
            frozenset(rule for rule, value in step.amounts.items() if of_one(value, values[rule])),
            doubtful,
            lambda rule: self._numbers.reached(step.amounts[rule], values[rule]),
        )

    def _shares(self, step: Reckoned) -> str:
        type_ = step.decision.type
        assert type_ is not None, "only amounts are reckoned"
        held = [share for share in step.state.shares if share.rule in step.state.standing]
        return "、".join(dict.fromkeys(amount_text(share.value, type_) for share in held))

    # ---- duties -----------------------------------------------------------------------------------------------------

    def time(self, duty: core.Duty, instance: Instance) -> Open:
        """What is open of the time for a duty that applies and is not met: its 到期, and a day of its 期限 that may turn
        out to be over."""
        frames, as_of = (instance,), self._program.as_of
        expiry = KNOWN if duty.expiry is None else self.open(evaluate(self.run, duty.expiry, frames))
        if duty.deadline is None:
            return expiry
        deadline = evaluate(self.run, duty.deadline, frames)
        if v.known(deadline.value):
            return KNOWN if is_over(deadline, as_of) else expiry
        # The day of an unlisted row is no blank one: it may be over.
        waiting = waits(deadline) or (instance.unlisted and reads_unlisted(duty.deadline, frames))
        if not expiry.parts and not waiting:
            return expiry
        late = self._numbers.comparison("<", deadline, Step(core.AsOf(duty.deadline.span), frames, as_of))
        if v.compare(">", as_of, deadline.value) is False:
            return expiry
        # A day that is blank is not over; one that waits for something else has to be told.
        ended = expiry.true if expiry.parts else None
        ways = (ended, together((expiry.false, late.false))) if waiting else (expiry.settle,)
        way = agreeing((*ways, late.true))
        return Open((expiry, late), way, way, expiry.exact and late.exact)


def _same(one: Abstract, other: Abstract) -> bool:
    return v.known(one) and v.known(other) and bool(one == other)


# ---- answers --------------------------------------------------------------------------------------------------------


def decision_missing(inquiry: Inquiry, name: str, instance: Instance) -> Missing:
    """Relevant blanks and deciding set of a decision that is undetermined or in conflict."""
    if inquiry.run.program.decisions[name].type is not None:
        return answer(inquiry.amount(inquiry.run.amount(name, instance)))
    step = inquiry.run.decision(name, instance)
    unit = inquiry.unit(step)
    if unit is not None and unit.missing is not None:
        alike: Missing = unit.missing
        return alike
    found = answer(decision_settled(inquiry.open_decision(step)))
    if unit is not None:
        unit.missing = found
    return found


def finding_missing(inquiry: Inquiry, name: str, instance: Instance) -> Missing:
    """Relevant blanks and deciding set of a finding that is to be verified."""
    unit = inquiry.named(name, instance)
    if unit is not None and unit.missing is not None:
        alike: Missing = unit.missing
        return alike
    found = _finding_missing(inquiry, name, instance)
    if unit is not None:
        unit.missing = found
    return found


def _finding_missing(inquiry: Inquiry, name: str, instance: Instance) -> Missing:
    run = inquiry.run
    when = inquiry.open(run.condition(name, instance))
    duty = run.program.duties.get(name)
    if duty is None:
        return answer(when)
    met = inquiry.open(run.demand(name, instance))
    if duty.prohibition:
        met = opposite(met)
    time = inquiry.time(duty, instance)
    if duty.reason is not None:
        # A reason that was given settles it whatever the day; whether one was is open of an unlisted row alone.
        given = reason_given(duty, instance)[0]
        time = KNOWN if given else time if given is False else inquiry.blanks.ask("rows", instance, "")
    way = agreeing((when.false, met.true, together((when.true, met.false, time.settle))))
    parts = tuple(left for left in (when, met, time) if left.parts)
    return answer(Open(parts, way, way, all(left.exact for left in (when, met, time))))


def with_list(inquiry: Inquiry, instance: Instance, found: Missing) -> Missing:
    """What a finding lacks: ``found``, and on an unlisted row the list, which always settles it."""
    if not instance.unlisted:
        return found
    rows = inquiry.blanks.blank("rows", instance, "")
    deciding = found.deciding if len(found.deciding) == 1 else (rows,)
    return Missing(tuple(dict.fromkeys((rows, *found.relevant))), deciding)

"""Missing inputs: what is open in an undetermined result, and the fewest blanks that could settle it.

Why this exists: a result that says 待定 must say what to ask, whom, and what is enough. What is open in a step is a fold
over what it was made from: a blank that cannot matter is not in it.

Invariants: every blank listed is in an unknown part of the result; some answer to the deciding set settles the result;
one pass from the leaves up, each shared part once. Sizes add up as if blanks did not repeat; where one does, or where a
comparison of several blanks was not looked into, the set is marked as an upper bound.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final, assert_never

from policyrules.engine import values as v
from policyrules.engine.alike import Unit
from policyrules.engine.deadlines import is_over, lacks_years, waits
from policyrules.engine.deciding import (
    FALSE,
    KNOWN,
    NO_EFFORT,
    TRUE,
    MaybeWay,
    Open,
    OpenDecision,
    all_of,
    answer,
    any_of,
    ask,
    blanks_of,
    cheapest,
    come_to,
    counted,
    either,
    flat,
    joined,
    opposite,
    together,
)
from policyrules.engine.deciding_amounts import OpenAmount, amount_settled
from policyrules.engine.decisions import State, decide
from policyrules.engine.evaluate import (
    MEANINGS,
    Counted,
    Run,
    absent_of_blank_row,
    completed,
    counted_for,
    evaluate,
    instance_at,
    reason_given,
    rows_of,
)
from policyrules.engine.instances import Instance, label_of
from policyrules.engine.members import Entry
from policyrules.engine.steps import Chosen, Decided, Reckoned, Rows, Source, Step
from policyrules.engine.tally import settled
from policyrules.engine.unlisted import list_asked
from policyrules.engine.values import Abstract, CompareOp, Truth
from policyrules.explanation import Blank, Missing
from policyrules.operators import COMPARISONS, HOLIDAYS, WORKDAYS, WORKDAYS_EARLIER
from policyrules.program import nodes as core
from policyrules.program.amended import Junction, Part
from policyrules.program.graph import Kind as Named
from policyrules.program.graph import Name
from policyrules.program.presence import presence
from policyrules.results import not_applicable
from policyrules.types import Kind, Number, Value
from policyrules.wording import amount_text, blank_detail, node_text, others_text, row_holders


class Inquiry:
    """What is open in one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._program = run.program
        self._known: dict[Step, Open] = {}
        self._statistics: dict[tuple[str, Instance], Open] = {}
        self._decisions: dict[Decided, OpenDecision] = {}
        self._amounts: dict[Reckoned, Open] = {}
        self._comparisons: dict[tuple[Decided, frozenset[str | None], bool], Open] = {}
        self._asked: dict[tuple[str, Instance, str, str], Open] = {}

    # ---- blanks -----------------------------------------------------------------------------------------------------

    def blank(
        self, kind: Any, instance: Instance, name: str, key: str = "", holders: tuple[str, ...] = (), detail: str = ""
    ) -> Blank:
        """A blank of ``instance``; of an unlisted row, a cell and a list of its own are the list that it belongs to."""
        if instance.unlisted and kind in ("field", "rows"):
            kind, detail = "rows", ""
            instance, name, key, holders = list_asked(self._program, instance)
        own = instance is self.run.subject
        declared = self.run.engine.declared
        place = declared.get((instance.object if kind == "field" else "", name), 0)
        return Blank(
            kind, instance.path, name, key, holders, detail, instance.object, own, label_of(instance), declared=place
        )

    def ask(
        self, kind: Any, instance: Instance, name: str, key: str = "", holders: tuple[str, ...] = (), detail: str = ""
    ) -> Open:
        """What is open of a blank of ``instance``: the same whoever asks for it."""
        asked = kind, instance, name, detail
        found = self._asked.get(asked)
        if found is None:
            found = self._asked[asked] = ask(self.blank(kind, instance, name, key, holders, detail))
        return found

    def _undefined(self, step: Step, why: str) -> Open:
        assert not isinstance(step.node, core.Decision)
        return self.ask("undefined", step.frames[-1], node_text(step.node), detail=blank_detail(why))

    def _cell(self, step: Step, operand: core.FieldValue) -> Open:
        field, instance = operand.field, instance_at(operand.at, step.frames)
        found = self.ask("field", instance, field.name, field.key, field.holders)
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

    def _parameter(self, name: str) -> Open:
        parameter = self._program.parameters[name]
        if parameter.value is not None:
            return KNOWN
        return ask(Blank("parameter", "", name, parameter.key, declared=self.run.engine.declared["", name]))

    def _rows(self, rows: core.Children, step: Step, detail: str = "") -> Open:
        kind = self._program.objects[rows.object]
        holders = row_holders(self._program, rows.object)
        instance = instance_at(rows.at, step.frames)
        return self.ask("rows", instance, rows.object, kind.key, holders, detail)

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
                found = left if left.parts else self._undefined(step, "undefined")
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
                return self._cell(step, operand) if isinstance(operand, core.FieldValue) else self.open(parts[0])
            case core.ParameterValue(name):
                return self._parameter(name)
            case core.TermValue() | Part():
                return self.open(parts[0])
            case core.StatisticValue():
                return self._statistic(counted_for(self.run, node, step.frames))
            case core.AmountValue():
                return self.amount(parts[0])
            case core.DecisionValue():
                return self.decision_settled(self.open_decision(parts[0]))
            case core.Not():
                return opposite(self.open(parts[0]))
            case core.All() | Junction(every=True):
                return all_of(self._each(parts))
            case core.Any() | Junction():
                return any_of(self._each(parts))
            case core.AtLeast(count):
                return counted("≥", count, [(1, left) for left in self._each(parts)])
            case core.Apply(operator) if operator in WORKDAYS:
                return self._workdays(step)
            case core.Yearly():
                return joined(self._each(parts))
            case core.Apply():
                if node.operator.words in COMPARISONS:
                    return self._comparison(node.operator.words, *parts)  # type: ignore[arg-type]  # one of the six
                return self.open(parts[0]) if len(parts) == 1 else joined(self._each(parts))
            case core.Member():
                return self._member(step, node)
            case core.Contains():
                return self.open(parts[0])
            case core.Overlaps() | core.Subset() | core.Less():
                return self._on_sets(step, node)
            case core.DecisionIs(_, _, items, negated):
                return self._decision_is(parts[0], frozenset(items), negated)
            case core.DecisionHas(_, _, items_, how):
                return self._decision_has(parts[0], items_, how)
            case core.Sum() | core.Extreme():
                return joined(self._each(parts))
            case core.Product():
                return self._product(step, node)
            case core.Quantified(every, rows):
                if rows_of(rows, step.frames) is None:
                    return self._rows(rows, step)
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
                return self.ask("field", instance_at(at, step.frames), "")
            case core.Constant() | core.AsOf() | core.AsOfYear() | core.ParameterFilled() | core.Decision():
                # Never unknown (a decision is not asked for as a step).
                return KNOWN
            case _:
                assert_never(node)

    def _workdays(self, step: Step) -> Open:
        opens = self._each(step.parts)
        years = self.run.engine.working_days.years
        if years and not lacks_years(step) and self._some_day_known(step):
            return joined(opens)
        start, count = (part.value for part in step.parts)
        detail = ""
        if isinstance(start, datetime.date) and isinstance(count, int):
            # The nearest day that it may be lies in the first year that is not known, or behind one.
            ahead = count > 0 if step.node.operator is not WORKDAYS_EARLIER else count < 0  # type: ignore[union-attr]
            end = start.year
            while end in years:
                end += 1 if ahead else -1
            detail = blank_detail("year not listed", end)
        return joined([*opens, ask(Blank("calendar", "", HOLIDAYS, "", detail=detail))])

    def _some_day_known(self, step: Step) -> bool:
        """Whether the calendar as it is gives a value for some of what the day and the number may be."""
        node = step.node
        assert isinstance(node, core.Apply)
        low, high, _ = v.bounds(step.parts[0].value)
        fewest, most, _ = v.bounds(step.parts[1].value)
        if low is None or high is None or fewest is None or most is None:
            return True
        if any(low.year < year < high.year for year in self.run.engine.working_days.years):
            return True
        values = [
            MEANINGS[node.operator.name](self.run, node, _with_values(step, pair))
            for pair in product((low, high), (fewest, most))
        ]
        return any(map(v.known, values))

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
        ways = used if used.parts else asked
        above: Sequence[Open] = ()
        if absent_of_blank_row(self.run, node, step.frames):
            # What stands above counts once all that it reads is there.
            above = self._lacking(evaluate(self.run, presence(node.second), step.frames)) or ()
        return Open((*used.parts, asked, *above), ways.true, ways.false, exact=False)

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
                return [self.ask("field", instance, field.name, field.key, field.holders)]
            case core.Supplied(rows):
                return None if step.value is None else [self._rows(rows, step)]
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
                left = self._undefined(step, "divisor zero")
            opens.append(left)
        return joined(opens)

    def _member(self, step: Step, node: core.Member) -> Open:
        value = step.parts[0].value
        among = self.run.engine.value_set(node.right)
        cell = self.open(step.parts[0])
        if isinstance(node.right, core.ParameterRef):
            listed = self._parameter(node.right.name)
        elif among.possible is None:
            listed = self._recognition(step, node, value)
        else:
            listed = KNOWN
        if v.known(value):
            found = listed
        else:
            options = _options(value, among.certain | among.barred)
            inside = any(option in among.certain for option in options)
            outside = not all(map(among.may_hold, options))
            with_list = together((cell.settle, listed.settle)) if listed.parts else None
            # A listed value settles it; that an unlisted one would have to be recognised is not asked before it is known.
            parts = tuple(r for r in (cell, listed) if r.parts and (r is cell or not inside))
            found = Open(
                parts,
                cell.settle if inside else with_list,
                cell.settle if outside else None if inside else with_list,
                cell.exact and (inside or not listed.parts),
            )
        return opposite(found) if node.negated else found

    def _on_sets(self, step: Step, node: core.Overlaps | core.Subset | core.Less) -> Open:
        held, opens = v.set_range(step.parts[0].value), self._each(step.parts)
        if not isinstance(node.right, core.ValueSet):
            return joined(opens)
        if isinstance(node.right, core.ParameterRef):
            return joined([*opens, self._parameter(node.right.name)])
        among = self.run.engine.value_set(node.right)
        if not opens[0].parts:
            # What it holds is known; whether some of it is meant by 等 is not.
            unlisted = frozenset(value for value in held.certain - among.certain if among.may_hold(value))
            return self._recognition(step, node, unlisted) if unlisted else joined(opens)
        if isinstance(node, core.Subset) and _none_outside(held, among):
            return replace(opens[0], true=opens[0].settle, false=None)
        return joined(opens)

    def _recognition(
        self, step: Step, node: core.Member | core.Overlaps | core.Subset | core.Less, value: Abstract
    ) -> Open:
        instance = step.frames[-1]
        if instance.unlisted and not v.known(value):
            # Nobody can recognise what nobody has said: the list comes first (5.13.8).
            return self.ask("rows", instance, "")
        name = node.right.name if isinstance(node.right, core.ListRef) else node_text(node)
        words = value if isinstance(value, str) else "”“".join(sorted(value)) if isinstance(value, frozenset) else ""
        said = blank_detail("unlisted", words) if words else ""
        return self.ask("recognition", instance, name, detail=said)

    def _comparison(self, op: CompareOp, left: Step, right: Step) -> Open:
        ours, theirs = left.value, right.value
        for one, other, operation in ((left, theirs, op), (right, ours, _MIRRORED[op])):
            if v.known(other) and not isinstance(other, (str, bool)):
                rows = self._counted_rows(one)
                if rows is not None:
                    return counted(operation, other, rows)
        mine, yours = self.open(left), self.open(right)
        both = together((mine.settle, yours.settle))
        ways: dict[bool, list[MaybeWay]] = {True: [both], False: [both]}
        if not v.known(theirs):
            for point in _points(theirs, ours):
                _note(ways, v.compare(op, ours, point), yours.settle)
        if not v.known(ours):
            for point in _points(ours, theirs):
                _note(ways, v.compare(op, point, theirs), mine.settle)
        true, false = cheapest(ways[True]), cheapest(ways[False])
        small = all(way is None or way.size <= 1 for way in (true, false))
        return Open(tuple(r for r in (mine, yours) if r.parts), true, false, mine.exact and yours.exact and small)

    def _counted_rows(self, step: Step) -> list[tuple[int, Open]] | None:
        """What decides whether each row counts, and for how many alike, where the step is a count of rows or members that
        are all known."""
        match step.node:
            case core.TermValue():
                return self._counted_rows(step.parts[0])
            case core.Fallback():
                return None if step.parts[0].value is None else self._counted_rows(step.parts[1])
            case core.Aggregate(kind="计数", where=where):
                assert isinstance(step, Rows)
                if step.each is None or where is None:
                    return None
                return [(1, self.open(counts)) for counts, _ in step.each if counts is not None]
            case core.StatisticValue(name) if self._program.statistics[name].kind == "计数":
                found = counted_for(self.run, step.node, step.frames)
                unlimited = found.index is None or found.others_unlimited or found.own_unlimited
                return None if unlimited else self._counted_members(found)
            case _:
                return None

    def _aggregate(self, step: Rows, node: core.Aggregate) -> Open:
        if step.each is None:
            return self._rows(node.rows, step)
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
                return self._rows(node.rows, step, blank_detail("no row"))
            return self._undefined(step, "rows differ")
        return joined(opens)

    def _choice(self, step: Chosen, node: core.Choose) -> Open:
        selected = step.selector.value
        selector = self.open(step.selector)
        ways = []
        for taken, branch in step.branches:
            way = NO_EFFORT if v.known(selected) else self._selected(step.selector, selector, taken)
            ways.append((way, self.open(branch)))
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

    def _selected(self, step: Step, left: Open, keys: Sequence[Value | None]) -> MaybeWay:
        """The fewest blanks for a selector to take one of the keys."""
        if isinstance(step.node, core.DecisionValue):
            found = self.open_decision(step.parts[0])
            return together((found.applies.true, come_to(found, frozenset(keys))))
        if True in keys or False in keys:
            return cheapest((left.true if True in keys else None, left.false if False in keys else None))
        return left.settle

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
            conflict = self.blank("conflict", instance, decision.name, decision.key, detail=detail)
        return OpenDecision(
            decision,
            rules,
            state,
            TRUE if step.applies is None else self.open(step.applies),
            {rule: effective[rule] for rule in state.unknown_rules if self._matters(state, rule)},
            tuple(TRUE if rank is None else self.open(rank) for rank in step.rankings),
            conflict,
        )

    def _matters(self, state: State, rule: str) -> bool:
        """Whether a rule could add a value: one that is concluded already, or in 由宽到严 is no stricter, adds nothing."""
        return any(value in state.open and value in state.candidates for value in self._program.rules[rule].values)

    def _parts(self, found: OpenDecision, wanted: frozenset[str] | None = None) -> tuple[Open | Blank, ...]:
        parts: list[Open | Blank] = [found.applies] if found.applies.parts else []
        for name, left in found.rules.items():
            if left.parts and (wanted is None or not wanted.isdisjoint(self._program.rules[name].values)):
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

    def _exact(self, found: OpenDecision) -> bool:
        ranked = bool(found.state.ranking)
        return found.applies.exact and all(left.exact for left in found.rules.values()) and not ranked

    def decision_settled(self, found: OpenDecision) -> Open:
        """The cheapest way for a decision to become determined, none or not applicable."""
        state = found.state
        if found.decision.mode == "多选":
            settled = together([cheapest((found.true(value), found.false(value))) for value in state.open])
        else:
            options = [c for c in state.candidates if c is not not_applicable]
            settled = cheapest(come_to(found, frozenset({option}), settled=True) for option in options)
        way = cheapest((together((found.applies.true, settled)), found.applies.false))
        # Each open value asks the rules that conclude it: a rule that concludes two of them is counted for both.
        speaking = [self._program.rules[name].values for name in found.rules]
        shared = any(sum(value in state.open for value in values) > 1 for values in speaking)
        least = not shared or len(blanks_of(way)) <= 1
        return Open(self._parts(found), way, way, self._exact(found) and least)

    def _decision_is(self, step: Step, items: frozenset[str | None], negated: bool) -> Open:
        assert isinstance(step, Decided)
        key = step, items, negated
        known = self._comparisons.get(key)
        if known is None:
            known = self._comparisons[key] = self._told_from(step, items, negated)
        return known

    def _told_from(self, step: Decided, items: frozenset[str | None], negated: bool) -> Open:
        found = self.open_decision(step)
        others = frozenset((*found.decision.values, None)) - items
        inside, outside = come_to(found, items), come_to(found, others)
        applies, apart = found.applies.true, found.applies.false
        if negated:
            true, false = together((applies, outside)), cheapest((inside, apart))
        else:
            true, false = together((applies, inside)), cheapest((outside, apart))
        return Open(self._parts(found), true, false, self._exact(found))

    def _decision_has(self, step: Step, values: tuple[str, ...], how: str) -> Open:
        found = self.open_decision(step)
        if how == "only":
            how, values = "none", tuple(value for value in found.decision.values if value not in values)
        each = []
        for value in values:
            if value in found.state.concluded:
                each.append(TRUE)
            elif value in found.state.open:
                left = Open(self._parts(found, frozenset({value})), found.true(value), found.false(value))
                each.append(replace(left, exact=self._exact(found)))
            else:
                each.append(FALSE)
        held = all_of(each) if how == "all" else any_of(each)
        return all_of([found.applies, opposite(held) if how == "none" else held])

    # ---- amounts ----------------------------------------------------------------------------------------------------

    def amount(self, step: Step) -> Open:
        """The cheapest way for an amount to become settled."""
        assert isinstance(step, Reckoned)
        found = self._amounts.get(step)
        if found is None:
            found = self._amounts[step] = amount_settled(self._open_amount(step))
        return found

    def _open_amount(self, step: Reckoned) -> OpenAmount:
        decision, state, instance = step.decision, step.state, step.frames[0]
        rules = self.run.engine.rules[decision.name]
        values = {rule: self.open(value) for rule, value in step.amounts.items()}
        speaking: dict[str, Open] = {}
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
                parts.append(values[rule.name] if exists is None else TRUE if exists else FALSE)
            speaking[rule.name] = all_of(parts)
        conflict = None
        if state.status == "conflict":
            detail = self._shares(step)
            conflict = self.blank("conflict", instance, decision.name, decision.key, detail=detail)
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
        waiting = waits(deadline)
        if not expiry.parts and not waiting:
            return expiry
        late = self._comparison("<", deadline, Step(core.AsOf(duty.deadline.span), frames, as_of))
        if late.true is None or v.compare("≤", as_of, deadline.value):
            return expiry
        # A day that is blank is not over; one that waits for something else has to be told.
        ended = expiry.true if expiry.parts else None
        ways = (ended, together((expiry.false, late.false))) if waiting else (expiry.settle,)
        way = cheapest((*ways, late.true))
        return Open((expiry, late), way, way, expiry.exact and late.exact)

    # ---- statistics -------------------------------------------------------------------------------------------------

    def _statistic(self, counted: Counted) -> Open:
        name = counted.prepared.statistic.name
        found = self._statistics.get((name, counted.asking))
        if found is None:
            if self.run.world is None:
                found = self._without_portfolio(counted)
            else:
                found = joined([left for _, left in self._counted_members(counted, values=True)])
            self._statistics[name, counted.asking] = found
        return found

    def _portfolio(self, name: str) -> Blank:
        return self.blank("portfolio", self.run.subject, name, self._program.statistics[name].key)

    def _without_portfolio(self, found: Counted) -> Open:
        """The portfolio settles it, with the record's own lists; what the record itself leaves open matters too."""
        left = joined([ask(self._portfolio(found.prepared.statistic.name)), *self._own_lists(found)])
        own: list[Open] = []
        for entry, match in found.joining():
            source = found.sources[entry.row]
            own += [] if match else [self._keys(found, entry.row, source)]
            own += [self.open(step) for step in (source.where, *source.adds) if step is not None]
        parts = (*left.parts, *(one for one in own if one.parts))
        return replace(left, parts=parts, exact=len(parts) == 1)

    def _counted_members(self, found: Counted, values: bool = False) -> list[tuple[int, Open]]:
        """What decides whether members count, each with how many are alike: those of the record and its lists one by one,
        all others together. With ``values`` also what they add, where that is unknown."""
        world, statistic = self.run.world, found.prepared.statistic
        assert world is not None and found.index is not None
        opens = [(1, self._own_member(found, entry, match, values)) for entry, match in found.joining()]
        opens += [(1, left) for left in self._own_lists(found)]
        others = world.others(found.prepared, found.index, self.run.subject, found.key, values=values)
        opens.append((others.sure, TRUE))
        # Whether they belong to the group of a record that does not say which is its own is for the record to say.
        keys = joined([self.open(key) for key in found.asked])
        if keys.parts:
            opens.append((others.by_key, replace(keys, exact=keys.exact and others.by_key == 1)))
        waiting = others.open + others.lists
        if waiting:
            kind = "" if statistic.object == self._program.root else statistic.object
            detail = others_text(others.open, others.lists, kind, others.called, others.more)
            blank = self._portfolio(statistic.name)
            left = joined([keys, ask(replace(blank, detail=detail, members=others.called, count=waiting))])
            opens.append((waiting, replace(left, exact=False)))
        return [(count, left) for count, left in opens if count]

    def _own_member(self, found: Counted, entry: Entry, match: Truth, values: bool) -> Open:
        """What decides whether the record itself, or one of its rows, counts."""
        adds = values and found.prepared.statistic.kind != "计数" and not settled(entry.payload)
        if entry.joined(match)[0] and not adds:
            return TRUE
        source = found.sources[entry.row]
        parts = [] if match else [self._keys(found, entry.row, source)]
        if source.where is not None:
            parts.append(self.open(source.where))
        left = all_of(parts)
        return joined([left, *map(self.open, source.adds)]) if adds else left

    def _own_lists(self, found: Counted) -> list[Open]:
        """What is open in the lists of the record's own that may hold members of the group and were not supplied: they are
        supplied, or what is known of their rows comes to keep them all out."""
        opens: list[Open] = []
        for row, source in found.sources.items():
            if not row.unlisted or not source.counts:
                continue
            keys = self._keys(found, row, source)
            if keys is FALSE:
                continue
            where = TRUE if source.where is None else self.open(source.where)
            rows = self.ask("rows", row, "")
            way = cheapest((rows.settle, where.false, keys.false))
            parts = tuple(left for left in (rows, where, keys) if left.parts)
            opens.append(Open(parts, way, way, exact=len(parts) == 1))
        return opens

    def _keys(self, found: Counted, row: Instance, source: Source) -> Open:
        """What decides whether a row of the record belongs to the group that is asked for; a cell agrees with itself."""
        parts = []
        one_cell = found.prepared.one_cell(found.asking, row)
        for one, mine, own, theirs in zip(one_cell, found.key, found.asked, source.keys, strict=True):
            match = True if one else v.compare("=", mine, theirs.value)
            if match is False:
                return FALSE
            if match is None:
                parts.append(joined([self.open(own), self.open(theirs)]))
        return all_of(parts)


def _with_values(step: Step, values: Iterable[Abstract]) -> tuple[Step, ...]:
    """The parts of a step with other values."""
    return tuple([Step(part.node, part.frames, value) for part, value in zip(step.parts, values, strict=True)])


_MIRRORED: Final[dict[str, CompareOp]] = {"=": "=", "≠": "≠", "<": ">", "≤": "≥", ">": "<", "≥": "≤"}


def _note(ways: dict[bool, list[MaybeWay]], truth: Truth, way: MaybeWay) -> None:
    if truth is not None:
        ways[truth].append(way)


def _points(value: Abstract, other: Abstract) -> list[Any]:
    """Some of the possible values that a comparison may turn on: its own ends, and those of the other side."""
    if value is None:
        return [True, False]
    if isinstance(value, v.Candidates):
        if value.values is not None:
            return list(value.values)
        return [other, ""] if v.known(other) else [""]
    low, high, _ = v.bounds(value)
    ends = [low, high]
    for end in v.bounds(other)[:2]:
        if end is not None:
            ends.append(end)
            for step in (1, -1):
                ends.append(v.shift(end, step, months=False) if not isinstance(end, Number) else end + step)
    inside = v.Interval(low, high)
    return [
        end
        for end in ends
        if end is not None
        and v.known(end)
        and v.compare("≤", end, inside) is not False
        and v.compare("≥", end, inside) is not False
    ]


def _none_outside(held: v.SetRange, among: v.SetRange) -> bool:
    """Whether all that a set may hold may belong to another."""
    if held.possible is None:
        return among.possible is None and not any(map(held.may_hold, among.barred))
    return all(map(among.may_hold, held.possible))


def _options(value: Abstract, certain: frozenset[Any]) -> tuple[Any, ...]:
    """Possible values of a scalar, as far as membership can turn on them; None is some value that is not listed."""
    if value is None:
        return True, False
    if isinstance(value, v.Candidates) and value.values is not None:
        return value.values
    if isinstance(value, v.Interval):
        return (*(one for one in certain if v.compare("=", value, one) is None), None)
    return (*certain, None)


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
    found = answer(inquiry.decision_settled(inquiry.open_decision(step)))
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
        time = KNOWN if given else time if given is False else inquiry.ask("rows", instance, "")
    way = cheapest((when.false, met.true, together((when.true, met.false, time.settle))))
    parts = tuple(left for left in (when, met, time) if left.parts)
    return answer(Open(parts, way, way, all(left.exact for left in (when, met, time))))


def with_list(inquiry: Inquiry, instance: Instance, found: Missing) -> Missing:
    """What a finding lacks: ``found``, and on an unlisted row the list, which always settles it."""
    if not instance.unlisted:
        return found
    rows = inquiry.blank("rows", instance, "")
    deciding = found.deciding if len(found.deciding) == 1 else (rows,)
    return Missing(tuple(dict.fromkeys((rows, *found.relevant))), deciding)

"""Missing inputs: what remains of an undetermined result, and the fewest blanks that could settle it.

Why this exists: a result that says 待定 must say what to ask, whom, and what is enough. The residual of an expression
is what is left of it once everything known has been used: a blank that cannot matter is not in it.

Invariants: every blank listed is in an unknown sub-expression of the result; some answer to the deciding set settles
the result; one pass from the leaves up, each shared sub-result once. Sizes add up as if blanks did not repeat; where
one does, or where a comparison of several blanks was not looked into, the set is marked as an upper bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from policyrules.engine import values as v
from policyrules.engine.closures import Frames, finder, row_finder
from policyrules.engine.decisions import State, decide
from policyrules.engine.evaluation import Run
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.outcome import Blank, Missing, not_applicable
from policyrules.engine.plans import (
    FALSE,
    KNOWN,
    NO_EFFORT,
    TRUE,
    MaybePlan,
    Residual,
    all_of,
    answer,
    any_of,
    ask,
    cheapest,
    counted,
    either,
    joined,
    opposite,
    together,
)
from policyrules.engine.portfolio import Entry, contributions_of, own_key
from policyrules.engine.values import Abstract, Truth
from policyrules.engine.ways import OpenDecision, ranks_some, reach
from policyrules.engine.wording import node_text, row_holders
from policyrules.program import nodes as n
from policyrules.types import Kind, Number, Value

# Undetermined members of one statistic that are asked about one by one; the rest are named by their number.
MEMBERS_ASKED: Final = 50


class Inquiry:
    """The residuals of one run. ``label`` names the record where it is another member of the portfolio."""

    def __init__(self, run: Run, label: str = "") -> None:
        self.run = run
        self._label = label
        self._code = run.engine.compiler.code
        self._program = run.engine.program
        self._terms: dict[tuple[str, Instance], Residual] = {}
        self._statistics: dict[str, Residual] = {}
        self._open: dict[tuple[str, Instance], OpenDecision] = {}
        self._blanks: dict[tuple[str, Instance], Residual] = {}
        self._members: dict[Instance, Inquiry] = {}

    # ---- blanks -----------------------------------------------------------------------------------------------------

    def _path(self, instance: Instance) -> str:
        if not self._label:
            return instance.path
        return self._label if instance is self.run.subject else f"{self._label}.{instance.path}"

    def _undefined(self, node: n.Expr, frames: Frames, detail: str) -> Residual:
        return ask(Blank("undefined", self._path(frames[-1]), node_text(node), "", (), detail))

    def _cell(self, field: n.Field, instance: Instance) -> Residual:
        key = (field.name, instance)
        found = self._blanks.get(key)
        if found is None:
            path = self._path(instance)
            blank = Blank("field", path, field.name, field.key, field.holders)
            found = ask(blank)
            presumption = self._program.presumptions.get((field.object, field.name))
            if presumption is not None:
                # The cell itself always settles it with one answer; what its presumptions still wait for may too.
                parts: list[Residual | Blank] = [blank]
                if self.run.presumed(field, instance).clash:
                    parts.append(Blank("presumption", path, field.name, field.key, field.holders, "推定不一致"))
                waiting = [self.residual(case.when, (instance,)) for case in presumption.cases]
                parts.extend(r for r in waiting if r.parts)
                found = Residual(tuple(parts), found.true, found.false)
            self._blanks[key] = found
        return found

    def _parameter(self, name: str) -> Residual:
        parameter = self._program.parameters[name]
        if parameter.value is not None:
            return KNOWN
        return ask(Blank("parameter", "", name, parameter.key))

    def _rows(self, rows: n.Children, frames: Frames, detail: str = "") -> Residual:
        instance = finder(rows.at)(frames)
        kind = self._program.objects[rows.object]
        holders = row_holders(self._program, rows.object)
        return ask(Blank("rows", self._path(instance), rows.object, kind.key, holders, detail))

    # ---- expressions ------------------------------------------------------------------------------------------------

    def residual(self, node: n.Expr, frames: Frames) -> Residual:
        """What is left of a node, condition or value."""
        value = self._code(node)(self.run, frames)
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        if v.known(value) or value is v.VOID:
            return KNOWN
        if isinstance(value, v.Candidates) and value.values is not None and len(value.values) == 1:
            # A decision that came out as 无 or 不适用, read as a selector.
            return KNOWN
        found = self._left(node, frames)
        return found if found.parts else self._undefined(node, frames, "无法确定")

    def _left(self, node: n.Expr, frames: Frames) -> Residual:
        residual = self.residual
        match node:
            case n.FieldValue(at, field):
                return self._cell(field, finder(at)(frames))
            case n.ParameterValue(name):
                return self._parameter(name)
            case n.TermValue(at, name):
                return self.term(name, finder(at)(frames))
            case n.StatisticValue(name):
                return self._statistic(name)
            case n.DecisionValue(at, name):
                return self.decision_settled(self.open_decision(name, finder(at)(frames)))
            case n.Sourced(body=inner):
                return residual(inner, frames)
            case n.Not(operand):
                return opposite(residual(operand, frames))
            case n.All(operands):
                return all_of([residual(operand, frames) for operand in operands])
            case n.Any(operands):
                return any_of([residual(operand, frames) for operand in operands])
            case n.AtLeast(count, operands):
                return counted("≥", count, [residual(operand, frames) for operand in operands])
            case n.Compare(op, left, right):
                return self._comparison(op, left, right, frames)
            case n.Member():
                return self._member(node, frames)
            case n.Contains(left=left) | n.SetSize(value=left):
                return residual(left, frames)
            case n.Overlaps(left, right):
                if isinstance(right, n.ValueSet):
                    other = KNOWN if right.parameter is None else self._parameter(right.parameter)
                    return joined([residual(left, frames), other])
                return joined([residual(left, frames), residual(right, frames)])
            case n.DecisionIs(at, name, items, negative):
                return self._decision_is(name, finder(at)(frames), frozenset(items), negative)
            case n.DecisionHas(at, name, items, any_, negative):
                return self._decision_has(name, finder(at)(frames), items, any_, negative)
            case n.Elapsed(start, period) | n.DateShift(start, period):
                return joined([residual(start, frames), residual(period, frames)])
            case n.DateDifference(left, right):
                return joined([residual(left, frames), residual(right, frames)])
            case n.Sum(terms):
                return joined([residual(term, frames) for _, term in terms])
            case n.Product():
                return self._product(node, frames)
            case n.Quantified(universal, rows, body):
                found = row_finder(rows)(frames)
                if found is None:
                    return self._rows(rows, frames)
                each = [residual(body, (*frames, row)) for row in found]
                return all_of(each) if universal else any_of(each)
            case n.Aggregate():
                return self._aggregate(node, frames)
            case n.Choose():
                return self._choice(node, frames)
            case n.Fallback(first, second):
                absent = self.run.engine.compiler.absence(first)(self.run, frames)
                if absent is False:
                    return residual(first, frames)
                if absent:
                    return either(residual(first, frames), residual(second, frames))
                both = joined([residual(first, frames), residual(second, frames)])
                return replace(both, exact=False)
            case n.Constant() | n.AsOf() | n.FieldFilled() | n.ParameterFilled():
                # Never unknown.
                return KNOWN
            case _:
                assert_never(node)

    def term(self, name: str, instance: Instance) -> Residual:
        """What is left of a 术语."""
        key = (name, instance)
        found = self._terms.get(key)
        if found is None:
            found = self._terms[key] = self.residual(self._program.terms[name].body, (instance,))
        return found

    def _product(self, node: n.Product, frames: Frames) -> Residual:
        parts = []
        for operation, factor in node.factors:
            left = self.residual(factor, frames)
            if operation == "÷" and not left.parts and v.may_be_zero(self._code(factor)(self.run, frames)):
                left = self._undefined(node, frames, "除数为 0")
            parts.append(left)
        return joined(parts)

    def _member(self, node: n.Member, frames: Frames) -> Residual:
        value = self._code(node.left)(self.run, frames)
        certain, possible = self.run.engine.compiler.value_set(node.right)
        cell = self.residual(node.left, frames)
        if node.right.parameter is not None:
            listed = self._parameter(node.right.parameter)
        elif possible is None:
            listed = self._recognition(node, value, frames)
        else:
            listed = KNOWN
        if v.known(value):
            found = listed
        else:
            options = _options(value, certain)
            inside = any(option in certain for option in options)
            outside = possible is not None and any(option not in possible for option in options)
            with_list = together((cell.settle, listed.settle)) if listed.parts else None
            # A listed value settles it; that an unlisted one would have to be recognised is not asked before it is known.
            parts = tuple(r for r in (cell, listed) if r.parts and (r is cell or not inside))
            found = Residual(
                parts,
                cell.settle if inside else with_list,
                cell.settle if outside else None if inside else with_list,
                cell.exact and (inside or not listed.parts),
            )
        return opposite(found) if node.negated else found

    def _recognition(self, node: n.Member, value: Abstract, frames: Frames) -> Residual:
        name = node.right.list or node_text(node)
        detail = ""
        if v.known(value) and isinstance(value, str):
            detail = f"“{value}” 未列举，须认定"
        return ask(Blank("recognition", self._path(frames[-1]), name, "", (), detail))

    def _comparison(self, op: n.CompareOp, left: n.Expr, right: n.Expr, frames: Frames) -> Residual:
        run = self.run
        ours, theirs = self._code(left)(run, frames), self._code(right)(run, frames)
        for one, other, operation in ((left, theirs, op), (right, ours, _MIRRORED[op])):
            if v.known(other) and not isinstance(other, (str, bool)):
                rows = self._counted_rows(one, frames)
                if rows is not None:
                    return counted(operation, other, rows)
        mine, yours = self.residual(left, frames), self.residual(right, frames)
        both = together((mine.settle, yours.settle))
        plans: dict[bool, list[MaybePlan]] = {True: [both], False: [both]}
        if not v.known(theirs):
            for point in _points(theirs, ours):
                _note(plans, v.compare(op, ours, point), yours.settle)
        if not v.known(ours):
            for point in _points(ours, theirs):
                _note(plans, v.compare(op, point, theirs), mine.settle)
        true, false = cheapest(plans[True]), cheapest(plans[False])
        small = all(plan is None or plan.size <= 1 for plan in (true, false))
        return Residual(tuple(r for r in (mine, yours) if r.parts), true, false, mine.exact and yours.exact and small)

    def _counted_rows(self, node: n.Expr, frames: Frames) -> list[Residual] | None:
        """What decides whether each row counts, where the node is a count of rows or members that are all known."""
        match node:
            case n.Sourced(body=inner):
                return self._counted_rows(inner, frames)
            case n.TermValue(at, name):
                return self._counted_rows(self._program.terms[name].body, (finder(at)(frames),))
            case n.Fallback(first, second):
                absent = self.run.engine.compiler.absence(first)(self.run, frames)
                return None if absent is None else self._counted_rows(second if absent else first, frames)
            case n.Aggregate(kind="计数", rows=rows, where=where):
                found = row_finder(rows)(frames)
                if found is None or where is None:
                    return None
                return [self.residual(where, (*frames, row)) for row in found]
            case n.StatisticValue(name) if self.run.engine.statistics[name].statistic.kind == "计数":
                if self.run.world is None or self._label or self.run.world.index(name).unlimited:
                    return None
                members = self._counted_members(name)
                return None if any(_stands_for_several(left) for left in members) else members
            case _:
                return None

    def _aggregate(self, node: n.Aggregate, frames: Frames) -> Residual:
        rows = row_finder(node.rows)(frames)
        if rows is None:
            return self._rows(node.rows, frames)
        parts = []
        sure = 0
        for row in rows:
            inner = (*frames, row)
            where = TRUE if node.where is None else self.residual(node.where, inner)
            if where is FALSE:
                continue
            sure += where is TRUE
            parts.append(where)
            if node.value is not None:
                parts.append(self.residual(node.value, inner))
        if node.kind == "取" and not any(part.parts for part in parts):
            if not sure:
                return self._rows(node.rows, frames, "没有符合条件的行")
            return self._undefined(node, frames, "符合条件的行不止一行，且值不同")
        return joined(parts)

    def _choice(self, node: n.Choose, frames: Frames) -> Residual:
        selected = self._code(node.selector)(self.run, frames)
        selector = self.residual(node.selector, frames)
        options = _selector_options(selected)
        possible = None if options is None else frozenset(options)
        ways = []
        for keys, branch in node.branches:
            taken = [key for key in keys if possible is None or key in possible]
            if not taken:
                continue
            left = self.residual(branch, frames)
            way = NO_EFFORT if v.known(selected) else self._selected(node.selector, selector, taken, frames)
            ways.append((way, left))
        if len(node.branches) == 1 and ways and not isinstance(node.selector, n.DecisionValue):
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
        return Residual(parts, true, false, exact)

    def _selected(self, node: n.Expr, residual: Residual, keys: Sequence[Value | None], frames: Frames) -> MaybePlan:
        """The fewest blanks for a selector to take one of the keys."""
        if isinstance(node, n.Sourced):
            return self._selected(node.body, residual, keys, frames)
        if isinstance(node, n.DecisionValue):
            found = self.open_decision(node.name, finder(node.at)(frames))
            return together((found.applies.true, reach(found, frozenset(keys))))
        if True in keys or False in keys:
            return cheapest((residual.true if True in keys else None, residual.false if False in keys else None))
        return residual.settle

    # ---- decisions --------------------------------------------------------------------------------------------------

    def open_decision(self, name: str, instance: Instance) -> OpenDecision:
        """What is left of a decision."""
        key = (name, instance)
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = self._open_decision(name, instance)
        return found

    def _open_decision(self, name: str, instance: Instance) -> OpenDecision:
        compiled = self.run.engine.decisions[name]
        decision, state = compiled.decision, self.run.decision(name, instance)
        frames = (instance,)
        applies = TRUE if decision.applies is None else self.residual(decision.applies, frames)
        effective: dict[str, Residual] = {}
        for rule in compiled.rules:
            left = self.residual(self._program.rules[rule.name].when, frames)
            if rule.supplement:
                above = [opposite(effective[r.name]) for r in compiled.rules if r.level < rule.level]
                left = all_of([left, *above])
            effective[rule.name] = left
        conflict = None
        verdict = decide(decision, state.concluded, state.open, state.rankings)
        if verdict.status == "conflict":
            detail = "、".join(verdict.certain)
            conflict = Blank("conflict", self._path(instance), name, decision.key, (), detail)
        return OpenDecision(
            compiled,
            state,
            applies,
            {rule: effective[rule] for rule in state.unknown_rules if self._matters(state, rule)},
            tuple(TRUE if rank.when is None else self.residual(rank.when, frames) for rank in decision.ranks),
            conflict,
        )

    def _matters(self, state: State, rule: str) -> bool:
        """Whether a rule could add a value: one that is concluded already, or in 由宽到严 is no stricter, adds nothing."""
        return any(value in state.open and value in state.candidates for value in self._program.rules[rule].values)

    def _parts(self, found: OpenDecision, wanted: frozenset[str] | None = None) -> tuple[Residual | Blank, ...]:
        parts: list[Residual | Blank] = [found.applies] if found.applies.parts else []
        for name, left in found.rules.items():
            if left.parts and (wanted is None or not wanted.isdisjoint(self._program.rules[name].values)):
                parts.append(left)
        if wanted is None:
            parts.extend(
                left
                for (values, truth), left in zip(found.state.rankings, found.rankings, strict=False)
                if truth is None and left.parts and ranks_some(values, found.state)
            )
            if found.conflict is not None:
                parts.append(found.conflict)
        return tuple(parts)

    def _exact(self, found: OpenDecision) -> bool:
        ranked = found.compiled.decision.mode == "单选" and len(found.state.rankings) > 0
        return found.applies.exact and all(left.exact for left in found.rules.values()) and not ranked

    def decision_settled(self, found: OpenDecision) -> Residual:
        """The cheapest way for a decision to become determined, none or not applicable."""
        state = found.state
        if found.compiled.decision.mode == "多选":
            each = [cheapest((found.true(value), found.false(value))) for value in state.open]
            settled = together(each)
        else:
            options = [c for c in state.candidates if c is not not_applicable]
            settled = cheapest(reach(found, frozenset({option}), settled=True) for option in options)
        plan = cheapest((together((found.applies.true, settled)), found.applies.false))
        return Residual(self._parts(found), plan, plan, self._exact(found))

    def _decision_is(self, name: str, instance: Instance, items: frozenset[str | None], negated: bool) -> Residual:
        found = self.open_decision(name, instance)
        others = frozenset((*found.compiled.decision.values, None)) - items
        inside, outside = reach(found, items), reach(found, others)
        applies, apart = found.applies.true, found.applies.false
        if negated:
            true, false = together((applies, outside)), cheapest((inside, apart))
        else:
            true, false = together((applies, inside)), cheapest((outside, apart))
        return Residual(self._parts(found), true, false, self._exact(found))

    def _decision_has(
        self, name: str, instance: Instance, values: tuple[str, ...], any_: bool, negated: bool
    ) -> Residual:
        found = self.open_decision(name, instance)
        each = []
        for value in values:
            if value in found.state.concluded:
                each.append(TRUE)
            elif value in found.state.open:
                left = Residual(self._parts(found, frozenset({value})), found.true(value), found.false(value))
                each.append(replace(left, exact=self._exact(found)))
            else:
                each.append(FALSE)
        held = any_of(each) if any_ or negated else all_of(each)
        return all_of([found.applies, opposite(held) if negated else held])

    # ---- statistics -------------------------------------------------------------------------------------------------

    def _statistic(self, name: str) -> Residual:
        found = self._statistics.get(name)
        if found is None:
            statistic = self.run.engine.statistics[name].statistic
            if self._label:
                # Of a member's own statistics only the member and the statistic are named: asking on would go round
                # the whole portfolio for each member.
                found = ask(Blank("portfolio", self._label, name, statistic.key, (), "其他记录未定"))
            elif self.run.world is None:
                found = self._without_portfolio(name)
            else:
                found = joined(self._counted_members(name, values=True))
            self._statistics[name] = found
        return found

    def _without_portfolio(self, name: str) -> Residual:
        """The portfolio settles it; what the record itself leaves open matters too."""
        compiled = self.run.engine.statistics[name]
        statistic = compiled.statistic
        found = ask(Blank("portfolio", self.run.subject.path, name, statistic.key))
        own = []
        for entry in contributions_of(compiled, self.run).entries:
            if statistic.where is not None:
                own.append(self.residual(statistic.where, (entry.row,)))
            payload = statistic.match if statistic.match is not None else statistic.value
            if payload is not None:
                own.append(self.residual(payload, (entry.row,)))
        parts = (*found.parts, *(left for left in own if left.parts))
        return replace(found, parts=parts, exact=len(parts) == 1)

    def _counted_members(self, name: str, values: bool = False) -> list[Residual]:
        """What decides whether each member counts; with ``values`` also what it adds, where that is unknown."""
        world = self.run.world
        assert world is not None
        compiled = self.run.engine.statistics[name]
        statistic = compiled.statistic
        residuals: list[Residual] = []
        asked = beyond = 0
        for member, entry, match in world.counted(compiled, self.run):
            counts = entry.joined(match)[0]
            blank_payload = statistic.kind != "计数" and not v.known(entry.payload)
            if counts and not (values and blank_payload):
                residuals.append(TRUE)
                continue
            if asked >= MEMBERS_ASKED:
                beyond += 1
                continue
            asked += 1
            inquiry = self._member_inquiry(member)
            parts = [] if match else [self._keys(inquiry, statistic, entry)]
            if statistic.where is not None:
                parts.append(inquiry.residual(statistic.where, (entry.row,)))
            left = all_of(parts)
            if values and blank_payload:
                payload = statistic.match if statistic.match is not None else statistic.value
                assert payload is not None
                left = joined([left, inquiry.residual(payload, (entry.row,))])
            residuals.append(left)
        if beyond:
            detail = f"另有 {beyond} 条记录未定"
            residuals.append(ask(Blank("portfolio", self.run.subject.path, name, statistic.key, (), detail)))
        if values and world.index(name).unlimited:
            detail = f"有记录未附{statistic.object}"
            residuals.append(ask(Blank("portfolio", self.run.subject.path, name, statistic.key, (), detail)))
        return residuals

    def _member_inquiry(self, member: Instance) -> Inquiry:
        if member is self.run.subject:
            return self
        found = self._members.get(member)
        if found is None:
            world = self.run.world
            assert world is not None
            found = self._members[member] = Inquiry(self.run.engine.run(member, world), world.label(member))
        return found

    def _keys(self, inquiry: Inquiry, statistic: n.Statistic, entry: Entry) -> Residual:
        """What decides whether a member belongs to the group of the record under evaluation."""
        compiled = self.run.engine.statistics[statistic.name]
        mine = own_key(compiled, self.run)
        parts = []
        for place, node in enumerate(statistic.same):
            asked = compiled.asked_fields[place]
            if v.compare("=", mine[place], entry.key[place]) is None:
                other = inquiry.residual(node, (entry.row,))
                own = [] if asked is None else [self.residual(asked, (self.run.subject,))]
                parts.append(joined([*own, other]))
        return all_of(parts)


def _stands_for_several(left: Residual) -> bool:
    return len(left.parts) == 1 and isinstance(left.parts[0], Blank) and left.parts[0].kind == "portfolio"


_MIRRORED: Final[dict[str, n.CompareOp]] = {"=": "=", "≠": "≠", "<": ">", "≤": "≥", ">": "<", "≥": "≤"}


def _note(plans: dict[bool, list[MaybePlan]], truth: Truth, plan: MaybePlan) -> None:
    if truth is not None:
        plans[truth].append(plan)


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


def _options(value: Abstract, certain: frozenset[Any]) -> tuple[Any, ...]:
    """Possible values of a scalar, as far as membership can turn on them; None is some value that is not listed."""
    if value is None:
        return True, False
    if isinstance(value, v.Candidates) and value.values is not None:
        return value.values
    if isinstance(value, v.Interval):
        return (*(one for one in certain if v.compare("=", value, one) is None), None)
    return (*certain, None)


def _selector_options(selected: Abstract) -> tuple[Any, ...] | None:
    if selected is None:
        return True, False
    if isinstance(selected, v.Candidates):
        return selected.values
    return (selected,) if v.known(selected) else None


# ---- answers --------------------------------------------------------------------------------------------------------


def inquire(run: Run) -> Inquiry:
    """An inquiry into a run. Long chains of names are looked into from their far end, as the run itself did."""
    inquiry = Inquiry(run)
    waypoints = run.engine.dependencies.waypoints
    instances = instances_of(run.engine.program, run.subject) if waypoints else {}
    for kind, *name in waypoints:
        if kind == "术语":
            for one in instances.get(run.engine.program.terms[name[0]].object, ()):
                inquiry.term(name[0], one)
        elif kind == "决定":
            for one in instances.get(run.engine.program.decisions[name[0]].object, ()):
                inquiry.open_decision(name[0], one)
    return inquiry


def decision_missing(inquiry: Inquiry, name: str, instance: Instance) -> Missing:
    """Relevant blanks and deciding set of a decision that is undetermined or in conflict."""
    return answer(inquiry.decision_settled(inquiry.open_decision(name, instance)))


def finding_missing(inquiry: Inquiry, name: str, instance: Instance) -> Missing:
    """Relevant blanks and deciding set of a finding that is to be verified."""
    program = inquiry.run.engine.program
    frames = (instance,)
    if name in program.notices:
        return answer(inquiry.residual(program.notices[name].when, frames))
    duty = program.duties[name]
    when, met = inquiry.residual(duty.when, frames), inquiry.residual(duty.demand, frames)
    if duty.prohibition:
        met = opposite(met)
    plan = cheapest((when.false, met.true, together((when.true, met.false))))
    parts = tuple(r for r in (when, met) if r.parts)
    return answer(Residual(parts, plan, plan, when.exact and met.exact))

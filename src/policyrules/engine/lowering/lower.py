"""From the typed program to a circuit: what every expression comes to, as nodes.

Why this exists: the meaning of the language in two-valued operations is said once, arm by arm beside `engine.evaluate`, so
that a fast engine only has to know some twenty kinds of nodes.

Invariants: a name is lowered once for each place it is seen from; what is lowered agrees with the definition on every
record; what is not says which construct it is (`Unlowered`), before anything is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, assert_never

from policyrules.engine import days
from policyrules.engine import values as v
from policyrules.engine.lowering.amounts import Reckoned, Share, reckoned
from policyrules.engine.lowering.cells import Cells
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.days import Days
from policyrules.engine.lowering.deciding import Chosen, chosen, decision_has, decision_is, looked_up
from policyrules.engine.lowering.nodes import Bit, Cell, Place, Space
from policyrules.engine.lowering.operators import Operators
from policyrules.engine.lowering.places import Places, cell_at, reads_unlisted, space_of_rows
from policyrules.engine.lowering.rows import aggregated
from policyrules.engine.lowering.sets import Sets
from policyrules.engine.lowering.values import Lowered, Options, Range, Truth, Unlowered, Values, as_range
from policyrules.engine.prepared import Engine
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part
from policyrules.program.presence import presence
from policyrules.program.walk import children

Switched: TypeAlias = Callable[[core.Origin, str], str | None]
"""The switch of a provision, by who wrote it and what it is; None: it is always there."""


class Lowering:
    """The lowering of one program. ``vary``: parameters that are inputs, of which ``given`` always have a value; ``switched``: provisions that are; ``look_up``:
    what decisions come to is looked up by their truths (`nodes.Comes`), not said in bits."""

    def __init__(
        self,
        engine: Engine,
        *,
        vary: Iterable[str] = (),
        switched: Switched | None = None,
        look_up: bool = False,
        given: Iterable[str] = (),
    ) -> None:
        self.engine = engine
        self.program = engine.program
        self.c = Circuit()
        self.values = Values(self.c)
        self.sets = Sets(self.values)
        self.days = Days(self.c, engine.working_days)
        self.vary = frozenset(vary)
        self.switched = switched
        self.look_up = look_up
        self.root = Space(self.program.root)
        self.cells = Cells(engine, self.values, self.vary, frozenset(given), self._case)
        self.operators = Operators(self.values, self.sets, self.days, self.program.as_of)
        self._terms: dict[tuple[str, Place], Lowered] = {}
        self._present: dict[tuple[str, Place], Truth] = {}
        self._standing: dict[tuple[str, Place], tuple[Bit, Bit]] = {}
        self.waiting: dict[tuple[str, Place], Bit] = {}
        self._conditions: dict[tuple[str, Place], Truth] = {}
        self._demands: dict[tuple[str, Place], Truth] = {}
        self.chosen: dict[tuple[str, Place], Chosen] = {}
        self.amounts: dict[tuple[str, Place], Reckoned] = {}
        self._owns: dict[str, tuple[Bit, ...]] = {}

    # ---- names

    def term(self, name: str, place: Place) -> Lowered:
        """The body of a 术语."""
        found = self._terms.get((name, place))
        if found is None:
            found = self._terms[name, place] = self.expression(self.program.terms[name].body, (place,))
        return found

    def term_present(self, name: str, place: Place) -> Truth:
        """Whether all that a 术语 reads is there."""
        found = self._present.get((name, place))
        if found is None:
            found = self._present[name, place] = self.truth(self.program.terms[name].present, (place,))
        return found

    def condition(self, name: str, place: Place) -> Truth:
        """The 当 of a rule, duty, prohibition or notice."""
        found = self._conditions.get((name, place))
        if found is None:
            found = self._conditions[name, place] = self.truth(self.engine.conditions[name], (place,))
        return found

    def demand(self, name: str, place: Place) -> Truth:
        """What a duty demands, or a prohibition forbids."""
        found = self._demands.get((name, place))
        if found is None:
            found = self._demands[name, place] = self.truth(self.engine.demands[name], (place,))
        return found

    def decision(self, name: str, place: Place) -> Chosen:
        """A 决定 that is no amount."""
        found = self.chosen.get((name, place))
        if found is None:
            found = self.chosen[name, place] = self._decide(self.program.decisions[name], place)
        return found

    def _decide(self, decision: core.Decision, place: Place) -> Chosen:
        # 5.9.1, 5.9.16, 5.9.17, 5.9.21
        values, c = self.values, self.c
        applies = values.truth(True) if decision.applies is None else self.truth(decision.applies, (place,))
        rules = self.engine.rules[decision.name]
        spoken = self.speaking(rules, place)
        said: dict[str, list[Truth]] = {value: [] for value in decision.values}
        for rule, truth in zip(rules, spoken, strict=True):
            for value in dict.fromkeys(rule.values):
                said.setdefault(value, []).append(truth)
        concluded = [values.disjunction(said[value]) for value in decision.values]
        rankings = [self._ranking(rank, (place,)) for rank in decision.ranks]
        if self.look_up:
            return looked_up(c, decision, place, applies, concluded, rankings)
        return chosen(c, decision, applies, concluded, rankings)

    def speaking(self, rules: Sequence[core.Rule], place: Place) -> list[Truth]:
        """Whether each rule speaks."""
        found: list[Truth] = []
        for rule in rules:
            found.append(self._speaks(rule, self._rule(rule, place), rules, found))
        return found

    def _rule(self, rule: core.Rule, place: Place) -> Truth:
        return self.provided(rule.origins[0], "规则", self.condition(rule.name, place))

    def _ranking(self, rank: core.Rank, places: Places) -> Truth:
        truth = self.values.truth(True) if rank.when is None else self.truth(rank.when, places)
        return self.provided(rank.origin, "先后", truth)

    def _speaks(self, rule: core.Rule, truth: Truth, rules: Sequence[core.Rule], before: Sequence[Truth]) -> Truth:
        # 5.9.21, 5.18.6: a 补充规则 speaks where no rule of the layers above does.
        if not rule.supplement:
            return truth
        upper = self.engine.above[rule.level]
        above = [self.values.negation(one) for other, one in zip(rules, before, strict=False) if other.level in upper]
        return self.values.conjunction((truth, *above))

    def amount(self, name: str, place: Place) -> Reckoned:
        """A 决定 of an amount."""
        found = self.amounts.get((name, place))
        if found is None:
            found = self.amounts[name, place] = self._reckon(self.program.decisions[name], place)
        return found

    def _reckon(self, decision: core.Decision, place: Place) -> Reckoned:
        # 5.16.2 to 5.16.13
        values, places = self.values, (place,)
        assert decision.type is not None
        applies = values.truth(True) if decision.applies is None else self.truth(decision.applies, places)
        rules = self.engine.rules[decision.name]
        shares: list[Share] = []
        above: list[Truth] = []
        for rule in rules:
            truth = self._speaks(rule, self._rule(rule, place), rules, above)
            given: Range = values.nothing(decision.type)
            if rule.amount is not None:
                exists, given = values.existing(self.number(rule.amount, places))
                truth = values.conjunction((truth, exists))
            above.append(truth)
            shares.append(Share(rule.name, truth, given))
        bounds = [self.number(limit.bound, places) for limit in decision.limits]
        rankings = [self._ranking(rank, places) for rank in decision.ranks]
        return reckoned(values, decision, decision.type, applies, shares, bounds, rankings)

    # ---- expressions

    def truth(self, node: core.Expr | Folded, places: Places) -> Truth:
        """A condition."""
        found = self.expression(node, places)
        assert isinstance(found, Truth)
        return found

    def number(self, node: core.Expr, places: Places) -> Range:
        """A number or a day."""
        return as_range(self.expression(node, places))

    def expression(self, node: core.Expr | Folded, places: Places) -> Lowered:
        """``node`` as seen from ``places``; what cannot be lowered and is a truth or a number is asked of the definition."""
        try:
            found = self._expression(node, places)
        except Unlowered as refused:
            if isinstance(node, Part | Junction) or any(place.below for place in places):
                raise
            found = self.values.foreign(self.c.told(node, places, refused.why), node.type)
        if isinstance(found, Truth) and not isinstance(node, Junction):
            for bit in (found.true, found.possible):
                self.c.written(bit, node.body.span if isinstance(node, Part) else node.span)
        return found

    def _expression(self, node: core.Expr | Folded, places: Places) -> Lowered:
        values, c = self.values, self.c
        match node:
            # 5.2 What is read
            case core.FieldValue(at=at, field=field):
                return self.cells.value(cell_at(at, field, places))
            case core.TermValue(at=at, name=name):
                return self.term(name, places[at.frame].above(at.up))
            case core.ParameterValue(name=name):
                return self.cells.parameter(name)

            # 5.1 Truth
            case Part(body=body):
                return self.expression(body, places)
            case Junction():
                return self._junction(node, places)
            case core.All(operands=operands):
                return values.conjunction([self.truth(operand, places) for operand in operands])
            case core.Any(operands=operands):
                return values.disjunction([self.truth(operand, places) for operand in operands])
            case core.Not(operand=operand):
                return values.negation(self.truth(operand, places))
            case core.AtLeast(count=count, operands=operands):
                return values.at_least(count, [self.truth(operand, places) for operand in operands])

            # 5.2, 5.3 Comparisons, numbers, dates
            case core.Apply():
                return self._applied(node, places)
            case core.Constant(value=value, type=type_):
                return values.constant(value, type_)
            case core.Yearly(month=month, day=day, since=since):
                if since is None:
                    return values.number(days.day_in(self.program.as_of.year, month, day))
                return self.days.of_day("yearly", self.number(since, places), month, day, past="yearly_within")
            case core.AsOf():
                return values.number(self.program.as_of)
            case core.AsOfYear(back=back):
                return values.number(self.program.as_of.year - back)
            case core.Sum(terms=terms):
                return values.add([(sign, self.number(term, places)) for sign, term in terms])
            case core.Product(factors=factors):
                product = values.number(1)
                for times, factor in factors:
                    part = self.number(factor, places)
                    product = values.multiply(product, part) if times == "×" else values.divide(product, part)
                return product
            case core.Extreme(largest=largest, operands=operands):
                return values.pick([self.number(operand, places) for operand in operands], largest=largest)

            # 5.4 Tests
            case core.Member(left=left, right=right, negated=negated):
                plain = self.cells.among(left, places, self.cells.value_set(right))
                if plain is not None:
                    return values.negation(plain) if negated else plain
                test = self.sets.not_member if negated else self.sets.member
                return test(self.expression(left, places), self.cells.value_set(right))
            case core.Contains(left=left, values=items, negated=negated):
                held = [self.sets.held(self.expression(left, places), item) for item in items]
                return values.negation(values.disjunction(held)) if negated else values.conjunction(held)
            case core.Overlaps(left=left, right=right):
                return self.sets.overlaps(self.expression(left, places), self._other_set(right, places))
            case core.Subset(left=left, right=right):
                return self.sets.subset(self.expression(left, places), self._other_set(right, places))
            case core.Less(left=left, right=right):
                return self.sets.less(self.expression(left, places), self._other_set(right, places))
            case core.Filled(at=at, field=field, negated=negated):
                cell = cell_at(at, field, places)
                if cell.place.unlisted:
                    return values.unknown_truth
                return values.sure(c.among(cell, (None,), rest=not negated))
            case core.ParameterFilled(name=name, negated=negated):
                return self.cells.parameter_filled(name, negated)

            # 5.5 Rows
            case core.Quantified():
                return self._quantified(node, places)
            case core.Aggregate():
                return self._aggregate(node, places)

            # 5.6, 5.8 Choices
            case core.Choose():
                return self._choice(node, places)
            case core.Fallback():
                return self._fallback(node, places)
            case core.Present(operand=operand):
                place = places[operand.at.frame].above(operand.at.up)
                if isinstance(operand, core.TermValue):
                    return self.term_present(operand.name, place)
                return self.cells.present(cell_at(operand.at, operand.field, places))
            case core.Supplied(rows=rows):
                place = places[rows.at.frame].above(rows.at.up)
                return values.unknown_truth if place.unlisted else values.sure(c.has_list(place, rows.object))

            # 5.9 Decisions
            case core.DecisionIs(at=at, decision=name, items=wanted, negated=negated):
                return decision_is(c, self.decision(name, places[at.frame].above(at.up)), wanted, negated)
            case core.DecisionHas(at=at, decision=name, values=wanted, how=how):
                decided = self.decision(name, places[at.frame].above(at.up))
                return decision_has(values, self.program.decisions[name], decided, wanted, how)
            case core.DecisionValue():
                raise AssertionError("only the selector of a choice is a decision")
            case core.AmountValue(at=at, name=name):
                return self.amount(name, places[at.frame].above(at.up)).value

            # 5.11 Statistics
            case core.StatisticValue(name=name, type=type_, at=at):
                place = Place(self.root) if at is None else places[at.frame].above(at.up)
                if place.below:
                    raise Unlowered("没有列出的行的统计")
                return values.foreign(c.counted(name, place, self._own(name)), type_)
            case _:
                assert_never(node)

    def _own(self, name: str) -> tuple[Bit, ...]:
        """What `Counted.own` says, where decisions are looked up."""
        statistic = self.program.statistics[name]
        if not self.look_up or statistic.value is not None or statistic.object != self.program.root:
            return ()
        found = self._owns.get(name)
        if found is None:
            asked = [statistic.where] if statistic.match is None else [statistic.where, statistic.match]
            try:
                told = [
                    self.values.truth(True) if one is None else self.truth(one, (Place(self.root),)) for one in asked
                ]
                found = tuple(bit for truth in told for bit in (truth.true, truth.possible))
            except Unlowered:
                found = ()
            self._owns[name] = found
        return found

    def _junction(self, node: Junction, places: Places) -> Truth:
        values, c = self.values, self.c
        found: list[Truth] = []
        for part in node.parts:
            truth = self.truth(part, places)
            switch = None
            if self.switched is not None and isinstance(part, Part) and part.operation:
                switch = self.switched(part.origin, part.operation)
            if switch is not None:
                on = c.switch(switch)
                if node.every:
                    off = c.negation(on)
                    truth = Truth(c.any_of((off, truth.true)), c.any_of((off, truth.possible)))
                else:
                    truth = Truth(c.all_of((on, truth.true)), c.all_of((on, truth.possible)))
            found.append(truth)
        return values.conjunction(found) if node.every else values.disjunction(found)

    def _case(self, case: core.PresumptionCase, place: Place) -> Truth:
        return self.provided(case.origin, "推定", self.truth(case.when, (place,)))

    def provided(self, origin: core.Origin, what: str, truth: Truth) -> Truth:
        """A condition of a provision that may be switched off: then it never holds."""
        switch = None if self.switched is None else self.switched(origin, what)
        if switch is None:
            return truth
        on = self.c.switch(switch)
        return Truth(self.c.all_of((on, truth.true)), self.c.all_of((on, truth.possible)))

    def _other_set(self, right: core.ValueSet | core.Expr, places: Places) -> v.SetRange | Lowered:
        return self.cells.value_set(right) if isinstance(right, core.ValueSet) else self.expression(right, places)

    # ---- operators

    def _applied(self, node: core.Apply, places: Places) -> Lowered:
        values = self.values
        if node.operator.name in ("equal", "not_equal"):
            for one, other in (node.operands, node.operands[::-1]):
                if isinstance(other, core.Constant) and isinstance(other.value, str):
                    held = frozenset({other.value})
                    plain = self.cells.among(one, places, v.SetRange(held, held))
                    if plain is not None:
                        return values.negation(plain) if node.operator.name == "not_equal" else plain
        return self.operators.applied(node, [self.expression(operand, places) for operand in node.operands])

    # ---- rows

    def rows(
        self, rows: core.Children, places: Places, bodies: Iterable[core.Expr | None]
    ) -> tuple[Bit, Space, Places]:
        """Whether the rows were supplied, their space, and the frames inside it."""
        source = places[rows.at.frame].above(rows.at.up)
        space = space_of_rows(rows, places, bodies)
        return self.c.has_list(source, rows.object), space, (*places, Place(space))

    def _quantified(self, node: core.Quantified, places: Places) -> Truth:
        c = self.c
        supplied, space, inner = self.rows(node.rows, places, (node.body,))
        if supplied is c.false:
            return self.values.unknown_truth
        body = self.truth(node.body, inner)
        over = c.every_row if node.every else c.some_row
        true, possible = over(space, body.true), over(space, body.possible)
        return Truth(c.all_of((supplied, true)), c.any_of((c.negation(supplied), possible)))

    def _aggregate(self, node: core.Aggregate, places: Places) -> Lowered:
        supplied, space, inner = self.rows(node.rows, places, (node.where, node.value))
        counts = self.values.truth(True) if node.where is None else self.truth(node.where, inner)
        held = None if node.value is None else self.expression(node.value, inner)
        return aggregated(self.values, node, supplied, space, counts, held)

    # ---- choices

    def _choice(self, node: core.Choose, places: Places) -> Lowered:
        # 5.6.1 to 5.6.3
        c = self.c
        may, open_ = self.selectable(node, places)
        branches = [(keys, body) for keys, body in node.branches]
        named = {(type(key), key) for keys, _ in branches for key in keys}
        outside = c.any_of((open_, *(bit for key, bit in may.items() if key not in named)))
        inside = c.negation(outside)
        options: list[tuple[Bit, Lowered]] = []
        for keys, body in branches:
            taken = c.any_of(may.get((type(key), key), c.false) for key in keys)
            bit = c.all_of((inside, taken))
            if bit is not c.false:
                options.append((bit, self.expression(body, places)))
        options.append((outside, self.values.unknown(node.type)))
        return self.values.one_of(options, node.type)

    def selectable(self, node: core.Choose, places: Places) -> tuple[dict[Any, Bit], Bit]:
        """What the selector may be, each with whether it may; and whether that cannot be said."""
        c = self.c
        selector = node.selector
        if isinstance(selector, core.DecisionValue):
            decided = self.decision(selector.name, places[selector.at.frame].above(selector.at.up))
            unsettled = c.negation(decided.applies.true)
            candidates = decided.candidates
            if decided.comes is not None:
                may = dict.fromkeys((*decided.comes.decision.values, decided.comes.decision.default))
                candidates = tuple((one, c.comes_to(decided.comes, (one,), negated=False, sure=False)) for one in may)
            return {(type(value), value): bit for value, bit in candidates}, unsettled
        held = self.expression(selector, places)
        match held:
            case Truth(true, possible):
                return {(bool, True): possible, (bool, False): c.negation(true)}, c.false
            case Options(options, any):
                found: dict[Any, Bit] = {}
                rest: list[Bit] = [any]
                keys = [key for keys, _ in node.branches for key in keys if isinstance(key, str)]
                for bit, one in options:
                    if isinstance(one, Cell):
                        for key in keys:
                            found[str, key] = c.any_of(
                                (found.get((str, key), c.false), c.all_of((bit, c.among(one, (key,)))))
                            )
                        rest.append(c.all_of((bit, c.known(one), c.among(one, keys, rest=True))))
                    else:
                        found[str, one] = c.any_of((found.get((str, one), c.false), bit))
                return found, c.any_of(rest)
            case Range():
                sure = self.values.compare("=", held, held).true
                numbers = {
                    (type(key), key): self.values.compare("=", held, self.values.number(key)).true  # type: ignore[arg-type]  # a number
                    for keys, _ in node.branches
                    for key in keys
                }
                return numbers, c.negation(c.all_of((sure, c.any_of(numbers.values()))))
            case _:
                raise Unlowered("视 多选")

    def _fallback(self, node: core.Fallback, places: Places) -> Lowered:
        # 5.8.1, 5.10.12
        c = self.c
        present = self.truth(node.present, places)
        absent = self.absent(node, present, places)
        if present.true is c.true:
            return self.expression(node.first, places)
        if absent is c.true:
            return self.expression(node.second, places)
        first, second = self.expression(node.first, places), self.expression(node.second, places)
        return self.values.one_of([(c.negation(absent), first), (c.negation(present.true), second)], node.type)

    def absent(self, node: core.Fallback, present: Truth, places: Places) -> Bit:
        """Whether the second choice of a 首选 is used alone."""
        c = self.c
        absent = c.negation(present.possible)
        if not any(place.unlisted for place in places):
            return absent
        unknown = c.all_of((c.negation(present.true), present.possible))
        return c.any_of((absent, c.all_of((unknown, self._counts_above(node, places)))))

    def _counts_above(self, node: core.Fallback, places: Places) -> Bit:
        c = self.c
        listed = tuple(Place(place.space, place.up, place.below, bool(place.below)) for place in places)
        blank = self.truth(node.present, listed)
        return c.all_of((c.negation(blank.possible), self._stands(node.second, places)[0]))

    def _stands(self, node: core.Expr, places: Places) -> tuple[Bit, Bit]:
        """`engine.unlisted.stands`: whether it surely stands, and whether it surely does not."""
        c = self.c
        match node:
            case core.FieldValue(at=at):
                if places[at.frame].above(at.up).unlisted:
                    return c.false, c.true
                bit = self.truth(core.Present(node, node.span), places).true
                return bit, c.negation(bit)
            case core.Filled(at=at, field=field):
                bit = c.known(cell_at(at, field, places))
                return bit, c.negation(bit)
            case core.TermValue(at=at, name=name):
                asked = name, places[at.frame].above(at.up)
                found = self._standing.get(asked)
                if found is None:
                    found = self._standing[asked] = self._stands(self.program.terms[name].body, asked[1:])
                return found
            case (
                core.DecisionIs()
                | core.DecisionHas()
                | core.DecisionValue()
                | core.AmountValue()
                | core.StatisticValue()
            ):
                return c.false, c.fixed(reads_unlisted(node, places))
            case core.Quantified() | core.Aggregate():
                if reads_unlisted(node, places):
                    return c.false, c.true
                bit = self.truth(presence(node), places).true
                return bit, c.negation(bit)
            case core.Fallback(first=first, second=second):
                either = [self._stands(first, places), self._stands(second, places)]
                yes = c.any_of(bit for bit, _ in either)
                return yes, c.all_of((c.negation(yes), c.any_of(bit for _, bit in either)))
            case _:
                every = [self._stands(part, places) for part in children(node)]
                no = c.any_of(bit for _, bit in every)
                return c.all_of((c.negation(no), c.any_of(bit for bit, _ in every))), no

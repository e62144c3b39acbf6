"""A whole program as a circuit: of every decision and finding what it comes to, where, and how it stands.

Why this exists: an engine asks for outputs and gets the nodes it has to work out for them, and for each of them where the
definition would have to be asked.

Invariants: every decision, and every duty, prohibition and notice, has an output for each kind of instance it speaks of;
what is told by the definition alone is named (`Lowered.told`) before anything is evaluated.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never

from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.counted import Contributed, contributed
from policyrules.engine.lowering.deciding import Chosen, duty_status, notice_status
from policyrules.engine.lowering.lower import Lowering, Switched
from policyrules.engine.lowering.nodes import Bit, Counted, Foreign, Num, Place, Space, Told, reachable
from policyrules.engine.lowering.places import Places, cell_at, reads_unlisted, space_of
from policyrules.engine.lowering.values import Range, Truth, Unlowered
from policyrules.engine.prepared import Engine
from policyrules.engine.unlisted import judged
from policyrules.frozen import frozen
from policyrules.operators import WORKDAYS
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.walk import children, walk
from policyrules.results import FindingStatus, Status
from policyrules.types import Kind


@frozen
class DecisionOutput:
    """A decision that is no amount, on the instances at ``place``."""

    decision: core.Decision
    place: Place
    chosen: Chosen


@frozen
class AmountOutput:
    """An amount on the instances at ``place``: what it may be, and how it stands."""

    decision: core.Decision
    place: Place
    value: Range
    status: dict[Status, Bit]


@frozen
class FindingOutput:
    """A duty, prohibition or notice on the instances at ``place``; of rows that were not listed (``place.below``) where
    ``exists``. ``due``: the last day, where ``due_known``."""

    declaration: core.Duty | core.Notice
    place: Place
    exists: Bit
    status: dict[FindingStatus, Bit]
    due: Num
    due_known: Bit


@dataclass(frozen=True, slots=True)
class Refused:
    """An output that only the definition gives, and the construct why."""

    declaration: core.Decision | core.Duty | core.Notice
    place: Place
    why: str


AnyOutput: TypeAlias = DecisionOutput | AmountOutput | FindingOutput


@frozen
class Lowered:
    """A program as a circuit. ``refused``: outputs that are not in it; ``vary``: the parameters that are inputs;
    ``conditions``: of each rule that concludes something, whether its 当 holds; ``statistics``: what members contribute to
    each, None where the definition has to say."""

    engine: Engine
    circuit: Circuit
    root: Space
    decisions: tuple[DecisionOutput, ...]
    amounts: tuple[AmountOutput, ...]
    findings: tuple[FindingOutput, ...]
    refused: tuple[Refused, ...]
    vary: frozenset[str]
    conditions: Mapping[str, Truth]
    statistics: Mapping[str, Contributed | None]
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)
    """What engines made of it and use again."""

    def told(
        self, outputs: Iterable[DecisionOutput | AmountOutput | FindingOutput] | None = None
    ) -> tuple[Foreign, ...]:
        """What outputs (all where None) need from elsewhere: statistics, and constructs that the definition tells."""
        nodes = reachable(node for output in self._outputs(outputs) for node in roots(output))
        return tuple(node for node in nodes if isinstance(node, Counted | Told))

    def _outputs(
        self, outputs: Iterable[DecisionOutput | AmountOutput | FindingOutput] | None
    ) -> Iterable[DecisionOutput | AmountOutput | FindingOutput]:
        return (*self.decisions, *self.amounts, *self.findings) if outputs is None else outputs


def roots(output: DecisionOutput | AmountOutput | FindingOutput) -> Iterator[Bit | Num]:
    """The nodes that an output is read from."""
    match output:
        case DecisionOutput(chosen=found):
            yield from found.status.values()
            yield from (bit for _, bit in found.candidates)
            yield from (bit for truth in (found.applies, *found.concluded) for bit in (truth.true, truth.possible))
            yield from (bit for truth in found.rankings for bit in (truth.true, truth.possible))
        case AmountOutput(value=value, status=status):
            yield from status.values()
            yield from (value.low, value.high, value.open_low, value.open_high, value.void, value.perhaps)
        case FindingOutput(exists=exists, status=statuses, due=due, due_known=known):
            yield exists
            yield from statuses.values()
            yield from (due, known)
        case _:
            assert_never(output)


def lowered(
    engine: Engine,
    *,
    vary: Iterable[str] = (),
    switched: Switched | None = None,
    look_up: bool = False,
    given: Iterable[str] = (),
    there: Mapping[str, core.Expr] | None = None,
) -> Lowered:
    """The circuit of a program. ``vary``: parameters that are inputs, by name; ``switched``: of each provision its switch;
    ``look_up``, ``given``: as in `Lowering`; ``there``: of findings that only some records have, by name, the condition that says which."""
    lowering = Lowering(engine, vary=vary, switched=switched, look_up=look_up, given=given)
    program = engine.program
    decisions: list[DecisionOutput] = []
    amounts: list[AmountOutput] = []
    findings: list[FindingOutput] = []
    refused: list[Refused] = []
    for decision in program.decisions.values():
        place = space_of(lowering.program, decision.object)
        try:
            if decision.type is None:
                decisions.append(DecisionOutput(decision, place, lowering.decision(decision.name, place)))
            else:
                amounts.append(_amount(lowering, decision, place))
        except Unlowered as why:
            refused.append(Refused(decision, place, why.why))
    asked = judged(program)
    declarations: list[core.Duty | core.Notice] = [*program.duties.values(), *program.notices.values()]
    for declaration in declarations:
        place = space_of(lowering.program, declaration.object)
        for at in (place, *unlisted_places(lowering, declaration.object) * (declaration.object in asked)):
            try:
                findings.append(_finding(lowering, declaration, at, (there or {}).get(declaration.name)))
            except Unlowered as why:
                refused.append(Refused(declaration, at, why.why))
    return Lowered(
        engine,
        lowering.c,
        lowering.root,
        tuple(decisions),
        tuple(amounts),
        tuple(findings),
        tuple(refused),
        lowering.vary,
        dict(_conditions(lowering)),
        {name: _statistic(lowering, name) for name in program.statistics},
    )


def statistics_of(engine: Engine) -> tuple[Space, Mapping[str, Contributed | None]]:
    """What members contribute to each statistic, None where the definition has to say, and the space of the records; decisions
    are looked up."""
    lowering = Lowering(engine, look_up=True)
    return lowering.root, {name: _statistic(lowering, name) for name in engine.program.statistics}


def _conditions(lowering: Lowering) -> Iterator[tuple[str, Truth]]:
    for decision in lowering.program.decisions.values():
        place = space_of(lowering.program, decision.object)
        for rule in lowering.engine.rules[decision.name]:
            try:
                yield rule.name, lowering.condition(rule.name, place)
            except Unlowered:
                continue


def _statistic(lowering: Lowering, name: str) -> Contributed | None:
    try:
        return contributed(lowering, name, unlisted_places(lowering, lowering.program.statistics[name].object))
    except Unlowered:
        return None


def unlisted_places(lowering: Lowering, object: str) -> tuple[Place, ...]:
    """Where rows of a kind may be that nobody listed: below an instance without a list of them, or of those above them."""
    found: list[Place] = []
    below: tuple[str, ...] = ()
    place = space_of(lowering.program, object)
    for kind in belonging.line(lowering.program.objects, object)[: place.space.depth]:
        below = (kind, *below)
        place = place.space.source or place
        found.append(Place(place.space, place.up, below))
    return tuple(found)


def _amount(lowering: Lowering, decision: core.Decision, place: Place) -> AmountOutput:
    found = lowering.amount(decision.name, place)
    return AmountOutput(decision, place, found.value, found.status)


def _finding(
    lowering: Lowering, declaration: core.Duty | core.Notice, place: Place, there: core.Expr | None
) -> FindingOutput:
    c, values = lowering.c, lowering.values
    exists: Bit = c.true
    if place.below:
        above = place.above(len(place.below))
        exists = c.negation(c.has_list(above, place.below[0]))
    if there is not None:
        exists = c.all_of((exists, lowering.truth(there, (place,)).true))
    when = lowering.provided(declaration.origins[0], "检查", lowering.condition(declaration.name, place))
    if isinstance(declaration, core.Notice):
        return FindingOutput(declaration, place, exists, notice_status(c, when), c.const(0), c.false)
    met = lowering.demand(declaration.name, place)
    if declaration.prohibition:
        met = values.negation(met)
    over = expiry = values.truth(False)
    due: Num = c.const(0)
    due_known: Bit = c.false
    deadline: Range | None = None
    if declaration.deadline is not None:
        deadline = lowering.number(declaration.deadline, (place,))
        known = c.negation(c.any_of((deadline.void, deadline.open_low, deadline.open_high)))
        one = c.all_of((known, c.compare("=", deadline.low, deadline.high)))
        due, due_known = deadline.low, c.all_of((when.possible, one))
        said = c.any_of(
            (c.all_of((one, c.negation(deadline.perhaps))), waits(lowering, declaration.deadline, (place,)))
        )
        late = values.compare("<", deadline, values.number(lowering.program.as_of))
        over = Truth(c.all_of((said, late.true)), c.all_of((said, late.possible)))
    if declaration.expiry is not None:
        expiry = lowering.truth(declaration.expiry, (place,))
    status = duty_status(c, declaration, when, met, over, expiry, _reason_given(lowering, declaration, place))
    if deadline is not None and declaration.deadline and reads_unlisted(declaration.deadline, (place,)):
        # 5.10.13: the day of a deadline that an unlisted row has may be over.
        early = values.compare("≤", values.number(lowering.program.as_of), deadline).true
        turned = c.all_of((status["in_progress"], c.negation(early)))
        status["in_progress"] = c.all_of((status["in_progress"], early))
        status["unverified"] = c.any_of((status["unverified"], turned))
    return FindingOutput(declaration, place, exists, status, due, due_known)


def _reason_given(lowering: Lowering, duty: core.Duty, place: Place) -> Truth:
    # 5.10.20, 5.10.23
    c, values = lowering.c, lowering.values
    if duty.reason is None:
        return values.truth(False)
    cell = cell_at(duty.reason.at, duty.reason.field, (place,))
    if cell.place.unlisted:
        return values.unknown_truth
    said = c.known(cell)
    if cell.kind is Kind.SET:
        # An empty set says nothing.
        said = c.all_of((said, c.holds_other(cell, ())))
    return values.sure(said)


def waits(lowering: Lowering, node: core.Expr, places: Places) -> Bit:
    """Whether a day reads an amount that is not settled, or counts working days, from a day and by a number that are known,
    and the calendar lacks years: `engine.deadlines.waits`. What is settled waits for nothing."""
    c = lowering.c
    found = _waits(lowering, node, places)
    value = c.false if found is c.false else lowering.expression(node, places)
    if isinstance(value, Range):
        found = c.all_of((found, c.negation(c.any_of((lowering.values.settled(value), value.void)))))
    return found


def _waits(lowering: Lowering, node: core.Expr, places: Places) -> Bit:
    c = lowering.c
    match node:
        case core.AmountValue():
            return c.negation(_known(lowering, node, places))
        case core.TermValue(at=at, name=name):
            asked = name, places[at.frame].above(at.up)
            waiting = lowering.waiting.get(asked)
            if waiting is None:
                waiting = lowering.waiting[asked] = waits(lowering, lowering.program.terms[name].body, asked[1:])
            return waiting
        case core.Choose(selector=selector, branches=branches):
            _no_waiting(lowering, selector)
            may, _ = lowering.selectable(node, places)
            found = [
                c.all_of((c.any_of(may.get((type(key), key), c.false) for key in keys), waits(lowering, body, places)))
                for keys, body in branches
            ]
            return c.any_of(found)
        case core.Fallback(present=present, first=first, second=second):
            _no_waiting(lowering, present)
            there = lowering.truth(present, places)
            absent = lowering.absent(node, there, places)
            return c.any_of(
                (
                    c.all_of((c.negation(absent), waits(lowering, first, places))),
                    c.all_of((c.negation(there.true), waits(lowering, second, places))),
                )
            )
        case core.Quantified() | core.Aggregate() | core.All() | core.Any() | core.AtLeast() | core.Not():
            _no_waiting(lowering, node)
            return c.false
        case _:
            own: Bit = c.false
            if isinstance(node, core.Apply) and node.operator in WORKDAYS:
                value = lowering.number(node, places)
                own = c.all_of(
                    (
                        c.negation(lowering.values.settled(value)),
                        c.negation(value.void),
                        *(_known(lowering, part, places) for part in node.operands),
                    )
                )
            return c.any_of((own, *(waits(lowering, part, places) for part in children(node))))


def _no_waiting(lowering: Lowering, node: core.Expr) -> None:
    bodies, named = [node], set[str]()
    while bodies:
        for part in walk(bodies.pop()):
            if isinstance(part, core.TermValue) and part.name not in named:
                named.add(part.name)
                bodies.append(lowering.program.terms[part.name].body)
            if isinstance(part, core.AmountValue) or (isinstance(part, core.Apply) and part.operator in WORKDAYS):
                raise Unlowered("期限的条件中的工作日或者金额")


def _known(lowering: Lowering, node: core.Expr, places: Places) -> Bit:
    return lowering.values.settled(lowering.number(node, places))

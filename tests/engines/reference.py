"""Circuits worked out one node at a time: the slow, plain reading of `engine.lowering.nodes`.

Why this exists: what a circuit means must not hang on how a fast engine runs it. This reads the nodes to the letter and is
held against the definition, so that what differs is an error of the lowering.

Invariants: nothing here is remembered from one record to the next; where a node says "anything" there is `POISON`, which
may be handed on but never settles an output.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias, assert_never

import policyrules as pr
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance, ascend, unlisted_row
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.deciding import Chosen
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput, Lowered
from policyrules.engine.lowering.values import Range, Truth
from policyrules.engine.portfolio import Portfolio
from policyrules.program import nodes as core
from policyrules.results import Candidate, not_applicable
from policyrules.types import bare_number

from .saying import Answer, Said

Element: TypeAlias = tuple[Instance, ...]
"""An element of a space: the record, and the row of each space that is around it."""


class Poison:
    """What a blank holds. Whoever decides by it is wrong."""

    def __repr__(self) -> str:
        return "POISON"

    def __bool__(self) -> bool:
        raise AssertionError("something was decided by what is not there")


POISON: Final = Poison()


class Broken(AssertionError):
    """A circuit that breaks an invariant of its own."""


class Reference:
    """One record under one circuit. ``run``: the definition's evaluation of it, for what is not lowered; ``parameters``: of
    those that vary, the values that are set; ``switches``: the provisions that are there (None: all of them)."""

    def __init__(
        self,
        lowered: Lowered,
        run: Run,
        parameters: dict[str, Any] | None = None,
        switches: frozenset[str] | None = None,
    ) -> None:
        self.lowered = lowered
        self.run = run
        self.parameters = parameters or {}
        self.switches = switches
        self._bits: dict[tuple[int, Element], Any] = {}
        self._unlisted: dict[tuple[Instance, str], Instance] = {}

    # ---- where things are

    def elements(self, space: n.Space) -> Iterator[Element]:
        """All elements of a space."""
        if space.parent is None:
            yield (self.run.subject,)
            return
        for outer in self.elements(space.parent):
            yield from self.inside(space, outer)

    def inside(self, space: n.Space, outer: Element) -> Iterator[Element]:
        """The elements of a space inside an element of one around it."""
        assert space.parent is not None and space.source is not None
        outer = outer[: space.parent.depth + 1]
        rows = self.at(space.source, outer).rows.get(space.object) or ()
        without = None if space.without is None else outer[space.without.depth]
        for row in rows:
            if row is not without:
                yield (*outer, row)

    def at(self, place: n.Place, element: Element) -> Instance:
        """The instance at a place."""
        instance = ascend(element[place.space.depth], place.up)
        for kind in place.below:
            key = instance, kind
            if key not in self._unlisted:
                self._unlisted[key] = unlisted_row(instance, kind)
            instance = self._unlisted[key]
        return self.run.blank_row(instance) if place.listed else instance

    def _cell(self, cell: n.Cell, element: Element) -> Any:
        if cell.object == "参数":
            return self.parameters.get(cell.name)
        return self.at(cell.place, element).values.get(cell.name)

    # ---- nodes

    def value(self, node: n.Bit | n.Num | n.Foreign, element: Element) -> Any:
        """What a node comes to: True, False, a number, a day, or POISON; of what is foreign the definition's value."""
        key = (node.id, element[: 0 if node.space is None else node.space.depth + 1])
        found = self._bits.get(key, self)
        if found is self:
            found = self._bits[key] = self._value(node, key[1])
        return found

    def _value(self, node: n.Bit | n.Num | n.Foreign, element: Element) -> Any:
        match node:
            case n.Fixed(value=value) | n.Const(value=value):
                return value
            case n.In(cell=cell, values=values, rest=rest):
                held = self._cell(cell, element)
                return any(type(held) is type(one) and held == one for one in values) is not rest
            case n.Holds(cell=cell, item=item):
                return item in (self._cell(cell, element) or ())
            case n.HoldsOther(cell=cell, items=items):
                return any(one not in items for one in self._cell(cell, element) or ())
            case n.Meets(left=left, right=right):
                return bool(set(self._cell(left, element) or ()) & set(self._cell(right, element) or ()))
            case n.SameText(left=left, right=right):
                one, other = self._cell(left, element), self._cell(right, element)
                return one is not None and one == other
            case n.Compare(order=order, left=left, right=right):
                return _compared(order, self.value(left, element), self.value(right, element))
            case n.Neg(bit=bit):
                held = self.value(bit, element)
                return held if held is POISON else not held
            case n.AllOf(bits=bits):
                return self._joined(bits, element, False)
            case n.AnyOf(bits=bits):
                return self._joined(bits, element, True)
            case n.Enough(count=count, bits=bits):
                held = [self.value(bit, element) for bit in bits]
                sure, unsure = sum(one is True for one in held), sum(one is POISON for one in held)
                return True if sure >= count else False if sure + unsure < count else POISON
            case n.SomeRow(rows=rows, bit=bit):
                held = [self.value(bit, inner) for inner in self.inside(rows, element)]
                return True if True in held else POISON if POISON in held else False
            case n.HasList(place=place, object=object_):
                return self.at(place, element).rows.get(object_) is not None
            case n.Switch(name=name):
                return self.switches is None or name in self.switches
            case n.Defined(call=call):
                return _only(self._called(call, element), lambda found: found is not None)
            case n.BitOf(value=value, part=part) | n.NumOf(value=value, part=part):
                return _part_of(self.value(value, element), part)
            case n.Read(cell=cell):
                held = self._cell(cell, element)
                return POISON if held is None else held
            case n.Linear(constant=constant, terms=terms):
                total: Any = constant
                for factor, number in terms:
                    held = self.value(number, element)
                    if held is POISON:
                        return POISON
                    total = total + factor * held
                return total
            case n.Times(left=left, right=right):
                # 0 times anything is 0, whatever stands for a blank.
                parts = self.value(left, element), self.value(right, element)
                return 0 if 0 in parts else _both(*parts, lambda one, other: one * other)
            case n.Over(left=left, right=right):
                return _both(self.value(left, element), self.value(right, element), _quotient)
            case n.Extremum(largest=largest, numbers=numbers):
                held = [self.value(number, element) for number in numbers]
                return POISON if POISON in held else (max if largest else min)(held)
            case n.Choice(bit=bit, yes=yes, no=no):
                held = self.value(bit, element)
                return POISON if held is POISON else self.value(yes if held else no, element)
            case n.HowMany(bits=bits):
                held = [self.value(bit, element) for bit in bits]
                return POISON if POISON in held else sum(held)
            case n.SizeOf(cell=cell):
                held = self._cell(cell, element)
                return POISON if held is None else len(held)
            case n.RowCount(rows=rows, bit=bit):
                held = [self.value(bit, inner) for inner in self.inside(rows, element)]
                return POISON if POISON in held else sum(held)
            case n.RowSum(rows=rows, bit=bit, number=number):
                found = self._of_rows(rows, bit, number, element)
                return POISON if POISON in found else sum(found)
            case n.RowExtremum(largest=largest, rows=rows, bit=bit, number=number):
                found = self._of_rows(rows, bit, number, element)
                return POISON if not found or POISON in found else (max if largest else min)(found)
            case n.Call():
                held = self._called(node, element)
                return POISON if held is None else held
            case n.Counted(name=name, place=place):
                return self.run.statistic(name, self.at(place, element)).value
            case n.Told(expression=expression, places=places):
                return evaluate(self.run, expression, tuple(self.at(place, element) for place in places)).value
            case _:
                assert_never(node)

    def _joined(self, bits: Sequence[n.Bit], element: Element, settling: bool) -> Any:
        found: Any = not settling
        for bit in bits:
            held = self.value(bit, element)
            if held is settling:
                return settling
            if held is POISON:
                found = POISON
        return found

    def _of_rows(self, rows: n.Space, bit: n.Bit, number: n.Num, element: Element) -> list[Any]:
        found: list[Any] = []
        for inner in self.inside(rows, element):
            meets = self.value(bit, inner)
            if meets is POISON:
                found.append(POISON)
            elif meets:
                found.append(self.value(number, inner))
        return found

    def _called(self, call: n.Call, element: Element) -> Any:
        given = [self.value(number, element) for number in call.arguments]
        if POISON in given:
            return POISON
        return functions(self.run.engine.working_days)[call.name](*given, *call.fixed)

    # ---- outputs

    def bit(self, bit: n.Bit, element: Element) -> bool:
        """A bit of an output."""
        found = self.value(bit, element)
        if not isinstance(found, bool):
            raise Broken(f"an output hangs on {found!r}: node {bit.id}")
        return found

    def truth(self, truth: Truth, element: Element) -> v.Truth:
        """A truth of three values."""
        true, possible = self.bit(truth.true, element), self.bit(truth.possible, element)
        if true and not possible:
            raise Broken("surely true and not possibly so")
        return True if true else None if possible else False

    def number(self, value: Range, element: Element) -> v.Abstract:
        """A number as the definition has it."""
        if self.bit(value.void, element):
            return v.VOID
        low = None if self.bit(value.open_low, element) else self.value(value.low, element)
        high = None if self.bit(value.open_high, element) else self.value(value.high, element)
        if low is POISON or high is POISON:
            raise Broken("a bound that is not there")
        return v.interval(low, high, self.bit(value.perhaps, element))

    def status(self, statuses: dict[Any, n.Bit], element: Element) -> Any:
        """The one way it stands."""
        found = [status for status, bit in statuses.items() if self.bit(bit, element)]
        if len(found) != 1:
            raise Broken(f"it stands in {len(found)} ways: {found}")
        return found[0]


def _compared(order: str, left: Any, right: Any) -> Any:
    if left is POISON or right is POISON:
        return POISON
    return left < right if order == "<" else left <= right if order == "≤" else left == right


def _both(left: Any, right: Any, meaning: Any) -> Any:
    return POISON if left is POISON or right is POISON else meaning(left, right)


def _only(value: Any, meaning: Any) -> Any:
    return POISON if value is POISON else meaning(value)


def _quotient(left: Any, right: Any) -> Any:
    return POISON if right == 0 else Fraction(left) / right


def _part_of(value: Any, part: n.ValuePart) -> Any:
    low, high, void = v.bounds(value)
    match part:
        case "true":
            return value is True
        case "possible":
            return value is not False
        case "low":
            return POISON if low is None else low
        case "high":
            return POISON if high is None else high
        case "open_low":
            return low is None
        case "open_high":
            return high is None
        case "void":
            return value is v.VOID
        case "perhaps_void":
            return void
        case _:
            assert_never(part)


# ---- what comes out -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """A decision on one instance. ``concluded``, ``open``: P and U, where it applies or may."""

    status: str
    candidates: tuple[Candidate, ...]
    applies: v.Truth
    concluded: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A finding on one instance, or on the rows of ``unlisted`` below it."""

    name: str
    instance: Instance
    unlisted: tuple[str, ...]
    status: str
    due: Any


def decided(reference: Reference, output: DecisionOutput, element: Element) -> Decided:
    """A decision that is no amount."""
    decision, chosen = output.decision, output.chosen
    status = reference.status(dict(chosen.status), element)
    applies = reference.truth(chosen.applies, element)
    truths = [reference.truth(truth, element) for truth in chosen.concluded]
    for truth in chosen.rankings:
        reference.truth(truth, element)
    concluded = tuple(value for value, truth in zip(decision.values, truths, strict=True) if truth)
    open_ = tuple(value for value, truth in zip(decision.values, truths, strict=True) if truth is None)
    candidates = ordered(decision, chosen, reference, element, concluded, open_)
    if applies is None:
        candidates = (*candidates, not_applicable)
    if applies is False:
        if candidates:
            raise Broken("candidates of what does not apply")
        return Decided(status, (not_applicable,), applies, (), ())
    return Decided(status, candidates, applies, concluded, open_)


def ordered(
    decision: core.Decision,
    chosen: Chosen,
    reference: Reference,
    element: Element,
    concluded: tuple[str, ...],
    open_: tuple[str, ...],
) -> tuple[Candidate, ...]:
    """The candidates as the tables order them: P, U, then 默认 or 无."""
    held = {value for value, bit in chosen.candidates if reference.bit(bit, element)}
    last = (decision.default,) if decision.mode != "多选" else ()
    # Of 由宽到严 the 默认 is stricter than nothing that is open, and comes last unless a rule says it.
    before = [one for one in open_ if not (decision.mode == "由宽到严" and one == decision.default)]
    return tuple(one for one in dict.fromkeys((*concluded, *before, *last)) if one in held)


def decisions(reference: Reference) -> Iterator[tuple[DecisionOutput, Instance, Decided]]:
    """Every decision that is no amount, on every instance."""
    for output in reference.lowered.decisions:
        for element in reference.elements(output.place.space):
            yield output, reference.at(output.place, element), decided(reference, output, element)


def amounts(reference: Reference) -> Iterator[tuple[AmountOutput, Instance, str, v.Abstract]]:
    """Every amount on every instance: how it stands, and what it may be."""
    for output in reference.lowered.amounts:
        for element in reference.elements(output.place.space):
            status = reference.status(dict(output.status), element) if output.status else ""
            yield output, reference.at(output.place, element), status, reference.number(output.value, element)


def findings(reference: Reference) -> Iterator[Found]:
    """Every finding on every instance, and on rows that were not listed."""
    for output in reference.lowered.findings:
        for element in reference.elements(output.place.space):
            if reference.bit(output.exists, element):
                yield _found(reference, output, element)


def _found(reference: Reference, output: FindingOutput, element: Element) -> Found:
    status = reference.status(dict(output.status), element)
    due = reference.value(output.due, element) if reference.bit(output.due_known, element) else None
    if due is POISON:
        raise Broken("a day that is not there")
    place = output.place
    above = n.Place(place.space, place.up)
    return Found(output.declaration.name, reference.at(above, element), place.below, status, due)


def circuit(policy: pr.Policy) -> Answer:
    """The circuit of a policy, as an engine."""
    return reading(policy.interpreter.lowered(), policy)


def reading(
    found: Lowered,
    policy: pr.Policy,
    parameters: dict[str, Any] | None = None,
    switches: frozenset[str] | None = None,
) -> Answer:
    """A circuit read plainly. ``policy``: who is asked for what is not lowered."""
    handed = frozenset((one.declaration.name, bool(one.place.below)) for one in found.refused)

    def answer(roots: Sequence[Instance], portfolio: Portfolio | None) -> list[Said]:
        return [said(Reference(found, policy.interpreter.run(root, portfolio), parameters, switches)) for root in roots]

    def said(reference: Reference) -> Said:
        told: dict[tuple[str, str], tuple[Any, ...]] = {}
        inner: dict[tuple[str, str], tuple[Any, ...]] = {}
        for output, instance, decided in decisions(reference):
            key = instance.path, output.decision.name
            told[key] = (decided.status, value_of(output.decision, decided), decided.candidates)
            inner[key] = (decided.applies, decided.concluded, decided.open)
        for amount, instance, status, value in amounts(reference):
            key = instance.path, amount.decision.name
            told[key] = (status, *amount_of(amount.decision, status, value))
            inner[key] = (value,)
        checked: dict[tuple[str, str, str], tuple[Any, ...]] = {}
        for one in findings(reference):
            place = (one.name, one.instance.path, one.unlisted[-1] if one.unlisted else "")
            if place in checked:
                raise Broken(f"{place} twice")
            checked[place] = (one.status, one.due)
        return Said(told, checked, inner, handed)

    return answer


def value_of(decision: core.Decision, decided: Decided) -> Any:
    """The value of a decision that is determined."""
    if decided.status != "determined":
        return None
    return frozenset(decided.concluded) if decision.mode == "多选" else decided.candidates[0]


def amount_of(decision: core.Decision, status: str, value: v.Abstract) -> tuple[Any, Any]:
    """An amount as results tell it: its value where it is determined, and its bounds, in its unit."""
    exists, number = v.existing(value)
    if exists is False:
        return None, None
    assert decision.type is not None
    type_ = decision.type
    low, high, _ = v.bounds(number)
    ends = tuple(
        end if end is None or isinstance(end, datetime.date) else bare_number(end, type_) for end in (low, high)
    )
    return (ends[0] if status == "determined" else None), ends

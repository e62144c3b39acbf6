"""Circuits as plane programs: what each node comes to for many records at once.

Why this exists: which bits are planes of which domain, which register holds what a node comes to, is settled here, once for
ledgers that are alike.

Invariants: each node is planned behind its operands; what stands for a blank decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, assert_never

from policyrules.columns.counted import Against
from policyrules.columns.domains import RECORDS, Base, Domain, axis_of, domain_of, joined, outer
from policyrules.columns.planebits import Bit, is_fixed
from policyrules.columns.planenumbers import HALF, Number, Numbers, Whole, fixed
from policyrules.columns.planeprogram import (
    ColumnFacts,
    Facts,
    Input,
    Instruction,
    Op,
    Output,
    Program,
    RegisterKind,
    allocated,
)
from policyrules.columns.store import DAY_ZERO
from policyrules.engine.compiled.thresholds import threshold
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.types import Kind


class Planner(Numbers):
    """Makes the program of some nodes."""

    def __init__(self, program: core.Program, facts: Facts) -> None:
        super().__init__(program, facts)
        self._bits: dict[int, Bit] = {}
        self._numbers: dict[int, Number] = {}

    # ---- nodes

    def plan(self, roots: Iterable[n.Bit | n.Num]) -> None:
        """Work out what ``roots`` read, each node behind its operands."""
        done: set[int] = set()
        for root in roots:
            waiting: list[tuple[Any, bool]] = [(root, False)]
            while waiting:
                node, ready = waiting.pop()
                if node.id in done:
                    continue
                if ready:
                    done.add(node.id)
                    self._node(node)
                    continue
                waiting.append((node, True))
                if isinstance(node, n.BitOf | n.NumOf):
                    continue
                waiting.extend((part, False) for part in reversed(n.operands(node)))

    def bit(self, node: n.Bit) -> Bit:
        """What a node that was planned comes to."""
        return self._bits[node.id]

    def number(self, node: n.Num) -> Number:
        """What a node that was planned comes to."""
        return self._numbers[node.id]

    def _node(self, node: n.Bit | n.Num | n.Foreign) -> None:
        match node:
            case n.Counted() | n.Told():
                raise AssertionError("asked of others")
            case (
                n.Const()
                | n.Read()
                | n.Linear()
                | n.Times()
                | n.Over()
                | n.Extremum()
                | n.Choice()
                | n.HowMany()
                | n.SizeOf()
                | n.RowCount()
                | n.RowSum()
                | n.RowExtremum()
                | n.Call()
                | n.NumOf()
            ):
                self._numbers[node.id] = self._number(node)
            case _:
                self._bits[node.id] = self._bit(node)

    def _bit(self, node: n.Bit) -> Bit:
        if isinstance(node, n.Compare | n.Defined):
            turning = threshold(node)
            if turning is not None:
                return self._from_day(*turning)
        match node:
            case n.Fixed(value=value):
                return value
            case n.In():
                return self._in(node)
            case n.Holds(cell=cell, item=item):
                return self._holds(cell, frozenset({item}), False)
            case n.HoldsOther(cell=cell, items=items):
                return self._holds(cell, items, True)
            case n.Meets(left=left, right=right) | n.SameText(left=left, right=right):
                return self._together(Op.MEETS if isinstance(node, n.Meets) else Op.SAME_TEXT, left, right)
            case n.Compare(order=order, left=left, right=right):
                found = self.compare(order, self.number(left), self.number(right))
                return found if is_fixed(found) else self._asked_of_others(node, found)
            case n.Neg(bit=bit):
                return self.negation(self.bit(bit))
            case n.AllOf(bits=bits):
                return self.all_of(self.bit(bit) for bit in bits)
            case n.AnyOf(bits=bits):
                return self.any_of(self.bit(bit) for bit in bits)
            case n.Enough(count=count, bits=bits):
                return self.enough(count, [self.bit(bit) for bit in bits])
            case n.SomeRow(rows=rows, bit=bit):
                return self._some(rows, self.bit(bit))
            case n.HasList(place=place, object=object_):
                return self._has_list(place, object_)
            case n.Switch():
                raise AssertionError("provisions are not switched here")
            case n.Defined(call=call):
                defined: Bit = self._called(call, Op.DEFINED)
                return defined
            case n.ComesTo():
                raise AssertionError("decisions are not looked up here")
            case n.BitOf(value=value, part=part):
                return self._foreign_bit(value, part)
            case _:
                assert_never(node)

    def _facts(self, cell: n.Cell) -> ColumnFacts | None:
        return self.facts.columns.get((cell.object, cell.name))

    def _known(self, cell: n.Cell) -> Bit:
        known = self._known_of(cell)
        return known if is_fixed(known) else self.at(known, cell.object, cell.place)

    def _known_of(self, cell: n.Cell) -> Bit:
        """Of the rows of a table which are not blank."""
        facts = self._facts(cell)
        if facts is None or not facts.blanks:
            return facts is not None
        return self._input(self.table(cell.object), Input("known", cell.object, cell.name))

    def _codes(self, cell: n.Cell, part: str = "codes") -> int:
        return self._input(self.table(cell.object), Input(part, cell.object, cell.name))

    def codes(self, cell: n.Cell) -> int:
        """The codes in a cell."""
        return self.at(self._codes(cell), cell.object, cell.place)

    def _in(self, node: n.In) -> Bit:
        cell, facts = node.cell, self._facts(node.cell)
        if facts is None:
            return (None in node.values) is not node.rest
        blank = None in node.values
        asked = frozenset(value for value in node.values if value is not None)
        known = self._known(cell)
        if not asked:
            if not blank:
                return node.rest
            return known if node.rest else self.negation(known)
        match cell.kind:
            case Kind.BOOL:
                test: Bit = self._test(cell, frozenset(int(value is True) for value in asked))
                test = self.all_of((test, known))
            case Kind.ENUM:
                places = cell.field.type.values or ()
                test = self._test(cell, frozenset(places.index(str(value)) for value in asked if value in places))
            case _:
                test = self._test(cell, frozenset(str(value) for value in asked))
        found = self.any_of((test, self.negation(known))) if blank else test
        return self.negation(found) if node.rest else found

    def _test(self, cell: n.Cell, codes: frozenset[Any]) -> Bit:
        """Whether a code is one of ``codes``: numbers, or texts of the column's own."""
        if cell.kind is Kind.BOOL and len(codes) == 2:
            return True
        if not codes:
            return False
        facts = self._facts(cell)
        if cell.object == PARAMETERS and cell.kind is Kind.BOOL and facts is not None and not facts.blanks:
            # Of thousands of these each record has its own: many are told at once, none is spread by itself.
            flag: Bit = self._input(RECORDS, Input("flag", cell.object, cell.name))
            return flag if codes == {1} else self.negation(flag)
        every = frozenset(range(2 if cell.kind is Kind.BOOL else len(cell.field.type.values or ())))
        rest = every - codes
        if codes <= every and (len(rest), min(rest, default=0)) < (len(codes), min(codes)):
            # As few codes as tell it; of two halves always the same one.
            known = self._known_of(cell)
            test = self.all_of((known, self.negation(self._among(cell, rest)))) if rest else known
        else:
            test = self._among(cell, codes)
        return test if is_fixed(test) else self.at(test, cell.object, cell.place)

    def _among(self, cell: n.Cell, codes: frozenset[Any]) -> int:
        x = self.constant(("codes", cell.object, cell.name, codes, False))
        return self.plane(Op.AMONG, self.table(cell.object), (self._codes(cell, "column"),), x)

    def _holds(self, cell: n.Cell, items: frozenset[str], rest: bool) -> Bit:
        if self._facts(cell) is None:
            return False
        values = cell.field.type.values
        codes: frozenset[Any] = items
        if values is not None:
            codes = frozenset(values.index(item) for item in items if item in values)
        x = self.constant(("codes", cell.object, cell.name, codes, rest))
        register = self.plane(Op.HOLDS, self.table(cell.object), (self._codes(cell, "column"),), x)
        return self.at(register, cell.object, cell.place)

    def _together(self, op: Op, left: n.Cell, right: n.Cell) -> Bit:
        if self._facts(left) is None or self._facts(right) is None:
            return False
        domain = domain_of((axis_of(left.place), axis_of(right.place)))
        cells = ("cells", domain, axis_of(left.place), axis_of(right.place))
        x = self.constant(cells, (*cells, left.object, left.name, right.object, right.name))
        return self.plane(op, domain, (self._codes(left, "column"), self._codes(right, "column")), x)

    def _has_list(self, place: n.Place, object_: str) -> Bit:
        if object_ not in self.facts.longest:
            return False
        if object_ in self.facts.supplied:
            return True
        above = place.space.object if place.up == 0 else self._above(place.up)
        register = self._input(self.table(above), Input("list", object_, ""))
        return self.at(register, above, place)

    def _above(self, up: int) -> str:
        return belonging.line(self.core.objects, self.core.root)[up]

    def _inside(self, rows: n.Space, domains: Iterable[Domain]) -> Domain:
        """The domain of the rows that a body is about."""
        return joined((domain_of((rows,)), *domains))

    def _some(self, rows: n.Space, bit: Bit) -> Bit:
        if bit is False or not self.facts.longest.get(rows.object):
            return False
        domain = self._inside(rows, [self.domain(bit)])
        return self.plane(Op.SOME, outer(domain), (self._bit_in(bit, domain),), self.constant(("domain", domain)))

    def _bit_in(self, bit: Bit, domain: Domain) -> int:
        if is_fixed(bit):
            return self.plane(Op.FIXED, domain, (), int(bit))
        return self.spread(bit, domain)

    def _called(self, call: n.Call, op: Op) -> Any:
        numbers = [self.number(part) for part in call.arguments]
        first = numbers[0].number
        wholes: Sequence[Whole] = [first.less(first.value), *(self.steps(number) for number in numbers[1:])]
        shift = first.value
        if call.name == "days":
            # How far they are apart is the same from wherever they are counted.
            wholes, shift = self.level([number.number for number in numbers])
        domain = joined(part.domain for part in wholes)
        if not domain:
            # Worked out for the records, were it fixed: lowering folds what is.
            domain = domain_of((Base(0),))
        arguments = tuple(self.operand(part, domain, False) for part in wholes)
        x = self.constant(("call", call.name, call.fixed, shift))
        if op is Op.DEFINED:
            return self.plane(op, domain, arguments, x)
        low, high = 1, datetime.date.max.toordinal()
        if call.name == "days":
            low = -high
        if call.name == "year_of":
            high = datetime.MAXYEAR
        register = self.emit(op, domain, RegisterKind.SHORT, arguments, x)
        return Number(Whole(register, 0, domain, low, high))

    def _foreign_bit(self, value: n.Foreign, part: str) -> Bit:
        facts = self.facts.foreign[value.id, part]
        if facts.low is not None and facts.low == facts.high:
            return bool(facts.low)
        return self._from_elsewhere(value, part)

    def _from_day(self, read: n.Read, day: datetime.date | None, later: bool) -> Bit:
        """Whether a day is that one or a later one (``later``), or is not; None: no day is."""
        if day is None:
            return not later
        mark = Number(fixed(day.toordinal()))
        own = self.number(read)
        return self.compare("≤", mark, own) if later else self.compare("<", own, mark)

    def _asked_of_others(self, node: n.Compare, found: Bit) -> Bit:
        """A statistic against a fixed number is asked of each of its values, not of each row."""
        for one, other, turned in ((node.left, node.right, False), (node.right, node.left, True)):
            match one, other:
                case n.NumOf(value=n.Counted() as value, part=part), n.Const(value=bound):
                    if self.facts.foreign[value.id, part].low is not None:
                        plain = bound.toordinal() if isinstance(bound, datetime.date) else bound
                        return self._from_elsewhere(value, Against(part, node.order, Fraction(plain), turned))
        return found

    def _from_elsewhere(self, value: n.Foreign, part: str | Against) -> int:
        if isinstance(value, n.Counted):
            # It is the same wherever it is asked by the same row.
            asking = value.place.space.object
            register = self._input(self.table(asking), Input("foreign", asking, (value.id, part)))
            return self.at(register, asking, value.place)
        domain = domain_of((Base(0), *map(axis_of, value.places)))
        return self._input(domain, Input("foreign", "", (value.id, part)))

    def _number(self, node: n.Num) -> Number:
        match node:
            case n.Const(value=value):
                if isinstance(value, datetime.date):
                    return Number(fixed(value.toordinal()))
                exact = Fraction(value)
                return Number(fixed(exact.numerator), exact.denominator)
            case n.Read(cell=cell):
                facts = self._facts(cell)
                if facts is None:
                    return Number(fixed(1 if cell.kind is Kind.DATE else 0))
                domain = self.table(cell.object)
                register = self.at(self._codes(cell), cell.object, cell.place)
                domain = self.registers[register].domain if domain else domain
                read = Whole(register, 0, domain, facts.low, facts.high)
                return Number(read.less(-DAY_ZERO) if cell.kind is Kind.DATE else read, facts.scale)
            case n.Linear(constant=constant, terms=terms):
                return self.sum(Fraction(constant), [(Fraction(factor), self.number(part)) for factor, part in terms])
            case n.Times(left=left, right=right):
                return self.product(self.number(left), self.number(right))
            case n.Over(left=left, right=right):
                return self.quotient(self.number(left), self.number(right))
            case n.Extremum(largest=largest, numbers=numbers):
                return self.extremum([self.number(part) for part in numbers], largest=largest)
            case n.Choice(bit=bit, yes=yes, no=no):
                return self.choice(self.bit(bit), self.number(yes), self.number(no))
            case n.HowMany(bits=bits):
                return self._how_many([self.bit(bit) for bit in bits])
            case n.SizeOf(cell=cell):
                if self._facts(cell) is None:
                    return Number(fixed(0))
                register = self.emit(
                    Op.SIZE, self.table(cell.object), RegisterKind.SHORT, (self._codes(cell, "column"),)
                )
                register = self.at(register, cell.object, cell.place)
                return Number(Whole(register, 0, self.registers[register].domain, 0, HALF - 1))
            case n.RowCount(rows=rows, bit=bit):
                return self._row_count(rows, self.bit(bit))
            case n.RowSum(rows=rows, bit=bit, number=number):
                return self._row_number(Op.ROW_SUM, rows, self.bit(bit), self.number(number))
            case n.RowExtremum(largest=largest, rows=rows, bit=bit, number=number):
                op = Op.ROW_GREATEST if largest else Op.ROW_LEAST
                return self._row_number(op, rows, self.bit(bit), self.number(number))
            case n.Call():
                called: Number = self._called(node, Op.CALL)
                return called
            case n.NumOf(value=value, part=part):
                facts = self.facts.foreign[value.id, part]
                register = self._from_elsewhere(value, part)
                return Number(Whole(register, 0, self.registers[register].domain, facts.low, facts.high), facts.scale)
            case _:
                assert_never(node)

    def _how_many(self, bits: Sequence[Bit]) -> Number:
        sure = sum(bit is True for bit in bits)
        open_ = [bit for bit in bits if not is_fixed(bit)]
        if not open_:
            return Number(fixed(sure))
        domain = joined(map(self.domain, open_))
        register = self.emit(
            Op.COUNT_BITS, domain, RegisterKind.SHORT, tuple(self.spread(bit, domain) for bit in open_)
        )
        return Number(self.add(Whole(register, 0, domain, 0, len(open_)), fixed(sure)))

    def _row_count(self, rows: n.Space, bit: Bit) -> Number:
        longest = self.facts.longest.get(rows.object, 0)
        if bit is False or not longest:
            return Number(fixed(0))
        domain = self._inside(rows, [self.domain(bit)])
        x = self.constant(("domain", domain))
        register = self.emit(Op.ROW_COUNT, outer(domain), RegisterKind.SHORT, (self._bit_in(bit, domain),), x)
        return Number(Whole(register, 0, outer(domain), 0, longest))

    def _row_number(self, op: Op, rows: n.Space, bit: Bit, number: Number) -> Number:
        longest = self.facts.longest.get(rows.object, 0)
        if bit is False or not longest:
            return Number(fixed(0))
        number = self.plain(number)
        part, scale = number.number, number.scale
        domain = self._inside(rows, [self.domain(bit), part.domain])
        low, high = part.low, part.high
        if op is Op.ROW_SUM:
            low = None if low is None else min(low * longest, 0)
            high = None if high is None else max(high * longest, 0)
        kind = self._kind(low, high, (part,))
        python = kind is RegisterKind.PYTHON
        if part.register is None:
            # A fixed number of every row.
            chosen = self.emit(
                Op.CHOOSE,
                domain,
                kind,
                (self._bit_in(bit, domain), self.operand(part, domain, python), self.operand(part, domain, python)),
            )
            part = Whole(chosen, 0, domain, part.low, part.high)
        x = self.constant(("domain", domain))
        arguments = (self._bit_in(bit, domain), self.operand(part, domain, python))
        return Number(Whole(self.emit(op, outer(domain), kind, arguments, x), 0, outer(domain), low, high), scale)

    # ---- the program

    def output(self, bit: Bit, domain: Domain) -> Output:
        """A bit as it is put out in a domain."""
        if is_fixed(bit):
            return Output(domain, None, int(bit))
        return Output(domain, self.spread(bit, domain))

    def finished(self, outputs: Mapping[Hashable, Output]) -> Program:
        """The program that works out ``outputs``, with registers used again."""
        needed = {output.register for output in outputs.values() if output.register is not None}
        kept: list[Instruction] = []
        for one in reversed(self.code):
            if one.target in needed:
                kept.append(one)
                needed.update(argument for argument in one.arguments if argument >= 0)
        kept.reverse()
        early = [one for one in kept if not self._is_main(one)]
        main = [one for one in kept if self._is_main(one)]
        return allocated(self.registers, early, main, self.constants, outputs, needed)

    def _is_main(self, one: Instruction) -> bool:
        domain = self.registers[one.target].domain
        return bool(domain) and domain[0] == Base(0)

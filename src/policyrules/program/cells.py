"""What a single test says of one cell: a field, a count, whether a field is filled, how much more one value is than another.

Why this exists: whether conditions can hold together is reasoned about one cell at a time; what is such a cell, and what a
test says of it, is known here, exactly.

Invariants: a test that speaks of something else says nothing. Where what is said fails though its opposite does not hold, the
cell is not total.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from policyrules.operators import (
    DAYS_BETWEEN,
    EARLIER,
    ELAPSED,
    LATER,
    MIRRORED,
    OPPOSITE,
    SET_SIZE,
    WORKDAYS_EARLIER,
    WORKDAYS_LATER,
    YEAR_OF,
)
from policyrules.program import nodes as core
from policyrules.program.ranges import Ranges, constant
from policyrules.source import Span
from policyrules.types import FIRST_YEAR, LAST_YEAR, ORDERED, Kind, Number


@dataclass(frozen=True, slots=True)
class Cell:
    """What may hold one value or another: a field, a count, whether a field is filled, how much more one value is than another.

    ``low``, ``high``, ``left``: what it may hold at all; ``total``: whether what is said of it fails only where the opposite
    holds; ``calendar``: or where a day lies outside the calendar; ``field``: where it is one."""

    mark: Hashable
    low: Any = None
    high: Any = None
    left: frozenset[Any] | None = None
    total: bool = field(default=True, compare=False)
    calendar: bool = field(default=False, compare=False)
    field: core.Field | None = None


@dataclass(frozen=True, slots=True)
class Atom:
    """What one part says of one cell: it lies ``sign`` of ``value``, or is (not) one of ``values``."""

    cell: Cell
    span: Span
    sign: str = ""
    value: Any = None
    values: frozenset[Any] = frozenset()
    inside: bool = True

    def opposite(self, span: Span | None = None) -> Atom:
        """What its 非 says, written at ``span``."""
        sign = OPPOSITE.get(self.sign, "")
        return replace(self, span=span or self.span, sign=sign, inside=not self.inside)


@dataclass(slots=True)
class _Range:
    """What a cell may still hold: between two ends, each included or not, or one of ``left``."""

    low: Any
    high: Any
    low_open: bool = False
    high_open: bool = False
    left: set[Any] | None = None
    without: set[Any] = field(default_factory=set)

    def narrow(self, atom: Atom) -> None:
        """Leave what the atom admits."""
        if not atom.sign:
            if self.left is not None:
                self.left = self.left & atom.values if atom.inside else self.left - atom.values
            elif atom.inside:
                # Of texts anything may be written, until one is named.
                self.left = set(atom.values - self.without)
            else:
                self.without |= atom.values
            return
        if atom.sign in ("≥", ">", "=") and (self.low is None or atom.value >= self.low):
            self.low_open = atom.sign == ">" or (self.low == atom.value and self.low_open)
            self.low = atom.value
        if atom.sign in ("≤", "<", "=") and (self.high is None or atom.value <= self.high):
            self.high_open = atom.sign == "<" or (self.high == atom.value and self.high_open)
            self.high = atom.value
        if atom.sign == "=" and not self.low == self.high == atom.value:
            # Outside of what was left.
            self.left = set()
        if atom.sign == "≠":
            self.without.add(atom.value)

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        if self.left is not None and not self.left:
            return True
        if self.low is None or self.high is None:
            return False
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            return True
        return bool(self.low == self.high and self.low in self.without)


@dataclass(slots=True)
class Reaches:
    """A program, and the least and the greatest that its numbers may come to."""

    program: core.Program
    ranges: Ranges = field(init=False)

    def __post_init__(self) -> None:
        self.ranges = Ranges(self.program.terms, self.program.parameters)


def left_by(atoms: Iterable[Atom]) -> _Range:
    """What one cell may hold by what it is and by the atoms, one at least."""
    found: _Range | None = None
    for atom in atoms:
        cell = atom.cell
        found = found or _Range(cell.low, cell.high, left=None if cell.left is None else set(cell.left))
        found.narrow(atom)
    assert found is not None
    return found


def atom_of(node: core.Expr, known: Reaches) -> Atom | None:
    """What a single test says of one cell; None where it says something else."""
    match node:
        case core.FieldValue(span=span) if node.type.kind is Kind.BOOL:
            return Atom(cell_of(node), span, values=frozenset({True}))
        case core.Filled(at=at, field=read, negated=negated, span=span):
            # Filled in or not is how people write that it does not matter.
            cell = Cell((at, read.object, read.name, "已填"), left=EITHER, total=False)
            return Atom(cell, span, values=frozenset({True}), inside=not negated)
        case core.DecisionIs(at=at, decision=name, items=items, negated=negated, span=span):
            decided = known.program.decisions.get(name)
            values: frozenset[Any] | None = None if decided is None else frozenset({*decided.values, None})
            return Atom(
                Cell((at, name, "决定"), left=values, total=False), span, values=frozenset(items), inside=not negated
            )
        case core.Member(left=core.FieldValue(field=read) as left, right=core.Literals(items, False), span=span):
            if read.type.kind in (Kind.BOOL, Kind.ENUM, Kind.TEXT):
                return Atom(cell_of(left), span, values=frozenset(items), inside=not node.negated)
            if len(items) == 1 and isinstance(items[0], (int, datetime.date)):
                return Atom(cell_of(left), span, "≠" if node.negated else "=", items[0])
            return None
        case core.Apply(operator=operator, operands=(first, second), span=span) if operator.words in OPPOSITE:
            return (
                _same(first, operator.words, second, known, span)
                or _moved(first, operator.words, second, known, span)
                or _compared(first, operator.words, second, known, span)
            )
        case core.Apply(operator=operator, operands=(first, core.Constant(value, type_)), span=span) if (
            operator is ELAPSED
        ):
            since = _measured(first, known)
            return None if since is None else Atom(_elapsed(since, type_.family, total=since.total), span, "≥", value)
        case _:
            return None


def _elapsed(since: Cell, family: str | None, *, total: bool) -> Cell:
    """How long ago a day was, in days or in months: of either the longer never comes before the shorter."""
    return Cell(("起满", since.mark, family), total=total)


def _same(first: core.Expr, sign: str, second: core.Expr, known: Reaches, span: Span) -> Atom | None:
    """编号 = 编号, 应收租金 × 2 > 应收租金 × 2: one thing beside itself, whatever it is."""
    if first != second or constant(first) is not None:
        return None
    total = isinstance(first, core.FieldValue) or _total(first, known)
    return Atom(Cell(("差", 0), 0, 0, total=total), span, sign, 0)


def _moved(first: core.Expr, sign: str, second: core.Expr, known: Reaches, span: Span) -> Atom | None:
    """停产日 > 停产日 + 3 天, 租金 < 租金 + 1 万元: a day or a number beside itself, moved by what is written out; 评估日 ≥ 停产日 + 3 天 says
    what 停产日 起满 3 天 does. What is moved may not exist."""
    if any(isinstance(one, core.Sum) for one in (first, second)):
        one, other = _added(first, known), _added(second, known)
        if one is None or other is None or one[0] != other[0]:
            return None
        apart = one[1] - other[1]
        return Atom(Cell(("差", apart), apart, apart, total=one[2] and other[2]), span, sign, 0)
    (one_, by, of), (other_, less, of_other) = _shifted(first), _shifted(second)
    if {of, of_other} == {None} or (of is not None and of_other is not None and of != of_other):
        return None
    left, right = _measured(one_, known), _measured(other_, known)
    if left is None or right is None:
        return None
    apart = by - less
    if left.mark == right.mark:
        exists = left.total and right.total
        return Atom(Cell(("差", apart), apart, apart, total=False, calendar=exists), span, sign, 0)
    if right.mark == _TODAY:
        left, right, sign, apart, of, of_other = right, left, MIRRORED[sign], -apart, of_other, of
    if left.mark != _TODAY or (of is not None and of != "days"):
        # A month before today is not the day that is a month ago: months end on different days.
        return None
    return Atom(_elapsed(right, of or of_other, total=False), span, sign, -apart)


def _shifted(node: core.Expr) -> tuple[core.Expr, Number, str | None]:
    """A day and by how much it is moved, in days, months or working days (None where it is not)."""
    match node:
        case core.Apply(operator=operator, operands=(base, core.Constant(value, type_))) if operator in (
            LATER,
            EARLIER,
            WORKDAYS_LATER,
            WORKDAYS_EARLIER,
        ):
            assert isinstance(value, (int, Fraction)), "a period"
            of = "workdays" if operator in (WORKDAYS_LATER, WORKDAYS_EARLIER) else type_.family
            return base, value if operator in (LATER, WORKDAYS_LATER) else -value, of
        case _:
            return node, 0, None


def _added(node: core.Expr, known: Reaches) -> tuple[Counter[Hashable], Number, bool] | None:
    """What is added up, how often each, the numbers that are written out, and whether the sum surely exists."""
    cells, fixed, total = Counter[Hashable](), Fraction(0), True
    for sign, term in node.terms if isinstance(node, core.Sum) else ((1, node),):
        value = constant(term)
        cell = _measured(term, known) if value is None else None
        if cell is not None:
            cells[cell.mark] += sign
            total = total and cell.total
        elif isinstance(value, (int, Fraction)):
            fixed += sign * value
        else:
            return None
    return Counter({mark: count for mark, count in cells.items() if count}), fixed, total


_TODAY: Final = ("评估日",)
EITHER: Final = frozenset({True, False})


def cell_of(read: core.FieldValue) -> Cell:
    """The cell of a field, with what is declared of it."""
    declared = read.field
    left: frozenset[Any] | None = None
    if declared.type.kind is Kind.BOOL:
        left = EITHER
    elif declared.type.kind is Kind.ENUM and declared.type.values is not None:
        left = frozenset(declared.type.values)
    low, high = declared.low, declared.high
    if declared.type.kind is Kind.YEAR:
        # What readers of records take for a year.
        low, high = low or FIRST_YEAR, high or LAST_YEAR
    return Cell((read.at, declared.object, declared.name), low, high, left, field=declared)


def _measured(node: core.Expr, known: Reaches) -> Cell | None:
    """The cell that a number or a day is read from."""
    match node:
        case core.FieldValue():
            return cell_of(node) if node.type.kind in ORDERED else None
        case core.AsOf():
            return Cell(_TODAY)
        case core.AsOfYear(back=back):
            return Cell(("年", back), None, LAST_YEAR)
        case core.ParameterValue(name=name):
            return Cell(("参数", name), *known.ranges.reach(node))
        case core.StatisticValue(name=name, at=at):
            statistic = known.program.statistics.get(name)
            counted = statistic is not None and statistic.kind in ("计数", "种数")
            low = None
            if statistic is not None and statistic.kind == "合计" and statistic.value is not None:
                least = known.ranges.reach(statistic.value)[0]
                low = 0 if least is not None and least >= 0 else None
            return Cell((at, name, "统计") if at is not None else ("统计", name), 0 if counted else low, total=counted)
        case core.TermValue(at=at, name=name):
            return Cell((at, name, "术语"), *known.ranges.reach(node), total=False)
        case core.AmountValue(at=at, name=name):
            return Cell((at, name, "数额"), total=False)
        case core.Aggregate(kind="计数"):
            return Cell(node, 0)
        case core.Aggregate(kind=kind, value=value):
            return Cell(
                node, *known.ranges.reach(node), total=kind == "合计" and value is not None and _total(value, known)
            )
        case core.Sum() | core.Product() | core.Extreme() if node.type.kind is not Kind.DATE:
            ends = known.ranges.reach(node)
            return None if ends == (None, None) else Cell(node, *ends, total=_total(node, known))
        case core.Apply(operator=operator, operands=(first, second)) if operator is DAYS_BETWEEN and first == second:
            return Cell(("差", 0), 0, 0, total=_total(first, known))
        case core.Apply(operator=operator, operands=(core.FieldValue(at=at, field=read),)) if operator is YEAR_OF:
            return Cell((at, read.object, read.name, "年份"), 1, LAST_YEAR)
        case core.Apply(operator=operator, operands=(core.FieldValue(at=at, field=read),)) if operator is SET_SIZE:
            return Cell(
                (at, read.object, read.name, "个数"), 0, None if read.type.values is None else len(read.type.values)
            )
        case _:
            return None


def _total(node: core.Expr, known: Reaches) -> bool:
    """Whether a number surely exists, if perhaps unknown."""
    match node:
        case core.Sum(terms=terms):
            return all(_total(term, known) for _, term in terms)
        case core.Product(factors=factors):
            return all(_total(f, known) and (times == "×" or bool(constant(f))) for times, f in factors)
        case core.Extreme(operands=operands):
            return all(_total(operand, known) for operand in operands)
        case core.Constant():
            return True
        case _:
            cell = _measured(node, known)
            return cell is not None and cell.total


def _compared(first: core.Expr, sign: str, second: core.Expr, known: Reaches, span: Span) -> Atom | None:
    if constant(first) is not None:
        first, second, sign = second, first, MIRRORED[sign]
    one = _measured(first, known)
    if one is None:
        return None
    value = constant(second)
    if value is not None:
        return None if isinstance(value, (str, bool, frozenset)) else Atom(one, span, sign, value)
    other = _measured(second, known)
    if other is None:
        return None
    total = one.total and other.total
    if one.mark == other.mark:
        return Atom(Cell(("双", one.mark, one.mark), 0, 0, total=total), span, sign, 0)
    if repr(one.mark) > repr(other.mark):
        one, other, sign = other, one, MIRRORED[sign]
    return Atom(Cell(("双", one.mark, other.mark), total=total), span, sign, 0)

"""The space of a decision table: an axis for each input, and each row as the boxes of values for which it holds.

Why this exists: whether rows meet, and what they leave out, is a question on boxes (`regions`). Which values an input has, and what
a cell leaves of them, is said here.

Invariants: where ``sure`` boxes of two rows meet, some readable record meets both, were it known whole; a row may hold nowhere
outside its other boxes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from policyrules.operators import SET_SIZE
from policyrules.program import nodes as core
from policyrules.program.ranges import declared_bounds
from policyrules.program.regions import Axis, Box, Sort, number_of, stretches
from policyrules.types import ORDERED, Kind, Number, Value

MOST_BOXES: Final = 4_000
AS_OF: Final = "评估日"
DAYS: Final = (datetime.date.min.toordinal(), datetime.date.max.toordinal())
"""The first and the last day there is."""

InputKey: TypeAlias = tuple[object, ...]
Values: TypeAlias = Mapping[str, Value]
"""The values of parameters, by name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the names that inputs may be: checked terms and statistics, parameters and lists as of the date, which
    decisions have a 默认, and which fields somebody presumes."""

    terms: Mapping[str, core.Term]
    statistics: Mapping[str, core.Statistic]
    parameters: Mapping[str, core.Parameter]
    lists: Mapping[str, core.ValueList]
    defaulted: frozenset[str]
    presumed: frozenset[tuple[str, str]]


def atoms(when: core.Expr | None) -> Iterator[core.Expr]:
    """The conditions of single cells, of two-sided ones each side."""
    if isinstance(when, core.All):
        for operand in when.operands:
            yield from atoms(operand)
    elif when is not None:
        yield when


def key_of(left: core.Expr) -> InputKey:
    """What an input is, wherever it is read."""
    match left:
        case core.FieldValue(at=at, field=field):
            return "field", at, field.object, field.name
        case core.DecisionValue(at=at, name=name):
            return "decision", at, name
        case core.ParameterValue(name=name):
            return "parameter", name
        case _:
            return "other", left


def subject_of(atom: core.Expr) -> InputKey:
    """The input that the condition of a cell is about."""
    match atom:
        case (
            core.Apply(operands=(left, _))
            | core.Member(left=left)
            | core.Contains(left=left)
            | core.Overlaps(left=left)
        ):
            return key_of(left)
        case core.DecisionIs(at=at, decision=name) | core.DecisionHas(at=at, decision=name):
            return "decision", at, name
        case core.Filled(at=at, field=field):
            return "field", at, field.object, field.name
        case core.ParameterFilled(name=name):
            return "parameter", name
        case _:
            raise AssertionError(f"no cell is {type(atom).__name__}")


class Space:
    """The axes of a table: for each input its values, whether it is filled in where a cell asks that, and of a 多选 each
    value that a cell names by itself."""

    def __init__(
        self,
        heads: Sequence[core.Expr],
        rows: Sequence[core.Expr | None],
        known: Known,
        values: Values,
        blanks_apart: bool = True,
    ) -> None:
        self.known, self.values, self._blanks_apart = known, values, blanks_apart
        self.axes: list[Axis] = []
        self._place: dict[tuple[InputKey, str], int] = {}
        self._masks: dict[tuple[int, str, Number], int] = {}
        self._inside: dict[int, list[Number]] = {}
        own: dict[InputKey, list[core.Expr]] = {}
        for row in rows:
            for atom in atoms(row):
                own.setdefault(subject_of(atom), []).append(atom)
        for head in heads:
            self._head(head, key_of(head), own.get(key_of(head), []))

    def _add(self, key: InputKey, part: str, axis: Axis) -> None:
        self._place[key, part] = len(self.axes)
        self.axes.append(axis)

    def _head(self, head: core.Expr, key: InputKey, own: list[core.Expr]) -> None:
        name, type_ = head.span.text, head.type
        if type_.kind is Kind.SET:
            for value in dict.fromkeys(value for atom in own for value in self.named(atom)):
                self._add(key, str(value), Axis(name, type_, (True, False), (f"含 {value}", f"不含 {value}")))
        elif type_.kind in ORDERED:
            low, high = (None if end is None else number_of(end) for end in bounds_of(head, self.known))
            if type_.kind is Kind.DATE:
                low = DAYS[0] if low is None else low
                high = DAYS[1] if high is None else high
            cuts = [number_of(value) for atom in own for value in self.named(atom)]
            self._add(key, "", Axis(name, type_, stretches(type_, cuts, low, high), (), (low, high)))
        else:
            sorts: tuple[Sort, ...] = type_.values or ()
            if type_.kind is Kind.BOOL:
                sorts = (True, False)
            elif type_.values is None:
                sorts = (*dict.fromkeys(value for atom in own for value in self.named(atom)), None)
            elif isinstance(head, core.DecisionValue) and head.name not in self.known.defaulted:
                sorts = (*sorts, None)
            self._add(key, "", Axis(name, type_, sorts))
        if any(isinstance(atom, core.Filled | core.ParameterFilled) for atom in own):
            self._add(key, "已填", Axis(name, type_, (True, False), ("已填", "未填")))

    def named(self, atom: core.Expr) -> list[Value]:
        """The values that a cell names."""
        match atom:
            case core.Apply(operands=(_, right)):
                value = self._value(right)
                return [] if value is None else [value]
            case core.Member(right=right):
                return list(self._listed(right)[0] or ())
            case core.Overlaps(right=right) if isinstance(right, core.ValueSet):
                return list(self._listed(right)[0] or ())
            case core.Contains(values=values) | core.DecisionHas(values=values):
                return list(values)
            case _:
                return []

    def _value(self, right: core.Expr) -> Value | None:
        match right:
            case core.Constant(value=value):
                return value
            case core.ParameterValue(name=name):
                return self.values.get(name)
            case core.AsOf():
                return self.values.get(AS_OF)
            case _:
                return None

    def _listed(self, right: core.ValueSet) -> tuple[tuple[Value, ...] | None, bool]:
        """The values of a set (None: not known), and whether others may belong to it."""
        match right:
            case core.Literals(items=items, open=is_open):
                return items, is_open
            case core.ListRef(name=name):
                listed = self.known.lists[name]
                return listed.items, listed.open
            case core.ParameterRef(name=name):
                value = self.values.get(name)
                if not isinstance(value, frozenset):
                    return None, True
                return tuple(sorted(value)), False

    # ---- boxes ----

    def boxes(self, when: core.Expr | None, sure: bool) -> list[Box]:
        """The values for which a row holds: ``sure`` those for which it does, else those for which it may."""
        found: list[list[int]] = [[axis.all for axis in self.axes]]
        for atom in atoms(when):
            ways = self._ways(atom, sure)
            found = [_narrowed(box, way) for box in found for way in ways]
            found = [box for box in found if all(box)]
            if len(found) > MOST_BOXES:
                break
        return [tuple(box) for box in found]

    def _ways(self, atom: core.Expr, sure: bool) -> list[dict[int, int]]:
        """What a cell leaves of the axes it speaks of; several ways for 含任一, no two of which meet."""
        key = subject_of(atom)
        match atom:
            case core.Filled(negated=negated) | core.ParameterFilled(negated=negated):
                return [{self._place[key, "已填"]: 2 if negated else 1}]
            case core.Contains(values=values, negated=negated):
                return [{self._place[key, value]: 2 if negated else 1 for value in values}]
            case core.DecisionHas(values=values, how="any"):
                return self._any(key, values)
            case core.DecisionHas(values=values, how=how):
                return [{self._place[key, value]: 2 if how == "none" else 1 for value in values}]
            case core.Overlaps(right=right) if isinstance(right, core.ValueSet):
                items, is_open = self._listed(right)
                if is_open and not sure:
                    return [{}]
                return self._any(key, [str(item) for item in items or ()])
            case _:
                place = self._place[key, ""]
                way = {place: self._mask(atom, self.axes[place], sure)}
                filled = self._place.get((key, "已填"))
                presumed = key[0] != "field" or (key[2], key[3]) in self.known.presumed
                if filled is not None and self._blanks_apart and not presumed:
                    # A blank that nobody presumes meets no test on its value.
                    way[filled] = 1
                return [way]

    def _any(self, key: InputKey, values: Sequence[str]) -> list[dict[int, int]]:
        ways: list[dict[int, int]] = []
        places = [self._place[key, value] for value in dict.fromkeys(values)]
        for number, place in enumerate(places):
            ways.append({**dict.fromkeys(places[:number], 2), place: 1})
        return ways

    def _mask(self, atom: core.Expr, axis: Axis, sure: bool) -> int:
        match atom:
            case core.Apply(operator=operator, operands=(_, right)):
                bound = self._value(right)
                if bound is None:
                    return 0 if sure else axis.all
                if isinstance(bound, (str, bool, frozenset)):
                    equal = axis.mask(lambda sort: sort == bound)
                    return equal if operator.words == "=" else axis.all ^ equal
                return self._compared(axis, operator.words, number_of(bound))
            case core.Member(right=right, negated=negated):
                items, is_open = self._listed(right)
                if items is None:
                    return 0 if sure else axis.all
                if axis.type.kind in ORDERED:
                    listed = 0
                    for item in items:
                        listed |= self._compared(axis, "=", number_of(item))
                else:
                    listed = axis.mask(lambda sort: sort is not None and sort in items)
                if is_open:
                    # Of what is not listed nobody can say that it is, or is not.
                    return (0 if negated else listed) if sure else (axis.all ^ listed if negated else axis.all)
                return axis.all ^ listed if negated else listed
            case core.DecisionIs(items=chosen, negated=negated):
                held = axis.mask(lambda sort: sort in chosen)
                return axis.all ^ held if negated else held
            case _:
                raise AssertionError(f"no cell is {type(atom).__name__}")

    def _compared(self, axis: Axis, sign: str, bound: Number) -> int:
        key = (id(axis), sign, bound)
        if key not in self._masks:
            if id(axis) not in self._inside:
                self._inside[id(axis)] = axis.inside()
            self._masks[key] = axis.compared(sign, bound, self._inside[id(axis)])
        return self._masks[key]


def _narrowed(box: list[int], way: Mapping[int, int]) -> list[int]:
    return [mask & way.get(index, mask) for index, mask in enumerate(box)]


def bounds_of(head: core.Expr, known: Known) -> tuple[Number | datetime.date | None, Number | datetime.date | None]:
    """Bounds of an input, as far as what is declared gives them."""
    match head:
        case core.TermValue(name=name):
            return bounds_of(known.terms[name].body, known) if name in known.terms else (None, None)
        case core.StatisticValue(name=name):
            kind = known.statistics[name].kind if name in known.statistics else "合计"
            return (None, None) if kind == "合计" else (0, 1 if kind == "占比" else None)
        case core.ParameterValue(name=name):
            parameter = known.parameters.get(name)
            return (None, None) if parameter is None else (parameter.low, parameter.high)
        case core.Aggregate(kind="计数"):
            return 0, None
        case core.Apply(operator=operator) if operator == SET_SIZE:
            return 0, None
        case _:
            return declared_bounds(head)

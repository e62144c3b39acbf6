"""Expressions as closures: each node of the typed program becomes one small function of a run and its frames.

Why this exists: a policy is loaded once and evaluated for many records; looking at a node's type each time would take
longer than what the node does. What the functions do is in `closures`.

Invariants: each node is compiled once; `Sourced` compiles to its body; names are looked up in the run, which works
each of them out once per instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from policyrules.engine import values as v
from policyrules.engine.closures import (
    Code,
    Frames,
    at_least,
    choice,
    chosen_absence,
    comparison,
    counted,
    declared_bounds,
    elapsed,
    every,
    extreme,
    fallback,
    field_value,
    finder,
    negated,
    picked,
    product,
    quantified,
    row_finder,
    selection,
    shifted,
    some,
    summed,
    total,
)
from policyrules.engine.decisions import decision_has, decision_is
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as n

if TYPE_CHECKING:
    from policyrules.engine.evaluation import Run


class Compiler:
    """Closures of one program's nodes, each built once.

    ``code`` keeps closures by the identity of their node: the program, which outlives the compiler, keeps the nodes
    alive, and comparing nodes by value would cost more than compiling them.
    """

    def __init__(self, program: n.Program) -> None:
        self.program = program
        self._codes: dict[int, Code] = {}
        self._absences: dict[int, Code] = {}
        self._kept: list[n.Expr] = []

    def code(self, node: n.Expr) -> Code:
        """The closure of a node of the program."""
        found = self._codes.get(id(node))
        if found is None:
            found = self._codes[id(node)] = self._compile(node)
            self._kept.append(node)
        return found

    def parameter(self, name: str) -> Abstract:
        """What a parameter may be: its value, or everything an unset one ranges over."""
        parameter = self.program.parameters[name]
        if parameter.value is None:
            return v.unknown(parameter.type, parameter.low, parameter.high)
        return parameter.value

    def value_set(self, right: n.ValueSet) -> tuple[frozenset[Any], frozenset[Any] | None]:
        """What belongs to a value set for sure, and at most (None: anything, as the list ends in 等)."""
        if right.parameter is not None:
            return v.set_range(self.parameter(right.parameter))
        listed = self.program.lists.get(right.list) if right.list is not None else None
        items = frozenset(right.items if listed is None else listed.items)
        return items, None if (right.open if listed is None else listed.open) else items

    def _compile(self, node: n.Expr) -> Code:
        match node:
            case n.Constant(value):
                return lambda run, frames: value
            case n.AsOf():
                as_of = self.program.as_of
                return lambda run, frames: as_of
            case n.FieldValue(at, field):
                return field_value(at, field, (field.object, field.name) in self.program.presumptions)
            case n.ParameterValue(name):
                return self._parameter_value(name)
            case n.TermValue(at, name):
                find = finder(at)
                return lambda run, frames: run.term(name, find(frames))
            case n.StatisticValue(name):
                return lambda run, frames: run.statistic(name)
            case n.DecisionValue(at, name):
                find = finder(at)
                return lambda run, frames: selection(run.decision(name, find(frames)).candidates)
            case n.Not(operand):
                return negated(self.code(operand))
            case n.All(operands):
                return every([self.code(operand) for operand in operands])
            case n.Any(operands):
                return some([self.code(operand) for operand in operands])
            case n.AtLeast(count, operands):
                return at_least(count, [self.code(operand) for operand in operands])
            case n.Compare(op, left, right):
                return comparison(op, self.code(left), self.code(right))
            case n.Member(left, right, negative):
                return self._member(self.code(left), right, negative)
            case n.Contains(left, items, negative):
                test = v.contains_none if negative else v.contains_all
                held = self.code(left)
                return lambda run, frames: test(held(run, frames), items)
            case n.Overlaps(left, right):
                return self._overlaps(self.code(left), right)
            case n.DecisionIs(at, name, options, negative):
                find, wanted = finder(at), frozenset(options)
                return lambda run, frames: decision_is(run.decision(name, find(frames)), wanted, negative)
            case n.DecisionHas(at, name, items, any_, negative):
                find = finder(at)
                return lambda run, frames: decision_has(run.decision(name, find(frames)), items, any_, negative)
            case n.FieldFilled(at, field, negative):
                find, key = finder(at), field.name
                return lambda run, frames: (find(frames).values.get(key) is None) is negative
            case n.ParameterFilled(name, negative):
                filled = self.program.parameters[name].state in ("fixed", "set")
                return lambda run, frames: filled is not negative
            case n.Elapsed(start, period, type_):
                return elapsed(self.code(start), self.code(period), type_.family == "months", self.program.as_of)
            case n.Sum(terms):
                return total([(sign, self.code(term)) for sign, term in terms])
            case n.Product(factors):
                return product([(sign, self.code(factor)) for sign, factor in factors])
            case n.DateShift(start, period, type_, sign):
                return shifted(self.code(start), self.code(period), type_.family == "months", sign)
            case n.DateDifference(left, right):
                later, earlier = self.code(left), self.code(right)
                return lambda run, frames: v.days_between(later(run, frames), earlier(run, frames))
            case n.Quantified(universal, rows, body):
                return quantified(universal, row_finder(rows), self.code(body))
            case n.Aggregate():
                return self._aggregate(node)
            case n.SetSize(inner):
                held = self.code(inner)
                return lambda run, frames: v.size(held(run, frames))
            case n.Choose(selector, branches, type_):
                return choice(self.code(selector), [(k, self.code(branch)) for k, branch in branches], type_)
            case n.Fallback(first, second):
                return fallback(self.absence(first), self.code(first), self.code(second))
            case n.Sourced():
                return self.code(node.body)
            case _:
                assert_never(node)

    def _parameter_value(self, name: str) -> Code:
        parameter = self.program.parameters[name]
        value = self.parameter(name)
        if parameter.state != "default" or parameter.reading:
            return lambda run, frames: value

        def noted(run: Run, frames: Frames) -> Abstract:
            run.trail.append(("缺省", name))
            return value

        return noted

    def _member(self, left: Code, right: n.ValueSet, negative: bool) -> Code:
        certain, possible = self.value_set(right)
        test = v.not_member if negative else v.member
        return self._noting(right, lambda run, frames: test(left(run, frames), certain, possible))

    def _overlaps(self, left: Code, right: n.ValueSet | n.Expr) -> Code:
        if isinstance(right, n.ValueSet):
            certain, possible = self.value_set(right)
            return self._noting(right, lambda run, frames: v.overlaps(left(run, frames), certain, possible))
        other = self.code(right)
        return lambda run, frames: v.overlaps(left(run, frames), *v.set_range(other(run, frames)))

    def _noting(self, right: n.ValueSet, test: Code) -> Code:
        """The test, leaving in the trail that it read a parameter at its 缺省."""
        parameter = None if right.parameter is None else self.program.parameters[right.parameter]
        if parameter is None or parameter.state != "default" or parameter.reading:
            return test
        name = parameter.name

        def noted(run: Run, frames: Frames) -> Any:
            run.trail.append(("缺省", name))
            return test(run, frames)

        return noted

    def _aggregate(self, node: n.Aggregate) -> Code:
        find = row_finder(node.rows)
        where = None if node.where is None else self.code(node.where)
        if node.value is None:
            return counted(find, where)
        value = self.code(node.value)
        low, high = declared_bounds(node.value)
        match node.kind:
            case "合计":
                nothing_below, nothing_above = low is not None and low >= 0, high is not None and high <= 0
                unsupplied = v.interval(0 if nothing_below else None, 0 if nothing_above else None)
                return summed(find, where, value, unsupplied)
            case "最大" | "最小":
                return extreme(find, where, value, node.kind == "最大", v.Interval(low, high, True))
            case "取":
                return picked(find, where, value, v.unknown(node.type))
            case "计数":
                return counted(find, where)
            case _:
                assert_never(node.kind)

    def absence(self, node: n.Expr) -> Code:
        """Whether what a node reads is absent: a blank cell, a 取 without a row, a list not supplied. A `Truth`."""
        found = self._absences.get(id(node))
        if found is None:
            found = self._absences[id(node)] = self._compile_absence(node)
            self._kept.append(node)
        return found

    def _compile_absence(self, node: n.Expr) -> Code:
        match node:
            case n.FieldValue(at, field):
                find, key = finder(at), field.name
                if (field.object, field.name) not in self.program.presumptions:
                    return lambda run, frames: find(frames).values.get(key) is None
                cell = self.code(node)
                # What is presumed is there, as if it had been filled in.
                return lambda run, frames: not v.known(cell(run, frames))
            case n.Aggregate():
                return self._row_absence(node)
            case n.Sum(terms):
                return some([self.absence(term) for _, term in terms])
            case n.Product(factors):
                return some([self.absence(factor) for _, factor in factors])
            case n.DateShift(start, period):
                return some([self.absence(start), self.absence(period)])
            case n.DateDifference(left, right):
                return some([self.absence(left), self.absence(right)])
            case n.TermValue(at, name):
                find = finder(at)
                return lambda run, frames: run.term_absent(name, find(frames))
            case n.Sourced(body=inner) | n.Not(operand=inner):
                return self.absence(inner)
            case n.Fallback(first, second):
                return every([self.absence(first), self.absence(second)])
            case n.Choose(selector, branches):
                return chosen_absence(self.code(selector), [(k, self.absence(branch)) for k, branch in branches])
            case n.All(operands=parts) | n.Any(operands=parts) | n.AtLeast(operands=parts):
                return some([self.absence(part) for part in parts])
            case n.Compare(left=left, right=right):
                return some([self.absence(left), self.absence(right)])
            case n.Member(left=left) | n.Contains(left=left) | n.Overlaps(left=left) | n.SetSize(value=left):
                return self.absence(left)
            case n.Elapsed(start, period):
                return some([self.absence(start), self.absence(period)])
            case n.Quantified(rows=rows):
                found = row_finder(rows)
                return lambda run, frames: found(frames) is None
            case (
                n.Constant()
                | n.AsOf()
                | n.ParameterValue()
                | n.StatisticValue()
                | n.DecisionValue()
                | n.DecisionIs()
                | n.DecisionHas()
                | n.FieldFilled()
                | n.ParameterFilled()
            ):
                return lambda run, frames: False
            case _:
                assert_never(node)

    def _row_absence(self, node: n.Aggregate) -> Code:
        find = row_finder(node.rows)
        where = None if node.where is None else self.code(node.where)
        cell = None if node.value is None else self.absence(node.value)

        def absent(run: Run, frames: Frames) -> Truth:
            rows = find(frames)
            if rows is None:
                return True
            sure: list[Truth] = []
            perhaps: list[Truth] = []
            for row in rows:
                inner = (*frames, row)
                truth = True if where is None else where(run, inner)
                if truth is not False:
                    (sure if truth else perhaps).append(cell is not None and cell(run, inner))
            if node.kind == "取" and not sure:
                return True if all(perhaps) else None
            found = v.disjunction(sure)
            # A row that only perhaps matches adds a blank cell only perhaps.
            return None if found is False and any(truth is not False for truth in perhaps) else found

        return absent

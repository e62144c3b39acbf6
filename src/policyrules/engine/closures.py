"""Closures: what each kind of expression does, given the closures of its parts.

Why this exists: these few functions are the meaning of the expression language, to be read against section 5; how the
nodes of a program map onto them is in `expressions`.

Invariants: a closure reads nothing but its run and its frames (frame 0 is the object the declaration speaks of, each
quantifier or aggregate adds the row as one more).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.instances import Instance, ascend
from policyrules.engine.outcome import Candidate, NotApplicable
from policyrules.engine.values import Abstract, Truth
from policyrules.program import nodes as n
from policyrules.types import NUMERIC, Type, Value

if TYPE_CHECKING:
    from policyrules.engine.evaluation import Run

Frames: TypeAlias = tuple[Instance, ...]
Code: TypeAlias = "Callable[[Run, Frames], Any]"
"""Returns a `Truth` for conditions, an `Abstract` for values."""
Rows: TypeAlias = Callable[[Frames], tuple[Instance, ...] | None]
"""Finds the rows meant; None where the list was not supplied."""


# ---- reaching instances ---------------------------------------------------------------------------------------------


def finder(at: n.At) -> Callable[[Frames], Instance]:
    """From the frames to the instance at ``at``."""
    frame, up = at.frame, at.up
    if up == 0:
        return lambda frames: frames[frame]
    if up == 1:
        return lambda frames: frames[frame].parent  # type: ignore[return-value]  # the checker counts the steps
    return lambda frames: ascend(frames[frame], up)


def row_finder(rows: n.Children) -> Rows:
    """From the frames to the rows meant, or None where the list was not supplied."""
    find, kind, exclude = finder(rows.at), rows.object, rows.exclude
    if exclude is None:
        return lambda frames: find(frames).rows.get(kind)

    def others(frames: Frames) -> tuple[Instance, ...] | None:
        found = find(frames).rows.get(kind)
        return None if found is None else tuple(row for row in found if row is not frames[exclude])

    return others


def field_value(at: n.At, field: n.Field, presumed: bool) -> Code:
    """A cell; a blank one stands for everything its declaration permits, or for what is presumed of it."""
    key, find = field.name, finder(at)
    blank = v.unknown(field.type, field.low, field.high)
    if presumed:

        def cell_or_presumption(run: Run, frames: Frames) -> Abstract:
            instance = find(frames)
            value = instance.values.get(key)
            return run.blank(field, instance) if value is None else value

        return cell_or_presumption
    if at == n.At(0, 0):

        def own_cell(run: Run, frames: Frames) -> Abstract:
            value = frames[0].values.get(key)
            return blank if value is None else value

        return own_cell

    def cell(run: Run, frames: Frames) -> Abstract:
        value = find(frames).values.get(key)
        return blank if value is None else value

    return cell


def declared_bounds(node: n.Expr) -> tuple[Any, Any]:
    """Bounds that hold for a value whatever a record says, as far as declarations give them."""
    match node:
        case n.FieldValue(field=field):
            return field.low, field.high
        case n.Constant(value) if isinstance(value, (int, datetime.date)) or node.type.kind in NUMERIC:
            return value, value
        case n.Sourced(body=body):
            return declared_bounds(body)
        case n.Sum(terms) if all(sign == 1 for sign, _ in terms):
            bounds = [declared_bounds(term) for _, term in terms]
            low = None if any(bound[0] is None for bound in bounds) else sum(bound[0] for bound in bounds)
            high = None if any(bound[1] is None for bound in bounds) else sum(bound[1] for bound in bounds)
            return low, high
        case _:
            return None, None


# ---- conditions -----------------------------------------------------------------------------------------------------


def negated(operand: Code) -> Code:
    """非."""

    def test(run: Run, frames: Frames) -> Truth:
        truth: Truth = operand(run, frames)
        return None if truth is None else not truth

    return test


def every(operands: list[Code]) -> Code:
    """且: false where one is false, else unknown where one is unknown."""

    def test(run: Run, frames: Frames) -> Truth:
        result: Truth = True
        for operand in operands:
            truth = operand(run, frames)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return test


def some(operands: list[Code]) -> Code:
    """或: true where one is true, else unknown where one is unknown."""

    def test(run: Run, frames: Frames) -> Truth:
        result: Truth = False
        for operand in operands:
            truth = operand(run, frames)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return test


def at_least(count: int, operands: list[Code]) -> Code:
    """至少 k 项."""

    def test(run: Run, frames: Frames) -> Truth:
        certain = possible = 0
        for operand in operands:
            truth = operand(run, frames)
            certain += truth is True
            possible += truth is not False
        return True if certain >= count else False if possible < count else None

    return test


def comparison(op: n.CompareOp, left: Code, right: Code) -> Code:
    """A comparison of two values."""
    compare = v.compare
    return lambda run, frames: compare(op, left(run, frames), right(run, frames))


def elapsed(start: Code, period: Code, months: bool, as_of: datetime.date) -> Code:
    """起满: start + period ≤ 评估日."""
    return lambda run, frames: v.compare("≤", v.shift(start(run, frames), period(run, frames), months=months), as_of)


def quantified(universal: bool, find: Rows, body: Code) -> Code:
    """任一 / 全部; a list not supplied is unknown."""

    def test(run: Run, frames: Frames) -> Truth:
        rows = find(frames)
        if rows is None:
            return None
        result: Truth = universal
        for row in rows:
            truth = body(run, (*frames, row))
            if truth is None:
                result = None
            elif truth is not universal:
                return not universal
        return result

    return test


# ---- values ---------------------------------------------------------------------------------------------------------


def total(terms: list[tuple[int, Code]]) -> Code:
    """A sum of numbers with their signs."""

    def value(run: Run, frames: Frames) -> Abstract:
        result: Abstract = 0
        for sign, term in terms:
            number = term(run, frames)
            result = v.add(result, number if sign == 1 else v.negative(number))
        return result

    return value


def product(factors: list[tuple[str, Code]]) -> Code:
    """Factors and divisors from left to right."""

    def value(run: Run, frames: Frames) -> Abstract:
        result: Abstract = 1
        for operation, factor in factors:
            number = factor(run, frames)
            result = v.multiply(result, number) if operation == "×" else v.divide(result, number)
        return result

    return value


def shifted(start: Code, period: Code, months: bool, sign: int) -> Code:
    """A date plus or minus a period."""

    def value(run: Run, frames: Frames) -> Abstract:
        steps = period(run, frames)
        return v.shift(start(run, frames), steps if sign == 1 else v.negative(steps), months=months)

    return value


def counted(find: Rows, where: Code | None) -> Code:
    """计数: [rows where it holds, rows where it may]."""

    def value(run: Run, frames: Frames) -> Abstract:
        rows = find(frames)
        if rows is None:
            return v.Interval(0, None)
        if where is None:
            return len(rows)
        certain = possible = 0
        for row in rows:
            truth = where(run, (*frames, row))
            certain += truth is True
            possible += truth is not False
        return v.interval(certain, possible)

    return value


def summed(find: Rows, where: Code | None, number: Code, unsupplied: Abstract) -> Code:
    """合计: a row that may be outside counts from 0 to its value."""

    def value(run: Run, frames: Frames) -> Abstract:
        rows = find(frames)
        if rows is None:
            return unsupplied
        result: Abstract = 0
        for row in rows:
            inner = (*frames, row)
            truth = True if where is None else where(run, inner)
            if truth is not False:
                found = number(run, inner)
                result = v.add(result, found if truth else v.hull(0, found))
        return result

    return value


def extreme(
    find: Rows,
    where: Code | None,
    number: Code,
    largest: bool,
    unsupplied: Abstract,
) -> Code:
    """最大 / 最小: of no row void; possibly void while no row is sure."""

    def value(run: Run, frames: Frames) -> Abstract:
        rows = find(frames)
        if rows is None:
            return unsupplied
        sure: list[Abstract] = []
        perhaps: list[Abstract] = []
        for row in rows:
            inner = (*frames, row)
            truth = True if where is None else where(run, inner)
            if truth is not False:
                (sure if truth else perhaps).append(number(run, inner))
        return _extreme(sure, perhaps, largest)

    return value


def _extreme(sure: list[Abstract], perhaps: list[Abstract], largest: bool) -> Abstract:
    spoken = [v.bounds(x) for x in sure if x is not v.VOID]
    maybe = [v.bounds(x) for x in perhaps if x is not v.VOID]
    if not spoken and not maybe:
        return v.VOID
    firm = [x for x in spoken if not x[2]]
    near, far = (0, 1) if largest else (1, 0)
    pick, other = (max, min) if largest else (min, max)
    # The near bound holds whatever else counts; the far bound is reached if everything counts.
    everything = [x[far] for x in (*spoken, *maybe)]
    farthest = None if None in everything else pick(everything)
    if firm:
        nears = [x[near] for x in firm if x[near] is not None]
        nearest = pick(nears) if nears else None
    else:
        all_nears = [x[near] for x in (*spoken, *maybe)]
        nearest = None if None in all_nears else other(all_nears)
    low, high = (nearest, farthest) if largest else (farthest, nearest)
    return v.interval(low, high, not firm)


def picked(find: Rows, where: Code | None, cell: Code, anything: Abstract) -> Code:
    """取: the value of the one row that matches; unknown where no row surely does, or several that differ."""

    def value(run: Run, frames: Frames) -> Abstract:
        rows = find(frames)
        if rows is None:
            return anything
        sure = False
        found: list[Abstract] = []
        for row in rows:
            inner = (*frames, row)
            truth = True if where is None else where(run, inner)
            if truth is not False:
                sure = sure or truth is True
                found.append(cell(run, inner))
        if not sure:
            return anything
        result = found[0]
        for other in found[1:]:
            result = v.hull(result, other)
        return result

    return value


def selection(found: tuple[Candidate, ...]) -> Abstract:
    """A decision's candidates as the selector of a choice: its value where it has one."""
    return found[0] if len(found) == 1 and isinstance(found[0], str) else v.Candidates(found)


def branches_left(selector: Abstract, branches: list[tuple[tuple[Value | None, ...], Code]]) -> tuple[list[Code], bool]:
    """The branches an unknown selector may take, and whether it may be a value without one."""
    options: tuple[Any, ...] | None
    if selector is None:
        options = (True, False)
    elif isinstance(selector, v.Candidates):
        options = selector.values
    elif isinstance(selector, (v.Interval, v.Void)):
        options = None
    else:
        options = (selector,)
    if options is None:
        return [code for keys, code in branches], True
    wanted = {option for option in options if not isinstance(option, NotApplicable)}
    left = [code for keys, code in branches if any(key in wanted for key in keys)]
    named = {key for keys, _ in branches for key in keys}
    return left, not named.issuperset(options)


def choice(selector: Code, branches: list[tuple[tuple[Value | None, ...], Code]], type_: Type) -> Code:
    """视: the branch of the selector's value; what the branches still possible agree on where it is unknown."""
    anything = v.unknown(type_)
    by_value = {key: code for keys, code in branches for key in keys}

    def value(run: Run, frames: Frames) -> Any:
        selected = selector(run, frames)
        if v.known(selected) and not isinstance(selected, NotApplicable):
            branch = by_value.get(selected)
            return anything if branch is None else branch(run, frames)
        left, uncovered = branches_left(selected, branches)
        if uncovered or not left:
            return anything
        result = left[0](run, frames)
        for code in left[1:]:
            result = v.hull(result, code(run, frames))
        return result

    return value


def chosen_absence(selector: Code, branches: list[tuple[tuple[Value | None, ...], Code]]) -> Code:
    """Absent as far as the branches still possible agree."""

    def test(run: Run, frames: Frames) -> Truth:
        left, uncovered = branches_left(selector(run, frames), branches)
        truths = {code(run, frames) for code in left}
        return truths.pop() if len(truths) == 1 and not uncovered else None if truths else False

    return test


def fallback(absent: Code, first: Code, second: Code) -> Code:
    """首选 …，缺则 …."""

    def value(run: Run, frames: Frames) -> Abstract:
        missing = absent(run, frames)
        if missing is True:
            return second(run, frames)  # type: ignore[no-any-return]
        if missing is False:
            return first(run, frames)  # type: ignore[no-any-return]
        return v.hull(first(run, frames), second(run, frames))

    return value

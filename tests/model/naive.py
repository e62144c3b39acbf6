"""The meaning of a policy, written straight from section 5 of the language page, for one record whose data are known.

Why this exists: a second opinion that shares nothing with the package. It has no intervals and no residuals: an amount
is the set of values it may have, and whatever is left unknown (a conflict that another rule asks about, a division by
zero, presumptions that differ) is Kleene's unknown.

It is used twice. On a completion (every blank filled in) it says what the result would be. On the record as it stands,
with `exact` off, every blank is simply unknown: an engine may know more, never less.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from .amounts import Reckoned, reckoned
from .folding import Folded
from .syntax import (
    Agg,
    AmountRef,
    And,
    AsOf,
    AtLeast,
    Between,
    Choose,
    Cmp,
    Cond,
    Const,
    Day,
    Days,
    DecHas,
    DecIs,
    Decision,
    DecRef,
    Duty,
    Elapsed,
    Expr,
    Extreme,
    Fallback,
    Filled,
    Has,
    HasAny,
    Is,
    Less,
    Not,
    Notice,
    Or,
    ParamRef,
    Product,
    Quant,
    Ref,
    Row,
    Rule,
    Shift,
    StatDecl,
    StatRef,
    Sum,
    TermRef,
    Value,
    Within,
    Workdays,
    Year,
    Yearly,
)
from .truths import (
    NA,
    VOID,
    Mark,
    Possible,
    Truth,
    after_workdays,
    aggregated,
    agreed,
    all_of,
    amount_shares,
    any_of,
    as_set,
    extreme,
    first_yearly,
    holds,
    multiplied,
    negation,
    of_day,
    shares,
    shifted,
    summed,
)

MOST: Final = 48


# ---- results --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """A decision's result. ``loose``: a 先后 condition was unknown, so the status may be told differently."""

    status: str
    value: str | frozenset[str] | None
    candidates: frozenset[object]
    certain: frozenset[str]
    applies: Truth
    concluded: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    loose: bool = False


@dataclass(frozen=True)
class FindingResult:
    """A finding's status, and the parts it was made of."""

    status: str
    when: Truth
    met: Truth
    blank_deadline: bool = False


def operands(expr: Expr) -> tuple[Expr, ...]:
    """What a combination reads; nothing for constants, names that are always there, and 已填."""
    match expr:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
        case Cmp(_, left, right) | Days(left, right):
            return left, right
        case Between(left, low, high):
            return left, low, high
        case Is(left) | Within(left) | Has(left):
            return (left,)
        case HasAny(left, other=other) | Less(left, other=other):
            return (left,) if other is None else (left, other)
        case Elapsed(start, period) | Shift(start, period):
            return start, period
        case Extreme(_, parts):
            return parts
        case Sum(parts) | Product(parts):
            return tuple(part for _, part in parts)
        case Day(start) | Workdays(start):
            return (start,)
        case Yearly(start=start):
            return () if start is None else (start,)
        case _:
            return ()


class Model:
    """Evaluates one policy on one record.

    ``exact``: the data are known, amounts are followed as sets of possibilities; otherwise anything blank is unknown.
    ``recognised(key, value)``: whether an open list holds a value it does not name (None: unknown).
    """

    def __init__(
        self,
        folded: Folded,
        root: Row,
        members: list[Row] | None,
        *,
        exact: bool,
        recognised: Callable[[object, str], Truth] = lambda key, value: None,
    ) -> None:
        self.folded = folded
        self.policy = folded.policy
        self.root = root
        self.members = members
        self.exact = exact
        self.recognised = recognised
        self._results: dict[tuple[str, int], Result] = {}
        self.reckoned: dict[tuple[str, int], Reckoned] = {}
        self._statistics: dict[tuple[str, int], Possible] = {}

    # ---- where names are read ---------------------------------------------------------------------------------------

    def owner(self, object_: str, frames: list[Row]) -> Row:
        """The nearest instance of ``object_``, from the innermost frame outward."""
        for frame in reversed(frames):
            row: Row | None = frame
            while row is not None:
                if row.object == object_:
                    return row
                row = row.parent
        raise AssertionError(object_)

    def project(self, row: Row) -> Row:
        """The project that a row, or its county, is evaluated for."""
        current: Row | None = row
        while current is not None:
            if current.object == "项目":
                return current
            if current.object == "县":
                return next(p for p in [self.root, *(self.members or [])] if p.parent is current)
            current = current.parent
        raise AssertionError(row.object)

    def cell(self, ref: Ref, frames: list[Row]) -> Row:
        """The instance whose cell ``ref`` reads."""
        if ref.how == "self":
            return frames[-2] if len(frames) > 1 else frames[0]
        return self.owner(ref.object, frames)

    def rows(self, object_: str, frames: list[Row], other: bool) -> list[Row] | None:
        """The rows asked for; None where the list was not supplied."""
        parent = next(o.parent for o in self.policy.objects if o.name == object_)
        assert parent is not None
        found = self.owner(parent, frames[-1:]).rows.get(object_)
        if found is None:
            return None
        if other:
            itself = next(frame for frame in reversed(frames) if frame.object == object_)
            return [row for row in found if row is not itself]
        return found

    # ---- amounts ----------------------------------------------------------------------------------------------------

    def field(self, name: str, row: Row) -> Possible:
        """The cell, presumed where it was blank."""
        plain: Possible = frozenset({row.values[name]}) if name in row.values else None
        if name not in row.blank or name not in self.folded.presumptions:
            return plain
        cases = self.folded.presumptions[name]
        truths = [(level, self.cond(case.when, [row]), case.value) for level, case in cases]
        speaking = [level for level, truth, _ in truths if truth is True]
        silenced = frozenset().union(*(self.policy.above(level) for level in speaking))
        possible: set[Value | Mark] = {
            value for level, truth, value in truths if truth is not False and level not in silenced
        }
        if not speaking:
            if plain is None:
                return None
            possible |= plain
        if not self.exact and len(possible) > 1:
            return None
        return frozenset(possible)

    def amount(self, expr: Expr, frames: list[Row]) -> Possible:
        """The values that an amount, date or value may have."""
        match expr:
            case Ref():
                return self.field(expr.name, self.cell(expr, frames))
            case ParamRef(name):
                value = self.folded.parameters[name][0]
                return None if value is None else frozenset({value})
            case TermRef(name, object_):
                return self.amount(self.folded.terms[name].body, [self.owner(object_, frames)])
            case StatRef(name, _, object_):
                return self.statistic(name, self.asking(object_, frames))
            case AsOf():
                return frozenset({self.policy.as_of})
            case Const(value):
                return frozenset({value})
            case Sum(parts):
                return self.combine([self.amount(part, frames) for _, part in parts], summed([s for s, _ in parts]))
            case Product(parts):
                return self.combine([self.amount(p, frames) for _, p in parts], multiplied([op for op, _ in parts]))
            case Shift():
                months = expr.period.kind == "月"
                return self.combine(
                    [self.amount(expr.start, frames), self.amount(expr.period, frames)], shifted(expr.sign, months)
                )
            case Days():
                sides = [self.amount(expr.left, frames), self.amount(expr.right, frames)]
                return self.combine(sides, lambda left, right: (left - right).days)
            case Day(start, what):
                return self.combine([self.amount(start, frames)], of_day(what))
            case Year(back):
                return frozenset({self.policy.as_of.year - back})
            case Yearly(month, day, start):
                # Without 起算 that of this year: the first on or after its first day.
                since = frozenset({datetime.date(self.policy.as_of.year, 1, 1)})
                return self.combine([since if start is None else self.amount(start, frames)], first_yearly(month, day))
            case Workdays(start):
                return self.after(expr, self.amount(start, frames))
            case Agg():
                return self.aggregate(expr, frames)
            case Less():
                return self.less(expr, frames)
            case Extreme(largest, parts):
                return self.combine([self.amount(part, frames) for part in parts], extreme(largest))
            case AmountRef(name, object_):
                possible = reckoned(self, name, self.owner(object_, frames)).possible
                return None if not self.exact and possible is not None and len(possible) > 1 else possible
            case Choose():
                return self.union([self.amount(body, frames) for body in self.branches(expr, frames)])
            case Fallback(first, second):
                present = self.present(first, frames)
                if present is None:
                    return self.union([self.amount(first, frames), self.amount(second, frames)])
                return self.amount(first if present else second, frames)
            case _:
                truth = self.cond(expr, frames)
                return None if truth is None else frozenset({truth})

    def union(self, parts: list[Possible]) -> Possible:
        """Any of ``parts``."""
        found: set[Value | Mark] = set()
        for part in parts:
            if part is None:
                return None
            found |= part
        return None if not self.exact and len(found) > 1 else frozenset(found)

    def combine(self, parts: list[Possible], operation: Callable[..., Value | None]) -> Possible:
        """``operation`` on every choice of values; void where one is void; None (undefined) makes it unknown."""
        found: set[Value | Mark] = set()
        if any(part is None for part in parts):
            return None
        for chosen in itertools.product(*(part for part in parts if part is not None)):
            if any(item is VOID for item in chosen):
                found.add(VOID)
                continue
            value = operation(*chosen)
            if value is None:
                return None
            found.add(value)
        if len(found) > MOST or (not self.exact and len(found) > 1):
            return None
        return frozenset(found)

    def worked(self, day: datetime.date) -> Truth:
        """Whether a day is worked; unknown in a year of which 节假日 names no day."""
        closed = self.policy.listed("节假日")
        if not any(other.year == day.year for other in closed):
            return None
        return day in self.policy.listed("调休上班") or (day.isoweekday() <= 5 and day not in closed)

    def ends(self, expr: Workdays, start: datetime.date) -> tuple[datetime.date | None, datetime.date | None]:
        """Where the count ends were every doubtful day worked, and were none."""
        count = expr.count.value
        assert isinstance(count, int)
        every, none = (after_workdays(start, expr.sign * count, self.worked, doubt) for doubt in (True, False))
        return every, none

    def after(self, expr: Workdays, begun: Possible) -> Possible:
        """The days it may be, as far as the calendar says."""
        found: set[Value | Mark] = set()
        for day in begun or ():
            ends = self.ends(expr, day) if isinstance(day, date) else (None, None)
            first, last = min(ends, key=str), max(ends, key=str)
            if day is VOID:
                found.add(VOID)
            elif first is None or last is None:
                return None
            else:
                found |= {
                    first + datetime.timedelta(days=step) for step in range(min((last - first).days + 1, MOST + 1))
                }
        if begun is None or len(found) > MOST or (not self.exact and len(found) > 1):
            return None
        return frozenset(found)

    def aggregate(self, expr: Agg, frames: list[Row]) -> Possible:
        """计数, 合计, 最大, 最小, 取 over rows."""
        rows = self.rows(expr.object, frames, expr.other)
        if rows is None:
            return None
        chosen = [(True if expr.where is None else self.cond(expr.where, [*frames, row]), row) for row in rows]
        return self.over(expr.what, [(truth, self.reader(expr.field, row)) for truth, row in chosen])

    def reader(self, name: str, row: Row) -> Callable[[], Possible]:
        """Reads a cell when it is wanted: 计数 never wants it."""
        return lambda: self.field(name, row)

    def over(self, what: str, chosen: list[tuple[Truth, Callable[[], Possible]]]) -> Possible:
        """An aggregate of those for which the truth holds; each unknown one may be in or out."""
        chosen = [(truth, value) for truth, value in chosen if truth is not False]
        if what == "计数":
            sure = sum(truth is True for truth, _ in chosen)
            return frozenset(range(sure, len(chosen) + 1))
        values: list[list[Value | Mark | None]] = []
        for truth, value in chosen:
            possible = value()
            if possible is None or (not self.exact and (truth is None or len(possible) > 1)):
                return None
            values.append([*possible, *([None] if truth is None else [])])
        found: set[Value | Mark] = set()
        for combination in itertools.islice(itertools.product(*values), 5000):
            made = aggregated(what, [value for value in combination if value is not None])
            if made is None:
                return None
            found.add(made)
        return frozenset(found) if len(found) <= MOST else None

    # ---- presence ---------------------------------------------------------------------------------------------------

    def present(self, expr: Expr, frames: list[Row]) -> Truth:
        """Whether what ``expr`` reads is there. A cell that was blank and a list that was not supplied stay so,
        whatever a completion fills in: presence is a fact of the record."""
        match expr:
            case Ref():
                return self.present_cell(expr.name, self.cell(expr, frames))
            case TermRef(name, object_):
                return self.present(self.folded.terms[name].body, [self.owner(object_, frames)])
            case Fallback(first, second):
                return any_of((self.present(first, frames), self.present(second, frames)))
            case Choose():
                truths = {self.present(body, frames) for body in self.branches(expr, frames)}
                return truths.pop() if len(truths) == 1 else None
            case Agg():
                return self.present_rows(expr, frames)
            case Quant(_, _, object_, _):
                return self.supplied(object_, frames)
            case _:
                return all_of(self.present(part, frames) for part in operands(expr))

    def present_cell(self, name: str, row: Row) -> Truth:
        """A filled cell is present; a blank one as far as some case of its presumptions is true."""
        if name not in row.blank:
            return True
        return any_of(self.cond(case.when, [row]) for _, case in self.folded.presumptions.get(name, []))

    def supplied(self, object_: str, frames: list[Row]) -> Truth:
        """Whether the list was supplied with the record."""
        parent = next(o.parent for o in self.policy.objects if o.name == object_)
        assert parent is not None
        above = self.owner(parent, frames[-1:])
        return above.rows.get(object_) is not None and object_ not in above.unsupplied

    def chosen(self, expr: Agg, frames: list[Row]) -> list[tuple[Truth, Row]]:
        """The rows an aggregate asks, and whether each counts."""
        rows = self.rows(expr.object, frames, expr.other) or []
        return [(True if expr.where is None else self.cond(expr.where, [*frames, row]), row) for row in rows]

    def present_rows(self, expr: Agg, frames: list[Row]) -> Truth:
        """An aggregate: each row that counts has its value; one that perhaps counts adds doubt; 取 needs a row."""
        supplied = self.supplied(expr.object, frames)
        if not supplied:
            return supplied
        if expr.what == "计数":
            return True
        there = [
            (truth, self.present_cell(expr.field, row))
            for truth, row in self.chosen(expr, frames)
            if truth is not False
        ]
        if any(truth is True and value is False for truth, value in there):
            return False
        if expr.what == "取":
            if all(value is False for _, value in there):
                return False
            if not any(truth is True for truth, _ in there):
                return None
        return True if all(value is True for _, value in there) else None

    def branches(self, expr: Choose, frames: list[Row]) -> list[Expr]:
        """The branches that the selector may choose."""
        if isinstance(expr.selector, DecRef):
            result = self.decide(expr.selector.decision, self.owner(expr.selector.object, frames))
            values: Iterable[object] | None = result.candidates
        else:
            values = self.amount(expr.selector, frames)
        if values is None:
            return [body for _, body in expr.branches]
        chosen = set(values)
        return [body for listed, body in expr.branches if chosen & set(listed)]

    # ---- statistics -------------------------------------------------------------------------------------------------

    def ledger(self) -> list[Row] | None:
        """The portfolio with the record itself, once, by key."""
        if self.members is None:
            return None
        key = self.root.values.get("编号")
        rest = [m for m in self.members if m is not self.root and (key is None or m.values.get("编号") != key)]
        return [self.root, *rest]

    def asking(self, object_: str, frames: list[Row]) -> Row:
        """Who says which group of a statistic is meant: the record, or the row spoken of."""
        return self.project(frames[0]) if object_ == "项目" else self.owner(object_, frames)

    def statistic(self, name: str, asking: Row) -> Possible:
        """A 统计 for a project, or for a row that says which group is meant."""
        if (name, id(asking)) not in self._statistics:
            self._statistics[name, id(asking)] = self._statistic(self.folded.statistics[name], asking)
        return self._statistics[name, id(asking)]

    def members_of(self, object_: str, project: Row) -> list[Row] | None:
        """The project, or its rows of a kind; None where some list of them was not supplied."""
        if object_ == "项目":
            return [project]
        lists = [project] if object_ == "资金" else self.members_of("资金", project) or []
        if object_ == "明细" and project.rows["资金"] is None:
            return None
        rows = [row.rows[object_] for row in lists]
        return None if None in rows else [row for found in rows for row in found or []]

    def agrees(self, key: Ref | TermRef, asking: Row, member: Row) -> Truth:
        """Whether a member is alike in one key: a cell is like itself, whatever it is, within one record."""
        mine, theirs = self.owner(key.object, [asking]), self.owner(key.object, [member])
        if mine is theirs and self.project(asking) is self.project(member):
            return True
        return self.compare("=", self.amount(key, [mine]), self.amount(key, [theirs]))

    def measured(self, stat: StatDecl, member: Row) -> Possible:
        """What a member adds."""
        assert stat.field is not None
        if stat.term:
            return self.amount(self.folded.terms[stat.field].body, [member])
        return self.field(stat.field, member)

    def _statistic(self, stat: StatDecl, asking: Row) -> Possible:
        ledger = self.ledger()
        if ledger is None:
            return None
        counted: list[tuple[Truth, Truth, Row]] = []
        for record in ledger:
            members = self.members_of(stat.object, record)
            if members is None:
                return None
            for member in members:
                truths = [self.agrees(key, asking, member) for key in stat.same]
                if stat.where is not None:
                    truths.append(self.cond(stat.where, [member]))
                match = True if stat.match is None else self.cond(stat.match, [member])
                counted.append((all_of(truths), match, member))
        if stat.what == "占比" and stat.field is None:
            found = shares([(truth, match) for truth, match, _ in counted])
            return found if self.exact or len(found) == 1 else None
        if stat.what == "占比":
            return self.share_of_amounts(stat, counted)
        return self.over(stat.what, [(truth, partial(self.measured, stat, member)) for truth, _, member in counted])

    def share_of_amounts(self, stat: StatDecl, counted: list[tuple[Truth, Truth, Row]]) -> Possible:
        """占比 of amounts."""
        each: list[tuple[Truth, Truth, frozenset[Value | Mark]]] = []
        for truth, match, member in counted:
            values = frozenset() if truth is False else self.measured(stat, member)
            if values is None:
                return None
            each.append((truth, match, values))
        made = amount_shares(each, MOST * MOST)
        return made if made is None or self.exact or len(made) == 1 else None

    # ---- conditions -------------------------------------------------------------------------------------------------

    def compare(self, op: str, left: Possible, right: Possible) -> Truth:
        """True or false only where all possible values agree; void meets no comparison."""
        if left is None or right is None:
            return None
        return agreed(x is not VOID and y is not VOID and holds(op, x, y) for x, y in itertools.product(left, right))

    def truth(self, possible: Possible) -> Truth:
        """A 是否 value as a condition."""
        return None if possible is None else agreed(value is True for value in possible)

    def cond(self, expr: Expr, frames: list[Row]) -> Truth:
        """A condition."""
        match expr:
            case Ref() | ParamRef():
                return self.truth(self.amount(expr, frames))
            case TermRef(name, object_):
                return self.cond(self.folded.terms[name].body, [self.owner(object_, frames)])
            case And(parts):
                return all_of(self.cond(part, frames) for part in parts)
            case Or(parts):
                return any_of(self.cond(part, frames) for part in parts)
            case Not(part):
                return negation(self.cond(part, frames))
            case AtLeast(count, parts):
                truths = [self.cond(part, frames) for part in parts]
                if sum(t is True for t in truths) >= count:
                    return True
                return False if sum(t is not False for t in truths) < count else None
            case Cmp(op, left, right):
                return self.compare(op, self.amount(left, frames), self.amount(right, frames))
            case Between(left, low, high):
                middle = self.amount(left, frames)
                return all_of(
                    (
                        self.compare("≥", middle, self.amount(low, frames)),
                        self.compare("≤", middle, self.amount(high, frames)),
                    )
                )
            case Is(left, value, _, negated):
                return self.compare("≠" if negated else "=", self.amount(left, frames), frozenset({value}))
            case Within():
                return self.within(expr, frames)
            case Has(left, items, negated):
                held = self.amount(left, frames)
                if held is None:
                    return None
                if negated:
                    return agreed(not set(items) & as_set(value) for value in held)
                return agreed(set(items) <= as_set(value) for value in held)
            case HasAny():
                return self.has_any(expr, frames)
            case Filled(what, negated):
                if isinstance(what, ParamRef):
                    return self.folded.parameters[what.name][1] != negated
                return (what.name not in self.cell(what, frames).blank) != negated
            case Elapsed(start, period):
                if period.kind == "工作日":
                    assert isinstance(period, Const)
                    begun = self.amount(start, frames)
                    if begun is None:
                        return None
                    counted = Workdays(start, period, 1)
                    ends = [e for day in begun for e in (self.ends(counted, day) if isinstance(day, date) else [None])]
                    return agreed(end is not None and end <= self.policy.as_of for end in ends)
                months = period.kind == "月"
                end = self.combine([self.amount(start, frames), self.amount(period, frames)], shifted(1, months))
                return self.compare("≤", end, frozenset({self.policy.as_of}))
            case Quant(every, other, object_, body):
                rows = self.rows(object_, frames, other)
                if rows is None:
                    return None
                truths = [self.cond(body, [*frames, row]) for row in rows]
                return all_of(truths) if every else any_of(truths)
            case DecIs():
                return self.decision_is(expr, frames)
            case DecHas():
                return self.decision_has(expr, frames)
            case Choose():
                chosen = {self.cond(body, frames) for body in self.branches(expr, frames)}
                return chosen.pop() if len(chosen) == 1 else None
            case _:
                return self.truth(self.amount(expr, frames))

    def listed(self, expr: Within | HasAny | Less) -> Callable[[str], Truth] | None:
        """Whether a value is among those right of 属于, 含任一, 全部属于 or 除去; None where that is not set yet."""
        if expr.parameter is not None:
            value = self.folded.parameters[expr.parameter][0]
            return None if value is None else lambda one: one in as_set(value)
        items, open_, without = expr.items, expr.open, expr.without
        key: object = id(expr)
        if expr.list is not None:
            items, open_, without = self.folded.lists[expr.list]
            key = expr.list

        def among(one: str) -> Truth:
            if one in items:
                return True
            return self.recognised(key, one) if open_ and one not in without else False

        return among

    def within(self, expr: Within, frames: list[Row]) -> Truth:
        left = self.amount(expr.left, frames)
        among = self.listed(expr)
        if left is None or among is None:
            return None
        truths = {among(str(value)) for value in left}
        truth = truths.pop() if len(truths) == 1 else None
        return negation(truth) if expr.negated else truth

    def has_any(self, expr: HasAny, frames: list[Row]) -> Truth:
        held = self.amount(expr.left, frames)
        if expr.other is not None:
            other = self.amount(expr.other, frames)
            if held is None or other is None:
                return None
            pairs = [(as_set(x), as_set(y)) for x, y in itertools.product(held, other)]
            return agreed(x <= y if expr.every else bool(x & y) for x, y in pairs)
        among = self.listed(expr)
        if held is None or among is None:
            return None
        joined = all_of if expr.every else any_of
        truths = {joined(among(v) for v in sorted(as_set(value))) for value in held}
        return truths.pop() if len(truths) == 1 else None

    def less(self, expr: Less, frames: list[Row]) -> Possible:
        """Every set that is left once what belongs there is gone."""
        held = self.amount(expr.left, frames)
        if expr.other is not None:
            return self.combine([held, self.amount(expr.other, frames)], lambda x, y: x - y)
        among = self.listed(expr)
        if held is None or among is None:
            return None
        found: set[Value | Mark] = set()
        for value in held:
            each = []
            for one in sorted(as_set(value)):
                stays: dict[Truth, list[tuple[str, ...]]] = {True: [()], False: [(one,)], None: [(), (one,)]}
                each.append(stays[among(one)])
            found |= {frozenset(itertools.chain(*chosen)) for chosen in itertools.product(*each)}
        return None if not self.exact and len(found) > 1 else frozenset(found)

    # ---- decisions --------------------------------------------------------------------------------------------------

    def decision_is(self, expr: DecIs, frames: list[Row]) -> Truth:
        """true when every candidate is in the set, false when none is; a decision not applicable fails every test."""
        result = self.decide(expr.decision, self.owner(expr.object, frames))
        if expr.negated:
            return agreed(c is not NA and c not in expr.items for c in result.candidates)
        return agreed(c is not NA and c in expr.items for c in result.candidates)

    def decision_has(self, expr: DecHas, frames: list[Row]) -> Truth:
        """true, unknown or false as each value is in P, in U, or in neither."""
        result = self.decide(expr.decision, self.owner(expr.object, frames))

        def truth(value: str) -> Truth:
            held: Truth = True if value in result.concluded else None if value in result.unknown else False
            return negation(held) if expr.negated else held

        truths = [all_of((result.applies, truth(value))) for value in expr.items]
        return any_of(truths) if expr.any else all_of(truths)

    def decide(self, name: str, row: Row) -> Result:
        """The result of one decision on one instance."""
        if (name, id(row)) not in self._results:
            self._results[name, id(row)] = self._decide(name, row)
        return self._results[name, id(row)]

    def _decide(self, name: str, row: Row) -> Result:
        decision = self.folded.decisions[name]
        applies = True if decision.applies is None else self.cond(decision.applies, [row])
        if applies is False:
            return Result("not_applicable", None, frozenset({NA}), frozenset(), False)
        truths: list[tuple[Rule, Truth]] = []
        for rule, when in sorted(self.folded.rules[name], key=lambda pair: pair[0].level):
            truth = self.cond(when, [row])
            if rule.supplement:
                upper = any_of(t for r, t in truths if r.level in self.policy.above(rule.level))
                truth = all_of((truth, negation(upper)))
            truths.append((rule, truth))
        concluded = frozenset(v for rule, truth in truths if truth is True for v in rule.values)
        unknown = frozenset(v for rule, truth in truths if truth is None for v in rule.values) - concluded
        match decision.mode:
            case "单选":
                result = self._single(decision, row, concluded, unknown)
            case "由宽到严":
                result = self._ordered(decision, concluded, unknown)
            case _:
                status = "determined" if not unknown else "undetermined"
                value = concluded if not unknown else None
                result = Result(status, value, concluded | unknown, concluded, True, concluded, unknown)
        if applies is None:
            candidates = result.candidates | {NA}
            return Result("undetermined", None, candidates, frozenset(), None, concluded, unknown, result.loose)
        return result

    def _single(self, decision: Decision, row: Row, concluded: frozenset[str], unknown: frozenset[str]) -> Result:
        ranks = [
            (rank.values, True if rank.when is None else self.cond(rank.when, [row]))
            for rank in self.folded.ranks[decision.name]
        ]

        def outranks(a: str, b: str) -> Truth:
            return any_of(t for v, t in ranks if a in v and b in v and v.index(a) < v.index(b))

        left = frozenset(p for p in concluded if not any(outranks(q, p) is True for q in concluded if q != p))
        if len(left) > 1:
            loose = any(outranks(q, p) is None for p in left for q in left if p != q)
            return Result("conflict", None, left | unknown, left, True, concluded, unknown, loose)
        if left:
            (one,) = left
            sure = all(outranks(one, other) is True for other in unknown)
            loose = not sure and all(outranks(one, other) is not False for other in unknown)
            if sure:
                return Result("determined", one, frozenset({one}), left, True, concluded, unknown)
            return Result("undetermined", None, left | unknown, left, True, concluded, unknown, loose)
        return self._nothing(decision, unknown)

    def _nothing(self, decision: Decision, unknown: frozenset[str]) -> Result:
        """No rule is true: the default, or 无."""
        if unknown:
            return Result("undetermined", None, unknown | {decision.default}, frozenset(), True, frozenset(), unknown)
        if decision.default is not None:
            return Result("determined", decision.default, frozenset({decision.default}), frozenset(), True)
        return Result("none", None, frozenset({None}), frozenset(), True)

    def _ordered(self, decision: Decision, concluded: frozenset[str], unknown: frozenset[str]) -> Result:
        order = decision.values
        known = [*concluded, *([decision.default] if decision.default is not None else [])]
        if not known:
            return self._nothing(decision, unknown)
        strictest = max(known, key=order.index)
        stricter = frozenset(v for v in unknown if order.index(v) > order.index(strictest))
        if stricter:
            return Result(
                "undetermined", None, stricter | {strictest}, frozenset({strictest}), True, concluded, unknown
            )
        return Result("determined", strictest, frozenset({strictest}), frozenset({strictest}), True, concluded, unknown)

    # ---- findings ---------------------------------------------------------------------------------------------------

    def duty(self, duty: Duty, when: Cond, demand: Cond, row: Row) -> FindingResult:
        """义务 and 禁令."""
        applies = self.cond(when, [row])
        met = self.cond(demand, [row])
        if duty.prohibition:
            met = negation(met)
        if applies is False:
            return FindingResult("not_applicable", applies, met)
        if applies is None or met is None:
            return FindingResult("unverified", applies, met)
        if met:
            return FindingResult("compliant", applies, met)
        given = False if duty.reason is None else self.given(duty.reason, row)
        if given is not False:
            return FindingResult("explained" if given else "unverified", applies, met)
        if duty.deadline is None and duty.expiry is None:
            return FindingResult("violated", applies, met)
        blank, late = (False, False) if duty.deadline is None else self.late(duty.deadline, row)
        ended = any_of((late, False if duty.expiry is None else self.cond(duty.expiry, [row])))
        status = {True: "overdue", False: "in_progress", None: "unverified"}[ended]
        return FindingResult(status, applies, met, blank)

    def given(self, reason: Ref, row: Row) -> Truth:
        """Whether a reason stands in the cell: a blank says nothing, nor does a set of nothing."""
        cell = self.cell(reason, [row])
        return reason.name not in cell.blank and cell.values[reason.name] != frozenset()

    def late(self, deadline: Expr, row: Row) -> tuple[bool, Truth]:
        """Whether the day is not known for being blank, and whether it is over: a blank one is not."""
        blank = any(
            isinstance(part, Ref) and part.name in self.cell(part, [row]).blank
            for part in (deadline, getattr(deadline, "start", None))
        )
        if isinstance(deadline, Workdays) and not blank:
            begun = self.amount(deadline.start, [row])
            if begun is not None:
                ends = [end for day in begun if isinstance(day, datetime.date) for end in self.ends(deadline, day)]
                return False, agreed(end is not None and end < self.policy.as_of for end in ends)
        due = self.amount(deadline, [row])
        if isinstance(deadline, AmountRef) and due is None:
            # A decision that is not settled is no blank date.
            return False, None
        if due is None or blank:
            return True, False
        return False, agreed(isinstance(day, datetime.date) and day < self.policy.as_of for day in due)

    def notice(self, notice: Notice, row: Row) -> FindingResult:
        """提示."""
        truth: Truth = True if notice.when is None else self.cond(notice.when, [row])
        status = {True: "notice", False: "not_applicable", None: "unverified"}[truth]
        return FindingResult(status, truth, None)

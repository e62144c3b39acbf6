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
)
from .truths import (
    NA,
    VOID,
    Mark,
    Possible,
    Truth,
    aggregated,
    agreed,
    all_of,
    any_of,
    as_set,
    extreme,
    holds,
    multiplied,
    negation,
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
        case HasAny(left, other=other):
            return (left,) if other is None else (left, other)
        case Elapsed(start, period) | Shift(start, period):
            return start, period
        case Extreme(_, parts):
            return parts
        case Sum(parts) | Product(parts):
            return tuple(part for _, part in parts)
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
        possible: set[Value | Mark] = set()
        for level in sorted({level for level, _ in cases}, reverse=True):
            truths = [(self.cond(c.when, [row]), c.value) for at, c in cases if at == level]
            sure = {value for truth, value in truths if truth is True}
            maybe = {value for truth, value in truths if truth is None}
            possible |= sure | maybe
            if sure:
                break
        else:
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
            case StatRef(name):
                return self.statistic(name, self.project(frames[0]))
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
            case Agg():
                return self.aggregate(expr, frames)
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

    def statistic(self, name: str, own: Row) -> Possible:
        """A 统计 for the project ``own``."""
        if (name, id(own)) not in self._statistics:
            self._statistics[name, id(own)] = self._statistic(self.folded.statistics[name], own)
        return self._statistics[name, id(own)]

    def _statistic(self, stat: StatDecl, own: Row) -> Possible:
        ledger = self.ledger()
        if ledger is None:
            return None
        counted: list[tuple[Truth, Truth, Row]] = []
        for member in ledger:
            truths: list[Truth] = []
            if member is not own:
                truths += [self.compare("=", self.amount(r, [own]), self.amount(r, [member])) for r in stat.same]
            if stat.where is not None:
                truths.append(self.cond(stat.where, [member]))
            match = True if stat.match is None else self.cond(stat.match, [member])
            counted.append((all_of(truths), match, member))
        if stat.what == "占比":
            found = shares([(truth, match) for truth, match, _ in counted])
            return found if self.exact or len(found) == 1 else None
        return self.over(stat.what, [(t, self.reader(stat.field or "", m)) for t, _, m in counted])

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

    def listed(self, expr: Within | HasAny) -> tuple[frozenset[str] | None, bool, object]:
        """The values right of 属于 / 含任一, whether open, and what recognition is asked under."""
        if expr.list is not None:
            items, open_ = self.folded.lists[expr.list]
            return frozenset(items), open_, expr.list
        if expr.parameter is not None:
            value = self.folded.parameters[expr.parameter][0]
            assert value is None or isinstance(value, frozenset)
            return value, False, None
        return frozenset(expr.items), expr.open, id(expr)

    def holds_value(self, value: str, items: frozenset[str], open_: bool, key: object) -> Truth:
        if value in items:
            return True
        return self.recognised(key, value) if open_ else False

    def within(self, expr: Within, frames: list[Row]) -> Truth:
        left = self.amount(expr.left, frames)
        items, open_, key = self.listed(expr)
        if left is None or items is None:
            return None
        truths = {self.holds_value(str(value), items, open_, key) for value in left}
        truth = truths.pop() if len(truths) == 1 else None
        return negation(truth) if expr.negated else truth

    def has_any(self, expr: HasAny, frames: list[Row]) -> Truth:
        held = self.amount(expr.left, frames)
        if expr.other is not None:
            other = self.amount(expr.other, frames)
            if held is None or other is None:
                return None
            return agreed(bool(as_set(x) & as_set(y)) for x, y in itertools.product(held, other))
        items, open_, key = self.listed(expr)
        if held is None or items is None:
            return None
        truths = {any_of(self.holds_value(v, items, open_, key) for v in sorted(as_set(value))) for value in held}
        return truths.pop() if len(truths) == 1 else None

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
                upper = any_of(t for r, t in truths if r.level < rule.level)
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
        if duty.deadline is None and duty.expiry is None:
            return FindingResult("violated", applies, met)
        blank, late = (False, False) if duty.deadline is None else self.late(duty.deadline, row)
        ended = any_of((late, False if duty.expiry is None else self.cond(duty.expiry, [row])))
        status = {True: "overdue", False: "in_progress", None: "unverified"}[ended]
        return FindingResult(status, applies, met, blank)

    def late(self, deadline: Expr, row: Row) -> tuple[bool, Truth]:
        """Whether the day is not known for being blank, and whether it is over: a blank one is not."""
        blank = any(
            isinstance(part, Ref) and part.name in self.cell(part, [row]).blank
            for part in (deadline, getattr(deadline, "start", None))
        )
        due = self.amount(deadline, [row])
        if due is None or blank:
            return True, False
        return False, agreed(isinstance(day, datetime.date) and day < self.policy.as_of for day in due)

    def notice(self, notice: Notice, row: Row) -> FindingResult:
        """提示."""
        truth: Truth = True if notice.when is None else self.cond(notice.when, [row])
        status = {True: "notice", False: "not_applicable", None: "unverified"}[truth]
        return FindingResult(status, truth, None)

"""What a result rests on (language.md, 5.12): the presumed fields and the 缺省 it must name, and those it may name.

Why this exists: `presumed` and `defaults` are defined by meaning, so they can be worked out here from the model's own tree,
without any order of evaluation.

The model is used as the record stands, with every blank simply unknown. Where it knows a truth, an engine knows the same;
where it does not, an engine may know more, and then rest on less. So there are two sets: what is rested on whatever else
an engine knows, and what may be. On a record whose blanks do not matter they are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policyrules import DecisionResult, Outcome

from .amounts import reckoned
from .checking import Disagreement, decisions_of
from .completions import as_it_stands, by_path
from .folding import Folded
from .naive import Model, operands
from .syntax import (
    Agg,
    AmountRef,
    And,
    AtLeast,
    Between,
    Choose,
    Cmp,
    DecHas,
    DecIs,
    DecRef,
    Expr,
    Fallback,
    HasAny,
    Less,
    Not,
    Or,
    Parameter,
    ParamRef,
    Quant,
    Ref,
    Row,
    StatDecl,
    StatRef,
    TermRef,
    Within,
)
from .truths import Truth
from .unlisted import empty

Names = frozenset[tuple[str, str]]
"""("推定", field) and ("缺省", parameter)."""


@dataclass(frozen=True)
class Rest:
    """What is rested on for sure, and at most."""

    least: Names = frozenset()
    most: Names = frozenset()

    @property
    def perhaps(self) -> Rest:
        """Where it may not be rested on at all."""
        return Rest(frozenset(), self.most)

    @property
    def defaults(self) -> Rest:
        """Its 缺省 alone."""
        return Rest(*(frozenset(step for step in names if step[0] == "缺省") for names in (self.least, self.most)))


NOTHING = Rest()


def together(parts: Iterable[Rest]) -> Rest:
    """All of the parts."""
    found = list(parts)
    return Rest(frozenset().union(*(p.least for p in found)), frozenset().union(*(p.most for p in found)))


def one_of(parts: Iterable[Rest]) -> Rest:
    """One or more of the parts, nobody here knows which."""
    found = list(parts)
    if not found:
        return NOTHING
    least = found[0].least
    for part in found[1:]:
        least &= part.least
    return Rest(least, together(found).most)


def combined(parts: list[tuple[Truth, Rest]], whole: Truth, settling: bool) -> Rest:
    """且 (settled by false) and 或 (settled by true)."""
    settled = [rest for truth, rest in parts if truth is settling]
    unknown = [rest for truth, rest in parts if truth is None]
    if whole is settling:
        return together([*settled, *(rest.perhaps for rest in unknown)])
    everything = together(rest for _, rest in parts)
    # An engine may know that one of the unknown parts settles it.
    return everything if whole is not None else Rest(one_of(unknown).least, everything.most)


class Resting:
    """What each value of one record rests on. ``replaced``: members of the ledger that the record itself stands for."""

    def __init__(self, model: Model, replaced: tuple[Row, ...] = ()) -> None:
        self.model = model
        self.folded = model.folded
        self._replaced = replaced
        self._readings = {p.name for p in model.policy.declarations if isinstance(p, Parameter) and p.reading}
        self._decisions: dict[tuple[str, int], Rest] = {}
        self._statistics: dict[tuple[str, int], Rest] = {}

    def rest(self, expr: Expr | DecRef, frames: list[Row]) -> Rest:
        """What an expression rests on."""
        model = self.model
        match expr:
            case Ref():
                return self.cell(expr.name, model.cell(expr, frames))
            case ParamRef(name):
                return self.parameter(name)
            case TermRef(name, object_):
                return self.rest(self.folded.terms[name].body, [model.owner(object_, frames)])
            case StatRef(name, _, object_):
                return self.statistic(name, model.asking(object_, frames))
            case And(parts):
                return combined(self.parts(parts, frames), model.cond(expr, frames), False)
            case Or(parts):
                return combined(self.parts(parts, frames), model.cond(expr, frames), True)
            case Not(part):
                return self.rest(part, frames)
            case AtLeast():
                return self.at_least(expr, frames)
            case Between(left, low, high):
                return self.rest(And((Cmp("≥", left, low), Cmp("≤", left, high))), frames)
            case Within() | HasAny() | Less() if expr.parameter is not None:
                return together((self.rest(expr.left, frames), self.parameter(expr.parameter)))
            case Quant(every, other, object_, body):
                rows = model.rows(object_, frames, other) or []
                each = [(model.cond(body, [*frames, row]), self.rest(body, [*frames, row])) for row in rows]
                return combined(each, model.cond(expr, frames), not every)
            case DecIs() | DecHas() | DecRef() | AmountRef():
                return self.decision(expr.decision, model.owner(expr.object, frames))
            case Choose():
                left_over = [self.rest(body, frames) for body in model.branches(expr, frames)]
                return together((self.rest(expr.selector, frames), one_of(left_over)))
            case Agg():
                return self.aggregate(expr, frames)
            case Fallback(first, second):
                ours, theirs = self.rest(first, frames), self.rest(second, frames)
                present = model.present(first, frames)
                used = one_of((ours, theirs)) if present is None else ours if present else theirs
                return together((self.presence(first, frames), used))
            case _:
                return together(self.rest(part, frames) for part in operands(expr))

    def parts(self, parts: Iterable[Expr], frames: list[Row]) -> list[tuple[Truth, Rest]]:
        """Truth and rest of each part."""
        return [(self.model.cond(part, frames), self.rest(part, frames)) for part in parts]

    def at_least(self, expr: AtLeast, frames: list[Row]) -> Rest:
        """至少: on the parts that settle it."""
        parts = self.parts(expr.parts, frames)
        truth = self.model.cond(expr, frames)
        if truth is None:
            return together(rest for _, rest in parts).perhaps
        return together(rest if one is truth else rest.perhaps for one, rest in parts if one in (truth, None))

    def aggregate(self, expr: Agg, frames: list[Row]) -> Rest:
        """Each row through its 其中, and what it adds where it counts."""
        found: list[Rest] = []
        for truth, row in self.model.chosen(expr, frames):
            if expr.where is not None:
                found.append(self.rest(expr.where, [*frames, row]))
            if truth is not False and expr.what != "计数":
                cell = self.cell(expr.field, row)
                found.append(cell if truth else cell.perhaps)
        return together(found)

    def presence(self, expr: Expr, frames: list[Row]) -> Rest:
        """What it rests on whether ``expr`` is present."""
        model = self.model
        match expr:
            case Ref():
                return self.cell(expr.name, model.cell(expr, frames))
            case TermRef(name, object_):
                return self.presence(self.folded.terms[name].body, [model.owner(object_, frames)])
            case Fallback(first, second):
                return self.presences((first, second), frames, True)
            case Choose():
                left_over = [self.presence(body, frames) for body in model.branches(expr, frames)]
                return together((self.rest(expr.selector, frames), one_of(left_over)))
            case Agg() if model.supplied(expr.object, frames) and expr.what != "计数":
                return self.aggregate(expr, frames)
            case _:
                return self.presences(operands(expr), frames, False)

    def presences(self, parts: tuple[Expr, ...], frames: list[Row], settling: bool) -> Rest:
        """Presence of a combination."""
        truths = [self.model.present(part, frames) for part in parts]
        rests = [self.presence(part, frames) for part in parts]
        whole = settling if settling in truths else None if None in truths else not settling
        return combined(list(zip(truths, rests, strict=True)), whole, settling)

    # ---- names ------------------------------------------------------------------------------------------------------

    def cell(self, name: str, row: Row) -> Rest:
        """A blank cell on the conditions of its presumptions; listed where they speak for sure."""
        cases = self.folded.presumptions.get(name, []) if name in row.blank else []
        conditions = together(self.rest(case.when, [row]) for _, case in cases)
        truths = {self.model.cond(case.when, [row]) for _, case in cases}
        listed: Names = frozenset({("推定", name)})
        if True in truths:
            return together((conditions, Rest(listed, listed)))
        # What is unknown here an engine may know: by declared bounds, for one.
        return together((conditions, Rest(frozenset(), listed))) if None in truths else conditions

    def parameter(self, name: str) -> Rest:
        """A parameter at its 缺省."""
        value, filled = self.folded.parameters[name]
        if value is None or filled or name in self._readings:
            return NOTHING
        listed: Names = frozenset({("缺省", name)})
        return Rest(listed, listed)

    def decision(self, name: str, row: Row) -> Rest:
        """On 适用 alone where the decision does not apply, otherwise on all its rules and the 先后 of values in question."""
        key = (name, id(row))
        if key not in self._decisions:
            self._decisions[key] = self._decision(name, row)
        return self._decisions[key]

    def _decision(self, name: str, row: Row) -> Rest:
        frames = [row]
        declared = self.folded.decisions[name]
        applies = NOTHING if declared.applies is None else self.rest(declared.applies, frames)
        truth = True if declared.applies is None else self.model.cond(declared.applies, frames)
        if truth is False:
            return applies
        found = [self.rest(when, frames) for _, when in self.folded.rules[name]]
        if declared.kind is not None:
            body = together([*found, *self.reckoning(name, row)])
            return together((applies, body if truth else body.perhaps))
        result = self.model.decide(name, row)
        for rank in self.folded.ranks[name]:
            ordered = frozenset(rank.values)
            if rank.when is not None and len(ordered & (result.concluded | result.unknown)) > 1:
                rest = self.rest(rank.when, frames)
                # An engine may know that what is unknown here is not concluded.
                found.append(rest if len(ordered & result.concluded) > 1 else rest.perhaps)
        body = together(found)
        return together((applies, body if truth else body.perhaps))

    def reckoning(self, name: str, row: Row) -> Iterator[Rest]:
        """What the rules that are not false give, the limits, and the 先后 of such rules."""
        truths = {rule.name: (rule, truth) for rule, truth in reckoned(self.model, name, row).truths}
        speaking = {rule for rule, (_, truth) in truths.items() if truth is not False}
        for rule, truth in truths.values():
            assert rule.amount is not None
            rest = self.rest(rule.amount, [row])
            yield rest if truth is True else rest.perhaps
        for _, limit in self.folded.limits[name]:
            yield self.rest(limit.bound, [row])
        for rank in self.folded.ranks[name]:
            if rank.when is not None and len(speaking.intersection(rank.values)) > 1:
                yield self.rest(rank.when, [row]).perhaps

    def statistic(self, name: str, asking: Row) -> Rest:
        """On who asks, on the record's own contribution, and on the 缺省 behind those of the others."""
        key = (name, id(asking))
        if key not in self._statistics:
            declared = self.folded.statistics[name]
            own = self.model.project(asking)
            others = [member for member in self.model.ledger() or [] if member is not own]
            found = [self.rest(ref, [self.model.owner(ref.object, [asking])]) for ref in declared.same]
            found.append(self.contributions(declared, own))
            found += [self.contributions(declared, member).defaults for member in others]
            # Whether an older state of the record in the ledger is looked at is nobody's business.
            for member in self._replaced if self.model.members is not None else ():
                found.append(self.contributions(declared, member).defaults.perhaps)
            self._statistics[key] = together(found)
        return self._statistics[key]

    def contributions(self, declared: StatDecl, record: Row) -> Rest:
        """Of a record, or of all its rows that are known."""
        if declared.object == "项目":
            return self.contribution(declared, record)
        level, open_ = [record], False
        for kind in ("资金", "明细") if declared.object == "明细" else ("资金",):
            open_ = open_ or any(row.rows[kind] is None for row in level)
            level = [row for above in level for row in above.rows[kind] or []]
        found = [self.contribution(declared, row) for row in level]
        if open_:
            # What stands above may keep out rows that nobody listed.
            parent = empty(self.folded.policy, "资金", record, unlisted=False) if declared.object == "明细" else record
            row = empty(self.folded.policy, declared.object, parent, unlisted=False)
            read = (*declared.same, *(() if declared.where is None else (declared.where,)))
            found += [self.rest(part, [row]).perhaps for part in read]
        return together(found)

    def contribution(self, declared: StatDecl, member: Row) -> Rest:
        """其中; and where it does not keep the member out, its keys and what it adds."""
        where, counts = NOTHING, True
        more = [self.rest(ref, [member]) for ref in declared.same]
        if declared.where is not None:
            where = self.rest(declared.where, [member])
            counts = self.model.cond(declared.where, [member])  # type: ignore[assignment]  # a Truth
        if declared.match is not None:
            more.append(self.rest(declared.match, [member]))
        if declared.field is not None and declared.term:
            more.append(self.rest(self.folded.terms[declared.field].body, [member]))
        elif declared.field is not None:
            more.append(self.cell(declared.field, member))
        added = together(more)
        return where if counts is False else together((where, added if counts else added.perhaps))


# ---- an outcome against it ------------------------------------------------------------------------------------------


def rested_on(result: DecisionResult) -> Names:
    """What a result says it rests on."""
    return frozenset([("推定", n) for n in result.presumed] + [("缺省", n) for n in result.defaults])


def check_resting(folded: Folded, root: Row, members: list[Row] | None, outcome: Outcome) -> Iterator[Disagreement]:
    """Everything in which `presumed` and `defaults` of an outcome differ from the model."""
    model = as_it_stands(folded, root, members)
    ledger = model.ledger() or []
    replaced = tuple(member for member in members or [] if not any(member is known for known in ledger))
    resting = Resting(model, replaced)
    rows = by_path(root)
    after: dict[str, set[str]] = {}
    for _, path, name, result in decisions_of(outcome):
        expected = resting.decision(name, rows[folded.decisions[name].object, path])
        told = rested_on(result)
        if not expected.least <= told:
            yield Disagreement("漏说所靠", f"{name} {path}", f"没有说 {sorted(expected.least - told)}；{sorted(told)}")
        if not told <= expected.most:
            yield Disagreement("多说所靠", f"{name} {path}", f"多说了 {sorted(told - expected.most)}")
        for listed in (result.presumed, result.defaults):
            if len(set(listed)) < len(listed):
                yield Disagreement("所靠重复", f"{name} {path}", str(listed))
            for index, one in enumerate(listed):
                after.setdefault(one, set()).update(listed[index + 1 :])
    for one, others in after.items():
        for other in sorted(others):
            if one in after.get(other, ()):
                yield Disagreement("所靠次序", f"{one} {other}", "两个结果里先后不同")

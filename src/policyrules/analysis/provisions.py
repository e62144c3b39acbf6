"""Which provisions lie behind a difference between two programs.

Why this exists: "the class changed" is not an answer; "because Jiangxi adds 还须 链条 为 不完整" is. The programs are
compared where the two results part: the rules that hold in one and not in the other, and whatever these rules read
(terms, lists, statistics, parameters, presumptions, other decisions that changed).

Invariants: a restatement (重申) is no provision here, because it demands nothing; the answer lists candidates without
trying them out, so it may name more than the smallest set; order follows layers, then the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from policyrules.program import nodes as core
from policyrules.program.graph import Kind, Name, definitions, ordered, reads
from policyrules.program.walk import walk
from policyrules.results import DecisionResult
from policyrules.text import cut, one_line
from policyrules.types import value_text

_LONGEST_TEXT: Final = 60

Pair: TypeAlias = tuple[DecisionResult | None, DecisionResult | None]
"""One decision on one object before and after; None where a side does not have it."""
Speaker: TypeAlias = core.Rule | core.Duty | core.Notice


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision.

    ``operation``: what it does (还须, 规则, 停用, 设定, 推定 ...); ``name``: to what; ``place``: where it stands
    (file:line); ``text``: its words in the rule file, in one line; for 设定 the values before and after.
    """

    layer: str
    operation: str
    name: str
    clauses: tuple[str, ...]
    citations: tuple[core.Citation, ...]
    place: str
    text: str

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "operation": self.operation,
            "name": self.name,
            "clauses": list(self.clauses),
            "place": self.place,
            "text": self.text,
        }


def provision(origin: core.Origin, operation: str = "", text: str = "") -> Provision:
    """The provision that ``origin`` is, acting as ``operation`` (its kind of declaration when empty)."""
    return Provision(
        origin.layer,
        operation or origin.kind,
        origin.name,
        tuple(dict.fromkeys(citation.clause for citation in origin.citations)),
        origin.citations,
        origin.span.place,
        text,
    )


class Tracer:
    """Walks two programs from a place where their results part. ``differing``: the decisions whose results differ, each
    with the number of its record."""

    def __init__(self, before: core.Program, after: core.Program, differing: Iterable[tuple[int, str, Pair]]) -> None:
        self.programs = (before, after)
        self.presumed = {*before.presumptions, *after.presumptions}
        self.anywhere: dict[str, dict[Provision, None]] = {}
        """What was found for each decision over the whole ledger, which is what a statistic depends on."""
        self._changed: dict[int, dict[str, list[Pair]]] = {}
        differing = list(differing)
        for index, name, pair in differing:
            self._changed.setdefault(index, {}).setdefault(name, []).append(pair)
        # What a statistic reads is known before the decisions that read the statistic.
        strata = dict.fromkeys([*_strata(after), *_strata(before)])
        position = {name: place for place, name in enumerate(strata)}
        for index, name, pair in sorted(differing, key=lambda entry: position.get(entry[1], 0)):
            self.anywhere.setdefault(name, {}).update(dict.fromkeys(self.decision(index, name, pair)))

    def decision(self, index: int, name: str, pair: Pair) -> tuple[Provision, ...]:
        """What lies behind a difference in the decision ``name`` of the record of number ``index``."""
        way = _Way(self, self._changed.get(index, {}))
        way.decision(name, *pair)
        return self._ordered(way.found)

    def finding(self, index: int, name: str) -> tuple[Provision, ...]:
        """What lies behind a difference in a duty, prohibition or notice."""
        way = _Way(self, self._changed.get(index, {}))
        way.speaker(name)
        return self._ordered(way.found)

    def _ordered(self, found: Iterable[Provision]) -> tuple[Provision, ...]:
        layers = list(dict.fromkeys(layer for program in self.programs for layer in program.layers))
        return tuple(sorted(found, key=lambda p: layers.index(p.layer) if p.layer in layers else len(layers)))


def _strata(program: core.Program) -> Iterator[str]:
    """The decisions, each after those that it reads, also through statistics."""
    order, _ = ordered({name: definition.reads for name, definition in definitions(program).items()})
    return (name.word for name in order if name.kind is Kind.DECISION)


class _Way:
    """One walk, for one record: every name is visited once, and what it adds is in ``found``."""

    def __init__(self, tracer: Tracer, changed: dict[str, list[Pair]]) -> None:
        self.before, self.after = tracer.programs
        self.tracer = tracer
        self.changed = changed
        self.found: dict[Provision, None] = {}
        self.seen: set[Name] = set()

    def decision(self, name: str, a: DecisionResult | None, b: DecisionResult | None) -> None:
        """What lies behind ``a`` becoming ``b``, both results of decision ``name``."""
        self.seen.add(Name(Kind.DECISION, name))
        d0, d1 = self.before.decisions.get(name), self.after.decisions.get(name)
        moved = [r for r in _rules_of(d0, d1) if _truth(a, r) != _truth(b, r) or _gives(a, r) != _gives(b, r)]
        # A rule whose values neither side holds for possible was outranked, and is not what made the difference.
        moved = [rule for rule in moved if self._concerns(rule, a, b)] or moved
        for rule in moved:
            self.speaker(rule)
        applied = [r is not None and r.status != "not_applicable" for r in (a, b)]
        if applied[0] != applied[1]:
            self._expression(d0.applies if d0 else None, d1.applies if d1 else None)
        if not moved or not self.found:
            self._ranks(d0, d1)
        self._limits(d0, d1)
        present = d1 or d0
        if (d0 is None or d1 is None) and present is not None and not self.found:
            self._add(present.origins[0])

    def speaker(self, name: str) -> None:
        """A rule, duty, prohibition or notice that speaks differently in the two programs."""
        if Name(Kind.RULE, name) in self.seen:
            return
        self.seen.add(Name(Kind.RULE, name))
        for program, other in ((self.after, self.before), (self.before, self.after)):
            for stopped in program.stopped:
                if stopped.name == name and not any(s.name == name for s in other.stopped):
                    self._add(stopped.by, "失效" if stopped.lapsed else "停用", name)
        old, new = _speaker(self.before, name), _speaker(self.after, name)
        present = old or new
        if (old is None or new is None) and present is not None:
            # All of it is new, or gone: what it reads is not what made the difference.
            if not any(p.name == name for p in self.found):
                self._add(present.origins[0])
            return
        for first, second in zip(_conditions(old), _conditions(new), strict=True):
            self._condition(first, second)
        self._expression(*_time(old), *_time(new))
        self._expression(*(rule.amount for rule in (old, new) if isinstance(rule, core.Rule)))

    def _add(self, origin: core.Origin, operation: str = "", text: str = "") -> None:
        self.found.setdefault(provision(origin, operation, text))

    def _concerns(self, name: str, a: DecisionResult | None, b: DecisionResult | None) -> bool:
        if any(p.rules[name].amount is not None for p in (self.before, self.after) if name in p.rules):
            return True
        values = {v for p in (self.before, self.after) if name in p.rules for v in p.rules[name].values}
        return any(v in r.certain or v in r.candidates for r in (a, b) if r is not None for v in sorted(values))

    def _ranks(self, d0: core.Decision | None, d1: core.Decision | None) -> None:
        old, new = (d.ranks if d is not None else () for d in (d0, d1))
        for ranks, others in ((new, old), (old, new)):
            known = [(rank.values, rank.when) for rank in others]
            for rank in ranks:
                if (rank.values, rank.when) not in known:
                    self._add(rank.origin, "先后", "先后 " + "、".join(rank.values))

    def _limits(self, d0: core.Decision | None, d1: core.Decision | None) -> None:
        """The limits of an amount that only one side has, and what is read in either."""
        old, new = (d.limits if d is not None else () for d in (d0, d1))
        for limits, others in ((new, old), (old, new)):
            known = [(limit.kind, limit.bound) for limit in others]
            for limit in limits:
                if (limit.kind, limit.bound) not in known:
                    self._add(limit.origin, limit.kind, cut(one_line(limit.bound.span.text), _LONGEST_TEXT))
        self._expression(*(limit.bound for limit in (*old, *new)))

    def _condition(self, old: core.Amended | None, new: core.Amended | None) -> None:
        """The amendments that only one side has, and what is read in either."""
        here, there = (amended.amendments if amended is not None else () for amended in (old, new))
        for amendments, others in ((there, here), (here, there)):
            known = {_act(amendment) for amendment in others}
            for amendment in amendments:
                if _act(amendment) not in known:
                    text = cut(one_line(amendment.body.span.words), _LONGEST_TEXT)
                    self._add(amendment.origin, amendment.operation, text)
        for amended in (new, old):
            if amended is not None:
                for part in (amended.base, *(amendment.body for amendment in amended.amendments)):
                    self._expression(part)

    def _expression(self, *parts: core.Expr | None) -> None:
        for node in walk(*reversed(parts)):
            for name in reads(node, self.tracer.presumed):
                self._read(name)

    def _read(self, name: Name) -> None:
        """Something that a condition reads, and that may differ itself."""
        if name in self.seen:
            return
        self.seen.add(name)
        match name.kind:
            case Kind.PARAMETER:
                self._parameter(name.word)
            case Kind.LIST:
                self._list(name.word)
            case Kind.PRESUMPTION:
                self._presumption(name.object, name.word)
            case Kind.TERM:
                old, new = self.before.terms.get(name.word), self.after.terms.get(name.word)
                self._expression(old.body if old else None, new.body if new else None)
            case Kind.STATISTIC:
                self._statistic(name.word)
            case Kind.DECISION:
                for pair in self.changed.get(name.word, ())[:1]:
                    self.decision(name.word, *pair)
            case _:
                pass

    def _parameter(self, name: str) -> None:
        old, new = self.before.parameters.get(name), self.after.parameters.get(name)
        if old is not None and new is not None and _held(old) != _held(new):
            changed = new if new.setter is not None or old.setter is None else old
            self._add(changed.setter or changed.origin, "设定", f"{parameter_words(old)} → {parameter_words(new)}")

    def _list(self, name: str) -> None:
        old, new = self.before.lists.get(name), self.after.lists.get(name)
        if old is None or new is None or (old.items, old.open) == (new.items, new.open):
            return
        known = {(o.layer, o.kind, o.name) for o in old.origins}
        for origin in new.origins:
            if (origin.layer, origin.kind, origin.name) not in known:
                self._add(origin)

    def _statistic(self, name: str) -> None:
        old, new = self.before.statistics.get(name), self.after.statistics.get(name)
        self._expression(*(old.same if old else ()), *(new.same if new else ()))
        for part in ("where", "match", "value"):
            pair = (getattr(old, part, None), getattr(new, part, None))
            self._expression(*pair)
            for node in walk(*reversed(pair)):
                for read in reads(node):
                    if read.kind is Kind.DECISION:
                        self.found.update(self.tracer.anywhere.get(read.word, {}))

    def _presumption(self, object_: str, field: str) -> None:
        old, new = (program.presumptions.get((object_, field)) for program in (self.before, self.after))
        known = [(case.origin.layer, case.when, case.value) for case in old.cases] if old else []
        acts: dict[core.Origin, list[str]] = {}
        for case in new.cases if new else ():
            if (case.origin.layer, case.when, case.value) not in known:
                value = value_text(case.value, self.after.fields[object_][field].type)
                acts.setdefault(case.origin, []).append(f"当 {one_line(case.when.span.words)} 则 {field} 为 {value}")
        for origin, cases in acts.items():
            self._add(origin, "推定", cut("；".join(cases), 2 * _LONGEST_TEXT))


def _rules_of(*decisions: core.Decision | None) -> list[str]:
    return list(dict.fromkeys(name for d in decisions if d is not None for name in (*d.rules, *d.supplements)))


def _gives(result: DecisionResult | None, rule: str) -> str:
    """What a rule of an amount gives; '' of another decision, and where it gives nothing."""
    return "" if result is None else next((one.text for one in result.amounts if one.rule == rule), "")


def _truth(result: DecisionResult | None, rule: str) -> bool | None:
    if result is None:
        return False
    return True if rule in result.rules else None if rule in result.unknown_rules else False


def _speaker(program: core.Program, name: str) -> Speaker | None:
    return program.rules.get(name) or program.duties.get(name) or program.notices.get(name)


def _conditions(speaker: Speaker | None) -> tuple[core.Amended | None, core.Amended | None]:
    if speaker is None:
        return None, None
    return speaker.when, speaker.demand if isinstance(speaker, core.Duty) else None


def _time(speaker: Speaker | None) -> tuple[core.Expr | None, ...]:
    """期限, 到期 and 否则说明."""
    return (speaker.deadline, speaker.expiry, speaker.reason) if isinstance(speaker, core.Duty) else ()


def _act(amendment: core.Amendment) -> tuple[str, str, str]:
    """What tells one amendment of a condition from another, also between programs."""
    return amendment.operation, amendment.origin.layer, amendment.origin.name


def parameter_words(parameter: core.Parameter) -> str:
    """What a parameter comes to, in words: 未定, 5 个, 缺省 否."""
    if parameter.value is None:
        return "未定"
    value = value_text(parameter.value, parameter.type)
    return f"缺省 {value}" if parameter.state == "default" else value


def _held(parameter: core.Parameter) -> tuple[object, ...]:
    """What a parameter comes to."""
    return parameter.value, parameter.low, parameter.high, parameter.state in ("fixed", "set")

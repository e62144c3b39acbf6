"""Which provisions lie behind a difference between two programs.

Why this exists: "the class changed" is not an answer; "because Jiangxi adds 还须 链条 为 不完整" is. The programs are
compared where the two results part: the rules that hold in one and not in the other, and whatever these rules read
(terms, lists, statistics, parameters, presumptions, other decisions that changed).

Invariants: a restatement (重申) is no provision here, because it demands nothing; the answer lists candidates without
trying them out, so it may name more than the smallest set; order follows layers, then the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policyrules.program import nodes as core
from policyrules.program.walk import walk
from policyrules.results import DecisionResult


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision.

    ``operation``: what it does (还须, 规则, 停用, 设定, 推定 ...); ``name``: to what; ``place``: where it stands
    (file:line); ``text``: its words in the rule file, in one line.
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


@dataclass(slots=True)
class Tracer:
    """Walks two programs from a place where their results part.

    ``changed``: the decisions whose results differ for the record under comparison; ``anywhere``: provisions found so
    far for each decision over the whole ledger, which is what a statistic depends on.
    """

    before: core.Program
    after: core.Program
    changed: dict[str, list[tuple[DecisionResult | None, DecisionResult | None]]]
    anywhere: dict[str, dict[Provision, None]]

    def decision(self, name: str, a: DecisionResult | None, b: DecisionResult | None) -> tuple[Provision, ...]:
        """What lies behind ``a`` becoming ``b``, both results of decision ``name``."""
        found: dict[Provision, None] = {}
        self._decision(name, a, b, found, set())
        return self._ordered(found)

    def finding(self, name: str) -> tuple[Provision, ...]:
        """What lies behind a difference in a duty, prohibition or notice."""
        found: dict[Provision, None] = {}
        self._named(name, found, set())
        return self._ordered(found)

    def _ordered(self, found: Iterable[Provision]) -> tuple[Provision, ...]:
        layers = list(dict.fromkeys([*self.before.layers, *self.after.layers]))
        return tuple(sorted(found, key=lambda p: layers.index(p.layer) if p.layer in layers else len(layers)))

    def _decision(
        self,
        name: str,
        a: DecisionResult | None,
        b: DecisionResult | None,
        found: dict[Provision, None],
        seen: set[str],
    ) -> None:
        key = f"决定 {name}"
        if key in seen:
            return
        seen.add(key)
        d0, d1 = self.before.decisions.get(name), self.after.decisions.get(name)
        moved = [rule for rule in _rules_of(d0, d1) if _truth(a, rule) != _truth(b, rule)]
        # A rule whose values neither side holds for possible was outranked, and is not what made the difference.
        moved = [rule for rule in moved if self._concerns(rule, a, b)] or moved
        for rule in moved:
            self._named(rule, found, seen)
        applied = [r is not None and r.status != "not_applicable" for r in (a, b)]
        if applied[0] != applied[1]:
            self._expression(d0.applies if d0 else None, d1.applies if d1 else None, found, seen)
        if not moved or not found:
            self._ranks(d0, d1, found)
        if d0 is None and d1 is not None and not found:
            found.update(dict.fromkeys(provision(origin) for origin in d1.origins[:1]))
        if d1 is None and d0 is not None and not found:
            found.update(dict.fromkeys(provision(origin) for origin in d0.origins[:1]))

    def _concerns(self, name: str, a: DecisionResult | None, b: DecisionResult | None) -> bool:
        values = {v for p in (self.before, self.after) if name in p.rules for v in p.rules[name].values}
        return any(v in r.certain or v in r.candidates for r in (a, b) if r is not None for v in sorted(values))

    def _ranks(self, d0: core.Decision | None, d1: core.Decision | None, found: dict[Provision, None]) -> None:
        old = [(rank.values, rank.when) for rank in d0.ranks] if d0 else []
        new = [(rank.values, rank.when) for rank in d1.ranks] if d1 else []
        for decision, others in ((d1, old), (d0, new)):
            for rank in decision.ranks if decision else ():
                if (rank.values, rank.when) not in others:
                    found.setdefault(provision(rank.origin, "先后", "先后 " + "、".join(rank.values)))

    def _named(self, name: str, found: dict[Provision, None], seen: set[str]) -> None:
        """A rule, duty, prohibition or notice that speaks differently in the two programs."""
        if name in seen:
            return
        seen.add(name)
        for program in (self.after, self.before):
            for stopped in program.stopped:
                other = self.before if program is self.after else self.after
                if stopped.name == name and not any(s.name == name for s in other.stopped):
                    found.setdefault(provision(stopped.by, "失效" if stopped.lapsed else "停用", name))
        old, new = _speaker(self.before, name), _speaker(self.after, name)
        if (old is None) != (new is None):
            present = old or new
            assert present is not None
            if not any(p.name == name for p in found):
                found.setdefault(provision(present.origins[0]))
            # All of it is new, or gone: what it reads is not what made the difference.
            return
        for first, second in zip(_conditions(old), _conditions(new), strict=True):
            self._condition(first, second, found, seen)
        self._expression(_deadline(old), _deadline(new), found, seen)

    def _condition(
        self, old: core.Amended | None, new: core.Amended | None, found: dict[Provision, None], seen: set[str]
    ) -> None:
        """The amendments that only one side has, and what is read in either."""
        here, there = (amended.amendments if amended is not None else () for amended in (old, new))
        for amendments, others in ((there, here), (here, there)):
            known = {_act(amendment) for amendment in others}
            for amendment in amendments:
                if _act(amendment) not in known:
                    text = one_line(amendment.body.span.text)
                    found.setdefault(provision(amendment.origin, amendment.operation, text))
        for amended in (new, old):
            if amended is not None:
                for part in (amended.base, *(amendment.body for amendment in amended.amendments)):
                    self._expression(part, None, found, seen)

    def _expression(
        self, old: core.Expr | None, new: core.Expr | None, found: dict[Provision, None], seen: set[str]
    ) -> None:
        for node in walk(new, old):
            self._reference(node, found, seen)

    def _reference(self, node: core.Expr, found: dict[Provision, None], seen: set[str]) -> None:
        match node:
            case core.ParameterValue(name=name) | core.ParameterFilled(name=name):
                self._parameter(name, found)
            case core.TermValue(name=name):
                self._once(f"术语 {name}", seen, lambda: self._term(name, found, seen))
            case core.StatisticValue(name=name):
                self._once(f"统计 {name}", seen, lambda: self._statistic(name, found, seen))
            case core.FieldValue(field=field):
                self._presumption((field.object, field.name), found, seen)
            case core.DecisionValue(name=name) | core.DecisionIs(decision=name) | core.DecisionHas(decision=name):
                for a, b in self.changed.get(name, ()):
                    self._decision(name, a, b, found, seen)
            case core.Member(right=core.ListRef(name)) | core.Overlaps(right=core.ListRef(name)):
                self._list(name, found)
            case core.Member(right=core.ParameterRef(name)) | core.Overlaps(right=core.ParameterRef(name)):
                self._parameter(name, found)
            case _:
                pass

    def _once(self, key: str, seen: set[str], action: Callable[[], None]) -> None:
        if key not in seen:
            seen.add(key)
            action()

    def _parameter(self, name: str, found: dict[Provision, None]) -> None:
        old, new = self.before.parameters.get(name), self.after.parameters.get(name)
        if old is None or new is None:
            return
        if (old.value, old.low, old.high, old.state in ("fixed", "set")) != (
            new.value,
            new.low,
            new.high,
            new.state in ("fixed", "set"),
        ):
            changed = new if new.setter is not None or old.setter is None else old
            found.setdefault(provision(changed.setter or changed.origin, "设定", name))

    def _list(self, name: str, found: dict[Provision, None]) -> None:
        old, new = self.before.lists.get(name), self.after.lists.get(name)
        if old is None or new is None or (old.items, old.open) == (new.items, new.open):
            return
        known = {(o.layer, o.kind, o.name) for o in old.origins}
        for origin in new.origins:
            if (origin.layer, origin.kind, origin.name) not in known:
                found.setdefault(provision(origin))

    def _term(self, name: str, found: dict[Provision, None], seen: set[str]) -> None:
        old, new = self.before.terms.get(name), self.after.terms.get(name)
        self._expression(old.body if old else None, new.body if new else None, found, seen)

    def _statistic(self, name: str, found: dict[Provision, None], seen: set[str]) -> None:
        old, new = self.before.statistics.get(name), self.after.statistics.get(name)
        pairs = [(getattr(old, part, None), getattr(new, part, None)) for part in ("where", "match", "value")]
        for first, second in pairs:
            self._expression(first, second, found, seen)
            for node in walk(first, second):
                if isinstance(node, core.DecisionIs | core.DecisionHas):
                    found.update(self.anywhere.get(node.decision, {}))

    def _presumption(self, key: tuple[str, str], found: dict[Provision, None], seen: set[str]) -> None:
        old, new = self.before.presumptions.get(key), self.after.presumptions.get(key)
        if old is None and new is None:
            return
        known = [(case.level, case.when, case.value) for case in old.cases] if old else []
        for case in new.cases if new else ():
            if (case.level, case.when, case.value) not in known:
                found.setdefault(provision(case.origin, "推定", key[1]))


def one_line(text: str, limit: int = 60) -> str:
    """Rule text in one line, cut where it is long.

    >>> one_line("还须 链条 为 不完整\\n    且 技术短板")
    '还须 链条 为 不完整 且 技术短板'
    """
    joined = " ".join(text.split())
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"


def _rules_of(*decisions: core.Decision | None) -> list[str]:
    return list(dict.fromkeys(name for d in decisions if d is not None for name in (*d.rules, *d.supplements)))


def _truth(result: DecisionResult | None, rule: str) -> bool | None:
    if result is None:
        return False
    return True if rule in result.rules else None if rule in result.unknown_rules else False


def _speaker(program: core.Program, name: str) -> core.Rule | core.Duty | core.Notice | None:
    return program.rules.get(name) or program.duties.get(name) or program.notices.get(name)


def _conditions(speaker: core.Rule | core.Duty | core.Notice | None) -> tuple[core.Amended | None, core.Amended | None]:
    if speaker is None:
        return None, None
    return speaker.when, speaker.demand if isinstance(speaker, core.Duty) else None


def _deadline(speaker: core.Rule | core.Duty | core.Notice | None) -> core.Expr | None:
    return speaker.deadline if isinstance(speaker, core.Duty) else None


def _act(amendment: core.Amendment) -> tuple[str, str, str]:
    """What tells one amendment of a condition from another, also between programs."""
    return amendment.operation, amendment.origin.layer, amendment.origin.name

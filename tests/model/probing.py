"""Asking again with blanks filled in: monotonicity, relevant blanks, deciding sets, readings.

Why this exists: these claims are about what happens when somebody answers, so they are tested by answering. They speak of
one outcome and another of the same package; the model is needed only to know what the blanks may be.

Fields that 已填 / 未填, 推定, 首选 or a 期限 see as blanks are left alone: for those, filling in is meant to change things.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

import policyrules as pr
from policyrules import Blank, DecisionResult, Finding, Missing, Outcome

from .checking import SETTLED, Disagreement, decisions_of, shown
from .completions import Hole, copy, holes_of
from .expressions import walk
from .harness import Case, Situation, evaluate
from .naive import operands
from .printing import plain_value
from .syntax import (
    Agg,
    Choose,
    Duty,
    Expr,
    Fallback,
    Filled,
    HasAny,
    Parameter,
    ParamRef,
    Presumption,
    Quant,
    Ref,
    Row,
    TermRef,
    Value,
)

Filling = dict[tuple[str, int, str], object]


@dataclass(frozen=True)
class Sensitive:
    """Names whose blankness itself is read."""

    fields: frozenset[str]
    lists: frozenset[str]
    parameters: frozenset[str]


def read_as_present(case: Case, expr: Expr) -> Iterator[tuple[str, str]]:
    """What the test of presence reads: ``("cell", field)``, ``("rows", object)``, ``("sets", field)`` where two sets meet."""
    match expr:
        case Ref():
            yield "cell", expr.name
        case TermRef(name):
            yield from read_as_present(case, case.folded.terms[name].body)
        case Fallback(first, second):
            yield from read_as_present(case, first)
            yield from read_as_present(case, second)
        case Choose():
            for _, body in expr.branches:
                yield from read_as_present(case, body)
        case Agg():
            yield "cell", expr.field
            yield "rows", expr.object
        case Quant():
            yield "rows", expr.object
        case _:
            if isinstance(expr, HasAny) and expr.other is not None:
                yield "sets", expr.other.name
            for part in operands(expr):
                yield from read_as_present(case, part)


def presence_read(case: Case) -> Iterator[tuple[str, str]]:
    """What any 首选 of the policy reads so."""
    for node in walk(case.policy.declarations):
        if isinstance(node, Fallback):
            yield from read_as_present(case, node.first)


def sensitive(case: Case) -> Sensitive:
    """What 已填, 推定, 首选 and 期限 look at."""
    read = list(presence_read(case))
    fields = {name for kind, name in read if kind == "cell"}
    lists = {name for kind, name in read if kind == "rows"}
    parameters: set[str] = set()
    for entry in case.policy.declarations:
        if isinstance(entry, Presumption):
            fields |= {known.field for known in entry.cases}
        if isinstance(entry, Duty):
            fields |= {node.name for node in walk((entry.deadline, entry.reason)) if isinstance(node, Ref)}
        for node in walk(entry):
            if isinstance(node, Filled):
                (parameters if isinstance(node.what, ParamRef) else fields).add(node.what.name)
    return Sensitive(frozenset(fields), frozenset(lists), frozenset(parameters))


def fill(row: Row, filling: Filling) -> Row:
    """``row`` as it would be recorded once these blanks are answered."""
    made = copy(row, None, filling)

    def settle(current: Row) -> None:
        names = {known for known in current.blank if known not in current.values}
        current.blank = frozenset(names)
        current.unsupplied = frozenset(name for name in current.unsupplied if current.rows[name] is None)
        for rows in current.rows.values():
            for child in rows or []:
                settle(child)

    settle(made)
    if made.parent is not None:
        settle(made.parent)
    return made


def answered(case: Case, situation: Situation, filling: Filling) -> Outcome:
    """The outcome once these blanks are answered."""
    loaded: pr.Policy = case.loaded
    given = {name: value for (kind, _, name), value in filling.items() if kind == "parameter"}
    if given:
        types = {entry.name: entry.type.kind for entry in case.policy.declarations if isinstance(entry, Parameter)}
        loaded = loaded.with_parameters({name: plain_value(v, types[name]) for name, v in given.items()})  # type: ignore[arg-type]
    members = filling.get(("portfolio", 0, ""), situation.members)
    filled = None if members is None else [fill(member, filling) for member in members]  # type: ignore[attr-defined]
    return evaluate(case, Situation(fill(situation.root, filling), filled), loaded)


def key_of(hole: Hole) -> tuple[str, int, str]:
    return hole.kind, hole.at, hole.name


class Probe:
    """One outcome and the blanks behind it."""

    def __init__(self, case: Case, situation: Situation, seed: int) -> None:
        self.case = case
        self.situation = situation
        self.rng = random.Random(seed)
        self.outcome = evaluate(case, situation)
        self.results = {(name, path): result for _, path, name, result in decisions_of(self.outcome)}
        self.findings = {(finding.name, finding.target): finding for finding in self.outcome.findings}
        skip = sensitive(case)
        self.paths = self._paths()
        self.holes = [
            hole
            for hole in holes_of(case.policy, case.folded, situation.root, situation.members, self.rng)
            if not (hole.kind == "cell" and hole.name in skip.fields)
            and not (hole.kind == "rows" and (hole.name in skip.lists or self._has_sensitive(hole.name, skip)))
            and not (hole.kind == "parameter" and hole.name in skip.parameters)
        ]

    def _has_sensitive(self, object_: str, skip: Sensitive) -> bool:
        policy = self.case.policy
        below = any(name in skip.lists or self._has_sensitive(name, skip) for name in policy.children(object_))
        return below or any(f.name in skip.fields for f in policy.fields_of(object_))

    def _paths(self) -> dict[int, str]:
        """Path of each instance as `Blank.object` gives it; another member by its key."""
        found: dict[int, str] = {}
        members = [
            m for m in self.situation.members or [] if m.values.get("编号") != self.situation.root.values.get("编号")
        ]
        for project in [self.situation.root, *members]:
            own = project is self.situation.root
            pending = [project, *([project.parent] if project.parent is not None else [])]
            while pending:
                row = pending.pop()
                found[id(row)] = row.path if own else str(project.values.get("编号"))
                for rows in row.rows.values():
                    pending.extend(rows or [])
        return found

    def listed(self, hole: Hole, blanks: tuple[Blank, ...]) -> bool:
        """Whether ``blanks`` name ``hole``."""
        where = self.paths.get(hole.at, "")
        for blank in blanks:
            match blank.kind, hole.kind:
                case ("field", "cell") | ("rows", "rows"):
                    near = blank.object == where or (
                        hole.at in self.paths and not self.own(hole) and where in blank.object
                    )
                    if blank.name == hole.name and near:
                        return True
                case ("parameter", "parameter"):
                    if blank.name == hole.name:
                        return True
                case ("portfolio", "portfolio"):
                    return True
                case ("portfolio", "cell" | "rows") if blank.count and not self.own(hole):
                    # What other members lack is named together (5.13.7).
                    return True
                case _:
                    pass
        return False

    def own(self, hole: Hole) -> bool:
        """Whether the hole is of the record itself, its rows or its county."""
        if hole.at == 0:
            return True
        pending = [self.situation.root]
        if self.situation.root.parent is not None:
            pending.append(self.situation.root.parent)
        while pending:
            row = pending.pop()
            if id(row) == hole.at:
                return True
            for rows in row.rows.values():
                pending.extend(rows or [])
        return False

    def used(self) -> list[Hole]:
        """Holes that can be answered at all: not those of a listed older state of the record."""
        return [hole for hole in self.holes if hole.at == 0 or hole.at in self.paths]

    def fillings(self, holes: list[Hole], count: int) -> Iterator[Filling]:
        for _ in range(count):
            yield {key_of(hole): self.rng.choice(hole.domain) for hole in holes}

    # ---- claims -----------------------------------------------------------------------------------------------------

    def unlisted(self, count: int) -> Iterator[Disagreement]:
        """Answering what is not listed changes nothing; where the outcome is settled nothing is listed."""
        for key, result in self.results.items():
            relevant = result.missing.relevant
            holes = [hole for hole in self.used() if not self.listed(hole, relevant)]
            for filling in self.fillings(holes, count if holes else 0):
                after = {(n, p): r for _, p, n, r in decisions_of(answered(self.case, self.situation, filling))}.get(
                    key
                )
                if after is None or not same(result, after, exact=result.status not in SETTLED):
                    text = f"{shown(result)} 变为 {after and shown(after)}；列出的：{[str(b) for b in relevant]}"
                    kind = "不单调" if result.status in SETTLED else "漏列空白"
                    yield Disagreement(kind, f"{key}", f"{text}；{answers(holes, filling)}")
                    break
        for key, finding in self.findings.items():
            relevant = finding.missing.relevant
            holes = [hole for hole in self.used() if not self.listed(hole, relevant)]
            for filling in self.fillings(holes, count if holes else 0):
                again = self.after(key, answered(self.case, self.situation, filling))
                allowed = {finding.status, "not_applicable"} if finding.status == "compliant" else {finding.status}
                if again is None or not again <= allowed:
                    text = f"{finding.status} 变为 {again}；列出的：{[str(b) for b in relevant]}"
                    kind = "不单调" if finding.status != "unverified" else "漏列空白"
                    yield Disagreement(kind, f"{key}", f"{text}；{answers(holes, filling)}")
                    break

    def deciding(self, limit: int) -> Iterator[Disagreement]:
        """Some answer of the deciding blanks settles; where marked exact no smaller set does."""
        for key, result in self.results.items():
            if result.status == "undetermined":
                yield from self._deciding(key, result.missing, limit, lambda o, key=key: self._settled(o, key))
        for key, finding in self.findings.items():
            if finding.status == "unverified":
                yield from self._deciding(key, finding.missing, limit, lambda o, key=key: self._verified(o, key))

    def _settled(self, outcome: Outcome, key: tuple[str, str]) -> bool:
        return any((n, p) == key and r.status in SETTLED for _, p, n, r in decisions_of(outcome))

    def _conflict(self, outcome: Outcome, key: tuple[str, str]) -> bool:
        # No longer unknown, though no single value: taken as settled when asked whether a set settles anything.
        return any((n, p) == key and r.status == "conflict" for _, p, n, r in decisions_of(outcome))

    def after(self, key: tuple[str, str], outcome: Outcome) -> Set[str] | None:
        """What a finding has become: its status; where its rows are listed now, theirs; None where it is gone."""
        own = {f.status for f in outcome.findings if (f.name, f.target) == key}
        before = self.findings[key]
        if own or not before.unlisted:
            return own or None
        lead = f"{before.object}." if before.object.endswith("]") else ""
        rows = [f for f in outcome.findings if f.name == key[0] and f.object.startswith(lead)]
        return {f.status for f in rows if (f.name, f.target) not in self.findings}

    def _verified(self, outcome: Outcome, key: tuple[str, str]) -> bool:
        found = self.after(key, outcome)
        return found is not None and "unverified" not in found

    def _deciding(self, key: tuple[str, str], missing: Missing, limit: int, settled: object) -> Iterator[Disagreement]:
        assert callable(settled)
        named = [str(blank) for blank in missing.deciding]
        found: list[Hole] = []
        for blank in missing.deciding:
            hole = next((h for h in self.used() if self.listed(h, (blank,)) and self.own(h)), None)
            if hole is None:
                # A recognition, a conflict, a member's cell, a sensitive field: nothing to answer with here.
                return
            found.append(hole)
        after = [answered(self.case, self.situation, f) for f in self.answers_of(found, limit)] if found else []
        if found and not any(settled(outcome) or self._conflict(outcome, key) for outcome in after):
            if all(self.complete(hole) for hole in found):
                yield Disagreement("定局不成", f"{key}", f"没有一种回答能定：{named}")
            return
        if not missing.exact:
            return
        own = [hole for hole in self.used() if self.own(hole) and hole.kind != "portfolio"]
        for size in range(1, min(len(found), 3) if found else 2):
            for chosen in itertools.combinations(own, size):
                for filling in self.answers_of(list(chosen), limit):
                    if settled(answered(self.case, self.situation, filling)):
                        text = f"标为最少的是 {named}，但这样就定了：{answers(list(chosen), filling)}"
                        yield Disagreement("不是最少", f"{key}", text)
                        return

    def complete(self, hole: Hole) -> bool:
        """Whether the values tried are all there are."""
        if hole.kind == "rows":
            return False
        for entry in (*self.case.policy.fields, *self.case.policy.declarations):
            if getattr(entry, "name", None) == hole.name and hasattr(entry, "type"):
                type_ = entry.type
                if type_.kind in ("是否", "枚举", "多选"):
                    return True
                return type_.high is not None and type_.kind in ("整数", "日期", "月", "天")
        return False

    def answers_of(self, holes: list[Hole], limit: int) -> Iterator[Filling]:
        total = 1
        for hole in holes:
            total *= len(hole.domain)
        if total <= limit:
            for values in itertools.product(*(hole.domain for hole in holes)):
                yield {key_of(hole): value for hole, value in zip(holes, values, strict=True)}
        else:
            yield from self.fillings(holes, limit)

    def readings(self) -> Iterator[Disagreement]:
        """For every 读法 the other readings are given exactly where they differ, as evaluating under them gives."""
        for entry in self.case.policy.declarations:
            if not (isinstance(entry, Parameter) and entry.reading):
                continue
            now = self.case.folded.parameters[entry.name][0]
            for other in entry.type.domain:
                if other == now:
                    continue
                loaded = self.case.loaded.with_parameters({entry.name: plain_value(other, entry.type.kind)})
                again = said_by(evaluate(self.case, self.situation, loaded))
                word = other if isinstance(other, str) else "是" if other else "否"
                for key, result in {**self.results, **self.findings}.items():
                    right = again[key]
                    given = result.readings.get(entry.name, {}).get(word)
                    if given is None and differs(result, right):
                        text = f"读法 {entry.name} 取 {word} 时为 {told(right)}，没有列出（{told(result)}）"
                        yield Disagreement("读法", f"{key}", text)
                    if given is not None and (given != right or not differs(result, right)):
                        text = f"读法 {entry.name} 取 {word} 时为 {told(right)}，列为 {told(given)}（{told(result)}）"
                        yield Disagreement("读法", f"{key}", text)


def said_by(outcome: Outcome) -> dict[tuple[str, str], DecisionResult | Finding]:
    """Every decision and finding, by its name and what it is of."""
    decided: dict[tuple[str, str], DecisionResult | Finding] = {(n, p): r for _, p, n, r in decisions_of(outcome)}
    return decided | {(one.name, one.target): one for one in outcome.findings}


def differs(result: DecisionResult | Finding, other: DecisionResult | Finding) -> bool:
    """Whether another reading is told: a decision that comes out otherwise, a finding that stands otherwise, is due on another
    day or tells something else."""
    if isinstance(result, DecisionResult) and isinstance(other, DecisionResult):
        return not same(result, other, exact=True)
    assert isinstance(result, Finding) and isinstance(other, Finding)
    idle = result.status == other.status == "not_applicable"
    return (result.status, result.due) != (other.status, other.due) or (result.message != other.message and not idle)


def told(result: DecisionResult | Finding) -> str:
    return shown(result) if isinstance(result, DecisionResult) else f"{result.status} {result.due} {result.message}"


def same(before: DecisionResult, after: DecisionResult, *, exact: bool) -> bool:
    """The same result; with ``exact`` also the same candidates."""
    if (before.status, before.value) != (after.status, after.value):
        return False
    return not exact or (set(before.candidates), before.certain) == (set(after.candidates), after.certain)


def answers(holes: list[Hole], filling: Mapping[tuple[str, int, str], object]) -> str:
    return "回答 " + "、".join(f"{hole.name}={filling[key_of(hole)]!r}"[:150] for hole in holes)


def probes(case: Case, situation: Situation, seed: int, *, count: int = 3, limit: int = 60) -> Iterator[Disagreement]:
    """All claims about answering."""
    probe = Probe(case, situation, seed)
    yield from probe.unlisted(count)
    yield from probe.deciding(limit)
    yield from probe.readings()


__all__ = ["Probe", "Value", "probes", "replace"]

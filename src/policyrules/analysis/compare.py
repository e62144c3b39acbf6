"""What changes when one stack of layers takes the place of another: for whom, and by which provision.

Why this exists: a county asks what the province's text does to its ledger. Both policies evaluate the same records;
only results that differ are listed, each with the provisions of either side and the ones behind the difference.

Invariants: a restatement (重申) never makes a difference, because results are compared by status, value and candidates,
and provisions by what they demand, never by citations; the order of everything follows the records and the programs,
never a hash seed; neither policy is changed.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from policyrules.analysis.acts import Provision
from policyrules.analysis.attribute import Attribution, attributed, cause_dict
from policyrules.analysis.attribution import Cause, Spot
from policyrules.analysis.pairs import (
    ABSENT,
    BREACHES,
    FindingPair,
    Pair,
    Shared,
    finding_states,
    paired_findings,
    paired_results,
    present_of,
    result_outcome,
    results_of,
    same_result,
    value_states,
)
from policyrules.analysis.trials import finding_outcome
from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.records.ledger import Ledger
from policyrules.results import AmountEnd, DecisionResult, Finding, Outcome
from policyrules.types import DECIMAL, NUMERIC, Kind, Number, json_value, number_text, simplify

_OPEN_STATUSES = ("undetermined", "conflict")
KINDS: dict[str, str] = {
    "judged": "判断变了",
    "open": "判断没换，只是待定、冲突变了",
    "one_sided": "只有一边才有的决定，另一边没有",
    "breached": "判断没变，新违反或逾期",
    "effects": "判断没变，措施或义务有变化",
    "complied": "只有新适用的义务，都合规",
}
"""What changes for a record, the weightiest first: every record that changes is counted under one of them."""
_SILENT = frozenset({ABSENT, "不适用", "不含", "无", "（没有）"})


@dataclass(frozen=True, slots=True)
class Change:
    """One decision on one object that differs.

    ``path``: the object (``项目``, ``资产[0]``), ``label``: what people call it (``资产 A1``); ``before`` and ``after``: the results in one line of Chinese;
    ``provisions``: what brought the difference about, upper layer first; ``causes``: how, by value of a decision that takes several,
    else under ''; empty where nobody knows. ``difference``: by how much an amount that is
    determined on both sides moves, as people read it (``增加 2 万元``), and ``moved``: in its unit (a date in days); '' and None else.
    ``values``: what an amount is on each side where it is determined, else None, in ``unit``.
    """

    identity: str
    index: int
    path: str
    decision: str
    before: str
    after: str
    before_status: str
    after_status: str
    before_clauses: tuple[str, ...]
    after_clauses: tuple[str, ...]
    provisions: tuple[Provision, ...]
    label: str
    difference: str = ""
    moved: Number | None = None
    values: tuple[AmountEnd, AmountEnd] = (None, None)
    unit: str = ""
    causes: Mapping[str, Cause] = field(default_factory=dict)

    @property
    def cause(self) -> Cause | None:
        """Why it changed, of a decision that takes one value; None where nobody knows."""
        return self.causes.get("")

    def by_cause(self) -> dict[Cause, list[str]]:
        """The values that changed for the same cause."""
        found: dict[Cause, list[str]] = {}
        for value, cause in self.causes.items():
            found.setdefault(cause, []).append(value)
        return found

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        data: dict[str, object] = {
            "identity": self.identity,
            "index": self.index,
            "object": self.path,
            "decision": self.decision,
            "before": {"text": self.before, "status": self.before_status, "clauses": list(self.before_clauses)},
            "after": {"text": self.after, "status": self.after_status, "clauses": list(self.after_clauses)},
            "provisions": [provision.to_dict() for provision in self.provisions],
        }
        if any(self.causes):
            data["causes"] = [{"values": values, **cause_dict(cause)} for cause, values in self.by_cause().items()]
        else:
            data["cause"] = None if self.cause is None else cause_dict(self.cause)
        if self.moved is not None:
            data["difference"] = {"text": self.difference, "value": json_value(self.moved, DECIMAL)}
        return data


@dataclass(frozen=True, slots=True)
class AmountMove:
    """What an amount comes to over the records in which it is determined on both sides, in ``unit``; ``records``: how many
    objects these are, and ``open`` how many are open on either side, which are in no sum."""

    unit: str
    records: int
    open: int
    before: Number
    after: Number

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        told = {"before": self.before, "after": self.after, "difference": simplify(self.after - self.before)}
        return {
            "unit": self.unit,
            "records": self.records,
            "open": self.open,
            **{name: json_value(number, DECIMAL) for name, number in told.items()},
        }


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One duty, prohibition or notice on one object whose status or due date differs. ``path``: `Finding.target`;
    ``label``: what people call the object (``资产 A1``, ``青山县``)."""

    identity: str
    index: int
    path: str
    finding: str
    kind: str
    before: str
    after: str
    before_clauses: tuple[str, ...]
    after_clauses: tuple[str, ...]
    provisions: tuple[Provision, ...]
    label: str
    cause: Cause | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "identity": self.identity,
            "index": self.index,
            "object": self.path,
            "finding": self.finding,
            "kind": self.kind,
            "before": {"status": self.before, "clauses": list(self.before_clauses)},
            "after": {"status": self.after, "clauses": list(self.after_clauses)},
            "provisions": [provision.to_dict() for provision in self.provisions],
            "cause": None if self.cause is None else cause_dict(self.cause),
        }


@dataclass(frozen=True, slots=True)
class Transition:
    """How many objects went from one result to another. ``value`` is set for 多选 decisions, whose values move one by
    one (``before``/``after`` are then 含, 可能, 不含, 不适用)."""

    value: str | None
    before: str
    after: str
    count: int

    @property
    def changed(self) -> bool:
        """True where the two differ; a decision that one side does not have differs from a result that says something
        only."""
        if ABSENT in (self.before, self.after):
            return not {self.before, self.after} <= _SILENT
        return self.before != self.after

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {"value": self.value, "before": self.before, "after": self.after, "count": self.count}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole comparison: who, before and after, and by which provision.

    ``transitions``: decision → its table (also the rows where nothing changed); ``finding_transitions``: finding → its
    table of changes. ``amounts``: what each amount that can be added up comes to on both sides. ``attribution``: the acts by
    which the policies differ, and what of the changes could not be attributed; None where that was not asked.
    """

    before: Policy
    after: Policy
    records: int
    transitions: dict[str, tuple[Transition, ...]]
    changes: tuple[Change, ...]
    finding_transitions: dict[str, tuple[Transition, ...]]
    finding_changes: tuple[FindingChange, ...]
    amounts: dict[str, AmountMove] = field(default_factory=dict)
    attribution: Attribution | None = None

    @property
    def many(self) -> frozenset[str]:
        """The 多选 decisions of either policy."""
        return _many(self.before, self.after)

    @property
    def changed_projects(self) -> int:
        """Records with any change."""
        return len({change.index for change in self.changes} | {change.index for change in self.finding_changes})

    @property
    def changed_single(self) -> int:
        """Records in which a decision that takes one value changes."""
        many = self.many
        return len({change.index for change in self.changes if change.decision not in many})

    def kinds(self) -> dict[str, int]:
        """How many records change in which way, by the words of `KINDS`, in their order."""
        order = list(KINDS)
        worst: dict[int, str] = {}
        many = self.many
        found = [(change.index, _kind(change, many)) for change in self.changes]
        found += [(change.index, _finding_kind(change)) for change in self.finding_changes]
        for index, kind in found:
            worst[index] = min(worst.get(index, kind), kind, key=order.index)
        counts = Counter(worst.values())
        return {kind: counts[kind] for kind in order}

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "before": _policy_dict(self.before),
            "after": _policy_dict(self.after),
            "as_of": self.after.as_of.isoformat(),
            "records": self.records,
            "changed_records": self.changed_projects,
            "changed_records_single": self.changed_single,
            "changed_records_by_kind": self.kinds(),
            "decisions": _tables(self.transitions),
            "findings": _tables(self.finding_transitions),
            **({"amounts": {name: move.to_dict() for name, move in self.amounts.items()}} if self.amounts else {}),
            "changes": [change.to_dict() for change in self.changes],
            "finding_changes": [change.to_dict() for change in self.finding_changes],
            **({} if self.attribution is None else {"acts": self.attribution.to_list()}),
            **({} if self.attribution is None else {"beside": list(self.attribution.beside)}),
        }

    def __str__(self) -> str:
        parts = [f"{self.records} 个{self.after.program.root}中 {self.changed_projects} 个有变化"]
        for name, rows in self.transitions.items():
            parts.extend(
                f"{name}{f'·{t.value}' if t.value else ''}：{t.before} → {t.after} {t.count}" for t in rows if t.changed
            )
        return "；".join(parts)


def _kind(change: Change, many: frozenset[str]) -> str:
    statuses = (change.before_status, change.after_status)
    if change.decision in many:
        return "effects"
    if "absent" in statuses:
        return "one_sided"
    return "open" if any(status in _OPEN_STATUSES for status in statuses) else "judged"


def _finding_kind(change: FindingChange) -> str:
    if change.after in BREACHES and change.before not in BREACHES:
        return "breached"
    return "complied" if (change.before, change.after) == ("not_applicable", "compliant") else "effects"


def _many(*policies: Policy) -> frozenset[str]:
    return frozenset(d.name for p in policies for d in p.program.decisions.values() if d.mode == "多选")


def _policy_dict(policy: Policy) -> dict[str, object]:
    return {"fingerprint": policy.fingerprint, "layers": [layer.manifest.id for layer in policy.layers]}


def _tables(transitions: dict[str, tuple[Transition, ...]]) -> dict[str, object]:
    return {name: {"transitions": [row.to_dict() for row in rows]} for name, rows in transitions.items()}


def aligned(before: Policy, after: Policy) -> tuple[Policy, Policy]:
    """Both policies on one as-of date: a date that was only assumed gives way to one that was given.

    Raises `PolicyError` (E651) where both were given and differ.
    """
    if before.as_of == after.as_of:
        return before, after
    if not before.as_of_given:
        return before.at(after.as_of), after
    if not after.as_of_given:
        return before, after.at(before.as_of)
    dates = f"{before.as_of.isoformat()} 和 {after.as_of.isoformat()}"
    message = f"两边的评估日不同（{dates}），结果的差别分不清是条文还是日期造成的"
    raise PolicyError([Diagnostic("E651", message, remedy="两边用同一个评估日")])


def compare(before: Policy, after: Policy, records: Ledger | Iterable[Any]) -> Comparison:
    """Evaluate ``records`` under both policies, each with the whole ledger as its portfolio, and list what differs.

    ``records``: what `Policy.evaluate_all` takes. Raises `RecordError` for a record that either policy cannot read, and
    `PolicyError` (E651) where both were given different as-of dates.
    """
    before, after = aligned(before, after)
    rows = records if isinstance(records, Ledger) else list(records)
    pairs = zip(before.evaluate_all(rows), after.evaluate_all(rows), strict=True)
    return compare_outcomes(before, after, pairs, lambda: _members(before, after, rows))


def _members(before: Policy, after: Policy, rows: Ledger | list[Any]) -> Members:
    """The records as the policy with more layers reads them, which knows every field of both."""
    portfolio = (after if len(after.layers) >= len(before.layers) else before).portfolio(rows)
    return portfolio, [place for place, member in enumerate(portfolio.members) if not member.problems]


Members: TypeAlias = tuple[Portfolio, Sequence[int]]
"""Records that are counted together, and the place among them of each record that was compared."""


def compare_outcomes(
    before: Policy,
    after: Policy,
    pairs: Iterable[tuple[Outcome, Outcome]],
    members: Callable[[], Members] | None = None,
    *,
    which: Container[str] | None = None,
) -> Comparison:
    """The comparison of outcomes that were evaluated already, pair by pair in ledger order. ``members``: the records, asked for
    when something changed; without them no cause is looked for. ``which``: the decisions and findings whose causes are looked
    for, by name; of all where None."""
    counts: dict[str, Counter[_Move]] = {}
    finding_counts: dict[str, Counter[_Move]] = {}
    decided: list[tuple[int, str, str, str, Pair]] = []
    found: list[tuple[int, str, FindingPair]] = []
    many = _many(before, after)
    asleep = _asleep(before) | _asleep(after)
    amounts: dict[str, AmountMove] = {}
    shared = Shared()
    total = 0
    for index, (old, new) in enumerate(pairs):
        total += 1
        identity = new.identity or old.identity
        for path, name, pair in paired_results(results_of(old), results_of(new)):
            if None in pair and name in asleep:
                continue
            counts.setdefault(name, Counter()).update(_moves(name in many, *pair))
            if (amount := _amount_move(pair)) is not None:
                amounts[name] = _together(amounts.get(name), amount)
            if not same_result(*pair):
                decided.append((index, identity, path, name, pair))
        for finding_pair in paired_findings(old, new):
            if shared.again(finding_pair):
                continue
            move = (None, *finding_states(finding_pair))
            if move[1] != move[2] or _due(finding_pair[0]) != _due(finding_pair[1]):
                finding_counts.setdefault(present_of(finding_pair).name, Counter())[move] += 1
                found.append((index, identity, finding_pair))
    attribution = None
    places: Sequence[int] = range(total)
    if members is not None and (decided or found):
        portfolio, places = members()
        said = {
            spot: pair
            for entry in decided
            if which is None or entry[3] in which
            for spot, pair in _decision_spots(places, many, entry)
        }
        said.update(
            _finding_spot(places, entry) for entry in found if which is None or present_of(entry[2]).name in which
        )
        attribution = attributed(before, after, portfolio, said)
    known = attribution or Attribution()
    changes: list[Change] = []
    for entry in decided:
        index, identity, path, name, (a, b) = entry
        behind = {
            spot.value: known.causes[spot]
            for spot, _ in (_decision_spots(places, many, entry) if which is None or name in which else ())
            if spot in known.causes
        }
        (old_text, old_status, was), (new_text, new_status, now_by) = _said(a), _said(b)
        present = b or a
        label = path if present is None else present.label
        states = (old_text, new_text, old_status, new_status)
        moved, values = _difference(a, b), (_amount(a), _amount(b))
        unit = "" if present is None else "%" if present.kind == Kind.RATIO.value else present.unit
        named = known.named(behind.values())
        change = Change(identity, index, path, name, *states, was, now_by, named, label, *moved, values, unit, behind)
        changes.append(change)
    finding_changes: list[FindingChange] = []
    for finding_entry in found:
        index, identity, finding_pair = finding_entry
        now = present_of(finding_pair)
        was, now_by = (() if finding is None else finding.clauses for finding in finding_pair)
        cause = known.causes.get(_finding_spot(places, finding_entry)[0])
        named = known.named([cause] if cause is not None else ())
        states_of = finding_states(finding_pair)
        finding_changes.append(
            FindingChange(
                identity, index, now.target, now.name, now.kind, *states_of, was, now_by, named, now.label, cause
            )
        )
    decisions = [*after.program.decisions, *before.program.decisions]
    findings = [*after.program.duties, *after.program.notices, *before.program.duties, *before.program.notices]
    return Comparison(
        before,
        after,
        total,
        {name: _table(counts[name]) for name in dict.fromkeys(decisions) if name in counts},
        tuple(changes),
        {name: _table(finding_counts[name]) for name in dict.fromkeys(findings) if name in finding_counts},
        tuple(finding_changes),
        {name: amounts[name] for name in dict.fromkeys(decisions) if name in amounts},
        attribution,
    )


# ---- what is asked about --------------------------------------------------------------------------------------------


def _decision_spots(
    places: Sequence[int], many: frozenset[str], entry: tuple[int, str, str, str, Pair]
) -> Iterator[tuple[Spot, tuple[Hashable, Hashable]]]:
    """What to find the cause of in a decision that changed, and what the results say of it: of one that takes several values
    each that moved."""
    index, _, path, name, (a, b) = entry
    if name not in many:
        yield Spot(places[index], path, name), (result_outcome(a), result_outcome(b))
        return
    for value, before, after in value_states(a, b):
        if before != after and not {before, after} <= _SILENT:
            yield Spot(places[index], path, name, value), (result_outcome(a, value), result_outcome(b, value))


def _finding_spot(places: Sequence[int], entry: tuple[int, str, FindingPair]) -> tuple[Spot, tuple[Hashable, Hashable]]:
    index, _, pair = entry
    now = present_of(pair)
    old, new = (None if one is None else finding_outcome(one.status, one.due) for one in pair)
    return Spot(places[index], now.target, now.name), (old, new)


# ---- amounts --------------------------------------------------------------------------------------------------------


def _amount(result: DecisionResult | None) -> AmountEnd:
    """An amount that is determined, in its unit (of a share in per cent); None else."""
    if result is None or not result.kind or isinstance(result.value, str | frozenset):
        return None
    if result.kind == Kind.RATIO.value and isinstance(result.value, int | Fraction):
        return simplify(Fraction(result.value) * 100)
    return result.value


def _difference(a: DecisionResult | None, b: DecisionResult | None) -> tuple[str, Number | None]:
    """By how much an amount moves, where it is determined on both sides and of one unit."""
    if a is None or b is None or not a.kind or (a.kind, a.unit) != (b.kind, b.unit):
        return "", None
    old, new = a.value, b.value
    if isinstance(old, datetime.date) and isinstance(new, datetime.date):
        days = (new - old).days
        return f"{'晚' if days > 0 else '早'} {abs(days)} 天", days
    if not isinstance(old, (int, Fraction)) or not isinstance(new, (int, Fraction)):
        return "", None
    moved = simplify(Fraction(new) - Fraction(old))
    return moved_text(moved, a.kind, a.unit), moved


def moved_text(moved: Number, kind: str, unit: str) -> str:
    """A difference as people read it.

    >>> moved_text(-2, "金额", "万元"), moved_text(Fraction(1, 10), "比例", "")
    ('减少 2 万元', '增加 10 个百分点')
    """
    word = "增加" if moved > 0 else "减少"
    size: Number = -moved if moved < 0 else moved
    if kind == Kind.RATIO.value:
        return f"{word} {number_text(simplify(size * 100))} 个百分点"
    return f"{word} {number_text(size)}" + (f" {unit}" if unit else "")


_ADDED_UP = frozenset(kind.value for kind in NUMERIC - {Kind.RATIO, Kind.YEAR})


def _amount_move(pair: Pair) -> AmountMove | None:
    """What one pair of results adds to the sums of an amount: nothing while either side is open."""
    a, b = pair
    if a is None or b is None or a.kind not in _ADDED_UP or (a.kind, a.unit) != (b.kind, b.unit):
        return None
    if any(result.status in _OPEN_STATUSES for result in (a, b)):
        return AmountMove(a.unit, 0, 1, 0, 0)
    old, new = (result.value if isinstance(result.value, (int, Fraction)) else 0 for result in (a, b))
    return AmountMove(a.unit, 1, 0, old, new)


def _together(total: AmountMove | None, one: AmountMove) -> AmountMove:
    if total is None:
        return one
    return AmountMove(
        total.unit,
        total.records + one.records,
        total.open + one.open,
        simplify(total.before + one.before),
        simplify(total.after + one.after),
    )


# ---- tables -----------------------------------------------------------------------------------------------------------


def _asleep(policy: Policy) -> frozenset[str]:
    """The decisions that only layers declare which are not in force yet: nothing speaks of them."""
    awake = {layer.id for layer in policy.in_force}
    declared = policy.program.decisions.values()
    return frozenset(one.name for one in declared if not any(origin.layer in awake for origin in one.origins))


_Move: TypeAlias = tuple[str | None, str, str]


def _moves(many: bool, a: DecisionResult | None, b: DecisionResult | None) -> list[_Move]:
    """The rows of the transition table that one pair of results adds to; ``many`` for 多选 decisions."""
    if not many:
        return [(None, a.text if a else ABSENT, b.text if b else ABSENT)]
    return list(value_states(a, b))


def _table(counter: Counter[_Move]) -> tuple[Transition, ...]:
    """The rows of a table: changes first, the most frequent first, then what stayed."""
    rows = [Transition(*move, count) for move, count in counter.items()]
    rows.sort(key=lambda row: (row.before == row.after, -row.count, row.value or "", row.before, row.after))
    return tuple(rows)


def _said(result: DecisionResult | None) -> tuple[str, str, tuple[str, ...]]:
    """Text, status and clauses of a result, or of none."""
    return (ABSENT, "absent", ()) if result is None else (result.text, result.status, result.clauses)


def _due(finding: Finding | None) -> datetime.date | None:
    return None if finding is None or finding.status == "not_applicable" else finding.due

"""What changes when one stack of layers takes the place of another: for whom, and by which provision.

Why this exists: a county asks what the province's text does to its ledger. Both policies evaluate the same records;
only results that differ are listed, each with the provisions of either side and the ones behind the difference.

Invariants: a restatement (重申) never makes a difference, because results are compared by status, value and candidates,
and provisions by what they demand, never by citations; the order of everything follows the records and the programs,
never a hash seed; neither policy is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from policyrules.analysis.acts import Provision
from policyrules.analysis.attribute import Attribution, attributed, cause_dict
from policyrules.analysis.attribution import Cause, Spot, weight_of
from policyrules.analysis.comparing import (
    OPEN_STATUSES,
    SILENT,
    AmountMove,
    Comparing,
    Decided,
    Found,
    Kept,
    Move,
    Part,
    many_of,
    together,
)
from policyrules.analysis.labels import stack_data
from policyrules.analysis.pairs import ABSENT, BREACHES
from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.records.ledger import Ledger
from policyrules.results import AmountEnd
from policyrules.types import DECIMAL, Number, json_value

MOST_CAUSES: Final = 100_000
"""Results of one ledger whose causes are looked for, where nobody asks for all of them."""

KINDS: dict[str, str] = {
    "judged": "判断变了",
    "open": "判断没换，只是待定、冲突变了",
    "one_sided": "只有一边才有的决定，另一边没有",
    "breached": "判断没变，新违反或逾期",
    "effects": "判断没变，措施或义务有变化",
    "complied": "只有新适用的义务，都合规",
}
"""What changes for a record, the weightiest first: every record that changes is counted under one of them."""


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
            return not {self.before, self.after} <= SILENT
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
    asked: int | None = None

    def __repr__(self) -> str:
        sides = f"{self.before.program.layers[-1]} → {self.after.program.layers[-1]}"
        changes = f"{self.changed_projects} 个有变化，结果 {len(self.changes)} 处，发现 {len(self.finding_changes)} 处"
        return f"<Comparison {sides}：{self.records} 个里 {changes}>"

    @property
    def partly(self) -> bool:
        """Whether the causes were looked for in the first records alone."""
        return self.asked is not None and self.asked < self.records

    @property
    def many(self) -> frozenset[str]:
        """The 多选 decisions of either policy."""
        return many_of(self.before, self.after)

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
        order = {kind: place for place, kind in enumerate(KINDS)}
        worst: dict[int, int] = {}
        many = self.many
        for change in self.changes:
            place = order[_kind(change, many)]
            worst[change.index] = min(worst.get(change.index, place), place)
        for finding in self.finding_changes:
            place = order[_finding_kind(finding)]
            worst[finding.index] = min(worst.get(finding.index, place), place)
        counts = Counter(worst.values())
        return {kind: counts[place] for kind, place in order.items()}

    def looked(self, change: Change | FindingChange) -> bool:
        """Whether the cause of a change was looked for."""
        return self.asked is None or change.index < self.asked

    def to_dict(self, *, listed: bool = True) -> dict[str, object]:
        """Plain JSON with stable keys; not ``listed``: without the changes one by one."""
        return {
            "before": stack_data(self.before),
            "after": stack_data(self.after),
            "as_of": self.after.as_of.isoformat(),
            "records": self.records,
            "changed_records": self.changed_projects,
            "changed_records_single": self.changed_single,
            "changed_records_by_kind": self.kinds(),
            "decisions": _tables(self.transitions),
            "findings": _tables(self.finding_transitions),
            **({"amounts": {name: move.to_dict() for name, move in self.amounts.items()}} if self.amounts else {}),
            "changes": [change.to_dict() for change in self.changes] if listed else [],
            "finding_changes": [change.to_dict() for change in self.finding_changes] if listed else [],
            **({"asked": self.asked} if self.partly else {}),
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
    return "open" if any(status in OPEN_STATUSES for status in statuses) else "judged"


def _finding_kind(change: FindingChange) -> str:
    if change.after in BREACHES and change.before not in BREACHES:
        return "breached"
    return "complied" if (change.before, change.after) == ("not_applicable", "compliant") else "effects"


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
    part = Comparing(before, after).part((index, *pair) for index, pair in enumerate(pairs))
    gathered = Gathered(before, after)
    gathered.follow(part)
    return gathered.comparison(lambda: _members(before, after, rows))


def _members(before: Policy, after: Policy, rows: Ledger | list[Any]) -> Members:
    """The records as the policy with more layers reads them, which knows every field of both."""
    portfolio = (after if len(after.layers) >= len(before.layers) else before).portfolio(rows)
    return portfolio, [place for place, member in enumerate(portfolio.members) if not member.problems]


Members: TypeAlias = tuple[Portfolio, Sequence[int]]
"""Records that are counted together, and the place among them of each record that was compared."""


class Gathered:
    """The parts of a comparison, put together in the ledger's order."""

    def __init__(self, before: Policy, after: Policy) -> None:
        self.before, self.after = before, after
        self.records = 0
        self._counts: dict[str, Counter[Move]] = {}
        self._amounts: dict[str, AmountMove] = {}
        self._decided: list[Decided] = []
        self._found: list[Found] = []
        self._kept = Kept()
        self._marks: set[Hashable] = set()

    def follow(self, part: Part) -> None:
        """One part more."""
        self.records += part.records
        for name, counter in part.counts.items():
            self._counts.setdefault(name, Counter()).update(counter)
        for name, amount in part.amounts.items():
            self._amounts[name] = together(self._amounts.get(name), amount)
        # What came from another process is there again and again.
        one = self._kept.one
        self._decided += [Decided(each[0], each[1], one(each[2]), one(each[3]), one(each[4])) for each in part.decided]
        for each in part.found:
            if each.mark is not None:
                if each.mark in self._marks:
                    continue
                self._marks.add(each.mark)
            self._found.append(Found(each[0], each[1], one(each[2]), one(each[3]), each[4], one(each[5])))

    def comparison(self, members: Callable[[], Members] | None = None, most: int | None = None) -> Comparison:
        """All of it. ``members``: the records, asked for when something changed; without them no cause is looked for. ``most``: of so
        many results the causes are looked for, those of the first records, and of none where the stacks are too long for that
        (`costs.MOST_BLENDED`); of all where None."""
        asked = self.records
        attribution = None
        places: Sequence[int] = range(self.records)
        if members is not None and (self._decided or self._found):
            portfolio, places = members()
            if most is not None:
                asked = self._asked(portfolio, places, most)
            said = {
                Spot(places[one.number], one.path, one.said.decision, value): ends
                for one in self._decided
                if one.number < asked
                for value, ends in one.said.asked
            }
            said.update(
                (Spot(places[one.number], one.path, one.said.finding), one.said.ends)
                for one in self._found
                if one.number < asked
            )
            if asked:
                attribution = attributed(self.before, self.after, portfolio, said)
        before, after = self.before, self.after
        telling = _Telling(attribution or Attribution(), places, asked)
        finding_counts: dict[str, Counter[Move]] = {}
        for one in self._found:
            finding_counts.setdefault(one.said.finding, Counter())[None, one.said.before, one.said.after] += 1
        decisions = [*after.program.decisions, *before.program.decisions]
        findings = [*after.program.duties, *after.program.notices, *before.program.duties, *before.program.notices]
        return Comparison(
            before,
            after,
            self.records,
            {name: _table(self._counts[name]) for name in dict.fromkeys(decisions) if name in self._counts},
            tuple(map(telling.change, self._decided)),
            {name: _table(finding_counts[name]) for name in dict.fromkeys(findings) if name in finding_counts},
            tuple(map(telling.finding_change, self._found)),
            {name: self._amounts[name] for name in dict.fromkeys(decisions) if name in self._amounts},
            attribution,
            asked,
        )

    def _asked(self, portfolio: Portfolio, places: Sequence[int], most: int) -> int:
        """Of how many records, from the first, the causes can be looked for before one waits too long; the first that changes always
        is one of them, unless the two stacks are longer than one can wait for."""
        if not costs.blended(self.before.program, self.after.program):
            return 0
        several: Counter[int] = Counter()
        for decided in self._decided:
            several[decided.number] += len(decided.said.asked)
        several.update(found.number for found in self._found)
        first = True
        for index in sorted(several):
            most -= several[index] * weight_of(portfolio.members[places[index]])
            if most < 0 and not first:
                return index
            first = False
        return self.records


class _Telling:
    """Changes with their causes. Those that say the same for the same causes share what they say."""

    def __init__(self, known: Attribution, places: Sequence[int], asked: int) -> None:
        self._known, self._places, self._asked = known, places, asked
        self._named: dict[tuple[Cause, ...], tuple[Provision, ...]] = {}
        self._causes: dict[tuple[tuple[str, Cause], ...], Mapping[str, Cause]] = {}

    def _by(self, causes: tuple[Cause, ...]) -> tuple[Provision, ...]:
        found = self._named.get(causes)
        if found is None:
            found = self._named[causes] = self._known.named(causes)
        return found

    def change(self, one: Decided) -> Change:
        """A decision that changed."""
        said = one.said
        behind: list[tuple[str, Cause]] = []
        for value, _ in said.asked if one.number < self._asked else ():
            cause = self._known.causes.get(Spot(self._places[one.number], one.path, said.decision, value))
            if cause is not None:
                behind.append((value, cause))
        causes = self._causes.setdefault(tuple(behind), dict(behind))
        return Change(
            one.identity,
            one.number,
            one.path,
            *said[:7],
            self._by(tuple(causes.values())),
            one.label,
            said.difference,
            said.moved,
            said.values,
            said.unit,
            causes,
        )

    def finding_change(self, one: Found) -> FindingChange:
        """A duty, prohibition or notice that changed."""
        cause = None
        if one.number < self._asked:
            cause = self._known.causes.get(Spot(self._places[one.number], one.path, one.said.finding))
        named = self._by(() if cause is None else (cause,))
        return FindingChange(one.identity, one.number, one.path, *one.said[:6], named, one.label, cause)


# ---- tables -----------------------------------------------------------------------------------------------------------


def _table(counter: Counter[Move]) -> tuple[Transition, ...]:
    """The rows of a table: changes first, the most frequent first, then what stayed."""
    rows = [Transition(*move, count) for move, count in counter.items()]
    rows.sort(key=lambda row: (row.before == row.after, -row.count, row.value or "", row.before, row.after))
    return tuple(rows)

"""What a ledger's results add up to: counts by decision, findings by status, problems, what is missing and from whom.

Why this exists: the summary is data first (JSON, tests), text second (`report.text`). It is fed one outcome at a time,
so that a long ledger never has to be kept in memory, and what was
counted of its parts in other processes, in their order, counts on.

Invariants: counting order does not depend on a hash seed; every count is of objects (records or rows), never of reasons.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Protocol, TypeAlias, get_args

from policyrules.engine.values import interval
from policyrules.explanation import Blank
from policyrules.program.nodes import Program
from policyrules.results import (
    Candidate,
    DecisionResult,
    Finding,
    FindingStatus,
    Outcome,
    Status,
    candidate_text,
    is_open,
    objects_of,
    plain_end,
)
from policyrules.types import NUMERIC, Kind, Number, Type, canonical, simplify
from policyrules.wording import amount_text, told_text

_SUMMED = NUMERIC - {Kind.RATIO, Kind.YEAR}

FINDING_ORDER: tuple[FindingStatus, ...] = (
    "violated",
    "overdue",
    "explained",
    "unverified",
    "in_progress",
    "notice",
    "compliant",
    "not_applicable",
)
"""What an official looks at first comes first."""


@dataclass(slots=True)
class AmountTotal:
    """What an amount comes to over the ledger, in its ``unit``: ``sure``, the sum of what is determined; what may come to
    it from the rest, which is no zero: from ``low`` to ``high`` (None: no bound is known). ``sums`` False: a date, a year or
    a share, which nobody adds up."""

    type: Type
    sums: bool
    sure: Number = 0
    low: Number | None = 0
    high: Number | None = 0

    def add(self, result: DecisionResult) -> None:
        """Count one result."""
        if not self.sums:
            return
        if result.status == "determined" and isinstance(result.value, (int, Fraction)):
            self.sure = simplify(self.sure + result.value)
        elif result.status in ("undetermined", "conflict") and result.interval is not None:
            low, high = result.interval
            # Where there may be none at all, nothing may come to it.
            none = any(not isinstance(candidate, str) for candidate in result.candidates)
            self.low = _added(self.low, low, min if none else None)
            self.high = _added(self.high, high, max if none else None)

    def follow(self, other: AmountTotal) -> None:
        """Add what others come to."""
        self.sure = simplify(self.sure + other.sure)
        self.low = None if self.low is None else _added(other.low, self.low, None)
        self.high = None if self.high is None else _added(other.high, self.high, None)

    def text(self, number: Number) -> str:
        """A number of the ledger with its unit."""
        return told_text(canonical(number, self.type), self.type)

    def span_text(self) -> str:
        """What may come to it, as people read it: 至少 5 万元, 9 至 42 万元."""
        low, high = (None if end is None else canonical(end, self.type) for end in (self.low, self.high))
        text = amount_text(interval(low, high), self.type)
        return f" {text}" if text[0].isdigit() or text[0] == "-" else text

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys; no sum where nobody adds up."""

        if not self.sums:
            return {"kind": self.type.kind.value, "unit": self.type.unit or "", "sure": None, "open": None}
        return {
            "kind": self.type.kind.value,
            "unit": self.type.unit or "",
            "sure": plain_end(self.sure),
            "open": [plain_end(self.low), plain_end(self.high)],
        }


def _added(total: Number | None, end: object, beside: Callable[[Number, Number], Number] | None) -> Number | None:
    if total is None or not isinstance(end, (int, Fraction)):
        return None
    return simplify(total + (end if beside is None else beside(end, 0)))


@dataclass(slots=True)
class DecisionCount:
    """One decision over the ledger.

    ``statuses``: objects per status; ``values``: objects per determined value; ``open``: objects per possible value while
    undetermined or in conflict; ``conflicts``: objects per set of conflicting values. For 多选 ``values`` counts certain
    values and ``open`` possible ones, so that they do not add up to ``total``. Of an amount ``amount`` says what it comes to,
    and the values are not counted one by one.
    """

    name: str
    key: str
    on: str
    mode: str
    values: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[Status] = field(default_factory=Counter)
    amount: AmountTotal | None = None

    @property
    def total(self) -> int:
        """How many objects it was asked of."""
        return self.statuses.total()

    def follow(self, other: DecisionCount) -> None:
        """Add what was counted of others."""
        self.statuses.update(other.statuses)
        self.values.update(other.values)
        self.open.update(other.open)
        self.conflicts.update(other.conflicts)
        if self.amount is not None and other.amount is not None:
            self.amount.follow(other.amount)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "name": self.name,
            "key": self.key,
            "object": self.on,
            "mode": self.mode,
            "total": self.total,
            **{status: self.statuses[status] for status in get_args(Status)},
            "values": dict(self.values),
            "candidates": dict(self.open),
            "conflicts": dict(self.conflicts),
            **({} if self.amount is None else {"amount": self.amount.to_dict()}),
        }


@dataclass(slots=True)
class MissingCount:
    """One input that is blank where it matters. ``records``: records with an open result that it matters to and where
    it is blank; ``alone``: records where filling it alone can settle a result."""

    name: str
    kind: str
    on: str
    holders: tuple[str, ...]
    records: int = 0
    alone: int = 0

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "name": self.name,
            "kind": self.kind,
            "object": self.on,
            "holders": list(self.holders),
            "records": self.records,
            "settles_alone": self.alone,
        }


_Key: TypeAlias = tuple[str, str, str]
_Mark: TypeAlias = tuple[str, str, Hashable]


@dataclass(slots=True)
class LedgerSummary:
    """Everything the summary of a ledger says. Build it with `summarise`, or feed `add` one outcome at a time.

    ``findings``: of records and their rows; ``owner_findings``: of what records belong to (县), each counted once;
    ``owners``: the same by what it is called (青山县).
    ``missing``: for decisions that take one value; ``missing_many``: for 多选 decisions, where a blank mostly leaves
    one measure more or less open; ``asked``: how many records, the first, were asked for it. ``unsettled``: records with a
    decision that takes one value undetermined or in conflict.
    ``next_due``: the first deadline of what is still in progress, None where none is known.
    """

    program: Program
    decisions: dict[str, DecisionCount]
    finding_kinds: dict[str, str]
    records: int = 0
    asked: int = 0
    unsettled: int = 0
    findings: dict[str, Counter[str]] = field(default_factory=dict)
    owner_findings: dict[str, Counter[str]] = field(default_factory=dict)
    owners: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    next_due: datetime.date | None = None
    missing: dict[_Key, MissingCount] = field(default_factory=dict)
    missing_many: dict[_Key, MissingCount] = field(default_factory=dict)
    _owners: dict[_Mark, DecisionResult | Finding] = field(default_factory=dict)

    @classmethod
    def empty(cls, program: Program) -> LedgerSummary:
        """A summary of no record, with every decision of ``program`` in its declared values' order."""
        kinds = {name: "prohibition" if duty.prohibition else "duty" for name, duty in program.duties.items()}
        return cls(
            program,
            {
                name: DecisionCount(
                    name,
                    d.key,
                    d.object,
                    d.mode,
                    Counter({value: 0 for value in d.values}),
                    amount=None if d.type is None else AmountTotal(d.type, d.type.kind in _SUMMED),
                )
                for name, d in program.decisions.items()
            },
            kinds | dict.fromkeys(program.notices, "notice"),
        )

    def add(self, outcome: Outcome, *, missing: bool = True) -> None:
        """Count one outcome. ``missing`` False skips what is missing (the costly part)."""
        self.records += 1
        if missing:
            self.asked += 1
            self.add_missing(outcome)
        unsettled = False
        for part in objects_of(outcome):
            for result in part:
                count = self.decisions.get(result.name)
                if count is None:
                    continue
                if self._is_new(result, result.text if result.shared is not None else ""):
                    _count_decision(count, result, result.values)
                if result.status not in ("undetermined", "conflict"):
                    continue
                unsettled = unsettled or count.mode != "多选"
        self.unsettled += unsettled
        for finding in outcome.findings:
            self._count_finding(finding)

    def add_missing(self, outcome: Outcome) -> None:
        """Count what is missing in an outcome, and nothing else of it."""
        single: dict[_Key, tuple[Blank, bool]] = {}
        many: dict[_Key, tuple[Blank, bool]] = {}
        for part in objects_of(outcome):
            for result in part:
                if result.name in self.decisions and is_open(result):
                    self._collect(result, many if self.decisions[result.name].mode == "多选" else single)
        _tally(self.missing, single)
        _tally(self.missing_many, many)

    def add_alike(self, name: str, came: Came, values: Iterable[str], number: int) -> None:
        """Count what comes out of a decision that takes no amount as often as it does, on records or on rows of them; records are
        not counted. ``values``: what it may be, in its order."""
        _count_decision(self.decisions[name], came, values, number)

    def add_shared(self, outcome: Outcome) -> tuple[bool, bool]:
        """Count what an outcome says of what its record belongs to, and not the record; whether of that a decision that takes one
        value is open, and whether any is."""
        single = several = False
        for part in objects_of(outcome):
            for result in part:
                if result.shared is None:
                    continue
                count = self.decisions[result.name]
                if self._is_new(result, result.text):
                    _count_decision(count, result, result.values)
                several = several or is_open(result)
                single = single or (count.mode != "多选" and is_open(result))
        for finding in outcome.findings:
            if finding.shared is not None:
                self._count_finding(finding)
        return single, several

    def _collect(self, result: DecisionResult, blanks: dict[_Key, tuple[Blank, bool]]) -> None:
        found = result.missing
        alone = found.deciding[0] if len(found.deciding) == 1 else None
        for blank in found.relevant:
            if blank.count:
                # Of the others each says itself what it lacks.
                continue
            key = (blank.kind, blank.owner, blank.name)
            known = blanks.get(key)
            blanks[key] = (blank, (alone is not None and blank == alone) or (known is not None and known[1]))

    def _count_finding(self, finding: Finding) -> None:
        if finding.status == "in_progress" and finding.due is not None:
            self.next_due = finding.due if self.next_due is None else min(self.next_due, finding.due)
        if finding.shared is None:
            counter = self.findings.get(finding.name)
            if counter is None:
                counter = self.findings[finding.name] = Counter()
            counter[finding.status] += 1
            return
        if self._is_new(finding, finding.status):
            self._count_owner(finding)

    def _count_owner(self, finding: Finding) -> None:
        self.owner_findings.setdefault(finding.name, Counter())[finding.status] += 1
        owner = self.owners.setdefault(finding.owner, {})
        owner.setdefault(finding.name, Counter())[finding.status] += 1

    def _is_new(self, part: DecisionResult | Finding, said: str) -> bool:
        """Every record of a county brings the county along: what is said of it is counted once."""
        if part.shared is None:
            return True
        mark = (part.name, said, part.shared)
        if mark in self._owners:
            return False
        # Without a way back to the evaluation, which would be kept as well.
        self._owners[mark] = replace(part)
        return True

    def follow(self, other: LedgerSummary) -> None:
        """Count what ``other`` has counted of the records that come next; of another process it came without its program."""
        self.records += other.records
        self.asked += other.asked
        self.unsettled += other.unsettled
        # A decision is on what records belong to, or is not: one or the other of these counts it.
        owned = {mark[0] for mark, part in other._owners.items() if isinstance(part, DecisionResult)}
        for name, count in other.decisions.items():
            if name not in owned:
                self.decisions[name].follow(count)
        for mark, part in other._owners.items():
            if mark not in self._owners:
                self._owners[mark] = part
                if isinstance(part, DecisionResult):
                    _count_decision(self.decisions[part.name], part, part.values)
                else:
                    self._count_owner(part)
        for name, counter in other.findings.items():
            self.findings.setdefault(name, Counter()).update(counter)
        if other.next_due is not None:
            self.next_due = other.next_due if self.next_due is None else min(self.next_due, other.next_due)
        for total, more in ((self.missing, other.missing), (self.missing_many, other.missing_many)):
            for key, entry in more.items():
                known = total.setdefault(key, MissingCount(entry.name, entry.kind, entry.on, entry.holders))
                known.records += entry.records
                known.alone += entry.alone

    def __getstate__(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "program"}

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def partly(self) -> bool:
        """Whether what is missing was told of the first records alone."""
        return 0 < self.asked < self.records

    @staticmethod
    def ranked(missing: dict[_Key, MissingCount]) -> list[MissingCount]:
        """What is missing, most useful first: what settles most records alone, then what matters to most; of equals what conditions
        ask first, as the text does."""
        return sorted(missing.values(), key=lambda m: (-m.alone, -m.records))

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "records": self.records,
            **({"missing_asked": self.asked} if self.partly else {}),
            "unsettled": self.unsettled,
            "decisions": {name: count.to_dict() for name, count in self.decisions.items()},
            "findings": self._finding_dict(self.findings),
            "owner_findings": self._finding_dict(self.owner_findings),
            "next_due": None if self.next_due is None else self.next_due.isoformat(),
            "owners": {owner: self._finding_dict(findings) for owner, findings in self.owners.items()},
            "missing": [entry.to_dict() for entry in self.ranked(self.missing)],
            "missing_measures": [entry.to_dict() for entry in self.ranked(self.missing_many)],
        }

    def _finding_dict(self, findings: dict[str, Counter[str]]) -> dict[str, object]:
        return {
            name: {"kind": self.finding_kinds.get(name, ""), **_by_status(findings[name])} for name in sorted(findings)
        }


def _by_status(counter: Counter[str]) -> dict[str, int]:
    return {status: counter[status] for status in FINDING_ORDER}


def _tally(total: dict[_Key, MissingCount], blanks: dict[_Key, tuple[Blank, bool]]) -> None:
    for key, (blank, alone) in blanks.items():
        entry = total.get(key)
        if entry is None:
            entry = total[key] = MissingCount(blank.name, blank.kind, key[1], blank.holders)
        entry.records += 1
        entry.alone += alone


class Came(Protocol):
    """What comes out of a decision, as far as it is counted."""

    @property
    def status(self) -> Status: ...
    @property
    def value(self) -> object: ...
    @property
    def candidates(self) -> tuple[Candidate, ...]: ...
    @property
    def certain(self) -> frozenset[str]: ...


def summarise(program: Program, outcomes: Iterable[Outcome], *, missing: bool = True) -> LedgerSummary:
    """The summary of all ``outcomes`` under ``program``."""
    summary = LedgerSummary.empty(program)
    for outcome in outcomes:
        summary.add(outcome, missing=missing)
    return summary


def _count_decision(count: DecisionCount, result: Came, values: Iterable[str], number: int = 1) -> None:
    count.statuses[result.status] += number
    if result.status == "conflict":
        count.conflicts["、".join(v for v in values if v in result.certain)] += number
    if count.amount is not None:
        assert isinstance(result, DecisionResult) and number == 1, "amounts are added up one by one"
        count.amount.add(result)
        return
    if result.status == "not_applicable":
        return
    if count.mode == "多选":
        candidates = frozenset(result.candidates)
        for value in values:
            if value in result.certain:
                count.values[value] += number
            elif value in candidates:
                count.open[value] += number
    elif result.status == "determined":
        count.values[str(result.value)] += number
    elif result.status in ("undetermined", "conflict"):
        for candidate in result.candidates:
            count.open[candidate_text(candidate)] += number

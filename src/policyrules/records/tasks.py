"""What has to be done: everything that is violated or late, or whose day is over while nobody can see whether it was done, told so
that somebody can act on it.

Why this exists: the first page of a report and the first sheet of a workbook say who, what, by which clause, since when
and what stood in the way. Both read the same entries.

Invariants: what is said of a county is one entry, however many records bring it along; the order is the ledger's; nothing
here evaluates, beyond asking a finding for its reasons; nothing depends on the names of one policy.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from policyrules.engine.instances import Instance, line_above, nameless, owner_label
from policyrules.explanation import LACKING, NO_ROWS, Plain, Reason, conditions, in_the_way, told_apart
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.otherwise import BAD, otherwise
from policyrules.records.spool import Chained, Rows, Spool
from policyrules.records.wording import blank_name, holders_text
from policyrules.results import Finding, FindingStatus, Outcome
from policyrules.text import cut, one_line, some
from policyrules.types import DATE, value_text

_T = TypeVar("_T")
UNDONE: Final = BAD
EXPLAINED: Final[tuple[FindingStatus, ...]] = ("explained",)
LAPSED: Final[tuple[FindingStatus, ...]] = ("unverified",)
"""Of what is not verified that whose day is over (`lapsed`): a cell has to be filled in, or it counts as late."""

# Words of administration, not of one policy.
_PLACES: Final = ("市", "县", "区", "县区", "乡镇", "乡", "镇", "街道", "村", "社区")
_VALUES: Final = ("value", "statistic", "term", "decision", "parameter")
_FILLED, _BLANK, _TODAY = " 已填", " 未填", "评估日"
_DEMANDS: Final = ("应当", "原则上应当", "不得")
_MOST_FACTS: Final = 3
_LONGEST_FACT: Final = 40
_MOST_RECORDS: Final = 3
SHORT: Final = 20
"""Tasks that a page shows one by one; of more it shows of each duty those that are latest, then the first."""


@dataclass(frozen=True, slots=True)
class Task:
    """One duty or prohibition that is violated or late, one that is not met with a reason given, or one whose day is over while it
    is not verified.

    ``identity``, ``name``: of the record, both empty where the finding is on what records belong to; ``object``: what is
    judged where that is not the record (青山县, 资产 A1), else empty; ``places``: where the record lies, by the name of the
    field (县, 乡镇, 村); ``done``: the day on which it was done too late, where one is known; ``days``: from the deadline
    to that day, or to the evaluation date where it is not done; None where there is no deadline that has passed;
    ``facts``: what stood in the way, at most three; ``otherwise``: under which other readings of the text it is not so;
    ``records``: where it is on something whose name nobody wrote, the records that bring it along; ``lacks``: of what is not
    verified the blanks that it waits for, each with who would know it.
    """

    finding: Finding
    identity: str
    name: str
    object: str
    places: dict[str, str]
    done: datetime.date | None
    days: int | None
    facts: tuple[str, ...]
    otherwise: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    lacks: tuple[tuple[str, str], ...] = ()

    @property
    def owner(self) -> str:
        """What records belong to and this is on, as people find it; empty for the record and its rows."""
        named = self.finding.owner
        return f"没有写名称的{named}（{some(self.records, _MOST_RECORDS, '个')}）" if self.records else named

    @property
    def judged(self) -> str:
        """``object``, found in the same way."""
        return self.owner + self.object.removeprefix(self.finding.owner) if self.records else self.object

    @property
    def shared(self) -> bool:
        """Whether it is on what records belong to."""
        return self.finding.shared is not None

    @property
    def beside_due(self) -> tuple[str, ...]:
        """``facts`` without what is the deadline again, for who shows that as well."""
        due = self.finding.due
        return self.facts if due is None else tuple(f for f in self.facts if not f.endswith(value_text(due, DATE)))

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        finding = self.finding
        return {
            "identity": self.identity,
            "name": self.name,
            "object": self.object,
            "owner": self.finding.owner,
            "records": list(self.records),
            "places": dict(self.places),
            "finding": finding.name,
            "kind": finding.kind,
            "status": finding.status,
            "due": None if finding.due is None else finding.due.isoformat(),
            "done": None if self.done is None else self.done.isoformat(),
            "days_late": self.days,
            "facts": list(self.facts),
            "otherwise": list(self.otherwise),
            "citations": [
                {"layer": c.layer, "id": c.clause, "place": c.place, "quote": c.quote} for c in finding.citations
            ],
            "offices": list(finding.offices),
        }


def sources(outcomes: Sequence[Outcome], ledger: Ledger | None) -> list[LedgerRecord | None]:
    """The record behind each outcome: in step with the ledger where they pair off, else by number."""
    if ledger is None:
        return [None] * len(outcomes)
    paired = len(outcomes) == len(ledger.records)
    if paired and all(o.identity == r.identity for o, r in zip(outcomes, ledger.records, strict=True)):
        return list(ledger.records)
    by_identity = {record.identity: record for record in ledger.records if record.identity}
    return [by_identity.get(outcome.identity) for outcome in outcomes]


def tasks_of(outcomes: Sequence[Outcome], ledger: Ledger | None = None) -> tuple[Task, ...]:
    """What has to be done, in the order of the ledger; what counties owe stands first."""
    return _taken(TaskList(), outcomes, ledger)


def lapsed_of(outcomes: Sequence[Outcome], ledger: Ledger | None = None) -> tuple[Task, ...]:
    """What is past its day while nobody can see whether it was done, in the same order."""
    return _taken(TaskList(LAPSED), outcomes, ledger)


def _taken(tasks: TaskList, outcomes: Sequence[Outcome], ledger: Ledger | None) -> tuple[Task, ...]:
    for outcome, source in zip(outcomes, sources(outcomes, ledger), strict=True):
        tasks.add(outcome, source)
    return tuple(tasks.all)


Bringing: TypeAlias = tuple[int, str]
"""A record that brings something along: its number, from 1, and what it is called."""


def called(identity: str | None, number: int) -> str:
    """What the ``number``-th record is called, from 1."""
    return identity or f"第 {number} 个"


class TaskList:
    """The tasks of outcomes that come one at a time, so that none of them has to be kept: of those findings that are of one
    of ``statuses``; lists of later records follow.
    ``folder``: where those of records wait, who may be many (`Spool`); None: in memory. ``told``: for a page, which shows few of them:
    of how many of each finding without a deadline, or not verified, it was told what stood in the way or what it lacks, by status, counted
    on; of those after `SHORT` it is not."""

    def __init__(
        self,
        statuses: tuple[FindingStatus, ...] = UNDONE,
        folder: Path | None = None,
        told: Counter[str] | None = None,
    ) -> None:
        self._statuses = statuses
        self._shared: list[Task] = []
        self._own: list[Task] | Spool[Task] = [] if folder is None else Spool(folder)
        self._brought: dict[_Mark, list[Bringing]] = {}
        self._known: dict[Any, Any] = {}
        self._number = 0
        self._told = told

    @property
    def all(self) -> Rows[Task]:
        """In the order of the ledger; what counties owe stands first."""
        shared = [*map(self._with_records, self._shared)]
        return Chained(shared, self._own) if isinstance(self._own, Spool) else [*shared, *self._own]

    def _with_records(self, task: Task) -> Task:
        # One that brings it along may be looked at for what is its own, and stand with the first of them as well.
        records = sorted(set(self._brought[_mark(task.finding)]))
        return replace(task, records=tuple(called for _, called in records)) if records else task

    def add(
        self,
        outcome: Outcome,
        source: LedgerRecord | None,
        number: int | None = None,
        along: Sequence[Bringing] = (),
    ) -> None:
        """Take the tasks of the next record, or of the ``number``-th, from 1. ``source``: the record of the ledger behind the
        outcome; ``along``: other records, of which what is said of nobody by name is the same as of this one."""
        self._number = self._number + 1 if number is None else number
        for finding in outcome.findings:
            if finding.status not in self._statuses or (
                finding.status == "unverified" and not lapsed(finding, outcome.as_of)
            ):
                continue
            if self._is_new(finding, [(self._number, called(outcome.identity, self._number)), *along]):
                task = _task(finding, outcome, source, self._number, self._shown(finding))
                (self._own if finding.shared is None else self._shared).append(task)

    def _shown(self, finding: Finding) -> bool:
        """Whether what stood in the way may be shown."""
        if self._told is None or finding.shared is not None:
            return True
        if finding.due is not None and finding.status != "unverified":
            return True
        counted = f"{finding.status} {finding.name}"
        self._told[counted] += 1
        return self._told[counted] <= SHORT

    def follow(self, other: TaskList) -> None:
        """Take the tasks of the records that come next."""
        self._number = other._number
        other.settle()
        new = [task for task in other._shared if self._is_new(task.finding, other._brought[_mark(task.finding)])]
        self._shared += map(self._slim, new)
        for task in map(self._slim, other._own):
            self._own.append(task)

    def settle(self) -> None:
        """Keep no way back to what the tasks so far were taken from: it may be let go, and the list may travel."""
        if isinstance(self._own, list):
            self._shared[:], self._own[:] = map(self._slim, self._shared), map(self._slim, self._own)

    def close(self) -> None:
        """Let the tasks go."""
        if isinstance(self._own, Spool):
            self._own.close()

    def __getstate__(self) -> dict[str, object]:
        # Findings are settled before they travel, and what that takes is told already.
        self.settle()
        return self.__dict__ | {"_known": {}, "_own": [*self._own], "_told": None}

    def _is_new(self, finding: Finding, records: list[Bringing]) -> bool:
        """Whether nothing of the kind was taken; of what has no name the ``records`` that bring it along are kept."""
        if finding.shared is None:
            return True
        mark = _mark(finding)
        found = self._brought.get(mark)
        if nameless(finding.shared, finding.owner):
            self._brought.setdefault(mark, []).extend(records)
        elif found is None:
            self._brought[mark] = []
        return found is None

    def _slim(self, task: Task) -> Task:
        """The task without a way back to its record's evaluation, and with one copy of what many tasks have: what came
        from another process has its own of each."""
        old = task.finding
        finding = replace(
            old,
            name=self._one(old.name),
            clauses=self._one(old.clauses),
            citations=self._one(old.citations),
            offices=self._one(old.offices),
        )
        return replace(task, finding=finding, otherwise=self._one(task.otherwise))

    def _one(self, value: _T) -> _T:
        found: _T = self._known.setdefault(value, value)
        return found


_Mark: TypeAlias = tuple[str, FindingStatus, str, Hashable]


def _mark(finding: Finding) -> _Mark:
    """What is equal where the same is said of the same county."""
    return finding.name, finding.status, finding.target, finding.shared


def _task(finding: Finding, outcome: Outcome, source: LedgerRecord | None, number: int, shown: bool) -> Task:
    own = finding.shared is None
    waits = finding.status == "unverified"
    demands = _demands(finding) if shown and not waits else []
    failing = [node for demand in demands for _, node in in_the_way(demand)]
    done = None if finding.due is None else _done(demands, finding.due, outcome.as_of)
    until = done or outcome.as_of
    late = finding.due is not None and until > finding.due
    return Task(
        finding,
        called(outcome.identity, number) if own else "",
        source.name if own and source is not None else "",
        "" if finding.target == outcome.path else finding.label,
        places(source.instance if source is not None else None) if own else {},
        done,
        (until - finding.due).days if late and finding.due is not None else None,
        _facts(failing, finding.readings) if failing else (),
        otherwise(finding, outcome.findings),
        lacks=_lacks(finding) if shown and waits else (),
    )


def lacking(task: Task) -> str:
    """还缺 验收日（乡里）、资金（整张表）: what is blank and who knows it, as far as anybody is named; nothing where nothing is."""
    said = [f"{name}（{holder}）" if holder else name for name, holder in task.lacks]
    return f"还缺 {'、'.join(said)}" if said else ""


def lapsed(finding: Finding, as_of: datetime.date) -> bool:
    """Whether the day of a finding is over while it is not verified."""
    return finding.status == "unverified" and finding.due is not None and finding.due < as_of


def _lacks(finding: Finding) -> tuple[tuple[str, str], ...]:
    found = {
        # What stands on the very row that is judged needs no row.
        blank_name(blank.kind, blank.name, "" if blank.where == finding.label else blank.where): holders_text(
            blank.holders, blank.kind
        )
        for blank in told_apart(finding.missing.relevant)
    }
    return tuple(found.items())


def places(instance: Instance | None) -> dict[str, str]:
    """Where a record lies: what it belongs to, then its fields that are called as places are (乡镇, 所在村)."""
    if instance is None:
        return {}
    found: dict[str, str] = {}
    for owner in line_above(instance):
        found = {owner.object: owner_label(owner), **found}
    found = {kind: label for kind, label in found.items() if label != kind}
    for name, value in instance.values.items():
        if isinstance(value, str) and name.removeprefix("所在") in _PLACES:
            found.setdefault(name.removeprefix("所在"), value)
    return found


# ---- what stood in the way ------------------------------------------------------------------------------------------


def _demands(finding: Finding) -> list[Reason]:
    """What was demanded, with what it came to; nothing where the finding has travelled without its reasons."""
    try:
        # What a statistic counts is nobody's own doing, and may be all of the ledger.
        reason = finding.explain(members=False)
    except LookupError:
        return []
    return [child for child in reason.children if child.clause in _DEMANDS]


def _done(demands: Iterable[Reason], due: datetime.date, as_of: datetime.date) -> datetime.date | None:
    """The day up to ``as_of`` on which what was due at ``due`` was done, where conditions that compare the two do not hold, and
    nothing else stood in the way."""
    found: dict[int, datetime.date | None] = {}
    for node in _parts_first(demands):
        below = [found[id(child)] for child in _not_holding(node)]
        if not below:
            days = [child.date for child in node.children if child.date is not None]
            found[id(node)] = next((day for day in days if due < day <= as_of), None) if due in days else None
        else:
            # Of alternatives one is enough.
            enough = any(below) if _alternatives(node.text) else all(below)
            found[id(node)] = next(filter(None, below)) if enough else None
    return next(filter(None, (found[id(demand)] for demand in demands)), None)


def _not_holding(node: Reason) -> list[Reason]:
    return [child for child in conditions(node) if child.truth is False]


def _parts_first(roots: Iterable[Reason]) -> list[Reason]:
    """What does not hold, and what does not hold below it, each after its parts."""
    order: list[Reason] = []
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(_not_holding(node))
    return order[::-1]


def _alternatives(text: str) -> bool:
    """Whether a condition holds where one of its parts does.

    >>> _alternatives("任一满足（甲；乙 且 丙）"), _alternatives("甲 且 任一满足（乙；丙）"), _alternatives("甲 或 （乙 且 丙）")
    (True, False, True)
    """
    outside, depth = "", 0
    for char in text:
        depth -= char == "）"
        outside += char if depth == 0 else ""
        depth += char == "（"
    return " 且 " not in outside and (outside.startswith("任一满足（") or " 或 " in outside)


def _facts(failing: Iterable[Reason], readings: Collection[str]) -> tuple[str, ...]:
    """The values that decided, each in a few words: 竣工验收日：2021年2月7日; 验收资料齐全：否. How one of ``readings`` is read is
    no fact: that it turns on it is told as such."""
    said: dict[str, None] = {}
    for node in (positive for found in failing for positive in _positive(found)):
        # A child without a value only says where a name was declared.
        told = [child for child in node.children if child.role in _VALUES and (child.value or child.blank is not None)]
        values = [_source(child) for child in told if not child.condition]
        # What is written into the rule itself (“无”, 3 个月) is no fact of the record.
        named = [child for child in values if child.text.strip("“”") != child.value and child.text != _TODAY]
        for child in named:
            if child.role == "parameter" and child.text in readings:
                continue
            blank = child.blank is not None or not child.value
            fact = f"{one_line(child.text)}：{'未填' if blank else child.value}"
            lacks = node.notes[0] if node.notes and node.notes[0].startswith(LACKING) else ""
            # What is not there says more than what is.
            whole = f"{fact}，{lacks}" if len(fact) + len(lacks) < _LONGEST_FACT else f"{one_line(child.text)}：{lacks}"
            said[whole if lacks and not blank else fact] = None
        if named:
            continue
        if node.notes and node.notes[0].endswith(NO_ROWS):
            said[node.notes[0]] = None
            continue
        empty = node.text.removesuffix(_FILLED) if node.truth is False else node.text
        empty = empty.removesuffix(_BLANK) if node.truth and node.blank is not None else empty
        if empty != node.text:
            said[f"{one_line(empty)}：未填"] = None
        elif node.blank is not None or not node.text.endswith((_FILLED, _BLANK)):
            # That a cell is filled in says less than what stands in it.
            said[f"{one_line(node.text)}：{_answer(node)}"] = None
    return tuple(cut(fact, _LONGEST_FACT) for fact in list(said)[:_MOST_FACTS])


def _positive(node: Reason) -> list[Reason]:
    """Of a denied condition what settles the condition itself: people read 超支：是, not 非 超支：否."""
    below = conditions(node)
    if not node.text.startswith("非") or len(below) != 1:
        return [node]
    return [found for _, found in in_the_way(below[0])] or below


def _source(value: Reason) -> Reason:
    """The cell that a value was taken from, where it was taken as it is: of 首选 甲，缺则 乙 the one that was there."""
    while value.role == "value" and value.children and value.blank is None:
        below = [child for child in value.children if child.role == "value" and child.value == value.value]
        if len(below) != 1:
            break
        value = below[0]
    return value


def _answer(node: Reason) -> str:
    if node.truth is None:
        return "未填" if node.blank is not None and not conditions(node) else "不知道"
    return "是" if node.truth else "否"


def lateness(task: Task) -> str:
    """逾期 20 天; of what was done in the end how many days late; or how long ago the deadline of something violated was; nothing where
    no deadline has passed."""
    if task.days is None:
        return ""
    if task.done is not None:
        return f"晚 {task.days} 天做的"
    return f"逾期 {task.days} 天" if task.finding.status == "overdue" else f"期限已过 {task.days} 天"

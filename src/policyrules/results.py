"""Results as people and programs read them: decisions, findings, outcomes.

Why this exists: every engine and every report meets here. Results are plain values with stable keys: they compare, they
travel between processes, and nothing of the engine that made them is part of them.

Invariants: nothing here evaluates. What is dear (missing inputs, other readings, reasons) is worked out when first asked
for, by whoever made the result (`answers`).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from policyrules.answers import Asked, Filling, Settled, answers_of, asked_of, travelling
from policyrules.explanation import Explanation, Missing, Plain, Reason
from policyrules.program.nodes import Citation, Tone
from policyrules.readonly import ReadOnly
from policyrules.text import cut
from policyrules.types import DECIMAL, json_value


class NotApplicable:
    """The candidate 不适用. One instance, `not_applicable`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "not_applicable"

    def __reduce__(self) -> str:
        return "not_applicable"


not_applicable: Final = NotApplicable()
_SHOWN: Final = 40
"""Letters of a value, where an outcome is shown in one line."""

Candidate: TypeAlias = str | NotApplicable | None
"""A possible value; None stands for 无, `not_applicable` for 不适用."""

AmountEnd: TypeAlias = int | Fraction | datetime.date | None
"""An end of what an amount may be, in its unit; None where it is not bounded."""

Status: TypeAlias = Literal["determined", "undetermined", "conflict", "none", "not_applicable"]
FindingKind: TypeAlias = Literal["duty", "prohibition", "notice"]
FindingStatus: TypeAlias = Literal[
    "compliant", "violated", "explained", "unverified", "in_progress", "overdue", "not_applicable", "notice"
]

STATUS_NAMES: Final[dict[str, str]] = {
    "determined": "已定",
    "undetermined": "待定",
    "conflict": "冲突",
    "none": "无",
    "not_applicable": "不适用",
    "compliant": "合规",
    "violated": "违反",
    "explained": "已说明",
    "unverified": "待核实",
    "in_progress": "进行中",
    "overdue": "逾期",
    "notice": "提示",
}
KIND_NAMES: Final[dict[str, str]] = {"duty": "义务", "prohibition": "禁令", "notice": "提示"}


def candidate_text(candidate: Candidate) -> str:
    """How people read a candidate: 无 for None, 不适用 for `not_applicable`."""
    if candidate is None:
        return "无"
    return "不适用" if isinstance(candidate, NotApplicable) else candidate


# ---- other readings -------------------------------------------------------------------------------------------------

Readings: TypeAlias = Mapping[str, Mapping[str, "DecisionResult"]]
FindingReadings: TypeAlias = Mapping[str, Mapping[str, "Finding"]]


def _plain_readings(readings: Readings | FindingReadings) -> Plain:
    return {
        name: {other: result.to_dict(detail=False) for other, result in results.items()}
        for name, results in readings.items()
    }


# ---- decisions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueSources:
    """What one value of a decision rests on, alone. ``certain``: it holds; otherwise it is still possible. ``tone``: the
    strongest 语气 of ``rules``, those that conclude it (where none holds, those that may; none for a 默认). ``clauses``,
    ``citations``, ``offices``: of what these rules rest on; no offices where those clauses name none."""

    value: str
    certain: bool
    tone: Tone | None
    rules: tuple[str, ...]
    clauses: tuple[str, ...]
    citations: tuple[Citation, ...]
    offices: tuple[str, ...]

    def to_dict(self, *, asked: bool = True) -> Plain:
        """Plain JSON with stable keys. Not ``asked``: of a value that is only possible its clauses alone, and null in place of what
        they say and of whom."""
        whole = asked or self.certain
        return {
            "certain": self.certain,
            "tone": self.tone,
            "rules": list(self.rules),
            "clauses": list(self.clauses),
            "citations": [{"id": c.clause, "place": c.place, "quote": c.quote} for c in self.citations]
            if whole
            else None,
            "offices": list(self.offices) if whole else None,
        }


@dataclass(frozen=True, slots=True)
class RuleAmount:
    """What one rule of an amount gives, within the limits, in the unit of the amount: from ``low`` to ``high`` (None: no
    bound is known). ``certain``: the rule holds; otherwise it may. ``text``: as people read it."""

    rule: str
    certain: bool
    low: AmountEnd
    high: AmountEnd
    text: str

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {
            "rule": self.rule,
            "certain": self.certain,
            "interval": [plain_end(self.low), plain_end(self.high)],
            "text": self.text,
        }


def plain_end(end: AmountEnd) -> object:
    """An end of an amount as plain JSON."""
    return None if end is None else json_value(end, DECIMAL)


@dataclass(frozen=True, slots=True)
class DecisionResult(Asked):
    """The result of one decision on one object.

    ``value``: the value when determined (a frozenset for 多选), else None. ``candidates``: possible values in order
    (determined: the value alone; 多选: P and U). ``certain``: what holds for sure (多选: P; otherwise P after ranking).
    ``by_value``: each certain or possible value, in declared order, with its 语气, rules, clauses and offices.
    ``clauses``: ids of all clauses behind the result (of the true rules that conclude what is certain, and of the 先后
    that decides; for conflicts, of each rule; where nothing is concluded yet, of the rules that are open; of an amended
    rule, those that it rests on). ``offices``: responsible offices
    of those clauses, in the order first named, without repetition. ``defaulted``: the value is the 默认.
    ``presumed``: fields whose presumption the result rests on; ``defaults``: parameters at their 缺省 that it rests on;
    both in the order declared. ``path``: the object (``项目``, ``资产[0]``), ``label``: what people call it (``资产 A1``,
    ``青山县``). ``shared``: as of a `Finding`; ``many``: whether several values may hold at once (多选).

    Of an amount ``kind`` is its type (``金额``), ``unit`` the declared unit, ``value`` the exact number in it, or the date;
    ``interval`` from what to what it may be (None: no bound is known; no interval where it is none or not applicable),
    ``amounts`` what each rule gives. Its ``values``, ``candidates``, ``certain`` and ``by_value`` are what rules give, as people
    read it (``3 万元``, ``0 至 5 万元``).
    """

    name: str
    key: str
    status: Status
    value: str | frozenset[str] | int | Fraction | datetime.date | None
    candidates: tuple[Candidate, ...]
    certain: frozenset[str]
    values: tuple[str, ...]
    rules: tuple[str, ...] = ()
    unknown_rules: tuple[str, ...] = ()
    by_value: Mapping[str, ValueSources] = field(default_factory=dict, hash=False)
    clauses: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    offices: tuple[str, ...] = ()
    defaulted: bool = False
    presumed: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    path: str = field(default="", compare=False)
    label: str = field(default="", compare=False, repr=False)
    shared: Hashable | None = field(default=None, compare=False, repr=False)
    many: bool = field(default=False, compare=False, repr=False)
    kind: str = ""
    unit: str = ""
    interval: tuple[AmountEnd, AmountEnd] | None = None
    amounts: tuple[RuleAmount, ...] = ()
    said: str = field(default="", compare=False, repr=False)

    @property
    def tones(self) -> Mapping[str, Tone | None]:
        """语气 of each certain or possible value."""
        return {value: sources.tone for value, sources in self.by_value.items()}

    @property
    def missing(self) -> Missing:
        """Relevant blanks and the smallest deciding set; empty when determined."""
        if self.status in ("determined", "none", "not_applicable"):
            return Missing()
        return asked_of(self).missing(self._instance, self.name)

    @property
    def readings(self) -> Readings:
        """For each 读法 this result depends on: other reading → the result it would give, where it differs."""
        answers = answers_of(self)
        return {} if answers is None else answers.readings(self._instance, self.name)

    def explain(self) -> Reason:
        """The tree of reasons of this decision. Raises `LookupError` for a result that was pickled."""
        answers = answers_of(self)
        return (
            Reason("decision", self.name, self.text) if answers is None else answers.reason(self._instance, self.name)
        )

    def _settled(self) -> Settled:
        return Settled(self.missing, travelling(self.readings))

    @property
    def text(self) -> str:
        """The result in one line of Chinese: ``盘活``, ``待定：盘活（升级 未排除）``, ``冲突：盘活、升级``, ``无``, ``不适用``; of an
        amount ``3 万元``, ``待定：0 至 5 万元``."""
        if self.said and self.status in ("determined", "undetermined"):
            return self.said
        match self.status:
            case "determined":
                if isinstance(self.value, frozenset):
                    return "、".join(v for v in self.values if v in self.value) or "（没有）"
                return str(self.value)
            case "none":
                return "无"
            case "not_applicable":
                return "不适用"
            case "conflict":
                listed = "、".join(v for v in self.values if v in self.certain)
                rest = [candidate_text(c) for c in self.candidates if c not in self.certain]
                return f"冲突：{listed}" + (f"（{'、'.join(rest)} 未排除）" if rest else "")
            case _:
                sure = [v for v in self.values if v in self.certain]
                rest = [candidate_text(c) for c in self.candidates if not (isinstance(c, str) and c in self.certain)]
                if sure:
                    return f"待定：{'、'.join(sure)}（{'、'.join(rest)} 未排除）"
                return f"待定：{'、'.join(rest)}"

    def __repr__(self) -> str:
        return f"<DecisionResult {self.name}：{cut(self.text, _SHOWN)}>"

    def to_dict(
        self, *, detail: bool = True, asked: bool = True, told: Callable[[ValueSources], object] | None = None
    ) -> Plain:
        """Plain JSON with stable keys. ``detail`` adds missing inputs and other readings; not ``asked``: null in their place, of
        what is missing where it is open, in that of what was assumed, and of values that are only possible as `ValueSources` has it.
        ``told``: what stands for the sources of a value."""

        def sources(value: ValueSources) -> object:
            return value.to_dict(asked=asked)

        def plain(candidate: Candidate) -> object:
            return {"not_applicable": True} if isinstance(candidate, NotApplicable) else candidate

        value: object = self.value
        if isinstance(self.value, frozenset):
            value = [v for v in self.values if v in self.value]
        elif self.kind and value is not None:
            value = plain_end(value)  # type: ignore[arg-type]  # the value of an amount
        data: Plain = {
            "name": self.name,
            "key": self.key,
            "status": self.status,
            "value": value,
            "candidates": [plain(candidate) for candidate in self.candidates],
            "certain": [v for v in self.values if v in self.certain],
            "text": self.text,
            "rules": list(self.rules),
            "unknown_rules": list(self.unknown_rules),
            "tones": dict(self.tones),
            "clauses": list(self.clauses),
            "offices": list(self.offices),
            "by_value": dict(zip(self.by_value, map(told or sources, self.by_value.values()), strict=True)),
            "defaulted": self.defaulted,
            "presumed": list(self.presumed) if asked else None,
            "defaults": list(self.defaults) if asked else None,
        }
        if self.kind:
            data["kind"], data["unit"] = self.kind, self.unit
            data["interval"] = None if self.interval is None else [plain_end(end) for end in self.interval]
            data["amounts"] = [one.to_dict() for one in self.amounts]
        if detail:
            data.update(detail_of(self, asked=asked))
        return data


# ---- findings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding(Asked):
    """A duty, prohibition or notice checked against one object. ``object``: path of the instance (``项目``, ``资产[0]``,
    ``县``), ``label``: what people call what is judged (``资产 A1``, ``资产（没有列出）``, ``青山县``); ``due``: the deadline where one
    is known; ``message``: the notice's text, empty otherwise; ``reason``: of what is 已说明 the reason given, as the record
    has it, else empty.
    ``shared``: None for a finding on the record or its rows; for one on what records belong to (县), or on a row of that,
    something that is equal wherever the same is meant, since every record brings it along: it is told once.
    ``owner``: what that is called (``青山县``), empty for the record and its rows.
    ``unlisted``: empty, or the kind of rows (``资产``) that is meant where their list was not supplied: the finding is
    one for all of them, and ``object`` the instance that the list belongs to."""

    name: str
    kind: FindingKind
    status: FindingStatus
    object: str
    clauses: tuple[str, ...]
    citations: tuple[Citation, ...]
    offices: tuple[str, ...]
    due: datetime.date | None = None
    message: str = ""
    shared: Hashable | None = field(default=None, compare=False, repr=False)
    unlisted: str = ""
    label: str = field(default="", compare=False, repr=False)
    owner: str = field(default="", compare=False, repr=False)
    reason: str = ""

    @property
    def path(self) -> str:
        """The object, by the name that decisions have for it."""
        return self.object

    @property
    def target(self) -> str:
        """What is judged, as scenarios and `Policy.missing` name it: the object, or the rows that were not listed."""
        if not self.unlisted:
            return self.object
        return f"{self.object}.{self.unlisted}" if self.object.endswith("]") else self.unlisted

    @property
    def missing(self) -> Missing:
        """What must be known to settle an unverified finding; empty otherwise."""
        if self.status != "unverified":
            return Missing()
        return asked_of(self).missing(self._instance, self.name)

    @property
    def readings(self) -> FindingReadings:
        """For each 读法 this finding depends on: other reading → the finding it would be, where its status, the day on which
        it is due, or what a notice tells differs."""
        answers = answers_of(self)
        return {} if answers is None else answers.readings(self._instance, self.name)

    def explain(self, *, members: bool = True) -> Reason:
        """The tree of reasons of this finding; without ``members``, what statistics count is not listed, which may be all
        of a ledger. Raises `LookupError` for a result that was pickled."""
        answers = answers_of(self)
        if answers is None:
            return Reason("finding", self.name, STATUS_NAMES[self.status])
        return answers.reason(self._instance, self.name, members=members)

    def _settled(self) -> Settled:
        return Settled(self.missing, travelling(self.readings))

    def __repr__(self) -> str:
        return f"<Finding {self.name}（{cut(self.object, _SHOWN)}）：{STATUS_NAMES[self.status]}>"

    def to_dict(self, *, detail: bool = True, asked: bool = True) -> Plain:
        """Plain JSON with stable keys. ``detail``, ``asked``: as for a decision."""
        data: Plain = {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "object": self.object,
            "label": self.label,
            "owner": self.owner,
            "unlisted": self.unlisted,
            "clauses": list(self.clauses),
            "offices": list(self.offices),
            "due": None if self.due is None else self.due.isoformat(),
            "message": self.message,
            "reason": self.reason,
        }
        if detail:
            data.update(detail_of(self, asked=asked))
        return data


Telling: TypeAlias = Callable[["DecisionResult | Finding"], object]
"""What of a result stands in the JSON of an outcome."""
OPEN: Final = ("undetermined", "conflict", "unverified")
"""How results stand in which something is missing."""


def is_open(result: DecisionResult | Finding) -> bool:
    """Whether something is missing in a result."""
    return result.status in OPEN


def detail_of(result: DecisionResult | Finding, *, asked: bool) -> Plain:
    """What is dear of a result in its `to_dict`: what is missing, and what other readings would give."""
    return {
        "missing": result.missing.to_dict() if asked or not is_open(result) else None,
        "readings": _plain_readings(result.readings) if asked else None,
    }


# ---- outcomes -------------------------------------------------------------------------------------------------------

# Outcomes have a field named `object`, which hides the built-in type inside their classes.
Anything: TypeAlias = object


@dataclass(frozen=True, slots=True)
class ObjectOutcome(Filling):
    """Decisions and children of one instance; index by Chinese name or ASCII key. ``path`` names it (``资产[0]``),
    ``label`` is what people call it (``资产 A1``)."""

    object: str
    path: str
    identity: str
    decisions: Mapping[str, DecisionResult] = field(hash=False)
    children: Mapping[str, tuple[ObjectOutcome, ...]] = field(hash=False)
    label: str = field(default="", compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", ReadOnly(self.decisions))
        object.__setattr__(self, "children", ReadOnly(self.children))

    def __repr__(self) -> str:
        decided = "，".join(f"{one.name} {cut(one.text, _SHOWN)}" for one in self.decisions.values())
        below = "".join(f"；{name} {len(rows)} 行" for name, rows in self.children.items() if rows)
        return f"<{type(self).__name__} {cut(self.identity or self.path, _SHOWN)}：{decided or '没有决定'}{below}>"

    def __getitem__(self, name: str) -> DecisionResult:
        if name in self.decisions:
            return self.decisions[name]
        for result in self.decisions.values():
            if result.key == name:
                return result
        raise KeyError(name)

    def __contains__(self, name: Anything) -> bool:
        return name in self.decisions or any(result.key == name for result in self.decisions.values())

    def __iter__(self) -> Iterator[DecisionResult]:
        return iter(self.decisions.values())

    def results(self) -> Iterator[DecisionResult | Finding]:
        """The decisions of this object and of all rows below it."""
        yield from self.decisions.values()
        for rows in self.children.values():
            for row in rows:
                yield from row.results()

    def to_dict(self, *, detail: bool = True, asked: bool = True, each: Telling | None = None) -> Plain:
        """Plain JSON with stable keys. ``each``: what stands for a result."""
        tell = each or (lambda result: result.to_dict(detail=detail, asked=asked))
        return {
            "object": self.object,
            "path": self.path,
            "identity": self.identity,
            "decisions": {name: tell(result) for name, result in self.decisions.items()},
            "children": {
                name: [child.to_dict(detail=detail, asked=asked, each=each) for child in rows]
                for name, rows in self.children.items()
                if any(_speaks(child) for child in rows)
            },
        }


def _speaks(outcome: ObjectOutcome) -> bool:
    return bool(outcome.decisions) or any(_speaks(c) for rows in outcome.children.values() for c in rows)


@dataclass(frozen=True, slots=True)
class Outcome(ObjectOutcome):
    """Everything about one record: its decisions, all findings (its own, its rows', its county's), notes.

    ``policy``: fingerprint of the policy; ``as_of``: the evaluation date; ``notes``: remarks such as unknown record keys.
    """

    findings: tuple[Finding, ...] = ()
    as_of: datetime.date = datetime.date.min
    policy: str = ""
    layers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = Counter(one.status for one in self.findings if one.status != "not_applicable")
        found = "、".join(f"{STATUS_NAMES[status]} {count}" for status, count in counts.items())
        return f"{ObjectOutcome.__repr__(self)[:-1]}；{found or '没有发现'}（评估日 {self.as_of}）>"

    def results(self) -> Iterator[DecisionResult | Finding]:
        """Every decision, those of rows as well, then every finding."""
        yield from ObjectOutcome.results(self)
        yield from self.findings

    def explain(self) -> Explanation:
        """The tree of reasons of every decision, those of rows as well, and of every finding that is not 不适用, as data. Raises
        `LookupError` for an outcome that was pickled."""
        reasons = [result.explain() for result in ObjectOutcome.results(self)]
        reasons.extend(finding.explain() for finding in self.findings if finding.status != "not_applicable")
        return Explanation(f"{self.identity or self.path}（评估日 {self.as_of.isoformat()}）", tuple(reasons))

    def to_dict(self, *, detail: bool = True, asked: bool = True, each: Telling | None = None) -> Plain:
        """Plain JSON, keys stable, with the policy's fingerprint and the as-of date. Not ``asked``: nobody looks for what is
        missing, for other readings, or for what was assumed; null stands there (for ``missing`` where something is open), and
        ``missing_asked`` false says so of the record. ``each``: what stands for a result.

        Commands bound what they tell of a record; here the caller decides. Where rules hold rows against each other, each row lacks
        what all of the others lack: of rows in which much is blank what is told, and the time it takes, grows with the square of their
        number. Not ``asked``, what is told grows with their number, and each result tells its ``missing`` when it is asked for it."""
        data: Plain = {
            "policy": {"fingerprint": self.policy, "layers": list(self.layers)},
            "as_of": self.as_of.isoformat(),
        }
        if not asked:
            data["missing_asked"] = False
        data.update(ObjectOutcome.to_dict(self, detail=detail, asked=asked, each=each))
        tell = each or (lambda result: result.to_dict(detail=detail, asked=asked))
        data["findings"] = [tell(finding) for finding in self.findings]
        data["notes"] = list(self.notes)
        return data


def narrowed(outcome: Outcome, names: Collection[str]) -> Outcome:
    """``outcome`` with the decisions (by name or key) and findings that ``names`` lists; all of it where none is listed."""
    if not names:
        return outcome
    kept = _narrowed(outcome, names)
    findings = tuple(finding for finding in outcome.findings if finding.name in names)
    return replace(outcome, decisions=kept.decisions, children=kept.children, findings=findings)


def without_notes(outcome: Outcome) -> Outcome:
    """``outcome`` without its notes."""
    return replace(outcome, notes=()) if outcome.notes else outcome


def _narrowed(part: ObjectOutcome, names: Collection[str]) -> ObjectOutcome:
    decisions = {name: one for name, one in part.decisions.items() if name in names or one.key in names}
    children = {name: tuple(_narrowed(row, names) for row in rows) for name, rows in part.children.items()}
    return ObjectOutcome(part.object, part.path, part.identity, decisions, children)


def objects_of(outcome: ObjectOutcome) -> list[ObjectOutcome]:
    """The outcome and the outcomes of all rows below it, in order."""
    found: list[ObjectOutcome] = []
    waiting: list[ObjectOutcome] = [outcome]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting.extend(reversed([child for rows in part.children.values() for child in rows]))
    return found

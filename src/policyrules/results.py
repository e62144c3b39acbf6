"""Results as people and programs read them: decisions, findings, blanks, reasons.

Why this exists: every engine and every report meets here. Results are immutable, comparable values with stable keys.

Invariant: nothing here evaluates; `DecisionResult.missing`, `.readings` and `Outcome.explain` call back into the engine
that made them, lazily, because most callers want the value alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from policyrules.program.nodes import Citation, Tone


class NotApplicable:
    """The candidate 不适用. One instance, `not_applicable`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "not_applicable"

    def __reduce__(self) -> str:
        return "not_applicable"


not_applicable: Final = NotApplicable()

Candidate: TypeAlias = str | NotApplicable | None
"""A possible value; None stands for 无, `not_applicable` for 不适用."""

# Some results have a field named `object`, which hides the built-in type inside their class.
Plain: TypeAlias = dict[str, object]
Anything: TypeAlias = object

Status: TypeAlias = Literal["determined", "undetermined", "conflict", "none", "not_applicable"]
FindingKind: TypeAlias = Literal["duty", "prohibition", "notice"]
FindingStatus: TypeAlias = Literal[
    "compliant", "violated", "unverified", "in_progress", "overdue", "not_applicable", "notice"
]

STATUS_NAMES: Final[dict[str, str]] = {
    "determined": "已定",
    "undetermined": "待定",
    "conflict": "冲突",
    "none": "无",
    "not_applicable": "不适用",
    "compliant": "合规",
    "violated": "违反",
    "unverified": "待核实",
    "in_progress": "进行中",
    "overdue": "逾期",
    "notice": "提示",
}


def candidate_text(candidate: Candidate) -> str:
    """How people read a candidate: 无 for None, 不适用 for `not_applicable`."""
    if candidate is None:
        return "无"
    return "不适用" if isinstance(candidate, NotApplicable) else candidate


@dataclass(frozen=True, slots=True, order=True)
class Blank:
    """Something that is not known and matters.

    ``kind``: ``field`` a blank cell, ``rows`` a child list not supplied, ``portfolio`` no portfolio supplied,
    ``parameter`` an unset parameter, ``recognition`` a value an open list (等) does not name, ``conflict`` a decision in
    conflict, ``presumption`` presumptions of one layer that differ, ``undefined`` a division by a possible zero or a 取
    with several differing rows.
    ``object``: path of the instance (``项目`` for the record itself, ``资产[0]``, ``县``; another portfolio member by its
    key); ``name``/``key``: the field, list, parameter or decision; ``holders``: who would know it.
    """

    kind: Literal["field", "rows", "portfolio", "parameter", "recognition", "conflict", "presumption", "undefined"]
    object: str
    name: str
    key: str
    holders: tuple[str, ...] = ()
    detail: str = ""

    def __str__(self) -> str:
        where = "" if self.object in ("", "项目") else f"{self.object}."
        who = f"（{'、'.join(self.holders)}）" if self.holders else ""
        return f"{where}{self.name}{'：' + self.detail if self.detail else ''}{who}"

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {
            "kind": self.kind,
            "object": self.object,
            "name": self.name,
            "key": self.key,
            "holders": list(self.holders),
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Missing(Sequence[Blank]):
    """The relevant blanks (a sequence of them), and ``deciding``: the fewest for which some answer settles the outcome.

    ``exact`` is False where ``deciding`` is only an upper bound (a blank that repeats).
    """

    relevant: tuple[Blank, ...] = ()
    deciding: tuple[Blank, ...] = ()
    exact: bool = True

    def __len__(self) -> int:
        return len(self.relevant)

    def __iter__(self) -> Iterator[Blank]:
        return iter(self.relevant)

    def __getitem__(self, index: Any) -> Any:
        return self.relevant[index]

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {
            "relevant": [blank.to_dict() for blank in self.relevant],
            "deciding": [blank.to_dict() for blank in self.deciding],
            "exact": self.exact,
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of an explanation: a node of the tree that `Outcome.explain` returns.

    ``text``: the condition or conclusion in the words of the rule; ``value``: its value in Chinese (是 / 否 / 未知 / 50 万元);
    ``truth``: True, False or None (unknown) for conditions, None otherwise with ``condition`` False; ``role``: what kind
    of node it is; ``layer``, ``citations``, ``place`` (file:line): where it was written; ``operation``: how an amendment
    joined it; ``blank``: the blank it stands for; ``notes``: 释义, "推定", "缺省", "给定数优先" and the like.
    """

    role: Literal[
        "decision",
        "rule",
        "finding",
        "condition",
        "value",
        "term",
        "statistic",
        "presumption",
        "parameter",
        "amendment",
        "note",
    ]
    text: str
    value: str = ""
    condition: bool = False
    truth: bool | None = None
    layer: str = ""
    citations: tuple[Citation, ...] = ()
    place: str = ""
    operation: str = ""
    blank: Blank | None = None
    notes: tuple[str, ...] = ()
    children: tuple[Reason, ...] = ()

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys; empty entries left out."""
        data: Plain = {"role": self.role, "text": self.text}
        if self.value:
            data["value"] = self.value
        if self.condition:
            data["truth"] = self.truth
        if self.layer:
            data["layer"] = self.layer
        if self.citations:
            data["clauses"] = [{"id": c.clause, "place": c.place, "quote": c.quote} for c in self.citations]
        if self.place:
            data["place"] = self.place
        if self.operation:
            data["operation"] = self.operation
        if self.blank is not None:
            data["blank"] = self.blank.to_dict()
        if self.notes:
            data["notes"] = list(self.notes)
        if self.children:
            data["children"] = [child.to_dict() for child in self.children]
        return data


class Explainer(Protocol):
    """What an engine offers lazily behind a result."""

    def missing(self, instance: object, decision: str) -> Missing: ...

    def finding_missing(self, instance: object, finding: str) -> Missing: ...

    def readings(self, path: str, decision: str) -> Mapping[str, Mapping[str, DecisionResult]]: ...

    def decision_reason(self, instance: object, decision: str) -> Reason: ...

    def finding_reason(self, instance: object, finding: str) -> Reason: ...


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The result of one decision on one object.

    ``value``: the value when determined (a frozenset for 多选), else None. ``candidates``: possible values in order
    (determined: the value alone; 多选: P and U). ``certain``: what holds for sure (多选: P; otherwise P after ranking).
    ``tones``: 语气 of each certain or possible value of a 多选 decision. ``clauses``: ids of the clauses behind the value
    (of the true rules that conclude what is certain, amendments and deciding 先后 included; for conflicts, of each rule;
    where nothing is concluded yet, of the rules that are open). ``offices``: responsible offices
    of those clauses, in the order first named, without repetition. ``defaulted``: the value is the 默认.
    ``presumed``: fields that were presumed on the way; ``defaults``: parameters used at their 缺省 on the way.
    """

    name: str
    key: str
    status: Status
    value: str | frozenset[str] | None
    candidates: tuple[Candidate, ...]
    certain: frozenset[str]
    values: tuple[str, ...]
    rules: tuple[str, ...] = ()
    unknown_rules: tuple[str, ...] = ()
    tones: Mapping[str, Tone | None] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    offices: tuple[str, ...] = ()
    defaulted: bool = False
    presumed: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    path: str = field(default="", compare=False)
    _instance: object = field(default=None, compare=False, repr=False)
    _explainer: Explainer | None = field(default=None, compare=False, repr=False)

    @property
    def missing(self) -> Missing:
        """Relevant blanks and the smallest deciding set; empty when determined."""
        if self._explainer is None or self.status in ("determined", "none", "not_applicable"):
            return Missing()
        return self._explainer.missing(self._instance, self.name)

    @property
    def readings(self) -> Mapping[str, Mapping[str, DecisionResult]]:
        """For each 读法 this result depends on: other reading → the result it would give, where it differs."""
        if self._explainer is None:
            return {}
        return self._explainer.readings(self.path, self.name)

    def explain(self) -> Reason:
        """The tree of reasons of this decision."""
        if self._explainer is None:
            return Reason("decision", self.name, self.text)
        return self._explainer.decision_reason(self._instance, self.name)

    @property
    def text(self) -> str:
        """The result in one line of Chinese: ``盘活``, ``待定：盘活（升级 未排除）``, ``冲突：盘活、升级``, ``无``, ``不适用``."""
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

    def to_dict(self, *, detail: bool = True) -> Plain:
        """Plain JSON with stable keys. ``detail`` adds missing inputs and other readings."""

        def plain(candidate: Candidate) -> object:
            return {"not_applicable": True} if isinstance(candidate, NotApplicable) else candidate

        value: object = self.value
        if isinstance(self.value, frozenset):
            value = [v for v in self.values if v in self.value]
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
            "tones": {v: self.tones[v] for v in self.values if v in self.tones},
            "clauses": list(self.clauses),
            "offices": list(self.offices),
            "defaulted": self.defaulted,
            "presumed": list(self.presumed),
            "defaults": list(self.defaults),
        }
        if detail:
            data["missing"] = self.missing.to_dict()
            data["readings"] = {
                name: {other: result.to_dict(detail=False) for other, result in results.items()}
                for name, results in self.readings.items()
            }
        return data


@dataclass(frozen=True, slots=True)
class Finding:
    """A duty, prohibition or notice checked against one object. ``object``: path of the instance (``项目``, ``资产[0]``,
    ``县``); ``due``: the deadline where one is known; ``message``: the notice's text, empty otherwise."""

    name: str
    kind: FindingKind
    status: FindingStatus
    object: str
    clauses: tuple[str, ...]
    citations: tuple[Citation, ...]
    offices: tuple[str, ...]
    due: datetime.date | None = None
    message: str = ""
    _instance: Anything = field(default=None, compare=False, repr=False)
    _explainer: Explainer | None = field(default=None, compare=False, repr=False)

    @property
    def missing(self) -> Missing:
        """What must be known to settle an unverified finding; empty otherwise."""
        if self._explainer is None or self.status != "unverified":
            return Missing()
        return self._explainer.finding_missing(self._instance, self.name)

    def explain(self) -> Reason:
        """The tree of reasons of this finding."""
        if self._explainer is None:
            return Reason("finding", self.name, STATUS_NAMES[self.status])
        return self._explainer.finding_reason(self._instance, self.name)

    def to_dict(self, *, detail: bool = True) -> Plain:
        """Plain JSON with stable keys."""
        data: Plain = {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "object": self.object,
            "clauses": list(self.clauses),
            "offices": list(self.offices),
            "due": None if self.due is None else self.due.isoformat(),
            "message": self.message,
        }
        if detail:
            data["missing"] = self.missing.to_dict()
        return data


@dataclass(frozen=True, slots=True)
class ObjectOutcome:
    """Decisions and children of one instance; index by Chinese name or ASCII key. ``path`` names it (``资产[0]``)."""

    object: str
    path: str
    identity: str
    decisions: Mapping[str, DecisionResult]
    children: Mapping[str, tuple[ObjectOutcome, ...]]

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

    def to_dict(self, *, detail: bool = True) -> Plain:
        """Plain JSON with stable keys."""
        return {
            "object": self.object,
            "path": self.path,
            "identity": self.identity,
            "decisions": {name: result.to_dict(detail=detail) for name, result in self.decisions.items()},
            "children": {
                name: [child.to_dict(detail=detail) for child in rows]
                for name, rows in self.children.items()
                if any(_speaks(child) for child in rows)
            },
        }


def _speaks(outcome: ObjectOutcome) -> bool:
    return bool(outcome.decisions) or any(_speaks(c) for rows in outcome.children.values() for c in rows)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The tree of reasons of a whole outcome, as data; ``str()`` renders it in Chinese."""

    title: str
    reasons: tuple[Reason, ...]

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {"title": self.title, "reasons": [reason.to_dict() for reason in self.reasons]}

    def __str__(self) -> str:
        from policyrules.engine.explain import render_explanation

        return render_explanation(self)


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

    def explain(self) -> Explanation:
        """The tree of reasons of every decision that applies and every finding that is not 不适用, as data."""
        reasons = [result.explain() for result in self.decisions.values()]
        for rows in self.children.values():
            for child in rows:
                reasons.extend(result.explain() for result in child.decisions.values())
        reasons.extend(finding.explain() for finding in self.findings if finding.status != "not_applicable")
        return Explanation(f"{self.identity or self.path}（评估日 {self.as_of.isoformat()}）", tuple(reasons))

    def to_dict(self, *, detail: bool = True) -> Plain:
        """Plain JSON, keys stable, with the policy's fingerprint and the as-of date."""
        data: Plain = {
            "policy": {"fingerprint": self.policy, "layers": list(self.layers)},
            "as_of": self.as_of.isoformat(),
        }
        data.update(ObjectOutcome.to_dict(self, detail=detail))
        data["findings"] = [finding.to_dict(detail=detail) for finding in self.findings]
        data["notes"] = list(self.notes)
        return data

"""Whether an outcome meets what a scenario expects.

Why this exists: what fails must be answered in the words it was written in: expected, got, why.

Invariant: checking never raises; what the policy does not have (a misspelt decision or value) is a failed check that
says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from policyrules.explanation import Blank
from policyrules.program.nodes import Decision, Program
from policyrules.records.names import Offers
from policyrules.report.reasons import why_finding, why_result
from policyrules.results import (
    STATUS_NAMES,
    Candidate,
    DecisionResult,
    Finding,
    ObjectOutcome,
    Outcome,
    ValueSources,
    candidate_text,
)
from policyrules.source import Span
from policyrules.testing.amounts import amount_differences
from policyrules.testing.expectations import FINDING_STATUS, Expected, Want, WantFinding, WantNames, WantResult
from policyrules.text import some

_MOST_NAMED: Final = 50
"""Of so many decisions it is told what they are called; nobody looks for one among thousands."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation, checked. ``why``: what explains the difference, line by line; empty where it passed."""

    label: str
    passed: bool
    expected: str
    got: str
    why: tuple[str, ...]
    span: Span = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "label": self.label,
            "passed": self.passed,
            "expected": self.expected,
            "got": self.got,
            "why": list(self.why),
            "file": self.span.source.path,
            "line": self.span.line,
        }


def check(expected: Expected, outcome: Outcome, program: Program, offers: Offers | None = None) -> Check:
    """Whether ``outcome`` meets ``expected``; ``program`` knows the names and values there are, and ``offers`` how many were offered
    for others before."""
    offers = offers or Offers()
    if expected.what == "reading":
        return _check_reading(expected, outcome, program, offers)
    match expected.want:
        case WantFinding() as want:
            return _check_finding(expected, want, outcome, program, offers)
        case WantNames() as want:
            return _check_list(expected, want, outcome, offers)
        case WantResult() as want:
            found = _decision_at(expected.target, outcome, offers)
            if isinstance(found, str):
                other = _of_another_kind(expected.target, outcome, program)
                return _failed(expected, _want_text(want), "没有这个决定", other or found)
            return _check_result(expected, want, found, program, offers)
        case _:
            assert_never(expected.want)


def _meant(word: str, names: Collection[str], offers: Offers) -> str:
    near = offers.nearest(word, names)
    return f"，是不是“{near[0]}”？" if near else ""


def _failed(expected: Expected, wanted: str, got: str, *why: str) -> Check:
    return Check(expected.label, False, wanted, got, why, expected.span)


def _decision_at(target: str, outcome: Outcome, offers: Offers | None) -> DecisionResult | str:
    """The decision that ``资产[0].资产去向`` names, or why there is none, without an offer where ``offers`` is None."""
    *steps, name = target.split(".")
    part: ObjectOutcome = outcome
    for step in steps:
        if step in ("项目", part.object):
            continue
        kind, _, number = step.partition("[")
        rows = part.children.get(kind)
        index = number.rstrip("]")
        if rows is None or not index.isdigit():
            if name in part:
                return f"“{step}”不是这份记录里的行；这份记录和上一级的决定直接写名称：{name}"
            kinds = "、".join(f"{k}[0]" for k in part.children) or "没有下级的表"
            return f"“{step}”不是这份记录里的行；可写：{kinds}"
        if int(index) >= len(rows):
            return f"{kind}只有 {len(rows)} 行（从 [0] 数起）"
        part = rows[int(index)]
    if name in part:
        return part[name]
    known = some(tuple(part.decisions), _MOST_NAMED, "个") or "没有"
    near = "" if offers is None else _meant(name, part.decisions, offers)
    return f"没有“{name}”这个决定" + (near or f"；{part.object}上的决定：{known}")


def _subject(target: str, outcome: Outcome, offers: Offers) -> DecisionResult | Finding | ValueSources | str:
    """The decision, the finding, or the value of a decision (``帮扶措施.信贷``) that ``target`` names, or why there is
    none."""
    found = _decision_at(target, outcome, None)
    if not isinstance(found, str):
        return found
    findings = _findings_at(target, outcome)
    if findings:
        return findings[0]
    decision, _, value = target.rpartition(".")
    owner = _decision_at(decision, outcome, None) if decision else found
    if isinstance(owner, str):
        return _decision_at(target, outcome, offers)
    return owner.by_value.get(value, f"{owner.name}的结果里没有“{value}”：{owner.text}")


def _unknown_values(want: WantResult, result: DecisionResult, offers: Offers) -> list[str]:
    named = [*((want.value,) if want.value else ()), *(want.exact or ()), *want.has, *want.lacks, *want.open]
    named += [c for c in want.candidates or () if c not in ("无", "不适用")]
    named += [value for value, _ in want.tones]
    unknown = [value for value in dict.fromkeys(named) if value not in result.values]
    return [f"“{value}”不是{result.name}的值{_value_meant(value, result, offers)}" for value in unknown]


def _value_meant(word: str, result: DecisionResult, offers: Offers) -> str:
    """What to write for a value that a decision does not have."""
    bare = word.strip("“”‘’\"'。；;，, ")
    if bare in result.values:
        return f"，写成 {bare}"
    parts = [part.strip() for part in re.split("或者|或|和|及|、|，|,|/", bare)]
    if len(parts) > 1 and all(part in result.values for part in parts):
        listed = f"[{', '.join(parts)}]"
        return f"；几个都有的写 {listed}，还没有定、几个都可能的写 {{状态: 待定, 可能: {listed}}}"
    if word in _NO_RESULT:
        return "；还定不下来的写 待定，没有得出的写 无，谈不上的写 不适用"
    near = _meant(word, result.values, offers)
    return near or f"；可写：{some(tuple(result.values), _MOST_NAMED, '个')}，或 无、待定、不适用、冲突"


_NO_RESULT: Final = (
    "待核实",
    "待核定",
    "未知",
    "不确定",
    "不知道",
    "空",
    "没有",
    "未定",
    "不明",
    "null",
    "否",
    "不成立",
)


def _of_another_kind(target: str, outcome: Outcome, program: Program) -> str:
    """What a name is that is no decision here, and where it belongs; '' where it is nothing that is known."""
    name = target.rpartition(".")[2]
    if name in program.duties or name in program.notices:
        return f"“{name}”是义务、禁令或提示，写在“发现”里，如 发现: {{{name}: …}}"
    rule = program.rules.get(name)
    if rule is not None:
        return f"“{name}”是规则；写它得出的决定，如 {rule.decision}: …"
    if name in program.parameters:
        return f"“{name}”是参数，写在“参数”里"
    if name in program.decisions:
        object_ = program.decisions[name].object
        if object_ in outcome.children and "." not in target:
            return f"“{name}”是每一行{object_}的决定，写成 {object_}[0].{name}"
    if any(name in fields for fields in program.fields.values()):
        return f"“{name}”是字段，写在“记录”里；“预期”里写由规则得出的"
    return ""


def _check_result(
    expected: Expected, want: WantResult, result: DecisionResult, program: Program, offers: Offers
) -> Check:
    declared = program.decisions.get(result.name)
    if declared is not None and declared.type is not None:
        return _check_amount(expected, want, result, declared)
    if want.interval is not None:
        kind = declared.mode if declared is not None else "决定"
        return _failed(expected, _want_text(want), result.text, f"“区间”只用于得出数额的决定，{result.name}是{kind}")
    many = program.decisions[result.name].mode == "多选" if result.name in program.decisions else False
    if many and want.value is not None:
        want = WantResult("determined", exact=(want.value,))
    unknown = _unknown_values(want, result, offers)
    if unknown:
        return _failed(expected, _want_text(want), result.text, *unknown)
    wrong = _differences(want, result)
    got = _got_text(want, result) if many else result.text
    if not wrong:
        return Check(expected.label, True, _want_text(want), got, (), expected.span)
    if want.value is not None or (want.status is not None and want.candidates is None and want.exact is None):
        # Expected and got say it all.
        wrong = []
    return _failed(expected, _want_text(want), got, *wrong, *why_result(result, _wanted_values(want)))


def _check_amount(expected: Expected, want: WantResult, result: DecisionResult, declared: Decision) -> Check:
    unfit = [
        word
        for word, found in (("含", want.has), ("不含", want.lacks), ("待定", want.open), ("[…]", want.exact))
        if found
    ]
    if unfit:
        remark = f"{declared.name}得出一个数，不写{'、'.join(unfit)}；写数（3 万元）、状态、可能或区间"
        return _failed(expected, _want_text(want), result.text, remark)
    wrong, unread = amount_differences(declared, result, want.status, want.value, want.candidates, want.interval)
    for value, tone in want.tones:
        got = result.tones.get(value)
        if got != tone:
            wrong.append(f"{value}的语气应是{tone}，结果是{got or '没有语气'}")
    if not wrong:
        return Check(expected.label, True, _want_text(want), result.text, (), expected.span)
    why = () if unread else why_result(result, _wanted_values(want))
    return _failed(expected, _want_text(want), result.text, *wrong, *why)


def _differences(want: WantResult, result: DecisionResult) -> list[str]:
    wrong: list[str] = []
    if want.status is not None and result.status != want.status and want.value is None:
        wrong.append(f"状态应是{STATUS_NAMES[want.status]}，结果是{STATUS_NAMES[result.status]}")
    if want.value is not None and result.value != want.value:
        wrong.append(f"应是{want.value}")
    possible = [candidate_text(candidate) for candidate in result.candidates]
    if want.candidates is not None and sorted(want.candidates) != sorted(possible):
        wrong.extend(_set_differences(want.candidates, possible, "可能的结果"))
    certain = [value for value in result.values if value in result.certain]
    if want.exact is not None:
        wrong.extend(_set_differences(want.exact, certain, "结果"))
    wrong.extend(f"应含{value}" for value in want.has if value not in result.certain)
    wrong.extend(
        f"不应含{value}" for value in want.lacks if _possible(value, result.candidates) or value in result.certain
    )
    for value in want.open:
        if value in result.certain:
            wrong.append(f"{value}应待定，结果是确定的")
        elif not _possible(value, result.candidates):
            wrong.append(f"{value}应待定，结果是不含")
    for value, tone in want.tones:
        got = result.tones.get(value)
        if got != tone:
            wrong.append(f"{value}的语气应是{tone}，结果是{got or '没有语气'}")
    return wrong


def _got_text(want: WantResult, result: DecisionResult) -> str:
    """A 多选 result as far as it was asked for: the whole of a long one hides what matters."""
    named = dict.fromkeys([*want.has, *want.lacks, *want.open, *(value for value, _ in want.tones)])
    if not named or result.status == "not_applicable":
        return result.text
    groups: dict[str, list[str]] = {}
    for value in named:
        word = "含" if value in result.certain else "待定" if _possible(value, result.candidates) else "不含"
        groups.setdefault(word, []).append(value)
    return "；".join(f"{word}{'、'.join(values)}" for word, values in groups.items())


def _wanted_values(want: WantResult) -> list[str]:
    named = [want.value] if want.value else []
    return [*named, *(want.exact or ()), *(want.candidates or ()), *want.has, *want.open]


def _possible(value: str, candidates: Sequence[Candidate]) -> bool:
    return any(candidate == value for candidate in candidates)


def _set_differences(wanted: Sequence[str], got: Sequence[str], what: str) -> list[str]:
    lacking = [value for value in wanted if value not in got]
    extra = [value for value in got if value not in wanted]
    lines = [f"{what}里少了{'、'.join(lacking)}"] if lacking else []
    return lines + ([f"{what}里多了{'、'.join(extra)}"] if extra else [])


def _want_text(want: WantResult) -> str:
    if want.value is not None:
        return want.value
    if want.exact is not None:
        return "、".join(want.exact) or "（没有）"
    parts: list[str] = []
    if want.status is not None:
        possible = "" if want.candidates is None else f"：{'、'.join(want.candidates)}"
        possible = possible if want.interval is None else f"：{' 至 '.join(want.interval)}"
        parts.append(STATUS_NAMES[want.status] + possible)
    groups = (("含", want.has), ("不含", want.lacks), ("待定", want.open))
    parts.extend(f"{word}{'、'.join(values)}" for word, values in groups if values)
    parts.extend(f"{value}（{tone}）" for value, tone in want.tones)
    return "；".join(parts)


def _check_reading(expected: Expected, outcome: Outcome, program: Program, offers: Offers) -> Check:
    """What a decision, or every finding of that name, would be under another reading."""
    name, other = expected.reading
    want = expected.want
    decision = _decision_at(expected.target, outcome, offers)
    findings = _findings_at(expected.target, outcome)
    wanted = _finding_text(want) if isinstance(want, WantFinding) else _want_text(_as_result(want))
    if isinstance(decision, str) and not findings:
        return _failed(expected, wanted, "没有这个决定或发现", decision)
    results: list[DecisionResult | Finding] = [*findings] if isinstance(decision, str) else [decision]
    told = [one.readings.get(name, {}).get(other) for one in results]
    if None in told:
        first = results[told.index(None)]
        known = "、".join(f"{n}＝{o}" for n, others in first.readings.items() for o in others)
        remark = f"结果会因读法不同的：{known}" if known else "这个结果不因读法而不同"
        return _failed(expected, wanted, "同样的结果", remark)
    if not isinstance(decision, str):
        if isinstance(want, WantFinding) and (want.due, want.said) != (None, None):
            return _failed(expected, wanted, decision.text, f"{decision.name}是决定，不写期限和说的话")
        return _check_result(expected, _as_result(want), decision.readings[name][other], program, offers)
    if isinstance(want, WantResult):
        if want.status != "not_applicable":
            remark = f"这是义务、禁令或提示，可写：{'、'.join(FINDING_STATUS)}"
            return _failed(expected, wanted, "、".join(STATUS_NAMES[one.status] for one in told if one), remark)
        want = WantFinding("not_applicable")
    assert isinstance(want, WantFinding)
    return _compared_findings(expected, want, [one for one in told if isinstance(one, Finding)])


def _as_result(want: Want) -> WantResult:
    """What is expected, of a decision: a value may be called as a status of findings is."""
    if isinstance(want, WantFinding) and want.status is not None:
        return WantResult("determined", STATUS_NAMES[want.status])
    assert isinstance(want, WantResult)
    return want


def _findings_at(target: str, outcome: Outcome) -> list[Finding]:
    name, _, where = target.partition("@")
    return [f for f in outcome.findings if f.name == name and where in ("", f.target)]


def _check_finding(expected: Expected, want: WantFinding, outcome: Outcome, program: Program, offers: Offers) -> Check:
    name = expected.target.partition("@")[0]
    wanted = _finding_text(want)
    known = [*program.duties, *program.notices]
    if name not in known:
        if name in program.decisions:
            other = f"“{name}”是决定，直接写在“预期”下面：{name}: …"
        else:
            other = _of_another_kind(name, outcome, program)
        said = f"没有叫“{name}”的义务、禁令或提示{_meant(name, known, offers)}"
        return _failed(expected, wanted, "没有", other or said)
    found = _findings_at(expected.target, outcome)
    if not found:
        places = "、".join(dict.fromkeys(f.target for f in outcome.findings if f.name == name))
        if places:
            # Nothing stands at the place named: that is a slip, whatever is expected of it.
            return _failed(expected, wanted, "没有", f"它在这些对象上：{places}")
        if want.status == "not_applicable" and want.due is None and want.said is None:
            return Check(expected.label, True, wanted, "不适用", (), expected.span)
        return _failed(expected, wanted, "不适用", "它没有出现在结果里（不适用）")
    return _compared_findings(expected, want, found)


def _finding_text(want: WantFinding) -> str:
    wanted = (STATUS_NAMES[want.status] if want.status else "") + (f"，期限 {want.due}" if want.due else "")
    return wanted + (f"，说“{want.said}”" if want.said is not None else "")


def _compared_findings(expected: Expected, want: WantFinding, found: Sequence[Finding]) -> Check:
    got = "、".join(f"{f.target} {STATUS_NAMES[f.status]}" if len(found) > 1 else STATUS_NAMES[f.status] for f in found)
    lines: list[str] = []
    failed = False
    for finding in found:
        due = finding.due.isoformat() if finding.due else "没有期限"
        if want.status is not None and finding.status != want.status:
            failed = True
            lines.extend(f"{finding.target}：{line}" if len(found) > 1 else line for line in why_finding(finding))
        if want.due is not None and due != want.due:
            failed = True
            lines.append(f"期限是 {due}")
        if want.said is not None and finding.message != want.said:
            failed = True
            lines.append(f"说的是“{finding.message}”" if finding.message else "它不说话，只有提示才说")
    return Check(expected.label, not failed, _finding_text(want), got, tuple(lines), expected.span)


def _missing_names(blanks: Iterable[Blank]) -> list[str]:
    names = (blank.name if blank.own or not blank.object else f"{blank.object}.{blank.name}" for blank in blanks)
    return list(dict.fromkeys(names))


def _check_list(expected: Expected, want: WantNames, outcome: Outcome, offers: Offers) -> Check:
    wanted = _names_text(want)
    subject = _subject(expected.target, outcome, offers)
    if isinstance(subject, str):
        return _failed(expected, wanted, "没有这个决定、值或发现", subject)
    match expected.what, subject:
        case "clauses", _:
            # A clause may be named by its place as well as by its id.
            ids = {cited.place: cited.clause for cited in subject.citations}
            exact, has, lacks = ([ids.get(n, n) for n in names or ()] for names in (want.exact, want.has, want.lacks))
            want = WantNames(None if want.exact is None else tuple(exact), tuple(has), tuple(lacks))
            got = list(subject.clauses)
        case "offices", _:
            got = list(subject.offices)
        case _, ValueSources():
            return _failed(expected, wanted, "没有", "一个值只能核对依据和责任单位")
        case "missing", _:
            got = _missing_names(subject.missing)
        case _:
            got = _missing_names(subject.missing.deciding)
    lines = _name_differences(want, got)
    if lines and want.exact is not None and len(want.exact) == 1 and want.exact[0] in ("无", "没有", "空"):
        lines = ["一项也没有的写 []", *lines]
    return Check(expected.label, not lines, wanted, "、".join(got) or "没有", tuple(lines), expected.span)


def _same(wanted: str, got: str) -> bool:
    # 资源有支撑 may be written for 资产[0].设施完善's last part as well: the object is optional.
    return wanted == got or ("." not in wanted and got.rsplit(".", 1)[-1] == wanted)


def _name_differences(want: WantNames, got: Sequence[str]) -> list[str]:
    needed = want.has if want.exact is None else want.exact
    lacking = [name for name in needed if not any(_same(name, other) for other in got)]
    extra = [name for name in want.lacks if any(_same(name, other) for other in got)]
    if want.exact is not None:
        extra = [name for name in got if not any(_same(other, name) for other in want.exact)]
    return ([f"少了{'、'.join(lacking)}"] if lacking else []) + ([f"多了{'、'.join(extra)}"] if extra else [])


def _names_text(want: WantNames) -> str:
    if want.exact is not None:
        return "、".join(want.exact) or "没有"
    return "；".join(f"{word}{'、'.join(names)}" for word, names in (("含", want.has), ("不含", want.lacks)) if names)

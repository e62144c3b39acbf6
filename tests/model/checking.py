"""Comparing an outcome of the package with the model: never contradicted by a completion, never less than Kleene.

Why this exists: the two directions are different claims. *Sound*: what the outcome says holds in every completion.
*Strong*: where unknowns are left alone (Kleene), what follows is said. On a record without blanks the two together mean
equality.

A completion may itself be undetermined (a conflict asked about elsewhere, a division by zero); then a more precise
outcome is no contradiction, a different one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import policyrules as pr
from policyrules import DecisionResult, Finding, Outcome

from . import telling
from .amounts import Reckoned, numbers_of, reckoned
from .completions import World, instances
from .folding import Folded
from .naive import FindingResult, Model, Result
from .syntax import WAN, Decision, Duty, Notice, Row
from .truths import NA, VOID
from .unlisted import UnlistedModel, anchor, nobody_listed, unlisted_rows

SETTLED = ("determined", "none", "not_applicable")


@dataclass(frozen=True)
class Disagreement:
    """What differs, where, and how."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"[{self.kind}] {self.where}: {self.text}"


def candidates_of(result: DecisionResult) -> frozenset[object]:
    """Candidates with 不适用 as the model has it."""
    return frozenset(NA if c is pr.not_applicable else c for c in result.candidates)


def decisions_of(outcome: Outcome) -> Iterator[tuple[str, str, str, DecisionResult]]:
    """Every decision result as (object, path, decision, result)."""
    # The outcome of the record, and of its rows, which have the same face.
    pending: list[Any] = [outcome]
    while pending:
        current = pending.pop()
        for name, result in current.decisions.items():
            yield ("县" if result.path == "县" else current.object), result.path or current.path, name, result
        for rows in current.children.values():
            pending.extend(rows)


def shown(result: DecisionResult) -> str:
    return f"{result.status} {result.value!r} 候选{list(result.candidates)} 确定{sorted(result.certain)}"


def shown_model(result: Result) -> str:
    return f"{result.status} {result.value!r} 候选{sorted(map(str, result.candidates))} P={sorted(result.concluded)} U={sorted(result.unknown)}"


# ---- decisions ------------------------------------------------------------------------------------------------------


def contradicts(ours: DecisionResult, completion: Result, multiple: bool) -> str | None:
    """Why ``completion`` cannot be, if the outcome were right; None where it can."""
    candidates = candidates_of(ours)
    firm = completion.status in (*SETTLED, "conflict")
    if ours.status in SETTLED:
        value: object = {"none": None, "not_applicable": NA}.get(ours.status, ours.value)
        if firm:
            same = completion.status == ours.status and completion.value == ours.value
            return None if same else "已定的结果与补全后的不同"
        if multiple and isinstance(ours.value, frozenset):
            allowed = completion.concluded <= ours.value <= completion.concluded | completion.unknown
            return None if allowed else "已定的结果不在补全后的可能之内"
        if multiple:
            return None if value in completion.candidates else "已定的结果不在补全后的可能之内"
        return None if value in completion.candidates else "已定的结果不在补全后的可能之内"
    if multiple:
        if completion.status == "not_applicable":
            if ours.certain:
                return "补全后不适用，却列为确定"
            return None if NA in candidates else "候选里没有不适用"
        if not completion.concluded <= candidates:
            return "补全后的值不在候选里"
        if not ours.certain <= completion.concluded | completion.unknown:
            return "列为确定的值补全后没有"
        return None
    if firm and not completion.candidates <= candidates:
        return "补全后的值不在候选里"
    if not firm and not completion.candidates & candidates:
        return "补全后的可能与候选不相交"
    if ours.status == "conflict":
        if completion.applies is False:
            return "冲突，但补全后不适用"
        if not ours.certain <= completion.concluded | completion.unknown:
            return "冲突的值补全后没有规则得出"
        if not ours.unknown_rules and firm and completion.status != "conflict" and not completion.loose:
            return "没有未知规则的冲突，补全后不是冲突"
    return None


def weaker(ours: DecisionResult, least: Result, multiple: bool) -> str | None:
    """What the outcome fails to say though it follows with every blank simply unknown."""
    if least.status in SETTLED:
        same = least.status == ours.status and least.value == ours.value
        return None if same else "按强三值逻辑已经能定"
    if least.status == "conflict" and not least.unknown and not least.loose and ours.status != "conflict":
        return "按强三值逻辑已是冲突"
    if not candidates_of(ours) - {NA} <= least.candidates | least.concluded | least.unknown:
        return "候选多于强三值逻辑允许的"
    if NA in candidates_of(ours) and NA not in least.candidates:
        return "候选多出不适用"
    if multiple and least.applies is True and not least.concluded <= ours.certain | (ours.value or frozenset()):  # type: ignore[operator]
        return "确定的值少了"
    return None


# ---- amounts --------------------------------------------------------------------------------------------------------


def plain(value: Any, declared: Decision) -> Any:
    """A number of the model in the unit of the decision."""
    return Fraction(value) / WAN if declared.kind == "金额" and value is not None and value is not VOID else value


def amount_contradicts(ours: DecisionResult, completion: Reckoned, declared: Decision) -> str | None:
    """Why ``completion`` cannot be, if the outcome were right; None where it can."""
    found = {plain(value, declared) for value in numbers_of(completion.possible)}
    firm = completion.status in SETTLED
    if ours.status in SETTLED:
        value = VOID if ours.status in ("none", "not_applicable") else ours.value
        if firm:
            told = completion.status == ours.status and (value is VOID or found == {value})
            return None if told else "已定的数与补全后的不同"
        if completion.possible is None or VOID in completion.possible:
            found.add(VOID)
        return None if completion.possible is None or value in found else "已定的数不在补全后的可能之内"
    if completion.possible is None:
        return None
    low, high = ours.interval or (None, None)
    outside = [value for value in found if (low is not None and value < low) or (high is not None and value > high)]
    if outside and (completion.status in (*SETTLED, "conflict") or len(outside) == len(found)):
        return "补全后的数不在区间之内"
    none = {candidate for candidate in ours.candidates if not isinstance(candidate, str)}
    if completion.status == "none" and None not in none:
        return "补全后没有数，候选里没有无"
    if completion.status == "not_applicable" and pr.not_applicable not in none:
        return "补全后不适用，候选里没有不适用"
    if ours.status == "conflict" and not ours.unknown_rules and firm and completion.unknown is False:
        return "没有未知规则的冲突，补全后不是冲突"
    return None


def amount_weaker(ours: DecisionResult, least: Reckoned, declared: Decision) -> str | None:
    """What the outcome fails to say though it follows with every blank simply unknown."""
    if least.status in SETTLED:
        value = ours.value if ours.status == "determined" else VOID
        same = least.status == ours.status and {plain(one, declared) for one in least.possible or ()} == {value}
        return None if same else "按强三值逻辑已经能定"
    if least.status == "conflict" and not least.unknown and ours.status != "conflict":
        return "按强三值逻辑已是冲突"
    if least.possible is None or not numbers_of(least.possible):
        return None
    found = [plain(value, declared) for value in numbers_of(least.possible)]
    if ours.interval is not None and (ours.interval[0] is None or ours.interval[1] is None):
        return "区间没有界"
    low, high = ours.interval or (None, None)
    # 5.2 gives an interval from the least to the greatest; the numbers between are its own.
    if low is not None and high is not None and (low < min(found) or high > max(found)):
        return "区间宽于强三值逻辑允许的"
    return None


# ---- findings -------------------------------------------------------------------------------------------------------


def finding_contradicts(ours: Finding, completion: FindingResult) -> str | None:
    """Why ``completion`` cannot be, if the finding were right."""
    if ours.status == "unverified" or completion.status == ours.status:
        return None
    if completion.status == "unverified":
        return None
    if ours.status == "compliant" and completion.status == "not_applicable" and completion.met is not False:
        # Met whether or not it applies: the page says 合规 when met. What the model cannot tell contradicts nothing.
        return None
    return "补全后的状态不同"


def finding_weaker(ours: Finding, least: FindingResult) -> str | None:
    """What the finding fails to say."""
    if least.status == "unverified" or least.status == ours.status:
        return None
    if least.blank_deadline and ours.status == "unverified":
        return None
    return "按强三值逻辑已经能定"


# ---- whole outcomes -------------------------------------------------------------------------------------------------


Found = dict[tuple[str, str, str], list[FindingResult]]
"""Findings by name, path, and the kind of rows that were not listed ('' for a finding on what is listed). In a
completion there may be several such rows, or none."""


def decision_results(model: Model, folded: Folded, root: Row) -> dict[tuple[str, str], Result]:
    """Every decision of the model, by (name, path)."""
    return {
        (name, row.path): model.decide(name, row)
        for name, declared in folded.decisions.items()
        for row in instances(root)
        if declared.kind is None and row.object == declared.object and not nobody_listed(row)
    }


def amount_results(model: Model, folded: Folded, root: Row) -> dict[tuple[str, str], Reckoned]:
    """Every amount of the model, by (name, path)."""
    return {
        (name, row.path): reckoned(model, name, row)
        for name, declared in folded.decisions.items()
        for row in instances(root)
        if declared.kind is not None and row.object == declared.object and not nobody_listed(row)
    }


def finding_results(model: Model, unlisted: UnlistedModel, folded: Folded, root: Row, rows: list[Row]) -> Found:
    """Every finding: on what the record has, by ``model``, and on the ``rows`` that it did not list, by ``unlisted``."""
    found: Found = {}
    for row in [*(row for row in instances(root) if not nobody_listed(row)), *rows]:
        own = not nobody_listed(row)
        asked = model if own else unlisted
        at = anchor(row).path, "" if own else row.object
        for duty, when, demand in folded.duties:
            if duty.object == row.object:
                found.setdefault((duty.name, *at), []).append(asked.duty(duty, when, demand, row))
        for notice in folded.notices:
            if notice.object == row.object:
                found.setdefault((notice.name, *at), []).append(asked.notice(notice, row))
    return found


def world_findings(world: World, folded: Folded) -> Found:
    """The findings of one completion."""
    rows = [row for row in instances(world.root) if nobody_listed(row)]
    return finding_results(world.model, world.unlisted, folded, world.root, rows)


def finding_key(finding: Finding) -> tuple[str, str, str]:
    """As the model has it."""
    return finding.name, finding.object, finding.unlisted


def compare(
    folded: Folded, root: Row, outcome: Outcome, least: tuple[Model, UnlistedModel], worlds: Iterator[World]
) -> Iterator[Disagreement]:
    """Everything in which the outcome and the model disagree."""
    decided = {(name, path): result for _, path, name, result in decisions_of(outcome)}
    found = {finding_key(finding): finding for finding in outcome.findings}
    least_decisions = decision_results(least[0], folded, root)
    least_amounts = amount_results(least[0], folded, root)
    least_findings = finding_results(*least, folded, root, list(unlisted_rows(folded.policy, root)))
    for key in (least_decisions.keys() | least_amounts.keys()) ^ decided.keys():
        yield Disagreement("缺少或多出", f"{key}", "决定的清单不同")
    for which in least_findings.keys() ^ found.keys():
        yield Disagreement("缺少或多出", f"{which}", "义务等的清单不同")
    if len(found) < len(outcome.findings):
        yield Disagreement("缺少或多出", "", "同一个对象上有两条同名的")
    for key, result in decided.items():
        if key in least_decisions:
            multiple = folded.decisions[key[0]].mode == "多选"
            why = weaker(result, least_decisions[key], multiple)
            if why is not None:
                text = f"{why}；引擎：{shown(result)}；模型：{shown_model(least_decisions[key])}"
                yield Disagreement("偏弱", f"{key}", text)
        elif key in least_amounts:
            why = amount_weaker(result, least_amounts[key], folded.decisions[key[0]])
            if why is not None:
                text = f"{why}；引擎：{shown(result)} {result.interval}；模型：{least_amounts[key]}"
                yield Disagreement("偏弱", f"{key}", text)
    for which, finding in found.items():
        for known in least_findings.get(which, ()):
            why = finding_weaker(finding, known)
            if why is not None:
                yield Disagreement("偏弱", f"{which}", f"{why}；引擎：{finding.status}；模型：{known}")
    for notice in folded.notices:
        for row in _spoken_of(notice, root):
            message = found[notice.name, row.path, ""].message
            for why in telling.weaker(least[0], notice, row, message):
                yield Disagreement("说少了", f"{notice.name} {row.path}", why)
    reported: set[tuple[str, ...]] = set()
    for world in worlds:
        decisions = decision_results(world.model, folded, world.root)
        for key, result in decided.items():
            if key in decisions and key not in reported:
                multiple = folded.decisions[key[0]].mode == "多选"
                why = contradicts(result, decisions[key], multiple)
                if why is not None:
                    reported.add(key)
                    text = (
                        f"{why}；引擎：{shown(result)}；补全：{shown_model(decisions[key])}；{filled_text(world, root)}"
                    )
                    yield Disagreement("矛盾", f"{key}", text)
        for notice in folded.notices:
            for row in _spoken_of(notice, world.root):
                ours = found.get((notice.name, row.path, ""))
                for why in telling.contradicts(world.model, notice, row, ours.message) if ours is not None else ():
                    yield Disagreement("说错了", f"{notice.name} {row.path}", f"{why}；{filled_text(world, root)}")
        for key, reckoned_ in amount_results(world.model, folded, world.root).items():
            if key in decided and key not in reported:
                why = amount_contradicts(decided[key], reckoned_, folded.decisions[key[0]])
                if why is not None:
                    reported.add(key)
                    text = f"{why}；引擎：{shown(decided[key])} {decided[key].interval}；补全：{reckoned_}；"
                    yield Disagreement("矛盾", f"{key}", text + filled_text(world, root))
        findings = world_findings(world, folded)
        for which, finding in found.items():
            for completion in findings.get(which, ()):
                why = finding_contradicts(finding, completion)
                if why is not None and which not in reported:
                    reported.add(which)
                    text = f"{why}；引擎：{finding.status}；补全：{completion}；{filled_text(world, root)}"
                    yield Disagreement("矛盾", f"{which}", text)


def _spoken_of(notice: Notice, root: Row) -> Iterator[Row]:
    """The instances of a record that a notice is told of."""
    return (row for row in instances(root) if row.object == notice.object and not nobody_listed(row))


def filled_text(world: World, root: Row) -> str:
    """What a completion filled in."""
    return "补全为 " + "、".join(f"{kind} {name}={value!r}"[:200] for (kind, _, name), value in world.filled.items())


def duty_names(folded: Folded) -> dict[str, Duty]:
    """Duties by name."""
    return {duty.name: duty for duty, _, _ in folded.duties}

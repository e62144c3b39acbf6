"""What is open about one project: what is missing and from whom, and what another reading of the text would give.

Why this exists: who has to settle a result needs to know whom to ask, and what turns on words that can be read in two ways.

Invariant: as of `project`: reads outcomes; the engine is asked for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from policyrules.explanation import Blank, Missing, told_apart
from policyrules.policy import Policy
from policyrules.records.wording import blank_name, holders_text
from policyrules.report.layout import Line, Piece, wrap
from policyrules.report.project_picked import NAMED, OPEN_VALUES, is_many, picked_findings, selected
from policyrules.report.reasons import citation_text
from policyrules.report.text import holder_lead
from policyrules.results import STATUS_NAMES, DecisionResult, Finding, Outcome
from policyrules.source import display_width
from policyrules.text import some
from policyrules.types import date_text

# ---- what is missing ------------------------------------------------------------------------------------------------


def missing_lines(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], short: bool) -> list[Line]:
    """Blanks by who would know them: first what keeps single results open, then what measures and findings lack. In short many of
    these are counted."""
    first: dict[Blank, None] = {}
    then: dict[Blank, None] = {}
    bounds: list[str] = []
    for name, _, result in selected(outcome, only, short):
        missing = result.missing
        many = is_many(result, policy)
        (then if many else first).update(dict.fromkeys(missing.relevant))
        if result.status == "undetermined" and (not many or only):
            bounds.append(f"{name}：{_enough(missing)}")
    for finding in picked_findings(outcome, only):
        if finding.kind != "notice" or only:
            then.update(dict.fromkeys(finding.missing.relevant))
    rest = {blank: None for blank in then if blank not in first}
    lines = [line for bound in bounds for line in wrap(Piece(bound, "link"), width, lead="  ", rest="    ")]
    lines.extend(_by_holder(first, width))
    number = len({(blank.kind, blank.owner, blank.name, blank.detail) for blank in told_apart(rest)})
    if short and number > OPEN_VALUES:
        text = f"措施、义务还缺 {number} 项，加 --all 看"
        return [*lines, *wrap(Piece(text, "quiet"), width, lead="  ")]
    if rest:
        lines.append((Piece("  措施、义务还缺：" if first else "  还缺：", "title"),))
        lines.extend(_by_holder(rest, width))
    return lines


def _enough(missing: Missing) -> str:
    """What it takes to settle a result."""
    # Several statistics of one ledger are one thing to bring.
    wanted = list(dict.fromkeys(_blank(blank) for blank in told_apart(missing.deciding)))
    if not wanted:
        return "补哪几项能定下来，看补的是什么"
    return f"{'' if missing.exact else '至多'}补 {len(wanted)} 项就可能定下来：{'、'.join(wanted)}"


def _by_holder(blanks: Iterable[Blank], width: int) -> list[Line]:
    groups: dict[str, dict[tuple[str, ...], list[Blank]]] = {}
    for blank in told_apart(blanks):
        holder = holders_text(blank.holders, blank.kind)
        named = groups.setdefault(holder, {})
        named.setdefault((blank.kind, blank.owner, blank.name, blank.detail), []).append(blank)
    lines: list[Line] = []
    for holder, named in groups.items():
        names = [_blank(found[0]) if len(found) == 1 else _blank_rows(found) for found in named.values()]
        lines.extend(wrap("、".join(dict.fromkeys(names)), width, lead=holder_lead(holder), rest="    "))
    return lines


def _blank(blank: Blank) -> str:
    text = blank_name(blank.kind, blank.name, blank.where)
    return f"{text}：{blank.detail}" if blank.detail else text


def _blank_rows(blanks: Sequence[Blank]) -> str:
    """The same cell, blank in several rows, named once."""
    return f"{_blank(replace(blanks[0], label=blanks[0].owner))}（{len(blanks)} 行）"


def readings_lines(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], short: bool) -> list[Line]:
    """What another reading of the text would give: a line for each decision, of many values only those that move, then for
    each duty, prohibition or notice that stands otherwise. In short these are told where they are or become a matter of doing."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name, _, result in selected(outcome, only, short):
        for reading, others in result.readings.items():
            for value, other in others.items():
                moves = _moves(result, other, short) if result.many else [f"{result.text} → {other.text}"]
                told = groups.setdefault((reading, value), [])
                told += [(name if number == 0 else "", move) for number, move in enumerate(moves)]
    rest: Counter[tuple[str, str]] = Counter()
    for key, found in _turning(outcome, only).items():
        told = groups.setdefault(key, [])
        for (name, before, after), (places, spoken) in found.items():
            if short and not spoken:
                rest[key] += 1
            else:
                where = f"（{some(places, NAMED) if short else '、'.join(places)}）" if places else ""
                told.append((f"{name}{where}", f"{before} → {after}"))
    lines: list[Line] = []
    explained: set[str] = set()
    for (reading, value), told in groups.items():
        lines.extend(wrap(Piece(f"{reading}改按“{value}”读：", "title"), width, lead="  "))
        # Who has not read the rules sees the words that can be read so.
        origin = policy.program.parameters[reading].origin
        for citation in origin.citations[:1]:
            lines.extend(wrap(Piece(citation_text(citation, policy), "quiet"), width, lead="    "))
        for said in () if short or reading in explained else origin.readings:
            lines.extend(wrap(Piece(f"释义：{said}", "quiet"), width, lead="    "))
        explained.add(reading)
        label = min(max((display_width(name) for name, _ in told), default=0), 20)
        for name, move in told:
            lead = Piece("    " + name + " " * max(2, label + 2 - display_width(name)), "name")
            lines.extend(wrap(move, width, lead=lead, rest=" " * (label + 6)))
        if number := rest[reading, value]:
            text = f"{'另有 ' if told else ''}{number} 项义务、禁令、提示状态不同，加 --all 看"
            lines.extend(wrap(Piece(text, "quiet"), width, lead="    "))
    return lines


_SPOKEN = ("violated", "overdue", "notice")


def _turning(
    outcome: Outcome, only: Sequence[str]
) -> dict[tuple[str, str], dict[tuple[str, str, str], tuple[list[str], bool]]]:
    """By 读法 and its other value: each duty, prohibition or notice with how it stands and how it would, on which objects, and
    whether somebody has to act or is told something under one of the two."""
    found: dict[tuple[str, str], dict[tuple[str, str, str], tuple[list[str], bool]]] = {}
    for finding in outcome.findings:
        if only and finding.name not in only:
            continue
        for reading, others in finding.readings.items():
            for value, other in others.items():
                spoken = finding.status in _SPOKEN or other.status in _SPOKEN
                key = (finding.name, _state(finding, other), _state(other, finding))
                places, _ = found.setdefault((reading, value), {}).setdefault(key, ([], spoken))
                if finding.target != outcome.path:
                    places.append(finding.label)
    return found


def _state(finding: Finding, other: Finding) -> str:
    """How a finding stands, as far as that tells it from another."""
    status = STATUS_NAMES[finding.status]
    if finding.status != other.status:
        return status
    if finding.due != other.due:
        return f"{status}，{'没有期限' if finding.due is None else f'期限 {date_text(finding.due)}'}"
    return f"{status}“{finding.message}”"


def _moves(now: DecisionResult, other: DecisionResult, short: bool) -> list[str]:
    """Which values of a 多选 decision stand otherwise, in groups, and how many in each."""
    if "not_applicable" in (now.status, other.status):
        return [f"{_held(now)} → {_held(other)}"]
    values = dict.fromkeys((*now.values, *other.values))
    groups: dict[str, list[str]] = {}
    for value in values:
        states = tuple(
            "确定" if value in result.certain else "可能" if value in result.candidates else ""
            for result in (now, other)
        )
        match states:
            case ("", "确定" | "可能" as state):
                groups.setdefault(f"多出 {{}} 项{state}", []).append(value)
            case ("确定" | "可能" as state, ""):
                groups.setdefault(f"少了 {{}} 项{state}", []).append(value)
            case (before, after) if before != after:
                groups.setdefault(f"{{}} 项由{before}变为{after}", []).append(value)
            case _:
                pass
    if short:
        return ["，".join(words.format(len(found)) for words, found in groups.items()) or "只是状态不同"]
    return [f"{words.format(len(found))}：{some(found, OPEN_VALUES)}" for words, found in groups.items()] or [
        "只是状态不同"
    ]


def _held(result: DecisionResult) -> str:
    return "不适用" if result.status == "not_applicable" else f"{len(result.certain)} 项确定"

"""One project explained, as lines of Chinese text: results, findings, what is missing and from whom, reasons, offices.

Why this exists: an official who has to defend a classification needs the result, the clause and its words, and what an
upper layer alone would have said, on one page.

Invariant: reads outcomes and their trees of reasons; the engine is asked for nothing but those trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from policyrules.analysis.summary import FINDING_ORDER, objects_of
from policyrules.engine.outcome import STATUS_NAMES, Blank, DecisionResult, Finding, ObjectOutcome, Outcome, Reason
from policyrules.program.nodes import Citation
from policyrules.report.layout import Branch, Line, Piece, line_width, table, tree, wrap
from policyrules.report.text import KIND_NAMES, blank_name, date_text, heading, holders_text, layer_label, policy_line
from policyrules.report.theme import STATUS_STYLES
from policyrules.source import display_width

if TYPE_CHECKING:
    from policyrules.policy import Policy

_SHOWN_FINDINGS = ("violated", "overdue", "unverified", "in_progress", "notice", "compliant")
_NUMERALS = "一二三四五六七八九十"


def project_lines(
    outcome: Outcome,
    policy: Policy,
    *,
    width: int = 80,
    upper: Sequence[tuple[str, Outcome]] = (),
    only: Sequence[str] = (),
    full: bool = False,
    title: str = "",
) -> list[Line]:
    """The whole page.

    ``upper``: what each upper part of the stack alone gives (label, outcome), top first, the whole stack left out;
    ``only``: decisions or findings to explain, all that speak when empty; ``full``: also reasons that came to nothing.
    """
    lines: list[Line] = [(Piece("　".join(part for part in (outcome.identity or "项目", title) if part), "title"),)]
    lines.extend(wrap(Piece(policy_line(policy), "quiet"), width))
    sections: list[tuple[str, list[Line]]] = [
        ("结果", _results(outcome, policy, width, only)),
        ("各层对照", _by_layer(outcome, policy, upper, width, only)),
        ("义务、禁令和提示", _findings(outcome, policy, width, only)),
        ("缺什么、找谁", _missing(outcome, width, only)),
        ("换一种读法", _readings(outcome, width, only)),
        ("理由", _reasons(outcome, policy, width, only, full)),
        ("责任单位", _offices(outcome, width, only)),
        ("说明", [line for note in outcome.notes for line in wrap(note, width, lead="  ")]),
    ]
    shown = [(name, content) for name, content in sections if content]
    for number, (name, content) in enumerate(shown):
        lines.extend(heading(f"{_NUMERALS[number]}、{name}"))
        lines.extend(content)
    return lines


def _selected(outcome: Outcome, only: Sequence[str]) -> Iterator[tuple[ObjectOutcome, DecisionResult]]:
    for part in objects_of(outcome):
        for result in part:
            if not only or result.name in only or result.key in only:
                yield part, result


def _where(part: ObjectOutcome) -> str:
    return "" if part.path in ("", "项目") else f"{part.path}."


def citation_text(citation: Citation, policy: Policy, *, quote: bool = True) -> str:
    """A clause as people find it: layer, place, and its words."""
    label = next((layer_label(layer) for layer in policy.layers if layer.manifest.id == citation.layer), citation.layer)
    return f"{label}【{citation.place}】" + (f"“{citation.quote}”" if quote and citation.quote else "")


# ---- results --------------------------------------------------------------------------------------------------------


def _results(outcome: Outcome, policy: Policy, width: int, only: Sequence[str]) -> list[Line]:
    rows = [(_where(part) + result.name, result) for part, result in _selected(outcome, only)]
    spoken = [(name, result) for name, result in rows if result.status != "not_applicable"]
    if not rows:
        return []
    lines: list[Line] = []
    label = min(max((display_width(name) for name, _ in spoken), default=0), 24)
    for name, result in spoken:
        lead = (Piece("  " + name + " " * max(2, label + 2 - display_width(name)), "name"),)
        style = STATUS_STYLES[result.status]
        remarks = _remarks(result)
        content = [Piece(result.text, style), *([Piece(f"（{remarks}）", "quiet")] if remarks else [])]
        lines.extend(wrap(content, width, lead=lead))
        if result.tones and result.status in ("determined", "undetermined"):
            lines.extend(_toned(result, width, line_width(lead)))
        shown = list(dict.fromkeys(citation_text(c, policy, quote=False) for c in result.citations))
        if shown and result.status in ("determined", "conflict", "undetermined"):
            rest = f" 等 {len(shown)} 条" if len(shown) > 6 else ""
            text = Piece("依据 " + "、".join(shown[:6]) + rest, "quiet")
            lines.extend(wrap(text, width, lead=" " * line_width(lead)))
    idle = [name for name, result in rows if result.status == "not_applicable"]
    if idle:
        lines.extend(wrap(Piece("不适用：" + "、".join(idle), "quiet"), width, lead="  "))
    return lines


def _remarks(result: DecisionResult) -> str:
    remarks = ["没有条文管到，按默认"] if result.defaulted and result.status == "determined" else []
    if result.presumed:
        remarks.append("按推定：" + "、".join(result.presumed))
    if result.defaults:
        remarks.append("按缺省：" + "、".join(result.defaults))
    return "；".join(remarks)


def _toned(result: DecisionResult, width: int, indent: int) -> list[Line]:
    """The certain values of a 多选 decision by 语气: what is 可 or 支持 must not read like a duty."""
    groups: dict[str, list[str]] = {}
    for value in result.values:
        tone = result.tones.get(value)
        if value in result.certain and tone is not None:
            groups.setdefault(tone, []).append(value)
    return [
        line
        for tone, values in groups.items()
        for line in wrap(Piece(f"{tone}：{'、'.join(values)}", "quiet"), width, lead=" " * indent)
    ]


def _by_layer(
    outcome: Outcome, policy: Policy, upper: Sequence[tuple[str, Outcome]], width: int, only: Sequence[str]
) -> list[Line]:
    """What each upper part of the stack alone would have said, where that differs."""
    if not upper:
        return []
    rows: list[tuple[str, ...]] = []
    for part, result in _selected(outcome, only):
        texts: list[str] = []
        for _, other in upper:
            same = next((p for p in objects_of(other) if p.path == part.path), None)
            found = same.decisions.get(result.name) if same is not None else None
            texts.append("没有这一项" if found is None else found.text)
        texts.append(result.text)
        quiet = ("不适用", "无", "没有这一项", "（没有）")
        if len(dict.fromkeys(texts)) > 1 and not all(text in quiet for text in texts):
            rows.append((_where(part) + result.name, *texts))
    if not rows:
        return []
    labels = [label for label, _ in upper]
    return table(("", *(f"只按{label}" for label in labels), "按全部"), rows, width, indent=2)


# ---- findings -------------------------------------------------------------------------------------------------------


def _picked_findings(outcome: Outcome, only: Sequence[str]) -> list[Finding]:
    found = [f for f in outcome.findings if f.status in _SHOWN_FINDINGS and (not only or f.name in only)]
    return sorted(found, key=lambda f: FINDING_ORDER.index(f.status))


def _findings(outcome: Outcome, policy: Policy, width: int, only: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    compliant: list[str] = []
    for finding in _picked_findings(outcome, only):
        where = "" if finding.object in ("", "项目") else f"（{finding.object}）"
        if finding.status == "compliant":
            compliant.append(finding.name + where)
            continue
        word = STATUS_NAMES[finding.status]
        lead = (Piece(f"  {word}" + " " * (8 - display_width(word)), STATUS_STYLES[finding.status]),)
        kind = "" if finding.kind == "notice" else KIND_NAMES[finding.kind] + " "
        due = f"，期限 {date_text(finding.due)}" if finding.due else ""
        lines.extend(wrap([Piece(f"{kind}{finding.name}{where}", "name"), Piece(due)], width, lead=lead))
        indent = " " * line_width(lead)
        if finding.message:
            lines.extend(wrap(finding.message, width, lead=indent))
        for citation in finding.citations:
            lines.extend(wrap(Piece(citation_text(citation, policy), "quiet"), width, lead=indent))
    if compliant:
        lines.extend(wrap("、".join(compliant), width, lead=(Piece("  合规    ", "good"),)))
    return lines


# ---- what is missing ------------------------------------------------------------------------------------------------


def _missing(outcome: Outcome, width: int, only: Sequence[str]) -> list[Line]:
    needed: dict[Blank, dict[str, bool]] = {}
    bounds: list[str] = []
    for part, result in _selected(outcome, only):
        missing = result.missing
        name = _where(part) + result.name
        deciding = set(missing.deciding)
        for blank in missing.relevant:
            needed.setdefault(blank, {})[name] = blank in deciding
        if missing.deciding:
            few = "" if missing.exact else "至多"
            shown = "、".join(_blank(blank) for blank in missing.deciding)
            bounds.append(f"{name}：{few}补 {len(missing.deciding)} 项就可能定下来（{shown}）")
    for finding in _picked_findings(outcome, only):
        for blank in finding.missing.relevant:
            needed.setdefault(blank, {}).setdefault(finding.name, False)
    groups: dict[str, list[Blank]] = {}
    for blank in needed:
        groups.setdefault(holders_text(blank.holders, blank.kind), []).append(blank)
    lines: list[Line] = []
    for holder, blanks in groups.items():
        lines.append((Piece(f"  {holder}", "name"),))
        for blank in blanks:
            uses = list(needed[blank])
            most = "、".join(uses[:4]) + (f" 等 {len(uses)} 项" if len(uses) > 4 else "")
            content = [Piece(_blank(blank)), Piece(f"　用于：{most}", "quiet")]
            lines.extend(wrap(content, width, lead="    · ", rest="      "))
    for bound in bounds:
        lines.extend(wrap(Piece(bound, "link"), width, lead="  ", rest="    "))
    return lines


def _blank(blank: Blank) -> str:
    text = blank_name(blank.kind, blank.name, blank.object)
    return f"{text}：{blank.detail}" if blank.detail else text


def _readings(outcome: Outcome, width: int, only: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    for part, result in _selected(outcome, only):
        for reading, others in result.readings.items():
            for value, other in others.items():
                content = [
                    Piece(f"{reading}按“{value}”：{_where(part)}{result.name} "),
                    Piece(other.text, "name"),
                    Piece(f"（现在：{result.text}）", "quiet"),
                ]
                lines.extend(wrap(content, width, lead="  ", rest="    "))
    return lines


# ---- reasons --------------------------------------------------------------------------------------------------------


def _reasons(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], full: bool) -> list[Line]:
    trees: list[Reason] = []
    for _, result in _selected(outcome, only):
        if full or result.status != "not_applicable":
            trees.append(result.explain())
    for finding in _picked_findings(outcome, only):
        if full or only or finding.status not in ("compliant", "notice"):
            trees.append(finding.explain())
    return tree([branch for reason in trees for branch in reason_branches(reason, policy, full=full)], width, indent=2)


def reason_branches(reason: Reason, policy: Policy, *, full: bool = False) -> Iterator[Branch]:
    """A tree of reasons to draw. Rules that came to nothing are left out unless ``full``, where others spoke."""
    children = reason.children
    if not full and reason.role == "decision":
        spoken = [c for c in children if c.role != "rule" or c.truth is not False]
        children = tuple(spoken) or children
    below = [branch for child in children for branch in reason_branches(child, policy, full=full)]
    below = [*_sources(reason, policy), *below]
    yield Branch(tuple(_reason_pieces(reason)), tuple(below))


_TRUTHS: dict[bool | None, tuple[str, str]] = {True: ("是", "good"), False: ("否", "bad"), None: ("未知", "doubt")}


def _reason_pieces(reason: Reason) -> Iterator[Piece]:
    if reason.operation and reason.operation != "base":
        yield Piece(f"{reason.operation} ", "link")
    strong = reason.role in ("decision", "finding", "rule")
    yield Piece(reason.text, "name" if strong else "")
    if reason.condition:
        word, style = _TRUTHS[reason.truth]
        if reason.value and reason.value not in ("是", "否", "未知"):
            yield Piece(f"（{reason.value}）", "quiet")
        yield Piece(f"　{word}", style)
    elif reason.value:
        yield Piece("：" if not reason.text.endswith("：") else "")
        yield Piece(reason.value, "name" if strong else "")
    if reason.blank is not None and reason.blank.holders:
        yield Piece(f"（问{'、'.join(reason.blank.holders)}）", "doubt")


def _sources(reason: Reason, policy: Policy) -> Iterator[Branch]:
    for citation in reason.citations:
        yield Branch((Piece("依据 " + citation_text(citation, policy), "quiet"),))
    for note in reason.notes:
        yield Branch((Piece(note, "quiet"),))


def _offices(outcome: Outcome, width: int, only: Sequence[str]) -> list[Line]:
    """Responsible offices of what is to be done, each with the measures and duties it is named for."""
    tasks: dict[str, list[str]] = {}

    def add(offices: Iterable[str], task: str) -> None:
        for office in offices:
            known = tasks.setdefault(office, [])
            if task not in known:
                known.append(task)

    for part, result in _selected(outcome, only):
        if result.status in ("determined", "undetermined", "conflict") and result.certain:
            add(result.offices, _where(part) + result.name)
    for finding in _picked_findings(outcome, only):
        if finding.kind != "notice":
            add(finding.offices, finding.name)
    lines: list[Line] = []
    for office, names in tasks.items():
        lines.extend(wrap(Piece("、".join(names)), width, lead=(Piece(f"  {office}：", "name"),), rest="    "))
    return lines

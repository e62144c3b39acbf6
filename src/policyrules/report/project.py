"""One project explained, as lines of Chinese text: results, findings, what is missing and from whom, reasons, offices.

Why this exists: an official who has to defend a classification needs the result, the clause and its words, and what an
upper layer alone would have said, on one page. Of a project with much to tell, the page that fits a screen holds what
decides and what has to be done; of the rest it says how much there is and how to see it.

Invariant: reads outcomes and their trees of reasons; the engine is asked for nothing but those trees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policyrules.analysis.beside import beside
from policyrules.analysis.labels import label_of
from policyrules.analysis.pairs import ABSENT
from policyrules.policy import Policy
from policyrules.program.layers import Layer
from policyrules.program.nodes import Citation, Decision, Duty, Notice
from policyrules.records.otherwise import otherwise
from policyrules.records.tasks import lacking, lapsed_of, lateness, tasks_of
from policyrules.report.layout import STATUS_STYLES, Branch, Line, Piece, line_width, table, tree, wrap
from policyrules.report.project_open import missing_lines, readings_lines
from policyrules.report.project_picked import NAMED, OPEN_VALUES, is_many, passed_over, picked_findings, selected
from policyrules.report.reasons import Digest, citation_text, nearest, whole
from policyrules.report.text import head_lines, heading, nothing_in_force, status_lead
from policyrules.results import (
    KIND_NAMES,
    DecisionResult,
    Finding,
    ObjectOutcome,
    Outcome,
    ValueSources,
    candidate_text,
    narrowed,
    objects_of,
)
from policyrules.source import display_width
from policyrules.text import some
from policyrules.types import date_text, value_text

_SCREEN = 45
"""Lines above which a page may be folded."""
_NUMERALS = "一二三四五六七八九十"


def project_lines(
    outcome: Outcome,
    policy: Policy,
    *,
    width: int = 80,
    upper: Sequence[tuple[str, Outcome]] = (),
    only: Sequence[str] = (),
    full: bool = False,
    folded: bool = False,
    title: str = "",
) -> list[Line]:
    """The whole page.

    ``upper``: what each upper part of the stack alone gives (label, outcome), top first, the whole stack left out;
    ``only``: decisions or findings to explain, all that speak when empty; ``full``: whole trees, every finding;
    ``folded``: a page that is longer than a screen is told in short.
    """
    lines = _page(outcome, policy, width, upper, only, full, False, title)
    if not folded or full or only or len(lines) <= _SCREEN:
        return lines
    return _page(outcome, policy, width, upper, only, full, True, title)


def _page(
    outcome: Outcome,
    policy: Policy,
    width: int,
    upper: Sequence[tuple[str, Outcome]],
    only: Sequence[str],
    full: bool,
    short: bool,
    title: str,
) -> list[Line]:
    lines: list[Line] = [
        (Piece("　".join(part for part in (outcome.identity or policy.program.root, title) if part), "title"),)
    ]
    lines.extend(head_lines(policy, width))
    if not policy.in_force:
        return [*lines, (), *wrap(nothing_in_force(policy), width)]
    results = ("结果", _results(outcome, policy, width, only, full, short))
    by_layer = ("各层对照", _by_layer(outcome, policy, upper, width, only, short))
    findings = ("义务、禁令和提示", _findings(outcome, policy, width, only, full, short))
    missing = ("缺什么、找谁", missing_lines(outcome, policy, width, only, short))
    readings = ("换一种读法", readings_lines(outcome, policy, width, only, short))
    by_value = ("逐项的依据和责任单位", _by_value(outcome, policy, width, only, full))
    reasons = ("理由", _reasons(outcome, policy, width, only, full, short))
    offices = ("责任单位", _offices(outcome, policy, width, only, short))
    notes = ("说明", [line for note in outcome.notes for line in wrap(note, width, lead="  ")])
    if short:
        # What decides, what has to be done; then what one may want to know.
        sections = [results, reasons, findings, missing, readings, by_layer, offices, notes]
    else:
        sections = [results, by_layer, findings, missing, readings, by_value, reasons, offices, notes]
    results[1].extend(_idle(outcome, policy, width, only))
    shown = [(name, content) for name, content in sections if content]
    for number, (name, content) in enumerate(shown):
        lines.extend(heading(f"{_NUMERALS[number]}、{name}"))
        lines.extend(content)
    if short:
        said = (
            "这一页只写了要点：只看一项加 --only 名称，各项的依据、合规和待核实的义务、还缺的和不成立的规则加 --all，"
            "全部理由加 --full"
        )
        lines.extend([(), *wrap(Piece(said, "quiet"), width)])
    return lines


def _idle(outcome: Outcome, policy: Policy, width: int, only: Sequence[str]) -> Iterator[Line]:
    """What was asked for and speaks of nothing that this record has."""
    program = policy.program
    speakers: list[Decision | Duty | Notice] = [
        *program.decisions.values(),
        *program.duties.values(),
        *program.notices.values(),
    ]
    declared = {one.name: one.object for one in speakers}
    names = {key: one.name for one in program.decisions.values() for key in (one.name, one.key)}
    spoken = {result.name for result in narrowed(outcome, only).results()}
    for name in dict.fromkeys(names.get(name, name) for name in only):
        if name in declared and name not in spoken:
            said = f"{name} 不适用：这个{program.root}没有它所说的{declared[name]}"
            yield from wrap(Piece(said, "quiet"), width, lead="  ")


# ---- results --------------------------------------------------------------------------------------------------------


def _results(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], full: bool, short: bool) -> list[Line]:
    rows = list(selected(outcome, only, short))
    groups: dict[tuple[object, ...], tuple[list[str], DecisionResult]] = {}
    for name, part, result in rows:
        if result.status != "not_applicable" and not (short and _without(result, part, outcome)):
            # Rows of one kind that come out the same, by the same rules and clauses, are told once.
            key = (result.name, result.text, result.rules, result.unknown_rules, result.citations)
            groups.setdefault(key, ([], result))[0].append(name)
    if not rows:
        return []
    spoken = [("、".join(names), result) for names, result in groups.values()]
    lines: list[Line] = []
    label = min(max((display_width(name) for name, _ in spoken), default=0), 20)
    for name, result in spoken:
        lead: Line = (Piece("  " + name + " " * max(2, label + 2 - display_width(name)), "name"),)
        if display_width(name) > label:
            lines.extend(wrap(Piece(name, "name"), width, lead="  "))
            lead = (Piece(" " * (label + 4)),)
        lines.extend(_result_lines(result, policy, width, lead, full, short))
    idle = [name for name, _, result in rows if result.status == "not_applicable"]
    if idle:
        lines.extend(wrap(Piece("不适用：" + "、".join(idle), "quiet"), width, lead="  "))
    without = [name for name, part, result in rows if short and _without(result, part, outcome)]
    if without:
        lines.extend(wrap(Piece(f"无：{some(without, NAMED)}", "quiet"), width, lead="  "))
    if short and (left := passed_over(outcome)):
        lines.extend(wrap(Piece(f"…… 另有 {left} 个决定，加 --all 看", "quiet"), width, lead="  "))
    return lines


def _without(result: DecisionResult, part: ObjectOutcome, outcome: Outcome) -> bool:
    """Whether no rule speaks of a row: that is no news."""
    return result.status == "none" and part is not outcome


def _result_lines(
    result: DecisionResult, policy: Policy, width: int, lead: Line, full: bool, short: bool
) -> list[Line]:
    indent = " " * line_width(lead)
    many = is_many(result, policy)
    content = _many_pieces(result) if many else [Piece(result.text, STATUS_STYLES[result.status])]
    remarks = _remarks(result, policy)
    lines = wrap([*content, Piece(f"（{remarks}）" if remarks else "", "quiet")], width, lead=lead)
    if many:
        lines.extend(_many_lines(result, width, indent, full, short))
    shown = _places(result.citations, policy)
    # In short the reasons stand right below.
    if shown and not many and not short and result.status in ("determined", "conflict", "undetermined"):
        cited = some(shown, len(shown) if full else 6, "条")
        lines.extend(wrap(Piece(f"依据 {cited}", "quiet"), width, lead=indent))
    return lines


def _places(citations: Iterable[Citation], policy: Policy) -> list[str]:
    """The places cited, each once, without their words."""
    return list(dict.fromkeys(citation_text(citation, policy, quote=False) for citation in citations))


def _maybe(result: DecisionResult) -> list[str]:
    return [candidate_text(c) for c in result.candidates if c not in result.certain]


def _many_pieces(result: DecisionResult) -> list[Piece]:
    """A 多选 result in short: how many values hold, how many are open."""
    maybe = _maybe(result)
    if result.status == "none" or (not result.certain and not maybe):
        return [Piece("没有", "quiet")]
    content = [Piece(f"{len(result.certain)} 项确定", "good" if result.certain else "quiet")]
    # That it may not apply at all is no value of its own.
    values = sum(isinstance(c, str) and c not in result.certain for c in result.candidates)
    return [*content, Piece(f"，{values} 项待定", "doubt")] if values else content


def _many_lines(result: DecisionResult, width: int, indent: str, full: bool, short: bool) -> list[Line]:
    """Values by 语气, so that what is 可 or 支持 does not read like a duty; open values last. In short many are counted."""
    groups: dict[str, list[str]] = {}
    for value in result.values:
        if value in result.certain:
            groups.setdefault(result.tones.get(value) or "", []).append(value)
    maybe = _maybe(result)
    lines: list[Line] = []
    if short and len(result.certain) + len(maybe) > OPEN_VALUES:
        said = "、".join(f"{tone or '其他'} {len(values)} 项" for tone, values in groups.items()) if any(groups) else ""
        return wrap(Piece(f"{said + '；' if said else ''}各项加 --only {result.name} 看", "quiet"), width, lead=indent)
    for tone, values in groups.items():
        word = tone or ("其他" if len(groups) > 1 else "")
        lines.extend(wrap(f"{word}：{'、'.join(values)}" if word else "、".join(values), width, lead=indent))
    if maybe:
        said = some(maybe, len(maybe) if full else OPEN_VALUES)
        lines.extend(wrap(Piece(f"待定：{said}", "doubt"), width, lead=indent))
    return lines


def _remarks(result: DecisionResult, policy: Policy) -> str:
    remarks = ["没有条文管到，按默认"] if result.defaulted and result.status == "determined" else []
    if result.presumed:
        remarks.append("按推定：" + "、".join(result.presumed))
    if result.defaults:
        remarks.append("按缺省：" + "、".join(_default(name, policy) for name in result.defaults))
    return "；".join(remarks)


def _default(name: str, policy: Policy) -> str:
    """A parameter with the 缺省 it stands at; several values in braces, for 、 parts the parameters."""
    parameter = policy.program.parameters[name]
    if parameter.value is None:
        return name
    value = value_text(parameter.value, parameter.type)
    several = isinstance(parameter.value, frozenset) and len(parameter.value) > 1
    return f"{name}＝{{ {value} }}" if several else f"{name}＝{value}"


def _by_layer(
    outcome: Outcome,
    policy: Policy,
    upper: Sequence[tuple[str, Outcome]],
    width: int,
    only: Sequence[str],
    short: bool,
) -> list[Line]:
    """What each upper part of the stack alone would have said, where that differs."""
    if not upper:
        return []
    labels = [*(label for label, _ in upper), label_of(policy.layers[-1].id, policy)]
    above = [{part.path: part.decisions for part in objects_of(other)} for _, other in upper]
    rows: list[tuple[str, ...]] = []
    added: list[Line] = []
    for name, part, result in selected(outcome, only, short):
        found = [
            parts.get(part.path, {}).get(policy.stack.said(other.layers[-1], result.name))
            for parts, (_, other) in zip(above, upper, strict=True)
        ]
        if is_many(result, policy):
            added.extend(_many_by_layer(name, dict(zip(labels, [*found, result], strict=True)), policy, width, short))
            continue
        texts = [ABSENT if other is None else other.text for other in found] + [result.text]
        if len(dict.fromkeys(texts)) > 1 and not all(text in _QUIET for text in texts):
            rows.append((name, *texts))
    headers = ("", *(_column(label, policy) for label in labels))
    return (table(headers, rows, width, indent=2) if rows else []) + added


def _column(label: str, policy: Policy) -> str:
    """The heading of what the stack that ends with a layer says: what it adds to those before it, or all of it."""
    layer = _layer_called(label, policy)
    if layer.level and layer.above == frozenset(range(layer.level)):
        return f"加上{label}"
    names = [label_of(policy.stack.layers[level].id, policy) for level in sorted(layer.above)]
    return f"只按{'＋'.join((*names, label))}"


def _layer_called(label: str, policy: Policy) -> Layer:
    return next(layer for layer in policy.stack.layers if label_of(layer.id, policy) == label)


_QUIET = ("不适用", "无", ABSENT)


def _many_by_layer(
    name: str, results: Mapping[str, DecisionResult | None], policy: Policy, width: int, short: bool
) -> list[Line]:
    """Which certain values of a 多选 decision each further layer adds to those it extends, or takes away."""
    lines: list[Line] = []
    layers = policy.stack.layers
    for label, second in list(results.items())[1:]:
        above = _layer_called(label, policy).above
        nearest = sorted(above - {level for upper in above for level in layers[upper].above})
        extended = [results.get(label_of(layers[level].id, policy)) for level in nearest]
        before = frozenset[str]().union(*(first.certain for first in extended if first is not None))
        after = second.certain if second is not None else frozenset()
        values = dict.fromkeys(value for r in (*extended, second) if r is not None for value in r.values)
        gained = [value for value in values if value in after and value not in before]
        lost = [value for value in values if value in before and value not in after]
        parts = [
            f"{word} {f'{len(found)} 项' if short and len(found) > NAMED else '、'.join(found)}"
            for word, found in (("增加", gained), ("不再有", lost))
            if found
        ]
        if parts:
            text = [Piece(f"{name}：", "name"), Piece(f"{_column(label, policy)}，{'；'.join(parts)}")]
            lines.extend(wrap(text, width, lead="  ", rest="    "))
    return lines


# ---- values ---------------------------------------------------------------------------------------------------------


def _by_value(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], full: bool) -> list[Line]:
    """Each value of a 多选 decision, or of a conflict, with its 语气, clauses and offices; those of one source together.
    What is still open is told in short, and only when asked for."""
    lines: list[Line] = []
    for name, _, result in selected(outcome, only):
        if not result.by_value or not (is_many(result, policy) or result.status == "conflict"):
            continue
        groups: dict[tuple[object, ...], list[ValueSources]] = {}
        for one in result.by_value.values():
            groups.setdefault((one.certain, one.tone, one.citations), []).append(one)
        shown: list[Line] = []
        for found in groups.values():
            if found[0].certain:
                shown.extend(_value_lines(found, policy, width))
        waiting = [found for found in groups.values() if not found[0].certain]
        if full or only:
            for found in waiting:
                shown.extend(_open_value_lines(found, policy, width))
        elif waiting and shown:
            number = sum(map(len, waiting))
            hint = f"另有 {number} 项待定，加 --only {result.name} 看各项的依据和单位"
            shown.extend(wrap(Piece(hint, "quiet"), width, lead="    "))
        if shown:
            lines += [(Piece(f"  {name}", "title"),), *shown]
    return lines


def _value_lines(found: Sequence[ValueSources], policy: Policy, width: int) -> list[Line]:
    """Values that hold, of one source: the values, then their clauses, then who answers for them."""
    first = found[0]
    tone = first.tone or "·"
    lead = (Piece("    "), Piece(tone + " " * (6 - display_width(tone)), "link"))
    lines = wrap(Piece("、".join(one.value for one in found), "name"), width, lead=lead)
    offices = "、".join(first.offices) or "条文没有写"
    for word, text in (("依据", "、".join(_places(first.citations, policy))), ("单位", offices)):
        if text:
            lines.extend(wrap(Piece(f"{word} {text}", "quiet"), width, lead=" " * 10, rest=" " * 15))
    return lines


def _open_value_lines(found: Sequence[ValueSources], policy: Policy, width: int) -> list[Line]:
    first = found[0]
    said = "；".join(
        f"{word} {text}"
        for word, text in (
            ("语气", first.tone),
            ("依据", "、".join(_places(first.citations, policy))),
            ("单位", "、".join(first.offices)),
        )
        if text
    )
    content = [Piece("、".join(one.value for one in found), "doubt"), Piece(f"（{said}）" if said else "", "quiet")]
    return wrap(content, width, lead="    待定  ")


# ---- findings -------------------------------------------------------------------------------------------------------


def _findings(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], full: bool, short: bool) -> list[Line]:
    """Findings by status: what is wrong or due with clause and quote, the rest by name; after those that were asked for the notices
    that speak of the same matter."""
    brief = () if full or only else ("unverified", "compliant")
    groups: dict[tuple[object, ...], list[Finding]] = {}
    # What is past its day while nobody can see whether it was done is to be looked at, and not one name among many.
    lapsed = {id(task.finding): task for task in lapsed_of([outcome])}
    picked = picked_findings(outcome, only)
    if only:
        near = beside(policy.program, only)
        picked += [finding for finding in outcome.findings if finding.status == "notice" and finding.name in near]
    for finding in picked:
        # On several rows it is told once, as far as it is due on one day, rests on the same clauses and says the same.
        told = (
            ()
            if finding.status in brief and id(finding) not in lapsed
            else (finding.due, finding.citations, finding.message)
        )
        groups.setdefault((finding.status, finding.name, *told), []).append(finding)
    lines: list[Line] = []
    by_name: dict[tuple[str, str], list[str]] = {}
    tasks = {id(task.finding): task for task in tasks_of([outcome])} | lapsed
    for found in groups.values():
        first = found[0]
        status: str = first.status
        # In brackets of their own the brackets of a label are one pair too many.
        labels = [f.label.replace("（", "").replace("）", "") if f.unlisted else f.label for f in found]
        places = [label for label, f in zip(labels, found, strict=True) if f.target != outcome.path]
        shown = first.name + (f"（{'、'.join(places)}）" if places else "")
        if status in brief and id(first) not in lapsed:
            kind = "notice" if first.kind == "notice" else ""
            by_name.setdefault((status, kind), []).append(shown)
            continue
        lead = status_lead(status)
        kind = "" if first.kind == "notice" else KIND_NAMES[first.kind] + " "
        due = f"，期限 {date_text(first.due)}" if first.due else ""
        if short and first.kind == "notice":
            cited = "、".join(_places(nearest(first), policy))
            message = [
                Piece(shown, "name"),
                Piece(f"：{first.message}" if first.message else ""),
                Piece(f"（{cited}）" if cited else "", "quiet"),
            ]
            lines.extend(wrap(message, width, lead=lead))
            continue
        lines.extend(wrap([Piece(f"{kind}{shown}", "name"), Piece(due)], width, lead=lead))
        indent = " " * line_width(lead)
        for finding in found:
            task = tasks.get(id(finding))
            if task is not None:
                row = f"{finding.label}：" if len(found) > 1 else ""
                facts = "；".join(part for part in (lateness(task), *task.facts, lacking(task)) if part)
                lines.extend(wrap(f"{row}{facts}", width, lead=indent) if facts else [])
            elif finding.reason:
                row = f"{finding.label}：" if len(found) > 1 else ""
                lines.extend(wrap(f"{row}理由：“{finding.reason}”", width, lead=indent))
        turned = Counter(said for finding in found for said in otherwise(finding, outcome.findings))
        for said, number in turned.items():
            part = "" if number == len(found) else f"（{number} 处）"
            lines.extend(wrap(Piece(f"{said}{part}", "doubt"), width, lead=indent))
        if first.message:
            lines.extend(wrap(first.message, width, lead=indent))
        for citation in nearest(first) if short else first.citations:
            lines.extend(wrap(Piece(citation_text(citation, policy), "quiet"), width, lead=indent))
    for (status, kind), names in by_name.items():
        if short and status == "compliant" and len(names) > NAMED:
            lines.extend(wrap(f"{len(names)} 项", width, lead=status_lead(status)))
        elif status == "compliant" or kind != "notice":
            listed = some(names, OPEN_VALUES if short else len(names))
            lines.extend(wrap(listed, width, lead=status_lead(status)))
    waiting = by_name.get(("unverified", "notice"), [])
    if waiting:
        text = Piece(f"另有 {len(waiting)} 条提示资料不全，还看不出要不要提示，加 --full 看", "quiet")
        lines.extend(wrap(text, width, lead="  "))
    return lines


# ---- reasons and offices --------------------------------------------------------------------------------------------


def _reasons(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], full: bool, short: bool) -> list[Line]:
    digest = Digest(policy, brief=not only, short=short)
    branches: list[Branch] = []
    for _, part, result in selected(outcome, only, short):
        idle = result.status == "not_applicable" or (result.status == "none" and part is not outcome)
        if full or only or not (idle or is_many(result, policy)):
            reason = result.explain()
            branches.append(whole(reason, policy) if full else digest.decision(reason))
    for finding in picked_findings(outcome, only) if not short else ():
        if full or only or finding.status in ("violated", "overdue"):
            reason = finding.explain()
            branches.append(whole(reason, policy) if full else digest.finding(reason))
    return tree(branches, width, indent=2)


def _offices(outcome: Outcome, policy: Policy, width: int, only: Sequence[str], short: bool) -> list[Line]:
    """Responsible offices of what is to be done; tasks that name the same offices share a line. Those of values that were
    told one by one are not told again."""
    tasks: dict[tuple[str, ...], list[str]] = {}
    for name, _, result in selected(outcome, only, short):
        told = is_many(result, policy) or result.status == "conflict"
        if result.offices and result.certain and not told and result.status in ("determined", "undetermined"):
            tasks.setdefault(result.offices, []).append(name)
    for finding in picked_findings(outcome, only):
        if finding.offices and finding.status in (
            "violated",
            "overdue",
            *(() if short else ("in_progress", "unverified")),
        ):
            known = tasks.setdefault(finding.offices, [])
            if finding.name not in known:
                known.append(finding.name)
    lines: list[Line] = []
    for offices, names in tasks.items():
        lead = (Piece(f"  {'、'.join(names)}：", "name"),)
        if line_width(lead) > width // 2:
            lines.extend(wrap(lead, width))
            lead = (Piece("    "),)
        lines.extend(wrap("、".join(offices), width, lead=lead, rest="    "))
    return lines

"""The summary of a ledger as lines of Chinese text: what an official wants to know before anything else.

Why this exists: numbers first, then what needs attention, then whom to ask. The lines are the same in a terminal, in a
pipe and in a file; `report.terminal` only adds colour.

Invariant: reads a `LedgerSummary` and evaluates nothing.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policyrules.analysis.summary import FINDING_ORDER, DecisionCount, LedgerSummary, MissingCount
from policyrules.diagnostics import Diagnostic, render
from policyrules.policy import Policy
from policyrules.program.files import LayerFiles
from policyrules.program.nodes import Program
from policyrules.records.results import KIND_NAMES
from policyrules.report.layout import STATUS_STYLES, Align, Content, Line, Piece, bar, line_width, table, wrap
from policyrules.results import STATUS_NAMES, FindingStatus, Outcome, Status
from policyrules.source import display_width

_MANY = 12
_SPOKEN: tuple[FindingStatus, ...] = tuple(s for s in FINDING_ORDER if s != "not_applicable")


def date_text(date: datetime.date) -> str:
    """The date as people write it.

    >>> date_text(datetime.date(2025, 9, 5))
    '2025年9月5日'
    """
    return f"{date.year}年{date.month}月{date.day}日"


def layer_label(layer: LayerFiles) -> str:
    """How a layer is called in a line: 国家, or the region it speaks for."""
    region = layer.manifest.region
    return "国家" if layer.manifest.level == "国家" or not region else region


def label_of(layer: str, policy: Policy) -> str:
    """How the layer with this id is called; the id where the stack has none such."""
    return next((layer_label(found) for found in policy.layers if found.id == layer), layer)


def stack_label(policy: Policy) -> str:
    """The layers of a stack that are in force, in one word group: 国家＋江西省."""
    return "＋".join(layer_label(layer) for layer in policy.in_force) or "没有一层在施行"


def policy_line(policy: Policy) -> str:
    """The stack and the as-of date in one line."""
    return f"政策：{stack_label(policy)}　评估日：{date_text(policy.as_of)}"


def note_lines(policies: Iterable[Policy], width: int) -> list[Line]:
    """What stands above every result: layers that are not in force, dates that are assumed."""
    notes = dict.fromkeys(note for policy in policies for note in policy.notes)
    return [line for note in notes for line in wrap(Piece(f"注意：{note}", "doubt"), width)]


def diagnostic_lines(diagnostics: Iterable[Diagnostic]) -> list[Line]:
    """What was found, each with an empty line after it."""
    lines: list[Line] = []
    for diagnostic in diagnostics:
        lines.extend((Piece(line),) for line in render(diagnostic).split("\n"))
        lines.append(())
    return lines


def heading(text: str) -> list[Line]:
    """A heading with an empty line above it."""
    return [(), (Piece(text, "title"),)]


def percent(part: int, whole: int) -> str:
    """A share to one decimal, rounded half up, without binary floating point.

    >>> percent(1, 3), percent(0, 0)
    ('33.3%', '')
    """
    if whole <= 0:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def ledger_lines(summary: LedgerSummary, policy: Policy, *, width: int = 80, title: str = "台账评估结果") -> list[Line]:
    """The whole summary: counts of each decision with bars, findings by status, what is missing and from whom."""
    lines: list[Line] = [(Piece(title, "title"),)]
    lines.extend(wrap(Piece(f"{policy_line(policy)}　{summary.program.root}：{summary.records} 个", "quiet"), width))
    lines.extend(note_lines([policy], width))
    for count in summary.decisions.values():
        if count.total:
            lines.extend(_decision_lines(count, "个" if count.on == summary.program.root else "行", width))
    idle = [count.name for count in summary.decisions.values() if not count.total]
    lines.extend(_finding_lines(summary, width))
    lines.extend(_missing_lines(summary, width))
    if idle and summary.records:
        lines.append(())
        lines.extend(wrap(Piece(f"台账里没有对应的行，未作判断：{'、'.join(idle)}", "quiet"), width))
    return lines


def list_lines(outcomes: Sequence[Outcome], policy: Policy, *, width: int = 80) -> list[Line]:
    """Project by project: the decisions that take one value, and how many duties and prohibitions are not met."""
    program = policy.program
    names = [d.name for d in program.decisions.values() if d.mode != "多选" and outcomes and d.name in outcomes[0]]
    names = [name for name in names if any(o[name].status != "not_applicable" for o in outcomes)]
    rows: list[tuple[Content, ...]] = []
    for number, outcome in enumerate(outcomes, 1):
        # What is said of the county is not this project's doing.
        own = (finding for finding in outcome.findings if finding.shared is None)
        bad = sum(finding.status in ("violated", "overdue") for finding in own)
        cells: list[Content] = [Piece(outcome.identity or f"第 {number} 个", "name")]
        for name in names:
            result = outcome[name]
            shown = "" if result.status == "not_applicable" else result.text
            cells.append(Piece(shown, STATUS_STYLES[result.status]))
        cells.append(Piece(str(bad) if bad else "", "bad"))
        rows.append(tuple(cells))
    return table(
        ("编号", *names, "违反"), rows, width, align=("left", *(numbers(len(names))[:1] * len(names)), "right")
    )


def _decision_lines(count: DecisionCount, unit: str, width: int) -> list[Line]:
    applied = count.total - count.statuses["not_applicable"]
    head = f"{count.name}（{count.on} {count.total} {unit}" + (
        f"，适用 {applied} {unit}）" if applied != count.total else "）"
    )
    lines = heading(head)
    if not applied:
        lines.append((Piece("  都不适用", "quiet"),))
        return lines
    if count.mode == "多选":
        return lines + _many_lines(count, applied, width)
    rows: list[tuple[str, int, str, str]] = [(value, n, "", "good") for value, n in count.values.items()]
    possible = "、".join(f"{value} {number}" for value, number in count.open.most_common())
    clashes = "；".join(f"{value} {number}" for value, number in count.conflicts.items())
    remarks: dict[Status, str] = {"none": "", "undetermined": f"可能：{possible}", "conflict": clashes}
    for status, remark in remarks.items():
        if count.statuses[status]:
            rows.append((STATUS_NAMES[status], count.statuses[status], remark, STATUS_STYLES[status]))
    label = max(display_width(row[0]) for row in rows)
    digits = max(len(str(row[1])) for row in rows)
    for name, number, remark, style in rows:
        lead = (
            Piece("  " + name + " " * (label - display_width(name) + 2), style if number else "quiet"),
            Piece(f"{number:>{digits}}"),
            Piece(f"  {percent(number, applied):>6}  ", "quiet"),
        )
        if remark:
            lines.extend(wrap(Piece(f"（{remark}）", "quiet"), width, lead=lead))
        else:
            lines.append((*lead, bar(number, applied, max(10, min(40, width - line_width(lead))), style)))
    return lines


def _many_lines(count: DecisionCount, applied: int, width: int) -> list[Line]:
    named = [(v, count.values[v], count.open[v]) for v in count.values if count.values[v] or count.open[v]]
    if not named:
        return [(Piece(f"  {applied} 个都没有", "quiet"),)]
    named.sort(key=lambda row: (-row[1], -row[2]))
    shown, rest = named[:_MANY], named[_MANY:]
    room = max(8, min(24, width - 30 - max(display_width(row[0]) for row in shown)))
    lines = table(
        ("", "确定", "可能", ""),
        [(v, str(sure), str(maybe) if maybe else "", bar(sure, applied, room, "good")) for v, sure, maybe in shown],
        width,
        align=("left", "right", "right", "left"),
        indent=2,
    )
    if rest:
        lines.append((Piece(f"  另有 {len(rest)} 项，见结果文件或 --json", "quiet"),))
    return lines


def _finding_lines(summary: LedgerSummary, width: int) -> list[Line]:
    lines: list[Line] = []
    for kind, name in KIND_NAMES.items():
        rows = [(f, c) for f, c in summary.findings.items() if summary.finding_kinds.get(f) == kind]
        spoken = [(f, c) for f, c in rows if any(c[status] for status in _SPOKEN)]
        if not spoken:
            continue
        first: tuple[FindingStatus, ...] = ("notice",) if kind == "notice" else FINDING_ORDER
        spoken.sort(key=lambda row: (*(-row[1][s] for s in (*first, "unverified")), row[0]))
        lines.extend(heading(f"{name}（按{_spoken_of(summary.program, [row[0] for row in spoken])}个数）"))
        lines.extend(status_table(spoken, _SPOKEN, width, STATUS_STYLES))
    lines.extend(_owner_lines(summary, width))
    return lines


def _spoken_of(program: Program, findings: Iterable[str]) -> str:
    """The kinds of objects that findings are counted on: the records and their rows."""
    spoken = {(program.duties.get(name) or program.notices[name]).object for name in findings}
    rows = [kind for kind in program.objects if kind in spoken - {program.root, *_above(program)}]
    return f"{'、'.join((program.root, *rows[:-1]))}或{rows[-1]}" if rows else program.root


def _above(program: Program) -> list[str]:
    """The kinds of objects that records belong to, nearest first."""
    found: list[str] = []
    parent = program.objects[program.root].parent
    while parent is not None:
        found.append(parent)
        parent = program.objects[parent].parent
    return found


def _owner_lines(summary: LedgerSummary, width: int) -> list[Line]:
    """Duties and notices of what records belong to (县): names by status."""
    lines: list[Line] = []
    for status in _SPOKEN:
        names = [name for name, counter in summary.owner_findings.items() if counter[status]]
        if names:
            lines.extend(wrap("、".join(names), width, lead=status_lead(status)))
    return heading(f"{'、'.join(_above(summary.program))}级事项") + lines if lines else []


def status_lead(status: str) -> Line:
    """What a line of names begins with: the status they share."""
    word = STATUS_NAMES[status]
    return (Piece(f"  {word}" + " " * (8 - display_width(word)), STATUS_STYLES[status]),)


def numbers(count: int) -> tuple[Align, ...]:
    """Alignment of a table whose first column is a name and whose other ``count`` columns are numbers."""
    right: Align = "right"
    return ("left", *(right for _ in range(count)))


def status_table(
    rows: Sequence[tuple[str, Counter[Any]]], order: Sequence[str], width: int, styles: Mapping[str, str]
) -> list[Line]:
    """Names and how many objects have each status, of ``order`` those that any has."""
    statuses = [status for status in order if any(counter[status] for _, counter in rows)]
    cells: list[tuple[Content, ...]] = [
        (name, *(number_cell(counter[s], styles.get(s, "")) for s in statuses)) for name, counter in rows
    ]
    headers = ("", *(STATUS_NAMES[s] for s in statuses))
    return table(headers, cells, width, align=numbers(len(statuses)), indent=2)


def number_cell(number: int, style: str = "") -> Piece:
    """A number in a table; a dot where there is none."""
    return Piece(str(number), style) if number else Piece("·", "quiet")


def blank_name(kind: str, name: str, object_name: str) -> str:
    """How a missing input is called: whose it is ('' for the record itself), and what it is where it is not a cell of the
    ledger.

    >>> blank_name("field", "闲置起始日", "资产"), blank_name("parameter", "长期闲置月数", "")
    ('资产.闲置起始日', '参数“长期闲置月数”')
    """
    where = f"{object_name}." if object_name else ""
    match kind:
        case "field":
            return where + name
        case "rows":
            return f"{where}{name}（整张表）"
        case "portfolio":
            return "全县台账"
        case "parameter":
            return f"参数“{name}”"
        case "recognition":
            return f"{where}{name}（须认定）"
        case "conflict":
            return f"{where}{name}（冲突未解决）"
        case "presumption":
            return f"{where}{name}（推定不一致）"
        case _:
            return f"{where}{name}（算不出）"


def holders_text(holders: Sequence[str], kind: str = "field") -> str:
    """Who would know it; where nobody is declared, who decides such things; empty for a list whose columns different
    people know."""
    if holders:
        return "、".join(holders)
    return {
        "parameter": "县级设定",
        "recognition": "主管部门认定",
        "portfolio": "本次评估",
        "conflict": "县级裁定",
        "rows": "",
    }.get(kind, "未写明由谁掌握")


def _missing_lines(summary: LedgerSummary, width: int) -> list[Line]:
    lines: list[Line] = []
    root = summary.program.root
    if summary.missing:
        lines += heading(f"缺什么、找谁（{summary.unsettled} 个{root}因此定不下来）")
        note = f"数字是受影响的{root}；括号里是只补这一项就可能定下来的{root}"
        lines.extend(wrap(Piece(note, "quiet"), width, lead="  "))
        lines.extend(_holder_lines(summary.ranked(summary.missing), root, width, _MANY))
    if summary.missing_many:
        lines += heading("措施、台账动作等还缺什么")
        lines.extend(_holder_lines(summary.ranked(summary.missing_many), root, width, _MANY // 2))
    return lines


def _holder_lines(entries: Sequence[MissingCount], root: str, width: int, limit: int) -> list[Line]:
    groups: dict[str, list[MissingCount]] = {}
    for entry in entries:
        groups.setdefault(holders_text(entry.holders, entry.kind), []).append(entry)
    lines: list[Line] = []
    for holder, listed in groups.items():
        content: list[Piece] = []
        for number, entry in enumerate(listed[:limit]):
            content.append(Piece("、" if number else ""))
            content.append(Piece(blank_name(entry.kind, entry.name, "" if entry.on == root else entry.on)))
            content.append(Piece(f" {entry.records}", "doubt"))
            content.append(Piece(f"（{entry.alone}）" if entry.alone else "", "quiet"))
        if len(listed) > limit:
            content.append(Piece(f"，另有 {len(listed) - limit} 项", "quiet"))
        lines.extend(wrap(content, width, lead=holder_lead(holder), rest="    "))
    return lines


def holder_lead(holder: str) -> Line:
    """What a line of blanks begins with: who would know them, where that is known."""
    return (Piece(f"  {holder}：" if holder else "  ", "name"),)

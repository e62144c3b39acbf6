"""The page about a ledger as lines of Chinese text: what has to be done, what comes out, what to fill in.

Why this exists: an official who opens a ledger's results wants to know first who breaches what, by which document, then
the classes, then whom to ask for what. Everything else is counted in one line and shown when asked for.

Invariants: reads tasks, a `LedgerSummary` and a `Ledger`, and evaluates nothing; what is left out is counted; what is said
of a county is said once, with its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policyrules.analysis.labels import document_of
from policyrules.analysis.summary import FINDING_ORDER, AmountTotal, DecisionCount, LedgerSummary, MissingCount
from policyrules.codes import CODES
from policyrules.policy import Policy
from policyrules.program import belonging
from policyrules.program.nodes import Citation, Program
from policyrules.records.ledger import Ledger
from policyrules.records.spool import Rows
from policyrules.records.tasks import SHORT, Task, lacking, lateness
from policyrules.records.wording import asked_text, blank_name, holders_text
from policyrules.report.layout import (
    STATUS_STYLES,
    Align,
    Content,
    Line,
    Piece,
    bar,
    line_width,
    table,
    table_lines,
    wrap,
)
from policyrules.report.project_picked import MOST_DECISIONS
from policyrules.report.reasons import nearest
from policyrules.report.text import (
    head_lines,
    heading,
    holder_lead,
    nothing_in_force,
    percent,
    status_lead,
    status_table,
)
from policyrules.results import KIND_NAMES, STATUS_NAMES, FindingStatus, Outcome, Status
from policyrules.source import display_width
from policyrules.text import cut, cut_clauses, cut_middle, some
from policyrules.types import date_text

_MANY = 12
_FEW = 5
_LONGEST_REASON = 80
_SHORTEST_QUOTE = 20
_WIDE, _SHORT_NAME = 110, 8
_SPOKEN: tuple[FindingStatus, ...] = tuple(s for s in FINDING_ORDER if s != "not_applicable")
_NUMERALS = "一二三四五六七八九十"


def ledger_lines(
    summary: LedgerSummary,
    policy: Policy,
    *,
    tasks: Rows[Task] | None = (),
    explained: Rows[Task] = (),
    lapsed: Rows[Task] = (),
    ledger: Ledger | None = None,
    width: int = 80,
    title: str = "台账评估结果",
    everything: bool = False,
) -> list[Line]:
    """The whole page. ``tasks``: what has to be done, None where only counts are wanted; ``explained``: what was not done for a reason that was given; ``lapsed``: what is past its day while nobody can see whether it was done; ``ledger``: where the records came from, for those set aside;
    ``everything``: no list is cut short, and every duty, prohibition and notice has its row."""
    root = summary.program.root
    lines: list[Line] = [(Piece(title, "title"),)]
    lines.extend(head_lines(policy, width, f"　{root}：{summary.records} 个"))
    elsewhere = None if ledger is None else ledger.elsewhere
    lines.extend([] if elsewhere is None else wrap(Piece(f"注意：{elsewhere}", "doubt"), width))
    lines.extend(_set_aside(ledger, root, width))
    if not policy.in_force:
        return [*lines, (), *wrap(nothing_in_force(policy), width)]
    if summary.partly:
        lines.extend(wrap(Piece(asked_text(root, summary.asked, summary.records), "doubt"), width))
    single = [count for count in summary.decisions.values() if count.total and count.mode != "多选"]
    many = [count for count in summary.decisions.values() if count.total and count.mode == "多选"]
    sections = [
        *(() if tasks is None else [_task_section(_Told(tasks, everything), len(lapsed), root, policy, width)]),
        (
            f"过了期限，但还缺材料的（{len(lapsed)} 处）",
            _lapsed_lines(_Told(lapsed, everything, by_days=False), width),
        ),
        (
            f"没有做到而说明了理由的（{len(explained)} 处）",
            _explained_lines(_Told(explained, everything, by_days=False), policy, width),
        ),
        ("结论", _conclusion_lines(single, summary, width, everything)),
        (
            f"要补的（{summary.unsettled} 个{root}因此定不下来{_first(summary)}）",
            _missing_lines(summary, width, everything),
        ),
        ("义务、禁令和提示", _finding_lines(summary, width) if everything else _folded_lines(summary, width)),
        ("、".join(count.name for count in many), _measure_lines(many, summary, width, everything)),
    ]
    shown = [(name, content) for name, content in sections if content]
    for number, (name, content) in enumerate(shown):
        lines += [(), *wrap(Piece(f"{_NUMERALS[number]}、{name}", "title"), width)]
        lines.extend(content)
    idle = [count.name for count in summary.decisions.values() if not count.total]
    if idle and summary.records:
        lines.append(())
        lines.extend(wrap(Piece(f"台账里没有对应的行，未作判断：{'、'.join(idle)}", "quiet"), width))
    return lines


def _conclusion_lines(
    single: Sequence[DecisionCount], summary: LedgerSummary, width: int, everything: bool
) -> list[Line]:
    told = single if everything else single[:MOST_DECISIONS]
    lines = [line for count in told for line in _decision_lines(count, _unit(count, summary), width)]
    if len(single) > len(told):
        text = f"…… 另有 {len(single) - len(told)} 个决定，加 --all 看"
        lines += [(), *wrap(Piece(text, "quiet"), width, lead="  ")]
    return lines


def _unit(count: DecisionCount, summary: LedgerSummary) -> str:
    return "个" if count.on in (summary.program.root, *_above(summary.program)) else "行"


def _set_aside(ledger: Ledger | None, root: str, width: int) -> list[Line]:
    """How many records were not evaluated, which, and why, in one line."""
    if ledger is None or not ledger.set_aside:
        return []
    who = some([record.identity or record.name or "没有编号的" for record in ledger.set_aside], _FEW, "个")
    why = dict.fromkeys(CODES[problem.code] for problem in ledger.problems if problem.cell.set_aside)
    reason = f"（{'；'.join(why)}）" if why else ""
    text = f"没有评估的{root} {len(ledger.set_aside)} 个：{who}{reason}。下面的数里没有算它们的结论"
    return wrap(Piece(text, "doubt"), width)


# ---- what has to be done --------------------------------------------------------------------------------------------


class _Group:
    """The tasks of one finding of records by the same clauses, of which those that are shown alone are kept."""

    __slots__ = ("done", "first", "listed", "number", "otherwise", "statuses")

    def __init__(self, first: Task) -> None:
        self.first = first
        self.number = self.done = 0
        self.statuses: Counter[FindingStatus] = Counter()
        self.otherwise: Counter[str] = Counter()
        self.listed: list[Task] = []


class _Told:
    """Tasks, of which there may be very many, looked through once: those of counties (``shared``), and those of records by
    finding and clauses, for of one duty some may break what a lower layer made stricter alone.
    ``whole``: all are shown, else of each finding the first few, ``by_days`` those that are latest."""

    def __init__(self, tasks: Rows[Task], everything: bool, *, by_days: bool = True) -> None:
        self.number = len(tasks)
        self.whole = everything or self.number <= SHORT
        self.shared: list[Task] = []
        self.groups: dict[tuple[str, tuple[Citation, ...]], _Group] = {}
        self.identities: set[str] = set()
        for task in tasks:
            if task.shared and by_days:
                self.shared.append(task)
                continue
            self.identities.add(task.identity)
            duty = task.finding.name, task.finding.citations
            group = self.groups.get(duty)
            if group is None:
                group = self.groups[duty] = _Group(task)
            group.number += 1
            group.done += task.done is not None
            group.statuses[task.finding.status] += 1
            group.otherwise.update(task.otherwise)
            group.listed.append(task)
            if not self.whole:
                self._cut(group, by_days)
        if by_days:
            for group in self.groups.values():
                group.listed.sort(key=_latest_first)

    def _cut(self, group: _Group, by_days: bool) -> None:
        if by_days and len(group.listed) >= _FEW - 2:
            group.listed.sort(key=_latest_first)
        del group.listed[_FEW - 2 :]


def _latest_first(task: Task) -> tuple[bool, int, bool]:
    """What was done in the end, late as it was, comes last: nothing can be done about it."""
    return task.done is not None, -(task.days or 0), task.finding.due is None


def _task_section(told: _Told, lapsed: int, root: str, policy: Policy, width: int) -> tuple[str, list[Line]]:
    owners: Counter[str] = Counter(task.owner for task in told.shared)
    parts = [f"{owner} {count} 处" for owner, count in owners.items()]
    own = told.number - owners.total()
    parts += [f"{len(told.identities)} 个{root} {own} 处"] if own else []
    heading = f"要处理的（{told.number} 处：{'，'.join(parts)}）" if told.number else "要处理的"
    # Whoever reads no more than the first lines knows of them.
    more = f"另有 {lapsed} 处过了期限，但还缺材料，看不出做没做到，见下面“二”"
    return heading, [
        *(wrap(Piece(more, "doubt"), width, lead="  ") if lapsed else []),
        *_task_lines(told, policy, width),
    ]


def _task_lines(told: _Told, policy: Policy, width: int) -> list[Line]:
    """What counties owe, one by one; then each duty that records breach, first what most of them have still to do, with its clause,
    its words, and who."""
    if not told.number:
        return [(Piece("  没有违反，也没有逾期", "good"),)]
    lines: list[Line] = []
    for owner in dict.fromkeys(task.owner for task in told.shared):
        lines.append((Piece(f"  {owner}", "name"),))
        for task in told.shared:
            if task.owner == owner:
                row = task.judged.removeprefix(owner).removeprefix("·")
                said = "　".join(part for part in (lateness(task), _detail(task)) if part)
                lines.extend(_duty_lines(task, policy, width, f"{row}　" if row else "", said))
                lines.extend(_otherwise_lines(Counter(task.otherwise), 1, width))
    ranked = sorted(told.groups.values(), key=lambda group: (group.done - group.number, -group.number))
    shown = ranked if told.whole else ranked[:_MANY]
    for group in shown:
        counts = group.statuses
        word = "、".join(f"{STATUS_NAMES[s]} {counts[s]} 处" for s in FINDING_ORDER if counts[s])
        word += (
            f"（{'都' if group.done == group.number else f'其中 {group.done} 处'}已经做了，只是晚了）"
            if group.done
            else ""
        )
        lines.extend(_duty_lines(group.first, policy, width, "", word))
        lines.extend(_otherwise_lines(group.otherwise, group.number, width))
        for task in group.listed:
            lines.extend(_who_lines(task, width))
        if group.number > len(group.listed):
            lines.append((Piece(f"      另有 {group.number - len(group.listed)} 处", "quiet"),))
    lines.extend(_left_lines(ranked[len(shown) :], width))
    if not told.whole:
        lines.extend(wrap(Piece("全部见结果文件（-o）的“要处理”表；在这里看加 --all", "quiet"), width, lead="  "))
    return lines


def _lapsed_lines(told: _Told, width: int) -> list[Line]:
    """What is past its day while a cell is blank, duty by duty, what counties owe first, with what to fill in and who knows it."""
    ranked = sorted(told.groups.values(), key=lambda group: (not group.first.shared, -group.number))
    if not ranked:
        return []
    note = "做没做到，要看空着的这几项：补上才清楚，没有做的就是逾期"
    lines = wrap(Piece(note, "quiet"), width, lead="  ")
    shown = ranked if told.whole else ranked[:_FEW]
    for group in shown:
        lines.extend(wrap([Piece(group.first.finding.name, "name"), Piece(f"　{group.number} 处")], width, lead="  "))
        for task in group.listed:
            lacks = lacking(task)
            content = [
                Piece(_whose(task)),
                Piece(
                    f"　期限 {date_text(task.finding.due)}，已过 {task.days} 天" if task.finding.due else "", "doubt"
                ),
                Piece(f"　{lacks}" if lacks else ""),
            ]
            lines.extend(wrap(content, width, lead="      ", rest="        "))
        if group.number > len(group.listed):
            lines.append((Piece(f"      另有 {group.number - len(group.listed)} 处", "quiet"),))
    lines.extend(_left_lines(ranked[len(shown) :], width))
    return lines


def _whose(task: Task) -> str:
    """The record and what of it is judged, or what records belong to."""
    who = task.owner if task.shared else f"{task.identity} {task.name}".strip()
    row = task.judged.removeprefix(who).removeprefix("·")
    return f"{who}（{row}）" if row else who


def _left_lines(groups: Sequence[_Group], width: int) -> list[Line]:
    """The duties that are not told one by one, and how often they are."""
    if not groups:
        return []
    number = sum(group.number for group in groups)
    names = [*dict.fromkeys(group.first.finding.name for group in groups)]
    text = f"另有 {len(names)} 项 {number} 处：{some(names, _MANY)}"
    return wrap(Piece(text, "quiet"), width, lead="  ")


def _explained_lines(told: _Told, policy: Policy, width: int) -> list[Line]:
    """What was not done in principle, duty by duty, with who gave which reason: no breach, and left to the reader."""
    lines: list[Line] = []
    for group in told.groups.values():
        said = f"{STATUS_NAMES['explained']} {group.number} 处"
        lines.extend(_duty_lines(group.first, policy, width, "", said, plain=True))
        for task in group.listed:
            content = [
                Piece(_whose(task)),
                Piece(f"　理由：“{cut(task.finding.reason, _LONGEST_REASON)}”"),
            ]
            lines.extend(wrap(content, width, lead="      ", rest="        "))
        if group.number > len(group.listed):
            lines.append((Piece(f"      另有 {group.number - len(group.listed)} 处", "quiet"),))
    return lines


def _duty_lines(task: Task, policy: Policy, width: int, whose: str, said: str, *, plain: bool = False) -> list[Line]:
    """A duty or prohibition with what is said of it, then the document, the place and the words; ``plain``: without its
    status."""
    finding = task.finding
    lead: Line = (Piece("  "),)
    if task.shared and not plain:
        lead = (Piece(f"    {STATUS_NAMES[finding.status]}  ", STATUS_STYLES[finding.status]),)
    content = [Piece(f"{whose}{finding.name}", "name"), Piece(f"　{said}" if said else "")]
    lines = wrap(content, width, lead=lead, rest="      ")
    for citation in nearest(finding):
        lines.extend(wrap(Piece(_cited(citation, policy, width - 6), "quiet"), width, lead="      "))
    return lines


def _cited(citation: Citation, policy: Policy, width: int) -> str:
    """Where it stands and its words, as many as two lines of ``width`` columns hold."""
    place = f"{document_of(citation.layer, policy)}【{citation.place}】"
    # Each line may end a column or two before its width, and the quotes take four.
    quote = cut_clauses("".join(citation.quote.split()), max(width - 4 - display_width(place) // 2, _SHORTEST_QUOTE))
    return place + (f"“{quote}”" if quote else "")


def _who_lines(task: Task, width: int) -> list[Line]:
    row = f"（{task.object}）" if task.object else ""
    who = f"{task.identity} {task.name}".strip()
    content = [
        Piece(who + row),
        Piece(f"　{lateness(task)}" if task.days is not None else "", STATUS_STYLES[task.finding.status]),
        Piece(f"　{_detail(task)}" if _detail(task) else "", "quiet"),
    ]
    return wrap(content, width, lead="      ", rest="        ")


def _otherwise_lines(counts: Counter[str], whole: int, width: int) -> list[Line]:
    """Under which other readings of the text the ``whole`` breaches of one duty are none, and how many of them."""
    lines: list[Line] = []
    for said, number in counts.most_common():
        part = "" if number == whole else f"（{number} 处）"
        lines.extend(wrap(Piece(f"{said}{part}", "doubt"), width, lead="      "))
    return lines


def _detail(task: Task) -> str:
    """The deadline and what stood in the way, as far as known."""
    due = task.finding.due
    parts = [f"期限 {date_text(due)}"] if due is not None else []
    return "；".join([*parts, *task.beside_due])


# ---- decisions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListRow:
    """What a list says of one record: what it is called (``name`` may be empty), status and text of each decision that
    takes one value, in the program's order, and how many duties and prohibitions are not met."""

    identity: str
    name: str
    results: Mapping[str, tuple[Status, str]]
    bad: int


def list_row(outcome: Outcome, program: Program, number: int, name: str = "") -> ListRow:
    """The row of an outcome, the ``number``-th of its ledger from 1; ``name``: what the record is called beside its number."""
    single = [d.name for d in program.decisions.values() if d.mode != "多选" and d.name in outcome]
    told: dict[str, tuple[Status, str]] = {}
    for decision in single:
        result = outcome[decision]
        told[decision] = (result.status, "" if result.status == "not_applicable" else result.text)
    # What is said of the county is not this project's doing.
    own = (finding for finding in outcome.findings if finding.shared is None)
    bad = sum(finding.status in ("violated", "overdue") for finding in own)
    return ListRow(outcome.identity or f"第 {number} 个", name, told, bad)


def list_lines(rows: Rows[ListRow], *, width: int = 80) -> Iterator[Line]:
    """Project by project: the decisions that take one value, and how many duties and prohibitions are not met."""
    # Records under different rules have different decisions.
    every: dict[str, bool] = {}
    named = False
    for row in rows:
        named = named or bool(row.name)
        for name, (status, _) in row.results.items():
            every[name] = every.get(name, False) or status != "not_applicable"
    decisions = [name for name, applies in every.items() if applies]

    def cells(row: ListRow) -> tuple[Content, ...]:
        found: list[Content] = [Piece(row.identity, "name")]
        if named:
            # A name of three lines would make a list of three times the length; its end tells more than its middle.
            found.append(row.name if width >= _WIDE else cut_middle(row.name, _SHORT_NAME))
        for name in decisions:
            status, text = row.results.get(name, ("not_applicable", ""))
            found.append(Piece(text, STATUS_STYLES[status]))
        found.append(Piece(str(row.bad) if row.bad else "", "bad"))
        return tuple(found)

    headers = ("编号", *(("名称",) if named else ()), *decisions, "违反")
    left: Align = "left"
    align: list[Align] = [*(left for _ in headers[:-1]), "right"]
    return table_lines(headers, lambda: map(cells, rows), width, align=align)


def _decision_lines(count: DecisionCount, unit: str, width: int) -> list[Line]:
    applied = count.total - count.statuses["not_applicable"]
    head = f"{count.name}（{count.on} {count.total} {unit}" + (
        f"，适用 {applied} {unit}）" if applied != count.total else "）"
    )
    lines = heading(head)
    if not applied:
        lines.append((Piece("  都不适用", "quiet"),))
        return lines
    if count.amount is not None:
        return lines + _amount_lines(count, count.amount, unit, width)
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


def _amount_lines(count: DecisionCount, amount: AmountTotal, unit: str, width: int) -> list[Line]:
    """What an amount comes to: what is sure, and apart from it what is open, which is no zero."""
    determined = count.statuses["determined"]
    open_ = count.statuses["undetermined"] + count.statuses["conflict"]
    content = [Piece(f"已定 {determined} {unit}", "good" if determined else "quiet")]
    if amount.sums and determined:
        content.append(Piece(f"，合计 {amount.text(amount.sure)}", "name"))
    lines = wrap(content, width, lead="  ")
    if open_:
        said = f"未定 {open_} {unit}"
        if amount.sums:
            said += f"，另有{amount.span_text()}"
        lines.extend(wrap(Piece(said, "doubt"), width, lead="  "))
    clashes = "；".join(f"{value} {number}" for value, number in count.conflicts.items())
    if clashes:
        lines.extend(wrap(Piece(f"其中冲突：{clashes}", "bad"), width, lead="  "))
    if count.statuses["none"]:
        lines.append((Piece(f"  无 {count.statuses['none']} {unit}", "quiet"),))
    return lines


def _measure_lines(counts: Sequence[DecisionCount], summary: LedgerSummary, width: int, everything: bool) -> list[Line]:
    """Decisions of many values, their most frequent values first."""
    lines: list[Line] = []
    for count in counts:
        unit = _unit(count, summary)
        applied = count.total - count.statuses["not_applicable"]
        part = f"，适用 {applied} {unit}" if applied != count.total else ""
        lines.extend(heading(f"{count.name}（{count.on} {count.total} {unit}{part}）"))
        named = [(v, count.values[v], count.open[v]) for v in count.values if count.values[v] or count.open[v]]
        if not named:
            lines.append((Piece(f"  {applied} 个都没有" if applied else "  都不适用", "quiet"),))
            continue
        named.sort(key=lambda row: (-row[1], -row[2]))
        shown = named if everything else named[:_FEW]
        room = max(8, min(24, width - 30 - max(display_width(row[0]) for row in shown)))
        lines += table(
            ("", "确定", "可能", ""),
            [(v, str(sure), str(maybe) if maybe else "", bar(sure, applied, room, "good")) for v, sure, maybe in shown],
            width,
            align=("left", "right", "right", "left"),
            indent=2,
        )
        if len(named) > len(shown):
            text = f"  另有 {len(named) - len(shown)} 项，见结果文件（-o）的“逐项结果”表；在这里看加 --all"
            lines.append((Piece(text, "quiet"),))
    return lines


# ---- findings -------------------------------------------------------------------------------------------------------


def _folded_lines(summary: LedgerSummary, width: int) -> list[Line]:
    """What is neither violated nor late, in a line each: what to look at, what is still running, what is not known."""
    counted = (*summary.findings.items(), *summary.owner_findings.items())
    lines: list[Line] = []
    due = "期限未到或还不知道" if summary.next_due is None else f"期限未到，最近的是{date_text(summary.next_due)}"
    for status, remark in (("notice", ""), ("in_progress", due), ("unverified", "资料没有填，见“要补的”")):
        rows = sorted(((counter[status], name) for name, counter in counted if counter[status]), key=lambda r: -r[0])
        if not rows:
            continue
        said = f"{sum(number for number, _ in rows)} 处" + (f"（{remark}）" if remark else "")
        if status != "unverified":
            said += "：" + some([f"{name} {number}" for number, name in rows], _MANY)
        lines.extend(wrap(said, width, lead=status_lead(status)))
    if lines:
        lines.extend(wrap(Piece("逐项的个数加 --all 看", "quiet"), width, lead="  "))
    return lines


def _finding_lines(summary: LedgerSummary, width: int) -> list[Line]:
    """Every duty, prohibition and notice that speaks, by status."""
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
    for owner, findings in summary.owners.items():
        lines.extend(heading(owner))
        for status in _SPOKEN:
            names = [name for name, counter in findings.items() if counter[status]]
            if names:
                lines.extend(wrap("、".join(names), width, lead=status_lead(status)))
    return lines


def _spoken_of(program: Program, findings: Iterable[str]) -> str:
    """The kinds of objects that findings are counted on: the records and their rows."""
    spoken = {(program.duties.get(name) or program.notices[name]).object for name in findings}
    rows = [kind for kind in program.objects if kind in spoken - {program.root, *_above(program)}]
    return f"{'、'.join((program.root, *rows[:-1]))}或{rows[-1]}" if rows else program.root


def _above(program: Program) -> list[str]:
    """The kinds of objects that records belong to, nearest first."""
    return belonging.line(program.objects, program.root)[1:]


# ---- what to fill in ------------------------------------------------------------------------------------------------


def _first(summary: LedgerSummary) -> str:
    """That what has to be filled in was told of the first records alone."""
    return f"，下面只算了前 {summary.asked} 个{summary.program.root}的" if summary.partly else ""


def _missing_lines(summary: LedgerSummary, width: int, everything: bool) -> list[Line]:
    lines: list[Line] = []
    root = summary.program.root
    if summary.missing:
        note = f"数字是受影响的{root}；括号里是只补这一项就可能定下来的{root}"
        lines.extend(wrap(Piece(note, "quiet"), width, lead="  "))
        limit = len(summary.missing) if everything else _MANY
        lines.extend(_holder_lines(summary.ranked(summary.missing), root, width, limit))
    if summary.missing_many and everything:
        lines += heading("措施等还缺什么")
        lines.extend(_holder_lines(summary.ranked(summary.missing_many), root, width, len(summary.missing_many)))
    elif summary.missing_many:
        text = f"措施等还缺 {len(summary.missing_many)} 项，见结果文件（-o）的“缺项”表；在这里看加 --all"
        lines.extend(wrap(Piece(text, "quiet"), width, lead="  "))
    return lines


def _holder_lines(entries: Sequence[MissingCount], root: str, width: int, limit: int) -> list[Line]:
    groups: dict[str, list[MissingCount]] = {}
    # Of names that stand on several objects those of the record itself are told apart.
    elsewhere = {entry.name for entry in entries if entry.on != root}
    for entry in entries:
        groups.setdefault(holders_text(entry.holders, entry.kind), []).append(entry)
    lines: list[Line] = []
    for holder, listed in groups.items():
        content: list[Piece] = []
        for number, entry in enumerate(listed[:limit]):
            content.append(Piece("、" if number else ""))
            where = "" if entry.on == root and entry.name not in elsewhere else entry.on
            content.append(Piece(blank_name(entry.kind, entry.name, where)))
            content.append(Piece(f" {entry.records}", "doubt"))
            content.append(Piece(f"（{entry.alone}）" if entry.alone else "", "quiet"))
        if len(listed) > limit:
            content.append(Piece(f"，另有 {len(listed) - limit} 项", "quiet"))
        lines.extend(wrap(content, width, lead=holder_lead(holder), rest="    "))
    return lines

"""The comparison of two stacks as lines of Chinese text: what changes, by how much, for whom, and because of which provisions.

Why this exists: a county reads the counts first, then the tables, then its projects. Of a provision it is said whether it
is enough alone, needs others, or others are enough too.

Invariants: reads a `Comparison` and evaluates nothing; unchanged results are one number, never a list; a value that is
settled and one that is gained are never added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from policyrules.analysis.acts import Provision
from policyrules.analysis.attribution import Part
from policyrules.analysis.causes import (
    NOT_LOOKED,
    all_causes,
    cause_texts,
    looked_text,
    provision_text,
    unattributed_text,
)
from policyrules.analysis.compare import KINDS, Change, Comparison, Transition
from policyrules.analysis.comparing import AmountMove, moved_text
from policyrules.analysis.labels import side_labels
from policyrules.analysis.pairs import BREACHES
from policyrules.analysis.summary import FINDING_ORDER
from policyrules.policy import Policy
from policyrules.report.layout import Align, Content, Line, Piece, table, wrap
from policyrules.report.text import heading, note_lines, number_cell, numbers, status_table
from policyrules.results import STATUS_NAMES
from policyrules.text import some
from policyrules.types import Number, date_text, number_text, simplify

_MANY = 15
_IDS = 12


def comparison_lines(comparison: Comparison, *, width: int = 80, everything: bool = False) -> list[Line]:
    """The whole report. ``everything``: no list is cut short."""
    before, after = side_labels(comparison.before, comparison.after)
    lines = wrap(Piece(f"{before} → {after}", "title"), width)
    root = comparison.after.program.root
    lines.extend(
        wrap(Piece(f"评估日：{date_text(comparison.after.as_of)}　{root} {comparison.records} 个", "quiet"), width)
    )
    lines.extend(note_lines([comparison.before, comparison.after], width))
    for note in looked_text(comparison):
        lines.extend(wrap(Piece(f"注意：{note}", "doubt"), width))
    many = comparison.many
    lines.extend(_kinds(comparison, width))
    for name, rows in comparison.transitions.items():
        if any(row.changed for row in rows) and name not in many:
            lines.extend(_single(name, rows, comparison, width, everything))
    for name, rows in comparison.transitions.items():
        if any(row.changed for row in rows) and name in many:
            lines.extend(_many(name, rows, width, everything))
    lines.extend(_findings(comparison, width, everything))
    lines.extend(_provisions(comparison, width, everything))
    if not comparison.changes and not comparison.finding_changes:
        lines += [(), (Piece(f"没有任何{root}的结果不同。", "good"),)]
    return lines


def _kinds(comparison: Comparison, width: int) -> list[Line]:
    """How many records change in which way; each is counted once."""
    counts = comparison.kinds()
    rows: list[tuple[Content, ...]] = [(KINDS[kind], str(count)) for kind, count in counts.items() if count]
    if not rows:
        return []
    rows.append(("没有变化", str(comparison.records - comparison.changed_projects)))
    header = (f"{comparison.after.program.root}（每个只数在最上面的一项里）", "个数")
    return [(), *table(header, rows, width, align=numbers(1), indent=2)]


# ---- decisions ------------------------------------------------------------------------------------------------------


def _single(name: str, rows: Sequence[Transition], comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """One decision that takes one value: its transitions, then who changes and by which provisions."""
    moved = [row for row in rows if row.changed]
    stayed = sum(row.count for row in rows if not row.changed)
    lines = heading(f"{name}（变 {sum(row.count for row in moved)}，不变 {stayed}）")
    cells = [(row.before, "→", Piece(row.after, "name"), str(row.count)) for row in moved]
    lines += table(("原来", "", "现在", "个数"), cells, width, align=("left", "left", "left", "right"), indent=2)
    total = comparison.amounts.get(name)
    if total is not None:
        lines.extend(_amount_lines(total, width))
    lines.extend(_shares(name, comparison, width, everything))
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    told: dict[tuple[str, str], str] = {}
    why: dict[tuple[int, bool, bool], tuple[str, ...]] = {}
    for change in comparison.changes:
        if change.decision == name:
            alike = id(change.cause), comparison.looked(change), "absent" in (change.before_status, change.after_status)
            if alike not in why:
                why[alike] = _why(change, comparison)
            who = change.identity or f"第 {change.index + 1} 个"
            who += "" if change.path == comparison.after.program.root else f" {change.label}"
            groups.setdefault((change.before, change.after, why[alike]), []).append(who)
            told[change.before, change.after] = f"，{change.difference}" if change.difference else ""
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    for (old, new, causes), members in ranked if everything else ranked[:_MANY]:
        lines.extend(
            wrap(
                (Piece(f"{old} → "), Piece(f"{new}（{len(members)}{told[old, new]}）", "name")),
                width,
                lead="  · ",
                rest="    ",
            )
        )
        for cause in causes:
            lines.extend(wrap(Piece(cause, "link"), width, lead="    ", rest="      "))
        who = some(members, len(members) if everything else _IDS, "个")
        lines.extend(wrap(Piece(who, "quiet"), width, lead="    ", rest="    "))
    return lines + _left_out(ranked, "种变化", everything)


def _why(change: Change, comparison: Comparison) -> tuple[str, ...]:
    """Why something changed, in sentences."""
    attribution = comparison.attribution
    if not comparison.looked(change):
        return (NOT_LOOKED,)
    if attribution is None:
        return ()
    if change.cause is not None:
        return cause_texts(change.cause, attribution, deeper(comparison))
    one_sided = "absent" in (change.before_status, change.after_status)
    return (unattributed_text(change.decision, attribution, one_sided=one_sided),)


def _shares(name: str, comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """For how many changes of a decision each provision is enough alone, needs others, or is enough beside others."""
    attribution = comparison.attribution
    if attribution is None:
        return []
    found = attribution.table(all_causes(change.cause for change in comparison.changes if change.decision == name))
    if not found:
        return []
    stack = deeper(comparison)
    rows: list[tuple[Content, ...]] = [
        (*(number_cell(counter[part]) for part in SHARES), provision_text(provision, stack))
        for provision, counter in (found if everything else found[:_MANY])
    ]
    right: Align = "right"
    header = (*SHARES.values(), "引起变化的条文")
    lines = table(header, rows, width, align=(*(right for _ in SHARES), "left"), indent=2)
    return [(), *lines, *_left_out(found, "条", everything)]


SHARES: Final[dict[Part, str]] = {"alone": "单独", "jointly": "共同", "either": "任一即可"}


def _amount_lines(total: AmountMove, width: int) -> list[Line]:
    """What an amount comes to on both sides, where it is determined on both."""

    def shown(number: Number) -> str:
        return number_text(number) + (f" {total.unit}" if total.unit else "")

    moved = simplify(total.after - total.before)
    said = f"两边都定的 {total.records} 个，合计 {shown(total.before)} → {shown(total.after)}"
    said += f"，{moved_text(moved, '', total.unit)}" if moved else "，合计不变"
    lines = wrap(Piece(said), width, lead="  ")
    if total.open:
        lines.extend(wrap(Piece(f"有一边未定的 {total.open} 个，没有算进合计", "doubt"), width, lead="  "))
    return lines


def _left_out(ranked: Sequence[object], what: str, everything: bool) -> list[Line]:
    """What a list that was cut short says in its last line."""
    if everything or len(ranked) <= _MANY:
        return []
    return [(Piece(f"  另有 {len(ranked) - _MANY} {what}，加 --all 看", "quiet"),)]


def _many(name: str, rows: Sequence[Transition], width: int, everything: bool) -> list[Line]:
    """A 多选 decision: for each value, how many objects gain it, lose it, settle or become open on it."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row.changed and row.value is not None:
            move = _MOVES.get((_held(row.before), _held(row.after)))
            if move is not None:
                counts.setdefault(row.value, Counter())[move] += row.count
    ranked = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    kinds = [kind for kind in _MOVES.values() if any(counter[kind] for counter in counts.values())]
    cells: list[tuple[Content, ...]] = [
        (value, *(number_cell(counter[kind]) for kind in kinds))
        for value, counter in (ranked if everything else ranked[:_MANY])
    ]
    lines = table(("", *kinds), cells, width, align=numbers(len(kinds)), indent=2)
    return heading(f"{name}（按个数）") + lines + _left_out(ranked, "项", everything)


# A decision that one side does not have, or that does not apply, has no value: 不含.
_MOVES: Final[dict[tuple[str, str], str]] = {
    ("不含", "含"): "新有",
    ("含", "不含"): "不再有",
    ("可能", "含"): "待定变有",
    ("可能", "不含"): "待定变无",
    ("含", "可能"): "有变待定",
    ("不含", "可能"): "无变待定",
}


def _held(state: str) -> str:
    return state if state in ("含", "可能") else "不含"


# ---- findings -------------------------------------------------------------------------------------------------------


def _findings(comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """New duties, prohibitions and notices by the status they get, those that everybody complies with in one line; then
    those whose status moves."""
    fresh: list[tuple[str, Counter[str]]] = []
    idle: list[tuple[str, Counter[str]]] = []
    moved: list[tuple[str, str]] = []
    for name, rows in comparison.finding_transitions.items():
        if all(row.before == "not_applicable" for row in rows):
            counter = Counter({row.after: row.count for row in rows})
            (idle if set(counter) == {"compliant"} and not everything else fresh).append((name, counter))
        else:
            said = (f"{STATUS_NAMES[row.before]} → {STATUS_NAMES[row.after]} {row.count}" for row in rows)
            moved.append((name, "；".join(said)))
    lines: list[Line] = []
    if fresh:
        fresh.sort(key=lambda item: tuple(-item[1][s] for s in FINDING_ORDER))
        lines += heading("新适用的义务、禁令和提示（按个数）") + status_table(fresh, FINDING_ORDER, width, {})
    if idle:
        count = sum(counter.total() for _, counter in idle)
        names = some([name for name, _ in idle], _IDS)
        lines += [
            *([] if fresh else [()]),
            *wrap(Piece(f"新适用而全部合规的 {count} 处：{names}", "quiet"), width, lead="  "),
        ]
    if moved:
        lines += heading("结果变化的义务、禁令和提示（按个数）") + table(("", "变化"), moved, width, indent=2)
    return lines


# ---- provisions -----------------------------------------------------------------------------------------------------


def deeper(comparison: Comparison) -> Policy:
    """The stack that knows the layers of both."""
    before, after = comparison.before, comparison.after
    return after if len(after.layers) >= len(before.layers) else before


def _provisions(comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """What brings the changes about, by how many it takes part in. That something newly applies and is complied
    with is no change that anybody asks about."""
    many = comparison.many
    # Many changes have the same provisions.
    told: dict[int, tuple[Provision, ...]] = {}
    times: Counter[tuple[int, str]] = Counter()
    for change in comparison.changes:
        told[id(change.provisions)] = change.provisions
        times[id(change.provisions), "措施" if change.decision in many else "判断"] += 1
    for finding in comparison.finding_changes:
        kind = "新违反" if finding.after in BREACHES and finding.before not in BREACHES else "义务"
        if (finding.before, finding.after) != ("not_applicable", "compliant"):
            told[id(finding.provisions)] = finding.provisions
            times[id(finding.provisions), kind] += 1
    counts: dict[Provision, Counter[str]] = {}
    for (number, kind), several in times.items():
        for provision in dict.fromkeys(told[number]):
            counts.setdefault(provision, Counter())[kind] += several
    if not counts:
        return []
    kinds = [kind for kind in ("判断", "新违反", "义务", "措施") if any(counter[kind] for counter in counts.values())]
    ranked = sorted(counts.items(), key=lambda item: tuple(-item[1][kind] for kind in kinds))
    stack = deeper(comparison)
    shown = ranked if everything else ranked[:_MANY]
    rows: list[tuple[Content, ...]] = [
        (*(number_cell(counter[kind]) for kind in kinds), provision_text(provision, stack))
        for provision, counter in shown
    ]
    right: Align = "right"
    lines = table((*kinds, "条文"), rows, width, align=(*(right for _ in kinds), "left"), indent=2)
    note = "按起作用的变化处数；都逐条加上、去掉试过，几条一起起作用的每一条都数"
    lines = [*wrap(Piece(note, "quiet"), width, lead="  "), *lines]
    return heading("引起变化的条文") + lines + _left_out(ranked, "条", everything)

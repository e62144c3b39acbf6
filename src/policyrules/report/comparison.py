"""The comparison of two stacks as lines of Chinese text: what changes, by how much, for whom and by which provision.

Why this exists: a county reads the tables first, then the provisions that cause the changes, then its projects.

Invariant: reads a `Comparison` and evaluates nothing; unchanged results are one number, never a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from policyrules.analysis.compare import Comparison, Transition
from policyrules.analysis.provisions import Provision
from policyrules.analysis.summary import FINDING_ORDER
from policyrules.policy import Policy
from policyrules.report.layout import Content, Line, Piece, table, wrap
from policyrules.report.reasons import tidy
from policyrules.report.text import (
    date_text,
    heading,
    label_of,
    note_lines,
    number_cell,
    numbers,
    stack_label,
    status_table,
)
from policyrules.results import STATUS_NAMES
from policyrules.text import some

_MANY = 15
_IDS = 12


def comparison_lines(comparison: Comparison, *, width: int = 80, everything: bool = False) -> list[Line]:
    """The whole report. ``everything``: no list is cut short."""
    before, after = stack_label(comparison.before), stack_label(comparison.after)
    lines: list[Line] = [(Piece(f"{before} → {after}", "title"),)]
    root = comparison.after.program.root
    counted = f"{root} {comparison.records} 个：结论有变化的 {comparison.changed_single} 个，"
    counted += f"只有措施或义务有变化的 {comparison.changed_projects - comparison.changed_single} 个"
    lines.extend(wrap(Piece(f"评估日：{date_text(comparison.after.as_of)}　{counted}", "quiet"), width))
    lines.extend(note_lines([comparison.before, comparison.after], width))
    many = comparison.many
    for name, rows in comparison.transitions.items():
        if any(row.changed for row in rows) and name not in many:
            lines.extend(_single(name, rows, comparison, width, everything))
    for name, rows in comparison.transitions.items():
        if any(row.changed for row in rows) and name in many:
            lines.extend(_many(name, rows, width, everything))
    lines.extend(_findings(comparison, width))
    lines.extend(_provisions(comparison, width, everything))
    if not comparison.changes and not comparison.finding_changes:
        lines += [(), (Piece(f"没有任何{root}的结果不同。", "good"),)]
    return lines


# ---- decisions ------------------------------------------------------------------------------------------------------


def _single(name: str, rows: Sequence[Transition], comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """One decision that takes one value: its transitions, then who changes and by which provisions."""
    moved = [row for row in rows if row.changed]
    stayed = sum(row.count for row in rows if not row.changed)
    lines = heading(f"{name}（变 {sum(row.count for row in moved)}，不变 {stayed}）")
    cells = [(row.before, "→", Piece(row.after, "name"), str(row.count)) for row in moved]
    lines += table(("原来", "", "现在", "个数"), cells, width, align=("left", "left", "left", "right"), indent=2)
    groups: dict[tuple[str, str, tuple[Provision, ...]], list[str]] = {}
    for change in comparison.changes:
        if change.decision == name:
            who = change.identity or f"第 {change.index + 1} 个"
            who += "" if change.path == comparison.after.program.root else f" {change.path}"
            groups.setdefault((change.before, change.after, change.provisions), []).append(who)
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    stack = _deeper(comparison)
    for (old, new, provisions), members in ranked if everything else ranked[:_MANY]:
        lines.extend(
            wrap((Piece(f"{old} → "), Piece(f"{new}（{len(members)}）", "name")), width, lead="  · ", rest="    ")
        )
        for provision in provisions:
            text = Piece(provision_text(provision, stack), "link")
            lines.extend(wrap(text, width, lead=(Piece("    由 ", "quiet"),), rest="       "))
        who = some(members, len(members) if everything else _IDS, "个")
        lines.extend(wrap(Piece(who, "quiet"), width, lead="    ", rest="    "))
    return lines + _left_out(ranked, "种变化", everything)


def _left_out(ranked: Sequence[object], what: str, everything: bool) -> list[Line]:
    """What a list that was cut short says in its last line."""
    if everything or len(ranked) <= _MANY:
        return []
    return [(Piece(f"  另有 {len(ranked) - _MANY} {what}，加 --all 看", "quiet"),)]


def _many(name: str, rows: Sequence[Transition], width: int, everything: bool) -> list[Line]:
    """A 多选 decision: for each value, how many objects gain it, lose it, or become open on it."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row.changed and row.value is not None:
            had, has = row.before in ("含", "可能"), row.after in ("含", "可能")
            if row.after == "可能":
                kind = "变待定"
            elif row.after == "含":
                kind = "增加"
            else:
                kind = "减少" if had and not has else "其他"
            counts.setdefault(row.value, Counter())[kind] += row.count
    ranked = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    kinds = [kind for kind in ("增加", "减少", "变待定", "其他") if any(counter[kind] for counter in counts.values())]
    cells: list[tuple[Content, ...]] = [
        (value, *(number_cell(counter[kind]) for kind in kinds))
        for value, counter in (ranked if everything else ranked[:_MANY])
    ]
    lines = table(("", *kinds), cells, width, align=numbers(len(kinds)), indent=2)
    return heading(f"{name}（按个数）") + lines + _left_out(ranked, "项", everything)


# ---- findings -------------------------------------------------------------------------------------------------------


def _findings(comparison: Comparison, width: int) -> list[Line]:
    """New duties, prohibitions and notices by the status they get; then those whose status moves."""
    fresh: list[tuple[str, Counter[str]]] = []
    moved: list[tuple[str, str]] = []
    for name, rows in comparison.finding_transitions.items():
        if all(row.before == "not_applicable" for row in rows):
            fresh.append((name, Counter({row.after: row.count for row in rows})))
        else:
            said = (f"{STATUS_NAMES[row.before]} → {STATUS_NAMES[row.after]} {row.count}" for row in rows)
            moved.append((name, "；".join(said)))
    lines: list[Line] = []
    if fresh:
        fresh.sort(key=lambda item: tuple(-item[1][s] for s in FINDING_ORDER))
        lines += heading("新适用的义务、禁令和提示（按个数）") + status_table(fresh, FINDING_ORDER, width, {})
    if moved:
        lines += heading("结果变化的义务、禁令和提示（按个数）") + table(("", "变化"), moved, width, indent=2)
    return lines


# ---- provisions -----------------------------------------------------------------------------------------------------


def provision_text(provision: Provision, policy: Policy) -> str:
    """A provision in one line: layer, what it does to what, the clause, the words of the rule.

    ``policy`` is the stack whose layers name the provision's layer.
    """
    label = label_of(provision.layer, policy) or "本次"
    cited = "".join(f"【{place}】" for place in dict.fromkeys(c.place for c in provision.citations))
    words = tidy(provision.text)
    if provision.operation in ("还须", "仅限", "还应当", "还不得", "或者", "除外"):
        words = words if words.startswith(provision.operation) else f"{provision.operation} {words}"
        return f"{label} 修订“{provision.name}”：{words}{cited}"
    return f"{label} {provision.operation}“{provision.name}”{cited}"


def _deeper(comparison: Comparison) -> Policy:
    """The stack that knows the layers of both."""
    before, after = comparison.before, comparison.after
    return after if len(after.layers) >= len(before.layers) else before


def _provisions(comparison: Comparison, width: int, everything: bool) -> list[Line]:
    """What lies behind changes of measures and findings, by how many changes it touches."""
    counter: Counter[Provision] = Counter()
    many = comparison.many
    for change in comparison.changes:
        if change.decision in many:
            counter.update(dict.fromkeys(change.provisions, 1))
    for finding in comparison.finding_changes:
        counter.update(dict.fromkeys(finding.provisions, 1))
    if not counter:
        return []
    ranked = counter.most_common()
    stack = _deeper(comparison)
    shown = ranked if everything else ranked[:_MANY]
    rows = [(str(count), provision_text(provision, stack)) for provision, count in shown]
    lines = table(("处", "条文"), rows, width, align=("right", "left"), indent=2)
    return heading("措施、义务的变化由哪些条文引起") + lines + _left_out(ranked, "条", everything)

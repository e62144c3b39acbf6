"""The comparison of two stacks as lines of Chinese text: what changes, by how much, for whom and by which provision.

Why this exists: a county reads the tables first, then the provisions that cause the changes, then its projects.

Invariant: reads a `Comparison` and evaluates nothing; unchanged results are one number, never a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from policyrules.analysis.compare import Change, Comparison, FindingChange, Transition
from policyrules.analysis.provisions import Provision
from policyrules.engine.outcome import STATUS_NAMES
from policyrules.report.layout import Align, Line, Piece, table, wrap
from policyrules.report.text import date_text, heading, layer_label

if TYPE_CHECKING:
    from policyrules.policy import Policy

_MANY = 15
_COUNT_LAST: tuple[Align, ...] = ("left", "left", "left", "left", "right")


def stack_label(policy: Policy) -> str:
    """The layers of a stack in one word group: 国家＋江西省."""
    return "＋".join(layer_label(layer) for layer in policy.layers)


def comparison_lines(comparison: Comparison, *, width: int = 80, limit: int = 30) -> list[Line]:
    """The whole report. ``limit``: how many changed projects are listed (0: all)."""
    before, after = stack_label(comparison.before), stack_label(comparison.after)
    same = f"{comparison.records - comparison.changed_projects} 个不变"
    lines: list[Line] = [(Piece(f"{before} → {after}", "title"),)]
    counted = f"项目 {comparison.records} 个，{comparison.changed_projects} 个有变化，{same}"
    lines.extend(wrap(Piece(f"评估日：{date_text(comparison.after.as_of)}　{counted}", "quiet"), width))
    for name, rows in comparison.transitions.items():
        if any(row.changed for row in rows):
            lines.extend(_transitions(name, rows, width))
    changed = {name: rows for name, rows in comparison.finding_transitions.items() if rows}
    if changed:
        lines.extend(_findings(changed, width))
    if comparison.changes or comparison.finding_changes:
        lines.extend(_provisions(comparison, width))
        lines.extend(_projects(comparison, width, limit))
    else:
        lines += [(), (Piece("没有任何项目的结果不同。", "good"),)]
    return lines


def _transitions(name: str, rows: Sequence[Transition], width: int) -> list[Line]:
    lines = heading(name)
    moved = [row for row in rows if row.changed]
    stayed = sum(row.count for row in rows if not row.changed)
    if any(row.value is not None for row in rows):
        cells = [(row.value or "", row.before, "→", Piece(row.after, "name"), str(row.count)) for row in moved]
        return lines + table(
            ("", "原来", "", "现在", "个数"), cells, width, align=("left", "left", "left", "left", "right"), indent=2
        )
    cells4 = [(row.before, "→", Piece(row.after, "name"), str(row.count)) for row in moved]
    lines += table(("原来", "", "现在", "个数"), cells4, width, align=("left", "left", "left", "right"), indent=2)
    return [*lines, (Piece(f"  其余 {stayed} 个不变", "quiet"),)] if stayed else lines


def _findings(changed: dict[str, tuple[Transition, ...]], width: int) -> list[Line]:
    rows = [
        (name, STATUS_NAMES[row.before], "→", Piece(STATUS_NAMES[row.after], "name"), str(row.count))
        for name, transitions in changed.items()
        for row in transitions
    ]
    headers = ("", "原来", "", "现在", "个数")
    return heading("义务、禁令和提示") + table(headers, rows, width, align=_COUNT_LAST, indent=2)


def provision_text(provision: Provision, policy: Policy) -> str:
    """A provision in one line: layer, what it does to what, the clause, the words of the rule.

    ``policy`` is the stack whose layers name the provision's layer.
    """
    label = next(
        (layer_label(layer) for layer in policy.layers if layer.manifest.id == provision.layer), provision.layer
    )
    cited = "".join(f"【{place}】" for place in dict.fromkeys(c.place for c in provision.citations))
    words = provision.text
    if provision.operation in ("还须", "仅限", "还应当", "还不得", "或者", "除外"):
        words = words if words.startswith(provision.operation) else f"{provision.operation} {words}"
        return f"{label} 修订“{provision.name}”：{words}{cited}"
    acts = {"停用": "停用", "失效": "失效的修订", "设定": "设定", "推定": "推定"}
    act = acts.get(provision.operation, provision.operation)
    return f"{label} {act}“{provision.name}”{cited}" + (f"：{words}" if words and words != provision.name else "")


def _provisions(comparison: Comparison, width: int) -> list[Line]:
    counter: Counter[Provision] = Counter()
    for changes in (comparison.changes, comparison.finding_changes):
        for change in changes:
            counter.update(dict.fromkeys(change.provisions, 1))
    if not counter:
        return []
    stack = comparison.after if len(comparison.after.layers) >= len(comparison.before.layers) else comparison.before
    rows = [(str(n), provision_text(p, stack)) for p, n in sorted(counter.items(), key=lambda item: -item[1])]
    return heading("由哪些条文引起") + table(("涉及", "条文"), rows, width, align=("right", "left"), indent=2)


def _projects(comparison: Comparison, width: int, limit: int) -> list[Line]:
    grouped: dict[int, list[Change | FindingChange]] = {}
    entries: Iterable[Change | FindingChange] = [*comparison.changes, *comparison.finding_changes]
    for entry in entries:
        grouped.setdefault(entry.index, []).append(entry)
    lines = heading(f"有变化的项目（{len(grouped)} 个）")
    for number, (index, changes) in enumerate(sorted(grouped.items())):
        if limit and number >= limit:
            lines.append((Piece(f"  另有 {len(grouped) - limit} 个，见 --json 或加 --all", "quiet"),))
            break
        lines.append((Piece(f"  {changes[0].identity or f'第 {index + 1} 个'}", "name"),))
        for change in changes[:_MANY]:
            where = "" if change.path in ("", "项目") else f"{change.path} "
            name = change.decision if isinstance(change, Change) else change.finding
            old, new = change.before, change.after
            if isinstance(change, FindingChange):
                old, new = STATUS_NAMES[old], STATUS_NAMES[new]
            text = (Piece(f"{where}{name}：{old} → "), Piece(new, "name"))
            lines.extend(wrap(text, width, lead="    ", rest="      "))
        if len(changes) > _MANY:
            lines.append((Piece(f"    另有 {len(changes) - _MANY} 处变化", "quiet"),))
    return lines

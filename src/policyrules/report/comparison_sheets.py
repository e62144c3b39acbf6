"""The comparison of two stacks as the sheets of a workbook: 概要, 变化, 义务和提示, 引起变化的条文.

Why this exists: a county goes through a comparison project by project, in a table that it can filter, sort and hand on.

Invariants: reads a `Comparison` and evaluates nothing; every change that the comparison lists has its row; no text starts
like a formula; a text that is too long for a cell to be read is cut with ``…``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final

from policyrules.analysis.attribution import Cause
from policyrules.analysis.causes import NOT_LOOKED, all_causes, cause_texts, looked_text, provision_text
from policyrules.analysis.compare import Change, Comparison, FindingChange
from policyrules.analysis.labels import side_labels
from policyrules.diagnostics import Diagnostic, render
from policyrules.engine.instances import line_above
from policyrules.records.export import near_cell
from policyrules.records.ledger import LedgerRecord
from policyrules.records.names import RecordNames, record_names
from policyrules.records.result_cells import Cell, safe
from policyrules.records.workbook import SheetPlan
from policyrules.report.comparison import SHARES, deeper
from policyrules.results import KIND_NAMES, STATUS_NAMES, AmountEnd
from policyrules.text import printable
from policyrules.types import Kind, date_text, simplify

_PLACES: Final = ("县", "乡", "镇", "乡镇", "村", "县区", "县名", "乡镇名", "村名")


def comparison_sheets(
    comparison: Comparison, records: Sequence[LedgerRecord], problems: Sequence[Diagnostic]
) -> tuple[SheetPlan, ...]:
    """The four sheets. ``records``: what was compared, in the order of the comparison; ``problems``: what of the ledger
    could not be read."""
    places = _places(record_names(comparison.after.program))
    told = [_who(record, places.values())[2:] for record in records]
    # A ledger need not have a sheet of what the records belong to: a column that nobody filled in says nothing.
    places = {name: at for number, (name, at) in enumerate(places.items()) if any(row[number] for row in told)}
    who = [_who(record, places.values()) for record in records]
    lead = ("编号", "名称", *places)
    numbered = any(change.values != (None, None) for change in comparison.changes)
    why = _Why(comparison)
    changes = (
        (
            *who[change.index],
            _what(change.decision, change.path, change.label, comparison),
            change.before,
            change.after,
            *(_numbers(change) if numbered else ()),
            why(change),
        )
        for change in comparison.changes
    )
    findings = (
        (
            *who[change.index],
            KIND_NAMES[change.kind],
            _what(change.finding, change.path, change.label, comparison),
            STATUS_NAMES[change.before],
            STATUS_NAMES[change.after],
            why(change),
        )
        for change in comparison.finding_changes
    )
    return (
        _sheet("概要", ("项", "内容", "原结果", "现结果", "个数"), _summary(comparison, problems), tall=True),
        _sheet(
            "变化", (*lead, "决定", "原结果", "现结果", *(_NUMBERS if numbered else ()), _BECAUSE), changes, fixed=2
        ),
        _sheet("义务和提示", (*lead, "类别", "事项", "原结果", "现结果", _BECAUSE), findings, fixed=2),
        _sheet("引起变化的条文", ("决定或事项", "条文", "条款", "所在", *SHARES.values()), _provisions(comparison)),
    )


_BECAUSE: Final = "由什么引起"
_NUMBERS: Final = ("原数", "现数", "增减", "单位")


def _numbers(change: Change) -> tuple[Cell, ...]:
    """An amount on both sides as cells that can be added up, blank where it is not determined, and by how much it moves (a
    date in days, a share in percentage points)."""
    old, new = (_number(value) for value in change.values)
    day = any(isinstance(value, datetime.date) for value in change.values)
    moved = change.moved
    if moved is not None and change.unit == "%":
        moved = simplify(moved * 100)
    unit = "天" if day and moved is not None else change.unit
    return old, new, _number(moved), (unit or None) if (old, new) != (None, None) else None


def _number(value: AmountEnd) -> Cell:
    if value is None or isinstance(value, datetime.date):
        return value
    return near_cell(value)


def _sheet(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, fixed: int = 0, tall: bool = False
) -> SheetPlan:
    return SheetPlan(name, tuple(header), tuple(map(safe, rows)), report=True, fixed=fixed, tall=tall)


def _places(names: RecordNames) -> dict[str, list[tuple[int, str]]]:
    """The columns that say where a record lies, as far as the rules declare them: what it belongs to (县), and its own
    fields for 县, 乡镇 and 村. Each with the fields that may say it, the first that does: how far above the record it stands,
    and its name. 所在县 says again what 县 says."""
    found: dict[str, list[tuple[int, str]]] = {}
    for up, owner in reversed(list(enumerate(names.owners, start=1))):
        link = names.link(owner)
        if link is not None:
            found[owner] = [(up, link.name)]
    for field in names.objects[names.record].fields if names.record else ():
        if field.type.kind is Kind.TEXT and (place := field.name.removeprefix("所在")) in _PLACES:
            found.setdefault(place if place in found else field.name, []).append((0, field.name))
    return found


def _who(record: LedgerRecord, places: Iterable[Sequence[tuple[int, str]]]) -> tuple[Cell, ...]:
    line = [record.instance, *line_above(record.instance)]

    def said(fields: Sequence[tuple[int, str]]) -> str | None:
        values = [line[up].values.get(name) for up, name in fields if up < len(line)]
        return next((value for value in values if isinstance(value, str)), None)

    return record.identity or None, record.name or None, *map(said, places)


def _what(name: str, path: str, label: str, comparison: Comparison) -> str:
    return name if path == comparison.after.program.root else f"{name}（{label or path}）"


def _summary(comparison: Comparison, problems: Sequence[Diagnostic]) -> Iterator[tuple[Cell, ...]]:
    root = comparison.after.program.root
    before, after = side_labels(comparison.before, comparison.after)
    yield "原来的规则", before, None, None, None
    yield "现在的规则", after, None, None, None
    yield "评估日", date_text(comparison.after.as_of), None, None, None
    yield f"比较了的{root}", None, None, None, comparison.records
    yield f"有变化的{root}", None, None, None, comparison.changed_projects
    yield "结论有变化的", None, None, None, comparison.changed_single
    for note in looked_text(comparison):
        yield "注意", note, None, None, None
    if problems:
        yield "台账里读不出来的", None, None, None, len(problems)
    for name, rows in comparison.transitions.items():
        for row in rows:
            if row.changed:
                yield "决定", name + (f"：{row.value}" if row.value else ""), row.before, row.after, row.count
    for name, total in comparison.amounts.items():
        unit = f"（{total.unit}）" if total.unit else ""
        yield "合计", f"{name}{unit}，只算两边都定的", _number(total.before), _number(total.after), total.records
        if total.open:
            yield "没有算进合计", f"{name}，有一边未定的", None, None, total.open
    for name, rows in comparison.finding_transitions.items():
        for row in rows:
            yield "义务和提示", name, STATUS_NAMES[row.before], STATUS_NAMES[row.after], row.count
    for problem in problems:
        yield "读不出来", printable(render(problem)), None, None, None


class _Why:
    """Why something changed; of a decision that takes several values, why each of them did. What many changes have in common is put
    into words once."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._known: dict[int, str | None] = {}

    def __call__(self, change: Change | FindingChange) -> str | None:
        if not self._comparison.looked(change):
            return NOT_LOOKED
        number = id(change.causes if isinstance(change, Change) else change.cause)
        if number not in self._known:
            if isinstance(change, Change):
                causes = change.by_cause()
            else:
                causes = {} if change.cause is None else {change.cause: [""]}
            self._known[number] = self._text(causes)
        return self._known[number]

    def _text(self, causes: Mapping[Cause, Sequence[str]]) -> str | None:
        attribution = self._comparison.attribution
        if attribution is None:
            return None
        stack = deeper(self._comparison)
        told: dict[str, list[str]] = {}
        for cause, values in causes.items():
            told.setdefault("；".join(cause_texts(cause, attribution, stack)), []).extend(values)
        lines = [("、".join(values) + "：" if any(values) else "") + text for text, values in told.items()]
        return "。".join(lines) or None


def _provisions(comparison: Comparison) -> Iterator[tuple[Cell, ...]]:
    attribution = comparison.attribution
    if attribution is None:
        return
    found: dict[str, list[Cause]] = {}
    every: tuple[Change | FindingChange, ...] = (*comparison.changes, *comparison.finding_changes)
    for change in every:
        if isinstance(change, Change):
            found.setdefault(change.decision, []).extend(change.causes.values())
        else:
            found.setdefault(change.finding, []).extend(all_causes([change.cause]))
    stack = deeper(comparison)
    for name, causes in found.items():
        for provision, counter in attribution.table(causes):
            yield (
                name,
                provision_text(provision, stack),
                "、".join(provision.clauses) or None,
                PurePath(provision.place).name,
                *(counter[part] or None for part in SHARES),
            )

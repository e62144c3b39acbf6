"""The impact of a variation as the sheets of a workbook: 摘要, 变化, 条文, 地方和金额, 名单, and a sheet for whatever was asked beside.

Why this exists: an office goes through who is affected in a table that it can filter, sort, print and hand on.

Invariants: reads an `Impact` and evaluates nothing; every change has its row; numbers are numbers wherever a spreadsheet keeps their
digits, blanks are counted beside each sum; no text starts like a formula, none is longer than ``LONGEST``; invented data says so on
every page.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import Final, TypeAlias

from policyrules.records.export import near_cell
from policyrules.records.result_cells import escape_formula
from policyrules.records.workbook import SheetPlan
from policyrules.report.impact_details import MOVE_WORDS, how_texts, moves_of, stack_text, to_fill_in, unread_texts
from policyrules.report.impact_headline import headline
from policyrules.report.impact_words import (
    DEFINITIONS,
    DISCLAIMER,
    INVENTED,
    amount_text,
    ask_text,
    changed_flows,
    decision_apart,
    finding_words,
    laxer_texts,
    layer_labels,
    layer_text,
    open_text,
    piece_count,
    proposed_piece,
    range_text,
    ranked_blanks,
    sweep_text,
    unattributed_words,
    way_texts,
)
from policyrules.report.layout import text, wrap
from policyrules.text import cut, printable
from policyrules.types import Number, date_text
from policyrules.variation.model import Bounds, Cell, Impact, Measure, Moved, Record, Total

LONGEST: Final = 200
_Cell: TypeAlias = str | int | Decimal | datetime.date | None
_Row: TypeAlias = tuple[_Cell, ...]


def impact_sheets(impact: Impact, *, listed: bool = True) -> tuple[SheetPlan, ...]:
    """The sheets, for `records.workbook.write_workbook`; what was not asked has none. ``listed``: whether those who change are listed."""
    names = (_names(impact),) if listed else ()
    always = (_summary(impact), _flows(impact), _provisions(impact), _places(impact), *names)
    asked = (
        _sweeps(impact),
        _grids(impact),
        _dates(impact),
        _nearest(impact),
        _blanks(impact),
        _readings(impact),
        _variations(impact),
        _onwards(impact),
        _values(impact),
        _findings(impact),
        _parted(impact),
        _follows(impact),
        _fill_in(impact),
    )
    return (*always, *(sheet for sheet in asked if len(sheet.rows)))


def _sheet(
    impact: Impact, name: str, header: Sequence[str], rows: Iterable[Sequence[_Cell]], fixed: int = 0, widest: int = 30
) -> SheetPlan:
    safe = [tuple(_safe(one) if isinstance(one, str) else one for one in row) for row in rows]
    # A column in which nothing stands says nothing.
    kept = [
        at
        for at in range(len(header))
        if at < fixed or not safe or any(row[at : at + 1] not in ((), (None,)) for row in safe)
    ]
    foot = f"{INVENTED}　{DISCLAIMER}" if impact.about.ledger.said_invented else DISCLAIMER
    return SheetPlan(
        name,
        tuple(_safe(header[at]) for at in kept),
        tuple(tuple(row[at] for at in kept if at < len(row)) for row in safe),
        report=True,
        foot=foot,
        fixed=fixed,
        widest=widest,
        tall=True,
    )


def _safe(said: str) -> str:
    return escape_formula(cut(printable(said), LONGEST - 1))


# ---- figures --------------------------------------------------------------------------------------------------------


def _number(value: Number | None) -> _Cell:
    """A number as a cell, as near as one holds it; a text where a spreadsheet would not keep its digits."""
    return None if value is None else near_cell(value)


def _measured(measures: Sequence[Measure], *leads: str) -> tuple[str, ...]:
    """The heads of sums: each measure with its unit, and how many have none."""
    found: list[str] = []
    for measure in measures:
        unit = f"（{measure.unit}）" if measure.unit else ""
        for lead in leads or ("",):
            found += [f"{lead}{measure.name}{unit}", f"{lead}{measure.name}未填"]
    return tuple(found)


def _sums(measures: Sequence[Measure], *several: Mapping[str, Total]) -> tuple[_Cell, ...]:
    """Sums and blanks, of each measure those of ``several`` one after the other."""
    found: list[_Cell] = []
    for measure in measures:
        for totals in several:
            total = totals.get(measure.name)
            found += [None, None] if total is None else [_number(total.value), total.blank or None]
    return tuple(found)


def _some(number: int) -> int | None:
    return number or None


# ---- the first sheet ------------------------------------------------------------------------------------------------


def _summary(impact: Impact) -> SheetPlan:
    rows = [
        (lead if number == 0 else None, text(line))
        for lead, said in _said(impact)
        for number, line in enumerate(wrap(printable(said), _WIDE * 4 // 5))
    ]
    return _sheet(impact, "摘要", ("项", "内容"), rows, widest=_WIDE)


_WIDE: Final = 100


def _said(impact: Impact) -> Iterator[tuple[str, str]]:
    about, root = impact.about, impact.about.root
    yield "标题", about.title
    yield "原来的规则", about.old.label
    yield "现在的规则", about.new.label
    yield "评估日", date_text(about.as_of)
    if about.ledger.said_invented:
        yield "数据", f"{INVENTED}，数字只作示例"
    for sentence in headline(impact):
        yield "结论", sentence
    for note in about.notes:
        yield "注意", note
    if impact.beside:
        yield "注意", f"两边的{'、'.join(impact.beside)}不同，由此来的变化没有归因"
    for decision in impact.decisions:
        only = {"old": "，只有原来的规则有", "new": "，只有现在的规则有", "": ""}[decision.one_sided]
        yield decision.name, f"{decision.objects} 个{decision.object}，变 {decision.changed} 个{only}"
        for value, (old, new) in decision.bounds.items():
            if decision.changed:
                yield f"　{value}", f"原 {range_text(old, ' 个')}，现 {range_text(new, ' 个')}"
    for amount in impact.amounts:
        yield amount.name, amount_text(amount)
    for said in laxer_texts(impact):
        yield "宽严", said
    for said in how_texts(impact):
        yield "几条引起", said
    if impact.unattributed:
        yield "没有归因", unattributed_words(impact)
    if said := open_text(impact, 12):
        yield "待定", said
    for sweep in impact.sweeps:
        yield "门槛", sweep_text(sweep, impact, 30)
    if impact.complied:
        yield "新适用而合规", f"{impact.complied} 处"
    ledger = about.ledger
    yield (
        "台账",
        f"{ledger.name}，评估了{root} {ledger.records} 个" if ledger.name else f"评估了{root} {ledger.records} 个",
    )
    if ledger.set_aside:
        yield "没有评估", f"读不出来的 {len(ledger.set_aside)} 个：{'、'.join(ledger.set_aside)}"
        for said in unread_texts(impact):
            yield "没有评估", said
    for word, side in (("原来", about.old), ("现在", about.new)):
        for layer in side.layers:
            yield f"{word}的层", layer_text(layer)
        if side.parameters:
            yield f"{word}另设", "、".join(f"{name}＝{value}" for name, value in side.parameters.items())
        yield f"{word}的规则指纹", side.fingerprint
    if ledger.sha256:
        yield "台账的 SHA-256", ledger.sha256
    if about.command:
        yield "怎样重做", about.command
    yield "说明", DEFINITIONS
    yield "说明", f"{DISCLAIMER}。"


# ---- what changed ---------------------------------------------------------------------------------------------------


def _flows(impact: Impact) -> SheetPlan:
    measures = impact.about.measures
    rows = [
        (decision.name, flow.before, flow.after, flow.count, *_sums(measures, flow.totals))
        for decision in impact.decisions
        for flow in sorted(changed_flows(decision), key=lambda one: -one.count)
    ]
    return _sheet(impact, "变化", ("决定", "原来", "现在", "个数", *_measured(measures)), rows)


def _provisions(impact: Impact) -> SheetPlan:
    """Every act by which the rules differ; those that bring changes about first."""
    measures, labels = impact.about.measures, layer_labels(impact)
    counts = {one.act: one for one in impact.provisions}
    header = (
        "层",
        "做什么",
        "对什么",
        "原来的文字",
        "现在的文字",
        "条款",
        "所在",
        "有无权限",
        "单独",
        "共同",
        "任一即可",
    )

    def weight(number: int) -> tuple[int, ...]:
        one = counts.get(number)
        return (0, 0, 0, number) if one is None else (-one.alone, -one.jointly, -one.either, number)

    rows: list[_Row] = []
    for act in sorted(impact.acts, key=lambda one: weight(one.number)):
        found = counts.get(act.number)
        share = (None, None, None) if found is None else (found.alone, found.jointly, found.either)
        authority = act.authority + (f"：{act.authority_note}" if act.authority_note else "")
        rows.append(
            (
                labels.get(act.layer, act.layer),
                act.operation,
                act.name,
                act.old or None,
                act.new or None,
                "；".join(act.citations) or None,
                PurePath(act.place).name or None,
                None if act.authority == "不适用" else authority,
                *map(_some, (one or 0 for one in share)),
                *_sums(measures, found.totals if found is not None else {}),
            )
        )
    return _sheet(impact, "条文", (*header, *_measured(measures)), rows, fixed=3)


def _places(impact: Impact) -> SheetPlan:
    measures = impact.about.measures
    rows = [
        (
            one.by,
            one.value or "（未填）",
            one.decision,
            one.all,
            _some(one.sure),
            _some(one.open),
            *_sums(measures, one.sure_totals, one.open_totals),
        )
        for one in impact.groups
    ]
    header = ("按", "值", "决定", "台账个数", "确定变", "可能变", *_measured(measures, "确定变的", "可能变的"))
    return _sheet(impact, "地方和金额", header, rows, fixed=2)


# ---- by name --------------------------------------------------------------------------------------------------------


class _Who:
    """The columns that say which record a row is about."""

    def __init__(self, impact: Impact) -> None:
        self.by = impact.about.by
        self.header = ("编号", "名称", *self.by)
        self._records = {one.index: one for one in impact.records}

    def record(self, index: int) -> Record | None:
        return self._records.get(index)

    def __call__(self, index: int) -> _Row:
        found = self.record(index)
        if found is None:
            return (f"第 {index + 1} 个", None, *(None for _ in self.by))
        return (found.identity or None, found.name or None, *(found.groups.get(name) or None for name in self.by))


def _names(impact: Impact) -> SheetPlan:
    """Each change: who, what, because of what, what is lacking, how much money."""
    measures, who, root = impact.about.measures, _Who(impact), impact.about.root
    rows_too = any(cell.path != root for cell in impact.cells)
    units = tuple(f"{one.name}（{one.unit}）" if one.unit else one.name for one in measures)
    header = (
        *who.header,
        *(("对象",) if rows_too else ()),
        "决定",
        "原来",
        "现在",
        "怎样变",
        "确定与否",
        "由什么引起",
        "缺什么",
        *units,
    )

    def row(cell: Cell) -> _Row:
        record = who.record(cell.record)
        amounts = cell.amounts or (record.amounts if record is not None else {})
        return (
            *who(cell.record),
            *((None if cell.path == root else cell.label or cell.path,) if rows_too else ()),
            cell.decision,
            _state(cell.before.text, cell.before.candidates),
            _state(cell.after.text, cell.after.candidates),
            cell.direction,
            "确定" if cell.sure else "可能",
            "没有归因" if cell.cause is None else impact.causes[cell.cause].text,
            "、".join(cell.blanks) or None,
            *(_number(amounts.get(one.name)) for one in measures),
        )

    return _sheet(impact, "名单", header, map(row, impact.cells), fixed=2)


def _state(word: str, candidates: Sequence[str]) -> str:
    """A result in a word, and what it may be where it is open."""
    return f"{word}：{'、'.join(candidates)}" if len(candidates) > 1 else word


def _moved(who: _Who, side: str, several: Sequence[Moved]) -> Iterator[_Row]:
    for one in several:
        yield side, *who(one.record), one.decision, one.before, one.after


# ---- what was asked beside ------------------------------------------------------------------------------------------


def _sweeps(impact: Impact) -> SheetPlan:
    names = list(dict.fromkeys(name for one in impact.sweeps for piece in one.pieces for name in piece.changed))
    root = impact.about.root
    rows: list[_Row] = []
    for sweep in impact.sweeps:
        here = proposed_piece(sweep)
        for piece in sweep.pieces:
            several = [piece_count(piece), *(piece.changed.get(name, Bounds(0, 0)) for name in names)]
            ends = (_number(piece.low), _number(piece.high))
            said = "拟定" if piece is here else None
            counts = (number for one in several for number in (one.low, one.high))
            rows.append((sweep.parameter, piece.text, *ends, sweep.unit or None, said, *counts))
    heads = [f"{name}{word}" for name in (f"变的{root}", *names) for word in ("：确定", "：至多")]
    return _sheet(impact, "门槛", ("门槛", "定为", "从", "至", "单位", "拟定", *heads), rows, fixed=2)


def _grids(impact: Impact) -> SheetPlan:
    rows = [
        (grid.decision, grid.parameters[0], row, grid.parameters[1], column, one.low, one.high)
        for grid in impact.grids
        for row, counts in zip(grid.rows, grid.changed, strict=True)
        for column, one in zip(grid.columns, counts, strict=True)
    ]
    return _sheet(impact, "两个门槛", ("决定", "门槛一", "定为", "门槛二", "定为", "确定变", "至多变"), rows)


def _dates(impact: Impact) -> SheetPlan:
    who = _Who(impact)
    rows: list[_Row] = []
    for one in impact.dates:
        lead = (one.on, "、".join(one.because) or None)
        moved = [*_moved(who, "原来", one.old), *_moved(who, "现在", one.new)]
        rows += [(*lead, *row) for row in moved] or [lead]
    return _sheet(impact, "日期", ("日期", "因为", "哪边", *who.header, "决定", "以前", "以后"), rows, fixed=1)


def _nearest(impact: Impact) -> SheetPlan:
    who = _Who(impact)
    rows: list[_Row] = []
    for one in impact.nearest:
        lead = (*who(one.record), one.decision, one.now, one.target)
        rows += [(*lead, size, said) for size, said in way_texts(one)]
        if one.more:
            rows.append((*lead, None, f"还有 {one.more} 种"))
        if not one.ways:
            rows.append((*lead, None, f"试到 {one.tried} 项为止，没有找到"))
    header = (*who.header, "决定", "现在", "要到", "差几项", "怎样就到（每行一种）")
    return _sheet(impact, "差一点的", header, rows, fixed=2)


def _blanks(impact: Impact) -> SheetPlan:
    measures, root = impact.about.measures, impact.about.root
    main = decision_apart(impact)
    alone = (f"只看{main}：牵涉", f"只看{main}：只补它就定") if main else ()
    rows = [
        (
            one.field,
            "、".join(one.holders) or None,
            len(one.records),
            _some(len(one.settles)),
            one.cover or None,
            *(map(_some, one.by_decision.get(main, (0, 0))) if main else ()),
            *_sums(measures, one.totals),
        )
        for one in ranked_blanks(impact.blanks)
    ]
    header = ("要补的", "找谁", f"牵涉的{root}", "只补它就定", "先补的次序", *alone, *_measured(measures))
    return _sheet(impact, "空白", header, rows, fixed=1)


def _fill_in(impact: Impact) -> SheetPlan:
    """Who is to fill in what the open changes lack."""
    rows = [
        (ask_text(who), blank, many, alone or None)
        for who, several in to_fill_in(impact)
        for blank, many, alone in several
    ]
    return _sheet(impact, "请谁补", ("请谁", "补什么", "几处变化缺它", "其中只缺它"), rows, fixed=1)


def _readings(impact: Impact) -> SheetPlan:
    who = _Who(impact)
    rows: list[_Row] = []
    for one in impact.readings:
        lead = (one.parameter, one.value, one.current)
        moved = [*_moved(who, "原来", one.old), *_moved(who, "现在", one.new)]
        rows += [(*lead, *row) for row in moved] or [(*lead, "两边都没有变化")]
    header = ("读法", "读作", "现在读作", "哪边", *who.header, "决定", "现在的结果", "读作它的结果")
    return _sheet(impact, "读法", header, rows, fixed=1)


def _variations(impact: Impact) -> SheetPlan:
    several = [("现在", stack_text(impact.about.new), impact.decisions)] if impact.variations else []
    several += [(one.label, stack_text(one.side), one.decisions) for one in impact.variations]
    rows = [
        (label, side, decision.name, flow.before, flow.after, flow.count)
        for label, side, decisions in several
        for decision in decisions
        for flow in sorted(changed_flows(decision), key=lambda one: -one.count)
    ]
    return _sheet(impact, "方案", ("方案", "规则", "决定", "原来", "这个方案", "个数"), rows, fixed=1)


def _onwards(impact: Impact) -> SheetPlan:
    """Where what either changes goes under another variation."""
    rows = [
        (variation.label, one.decision, one.before, one.now, one.there, one.count)
        for variation in impact.variations
        for one in variation.onward
    ]
    return _sheet(impact, "方案对照", ("方案", "决定", "原来", "现在", "这个方案", "个数"), rows, fixed=1)


def _parted(impact: Impact) -> SheetPlan:
    """Where those of each flow are."""
    rows = [
        (decision.name, flow.before, flow.after, by, value or "（未填）", count)
        for decision in impact.decisions
        for flow in sorted(changed_flows(decision), key=lambda one: -one.count)
        for by, counts in flow.places.items()
        for value, count in counts.items()
    ]
    return _sheet(impact, "变化分列", ("决定", "原来", "现在", "按", "值", "个数"), rows, fixed=3)


def _follows(impact: Impact) -> SheetPlan:
    """What each record gains and loses, a line for each value."""
    who = _Who(impact)
    rows = [
        (*who(one.record), one.decision, value, MOVE_WORDS[move])
        for one in impact.follows()
        for move, values in moves_of(one)
        for value in values
    ]
    return _sheet(impact, "措施名单", (*who.header, "决定", "值", "怎样变"), rows, fixed=2)


def _values(impact: Impact) -> SheetPlan:
    rows = [
        (
            one.decision,
            one.value,
            *map(_some, map(len, (one.gained, one.lost, one.settled_in, one.settled_out, one.opened))),
        )
        for one in impact.values
    ]
    header = ("决定", "值", "新有", "不再有", "待定变有", "待定变无", "变不定")
    return _sheet(impact, "措施", header, rows, fixed=2)


def _findings(impact: Impact) -> SheetPlan:
    rows = [
        (
            finding_words(one.kind),
            one.name,
            finding_words(one.before),
            finding_words(one.after),
            "新违反" if one.breach else None,
            one.count,
        )
        for one in sorted(impact.findings, key=lambda one: (not one.breach, -one.count))
    ]
    return _sheet(impact, "义务和提示", ("类别", "事项", "原来", "现在", "新违反", "个数"), rows)

"""The tables of an impact, as lines of Chinese text: flows, provisions, places and money, what was asked beside, names.

Why this exists: the first screen shows the beginning of some of them, ``--all`` each of them whole.

Invariants: reads an `Impact` and evaluates nothing; what is certain and what is open stand apart; blanks are counted beside sums;
records are called by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policyrules.report.impact_details import (
    flow_places,
    follow_lines,
    how_lines,
    provision_parts,
    unread_lines,
    variation_lines,
    whom_lines,
)
from policyrules.report.impact_parts import items, left_out, one_line, titled
from policyrules.report.impact_words import (
    DEFINITIONS,
    DISCLAIMER,
    act_line,
    amount_text,
    changed_flows,
    decision_apart,
    finding_words,
    laxer_texts,
    layer_labels,
    layer_text,
    moving_decisions,
    open_text,
    proposed_piece,
    range_text,
    ranked_blanks,
    sweep_figures,
    sweep_note,
    total_text,
    unattributed_words,
    way_texts,
)
from policyrules.report.layout import Align, Content, Line, Piece, table, wrap
from policyrules.report.text import number_cell, numbers
from policyrules.text import cut, some
from policyrules.types import date_text, number_text
from policyrules.variation.model import (
    Act,
    Bounds,
    Cell,
    DecisionImpact,
    Grid,
    Impact,
    Moved,
    ProvisionCount,
    Side,
    Sweep,
)

_LONGEST: Final = 60
_LIST: Final = 200
_BESIDE: Final = 34
"""Columns beside an act."""
_RIGHT: Final[Align] = "right"


def sections(impact: Impact, width: int, *, listed: bool = True) -> Iterator[Line]:
    """Every table, one after the other; the names of records where they are ``listed``."""
    for decision in impact.decisions:
        if decision.changed:
            yield from flow_lines(decision, impact, width, None)
            yield from flow_places(decision, width)
            yield from _bounds(decision, width)
    yield from unread_lines(impact, width)
    yield from _amounts(impact, width)
    yield from provision_lines(impact, width, None)
    yield from provision_parts(impact, width)
    yield from how_lines(impact, width)
    yield from _pairs(impact, width)
    yield from _groups(impact, width)
    yield from _directions(impact, width)
    yield from _laxer(impact, width)
    yield from _open(impact, width)
    for sweep in impact.sweeps:
        yield from _sweep(sweep, impact, width)
    for grid in impact.grids:
        yield from _grid(grid, width)
    yield from _dates(impact, width)
    yield from _nearest(impact, width)
    yield from _blanks(impact, width)
    yield from _readings(impact, width)
    yield from variation_lines(impact, width)
    yield from _values(impact, width)
    yield from _findings(impact, width)
    if listed:
        yield from name_lines(impact, width)
        yield from whom_lines(impact, width)
        yield from follow_lines(impact, width)
    yield from _basis(impact, width)


# ---- decisions and provisions ---


def flow_lines(decision: DecisionImpact, impact: Impact, width: int, most: int | None) -> list[Line]:
    """What goes where, with the sums of each measure of money."""
    flows = sorted(changed_flows(decision), key=lambda one: -one.count)
    stayed = decision.objects - decision.changed
    lines = titled(f"{decision.name}（变 {decision.changed}，不变 {stayed}）", width)
    measures = impact.about.measures if most is None else impact.about.measures[:1]
    header = ("原来", "", "现在", "个数", *(_measured(one.name, one.unit) for one in measures))
    cells: list[tuple[Content, ...]] = [
        (
            cut(flow.before, _LONGEST),
            "→",
            Piece(cut(flow.after, _LONGEST), "name"),
            str(flow.count),
            *(total_text(flow.totals.get(one.name)) for one in measures),
        )
        for flow in (flows if most is None else flows[:most])
    ]
    aligns: tuple[Align, ...] = ("left", "left", "left", "right", *(_RIGHT for _ in measures))
    lines += table(header, cells, width, align=aligns, indent=2)
    return lines + ([] if most is None else left_out(len(flows), most, "种变化"))


def _measured(name: str, unit: str) -> str:
    return f"{name}（{unit}）" if unit else name


def _bounds(decision: DecisionImpact, width: int) -> list[Line]:
    """From how many to how many each value has, before and after."""
    rows = [(cut(value, _LONGEST), range_text(old), range_text(new)) for value, (old, new) in decision.bounds.items()]
    if not rows:
        return []
    return [(), *table(("补齐资料后", "原", "现"), rows, width, align=numbers(2), indent=2)]


def _amounts(impact: Impact, width: int) -> list[Line]:
    told = [f"{one.name}：{amount_text(one)}" for one in impact.amounts if one.changed or one.one_sided or one.open]
    return titled("金额", width) + items(told, width) if told else []


def provision_lines(impact: Impact, width: int, most: int | None) -> list[Line]:
    """Which provisions bring the changes about, with their counts: those first on which the decision turns that the report is
    about."""
    if not impact.cells:
        return _acts_only(impact, width, most)
    main = impact.about.decision
    ranked = sorted(impact.provisions, key=lambda one: (-one.by_decision.get(main, 0), *_weight(one)))
    # Where one decision alone changed, its counts are all there is.
    parted = any(set(one.by_decision) - {main} for one in ranked) and any(main in one.by_decision for one in ranked)
    labels = layer_labels(impact)
    rows: list[tuple[Content, ...]] = [
        (
            *((number_cell(one.by_decision.get(main, 0)),) if parted else ()),
            number_cell(one.alone),
            number_cell(one.jointly),
            number_cell(one.either),
            _act(impact.acts[one.act], labels, width, most),
        )
        for one in (ranked if most is None else ranked[:most])
    ]
    lines = titled("由哪些条文引起（按变化的处数，逐条去掉、加上试出来的）", width)
    if rows:
        header = (*((main,) if parted else ()), "单独", "共同", "任一即可", "条文")
        aligns: tuple[Align, ...] = (*(_RIGHT for _ in header[:-1]), "left")
        lines += table(header, rows, width, align=aligns, indent=2)
        lines += [] if most is None else left_out(len(ranked), most, "条")
    if impact.unattributed:
        lines += wrap(Piece(unattributed_words(impact), "doubt"), width, lead="  ")
    return lines


def _act(act: Act, labels: Mapping[str, str], width: int, most: int | None) -> str:
    """An act; on the first screen as much of it as stands in one line."""
    return act_line(act, labels) if most is None else one_line(act_line(act, labels, brief=True), width - _BESIDE)


def _weight(one: ProvisionCount) -> tuple[int, ...]:
    return -one.alone, -one.jointly, -one.either, one.act


def _acts_only(impact: Impact, width: int, most: int | None) -> list[Line]:
    """How the rules differ where nobody is affected."""
    if not impact.acts:
        return []
    labels = layer_labels(impact)
    acts = impact.acts if most is None else impact.acts[:most]
    lines = titled(f"两边规则的不同之处（{len(impact.acts)}）", width)
    lines += items([_act(act, labels, width, most) for act in acts], width)
    return lines + ([] if most is None else left_out(len(impact.acts), most, "处"))


def _pairs(impact: Impact, width: int) -> list[Line]:
    labels = layer_labels(impact)
    rows: list[tuple[Content, ...]] = [
        (
            number_cell(one.jointly),
            number_cell(one.either),
            number_cell(one.masked),
            f"{act_line(impact.acts[one.a], labels)} 与 {act_line(impact.acts[one.b], labels)}",
        )
        for one in impact.pairs
    ]
    if not rows:
        return []
    aligns: tuple[Align, ...] = ("right", "right", "right", "left")
    header = ("都要", "任一即可", "抵消", "两条")
    return titled("两条一起看（按变化的处数）", width) + table(header, rows, width, align=aligns, indent=2)


def _groups(impact: Impact, width: int) -> Iterator[Line]:
    """Places and kinds: how many surely and how many perhaps change, and sums and blanks of each apart."""
    measures = impact.about.measures[: max(1, (width - 40) // 30)]
    found: dict[tuple[str, str], list[tuple[Content, ...]]] = {}
    for one in impact.groups:
        sums: list[Content] = []
        for measure in measures:
            totals = [told.get(measure.name) for told in (one.sure_totals, one.open_totals)]
            sums += ["" if total is None or not total.value else number_text(total.value) for total in totals]
            sums.append(number_cell(sum(total.blank for total in totals if total is not None)))
        row = (
            cut(one.value, _LONGEST) or "（未填）",
            str(one.all),
            number_cell(one.sure),
            number_cell(one.open),
            *sums,
        )
        found.setdefault((one.by, one.decision), []).append(row)
    header = ["", "台账", "确定变", "可能变"]
    for measure in measures:
        header += [f"{_measured(measure.name, measure.unit)}确定", "可能", "未填"]
    for (by, decision), rows in found.items():
        yield from titled(f"{decision}：按{by}", width)
        yield from table(header, rows, width, align=numbers(len(header) - 1), indent=2)
    left = impact.about.measures[len(measures) :]
    if found and left:
        said = f"{'、'.join(one.name for one in left)} 的合计见工作簿（-o 影响.xlsx）"
        yield from wrap(Piece(said, "quiet"), width, lead="  ")


def _directions(impact: Impact, width: int) -> list[Line]:
    measures = impact.about.measures
    rows = [
        (
            one.decision,
            one.direction,
            str(one.count),
            *(total_text(one.totals.get(measure.name)) for measure in measures),
        )
        for one in impact.directions
        if one.count
    ]
    if not rows:
        return []
    aligns: tuple[Align, ...] = ("left", "left", *(_RIGHT for _ in range(1 + len(measures))))
    header = ("决定", "怎样变", "个数", *(_measured(one.name, one.unit) for one in measures))
    return titled("谁得谁失", width) + table(header, rows, width, align=aligns, indent=2)


def _laxer(impact: Impact, width: int) -> list[Line]:
    told = laxer_texts(impact)
    return titled("比原来宽还是严", width) + items(told, width) if told else []


def _open(impact: Impact, width: int) -> list[Line]:
    said = open_text(impact, len(impact.cells))
    return titled("还定不下来的", width) + wrap(said, width, lead="  ") if said else []


def _sweep(sweep: Sweep, impact: Impact, width: int) -> Iterator[Line]:
    """A parameter piece by piece: what moves along it."""
    figures = sweep_figures(sweep, impact)
    names = [name for name in moving_decisions(sweep) if f"{name}变的个数" != figures.what]
    here = proposed_piece(sweep)
    rows: list[tuple[Content, ...]] = [
        (
            Piece(f"{piece.text}{'（拟定）' if piece is here else ''}", "name" if piece is here else ""),
            range_text(count),
            *(range_text(piece.changed.get(name, Bounds(0, 0))) for name in names),
        )
        for piece, count in zip(sweep.pieces, figures.counts, strict=True)
    ]
    yield from titled(f"门槛“{sweep.parameter}”定在几{'（原来一边）' if sweep.side == 'old' else ''}", width)
    heads = ("定为", figures.what, *(f"{name}变" for name in names))
    yield from table(heads, rows, width, align=numbers(1 + len(names)), indent=2)
    if said := sweep_note(sweep, impact):
        yield from wrap(said, width, lead="  ")


def _grid(grid: Grid, width: int) -> Iterator[Line]:
    """Two parameters, as many columns at a time as fit."""
    first, second = grid.parameters
    yield from titled(f"两个门槛一起（{grid.decision}变的个数）：“{first}”为行，“{second}”为列", width)
    fitting = max(1, (width - 20) // 14)
    for start in range(0, len(grid.columns), fitting):
        part = slice(start, start + fitting)
        rows: list[tuple[Content, ...]] = [
            (name, *map(range_text, counts[part])) for name, counts in zip(grid.rows, grid.changed, strict=True)
        ]
        columns = grid.columns[part]
        yield from [(), *table(("", *columns), rows, width, align=numbers(len(columns)), indent=2)]
    if grid.note:
        yield from wrap(Piece(grid.note, "quiet"), width, lead="  ")


def _who(impact: Impact) -> dict[int, str]:
    """How records are called: by name, the number behind it where there is none."""
    return {one.index: cut(one.name or one.identity or f"第 {one.index + 1} 个", _LONGEST) for one in impact.records}


def _moves(several: Sequence[Moved], who: Mapping[int, str]) -> Iterator[str]:
    """Results that flip, those of one kind together."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in several:
        name = who.get(one.record, f"第 {one.record + 1} 个")
        found.setdefault((one.decision, one.before, one.after), []).append(name)
    for (decision, before, after), names in found.items():
        yield f"{decision} {before} → {after}（{len(names)}）：{some(names, _LIST, '个')}"


def _dates(impact: Impact, width: int) -> Iterator[Line]:
    if impact.dates:
        yield from titled("几时会变", width)
    who = _who(impact)
    for one in impact.dates:
        because = f"：{'、'.join(one.because)}" if one.because else ""
        differ = "、".join(f"{name} {count}" for name, count in one.differ.items() if count)
        yield from wrap(Piece(f"{date_text(one.on)}{because}", "name"), width, lead="  ", rest="    ")
        for word, several in (("原", one.old), ("现", one.new)):
            for said in _moves(several, who):
                yield from wrap(f"{word}：{said}", width, lead="    ", rest="      ")
        yield from wrap(Piece(f"从这天起两边不同的：{differ or '没有'}", "quiet"), width, lead="    ", rest="      ")


def _nearest(impact: Impact, width: int) -> Iterator[Line]:
    if impact.nearest:
        yield from titled("差一点的", width)
    who = _who(impact)
    found: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for one in impact.nearest:
        ways = found.setdefault((one.decision, one.now, one.target), {})
        more = f"；还有 {one.more} 种" if one.more else ""
        told = (
            f"{'；或者 '.join(said for _, said in way_texts(one))}{more}"
            if one.ways
            else f"试到 {one.tried} 项为止，没有找到"
        )
        ways.setdefault(told, []).append(who.get(one.record, f"第 {one.record + 1} 个"))
    for (decision, now, target), ways in found.items():
        yield from wrap(Piece(f"{decision} {now} → {target}", "name"), width, lead="  ", rest="    ")
        for way, names in ways.items():
            yield from wrap(f"{way}（{len(names)}）：{some(names, _LIST, '个')}", width, lead="    ", rest="      ")


def _blanks(impact: Impact, width: int) -> list[Line]:
    main = decision_apart(impact)
    rows: list[tuple[Content, ...]] = [
        (
            one.field,
            "、".join(one.holders),
            str(len(one.records)),
            number_cell(len(one.settles)),
            str(one.cover) if one.cover else "",
            *([*map(number_cell, one.by_decision.get(main, (0, 0)))] if main else []),
        )
        for one in ranked_blanks(impact.blanks)
    ]
    if not rows:
        return []
    aligns: tuple[Align, ...] = ("left", "left", *numbers(5 if main else 3)[1:])
    apart = (f"只看{main}", "只补它就定") if main else ()
    header = ("要补的", "找谁", "牵涉", "只补它就定", "先补的次序", *apart)
    return titled(f"补哪一项定得最多（{impact.about.root}数）", width) + table(
        header, rows, width, align=aligns, indent=2
    )


def _readings(impact: Impact, width: int) -> Iterator[Line]:
    if impact.readings:
        yield from titled("换一种读法", width)
    who = _who(impact)
    for one in impact.readings:
        yield from wrap(
            Piece(f"“{one.parameter}”读作 {one.value}（现在读作 {one.current}）", "name"), width, lead="  ", rest="    "
        )
        for word, several in (("原", one.old), ("现", one.new)):
            told = list(_moves(several, who)) or ["没有变化"]
            for said in told:
                yield from wrap(f"{word}：{said}", width, lead="    ", rest="      ")


def _values(impact: Impact, width: int) -> list[Line]:
    """Measures: who surely gains and loses them, and on whom it settles or opens."""
    rows: list[tuple[Content, ...]] = [
        (
            one.decision,
            one.value,
            number_cell(len(one.gained)),
            number_cell(len(one.lost)),
            number_cell(len(one.settled_in)),
            number_cell(len(one.settled_out)),
            number_cell(len(one.opened)),
        )
        for one in impact.values
    ]
    if not rows:
        return []
    aligns: tuple[Align, ...] = ("left", "left", *(_RIGHT for _ in range(5)))
    header = ("决定", "", "新有", "不再有", "待定变有", "待定变无", "变不定")
    return titled("连带的措施（按个数）", width) + table(header, rows, width, align=aligns, indent=2)


def _findings(impact: Impact, width: int) -> list[Line]:
    ranked = sorted(impact.findings, key=lambda one: (not one.breach, -one.count))
    rows: list[tuple[Content, ...]] = [
        (
            Piece(f"{finding_words(one.kind)} {one.name}", "bad" if one.breach else ""),
            f"{finding_words(one.before)} → {finding_words(one.after)}",
            str(one.count),
        )
        for one in ranked
    ]
    lines = titled("连带的义务、禁令和提示（新违反在前）", width) if rows or impact.complied else []
    if rows:
        lines += table(("", "变化", "个数"), rows, width, align=("left", "left", "right"), indent=2)
    if impact.complied:
        lines += wrap(Piece(f"新适用而合规的 {impact.complied} 处", "quiet"), width, lead="  ")
    return lines


def name_lines(impact: Impact, width: int) -> Iterator[Line]:
    """The records by name, those of one change and one cause together."""
    found: dict[tuple[str, str, str], dict[str, list[Cell]]] = {}
    for cell in impact.cells:
        cause = "没有归因" if cell.cause is None else impact.causes[cell.cause].text
        found.setdefault((cell.decision, cell.before.text, cell.after.text), {}).setdefault(cause, []).append(cell)
    records = {one.index: one for one in impact.records}
    who = _who(impact)
    if found:
        yield from titled(f"{impact.about.root}名单", width)
    ranked = Counter({key: sum(map(len, causes.values())) for key, causes in found.items()})
    order = {one.name: place for place, one in enumerate(impact.decisions, 1)} | {impact.about.decision: 0}
    for key in sorted(found, key=lambda key: (order.get(key[0], len(order) + 1), -ranked[key])):
        decision, before, after = key
        yield from wrap(
            (Piece(f"{decision} {before} → "), Piece(f"{after}（{ranked[key]}）", "name")),
            width,
            lead="  ",
            rest="    ",
        )
        for cause, cells in found[key].items():
            yield from wrap(Piece(f"{cause}（{len(cells)}）", "link"), width, lead="    ", rest="      ")
            told = []
            for cell in cells:
                places = "，".join(filter(None, records[cell.record].groups.values()))
                row = f" {cell.label}" if cell.path != impact.about.root and cell.label else ""
                lacking = f"，缺 {'、'.join(cell.blanks)}" if cell.blanks else ""
                told.append(
                    f"{who[cell.record]}{row}（{places}{lacking}）" if places or lacking else f"{who[cell.record]}{row}"
                )
            yield from wrap("、".join(told), width, lead="    ", rest="    ")


def _basis(impact: Impact, width: int) -> Iterator[Line]:
    """What it rests on, and how to do it again."""
    about = impact.about
    yield from titled("依据和做法", width)
    for word, side in both_sides(impact):
        yield from wrap(f"{word}：{side.label}", width, lead="  ", rest="    ")
        for layer in side.layers:
            yield from wrap(layer_text(layer), width, lead="    ", rest="      ")
        yield from wrap(Piece(f"规则指纹 {side.fingerprint}", "quiet"), width, lead="    ", rest="      ")
    ledger = about.ledger
    name = f"台账：{ledger.name}，" if ledger.name else ""
    yield from wrap(f"{name}评估了{about.root} {ledger.records} 个", width, lead="  ", rest="    ")
    if ledger.sha256:
        yield from wrap(Piece(f"SHA-256 {ledger.sha256}", "quiet"), width, lead="    ", rest="      ")
    if ledger.set_aside:
        yield from wrap(f"没有评估：{'、'.join(ledger.set_aside)}", width, lead="    ", rest="      ")
    limit = max((one.size for one in impact.causes if not one.complete), default=0)
    if limit:
        yield from wrap(
            f"归因试到 {limit} 条为止的 {sum(not one.complete for one in impact.causes)} 种", width, lead="  "
        )
    yield from wrap(Piece(DEFINITIONS, "quiet"), width, lead="  ")
    if about.command:
        yield from wrap(f"怎样重做：{about.command}", width, lead="  ", rest="    ")
    yield from wrap(Piece(f"{DISCLAIMER}。", "quiet"), width, lead="  ")


# ---- parts ---


def both_sides(impact: Impact) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("原", impact.about.old), ("现", impact.about.new)

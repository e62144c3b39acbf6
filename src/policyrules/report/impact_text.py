"""The impact of a variation as lines of Chinese text: one screen by default, everything where it is asked for.

Why this exists: whoever tries a variation wants the sentence, what goes where and because of which provision before anything else,
and the rest only when asked.

Invariants: reads an `Impact` and evaluates nothing; the first screen has at most `SCREEN` lines in a window of 80 columns or more,
whatever the ledger holds; what is certain and what is open stand apart; what is left out is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from policyrules.analysis.labels import date_text
from policyrules.impact.model import (
    Bounds,
    Cell,
    DecisionImpact,
    Grid,
    Impact,
    Moved,
    ProvisionCount,
    Side,
    Sweep,
    Total,
)
from policyrules.report.impact_words import (
    DEFINITIONS,
    DISCLAIMER,
    INVENTED,
    act_line,
    amount_text,
    blanks_text,
    changed_flows,
    dates_text,
    finding_words,
    grid_text,
    headline,
    layer_labels,
    layer_text,
    main_decision,
    nearest_text,
    open_text,
    piece_count,
    proposed_piece,
    range_text,
    ranked_blanks,
    readings_text,
    sweep_text,
    total_text,
    unattributed_words,
    variations_text,
    way_texts,
)
from policyrules.report.layout import Align, Content, Line, Piece, table, wrap
from policyrules.report.text import heading, number_cell, numbers
from policyrules.text import cut, some

SCREEN: Final = 40
_ROWS: Final = (8, 6, 5, 4, 3, 2, 1)
_LONGEST: Final = 60
_LIST: Final = 200
_MOST_ASKED: Final = 9
_RIGHT: Final[Align] = "right"


def impact_lines(impact: Impact, *, width: int = 80, everything: bool = False) -> list[Line]:
    """The report. ``everything``: all tables and the names of all records, else one screen: the sentence, what goes where, the
    provisions with their counts, what is open, a line for each thing that was asked beside.
    """
    if everything:
        return [*_head(impact, width, None), *_sections(impact, width)]
    lines: list[Line] = []
    for rows in _ROWS:
        lines = _screen(impact, width, rows)
        if len(lines) <= SCREEN:
            return lines
    last = _more(impact, width)
    return [*lines[: SCREEN - len(last)], *last]


# ---- one screen -----------------------------------------------------------------------------------------------------


def _screen(impact: Impact, width: int, rows: int) -> list[Line]:
    """The first screen, no list of it longer than ``rows``."""
    lines = _head(impact, width, min(rows, 3))
    decision = main_decision(impact)
    if decision is not None and decision.changed:
        lines += _flows(decision, impact, width, rows)
    others = [*_other_decisions(impact, decision), *_follow_on(impact)]
    if others:
        lines += [(), *_items(others[:rows], width), *_left(len(others), rows, "项")]
    lines += _provisions(impact, width, rows)
    asked = _asked(impact, max(3, rows))
    if asked:
        lines += [(), *_items([cut(one, max(_LONGEST, 20 * rows)) for one in asked[:_MOST_ASKED]], width)]
        lines += _left(len(asked), _MOST_ASKED, "项")
    return lines + _more(impact, width)


def _head(impact: Impact, width: int, most: int | None) -> list[Line]:
    """Title, date, ledger, what a reader must know, the sentence. ``most``: notes that are told; None: all."""
    about = impact.about
    lines = wrap(Piece(_cut(about.title, most), "title"), width)
    sides = f"{about.old.label} → {about.new.label}"
    if sides not in about.title:
        lines += wrap(Piece(_cut(sides, most), "name"), width)
    ledger = about.ledger
    said = f"评估日：{date_text(about.as_of)}　台账：{cut(ledger.name, _LONGEST)}，{about.root} {ledger.records} 个"
    if ledger.set_aside:
        said += f"，另有 {len(ledger.set_aside)} 个读不出来，没有评估"
    lines += wrap(Piece(said, "quiet"), width)
    told = [f"{label} {name}＝{value}" for label, side in _sides(impact) for name, value in side.parameters.items()]
    if told:
        lines += wrap(Piece(_cut(f"另设参数：{'、'.join(told)}", most), "quiet"), width)
    notes = about.notes if most is None else about.notes[:most]
    for note in notes:
        lines += wrap(Piece(_cut(f"注意：{note}", most), "doubt"), width)
    if len(notes) < len(about.notes):
        lines.append((Piece(f"注意：另有 {len(about.notes) - len(notes)} 条，加 --all 看", "doubt"),))
    if impact.beside:
        lines += wrap(
            Piece(_cut(f"注意：两边的{'、'.join(impact.beside)}不同，由此来的变化没有归因", most), "doubt"), width
        )
    if ledger.said_invented:
        lines.append((Piece(f"{INVENTED}，数字只作示例", "doubt"),))
    lines.append(())
    for sentence in headline(impact):
        lines += wrap(Piece(f"{sentence}。", "name"), width)
    return lines


def _cut(text: str, most: int | None) -> str:
    return text if most is None else cut(text, 2 * _LONGEST)


def _sides(impact: Impact) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("原", impact.about.old), ("现", impact.about.new)


def _flows(decision: DecisionImpact, impact: Impact, width: int, most: int | None) -> list[Line]:
    """What goes where, with the sums of each measure of money."""
    flows = sorted(changed_flows(decision), key=lambda one: -one.count)
    stayed = decision.objects - decision.changed
    lines = heading(f"{decision.name}（变 {decision.changed}，不变 {stayed}）")
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
    return lines + ([] if most is None else _left(len(flows), most, "种变化"))


def _measured(name: str, unit: str) -> str:
    return f"{name}（{unit}）" if unit else name


def _other_decisions(impact: Impact, main: DecisionImpact | None) -> Iterator[str]:
    """A line for each other decision that changed."""
    for decision in impact.decisions:
        if decision is not main and decision.changed:
            flows = sorted(changed_flows(decision), key=lambda one: -one.count)
            told = [f"{cut(one.before, _LONGEST)} → {cut(one.after, _LONGEST)} {one.count}" for one in flows]
            only = f"，只有{_side_word(decision.one_sided)}的规则有" if decision.one_sided else ""
            yield f"{decision.name}（变 {decision.changed}{only}）：{some(told, 3, '种', mark='；')}"
    for amount in impact.amounts:
        if amount.changed or amount.one_sided:
            yield f"{amount.name}：{amount_text(amount)}"


def _side_word(side: str) -> str:
    return "原来" if side == "old" else "现在"


def _follow_on(impact: Impact) -> Iterator[str]:
    """What follows for measures and duties, new breaches first."""
    gained = sum(len(one.gained) for one in impact.values)
    lost = sum(len(one.lost) for one in impact.values)
    opened = sum(len(one.opened) for one in impact.values)
    if gained or lost or opened:
        tail = f"，另有 {opened} 处变得不定" if opened else ""
        yield f"措施：确定新有 {gained} 处，确定不再有 {lost} 处{tail}"
    breaches = [one for one in impact.findings if one.breach]
    if breaches:
        told = [f"{one.name} {one.count}" for one in sorted(breaches, key=lambda one: -one.count)]
        yield f"新违反或逾期 {sum(one.count for one in breaches)} 处：{some(told, 3)}"
    others = sum(one.count for one in impact.findings if not one.breach)
    if others or impact.complied:
        idle = f"；新适用而合规的 {impact.complied} 处" if impact.complied else ""
        yield f"其他义务、禁令和提示有变化的 {others} 处{idle}"


def _provisions(impact: Impact, width: int, most: int | None) -> list[Line]:
    """Which provisions bring the changes about, with their counts."""
    if not impact.cells:
        return _only_acts(impact, width, most)
    ranked = sorted(impact.provisions, key=_weight)
    labels = layer_labels(impact)
    rows: list[tuple[Content, ...]] = [
        (
            number_cell(one.alone),
            number_cell(one.jointly),
            number_cell(one.either),
            _shortened(act_line(impact.acts[one.act], labels), most),
        )
        for one in (ranked if most is None else ranked[:most])
    ]
    lines = heading("由哪些条文引起（按变化的处数，逐条去掉、加上试出来的）")
    if rows:
        aligns: tuple[Align, ...] = ("right", "right", "right", "left")
        lines += table(("单独", "共同", "任一即可", "条文"), rows, width, align=aligns, indent=2)
        lines += [] if most is None else _left(len(ranked), most, "条")
    if impact.unattributed:
        lines += wrap(Piece(unattributed_words(impact), "doubt"), width, lead="  ")
    return lines


def _shortened(text: str, most: int | None) -> str:
    return text if most is None else cut(text, 2 * _LONGEST)


def _weight(one: ProvisionCount) -> tuple[int, ...]:
    return -one.alone, -one.jointly, -one.either, one.act


def _only_acts(impact: Impact, width: int, most: int | None) -> list[Line]:
    """By how much the rules differ where nobody is affected."""
    if not impact.acts:
        return [(), *wrap("两边的规则没有不同的条文。", width)]
    labels = layer_labels(impact)
    acts = impact.acts if most is None else impact.acts[:most]
    lines = heading(f"两边的规则有 {len(impact.acts)} 处不同，在这份台账上都不起作用")
    lines += _items([_shortened(act_line(act, labels), most) for act in acts], width)
    return lines + ([] if most is None else _left(len(impact.acts), most, "处"))


def _asked(impact: Impact, most: int) -> list[str]:
    """A line for what is open, and for each thing that was asked beside."""
    root = impact.about.root
    told = [open_text(impact, most)]
    told += [sweep_text(one, root, 12) for one in impact.sweeps]
    told += [grid_text(one) for one in impact.grids]
    told += [dates_text(impact.dates, most)] if impact.dates else []
    told += [nearest_text(impact.nearest, most)] if impact.nearest else []
    told += [blanks_text(impact.blanks, root, most)] if impact.blanks else []
    told += [readings_text(impact.readings, most)] if impact.readings else []
    told += [variations_text(impact.variations, root, most)] if impact.variations else []
    return [one for one in told if one]


def _more(impact: Impact, width: int) -> list[Line]:
    """How to see the rest."""
    rest = ["地方和金额"] if impact.groups else []
    rest += ["门槛和日期的表"] if impact.sweeps or impact.dates else []
    rest += [f"{impact.about.root}名单"] if impact.cells else []
    seen = f"加 --all 看{'、'.join(rest)}；" if rest else ""
    return [(), *wrap(Piece(f"{DISCLAIMER}。{seen}写成文件：-o 影响.html、影响.xlsx 或影响.json", "quiet"), width)]


def _left(count: int, most: int, what: str) -> list[Line]:
    """What a list that was cut short says in its last line."""
    return [(Piece(f"  另有 {count - most} {what}", "quiet"),)] if count > most else []


def _items(texts: Iterable[str], width: int) -> list[Line]:
    return [line for text in texts for line in wrap(text, width, lead="  · ", rest="    ")]


# ---- everything -----------------------------------------------------------------------------------------------------


def _sections(impact: Impact, width: int) -> Iterator[Line]:
    for decision in impact.decisions:
        if decision.changed:
            yield from _flows(decision, impact, width, None)
            yield from _bounds(decision, width)
    yield from _amounts(impact, width)
    yield from _provisions(impact, width, None)
    yield from _pairs(impact, width)
    yield from _groups(impact, width)
    yield from _directions(impact, width)
    yield from _open(impact, width)
    for sweep in impact.sweeps:
        yield from _sweep(sweep, impact, width)
    for grid in impact.grids:
        yield from _grid(grid, width)
    yield from _dates(impact, width)
    yield from _nearest(impact, width)
    yield from _blanks(impact, width)
    yield from _readings(impact, width)
    yield from _variations(impact, width)
    yield from _values(impact, width)
    yield from _findings(impact, width)
    yield from _names(impact, width)
    yield from _basis(impact, width)


def _bounds(decision: DecisionImpact, width: int) -> list[Line]:
    """From how many to how many each value has, before and after."""
    rows = [(cut(value, _LONGEST), range_text(old), range_text(new)) for value, (old, new) in decision.bounds.items()]
    if not rows:
        return []
    return [(), *table(("补齐资料后", "原", "现"), rows, width, align=numbers(2), indent=2)]


def _amounts(impact: Impact, width: int) -> list[Line]:
    told = [f"{one.name}：{amount_text(one)}" for one in impact.amounts if one.changed or one.one_sided or one.open]
    return heading("金额") + _items(told, width) if told else []


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
    return heading("两条一起看（按变化的处数）") + table(header, rows, width, align=aligns, indent=2)


def _groups(impact: Impact, width: int) -> Iterator[Line]:
    """Places and kinds: surely, perhaps, and sums of each apart."""
    measures = impact.about.measures
    found: dict[tuple[str, str], list[tuple[Content, ...]]] = {}
    for one in impact.groups:
        sums = (_apart(one.sure_totals.get(measure.name), one.open_totals.get(measure.name)) for measure in measures)
        row: tuple[Content, ...] = (
            one.value or "（未填）",
            str(one.all),
            number_cell(one.sure),
            number_cell(one.open),
            *sums,
        )
        found.setdefault((one.by, one.decision), []).append(row)
    header = ("", "台账", "确定变", "待定", *(_measured(one.name, one.unit) for one in measures))
    for (by, decision), rows in found.items():
        yield from heading(f"{decision}：按{by}")
        yield from table(header, rows, width, align=numbers(3 + len(measures)), indent=2)
    if found and measures:
        yield from wrap(Piece("金额：确定变的合计；待定的和未填的另说，不加在一起", "quiet"), width, lead="  ")


def _apart(sure: Total | None, perhaps: Total | None) -> str:
    """Sums of what surely and of what perhaps changes, and the blanks of each."""
    told = [total_text(sure)] if sure is not None and (sure.value or sure.blank) else []
    told += [f"待定 {total_text(perhaps)}"] if perhaps is not None and (perhaps.value or perhaps.blank) else []
    return "；".join(told)


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
    return heading("谁得谁失") + table(header, rows, width, align=aligns, indent=2)


def _open(impact: Impact, width: int) -> list[Line]:
    said = open_text(impact, len(impact.cells))
    return heading("还定不下来的") + wrap(said, width, lead="  ") if said else []


def _sweep(sweep: Sweep, impact: Impact, width: int) -> Iterator[Line]:
    """A parameter piece by piece: how many records differ, then each decision."""
    root = impact.about.root
    names = list(dict.fromkeys(name for piece in sweep.pieces for name in piece.changed))
    here = proposed_piece(sweep)
    rows: list[tuple[Content, ...]] = [
        (
            Piece(f"{piece.text}{'（拟定）' if piece is here else ''}", "name" if piece is here else ""),
            range_text(piece_count(piece)),
            *(range_text(piece.changed.get(name, Bounds(0, 0))) for name in names),
        )
        for piece in sweep.pieces
    ]
    yield from heading(f"门槛“{sweep.parameter}”定在几（结果同原来不同的个数）")
    yield from table(("定为", root, *names), rows, width, align=numbers(1 + len(names)), indent=2)
    words = sweep_text(sweep, root, 0).partition("。")[2]
    if words:
        yield from wrap(words, width, lead="  ")
    elif not sweep.exact:
        yield from wrap(f"逐值试了 {sweep.tried} 个", width, lead="  ")


def _grid(grid: Grid, width: int) -> Iterator[Line]:
    rows: list[tuple[Content, ...]] = [
        (name, *map(range_text, counts)) for name, counts in zip(grid.rows, grid.changed, strict=True)
    ]
    yield from heading(
        f"两个门槛一起（{grid.decision}变的个数）：“{grid.parameters[0]}”为行，“{grid.parameters[1]}”为列"
    )
    yield from table(("", *grid.columns), rows, width, align=numbers(len(grid.columns)), indent=2)


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
        yield from heading("几时会变")
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
        yield from heading("差一点的")
    who = _who(impact)
    found: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for one in impact.nearest:
        ways = found.setdefault((one.decision, one.now, one.target), {})
        ways.setdefault("；或者 ".join(way_texts(one)) or "没有找到", []).append(
            who.get(one.record, f"第 {one.record + 1} 个")
        )
    for (decision, now, target), ways in found.items():
        yield from wrap(Piece(f"{decision} {now} → {target}", "name"), width, lead="  ", rest="    ")
        for way, names in ways.items():
            yield from wrap(f"{way}（{len(names)}）：{some(names, _LIST, '个')}", width, lead="    ", rest="      ")


def _blanks(impact: Impact, width: int) -> list[Line]:
    rows: list[tuple[Content, ...]] = [
        (
            one.field,
            "、".join(one.holders),
            str(len(one.records)),
            number_cell(len(one.settles)),
            str(one.cover) if one.cover else "",
        )
        for one in ranked_blanks(impact.blanks)
    ]
    if not rows:
        return []
    aligns: tuple[Align, ...] = ("left", "left", "right", "right", "right")
    header = ("要补的", "找谁", "牵涉", "只补它就定", "先补的次序")
    return heading(f"补哪一项定得最多（{impact.about.root}数）") + table(header, rows, width, align=aligns, indent=2)


def _readings(impact: Impact, width: int) -> Iterator[Line]:
    if impact.readings:
        yield from heading("换一种读法")
    who = _who(impact)
    for one in impact.readings:
        yield from wrap(
            Piece(f"“{one.parameter}”读作 {one.value}（现在读作 {one.current}）", "name"), width, lead="  ", rest="    "
        )
        for word, several in (("原", one.old), ("现", one.new)):
            told = list(_moves(several, who)) or ["没有变化"]
            for said in told:
                yield from wrap(f"{word}：{said}", width, lead="    ", rest="      ")


def _variations(impact: Impact, width: int) -> list[Line]:
    if not impact.variations:
        return []
    several = [("现在", impact.about.new.label, impact.decisions)]
    several += [(one.label, one.side.label, one.decisions) for one in impact.variations]
    names = list(dict.fromkeys(decision.name for _, _, decisions in several for decision in decisions))
    rows: list[tuple[Content, ...]] = [
        (label, side, *(str(next((d.changed for d in decisions if d.name == name), "")) for name in names))
        for label, side, decisions in several
    ]
    aligns: tuple[Align, ...] = ("left", "left", *(_RIGHT for _ in names))
    return heading("几种方案并排（同原来不同的个数）") + table(
        ("方案", "规则", *names), rows, width, align=aligns, indent=2
    )


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
    return heading("连带的措施（按个数）") + table(header, rows, width, align=aligns, indent=2)


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
    lines = heading("连带的义务、禁令和提示（新违反在前）") if rows or impact.complied else []
    if rows:
        lines += table(("", "变化", "个数"), rows, width, align=("left", "left", "right"), indent=2)
    if impact.complied:
        lines += wrap(Piece(f"新适用而合规的 {impact.complied} 处", "quiet"), width, lead="  ")
    return lines


def _names(impact: Impact, width: int) -> Iterator[Line]:
    """The records by name, those of one change and one cause together."""
    found: dict[tuple[str, str, str], dict[str, list[Cell]]] = {}
    for cell in impact.cells:
        cause = "没有归因" if cell.cause is None else impact.causes[cell.cause].text
        found.setdefault((cell.decision, cell.before.text, cell.after.text), {}).setdefault(cause, []).append(cell)
    records = {one.index: one for one in impact.records}
    who = _who(impact)
    if found:
        yield from heading(f"{impact.about.root}名单")
    ranked = Counter({key: sum(map(len, causes.values())) for key, causes in found.items()})
    order = {one.name: place for place, one in enumerate(impact.decisions)}
    for key in sorted(found, key=lambda key: (order.get(key[0], len(order)), -ranked[key])):
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
    yield from heading("依据和做法")
    for word, side in _sides(impact):
        yield from wrap(f"{word}：{side.label}", width, lead="  ", rest="    ")
        for layer in side.layers:
            yield from wrap(layer_text(layer), width, lead="    ", rest="      ")
        yield from wrap(Piece(f"规则指纹 {side.fingerprint}", "quiet"), width, lead="    ", rest="      ")
    ledger = about.ledger
    yield from wrap(f"台账：{ledger.name}，评估了 {ledger.records} 个", width, lead="  ", rest="    ")
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
    yield from wrap(f"怎样重做：{about.command}", width, lead="  ", rest="    ")
    yield from wrap(Piece(f"{DISCLAIMER}。", "quiet"), width, lead="  ")

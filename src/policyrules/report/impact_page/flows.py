"""What went from which result to which: of the decision of the headlines at large, of the others in small; and the same under other
readings and variations.

Why this exists: all of these are flows, and are read side by side only where they are drawn alike.

Invariants: each picture has its table; what stayed is in the picture, so that what changed is seen against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from policyrules.report.impact_page.alluvial import Band, alluvial
from policyrules.report.impact_page.figures import number, total
from policyrules.report.impact_page.further import flow_places, onward
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, link, note, table, tag
from policyrules.report.impact_page.places import flips
from policyrules.report.impact_page.svg import inks
from policyrules.report.impact_page.view import ABSENT, APART, CLASH, NONE, OPEN, View, titled
from policyrules.report.impact_words import class_word
from policyrules.text import cut, some
from policyrules.variation.model import DecisionImpact, Moved, Reading, Variation

_SIDED = {"": "", "old": "只有原来有这项决定", "new": "只有现在有这项决定"}


def order_of(decision: DecisionImpact) -> tuple[str, ...]:
    """Results from top to bottom: what is declared, then what is no value."""
    return (*decision.values, CLASH, OPEN, NONE, APART, ABSENT)


def flows(view: View) -> Markup:
    """The section."""
    changed = [one for one in view.decisions if one.changed]
    if not changed:
        return note("没有哪一项决定的结果不同。")
    told: list[Content] = []
    if changed[0] is view.main:
        told += [_picture(view, changed[0]), _table(view, changed[0], money=True), flow_places(view, changed[0])]
        changed = changed[1:]
    if changed:
        told.append(tag("div", [_small(view, decision) for decision in changed], class_="pair"))
    quiet = [one.name for one in view.decisions if not one.changed]
    if quiet:
        told.append(note(f"没有变化的决定：{some([cut(one, 20) for one in quiet], 12)}。"))
    return tag("div", told)


def _bands(view: View, decision: DecisionImpact) -> list[Band]:
    """Flows as bands, those that differ apart: a word may be kept (待定, of fewer possible) and differ, or be another and say as little."""
    differing = Counter((cell.before.text, cell.after.text) for cell in view.cells(decision.name))
    bands = []
    for flow in decision.flows:
        marks = view.flow_mark(decision.name, flow.before, flow.after)
        differ = min(differing[flow.before, flow.after], flow.count)
        if differ:
            bands.append(Band(flow.before, flow.after, differ, True, marks))
        if flow.count > differ:
            bands.append(Band(flow.before, flow.after, flow.count - differ, False))
    return bands


def _shown(bands: Sequence[Band]) -> tuple[list[Band], str]:
    """What is drawn, and what is not in words: where nothing is said on either side nothing is seen, and nor is what it would dwarf."""
    total = sum(band.count for band in bands)
    quiet = [band for band in bands if not band.changed and {band.before, band.after} <= {APART, NONE, ABSENT}]
    left = [band for band in quiet if {band.before, band.after} != {NONE} or band.count * 2 > total]
    words = "，".join(f"一直是{_nothing(band)}的 {number(band.count)} 个" for band in left)
    return [band for band in bands if band not in left], f"{words}没有画。" if words else ""


def _nothing(band: Band) -> str:
    return band.before if band.before == band.after else "没有结论"


def _picture(view: View, decision: DecisionImpact) -> Markup:
    described = f"{decision.name}：左边是原来，右边是现在，深色的变了"
    bands, left = _shown(_bands(view, decision))
    drawn = alluvial(bands, order_of(decision), inks(decision.values), described)
    words = f"“{cut(decision.name, 30)}”：左边原来，右边现在；深色的变了，浅色的没有变；斜线是待定，网格是冲突。"
    sided = _SIDED[decision.one_sided]
    screen = tag("span", "点一条带子，名单只列那些。", class_="screen")
    return tag("figure", drawn, tag("figcaption", words, left, f"{sided}。" if sided else None, screen))


def _table(view: View, decision: DecisionImpact, *, money: bool) -> Markup:
    rows = []
    measures = view.money if money else ()
    for band in sorted(_bands(view, decision), key=lambda one: -one.count):
        if not band.changed:
            continue
        cells = [
            cell
            for cell in view.cells(decision.name)
            if (cell.before.text, cell.after.text) == (band.before, band.after)
        ]
        name = f"{band.before} → {band.after}"
        same = "（可能的结果变了）" if band.before == band.after else ""
        row: list[Content] = [
            cut(band.before, 24),
            cut(band.after, 24) + same,
            link(number(band.count), band.marks, name),
        ]
        row += [total(view.sums(cells, measure)) for measure in measures]
        rows.append(Row(row))
    stayed = decision.objects - decision.changed
    rows.append(Row(["没有变", "", number(stayed), *("" for _ in measures)], kind="quiet"))
    head = [Column("原来"), Column("现在"), Column("个数", "n")]
    head += [Column(titled(one), "n") for one in measures]
    return table(head, rows)


def _small(view: View, decision: DecisionImpact) -> Markup:
    described = f"{decision.name}：左边是原来，右边是现在"
    bands, left = _shown(_bands(view, decision))
    drawn = alluvial(bands, order_of(decision), inks(decision.values), described, small=True)
    sided = _SIDED[decision.one_sided]
    title = tag(
        "h3", cut(decision.name, 24), tag("small", f"变 {number(decision.changed)}", f"，{sided}" if sided else "")
    )
    return tag("figure", title, drawn, note(left) if left else None, _table(view, decision, money=False))


# ---- other readings, other variations ---------------------------------------------------------------------------------


def others(view: View) -> Markup:
    """The section of readings and of variations beside the new side."""
    impact = view.impact
    told: list[Content] = []
    if impact.variations:
        told += [tag("h3", "别的方案"), _variations(view)]
    if impact.readings:
        told += [tag("h3", "换一种读法"), _readings(view)]
    return tag("div", told)


def _variations(view: View) -> Markup:
    impact, main = view.impact, view.main
    name = main.name if main is not None else ""
    small: list[Content] = []
    mine = {(cell.record, cell.path, cell.decision) for cell in impact.cells}
    rows = [["本次（现）", *(number(len(view.cells(one))) for one in view.names), "", ""]]
    if main is not None:
        small.append(_multiple("本次（现）", main, _bands(view, main)))
    for variation in impact.variations:
        decision = next((one for one in variation.decisions if one.name == name), None)
        if decision is not None:
            small.append(_multiple(variation.label, decision, _apart(variation, decision)))
        moved = {*variation.moved}
        changed = Counter(decision for _, _, decision in moved)
        rows.append(
            [
                cut(variation.label, 30),
                *(number(changed[one]) for one in view.names),
                number(len(moved - mine)),
                number(len(mine - moved)),
            ]
        )
    head = [Column("方案"), *(Column(f"{cut(one, 10)}变了", "n") for one in view.names)]
    head += [Column("比本次多", "n"), Column("比本次少", "n")]
    pictures = tag("div", small, class_="pair") if small else None
    return join([pictures, table(head, rows), map(onward, impact.variations)])


def _apart(variation: Variation, decision: DecisionImpact) -> list[Band]:
    """Bands of a variation; of those that kept their word, those that differ are what is left of all that moved."""
    moved = sum(name == decision.name for _, _, name in variation.moved)
    left = moved - sum(flow.count for flow in decision.flows if flow.before != flow.after)
    bands = []
    for flow in decision.flows:
        differ = flow.count
        if {flow.before, flow.after} <= {APART, NONE, ABSENT} and ABSENT in (flow.before, flow.after):
            differ = 0
        elif flow.before == flow.after:
            differ = min(max(left, 0), flow.count) if flow.before == OPEN else 0
        if differ:
            bands.append(Band(flow.before, flow.after, differ, True))
        if flow.count > differ:
            bands.append(Band(flow.before, flow.after, flow.count - differ, False))
    return bands


def _multiple(title: str, decision: DecisionImpact, bands: Sequence[Band]) -> Markup:
    ink = inks(decision.values)
    bands, left = _shown(bands)
    drawn = alluvial(bands, order_of(decision), ink, f"{title}：{decision.name}", small=True)
    moved = sorted((band for band in bands if band.changed), key=lambda one: -one.count)
    told = [tuple(class_word(decision.name, one, 16) for one in (band.before, band.after)) for band in moved[:3]]
    words = "；".join(f"{a} → {b} {number(band.count)} 个" for (a, b), band in zip(told, moved, strict=False))
    return tag("figure", tag("h3", cut(title, 30)), drawn, tag("figcaption", f"{words or '没有变化'}。", left))


def _readings(view: View) -> Markup:
    told: list[Content] = []
    rows = []
    for reading in view.impact.readings:
        row: list[Content] = [cut(reading.parameter, 24), cut(reading.current, 24), cut(reading.value, 24)]
        row += [_moves(view, reading.old), _moves(view, reading.new)]
        row.append("，".join(f"{cut(name, 12)} {number(many)}" for name, many in reading.differ.items() if many) or "·")
        rows.append(row)
    pictures = [one for reading in view.impact.readings if (one := _reading(view, reading))]
    if pictures:
        told.append(tag("div", pictures, class_="pair"))
    head = [Column("读法"), Column("现在读作"), Column("改读作"), Column("原来那边", "w"), Column("现在这边", "w")]
    told.append(table([*head, Column("两边还不同的")], rows))
    return tag("div", told)


def _reading(view: View, reading: Reading) -> Markup | None:
    main = view.main
    if main is None:
        return None
    counts = Counter((one.before, one.after) for one in reading.new if one.decision == main.name)
    if not counts:
        return None
    bands = [Band(before, after, many, True) for (before, after), many in counts.items()]
    return _multiple(f"{cut(reading.parameter, 14)} 读作 {cut(reading.value, 14)}", main, bands)


def _moves(view: View, moved: Sequence[Moved]) -> Content:
    """What flips, by decision; who is opened to be read."""
    return flips(view, moved, 6, 20) if moved else "没有变化"

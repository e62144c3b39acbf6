"""What is told of an impact beyond its figures: where those of a flow are, whom to tell, what each record gains and loses, the other
variations side by side, what records that could not be read may add.

Why this exists: whoever has read how many change asks next who that is, what it means for each of them, and what else was proposed.

Invariants: those of `impact_tables`; what is told of a record is told with its number, so that two of one name are not mixed up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policyrules.report.impact_parts import items, titled
from policyrules.report.impact_words import (
    act_line,
    ask_text,
    changed_flows,
    lacking_words,
    layer_labels,
    range_text,
    total_text,
)
from policyrules.report.layout import Align, Content, Line, Piece, table, wrap
from policyrules.report.text import number_cell, numbers
from policyrules.text import cut, some
from policyrules.variation.model import Cell, DecisionImpact, Follow, Impact, Record, Side, Variation

_LONGEST: Final = 60
_LIST: Final = 200
_PLACES: Final = 60
HOW_WORDS: Final = {
    "alone": "由一条单独引起",
    "jointly": "由几条共同引起",
    "either": "几条任一即可",
    "mixed": "几条里要有几条（不止一种凑法）",
    "unfound": "没有归因",
}
MOVE_WORDS: Final = {
    "gained": "新有",
    "lost": "不再有",
    "settled_in": "待定变有",
    "settled_out": "待定变无",
    "opened": "变不定",
}


# ---- who is meant by a flow ---


def flow_places(decision: DecisionImpact, width: int) -> Iterator[Line]:
    """Of those that went from one result to another how many are where."""
    told = []
    for flow in sorted(changed_flows(decision), key=lambda one: -one.count):
        for by, counts in flow.places.items():
            where = [f"{cut(value, _LONGEST) or '（未填）'} {count}" for value, count in counts.items()]
            lead = f"{cut(flow.before, _LONGEST)} → {cut(flow.after, _LONGEST)}（{flow.count}），按{by}"
            told.append(f"{lead}：{some(where, _PLACES, '种')}")
    if told:
        yield ()
        yield from items(told, width)


def called(record: Record | None, index: int) -> str:
    """A record by its number and its name."""
    if record is None:
        return f"第 {index + 1} 个"
    told = " ".join(cut(one, _LONGEST) for one in (record.identity, record.name) if one)
    return told or f"第 {index + 1} 个"


def whom_lines(impact: Impact, width: int) -> Iterator[Line]:
    """Place by place the records that change, surely or perhaps, each with what becomes of it; then who is to fill in what."""
    records = {one.index: one for one in impact.records}
    by = impact.about.by[0] if impact.about.by else ""
    found: dict[str, dict[int, list[Cell]]] = {}
    for cell in impact.cells:
        place = records[cell.record].groups.get(by, "") if by else ""
        found.setdefault(place, {}).setdefault(cell.record, []).append(cell)
    if not found:
        return
    yield from titled(f"要告诉谁{f'（按{by}）' if by else ''}", width)
    for place, several in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        lead = f"{cut(place, _LONGEST) or '（未填）'}（{len(several)}）" if by else f"{len(several)} 个"
        yield from wrap(Piece(lead, "name"), width, lead="  ", rest="    ")
        told = [
            f"{called(records[index], index)}：{'，'.join(_cell_text(cell, impact) for cell in cells)}"
            for index, cells in several.items()
        ]
        yield from wrap("；".join(told[:_LIST]), width, lead="    ", rest="    ")
        if len(told) > _LIST:
            yield from wrap(f"等 {len(told)} 个，全部见工作簿（-o 影响.xlsx）", width, lead="    ")
    yield from items(fill_in_texts(impact), width)


def _cell_text(cell: Cell, impact: Impact) -> str:
    row = f"{cut(cell.label, _LONGEST)} " if cell.path != impact.about.root and cell.label else ""
    perhaps = "（还没有定）" if cell.after.status in ("undetermined", "conflict") else ""
    return f"{row}{cell.decision} {cut(cell.before.text, _LONGEST)} → {cut(cell.after.text, _LONGEST)}{perhaps}"


def to_fill_in(impact: Impact) -> list[tuple[tuple[str, ...], list[tuple[str, int, int]]]]:
    """Who holds what the open changes lack: of whom most is asked first; each input with the number of changes that lack it, and of
    those that lack nothing else."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    alone = Counter(cell.blanks[0] for cell in impact.cells if len(set(cell.blanks)) == 1)
    for cell in impact.cells:
        for blank in cell.blanks:
            counts = found.setdefault(impact.holders.get(blank, ()), {})
            counts[blank] = counts.get(blank, 0) + 1
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return [
        (who, [(blank, many, alone[blank]) for blank, many in sorted(counts.items(), key=_most)])
        for who, counts in ranked
    ]


def fill_in_texts(impact: Impact, most: int | None = None) -> list[str]:
    """`to_fill_in` in words. ``most``: inputs that are told of each; None: all."""
    return [
        f"{ask_text(who)}：" + some([lacking_words(*one) for one in several], most or len(several))
        for who, several in to_fill_in(impact)
    ]


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def followed(impact: Impact) -> tuple[str, Sequence[Follow], int]:
    """Of whom it is told what each gains and loses in decisions that take several values: of those that change in the decision that the
    report is about, where there are any; what they are called by: that decision, or 结果; and how many other records there are."""
    main = {cell.record for cell in impact.cells if cell.decision == impact.about.decision}
    every = impact.follows()
    shown = [one for one in every if one.record in main] or every
    what = impact.about.decision if len(shown) < len(every) else "结果"
    return what, shown, len({one.record for one in every} - {one.record for one in shown})


def follow_lines(impact: Impact, width: int) -> Iterator[Line]:
    """What each record gains and loses; records with the same together."""
    what, shown, left = followed(impact)
    if not shown:
        return
    records = {one.index: one for one in impact.records}
    found: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], list[int]] = {}
    for one in shown:
        found.setdefault((one.decision, moves_of(one)), []).append(one.record)
    yield from titled(f"每个{impact.about.root}得失哪些（{what}有变化的）", width)
    for (decision, moves), several in sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]))):
        said = "；".join(
            f"{MOVE_WORDS[move]} {'、'.join(cut(one, _LONGEST) for one in names)}" for move, names in moves
        )
        yield from wrap(Piece(f"{decision}（{len(several)}）：{said}", "name"), width, lead="  ", rest="    ")
        names = [called(records.get(index), index) for index in several]
        yield from wrap(some(names, _LIST, "个"), width, lead="    ", rest="    ")
    if left:
        said = f"另有 {left} 个{impact.about.root}，{what}没有变化，别的结果有，见工作簿（-o 影响.xlsx）"
        yield from wrap(Piece(said, "quiet"), width, lead="  ")


def moves_of(one: Follow) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The moves of which there are any, with the values."""
    return tuple((move, getattr(one, move)) for move in MOVE_WORDS if getattr(one, move))


# ---- because of what ---


def provision_parts(impact: Impact, width: int) -> Iterator[Line]:
    """The provisions behind the changes of each decision, where several changed."""
    names = [name for name in dict.fromkeys(cell.decision for cell in impact.cells)]
    if len(names) < 2:
        return
    labels = layer_labels(impact)
    for name in names:
        ranked = sorted(
            ((one.parts[name], one.act) for one in impact.provisions if name in one.parts),
            key=lambda item: (*(-count for count in item[0]), item[1]),
        )
        rows: list[tuple[Content, ...]] = [
            (*map(number_cell, parts), act_line(impact.acts[act], labels, brief=True)) for parts, act in ranked
        ]
        if rows:
            yield from titled(f"{name}：由哪些条文引起", width)
            aligns: tuple[Align, ...] = ("right", "right", "right", "left")
            yield from table(("单独", "共同", "任一即可", "条文"), rows, width, align=aligns, indent=2)


def how_texts(impact: Impact) -> list[str]:
    """Of each decision how many changes one provision brings about, and how many several do."""
    return [
        f"{one.name}：" + "，".join(f"{word} {one.how[how]} 处" for how, word in HOW_WORDS.items() if one.how.get(how))
        for one in impact.decisions
        if one.how
    ]


def how_lines(impact: Impact, width: int) -> Iterator[Line]:
    """`how_texts` under a heading."""
    told = how_texts(impact)
    if told:
        yield from [*titled("一条引起还是几条引起", width), *items(told, width)]


# ---- what is not counted ---


def unread_texts(impact: Impact) -> list[str]:
    """What records that could not be read may add: every one of them may be anything."""
    told = []
    for one in impact.decisions:
        if one.unread is None:
            told.append(f"{one.name}：它们有几个{one.object}不知道，上面的数都没有算它们")
        elif one.changed:
            told.append(f"{one.name}：变的 {one.changed} 个，连它们至多 {one.changed + one.unread} 个")
    told.append("改好以前，它们什么结果都可能；“补齐资料后”的上限算上了它们，金额的合计里没有它们")
    return told


def unread_lines(impact: Impact, width: int) -> Iterator[Line]:
    """`unread_texts` under a heading that names the records."""
    aside = impact.about.ledger.set_aside
    if aside:
        names = some([cut(one, _LONGEST) for one in aside], _LIST, "个")
        yield from titled(f"没有读进来的 {len(aside)} 个{impact.about.root}（{names}）", width)
        yield from items(unread_texts(impact), width)


# ---- other variations ---


def variation_lines(impact: Impact, width: int) -> Iterator[Line]:
    """The variations side by side: how many change, what goes where, what each value comes to; and where what the new side changes goes
    under each."""
    if not impact.variations:
        return
    several = [("现在", impact.about.new, impact.decisions)]
    several += [(one.label, one.side, one.decisions) for one in impact.variations]
    yield from titled("几种方案并排（同原来比）", width)
    yield from items([f"{label}：{stack_text(side)}" for label, side, _ in several], width)
    names = list(dict.fromkeys(decision.name for _, _, decisions in several for decision in decisions))
    for name in names:
        mine = [next((one for one in decisions if one.name == name), None) for _, _, decisions in several]
        if any(one is not None and one.changed for one in mine):
            yield from _beside(name, [label for label, _, _ in several], mine, impact, width)
    for variation in impact.variations:
        if told := onward_texts(variation):
            yield from titled(f"现在变的，在方案“{variation.label}”里", width)
            yield from items(told, width)


def onward_texts(variation: Variation) -> list[str]:
    """Where what the new side changes goes under a variation."""
    told: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for onward in variation.onward:
        if onward.before != onward.now:
            told.setdefault((onward.decision, onward.before, onward.now), []).append((onward.there, onward.count))
    return [_onward(key, counts) for key, counts in told.items()]


def stack_text(side: Side) -> str:
    """The layers of a side, with the trials that vary them and what the caller set."""
    layers = [f"{one.name}{''.join(f'（试验：{trial}）' for trial in one.varied)}" for one in side.layers]
    given = "、".join(f"{name}＝{value}" for name, value in side.parameters.items())
    return "＋".join(layers) + (f"，另设 {given}" if given else "")


def _onward(key: tuple[str, str, str], counts: Sequence[tuple[str, int]]) -> str:
    decision, before, now = key
    there = "，".join(f"{cut(value, _LONGEST)} {count}" for value, count in counts)
    lead = f"{decision} {cut(before, _LONGEST)} → {cut(now, _LONGEST)}（{sum(count for _, count in counts)}）"
    return f"{lead}：在那里是 {there}"


def _beside(
    name: str, labels: Sequence[str], several: Sequence[DecisionImpact | None], impact: Impact, width: int
) -> Iterator[Line]:
    def of(told: Sequence[Mapping[tuple[str, str], str]], key: tuple[str, str]) -> list[Content]:
        return [one.get(key, "") for one in told]

    flows: list[dict[tuple[str, str], str]] = []
    ranges: list[dict[tuple[str, str], str]] = []
    sums = impact.about.measures[:1]
    for one in several:
        found = [] if one is None else changed_flows(one)
        flows.append(
            {
                (flow.before, flow.after): "，".join(
                    [str(flow.count), *(total_text(flow.totals.get(each.name), each.unit) for each in sums)]
                )
                for flow in found
            }
        )
        ranges.append({} if one is None else {("", value): range_text(new) for value, (_, new) in one.bounds.items()})
    rows: list[tuple[Content, ...]] = [("变的个数", *("" if one is None else str(one.changed) for one in several))]
    for before, after in dict.fromkeys(key for told in flows for key in told):
        rows.append((f"{cut(before, _LONGEST)} → {cut(after, _LONGEST)}", *of(flows, (before, after))))
    for key in dict.fromkeys(key for told in ranges for key in told):
        rows.append((f"补齐资料后的{cut(key[1], _LONGEST)}", *of(ranges, key)))
    money = f"，{'、'.join(each.name for each in sums)}" if sums else ""
    yield from titled(f"{name}（个数{money}）", width)
    yield from table(("", *labels), rows, width, align=numbers(len(labels)), indent=2)

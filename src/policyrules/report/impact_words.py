"""The words in which an impact is told: the sentence above all figures, ranges, sums with their blanks, acts, what was asked beside.

Why this exists: the terminal and the workbook say one thing in the same words.

Invariants: reads an `Impact` and evaluates nothing; what is certain and what is open are told apart; a blank amount is counted, never
zero; no value, field or decision is known here by name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policyrules.analysis.acts import act_words
from policyrules.analysis.causes import act_text
from policyrules.records.wording import DECIDERS, UNKNOWN_HOLDER
from policyrules.results import KIND_NAMES, STATUS_NAMES
from policyrules.text import cut, some
from policyrules.types import Number, date_text, number_text, simplify
from policyrules.variation.model import (
    SETTLED,
    Act,
    AmountImpact,
    BlankValue,
    Bounds,
    Cell,
    DateChange,
    DecisionImpact,
    Flow,
    Grid,
    Impact,
    Layer,
    Moved,
    Nearest,
    Piece,
    Reading,
    Step,
    Sweep,
    Total,
    Variation,
)

DISCLAIMER: Final = "本报告只按台账推算，不作认定"
DEFINITIONS: Final = (
    "单独：不同之处里只有这一条，结果就已经是现在的。共同：几条都在，才是现在的结果。"
    "任一即可：有几条，各自都足够。抵消：去掉它结果会变，但不还原。"
)
INVENTED: Final = "虚构数据"
_LONGEST: Final = 60
_WORDS: Final = 24
_NUMERALS: Final = "零一两三四五六七八九十"


# ---- whom to ask ----------------------------------------------------------------------------------------------------


def ask_text(holders: Sequence[str], most: int = 3) -> str:
    """Who is to fill something in, or decide it.

    >>> ask_text(("村", "乡镇")), ask_text(("县级设定",)), ask_text(("本次评估",)), ask_text(())
    ('请村、乡镇补', '由县级设定', '要等别的记录补齐', '未写明由谁掌握')
    """
    named = tuple(one for one in holders if one != UNKNOWN_HOLDER)
    if not named:
        return UNKNOWN_HOLDER
    if named == (DECIDERS["portfolio"],):
        return "要等别的记录补齐"
    who = some([cut(one, _LONGEST) for one in named], most, "处")
    return f"由{who}" if {*named} <= _DECIDING else f"请{who}补"


_DECIDING: Final = frozenset(DECIDERS[kind] for kind in ("parameter", "recognition", "conflict"))


# ---- figures --------------------------------------------------------------------------------------------------------


def range_text(bounds: Bounds, unit: str = "") -> str:
    """From how many to how many.

    >>> range_text(Bounds(3, 3), " 个"), range_text(Bounds(3, 5), " 个")
    ('3 个', '3 至 5 个')
    """
    told = str(bounds.low) if bounds.low == bounds.high else f"{bounds.low} 至 {bounds.high}"
    return told + unit


def number_of(value: Number, unit: str = "") -> str:
    """A number with its unit; a percent sign stands close."""
    return number_text(value) + (unit if unit == "%" else f" {unit}" if unit else "")


def total_text(total: Total | None, unit: str = "") -> str:
    """A sum, and how many blanks are in no sum.

    >>> total_text(Total(12, 2), "万元"), total_text(Total(0, 3))
    ('12 万元（另有 2 个未填）', '3 个未填')
    """
    if total is None:
        return ""
    if not total.blank:
        return number_of(total.value, unit)
    if not total.value:
        # Others may have 0.
        return f"{total.blank} 个未填"
    return f"{number_of(total.value, unit)}（另有 {total.blank} 个未填）"


def _numeral(number: int) -> str:
    return _NUMERALS[number] if number < len(_NUMERALS) else f" {number} "


# ---- decisions ------------------------------------------------------------------------------------------------------


def main_decision(impact: Impact) -> DecisionImpact | None:
    """The decision that the report is about; None where neither side has it."""
    return next((one for one in impact.decisions if one.name == impact.about.decision), None)


def cells_of(impact: Impact, decision: str) -> list[Cell]:
    """What differs of one decision."""
    return [cell for cell in impact.cells if cell.decision == decision]


def class_word(decision: str, value: str, most: int = _LONGEST) -> str:
    """A value as a sentence tells it: a decision called …类 tells classes; what is no value stands bare.

    >>> class_word("分类", "甲"), class_word("意见", "甲"), class_word("分类", "待定")
    ('甲类', '“甲”', '待定')
    """
    if value in NO_VALUES:
        return value
    if decision.endswith("类"):
        return cut(value if value.endswith("类") else f"{value}类", most)
    return f"“{cut(value, most)}”"


NO_VALUES: Final = frozenset({"待定", "冲突", "无", "不适用", "没有这一项"})


def nothing_word(decision: DecisionImpact) -> str:
    """That none of its values holds.

    >>> nothing_word(DecisionImpact("分类", "", "项目", ("甲", "乙", "丙"), False, "", 3, 2, (), {}))
    '三类都不归'
    """
    if decision.name.endswith("类") and len(decision.values) > 1:
        return f"{_numeral(len(decision.values))}类都不归"
    return "没有结论"


def changed_flows(decision: DecisionImpact) -> list[Flow]:
    """The flows of a decision that go somewhere else; that one side does not have it and the other says nothing is no change."""
    nothing = {"无", "不适用"} if decision.one_sided else set()
    return [flow for flow in decision.flows if flow.before != flow.after and not {flow.before, flow.after} & nothing]


# ---- acts -----------------------------------------------------------------------------------------------------------


def layer_labels(impact: Impact) -> dict[str, str]:
    """How the layers of both sides are called, by their ids; what the caller set is of this run."""
    layers = (*impact.about.old.layers, *impact.about.new.layers)
    return {layer.id: layer.name for layer in layers} | {"": "本次"}


def act_line(act: Act, labels: Mapping[str, str], *, brief: bool = False) -> str:
    """An act in one line, as the comparison of two stacks tells it, with the place of its clause. ``brief``: the article alone, and
    no words of what is presumed."""
    words = act_words(act.operation, act.old, act.new)
    place = "".join(_place(one) for one in act.citations[:1])
    name, label = cut(act.name, _LONGEST), labels.get(act.layer, act.layer)
    if not brief:
        return act_text(label, act.operation, name, words, cut(place, _LONGEST))
    article, more, _ = place.partition("·")
    article += "】" if more else ""
    return act_text(label, act.operation, name, cut(words, _WORDS), article, brief=act.operation == "推定")


def _place(citation: str) -> str:
    found = _PLACE.match(citation)
    return f"【{found[1] if found else citation}】"


_PLACE: Final = re.compile(r"[^【]*【([^】]*)】")
"""A citation: the document, which the layer tells already, the place; a quote may follow. That of a trial has no place."""


def layer_text(layer: Layer) -> str:
    """A layer of a side: its document, since when, and whether that is assumed."""
    said = f"{layer.name}　{layer.title}"
    said += f"（{layer.document_number}）" if layer.document_number else ""
    said += f"，{layer.in_force_from} 起施行" if layer.in_force_from else ""
    said += "（日期是假定的）" if layer.assumed else ""
    said += "，评估日不在施行" if not layer.in_force else ""
    return said + (f"；试验改动：{'、'.join(layer.varied)}" if layer.varied else "")


# ---- what was asked beside ------------------------------------------------------------------------------------------


def piece_count(piece: Piece) -> Bounds:
    """How many records differ from the old side on a piece."""
    sure = set(piece.moved)
    return Bounds(len(sure), len(sure | set(piece.perhaps)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted along a parameter, in words, and how many there are on each piece. ``nobody``: what is said of a piece on which
    there are none but the ``unread`` records, which may be anything."""

    what: str
    counts: tuple[Bounds, ...]
    nobody: str
    unread: int = 0


def sweep_figures(sweep: Sweep, impact: Impact) -> Figures:
    """What a sweep is about: how many objects change in the decision that the report is about, where that moves along the parameter;
    else how many there are of the value that moves most; else how many records differ."""
    root, main = impact.about.root, impact.about.decision
    if main in moving_decisions(sweep):
        counts = tuple(piece.changed[main] for piece in sweep.pieces)
        return Figures(f"{main}变的个数", counts, f"没有{root}受影响")
    values = moving_values(sweep)
    if values:
        name, value = max(values, key=lambda one: _spread(value_counts(sweep, *one)))
        counts = value_counts(sweep, name, value)
        unread = len(impact.about.ledger.set_aside)
        but = f"除读不出来的 {unread} 个，" if unread else ""
        return Figures(
            f"{name}为“{cut(value, _LONGEST)}”的个数", counts, f"{but}没有一个是“{cut(value, _LONGEST)}”", unread
        )
    return Figures(f"结果不同的{root}数", tuple(map(piece_count, sweep.pieces)), f"没有{root}受影响")


def moving_decisions(sweep: Sweep) -> list[str]:
    """The decisions of which more or fewer objects change along a parameter."""
    names = dict.fromkeys(name for piece in sweep.pieces for name in piece.changed)
    return [name for name in names if len({piece.changed.get(name) for piece in sweep.pieces}) > 1]


def moving_values(sweep: Sweep) -> list[tuple[str, str]]:
    """The values, by decision, of which there are more or fewer along a parameter."""
    told = dict.fromkeys(
        (name, value) for piece in sweep.pieces for name in piece.bounds for value in piece.bounds[name]
    )
    return [one for one in told if len(set(value_counts(sweep, *one))) > 1]


def value_counts(sweep: Sweep, name: str, value: str) -> tuple[Bounds, ...]:
    """How many come to a value of a decision on each piece; a piece that does not tell of it has none."""
    return tuple(piece.bounds.get(name, {}).get(value, Bounds(0, 0)) for piece in sweep.pieces)


def _spread(several: Iterable[Bounds]) -> int:
    counts = list(several)
    lows, highs = [one.low for one in counts], [one.high for one in counts]
    return max(lows) - min(lows) + max(highs) - min(highs)


def sweep_text(sweep: Sweep, impact: Impact, most: int) -> str:
    """A parameter from end to end in one line: its pieces, then what `sweep_note` says. ``most``: pieces that are told, those nearest
    to the proposed value."""
    figures = sweep_figures(sweep, impact)
    here = proposed_piece(sweep)
    told = [
        f"{piece.text} {range_text(count)}{'（拟定）' if piece is here else ''}"
        for piece, count in zip(sweep.pieces, figures.counts, strict=True)
    ]
    at = sweep.pieces.index(here) if here is not None else 0
    start = max(0, min(at - most // 2, len(told) - most))
    words = ("……" if start else "") + "；".join(told[start : start + most])
    words += f"……共 {len(told)} 段" if start + most < len(told) else ""
    side = "（原来一边）" if sweep.side == "old" else ""
    note = sweep_note(sweep, impact)
    return f"门槛“{sweep.parameter}”{side}，{figures.what}：{words}" + (f"。{note}" if note else "")


def sweep_note(sweep: Sweep, impact: Impact) -> str:
    """On which piece the proposed value lies, where it tips, where nobody is affected, and what a reader must know."""
    said = [said] if (said := _around(sweep)) else []
    figures = sweep_figures(sweep, impact)
    unread = figures.unread
    none = [piece.text for piece, count in zip(sweep.pieces, figures.counts, strict=True) if count == Bounds(0, unread)]
    if none and len(sweep.pieces) > 1:
        said.append(f"定为 {cut(none[0], _LONGEST)}，{figures.nobody}")
    if not sweep.exact:
        said.append(f"逐值试了 {sweep.tried} 个")
    return "；".join([*said, *([sweep.note] if sweep.note else [])])


def _around(sweep: Sweep) -> str:
    """How far from the proposed value results stay the same, and from where they do not."""
    if not sweep.proposed_text:
        return ""
    here = proposed_piece(sweep)
    told = f"拟定 {cut(sweep.proposed_text, _LONGEST)}"
    if here is None:
        return f"{told}，没有试到"
    if here.at is None:
        others = [cut(one.text, _LONGEST) for one in sweep.pieces if _results(one) != _results(here)]
        return f"{told}；改为 {some(others, 3)}，结果就不同" if others else f"{told}；试过的别的取值结果都相同"
    tips = "、".join(_tips(sweep, here))
    if len(sweep.pieces) == 1 and not tips:
        return f"{told}，在试过的范围里怎样定结果都相同"
    if here.text == sweep.proposed_text:
        return f"{told}，只有这个值是这个结果"
    text = cut(here.text, _LONGEST)
    where = f"门槛在 {text}之间" if here.low is not None and here.high is not None else f"定为 {text}，"
    return f"{told}，{where}结果相同" + (f"，{tips}{' ' if tips[-1].isascii() else ''}就不同" if tips else "")


def _tips(sweep: Sweep, here: Piece) -> Iterator[str]:
    """From where on results are no more those of the proposed value: a number that is not, or beyond the last that is."""
    closed = (here.low_closed and here.low == sweep.switching[0], here.high_closed and here.high == sweep.switching[1])
    said = ""
    for beyond, inside, text in zip(("低于", "超过"), closed, sweep.switching_texts, strict=True):
        if text:
            word = beyond if inside else "到"
            yield cut(text, _LONGEST) if word == said else f"{word} {cut(text, _LONGEST)}"
            said = word


def _results(piece: Piece) -> tuple[object, ...]:
    return piece.bounds, piece.changed, piece.moved, piece.perhaps


def proposed_piece(sweep: Sweep) -> Piece | None:
    """The piece on which the proposed value lies; None where that was not tried."""
    value = sweep.proposed
    if value is None:
        return next((one for one in sweep.pieces if one.at is None and one.text == sweep.proposed_text), None)
    for piece in sweep.pieces:
        if piece.low == piece.high:
            if piece.at == value:
                return piece
            continue
        low = piece.low is None or piece.low < value or (piece.low == value and piece.low_closed)
        high = piece.high is None or piece.high > value or (piece.high == value and piece.high_closed)
        if low and high:
            return piece
    return None


def _objects(several: Iterable[Moved]) -> int:
    return len({(one.record, one.path) for one in several})


def dates_text(dates: Sequence[DateChange], most: int) -> str:
    """The days on which results flip, in one line."""
    # Of a day on which a side has no rules nothing is known.
    flips = [one for one in dates if one.old or one.new or not one.differ]
    told = [
        f"{date_text(one.on)}（"
        + (f"原 {_objects(one.old)} 个，现 {_objects(one.new)} 个" if one.differ else "；".join(one.because))
        + "）"
        for one in flips
    ]
    said = f"日期：结果会变的日子 {len(told)} 个：{some(told, most, '个日子')}" if told else "日期："
    still = [date_text(one.on) for one in dates if one not in flips]
    if not still:
        return said
    # Days that were asked for.
    return f"{said}{'；' if told else ''}{some(still, most, '个日子')}结果不变"


def readings_text(readings: Sequence[Reading], most: int) -> str:
    """What other readings of the text would change, in one line, those first that change most."""
    ranked = sorted(readings, key=lambda one: -_objects([*one.old, *one.new]))
    told = [
        f"“{one.parameter}”读作 {one.value}（原 {_objects(one.old)} 个，现 {_objects(one.new)} 个会变）"
        for one in ranked
        if one.old or one.new
    ]
    idle = len(readings) - len(told)
    rest = [f"{'另外' if told else '试过的'} {idle} 种都不改变结果"] if idle else []
    return "换一种读法：" + "；".join([*([some(told, most, "种")] if told else []), *rest])


def variations_text(variations: Sequence[Variation], root: str, most: int) -> str:
    """Other variations side by side, in one line."""
    told = [f"{one.label} {len({index for index, _, _ in one.moved})} 个" for one in variations]
    return f"别的方案（结果不同的{root}数）：{some(told, most, '种')}"


def nearest_text(nearest: Sequence[Nearest], most: int) -> str:
    """Who is how far from a target, in one line."""
    steps: dict[str, Counter[int]] = {}
    for one in nearest:
        if one.ways:
            steps.setdefault(f"{one.decision} {one.now} → {one.target}", Counter())[min(map(len, one.ways))] += 1
    told = [
        f"{target} " + "，".join(f"差 {size} 项的 {count} 个" for size, count in sorted(counts.items()))
        for target, counts in steps.items()
    ]
    return f"差一点的：{some(told, most, '种', mark='；') or '没有找到'}"


def blanks_text(blanks: Sequence[BlankValue], root: str, most: int) -> str:
    """Which input settles most, in one line: those that are needed for it, where there are any."""
    ranked = ranked_blanks(blanks)
    needed = [one for one in ranked if one.cover or one.settles] or ranked
    told = [f"{one.field} {len(one.records)} 个（只补它就定 {len(one.settles)} 个）" for one in needed]
    return f"补哪一项定得最多（牵涉的{root}数）：{some(told, most)}"


def decision_apart(impact: Impact) -> str:
    """The decision whose blanks are counted apart as well: that which the report is about, where blanks bear on others too; else ''."""
    names = {name for one in impact.blanks for name in one.by_decision}
    return impact.about.decision if len(names) > 1 and impact.about.decision in names else ""


def ranked_blanks(blanks: Sequence[BlankValue]) -> list[BlankValue]:
    """In the order in which filling in settles most; then those that settle nothing, by how many records they bear on."""
    return sorted(blanks, key=lambda one: (one.cover == 0, one.cover, -len(one.records)))


def way_texts(nearest: Nearest) -> list[tuple[int, str]]:
    """The ways to a target: how many inputs would have to be otherwise, and how; a judgement is told as one. Ways that give one input
    another value are one."""
    single: dict[tuple[str, str, str], list[Step]] = {}
    for way in nearest.ways:
        if len(way) == 1:
            single.setdefault((way[0].field, way[0].before, way[0].kind), []).append(way[0])
    told = [(1, _steps_text(steps)) for steps in single.values()]
    several = [way for way in nearest.ways if len(way) > 1]
    return told + [(len(way), "，并且 ".join(_steps_text([step]) for step in way)) for way in several]


def _steps_text(steps: Sequence[Step]) -> str:
    """An input that would have to be one of some values."""
    first = steps[0]
    values = " 或 ".join(step.after + (f"（{step.margin}）" if step.margin else "") for step in steps)
    return f"{'如评为：' if first.kind == '研判' else ''}{first.field} {first.before or '未填'} → {values}"


def grid_text(grid: Grid) -> str:
    """That two parameters were varied together, and between which counts."""
    cells = [one for row in grid.changed for one in row]
    span = f"{min(one.low for one in cells)} 至 {max(one.high for one in cells)} 个" if cells else "没有可试的值"
    tail = "" if grid.exact else f"（{grid.note}）" if grid.note else "（逐值试的）"
    return f"“{grid.parameters[0]}”与“{grid.parameters[1]}”一起变：{grid.decision}变 {span}{tail}"


def lacking_words(name: str, count: int, alone: int) -> str:
    """In how many places an input is lacking, and in how many of them nothing else is: only those does it settle by itself.

    >>> lacking_words("户数", 8, 8), lacking_words("户数", 8, 1), lacking_words("户数", 8, 0)
    ('户数 8 处（8 处只缺它）', '户数 8 处（1 处只缺它，7 处还缺别的）', '户数 8 处（都还缺别的）')
    """
    others = f"，{count - alone} 处还缺别的" if alone < count else ""
    return f"{cut(name, _LONGEST)} {count} 处（{f'{alone} 处只缺它{others}' if alone else '都还缺别的'}）"


def open_text(impact: Impact, most: int) -> str:
    """What keeps the new side open: the inputs, by how many changes lack them; '' where nothing is open."""
    cells = [cell for cell in impact.cells if cell.after.status not in SETTLED]
    if not cells:
        return ""
    lacking = Counter(blank for cell in cells for blank in dict.fromkeys(cell.blanks))
    alone = Counter(cell.blanks[0] for cell in cells if len(set(cell.blanks)) == 1)
    told = [lacking_words(name, count, alone[name]) for name, count in lacking.most_common()]
    said = f"变化里现在还定不下来的 {len(cells)} 处"
    clashes = sum(cell.after.status == "conflict" for cell in cells)
    said += f"，其中 {clashes} 处是结论冲突" if clashes else ""
    return f"{said}；要补的：{some(told, most)}" if told else said


def laxer_texts(impact: Impact) -> list[str]:
    """Whether the new side is laxer: by what comes of it, decision by decision, then by the form of its provisions."""
    told: list[str] = []
    for one in impact.laxer:
        if one.laxer or one.stricter:
            rule = "按由宽到严的次序" if one.ordered else "有结论算宽，没有结论算严"
            said = f"{one.decision}（{rule}）：现在更宽 {len(one.laxer)} 处，更严 {len(one.stricter)} 处"
            said += f"，分不出宽严 {one.beside} 处" if one.beside else ""
            told.append(said + (f"，待定 {one.open} 处不算" if one.open else ""))
    if impact.form:
        told.append("条文的写法：" + "，".join(f"{form} {count} 处" for form, count in impact.form.items()))
    return told


def amount_text(amount: AmountImpact) -> str:
    """What a decision of an amount comes to on both sides."""
    if amount.one_sided:
        said = f"只有{'原来' if amount.one_sided == 'old' else '现在'}的规则有"
    elif amount.old is None or amount.new is None:
        said = f"变 {amount.changed}"
    else:
        old, new = number_of(amount.old, amount.unit), number_of(amount.new, amount.unit)
        moved = simplify(amount.new - amount.old)
        size = moved if moved > 0 else -moved
        said = f"变 {amount.changed}，两边都定的合计 {old} → {new}"
        said += f"（{'多' if moved > 0 else '少'} {number_of(size, amount.unit)}）" if moved else "，合计不变"
    return said + (f"；有一边未定的 {amount.open} 个没有算进合计" if amount.open else "")


def unattributed_words(impact: Impact) -> str:
    """What is said of the changes that nobody knows the cause of."""
    cells = [cell for cell in impact.cells if cell.cause is None]
    one_sided = sum("absent" in (cell.before.status, cell.after.status) for cell in cells)
    rest = impact.unattributed - one_sided
    told = [f"{one_sided} 处的决定只有一边有"] if one_sided else []
    told += [f"{rest} 处没有找到引起变化的条文"] if rest else []
    return f"没有归因的 {impact.unattributed} 处：{'，'.join(told)}"


def finding_words(word: str) -> str:
    """A kind of finding, or a status, as people call it.

    >>> finding_words("duty"), finding_words("violated")
    ('义务', '违反')
    """
    return KIND_NAMES.get(word) or STATUS_NAMES.get(word, word)

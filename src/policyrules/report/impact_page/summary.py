"""The first page: what changes in three sentences, four numbers, each decision in a row, and what has to be decided.

Why this exists: whoever signs reads one page, and must be able to stop there.

Invariants: what is sure and what is open are told apart in every number; nothing here says what an authority will hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from policyrules.report.impact_page.figures import bounds, number, numeral, span
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, link, note, table, tag
from policyrules.report.impact_page.view import APART, CLASH, DIRECTIONS, NONE, View, class_word
from policyrules.text import cut, some
from policyrules.types import Number
from policyrules.variation.model import AmountImpact, Bounds, Cell, DecisionImpact, Piece, Sweep

_TASKS = 6
_FLOWS = 2


def conclusion(view: View) -> Markup:
    """The section."""
    told: list[Content] = [tag("p", "".join(sentences(view)), class_="lead")]
    cells = view.cells(view.main.name) if view.main is not None else ()
    if view.impact.cells:
        told.append(tag("div", list(_figures(view, cells)), class_="figures"))
        told.append(_decisions(view))
    tasks = list(_tasks(view))
    told.append(tag("h3", "要定的事"))
    told.append(tag("ol", [tag("li", one) for one in tasks[:_TASKS]]) if tasks else note("没有要先定的事。"))
    told.append(tag("p", "本报告只按台账推算，不作认定。", class_="disclaimer"))
    return tag("div", told)


# ---- sentences --------------------------------------------------------------------------------------------------------


def sentences(view: View) -> tuple[str, ...]:
    """What changes, why, and from how many to how many."""
    impact, main = view.impact, view.main
    if not impact.about.ledger.records:
        return (f"台账里没有可以评的{view.root}，下面各节都没有数字。",)
    if not impact.cells:
        acts = (
            f"两边有 {len(impact.acts)} 处不同，在这份台账上都不改变结果。" if impact.acts else "两边的规则没有不同。"
        )
        return (f"按这份台账，没有任何{view.root}的结果不同。", acts)
    if main is None or not main.changed:
        others = "、".join(f"“{cut(name, 16)}”{len(view.cells(name))} 个" for name in view.names if view.cells(name))
        return (
            f"结果不同的是 {others}。" if main is None else f"“{cut(main.name, 16)}”没有变化；结果不同的是 {others}。",
        )
    return (_who(view, main), _why(view, main), _how_many(main))


def _who(view: View, main: DecisionImpact) -> str:
    cells = view.cells(main.name)
    sure = sum(cell.sure for cell in cells)
    told = f"“{cut(main.name, 16)}”结果不同的，确定 {number(sure)} 个"
    if len(cells) > sure:
        told += f"，补齐资料后至多 {number(len(cells))} 个"
    # What is sure is told first: that is what people will feel.
    flows = Counter((not cell.sure, cell.before.text, cell.after.text) for cell in cells)
    ranked = sorted(flows.items(), key=lambda item: (item[0][0], -item[1]))
    named = [f"{number(many)} 个{flow_words(main, before, after)}" for (_, before, after), many in ranked[:_FLOWS]]
    told += f"（共 {number(main.objects)} 个）" if main.objects > len(cells) else ""
    return f"{told}：{'；'.join(named)}{'；等等' if len(ranked) > _FLOWS else ''}。"


def flow_words(decision: DecisionImpact, before: str, after: str) -> str:
    """A flow as people say it; leaving one class without another is no descent.

    >>> decision = DecisionImpact("分类", "", "项目", ("甲", "乙"), False, "", 3, 2, (), {})
    >>> flow_words(decision, "甲", "无"), flow_words(decision, "待定", "乙"), flow_words(decision, "甲", "乙")
    ('不再符合甲类，两类都不归', '由待定明确为乙类', '由甲类改为乙类')
    """
    many = "两" if len(decision.values) == 2 else numeral(len(decision.values))
    nothing = f"{many}类都不归" if "类" in decision.name else f"{many}项都不是"
    if len(decision.values) < 2:
        nothing = "没有结论"

    def word(value: str) -> str:
        return nothing if value == NONE else class_word(decision.name, cut(value, 16))

    match before, after:
        case _ if before == after:
            return f"仍是{word(after)}，可能的结果变了"
        case _, "没有这一项":
            return f"原来是{word(before)}，现在没有这项决定"
        case "没有这一项", _:
            return f"新有这项决定，是{word(after)}"
        case "待定", _:
            return f"由待定明确为{word(after)}"
        case _, "待定":
            return f"由{word(before)}变为待定"
        case "冲突", _:
            return f"不再冲突，归{word(after)}" if after != NONE else f"不再冲突，{nothing}"
        case _, "无":
            return f"不再符合{word(before)}，{nothing}"
        case "无", _:
            return f"新符合{word(after)}"
        case _:
            return f"由{word(before)}改为{word(after)}"


def _why(view: View, main: DecisionImpact) -> str:
    cells = view.cells(main.name)
    counts = Counter(cell.cause for cell in cells if cell.cause is not None)
    unfound = sum(cell.cause is None for cell in cells)
    if not counts:
        return "没有找到引起变化的条文。"
    acts = _acts(view, cells)
    if len(acts) == 1 and not unfound:
        return f"都只由第 {view.act(acts[0], 30)}一条引起。"
    first, many = max(counts.items(), key=lambda item: item[1])
    cause = cut(view.cause_text(view.impact.causes[first]), 44)
    rest = f"；{unfound} 个没有找到条文" if unfound else ""
    return f"由 {len(acts)} 条改动引起，最多的一种 {number(many)} 个：{cause}{rest}。"


def _acts(view: View, cells: Sequence[Cell]) -> list[int]:
    """The acts that have a part in some changes."""
    causes = dict.fromkeys(cell.cause for cell in cells if cell.cause is not None)
    return sorted({act for one in causes for several in view.impact.causes[one].enough for act in several})


def _how_many(main: DecisionImpact) -> str:
    def moved(pair: tuple[Bounds, Bounds]) -> int:
        return abs(pair[0].low - pair[1].low) + abs(pair[0].high - pair[1].high)

    values = [value for value in main.bounds if value not in (NONE, APART)] or list(main.bounds)
    if main.one_sided or not values:
        return ""
    value = max(values, key=lambda one: moved(main.bounds[one]))
    old, new = main.bounds[value]
    return f"连同待定的，{class_word(main.name, cut(value, 16))}原有 {bounds(old)} 个，现有 {bounds(new)} 个。"


# ---- numbers ----------------------------------------------------------------------------------------------------------


def _figures(view: View, cells: Sequence[Cell]) -> Iterator[Markup]:
    def card(figure: str, *words: Content) -> Markup:
        return tag("div", tag("b", figure), tag("span", *words))

    about = view.impact.about
    decision = cut(view.main.name, 12) if view.main is not None else ""
    sure = [cell for cell in cells if cell.sure]
    ends = "（确定–至多）" if len(sure) < len(cells) else ""
    yield card(span(len(sure), len(cells), "–"), f"个“{decision}”结果不同{ends}")
    if view.money:
        measure = view.money[0]
        low, high = (view.sums(several, measure) for several in (sure, cells))
        blank = f"（另 {high.blank} 个未填）" if high.blank else ""
        yield card(span(low.value, high.value, "–"), f"{cut(measure.unit, 8)}，涉及的{cut(measure.name, 16)}{blank}")
    else:
        yield card("—", "没有要求算钱；用 --money 写上金额字段")
    if about.by:
        by = about.by[0]
        there = [view.records[cell.record].groups.get(by, "") for cell in cells]
        empty = f"（另 {there.count('')} 个没有填）" if "" in there else ""
        yield card(number(len({*there} - {""})), f"个{cut(by, 12)}有变化{empty}")
    else:
        yield card("—", "没有要求分地方；用 --by 写上字段")
    yield card(number(len(_acts(view, cells))), f"条改动引起（两边共 {number(len(view.impact.acts))} 处不同）")


def _decisions(view: View) -> Markup:
    """Each decision in a row: how many differ, and in which way."""
    several: list[DecisionImpact | AmountImpact] = [*view.impact.decisions, *view.impact.amounts]
    objects = {one.name: one.objects for one in several}
    sided = {one.name: {"old": "（只有原来有）", "new": "（只有现在有）"}.get(one.one_sided, "") for one in several}
    amounts = {one.name for one in view.impact.amounts}
    rows = []
    for name in view.names:
        cells, mine = view.cells(name), view.decision_mark(name)
        counts = Counter(cell.direction for cell in cells)
        row: list[Content] = [[cut(name, 24), sided.get(name), "（金额）" if name in amounts else ""]]
        row.append(_many(len(cells), mine, name))
        for direction in DIRECTIONS:
            row.append(_many(counts[direction], f"{mine}+{view.direction_mark(direction)}", f"{name}：{direction}"))
        rows.append(Row([*row, number(objects.get(name, len(cells)))]))
    head = [Column("决定"), Column("不同", "n"), *(Column(one, "n") for one in DIRECTIONS), Column("全部", "n")]
    told = "得：原来没有，现在有。失：原来有，现在没有。移：从一个到另一个。明确：待定的定了，或者可能的少了。变不明：反过来。"
    return join([table(head, rows), note(told)])


def _many(count: int, marks: str, told: str) -> Content:
    return link(number(count), marks, told) if count else "·"


# ---- what has to be decided -------------------------------------------------------------------------------------------


def _tasks(view: View) -> Iterator[Content]:
    impact = view.impact
    for act in impact.acts:
        if act.authority == "无":
            yield [view.act_link(act.number), f"：本层没有权限这样改。{cut(act.authority_note, 80)}"]
    for decision in view.decisions:
        clashes = sum(flow.count for flow in decision.flows if flow.after == CLASH)
        if clashes:
            yield f"“{cut(decision.name, 20)}”现在有 {number(clashes)} 个冲突，要定哪一个在先。"
    for sweep in impact.sweeps:
        if told := switching(sweep):
            yield f"门槛“{cut(sweep.parameter, 20)}”：{told}"
    first = next((blank for blank in impact.blanks if blank.cover == 1), None)
    if first is not None:
        who = f"（找{some([cut(one, 12) for one in first.holders], 2, '处')}）" if first.holders else ""
        known = f"关系到 {len(first.records)} 个，只补它就能定的 {len(first.settles)} 个"
        yield f"先补“{cut(first.field, 24)}”{who}：{known}。"
    breaches = [one for one in impact.findings if one.breach]
    if breaches:
        records = {record for one in breaches for record in one.records}
        names = some([f"“{cut(one.name, 16)}”" for one in breaches], 3)
        many = number(sum(one.count for one in breaches))
        yield f"新违反或者逾期 {many} 处，涉及 {number(len(records))} 个{view.root}：{names}，见第十二节。"
    if impact.unattributed:
        found = link(f"{number(impact.unattributed)} 处变化", "x", "没有找到条文")
        yield [found, "没有找到引起它的条文，见第四节。"]
    aside = impact.about.ledger.set_aside
    if aside:
        names = some([cut(one, 20) for one in aside], 4, "个")
        yield f"{number(len(aside))} 个{view.root}填写有误，没有评（{names}），先改好再算。"


def switching(sweep: Sweep) -> str:
    """Around the proposed value: how far the result stays the same, and from where it does not."""
    if sweep.proposed is None and not sweep.proposed_text:
        return ""
    piece = proposed_piece(sweep)
    told = f"拟定 {value_text(sweep, sweep.proposed, sweep.proposed_text)}"
    if piece is not None and not any(one.high for one in piece.changed.values()):
        told += "，没有一个受影响"
    if sweep.proposed is None:
        others = [cut(one.text, 20) for one in sweep.pieces if piece is not None and _counts(one) != _counts(piece)]
        return (
            f"{told}；改为 {some(others, 3, '个')}，结果就不同。" if others else f"{told}；试过的别的取值结果都相同。"
        )
    if piece is not None and piece.low != piece.high:
        told += f"；取 {cut(piece.text, 40)} 结果都相同"
    ways = zip(("往下", "往上"), sweep.switching, sweep.switching_texts, strict=True)
    ends = [f"{way} {value_text(sweep, one, words)}" for way, one, words in ways if one is not None]
    return f"{told}；到切换值结果就不同：{'，'.join(ends)}。" if ends else f"{told}；在试过的范围里怎样改都相同。"


def _counts(piece: Piece) -> tuple[object, ...]:
    return piece.bounds, piece.changed, piece.moved, piece.perhaps


def value_text(sweep: Sweep, value: Number | None, words: str) -> str:
    """A value of a parameter as people read it."""
    if words or value is None:
        return cut(words, 24)
    unit = cut(sweep.unit, 8)
    return f"{number(Fraction(value) / Fraction(sweep.scale))}{unit if unit == '%' else f' {unit}' if unit else ''}"


def proposed_piece(sweep: Sweep) -> Piece | None:
    """The stretch that the proposed value lies in."""
    at = sweep.proposed
    if at is None:
        return next((one for one in sweep.pieces if one.at is None and one.text == sweep.proposed_text), None)
    for piece in sweep.pieces:
        above = piece.low is None or piece.low < at or (piece.low == at and piece.low_closed)
        below = piece.high is None or piece.high > at or (piece.high == at and piece.high_closed)
        if above and below:
            return piece
    return None

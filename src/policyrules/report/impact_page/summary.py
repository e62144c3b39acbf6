"""The first page: what changes in a few sentences, four numbers, each decision in a row, and what has to be decided.

Why this exists: whoever signs reads one page, and must be able to stop there.

Invariants: what is sure and what is open are told apart in every number; nothing here says what an authority will hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policyrules.report.impact_headline import headline
from policyrules.report.impact_page.figures import count, number, span
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, link, note, table, tag
from policyrules.report.impact_page.view import CLASH, DIRECTIONS, View
from policyrules.report.impact_words import DISCLAIMER, ask_text, sweep_note
from policyrules.text import cut, some
from policyrules.variation.model import AmountImpact, Cell, DecisionImpact

_TASKS = 6


def conclusion(view: View) -> Markup:
    """The section."""
    told: list[Content] = [tag("p", "".join(f"{one}。" for one in headline(view.impact)), class_="lead")]
    cells = view.cells(view.main.name) if view.main is not None else ()
    if view.impact.cells:
        told.append(tag("div", list(_figures(view, cells)), class_="figures"))
        told.append(_decisions(view))
    tasks = list(_tasks(view))
    told.append(tag("h3", "要定的事"))
    told.append(tag("ol", [tag("li", one) for one in tasks[:_TASKS]]) if tasks else note("没有要先定的事。"))
    told.append(tag("p", f"{DISCLAIMER}。", class_="disclaimer"))
    return tag("div", told)


# ---- numbers ----------------------------------------------------------------------------------------------------------


def _acts(view: View, cells: Sequence[Cell]) -> list[int]:
    """The acts that have a part in some changes."""
    causes = dict.fromkeys(cell.cause for cell in cells if cell.cause is not None)
    return sorted({act for one in causes for several in view.impact.causes[one].enough for act in several})


def _figures(view: View, cells: Sequence[Cell]) -> Iterator[Markup]:
    def card(figure: str, *words: Content) -> Markup:
        return tag("div", tag("b", figure), tag("span", *words))

    about = view.impact.about
    decision = cut(view.main.name, 12) if view.main is not None else ""
    sure = [cell for cell in cells if cell.sure]
    ends = "（确定的–连同待定的）" if len(sure) < len(cells) else ""
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
        row.append(count(len(cells)))
        for direction in DIRECTIONS:
            row.append(count(counts[direction]))
        rows.append(Row([*row, number(objects.get(name, len(cells)))], leads=mine))
    ways = [Column(one, "n", view.direction_mark(one)) for one in DIRECTIONS]
    head = [Column("决定"), Column("不同", "n", ""), *ways, Column("全部", "n")]
    told = "得：原来没有，现在有。失：原来有，现在没有。移：从一个到另一个。明确：待定的定了，或者可能的少了。变不明：反过来。"
    return join([table(head, rows), note(told)])


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
        if told := sweep_note(sweep, impact):
            yield f"门槛“{cut(sweep.parameter, 20)}”：{cut(told, 160)}。"
    first = next((blank for blank in impact.blanks if blank.cover == 1), None)
    if first is not None:
        who = f"（{cut(ask_text(first.holders, 2), 40)}）" if first.holders else ""
        known = f"关系到 {len(first.records)} 个，只补它就能定的 {len(first.settles)} 个"
        # A parameter is quoted already.
        field = cut(first.field, 24)
        yield f"先补{field if '“' in field else f'“{field}”'}{who}：{known}。"
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

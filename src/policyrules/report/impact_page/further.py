"""What is asked once the figures are read: where those of a flow are, what each of them gains and loses, who is to fill in what, what was
not read, and where it all goes under other variations.

Why this exists: these answer questions of other sections, and stand there, short; what they have no room for is in the workbook, and that
is said.

Invariants: those of the page; what is told in words is told in the words of the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from policyrules.report.impact_details import fill_in_texts, followed, how_texts, onward_texts, unread_texts
from policyrules.report.impact_page.figures import number
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, link, more, note, table, tag
from policyrules.report.impact_page.places import identities
from policyrules.report.impact_page.view import View
from policyrules.report.impact_words import changed_flows
from policyrules.text import cut, some
from policyrules.variation.model import DecisionImpact, Follow, Variation

_WORDS: Final = 24
_MOST_FLOWS: Final = 20
_MOST_PLACES: Final = 12
_MOST_LINES: Final = 12
_MOST_BLANKS: Final = 6
_MOST_GROUPS: Final = 8
_MOST_VALUES: Final = 12


def _listed(told: Sequence[str], *, beside: str = "工作簿（-o 影响.xlsx）") -> Markup:
    """Sentences one below the other; what there is no room for is in the workbook."""
    left = f"只列前 {_MOST_LINES} 条，共 {number(len(told))} 条；其余见{beside}。" if len(told) > _MOST_LINES else None
    shown = tag("ul", [tag("li", cut(one, 400)) for one in told[:_MOST_LINES]])
    return join([shown, note(left) if left else None])


def flow_places(view: View, decision: DecisionImpact) -> Content:
    """Where those of each flow of a decision are, by each field that places are told by."""
    by = [one for one in view.impact.about.by if any(one in flow.places for flow in decision.flows)]
    flows = sorted(changed_flows(decision), key=lambda one: -one.count)
    if not by or not flows:
        return None
    rows = []
    for flow in flows[:_MOST_FLOWS]:
        name = f"{cut(flow.before, _WORDS)} → {cut(flow.after, _WORDS)}"
        marks = view.flow_mark(decision.name, flow.before, flow.after)
        row: list[Content] = [name, link(number(flow.count), marks, name)]
        for one in by:
            counts = [f"{cut(value, _WORDS) or '未填'} {many}" for value, many in flow.places.get(one, {}).items()]
            row.append(some(counts, _MOST_PLACES, "种"))
        rows.append(Row(row))
    head = [Column("变化"), Column("个数", "n"), *(Column(f"按{cut(one, 14)}", "w") for one in by)]
    left = f"只列前 {_MOST_FLOWS} 种；" if len(flows) > _MOST_FLOWS else ""
    told = note(f"{left}别的决定、列不下的，见工作簿（-o 影响.xlsx）。")
    return more("每一种变化在哪里", table(head, rows), told, folded=True)


def how(view: View) -> Content:
    """Of each decision how many changes one act brings about, and how many several do."""
    told = how_texts(view.impact)
    return [tag("h3", "一条引起还是几条引起"), _listed(told)] if told else None


def gained_and_lost(view: View) -> Content:
    """What each record surely gains and loses, records with the same together."""
    what, shown, _ = followed(view.impact)
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Follow]] = {}
    for one in shown:
        if one.gained or one.lost:
            found.setdefault((one.decision, one.gained, one.lost), []).append(one)
    if not found:
        return None
    ranked = sorted(found.items(), key=lambda item: -len(item[1]))
    rows = []
    for (decision, gained, lost), several in ranked[:_MOST_GROUPS]:
        records = [one.record for one in several]
        values = [some([cut(one, _WORDS) for one in part], _MOST_VALUES) or "·" for part in (gained, lost)]
        rows.append(Row([cut(decision, _WORDS), *values, number(len(records)), identities(view, records)]))
    head = [Column("决定"), Column("新有", "w"), Column("不再有", "w"), Column("个数", "n"), Column("哪些", "w")]
    left = f"只列前 {_MOST_GROUPS} 种，共 {number(len(ranked))} 种；" if len(ranked) > _MOST_GROUPS else ""
    told = note(f"{left}待定的、变待定的，见工作簿（-o 影响.xlsx）的“措施名单”。")
    return more(f"{cut(what, _WORDS)}有变化的，各得失哪些", table(head, rows), told, folded=True)


def fill_in(view: View) -> Content:
    """Who is to fill in what."""
    told = fill_in_texts(view.impact, _MOST_BLANKS)
    return [tag("h3", "请谁补什么"), _listed(told, beside="工作簿")] if told else None


def unread(view: View) -> Content:
    """What records that could not be read may add."""
    aside = view.impact.about.ledger.set_aside
    if not aside:
        return None
    names = some([cut(one, _WORDS) for one in aside], _MOST_PLACES, "个")
    lead = f"没有读进来的 {number(len(aside))} 个{cut(view.root, 8)}（{names}）"
    return [tag("h3", lead), _listed(unread_texts(view.impact))]


def onward(variation: Variation) -> Content:
    """Where what the new side changes goes under a variation."""
    told = onward_texts(variation)
    return [tag("h3", f"现在变的，在方案“{cut(variation.label, 30)}”里"), _listed(told)] if told else None

"""What is not settled yet, who can settle it, and who is but one fact away.

Why this exists: a range of numbers is an order to fill in blanks, and the order should say which, and whom to ask.

Invariants: only what settles a result whatever is filled in is said to settle it; a judgement is told as a judgement (如评为……), never as a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from policyrules.report.impact_page.charts import Range, ranges
from policyrules.report.impact_page.figures import bounds, count, number, total
from policyrules.report.impact_page.further import fill_in, unread
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, more, note, table, tag
from policyrules.report.impact_page.places import named
from policyrules.report.impact_page.view import View, titled
from policyrules.report.impact_words import class_word, decision_apart
from policyrules.text import cut
from policyrules.variation.model import BlankValue, DecisionImpact, Nearest, Step

_MOST_BLANKS: Final = 60
_MOST_NEAR: Final = 100
_NEAR_AT_ONCE: Final = 15
_MOST_NAMED: Final = 24
_MOST_VALUES: Final = 20
_MOST_WAYS: Final = 3


def open_ends(view: View) -> Markup:
    """The section of ranges and blanks."""
    told: list[Content] = []
    for decision in view.decisions:
        if decision is view.main:
            told.append(_ranges(decision, view))
    others = [one for one in view.decisions if one is not view.main and one.bounds]
    if others:
        told.append(more("其他决定各有多少", [_bounds(one) for one in others]))
    if view.impact.blanks:
        told += [tag("h3", "缺什么，找谁"), _blanks(view, view.impact.blanks)]
    else:
        told.append(note("没有哪一项缺了就定不下来，或者没有要求算。"))
    told += [fill_in(view), unread(view)]
    return tag("div", told)


def _ranges(decision: DecisionImpact, view: View) -> Markup:
    shown = list(decision.bounds.items())[:_MOST_VALUES]
    old, new = decision.one_sided != "new", decision.one_sided != "old"
    rows = [
        Range(value, (pair[0].low, pair[0].high) if old else None, (pair[1].low, pair[1].high) if new else None)
        for value, pair in shown
    ]
    drawn = ranges(rows, f"{decision.name}：每一种结果从多少到多少")
    aside = len(view.impact.about.ledger.set_aside)
    words = f"“{cut(decision.name, 24)}”：实心是确定的，斜线是补齐资料后还可能有的。各行的上限不会同时达到。"
    words += f"没有评的 {number(aside)} 个也算在上限里。" if aside else ""
    figure = tag("figure", drawn, tag("figcaption", words))
    return join([figure, _bounds(decision)])


def _bounds(decision: DecisionImpact) -> Markup:
    rows = [
        Row([class_word(decision.name, cut(value, 30)), *map(bounds, pair)]) for value, pair in decision.bounds.items()
    ]
    return table([Column(cut(decision.name, 24)), Column("原有", "n"), Column("现有", "n")], rows)


def _blanks(view: View, several: Sequence[BlankValue]) -> Markup:
    ranked = sorted(several, key=lambda one: (one.cover == 0, one.cover, -len(one.records)))
    main = decision_apart(view.impact)
    rows = []
    for one in ranked[:_MOST_BLANKS]:
        row: list[Content] = [number(one.cover) if one.cover else "·", cut(one.field, 40)]
        row.append("；".join(cut(holder, 20) for holder in one.holders[:4]) or "·")
        row += [count(len(one.records)), count(len(one.settles))]
        row += map(count, one.by_decision.get(main, (0, 0))) if main else ()
        row += [total(one.totals.get(measure.name)) for measure in view.money[:1]]
        row.append(named(view, one.records) if one.records else "·")
        rows.append(Row(row))
    head = [Column("先后", "n"), Column("缺什么"), Column("谁知道"), Column(f"关系到几个{cut(view.root, 8)}", "n")]
    head.append(Column("只补它就定的", "n"))
    head += [Column(f"只看{cut(main, 10)}", "n"), Column("只补它就定的", "n")] if main else []
    head += [Column(titled(one), "n") for one in view.money[:1]]
    head.append(Column("哪些", "w"))
    left = f"只列前 {_MOST_BLANKS} 项，共 {len(ranked)} 项。" if len(ranked) > _MOST_BLANKS else None
    words = "先后：按这个次序补，每一步定下来的最多；带点的单独补一项也定不下来。"
    return join([table(head, rows, kind="sort"), note(words, left)])


# ---- one fact away ----------------------------------------------------------------------------------------------------


def nearly(view: View) -> Markup:
    """The section of nearest changes: those who lack the same are told together, those who lack least first; what is not at once seen
    is folded, and not printed."""
    found: dict[tuple[str, str, str], dict[tuple[str, ...], list[Nearest]]] = {}
    for one in view.impact.nearest:
        ways = found.setdefault((one.decision, one.now, one.target), {})
        ways.setdefault(_ways(one), []).append(one)
    groups = [(key, told, several) for key, ways in found.items() for told, several in ways.items()]
    ranked = sorted(groups, key=lambda group: (_size(group[2][0]), -len(group[2])))
    rows = [Row(_near(view, *group)) for group in ranked[:_MOST_NEAR]]
    head = [
        Column("决定"),
        Column("现在"),
        Column("到"),
        Column("要改什么", "w"),
        Column("个数", "n"),
        Column("哪些", "w"),
    ]
    told: list[Content] = [table(head, rows[:_NEAR_AT_ONCE], kind="sort")]
    if len(rows) > _NEAR_AT_ONCE:
        told.append(
            more(f"其余 {number(len(rows) - _NEAR_AT_ONCE)} 种", table(head, rows[_NEAR_AT_ONCE:]), folded=True)
        )
        told.append(note(f"只印最近的 {_NEAR_AT_ONCE} 种；每个{cut(view.root, 8)}怎样就到，见工作簿（-o 影响.xlsx）。"))
    if len(ranked) > _MOST_NEAR:
        told.append(note(f"只列前 {_MOST_NEAR} 种，共 {number(len(ranked))} 种；其余见工作簿（-o 影响.xlsx）。"))
    told.append(note("评定由有权的人作出：“如评为……”只说评了以后结果怎样，不说该怎样评。"))
    return tag("div", told)


def _size(one: Nearest) -> int:
    """How many inputs would have to be otherwise; more than any where nobody knows."""
    return min((len(way) for way in one.ways), default=99)


def _ways(one: Nearest) -> tuple[str, ...]:
    """What would have to be otherwise, a way a line."""
    told = ["，并且".join(map(step_text, way)) for way in one.ways[:_MOST_WAYS]]
    left = one.more + max(len(one.ways) - _MOST_WAYS, 0)
    if left:
        told.append(f"还有 {number(left)} 种办法")
    return tuple(told) or (f"改 {one.tried} 项以内没有办法",)


def _near(view: View, key: tuple[str, str, str], ways: tuple[str, ...], several: Sequence[Nearest]) -> list[Content]:
    told = [tag("p", "或者：" if place and not way.startswith("还有") else None, way) for place, way in enumerate(ways)]
    paths = [one.path for one in several]
    own = all(path == view.root for path in paths)
    who: Content
    if own:
        who = named(view, [one.record for one in several])
    else:
        who = "、".join(f"{view.identity(one.record)} {cut(one.path, 30)}" for one in several[:_MOST_NAMED])
        who += f" 等 {len(several)} 个" if len(several) > _MOST_NAMED else ""
    return [*(cut(word, 24) for word in key), told, number(len(several)), who]


def step_text(step: Step) -> str:
    """A change of an input in words.

    >>> step_text(Step("项目.带动脱贫户", "8 户", "10 户", "事实", "2 户"))
    '“项目.带动脱贫户”由 8 户 改为 10 户（差 2 户）'
    >>> step_text(Step("项目.市场效益", "", "好", "研判", ""))
    '如“项目.市场效益”评为“好”'
    """
    field, before, after = cut(step.field, 30), cut(step.before, 30), cut(step.after, 30)
    margin = f"（差 {cut(step.margin, 20)}）" if step.margin else ""
    match step.kind:
        case "研判":
            return f"如“{field}”评为“{after}”" + (f"（现在是“{before}”）" if before else "")
        case "日期":
            return f"“{field}”到 {after}{margin}"
        case "事实":
            return f"“{field}”由 {before or '空白'} 改为 {after}{margin}"

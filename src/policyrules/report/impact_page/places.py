"""Where the changes are and what they come to in money; who gains and who loses; what follows for measures and duties.

Why this exists: a township asks for its own numbers, and whoever loses a class asks what is lost with it.

Invariants: sure and open are never added up; a blank amount is counted and in no sum; different sums of money stand in columns of their
own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from policyrules.report.impact_page.charts import Part, mini
from policyrules.report.impact_page.figures import count, number, total
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, link, more, note, table, tag
from policyrules.report.impact_page.svg import NEW, SURE
from policyrules.report.impact_page.view import DIRECTIONS, View, record_marks, titled
from policyrules.report.impact_words import laxer_texts
from policyrules.results import KIND_NAMES, STATUS_NAMES
from policyrules.text import cut
from policyrules.variation.model import FindingMove, Group, Moved, ValueMove

_MOST: Final = 400
_FEW: Final = 16
_AT_ONCE: Final = 3
_MAYBE: Final = "url(#p-maybe)"


def places(view: View) -> Markup:
    """The section of townships, kinds and whatever else was asked by."""
    told: list[Content] = []
    if len(view.money) > 1:
        options = [tag("option", cut(one.name, 20), value=place) for place, one in enumerate(view.money)]
        told.append(
            tag("p", tag("label", "金额看 ", tag("select", options, id="money")), class_="screen tool", hidden=True)
        )
    for by in view.impact.about.by:
        told += _by(view, by)
    return tag("div", told)


def _by(view: View, by: str) -> list[Content]:
    main = view.main.name if view.main is not None else ""
    mine = [group for group in view.impact.groups if group.by == by]
    headline = [group for group in mine if group.decision == main]
    told: list[Content] = [tag("h3", f"按{cut(by, 20)}")]
    if headline:
        told.append(_groups(view, headline))
    if {group.decision for group in mine} - {main}:
        across = _across(view, by, mine)
        told.append(more("各项决定都列出", across) if headline else across)
    return told if mine else [*told, note("没有变化。")]


def _groups(view: View, groups: Sequence[Group]) -> Markup:
    most = max(group.sure + group.open for group in groups)
    rows = []
    for group in groups[:_MOST]:
        name = cut(group.value, 30) or "（没有填）"
        marks = f"{view.decision_mark(group.decision)}+{view.group_mark(group.by, group.value)}"
        parts = (Part(group.sure, SURE, "确定"), Part(group.open, _MAYBE, "待定"))
        row: list[Content] = [link(name, marks, name), count(group.all), count(group.sure)]
        row += [count(group.open), mini(parts, most)]
        for measure in view.money:
            row += [total(group.sure_totals.get(measure.name)), total(group.open_totals.get(measure.name))]
        rows.append(Row(row))
    head = [
        Column(cut(groups[0].by, 16)),
        Column(f"全部{cut(view.root, 8)}", "n"),
        Column("确定", "n"),
        Column("待定", "n"),
    ]
    head.append(Column(f"“{cut(groups[0].decision, 12)}”不同", "bar"))
    for place, measure in enumerate(view.money):
        for word in ("确定", "待定"):
            head.append(Column(titled(measure, word), f"n m m{place}"))
    left = note(f"只列前 {_MOST} 行，共 {len(groups)} 行。") if len(groups) > _MOST else None
    return join(
        [
            table(head, rows, kind="sort"),
            note("实心：确定不同；斜线：还待定，补齐资料后才知道。未填的金额不在和里。"),
            left,
        ]
    )


def _across(view: View, by: str, groups: Sequence[Group]) -> Markup:
    decisions = [name for name in view.names if any(group.decision == name for group in groups)]
    found = {(group.value, group.decision): group for group in groups}
    rows = []
    for value in list(dict.fromkeys(group.value for group in groups))[:_MOST]:
        row: list[Content] = [cut(value, 30) or "（没有填）"]
        for name in decisions:
            group = found.get((value, name))
            if group is None:
                row.append("·")
                continue
            told = number(group.sure) if not group.open else f"{number(group.sure)}＋{number(group.open)}"
            row.append(told)
        rows.append(Row(row, leads=view.group_mark(by, value)))
    head = [Column(cut(by, 16)), *(Column(cut(name, 14), "n", view.decision_mark(name)) for name in decisions)]
    return join([table(head, rows, kind="sort"), note("确定＋待定。")])


# ---- gaining and losing -----------------------------------------------------------------------------------------------


def gains(view: View) -> Markup:
    """The section of who gains and who loses."""
    impact = view.impact
    told: list[Content] = []
    if impact.directions:
        ranked = sorted(
            impact.directions, key=lambda one: (view.names.index(one.decision), DIRECTIONS.index(one.direction))
        )
        rows = []
        for one in ranked:
            marks = f"{view.decision_mark(one.decision)}+{view.direction_mark(one.direction)}"
            row: list[Content] = [cut(one.decision, 24), one.direction, number(one.count)]
            row += [total(one.totals.get(measure.name)) for measure in impact.about.measures]
            rows.append(Row(row, leads=marks))
        head = [Column("决定"), Column("怎样变"), Column("个数", "n", "")]
        head += [Column(titled(one), "n") for one in impact.about.measures]
        told.append(table(head, rows, kind="sort"))
    told += [note(said) for said in laxer_texts(impact)]
    if impact.amounts:
        told += _amounts(view)
    if impact.values:
        told += _values(impact.values)
    return tag("div", told or note("没有得失。"))


def _amounts(view: View) -> list[Content]:
    rows = []
    for one in view.impact.amounts:
        sums = ["不相加" if value is None else number(value) for value in (one.old, one.new)]
        sided = {"old": "（只有原来有）", "new": "（只有现在有）"}.get(one.one_sided, "")
        difference = number(one.new - one.old) if one.old is not None and one.new is not None else "·"
        row: list[Content] = [cut(one.name, 24) + sided, cut(one.unit, 8), *sums, difference, count(one.changed)]
        rows.append(Row([*row, count(one.open), number(one.objects)]))
    head = [Column("金额"), Column("单位"), Column("原合计", "n"), Column("现合计", "n"), Column("相差", "n")]
    head += [Column("不同", "n"), Column("待定", "n"), Column("全部", "n")]
    return [tag("h3", "算出来的金额"), table(head, rows), note("合计只加两边都定了的；待定的一个也不在里面。")]


def _values(values: Sequence[ValueMove]) -> list[Content]:
    """Measures and the like: gained and lost for sure; what was settled or opened, apart."""
    most = max((len(one.gained) + len(one.lost) for one in values), default=0)
    told: list[Content] = [tag("h3", "措施之类：谁得，谁失")]
    for decision in dict.fromkeys(one.decision for one in values):
        rows = []
        for one in [one for one in values if one.decision == decision][:_MOST]:
            row: list[Content] = [cut(one.value, 40)]
            row += [
                _who(records, f"{cut(one.value, 30)}：{word}")
                for word, records in (("得", one.gained), ("失", one.lost))
            ]
            row.append(mini((Part(len(one.gained), NEW, "得"), Part(len(one.lost), SURE, "失")), most))
            row += [count(len(several)) for several in (one.settled_in, one.settled_out, one.opened)]
            rows.append(Row(row))
        head = [Column(cut(decision, 24)), Column("得", "n"), Column("失", "n"), Column("", "bar")]
        head += [Column("待定 → 有", "n"), Column("待定 → 没有", "n"), Column("变待定", "n")]
        told.append(table(head, rows, kind="sort"))
    told.append(note("得、失只数两边都定了的；原来待定、现在定了的另数，既不是得也不是失。"))
    return told


def _who(records: Sequence[int], told: str) -> Content:
    if not records:
        return "·"
    return link(number(len(records)), record_marks(records), told) if len(records) <= _FEW else number(len(records))


# ---- what follows -----------------------------------------------------------------------------------------------------


def follows(view: View) -> Markup:
    """The section of duties, prohibitions and notices."""
    impact = view.impact
    told: list[Content] = []
    breaches = [one for one in impact.findings if one.breach]
    rest = [one for one in impact.findings if not one.breach]
    if breaches:
        told += [tag("h3", "新违反或者逾期"), _findings(view, breaches)]
    elif impact.findings or impact.complied:
        told.append(note("没有新违反、也没有新逾期的。"))
    if rest:
        reminders = [one for one in rest if one.kind == "notice" and one.after == "notice"]
        others = [one for one in rest if one not in reminders]
        if reminders:
            told += [tag("h3", "新提示"), _findings(view, reminders)]
        if others:
            told.append(more(f"别的变动（{number(len(others))} 种）", _findings(view, others)))
    if impact.complied:
        told.append(tag("p", f"新适用、已经做到的：{number(impact.complied)} 处。"))
    return tag("div", told or note("没有连带的变化。"))


def _findings(view: View, several: Sequence[FindingMove]) -> Markup:
    rows = []
    for one in sorted(several, key=lambda one: -one.count)[:_MOST]:
        words = [STATUS_NAMES.get(status, status) for status in (one.before, one.after)]
        row: list[Content] = [cut(one.name, 60), KIND_NAMES.get(one.kind, cut(one.kind, 12)), *words, number(one.count)]
        row.append(named(view, one.records))
        rows.append(Row(row))
    head = [
        Column("名称", "w"),
        Column("种类"),
        Column("原来"),
        Column("现在"),
        Column("几处", "n"),
        Column("哪些", "w"),
    ]
    return table(head, rows, kind="sort")


def named(view: View, records: Sequence[int]) -> Content:
    """Who; more than a few are opened to be read."""
    told = identities(view, records)
    return more(f"{number(len(records))} 个", told) if len(records) > _AT_ONCE else told


def flips(view: View, moved: Sequence[Moved], most: int, width: int) -> Markup:
    """What flips, the most frequent first, results no longer than ``width``; who is opened to be read."""
    counts = Counter((one.decision, one.before, one.after) for one in moved)
    told = "；".join(
        f"{cut(name, 12)} {cut(before, width)} → {cut(after, width)} {number(many)}"
        for (name, before, after), many in counts.most_common(most)
    )
    who = identities(view, list(dict.fromkeys(one.record for one in moved)))
    return more(told + ("…" if len(counts) > most else ""), who)


def identities(view: View, records: Sequence[int]) -> str:
    """Who, in short."""
    shown = [view.identity(one) for one in records[:_FEW]]
    return "、".join(shown) + (f" 等 {number(len(records))} 个" if len(records) > _FEW else "")

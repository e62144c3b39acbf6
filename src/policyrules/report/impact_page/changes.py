"""What was changed, in its own words; and which of it brought the changes about.

Why this exists: a change of a result is answered for by a text that somebody wrote: its old words, its new words, the clause, and whether
the layer may write it.

Invariants: an act bears one number on the whole page; a cause says which of enough, change and undo it means; where nothing was found,
that is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from policyrules.report.impact_page.charts import Bar, Dot, Part, bars, dots
from policyrules.report.impact_page.figures import count, number, total
from policyrules.report.impact_page.further import how
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, lines, link, more, note, table, tag
from policyrules.report.impact_page.svg import NEW
from policyrules.report.impact_page.view import View, titled
from policyrules.report.impact_words import act_line, layer_labels, unattributed_words
from policyrules.text import cut
from policyrules.variation.model import Act, Cause, ProvisionCount

ALONE: Final = "单独"
JOINTLY: Final = "共同"
EITHER: Final = "任一即可"
_FILLS: Final = {ALONE: NEW, JOINTLY: "url(#p-joint)", EITHER: "url(#p-either)"}
_LONG: Final = 220
_BRIEF: Final = 60
_FIRST: Final = 32
_MOST_PAIRED: Final = 16
_MOST_ACTS: Final = 300
_MOST_CAUSES: Final = 200
_MOST_SETS: Final = 8


# ---- what was changed -------------------------------------------------------------------------------------------------


def changes(view: View) -> Markup:
    """The section of acts."""
    impact = view.impact
    if not impact.acts:
        told: list[Content] = [note("两边的规则没有不同。")]
    else:
        found = (several for one in impact.causes for several in (*one.enough, *one.change, *one.undo, *one.masked))
        bearing = {act for several in found for act in several}
        mine = [act for act in impact.acts if act.number in bearing]
        rest = [act for act in impact.acts if act.number not in bearing]
        told = [_acts(view, mine)]
        if rest:
            title = f"另有 {number(len(rest))} 处不同，在这份台账上没有引起变化"
            told.append(more(title, _idle(view, rest)) if mine else join([note(title + "："), _acts(view, rest)]))
    if impact.beside:
        title = "两边还不同、但不是条文的（字段、对象）："
        told += [note(title), tag("ul", [tag("li", cut(one, 200)) for one in impact.beside[:60]])]
    return tag("div", told)


def _acts(view: View, acts: Sequence[Act]) -> Markup:
    rest = note(f"只列前 {_MOST_ACTS} 处，共 {number(len(acts))} 处。") if len(acts) > _MOST_ACTS else None
    return tag("div", [_act(view, act) for act in acts[:_MOST_ACTS]], rest, class_="acts")


def _idle(view: View, acts: Sequence[Act]) -> Markup:
    """What has no part in any change, in a row each, by layer: who wrote it and where is said once."""
    linked = {one.act for one in view.impact.provisions}
    by_layer: dict[str, list[Act]] = {}
    for act in acts[:_MOST_ACTS]:
        by_layer.setdefault(act.layer, []).append(act)
    told: list[Content] = []
    for layer, mine in by_layer.items():
        documents = {act.citations[0].partition("【")[0] for act in mine if act.citations}
        document = next(iter(documents)) if len(documents) == 1 else ""
        name = cut(view.layers.get(layer, layer), 30) or "本次"
        told.append(tag("h3", name, tag("small", cut(document, 40)) if document else None))
        rows = []
        new = not any(act.old for act in mine)
        for act in mine:
            words = [_first(act, side) for side in (act.old, act.new)[new:]]
            mark = tag("em", "没有权限", class_="bad") if act.authority == "无" else None
            # Only what is linked to needs a name.
            named = act.authority == "无" or act.number in linked
            row: list[Content] = [
                tag("b", number(act.number + 1), id=f"a{act.number}") if named else number(act.number + 1)
            ]
            row.append([f"{cut(act.operation, 24)}“{cut(act.name, 40)}”", mark])
            place = act.citations[0].removeprefix(document).partition("“")[0] if act.citations else ""
            rows.append(Row([*row, *words, cut(place.strip("【】"), 40)]))
        sides = [Column("新加", "w")] if new else [Column("原来", "w"), Column("现在", "w")]
        told.append(table([Column("", "n"), Column("改动"), *sides, Column("依据")], rows))
    left = f"只列前 {_MOST_ACTS} 处，共 {number(len(acts))} 处。" if len(acts) > _MOST_ACTS else None
    return join([told, note("整条的、长的，全文见工作簿（-o 影响.xlsx）。", left)])


def _first(act: Act, words: str) -> str:
    """How the words of an act begin; of a whole rule they would say no more than its name."""
    if not words:
        return "没有"
    return "整条" if act.kind in _WHOLE else cut(_bare(words, act.name), _FIRST)


def _bare(words: str, name: str) -> str:
    """The words of an act without its head and its citations, which stand beside them."""
    told = _CITED.sub("", " ".join(words.split()))
    head, _, rest = told.partition(f" {name} ")
    return rest if len(head) < _HEAD else told


_CITED: Final = re.compile(r"依据【[^】]*】(?:“[^”]*”)? ?")
_HEAD: Final = 8
_WHOLE: Final = frozenset({"加规则", "去规则"})


def _act(view: View, act: Act) -> Markup:
    counted = next((one for one in view.impact.provisions if one.act == act.number), None)
    mark = {"有": ("有权限", None), "无": ("没有权限", "bad")}.get(act.authority)
    head: list[Content] = [
        tag("b", number(act.number + 1)),
        tag("strong", f"{cut(act.operation, 24)}“{cut(act.name, 60)}”"),
        tag("small", cut(view.layers.get(act.layer, act.layer), 30), f"　{cut(act.kind, 12)}"),
        tag("em", mark[0], class_=mark[1]) if mark is not None else None,
    ]
    if counted is not None:
        many = sum(counted.by_decision.values())
        told = f"引起 {number(many)} 处变化" if many else ""
        head.append(link(told, f"a{act.number}"))
    words = tag("dl", _words("原来", act.old), _words("现在", act.new))
    noted = note(cut(act.authority_note, 300)) if act.authority_note else None
    cited = [tag("li", cut(one, 400)) for one in act.citations[:12]]
    sources = tag("ul", cited, class_="cited") if cited else note("没有写依据。")
    return tag("article", tag("h3", head), words, noted, sources, id=f"a{act.number}")


def _words(side: str, content: str) -> Markup:
    if not content:
        return join([tag("dt", side), tag("dd", "没有", class_="quiet")])
    words: Content = tag("p", lines(content))
    if len(content) > _LONG:
        words = more(f"{cut(' '.join(content.split()), _BRIEF)}（全文 {number(len(content))} 字）", words)
    return join([tag("dt", side), tag("dd", words)])


# ---- which of it brought the changes about ----------------------------------------------------------------------------


def causes(view: View) -> Markup:
    """The section of provisions, of pairs, and of every cause."""
    impact = view.impact
    if not impact.cells:
        return note("没有变化，也就没有原因。")
    told: list[Content] = []
    if impact.provisions:
        told += [_bars(view), _provisions(view), how(view)]
    if impact.pairs:
        told += _pairs(view)
    if impact.unattributed:
        found = link(f"{number(impact.unattributed)} 处", "x", "没有找到条文")
        beside = f"两边的{cut('、'.join(impact.beside), 200)}不同。" if impact.beside else ""
        told.append(tag("p", found, "变化没有找到条文。", beside, f"{unattributed_words(impact)}。", class_="warn"))
    if impact.causes:
        ranked = sorted(impact.causes, key=lambda one: (-one.cells, one.number))
        told.append(tag("h3", f"每一种原因（{number(len(ranked))}）"))
        told.append(note("没有另外说明的，所有组合都试过。"))
        told += [_cause(view, cause) for cause in ranked[:_MOST_CAUSES]]
        if len(ranked) > _MOST_CAUSES:
            told.append(note(f"只列前 {_MOST_CAUSES} 种，共 {number(len(ranked))} 种；其余见工作簿（-o 影响.xlsx）。"))
    return tag("div", told)


def _parts(one: ProvisionCount) -> tuple[Part, ...]:
    return tuple(
        Part(many, _FILLS[word], word)
        for many, word in ((one.alone, ALONE), (one.jointly, JOINTLY), (one.either, EITHER))
    )


def _bars(view: View) -> Markup:
    shown = view.impact.provisions[:20]
    drawn = bars([Bar(view.act(one.act), _parts(one), f"a{one.act}") for one in shown], "各条改动引起的变化")
    keys = [
        tag("span", tag("i", class_=f"key {kind}"), f"{word}：{meaning}")
        for word, kind, meaning in (
            (ALONE, "alone", "只由它引起"),
            (JOINTLY, "jointly", "和别的一起才够"),
            (EITHER, "either", "它够，别的也够"),
        )
    ]
    rest = f"只画前 20 条，共 {len(view.impact.provisions)} 条。" if len(view.impact.provisions) > 20 else None
    return tag("figure", drawn, tag("figcaption", keys, rest, class_="keys"))


def _provisions(view: View) -> Markup:
    decisions = [name for name in view.names if any(name in one.by_decision for one in view.impact.provisions)]
    several = decisions if 1 < len(decisions) <= 6 else []
    rows = []
    for one in view.impact.provisions[:_MOST_ACTS]:
        row: list[Content] = [view.act_link(one.act), count(one.alone), count(one.jointly), count(one.either)]
        row += [count(one.by_decision.get(name, 0)) for name in several]
        row += [total(one.totals.get(measure.name)) for measure in view.money]
        rows.append(Row(row))
    head = [Column("改动", "w"), Column(ALONE, "n"), Column(JOINTLY, "n"), Column(EITHER, "n")]
    head += [Column(cut(name, 10), "n") for name in several]
    head += [Column(titled(one), "n" if place == 0 else "n s") for place, one in enumerate(view.money)]
    told = (
        "按结果计数：一个项目有几项决定变了，就计几次；金额每个项目只加一次。几条改动可以引起同一个变化，各行不能相加。"
    )
    return join([table(head, rows, kind="sort"), note(told)])


def _pairs(view: View) -> list[Content]:
    pairs = view.impact.pairs
    acts = sorted({act for pair in pairs for act in (pair.a, pair.b)})
    told: list[Content] = [tag("h3", "两条之间")]
    if len(acts) <= _MOST_PAIRED:
        place = {act: number_ for number_, act in enumerate(acts)}
        several = [
            Dot(
                max(place[pair.a], place[pair.b]),
                min(place[pair.a], place[pair.b]),
                pair.jointly,
                pair.either,
                pair.masked,
                f"{pair.a + 1} 和 {pair.b + 1}："
                + "，".join(
                    f"{word} {many}"
                    for word, many in ((JOINTLY, pair.jointly), (EITHER, pair.either), ("抵消", pair.masked))
                    if many
                ),
                f"a{pair.a}+a{pair.b}",
            )
            for pair in pairs
        ]
        drawn = dots([view.act(act) for act in acts], [str(act + 1) for act in acts], several, "两条改动之间")
        words = "实心点：两条一起才够。圆圈：任一条就够。叉：去掉一条仍不还原，因为另一条还在（抵消）。越大越多。"
        told.append(tag("figure", drawn, tag("figcaption", words)))
    rows = [
        Row(
            [
                view.act_link(pair.a, brief=True),
                view.act_link(pair.b, brief=True),
                count(pair.jointly),
                count(pair.either),
                count(pair.masked),
            ]
        )
        for pair in pairs[:_MOST_ACTS]
    ]
    head = [
        Column("一条"),
        Column("另一条"),
        Column("共同", "n"),
        Column("任一即可", "n"),
        Column("抵消", "n"),
    ]
    told.append(more(f"列成表（{number(len(pairs))} 对）", table(head, rows, kind="sort")))
    return told


def _sentence(view: View, cause: Cause) -> str:
    """What is enough, each act with its number, its layer and its clause."""
    labels = layer_labels(view.impact)
    if not cause.enough:
        return f"{cut(cause.text, 200) or '没有找到条文'}。"
    sets = [
        " 和 ".join(f"{act + 1} {cut(act_line(view.acts[act], labels, brief=True), 90)}" for act in one)
        for one in cause.enough[:_MOST_SETS]
    ]
    rest = f" 等 {len(cause.enough)} 组" if len(cause.enough) > _MOST_SETS else ""
    if len(sets) > 1:
        single = all(len(one) == 1 for one in cause.enough)
        return f"{('、' if single else '；或者 ').join(sets)}{rest}，任一{'条' if single else '组'}就足够。"
    return f"只由 {sets[0]} 引起。" if len(cause.enough[0]) == 1 else f"由 {sets[0]} 共同引起。"


def _cause(view: View, cause: Cause) -> Markup:
    """A cause: its sentence, then the sets that were found, acts that it names by their numbers. The script finds it by ``y`` and its
    number, and its acts by theirs."""
    told: list[Content] = []
    named = {act for several in cause.enough[:_MOST_SETS] for act in several}
    meant: dict[tuple[tuple[int, ...], ...], list[str]] = {}
    for word, sets in (
        ("有它就足够", cause.enough),
        ("去掉就变", cause.change),
        ("去掉就还原", cause.undo),
        ("去掉会变、但不还原", cause.masked),
    ):
        if sets:
            meant.setdefault(sets, []).append(word)
    for sets, words in meant.items():
        # Of one act that is enough and whose removal restores, the sentence says all.
        if cause.how == "alone" and len(meant) == 1 and not cause.masked:
            continue
        shown: list[Content] = []
        for one in sets[:_MOST_SETS]:
            parts = [[None if act == one[0] else "＋", view.act_link(act, brief=act in named)] for act in one]
            named.update(one)
            shown += [" 或 " if shown else None, parts]
        rest = f" 等 {len(sets)} 组" if len(sets) > _MOST_SETS else ""
        told.append(tag("p", tag("small", f"{'，'.join(words)}："), shown, rest))
    tried = None if cause.complete else f"试到 {cause.size} 条为止，更多条一起的没有试。"
    told.append(note(tried, link("看这些", f"c{cause.number}")))
    sets = (*cause.enough, *cause.masked, *(cause.undo if cause.masked else ()))
    acts = dict.fromkeys(act for one in sets for act in one)
    summary = tag("summary", tag("b", f"{number(cause.cells)} 处"), "　", _sentence(view, cause))
    return tag("details", summary, *told, class_="cause", id=f"y{cause.number}", data_a=" ".join(map(str, acts)))

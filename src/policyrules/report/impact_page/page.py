"""The impact of a variation as one page of HTML that needs nothing else.

Why this exists: the page is sent by post, opened on a phone, printed and filed: it holds its pictures, its list and its script, and loads
nothing.

Invariants: fourteen sections in one order, the first whole on the first sheet of paper; everything is there to be read without the
script; the same impact gives the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from policyrules.report.impact_page.basis import basis
from policyrules.report.impact_page.changes import causes, changes
from policyrules.report.impact_page.figures import number, numeral
from policyrules.report.impact_page.flows import flows, others
from policyrules.report.impact_page.further import gained_and_lost
from policyrules.report.impact_page.html import Content, Markup, embedded, join, note, tag
from policyrules.report.impact_page.listing import listing, marked
from policyrules.report.impact_page.openness import nearly, open_ends
from policyrules.report.impact_page.places import follows, gains, places
from policyrules.report.impact_page.summary import conclusion
from policyrules.report.impact_page.svg import patterns
from policyrules.report.impact_page.thresholds import dates, swept, thresholds
from policyrules.report.impact_page.view import View
from policyrules.text import cut
from policyrules.types import date_text
from policyrules.variation.model import Impact, Layer

LISTED: Final = 1000
_BANNERS: Final = 4


def _always(_: Impact) -> bool:
    return True


_SECTIONS: Final[tuple[tuple[str, Callable[[View], Markup], Callable[[Impact], bool], str], ...]] = (
    ("结论", conclusion, _always, ""),
    ("类别怎样流动", flows, _always, ""),
    ("改了什么", changes, _always, ""),
    ("由哪一条引起", causes, _always, ""),
    (
        "门槛定在几，影响多大",
        thresholds,
        lambda one: bool(one.sweeps or one.grids),
        "没有要求看门槛；加 --sweep 参数=起..止 再做一次。",
    ),
    (
        "哪些{place}、多少钱",
        places,
        lambda one: bool(one.about.by),
        "没有要求分地方；加 --by 字段 --money 金额字段 再做一次。",
    ),
    ("谁得谁失", lambda view: join([gains(view), gained_and_lost(view)]), _always, ""),
    ("还定不下来的", open_ends, _always, ""),
    (
        "几时会变",
        dates,
        lambda one: bool(one.dates),
        "没有要求看日子，或者没有哪一天结果会变；要看就加 --dates 自动 再做一次。",
    ),
    (
        "换一种读法、别的方案",
        others,
        lambda one: bool(one.readings or one.variations),
        "没有别的读法；要并列别的方案，加 --also 名称=文件夹 再做一次。",
    ),
    ("差一点的", nearly, lambda one: bool(one.nearest), "没有差一点就能变的，或者没有要求算。"),
    ("连带影响", follows, _always, ""),
    ("{root}名单", listing, _always, ""),
    ("依据和做法", basis, _always, ""),
)


def impact_page(impact: Impact, *, most: int | None = LISTED) -> str:
    """The page. ``most``: how many rows the list may have, None for all, 0 for no list; what is left out is said.

    The text is UTF-8, and refers to nothing outside itself.
    """
    view = View(impact, most)
    style, script = _resource("style.css"), _resource("script.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
        tag("title", cut(impact.about.title, 120)),
        tag("style", Markup(style)),
    )
    data = {name: found for name, found in (("swept", swept(view)), ("marks", marked(view))) if found is not None}
    body = tag(
        "body",
        patterns(),
        tag("main", _header(view), list(_sections(view))),
        [embedded(found, name) for name, found in data.items()],
        tag("script", Markup(script)),
        class_="invented" if impact.about.ledger.said_invented else None,
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='zh-CN')}\n"


@cache
def _resource(name: str) -> str:
    """A file of the package, without what only its editors read: indents, empty lines, comments of a line."""
    lines = files("policyrules.report.impact_page").joinpath(name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for one in lines if (line := one.strip()) and not line.startswith("// ")) + "\n"


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _header(view: View) -> Markup:
    about = view.impact.about
    told: list[Content] = []
    if about.ledger.said_invented:
        told.append(tag("p", "虚构数据：台账说明它是虚构的，以下数字不反映任何地方的实际情况。", class_="invented"))
    told.append(tag("h1", cut(about.title, 120)))
    facts: list[Content] = [["原：", cut(about.old.label, 80)], ["现：", cut(about.new.label, 80)]]
    facts.append(f"评估日 {date_text(about.as_of)}")
    aside = len(about.ledger.set_aside)
    words = f"，另有 {number(aside)} 个因填写有误没有评" if aside else ""
    facts.append([f"{cut(view.root, 10)} {number(about.ledger.records)} 个", words])
    told.append(tag("p", [tag("span", one) for one in facts], class_="facts"))
    warnings = list(dict.fromkeys(_warnings(view.impact)))
    if warnings:
        shown = [tag("li", cut(one, 110)) for one in warnings[:_BANNERS]]
        rest = tag("li", f"还有 {len(warnings) - _BANNERS} 点，见第十四节") if len(warnings) > _BANNERS else None
        told.append(tag("ul", shown, rest, class_="banner"))
    links = [tag("a", _titled(view, title), href=f"#s{place}") for place, (title, *_) in enumerate(_SECTIONS, 1)]
    told.append(tag("nav", links, class_="screen", aria_label="各节"))
    return tag("header", told)


def _warnings(impact: Impact) -> Iterator[str]:
    """What a reader of any figure must know before reading it."""
    about = impact.about
    layers: dict[str, Layer] = {layer.id: layer for side in (about.old, about.new) for layer in side.layers}
    for layer in layers.values():
        if not layer.in_force:
            yield f"《{cut(layer.title, 60)}》自 {layer.in_force_from} 起施行，评估日不在施行，它的条文没有参与"
        if layer.assumed and not any(layer.title in one for one in about.notes):
            yield f"《{cut(layer.title, 60)}》的日期（{layer.in_force_from}）是假定的，文件里没有写"
    yield from about.notes


def _sections(view: View) -> Iterator[Markup]:
    for place, (title, told, asked, how) in enumerate(_SECTIONS, 1):
        heading = tag("h2", tag("span", f"{numeral(place)}、"), _titled(view, title))
        content = told(view) if asked(view.impact) else note(how)
        yield join([Markup("\n"), tag("section", heading, content, id=f"s{place}")])


def _titled(view: View, title: str) -> str:
    place = view.impact.about.by[0] if view.impact.about.by else "地方"
    return title.format(root=cut(view.root, 10), place=cut(place, 10))

"""On what the page rests: documents, dates, fingerprints, the ledger, what is not covered, how to do it again, and what the words mean.

Why this exists: a number that cannot be done again is an assertion.

Invariants: what is assumed is marked; what was left out is named.
"""

from __future__ import annotations

from typing import Final

from policyrules.report.impact_page.figures import number
from policyrules.report.impact_page.html import Column, Content, Markup, Row, more, note, table, tag
from policyrules.report.impact_page.view import View
from policyrules.text import cut, some
from policyrules.types import date_text
from policyrules.variation.model import Layer, Side

_WORDS: Final = (
    ("单独", "只有这一条改动，结果就变；只去掉它，结果就还原。"),
    ("共同", "几条改动合在一起结果才变，少一条都不够。"),
    ("任一即可", "几条（组）改动，有其中任何一条（组）结果就变。"),
    ("抵消", "去掉这一条，结果仍不还原，因为另有一条还在起作用。"),
)
_MOST: Final = 200


def basis(view: View) -> Markup:
    """The section."""
    about, impact = view.impact.about, view.impact
    ledger = about.ledger
    told: list[Content] = [tag("h3", "两边的文件"), _layers(view)]
    facts: list[tuple[str, Content]] = [
        ("评估日", date_text(about.as_of)),
        *(
            (f"指纹（{side}）", tag("code", cut(one.fingerprint, 80)))
            for side, one in (("原", about.old), ("现", about.new))
        ),
        *(
            (f"参数（{side}）", words)
            for side, one in (("原", about.old), ("现", about.new))
            if (words := _parameters(one))
        ),
        (
            "台账",
            [
                f"{cut(ledger.name, 120)}，" if ledger.name else None,
                f"评了 {number(ledger.records)} 个{cut(view.root, 10)}",
            ],
        ),
    ]
    if ledger.sha256:
        facts.append(("台账 sha256", tag("code", cut(ledger.sha256, 80))))
    if ledger.set_aside:
        many = number(len(ledger.set_aside))
        names = "、".join(cut(one, 30) or "（没有编号）" for one in ledger.set_aside[:_MOST])
        facts.append(("没有评的", [f"{many} 个：", names, "…" if len(ledger.set_aside) > _MOST else None]))
    facts.append(("怎样重做", tag("code", cut(about.command, 600)) if about.command else "没有记下命令"))
    told.append(tag("dl", [[tag("dt", name), tag("dd", words)] for name, words in facts], class_="facts"))
    told.append(tag("h3", "要注意的、没有包括的"))
    notes = [*about.notes]
    if impact.unattributed:
        notes.append(f"{impact.unattributed} 处变化没有找到条文")
    if any(not cause.complete for cause in impact.causes):
        most = min(cause.size for cause in impact.causes if not cause.complete)
        notes.append(f"有的原因只试到 {most} 条一起为止")
    sided = [cut(one.name, 30) for one in impact.decisions if one.one_sided]
    if sided:
        notes.append(f"只有一边有的决定：{some(sided, 12)}")
    notes += [
        "只看这份台账：台账里没有的情形没有算",
        "金额各有各的口径，互不相加；没有填的一个也不当作零",
        "本报告只按台账推算，不作认定",
    ]
    told.append(tag("ul", [tag("li", cut(one, 400), "。") for one in notes[:_MOST]]))
    told.append(tag("h3", "几个词"))
    told.append(tag("dl", [[tag("dt", word), tag("dd", meaning)] for word, meaning in _WORDS], class_="facts"))
    return tag("div", told)


def _parameters(side: Side) -> str:
    return "、".join(f"{cut(name, 40)}={cut(value, 60)}" for name, value in list(side.parameters.items())[:_MOST])


def _layers(view: View) -> Markup:
    about = view.impact.about
    layers = {layer.id: layer for side in (about.old, about.new) for layer in side.layers}
    there = [{layer.id for layer in side.layers} for side in (about.old, about.new)]
    rows = []
    for name, layer in layers.items():
        sides = "".join(word for word, known in zip("原现", there, strict=True) if name in known)
        row: list[Content] = [cut(layer.level, 10), [cut(layer.title, 120), _noted(layer)]]
        rows.append(Row([*row, cut(layer.document_number, 40), _since(layer), "原、现" if len(sides) == 2 else sides]))
    head = [Column("层级"), Column("文件", "w"), Column("文号"), Column("施行"), Column("哪边")]
    return table(head, rows) if rows else note("两边都没有文件。")


def _noted(layer: Layer) -> Content:
    varied = f"变动它的试验：{some([cut(one, 40) for one in layer.varied], 6)}。" if layer.varied else ""
    return [note(varied) if varied else None, more("说明", cut(layer.note, 600)) if layer.note else None]


def _since(layer: Layer) -> Content:
    told: list[Content] = [cut(layer.in_force_from, 20)]
    if layer.assumed:
        told.append(tag("em", "假定", class_="bad"))
    if not layer.in_force:
        told.append(tag("em", "评估日没有施行", class_="bad"))
    return told

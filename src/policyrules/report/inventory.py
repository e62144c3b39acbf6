"""What a stack declares, as tables that fit a terminal.

Why this exists: who writes a rule looks up what the fields are called and which values they take; the words of the
headings are for people who never saw the language.

Invariants: layers and kinds come in the order of the inventory; columns that would be empty are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from policyrules.analysis.inventory import Entry, Inventory
from policyrules.report.layout import Content, Line, Piece, table, wrap
from policyrules.text import cut, some

_LONGEST: Final = 120
_MOST_CITED: Final = 3
_MOST_ELSEWHERE: Final = 5

_HEADINGS: Final = {
    "对象": ("对象", "台账里的一类行"),
    "字段": ("字段", "要填写的事实"),
    "研判": ("研判", "由指定的人判断的事实"),
    "参数": ("参数", "由某一层定的数或值"),
    "读法": ("读法", "文字有歧义的地方按哪种理解"),
    "清单": ("清单", "一组值"),
    "术语": ("术语", "起了名的条件或算式"),
    "统计": ("统计", "对全部记录算出的数"),
    "决定": ("决定", "得出的结论"),
    "规则": ("规则", "什么情况得出什么结论"),
    "补充规则": ("补充规则", "上层规则都不适用时的结论"),
    "义务": ("义务", "应当做到的事"),
    "禁令": ("禁令", "不得做的事"),
    "提示": ("提示", "要告诉使用者的话"),
    "修订": ("修订", "对上层规则、义务、禁令的改动"),
    "增列": ("增列", "给上层的清单或决定加的值"),
    "设定": ("设定", "给上层参数定的值"),
    "推定": ("推定", "空着的事实怎样推定"),
    "决策表": ("决策表", "分情况列成表的规则，一行一条"),
}
"""What each kind is called in a heading, and what it is."""

_COLUMNS: Final = {
    "对象": "说明",
    "字段": "填什么",
    "研判": "填什么",
    "参数": "值",
    "读法": "值",
    "决定": "取值",
    "规则": "结论",
    "补充规则": "结论",
    "提示": "话",
}


def render_inventory(found: Inventory, width: int) -> list[Line]:
    """The tables; of a search that found nothing, that it found nothing."""
    lines: list[Line] = []
    if found.find and found.near:
        where = f"{found.within}里没有" if found.elsewhere else "哪里都没有"
        known = some([f"{entry.kind} {entry.name}" for entry in found.elsewhere], _MOST_ELSEWHERE)
        others = f"；别处有：{known}" if known else ""
        said = "；名称相近的有：" if found.entries else "" if known else "，也没有名称相近的"
        lines += wrap(Piece(f"{where}“{found.find}”{others}{said}", "doubt"), width)
    entries = {id_: [entry for entry in found.entries if entry.layer == id_] for id_ in found.layers}
    for number, (id_, name) in enumerate(found.layers.items()):
        own = "（本层）" if number == 0 else ""
        if not entries[id_]:
            if not found.find:
                lines += [(), (Piece(f"{name}{own}：没有这样的声明", "title"),)]
            continue
        lines += [(), (Piece(f"{name}{own}", "title"),)]
        for (kind, subject), group in groupby(entries[id_], key=_heading):
            lines += _block(kind, subject, list(group), width)
    return lines[1:] if lines and not lines[0] else lines


def _heading(entry: Entry) -> tuple[str, str]:
    return entry.kind, entry.subject if entry.kind in ("字段", "研判") else ""


def _block(kind: str, subject: str, entries: Sequence[Entry], width: int) -> list[Line]:
    title, about = _HEADINGS.get(kind, (kind, ""))
    whose = f"　{subject}" if subject else ""
    head = (Piece(f"  {title}{whose}", "name"), Piece(f"　{about}，{len(entries)} 项", "quiet"))
    columns: list[tuple[str, list[Content]]] = [("名称", [_name(entry) for entry in entries])]
    if not subject and any(entry.subject for entry in entries):
        columns.append(("对", [entry.subject for entry in entries]))
    columns.append((_COLUMNS.get(kind, "内容"), [cut(entry.about, _LONGEST) for entry in entries]))
    who = "谁能改" if kind in ("参数", "读法") else "谁掌握"
    columns.append((who, [entry.who for entry in entries]))
    columns.append(("依据", [_places(entry) for entry in entries]))
    columns.append(("键", [entry.key for entry in entries]))
    kept = [column for column in columns if any(column[1])]
    rows = list(zip(*(cells for _, cells in kept), strict=True))
    return [(), head, *table([title for title, _ in kept], rows, width, indent=4)]


def _name(entry: Entry) -> Content:
    return entry.name if entry.active else (Piece(entry.name), Piece("（评估日不在有效期）", "doubt"))


def _places(entry: Entry) -> str:
    places = list(dict.fromkeys(cited.place for cited in entry.cited))
    return some([f"【{place}】" for place in places], _MOST_CITED, "条", mark="")

"""How two policies differ as rules: as lines of Chinese text, and as the sheets of a workbook.

Why this exists: an office reads the changes of a text layer by layer, the old words beside the new ones, with the clause that each
rests on.

Invariants: reads a `Structure` and evaluates nothing; every difference is told; where there is none, it says so, and what differs all
the same (dates, layers in force, the words of a file).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Final

from policyrules.analysis.structure import DeclaredChange, RuleChange, Structure, StructureSide, grouped
from policyrules.program.nodes import Citation
from policyrules.records.result_cells import escape_formula
from policyrules.records.workbook import SheetPlan
from policyrules.report.layout import Line, Piece, wrap
from policyrules.report.text import heading
from policyrules.text import cut, one_line, printable, some
from policyrules.types import date_text

_QUOTE: Final = 80
_WORDS: Final = 240
_FEW: Final = 12
_CELL: Final = 199


def structure_lines(found: Structure, *, width: int = 80, everything: bool = False) -> list[Line]:
    """The report. ``everything``: no word of an act is cut, and each declaration says what it is."""
    lines = list(_head(found, width))
    if not found.differs:
        return [*lines, (), *wrap(Piece(f"{same_text(found)}。", "good"), width), *_files(found, width)]
    names = _names(found)
    for layer, groups in grouped(found.changes).items():
        count = sum(map(len, groups.values()))
        lines += heading(f"{names.get(layer, layer) or '本次设定的'}（{count} 处）")
        for group, changes in groups.items():
            lines.append((Piece(f"  {group}（{len(changes)}）", "name"),))
            for change in changes:
                lines += _change(change, width, everything)
    lines += _declared(found, width, everything)
    if found.apart:
        lines += heading("两边不是一回事的")
        lines += wrap(f"{'、'.join(found.apart)}：归属或类型不同，同一份台账在两边的结果不能逐条归因", width, lead="  ")
    if found.restated:
        lines += [(), *wrap(Piece(f"重申上层的 {found.restated} 处，不是差异，没有列", "quiet"), width)]
    return [*lines, *_files(found, width)]


def same_text(found: Structure) -> str:
    """What is said where nothing differs.

    `found.same`: to the last citation."""
    dates = found.old.as_of != found.new.as_of
    if found.same:
        return f"两边是同一套规则{'，只是评估日不同；这两天在施行的规定一样' if dates else ''}"
    if found.files:
        return "两边的条件、数值和结论没有不同；引文、释义、提示的话或写法有改动"
    restated = f"；重申上层的 {found.restated} 处，多了这一层的依据" if found.restated else ""
    return f"两边的条件、数值和结论没有不同{restated}"


def _names(found: Structure) -> dict[str, str]:
    return {layer.id: layer.name for side in (found.old, found.new) for layer in side.layers}


def _head(found: Structure, width: int) -> Iterator[Line]:
    yield from wrap(Piece(f"{found.old.label} → {found.new.label}", "title"), width)
    for word, side in (("原", found.old), ("现", found.new)):
        yield from wrap(Piece(_standing(word, side), "quiet"), width, lead="", rest="    ")
    for note in dict.fromkeys((*found.old.notes, *found.new.notes)):
        yield from wrap(Piece(f"注意：{note}", "doubt"), width)
    if found.differs:
        kinds = [f"条文上的不同 {len(found.changes)} 处"] if found.changes else []
        one_sided = sum(None in (one.old, one.new) for one in found.declared)
        kinds += [f"只有一边声明的 {one_sided} 个"] if one_sided else []
        other = len(found.declared) - one_sided
        kinds += [f"声明得不一样的 {other} 个"] if other else []
        yield ()
        yield from wrap(Piece(f"{'，'.join(kinds) or '两边不是一回事'}。", "name"), width)


def _standing(word: str, side: StructureSide) -> str:
    """A side: its folder, its date, and since when each layer is in force."""
    layers = [
        f"{layer.name} {layer.since} 起"
        + (f"至 {layer.until}" if layer.until else "")
        + ("" if layer.in_force else "（不在施行）")
        for layer in side.layers
    ]
    return f"{word}：{side.folder}，评估日 {date_text(side.as_of)}；{'、'.join(layers)}"


def _change(change: RuleChange, width: int, everything: bool) -> Iterator[Line]:
    said = f"{change.operation}“{cut(change.name, 60)}”"
    directions = f"　{'、'.join(change.directions)}" if change.directions else ""
    yield from wrap((Piece(said), Piece(directions, "doubt")), width, lead="  · ", rest="    ")
    for word, text in ((_OLD, change.old), (_NEW, change.new)):
        if text:
            shown = one_line(text) if everything else cut(one_line(text), _WORDS)
            yield from wrap((Piece(f"{word}　", "quiet"), Piece(shown)), width, lead="    ", rest="        ")
    if change.old and change.old == change.new:
        yield from wrap(Piece("数值一样，定法不同", "quiet"), width, lead="    ")
    told = "".join(map(cited_text, change.citations))
    place = PurePath(change.place).name
    yield from wrap(
        (Piece(f"{told}　" if told else "", "link"), Piece(place, "quiet")), width, lead="    ", rest="    "
    )


_OLD: Final = "原"
_NEW: Final = "现"


def cited_text(citation: Citation) -> str:
    """A clause and its quote."""
    quote = cut("".join(citation.quote.split()), _QUOTE) if citation.quote else ""
    return f"【{citation.place}】" + (f"“{quote}”" if quote else "")


def _declared(found: Structure, width: int, everything: bool) -> Iterator[Line]:
    """What only one side declares, then what both declare otherwise."""
    for title, several in (
        ("只有现在的规则有", [one for one in found.declared if one.old is None]),
        ("只有原来的规则有", [one for one in found.declared if one.new is None]),
        ("两边声明得不一样", [one for one in found.declared if None not in (one.old, one.new)]),
    ):
        if several:
            yield from heading(f"{title}（{len(several)}）")
            yield from _items(several, width, everything)


def _items(several: Sequence[DeclaredChange], width: int, everything: bool) -> Iterator[Line]:
    groups: dict[str, list[DeclaredChange]] = {}
    for one in several:
        lead = f"{one.kind} {one.subject}" if one.kind in ("字段", "研判") else one.kind
        groups.setdefault(lead, []).append(one)
    for lead, members in groups.items():
        both = None not in (members[0].old, members[0].new)
        if not everything and not both:
            names = some([cut(one.name, 60) for one in members], _FEW, "个")
            yield from wrap((Piece(f"{lead}：", "name"), Piece(names)), width, lead="  ", rest="    ")
            continue
        for one in members:
            yield from wrap((Piece(f"{lead} “{one.name}”", "name"), Piece(_told(one))), width, lead="  ", rest="    ")


def _told(one: DeclaredChange) -> str:
    """What a declaration is, on one side or on both."""
    match one.kind, one.old, one.new:
        case "取值", old, new:
            return "".join(f"；{word} {said}" for word, said in (("去掉", old), ("增加", new)) if said)
        case _, None, new:
            return f"：{new}" if new else ""
        case _, old, None:
            return f"：{old}" if old else ""
        case _, old, new:
            return f"：原 {old}；现 {new}"


def _files(found: Structure, width: int) -> list[Line]:
    if not found.files:
        return []
    names = _names(found)
    told = [f"{names.get(layer, layer)} {name}" for layer, _, name in (one.partition("/") for one in found.files)]
    return [(), *wrap(Piece(f"文字有改动的文件：{'、'.join(told)}", "quiet"), width)]


# ---- a workbook -----------------------------------------------------------------------------------------------------


def structure_sheets(found: Structure) -> tuple[SheetPlan, ...]:
    """The differences as the sheets 条文 and 声明, each with its old and its new words."""
    names = _names(found)
    changes = [
        (
            names.get(layer, layer) or "本次",
            group,
            one.operation,
            one.name,
            one.old or None,
            one.new or None,
            "、".join(one.directions) or None,
            "；".join(map(cited_text, one.citations)) or None,
            PurePath(one.place).name,
        )
        for layer, groups in grouped(found.changes).items()
        for group, several in groups.items()
        for one in several
    ]
    declared = [
        (
            names.get(one.layer, one.layer),
            one.kind,
            one.subject or None,
            one.name,
            one.old,
            one.new,
            PurePath(one.place).name,
        )
        for one in found.declared
    ]
    said = f"{found.old.label} → {found.new.label}"
    return (
        _sheet("条文", ("层", "种类", "做什么", "对什么", "原来", "现在", "方向", "依据", "所在"), changes, said),
        _sheet("声明", ("层", "种类", "对象", "名称", "原来", "现在", "所在"), declared, said),
    )


def _sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[str | None]], foot: str) -> SheetPlan:
    safe = tuple(
        tuple(None if one is None else escape_formula(cut(printable(one), _CELL)) for one in row) for row in rows
    )
    return SheetPlan(name, tuple(header), safe, report=True, foot=cut(foot, 80), fixed=4, tall=True)

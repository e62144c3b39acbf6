"""The impact of a variation as lines of Chinese text: one screen by default, everything where it is asked for.

Why this exists: whoever tries a variation wants the sentence, what goes where and because of which provision before anything else,
and the rest only when asked.

Invariants: reads an `Impact` and evaluates nothing; the first screen has at most `SCREEN` lines in a window of 80 columns or more,
whatever the ledger holds; what is certain and what is open stand apart; what is left out is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policyrules.report.impact_headline import headline
from policyrules.report.impact_parts import items, left_out, one_line
from policyrules.report.impact_tables import both_sides, flow_lines, name_lines, provision_lines, sections
from policyrules.report.impact_words import (
    DISCLAIMER,
    INVENTED,
    amount_text,
    blanks_text,
    changed_flows,
    dates_text,
    grid_text,
    main_decision,
    nearest_text,
    open_text,
    readings_text,
    sweep_text,
    variations_text,
)
from policyrules.report.layout import Align, Line, Piece, wrap
from policyrules.text import cut, some
from policyrules.types import date_text
from policyrules.variation.model import (
    DecisionImpact,
    Impact,
)

SCREEN: Final = 40
_SIZES: Final = ((8, 3), (7, 3), (6, 3), (5, 3), (4, 3), (3, 3), (2, 3), (2, 2), (1, 3), (1, 2), (1, 1))
"""Rows of a list, and lines of what was asked beside, from much to little."""
_NOTES: Final = 2
"""Notes that are told however little room there is."""
_LONGEST: Final = 60
_LIST: Final = 200
_MOST_ASKED: Final = 9
_WORDS: Final = 24
_RIGHT: Final[Align] = "right"


def impact_lines(
    impact: Impact, *, width: int = 80, everything: bool = False, listed: bool | None = None
) -> list[Line]:
    """The report. ``everything``: all tables and the names of all records, else one screen: the sentence, what goes where, the
    provisions with their counts, what is open, a line for each thing that was asked beside. ``listed``: whether the names are told;
    None: with everything."""
    if everything:
        return [*_head(impact, width, None), *sections(impact, width, listed=listed is not False)]
    if listed:
        return [*impact_lines(impact, width=width), *name_lines(impact, width)]
    lines: list[Line] = []
    for rows, each in _SIZES:
        lines = _screen(impact, width, rows, each)
        if len(lines) <= SCREEN:
            return lines
    last = _more(impact, width)
    return [*lines[: SCREEN - len(last)], *last]


# ---- one screen -----------------------------------------------------------------------------------------------------


def _screen(impact: Impact, width: int, rows: int, each: int) -> list[Line]:
    """The first screen, no list of it longer than ``rows``; what was asked beside in ``each`` lines."""
    lines = _head(impact, width, min(rows, 3))
    decision = main_decision(impact)
    if decision is not None and decision.changed:
        lines += flow_lines(decision, impact, width, rows + 1)
    others = [*_other_decisions(impact, decision), *_follow_on(impact)]
    if others:
        lines += [(), *items([one_line(one, width - 4) for one in others[: min(rows, 4)]], width)]
        lines += left_out(len(others), min(rows, 4), "项")
    lines += provision_lines(impact, width, rows)
    asked = _asked(impact, each)
    if asked:
        lines += [(), *items([one_line(one, each * (width - 4)) for one in asked[:_MOST_ASKED]], width)]
        lines += left_out(len(asked), _MOST_ASKED, "项")
    return lines + _more(impact, width)


def _head(impact: Impact, width: int, most: int | None) -> list[Line]:
    """Title, date, ledger, what a reader must know, the sentence. ``most``: notes that are told; None: all."""
    about = impact.about
    lines = wrap(Piece(_cut(about.title, most), "title"), width)
    sides = f"{about.old.label} → {about.new.label}"
    if sides not in about.title:
        lines += wrap(Piece(_cut(sides, most), "name"), width)
    ledger = about.ledger
    name = f"台账 {cut(ledger.name, _LONGEST)}：" if ledger.name else ""
    said = f"评估日 {date_text(about.as_of)}　{name}{about.root} {ledger.records} 个"
    if ledger.set_aside:
        said += f"，{len(ledger.set_aside)} 个读不出来"
    lines += wrap(Piece(said, "quiet"), width)
    told = [f"{label} {name}＝{value}" for label, side in both_sides(impact) for name, value in side.parameters.items()]
    if told:
        lines += wrap(Piece(_cut(f"另设参数：{'、'.join(told)}", most), "quiet"), width)
    notes = about.notes if most is None else about.notes[: max(most, _NOTES)]
    for note in notes:
        lines += wrap(Piece(_cut(f"注意：{note}", most), "doubt"), width)
    if len(notes) < len(about.notes):
        lines.append((Piece(f"注意：另有 {len(about.notes) - len(notes)} 条，加 --all 看", "doubt"),))
    if impact.beside:
        lines += wrap(
            Piece(_cut(f"注意：两边的{'、'.join(impact.beside)}不同，由此来的变化没有归因", most), "doubt"), width
        )
    if ledger.said_invented:
        lines.append((Piece(f"{INVENTED}，数字只作示例", "doubt"),))
    lines.append(())
    for sentence in headline(impact):
        lines += wrap(Piece(f"{sentence}。", "name"), width)
    return lines


def _cut(text: str, most: int | None) -> str:
    return text if most is None else cut(text, 2 * _LONGEST)


def _other_decisions(impact: Impact, main: DecisionImpact | None) -> Iterator[str]:
    """A line for each other decision that changed."""
    for decision in impact.decisions:
        if decision is not main and decision.changed:
            flows = sorted(changed_flows(decision), key=lambda one: -one.count)
            told = [f"{cut(one.before, _LONGEST)} → {cut(one.after, _LONGEST)} {one.count}" for one in flows]
            only = f"，只有{_side_word(decision.one_sided)}的规则有" if decision.one_sided else ""
            yield f"{decision.name}（变 {decision.changed}{only}）：{some(told, 3, '种', mark='；')}"
    for amount in impact.amounts:
        if amount.changed or amount.one_sided:
            yield f"{amount.name}：{amount_text(amount)}"


def _side_word(side: str) -> str:
    return "原来" if side == "old" else "现在"


def _follow_on(impact: Impact) -> Iterator[str]:
    """What follows for measures and duties, new breaches first."""
    gained = sum(len(one.gained) for one in impact.values)
    lost = sum(len(one.lost) for one in impact.values)
    opened = sum(len(one.opened) for one in impact.values)
    told = [f"确定新有 {gained} 处"] if gained else []
    told += [f"确定不再有 {lost} 处"] if lost else []
    told += [f"变得不定 {opened} 处"] if opened else []
    if told:
        yield f"措施：{'，'.join(told)}"
    breaches = [one for one in impact.findings if one.breach]
    if breaches:
        told = [f"{one.name} {one.count}" for one in sorted(breaches, key=lambda one: -one.count)]
        yield f"新违反或逾期 {sum(one.count for one in breaches)} 处：{some(told, 3)}"
    others = sum(one.count for one in impact.findings if not one.breach)
    if others or impact.complied:
        idle = f"；新适用而合规的 {impact.complied} 处" if impact.complied else ""
        yield f"其他义务、禁令和提示有变化的 {others} 处{idle}"


def _asked(impact: Impact, most: int) -> list[str]:
    """A line for what is open, and for each thing that was asked beside."""
    root = impact.about.root
    told = [open_text(impact, most)]
    told += [sweep_text(one, impact, max(3, most)) for one in impact.sweeps]
    told += [grid_text(one) for one in impact.grids]
    told += [dates_text(impact.dates, most)] if impact.dates else []
    told += [nearest_text(impact.nearest, most)] if impact.nearest else []
    told += [blanks_text(impact.blanks, root, most)] if impact.blanks else []
    told += [readings_text(impact.readings, most)] if impact.readings else []
    told += [variations_text(impact.variations, root, most)] if impact.variations else []
    return [one for one in told if one]


def _more(impact: Impact, width: int) -> list[Line]:
    """How to see the rest."""
    rest = ["地方和金额"] if impact.groups else []
    rest += ["门槛和日期的表"] if impact.sweeps or impact.dates else []
    rest += [f"{impact.about.root}名单"] if impact.cells else []
    seen = f"--all 看{'、'.join(rest)}；" if rest else ""
    return [(), *wrap(Piece(f"{DISCLAIMER}。{seen}-o 写成文件", "quiet"), width)]

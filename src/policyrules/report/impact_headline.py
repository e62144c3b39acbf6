"""The headline of an impact: what changed, because of what, in a few sentences.

Why this exists: the terminal, the page and the workbook say one thing first, and say it in the same words.

Invariants: reads an `Impact` and evaluates nothing; what is certain and what is open are told apart, and what is called the most
that there may be is that, of whom it says; where nothing changed, or nobody knows why, it says so; to come to no class any more is no descent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from policyrules.report.impact_words import (
    cells_of,
    class_word,
    main_decision,
    nothing_word,
    range_text,
)
from policyrules.text import cut, some
from policyrules.variation.model import SETTLED, Bounds, Cell, DecisionImpact, Impact

_SENTENCES: Final = 3
_LONGEST: Final = 60
_CAUSE: Final = 80


def headline(impact: Impact) -> tuple[str, ...]:
    """What changed, in a few sentences without a full stop: of the decision that the report is about who no longer comes to a value
    and who newly does, in ranges, and by which acts; where nothing changed, that nothing did."""
    about = impact.about
    root = cut(about.root, _LONGEST)
    if not about.ledger.records:
        return (f"台账里没有可以评估的{root}，推算不出谁受影响",)
    if not impact.cells:
        return (f"没有任何{root}的结果不同{_only_follows(impact)}", _idle(impact))
    decision = main_decision(impact)
    if decision is None or not decision.changed:
        told = [_no_class(impact)] if decision is None and about.decision else []
        told += [] if decision is None else [f"{cut(decision.name, _LONGEST)}没有变化"]
        changed = len({cell.record for cell in impact.cells})
        return (*told, f"有变化的{root} {changed} 个，变在{_elsewhere(impact)}", _why(impact, impact.cells))
    cells = cells_of(impact, decision.name)
    return (*(_one_sided if decision.one_sided else _moved)(decision, cells), _why(impact, cells))


def _no_class(impact: Impact) -> str:
    """What the report is about where that is no decision of one value: an amount, or nothing that either side has."""
    name = cut(impact.about.decision, _LONGEST)
    amount = next((one for one in impact.amounts if one.name == impact.about.decision), None)
    if amount is None:
        return f"两边都没有“{name}”这一项决定"
    return f"{name}（数额）有变化的 {amount.changed} 处" if amount.changed else f"{name}（数额）没有变化"


def _only_follows(impact: Impact) -> str:
    """What changed where no decision did."""
    values = {index for move in impact.values for index in (*move.gained, *move.lost, *move.opened)}
    findings = {index for move in impact.findings for index in move.records}
    told = [
        f"{word}有变化的 {len(found)} 个" for word, found in (("措施", values), ("义务、禁令和提示", findings)) if found
    ]
    return f"，只有{'，'.join(told)}" if told else ""


def _idle(impact: Impact) -> str:
    """By how much the rules differ where no decision does."""
    if not impact.acts:
        return "两边的规则没有不同的条文"
    follows = bool(impact.values or impact.findings or impact.complied)
    return f"两边的规则有 {len(impact.acts)} 处不同" + ("" if follows else "，在这份台账上都不起作用")


def _elsewhere(impact: Impact) -> str:
    counts = Counter(cell.decision for cell in impact.cells)
    return some([f"“{cut(name, _LONGEST)}”（{count} 处）" for name, count in counts.items()], 4)


def _one_sided(decision: DecisionImpact, cells: Sequence[Cell]) -> list[str]:
    """A decision that the other side does not have."""
    now = [cell.before if decision.one_sided == "old" else cell.after for cell in cells]
    known = sum(state.status in SETTLED for state in now)
    told = f"有结论的 {known} 个" + (f"，还定不下来的 {len(now) - known} 个" if known < len(now) else "")
    side = "原来" if decision.one_sided == "old" else "现在"
    name, what = cut(decision.name, _LONGEST), cut(decision.object, _LONGEST)
    return [f"“{name}”只有{side}的规则有，{decision.objects} 个{what}里{told}"]


def _moved(decision: DecisionImpact, cells: Sequence[Cell]) -> list[str]:
    """Of the values that lose, then of those that gain, in a sentence each."""
    what = cut(decision.object, _LONGEST)
    told = [f"{cut(decision.name, _LONGEST)}：{decision.objects} 个{what}里 {decision.changed} 个有变化"]
    lost, gained = Counter[str](), Counter[str]()
    for cell in cells:
        if cell.before.status == "determined":
            lost[cell.before.text] += 1
        for value in decision.values:
            if _may(cell, value) and cell.before.status in SETTLED and cell.before.text != value:
                gained[value] += 1
    sentences = [_value_moved(decision, value, cells) for value, _ in (lost + gained).most_common()]
    told += sentences[:_SENTENCES]
    return told + _settled(decision, [cell for cell in cells if cell.before.status not in SETTLED])


def _settled(decision: DecisionImpact, cells: Sequence[Cell]) -> list[str]:
    """What becomes of those that were open before."""
    now = Counter(cell.after.text for cell in cells if cell.after.status in SETTLED)
    fewer = sum(cell.direction == "明确" for cell in cells) - now.total()
    other = len(cells) - now.total() - fewer
    values = [(text, count) for text, count in now.most_common() if text in decision.values]
    known = [f"{count} 个{class_word(decision.name, text)}" for text, count in values]
    nowhere = now.total() - sum(count for _, count in values)
    known += [f"{nowhere} 个{nothing_word(decision)}"] if nowhere else []
    told = [f"{now.total()} 个现在定了（{some(known, 4, '种')}）"] if now else []
    told += [f"{fewer} 个可能的结果少了"] if fewer else []
    told += [f"{other} 个可能的结果多了，或者换了"] if other else []
    return [f"原来待定或冲突的里，{'，'.join(told)}"] if told else []


def _may(cell: Cell, value: str) -> bool:
    if cell.after.status == "determined":
        return cell.after.text == value
    return cell.after.status not in SETTLED and value in cell.after.candidates


def _value_moved(decision: DecisionImpact, value: str, cells: Sequence[Cell]) -> str:
    """Who no longer comes to a value, who newly does, and how many there are of it in all."""
    told: list[str] = []
    word = class_word(decision.name, value)
    lost = [cell for cell in cells if (cell.before.status, cell.before.text) == ("determined", value)]
    if lost:
        sure = [cell for cell in lost if cell.sure]
        told.append(_lost(len(sure), len(lost), word, _where_to(decision, sure), decision.bounds.get(value)))
    gained = [
        cell for cell in cells if cell.before.status in SETTLED and cell.before.text != value and _may(cell, value)
    ]
    if gained:
        told.append(_counted(sum(cell.sure for cell in gained), len(gained), f"新符合{'' if lost else word}", ""))
    old, new = decision.bounds.get(value, (None, None))
    if old is not None and new is not None:
        told.append(f"全部{word}原 {range_text(old, ' 个')}，现 {range_text(new, ' 个')}")
    return "；".join(told)


def _lost(sure: int, all_: int, word: str, more: str, bounds: tuple[Bounds, Bounds] | None) -> str:
    """How many of those that had a value surely have it no more, and how many at most: whoever still has it surely stays."""
    if sure == all_:
        return f"确定 {sure} 个不再符合{word}{more}"
    had = "" if bounds is None else f"原定为{word}的 {bounds[0].low} 个里，"
    if not sure:
        return f"{had}补齐资料后至多 {all_} 个不再符合{word}"
    return f"{had}确定 {sure} 个不再符合{word}{more}，补齐资料后至多 {all_} 个"


def _counted(sure: int, all_: int, words: str, more: str) -> str:
    """How many surely, and how many of whom blanks have yet to tell."""
    if not sure:
        return f"可能{words}的 {all_} 个，补齐资料才知道"
    return f"确定 {sure} 个{words}{more}" + (f"，另有 {all_ - sure} 个补齐资料才知道" if sure < all_ else "")


def _where_to(decision: DecisionImpact, sure: Sequence[Cell]) -> str:
    """What becomes of those that surely come to another result."""
    after = Counter(cell.after.text for cell in sure)
    none = sum(cell.after.status == "none" for cell in sure)
    out = sum(cell.after.status == "not_applicable" for cell in sure)
    values = [(text, count) for text, count in after.most_common() if text in decision.values]
    if sure and none == len(sure):
        return f"，{nothing_word(decision)}"
    told = [f"{none} 个{nothing_word(decision)}"] if none else []
    told += [f"{count} 个是{class_word(decision.name, text)}" for text, count in values[:_SENTENCES]]
    told += [f"{out} 个不再适用"] if out else []
    return f"（其中 {'，'.join(told)}）" if told else ""


def _why(impact: Impact, cells: Sequence[Cell]) -> str:
    """By which acts: all of them, or how many there are and what most turn on."""
    counts = Counter(cell.cause for cell in cells if cell.cause is not None and impact.causes[cell.cause].enough)
    unfound = len(cells) - counts.total()
    if not counts and impact.beside:
        # Where fields are of another kind no act was tried.
        return f"没有归因：两边的{cut('、'.join(impact.beside), _CAUSE)}不同"
    if not counts:
        return "没有找到引起变化的条文"
    first, many = counts.most_common(1)[0]
    words = cut(impact.causes[first].text, _CAUSE)
    if many == len(cells):
        every = "都" if words.startswith(("只由", "由")) else "都是"
        return f"{every}{words}" if many > 1 else words
    acts = {act for cause in counts for several in impact.causes[cause].enough for act in several}
    rest = f"；{unfound} 处没有找到引起变化的条文" if unfound else ""
    return f"由 {len(acts)} 条改动引起，最多的一种 {many} 处：{words}{rest}"

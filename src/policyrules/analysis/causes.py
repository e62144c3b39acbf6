"""Causes in words: only by whom, by whom together, which of several is enough, and what stands behind them.

Why this exists: the terminal and the workbook tell one cause in the same words.

Invariants: says no more than was tried; where nothing was found, or nothing could be tried, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from policyrules.analysis.acts import Provision
from policyrules.analysis.attribute import Attribution
from policyrules.analysis.attribution import Cause
from policyrules.analysis.compare import Comparison
from policyrules.analysis.labels import label_of
from policyrules.analysis.lattice import Selection
from policyrules.policy import Policy
from policyrules.program.costs import MOST_BLENDED
from policyrules.text import tidy

_MASKED = 3
_AMENDING = ("还须", "仅限", "还应当", "还不得", "或者", "除外", "不超过", "不低于")


def provision_text(provision: Provision, policy: Policy, *, brief: bool = False) -> str:
    """A provision in one line: layer, what it does to what, the clause, the words of the rule (``brief``: where its name does not
    tell it from others).

    ``policy`` is the stack whose layers name the provision's layer.
    """
    cited = "".join(f"【{place}】" for place in dict.fromkeys(c.place for c in provision.citations))
    label = label_of(provision.layer, policy) or "本次"
    return act_text(label, provision.operation, provision.name, provision.text, cited, brief=brief)


def act_text(label: str, operation: str, name: str, words: str, cited: str, *, brief: bool = False) -> str:
    """Who (``label``) does what to what, and in which words (as `analysis.acts.act_words` gives them).

    >>> act_text("某县", "设定", "最少户数", "未定 → 5 户", "【三】")
    '某县 设定“最少户数”：未定 → 5 户【三】'
    """
    words = tidy(words)
    match operation:
        case "设定" | "推定" if words and not brief:
            return f"{label} {operation}“{name}”：{words}{cited}"
        case "先后":
            return f"{label} {words}（“{name}”）{cited}"
        case "改":
            return f"{label} “{name}”：{words}{cited}"
        case _ if operation in _AMENDING or operation.startswith("去掉 "):
            words = words if words.startswith(operation) else f"{operation} {words}"
            return f"{label} 修订“{name}”：{words}{cited}"
        case _:
            return f"{label} {operation}“{name}”{cited}"


def cause_texts(cause: Cause, attribution: Attribution, policy: Policy) -> tuple[str, ...]:
    """A cause in sentences without a full stop; what was set and presumed by name alone."""

    def together(acts: Selection) -> str:
        told = dict.fromkeys(provision_text(attribution.provisions[act], policy, brief=True) for act in sorted(acts))
        return " 和 ".join(told)

    found: list[str] = []
    match cause.how:
        case "unfound":
            found.append(f"试到 {cause.size} 条为止，没有找到")
        case "alone":
            found.append(f"只由 {together(cause.enough[0])} 引起")
        case "jointly":
            words = together(cause.enough[0])
            found.append(f"由 {words} 共同引起" if " 和 " in words else f"只由 {words} 引起")
        case "either" | "mixed":
            several = tuple(dict.fromkeys(map(together, cause.enough)))
            parted = "、" if all(len(one) == 1 for one in cause.enough) else "；或者 "
            word = "任一条就足够" if all(len(one) == 1 for one in cause.enough) else "任一组就足够"
            found.append(f"{parted.join(several)}，{word}" if len(several) > 1 else f"只由 {several[0]} 引起")
    found.extend(_masked(cause, together))
    if not cause.complete and cause.enough:
        found.append(f"试到 {cause.size} 条为止")
    return tuple(found)


def _masked(cause: Cause, together: Callable[[Selection], str]) -> Iterator[str]:
    """Sets that something else stands behind."""
    for one in cause.masked[:_MASKED]:
        behind = next((undo - one for undo in cause.undo if one < undo), None)
        if behind:
            yield f"去掉 {together(one)} 仍不还原，因为另有 {together(behind)}"
        else:
            yield f"去掉 {together(one)}，结果会变，但不还原"


NOT_LOOKED: Final = "没有查由什么引起"


def looked_text(comparison: Comparison) -> tuple[str, ...]:
    """That causes were looked for in the first records alone, and how to have all of them; nothing where it was in all."""
    if not comparison.partly:
        return ()
    root = comparison.after.program.root
    if not comparison.asked:
        return (
            f"两边的规则很长，条件合计超过 {MOST_BLENDED:,} 项，{NOT_LOOKED}：各个{root}有什么变化都在，个数也都数了。要查，加 --all-causes",
        )
    return (
        f"台账很长，由什么引起只查了前 {comparison.asked} 个{root}（共 {comparison.records} 个）：后面的{root}有什么变化都在，"
        f"个数也都数了，只是{NOT_LOOKED}，各条文引起了几处也没有算它们。要全部查，加 --all-causes",
    )


def unattributed_text(name: str, attribution: Attribution, *, one_sided: bool) -> str:
    """What is said where nobody knows the cause."""
    if any(fault.spot.name == name for fault in attribution.faults):
        return "没有归因：去掉条文再评估一遍，结果同找到的对不上"
    if one_sided:
        return "这一项只有一边有"
    if attribution.beside:
        return f"没有归因：两边的{'、'.join(attribution.beside)}不同"
    return "没有找到引起变化的条文"


def all_causes(several: Iterable[Cause | None]) -> list[Cause]:
    """Those that are known."""
    return [cause for cause in several if cause is not None]

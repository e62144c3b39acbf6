"""Why a result is not the expected one, in a few lines: the conditions that stood in the way, with their clauses.

Why this exists: "expected 升级, got 无" sends people into the rule files; "链条 为 不完整: 否" does not.

Invariant: reads the tree of reasons and evaluates nothing; never more than `MOST` lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from policyrules.engine.outcome import Blank, DecisionResult, Finding, Reason

MOST: Final = 8
_TRUTH: dict[bool | None, str] = {True: "是", False: "否", None: "未知"}


def why_result(result: DecisionResult, wanted: Iterable[str]) -> list[str]:
    """Lines for a decision: what kept each wanted value from holding, and which rules gave the others."""
    wanted = list(dict.fromkeys(wanted))
    lines: list[str] = []
    rules = [node for node in _nodes(result.explain()) if node.role == "rule"]
    for node in rules:
        concerns = [value for value in wanted if value not in result.certain and _concludes(node, value)]
        if concerns and node.truth is not True:
            lines.append(f"{_head(node)}：{'不成立' if node.truth is False else '未知'}")
            lines.extend(f"  {line}" for line in blocking(node))
    for node in rules:
        if node.truth is True and not any(_concludes(node, value) for value in wanted):
            lines.append(f"{_head(node)}：成立")
    lines.extend(missing_line(result.missing))
    return _cut(lines)


def why_finding(finding: Finding) -> list[str]:
    """Lines for a duty, prohibition or notice: the conditions that settle it, or leave it open."""
    reason = finding.explain()
    lines: list[str] = []
    for child in reason.children:
        if not child.condition:
            continue
        lines.append(_condition(child))
        if child.truth is not True:
            lines.extend(f"  {line}" for line in blocking(child))
        if child.truth is False and child.text == "当":
            break
    lines.extend(missing_line(finding.missing))
    return _cut(list(dict.fromkeys(lines)))


def missing_line(missing: Sequence[Blank]) -> list[str]:
    """One line with the blanks, or none."""
    return [f"缺：{'、'.join(str(blank) for blank in missing)}"] if len(missing) else []


def blocking(reason: Reason) -> list[str]:
    """The deepest conditions below ``reason`` that share its truth (false or unknown): what would have to change."""
    found: list[str] = []
    waiting = [reason]
    while waiting:
        node = waiting.pop()
        same = [child for child in node.children if child.condition and child.truth == node.truth]
        if not same and node is not reason:
            found.append(_condition(node))
        waiting.extend(reversed(same))
    return list(dict.fromkeys(found))


def _condition(node: Reason) -> str:
    shown = _TRUTH[node.truth] if node.condition else node.value
    cited = "".join(f"【{c.place}】" for c in node.citations[:1])
    known = f"（{node.value}）" if node.condition and node.value not in ("", shown) else ""
    return f"{node.text}：{shown}{known}{cited}"


def _head(node: Reason) -> str:
    cited = "".join(f"【{c.place}】" for c in node.citations[:1])
    return f"{node.text}{cited}"


def _concludes(node: Reason, value: str) -> bool:
    return value in node.value or value in node.text


def _nodes(reason: Reason) -> Iterator[Reason]:
    waiting = [reason]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _cut(lines: list[str]) -> list[str]:
    return (
        lines
        if len(lines) <= MOST
        else [*lines[: MOST - 1], f"……（另有 {len(lines) - MOST + 1} 行，见 policyrules explain）"]
    )

"""What a duty, prohibition or notice would be if the text were read otherwise, in a few words.

Why this exists: who is told of a breach must be told where it hangs on how a disputed sentence is read. The page of a ledger, the
page of a record and the workbook say it in the same words.

Invariants: the readings are those of the finding; nothing is asked of one that is no matter of anyone's doing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from policyrules.results import STATUS_NAMES, Finding, FindingStatus
from policyrules.types import DATE, value_text

BAD: Final[tuple[FindingStatus, ...]] = ("violated", "overdue")


def otherwise(finding: Finding, among: Iterable[Finding]) -> tuple[str, ...]:
    """Of what is violated, late or not verified a line for each other reading under which it is not so: 按借名读法（处置了才算）
    不算违反，只提示“先停下来”. ``among``: the findings of the same record, for what is then told in its place."""
    if finding.status not in (*BAD, "unverified"):
        return ()
    lines: list[str] = []
    for name, others in finding.readings.items():
        for value, other in others.items():
            instead = _told_instead(finding, other, among, name, value)
            notice = f"，只提示“{'、'.join(instead)}”" if instead else ""
            lines.append(f"按{name}（{value}）{_stands(finding, other)}{notice}")
    return tuple(lines)


def _stands(finding: Finding, other: Finding) -> str:
    status = STATUS_NAMES[other.status]
    if finding.status == other.status:
        return "没有期限" if other.due is None else f"期限是{value_text(other.due, DATE)}"
    if finding.status not in BAD or other.status in BAD:
        return f"为{status}"
    stands = STATUS_NAMES[finding.status]
    if other.status == "unverified":  # Not known is neither.
        return f"算不算{stands}，待核实"
    refused = f"不算{stands}"
    return refused if other.status in ("compliant", "not_applicable") else f"{refused}，{status}"


def _told_instead(finding: Finding, other: Finding, among: Iterable[Finding], name: str, value: str) -> list[str]:
    """The notices on the same object, about the same clause, that speak only under a reading that takes the breach away."""
    if finding.status not in BAD or other.status not in ("compliant", "not_applicable"):
        return []
    found: list[str] = []
    for one in among:
        if one.kind == "notice" and one.status != "notice" and one.target == finding.target:
            then = one.readings.get(name, {}).get(value)
            if then is not None and then.status == "notice" and not set(then.clauses).isdisjoint(finding.clauses):
                found.append(one.name)
    return found

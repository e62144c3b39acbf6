"""Duties, prohibitions and notices (language.md, section 5), a sentence a test."""

from __future__ import annotations

import pytest
from tests.engine.support import names, policy

import policyrules as pr
from policyrules.results import STATUS_NAMES

DUTY = """
义务 义务一
  依据【一】“原文”
  当 甲
  应当 乙
"""
DATED = DUTY + "  期限 期限日\n"
BAN = """
禁令 禁令一
  依据【一】“原文”
  当 甲
  不得 乙
"""
NOTICE = """
提示 提示一
  依据【一】“原文”
  当 甲
  说 “请注意”
"""


def finding(text: str, record: dict[str, object]) -> pr.Finding:
    (found,) = policy(text).evaluate(record).findings
    return found


@pytest.mark.parametrize(
    ("record", "status"),
    [
        # “A duty is 不适用 when 当 is false.”
        ({"a": False}, "not_applicable"),
        ({"a": False, "b": True}, "not_applicable"),
        # “It is 合规 when met”
        ({"a": True, "b": True}, "compliant"),
        # met settles it whether the duty applies or not: no completion is a breach
        ({"b": True}, "compliant"),
        # “It is 待核实 when applicability or fulfilment is unknown and not both settle it.”
        ({"a": True}, "unverified"),
        ({"b": False}, "unverified"),
        ({}, "unverified"),
        # “Applicable and unmet, without 期限 and 到期: 违反.”
        ({"a": True, "b": False}, "violated"),
    ],
)
def test_duties(record: dict[str, object], status: str) -> None:
    assert finding(DUTY, record).status == status


@pytest.mark.parametrize(
    ("due", "status"),
    [
        ("2025-09-16", "in_progress"),
        ("2025-09-15", "in_progress"),
        ("2025-09-14", "overdue"),
        (None, "in_progress"),
    ],
)
def test_duties_with_a_deadline(due: str | None, status: str) -> None:
    """“逾期 where the day of 期限 is over” (5.10.5, 5.10.6)"""
    record: dict[str, object] = {"a": True, "b": False}
    if due is not None:
        record["due"] = due
    found = finding(DATED, record)
    assert found.status == status
    assert (None if found.due is None else found.due.isoformat()) == due


@pytest.mark.parametrize(
    ("early", "status"),
    [
        # Whatever the calendar will say, that branch is 1 January: only a blank of the record leaves the day open.
        ("取小（停产日 + 1 个工作日；2025年1月1日）", "in_progress"),
        ("取小（2025年1月1日；停产日 + 1 个工作日）", "in_progress"),
        # Here the calendar does: the day may be over, and need not be.
        ("取大（停产日 + 1 个工作日；2025年1月1日）", "unverified"),
    ],
)
def test_what_is_settled_waits_for_no_calendar(early: str, status: str) -> None:
    """5.3.18, 5.10.6"""
    duty = DUTY + f"  期限 视 丙（是：{early}；否：2025年12月31日）\n"
    assert finding(duty, {"a": True, "b": False, "stopped": "2025-03-03"}).status == status


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"a": False, "b": True}, "not_applicable"),
        ({"a": True, "b": False}, "compliant"),
        ({"b": False}, "compliant"),
        ({"a": True, "b": True}, "violated"),
        ({"a": True}, "unverified"),
        ({"b": True}, "unverified"),
    ],
)
def test_prohibitions(record: dict[str, object], status: str) -> None:
    """“Prohibition: the same with met = not the forbidden condition.”"""
    found = finding(BAN, record)
    assert (found.kind, found.status) == ("prohibition", status)


@pytest.mark.parametrize(
    ("record", "status"), [({"a": True}, "notice"), ({"a": False}, "not_applicable"), ({}, "unverified")]
)
def test_notices(record: dict[str, object], status: str) -> None:
    found = finding(NOTICE, record)
    assert (found.kind, found.status, found.message) == ("notice", status, "请注意")


def test_findings_come_in_the_programs_order_then_in_that_of_the_rows() -> None:
    text = """
义务 资金义务 对 资金
  依据【一】“原文”
  应当 已付
义务 县义务 对 县
  依据【二】“原文”
  应当 示范县
"""
    outcome = policy(text + DUTY).evaluate({"funds": [{"paid": True}, {}], "county": {"model_county": False}})
    assert [(f.name, f.object, f.status) for f in outcome.findings if f.name == "资金义务"] == [
        ("资金义务", "资金[0]", "compliant"),
        ("资金义务", "资金[1]", "unverified"),
    ]
    assert [(f.object, f.status) for f in outcome.findings if f.name == "县义务"] == [("县", "violated")]


def test_what_settles_a_finding() -> None:
    """“*Deciding set* for an outcome: fewest blanks for which some answer settles it”"""
    missing = finding(DUTY, {}).missing
    assert (names(missing), names(missing.deciding), missing.exact) == (["甲", "乙"], ["甲"], True)
    assert names(finding(DUTY, {"a": True}).missing.deciding) == ["乙"]
    assert finding(DUTY, {"a": True, "b": False}).missing.relevant == ()
    assert names(finding(NOTICE, {}).missing) == ["甲"]


def test_every_finding_names_its_clauses_and_explains_itself() -> None:
    found = finding(DATED, {"a": True, "b": False, "due": "2025-09-14"})
    assert found.clauses == ("L0-1",)
    reason = found.explain()
    assert (reason.role, reason.value) == ("finding", "逾期")
    assert [child.text for child in reason.children] == ["当", "应当", "期限 期限日"]
    assert "期限：2025年9月14日" in reason.notes


@pytest.mark.parametrize(
    ("record", "status", "truth"),
    [
        ({"c": True}, "逾期", True),
        ({"c": True, "due": "2026-09-14"}, "逾期", True),
        ({"c": False}, "进行中", False),
        ({}, "待核实", None),
    ],
)
def test_what_ends_the_time_is_explained(record: dict[str, object], status: str, truth: bool | None) -> None:
    found = finding(DATED + "  到期 丙\n", {"a": True, "b": False, **record})
    reason = found.explain()
    assert reason.value == STATUS_NAMES[found.status] == status
    ended = reason.children[-1]
    assert (ended.text, ended.clause, ended.truth) == ("到期", "到期", truth)
    assert [child.text for child in ended.children] == ["丙"]
    assert "期限" in reason.children[2].text

"""原则上应当 … 否则说明 …: what results, pages, workbooks, scenarios and lower layers make of it."""

from __future__ import annotations

import datetime

import pytest
from tests.records.tabled import result_tables

from policyrules.analysis.summary import FINDING_ORDER, summarise
from policyrules.explanation import Reason
from policyrules.policy import Policy
from policyrules.records.tasks import EXPLAINED, TaskList, tasks_of
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.results import STATUS_NAMES
from policyrules.testing.build import policy_from_text, try_policy_from_text

TEXT = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 县里已公示（shown）：是否 由 县里
  字段 县里的理由（county_reason）：文本 由 县里
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 已公示（told）：是否 由 村
  字段 未公示的理由（reason）：文本 由 村
  字段 理由种类（sort）：多选 { 因灾、涉密 }
  字段 公示期限（due）：日期
对象 资金（funds） 属于 项目
  字段 已拨付（paid）：是否
义务 公示结果
  依据【第十条】“原则上应当公示”
  原则上应当 已公示
  否则说明 未公示的理由
  期限 公示期限
义务 县里公示 对 县
  依据【第十一条】
  原则上应当 县里已公示
  否则说明 县里的理由
"""
AS_OF = datetime.date(2025, 9, 15)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_text(TEXT)


LATE = {"编号": "P1", "已公示": "否", "公示期限": "2025-06-30"}


def test_a_reason_given_before_or_after_the_day_is_no_breach(policy: Policy) -> None:
    given = policy.evaluate({**LATE, "未公示的理由": "因灾停工"}).findings[0]
    assert (given.status, given.reason, given.due) == ("explained", "因灾停工", datetime.date(2025, 6, 30))
    assert STATUS_NAMES[given.status] == "已说明" and not given.missing.relevant
    assert (given.to_dict()["status"], given.to_dict()["reason"]) == ("explained", "因灾停工")
    bare = policy.evaluate(LATE).findings[0]
    assert (bare.status, bare.reason) == ("overdue", "")


def test_the_explanation_shows_the_cell_and_the_reason(policy: Policy) -> None:
    def told(record: dict[str, object]) -> Reason:
        reason = policy.evaluate(record).findings[0].explain()
        return next(child for child in reason.children if child.clause == "否则说明")

    given = told({**LATE, "未公示的理由": "因灾停工"})
    assert (given.truth, given.children[0].text, given.children[0].value) == (True, "未公示的理由", "因灾停工")
    assert told(LATE).truth is False and told(LATE).children[0].value == "未填"
    clauses = [child.clause for child in policy.evaluate(LATE).findings[0].explain().children]
    assert [clause for clause in clauses if clause] == ["当", "原则上应当", "期限", "否则说明"]


LEDGER = [
    {**LATE, "未公示的理由": "因灾停工", "县": {"县名": "青山县", "县里已公示": "否", "县里的理由": "涉密"}},
    {**LATE, "编号": "P2", "县": {"县名": "青山县", "县里已公示": "否", "县里的理由": "涉密"}},
]


def test_pages_tell_it_apart_from_breaches(policy: Policy) -> None:
    outcomes = [policy.evaluate(record) for record in LEDGER]
    told = TaskList(EXPLAINED)
    for outcome in outcomes:
        told.add(outcome, None)
    explained = told.all
    assert [(task.identity, task.object, task.finding.reason) for task in explained] == [
        ("", "青山县", "涉密"),
        ("P1", "", "因灾停工"),
    ]
    assert [task.identity for task in tasks_of(outcomes)] == ["P2"]
    summary = summarise(policy.program, outcomes)
    assert summary.findings["公示结果"] == {"explained": 1, "overdue": 1}
    said = plain(ledger_lines(summary, policy, tasks=tasks_of(outcomes), explained=explained))
    todo, _, rest = said.partition("没有做到而说明了理由的（2 处）")
    assert "P2" in todo and "因灾停工" not in todo and "P1" not in todo
    assert "P1　理由：“因灾停工”" in rest and "青山县　理由：“涉密”" in rest and "第十条" in rest
    assert "没有做到而说明了理由的" not in plain(ledger_lines(summary, policy, tasks=tasks_of(outcomes)))
    page = plain(project_lines(outcomes[0], policy))
    assert "已说明" in page and "理由：“因灾停工”" in page


def test_the_workbook_holds_the_reason(policy: Policy) -> None:
    outcomes = [policy.evaluate(record) for record in LEDGER]
    tables = {table.name: table for table in result_tables(outcomes)}
    found = tables["发现"]
    rows = [dict(zip(found.header, row, strict=True)) for row in found.rows]
    assert [(row["事项"], row["结果"], row["内容"]) for row in rows if row["编号"] == "P1"] == [
        ("公示结果", "已说明", "理由：因灾停工")
    ]
    result = tables["结果"]
    first = dict(zip(result.header, result.rows[0], strict=True))
    assert first["违反或逾期"] is None and first["待核实"] is None


def test_every_status_has_its_place() -> None:
    assert FINDING_ORDER.index("explained") == 2


def test_a_text_that_no_spreadsheet_takes_for_a_formula(policy: Policy) -> None:
    outcome = policy.evaluate({**LATE, "未公示的理由": "=1+1"})
    rows = next(table for table in result_tables([outcome]) if table.name == "发现").rows
    assert "理由：=1+1" in rows[0]


# ---- what may stand behind 否则说明, and what lower layers may do ------------------------------------------------------


def codes(*layers: str) -> list[str]:
    return [each.code for each in try_policy_from_text(*layers)[1] if each.code != "W304"]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("未公示的理由", None),
        ("理由种类", None),
        ("项目.未公示的理由", None),
        ("县里的理由", None),
        ("县.县里的理由", None),
        ("已公示", "E228"),
        ("公示期限", "E228"),
        ("资金.已拨付", "E201"),
        ("没有的", "E201"),
        ("某术语", "E228"),
    ],
)
def test_the_reason_stands_in_a_field_within_reach(field: str, code: str | None) -> None:
    text = TEXT + f"术语 某术语 即 已公示\n义务 又一条\n  依据【第十条】\n  原则上应当 已公示\n  否则说明 {field}\n"
    found = codes(text)
    assert found == ([] if code is None else [code]) or (code == "E201" and len(found) == 1), found


LOWER = "修订 公示结果\n  依据【一】\n  {}\n"


def test_a_lower_layer_adds_to_what_is_demanded_and_never_takes_the_reason_away() -> None:
    stricter = policy_from_text(TEXT, LOWER.format("还应当 公示期限 已填"))
    record = {"编号": "P1", "已公示": "是"}
    assert stricter.evaluate(record).findings[0].status == "in_progress"
    assert stricter.evaluate({**record, "未公示的理由": "没有定"}).findings[0].status == "explained"
    assert codes(TEXT, LOWER.format("应当 已公示")) == ["E129"]
    assert codes(TEXT, LOWER.format("否则说明 理由种类")) == ["E129"]
    assert codes(TEXT, LOWER.format("原则上应当 已公示\n  否则说明 理由种类")) == ["E129", "E129"]
    assert codes(TEXT, LOWER.format("停用\n  说明 不再要求")) == ["E301"]
    assert codes(TEXT, LOWER.format("除外 已公示 未填")) == ["E301"]


def test_the_lock_sees_a_change_of_the_field() -> None:
    lower = LOWER.format("还应当 公示期限 已填")
    before = policy_from_text(TEXT, lower)
    other = policy_from_text(TEXT.replace("否则说明 未公示的理由", "否则说明 理由种类"), lower)
    plain_ = policy_from_text(
        TEXT.replace("  否则说明 未公示的理由\n", "").replace("原则上应当 已公示", "应当 已公示"), lower
    )
    pins = {policy.pins["L1"]["公示结果"].sha256 for policy in (before, other, plain_)}
    assert len(pins) == len({policy.fingerprint for policy in (before, other, plain_)}) == 3

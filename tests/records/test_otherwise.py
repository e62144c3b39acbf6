"""Where a breach hangs on how the text is read, whoever is told of it is told so: page, workbook, JSON."""

from __future__ import annotations

import datetime
import pickle

import pytest
from tests.records.tabled import result_tables
from tests.report.test_project import NOMINAL, PROPOSED

from policyrules.analysis.summary import summarise
from policyrules.records.otherwise import otherwise
from policyrules.records.tasks import TaskList, tasks_of
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.results import Finding, Outcome
from policyrules.testing.build import policy_from_text

POLICY = policy_from_text(NOMINAL)
SAID = "按借名读法（处置了才算）不算违反，只提示“拟处置”"


@pytest.fixture
def outcomes() -> list[Outcome]:
    done = {**PROPOSED, "已处置": True}
    records = [{"编号": f"P{n}", "资产": [{"资产号": "Z", **one}]} for n, one in enumerate((PROPOSED, done, PROPOSED))]
    return list(POLICY.evaluate_all(records))


def test_each_task_says_under_which_reading_it_is_none(outcomes: list[Outcome]) -> None:
    tasks = tasks_of(outcomes)
    assert [(task.finding.name, task.otherwise) for task in tasks] == [
        ("借名处置", (SAID,)),
        ("借名处置", ()),
        ("借名处置", (SAID,)),
    ]
    assert [task.to_dict()["otherwise"] for task in tasks] == [[SAID], [], [SAID]]


def test_the_page_says_of_how_many_it_holds(outcomes: list[Outcome]) -> None:
    page = plain(ledger_lines(summarise(POLICY.program, outcomes), POLICY, tasks=tasks_of(outcomes), width=100))
    assert f"      {SAID}（2 处）" in page.split("\n")


def test_the_sheet_of_what_has_to_be_done_says_it(outcomes: list[Outcome]) -> None:
    sheet = next(one for one in result_tables(outcomes) if one.name == "要处理")
    place = sheet.header.index("情况或所缺")
    told = [str(row[place]) for row in sheet.rows]
    assert [SAID in cell for cell in told] == [True, False, True]


def test_tasks_travel_without_asking_again(outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = TaskList()
    for outcome in outcomes:
        tasks.add(outcome, None)
    monkeypatch.setattr(Finding, "readings", property(lambda _: pytest.fail("asked again")))
    assert pickle.loads(pickle.dumps(tasks)).all == tasks.all


DAYS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 开工日（began）：日期
  字段 停产日（stopped）：日期
  字段 报告了（reported）：是否
读法 起算（reading）：枚举 { 从开工、从停产 } 缺省 从开工
  释义 两种读法
义务 报告
  应当 报告了
  期限 视 起算（从开工：开工日；从停产：停产日）
"""


@pytest.mark.parametrize(
    ("began", "stopped", "said"),
    [
        ("2025-01-01", "2025-03-01", ("按起算（从停产）期限是2025年3月1日",)),
        ("2025-01-01", "2026-03-01", ("按起算（从停产）不算逾期，进行中",)),
        ("2025-01-01", None, ("按起算（从停产）不算逾期，进行中",)),
        # What is still running is no matter yet.
        ("2026-01-01", "2025-03-01", ()),
    ],
)
def test_another_day_is_told(began: str, stopped: str | None, said: tuple[str, ...]) -> None:
    record = {"编号": "P", "报告了": False, "开工日": began, "停产日": stopped}
    outcome = policy_from_text(DAYS).evaluate(record)
    assert otherwise(outcome.findings[0], outcome.findings) == said


def test_how_a_reading_is_read_is_said_once() -> None:
    policy = policy_from_text("""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已申报（applied）：是否
  字段 过了时限（late）：是否
读法 申报读法（reading）：枚举 { 没有就不合、过了时限才不合 } 缺省 没有就不合
参数 严格（strict）：是否 = 是
义务 重新申报
  应当 已申报 或 （申报读法 为 过了时限才不合 且 非 过了时限）
义务 严格申报
  应当 已申报 或 非 严格
""")
    found = tasks_of(list(policy.evaluate_all([{"编号": "P", "已申报": False, "过了时限": False}])))
    one, two = sorted(found, key=lambda task: task.finding.name, reverse=True)
    assert (one.facts, one.otherwise) == (("已申报：否",), ("按申报读法（过了时限才不合）不算违反",))
    # A parameter that nothing else tells of stays a fact.
    assert two.facts == ("已申报：否", "严格：是") and two.otherwise == ()


def test_what_another_reading_leaves_open_is_not_said_to_be_no_breach() -> None:
    policy = policy_from_text(
        """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已申报（applied）：是否
  字段 收讫日（received）：日期
读法 申报读法（reading）：枚举 { 没有就不合、过了时限才不合 } 缺省 没有就不合
参数 申报时限（limit）：时长（个月） 未定 取值 1 个月 以上
义务 重新申报
  应当 已申报 或 （申报读法 为 过了时限才不合 且 评估日 ≤ 收讫日 + 申报时限）
""",
        as_of=datetime.date(2025, 11, 15),
    )
    # A limit that nobody set is a month at least: a month has not passed since 20 October, it has since 1 March.
    for received, said in (("2025-10-20", "不算违反"), ("2025-03-01", "算不算违反，待核实")):
        outcome = policy.evaluate({"编号": "P", "已申报": False, "收讫日": received})
        assert outcome.findings[0].status == "violated"
        assert otherwise(outcome.findings[0], outcome.findings) == (f"按申报读法（过了时限才不合）{said}",)


def test_that_a_county_set_nothing_is_said_in_as_many_words() -> None:
    policy = policy_from_text("""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已申报（applied）：是否
参数 申报时限（limit）：时长（个月） 未定 取值 1 个月 至 36 个月
义务 重新申报
  应当 已申报 且 申报时限 已填
禁令 不申报
  不得 非 已申报 且 申报时限 未填
""")
    found = tasks_of(list(policy.evaluate_all([{"编号": "P", "已申报": False}])))
    assert {task.finding.name: task.facts for task in found} == {
        "重新申报": ("已申报：否", "申报时限：未填"),
        "不申报": ("已申报：否", "申报时限：未填"),
    }

"""The first page about a ledger: who has to do what, by which document, since when; counties by name, each once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.records.tabled import result_tables

from policyrules.analysis.summary import LedgerSummary, summarise
from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.policy import Policy
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.tasks import Task, TaskList, lapsed_of, lateness, tasks_of
from policyrules.report.layout import line_width, plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.results import Outcome
from policyrules.testing.build import policy_from_text

# Nothing here is called as in the shipped policies, on purpose.
FUNDS = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 管理费（fee）：金额（万元）
  字段 上限（most）：金额（万元）
对象 工程（work） 属于 县 标识 代码
  字段 代码（code）：文本
  字段 工程名称（title）：文本
  字段 乡镇（township）：文本 由 乡里
  字段 收到日（received）：日期
  字段 下达日（passed）：日期
对象 资金（funds） 属于 工程
  字段 金额（amount）：金额（万元）
  字段 用途（use）：文本
对象 账户（accounts） 属于 县
  字段 账户名称（account_name）：文本
  字段 超支（over）：是否
禁令 管理费超比例 对 县
  依据【第九条】“不得超过百分之一”
  不得 管理费 > 上限
义务 账户平衡 对 账户
  依据【第十条】“不得超支”
  应当 非 超支
义务 三十日内下达
  依据【第十一条】“应当在三十日内下达”
  应当 下达日 ≤ 收到日 + 30 天
  期限 收到日 + 30 天
禁令 用于偿债 对 资金
  依据【第八条】“不得用于偿还债务和垫资”
  不得 用途 = “偿债”
决定 等次（grade）：单选 { 甲、乙 }
规则 甲等
  依据【第一条】
  当 乡镇 = “东乡”
  则 等次 为 甲
决定 县等次（county_grade） 对 县：单选 { 好、差 }
规则 县差 对 县
  依据【第二条】
  当 管理费 > 上限
  则 县等次 为 差
"""

BLUE = {"县名": "青山县", "管理费": "6", "上限": "4.4", "账户": [{"账户名称": "Z1", "超支": True}]}
GREEN = {"县名": "绿水", "管理费": "1", "上限": "4.4", "账户": []}
RECORDS: list[dict[str, object]] = [
    {
        "代码": "QS1",
        "工程名称": "香菇大棚",
        "乡镇": "东乡",
        "收到日": "2025-03-01",
        "下达日": "2025-04-20",
        "县": BLUE,
        "资金": [{"金额": 50, "用途": "偿债"}],
    },
    {"代码": "QS2", "工程名称": "光伏", "乡镇": "西乡", "收到日": "2025-08-01", "县": BLUE, "资金": []},
    {"代码": "LS1", "工程名称": "茶", "县": GREEN, "资金": [{"金额": 5}, {"金额": 50, "用途": "偿债"}]},
]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_text(FUNDS)


@pytest.fixture(scope="module")
def outcomes(policy: Policy) -> list[Outcome]:
    return list(policy.evaluate_all(RECORDS))


@pytest.fixture(scope="module")
def ledger(policy: Policy) -> Ledger:
    instances = [policy.instance(record) for record in RECORDS]
    read = [LedgerRecord(one, one.identity, str(one.values["工程名称"])) for one in instances]
    problem = Diagnostic("E501", "填的是“也许”", CellPlace("下达日", "也许", record="QS9", set_aside=True))
    return Ledger(tuple(read), (LedgerRecord(read[0].instance, "QS9"),), (problem,))


@pytest.fixture(scope="module")
def tasks(outcomes: list[Outcome], ledger: Ledger) -> tuple[Task, ...]:
    return tasks_of(outcomes, ledger)


@pytest.fixture(scope="module")
def summary(policy: Policy, outcomes: list[Outcome]) -> LedgerSummary:
    return summarise(policy.program, outcomes)


def test_who_has_to_do_what(tasks: tuple[Task, ...]) -> None:
    assert [(t.finding.owner, t.identity, t.name, t.finding.name, t.object, t.finding.status) for t in tasks] == [
        ("青山县", "", "", "管理费超比例", "青山县", "violated"),
        ("青山县", "", "", "账户平衡", "青山县·账户 Z1", "violated"),
        ("", "QS1", "香菇大棚", "三十日内下达", "", "overdue"),
        ("", "QS1", "香菇大棚", "用于偿债", "资金第1行", "violated"),
        ("", "LS1", "茶", "用于偿债", "资金第2行", "violated"),
    ]


def test_how_late_and_why(tasks: tuple[Task, ...]) -> None:
    fee, account, late, debt, _ = tasks
    assert fee.facts == ("管理费：6 万元", "上限：4.4 万元") and fee.days is None
    assert account.facts == ("超支：是",)
    # It came in the end: late by the days until then, not until today.
    assert str(late.finding.due) == "2025-03-31" and str(late.done) == "2025-04-20" and late.days == 20
    assert debt.facts == ("用途：偿债",)
    assert late.places == {"县": "青山县", "乡镇": "东乡"} and fee.places == {}


def test_what_is_not_done_is_late_until_today() -> None:
    text = FUNDS.replace("应当 下达日 ≤ 收到日 + 30 天", "应当 下达日 已填")
    assert text != FUNDS
    (outcome,) = policy_from_text(text).evaluate_all([{"代码": "A", "收到日": "2025-03-01"}])
    (task,) = tasks_of([outcome])
    # From 31 March to 15 September.
    assert (task.finding.status, task.done, task.days) == ("overdue", None, 168)
    assert task.facts == ("下达日：未填",)
    # A day to come is not the day on which it was done.
    planned = {"代码": "A", "收到日": "2025-03-01", "下达日": "2025-12-01"}
    (task,) = tasks_of([policy_from_text(FUNDS).evaluate(planned)])
    assert (task.finding.status, task.done, task.days) == ("overdue", None, 168)


def test_the_first_page(policy: Policy, summary: LedgerSummary, tasks: tuple[Task, ...], ledger: Ledger) -> None:
    for width in (40, 60, 80):
        lines = ledger_lines(summary, policy, tasks=tasks, ledger=ledger, width=width)
        assert all(line_width(line) <= width for line in lines)
    shown = plain(ledger_lines(summary, policy, tasks=tasks, ledger=ledger, width=120)).split("\n")
    assert shown[:4] == [
        "台账评估结果",
        "政策：国家　评估日：2025年9月15日　工程：3 个",
        "依据：《第0层文件》",
        "没有评估的工程 1 个：QS9（填写的值读不懂）。下面的数里没有算它们的结论",
    ]
    start = shown.index("一、要处理的（5 处：青山县 2 处，2 个工程 3 处）")
    assert shown[start + 1 : start + 14] == [
        "  青山县",
        "    违反  管理费超比例　管理费：6 万元；上限：4.4 万元",
        "      《第0层文件》【第九条】“不得超过百分之一”",
        "    违反  账户 Z1　账户平衡　超支：是",
        "      《第0层文件》【第十条】“不得超支”",
        "  用于偿债　违反 2 处",
        "      《第0层文件》【第八条】“不得用于偿还债务和垫资”",
        "      QS1 香菇大棚（资金第1行）　用途：偿债",
        "      LS1 茶（资金第2行）　用途：偿债",
        "  三十日内下达　逾期 1 处（都已经做了，只是晚了）",
        "      《第0层文件》【第十一条】“应当在三十日内下达”",
        "      QS1 香菇大棚　晚 20 天做的　期限 2025年3月31日；下达日：2025年4月20日",
        "",
    ]
    text = "\n".join(shown)
    order = [text.index(word) for word in ("要处理的", "二、结论", "三、要补的", "四、义务、禁令和提示")]
    assert order == sorted(order)
    # What is not known is one line, and no row is counted from nought.
    assert text.count("待核实") == 1 and "[" not in text


def test_the_page_of_a_record_says_how_late(policy: Policy, outcomes: list[Outcome]) -> None:
    shown = plain(project_lines(outcomes[0], policy, width=100))
    assert "逾期    义务 三十日内下达，期限 2025年3月31日\n          晚 20 天做的；下达日：2025年4月20日；" in shown
    assert "违反    禁令 管理费超比例（青山县）\n          管理费：6 万元；上限：4.4 万元\n" in shown


def test_each_county_is_counted_once(summary: LedgerSummary) -> None:
    assert {owner: dict(found["管理费超比例"]) for owner, found in summary.owners.items()} == {
        "青山县": {"violated": 1},
        "县 绿水": {"compliant": 1},
    }
    assert summary.owner_findings["账户平衡"] == {"violated": 1}
    assert summary.decisions["县等次"].total == 2 and summary.decisions["县等次"].values["差"] == 1
    assert summary.to_dict()["owners"]["青山县"]["管理费超比例"]["violated"] == 1  # type: ignore[index]


def test_everything_names_each_county(policy: Policy, summary: LedgerSummary, tasks: tuple[Task, ...]) -> None:
    shown = plain(ledger_lines(summary, policy, tasks=tasks, everything=True))
    assert "\n青山县\n  违反    管理费超比例、账户平衡" in shown and "\n县 绿水\n  合规    管理费超比例" in shown


def test_the_sheets_tell_counties_apart(outcomes: list[Outcome], ledger: Ledger) -> None:
    results, _, findings, missing, _, first = result_tables(outcomes, ledger, {"L0": "财农〔2021〕19号"})
    fees = [row for row in findings.rows if row[2] == "管理费超比例"]
    assert [(row[0], row[4], row[5]) for row in fees] == [(None, "违反", "青山县"), (None, "合规", "县 绿水")]
    assert first.header[:5] == ("编号", "名称", "县", "乡镇", "状态")
    assert first.rows[0][:8] == (
        None,
        None,
        "青山县",
        None,
        "违反",
        "管理费超比例",
        "青山县",
        "财农〔2021〕19号【第九条】",
    )
    assert first.rows[2][:5] == ("QS1", "香菇大棚", "青山县", "东乡", "逾期") and first.rows[2][10] == 20
    # The county's breach is none of the project's own.
    column = results.header.index("违反或逾期")
    assert [row[column] for row in results.rows] == ["三十日内下达；用于偿债", None, "用于偿债"]
    assert first.rows[-1][4:6] == ("待定", "等次") and first.rows[-1][-2:] == ("乡镇", "乡里")
    assert not any(
        isinstance(c, str) and ("[" in c or len(c) > 200) for t in (first, findings, missing) for r in t.rows for c in r
    )


def test_long_lists_go_to_a_sheet_of_their_own() -> None:
    values = "、".join(f"第{n}项很长很长的帮扶措施" for n in range(1, 61))
    rules = "".join(
        f"规则 甲{n}\n  依据【第{n}条】“原话{n}”\n  当 甲\n  则 措施 含 第{n}项很长很长的帮扶措施\n"
        for n in range(1, 61)
    )
    fields = "对象 工程（work） 标识 代码\n  字段 代码（code）：文本\n  字段 甲（a）：是否\n"
    policy = policy_from_text(f"{fields}决定 措施（measures）：多选 {{ {values} }}\n{rules}")
    tables = result_tables(list(policy.evaluate_all([{"代码": "1", "甲": True}, {"代码": "2"}])))
    assert [row[3] for row in tables[0].rows] == ["60 项确定", "60 项可能"]
    assert len(tables[1].rows) == 120
    assert max(len(c) for t in tables for r in t.rows for c in r if isinstance(c, str)) <= 200
    assert "等 60 项" in str(tables[0].rows[0][5])


def test_a_long_ledger_is_told_in_short(policy: Policy) -> None:
    records = [{"代码": f"P{n}", "收到日": "2025-03-01", "下达日": f"2025-05-{n:02}", "资金": []} for n in range(1, 29)]
    outcomes = list(policy.evaluate_all(records))
    summary, tasks = summarise(policy.program, outcomes), tasks_of(outcomes)
    shown = plain(ledger_lines(summary, policy, tasks=tasks))
    assert "三十日内下达　逾期 28 处（都已经做了，只是晚了）" in shown and "另有 25 处" in shown and "加 --all" in shown
    # The latest first.
    assert shown.index("P28　晚 58 天做的") < shown.index("P27　晚 57 天做的") and "P2　" not in shown
    everything = plain(ledger_lines(summary, policy, tasks=tasks, everything=True))
    assert "另有" not in everything and all(f"P{n}　晚" in everything for n in range(1, 29))


def test_what_nobody_named_is_found_by_the_records_that_bring_it_along(policy: Policy) -> None:
    """Two counties without a name, one of them brought along by two records: neither is 县 and nothing else."""
    bare = [{**BLUE, "县名": None}, {**BLUE, "县名": None, "管理费": "7"}]
    records = [
        {**record, "县": county, "代码": code}
        for code, county, record in zip(("A1", "A2", "A3"), (bare[0], bare[1], bare[0]), RECORDS, strict=True)
    ]
    outcomes = list(policy.evaluate_all([*records, RECORDS[0]]))
    found = tasks_of(outcomes)
    assert [(task.finding.name, task.owner, task.judged, task.records) for task in found if task.shared] == [
        ("管理费超比例", "没有写名称的县（A1、A3）", "没有写名称的县（A1、A3）", ("A1", "A3")),
        ("账户平衡", "没有写名称的县（A1、A3）", "没有写名称的县（A1、A3）·账户 Z1", ("A1", "A3")),
        ("管理费超比例", "没有写名称的县（A2）", "没有写名称的县（A2）", ("A2",)),
        ("账户平衡", "没有写名称的县（A2）", "没有写名称的县（A2）·账户 Z1", ("A2",)),
        ("管理费超比例", "青山县", "青山县", ()),
        ("账户平衡", "青山县", "青山县·账户 Z1", ()),
    ]
    # In two runs, as by two processes, it comes to the same.
    first, second = TaskList(), TaskList()
    for number, outcome in enumerate(outcomes, start=1):
        (first if number <= 2 else second).add(outcome, None, number)
    first.follow(second)
    assert [task.to_dict() for task in first.all] == [task.to_dict() for task in found]
    page = plain(ledger_lines(summarise(policy.program, outcomes), policy, tasks=found))
    heading = "没有写名称的县（A1、A3） 2 处，没有写名称的县（A2） 2 处，青山县 2 处"
    assert heading in page.replace("\n", "")
    findings = next(table for table in result_tables(outcomes) if table.name == "发现")
    assert [(row[0], row[5]) for row in findings.rows if row[2] == "管理费超比例"] == [
        ("A1", "县"),
        ("A2", "县"),
        (None, "青山县"),
    ]


def test_many_that_bring_the_same_along_are_counted(policy: Policy) -> None:
    county = {**BLUE, "县名": None}
    outcomes = list(policy.evaluate_all([{**RECORDS[1], "代码": None, "县": county} for _ in range(5)]))
    assert tasks_of(outcomes)[0].owner == "没有写名称的县（第 1 个、第 2 个、第 3 个 等 5 个）"


def test_tasks_that_wait_on_the_disk_are_told_as_those_in_memory(policy: Policy, tmp_path: Path) -> None:
    """Those of records, in their order, behind those of counties; and the page shows the same few of them."""
    records = [{**RECORDS[0], "代码": f"A{number}"} for number in range(300)]
    outcomes = list(policy.evaluate_all(records))
    waiting, part = TaskList(folder=tmp_path), TaskList()
    for number, outcome in enumerate(outcomes, start=1):
        part.add(outcome, None, number)
        if number % 20 == 0:
            waiting.follow(part)
            part = TaskList()
    kept = tasks_of(outcomes)
    own = [task for task in kept if not task.shared]
    assert len(own) > 500 and len(waiting.all) == len(kept)
    assert [task.to_dict() for task in waiting.all] == [task.to_dict() for task in kept]
    summary = summarise(policy.program, outcomes)
    for everything in (False, True):
        pages = [
            plain(ledger_lines(summary, policy, tasks=tasks, everything=everything)) for tasks in (waiting.all, kept)
        ]
        assert pages[0] == pages[1]
    waiting.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [15, 60])
def test_a_page_needs_the_facts_of_few(policy: Policy, number: int) -> None:
    """Of what has no deadline the first are shown: of the others it is not told what stood in the way, and the page is the same."""
    records = [{**RECORDS[0], "代码": f"A{n}", "县": GREEN} for n in range(number)]
    outcomes = list(policy.evaluate_all(records))
    told: Counter[str] = Counter()
    every, few = TaskList(), TaskList()
    for place, outcome in enumerate(outcomes, start=1):
        every.add(outcome, None, place)
        # Each process has a list for each part.
        part = TaskList(told=told)
        part.add(outcome, None, place)
        few.follow(part)
    without = [task for task in few.all if not task.facts]
    assert len(without) == max(number - 20, 0) and all(task.facts for task in every.all)
    assert {task.finding.name for task in without} <= {"用于偿债"} and all(
        task.days for task in few.all if task.finding.due
    )
    summary = summarise(policy.program, outcomes)
    pages = [plain(ledger_lines(summary, policy, tasks=tasks.all)) for tasks in (every, few)]
    assert pages[0] == pages[1] and "用途：偿债" in pages[0]


LEVELS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 台账（books）：多选 { 县、乡、村 }
义务 三级台账
  依据【一】“县乡村分级建立台账”
  授权 从严
  应当 台账 含 县、乡、村
"""
NEARER = """
修订 三级台账
  依据【二】“县乡村都要建立台账”
  重申
"""


def test_of_several_values_asked_for_those_that_lack_are_told_and_the_nearest_document_speaks() -> None:
    policy = policy_from_text(LEVELS, NEARER)
    outcomes = [policy.evaluate({"编号": "P1", "台账": ["县", "乡"]}), policy.evaluate({"编号": "P2", "台账": []})]
    assert [task.facts for task in tasks_of(outcomes)] == [("台账：县、乡，没有村",), ("台账：（空），没有县、乡、村",)]
    page = plain(ledger_lines(summarise(policy.program, outcomes), policy, tasks=tasks_of(outcomes)))
    assert "“县乡村都要建立台账”" in page and "“县乡村分级建立台账”" not in page
    # Nobody knows what is lacking where nothing was filled in, and nothing is where one of one is asked for.
    assert "没有" not in plain(project_lines(policy.evaluate({"编号": "P3"}), policy))


LAPSED = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 已摸清（known）：是否 由 县办
对象 工程（work） 属于 县 标识 代码
  字段 代码（code）：文本
  字段 约定日（due_on）：日期 由 乡里
  字段 验收日（passed_on）：日期 由 乡里
对象 问题（issues） 属于 工程
  字段 整改期限（due）：日期
  字段 改好（mended）：是否 由 主办
义务 摸清 对 县
  依据【第一条】“到八月底前，全面摸清底数”
  应当 已摸清
  期限 2025年8月31日
义务 验收
  依据【第二条】“及时做好竣工验收”
  应当 验收日 ≤ 评估日
  期限 约定日
义务 整改 对 问题
  依据【第三条】“落实整改”
  应当 改好
  期限 整改期限
"""
OPEN_WORKS = [
    {"代码": "A1", "县": {"县名": "青山县"}, "约定日": "2025-09-14", "问题": [{"整改期限": "2025-09-10"}]},
    {"代码": "A2", "县": {"县名": "青山县"}, "约定日": "2025-09-15", "问题": []},
    {"代码": "A3", "县": {"县名": "青山县"}, "问题": []},
    {"代码": "A4", "县": {"县名": "青山县"}, "约定日": "2025-09-01", "验收日": "2025-10-01", "问题": []},
]


def test_nobody_is_named_for_what_nobody_is_named_for() -> None:
    text = LAPSED.replace("应当 验收日 ≤ 评估日", "应当 计数 问题 其中（非 改好） < 1 条 且 验收日 ≤ 评估日").replace(
        "是否 由 主办", "是否"
    )
    policy = policy_from_text(text)
    outcomes = list(policy.evaluate_all([{"代码": "A1", "约定日": "2025-09-01"}]))
    page = plain(ledger_lines(summarise(policy.program, outcomes), policy, tasks=[], lapsed=lapsed_of(outcomes)))
    assert "还缺 问题（整张表）、验收日（乡里）" in page and "（）" not in page


def test_what_is_past_its_day_while_a_cell_is_blank_stands_near_the_top() -> None:
    policy = policy_from_text(LAPSED)
    outcomes = list(policy.evaluate_all(OPEN_WORKS))
    # The day itself is not over, a blank one is not known to be, and what is known to be late is late.
    lapsed = lapsed_of(outcomes)
    assert [(task.finding.name, task.identity, task.days, task.lacks) for task in lapsed] == [
        ("摸清", "", 15, (("县.已摸清", "县办"),)),
        ("验收", "A1", 1, (("验收日", "乡里"),)),
        ("整改", "A1", 5, (("改好", "主办"),)),
    ]
    page = plain(ledger_lines(summarise(policy.program, outcomes), policy, tasks=tasks_of(outcomes), lapsed=lapsed))
    lines = page.split("\n")
    start = lines.index("二、过了期限，但还缺材料的（3 处）")
    assert lines[start + 1 : start + 8] == [
        "  做没做到，要看空着的这几项：补上才清楚，没有做的就是逾期",
        "  摸清　1 处",
        "      青山县　期限 2025年8月31日，已过 15 天　还缺 县.已摸清（县办）",
        "  验收　1 处",
        "      A1　期限 2025年9月14日，已过 1 天　还缺 验收日（乡里）",
        "  整改　1 处",
        "      A1（问题第1行）　期限 2025年9月10日，已过 5 天　还缺 改好（主办）",
    ]
    first = next(number for number, line in enumerate(lines) if line.startswith("一、要处理的（1 处"))
    assert lines[first + 1] == "  另有 3 处过了期限，但还缺材料，看不出做没做到，见下面“二”"
    assert "过了期限" not in plain(ledger_lines(summarise(policy.program, outcomes[2:3]), policy, tasks=()))


def test_what_is_past_its_day_follows_what_has_to_be_done_in_the_workbook() -> None:
    policy = policy_from_text(LAPSED)
    sheet = result_tables(list(policy.evaluate_all(OPEN_WORKS)))[-1]
    found = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows]
    told = [(one["状态"], one["事项"], one["编号"], one["逾期天数"], one["情况或所缺"], one["由谁"]) for one in found]
    assert told[:4] == [
        ("逾期", "验收", "A4", 14, "验收日：2025年10月1日", None),
        ("待核实", "摸清", None, None, "过了期限，还缺：县.已摸清", "县办"),
        ("待核实", "验收", "A1", None, "过了期限，还缺：验收日", "乡里"),
        ("待核实", "整改", "A1", None, "过了期限，还缺：改好", "主办"),
    ]


def test_a_long_clause_loses_whole_clauses_and_never_the_last() -> None:
    long = "各地采取“自下而上反馈，自上而下核查”的方式，依据资金来源，由农业农村部门牵头，会同相关部门，进行全面核实"
    policy = policy_from_text(LAPSED.replace("到八月底前，全面摸清底数", long).replace("应当 已摸清", "应当 非 已摸清"))
    outcomes = list(policy.evaluate_all([{"代码": "A1", "县": {"县名": "青山县", "已摸清": True}}]))
    summary, tasks = summarise(policy.program, outcomes), tasks_of(outcomes)
    pages = {
        width: "".join(plain(ledger_lines(summary, policy, tasks=tasks, width=width)).split()) for width in (60, 80)
    }
    assert f"“{long}”" in pages[80]
    assert "“各地采取“自下而上反馈，自上而下核查”的方式，依据资金来源，…进行全面核实”" in pages[60]


def test_what_was_done_late_is_told_apart_from_what_is_not_done(policy: Policy) -> None:
    text = LAPSED.replace("应当 验收日 ≤ 评估日\n", "应当 验收日 ≤ 约定日 且 合格\n").replace(
        "  字段 验收日", "  字段 合格（good）：是否\n  字段 验收日"
    )
    late = {"约定日": "2025-08-01", "验收日": "2025-08-11", "问题": []}
    works = [
        {"代码": "A1", **late, "合格": True},
        # It was looked at late, and is not done.
        {"代码": "A2", **late, "合格": False},
        {"代码": "A3", "约定日": "2025-08-01", "验收日": "2025-12-01", "合格": True, "问题": []},
    ]
    tasks = tasks_of(list(policy_from_text(text).evaluate_all(works)))
    assert [(task.identity, task.done is not None, task.days, lateness(task)) for task in tasks] == [
        ("A1", True, 10, "晚 10 天做的"),
        ("A2", False, 45, "逾期 45 天"),
        ("A3", False, 45, "逾期 45 天"),
    ]
    outcomes = list(policy_from_text(text).evaluate_all(works))
    page = plain(ledger_lines(summarise(policy_from_text(text).program, outcomes), policy_from_text(text), tasks=tasks))
    assert "验收　逾期 3 处（其中 1 处已经做了，只是晚了）" in page
    # What can still be done stands first.
    assert page.index("A2　逾期") < page.index("A3　逾期") < page.index("A1　晚 10 天做的")


def test_of_several_clauses_of_a_document_the_first_is_quoted(policy: Policy) -> None:
    text = LAPSED.replace(
        "  依据【第一条】“到八月底前，全面摸清底数”\n", "  依据【第四条】“全面核实”\n  依据【第一条】“到八月底前”\n"
    )
    (outcome,) = policy_from_text(text).evaluate_all([{"代码": "A1", "县": {"县名": "青山县", "已摸清": False}}])
    page = plain(ledger_lines(summarise(policy.program, []), policy_from_text(text), tasks=tasks_of([outcome])))
    assert "【第四条】“全面核实”" in page and "到八月底前" not in page


def test_the_page_of_a_record_tells_what_is_past_its_day_and_what_it_waits_for() -> None:
    policy = policy_from_text(LAPSED)
    first, second, *_ = policy.evaluate_all(OPEN_WORKS)
    shown = plain(project_lines(first, policy, width=100))
    assert "待核实  义务 验收，期限 2025年9月14日\n          期限已过 1 天；还缺 验收日（乡里）\n" in shown
    assert "待核实  义务 整改（问题第1行），期限 2025年9月10日\n          期限已过 5 天；还缺 改好（主办）\n" in shown
    # Its day is not over.
    assert "待核实  验收\n" in plain(project_lines(second, policy, width=100))

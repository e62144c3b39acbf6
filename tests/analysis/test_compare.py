"""What changes between two stacks, for whom and by which provision; a restatement never does."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, nation, province, records

from policyrules.analysis.compare import ABSENT, Comparison, compare
from policyrules.analysis.summary import summarise
from policyrules.diagnostics import PolicyError
from policyrules.policy import load
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import line_width, plain
from policyrules.testing.build import policy_from_text, write_layers

RESTATED = """
修订 升级类
  依据【二（三）升级类】“资源有支撑的”
  重申
"""


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(nation(), province(), records())


def test_transition_table(comparison: Comparison) -> None:
    table = [(t.before, t.after, t.count) for t in comparison.transitions["分类"]]
    assert table == [
        ("升级", "待定：升级、无", 1),
        ("升级", "无", 1),
        ("不适用", "不适用", 1),
        ("升级", "升级", 1),
        ("盘活", "盘活", 1),
    ]


def test_changed_projects_with_clauses_and_provisions(comparison: Comparison) -> None:
    change = next(c for c in comparison.changes if c.identity == "P2" and c.decision == "分类")
    assert (change.before, change.after, change.path) == ("升级", "无", "项目")
    assert (change.before_clauses, change.after_clauses) == (("L0-3",), ())
    [provision] = change.provisions
    assert (provision.layer, provision.operation, provision.name) == ("L1", "还须", "升级类")
    assert [citation.place for citation in provision.citations] == ["二（三）升级类"]
    assert provision.text == "链条 为 不完整"


def test_a_new_rule_is_itself_the_cause(comparison: Comparison) -> None:
    change = next(c for c in comparison.changes if c.identity == "P5" and c.decision == "入库")
    assert (change.before, change.after) == (ABSENT, "待定：暂缓、不禁止")
    assert [p.name for p in change.provisions] == ["反向约束"]


def test_a_multiple_choice_moves_value_by_value(comparison: Comparison) -> None:
    rows = {(t.value, t.before, t.after): t.count for t in comparison.transitions["措施"]}
    assert rows["展会", "不含", "含"] == 5
    assert rows["培训", "含", "含"] == 3
    assert not any(t.changed for t in comparison.transitions["措施"] if t.value == "贴息")


def test_findings_that_stay_are_not_listed() -> None:
    assert compare(nation(), province(), records()).finding_changes == ()


def test_a_county_finding_is_listed_once() -> None:
    strict = policy_from_text(NATION, PROVINCE + "\n修订 细化标准\n  依据【七】“细化”\n  还应当 县名 = “无此县”\n")
    lax = policy_from_text(NATION.replace("  应当 分类标准已细化", "  应当 县名 = “某县”"), PROVINCE)
    changes = [c for c in compare(lax, strict, records()).finding_changes if c.finding == "细化标准"]
    assert [(c.path, c.before, c.after) for c in changes] == [("县", "compliant", "violated")]


def test_restatement_changes_nothing() -> None:
    restated = compare(nation(), policy_from_text(NATION, RESTATED), records())
    assert restated.changes == () and restated.finding_changes == ()
    assert not any(t.changed for rows in restated.transitions.values() for t in rows)
    assert "没有任何项目的结果不同" in plain(comparison_lines(restated))


def test_comparing_a_policy_with_itself() -> None:
    same = compare(province(), province(), records())
    assert same.changed_projects == 0


def test_backwards() -> None:
    back = compare(province(), nation(), records())
    change = next(c for c in back.changes if c.identity == "P2" and c.decision == "分类")
    assert (change.before, change.after) == ("无", "升级")
    assert [p.operation for p in change.provisions] == ["还须"]


def test_a_setting_is_found_through_what_reads_it() -> None:
    county = policy_from_text(NATION, PROVINCE, "\n设定 反向数量 为 1 个\n  依据【一】“一个”\n")
    changes = compare(province(), county, records()).changes
    assert [(c.decision, c.after, [(p.operation, p.name) for p in c.provisions]) for c in changes] == [
        ("入库", "暂缓", [("设定", "反向数量")])
    ]


def test_a_setting_is_found_through_what_ends_the_time_of_a_duty() -> None:
    text = """
参数 线（line）：整数（个） 缺省 5 个
  依据【一】“若干”
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 数（number）：整数（个）
  字段 办妥（done）：是否
义务 办理
  依据【二】“办理”
  应当 办妥
  到期 数 ≥ 线
"""
    lower = policy_from_text(text, "设定 线 为 3 个\n  依据【三】“三个”\n")
    rows = [{"编号": "一", "数": 4, "办妥": "否"}]
    (change,) = compare(policy_from_text(text), lower, rows).finding_changes
    assert (change.before, change.after) == ("in_progress", "overdue")
    assert [(p.operation, p.name) for p in change.provisions] == [("设定", "线")]


def test_a_presumption_is_found_through_what_reads_it() -> None:
    text = "\n推定 链条推定\n  依据【一】“按不完整”\n  当 链条 未填 则 链条 为 不完整\n"
    changes = compare(province(), policy_from_text(NATION, PROVINCE, text), records()).changes
    change = next(c for c in changes if c.identity == "P4" and c.decision == "分类")
    assert (change.after, [(p.operation, p.layer) for p in change.provisions]) == ("升级", [("推定", "L2")])


def test_a_stopped_rule_is_named() -> None:
    lower = policy_from_text(
        NATION.replace("  则 分类 为 升级", "  则 分类 为 升级\n  授权 自定"),
        "\n修订 升级类\n  依据【二】“不再”\n  停用\n  说明 另行规定\n",
    )
    upper = policy_from_text(NATION.replace("  则 分类 为 升级", "  则 分类 为 升级\n  授权 自定"))
    change = next(c for c in compare(upper, lower, records()).changes if c.identity == "P1")
    assert [(p.operation, p.name) for p in change.provisions] == [("停用", "升级类")]


def test_dates_must_agree(tmp_path: Path) -> None:
    folder = write_layers(tmp_path, NATION, PROVINCE)
    given = load(folder, as_of=datetime.date(2025, 1, 1))
    other = load(folder, as_of=datetime.date(2025, 6, 1))
    with pytest.raises(PolicyError) as caught:
        compare(given, other, [])
    assert caught.value.diagnostics[0].code == "E651"
    assumed = load(folder)
    assert compare(assumed, given, []).before.as_of == given.as_of
    assert compare(given, assumed, []).after.as_of == given.as_of


def test_as_json(comparison: Comparison) -> None:
    data = json.loads(json.dumps(comparison.to_dict(), ensure_ascii=False))
    assert data["records"] == 5
    assert data["changed_records"] == 5
    assert data["changed_records_single"] == 3
    assert data["changes"][0]["provisions"][0]["clauses"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_report_fits(comparison: Comparison, width: int) -> None:
    lines = comparison_lines(comparison, width=width)
    assert all(line_width(line) <= width for line in lines)
    shown = plain(lines)
    assert "升级 → 无（1）" in shown and "修订“升级类”：还须 链条 为 不完整" in shown.replace("\n       ", "")


def test_the_summary_counts_objects() -> None:
    policy = province()
    summary = summarise(policy.program, policy.evaluate_all(records()))
    category = summary.decisions["分类"]
    assert category.total == 5
    assert category.statuses == {"determined": 2, "undetermined": 1, "none": 1, "not_applicable": 1}
    assert dict(category.values) == {"巩固": 0, "升级": 1, "盘活": 1}
    assert summary.findings["严格论证"]["violated"] == 1
    assert summary.owner_findings["细化标准"]["violated"] == 1
    assert summary.unsettled == 3
    chain = next(entry for entry in summary.missing.values() if entry.name == "链条")
    assert (chain.records, chain.alone, chain.holders, chain.on) == (2, 1, ("评估组",), "项目")
    assert json.dumps(summary.to_dict(), ensure_ascii=False)


SCRIPT = """
import json
from policyrules.analysis.compare import compare
from tests.report.sample import nation, province, records
data = compare(nation(), province(), records()).to_dict()
for change in data["changes"]:
    for provision in change["provisions"]:
        provision["place"] = provision["place"].rsplit("/", 1)[-1]
print(json.dumps(data, ensure_ascii=False))
"""


def test_the_hash_seed_does_not_matter() -> None:
    root = Path(__file__).resolve().parents[2]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}:{root}", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]

"""What changes between two stacks, for whom and by which provision; a restatement never does."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, nation, province, records

from policyrules.analysis.compare import Comparison, compare
from policyrules.analysis.pairs import ABSENT
from policyrules.analysis.summary import summarise
from policyrules.diagnostics import PolicyError
from policyrules.policy import load
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import line_width, plain
from policyrules.testing.build import AS_OF, policy_from_text, write_layers

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
    assert [p.operation for p in change.provisions] == ["去掉 还须"]


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
    change = next(one for one in data["changes"] if one["identity"] == "P2" and one["decision"] == "分类")
    alone = {"how": "alone", "complete": True, "masked": []}
    assert {key: change["cause"][key] for key in alone} == alone
    (number,) = change["cause"]["enough"][0]
    act = data["acts"][number]
    assert (act["number"], act["operation"], act["kind"], act["new"]) == (number, "还须", "加条件", "链条 为 不完整")
    assert change["cause"]["change"] == change["cause"]["undo"] == [[number]]
    several = next(one for one in data["changes"] if one["decision"] == "措施")
    assert [group["how"] for group in several["causes"]] == ["alone"] and "展会" in several["causes"][0]["values"]


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
    assert (chain.records, chain.alone, chain.holders, chain.on) == (1, 1, ("评估组",), "项目")
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


# ---- what is told apart ---------------------------------------------------------------------------------------------


def test_each_record_is_counted_under_the_weightiest_change(comparison: Comparison) -> None:
    # P2 loses its class, P4 becomes open, P5 gets an opinion that the nation has not; the others gain a measure.
    assert comparison.kinds() == {
        "judged": 1,
        "open": 1,
        "one_sided": 1,
        "breached": 0,
        "effects": 2,
        "complied": 0,
    }
    assert comparison.to_dict()["changed_records_by_kind"] == comparison.kinds()
    shown = plain(comparison_lines(comparison)).split("\n")
    start = next(i for i, line in enumerate(shown) if line.startswith("  项目（每个只数"))
    assert [line.split() for line in shown[start + 2 : start + 7]] == [
        ["判断变了", "1"],
        ["判断没换，只是待定、冲突变了", "1"],
        ["只有一边才有的决定，另一边没有", "1"],
        ["判断没变，措施或义务有变化", "2"],
        ["没有变化", "0"],
    ]


DUTY = """
义务 备案
  依据【八】“应当备案”
  当 已形成
  应当 论证
"""


def test_new_breaches_are_told_apart_from_new_duties_that_are_met() -> None:
    rows = [{"编号": "甲", "已形成": True, "论证": True}, {"编号": "乙", "已形成": True, "论证": False}]
    comparison = compare(nation(), policy_from_text(NATION, DUTY), rows)
    assert {kind: n for kind, n in comparison.kinds().items() if n} == {"breached": 1, "complied": 1}
    shown = plain(comparison_lines(comparison, width=100))
    # That somebody newly complies is no change to look for a cause of.
    table = shown[shown.index("引起变化的条文") :].split("\n")
    assert table[4].split(maxsplit=1) == ["1", "某省 义务“备案”【八】"] and len(table) == 5
    alone = plain(comparison_lines(compare(nation(), policy_from_text(NATION, DUTY), rows[:1]), width=100))
    assert "新适用而全部合规的 1 处：备案" in alone and "引起变化的条文" not in alone


def test_values_that_settle_are_not_gained_or_lost() -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
参数 线（line）：整数（个） 未定 取值 1 个 至 9 个
  依据【一】“若干”
决定 措施（measures）：多选 { 贷款 }
规则 贷款
  依据【二】“支持”
  当 甲 且 线 ≥ 3
  则 措施 含 贷款
"""
    before = policy_from_text(text)
    rows = [{"编号": "1", "甲": True}, {"编号": "2", "甲": True}]
    for value, move in (("5 个", "待定变有"), ("2 个", "待定变无")):
        after = policy_from_text(text, f"设定 线 为 {value}\n  依据【三】“定数”\n")
        shown = plain(comparison_lines(compare(before, after, rows), width=100))
        head, _, row = shown[shown.index("措施（按个数）") :].split("\n")[1:4]
        assert head.split() == [move] and row.split() == ["贷款", "2"]
        assert f"某省 设定“线”：未定 → {value}【三】" in shown


def test_what_is_set_and_presumed_is_shown_in_words() -> None:
    lower = "\n推定 链条推定\n  依据【一】“按不完整”\n  当 困难 为 无 则 链条 为 不完整\n"
    shown = plain(
        comparison_lines(compare(province(), policy_from_text(NATION, PROVINCE, lower), records()), width=120)
    )
    assert "某市 推定“链条推定”：当 困难 为 无 则 链条 为 不完整【一】" in shown


def test_an_edit_made_in_place_is_the_cause() -> None:
    edited = policy_from_text(NATION, PROVINCE.replace("还须 链条 为 不完整", "还须 链条 为 较完备"))
    shown = plain(comparison_lines(compare(province(), edited, records()), width=100))
    assert "只由 某省 “升级类”：链条 为 不完整 改为 链条 为 较完备【二（三）升级类】 引起" in shown


def test_sides_called_alike_are_told_apart(tmp_path: Path) -> None:
    one, other = (write_layers(tmp_path / name, NATION, PROVINCE) for name in ("现行", "修改稿"))
    title = plain(comparison_lines(compare(load(one, as_of=AS_OF), load(other, as_of=AS_OF), []), width=1000)).split(
        "\n"
    )[0]
    assert title == f"国家＋某省（{one.as_posix()}） → 国家＋某省（{other.as_posix()}）"
    given = load(one, as_of=AS_OF, parameters={"反向数量": "5 个"})
    title = plain(comparison_lines(compare(load(one, as_of=AS_OF), given, []), width=1000)).split("\n")[0]
    assert title == "国家＋某省（不设参数） → 国家＋某省（反向数量=5 个）"


TOP = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
决定 分类（category）：单选 { 盘活、其他 }
规则 盘活类
  当 停产
  则 分类 为 盘活
"""
BELOW = """
决定 去向（path）：单选 { 转让、自用 }
  适用 当 停产
规则 转让类
  当 停产
  则 去向 为 转让
"""


def test_a_decision_of_a_layer_that_is_not_in_force_is_no_change(tmp_path: Path) -> None:
    write_layers(tmp_path, TOP, BELOW)
    manifest = tmp_path / "1" / "layer.yaml"
    said = manifest.read_text(encoding="utf-8")
    assert "in_force_from: '2024-01-01'" in said
    manifest.write_text(said.replace("in_force_from: '2024-01-01'", "in_force_from: '2025-06-01'"), encoding="utf-8")
    record = [{"编号": "P1"}]
    for day, changed in ((datetime.date(2025, 5, 31), 0), (datetime.date(2025, 6, 1), 1)):
        found = compare(load(tmp_path / "0", as_of=day), load(tmp_path / "1", as_of=day), record)
        assert len(found.changes) == changed
        assert ("去向" in found.transitions) == bool(changed)


RANGED = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（n）：整数（户）
参数 最少户数（least）：整数（户） 未定 取值 {}
  依据【一】
决定 类（kind）：单选 {{ 上 }}
规则 上类
  依据【一】
  当 户数 ≥ 最少户数
  则 类 为 上
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("5 户 至 50 户", "5 户 至 20 户", "未定（取值 5 户 至 50 户） → 未定（取值 5 户 至 20 户）"),
        ("5 户 以上", "5 户 至 20 户", "未定（取值 5 户 以上） → 未定（取值 5 户 至 20 户）"),
    ],
)
def test_a_narrower_range_of_what_is_not_set_is_told(old: str, new: str, told: str) -> None:
    # 30 户 is at least whatever is at most 20 户, and not surely at least what may be 50 户.
    before, after = policy_from_text(RANGED.format(old)), policy_from_text(RANGED.format(new))
    [change] = compare(before, after, [{"编号": "甲", "户数": 30}]).changes
    assert (change.before, change.after) == ("待定：上、无", "上")
    assert [provision.text for provision in change.provisions] == [told]


def test_a_range_is_not_told_where_the_value_itself_differs() -> None:
    before = policy_from_text(RANGED.format("5 户 至 50 户"))
    after = policy_from_text(RANGED.format("5 户 至 40 户")).with_parameters({"最少户数": 10})
    [change] = compare(before, after, [{"编号": "甲", "户数": 30}]).changes
    assert [provision.text for provision in change.provisions] == ["未定 → 10 户"]

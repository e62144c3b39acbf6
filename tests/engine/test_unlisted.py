"""What is demanded of rows that nobody listed (language.md, 5.10.10 to 5.10.13): silence about a list is no answer."""

from __future__ import annotations

import datetime
import json
import pickle
from pathlib import Path

import pytest
from tests.records.tabled import result_tables

import policyrules as pr
from policyrules.analysis.compare import compare
from policyrules.analysis.summary import summarise
from policyrules.report.layout import plain
from policyrules.report.project import project_lines
from policyrules.testing.build import policy_from_text, write_layers
from policyrules.testing.runner import run_files

ROOT = Path(__file__).resolve().parents[2]
DISPOSAL = ("借名处置", "处置程序", "处置台账", "虚假交易")


@pytest.fixture(scope="module")
def jiangxi() -> pr.Policy:
    return pr.load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))


def on_rows(policy: pr.Policy, record: dict[str, object]) -> dict[str, pr.Finding]:
    """The findings on rows that were not listed, by name."""
    found = [f for f in policy.evaluate(record, portfolio=[record]).findings if f.unlisted]
    assert len({f.name for f in found}) == len(found)
    return {f.name: f for f in found}


# ---- the texts ------------------------------------------------------------------------------------------------------


def test_what_the_project_says_of_its_assets_counts_without_their_list(jiangxi: pr.Policy) -> None:
    # 二（三）：“严禁……虚假交易”. It asks for disposal, and the transaction was found not to be real.
    found = on_rows(jiangxi, {"project_id": "P1", "requested": True, "transaction_real": False})
    assert {name: (found[name].object, found[name].unlisted) for name in DISPOSAL} == dict.fromkeys(
        DISPOSAL, ("项目", "资产")
    )
    assert found["虚假交易"].status == "violated"
    assert found["借名处置"].status == "unverified"
    settled = ("not_applicable", "compliant")
    assert found["处置程序"].status not in settled
    assert found["处置台账"].status not in settled


@pytest.mark.parametrize(
    ("record", "name"),
    [
        # “履行相应手续后规范处置”
        ({"requested": True, "asset_procedure_done": False}, "处置程序"),
        # “由权属主体重新申报项目”
        ({"income_wan": 30, "reuse_project": "无"}, "收入再投入"),
    ],
)
def test_a_known_breach_is_not_hidden(jiangxi: pr.Policy, record: dict[str, object], name: str) -> None:
    assert on_rows(jiangxi, record)[name].status not in ("not_applicable", "compliant")


def test_new_money_that_was_not_listed(jiangxi: pr.Policy) -> None:
    # “不得将衔接资金重复投入已支持过的同一项目建设内容”
    record: dict[str, object] = {"sources": [{"kind": "衔接资金", "year": 2022, "content_ids": ["c1"]}]}
    ban = on_rows(jiangxi, record)["重复投入"]
    assert (ban.status, ban.object, ban.unlisted) == ("unverified", "项目", "拟投入")
    assert [(blank.kind, blank.name) for blank in ban.missing] == [("rows", "拟投入")]
    empty = jiangxi.evaluate({**record, "proposed": []})
    assert "重复投入" not in {f.name for f in empty.findings}
    assert empty.to_dict() != jiangxi.evaluate(record).to_dict()


def test_the_empty_record() -> None:
    national = pr.load(ROOT / "policies" / "national", as_of=datetime.date(2025, 9, 15))
    found = on_rows(national, {})
    for name in ("确权登记", "明确权属", "资产管护", "问题整改", "处置程序", "资产台账"):
        assert (found[name].status, found[name].object) == ("unverified", "项目")
    nothing = {child: [] for child in national.program.objects["项目"].children}
    assert not on_rows(national, {**nothing, "县": {"类型统计": []}})


# ---- a small policy -------------------------------------------------------------------------------------------------

WORLD = """
对象 县（county）
  字段 县名（county_name）：文本
对象 统计行（stats） 属于 县
  字段 数（n）：整数（个） 由 统计局
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否 由 村
  字段 乙（b）：是否
对象 资产（assets） 属于 项目
  字段 完好（sound）：是否 由 权属单位
  字段 原因（cause）：枚举 { 人为、自然 } 由 权属单位
对象 部件（parts） 属于 资产
  字段 已查（seen）：是否
决定 去向（way） 对 资产：单选 { 留、弃 }
  依据【一】“原文”
  授权 自定
规则 留下 对 资产
  依据【一】“原文”
  当 完好
  则 去向 为 留
"""
DUTIES = """
义务 检修 对 资产
  依据【一】“原文”
  当 甲
  应当 首选 完好，缺则 乙
义务 去向明确 对 资产
  依据【一】“原文”
  应当 去向 为 留
义务 查部件 对 部件
  依据【一】“原文”
  应当 已查
禁令 人为 对 资产
  依据【一】“原文”
  不得 原因 属于 { 自然、等 }
提示 偏多 对 统计行
  依据【一】“原文”
  当 数 > 3 个
  说 “偏多”
"""


@pytest.fixture(scope="module")
def small() -> pr.Policy:
    return policy_from_text(WORLD + DUTIES)


def statuses(policy: pr.Policy, record: dict[str, object]) -> dict[tuple[str, str], str]:
    return {(f.name, f.target): f.status for f in policy.evaluate(record).findings}


def test_rows_below_rows_are_judged_at_the_nearest_instance_there_is(small: pr.Policy) -> None:
    assert statuses(small, {})["查部件", "部件"] == "unverified"
    found = statuses(small, {"assets": [{}, {"parts": []}, {"parts": [{"seen": True}]}]})
    assert {key: status for key, status in found.items() if key[0] == "查部件"} == {
        ("查部件", "资产[0].部件"): "unverified",
        ("查部件", "资产[2].部件[0]"): "compliant",
    }
    (part,) = [f for f in small.evaluate({"assets": [{}]}).findings if f.name == "查部件"]
    assert (part.object, part.path, part.unlisted, part.label) == (
        "资产[0]",
        "资产[0]",
        "部件",
        "资产第1行·部件（没有列出）",
    )


def test_what_is_missing(small: pr.Policy) -> None:
    def asked(name: str, record: dict[str, object]) -> tuple[list[str], list[str]]:
        missing = small.missing(record, name)
        assert missing.exact
        return [f"{b.object}.{b.name}" for b in missing], [f"{b.object}.{b.name}" for b in missing.deciding]

    assert asked("检修", {}) == (["项目.资产", "项目.甲", "项目.乙"], ["项目.甲"])
    assert asked("检修", {"a": True}) == (["项目.资产", "项目.乙"], ["项目.资产"])
    assert asked("检修", {"a": True, "b": False}) == ([], [])
    assert asked("去向明确", {}) == (["项目.资产"], ["项目.资产"])
    # The list of parts cannot be supplied before that of their assets is.
    assert asked("查部件", {}) == (["项目.资产"], ["项目.资产"])
    assert asked("查部件", {"assets": [{}]}) == (["资产[0].部件"], ["资产[0].部件"])
    assert asked("偏多", {}) == (["县.统计行"], ["县.统计行"])
    (blank,) = small.missing({}, "人为")
    assert (blank.kind, blank.name, blank.holders) == ("rows", "资产", ("权属单位",))


def test_a_result_is_asked_by_its_target(small: pr.Policy) -> None:
    record = {"assets": [{"parts": [{}]}, {}]}
    assert [b.name for b in small.missing(record, "查部件", path="资产[1].部件")] == ["部件"]
    assert [b.name for b in small.missing(record, "查部件", path="资产[0].部件[0]")] == ["已查"]
    assert [b.name for b in small.missing({}, "检修", path="资产")] == ["资产", "甲", "乙"]
    with pytest.raises(KeyError):
        small.missing(record, "检修", path="资产")


def test_the_explanation_says_that_the_list_was_not_supplied(small: pr.Policy) -> None:
    told = str(small.explain({"a": True, "b": False}, "检修"))
    assert "义务 资产（没有列出） 检修：违反（没有列出资产，行里写什么都不知道）" in told
    assert "✗ 首选 完好，缺则 乙（首选没有列出，用其后）" in told
    told = str(small.explain({}, "去向明确"))
    assert "资产（没有列出）.去向：待定：留、无" in told and "？ 完好（没有列出）" in told
    assert "没有列出资产" in str(small.explain({}, "查部件"))


def test_a_finding_on_rows_that_were_not_listed_is_one_everywhere(small: pr.Policy) -> None:
    records: list[dict[str, object]] = [{"id": "1", "a": True, "b": False}, {"id": "2", "assets": []}]
    outcomes = list(small.evaluate_all(records))
    (repair,) = [f for f in outcomes[0].findings if f.name == "检修"]
    assert repair.to_dict()["object"] == "项目" and repair.to_dict()["unlisted"] == "资产"
    assert json.dumps(outcomes[0].to_dict(), ensure_ascii=False).count('"检修"') == 1
    _, _, findings, missing, *_ = result_tables(outcomes)
    rows = [row for row in findings.rows if row[2] == "检修"]
    assert [(row[0], row[4], row[5]) for row in rows] == [("1", "违反", "资产（没有列出）")]
    assert ("1", None, "资产（没有列出）·人为", "项目", "资产") in {row[:5] for row in missing.rows}
    summary = summarise(small.program, outcomes)
    assert summary.findings["检修"] == {"violated": 1}
    # Both projects are of one county, of which nothing is known: what is said of its rows is said once.
    assert summary.owner_findings == {"偏多": {"unverified": 1}} and "偏多" not in summary.findings
    page = plain(project_lines(outcomes[0], small, width=100))
    assert "义务 检修（资产没有列出）" in page
    assert "资产（整张表）" in page


def test_a_finding_on_rows_that_were_not_listed_travels(small: pr.Policy) -> None:
    outcome = small.evaluate({})
    again = pickle.loads(pickle.dumps(outcome))
    assert again == outcome
    assert [f.missing for f in again.findings] == [f.missing for f in outcome.findings]
    assert all(finding.unlisted and finding.missing for finding in again.findings)


def test_two_policies_are_compared_in_it() -> None:
    before = policy_from_text(WORLD)
    after = policy_from_text(WORLD + DUTIES)
    changes = compare(before, after, [{"id": "1", "a": True, "b": False}]).finding_changes
    assert ("资产", "not_applicable", "violated") in {
        (c.path, c.before, c.after) for c in changes if c.finding == "检修"
    }


def test_nobody_is_asked_to_recognise_what_nobody_said() -> None:
    policy = policy_from_text(
        WORLD
        + """
提示 别的原因 对 资产
  依据【一】“原文”
  当 原因 属于 { 等 }
  说 “别的”
"""
    )
    (finding,) = policy.evaluate({}).findings
    assert (finding.status, [str(blank) for blank in finding.missing]) == ("unverified", ["资产（权属单位）"])
    (finding,) = policy.evaluate({"资产": [{}]}).findings
    assert [blank.kind for blank in finding.missing] == ["field", "recognition"]


SCENARIO = """\
政策: {folder}
评估日: 2025-09-15
情形:
  - 名称: 没有列出资产
    记录: {{甲: 是, 乙: 否}}
    预期:
      发现: {{检修: 违反, 检修@资产: 违反, 查部件@部件: 待核实, 偏多@统计行: 待核实}}
      缺项: {{人为@资产: [资产], 检修: []}}
  - 名称: 写了没有资产
    记录: {{甲: 是, 乙: 否, 资产: []}}
    预期:
      发现: {{检修: 不适用}}
  - 名称: 列出了一项
    记录: {{甲: 是, 乙: 否, 资产: [{{}}]}}
    预期:
      发现: {{检修@资产: 违反}}
"""


def test_scenarios_expect_it_by_the_object_alone(tmp_path: Path) -> None:
    folder = write_layers(tmp_path / "layers", WORLD + DUTIES)
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(SCENARIO.format(folder=folder.as_posix()), encoding="utf-8")
    results = run_files([file]).results
    assert [result.status for result in results] == ["passed", "passed", "failed"]
    (wrong,) = [check for block in results[2].blocks for check in block.checks if not check.passed]
    assert wrong.why == ("它在这些对象上：资产[0]",)

"""A county under the province and two invented national documents, side by side (``tests/policies/parallel``)."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.analysis.clause_coverage import clause_coverage
from policyrules.analysis.differences import differences
from policyrules.cli.entry import run as command

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COUNTY = HERE / "parallel" / "county"
AS_OF = datetime.date(2025, 9, 15)
STOPPED = {
    "项目编号": "甲1",
    "已形成": "是",
    "项目阶段": "停产",
    "对象类别": "帮扶产业项目",
    "运营状态": "停产闲置",
    "所在县": "并列县",
    "困难程度": "暂时经营困难",
    "市场有潜力": "否",
    "发展前景": "不看好",
    "市场效益": "差",
    "链条": "不完整",
    "资源有支撑": "否",
    "发展有基础": "是",
    "带动能力": "强",
    "技术水平": "一般",
    "自有资金": 30,
    "已列入规划": "是",
    "公示天数": 6,
}


@pytest.fixture(scope="module")
def county() -> pr.Policy:
    return pr.load(COUNTY, as_of=AS_OF)


def test_the_order_shown_is_by_level_and_date_and_the_shared_layer_is_there_once(county: pr.Policy) -> None:
    # Both invented documents extend the later guidance, so it comes first whatever the dates.
    assert [layer.id for layer in county.layers] == ["CN", "ZJ", "GH", "JX", "BLX"]
    assert county.program.siblings == ((1, 2), (1, 3), (2, 3))
    found, diagnostics = pr.try_load(COUNTY, as_of=AS_OF)
    assert found == county and diagnostics == ()


def test_a_conflict_shows_both_documents(county: pr.Policy) -> None:
    result = county.evaluate(STOPPED)["分类"]
    assert result.text == "冲突：盘活、调整"
    assert {value: [(c.layer, c.place) for c in one.citations] for value, one in result.by_value.items()} == {
        "盘活": [("GH", "第二条·盘活")],
        "调整": [("ZJ", "第七条·停产")],
    }
    assert [blank.kind for blank in result.missing] == ["conflict"]


def test_what_each_demands_is_reported_under_its_title(county: pr.Policy) -> None:
    outcome = county.evaluate(STOPPED)
    assert (outcome["资金19号·支持意见"].text, outcome["规划20号·支持意见"].text) == ("贴息", "无")
    assert (outcome["资金19号·支持意见"].key, outcome["规划20号·支持意见"].key) == ("ZJ_support", "GH_support")
    # The county's amendment is cited with the document it amends.
    assert outcome["资金19号·支持意见"].clauses == ("ZJ-3", "BLX-1")
    shown = next(finding for finding in outcome.findings if finding.name == "公示资金")
    assert shown.status == "violated" and [c.layer for c in shown.citations] == ["ZJ"]


def test_a_field_that_both_declare_is_one_and_both_would_know_it(county: pr.Policy) -> None:
    field = county.program.fields["项目"]["自有资金"]
    assert field.holders == ("实施单位", "县发展改革局")


def test_each_document_alone_says_its_own(county: pr.Policy) -> None:
    record = county.instance(STOPPED)
    told = {layer: county.down_to(layer).evaluate(record)["分类"].text for layer in ("CN", "ZJ", "GH", "JX")}
    assert told == {"CN": "无", "ZJ": "调整", "GH": "盘活", "JX": "无"}


def test_what_the_county_changes(county: pr.Policy) -> None:
    found = differences(county)
    assert {(one.kind, one.name, one.base.layer) for one in found.differences if one.base is not None} == {
        ("修订", "资金19号·给予支持", "ZJ"),
        ("修订", "规划20号·给予支持", "GH"),
        ("设定", "最少公示", "ZJ"),
    }
    assert [(one.name, one.base.layer) for one in found.restatements if one.base is not None] == [("四项禁入", "JX")]


def test_every_clause_of_every_document_is_covered(county: pr.Policy) -> None:
    assert clause_coverage(county).uncovered == ()


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a command says."""
    assert command([str(one) for one in arguments]) == 0
    return capsys.readouterr().out


def test_the_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "160")
    ledger = tmp_path / "台账.json"
    ledger.write_text(json.dumps([STOPPED], ensure_ascii=False), encoding="utf-8")
    where = ("--as-of", "2025-09-15")
    said = run(capsys, "explain", COUNTY, ledger, "甲1", "--only", "分类", *where)
    assert "财虚〔2021〕19号【第七条·停产】、发虚〔2023〕20号【第二条·盘活】" in said
    assert "加上资金19号" in said and "加上并列县" in said
    said = run(capsys, "explain", COUNTY, ledger, "甲1", "--only", "资金19号·支持意见", "--json", *where)
    data = json.loads(said)
    told = {one["label"]: {name: found["text"] for name, found in one["decisions"].items()} for one in data["upper"]}
    # There it stands alone, under its plain name; the other document's is another decision.
    assert told == {"农规发〔2024〕26号": {}, "资金19号": {"支持意见": "贴息"}, "规划20号": {}, "江西省": {}}
    said = run(capsys, "evaluate", COUNTY, ledger, *where)
    assert "财虚〔2021〕19号【第八条·公示】" in said
    said = run(capsys, "compare", ROOT / "policies" / "jiangxi", COUNTY, ledger, *where)
    assert "资金19号 补充规则“停产收回”" in said and "规划20号 补充规则“停产先盘活”" in said
    said = run(capsys, "test", COUNTY)
    assert "情形 6 个：通过 6" in said

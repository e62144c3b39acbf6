"""The invented document on funds: its article by article encoding, its county, and its ledger.

Why this exists: the document asks for what most documents on money ask for (shares by county and year, amounts that add up, caps that
a county may only lower, working days, reports that come every year), so a construct that stops reaching ordinary text shows here. What
is expected of the ledger was worked by hand from the text.
"""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.analysis.clause_coverage import clause_coverage
from policyrules.analysis.sentence_coverage import source_coverage
from policyrules.records.tasks import tasks_of
from policyrules.source import Source
from policyrules.testing.runner import run_files
from policyrules.testing.scenarios import find_files

FUNDS = Path(__file__).resolve().parents[2] / "examples" / "funds"
COUNTY = FUNDS / "county"
AS_OF = datetime.date(2026, 11, 28)
LAYERS = {"SF": FUNDS, "QXF": COUNTY}


@pytest.fixture(scope="module")
def county() -> pr.Policy:
    return pr.load(COUNTY, as_of=AS_OF)


def test_both_layers_load_without_a_remark(county: pr.Policy) -> None:
    assert [layer.id for layer in county.layers] == ["SF", "QXF"]
    for folder in LAYERS.values():
        assert pr.try_load(folder, as_of=AS_OF)[1] == ()


def test_every_scenario_passes() -> None:
    run = run_files(find_files([FUNDS]))
    assert run.diagnostics == ()
    assert [result.scenario.name for result in run.results if result.status != "passed"] == []
    cited = {word for result in run.results for word, _ in result.scenario.clauses}
    assert cited >= {f"SF-{number}" for number in range(2, 16)} | {"QXF-1", "QXF-2", "QXF-3"}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_article_that_decides_is_cited_and_every_sentence_is_encoded_or_explained(
    layer: str, county: pr.Policy
) -> None:
    own = next(part for part in clause_coverage(county).layers if part.layer == layer)
    assert [row.clause.id for row in own.rows if row.status == "uncovered"] == []
    assert {row.clause.place for row in own.rows if not row.clause.decides} <= {"引言", "第一条", "第十六条"}
    text = Source("原文.txt", (LAYERS[layer] / "原文.txt").read_text(encoding="utf-8"))
    found = source_coverage(text, county, layer)
    assert [str(diagnostic) for diagnostic in found.diagnostics] == []
    assert [sentence.unit.text for sentence in (*found.uncovered, *found.unquoted)] == []


@pytest.mark.parametrize(
    ("setting", "code", "message", "above"),
    [
        ("补助上限 为 25 万元", "E309", "高于上层的 20 万元", "缺省 20 万元"),
        ("产业占比下限 为 50%", "E309", "低于上层的 55%", "缺省 55%"),
        ("公开天数 为 7 天", "E206", "7 天 超出允许的范围", "10 天 以上"),
    ],
)
def test_what_the_province_forbids_a_county_is_refused_at_both_places(
    setting: str, code: str, message: str, above: str, tmp_path: Path
) -> None:
    shutil.copytree(FUNDS, tmp_path / "funds")
    (tmp_path / "funds" / "county" / "规则.rules").write_text(f"设定 {setting}\n  依据【一】\n", encoding="utf-8")
    _, found = pr.try_load(tmp_path / "funds" / "county", as_of=AS_OF)
    assert [(one.code, message in one.message) for one in found] == [(code, True)]
    assert found[0].file is not None and found[0].file.endswith("county/规则.rules")
    (label,) = found[0].related
    assert Path(label.span.source.path).parent == tmp_path / "funds"
    assert label.span.text == above


def test_the_ledger(county: pr.Policy) -> None:
    ledger = json.loads((FUNDS / "台账.json").read_text(encoding="utf-8"))
    tea, road, cold = (county.evaluate(record, ledger) for record in ledger)
    # 120 × 30% and 120 × 40% are both above the county's 15.
    assert tea["补助金额"].text == "15 万元" and road["补助金额"].status == "not_applicable"
    # One of eight months, 800; one of whom the months are not known, 500 or 800.
    assert tea["项目务工补助"].text == "待定：1300 至 1600 元"
    assert [one["技术服务费上限"].text for one in (tea, road, cold)] == ["1.8 万元", "0.8 万元", "2.2 万元"]
    # 70 of 180 carried over in one county, 5 of 100 in the other; 6 taken of 400, 2 of 200.
    assert [one["新增安排"].text for one in (tea, cold)] == ["暂缓安排", "可以安排"]
    assert [one["应退回的管理费"].text for one in (tea, cold)] == ["2 万元", "0 万元"]
    wrong = {one.name for one in tea.findings if one.status in ("violated", "overdue")}
    assert wrong >= {"结转过多而新增项目", "按时确权登记", "报送使用情况", "产业占比不降", "超提管理费"}
    reason = next(one for one in tea.findings if one.name == "村集体作为实施主体")
    assert (reason.status, reason.reason) == ("explained", "集体没有加工资质")


def test_what_an_official_reads(county: pr.Policy) -> None:
    ledger = json.loads((FUNDS / "台账.json").read_text(encoding="utf-8"))
    outcomes = [county.evaluate(record, ledger) for record in ledger]
    told = {(one.finding.name, one.identity or one.object): one.facts for one in tasks_of(outcomes)}
    # 110 of 180 spent, and a report of which there is none.
    assert told[("上年底支出进度", "清溪县")] == ("上年支出进度：550/9%（约 61.11%）",)
    assert told[("报送使用情况", "SM1")] == ("使用情况报送一行也没有",)

"""What an impact counts, worked by hand on five projects: flows, ranges, places, money, causes."""

from __future__ import annotations

import datetime
import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from policyrules.policy import Policy
from policyrules.report.impact_sheets import impact_sheets
from policyrules.report.impact_text import impact_lines
from policyrules.report.layout import plain
from policyrules.testing.build import policy_from_text
from policyrules.variation.measures import Unknown
from policyrules.variation.model import Bounds, Impact, Total
from policyrules.variation.whole import impact as impact_of

DAY = datetime.date(2025, 11, 15)

FIELDS = """
对象 县（county）
  字段 县名（county_name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 乡镇（township）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 停产（stopped）：是否
  字段 计划（planned）：金额（万元）
对象 资金（sources） 属于 项目
  字段 金额（amount）：金额（万元）
对象 资产（assets） 属于 项目 标识 资产编号
  字段 资产编号（asset_id）：文本
  字段 原值（original）：金额（万元）
  字段 闲置（idle）：是否
"""
RULES = """
决定 分类（category）：单选 { 升级、盘活 }
规则 升级类
  依据【一】“升级”
  当 户数 ≥ {least} 户
  则 分类 为 升级
规则 盘活类
  依据【二】“盘活”
  当 停产 且 户数 < 5 户
  则 分类 为 盘活
决定 措施（measures）：多选 {{ 补助、贷款 }}
规则 补助措施
  依据【三】“补助”
  当 分类 为 升级
  则 措施 含 补助
决定 去向（goes）：单选 {{ 转让 }} 对 资产
规则 转让资产 对 资产
  依据【四】“转让”
  当 闲置 且 项目.户数 < {least} 户
  则 去向 为 转让
义务 定期报告
  依据【五】“报告”
  当 分类 为 升级
  应当 停产 不为 是
"""


def policies(old: int = 5, new: int = 10) -> tuple[Policy, Policy]:
    first, second = (
        policy_from_text(FIELDS + RULES.replace("{least}", str(n)).replace("{{", "{").replace("}}", "}"), as_of=DAY)
        for n in (old, new)
    )
    return first, second


RECORDS = [
    {"编号": "A", "乡镇": "甲乡", "户数": 12, "停产": False, "计划": 10, "资金": [{"金额": 3}, {"金额": "4.5"}]},
    {"编号": "B", "乡镇": "甲乡", "户数": 7, "停产": False, "计划": 20, "资金": [{"金额": 1}]},
    {"编号": "C", "乡镇": "乙乡", "停产": False, "计划": 30},
    {"编号": "D", "乡镇": "乙乡", "户数": 3, "停产": True, "资金": []},
    {"编号": "E", "户数": 8, "停产": True, "资金": [{"金额": 2}, {}],
     "资产": [{"资产编号": "E1", "原值": 6, "闲置": True}, {"资产编号": "E2", "原值": 7, "闲置": False}]},
]  # fmt: skip


def told(records: list[dict[str, object]] = RECORDS, **more: object) -> Impact:
    old, new = policies()
    given = {"by": ["乡镇"], "money": ["资金.金额", "计划"], **more}
    return impact_of(old, new, records, **given)  # type: ignore[arg-type]  # as a caller would


def test_flows_and_ranges() -> None:
    impact = told()
    (decision, rows) = (next(one for one in impact.decisions if one.name == name) for name in ("分类", "去向"))
    # A has 12 on both sides; B and E fall under ten; C is blank: under five it is nothing, else 升级 (it has not stopped);
    # D has stopped with three.
    assert {(one.before, one.after): one.count for one in decision.flows} == {
        ("升级", "升级"): 1,
        ("升级", "无"): 2,
        ("待定", "待定"): 1,
        ("盘活", "盘活"): 1,
    }
    assert decision.bounds["升级"] == (Bounds(3, 4), Bounds(1, 2))
    assert decision.bounds["无"] == (Bounds(0, 1), Bounds(2, 3))
    assert decision.bounds["盘活"] == (Bounds(1, 1), Bounds(1, 1))
    assert (decision.objects, decision.changed) == (5, 2)
    # E1 is idle, and 8 households are no longer enough to keep it.
    assert {(one.before, one.after): one.count for one in rows.flows} == {("无", "转让"): 1, ("无", "无"): 1}


def test_cells_tell_who_where_and_how_much() -> None:
    impact = told()
    by_name = {(impact.records[0].identity, "x"): 0}
    who = {record.index: record for record in impact.records}
    cells = {(who[cell.record].identity, cell.decision): cell for cell in impact.cells}
    assert set(cells) == {("B", "分类"), ("E", "分类"), ("E", "去向")}
    assert cells["B", "分类"].direction == "失" and cells["B", "分类"].sure
    assert cells["E", "去向"].direction == "得" and cells["E", "去向"].label == "资产 E1"
    # Of E one of two amounts is blank, so its sum is not known; nobody says what was planned.
    assert who[4].amounts == {"资金.金额": None, "计划": None} and who[4].groups == {"乡镇": ""}
    assert who[1].amounts == {"资金.金额": 1, "计划": 20}
    flow = next(one for one in impact.decisions[0].flows if one.after == "无")
    assert flow.totals == {"资金.金额": Total(1, 1), "计划": Total(20, 1)}
    stayed = next(one for one in impact.decisions[0].flows if one.before == one.after == "升级")
    assert stayed.totals["资金.金额"] == Total(Fraction(15, 2), 0)
    # No rows are nothing; no list is a blank.
    assert next(one for one in impact.decisions[0].flows if one.after == "盘活").totals["资金.金额"] == Total(0, 0)
    assert next(one for one in impact.decisions[0].flows if one.after == "待定").totals["资金.金额"] == Total(0, 1)
    assert by_name


def test_rows_have_their_own_amounts() -> None:
    impact = told(money=["资产.原值", "计划"])
    cell = next(one for one in impact.cells if one.decision == "去向")
    assert cell.amounts == {"资产.原值": 6, "计划": None}
    assert next(one for one in impact.records if one.identity == "E").amounts["资产.原值"] == 13


def test_places() -> None:
    groups = [one for one in told().groups if one.decision == "分类"]
    assert [(one.value, one.all, one.sure, one.open) for one in groups] == [("", 1, 1, 0), ("甲乡", 2, 1, 0)]
    assert groups[1].sure_totals == {"资金.金额": Total(1, 0), "计划": Total(20, 0)}


def test_causes_and_provisions() -> None:
    impact = told()
    assert impact.unattributed == 0 and len(impact.acts) == 2
    # Each of the two rules was edited, and each edit is alone responsible for what it decides.
    assert {cell.decision: impact.causes[cell.cause].how for cell in impact.cells if cell.cause is not None} == {
        "分类": "alone",
        "去向": "alone",
    }
    assert [(impact.acts[one.act].name, one.alone, one.jointly, one.either) for one in impact.provisions] == [
        ("升级类", 2, 0, 0),
        ("转让资产", 1, 0, 0),
    ]
    assert impact.provisions[0].totals["计划"] == Total(20, 1)
    assert impact.acts[0].citations == ("【一】“升级”",) or impact.acts[0].citations[0].endswith("【一】“升级”")


def test_what_follows() -> None:
    impact = told()
    (move,) = impact.values
    assert (move.value, move.gained, move.lost, move.opened) == ("补助", (), (1, 4), ())
    # B complied with the duty that no longer speaks of it; E, which has stopped, broke it.
    assert {(one.before, one.after, one.breach, one.records) for one in impact.findings} == {
        ("compliant", "not_applicable", False, (1,)),
        ("violated", "not_applicable", False, (4,)),
    }


def test_new_breaches_are_marked() -> None:
    old, new = policies(10, 5)
    impact = impact_of(old, new, RECORDS)
    assert {(one.after, one.breach, one.count) for one in impact.findings} == {("violated", True, 1)}
    assert impact.complied == 1


def test_no_change_and_no_record() -> None:
    old, _ = policies()
    impact = impact_of(old, old, RECORDS)
    assert impact.cells == () and impact.acts == () and impact.causes == ()
    assert all(decision.changed == 0 for decision in impact.decisions)
    empty = impact_of(*policies(), [])
    assert empty.cells == () and empty.about.ledger.records == 0


def test_a_county_is_counted_once() -> None:
    head = FIELDS + "  字段 缺省金额（unused）：金额（万元）\n"
    rule = "决定 评价（grade）：单选 { 好、差 } 对 县\n规则 好县 对 县\n  依据【一】“好”\n  当 县名 为 “%s”\n  则 评价 为 好\n"
    old, new = (policy_from_text(head + rule % name, as_of=DAY) for name in ("青山县", "绿水县"))
    county = {"县名": "青山县"}
    impact = impact_of(
        old, new, [{"编号": "A", "县": county}, {"编号": "B", "县": county}, {"编号": "C", "县": {"县名": "白石县"}}]
    )
    assert [(cell.label, cell.before.text, cell.after.text) for cell in impact.cells] == [("青山县", "好", "无")]
    assert impact.decisions[0].objects == 2


def test_json_is_as_its_schema_says_and_the_same_each_time() -> None:
    one, other = told(), told()
    jsonschema.Draft202012Validator(Impact.schema()).validate(one.to_dict())
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())
    assert one == other


def test_other_variations_stand_beside() -> None:
    old, new = policies()
    _, third = policies(new=13)
    impact = impact_of(old, new, RECORDS, also={"丙": third})
    (variation,) = impact.variations
    assert variation.label == "丙"
    assert {(one.before, one.after): one.count for one in variation.decisions[0].flows if one.before != one.after} == {
        ("升级", "无"): 3
    }
    assert (0, "项目", "分类") in variation.moved and len(variation.moved) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": ["乡鎮"]}, "没有叫“乡鎮”的字段，是不是 乡镇？"),
        ({"by": ["资金.金额"]}, "不能按“资金.金额”分组：一个项目可以有几行资金"),
        ({"money": ["停产"]}, "“停产”不是可以相加的数"),
        ({"decision": "分级"}, "没有叫“分级”的单值决定，是不是 分类？"),
        ({"decision": "措施"}, "没有叫“措施”的单值决定"),
    ],
)
def test_names_that_nobody_has(given: dict[str, object], said: str) -> None:
    with pytest.raises(Unknown) as caught:
        told(**given)
    assert str(caught.value).startswith(said)


def test_frames() -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    frame = told().to_polars()
    assert frame.columns == [
        *(["编号", "名称", "对象", "决定", "原", "现", "变化", "确定", "由", "缺"]),
        "乡镇",
        "资金.金额",
        "计划",
    ]
    assert frame.filter(polars.col("编号") == "B").row(0)[:8] == ("B", "", "项目", "分类", "升级", "无", "失", True)
    assert frame["资金.金额"].to_list() == [1, None, None]
    assert told().to_pandas()["决定"].to_list() == ["分类", "分类", "去向"]


# ---- what is asked next -----------------------------------------------------------------------------------------------


def test_where_those_of_a_flow_are_and_who() -> None:
    impact = told()
    flows = {(one.before, one.after): one for one in impact.decisions[0].flows}
    # B is in 甲乡, nobody says where E is.
    assert flows["升级", "无"].places == {"乡镇": {"": 1, "甲乡": 1}}
    assert flows["升级", "升级"].places == {}
    groups = {one.value: one for one in impact.groups if one.decision == "分类"}
    assert groups["甲乡"].sure_records == (1,) and groups["甲乡"].open_records == ()
    # C is blank, and open on both sides: with 盘活 possible only under five, nothing of it changes.
    assert groups[""].sure_records == (4,)


def test_what_follows_record_by_record() -> None:
    impact = told()
    assert [(one.record, one.decision, one.lost, one.gained, one.opened) for one in impact.follows()] == [
        (1, "措施", ("补助",), (), ()),
        (4, "措施", ("补助",), (), ()),
    ]
    old, new = policies(10, 5)
    back = impact_of(old, new, RECORDS)
    assert [(one.record, one.lost, one.gained) for one in back.follows()] == [(1, (), ("补助",)), (4, (), ("补助",))]


def test_what_follows_is_told_of_records_of_which_a_result_changes() -> None:
    # A measure that comes without any class: nobody's class changes, so it is told by value alone.
    extra = "\n规则 贷款措施\n  依据【三】“贷款”\n  当 户数 ≥ {n} 户\n  则 措施 含 贷款\n"
    text = (FIELDS + RULES.replace("{least}", "5")).replace("{{", "{").replace("}}", "}")
    old, new = (policy_from_text(text + extra.replace("{n}", n), as_of=DAY) for n in ("8", "9"))
    impact = impact_of(old, new, RECORDS)
    assert impact.cells == () and [(one.value, one.lost) for one in impact.values] == [("贷款", (4,))]
    assert impact.follows() == ()


def test_how_changes_come_about_decision_by_decision() -> None:
    impact = told()
    assert {one.name: one.how for one in impact.decisions} == {"分类": {"alone": 2}, "去向": {"alone": 1}}
    assert {impact.acts[one.act].name: one.parts for one in impact.provisions} == {
        "升级类": {"分类": (2, 0, 0)},
        "转让资产": {"去向": (1, 0, 0)},
    }


def test_records_that_could_not_be_read_may_be_anything(tmp_path: Path) -> None:
    file = tmp_path / "台账.json"
    bad = {"编号": "F", "户数": "很多", "停产": False}
    file.write_text(json.dumps([*RECORDS, bad], ensure_ascii=False), encoding="utf-8")
    impact = impact_of(*policies(), file)
    by_name = {one.name: one for one in impact.decisions}
    assert impact.about.ledger.set_aside == ("F",)
    # Of itself it may be anything; how many assets it has nobody knows.
    assert by_name["分类"].unread == 1 and by_name["去向"].unread is None
    assert by_name["分类"].bounds["升级"] == (Bounds(3, 5), Bounds(1, 3))
    assert by_name["去向"].bounds["转让"] == (Bounds(0, 0), Bounds(1, 1))
    text = plain(impact_lines(impact, width=100, everything=True))
    assert "没有读进来的 1 个项目（F）" in text
    assert "分类：变的 2 个，连它们至多 3 个" in text and "它们有几个资产不知道" in text
    whole = impact_of(*policies(), RECORDS)
    assert {one.unread for one in whole.decisions} == {0}


def test_where_what_changes_goes_under_another_variation() -> None:
    old, new = policies()
    _, third = policies(new=8)
    impact = impact_of(old, new, RECORDS, also={"丙": third}, by=["乡镇"], money=["计划"])
    (variation,) = impact.variations
    told_of = {(one.decision, one.before, one.now, one.there): one.records for one in variation.onward}
    # From ten on B (7) and E (8) are lost, from eight on B alone.
    assert told_of == {
        ("分类", "升级", "无", "升级"): (4,),
        ("分类", "升级", "无", "无"): (1,),
        ("去向", "无", "转让", "无"): (4,),
    }
    (flow,) = [one for one in variation.decisions[0].flows if one.before != one.after]
    assert (flow.count, flow.totals["计划"], flow.places) == (1, Total(20, 0), {"乡镇": {"甲乡": 1}})
    text = plain(impact_lines(impact, width=100, everything=True))
    assert "分类 升级 → 无（2）：在那里是 升级 1，无 1" in text
    sheets = {sheet.name: sheet for sheet in impact_sheets(impact)}
    assert [row[1:] for row in sheets["方案对照"].rows] == [
        ("分类", "升级", "无", "升级", 1),
        ("分类", "升级", "无", "无", 1),
        ("去向", "无", "转让", "无", 1),
    ]


def test_whom_to_tell_and_what_they_lose_in_words() -> None:
    impact = told()
    text = plain(impact_lines(impact, width=120, everything=True))
    whom = text[text.index("要告诉谁（按乡镇）") : text.index("每个项目得失哪些")]
    assert "甲乡（1）" in whom and "B：分类 升级 → 无" in whom
    assert "（未填）（1）" in whom and "E：分类 升级 → 无，资产 E1 去向 无 → 转让" in whom
    assert "措施（2）：不再有 补助" in text[text.index("每个项目得失哪些") :]
    sheets = {sheet.name: sheet for sheet in impact_sheets(impact)}
    assert sheets["措施名单"].rows == (
        ("B", None, "甲乡", "措施", "补助", "不再有"),
        ("E", None, None, "措施", "补助", "不再有"),
    )
    assert ("分类", "升级", "无", "乡镇", "甲乡", 1) in sheets["变化分列"].rows

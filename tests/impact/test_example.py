"""The invented example ledger: nearest changes, blanks and readings, as they were worked out from the rule texts by other means."""

from __future__ import annotations

import datetime
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.variation.blanks import blanks
from policyrules.variation.laxer import form, laxer
from policyrules.variation.nearest import nearest
from policyrules.variation.readings import readings
from policyrules.variation.study import Side, Study

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2025, 11, 15)
STACKS = ("policies/national", "policies/jiangxi", "examples/county")


@pytest.fixture(scope="module")
def sides(example_ledger: Path) -> dict[str, Side]:
    policies = {name: pr.load(ROOT / name, as_of=DAY) for name in STACKS}
    lowest = policies[STACKS[-1]]
    read = lowest.read(example_ledger)
    return {
        name: Side(
            policy,
            read.records,
            policy.portfolio(read.portfolio),
            tuple(one.name for one in policy.program.decisions.values() if one.mode != "多选"),
        )
        for name, policy in policies.items()
    }


def test_of_those_without_a_class_most_lack_one_field(sides: dict[str, Side]) -> None:
    found = nearest(Study(sides[STACKS[0]], sides[STACKS[1]]), "分类")
    fewest: dict[int, int] = {}
    single: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        if one.now == "无" and one.decision == "分类" and one.ways:
            fewest[one.record] = min(fewest.get(one.record, 9), len(one.ways[0]))
            single.update((one.target, way[0].field, way[0].after) for way in one.ways if len(way) == 1)
    assert Counter(fewest.values()) == {1: 44, 2: 3}
    assert single["升级", "项目.链条", "不完整"] == 15 and single["升级", "项目.市场效益", "有待提升"] == 13


def test_what_settles_most(sides: dict[str, Side]) -> None:
    found = {one.field: one for one in blanks(Study(sides[STACKS[0]], sides[STACKS[1]]))}
    # 发展前景 and 发展有基础 settle whatever is filled in; of 技术短板 only one of its answers does.
    assert [len(found[name].settles) for name in ("发展前景", "发展有基础", "技术短板")] == [8, 7, 0]
    assert len(found["分类（冲突未解决）"].settles) == 6
    assert [len(found[name].records) for name in ("发展前景", "发展有基础", "技术短板")] == [21, 20, 23]


def test_the_reading_of_idleness_bears_on_the_nation_alone(sides: dict[str, Side]) -> None:
    for old, new in pairwise(STACKS):
        (one,) = [each for each in readings(Study(sides[old], sides[new])) if each.parameter == "停产闲置读法"]
        assert one.new == ()
        if old == STACKS[0]:
            # Those that stand idle, are a project or a workshop, and are not 盘活 by the definition of the class already.
            expected = {
                index
                for index, root in enumerate(sides[old].roots)
                if root.values.get("运营状态") == "停产闲置"
                and root.values.get("对象类别") in ("帮扶产业项目", "就业帮扶车间")
                and sides[old].states[index, "项目", "分类"].status != "not_applicable"
                and sides[old].states[index, "项目", "分类"].text != "盘活"
            }
            assert {moved.record for moved in one.old if moved.decision == "分类"} == expected
            assert Counter((m.before, m.after) for m in one.old if m.decision == "分类") == {
                ("无", "盘活"): 4,
                ("待定", "盘活"): 2,
                ("调整", "冲突"): 1,
            }


def test_the_county_is_laxer_in_effect_and_not_by_form(sides: dict[str, Side]) -> None:
    study = Study(sides[STACKS[1]], sides[STACKS[2]])
    counts = {one.decision: one for one in laxer(study)}
    assert (len(counts["分类"].laxer), counts["范围"].beside) == (7, 17)
    assert form(study) == {"更具体": 21, "改变": 5, "更窄": 2, "增加": 3}

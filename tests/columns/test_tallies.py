"""The counts of a ledger by columns are those of its outcomes, in the same order, and by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules.analysis.counts import Told, counts_of, told_of
from policyrules.analysis.summary import LedgerSummary, summarise
from policyrules.cli.counties import together
from policyrules.cli.evaluation import Wanted, evaluated
from policyrules.cli.shared import UserError
from policyrules.program.differing import NotTogether
from policyrules.records.tasks import EXPLAINED, TaskList
from policyrules.testing.build import policy_from_text

from ..model.choosing import Pick, RandomChooser
from ..model.harness import make_case
from .test_planes import AS_OF, ROOT, ledger_of, workbook
from .test_stacks import random_stacks

__all__ = ["workbook"]


def both(policy: pr.Policy, path: Path) -> tuple[LedgerSummary, LedgerSummary, bool]:
    """The counts of outcomes, those by columns, and whether the columns told them."""
    ledger = policy.read(path)
    portfolio = policy.portfolio(ledger.portfolio)
    outcomes = [policy.evaluate(record.instance, portfolio) for record in ledger.records]
    found = policy.evaluate_frame(ledger)
    return (
        summarise(policy.program, outcomes, missing=False),
        counts_of(policy, ledger, portfolio, found),
        found.tallied() is not None,
    )


def same(one: LedgerSummary, other: LedgerSummary) -> None:
    # As text, for the order of what is counted is shown.
    assert json.dumps(one.to_dict(), ensure_ascii=False) == json.dumps(other.to_dict(), ensure_ascii=False)
    for of_records, of_others in ((one.findings, other.findings), (one.owner_findings, other.owner_findings)):
        assert [*of_records] == [*of_others] and of_records == of_others
    assert one.next_due == other.next_due


def written(folder: Path, records: list[dict[str, Any]]) -> Path:
    path = folder / "台账.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False, default=str) + "\n" for one in records), "utf-8")
    return path


def test_example_ledger(workbook: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    outcomes, counts, told = both(policy, workbook)
    assert told and counts.records > 100 and counts.owners
    same(outcomes, counts)


def test_amounts_are_counted_one_by_one() -> None:
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    outcomes, counts, told = both(policy, ROOT / "examples" / "funds" / "台账.json")
    assert not told
    same(outcomes, counts)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed: int, tmp_path: Path) -> None:
    chooser = RandomChooser(f"tallies {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = ledger_of(case, pick, pick.one((1, 3, 12, 70)))
    outcomes, counts, _ = both(case.loaded, written(tmp_path, records))
    same(outcomes, counts)


def in_columns(seed: int, tmp_path: Path) -> bool | None:
    """Whether the counts of random stacks, the same as one by one, came from columns; None where nothing could be counted."""
    made = random_stacks(seed)
    if made is None:
        return None
    base, stacks, (by, _), records = made
    path = written(tmp_path, records)
    try:
        policy = together(base, base.program.fields[base.program.root][by], stacks, base.read(path), path)
    except UserError:
        # Something of one name is not of one kind.
        return None
    portfolio = policy.portfolio(policy.ledger.portfolio)
    outcomes = [policy.evaluate(record.instance, portfolio) for record in policy.ledger.records]
    try:
        found = policy.evaluate_frame(policy.ledger)
    except NotTogether:
        return None
    same(summarise(policy.program, outcomes, missing=False), counts_of(policy, policy.ledger, portfolio, found))
    _, by_columns, one_by_one = pages(policy, path)
    assert by_columns == one_by_one
    return found.tallied() is not None


@pytest.mark.parametrize("first", range(0, 24, 8))
def test_random_stacks(first: int, tmp_path: Path) -> None:
    """Records under stacks of their own: the counts of what the policy of each says of it."""
    counted = Counter(in_columns(seed, tmp_path) for seed in range(first, first + 8))
    assert counted[True], counted


TEXT = """
对象 项目（project）
  字段 编号（id）：文本
  字段 已停（stopped）：是否
  字段 类型（kind）：枚举 { 种植、养殖 }
决定 分类（category）：单选 { 盘活、升级 }
规则 盘活类
  当 已停
  则 分类 为 盘活
规则 升级类
  当 类型 为 养殖
  则 分类 为 升级
义务 填类型
  当 已停
  应当 类型 已填
"""


def test_by_hand(tmp_path: Path) -> None:
    policy = policy_from_text(TEXT)
    records: list[dict[str, Any]] = [
        {"编号": "1", "已停": None, "类型": "种植"},  # 盘活、无
        {"编号": "2", "已停": True, "类型": "养殖"},  # 盘活 and 升级
        {"编号": "3", "已停": False, "类型": "养殖"},  # 升级
        {"编号": "4", "已停": None, "类型": None},  # 盘活、升级、无
        {"编号": "5", "已停": True, "类型": None},  # 盘活, and perhaps 升级
        {"编号": "6", "已停": False, "类型": "养殖"},  # 升级
        {"编号": "7", "已停": False, "类型": "种植"},  # 无
    ]
    outcomes, counts, told = both(policy, written(tmp_path, records))
    assert told
    same(outcomes, counts)
    category = counts.decisions["分类"]
    assert category.statuses == {"undetermined": 3, "conflict": 1, "determined": 2, "none": 1}
    assert category.values == {"盘活": 0, "升级": 2}
    # In the order in which they come first.
    assert [*category.open.items()] == [("盘活", 4), ("无", 2), ("升级", 3)]
    assert category.conflicts == {"盘活、升级": 1}
    assert counts.unsettled == 4 and counts.records == 7
    assert counts.findings["填类型"] == {"compliant": 2, "unverified": 1, "not_applicable": 3, "violated": 1}


def page(policy: pr.Policy, ledger: pr.Ledger, told: Told | None) -> str:
    """What the page about a ledger is made of, with what columns tell of it or record by record."""
    those = None if told is None else sorted({*told.looked, *told.open})
    summary = LedgerSummary.empty(policy.program) if told is None else told.summary
    summary.asked = 0 if told is None else len(ledger.records)
    tasks, explained = TaskList(), TaskList(EXPLAINED)
    looked, along = (None, None) if told is None else (frozenset(told.looked), told.along)
    for part in evaluated(policy, ledger, Wanted(), 1, None, those, looked=looked, along=along):
        summary.follow(part.summary)
        tasks.follow(part.tasks)
        explained.follow(part.explained)
    data = [summary.to_dict(), [[one.to_dict() for one in tasks.all] for tasks in (tasks, explained)]]
    return json.dumps(data, ensure_ascii=False)


def pages(policy: pr.Policy, path: Path) -> tuple[Told | None, str, str]:
    ledger = policy.read(path)
    told = told_of(policy, ledger, policy.portfolio(ledger.portfolio), policy.evaluate_frame(ledger))
    return told, page(policy, ledger, told), page(policy, ledger, None)


def test_the_page_of_the_example_ledger(workbook: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    told, by_columns, one_by_one = pages(policy, workbook)
    assert told is not None and told.open and told.looked
    assert by_columns == one_by_one


@pytest.mark.parametrize("seed", range(40))
def test_pages_of_random_programs(seed: int, tmp_path: Path) -> None:
    chooser = RandomChooser(f"pages {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = ledger_of(case, pick, pick.one((1, 3, 12, 70)))
    _, by_columns, one_by_one = pages(case.loaded, written(tmp_path, records))
    assert by_columns == one_by_one


SEEN_APART = """
对象 县（county） 标识 县名
  字段 县名（cname）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 已停（stopped）：是否
统计 停的（stopped_ones）
  计数 项目 其中 已停
义务 要少 对 县
  应当 停的 < 2 个
决定 县情（state） 对 县：单选 { 好 }
规则 好的 对 县
  当 停的 < 2 个
  则 县情 为 好
决定 分类（category）：单选 { 盘活 }
规则 盘活类
  当 已停
  则 分类 为 盘活
"""


def test_a_county_without_a_number_is_seen_by_each_of_its_records(tmp_path: Path) -> None:
    policy = policy_from_text(SEEN_APART)
    records = [{"编号": str(n), "已停": one} for n, one in enumerate(("是", None, "是", "否", None))]
    _, by_columns, one_by_one = pages(policy, written(tmp_path, records))
    assert by_columns == one_by_one


def test_what_is_said_of_counties_by_layers_of_their_own(tmp_path: Path) -> None:
    """A decision, a notice and a stricter duty on the county, each of one layer; projects of one county under two."""
    base = policy_from_text(SEEN_APART.replace("字段 已停", "字段 片（area）：文本\n  字段 已停"))
    upper = SEEN_APART.replace("字段 已停", "字段 片（area）：文本\n  字段 已停")
    east = "决定 东情（east） 对 县：单选 { 好 }\n规则 东好 对 县\n  当 停的 ≥ 1 个\n  则 东情 为 好\n"
    west = "提示 西边 对 县\n  当 县名 已填\n  说 “西”\n修订 要少\n  还应当 停的 < 1 个\n"
    stacks = {"东": policy_from_text(upper, east), "西": policy_from_text(upper, west)}
    rows = [("东", "甲", True), ("东", "甲", False), ("西", "甲", True), ("西", "乙", None), (None, "乙", True)]
    records = [
        {"编号": str(n), "片": area, "县": {"县名": name}, "已停": stopped}
        for n, (area, name, stopped) in enumerate(rows)
    ]
    path = written(tmp_path, records)
    policy = together(base, base.program.fields["项目"]["片"], stacks, base.read(path), path)
    told, by_columns, one_by_one = pages(policy, path)
    assert told is not None and by_columns == one_by_one
    counts = told.summary
    # 甲 is good for whom only its layer asks; 西 has one that stands still, and perhaps two, so that its duty is breached.
    assert counts.decisions["东情"].statuses == {"determined": 1}
    assert counts.owners["县 甲"]["西边"] == {"notice": 1} and counts.owners["县 乙"]["西边"] == {"notice": 1}
    assert counts.owners["县 甲"]["要少"] == {"compliant": 1, "violated": 1}
    assert counts.owners["县 乙"]["要少"] == {"violated": 1, "compliant": 1}

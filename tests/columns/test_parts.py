"""A ledger in parts comes to what it comes to as a whole: without any cluster, what 统计 need handed from part to part."""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

import policyrules as pr
from policyrules.columns.evaluating import chosen
from policyrules.columns.parts import Inexact, Job, arrow_table, loaded, packed, result_of, schema_of
from policyrules.columns.results import Exact
from policyrules.columns.stacks import Stacks
from policyrules.columns.whole import Row, contributed_rows, read_text, text_of, together, wholes
from policyrules.engine import values as v
from policyrules.engine.portfolio import Index
from policyrules.engine.tally import Part
from policyrules.program.differing import NotTogether
from policyrules.testing.build import policy_from_text

from ..model.choosing import Pick, RandomChooser
from ..model.harness import make_case
from .agreeing import Said, columnar
from .test_planes import ledger_of
from .test_stacks import expected, random_stacks


def in_parts(policy: pr.Policy, groups: Sequence[Sequence[Any]], stacks: Stacks | None = None, by: str = "") -> Said:
    """What records come to, group by group, numbered through, by what a worker is sent."""
    own = loaded(packed(policy.program if stacks is None else stacks, policy.fingerprint, by))
    ledgers = [policy.prepare(list(group), stacks=stacks) for group in groups]
    nothing = policy.prepare([], stacks=stacks)
    job = Job(b"", None, "zh", (), False, (), 0, "decimal")
    found, refused = chosen(own.lowered, None)
    strata, _ = own.evaluation(nothing).strata(found) if own.interpreter.program.statistics else ((), ())
    every = own.interpreter.engine.strata
    told: list[Row] = []
    whole: dict[str, Index] = {}
    for stratum in strata:
        for ledger in ledgers:
            for name, census in own.evaluation(ledger, whole).contributions(found, stratum).items():
                # Twice together is as good as once.
                told += together(contributed_rows(name, census))
        statistics = [name for name, at in every.items() if at <= stratum]
        job = job.counting(told, statistics)
        whole = wholes(told, statistics)
    said: Said = {}
    begin = 0
    for ledger in ledgers:
        result = result_of(own, job, ledger, found, refused)
        for (kind, record, *key), value in columnar(result, result.program).items():
            said[kind, record + begin, *key] = value
        begin += ledger.rows
    return said


def is_seen_by_parts(policy: pr.Policy, stacks: Stacks | None = None, by: str = "") -> bool:
    """Whether no statistic is of what the definition alone gives: it sees no part."""
    own = loaded(packed(policy.program if stacks is None else stacks, policy.fingerprint, by))
    found, refused = chosen(own.lowered, None)
    told = own.evaluation(policy.prepare([], stacks=stacks)).strata(found)[1]
    return not (own.interpreter.program.statistics and (refused or told))


@pytest.mark.parametrize("seed", range(16))
def test_random_programs_in_parts(seed: int) -> None:
    chooser = RandomChooser(f"parts {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    policy = case.loaded
    if not is_seen_by_parts(policy):
        pytest.skip("the definition alone gives a part of this program, and it sees no part")
    records = ledger_of(case, pick, pick.one((3, 12, 70)))
    groups = [records[at::3] for at in range(3)]
    shuffled = [one for group in groups for one in group]
    assert in_parts(policy, groups) == columnar(policy.evaluate_frame(shuffled), policy.program)


@pytest.mark.parametrize("seed", range(30))
def test_random_stacks_in_parts(seed: int) -> None:
    """Records under stacks of their own, dealt out: what the definition says under each stack."""
    made = random_stacks(seed)
    if made is None:
        return
    policy, stacks, by, records = made
    try:
        whole = policy.stacks(stacks)
    except NotTogether:
        return
    if not is_seen_by_parts(policy, whole, by[0]):
        pytest.skip("the definition alone gives a part of this program, and it sees no part")
    groups = [records[at::3] for at in range(3)]
    shuffled = [one for group in groups for one in group]
    assert in_parts(policy, groups, whole, by[0]) == expected(policy, stacks, shuffled, by)[0]


def test_statistics_of_parts_worked_by_hand() -> None:
    policy = policy_from_text("""
对象 项目（project）
  标识 编号
  字段 编号（code）：文本
  字段 县（county）：枚举 { 青山、绿水 }
  字段 低效（poor）：是否
统计 县内低效数
  计数 项目
  相同 县
  其中 低效
决定 分类（category）：单选 { 关注 }
规则 关注类
  当 县内低效数 ≥ 2
  则 分类 为 关注
""")
    records = [
        {"编号": "1", "县": "青山", "低效": True},
        {"编号": "2", "县": "青山", "低效": True},
        {"编号": "3", "县": "绿水", "低效": True},
        {"编号": "4", "县": None, "低效": True},
        {"编号": "5", "县": "绿水", "低效": False},
    ]
    said = in_parts(policy, [[record] for record in records])
    # 青山 has two for sure; 绿水 one, and a second if number 4 is there; number 4 is in one of them.
    assert [said["决定", at, "项目", "分类"][0] for at in range(5)] == [
        "determined",
        "determined",
        "undetermined",
        "undetermined",
        "undetermined",
    ]


VALUES = [
    None,
    True,
    12,
    "甲",
    Fraction(-1, 3),
    datetime.date(2025, 9, 15),
    v.VOID,
    v.Interval(None, Fraction(1, 2), True),
    v.Candidates(("甲", "乙")),
    v.ANY_TEXT,
    v.SetRange(frozenset({"甲"}), None, frozenset({"乙", "丙"})),
    v.SetRange(frozenset(), frozenset({"甲"})),
    frozenset({"甲", "乙"}),
    Part(None, v.Interval(0, 5)),
    (None, Part(True, 3)),
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_values_are_read_back(value: Any) -> None:
    found = read_text(text_of(value))
    assert (found, type(found)) == (value, type(value))


def test_sums_are_put_together_exactly() -> None:
    thirds = [Row("数", "sums", text_of(("甲",)), text_of(((Fraction(1, 3), 1), (0, 1))), 1)] * 3
    each = [Row("种", "each", text_of(("甲",)), text_of((True, "乙")), 2)] * 2
    found = {row.name: row for row in together([*thirds, *each])}
    assert read_text(found["数"].payload) == ((1, 3), (0, 3))
    assert found["种"].members == 4


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="PySpark is there")
def test_it_is_said_what_a_cluster_needs() -> None:
    policy = policy_from_text("对象 项目（project）\n  字段 县（county）：文本\n")
    with pytest.raises(ImportError, match=r"policyrules\[spark\]"):
        policy.evaluate_spark(object())


def test_an_amount_is_never_rounded() -> None:
    import numpy as np

    third = {"补助": Exact(np.array([1, 5]), 3, np.array([True, False]))}
    half = {"补助": Exact(np.array([1, 3]), 2, np.array([True, False]))}
    assert schema_of(third, "decimal") == (("补助", "decimal(38,18)"),)
    with pytest.raises(Inexact, match="补助"):
        arrow_table(third, schema_of(third, "decimal"), "decimal")
    assert arrow_table(third, schema_of(third, "text"), "text").column(0).to_pylist() == ["1/3", None]
    assert (
        str(arrow_table(half, schema_of(half, "decimal"), "decimal").column(0).to_pylist()[0]) == "0.500000000000000000"
    )

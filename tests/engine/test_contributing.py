"""What records contribute to statistics by written functions is what the definition says, value by value."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

from tests.model.choosing import Pick, RandomChooser
from tests.model.harness import make_case, make_situation
from tests.model.printing import record as plain

import policyrules as pr
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance
from policyrules.engine.members import Entry
from policyrules.testing.build import policy_from_text
from policyrules.types import Kind

ROOT = Path(__file__).resolve().parents[2]


def plainly(value: object) -> object:
    """A value with its kind; the order of candidates says nothing."""
    match value:
        case v.Candidates(values) if values is not None:
            return "candidates", frozenset(values)
        case Entry(key, where, payload, row):
            return row, plainly(key), where, plainly(payload)
        case tuple():
            return tuple(plainly(one) for one in value)
        case _:
            return type(value), value


def check(policy: pr.Policy, root: Instance) -> int:
    """How many statistics were compared."""
    engine = policy.interpreter.engine
    counting = policy.interpreter.counting()
    for name, one in counting.items():
        prepared = engine.statistics[name]
        run = Run(engine, root, None, policy.interpreter._contribute)
        want, _ = run.contributed(name)
        have = one.own(root)
        assert plainly(have.entries) == plainly(want.entries), name
        assert plainly(have.open) == plainly(want.open), name
        asking = [root]
        for _ in range(prepared.depth - prepared.below):
            asking = [row for one_ in asking for rows in one_.rows.values() for row in rows or ()]
        kinds = line_of(policy, prepared.statistic.object)
        for instance in asking:
            if instance.object == kinds[prepared.below]:
                key = tuple(evaluate(run, part, (instance,)).value for part in prepared.asked)
                assert plainly(one.key(instance)) == plainly(key), name
    return len(counting)


def line_of(policy: pr.Policy, object_: str) -> list[str]:
    line = [object_]
    while line[-1] != policy.program.root:
        parent = policy.program.objects[line[-1]].parent
        assert parent is not None
        line.append(parent)
    return line


def test_the_scenarios_of_the_county() -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 11, 15))
    fields = policy.program.fields["项目"].values()
    filled: dict[str, object] = {}
    for field in fields:
        if field.type.kind is Kind.BOOL:
            filled[field.name] = True
        elif field.type.kind is Kind.ENUM and field.type.values:
            filled[field.name] = field.type.values[0]
    records = [{}, filled, *({**filled, name: None} for name in filled)]
    assert all(check(policy, policy.instance(one)) == len(policy.program.statistics) > 0 for one in records)


def test_the_example_ledger(example_ledger: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 11, 15))
    members = policy.portfolio(policy.read(example_ledger)).members
    for member in random.Random(3).sample(members, 60):
        check(policy, member)


def test_random_policies() -> None:
    compared = 0
    for seed in range(40):
        chooser = RandomChooser(seed)
        case = make_case(chooser)
        for _ in range(4):
            situation = make_situation(case, Pick(chooser))
            compared += check(case.loaded, case.loaded.instance(plain(case.policy, situation.root)))
    assert compared > 60


def test_rows_of_rows() -> None:
    """Members below the record, lists that were not supplied, keys of the row that asks, numbers and days that are open."""
    policy = policy_from_text(ROWS)
    assert len(policy.interpreter.counting()) == 4
    rows: list[dict[str, object]] = [
        {"用途": "厂房", "原值": 1.5, "开工日": "2024-01-31", "标签": ["甲"], "明细": [{"数": 3}, {"村名": "东"}, {}]},
        {"用途": "冷库", "在用": False, "明细": []},
        {"在用": True, "明细": None, "标签": []},
        {"原值": 2},
        {},
    ]
    records: list[dict[str, object]] = [{}, {"资产": []}, {"资产": rows}, {"村": "东", "资产": rows, "年": 2024}]
    records += [{"村": "西", "资产": [one]} for one in rows]
    for record in records:
        check(policy, policy.instance(record))


ROWS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 村（village）：文本
  字段 年（year）：年份
对象 资产（asset） 属于 项目
  字段 用途（use）：枚举 { 厂房、冷库 }
  字段 原值（cost）：金额（元） 取值 0 元 以上
  字段 开工日（begun）：日期
  字段 在用（used）：是否
  字段 标签（tags）：多选 { 甲、乙 }
对象 明细（item） 属于 资产
  字段 数（n）：整数（个）
  字段 村名（name）：文本
统计 在用数
  计数 资产
  相同 用途
  其中 在用
统计 标签数
  种数 资产.标签
  相同 村
统计 厂房占比
  占比 资产.原值
  相同 村
  其中 开工日 < 2025年1月1日
  符合 用途 为 厂房
统计 明细合计
  合计 明细.数
  相同 用途
"""

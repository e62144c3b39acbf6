"""Results are plain values: they compare, hash and travel small, with what is missing and other readings, and what lies
behind them can be asked of the policy as well."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import multiprocessing
import pickle
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.testing.build import AS_OF, policy_from_text

ROOT = Path(__file__).resolve().parents[2]

TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 户数（households）：整数（户） 取值 0 户 至 500 户
对象 资产（assets） 属于 项目
  字段 闲置（idle）：是否
读法 门槛读法（reading）：枚举 { 高、低 } 缺省 高
  释义 “较多”没有写明
决定 分类（category）：单选 { 盘活、其他 }
规则 盘活类
  依据【二·界定】“停产的”
  当 停产 且 视 门槛读法（高：户数 ≥ 100 户；低：户数 ≥ 10 户）
  则 分类 为 盘活
决定 去向（use） 对 资产：单选 { 处置 }
规则 处置类 对 资产
  依据【二·界定】“闲置的”
  当 闲置
  则 去向 为 处置
义务 报告
  依据【二·界定】“应当报告”
  当 停产
  应当 户数 ≥ 1 户
"""
RECORD = {"编号": "甲", "停产": True, "户数": 50, "资产": [{"闲置": True}, {}]}
BLANK = {"编号": "乙", "资产": [{"闲置": None}]}


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(TEXT)


@pytest.mark.parametrize("record", [RECORD, BLANK], ids=["known", "blank"])
def test_an_outcome_travels_whole_and_small(policy: pr.Policy, record: dict[str, object]) -> None:
    outcome = policy.evaluate(record)
    said = outcome.to_dict()
    travelled = pickle.loads(pickle.dumps(policy.evaluate(record)))
    assert travelled == outcome and travelled.to_dict() == said
    assert pickle.loads(pickle.dumps(travelled)).to_dict() == said
    assert len(pickle.dumps(outcome)) < 8_000
    with pytest.raises(LookupError, match=r"policy\.explain"):
        travelled.explain()


def test_a_real_outcome_travels_small() -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    outcome = policy.evaluate({"项目编号": "甲"})
    data = pickle.dumps(outcome)
    assert len(data) < 100_000
    assert pickle.loads(data).to_dict() == outcome.to_dict()


def test_results_compare_and_hash(policy: pr.Policy) -> None:
    one, same = policy.evaluate(RECORD), policy.evaluate(dict(RECORD))
    other = policy.evaluate(BLANK)
    assert one == same and hash(one) == hash(same) and one != other
    assert one["分类"] == same["分类"] and {one["分类"], same["分类"], other["分类"]} == {one["分类"], other["分类"]}
    assert set(one.findings) == set(same.findings)
    # Nothing of an engine is a field, so that the usual tools do not walk into one.
    assert dataclasses.asdict(one)["identity"] == "甲"


def evaluated(work: tuple[pr.Policy, dict[str, object]]) -> pr.Outcome:
    policy, record = work
    return policy.evaluate(record)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_outcomes_come_back_from_other_processes(policy: pr.Policy, start: str) -> None:
    context = multiprocessing.get_context(start)
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        found = list(pool.map(evaluated, [(policy, RECORD), (policy, BLANK)]))
    assert [outcome.to_dict() for outcome in found] == [policy.evaluate(r).to_dict() for r in (RECORD, BLANK)]


def test_what_lies_behind_a_result_is_asked_of_the_policy(policy: pr.Policy) -> None:
    outcome = policy.evaluate(BLANK)
    assert policy.missing(BLANK, "分类") == outcome["分类"].missing
    assert policy.missing(BLANK, "category") == outcome["分类"].missing
    assert policy.missing(BLANK, "报告") == outcome.findings[0].missing
    assert [blank.object for blank in policy.missing(RECORD, "去向", path="资产[1]")] == ["资产[1]"]
    assert policy.readings(RECORD, "分类")["门槛读法"]["低"].value == "盘活"
    assert policy.explain(RECORD, "分类").reasons == (policy.evaluate(RECORD)["分类"].explain(),)
    assert str(policy.explain(RECORD)) == str(policy.evaluate(RECORD).explain())
    with pytest.raises(KeyError):
        policy.missing(BLANK, "没有")

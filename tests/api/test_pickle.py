"""Policies travel: they compare, hash and pickle, before use and after it, also into a process started afresh."""

from __future__ import annotations

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
参数 线（line）：整数（个） 缺省 3 个
决定 分类（category）：单选 { 盘活、其他 }
规则 盘活类
  依据【二·界定】“停产的”
  当 停产
  则 分类 为 盘活
"""


def used(policy: pr.Policy) -> pr.Policy:
    """``policy`` after everything that it keeps was made."""
    policy.evaluate({"停产": True})
    assert policy.Record is not None and policy.json_schema() and policy.fingerprint
    return policy


def evaluated(policy: pr.Policy) -> tuple[str, object]:
    return policy.fingerprint, policy.evaluate({"停产": True}).to_dict()


@pytest.fixture(params=["small", "policies/national", "examples/county"])
def policy(request: pytest.FixtureRequest) -> pr.Policy:
    name: str = request.param
    return policy_from_text(TEXT) if name == "small" else pr.load(ROOT / name, as_of=AS_OF)


def test_a_policy_pickles_before_use_and_after_it(policy: pr.Policy) -> None:
    before = pickle.dumps(policy)
    # What was made for use does not travel.
    assert len(pickle.dumps(used(policy))) == len(before)
    for found in (pickle.loads(before), pickle.loads(pickle.dumps(used(policy)))):
        assert found == policy and hash(found) == hash(policy)
        assert found.evaluate({}).to_dict() == policy.evaluate({}).to_dict()
        assert found.at(AS_OF.replace(year=2026)) == policy.at(AS_OF.replace(year=2026))


def test_a_policy_travels_to_a_process_started_afresh() -> None:
    policy = used(policy_from_text(TEXT))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(evaluated, (policy,)) == evaluated(policy)


def test_policies_are_equal_where_they_can_give_no_other_result() -> None:
    policy = policy_from_text(TEXT)
    assert policy == policy_from_text(TEXT + "\n# 说明\n") and policy != policy_from_text(
        TEXT.replace("当 停产", "当 非 停产")
    )
    assert policy != policy.at(AS_OF.replace(year=2026)) and policy != policy.with_parameters({"线": 4})
    assert len({policy, policy.at(AS_OF), policy_from_text(TEXT), policy.with_parameters({"线": 4})}) == 2
    assert policy != "policy"

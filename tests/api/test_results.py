"""Results are plain values: they compare, hash and travel small, with what is missing and other readings, and what lies
behind them can be asked of the policy as well."""

from __future__ import annotations

import concurrent.futures
import copy
import dataclasses
import gc
import multiprocessing
import pickle
import weakref
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
    assert len(data) < 120_000
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
    for ask in (policy.missing, policy.readings, policy.explain):
        # In the order of `evaluate`: no record gets into the message.
        with pytest.raises(TypeError, match=r"第二项要给.*list；.*portfolio"):
            ask(BLANK, [RECORD])  # type: ignore[operator]  # what types forbid


MEASURES = """
对象 项目（project）
  字段 甲（a）：是否
  字段 乙（b）：是否
决定 措施（measures）：多选 { 贷款、培训、展会 }
规则 信贷
  依据【三·信贷】“支持信贷”
  当 甲
  则 支持 措施 含 贷款、培训
规则 培训
  依据【二·培训】“重点培训”
  当 甲
  则 重点 措施 含 培训
规则 展会
  依据【三·展会】
  当 乙
  则 措施 含 展会
"""


def test_each_value_has_what_it_rests_on() -> None:
    result = policy_from_text(MEASURES).evaluate({"甲": True})["措施"]
    assert list(result.by_value) == ["贷款", "培训", "展会"]
    loan, training, fair = result.by_value.values()
    assert loan == pr.ValueSources("贷款", True, "支持", ("信贷",), ("L0-1",), loan.citations, ())
    assert [citation.quote for citation in loan.citations] == ["支持信贷"]
    assert (training.certain, training.tone, training.clauses) == (True, "重点", ("L0-1", "L0-2"))
    assert (fair.certain, fair.tone, fair.rules, fair.clauses) == (False, None, ("展会",), ("L0-3",))
    # The whole names what holds, in one list; what is still open is not in it.
    assert result.clauses == ("L0-1", "L0-2") and result.tones == {"贷款": "支持", "培训": "重点", "展会": None}
    said = result.to_dict()["by_value"]
    assert isinstance(said, dict) and said["贷款"] == {
        "certain": True,
        "tone": "支持",
        "rules": ["信贷"],
        "clauses": ["L0-1"],
        "citations": [{"id": "L0-1", "place": "三·信贷", "quote": "支持信贷"}],
        "offices": [],
    }
    assert pickle.loads(pickle.dumps(result)).by_value == result.by_value


def test_values_of_every_mode_have_what_they_rest_on(policy: pr.Policy) -> None:
    known, blank = policy.evaluate({"停产": True, "户数": 150})["分类"], policy.evaluate(BLANK)["分类"]
    assert known.by_value == {
        "盘活": pr.ValueSources("盘活", True, None, ("盘活类",), known.clauses, known.citations, ())
    }
    assert list(blank.by_value) == ["盘活"] and not blank.by_value["盘活"].certain
    assert policy.evaluate({"停产": False})["分类"].by_value == {}


def test_copies_can_be_asked_as_well(policy: pr.Policy) -> None:
    result = policy.evaluate(BLANK)["分类"]
    assert copy.copy(result) is result and copy.deepcopy(policy.evaluate(BLANK))["分类"].explain() == result.explain()


def test_a_result_without_its_maker_does_not_say_that_nothing_is_missing(policy: pr.Policy) -> None:
    bare = dataclasses.replace(policy.evaluate(BLANK)["分类"])
    with pytest.raises(LookupError, match=r"policy\.missing"):
        _ = bare.missing


RANKED = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 一（f1）：是否
  字段 二（f2）：是否
  字段 三（f3）：是否
  字段 四（f4）：是否
  字段 五（f5）：是否
决定 分类（category）：单选 { 甲、乙、丙 }
规则 甲类
  依据【一】“甲”
  当 一
  则 分类 为 甲
规则 乙类
  依据【一】“乙”
  当 二
  则 分类 为 乙
规则 丙类
  依据【一】“丙”
  当 三
  则 分类 为 丙
"""
FIRST = "修订 分类\n  依据【一】“先”\n  先后 甲、乙 仅当 四\n"
SECOND = "修订 分类\n  依据【一】“先”\n  先后 甲、丙 仅当 五\n"


def test_a_result_does_not_depend_on_what_was_evaluated_before() -> None:
    one = {"一": True, "二": True, "三": False, "四": True, "五": False}
    other = {"一": True, "二": False, "三": True, "四": False, "五": True}
    fresh = policy_from_text(RANKED, FIRST, SECOND).evaluate(other)
    policy = policy_from_text(RANKED, FIRST, SECOND)
    policy.evaluate(one)
    assert policy.evaluate(other).to_dict() == fresh.to_dict()
    assert fresh["分类"].clauses == ("L0-1", "L2-1")


def test_a_parameter_given_by_name_and_then_by_key() -> None:
    policy = policy_from_text(TEXT.replace("读法 门槛读法", "参数 线（line）：整数（个） 缺省 1 个\n读法 门槛读法"))
    set_twice = policy.with_parameters({"线": 5}).with_parameters({"line": 6}).with_parameters({"线": None})
    assert set_twice.program.parameters["线"].value == 6
    assert set_twice.at(set_twice.as_of) == set_twice


def test_a_portfolio_keeps_no_engine_alive(policy: pr.Policy) -> None:
    portfolio = policy.portfolio([RECORD, BLANK])
    dated = policy.at(AS_OF.replace(year=2027))
    dated.evaluate(RECORD, portfolio)
    engine = weakref.ref(dated.interpreter.engine)
    del dated
    gc.collect()
    assert engine() is None


DEEP = "".join(f"术语 环{n} 即 非 环{n - 1}\n" for n in range(1, 90))
CHAIN = f"""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
术语 环0 即 甲
{DEEP}
决定 浅（shallow）：单选 {{ 是的 }}
规则 浅的
  当 环49
  则 浅 为 是的
决定 深（deep）：单选 {{ 是的 }}
规则 深的
  当 环89
  则 深 为 是的
"""


def test_an_explanation_does_not_depend_on_what_was_asked_before() -> None:
    policy = policy_from_text(CHAIN)
    fresh = {name: policy.evaluate({})[name].explain() for name in ("浅", "深")}
    for order in (("浅", "深"), ("深", "浅")):
        outcome = policy.evaluate({})
        assert {name: outcome[name].explain() for name in order} == fresh


def test_one_outcome_is_explained_in_several_threads() -> None:
    policy = policy_from_text(CHAIN)
    fresh = [policy.evaluate({})[name].explain() for name in ("浅", "深")]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            outcome = policy.evaluate({})
            found = pool.map(lambda name, outcome=outcome: outcome[name].explain(), ("浅", "深") * 2)  # type: ignore[misc]
            assert list(found) == fresh * 2

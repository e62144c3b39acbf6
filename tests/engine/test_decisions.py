"""Decisions, presumptions, parameters and readings (language.md, sections 3, 5 and 6), a sentence a test."""

from __future__ import annotations

import pytest
from tests.engine.support import AS_OF, WORLD, names, policy, truth

import policyrules as pr
from policyrules import not_applicable
from policyrules.testing.build import policy_from_text

SINGLE = """
决定 类（kind）：单选 { 巩固、升级、盘活 }
规则 巩固类
  依据【一】“原文”
  当 甲
  则 类 为 巩固
规则 升级类
  依据【二】“原文”
  当 乙
  则 类 为 升级
规则 盘活类
  依据【三】“原文”
  当 丙
  则 类 为 盘活
"""


def single(extra: str = "", **record: object) -> pr.DecisionResult:
    text = SINGLE.replace("{ 巩固、升级、盘活 }\n", "{ 巩固、升级、盘活 }\n" + extra)
    return policy(text).evaluate(record)["类"]


def test_one_left_and_nothing_unknown_is_determined() -> None:
    """“One left, and it outranks all of U or U is empty: *determined*.”"""
    result = single(a=True, b=False, c=False)
    assert (result.status, result.value, result.candidates) == ("determined", "巩固", ("巩固",))
    assert result.rules == ("巩固类",)
    assert result.clauses == ("L0-1",)


def test_several_left_is_a_conflict_whatever_is_unknown() -> None:
    """“Several left: *conflict*, whatever U is; the candidates of a conflict are its values and U.”"""
    result = single(a=True, b=True)
    assert (result.status, result.value) == ("conflict", None)
    assert result.candidates == ("巩固", "升级", "盘活")
    assert result.certain == {"巩固", "升级"}
    assert result.text == "冲突：巩固、升级（盘活 未排除）"
    assert result.clauses == ("L0-1", "L0-2")


def test_one_left_and_others_open_is_undetermined() -> None:
    """“One left and U not outranked: *undetermined*, candidates that one, then U (shown "盘活（升级 未排除）").”"""
    result = single(c=True, a=False)
    assert (result.status, result.candidates) == ("undetermined", ("盘活", "升级"))
    assert result.text == "待定：盘活（升级 未排除）"


def test_nothing_sure_is_undetermined_with_the_default_or_none() -> None:
    """“P empty, U not: *undetermined*, candidates U and the default, or 无.”"""
    assert single(a=False).candidates == ("升级", "盘活", None)
    assert single("  默认 巩固\n", a=False).candidates == ("升级", "盘活", "巩固")
    assert single("  默认 盘活\n", a=False).candidates == ("升级", "盘活")


def test_nothing_at_all_is_the_default_or_none() -> None:
    """“Both empty: the default, else *none*”"""
    cells = {"a": False, "b": False, "c": False}
    assert single(**cells).status == "none"
    result = single("  默认 巩固\n", **cells)
    assert (result.status, result.value, result.defaulted) == ("determined", "巩固", True)


RANK = "  先后 盘活、升级\n"


def test_a_value_outranked_by_another_drops_out() -> None:
    """“Values of P outranked (先后) by another of P drop out.”"""
    result = single(RANK, a=False, b=True, c=True)
    assert (result.status, result.value, result.rules) == ("determined", "盘活", ("盘活类",))


def test_one_that_outranks_all_that_is_open_is_determined() -> None:
    """“One left, and it outranks all of U or U is empty: *determined*.”"""
    assert single(RANK, a=False, c=True).status == "determined"
    assert single(RANK, c=True).status == "undetermined"
    assert single(RANK, a=False, b=True).candidates == ("升级", "盘活")


CONDITIONAL = "  先后 盘活、升级 仅当 示范县\n"


def test_a_ranking_that_does_not_hold_ranks_nothing() -> None:
    """“`先后 a、b` ranks some values (optionally `仅当` a condition).”"""
    cells = {"a": False, "b": True, "c": True}
    assert single(CONDITIONAL, **cells, county={"model_county": True}).value == "盘活"
    assert single(CONDITIONAL, **cells, county={"model_county": False}).status == "conflict"


def test_an_unknown_ranking_claims_only_what_every_answer_gives() -> None:
    result = single(CONDITIONAL, a=False, b=True, c=True)
    assert (result.status, result.candidates) == ("undetermined", ("升级", "盘活"))
    assert names(result.missing) == ["县.示范县"]
    assert names(result.missing.deciding) == ["县.示范县"]
    # Whatever the ranking, 巩固 and another remain.
    assert single(CONDITIONAL, a=True, b=True, c=True).status == "conflict"
    # Only 升级 is concluded, and nothing is open: the ranking cannot matter.
    assert single(CONDITIONAL, a=False, b=True, c=False).value == "升级"


def test_only_rankings_of_the_values_in_question_are_cited_and_asked_for() -> None:
    """“of its 先后, the conditions of those that order two or more of the values in P and U” (5.12.10)"""
    amended = policy_from_text(
        WORLD + SINGLE,
        """
参数 用先后（ranked）：是否 缺省 是
  依据【先后】“用”
参数 未定先后（unset）：是否 未定
  依据【先后】“未定”
修订 类
  依据【四】“盘活在前”
  先后 盘活、升级 仅当 用先后
  先后 盘活、巩固 仅当 未定先后
""",
    )

    def result(**record: object) -> pr.DecisionResult:
        return amended.evaluate(record)["类"]

    alone = result(a=False, b=False, c=True)
    assert (alone.value, alone.clauses, alone.defaults) == ("盘活", ("L0-3",), ())
    ranked = result(a=False, b=True, c=True)
    assert (ranked.value, ranked.clauses, ranked.defaults) == ("盘活", ("L0-3", "L1-2"), ("用先后",))
    # 升级 is not concluded, but it may be: that 盘活 goes before it is why 盘活 stands.
    perhaps = result(a=False, c=True)
    assert (perhaps.value, perhaps.clauses, perhaps.defaults) == ("盘活", ("L0-3", "L1-2"), ("用先后",))
    # Neither ranking orders 巩固 and 升级.
    open_ = result(a=True, c=False)
    assert (open_.candidates, open_.defaults, names(open_.missing)) == (("巩固", "升级"), (), ["乙"])
    assert open_.missing.exact
    both = result(a=True, b=False)
    assert (both.candidates, names(both.missing)) == (("巩固", "盘活"), ["丙", "未定先后"])


APPLIES = "  适用 当 示范县\n"


def test_a_decision_that_does_not_apply() -> None:
    """“`适用` false: *not applicable*, and every test on the decision is false.”"""
    record = {"a": True, "b": False, "c": False, "county": {"model_county": False}}
    result = single(APPLIES, **record)
    assert (result.status, result.candidates) == ("not_applicable", (not_applicable,))
    more = SINGLE.replace("盘活 }\n", "盘活 }\n" + APPLIES)
    for test in ("类 为 巩固", "类 不为 巩固", "类 属于 { 巩固、升级、盘活 }", "类 为 无", "类 不为 无"):
        assert truth(test, record, more) is False


def test_a_decision_that_perhaps_applies() -> None:
    """“适用 unknown: *undetermined*, with 不适用 among the candidates.”"""
    result = single(APPLIES, a=True, b=False, c=False)
    assert (result.status, result.candidates) == ("undetermined", ("巩固", not_applicable))
    assert result.text == "待定：巩固（不适用 未排除）"
    more = SINGLE.replace("盘活 }\n", "盘活 }\n" + APPLIES)
    cells = {"a": True, "b": False, "c": False}
    assert truth("类 为 巩固", cells, more) is None
    assert truth("类 为 升级", cells, more) is False
    assert truth("类 不为 升级", cells, more) is None
    assert truth("类 不为 巩固", cells, more) is False


def test_tests_inside_another_condition() -> None:
    """“`d 属于 S` is true when every candidate is in S, false when none is, else unknown”"""
    cells = {"a": True, "b": True, "c": False}
    assert truth("类 属于 { 巩固、升级 }", cells, SINGLE) is True
    assert truth("类 为 巩固", cells, SINGLE) is None
    assert truth("类 为 盘活", cells, SINGLE) is False
    assert truth("类 不为 盘活", cells, SINGLE) is True
    assert truth("类 属于 { 巩固、升级 }", {"a": True, "b": True}, SINGLE) is None
    assert truth("类 为 无", {"a": False, "b": False, "c": False}, SINGLE) is True
    assert truth("类 不为 无", {"a": True}, SINGLE) is True


ORDERED = """
决定 意见（intake）：由宽到严 { 不禁止、暂缓、不得 }
  默认 不禁止
规则 暂缓类
  依据【一】“原文”
  当 甲
  则 意见 为 暂缓
规则 不得类
  依据【二】“原文”
  当 乙
  则 意见 为 不得
"""


@pytest.mark.parametrize(
    ("record", "status", "candidates"),
    [
        ({"a": True, "b": True}, "determined", ("不得",)),
        ({"b": True}, "determined", ("不得",)),
        ({"a": True, "b": False}, "determined", ("暂缓",)),
        ({"a": True}, "undetermined", ("暂缓", "不得")),
        ({"a": False, "b": False}, "determined", ("不禁止",)),
        ({"a": False}, "undetermined", ("不得", "不禁止")),
        ({}, "undetermined", ("暂缓", "不得", "不禁止")),
    ],
)
def test_the_strictest_of_what_is_concluded_and_the_default(
    record: dict[str, object], status: str, candidates: tuple[str, ...]
) -> None:
    """“The result is the strictest of P and the default; *determined* unless something in U is stricter.”"""
    result = policy(ORDERED).evaluate(record)["意见"]
    assert (result.status, result.candidates) == (status, candidates)
    assert result.defaulted is (candidates == ("不禁止",))


SEVERAL = """
决定 措施（measures）：多选 { 贴息、减租、培训 }
规则 贴息项
  依据【一】“原文”
  当 甲
  则 支持 措施 含 贴息、培训
规则 减租项
  依据【二】“原文”
  当 乙
  则 可 措施 含 减租
规则 培训项
  依据【三】“原文”
  当 丙
  则 应当 措施 含 培训
"""


def test_several_values_hold_at_once() -> None:
    """“`certain` is P, `candidates` is P and U; *determined* when U is empty; never a conflict.” “Each value is told with
    its tone, the strongest of the rules that conclude it.”"""
    result = policy(SEVERAL).evaluate({"a": True, "c": True})["措施"]
    assert (result.status, result.certain, result.candidates) == (
        "undetermined",
        {"贴息", "培训"},
        ("贴息", "培训", "减租"),
    )
    assert result.tones == {"贴息": "支持", "培训": "应当", "减租": "可"}
    assert result.text == "待定：贴息、培训（减租 未排除）"
    result = policy(SEVERAL).evaluate({"a": True, "b": False, "c": False})["措施"]
    assert (result.status, result.value) == ("determined", frozenset({"贴息", "培训"}))
    result = policy(SEVERAL).evaluate({"a": False, "b": False, "c": False})["措施"]
    assert (result.status, result.value) == ("determined", frozenset())


def test_a_test_on_several_values() -> None:
    """“`d 含 v` is true, unknown or false as v is in P, in U, or in neither” (5.9.20)."""
    cells = {"a": True, "c": False}
    assert truth("措施 含 贴息", cells, SEVERAL) is True
    assert truth("措施 含 减租", cells, SEVERAL) is None
    assert truth("措施 含 减租", {**cells, "b": False}, SEVERAL) is False
    assert truth("措施 不含 贴息", cells, SEVERAL) is False
    assert truth("措施 不含 减租", cells, SEVERAL) is None
    assert truth("措施 含任一 { 减租、贴息 }", cells, SEVERAL) is True


def test_several_values_of_a_decision_that_perhaps_applies() -> None:
    text = SEVERAL.replace("培训 }\n", "培训 }\n  适用 当 示范县\n")
    result = policy(text).evaluate({"a": True, "b": False, "c": False})["措施"]
    assert (result.status, result.certain) == ("undetermined", frozenset())
    assert result.candidates == ("贴息", "培训", not_applicable)
    assert truth("措施 含 贴息", {"a": True}, text) is None
    assert truth("措施 不含 减租", {"a": True, "b": False}, text) is None
    assert truth("措施 含 减租", {"a": True, "b": False}, text) is False
    # 贴息 is concluded if the decision applies; if it does not, every test is false.
    assert truth("措施 不含 贴息", {"a": True}, text) is False


# ---- supplements ----------------------------------------------------------------------------------------------------

UPPER = """
决定 类（kind）：单选 { 巩固、升级、盘活 }
规则 巩固类
  依据【一】“原文”
  当 甲
  则 类 为 巩固
"""
COUNTY = """
补充规则 县补充
  依据【一】“原文”
  当 乙
  则 类 为 盘活
"""


@pytest.mark.parametrize(
    ("record", "status", "candidates"),
    [
        ({"a": False, "b": True}, "determined", ("盘活",)),
        ({"a": True, "b": True}, "determined", ("巩固",)),
        ({"b": True}, "undetermined", ("巩固", "盘活", None)),
        ({"a": False}, "undetermined", ("盘活", None)),
        ({"b": False}, "undetermined", ("巩固", None)),
    ],
)
def test_a_supplement_speaks_where_every_upper_rule_is_false(
    record: dict[str, object], status: str, candidates: tuple[str | None, ...]
) -> None:
    """“A 补充规则 speaks where every rule of the layers above it is false; it is unknown while one is unknown.”"""
    result = policy(UPPER, COUNTY).evaluate(record)["类"]
    assert (result.status, result.candidates) == (status, candidates)


def test_a_supplement_below_a_supplement() -> None:
    village = COUNTY.replace("县补充", "村补充").replace("当 乙", "当 丙").replace("盘活", "升级")
    stack = policy(UPPER, COUNTY, village)
    assert stack.evaluate({"a": False, "b": True, "c": True})["类"].value == "盘活"
    assert stack.evaluate({"a": False, "b": False, "c": True})["类"].value == "升级"


# ---- presumptions ---------------------------------------------------------------------------------------------------

PRESUMED = """
推定 上推定
  依据【一】“原文”
  当 乙 则 难度 为 暂时
  当 丙 则 难度 为 持续
"""
BELOW = """
推定 下推定
  依据【一】“原文”
  当 甲 则 难度 为 无
"""


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # lowest layer true: it speaks
        ({"a": True, "b": True, "c": False}, "无"),
        ({"a": True}, "无"),
        # the lowest layer silent: the upper one speaks
        ({"a": False, "b": True, "c": False}, "暂时"),
        # the lower one unknown and would differ
        ({"b": True, "c": False}, None),
        # nobody speaks
        ({"a": False, "b": False, "c": False}, None),
        # two of one layer differ
        ({"a": False, "b": True, "c": True}, None),
        # a filled cell is not presumed
        ({"level": "持续", "a": True}, "持续"),
    ],
)
def test_the_lowest_layer_whose_condition_is_true_speaks(record: dict[str, object], expected: str | None) -> None:
    """“A presumption is used only where the cell is blank” “The lowest layer of which a case is true speaks.” “Where a case
    of a lower layer, or another of the same layer, is unknown and would differ, the cell may be either value.”"""
    stack = policy(PRESUMED, BELOW + _level_tests())
    outcome = stack.evaluate(record)
    decided = [value for value in ("无", "暂时", "持续") if outcome[f"测{value}"].status == "determined"]
    assert decided == ([] if expected is None else [expected])


def _level_tests() -> str:
    return "".join(
        f"决定 测{value}（t{index}）：单选 {{ 真 }}\n规则 规则{value}\n  依据【一】“原文”\n"
        f"  当 难度 为 “{value}”\n  则 测{value} 为 真\n"
        for index, value in enumerate(("无", "暂时", "持续"))
    )


def test_a_presumed_field_is_named_and_still_blank() -> None:
    """“`未填` still sees the blank, and the result says that it was presumed”"""
    stack = policy(
        PRESUMED,
        BELOW + _level_tests() + "术语 空着 即 难度 未填 且 难度 为 “无”\n决定 空（e）：单选 { 真 }\n"
        "规则 空规则\n  依据【一】“原文”\n  当 空着\n  则 空 为 真\n",
    )
    result = stack.evaluate({"a": True})["空"]
    assert (result.status, result.presumed) == ("determined", ("难度",))
    assert stack.evaluate({"level": "无"})["测无"].presumed == ()


def test_presumptions_that_differ_are_missing_a_settlement() -> None:
    stack = policy(PRESUMED, BELOW + _level_tests())
    missing = stack.evaluate({"a": False, "b": True, "c": True})["测暂时"].missing
    assert [(blank.kind, blank.name) for blank in missing] == [("field", "难度"), ("presumption", "难度")]


# ---- parameters -----------------------------------------------------------------------------------------------------


def test_an_unset_parameter_is_its_whole_interval() -> None:
    """“An unset parameter (`未定`) is evaluated as the whole interval of its `取值`, so that what holds for every permitted
    value is decided and the rest is undetermined.”"""
    more = "参数 线（line）：整数（个） 未定 取值 3 个 至 6 个\n"
    assert truth("数 ≥ 线", {"n": 6}, more) is True
    assert truth("数 ≥ 线", {"n": 2}, more) is False
    assert truth("数 ≥ 线", {"n": 4}, more) is None
    assert truth("线 已填", {}, more) is False


def test_a_default_is_used_and_marked_as_such() -> None:
    """“`缺省 v` is v, and marked as such (5.12.11), until a lower layer or the caller sets it.”"""
    text = """
参数 线（line）：整数（个） 缺省 3 个
决定 测（test）：单选 { 真 }
规则 测规则
  依据【一】“原文”
  当 数 ≥ 线 且 线 未填
  则 测 为 真
"""
    default = policy_from_text(WORLD + text, as_of=AS_OF)
    result = default.evaluate({"n": 4})["测"]
    assert (result.value, result.defaults) == ("真", ("线",))
    result = default.with_parameters({"线": 3}).evaluate({"n": 4})["测"]
    assert (result.status, result.defaults) == ("none", ())


def test_a_default_is_marked_through_names_that_were_worked_out_before() -> None:
    text = """
参数 线（line）：整数（个） 缺省 3 个
术语 过线 即 数 ≥ 线
决定 测（test）：单选 { 真 }
规则 测规则
  依据【一】“原文”
  当 过线
  则 测 为 真
决定 测二（test_two）：单选 { 真 }
规则 测二规则
  依据【一】“原文”
  当 过线 且 测 为 真
  则 测二 为 真
"""
    outcome = policy(text).evaluate({"n": 4})
    assert [outcome[name].defaults for name in ("测", "测二")] == [("线",), ("线",)]


READING = """
读法 口径（reading）：枚举 { 甲口径、乙口径 } 缺省 甲口径
  释义 两种读法
决定 测（test）：单选 { 真 }
规则 测规则
  依据【一】“原文”
  当 视 口径（甲口径：甲；乙口径：乙）
  则 测 为 真
决定 旁（aside）：单选 { 真 }
规则 旁规则
  依据【一】“原文”
  当 甲
  则 旁 为 真
"""


def test_the_result_under_every_other_reading_is_given() -> None:
    """“For every 读法 that the result depends on, the result under each other reading is given.”"""
    outcome = policy(READING).evaluate({"a": True, "b": False})
    assert outcome["测"].value == "真"
    readings = outcome["测"].readings
    assert {name: {other: r.status for other, r in results.items()} for name, results in readings.items()} == {
        "口径": {"乙口径": "none"}
    }
    assert outcome["测"].defaults == ()
    assert outcome["旁"].readings == {}
    assert policy(READING).evaluate({"a": True, "b": True})["测"].readings == {}


def test_a_reading_carries_through_the_portfolio() -> None:
    text = (
        READING
        + """
统计 真数
  依据【一】“原文”
  计数 项目
  其中 测 为 真
决定 多（many）：单选 { 是的 }
规则 多规则
  依据【一】“原文”
  当 真数 ≥ 2 个
  则 多 为 是的
"""
    )
    portfolio = [{"id": "1", "a": True, "b": False}, {"id": "2", "a": True, "b": False}]
    result = policy(text).evaluate(portfolio[0], portfolio)["多"]
    assert result.value == "是的"
    assert result.readings["口径"]["乙口径"].status == "none"

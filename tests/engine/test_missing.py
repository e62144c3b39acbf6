"""Missing inputs (language.md, section 5), a sentence a test; and the claim itself, tried on random conditions."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.support import TEST, WORLD, names, policy

import policyrules as pr
from policyrules import interpreter
from policyrules.engine.steps import Step
from policyrules.testing.build import policy_from_text


def missing(condition: str, record: Mapping[str, object] | None = None, more: str = "") -> pr.Missing:
    return policy(more + TEST.replace("{condition}", condition)).evaluate(dict(record or {}))["测"].missing


def test_a_blank_that_cannot_matter_is_never_asked_for() -> None:
    """“*Relevant*: the blanks that remain in the residual expression (one that cannot matter is never asked for)”"""
    assert names(missing("甲 且 任一满足（乙；丙）", {"b": True})) == ["甲"]
    assert names(missing("甲 且 任一满足（乙；丙）", {"b": False})) == ["甲", "丙"]
    assert names(missing("甲 且 乙", {"a": True, "b": True})) == []
    assert names(missing("甲 或 数 ≥ 0 个", {})) == []


@pytest.mark.parametrize(
    ("condition", "deciding"),
    [
        ("甲 且 乙 且 丙", ["甲"]),
        ("任一满足（甲 且 乙；丙）", ["丙"]),
        ("至少 2 项（甲；乙；丙）", ["甲", "乙"]),
        ("视 难度（无：甲；暂时：乙；持续：难度 未填）", ["难度"]),
        ("链条 为 较完备", ["链条"]),
        ("数 ≥ 5 个", ["数"]),
        ("成因 含 市场", ["成因"]),
        ("停产日 起满 12 个月", ["停产日"]),
    ],
)
def test_the_deciding_set_is_the_fewest_blanks_for_which_some_answer_settles(
    condition: str, deciding: list[str]
) -> None:
    """“*Deciding set* for an outcome: fewest blanks for which some answer settles it”"""
    found = missing(condition)
    assert names(found.deciding) == deciding
    assert found.exact


def test_counts_bring_in_the_cheapest_rows() -> None:
    rows: dict[str, object] = {"funds": [{"paid": True}, {}, {}, {}]}
    found = missing("计数 资金 其中（已付） ≥ 3 个", rows)
    assert names(found) == ["资金[1].已付", "资金[2].已付", "资金[3].已付"]
    # Two more make three; two that are not paid leave at most two.
    assert len(found.deciding) == 2 and found.exact
    assert len(missing("计数 资金 其中（已付） ≥ 2 个", rows).deciding) == 1
    assert len(missing("计数 资金 其中（已付） = 4 个", rows).deciding) == 1
    assert names(missing("计数 资金 ≥ 3 个").deciding) == ["资金"]


def test_a_comparison_may_be_settled_from_one_side() -> None:
    more = "参数 线（line）：整数（个） 未定 取值 1 个 至 20 个\n"
    found = missing("数 ≥ 线", {}, more)
    assert names(found) == ["数", "线"]
    # 线 = 20 is beyond what 数 can be, 数 = 0 below what 线 can be: of two that are enough it is the cell.
    assert names(found.deciding) == ["数"]
    assert names(missing("数 + 宽数 ≥ 5 个").deciding) == ["数", "宽数"]
    assert missing("数 + 宽数 ≥ 5 个").exact is False


def test_exact_where_no_blank_repeats_an_upper_bound_otherwise_and_marked_so() -> None:
    """“It is exact where no blank repeats, an upper bound otherwise, and marked so.”"""
    assert missing("甲 且 乙").exact is True
    assert missing("任一满足（甲 且 乙；甲 且 丙）").exact is False


TWO = """
决定 类（kind_of）：{mode} {{ 上、下 }}
规则 上类
  依据【一】“原文”
  当 {upper}
  则 类 {says} 上
规则 下类
  依据【一】“原文”
  当 {lower}
  则 类 {says} 下
"""


@pytest.mark.parametrize(
    ("upper", "lower", "deciding"),
    [
        # 链条 keeps out either value, with another answer each.
        ("链条 为 较完备 且 难度 为 无", "链条 为 不完整 且 难度 为 无", ["链条", "难度"]),
        ("链条 为 较完备 且 难度 为 无", "链条 不为 较完备 且 难度 为 无", ["链条", "难度"]),
        ("成因 含 市场 且 停产日 > 2025年1月1日", "成因 不含 市场 且 停产日 > 2025年1月1日", ["成因", "停产日"]),
        (
            "成因 含任一 { 市场、技术 } 且 停产日 > 2025年1月1日",
            "成因 全部属于 { 设施 } 且 停产日 > 2025年1月1日",
            ["成因", "停产日"],
        ),
        ("数 ≥ 5 个 且 链条 为 较完备", "数 < 5 个 且 链条 为 较完备", ["数", "链条"]),
        ("甲 且 链条 为 较完备", "非 甲 且 链条 为 较完备", ["甲", "链条"]),
        # One answer does for both.
        ("链条 为 较完备 且 难度 为 无", "链条 为 较完备 且 难度 为 暂时", ["链条"]),
        ("数 ≥ 5 个 且 链条 为 较完备", "数 ≥ 6 个 且 链条 为 较完备", ["数"]),
        ("数 > 5 个 且 链条 为 较完备", "5 个 ≥ 数 且 链条 为 不完整", ["数", "链条"]),
    ],
)
def test_the_same_answer_does_for_all_that_asks_for_a_blank(upper: str, lower: str, deciding: list[str]) -> None:
    """“it holds that blank only if some answer was found that does for all of them” (5.13.4)"""
    found = policy(TWO.format(mode="单选", says="为", upper=upper, lower=lower)).evaluate({})["类"].missing
    assert names(found.deciding) == deciding
    assert not found.exact


def test_a_notice_may_be_kept_out_by_no_single_answer() -> None:
    found = missing("任一满足（甲 且 链条 为 较完备；非 甲 且 链条 为 不完整）")
    assert (names(found), names(found.deciding)) == (["甲", "链条"], ["甲", "链条"])


def test_values_that_may_hold_at_once_are_told_by_answers_that_agree() -> None:
    def deciding(upper: str, lower: str) -> list[str]:
        text = TWO.format(mode="多选", says="含", upper=upper, lower=lower)
        return names(policy(text).evaluate({})["类"].missing.deciding)

    assert deciding("甲", "非 甲") == ["甲"]
    assert deciding("任一 资金 满足（已付）", "任一 资金 满足（年度 ≥ 2024 年）") == ["资金"]
    assert deciding("甲 且 链条 为 较完备", "非 甲 且 链条 为 较完备") == ["甲", "链条"]
    assert deciding("数 ≥ 5 个 且 链条 为 较完备", "数 ≥ 6 个 且 难度 为 无") == ["数"]


def test_what_is_not_known_to_settle_is_not_told_to() -> None:
    """“Where no set is known to settle the outcome there is none.” (5.13.4): sums are not looked into."""
    text = TWO.format(mode="单选", says="为", upper="数 + 宽数 > 5 个", lower="数 + 宽数 < 5 个")
    result = policy(text).evaluate({})["类"]
    assert names(result.missing) == ["数", "宽数"]
    assert (names(result.missing.deciding), result.missing.exact) == ([], False)


def test_a_blank_that_stands_on_both_sides_may_not_come_to_what_its_bounds_allow() -> None:
    # 数 ÷ 数 is 1 or nothing at all.
    found = missing("甲 或 数 ÷ 数 ≥ 200%", {"a": False})
    assert (names(found), names(found.deciding)) == (["数"], [])
    assert names(missing("甲 或 数 ÷ 数 ≥ 200%").deciding) == ["甲"]


def test_conflicts_and_unset_parameters_are_among_them() -> None:
    """“Also listed are, where they matter: lists and a portfolio not supplied, unset parameters” (5.13.2)."""
    conflict = """
决定 类（kind_of）：单选 { 上、下 }
规则 上类
  依据【一】“原文”
  当 甲
  则 类 为 上
规则 下类
  依据【一】“原文”
  当 乙
  则 类 为 下
参数 线（line）：整数（个） 未定 取值 1 个 至 9 个
"""
    found = missing("类 为 上 且 数 ≥ 线", {"a": True, "b": True, "n": 5}, conflict)
    assert [(blank.kind, blank.name) for blank in found] == [("conflict", "类"), ("parameter", "线")]
    own = policy(conflict).evaluate({"a": True, "b": True})["类"].missing
    assert [(blank.kind, blank.name, blank.detail) for blank in own] == [("conflict", "类", "上、下")]


def test_each_blank_names_who_would_know_it() -> None:
    """“Each blank names who would know it (`由`).”"""
    assert missing("甲")[0].holders == ("评估组",)
    assert str(missing("甲")[0]) == "甲（评估组）"


def test_an_unlisted_value_is_missing_its_recognition() -> None:
    """“what is missing is the recognition (认定)”"""
    more = "清单 名单\n  依据【一】“原文”\n  即 { 衔接资金、等 }\n"
    (blank,) = missing("来源 属于 名单", {"kind": "别的"}, more)
    assert (blank.kind, blank.name) == ("recognition", "名单")
    assert "别的" in blank.detail
    assert [b.kind for b in missing("来源 属于 名单", {}, more)] == ["field"]


def test_rows_that_are_not_there() -> None:
    assert [(b.kind, b.name) for b in missing("任一 资金 满足（已付）")] == [("rows", "资金")]
    given = "取 类型统计.盘活数 其中（统计类型 = 项目.类型） ≥ 3 个"
    county: dict[str, object] = {"type": "茶", "county": {"type_counts": []}}
    assert [(b.kind, b.object, b.name) for b in missing(given, county)] == [("rows", "县", "类型统计")]


def test_a_division_by_zero_is_undefined() -> None:
    found = missing("款 ÷ 款 ≥ 100%", {"money": 0})
    assert [(b.kind, b.name) for b in found] == [("undefined", "款 ÷ 款")]


def test_a_decision_may_be_settled_by_not_applying() -> None:
    text = """
决定 类（kind_of）：单选 { 上、下 }
  适用 当 丙
规则 上类
  依据【一】“原文”
  当 甲
  则 类 为 上
规则 下类
  依据【一】“原文”
  当 乙
  则 类 为 下
"""
    found = policy(text).evaluate({})["类"].missing
    assert (names(found), names(found.deciding)) == (["丙", "甲", "乙"], ["丙"])


def test_a_rule_that_concludes_nothing_stricter_is_not_asked_about() -> None:
    text = """
决定 意见（intake）：由宽到严 { 不禁止、暂缓、不得 }
规则 暂缓类
  依据【一】“原文”
  当 甲
  则 意见 为 暂缓
规则 暂缓二
  依据【一】“原文”
  当 乙
  则 意见 为 暂缓
规则 不得类
  依据【二】“原文”
  当 丙
  则 意见 为 不得
"""
    assert names(policy(text).evaluate({"a": True})["意见"].missing) == ["丙"]


# ---- the claim, tried -----------------------------------------------------------------------------------------------

FIELDS = {"甲": "a", "乙": "b", "丙": "c", "丁": "d", "戊": "e"}
LEAVES = st.sampled_from([f"{negation}{name}" for name in FIELDS for negation in ("", "非 ")])


def _grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda parts: f"同时满足（{'；'.join(parts)}）"),
        several.map(lambda parts: f"任一满足（{'；'.join(parts)}）"),
        st.lists(inner, min_size=3, max_size=3).map(lambda parts: f"至少 2 项（{'；'.join(parts)}）"),
        several.map(lambda parts: f"非 同时满足（{'；'.join(parts)}）"),
    )


CONDITIONS = st.recursive(LEAVES, _grouped, max_leaves=6)


@settings(max_examples=60, deadline=None)
@given(
    conditions=st.lists(CONDITIONS, min_size=3, max_size=3),
    known=st.dictionaries(st.sampled_from(list(FIELDS.values())), st.booleans(), max_size=2),
    ranked=st.booleans(),
)
def test_some_answer_to_the_deciding_set_settles_and_fewer_never_do(
    conditions: list[str], known: dict[str, bool], ranked: bool
) -> None:
    """A set settles with some answer, and where it is exact no smaller set does; relevance is what remains after the known."""
    text = WORLD.replace("  字段 宽数", "  字段 丁（d）：是否\n  字段 戊（e）：是否\n  字段 宽数")
    text += "决定 类（kind_of）：单选 { 上、中、下 }\n" + ("  先后 上、中\n" if ranked else "")
    for value, condition in zip("上中下", conditions, strict=True):
        text += f"规则 {value}类\n  依据【一】“原文”\n  当 {condition}\n  则 类 为 {value}\n"
    world = policy_from_text(text)
    result = world.evaluate(known)["类"]
    if result.status != "undetermined":
        return
    found = result.missing
    deciding = [blank.key for blank in found.deciding]
    settled = ("determined", "none", "not_applicable")
    assert set(deciding) <= {blank.key for blank in found.relevant}
    assert not deciding or _settles(world, known, deciding, settled)
    if not found.exact:
        return
    assert deciding
    blanks = [key for key in FIELDS.values() if key not in known]
    for size in range(len(deciding)):
        for fewer in itertools.combinations(blanks, size):
            assert not _settles(world, known, list(fewer), settled)


def _settles(world: pr.Policy, known: dict[str, bool], keys: list[str], settled: tuple[str, ...]) -> bool:
    return any(
        world.evaluate({**known, **dict(zip(keys, answers, strict=True))})["类"].status in settled
        for answers in itertools.product((True, False), repeat=len(keys))
    )


def test_both_choices_of_a_fallback_may_be_filled_in() -> None:
    from policyrules.testing.build import policy_from_text

    policy = policy_from_text(
        "对象 项目（project）\n  字段 甲（a）：是否\n  字段 乙（b）：是否\n"
        "决定 去向（path）：单选 { 处置 }\n规则 一\n  当 首选 甲，缺则 乙\n  则 去向 为 处置\n"
    )
    missing = policy.evaluate({})["去向"].missing
    assert [blank.name for blank in missing] == ["甲", "乙"]
    assert [blank.name for blank in missing.deciding] == ["甲"]
    assert missing.exact
    assert [blank.name for blank in policy.evaluate({"甲": False})["去向"].missing] == []


@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
@pytest.mark.parametrize("ranked", [False, True])
def test_decisions_of_many_values_do_not_take_cubic_time(mode: str, ranked: bool) -> None:
    if ranked and mode != "单选":
        pytest.skip("rankings are for 单选")

    def seconds(size: int) -> float:
        text = "对象 项目（project） 标识 编号\n  字段 编号（project_id）：文本\n"
        text += "".join(f"  字段 甲{n}（a{n}）：是否\n  字段 排{n}（r{n}）：是否\n" for n in range(size))
        text += f"决定 分类（c）：{mode} {{ {'、'.join(f'值{n}' for n in range(size))} }}\n"
        if ranked:
            text += "".join(f"  先后 值{n}、值{n + 1} 仅当 排{n}\n" for n in range(size - 1))
        text += "".join(f"规则 规{n}\n  当 甲{n}\n  则 分类 为 值{n}\n" for n in range(size))
        result = policy_from_text(text).evaluate({"编号": "1"})["分类"]
        begun = time.process_time()
        missing = result.missing
        taken = time.process_time() - begun
        assert len(missing.relevant) == size + (size - 1 if ranked else 0)
        return taken

    assert seconds(300) < 6


def test_other_members_are_not_evaluated_again_to_say_what_they_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 类型（type）：文本\n  字段 停产（stopped）：是否\n"
        "统计 同类停产数\n  计数 项目\n  相同 类型\n  其中 停产\n"
        "决定 分类（category）：单选 { 盘活 }\n规则 盘活类\n  当 同类停产数 ≥ 3\n  则 分类 为 盘活\n"
    )
    members = rules.portfolio([{"编号": str(number)} for number in range(30)])
    result = rules.evaluate({"编号": "7"}, members)["分类"]
    made: list[object] = []
    monkeypatch.setattr(interpreter, "Run", lambda *given: made.append(given))
    stopped, type_, others = result.missing
    assert (stopped.name, type_.name, others.count, others.members) == ("停产", "类型", 29, ("0", "1", "2"))
    assert not made


def test_other_readings_do_not_prepare_the_program_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 停产（stopped）：是否\n"
        "读法 宽窄（width）：枚举 { 窄、宽、更宽 } 缺省 窄\n  依据【一】\n"
        "清单 名单\n  即 { 甲 }\n"
        "决定 分类（category）：单选 { 盘活 }\n规则 盘活类\n  当 停产 且 宽窄 属于 { 宽、更宽 }\n  则 分类 为 盘活\n"
    )
    result = rules.evaluate({"停产": True})["分类"]
    monkeypatch.setattr(interpreter, "Engine", None)
    readings = result.readings["宽窄"]
    assert {name: other.text for name, other in readings.items()} == {"宽": "盘活", "更宽": "盘活"}
    assert result.text == "无" and readings["宽"].rules == ("盘活类",)


def test_another_reading_works_out_only_what_turns_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each rule has a reading of its own: another value of it is one rule and the decision, whatever else is written.
    def of(count: int) -> pr.Policy:
        values = "、".join(f"值{n}" for n in range(5))
        return policy_from_text(
            "对象 项目（project）\n  字段 甲（a）：是否\n决定 类（kind）：多选 { 上、下 }\n"
            + "".join(f"读法 读{n}（r{n}）：枚举 {{ {values} }} 缺省 值0\n" for n in range(count))
            + "".join(f"规则 规{n}\n  当 甲 且 读{n} 为 值1\n  则 类 含 {'上下'[n % 2]}\n" for n in range(count))
        )

    made = 0
    plain = Step.__init__

    def counting(self: Step, *args: Any) -> None:
        nonlocal made
        made += 1
        plain(self, *args)

    monkeypatch.setattr(Step, "__init__", counting)

    def steps(count: int) -> int:
        nonlocal made
        result = of(count).evaluate({"甲": True})["类"]
        made = 0
        readings = result.readings
        assert {name: list(others) for name, others in readings.items()} == {f"读{n}": ["值1"] for n in range(count)}
        assert all(readings[f"读{n}"]["值1"].certain == {"上下"[n % 2]} for n in range(count))
        return made

    few, many = steps(10), steps(40)
    # Four times as many readings of four times as many rules: not sixteen times the work.
    assert many < 6 * few


def test_of_ways_that_are_equally_short_it_is_the_same_in_any_order() -> None:
    fields = "对象 项目（project）\n" + "".join(
        f"  字段 {name}（{key}）：是否\n" for name, key in zip("甲乙丙丁", "abcd", strict=True)
    )

    def deciding(condition: str) -> list[str]:
        policy = policy_from_text(
            f"{fields}决定 类（kind）：单选 {{ 上 }}\n规则 上类\n  当 {condition}\n  则 类 为 上\n"
        )
        return names(policy.evaluate({})["类"].missing.deciding)

    # Of single blanks it is the one declared first.
    assert deciding("任一满足（丁；乙；丙）") == deciding("任一满足（丙；丁；乙）") == ["乙"]
    # One of each pair makes it false, both of one pair make it true.
    assert deciding("任一满足（丁 且 丙；乙 且 甲）") == deciding("任一满足（甲 且 乙；丙 且 丁）") == ["甲", "乙"]
    # Without 丙 it is false; asked twice, it is one blank all the same.
    assert (
        deciding("任一满足（丁 且 丙；丁 且 甲；甲 且 丙）")
        == deciding("任一满足（甲 且 丙；丙 且 丁；甲 且 丁）")
        == ["甲", "丙"]
    )


def test_of_rows_with_names_the_same_are_asked_in_any_order() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n  字段 大（big）：是否\n对象 资产（assets） 属于 项目 标识 资产编号\n"
        "  字段 资产编号（no）：文本\n  字段 好（good）：是否\n"
        "决定 类（kind）：单选 { 上 }\n规则 上类\n  当 计数 资产 其中（好） ≥ 2\n  则 类 为 上\n"
    )
    rows = [{"资产编号": f"A{number}"} for number in (9, 10, 2, 30)]
    for order in itertools.permutations(rows):
        deciding = policy.evaluate({"资产": list(order)})["类"].missing.deciding
        assert [blank.where for blank in deciding] == ["资产 A2", "资产 A9"]


def test_what_has_to_be_there_for_a_first_choice_is_missing_also_where_it_cannot_change_its_value() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n"
        + "".join(f"  字段 {name}（{key}）：是否\n" for name, key in zip("甲乙丙", "abc", strict=True))
        + "决定 类（kind）：单选 { 上 }\n规则 上类\n  当 首选（甲 且 乙），缺则 丙\n  则 类 为 上\n"
    )
    # 甲 且 乙 is false already, but counts only once 甲 is filled in: that settles it as 丙 does.
    found = policy.evaluate({"乙": False})["类"]
    assert (found.text, names(found.missing), names(found.missing.deciding)) == ("待定：上、无", ["甲", "丙"], ["甲"])
    for answer in (True, False):
        assert policy.evaluate({"乙": False, "甲": answer})["类"].text == "无"
    # Where the second choice is known, nothing is open.
    assert not policy.evaluate({"乙": False, "丙": True})["类"].missing


def test_what_stands_above_is_missing_where_it_would_count_for_a_row_that_nobody_listed() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n  字段 乙（b）：是否\n  字段 丙（c）：是否\n对象 资金（funds） 属于 项目\n  字段 已付（paid）：是否\n"
        "  字段 他（other）：是否\n禁令 付款 对 资金\n  不得 非（首选 已付，缺则（乙 且 丙））\n"
        "禁令 旁 对 资金\n  不得 非（首选 已付，缺则（乙 且 丙 且 他））\n"
    )

    def found(**record: object) -> dict[str, tuple[str, list[str]]]:
        return {one.name: (one.status, names(one.missing)) for one in policy.evaluate(record).findings}

    # 乙 且 丙 is false already; it counts once 丙 is there as well (5.10.12).
    assert found(乙=False)["付款"] == ("unverified", ["资金", "丙"])
    assert found(乙=False, 丙=True)["付款"] == found(乙=False, 丙=False)["付款"] == ("violated", [])
    # What reads a cell of the row itself never counts: 丙 cannot matter.
    assert found(乙=False)["旁"] == ("unverified", ["资金"])
    assert found(乙=False, 丙=True)["旁"] == ("unverified", ["资金"])

"""Merging layers (language.md, sections 2 and 6): folding, dates, restatements, drift, provenance."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.program.given import Typed
from policyrules.program.lock import write_locks
from policyrules.testing.build import layer_files, policy_from_text, try_policy_from_text, write_layers

TOP = """
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 丙（c）：是否
  字段 丁（d）：是否
术语 前提 即 甲
清单 名单 即 { 一、等 }
决定 类（kind）：单选 { 上、下 }
  授权 自定
规则 上规则
  依据【一】“原文”
  当 前提
  则 类 为 上
义务 上义务
  依据【二】“原文”
  当 甲
  应当 乙
  授权 自定
"""

AS_OF = datetime.date(2025, 9, 15)


def value(policy: pr.Policy, **record: object) -> object:
    result = policy.evaluate(record)["类"]
    return result.value if result.status == "determined" else result.status


def test_operations_fold_in_a_fixed_order_whatever_the_spelling_order() -> None:
    # (甲 且 还须 乙) 或者 丙, 除外 丁
    one = policy_from_text(TOP, "修订 上规则\n  依据【三】“改”\n  除外 丁\n  或者 丙\n  还须 乙\n")
    two = policy_from_text(TOP, "修订 上规则\n  依据【三】“改”\n  还须 乙\n  或者 丙\n  除外 丁\n")
    for policy in (one, two):
        assert value(policy, a=True, b=True, c=False, d=False) == "上"
        assert value(policy, a=True, b=False, c=False, d=False) == "none"
        assert value(policy, a=False, b=False, c=True, d=False) == "上"
        assert value(policy, a=False, b=False, c=True, d=True) == "none"
    assert one.program.rules["上规则"].when == two.program.rules["上规则"].when


def test_each_layer_folds_over_what_the_layer_above_left() -> None:
    policy = policy_from_text(
        TOP, "修订 上规则\n  依据【三】“改”\n  或者 乙\n", "修订 上规则\n  依据【四】“改”\n  还须 丙\n"
    )
    # (甲 或者 乙) 还须 丙
    assert value(policy, a=False, b=True, c=True) == "上"
    assert value(policy, a=True, b=False, c=False) == "none"


def test_a_condition_keeps_the_layer_clause_file_and_line_it_came_from() -> None:
    policy = policy_from_text(
        TOP, "修订 上规则\n  依据【三】“改”\n  还须 乙\n", "修订 上规则\n  依据【四】“改”\n  除外 丙\n"
    )
    when = policy.program.rules["上规则"].when
    assert when.base is not None and (when.origin.layer, when.origin.citations[0].place) == ("L0", "一")
    assert [(p.operation, p.origin.layer, p.origin.citations[0].place) for p in when.amendments] == [
        ("还须", "L1", "三"),
        ("除外", "L2", "四"),
    ]
    spans = [when.base.span, *(part.body.span for part in when.amendments)]
    assert [span.line for span in spans] == [14, 3, 3]
    assert all(span.source.path.endswith("rules.rules") for span in spans)


def test_a_prohibition_and_a_duty_grow_by_what_is_added_to_the_demand() -> None:
    lower = "修订 上义务\n  依据【三】“改”\n  还应当 丙\n"
    policy = policy_from_text(TOP, lower)
    statuses = {f.name: f.status for f in policy.evaluate({"a": True, "b": True, "c": False}).findings}
    assert statuses["上义务"] == "violated"


def test_an_empty_layer_changes_nothing() -> None:
    top, both = policy_from_text(TOP), policy_from_text(TOP, "# 没有内容\n")
    for record in ({}, {"a": True}, {"a": False, "b": True}):
        assert top.evaluate(record)["类"] == both.evaluate(record)["类"]


def test_silence_repeals_nothing_and_stopping_needs_a_reason() -> None:
    policy = policy_from_text(TOP, "修订 上义务\n  依据【三】“不再执行”\n  停用\n  说明 由新规定代替\n")
    assert "上义务" not in {f.name for f in policy.evaluate({"a": True}).findings}
    assert [s.name for s in policy.program.stopped] == ["上义务"]
    _, diagnostics = try_policy_from_text(TOP, "修订 上义务\n  依据【三】“不再执行”\n  停用\n")
    assert any(d.severity == "error" and "理由" in d.message for d in diagnostics) or any(
        "说明" in (d.remedy or "") for d in diagnostics
    )


def test_a_restatement_adds_its_citation_and_changes_nothing() -> None:
    policy = policy_from_text(TOP, "修订 上规则\n  依据【三】“重申”\n  重申\n")
    result = policy.evaluate({"a": True})["类"]
    assert result == policy_from_text(TOP).evaluate({"a": True})["类"] or result.value == "上"
    assert result.clauses == ("L0-1", "L1-1")


def test_an_origin_says_whether_a_layer_restates_or_changes() -> None:
    lower = "修订 上规则\n  依据【三】“重申”\n  重申\n修订 上义务\n  依据【四】“改”\n  还应当 丙\n修订 类\n  依据【五】“重申”\n  重申\n"
    program = policy_from_text(TOP, lower).program
    assert [origin.kind for origin in program.rules["上规则"].origins] == ["规则", "重申"]
    assert [origin.kind for origin in program.duties["上义务"].origins] == ["义务", "修订"]
    assert [origin.kind for origin in program.decisions["类"].origins] == ["决定", "重申"]


def test_a_stopped_rule_names_its_decision_and_is_in_its_explanation() -> None:
    stop = "  依据【三】“不再执行”\n  停用\n  说明 由新规定代替\n"
    policy = policy_from_text(TOP, f"修订 上规则\n{stop}修订 上义务\n{stop}")
    assert [(s.name, s.decision, s.lapsed) for s in policy.program.stopped] == [
        ("上义务", "", False),
        ("上规则", "类", False),
    ]
    reasons = policy.evaluate({"a": True})["类"].explain().children
    assert [(r.text, r.operation, r.notes) for r in reasons] == [("规则 上规则", "停用", ("由新规定代替",))]


def test_a_lapsed_amendment_is_in_the_explanation_of_the_decision_or_of_the_restated_rule() -> None:
    text = TOP.replace("  则 类 为 上\n", "  则 类 为 上\n  至 2025年1月1日 止\n")
    amend = "修订 上规则\n  依据【三】“改”\n  还须 乙\n"
    policy, _ = try_policy_from_text(text, amend)
    assert policy is not None and [s.decision for s in policy.program.stopped] == ["类"]
    assert [r.operation for r in policy.evaluate({})["类"].explain().children] == ["失效"]
    again, _ = try_policy_from_text(text, amend, "修订 上规则\n  依据【四】“重申”\n  重申\n")
    assert again is not None
    (rule,) = again.evaluate({})["类"].explain().children
    assert [r.operation for r in rule.children if r.role == "amendment"] == ["重申", "失效"]


# ---- dates ----------------------------------------------------------------------------------------------------------


def test_rules_are_filtered_by_date_names_are_not() -> None:
    text = TOP.replace("  则 类 为 上\n", "  则 类 为 上\n  自 2025年1月1日 起\n  至 2025年12月31日 止\n")
    for day, expected in (
        ((2024, 12, 31), "none"),
        ((2025, 1, 1), "上"),
        ((2025, 12, 31), "上"),
        ((2026, 1, 1), "none"),
    ):
        assert value(policy_from_text(text, as_of=datetime.date(*day)), a=True) == expected


def test_an_amendment_whose_base_is_out_of_force_lapses_with_a_note() -> None:
    text = TOP.replace("  则 类 为 上\n", "  则 类 为 上\n  至 2025年1月1日 止\n")
    policy, diagnostics = try_policy_from_text(text, "修订 上规则\n  依据【三】“改”\n  还须 乙\n")
    assert policy is not None
    assert "W302" in [d.code for d in diagnostics]
    assert [(s.name, s.lapsed) for s in policy.program.stopped] == [("上规则", True)]
    assert value(policy, a=True, b=True) == "none"


def test_a_restatement_keeps_the_provision_alive_as_the_restating_layers_own() -> None:
    text = TOP.replace("  则 类 为 上\n", "  则 类 为 上\n  至 2025年1月1日 止\n")
    policy = policy_from_text(text, "修订 上规则\n  依据【三】“重申”\n  重申\n")
    assert value(policy, a=True) == "上"


def test_a_layer_out_of_force_says_nothing_but_its_names_resolve(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, TOP, "规则 下规则\n  依据【三】“改”\n  当 乙\n  则 类 为 下\n")
    manifest = lowest / "layer.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("2024-01-01", "2026-01-01"), encoding="utf-8")
    assert value(pr.load(lowest, as_of=datetime.date(2025, 9, 15)), a=False, b=True) == "none"
    assert value(pr.load(lowest, as_of=datetime.date(2026, 1, 1)), a=False, b=True) == "下"


def test_parameter_values_may_be_dated() -> None:
    text = (
        "对象 项目（project）\n  字段 数（n）：整数（个）\n"
        "参数 线（line）：整数（个） = 5 个 自 2025年1月1日 起 = 6 个 自 2026年1月1日 起\n"
        "决定 类（kind）：单选 { 上 }\n规则 甲\n  当 数 ≥ 线\n  则 类 为 上\n"
    )
    for year, expected in ((2024, None), (2025, 5), (2026, 6), (2027, 6)):
        policy = policy_from_text(text, as_of=datetime.date(year, 6, 1))
        assert policy.program.parameters["线"].value == expected
    assert policy_from_text(text, as_of=datetime.date(2024, 6, 1)).evaluate({"n": 9})["类"].status == "undetermined"


# ---- parameters given by the caller ---------------------------------------------------------------------------------

PARAMETERS = """
对象 项目（project）
  字段 数（n）：整数（个）
参数 线（line）：整数（个） 未定 取值 1 个 至 9 个
参数 期（period）：时长（个月） 缺省 12 个月
参数 比（share）：比例 未定 取值 1% 至 100%
参数 定（fixed）：日期 = 2025年10月31日
参数 种（kinds）：多选 { 甲、乙 } 缺省 { 甲 }
参数 额（amount）：金额（万元） 未定
读法 读（reading）：枚举 { 一、二 } 缺省 一
"""


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"线": 5}, "线", 5),
        ({"line": "5 个"}, "线", 5),
        ({"期": "2年"}, "期", 24),
        ({"period": 6}, "期", 6),
        ({"比": "40%"}, "比", pytest.approx(0.4)),
        ({"比": Typed("0.4")}, "比", Fraction(2, 5)),
        ({"比": "1"}, "比", 1),
        ({"种": ["甲", "乙"]}, "种", frozenset({"甲", "乙"})),
        ({"额": 3}, "额", 30000),
        ({"额": "5000元"}, "额", 5000),
        ({"读": "二"}, "读", "二"),
    ],
)
def test_the_caller_may_set_open_parameters(given: dict[str, object], name: str, expected: object) -> None:
    parameter = policy_from_text(PARAMETERS, parameters=given).program.parameters[name]
    assert parameter.value == expected
    assert parameter.state == "set"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"线": 50}, "E206"),
        ({"线": "五个"}, "E602"),
        ({"线": 2.5}, "E602"),
        ({"没有": 1}, "E601"),
        ({"定": "2026-01-01"}, "E603"),
        ({"读": "三"}, "E602"),
        ({"种": ["丙"]}, "E602"),
        ({"比": float("nan")}, "E602"),
        ({"比": Typed("30")}, "E602"),
        ({"比": Typed("1.2")}, "E602"),
        ({"比": "1.2"}, "E206"),
    ],
)
def test_a_wrong_parameter_is_explained(given: dict[str, object], code: str) -> None:
    with pytest.raises(pr.PolicyError) as caught:
        policy_from_text(PARAMETERS, parameters=given)
    assert [d.code for d in caught.value.diagnostics if d.severity == "error"] == [code]


@pytest.mark.parametrize(
    ("given", "shown"),
    [({"线": "很多"}, "“很多”"), ({"种": ["丙", "丁"]}, "“丙、丁”"), ({"线": True}, "“是”"), ({"线": 2.5}, "“2.5”")],
)
def test_a_wrong_value_is_shown_as_it_was_written(given: dict[str, object], shown: str) -> None:
    with pytest.raises(pr.PolicyError) as caught:
        policy_from_text(PARAMETERS, parameters=given)
    assert caught.value.diagnostics[0].message.endswith(f"不能取{shown}")


# ---- drift ----------------------------------------------------------------------------------------------------------

LOWER = "修订 上规则\n  依据【三】“改”\n  还须 乙\n修订 上义务\n  依据【三】“重申”\n  重申\n"


def locked(folder: Path, top: str = TOP) -> Path:
    lowest = write_layers(folder, top, LOWER)
    policy = pr.load(lowest, as_of=AS_OF)
    write_locks(policy.layers, policy.pins)
    return lowest


def drift(lowest: Path) -> list[tuple[str, str]]:
    policy = pr.load(lowest, as_of=AS_OF)
    return [(d.code, d.message) for d in policy.warnings if d.code in ("W303", "W304", "W305", "W306")]


def rewrite(lowest: Path, top: str) -> None:
    for name, text in layer_files(top, 0).items():
        (lowest.parent / "0" / name).write_text(text, encoding="utf-8")


def test_an_unlocked_amendment_is_reported(tmp_path: Path) -> None:
    assert [code for code, _ in drift(write_layers(tmp_path, TOP, LOWER))] == ["W304"]


def test_a_locked_layer_is_silent(tmp_path: Path) -> None:
    assert drift(locked(tmp_path)) == []


def test_what_ends_the_time_of_a_duty_is_kept_and_pinned(tmp_path: Path) -> None:
    ended = TOP.replace("  应当 乙\n", "  应当 乙\n  到期 丙\n")
    amended = policy_from_text(ended, "修订 上义务\n  依据【三】“改”\n  还应当 丁\n")
    assert finding(amended, a=True, b=True, c=True, d=False) == "overdue"
    assert finding(amended, a=True, b=True, c=False, d=False) == "in_progress"
    assert finding(amended, a=True, b=True, c=True, d=True) == "compliant"
    lowest = locked(tmp_path, ended)
    rewrite(lowest, ended.replace("  到期 丙\n", "  到期 丁\n"))
    assert ["上义务" in message for _, message in drift(lowest)] == [True]
    rewrite(lowest, TOP)
    assert ["上义务" in message for _, message in drift(lowest)] == [True]


def finding(policy: pr.Policy, **record: object) -> str:
    (found,) = policy.evaluate(record).findings
    return found.status


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("  当 前提\n", "  当 前提 且 丁\n", ["上规则"]),
        ("术语 前提 即 甲\n", "术语 前提 即 甲 或 丙\n", ["上规则"]),
        ("  应当 乙\n", "  应当 乙 且 丙\n", ["上义务"]),
        ("  依据【二】“原文”\n", "  依据【二】“原文甲”\n", []),
        ("术语 前提 即 甲\n", "# 说明\n术语  前提\n  即  甲\n", []),
        ("清单 名单 即 { 一、等 }", "清单 名单 即 { 一、二、等 }", []),
    ],
)
def test_drift_names_every_amendment_whose_base_moved(tmp_path: Path, old: str, new: str, moved: list[str]) -> None:
    lowest = locked(tmp_path)
    assert old in TOP
    rewrite(lowest, TOP.replace(old, new))
    found = drift(lowest)
    assert [code for code, _ in found] == ["W303"] * len(moved)
    for name, (_, message) in zip(moved, found, strict=True):
        assert name in message


def test_a_layer_that_is_not_in_force_is_held_against_what_stands_above_it_when_it_is(tmp_path: Path) -> None:
    """Before the middle layer is in force the top rule has not its condition; that is no move."""
    middle = "修订 上规则\n  依据【三】“改”\n  还须 丙\n"
    lowest = write_layers(tmp_path, TOP, middle, LOWER)
    for level, text, since in ((1, middle, "2024-06-01"), (2, LOWER, "2025-01-01")):
        (tmp_path / str(level) / "layer.yaml").write_text(layer_files(text, level, since=since)["layer.yaml"], "utf-8")
    policy = pr.load(lowest, as_of=AS_OF)
    write_locks(policy.layers, policy.pins)
    for day, asleep in (("2023-01-01", 3), ("2024-03-01", 2), ("2024-09-01", 1), ("2025-01-01", 0)):
        warnings = pr.load(lowest, as_of=datetime.date.fromisoformat(day)).warnings
        assert [one.code for one in warnings] == ["W306"] * asleep, day
    rewrite(lowest, TOP.replace("  当 前提\n", "  当 前提 且 丁\n"))
    for day in ("2023-01-01", "2024-03-01", "2024-09-01", "2025-01-01"):
        warnings = pr.load(lowest, as_of=datetime.date.fromisoformat(day)).warnings
        moved = [(one.code, one.file) for one in warnings if one.code == "W303"]
        assert moved == [("W303", str(tmp_path / str(level) / "rules.rules")) for level in (1, 2)], day


# ---- order ----------------------------------------------------------------------------------------------------------


def test_the_order_of_files_and_declarations_does_not_matter(tmp_path: Path) -> None:
    blocks = ["\n" + part for part in TOP.strip().split("\n决定")[0:1]] + ["决定" + TOP.strip().split("\n决定")[1]]
    forward = policy_from_text("\n".join(blocks))
    backward = policy_from_text("\n".join(reversed(blocks)))
    assert forward.fingerprint == backward.fingerprint
    assert forward.evaluate({"a": True}).to_dict() == backward.evaluate({"a": True}).to_dict()


def test_the_fingerprint_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    lowest = write_layers(tmp_path, PARAMETERS.replace("缺省 { 甲 }", "缺省 { 甲、乙 }"))
    code = f"import datetime, policyrules as pr; print(pr.load({str(lowest)!r}, as_of=datetime.date(2025, 1, 1)).fingerprint)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1

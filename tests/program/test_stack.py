"""Stacks without a date: what is asked of one reads nothing again, and comes to what loading the same files would."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

import policyrules as pr
from policyrules.language import parser
from policyrules.policy import policy_of
from policyrules.program import folders
from policyrules.program.nodes import Origin
from policyrules.program.stack import Stack
from policyrules.testing.build import AS_OF, layer_files, policy_from_text, stack_from_text, write_layers

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("policies/national", "policies/jiangxi", "examples/county", "examples/funds/county")

TOP = """
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
决定 类（kind）：单选 { 上、下 }
  授权 自定
规则 上规则
  依据【一】“原文”
  当 甲
  则 类 为 上
规则 下规则
  依据【一】“原文”
  当 乙
  则 类 为 下
"""
LOWER = """
修订 上规则
  依据【三】“改”
  还须 乙
修订 下规则
  依据【三】“不再执行”
  停用
  说明 由上规则代替
"""


@pytest.fixture
def sealed() -> Iterator[None]:
    """Nothing is read and nothing is parsed."""
    refused = AssertionError("read again")
    with (
        mock.patch.object(folders, "take", side_effect=refused),
        mock.patch.object(parser, "scan", side_effect=refused),
    ):
        yield


def origin(policy: pr.Policy, layer: str, name: str) -> Origin:
    found = {
        (one.layer, one.name): one
        for table in (policy.program.rules, policy.program.decisions)
        for entry in table.values()
        for one in entry.origins
    }
    return found[layer, name]


def kind(stack: Stack, **record: object) -> object:
    policy, diagnostics = policy_of(stack, as_of=AS_OF)
    assert policy is not None, diagnostics
    return policy.evaluate(record)["类"].value


@pytest.mark.parametrize("folder", STACKS)
def test_another_date_is_what_loading_at_that_date_gives(folder: str, request: pytest.FixtureRequest) -> None:
    policy = pr.load(ROOT / folder, as_of=AS_OF)
    dates = (datetime.date(2023, 1, 1), datetime.date(2025, 1, 1), datetime.date(2031, 6, 30))
    loaded = [pr.load(ROOT / folder, as_of=date) for date in dates]
    request.getfixturevalue("sealed")
    for date, other in zip(dates, loaded, strict=True):
        again = policy.at(date)
        assert again == other and again.warnings == other.warnings and again.pins == other.pins
    assert policy.at(AS_OF) == policy and policy.at(dates[0]).at(AS_OF) == policy


def test_texts_in_memory_and_files_come_to_the_same(tmp_path: Path) -> None:
    memory, disk = policy_from_text(TOP, LOWER), pr.load(write_layers(tmp_path, TOP, LOWER), as_of=AS_OF)
    assert memory == disk
    assert [warning.code for warning in memory.warnings] == [warning.code for warning in disk.warnings] == ["W304"]


def test_a_text_that_is_missing_is_said() -> None:
    texts = layer_files(TOP, 0)
    del texts["clauses.yaml"]
    checked = Stack.of(texts).check(AS_OF)
    assert [one.code for one in checked.diagnostics] == ["E381"] and not checked.program.rules


def test_one_text_changed_leaves_the_others_parsed() -> None:
    before = stack_from_text(TOP, LOWER)
    with mock.patch.object(parser, "scan", wraps=parser.scan) as parsed:
        after = before.with_text("1/rules.rules", "修订 上规则\n  依据【三】“改”\n  除外 乙\n")
    assert parsed.call_count == 1
    assert kind(after, a=True, b=False) == "上" and kind(before, a=True, b=False) is None
    assert after.layers[0] is before.layers[0]
    with pytest.raises(KeyError):
        before.with_text("1/没有.rules", "")


def test_a_slip_is_gone_with_the_text_that_had_it() -> None:
    broken = stack_from_text(TOP, "修订 上规则\n  依据【三】“改”\n  还须 （乙\n")
    assert not broken.check(AS_OF).sound
    mended, sound = broken.with_text("1/rules.rules", LOWER).check(AS_OF), stack_from_text(TOP, LOWER).check(AS_OF)
    assert mended.program == sound.program and mended.diagnostics == sound.diagnostics


def test_what_fails_leaves_a_hole_and_the_rest_stands() -> None:
    checked = stack_from_text(TOP.replace("当 甲", "当 丙"), "规则 坏了 当\n").check(AS_OF)
    assert not checked.sound
    assert list(checked.program.rules) == ["下规则"] and checked.program.decisions["类"].rules == ("下规则",)
    assert "坏了" in checked.symbols.broken and "上规则" in checked.symbols.provisions
    with pytest.raises(pr.PolicyError) as error:
        stack_from_text(TOP.replace("当 甲", "当 丙")).program(AS_OF)
    assert [one.code for one in error.value.diagnostics] == ["E201"]


def test_without_an_amendment_its_base_is_as_it_was() -> None:
    whole = stack_from_text(TOP, LOWER)
    policy = policy_from_text(TOP, LOWER)
    (stopped,) = policy.program.stopped
    assert (kind(whole, a=True, b=False), kind(whole, a=False, b=True)) == (None, None)
    assert kind(whole.without([origin(policy, "L1", "上规则")]), a=True, b=False) == "上"
    # A stopped rule comes back without what stopped it.
    assert kind(whole.without([stopped.by]), a=False, b=True) == "下"
    both = whole.without([origin(policy, "L1", "上规则"), stopped.by])
    assert both.check(AS_OF).program.rules == policy_from_text(TOP, "# 没有内容\n").program.rules


@pytest.mark.parametrize("name", ["上规则", "下规则"])
def test_without_a_provision_what_lower_layers_do_to_it_is_gone_too(name: str, request: pytest.FixtureRequest) -> None:
    policy = policy_from_text(TOP, LOWER)
    request.getfixturevalue("sealed")
    rules = [*policy.program.rules.values()]
    found = [one.origins[0] for one in rules if one.name == name] or [policy.program.stopped[0].origin]
    checked = policy.stack.without(found).check(AS_OF)
    assert checked.sound, checked.diagnostics
    assert name not in checked.program.rules
    assert name not in checked.pins.get("L1", {})


def test_without_nothing_is_the_same() -> None:
    whole = stack_from_text(TOP, LOWER)
    assert whole.without([]) == whole


def test_the_upper_part_alone() -> None:
    whole = policy_from_text(TOP, LOWER)
    upper = whole.down_to("L0")
    assert upper == policy_from_text(TOP)
    assert [layer.id for layer in upper.layers] == ["L0"]


@pytest.mark.parametrize(
    ("objects", "root"),
    [
        ("对象 县（county） 标识 编号\n  字段 编号（c）：文本\n对象 项目（p） 属于 县\n  字段 丁（d）：是否\n", "项目"),
        (
            "对象 县（county）\n  字段 丙（c）：是否\n对象 企业（firm） 属于 县 标识 编号\n  字段 编号（id）：文本\n",
            "企业",
        ),
        (
            "对象 企业（firm） 属于 县 标识 编号\n  字段 编号（id）：文本\n对象 县（county）\n  字段 丙（c）：是否\n",
            "企业",
        ),
        ("对象 农户（household）\n  字段 丙（c）：是否\n对象 人（person） 属于 农户\n  字段 丁（d）：是否\n", "农户"),
        (
            "对象 镇（town） 标识 编号\n  字段 编号（t）：文本\n对象 村（village） 属于 镇 标识 村号\n  字段 村号（v）：文本\n",
            "镇",
        ),
    ],
)
def test_the_object_that_a_record_is(objects: str, root: str) -> None:
    assert policy_from_text(objects).program.root == root


@pytest.mark.parametrize(
    "text",
    [
        "推定 甲\n  当 乙 则 丙 为 是\n",
        "规则 甲\n  当 乙\n  则 丙 为 丁\n决定 丙（c）：单选 { 丁 }\n",
        "术语 甲 即 乙\n",
        "提示 甲\n  当 任一 乙 满足（丙）\n  说 “好”\n",
        "统计 甲 计数 项目\n",
    ],
)
def test_rules_about_nothing_are_refused(text: str) -> None:
    checked = stack_from_text(text).check(AS_OF)
    assert "E201" in {one.code for one in checked.diagnostics} and checked.program.root == "项目"


def test_a_record_that_failed_is_not_made_good_by_another_object() -> None:
    text = "对象 项目（p） 标识\n  字段 甲（a）：是否\n对象 县（c）\n  字段 乙（b）：是否\n术语 丙 即 甲\n"
    checked = stack_from_text(text).check(AS_OF)
    assert checked.program.root == "项目" and len(checked.diagnostics) == 1


def test_a_rule_speaks_of_that_object_when_it_names_none() -> None:
    policy = policy_from_text(
        "对象 县（county）\n  字段 丙（c）：是否\n"
        "对象 企业（firm） 属于 县 标识 编号\n  字段 编号（id）：文本\n  字段 停产（s）：是否\n"
        "决定 类（k）：单选 { 上 }\n规则 甲\n  当 停产\n  则 类 为 上\n统计 停产数 计数 企业 其中 停产\n"
    )
    assert policy.program.decisions["类"].object == policy.program.rules["甲"].object == "企业"

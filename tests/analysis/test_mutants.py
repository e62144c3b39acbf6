"""Which mutants a rule text gives: one stretch changed, shown as tried, and every one of them parses."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from policyrules.analysis.changes import Vocabulary
from policyrules.analysis.mutants import RESTATEMENT, Mutant, mutants_of, vocabulary_of
from policyrules.language.parser import parse_source
from policyrules.policy import load
from policyrules.source import Source, Span

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = Vocabulary(
    {
        "分类": (("巩固", "升级", "盘活"),),
        "措施": (("加工", "品牌", "贷款"),),
        "链条": (("较完备", "不完整"),),
        "方式": (("甲", "乙"),),
        "已形成": (("是", "否"),),
        "意见": (("不禁止", "暂缓", "不得"),),
        "资金种类": (("甲", "乙", "134项"),),
    },
    frozenset({"措施"}),
    frozenset({"困难"}),
)


def mutants(text: str) -> list[Mutant]:
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics
    return list(mutants_of(file, "L0", VOCABULARY))


def changes(text: str) -> dict[str, list[str]]:
    """Changes by kind, without those that remove a whole declaration."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(text):
        if mutant.kind != "删去声明":
            found.setdefault(mutant.kind, []).append(mutant.change)
    return found


def when(condition: str) -> dict[str, list[str]]:
    return changes(f"提示 甲\n  当 {condition}\n  说 “话”\n")


@pytest.mark.parametrize(
    ("condition", "kind", "expected"),
    [
        ("年度 ≥ 3 年", "比较", ["年度 ≥ 3 年 → 年度 > 3 年"]),
        ("年度 >= 3 年", "比较", ["年度 ≥ 3 年 → 年度 > 3 年"]),
        ("年度 < 本.年度", "比较", ["年度 < 本.年度 → 年度 ≤ 本.年度"]),
        ("文号 ≠ “无”", "比较", ["文号 ≠ “无” → 文号 = “无”"]),
        (
            "日子 介于 甲日 至 乙日",
            "比较",
            [
                "日子 介于 甲日 至 乙日 → （日子 > 甲日 且 日子 ≤ 乙日）",
                "日子 介于 甲日 至 乙日 → （日子 ≥ 甲日 且 日子 < 乙日）",
            ],
        ),
        ("甲 且 乙 且 丙", "且或", ["甲 且 乙 且 丙 → 甲 或 乙 或 丙"]),
        ("甲 或 乙", "且或", ["甲 或 乙 → 甲 且 乙"]),
        ("同时满足（甲；乙）", "且或", ["同时满足（甲；乙） → 任一满足（甲；乙）"]),
        ("甲 且 乙", "少一个条件", ["甲 → （去掉）", "乙 → （去掉）"]),
        ("任一满足（甲；乙；丙）", "少一个条件", ["甲 → （去掉）", "乙 → （去掉）", "丙 → （去掉）"]),
        ("甲 且 非 乙", "取反", ["甲 → 非 甲", "非 乙 → 乙"]),
        ("甲日 已填", "取反", ["甲日 已填 → 甲日 未填"]),
        ("链条 为 不完整", "相邻值", ["链条 为 不完整 → 链条 为 较完备"]),
        ("链条 不为 不完整", "取反", ["链条 不为 不完整 → 链条 为 不完整"]),
        ("已形成 为 是", "相邻值", ["已形成 为 是 → 已形成 为 否"]),
        ("分类 为 无", "相邻值", ["分类 为 无 → 分类 为 巩固"]),
        ("资金种类 为 乙", "相邻值", ["资金种类 为 乙 → 资金种类 为 “134项”"]),
        ("分类 属于 { 巩固、升级 }", "集合少一值", ["巩固 → （去掉）", "升级 → （去掉）"]),
        ("分类 属于 { 巩固 }", "相邻值", ["分类 属于 { 巩固 } → 分类 属于 { 升级 }"]),
        ("方式 全部属于 { 甲、乙 }", "集合少一值", ["甲 → （去掉）", "乙 → （去掉）"]),
        ("方式 全部属于 { 甲 }", "相邻值", ["方式 全部属于 { 甲 } → 方式 全部属于 { 乙 }"]),
        ("方式 除去 { 甲 } 含 乙", "去掉除去", ["方式 除去 { 甲 } → 方式"]),
        ("方式 除去 { 甲 } 含 乙", "相邻值", ["方式 除去 { 甲 } → 方式 除去 { 乙 }"]),
        ("方式 含任一 { 甲、等，不含 乙 }", "不含少一值", ["{ 甲、等，不含 乙 } → { 甲、等 }"]),
        ("方式 含任一 { 等，不含 甲、乙 }", "不含少一值", ["甲 → （去掉）", "乙 → （去掉）"]),
        ("分类 不属于 { 巩固、升级 }", "取反", ["分类 不属于 { 巩固、升级 } → 分类 属于 { 巩固、升级 }"]),
        ("措施 含 加工、品牌", "集合少一值", ["加工 → （去掉）", "品牌 → （去掉）"]),
        ("措施 含 加工", "相邻值", ["措施 含 加工 → 措施 含 品牌"]),
        ("措施 含任一 { 加工、品牌 }", "集合少一值", ["加工 → （去掉）", "品牌 → （去掉）"]),
        (
            "甲日 起满 12 个月",
            "数值",
            ["甲日 起满 12 个月 → 甲日 起满 13 个月", "甲日 起满 12 个月 → 甲日 起满 11 个月"],
        ),
        ("利用率 < 0.5", "数值", ["利用率 < 0.5 → 利用率 < 0.6", "利用率 < 0.5 → 利用率 < 0.4"]),
        (
            "甲日 ≤ 2025年10月31日",
            "日期",
            ["甲日 ≤ 2025年10月31日 → 甲日 ≤ 2025年11月1日", "甲日 ≤ 2025年10月31日 → 甲日 ≤ 2025年10月30日"],
        ),
        ("至少 2 项（甲；乙；丙）", "至少项数", ["至少 2 项（甲；乙；丙） → 至少 3 项（甲；乙；丙）"]),
        ("任一 资金 满足（甲）", "任一全部", ["任一 资金 满足（甲） → 全部 资金 满足（甲）"]),
        ("任一 其他 资金 满足（甲）", "去掉其他", ["任一 其他 资金 满足（甲） → 任一 资金 满足（甲）"]),
        ("计数 资金 其中（甲） > 0 个", "去掉其中", ["计数 资金 其中（甲） → 计数 资金"]),
        (
            "视 方式（甲：子；乙：丑）",
            "分支对调",
            ["视 方式（甲：子；乙：丑） → 视 方式（甲：丑；乙：子）"],
        ),
        ("首选 甲，缺则 乙", "去掉首选", ["首选 甲，缺则 乙 → 乙"]),
        ("甲 ÷ 乙 > 1", "乘除", ["甲 ÷ 乙 → 甲 × 乙"]),
        ("甲日 ≤ 乙日 之月末", "月季年末", ["乙日 之月末 → 乙日 之季末"]),
        (
            "甲日 ≤ 每年 2月29日 起算 乙日",
            "日期",
            [
                "每年 2月29日 起算 乙日 → 每年 3月1日 起算 乙日",
                "每年 2月29日 起算 乙日 → 每年 2月28日 起算 乙日",
            ],
        ),
        ("甲日 ≤ 每年 2月29日 起算 乙日", "去掉起算", ["每年 2月29日 起算 乙日 → 每年 2月29日"]),
        (
            "甲日 属于 { 2026年1月1日 至 2026年1月3日、2026年5月1日 }",
            "集合少一值",
            ["2026年1月1日 至 2026年1月3日 → （去掉）", "2026年5月1日 → （去掉）"],
        ),
    ],
)
def test_conditions(condition: str, kind: str, expected: list[str]) -> None:
    found = when(condition)[kind]
    # 至少 has more neighbours where there are more operands; only the ones named are asked for.
    assert found[: len(expected)] == expected


def test_a_comment_is_no_rule_text() -> None:
    text = "提示 甲\n  当 甲  # 且 丙\n    且 乙\n  说 “话”\n"
    (mutant,) = [m for m in mutants(text) if m.kind == "且或"]
    assert mutant.change == "甲 且 乙 → 甲 或 乙"
    assert mutant.within(Span(Source("", text), 0, len(text))) == "提示 甲\n  当 甲 或 乙\n  说 “话”\n"


def test_rules_and_duties() -> None:
    found = changes("规则 甲\n  当 乙\n  则 支持 措施 含 加工、品牌\n  除外 丙\n")
    assert found["去掉条件"] == ["当 乙 → （去掉）"]
    assert found["去掉除外"] == ["除外 丙 → （去掉）"]
    assert found["结论少一值"] == ["加工 → （去掉）", "品牌 → （去掉）"]
    assert found["语气"] == ["支持 措施 含 加工、品牌 → 鼓励 措施 含 加工、品牌"]
    assert changes("规则 甲\n  当 乙\n  则 分类 为 升级\n")["结论换值"] == ["分类 为 升级 → 分类 为 盘活"]
    assert changes("义务 甲\n  应当 乙\n  期限 丙日\n")["去掉期限"] == ["期限 丙日 → （去掉）"]
    ended = changes("义务 甲\n  应当 乙\n  期限 丙日\n  到期 丁 ≥ 3\n")
    assert ended["去掉到期"] == ["到期 丁 ≥ 3 → （去掉）"]
    assert ended["比较"] == changes("义务 甲\n  当 丁 ≥ 3\n  应当 乙\n")["比较"]
    assert [m.change for m in mutants("规则 甲\n  则 分类 为 升级\n") if m.kind == "删去声明"] == ["规则 甲 → （去掉）"]


def test_decisions_parameters_and_lists() -> None:
    decision = "决定 意见：由宽到严 { 不禁止、暂缓、不得 }\n  适用 当 甲\n  默认 不禁止\n"
    found = changes(decision)
    assert found["去掉适用"] == ["适用 当 甲 → （去掉）"]
    assert found["去掉默认"] == ["默认 不禁止 → （去掉）"]
    assert found["默认换值"] == ["默认 不禁止 → 默认 暂缓"]
    ranked = changes("决定 分类：单选 { 巩固、升级 }\n  先后 巩固、升级 仅当 甲\n")
    assert ranked["先后对调"] == ["先后 巩固、升级 仅当 甲 → 先后 升级、巩固 仅当 甲"]
    assert ranked["去掉仅当"] == ["先后 巩固、升级 仅当 甲 → 先后 巩固、升级"]
    assert changes("参数 到期日（d）：日期 = 2025年10月31日\n")["参数换值"] == [
        "= 2025年10月31日 → = 2025年11月1日",
        "= 2025年10月31日 → = 2025年10月30日",
    ]
    assert changes("读法 方式（m）：枚举 { 甲、乙 } 缺省 甲\n")["参数换值"] == ["缺省 甲 → 缺省 乙"]
    assert changes("参数 资金种类（k）：多选 { 甲、乙 } 缺省 { }\n")["参数多一值"] == ["{ } → { “134项” }"]
    listed = changes("清单 单子\n  即 { 甲、乙、等 }\n")
    assert listed["清单少一值"] == ["甲 → （去掉）", "乙 → （去掉）"]
    assert listed["清单封闭"] == ["、等 } → }"]
    assert changes("清单 单子\n  即 { 甲、乙 }\n")["清单放开"] == ["} → 、等 }"]


def test_amendments() -> None:
    found = changes("修订 甲\n  依据【一】“话”\n  还须 乙 且 丙\n  除外 丁\n")
    assert found["删去修订"] == ["修订 甲 → （去掉）"]
    assert found["去掉还须"] == ["还须 乙 且 丙 → （去掉）"]
    assert found["去掉除外"] == ["除外 丁 → （去掉）"]
    assert found["少一个条件"] == ["乙 → （去掉）", "丙 → （去掉）"]
    # A single operation is the whole amendment: it is not tried twice.
    assert "去掉还须" not in changes("修订 甲\n  依据【一】“话”\n  还须 乙\n")
    assert [m.kind for m in mutants("修订 甲\n  依据【一】“话”\n  重申\n")] == [RESTATEMENT]


def test_terms_that_are_no_condition_are_not_negated() -> None:
    assert "取反" not in changes("术语 甲\n  即 乙 + 丙\n")
    assert "取反" not in changes("术语 甲\n  即 乙\n")
    assert changes("术语 困难\n  即 乙\n")["取反"] == ["乙 → 非 乙"]


def test_the_same_change_twice_is_told_apart() -> None:
    found = [m.change for m in mutants("提示 甲\n  当 任一满足（乙 且 丙；乙 且 丁）\n  说 “话”\n") if m.kind == "取反"]
    assert found == ["乙 → 非 乙", "丙 → 非 丙", "乙 → 非 乙（第 2 处）", "丁 → 非 丁"]


def test_every_mutant_of_the_policies_parses_and_differs() -> None:
    policy = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))
    vocabulary = vocabulary_of(policy.program)
    checked = 0
    for layer in policy.stack.layers:
        for file in layer.parsed:
            found = mutants_of(file, layer.id, vocabulary)
            assert len({mutant.identity for mutant in found}) == len(found)
            # Every twelfth keeps this test short; which ones moves with the texts.
            for mutant in found[::12]:
                span = file.declarations[mutant.index].span
                text = mutant.within(span)
                assert text != span.text
                if text.strip():
                    parsed, diagnostics = parse_source(Source(file.source.path, text))
                    assert not diagnostics, mutant
                    assert parsed.declarations != (file.declarations[mutant.index],), mutant
                checked += 1
    assert checked > 100


def test_a_duty_in_principle_and_a_list_with_exclusions() -> None:
    found = changes("义务 甲\n  当 丙\n  原则上应当 乙 且 丁\n  否则说明 理由\n  期限 日子\n")
    assert found["少一个条件"] == ["乙 → （去掉）", "丁 → （去掉）"]
    assert found["去掉期限"] == ["期限 日子 → （去掉）"]
    assert "去掉否则说明" not in found
    found = changes("清单 甲\n  即 { 乙、等，不含 丙、丁 }\n")
    assert found["不含少一值"] == ["丙 → （去掉）", "丁 → （去掉）"]
    assert found["清单封闭"] == ["、等 } → }"]

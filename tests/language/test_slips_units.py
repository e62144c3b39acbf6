"""Units that nothing counts in, numbers without a unit, and names astray, typed on purpose: 总投资 × 3 成, 当年 − 年度 ≥ 2.

Each row is what was typed and the rule text that means it, worked out by hand. None of the typed texts may load, and who obeys
the answers comes to that text.
"""

from __future__ import annotations

import pytest
from tests.language.test_slips import meaning, obeyed, written

from policyrules.diagnostics import render
from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """\
对象 县（county）
  字段 脱贫县（poor）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 所在县（in_county）：文本
  字段 停产（stopped）：是否
  字段 总投资（total）：金额（万元） 取值 0 万元 以上
  字段 已支出（spent）：金额（万元） 取值 0 万元 以上
  字段 户数（hh）：整数（户） 取值 0 户 以上
  字段 人数（people）：整数（人）
  字段 件数（count）：整数
  字段 面积（area）：面积（亩）
  字段 利用率（rate）：比例 取值 0% 至 100%
  字段 系数（factor）：小数
  字段 停产日（d）：日期
  字段 建成日（b）：日期
  字段 年度（y）：年份
  字段 期（term）：时长（个月）
  字段 成因（causes）：多选 { 资金、技术、其他 }
对象 款项（funds） 属于 项目
  字段 金额（amount）：金额（万元）
决定 分类（category）：单选 { 升级、盘活 }
决定 补助（subsidy）：金额（万元）
参数 线（line）：金额（万元） 缺省 10 万元
术语 倍数 即 总投资 ÷ 已支出
术语 年差 即 当年 − 年度
"""
WHEN = "提示 甲\n  当 {}\n  说 “大”\n"
THEN = "规则 甲\n  当 停产\n  则 补助 为 {}\n"

CONDITIONS = [
    # Parts of a whole, as factors and divisors.
    ("已支出 ≥ 总投资 × 8 成", "已支出 ≥ 总投资 × 80%"),
    ("已支出 ≥ 总投资 × 8 折", "已支出 ≥ 总投资 × 80%"),
    ("已支出 ≥ 总投资 × 85 折", "已支出 ≥ 总投资 × 85%"),
    ("已支出 ≥ 总投资 × 8.5 折", "已支出 ≥ 总投资 × 85%"),
    ("已支出 ≥ 总投资 × 3 成五", "已支出 ≥ 总投资 × 35%"),
    ("已支出 ≥ 总投资 × 3 成半", "已支出 ≥ 总投资 × 35%"),
    ("已支出 ≥ 总投资 × 0.5 成", "已支出 ≥ 总投资 × 5%"),
    ("已支出 ≥ 总投资 × 3 个百分点", "已支出 ≥ 总投资 × 3%"),
    ("已支出 ≥ 总投资 × 30 个点", "已支出 ≥ 总投资 × 30%"),
    ("已支出 ≥ 总投资 × 5 ‰", "已支出 ≥ 总投资 × 0.5%"),
    ("已支出 ≥ 总投资 × 5 个千分点", "已支出 ≥ 总投资 × 0.5%"),
    ("已支出 ≥ 总投资 × 50 个基点", "已支出 ≥ 总投资 × 0.5%"),
    ("已支出 ≥ 总投资 × 3 倍", "已支出 ≥ 总投资 × 3"),
    ("总投资 ÷ 5 成 ≥ 已支出", "总投资 ÷ 50% ≥ 已支出"),
    ("户数 × 3 成 > 5", "户数 × 30% > 5"),
    ("面积 × 3 成 > 5 亩", "面积 × 30% > 5 亩"),
    ("户数 > 人数 × 2 成", "户数 > 人数 × 20%"),
    ("已支出 ≥ （总投资 − 线） × 8 成", "已支出 ≥ （总投资 − 线） × 80%"),
    ("取小（总投资 × 3 成；5 万元） > 已支出", "取小（总投资 × 30%；5 万元） > 已支出"),
    ("合计 款项.金额 × 3 成 > 5 万元", "合计 款项.金额 × 30% > 5 万元"),
    ("任一 款项 满足（金额 > 总投资 × 3 成）", "任一 款项 满足（金额 > 总投资 × 30%）"),
    ("视 停产（是：3 成；否：50%） > 利用率", "视 停产（是：30%；否：50%） > 利用率"),
    # Against a share.
    ("利用率 ≥ 6 成", "利用率 ≥ 60%"),
    ("利用率 ≥ 8 折", "利用率 ≥ 80%"),
    ("利用率 ≥ 6 成五", "利用率 ≥ 65%"),
    ("利用率 > 3 ‰", "利用率 > 0.3%"),
    ("利用率 > 5 个点", "利用率 > 5%"),
    ("8 成 ≤ 利用率", "80% ≤ 利用率"),
    ("系数 ≥ 3 成", "系数 ≥ 30%"),
    ("利用率 介于 3 成 至 5 成", "利用率 介于 30% 至 50%"),
    ("已支出 ÷ 总投资 ≥ 8 折", "已支出 ÷ 总投资 ≥ 80%"),
    # Other words for units that the language has.
    ("户数 × 3 千元 > 总投资", "户数 × 3000 元 > 总投资"),
    ("停产日 起满 2 周", "停产日 起满 14 天"),
    ("面积 > 1000 ㎡", "面积 > 0.1 公顷"),
    ("年度 ≥ 2025 年度", "年度 ≥ 2025 年"),
    ("停产日 ≥ 2025年度", "停产日 之年 ≥ 2025年"),
    # A count has no unit of money, of time or of its own.
    ("计数 款项 ≥ 2 香蕉", "计数 款项 ≥ 2"),
    ("计数 款项 ≥ 2 万元", "计数 款项 ≥ 2"),
    ("件数 ≥ 2 年", "件数 ≥ 2"),
    ("件数 为 2 香蕉", "件数 为 2"),
    ("件数 属于 { 2 香蕉、3 }", "件数 属于 { 2、3 }"),
    ("件数 ≥ 2 万", "件数 ≥ 20000"),
    # A number without a unit beside a quotient, and beside the difference of two years.
    ("总投资 ÷ 已支出 ≥ 2", "总投资 ÷ 已支出 ≥ 200%"),
    ("总投资 ÷ 已支出 > 1.5", "总投资 ÷ 已支出 > 150%"),
    ("总投资 ÷ 已支出 = 3", "总投资 ÷ 已支出 = 300%"),
    ("总投资 ÷ 已支出 ≥ 2 倍", "总投资 ÷ 已支出 ≥ 200%"),
    ("2 ≤ 总投资 ÷ 已支出", "200% ≤ 总投资 ÷ 已支出"),
    ("户数 ÷ 人数 ≥ 2", "户数 ÷ 人数 ≥ 200%"),
    ("总投资 ÷ 已支出 介于 2 至 3", "总投资 ÷ 已支出 介于 200% 至 300%"),
    ("取大（总投资 ÷ 已支出；户数 ÷ 人数） ≥ 2", "取大（总投资 ÷ 已支出；户数 ÷ 人数） ≥ 200%"),
    ("倍数 ≥ 2", "倍数 ≥ 200%"),
    ("利用率 ≥ 30", "利用率 ≥ 30%"),
    ("已支出 ÷ 总投资 ≥ 80", "已支出 ÷ 总投资 ≥ 80%"),
    ("已支出 ÷ 总投资 ≥ 0.8", "已支出 ÷ 总投资 ≥ 80%"),
    ("当年 − 年度 ≥ 2", "当年 − 年度 ≥ 2 年"),
    ("停产日 之年 − 建成日 之年 ≥ 3", "停产日 之年 − 建成日 之年 ≥ 3 年"),
    ("2025 年 − 年度 ≥ 3", "2025 年 − 年度 ≥ 3 年"),
    ("当年 − 年度 介于 2 至 5", "当年 − 年度 介于 2 年 至 5 年"),
    ("年差 ≥ 2", "年差 ≥ 2 年"),
    ("期 ≥ 2", "期 ≥ 2 个月"),
    # Several values are counted, and what is no text has no quotes.
    ("成因 ≥ 2 项", "计数 成因 ≥ 2 项"),
    ("成因 至少 2 项", "计数 成因 ≥ 2 项"),
    ("成因 属于 { 资金 }", "成因 含 资金"),
    ("成因 属于 { 资金、技术 }", "成因 含任一 { 资金、技术 }"),
    ("成因 不属于 { 资金、技术 }", "成因 不含 资金、技术"),
    ("总投资 ≥ “50 万元”", "总投资 ≥ 50 万元"),
    ("户数 ≥ “10”", "户数 ≥ 10"),
    ("利用率 ≥ “50%”", "利用率 ≥ 50%"),
    ("“停产” 且 户数 > 5 户", "停产 且 户数 > 5 户"),
    ("「停产」 且 户数 > 5 户", "停产 且 户数 > 5 户"),
    ("非 “停产”", "非 停产"),
    ("县 脱贫县", "县.脱贫县"),
    ("项目 停产 且 户数 > 5 户", "停产 且 户数 > 5 户"),
    ("所在县 为 脱贫县", "县.脱贫县"),
    ("所在县 不为 脱贫县", "非 县.脱贫县"),
    ("编号 为 所在县", "编号 = 所在县"),
]

WITHIN = [
    ("2 ≤ 当年 − 年度", "2 年 ≤ 当年 − 年度"),
    ("当年 − 年度 + 1 ≥ 3 年", "当年 − 年度 + 1 年 ≥ 3 年"),
    ("取大（当年 − 年度；1） ≥ 3 年", "取大（当年 − 年度；1 年） ≥ 3 年"),
    ("年差 + 1 ≥ 3 年", "年差 + 1 年 ≥ 3 年"),
    ("已支出 ≥ 总投资 × 3 成 且 利用率 ≥ 30%", "已支出 ≥ 总投资 × 30% 且 利用率 ≥ 30%"),
    ("县 脱贫县 且 停产", "县.脱贫县 且 停产"),
    ("项目 停产 或 所在县 为 脱贫县", "停产 或 县.脱贫县"),
    ("总投资 ÷ 已支出 ≥ 2 或 已支出 ÷ 总投资 ≥ 2", "总投资 ÷ 已支出 ≥ 200% 或 已支出 ÷ 总投资 ≥ 200%"),
    ("成因 ≥ 2 项 且 停产", "计数 成因 ≥ 2 项 且 停产"),
    ("（停产日 ≥ 2025年度 或 停产） 且 户数 > 5 户", "（停产日 之年 ≥ 2025年 或 停产） 且 户数 > 5 户"),
]
"""Where the words that are given stand again further on: exactly what is marked gives way to them."""

AMOUNTS = [
    ("总投资 × （1 − 50%）", "总投资 × （100% − 50%）"),
    ("总投资 × （1 + 3 成）", "总投资 × （100% + 30%）"),
    ("总投资 × 3 成", "总投资 × 30%"),
    ("总投资 × 8 折", "总投资 × 80%"),
    ("总投资 8 折", "总投资 × 80%"),
    ("总投资的8折", "总投资 × 80%"),
    ("总投资 × 3 个百分点", "总投资 × 3%"),
    ("总投资 × 3 倍", "总投资 × 3"),
    ("总投资 ÷ 3 成", "总投资 ÷ 30%"),
    ("总投资 × 3 成 × 2", "总投资 × 30% × 2"),
    ("总投资 × 3 成，不超过 5 万元", "取小（总投资 × 30%；5 万元）"),
    ("户数 × 3 千元", "户数 × 3000 元"),
    ("户数 × 3 万", "户数 × 3 万元"),
    ("户数 × 3 块", "户数 × 3 元"),
    ("总投资 × 5 ‰", "总投资 × 0.5%"),
]

DECLARED = [
    ("术语 大 即 总投资 × 3 成\n", "术语 大 即 总投资 × 30%\n"),
    ("术语 比 即 3 成\n", "术语 比 即 30%\n"),
    (
        "决定 奖（award）：金额（万元）\n  不超过 总投资 × 5 成\n",
        "决定 奖（award）：金额（万元）\n  不超过 总投资 × 50%\n",
    ),
    (
        "决定 奖（award）：金额（万元）\n  不少于 总投资 × 1 折\n",
        "决定 奖（award）：金额（万元）\n  不少于 总投资 × 10%\n",
    ),
    (
        "决策表 表\n  得出 补助\n  | 停产 | 补助 |\n  | 是 | 总投资 × 3 成 |\n  | 否 | 总投资 × 50% |\n",
        "决策表 表\n  得出 补助\n  | 停产 | 补助 |\n  | 是 | 总投资 × 30% |\n  | 否 | 总投资 × 50% |\n",
    ),
    (
        "决策表 表\n  得出 补助\n  | 利用率 | 补助 |\n  | ≥ 8 成 | 1 万元 |\n  | < 80% | 0 万元 |\n",
        "决策表 表\n  得出 补助\n  | 利用率 | 补助 |\n  | ≥ 80% | 1 万元 |\n  | < 80% | 0 万元 |\n",
    ),
    (
        "统计 停产支出\n  合计 项目.已支出\n  其中 已支出 > 总投资 × 8 成\n",
        "统计 停产支出\n  合计 项目.已支出\n  其中 已支出 > 总投资 × 80%\n",
    ),
    ("义务 甲\n  应当 已支出 ≥ 总投资 × 8 成\n", "义务 甲\n  应当 已支出 ≥ 总投资 × 80%\n"),
    ("禁令 甲\n  不得 已支出 > 总投资 × 8 成\n", "禁令 甲\n  不得 已支出 > 总投资 × 80%\n"),
    ("提示 甲\n  当 停产\n  说 “大”\n  除外 利用率 > 5 成\n", "提示 甲\n  当 停产\n  说 “大”\n  除外 利用率 > 50%\n"),
    ("参数 比（share）：比例 缺省 3 成\n", "参数 比（share）：比例 缺省 30%\n"),
    ("参数 比（share）：比例 = 8 折\n", "参数 比（share）：比例 = 80%\n"),
    ("参数 个数（number）：整数 = 3 香蕉\n", "参数 个数（number）：整数 = 3\n"),
    ("义务 甲\n  应当 停产\n  期限 建成日 + 2 周\n", "义务 甲\n  应当 停产\n  期限 建成日 + 14 天\n"),
]


def _cases() -> list[tuple[str, str]]:
    found = [(WHEN.format(typed), WHEN.format(meant)) for typed, meant in CONDITIONS]
    return [*found, *((THEN.format(typed), THEN.format(meant)) for typed, meant in AMOUNTS), *DECLARED]


@pytest.mark.parametrize(("typed", "meant"), _cases(), ids=lambda text: " ".join(text.split()))
def test_who_obeys_comes_to_what_was_meant(typed: str, meant: str) -> None:
    assert try_policy_from_text(BASE + typed)[0] is None, "read as something"
    text = obeyed(typed, BASE)
    assert meaning(text, BASE) == meaning(meant, BASE), text


@pytest.mark.parametrize(("typed", "meant"), WITHIN)
def test_exactly_what_is_marked_gives_way(typed: str, meant: str) -> None:
    text = BASE + WHEN.format(typed)
    for _ in range(2):
        found = try_policy_from_text(text)[1]
        if found:
            place, given = found[0].span, written(found[0].remedy or "")
            assert place is not None and given is not None, render(found[0])
            text = text[: place.start] + given + text[place.end :]
    assert meaning(text.removeprefix(BASE), BASE) == meaning(WHEN.format(meant), BASE), text


@pytest.mark.parametrize(
    ("typed", "code", "remedy"),
    [
        # A share of what, nobody says.
        ("总投资 ≥ 3 成", "E205", "写“总投资 ≥ 全部总投资 × 30%”这样的比较"),
        ("户数 > 5 折", "E205", "写“户数 > 全部户数 × 50%”这样的比较"),
        ("计数 款项 > 3 成", "E205", "× 30%"),
        ("件数 ≥ 30%", "E205", "× 30%"),
        ("总投资 + 3 成 > 5 万元", "E205", "没有说是哪个数的 30%"),
        ("总投资 ≥ 2 倍", "E205", "没有说是哪个数的几倍"),
        # What has two meanings is given with both.
        ("总投资 × 3 点 > 5 万元", "E205", "是百分之几的，写 3%；只是倍数的，不带单位，写 3"),
        ("总投资 × 5 千分 > 5 万元", "E205", "是千分之几的，写 0.5%；只是倍数的，不带单位，写 5"),
        ("户数 × 3 万 > 总投资", "E205", "是钱的，写 3 万元；是个数的，写 30000"),
        (
            "总投资 × 3 香蕉 > 5 万元",
            "E205",
            "只是倍数的，不带单位，写成 3；是计数单位的，先在字段的类型里写上：整数（香蕉）",
        ),
        ("总投资 ÷ 10 棵 > 5 万元", "E205", "不带单位，写成 10"),
        ("总投资 ÷ 已支出 ≥ 2", "E205", "写成 200%；若本意是 2%，就写 2%"),
        ("停产日 至今 6 个月", "E124", "满了的写“停产日 起满 6 个月”，还没有满的写“评估日 < 停产日 + 6 个月”"),
        ("停产日 起 半年", "E124", "满了的写“停产日 起满 6 个月”，还没有满的写“评估日 < 停产日 + 6 个月”"),
        ("建成日 后 6 个月 内 停产", "E124", "写“停产日 ≤ 建成日 + 6 个月”"),
        # No error is without a remedy.
        ("2 ≤ 成因", "E204", "写“计数”和字段的名称"),
        ("年度 × 2 > 4000 年", "E204", "年份只加减年数"),
        ("停产 > 3", "E204", "比错了字段"),
        ("停产 + 3 > 2", "E204", "两个条件写“且”或“或”"),
        ("年度 + 年度 > 2025 年", "E204", "当年 − 年度"),
        ("“很好” 且 停产", "E204", "是名称的，删去引号"),
    ],
)
def test_what_is_left_open_is_asked(typed: str, code: str, remedy: str) -> None:
    first = try_policy_from_text(BASE + WHEN.format(typed))[1][0]
    assert first.code == code and remedy in (first.remedy or ""), render(first)


def test_of_a_difference_both_amounts_of_which_it_may_be_are_given() -> None:
    first = try_policy_from_text(BASE + THEN.format("总投资 − 已支出 30%"))[1][0]
    assert first.remedy == "写成“补助 为 总投资 − 已支出 × 30%”或“补助 为 （总投资 − 已支出） × 30%”"


@pytest.mark.parametrize(
    "condition",
    [
        "户数 × 3 户 > 5",
        "总投资 ÷ 10 户 > 5 万元",
        "计数 款项 ≥ 2 笔",
        "计数 成因 ≥ 2 项",
        "件数 ≥ 3 户",
        "户数 + 5 户 > 10 户",
    ],
)
def test_what_the_stack_counts_in_and_everyday_counters_of_counts_are_units(condition: str) -> None:
    assert try_policy_from_text(BASE + WHEN.format(condition))[1] == ()


def test_a_unit_that_a_parameter_or_a_decision_declares_is_one() -> None:
    for declared in ("参数 每组（per）：整数（组） 缺省 5 组\n", "决定 组数（groups）：整数（组）\n"):
        assert try_policy_from_text(BASE + declared + WHEN.format("总投资 ÷ 5 组 > 1 万元"))[1] == ()
    assert try_policy_from_text(BASE + WHEN.format("总投资 ÷ 5 组 > 1 万元"))[0] is None


def test_three_tenths_are_three_tenths() -> None:
    policy = policy_from_text(BASE + obeyed(THEN.format("总投资 × 3 成"), BASE))
    assert policy.evaluate({"编号": "甲", "停产": True, "总投资": 10})["补助"].text == "3 万元"

"""Clauses of provisions as documents put them: when something is in force, duties with 则, prohibitions with 应当, notices without 说,
rows of tables from Markdown and Excel. Who obeys the answer says what was meant.
"""

from __future__ import annotations

import pytest
from tests.language.test_slips import meaning, obeyed
from tests.language.test_slips_declared import BASE, NOTICE

from policyrules.testing.build import try_policy_from_text

RULE = "规则 甲\n  当 停产\n  则 分类 为 升级\n"
IN_FORCE = [
    ("自 2025年1月1日 起施行", "自 2025年1月1日 起"),
    ("自2025年1月1日起施行", "自 2025年1月1日 起"),
    ("自2025年1月1日起", "自 2025年1月1日 起"),
    ("自 2025年1月1日 起 执行", "自 2025年1月1日 起"),
    ("自 2025年1月1日 施行", "自 2025年1月1日 起"),
    ("2025年1月1日 起 实施", "自 2025年1月1日 起"),
    ("从 2025年1月1日 起", "自 2025年1月1日 起"),
    ("自 2025年 起", "自 2025年1月1日 起"),
    ("施行日期：2025年1月1日", "自 2025年1月1日 起"),
    ("有效期至2026年12月31日", "至 2026年12月31日 止"),
    ("有效期至 2026年12月31日", "至 2026年12月31日 止"),
    ("至 2026年12月31日", "至 2026年12月31日 止"),
    ("执行至 2026年12月31日 为止", "至 2026年12月31日 止"),
    ("截止 2026年12月31日", "至 2026年12月31日 止"),
    ("2026年12月31日 止", "至 2026年12月31日 止"),
    ("自 2025年1月1日 至 2026年12月31日", "自 2025年1月1日 起 至 2026年12月31日 止"),
    ("自 2025年1月1日 起施行，有效期至 2026年12月31日", "自 2025年1月1日 起 至 2026年12月31日 止"),
    ("自2025年1月1日起施行，有效期5年", "自 2025年1月1日 起 至 2029年12月31日 止"),
    ("自 2025年3月1日 起 施行，有效期 两 年", "自 2025年3月1日 起 至 2027年2月28日 止"),
]


@pytest.mark.parametrize(("typed", "meant"), IN_FORCE)
def test_who_obeys_says_when_a_rule_is_in_force(typed: str, meant: str) -> None:
    text = obeyed(f"{RULE}  {typed}\n", BASE)
    assert meaning(text, BASE) == meaning(f"{RULE}  {meant}\n", BASE), text


DUTY, BAN = "义务 报送\n  当 停产\n  {}\n", "禁令 挪用\n  当 停产\n  {}\n"
WHOLE = [
    # A duty with 则, and with the words of a prohibition.
    (DUTY.format("则 户数 > 5 户"), DUTY.format("应当 户数 > 5 户")),
    (DUTY.format("则 应当 户数 > 5 户"), DUTY.format("应当 户数 > 5 户")),
    (DUTY.format("则 必须 停产日 已填"), DUTY.format("应当 停产日 已填")),
    (DUTY.format("则 效益 为 好"), DUTY.format("应当 效益 为 好")),
    (DUTY.format("那么 停产日 已填"), DUTY.format("应当 停产日 已填")),
    ("义务 报送\n  当 停产 则 停产日 已填\n", DUTY.format("应当 停产日 已填")),
    (DUTY.format("则 不得 户数 > 5 户"), DUTY.format("应当 非（户数 > 5 户）")),
    (DUTY.format("应当不得 户数 > 5 户"), DUTY.format("应当 非（户数 > 5 户）")),
    (DUTY.format("应当 不得 户数 > 5 户"), DUTY.format("应当 非（户数 > 5 户）")),
    (DUTY.format("不应当 户数 > 5 户"), DUTY.format("应当 非（户数 > 5 户）")),
    (DUTY.format("不得 户数 > 5 户"), DUTY.format("应当 非（户数 > 5 户）")),
    (DUTY.format("应当 当 户数 > 5 户"), DUTY.format("应当 户数 > 5 户")),
    # The day by which it is to be done.
    (DUTY.format("应当 停产日 已填\n  期限为 2025年10月31日"), DUTY.format("应当 停产日 已填\n  期限 2025年10月31日")),
    (DUTY.format("应当 停产日 已填\n  限期 2025年10月31日"), DUTY.format("应当 停产日 已填\n  期限 2025年10月31日")),
    (DUTY.format("应当 停产日 已填\n  于 2025年10月31日 前"), DUTY.format("应当 停产日 已填\n  期限 2025年10月31日")),
    (DUTY.format("应当 停产日 已填\n  2025年10月31日前"), DUTY.format("应当 停产日 已填\n  期限 2025年10月31日")),
    (DUTY.format("应当 停产日 已填\n  截止 2025年10月31日"), DUTY.format("应当 停产日 已填\n  期限 2025年10月31日")),
    (
        DUTY.format("应当 停产日 已填\n  有效期至 2025年10月31日"),
        DUTY.format("应当 停产日 已填\n  至 2025年10月31日 止"),
    ),
    # A prohibition with 应当, 则, 当.
    (BAN.format("应当不得 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    (BAN.format("不得应当 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    (BAN.format("则 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    (BAN.format("则 不得 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    (BAN.format("不允许 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    (BAN.format("不得 当 户数 > 5 户"), BAN.format("不得 户数 > 5 户")),
    ("禁令 挪用\n  当 户数 > 5 户\n  不得 不 停产\n", "禁令 挪用\n  当 户数 > 5 户\n  不得 非 停产\n"),
    # Rules.
    ("规则 甲\n  当 停产\n  则 分类 升级\n", RULE),
    ("规则 甲\n  当 停产\n  则 分类为升级\n", RULE),
    ("规则 甲\n  停产\n  则 分类 为 升级\n", RULE),
    ("规则 甲（一）\n  当 停产\n  则 分类 为 升级\n", RULE.replace("甲", "甲_一")),
    ("规则 甲（jia）\n  当 停产\n  则 分类 为 升级\n", RULE),
    ("规则 甲\n  备注：老办法\n  当 停产\n  则 分类 为 升级\n", f"{RULE}  说明 老办法\n"),
    ("规则 甲\n  当 停产\n  则 应当 升级\n", RULE.replace("  则 ", "  则 应当 ")),
    ("规则 甲\n  当 停产\n  则 可 分类 升级\n", RULE.replace("  则 ", "  则 可 ")),
    ("规则 甲 适用于 项目\n  当 停产\n  则 分类 为 升级\n", RULE.replace("规则 甲", "规则 甲 对 项目")),
    ("规则 甲\n  当 停产\n  则 分类 为 升级\n  除外 当 户数 > 5 户\n", f"{RULE}  除外 户数 > 5 户\n"),
    # Presumptions.
    ("推定 停产\n  当 户数 > 5 户\n  则 停产 是\n", "推定 停产\n  当 户数 > 5 户\n  则 停产 为 是\n"),
    ("推定 停产\n  当 户数 > 5 户\n  则 停产 不为 是\n", "推定 停产\n  当 户数 > 5 户\n  则 停产 为 否\n"),
    # Notices.
    ("提示 甲\n  当 停产\n  提示 “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  则 说 “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  则 “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  内容 “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  说 = “大”\n", NOTICE.format("停产")),
    ("提示 甲\n  当 停产\n  说 “大”，请核对\n", NOTICE.format("停产").replace("大", "大，请核对")),
    # So much for each, compared.
    (NOTICE.format("总投资 > 户数 × 500 元/户"), NOTICE.format("总投资 > 户数 × 500 元")),
]


@pytest.mark.parametrize(("typed", "meant"), WHOLE)
def test_who_obeys_says_what_was_meant(typed: str, meant: str) -> None:
    text = obeyed(typed, BASE)
    assert meaning(text, BASE) == meaning(meant, BASE), text


@pytest.mark.parametrize(
    ("typed", "code", "remedy"),
    [
        (f"{RULE}  自发布之日起施行\n", "E124", "从哪一天起有效，就写那一天"),
        (f"{RULE}  自 印发之日 起\n", "E124", "从哪一天起有效，就写那一天"),
        (f"{RULE}  有效期 5 年\n", "E124", "写明两个日子"),
        (f"{RULE}  2026年12月31日 废止\n", "E124", "写成“至 2026年12月31日 止”；当天已经失效的，写前一天"),
        # What a rule does not come to is no result, and its opposite is never offered.
        ("规则 甲\n  当 停产\n  则 分类 不为 升级\n", "E124", "在得出那个值的规则里加一行“除外”"),
        ("规则 甲\n  当 停产\n  则 不得 分类 为 升级\n", "E124", "不许做的事，另写一条“禁令”"),
        ("规则 甲\n  当 停产\n  则 分类 ≠ 升级\n", "E124", "写它得出的那个值"),
        ("规则 甲\n  当 停产\n  则 分类 为 升级或盘活\n", "E206", "各写一条规则，各写各的条件：升级、盘活"),
        ("规则 甲\n  当 停产\n  则 分类 为 升级/盘活\n", "E216", "这里写它的一个值：升级、盘活"),
        (BAN.format("则 应当 户数 > 5 户"), "E124", "要求写在“义务”里：应当 户数 > 5 户"),
        (DUTY.format("应当不得 停产\n    且 户数 > 5 户"), "E124", "不许有的全部放在括号里：应当 非（停产 且 …）"),
        (DUTY.format("不必 停产日 已填"), "E124", "“义务”里可以写"),
        ("规则 甲\n  依据【一】【二】\n  当 停产\n  则 分类 为 升级\n", "E132", "写成“依据【二】”"),
        ("规则 甲\n  依据【一】、【二】\n  当 停产\n  则 分类 为 升级\n", "E132", "写成“依据【二】”"),
        ("规则 甲\n  依据【一】：“话”\n  当 停产\n  则 分类 为 升级\n", "E137", "删去冒号"),
        (NOTICE.format("总投资 > 每户 500 元"), "E130", "乘上户数"),
    ],
)
def test_what_is_told_of_a_clause(typed: str, code: str, remedy: str) -> None:
    first = try_policy_from_text(BASE + typed)[1][0]
    assert first.code == code and remedy in (first.remedy or ""), first


TABLE = "决策表 表\n  得出 分类\n{}"
REST = "  | 其余 | — | 盘活 |\n"
HEAD = "  | {} | 效益 | 分类 |\n"
ROWS = [
    ("户数", "  |其他|—|盘活|\n", "  |其余|—|盘活|\n"),
    ("户数", "  |否则| |盘活|\n", "  |其余|—|盘活|\n"),
    ("户数", "  |> 5 户|不限|升级|\n" + REST, "  |> 5 户|—|升级|\n" + REST),
    ("户数", "  |> 5 户|/|升级|\n" + REST, "  |> 5 户|—|升级|\n" + REST),
    ("户数", "  |---|---|---|\n  |> 5 户|好|升级|\n" + REST, "  |> 5 户|好|升级|\n" + REST),
    ("户数", "  |:--|:-:|--:|\n  |> 5 户|好|升级|\n" + REST, "  |> 5 户|好|升级|\n" + REST),
    ("户数", "  |5-10户|好|升级|\n" + REST, "  |5 户 至 10 户|好|升级|\n" + REST),
    ("户数", "  |5户（含）以上|好|升级|\n" + REST, "  |≥ 5 户|好|升级|\n" + REST),
    ("户数", "  |5户以上10户以下|好|升级|\n" + REST, "  |≥ 5 户 ≤ 10 户|好|升级|\n" + REST),
    ("户数", "  |5≤户数<10|好|升级|\n" + REST, "  |≥ 5 户 < 10 户|好|升级|\n" + REST),
    ("户数", "  |> 5 户|好/中|升级|\n" + REST, "  |> 5 户|好、中|升级|\n" + REST),
    ("户数", "  |> 5 户|好或中|升级|\n" + REST, "  |> 5 户|好、中|升级|\n" + REST),
    ("停产", "  |√|好|升级|\n" + REST, "  |是|好|升级|\n" + REST),
    ("建成日", "  |2020-01-01之前|好|升级|\n" + REST, "  |< 2020年1月1日|好|升级|\n" + REST),
    ("建成日", "  |2020年以前|好|升级|\n" + REST, "  |< 2020年1月1日|好|升级|\n" + REST),
    ("建成日", "  |2020年以后|好|升级|\n" + REST, "  |> 2020年12月31日|好|升级|\n" + REST),
]


@pytest.mark.parametrize(("column", "typed", "meant"), ROWS)
def test_who_obeys_writes_the_row_that_was_meant(column: str, typed: str, meant: str) -> None:
    # A row above, so that 其余 is not the only one.
    above = f"  | {'未填' if column != '停产' else '否'} | 差 | 盘活 |\n"
    head = HEAD.format(column) + above
    text = obeyed(TABLE.format(head + typed), BASE)
    assert meaning(text, BASE) == meaning(TABLE.format(head + meant), BASE), text


@pytest.mark.parametrize(
    ("rows", "code", "remedy"),
    [
        ("  |户数（户）|分类|\n  |≥ 5|升级|\n", "E150", "写成 户数；单位写在格子里的数后面，如 ≥ 5 户"),
        ("  |序号|户数|分类|\n  |1|≥ 5 户|升级|\n", "E201", "各行不编号，删去这一列"),
        ("  |停产|分类|\n  |×|升级|\n  |其余|盘活|\n", "E151", "写成 否；没有要求的，写成 —"),
        ("  户数 | 分类\n  ≥ 5 户 | 升级\n", "E152", "| 户数 | 分类 |"),
        ("  |建成日|分类|\n  |2020年以前|升级|\n  |其余|盘活|\n", "E204", "2020年也算的，写 ≤ 2020年12月31日"),
    ],
)
def test_what_is_told_of_a_table(rows: str, code: str, remedy: str) -> None:
    found = [each for each in try_policy_from_text(BASE + TABLE.format(rows))[1] if each.code == code]
    assert found and remedy in (found[0].remedy or ""), found


def test_a_value_that_is_called_the_same_as_the_rest_stays_a_value() -> None:
    table = "决策表 表 对 资金\n  得出 意见\n  | 来源 | 意见 |\n  | 衔接 | 好 |\n  | 其他 | 差 |\n"
    policy, found = try_policy_from_text(BASE + "决定 意见 对 资金：单选 { 好、差 }\n" + table)
    assert policy is not None, found

"""Brackets of other forms, and words for 非 before several conditions, typed on purpose: what holds together stays together.

Each row is what was typed and the rule text that means it. Exactly what an answer marks gives way to what it gives to write, at
every door where conditions or amounts stand, and what comes out means the same.
"""

from __future__ import annotations

import pytest
from tests.language.test_slips import meaning, written

from policyrules.diagnostics import render
from policyrules.testing.build import try_policy_from_text

BASE = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 总投资（total）：金额（万元）
  字段 已支出（spent）：金额（万元）
  字段 户数（hh）：整数（户）
  字段 停产日（d）：日期
  字段 效益（benefit）：枚举 { 好、中、差 }
  字段 成因（causes）：多选 { 资金、技术、其他 }
对象 款项（funds） 属于 项目
  字段 来源（source）：枚举 { 衔接、帮扶 }
  字段 金额（amount）：金额（万元）
决定 分类（category）：单选 { 升级、盘活 }
决定 补助（subsidy）：金额（万元）
参数 线（line）：金额（万元） 缺省 10 万元
"""
WHEN = "提示 甲\n  当 {}\n  说 “大”\n"
THEN = "规则 甲\n  当 停产\n  则 补助 为 {}\n"
PAIRS = ("【】", "［］", "[]", "《》", "〈〉", "{}", "｛｝", "<>")


def at_every_door(condition: str) -> list[str]:
    """A condition behind every word that takes one."""
    return [
        WHEN.format(condition),
        f"规则 甲\n  当 {condition}\n  则 分类 为 盘活\n",
        f"规则 甲\n  当 停产\n  则 分类 为 盘活\n  除外 {condition}\n",
        f"义务 甲\n  应当 {condition}\n",
        f"义务 甲\n  应当 停产\n  除外 {condition}\n",
        f"禁令 甲\n  不得 {condition}\n",
        f"提示 甲\n  当 户数 > 5 户\n    且 {condition}\n  说 “大”\n",
        f"术语 甲 即 {condition}\n",
        f"统计 甲\n  计数 项目\n  其中 {condition}\n",
        f"决定 奖（award）：金额（万元）\n  适用 当 {condition}\n",
    ]


CONDITIONS = [
    ("非 【停产 或 效益 为 差】", "非（停产 或 效益 为 差）"),
    ("非 ［停产 或 效益 为 差］", "非（停产 或 效益 为 差）"),
    ("非 {停产 或 效益 为 差}", "非（停产 或 效益 为 差）"),
    ("非 《停产 或 效益 为 差》", "非（停产 或 效益 为 差）"),
    ("并非 停产 或 效益 为 差", "非（停产 或 效益 为 差）"),
    ("不是 停产 或 效益 为 差", "非（停产 或 效益 为 差）"),
    ("不是（停产 或 效益 为 差）", "非（停产 或 效益 为 差）"),
]

MORE = [
    ("效益 为 差 且 非 【停产 且 户数 > 5 户】", "效益 为 差 且 非（停产 且 户数 > 5 户）"),
    ("停产 或 【效益 为 差 且 户数 > 5 户】", "停产 或 （效益 为 差 且 户数 > 5 户）"),
    ("户数 × 【2 + 3】 > 5 户", "户数 × （2 + 3） > 5 户"),
    ("户数 × [2 + 3] > 5 户", "户数 × （2 + 3） > 5 户"),
    ("总投资 − 【已支出 − 5 万元】 > 线", "总投资 − （已支出 − 5 万元） > 线"),
    ("总投资 − {已支出 − 5 万元} > 线", "总投资 − （已支出 − 5 万元） > 线"),
    ("总投资 ÷ 【已支出 + 5 万元】 > 200%", "总投资 ÷ （已支出 + 5 万元） > 200%"),
    ("停产日 起满 【6 个月】", "停产日 起满 6 个月"),
    ("【停产】 且 户数 > 5 户", "停产 且 户数 > 5 户"),
    ("非 《停产》", "非 停产"),
    ("总投资 ≥ 【线】", "总投资 ≥ 线"),
    ("非【停产】 或 户数 > 5 户", "非 停产 或 户数 > 5 户"),
    ("至少 2 项【停产；效益 为 差；户数 > 5 户】", "至少 2 项（停产；效益 为 差；户数 > 5 户）"),
    ("同时满足[停产；户数 > 5 户]", "同时满足（停产；户数 > 5 户）"),
    ("任一 款项 满足【来源 为 衔接 或 金额 > 5 万元】", "任一 款项 满足（来源 为 衔接 或 金额 > 5 万元）"),
    ("任一 款项 满足{来源 为 衔接}", "任一 款项 满足（来源 为 衔接）"),
    ("合计 款项.金额 其中【来源 为 衔接】 > 5 万元", "合计 款项.金额 其中（来源 为 衔接） > 5 万元"),
    ("取小【总投资；5 万元】 > 3 万元", "取小（总投资；5 万元） > 3 万元"),
    ("取小{总投资；5 万元} > 3 万元", "取小（总投资；5 万元） > 3 万元"),
    ("视【停产】（是：停产；否：户数 > 5 户）", "视 停产（是：停产；否：户数 > 5 户）"),
    ("效益 属于【好、差】", "效益 属于 { 好、差 }"),
    ("效益 属于[好，差]", "效益 属于 { 好、差 }"),
    ("成因 含任一【资金、技术】", "成因 含任一 { 资金、技术 }"),
    ("效益 为 【好】", "效益 为 好"),
    ("“停产 或 效益 为 差” 且 户数 > 5 户", "（停产 或 效益 为 差） 且 户数 > 5 户"),
    ("非 「停产 或 效益 为 差」", "非（停产 或 效益 为 差）"),
    ("户数 > 5 户 且 并非 停产 或 效益 为 差", "户数 > 5 户 且 非（停产 或 效益 为 差）"),
    ("（并非 停产 或 效益 为 差） 且 户数 > 5 户", "（非（停产 或 效益 为 差）） 且 户数 > 5 户"),
    ("并非 停产 且 户数 > 5 户", "非（停产 且 户数 > 5 户）"),
    ("未 停产 且 效益 为 差", "非 停产 且 效益 为 差"),
    ("没有 停产 或 效益 为 差", "非 停产 或 效益 为 差"),
    ("没有（停产 或 效益 为 差）", "非（停产 或 效益 为 差）"),
    ("未（停产 或 效益 为 差）", "非（停产 或 效益 为 差）"),
    ("不（停产 或 效益 为 差）", "非（停产 或 效益 为 差）"),
    ("总投资 不 ≥ 50 万元", "总投资 < 50 万元"),
    ("总投资 不 > 50 万元", "总投资 ≤ 50 万元"),
    ("总投资 不 < 50 万元", "总投资 ≥ 50 万元"),
    ("总投资 不 ≤ 50 万元", "总投资 > 50 万元"),
    ("总投资 不 = 50 万元", "总投资 ≠ 50 万元"),
]

AMOUNTS = [
    ("总投资 − 【已支出 − 5 万元】", "总投资 − （已支出 − 5 万元）"),
    ("总投资 − ［已支出 − 5 万元］", "总投资 − （已支出 − 5 万元）"),
    ("【总投资 − 已支出】 × 30%", "（总投资 − 已支出） × 30%"),
    ("[总投资 − 已支出] × 30%", "（总投资 − 已支出） × 30%"),
    ("{总投资 − 已支出} × 30%", "（总投资 − 已支出） × 30%"),
    ("【总投资】 × 30%", "总投资 × 30%"),
    ("取小【总投资；5 万元】", "取小（总投资；5 万元）"),
]

DECLARED = [
    ("术语 差 即 【总投资 − 已支出】 × 30%\n", "术语 差 即 （总投资 − 已支出） × 30%\n"),
    (
        "决定 奖（award）：金额（万元）\n  不超过 【总投资 − 已支出】 × 30%\n",
        "决定 奖（award）：金额（万元）\n  不超过 （总投资 − 已支出） × 30%\n",
    ),
    ("义务 甲\n  应当 停产\n  期限 【停产日 + 30 天】\n", "义务 甲\n  应当 停产\n  期限 停产日 + 30 天\n"),
]


def _cases() -> list[tuple[str, str]]:
    doors = [pair for row in CONDITIONS for pair in zip(*map(at_every_door, row), strict=True)]
    grouped = "（停产 或 效益 为 差） 且 户数 > 5 户"
    pairs = [(WHEN.format(grouped.replace("（", one).replace("）", two)), WHEN.format(grouped)) for one, two in PAIRS]
    found = [*doors, *pairs, *((WHEN.format(typed), WHEN.format(meant)) for typed, meant in MORE)]
    return [*found, *((THEN.format(typed), THEN.format(meant)) for typed, meant in AMOUNTS), *DECLARED]


@pytest.mark.parametrize(("typed", "meant"), _cases(), ids=lambda text: " ".join(text.split()))
def test_what_is_marked_gives_way_and_the_meaning_stays(typed: str, meant: str) -> None:
    text = BASE + typed
    for _ in range(2):
        found = try_policy_from_text(text)[1]
        if found:
            place, given = found[0].span, written(found[0].remedy or "")
            assert place is not None and given is not None, render(found[0])
            text = text[: place.start] + given + text[place.end :]
    assert meaning(text.removeprefix(BASE), BASE) == meaning(meant, BASE), text


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        (
            "并非 停产 或 效益 为 差",
            "写成“非（停产 或 效益 为 差）”；只说前面一个的，写“非 停产 或 效益 为 差”",
        ),
        ("未 停产 且 效益 为 差", "写成“非 停产 且 效益 为 差”；几个都说的，写“非（停产 且 效益 为 差）”"),
        ("停产 【一】“引文”", "写成“依据【…】“…””"),
    ],
)
def test_both_meanings_are_given_and_a_citation_stays_one(typed: str, remedy: str) -> None:
    assert try_policy_from_text(BASE + WHEN.format(typed))[1][0].remedy == remedy

"""The canonical text: it parses to the same tree, printing it again changes nothing, and it looks as it should."""

from __future__ import annotations

import pytest
from tests.language.test_parser import EXPRESSIONS, SHAPES, nested

from policyrules.language import nodes as n
from policyrules.language.layout import WIDTH, flat
from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.language.walk import MAX_NESTING
from policyrules.source import Source, display_width


def parse(text: str) -> n.File:
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics, "\n".join(map(str, diagnostics)) + text
    return file


def check(text: str) -> str:
    file = parse(text)
    printed = print_file(file)
    again = parse(printed)
    assert again.declarations == file.declarations
    assert sorted(each.text for each in again.comments) == sorted(each.text for each in file.comments)
    assert print_file(again) == printed
    return printed


UNTIDY = """\


# 头


对象　项目（project）标识 编号 属于 县
  # 基本
  字段 编号（id）：文本  # 行尾

  # 资金
  字段 金额（amount_wan）：金额（万元）  分组 资金 由 县财政局、村
    取值 0万元 至 1,5 万元
"""

TIDY = """\
# 头

对象 项目（project） 属于 县 标识 编号
  # 基本
  字段 编号（id）：文本  # 行尾

  # 资金
  字段 金额（amount_wan）：金额（万元） 取值 0 万元 以上 由 县财政局、村 分组 资金
    授权 自定
    说明 以到位的为准
决定 分类（category）：单选 { 巩固、升级、“134项” }
  依据【二·导语】“研究提出“四个一批”推进路径”
  适用 当 已形成
  先后 升级、巩固 仅当 甲
  授权 细化

# 界定
规则 升级类
  依据【二（二）·界定】“对资源有支撑、发展有基础、效益有待提升的”
  当 资源有支撑 且 市场效益 为 有待提升 且 实际到位 ≥ 50 万元  # 当
  # 则
  则 可 分类 为 升级
  除外 停产日 起满 24 个月
  自 2025年1月1日 起
  至 2025年12月31日 止
  释义 “广”包含“看好” # 不是注释

# 尾
"""


def test_untidy_becomes_tidy() -> None:
    text = UNTIDY.replace("至 1,5 万元", "以上").rstrip() + " 说明　以到位的为准\n授权 自定\n"
    text += """决定 分类（category）：单选{巩固、升级、"134项"、}
授权 细化 先后 升级、巩固 仅当 甲
  适用 当 已形成 依据【二·导语】“研究提出“四个一批”推进路径”

# 界定
规则 升级类
  释义：“广”包含“看好” # 不是注释
  自 2025 年 1 月 1 日 起 至 2025年12月31日止
  依据【二（二）·界定】“对资源有支撑、发展有基础、效益有待提升的”
  当 资源有支撑 且 市场效益 为 有待提升
    且 实际到位 >= 50万元  ＃ 当
  # 则
  则 可 分类 为 升级  除外 停产日 起满 24个月
# 尾"""
    assert check(text.replace("  ＃ 当\n", "  ＃ 当\n").replace("# 尾", "\n# 尾")) == TIDY.replace(
        "\n# 界定", "\n# 界定"
    )


def test_tidy_stays() -> None:
    assert check(TIDY) == TIDY


LONG = "甲乙丙丁戊己庚辛壬癸"


def test_long_conditions_break_at_groups() -> None:
    text = f"""\
规则 甲
  当 任一满足（
    {LONG} 为 {LONG}；
    同时满足（
      {LONG} 为 {LONG}；
      视 {LONG}（
        是：{LONG} 属于 {{ {LONG}、{LONG} }}；
        否：{LONG} 属于 {{ {LONG} }}
          且 （{LONG} 或 {LONG}）
      ）
    ）；
    {LONG} 介于 1 至 2 且 {LONG} 含 {LONG}
  ）
  则 乙 为 丙
  除外 {LONG} 为 {LONG}
    且 {LONG} 为 {LONG}
    且 任一 资金 满足（{LONG} 为 {LONG} 且 {LONG}）
    且 非（{LONG} 或 {LONG}）
规则 乙
  当 全部 资金 满足（
    {LONG} 为 {LONG}
      且 {LONG} 为 {LONG}
      且 {LONG} 为 {LONG}
  ）
  则 乙 为 丙
术语 丙
  即 首选 合计 资金.{LONG} 其中（{LONG} 为 {LONG}）
    + 合计 资金.{LONG}，
    缺则 合计 资金.{LONG} 其中（{LONG} 为 {LONG}）
清单 丁
  即 {{
    {LONG}一、{LONG}二、{LONG}三、{LONG}四、
    {LONG}五、等
  }}
"""
    assert check(text) == text
    assert all(display_width(line) <= WIDTH for line in text.splitlines())


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    assert parse(f"术语 甲 即 {flat(EXPRESSIONS[text])}").declarations[0].body == EXPRESSIONS[text]  # type: ignore[union-attr]
    check(f"术语 甲 即 {text}")
    long = " 且 ".join([f"（{text}）"] * 12)
    check(f"规则 子\n 当 {long}\n 则 丑 为 寅\n")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[0])
def test_the_deepest_nesting(shape: tuple[str, str]) -> None:
    check(nested(shape, MAX_NESTING))


def test_every_declaration() -> None:
    text = """\
参数 甲（a）：整数（个） = 5 个 自 2025年1月1日 起 = 6 个 自 2026年1月1日 起
参数 乙（b）：比例 未定 取值 1% 至 80%
参数 丙（c）：多选 { 子、丑 } 缺省 { }
  依据【二】“原文”
读法 丁（d）：枚举 { 子、丑 } 缺省 子
  释义 文本两可
清单 戊
  即 { 子、丑、等 }
术语 己 对 资产
  即 −3.05 × 庚 − 0.000001
统计 庚（g）
  占比 项目
  相同 所在县、项目.类型
  其中 已形成
  符合 分类 属于 { 盘活、调整 }
统计 辛
  合计 资金.金额
补充规则 壬 对 资产
  则 重点 去向 含 子、丑
规则 癸
  则 去向 含 子
义务 甲甲
  应当 子
  期限 丑 + 3 个月
  到期 丑 已填
  除外 寅
禁令 甲乙
  不得 子
提示 甲丙
  说 「带有"和“的话」
修订 甲丁
  还须 子
  或者 丑
  先后 子、丑
修订 甲戊
  停用
  说明 已经没有这种情形
修订 甲己
  依据【二】
  重申
增列 戊
  { 寅、卯 }
设定 甲 为 5 个 自 2025年1月1日 起
  依据【二】“原文”
推定 甲庚 对 资产
  当 子
  则 丑 为 寅
  当 卯
  则 丑 为 “辰”
"""
    assert check(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# 一\n\n\n# 二",
        "规则 甲 # 一\n# 二\n  则 # 三\n 乙 # 四\n 为 # 五\n 丙 # 六\n# 七\n",
        "规则 甲\n 当 任一满足（# 一\n 子；# 二\n # 三\n 丑 # 四\n ） # 五\n 则 乙 为 丙",
        "对象 甲（a） # 一\n# 二\n 属于 乙 # 三\n字段 丙（c） # 四\n ：是否 # 五\n # 六\n 授权 自定 # 七\n",
        "修订 甲 # 一\n # 二\n 停用 # 三\n # 四\n 至 2025年1月1日 止 # 五\n # 六\n 自 2024年1月1日 起 # 七\n 说明 # 八\n # 九\n",
        "对象 甲（a）\n规则 子 则 丑 为 寅\n# 一\n字段 乙（b）：是否\n",
        "规则 甲\n 说明 ：： 子\n 释义：、丑\n 则 乙 为 丙\n",
        "参数 甲（a）：整数 # 一\n 依据【二】 # 二\n = 5 # 三\n 自 2025年1月1日 起 # 四\n",
    ],
)
def test_comments_and_edges(text: str) -> None:
    check(text)


def test_wide_conditions_print() -> None:
    check(f"规则 子\n 当 {' 且 '.join(f'甲{i} 为 乙' for i in range(5000))}\n 则 丑 为 寅\n")


def test_a_value_that_would_begin_a_note_stays_in_its_line() -> None:
    long = " 且 ".join(f"项目的一个条件{number}" for number in range(20))
    assert "；说明：" in check(f"术语 甲\n  即 视 乙（一：{long}；说明：丙）\n")

"""Slips typed on purpose, each with the answer it gets and what was meant; and what happens to who obeys the answer.

Each row is a text below one small policy: what was typed, the code and the underlined words of the answer, the remedy,
and the text that was meant. `typed_in` does what a remedy says as a person would. What comes out is typed in again, until
it loads; then it means what was meant. Rows without a meaning of their own are answered without a text to copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from tests.language.test_syntax_messages import SLIPS as MESSAGES
from tests.program.test_checking import BASE as CONDITIONS
from tests.program.test_checking import RULE, WRONG_CONDITIONS

from policyrules.diagnostics import Diagnostic, render
from policyrules.language import spoken
from policyrules.program.fingerprints import text_hash
from policyrules.testing.build import try_policy_from_text

BASE = """\
对象 县（county_context）
  字段 脱贫县（is_tuopin_county）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（project_id）：文本
  字段 已形成（formed）：是否
  字段 市场效益（benefit）：枚举 { 好、有待提升、差 }
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 发展前景（outlook）：枚举 { 好、差 }
  字段 运营主体类型（operator）：枚举 { 企业、合作社、无 }
  字段 应收租金（rent）：金额（万元）
  字段 利用率（utilisation）：比例 取值 0% 至 100%
  字段 带动户数（households）：整数（户）
  字段 建成日（built_on）：日期
  字段 停产日（stopped_on）：日期
  字段 两年左右时长（two_years）：时长（个月）
  字段 两年起算日（two_from）：日期
  字段 困难成因（causes）：多选 { 市场、技术 }
对象 资金（funds） 属于 项目
  字段 资金来源（source）：枚举 { 衔接资金、其他 }
  字段 金额（amount）：金额（万元）
对象 问题（problems） 属于 项目
  字段 已整改（mended）：是否
清单 节假日 即 { 2025年1月1日 }
术语 衔接资金数 即 合计 资金.金额
决定 分类（category）：单选 { 巩固、升级 }
决定 入库意见（intake）：由宽到严 { 不禁止、暂缓新增、不得入库 }
  默认 不禁止
"""


@dataclass(frozen=True)
class Slip:
    """``typed`` gets ``code`` at ``place`` with ``remedy``; who obeys comes to ``meant`` (None: nothing to copy)."""

    typed: str
    code: str
    place: str
    remedy: str
    meant: str | None = None


def when(typed: str, code: str, place: str, remedy: str, meant: str | None = None) -> Slip:
    form = "提示 甲\n  当 {}\n  说 “大”\n"
    return Slip(form.format(typed), code, place, remedy, meant and form.format(meant))


def then(typed: str, code: str, place: str, remedy: str, meant: str | None = None) -> Slip:
    form = "规则 甲\n  当 已形成\n  则 {}\n"
    return Slip(form.format(typed), code, place, remedy, meant and form.format(meant))


def due(typed: str, code: str, place: str, remedy: str, meant: str | None = None) -> Slip:
    form = "义务 甲\n  应当 已形成\n  期限 {}\n"
    return Slip(form.format(typed), code, place, remedy, meant and form.format(meant))


NOTICE = "提示 甲\n  当 已形成\n  说 “大”\n"

SLIPS = [
    # Whole lines without a space.
    Slip(
        "提示 甲\n  当应收租金大于等于50万元\n  说 “大”\n",
        "E120",
        "当应收租金大于等于50万元",
        "写成“当 应收租金 ≥ 50 万元”",
        "提示 甲\n  当 应收租金 ≥ 50 万元\n  说 “大”\n",
    ),
    Slip(
        "提示 甲\n  当市场效益为好且链条为较完备\n  说 “大”\n",
        "E120",
        "当市场效益为好且链条为较完备",
        "写成“当 市场效益 为 好 且 链条 为 较完备”",
        "提示 甲\n  当 市场效益 为 好 且 链条 为 较完备\n  说 “大”\n",
    ),
    when("带动户数不少于10户", "E201", "带动户数不少于10户", "写成 带动户数 ≥ 10 户", "带动户数 ≥ 10 户"),
    when("带动户数不少于 10 户", "E124", "带动户数不少于", "写成“带动户数 ≥ 10 户”", "带动户数 ≥ 10 户"),
    when(
        "带动户数≥10户且市场效益为好",
        "E120",
        "10户且市场效益为好",
        "写成 10 户 且 市场效益 为 好",
        "带动户数 ≥ 10 户 且 市场效益 为 好",
    ),
    when("市场效益为良", "E201", "市场效益为良", "写成 市场效益 为 良"),
    when("链条不为较完备", "E201", "链条不为较完备", "写成 链条 不为 较完备", "链条 不为 较完备"),
    when(
        "应收租金 ≥ 最小（利用率 × 50 万元；20 万元）",
        "E124",
        "最小（利用率 × 50 万元；20 万元）",
        "写成“取小（利用率 × 50 万元；20 万元）”",
        "应收租金 ≥ 取小（利用率 × 50 万元；20 万元）",
    ),
    when(
        "应收租金 ≥ MAX(20 万元，应收租金)",
        "E124",
        "MAX(20 万元，应收租金)",
        "写成“取大（20 万元；应收租金）”",
        "应收租金 ≥ 取大（20 万元；应收租金）",
    ),
    when("应收租金 ≥ 取小（20 万元）", "E219", "取小（20 万元）", "取小（甲；乙）"),
    Slip(
        "决定 补助（subsidy）：金额（万元）\n  适用 当 应收租金 不超过 5 万元\n",
        "E124",
        "不超过",
        "写“≤”",
        "决定 补助（subsidy）：金额（万元）\n  适用 当 应收租金 ≤ 5 万元\n",
    ),
    Slip(
        "决定 补助（subsidy）：钱\n",
        "E133",
        "钱",
        "得出数额的写类型，如“金额（万元）”",
    ),
    Slip(
        "决定 补助（subsidy）：金额（万元）\n规则 甲\n  则 补助 为 带动户数 × 2\n",
        "E205",
        "带动户数 × 2",
        "",
    ),
    Slip(
        "决定 补助（subsidy）：金额（万元）\n规则 甲\n  则 补助 为 5\n",
        "E205",
        "5",
        "写成 5 万元",
        "决定 补助（subsidy）：金额（万元）\n规则 甲\n  则 补助 为 5 万元\n",
    ),
    Slip(
        "决定 补助（subsidy）：金额（万元）\n规则 甲\n  则 补助 含 5 万元\n",
        "E216",
        "补助",
        "写成 则 补助 为 算式",
    ),
    # Marks of other places.
    Slip(
        "提示 甲\n  依据[第五条]“话”\n  当 已形成\n  说 “大”\n",
        "E137",
        "[",
        "写成“依据【第五条】”",
        "提示 甲\n  依据【第五条】“话”\n  当 已形成\n  说 “大”\n",
    ),
    Slip(
        "提示 甲\n  依据《第五条》“话”\n  当 已形成\n  说 “大”\n",
        "E137",
        "《",
        "写成“依据【第五条】”",
        "提示 甲\n  依据【第五条】“话”\n  当 已形成\n  说 “大”\n",
    ),
    Slip("提示：甲\n  当 已形成\n  说 “大”\n", "E137", "：", "写成“提示 甲”", NOTICE),
    Slip("提示 甲\n  当：已形成\n  说 “大”\n", "E137", "：", "删去冒号", NOTICE),
    Slip("1. 提示 甲\n  当 已形成\n  说 “大”\n", "E125", "1.", "删去编号", NOTICE),
    Slip("（一）提示 甲\n  当 已形成\n  说 “大”\n", "E125", "（一）", "删去编号", NOTICE),
    Slip("二、提示 甲\n  当 已形成\n  说 “大”\n", "E125", "二、", "删去编号", NOTICE),
    Slip("第五条 提示 甲\n  当 已形成\n  说 “大”\n", "E125", "第五条", "删去编号", NOTICE),
    Slip("提示 甲\n  1. 当 已形成\n  说 “大”\n", "E137", "1.", "删去编号", NOTICE),
    Slip("提示 甲\n  当 已形成\n  说 大\n", "E130", "大", "写成：说 “大”", NOTICE),
    when("市场效益 属于 好，差", "E122", "，", "写成“市场效益 属于 { 好、差 }”", "市场效益 属于 { 好、差 }"),
    when("市场效益 属于 好、差", "E123", "、", "写成“市场效益 属于 { 好、差 }”", "市场效益 属于 { 好、差 }"),
    when("市场效益 为 好、差", "E123", "、", "写成“市场效益 属于 { 好、差 }”", "市场效益 属于 { 好、差 }"),
    when(
        "市场效益 不为 好、差",
        "E123",
        "、",
        "写成“市场效益 不属于 { 好、差 }”",
        "市场效益 不属于 { 好、差 }",
    ),
    when("市场效益 属于 好", "E208", "好", "写成 { 好 }", "市场效益 属于 { 好 }"),
    # Numbers as documents say them.
    when("建成日 起满 三个月", "E115", "三个月", "写成 3 个月", "建成日 起满 3 个月"),
    when("建成日 起满 两年", "E115", "两年", "写成 2 年", "建成日 起满 2 年"),
    when("建成日 起满 十二个月", "E115", "十二个月", "写成 12 个月", "建成日 起满 12 个月"),
    when("利用率 < 百分之三十", "E115", "百分之三十", "写成 30%", "利用率 < 30%"),
    when("利用率 低于 百分之五十五", "E124", "低于", "如“利用率 < 55%”", "利用率 < 55%"),
    when("带动户数 ≥ 十户", "E115", "十户", "写成 10 户", "带动户数 ≥ 10 户"),
    when("应收租金 ≥ 五十万元", "E115", "五十万元", "写成 50 万元", "应收租金 ≥ 50 万元"),
    when("应收租金 ≥ 五万", "E115", "五万", "写成 5 万", "应收租金 ≥ 5 万元"),
    when("带动户数 ≥ 五万", "E115", "五万", "写成 5 万", "带动户数 ≥ 50000 户"),
    when("应收租金 ≥ 50万", "E205", "50万", "写成 50 万元", "应收租金 ≥ 50 万元"),
    when("应收租金 ≥ 50", "E205", "50", "写成 50 万元", "应收租金 ≥ 50 万元"),
    when("利用率 < 30", "E205", "30", "写成 30%；若本意是 3000%", "利用率 < 30%"),
    when("利用率 < 0.3", "E205", "0.3", "写成 30%；若本意是 0.3%", "利用率 < 30%"),
    due("建成日 + 30日", "E204", "30日", "写成 30 天", "建成日 + 30 天"),
    due("建成日 + 30日内", "E204", "30日内", "写成 30 天", "建成日 + 30 天"),
    due("建成日 + 三个月", "E115", "三个月", "写成 3 个月", "建成日 + 3 个月"),
    due("建成日 30日内", "E130", "30日内", "写成“建成日 + 30 天”", "建成日 + 30 天"),
    due("自 建成日 起 30 天 内", "E124", "自 建成日 起 30 天 内", "写成“建成日 + 30 天”", "建成日 + 30 天"),
    due("自建成日起三十日内", "E124", "自建成日起三十日内", "写成 建成日 + 30 天", "建成日 + 30 天"),
    due("自 建成日 起 三个月 内", "E124", "自 建成日 起 三个月 内", "写成“建成日 + 3 个月”", "建成日 + 3 个月"),
    due("建成日 + 5 个工作日内", "E204", "5 个工作日内", "写成 5 个工作日", "建成日 + 5 个工作日"),
    due("建成日 + 五个工作日", "E115", "五个工作日", "写成 5 个工作日", "建成日 + 5 个工作日"),
    due("建成日 5 个工作日内", "E130", "5 个工作日内", "写成“建成日 + 5 个工作日”", "建成日 + 5 个工作日"),
    due(
        "自 建成日 起 5 个工作日内",
        "E124",
        "自 建成日 起 5 个工作日内",
        "写成“建成日 + 5 个工作日”",
        "建成日 + 5 个工作日",
    ),
    due(
        "自建成之日起五个工作日内",
        "E124",
        "自建成之日起五个工作日内",
        "写成 建成日 + 5 个工作日",
        "建成日 + 5 个工作日",
    ),
    when("建成日 起满 五个工作日", "E115", "五个工作日", "写成 5 个工作日", "建成日 起满 5 个工作日"),
    # Times as official texts say them.
    due("自建成之日起30日内", "E124", "自建成之日起30日内", "写成 建成日 + 30 天", "建成日 + 30 天"),
    due("自 建成之日 起 30 日内", "E124", "自 建成之日 起 30 日内", "写成“建成日 + 30 天”", "建成日 + 30 天"),
    due("建成日 之日起 30 日内", "E130", "之日起 30 日内", "写成“建成日 + 30 天”", "建成日 + 30 天"),
    due("建成后三个月内", "E124", "建成后三个月内", "写成 建成日 + 3 个月", "建成日 + 3 个月"),
    due("每年10月底前", "E145", "每年10月底前", "写成 每年 10月31日", "每年 10月31日"),
    due("每年 10月底前", "E145", "每年 10月底前", "写成 每年 10月31日", "每年 10月31日"),
    due("每年 10月31日前", "E145", "每年 10月31日前", "写成 每年 10月31日", "每年 10月31日"),
    due("每年10月31日", "E145", "每年10月31日", "写成 每年 10月31日", "每年 10月31日"),
    due("每年二月底", "E145", "每年二月底", "写成 每年 2月29日", "每年 2月29日"),
    due("10月底前", "E145", "10月底前", "写成 每年 10月31日；只指某一年的", "每年 10月31日"),
    due("10月31日", "E112", "10月31日", "日期写全年月日，如“2025年10月31日”"),
    due("次年3月底前", "E145", "次年3月底前", "从哪一天算次年，就写：每年 3月31日 起算 … 之年末"),
    due("次年 3月底前", "E145", "次年 3月底前", "从哪一天算次年，就写：每年 3月31日 起算 … 之年末"),
    due("年底前", "E145", "年底前", "写成 评估日 之年末", "评估日 之年末"),
    when("建成日 晚于 停产日", "E124", "晚于", "写“>”", "建成日 > 停产日"),
    when("建成日 不晚于 停产日", "E124", "不晚于", "写“≤”", "建成日 ≤ 停产日"),
    when("建成日早于停产日", "E201", "建成日早于停产日", "写成 建成日 < 停产日", "建成日 < 停产日"),
    when(
        "建成日 在 2024年1月1日 之前",
        "E124",
        "在 2024年1月1日 之前",
        "写成“< 2024年1月1日”；当天也算的，用“≤”",
        "建成日 < 2024年1月1日",
    ),
    when(
        "带动户数 介于 10 户 和 20 户",
        "E124",
        "介于 10 户 和 20 户",
        "写成“介于 10 户 至 20 户”",
        "带动户数 介于 10 户 至 20 户",
    ),
    when(
        "带动户数 介于 10 户 到 20 户 之间 且 已形成",
        "E124",
        "介于 10 户 到 20 户 之间",
        "写成“介于 10 户 至 20 户”",
        "带动户数 介于 10 户 至 20 户 且 已形成",
    ),
    when("市场效益 不 为 好", "E120", "不 为", "写成“不为”", "市场效益 不为 好"),
    when("市场效益 非 好", "E124", "非", "写“不为”", "市场效益 不为 好"),
    when("not 已形成", "E124", "not", "写成“非 已形成”", "非 已形成"),
    when("所有 资金 满足（金额 > 1 万元）", "E124", "所有", "写“全部”", "全部 资金 满足（金额 > 1 万元）"),
    when("存在 资金 满足（金额 > 1 万元）", "E124", "存在", "写“任一”", "任一 资金 满足（金额 > 1 万元）"),
    when("任意 资金 满足（金额 > 1 万元）", "E124", "任意", "每一行都要的，写“全部 资金 满足”"),
    when("停产日 ≥ 12 个月", "E204", "停产日 ≥ 12 个月", "写成 停产日 起满 12 个月", "停产日 起满 12 个月"),
    when("停产日 超过 12 个月", "E124", "超过", "写“>”，如“停产日 > 12 个月”", "评估日 > 停产日 + 12 个月"),
    # The days of a year.
    due("当年 之年末", "E204", "当年 之年末", "写成 评估日 之年末", "评估日 之年末"),
    due("上年 之年末", "E204", "上年 之年末", "写成 （评估日 - 1 年） 之年末", "（评估日 - 1 年） 之年末"),
    when("建成日 ≤ 2024 年 之年末", "E204", "2024 年 之年末", "写成 2024年12月31日", "建成日 ≤ 2024年12月31日"),
    when(
        "建成日 > （停产日 之年） 之年末",
        "E204",
        "建成日 > （停产日 之年） 之年末",
        "写成 建成日 之年 > （停产日 之年）",
        "建成日 之年 > 停产日 之年",
    ),
    when(
        "（停产日 之年） 之年末 < 建成日",
        "E204",
        "（停产日 之年） 之年末 < 建成日",
        "写成 （停产日 之年） < 建成日 之年",
        "停产日 之年 < 建成日 之年",
    ),
    # On the last day itself the two are not the same.
    when("建成日 ≥ （停产日 之年） 之年末", "E204", "（停产日 之年）", "年份里没有哪一天，比年份就行的，用 之年"),
    due("（停产日 之年） 之年末", "E204", "（停产日 之年）", "要一个日子的，另设一个日期字段"),
    when("建成日 ≤ 上年", "E204", "建成日 ≤ 上年", "写成 建成日 之年 ≤ 上年", "建成日 之年 ≤ 上年"),
    when(
        "停产日 之年 < 建成日 + 30 天",
        "E204",
        "停产日 之年 < 建成日 + 30 天",
        "写成 停产日 之年 < （建成日 + 30 天） 之年",
        "停产日 之年 < （建成日 + 30 天） 之年",
    ),
    due("每季度末", "E145", "每季度末", "写成 评估日 之季末", "评估日 之季末"),
    due("月底前", "E145", "月底前", "写成 评估日 之月末", "评估日 之月末"),
    due("次月10日前", "E145", "次月10日前", "从哪一天算次月，就写：… 之月末 + 10 天"),
    when("建成日 ≤ 10月底", "E145", "10月底", "写成 每年 10月31日；只指某一年的", "建成日 ≤ 每年 10月31日"),
    when("建成日 满三年", "E124", "满三年", "写成“建成日 起满 3 年”", "建成日 起满 3 年"),
    when("建成日 满 3 年", "E124", "满 3 年", "写成“建成日 起满 3 年”", "建成日 起满 3 年"),
    when("建成日 已满 30日", "E124", "已满 30日", "写成“建成日 起满 30 天”", "建成日 起满 30 天"),
    when("带动户数 满 10 户", "E124", "满 10 户", "写成“带动户数 ≥ 10 户”", "带动户数 ≥ 10 户"),
    when("自建成日起30日内", "E124", "自建成日起30日内", "还在期限内，写“评估日 ≤ 建成日 + 30 天”"),
    when("建成日起满三年", "E201", "建成日起满三年", "写成 建成日 起满 3 年", "建成日 起满 3 年"),
    due("建成日之后30日内", "E124", "建成日之后30日内", "写成 建成日 + 30 天", "建成日 + 30 天"),
    due(
        "建成日 之后的5个工作日内",
        "E130",
        "之后的5个工作日内",
        "写成“建成日 + 5 个工作日”",
        "建成日 + 5 个工作日",
    ),
    due("每月 10日", "E145", "每月 10日", "规则语言没有每月都有的一天"),
    due("30 个工作日", "E204", "30 个工作日", "写明从哪一天起算：… + 30 个工作日"),
    due("建成日 + 1 季度", "E204", "1 季度", "写成 3 个月", "建成日 + 3 个月"),
    due("建成日 + 两周", "E115", "两周", "写成 14 天", "建成日 + 14 天"),
    due(
        "每年10月31日起算建成日",
        "E201",
        "每年10月31日起算建成日",
        "写成 每年 10月31日 起算 建成日",
        "每年 10月31日 起算 建成日",
    ),
    Slip(
        "义务 甲\n  应当 已形成\n  期限每年10月31日\n",
        "E120",
        "期限每年10月31日",
        "写成“期限 每年 10月31日”",
        "义务 甲\n  应当 已形成\n  期限 每年 10月31日\n",
    ),
    Slip(
        "提示 甲\n  当建成日起满三年且市场效益为好\n  说 “大”\n",
        "E120",
        "当建成日起满三年且市场效益为好",
        "写成“当 建成日 起满 3 年 且 市场效益 为 好”",
        "提示 甲\n  当 建成日 起满 3 年 且 市场效益 为 好\n  说 “大”\n",
    ),
    Slip(
        "清单 节 即 { 2025年10月1日-2025年10月7日 }\n",
        "E130",
        "2025年10月1日-2025年10月7日",
        "写成“2025年10月1日 至 2025年10月7日”",
        "清单 节 即 { 2025年10月1日 至 2025年10月7日 }\n",
    ),
    Slip(
        "清单 节 即 { 2025年10月1日至7日 }\n",
        "E130",
        "2025年10月1日至7日",
        "写成“2025年10月1日 至 2025年10月7日”",
        "清单 节 即 { 2025年10月1日 至 2025年10月7日 }\n",
    ),
    Slip(
        "清单 节 即 { 2025年10月1日 到 2025年10月7日 }\n",
        "E130",
        "2025年10月1日 到 2025年10月7日",
        "写成“2025年10月1日 至 2025年10月7日”",
        "清单 节 即 { 2025年10月1日 至 2025年10月7日 }\n",
    ),
    when("建成日 之年 = 去年", "E201", "去年", "写成 上年", "建成日 之年 = 上年"),
    when("建成日 之年 = 本年度", "E201", "本年度", "写成 当年", "建成日 之年 = 当年"),
    when("建成日 之年 = 次年", "E201", "次年", "写成 当年 + 1 年", "建成日 之年 = 当年 + 1 年"),
    when("连续两年", "E145", "连续两年", "任一 … 满足（年度 = 上年 且 …）"),
    when("建成日 起满 半年", "E115", "半年", "写成 6 个月", "建成日 起满 6 个月"),
    when("建成日之年 = 当年", "E201", "建成日之年", "写成 建成日 之年", "建成日 之年 = 当年"),
    when("建成日 之年 为 当年", "E204", "当年", "写成 建成日 之年 = 当年", "建成日 之年 = 当年"),
    when("建成日 + 30 天 之年 = 当年", "E204", "30 天", "算出来的日期加括号"),
    due("每年 10月31日 起算 建成日 + 30 天", "E143", "建成日 + 30 天", "写成“每年 10月31日 起算 （建成日 + 30 天）”"),
    when("利用率 < 三分之二", "E115", "三分之二", "写成 （2 ÷ 3）", "利用率 < （2 ÷ 3）"),
    when("利用率 < 四分之三", "E115", "四分之三", "写成 75%", "利用率 < 75%"),
    when("应收租金 ≥ 五万元", "E115", "五万元", "写成 5 万元", "应收租金 ≥ 5 万元"),
    when("带动户数 少于 十户", "E124", "少于", "如“带动户数 < 10 户”", "带动户数 < 10 户"),
    # 不, 非, ≠: the opposite is never offered.
    when("运营主体类型 ≠ 无", "E204", "无", "写成 运营主体类型 不为 无", "运营主体类型 不为 无"),
    when("运营主体类型 <> 无", "E204", "无", "写成 运营主体类型 不为 无", "运营主体类型 不为 无"),
    when("运营主体类型 != 企业", "E204", "企业", "写成 运营主体类型 不为 企业", "运营主体类型 不为 企业"),
    when("已形成 ≠ 是", "E204", "是", "写成 已形成 不为 是", "已形成 不为 是"),
    when("已形成 = 是", "E204", "是", "写成 已形成 为 是", "已形成 为 是"),
    when("分类 ≠ 升级", "E204", "升级", "写成 分类 不为 升级", "分类 不为 升级"),
    when("市场效益 > 差", "E204", "差", "没有大小"),
    when("市场效益 介于 差 至 好", "E204", "差", "没有大小"),
    when("不是 已形成", "E124", "不是", "写成“非 已形成”", "非 已形成"),
    when("没有 已形成", "E124", "没有", "写成“非 已形成”；问有没有填的，写“已形成 未填”", "非 已形成"),
    when(
        "已形成 且 没有 任一 问题 满足（已整改）",
        "E124",
        "没有",
        "写成“非 任一 问题 满足（…）”",
        "已形成 且 非 任一 问题 满足（已整改）",
    ),
    when("没有 问题 满足（已整改）", "E124", "没有", "写成“非 任一 问题 满足（…）”", "非 任一 问题 满足（已整改）"),
    when(
        "应收租金 不等于 合计 资金.金额",
        "E124",
        "不等于",
        "写“≠”，如“应收租金 ≠ 合计 资金.金额”",
        "应收租金 ≠ 合计 资金.金额",
    ),
    when("利用率 不得低于 60%", "E124", "不得低于", "如“利用率 ≥ 60%”", "利用率 ≥ 60%"),
    when("利用率 不得超过 60%", "E124", "不得超过", "如“利用率 ≤ 60%”", "利用率 ≤ 60%"),
    when("利用率 不应小于 60%", "E124", "不应小于", "如“利用率 ≥ 60%”", "利用率 ≥ 60%"),
    # A character, a name or a value gone wrong.
    when("应收租今 > 5 万元", "E201", "应收租今", "是不是 应收租金？", "应收租金 > 5 万元"),
    when("市场效益 为 较好", "E206", "较好", "可选：好、有待提升、差"),
    then("入库意见 为 暂缓", "E206", "暂缓", "是不是“暂缓新增”？"),
    when("应收租金 > 30％", "E205", "30％", "元、万元、亿元"),
    when("建成日 = 2025.10.31", "E112", "2025.10.31", "写成“2025年10月31日”", "建成日 = 2025年10月31日"),
    when("应收租金 在 10 万元 到 50 万元 之间", "E124", "在", "写“介于 a 至 b”"),
    when("已形成。", "E137", "。", "句末不写句号，删去它"),
    Slip("提示 甲\n  当 已形成\n  说 ‘大’\n", "E137", "‘", "引号用“”"),
    Slip("义务 甲\n  必须 已形成\n", "E124", "必须", "写“应当”", "义务 甲\n  应当 已形成\n"),
    # Other words for the same.
    when(
        "市场效益 为 差 并且 发展前景 为 差",
        "E124",
        "并且",
        "如“市场效益 为 差 且 发展前景 为 差”",
        "市场效益 为 差 且 发展前景 为 差",
    ),
    when(
        "市场效益 为 差 和 发展前景 为 差",
        "E124",
        "和",
        "如“市场效益 为 差 且 发展前景 为 差”",
        "市场效益 为 差 且 发展前景 为 差",
    ),
    when("如果 已形成", "E124", "如果", "删去“如果”", "已形成"),
    Slip(
        "规则 甲\n  当 已形成，那么 分类 为 巩固\n",
        "E122",
        "，",
        "删去逗号，另起一行写“则”",
        "规则 甲\n  当 已形成\n  则 分类 为 巩固\n",
    ),
    then("列为 暂缓新增", "E124", "列为 暂缓新增", "写成“入库意见 为 暂缓新增”", "入库意见 为 暂缓新增"),
    then("入库意见 是 暂缓新增", "E124", "是", "如“入库意见 为 暂缓新增”", "入库意见 为 暂缓新增"),
    then("入库意见 = 暂缓新增", "E124", "=", "写成“入库意见 为 暂缓新增”", "入库意见 为 暂缓新增"),
    then(
        "分类 为 巩固\n  否则 分类 为 升级",
        "E124",
        "否则",
        "另写一条规则：“当 非（已形成）”，“则 分类 为 升级”",
    ),
    Slip(
        "义务 甲\n  原则上应当 已形成\n",
        "E229",
        "原则上应当",
        "加一行“否则说明 字段名”",
    ),
    Slip(
        "义务 甲\n  应当 已形成\n  否则说明 项目名称\n",
        "E229",
        "否则说明",
        "把“应当”改为“原则上应当”",
    ),
    Slip("义务 甲\n  一般应当 已形成\n", "E124", "一般应当", "“原则上应当 已形成”，并加一行“否则说明 字段名”"),
    Slip(
        "禁令 甲\n  原则上不得 已形成\n", "E124", "原则上不得", "“原则上应当 非（已形成）”，并加一行“否则说明 字段名”"
    ),
    Slip("义务 甲\n  当 已形成\n", "E127", "义务 甲", "应当"),
    Slip("义务 甲\n  应当 已形成\n  原则上应当 已形成\n  否则说明 项目名称\n", "E128", "原则上应当 已形成", "只留一处"),
    Slip(
        "参数 甲（a）：比例 = 5%\n  授权 从严 越高越严\n",
        "E130",
        "从严 越高越严",
        "写成“从严（越高越严）”",
        "参数 甲（a）：比例 = 5%\n  授权 从严（越高越严）\n",
    ),
    Slip(
        "参数 甲（a）：比例 = 5%\n  授权 从严，越低越严\n",
        "E130",
        "从严，越低越严",
        "写成“从严（越低越严）”",
        "参数 甲（a）：比例 = 5%\n  授权 从严（越低越严）\n",
    ),
    Slip("参数 甲（a）：比例 = 5%\n  授权 越高越严\n", "E134", "越高越严", "写成 从严（越高越严）"),
    Slip("参数 甲（a）：比例 = 5%\n  授权 从严（越大越严）\n", "E134", "越大越严", "写成 从严（越高越严）"),
    Slip("参数 甲（a）：比例 = 5%\n  授权 细化（越高越严）\n", "E310", "越高越严", "写成 从严（越高越严）"),
    Slip("规则 甲\n  当 已形成\n  则 分类 为 巩固\n  授权 从严（越高越严）\n", "E310", "越高越严", "方向写在参数里"),
    Slip(
        "清单 甲\n  即 { 乙、丙，不含 丁 }\n",
        "E227",
        "，不含 丁",
        "没有列全的，在“不含”前面写“等”",
    ),
    Slip("清单 甲\n  即 { 乙，丙 }\n", "E122", "，", "列举用顿号"),
    when("资金 超过 3 笔", "E124", "超过", "如“计数 资金 > 3 笔”", "计数 资金 > 3 笔"),
    when("资金 > 3", "E208", "资金", "写成 计数 资金", "计数 资金 > 3"),
    when("资金的笔数 > 3", "E201", "资金的笔数", "写成 计数 资金", "计数 资金 > 3"),
    when("资金合计 > 3 万元", "E201", "资金合计", "写成 合计 资金.金额", "合计 资金.金额 > 3 万元"),
    when("SUM(资金.金额) > 3 万元", "E124", "SUM", "写成“合计 资金.金额”", "合计 资金.金额 > 3 万元"),
    when("合计（资金.金额） > 3 万元", "E124", "合计", "写成“合计 资金.金额”", "合计 资金.金额 > 3 万元"),
    when("计数（资金） > 3", "E124", "计数", "写成“计数 资金”", "计数 资金 > 3"),
    when("合计 项目.资金.金额 > 3 万元", "E130", "项目.资金.金额", "写成“资金.金额”", "合计 资金.金额 > 3 万元"),
    when(
        "视 应收租金 < 10 万元（是：已形成；否：非 已形成）",
        "E130",
        "应收租金 < 10 万元",
        "写成“（应收租金 < 10 万元）”",
        "视 （应收租金 < 10 万元）（是：已形成；否：非 已形成）",
    ),
    when("应收租金 ≥ 10 万元 小于 50 万元", "E131", "小于", "两个比较用“且”连起来"),
    when("带动户数 10 户", "E130", "10", "补上比较号"),
    # Declarations.
    Slip(
        "对象 项目\n  字段 支付方式（pay）：单选 { 现金、转账 }\n",
        "E133",
        "单选",
        "写“枚举”",
        "对象 项目\n  字段 支付方式（pay）：枚举 { 现金、转账 }\n",
    ),
    Slip("对象 项目\n  字段 总投资（总投资）：金额（万元）\n", "E109", "总投资", "也可以不写（键）"),
    when("总投资 ≥ 50 万元", "E201", "总投资", "金额的字段有：应收租金"),
    Slip("清单 表 即 甲、乙\n", "E130", "甲", "写成“{ 甲、乙 }”", "清单 表 即 { 甲、乙 }\n"),
    Slip(
        "统计 总\n  合计 衔接资金数\n",
        "E130",
        "衔接资金数",
        "写成“合计 项目.衔接资金数”",
        "统计 总\n  合计 项目.衔接资金数\n",
    ),
    Slip(
        "统计 总\n  合计 衔接资金数.金额\n",
        "E201",
        "衔接资金数.金额",
        "写成 合计 项目.衔接资金数",
        "统计 总\n  合计 项目.衔接资金数\n",
    ),
    Slip(
        "统计 总\n  合计 应收租金\n", "E130", "应收租金", "写成“合计 项目.应收租金”", "统计 总\n  合计 项目.应收租金\n"
    ),
    when("合计 衔接资金数.金额 > 3 万元", "E208", "衔接资金数", "这里写对象：资金、问题"),
    Slip("提示 甲 对 县\n  当 合计 项目.应收租金 > 3 万元\n  说 “大”\n", "E212", "项目", "另写 统计 全县项目应收租金"),
    Slip("参数 丙（p）：整数（户） = 五\n", "E204", "五", "写成 5 户", "参数 丙（p）：整数（户） = 5 户\n"),
]


def answers(text: str) -> tuple[Diagnostic, ...]:
    return try_policy_from_text(BASE + text)[1]


def meaning(text: str) -> str:
    policy, found = try_policy_from_text(BASE + text)
    assert policy is not None, "\n".join(map(render, found))
    return text_hash(policy.program)


def written(remedy: str) -> str | None:
    """The text that a remedy gives to write, the first where it gives several; None where it gives none to copy."""
    for pattern in _GIVEN:
        found = re.search(pattern, remedy)
        if found is not None and "…" not in found[1].removesuffix("（…）"):
            return found[1].strip()
    return None


_GIVEN = (
    r"写成：(.+)$",
    r"如“([^“”…]+)”$",
    r"写成“([^“”]+)”",
    r"写成 ([^；，]+)",
    r"^写“([^“”…]+)”",
    r"^是不是 ?“?([^“”、？]+)”?？$",
)
_TOKEN = re.compile(r"\w+%?|[^\w\s]")


def typed_in(text: str, diagnostic: Diagnostic) -> str | None:
    """``text`` after somebody did what the remedy says: the underlined words give way to the new ones, and with them
    what the new ones repeat of the line around. None where the remedy says nothing that can simply be typed."""
    span, remedy = diagnostic.span, diagnostic.remedy or ""
    assert span is not None
    start, end = span.start, span.end
    if "另起一行写" in remedy:
        word = remedy.partition("另起一行写“")[2].rstrip("”")
        return f"{text[:start]}\n  {word}" + re.sub(r"^\s*\w+", "", text[end:], count=1)
    new = written(remedy)
    if new is None:
        if not remedy.startswith("删去") or "，或" in remedy:
            return None
        return text[:start] + (" " if span.text in "：:" else "") + text[end:].lstrip(" ")
    new = new.removesuffix("（…）")
    line_start, line_end = text.rfind("\n", 0, start) + 1, (text + "\n").index("\n", end)
    if "【" in new:
        return text[:line_start] + re.sub(r"依据\s*[^\s“]+", new, text[line_start:line_end], count=1) + text[line_end:]
    words = [token for token in _TOKEN.findall(new) if token[0].isalnum()]
    for word in words[:2] if not new[0].isdecimal() else ():
        before = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(word)}", text[line_start:start])]
        if before:
            start = line_start + before[-1]
            break
    after = re.search(rf"{re.escape(words[-1])}", text[end:line_end]) if words else None
    following = re.match(r"\s*(\w+)", text[end:line_end])
    if after is not None:
        end += after.end()
    elif following is not None and (spoken.written(following[1]) or "").endswith(words[-1] if words else "…"):
        end += following.end()
    if text[start:end].count("（") + text[start:end].count("(") > new.count("（") and text[end : end + 1] in "）)":
        end += 1
    gap = " " if text[start - 1].isalnum() and new[0].isalnum() else ""
    return f"{text[:start]}{gap}{new}{text[end:]}"


# ---- each slip ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: " ".join(slip.typed.split()))
def test_the_answer_to_a_slip(slip: Slip) -> None:
    found = answers(slip.typed)
    assert found, "not a slip"
    first = found[0]
    assert (first.code, first.span and first.span.text) == (slip.code, slip.place), render(first)
    assert slip.remedy in (first.remedy or ""), render(first)


@pytest.mark.parametrize("slip", [slip for slip in SLIPS if slip.meant], ids=lambda slip: " ".join(slip.typed.split()))
def test_who_obeys_comes_to_what_was_meant(slip: Slip) -> None:
    assert slip.meant is not None
    text = BASE + slip.typed
    for _ in range(4):
        found = try_policy_from_text(text)[1]
        if not found:
            break
        corrected = typed_in(text, found[0])
        assert corrected is not None and corrected != text, render(found[0])
        text = corrected
    assert meaning(text.removeprefix(BASE)) == meaning(slip.meant), text.removeprefix(BASE)


# ---- every remedy that gives a text ---------------------------------------------------------------------------------

_NEGATIVE = re.compile(r"[不非未没无≠]|<>|!=|否则|除外|\bnot\b")


def _cases() -> list[tuple[str, str]]:
    cases = [(BASE, slip.typed) for slip in SLIPS]
    cases += [(BASE, chunk.strip("\n") + "\n") for chunk in MESSAGES.split("\n---\n")]
    return cases + [(CONDITIONS, RULE.format(wrong.replace("‸", ""))) for wrong, _, _ in WRONG_CONDITIONS]


@pytest.mark.parametrize(("base", "typed"), _cases(), ids=lambda text: " ".join(text.split())[:60])
def test_no_remedy_turns_a_sentence_round_or_stands_still(base: str, typed: str) -> None:
    """Whatever a remedy gives to write: the same complaint does not come back, and no negation comes or goes."""
    text = base + re.sub(r" *#!.*", "", typed)
    for first in try_policy_from_text(text)[1]:
        corrected = typed_in(text, first)
        if corrected is None:
            continue
        later = try_policy_from_text(corrected)[1]
        assert (first.code, first.message) not in [(each.code, each.message) for each in later], corrected
        # 不得低于 is ≥, 没有填 is 未填: the sign, or the test, says it.
        if not re.search(r"不[得能应可许准超少低小大高多晚早迟]|没[有]?填|空", first.message + typed):
            assert bool(_NEGATIVE.search(text)) == bool(_NEGATIVE.search(corrected)), (first.remedy, corrected)
            negatives = [len(_NEGATIVE.findall(each[len(base) :])) for each in (text, corrected)]
            assert negatives[0] == negatives[1], (render(first), corrected[len(base) :])


def test_names_and_types_are_checked_beside_slips_of_other_declarations() -> None:
    text = """\
规则 一
  当 应收租金 大于等于 50 万元
  则 分类 为 巩固
规则 二
  当 总投资 > 5 万元
  则 分类 为 升级
规则 三
  当 应收租金 > 5
  则 分类 为 升级
规则 四
  当 坏术语 且 市场效益 为 良
  则 坏决定 为 甲
术语 坏术语 即 已形成 链条
决定 坏决定（broken）：单选 甲、乙
规则 五
  当 任一 坏对象 满足（坏字段） 且 带动户数 > 坏参数 且 坏统计 > 3 且 市场效益 属于 坏清单
  则 分类 为 巩固
规则 六 对 坏对象
  当 坏决定 为 甲
  则 分类 为 巩固
参数 坏参数（bp）：整数（户） 5 户
清单 坏清单 即 甲、乙
统计 坏统计
  计数 项目 项目
对象 坏对象（bo） 属 项目
  字段 坏字段（bf）：是否
"""
    found = answers(text)
    first = BASE.count("\n") + 1
    assert [(each.code, each.line and each.line - first) for each in found] == [
        ("E124", 1),
        ("E201", 4),
        ("E205", 7),
        ("E206", 10),
        ("E130", 12),
        ("E133", 13),
        ("E130", 20),
        ("E130", 21),
        ("E124", 23),
        ("E124", 24),
    ], "\n".join(map(render, found))


def test_an_unspaced_line_of_any_length_is_taken_apart_in_bounded_time() -> None:
    line = "且".join(["市场效益为好"] * 500)
    assert "词之间少了空格" not in " ".join(each.remedy or "" for each in answers(f"提示 甲\n  当 {line}\n  说 “大”\n"))


def test_a_very_long_name_is_cut_in_messages() -> None:
    for text in (
        f"提示 甲\n  当 {'长' * 150_000}\n  说 “大”\n",
        f"提示 甲\n  当 任一 {'长' * 150_000} 满足（已形成）\n  说 “大”\n",
    ):
        for each in answers(text):
            assert len(each.message) < 500 and len(each.remedy or "") < 500

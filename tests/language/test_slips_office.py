"""Habits of drafting, typed as they stand: bounds, amounts and days in words, brackets and quotes of other software, what is demanded and
by when in one line, amendments in words of offices. Who obeys the answers says what was meant.

Each row is what was typed and the rule text that means it, worked out by hand.
"""

from __future__ import annotations

import pytest
from tests.language.test_county_phrases import BASE as PROJECTS
from tests.language.test_glued import NOTICE
from tests.language.test_slips import meaning, obeyed, typed_in
from tests.language.test_slips_declared import BASE, FIELD

from policyrules.diagnostics import render
from policyrules.program.fingerprints import text_hash
from policyrules.testing.build import try_policy_from_text

CONDITIONS = [
    ("带动户数 10 户（不含）以上", "带动户数 > 10 户"),
    ("带动户数 10户及10户以上", "带动户数 ≥ 10 户"),
    ("带动户数 ≯ 10 户", "带动户数 ≤ 10 户"),
    (
        "至少 2 项满足（带动户数 > 10 户；利用率 > 50%；停产日 已填）",
        "至少 2 项（带动户数 > 10 户；利用率 > 50%；停产日 已填）",
    ),
    ("至少 1 项 成立（带动户数 > 10 户；利用率 > 50%）", "至少 1 项（带动户数 > 10 户；利用率 > 50%）"),
    ("带动户数 〉 10 户", "带动户数 > 10 户"),
    ("带动户数 从 10 户 到 20 户", "带动户数 介于 10 户 至 20 户"),
    ("带动户数 ≥ 10户，且 ≤ 20户", "带动户数 ≥ 10 户 且 带动户数 ≤ 20 户"),
    ("应收租金 ≥ 50 萬元", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 伍拾万元", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 伍拾万元整", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 人民币50万元", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ RMB 50 万元", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 50W", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 五十万圆", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 50 万块", "应收租金 ≥ 50 万元"),
    ("应收租金 ≥ 一点五万元", "应收租金 ≥ 1.5 万元"),
    ("应收租金 ≥ 10 万 5 千元", "应收租金 ≥ 105000 元"),
    ("应收租金 ≥ 10万5千元", "应收租金 ≥ 105000 元"),
    ("应收租金 为负", "应收租金 < 0 万元"),
    ("应收租金 为负数", "应收租金 < 0 万元"),
    ("应收租金 为正", "应收租金 > 0 万元"),
    ("利用率 ≥ 六成五", "利用率 ≥ 65%"),
    ("利用率 过六成", "利用率 > 60%"),
    ("利用率 ≥ 2/3 以上", "利用率 ≥ 2 ÷ 3"),
    ("自停产日起满3个月", "停产日 起满 3 个月"),
    ("自停产日起超过3个月", "评估日 > 停产日 + 3 个月"),
    ("自停产之日起超过3个月", "评估日 > 停产日 + 3 个月"),
    ("自停产之日起满三个月", "停产日 起满 3 个月"),
    ("停产日 起满 一年以上", "停产日 起满 1 年"),
    ("停产时间 超过 3 个月", "评估日 > 停产日 + 3 个月"),
    ("停产时长 超过 3 个月", "评估日 > 停产日 + 3 个月"),
    ("停产时间 满 1 年", "停产日 起满 1 年"),
    ("停产时间 达到 1 年 以上", "停产日 起满 1 年"),
    ("停产日 ≥ 二〇二四年一月一日", "停产日 ≥ 2024年1月1日"),
    ("停产日 在 2024年1月1日（含）以后", "停产日 ≥ 2024年1月1日"),
    ("停产日 在 2024年1月1日及以后", "停产日 ≥ 2024年1月1日"),
    ("停产日 在 2024年1月1日之后（含当日）", "停产日 ≥ 2024年1月1日"),
    ("停产日 自 2024年1月1日 起", "停产日 ≥ 2024年1月1日"),
    ("停产日 于 2024年1月1日 之前", "停产日 < 2024年1月1日"),
    ("停产日 截至 2024年1月1日", "停产日 ≤ 2024年1月1日"),
    ("停产日 在 2024年1月1日 至 12月31日", "停产日 介于 2024年1月1日 至 2024年12月31日"),
    ("停产日 在 2024年 上半年", "停产日 介于 2024年1月1日 至 2024年6月30日"),
    ("停产日 在 2024年 第一季度", "停产日 介于 2024年1月1日 至 2024年3月31日"),
    ("停产日 在 2024年 3月", "停产日 介于 2024年3月1日 至 2024年3月31日"),
    ("停产日 在 2024年3月份", "停产日 介于 2024年3月1日 至 2024年3月31日"),
    ("建成年份 为 “2024”", "建成年份 为 2024年"),
    ("建成年份 在 2020 年之后（含2020年）", "建成年份 ≥ 2020年"),
    ("建成日 当年", "建成日 之年 = 当年"),
    ("建成年份 2020年及以后", "建成年份 ≥ 2020年"),
    ("建成年份 2020年（含）以前", "建成年份 ≤ 2020年"),
    ("已形成，且停产日 已填", "已形成 且 停产日 已填"),
    ("已形成 且，停产日 已填", "已形成 且 停产日 已填"),
    ("已形成 且 停产日 已填。", "已形成 且 停产日 已填"),
    ("（1）已形成 且（2）停产日 已填", "已形成 且 停产日 已填"),
    ("①已形成 且 ②停产日 已填", "已形成 且 停产日 已填"),
    ("[已形成 或 停产日 已填] 且 脱贫县", "（已形成 或 停产日 已填） 且 脱贫县"),
    ("【已形成 或 停产日 已填】 且 脱贫县", "（已形成 或 停产日 已填） 且 脱贫县"),
    ("已形成 & 停产日 已填", "已形成 且 停产日 已填"),
    ("“已形成” 且 停产日 已填", "已形成 且 停产日 已填"),
    ("市场效益：好", "市场效益 为 好"),
    ("市场效益 属于 [好，有待提升]", "市场效益 属于 { 好、有待提升 }"),
    ("市场效益 为 “好”或“有待提升”", "市场效益 属于 { 好、有待提升 }"),
    ("市场效益 为 “好”“有待提升”之一", "市场效益 属于 { 好、有待提升 }"),
    ("市场效益 未填报", "市场效益 未填"),
    ("市场效益 未知", "市场效益 未填"),
    ("市场效益 不详", "市场效益 未填"),
    ("停产日 非空", "停产日 已填"),
    ("停产日 缺失", "停产日 未填"),
    ("¬ 已形成", "非 已形成"),
    ("不（已形成）", "非 已形成"),
    ("不满足（已形成）", "非 已形成"),
    ("不具备 已形成", "非 已形成"),
    ("不符合 已形成", "非 已形成"),
    ("项目 已形成", "已形成"),
    ("该项目 已形成", "已形成"),
    ("项目的 市场效益 为 好", "市场效益 为 好"),
    ("本项目 市场效益 为 好", "市场效益 为 好"),
    ("项目 带动户数 ≥ 10 户", "带动户数 ≥ 10 户"),
    ("其 市场效益 为 好", "市场效益 为 好"),
    ("困难成因 中 有 市场", "困难成因 含 市场"),
    ("困难成因 为 市场", "困难成因 含 市场"),
    ("困难成因 至少含 市场、技术 中的一项", "困难成因 含任一 { 市场、技术 }"),
]


@pytest.mark.parametrize(("typed", "meant"), CONDITIONS)
def test_who_obeys_says_what_the_condition_says(typed: str, meant: str) -> None:
    text = obeyed(NOTICE.format(typed), PROJECTS)
    assert meaning(text, PROJECTS) == meaning(NOTICE.format(meant), PROJECTS), text


PROVISIONS = [
    (
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 在2025年10月31日之前\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 不晚于2025年10月31日\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    ("义务 报送\n  当 停产\n  应当 填写 停产日\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("规则 甲\n  停产的\n  分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  列为升级类\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("提示 甲\n  停产的，提示“大”\n", "提示 甲\n  当 停产\n  说 “大”\n"),
    (
        "义务 报送\n  当 停产\n  2025年10月31日前 应当 停产日 已填\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  2025年10月31日前应当 停产日 已填\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当 2025年10月31日前 停产日 已填\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当 在 2025年10月31日 前 停产日 已填\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当于2025年10月31日前 停产日 已填\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 ≤ 2025年10月31日\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    (
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 至 2025年10月31日\n",
        "义务 报送\n  当 停产\n  应当 停产日 已填\n  期限 2025年10月31日\n",
    ),
    ("义务 报送\n  停产的，应当 停产日 已填\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("义务 报送\n  对停产的，应当 停产日 已填\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("义务 报送\n  如果 停产，应当 停产日 已填\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("义务 报送\n  凡停产的应当 停产日 已填\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("义务 报送\n  当 停产\n  要求 停产日 已填\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("义务 报送\n  当 停产；\n  应当 停产日 已填。\n", "义务 报送\n  当 停产\n  应当 停产日 已填\n"),
    ("规则 甲\n  如 停产\n  则 分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  停产的，分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  停产的，列为升级类\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  则 列为 升级类\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  则 归为升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  则 认定为 升级类\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  则 分类 为 升级类。\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  则 分类 为 [升级]\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产\n  → 分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    ("规则 甲\n  当 停产 → 分类 为 升级\n", "规则 甲\n  当 停产\n  则 分类 为 升级\n"),
    (
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  但 户数 > 5 户 的 除外\n",
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  除外 户数 > 5 户\n",
    ),
    (
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  户数 > 5 户 的 除外\n",
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  除外 户数 > 5 户\n",
    ),
    (
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  不包括 户数 > 5 户\n",
        "规则 甲\n  当 停产\n  则 分类 为 升级\n  除外 户数 > 5 户\n",
    ),
    ("禁令 挪用\n  停产的，不得 户数 > 5 户\n", "禁令 挪用\n  当 停产\n  不得 户数 > 5 户\n"),
    ("禁令 挪用\n  当 停产\n  不得有 户数 > 5 户\n", "禁令 挪用\n  当 停产\n  不得 户数 > 5 户\n"),
    ("提示 甲\n  当 停产\n  说 ”大”\n", "提示 甲\n  当 停产\n  说 “大”\n"),
    ("提示 甲\n  当 停产\n  说 “大“\n", "提示 甲\n  当 停产\n  说 “大”\n"),
]


@pytest.mark.parametrize(("typed", "meant"), PROVISIONS)
def test_who_obeys_writes_the_provision_that_was_meant(typed: str, meant: str) -> None:
    text = obeyed(typed, BASE)
    assert meaning(text, BASE) == meaning(meant, BASE), text


FIELDS = [
    ("：金额（单位万元）", "：金额（万元）"),
    ("：人民币（万元）", "：金额（万元）"),
    ("：date", "：日期"),
    ("：字符型", "：文本"),
    ("：枚举 { 好、差。}", "：枚举 { 好、差 }"),
    ("：比例（0-100%）", "：比例 取值 0% 至 100%"),
    ("：时长（天数）", "：时长（天）"),
    ("：整数（户） 来源 村", "：整数（户） 由 村"),
    ("：整数（户） 填报单位 村", "：整数（户） 由 村"),
]


@pytest.mark.parametrize(("typed", "meant"), FIELDS)
def test_who_obeys_declares_the_field_that_was_meant(typed: str, meant: str) -> None:
    text = obeyed(FIELD.format(typed), BASE)
    assert meaning(text, BASE) == meaning(FIELD.format(meant), BASE), text


UPPER = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 户数（households）：整数（户）
  字段 效益（benefit）：枚举 { 好、中、差 }
清单 资金范围 即 { 衔接、其他、等 }
  授权 细化
参数 最少户数（least）：整数（户） = 10 户
  授权 自定
决定 分类（category）：单选 { 升级、盘活 }
规则 升级类
  当 停产
  则 分类 为 升级
  授权 细化
规则 盘活类
  当 效益 为 差
  则 分类 为 盘活
  授权 自定
"""
LIMITED = "修订 升级类\n  还须 户数 > 5 户\n"
SPARED = "修订 升级类\n  除外 户数 > 5 户\n"
AMENDMENTS = [
    ("修订 升级\n  还须 户数 > 5 户\n", LIMITED),
    ("修订 升级类规则\n  还须 户数 > 5 户\n", LIMITED),
    ("修改 升级类\n  还须 户数 > 5 户\n", LIMITED),
    ("修正 升级类\n  还须 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  还须满足 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  还应满足 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  另须 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  增加条件 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  且 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  并且 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  同时 户数 > 5 户\n", LIMITED),
    ("修订 升级类\n  但 户数 > 5 户 的 除外\n", SPARED),
    ("修订 升级类\n  户数 > 5 户 的 除外\n", SPARED),
    ("修订 升级类\n  排除 户数 > 5 户\n", SPARED),
    ("修订 升级类\n  不含 户数 > 5 户\n", SPARED),
    ("修订 盘活\n  停用\n  说明 不再适用\n", "修订 盘活类\n  停用\n  说明 不再适用\n"),
    ("停用 盘活类\n  说明 不再适用\n", "修订 盘活类\n  停用\n  说明 不再适用\n"),
    ("废止 盘活类\n  说明 不再适用\n", "修订 盘活类\n  停用\n  说明 不再适用\n"),
    ("删除 盘活类\n  说明 不再适用\n", "修订 盘活类\n  停用\n  说明 不再适用\n"),
    ("设定 最少户数：20 户\n", "设定 最少户数 为 20 户\n"),
    ("设定 最少户数 为 20 户以上\n", "设定 最少户数 为 20 户\n"),
    ("设置 最少户数 为 20 户\n", "设定 最少户数 为 20 户\n"),
    ("设定 最低户数 为 20 户\n", "设定 最少户数 为 20 户\n"),
    ("增列 资金范围 含 债券\n", "增列 资金范围 { 债券 }\n"),
    ("增列 资金范围 含 {债券，基金}\n", "增列 资金范围 { 债券、基金 }\n"),
    ("增加 资金范围 含 { 债券 }\n", "增列 资金范围 { 债券 }\n"),
    ("补充 更多\n  当 户数 > 5 户\n  则 分类 为 升级\n", "补充规则 更多\n  当 户数 > 5 户\n  则 分类 为 升级\n"),
]


@pytest.mark.parametrize(("typed", "meant"), AMENDMENTS)
def test_who_obeys_amends_what_was_meant(typed: str, meant: str) -> None:
    text = typed
    for _ in range(4):
        found = [one for one in try_policy_from_text(UPPER, text)[1] if one.severity == "error"]
        if not found:
            break
        remedy, span = found[0].remedy or "", found[0].span
        assert span is not None
        if remedy.startswith("是不是 "):
            corrected: str | None = text[: span.start] + remedy.split()[1].rstrip("？") + text[span.end :]
        elif "写成“修订 " in remedy and "是决定的值" in remedy:
            corrected = text[: span.start] + remedy.partition("写成“修订 ")[2].rstrip("”") + text[span.end :]
        else:
            corrected = typed_in(text, found[0])
        assert corrected is not None and corrected != text, render(found[0])
        text = corrected
    policy, wanted = (try_policy_from_text(UPPER, one)[0] for one in (text, meant))
    assert policy is not None and wanted is not None
    assert text_hash(policy.program) == text_hash(wanted.program), text


@pytest.mark.parametrize(
    ("typed", "code", "remedy"),
    [
        # Where two things may be meant, both are said.
        (
            "停产日 已过 3 个月",
            "E130",
            "满了就算的，写“停产日 起满 3 个月”；满了的那一天还不算的，写“评估日 > 停产日 + 3 个月”",
        ),
        ("停产日 3个月后", "E130", "满了就算的，写“停产日 起满 3 个月”"),
        ("停产日 逾期 3 个月", "E130", "满了的那一天还不算的，写“评估日 > 停产日 + 3 个月”"),
        ("停产日 起满 三月", "E115", "时长写“3 个月”；日期写全年月日"),
        ("应收租金 ≥ 10万5元", "E205", ""),
        ("市场效益 较好", "E130", "“较好”不是市场效益可以取的值；可选：好、有待提升、差"),
        ("停产日 在 很久以前", "E124", ""),
        ("建成年份 从 2020年", "E130", ""),
    ],
)
def test_what_can_be_read_in_two_ways(typed: str, code: str, remedy: str) -> None:
    first = try_policy_from_text(PROJECTS + NOTICE.format(typed))[1][0]
    assert first.code == code and remedy in (first.remedy or ""), render(first)


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        # Nothing is near: what there is.
        ("修订 规模限制\n  还须 户数 > 5 户\n", "上层可以修订的：升级类、盘活类"),
        ("设定 规模 为 20 户\n", "上层可以设定的：最少户数"),
        ("增列 来源 { 债券 }\n", "上层可以增列的：资金范围"),
        ("修订 盘活\n  除外 停产\n", "“盘活”是决定的值，得出它的规则：盘活类；写成“修订 盘活类”"),
        # Its own is no upper one, and one is near.
        (
            "补充规则 升级类二\n  当 停产\n  则 分类 为 升级\n修订 升级类二\n  除外 停产\n",
            "要改上层的，是不是 升级类？",
        ),
    ],
)
def test_what_may_be_amended_is_named(typed: str, remedy: str) -> None:
    found = [one for one in try_policy_from_text(UPPER, typed)[1] if one.code == "E303"]
    assert found and remedy in (found[0].remedy or ""), found


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("参数 最少户数：整数（户） = 20 户\n", "要改它，写成“设定 最少户数 为 20 户”"),
        ("规则 升级类\n  当 停产\n  则 分类 为 升级\n", "要改它，写成“修订 升级类”，下面只写改动"),
        ("清单 资金范围 即 { 债券 }\n", "要改它，写成“增列 资金范围 { … }”"),
    ],
)
def test_a_name_that_an_upper_layer_has_is_told_how_to_be_changed(typed: str, remedy: str) -> None:
    found = [one for one in try_policy_from_text(UPPER, typed)[1] if one.code == "E202"]
    assert found and remedy in (found[0].remedy or ""), found


def test_no_remedy_says_less_than_was_typed() -> None:
    """The day itself counts, and a share is no number of itself."""
    for typed, never in [
        ("停产日 在 2024年1月1日之后（含当日）", "> 2024年1月1日"),
        ("建成年份 在 2020 年之后（含2020年）", "> 2020年"),
        ("利用率 ≥ 2/3 以上", "≥ 3"),
        ("停产日 ≥ 二〇二四年一月一日", "2025年"),
        ("自停产日起满3个月", "是不是 停产日"),
        ("停产日 自 2024年1月1日 起", "停产日 已填"),
        ("建成日 当年", "当 年"),
        ("市场效益 未填报", "未填 报"),
        ("困难成因 至少含 市场", "至 少含"),
        ("停产日 起满 一年以上", "1 年 ≥"),
    ]:
        first = try_policy_from_text(PROJECTS + NOTICE.format(typed))[1][0]
        assert never not in (first.remedy or ""), render(first)
    first = try_policy_from_text(BASE + FIELD.format("：比例（0-100%）"))[1][0]
    assert "比例 取值 0% 至 100%" in (first.remedy or ""), render(first)


@pytest.mark.parametrize(
    "typed", ["当 停产，户数 > 5 户", "当 任一满足（停产，户数 > 5 户）", "停产，户数 > 5 户", "除停产的，户数 > 5 户"]
)
def test_a_second_condition_is_no_conclusion(typed: str) -> None:
    rule = f"规则 甲\n  {typed}\n  则 分类 为 升级\n"
    found = try_policy_from_text(BASE + rule)[1]
    assert found and not any("写成两行" in (one.remedy or "") for one in found), found

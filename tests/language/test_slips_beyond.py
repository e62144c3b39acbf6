"""What documents say and rules have no word for, as clerks vary it: each is answered with the fact to record, nothing of what was typed
is left out of what is given, and what is open is told as open."""

from __future__ import annotations

import pytest
from tests.language.test_slips import meaning, obeyed
from tests.language.test_slips_clerks import BASE as CLERKS

from policyrules.diagnostics import Diagnostic, render
from policyrules.testing.build import try_policy_from_text

BASE = CLERKS.replace(
    "决定 分类",
    "对象 年度情况（years_of） 属于 项目\n  字段 经营年份（of_year）：年份\n  字段 利润（profit）：金额（万元）\n决定 分类",
)
ASKED = "提示 甲\n  当 {}\n  说 “大”\n"
DEMANDED = "义务 甲\n  应当 {}\n"
FORBIDDEN = "禁令 甲\n  不得 {}\n"
DUE = "义务 甲\n  应当 停产\n  期限 {}\n"
GIVEN = "规则 甲\n  则 {}\n"


def first(text: str) -> Diagnostic:
    return try_policy_from_text(BASE + text)[1][0]


@pytest.mark.parametrize(
    ("form", "typed", "remedy"),
    [
        *((ASKED, f"{said} 停产", "写“评估日 ≤ 最近停产日 + 6 个月”") for said in ("每半年", "每6个月", "每隔半年")),
        (DEMANDED, "每半年停产", "写“评估日 ≤ 最近停产日 + 6 个月”"),
        (DEMANDED, "每半年至少开展一次 停产", "写“计数 明细 其中（日期 之年 = 当年） ≥ 2”"),
        (DEMANDED, "每季度 停产", "≥ 4”"),
        (DEMANDED, "每个月 带动户数 ≥ 10 户", "一期一行记在明细表里，写“全部 明细 满足（带动户数 ≥ 10 户）”"),
        (ASKED, "每年 利润 < 0 万元", "写“全部 年度情况 满足（利润 < 0 万元）”"),
        (DUE, "每半年", "写：最近一次日 + 6 个月"),
        (DUE, "每季度 一次", "写：最近一次日 + 3 个月"),
        (DUE, "每年一次", "每年的一天写“每年 12月31日”"),
        (ASKED, "连续两年 年收益 < 0 万元", "任一 其他 年度情况 满足（年份 = 本.年份 + 1 年 且 年收益 < 0 万元）"),
        (ASKED, "连续三个月 年收益 < 0 万元", "写“连续月数 ≥ 3”"),
        *(
            (ASKED, f"年收益 {said}", "写“年收益名次占比 ≤ 10%”")
            for said in ("前10%", "前 10 %", "前１０％", "排名前10%", "位于 全县 前10%", "前百分之十", "前一成")
        ),
        (ASKED, "年收益 后10%", "写“年收益名次占比 > 90%”"),
        (ASKED, "年收益 后三分之一", "写“年收益名次占比 > 2 ÷ 3”"),
        (ASKED, "年收益 前10名", "（如 年收益名次：整数），写“年收益名次 ≤ 10”"),
        (ASKED, "年收益 倒数 3 名", "写“年收益倒数名次 ≤ 3”"),
        (ASKED, "年收益 高于 全县平均水平", "写“年收益 > 年收益总数 ÷ 项目总数”"),
        (ASKED, "年收益 低于 中位数", "规则里不算中位数"),
        *(
            (DEMANDED, f"{said}登记", "写“登记日 已填 且 登记日 ≤ 起算日 + 30 天”")
            for said in ("30日内", "30 日 内 ", "３０日内 ", "30天以内 ", "三十日内", "在 30 日内 ")
        ),
        (DEMANDED, "登记 30日内", "没有说从哪一天算起"),
        (
            DEMANDED,
            "建成后30日内 登记",
            "写“登记日 已填 且 登记日 ≤ 建成日 + 30 天”；应当做到的，下一行再写“期限 建成日 + 30 天”",
        ),
        (ASKED, "30日内 停产", "说的是最近这段时间的，写“停产日 ≥ 评估日 − 30 天”"),
        (DEMANDED, "2025年底前 已验收", "这里写“已验收”，另起一行：写“期限 2025年12月31日”"),
        (DEMANDED, "10月底前 已验收", "另起一行：写 期限 每年 10月31日"),
        (DEMANDED, "已验收 30日内", "写 评估日 ≤ 验收日 + 30 天"),
        (DEMANDED, "已验收 不足 30 日", "写 评估日 < 验收日 + 30 天"),
        (DEMANDED, "及时 已验收", "“及时”到什么程度，规则里算不出"),
        (ASKED, "视情况 停产", "要人来判断的，另设一个“研判”"),
        (ASKED, "带动户数 不足10户的按10户", "这是怎样算数，不是条件；算的地方写“取大（带动户数；10 户）”"),
        (GIVEN, "补助 为 不足10户的按10户 × 500元", "前面写上是哪个数，如 取大（户数；10 户）"),
        (GIVEN, "补助 为 带动户数 × 500元，不足10户的按5户", "分成两条规则：“当”里写 < 10 户 的，按 5 户 算"),
        (GIVEN, "补助 为 带动户数 × 500元，不足1万元的不补", "写 < 1 万元 的，写“补助 为 0 万元”"),
        (FORBIDDEN, "不少于3户", "是带动户数的，要做到这样的，改成“义务”，写“应当 带动户数 ≥ 3 户”"),
        (FORBIDDEN, "少于 3 户", "没有说是哪个数；是带动户数的，写“带动户数 < 3 户”"),
        (ASKED, "年收益 翻番", "写“年收益 ≥ 上年年收益 × 2”"),
        (ASKED, "年收益 比 上年 翻两番", "写“年收益 ≥ 上年年收益 × 4”"),
        (ASKED, "资金 部分 到位", "有的是、有的不是，写“任一 资金 满足（已到位） 且 非 全部 资金 满足（已到位）”"),
        *((ASKED, f"带动户数 {said}", "没有说准是多少") for said in ("10余户", "十几户", "数十户", "几户", "近 10 户")),
        (ASKED, "年收益 几十万元", "年收益 介于 … 至 …"),
        (DEMANDED, "逐级 审核", "各级各记一个字段，用“且”连起来"),
        (ASKED, "人均年收益 ≥ 500 元", "写成除法：年收益 ÷ 人数的字段"),
        (ASKED, "每户 年收益 ≥ 500 元", "写成除法：年收益 ÷ 户数的字段"),
        ("", "禁令 甲\n  带动户数应当不少于3户\n", "改成“义务”，写“应当 带动户数 不少于3户”"),
        ("", "义务 甲\n  资金不得用于还债\n", "改成“禁令”，写“不得 资金 用于还债”"),
    ],
)
def test_what_to_record_is_told(form: str, typed: str, remedy: str) -> None:
    told = first(form.format(typed) if form else typed)
    assert remedy in (told.remedy or ""), render(told)


@pytest.mark.parametrize(
    ("form", "typed", "meant"),
    [
        *(
            (ASKED, typed, "停产日 起满 2 年")
            for typed in (
                "连续两年以上 停产",
                "连续两年以上停产",
                "连续2年以上 停产",
                "连续 2 年 以上 停产",
                "连续２年 停产",
                "2年以上 连续 停产",
            )
        ),
        (ASKED, "停产日 连续 6 个月 以上", "停产日 起满 6 个月"),
        (ASKED, "连续半年 停产", "停产日 起满 6 个月"),
        (ASKED, "闲置时长 连续 6 个月 以上", "闲置时长 ≥ 6 个月"),
        (
            ASKED,
            "连续两年 利润 < 0 万元",
            "任一 年度情况 满足（利润 < 0 万元 且 任一 其他 年度情况 满足（经营年份 = 本.经营年份 + 1 年 且 利润 < 0 万元））",
        ),
        (GIVEN, "补助 为 带动户数 不足10户的按10户 × 500元", "补助 为 取大（带动户数；10 户） × 500 元"),
        (GIVEN, "补助 为 （带动户数 不足 10 户 的 按 10 户） × 500 元", "补助 为 取大（带动户数；10 户） × 500 元"),
        (GIVEN, "补助 为 带动户数 × 500 元，不足1万元的，按1万元计算", "补助 为 取大（带动户数 × 500 元；1 万元）"),
        (GIVEN, "补助 为 带动户数 × 500 元，超过5万元的按5万元", "补助 为 取小（带动户数 × 500 元；5 万元）"),
        (GIVEN, "补助 为 年收益 × 10% 超过5万元的部分不计", "补助 为 取小（年收益 × 10%；5 万元）"),
        (DEMANDED, "年内 停产", "停产日 之年 = 当年"),
        # Of how many.
        (ASKED, "资金 至少 一笔 已到位", "计数 资金 其中（已到位） ≥ 1"),
        (ASKED, "资金 三笔以上 已到位", "计数 资金 其中（已到位） ≥ 3"),
        (ASKED, "资金 超过两笔 到位", "计数 资金 其中（已到位） > 2"),
        (ASKED, "资金 一半以上 已到位", "计数 资金 其中（已到位） ≥ 计数 资金 × 50%"),
        (ASKED, "资金 大部分 已到位", "计数 资金 其中（已到位） > 计数 资金 × 50%"),
        (ASKED, "资金 无一 已到位", "非 任一 资金 满足（已到位）"),
        (ASKED, "资金 都没有 已到位", "非 任一 资金 满足（已到位）"),
        (ASKED, "问题 全部未 已整改", "非 任一 问题 满足（已整改）"),
        (ASKED, "问题 未全部 已整改", "非 全部 问题 满足（已整改）"),
        (ASKED, "问题 没有全部 整改", "非 全部 问题 满足（已整改）"),
        (ASKED, "成因 至少 两项", "计数 成因 ≥ 2 项"),
        (ASKED, "成因 两项以上", "计数 成因 ≥ 2 项"),
        (ASKED, "停产、已验收、脱贫县 至少两项", "至少 2 项（停产；已验收；脱贫县）"),
        (ASKED, "至少两项：停产、已验收、利用率 ≥ 60%", "至少 2 项（停产；已验收；利用率 ≥ 60%）"),
        (ASKED, "满足下列至少两项：（停产、已验收、脱贫县）", "至少 2 项（停产；已验收；脱贫县）"),
    ],
)
def test_who_obeys_says_the_whole_of_it(form: str, typed: str, meant: str) -> None:
    text = obeyed(form.format(typed), BASE)
    assert meaning(text, BASE) == meaning(form.format(meant), BASE), text


@pytest.mark.parametrize(
    "typed", ["带动户数不得少于3户", "带动户数 不少于 3 户", "带动户数至少3户", "带动户数 不得少于 3 户"]
)
def test_what_is_demanded_is_not_forbidden(typed: str) -> None:
    for text in (FORBIDDEN.format(typed), "禁令 甲\n  不得带动户数不少于3户\n"):
        assert "改成“义务”，写“应当 带动户数 ≥ 3 户”；不许这样的，写“不得 带动户数 ≥ 3 户”" in (
            first(text).remedy or ""
        )


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [("义务", "带动户数不得少于3户", "应当 带动户数 ≥ 3 户"), ("禁令", "带动户数不得少于3户", "不得 带动户数 < 3 户")],
)
def test_what_is_demanded_inside_a_line_is_put_first(kind: str, typed: str, meant: str) -> None:
    text = obeyed(f"{kind} 甲\n  {typed}\n", BASE)
    assert meaning(text, BASE) == meaning(f"{kind} 甲\n  {meant}\n", BASE), text


def test_a_name_that_says_how_often_is_no_slip_for_the_rest_of_it() -> None:
    for typed in ("每半年停产了", "连续停产了"):
        assert "是不是 停产" not in (first(ASKED.format(typed)).remedy or "")


@pytest.mark.parametrize(
    ("form", "typed", "turned"),
    [
        (GIVEN, "补助 为 年收益 × 30%，不低于5万元的不补助", "< 5 万元"),
        (GIVEN, "补助 为 年收益 × 30%，不超过5万元的按3万元", "> 5 万元"),
        (ASKED, "带动户数不超过10户的按8户", "> 10 户"),
    ],
)
def test_what_is_counted_as_something_else_is_not_turned_round(form: str, typed: str, turned: str) -> None:
    assert turned not in render(first(form.format(typed)))

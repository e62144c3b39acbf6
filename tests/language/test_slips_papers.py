"""Slips of who types what a document says and looks at nothing else: what is told of each, and what who obeys comes to.

Each row is typed below the small policy of `test_slips`; what a remedy gives is typed in until it loads, and means what was
meant. Where a document leaves open which of two was meant, both are given. What loads and may mean something else is warned of.
"""

from __future__ import annotations

import time

import pytest
from tests.language.test_slips import BASE, answers, meaning, obeyed

from policyrules.diagnostics import render
from policyrules.testing.build import try_policy_from_text

WHEN = "提示 甲\n  当 {}\n  说 “大”\n"
DUE = "义务 甲\n  应当 已形成\n  期限 {}\n"

CONDITIONS = [
    # A field of what a project belongs to.
    ("县 是 脱贫县", "脱贫县"),
    ("县 不是 脱贫县", "非 脱贫县"),
    ("县 属于 脱贫县", "脱贫县"),
    ("本县 是 脱贫县", "脱贫县"),
    ("项目 不是 已形成", "非 已形成"),
    ("“市场 效益” 为 好", "市场效益 为 好"),
    # Joined.
    ("应收租金 >= 50 and 已形成", "应收租金 ≥ 50 万元 且 已形成"),
    ("应收租金 >= 50 and <= 100", "应收租金 ≥ 50 万元 且 应收租金 ≤ 100 万元"),
    ("and 已形成", "已形成"),
    ("且 已形成", "已形成"),
    ("停产日 未填 或 应收租金 未填 或 为 0", "停产日 未填 或 应收租金 未填 或 应收租金 = 0 万元"),
    ("市场效益 为 好 或 为 差", "市场效益 为 好 或 市场效益 为 差"),
    ("既未 已形成 又未 脱贫县", "非 已形成 且 非 脱贫县"),
    ("既未形成又未脱贫县", "非 已形成 且 非 脱贫县"),
    ("既没有 已形成，又没有 脱贫县", "非 已形成 且 非 脱贫县"),
    ("如果 已形成 那么 脱贫县 否则 链条 为 较完备", "视 已形成（是：脱贫县；否：链条 为 较完备）"),
    # Whether the number itself counts.
    ("利用率 低于50%（含）", "利用率 ≤ 50%"),
    ("利用率 低于 50%（含 50%）", "利用率 ≤ 50%"),
    ("带动户数 > 10 户（含10户）", "带动户数 ≥ 10 户"),
    ("带动户数 ≥ 10 户（不含）", "带动户数 > 10 户"),
    ("带动户数 不超过 10 户（不含本数）", "带动户数 < 10 户"),
    ("带动户数 < 10 户（含本数）", "带动户数 ≤ 10 户"),
    ("利用率 ≥ 50% 以上", "利用率 ≥ 50%"),
    ("利用率 50以上", "利用率 ≥ 50%"),
    ("应收租金 介于 10万元-50万元", "应收租金 介于 10 万元 至 50 万元"),
    ("应收租金 = 10~50 万元", "应收租金 介于 10 万元 至 50 万元"),
    # Figures.
    ("带动户数 ≥ 1O 户", "带动户数 ≥ 10 户"),
    ("带动户数 ≥ l0 户", "带动户数 ≥ 10 户"),
    ("利用率 ≥ .5", "利用率 ≥ 50%"),
    # Days.
    ("停产日.year = 2024", "停产日 之年 = 2024 年"),
    ("停产日.年份 ≥ 2024", "停产日 之年 ≥ 2024 年"),
    ("停产日 的 年份 = 2024 年", "停产日 之年 = 2024 年"),
    ("停产日 前后 30 天", "评估日 介于 停产日 − 30 天 至 停产日 + 30 天"),
    ("停产日 后 30 天 内", "评估日 ≤ 停产日 + 30 天"),
    ("停产日 未 起满 1 年", "评估日 < 停产日 + 1 年"),
    ("从 停产日 起 满 三年", "停产日 起满 3 年"),
    ('DATEDIF(停产日,TODAY(),"Y")>=3', "停产日 起满 3 年"),
    ('DATEDIF(停产日,TODAY(),"M") > 3', "停产日 起满 4 个月"),
    ('DATEDIF(停产日,建成日,"D") > 90', "建成日 − 停产日 > 90 天"),
    ("DAYS(建成日,停产日)>90", "建成日 − 停产日 > 90 天"),
    # Filled in or not.
    ("停产日 为 未填", "停产日 未填"),
    ("停产日 = 未填", "停产日 未填"),
    ("停产日 不填", "停产日 未填"),
    ("停产日 是空的", "停产日 未填"),
    ("已填 停产日", "停产日 已填"),
    ("未填停产日", "停产日 未填"),
    ("NOT(ISBLANK(停产日))", "停产日 已填"),
    ("资金 未填", "计数 资金 = 0"),
    ("资金 为空", "计数 资金 = 0"),
    # Rows.
    ("len(资金) > 3", "计数 资金 > 3"),
    ("sum(金额) > 3 万元", "合计 资金.金额 > 3 万元"),
    ("sum(资金.金额)>=50 and 已形成", "合计 资金.金额 ≥ 50 万元 且 已形成"),
    ("求和 资金.金额 > 3 万元", "合计 资金.金额 > 3 万元"),
    ("资金.金额 之和 > 3 万元", "合计 资金.金额 > 3 万元"),
    ("AVERAGE(资金.金额) > 3 万元", "（合计 资金.金额 ÷ 计数 资金） > 3 万元"),
    # Groups.
    ("同时满足：\n    已形成\n    脱贫县", "同时满足（已形成；脱贫县）"),
    ("同时满足：\n    （1）已形成；\n    （2）脱贫县。", "同时满足（已形成；脱贫县）"),
    ("同时满足（\n    已形成\n    脱贫县\n  ）", "同时满足（已形成；脱贫县）"),
    ("同时符合（已形成；脱贫县）", "同时满足（已形成；脱贫县）"),
    ("满足任意一项（已形成；脱贫县）", "任一满足（已形成；脱贫县）"),
    ("两项以上（已形成；脱贫县；链条 为 较完备）", "至少 2 项（已形成；脱贫县；链条 为 较完备）"),
    ("至多 1 项（已形成；脱贫县）", "非 至少 2 项（已形成；脱贫县）"),
    ("均不满足（已形成；脱贫县）", "非 任一满足（已形成；脱贫县）"),
    ("市场效益 为 好或有待提升", "市场效益 属于 { 好、有待提升 }"),
    ("市场效益 属于 好和有待提升", "市场效益 属于 { 好、有待提升 }"),
    ("市场效益 为 除好以外的", "市场效益 不为 好"),
]


@pytest.mark.parametrize(("typed", "meant"), CONDITIONS)
def test_who_obeys_comes_to_what_was_meant(typed: str, meant: str) -> None:
    text = obeyed(WHEN.format(typed))
    assert meaning(text) == meaning(WHEN.format(meant)), text


DEADLINES = [
    ("建成后 30 日 内", "建成日 + 30 天"),
    ("建成日 前 三个月", "建成日 − 3 个月"),
]


@pytest.mark.parametrize(("typed", "meant"), DEADLINES)
def test_who_obeys_comes_to_the_day_that_was_meant(typed: str, meant: str) -> None:
    assert meaning(obeyed(DUE.format(typed))) == meaning(DUE.format(meant))


BOTH = [
    (WHEN.format("停产日 前 30 天"), "“评估日 ≥ 停产日 − 30 天”"),
    (WHEN.format("停产日 还有 30 天"), "“评估日 ≥ 停产日 − 30 天 且 评估日 < 停产日”"),
    (WHEN.format("停产日 已有 三年"), "满了的写“停产日 起满 3 年”，还没有满的写“评估日 < 停产日 + 3 年”"),
    (WHEN.format("利用率 > 50% 以上"), "不连这个数的，写“> 50%”；连这个数也算的，写“≥ 50%”"),
    (WHEN.format("应收租金 ≥ 500000"), "按万元计的写成 500000 万元；按元计的写成 500000 元（即 50 万元）"),
    (
        WHEN.format("停产日 和 建成日 相差 90 天 以上"),
        "“建成日 − 停产日 ≥ 90 天”；停产日晚的，写“停产日 − 建成日 ≥ 90 天”",
    ),
    (WHEN.format("停产日 ≤ 30 天"), "从另一天算起的，写 停产日 ≤ … + 30 天"),
    (WHEN.format("任一满足（已形成，脱贫县）"), "写“任一满足（已形成；脱贫县）”；一项里的两个条件"),
    (
        "提示 甲\n  当 市场效益 为 好\n  除外 已形成 和 脱贫县\n  说 “大”\n",
        "两样都有才除外的，写“已形成 且 脱贫县”；有一样就除外的，写“已形成 或 脱贫县”",
    ),
    (
        "术语 甲词 即 已形成\n提示 甲\n  当 脱贫县\n  除外 甲词 和 脱贫县\n  说 “大”\n",
        "两样都有才除外的，写“且”，如“甲词 且 脱贫县”；有一样就除外的，写“或”，如“甲词 或 脱贫县”",
    ),
    (
        WHEN.format("停产日 在 建成日 前 30 天"),
        "“≤ 建成日 − 30 天”；隔得不超过这么久的，写成“≥ 建成日 − 30 天 且 停产日 < 建成日”",
    ),
    (
        WHEN.format("停产日 在 建成日 之后 3 个月"),
        "“≥ 建成日 + 3 个月”；隔得不超过这么久的，写成“≤ 建成日 + 3 个月 且 停产日 > 建成日”",
    ),
    ("义务 甲\n  当 已形成\n  脱贫县\n", "要做到的，写“应当 脱贫县”；是条件的，写“当 脱贫县”"),
    ("禁令 甲\n  脱贫县\n", "不许做的，写“不得 脱贫县”；是条件的，写“当 脱贫县”"),
    ("提示 甲\n  当 已形成\n  市场效益 为 好\n  说 “大”\n", "前面写“且”：且 市场效益 为 好"),
    (WHEN.format("建成日 < 2024-13-01"), "日历上没有这一天"),
    ("将 升级类 修改为\n", "先写一行“修订 升级类”"),
    ("投资下限 为 20 万元\n", "写成“设定 投资下限 为 20 万元”"),
    ("将 投资下限 改为 20 万元\n", "写成“设定 投资下限 为 20 万元”"),
    ("投资下限改为 20 万元\n", "写成“设定 投资下限 为 20 万元”"),
    ("投资下限 修改为 20 万元\n", "写成“设定 投资下限 为 20 万元”"),
    ("将投资下限由10万元改为20万元\n", "写成“设定 投资下限 为 20万元”"),
    ("投资下限 由 10 万元 调整为 20 万元\n", "写成“设定 投资下限 为 20 万元”"),
    ("设定 投资下限 改为 20 万元\n", "写“为”"),
    ("修订 规则 升级类\n  还须 已形成\n", "写成“升级类”"),
    ("修订 升级类\n  删去\n", "写“停用”"),
    ("修订 升级类\n  增加 已形成\n", "写“还须 已形成”；多一种情形的，写“或者 已形成”"),
    ("增加 规则 甲\n  当 已形成\n  则 分类 为 巩固\n", "写成“补充规则”"),
    ("增加 提示 甲\n", "删去“增加”"),
    ("提示 甲\n  当 已形成\n  说 “大”\n  除 脱贫县 外\n", "写成“除外 脱贫县”"),
]


@pytest.mark.parametrize(("typed", "remedy"), BOTH)
def test_what_is_told(typed: str, remedy: str) -> None:
    first = answers(typed)[0]
    assert remedy in (first.remedy or ""), render(first)


TABLE = "决策表 表\n  得出 入库意见\n  | {} | 入库意见 |\n  | {} | 暂缓新增 |\n"


@pytest.mark.parametrize(
    ("head", "cell", "meant"),
    [
        ("利用率", "≥20%，<50%", "≥ 20% < 50%"),
        ("利用率", "<50%；≥20%", "≥ 20% < 50%"),
        ("带动户数", "10户以上，20户以下", "≥ 10 户 ≤ 20 户"),
    ],
)
def test_two_bounds_in_one_cell(head: str, cell: str, meant: str) -> None:
    (first,) = answers(TABLE.format(head, cell))
    assert (first.code, first.remedy) == ("E151", f"写成 {meant}")
    assert meaning(TABLE.format(head, meant))


def test_what_no_cell_of_a_column_holds_is_told_what_it_holds() -> None:
    for cell in ("必填", "是否"):
        first = answers(TABLE.format("利用率", cell))[0]
        assert first.code == "E204" and "这一列填比例，如 ≥ 10%" in (first.remedy or "")
    first = answers(TABLE.format("利用率", "约50%"))[0]
    assert "没有说准是多少" in (first.remedy or "")


MISREAD = [
    ("义务 甲\n  应当 停产日 已填 至 2025年12月31日 止\n", "W239", "至 2025年12月31日 止"),
    ("提示 甲\n  当 停产日 已填 自 2024年1月1日 起\n  说 “大”\n", "W239", "自 2024年1月1日 起"),
    ("提示 甲\n  当 已形成\n    且 脱贫县 自 2024年1月1日 起\n  说 “大”\n", "W239", "自 2024年1月1日 起"),
    (WHEN.format("任一满足（链条 为 较完备 且 停产日 已填） # 甲；乙"), "W240", None),
    (WHEN.format("任一满足（已形成 且 脱贫县）"), "W240", "任一满足（已形成 且 脱贫县）"),
    (WHEN.format("同时满足（已形成 或 脱贫县）"), "W240", "同时满足（已形成 或 脱贫县）"),
    (WHEN.format("至少 1 项（已形成 且 （脱贫县 或 链条 为 较完备））"), "W240", None),
    (WHEN.format("任一满足（（脱贫县 或 链条 为 较完备）且（已形成 或 停产日 已填））"), "W240", None),
    ("提示 甲\n  当 停产日 已填 自 ２０２４年1月1日 起\n  说 “大”\n", "W239", "自 ２０２４年1月1日 起"),
]


@pytest.mark.parametrize(("typed", "code", "place"), MISREAD)
def test_what_loads_and_may_mean_something_else(typed: str, code: str, place: str | None) -> None:
    policy, found = try_policy_from_text(BASE + typed)
    assert policy is not None
    (warning,) = found
    assert (warning.code, warning.severity) == (code, "warning")
    assert place is None or (warning.span is not None and warning.span.text == place)


@pytest.mark.parametrize(
    "typed",
    [
        "提示 甲\n  当 停产日 已填\n  说 “大”\n  自 2024年1月1日 起 至 2025年12月31日 止\n",
        "提示 甲 自 2024年1月1日 起\n  当 停产日 已填\n  说 “大”\n",
        "提示 甲\n  当 停产日 已填 # 至 2025年12月31日 止\n  说 “请在 至 2025年12月31日 止 以前，任一满足（甲 且 乙）”\n",
        WHEN.format("任一满足（已形成；脱贫县 且 链条 为 较完备）"),
        WHEN.format("任一满足（已形成 或 脱贫县）"),
        WHEN.format("同时满足（已形成 且 脱贫县）"),
        WHEN.format("任一满足（（已形成 且 脱贫县） 或 链条 为 较完备）"),
        WHEN.format("任一满足（已形成 或 （脱贫县 且 （链条 为 较完备 或 停产日 已填）））"),
        "提示 甲\n  释义 任一满足（甲 且 乙）也算\n  当 已形成\n  说 “大”\n",
        WHEN.format("任一满足（编号 = “种 且 养”）"),
        WHEN.format("任一满足（\n    已形成  # 已形成 且 在用\n  ）"),
    ],
)
def test_what_is_plain_is_not_warned_of(typed: str) -> None:
    assert try_policy_from_text(BASE + typed)[1] == ()


@pytest.mark.parametrize(
    "typed",
    [
        WHEN.format("任一满足（已形成 且 脱贫县 或 链条 为 较完备）"),
        "义务 甲\n  应当 停产日 已填\n  期限 自 2025年6月1日 起 6 个月\n",
    ],
)
def test_what_is_refused_is_not_told_what_it_would_mean(typed: str) -> None:
    (found,) = try_policy_from_text(BASE + typed)[1]
    assert found.severity == "error"


def test_a_line_of_many_ifs_is_read_in_step_with_its_length() -> None:
    began = time.process_time()
    assert answers(WHEN.format("如果 已形成 那么 脱贫县 " * 1_000))
    # Each 如果 tried with each 那么 takes minutes.
    assert time.process_time() - began < 5

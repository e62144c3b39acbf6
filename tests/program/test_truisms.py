"""Conditions that hold always or never by what is declared: each is named at its words, and no other is."""

from __future__ import annotations

import itertools
import re

import pytest
from tests.growth import calls

from policyrules.program import truisms
from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """\
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 已形成（formed）：是否
  字段 效益（benefit）：枚举 { 好、中、差 }
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 利用率（utilisation）：比例 取值 0% 至 100%
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 租金（rent）：金额（万元）
  字段 建成日（built_on）：日期
  字段 停产日（stopped_on）：日期
  字段 成因（causes）：多选 { 市场、技术 }
对象 资金（funds） 属于 项目
  字段 来源（source）：枚举 { 衔接、其他 }
  字段 金额（amount）：金额（万元）
  字段 到账日（received_on）：日期
决定 分类（class）：单选 { 巩固、升级 }
参数 线（line）：整数（户） 未定 取值 1 户 至 9 户
统计 总数（total）
  计数 项目
统计 占（share）
  占比 项目
  符合 已形成
术语 效益好 即 效益 为 好
术语 很好 即 效益好 且 户数 ≥ 10 户
术语 有问题 即 已形成 或 效益 为 差
术语 余额 即 租金 × 2
术语 久停 即 停产日 起满 1 年
术语 末日 即 最大 资金.到账日
术语 衔接的 对 资金 即 来源 为 衔接
"""
NEVER, ALWAYS, NEVER_BOTH, ONE_OF = "不可能成立", "总是成立", "不可能同时成立", "总有一个成立"

SETTLED = [
    # condition (‸ before the underlined place), what is said of it
    ("‸利用率 > 100%", NEVER),
    ("‸利用率 < 0%", NEVER),
    ("‸利用率 ≥ 0%", ALWAYS),
    ("‸100% ≥ 利用率", ALWAYS),
    ("‸户数 ≥ 0 户", ALWAYS),
    ("‸户数 < 0 户", NEVER),
    ("非 （‸利用率 > 100%）", NEVER),
    ("‸效益 属于 { 好、中、差 }", ALWAYS),
    ("‸效益 不属于 { 好、中、差 }", NEVER),
    ("链条 为 较完备 且 （已形成 或 ‸利用率 > 100%）", NEVER),
    ("效益 为 好 且 ‸效益 为 差", NEVER_BOTH),
    ("效益 为 好 且 （已形成 且 ‸效益 为 差）", NEVER_BOTH),
    ("效益 为 好 或 ‸效益 不为 好", ONE_OF),
    ("效益 为 好 或 效益 为 中 或 ‸效益 为 差", ONE_OF),
    ("已形成 且 ‸非 已形成", NEVER_BOTH),
    ("已形成 或 ‸非 已形成", ONE_OF),
    ("租金 > 5 万元 且 ‸租金 < 3 万元", NEVER_BOTH),
    ("租金 > 5 万元 且 ‸租金 ≤ 5 万元", NEVER_BOTH),
    ("租金 > 5 万元 或 ‸租金 ≤ 5 万元", ONE_OF),
    ("3% > 利用率 且 ‸利用率 > 5%", NEVER_BOTH),
    ("户数 = 3 户 且 ‸户数 = 4 户", NEVER_BOTH),
    ("户数 为 3 户 且 ‸户数 不为 3 户", NEVER_BOTH),
    ("‸租金 介于 10 万元 至 5 万元", NEVER),
    ("建成日 > 2025年1月1日 且 ‸建成日 < 2024年1月1日", NEVER_BOTH),
    ("任一 资金 满足（来源 为 衔接 且 ‸来源 为 其他）", NEVER_BOTH),
    # One of several, none of which can be beside the rest; texts.
    ("户数 > 3 户 且 （‸户数 < 2 户 或 户数 < 1 户）", "里的每一项都不可能和另外的条件同时成立"),
    ("（‸效益 为 好 或 效益 为 中） 且 效益 为 差", "里的每一项都不可能和另外的条件同时成立"),
    ("编号 为 “甲” 且 ‸编号 为 “乙”", NEVER_BOTH),
    ("编号 属于 { “甲”、“乙” } 且 ‸编号 为 “丙”", NEVER_BOTH),
    ("编号 不为 “甲” 且 ‸编号 为 “甲”", NEVER_BOTH),
    ("编号 为 “甲” 或 ‸编号 不为 “甲”", ONE_OF),
    # Sets, counts, and whether a cell is filled in.
    ("建成日 已填 且 ‸建成日 未填", NEVER_BOTH),
    ("成因 含 市场 且 ‸成因 不含 市场", NEVER_BOTH),
    ("成因 含 市场、技术 且 ‸成因 不含 技术", NEVER_BOTH),
    ("成因 含 市场 或 ‸成因 不含 市场", ONE_OF),
    ("‸计数 资金 < 0", NEVER),
    ("‸计数 资金 ≥ 0", ALWAYS),
    ("‸计数 成因 > 2", NEVER),
    ("‸总数 < 0", NEVER),
    ("占 > 50% 且 ‸占 < 30%", NEVER_BOTH),
    ("合计 资金.金额 > 5 万元 且 ‸合计 资金.金额 < 3 万元", NEVER_BOTH),
    ("线 > 5 户 且 ‸线 < 3 户", NEVER_BOTH),
    ("余额 > 5 万元 且 ‸余额 < 3 万元", NEVER_BOTH),
    ("分类 为 巩固 且 ‸分类 为 升级", NEVER_BOTH),
    ("分类 为 巩固 且 ‸分类 不为 巩固", NEVER_BOTH),
    # Two values compared with each other; days that are written out.
    ("建成日 ≤ 停产日 且 ‸停产日 < 建成日", NEVER_BOTH),
    ("建成日 ≤ 停产日 或 ‸停产日 < 建成日", ONE_OF),
    ("‸建成日 < 建成日", NEVER),
    ("评估日 ≥ 2020年1月1日 且 ‸评估日 < 2019年1月1日", NEVER_BOTH),
    ("建成日 = 评估日 且 ‸评估日 > 建成日", NEVER_BOTH),
    ("‸5 > 3", ALWAYS),
    ("‸3 万元 ≥ 5 万元", NEVER),
    # What terms say.
    ("效益好 且 ‸效益 为 差", NEVER_BOTH),
    ("很好 且 ‸户数 < 5 户", NEVER_BOTH),
    ("很好 且 ‸非 效益好", NEVER_BOTH),
    ("非 有问题 且 ‸已形成", NEVER_BOTH),
    ("任一 资金 满足（衔接的 且 ‸来源 为 其他）", NEVER_BOTH),
    # 至少.
    ("至少 2 项（效益 为 好；‸效益 为 差）", NEVER_BOTH),
    ("‸至少 2 项（效益 为 好；效益 为 中；效益 为 差）", NEVER),
    # Numbers below zero, and what is reckoned from numbers.
    ("‸户数 > -1 户", ALWAYS),
    ("‸户数 ≥ −1 户", ALWAYS),
    ("‸-1 户 < 户数", ALWAYS),
    ("‸户数 < -1 户", NEVER),
    ("‸户数 > 3 户 − 5 户", ALWAYS),
    ("‸户数 × 2 + 1 户 > 0 户", ALWAYS),
    ("‸户数 × -2 > 0 户", NEVER),
    ("‸0 户 − 户数 > 1 户", NEVER),
    ("‸利用率 + 利用率 > 200%", NEVER),
    ("‸利用率 × 2 ≤ 200%", ALWAYS),
    ("‸利用率 ÷ 2 > 50%", NEVER),
    ("‸利用率 × 利用率 > 100%", NEVER),
    ("‸取大（利用率；50%） < 50%", NEVER),
    ("‸取小（利用率；50%） > 50%", NEVER),
    ("‸线 > 9 户", NEVER),
    ("‸线 ≥ 1 户", ALWAYS),
    ("‸-5 > 3", NEVER),
    ("‸利用率 介于 0% 至 100%", ALWAYS),
    ("‸利用率 介于 -10% 至 200%", ALWAYS),
    ("‸利用率 介于 101% 至 105%", NEVER),
    ("已形成 且 ‸利用率 介于 0% 至 100%", ALWAYS),
    # How long ago, of one day.
    ("停产日 起满 12 个月 且 ‸非 停产日 起满 6 个月", NEVER_BOTH),
    ("停产日 起满 6 个月 或 ‸非 停产日 起满 1 年", ONE_OF),
    ("停产日 起满 90 天 且 ‸非 停产日 起满 30 天", NEVER_BOTH),
    ("停产日 起满 12 个月 且 ‸评估日 < 停产日 + 12 个月", NEVER_BOTH),
    ("停产日 + 12 个月 > 评估日 且 ‸停产日 起满 13 个月", NEVER_BOTH),
    ("停产日 起满 30 天 且 ‸评估日 − 30 天 < 停产日", NEVER_BOTH),
    ("久停 且 ‸非 停产日 起满 6 个月", NEVER_BOTH),
    # What is moved, beside itself.
    ("‸停产日 > 停产日 + 3 天", NEVER),
    ("‸停产日 < 停产日 − 3 个月", NEVER),
    ("‸停产日 + 1 个月 > 停产日 + 3 个月", NEVER),
    ("‸租金 > 租金 + 1 万元", NEVER),
    ("‸利用率 − 利用率 > 0%", NEVER),
    ("‸租金 < 租金 + 1 万元", ALWAYS),
    ("‸租金 − 户数 × 1 万元 > 租金 − 户数 × 1 万元 + 2 万元", NEVER),
    # A condition of whatever parts, and its opposite.
    ("（已形成 且 效益 为 好） 或 ‸非（已形成 且 效益 为 好）", ONE_OF),
    ("（已形成 且 效益 为 好） 且 ‸非（已形成 且 效益 为 好）", NEVER_BOTH),
    ("（已形成 或 效益 为 好） 且 ‸非（已形成 或 效益 为 好）", NEVER_BOTH),
    ("已形成 且 效益 为 好 且 ‸非（已形成 且 效益 为 好）", "里的每一项都不可能和另外的条件同时成立"),
    ("已形成 或 效益 为 好 或 （‸非 已形成 且 非 效益 为 好）", "和另外的条件总有一个成立"),
    ("有问题 或 ‸非 有问题", ONE_OF),
    ("任一 资金 满足（金额 > 5 万元） 且 ‸非 任一 资金 满足（金额 > 5 万元）", NEVER_BOTH),
    ("成因 全部属于 { 市场 } 或 ‸非 成因 全部属于 { 市场 }", ONE_OF),
    # One thing beside itself, moved or not.
    ("‸停产日 < 停产日 + 3 天", "总是成立"),
    ("‸评估日 − 1 个月 < 评估日", "总是成立"),
    ("‸停产日 介于 停产日 至 停产日 + 3 天", "总是成立"),
    ("‸停产日 − 停产日 > 3 天", "不可能成立"),
    ("‸效益 = 效益", "总是成立"),
    ("‸已形成 ≠ 已形成", "不可能成立"),
    ("已形成 且 任一 资金 满足（‸来源 = 来源）", "总是成立"),
]

OPEN = [
    "户数 > 3 户 且 （户数 < 2 户 或 户数 > 5 户）",
    "户数 > 3 户 且 （户数 < 2 户 或 已形成）",
    "编号 不为 “甲” 且 编号 不为 “乙”",
    "编号 为 “甲” 或 编号 为 “乙”",
    "利用率 ≥ 100%",
    "利用率 ≤ 0%",
    "利用率 > 0%",
    "户数 > 0 户",
    "效益 属于 { 好、差 }",
    "效益 属于 { 好、中、差、等 }",
    "效益 为 好 且 链条 为 较完备",
    "效益 为 好 或 效益 为 差",
    "效益 为 好 且 （效益 为 差 或 已形成）",
    "租金 > 5 万元 或 租金 < 3 万元",
    "租金 ≥ 5 万元 且 租金 ≤ 5 万元",
    "租金 > 5 万元 且 租金 < 5.01 万元",
    "户数 ≠ 3 户 且 户数 ≥ 3 户",
    "任一 资金 满足（来源 为 衔接） 且 任一 资金 满足（来源 为 其他）",
    "任一 资金 满足（来源 为 衔接 且 任一 其他 资金 满足（来源 为 其他））",
    "至少 1 项（效益 为 好；效益 为 差）",
    "成因 含 市场 且 成因 不含 技术",
    "效益 未填 且 链条 为 较完备",
    # 已填 或 未填 is how people write that it does not matter.
    "建成日 已填 或 建成日 未填",
    "建成日 已填 且 停产日 未填",
    "成因 含 市场、技术 或 成因 不含 市场、技术",
    "非 （成因 含 市场、技术） 且 成因 含 市场",
    "计数 资金 > 0",
    "计数 成因 = 2",
    "计数 资金 > 5 且 计数 资金 其中（来源 为 衔接） < 3",
    # A share of nothing, and the greatest of no row, fail both.
    "占 ≥ 50% 或 占 < 50%",
    "最大 资金.金额 ≥ 5 万元 或 最大 资金.金额 < 5 万元",
    "占 ≥ 0%",
    # A decision that does not apply is neither.
    "分类 为 巩固 或 分类 不为 巩固",
    "线 ≥ 5 户",
    "建成日 ≤ 停产日 且 停产日 ≤ 建成日",
    "建成日 < 停产日 或 停产日 < 建成日",
    "建成日 ≤ 停产日 且 停产日 < 评估日",
    "任一 资金 满足（衔接的） 且 任一 资金 满足（来源 为 其他）",
    "有问题 且 效益 为 好",
    "效益好 且 已形成",
    "至少 2 项（效益 为 好；效益 为 中；已形成）",
    # One end of a range alone says nothing of the range.
    "户数 介于 0 户 至 5 户",
    "利用率 介于 10% 至 100%",
    "利用率 介于 -10% 至 50%",
    "非 利用率 介于 0% 至 50%",
    "已形成 且 户数 介于 0 户 至 5 户",
    "已形成 或 利用率 介于 10% 至 100%",
    "租金 > -5 万元",
    "余额 > -5 万元",
    "最大 资金.金额 > -5 万元",
    "合计 资金.金额 ≥ 0 万元",
    "利用率 × 2 < 200%",
    "50% ÷ 利用率 > -100%",
    "取大（利用率；50%） > 50%",
    "取小（利用率；50%） ≥ 50%",
    "户数 × -2 ≥ 0 户",
    "线 > 8 户",
    "停产日 起满 6 个月 且 非 停产日 起满 12 个月",
    "停产日 起满 12 个月 或 非 停产日 起满 6 个月",
    "停产日 起满 12 个月 且 非 建成日 起满 6 个月",
    "停产日 起满 12 个月 且 评估日 ≤ 停产日 + 12 个月",
    # Months and days, and months counted from the other end, are not compared.
    "停产日 起满 1 个月 且 非 停产日 起满 31 天",
    "停产日 起满 1 个月 且 评估日 − 1 个月 < 停产日",
    "停产日 + 1 个月 > 停产日 + 30 天",
    "停产日 > 建成日 + 3 天",
    # There may be no last day.
    "最大 资金.到账日 < 最大 资金.到账日 + 3 天",
    "最大 资金.到账日 − 最大 资金.到账日 = 0 天",
    "末日 < 末日 + 3 天",
    "租金 > 余额 + 1 万元",
    "任一 资金 满足（金额 > 5 万元） 且 非 任一 资金 满足（金额 > 6 万元）",
    "任一 资金 满足（衔接的） 且 任一 资金 满足（非 衔接的）",
    "（已形成 且 效益 为 好） 或 非（已形成 或 效益 为 好）",
    "已形成 或 效益 为 好 或 （非 已形成 且 效益 为 差）",
]

NOTICE = "提示 甲\n  当 {}\n  说 “话”\n"


@pytest.mark.parametrize(("condition", "said"), SETTLED, ids=lambda value: value.replace("‸", ""))
def test_a_settled_condition_is_named_at_its_words(condition: str, said: str) -> None:
    text = BASE + NOTICE.format(condition.replace("‸", ""))
    policy, found = try_policy_from_text(text)
    assert policy is not None
    assert [each.code for each in found] == ["W215"]
    start = (BASE + NOTICE.format(condition)).index("‸")
    assert found[0].span is not None and found[0].span.start == start
    assert said in found[0].message and found[0].remedy


VACUOUS = [
    ("义务", "当 已形成\n  应当 已形成", "总是成立"),
    ("义务", "当 利用率 > 60%\n  应当 利用率 > 50%", "总是成立"),
    ("义务", "当 已形成 且 户数 ≥ 10 户\n  应当 户数 > 9 户", "总是成立"),
    ("禁令", "当 效益 为 好\n  不得 效益 为 差", "不可能成立"),
]


@pytest.mark.parametrize(("kind", "text", "said"), VACUOUS)
def test_a_duty_that_asks_for_what_it_begins_with(kind: str, text: str, said: str) -> None:
    policy = policy_from_text(BASE + f"{kind} 甲\n  依据【一·示例】“原文”\n  {text}\n")
    (found,) = [one for one in policy.warnings if one.code == "W215"]
    assert found.message.startswith(f"“{kind} 甲”查不出违反：") and found.message.endswith(said)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        # A breach wherever it applies, and what is to be filled in, are how people write.
        ("义务", "当 已形成\n  应当 非 已形成"),
        ("禁令", "当 效益 为 好\n  不得 效益 为 好"),
        ("义务", "当 建成日 未填\n  应当 建成日 已填"),
        ("义务", "当 利用率 > 50%\n  应当 利用率 > 60%"),
        ("义务", "当 已形成\n  应当 已形成 且 效益 为 好"),
        ("禁令", "当 效益 为 好\n  不得 链条 为 不完整"),
    ],
)
def test_a_duty_that_can_be_kept_and_broken(kind: str, text: str) -> None:
    policy = policy_from_text(BASE + f"{kind} 甲\n  依据【一·示例】“原文”\n  {text}\n")
    assert [one for one in policy.warnings if one.code == "W215"] == []


@pytest.mark.parametrize("condition", OPEN)
def test_no_false_alarm(condition: str) -> None:
    assert try_policy_from_text(BASE + NOTICE.format(condition))[1] == ()


def test_whatever_is_named_comes_out_one_way_for_every_record() -> None:
    parts = [
        "效益 为 好",
        "效益 不为 好",
        "效益 属于 { 好、差 }",
        "利用率 > 100%",
        "利用率 ≥ 0%",
        "利用率 < 50%",
        "利用率 ≥ 50%",
        "非 已形成",
        "已形成",
        "效益好",
        "非 效益好",
        "有问题",
    ]
    records = [
        {"效益": benefit, "利用率": rate, "已形成": formed}
        for benefit, rate, formed in itertools.product(("好", "中", "差"), ("0%", "50%", "100%"), (True, False))
    ]
    named = 0
    for first, word, second in itertools.product(parts, ("且", "或"), parts):
        policy = policy_from_text(BASE + NOTICE.format(f"{first} {word} {second}"))
        came = {policy.evaluate(record).findings[0].status for record in records}
        whole = [each for each in policy.warnings if "同时" in each.message or "总有" in each.message]
        named += bool(whole)
        assert not whole or len(came) == 1, (first, word, second)
        # Nothing that is settled by one cell goes unnamed.
        if len(came) == 1:
            assert policy.warnings, (first, word, second)
    assert named > 10


PARTS = [
    "停产日 起满 20 个月",
    "非 停产日 起满 19 个月",
    "评估日 < 停产日 + 20 个月",
    "（已形成 且 效益 为 好）",
    "非（已形成 且 效益 为 好）",
    "建成日 已填",
    "建成日 未填",
    "建成日 < 停产日",
    "建成日 ≥ 停产日",
    "停产日 = 建成日",
    "成因 含 市场、技术",
    "成因 不含 市场",
    "计数 成因 ≤ 2",
    "计数 资金 ≤ 1",
    "计数 资金 > 1",
    "最大 资金.金额 > 5 万元",
    "最大 资金.金额 ≤ 5 万元",
    "任一 资金 满足（衔接的）",
    "分类 为 巩固",
    "分类 不为 巩固",
    "效益好",
    "有问题",
    "非 有问题",
]


def test_nothing_that_may_be_either_is_named() -> None:
    """Whatever is called impossible is true of no record, blank or not; what is said always to hold fails of no full one."""
    text = BASE.replace("：单选 { 巩固、升级 }", "：单选 { 巩固、升级 }\n  适用 当 效益 为 好")
    text += "规则 一\n  当 已形成\n  则 分类 为 巩固\n"
    pairs = [(a, word, b) for a, b in itertools.combinations(PARTS, 2) for word in ("且", "或")]
    notices = "".join(
        NOTICE.format(f"{a} {word} {b}").replace("提示 甲", f"提示 甲{n}") for n, (a, word, b) in enumerate(pairs)
    )
    policy = policy_from_text(text + notices)
    told = {found.span.start: found for found in policy.warnings if found.code == "W215" and found.span is not None}
    starts = [text.__len__() + found.start() for found in re.finditer("提示 甲", notices)]
    values: dict[str, tuple[object, ...]] = {
        "效益": ("好", "差", None),
        "已形成": (True, False, None),
        "建成日": ("2024-01-01", "2024-03-01", None),
        "停产日": ("2024-01-01", "2024-02-01", None),
        "成因": (["市场"], ["市场", "技术"], [], None),
        "资金": ([], [{"来源": "衔接", "金额": 6}], [{"来源": "其他", "金额": 3}, {"来源": "衔接"}], None),
    }
    came: dict[str, set[str]] = {}
    full: dict[str, set[str]] = {}
    for cells in itertools.product(*values.values()):
        record = dict(zip(values, cells, strict=True))
        blank = None in cells or {"来源": "衔接"} in (record["资金"] or [])
        for finding in policy.evaluate(record).findings:
            came.setdefault(finding.name, set()).add(finding.status)
            if not blank:
                full.setdefault(finding.name, set()).add(finding.status)
    named = 0
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text + notices)
        for found in (found for at, found in told.items() if start <= at < end):
            named += 1
            if "同时" in found.message:
                assert "notice" not in came[f"甲{number}"], found
            elif "总有" in found.message:
                assert full[f"甲{number}"] == {"notice"}, found
    assert named > 10


RULES = """
决定 意见（opinion）：{mode} {{ 可以、不得 }}
规则 一律
{condition}  则 {conclusion}
"""


@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
def test_a_rule_whose_condition_was_forgotten(mode: str) -> None:
    text = RULES.format(mode=mode, condition="", conclusion="意见 为 不得")
    policy, found = try_policy_from_text(BASE + text)
    assert policy is not None and [each.code for each in found] == ["W215"]
    assert found[0].span is not None and (BASE + text)[found[0].span.start :].startswith("规则 一律")
    assert "没有写“当”" in found[0].message and "默认 不得" in (found[0].remedy or "")


@pytest.mark.parametrize("condition", ["  当 已形成\n", "  除外 已形成\n"])
def test_a_rule_with_a_condition_is_none_such(condition: str) -> None:
    text = RULES.format(mode="单选", condition=condition, conclusion="意见 为 不得")
    assert try_policy_from_text(BASE + text)[1] == ()


def test_measures_and_amounts_may_be_for_everybody() -> None:
    many = RULES.format(mode="多选", condition="", conclusion="支持 意见 含 可以")
    amount = "决定 补助（grant）：金额（万元） 单值\n规则 一律补助\n  则 补助 为 5 万元\n"
    assert try_policy_from_text(BASE + many)[1] == ()
    assert try_policy_from_text(BASE + amount)[1] == ()


def test_a_lower_layer_may_join_a_condition_to_a_rule_without_one() -> None:
    text = RULES.format(mode="单选", condition="", conclusion="意见 为 不得")
    joined = "修订 一律\n  除外 已形成\n"
    policy, found = try_policy_from_text(BASE + text, joined)
    assert policy is not None and "W215" not in [each.code for each in found]


def test_terms_of_terms_are_looked_into_once() -> None:
    """Eight terms, each of a hundred and fifty of the one before: looked into anew at each place they would never end."""
    terms = "术语 项0 即 已形成 或 效益 为 好\n"
    terms += "".join(f"术语 项{n} 即 {' 且 '.join([f'项{n - 1}'] * 150)}\n" for n in range(1, 9))
    assert try_policy_from_text(BASE + terms)[1] == ()


def test_a_condition_that_many_layers_amend_is_looked_at_in_step_with_them() -> None:
    # What a layer adds to stands inside of what it makes: each holds all that is above it.
    top = (
        "对象 项目（project）\n  字段 甲（a）：是否\n  字段 数（n）：整数（户）\n  字段 额（m）：金额（万元）\n决定 类（cat）：单选 { 上、下 }\n"
        "规则 规则1\n  授权 自定\n  当 甲\n  则 类 为 上\n"
    )

    def looked(count: int) -> int:
        lower = (
            f"修订 规则1\n  授权 自定\n  还须 任一满足（数 ≥ {n} 户；额 ≥ {n} 万元；数 < {1000 - n} 户；额 < {9000 - n} 万元 且 甲）\n"
            f"  或者 数 = {2000 + n} 户 且 额 = 1 万元 且 甲\n"
            for n in range(count)
        )
        program = policy_from_text(top, *lower).program
        return calls(lambda: list(truisms.truisms(program)))

    assert looked(40) < 2.3 * looked(20)


def test_only_so_much_of_what_terms_say_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    text = BASE + "".join(f"规则 规{n} 依据【一】 当 很好 且 效益 为 差 则 分类 为 巩固\n" for n in range(3))

    def found() -> list[int]:
        return [one.line for one in policy_from_text(text).warnings if one.code == "W215"]

    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith("规则 规")]
    assert found() == lines
    # 很好 has one thing from 效益好, where it is looked at itself and where the first rule asks; each rule hears two from 很好. So the
    # third is left where the second hears of 效益.
    monkeypatch.setattr(truisms, "_MOST_HANDED", 5)
    assert found() == lines[:2]


@pytest.mark.parametrize(
    ("condition", "given"),
    [
        ("年度 > 25 年", "年度 > 2025年"),
        ("年度 ≥ 21年", "年度 ≥ 2021年"),
        ("年度 为 24年", "年度 为 2024年"),
        ("年度 ≥ 98年", "年度 ≥ 1998年"),
        ("08年 ≤ 年度", "2008年 ≤ 年度"),
    ],
)
def test_a_year_of_two_figures_is_given_in_four(condition: str, given: str) -> None:
    base = BASE.replace("  字段 租金", "  字段 年度（year）：年份\n  字段 租金")
    (warning,) = policy_from_text(base + NOTICE.format(condition)).warnings
    assert warning.remedy == f"年份写四位，写成“{given}”"
    assert policy_from_text(base + NOTICE.format(given)).warnings == ()


def test_a_notice_without_a_condition_is_said_of_everything() -> None:
    policy, found = try_policy_from_text(BASE + "提示 甲\n  说 “话”\n")
    assert policy is not None and [each.code for each in found] == ["W215"]
    assert found[0].span is not None and found[0].span.text.startswith("提示 甲")
    assert "每个项目都提示" in found[0].message and "另起一行写“当 …”" in (found[0].remedy or "")
    below = "修订 甲\n  仅限 已形成\n"
    assert all(one.code != "W215" for one in try_policy_from_text(BASE + "提示 甲\n  说 “话”\n", below)[1])


def test_a_day_beside_itself_moved_by_working_days() -> None:
    days = "清单 节假日 即 { 2025年1月1日 }\n清单 调休上班 即 { 2025年1月4日 }\n"
    found = try_policy_from_text(BASE + days + NOTICE.format("停产日 > 停产日 + 5 个工作日"))[1]
    assert [each.message for each in found if each.code == "W215"] == ["“停产日 > 停产日 + 5 个工作日”不可能成立"]


PRESUMED = """\
对象 项目（project）
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 停产（stopped）：是否
  字段 验收（accepted）：是否
  研判 效益（benefit）：枚举 { 好、中、差 }
推定 补填
"""


@pytest.mark.parametrize(
    ("cases", "place", "remedy"),
    [
        (
            ("户数 ≥ 10 户 则 效益 为 好", "户数 ≥ 5 户 则 效益 为 中"),
            "户数 ≥ 5 户",
            "户数 ≥ 5 户 且 非（户数 ≥ 10 户）",
        ),
        (
            ("户数 ≥ 5 户 则 效益 为 中", "户数 ≥ 10 户 则 效益 为 好"),
            "户数 ≥ 5 户",
            "户数 ≥ 5 户 且 非（户数 ≥ 10 户）",
        ),
        (("停产 则 效益 为 差", "停产 或 验收 则 效益 为 中"), "停产 或 验收", "（停产 或 验收） 且 非（停产）"),
        (("停产 且 验收 则 效益 为 差", "停产 则 效益 为 中"), "停产", "停产 且 非（停产 且 验收）"),
    ],
)
def test_presumptions_have_no_order(cases: tuple[str, str], place: str, remedy: str) -> None:
    text = PRESUMED + "".join(f"  当 {case}\n" for case in cases)
    (told,) = try_policy_from_text(text)[1]
    assert (told.code, told.span and told.span.text) == ("W248", place) and remedy in (told.remedy or "")
    mended = text.replace(f"当 {place} 则", f"当 {remedy} 则")
    assert try_policy_from_text(mended)[1] == ()


@pytest.mark.parametrize(
    "cases",
    [
        # One value, nothing in common, neither within the other, and what was put apart.
        ("户数 ≥ 10 户 则 效益 为 好", "户数 ≥ 5 户 则 效益 为 好"),
        ("户数 ≥ 10 户 则 效益 为 好", "户数 < 5 户 则 效益 为 差"),
        ("户数 ≥ 10 户 则 效益 为 好", "户数 ≤ 20 户 则 效益 为 中"),
        ("停产 则 效益 为 差", "验收 则 效益 为 好"),
        ("户数 ≥ 10 户 则 效益 为 好", "户数 ≥ 5 户 且 户数 < 10 户 则 效益 为 中"),
    ],
)
def test_presumptions_that_may_be_meant_are_not_warned_of(cases: tuple[str, str]) -> None:
    assert try_policy_from_text(PRESUMED + "".join(f"  当 {case}\n" for case in cases))[1] == ()

"""Names, types and units: every kind of mistake has its code, its place and its remedy.

Each case adds one text to the base below; the mark ‸ stands before the place that must be underlined.
"""

from __future__ import annotations

import tracemalloc

import pytest

from policyrules.testing.build import policy_from_text, try_policy_from_text

BASE = """
对象 县（county_context）
  字段 脱贫县（is_tuopin_county）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（project_id）：文本
  字段 已形成（formed）：是否
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 到位（actual）：金额（万元）
  字段 计划（planned）：金额（万元）
  字段 户数（households）：整数（户）
  字段 工人（workers）：整数（人）
  字段 利用率（utilisation）：比例
  字段 停产日（stopped_on）：日期
  字段 立项年（approval_year）：年份
  字段 面积（area）：面积（亩）
  字段 成因（causes）：多选 { 市场、技术 }
  字段 名称（name）：文本
对象 资金（sources） 属于 项目
  字段 来源（kind）：枚举 { 衔接资金、其他 }
  字段 年度（year）：年份
  字段 金额数（amount）：金额（万元）
  字段 投向（contents）：多选（文本）
  字段 备注（note）：文本
对象 资产（assets） 属于 项目
  字段 备注（note）：文本
  字段 原值（value）：金额（万元）
参数 线（line）：整数（户） 未定 取值 1 户 至 100 户
清单 名单 即 { 衔接资金 }
决定 分类（category）：单选 { 巩固、升级、盘活 }
决定 措施（measures）：多选 { 贴息、租金减免 }
决定 意见（intake）：由宽到严 { 不禁止、暂缓、不得 }
  默认 不禁止
"""

RULE = "规则 甲\n  当 {}\n  则 分类 为 巩固\n"

WRONG_CONDITIONS = [
    # condition (‸ before the underlined place), code, part of the message or remedy
    ("‸链条完备 为 较完备", "E201", "链条"),
    ("‸链条为较完备", "E201", "链条 为 较完备"),
    ("已形成 且 ‸非已形成的", "E201", "已形成"),
    ("‸资产 为 好", "E208", "任一 资产 满足"),
    ("‸来源 为 衔接资金", "E201", "任一 资金 满足"),
    ("链条 为 ‸完备", "E206", "较完备"),
    ("‸链条", "E204", "链条 为 较完备"),
    ("‸成因", "E204", "含"),
    ("‸户数", "E204", "户数 ≥"),
    ("‸停产日", "E204", "停产日 已填"),
    ("到位 ≥ ‸50", "E205", "50 万元"),
    ("到位 ≥ ‸50 年", "E205", "元、万元、亿元"),
    ("利用率 < ‸60", "E205", "6000%"),
    ("利用率 < ‸0.6", "E205", "60%"),
    ("立项年 ≥ ‸2020", "E205", "2020 年"),
    ("‸户数 > 工人", "E205", "户"),
    ("户数 > ‸5 人", "E205", "户"),
    ("‸到位 > 面积", "E205", "面积"),
    ("停产日 起满 ‸12", "E117", "12 个月"),
    ("‸到位 起满 12 个月", "E204", "日期"),
    ("‸停产日 > 3 个月", "E204", "日期"),
    ("链条 = ‸较完备", "E204", "链条 为 较完备"),
    ("到位 为 ‸计划", "E204", "= 计划"),
    ("名称 为 ‸某地", "E204", "“某地”"),
    ("‸成因 为 市场", "E204", "含 市场"),
    ("‸链条 含 较完备", "E204", "为"),
    ("‸成因 属于 { 市场 }", "E204", "写成 成因 含 市场"),
    ("‸链条 > 链条", "E204", "属于"),
    ("‸分类 含 巩固", "E204", "为"),
    ("措施 含 ‸补贴", "E206", "贴息"),
    ("‸分类 = 分类", "E208", "分类 为"),
    ("‸分类 已填", "E208", "字段"),
    ("‸名单", "E208", "属于 名单"),
    ("链条 属于 ‸名单", "E206", "衔接资金"),
    ("‸至少 3 项（已形成；已形成）", "E207", "2"),
    ("‸视 链条（较完备：已形成）", "E211", "不完整"),
    ("视 链条（较完备：已形成；‸较完备：已形成；不完整：已形成）", "E211", "两个分支"),
    ("任一 ‸年度 满足（已形成）", "E201", "年度"),
    ("任一 ‸项目 满足（已形成）", "E212", "统计"),
    ("‸任一 其他 资金 满足（来源 为 其他）", "E212", "其他"),
    ("任一 资金 满足（任一 资产 满足（‸资金.备注 = 备注 且 ‸来源 为 其他））", "E203", "资金.来源"),
    ("合计 ‸资金 ≥ 5 万元", "E130", "资金"),
    ("‸合计 资金.年度 ≥ 2020 年", "E204", "合计"),
    ("‸到位 × 计划 ≥ 5 万元", "E205", "乘"),
    ("‸到位 ÷ 面积 ≥ 5%", "E205", "除以"),
    ("停产日 + ‸户数 > 评估日", "E204", "时长"),
    ("县.‸户数 ≥ 3 户", "E201", "县"),
    ("‸资金.来源 为 其他", "E212", "任一 资金"),
]


@pytest.mark.parametrize(("condition", "code", "part"), WRONG_CONDITIONS, ids=[c for c, _, _ in WRONG_CONDITIONS])
def test_a_wrong_condition_is_located_and_remedied(condition: str, code: str, part: str) -> None:
    text = BASE + RULE.format(condition)
    offsets = []
    while "‸" in text:
        offsets.append(text.index("‸"))
        text = text.replace("‸", "", 1)
    policy, diagnostics = try_policy_from_text(text)
    assert policy is None
    errors = [d for d in diagnostics if d.severity == "error"]
    assert len(errors) == 1, [str(d) for d in errors]
    assert errors[0].code == code, str(errors[0])
    assert part in (errors[0].message + (errors[0].remedy or "")), str(errors[0])
    assert errors[0].span is not None
    assert errors[0].span.start in offsets, str(errors[0])


RIGHT_CONDITIONS = [
    "到位 ≥ 50 万元",
    "到位 ≥ 500000 元",
    "到位 ÷ 计划 < 60%",
    "户数 ≥ 线",
    "户数 ≥ 10 户",
    "户数 ÷ 工人 ≥ 150%",
    "计数 资金 ≥ 2 个",
    "计数 资金 其中（来源 属于 名单） ≥ 2 笔",
    "立项年 介于 2014 年 至 2020 年",
    "停产日 起满 1 年",
    "停产日 起满 90 天",
    "停产日 + 3 个月 ≤ 评估日",
    "评估日 − 停产日 ≥ 30 天",
    "立项年 + 3 年 ≤ 2026 年",
    "面积 ≥ 2 公顷",
    "任一 资金 满足（任一 其他 资金 满足（年度 < 本.年度 且 投向 含任一 本.投向））",
    "合计 资金.金额数 其中（来源 为 衔接资金） > 到位 × 50%",
    "脱贫县 且 分类 为 无",
    "视 链条（较完备：到位；不完整：计划） ≥ 5 万元",
    "视 分类（巩固：已形成；其余：非 已形成）",
    "首选 到位，缺则 计划 ≥ 5 万元",
    "措施 含任一 { 贴息、租金减免 }",
    "名称 = 编号",
    "成因 含 市场、技术",
]


@pytest.mark.parametrize("condition", RIGHT_CONDITIONS)
def test_a_right_condition_loads(condition: str) -> None:
    extra = f"提示 乙\n  当 {condition}\n  说 “甲”\n"
    policy_from_text(BASE + extra)


WRONG_DECLARATIONS = [
    ("字段 没有对象（x）：是否\n", "E1"),
    ("规则 甲\n  当 已形成\n  则 分型 为 巩固\n", "E201"),
    ("规则 甲\n  当 已形成\n  则 分类 为 巩固、升级\n", "E123"),
    ("规则 甲\n  当 已形成\n  则 分类 为 巩固\n规则 甲\n  当 已形成\n  则 分类 为 升级\n", "E202"),
    ("规则 甲 对 资产\n  当 备注 已填\n  则 分类 为 巩固\n", "E212"),
    ("术语 链条 即 已形成\n", "E202"),
    ("对象 项目（project） 属于 县\n  字段 链条（chain2）：是否\n", "E202"),
    ("对象 项目（project） 属于 县\n  字段 链条二（chain）：是否\n", "E202"),
    ("对象 项目（project） 属于 县\n  字段 chain：是否\n", "E202"),
    ("对象 行（rows） 属于 村\n", "E201"),
    ("参数 甲（a）：金额（年） 未定\n", "E205"),
    ("参数 甲（a）：整数（个） = 0 个 取值 1 个 至 2 个\n", "E206"),
    ("参数 甲（a）：整数（个） 未定 取值 3 个 至 2 个\n", "E206"),
    ("参数 甲（a）：是否 未定 取值 1 个 至 2 个\n", "E204"),
    ("参数 甲（a）：枚举 { 一、二 } = 三\n", "E206"),
    ("决定 乙（b）：多选 { 一、二 }\n  默认 一\n", "E207"),
    ("决定 乙（b）：单选 { 一、二 }\n  授权 从严\n", "E207"),
    ("决定 乙（b）：由宽到严 { 一、二 }\n  先后 一、二\n", "E302"),
    ("决定 乙（b）：单选 { 一、二 }\n  先后 一、一\n", "E207"),
    ("统计 丙\n  计数 县\n", "E212"),
    ("统计 丙\n  占比 项目\n  其中 已形成\n", "E127"),
    ("统计 丙\n  计数 项目\n  相同 分类\n", "E208"),
    ("推定 丁\n  当 已形成\n  则 没有 为 是\n", "E201"),
    ("义务 戊\n  当 已形成\n  应当 链条 为 较完备\n  期限 户数\n", "E204"),
    ("义务 戊\n  当 已形成\n  应当 链条 为 较完备\n  到期 户数\n", "E204"),
    ("义务 戊\n  当 已形成\n  应当 链条 为 较完备\n  到期 没有这一项\n", "E201"),
    ("设定 没有 为 5 个\n", "E303"),
    ("修订 没有\n  重申\n", "E303"),
    ("术语 圈 即 非 圈\n", "E209"),
    ("补充规则 己\n  当 已形成\n  则 分类 为 巩固\n", "E305"),
]


@pytest.mark.parametrize(("text", "code"), WRONG_DECLARATIONS, ids=[t[:24] for t, _ in WRONG_DECLARATIONS])
def test_a_wrong_declaration_is_located(text: str, code: str) -> None:
    start = text if code == "E1" else BASE + text
    policy, diagnostics = try_policy_from_text(start)
    assert policy is None
    errors = [d for d in diagnostics if d.severity == "error"]
    assert errors and all(d.code.startswith(code) for d in errors), [str(d) for d in errors]
    assert errors[0].span is not None


def test_all_errors_of_a_load_come_together() -> None:
    text = BASE + RULE.format("链条完备 且 到位 ≥ 50") + "术语 乙 即 无此名\n义务 丙\n  当 户数\n  应当 已形成\n"
    _, diagnostics = try_policy_from_text(text)
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E201", "E205", "E201", "E204"]


def test_one_mistake_is_told_once_not_again_at_every_use() -> None:
    text = BASE + "术语 坏 即 无此名\n" + RULE.format("坏 且 非 坏") + "义务 丙\n  当 坏\n  应当 已形成\n"
    _, diagnostics = try_policy_from_text(text)
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E201"]


def test_a_cycle_is_shown_whole_through_rules_and_statistics() -> None:
    text = BASE + (
        "统计 数\n  计数 项目\n  其中 分类 为 巩固\n术语 多 即 数 ≥ 3 个\n规则 甲\n  当 多\n  则 分类 为 巩固\n"
    )
    _, diagnostics = try_policy_from_text(text)
    errors = [d for d in diagnostics if d.severity == "error"]
    assert [d.code for d in errors] == ["E209"]
    for name in ("分类", "甲", "多", "数"):
        assert name in errors[0].message
    assert len(errors[0].related) == 3


def test_what_a_long_chain_takes_grows_with_its_length() -> None:
    def taken(links: int) -> int:
        terms = "".join(f"术语 链{i} 即 {'已形成' if i == 0 else f'链{i - 1}'} 且 已形成\n" for i in range(links))
        tracemalloc.start()
        try:
            assert try_policy_from_text(BASE + terms)[0] is None
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Of three times as many links each would hold a table of all the others: nine times as much.
    assert taken(1_200) < 5 * taken(400)


def test_a_chain_of_definitions_is_bounded() -> None:
    terms = "".join(f"术语 链{i} 即 {'已形成' if i == 0 else f'链{i - 1}'} 且 已形成\n" for i in range(250))
    policy, diagnostics = try_policy_from_text(BASE + terms)
    assert policy is None
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E210"]


def test_five_thousand_terms_in_one_condition_load_and_evaluate() -> None:
    wide = " 或 ".join([f"户数 = {i} 户" for i in range(5000)])
    policy = policy_from_text(BASE + RULE.format(wide))
    assert policy.evaluate({"户数": 4999})["分类"].value == "巩固"
    assert policy.evaluate({"户数": 5000})["分类"].status == "none"
    assert policy.evaluate({})["分类"].status == "undetermined"


@pytest.mark.parametrize(
    "pair", ["甲、“甲 ”", "“甲”、“ 甲”", "“七大·稻米”、“七大· 稻米”", "A类、a类", "“（甲）”、“(甲)”"]
)
@pytest.mark.parametrize(
    "declaration",
    [
        "对象 项目\n  字段 类（kind_of）：枚举 {{ {} }}\n",
        "清单 类 即 {{ {} }}\n",
        "决定 类（kind_of）：单选 {{ {} }}\n  授权 自定\n",
    ],
)
def test_values_that_a_ledger_cannot_tell_apart(declaration: str, pair: str) -> None:
    """The second could never be filled in."""
    _, diagnostics = try_policy_from_text(BASE + declaration.format(pair))
    (found,) = [one for one in diagnostics if one.severity == "error"]
    assert found.code == "E202" and "只差空格、全半角或大小写" in found.message and found.remedy == "删去一处"


def test_a_decision_is_read_where_no_object_is_declared() -> None:
    policy, found = try_policy_from_text("决定 前（b）：单选 { 一 }\n规则 甲\n  当 前 为 一\n  则 前 为 一\n")
    assert policy is None and {one.code for one in found} == {"E201"}


PRESUMED = """\
对象 项目（project）
  字段 停产（stopped）：是否
  字段 利用率（rate）：比例 取值 0% 至 100%
  字段 户数（households）：整数（户） 取值 1 户 以上
  字段 闲置（idle）：时长（个月） 取值 0 个月 至 12 个月
  字段 建成日（built）：日期 取值 2020年1月1日 以上
推定 补填
  当 停产
  则 {}
"""


@pytest.mark.parametrize(
    ("presumed", "part", "remedy"),
    [
        ("利用率 为 120%", "120%", "取 0% 至 100% 的值"),
        ("利用率 为 -1%", "-1%", "取 0% 至 100% 的值"),
        ("户数 为 0 户", "0 户", "取 1 户 以上 的值"),
        ("闲置 为 2 年", "2 年", "取 0 个月 至 12 个月 的值"),
        ("建成日 为 2019年12月31日", "2019年12月31日", "取 2020年1月1日 以上 的值"),
    ],
)
def test_nothing_is_presumed_that_could_not_be_filled_in(presumed: str, part: str, remedy: str) -> None:
    (told,) = try_policy_from_text(PRESUMED.format(presumed))[1]
    assert told.span is not None
    assert (told.code, told.span.text) == ("E206", part) and remedy in (told.remedy or "")
    assert [label.message for label in told.related] == ["取值写在这里"]


@pytest.mark.parametrize("presumed", ["利用率 为 100%", "户数 为 1 户", "闲置 为 1 年", "建成日 为 2020年1月1日"])
def test_the_ends_of_what_a_field_may_hold_are_presumed(presumed: str) -> None:
    assert try_policy_from_text(PRESUMED.format(presumed))[1] == ()

"""Decision tables when they load: where rows meet, what they leave out, and what layers may do to a row."""

from __future__ import annotations

import datetime
import itertools
import random

import pytest

from policyrules.diagnostics import Diagnostic, render
from policyrules.language.layout import flat
from policyrules.language.parser import parse_source
from policyrules.policy import Policy
from policyrules.program import decision_tables
from policyrules.source import Source
from policyrules.testing.build import layer_files, policy_from_text, try_policy_from_text

WORLD = """\
对象 项目（project）
  字段 总投资（total）：金额（万元） 取值 0 元 以上
  字段 款（money）：金额（万元）
  字段 类型（kind）：枚举 { 大棚、冷库、光伏 }
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 小数项（few）：整数（个） 取值 0 个 至 4 个
  字段 方式（ways）：多选 { 甲、乙、丙 }
  字段 文号（number）：文本
  字段 已建（built）：是否
  字段 开工日（start）：日期
  字段 率（rate）：比例 取值 0% 至 100%
  字段 已付（paid）：金额（万元）
决定 档（grade）：单选 { 低、中、高 }
决定 前（before）：单选 { 一、二 }
  适用 当 已建
决定 定（settled）：单选 { 一、二 }
  默认 一
"""


def load(*texts: str, world: str = WORLD) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    return try_policy_from_text(world + texts[0], *texts[1:])


def table(head: str, *rows: str, clauses: str = "", name: str = "表") -> str:
    lines = "".join(f"  | {row} |\n" for row in (f"{head} | 档", *rows))
    return f"决策表 {name}\n  得出 档\n{clauses}{lines}"


def said(text: str) -> list[tuple[str, str]]:
    """The codes, and of meetings and gaps the regions."""
    return [(one.code, one.message.partition("：")[2]) for one in load(text)[1]]


MEETINGS = [
    ("总投资", ["≤ 10 万元", "≥ 10 万元"], "总投资 10 万元"),
    ("总投资", ["10 万元 至 50 万元", "50 万元 至 80 万元"], "总投资 50 万元"),
    ("总投资", ["< 20 万元", "> 10 万元"], "总投资 > 10 万元 < 20 万元"),
    ("户数", ["< 7 户", "> 4 户"], "户数 5 户 至 6 户"),
    ("户数", ["不为 5 户", "3 户 至 5 户"], "户数 3 户 至 4 户"),
    ("总投资", ["< 10 万元", "< 5 万元"], "总投资 < 5 万元"),
    ("款", ["< 10 万元", "< 5 万元"], "款 < 5 万元"),
    ("类型", ["大棚、冷库", "不为 光伏"], "类型 大棚、冷库"),
    ("类型", ["—", "光伏"], "类型 光伏"),
    ("文号", ["不为 “甲”", "“甲”、“乙”"], "文号 “乙”"),
    ("文号", ["不为 “甲”", "不为 “乙”"], "文号 不为 “甲”、“乙”"),
    ("已建", ["是", "不为 否"], "已建 是"),
    ("开工日", ["≤ 2024年5月1日", "> 2024年4月29日"], "开工日 2024年4月30日 至 2024年5月1日"),
    ("方式", ["含 甲", "不含 乙"], "方式 含 甲，方式 不含 乙"),
    ("方式", ["含任一 { 甲、乙 }", "不含 甲"], "方式 不含 甲，方式 含 乙"),
    ("前", ["一", "不为 二"], "前 一"),
    ("前", ["无", "不为 二"], "前 无"),
    ("率", ["≥ 60%", "100%"], "率 100%"),
    ("总投资 | 类型", ["≤ 10 万元 | 大棚", "≥ 10 万元 | —"], "总投资 10 万元，类型 大棚"),
    ("总投资", ["已填", "< 10 万元"], "总投资 < 10 万元，总投资 已填"),
]


@pytest.mark.parametrize(("head", "cells", "region"), MEETINGS, ids=[f"{head} {cells}" for head, cells, _ in MEETINGS])
def test_two_rows_that_meet_are_refused(head: str, cells: list[str], region: str) -> None:
    text = table(head, *(f"{row} | 低" for row in cells), "其余 " + "| " * head.count("|") + "| 高")
    found = [one for one in load(text)[1] if one.code != "W237"]
    assert [one.code for one in found] == ["E230"]
    assert found[0].message == f"“表·1”和“表·2”同时成立：{region}"
    assert found[0].line == found[0].related[0].span.line + 1
    for mode in ("取首行", "可重叠"):
        policy, found_now = load(text.replace("  得出 档\n", f"  得出 档\n  {mode}\n"))
        assert policy is not None, found_now


APART = [
    ("户数", ["≤ 5 户", "≥ 6 户"]),
    ("总投资", ["< 10 万元", "≥ 10 万元"]),
    ("开工日", ["≤ 2024年5月1日", "≥ 2024年5月2日"]),
    ("类型", ["大棚、冷库", "光伏"]),
    ("已建", ["是", "否"]),
    ("方式", ["含 甲", "不含 甲"]),
    ("文号", ["“甲”", "不为 “甲”"]),
    ("定", ["一", "二"]),
    ("率", ["< 60%", "60% 至 100%"]),
    ("小数项", ["0 个、1 个、4 个", "2 个 至 3 个"]),
    ("总投资", ["未填", "已填"]),
    ("总投资", ["未填", "≥ 0 元"]),
]


@pytest.mark.parametrize(("head", "cells"), APART, ids=[f"{head} {cells}" for head, cells in APART])
def test_rows_side_by_side_leave_nothing_out(head: str, cells: list[str]) -> None:
    assert said(table(head, *(f"{row} | 低" for row in cells))) == []


GAPS = [
    ("户数", ["≤ 5 户", "≥ 7 户"], "户数 6 户"),
    ("总投资", ["≤ 10 万元", "≥ 11 万元"], "总投资 > 10 万元 < 11 万元"),
    ("款", ["≥ 0 元"], "款 < 0 万元"),
    ("类型", ["大棚"], "类型 冷库、光伏"),
    ("文号", ["“甲”"], "文号 不为 “甲”"),
    ("方式", ["含 甲、乙"], "方式 含 甲，方式 不含 乙；方式 不含 甲"),
    ("前", ["一、二"], "前 无"),
    ("率", ["< 60%"], "率 ≥ 60%"),
    ("开工日", ["< 2024年5月1日", "> 2024年5月1日"], "开工日 2024年5月1日"),
    ("总投资 | 已建", ["< 10 万元 | 是", "≥ 10 万元 | —"], "总投资 < 10 万元，已建 否"),
    ("总投资", ["已填"], "总投资 未填"),
]


@pytest.mark.parametrize(("head", "cells", "region"), GAPS, ids=[f"{head} {cells}" for head, cells, _ in GAPS])
def test_what_is_left_out_is_told(head: str, cells: list[str], region: str) -> None:
    text = table(head, *(f"{row} | 低" for row in cells))
    assert said(text) == [("W237", region)]
    rest = "其余 " + "| " * head.count("|") + "| 高"
    assert said(table(head, *(f"{row} | 低" for row in cells), rest)) == []
    default = WORLD.replace(
        "决定 档（grade）：单选 { 低、中、高 }\n", "决定 档（grade）：单选 { 低、中、高 }\n  默认 低\n"
    )
    assert load(text, world=default)[1] == ()


def test_a_gap_may_be_typed_in() -> None:
    text = table("总投资 | 类型", "< 10 万元 | — | 低", "≥ 20 万元 | 大棚 | 高")
    ((_, region),) = said(text)
    assert region == "总投资 ≥ 20 万元，类型 冷库、光伏；总投资 ≥ 10 万元 < 20 万元" or region == (
        "总投资 ≥ 10 万元 < 20 万元；总投资 ≥ 20 万元，类型 冷库、光伏"
    )
    rows = ["≥ 10 万元 < 20 万元 | — | 中", "≥ 20 万元 | 冷库、光伏 | 中"]
    assert said(table("总投资 | 类型", "< 10 万元 | — | 低", "≥ 20 万元 | 大棚 | 高", *rows)) == []


def test_statistics_and_terms_are_bounded_as_far_as_known() -> None:
    more = "统计 项目数 计数 项目\n统计 比 占比 项目 符合 已建\n术语 数术语 即 户数\n术语 个数术语 即 计数 方式\n"
    for head, cells in (
        ("项目数", ("< 5", "≥ 5")),
        ("比", ("< 60%", "60% 至 100%")),
        ("数术语", ("0 户 至 5 户", "≥ 6 户")),
    ):
        assert said(more + table(head, *(f"{cell} | 低" for cell in cells))) == []
    assert said(more + table("个数术语", "0 个 | 低", "≥ 1 个 | 高")) == []
    assert said(more + table("项目数", "≥ 1 | 低")) == [("W237", "项目数 0")]


# ---- against trying every value -------------------------------------------------------------------------------------


def _random_cell(rng: random.Random, head: str) -> str:
    if rng.random() < 0.25:
        return "—"
    one, two = sorted(rng.choices(range(5), k=2))
    if head == "小数项":
        return rng.choice(
            [
                f"< {one} 个",
                f"≥ {one} 个",
                f"{one} 个 至 {two} 个",
                f"≥ {one} 个 < {two} 个",
                f"{one} 个、{two} 个",
                f"不为 {one} 个",
            ]
        )
    if head == "类型":
        return rng.choice(["大棚", "冷库、光伏", "不为 大棚", "不为 大棚、冷库"])
    if head == "已建":
        return rng.choice(["是", "否", "不为 是"])
    return rng.choice(["含 甲", "不含 甲", "含任一 { 甲、乙 }", "含 甲、乙", "不含 甲、乙"])


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_trying_every_record(seed: int) -> None:
    rng = random.Random(seed)
    heads = rng.sample(["小数项", "类型", "已建", "方式"], 2)
    values: dict[str, list[object]] = {
        "小数项": [0, 1, 2, 3, 4],
        "类型": ["大棚", "冷库", "光伏"],
        "已建": [True, False],
        "方式": [list(some) for size in range(3) for some in itertools.combinations(("甲", "乙"), size)],
    }
    world = WORLD.replace("决定 档（grade）：单选 { 低、中、高 }", "决定 档（grade）：由宽到严 { 低、中、高 }")
    for _ in range(4):
        rows = [" | ".join(_random_cell(rng, head) for head in heads) + " | 低" for _ in range(rng.randint(1, 3))]
        text = table(" | ".join(heads), *rows)
        codes = {one.code for one in try_policy_from_text(world + text)[1]}
        loose = policy_from_text(world + text.replace("  得出 档\n", "  得出 档\n  可重叠\n"))
        holding = [
            len(loose.evaluate(dict(zip(heads, record, strict=True)))["档"].rules)
            for record in itertools.product(*(values[head] for head in heads))
        ]
        # No value of the decision differs, so the rules of a result are the rows that hold.
        assert ("E230" in codes) == any(count > 1 for count in holding), text
        assert ("W237" in codes) == any(count == 0 for count in holding), text


# ---- parameters -----------------------------------------------------------------------------------------------------

CAP = "参数 线（cap）：整数（户） {} 取值 2 户 至 9 户\n"


@pytest.mark.parametrize(
    ("state", "cells", "codes"),
    [
        ("= 5 户", ("≤ 线", "≥ 6 户"), []),
        ("= 6 户", ("≤ 线", "≥ 6 户"), ["E230"]),
        ("= 4 户", ("≤ 线", "≥ 6 户"), ["W237"]),
        ("未定", ("< 线", "≥ 线"), []),
        ("未定", ("≤ 线", "≥ 线"), ["E230"]),
        ("未定", ("< 线", "> 线"), ["W237"]),
        ("未定", ("< 线", "≥ 6 户"), ["W237", "W238"]),
        ("未定", ("< 线", "≥ 9 户"), ["W237"]),
        ("未定", ("≤ 线", "≥ 10 户"), ["W237"]),
    ],
)
def test_parameters_are_looked_at_as_they_are(state: str, cells: tuple[str, str], codes: list[str]) -> None:
    text = CAP.format(state) + table("户数", *(f"{cell} | 低" for cell in cells))
    assert sorted(one.code for one in load(text)[1]) == codes


def test_what_hangs_on_a_parameter_is_said() -> None:
    text = CAP.format("未定") + table("户数", "< 线 | 低", "≥ 6 户 | 高")
    gap, meeting = sorted(load(text)[1], key=lambda one: one.code)
    assert "户数 2 户 至 5 户（线未定，如 线 取 2 户 时）" in gap.message
    assert meeting.message.startswith("“表·1”和“表·2”同时成立：户数 6 户") and "线 取 7 户 时" in meeting.message
    always = load(CAP.format("未定") + table("户数", "≤ 线 | 低", "≥ 线 | 高"))[1]
    assert "线未定，取什么值都是这样" in always[0].message


def test_two_parameters_are_looked_at_together() -> None:
    two = CAP.format("未定") + "参数 另线（other）：整数（户） 未定 取值 2 户 至 9 户\n"
    codes = [one.code for one in load(two + table("户数", "< 线 | 低", "≥ 另线 | 高"))[1]]
    assert sorted(codes) == ["W237", "W238"]
    # Nowhere below both and above both.
    text = table("户数", "< 线 | 低", "≥ 线 < 另线 | 中", "≥ 线 ≥ 另线 | 高")
    assert [one.code for one in load(two + text)[1]] == []


def test_days_end_somewhere() -> None:
    cap = "参数 终日（last_day）：日期 未定\n"
    assert said(table("开工日", "< 9999年12月31日 | 低", "9999年12月31日 | 高")) == []
    assert said(table("开工日", "> 0001年1月1日 | 低")) == [("W237", "开工日 1年1月1日")]
    assert [one.code for one in load(cap + table("开工日", "< 终日 | 低", "≥ 9999年12月31日 | 高"))[1]] == ["W237"]


def test_who_set_a_parameter_is_shown() -> None:
    upper = CAP.format("缺省 5 户") + table("户数", "≤ 线 | 低", "≥ 6 户 | 高", clauses="  依据【办法】\n")
    assert load(upper)[1] == ()
    found = load(upper, "设定 线 为 7 户\n  依据【细则】\n")[1]
    assert [one.code for one in found] == ["E230"]
    assert [label.span.source.path for label in found[0].related] == ["0/rules.rules", "1/rules.rules"]


def test_a_later_value_is_looked_at_on_its_day() -> None:
    text = WORLD + CAP.format("= 5 户 = 6 户 自 2026年1月1日 起") + table("户数", "≤ 线 | 低", "≥ 6 户 | 高")
    assert try_policy_from_text(text, as_of=datetime.date(2025, 6, 1))[1] == ()
    assert [one.code for one in try_policy_from_text(text, as_of=datetime.date(2026, 6, 1))[1]] == ["E230"]


# ---- rows as rules --------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_head_is_said_once() -> None:
    for text, code in (
        (table("总投次", "是 | 低", "否 | 高"), "E201"),
        (table("总投资", "< 5 万元 | 低").replace("得出 档", "得出 挡").replace("| 档", "| 挡"), "E201"),
        (table("总投资", "< 5 万元 | 低").replace("决策表 表", "决策表 表 对 项木"), "E201"),
    ):
        assert [one.code for one in load(text)[1]] == [code], text


@pytest.mark.parametrize(
    ("cell", "code", "words"),
    [
        ("< 10", "E205", "写成 10 万元"),
        ("< 3 年", "E205", "万元"),
        ("良", "E204", "金额"),
        ("< 已付", "E232", "术语"),
        ("< 不知道", "E201", ""),
    ],
)
def test_a_cell_of_another_kind(cell: str, code: str, words: str) -> None:
    text = table("总投资", f"{cell} | 低", "≥ 10 万元 | 高")
    found = load(text)[1]
    assert [one.code for one in found] == [code], [render(one) for one in found]
    assert words in f"{found[0].message}{found[0].remedy}" and found[0].span is not None
    assert found[0].span.text in cell


def test_tables_of_one_name() -> None:
    one = table("总投资", "< 5 万元 | 低", "其余 | 高")
    assert [each.code for each in load(one + one)[1]] == ["E231"]
    assert load(one + one.replace("决策表 表", "决策表 另表"))[0] is not None


LOWER = "修订 表·{}\n  依据【细则】\n  还须 已建\n"
TIERS = table("总投资", "< 5 万元 | 低", "≥ 5 万元 | 高", clauses="  授权 {}\n  依据【办法】\n")


def test_a_lower_layer_amends_a_row() -> None:
    policy, found = load(TIERS.format("细化"), LOWER.format(2))
    assert policy is not None and {one.code for one in found} <= {"W304"}
    assert policy.evaluate({"总投资": 9, "已建": True})["档"].value == "高"
    assert policy.evaluate({"总投资": 9, "已建": False})["档"].value is None
    assert policy.evaluate({"总投资": 1, "已建": False})["档"].value == "低"
    assert [one.code for one in load(TIERS.format("固定"), LOWER.format(2))[1] if one.severity == "error"] == ["E301"]
    missing = [one for one in load(TIERS.format("细化"), LOWER.format(7))[1] if one.severity == "error"]
    assert [one.code for one in missing] == ["E303"]
    # Of a table that cannot be read only that is told.
    broken = TIERS.format("细化").replace("< ", "<< ")
    assert {one.code for one in load(broken, LOWER.format(2))[1] if one.severity == "error"} == {"E151"}


def test_a_table_below_concludes_as_rules_do() -> None:
    lower = table("总投资", "< 5 万元 | 低", "其余 | 高", clauses="  依据【细则】\n")
    upper = "规则 甲\n  依据【办法】\n  当 已建\n  则 档 为 中\n"
    refused = [one for one in load(upper, lower)[1] if one.severity == "error"]
    assert [one.code for one in refused] == ["E301"]
    open_world = WORLD.replace(
        "决定 档（grade）：单选 { 低、中、高 }\n", "决定 档（grade）：单选 { 低、中、高 }\n  授权 自定\n"
    )
    assert load(upper, lower, world=open_world)[0] is not None


def test_a_missing_citation_is_said_once() -> None:
    cited = "提示 甲\n  依据【办法】\n  当 已建\n  说 “好”\n"
    found = load(cited + table("总投资", "< 5 万元 | 低", "其余 | 高"))[1]
    assert [(one.code, "2 行" in one.message) for one in found] == [("W307", True)]
    wrong = load(cited + table("总投资", "< 5 万元 | 低", "其余 | 高", clauses="  依据【办法】\n  依据【没有】\n"))
    assert wrong[0] is not None, "the clauses of these tests are made from what is cited"


def test_a_row_knows_its_table_and_its_place() -> None:
    policy, _ = load(TIERS.format("细化"))
    assert policy is not None
    rule = policy.program.rules["表·2"]
    assert rule.origins[0].kind == "规则" and rule.origins[0].name == "表·2"
    assert rule.origins[0].span.text == "| ≥ 5 万元 | 高 |"
    assert list(policy.program.rules) == ["表·1", "表·2"]
    shown = str(policy.evaluate({"总投资": 9})["档"].explain())
    assert "规则 表·2" in shown and "总投资 ≥ 5 万元" in shown


def test_rows_stand_in_the_order_of_the_table() -> None:
    rows = [f"≥ {n} 万元 < {n + 1} 万元 | 低" for n in range(12)]
    policy, _ = load(table("总投资", *rows, "≥ 12 万元 | 高"))
    assert policy is not None
    assert list(policy.program.rules) == [f"表·{n}" for n in range(1, 14)]


def test_a_row_that_nothing_meets_is_told() -> None:
    for cells in ("> 100%", "≥ 60% < 20%"):
        assert [one.code for one in load(table("率", f"{cells} | 低", "其余 | 高"))[1]] == ["W215"]


def test_first_row_excludes_only_what_meets_it() -> None:
    """Rows that cannot hold at once need not be told apart, and conditions stay short."""
    rows = [f"≥ {n} 万元 < {n + 1} 万元 | 低" for n in range(8)]
    policy, _ = load(table("总投资", *rows, "— | 高", clauses="  取首行\n"))
    assert policy is not None
    assert [len(rule.when.amendments) for rule in policy.program.rules.values()] == [*[0] * 8, 8]


def test_a_table_is_not_a_name() -> None:
    """The decision and its table may be called alike."""
    text = table("总投资", "< 5 万元 | 低", "其余 | 高", name="档")
    assert load(text)[1] == ()
    assert load(text + "提示 甲\n  当 档 为 低\n  说 “好”\n")[1] == ()


# ---- size -----------------------------------------------------------------------------------------------------------


def test_what_rows_take_from_rows_above_is_bounded_for_all_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each of ten rows excludes those above it: 45 conditions a table.
    rows = [f"≥ {number} 万元 | 低" for number in range(10)]
    first, second = (table("总投资", *rows, clauses="  取首行\n", name=name) for name in ("甲表", "乙表"))
    second = "决定 第二档：单选 { 低、高 }\n  默认 低\n" + second.replace("档", "第二档")
    assert load(first + second)[1] == ()
    monkeypatch.setattr(decision_tables, "MOST_EXCLUDED_IN_ALL", 89)
    met: list[int] = []
    meetings = decision_tables.meetings
    monkeypatch.setattr(decision_tables, "meetings", lambda *asked: met.append(len(found := meetings(*asked))) or found)
    (told,) = load(first + second)[1]
    assert told.code == "E233" and "各决策表的行太多" in told.message and "到决策表 乙表 为止" in told.message
    # No more pairs of rows are sought than it takes to say so.
    assert met == [45, 45]
    monkeypatch.setattr(decision_tables, "MOST_EXCLUDED_IN_ALL", 50)
    met.clear()
    assert [one.code for one in load(first + second)[1]] == ["E233"]
    assert met == [45, 6]


def test_large_tables_are_decided_or_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"≥ {n} 万元 < {n + 1} 万元 | 低" for n in range(40)]
    text = table("总投资", *rows, "≥ 40 万元 | 高")
    assert load(text)[1] == ()
    monkeypatch.setattr(decision_tables, "MOST_ROWS", 40)
    assert [one.code for one in load(text)[1]] == ["E233"]
    monkeypatch.undo()
    monkeypatch.setattr(decision_tables, "MOST_EXCLUDED", 30)
    first = table("总投资", *(f"≥ {n} 万元 | 低" for n in range(10)), clauses="  取首行\n")
    assert [one.code for one in load(first)[1]] == ["E233"]
    monkeypatch.undo()
    monkeypatch.setattr("policyrules.program.regions.MOST_STEPS", 3)
    heads = "总投资 | 类型 | 已建 | 户数"
    text = table(heads, "< 5 万元 | 大棚 | 是 | < 3 户 | 低", "其余 | | | | 高")
    assert load(text)[1] == ()
    wide = table(
        heads,
        "< 5 万元 | 大棚 | 是 | — | 低",
        "< 5 万元 | 不为 大棚 | 是 | — | 低",
        "≥ 5 万元 | — | 是 | — | 低",
        "— | — | 否 | — | 高",
    )
    assert [one.code for one in load(wide)[1]] == ["W238"]


def test_what_was_written_is_what_is_read() -> None:
    files = layer_files(WORLD + TIERS.format("细化"), 0)
    file, found = parse_source(Source("甲.rules", files["rules.rules"]))
    assert not found
    (node,) = (each for each in file.declarations if each.written.keyword.text == "决策表")
    assert [flat(row.when) for row in node.rows if row.when is not None] == ["总投资 < 5 万元", "总投资 ≥ 5 万元"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("小于10万元", "< 10 万元"),
        ("不低于10万元", "≥ 10 万元"),
        ("10万元以上不足50万元", "≥ 10 万元 < 50 万元"),
        ("10 万元 以上 50 万元 以下", "≥ 10 万元 ≤ 50 万元"),
        ("10万元至50万元", "10 万元 至 50 万元"),
    ],
)
def test_a_bound_as_documents_write_it_is_told_with_signs(cell: str, meant: str) -> None:
    (found,) = [one for one in load(table("总投资", f"{cell} | 低"))[1] if one.severity == "error"]
    assert (found.remedy or "").removeprefix("比较").removeprefix("写成 ") == meant
    assert load(table("总投资", f"{meant} | 低"))[0] is not None

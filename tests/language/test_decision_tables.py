"""Decision tables as texts: told from older texts, read cell by cell, printed in line, and every slip at its cell."""

from __future__ import annotations

import re

import pytest

from policyrules.diagnostics import render
from policyrules.language import nodes as n
from policyrules.language.formatting import format_source
from policyrules.language.layout import flat
from policyrules.language.parser import parse_source
from policyrules.source import Source, display_width
from policyrules.testing.build import try_policy_from_text


def parse(text: str) -> n.File:
    file, found = parse_source(Source("甲.rules", text))
    assert not found, "\n".join(map(render, found))
    return file


def table(rows: str, head: str = "款 | 主", clauses: str = "") -> n.TableDecl:
    (found,) = parse(f"决策表 表\n  得出 档\n{clauses}  | {head} | 档 |\n{rows}").declarations
    assert isinstance(found, n.TableDecl)
    return found


def conditions(cell: str) -> str:
    (row,) = table(f"  | {cell} | 低 |\n", "款").rows
    return "" if row.when is None else row.when.span.words


CELLS = {
    "—": "",
    "-": "",
    "－": "",
    "——": "",
    "": "",
    "甲": "款 为 甲",
    "甲、乙": "款 属于 { 甲、乙 }",
    "“甲 乙”": "款 为 “甲 乙”",
    "10 户": "款 为 10 户",
    "不为 甲": "款 不为 甲",
    "不为 甲、乙": "款 不属于 { 甲、乙 }",
    "不足": "款 为 不足",
    "< 10 万元": "款 < 10 万元",
    "＜１０万元": "款 < 10 万元",
    ">= 线": "款 ≥ 线",
    "= 5 户": "款 = 5 户",
    "≠ 5 户": "款 ≠ 5 户",
    "-5 个": "款 为 −5 个",
    "≥ 10 万元 < 50 万元": "款 ≥ 10 万元 且 款 < 50 万元",
    "10 万元 以上 不足 50 万元": "款 ≥ 10 万元 且 款 < 50 万元",
    "60% 以上": "款 ≥ 60%",
    "不足 线": "款 < 线",
    "≥ 甲文·线": "款 ≥ 甲文·线",
    "甲文•线 至 9 万元": "款 介于 甲文·线 至 9 万元",
    "甲文·线 以上 不足 乙文·线": "款 ≥ 甲文·线 且 款 < 乙文·线",
    "10 万元 至 50 万元": "款 介于 10 万元 至 50 万元",
    "介于 10 万元 至 50 万元": "款 介于 10 万元 至 50 万元",
    "属于 { 2025年10月1日 至 2025年10月7日 }": "款 属于 { 2025年10月1日 至 2025年10月7日 }",
    "属于 { 2025年9月1日、2025年10月1日 至 2025年10月7日 }": "款 属于 { 2025年9月1日、2025年10月1日 至 2025年10月7日 }",
    "不属于 { 2025年9月1日、2025年10月1日 至 2025年10月7日 }": "款 不属于 { 2025年9月1日、2025年10月1日 至 2025年10月7日 }",
    "2025年9月1日、2025年10月1日": "款 属于 { 2025年9月1日、2025年10月1日 }",
    "为 甲": "款 为 甲",
    "为 甲、乙": "款 属于 { 甲、乙 }",
    "2024年1月1日 至 线": "款 介于 2024年1月1日 至 线",
    "属于 { 甲、等 }": "款 属于 { 甲、等 }",
    "不属于 名单": "款 不属于 名单",
    "含 甲、乙": "款 含 甲、乙",
    "不含 甲": "款 不含 甲",
    "含任一 { 甲 }": "款 含任一 { 甲 }",
    "已填": "款 已填",
    "未填": "款 未填",
    "是": "款 为 是",
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_the_end_of_a_condition(cell: str) -> None:
    assert conditions(cell) == CELLS[cell]


def test_a_concluded_amount_may_hold_the_mark_between_values() -> None:
    (row,) = table("  | 红 | 视 类（甲、乙：1 万元；其余：款） |\n", "主").rows
    assert row.amount is not None and flat(row.amount) == "视 类（甲、乙：1 万元；其余：款）"
    (row,) = table("  | 红 | 甲、乙 |\n", "主").rows
    assert row.amount is None and len(row.values) == 2


def test_what_documents_call_a_name_may_stand_in_the_head() -> None:
    text = (
        "决策表 表\n  得出 甲文·档\n  | 甲文•款   | 项目.乙文·主 | 甲文·档 |\n  | < 3 万元 | 红           | 低      |\n"
    )
    (found,) = parse(text).declarations
    assert isinstance(found, n.TableDecl) and found.decision.text == "甲文·档"
    assert [flat(ref) for ref in found.inputs] == ["甲文·款", "项目.乙文·主"]
    printed = format_source(text)
    assert "| 甲文·款  | 项目.乙文·主 | 甲文·档 |" in printed
    assert parse(printed).declarations == parse(text).declarations


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_printed_means_the_same(cell: str) -> None:
    text = f"决策表 表\n  得出 档\n  | 款 | 档 |\n  | {cell} | 低 |\n"
    printed = format_source(text)
    assert parse(printed).declarations == parse(text).declarations
    assert format_source(printed) == printed


def test_a_row_is_a_rule() -> None:
    text = """\
决策表 表 对 项目
  依据【三】
  得出 档
  可重叠
  自 2025年1月1日 起
  | 行名 | 户数   | 项目.名称 | 档     | 语气 | 依据                | 释义   |
  | 小   | < 5 户 | 是        | 低、中 | 可   | 【一】“甲|乙”【二】 | “说明” |
  | 大   | —      | —         | 高     |      |                     |        |
"""
    (decl,) = parse(text).declarations
    assert isinstance(decl, n.TableDecl)
    assert decl.meeting == "可重叠" and decl.decision.text == "档" and not decl.rest
    assert [flat(ref) for ref in decl.inputs] == ["户数", "项目.名称"]
    small, large = decl.rows
    assert (small.name.text, large.name.text) == ("表·小", "表·大")
    assert small.when is not None and flat(small.when) == "户数 < 5 户 且 项目.名称 为 是"
    assert large.when is None
    assert small.tone == "可" and [value.span.text for value in small.values] == ["低", "中"]
    assert [(c.place.text, c.quote) for c in small.common.citations] == [("一", "甲|乙"), ("二", "")]
    assert [c.place.text for c in large.common.citations] == ["三"]
    assert [note.text for note in small.common.notes] == ["说明"]
    assert small.common.since == large.common.since and small.common.since is not None
    assert small.span.line == 7 and format_source(text) == text


def test_the_rest_is_the_last_row() -> None:
    found = table("  | < 5 户 | 甲 | 低 |\n  | 其余 |  | 高 |\n")
    assert found.rest and found.rows[1].when is None
    quoted = table("  | “其余” |  | 高 |\n")
    assert not quoted.rest and quoted.rows[0].when is not None
    beside = table("  | 其余 | 甲 | 高 |\n")
    assert not beside.rest


def test_columns_stand_in_line() -> None:
    text = format_source("决策表 表\n  得出 档\n｜款｜主类型｜档｜\n|< 10 万元|甲、乙|低|# 注\n# 间\n|—||高|\n")
    lines = [line.partition("  #")[0] for line in text.splitlines() if line.startswith("  |")]
    bars = [[display_width(line[: found.start()]) for found in re.finditer(r"\|", line)] for line in lines]
    assert len(bars) == 3 and bars[0] == bars[1] == bars[2]
    assert "|  # 注" in text and "\n  # 间\n" in text


# ---- older texts ----------------------------------------------------------------------------------------------------

OLDER = """\
对象 项目（project）
  字段 决策表（a）：是否
  字段 得出（b）：是否
  字段 取首行（c）：是否
  字段 可重叠（d）：是否
  字段 不足（e）：整数（不足）
清单 名单 即 { 甲、
决策表、
得出 }
术语 丁
  即
  决策表 且 得出 且
  取首行 或
可重叠
规则 戊 对 项目
  当
    决策表 且 不足 ≥ 5 不足
  释义 决策表 | 甲 | 乙 |
  则 类 为 得出
"""


def test_the_words_of_tables_are_names_elsewhere() -> None:
    text = OLDER.replace("  取首行 或\n可重叠", "  取首行 且\n可重叠")
    file = parse(text)
    assert [type(each).__name__ for each in file.declarations] == ["ObjectDecl", "ListDecl", "TermDecl", "RuleDecl"]
    (term,) = (each for each in file.declarations if isinstance(each, n.TermDecl))
    assert flat(term.body) == "决策表 且 得出 且 取首行 且 可重叠"
    (rule,) = (each for each in file.declarations if isinstance(each, n.RuleDecl))
    assert rule.when is not None and flat(rule.when) == "决策表 且 不足 ≥ 5 不足"
    assert rule.common.notes[0].text == "决策表 | 甲 | 乙 |"


# ---- slips ----------------------------------------------------------------------------------------------------------

SLIPS = [
    ("| 款 | 档 |\n| < 5 户 | 低 ", "E148", "在行末补上“|”"),
    ("| 款 | 档 |\n< 5 户 | 低 |", "E148", "以“|”起头"),
    ("| 款 | 档 |\n< 5 户\t低", "E148", "写成：| < 5 户 | 低 |"),
    ("| 款 | 档 |\n| 低 |", "E149", "有 1 格，表头有 2 格"),
    ("| 款 | 档 |\n| < 5 户 | 低 | 高 |", "E149", "有 3 格，表头有 2 格"),
    ("| 款 | 类 |\n| < 5 户 | 低 |", "E150", "没有“档”一列"),
    ("| 款 | 款 | 档 |\n| < 5 户 | | 低 |", "E150", "写了两次"),
    ("| 款 ≥ 5 | 档 |\n| 是 | 低 |", "E150", "不是名称"),
    ("| | 档 |\n| 是 | 低 |", "E150", "是空的"),
    ("| 档 | 依据 |\n| 低 | |", "E150", "没有一列条件"),
    ("| 行名 | 款 | 档 |\n| 甲 | 是 | 低 |\n| 甲 | 否 | 低 |", "E150", "行名“甲”写了两次"),
    ("| 款 | 档 |\n| 大于等于 5 户 | 低 |", "E151", "写成 ≥ 5 户"),
    ("| 款 | 档 |\n| 不超过 5 户 | 低 |", "E151", "写成 ≤ 5 户"),
    ("| 款 | 档 |\n| 5 户 以下 | 低 |", "E151", "写成 ≤ 5 户"),
    ("| 款 | 档 |\n| 5 户 ~ 8 户 | 低 |", "E151", "写成 5 户 至 8 户"),
    ("| 款 | 档 |\n| 5 户 到 8 户 | 低 |", "E151", "写成 5 户 至 8 户"),
    ("| 款 | 档 |\n| 甲，乙 | 低 |", "E151", "甲、乙"),
    ("| 款 | 档 |\n| 甲 或 乙 | 低 |", "E151", "甲、乙"),
    ("| 款 | 档 |\n| < 5 户 | |", "E151", "没有写“档”"),
    ("| 款 | 档 |\n| < 5 户 | — |", "E151", "没有写“档”"),
    ("| 款 | 档 |\n| < 5 户 | ≥ 3 |", "E151", "则 档 为"),
    ("| 款 | 档 | 语气 |\n| < 5 户 | 低 | 必须 |", "E151", "不是语气"),
    ("| 款 | 档 | 释义 |\n| < 5 户 | 低 | 甲乙 |", "E151", "写成“甲乙”"),
    ("| 款 | 档 | 依据 |\n| < 5 户 | 低 | 第五条 |", "E132", "写成【条目】“原文”"),
    ("| 行名 | 款 | 档 |\n| 甲·乙 | < 5 户 | 低 |", "E151", "行名"),
    ("| 款 | 档 |\n| 5万元以上 | 低 |", "E116", "写成“≥ 5 万元”"),
    ("| 款 | 档 |\n| < 10月31日 | 低 |", "E112", "没有写年份"),
    ("| 款 | 档 |", "E152", "没有行"),
    ("| 款 | 档 |\n| 其余 | 低 |\n| < 5 户 | 高 |", "E153", "只写在最后一行"),
]


@pytest.mark.parametrize(("rows", "code", "words"), SLIPS, ids=[f"{code} {rows[:24]!r}" for rows, code, _ in SLIPS])
def test_slip(rows: str, code: str, words: str) -> None:
    _, found = parse_source(Source("甲.rules", f"决策表 表\n  得出 档\n{rows}\n提示 好\n  说 “好”\n"))
    assert [one.code for one in found] == [code], "\n".join(map(render, found))
    assert words in f"{found[0].message} {found[0].remedy}", render(found[0])


def test_every_wrong_cell_is_found() -> None:
    text = "决策表 表\n  得出 档\n  | 款 | 主 | 档 |\n  | 超过 5 户 | 甲 乙 | |\n  | < 5 户 | 甲 | 低 |\n  | 约 3 户 | | ≥ |\n"
    file, found = parse_source(Source("甲.rules", text))
    assert [(one.code, one.line, one.column) for one in found] == [
        ("E151", 4, 5),
        ("E151", 4, 14),
        ("E151", 4, 18),
        ("E151", 6, 5),
        ("E151", 6, 15),
    ]
    assert [name.text for name in file.broken[0].declares] == ["表·1", "表·2", "表·3"]


@pytest.mark.parametrize("text", ["决策表 表\n  得出 档\n", "提示 甲\n  说 “好”\n决策表 表\n  得出 档\n"])
def test_a_table_without_lines_is_told(text: str) -> None:
    _, found = parse_source(Source("甲.rules", text))
    assert [one.code for one in found] == ["E152"]


def test_clauses_of_a_table() -> None:
    for clauses, code in (("", "E127"), ("得出 档\n取首行\n可重叠\n", "E130"), ("得出 档\n当 甲\n", "E129")):
        _, found = parse_source(Source("甲.rules", f"决策表 表\n{clauses}| 款 | 档 |\n| 甲 | 低 |\n"))
        assert [one.code for one in found] == [code], clauses


TABLE_OF_CELLS = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 总投资（total）：金额（万元） 取值 0 万元 以上
  字段 效益（benefit）：枚举 {{ 好、中、差 }}
决定 档次（grade）：单选 {{ 高、低 }}
决策表 分档
  得出 档次
  | 总投资 | 效益 | 档次 |
  | {} | {} | 高 |
"""


@pytest.mark.parametrize(
    ("total", "benefit", "remedies"),
    [
        ("≥ 50 万元", "≠ 差", ("不为 差",)),
        ("≥ 50 万元", "!=差", ("不为 差",)),
        ("≥ 50 万元", "= 差", ("差",)),
        ("≥ 50 万元", "不等于差", ("不为 差",)),
        ("≥ 50 万元", "非差", ("不为 差",)),
        ("≥ 50 万元", "除差外", ("不为 差",)),
        ("≥ 50 万元", "差以外", ("不为 差",)),
        ("≥ 50 万元", "差 以外", ("不为 差",)),
        ("50", "差", ("50 万元",)),
        ("≥ 50000", "差", ("50000 万元", "50000 元")),
        ("50000", "差", ("50000 万元", "50000 元")),
    ],
)
def test_what_is_offered_for_a_cell_is_typed_into_it(total: str, benefit: str, remedies: tuple[str, ...]) -> None:
    policy, found = try_policy_from_text(TABLE_OF_CELLS.format(total, benefit))
    wrong = [one for one in found if one.severity == "error"]
    assert policy is None and len(wrong) == 1 and wrong[0].remedy is not None
    offered = re.findall(r"写成 (.+?)(?=；|（|$)", wrong[0].remedy)
    assert tuple(offered) == remedies
    for remedy in offered:
        cells = (re.sub(r"\d+$", remedy, total), benefit) if total[-1].isdigit() else (total, remedy)
        assert try_policy_from_text(TABLE_OF_CELLS.format(*cells))[0] is not None

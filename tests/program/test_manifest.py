"""``layer.yaml`` and ``clauses.yaml``: every refusal in words and at its place; how citations find their clause."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyrules.diagnostics import Diagnostic, render
from policyrules.program.clause_table import Clause, ClauseTable, read_clauses
from policyrules.program.files import read_layer
from policyrules.program.manifest import read_manifest
from policyrules.source import Source

LAYER = """\
id: JX
title: 实施意见
document_number: 赣农字〔2025〕23号
issuer: 农业农村厅
level: 省
region: 江西省
extends: ../national
issued: null
in_force_from: 2025-01-01
in_force_until: null
assumed: [in_force_from]
note: 文件没有日期
"""

CLAUSES = """\
headings:
- place: 三（五）
  title: 延伸链条
  offices: [各市农业农村局, 产业处]
clauses:
- id: JX-1
  place: 一·工作原则
  summary: 原则
  kind: principle
  decides: false
  reason: 只是原则
- id: JX-3-5-1
  place: 三（五）·农产品加工
  under: 三（五）
  summary: 加工
  kind: measure
  decides: true
  offices: [市场处, 产业处]
- id: JX-3-5-2
  place: 三（五）·合作社延链
  under: 三（五）
  summary: 延链
  kind: measure
  decides: true
- id: JX-2-3-panhuo-5
  place: 二（三）盘活类·优化管理模式
  summary: 盘活
  kind: measure
  decides: true
  starts: 对市场前景好
  ends: 方式盘活。
"""


def table() -> ClauseTable:
    read, found = read_clauses(Source("clauses.yaml", CLAUSES))
    assert read is not None and found == ()
    return read


def only(found: tuple[Diagnostic, ...]) -> Diagnostic:
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def layer_problem(old: str, new: str) -> Diagnostic:
    assert old in LAYER
    return only(read_manifest(Source("layer.yaml", LAYER.replace(old, new)))[1])


def clause_problem(old: str, new: str) -> Diagnostic:
    assert old in CLAUSES
    return only(read_clauses(Source("clauses.yaml", CLAUSES.replace(old, new, 1)))[1])


def test_a_sound_manifest() -> None:
    manifest, found = read_manifest(Source("layer.yaml", LAYER))
    assert found == () and manifest is not None
    assert (manifest.id, manifest.level, manifest.extends, manifest.issued) == ("JX", "省", "../national", None)
    assert manifest.in_force_from == datetime.date(2025, 1, 1)
    assert manifest.assumed == ("in_force_from",)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "says"),
    [
        ("issuer:", "isuer:", "E420", 4, 1, "isuer"),
        ("issuer:", "发文机构:", "E420", 4, 1, "发文机构"),
        ("issuer:", "发文机关: 甲\nissuer:", "E450", 5, 1, "“发文机关”和“issuer”是同一项"),
        ("title: 实施意见\n", "", "E421", 1, 1, "title（标题）"),
        ("title: 实施意见", "title: 5", "E422", 2, 8, "应是文字"),
        ("title: 实施意见", "title: [甲]", "E422", 2, 8, "应是文字"),
        ("title: 实施意见", "title:", "E422", 2, 1, "不能空着"),
        ("title: 实施意见", 'title: "  "', "E425", 2, 8, "是空的"),
        ("id: JX", "id: 江 西", "E425", 1, 5, "编号"),
        ("level: 省", "level: 省级", "E424", 5, 8, "省级"),
        ("level: 省", "level: true", "E424", 5, 8, "true"),
        ("2025-01-01", "2025-02-30", "E423", 9, 16, "2025-02-30"),
        ("2025-01-01", "二〇二五年", "E423", 9, 16, "二〇二五年"),
        ("2025-01-01", "20250101", "E423", 9, 16, "20250101"),
        ("2025-01-01", "2025-1-1", "E410", 9, 16, "2025-1-1"),
        ("2025-01-01", "null", "E422", 9, 1, "不能空着"),
        ("in_force_until: null", "in_force_until: 2024-12-31", "E432", 10, 17, "早于"),
        ("[in_force_from]", "[实施日期]", "E431", 11, 11, "实施日期"),
        ("[in_force_from]", "[issued]", "E431", 11, 11, "没有填"),
        ("[in_force_from]", "in_force_from", "E422", 11, 10, "列表"),
        ("[in_force_from]", "[1]", "E422", 11, 11, "第 1 项"),
        ("note: 文件没有日期", "note: null", "E431", 11, 1, "为什么"),
        ("id: JX\n", "id: JX\nid: JX\n", "E408", 2, 1, "写了两遍"),
    ],
)
def test_manifest_refusals(old: str, new: str, code: str, line: int, column: int, says: str) -> None:
    found = layer_problem(old, new)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert says in found.message
    assert found.remedy or found.related


def test_a_short_title_is_optional_and_short() -> None:
    manifest, found = read_manifest(Source("layer.yaml", LAYER + "short: 赣农23号\n"))
    assert manifest is not None and manifest.short == "赣农23号" and found == ()
    manifest, found = read_manifest(Source("layer.yaml", LAYER + "short: null\n"))
    assert manifest is not None and manifest.short is None and found == ()
    for written in ("农规发 26 号", "“四个一批”意见", "一" * 17, "'甲、乙'"):
        manifest, (problem,) = read_manifest(Source("layer.yaml", LAYER + f"short: {written}\n"))
        assert problem.code == "E425" and "short（简称）" in problem.message and "16" in problem.message
        assert "农规发26号" in (problem.remedy or "")


def test_remedies_name_the_nearest() -> None:
    assert layer_problem("issuer:", "isuer:").remedy == "是不是 issuer（发文机关）？"
    assert layer_problem("issuer:", "发文机构:").remedy == "是不是 发文机关？"
    assert layer_problem("level: 省", "level: 省级").remedy == "是不是“省”？"
    assert layer_problem("title: 实施意见", "title: 5").remedy == '加引号："5"'
    assert "measure" in str(clause_problem("kind: measure", "kind: mesure").remedy)
    assert clause_problem("under: 三（五）", "under: 三（伍）").remedy == "是不是“三（五）”？"


def test_all_problems_of_a_manifest_are_reported_at_once() -> None:
    _, found = read_manifest(Source("layer.yaml", "id: 1\nlevel: 乡\nregoin: 甲\nin_force_from: 今天\n"))
    assert sorted(one.code for one in found) == ["E420", "E421", "E422", "E423", "E424"]


@pytest.mark.parametrize(
    ("text", "code"), [("id：JX", "E430"), ("- id: JX", "E430"), ("", "E403"), ("id: [", "E400"), ("~", "E410")]
)
def test_a_manifest_that_is_no_list_of_keys(text: str, code: str) -> None:
    manifest, found = read_manifest(Source("layer.yaml", text))
    assert manifest is None and found[0].code == code


def test_a_full_width_colon_is_named() -> None:
    for text in ("id：JX", "编号：JX\n标题: 意见\n"):
        _, found = read_manifest(Source("layer.yaml", text))
        assert found[0].remedy == "冒号用半角“:”，后面留一个空格"


@pytest.mark.parametrize(("kind", "offered"), [("罚则", False), ("附则", False), ("总则", False), ("适用", True)])
def test_a_kind_is_not_guessed_from_one_character_of_two(kind: str, offered: bool) -> None:
    """罚则 is no slip for 原则: half of a word is not near where the words are a choice."""
    text = f"条款:\n- {{编号: A-1, 位置: 一, 要点: 总, 类别: {kind}, 产出结论: 是}}\n"
    remedy = read_clauses(Source("clauses.yaml", text))[1][0].remedy or ""
    assert ("是不是" in remedy) == offered and "可写：" in remedy


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "says"),
    [
        ("  summary: 原则\n", "  sumary: 原则\n  summary: 原则\n", "E420", 8, 3, "sumary"),
        ("  summary: 原则\n", "", "E421", 6, 3, "summary（要点）"),
        ("decides: true", "decides: 是的", "E422", 17, 12, "true（是）或 false（否）"),
        ("decides: true", "decides: yes", "E410", 17, 12, "yes"),
        ("kind: measure", "kind: 总则", "E424", 16, 9, "总则"),
        ("reason: 只是原则", "reason: null", "E427", 10, 12, "没有理由"),
        ("decides: false", "decides: true", "W427", 11, 11, "又写了"),
        ("under: 三（五）", "under: 三（六）", "E428", 14, 10, "三（六）"),
        ("  ends: 方式盘活。\n", "", "E429", 30, 3, "ends"),
        ("  starts: 对市场前景好\n", "", "E429", 30, 3, "starts"),
        ("offices: [市场处, 产业处]", "offices: 市场处", "E422", 18, 12, "列表"),
        ("offices: [市场处, 产业处]", "offices: [市场处, 3]", "E422", 18, 18, "第 2 项"),
        ("  ends: 方式盘活。\n", "  ends: 方式盘活。\n  sha256: ABC\n", "E425", 32, 11, "64 位"),
        ("  ends: 方式盘活。\n", "  ends: 方式盘活。\n  sentences: 一句\n", "E422", 32, 14, "不产出结论的句子"),
        ("  ends: 方式盘活。\n", "  ends: 方式盘活。\n  sentences: [一句]\n", "E430", 32, 15, "每一项"),
        ("  ends: 方式盘活。\n", "  ends: 方式盘活。\n  sentences: [{words: 一句}]\n", "E421", 32, 16, "reason"),
        (
            "  ends: 方式盘活。\n",
            '  ends: 方式盘活。\n  sentences: [{words: "", reason: 甲}]\n',
            "E425",
            32,
            23,
            "words（原话）",
        ),
        ("- id: JX-3-5-2", "- id: JX-3-5-1", "E426", 19, 7, "JX-3-5-1"),
        ("place: 三（五）·合作社延链", "place: 三（五）·农产品加工", "E426", 20, 10, "农产品加工"),
        ("place: 三（五）·合作社延链", "place: 三(五) · 农产品加工", "E426", 20, 10, "农产品加工"),
        ("headings:\n", "heading: []\nheadings:\n", "E420", 1, 1, "heading"),
        ("- id: JX-1\n", "- 甲\n- id: JX-1\n", "E430", 6, 3, "每一项"),
    ],
)
def test_clause_refusals(old: str, new: str, code: str, line: int, column: int, says: str) -> None:
    found = clause_problem(old, new)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert says in found.message


def test_repeated_clauses_show_both_places() -> None:
    found = clause_problem("- id: JX-3-5-2", "- id: JX-3-5-1")
    assert [label.span.line for label in found.related] == [12]


def test_sound_clauses_are_kept_beside_broken_ones() -> None:
    read, found = read_clauses(Source("clauses.yaml", CLAUSES.replace("kind: principle", "kind: 总则")))
    assert len(found) == 1 and read is not None
    assert [clause.id for clause in read.clauses] == ["JX-3-5-1", "JX-3-5-2", "JX-2-3-panhuo-5"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("headings: []\n", "E421"), ("clauses: 甲\n", "E422"), ("clauses:\n", "E422"), ("[]", "E430"), ("甲", "E430")],
)
def test_a_table_without_clauses(text: str, code: str) -> None:
    read, found = read_clauses(Source("clauses.yaml", text))
    assert read is None and only(found).code == code


@pytest.mark.parametrize(
    ("cited", "clause"),
    [
        ("JX-1", "JX-1"),
        ("一·工作原则", "JX-1"),
        ("一", "JX-1"),
        ("三（五）·农产品加工", "JX-3-5-1"),
        ("三(五)・农产品加工", "JX-3-5-1"),
        (" 三（五） ·农产品加工", "JX-3-5-1"),
        ("二（三）盘活类", "JX-2-3-panhuo-5"),
    ],
)
def test_citations_that_resolve(cited: str, clause: str) -> None:
    found = table().resolve(cited)
    assert isinstance(found, Clause) and found.id == clause


@pytest.mark.parametrize(
    ("cited", "candidates", "code"),
    [
        ("三（五）", ["JX-3-5-1", "JX-3-5-2"], "E435"),
        ("二（三）", ["JX-2-3-panhuo-5"], "E434"),
        ("三（五）·农产品加功", ["JX-3-5-1"], "E434"),
        ("优化管理模式", ["JX-2-3-panhuo-5"], "E434"),
        ("JX-3-5", ["JX-3-5-1", "JX-3-5-2"], "E434"),
        ("全无此处", [], "E434"),
        ("", [], "E434"),
    ],
)
def test_citations_that_do_not(cited: str, candidates: list[str], code: str) -> None:
    clauses = table()
    found = clauses.resolve(cited)
    assert not isinstance(found, Clause)
    assert sorted(clause.id for clause in found)[: len(candidates)] == candidates
    diagnostic = clauses.unresolved(cited, clauses.span_of(clauses.clauses[0]))
    assert diagnostic.code == code and diagnostic.remedy


def test_offices_are_the_clause_s_own_then_its_heading_s_without_repetition() -> None:
    clauses = table()
    first = clauses.get("JX-3-5-1")
    last = clauses.get("JX-1")
    assert first is not None and last is not None
    assert clauses.offices_of(first) == ("市场处", "产业处", "各市农业农村局")
    assert clauses.offices_of(last) == ()


def test_places_in_the_file() -> None:
    clauses = table()
    clause = clauses.get("JX-3-5-1")
    assert clause is not None
    assert str(clauses.span_of(clause)) == "clauses.yaml:12:3"
    assert str(clauses.span_of(clause, "summary")) == "clauses.yaml:15:12"
    assert str(clauses.span_of(clause, "sha256")) == "clauses.yaml:12:3"


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["国家", "甲", "CN", "2024-10-21", "a b"])
)
values = st.one_of(
    scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from(["id", "甲"]), scalars, max_size=2)
)
keys = st.sampled_from(
    ["id", "title", "level", "region", "extends", "in_force_from", "assumed", "note", "place", "kind", "decides", "甲"]
)


def written(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f'"{key}": {written(item)}' for key, item in value.items()) + "}"
        case str():
            return f'"{value}"'
        case _:
            return str(value)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys, values, max_size=8), st.booleans())
def test_no_content_makes_them_raise_and_no_english_reaches_the_reader(
    content: dict[str, object], nested: bool
) -> None:
    text = written(content)
    _, first = read_manifest(Source("layer.yaml", text))
    _, second = read_clauses(Source("clauses.yaml", f"clauses: [{text}]" if nested else f"clauses: {text}"))
    for found in (*first, *second):
        render(found)
        assert found.span is not None
        assert not re.search(r"[Ii]nput|should|valid|Field|str_|tuple|None|True|False|pydantic|Error", found.message)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_them_raise(text: str) -> None:
    read_manifest(Source("layer.yaml", text))
    read_clauses(Source("clauses.yaml", text))
    found = table().resolve(text)
    if not isinstance(found, Clause):
        render(table().unresolved(text, table().span_of(table().clauses[0])))


def test_an_unknown_key_of_several_lines_is_told_in_one() -> None:
    _, problems = read_manifest(Source("layer.yaml", LAYER + '"甲\\n乙": 1\n'))
    assert [(problem.code, problem.message) for problem in problems] == [("E420", "不认识“甲 乙”")]


@pytest.mark.parametrize(
    ("written", "remedy"),
    [("2021年3月26日", "写成 2021-03-26"), ("去年", "写上那一天，四位年、两位月、两位日，如 2024-10-21")],
)
def test_a_date_in_another_spelling_is_offered_as_it_should_be(tmp_path: Path, written: str, remedy: str) -> None:
    text = f"id: A\ntitle: 文件\nlevel: 国家\nregion: 全国\nin_force_from: {written}\n"
    (tmp_path / "layer.yaml").write_text(text, encoding="utf-8")
    _, found = read_layer(tmp_path)
    assert [one.remedy for one in found if one.code == "E423"] == [remedy]

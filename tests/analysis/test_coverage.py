"""Clause and source coverage on a small document: what counts as covered, bent quotes, and the page."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyrules.analysis.clause_coverage import (
    SourceCoverage,
    clause_coverage,
    render_text,
    source_coverage,
)
from policyrules.analysis.coverage_page import render_html
from policyrules.analysis.sentences import split_units
from policyrules.policy import Policy
from policyrules.program.files import LayerFiles
from policyrules.program.layers import Layer
from policyrules.program.manifest import LayerManifest, read_clauses
from policyrules.program.nodes import Amended, Citation, Notice, Origin, Program, Stopped
from policyrules.program.origins import origins_of
from policyrules.program.quotes import fingerprint
from policyrules.program.stack import Stack
from policyrules.source import Source, Span

TEXT = """\
某厅关于帮扶产业的意见

各市、县（区）农业农村局：

为促进发展，提出意见。

一、分类推进

（一）升级一批。对资源有支撑、发展有基础的产业，支持“补短板”；加

快补链。

（二）盘活一批。**优化政策。**对停产闲置的<产业>，探索委托经营。（责任单位：产业处、市场处）

二、保障

加强领导。

某厅

2025年1月1日
"""

CLAUSES = f"""\
clauses:
- {{id: X-0, place: 引言, summary: 缘由, kind: principle, decides: false, reason: 只说缘由, starts: 为促进, ends: 提出意见。}}
- id: X-1
  place: 一（一）·升级
  summary: 升级
  kind: classification
  decides: true
  starts: 对资源有支撑
  ends: 加快补链。
  sha256: {fingerprint("对资源有支撑、发展有基础的产业，支持“补短板”；加快补链。")}
- id: X-2
  place: 一（二）·盘活
  summary: 盘活 & 搞活
  kind: measure
  decides: true
  offices: [产业处, 市场处]
  source_note: 有星号
  starts: 优化政策。
  ends: 市场处）
- {{id: X-3, place: 二·领导, summary: 领导, kind: principle, decides: true, starts: 加强领导, ends: 领导。}}
"""


def layer(clauses: str = CLAUSES, layer_id: str = "X") -> LayerFiles:
    table, found = read_clauses(Source("x/clauses.yaml", clauses))
    assert table is not None and found == (), [str(one) for one in found]
    manifest = LayerManifest(
        id=layer_id,
        title="某厅关于帮扶产业的意见",
        level="省",
        region="某省",
        in_force_from=datetime.date(2025, 1, 1),
    )
    return LayerFiles(manifest, table, (), Path(layer_id), layer_id, Source("layer.yaml", ""))


def stacked(program: Program, *layers: LayerFiles) -> Policy:
    stack = Stack(tuple(Layer(level, one, ()) for level, one in enumerate(layers)))
    return Policy(program, stack, (), {}, {}, True)


def origin(name: str, *cited: tuple[str, str], line: int = 1, layer_id: str = "X") -> Origin:
    quotes = "".join(f"\n  依据【{clause}】“{quote}”" for clause, quote in cited)
    text = "\n" * (line - 1) + f"规则 {name}{quotes}\n  则 分类 为 <甲>\n"
    source = Source("x/分类.rules", text, layer_id)
    citations = tuple(Citation(layer_id, clause, clause, quote) for clause, quote in cited)
    return Origin(layer_id, "规则", name, citations, (), (), Span(source, line - 1, len(text)))


def policy(*origins: Origin, clauses: str = CLAUSES, stopped: Iterable[Stopped] = ()) -> Policy:
    notices = {one.name: Notice(one.name, "项目", Amended(None, one), "", 0, (one,)) for one in origins}
    program = Program(
        as_of=datetime.date(2025, 1, 1),
        layers=("X",),
        root="项目",
        objects={},
        fields={},
        parameters={},
        lists={},
        terms={},
        statistics={},
        decisions={},
        rules={},
        duties={},
        notices=notices,
        presumptions={},
        stopped=tuple(stopped),
    )
    return stacked(program, layer(clauses))


def covered(*origins: Origin, text: str = TEXT, clauses: str = CLAUSES) -> SourceCoverage:
    return source_coverage(Source("意见.txt", text), policy(*origins, clauses=clauses))


UPGRADE = origin("升级类", ("X-1", "对资源有支撑、发展有基础的产业"), ("X-1", "加快补链"))
REVIVE = origin("盘活类", ("X-2", "对停产闲置的<产业>，探索委托经营"), line=20)


# ---- sentences ------------------------------------------------------------------------------------------------------


def test_the_text_is_cut_into_units() -> None:
    assert [(unit.kind, unit.text) for unit in split_units(TEXT)] == [
        ("title", "某厅关于帮扶产业的意见"),
        ("addressees", "各市、县（区）农业农村局："),
        ("sentence", "为促进发展，提出意见。"),
        ("chapter", "一、分类推进"),
        ("article", "（一）升级一批。"),
        ("sentence", "对资源有支撑、发展有基础的产业，支持“补短板”；"),
        ("sentence", "加快补链。"),
        ("article", "（二）盘活一批。"),
        ("sentence", "优化政策。"),
        ("sentence", "对停产闲置的<产业>，探索委托经营。"),
        ("offices", "（责任单位：产业处、市场处）"),
        ("chapter", "二、保障"),
        ("sentence", "加强领导。"),
        ("signature", "某厅"),
        ("signature", "2025年1月1日"),
    ]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("甲（乙；丙）丁。戊。", ["甲（乙；丙）丁。", "戊。"]),
        ("甲说：“乙。丙。”丁。", ["甲说：“乙。丙。”", "丁。"]),
        ("甲〔责任单位：乙处。以下均需落实〕", ["甲〔责任单位：乙处。以下均需落实〕"]),
        ("甲（乙；丙。丁。", ["甲（乙；", "丙。", "丁。"]),
        ("甲！？乙。", ["甲！？", "乙。"]),
        ("一、要求\r\n甲\r\n\r\n乙。\r\n（二）丙。", ["一、要求", "甲乙。", "（二）丙。"]),
        ("甲如下：\n1. 乙\n2. 丙。", ["甲如下：", "1. 乙", "2. 丙。"]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_units_keep_brackets_and_quotes_together(text: str, units: list[str]) -> None:
    assert [unit.text for unit in split_units(text)] == units


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("甲乙一二、。；：“”（）〔〕*\n\r 责任单位1")), max_size=60))
def test_units_hold_every_character_in_order(text: str) -> None:
    units = split_units(text)
    assert "".join("".join(text[unit.start : unit.end].split()) for unit in units) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(units))


# ---- clauses --------------------------------------------------------------------------------------------------------


def test_clauses_are_encoded_explained_or_uncovered() -> None:
    coverage = clause_coverage(policy(UPGRADE, REVIVE))
    rows = coverage.layers[0].rows
    assert [(row.clause.id, row.status) for row in rows] == [
        ("X-0", "explained"),
        ("X-1", "encoded"),
        ("X-2", "encoded"),
        ("X-3", "uncovered"),
    ]
    assert [row.clause.id for row in coverage.uncovered] == ["X-3"]
    assert [declaration.name for declaration in rows[1].declarations] == ["升级类"]
    assert rows[1].declarations[0].quotes == ("对资源有支撑、发展有基础的产业", "加快补链")
    assert rows[2].offices == ("产业处", "市场处")
    assert rows[3].notes == ("登记为产出结论，但没有声明引用它",)


def test_a_clause_that_decides_nothing_and_is_cited_is_noted() -> None:
    row = clause_coverage(policy(origin("引言", ("X-0", "为促进发展")))).layers[0].rows[0]
    assert row.status == "encoded" and row.notes == ("登记为不产出结论，但有声明引用了它",)


def test_a_clause_whose_rules_are_all_stopped_is_noted() -> None:
    by = origin("停用升级类", ("X-2", "优化政策"), line=40)
    row = clause_coverage(policy(REVIVE, stopped=[Stopped("升级类", UPGRADE, by, False)])).layers[0].rows[1]
    assert row.status == "encoded" and row.notes == ("引用它的声明都已停用或失效",)
    assert row.declarations[0].state == "stopped"


def test_declarations_out_of_force_can_be_added() -> None:
    subject = policy(UPGRADE)
    assert [row.clause.id for row in clause_coverage(subject).uncovered] == ["X-2", "X-3"]
    assert [row.clause.id for row in clause_coverage(subject, more=[REVIVE]).uncovered] == ["X-3"]


def test_origins_come_once_in_canonical_order() -> None:
    subject = policy(REVIVE, UPGRADE, stopped=[Stopped("升级类", UPGRADE, REVIVE, True)])
    assert [one.name for one in origins_of(subject.program)] == ["升级类", "盘活类"]


# ---- the text -------------------------------------------------------------------------------------------------------


def test_each_sentence_has_its_status() -> None:
    coverage = covered(UPGRADE, REVIVE)
    assert [(row.unit.text[:4], row.status) for row in coverage.sentences if row.status != "structure"] == [
        ("为促进发", "explained"),
        ("对资源有", "encoded"),
        ("加快补链", "encoded"),
        ("优化政策", "encoded"),
        ("对停产闲", "encoded"),
        ("（责任单", "encoded"),
        ("加强领导", "uncovered"),
    ]
    assert coverage.count("structure") == 8
    assert [one.code for one in coverage.diagnostics] == ["W447", "W447", "W447"]
    assert not coverage.complete and [row.line for row in coverage.uncovered] == [17]


def test_quotes_mark_their_words_across_line_breaks_and_stars() -> None:
    coverage = covered(UPGRADE, REVIVE, origin("又一条", ("X-1", "发展有基础的产业，支持「补短板」"), line=30))
    rows = {row.unit.text[:2]: row for row in coverage.sentences}
    source = coverage.source.text
    assert [source[mark.start : mark.end] for mark in rows["加快"].marks] == ["加\n\n快补链"]
    assert [declaration.name for declaration in rows["对资"].quoted_by] == ["升级类", "又一条"]
    assert [(source[mark.start : mark.end], mark.declarations) for mark in rows["对资"].marks] == [
        ("对资源有支撑、", (0,)),
        ("发展有基础的产业", (0, 1)),
        ("，支持“补短板”", (1,)),
    ]
    assert rows["优化"].quoted_by == () and rows["优化"].status == "encoded"


def test_complete_when_nothing_is_left() -> None:
    clauses = CLAUSES.replace("decides: true, starts: 加强领导", "decides: false, reason: 组织要求, starts: 加强领导")
    coverage = covered(UPGRADE, REVIVE, clauses=clauses)
    assert coverage.complete and coverage.uncovered == ()


def test_words_that_belong_to_no_clause_are_uncovered() -> None:
    clauses = CLAUSES.replace("starts: 对资源有支撑", "starts: 发展有基础").replace(
        "ends: 加快补链。", "ends: 加快补链"
    )
    rows = {row.unit.text[:2]: row for row in covered(UPGRADE, REVIVE, clauses=clauses).sentences}
    assert rows["对资"].status == "uncovered" and rows["对资"].gaps == ("对资源有支撑、",)
    assert rows["加快"].status == "encoded" and rows["加快"].gaps == ()


@pytest.mark.parametrize(
    ("quote", "remedy"),
    [
        ("对资源有支持、发展有基础的产业", "原文是“对资源有支撑、发展有基础的产业”"),
        ("探索委托经营", "这段话在【一（二）·盘活】"),
        ("某厅关于帮扶产业的意见", "这段话在原文第 1 行，不属于任何一条"),
        ("全然无关", "照录原文"),
    ],
)
def test_a_bent_quote_is_shown_where_it_is_written(quote: str, remedy: str) -> None:
    coverage = covered(origin("升级类", ("X-1", quote), line=3))
    found = [one for one in coverage.diagnostics if one.code == "E440"]
    assert len(found) == 1 and found[0].remedy == remedy
    assert (found[0].file, found[0].line) == ("x/分类.rules", 4)
    assert found[0].span is not None and found[0].span.text == quote
    assert not coverage.complete


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("  starts: 对资源有支撑\n  ends: 加快补链。\n", "", "E441", 3, 3),
        ("starts: 对资源有支撑", "starts: 对资源没支撑", "E442", 8, 11),
        ("starts: 对资源有支撑", "starts: 产业", "E443", 8, 11),
        ("ends: 加快补链。", "ends: 提出意见。", "E444", 9, 9),
        ("sha256: ", "sha256: 0", "E445", 10, 11),
        ("ends: 市场处）", "ends: 加强领导", "E446", 20, 79),
    ],
)
def test_clauses_that_are_not_what_was_registered(old: str, new: str, code: str, line: int, column: int) -> None:
    clauses = CLAUSES.replace(old, new)
    if code == "E445":
        digest = fingerprint("对资源有支撑、发展有基础的产业，支持“补短板”；加快补链。")
        clauses = CLAUSES.replace(digest, "a" * 64)
    coverage = covered(UPGRADE, REVIVE, clauses=clauses)
    found = [one for one in coverage.diagnostics if one.code == code]
    assert len(found) == 1
    assert (found[0].file, found[0].line, found[0].column) == ("x/clauses.yaml", line, column)
    assert found[0].remedy and not coverage.complete


def test_the_layer_is_found_by_its_text_or_named() -> None:
    other = CLAUSES.replace("X-", "Y-").replace("starts: ", "starts: 无")
    subject = stacked(policy(UPGRADE).program, layer(other, "Y"), layer())
    assert source_coverage(Source("意见.txt", TEXT), subject).layer == "X"
    assert source_coverage(Source("意见.txt", TEXT), subject, "Y").layer == "Y"
    with pytest.raises(KeyError):
        source_coverage(Source("意见.txt", TEXT), subject, "Z")


def test_the_lowest_of_layers_that_match_equally_is_taken() -> None:
    program = policy(UPGRADE).program
    bare = CLAUSES.replace("X-", "Y-").replace("starts: ", "starts: 无").replace("ends: ", "ends: 无")
    upper, lower = layer(CLAUSES, "U"), layer(CLAUSES.replace("X-", "Y-"), "L")
    text = Source("意见.txt", TEXT)
    assert source_coverage(text, stacked(program, upper, lower)).layer == "L"
    assert source_coverage(text, stacked(program, upper, layer(bare, "L"))).layer == "U"
    assert source_coverage(Source("别的.txt", "别的话。"), stacked(program, upper, layer(bare, "L"))).layer == "L"


def test_ends_count_as_well_where_starts_were_misspelt() -> None:
    misspelt = CLAUSES.replace("X-", "Y-").replace("starts: ", "starts: 无")
    bare = CLAUSES.replace("starts: ", "starts: 无").replace("ends: ", "ends: 无")
    subject = stacked(policy(UPGRADE).program, layer(misspelt, "U"), layer(bare, "L"))
    assert source_coverage(Source("意见.txt", TEXT), subject).layer == "U"


def test_findings_name_the_command_that_computes_fingerprints() -> None:
    remedies = {one.remedy for one in covered(UPGRADE, REVIVE).diagnostics if one.code == "W447"}
    assert remedies == {"定稿以后运行 policyrules coverage x --source 意见.txt --write-hashes"}


# ---- as text, data and page -----------------------------------------------------------------------------------------


def test_reports_are_plain_and_the_same_each_time() -> None:
    coverage = covered(UPGRADE, REVIVE)
    clauses = clause_coverage(policy(UPGRADE, REVIVE))
    assert json.loads(json.dumps(coverage.to_dict()))["uncovered"] == 1
    assert json.loads(json.dumps(clauses.to_dict()))["layers"][0]["explained"] == 1
    assert render_text(coverage).splitlines()[:5] == [
        "某厅关于帮扶产业的意见（X）",
        "原文 意见.txt：共 7 句，已编码 5，已说明 1，未覆盖 1",
        "  第 17 行 [未覆盖] 加强领导。",
        "      【二·领导】未覆盖",
        "需要处理的问题 3 个：",
    ]
    assert "规则 盘活类（x/分类.rules:20:1）" in render_text(coverage, everything=True)
    assert render_text(clauses).splitlines()[0] == "某厅关于帮扶产业的意见（X）：共 4 条，已编码 2，已说明 1，未覆盖 1"
    assert "理由：只说缘由" in render_text(clauses, everything=True)
    assert render_html(coverage) == render_html(covered(UPGRADE, REVIVE))


class Reader(HTMLParser):
    """Checks that tags close in order; collects the attributes that could reach outside."""

    void = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.stack.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read_page(coverage: SourceCoverage) -> tuple[Reader, str]:
    page = render_html(coverage)
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.stack == []
    return reader, page


def test_the_page_is_well_formed_self_contained_and_escaped() -> None:
    reader, page = read_page(covered(UPGRADE, REVIVE))
    words = "".join(reader.words)
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert "http" not in page and "@import" not in page and "url(" not in page
    assert len(reader.ids) == len(set(reader.ids))
    assert "<产业>" in words and "<产业>" not in page
    assert "盘活 & 搞活" in words and "则 分类 为 <甲>" in words
    assert "加快补链" in words and "**" not in words.split("</style>")[-1].split("一、分类推进")[-1]
    for said in ("产业处、市场处", "有星号", "不产出结论：只说缘由", "登记为产出结论，但没有声明引用它", "未覆盖 1"):
        assert said in words


def test_the_page_shows_problems_and_gaps() -> None:
    clauses = CLAUSES.replace("starts: 对资源有支撑", "starts: 发展有基础")
    reader, _ = read_page(covered(origin("升级类", ("X-1", "<script>假话")), clauses=clauses))
    words = "".join(reader.words)
    assert "引文不是【一（一）·升级】的原文" in words
    assert "不属于任何一条：对资源有支撑、" in words


def test_a_sentence_that_is_only_in_a_cited_clause_is_marked_so() -> None:
    reader, _ = read_page(covered(UPGRADE, REVIVE))
    assert "已编码（随本条）" in reader.words and "已编码" in reader.words


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    coverage = covered(UPGRADE, REVIVE, text=text)
    read_page(coverage)
    render_text(coverage, everything=True)
    coverage.to_dict()

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

from policyrules.analysis.clause_coverage import clause_coverage
from policyrules.analysis.coverage_page import render_html
from policyrules.analysis.coverage_text import render_text
from policyrules.analysis.sentence_coverage import SourceCoverage, source_coverage
from policyrules.analysis.sentences import split_units
from policyrules.policy import Policy
from policyrules.program.clause_table import read_clauses
from policyrules.program.files import LayerFiles
from policyrules.program.layers import Layer
from policyrules.program.manifest import LayerManifest
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


def test_a_short_provision_is_no_heading() -> None:
    """A heading has something behind it in its paragraph: what stands alone has to be covered."""
    text = "某办法\n一、要求\n（一）不得挪用资金。\n**（二）不得重复。**\n（三）明确分类。逐项评估。\n"
    assert [(unit.kind, unit.text) for unit in split_units(text)] == [
        ("title", "某办法"),
        ("chapter", "一、要求"),
        ("sentence", "（一）不得挪用资金。"),
        ("sentence", "（二）不得重复。"),
        ("article", "（三）明确分类。"),
        ("sentence", "逐项评估。"),
    ]


def test_clauses_are_cited_explained_or_uncovered() -> None:
    coverage = clause_coverage(policy(UPGRADE, REVIVE))
    rows = coverage.layers[0].rows
    assert [(row.clause.id, row.status) for row in rows] == [
        ("X-0", "explained"),
        ("X-1", "cited"),
        ("X-2", "cited"),
        ("X-3", "uncovered"),
    ]
    assert [row.clause.id for row in coverage.uncovered] == ["X-3"]
    assert [declaration.name for declaration in rows[1].declarations] == ["升级类"]
    assert rows[1].declarations[0].quotes == ("对资源有支撑、发展有基础的产业", "加快补链")
    assert rows[2].offices == ("产业处", "市场处")
    assert rows[3].notes == ("登记为产出结论，但没有声明引用它",)


def test_a_clause_that_decides_nothing_and_is_cited_is_noted() -> None:
    row = clause_coverage(policy(origin("引言", ("X-0", "为促进发展")))).layers[0].rows[0]
    assert row.status == "cited" and row.notes == ("登记为不产出结论，但有声明引用了它",)


def test_a_clause_whose_rules_are_all_stopped_is_noted() -> None:
    by = origin("停用升级类", ("X-2", "优化政策"), line=40)
    row = clause_coverage(policy(REVIVE, stopped=[Stopped("升级类", UPGRADE, by, False)])).layers[0].rows[1]
    assert row.status == "cited" and row.notes == ("引用它的声明都已停用或失效",)
    assert row.declarations[0].state == "stopped"


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
        ("优化政策", "unquoted"),
        ("对停产闲", "encoded"),
        ("（责任单", "encoded"),
        ("加强领导", "uncovered"),
    ]
    assert coverage.count("structure") == 8 and coverage.total == 7
    assert [one.code for one in coverage.diagnostics] == ["W447"]
    assert not coverage.complete and [row.line for row in coverage.uncovered] == [17]
    assert [row.unit.text for row in coverage.unquoted] == ["优化政策。"]


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
    assert rows["优化"].quoted_by == () and rows["优化"].status == "unquoted"


LED = CLAUSES.replace("decides: true, starts: 加强领导", "decides: false, reason: 组织要求, starts: 加强领导")


def reasoned(*entries: str) -> str:
    """The clauses with reasons for sentences of X-2, each ``words, reason``; the first stands in line 21."""
    items = "".join(f"  - {{words: {words}, reason: {reason}}}\n" for words, reason in (e.split(", ") for e in entries))
    return LED.replace("  ends: 市场处）\n", f"  ends: 市场处）\n  sentences:\n{items}")


def test_complete_when_nothing_is_left() -> None:
    coverage = covered(UPGRADE, REVIVE, clauses=reasoned("优化政策, 这是小标题"))
    rows = {row.unit.text[:2]: row for row in coverage.sentences}
    assert coverage.complete and coverage.uncovered == coverage.unquoted == ()
    assert rows["优化"].status == "explained" and rows["优化"].reasons == ("这是小标题",)
    assert not covered(UPGRADE, REVIVE, clauses=LED).complete, "one sentence is quoted by nobody"


def test_a_sentence_is_encoded_by_what_quotes_it_not_by_what_cites_its_clause() -> None:
    def states(*origins: Origin, clauses: str = CLAUSES) -> list[str]:
        return [row.status for row in covered(*origins, clauses=clauses).sentences if row.clauses[:1] == ("X-1",)]

    assert states(UPGRADE) == ["encoded", "encoded"]
    assert states(origin("升级类", ("X-1", "加快补链"))) == ["unquoted", "encoded"]
    assert states(origin("升级类", ("X-1", ""))) == ["unquoted", "unquoted"]
    assert states() == ["uncovered", "uncovered"]
    # The whole clause decides nothing: its reason stands, whoever cites it.
    undecided = CLAUSES.replace("  decides: true\n  starts: 对资", "  decides: false\n  reason: 理由\n  starts: 对资")
    assert states(origin("升级类", ("X-1", "加快补链")), clauses=undecided) == ["explained", "encoded"]


def test_a_quote_of_a_stopped_declaration_encodes_nothing() -> None:
    by = origin("停用升级类", ("X-2", "优化政策"), line=40)
    subject = policy(REVIVE, by, stopped=[Stopped("升级类", UPGRADE, by, False)])
    rows = source_coverage(Source("意见.txt", TEXT), subject).sentences
    assert [row.status for row in rows if row.clauses == ("X-1",)] == ["unquoted", "unquoted"]


def test_of_a_sentence_that_clauses_share_each_part_is_judged() -> None:
    text = "各县要逐村摸排，适时调整，务求实效。\n"
    clauses = """\
clauses:
- {id: X-1, place: 一, summary: 摸排, kind: scope, decides: true, starts: 各县, ends: 摸排，}
- {id: X-2, place: 二, summary: 调整, kind: ledger, decides: true, starts: 适时, ends: 实效。}
"""
    first, second = origin("甲", ("X-1", "逐村摸排")), origin("乙", ("X-2", ""), line=20)
    assert covered(first, second, text=text, clauses=clauses).sentences[0].status == "unquoted"
    assert covered(first, text=text, clauses=clauses).sentences[0].status == "uncovered"
    given = clauses.replace("ends: 实效。", "ends: 实效。, sentences: [{words: 务求, reason: 目标}]")
    row = covered(first, second, text=text, clauses=given).sentences[0]
    assert row.status == "encoded" and row.reasons == ("目标",) and row.rest == ("各县要", "，适时调整，务求实效。")
    assert (row.quoted_characters, row.characters) == (4, 15)


def test_offices_are_encoded_where_the_table_registers_all_of_them() -> None:
    def offices(registered: str, text: str = TEXT) -> tuple[str, tuple[str, ...]]:
        clauses = CLAUSES.replace("offices: [产业处, 市场处]", f"offices: [{registered}]")
        row = next(
            row for row in covered(UPGRADE, REVIVE, text=text, clauses=clauses).sentences if "责任" in row.unit.text
        )
        return row.status, row.rest

    assert offices("产业处, 市场处") == ("encoded", ("（责任单位：",))
    assert offices("产业处") == ("unquoted", ())
    assert offices("") == ("unquoted", ())
    more = TEXT.replace("市场处）", "市场处。以下均由各处落实，不再列出，市场处）")
    assert offices("产业处, 市场处", more)[0] == "encoded"


def test_a_heading_over_a_clause_is_structure_but_a_provision_in_its_shape_is_not() -> None:
    text = "一、要求\n（一）升级一批。甲要乙。\n（二）严禁挪用。\n"
    clauses = """\
clauses:
- {id: X-1, place: 一, summary: 升级, kind: scope, decides: true, starts: （一）升级, ends: 甲要乙。}
- {id: X-2, place: 二, summary: 挪用, kind: prohibition, decides: true, starts: （二）严禁, ends: 挪用。}
"""
    coverage = covered(origin("甲", ("X-1", "甲要乙")), origin("乙", ("X-2", ""), line=20), text=text, clauses=clauses)
    assert [(row.unit.kind, row.status) for row in coverage.sentences] == [
        ("chapter", "structure"),
        ("article", "structure"),
        ("sentence", "encoded"),
        ("sentence", "unquoted"),
    ]
    # Nor is it one where the clause table leaves it out.
    left_out = "".join(line for line in clauses.splitlines(keepends=True) if "X-2" not in line)
    coverage = covered(origin("甲", ("X-1", "甲要乙")), text=text, clauses=left_out)
    assert [row.status for row in coverage.sentences] == ["structure", "structure", "encoded", "uncovered"]


@pytest.mark.parametrize(
    ("entries", "code", "line", "says"),
    [
        (["全然无关, 理由"], "E448", 21, "没有这句话"),
        (["加快补链, 理由"], "E448", 21, "没有这句话"),
        (["*, 理由"], "E448", 21, "没有这句话"),
        (["优化政策。对停, 理由"], "E448", 21, "跨了几句"),
        (["处, 理由"], "E448", 21, "几处"),
        (["优化, 理由", "政策, 又一条"], "E449", 22, "两条理由"),
        (["优化政策, 理由", "停产闲置, 其实引了"], "W448", 22, "规则 盘活类 却引了它的话"),
    ],
)
def test_reasons_that_fit_no_sentence(entries: list[str], code: str, line: int, says: str) -> None:
    entries = [f'"*", {entry[3:]}' if entry.startswith("*") else entry for entry in entries]
    coverage = covered(UPGRADE, REVIVE, clauses=reasoned(*entries))
    found = [one for one in coverage.diagnostics if one.code != "W447"]
    assert [(one.code, one.file, one.line) for one in found] == [(code, "x/clauses.yaml", line)]
    assert says in found[0].message and found[0].remedy
    assert coverage.complete is (code == "W448")


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
    (found,) = (one for one in covered(UPGRADE, REVIVE).diagnostics if one.code == "W447")
    assert found.remedy == "定稿以后运行 policyrules coverage x --source 意见.txt --write-hashes"
    assert found.message == "3 条没有登记文本指纹，原文改动不会察觉" and found.line == 2


# ---- as text, data and page -----------------------------------------------------------------------------------------


def test_reports_are_plain_and_the_same_each_time() -> None:
    coverage = covered(UPGRADE, REVIVE)
    clauses = clause_coverage(policy(UPGRADE, REVIVE))
    data = json.loads(json.dumps(coverage.to_dict()))
    assert (data["encoded"], data["unquoted"], data["uncovered"], data["complete"]) == (4, 1, 1, False)
    assert data["sentences"][9]["quoted_characters"] == data["sentences"][9]["characters"] == 14
    assert (data["quoted_characters"], data["characters"]) == (38, 55)
    assert json.loads(json.dumps(clauses.to_dict()))["layers"][0]["explained"] == 1
    assert render_text(coverage).splitlines()[:8] == [
        "某厅关于帮扶产业的意见（X）",
        "原文 意见.txt：共 7 句，已编码 4，未引原话 1，已说明 1，未覆盖 1",
        "除已说明的以外共 55 字，规则引到 38 字（69%）",
        "  第 13 行 [未引原话] 优化政策。",
        "      【一（二）·盘活】有声明引用",
        "  第 17 行 [未覆盖] 加强领导。",
        "      【二·领导】未覆盖",
        "需要处理的问题 1 个：",
    ]
    everything = render_text(coverage, everything=True)
    assert "规则 盘活类（x/分类.rules:20:1）" in everything
    assert "没有引到的话：支持“补短板”\n" in everything
    first = render_text(clauses).splitlines()[0]
    assert first == "某厅关于帮扶产业的意见（X）：共 4 条，有声明引用 2，已说明 1，未覆盖 1"
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


def test_the_page_tells_quoted_sentences_from_cited_ones() -> None:
    reader, page = read_page(covered(UPGRADE, REVIVE, clauses=reasoned("优化政策, 这是小标题")))
    assert "这一句不产出结论：这是小标题" in reader.words
    reader, page = read_page(covered(UPGRADE, REVIVE))
    assert "未引原话" in reader.words and "未引原话 1" in reader.words and "已编码 73%" in reader.words
    assert page.count('data-filter="unquoted"') == 3, "a button, and the style of what it leaves"
    assert ".unit.unquoted" in page and "dashed" in page


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    coverage = covered(UPGRADE, REVIVE, text=text)
    read_page(coverage)
    render_text(coverage, everything=True)
    coverage.to_dict()

"""A clause table drafted from an official text: nothing of the text is left out, and the table is sound as it stands."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from tests.analysis.word_files import NUMBERED, document, paragraph

from policyrules.analysis.clause_places import locate_clauses
from policyrules.analysis.drafting import Draft, draft_clauses
from policyrules.cli import run
from policyrules.diagnostics import Diagnostic
from policyrules.program.files import read_layer
from policyrules.program.quotes import normalise_located
from policyrules.source import Source

ARTICLES = """\
青山县衔接资金使用管理办法
青农发〔2025〕7号

各乡镇人民政府：
    为了管好资金，现将办法印发给你们，请遵照执行。

第一章　总则
第一条　为规范衔接资金使用，提高效益，制定本办法。
第二条　本办法适用于本县范围内的项目。
第二章　使用
第三条　资金用于产业的比例不低于55%。其中：
（一）用于种植业的，不低于10%；
（二）用于养殖业的，不低于10%。
第四条　不得用于下列支出：单位基本支出；偿还债务。
第三章　附则
第五条　本办法自2025年5月1日起施行。

青山县农业农村局
2025年4月1日
"""
SECTIONS = """\
关于推进产业的意见

各县：
为了落实要求，提出以下意见。
一、总体要求
坚持因地制宜，分类推进。
二、分类推进
各县要摸清底数。
（一）巩固类。对效益好的，列为巩固类。
（责任单位：产业处）
（二）升级类。对链条不完整的，列为升级类。
三、工作保障
（三）加强领导。各县要落实责任。

某厅
"""


def draft(text: str) -> Draft:
    return draft_clauses(Source("原文.txt", text))


def test_articles() -> None:
    found = draft(ARTICLES)
    assert [(one.number, one.place, one.summary) for one in found.clauses] == [
        ("0", "引言", "为了管好资金"),
        ("1", "第一条", "为规范衔接资金使用"),
        ("2", "第二条", "本办法适用于本县范围内的项目"),
        ("3", "第三条", "资金用于产业的比例不低于55%"),
        ("4", "第四条", "不得用于下列支出"),
        ("5", "第五条", "本办法自2025年5月1日起施行"),
    ]
    assert (found.clauses[3].starts, found.clauses[3].ends) == ("第三条 资金用于产", "，不低于10%。")


def test_the_head_and_foot() -> None:
    found = draft(ARTICLES)
    assert (found.title, found.document_number) == ("青山县衔接资金使用管理办法", "青农发〔2025〕7号")
    assert (str(found.issued), str(found.in_force_from)) == ("2025-04-01", "2025-05-01")
    plain = draft(SECTIONS)
    assert (plain.title, plain.document_number, plain.issued, plain.in_force_from) == (
        "关于推进产业的意见",
        "",
        None,
        None,
    )


def test_sections() -> None:
    assert [(one.number, one.place, one.summary) for one in draft(SECTIONS).clauses] == [
        ("0", "引言", "为了落实要求"),
        ("1", "一", "总体要求"),
        ("2", "二·引言", "分类推进"),
        ("2-1", "二·（一）", "巩固类"),
        ("2-2", "二·（二）", "升级类"),
        ("3-3", "三·（三）", "加强领导"),
    ]


def test_lists_of_offices_are_registered() -> None:
    by_place = {one.place: one.offices for one in draft(SECTIONS).clauses}
    assert by_place == {"引言": (), "一": (), "二·引言": (), "二·（一）": ("产业处",), "二·（二）": (), "三·（三）": ()}


def test_articles_that_count_anew_in_each_chapter_are_told_apart() -> None:
    text = "第一章　甲\n第一条　种植。\n第二章　乙\n第一条　养殖。\n第二条　加工。\n"
    assert [(one.number, one.place) for one in draft(text).clauses] == [
        ("1", "第一章·第一条"),
        ("1-2", "第二章·第一条"),
        ("2", "第二条"),
    ]


def test_a_text_without_headings_has_a_clause_a_paragraph() -> None:
    assert [(one.place, one.summary) for one in draft("各县：\n要种好。也要养好。\n还要卖好。\n").clauses] == [
        ("第1段", "要种好"),
        ("第2段", "还要卖好"),
    ]


def test_words_that_come_again_are_told_apart_by_more_of_them() -> None:
    text = "第一条　甲项目应当每年评估一次，结果报县里。\n第二条　甲项目应当每年评估一次，结果报省里。\n"
    text = text.replace("第一条", "（一）").replace("第二条", "（二）")
    found = draft(f"一、要求\n{text}")
    assert len({one.starts for one in found.clauses}) == 2


@pytest.mark.parametrize(
    "text", [ARTICLES, SECTIONS, ARTICLES.replace("\n", "\r\n"), SECTIONS.replace("（", "(").replace("）", ")")]
)
@pytest.mark.parametrize("suffix", ["txt", "docx"])
def test_the_drafted_layer_loads_and_covers_its_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"原文.{suffix}"
    data = text.encode() if suffix == "txt" else document(*map(paragraph, text.splitlines()))
    Path(name).write_bytes(data)
    assert run(["new-layer", "青山", "--source", name, "--id", "QS", "--region", "青山县"]) == 0
    capsys.readouterr()
    assert run(["check", "青山", "--json"]) == 0
    (layer,) = json.loads(capsys.readouterr().out)["layers"]
    assert [one["code"] for one in layer["diagnostics"]] == ["W465"]
    assert run(["coverage", "青山", "--source", name, "--json"]) == 1
    (covered,) = json.loads(capsys.readouterr().out)["sources"]
    assert covered["diagnostics"] == []
    assert all(one["clauses"] for one in covered["sentences"] if one["status"] != "structure")


def test_every_sentence_lies_in_one_clause(tmp_path: Path) -> None:
    for text in (ARTICLES, SECTIONS):
        (tmp_path / "原文.txt").write_text(text, encoding="utf-8")
        assert run(["new-layer", str(tmp_path / "层"), "--source", str(tmp_path / "原文.txt")]) == 0
        layer, problems = read_layer(tmp_path / "层")
        assert layer is not None and [one.code for one in problems] == ["W465"]
        found: list[Diagnostic] = []
        stretches = locate_clauses(layer.clauses, normalise_located(text), found, "原文.txt")
        assert found == [] and len(stretches) == len(layer.clauses.clauses)
        by_place = {clause.place: clause.offices for clause in layer.clauses.clauses}
        assert by_place.get("二·（一）", ("产业处",)) == ("产业处",)
        for path in (tmp_path / "层").iterdir():
            path.unlink()


def test_numbers_that_word_makes_open_clauses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = document(paragraph("某办法"), paragraph("甲。", number=5), paragraph("乙。", number=5), numbering=NUMBERED)
    Path("原文.docx").write_bytes(data)
    assert run(["new-layer", "层", "--source", "原文.docx"]) == 0
    assert "Word 自动编的号 2 处" in capsys.readouterr().err
    layer, _ = read_layer("层")
    assert layer is not None and [clause.place for clause in layer.clauses.clauses] == ["第一条", "第二条"]


def test_what_the_text_says_of_itself_stands_in_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "原文.txt").write_text(ARTICLES, encoding="utf-8")
    folder = tmp_path / "层"
    assert run(["new-layer", str(folder), "--source", str(tmp_path / "原文.txt"), "--region", "青山县"]) == 0
    layer, _ = read_layer(folder)
    assert layer is not None
    manifest = layer.manifest
    assert all(clause.offices == () for clause in layer.clauses.clauses)
    assert (manifest.title, manifest.document_number, manifest.level) == (
        "青山县衔接资金使用管理办法",
        "青农发〔2025〕7号",
        "县",
    )
    assert (str(manifest.issued), str(manifest.in_force_from), manifest.assumed) == ("2025-04-01", "2025-05-01", ())


def test_a_text_without_a_body_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "原文.txt").write_text("某办法\n", encoding="utf-8")
    assert run(["new-layer", str(tmp_path / "层"), "--source", str(tmp_path / "原文.txt")]) == 2
    assert not (tmp_path / "层").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [("第一条", "第二条"), ("第1条", "第2条"), ("（一）", "（二）"), ("第一百零八条", "第一百零九条")],
)
def test_a_heading_on_a_line_of_its_own_belongs_to_the_body(first: str, second: str) -> None:
    gap = "" if first[0] == "（" else "　"
    draft = draft_clauses(
        Source("a.txt", f"某办法\n{first}{gap}目的\n为了发展，制定本办法。\n{second}{gap}施行\n某局\n2025年1月1日\n")
    )
    assert draft.title == "某办法" and draft.issued is not None
    assert [(one.place, one.ends) for one in draft.clauses] == [
        (first, "展，制定本办法。"),
        (second, f"{second} 施行" if second[0] == "第" else "（二）施行"),
    ]


@pytest.mark.parametrize("blank", ["\xa0\xa0\xa0\xa0", "\u2003\u2003", "\u3000\u3000", "\t"])
def test_blanks_of_any_kind_stand_before_a_clause(blank: str) -> None:
    draft = draft_clauses(Source("a.txt", f"某办法\n{blank}第一条　为了发展。\n{blank}第二条　适用于本县。\n某局\n"))
    assert [one.place for one in draft.clauses] == ["第一条", "第二条"]


def test_a_title_that_speaks_of_an_article_stays_a_title() -> None:
    draft = draft_clauses(Source("a.txt", "关于执行《办法》第三条的通知\n（试行）\n各乡镇：\n第一条　本县适用。\n"))
    assert draft.title == "关于执行《办法》第三条的通知" and [one.place for one in draft.clauses] == ["第一条"]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["第一条　" + "啊" * 60_000 + "。"] * 3),
        "第一条　" + "甲；" * 60_000,
        "第一条　甲。（责任单位：" + "甲、" * 60_000 + "）",
        "第一条　甲。（责任单位：" + "局（" * 60_000 + "）",
        "第一条　为了发展。\n" * 12_000,
    ],
)
def test_a_text_that_repeats_itself_is_soon_drafted(text: str) -> None:
    before = time.process_time()
    assert draft_clauses(Source("a.txt", text)).clauses
    # Where each length of the words that tell a clause apart was tried, or each name looked for anew, it was minutes.
    assert time.process_time() - before < 10


def test_the_words_that_tell_clauses_apart_are_the_shortest() -> None:
    text = "第一条　同样的话甲乙丙丁戊己庚辛一。\n第二条　同样的话甲乙丙丁戊己庚辛一二。\n第二条　同样的话甲乙丙丁戊己庚辛一三。\n"
    _, second, third = draft_clauses(Source("a.txt", text)).clauses
    assert (second.starts, third.starts) == (
        "第二条 同样的话甲乙丙丁戊己庚辛一二",
        "第二条 同样的话甲乙丙丁戊己庚辛一三",
    )

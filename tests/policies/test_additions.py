"""What the province adds is absent from the national document, or the table says what is added to it.

The full text is not part of the project; where it is absent, the tests that need it skip.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tools import additions
from tools.additions import Table, check, read_table, shared_phrases
from tools.differences_page import AS_OF, ROOT

import policyrules as pr
from policyrules.analysis.differences import Differences, differences
from policyrules.analysis.sentence_coverage import SourceCoverage, source_coverage
from policyrules.source import Source

TEXT = ROOT.parent / "shared" / "sources" / "national.txt"


@pytest.fixture(scope="module")
def found() -> Differences:
    return differences(pr.load(ROOT / "policies" / "jiangxi", as_of=AS_OF))


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table(additions.TABLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def national() -> SourceCoverage:
    if not TEXT.is_file():
        pytest.skip("the official text national.txt is not beside the project")
    source = Source(TEXT.name, TEXT.read_text(encoding="utf-8"))
    return source_coverage(source, pr.load(ROOT / "policies" / "national", as_of=AS_OF), "CN")


def test_each_addition_has_its_entry(table: Table, found: Differences) -> None:
    assert check(table, found, None) == []
    assert len(additions.additions(found)) == sum(len(entry.names) for entry in table.entries)


def test_no_addition_stands_in_the_national_text(table: Table, found: Differences, national: SourceCoverage) -> None:
    assert check(table, found, national) == []


def changed(table: Table, name: str, **changes: object) -> Table:
    """The table with another entry of ``name``."""
    entries = tuple(replace(entry, **changes) if name in entry.names else entry for entry in table.entries)
    assert entries != table.entries
    return replace(table, entries=entries)


def test_an_addition_without_entry_and_an_entry_without_addition_are_refused(table: Table, found: Differences) -> None:
    assert check(changed(table, "三级台账齐备", names=("三级台账",)), found, None) == [
        "三级台账齐备：只有江西有，additions.yaml 里没有写",
        "三级台账：不是江西新增的声明，从 additions.yaml 里去掉",
        "三级台账：“县乡村分级建立“四个一批”台账”不在它的引文里",
    ]
    assert "三级台账齐备：写了不止一次" in check(replace(table, entries=table.entries * 2), found, None)
    assert "三级台账齐备：“无此话”不在它的引文里" in check(
        changed(table, "三级台账齐备", absent=("无此话",)), found, None
    )


def test_the_form_of_an_entry() -> None:
    (one, two) = read_table("新增: [{声明: [甲]}, {声明: [乙], 国家也有: [丙], 多出: 丁}]").problems[:2]
    assert one == "甲：要么写国家没有哪些话，要么写国家也有哪句话" and two.startswith("乙：不认识“多出”")
    assert "写明江西的不同" in read_table("新增: [{声明: [乙], 国家也有: [丙]}]").problems[0]
    assert "写明国家的原话" in read_table("新增: [{声明: [乙], 国家没有: [丙], 不同: 丁}]").problems[0]


def test_words_are_held_against_the_text(table: Table, found: Differences, national: SourceCoverage) -> None:
    def problems(name: str, **changes: object) -> list[str]:
        return check(changed(table, name, **changes), found, national)

    assert problems("反向约束", absent=("项目暂缓新增入库", "项目")) == [
        "反向约束、反向约束与补短板、类型统计核对、类型统计重复：国家的文件里有“项目”"
    ]
    assert "路径一资金周转：国家的文件里没有“资金周转不灵”" in problems("路径一资金周转", national=("资金周转不灵",))
    assert problems("民宿培训", shared=()) == ["民宿培训：“乡村民宿”国家的文件里也有，没有说明"]
    assert problems("反向约束", shared=("反向约束",)) == [
        "反向约束、反向约束与补短板、类型统计核对、类型统计重复：“反向约束”不是与国家的文件相同的话，不必写"
    ]


def test_a_sentence_that_the_national_rules_leave_out_is_no_ground(
    table: Table, found: Differences, national: SourceCoverage
) -> None:
    words = "充分发挥国家和省级现代农业产业技术体系作用，提供全程全产业链技术服务"
    rows = tuple(
        replace(row, status="unquoted", marks=()) if words in row.unit.text else row for row in national.sentences
    )
    assert rows != national.sentences
    assert check(table, found, replace(national, sentences=rows)) == [
        f"一对一技术服务到县：国家的文件里有“{words}”，国家的规则却没有引到，也没有写理由"
    ]


def test_shared_phrases_are_the_longest_ones() -> None:
    assert list(shared_phrases("甲乙丙丁戊，己庚辛壬", "乙丙丁戊己庚辛壬甲乙丙丁")) == [
        "甲乙丙丁",
        "乙丙丁戊",
        "己庚辛壬",
    ]
    assert list(shared_phrases("甲乙丙，丁", "甲乙丙，丁")) == []


def test_the_table_is_checked_beside_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tools import differences_page

    text = tmp_path / "国家.txt"
    text.write_text("对暂时经营困难的，严禁借资产调整名义处置。\n", encoding="utf-8")
    assert differences_page.main(["--check", "--national", str(text)]) == 1
    assert (
        "借名处置、虚假交易、整体虚假交易、无需处置而拟处置、本省施行前无需处置而处置、"
        "本省施行前交易虚假、本省施行前整体交易虚假：国家的文件里有“严禁借资产调整名义”" in capsys.readouterr().err
    )

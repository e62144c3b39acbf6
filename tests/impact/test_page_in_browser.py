"""The page of an impact in a browser: it sorts, filters, explains, prints, and fits a phone, with nothing to complain of."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.impact import browser, sample

from policyrules.report.impact_page import impact_page

pytestmark = pytest.mark.skipif(not browser.CHROMIUM.exists(), reason="没有装 Debian 的 chromium，网页没有在浏览器里试")

HELPERS = """
const one = (s, at = document) => at.querySelector(s), all = (s, at = document) => [...at.querySelectorAll(s)];
const shown = () => all('#rows tbody tr').filter((row) => !row.hidden && row.className !== 'open');
const names = () => shown().map((row) => row.cells[0].textContent + ' ' + row.cells[5].textContent);
const click = (at) => at.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
const heads = all('#rows th'), head = (text) => heads.find((at) => at.textContent.startsWith(text));
const change = (at, value, kind) => { at.value = value; at.dispatchEvent(new Event(kind, {bubbles: true})); };
const column = (at) => shown().map((row) => row.cells[at.cellIndex].textContent.trim());
"""

USED = """
const told = {};
told.seen = all('section h2').map((at) => at.getBoundingClientRect().height > 0);
told.pictures = all('.pic svg').map((at) => at.getBoundingClientRect()).filter((at) => at.height > 20 && at.width > 200).length;
told.all = names();
click(head('资金')); told.down = column(head('资金'));
click(head('资金')); told.up = column(head('资金'));
told.sorted = head('资金').getAttribute('aria-sort');
click(head('编号')); told.names = column(head('编号'));
change(one('#search'), '乙镇', 'input'); told.searched = names();
change(one('#search'), '', 'input');
change(one('#decision'), one('#decision').options[2].value, 'change'); told.decided = names();
click(one('#all')); told.again = names().length;
click(one('#s2 svg a')); told.flow = names(); told.said = one('#shown').textContent;
click(one('#s4 svg a')); told.bar = names();
click(one('#s6 table a')); told.place = names();
click(one('#s1 table tbody tr td a')); told.decision = names(); told.named = one('#shown').textContent;
click(all('#s1 table tbody tr')[0].cells[2].firstElementChild); told.gained = names();
click(one('#s6 table a'));
click(one('#csv')); told.csv = one('#csv').getAttribute('href');
click(one('#all'));
const row = shown().find((at) => at.textContent.includes('共同')), why = one('a', row);
click(why); told.why = row.nextElementSibling.innerText; told.colspan = row.nextElementSibling.cells[0].colSpan;
told.ids = all('[id]').length === new Set(all('[id]').map((at) => at.id)).size;
click(why); told.closed = row.nextElementSibling === null || row.nextElementSibling.className !== 'open';
const slide = one('.slide'), input = one('input', slide);
told.slide = one('output', slide).textContent;
change(input, 3, 'input'); told.moved = one('output', slide).textContent;
told.marked = all('.sweep tr.on').map((at) => at.cells[0].textContent.trim());
told.band = all('#w0 .hit.on').map((at) => at.dataset.i);
const money = () => all('#s6 table')[0].tHead.textContent, hidden = () => all('#s6 td, #s6 th').filter((at) => at.hidden).length;
told.money = all('#s6 table:first-of-type th').filter((at) => !at.hidden).map((at) => at.textContent).slice(5, 7);
change(one('#money'), 1, 'change');
told.other = all('#s6 table:first-of-type th').filter((at) => !at.hidden).map((at) => at.textContent).slice(5, 7);
const closed = () => all('details:not([open])').length;
told.details = [closed()];
dispatchEvent(new Event('beforeprint')); told.details.push(closed());
dispatchEvent(new Event('afterprint')); told.details.push(closed());
told.key = (() => { const at = head('名称'); at.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); return at.getAttribute('aria-sort'); })();
return told;
"""

FITS = """
all('details').forEach((at) => { at.open = true; });
const link = one('#rows a'); if (link) click(link);
return {inner: innerWidth, wide: document.documentElement.scrollWidth, body: document.body.scrollWidth,
  out: all('main *').filter((at) => at.getBoundingClientRect().right > innerWidth + 1 && !at.closest('.box'))
    .map((at) => at.tagName + ' ' + at.textContent.slice(0, 40)).slice(0, 5)};
"""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("used")
    told = browser.told(folder, impact_page(sample.IMPACT), HELPERS + USED)
    assert told.complaints == ()
    return told.found


def test_it_renders(used: Any) -> None:
    assert used["seen"] == [True] * 14
    assert used["pictures"] >= 12
    assert used["all"] == ["P1 分类", "P2 分类", "P3 分类", "P4 分类", "P1 去向"]


def test_it_sorts_numbers_as_numbers_and_blanks_last(used: Any) -> None:
    assert used["down"] == ["1,234.5", "300", "100.25", "未填", "未填"]
    assert used["up"] == ["未填", "未填", "100.25", "300", "1,234.5"]
    assert used["sorted"] == "ascending"
    assert used["names"] == ["P1", "P1", "P2", "P3", "P4"]
    assert used["key"] == "ascending"


def test_it_filters_by_text_decision_flow_provision_and_place(used: Any) -> None:
    assert used["searched"] == ["P3 分类"]
    assert used["decided"] == ["P1 去向"]
    assert used["again"] == 5
    (flow,) = used["flow"]
    assert "只看“" in used["said"] and "：1 行" in used["said"] and flow in used["all"]
    # The first act has a part in the causes of P1, P3 and the asset of P1; 甲乡 has P1 and P2 in 分类.
    assert sorted(used["bar"]) == ["P1 分类", "P1 去向", "P3 分类"]
    assert sorted(used["place"]) == ["P1 分类", "P2 分类"]
    # Cells of a table lead by their row and their column: all that differs in 分类, and who gained in it (P4).
    assert sorted(used["decision"]) == ["P1 分类", "P2 分类", "P3 分类", "P4 分类"]
    assert "只看“分类”：4 行" in used["named"] and used["gained"] == ["P4 分类"]


def test_it_explains_with_the_words_of_both_sides(used: Any) -> None:
    told = used["why"]
    assert "【二（1）】 和 3 某省 推定“按户数认定”【二（3）】 共同引起" in told
    assert re.search(r"原来\s*当 链条 为 不完整\s*现在\s*当 链条 为 不完整\s+且 带动脱贫户 ≥ 10 户", told)
    assert "甲文〔2025〕1号【二（1）】“第1条的原话”" in told and "甲文〔2025〕1号【二（3）】“第3条的原话”" in told
    assert "盘活先于升级" not in told
    assert used["colspan"] == 13 and used["ids"] and used["closed"]


def test_the_slider_tells_every_stretch(used: Any) -> None:
    assert used["slide"] == "取 9 至 12 户：分类 确定 2 个，至多 3 个。"
    assert used["moved"] == "取 13 户以上：分类 确定 3 个，至多 4 个。比拟定多 1 个：P2。"
    assert used["marked"] == ["13 户以上", "是"] and used["band"] == ["3", "3"]


def test_money_is_chosen_and_details_open_for_print(used: Any) -> None:
    assert used["money"] == ["资金.金额，确定（万元）", "资金.金额，待定（万元）"]
    assert used["other"] == ["计划总投资，确定（万元）", "计划总投资，待定（万元）"]
    before, during, after = used["details"]
    assert before > 0 and during == 0 and after == before


def rows(address: str) -> list[list[str]]:
    head, _, body = address.partition(",")
    assert head == "data:text/csv;charset=utf-8"
    text = unquote(body)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_the_list_is_taken_along_as_it_is_filtered(used: Any) -> None:
    table = rows(used["csv"])
    assert [row[0] for row in table] == ["编号", "P1", "P2"]
    assert table[1][3:8] == ["甲乡", "加工厂", "分类", "升级", "无"]
    assert table[1][10:] == ["1234.5", "1300", "8"] and table[2][11] == "未填"


def test_formulas_are_harmless_and_hostile_texts_are_texts(tmp_path: Path) -> None:
    poison = "<img src=x onerror=\"document.title='!'\"></script><script>document.title='!'</script>"
    bad = ("=1+1", "@SUM(A1)", "-2+3", "+4", '"; =1', "\t=1")
    records = tuple(
        replace(record, identity=one, name=one, groups={**record.groups, "乡镇": one})
        for record, one in zip(sample.RECORDS, bad, strict=False)
    )
    impact = sample.poisoned(replace(sample.IMPACT, records=records), "")
    impact = replace(impact, about=replace(impact.about, title=poison), acts=sample.poisoned(impact, poison).acts)
    script = (
        "click(one('#csv')); const link = one('#rows a'); click(link);"
        "return {csv: one('#csv').getAttribute('href'), title: document.title, images: all('img').length};"
    )
    told = browser.told(tmp_path, impact_page(impact), HELPERS + script)
    assert told.complaints == ()
    assert told.found["images"] == 0 and told.found["title"] == poison[:120]
    table = rows(told.found["csv"])
    assert [row[0] for row in table[1:]] == ["'=1+1", "'@SUM(A1)", "'-2+3", "'+4", "'=1+1"]
    assert {row[3] for row in table[1:]} == {"'=1+1", "'@SUM(A1)", "'-2+3", "'+4"}


@pytest.mark.parametrize("poison", ["", "x" * 300, "长" * 300, " \u0645\u0631\u062d\u0628\u0627"])
def test_a_phone_shows_it_without_sideways_scrolling(tmp_path: Path, poison: str) -> None:
    page = impact_page(sample.poisoned(sample.IMPACT, poison))
    told = browser.told(tmp_path, page, HELPERS + FITS, width=390)
    assert told.complaints == ()
    assert told.found["inner"] == 390
    assert told.found["out"] == []
    assert told.found["wide"] <= 390 and told.found["body"] <= 390


@pytest.mark.skipif(not browser.POPPLER, reason="没有装 poppler-utils，打印没有试")
@pytest.mark.parametrize("scripts", [True, False])
def test_it_prints_on_a4_with_the_first_section_whole(tmp_path: Path, scripts: bool) -> None:
    path = browser.printed(tmp_path, impact_page(sample.IMPACT), scripts=scripts)
    assert browser.sizes(path) == {(210, 297)}
    pages = browser.sheets(path)
    first = pages[0]
    for told in (
        "一、结论",
        "分类：5 个项目里 4 个有变化。",
        "补助（金额）",
        "要定的事",
        "没有找到引起它的条文",
        "本报告只按台账推算，不作认定。",
    ):
        assert "".join(told.split()) in first
    # At the foot of every sheet.
    foot = "虚构数据本报告只按台账推算，不作认定"
    assert all(page.startswith(f"{number}/{len(pages)}{foot}") for number, page in enumerate(pages, 1))
    whole = "".join(pages)
    # What is closed on the screen is open, what is used is not there.
    assert "有它就足够" in whole and "没有用处的参数" in whole
    assert not any(told in whole for told in ("下载名单", "不再筛选", "移动取值", "金额看", "看这些"))


@pytest.mark.skipif(not browser.POPPLER, reason="没有装 poppler-utils，打印没有试")
def test_nothing_is_so_wide_that_the_print_is_shrunk(tmp_path: Path) -> None:
    usual = browser.height(browser.printed(tmp_path, impact_page(sample.UNCHANGED)), "升级类另须")
    every = tuple(range(200))
    impact = sample.poisoned(
        replace(
            sample.many(200),
            blanks=(replace(sample.IMPACT.blanks[0], records=every),),
            findings=(replace(sample.IMPACT.findings[0], records=every),),
        ),
        "x" * 60,
    )
    impact = replace(impact, about=replace(impact.about, title=sample.ABOUT.title))
    assert browser.height(browser.printed(tmp_path, impact_page(impact)), "升级类另须") == pytest.approx(
        usual, rel=0.01
    )


@pytest.mark.skipif(not browser.POPPLER, reason="没有装 poppler-utils，打印没有试")
def test_heads_of_a_long_list_are_repeated(tmp_path: Path) -> None:
    pages = browser.sheets(browser.printed(tmp_path, impact_page(sample.many(120))))
    listed = [page for page in pages if "P0" in page and "甲乡加工厂项目" in page]
    assert len(listed) >= 3
    assert all("编号名称" in page for page in listed)

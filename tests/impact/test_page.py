"""The page of an impact, read back: what stands in it, that nothing gets out of its place, and that it says where its ends are.

The numbers that are expected here are worked from the five records of `sample`, not from the page.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.impact import sample
from tests.impact.markup import Element, Page, rows

from policyrules.report.impact_headline import headline
from policyrules.report.impact_page import LISTED, impact_page
from policyrules.report.impact_page.alluvial import Band, alluvial, gathered
from policyrules.report.impact_page.figures import apart
from policyrules.report.impact_page.svg import inks
from policyrules.report.impact_page.thresholds import edges, ticks
from policyrules.report.impact_sheets import impact_sheets
from policyrules.report.impact_text import impact_lines
from policyrules.report.layout import plain
from policyrules.text import printable
from policyrules.variation import model
from policyrules.variation.model import Bounds, Impact, Sweep

POISONS = {
    "script": "<script>alert(1)</script>",
    "attribute": '"\' onload=alert(1) x="',
    "entity": "&lt;b&gt;&#60;",
    "comment": "--><!--]]>",
    "direction": "\u202eabc\u2066\u200f",
    "control": "\x00\x07\x1b[2J\x7f\x85",
    "lines": "\r\n\n\u2028\u2029",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "surrogate": "\ud800",
    "formula": "=1+1",
    "long": "长" * 5000,
    "unbroken": "x" * 5000,
    "template": "{0}{root}%s${x}",
}
VARIETIES = {
    "whole": sample.IMPACT,
    "unchanged": sample.UNCHANGED,
    "empty": sample.EMPTY,
    "only amounts": sample.without_decisions(),
    "no acts": replace(sample.UNCHANGED, acts=()),
    "no measures": replace(sample.UNCHANGED, about=replace(sample.ABOUT, by=(), measures=())),
    **{f"poison {name}": sample.poisoned(sample.IMPACT, poison) for name, poison in POISONS.items()},
}
TITLES = (
    "一、结论",
    "二、类别怎样流动",
    "三、改了什么",
    "四、由哪一条引起",
    "五、门槛定在几，影响多大",
    "六、哪些乡镇、多少钱",
    "七、谁得谁失",
    "八、还定不下来的",
    "九、几时会变",
    "十、换一种读法、别的方案",
    "十一、差一点的",
    "十二、连带影响",
    "十三、项目名单",
    "十四、依据和做法",
)


@cache
def written(name: str) -> str:
    return impact_page(VARIETIES[name])


@cache
def page(name: str = "whole") -> Element:
    return Page(written(name)).root


def section(number: int, name: str = "whole") -> Element:
    (found,) = page(name).all("section", id=f"s{number}")
    return found


# ---- as a document ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIETIES)
def test_elements_nest_and_names_are_used_once(name: str) -> None:
    root = page(name)
    ids = [one.attributes["id"] for one in root.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for link in root.all("a"):
        href = link.attributes["href"]
        assert href is not None and href.startswith("#")
        if href != "#list":
            assert href[1:] in ids
    assert ("list" in ids) == ("rows" in ids)


@pytest.mark.parametrize("name", VARIETIES)
def test_every_picture_is_well_formed_and_every_mark_has_a_title(name: str) -> None:
    for picture in re.findall(r"<svg.*?</svg>", written(name), re.DOTALL):
        root = ElementTree.fromstring(picture)
        for parent in root.iter():
            if parent.tag in ("pattern", "defs"):
                continue
            for mark in parent:
                if mark.tag in ("rect", "path", "circle") and parent.tag != "pattern":
                    assert mark.findtext("title"), ElementTree.tostring(mark, encoding="unicode")


@pytest.mark.parametrize("name", VARIETIES)
def test_nothing_is_loaded_from_anywhere(name: str) -> None:
    text = written(name)
    assert not re.search(r"https?:|//[a-z]|@import|\ssrc=", re.sub(r">[^<]*<", "><", text))
    urls = {value for one in page(name).walk() for value in one.attributes.values() if value and "url(" in value}
    assert all(re.fullmatch(r"url\(#p-[a-z]+\)", value) for value in urls)
    assert {one.name for one in page(name).walk()}.isdisjoint({"link", "img", "iframe", "object", "base", "form"})


@pytest.mark.parametrize("name", VARIETIES)
def test_only_its_own_script_and_style_may_run(name: str) -> None:
    root = page(name)
    (policy,) = root.all("meta", http_equiv="Content-Security-Policy")
    told = policy.attributes["content"] or ""
    scripts = root.all("script")
    assert {one.attributes.get("type") for one in scripts[:-1]} <= {"application/json"}
    for kind, own in (("script-src", scripts[-1].raw), ("style-src", root.all("style")[0].raw)):
        digest = b64encode(sha256(own.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in told
    assert told.startswith("default-src 'none';") and "unsafe" not in told
    assert not [key for one in root.walk() for key in one.attributes if key.startswith("on") or key == "style"]


@pytest.mark.parametrize("name", VARIETIES)
def test_what_shows_nothing_or_turns_the_direction_is_not_there(name: str) -> None:
    text = written(name)
    assert text.encode().decode() == text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)


def test_hostile_texts_are_shown_as_they_are() -> None:
    for name in ("script", "attribute", "entity", "comment", "template"):
        shown = section(13, f"poison {name}").text
        assert POISONS[name] in shown
        assert page(f"poison {name}").all("h1")[0].text.endswith(POISONS[name])


def test_data_for_the_script_cannot_close_its_element() -> None:
    (data,) = page("poison script").all("script", id="swept")
    assert "<" not in data.raw
    told = json.loads(data.raw)
    assert told["names"]["3"] == "P4<script>alert(1)</script>"
    assert [one["n"] for one in told["sweeps"][0]] == [[0, 2], [0, 1], [0, 0], [1, 0]]


def test_the_same_impact_gives_the_same_bytes() -> None:
    code = (
        "import sys; from tests.impact.sample import IMPACT; from policyrules.report.impact_page import impact_page;"
        "sys.stdout.buffer.write(impact_page(IMPACT).encode())"
    )
    root = Path(__file__).resolve().parents[2]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, cwd=root)
        assert found.stdout.decode() == written("whole")


def test_script_and_style_come_with_the_package_and_are_small() -> None:
    folder = files("policyrules.report.impact_page")
    assert 0 < len(folder.joinpath("script.js").read_bytes()) <= 10_240
    assert "@page" in folder.joinpath("style.css").read_text(encoding="utf-8")


# ---- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name in VARIETIES if not name.startswith("poison") and "measures" not in name]
)
def test_fourteen_sections_in_their_order(name: str) -> None:
    found = tuple(one.text for one in page(name).all("h2"))
    where = "哪些乡镇" if VARIETIES[name].about.by else "哪些地方"
    assert found == tuple(title.replace("哪些乡镇", where) for title in TITLES)


def test_the_first_page_says_what_changes() -> None:
    first = section(1)
    lead = first.all("p", class_="lead")[0].text
    # P1 surely leaves 升级 for none of the two classes, P3 perhaps; P4 surely gains it; the clash of P2 is settled.
    assert lead == (
        "分类：5 个项目里 4 个有变化。"
        "原定为升级类的 3 个里，确定 1 个不再符合升级类，两类都不归，补齐资料后至多 2 个；确定 1 个新符合；全部升级类原 3 至 5 个，现 2 至 4 个。"
        "原来待定或冲突的里，1 个现在定了（1 个盘活类）。"
        "由 3 条改动引起，最多的一种 1 处：只由 某省 还须“升级类”【二（1）】 引起；1 处没有找到引起变化的条文。"
    )
    assert "降级" not in page().text
    # Sure: 1234.5 of P1, P4 is blank. At most 300 and 100.25 more.
    figures = [
        one.children[0].text for one in first.all("div", class_="figures")[0].children if isinstance(one, Element)
    ]
    assert figures == ["2–4", "1,234.5–1,634.75", "2", "3"]
    assert "（另 1 个未填）" in first.all("div", class_="figures")[0].text
    assert "本报告只按台账推算，不作认定" in first.text


@pytest.mark.parametrize("name", ["whole", "unchanged", "empty", "only amounts", "poison script"])
def test_page_terminal_and_workbook_say_one_headline(name: str) -> None:
    impact = VARIETIES[name]
    told = [printable(one) for one in headline(impact)]
    lead = section(1, name).all("p", class_="lead")[0].text
    assert lead == "".join(f"{one}。" for one in told)
    screen = "".join(plain(impact_lines(impact, width=100)).split())
    (summary,) = [one for one in impact_sheets(impact) if one.name == "摘要"]
    sheet = "".join(str(row[1]) for row in summary.rows)
    for one in told:
        assert "".join(one.split()) in screen
        assert "".join(one.split()) in "".join(sheet.split())


def test_every_decision_has_its_row() -> None:
    table = rows(section(1).all("table")[0])
    assert table == [
        ["决定", "不同", "得", "失", "移", "明确", "变不明", "全部"],
        ["分类", "4", "1", "1", "·", "1", "1", "5"],
        ["去向（只有现在有）", "1", "1", "·", "·", "·", "·", "2"],
        ["补助（金额）", "·", "·", "·", "·", "·", "·", "5"],
    ]


def test_what_has_to_be_decided() -> None:
    told = [one.text for one in section(1).all("li")]
    assert told[0].startswith("2 设定“盘活先于升级”：本层没有权限这样改。上层没有准许下层放宽")
    assert told[1] == "门槛“户数”：拟定 10 户，门槛在 9 至 12 户之间结果相同，到 8 户、13 户就不同。"
    assert told[2] == "门槛“先后”：拟定 是；改为 否，结果就不同；逐值试了 2 个；只试了两个值。"
    assert told[3] == "先补“项目.带动脱贫户”（请村、乡镇补）：关系到 2 个，只补它就能定的 1 个。"
    assert told[4] == "新违反或者逾期 2 处，涉及 2 个项目：“严格论证”，见第十二节。"
    assert "没有找到引起它的条文" in told[5]


def test_flows_with_their_table() -> None:
    second = section(2)
    titles = [one.text for one in second.all("title")]
    assert "升级 → 无：1 个，占20%" in titles and "原 升级：3 个，占60%" in titles
    table = rows(second.all("table")[0])
    assert ["升级", "无", "1", "1,234.5", "1,300"] in table
    assert ["无", "升级", "1", "1 个未填", "40"] in table
    assert table[-1][:3] == ["没有变", "", "1"]


def test_where_those_of_each_flow_are() -> None:
    (folded,) = [one for one in section(2).all("details") if "每一种变化在哪里" in one.text]
    assert rows(folded.all("table")[0]) == [
        ["变化", "个数", "按乡镇", "按项目类型"],
        ["升级 → 待定", "1", "乙镇 1", "加工厂 1"],
        ["升级 → 无", "1", "甲乡 1", "加工厂 1"],
        ["冲突 → 盘活", "1", "甲乡 1", "养殖场 1"],
        ["无 → 升级", "1", "未填 1", "养殖场 1"],
    ]
    assert "folded" in (folded.attributes["class"] or "")
    assert "每一种变化在哪里" not in section(2, "unchanged").text


def test_how_many_changes_come_about_by_one_act() -> None:
    fourth = section(4).text
    assert "一条引起还是几条引起分类：由一条单独引起 2 处，由几条共同引起 1 处，没有归因 1 处" in fourth
    assert "去向：几条任一即可 1 处" in fourth


def test_what_each_gains_and_loses() -> None:
    (folded,) = [one for one in section(7).all("details") if "结果有变化的，各得失哪些" in one.text]
    # Who is settled or open there neither gains nor loses for sure; the workbook names them.
    assert rows(folded.all("table")[0]) == [
        ["决定", "新有", "不再有", "个数", "哪些"],
        ["帮扶措施", "·", "精深加工", "1", "P1"],
        ["帮扶措施", "精深加工、品牌打造", "·", "1", "P4"],
    ]
    assert "“措施名单”" in folded.text


def test_who_is_to_fill_in_what_and_what_was_not_read() -> None:
    eighth = section(8).text
    assert "请谁补什么请村、乡镇补：项目.带动脱贫户 1 处" in eighth
    assert "没有读进来的 1 个项目（P9）分类：变的 4 个，连它们至多 5 个" in eighth
    assert "去向：它们有几个资产不知道" in eighth
    assert "没有读进来的" not in section(8, "empty").text


def test_where_changes_go_under_another_variation() -> None:
    # What did not change now is no change that goes on.
    told = section(10).text
    assert "现在变的，在方案“乙方案”里分类 升级 → 无（1）：在那里是 升级 1" in told
    assert "分类 升级 → 升级（" not in told


def test_what_is_told_further_is_bounded() -> None:
    values = tuple(
        model.ValueMove("帮扶措施", f"措施{number}.{other}", (number,), (), (), (), ())
        for number in range(300)
        for other in range(40)
    )
    places = {"乡镇": {f"第{number}乡": 1 for number in range(500)}}
    flows = tuple(
        replace(sample.FLOWS[2], before=f"甲{number}", places=places, count=1000 - number) for number in range(300)
    )
    impact = replace(
        sample.many(300),
        values=values,
        decisions=(replace(sample.CLASSES, flows=flows),),
        cells=tuple(
            replace(sample.CELLS[2], record=number, cause=0, blanks=(f"项目.空{number}",)) for number in range(300)
        ),
        holders={f"项目.空{number}": (f"第{number}人",) for number in range(300)},
    )
    root = Page(impact_page(impact)).root
    second, seventh, eighth = (root.all("section", id=f"s{number}")[0] for number in (2, 7, 8))
    (table,) = [one.all("table")[0] for one in second.all("details") if "每一种变化在哪里" in one.text]
    assert len(rows(table)) == 21 and "等 500 种" in rows(table)[1][2]
    (table,) = [one.all("table")[0] for one in seventh.all("details") if "各得失哪些" in one.text]
    assert len(rows(table)) == 9 and "等 40 项" in rows(table)[1][1]
    assert "只列前 8 种，共 300 种" in seventh.text and "只列前 12 条，共 300 条" in eighth.text


def test_acts_with_the_words_of_both_sides() -> None:
    third = section(3)
    (first,) = third.all("article", id="a0")
    assert [one.text for one in first.all("dd")] == ["当 链条 为 不完整", "当 链条 为 不完整\n  且 带动脱贫户 ≥ 10 户"]
    assert "甲文〔2025〕1号【二（1）】“第1条的原话”" in first.text and "有权限" in first.text
    (second,) = third.all("article", id="a1")
    assert "没有权限" in second.text and "上层没有准许下层放宽" in second.text
    assert third.all("article", id="a2")[0].all("dd")[0].text == "没有"
    # The fourth is in no cause.
    assert "另有 1 处不同，在这份台账上没有引起变化" in third.text
    assert rows(third.all("table")[0])[1][0] == "4"


FIRST = "1 某省 修订“升级类”：还须 当 链条 为 不完整   且 带动脱贫户 ≥ …【二（1）】"


def test_causes_say_what_they_mean() -> None:
    fourth = section(4)
    table = rows(fourth.all("table")[0])
    assert table[1][:6] == ["1 还须“升级类”", "1", "1", "1", "2", "1"]
    # What is enough alone, and whose removal restores, is said by the sentence.
    alone = fourth.all("details", id="y0")[0].text
    assert alone == f"1 处　只由 {FIRST} 引起。看这些"
    # An act is named once, then meant by its number.
    joint = fourth.all("details", id="y2")[0].text
    assert f"由 {FIRST} 和 3 某省 推定“按户数认定”【二（3）】 共同引起。" in joint
    assert "有它就足够：1＋3" in joint and "去掉就变，去掉就还原：1 或 3" in joint
    assert "试到 3 条为止" in joint and "没有另外说明的，所有组合都试过。" in fourth.text
    either = fourth.all("details", id="y3")[0].text
    assert f"{FIRST}、2 某省 设定“盘活先于升级”" in either and "任一条就足够" in either
    assert "去掉会变、但不还原：2" in either
    assert "1 处变化没有找到条文" in fourth.text
    assert {"1 和 3：共同 1", "1 和 2：任一即可 1，抵消 1"} <= {one.text for one in fourth.all("title")}


def test_a_threshold_and_its_table() -> None:
    fifth = section(5)
    assert rows(fifth.all("table")[0])[1:] == [
        ["0 至 3 户", "0–1", "4–5"],
        ["4 至 8 户", "1–2", "3–4"],
        ["9 至 12 户", "2–3", "2–3"],
        ["13 户以上", "3–4", "1–2"],
    ]
    assert "拟定 10 户：确定 2 个，至多 3 个" in fifth.text and "切换值 13 户" in fifth.text
    assert "逐值试了 2 个取值" in fifth.text
    heat = fifth.all("table", class_="heat")[0]
    assert [cell.attributes["class"] for cell in heat.all("td")] == ["n h1", "n h1", "n h4", "n h8"]


def test_places_keep_sure_and_open_apart() -> None:
    table = rows(section(6).all("table")[0])
    assert table[1:] == [
        ["甲乡", "2", "1", "1", "确定 1待定 1", "1,234.5", "300", "1,300", "1 个未填"],
        ["乙镇", "2", "·", "1", "待定 1", "·", "100.25", "·", "90"],
        ["（没有填）", "1", "1", "·", "确定 1", "1 个未填", "·", "40", "·"],
    ]


def test_who_gains_and_who_loses() -> None:
    seventh = section(7)
    assert rows(seventh.all("table")[1])[1] == ["补助", "万元", "100", "125.5", "25.5", "2", "1", "5"]
    assert rows(seventh.all("table")[2])[1] == ["精深加工", "1", "1", "得 1失 1", "1", "·", "1"]


def test_what_is_open_and_nearly() -> None:
    eighth = section(8)
    assert ["升级类", "3 至 5", "2 至 4"] in rows(eighth.all("table")[0])
    assert "没有评的 1 个也算在上限里" in eighth.text
    assert rows(eighth.all("table")[-1])[1][:3] == ["1", "项目.带动脱贫户", "村；乡镇"]
    eleventh = section(11).text
    assert "“项目.带动脱贫户”由 8 户 改为 10 户（差 2 户）" in eleventh and "还有 2 种办法" in eleventh
    assert "如“项目.市场效益”评为“好”（现在是“差”），并且“项目.停产日”到 2025年1月1日（差 晚 366 天）" in eleventh
    assert "改 2 项以内没有办法" in eleventh


def test_days_readings_and_variations() -> None:
    ninth = section(9)
    assert rows(ninth.all("table")[0])[1][:2] == ["2026年6月30日", "停产满 24 个月"]
    assert "和 2025年11月15日 比" in ninth.text
    tenth = section(10)
    # P2 and P5 under the other variation, of which this one has P2.
    assert rows(tenth.all("table")[0])[1:] == [
        ["本次（现）", "4", "1", "0", "", ""],
        ["乙方案", "2", "0", "0", "1", "4"],
    ]
    assert "停产读法 读作 独立入口" in tenth.text


def test_what_follows_tells_breaches_first() -> None:
    twelfth = section(12)
    assert [one.text for one in twelfth.all("h3")] == ["新违反或者逾期", "新提示"]
    assert rows(twelfth.all("table")[0])[1][:5] == ["严格论证", "义务", "待核实", "违反", "2"]
    assert "新适用、已经做到的：3 处" in twelfth.text


def test_the_list_names_everybody_with_cause_and_blank() -> None:
    table = rows(section(13).all("table", id="rows")[0])
    assert table[0] == [
        *("编号", "名称", "对象", "乡镇", "项目类型", "决定", "原来", "现在", "由", "缺"),
        *("资金.金额（万元）", "计划总投资（万元）", "带动脱贫户（户）"),
    ]
    assert table[1] == [
        *("P1", "甲乡加工厂项目", "", "甲乡", "加工厂", "分类", "升级", "无", "1", ""),
        *("1,234.5", "1,300", "8"),
    ]
    assert table[3][6:] == ["升级", "待定：升级、无", "1＋3 共同", "项目.带动脱贫户", "100.25", "90", "未填"]
    assert table[4][8] == "没有找到条文"
    # What a number stands for is said once, above.
    assert "1 还须“升级类”；2 设定“盘活先于升级”；3 推定“按户数认定”。" in section(13).text
    # A row's own amounts instead of the record's.
    assert table[5][2:3] + table[5][6:] == ["资产 Z1", "无", "转让", "1 或 2 任一即可", "", "未填", "未填", "5"]


def test_marks_of_pictures_find_rows_of_the_list() -> None:
    (data,) = page().all("script", id="marks")
    told_ = json.loads(data.raw)
    keys = [
        {mark for part, rows in zip(told_["marks"], told_["rows"], strict=True) for mark in part[rows[place]].split()}
        for place in range(5)
    ]
    assert len(section(13).all("table", id="rows")[0].all("tr")) == 1 + len(told_["rows"][0]) == 6

    def found(marks: str) -> int:
        return sum(any(set(one.split("+")) <= key for one in marks.split()) for key in keys)

    for number, told, many in ((2, "升级 → 无：", 1), (4, "1 还须“升级类”", 3), (6, "甲乡", 2)):
        links = [one for one in section(number).all("a") if one.text.startswith(told)]
        marks = {one.attributes["data-q"] for one in links if "data-q" in one.attributes}
        assert [found(one or "") for one in marks] == [many]
    # Cells of a table have the mark of their row and of their column: one of 分类 gained, in the first table.
    first = section(1).all("table")[0]
    heads = {one.text: one.attributes.get("data-g") for one in first.all("th")}
    row = next(one for one in first.all("tr") if one.text.startswith("分类"))
    assert heads["全部"] is None and heads["不同"] == ""
    assert found(f"{row.attributes['data-g']}+{heads['得']}") == 1 and found(row.attributes["data-g"] or "") == 4


def test_what_it_rests_on() -> None:
    last = section(14).text
    for told in ("c" * 64, "a" * 64, "户数=10 户", "2025-01-01假定", "1 个：P9", "policyrules impact 国家 某省"):
        assert told in last
    assert "1 处变化没有找到条文" in last and "有的原因只试到 3 条一起为止" in last and "只有一边有的决定：去向" in last
    for word in ("单独", "共同", "任一即可", "抵消"):
        assert word in last


# ---- its ends ---------------------------------------------------------------------------------------------------------


def test_invented_data_say_so_on_the_page_and_on_every_sheet() -> None:
    assert "虚构数据" in page().all("p", class_="invented")[0].text
    assert page().all("body")[0].attributes["class"] == "invented"
    style = files("policyrules.report.impact_page").joinpath("style.css").read_text(encoding="utf-8")
    assert (
        re.search(r'@page invented\{@bottom-left\{content:"虚构数据', style) and "body.invented{page:invented}" in style
    )
    assert "虚构" not in page("empty").text and "class" not in page("empty").all("body")[0].attributes


def test_a_layer_that_is_not_in_force_is_told_at_the_top() -> None:
    layers = (replace(sample.LAYERS[0], in_force=False), replace(sample.LAYERS[1], title="另一份实施意见"))
    about = replace(sample.ABOUT, new=replace(sample.ABOUT.new, layers=layers))
    banner = Page(impact_page(replace(sample.IMPACT, about=about))).root.all("ul", class_="banner")[0].text
    assert "《国家的指导意见》自 2024-10-21 起施行，评估日不在施行" in banner
    assert "《另一份实施意见》的日期（2025-01-01）是假定的" in banner


def test_no_change_and_no_record_are_said_in_words() -> None:
    lead = section(1, "unchanged").all("p", class_="lead")[0].text
    assert lead == "没有任何项目的结果不同。两边的规则有 4 处不同，在这份台账上都不起作用。"
    assert "没有用处的参数" in section(3, "unchanged").text
    assert "两边的规则没有不同" in section(1, "no acts").text
    assert "台账里没有可以评估的项目" in section(1, "empty").text
    assert "没有要求看门槛；加 --sweep" in section(5, "unchanged").text
    assert "没有要求分地方；加 --by" in section(6, "empty").text
    assert "有变化的项目 1 个，变在“补助”（1 处）。" in section(1, "only amounts").text


def test_a_long_list_is_cut_and_says_so() -> None:
    impact = sample.many(3 * LISTED)
    text = impact_page(impact)
    root = Page(text).root
    assert len(root.all("table", id="rows")[0].all("tr")) == LISTED + 1
    assert "共 3,000 处变化，这里只列前 1,000 处。" in root.text and "-o 影响.xlsx" in root.text
    assert len(text.encode()) < 400_000
    whole = Page(impact_page(impact, most=None)).root
    assert len(whole.all("table", id="rows")[0].all("tr")) == 3 * LISTED + 1
    assert "这里只列" not in whole.text


def test_a_decision_of_many_values_is_still_a_picture() -> None:
    values = tuple(f"值{number}" for number in range(60))
    bands = [Band(value, values[(place * 7) % 60], place + 1, True) for place, value in enumerate(values)]
    told, ranked = gathered(bands, values)
    assert len(ranked) == 18 and ranked[-1] == "其余 43 种"
    assert sum(band.count for band in told) == sum(band.count for band in bands)
    labels = ElementTree.fromstring(re.sub("</?div[^>]*>", "", alluvial(bands, values, inks(values), "图"))).iter(
        "text"
    )
    left = sorted(float(one.get("y") or 0) for one in labels if one.get("text-anchor") == "end")
    assert min(b - a for a, b in pairwise(left)) >= 15


def test_labels_are_pushed_apart_and_stay_inside() -> None:
    places = apart([Fraction(1), Fraction(2), Fraction(3), Fraction(95)], 10, 5, 95)
    assert places == [5, 15, 25, 95]


def sweep(*ends: tuple[int | Fraction | None, int | Fraction | None]) -> Sweep:
    pieces = tuple(replace(sample.piece(0, 1, "", 0, 0, ()), low=low, high=high, at=low or high) for low, high in ends)
    return replace(sample.SWEEP, pieces=pieces)


def test_whole_numbers_are_drawn_one_wide() -> None:
    assert edges(sweep((0, 1), (2, 2), (3, 3), (4, 6)).pieces) == [
        Fraction(-1, 2),
        *(Fraction(n, 2) for n in (3, 5, 7, 13)),
    ]
    # Where numbers need not be whole, stretches touch.
    assert edges(sweep((0, Fraction(1, 3)), (Fraction(1, 3), 1)).pieces) == [0, Fraction(1, 3), 1]
    assert edges(sweep((5, 5)).pieces) == [4, 6]
    assert [word for _, word in ticks(Fraction(0), Fraction(1, 10))][:3] == ["0", "0.02", "0.04"]


def test_money_on_an_axis_is_in_the_unit_that_people_write() -> None:
    pieces = (
        sample.piece(0, 500_000, "50 万元以下", 0, 0, ()),
        sample.piece(500_000, 2_000_000, "50 万元以上", 2, 2, (0, 3)),
    )
    money = replace(
        sample.SWEEP,
        unit="万元",
        scale=10_000,
        pieces=pieces,
        proposed=1_000_000,
        proposed_text="100 万元",
        switching=(500_000, None),
        switching_texts=("50 万元", ""),
    )
    told = Page(impact_page(replace(sample.IMPACT, sweeps=(money,)))).root.all("section", id="s5")[0]
    texts = [one.text for one in told.all("text")]
    assert {"0", "20", "100", "200"} <= set(texts) and "切换值 50 万元" in texts
    assert "500,000" not in texts


def test_nothing_open_means_no_range() -> None:
    one = Bounds(3, 3)
    impact: Impact = replace(
        sample.IMPACT,
        cells=sample.CELLS[:1],
        decisions=(replace(sample.CLASSES, changed=1, bounds={"升级": (Bounds(4, 4), one)}),),
        causes=sample.CAUSES[:1],
        unattributed=0,
    )
    lead = Page(impact_page(impact)).root.all("section", id="s1")[0].all("p", class_="lead")[0].text
    assert lead == (
        "分类：5 个项目里 1 个有变化。确定 1 个不再符合升级类，两类都不归；全部升级类原 4 个，现 3 个。"
        "只由 某省 还须“升级类”【二（1）】 引起。"
    )

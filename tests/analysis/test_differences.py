"""Differences read off the rules, and the generated page that accounts for each row of the reading."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from tools import differences_page as page

from policyrules.analysis.differences import Difference, Differences, differences
from policyrules.policy import Policy, load
from policyrules.report.differences import render_markdown
from policyrules.testing.build import policy_from_text, write_layers

UPPER = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 有潜力（potential）：是否
  字段 有程序（procedure）：是否

参数 最少户数（least）：整数（户） 未定 取值 1 户 至 100 户
  依据【三·户数】“带动若干户”

清单 资金
  依据【一·范围】“几种资金等”
  即 { 甲、乙 }
  授权 自定

决定 分类（category）：单选 { 升级、盘活 }
  依据【二·导语】“分类”
  授权 自定

决定 入库意见（intake）：由宽到严 { 不禁止、暂缓、不得 }
  依据【五·入库】“按程序入库”
  默认 不禁止

规则 盘活类
  依据【二·盘活】“停产的”
  当 停产
  则 分类 为 盘活

规则 暂缓入库
  依据【五·入库】“暂缓”
  当 停产
  则 入库意见 为 暂缓

义务 程序
  依据【四·程序】“履行程序”
  当 停产
  应当 有程序

提示 核对
  依据【四·核对】“核对”
  当 停产
  说 “请核对”
"""

LOWER = """\
对象 项目
  字段 链条（chain）：枚举 { 较完备、不完整 }

修订 盘活类
  依据【二·盘活】“停产、链条不完整的”
  还须 链条 为 不完整
  释义 链条由评估组判断

修订 暂缓入库
  依据【五·入库】“有潜力的也暂缓”
  或者 有潜力

修订 程序
  依据【四·程序】“都要履行”
  或者 有潜力
  还应当 链条 已填

修订 核对
  依据【四·核对】“核对”
  重申

设定 最少户数 为 10 户
  依据【三·户数】“十户”

增列 资金
  依据【一·范围】“丙”
  { 丙 }

规则 不得入库
  依据【五·入库】“不得入库”
  当 停产 且 有潜力
  则 入库意见 为 不得

义务 台账
  依据【四·台账】“建台账”
  应当 有程序

术语 难办
  即 停产 且 链条 为 不完整
"""


@pytest.fixture(scope="module")
def small() -> Differences:
    return differences(policy_from_text(UPPER, LOWER))


def named(found: Differences, name: str) -> Difference:
    (entry,) = [one for one in (*found.differences, *found.restatements) if one.name == name]
    return entry


def test_directions(small: Differences) -> None:
    directions = {entry.name: entry.directions for entry in small.differences}
    assert directions["盘活类"] == ("更严",)
    # A rule that concludes a stricter value: a wider 当 is stricter.
    assert directions["暂缓入库"] == ("更严",)
    assert directions["程序"] == ("更严",)
    assert directions["最少户数"] == ("更具体",)
    assert directions["资金"] == ("更宽",)
    assert directions["不得入库"] == ("增加", "更严")
    assert directions["台账"] == ("增加", "更严")
    assert directions["难办"] == ("增加",)
    assert directions["项目"] == ("增加",)


def test_an_amendment_names_what_it_acts_on(small: Differences) -> None:
    entry = named(small, "盘活类")
    assert entry.kind == "修订" and entry.concerns == "决定 分类 为 盘活"
    assert [str(part) for part in entry.parts] == ["还须 链条 为 不完整"]
    assert [citation.quote for citation in entry.citations] == ["停产、链条不完整的"]
    assert entry.base is not None
    assert (entry.base.layer, entry.base.kind) == ("L0", "规则")
    assert [citation.quote for citation in entry.base.citations] == ["停产的"]
    assert entry.readings == ("链条由评估组判断",)
    assert entry.place.endswith("rules.rules:4")
    assert [str(part) for part in named(small, "程序").parts] == ["或者 有潜力", "还应当 链条 已填"]


def test_a_restatement_is_no_difference(small: Differences) -> None:
    assert [entry.name for entry in small.restatements] == ["核对"]
    assert "核对" not in {entry.name for entry in small.differences}
    assert small.restatements[0].directions == ()


def test_new_declarations(small: Differences) -> None:
    assert [str(part) for part in named(small, "不得入库").parts] == ["当 停产 且 有潜力", "则 入库意见：不得"]
    fields = named(small, "项目")
    assert fields.kind == "字段" and [part.text for part in fields.parts] == ["链条（枚举 { 较完备、不完整 }）"]


def test_what_ends_the_time_of_a_new_duty_is_shown() -> None:
    text = "义务 台账\n  依据【四·台账】“建台账”\n  到期 停产\n  应当 有程序\n  期限 2025年10月31日\n  当 有潜力\n"
    parts = named(differences(policy_from_text(UPPER, text)), "台账").parts
    assert [str(part) for part in parts] == ["当 有潜力", "应当 有程序", "期限 2025年10月31日", "到期 停产"]


def test_weaker_and_stopped() -> None:
    lower = """\
修订 暂缓入库
  依据【五】“话”
  停用
  说明 改由县里定

修订 程序
  依据【四】“话”
  仅限 有潜力

修订 核对
  依据【四】“话”
  除外 有潜力
"""
    upper = UPPER.replace("  默认 不禁止\n", "  默认 不禁止\n  授权 自定\n")
    upper = upper.replace("  应当 有程序\n", "  应当 有程序\n  授权 自定\n")
    found = differences(policy_from_text(upper, lower))
    assert named(found, "暂缓入库").directions == ("停用",)
    assert named(found, "暂缓入库").kind == "停用"
    assert [str(part) for part in named(found, "暂缓入库").parts] == ["停用 改由县里定"]
    assert named(found, "程序").directions == ("更窄",)
    assert named(found, "核对").directions == ("更窄",)


def test_a_stack_of_three() -> None:
    county = "修订 盘活类\n  依据【一】“话”\n  除外 有程序\n\n修订 不得入库\n  依据【一】“话”\n  重申\n"
    policy = policy_from_text(UPPER, LOWER, county)
    lowest = differences(policy)
    assert (lowest.upper, lowest.lower) == (("L0", "L1"), ("L2",))
    assert named(lowest, "不得入库").base is not None
    both = differences(policy, "L0")
    assert both.lower == ("L1", "L2")
    assert [entry.layer for entry in both.differences if entry.name == "盘活类"] == ["L1", "L2"]
    # What the county repeats of the province is nothing against the nation.
    assert "不得入库" not in {entry.name for entry in both.restatements}
    for wrong in ("L2", "L9"):
        with pytest.raises(ValueError):
            differences(policy, wrong)


def test_order_of_files_does_not_matter(tmp_path: Path) -> None:
    lower = write_layers(tmp_path, UPPER, LOWER)
    before = differences(load(lower, as_of=datetime.date(2025, 9, 15)))
    head, _, tail = LOWER.partition("设定 最少户数")
    (lower / "rules.rules").write_text("设定 最少户数" + tail, encoding="utf-8")
    (lower / "z.rules").write_text(head, encoding="utf-8")
    after = differences(load(lower, as_of=datetime.date(2025, 9, 15)))

    def names(found: Differences) -> list[str]:
        return [entry.name for entry in found.differences]

    assert names(before) == names(after)
    assert render_markdown(before) == render_markdown(after)


def test_json_and_markdown(small: Differences) -> None:
    data = json.loads(json.dumps(small.to_dict(), ensure_ascii=False))
    assert [entry["name"] for entry in data["restatements"]] == ["核对"]
    assert data["differences"][0]["citations"][0].keys() == {"layer", "clause", "place", "quote", "offices"}
    text = render_markdown(small)
    head, _, tail = text.partition("## 重申（1）")
    assert "修订 盘活类<br>（决定 分类 为 盘活） | 更严 | 还须 链条 为 不完整" in head
    assert "提示 核对" in tail and "核对 |" not in head
    assert all(line.count(" | ") in (2, 3, 4) for line in text.split("\n") if line.startswith("| "))


# ---- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(page.ROOT / "policies" / "jiangxi", as_of=page.AS_OF)


@pytest.fixture(scope="module")
def rows() -> tuple[page.Row, ...]:
    return page.read_rows(page.ROWS.read_text(encoding="utf-8"))


def test_the_page_is_what_the_rules_give(policy: Policy, rows: tuple[page.Row, ...]) -> None:
    text, problems = page.build(policy, rows)
    assert problems == []
    assert page.PAGE.read_text(encoding="utf-8") == text, "run python -m tools.differences_page"


def test_every_row_is_there(rows: tuple[page.Row, ...]) -> None:
    assert [row.id for row in rows] == [f"D{number:02}" for number in range(1, 91)]
    assert [row.id for row in rows if row.kind == "重申"] == list(page.RESTATED)


def test_restated_rows_are_no_differences(policy: Policy, rows: tuple[page.Row, ...]) -> None:
    found = differences(policy)
    for row in rows:
        entry, problems = page.account(row, found, policy)
        assert not problems
        if row.id in page.RESTATED:
            assert entry.changes == () and entry.restatements and entry.verdict.startswith("重申")
            assert {change.kind for change in entry.restatements} == {"重申"}


# The rows of the reading that change a project's result. 24 is 就业帮扶车间: silence, so the national rule goes on.
CHANGING = [
    1,
    4,
    11,
    16,
    18,
    *range(21, 31),
    *range(35, 43),
    44,
    49,
    50,
    51,
    54,
    55,
    59,
    61,
    *range(63, 67),
    68,
    69,
    *range(84, 91),
]


def test_rows_that_change_results_show_differences(policy: Policy, rows: tuple[page.Row, ...]) -> None:
    found = differences(policy)
    by_id = {row.id: row for row in rows}
    for number in CHANGING:
        entry, _ = page.account(by_id[f"D{number:02}"], found, policy)
        assert entry.changes or number == 24, entry.row
    workshop, _ = page.account(by_id["D24"], found, policy)
    assert workshop.upper and not workshop.changes and "照旧适用" in workshop.verdict


def test_rows_that_change_results_have_a_scenario() -> None:
    """Scenarios that show a difference begin with the numbers of its rows: ``D32 D35 长期闲置……``."""
    texts = [path.read_text(encoding="utf-8") for path in (page.ROOT / "policies/jiangxi/scenarios").glob("*.yaml")]
    names = [name for text in texts for name in re.findall(r"名称: *((?:D[0-9]{2} *)+)", text)]
    shown = {number for name in names for number in name.split()}
    assert [f"D{number:02}" for number in CHANGING if f"D{number:02}" not in shown] == []
    assert [name for name in page.RESTATED if name not in shown] == []


def test_the_words_of_the_upper_document_tell_its_provisions_apart(policy: Policy) -> None:
    found = differences(policy)

    def upper(words: str) -> tuple[str, ...]:
        (row,) = page.read_rows(f"行: {{D99: {{类: 省略, 说明: 无, 国: [CN-2-3-4], 赣: []{words}}}}}")
        return page.account(row, found, policy)[0].upper

    assert {"规则 停产闲置盘活方式", "提示 淡季停工核对"} <= set(upper(""))
    assert "提示 淡季停工核对" not in upper(", 国句: ['就业帮扶车间']") != ()
    assert upper(", 国句: ['没有这句话']") == ()


def test_a_row_without_provision_or_reason_is_refused(policy: Policy) -> None:
    found = differences(policy)

    def problems(text: str) -> list[str]:
        (row,) = page.read_rows(f"行: {{{text}}}")
        return page.account(row, found, policy)[1]

    assert problems("D99: {类: 增加, 说明: 没有, 国: [], 赣: []}") == ["D99：没有规则依据它的条款，也没有写理由"]
    assert problems("D99: {类: 增加, 说明: 没有, 国: [], 赣: [JX-2-3-gonggu-1]}") != []
    assert problems("D99: {类: 措辞, 说明: 没有, 国: [CN-2-1-1], 赣: []}") != []
    assert problems("D99: {类: 措辞, 说明: 没有, 国: [], 赣: [], 理由: 有}") == []
    assert problems("D99: {类: 省略, 说明: 没有, 国: [CN-9], 赣: []}")[0] == "D99：没有条款 CN-9"
    assert "应是重申，却有修订：升级类" in "".join(
        problems("D16: {类: 重申, 说明: 升级, 国: [CN-2-2-1], 赣: [JX-2-3-shengji-1]}")
    )
    # A restated row whose clause the province does not repeat.
    assert problems("D99: {类: 重申, 说明: 没有, 国: [CN-2-1-1], 赣: [JX-5-13-2]}") != []


def test_the_page_names_no_machine_path() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert str(page.ROOT) not in text


def test_the_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert page.main(["--check"]) == 0
    monkeypatch.setattr(page, "PAGE", page.ROOT / "docs" / "没有这一页.md")
    assert page.main(["--check"]) == 1
    assert "已过时" in capsys.readouterr().err
    bad = tmp_path / "rows.yaml"
    bad.write_text("行:\n  D01: {类: 增加, 说明: 空, 国: [], 赣: []}\n", encoding="utf-8")
    monkeypatch.setattr(page, "ROWS", bad)
    assert page.main([]) == 1
    assert "也没有写理由" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("parameter", "settings", "direction"),
    [
        ("缺省 55%\n  授权 从严（越高越严）", ("60%",), "更严"),
        ("缺省 55%\n  授权 从严（越低越严）", ("50%",), "更严"),
        ("缺省 55%\n  授权 从严（越高越严）", ("55%",), "更具体"),
        ("缺省 55%\n  授权 自定", ("50%",), "改变"),
        ("缺省 55%", ("60%",), "改变"),
        ("未定", ("60%",), "更具体"),
        ("未定\n  授权 从严（越高越严）", ("60%", "65%"), "更严"),
        ("缺省 55%\n  授权 从严（越高越严）", ("60% 自 2024年1月1日 起 为 65% 自 2025年1月1日 起",), "更严"),
    ],
)
def test_what_a_setting_does_to_the_value_above_it(parameter: str, settings: tuple[str, ...], direction: str) -> None:
    top = f"对象 项目（project）\n  字段 甲（a）：比例\n参数 线（line）：比例 {parameter}\n提示 看\n  当 甲 < 线\n  说 “低”\n"
    found = differences(policy_from_text(top, *(f"设定 线 为 {value}\n" for value in settings)))
    assert [one.directions for one in found.differences if one.kind == "设定"][-1] == (direction,)

"""How two policies differ as rules: each text below says what was edited, and the edit alone comes out."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from policyrules.analysis.atoms import AtomKind
from policyrules.analysis.structure import GROUPS, RuleChange, Structure, grouped, structure
from policyrules.cli import run
from policyrules.policy import load
from policyrules.report.layout import line_width, plain
from policyrules.report.structure_text import same_text, structure_lines, structure_sheets
from policyrules.testing.build import policy_from_text, write_layers

# Nothing here is called as in the shipped policies, on purpose.
UPPER = """\
对象 地块（plot） 标识 编号
  字段 编号（id）：文本
  字段 面积（area）：整数（个） 取值 0 个 以上
  字段 撂荒（idle）：是否
  字段 有水（water）：是否

参数 最小面积（least）：整数（个） 未定 取值 1 个 至 100 个
  依据【三】“达到一定面积”

决定 等级（grade）：单选 { 甲等、乙等 }
  依据【一】“分两等”
  授权 自定

决定 扶持（help）：多选 { 种子、肥料 }
  依据【四】“给予扶持”
  授权 自定

规则 甲等地
  依据【一】“面积大的为甲等”
  当 面积 ≥ 最小面积 且 有水
  则 等级 为 甲等

义务 复垦
  依据【二】“撂荒的应当有水”
  当 撂荒
  应当 有水
"""

LOWER = """\
设定 最小面积 为 5 个
  依据【甲】“不少于五个”

修订 甲等地
  依据【乙】“撂荒的除外”
  除外 撂荒

修订 复垦
  依据【丙】“撂荒的应当有水”
  重申

规则 乙等地
  依据【丁】“撂荒的为乙等”
  当 撂荒
  则 等级 为 乙等

增列 扶持
  依据【戊】“农膜”
  { 农膜 }
"""


def of(old: str, new: str) -> Structure:
    return structure(policy_from_text(old), policy_from_text(new))


def told(found: Structure) -> list[tuple[str, str, str, str]]:
    return [(one.operation, one.name, one.old, one.new) for one in found.changes]


def shown(found: Structure, *, width: int = 80, everything: bool = False) -> str:
    lines = structure_lines(found, width=width, everything=everything)
    assert all(line_width(line) <= width for line in lines)
    return plain(lines)


def test_an_edited_number_is_the_only_difference() -> None:
    found = of(UPPER, UPPER.replace("面积 ≥ 最小面积 且 有水", "面积 ≥ 8 个 且 有水"))
    assert told(found) == [("改", "甲等地", "面积 ≥ 最小面积", "面积 ≥ 8 个")]
    assert found.differs and not found.same
    page = shown(found)
    assert "原　面积 ≥ 最小面积" in page and "现　面积 ≥ 8 个" in page and "【一】“面积大的为甲等”" in page


def test_a_part_of_a_condition_that_is_gone() -> None:
    found = of(UPPER, UPPER.replace(" 且 有水\n  则", "\n  则"))
    assert [(one.kind, one.old, one.new) for one in found.changes] == [("去条件", "有水", "")]


def test_layout_and_comments_are_no_difference() -> None:
    found = of(UPPER, "# 说明\n" + UPPER.replace("当 面积 ≥ 最小面积 且 有水", "当 面积 ≥ 最小面积\n     且 有水"))
    assert found.same and not found.differs and told(found) == []
    assert same_text(found) == "两边是同一套规则"
    assert "文字有改动的文件：国家 rules.rules" in shown(found)


def test_a_trial_that_varies_nothing_says_nothing_of_quotes() -> None:
    found = structure(policy_from_text(UPPER), policy_from_text(UPPER, trial=""))
    assert not found.differs and same_text(found) == "两边的条件、数值和结论没有不同"


def test_a_layer_that_restates_adds_what_a_rule_rests_on() -> None:
    found = structure(
        policy_from_text(UPPER), policy_from_text(UPPER, "修订 复垦\n  依据【丙】“撂荒的应当有水”\n  重申\n")
    )
    assert not found.differs
    assert same_text(found) == "两边的条件、数值和结论没有不同；重申上层的 1 处，多了这一层的依据"


def test_a_quote_that_changes_changes_no_rule() -> None:
    found = of(UPPER, UPPER.replace("“面积大的为甲等”", "“面积较大的为甲等”"))
    assert not found.same and not found.differs
    assert same_text(found) == "两边的条件、数值和结论没有不同；引文、释义、提示的话或写法有改动"


def test_a_layer_below_act_by_act_with_what_its_form_tells() -> None:
    found = structure(policy_from_text(UPPER), policy_from_text(UPPER, LOWER))
    assert [(one.operation, one.name, one.old, one.new, one.directions) for one in found.changes] == [
        ("设定", "最小面积", "未定", "5 个", ("更具体",)),
        ("除外", "甲等地", "", "撂荒", ("更窄",)),
        ("规则", "乙等地", "", "当 撂荒 则 等级：乙等", ("增加",)),
    ]
    assert {one.layer for one in found.changes} == {"L1"}
    # A restatement is counted, and no difference; what a decision may give besides is.
    assert found.restated == 1
    assert [(one.kind, one.name, one.old, one.new) for one in found.declared] == [("取值", "扶持", "", "农膜")]
    page = shown(found)
    assert "重申上层的 1 处，不是差异，没有列" in page and "取值 “扶持”；增加 农膜" in page
    assert page.index("条件（1）") < page.index("新增的规则和补充规则（1）") < page.index("设定和参数（1）")


def test_the_other_way_round_everything_is_taken_back() -> None:
    found = structure(policy_from_text(UPPER, LOWER), policy_from_text(UPPER))
    assert sorted((one.operation, one.name, one.old, one.new) for one in found.changes) == [
        ("去掉", "乙等地", "当 撂荒 则 等级：乙等", ""),
        ("去掉 除外", "甲等地", "撂荒", ""),
        ("设定", "最小面积", "5 个", "未定"),
    ]
    assert all(one.directions == () for one in found.changes) and found.restated == 0


def test_fields_objects_and_decisions_of_one_side() -> None:
    more = UPPER + (
        "\n对象 渠（ditch） 属于 地块\n  字段 长度（length）：整数（个）\n"
        "\n决定 灌溉（watering）：单选 { 能、不能 }\n  依据【五】“灌溉”\n"
    )
    more = more.replace(
        "  字段 有水（water）：是否\n", "  字段 有水（water）：是否\n  字段 坡度（slope）：整数（度）\n"
    )
    found = of(UPPER, more)
    assert told(found) == []
    assert [(one.kind, one.subject, one.name, one.old is None) for one in found.declared] == [
        ("对象", "", "渠", True),
        ("字段", "地块", "坡度", True),
        ("决定", "地块", "灌溉", True),
    ]
    assert found.differs
    assert "只有现在的规则有（3）" in shown(found)
    assert "字段 地块 “坡度”：字段，整数（度）" in shown(found, everything=True)
    assert "只有原来的规则有（3）" in shown(of(more, UPPER))


def test_a_field_of_another_kind_is_told_and_keeps_results_apart() -> None:
    plain_ = UPPER.replace("面积 ≥ 最小面积 且 有水", "有水")
    found = of(plain_, plain_.replace("字段 面积（area）：整数（个） 取值 0 个 以上", "字段 面积（area）：文本"))
    assert [(one.name, one.old, one.new) for one in found.declared] == [
        ("面积", "字段，整数（个），0 个 以上", "字段，文本")
    ]
    assert found.apart == ("字段 地块.面积",)
    assert "两边声明得不一样（1）" in shown(found) and "两边不是一回事的" in shown(found)


def test_a_narrower_range_is_told_where_the_value_is_the_same() -> None:
    found = of(UPPER, UPPER.replace("取值 1 个 至 100 个", "取值 1 个 至 50 个"))
    assert told(found) == [("设定", "最小面积", "未定（取值 1 个 至 100 个）", "未定（取值 1 个 至 50 个）")]
    assert "现　未定（取值 1 个 至 50 个）" in shown(found)


def test_two_dates_of_one_folder(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, UPPER, LOWER)
    manifest = lowest / "layer.yaml"
    text = manifest.read_text(encoding="utf-8")
    since = text.partition("in_force_from: ")[2].partition("\n")[0]
    manifest.write_text(text.replace(since, "2025-06-01"), encoding="utf-8")
    before, after = (load(lowest, as_of=datetime.date(2025, month, 30)) for month in (5, 6))
    found = structure(before, after)
    assert [one.in_force for one in found.old.layers] == [True, False]
    assert {one.operation for one in found.changes} == {"设定", "除外", "规则"}
    assert [one.directions for one in found.changes if one.operation == "除外"] == [("更窄",)]
    assert "（不在施行）" in shown(found)
    later = structure(after, load(lowest, as_of=datetime.date(2025, 7, 1)))
    assert later.same and not later.differs
    assert same_text(later) == "两边是同一套规则，只是评估日不同；这两天在施行的规定一样"


def test_settings_of_this_run() -> None:
    old = policy_from_text(UPPER)
    found = structure(old, old.with_parameters({"最小面积": "7 个"}))
    assert [(one.layer, one.old, one.new) for one in found.changes] == [("", "未定", "7 个")]
    assert "本次设定的（1 处）" in shown(found)


def test_every_kind_of_act_has_its_group() -> None:
    found = structure(policy_from_text(UPPER), policy_from_text(UPPER, LOWER))
    assert {group for groups in grouped(found.changes).values() for group in groups} <= set(GROUPS)
    kinds: tuple[AtomKind, ...] = get_args(AtomKind)
    for kind in kinds:
        change = RuleChange(kind, "改", "甲", "L0", "", "", (), (), "")
        assert set(grouped([change])["L0"]) <= set(GROUPS)


def test_long_and_hostile_texts_stay_in_their_lines_and_cells() -> None:
    long = "=cmd()" + "长" * 5_000
    text = (
        UPPER.replace("“撂荒的应当有水”", f"“{long}”")
        + f"\n提示 看看\n  依据【六】“{long}”\n  当 撂荒\n  说 “{long}”\n"
    )
    found = of(UPPER, text)
    shown(found, width=40)
    for plan in structure_sheets(found):
        for row in plan.rows:
            assert all(one is None or (len(str(one)) <= 200 and not str(one).startswith("=")) for one in row)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    write_layers(tmp_path, UPPER, LOWER)
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def test_the_command_says_by_its_code_whether_rules_differ(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "0", "1", "--as-of", "2025-12-01"]) == 1
    assert capsys.readouterr().err == ""
    assert run(["diff", "1", "1"]) == 0
    assert "两边是同一套规则。" in capsys.readouterr().out
    assert run(["diff", "1", "1", "--set-new", "最大面积=9"]) == 2
    assert run(["diff", "0", "0", "--set-new", "最小面积=9"]) == 1
    assert run(["diff", "0", "2"]) != 0


def test_what_the_command_writes(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "0", "1", "-o", "不同.json"]) == 1
    assert capsys.readouterr().out == ""
    data = json.loads((folders / "不同.json").read_bytes())
    assert data["differs"] is True and data["restated"] == 1
    assert [one["name"] for one in data["changes"]] == ["最小面积", "甲等地", "乙等地"]
    assert run(["diff", "0", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == data
    assert run(["diff", "0", "1", "-o", "不同.xlsx"]) == 1
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(folders / "不同.xlsx")
    assert book.sheetnames == ["条文", "声明"]
    rows = list(book["条文"].iter_rows(values_only=True))
    assert rows[0][:4] == ("层", "种类", "做什么", "对什么")
    assert {row[3] for row in rows[1:]} == {"最小面积", "乙等地", "甲等地"}
    assert run(["diff", "0", "1", "-o", "不同.html"]) == 2
    assert run(["diff", "0", "1", "-o", "不同.xlsx"]) == 2

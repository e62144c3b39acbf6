"""``list``: everything the layers declare, by the words people know, own layer first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyrules.analysis.inventory import KINDS, inventory
from policyrules.cli import run
from policyrules.language.keywords import DECLARATIONS
from policyrules.report.inventory import _HEADINGS
from policyrules.report.layout import display_width
from policyrules.testing.build import policy_from_text, write_layers

UPPER = """\
对象 县（county） 标识 县名
  字段 县名（county_name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（project_id）：文本
  字段 市场效益（market）：枚举 { 好、差 } 由 县农业农村局 分组 经营
  字段 投资（investment）：金额（万元） 取值 0 万元 以上
  研判 有前景（promising）：是否 由 评估组
参数 最少户数（least）：整数（户） 缺省 5 户 取值 1 户 至 50 户
  依据【一】“五户以上”
参数 定死（fixed）：整数（户） = 3 户
  依据【一】
参数 待定（open）：枚举 { 宽、严 } 未定
  依据【一】
清单 好产业
  即 { 稻米、油料、等 }
术语 小项目
  即 投资 < 50 万元
决定 分类（category）：单选 { 盘活、其他 }
  依据【一】
  默认 其他
规则 盘活类
  依据【一】“盘活一批”
  当 市场效益 为 差 且 小项目
  则 可 分类 为 盘活
  释义 差就是连年亏损
义务 已评
  依据【一】
  应当 有前景
  期限 2026年1月1日
"""
LOWER = """\
设定 最少户数 为 8 户
  依据【一】
修订 盘活类
  依据【一】
  还须 非 有前景
对象 项目
  字段 乡镇（town）：文本
"""


def read(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    code = run(["list", str(folder), "--json", *options])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_layers(tmp_path, UPPER, LOWER)


def test_each_kind_is_listed_own_layer_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = read(folder, capsys)
    assert code == 0
    own, upper = (layer["id"] for layer in data["layers"])
    entries = [(entry["layer"], entry["kind"], entry["name"]) for entry in data["entries"]]
    assert entries == [
        (own, "字段", "乡镇"),
        (own, "修订", "盘活类"),
        (own, "设定", "最少户数"),
        (upper, "对象", "县"),
        (upper, "对象", "项目"),
        (upper, "字段", "县名"),
        (upper, "字段", "编号"),
        (upper, "字段", "市场效益"),
        (upper, "字段", "投资"),
        (upper, "研判", "有前景"),
        (upper, "参数", "定死"),
        (upper, "参数", "待定"),
        (upper, "参数", "最少户数"),
        (upper, "清单", "好产业"),
        (upper, "术语", "小项目"),
        (upper, "决定", "分类"),
        (upper, "规则", "盘活类"),
        (upper, "义务", "已评"),
    ]


def test_what_each_entry_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data = read(folder, capsys)
    said = {(entry["kind"], entry["name"]): entry for entry in data["entries"]}
    field = said["字段", "市场效益"]
    assert (field["about"], field["who"], field["key"], field["group"]) == (
        "选一个：好、差",
        "县农业农村局",
        "market",
        "经营",
    )
    assert field["values"] == ["好", "差"] and field["object"] == "项目"
    money = said["字段", "投资"]
    assert money["about"] == "金额（万元），0 万元 以上" and money["unit"] == "万元"
    assert (money["type"], money["low"], money["high"]) == ("金额", "0 万元", None)
    assert said["参数", "最少户数"]["about"].startswith("8 户（由某省设定）")
    assert "可取 1 户 至 50 户" in said["参数", "最少户数"]["about"]
    assert [said["参数", name]["who"] for name in ("最少户数", "定死", "待定")] == ["下层可设", "不能改", "下层可设"]
    assert said["参数", "待定"]["about"] == "未定，选一个：宽、严"
    assert said["清单", "好产业"]["about"] == "稻米、油料、等"
    assert said["术语", "小项目"]["about"] == "即 投资 < 50 万元"
    assert said["决定", "分类"]["about"] == "选一个：盘活、其他；默认 其他"
    assert said["规则", "盘活类"]["about"] == "可 分类 为 盘活"
    assert said["规则", "盘活类"]["text"] == "当 市场效益 为 差 且 小项目 则 可 分类 为 盘活"
    assert said["规则", "盘活类"]["cited"] == [{"place": "一", "quote": "盘活一批"}]
    assert said["义务", "已评"]["about"] == "应当 有前景；期限 2026年1月1日"
    assert said["修订", "盘活类"]["about"] == "还须 非 有前景"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("market", ["市场效益"]),
        ("稻米", ["好产业"]),
        ("连年亏损", ["盘活类"]),
        ("盘活一批", ["盘活类"]),
        ("五户以上", ["最少户数"]),
        ("评估组", ["有前景"]),
        ("盘 活", ["盘活类", "分类", "盘活类"]),
    ],
)
def test_a_word_is_found_wherever_it_stands(
    folder: Path, capsys: pytest.CaptureFixture[str], word: str, names: list[str]
) -> None:
    code, data = read(folder, capsys, "--find", word)
    assert code == 0 and not data["near"]
    assert [entry["name"] for entry in data["entries"]] == names


def test_where_it_stands_nowhere_similar_names_come(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = read(folder, capsys, "--find", "市场收益")
    assert code == 0 and data["near"]
    assert [entry["name"] for entry in data["entries"]] == ["市场效益"]
    assert run(["list", str(folder), "--find", "市场收益"]) == 0
    assert "哪里都没有“市场收益”；名称相近的有：" in capsys.readouterr().out
    code, data = read(folder, capsys, "--find", "风马牛不相及")
    assert code == 1 and data["entries"] == []


@pytest.mark.parametrize(
    ("limits", "word", "said"),
    [
        (("--kind", "字段"), "有前景", "字段里没有“有前景”；别处有：研判 有前景、"),
        (("--own",), "市场效益", "本层里没有“市场效益”；别处有：字段 市场效益"),
        (("--own", "--kind", "字段、参数"), "有前景", "本层的字段、参数里没有“有前景”；别处有：研判 有前景、"),
        (("--kind", "字段"), "风马牛不相及", "哪里都没有“风马牛不相及”，也没有名称相近的"),
    ],
)
def test_what_stands_outside_of_what_was_looked_through_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], limits: tuple[str, ...], word: str, said: str
) -> None:
    code, data = read(folder, capsys, *limits, "--find", word)
    assert data["entries"] == [] and code == 1
    assert [entry["name"] for entry in data.get("elsewhere", [])][:1] == ([word] if "别处" in said else [])
    run(["list", str(folder), *limits, "--find", word])
    assert said in capsys.readouterr().out.replace("\n", "")


def test_kinds_and_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data = read(folder, capsys, "--kind", "字段、研判", "--kind", "设定")
    assert {entry["kind"] for entry in data["entries"]} == {"字段", "研判", "设定"}
    _, data = read(folder, capsys, "--own")
    assert {entry["name"] for entry in data["entries"]} == {"乡镇", "盘活类", "最少户数"}
    assert run(["list", str(folder), "--kind", "字断"]) == 2
    assert "是不是 字段" in capsys.readouterr().err


def test_what_is_not_in_force_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "提示 旧提示\n  依据【一】\n  当 小项目\n  说 “话”\n  至 2020年1月1日 止\n"
    (file,) = folder.glob("*.rules")
    file.write_text(file.read_text(encoding="utf-8") + rule, encoding="utf-8")
    assert run(["list", str(folder), "--own", "--kind", "提示", "--as-of", "2025-09-15"]) == 0
    assert "旧提示（评估日不在有效期）" in capsys.readouterr().out


def test_what_can_be_read_is_listed_beside_errors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file,) = folder.glob("*.rules")
    file.write_text(file.read_text(encoding="utf-8") + "提示 丙\n  当 没有的字段\n  说 话\n", encoding="utf-8")
    assert run(["list", str(folder), "--kind", "字段"]) == 0
    told = capsys.readouterr()
    assert "规则里有错误" in told.err and "市场效益" in told.out and "乡镇" in told.out
    assert run(["list", str(folder / "没有")]) == 1
    assert "没有文件夹" in capsys.readouterr().err


def test_neither_the_order_of_declarations_nor_of_files_shows() -> None:
    parts = UPPER.split("\n参数 ")
    turned = parts[0] + "".join(f"\n参数 {part.rstrip()}" for part in reversed(parts[1:])) + "\n"
    listed = []
    for text in (UPPER, turned):
        policy = policy_from_text(text)
        listed.append([(entry.kind, entry.name) for entry in inventory(policy.stack, policy.program).entries])
    assert listed[0] == listed[1]


@pytest.mark.parametrize("columns", [60, 100])
def test_the_tables_fit_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run(["list", "policies/jiangxi"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 100 and max(map(display_width, lines)) <= columns


def test_every_kind_has_words_for_people() -> None:
    assert set(_HEADINGS) == set(KINDS) == set(DECLARATIONS)

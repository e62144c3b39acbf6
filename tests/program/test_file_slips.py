"""layer.yaml, clauses.yaml and file names as people first write them: each answer, typed in, is what was meant."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from policyrules import Diagnostic, try_load

LAYER = """\
编号: "QS"
标题: "青山县细则"
层级: 县
适用地区: "青山县"
上级: "../省"
施行日期: 2025-01-01
失效日期: null
"""
CLAUSES = """\
条款:
  - 编号: QS-1
    位置: 第一条
    要点: 停产的要核实
    类别: 分类
    产出结论: 是
"""
RULES = "提示 县提示\n  依据【第一条】\n  当 停产\n  说 “停产了”\n"
UPPER = '编号: "SH"\n标题: "省细则"\n层级: 省\n适用地区: "某省"\n上级: null\n施行日期: 2024-01-01\n'
FIELDS = "对象 项目（project）\n  字段 停产（stopped）：是否\n"


def found(folder: Path, layer: str = LAYER, clauses: str = CLAUSES, name: str = "县.rules") -> tuple[Diagnostic, ...]:
    for path, texts in (
        ("省", {"layer.yaml": UPPER, "clauses.yaml": "条款: []\n", "省.rules": FIELDS}),
        ("县", {"layer.yaml": layer, "clauses.yaml": clauses, name: RULES}),
    ):
        (folder / path).mkdir()
        for file, text in texts.items():
            (folder / path / file).write_text(text, encoding="utf-8")
    return try_load(folder / "县", as_of=datetime.date(2025, 9, 15))[1]


def test_what_is_right_is_not_reported(tmp_path: Path) -> None:
    assert [each.code for each in found(tmp_path) if each.severity == "error"] == []


@pytest.mark.parametrize(
    ("right", "typed", "code", "remedy"),
    [
        ("层级: 县", "层级：县", "E400", "冒号用半角“:”，后面留一个空格"),
        ("层级: 县", "层级:县", "E400", "写成“层级: 县”"),
        ('标题: "青山县细则"', '标题： "青山县细则"', "E400", "冒号用半角“:”，后面留一个空格"),
        ('编号: "QS"', "编号:QS", "E400", "上一行写成“编号: QS”"),
        ('编号: "QS"', "编号 QS", "E400", "上一行写成“编号: QS”"),
        ("层级: 县", "层级: 区", "E424", "是不是“县”？"),
        ("施行日期: 2025-01-01", "施行日期: “2025-01-01”", "E423", "写成 2025-01-01"),
        ("施行日期: 2025-01-01", "施行日期: 自2025年1月1日起施行", "E423", "写成 2025-01-01"),
        ("失效日期: null", "推定的日期: 施行日期", "E422", "写成 [施行日期]"),
        ("层级: 县", "级别: 县", "E420", "是不是 层级？"),
        ("施行日期: 2025-01-01", "施行日期: 2025-1-1", "E410", "写成 2025-01-01"),
        ("施行日期: 2025-01-01", "生效日期: 2025-01-01", "E420", "是不是 施行日期？"),
        ("失效日期: null", "失效日期: 长期", "E423", "没有这个日期的，写 null"),
        ("失效日期: null", "失效日期: 2024-01-01", "E432", "改正其中一个日期；没有失效日期的写 null"),
        ('"../省"', "省", "E380", "写成 ../省"),
        ('"../省"', "../省、../市", "E385", "写成列表：[../省, ../市]"),
        ('"../省"', "null", "E201", "在 layer.yaml 的“上级”里写上那一层的文件夹才认得"),
        ('"../省"', "省细则", "E380", "写上一层的文件夹，不写标题和编号；旁边有：../省"),
        ('"../省"', "SH", "E380", "写上一层的文件夹，不写标题和编号；旁边有：../省"),
        ('"../省"', "../市", "E380", "旁边有：省"),
        ('"../省"', "../县", "E386", "最上面一层的 上级 写 null"),
        ('"../省"', "../省/layer.yaml", "E380", "/省”"),
        ('编号: "QS"', '编号: "SH"', "E387", "各层用不同的编号"),
        ("失效日期: null", "失效日期: 2025-12-31\n失效日期: null", "E408", "只留一处"),
        ("失效日期: null", "<<<<<<< 甲\n失效日期: null\n=======\n>>>>>>> 乙", "E400", "留下对的一种"),
        ("失效日期: null", "报告: {分类}", "E400", "写成 分类: 值"),
        ("层级: 县", "层级: 县级", "E424", "是不是“县”？"),
    ],
)
def test_manifests(tmp_path: Path, right: str, typed: str, code: str, remedy: str) -> None:
    given = [each for each in found(tmp_path, LAYER.replace(right, typed)) if each.code == code]
    assert given and remedy in f"{given[0].message}；{given[0].remedy}", given


@pytest.mark.parametrize(
    ("right", "typed", "remedy"),
    [
        ("  - 编号", "  -编号", "上一行写成“- 编号: …”"),
        ("  - 编号", "- 编号", "前面空 2 格"),
        ("  - 编号", "  编号", "上一行写成“  - 编号: QS-1”"),
        ("    位置", "      位置", "前面空 4 格"),
        ("    位置: 第一条", "    条目: 第一条", "是不是 位置？"),
    ],
)
def test_clause_tables(tmp_path: Path, right: str, typed: str, remedy: str) -> None:
    given = found(tmp_path, clauses=CLAUSES.replace(right, typed))
    assert any(remedy in (each.remedy or "") for each in given), given


def test_a_misspelt_ending_of_a_rule_file_is_told(tmp_path: Path) -> None:
    told = [each for each in found(tmp_path, name="县.ruels") if each.code == "W383"]
    assert told and told[0].remedy is not None and told[0].remedy.startswith("是规则就改名为“县.rules”")


def test_a_break_of_old_systems_is_no_character_to_delete(tmp_path: Path) -> None:
    found(tmp_path)
    (tmp_path / "县" / "县.rules").write_bytes(RULES.replace("\n", "\r").encode())
    first = try_load(tmp_path / "县", as_of=datetime.date(2025, 9, 15))[1][0]
    assert first.code == "E103" and "按回车键另起一行" in (first.remedy or "")


def test_a_place_is_written_without_its_brackets(tmp_path: Path) -> None:
    told = found(tmp_path, clauses=CLAUSES.replace("位置: 第一条", "位置: 【第一条】"))
    assert next((one.code, one.remedy) for one in told if one.severity == "error") == ("E425", "写成 第一条")


def test_who_cites_an_entry_with_an_error_is_not_told_that_there_is_none(tmp_path: Path) -> None:
    told = found(tmp_path, clauses=CLAUSES.replace("类别: 分类", "类别: 职责"))
    assert [one.code for one in told if one.severity == "error"] == ["E424"]


def test_a_citation_of_nothing_is_told_beside_an_entry_with_an_error(tmp_path: Path) -> None:
    other = CLAUSES.replace("位置: 第一条", "位置: 第二条").replace("类别: 分类", "类别: 职责")
    told = found(tmp_path, clauses=other)
    assert sorted(one.code for one in told if one.severity == "error") == ["E424", "E434"]


@pytest.mark.parametrize(
    ("right", "typed", "code"),
    [
        ("失效日期: null", "失效日期: 2024-01-01", "E432"),
        ("施行日期: 2025-01-01", "生效日期: 2025-01-01", "E420"),
        ("层级: 县", "级别: 县", "E420"),
        ("失效日期: null", "失效日期: null\n上级: ../省", "E408"),
    ],
)
def test_one_fault_of_a_manifest_is_told_once(tmp_path: Path, right: str, typed: str, code: str) -> None:
    assert [one.code for one in found(tmp_path, LAYER.replace(right, typed))] == [code]


def test_a_list_of_clauses_under_another_word_is_told_once(tmp_path: Path) -> None:
    told = found(tmp_path, clauses=CLAUSES.replace("条款:", "条文:"))
    assert [(one.code, one.remedy) for one in told if one.severity == "error"] == [("E420", "是不是 条款？")]


def test_which_day_is_to_be_changed_is_told(tmp_path: Path) -> None:
    told = found(tmp_path, LAYER.replace("失效日期: null", "失效日期: 2025-06-30"))
    assert [one.remedy for one in told if one.code == "W306"] == [
        "要用上这一层，评估日写 2025-06-30 或以前；失效日期写错了，改 layer.yaml"
    ]


def test_the_lock_is_not_offered_as_a_manifest(tmp_path: Path) -> None:
    found(tmp_path)
    (tmp_path / "县" / "layer.yaml").unlink()
    (tmp_path / "县" / "layer.lock").write_text("format: 1\namendments: []\n", encoding="utf-8")
    (first,) = try_load(tmp_path / "县", as_of=datetime.date(2025, 9, 15))[1]
    assert (first.code, first.remedy) == ("E381", "在文件夹里放一份 layer.yaml")


LOCKED = """\
# 由命令写入
format: 1
amendments:
- name: "升级类"
  sha256: "{0}"
- name: "盘活类"
  sha256: "{0}"
""".format("0a" * 32)


@pytest.mark.parametrize(
    ("right", "typed", "code", "line"),
    [
        ("format: 1", "format：1", "E400", 2),
        ("format: 1", "format:1", "E400", 3),
        ("format: 1", "格式: 1", "E395", 1),
        ("format: 1", "format: 0", "E395", 2),
        ("format: 1", "format: '1'", "E395", 2),
        ("amendments:\n", "", "E400", 3),
        ("amendments:\n", "amendment:\n", "E395", 1),
        ("- name", "- 名称", "E395", 4),
        ("- name", "-name", "E400", 5),
        ("  sha256", "sha256", "E400", 6),
        ("  sha256", "   sha256", "E400", 5),
        ("  sha256", "  md5", "E395", 4),
        ("  sha256: ", "  sha256:", "E400", 5),
        (f'  sha256: "{"0a" * 32}"\n', "", "E395", 4),
        ("0a" * 32, "0a" * 31, "E395", 4),
        ("0a" * 32, "0a" * 33, "E395", 4),
        ("0a" * 32, "0A" * 32, "E395", 4),
        (f'{"0a" * 32}"', "0a0a", "E400", 6),
        ("盘活类", "升级类", "E395", 6),
        ("- name", "<<<<<<< 甲\n- name", "E400", 4),
        (LOCKED, "", "E403", 1),
        (LOCKED, LOCKED + "---\n" + LOCKED, "E407", 8),
        (LOCKED, LOCKED[: len(LOCKED) // 2], "E400", 5),
    ],
)
def test_who_changed_a_lock_is_not_told_how_to_go_on(
    tmp_path: Path, right: str, typed: str, code: str, line: int
) -> None:
    """Nothing of it is for the keyboard, and a new lock takes the provisions above as they are now."""
    assert right in LOCKED
    found(tmp_path)
    (tmp_path / "县" / "layer.lock").write_text(LOCKED.replace(right, typed, 1), encoding="utf-8")
    told = [one for one in try_load(tmp_path / "县", as_of=datetime.date(2025, 9, 15))[1] if "lock" in one.file]
    assert [(one.code, one.line) for one in told] == [(code, line)]
    assert "不要手改：有没改动过的一份，就用那一份" in (told[0].remedy or "")


def test_a_lock_of_a_newer_program_is_not_to_be_deleted(tmp_path: Path) -> None:
    found(tmp_path)
    (tmp_path / "县" / "layer.lock").write_text("format: 2\namendments: []\n", encoding="utf-8")
    told = try_load(tmp_path / "县", as_of=datetime.date(2025, 9, 15))[1]
    assert [(one.code, one.remedy) for one in told] == [("E395", "是更新的程序写的，换用新的程序")]

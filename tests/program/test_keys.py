"""layer.yaml and clauses.yaml in Chinese: the same records, the same checks, messages in the spelling of the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyrules import LANGUAGE_VERSION
from policyrules.analysis.hashes import hash_clauses
from policyrules.diagnostics import Report
from policyrules.policy import load
from policyrules.program import strict_yaml
from policyrules.program.clause_table import ClauseTable, read_clauses
from policyrules.program.keys import CLAUSE_KINDS, KEYS, KIND_MEANINGS, in_english
from policyrules.program.manifest import LayerManifest, read_manifest
from policyrules.program.quotes import fingerprint
from policyrules.source import Source
from policyrules.testing.build import write_layers

ROOT = Path(__file__).parents[2]
LAYER = """\
编号: QS
标题: 青山县实施细则
文号: null
简称: 青山细则
发文机关: 青山县农业农村局
层级: 县
适用地区: 青山县
上级: ../省
成文日期: 2025-01-02
施行日期: 2025-02-01
失效日期:
推定的日期: [成文日期]
说明: 虚构的例子
"""
CLAUSES = """\
章节:
- 位置: 一
  标题: 总则
  责任单位: [产业科]
条款:
- 编号: QS-1
  位置: 第一条
  所属章节: 一
  要点: 范围
  类别: 适用范围
  产出结论: 否
  理由: 只说范围
- 编号: QS-2
  位置: 第二条
  要点: 评估
  类别: 义务
  产出结论: 是
  起始字样: 第二条
  结束字样: 一次。
  不产出结论的句子:
  - {原话: 逐步推开, 理由: 只是方向}
"""


def manifest(text: str) -> LayerManifest:
    read, found = read_manifest(Source("layer.yaml", text))
    assert read is not None and found == ()
    return read


def table(text: str) -> ClauseTable:
    read, found = read_clauses(Source("clauses.yaml", text))
    assert read is not None and found == (), [str(one) for one in found]
    return read


def test_a_layer_in_chinese() -> None:
    read = manifest(LAYER)
    assert (read.id, read.title, read.document_number, read.short) == ("QS", "青山县实施细则", None, "青山细则")
    assert (read.level, read.region, read.extends, str(read.in_force_from)) == ("县", "青山县", "../省", "2025-02-01")
    assert read.in_force_until is None and read.assumed == ("issued",)


def test_clauses_in_chinese() -> None:
    read = table(CLAUSES)
    first, second = read.clauses
    assert (first.kind, first.decides, first.reason) == ("scope", False, "只说范围")
    assert read.offices_of(first) == ("产业科",)
    assert (second.kind, second.decides, second.starts) == ("duty", True, "第二条")
    assert [(one.words, one.reason) for one in second.sentences] == [("逐步推开", "只是方向")]


@pytest.mark.parametrize("layer", ["national", "jiangxi"])
def test_the_real_files_say_the_same_in_chinese(layer: str) -> None:
    folder = ROOT / "policies" / layer

    def chinese(name: str) -> str:
        text = (folder / name).read_text(encoding="utf-8")
        text = re.sub(r"(?m)^([ \-]*)([a-z_0-9]+):", lambda found: f"{found[1]}{KEYS[found[2]]}:", text)
        text = re.sub(r"(?<=[{ ])(words|reason|place|title|offices): ", lambda found: f"{KEYS[found[1]]}: ", text)
        text = re.sub(r"(?m)^( *类别): (\w+)", lambda found: f"{found[1]}: {CLAUSE_KINDS[found[2]]}", text)
        return re.sub(r": true\b", ": 是", re.sub(r": false\b", ": 否", text))

    assert manifest(chinese("layer.yaml")) == manifest((folder / "layer.yaml").read_text(encoding="utf-8"))
    ours, theirs = table(chinese("clauses.yaml")), table((folder / "clauses.yaml").read_text(encoding="utf-8"))
    assert (ours.clauses, ours.headings) == (theirs.clauses, theirs.headings)


def test_every_key_has_one_name_of_its_own() -> None:
    assert len(set(KEYS.values())) == len(KEYS)
    assert not set(KEYS) & set(KEYS.values())
    assert KIND_MEANINGS.keys() == CLAUSE_KINDS.keys()


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "remedy"),
    [
        ("标题: 青山县实施细则\n", "", "E421", "缺少 标题", "补上一行“标题: ……”"),
        ("标题:", "标提:", "E420", "不认识“标提”", "是不是 标题？"),
        ("施行日期: 2025-02-01", "施行日期: 2025年2月1日", "E423", "施行日期“2025年2月1日”不是日期", "写成 2025-02-01"),
        ("层级: 县", "层级: 乡", "E424", "层级不能写“乡”", "可写：国家、省、市、县"),
        ("层级: 县", "level: 县\n层级: 县", "E450", "“level”和“层级”是同一项，写了两遍", "只留一处"),
        ("编号: QS", '编号: QS\n"编号": QS', "E408", "“编号”写了两遍", "只留一处"),
        ("说明: 虚构的例子\n", "", "E431", "日期是推定的，却没有说明为什么", "在 说明 里写明"),
        ("说明:", "语言: 9\n说明:", "E161", "语言没有第 9 版", f"写成 {LANGUAGE_VERSION}"),
        ("说明:", "语言: 是\n说明:", "E422", "语言应是整数", "不写这一行"),
    ],
)
def test_messages_about_a_layer_speak_chinese(old: str, new: str, code: str, message: str, remedy: str) -> None:
    assert old in LAYER
    _, found = read_manifest(Source("layer.yaml", LAYER.replace(old, new, 1)))
    told = next(one for one in found if one.code == code)
    assert message in told.message and remedy in (told.remedy or "")
    assert "（" not in told.message


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("  要点: 范围\n", "", "E421", "缺少 要点"),
        ("  理由: 只说范围\n", "", "E427", "在 理由 里写明"),
        ("  结束字样: 一次。\n", "", "E429", "起始字样 和 结束字样 要么都写"),
        ("所属章节: 一", "所属章节: 二", "E428", "章节 里没有“二”"),
        ("产出结论: 是", "产出结论: yes", "E410", "加引号"),
        ("产出结论: 是", "产出结论: 有", "E422", "产出结论应是"),
        ("{原话: 逐步推开, 理由: 只是方向}", "{原话: 逐步推开}", "E421", "缺少 理由"),
        ("编号: QS-2", "编号: QS-1", "E426", "编号“QS-1”用了两遍"),
    ],
)
def test_messages_about_clauses_speak_chinese(old: str, new: str, code: str, says: str) -> None:
    assert old in CLAUSES
    _, found = read_clauses(Source("clauses.yaml", CLAUSES.replace(old, new, 1)))
    told = next(one for one in found if one.code == code)
    assert says in f"{told.message} {told.remedy}"


def test_a_kind_nobody_knows_is_answered_with_what_each_kind_means() -> None:
    _, (found,) = read_clauses(Source("clauses.yaml", CLAUSES.replace("类别: 义务", "类别: 总则")))
    for kind, word in CLAUSE_KINDS.items():
        assert f"{word}（{kind}），{KIND_MEANINGS[kind][0]}" in (found.remedy or "")


def test_yes_and_no_are_words_everywhere_else() -> None:
    assert table(CLAUSES.replace("要点: 范围", "要点: 是")).clauses[0].summary == "是"


def test_what_is_undecided_is_said_once_and_stands_in_nobodys_way() -> None:
    text = CLAUSES.replace("类别: 适用范围", "类别: 待定").replace("类别: 义务", "类别: undecided")
    read, (found,) = read_clauses(Source("clauses.yaml", text))
    assert read is not None and len(read.clauses) == 2
    assert (found.code, found.severity, found.line) == ("W465", "warning", 10)
    assert found.message == "还有 2 条没有定类别：【第一条】【第二条】"


def test_fingerprints_are_written_under_the_chinese_key() -> None:
    text = CLAUSES.replace("  要点: 范围\n", "  要点: 范围\n  起始字样: 第一条\n  结束字样: 范围。\n")
    read = table(text)
    hashed = hash_clauses(read, Source("原文.txt", "第一条　定范围。\n第二条　评估一次。逐步推开。\n"))
    digest = fingerprint("第二条评估一次。")
    assert hashed.text is not None and f'  结束字样: 一次。\n  文本指纹: "{digest}"\n' in hashed.text
    assert table(hashed.text).clauses[1].sha256 == digest


def test_a_stack_of_both_spellings_loads(tmp_path: Path) -> None:
    folder = write_layers(
        tmp_path,
        "对象 项目（project）\n  字段 停产（stopped）：是否\n",
        "提示 甲\n  依据【一】\n  当 停产\n  说 “话”\n",
    )
    (folder / "layer.yaml").write_text(LAYER.replace("../省", "../0"), encoding="utf-8")
    text = "条款:\n- {编号: QS-1, 位置: 一, 要点: 甲, 类别: 提示, 产出结论: 是}\n".replace("类别: 提示", "类别: 义务")
    (folder / "clauses.yaml").write_text(text, encoding="utf-8")
    assert [layer.level for layer in load(folder).layers] == ["国家", "县"]


def test_nesting_and_unknown_keys_stay_what_they_are() -> None:
    tree, _ = strict_yaml.read(Source("a.yaml", "甲: [{编号: 1}, 2]\n"))
    assert tree is not None
    assert strict_yaml.plain(in_english(tree, Report())) == {"甲": [{"id": 1}, 2]}

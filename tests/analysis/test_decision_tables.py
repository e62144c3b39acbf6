"""Analyses see the rows of a table as the rules they are: mutants, differences, layers with something left out, locks."""

from __future__ import annotations

import datetime
from pathlib import Path

from policyrules.analysis.differences import differences
from policyrules.analysis.mutants import Mutant, mutants_of, vocabulary_of
from policyrules.language.parser import parse_source
from policyrules.policy import load
from policyrules.program.lock import write_locks
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text, write_layers

WORLD = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 总投资（total）：金额（万元） 取值 0 元 以上
  字段 类型（kind）：枚举 { 大棚、冷库、光伏 }
  字段 已建（built）：是否

决定 档（grade）：单选 { 低、中、高 }
  依据【办法】
  授权 自定

"""
TABLE = """\
决策表 档
  依据【办法】
  得出 档
  取首行
  | 总投资              | 类型       | 档 |
  | < 10 万元           | 大棚、冷库 | 低 |
  | ≥ 10 万元 < 50 万元 | 不为 光伏  | 中 |
  | 其余                |            | 高 |
"""


def mutants() -> list[Mutant]:
    policy = policy_from_text(WORLD + TABLE)
    (file,) = policy.stack.layers[0].parsed
    found = mutants_of(file, "L0", vocabulary_of(policy.program))
    return [mutant for mutant in found if mutant.declaration == "决策表 档"]


def test_every_cell_is_changed_and_still_reads() -> None:
    found = mutants()
    changes = {(mutant.line, mutant.kind, mutant.change) for mutant in found}
    assert {
        (16, "删去一行", "档·1 → （去掉）"),
        (16, "行对调", "档·1 → 档·2"),
        (16, "比较", "总投资 < 10 万元 → 总投资 ≤ 10 万元"),
        (16, "去掉条件", "总投资 < 10 万元 → （去掉）"),
        (16, "集合少一值", "大棚 → （去掉）"),
        (16, "结论换值", "档 为 低 → 档 为 中"),
        (17, "少一个条件", "总投资 ≥ 10 万元 → （去掉）"),
        (17, "取反", "类型 不为 光伏 → 类型 为 光伏"),
        (18, "结论换值", "档 为 高 → 档 为 低"),
    } <= changes
    assert (17, "行对调", "档·2 → 档·3") not in changes, "the rest stays last"
    whole = WORLD + TABLE
    for mutant in found:
        text = whole[: mutant.start] + mutant.replacement + whole[mutant.end :]
        loaded, problems = try_policy_from_text(text)
        assert loaded is not None and text != whole, (mutant, problems)


def test_a_row_below_is_a_difference_of_its_own() -> None:
    lower = TABLE.replace("决策表 档", "决策表 另档").replace("办法", "细则")
    policy = policy_from_text(WORLD + "规则 甲\n  依据【办法】\n  当 已建\n  则 档 为 低\n", lower)
    found = {entry.name: [part.text for part in entry.parts] for entry in differences(policy).differences}
    assert found["另档·1"] == ["总投资 < 10 万元 且 类型 属于 { 大棚、冷库 }", "档：低"]
    assert list(found) == ["另档·1", "另档·2", "另档·3"]


def test_a_stack_without_a_row() -> None:
    policy = policy_from_text(WORLD + TABLE)
    first = policy.program.rules["档·1"]
    left = policy.stack.without(first.origins).program(datetime.date(2025, 9, 15))
    assert list(left.rules) == ["档·2", "档·3"]


def test_a_lock_knows_the_rows_above(tmp_path: Path) -> None:
    """What an amended row of a table of 取首行 means hangs on the rows above it."""
    lower = "修订 档·2\n  依据【细则】\n  还须 已建\n"
    day = datetime.date(2025, 9, 15)
    folder = write_layers(tmp_path, WORLD + TABLE, lower)
    policy = load(folder, as_of=day)
    write_locks(policy.layers[-1:], policy.pins)
    assert load(folder, as_of=day).warnings == ()
    rules = tmp_path / "0" / "rules.rules"
    changed = WORLD + TABLE.replace("< 10 万元           | 大棚、冷库", "< 20 万元           | 大棚、冷库")
    rules.write_text(changed, encoding="utf-8")
    assert [one.code for one in load(folder, as_of=day).warnings] == ["W303"]
    rules.write_text(WORLD + TABLE.replace("| 低 |", "| 高 |"), encoding="utf-8")
    assert load(folder, as_of=day).warnings == ()


def test_mutants_of_a_table_stand_inside_its_declaration() -> None:
    file, _ = parse_source(Source("甲.rules", WORLD + TABLE))
    for mutant in mutants():
        span = file.declarations[mutant.index].span
        assert span.start <= mutant.start <= mutant.end <= span.end

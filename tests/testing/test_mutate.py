"""Mutation testing of a small stack: what scenarios notice, what they do not, and that the fast way is the slow way."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from policyrules.diagnostics import PolicyError
from policyrules.program.stack import Stack
from policyrules.report.layout import plain
from policyrules.source import Span
from policyrules.testing.build import write_layers
from policyrules.testing.equivalents import FILE_NAME
from policyrules.testing.mutate import MutationReport, mutate
from policyrules.testing.mutate_text import mutation_lines
from policyrules.testing.runner import run_files
from policyrules.testing.scenarios import find_files, is_scenario_file


def render_text(report: MutationReport, *, width: int = 100, everything: bool = False) -> str:
    return plain(mutation_lines(report, width=width, everything=everything))


UPPER = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 有潜力（potential）：是否
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 户数（households）：整数（户） 取值 0 户 至 1000 户

参数 最少户数（least）：整数（户） 缺省 10 户

决定 分类（category）：单选 { 升级、盘活 }
  授权 自定

规则 盘活类
  依据【二·盘活】“停产的”
  当 停产 且 有潜力
  则 分类 为 盘活

义务 带动
  依据【三·带动】“带动农户”
  当 分类 为 盘活
  应当 户数 ≥ 最少户数
"""

LOWER = """\
修订 盘活类
  依据【二·盘活】“链条不完整的”
  还须 链条 为 不完整

修订 带动
  依据【三·带动】“带动农户”
  重申

规则 升级类
  依据【二·升级】“有潜力的”
  当 有潜力 且 非 停产
  则 分类 为 升级
"""

SCENARIOS = """\
评估日: 2025-09-15
基础记录:
  停产项目: {编号: 甲, 停产: 是, 有潜力: 是, 链条: 不完整, 户数: 10}
情形:
  - 名称: 停产、有潜力、链条不完整的归盘活
    沿用: 停产项目
    预期:
      分类: 盘活
      发现: {带动: 合规}
    各层: {国家: {分类: 盘活}}
  - 名称: 链条较完备的江西不归盘活
    沿用: 停产项目
    记录: {链条: 较完备}
    预期: {分类: 无}
    各层: {国家: {分类: 盘活}}
  - 名称: 没有停产的归升级
    沿用: 停产项目
    记录: {停产: 否}
    预期: {分类: 升级}
  - 名称: 户数不够的违反
    沿用: 停产项目
    记录: {户数: 9}
    预期: {发现: {带动: 违反}}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """The lower layer's folder, with its scenarios."""
    lower = write_layers(tmp_path / "政策", UPPER, LOWER)
    (lower / "scenarios").mkdir()
    (lower / "scenarios" / "一.yaml").write_text(SCENARIOS, encoding="utf-8")
    return lower


def found(report: MutationReport, status: str) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for one in report.results:
        if one.status == status:
            result.setdefault(one.mutant.declaration, []).append(one.mutant.change)
    return result


def test_what_is_noticed(stack: Path) -> None:
    report = mutate(stack)
    noticed = found(report, "noticed")
    assert "链条 为 不完整 → 链条 为 较完备" in noticed["修订 盘活类"]
    assert "修订 盘活类 → （去掉）" in noticed["修订 盘活类"]
    assert "规则 升级类 → （去掉）" in noticed["规则 升级类"]
    assert "有潜力 且 非 停产 → 有潜力 或 非 停产" in noticed["规则 升级类"]
    by = {one.mutant.change: one.by for one in report.of("noticed")}
    assert by["修订 盘活类 → （去掉）"] == "链条较完备的江西不归盘活"
    # No scenario has a project without prospects.
    assert found(report, "unnoticed") == {"规则 升级类": ["有潜力 → （去掉）"]}
    assert found(report, "restatement") == {"修订 带动": ["修订 带动 → （去掉）"]}
    (unnoticed,) = report.of("unnoticed")
    assert "没有停产的归升级" in unnoticed.ran
    assert unnoticed.mutant.line == 11 and unnoticed.mutant.path.endswith("1/rules.rules")
    assert report.share == Fraction(len(report.of("noticed")), len(report.of("noticed")) + 1)
    assert report.scenarios == 4 and not report.left_out


def test_upper_layers_too(stack: Path) -> None:
    report = mutate(stack, whole_stack=True)
    upper = found(report, "noticed")
    assert "停产 → （去掉）" in upper["规则 盘活类"]
    assert "户数 ≥ 最少户数 → 户数 > 最少户数" in upper["义务 带动"]
    assert "缺省 10 户 → 缺省 11 户" in upper["参数 最少户数"]
    # The amendment below would have nothing to amend: a stack that does not load says nothing, but the nation's own
    # stack still loads, and its scenario notices.
    assert "规则 盘活类 → （去掉）" in upper["规则 盘活类"]
    assert {one.mutant.layer for one in report.results} == {"L0", "L1"}


def test_the_fast_way_is_the_slow_way(stack: Path) -> None:
    """Each mutant written to the disk, everything loaded and every scenario run, comes to the same."""
    report = mutate(stack, whole_stack=True)
    files = find_files([stack])
    layers = Stack.read(stack).layers
    sources = {source.layer: source for layer in layers for source in layer.files.sources}
    for result in report.results:
        mutant = result.mutant
        source = sources[mutant.layer]
        path = stack.parent / mutant.layer[1:] / "rules.rules"
        path.write_text(mutant.within(Span(source, 0, len(source.text))), encoding="utf-8")
        try:
            run = run_files(files)
        finally:
            path.write_text(source.text, encoding="utf-8")
        broken = [one.scenario.name for one in run.results if one.status != "passed"]
        if result.status == "noticed":
            assert result.by in broken, mutant
        else:
            # Restatements and what nobody noticed; a stack that no longer loads fails every scenario.
            assert not broken or result.status == "stillborn", mutant


def test_what_does_not_load_is_counted_apart(tmp_path: Path) -> None:
    upper = UPPER + "\n决定 措施（measures）：多选 { 贷款 }\n  授权 自定\n"
    added = "增列 措施\n  依据【四】“话”\n  { 培训、品牌 }\n\n规则 甲\n  依据【四】“话”\n  当 停产\n  则 措施 含 培训\n"
    lower = write_layers(tmp_path / "政策", upper, LOWER + "\n" + added)
    report = mutate(lower)
    # A rule concludes 培训, so a list without it is refused; nobody concludes 品牌, and there is no scenario at all.
    (stillborn,) = report.of("stillborn")
    assert stillborn.mutant.change == "培训 → （去掉）" and "培训" in stillborn.reason
    assert "品牌 → （去掉）" in found(report, "unnoticed")["增列 措施"]
    assert not report.of("noticed") and all(not one.ran for one in report.results)
    text = render_text(report, everything=True)
    assert "没有一个情形用到这一处" in text and "读不进：" in text


def test_what_does_not_pass_takes_no_part(stack: Path) -> None:
    text = SCENARIOS.replace("预期: {分类: 升级}", "预期: {分类: 盘活}")
    (stack / "scenarios" / "一.yaml").write_text(text, encoding="utf-8")
    report = mutate(stack)
    assert report.left_out == ("没有停产的归升级",)
    assert "没有参加：没有停产的归升级" in render_text(report)


def test_sample_is_the_same_for_a_seed(stack: Path) -> None:
    first, second = mutate(stack, sample=3, seed=7), mutate(stack, sample=3, seed=7)
    assert first.to_dict() == second.to_dict()
    assert len(first.results) == 3 < first.possible
    assert {one.mutant for one in first.results} != {one.mutant for one in mutate(stack, sample=3, seed=8).results}
    # Where lines break depends on the length of the folder's path.
    assert "抽查3处" in "".join(render_text(first).split())


def test_excuses(stack: Path) -> None:
    entry = "  - 声明: {}\n    变化: {}\n    理由: {}\n"
    (stack / "scenarios" / FILE_NAME).write_text(
        "等价变异:\n"
        + entry.format("规则 升级类", "有潜力 → （去掉）", "试一试")
        + entry.format("规则 升级类", "不存在 → （去掉）", "规则改了"),
        encoding="utf-8",
    )
    assert not is_scenario_file(stack / "scenarios" / FILE_NAME)
    report = mutate(stack)
    assert not report.of("unnoticed") and report.share == 1
    assert [one.reason for one in report.of("excused")] == ["试一试"]
    assert [excuse.change for excuse in report.unused] == ["不存在 → （去掉）"]
    text = render_text(report)
    assert "理由：试一试" in text and "没有用上的" in text
    # One file says nothing about the excuses of another.
    assert not mutate(stack, files=["没有.rules"]).unused


def test_a_list_of_excuses_needs_reasons(stack: Path) -> None:
    (stack / FILE_NAME).write_text("等价变异:\n  - 声明: 规则 升级类\n    变化: 甲\n", encoding="utf-8")
    report = mutate(stack)
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["E670"]
    assert "没有写“理由”" in report.diagnostics[0].message


def test_a_stack_that_does_not_load(stack: Path) -> None:
    (stack / "rules.rules").write_text("规则 坏\n  当 没有这个\n  则 分类 为 升级\n", encoding="utf-8")
    with pytest.raises(PolicyError):
        mutate(stack)


def test_report_as_json_and_text(stack: Path) -> None:
    report = mutate(stack)
    data = json.loads(json.dumps(report.to_dict(), ensure_ascii=False))
    assert data["counts"]["unnoticed"] == 1
    assert sum(data["counts"].values()) == data["tried"] == len(data["mutants"])
    text = render_text(report, width=200)
    assert "改了也没有情形发现的地方（1）" in text
    assert "有潜力 → （去掉）" in text
    assert "这些情形用到了，但改了结果也不变：" in text
    assert "发现 8，没有发现 1（发现率 88.8%）；去掉重申、结果本来就不变的 1" in text
    assert "情形发现了的改动" not in text
    assert "情形发现了的改动" in render_text(report, everything=True)


def test_nothing_is_written(stack: Path) -> None:
    before = {path: path.read_bytes() for path in stack.parent.rglob("*") if path.is_file()}
    mutate(stack, whole_stack=True)
    assert {path: path.read_bytes() for path in stack.parent.rglob("*") if path.is_file()} == before

"""Scenario files: what may be written, what is refused and how, what a run answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE

import policyrules as pr
from policyrules import spelling
from policyrules.program import costs
from policyrules.program.collecting import weight
from policyrules.program.graph import definitions, reachable, result_named
from policyrules.program.walk import walk
from policyrules.report.layout import plain
from policyrules.source import Source
from policyrules.testing.build import policy_from_text, try_policy_from_text, write_layers
from policyrules.testing.runner import Run, run_files
from policyrules.testing.scenario_coverage import ScenarioCoverage
from policyrules.testing.scenarios import find_files, is_scenario_file, read
from policyrules.testing.text import coverage_lines, run_lines

HEAD = """\
政策: {folder}
评估日: 2025-09-15
基础记录:
  升级项目: {{已形成: 是, 资源有支撑: 是, 困难: 无, 类型: 茶}}
  链条完整: {{沿用: 升级项目, 链条: 较完备}}
情形:
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_layers(tmp_path_factory.mktemp("layers"), NATION, PROVINCE)


def run(folder: Path, tmp_path: Path, text: str, head: str = HEAD) -> Run:
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(head.format(folder=folder.as_posix()) + text, encoding="utf-8")
    return run_files([file])


def shown(result: Run) -> str:
    return plain(run_lines(result, width=100))


PASSING = """\
  - 名称: 链条完整，省里不归升级
    条款: [L1-1, 二（三）升级类]
    沿用: 链条完整
    预期:
      分类: 无
      措施: [培训, 展会]
      发现: {严格论证: 不适用, 县级目标: 提示}
    各层:
      国家: {分类: 升级}
      某省: {分类: 无}
  - 名称: 链条没填
    沿用: 升级项目
    预期:
      分类: {状态: 待定, 可能: [无, 升级]}
      措施: {含: [培训], 不含: [贴息], 语气: {培训: 可}}
      缺项: {分类: [链条], 严格论证: []}
      最少补: {分类: {含: [链条], 不含: [困难]}}
      依据: {分类: {含: [二（三）升级类]}, 措施.培训: [二（三）·措施]}
      责任单位: {分类: [], 措施.培训: []}
  - 名称: 两类都符合
    沿用: [升级项目, 链条完整]
    记录: {链条: 不完整, 困难: 暂时经营困难, 论证: null}
    预期:
      分类: {状态: 冲突, 可能: [升级, 盘活]}
      措施: {待定: [贴息]}
      发现: {严格论证: 待核实}
  - 名称: 资产逐行写
    沿用: 升级项目
    记录:
      链条: 不完整
      资产:
        - 闲置起始日: 2020-01-01
        - {}
    预期:
      资产[0].资产去向: 市场盘活
      资产[1].资产去向: {可能: [市场盘活, 无]}
      缺项: {"资产[1].资产去向": [闲置起始日]}
  - 名称: 同类型达到三个就暂缓
    参数: {反向数量: 3}
    记录: {已形成: 否, 类型: 茶}
    台账:
      - {沿用: 链条完整, 链条: 不完整, 份数: 3}
    预期: {入库: 暂缓}
  - 名称: 两个还不暂缓
    参数: {反向数量: 3}
    记录: {已形成: 否, 类型: 茶}
    台账:
      - {沿用: 链条完整, 链条: 不完整, 份数: 2, 编号: A}
    预期: {入库: 不禁止}
"""


def test_all_that_may_be_written(folder: Path, tmp_path: Path) -> None:
    result = run(folder, tmp_path, PASSING)
    assert result.passed, shown(result)
    assert result.count("passed") == 6
    assert shown(result) == "情形 6 个：通过 6"


FAILING = """\
  - 名称: 不符
    沿用: 链条完整
    预期:
      {expected}
"""


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        ("分类: 升级", ["应为  升级", "结果  无", "规则 升级类：升级【二（二）·界定】：不成立", "链条 为 不完整：否"]),
        ("分类: 待定", ["应为  待定", "结果  无"]),
        ("分类: {状态: 待定, 可能: [升级]}", ["可能的结果里少了升级"]),
        ("分累: 升级", ["没有“分累”这个决定，是不是“分类”？"]),
        ("分类: 升及", ["“升及”不是分类的值，是不是“升级”？"]),
        ("措施: [培训]", ["结果里多了展会"]),
        ("措施: {含: [贴息], 待定: [培训], 不含: [展会]}", ["应含贴息", "不应含展会", "培训应待定，结果是确定的"]),
        ("措施: {语气: {培训: 应当}}", ["培训的语气应是应当，结果是可"]),
        ("资产[0].资产去向: 无", ["资产只有 0 行"]),
        ("县[0].资产去向: 无", ["“县[0]”不是这份记录里的行"]),
        ("县.分类: 升级", ["“县”不是这份记录里的行；这份记录和上一级的决定直接写名称：分类"]),
        ("发现: {严格论证: 违反}", ["应为  违反", "结果  不适用", "当：否"]),
        ("发现: {严格论正: 违反}", ["没有叫“严格论正”的义务、禁令或提示，是不是“严格论证”？"]),
        ("发现: {细化标准@项目: 违反}", ["它在这些对象上：县"]),
        ("发现: {细化标准@项目: 不适用}", ["它在这些对象上：县"]),
        ("发现: {细化标准: {状态: 待核实, 期限: 2025-01-01}}", ["期限是 没有期限"]),
        ("缺项: {分类: [链条]}", ["少了链条"]),
        ("依据: {措施.展会: [三·展会], 措施.培训: [三·展会]}", ["少了三·展会", "多了L0-5"]),
        ("责任单位: {措施.贴息: []}", ["措施的结果里没有“贴息”：培训、展会"]),
        ("缺项: {措施.展会: []}", ["一个值只能核对依据和责任单位"]),
        ("读法: {分类: {某读法: {甲: 升级}}}", ["这个结果不因读法而不同"]),
        ("读法: {严格论证: {某读法: {甲: 违反}}}", ["应为  违反", "这个结果不因读法而不同"]),
        ("读法: {严格论正: {某读法: {甲: 违反}}}", ["没有“严格论正”这个决定"]),
    ],
)
def test_why_it_failed(folder: Path, tmp_path: Path, expected: str, lines: list[str]) -> None:
    result = run(folder, tmp_path, FAILING.format(expected=expected))
    text = shown(result)
    assert result.count("failed") == 1, text
    for line in lines:
        assert line in text


READING = """
对象 项目（project）
  字段 提出（proposed）：是否
  字段 停产日（stopped）：日期
读法 口径（reading）：枚举 { 提出就算、做了才算 } 缺省 提出就算
  释义 两种读法
决定 分类（category）：单选 { 违反、盘活 }
规则 盘活类
  当 提出 且 口径 为 提出就算
  则 分类 为 盘活
规则 违反类
  当 口径 为 做了才算
  则 分类 为 违反
禁令 借名
  不得 口径 为 提出就算 且 提出
提示 先停
  当 口径 为 做了才算 且 提出
  说 “先停下来”
"""


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("借名: {口径: {做了才算: 合规}}", ""),
        ("借名@项目: {口径: {做了才算: {状态: 合规}}}", ""),
        ("先停: {口径: {做了才算: {状态: 提示, 说: 先停下来}}}", ""),
        ("先停: {口径: {做了才算: {说: 先走}}}", "说的是“先停下来”"),
        ("借名: {口径: {做了才算: 不适用}}", "合规"),
        ("借名: {口径: {做了才算: 待核实}}", "合规"),
        ("借名: {口径: {做了才算: 待定}}", "这是义务、禁令或提示，可写：不适用、合规、违反"),
        ("借名: {口径: {做了才算: 盘活}}", "这是义务、禁令或提示，可写：不适用、合规、违反"),
        ("借名: {口径: {提出就算: 违反}}", "结果会因读法不同的：口径＝做了才算"),
        # A value may be called as a status of findings is.
        ("分类: {口径: {做了才算: 违反}}", ""),
        ("分类: {口径: {做了才算: 合规}}", "“合规”不是分类的值"),
        ("分类: {口径: {做了才算: {状态: 违反, 期限: 2025-01-01}}}", "分类是决定，不写期限和说的话"),
    ],
)
def test_other_readings_of_decisions_and_findings(tmp_path: Path, expected: str, line: str) -> None:
    place = write_layers(tmp_path / "层", READING)
    text = f"  - 名称: 换读法\n    记录: {{提出: 是}}\n    预期: {{读法: {{{expected}}}}}\n"
    result = run(place, tmp_path, text, "政策: {folder}\n评估日: 2025-09-15\n情形:\n")
    assert result.passed is not bool(line), shown(result)
    assert line in shown(result)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  - 名称: 空\n    记录: {}\n", "这个情形没有预期，什么也检查不了"),
        ("  - 记录: {}\n    预期: {分类: 无}\n", "这个情形没有名称"),
        ("  - 名称: 甲\n    沿用: 升级项木\n    预期: {分类: 无}\n", "前面没有叫“升级项木”的基础记录"),
        ("  - 名称: 甲\n    纪录: {}\n    预期: {分类: 无}\n", "不认识“纪录”"),
        ("  - 名称: 甲\n    预期: {分类: 无}\n  - 名称: 甲\n    预期: {分类: 无}\n", "两个情形都叫“甲”"),
        ("  - 名称: 甲\n    预期: {分类: {状态: 未定}}\n", "没有“未定”这种状态"),
        ("  - 名称: 甲\n    预期: {发现: {严格论证: 通过}}\n", "没有“通过”这种状态"),
        ("  - 名称: 甲\n    预期: {分类: null}\n", "没有写预期的结果"),
        ("  - 名称: 甲\n    预期: {分类: {会有: [升级]}}\n", "不认识“会有”"),
        ("  - 名称: 甲\n    评估日: 去年\n    预期: {分类: 无}\n", "评估日不是日期"),
        ("  - 名称: 甲\n    台账: {}\n    预期: {分类: 无}\n", "“台账”应是列表"),
        ("  - 名称: 甲\n    台账: [{份数: 0}]\n    预期: {分类: 无}\n", "“份数”应是"),
        ("  - 名称: 甲\n    条款: [JX-9]\n    预期: {分类: 无}\n", "条款表里没有“JX-9”"),
        ("  - 名称: 甲\n    记录: {资源有支掌: 是}\n    预期: {分类: 无}\n", "规则里没有“资源有支掌”这个字段"),
        ("  - 名称: 甲\n    记录: {链条: 也许}\n    预期: {分类: 无}\n", "链条：填的是“也许”"),
        ("  - 名称: 甲\n    参数: {反向数两: 5}\n    预期: {分类: 无}\n", "没有名为 反向数两 的参数"),
        ("  - 名称: 甲\n    各层: {市: {分类: 无}}\n", "没有“市”这一层"),
        ("  - 名称: 甲\n    政策: nowhere\n    预期: {分类: 无}\n", "nowhere"),
        ("  - 名称: 甲\n    记录: &a {}\n    预期: {分类: 无}\n", "代号"),
    ],
)
def test_what_is_refused(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    result = run(folder, tmp_path, text)
    assert not result.passed
    assert message in shown(result)


def test_the_slip_is_underlined(folder: Path, tmp_path: Path) -> None:
    text = "  - 名称: 甲\n    记录:\n      已形成: 是\n      链条: 也许\n    预期: {分类: 无}\n"
    [result] = run(folder, tmp_path, text).results
    assert [(d.line, d.column) for d in result.diagnostics] == [(10, 11)]


COLON = "冒号用半角“:”，后面留一个空格"


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("  - 名称: 甲\n    评估日: 2021年3月26日\n    预期: {分类: 无}\n", "2021年3月26日", "写成 2021-03-26"),
        ("  - 名称: 甲\n    评估日: 2021/3/6\n    预期: {分类: 无}\n", "2021/3/6", "写成 2021-03-06"),
        ("  - 名称: 甲\n    评估日: 2021年2月30日\n    预期: {分类: 无}\n", "2021年2月30日", "写成 2025-09-15 这样"),
        ("  - 名称: 甲\n    预期:\n      分类：升级\n", "分类：升级", COLON),
        ("  - 名称: 甲\n    预期:\n      分类: 升级\n      发现：{严格论证: 违反}\n", "发现：{严格论证", COLON),
        ("  - 名称: 甲\n    预期: {发现: {严格论证：违反}}\n", "严格论证：违反", COLON),
        ("  - 名称: 甲\n    预期: {缺项: {分类：[链条]}}\n", "：", COLON),
        ("  - 名称: 甲\n    记录：{已形成: 是}\n    预期: {分类: 无}\n", "记录：{已形成", COLON),
        ("  - 名称: 甲\n    记录: {资产: [{编号：A1}]}\n    预期: {分类: 无}\n", "编号：A1", COLON),
        ("  - 名称: 甲\n    记录:\n      已形成：是\n    预期: {分类: 无}\n", "已形成：是", COLON),
        ("  - 名称：甲\n    预期: {分类: 无}\n", "：", COLON),
        ("  - 名称: 甲\n    预期: {“分类”: 无}\n", "“分类”", '去掉引号，或用半角的："分类"'),
        ("  - 名称: 甲\n    预期: {发现: {“严格论证@资产[0]”: 违反}}\n", "“", '写成 "严格论证@资产[0]": …'),
    ],
)
def test_a_mark_of_another_width_is_told_once(folder: Path, tmp_path: Path, text: str, place: str, remedy: str) -> None:
    result = run(folder, tmp_path, text)
    first = result.diagnostics[0]
    assert (first.remedy, first.span and first.span.text) == (remedy, place), first
    assert len(result.diagnostics) == 1
    assert shown(result).endswith("文件有错，一个情形也没有核对")


def test_a_date_or_a_folder_that_cannot_be_read_is_not_missing_as_well(tmp_path: Path) -> None:
    text = "政策: [甲]\n评估日: 2021年3月26日\n情形:\n  - 名称: 甲\n    预期: {分类: 无}\n  - 名称: 乙\n    预期: {分类: 无}\n"
    found = read(Source("甲.yaml", text), tmp_path / "甲.yaml")[1]
    assert [(one.code, one.line) for one in found] == [("E662", 1), ("E662", 2)]


def test_a_name_that_people_choose_may_hold_any_mark(folder: Path, tmp_path: Path) -> None:
    text = "  - 名称: 甲：乙\n    沿用: 链条：完整\n    预期: {分类: 无}\n"
    head = HEAD.replace("  链条完整:", "  链条：完整:")
    assert run(folder, tmp_path, text, head).passed


def test_the_date_is_never_today(folder: Path, tmp_path: Path) -> None:
    head = f"政策: {folder.as_posix()}\n情形:\n"
    result = run(folder, tmp_path, "  - 名称: 甲\n    预期: {分类: 无}\n", head)
    assert "没有评估日" in shown(result)


def test_no_scenario_is_no_pass(folder: Path, tmp_path: Path) -> None:
    assert not run(folder, tmp_path, "  []\n").passed


def test_the_policy_is_the_folder_around_the_file(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, NATION, PROVINCE)
    (lowest / "scenarios").mkdir()
    file = lowest / "scenarios" / "升级.yaml"
    file.write_text(
        "评估日: 2025-09-15\n情形:\n  - {名称: 甲, 记录: {已形成: 否}, 预期: {分类: 不适用}}\n", encoding="utf-8"
    )
    assert find_files([tmp_path]) == [file]
    assert run_files(find_files([tmp_path])).passed


def test_what_a_scenario_file_is_called() -> None:
    named = ["a.scenario.yaml", "情形/甲.yaml", "scenarios/甲.yml", "甲.情形.yaml"]
    assert all(is_scenario_file(Path(name)) for name in named)
    assert not any(is_scenario_file(Path(name)) for name in ["layer.yaml", "scenarios/说明.md", "clauses.yaml"])


@pytest.mark.parametrize(
    "text", ["", "[]", "- a\n- b", "情形: 1", "评估日: 2025-09-15", "\x00", "情形:\n  - 1\n  - [a]\n"]
)
def test_any_text_is_answered(text: str) -> None:
    file, diagnostics = read(Source("甲.yaml", text), Path("/nowhere/甲.yaml"))
    assert diagnostics and (file is None or not file.scenarios)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.scenario.yaml"
    file.write_bytes(b"\xff\xfe\x00\x81")
    assert not run_files([file, tmp_path / "b.scenario.yaml"]).passed
    file.write_bytes("评估日: 2025-09-15\n情形: []\n".encode("gb18030"))
    assert run_files([file]).diagnostics == ()


def test_as_json(folder: Path, tmp_path: Path) -> None:
    data = json.loads(json.dumps(run(folder, tmp_path, PASSING).to_dict(), ensure_ascii=False))
    assert (data["passed"], data["failed"], data["errors"]) == (6, 0, 0)
    assert data["scenarios"][0]["checks"][0]["label"] == "分类"


def test_coverage(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(HEAD.format(folder=folder.as_posix()) + PASSING, encoding="utf-8")
    result = run_files([file])
    assert result.passed
    coverage = ScenarioCoverage(result.results)
    upgrade = coverage.speakers["升级类"]
    assert [len(upgrade.seen.names[truth]) > 0 for truth in (True, False, None)] == [True, True, True]
    texts = {c.text: c.seen.lacking for c in upgrade.conditions.values()}
    assert texts == {"资源有支撑": (False,), "链条 为 不完整": ()}
    assert coverage.speakers["展会"].seen.expected == (True,)
    assert coverage.speakers["展会"].complete
    text = plain(coverage_lines(coverage, width=80))
    assert "资源有支撑　没见过不成立" in text
    assert json.dumps(coverage.to_dict(), ensure_ascii=False)


def test_coverage_of_what_the_layer_itself_wrote(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(HEAD.format(folder=folder.as_posix()) + PASSING, encoding="utf-8")
    whole = ScenarioCoverage(run_files([file]).results)
    (lowest,) = whole.lowest
    own = whole.own()
    assert 0 < len(own.speakers) < len(whole.speakers)
    for speaker in own.speakers.values():
        assert speaker.layer == lowest or (speaker.conditions and not speaker.seen.lacking and speaker.demand is None)
        assert {condition.layer for condition in speaker.conditions.values()} <= {lowest}
    # The national rule that the province narrows: the province's condition, not the nation's.
    assert [one.text for one in own.speakers["升级类"].conditions.values()] == ["链条 为 不完整"]
    text = plain(coverage_lines(own, width=80, verbose=True))
    assert "资源有支撑" not in text
    files = [line for line in text.splitlines() if line.endswith(".rules")]
    assert files and len(files) == len(set(files))


def test_coverage_of_what_ends_the_time_of_a_duty(tmp_path: Path) -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 办妥（done）：是否
  字段 登记（entered）：是否
禁令 办理
  依据【一】“办理”
  不得 非 办妥
  到期 停产 且 登记
"""
    folder = write_layers(tmp_path, text)
    scenarios = """
  - 名称: 没有办，到期
    记录: {办妥: 否, 停产: 是, 登记: 是}
    预期: {发现: {办理: 逾期}}
  - 名称: 办了，到期没有不要紧
    记录: {办妥: 是, 停产: 否}
    预期: {发现: {办理: 合规}}
"""
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(HEAD.format(folder=folder.as_posix()) + scenarios, encoding="utf-8")
    result = run_files([file])
    assert result.passed
    seen = ScenarioCoverage(result.results).speakers["办理"].conditions.values()
    ends = {c.text: c.seen.lacking for c in seen if c.part == "到期"}
    assert ends == {"停产": (False, None), "登记": (False, None)}


def test_policies_from_text() -> None:
    assert policy_from_text(NATION).evaluate({"已形成": False})["分类"].status == "not_applicable"
    policy, diagnostics = try_policy_from_text("规则 甲")
    assert policy is None and diagnostics


def written(text: str) -> tuple[int, list[str]]:
    file, found = read(Source("甲.scenario.yaml", text), Path("/x/甲.scenario.yaml"))
    return (0 if file is None else len(file.scenarios)), [each.code for each in found]


HUGE = "政策: x\n评估日: 2025-09-15\n基础记录:\n  大: {{{}}}\n情形:\n"


def test_base_records_and_copies_are_bounded_in_all() -> None:
    fields = ", ".join(f"f{number}: 1" for number in range(20_000))
    many = "".join(f"  - {{名称: a{number}, 沿用: 大, 预期: {{分类: 无}}}}\n" for number in range(3_000))
    cases, codes = written(HUGE.format(fields) + many)
    assert codes == ["E401"] and 0 < cases < 60
    again = f"  - {{名称: a, 沿用: [{', '.join(['大'] * 30_000)}], 预期: {{分类: 无}}}}\n"
    assert written(HUGE.format(fields) + again) == (0, ["E401"])
    copies = ", ".join(["{f: 1, 份数: 10000}"] * 1_000)
    assert written(HUGE.format("f: 1") + f"  - {{名称: a, 预期: {{分类: 无}}, 台账: [{copies}]}}\n") == (0, ["E401"])


def test_a_copy_that_says_nothing_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyrules.testing import scenarios

    monkeypatch.setattr(scenarios, "MAX_CELLS", 1_000)
    case = "  - {{名称: a, 记录: {{}}, 预期: {{分类: 无}}, 台账: [{{份数: {0}}}]}}\n"
    assert written(HUGE.format("f: 1") + case.format(99)) == (1, [])
    assert written(HUGE.format("f: 1") + case.format(101))[1] == ["E401"]


def test_statistics_look_at_so_many_records_of_one_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One statistic over projects: the record and three others, then the record and two others.
    monkeypatch.setattr(costs, "MOST_MEMBERS", 4 + 3)
    assert run(folder, tmp_path, PASSING).passed
    monkeypatch.setattr(costs, "MOST_MEMBERS", 4 + 3 - 1)
    result = run(folder, tmp_path, PASSING)
    assert (result.count("passed"), result.count("error")) == (5, 1)
    (told,) = result.results[-1].diagnostics
    assert told.code == "E401" and "统计看台账里的记录" in told.message and told.span is not None


def spent(folder: Path, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch, most: int) -> list[str]:
    """Of each scenario how it ends, where conditions may have ``most`` parts in all."""
    monkeypatch.setattr(costs, "MOST_CHECKED", most)
    return [result.status for result in run(folder, tmp_path, text).results]


ONE = "  - {{名称: 甲{0}, 记录: {1}, 预期: {{分类: {2}}}}}\n"


def test_the_records_of_one_file_are_bounded_by_what_they_cost(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = costs.asking(pr.load(folder).program)
    bare = sum(parts.values())
    two = ONE.format(1, "{}", "{待定: []}") + ONE.format(2, "{}", "{待定: []}")
    assert spent(folder, tmp_path, two, monkeypatch, 2 * bare) == ["passed", "passed"]
    assert spent(folder, tmp_path, two, monkeypatch, 2 * bare - 1) == ["passed", "error"]
    (told,) = run(folder, tmp_path, two).results[-1].diagnostics
    assert told.code == "E401" and "要等太久" in told.message and "这个情形没有核对" in told.message
    assert told.remedy == "分成几个文件，或减少记录里的行"
    assert told.span is not None and told.span.text == "{}"
    # Each row costs what is said of one; a list that is not there costs one.
    rows = ONE.format(1, "{资产: [{}, {}, {}]}", "{待定: []}")
    assert spent(folder, tmp_path, rows, monkeypatch, bare + 2 * parts["资产"]) == ["passed"]
    assert spent(folder, tmp_path, rows, monkeypatch, bare + 2 * parts["资产"] - 1) == ["error"]
    # As often as stacks are asked.
    layers = "  - {名称: 甲, 记录: {}, 预期: {分类: {待定: []}}, 各层: {某省: {分类: {待定: []}}}}\n"
    assert spent(folder, tmp_path, layers, monkeypatch, 2 * bare) == ["passed"]
    assert spent(folder, tmp_path, layers, monkeypatch, 2 * bare - 1) == ["error"]
    # What does not hold is told with why, which costs a quarter, or eight times what the result reads.
    wrong = ONE.format(1, "{}", "盘活")
    program = pr.load(folder).program
    graph = definitions(program)
    name = result_named(graph, "分类")
    assert name is not None
    own = sum(1 for one in reachable(graph, [name]) if one in graph for _ in walk(*graph[one].bodies))
    told_why = max(bare // 4, 8 * own)
    assert told_why == 8 * own
    assert spent(folder, tmp_path, wrong, monkeypatch, bare + told_why) == ["failed"]
    assert spent(folder, tmp_path, wrong, monkeypatch, bare + told_why - 1) == ["error"]
    (told,) = run(folder, tmp_path, wrong).results[-1].diagnostics
    assert told.span is not None and told.span.text == "盘活" and "从这一项起没有核对" in told.message
    # Where it is told what is exercised, the conditions are looked at once more.
    file = tmp_path / "甲.scenario.yaml"
    file.write_text(HEAD.format(folder=folder.as_posix()) + ONE.format(1, "{}", "{待定: []}"), encoding="utf-8")
    monkeypatch.setattr(costs, "MOST_CHECKED", 3 * bare)
    assert run_files([file], again=True).passed
    monkeypatch.setattr(costs, "MOST_CHECKED", 3 * bare - 1)
    assert run_files([file], again=True).count("error") == 1 and run_files([file]).passed


def test_stacks_are_made_so_often_for_one_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Three dates; parameters at one of them; the upper part of the stack at another.
    day = "  - {{名称: 甲{0}, 评估日: 2025-09-{0}, 记录: {{}}, 预期: {{分类: {{待定: []}}}}{1}}}\n"
    text = day.format(11, "") + day.format(12, ", 各层: {国家: {分类: {待定: []}}}") + day.format(13, "")
    text += "  - {名称: 再, 评估日: 2025-09-11, 记录: {}, 预期: {分类: {待定: []}}}\n"
    policy = pr.load(folder)
    written = (node for layer in policy.stack.layers for file in layer.parsed for node in file.declarations)
    whole = sum(map(weight, written)) + costs.OF_A_STACK
    monkeypatch.setattr(costs, "MOST_LOADED", 4 * whole)
    assert run(folder, tmp_path, text).passed
    monkeypatch.setattr(costs, "MOST_LOADED", 4 * whole - 1)
    result = run(folder, tmp_path, text)
    # What was made already may be asked for ever.
    assert [one.status for one in result.results] == ["passed", "passed", "error", "passed"]
    (told,) = result.results[2].diagnostics
    assert told.code == "E401" and "用到许多评估日" in told.message
    assert told.span is not None and told.span.text == "甲13"
    # The next file begins anew, and what was not made for the first is made for it.
    first, second = tmp_path / "甲.scenario.yaml", tmp_path / "乙.scenario.yaml"
    second.write_text(HEAD.format(folder=folder.as_posix()) + day.format(13, ""), encoding="utf-8")
    both = run_files([first, second])
    assert [one.status for one in both.results] == ["passed", "passed", "error", "passed", "passed"]


def test_a_file_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    import os

    from policyrules.testing.scenarios import read_file

    pipe = tmp_path / "甲.scenario.yaml"
    os.mkfifo(pipe)
    assert [each.code for each in read_file(pipe)[1]] == ["E660"]
    big = tmp_path / "乙.scenario.yaml"
    big.write_bytes(b"#" * (5 << 20))
    assert [each.code for each in read_file(big)[1]] == ["E660"]


def test_every_form_on_the_page_of_scenarios_can_be_read() -> None:
    import re

    from policyrules.program import strict_yaml

    page = (Path(__file__).resolve().parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    table = page.partition("## 预期可以写什么")[2].partition("\n## ")[0]
    forms = [form for form in re.findall(r"`([^`]+)`", table) if re.match(r"[^{:]+: .", form)]
    assert len(forms) > 10
    for form in forms:
        assert strict_yaml.read(Source("甲.yaml", form.replace("[…]", "[甲]") + "\n"))[1] == (), form


def test_a_name_with_a_bracket_in_braces_is_told_to_be_quoted() -> None:
    from policyrules.program import strict_yaml

    (found,) = strict_yaml.read(Source("甲.yaml", "发现: {甲: 违反, 处置程序@资产[0]: 违反}\n"))[1]
    assert (found.code, found.column, found.remedy) == ("E400", 13, '写成 "处置程序@资产[0]": …')
    fixed = '发现: {甲: 违反, "处置程序@资产[0]": 违反}\n'
    assert strict_yaml.read(Source("甲.yaml", fixed))[1] == ()


def test_two_of_one_number_in_a_ledger_are_a_fault_of_the_scenario(folder: Path, tmp_path: Path) -> None:
    twice = """\
  - 名称: 同号
    记录: {已形成: 否}
    台账:
      - {编号: A}
      - {编号: Ａ}
    预期: {分类: 不适用}
  - 名称: 记录自己也在台账里
    记录: {编号: A, 已形成: 否}
    台账:
      - {编号: A, 已形成: 否}
    预期: {分类: 不适用}
"""
    result = run(folder, tmp_path, twice)
    assert [one.status for one in result.results] == ["error", "passed"]
    assert [(d.code, "台账[1]" in d.message) for d in result.results[0].diagnostics] == [("E505", True)]


def test_a_reason_given_is_expected_as_a_status(tmp_path: Path) -> None:
    duty = "义务 公示\n  原则上应当 已形成\n  否则说明 理由\n"
    fields = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 已形成（formed）：是否\n  字段 理由（reason）：文本\n"
    folder = write_layers(tmp_path / "layers", fields + duty)
    head = "政策: {folder}\n评估日: 2025-09-15\n情形:\n"
    text = "  - 名称: 说明了\n    记录: {已形成: 否, 理由: 因灾}\n    预期:\n      发现: {公示: 已说明}\n"
    text += "  - 名称: 没有说明\n    记录: {已形成: 否}\n    预期:\n      发现: {公示: 已说明}\n"
    first, second = run(folder, tmp_path, text, head).results
    assert (first.status, second.status) == ("passed", "failed")


def test_what_a_notice_tells_is_expected_with_its_figures(tmp_path: Path) -> None:
    rules = """
对象 项目（project） 标识 项目编号
  字段 项目编号（id）：文本
对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元） 取值 0 万元 以上
  字段 产业（industry）：是否
统计 产业占比
  占比 资金.金额
  符合 产业
提示 占比偏低
  当 产业占比 < 55%
  说 “实际 {产业占比}，低于 55%”
义务 有钱
  应当 计数 资金 > 0
"""
    folder = write_layers(tmp_path / "layers", rules)
    head = f"政策: {folder.as_posix()}\n评估日: 2025-09-15\n情形:\n"
    text = """\
  - 名称: 两笔
    记录: {资金: [{金额: 2, 产业: 是}, {金额: 3, 产业: 否}]}
    台账: []
    预期:
      发现: {占比偏低: {状态: 提示, 说: "实际 40%，低于 55%"}}
  - 名称: 写错
    记录: {资金: [{金额: 2, 产业: 是}, {金额: 3, 产业: 否}]}
    台账: []
    预期:
      发现: {占比偏低: {说: "实际 41%，低于 55%"}, 有钱: {说: 好}}
"""
    result = run(folder, tmp_path, text, head)
    said = shown(result)
    assert "说的是“实际 40%，低于 55%”" in said and "它不说话，只有提示才说" in said
    assert [one.status for one in result.results] == ["passed", "failed"]


def test_so_many_offers_are_made_for_one_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Thousands of slips beside thousands of names would take minutes: each is told, the first with what is meant.
    monkeypatch.setattr(spelling, "_MOST_COMPARED", 100)
    compared: list[str] = []
    monkeypatch.setattr(spelling, "_places", lambda word, known=spelling._places: compared.append(word) or known(word))
    cited = "".join(f"  - {{名称: 乙{n}, 条款: [没有的条{n}], 记录: {{}}, 预期: {{分类: 无}}}}\n" for n in range(200))
    keys = "".join(f"  - {{名称: 丙{n}, 记录: {{停产了{n}: 是}}, 预期: {{分类: 无}}}}\n" for n in range(200))
    values = "".join(f"  - {{名称: 丁{n}, 记录: {{}}, 预期: {{分类: 盘活一批{n}}}}}\n" for n in range(200))
    findings = "".join(f"  - {{名称: 戊{n}, 记录: {{}}, 预期: {{发现: {{没有的{n}: 违反}}}}}}\n" for n in range(200))
    for text in (cited, keys, values, findings):
        compared.clear()
        result = run(folder, tmp_path, text)
        assert result.count("passed") == 0 and len(result.results) == 200
        assert 0 < len(compared) <= 101


def test_of_many_decisions_some_are_named(tmp_path: Path) -> None:
    declared = "".join(f"决定 定{n}：单选 {{ 上 }}\n  授权 自定\n" for n in range(60))
    folder = write_layers(tmp_path, "对象 项目（project）\n  字段 停产（stopped）：是否\n" + declared)
    text = "  - {名称: 甲, 记录: {}, 预期: {完全没有的: 上}}\n"
    (result,) = run(folder, tmp_path, text).results
    (told,) = result.blocks[0].checks
    assert told.why[0].count("、定") == 49 and "定53 等 60 个" in told.why[0]

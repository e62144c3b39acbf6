"""Scenario files as clerks first write them: each slip is told at its place, once, with what to write instead; nothing is read for
something else.

Each row is what stands in a sound file, what was typed instead, and what the answer says. Which line of the file the answer names is
looked up where the typed text stands.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from policyrules.report.layout import plain
from policyrules.testing.build import write_layers
from policyrules.testing.runner import Run, run_files
from policyrules.testing.text import run_lines

RULES = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 已形成（formed）：是否 由 县农业农村局
  字段 困难成因（causes）：多选 { 资金周转困难、技术支撑不足 }
  字段 验收日（accepted_on）：日期
  研判 市场效益（benefit）：枚举 { 好、有待提升 }
对象 资产（assets） 属于 项目
  字段 权属（owner）：枚举 { 集体、企业 }
参数 最多个数（most）：整数（个） 未定 取值 1 个 至 100 个
决定 分类（category）：单选 { 升级、巩固 }
规则 升级类
  依据【一·甲】
  当 市场效益 为 有待提升 且 已形成
  则 分类 为 升级
决定 措施（measures）：多选 { 信贷、技术服务 }
规则 信贷支持
  依据【二·乙】
  当 困难成因 含 资金周转困难
  则 措施 含 信贷
义务 按期验收
  当 已形成
  应当 验收日 已填
  期限 2025年12月31日
决定 资产登记（registration） 对 资产：单选 { 村集体 }
规则 登记到村 对 资产
  当 权属 为 集体
  则 资产登记 为 村集体
"""
GOOD = """\
政策: {folder}
评估日: 2025-09-15
参数: {{最多个数: 3}}
基础记录:
  已形成的: {{已形成: 是}}
情形:
  - 名称: 升级
    沿用: 已形成的
    记录: {{市场效益: 有待提升, 困难成因: [资金周转困难]}}
    预期:
      分类: 升级
      措施: [信贷]
      发现: {{按期验收: 进行中}}
      缺项: {{分类: []}}
  - 名称: 资产
    记录:
      资产:
        - {{权属: 集体}}
    台账:
      - {{已形成: 是}}
    预期:
      资产[0].资产登记: 村集体
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_layers(tmp_path_factory.mktemp("layers"), RULES)


def ran(folder: Path, tmp_path: Path, content: str | bytes) -> Run:
    file = tmp_path / "甲.scenario.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return run_files([file])


def good(folder: Path) -> str:
    return GOOD.format(folder=folder.as_posix())


def shown(run: Run) -> str:
    return plain(run_lines(run, width=400))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_what_is_right_is_not_reported(folder: Path, tmp_path: Path, encoding: str) -> None:
    for text in (good(folder), good(folder).replace("\n", "\r\n"), "---\n" + good(folder)):
        result = ran(folder, tmp_path, text.encode(encoding))
        assert result.passed and result.count("passed") == 2, shown(result)


UNREADABLE = [
    # Indentation, colons and dashes.
    ("    沿用: 已形成的", "   沿用: 已形成的", "E400", "名称和上一行的名称左边对齐，前面空 4 格"),
    ("    沿用: 已形成的", "     沿用: 已形成的", "E400", "前面空 4 格"),
    ("    沿用: 已形成的", "\t沿用: 已形成的", "E400", "改用空格缩进"),
    ("  - 名称: 升级", "- 名称: 升级", "E400", "上一行的“- ”前面空 2 格"),
    ("  - 名称: 升级", "  -名称: 升级", "E400", "上一行写成“- 名称: …”"),
    ("  - 名称: 升级", "  名称: 升级", "E400", "上一行写成“  - 名称: 升级”"),
    ("  - 名称: 升级", "  － 名称: 升级", "E400", "上一行写成“  - 名称: 升级”"),
    ("  - 名称: 升级", "  1. 名称: 升级", "E400", "上一行写成“  - 名称: 升级”"),
    ("  - 名称: 升级", "  - 升级", "E400", "上一行写成“- …: 升级”"),
    ("    预期:\n      分类", "    预期:\n    分类", "E400", "上一行是“预期:”下面的，和这一行左边对齐，前面空 6 格"),
    ("      分类: 升级", "      分类：升级", "E400", "冒号用半角“:”，后面留一个空格"),
    ("      分类: 升级", "      分类:升级", "E400", "上一行写成“分类: 升级”"),
    ("      分类: 升级", "      分类 升级", "E400", "上一行写成“分类: 升级”"),
    ("      分类: 升级", "      分类 为 升级", "E400", "上一行写成“分类: 升级”"),
    ("      分类: 升级", "      分类 = 升级", "E400", "上一行写成“分类: 升级”"),
    ("      分类: 升级", "      分类=升级", "E400", "上一行写成“分类: 升级”"),
    ("情形:\n", "情形：\n", "E400", "冒号用半角“:”，后面留一个空格"),
    ("情形:\n", "情形\n", "E400", "写成“名称: 值”"),
    ("评估日: 2025-09-15", "评估日:2025-09-15", "E400", "写成“评估日: 2025-09-15”"),
    ("{最多个数: 3}", "最多个数: 3", "E400", "是下一层的，写成“参数: {最多个数: 3}”"),
    ("{最多个数: 3}", "｛最多个数: 3｝", "E400", "写成“参数: {最多个数: 3}”"),
    # A name without a value is no blank.
    ("{最多个数: 3}", "{最多个数:3}", "E400", "写成 最多个数: 3"),
    ("{最多个数: 3}", "{最多个数 = 3}", "E400", "写成 最多个数: 3"),
    ("{已形成: 是}\n情形", "{已形成}\n情形", "E400", "花括号里的“已形成”没有写值"),
    ("市场效益: 有待提升", "市场效益 为 有待提升", "E400", "写成 市场效益: 有待提升"),
    ("[资金周转困难]", "{资金周转困难}", "E400", "是几个值的，放在方括号里：[资金周转困难]"),
    ("      分类: 升级", "      分类: {升级}", "E400", "花括号里的“升级”没有写值"),
    ("[资金周转困难]", "[资金周转困难", "E400", "补上半角的“]”或“,”"),
    ("{按期验收: 进行中}", "{按期验收@资产[0]: 进行中}", "E400", '写成 "按期验收@资产[0]": …'),
    # What other programs leave, and what YAML knows beside.
    (
        "    沿用: 已形成的",
        "<<<<<<< 甲\n    沿用: 已形成的\n=======\n    沿用: 无\n>>>>>>> 乙",
        "E400",
        "开头的几行都删去",
    ),
    ("    沿用: 已形成的", "    沿用: *甲", "E405", "把内容照写一遍"),
    ("    沿用: 已形成的", "    <<: *甲", "E405", "把内容照写一遍"),
    ("{已形成: 是}\n情形", "&甲 {已形成: 是}\n情形", "E405", "把内容照写一遍"),
    ("    记录: {市", "    记录: !!map {市", "E406", "删去标记"),
    ("      分类: 升级", "      分类: 升级\n      分类: 巩固", "E408", "只留一处"),
    ("    沿用: 已形成的", "---\n    沿用: 已形成的", "E407", "拆成两个文件"),
    # Days.
    *(
        ("评估日: 2025-09-15", f"评估日: {day}", code, "写成 2025-09-15")
        for day, code in (
            ("2025-9-15", "E410"),
            ("2025/09/15", "E662"),
            ("2025.9.15", "E662"),
            ("2025年9月15日", "E662"),
            ("20250915", "E662"),
            ("２０２５-０９-１５", "E662"),
            ("二〇二五年九月十五日", "E662"),
            ("“2025-09-15”", "E662"),
            ("[2025-09-15]", "E662"),
            ("今天", "E662"),
        )
    ),
    ("评估日: 2025-09-15", "评估日: 2025-09-31", "E662", "没有这一天"),
    ("评估日: 2025-09-15", "评估日期: 2025-09-15", "E661", "是不是“评估日”？"),
    ("评估日: 2025-09-15\n", "", "E665", "在文件开头或情形里写“评估日: 2025-09-15”"),
    # Keys in other words.
    ("情形:\n", "案例:\n", "E661", "是不是“情形”？"),
    ("名称: 升级", "标题: 升级", "E661", "是不是“名称”？"),
    ("名称: 升级", "名称:", "E662", "加一行“名称: …”"),
    ("名称: 升级", "名称: [升级]", "E662", ""),
    ("名称: 资产", "名称: 升级\n    说明: 又一个", "E663", "改一个名称"),
    ("    沿用: 已形成的", "    继承: 已形成的", "E661", "是不是“沿用”？"),
    ("    沿用: 已形成的", "    沿用: 已形成的、别的", "E664", "几份写成列表：[已形成的, 别的]"),
    ("    沿用: 已形成的", "    沿用: {甲: 乙}", "E664", "例如：沿用: [甲, 乙]"),
    ("    预期:\n      分类", "    应为:\n      分类", "E661", "是不是“预期”？"),
    ("      发现:", "      义务:", "E666", "是不是“发现”？"),
    ("      缺项:", "      缺少:", "E666", "是不是“缺项”？"),
    ("      缺项: {分类: []}", "      各层: {国家: {分类: 升级}}", "E666", "和“预期”左边对齐"),
    # What is expected.
    ("      分类: 升级", "      分类:", "E666", "没有结论写“无”"),
    ("      分类: 升级", "      “分类”: 升级", "E666", "去掉引号"),
    ("      分类: 升级", "      分类: {状态: 升级}", "E666", "可写：已定、待定、冲突、无、不适用"),
    ("      措施: [信贷]", "      措施: {}", "E666", "一样也没有的写 []"),
    ("      措施: [信贷]", "      措施: {包含: [信贷]}", "E666", "是不是“含”？"),
    ("{按期验收: 进行中}", "{按期验收: 进行}", "E666", "是不是“进行中”？"),
    ("{按期验收: 进行中}", "{按期验收: 未知}", "E666", "是不是“待核实”？"),
    ("{按期验收: 进行中}", "{按期验收: 不符合}", "E666", "是不是“违反”？"),
    ("{按期验收: 进行中}", "{按期验收: [进行中]}", "E666", "状态只写一个"),
    ("{按期验收: 进行中}", "{按期验收: {}}", "E666", "没有写预期的状态"),
    ("{按期验收: 进行中}", "{按期验收: {状态: 进行中, 期限: 2025年12月31日}}", "E666", "写成 2025-12-31"),
    ("{按期验收: 进行中}", "{按期验收: {状态: 进行中, 期限: '2025-02-30'}}", "E666", "写成 2025-12-31 这样"),
    ("{按期验收: 进行中}", "{按期验收: {状态: 进行中, 截止: 2025-12-31}}", "E666", "是不是“期限”？"),
    ("{按期验收: 进行中}", "[按期验收]", "E666", "写“名称: 内容”，如 发现: {按期验收: 逾期}"),
    ("{分类: []}", "{分类: {}}", "E666", "一项也没有的写 []"),
]


@pytest.mark.parametrize(("right", "typed", "code", "said"), UNREADABLE)
def test_one_fault_is_told_once(folder: Path, tmp_path: Path, right: str, typed: str, code: str, said: str) -> None:
    text = good(folder)
    assert right in text
    result = ran(folder, tmp_path, text.replace(right, typed, 1))
    answer = shown(result)
    told = result.diagnostics
    assert [one.code for one in told] == [code], answer
    assert said in answer, answer
    assert told[0].line is not None
    at = text[: text.index(right)].count("\n") + 1
    # A fault that shows where the next line does not fit is told there, or further down where nothing is below it.
    assert at <= told[0].line <= at + 2 or code in ("E665", "E663"), answer
    assert not any(one.diagnostics for one in result.results), answer


DIFFERENT = [
    # What is expected, in other words.
    ("      分类: 升级", "      分类: “升级”", "写成 升级"),
    ("      分类: 升级", "      分类: 升级。", "写成 升级"),
    ("      分类: 升级", "      分类: 升级、巩固", "几个都可能的写 {状态: 待定, 可能: [升级, 巩固]}"),
    ("      分类: 升级", "      分类: 升级 或 巩固", "几个都可能的写 {状态: 待定, 可能: [升级, 巩固]}"),
    ("      分类: 升级", "      分类: 升级类", "是不是“升级”？"),
    ("      分类: 升级", "      分类: 待核实", "还定不下来的写 待定"),
    ("      分类: 升级", "      分类: 未知", "还定不下来的写 待定"),
    ("      分类: 升级", "      分类: 盘活", "可写：升级、巩固，或 无、待定、不适用、冲突"),
    ("      分类: 升级", "      分累: 升级", "是不是“分类”？"),
    ("      分类: 升级", "      升级类: 成立", "“升级类”是规则；写它得出的决定，如 分类: …"),
    ("      分类: 升级", "      按期验收: 进行中", "写在“发现”里，如 发现: {按期验收: …}"),
    ("      分类: 升级", "      市场效益: 有待提升", "“市场效益”是字段，写在“记录”里"),
    ("      分类: 升级", "      最多个数: 3", "“最多个数”是参数，写在“参数”里"),
    ("      措施: [信贷]", "      措施: 信贷、技术服务", "几个都有的写 [信贷, 技术服务]"),
    ("      措施: [信贷]", "      措施: [信贷、技术服务]", "几个都有的写 [信贷, 技术服务]"),
    ("按期验收: 进行中", "按时验收: 进行中", "是不是“按期验收”？"),
    ("按期验收: 进行中", "升级类: 违反", "“升级类”是规则；写它得出的决定"),
    ("按期验收: 进行中", "分类: 合规", "“分类”是决定，直接写在“预期”下面：分类: …"),
    ("{分类: []}", "{分类: 无}", "一项也没有的写 []"),
    ("      资产[0].资产登记", "      资产登记", "“资产登记”是每一行资产的决定，写成 资产[0].资产登记"),
    ("      资产[0].资产登记", "      资产.资产登记", "可写：资产[0]"),
    ("      资产[0].资产登记", "      资产[1].资产登记", "资产只有 1 行（从 [0] 数起）"),
    # What the record says.
    ("市场效益: 有待提升", "市场效益: 有待提高", "是不是“有待提升”？"),
    ("市场效益: 有待提升", "市场效益: [有待提升]", "应为下列之一：好、有待提升"),
    ("市场效益: 有待提升", "市场效益: 好或有待提升", "写了 2 个，只填其中一个"),
    ("[资金周转困难]", "[资金周转困难、技术支撑不足]", "写在一起的 2 个，一个算一项分开写"),
    ("[资金周转困难]", "[资金周转困难，技术支撑不足]", "写在一起的 2 个，一个算一项分开写"),
    ("市场效益: 有待提升", "市场效溢: 有待提升", "是不是“市场效益”？"),
    ("市场效益: 有待提升", "市场效益: 无", "没有或不知道的请留空"),
    ("市场效益: 有待提升", "分类: 升级", "“分类”是决定，由规则得出；应得出什么，写在“预期”里"),
    ("市场效益: 有待提升", "最多个数: 3", "“最多个数”是参数，写在“参数”里"),
    ("市场效益: 有待提升", "按期验收: 合规", "写在“预期”的“发现”里"),
    ("      资产:\n        - {权属: 集体}", "      资产[0].权属: 集体", "明细一行一组，写成 资产: [{权属: …}]"),
    ("      资产:\n        - {权属: 集体}", "      资产: {权属: 集体}", "应为一个列表，每行是一组"),
    ("      - {已形成: 是}", "      - {已形城: 是}", "台账[0]：项目：规则里没有“已形城”这个字段"),
    ("      - {已形成: 是}", "      - {已形成: 或许}", "台账[0]：已形成"),
    # Parameters and clauses.
    ("最多个数: 3}", "最多个数: 3 户}", "应为 整数（个）"),
    ("最多个数: 3}", "最多个数: 300}", "取 1 个 至 100 个 之间的值"),
    ("最多个数: 3}", "最多数: 3}", "是不是 最多个数？"),
    ("    沿用: 已形成的", "    条款: 【一·甲】\n    沿用: 已形成的", "写成 一·甲"),
    ("    沿用: 已形成的", "    条款: [一·甲、二·乙]\n    沿用: 已形成的", "写成 [一·甲, 二·乙]"),
]


@pytest.mark.parametrize(("right", "typed", "said"), DIFFERENT)
def test_what_the_rules_do_not_know_is_told_where_it_stands(
    folder: Path, tmp_path: Path, right: str, typed: str, said: str
) -> None:
    text = good(folder)
    assert right in text
    line = text[: text.index(right)].count("\n") + 1
    result = ran(folder, tmp_path, text.replace(right, typed, 1))
    answer = shown(result)
    assert said in answer and not result.passed, answer
    assert f"甲.scenario.yaml:{line}:" in answer or f"（第 {line} 行）" in answer, answer


def test_a_fault_that_several_scenarios_share_is_shown_once(folder: Path, tmp_path: Path) -> None:
    answer = shown(ran(folder, tmp_path, good(folder).replace("最多个数: 3}", "最多个数: 三}")))
    assert answer.count("不能取“三”") == 1 and "同前面一处" in answer


def test_a_folder_that_is_not_there_is_told_where_it_is_written(folder: Path, tmp_path: Path) -> None:
    answer = shown(ran(folder, tmp_path, good(folder).replace("政策: ", "政策: ./没有", 1)))
    assert "甲.scenario.yaml:1:5 错误[E380]" in answer

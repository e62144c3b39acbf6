"""A slice of a program gives what the whole program gives."""

from __future__ import annotations

import datetime
from pathlib import Path

from policyrules.analysis.reach import reach_of, sliced
from policyrules.engine.interpreter import Interpreter

from policyrules.policy import load
from policyrules.testing.build import policy_from_text
from policyrules.testing.scenarios import read_file

ROOT = Path(__file__).resolve().parents[2]


def test_words_follow_every_kind_of_name() -> None:
    policy = policy_from_text("""\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 类型（kind）：枚举 { 甲、乙 }
  字段 停产（stopped）：是否
参数 线（line）：整数（个） 缺省 2 个
参数 另一条线（other）：整数（个） 缺省 2 个
清单 单子
  即 { 甲 }
术语 在列
  即 类型 属于 单子
统计 个数
  计数 项目
  相同 类型
  其中 停产
推定 没有停产
  当 在列
  则 停产 为 否
决定 分类（category）：单选 { 多、少 }
规则 多的
  依据【一】“话”
  当 个数 ≥ 线
  则 分类 为 多
提示 话
  依据【一】“话”
  当 分类 为 多
  说 “多”
""")
    reach = reach_of(policy.program)
    words = reach.words("话")
    assert words == {"话", "分类", "多的", "个数", "线", "停产", "在列", "单子"}
    assert reach.words("没有这个") == frozenset()
    part = sliced(policy.program, reach, ["分类"])
    assert list(part.decisions) == ["分类"] and not part.notices and list(part.terms) == ["在列"]
    assert set(part.order) <= set(policy.program.order) and part.order


def test_each_decision_and_finding_alone_comes_to_the_same() -> None:
    policy = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))
    file, diagnostics = read_file(ROOT / "policies" / "national" / "scenarios" / "分类.yaml")
    assert file is not None and not diagnostics
    program = policy.program
    reach = reach_of(program)
    roots = [policy.instance(scenario.record) for scenario in file.scenarios[:6]]
    whole = [policy.evaluate(root) for root in roots]
    for name in (*program.decisions, *program.duties, *program.notices):
        alone = Interpreter(sliced(program, reach, [name]), "")
        for root, outcome in zip(roots, whole, strict=True):
            got = alone.evaluate(root)
            if name in program.decisions:
                if name in outcome.decisions:
                    assert got[name].to_dict() == outcome[name].to_dict()
            else:
                findings = [(f.status, f.object, f.clauses) for f in outcome.findings if f.name == name]
                assert [(f.status, f.object, f.clauses) for f in got.findings] == findings

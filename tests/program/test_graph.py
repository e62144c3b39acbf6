"""The graph of names: what each definition reads, in which order, how deep; a slice gives what the whole program gives."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from policyrules.interpreter import Interpreter
from policyrules.policy import load
from policyrules.program.graph import (
    Kind,
    Name,
    bearing_on,
    definitions,
    depth,
    ordered,
    reachable,
    readers,
    sliced,
    strata,
    turning_on,
)
from policyrules.program.nodes import Expr
from policyrules.program.walk import children, rewrite, walk
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
    graph = definitions(policy.program)
    assert bearing_on(graph, "话") == {"话", "分类", "多的", "个数", "线", "停产", "在列", "单子"}
    assert bearing_on(graph, "没有这个") == frozenset()
    assert Name(Kind.PRESUMPTION, "停产", "项目") in reachable(graph, [Name(Kind.STATISTIC, "个数")])
    assert strata(graph) == {"个数": 0}
    # 话: 分类 为; 分类; 多的: ≥, 个数; 个数: 停产; 没有停产: 在列; 在列: 属于, 类型. A level for each name and each node.
    assert depth(graph) == 13
    part = sliced(policy.program, graph, ["分类"])
    assert list(part.decisions) == ["分类"] and not part.notices and list(part.terms) == ["在列"]


def test_parts_are_found_and_put_back() -> None:
    """A tree put together again from copies of its leaves is equal, and another tree."""

    def copied(node: Expr) -> Expr:
        return node if children(node) else replace(node)

    policy = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))
    bodies = [body for definition in definitions(policy.program).values() for body in definition.bodies]
    assert len({type(node) for node in walk(*bodies)}) > 15
    for body in bodies:
        copy = rewrite(body, copied)
        assert copy == body and copy is not body


def test_every_statistic_is_built_after_those_it_reads() -> None:
    program = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15)).program
    graph = definitions(program)
    order, cycles = ordered({name: definition.reads for name, definition in graph.items()})
    assert not cycles and len(order) == len(graph)
    levels = strata(graph)
    for name in program.statistics:
        below = reachable(graph, graph[Name(Kind.STATISTIC, name)].reads)
        assert all(levels[other.word] < levels[name] for other in below if other.kind is Kind.STATISTIC)


def test_each_decision_and_finding_alone_comes_to_the_same() -> None:
    policy = load(ROOT / "policies" / "jiangxi", as_of=datetime.date(2025, 9, 15))
    file, diagnostics = read_file(ROOT / "policies" / "national" / "scenarios" / "分类.yaml")
    assert file is not None and not diagnostics
    program = policy.program
    graph = definitions(program)
    roots = [policy.instance(scenario.record) for scenario in file.scenarios[:6]]
    whole = [policy.evaluate(root) for root in roots]
    for name in (*program.decisions, *program.duties, *program.notices):
        alone = Interpreter(sliced(program, graph, [name]), "")
        for root, outcome in zip(roots, whole, strict=True):
            got = alone.evaluate(root)
            if name in program.decisions:
                if name in outcome.decisions:
                    assert got[name].to_dict() == outcome[name].to_dict()
            else:
                findings = [(f.status, f.object, f.clauses) for f in outcome.findings if f.name == name]
                assert [(f.status, f.object, f.clauses) for f in got.findings] == findings


def test_a_slice_holds_what_is_read_in_the_order_in_which_it_was_declared() -> None:
    text = "对象 项目（project）\n  字段 甲（a）：是否\n" + "".join(
        f"术语 词{n} 即 {body}\n" for n, body in ((1, "甲"), (2, "词1"), (3, "词1"), (4, "词3 且 词2"))
    )
    for n, term in ((1, 2), (2, 4)):
        text += f"决定 定{n}：单选 {{ 乙 }}\n规则 规{n} 依据【一】 当 词{term} 则 定{n} 为 乙\n"
    program = policy_from_text(text).program
    graph = definitions(program)
    # 词4 reads 词3 before 词2.
    part = sliced(program, graph, ["定2"])
    assert list(part.terms) == ["词1", "词2", "词3", "词4"]
    assert (list(part.decisions), list(part.rules)) == (["定2"], ["规2"])
    assert list(sliced(program, graph, ["定1"]).terms) == ["词1", "词2"]
    assert sliced(program, graph, ["定2", "定1"]) == program


def test_what_turns_on_a_name_is_whatever_reads_it() -> None:
    program = policy_from_text("""\
对象 项目（project）
  字段 甲（a）：是否
参数 线（line）：整数 缺省 2
术语 一 即 线 ≥ 3
术语 二 即 非 一
术语 三 即 甲
""").program
    read_by = readers(definitions(program))
    line, one, two = Name(Kind.PARAMETER, "线"), Name(Kind.TERM, "一"), Name(Kind.TERM, "二")
    assert read_by == {line: [one], one: [two]}
    assert turning_on(read_by, [line]) == {line, one, two} and turning_on(read_by, [two]) == {two}

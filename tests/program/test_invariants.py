"""What `program.nodes` promises of every typed program, checked on the real stacks and on small programs of every form."""

from __future__ import annotations

import datetime
import random
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.operators import COMPARISONS
from policyrules.program import nodes as n
from policyrules.program.amended import condition_of
from policyrules.program.graph import definitions, ordered
from policyrules.program.walk import children
from policyrules.testing.build import policy_from_text, try_policy_from_text
from policyrules.types import Kind, Type, Value

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("policies/national", "policies/jiangxi", "examples/county", "examples/funds/county")
AS_OF = datetime.date(2025, 9, 15)

OBJECTS = """
对象 县（county）
  字段 示范县（model）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 成因（causes）：多选 { 市场、技术 }
  字段 数（n）：整数（个） 取值 0 个 至 10 个
  字段 款（money）：金额（万元）
  字段 地（land）：面积（亩）
  字段 日（day）：日期
对象 资金（funds） 属于 项目
  字段 年度（year）：年份
  字段 来源（source）：文本
  字段 额（amount）：金额（万元）
"""
FORMS = (
    OBJECTS
    + """
参数 线（line）：整数（个） 缺省 3 个 取值 1 个 至 9 个
参数 期（term）：时长（个月） 未定
参数 比（ratio）：比例 缺省 60%
清单 名单 即 { 财政、等 }
术语 够数 即 数 ≥ 线 且 示范县
术语 单价 即 款 ÷ 数
术语 首年款 即 首选 款，缺则 合计 资金.额
统计 同类 计数 项目 相同 链条 其中 甲
统计 甲占比 占比 项目 其中 乙 符合 甲
决定 类（kind）：单选 { 上、中、下 }
  适用 当 非 （甲 且 乙 且 数 = 0 个）
  先后 上、中
  授权 自定
规则 上类
  当 任一满足（ 够数；链条 为 不完整；成因 含任一 { 市场、技术 }；至少 2 项（ 甲；乙；款 > 1.5 万元 ） ）
  则 类 为 上
规则 中类
  当 任一 资金 满足（ 来源 属于 名单 且 任一 其他 资金 满足（ 年度 < 2025年 ） ） 且 日 起满 期 且 甲占比 ≥ 比
  则 类 为 中
规则 资金类 对 项目
  当 合计 资金.额 其中（年度 = 2025年） ≥ 款 × 60% 且 同类 ≥ 2 个 且 地 ≥ 1 公顷
  则 类 为 下
决定 步（steps）：多选 { 一、二 }
  授权 自定
规则 步一
  当 类 属于 { 上、中 } 且 成因 不含 市场
  则 步 含 一
义务 论证
  当 步 含 一
  应当 款 已填
  期限 日 + 12 个月
  到期 类 为 下 且 数 ≥ 20 个
禁令 不得列支 对 资金
  不得 来源 为 “其他”
提示 提醒
  当 日 − 评估日 ≤ 30 天 或 期 未填
  说 “快到期了”
推定 甲推定
  当 数 ≥ 5 个 则 甲 为 是
""",
    """
修订 上类
  依据【一】“还要”
  还须 乙
  或者 数 = 10 个
  除外 款 > 1 亿元
修订 不得列支
  依据【二】“仅限”
  还不得 年度 < 2024年
增列 步 { 三 }
规则 步三
  依据【三】“再加”
  当 类 为 下
  则 步 含 三
""",
)


def program(name: str) -> n.Program:
    if name == "forms":
        return policy_from_text(*FORMS).program
    if name == "flat":
        wide = " 且 ".join(["甲", "乙"] * 2_000)
        return policy_from_text(OBJECTS + f"术语 宽 即 {wide}\n").program
    return pr.load(ROOT / name, as_of=AS_OF).program


@pytest.fixture(scope="module", params=[*STACKS, "forms", "flat"])
def checked(request: pytest.FixtureRequest) -> n.Program:
    return program(request.param)


def roots(program: n.Program) -> Iterator[tuple[n.Expr, tuple[str, ...]]]:
    """Every expression of the tables, with the objects of its frames."""
    for term in program.terms.values():
        yield term.body, (term.object,)
        yield term.present, (term.object,)
    for statistic in program.statistics.values():
        for part in (*statistic.same, statistic.where, statistic.match, statistic.value):
            if part is not None:
                yield part, (statistic.object,)
    for decision in program.decisions.values():
        for part in (decision.applies, *(rank.when for rank in decision.ranks)):
            if part is not None:
                yield part, (decision.object,)
    for rule in program.rules.values():
        yield condition_of(rule.when), (rule.object,)
    for notice in program.notices.values():
        yield condition_of(notice.when), (notice.object,)
    for duty in program.duties.values():
        for part in (condition_of(duty.when), condition_of(duty.demand), duty.deadline, duty.expiry):
            if part is not None:
                yield part, (duty.object,)
    for (object_, _), presumption in program.presumptions.items():
        for case in presumption.cases:
            yield case.when, (object_,)


def nodes(program: n.Program) -> Iterator[tuple[n.Expr, tuple[str, ...]]]:
    """Every node with the objects of its frames."""
    waiting = list(roots(program))
    while waiting:
        node, frames = waiting.pop()
        yield node, frames
        inner = frames
        if isinstance(node, n.Quantified | n.Aggregate):
            inner = (*frames, node.rows.object)
        waiting.extend((operand, inner) for operand in children(node))


def reached(program: n.Program, at: n.At, frames: tuple[str, ...]) -> str:
    """The object of the instance at ``at``; fails where it lies outside the frames."""
    assert 0 <= at.frame < len(frames) and at.up >= 0
    object_ = frames[at.frame]
    for _ in range(at.up):
        parent = program.objects[object_].parent
        assert parent is not None
        object_ = parent
    return object_


def test_names_are_keys_of_tables_and_places_stay_inside_their_frames(checked: n.Program) -> None:
    for node, frames in nodes(checked):
        match node:
            case n.FieldValue(at, field) | n.Filled(at, field):
                assert reached(checked, at, frames) == field.object
                assert checked.fields[field.object][field.name] == field
            case n.TermValue(at, name):
                assert checked.terms[name].object == reached(checked, at, frames)
            case n.DecisionValue(at, name) | n.DecisionIs(at, name) | n.DecisionHas(at, name):
                assert checked.decisions[name].object == reached(checked, at, frames)
            case n.ParameterValue(name) | n.ParameterFilled(name):
                assert name in checked.parameters
            case n.StatisticValue(name):
                assert name in checked.statistics
            case n.Quantified(rows=rows) | n.Aggregate(rows=rows):
                assert rows.object in checked.objects[reached(checked, rows.at, frames)].children
                assert rows.exclude is None or frames[rows.exclude] == rows.object
            case _:
                pass
        match getattr(node, "right", None):
            case n.ListRef(name):
                assert name in checked.lists
            case n.ParameterRef(name):
                assert name in checked.parameters


def test_tables_name_each_other(checked: n.Program) -> None:
    for decision in checked.decisions.values():
        for name in (*decision.rules, *decision.supplements):
            assert checked.rules[name].decision == decision.name
        # Of an amount it is the rules that are ranked.
        ranked = decision.values or (*decision.rules, *decision.supplements)
        assert all(name in ranked for rank in decision.ranks for name in rank.values)
        assert decision.default is None or decision.default in decision.values
    for rule in checked.rules.values():
        decided = checked.decisions[rule.decision]
        assert rule.name in (decided.supplements if rule.supplement else decided.rules)
        assert set(rule.values) <= set(decided.values)
    for (object_, name), presumption in checked.presumptions.items():
        assert presumption.field == checked.fields[object_][name]
        levels = [case.level for case in presumption.cases]
        assert levels == sorted(levels, reverse=True)
    for kind in checked.objects.values():
        assert kind.parent is None or kind.name in checked.objects[kind.parent].children
        assert kind.identity is None or kind.identity in checked.fields[kind.name]


def test_conjunctions_and_disjunctions_have_at_least_two_operands(checked: n.Program) -> None:
    for node, _ in nodes(checked):
        if isinstance(node, n.All | n.Any):
            assert len(node.operands) >= 2
        if isinstance(node, n.AtLeast):
            assert 1 <= node.count <= len(node.operands)


def written_depth(node: n.Expr) -> int:
    """Levels of the deepest node."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((below, level + 1) for below in children(node))
    return deepest


def test_nesting_is_bounded(checked: n.Program) -> None:
    # Folding adds three levels at most: 或者 over 还须 over 除外.
    assert all(written_depth(node) <= 64 + 3 for node, _ in roots(checked))


@pytest.mark.parametrize(("levels", "loads"), [(60, True), (70, False)])
def test_deeper_nesting_is_refused(levels: int, loads: bool) -> None:
    deep = "甲"
    for level in range(levels):
        deep = f"（{deep} {'且' if level % 2 else '或'} 乙）"
    policy, diagnostics = try_policy_from_text(OBJECTS + f"术语 深 即 {deep}\n")
    assert (policy is not None) == loads, [str(one) for one in diagnostics]
    if policy is not None:
        assert written_depth(policy.program.terms["深"].body) <= 64


def canonical(value: Value, type_: Type) -> bool:
    """Whether ``value`` is as `types` writes values of ``type_``."""
    match type_.kind:
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.INTEGER | Kind.YEAR | Kind.DURATION:
            return type(value) is int
        case Kind.DECIMAL | Kind.RATIO | Kind.MONEY | Kind.AREA:
            return type(value) is int or (isinstance(value, Fraction) and value.denominator != 1)
        case Kind.DATE:
            return type(value) is datetime.date
        case Kind.ENUM:
            return isinstance(value, str) and (type_.values is None or value in type_.values)
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.SET:
            return isinstance(value, frozenset) and (type_.values is None or value <= set(type_.values))


def one_family(left: Type, right: Type) -> bool:
    """Whether two sides of a comparison are measured alike."""
    if left.kind is right.kind:
        same_unit = not (left.unit and right.unit) or left.unit == right.unit or left.kind is not Kind.INTEGER
        return left.family == right.family and same_unit
    pairs = ({Kind.INTEGER, Kind.DECIMAL}, {Kind.RATIO, Kind.DECIMAL}, {Kind.ENUM, Kind.TEXT})
    return {left.kind, right.kind} in pairs


def test_constants_are_canonical_and_sides_of_one_family(checked: n.Program) -> None:
    for node, _ in nodes(checked):
        if isinstance(node, n.Constant):
            assert canonical(node.value, node.type), node
        if isinstance(node, n.Apply) and node.operator.words in COMPARISONS:
            assert one_family(node.operands[0].type, node.operands[1].type), node
    for parameter in checked.parameters.values():
        assert parameter.value is None or canonical(parameter.value, parameter.type)
    for presumption in checked.presumptions.values():
        assert all(canonical(case.value, presumption.field.type) for case in presumption.cases)


def test_order_reads_only_backward(checked: n.Program) -> None:
    graph = definitions(checked)
    order, cycles = ordered({name: definition.reads for name, definition in graph.items()})
    place = {name: index for index, name in enumerate(order)}
    assert place.keys() == graph.keys() and not cycles
    assert all(place[read] < place[name] for name, definition in graph.items() for read in definition.reads)


TABLES = ("objects", "parameters", "lists", "terms", "statistics", "decisions", "rules", "duties", "notices")


def order_of(program: n.Program) -> list[object]:
    """The order of everything that has one."""
    tables = [list(getattr(program, table)) for table in TABLES]
    rules = [(d.rules, d.supplements, d.values) for d in program.decisions.values()]
    return [*tables, rules, [list(fields) for fields in program.fields.values()], list(program.presumptions)]


@pytest.mark.parametrize("name", STACKS)
def test_the_order_of_tables_does_not_depend_on_files(name: str, tmp_path: Path) -> None:
    for part in ("policies", "examples"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "layer.lock"))
    before = pr.load(tmp_path / name, as_of=AS_OF)
    for folder in STACKS:
        files = sorted((tmp_path / folder).glob("*.rules"))
        random.Random(7).shuffle(files)
        for number, file in enumerate(files):
            file.rename(file.with_name(f"{number:02}-{len(files) - number}.rules"))
    after = pr.load(tmp_path / name, as_of=AS_OF)
    assert order_of(after.program) == order_of(before.program)
    assert after.fingerprint == before.fingerprint


def test_the_order_of_tables_does_not_depend_on_declarations() -> None:
    starts = [index for index, line in enumerate(FORMS[0].split("\n")) if line[:1].strip()]
    lines = FORMS[0].split("\n")
    blocks = ["\n".join(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    before = policy_from_text(*FORMS)
    for seed in (1, 2, 3):
        random.Random(seed).shuffle(blocks)
        after = policy_from_text("\n".join(blocks), FORMS[1])
        assert order_of(after.program) == order_of(before.program)
        assert after.fingerprint == before.fingerprint

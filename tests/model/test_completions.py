"""What is said about a record with blanks holds however the blanks are filled in.

Random policies and records; the model (`naive`) is written from section 5 of the language page alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policyrules as pr
from policyrules import operators
from policyrules.program import nodes as core
from policyrules.program.graph import definitions
from policyrules.program.walk import walk
from policyrules.testing.build import policy_from_text

from .choosing import DrawChooser, Pick, RandomChooser
from .harness import Case, Situation, check, make_case, shown
from .probing import probes
from .strategies import bounded, cases


def report(case: Case, situation: Situation, found: object) -> str:
    return f"\n{shown(case, situation)}\n{found}"


@bounded(90)
@given(cases())
def test_no_completion_contradicts_and_kleene_is_reached(drawn: tuple[Case, list[Situation]]) -> None:
    case, situations = drawn
    for situation in situations:
        found = list(check(case, situation, limit=40, seed=0))
        assert not found, report(case, situation, "\n".join(map(str, found)))


@bounded(60)
@given(cases(situations=1))
def test_answering_changes_only_what_was_asked(drawn: tuple[Case, list[Situation]]) -> None:
    case, situations = drawn
    for situation in situations:
        found = list(probes(case, situation, seed=0, count=2, limit=24))
        assert not found, report(case, situation, "\n".join(map(str, found)))


# Random conditions hold none: 计数 of a 多选 field has cases of its own in tests/spec.
NOT_TRIED = {"set_size"}


def test_random_conditions_hold_every_operator() -> None:
    """So that the model is asked for the meaning of each."""
    programs = [make_case(RandomChooser(seed)).loaded.program for seed in range(40)]
    bodies = [body for program in programs for found in definitions(program).values() for body in found.bodies]
    tried = {node.operator.name for node in walk(*bodies) if isinstance(node, core.Apply)}
    assert tried == operators.OPERATORS.keys() - NOT_TRIED


# ---- what random cases found ----------------------------------------------------------------------------------------

FOUND = """
对象 县（county）
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 类（k）：枚举 { 红、蓝 }
决定 措施（d0）：多选 { 扶、贷 }
  适用 当 甲
规则 总扶
  则 措施 含 扶
决定 一（d1）：单选 { 留、转 }
规则 一留
  则 一 为 留
规则 一转
  当 措施 不含 扶
  则 一 为 转
决定 二（d2）：单选 { 留、转 }
规则 二留
  则 二 为 留
规则 二转
  当 视 类（红：0 个；蓝：1 个） ≠ 0 个
  则 二 为 转
决定 三（d3）：多选 { 留、转 }
规则 三留
  当 视 甲（否、是：乙）
  则 三 含 留
"""


def test_what_fails_whether_or_not_it_applies_is_false() -> None:
    # 扶 is concluded for certain: 不含 扶 is false if 措施 applies, and false, as every test, if it does not.
    result = policy_from_text(FOUND).evaluate({"编号": "1"}, portfolio=[])["一"]
    assert (result.status, result.value) == ("determined", "留")


@pytest.mark.parametrize(("decision", "blank"), [("二", "类"), ("三", "乙")])
def test_a_choice_among_amounts_is_decided_by_its_selector_and_one_branch_by_none(decision: str, blank: str) -> None:
    missing = policy_from_text(FOUND).evaluate({"编号": "1"}, portfolio=[])[decision].missing
    assert [b.name for b in missing.relevant] == [b.name for b in missing.deciding] == [blank]


# ---- statistics against brute force ---------------------------------------------------------------------------------

LEDGER = """
对象 县（county）
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 键（k）：枚举 { 红、蓝 }
  字段 真（t）：是否
  字段 低（l）：是否
  字段 数（n）：整数（个） 取值 0 个 至 2 个
统计 件数
  计数 项目
  相同 键
  其中 真
统计 比例
  占比 项目
  相同 键
  其中 真
  符合 低
统计 总数
  合计 项目.数
  相同 键
  其中 真
"""
THRESHOLDS = {
    "件数": ("0 个", "1 个", "2 个", "3 个"),
    "比例": ("0%", "25%", "50%", "75%", "100%"),
    "总数": ("0 个", "1 个", "3 个"),
}
OPERATORS = ("≥", "≤", "<", ">")
DOMAINS: dict[str, tuple[object, ...]] = {"键": ("红", "蓝"), "真": (True, False), "低": (True, False), "数": (0, 1, 2)}


@pytest.fixture(scope="module")
def ledger_policy() -> pr.Policy:
    duties = "".join(
        f"义务 {name}{i}{j}\n  应当 {name} {op} {threshold}\n"
        for name, thresholds in THRESHOLDS.items()
        for i, threshold in enumerate(thresholds)
        for j, op in enumerate(OPERATORS)
    )
    return policy_from_text(LEDGER + duties)


def holds(name: str, op: str, threshold: str, members: list[dict[str, object]]) -> bool:
    """The comparison on a ledger without blanks, counted by hand; 0 of 0 meets no threshold."""
    counted = [m for m in members if m["键"] == members[0]["键"] and m["真"]]
    top, bottom = len(counted), 1
    if name == "比例":
        top, bottom = sum(bool(m["低"]) for m in counted), len(counted)
    elif name == "总数":
        top = sum(int(str(m["数"])) for m in counted)
    if bottom == 0:
        return False
    limit = int(threshold.rstrip("% 个")) * bottom
    value = top * (100 if name == "比例" else 1)
    return {"≥": value >= limit, "≤": value <= limit, "<": value < limit, ">": value > limit}[op]


def filled_in(members: list[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    blanks = [(i, name) for i, member in enumerate(members) for name in DOMAINS if name not in member]
    for values in itertools.product(*(DOMAINS[name] for _, name in blanks)):
        made = [dict(member) for member in members]
        for (i, name), value in zip(blanks, values, strict=True):
            made[i][name] = value
        yield made


@st.composite
def ledgers(draw: st.DrawFn) -> list[dict[str, object]]:
    pick = Pick(DrawChooser(lambda bound: draw(st.integers(0, bound - 1))))
    members: list[dict[str, object]] = []
    left = 5
    for index in range(pick.between(1, 4)):
        member: dict[str, object] = {"编号": str(index)}
        for name, domain in DOMAINS.items():
            # The record's own key would be read once for every member: bounds are exact only where nothing repeats.
            if left and not (index == 0 and name == "键") and pick.chance(35):
                left -= 1
            else:
                member[name] = pick.one(domain)
        members.append(member)
    return members


@bounded(60)
@given(ledgers())
def test_statistics_are_exact(ledger_policy: pr.Policy, members: list[dict[str, object]]) -> None:
    outcome = ledger_policy.evaluate(members[0], portfolio=members)
    statuses = {finding.name: finding.status for finding in outcome.findings}
    worlds = list(filled_in(members))
    for name, thresholds in THRESHOLDS.items():
        for i, threshold in enumerate(thresholds):
            for j, op in enumerate(OPERATORS):
                seen = {holds(name, op, threshold, world) for world in worlds}
                expected = "unverified" if len(seen) > 1 else "compliant" if True in seen else "violated"
                assert statuses[f"{name}{i}{j}"] == expected, (name, op, threshold, members)


@pytest.mark.parametrize("own", [True, False, None])
def test_without_a_portfolio_the_own_contribution_is_certain(ledger_policy: pr.Policy, own: bool | None) -> None:
    record: dict[str, object] = {"编号": "0", "键": "红", "低": True, "数": 2}
    if own is not None:
        record["真"] = own
    statuses = {finding.name: finding.status for finding in ledger_policy.evaluate(record).findings}
    assert statuses["件数00"] == "compliant"  # ≥ 0
    assert statuses["件数10"] == ("compliant" if own else "unverified")  # ≥ 1
    assert statuses["件数12"] == ("violated" if own else "unverified")  # < 1
    assert statuses["件数30"] == "unverified"  # ≥ 3: unbounded
    assert statuses["总数10"] == ("compliant" if own else "unverified")

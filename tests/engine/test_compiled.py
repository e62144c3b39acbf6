"""The compiled engine agrees with the definition: every status, value, candidate, finding and day, to the last blank.

The definition is asked for the same record in the same portfolio; nothing here is expected that it does not say. What is
many (files of scenarios, projects of the ledger, random policies) is a sample here, the same every time:
``python -m tests.engines.long`` asks of any number of programs and records.
"""

from __future__ import annotations

import datetime
import pickle
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.support import WORLD
from tests.model.choosing import Pick, RandomChooser
from tests.model.harness import make_case, make_situation
from tests.model.harness import shown as shown_case
from tests.model.printing import record as plain

import policyrules as pr
from policyrules.engine.compiled import source
from policyrules.engine.compiled.engine import Compiled, Results
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.lowered import lowered
from policyrules.engine.lowering.shown import shown
from policyrules.engine.portfolio import Portfolio
from policyrules.results import DecisionResult
from policyrules.testing.build import policy_from_text
from policyrules.testing.runner import run_files

ROOT = Path(__file__).resolve().parents[2]
FILES, MEMBERS = 1, 40
"""Of the scenarios in a folder and the projects in the ledger, so many are looked at."""
SUM = "合计 资金.金额数 ≥ 5 万元"
DECISION = "决定 测（test）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 {condition}\n  则 测 为 真\n"


def of_decision(result: DecisionResult) -> tuple[object, ...]:
    told = () if result.kind else (result.candidates, result.certain, result.defaulted)
    return (result.path, result.name, result.key, result.status, result.value, result.interval, *told)


def disagreements(outcome: pr.Outcome, results: Results) -> Iterator[tuple[object, object]]:
    """What the definition says, and what the compiled engine says otherwise."""
    found = [one for one in outcome.results() if isinstance(one, DecisionResult)]
    for name in dict.fromkeys(one.name for one in found):
        want = [of_decision(one) for one in found if one.name == name]
        amount = any(one.kind for one in found if one.name == name)
        have = [
            (path, name, one.key, one.status, one.value, one.interval)
            + (() if amount else (one.candidates, one.certain, one.defaulted))
            for path, one in results.of_rows(name)
        ]
        if want != have:
            yield want, have
    want = [(one.name, one.kind, one.status, one.object, one.unlisted, one.due) for one in outcome.findings]
    told = [(one.name, one.kind, one.status, one.path, one.unlisted, one.due) for one in results.findings]
    yield from [(one, other) for one, other in zip(want, told, strict=True) if one != other]


def check(policy: pr.Policy, decide: Compiled, root: Instance, portfolio: Portfolio | None) -> None:
    outcome = policy.interpreter.evaluate(root, portfolio)
    assert not list(disagreements(outcome, decide.decide(root, portfolio)))


def told_twice(policy: pr.Policy, root: Instance, portfolio: Portfolio | None) -> tuple[pr.Outcome, pr.Outcome]:
    """An outcome by the definition, and one that the compiled engine began."""
    policy.interpreter.hasten(behind=True)
    return policy.interpreter.evaluate(root, portfolio), policy.interpreter.quick(root, portfolio)


# ---- real policies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["policies/national", "policies/jiangxi", "examples/county", "examples/funds/county"]
)
def test_scenarios(folder: str) -> None:
    files = sorted((ROOT / folder / "scenarios").glob("*.yaml"))
    results = run_files(random.Random(7).sample(files, min(len(files), FILES))).results
    blocks = [block for result in results for block in result.blocks]
    # Many stand under a date or parameters of their own: code is written for the policy that most stand under.
    ((common, _),) = Counter(block.policy.fingerprint for block in blocks).most_common(1)
    found = [block for block in blocks if block.policy.fingerprint == common]
    decide = found[0].policy.compile()
    for block in found:
        check(block.policy, decide, block.record, block.portfolio)


def test_the_example_ledger(example_ledger: Path) -> None:
    """Projects of the county's ledger, in it and alone."""
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 11, 15))
    portfolio = policy.portfolio(policy.read(example_ledger))
    decide = policy.compile()
    read = [member for member in portfolio.members if not member.problems]
    assert len(read) > 500
    for number, member in enumerate(random.Random(7).sample(read, MEMBERS)):
        check(policy, decide, member, portfolio)
        if number % 5 == 0:
            check(policy, decide, member, None)
    # Nothing of it had to be asked of the definition.
    assert decide.told == {}


# ---- random policies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [range(20)], ids=str)
def test_random_policies(seeds: range) -> None:
    for seed in seeds:
        chooser = RandomChooser(seed)
        case = make_case(chooser)
        policy = case.loaded
        decide = policy.compile()
        for _ in range(3):
            situation = make_situation(case, Pick(chooser))
            members = situation.members
            portfolio = None if members is None else policy.portfolio([plain(case.policy, one) for one in members])
            root = policy.instance(plain(case.policy, situation.root))
            outcome = policy.interpreter.evaluate(root, portfolio)
            found = list(disagreements(outcome, decide.decide(root, portfolio)))
            assert not found, f"{found}\n{shown_case(case, situation)}"


def test_loops_in_functions_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where rows in rows nest deeper than Python's loops may."""
    monkeypatch.setattr(source, "LOOPS", 1)
    test_random_policies(range(200, 208))


# ---- size -----------------------------------------------------------------------------------------------------------


def test_fifteen_hundred_conditions_in_one() -> None:
    operands = " 且 ".join(f"数 ≠ {number} 个" for number in range(1_500))
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", operands))
    decide = policy.compile()
    for record in ({"n": 3}, {}):
        check(policy, decide, policy.instance(record), None)


def test_terms_on_terms() -> None:
    """190 terms, each several brackets deep, one on the other."""
    terms = "术语 链0 即 非 甲\n"
    for link in range(1, 190):
        inner = f"链{link - 1}"
        for _ in range(6):
            inner = f"非 （任一满足（{inner}；乙））"
        terms += f"术语 链{link} 即 {inner}\n"
    policy = policy_from_text(WORLD + terms + DECISION.replace("{condition}", "链189 且 丙"))
    decide = policy.compile()
    for record in ({"a": True, "b": False, "c": True}, {"a": False, "b": False, "c": True}, {"c": True}, {"b": True}):
        check(policy, decide, policy.instance(record), None)


@pytest.mark.parametrize("more", ["", " 且 数 ≥ 3 个"])
def test_three_hundred_rules_on_one_cell(more: str) -> None:
    """Each asks for a value of the same cell: what is left for a value is worked out from the rules that ask for it."""
    values = [f"值{number}" for number in range(300)]
    text = (
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 数（n）：整数（个）\n"
        f"  字段 品种（kind）：枚举 {{ {'、'.join(values)} }}\n"
        f"决定 分类（category）：单选 {{ {'、'.join(f'果{number}' for number in range(40))} }}\n"
    ) + "".join(
        f"规则 规则{number}\n  依据【一】“原文”\n  当 品种 为 {value}{more}\n  则 分类 为 果{number % 40}\n"
        for number, value in enumerate(values)
    )
    policy = policy_from_text(text)
    decide = policy.compile()
    assert len(decide.source.splitlines()) < 20
    for record in ({"kind": "值7", "n": 3}, {"kind": "值299", "n": 2}, {"kind": "值47"}, {"n": 3}, {"n": 1}, {}):
        for _ in range(2):
            check(policy, decide, policy.instance(record), None)


# ---- what is worked out once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "loops"),
    [
        ("任一 资金 满足（余额 > 3 万元） 且 任一 资金 满足（已付） 且 任一 资金 满足（年度 ≥ 2020 年）", 2),
        ("任一满足（任一 资金 满足（余额 > 3 万元）；任一 资金 满足（已付）；全部 资金 满足（年度 ≥ 2020 年））", 4),
        (
            "任一 资金 满足（余额 > 3 万元） 且 任一 资金 满足（已付） 且 合计 资金.金额数 ≥ 5 万元"
            " 且 任一满足（甲；计数 资金 其中（已付） ≥ 2 个；最大 资金.余额 < 9 万元）",
            11,
        ),
    ],
)
def test_rows_are_gone_through_once(condition: str, loops: int) -> None:
    """What one reader asks of the rows under the same tests has one loop: whether it is so surely, and whether perhaps."""
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", condition))
    decide = policy.compile()
    assert decide.source.count(" for ") <= loops, decide.source
    rows = [{"balance": 4, "paid": True, "amount": 5}, {"balance": None, "paid": None}, {"balance": 1, "paid": False}]
    rows += [{"balance": 10, "paid": True, "amount": None}, {"balance": 8, "paid": True, "amount": 9, "year": 2021}]
    for funds in ([], rows[:1], rows[1:3], rows[3:], rows, None):
        for a in (True, None, False):
            record: dict[str, object] = {"a": a} if funds is None else {"a": a, "funds": funds}
            check(policy, decide, policy.instance(record), None)


def test_a_look_ends_with_the_row_that_settles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "任一 资金 满足（已付）"))
    decide = policy.compile()
    looked: list[Instance] = []

    class Rows(list[Instance]):
        def __iter__(self) -> Iterator[Instance]:
            for row in list.__iter__(self):
                looked.append(row)
                yield row

    root = policy.instance({"funds": [{"paid": False}, {"paid": True}, {"paid": False}, {"paid": False}]})
    monkeypatch.setitem(root.rows, "资金", Rows(root.rows["资金"] or ()))
    assert decide.decide(root)["测"].value == "真"
    assert len(looked) == 2


COUNTS = """
统计 同类停产
  计数 项目
  相同 类型
  其中 甲 且 停产日 起满 12 个月
统计 同类占比
  占比 项目
  相同 类型
  其中 乙
  符合 甲
统计 同类款
  合计 项目.款
  相同 类型
"""


def test_a_record_alone_tells_what_it_adds_to_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for a count or a share of records where no portfolio was supplied."""
    condition = "同类停产 ≥ 1 且 同类占比 ≥ 30%"
    policy = policy_from_text(WORLD + COUNTS + DECISION.replace("{condition}", condition))
    decide = policy.compile()
    records = [
        {"a": a, "b": b, "type": kind, "stopped": day}
        for a in (True, False, None)
        for b in (True, False, None)
        for kind in ("甲类", None)
        for day in ("2020-01-01", "2099-01-01", None)
    ]
    instances = [policy.instance(record) for record in records]
    for root in instances:
        check(policy, decide, root, None)
    portfolio = policy.portfolio(records)
    for member in portfolio.members[:6]:
        check(policy, decide, member, portfolio)

    def asked(*_: object) -> None:
        raise AssertionError("asked for a count")

    monkeypatch.setattr(Results, "_tell", asked)
    for root in instances:
        decide.decide(root)


def test_fractions_are_compared_by_their_terms() -> None:
    """A third is no more than 40% and no less than itself; whole numbers, fractions and blanks alike."""
    policy = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 率（rate）：比例\n"
        + DECISION.replace("{condition}", "率 < 40% 且 率 ≥ 12.5%")
    )
    decide = policy.compile()
    assert ".numerator" in decide.source
    for rate in ("12.5%", "12.4%", "39.99%", "40%", "40.01%", 0, 1, "0.125", None):
        check(policy, decide, policy.instance({"rate": rate}), None)


def test_a_circuit_on_paper() -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "甲 且 非 乙"))
    text = shown(lowered(policy.interpreter.engine), ["测"])
    lines = text.splitlines()
    assert any("项目.甲 属于 {是}" in line and "“甲”" in line for line in lines)
    assert any("“甲 且 非 乙”" in line and " 都 " in line for line in lines)
    assert any(line.startswith("测 [项目]") for line in lines)


# ---- what is offered ------------------------------------------------------------------------------------------------


def test_outputs_by_name_and_key() -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "甲"))
    decide = policy.compile(["test"])
    assert decide({"a": True})["测"].value == decide({"a": True})["test"].value == "真"
    assert decide({"a": True}).findings == ()
    with pytest.raises(KeyError):
        policy.compile(["没有这个"])
    with pytest.raises(KeyError):
        decide({})["没有这个"]


FLAT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 村（village）：文本
  字段 投资（money）：金额（万元） 取值 0 万元 以上
  字段 停产日（stopped）：日期
  字段 停产（idle）：是否
  字段 短板（gaps）：多选 { 技术、市场 }
统计 同村停产
  计数 项目
  相同 村
  其中 停产 且 停产日 起满 12 个月
统计 同村投资
  合计 项目.投资
  相同 村
决定 分类（category）：单选 { 盘活、调整、观察 }
  先后 调整、盘活
规则 盘活类
  当 停产 且 投资 ≥ 20 万元
  则 分类 为 盘活
规则 调整类
  当 停产日 起满 24 个月 且 同村停产 ≥ 1
  则 分类 为 调整
规则 观察类
  当 短板 含 技术 且 同村投资 ≥ 30 万元
  则 分类 为 观察
义务 报告
  当 停产 且 分类 不为 调整
  应当 投资 < 100 万元
"""


def test_flat_records_are_read_as_cells() -> None:
    """Also where something is odd about them: they are read in the general way, with its notes and errors."""
    policy = policy_from_text(FLAT, as_of=datetime.date(2025, 9, 15))
    decide = policy.compile()
    assert decide.flat is not None
    full: dict[str, object] = {
        "id": "1", "village": "东", "money": 30.5, "stopped": "2023-09-15", "idle": True, "gaps": ["技术"],
    }  # fmt: skip
    records = [
        {},
        full,
        {"投资": 25, "停产": "是"},
        {**full, "moeny": 3},
        {**full, "停产日": datetime.date(2023, 9, 16)},
    ]
    records += [{**full, name: None} for name in full if name != "停产日"]
    records += [
        {**full, "stopped": day} for day in ("2023-09-16", "2024-09-15", "2024-09-16", "0001-01-01", "9999-12-31")
    ]
    read = 0
    for record in records * 2:
        try:
            outcome = policy.interpreter.evaluate(policy.instance(record))
        except pr.RecordError as wrong:
            with pytest.raises(pr.RecordError, match=re.escape(str(wrong))):
                decide(record)
            continue
        read += decide.flat.read(record) is not None
        assert not list(disagreements(outcome, decide(record)))
        together = policy.portfolio([record, {**full, "id": "2"}])
        outcome = policy.interpreter.evaluate(together.members[0], together)
        assert not list(disagreements(outcome, decide(record, together)))
    assert read > len(records)
    assert decide.told == {}
    with pytest.raises(KeyError):
        decide(full)["没有这个"]


def test_a_record_that_cannot_be_read() -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "甲"))
    with pytest.raises(pr.RecordError):
        policy.compile()({"a": "也许"})


def test_an_outcome_is_filled_when_it_is_read() -> None:
    """Whole outcomes are equal, and so is every part that is looked at first, however it is asked for."""
    chooser = RandomChooser(3)
    for _ in range(8):
        case = make_case(chooser)
        policy = case.loaded
        situation = make_situation(case, Pick(chooser))
        members = situation.members
        portfolio = None if members is None else policy.portfolio([plain(case.policy, one) for one in members])
        root = policy.instance(plain(case.policy, situation.root))
        want, have = told_twice(policy, root, portfolio)
        assert [(one.name, one.status) for one in want.results()] == [(one.name, one.status) for one in have.results()]
        assert have == want
        assert [one.label for one in have.results()] == [one.label for one in want.results()]
        for look in (repr, str, lambda one: one.to_dict(), lambda one: one.explain(), lambda one: list(one.children)):
            want, have = told_twice(policy, root, portfolio)
            assert look(have) == look(want)  # type: ignore[no-untyped-call]
        want, have = told_twice(policy, root, portfolio)
        assert pickle.loads(pickle.dumps(have)) == pickle.loads(pickle.dumps(want)) == want
        for first, other in zip(want.results(), told_twice(policy, root, portfolio)[1].results(), strict=True):
            assert other.missing == first.missing
            assert hash(other) == hash(first) and other == first
            with pytest.raises(AttributeError):
                other.nonsense  # type: ignore[union-attr]  # noqa: B018


def test_after_many_records_code_is_written() -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "甲 且 乙"))
    outcomes = [policy.evaluate({"a": True, "b": number % 2 == 0}) for number in range(150)]
    assert policy.interpreter._compiled is not None
    assert outcomes[0] == outcomes[120] != outcomes[121] == outcomes[1]
    assert outcomes[120]["测"].rules == ("测规则",)
    assert next(iter(policy.evaluate_all([{"a": True, "b": True}])))["测"].value == "真"

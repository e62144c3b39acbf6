"""What records that are alike share changes nothing of what is said of any of them.

Why this exists: what is open in a rule is worked out once for all records that hold the same in what it reads. Each outcome of a
ledger of near copies is held against that of the definition, asked of the record alone: values, what is missing to the last label,
other readings, reasons; whichever record comes first.
"""

from __future__ import annotations

import copy
import dataclasses
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from tests.engines.long import programs
from tests.engines.records import Maker, Record

import policyrules as pr
from policyrules.engine import alike
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.results import DecisionResult, Finding, Outcome
from policyrules.testing.build import policy_from_text

PROGRAMS = 24
RECORDS = 14


@pytest.fixture(autouse=True)
def shared_as_much_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small, and however seldom it comes again."""
    monkeypatch.setattr(alike, "_SMALL", 0)
    monkeypatch.setattr(alike, "_TRIED", 10**9)


def everything(outcome: Outcome) -> Iterator[Any]:
    """All that an outcome says, what its equality passes over too."""
    yield outcome.to_dict()
    for one in outcome.results():
        yield one.label, one.shared, one.owner if isinstance(one, Finding) else one.path
        missing = one.missing
        yield [dataclasses.astuple(blank) for blank in (*missing.relevant, *missing.deciding)], missing.exact
        if isinstance(one, DecisionResult):
            yield one.many, one.said, one.by_value
    yield outcome.explain()


def held(policy: pr.Policy, roots: Sequence[Instance], portfolio: Portfolio | None) -> int:
    """Hold all that is said of records, one after the other and backwards, against the definition; how often something was shared."""
    right = [list(everything(Interpreter(policy.program, "").evaluate(root, portfolio))) for root in roots]
    again = 0
    for order in (list(range(len(roots))), list(reversed(range(len(roots))))):
        interpreter = Interpreter(policy.program, "")
        interpreter.hasten(behind=True)
        for index in order:
            assert list(everything(interpreter.quick(roots[index], portfolio))) == right[index]
        again += sum(scope.again for scope in interpreter._units._scopes.values())
    return again


def near(made: Sequence[Record], rng: random.Random) -> list[Record]:
    """Records, and copies of them that differ in a cell, in a row, or in their number alone."""
    found: list[Record] = []
    for number, record in enumerate(made):
        found.append(record)
        for step in range(3):
            other = copy.deepcopy(record)
            places: list[Record] = [other]
            places += [one for one in other.values() if isinstance(one, dict)]
            places += [
                row for rows in other.values() if isinstance(rows, list) for row in rows if isinstance(row, dict)
            ]
            place = rng.choice(places)
            if step and place:
                place.pop(rng.choice(sorted(place)))
            if "编号" in record:
                other["编号"] = f"近{number}之{step}"
            found.append(other)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_ledgers(seed: int) -> None:
    looked = shared = ledgers = 0
    for number, program, pick in programs(900 + seed):
        policy = program.load()
        if policy is None:
            continue
        maker = Maker(policy, finest=False)
        rng = random.Random(number)
        made = near([maker.record(pick, f"{one}号") for one in range(RECORDS // 4 + 1)], rng)
        shared += held(policy, [policy.instance(record) for record in made[:RECORDS]], None)
        if policy.program.statistics:
            portfolio = policy.portfolio(made)
            shared += held(policy, portfolio.members[:RECORDS], portfolio)
            # Beside the portfolio, and in the place of a member.
            shared += held(policy, [policy.instance(record) for record in made[1:6]], portfolio)
            ledgers += 1
        looked += 1
        if looked >= PROGRAMS:
            break
    # Where nothing was shared nothing would be shown.
    assert shared > 2_000 and ledgers > 3


NAMES = """
对象 县（county）
  字段 县名称（cname）：文本
  字段 示范（model）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 行业（industry）：文本
对象 资产（asset） 属于 项目 标识 资产编号
  字段 资产编号（aid）：文本
  字段 闲置（idle）：是否
清单 门类
  即 { 种植、畜牧 等 }
术语 要看 对 资产
  即 闲置 且 停产 且 示范
决定 分类（category）：单选 { 盘活、其他 }
规则 有闲置
  当 任一 资产 满足（要看 且 行业 属于 门类）
  则 分类 为 盘活
"""


@pytest.mark.parametrize(
    ("one", "other", "cell"),
    [
        ({"资产": [{"资产编号": "A1"}]}, {"资产": [{"资产编号": "B2"}]}, "number of a row"),
        ({"行业": "渔业", "资产": [{}]}, {"行业": "林业", "资产": [{}]}, "what has to be recognised"),
        ({"县": {"县名称": "青山县"}, "资产": [{}]}, {"县": {"县名称": "绿水县"}, "资产": [{}]}, "name of a county"),
        ({"资产": []}, {}, "a list that is empty or was not supplied"),
    ],
)
def test_what_is_told_of_a_blank_is_its_own(one: dict[str, Any], other: dict[str, Any], cell: str) -> None:
    policy = policy_from_text(NAMES)
    roots = [policy.instance({"编号": str(number), **record}) for number, record in enumerate((one, other, one))]
    assert held(policy, roots, None) > 0, cell


def test_what_hardly_ever_comes_again_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "_TRIED", 20)
    policy = policy_from_text(NAMES)
    interpreter = Interpreter(policy.program, "")
    interpreter.hasten(behind=True)
    for number in range(60):
        root = policy.instance({"编号": str(number), "行业": f"业{number}", "资产": [{"资产编号": str(number)}]})
        assert interpreter.quick(root)["分类"].missing
    scopes = {str(name): scope for name, scope in interpreter._units._scopes.items()}
    assert scopes["有闲置"].tried == 20 and scopes["有闲置"].alone
    assert len(interpreter._units._now) <= 80


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "_MOST_PARTS", 200)
    policy = policy_from_text(NAMES)
    interpreter = Interpreter(policy.program, "")
    interpreter.hasten(behind=True)
    units = interpreter._units
    for number in range(200):
        root = policy.instance({"编号": str(number), "行业": f"业{number % 40}", "资产": [{}]})
        assert interpreter.quick(root)["分类"].missing
        assert len(units._now) + len(units._before) <= 2 * 200
        assert units._parts <= 200

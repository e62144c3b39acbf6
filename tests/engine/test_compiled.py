"""The compiled engine agrees with the definition: every status, value, candidate, finding and day, to the last blank.

The definition is asked for the same record in the same portfolio; nothing here is expected that it does not say.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.support import WORLD
from tests.model.choosing import Pick, RandomChooser
from tests.model.harness import make_case, make_situation, shown
from tests.model.printing import record as plain

import policyrules as pr
from policyrules.engine.compiled.engine import Compiled, Results
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.results import DecisionResult
from policyrules.testing.build import policy_from_text
from policyrules.testing.runner import run_files

ROOT = Path(__file__).resolve().parents[2]
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


# ---- real policies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["policies/national", "policies/jiangxi", "examples/county", "examples/funds/county"])
def test_every_scenario(folder: str) -> None:
    engines: dict[str, Compiled] = {}
    results = run_files(sorted((ROOT / folder / "scenarios").glob("*.yaml"))).results
    assert results
    for result in results:
        assert result.blocks
        for block in result.blocks:
            policy = block.policy
            decide = engines.get(policy.fingerprint)
            if decide is None:
                decide = engines[policy.fingerprint] = policy.compile()
            check(policy, decide, block.record, block.portfolio)


def test_the_example_ledger(tmp_path: Path) -> None:
    """Every project of the county's ledger, alone and in the ledger."""
    script, file = ROOT / "examples" / "ledger" / "generate.py", tmp_path / "台账.xlsx"
    subprocess.run([sys.executable, str(script), str(file)], check=True)
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 11, 15))
    portfolio = policy.portfolio(policy.read(file))
    decide = policy.compile()
    read = [member for member in portfolio.members if not member.problems]
    assert len(read) > 500
    for number, member in enumerate(read):
        check(policy, decide, member, portfolio)
        if number % 5 == 0:
            check(policy, decide, member, None)


# ---- random policies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", range(0, 160, 40))
def test_random_policies(start: int) -> None:
    for seed in range(start, start + 40):
        chooser = RandomChooser(seed)
        case = make_case(chooser)
        policy = case.loaded
        decide = policy.compile()
        for _ in range(6):
            situation = make_situation(case, Pick(chooser))
            members = situation.members
            portfolio = None if members is None else policy.portfolio([plain(case.policy, one) for one in members])
            root = policy.instance(plain(case.policy, situation.root))
            outcome = policy.interpreter.evaluate(root, portfolio)
            found = list(disagreements(outcome, decide.decide(root, portfolio)))
            assert not found, f"{found}\n{shown(case, situation)}"


# ---- size -----------------------------------------------------------------------------------------------------------


def test_five_thousand_conditions_in_one() -> None:
    operands = " 且 ".join(f"数 ≠ {number} 个" for number in range(5_000))
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", operands))
    decide = policy.compile()
    for record in ({"n": 3}, {"w": 1}, {}):
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


def test_a_record_that_cannot_be_read() -> None:
    policy = policy_from_text(WORLD + DECISION.replace("{condition}", "甲"))
    with pytest.raises(pr.RecordError):
        policy.compile()({"a": "也许"})

"""Width and depth: nothing nests with what a user writes many of."""

from __future__ import annotations

from tests.engine.support import WORLD

from policyrules.testing.build import policy_from_text

DECISION = "决定 测（test）：单选 { 真 }\n规则 测规则\n  依据【一】“原文”\n  当 {condition}\n  则 测 为 真\n"


def test_five_thousand_flat_conditions() -> None:
    operands = "；".join(f"数 = {number} 个" for number in range(5_000))
    world = policy_from_text(WORLD + DECISION.replace("{condition}", f"任一满足（{operands}）"))
    outcome = world.evaluate({"n": 3})
    assert outcome["测"].value == "真"
    assert "数 = 3 个" in str(outcome.explain())
    assert len(world.evaluate({"w": 1})["测"].missing) == 1


def test_a_long_chain_of_deeply_nested_terms() -> None:
    """Chains are bounded at load; within the bound each link may nest as deep as an expression may."""
    nested = "甲"
    for _ in range(20):
        nested = f"非 （任一满足（{nested}；乙））"
    terms = f"术语 链0 即 {nested}\n"
    for link in range(1, 190):
        inner = f"链{link - 1}"
        for _ in range(6):
            inner = f"非 （任一满足（{inner}；乙））"
        terms += f"术语 链{link} 即 {inner}\n"
    world = policy_from_text(WORLD + terms + DECISION.replace("{condition}", "链189 且 丙"))
    outcome = world.evaluate({"a": True, "b": False, "c": True})
    assert outcome["测"].value == "真"
    assert world.evaluate({"c": True})["测"].missing.deciding
    assert str(outcome.explain())
    assert outcome.to_dict()

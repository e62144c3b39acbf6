"""Fields and decisions of thousands of values: what is done, and what is kept, grows with them and not with their square."""

from __future__ import annotations

from functools import cache

import pytest
from tests.growth import calls

from policyrules.engine.lowering.lowered import lowered
from policyrules.engine.prepared import Engine
from policyrules.policy import Policy
from policyrules.testing.build import policy_from_text
from policyrules.variation.freeing import Deciding
from policyrules.variation.selections import every

FEW, MANY = 300, 600
CONDITIONS = {"为": "型 为 值{}", "不为": "型 不为 值{}", "数": "数 = {} 户 且 甲"}


@cache
def policy(count: int, mode: str, condition: str) -> Policy:
    values = "、".join(f"值{number}" for number in range(count))
    default = "  默认 值0\n" if mode == "由宽到严" else ""
    rules = "".join(
        f"规则 规则{number}\n  当 {CONDITIONS[condition].format(number)}\n  则 类 为 值{number}\n"
        for number in range(count)
    )
    return policy_from_text(
        "对象 项目（project）\n  字段 甲（a）：是否\n  字段 数（n）：整数（户）\n"
        f"  字段 型（kind）：枚举 {{ {values} }}\n决定 类（class）：{mode} {{ {values} }}\n{default}{rules}"
    )


def size(count: int, mode: str, condition: str) -> int:
    """How many parts the circuit of such a policy has."""
    circuit = lowered(Engine(policy(count, mode, condition).program)).circuit
    return sum(len(getattr(node, "bits", ())) + len(getattr(node, "values", ())) for node in circuit.nodes)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
def test_a_circuit_grows_with_the_values(mode: str, condition: str) -> None:
    # Of what is stricter a value asks for up to 128 others one by one.
    few, many = (size(2 * count, mode, condition) for count in (FEW, MANY))
    assert many < 2.6 * few


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
def test_what_a_blank_leaves_open_is_told_in_step_with_the_values(mode: str, condition: str) -> None:
    def asked(count: int) -> int:
        made = policy(count, mode, condition)
        assert made.evaluate({})["类"].missing
        return calls(lambda: made.evaluate({})["类"].missing)

    assert asked(MANY) < 2.6 * asked(FEW)


def test_a_blank_is_tried_with_all_its_values_in_step_with_them() -> None:
    def tried(count: int) -> int:
        made = policy(count, "单选", "为")
        portfolio = made.portfolio([{}])
        deciding = Deciding(made.program, portfolio, "类", free=True)
        subject = deciding.subject(portfolio.members[0], portfolio.members[0].path)
        (freed,) = [one for one in deciding.inputs(subject) if one.field.name == "型"]
        (blank,) = deciding.with_values(subject, [freed])
        given, full = every([blank])
        return calls(lambda: deciding.outcomes(subject, given, full))

    assert tried(MANY) < 2.6 * tried(FEW)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
def test_a_decision_of_many_values_means_what_one_of_few_does(mode: str, condition: str) -> None:
    many = policy(FEW, mode, condition)
    settled = many.evaluate({"型": "值7", "数": 7, "甲": True})["类"]
    if condition == "不为":
        # All but one speak.
        assert (settled.status, len(settled.certain)) == (
            ("conflict", FEW - 1) if mode == "单选" else ("determined", 1)
        )
    else:
        assert settled.value == "值7"
    blank = many.evaluate({})["类"]
    assert blank.status == "undetermined"
    relevant = {one.name for one in blank.missing.relevant}
    assert relevant == ({"数", "甲"} if condition == "数" else {"型"})


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("mode", ["单选", "由宽到严"])
def test_every_engine_says_the_same_of_many_values(mode: str, condition: str) -> None:
    """Beyond 64 values a test of a cell may be asked of those that it does not hold, beyond 128 it is not joined with others."""
    many = policy(FEW, mode, condition)
    records: list[dict[str, object]] = [
        {},
        {"型": "值7"},
        {"型": "值299", "数": 299},
        {"数": 200, "甲": True},
        {"数": 200},
        {"型": "值0", "数": 0, "甲": False},
        {"数": 1_000},
    ]
    expected = [many.evaluate(record)["类"] for record in records]
    decide = many.compile()
    compiled = [decide(record)["类"] for record in records]
    assert [(one.status, one.candidates) for one in compiled] == [(one.status, one.candidates) for one in expected]
    pytest.importorskip("numpy")
    from tests.columns.agreeing import differences

    found, _ = differences(many, records)
    assert not found


def test_a_set_of_many_values_is_lowered_in_step_with_them() -> None:
    # Each condition asks for one value of the cell, which has a bit for each.
    def made(count: int) -> int:
        values = "、".join(f"值{number}" for number in range(count))
        rules = "".join(f"规则 规则{n}\n  当 型 含 值{n} 且 甲\n  则 类 为 上\n" for n in range(count))
        loaded = policy_from_text(
            f"对象 项目（project）\n  字段 甲（a）：是否\n  字段 型（kind）：多选 {{ {values} }}\n决定 类（class）：单选 {{ 上、下 }}\n{rules}"
        )
        engine = Engine(loaded.program)
        return calls(lambda: lowered(engine))

    assert made(MANY) < 2.6 * made(FEW)

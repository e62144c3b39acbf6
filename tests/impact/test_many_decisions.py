"""What changes in many decisions is explained in step with them."""

from __future__ import annotations

import pytest

from policyrules.analysis import counting, trials
from policyrules.analysis.attribute import attributed
from policyrules.analysis.attribution import Spot
from policyrules.interpreter import Interpreter
from policyrules.program.nodes import Program
from policyrules.testing.build import policy_from_text

FEW, MANY = 30, 60
OBJECTS = "对象 项目（project） 标识 编号\n  字段 编号（project_id）：文本\n  字段 数（n）：整数（户）\n"
RECORDS = [{"编号": "一", "数": 3}, {"编号": "二", "数": 9}]


def _text(count: int, least: int) -> str:
    """Each of the decisions says 上 from ``least`` on."""
    return OBJECTS + "".join(
        f"决定 定{number}（d{number}）：单选 {{ 上、下 }}\n规则 规则{number}\n  当 数 ≥ {least} 户\n  则 定{number} 为 上\n"
        for number in range(count)
    )


def test_causes_of_many_decisions_are_confirmed_in_step_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(count: int) -> int:
        """How much of programs is made ready to ask the definition."""
        old, new = (policy_from_text(_text(count, least)) for least in (100, 5))
        before, after = (list(policy.evaluate_all(RECORDS))[1] for policy in (old, new))
        none = ("none", frozenset({"None"}), frozenset[str]())
        upper = ("determined", frozenset({"上"}), frozenset[str]())
        said = {Spot(1, after.path, name): (none, upper) for name in new.program.decisions}
        assert all((before[spot.name].value, after[spot.name].value) == (None, "上") for spot in said)
        sizes: list[int] = []

        def made(program: Program, fingerprint: str, *, like: Interpreter | None = None) -> Interpreter:
            sizes.append(len(program.rules) + len(program.parameters))
            return Interpreter(program, fingerprint, like=like)

        with monkeypatch.context() as patched:
            patched.setattr(counting, "Interpreter", made)
            patched.setattr(trials, "Interpreter", made)
            found = attributed(old, new, new.portfolio(RECORDS), said)
        assert not found.faults
        assert [cause.how for cause in found.causes.values()] == ["alone"] * count
        return sum(sizes)

    assert asked(MANY) < 2.6 * asked(FEW)

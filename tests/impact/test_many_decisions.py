"""What changes in thousands of decisions is told, and explained, in step with them."""

from __future__ import annotations

from functools import cache

from tests.growth import calls

from policyrules.analysis.attribute import attributed
from policyrules.analysis.attribution import Spot
from policyrules.policy import Policy
from policyrules.testing.build import policy_from_text

FEW, MANY = 60, 120
OBJECTS = "对象 项目（project） 标识 编号\n  字段 编号（project_id）：文本\n  字段 数（n）：整数（户）\n"
RECORDS = [{"编号": "一", "数": 3}, {"编号": "二", "数": 9}]


@cache
def policies(count: int) -> tuple[Policy, Policy]:
    """Of each decision the new side says 上 from 5 on, the old one from 100 on; every third of them counts the records."""

    def text(least: int) -> str:
        statistic = f"统计 多（many）\n  计数 项目\n  其中 数 ≥ {least} 户\n"
        decisions = "".join(
            f"决定 定{number}（d{number}）：单选 {{ 上、下 }}\n规则 规则{number}\n  当 数 ≥ {least} 户"
            f"{' 且 多 ≥ 1' if number % 3 == 0 else ''}\n  则 定{number} 为 上\n"
            for number in range(count)
        )
        return OBJECTS + statistic + decisions

    return policy_from_text(text(100)), policy_from_text(text(5))


def test_causes_of_many_decisions_are_found_in_step_with_them() -> None:
    def asked(count: int) -> int:
        old, new = policies(count)
        portfolio = new.portfolio(RECORDS)
        before, after = (list(policy.evaluate_all(RECORDS)) for policy in (old, new))
        said = {
            Spot(1, after[1].path, name): (
                ("none", frozenset({"None"}), frozenset()),
                ("determined", frozenset({"上"}), frozenset()),
            )
            for name in new.program.decisions
            if before[1][name].value != after[1][name].value
        }
        assert len(said) == count
        found = attributed(old, new, portfolio, said)
        assert not found.faults and len(found.causes) == count
        return calls(lambda: attributed(old, new, portfolio, said))

    assert asked(MANY) < 2.6 * asked(FEW)

"""A record of many rows that rules hold against each other: what its JSON costs, and how to have it for less."""

from __future__ import annotations

import datetime
import json
from functools import cache

import policyrules as pr
from policyrules.results import Outcome

FEW, MANY = 20, 40


@cache
def outcome(rows: int) -> Outcome:
    policy = pr.load("policies/jiangxi", as_of=datetime.date(2026, 1, 15))
    return policy.evaluate({"已形成": False, "项目编号": "P1", "资金": [{"金额": 10 + row} for row in range(rows)]})


def size(rows: int, asked: bool) -> int:
    return len(json.dumps(outcome(rows).to_dict(asked=asked), ensure_ascii=False))


def test_each_row_lacks_what_all_of_the_others_lack() -> None:
    found = next(one for one in outcome(FEW).findings if one.name == "已下达资金重复投入" and one.object == "资金[3]")
    assert found.status == "unverified"
    # 来源、年度和投向内容 of its own and of every other row (五（十五）·重复投入与违规资金).
    assert {(one.object, one.name) for one in found.missing.relevant} == {
        (f"资金[{row}]", name) for row in range(FEW) for name in ("资金来源", "年度", "投向内容")
    }


def test_what_is_not_asked_grows_with_the_rows_alone() -> None:
    assert size(MANY, asked=False) < 2.2 * size(FEW, asked=False)
    assert size(FEW, asked=True) > 5 * size(FEW, asked=False)


def test_without_it_all_results_are_there() -> None:
    whole, bare = (outcome(FEW).to_dict(asked=asked) for asked in (True, False))
    told = [[(one["name"], one["object"], one["status"]) for one in data["findings"]] for data in (whole, bare)]  # type: ignore[attr-defined]  # JSON has no types
    assert told[0] == told[1] and len(told[0]) > FEW

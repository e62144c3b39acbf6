"""What the objects of the API look like in a log, a debugger, a notebook; what is asked with one name where several belong."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr

ROOT = Path(__file__).parents[2]
DAY = datetime.date(2025, 11, 15)


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return pr.load(ROOT / "policies" / "jiangxi", as_of=DAY)


RECORD = {"项目编号": "P1", "资产": [{"拟处置": True}]}


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda policy: policy, ["CN < JX", "2025-11-15"]),
        (lambda policy: policy.evaluate(RECORD), ["P1", "分类 待定", "待核实"]),
        (lambda policy: policy.evaluate(RECORD)["分类"], ["分类", "待定"]),
        (lambda policy: policy.evaluate(RECORD).findings[0], ["待核实"]),
        (lambda policy: policy.evaluate(RECORD).explain(), ["P1"]),
        (lambda policy: pr.compare(policy, policy, [RECORD]), ["1 个里 0 个有变化"]),
        (lambda policy: pr.impact(policy, policy, [RECORD]), ["没有变化"]),
        (lambda policy: policy.evaluate_frame([RECORD]), ["项目 1 个"]),
    ],
)
def test_each_is_a_line_that_says_what_it_is(
    policy: pr.Policy, made: Callable[[pr.Policy], Any], says: list[str]
) -> None:
    shown = repr(made(policy))
    assert len(shown) < 1_000 and "\n" not in shown
    assert all(one in shown for one in says), shown


@pytest.mark.parametrize(
    "asked",
    [
        lambda policy: policy.compile("分类"),
        lambda policy: policy.circuit("分类"),
        lambda policy: policy.evaluate_frame([RECORD], outputs="分类"),
        lambda policy: policy.evaluate_frame([RECORD], rules="盘活类"),
        lambda policy: pr.impact(policy, policy, [RECORD], by="乡镇"),
        lambda policy: pr.impact(policy, policy, [RECORD], sweeps="户数"),
        lambda policy: pr.impact(policy, policy, [RECORD], dates="2026-06-30"),
        lambda policy: pr.impact(policy, policy, [RECORD], also=[policy]),
    ],
)
def test_one_text_is_no_list_of_letters(policy: pr.Policy, asked: Callable[[pr.Policy], Any]) -> None:
    with pytest.raises(TypeError, match="要给"):
        asked(policy)


def test_columns_stay_in_their_process_and_say_so(policy: pr.Policy) -> None:
    found = policy.evaluate_frame([RECORD])
    for taken in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="to_arrow"):
            taken(found)
    assert len(found.table("资产")) == 1
    with pytest.raises(KeyError, match="没有"):
        found.table("没有")
    with pytest.raises(ValueError, match="threads"):
        policy.evaluate_frame([RECORD], threads=1.5)  # type: ignore[arg-type]  # what is refused

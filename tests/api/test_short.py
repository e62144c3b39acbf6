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
MANY: list[dict[str, Any]] = [
    {"项目编号": f"P{place}", "资产": [{"拟处置": True} for _ in range(10)]} for place in range(9)
]
WIDE: dict[str, Any] = {"项目编号": "P1\n" * 500, **{f"别的{place}": "长" * 500 for place in range(11)}}


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
        (lambda policy: policy.prepare(MANY), ["项目 9 个要评", "资产 90 行"]),
        (lambda policy: policy.prepare(MANY).tables["资产"], ["资产：90 行，1 列"]),
        (lambda policy: policy.prepare(MANY).tables["资产"].columns["拟处置"], ["资产.拟处置：90 行"]),
        (lambda policy: policy.instance(MANY[0]), ["项目 P0", "填了 1 项", "资产 10 行"]),
        (lambda policy: policy.instance(MANY[0]).rows["资产"][3], ["资产[3]", "填了 1 项"]),
        (lambda policy: policy.Record(**MANY[0]), ["project_id=“P0”", "一个列表（10 项）"]),
        (lambda policy: policy.Record(**WIDE), ["另有 2 项"]),
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


def test_a_ledger_is_a_line(policy: pr.Policy, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("项目编号,已形成\nP1,是\nP2,去年\nP3,否\n", "utf-8")
    assert repr(policy.read(path)) == "<Ledger：2 个，1 个没有评，1 处读不出来>"


def test_what_is_compiled_stays_in_its_process_and_says_so(policy: pr.Policy) -> None:
    decide = policy.compile()
    found = decide(RECORD)
    for made, said in ((decide, "compile"), (found, "findings")):
        assert copy.copy(made) is made and copy.deepcopy([made]) == [made]
        with pytest.raises(TypeError, match=said):
            pickle.dumps(made)
    # What is in it goes anywhere.
    parts = (found["分类"], found.findings)
    assert pickle.loads(pickle.dumps(parts)) == copy.deepcopy(parts) == parts


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

"""Parameters and days are looked at as far as one can wait, by counted work; what is too much is said, and told with ``long``."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.program import costs
from policyrules.testing.build import policy_from_text
from policyrules.variation import whole as module
from policyrules.variation.dates import dates
from policyrules.variation.model import Impact
from policyrules.variation.readings import readings
from policyrules.variation.study import Study
from policyrules.variation.sweeps import wished
from policyrules.variation.whole import impact
from policyrules.variation.wishes import WishError, sweep_of
from policyrules.variation.work import TooMuch

from .studies import CITE, study

TEXT = f"""对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（n）：整数（户）
  字段 停产日（stopped）：日期
参数 门槛（t）：整数（户） = 3 户
{CITE}参数 底数（base）：整数（户） = 1 户
{CITE}决定 分类（category）：单选 {{ 盘活 }}
规则 盘活类
{CITE}  当 户数 ≥ 门槛 或 户数 ≤ 底数 或 停产日 起满 12 个月
  则 分类 为 盘活
"""
AS_OF = datetime.date(2025, 9, 15)
RECORDS: list[dict[str, object]] = [
    {"编号": "甲", "户数": 2, "停产日": "2024-10-01"},
    {"编号": "乙", "户数": 5, "停产日": "2024-12-01"},
    {"编号": "丙"},
]
SWEEPS = ("门槛", "底数")


def _policy() -> pr.Policy:
    return policy_from_text(TEXT).at(AS_OF)


def _before() -> pr.Policy:
    return policy_from_text(TEXT.replace("门槛（t）：整数（户） = 3 户", "门槛（t）：整数（户） = 6 户")).at(AS_OF)


def _used(
    work: Callable[[Study], object],
    records: list[dict[str, object]],
    policies: tuple[pr.Policy, pr.Policy] | None = None,
) -> int:
    """How much work something takes."""
    both = study(*(policies or (_before(), _policy())), records)
    for side in (both.old, both.new):
        side.work.left = 10**9
    work(both)
    return sum(10**9 - (side.work.left or 0) for side in (both.old, both.new))


def _swept(words: str) -> Callable[[Study], object]:
    return lambda both: wished(both, sweep_of(words))


@pytest.mark.parametrize("work", [_swept("门槛"), _swept("门槛=1,2,3"), dates], ids=["pieces", "values", "dates"])
def test_the_same_question_takes_the_same_work_in_step_with_the_records(work: Callable[[Study], object]) -> None:
    many = [{**one, "编号": str(number)} for number, one in enumerate(RECORDS * 20)]
    once, twice = _used(work, many), _used(work, [*many, *({**one, "编号": f"又{one['编号']}"} for one in many)])
    assert 0 < once == _used(work, many)
    # What is made ready before the first record takes some.
    assert 1.5 * once < twice < 2.2 * once


def test_every_value_and_every_day_takes_work() -> None:
    assert _used(_swept("门槛=3,4,5,6"), RECORDS) > 1.5 * _used(_swept("门槛=3,4"), RECORDS) > 0
    days = [datetime.date(2026, 1, day) for day in range(1, 9)]
    some, more = (_used(lambda both, n=n: dates(both, days[:n] + days[-1:]), RECORDS) for n in (1, 7))  # type: ignore[misc]
    assert some < more


def test_what_is_too_much_ends() -> None:
    needed = _used(_swept("门槛"), RECORDS)
    both = study(_before(), _policy(), RECORDS)
    both.new.work.left = needed
    assert wished(both, sweep_of("门槛")).pieces and both.new.work.left == 0
    both = study(_before(), _policy(), RECORDS)
    both.new.work.left = needed - 1
    with pytest.raises(TooMuch):
        wished(both, sweep_of("门槛"))


def _told(**given: object) -> Impact:
    return impact(_before(), _policy(), RECORDS, by=(), money=(), weight=(), sweeps=SWEEPS, dates="auto", **given)  # type: ignore[arg-type]


def test_the_report_says_what_was_not_looked_at_and_tells_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _told()
    assert len(whole.sweeps) == 2 and len(whole.grids) == 1
    assert [one.on.isoformat() for one in whole.dates] == ["2025-10-01", "2025-12-01"]
    monkeypatch.setattr(costs, "MOST_VARIED", 0)
    part = _told()
    assert not part.sweeps and not part.grids and not part.dates
    (note,) = set(part.about.notes) - set(whole.about.notes)
    assert "没有算：门槛“门槛”从头到尾、门槛“底数”从头到尾、两个门槛一起看、结果会变的日子；" in note
    assert note.startswith("3 个项目") and note.endswith("加 --long")
    assert (part.decisions, part.causes, part.cells) == (whole.decisions, whole.causes, whole.cells)
    assert (part.blanks, part.readings, part.nearest) == (whole.blanks, whole.readings, whole.nearest)
    every = _told(long=True)
    assert (every.sweeps, every.grids, every.dates, every.about.notes) == (
        whole.sweeps,
        whole.grids,
        whole.dates,
        whole.about.notes,
    )
    assert "long=True" in every.about.command


READINGS = "读法 口径（reading）：枚举 { 宽、中、严 } 缺省 宽\n" + CITE


def test_other_readings_are_looked_at_within_steps_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    read = policy_from_text((READINGS + TEXT).replace("户数 ≥ 门槛", "（口径 为 宽 且 户数 ≥ 门槛）")).at(AS_OF)
    whole = impact(read, read, RECORDS, sweeps=SWEEPS)
    assert len(whole.readings) == 2 and len(whole.sweeps) == 2
    monkeypatch.setattr(costs, "MOST_VARIED", 0)
    part = impact(read, read, RECORDS)
    (note,) = set(part.about.notes) - set(whole.about.notes)
    assert not part.readings and "没有算：换一种读法会怎样；" in note and note.endswith("加 --long")
    assert impact(read, read, RECORDS, long=True).readings == whole.readings
    # What sweeps take is not taken from them.
    monkeypatch.setattr(costs, "MOST_VARIED", _used(readings, RECORDS, (read, read)))
    assert impact(read, read, RECORDS, sweeps=SWEEPS).readings == whole.readings


def test_what_comes_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MOST_VARIED", _used(_swept("门槛"), RECORDS))
    part = _told()
    assert [one.parameter for one in part.sweeps] == ["门槛"] and not part.grids and not part.dates
    (note,) = (one for one in part.about.notes if "没有算" in one)
    assert "没有算：门槛“底数”从头到尾、两个门槛一起看、结果会变的日子；" in note


def test_of_a_longer_file_more_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ledger = tmp_path / "台账.jsonl"
    ledger.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in RECORDS), encoding="utf-8")
    monkeypatch.setattr(costs, "MOST_VARIED", 1)
    policy = _policy()
    assert not impact(policy, policy, ledger, sweeps=SWEEPS).sweeps
    monkeypatch.setattr(module, "SMALL", 1)
    monkeypatch.setattr(costs, "MOST_VARIED", 1000)
    assert len(impact(policy, policy, ledger, sweeps=SWEEPS).sweeps) == 2


def test_a_wrong_word_is_an_error_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MOST_VARIED", 0)
    with pytest.raises(WishError, match="没有名为“不在”的参数"):
        impact(_policy(), _policy(), RECORDS, sweeps=["不在"])

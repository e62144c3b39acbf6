"""Days on which results flip, of small policies, worked out by hand from the rule text."""

from __future__ import annotations

import datetime

import pytest

import policyrules as pr
from policyrules.policy import policy_of
from policyrules.program.stack import Stack
from policyrules.testing.build import layer_files, policy_from_text
from policyrules.variation.dates import dates
from policyrules.variation.turning_days import turning_days
from policyrules.variation.wishes import WishError

from .studies import CITE, study

AS_OF = datetime.date(2025, 9, 15)
TOP = f"""对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产日（stopped）：日期
  字段 年（year）：年份
参数 时长（span）：时长（个月） = 12 个月
{CITE}决定 分类（category）：单选 {{ 盘活、其他 }}
规则 盘活类
{CITE}  当 停产日 起满 时长
  则 分类 为 盘活
"""
LOWER = f"修订 盘活类\n{CITE}  还须 年 ≥ 2020 年\n"


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def layered(since: str, lower: str = LOWER, as_of: datetime.date = AS_OF) -> pr.Policy:
    top, below = layer_files(TOP.replace("为 盘活\n", "为 盘活\n  授权 细化\n"), 0), layer_files(lower, 1, since=since)
    found, diagnostics = policy_of(Stack.of(top, below), as_of=as_of)
    assert found is not None, diagnostics
    return found


def test_a_period_is_full() -> None:
    both = policy_from_text(TOP)
    records: list[dict[str, object]] = [
        {"停产日": "2024-10-01"},
        {"停产日": "2024-02-29"},
        {"停产日": "2025-02-28"},
        {},
        {"停产日": "2024-09-15"},
        {"停产日": "2026-09-15"},
    ]
    found = dates(study(both, both, records))
    assert [one.on for one in found] == [day("2025-10-01"), day("2026-02-28"), day("2027-09-15")]
    first = found[0]
    assert [(one.record, one.before, one.after) for one in first.new] == [(0, "无", "盘活")]
    assert first.old == first.new and first.differ == {"分类": 0} and first.since == day("2025-09-30")
    assert first.because == ("停产日 起满 时长，时长为 12 个月（国家规则“盘活类”）",)
    assert dates(study(both, both, records), until=day("2025-09-30")) == ()


def test_a_year_turns_and_a_fixed_day_comes() -> None:
    both = policy_from_text(
        TOP.replace("停产日 起满 时长", "任一满足（年 < 上年；评估日 ≥ 2026年3月1日 且 停产日 已填）")
    )
    found = dates(study(both, both, [{"年": 2024}, {"停产日": "2020-01-01", "年": 2030}]))
    assert [(one.on, [m.record for m in one.new]) for one in found] == [
        (day("2026-01-01"), [0]),
        (day("2026-03-01"), [1]),
    ]
    assert "上年" in found[0].because[0] and "2026年3月1日" in found[1].because[0]


def test_a_layer_comes_into_force() -> None:
    upper, lower = policy_from_text(TOP), layered("2025-11-01")
    records: list[dict[str, object]] = [{"停产日": "2020-01-01", "年": 2019}, {"停产日": "2024-12-01", "年": 2019}]
    asked = study(upper, lower, records)
    (first, second) = dates(asked)
    assert first.on == day("2025-11-01") and first.because == ("《第1层文件》从这一天起施行",)
    assert [(one.record, one.before, one.after) for one in first.new] == [(0, "盘活", "无")] and not first.old
    assert first.differ == {"分类": 1}
    assert second.on == day("2025-12-01") and second.differ == {"分类": 2}
    assert [one.record for one in second.old] == [1] and not second.new
    (before, after) = dates(asked, [day("2025-10-01"), day("2025-12-01")])
    assert before.differ == {"分类": 0} and any("还没有施行" in one for one in before.because)
    assert after.differ == {"分类": 2} and after.since == AS_OF
    assert after.because[0] == "2025年12月1日：停产日 起满 时长，时长为 12 个月（国家规则“盘活类”）"
    assert "2025年11月1日：《第1层文件》从这一天起施行" in after.because


def test_a_layer_comes_into_force_on_the_day_a_period_is_full() -> None:
    lower = layered("2025-11-01")
    records: list[dict[str, object]] = [{"停产日": "2024-11-01", "年": 2021}, {"停产日": "2024-01-01", "年": 2019}]
    (only,) = dates(study(lower, lower, records))
    assert only.on == day("2025-11-01") and {one.record for one in only.new} == {0, 1}
    assert set(only.because) == {
        "《第1层文件》从这一天起施行",
        "停产日 起满 时长，时长为 12 个月（国家规则“盘活类”）",
    }


def test_a_provision_with_its_own_days() -> None:
    text = TOP + (f"规则 老项目\n{CITE}  当 年 < 2000 年\n  则 分类 为 其他\n  自 2026年1月1日 起\n")
    both = policy_from_text(text)
    turns = turning_days(both, AS_OF, day("2027-12-31"))
    assert turns == {day("2026-01-01"): ("国家的“老项目”从这一天起施行",)}
    found = dates(study(both, both, [{"年": 1999}]))
    assert [(one.on, one.because) for one in found] == [(day("2026-01-01"), turns[day("2026-01-01")])]


def test_earlier_days_can_be_asked_for() -> None:
    both = policy_from_text(TOP)
    (found,) = dates(study(both, both, [{"停产日": "2024-06-01"}]), [day("2025-05-31")])
    assert [(one.before, one.after) for one in found.new] == [("盘活", "无")]
    assert found.because[0].startswith("2025年6月1日：停产日 起满")


def test_no_records_and_ranges_that_are_none() -> None:
    both = policy_from_text(TOP)
    asked = study(both, both, [])
    assert dates(asked) == ()
    assert [one.differ for one in dates(asked, [day("2026-01-01")])] == [{"分类": 0}]
    with pytest.raises(WishError, match="早于评估日"):
        dates(asked, until=day("2020-01-01"))
    with pytest.raises(WishError, match="太长"):
        dates(asked, until=day("2999-01-01"))

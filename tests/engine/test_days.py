"""Working days against a plain count, day by day, over every way in which the days that nobody listed may be worked."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from random import Random

import pytest
from tests.spec.chunks import WORLD

from policyrules.analysis.compare import compare
from policyrules.engine import values as v
from policyrules.engine.days import WorkingDays
from policyrules.program.fingerprints import meaning_hash
from policyrules.testing.build import policy_from_text, try_policy_from_text

DAY = datetime.timedelta(days=1)
NEW_YEAR = datetime.date(2026, 1, 1)


def plain(start: datetime.date, count: int, worked: dict[datetime.date, bool]) -> datetime.date:
    """The ``count``-th working day after ``start``, by looking at each day."""
    day, step = start, DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= worked[day]
    return day


def around(
    calendar: WorkingDays, holidays: set[datetime.date], open_: set[datetime.date]
) -> Iterator[dict[datetime.date, bool]]:
    """All days near the turn of the year, each of the next year worked or not (the first nine in every way)."""
    days = [NEW_YEAR + DAY * number for number in range(-40, 40)]
    known = {day: day in open_ or (day.weekday() < 5 and day not in holidays) for day in days if day.year == 2025}
    unknown = [day for day in days if day.year != 2025]
    for ways in itertools.product((True, False), repeat=9):
        rest = dict.fromkeys(unknown[9:], True)
        yield known | dict(zip(unknown, ways, strict=False)) | rest


@pytest.mark.parametrize("seed", range(6))
def test_every_way_in_which_unlisted_days_may_be_worked_lies_within(seed: int) -> None:
    random = Random(seed)
    december = [NEW_YEAR - DAY * number for number in range(1, 20)]
    holidays = {datetime.date(2025, 1, 1), *random.sample(december, 4)}
    open_ = {day for day in random.sample(december, 4) if day not in holidays}
    calendar = WorkingDays.of(holidays, open_)
    ways = list(around(calendar, holidays, open_))
    for number, count in itertools.product((-12, -5, -1, 0, 3), (-6, -2, 0, 1, 2, 5)):
        start = NEW_YEAR + DAY * number
        low, high, _ = v.bounds(calendar.moved(start, count))
        ends = [plain(start, count, way) for way in ways]
        assert low is None or low == min(ends), (start, count)
        assert high is None or high == max(ends), (start, count)
        if count > 0 and start >= NEW_YEAR:
            assert (low, high) == (start + DAY * count, None)


def test_it_never_runs_backwards() -> None:
    calendar = WorkingDays.of([datetime.date(2025, 1, 1), datetime.date(2027, 5, 1)], [datetime.date(2027, 5, 2)])
    starts = [datetime.date(2024, 12, 20) + DAY * number for number in range(0, 900, 3)]
    for count in (-300, -3, -1, 0, 1, 2, 40, 300):
        ends = [v.bounds(calendar.moved(start, count)) for start in starts]
        for (low, high, _), (later_low, later_high, _) in itertools.pairwise(ends):
            assert low is None or later_low is None or low <= later_low
            assert high is None or later_high is None or high <= later_high
    for start in starts[::20]:
        ends = [v.bounds(calendar.moved(start, count)) for count in range(-30, 30)]
        lows = [low or datetime.date.min for low, _, _ in ends]
        highs = [high or datetime.date.max for _, high, _ in ends]
        assert lows == sorted(lows) and highs == sorted(highs)


def test_far_away_and_many() -> None:
    calendar = WorkingDays.of([datetime.date(2025, 1, 1)], [])
    first, last = datetime.date.min, datetime.date.max
    assert calendar.moved(last, 10**12) == v.Interval(last, None)
    assert calendar.moved(first, -(10**12)) == v.Interval(None, first)
    assert calendar.moved(last, 1) == v.Interval(last, None)
    assert calendar.moved(v.VOID, 1) is v.VOID
    assert calendar.moved(first, v.Interval(None, None)) == v.Interval(None, None)


def test_what_is_missing_names_the_year() -> None:
    policy = policy_from_text(
        WORLD
        + """
清单 节假日 即 { 2025年10月1日 至 2025年10月3日 }
决定 类（kind）：单选 { 早 }
规则 早类
  当 停产日 + 3 个工作日 ≤ 2030年1月1日
  则 类 为 早
"""
    )
    outcome = policy.evaluate({"停产日": "2025-12-31"})
    assert [str(blank) for blank in outcome["类"].missing] == ["节假日：没有 2026 年的日子"]
    assert outcome["类"].missing.deciding == outcome["类"].missing.relevant
    assert "节假日清单没有列到那一年" in repr(outcome["类"].explain())


CALENDAR = "清单 节假日\n  即 { 2025年10月1日 至 2025年10月3日、2025年5月1日 }\n  授权 自定\n"
COUNTS = "术语 五日\n  即 停产日 起满 5 个工作日\n"


def codes(*layers: str) -> list[str]:
    return [each.code for each in try_policy_from_text(*layers)[1]]


def test_a_calendar_is_looked_at_only_where_working_days_are_counted() -> None:
    words = "清单 节假日 即 { 春节、等 }\n清单 调休上班 即 { 春节 }\n"
    assert codes(WORLD + words) == []
    assert codes(WORLD + words + COUNTS) == ["E225", "E225"]
    assert codes(WORLD + COUNTS) == ["W227"]
    assert codes(WORLD + CALENDAR + COUNTS) == []
    assert codes(WORLD + "术语 节假日 即 甲\n" + COUNTS) == ["E225"]
    assert codes(WORLD + CALENDAR + "清单 调休上班 即 { 2025年10月2日 }\n" + COUNTS) == ["E226"]


def test_a_list_holds_dates_or_words() -> None:
    assert codes(WORLD + "清单 日 即 { 2025年10月1日、春节 }\n") == ["E204"]
    assert codes(WORLD + "清单 日 即 { 春节、2025年10月1日 }\n") == ["E204"]
    assert codes(WORLD + "清单 日 即 { 2025年10月1日 至 2025年10月3日、2025年10月2日 }\n") == ["E202"]
    assert codes(WORLD + CALENDAR, "增列 节假日 { 2026年1月1日 }\n") == []
    assert codes(WORLD + CALENDAR, "增列 节假日 { 2025年5月1日 }\n") == ["E202"]
    assert codes(WORLD + CALENDAR + "术语 甲日 即 来源 属于 节假日\n") == ["E204"]
    assert codes(WORLD + CALENDAR + "术语 甲日 即 停产日 属于 节假日\n") == []
    assert codes(WORLD + "术语 甲日 即 主 属于 { 2025年10月1日 至 2025年10月3日 }\n") == ["E144"]


def test_a_layer_below_adds_a_year() -> None:
    rule = "决定 类（kind）：单选 { 早 }\n规则 早类\n  当 停产日 + 1 个工作日 = 2026年1月5日\n  则 类 为 早\n"
    record = {"停产日": "2025-12-31"}
    assert policy_from_text(WORLD + CALENDAR + rule).evaluate(record)["类"].text == "待定：早、无"
    added = "增列 节假日 { 2026年1月1日 至 2026年1月2日 }\n"
    assert policy_from_text(WORLD + CALENDAR + rule, added).evaluate(record)["类"].text == "早"


def test_dates_in_a_list_are_values_of_a_test() -> None:
    text = WORLD + CALENDAR + "决定 类（kind）：单选 { 早 }\n规则 早类\n  当 停产日 属于 {}\n  则 类 为 早\n"
    for right in ("节假日", "{ 2025年10月1日 至 2025年10月3日、2025年5月1日 }"):
        policy = policy_from_text(text.replace("属于 {}", f"属于 {right}"))
        found = [policy.evaluate({"停产日": day})["类"].text for day in ("2025-10-03", "2025-05-01", "2025-10-04")]
        assert found == ["早", "早", "无"]
        assert policy.evaluate({})["类"].text == "待定：早、无"


def test_the_days_of_a_calendar_are_no_part_of_a_meaning() -> None:
    """A lock file is not out of date because another year was announced."""

    def meaning(text: str) -> str:
        program = policy_from_text(WORLD + text).program
        return meaning_hash(program.terms["五日"].body, program.terms, program.lists, program.statistics)

    other = CALENDAR.replace("2025年5月1日", "2025年5月2日")
    assert meaning(CALENDAR + COUNTS) == meaning(other + COUNTS)
    written = ("停产日 起满 5 个工作日", "停产日 起满 5 天", "停产日 起满 6 个工作日", "停产日 之月末 ≤ 评估日")
    written += (
        "停产日 之季末 ≤ 评估日",
        "每年 5月1日 ≤ 停产日",
        "每年 5月2日 ≤ 停产日",
        "每年 5月1日 起算 停产日 ≤ 评估日",
    )
    written += ("年份一 = 当年", "年份一 = 上年", "停产日 之年 = 上年")
    assert len({meaning(f"{CALENDAR}术语 五日 即 {each}\n") for each in written}) == len(written)


OLD = """
对象 项目（project） 标识 每年
  字段 每年（every）：文本
  字段 当年（this_year）：年份
  字段 起算（since）：日期
  字段 之年（of）：是否
  字段 用时（spent）：整数（个工作日）
参数 之月末（ends）：日期 = 2025年1月31日
参数 上年（last）：整数（年） = 5 年
清单 之季末 即 { 起算、之年末 }
清单 节假日 即 { 元旦、等 }
决定 之年末（kind）：单选 { 每年、当年 }
规则 起算日
  当 之年 且 起算 ≤ 之月末 且 当年 = 2024 年 且 上年 > 3 且 视 之年（是：3 个工作日；否：5 个工作日） ≤ 用时
  则 之年末 为 每年
"""


def test_older_names_keep_their_meaning() -> None:
    """Every new word is a name, a value or a unit here."""
    policy = policy_from_text(OLD)
    record = {"每年": "一", "当年": 2024, "起算": "2025-01-31", "之年": "是", "用时": 3}
    assert policy.evaluate(record)["之年末"].value == "每年"
    assert policy.evaluate({**record, "用时": 2})["之年末"].text == "无"
    assert policy.evaluate({**record, "当年": 2025})["之年末"].text == "无"


def test_a_change_of_the_calendar_is_what_changed_a_result() -> None:
    rule = "决定 类（kind）：单选 { 早 }\n规则 早类\n  当 停产日 + 1 个工作日 = 2026年1月5日\n  则 类 为 早\n"
    before = policy_from_text(WORLD + CALENDAR + rule)
    after = policy_from_text(WORLD + CALENDAR + rule, "增列 节假日 { 2026年1月1日 至 2026年1月2日 }\n")
    found = compare(before, after, [{"编号": "一", "停产日": "2025-12-31"}])
    assert "'operation': '增列', 'name': '节假日'" in str(found.to_dict())

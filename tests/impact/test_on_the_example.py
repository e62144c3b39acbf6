"""Sweeps and dates on the example ledger: the figures that an analyst had worked out by copying folders and running scripts."""

from __future__ import annotations

import datetime
import shutil
from collections import Counter
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.variation.courses import affected
from policyrules.variation.dates import dates
from policyrules.variation.model import Bounds
from policyrules.variation.study import same
from policyrules.variation.sweeps import sweep, wished
from policyrules.variation.turning_days import DAY, by_day
from policyrules.variation.wishes import sweep_of

from .studies import ledger_study

pytest.importorskip("openpyxl")

ROOT = Path(__file__).resolve().parents[2]
DAY_OF_COUNT = datetime.date(2025, 11, 15)
NATION, PROVINCE, COUNTY = (ROOT / one for one in ("policies/national", "policies/jiangxi", "examples/county"))


def load(folder: Path, **parameters: object) -> pr.Policy:
    return pr.load(folder, as_of=DAY_OF_COUNT, parameters=parameters)


@pytest.fixture(scope="module")
def ledger(example_ledger: Path) -> pr.Ledger:
    return load(COUNTY).read(example_ledger)


def test_how_many_make_a_type_too_many(ledger: pr.Ledger) -> None:
    policy = load(PROVINCE, 反向约束方式="只看数量", 反向约束含等于="是")
    found = wished(ledger_study(load(PROVINCE), policy, ledger), sweep_of("反向约束数量=1.."))
    assert found.exact
    assert [piece.text for piece in found.pieces] == ["1 个", "2 个", "3 个", "4 至 6 个", "7 个", "8 个以上"]
    # Three records of the ledger could not be read.
    aside = 3
    told = [piece.bounds["入库意见"]["暂缓新增"] for piece in found.pieces]
    assert [one.low for one in told] == [8, 6, 6, 4, 1, 0]
    assert told[2].high < told[1].high
    assert told[4] == Bounds(1, told[3].high)
    assert told[5].high == aside
    by_hand = ledger_study(policy, load(PROVINCE, 反向约束方式="只看数量", 反向约束含等于="是", 反向约束数量=5), ledger)
    states = [state for key, state in by_hand.new.states.items() if key[2] == "入库意见"]
    assert told[3].low == sum(state.text == "暂缓新增" for state in states)
    assert told[3].high == sum("暂缓新增" in state.candidates for state in states) + aside


def test_from_how_many_households_on_an_upgrade_is_lost(ledger: pr.Ledger, tmp_path: Path) -> None:
    for folder in (NATION, PROVINCE):
        shutil.copytree(folder, tmp_path / folder.name)
    rules = tmp_path / PROVINCE.name / "范围与分类.rules"
    text = rules.read_text(encoding="utf-8")
    before = "  还须 链条 为 不完整 且 任一满足（技术短板；设施短板）\n"
    assert text.count(before) == 1
    place = "  依据【二（三）升级类·界定】“升级类：指资源有支撑”\n"
    text = text.replace(before, before[:-1] + " 且 带动脱贫户 ≥ 门槛\n")
    rules.write_text(f"{text}\n参数 门槛（threshold）：整数（户） = 10 户\n{place}", encoding="utf-8")
    found = sweep(ledger_study(load(PROVINCE), load(tmp_path / PROVINCE.name), ledger), "门槛")
    assert found.exact and found.proposed == 10
    assert "文本定死" in found.note
    upgraded = {}
    changed = {}
    for households in (0, 5, 8, 9, 10, 12, 15, 20):
        (piece,) = (
            one
            for one in found.pieces
            if (one.low is None or one.low <= households) and (one.high is None or households <= one.high)
        )
        upgraded[households] = piece.bounds["分类"]["升级"]
        changed[households] = piece.changed["分类"]
    lost = {number: upgraded[0].low - 8 - upgraded[number].low for number in upgraded}
    # 8 projects have a blank there: they are open as soon as anything is asked for.
    assert lost == {0: -8, 5: 4, 8: 14, 9: 24, 10: 26, 12: 33, 15: 51, 20: 74}
    # Three conflicts that end, and eleven open results more, are changes that are not certain.
    assert changed[10] == Bounds(26, 40)
    assert found.switching == (9, 11)


def test_what_falls_on_the_days_ahead(ledger: pr.Ledger) -> None:
    nation, province, county = load(NATION), load(PROVINCE), load(COUNTY)
    june, next_june = datetime.date(2026, 6, 30), datetime.date(2027, 6, 30)
    upper = ledger_study(nation, province, ledger)
    assert dates(upper) == ()
    assert [one.differ["分类"] for one in dates(upper, [DAY_OF_COUNT, june, next_june])] == [48, 48]
    lower = ledger_study(province, county, ledger)
    assert sum(key[2] == "分类" for key in lower.differ) == 44
    given = dates(lower, [june, next_june, datetime.date(2025, 5, 25)])
    assert [one.differ["分类"] for one in given] == [0, 49, 50]
    assert any("示例县" in said and "还没有施行" in said for said in given[0].because)
    automatic = dates(lower)
    assert [one.differ["分类"] for one in automatic if one.on <= june][-1] == 49
    assert [one.differ["分类"] for one in automatic if one.on <= next_june][-1] == 50
    assert all(
        said.startswith(("困难起始日 + 暂时困难最长月数 ≥", "闲置起始日 起满", "同类型低效数 ≥"))
        for one in automatic
        for said in one.because
    )
    standing = Counter(state.text for key, state in lower.new.states.items() if key[2] == "分类")["盘活"]
    told = {DAY_OF_COUNT: standing}
    for one in automatic:
        moved = [move for move in one.new if move.decision == "分类"]
        standing += sum((move.after == "盘活") - (move.before == "盘活") for move in moved)
        told[one.on] = standing
    assert told[DAY_OF_COUNT] == 15 and 11 in told.values() and 7 in told.values()


def test_day_by_day_as_the_definition_has_it(ledger: pr.Ledger) -> None:
    county = load(COUNTY)
    some = ledger_study(load(PROVINCE), county, ledger).new
    turning = affected(by_day(some.program), DAY, some.names)
    study = ledger_study(load(PROVINCE), county, ledger)
    until = datetime.date(2026, 4, 30)
    found = {one.on: {(m.record, m.path, m.decision) for m in one.new} for one in dates(study, until=until)}
    indexes = range(0, len(some.roots), 3)
    # Around days on which something flips, and on which nothing does.
    for start in (datetime.date(2026, 1, 26), datetime.date(2026, 3, 31), datetime.date(2026, 4, 6)):
        before = some.under(county.at(start).program, indexes, turning)
        for days in range(1, 8):
            day = start + datetime.timedelta(days=days)
            now = some.under(county.at(day).program, indexes, turning)
            flipped = {key for key in now if not same(before[key], now[key])}
            assert flipped == {key for key in found.get(day, ()) if key[0] in indexes}, day
            before = now

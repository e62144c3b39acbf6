"""Records that wait in little memory: what comes back is what was put away."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import threading
import time
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.columns.test_planes import ledger_of
from tests.model.choosing import Pick, RandomChooser
from tests.model.harness import make_case

import policyrules as pr
from policyrules.cli.evaluation import Wanted, evaluated
from policyrules.engine import assumptions
from policyrules.engine.evaluate import Run
from policyrules.engine.folding import Shelf, at_hand, cell_of, held_of, mark_of, opened, rows_alone, shelf_of
from policyrules.engine.instances import Instance
from policyrules.records.tasks import EXPLAINED, TaskList
from policyrules.testing.build import policy_from_text

TEXT = """
对象 县（county） 标识 县名
  字段 县名（cname）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 名称（name）：文本
  字段 已停（stopped）：是否
  字段 总投资（total）：金额（万元）
  字段 措施（measures）：多选 { 甲、乙 }
对象 资产（asset） 属于 项目 标识 资产号
  字段 资产号（aid）：文本
  字段 类别（kind）：枚举 { 机器、房屋 }
  字段 数量（amount）：整数
对象 零件（part） 属于 资产
  字段 名称（pname）：文本
对象 资金（fund） 属于 项目
  字段 金额（money）：金额（万元）
统计 同类资产（same_kind）
  依据【一】“原文”
  计数 资产
  相同 类别
决定 去向（fate） 对 资产：单选 { 盘活 }
规则 多的盘活 对 资产
  依据【一】“原文”
  当 同类资产 ≥ 3 个
  则 去向 为 盘活
"""
POLICY = policy_from_text(TEXT)


def told(one: Instance) -> list[Any]:
    """All that an instance holds, in its order; ``type`` beside each value, for 1 is true."""
    cells = [(name, type(value), value) for name, value in one.values.items()]
    rows = [(kind, None if held is None else [*map(told, held)]) for kind, held in one.rows.items()]
    assert all(row.parent is one for held in one.rows.values() for row in held or ())
    return [one.object, cells, rows, one.path, one.identity, one.notes, one.unlisted, one.problems, one.layers]


def plain(number: int = 0) -> dict[str, Any]:
    return {
        "编号": f"P{number}",
        "名称": f"第{number}个项目",
        "已停": True,
        "总投资": "1.5",
        "措施": ["乙"],
        "资产": [
            {"资产号": "Z1", "类别": "机器", "数量": 1, "零件": [{"名称": "轮"}, {}]},
            {"资产号": "Z2", "类别": "房屋", "零件": None},
            {"类别": "机器", "数量": 0, "零件": []},
        ],
        "资金": None,
    }


def one(number: int = 0) -> Instance:
    return POLICY.instance(plain(number))


def put(record: Instance) -> Instance:
    Shelf(POLICY.program).put_away(record)
    assert shelf_of(record) is not None
    return record


def test_by_hand() -> None:
    record = put(one())
    assert isinstance(record, Instance) and record.identity == "P0" and shelf_of(record) is not None
    assert record.values == {
        "编号": "P0",
        "名称": "第0个项目",
        "已停": True,
        "总投资": 15_000,
        "措施": frozenset({"乙"}),
    }
    assert type(record) is Instance and shelf_of(record) is None
    assert [*record.rows] == ["资产", "资金"] and record.rows["资金"] is None
    first, second, third = record.rows["资产"] or ()
    assert [(row.path, row.identity, row.parent is record) for row in (first, second, third)] == [
        ("资产[0]", "Z1", True),
        ("资产[1]", "Z2", True),
        ("资产[2]", "", True),
    ]
    assert third.values == {"类别": "机器", "数量": 0} and type(third.values["数量"]) is int
    assert [row.values for row in first.rows["零件"] or ()] == [{"名称": "轮"}, {}]
    assert second.rows == {"零件": None} and third.rows == {"零件": ()}


@pytest.mark.parametrize("seed", range(12))
def test_random_records_come_back(seed: int) -> None:
    chooser = RandomChooser(f"folding {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = [case.loaded.instance(record) for record in ledger_of(case, pick, 12)]
    shelf, before = Shelf(case.loaded.program), [*map(told, records)]
    for record in records:
        shelf.put_away(record)
    assert all(shelf_of(record) is shelf for record in records)
    assert [told(opened(record)) for record in records] == before
    for record in records:
        with at_hand(record):
            assert shelf_of(record) is None
        for name in case.loaded.program.fields[record.object]:
            assert cell_of(record, name) == opened(record).values.get(name)
    assert all(shelf_of(record) is shelf for record in records)
    assert [*map(told, records)] == before


def test_what_would_lose_something_stays() -> None:
    shelf = Shelf(POLICY.program)
    records = [one() for _ in range(5)]
    records[0].values = dict(reversed(records[0].values.items()))
    records[1].values["别的"] = "规则里没有"
    records[2].rows = dict(reversed(records[2].rows.items()))
    row = (records[3].rows["资产"] or ())[0]
    row.notes = ("没有用上",)
    (records[4].rows["资产"] or ())[1].parent = records[0]
    for record in records:
        before = record.values, record.rows
        shelf.put_away(record)
        assert shelf_of(record) is None and record.values is before[0] and record.rows is before[1]


def test_it_can_be_changed_copied_and_sent() -> None:
    expected = told(one())
    assert told(pickle.loads(pickle.dumps(put(one())))) == expected
    assert told(copy.deepcopy(put(one()))) == expected
    assert copy.copy(put(one())).values == one().values
    changed = replace(put(one()), path="别处")
    assert type(changed) is Instance and changed.values == one().values and changed.path == "别处"
    record = put(one())
    record.values = {"编号": "新"}
    assert record.values == {"编号": "新"} and [*record.rows] == ["资产", "资金"]
    assert repr(put(one())) == repr(one())


def test_alone_it_takes_nothing_of_the_others_along() -> None:
    shelf, records = Shelf(POLICY.program), [one(number) for number in range(200)]
    small = len(pickle.dumps(one()))
    for record in records:
        shelf.put_away(record)
    assert len(pickle.dumps(records[0])) < 1.5 * small


def test_only_who_brought_it_puts_it_back() -> None:
    record = put(one())
    shelf = shelf_of(record)
    with at_hand(record):
        with at_hand(record):
            rows = record.rows["资产"]
        assert record.rows["资产"] is rows
    assert shelf_of(record) is shelf
    with pytest.raises(ZeroDivisionError), at_hand(record):
        raise ZeroDivisionError
    assert shelf_of(record) is shelf
    kept = one()
    with at_hand(kept):
        pass
    assert shelf_of(kept) is None


def test_those_who_ask_at_once_get_the_same_rows() -> None:
    for turn in range(30):
        record = put(one(turn))
        start, found = threading.Barrier(8), list[tuple[int, int]]()

        def look(record: Instance = record, start: Any = start, found: Any = found) -> None:
            start.wait()
            found.append((id(record.rows["资产"]), id(record.values)))

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8 and len(set(found)) == 1


def test_equal_values_of_other_kinds_stay_apart() -> None:
    text = "对象 项目（project）\n  字段 数（a）：整数\n  字段 停（b）：是否\n  字段 比（c）：小数\n"
    policy = policy_from_text(text)
    shelf = Shelf(policy.program)
    records = [policy.instance(data) for data in ({"数": 1}, {"停": True}, {"比": "1"}, {"比": "0.5"})]
    for record in records:
        shelf.put_away(record)
    values = [*map(lambda record: next(iter(record.values.values())), records)]
    assert values == [1, True, 1, Fraction(1, 2)] and [*map(type, values)] == [int, bool, int, Fraction]


def size(path: Path, keep: bool) -> int:
    """What a ledger takes in memory."""
    gc.collect()
    tracemalloc.start()
    try:
        ledger = POLICY.read(path)
        kept = [record.instance.values for record in ledger.records] if keep else []
        gc.collect()
        found, _ = tracemalloc.get_traced_memory()
        assert len(ledger.records) == 500 and not ledger.problems and len(kept) in (0, 500)
        return found
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_ledger_takes_a_fraction_of_the_memory(tmp_path: Path, suffix: str) -> None:
    if suffix == "jsonl":
        path = tmp_path / "台账.jsonl"
        path.write_text("".join(json.dumps(plain(n), ensure_ascii=False) + "\n" for n in range(500)), encoding="utf-8")
    else:
        path = tmp_path / "台账"
        path.mkdir()
        lines = [f"P{n},第{n}个项目,是,1.5\n" for n in range(500)]
        (path / "项目.csv").write_text("编号,名称,已停,总投资\n" + "".join(lines), encoding="utf-8")
        assets = [f"P{n},Z{n}{k},机器,{k}\n" for n in range(500) for k in range(6)]
        (path / "资产.csv").write_text("项目,资产号,类别,数量\n" + "".join(assets), encoding="utf-8")
    POLICY.read(path)
    assert 2 * size(path, keep=False) < size(path, keep=True)


def test_statistics_over_rows_that_ask_for_their_own() -> None:
    """Which of a record's own rows is meant is told by the row that it is, blank as its cell may be, also where the record was put
    away after its contribution was taken."""
    records: list[dict[str, Any]] = [
        {"编号": "P0", "资产": [{"资产号": "A", "类别": "机器"}, {"资产号": "B"}, {"资产号": "C"}]},
        {"编号": "P1", "资产": [{"资产号": "D", "类别": "机器"}, {"资产号": "E", "类别": "机器"}]},
    ]
    plainly = [*POLICY.evaluate_all(records)]
    folded = [POLICY.instance(record) for record in records]
    shelf = Shelf(POLICY.program)
    for record in folded:
        shelf.put_away(record)
    portfolio = POLICY.portfolio(folded)
    portfolio.alone = True
    for expected, record in zip(plainly, folded, strict=True):
        with at_hand(record):
            found = POLICY.evaluate(record, portfolio)
            assert found.to_dict() == expected.to_dict()
            assert str(found.explain()) == str(expected.explain())
    # Three machines for sure; of a blank kind only itself, and perhaps all five.
    assert [row["去向"].status for row in plainly[0].children["资产"]] == ["determined", "undetermined", "undetermined"]
    assert all(shelf_of(record) is shelf for record in folded)


def test_rows_and_cells_are_counted_where_they_wait() -> None:
    record = put(one())
    alone = rows_alone(record)
    assert shelf_of(record) is not None and alone.values == {}
    (assets, funds) = alone.rows["资产"], alone.rows["资金"]
    assert funds is None and assets is not None and [len(row.rows["零件"] or ()) for row in assets] == [2, 0, 0]
    assert assets[1].rows["零件"] is None and assets[2].rows["零件"] == ()
    # 编号, 名称, 已停, 总投资, 措施; those of rows are not among them.
    assert held_of(record) == 5 and shelf_of(record) is not None
    assert held_of(POLICY.instance({"编号": "P1", "已停": False})) == 2
    assert rows_alone(found := one()) is found


def test_records_that_are_alike_in_what_is_read_have_one_mark() -> None:
    shelf = Shelf(POLICY.program)

    def mark(**given: Any) -> Any:
        record = POLICY.instance(given)
        shelf.put_away(record)
        found = mark_of(record, ("已停", "总投资"))
        assert shelf_of(record) is shelf
        return found

    first = mark(编号="1", 已停=True)
    assert first is not None and mark(编号="2", 名称="别的", 已停=True) == first
    assert first not in (mark(编号="1", 已停=False), mark(编号="1"), mark(编号="1", 已停=True, 总投资=1))
    # A list without rows is another thing than no list, and rows are looked at.
    assert mark(编号="1", 已停=True, 资产=[]) not in (None, first)
    assert mark(编号="1", 已停=True, 资产=[{"类别": "机器"}]) is None
    # What it belongs to is looked at too.
    blue = mark(编号="1", 已停=True, 县={"县名": "青山"})
    assert blue == mark(编号="2", 已停=True, 县={"县名": "青山"}) != mark(编号="1", 已停=True, 县={"县名": "绿水"})
    assert mark_of(one(), ("已停",)) is None
    # At hand it is told by what is held.
    records = [POLICY.instance({"编号": str(n), "已停": n < 2, "资产": None}) for n in range(3)]
    same, alike, other = (mark_of(record, ("已停",)) for record in records)
    assert same is not None and same == alike != other
    assert same != mark_of(POLICY.instance({"编号": "1", "已停": True, "资产": []}), ("已停",)) is not None


Seen: TypeAlias = list[tuple[str, str]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Which record was asked what it contributes to which statistic, one after the other."""
    found: Seen = []

    class Noted(Run):
        def contributed(self, name: str) -> Any:
            found.append((self.subject.identity, name))
            return super().contributed(name)

    monkeypatch.setattr(assumptions, "Run", Noted)
    return found


def test_what_members_assume_is_asked_of_the_first_of_those_that_are_alike(seen: Seen) -> None:
    """5.12.11: a result that reads a statistic is marked with each 缺省 that what any member contributes rests on."""
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 乡镇（town）：文本
  字段 户数（households）：整数（户）
  字段 甲（a）：是否
参数 线（line）：整数（户） 缺省 3 户
参数 线二（other_line）：整数（户） 缺省 3 户
统计 够数（enough）
  依据【一】“原文”
  计数 项目
  相同 乡镇
  其中 甲 且 户数 ≥ 线
统计 也够数（enough_too）
  依据【一】“原文”
  计数 项目
  其中 户数 ≥ 线 或 户数 ≥ 线二
决定 够（many）：单选 { 真 }
规则 够的
  依据【一】“原文”
  当 够数 ≥ 1 个
  则 够 为 真
决定 也够（many_too）：单选 { 真 }
规则 也够的
  依据【一】“原文”
  当 也够数 ≥ 1 个
  则 也够 为 真
"""
    policy = policy_from_text(text)

    def defaults(*records: dict[str, Any]) -> list[tuple[str, ...]]:
        seen.clear()
        members = [policy.instance({"编号": str(n), "乡镇": f"{n}乡", **one}) for n, one in enumerate(records)]
        outcome = policy.evaluate(members[0], policy.portfolio(members))
        return [outcome["够"].defaults, outcome["也够"].defaults]

    # 甲 is 否 everywhere: nothing rests on 线 there. Whatever their 乡镇, which assumes nothing, records are alike.
    few = {"甲": False, "户数": 5}
    assert defaults(*[few] * 50) == [(), ("线", "线二")]
    assert sorted(seen) == [("0", "也够数"), ("0", "够数")]
    # The last one alone rests on it.
    assert defaults(*[few] * 49, {"甲": True, "户数": 5}) == [("线",), ("线", "线二")]
    assert sorted(seen) == [("0", "也够数"), ("0", "够数"), ("49", "够数")]
    # When every 缺省 was found nobody is asked any more.
    assert defaults({"甲": True, "户数": 5}, *({"甲": True, "户数": n} for n in range(6, 50))) == [
        ("线",),
        ("线", "线二"),
    ]
    assert sorted(seen) == [("0", "也够数"), ("0", "够数")]


def test_members_without_rows_are_not_asked_for_what_only_rows_are_asked_for(seen: Seen) -> None:
    """5.12.11: what is read of rows alone, through terms too, can be found only where there are such rows."""
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户）
对象 资产（asset） 属于 项目
  字段 原值（value）：整数（户）
对象 问题（issue） 属于 项目
  字段 条数（count）：整数（户）
参数 线（line）：整数（户） 缺省 3 户
参数 资产线（asset_line）：整数（户） 缺省 3 户
术语 大件（big）对 资产
  即 原值 ≥ 资产线
统计 够数（enough）
  依据【一】“原文”
  计数 项目
  其中 户数 ≥ 线 且 任一 资产 满足（大件）
统计 件数（assets）
  依据【一】“原文”
  计数 资产
  其中 大件
决定 够（many）：单选 { 真 }
规则 够的
  依据【一】“原文”
  当 够数 ≥ 1 个
  则 够 为 真
决定 有件（any_asset）：单选 { 真 }
规则 有件的
  依据【一】“原文”
  当 件数 ≥ 1 个
  则 有件 为 真
"""
    policy = policy_from_text(text)

    def defaults(*records: dict[str, Any]) -> list[tuple[str, ...]]:
        seen.clear()
        members = [policy.instance({"编号": str(n), "户数": 5 + n, **one}) for n, one in enumerate(records)]
        outcome = policy.evaluate(members[0], policy.portfolio(members))
        return [outcome["够"].defaults, outcome["有件"].defaults]

    issues = {"问题": [{"条数": 1}]}
    # Whether nobody supplied the assets or there are rows of another kind: the first tells all there is to find. What would count of an
    # asset that nobody listed is asked (5.11.14).
    plain = [*[{}] * 20, *[issues] * 20]
    assert defaults(*plain) == [("线",), ("资产线",)]
    assert sorted(seen) == [("0", "件数"), ("0", "够数")]
    # The one with a row rests on it, and settles it for all.
    assert defaults(*plain, {"资产": [{"原值": 9}]}, *plain) == [("线", "资产线"), ("资产线",)]
    assert sorted(seen) == [("0", "件数"), ("0", "够数"), ("40", "够数")]
    # Of assets of which there are none nothing is asked, and no project with none is enough, whatever 线 is.
    none = [{"资产": []}] * 20
    assert defaults(*none) == [(), ()]
    assert {name for _, name in seen} == {"够数"}


def test_members_that_are_alike_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 类型（type）：文本
  字段 甲（a）：是否
对象 资产（asset） 属于 项目
  字段 坏（broken）：是否
统计 甲数（count）
  依据【一】“原文”
  计数 项目
  相同 类型
  其中 甲
统计 坏数（broken_count）
  依据【一】“原文”
  计数 资产
  其中 坏
"""
    asked = {"一": "甲数 ≥ 50 个", "二": "甲数 ≥ 51 个", "三": "坏数 ≥ 50 个", "四": "坏数 ≥ 51 个"}
    policy = policy_from_text(text + "".join(f"提示 问{n}\n  当 {one}\n  说 “是”\n" for n, one in asked.items()))
    kinds: list[dict[str, Any]] = [
        {"类型": "茶", "甲": True, "资产": []},
        {"类型": "茶", "资产": []},
        {"类型": "果", "甲": True, "资产": [{"坏": True}]},
        {"类型": "果", "甲": False, "资产": []},
    ]
    shelf, records = Shelf(policy.program), [policy.instance({"编号": str(n), **kinds[n % 4]}) for n in range(200)]
    for record in records:
        shelf.put_away(record)
    looked: list[str] = []
    contribute = policy.interpreter._contribute

    def noted(world: Any, member: Instance, names: tuple[str, ...]) -> Any:
        looked.append(member.identity)
        return contribute(world, member, names)

    monkeypatch.setattr(policy.interpreter, "_contribute", noted)
    portfolio = policy.portfolio(records)
    portfolio.alone = True
    said = []
    for record in records[:4]:
        with at_hand(record):
            found = {one.name: one.status for one in policy.evaluate(record, portfolio).findings}
            said.append([found[f"问{n}"] for n in asked])
    # Fifty of each kind: of 茶 fifty and perhaps fifty more, of 果 fifty; fifty are broken.
    tea, fruit = (["notice", more, "notice", "not_applicable"] for more in ("unverified", "not_applicable"))
    assert said == [tea, tea, fruit, fruit]
    # The first of each kind, and whoever has rows; the record that is looked at is at hand, and the next like it is the first that waits.
    assert looked == ["0", "1", "2", "3", "4", *(str(number) for number in range(6, 200, 4))]


def whole(policy: pr.Policy, path: Path) -> list[Any]:
    ledger = policy.read(path)
    tasks, explained = TaskList(), TaskList(EXPLAINED)
    texts: list[str] = []
    for part in evaluated(policy, ledger, Wanted(texts=True)):
        tasks.follow(part.tasks)
        explained.follow(part.explained)
        texts += part.texts
    return [texts, [task.to_dict() for task in tasks.all], [task.to_dict() for task in explained.all]]


@pytest.mark.parametrize("seed", range(12))
def test_results_of_random_programs_stay_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = RandomChooser(f"folded {seed}")
    case = make_case(chooser)
    records = ledger_of(case, Pick(chooser), 45)
    path = tmp_path / "台账.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    folded = whole(case.loaded, path)
    monkeypatch.setattr(Shelf, "put_away", lambda shelf, root: None)
    assert whole(case.loaded, path) == folded


def test_a_record_of_very_many_rows_comes_back_in_step_with_them() -> None:
    def seconds(rows: int) -> float:
        one = Instance("项目", path="项目")
        one.rows["资产"] = tuple([Instance("资产", {"数量": at}, {}, one, f"资产[{at}]") for at in range(rows)])
        Shelf(POLICY.program).put_away(one)
        begun = time.process_time()
        assert len(opened(one).rows["资产"] or ()) == rows
        return time.process_time() - begun

    # Ten times as many take ten times as long, and would take a hundred times if each looked at all that come after it.
    few, many = min(seconds(4_000) for _ in range(3)), min(seconds(40_000) for _ in range(2))
    assert many < 40 * few

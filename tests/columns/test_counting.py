"""统计 of whole ledgers are what the definition says of each record: keys known, unknown and known in part, of records and of
their rows, under one set of parameters and under many."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

import policyrules as pr
from policyrules.columns import evaluating
from policyrules.columns.bits import unpack
from policyrules.columns.contributed import Plan
from policyrules.columns.counted import Against, Counted, Ends, ends_of
from policyrules.columns.counting import Census
from policyrules.columns.groups import Groups, grouped
from policyrules.engine import values as v
from policyrules.testing.build import policy_from_text
from policyrules.types import simplify

WORLD = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 县类（county_kind）：枚举 { 山区、库区 }
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 乡镇（town）：文本
  字段 类型（kind）：枚举 { 种植、养殖、加工 }
  字段 示范（model）：是否
  字段 户数（households）：整数（户） 取值 0 户 至 9 户
  字段 立项（approved）：日期
  字段 标签（tags）：多选 { 新、老、大 }
  字段 投资（total）：金额（万元） 取值 0 万元 以上
  字段 盈亏（gain）：金额（元）
  字段 已建（built）：是否
对象 资金（funds） 属于 项目
  字段 来源（source）：枚举 { 衔接、其他 }
  字段 年度（year）：年份
  字段 金额（amount）：金额（万元） 取值 0 万元 以上
  字段 余额（balance）：金额（万元）
  字段 已付（paid）：是否

参数 起点（floor）：金额（万元） 缺省 2 万元 取值 0 万元 至 100 万元

推定 按户数推定类型
  当 户数 ≥ 5 户 则 类型 为 种植
  当 户数 = 0 户 则 类型 为 养殖
术语 人均
  即 投资 ÷ 户数
术语 大项目
  即 投资 > 起点
"""
KEYS = ("乡镇", "类型", "示范", "户数", "立项", "标签", "县类", "县名", "人均", "大项目")
ROW_KEYS = ("来源", "年度", "已付", "乡镇", "类型", "户数", "县名")
WHERE = ("", "已建", "类型 为 种植", "大项目", "投资 > 3 万元 且 已建")
ROW_WHERE = ("", "已付", "来源 为 衔接", "金额 > 起点", "示范")
KINDS = (
    "计数 项目",
    "占比 项目",
    "合计 项目.投资",
    "合计 项目.盈亏",
    "合计 项目.人均",
    "占比 项目.投资",
    "占比 项目.盈亏",
    "占比 项目.人均",
    "种数 项目.类型",
    "种数 项目.标签",
    "种数 项目.户数",
    "种数 项目.乡镇",
)
ROW_KINDS = (
    "计数 资金",
    "占比 资金",
    "合计 资金.金额",
    "合计 资金.余额",
    "占比 资金.金额",
    "占比 资金.余额",
    "种数 资金.年度",
)


def rules(chance: random.Random, number: int) -> pr.Policy:
    """A policy with statistics at random, each read by something."""
    text = WORLD
    for at in range(number):
        rows = chance.random() < 0.4
        kind = chance.choice(ROW_KINDS if rows else KINDS)
        keys = chance.sample(ROW_KEYS if rows else KEYS, chance.choice((0, 1, 1, 2, 2, 3)))
        where = chance.choice(ROW_WHERE if rows else WHERE)
        text += f"统计 统{at}\n  {kind}\n"
        text += f"  相同 {'、'.join(keys)}\n" if keys else ""
        text += f"  其中 {where}\n" if where else ""
        if kind.startswith("占比"):
            text += f"  符合 {chance.choice(ROW_WHERE[1:] if rows else WHERE[1:])}\n"
        holder = "资金" if rows and {"来源", "年度", "已付"} & set(keys) else "项目"
        unit = "万元" if "合计" in kind else "" if "占比" in kind else "个"
        line = f"统{at} ≥ 50%" if "占比" in kind else f"统{at} ≥ 2 {unit}"
        text += f"决定 决{at}（d{at}） 对 {holder}：单选 {{ 是的 }}\n规则 则{at} 对 {holder}\n  当 {line}\n  则 决{at} 为 是的\n"
    return policy_from_text(text, as_of=datetime.date(2025, 9, 15))


def ledger(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Invented records, with blanks, lists that were not supplied, and the same 标识 more than once."""
    blank = chance.choice((0.0, 0.2, 0.6))

    def maybe(record: dict[str, Any], name: str, value: Any) -> None:
        if chance.random() >= blank:
            record[name] = value

    counties: list[dict[str, Any]] = []
    for place in range(3):
        county: dict[str, Any] = {}
        maybe(county, "县名", f"示例{place}县")
        maybe(county, "县类", chance.choice(("山区", "库区")))
        counties.append(county)
    found = []
    for _ in range(count):
        record: dict[str, Any] = {"县": chance.choice(counties)}
        maybe(record, "编号", f"{chance.randrange(count)}号")
        maybe(record, "乡镇", chance.choice("甲乙丙"))
        maybe(record, "类型", chance.choice(("种植", "养殖", "加工")))
        maybe(record, "示范", chance.random() < 0.5)
        maybe(record, "户数", chance.choice((0, 1, 5, 9)))
        maybe(record, "立项", datetime.date(2024, 1, chance.randrange(1, 4)))
        maybe(record, "标签", chance.sample(("新", "老", "大"), chance.randrange(4)))
        maybe(record, "投资", chance.choice(("0", "0.1", "3", "7.25", str(2**62))))
        maybe(record, "盈亏", chance.choice(("-2", "0", "0.01", "5")))
        maybe(record, "已建", chance.random() < 0.5)
        if chance.random() >= blank / 3:
            record["资金"] = []
            for _ in range(chance.randrange(4)):
                row: dict[str, Any] = {}
                maybe(row, "来源", chance.choice(("衔接", "其他")))
                maybe(row, "年度", chance.choice((2023, 2024)))
                maybe(row, "金额", chance.choice(("0", "1.5", "4")))
                maybe(row, "余额", chance.choice(("-1", "0", "2")))
                maybe(row, "已付", chance.random() < 0.5)
                record["资金"].append(row)
        found.append(record)
    return found


def differences(
    policy: pr.Policy,
    records: Sequence[Mapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    **given: Any,
) -> tuple[list[str], int]:
    """Where the statistics of columns are not those of the definition, and how many were compared."""
    seen: list[tuple[Plan, Census | Groups, Ends]] = []

    class Watched(Census):
        def values(self) -> Ends:
            found = super().values()
            seen.append((self.plan, self, found))
            return found

    def watched(plan: Plan, *of: Any) -> Groups | None:
        groups = grouped(plan, *of)
        if groups is not None:
            seen.append((plan, groups, groups.values()))
        return groups

    monkeypatch.setattr(evaluating, "Census", Watched)
    monkeypatch.setattr(evaluating, "grouped", watched)
    result = policy.evaluate_frame(records, block=64, **given)
    own = result._found.ledger
    wrong: list[str] = []
    compared = 0
    for plan, census, ends in seen:
        values = values_of(ends, census)
        name = plan.counted.prepared.statistic.name
        kind = plan.asking.object
        instances = own.instances[kind]
        of = census._records(kind) if isinstance(census, Census) else None
        for row, instance in enumerate(instances):
            record = row if of is None else int(of[row])
            right = own.run(record).statistic(name, instance).value
            found = values[row]
            compared += 1
            if found != right or type(found) is not type(right):
                wrong.append(f"{name} of {kind} {row}: {found!r} instead of {right!r}")
    return wrong, compared


def values_of(ends: Ends, census: Census | Groups) -> list[v.Abstract]:
    """The value of each row that asks."""
    counted = Counted(ends, census.spread, census.planes if isinstance(census, Groups) else None)
    low, high = (counted.parts([end])[end].tolist() for end in ("low", "high"))
    scales = [facts.scale for _, facts in ends.numbers.values()]
    bits = [
        unpack(counted.parts([bit])[bit], len(low)).tolist()
        for bit in ("open_low", "open_high", "void", "perhaps_void")
    ]
    found: list[v.Abstract] = []
    for least, most, open_low, open_high, void, perhaps in zip(low, high, *bits, strict=True):
        one = None if open_low else simplify(Fraction(least) / scales[0])
        other = None if open_high else simplify(Fraction(most) / scales[1])
        found.append(v.VOID if void else v.interval(one, other, perhaps))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_statistics_of_whole_ledgers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"counting {seed}")
    policy = rules(chance, 6)
    compared = 0
    for _ in range(2):
        wrong, many = differences(policy, ledger(chance, chance.choice((1, 3, 17, 70))), monkeypatch)
        assert wrong == []
        compared += many
    assert compared


@pytest.mark.parametrize("seed", range(6))
def test_statistics_under_many_parameters(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is counted with those of its own set, and what counts may depend on it."""
    chance = random.Random(f"parameters {seed}")
    policy = rules(chance, 5)
    given = {"甲": {"起点": 0}, "乙": {"floor": 5}}
    wrong, compared = differences(
        policy, ledger(chance, chance.choice((3, 30, 70))), monkeypatch, parameters=given, by="乡镇"
    )
    assert wrong == []
    assert compared


@pytest.mark.parametrize("seed", range(12))
def test_records_that_ask_alike_are_a_group(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and shares of records by their own cells, under one set of parameters and under many."""
    chance = random.Random(f"groups {seed}")
    text = WORLD
    for at in range(5):
        kind = chance.choice(("计数 项目", "占比 项目"))
        keys = chance.sample(("乡镇", "示范", "户数", "立项"), chance.choice((0, 1, 2, 3)))
        text += f"统计 统{at}\n  {kind}\n" + (f"  相同 {'、'.join(keys)}\n" if keys else "")
        where = chance.choice(WHERE)
        text += f"  其中 {where}\n" if where else ""
        text += f"  符合 {chance.choice(WHERE[1:])}\n" if kind.startswith("占比") else ""
        line = f"统{at} ≥ 50%" if kind.startswith("占比") else f"统{at} ≥ 2 个"
        text += f"决定 决{at}（d{at}）：单选 {{ 是的 }}\n规则 则{at}\n  当 {line}\n  则 决{at} 为 是的\n"
    policy = policy_from_text(text, as_of=datetime.date(2025, 9, 15))
    records = ledger(chance, chance.choice((1, 63, 64, 130)))
    given: dict[str, Any] = {"parameters": {"甲": {"起点": 0}, "乙": {"floor": 5}}, "by": "乡镇"} if seed % 2 else {}
    wrong, compared = differences(policy, records, monkeypatch, **given)
    assert wrong == [] and compared == 5 * len(records)


@pytest.mark.parametrize("towns", ["甲甲乙丙丁丁", "甲甲乙丙丁 ", "丙丁丙丁丙丁"])
def test_whoever_shares_a_county_shares_its_set(towns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the county is a key of its own, and where one record does not name it; 丙 and 丁 have no values of their own."""
    policy = policy_from_text(
        WORLD + "统计 大的\n  计数 项目\n  相同 乡镇、示范\n  其中 大项目\n"
        "决定 多（many）：单选 { 是的 }\n规则 多的\n  当 大的 ≥ 2 个\n  则 多 为 是的\n",
        as_of=datetime.date(2025, 9, 15),
    )
    records = [
        {**({} if town == " " else {"乡镇": town}), "示范": at != 2, "投资": str(at)} for at, town in enumerate(towns)
    ]
    given = {"甲": {"起点": 0}, "乙": {"floor": 5}}
    wrong, compared = differences(policy, records, monkeypatch, parameters=given, by="乡镇")
    assert wrong == [] and compared == len(towns)


def test_sums_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums beyond 64 bits, and such as no binary number holds."""
    policy = policy_from_text(
        WORLD + "统计 和\n  合计 项目.投资\n  相同 类型\n"
        "决定 多（many）：单选 { 是的 }\n规则 多的\n  当 和 > 100 万元\n  则 多 为 是的\n",
        as_of=datetime.date(2025, 9, 15),
    )
    records = [{"类型": "种植", "投资": str(2**60 + 1)} for _ in range(40)]
    records += [{"类型": "养殖", "投资": "0.1"} for _ in range(3)]
    wrong, compared = differences(policy, records, monkeypatch)
    assert wrong == [] and compared == 43


def test_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = rules(random.Random("nobody"), 4)
    assert differences(policy, [], monkeypatch) == ([], 0)


def test_many_keys_stay_apart() -> None:
    """Keys of many values are numbered anew where their product is large."""
    from policyrules.columns.grouping import together

    rows = 5_000
    chance = np.random.default_rng(31)
    columns = [(chance.integers(0, 900, rows), 1_000_000) for _ in range(4)]
    found, parts = together(columns, rows)
    for at, (codes, _) in enumerate(columns):
        assert (parts[at][found] == codes).all()


def test_a_statistic_against_a_fixed_number() -> None:
    """Each of its values is asked, exactly, also beyond 64 bits and between whole numbers."""
    numbers = [Fraction(0), Fraction(1, 3), Fraction(5), Fraction(5, 2), Fraction(-7), Fraction(2**70)]
    for kinds in (numbers, numbers[2:3], numbers[:5]):
        counted = Counted(ends_of([v.Interval(one, None) for one in kinds]), lambda table: table)
        for order, turned, bound in product("<≤=", (False, True), [*numbers, Fraction(1, 7), Fraction(-(2**80))]):
            asked = Against("low", order, bound, turned)
            plane = counted.parts(["void", asked])[asked]
            for number, found in zip(kinds, unpack(plane, len(kinds)).tolist(), strict=True):
                one, other = (bound, number) if turned else (number, bound)
                assert found is (one < other if order == "<" else one <= other if order == "≤" else one == other)
